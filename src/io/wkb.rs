//! One geometry in well-known binary, of ISO or as PostGIS and some other programs write it.
//!
//! Arcs become chords that stay near them, which is said. Surfaces in space are not read: they are named. Nothing is made
//! room for before it is there.

mod write;

use super::columns::{Kinds, Sinks};
use super::filegdb::Curve;
use crate::model::{Coord, GeometryBuilder, GeometryKind};
pub(super) use write::{Shape, append, has_heights, has_measures, part_count};

/// Geometries within geometries.
const DEEPEST: usize = 12;

/// How far a chord may leave its arc, in degrees and in other units, which are metres nearly always, and in parts of what
/// the arc spans.
const NEAR_DEGREES: f64 = 1e-8;
const NEAR: f64 = 1e-3;
const NEAR_SPAN: f64 = 1e-6;
/// Coordinates that the open columns may have when an arc is added.
const MOST_COORDS: usize = 50_000_000;

/// Why a geometry is not read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fault {
    /// It contradicts itself.
    Broken,
    /// A coordinate is not a finite number.
    NotFinite,
    /// It is of a kind that is not read, by its name.
    Unread(&'static str),
    /// It is in a form that only the program knows that wrote it.
    Extended,
}

/// What is to be said of a geometry that was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Notes {
    pub(super) has_open_ring: bool,
    pub(super) has_short_ring: bool,
    pub(super) has_arc: bool,
}

impl Notes {
    /// The keys of what they say.
    pub(super) fn keys(self) -> impl Iterator<Item = &'static str> {
        let all = [
            (self.has_open_ring, "io.shp-open-ring"),
            (self.has_short_ring, "io.shp-short-ring"),
            (self.has_arc, "io.arcs"),
        ];
        all.into_iter().filter(|(is_so, _)| *is_so).map(|(_, key)| key)
    }
}

/// What it came to: the kinds of which it has something, and where it has nothing, what it would be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Come {
    pub(super) kinds: Kinds,
    pub(super) empty: Option<GeometryKind>,
}

/// Pushes the geometry of `bytes` into the open columns, without ending the feature. Where it fails, what was pushed must
/// be rolled back.
pub(super) fn push(bytes: &[u8], sinks: &mut Sinks, position: usize, notes: &mut Notes) -> Result<Come, Fault> {
    let mut reader = Reader { bytes, at: 0, is_little: true };
    let mut target = Target { sinks, position, notes, come: Come { kinds: Kinds::default(), empty: None } };
    reader.geometry(&mut target, 0)?;
    Ok(target.come)
}

/// The kind of a geometry by its type; `None` for collections, and where it says none.
pub(super) fn kind(bytes: &[u8]) -> Option<GeometryKind> {
    let mut reader = Reader { bytes, at: 0, is_little: true };
    kind_of(reader.head().ok()?.code) // bytes that are none have no kind
}

fn kind_of(code: u32) -> Option<GeometryKind> {
    match code {
        1 | 4 => Some(GeometryKind::Point),
        2 | 5 | 8 | 9 | 11 => Some(GeometryKind::Line),
        3 | 6 | 10 | 12 => Some(GeometryKind::Polygon),
        _ => None,
    }
}

/// Where a geometry goes.
struct Target<'s, 'n> {
    sinks: &'s mut Sinks,
    position: usize,
    notes: &'n mut Notes,
    come: Come,
}

impl Target<'_, '_> {
    fn builder(&mut self, kind: GeometryKind) -> &mut GeometryBuilder {
        &mut self.sinks.of(kind, self.position).geometry
    }

    fn has_none(&mut self, kind: GeometryKind) {
        self.come.empty.get_or_insert(kind);
    }
}

/// The start of a geometry.
#[derive(Clone, Copy)]
struct Head {
    /// Its type, without what it says of Z and M.
    code: u32,
    has_z: bool,
    has_m: bool,
}

