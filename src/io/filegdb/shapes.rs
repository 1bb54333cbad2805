//! Shapes of a geodatabase to geometry.
//!
//! Coordinates are whole numbers on the grid of their table, each as its distance from the one before it; so are heights
//! and measures. Curves become chords ([`super::curves`]); how many points they may become in a table is
//! bounded, since a few bytes are a whole circle.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::cursor::Cursor;
use super::curves::Curve;
use super::table::Grid;
use crate::io::rings::{RingNotes, Vertices, polygon};
use crate::model::{Coord, GeometryBuilder, GeometryKind};
use crate::task::{Cancelled, Progress};

/// Points that the curves of a table may become.
const MOST_CURVE_POINTS: usize = 20_000_000;

/// What is wrong with a shape that is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It contradicts itself.
    Broken,
    /// A coordinate is not a finite number.
    NotFinite,
    /// A surface in space.
    Multipatch,
    /// It is of another kind than its table.
    OtherKind,
    /// The curves of the table became too many points.
    TooManyPoints,
}

/// What a shape came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Come {
    Null,
    /// Nothing is left of it, though it is no null shape.
    Empty,
    Whole,
}

/// What is to be said of a shape that was read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Notes {
    pub(super) rings: RingNotes,
    pub(super) has_curve: bool,
}

/// Reads the shapes of one table; each thread has its own.
pub(super) struct Shapes<'a> {
    grid: &'a Grid,
    kind: GeometryKind,
    tolerance: f64,
    curve_points: &'a AtomicUsize,
    path: Flat,
    /// What the path of a shape becomes with its curves.
    flat: Flat,
}

/// Coordinates with heights and measures, and where parts begin.
#[derive(Default)]
struct Flat {
    coords: Vec<Coord>,
    heights: Vec<f64>,
    /// None where a shape has none; NaN where a point of it has none.
    measures: Vec<f64>,
    starts: Vec<usize>,
}

impl Flat {
    fn vertices(&self) -> Vertices<'_> {
        Vertices { coords: &self.coords, heights: &self.heights, measures: &self.measures }
    }

    fn clear(&mut self) {
        self.coords.clear();
        self.heights.clear();
        self.measures.clear();
        self.starts.clear();
    }
}

impl<'a> Shapes<'a> {
    /// Of a table on `grid` whose shapes are of `kind`; `tolerance` is how far a chord may leave its curve.
    pub(super) fn new(grid: &'a Grid, kind: GeometryKind, tolerance: f64, curve_points: &'a AtomicUsize) -> Self {
        Self { grid, kind, tolerance, curve_points, path: Flat::default(), flat: Flat::default() }
    }

