//! Lines and columns over pieces of a file.

use super::super::ReadError;
use super::super::scan::Expected;

/// Where a piece starts in its file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Position {
    /// Line, from 0.
    pub(super) line: u64,
    /// Characters before it in that line.
    column: u64,
}

impl Position {
    /// The position after `text`.
    pub(super) fn after(self, text: &str) -> Self {
        self.after_lines(text, line_count(text))
    }

    /// The position after `text`, in which that many lines end.
    pub(super) fn after_lines(self, text: &str, line_count: u64) -> Self {
        let bytes = text.as_bytes();
        let column = match memchr::memrchr(b'\n', bytes) {
            None => self.column + char_count(bytes),
            Some(last) => char_count(&bytes[last + 1..]),
        };
        Self { line: self.line + line_count, column }
    }

    /// A syntax error at byte `offset` of `text`, which starts here.
    pub(super) fn syntax(self, text: &str, offset: usize, expected: Expected, feature_count: u64) -> ReadError {
        let at = self.after(&text[..offset]);
        let found = text[offset..].chars().next();
        ReadError::Syntax { line: at.line + 1, column: at.column + 1, expected, found, feature_count }
    }
}

/// Lines that end in `text`.
pub(super) fn line_count(text: &str) -> u64 {
    memchr::memchr_iter(b'\n', text.as_bytes()).count() as u64
}

/// Characters of UTF-8 text: bytes that do not continue one.
fn char_count(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|b| **b & 0xC0 != 0x80).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_add_up_over_pieces() {
        let text = "一二\nabc三\nd四五";
        let whole = Position::default().after(text);
        assert_eq!((whole.line, whole.column), (2, 3));
        for (cut, _) in text.char_indices() {
            assert_eq!(Position::default().after(&text[..cut]).after(&text[cut..]), whole);
        }
    }
}
