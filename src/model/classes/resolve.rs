//! What a text in a class field means: codes as files write them, with the traps of spreadsheets and databases.

use super::{Class, Scheme};

/// What had to be done to a text to read it as a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CodeNote {
    /// Nothing.
    Exact,
    /// Blanks, full-width digits, small letters or a name beside the code were passed over.
    Tidied,
    /// Trailing pairs of zeros that fill the code up to a fixed width were stripped: `07010000` is 0701.
    Padded,
    /// The text is the name of the class.
    Named,
    /// A leading zero was put back, which a spreadsheet takes away: `101` is read as 0101. A guess, since digits may
    /// have been lost elsewhere (1001?): to be shown and confirmed.
    LeadingZero,
}

impl CodeNote {
    /// Whether the reading is a guess that its user should confirm.
    pub fn is_suspicion(self) -> bool {
        self == Self::LeadingZero
    }
}

/// A text read as a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The class.
    pub class: Class,
    /// What was done to read it.
    pub note: CodeNote,
}

/// The class of `scheme` that `text` names, as code in any of the forms that files have, or as name.
///
/// ```
/// use tuban::model::classes::{CodeNote, Scheme, resolve};
/// let read = |text| resolve(Scheme::Ydyh2023, text).map(|found| (found.class.code(), found.note));
/// assert_eq!(read("0701"), Some(("0701", CodeNote::Exact)));
/// assert_eq!(read("07010000"), Some(("0701", CodeNote::Padded)));
/// assert_eq!(read("101"), Some(("0101", CodeNote::LeadingZero)));
/// assert_eq!(read("9999"), None);
/// ```
pub fn resolve(scheme: Scheme, text: &str) -> Option<Resolved> {
    let found = |class, note| Some(Resolved { class, note });
    if let Some(class) = Class::find(scheme, text) {
        return found(class, CodeNote::Exact);
    }
    let code = tidy(text);
    if code.is_empty() {
        if let Some(class) = Class::find_by_name(scheme, text) {
            return found(class, CodeNote::Named);
        }
        return name_before_code(scheme, text).and_then(|class| found(class, CodeNote::Tidied));
    }
    if let Some(class) = Class::find(scheme, &code) {
        return found(class, CodeNote::Tidied);
    }
    if let Some(class) = without_padding(scheme, &code) {
        return found(class, CodeNote::Padded);
    }
    // Codes have an even number of digits before any letter: an odd one has lost its leading zero.
    let digit_count = code.bytes().take_while(u8::is_ascii_digit).count();
    if digit_count % 2 == 1 {
        let code = format!("0{code}");
        let class = Class::find(scheme, &code).or_else(|| without_padding(scheme, &code));
        return class.and_then(|class| found(class, CodeNote::LeadingZero));
    }
    None
}

/// The code at the start of `text` in plain capitals: full-width digits and letters made plain, brackets around it, a name
/// behind it and a decimal `.0` left out, points between its levels (`07.01`) taken away. Empty where the text does not
/// start with a digit.
fn tidy(text: &str) -> String {
    let plain = |c: char| match c {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => char::from((u32::from(c) - 0xFEE0) as u8),
        other => other,
    };
    let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\'' | '"' | '\u{feff}'));
    let text = text.trim_start_matches(['(', '（', '[', '［', '【', '〔']);
    let is_of_code = |c: &char| c.is_ascii_alphanumeric() || *c == '.';
    let whole: String = text.chars().map(plain).take_while(is_of_code).collect();
    let (first, rest) = whole.split_once('.').unwrap_or((whole.as_str(), ""));
    let code = if rest.bytes().all(|b| matches!(b, b'0' | b'.')) {
        // A number, or the end of a sentence.
        first.to_owned()
    } else if first.len().is_multiple_of(2) && rest.trim_end_matches('.').split('.').all(|level| level.len() == 2) {
        whole.replace('.', "")
    } else {
        String::new()
    };
    if code.starts_with(|c: char| c.is_ascii_digit()) { code.to_ascii_uppercase() } else { String::new() }
}

/// The class of `水田 0101`, `水田（0101）`: a code behind its own name. Another name is no name of it.
fn name_before_code(scheme: Scheme, text: &str) -> Option<Class> {
    let text = text.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ')' | '）' | ']'));
    let begin = text.char_indices().rev().take_while(|(_, c)| c.is_ascii_alphanumeric()).last()?.0;
    let name = text[..begin].trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '(' | '（' | '[' | '-' | ':'));
    let class = Class::find(scheme, &text[begin..].to_ascii_uppercase())?;
    (Class::find_by_name(scheme, name) == Some(class)).then_some(class)
}

fn without_padding(scheme: Scheme, code: &str) -> Option<Class> {
    let mut rest = code;
    while rest.len() > 2
        && let Some(shorter) = rest.strip_suffix("00")
    {
        rest = shorter;
        if let Some(class) = Class::find(scheme, rest) {
            return Some(class);
        }
    }
    None
}