    /// Adds a shape to the open feature of `builder`, without ending it.
    ///
    /// # Errors
    /// [`Cancelled`]; a [`Fault`] where it cannot be read: the caller rolls back.
    pub(super) fn add(
        &mut self,
        shape: &[u8],
        builder: &mut GeometryBuilder,
        notes: &mut Notes,
        progress: &Progress,
    ) -> Result<Result<Come, Fault>, Cancelled> {
        let mut cursor = Cursor::new(shape);
        let Some(code) = cursor.varuint() else { return Ok(Ok(Come::Null)) };
        let (mut has_z, mut has_m) = (code & 0x8000_0000 != 0, code & 0x4000_0000 != 0);
        let has_curves = code & 0x2000_0000 != 0;
        let (kind, is_multi) = match code & 0xFF {
            0 => return Ok(Ok(Come::Null)),
            1 | 9 | 11 | 21 | 52 => (GeometryKind::Point, false),
            8 | 18 | 20 | 28 | 53 => (GeometryKind::Point, true),
            3 | 10 | 13 | 23 | 50 => (GeometryKind::Line, true),
            5 | 15 | 19 | 25 | 51 => (GeometryKind::Polygon, true),
            31 | 32 | 54 => return Ok(Err(Fault::Multipatch)),
            _ => return Ok(Err(Fault::Broken)),
        };
        if kind != self.kind {
            return Ok(Err(Fault::OtherKind));
        }
        has_z |= matches!(code & 0xFF, 9 | 10 | 11 | 13 | 15 | 18 | 19 | 20);
        has_m |= matches!(code & 0xFF, 11 | 13 | 15 | 18 | 21 | 23 | 25 | 28);
        if !is_multi {
            return Ok(self.point(&mut cursor, has_z, has_m, builder));
        }
        let is_path = kind != GeometryKind::Point;
        match self.read(&mut cursor, is_path, has_z, has_m, has_curves, notes) {
            Ok(true) => {}
            Ok(false) => return Ok(Ok(Come::Empty)),
            Err(fault) => return Ok(Err(fault)),
        }
        let shape = if notes.has_curve { &self.flat } else { &self.path };
        let (vertices, starts) = (shape.vertices(), &shape.starts);
        let is_any = match kind {
            GeometryKind::Polygon => polygon(builder, &vertices, starts, &mut notes.rings, progress)?,
            GeometryKind::Line => {
                let mut is_any = false;
                for pair in starts.windows(2) {
                    if pair[1] - pair[0] < 2 {
                        notes.rings.has_short |= pair[1] > pair[0];
                        continue;
                    }
                    (pair[0]..pair[1]).for_each(|at| vertices.push(builder, at));
                    builder.end_ring();
                    is_any = true;
                }
                is_any
            }
            _ => {
                (0..vertices.coords.len()).for_each(|at| vertices.push(builder, at));
                !vertices.coords.is_empty()
            }
        };
        Ok(Ok(if is_any { Come::Whole } else { Come::Empty }))
    }

    fn point(
        &self,
        cursor: &mut Cursor<'_>,
        has_z: bool,
        has_m: bool,
        builder: &mut GeometryBuilder,
    ) -> Result<Come, Fault> {
        let (x, y) = (cursor.varuint().ok_or(Fault::Broken)?, cursor.varuint().ok_or(Fault::Broken)?);
        // Zero stands for no number: the point is nowhere.
        let (Some(x), Some(y)) = (x.checked_sub(1), y.checked_sub(1)) else { return Ok(Come::Empty) };
        let c = self.coord(x as f64, y as f64);
        let z = if has_z { Some(cursor.varuint().ok_or(Fault::Broken)?) } else { None };
        let z = z.map(|z| z.checked_sub(1).map_or(f64::NAN, |z| self.height(z as f64)));
        // A measure that is cut off is none.
        let m = cursor.varuint().filter(|_| has_m).and_then(|m| m.checked_sub(1));
        let m = m.map_or(f64::NAN, |m| self.measure(m as i64));
        if !(c.x.is_finite() && c.y.is_finite()) {
            return Err(Fault::NotFinite);
        }
        let heights = z.as_slice();
        Vertices { coords: &[c], heights, measures: &[m] }.push(builder, 0);
        Ok(Come::Whole)
    }

    #[inline]
    fn coord(&self, x: f64, y: f64) -> Coord {
        let Grid { origin, scale, .. } = self.grid;
        Coord { x: x / scale + origin[0], y: y / scale + origin[1] }
    }

    fn height(&self, z: f64) -> f64 {
        let (origin, scale) = self.grid.z;
        z / scale + origin
    }

    /// The measure that a number stands for; NaN for those below the grid, which stand for none.
    fn measure(&self, m: i64) -> f64 {
        let (origin, scale) = self.grid.m;
        if m < 0 { f64::NAN } else { m as f64 / scale + origin }
    }

