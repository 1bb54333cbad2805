//! The texts of memos, which lie in a file beside the table: `.dbt` of dBASE III and IV, `.fpt` of FoxPro.
//!
//! A cell names a block of that file. What a block claims is held against the file, and all texts together against its
//! length: a file whose memos all name the same megabyte would otherwise become as many megabytes.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::TableField;

/// Bytes of a memo that are read.
pub(super) const MOST_TEXT: usize = 1 << 20;
/// How often all texts together may be as long as the file, and what they may have beside that.
const MOST_TIMES: usize = 4;
const MOST_BESIDE: usize = 1 << 24;

/// How texts lie in their file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Until a mark, of dBASE III; or with a length before them, of dBASE IV, which a block says itself.
    Dbase,
    /// With kind and length before them.
    FoxPro,
}

/// The texts of memos.
#[derive(Debug)]
pub(in crate::io) struct Memo {
    bytes: Vec<u8>,
    kind: Kind,
    block_bytes: usize,
    /// Bytes of text that were given.
    given: AtomicUsize,
}

/// What a memo holds.
#[derive(Debug, PartialEq)]
pub(super) enum Held<'a> {
    /// Its text as it stands, and whether more of it is there.
    Text(&'a [u8], bool),
    /// A picture, or what another program made.
    Binary,
    /// Nothing: there is no such block, or it contradicts itself.
    Nothing,
}

/// The endings of the files in which a table of that version keeps its memos, the usual one first.
pub(super) fn endings(version: u8) -> [&'static str; 2] {
    if is_foxpro(version) { ["fpt", "dbt"] } else { ["dbt", "fpt"] }
}

/// Whether FoxPro wrote a table of that version.
pub(super) fn is_foxpro(version: u8) -> bool {
    version & 0xF0 == 0x30 || matches!(version, 0xF5 | 0xFB)
}

/// The block that a cell names; `None` where it names none.
pub(super) fn block(field: &TableField, raw: &[u8]) -> Option<usize> {
    let number = match raw.first_chunk::<4>() {
        // Visual FoxPro keeps numbers there, all others digits.
        Some(bytes) if field.width == 4 => u32::from_le_bytes(*bytes) as usize,
        _ => {
            let digits: Vec<u8> = raw.iter().copied().filter(|byte| !matches!(byte, b' ' | 0)).collect();
            std::str::from_utf8(&digits).ok()?.parse().ok()? // no number names no block
        }
    };
    (number > 0).then_some(number)
}

impl Memo {
    /// The file with that ending beside a table of `version`.
    pub(in crate::io) fn new(bytes: Vec<u8>, ending: &str, version: u8) -> Self {
        let word = |at: usize| bytes.get(at..at + 2).map_or([0; 2], |b| [b[0], b[1]]);
        let kind = if ending == "fpt" { Kind::FoxPro } else { Kind::Dbase };
        let stated = match kind {
            Kind::FoxPro => usize::from(u16::from_be_bytes(word(6))),
            // dBASE III has blocks of one size only, and anything else in its header.
            Kind::Dbase if version == 0x83 => 512,
            Kind::Dbase => usize::from(u16::from_le_bytes(word(20))),
        };
        let usual = if kind == Kind::FoxPro { 64 } else { 512 };
        let block_bytes = if stated == 0 { usual } else { stated };
        Self { bytes, kind, block_bytes, given: AtomicUsize::new(0) }
    }

