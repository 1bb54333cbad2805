//! Texts of drawings without what says how they look.

use std::borrow::Cow;

/// A text of one line: `%%d` and its like are signs.
pub(super) fn plain(text: &str) -> String {
    let text = unescaped(text);
    let text: &str = &text;
    if !text.contains("%%") {
        return text.trim().to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("%%") {
        out.push_str(&rest[..at]);
        let code = &rest[at + 2..];
        let digits = code.bytes().take(3).take_while(u8::is_ascii_digit).count();
        let (sign, length) = match code.chars().next() {
            Some('d' | 'D') => (Some('°'), 1),
            Some('p' | 'P') => (Some('±'), 1),
            Some('c' | 'C') => (Some('⌀'), 1),
            Some('%') => (Some('%'), 1),
            // Lines over and under the text.
            Some('u' | 'U' | 'o' | 'O' | 'k' | 'K') => (None, 1),
            _ if digits > 0 => (code[..digits].parse::<u8>().ok().map(char::from), digits),
            _ => (Some('%'), 0),
        };
        out.extend(sign);
        rest = &code[length..];
    }
    out.push_str(rest);
    out.trim().to_owned()
}

/// A text of several lines: fonts, heights, colours and braces are left out, fractions are written with a stroke.
pub(super) fn plain_of_lines(text: &str) -> String {
    let text = unescaped(text);
    let mut out = String::with_capacity(text.len());
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '{' | '}' => {}
            '\\' => match signs.next() {
                Some('P' | 'n' | 'N' | 'X') => out.push('\n'),
                Some('~') => out.push(' '),
                Some(sign @ ('\\' | '{' | '}')) => out.push(sign),
                Some('L' | 'l' | 'O' | 'o' | 'K' | 'k') => {}
                Some('S') => {
                    for sign in signs.by_ref().take_while(|sign| *sign != ';') {
                        match sign {
                            '^' | '#' => out.push('/'),
                            sign => out.push(sign),
                        }
                    }
                }
                Some('f' | 'F' | 'H' | 'h' | 'C' | 'c' | 'T' | 't' | 'Q' | 'q' | 'W' | 'w' | 'A' | 'a' | 'p') => {
                    signs.by_ref().find(|sign| *sign == ';');
                }
                Some(sign) => {
                    out.push('\\');
                    out.push(sign);
                }
                None => out.push('\\'),
            },
            sign => out.push(sign),
        }
    }
    let out = if out.contains("%%") { plain(&out) } else { out };
    let lines: Vec<&str> = out.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

/// A text with the characters that are written by their number, in drawings of any release: `\U+4E2D`, and `\M+5D6D0`
/// with the code page before it.
pub(super) fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains("\\U+") && !text.contains("\\M+") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let code = &rest[at..];
        let (sign, length) = by_number(code).unwrap_or((Cow::Borrowed("\\"), 1));
        out.push_str(&sign);
        rest = &code[length..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The character that a text begins with by its number, and how long that is.
fn by_number(text: &str) -> Option<(Cow<'static, str>, usize)> {
    let number = |digits: &str| {
        let is_number = digits.bytes().all(|b| b.is_ascii_hexdigit());
        u16::from_str_radix(digits, 16).ok().filter(|_| is_number) // other signs are no number
    };
    if let Some(code) = text.strip_prefix("\\U+") {
        let unit = number(code.get(..4)?)?;
        // Characters beyond the first plane are two numbers.
        let second = code.get(4..).and_then(|more| number(more.strip_prefix("\\U+")?.get(..4)?));
        let (units, length) = match second {
            Some(second) if (0xD800..0xDC00).contains(&unit) => (vec![unit, second], 14),
            _ => (vec![unit], 7),
        };
        return String::from_utf16(&units).ok().map(|sign| (Cow::Owned(sign), length)); // half a character is none
    }
    let code = text.strip_prefix("\\M+")?;
    let table = match code.as_bytes().first()? {
        b'1' => encoding_rs::SHIFT_JIS,
        b'2' => encoding_rs::BIG5,
        b'3' => encoding_rs::EUC_KR,
        b'5' => encoding_rs::GB18030,
        _ => return None,
    };
    let bytes = number(code.get(1..5)?)?.to_be_bytes();
    let (sign, is_damaged) = table.decode_without_bom_handling(&bytes);
    (!is_damaged).then(|| (Cow::Owned(sign.into_owned()), 8))
}

/// About how wide a text of height one is: Chinese characters are square.
pub(super) fn width(text: &str) -> f64 {
    let of_line = |line: &str| line.chars().map(|c| if c as u32 >= 0x2E80 { 1.0 } else { 0.6 }).sum::<f64>();
    text.lines().map(of_line).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_left_out() {
        assert_eq!(plain("90%%d %%p5 100%%% %%065 %%uR2%%u 5%%"), "90° ±5 100% A R2 5%");
        assert_eq!(plain_of_lines(r"{\fSimSun|b0|i0;居住用地}\PR2\H2.5;\C1; \S1^2;m\U"), "居住用地\nR2 1/2m\\U");
        assert_eq!(plain_of_lines(r"\A1;a\\b\{c\}\~d"), r"a\b{c} d");
        assert_eq!(plain_of_lines("\\"), "\\");
        assert_eq!(plain_of_lines("\\f"), "");
        assert!(width("居住R2") > 3.0);
    }

    #[test]
    fn characters_come_by_their_number() {
        assert_eq!(plain(r"\U+5730\U+7c7b \M+5D6D02"), "地类 中2");
        assert_eq!(plain_of_lines(r"{\fSimSun;\U+4E2D}\P\U+D842\U+DFB7\~1"), "中\n𠮷 1");
        assert_eq!(unescaped(r"规划\M+2A4A4"), "规划中");
        for other in [r"\U+", r"\U+4E2", r"\U+4E2中", r"\U+D842", r"\U++123", r"\M+9D6D0", r"\M+5", "a\\"] {
            assert_eq!(unescaped(other), other);
        }
    }
}
