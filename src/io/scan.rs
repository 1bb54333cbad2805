//! A pull scanner of JSON text: a cursor that checks the grammar of RFC 8259 while it moves.
//!
//! It builds nothing: callers ask for what they expect next and get slices of the text. Nesting is tracked in a stack
//! of bits, never by recursion, so that no input depth can overflow anything. The text is UTF-8 already; an error is a
//! byte offset and what was expected there, and becomes line and column only when somebody asks.

mod number;

/// What the grammar allows at the place of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Expected {
    /// An object, array, string, number, `true`, `false` or `null`.
    Value,
    /// A value or the end of the array.
    ValueOrBracket,
    /// A member name in quotes.
    Name,
    /// A member name or the end of the object.
    NameOrBrace,
    /// The colon after a member name.
    Colon,
    /// A comma or the end of the object.
    CommaOrBrace,
    /// A comma or the end of the array.
    CommaOrBracket,
    /// A digit of a number.
    Digit,
    /// The closing quote of a string; control characters must be escaped.
    Quote,
    /// One of the escapes of a string.
    Escape,
    /// Four hexadecimal digits.
    HexDigits,
    /// The end of the text.
    End,
}

impl Expected {
    /// The tokens themselves, for messages in any language.
    pub fn tokens(self) -> &'static str {
        match self {
            Self::Value => r#"{ [ " 0-9 - true false null"#,
            Self::ValueOrBracket => r#"] { [ " 0-9 - true false null"#,
            Self::Name => r#"""#,
            Self::NameOrBrace => r#"" }"#,
            Self::Colon => ":",
            Self::CommaOrBrace => ", }",
            Self::CommaOrBracket => ", ]",
            Self::Digit => "0-9",
            Self::Quote => r#"""#,
            Self::Escape => r#"\" \\ \/ \b \f \n \r \t \uXXXX"#,
            Self::HexDigits => "0-9 a-f",
            Self::End => "EOF",
        }
    }
}

/// A place where the text leaves the grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    /// Byte offset in the text scanned.
    pub(crate) offset: usize,
    /// What the grammar allows there.
    pub(crate) expected: Expected,
    /// Whether the text ended where more was needed: with more text it might be right.
    pub(crate) at_end: bool,
}

pub(crate) type Scanned<T> = Result<T, SyntaxError>;

/// A string of the text, between its quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RawText<'a> {
    /// As written, escapes included.
    pub(crate) raw: &'a str,
    /// Whether there are escapes in it.
    pub(crate) escaped: bool,
}

impl RawText<'_> {
    /// Whether the string is `plain`, which must not need escapes.
    pub(crate) fn is(&self, plain: &str) -> bool {
        if self.escaped { self.decoded() == plain } else { self.raw == plain }
    }

    /// The string with its escapes resolved.
    pub(crate) fn decoded(&self) -> String {
        let mut out = String::new();
        self.decode_into(&mut out);
        out
    }

    /// Appends the string with its escapes resolved. A surrogate without its other half becomes U+FFFD; says whether
    /// there was one.
    pub(crate) fn decode_into(&self, out: &mut String) -> bool {
        let mut rest = self.raw;
        let mut replaced = false;
        while let Some(at) = rest.find('\\') {
            out.push_str(&rest[..at]);
            let escape = rest.as_bytes().get(at + 1).copied().unwrap_or(b'\\');
            rest = rest.get(at + 2..).unwrap_or("");
            match escape {
                b'b' => out.push('\u{8}'),
                b'f' => out.push('\u{c}'),
                b'n' => out.push('\n'),
                b'r' => out.push('\r'),
                b't' => out.push('\t'),
                b'u' => {
                    let unit = code_unit(rest);
                    rest = rest.get(4..).unwrap_or("");
                    let low = rest.strip_prefix("\\u").map(code_unit).filter(|low| (0xDC00..0xE000).contains(low));
                    let code = match (unit, low) {
                        (0xD800..=0xDBFF, Some(low)) => {
                            rest = rest.get(6..).unwrap_or("");
                            0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)
                        }
                        _ => unit,
                    };
                    replaced |= char::from_u32(code).is_none();
                    out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                plain => out.push(char::from(plain)),
            }
        }
        out.push_str(rest);
        replaced
    }
}

/// The UTF-16 unit that four hexadecimal digits name.
fn code_unit(digits: &str) -> u32 {
    // The scanner has checked the digits; anything else becomes a lone surrogate, which is replaced.
    digits.get(..4).and_then(|d| u32::from_str_radix(d, 16).ok()).unwrap_or(0xD800)
}

