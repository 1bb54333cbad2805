//! Words of a `.mif`: bare ones, those in quotes, lists in brackets; and the line where each stands.

use super::super::gathered::Stands;

/// A word.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Word<'t> {
    /// As it stands: a number, or a keyword.
    Bare(&'t str),
    /// What stood in quotes.
    Quoted(String),
    /// What stood in brackets, without them.
    List(&'t str),
}

/// A cursor over a text.
#[derive(Clone, Debug)]
pub(super) struct Words<'t> {
    text: &'t str,
    at: usize,
    line: u64,
}

impl<'t> Words<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        Self { text: text.trim_start_matches('\u{feff}'), at: 0, line: 1 }
    }

    /// The line of the next word, from 1, as far as it is known.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    pub(super) fn stands(&self) -> Stands {
        Stands { line: self.line, offset: self.at }
    }

    /// What is left of the line under the cursor, which moves to the next.
    pub(super) fn rest_of_line(&mut self) -> Option<&'t str> {
        if self.at >= self.text.len() {
            return None;
        }
        let rest = &self.text[self.at..];
        let end = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
        self.at += (end + 1).min(rest.len());
        self.line += 1;
        Some(rest[..end].trim())
    }

    /// Moves to the next word.
    pub(super) fn skip_space(&mut self) {
        while let Some(byte) = self.text.as_bytes().get(self.at).filter(|b| b.is_ascii_whitespace() || **b == b',') {
            self.line += u64::from(*byte == b'\n');
            self.at += 1;
        }
    }

    /// The word under the cursor, which stays; `None` at the end.
    pub(super) fn peek(&self) -> Option<Word<'t>> {
        self.clone().next()
    }

    /// Moves over `word` where it stands under the cursor, capitals or not.
    pub(super) fn eat(&mut self, word: &str) -> bool {
        let is_there = matches!(self.peek(), Some(Word::Bare(found)) if found.eq_ignore_ascii_case(word));
        if is_there {
            self.next();
        }
        is_there
    }

    /// The number under the cursor; where there is none, it stays.
    pub(super) fn number(&mut self) -> Option<f64> {
        let mut after = self.clone();
        let Some(Word::Bare(word)) = after.next() else { return None };
        let number = fast_float2::parse::<f64, _>(word).ok().filter(|number| number.is_finite())?; // another word
        *self = after;
        Some(number)
    }

    /// The whole number under the cursor; where there is none, it stays.
    pub(super) fn whole(&mut self) -> Option<u64> {
        let mut after = self.clone();
        let Some(Word::Bare(word)) = after.next() else { return None };
        let count = word.parse().ok()?; // another word
        *self = after;
        Some(count)
    }

    /// What ends before the next of `sign`; both are moved over.
    fn until(&mut self, sign: u8) -> &'t str {
        let rest = &self.text[self.at..];
        let end = memchr::memchr(sign, rest.as_bytes()).unwrap_or(rest.len());
        self.at += (end + 1).min(rest.len());
        self.line += memchr::memchr_iter(b'\n', &rest.as_bytes()[..end]).count() as u64;
        &rest[..end]
    }
}

impl<'t> Iterator for Words<'t> {
    type Item = Word<'t>;

    fn next(&mut self) -> Option<Word<'t>> {
        self.skip_space();
        let rest = &self.text[self.at..];
        match rest.bytes().next()? {
            b'"' => {
                self.at += 1;
                let mut text = self.until(b'"').to_owned();
                // A quote in the text is written twice.
                while self.text.as_bytes().get(self.at) == Some(&b'"') {
                    self.at += 1;
                    text.push('"');
                    text.push_str(self.until(b'"'));
                }
                Some(Word::Quoted(text))
            }
            b'(' => {
                self.at += 1;
                Some(Word::List(self.until(b')')))
            }
            b')' => {
                self.at += 1;
                Some(Word::Bare(")"))
            }
            _ => {
                let end = rest.find(|c: char| c.is_ascii_whitespace() || matches!(c, ',' | '"' | '(' | ')'));
                let word = &rest[..end.unwrap_or(rest.len())];
                self.at += word.len();
                Some(Word::Bare(word))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lists_and_texts_are_told_apart() {
        let mut words = Words::of("Pline 2\n 1.5, -2e3 Pen(1,2,3)\n\"a \"\"b\"\"\nc\" x");
        let bare = |word| Some(Word::Bare(word));
        assert_eq!((words.next(), words.whole()), (bare("Pline"), Some(2)));
        assert_eq!((words.number(), words.number(), words.number()), (Some(1.5), Some(-2000.0), None));
        assert!(words.eat("PEN") && !words.eat("x"));
        assert_eq!(words.next(), Some(Word::List("1,2,3")));
        assert_eq!(words.next(), Some(Word::Quoted("a \"b\"\nc".to_owned())));
        assert_eq!((words.line(), words.next(), words.next()), (4, bare("x"), None));
        assert_eq!(Words::of("(1,2").next(), Some(Word::List("1,2")));
    }
}
