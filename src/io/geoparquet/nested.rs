//! Coordinates in lists: features put together of the levels of their columns.
//!
//! An entry says by its repetition which of the lists it goes on, and by its definition how much of it is there (Melnik
//! and others, Dremel, 2010). What comes of a row is written as well-known binary, whose reader checks it.

use parquet::errors::{ParquetError, Result};
use parquet::file::reader::RowGroupReader;

use super::column::Column;
use super::schema::Shape;

/// The columns of coordinates.
pub(super) struct Nested {
    shape: Shape,
    x: Column,
    y: Column,
    z: Option<Column>,
    /// Whether a row may have none.
    is_optional: bool,
    /// The next entry.
    entry: usize,
}

/// What a row came to.
pub(super) enum Came {
    Null,
    /// Well-known binary.
    Is(Vec<u8>),
}

impl Nested {
    pub(super) fn open(
        group: &dyn RowGroupReader,
        shape: Shape,
        [x, y]: [usize; 2],
        z: Option<usize>,
        start: usize,
    ) -> Result<Self> {
        let open = |leaf: usize| Column::open(group, leaf, start);
        let descriptor = group.metadata().schema_descr();
        for leaf in [x, y].into_iter().chain(z) {
            if descriptor.column(leaf).max_rep_level() != shape.depth() {
                return Err(ParquetError::General("lists of another depth than the encoding has".to_owned()));
            }
        }
        let is_optional = descriptor.get_column_root(x).is_optional();
        Ok(Self { shape, x: open(x)?, y: open(y)?, z: z.map(open).transpose()?, is_optional, entry: 0 })
    }

    pub(super) fn load(&mut self, count: usize) -> Result<usize> {
        self.entry = 0;
        let found = self.x.load(count)?;
        let others = [Some(&mut self.y), self.z.as_mut()];
        for other in others.into_iter().flatten() {
            if other.load(count)? != found || other.reps != self.x.reps {
                return Err(ParquetError::General("coordinates of different lengths".to_owned()));
            }
        }
        Ok(found)
    }

    /// The geometry of the next row.
    pub(super) fn next(&mut self) -> Came {
        let depth = self.shape.depth();
        let mut parts = Parts::default();
        let mut is_null = false;
        let mut is_first = true;
        loop {
            let rep = self.x.reps.get(self.entry).copied().unwrap_or(0);
            // Without lists each entry is a row of its own.
            if !is_first && (depth == 0 || rep == 0 || self.entry >= self.x.reps.len()) {
                break;
            }
            let def = self.x.defs.get(self.entry).copied().unwrap_or(self.x.max_def);
            self.entry += 1;
            self.x.advance();
            self.y.advance();
            let z = self.z.as_mut().map(|z| {
                z.advance();
                z.number().unwrap_or(f64::NAN)
            });
            if is_first {
                is_null = def == 0 && self.is_optional;
                parts.begin(true, true);
            } else {
                // In lists of lists of points, what goes on the middle list begins a ring, what goes on the outer a part.
                parts.begin(depth == 3 && rep == 1, rep < depth);
            }
            is_first = false;
            if let (Some(x), Some(y)) = (self.x.number(), self.y.number()) {
                parts.coords.push([x, y, z.unwrap_or(f64::NAN)]);
            }
        }
        if is_null { Came::Null } else { Came::Is(parts.binary(self.shape, self.z.is_some())) }
    }
}

/// Coordinates in rings in parts.
#[derive(Default)]
struct Parts {
    coords: Vec<[f64; 3]>,
    /// Where rings begin among the coordinates, and parts among the rings.
    rings: Vec<usize>,
    parts: Vec<usize>,
}

impl Parts {
    fn begin(&mut self, part: bool, ring: bool) {
        if part {
            self.parts.push(self.rings.len());
        }
        if ring {
            self.rings.push(self.coords.len());
        }
    }

    /// As well-known binary.
    fn binary(&self, shape: Shape, has_z: bool) -> Vec<u8> {
        let mut out = Vec::with_capacity(32 + 24 * self.coords.len());
        let head = |out: &mut Vec<u8>, code: u32| {
            out.push(1);
            out.extend_from_slice(&(code + if has_z { 1000 } else { 0 }).to_le_bytes());
        };
        let count = |out: &mut Vec<u8>, count: usize| out.extend_from_slice(&(count as u32).to_le_bytes());
        let coord = |out: &mut Vec<u8>, c: &[f64; 3]| {
            let numbers = if has_z { 3 } else { 2 };
            c[..numbers].iter().for_each(|number| out.extend_from_slice(&number.to_le_bytes()));
        };
        let ring = |at: usize| {
            let end = self.rings.get(at + 1).copied().unwrap_or(self.coords.len());
            &self.coords[self.rings[at]..end]
        };
        // Rings without coordinates stand for lists that are empty.
        let filled = |from: usize, to: usize| (from..to).map(ring).filter(|ring| !ring.is_empty()).collect::<Vec<_>>();
        let list = |out: &mut Vec<u8>, coords: &[[f64; 3]]| {
            count(out, coords.len());
            coords.iter().for_each(|c| coord(out, c));
        };
        let polygon = |out: &mut Vec<u8>, rings: &[&[[f64; 3]]]| {
            head(out, 3);
            count(out, rings.len());
            rings.iter().for_each(|ring| list(out, ring));
        };
        match shape {
            Shape::Point => {
                head(&mut out, 1);
                coord(&mut out, self.coords.first().unwrap_or(&[f64::NAN; 3]));
            }
            Shape::MultiPoint => {
                head(&mut out, 4);
                count(&mut out, self.coords.len());
                for c in &self.coords {
                    head(&mut out, 1);
                    coord(&mut out, c);
                }
            }
            Shape::Line => {
                head(&mut out, 2);
                list(&mut out, &self.coords);
            }
            Shape::MultiLine => {
                let paths = filled(0, self.rings.len());
                head(&mut out, 5);
                count(&mut out, paths.len());
                for path in paths {
                    head(&mut out, 2);
                    list(&mut out, path);
                }
            }
            Shape::Polygon => polygon(&mut out, &filled(0, self.rings.len())),
            Shape::MultiPolygon => {
                let ends = self.parts.iter().skip(1).copied().chain([self.rings.len()]);
                let parts = self.parts.iter().zip(ends).map(|(from, to)| filled(*from, to));
                let parts: Vec<_> = parts.filter(|rings| !rings.is_empty()).collect();
                head(&mut out, 6);
                count(&mut out, parts.len());
                parts.iter().for_each(|rings| polygon(&mut out, rings));
            }
        }
        out
    }
}