/// Kinds of a value by its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    Array,
    Text,
    Number,
    Bool,
    Null,
}

/// Open objects and arrays, one bit a level.
#[derive(Debug, Default)]
struct Nesting {
    top: u64,
    depth: usize,
    full: Vec<u64>,
}

impl Nesting {
    fn push(&mut self, object: bool) {
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.full.push(self.top);
        }
        self.top = self.top << 1 | u64::from(object);
        self.depth += 1;
    }

    fn pop(&mut self) {
        self.depth -= 1;
        self.top >>= 1;
        if self.depth > 0
            && self.depth.is_multiple_of(64)
            && let Some(top) = self.full.pop()
        {
            self.top = top;
        }
    }

    fn in_object(&self) -> bool {
        self.top & 1 == 1
    }
}

/// A cursor over JSON text.
#[derive(Clone, Debug)]
pub(crate) struct Scanner<'a> {
    text: &'a str,
    pos: usize,
    /// Whether `NaN`, `Infinity` and `-Infinity` pass as values: Python writes them.
    lenient: bool,
    /// How many of these were passed.
    not_finite_count: usize,
}

impl<'a> Scanner<'a> {
    /// A cursor at byte `pos` of `text` that accepts what RFC 8259 does.
    pub(crate) fn strict(text: &'a str, pos: usize) -> Self {
        Self { text, pos, lenient: false, not_finite_count: 0 }
    }

    /// A cursor that also lets `NaN`, `Infinity` and `-Infinity` pass as values.
    pub(crate) fn lenient(text: &'a str, pos: usize) -> Self {
        Self { text, pos, lenient: true, not_finite_count: 0 }
    }

    /// How many of `NaN`, `Infinity` and `-Infinity` were passed so far.
    pub(crate) fn not_finite_count(&self) -> usize {
        self.not_finite_count
    }

    /// Byte offset of the cursor.
    pub(crate) fn pos(&self) -> usize {
        self.pos
    }

    /// Moves the cursor to a place where it was before.
    pub(crate) fn rewind(&mut self, pos: usize) {
        self.pos = pos;
    }