impl Head {
    /// Bytes of a coordinate.
    fn width(self) -> usize {
        16 + 8 * (usize::from(self.has_z) + usize::from(self.has_m))
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    is_little: bool,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Fault> {
        let end = self.at.checked_add(count).ok_or(Fault::Broken)?;
        let taken = self.bytes.get(self.at..end).ok_or(Fault::Broken)?;
        self.at = end;
        Ok(taken)
    }

    fn u32(&mut self) -> Result<u32, Fault> {
        let bytes = self.take(4)?.first_chunk::<4>().ok_or(Fault::Broken)?;
        Ok(if self.is_little { u32::from_le_bytes(*bytes) } else { u32::from_be_bytes(*bytes) })
    }

    /// A count of what takes `least` bytes each at least.
    fn count(&mut self, least: usize) -> Result<usize, Fault> {
        let count = self.u32()? as usize;
        if count.checked_mul(least).is_none_or(|bytes| bytes > self.bytes.len() - self.at) {
            return Err(Fault::Broken);
        }
        Ok(count)
    }

    fn head(&mut self) -> Result<Head, Fault> {
        self.is_little = match self.take(1)? {
            [0] => false,
            [1] => true,
            _ => return Err(Fault::Broken),
        };
        let code = self.u32()?;
        if code & 0x2000_0000 != 0 {
            self.u32()?;
        }
        let (plain, thousands) = ((code & 0x0FFF_FFFF) % 1000, (code & 0x0FFF_FFFF) / 1000);
        if thousands > 3 {
            return Err(Fault::Broken);
        }
        let has_z = code & 0x8000_0000 != 0 || thousands & 1 != 0;
        let has_m = code & 0x4000_0000 != 0 || thousands & 2 != 0;
        Ok(Head { code: plain, has_z, has_m })
    }

    fn geometry(&mut self, target: &mut Target<'_, '_>, depth: usize) -> Result<(), Fault> {
        if depth > DEEPEST {
            return Err(Fault::Broken);
        }
        let head = self.head()?;
        match head.code {
            1 => self.point(head, target),
            2 => {
                let coords = self.coords(head)?;
                target.line(&[coords])
            }
            3 => {
                let count = self.count(4)?;
                let mut rings = Vec::with_capacity(count);
                for _ in 0..count {
                    rings.push(vec![self.coords(head)?]);
                }
                target.polygon(&rings)
            }
            9 => {
                let segments = self.segments(depth)?;
                target.line(&segments)
            }
            10 => {
                let count = self.count(9)?;
                let mut rings = Vec::with_capacity(count);
                for _ in 0..count {
                    rings.push(self.curve(depth + 1)?);
                }
                target.polygon(&rings)
            }
            4..=7 | 11 | 12 => {
                let count = self.count(5)?;
                if let (0, Some(kind)) = (count, kind_of(head.code)) {
                    target.has_none(kind);
                }
                (0..count).try_for_each(|_| self.geometry(target, depth + 1))
            }
            8 => {
                let coords = self.coords(head)?;
                target.line(&[coords])
            }
            15 => Err(Fault::Unread("POLYHEDRALSURFACE")),
            16 => Err(Fault::Unread("TIN")),
            17 => Err(Fault::Unread("TRIANGLE")),
            _ => Err(Fault::Broken),
        }
    }

    fn point(&mut self, head: Head, target: &mut Target<'_, '_>) -> Result<(), Fault> {
        let coords = Coords { bytes: self.take(head.width())?, head, is_little: self.is_little };
        let (c, z, m) = coords.one(0);
        if c.x.is_nan() && c.y.is_nan() {
            target.has_none(GeometryKind::Point);
            return Ok(());
        }
        if !(c.x.is_finite() && c.y.is_finite()) {
            return Err(Fault::NotFinite);
        }
        target.come.kinds.add(GeometryKind::Point);
        put(target.builder(GeometryKind::Point), c, z, m);
        Ok(())
    }

    fn coords(&mut self, head: Head) -> Result<Coords<'a>, Fault> {
        let count = self.count(head.width())?;
        Ok(Coords { bytes: self.take(count * head.width())?, head, is_little: self.is_little })
    }

