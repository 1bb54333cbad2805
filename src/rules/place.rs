//! Places in a rules file: from bytes to line and column, and from a character of a text value to where it stands.

/// A place in a text, both from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub line: usize,
    pub column: usize,
}

/// Where the lines of a text begin: a file of many rules asks for a place in each.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let breaks = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1);
        Self { text, starts: std::iter::once(0).chain(breaks).collect() }
    }

    /// The place of byte `at`.
    pub(super) fn place(&self, at: usize) -> Place {
        let at = self.text.floor_char_boundary(at);
        let line = self.starts.partition_point(|start| *start <= at);
        let column = self.text[self.starts[line - 1]..at].chars().count() + 1;
        Place { line, column }
    }
}

/// The place of byte `at`.
#[cfg(test)]
pub(super) fn place(text: &str, at: usize) -> Place {
    Lines::new(text).place(at)
}

/// The byte at which character `index` of a text value stands, where the value with its quotes begins at byte `start`.
///
/// Knows the four kinds of TOML strings and their escapes; past the end of the value it is the closing quote.
pub(super) fn character(text: &str, start: usize, index: usize) -> usize {
    let raw = text.get(start..).unwrap_or_default();
    let quote = raw.chars().next().unwrap_or('"');
    let triple = if quote == '\'' { "'''" } else { "\"\"\"" };
    let is_multiline = raw.starts_with(triple);
    let mut at = if is_multiline { 3 } else { 1 };
    if is_multiline {
        // A line break right behind the quotes is no part of the value.
        at += if raw[at..].starts_with("\r\n") { 2 } else { usize::from(raw[at..].starts_with('\n')) };
    }
    for _ in 0..index {
        at += folded(&raw[at..], quote);
        let rest = &raw[at..];
        if rest.starts_with(if is_multiline { triple } else { &triple[..1] }) {
            break;
        }
        at += step(rest, quote);
    }
    start + at + folded(raw.get(at..).unwrap_or_default(), quote)
}

/// Bytes of a backslash at the end of a line, with the blanks behind it: they are no part of the value.
fn folded(raw: &str, quote: char) -> usize {
    let mut at = 0;
    while quote == '"'
        && let Some(rest) = raw[at..].strip_prefix('\\')
        && let blanks = rest.len() - rest.trim_start().len()
        && rest[..blanks].contains('\n')
    {
        at += 1 + blanks;
    }
    at
}

/// Bytes that the next character of the value takes.
fn step(raw: &str, quote: char) -> usize {
    let mut chars = raw.chars();
    match chars.next() {
        None => 0,
        Some('\r') if raw.starts_with("\r\n") => 2,
        Some('\\') if quote == '"' => match chars.next() {
            Some('u') => 6,
            Some('U') => 10,
            Some('x') => 4,
            Some(c) => 1 + c.len_utf8(),
            None => 1,
        }
        .min(raw.len()),
        Some(c) => c.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_of_a_value_are_found_in_the_file() {
        // Where the character after the marked one of the value stands.
        let check = |text: &str, index: usize, expected: (usize, usize)| {
            let found = place(text, character(text, text.find(['"', '\'']).expect("a value"), index));
            assert_eq!((found.line, found.column), expected, "{text:?} {index}");
        };
        check("a = \"xyz\"", 0, (1, 6));
        check("a = \"xyz\"", 2, (1, 8));
        check("a = \"xyz\"", 9, (1, 9));
        check("甲 = '乙丙丁'", 2, (1, 8));
        check("a = \"x\\\"y\\u4e00z\"", 4, (1, 16));
        check("a = \"\"\"\nx\ny\"\"\"", 2, (3, 1));
        check("a = \"\"\"x \\\n   y\"\"\"", 2, (2, 4));
        check("a = '''x\\y'''", 2, (1, 10));
    }
}
