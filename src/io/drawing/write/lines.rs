//! Lines of a DXF: group codes and values, text as GBK.

use super::MODEL;
use crate::model::Coord;

/// Lines of a DXF, in GBK.
#[derive(Default)]
pub(super) struct Lines {
    pub(super) bytes: Vec<u8>,
}

impl Lines {
    pub(super) fn text(&mut self, code: u16, text: &str) {
        self.bytes.extend_from_slice(format!("{code:>3}\r\n").as_bytes());
        encode(text, &mut self.bytes);
        self.bytes.extend_from_slice(b"\r\n");
    }

    pub(super) fn whole(&mut self, code: u16, value: i64) {
        self.text(code, &value.to_string());
    }

    pub(super) fn handle(&mut self, code: u16, handle: u64) {
        self.text(code, &format!("{handle:X}"));
    }

    pub(super) fn number(&mut self, code: u16, value: f64) {
        let text = value.to_string();
        self.text(code, &if text.contains('.') { text } else { format!("{text}.0") });
    }

    pub(super) fn point(&mut self, code: u16, [x, y, z]: [f64; 3]) {
        self.number(code, x);
        self.number(code + 10, y);
        self.number(code + 20, z);
    }

    pub(super) fn flat(&mut self, code: u16, at: Coord) {
        self.number(code, at.x);
        self.number(code + 10, at.y);
    }

    pub(super) fn texts(&mut self, pairs: &[(u16, &str)]) {
        pairs.iter().for_each(|(code, text)| self.text(*code, text));
    }

    /// The start of an entity of model space.
    pub(super) fn entity(&mut self, kind: &str, handle: u64, layer: &str, class: &str) {
        self.text(0, kind);
        self.handle(5, handle);
        self.handle(330, MODEL);
        self.texts(&[(100, "AcDbEntity"), (8, layer), (100, class)]);
    }

    /// The start of a table.
    pub(super) fn table(&mut self, name: &str, handle: u64, count: usize) {
        self.texts(&[(0, "TABLE"), (2, name)]);
        self.handle(5, handle);
        self.handle(330, 0);
        self.text(100, "AcDbSymbolTable");
        self.whole(70, count as i64);
    }

    /// The start of an entry of a table.
    pub(super) fn entry(&mut self, kind: &str, handle: u64, table: u64, class: &str, name: &str) {
        self.text(0, kind);
        self.handle(if kind == "DIMSTYLE" { 105 } else { 5 }, handle);
        self.handle(330, table);
        self.texts(&[(100, "AcDbSymbolTableRecord"), (100, class), (2, name)]);
    }
}

/// Text as GBK in one line; what GBK lacks as its number.
pub(super) fn encode(text: &str, out: &mut Vec<u8>) {
    let mut piece = [0; 4];
    for sign in text.chars() {
        match sign {
            '\r' | '\n' | '\t' => out.push(b' '),
            '^' => out.extend_from_slice(b"^ "),
            sign if sign.is_ascii() => out.push(sign as u8),
            sign => {
                let (bytes, _, is_lost) = encoding_rs::GBK.encode(sign.encode_utf8(&mut piece));
                // Two bytes are GBK everywhere; one is a later addition.
                if is_lost || bytes.len() != 2 {
                    for unit in sign.encode_utf16(&mut [0; 2]) {
                        out.extend_from_slice(format!("\\U+{unit:04X}").as_bytes());
                    }
                } else {
                    out.extend_from_slice(&bytes);
                }
            }
        }
    }
}