    /// What stands in a block.
    pub(super) fn held(&self, block: usize) -> Held<'_> {
        let Some(rest) = block.checked_mul(self.block_bytes).and_then(|at| self.bytes.get(at..)) else {
            return Held::Nothing;
        };
        let word = |at: usize| rest.get(at..at + 4).and_then(|bytes| bytes.first_chunk::<4>()).copied();
        let text = |from: usize, length: usize| match rest.get(from..) {
            Some(text) => {
                let there = &text[..length.min(text.len())];
                Held::Text(&there[..there.len().min(MOST_TEXT)], there.len() > MOST_TEXT)
            }
            None => Held::Nothing,
        };
        match self.kind {
            Kind::FoxPro => match (word(0).map(u32::from_be_bytes), word(4).map(u32::from_be_bytes)) {
                (Some(1), Some(length)) => text(8, length as usize),
                (Some(0 | 2), Some(_)) => Held::Binary,
                _ => Held::Nothing,
            },
            Kind::Dbase if rest.starts_with(&[0xFF, 0xFF, 0x08, 0]) => match word(4).map(u32::from_le_bytes) {
                Some(length @ 8..) => text(8, length as usize - 8),
                _ => Held::Nothing,
            },
            Kind::Dbase => {
                // Longer ones are cut, so nothing is looked for beyond.
                let near = &rest[..rest.len().min(MOST_TEXT + 1)];
                match (rest.is_empty(), memchr::memchr(0x1A, near)) {
                    (true, _) => Held::Nothing,
                    (false, end) => text(0, end.unwrap_or(near.len())),
                }
            }
        }
    }

    /// Whether that many bytes more may be given; where they may, they count as given.
    pub(super) fn may_give(&self, count: usize) -> bool {
        let most = self.bytes.len().saturating_mul(MOST_TIMES).saturating_add(MOST_BESIDE);
        self.given.fetch_add(count, Ordering::Relaxed).saturating_add(count) <= most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(width: usize) -> TableField {
        TableField { raw_name: Vec::new(), name: String::new(), kind: b'M', offset: 1, width, decimals: 0 }
    }

    #[test]
    fn cells_name_blocks() {
        let check = |width: usize, raw: &[u8], expected: Option<usize>| {
            assert_eq!(block(&field(width), raw), expected, "{raw:?}");
        };
        check(10, b"        12", Some(12));
        check(10, b"0000000012", Some(12));
        check(10, b"          ", None);
        check(10, b"0000000000", None);
        check(10, b"abc", None);
        check(4, &48u32.to_le_bytes(), Some(48));
        check(4, &[0; 4], None);
    }

    #[test]
    fn texts_are_found_in_every_kind_of_file() {
        let mut third = vec![0; 512];
        third.extend_from_slice(b"first\x1A\x1A");
        third.resize(1024, 0);
        third.extend_from_slice(b"no end");
        let third = Memo::new(third, "dbt", 0x83);
        assert_eq!(third.held(1), Held::Text(b"first", false));
        assert_eq!(third.held(2), Held::Text(b"no end", false));
        assert_eq!((third.held(3), third.held(usize::MAX)), (Held::Nothing, Held::Nothing));
        let mut fourth = vec![0; 64];
        fourth[20] = 64;
        fourth.extend_from_slice(&[0xFF, 0xFF, 8, 0, 14, 0, 0, 0]);
        fourth.extend_from_slice(b"second and more");
        let fourth = Memo::new(fourth, "dbt", 0x8B);
        assert_eq!(fourth.held(1), Held::Text(b"second", false));
        let mut fox = vec![0; 64];
        fox[7] = 32;
        for (kind, text) in [(1u32, &b"third"[..]), (0, &b"\x89PNG"[..]), (1, &b"cut off"[..])] {
            fox.extend_from_slice(&kind.to_be_bytes());
            fox.extend_from_slice(&(text.len() as u32 + u32::from(text == b"cut off") * 99).to_be_bytes());
            fox.extend_from_slice(text);
            fox.resize(fox.len().next_multiple_of(32), 0);
        }
        let length = fox.len();
        let fox = Memo::new(fox, "fpt", 0x30);
        assert_eq!(fox.held(2), Held::Text(b"third", false));
        assert_eq!(fox.held(3), Held::Binary);
        assert!(matches!(fox.held(4), Held::Text(text, false) if text.starts_with(b"cut off")));
        assert!(fox.may_give(4 * length) && !fox.may_give(MOST_BESIDE + 1));
    }

    #[test]
    fn long_texts_are_cut() {
        let mut bytes = vec![0; 512];
        bytes.resize(512 + MOST_TEXT + 100, b'a');
        let memo = Memo::new(bytes, "dbt", 0x83);
        assert!(matches!(memo.held(1), Held::Text(text, true) if text.len() == MOST_TEXT));
    }
}
