//! Events of XML with their places, and what XML writes for characters. Entities that a document defines for itself are
//! never expanded.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::task::{Cancelled, Progress};

/// Events between two looks at whether the user cancelled.
const EVENTS_PER_TICK: u64 = 1 << 13;

/// The events of a document, each with where it stands.
pub(super) struct Events<'t> {
    reader: Reader<&'t [u8]>,
    text: &'t str,
    line: u64,
    /// How far into the text lines were counted.
    counted: usize,
    count: u64,
}

/// An event, or why there is none.
pub(super) struct Stands<'t> {
    pub(super) event: Result<Event<'t>, quick_xml::Error>,
    /// The line that it begins in, from 1, and how far into the text.
    pub(super) line: u64,
    pub(super) at: usize,
}

impl<'t> Events<'t> {
    /// Those of `text`, in which people write `&` as it is.
    pub(super) fn of(text: &'t str) -> Self {
        let mut reader = Reader::from_str(text);
        reader.config_mut().allow_dangling_amp = true;
        Self { reader, text, line: 1, counted: 0, count: 0 }
    }

    /// The next one.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub(super) fn step(&mut self, progress: &Progress) -> Result<Stands<'t>, Cancelled> {
        self.count += 1;
        if self.count.is_multiple_of(EVENTS_PER_TICK) {
            progress.tick(0)?;
        }
        let at = usize::try_from(self.reader.buffer_position()).unwrap_or(self.text.len()).min(self.text.len());
        self.line += memchr::memchr_iter(b'\n', &self.text.as_bytes()[self.counted..at]).count() as u64;
        self.counted = at;
        Ok(Stands { event: self.reader.read_event(), line: self.line, at })
    }
}

/// The value of an attribute of a tag, whatever prefix its name has.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = tag.attributes();
    let mut found = attributes.with_checks(false).flatten();
    found.find(|found| found.key.local_name().as_ref() == name).map(|found| unescaped(&found.value))
}

/// The character that a reference stands for; the reference as it is written where it is none of the five that XML knows.
pub(super) fn resolved(reference: &BytesRef<'_>) -> String {
    if let Ok(Some(c)) = reference.resolve_char_ref() {
        return c.to_string();
    }
    let known = match &**reference {
        "lt" => "<",
        "gt" => ">",
        "amp" => "&",
        "quot" => "\"",
        "apos" => "'",
        "nbsp" => "\u{a0}",
        other => return format!("&{other};"),
    };
    known.to_owned()
}

/// The value of an attribute with its references resolved; as it is written where it has others.
pub(super) fn unescaped(text: &str) -> String {
    quick_xml::escape::unescape(text).map_or_else(|_| text.to_owned(), |text| text.into_owned())
}

/// `text` as content or attribute of an element: characters that XML has no place for are left out.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' => out.push(c),
            '\r' => out.push_str("&#13;"),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}
