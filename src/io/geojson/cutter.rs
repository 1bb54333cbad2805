//! Where a file may be cut between two features.

use memchr::memmem::FinderRev;

use super::super::scan::{Kind, Scanner};
use super::reader::{RECORD_SEPARATOR, Setting};

/// Finds places where a feature seems to end and the next to begin.
///
/// For an array that is the text between the first two features, from the brace that closes one to the first member of
/// the other (`},\n{"type":"Feature"`), in which unescaped quotes make it unlikely to occur in an attribute. Whether a
/// place is right shows when the piece before it is read.
#[derive(Debug)]
pub(super) struct Cutter {
    mark: FinderRev<'static>,
    /// Bytes of the mark that belong to the piece before the cut.
    before: usize,
}

impl Cutter {
    /// A cutter for a file whose features start at `start` of `text`; `None` when there are no two whole features in
    /// it yet.
    pub(super) fn new(text: &str, start: usize, setting: Setting) -> Option<Self> {
        if setting == Setting::Sequence {
            let separated = text.trim_start().as_bytes().first() == Some(&RECORD_SEPARATOR);
            let (mark, before) = if separated { (RECORD_SEPARATOR, 0) } else { (b'\n', 1) };
            return Some(Self { mark: FinderRev::new(&[mark]).into_owned(), before });
        }
        let mut scanner = Scanner::lenient(text, start);
        scanner.skip_space();
        let first = scanner.pos();
        if scanner.kind().ok()? != Kind::Object {
            return None;
        }
        // An error here is found again, and reported, by the reader.
        scanner.skip_value().ok()?;
        let end = scanner.pos();
        if !scanner.next_element().ok()? {
            return None;
        }
        let second = scanner.pos();
        let length = opening(text, second)?;
        let same = text.get(first..first + length) == text.get(second..second + length);
        let length = if same { length } else { 1 };
        let mark = text.as_bytes().get(end - 1..second + length)?;
        Some(Self { mark: FinderRev::new(mark).into_owned(), before: second - end + 1 })
    }

    /// The last place in `text` where it may be cut, after `start`.
    pub(super) fn last_cut(&self, text: &str, start: usize) -> Option<usize> {
        let found = self.mark.rfind(&text.as_bytes()[start..])?;
        let cut = start + found + self.before;
        (cut > start && cut < text.len()).then_some(cut)
    }
}

/// Length of the opening of the object at `start`: its first member's name, and its value where that is text.
fn opening(text: &str, start: usize) -> Option<usize> {
    let mut scanner = Scanner::lenient(text, start);
    if scanner.peek() != Some(b'{') {
        return None;
    }
    let name = scanner.first_name().ok()??;
    if name.is("type") && scanner.peek() == Some(b'"') {
        scanner.string().ok()?;
    }
    Some(scanner.pos() - start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_lie_between_features() {
        let check = |text: &str, start: usize, setting: Setting, expected: Option<&str>| {
            let cut = Cutter::new(text, start, setting).and_then(|cutter| cutter.last_cut(text, start));
            assert_eq!(cut.map(|cut| &text[cut..]), expected, "{text}");
        };
        let a = r#"{"type":"Feature","a":[{"type":"Point"},{"type":"Point"}]}"#;
        check(&format!("[{a},{a},{a}"), 1, Setting::ArrayStart, Some(a));
        check(&format!("[ {a} ,\n {a} ,\n {a}"), 1, Setting::ArrayStart, Some(a));
        check(&format!("[{a}, {a}"), 1, Setting::ArrayStart, Some(a));
        check(&format!("[{a}"), 1, Setting::ArrayStart, None);
        check("[1,2,3", 1, Setting::ArrayStart, None);
        check(&format!("{a}\n{a}\n{{\"typ"), 0, Setting::Sequence, Some("{\"typ"));
        check("\u{1e}{\n}\n\u{1e}{}", 0, Setting::Sequence, Some("\u{1e}{}"));
    }
}
