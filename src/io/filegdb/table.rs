//! One table of a geodatabase: its fields, and where its rows lie.
//!
//! Rows lie in the table in any order, each with its length before it; the index beside it (`.gdbtablx`) has an offset
//! for each object id, in pages of 1024 that are left out where they are empty. Rows that were deleted have no offset.
//! Neither file is believed beyond the bytes that are there, and rows cannot be more than the table is long.

use rayon::prelude::*;

use super::cursor::{Cursor, utf16};
use crate::model::{GeometryKind, Issue, Severity};
use crate::text::Message;

/// Bytes of the header.
const HEAD: usize = 40;
/// Offsets of a page of the index.
const PAGE: u64 = 1024;
/// How a bitmap of pages is laid out in tables of 64-bit ids: what stands before it, and how long it is.
const WIDE_BITMAP: (usize, usize) = (22, 32_768);

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    Int16,
    Int32,
    Int64,
    Float32,
    Float64,
    Text,
    /// A day and a time.
    Moment,
    /// A day.
    Day,
    /// A time of the day.
    Time,
    /// A day, a time, and how far from UTC it is meant.
    MomentWithOffset,
    /// The object id; rows do not store it.
    ObjectId,
    Geometry,
    Binary,
    /// A raster, by its number elsewhere or as bytes.
    Raster {
        is_number: bool,
    },
    Guid,
    Xml,
}

/// A field of a table.
#[derive(Clone, Debug)]
pub(super) struct TableField {
    pub(super) name: String,
    /// The name that people read; empty where there is none.
    pub(super) alias: String,
    pub(super) holds: Holds,
    pub(super) is_nullable: bool,
}

/// How whole numbers of a table become coordinates.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    /// Well-known text of the CRS.
    pub(super) wkt: String,
    pub(super) origin: [f64; 2],
    pub(super) scale: f64,
    /// Origin and scale of heights, and of measures.
    pub(super) z: (f64, f64),
    pub(super) m: (f64, f64),
}

/// Where a row lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) id: i64,
    start: usize,
    length: u32,
}

/// A table in memory.
pub(super) struct Table {
    bytes: Vec<u8>,
    pub(super) fields: Vec<TableField>,
    /// Whether texts are UTF-8; otherwise UTF-16.
    pub(super) is_utf8: bool,
    /// What its geometry is; `None` for a table without any, and where that is a surface in space.
    pub(super) kind: Option<GeometryKind>,
    /// How its geometry is stored, where it has any.
    pub(super) grid: Option<Grid>,
    /// Bytes of a row that say which cells have no value.
    null_bytes: usize,
    /// Where its rows lie, by ascending id.
    pub(super) places: Vec<Place>,
    pub(super) issues: Vec<Issue>,
}

/// Why a table is not read, as a key of the catalogue.
pub(super) type Broken = &'static str;

impl Table {
    /// The table that `bytes` are, with its index.
    ///
    /// # Errors
    /// The key of the reason, where it is no table or has fields of an unknown type.
    pub(super) fn new(bytes: Vec<u8>, index: Option<&[u8]>) -> Result<Self, Broken> {
        let mut head = Cursor::new(&bytes);
        let (version, rows, _) = (head.u32(), head.u32(), head.take(8));
        let wide_rows = head.u64();
        let (_, at) = (head.u64(), head.u64().ok_or("io.gdb-broken")?);
        let is_wide = match version {
            Some(3) => false,
            Some(4) => true,
            _ => return Err("io.gdb-broken"),
        };
        let stated = if is_wide { wide_rows } else { rows.map(u64::from) }.unwrap_or(0);
        let mut table = Self {
            fields: Vec::new(),
            is_utf8: true,
            kind: None,
            grid: None,
            null_bytes: 0,
            places: Vec::new(),
            issues: Vec::new(),
            bytes: Vec::new(),
        };
        let after_fields = table.read_fields(&bytes, at)?;
        table.bytes = bytes;
        table.find_rows(index, is_wide, stated, after_fields);
        Ok(table)
    }