    /// The segments of a compound curve.
    fn segments(&mut self, depth: usize) -> Result<Vec<Coords<'a>>, Fault> {
        let count = self.count(9)?;
        let mut segments = Vec::with_capacity(count);
        for _ in 0..count {
            segments.extend(self.curve(depth + 1)?);
        }
        Ok(segments)
    }

    /// A line or a compound curve, as the segments that it consists of.
    fn curve(&mut self, depth: usize) -> Result<Vec<Coords<'a>>, Fault> {
        if depth > DEEPEST {
            return Err(Fault::Broken);
        }
        let head = self.head()?;
        match head.code {
            2 | 8 => Ok(vec![self.coords(head)?]),
            9 => self.segments(depth),
            _ => Err(Fault::Broken),
        }
    }
}

/// Coordinates as they lie there.
#[derive(Clone, Copy)]
struct Coords<'a> {
    bytes: &'a [u8],
    head: Head,
    is_little: bool,
}

impl<'a> Coords<'a> {
    fn len(&self) -> usize {
        self.bytes.len() / self.head.width()
    }

    /// Each as it lies there, where they are nothing but x and y with the lowest byte first, as nearly always.
    fn pairs(&self) -> Option<&'a [[u8; 16]]> {
        let is_plain = self.is_little && !self.head.has_z && !self.head.has_m;
        is_plain.then_some(self.bytes.as_chunks::<16>().0)
    }

    /// Whether each three of them are an arc.
    fn is_arc(&self) -> bool {
        self.head.code == 8
    }

    fn double(&self, at: usize) -> f64 {
        let bytes = self.bytes.get(at..at + 8).and_then(|bytes| bytes.first_chunk::<8>()).copied().unwrap_or_default();
        if self.is_little { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) }
    }

    /// The coordinate at `index`, with Z and M where there are.
    #[inline]
    fn one(&self, index: usize) -> (Coord, Option<f64>, Option<f64>) {
        let at = index * self.head.width();
        let c = Coord { x: self.double(at), y: self.double(at + 8) };
        let z = self.head.has_z.then(|| self.double(at + 16));
        let m = self.head.has_m.then(|| self.double(at + if self.head.has_z { 24 } else { 16 }));
        (c, z, m)
    }
}

/// The coordinate of two numbers with the lowest byte first.
#[inline]
fn coord_of(pair: &[u8; 16]) -> Coord {
    let (numbers, _) = pair.as_chunks::<8>();
    Coord { x: f64::from_le_bytes(numbers[0]), y: f64::from_le_bytes(numbers[1]) }
}

#[inline]
fn put(builder: &mut GeometryBuilder, c: Coord, z: Option<f64>, m: Option<f64>) {
    match z {
        Some(z) if !z.is_nan() => builder.coord_z(c, z),
        _ => builder.coord(c),
    }
    if let Some(m) = m.filter(|m| !m.is_nan()) {
        builder.measure(m);
    }
}

