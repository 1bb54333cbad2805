//! A table of a geodatabase as bytes: header, fields, rows, and the index of where they lie.

use super::grid::WriteGrid;
use crate::model::Extent;

/// What a field holds.
#[derive(Clone, Debug)]
pub(super) enum FieldKind {
    Int16,
    Int32,
    Float64,
    /// Text of at most so many characters.
    Text(u32),
    /// A day, with its time.
    Moment,
    ObjectId,
    Geometry {
        wkt: String,
        grid: WriteGrid,
        extent: Extent,
    },
    Binary,
    Guid,
    GlobalId,
    Xml,
}

/// A field of a table.
#[derive(Clone, Debug)]
pub(super) struct TableField {
    pub(super) name: String,
    pub(super) alias: String,
    pub(super) kind: FieldKind,
    pub(super) is_nullable: bool,
    /// The list of what its codes mean.
    pub(super) domain: Option<String>,
}

impl TableField {
    pub(super) fn new(name: &str, kind: FieldKind, is_nullable: bool) -> Self {
        Self { name: name.to_owned(), alias: String::new(), kind, is_nullable, domain: None }
    }
}

/// Adds a whole number of seven bits a byte, the lowest first.
pub(super) fn varuint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 & 0x7F | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// As [`varuint`], with the sign in the second highest bit of the first byte.
pub(super) fn varint(out: &mut Vec<u8>, value: i64) {
    let sign = if value < 0 { 0x40 } else { 0 };
    let rest = value.unsigned_abs();
    let first = (rest & 0x3F) as u8 | sign;
    if rest < 0x40 {
        return out.push(first);
    }
    out.push(first | 0x80);
    varuint(out, rest >> 6);
}

/// Adds bytes with their count before them.
pub(super) fn counted(out: &mut Vec<u8>, bytes: &[u8]) {
    varuint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Adds text of two bytes a character, its count in one byte before it.
fn short_text(out: &mut Vec<u8>, text: &str) {
    let units: Vec<u16> = text.encode_utf16().take(255).collect();
    out.push(units.len() as u8);
    units.iter().for_each(|unit| out.extend_from_slice(&unit.to_le_bytes()));
}

/// What the header says of the geometry of a table.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TableCode {
    /// 1 points, 2 multipoints, 3 lines, 4 polygons, 0 none.
    pub(super) kind: u8,
    pub(super) has_z: bool,
}

/// A table that is being written.
pub(super) struct TableWriter {
    bytes: Vec<u8>,
    null_bytes: usize,
    offsets: Vec<u64>,
    largest: u32,
}

const HEAD: usize = 40;
/// Bytes of an offset in the index, and offsets of a page.
const WIDTH: usize = 5;
const PAGE: usize = 1024;