    /// Reads the fields that stand at `at`; gives where what follows them begins.
    fn read_fields(&mut self, bytes: &[u8], at: u64) -> Result<usize, Broken> {
        let broken = || "io.gdb-broken";
        let at = usize::try_from(at).map_err(|_| broken())?;
        let mut cursor = Cursor::new(bytes.get(at..).ok_or_else(broken)?);
        let length = cursor.u32().ok_or_else(broken)? as usize;
        let mut cursor = Cursor::new(cursor.take(length).ok_or_else(broken)?);
        cursor.u32().ok_or_else(broken)?;
        let flags = cursor.take(4).ok_or_else(broken)?;
        self.is_utf8 = flags[1] & 1 != 0;
        self.kind = match flags[0] {
            1 | 2 => Some(GeometryKind::Point),
            3 => Some(GeometryKind::Line),
            4 => Some(GeometryKind::Polygon),
            _ => None,
        };
        for _ in 0..cursor.u16().ok_or_else(broken)? {
            let field = self.field(&mut cursor, flags[3])?;
            self.fields.push(field);
        }
        self.null_bytes = self.fields.iter().filter(|field| field.is_nullable).count().div_ceil(8);
        Ok(at + 4 + length)
    }

    fn field(&mut self, cursor: &mut Cursor<'_>, dimensions: u8) -> Result<TableField, Broken> {
        let broken = || "io.gdb-broken";
        let name = cursor.short_text().ok_or_else(broken)?;
        let alias = cursor.short_text().ok_or_else(broken)?;
        let code = cursor.u8().ok_or_else(broken)?;
        let holds = match code {
            0 => Holds::Int16,
            1 => Holds::Int32,
            2 => Holds::Float32,
            3 => Holds::Float64,
            4 => Holds::Text,
            5 => Holds::Moment,
            6 => Holds::ObjectId,
            7 => Holds::Geometry,
            8 => Holds::Binary,
            9 => Holds::Raster { is_number: false },
            10 | 11 => Holds::Guid,
            12 => Holds::Xml,
            13 => Holds::Int64,
            14 => Holds::Day,
            15 => Holds::Time,
            16 => Holds::MomentWithOffset,
            _ => return Err("io.gdb-unknown-type"),
        };
        let mut field = TableField { name, alias, holds, is_nullable: false };
        let mut read = || {
            let flags = match holds {
                Holds::Geometry | Holds::Raster { .. } => return self.grid(cursor, &mut field, dimensions),
                Holds::Text => {
                    cursor.u32()?;
                    let flags = cursor.u8()?;
                    let default = usize::try_from(cursor.varuint()?).ok()?; // longer than memory is not there
                    cursor.take(if flags & 4 != 0 { default } else { 0 })?;
                    flags
                }
                Holds::ObjectId | Holds::Binary | Holds::Guid | Holds::Xml => {
                    cursor.u8()?;
                    cursor.u8()?
                }
                _ => {
                    cursor.u8()?;
                    let flags = cursor.u8()?;
                    let default = cursor.u8()?;
                    cursor.take(if flags & 4 != 0 { usize::from(default) } else { 0 })?;
                    flags
                }
            };
            field.is_nullable = flags & 1 != 0;
            Some(())
        };
        read().ok_or_else(broken)?;
        Ok(field)
    }