/// Adds the coordinates of segments that follow each other: where one begins as the last ended, once.
fn put_all(builder: &mut GeometryBuilder, segments: &[Coords<'_>]) -> Result<(), Fault> {
    for (number, segment) in segments.iter().enumerate() {
        if segment.is_arc() {
            let points: Vec<Placed> = (0..segment.len()).map(|index| segment.one(index)).collect();
            put_arcs(builder, &points, number > 0)?;
            continue;
        }
        if let (0, Some(pairs)) = (number, segment.pairs()) {
            let coords = pairs.iter().map(coord_of);
            if !coords.clone().all(|c| c.x.is_finite() && c.y.is_finite()) {
                return Err(Fault::NotFinite);
            }
            builder.coords(coords);
            continue;
        }
        for index in 0..segment.len() {
            let (c, z, m) = segment.one(index);
            if !(c.x.is_finite() && c.y.is_finite()) {
                return Err(Fault::NotFinite);
            }
            let is_joint = number > 0 && index == 0 && builder.open_ring().last() == Some(&c);
            if !is_joint {
                put(builder, c, z, m);
            }
        }
    }
    Ok(())
}

/// A coordinate with its height and its measure.
pub(super) type Placed = (Coord, Option<f64>, Option<f64>);

/// Adds the arcs that go through each three of `points`, the last of one being the first of the next. Where the open ring
/// `goes_on`, its last point is not repeated.
pub(super) fn put_arcs(builder: &mut GeometryBuilder, points: &[Placed], goes_on: bool) -> Result<(), Fault> {
    let Some((first, z, m)) = points.first().copied() else { return Ok(()) };
    if points.len() < 3 || points.len().is_multiple_of(2) {
        return Err(Fault::Broken);
    }
    if !points.iter().all(|(c, ..)| c.x.is_finite() && c.y.is_finite()) {
        return Err(Fault::NotFinite);
    }
    if !(goes_on && builder.open_ring().last() == Some(&first)) {
        put(builder, first, z, m);
    }
    for arc in points.windows(3).step_by(2) {
        let [(from, from_z, _), (through, ..), (to, to_z, to_m)] = [arc[0], arc[1], arc[2]];
        let is_degrees = from.x.abs() <= 360.0 && from.y.abs() <= 90.0;
        let span = (through.x - from.x).hypot(through.y - from.y) + (to.x - through.x).hypot(to.y - through.y);
        let tolerance = (NEAR_SPAN * span).max(if is_degrees { NEAR_DEGREES } else { NEAR });
        let mut between = Vec::new();
        Curve::Through(through).points(from, to, tolerance, |c| between.push(c));
        if builder.coord_count() + between.len() > MOST_COORDS {
            return Err(Fault::Unread("CIRCULARSTRING"));
        }
        let count = between.len() as f64 + 1.0;
        for (at, c) in between.into_iter().enumerate() {
            let share = (at as f64 + 1.0) / count;
            put(builder, c, from_z.zip(to_z).map(|(from, to)| from + (to - from) * share), None);
        }
        put(builder, to, to_z, to_m);
    }
    Ok(())
}

/// Ends the open ring of a polygon, which goes back to its start; whether it is one, else it is taken back.
pub(super) fn close_ring(builder: &mut GeometryBuilder, notes: &mut Notes) -> bool {
    let open = builder.open_ring();
    let is_closed = open.len() > 1 && open.first() == open.last();
    if open.len() - usize::from(is_closed) < 3 {
        notes.has_short_ring |= !open.is_empty();
        builder.rollback_ring();
        return false;
    }
    if !is_closed {
        notes.has_open_ring = true;
        let (first, z) = (open[0], builder.open_ring_z().first().copied());
        let m = builder.open_ring_m();
        put(builder, first, z, m);
    }
    builder.end_ring();
    true
}

impl Target<'_, '_> {
    fn line(&mut self, segments: &[Coords<'_>]) -> Result<(), Fault> {
        let mut notes = *self.notes;
        notes.has_arc |= segments.iter().any(|segment| segment.is_arc() && segment.len() > 0);
        let builder = self.builder(GeometryKind::Line);
        put_all(builder, segments)?;
        let count = builder.open_ring().len();
        if count >= 2 {
            builder.end_ring();
            self.come.kinds.add(GeometryKind::Line);
        } else {
            builder.rollback_ring();
            notes.has_short_ring |= count > 0;
            self.has_none(GeometryKind::Line);
        }
        *self.notes = notes;
        Ok(())
    }

    fn polygon(&mut self, rings: &[Vec<Coords<'_>>]) -> Result<(), Fault> {
        let mut notes = *self.notes;
        notes.has_arc |= rings.iter().flatten().any(|segment| segment.is_arc() && segment.len() > 0);
        let builder = self.builder(GeometryKind::Polygon);
        let mut ring_count = 0;
        for ring in rings {
            put_all(builder, ring)?;
            // Without its shell a polygon has no holes.
            match close_ring(builder, &mut notes) {
                true => ring_count += 1,
                false if ring_count == 0 => break,
                false => {}
            }
        }
        if ring_count > 0 {
            builder.end_part();
            self.come.kinds.add(GeometryKind::Polygon);
        } else {
            self.has_none(GeometryKind::Polygon);
        }
        *self.notes = notes;
        Ok(())
    }
}