    /// The whole text.
    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    /// The byte under the cursor.
    #[inline]
    pub(crate) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.pos).copied()
    }

    /// Moves over one byte that [`Self::peek`] has shown.
    #[inline]
    pub(crate) fn bump(&mut self) {
        self.pos += 1;
    }

    /// Moves over white space.
    #[inline]
    pub(crate) fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.pos += 1;
        }
    }

    /// Moves over white space, then over `byte` if it stands there.
    #[inline]
    pub(crate) fn eat(&mut self, byte: u8) -> bool {
        self.skip_space();
        let there = self.peek() == Some(byte);
        self.pos += usize::from(there);
        there
    }

    /// An error at the cursor.
    #[cold]
    pub(crate) fn fail<T>(&self, expected: Expected) -> Scanned<T> {
        Err(SyntaxError { offset: self.pos, expected, at_end: self.pos >= self.text.len() })
    }

    /// Kind of the value under the cursor, which must stand on its first byte.
    #[inline]
    pub(crate) fn kind(&self) -> Scanned<Kind> {
        match self.peek() {
            Some(b'{') => Ok(Kind::Object),
            Some(b'[') => Ok(Kind::Array),
            Some(b'"') => Ok(Kind::Text),
            Some(b'-' | b'0'..=b'9') => Ok(Kind::Number),
            Some(b't' | b'f') => Ok(Kind::Bool),
            Some(b'n') => Ok(Kind::Null),
            Some(b'N' | b'I') if self.lenient => Ok(Kind::Number),
            _ => self.fail(Expected::Value),
        }
    }

    /// Steps into an object: `Some(name)` of its first member with the cursor on the value, or `None` when it is
    /// empty. The cursor must stand on the brace.
    #[inline]
    pub(crate) fn first_name(&mut self) -> Scanned<Option<RawText<'a>>> {
        self.bump();
        if self.eat(b'}') {
            return Ok(None);
        }
        self.name(Expected::NameOrBrace).map(Some)
    }

    /// After a member's value: the next member's name with the cursor on its value, or `None` past the closing brace.
    #[inline]
    pub(crate) fn next_name(&mut self) -> Scanned<Option<RawText<'a>>> {
        self.skip_space();
        match self.peek() {
            Some(b',') => {
                self.bump();
                self.skip_space();
                self.name(Expected::Name).map(Some)
            }
            Some(b'}') => {
                self.bump();
                Ok(None)
            }
            _ => self.fail(Expected::CommaOrBrace),
        }
    }

    #[inline]
    fn name(&mut self, expected: Expected) -> Scanned<RawText<'a>> {
        if self.peek() != Some(b'"') {
            return self.fail(expected);
        }
        let name = self.string()?;
        if !self.eat(b':') {
            return self.fail(Expected::Colon);
        }
        self.skip_space();
        Ok(name)
    }

    /// Steps into an array: whether it has an element, with the cursor on it. The cursor must stand on the bracket.
    #[inline]
    pub(crate) fn first_element(&mut self) -> Scanned<bool> {
        self.bump();
        Ok(!self.eat(b']'))
    }

    /// After an element: whether there is another, with the cursor on it.
    #[inline]
    pub(crate) fn next_element(&mut self) -> Scanned<bool> {
        self.skip_space();
        match self.peek() {
            Some(b',') => {
                self.bump();
                self.skip_space();
                Ok(true)
            }
            Some(b']') => {
                self.bump();
                Ok(false)
            }
            _ => self.fail(Expected::CommaOrBracket),
        }
    }

    /// The string under the cursor, which must stand on its opening quote.
    #[inline]
    pub(crate) fn string(&mut self) -> Scanned<RawText<'a>> {
        self.pos += 1;
        let start = self.pos;
        let bytes = self.text.as_bytes();
        let mut escaped = false;
        loop {
            self.pos += plain_count(&bytes[self.pos..]);
            match bytes.get(self.pos) {
                Some(b'"') => {
                    let raw = &self.text[start..self.pos];
                    self.pos += 1;
                    return Ok(RawText { raw, escaped });
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                _ => return self.fail(Expected::Quote),
            }
        }
    }

    fn escape(&mut self) -> Scanned<()> {
        self.pos += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.pos += 1,
            Some(b'u') => {
                for _ in 0..4 {
                    self.pos += 1;
                    if !self.peek().is_some_and(|b| b.is_ascii_hexdigit()) {
                        return self.fail(Expected::HexDigits);
                    }
                }
                self.pos += 1;
            }
            _ => return self.fail(Expected::Escape),
        }
        Ok(())
    }

    /// `true`, `false` or `null` under the cursor: `None` for null.
    pub(crate) fn literal(&mut self) -> Scanned<Option<bool>> {
        for (word, value) in [("true", Some(true)), ("false", Some(false)), ("null", None)] {
            if self.word(word)? {
                return Ok(value);
            }
        }
        self.fail(Expected::Value)
    }

    /// Moves over `word` if it stands under the cursor.
    ///
    /// Where the text ends within the word, more text could make it right: that is an error at the end.
    fn word(&mut self, word: &str) -> Scanned<bool> {
        let rest = &self.text.as_bytes()[self.pos..];
        if rest.starts_with(word.as_bytes()) {
            self.pos += word.len();
            return Ok(true);
        }
        if word.as_bytes().starts_with(rest) {
            return Err(SyntaxError { offset: self.text.len(), expected: Expected::Value, at_end: true });
        }
        Ok(false)
    }

    /// Moves over a whole value, whatever it is, checking its grammar. The cursor must stand on its first byte.
    pub(crate) fn skip_value(&mut self) -> Scanned<()> {
        let mut nesting = Nesting::default();
        loop {
            match self.kind()? {
                Kind::Object => {
                    if self.first_name()?.is_some() {
                        nesting.push(true);
                        continue;
                    }
                }
                Kind::Array => {
                    self.bump();
                    self.skip_space();
                    if self.peek() != Some(b']') {
                        if self.kind().is_err() {
                            return self.fail(Expected::ValueOrBracket);
                        }
                        nesting.push(false);
                        continue;
                    }
                    self.bump();
                }
                Kind::Text => {
                    self.string()?;
                }
                Kind::Number => {
                    self.number()?;
                }
                Kind::Bool | Kind::Null => {
                    self.literal()?;
                }
            }
            loop {
                if nesting.depth == 0 {
                    return Ok(());
                }
                let more = if nesting.in_object() { self.next_name()?.is_some() } else { self.next_element()? };
                if more {
                    break;
                }
                nesting.pop();
            }
        }
    }
}

/// How many bytes come before a quote, a backslash or a control character.
///
/// Eight at a time: a byte b of a word is zero where (b - 1) & !b has its highest bit set, and below 32 where
/// (b - 32) & !b has; borrows from a lower byte only blur what lies above the first hit.
#[inline]
fn plain_count(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let (words, _) = bytes.as_chunks::<8>();
    for (i, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let is_zero = |w: u64| w.wrapping_sub(ONES) & !w;
        let stops = is_zero(word ^ (ONES * b'"' as u64))
            | is_zero(word ^ (ONES * b'\\' as u64))
            | (word.wrapping_sub(ONES * 0x20) & !word);
        let stops = stops & HIGH;
        if stops != 0 {
            return 8 * i + stops.trailing_zeros() as usize / 8;
        }
    }
    let rest = 8 * words.len();
    let stop = bytes[rest..].iter().position(|b| matches!(b, b'"' | b'\\' | 0..0x20));
    stop.map_or(bytes.len(), |at| rest + at)
}