impl TableWriter {
    pub(super) fn new(fields: &[TableField], code: TableCode) -> Self {
        let mut bytes = vec![0; HEAD];
        let mut section = Vec::new();
        section.extend_from_slice(&4u32.to_le_bytes());
        // Texts are UTF-8; heights are in the highest bit.
        let flags = if code.kind == 0 { 1 } else { 3 };
        section.extend_from_slice(&[code.kind, flags, 0, if code.has_z { 0x80 } else { 0 }]);
        section.extend_from_slice(&(fields.len() as u16).to_le_bytes());
        for field in fields {
            short_text(&mut section, &field.name);
            short_text(&mut section, &field.alias);
            describe(field, code, &mut section);
        }
        section.extend_from_slice(&[0xDE, 0xAD, 0xBE, 0xEF]);
        bytes.extend_from_slice(&(section.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&section);
        let nullable = fields.iter().filter(|field| field.is_nullable).count();
        Self { bytes, null_bytes: nullable.div_ceil(8), offsets: Vec::new(), largest: section.len() as u32 }
    }

    /// Bytes of a row that say which cells have no value.
    pub(super) fn null_bytes(&self) -> usize {
        self.null_bytes
    }

    /// Adds rows that lie one after the other in `bytes`, each of its length.
    pub(super) fn rows(&mut self, bytes: &[u8], lengths: &[u32]) {
        let mut at = 0;
        for length in lengths {
            self.offsets.push(self.bytes.len() as u64);
            self.bytes.extend_from_slice(&length.to_le_bytes());
            self.bytes.extend_from_slice(&bytes[at..at + *length as usize]);
            at += *length as usize;
            self.largest = self.largest.max(*length);
        }
    }

    /// Adds one row.
    pub(super) fn row(&mut self, bytes: &[u8]) {
        self.rows(bytes, &[bytes.len() as u32]);
    }

    /// The table and its index.
    pub(super) fn finish(mut self) -> (Vec<u8>, Vec<u8>) {
        let count = self.offsets.len() as u32;
        let length = self.bytes.len() as u64;
        for (at, number) in [(0, 3), (4, count), (8, self.largest), (12, 5)] {
            self.bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
        }
        self.bytes[24..32].copy_from_slice(&length.to_le_bytes());
        self.bytes[32..40].copy_from_slice(&(HEAD as u64).to_le_bytes());
        let pages = self.offsets.len().div_ceil(PAGE);
        let mut index = Vec::with_capacity(32 + pages * PAGE * WIDTH);
        for number in [3, pages as u32, count, WIDTH as u32] {
            index.extend_from_slice(&number.to_le_bytes());
        }
        for offset in &self.offsets {
            index.extend_from_slice(&offset.to_le_bytes()[..WIDTH]);
        }
        index.resize(16 + pages * PAGE * WIDTH, 0);
        for number in [0, pages as u32, pages as u32, 0] {
            index.extend_from_slice(&number.to_le_bytes());
        }
        (self.bytes, index)
    }
}

/// Adds what stands of a field after its names.
fn describe(field: &TableField, code: TableCode, out: &mut Vec<u8>) {
    let flags = 4 | u8::from(field.is_nullable);
    match &field.kind {
        FieldKind::Int16 => out.extend_from_slice(&[0, 2, flags, 0]),
        FieldKind::Int32 => out.extend_from_slice(&[1, 4, flags, 0]),
        FieldKind::Float64 => out.extend_from_slice(&[3, 8, flags, 0]),
        FieldKind::Text(width) => {
            out.push(4);
            out.extend_from_slice(&width.to_le_bytes());
            out.extend_from_slice(&[flags, 0]);
        }
        FieldKind::Moment => out.extend_from_slice(&[5, 8, flags, 0]),
        FieldKind::ObjectId => out.extend_from_slice(&[6, 4, 2]),
        FieldKind::Binary => out.extend_from_slice(&[8, 0, flags]),
        FieldKind::Guid => out.extend_from_slice(&[10, 38, flags]),
        FieldKind::GlobalId => out.extend_from_slice(&[11, 38, flags]),
        FieldKind::Xml => out.extend_from_slice(&[12, 0, flags]),
        FieldKind::Geometry { wkt, grid, extent } => {
            out.extend_from_slice(&[7, 0, 7]);
            let units: Vec<u8> = wkt.encode_utf16().flat_map(u16::to_le_bytes).collect();
            out.extend_from_slice(&(units.len() as u16).to_le_bytes());
            out.extend_from_slice(&units);
            // Origins, scales and tolerances of measures and heights stand there as well.
            out.push(7);
            let numbers = [
                grid.origin[0],
                grid.origin[1],
                grid.scale,
                -100_000.0,
                10_000.0,
                grid.z.0,
                grid.z.1,
                grid.tolerance,
                0.001,
                0.001,
            ];
            numbers.iter().for_each(|number| out.extend_from_slice(&number.to_le_bytes()));
            let of = if extent.is_empty() {
                [f64::NAN; 4]
            } else {
                [extent.min.x, extent.min.y, extent.max.x, extent.max.y]
            };
            of.iter().for_each(|number| out.extend_from_slice(&number.to_le_bytes()));
            if code.has_z {
                [grid.z_range.0, grid.z_range.1].iter().for_each(|number| out.extend_from_slice(&number.to_le_bytes()));
            }
            out.push(0);
            out.extend_from_slice(&1u32.to_le_bytes());
            out.extend_from_slice(&grid.cell.to_le_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::cursor::Cursor;
    use super::*;

    #[test]
    fn numbers_come_back() {
        for value in [0, 1, 63, 64, 127, 128, 8191, 1 << 40, i64::MAX >> 1] {
            for value in [value, -value] {
                let mut bytes = Vec::new();
                varint(&mut bytes, value);
                assert_eq!(Cursor::new(&bytes).varint(), Some(value));
            }
            let mut bytes = Vec::new();
            varuint(&mut bytes, value as u64);
            assert_eq!(Cursor::new(&bytes).varuint(), Some(value as u64));
        }
    }
}