    /// Reads points, parts and curves; `false` where there are none.
    fn read(
        &mut self,
        cursor: &mut Cursor<'_>,
        is_path: bool,
        has_z: bool,
        has_m: bool,
        has_curves: bool,
        notes: &mut Notes,
    ) -> Result<bool, Fault> {
        let number = |cursor: &mut Cursor<'_>| {
            // A part and a curve take a byte at least, a point two.
            let left = cursor.left();
            let number = cursor.varuint().and_then(|v| usize::try_from(v).ok()); // more than memory has is not there
            number.filter(|number| *number <= left).ok_or(Fault::Broken)
        };
        let count = number(cursor)?;
        if count == 0 {
            return Ok(false);
        }
        let part_count = if is_path { number(cursor)? } else { 1 };
        let curve_count = if is_path && has_curves { number(cursor)? } else { 0 };
        if part_count == 0 {
            return Ok(false);
        }
        for _ in 0..4 {
            cursor.varuint().ok_or(Fault::Broken)?;
        }
        self.path.clear();
        let mut at = 0;
        for _ in 1..part_count {
            self.path.starts.push(at);
            at += number(cursor)?;
            if at > count {
                return Err(Fault::Broken);
            }
        }
        self.path.starts.push(at);
        self.path.starts.push(count);
        if count > cursor.left() / 2 {
            return Err(Fault::Broken);
        }
        self.path.coords.reserve(count);
        let (mut x, mut y) = (0i64, 0i64);
        for _ in 0..count {
            x = x.wrapping_add(cursor.varint().ok_or(Fault::Broken)?);
            y = y.wrapping_add(cursor.varint().ok_or(Fault::Broken)?);
            let c = self.coord(x as f64, y as f64);
            self.path.coords.push(c);
        }
        if !self.path.coords.iter().all(|c| c.x.is_finite() && c.y.is_finite()) {
            return Err(Fault::NotFinite);
        }
        if has_z {
            let mut z = 0i64;
            for _ in 0..count {
                z = z.wrapping_add(cursor.varint().ok_or(Fault::Broken)?);
                let z = self.height(z as f64);
                self.path.heights.push(z);
            }
        }
        // Where no point has a measure, one byte stands for all.
        if has_m {
            let mut ahead = *cursor;
            if curve_count == 0 && cursor.left() < count || ahead.u8() == Some(66) && count > 1 {
                cursor.u8();
            } else {
                let mut m = 0i64;
                for _ in 0..count {
                    m = m.wrapping_add(cursor.varint().ok_or(Fault::Broken)?);
                    let m = self.measure(m);
                    self.path.measures.push(m);
                }
            }
        }
        if curve_count > 0 {
            self.flatten(cursor, curve_count)?;
            notes.has_curve = true;
        }
        Ok(true)
    }

    /// Puts the points of curves between those of the paths.
    fn flatten(&mut self, cursor: &mut Cursor<'_>, curve_count: usize) -> Result<(), Fault> {
        let mut curves = Vec::new();
        for _ in 0..curve_count {
            curves.push(Curve::read(cursor).ok_or(Fault::Broken)?);
        }
        curves.sort_by_key(|(start, _)| *start);
        curves.dedup_by_key(|(start, _)| *start);
        let mut curves = curves.into_iter().peekable();
        let (path, flat) = (&self.path, &mut self.flat);
        flat.clear();
        for part in path.starts.windows(2) {
            flat.starts.push(flat.coords.len());
            for at in part[0]..part[1] {
                flat.coords.push(path.coords[at]);
                flat.heights.extend(path.heights.get(at));
                flat.measures.extend(path.measures.get(at));
                let Some((_, curve)) = curves.next_if(|(start, _)| *start == at) else { continue };
                if at + 1 == part[1] {
                    continue;
                }
                let before = flat.coords.len();
                curve.points(path.coords[at], path.coords[at + 1], self.tolerance, |c| flat.coords.push(c));
                let more = flat.coords.len() - before;
                for (of_path, of_flat) in [(&path.heights, &mut flat.heights), (&path.measures, &mut flat.measures)] {
                    let (Some(from), Some(to)) = (of_path.get(at), of_path.get(at + 1)) else { continue };
                    let step = (to - from) / (more + 1) as f64;
                    of_flat.extend((1..=more).map(|at| from + step * at as f64));
                }
                if self.curve_points.fetch_add(more, Ordering::Relaxed) + more > MOST_CURVE_POINTS {
                    return Err(Fault::TooManyPoints);
                }
            }
        }
        flat.starts.push(flat.coords.len());
        if flat.coords.iter().all(|c| c.x.is_finite() && c.y.is_finite()) { Ok(()) } else { Err(Fault::NotFinite) }
    }
}
