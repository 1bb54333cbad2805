//! The start of a file, and what can be asked of it to tell its format.

use std::cell::OnceCell;
use std::path::Path;

use super::encoding::text_of;

/// Bytes of the start that are looked at, and of the end of an archive, where its list of files stands.
pub(super) const LOOKED_AT: usize = 64 * 1024;

/// Bytes of the start that are read as text.
const READ_AS_TEXT: usize = 4096;

/// The start of a file, unpacked where it is compressed.
pub(super) struct Start<'a> {
    ending: String,
    bytes: &'a [u8],
    /// The end of the file, where it is an archive.
    end: &'a [u8],
    text: OnceCell<String>,
    upper: OnceCell<String>,
}

/// The last ending of a name in small letters; that before it where the last one says that the file is compressed.
pub(super) fn ending_of(path: &Path) -> String {
    let ending = |path: &Path| path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    match ending(path) {
        Some(gz) if gz == "gz" => path.file_stem().and_then(|stem| ending(Path::new(stem))).unwrap_or_default(),
        Some(other) => other,
        None => String::new(),
    }
}

impl<'a> Start<'a> {
    /// Of the file at `path`, which begins with `bytes` and, where it is an archive, ends with `end`.
    pub(super) fn new(path: &Path, bytes: &'a [u8], end: &'a [u8]) -> Self {
        let bytes = &bytes[..bytes.len().min(LOOKED_AT)];
        Self { ending: ending_of(path), bytes, end, text: OnceCell::new(), upper: OnceCell::new() }
    }

    /// The ending of its name, in small letters.
    pub(super) fn ending(&self) -> &str {
        &self.ending
    }

    /// Whether its name has one of these endings.
    pub(super) fn ends_in(&self, endings: &[&str]) -> bool {
        endings.contains(&self.ending.as_str())
    }

    /// Its first bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes
    }

    /// Whether it begins with one of `marks`.
    pub(super) fn begins(&self, marks: &[&[u8]]) -> bool {
        marks.iter().any(|mark| self.bytes.starts_with(mark))
    }

    /// Whether it is a ZIP archive.
    pub(super) fn is_zip(&self) -> bool {
        self.begins(&[b"PK\x03\x04", b"PK\x05\x06"])
    }

    /// Whether it is a ZIP archive of one of these endings, or one in whose list of files one of `names` stands.
    pub(super) fn zip_of(&self, endings: &[&str], names: &[&[u8]]) -> bool {
        let holds = |name: &[u8]| {
            let within = |bytes: &[u8]| memchr::memmem::find(&bytes.to_ascii_lowercase(), name).is_some();
            within(self.bytes) || within(self.end)
        };
        // What is called an archive is one, whatever else is packed in it.
        let is_named = self.ends_in(&["zip"]);
        self.is_zip() && !is_named && (self.ends_in(endings) || names.iter().any(|name| holds(name)))
    }

    /// Whether it is a compound file of Microsoft: documents of Office 97, layers of ArcGIS.
    pub(super) fn is_compound(&self) -> bool {
        self.begins(&[&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]])
    }

    /// Whether `word` stands in it as text of two bytes a character.
    pub(super) fn holds_wide(&self, word: &str) -> bool {
        let wide: Vec<u8> = word.encode_utf16().flat_map(u16::to_le_bytes).collect();
        memchr::memmem::find(self.bytes, &wide).is_some()
    }

    /// Whether `word` stands in it.
    pub(super) fn holds(&self, word: &[u8]) -> bool {
        memchr::memmem::find(self.bytes, word).is_some()
    }

    /// Whether it is a database of SQLite.
    pub(super) fn is_sqlite(&self) -> bool {
        self.begins(&[b"SQLite format 3\0"])
    }

    /// Its first characters, in whatever encoding, without blanks and a mark before them.
    pub(super) fn text(&self) -> &str {
        let cut = &self.bytes[..self.bytes.len().min(READ_AS_TEXT)];
        let text = self.text.get_or_init(|| text_of(cut));
        text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n'])
    }

    /// [`Self::text`] in capitals.
    pub(super) fn upper(&self) -> &str {
        self.upper.get_or_init(|| self.text().to_ascii_uppercase())
    }

    /// Whether its text begins with one of these words, capitals or not.
    pub(super) fn text_begins(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.upper().starts_with(word))
    }

    /// Whether it is XML in which one of these words stands, in small letters.
    pub(super) fn xml_with(&self, words: &[&str]) -> bool {
        if !self.text().starts_with('<') {
            return false;
        }
        let lower = self.text().to_ascii_lowercase();
        words.is_empty() || words.iter().any(|word| lower.contains(word))
    }

    /// Whether it begins like JSON.
    pub(super) fn is_json(&self) -> bool {
        self.text().starts_with(['{', '[', '\u{1e}'])
    }

    /// Its first two lines that are not blank.
    pub(super) fn lines(&self) -> [&str; 2] {
        let mut lines = self.text().lines().map(str::trim).filter(|line| !line.is_empty());
        [lines.next().unwrap_or_default(), lines.next().unwrap_or_default()]
    }

    /// Whether it is text throughout, as far as it was read.
    pub(super) fn is_plain(&self) -> bool {
        !self.text().contains(['\u{fffd}', '\0'])
    }
}
