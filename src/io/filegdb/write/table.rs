//! A table of a geodatabase as bytes: header, fields, rows, and the index of where they lie.

use super::grid::WriteGrid;
use crate::model::Extent;

/// What a field holds.
#[derive(Clone, Debug)]
pub(super) enum FieldKind {
    Int16,
    Int32,
    Int64,
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
    pub(super) has_m: bool,
}

/// A table that is being written.
pub(super) struct TableWriter {
    bytes: Vec<u8>,
    null_bytes: usize,
    offsets: Vec<u64>,
    /// The ids of the rows, which ascend; they count from 1 where there are none.
    ids: Option<Vec<u32>>,
    largest: u32,
}

const HEAD: usize = 40;
/// Bytes of an offset in the index, and offsets of a page.
const WIDTH: usize = 5;
pub(super) const PAGE: usize = 1024;
/// The map of pages that are there is so many numbers of 32 bits long, or a multiple of that.
const MAP_WORDS: usize = 32;

impl TableWriter {
    pub(super) fn new(fields: &[TableField], code: TableCode) -> Self {
        let mut bytes = vec![0; HEAD];
        let mut section = Vec::new();
        section.extend_from_slice(&4u32.to_le_bytes());
        // Texts are UTF-8; heights are in the highest bit, measures in the one below it.
        let flags = if code.kind == 0 { 1 } else { 3 };
        section.extend_from_slice(&[code.kind, flags, 0, u8::from(code.has_z) << 7 | u8::from(code.has_m) << 6]);
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
        let largest = section.len() as u32;
        Self { bytes, null_bytes: nullable.div_ceil(8), offsets: Vec::new(), ids: None, largest }
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

    /// Gives the rows these ids, which ascend.
    pub(super) fn with_ids(self, ids: Option<Vec<u32>>) -> Self {
        Self { ids, ..self }
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
        let index = offsets(&self.offsets, self.ids.as_deref());
        (self.bytes, index)
    }
}

/// The index of where rows lie: pages of offsets by id, those without any left out, and where some are, a map of the rest.
fn offsets(offsets: &[u64], ids: Option<&[u32]>) -> Vec<u8> {
    let id = |at: usize| ids.map_or(at + 1, |ids| ids[at] as usize);
    let last = offsets.len().checked_sub(1).map_or(0, id);
    let page_count = last.div_ceil(PAGE);
    let word_count = page_count.div_ceil(32 * MAP_WORDS) * MAP_WORDS;
    let mut map = vec![0u8; 4 * word_count];
    let head = 16;
    let mut index = vec![0u8; head];
    let (mut present, mut open) = (0, None);
    for (at, offset) in offsets.iter().enumerate() {
        let place = id(at) - 1;
        let page = place / PAGE;
        if open != Some(page) {
            open = Some(page);
            present += 1;
            map[page / 8] |= 1 << (page % 8);
            index.resize(head + present * PAGE * WIDTH, 0);
        }
        let start = head + ((present - 1) * PAGE + place % PAGE) * WIDTH;
        index[start..start + WIDTH].copy_from_slice(&offset.to_le_bytes()[..WIDTH]);
    }
    let number = |number: usize| (number as u32).to_le_bytes();
    for (at, value) in [3, present, last, WIDTH].into_iter().enumerate() {
        index[4 * at..4 * at + 4].copy_from_slice(&number(value));
    }
    let is_sparse = present < page_count;
    // Of a map the last number says up to where it holds anything.
    let (words, filled) = if is_sparse { (word_count, page_count.div_ceil(32)) } else { (0, 0) };
    [words, page_count, present, filled].into_iter().for_each(|value| index.extend_from_slice(&number(value)));
    if is_sparse {
        index.extend_from_slice(&map);
    }
    index
}

/// Adds what stands of a field after its names.
fn describe(field: &TableField, code: TableCode, out: &mut Vec<u8>) {
    let flags = 4 | u8::from(field.is_nullable);
    match &field.kind {
        FieldKind::Int16 => out.extend_from_slice(&[0, 2, flags, 0]),
        FieldKind::Int32 => out.extend_from_slice(&[1, 4, flags, 0]),
        FieldKind::Int64 => out.extend_from_slice(&[13, 8, flags, 0]),
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
                grid.m.0,
                grid.m.1,
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
            for (_, range) in [(code.has_z, grid.z_range), (code.has_m, grid.m_range)].iter().filter(|(has, _)| *has) {
                [range.0, range.1].iter().for_each(|number| out.extend_from_slice(&number.to_le_bytes()));
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
    use super::super::super::table::Table;
    use super::*;

    #[test]
    fn rows_keep_their_ids() {
        let fields = [TableField::new("ID", FieldKind::ObjectId, false), TableField::new("N", FieldKind::Int32, false)];
        let check = |ids: Option<Vec<u32>>, count: u32| {
            let mut table = TableWriter::new(&fields, TableCode::default()).with_ids(ids.clone());
            (0..count).for_each(|at| table.row(&at.to_le_bytes()));
            let (bytes, index) = table.finish();
            let read = Table::new(bytes, Some(&index)).expect("a table");
            let expected: Vec<i64> =
                (0..count as usize).map(|at| ids.as_ref().map_or(at as i64 + 1, |ids| ids[at].into())).collect();
            assert_eq!(read.places.iter().map(|place| place.id).collect::<Vec<i64>>(), expected);
            let rows = read.places.iter().map(|place| read.row(place).to_vec());
            assert!(rows.eq((0..count).map(|at| at.to_le_bytes().to_vec())) && read.issues.is_empty());
            index.len()
        };
        assert_eq!(check(None, 0), 32);
        assert_eq!(check(None, 1025), 16 + 2 * PAGE * WIDTH + 16);
        assert_eq!(check(Some(vec![7, 8, 1024]), 3), 16 + PAGE * WIDTH + 16);
        // Pages without rows are left out; the map says which are there.
        assert_eq!(check(Some(vec![1, 2000, 4_000_000]), 3), 16 + 3 * PAGE * WIDTH + 16 + 4 * 128);
    }

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