    /// Reads what stands of a field of geometry or of rasters.
    fn grid(&mut self, cursor: &mut Cursor<'_>, field: &mut TableField, dimensions: u8) -> Option<()> {
        let is_raster = field.holds != Holds::Geometry;
        cursor.u8()?;
        field.is_nullable = cursor.u8()? & 1 != 0;
        if is_raster {
            cursor.short_text()?;
        }
        let length = cursor.u16()?;
        let wkt = utf16(cursor.take(usize::from(length))?);
        let stored = cursor.u8()?;
        let mut grid = Grid { wkt, origin: [0.0; 2], scale: 1.0, z: (0.0, 1.0), m: (0.0, 1.0) };
        if !is_raster || stored > 0 {
            grid.origin = [cursor.f64()?, cursor.f64()?];
            grid.scale = cursor.f64()?;
            let (has_m, has_z) = (stored & 2 != 0, stored & 4 != 0);
            if has_m {
                grid.m = (cursor.f64()?, cursor.f64()?);
            }
            if has_z {
                grid.z = (cursor.f64()?, cursor.f64()?);
            }
            cursor.take(8 * (1 + usize::from(has_m) + usize::from(has_z)))?;
        }
        if is_raster {
            field.holds = Holds::Raster { is_number: cursor.u8()? == 1 };
            return Some(());
        }
        // Its extent: of x and y, then of heights and of measures where the table says that it has them.
        let ranges = 2 + usize::from(dimensions & 0x80 != 0) + usize::from(dimensions & 0x40 != 0);
        cursor.take(16 * ranges + 1)?;
        let cells = cursor.u32().filter(|count| *count <= 3)?;
        cursor.take(8 * cells as usize)?;
        let is_usable = |scale: f64| scale.is_finite() && scale != 0.0;
        if !is_usable(grid.scale) || !grid.origin.iter().all(|v| v.is_finite()) {
            return None;
        }
        for (origin, scale) in [&mut grid.z, &mut grid.m] {
            if !is_usable(*scale) || !origin.is_finite() {
                (*origin, *scale) = (0.0, 1.0);
            }
        }
        self.grid.get_or_insert(grid);
        Some(())
    }

    /// Finds the rows by the index; where it is missing or contradicts itself, one after the other.
    fn find_rows(&mut self, index: Option<&[u8]>, is_wide: bool, stated: u64, after_fields: usize) {
        let offsets = index.and_then(|index| offsets(index, is_wide));
        if offsets.is_none() && stated > 0 {
            let key = if index.is_some() { "io.gdb-bad-index" } else { "io.gdb-no-index" };
            self.issues.push(Issue::new(Severity::Warning, Message::new(key)));
        }
        let (mut torn, mut total) = (0u64, 0usize);
        match offsets {
            Some(offsets) => {
                // How long a row is stands in the table, where nothing of it was looked at yet: that waits for memory.
                let place = |(id, offset): &(i64, u64)| {
                    let place = usize::try_from(*offset).ok().and_then(|at| self.row_at(at)); // beyond all memory
                    place.map(|place| Place { id: *id, ..place })
                };
                let places: Vec<Option<Place>> = offsets.par_iter().map(place).collect();
                for place in places {
                    match place {
                        // Rows that together are longer than the table lie on each other.
                        Some(place) if total + place.length as usize <= self.bytes.len() => {
                            total += place.length as usize;
                            self.places.push(place);
                        }
                        _ => torn += 1,
                    }
                }
            }
            None if stated > 0 => self.walk(if after_fields > HEAD { after_fields } else { HEAD }),
            None => {}
        }
        if torn > 0 {
            let message = Message::new("io.gdb-rows-beyond").with("count", torn);
            self.issues.push(Issue::new(Severity::Error, message));
        } else if self.places.len() as u64 != stated {
            let message = Message::new("io.gdb-row-count").with("count", stated).with("found", self.places.len());
            self.issues.push(Issue::new(Severity::Warning, message));
        }
    }

    /// The row whose length stands at `at`.
    fn row_at(&self, at: usize) -> Option<Place> {
        let length = Cursor::new(self.bytes.get(at..)?).u32()?;
        let start = at + 4;
        (length <= i32::MAX as u32 && start + length as usize <= self.bytes.len()).then_some(Place {
            id: 0,
            start,
            length,
        })
    }

    /// Finds rows from `at` on, as long as one follows the other; deleted ones have a length below zero.
    fn walk(&mut self, mut at: usize) {
        while let Some(length) = self.bytes.get(at..).and_then(|rest| Cursor::new(rest).i32()) {
            let size = length.unsigned_abs() as usize;
            if size == 0 || at + 4 + size > self.bytes.len() {
                break;
            }
            if let (true, Some(place)) = (length > 0, self.row_at(at)) {
                self.places.push(Place { id: self.places.len() as i64 + 1, ..place });
            }
            at += 4 + size;
        }
    }