/// Checks that `text` is one JSON value by RFC 8259 and nothing else.
///
/// # Errors
/// The first place that leaves the grammar.
pub(crate) fn check(text: &str) -> Scanned<()> {
    let mut scanner = Scanner::strict(text, 0);
    scanner.skip_space();
    scanner.skip_value()?;
    scanner.skip_space();
    if scanner.pos() < text.len() { scanner.fail(Expected::End) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_place_and_what_was_expected() {
        let check_error = |text: &str, offset: usize, expected: Expected, at_end: bool| {
            assert_eq!(check(text), Err(SyntaxError { offset, expected, at_end }), "{text}");
        };
        check_error("", 0, Expected::Value, true);
        check_error("[1,,2]", 3, Expected::Value, false);
        check_error("[1 2]", 3, Expected::CommaOrBracket, false);
        check_error("[*]", 1, Expected::ValueOrBracket, false);
        check_error(r#"{"a" 1}"#, 5, Expected::Colon, false);
        check_error(r#"{"a":1"#, 6, Expected::CommaOrBrace, true);
        check_error("{a:1}", 1, Expected::NameOrBrace, false);
        check_error(r#"{"a":1,}"#, 7, Expected::Name, false);
        check_error("\"a\nb\"", 2, Expected::Quote, false);
        check_error(r#""\x""#, 2, Expected::Escape, false);
        check_error(r#""\u12G4""#, 5, Expected::HexDigits, false);
        check_error("[tru", 4, Expected::Value, true);
        check_error("[trux]", 1, Expected::Value, false);
        check_error("1 2", 2, Expected::End, false);
        check_error("[NaN]", 1, Expected::ValueOrBracket, false);
    }

    #[test]
    fn nan_passes_only_where_it_was_asked_for() {
        for text in ["[NaN]", "[-Infinity, Infinity]"] {
            assert!(check(text).is_err());
            assert_eq!(Scanner::lenient(text, 0).skip_value(), Ok(()));
        }
    }

    #[test]
    fn depth_is_no_danger() {
        let depth = 200_003;
        let deep = "[".repeat(depth) + &"]".repeat(depth);
        assert_eq!(check(&deep), Ok(()));
        let mixed = r#"{"a":["#.repeat(depth) + &"]}".repeat(depth);
        assert_eq!(check(&mixed), Ok(()));
        let crossed = r#"{"a":["#.repeat(70) + &"}]".repeat(70);
        assert_eq!(check(&crossed).map_err(|e| e.offset), Err(6 * 70));
    }

    #[test]
    fn strings_end_where_they_should() {
        for stop in [b'"', b'\\', 0, b'\n', 0x1F] {
            for before in 0..40 {
                // Bytes that a careless comparison takes for one of the stops.
                let mut bytes: Vec<u8> = [b' ', b'!', b'#', b'[', b']', 0x7F, 0x80, 0xA2, 0xDC, 0xFF]
                    .into_iter()
                    .cycle()
                    .take(before)
                    .collect();
                bytes.push(stop);
                bytes.extend([b'"'; 20]);
                assert_eq!(plain_count(&bytes), before, "before {stop}");
                bytes.truncate(before);
                assert_eq!(plain_count(&bytes), before);
            }
        }
    }

    #[test]
    fn escapes_are_resolved() {
        let check = |json: &str, expected: &str, replaced: bool| {
            let raw = Scanner::strict(json, 0).string().expect("a string");
            let mut out = String::new();
            assert_eq!((raw.decode_into(&mut out), out.as_str()), (replaced, expected), "{json}");
            assert_eq!(raw.escaped, json.contains('\\'));
        };
        check(r#""地类""#, "地类", false);
        check(r#""a\"\\\/\b\f\n\r\tz""#, "a\"\\/\u{8}\u{c}\n\r\tz", false);
        check(r#""\u5730\uD834\uDD1e""#, "地𝄞", false);
        check(r#""\uD834x\uDD1e""#, "\u{fffd}x\u{fffd}", true);
        check(r#""\uD800\uD800\n""#, "\u{fffd}\u{fffd}\n", true);
    }
}
