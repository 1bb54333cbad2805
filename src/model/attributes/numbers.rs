//! Numbers that stand in texts, as tables and people write them.

use std::borrow::Cow;

/// A number read from a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A whole number: codes of 18 digits do not fit a double.
    Whole(i64),
    /// Any other, finite.
    Fraction(f64),
}

impl Number {
    /// The number as a double.
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Whole(value) => value as f64,
            Self::Fraction(value) => value,
        }
    }
}

/// The number that `text` is: blanks around it, full-width digits and signs, and thousands separators between groups of
/// three are read. `None` where anything else stands in it: `约1万` is no number.
///
/// ```
/// use tuban::model::attributes::numbers::of_text;
/// let read = |text| of_text(text).map(|number| number.as_f64());
/// assert_eq!(read(" 9,999.92 "), Some(9999.92));
/// assert_eq!(read("１００００"), Some(10_000.0));
/// assert_eq!(read("约1万"), None);
/// assert_eq!(read("1,2"), None);
/// ```
pub fn of_text(text: &str) -> Option<Number> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}' | '\''));
    let plain = if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(text.chars().map(narrow).collect()) };
    // `inf` and `nan` are words in a text, not numbers.
    if !plain.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let plain = without_thousands(&plain)?;
    if let Ok(value) = plain.parse::<i64>() {
        return Some(Number::Whole(value));
    }
    plain.parse::<f64>().ok().filter(|value| value.is_finite()).map(Number::Fraction) // no number: none
}

/// A full-width character of numbers in its plain form.
fn narrow(c: char) -> char {
    match c {
        '０'..='９' | '＋' | '－' | '．' | '，' | 'Ｅ' | 'ｅ' => {
            char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c)
        }
        '−' | '–' => '-',
        '\u{a0}' | '\u{202f}' | '\u{2009}' | '\u{3000}' | '’' => ' ',
        c => c,
    }
}

/// The text without the commas (or blanks) that part groups of three digits; `None` where they stand elsewhere.
fn without_thousands(text: &str) -> Option<Cow<'_, str>> {
    let Some(mark) = [',', ' '].into_iter().find(|mark| text.contains(*mark)) else { return Some(Cow::Borrowed(text)) };
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut groups = whole.trim_start_matches(['+', '-']).split(mark);
    let is_digits = |group: &str| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit());
    let first = groups.next().is_some_and(|group| is_digits(group) && group.len() <= 3);
    let fits = first && groups.all(|group| is_digits(group) && group.len() == 3) && !rest.contains(mark);
    fits.then(|| Cow::Owned(text.replace(mark, "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let check =
            |text: &str, expected: Option<f64>| assert_eq!(of_text(text).map(Number::as_f64), expected, "{text:?}");
        check("9999.92", Some(9999.92));
        check("9,999.92", Some(9999.92));
        check("１２，３４５．６", Some(12_345.6));
        check("1 234 567", Some(1_234_567.0));
        check("\u{3000}10000\u{3000}", Some(10_000.0));
        check("－5", Some(-5.0));
        check("1e3", Some(1000.0));
        check("", None);
        check("inf", None);
        check("nan", None);
        check("约1万", None);
        check("12 亩", None);
        check("1,23", None);
        check("12,34,567", None);
        check("1,234,5", None);
        check(",123", None);
        assert_eq!(of_text("370105001001000001"), Some(Number::Whole(370_105_001_001_000_001)));
    }
}