    /// The bytes of a row.
    pub(super) fn row(&self, place: &Place) -> &[u8] {
        &self.bytes[place.start..place.start + place.length as usize]
    }

    /// Bytes that rows take, for cutting a table into blocks.
    pub(super) fn row_bytes(place: &Place) -> usize {
        place.length as usize
    }

    /// Calls `each` with every cell of a row that has a value and the number of its field; `false` where the row ends
    /// before its last field.
    #[inline]
    pub(super) fn cells<'a>(&'a self, row: &'a [u8], mut each: impl FnMut(usize, Cell<'a>)) -> bool {
        let mut cursor = Cursor::new(row);
        let Some(nulls) = cursor.take(self.null_bytes) else { return false };
        let mut bit = 0;
        for (at, field) in self.fields.iter().enumerate() {
            if field.is_nullable {
                bit += 1;
                if nulls[(bit - 1) / 8] & 1 << ((bit - 1) % 8) != 0 {
                    continue;
                }
            }
            let cell = match field.holds {
                Holds::ObjectId => continue,
                Holds::Int16 => cursor.i16().map(|v| Cell::Int(v.into())),
                Holds::Int32 => cursor.i32().map(|v| Cell::Int(v.into())),
                Holds::Int64 => cursor.i64().map(Cell::Int),
                Holds::Float32 => cursor.f32().map(|v| Cell::Float(v.into())),
                Holds::Float64 | Holds::Moment | Holds::Day | Holds::Time => cursor.f64().map(Cell::Float),
                Holds::MomentWithOffset => cursor.f64().and_then(|v| Some(Cell::Stamp(v, cursor.i16()?))),
                Holds::Guid => cursor.take(16).map(Cell::Bytes),
                Holds::Raster { is_number: true } => cursor.take(4).map(Cell::Bytes),
                Holds::Text | Holds::Xml | Holds::Geometry | Holds::Binary | Holds::Raster { .. } => {
                    cursor.counted().map(Cell::Bytes)
                }
            };
            match cell {
                Some(cell) => each(at, cell),
                None => return false,
            }
        }
        true
    }
}

/// What a row holds for a field.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cell<'a> {
    Int(i64),
    Float(f64),
    /// Days and minutes from UTC.
    Stamp(f64, i16),
    Bytes(&'a [u8]),
}

