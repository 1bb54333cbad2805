//! Texts of drawings without what says how they look.

/// A text of one line: `%%d` and its like are signs.
pub(super) fn plain(text: &str) -> String {
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
}