/// Ids and offsets of the rows that an index lists; `None` where it contradicts itself.
fn offsets(index: &[u8], is_wide: bool) -> Option<Vec<(i64, u64)>> {
    let mut cursor = Cursor::new(index);
    let version = cursor.u32()?;
    if version != if is_wide { 4 } else { 3 } {
        return None;
    }
    let (pages, mut total) = match is_wide {
        true => (cursor.u64()?, u64::MAX),
        false => (u64::from(cursor.u32()?), u64::from(cursor.u32()?)),
    };
    let width = cursor.u32().filter(|width| (4..=6).contains(width))? as usize;
    let body_bytes = usize::try_from(pages.checked_mul(PAGE * width as u64)?).ok()?;
    let body = cursor.take(body_bytes)?;
    let mut bitmap: Option<&[u8]> = None;
    if pages > 0 && is_wide {
        total = cursor.u64()?;
        let length = cursor.u32()? as usize;
        let section = cursor.take(length)?;
        let (before, bytes) = WIDE_BITMAP;
        if length > 0 {
            bitmap = section.get(before..before + bytes);
            // Pages whose places are not known: their rows are there, but not the ids.
            total = if bitmap.is_some() { total } else { u64::MAX };
        }
    } else if pages > 0 {
        let words = cursor.u32()?;
        let bits = cursor.u32()?;
        let (_, _) = (cursor.u32()?, cursor.u32()?);
        if words > 0 {
            bitmap = Some(cursor.take(bits.div_ceil(8) as usize)?);
        }
    }
    let present: Vec<u64> = match bitmap {
        None => (0..pages).collect(),
        Some(bitmap) => {
            let bits = (0..8 * bitmap.len() as u64).filter(|bit| bitmap[(bit / 8) as usize] & 1 << (bit % 8) != 0);
            bits.collect()
        }
    };
    if (present.len() as u64) < pages {
        return None;
    }
    let mut found = Vec::new();
    for (page, slots) in present.iter().zip(body.chunks_exact(PAGE as usize * width)) {
        for (slot, bytes) in slots.chunks_exact(width).enumerate() {
            let mut wide = [0; 8];
            wide[..width].copy_from_slice(bytes);
            let offset = u64::from_le_bytes(wide);
            let row = page * PAGE + slot as u64;
            if offset != 0 && row < total {
                found.push((i64::try_from(row + 1).ok()?, offset));
            }
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An index of these pages, each with one row at its first place.
    fn index(pages: &[u64], total: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        for number in [3, pages.len() as u32, total, 5] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        for page in pages {
            let mut body = vec![0; 5 * 1024];
            body[0] = *page as u8 + 1;
            bytes.extend_from_slice(&body);
        }
        let most = pages.last().copied().unwrap_or(0) as u32 + 1;
        let is_sparse = pages.len() as u32 != most;
        for number in [u32::from(is_sparse), most, pages.len() as u32, 0] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        if is_sparse {
            let mut bitmap = vec![0; most.div_ceil(8) as usize];
            pages.iter().for_each(|page| bitmap[*page as usize / 8] |= 1 << (page % 8));
            bytes.extend_from_slice(&bitmap);
        }
        bytes
    }

    #[test]
    fn pages_that_are_missing_keep_the_ids_of_the_others() {
        assert_eq!(offsets(&index(&[0, 1], 2000), false), Some(vec![(1, 1), (1025, 2)]));
        assert_eq!(offsets(&index(&[1, 9], 20_000), false), Some(vec![(1025, 2), (9217, 10)]));
        // Beyond the number of rows nothing is listed.
        assert_eq!(offsets(&index(&[0, 1], 1024), false), Some(vec![(1, 1)]));
        // More pages than the file has.
        let mut cut = index(&[0, 1], 2000);
        cut.truncate(6000);
        assert_eq!(offsets(&cut, false), None);
        assert_eq!(offsets(&[3, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 5, 0, 0, 0], false), None);
    }

    #[test]
    fn numbers_of_64_bits_are_read() {
        let mut section = 4u32.to_le_bytes().to_vec();
        // Neither geometry nor UTF-16; two fields.
        section.extend_from_slice(&[0, 1, 0, 0, 2, 0]);
        for (name, rest) in [("I", &[6u8, 8, 2][..]), ("N", &[13, 8, 4, 0][..])] {
            section.push(1);
            name.encode_utf16().for_each(|unit| section.extend_from_slice(&unit.to_le_bytes()));
            section.push(0);
            section.extend_from_slice(rest);
        }
        let mut bytes = vec![0u8; HEAD];
        bytes[0] = 4;
        bytes[16] = 1;
        bytes[32] = HEAD as u8;
        bytes.extend_from_slice(&(section.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&section);
        let at = bytes.len() as u32;
        bytes.extend_from_slice(&8u32.to_le_bytes());
        bytes.extend_from_slice(&3_701_992_110_000_006_740i64.to_le_bytes());
        let mut index = 4u32.to_le_bytes().to_vec();
        index.extend_from_slice(&1u64.to_le_bytes());
        index.extend_from_slice(&5u32.to_le_bytes());
        let mut page = vec![0u8; 5 * 1024];
        page[45..49].copy_from_slice(&at.to_le_bytes());
        index.extend_from_slice(&page);
        index.extend_from_slice(&10u64.to_le_bytes());
        index.extend_from_slice(&0u32.to_le_bytes());
        let table = Table::new(bytes, Some(&index)).expect("a table");
        assert_eq!(table.places.iter().map(|place| place.id).collect::<Vec<_>>(), [10]);
        let mut found = Vec::new();
        let is_whole = table.cells(table.row(&table.places[0]), |field, cell| {
            if let Cell::Int(value) = cell {
                found.push((field, value));
            }
        });
        assert!(is_whole && table.issues.is_empty());
        assert_eq!(found, [(1, 3_701_992_110_000_006_740)]);
    }
}
