//! Records of shapes to geometry.

use super::super::findings::Findings;
use super::records::Records;
use crate::model::{Coord, GeometryBuilder, GeometryKind, Issue, Severity};
use crate::overlay::polygons_of_rings;
use crate::task::{Cancelled, Progress};
use crate::text::Message;

/// Values below this are no measures.
const NO_MEASURE: f64 = -1e38;

/// The shapes of some rows.
pub(super) struct Shapes {
    /// Geometry by kind, with the rows that each has; at least one, also of no rows.
    pub(super) kinds: Vec<(GeometryBuilder, Vec<u32>)>,
    pub(super) findings: Findings,
}

/// What is wrong with a record that is not read.
enum Fault {
    /// It contradicts itself.
    Broken,
    /// A coordinate is not a finite number.
    NotFinite,
    /// A surface in space.
    Multipatch,
}

/// What a shape came to.
enum Come {
    Null,
    /// Nothing is left of it, though it is no null shape.
    Empty(GeometryKind),
    Of(GeometryKind),
}

impl Shapes {
    /// Reads the shapes of `rows`; those without geometry go to the kind `home`.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub(super) fn read(
        shp: &[u8],
        records: &Records,
        rows: &[u32],
        home: GeometryKind,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let mut shapes = Self { kinds: vec![(GeometryBuilder::new(home), Vec::new())], findings: Findings::default() };
        let mut buffers = Buffers::default();
        for row in rows {
            let content = records.places.get(*row as usize).map_or(&[][..], |(at, length)| &shp[*at..at + length]);
            let mut notes = Notes::default();
            let come = shapes.add(content, &mut buffers, &mut notes, progress)?;
            shapes.tell(*row, &notes);
            match come {
                Ok(Come::Of(kind) | Come::Empty(kind)) => shapes.end(kind, *row, |builder| builder.end_feature()),
                Ok(Come::Null) => shapes.end(home, *row, |builder| builder.null_feature()),
                Err(fault) => {
                    shapes.kinds.iter_mut().for_each(|(builder, _)| builder.rollback());
                    let key = match fault {
                        Fault::Broken => "io.shp-bad-record",
                        Fault::NotFinite => "io.shp-not-finite",
                        Fault::Multipatch => "io.shp-multipatch",
                    };
                    shapes.say(Severity::Error, key, *row);
                    shapes.end(home, *row, |builder| builder.null_feature());
                }
            }
        }
        // The kind of the header is empty where all shapes are of another.
        if shapes.kinds.len() > 1 && shapes.kinds[0].1.is_empty() {
            shapes.kinds.remove(0);
        }
        Ok(shapes)
    }

    fn builder(&mut self, kind: GeometryKind) -> &mut GeometryBuilder {
        let at = self.kinds.iter().position(|(builder, _)| builder.kind() == kind).unwrap_or_else(|| {
            self.kinds.push((GeometryBuilder::new(kind), Vec::new()));
            self.kinds.len() - 1
        });
        &mut self.kinds[at].0
    }

    fn end(&mut self, kind: GeometryKind, row: u32, end: impl FnOnce(&mut GeometryBuilder)) {
        end(self.builder(kind));
        if let Some((_, rows)) = self.kinds.iter_mut().find(|(builder, _)| builder.kind() == kind) {
            rows.push(row);
        }
    }

    fn say(&mut self, severity: Severity, key: &'static str, row: u32) {
        if self.findings.has_room(key) {
            let issue = Issue { feature: Some(u64::from(row)), ..Issue::new(severity, Message::new(key)) };
            self.findings.add(issue, None);
        } else {
            self.findings.count_only(key);
        }
    }

    fn tell(&mut self, row: u32, notes: &Notes) {
        for (is_so, key) in [
            (notes.has_open_ring, "io.shp-open-ring"),
            (notes.has_short_ring, "io.shp-short-ring"),
            (notes.has_repeated_ring, "io.shp-repeated-ring"),
        ] {
            if is_so {
                self.say(Severity::Warning, key, row);
            }
        }
    }

    /// Adds the shape of a record to the columns of its kind, without ending the feature.
    fn add(
        &mut self,
        content: &[u8],
        buffers: &mut Buffers,
        notes: &mut Notes,
        progress: &Progress,
    ) -> Result<Result<Come, Fault>, Cancelled> {
        let Some(code) = content.get(..4).map(|b| i32::from_le_bytes([b[0], b[1], b[2], b[3]])) else {
            return Ok(Ok(Come::Null));
        };
        let shape = Shape { content, has_z: matches!(code, 11 | 13 | 15 | 18), has_m: (11..=28).contains(&code) };
        Ok(match code {
            0 => Ok(Come::Null),
            31 => Err(Fault::Multipatch),
            1 | 11 | 21 => self.point(&shape),
            8 | 18 | 28 => self.points(&shape),
            3 | 13 | 23 => match shape.parts(buffers) {
                Err(fault) => Err(fault),
                Ok(()) => self.lines(&shape, buffers, notes),
            },
            5 | 15 | 25 => match shape.parts(buffers) {
                Err(fault) => Err(fault),
                Ok(()) => self.polygon(&shape, buffers, notes, progress)?,
            },
            _ => Err(Fault::Broken),
        })
    }

    fn point(&mut self, shape: &Shape<'_>) -> Result<Come, Fault> {
        let [x, y] = [4, 12].map(|at| shape.double(at));
        let (Some(x), Some(y)) = (x, y) else { return Err(Fault::Broken) };
        // Programs without null shapes write points that are nowhere.
        if x.is_nan() || y.is_nan() {
            return Ok(Come::Empty(GeometryKind::Point));
        }
        if !(x.is_finite() && y.is_finite()) {
            return Err(Fault::NotFinite);
        }
        let z = if shape.has_z { shape.double(20) } else { None };
        let measure = if shape.has_m { shape.double(if shape.has_z { 28 } else { 20 }) } else { None };
        push(self.builder(GeometryKind::Point), Coord { x, y }, z, measure);
        Ok(Come::Of(GeometryKind::Point))
    }

    fn points(&mut self, shape: &Shape<'_>) -> Result<Come, Fault> {
        let count = shape.count(36).ok_or(Fault::Broken)?;
        let points = shape.points_at(40, count)?;
        let heights = shape.heights(40 + 16 * count, count);
        let measures = shape.measures(40 + 16 * count, count);
        if points.is_empty() {
            return Ok(Come::Null);
        }
        let builder = self.builder(GeometryKind::Point);
        for (at, point) in points.iter().enumerate() {
            push(builder, coord(point), heights.get(at).map(double), measures.get(at).map(double));
        }
        Ok(Come::Of(GeometryKind::Point))
    }

    fn lines(&mut self, shape: &Shape<'_>, buffers: &Buffers, notes: &mut Notes) -> Result<Come, Fault> {
        let (points, heights) = shape.coords(buffers)?;
        let measures = shape.measures(buffers.points_at + 16 * buffers.point_count, buffers.point_count);
        let builder = self.builder(GeometryKind::Line);
        let mut any = false;
        for part in buffers.starts.windows(2) {
            if part[1] - part[0] < 2 {
                notes.has_short_ring |= part[1] > part[0];
                continue;
            }
            for (at, point) in (part[0]..).zip(&points[part[0]..part[1]]) {
                push(builder, coord(point), heights.get(at).map(double), measures.get(at).map(double));
            }
            builder.end_ring();
            any = true;
        }
        Ok(if any { Come::Of(GeometryKind::Line) } else { Come::Null })
    }

    fn polygon(
        &mut self,
        shape: &Shape<'_>,
        buffers: &mut Buffers,
        notes: &mut Notes,
        progress: &Progress,
    ) -> Result<Result<Come, Fault>, Cancelled> {
        let (points, heights) = match shape.coords(buffers) {
            Ok(found) => found,
            Err(fault) => return Ok(Err(fault)),
        };
        let measures = shape.measures(buffers.points_at + 16 * buffers.point_count, buffers.point_count);
        let is_closed = |from: usize, to: usize| points[from] == points[to - 1];
        // A ring of three corners has four points, the last of which is the first.
        let mut rings: Vec<(usize, usize)> = Vec::with_capacity(buffers.starts.len());
        for part in buffers.starts.windows(2) {
            let (from, to) = (part[0], part[1]);
            let corners = (to - from).saturating_sub(usize::from(to > from + 1 && is_closed(from, to)));
            if corners < 3 {
                notes.has_short_ring |= to > from;
                continue;
            }
            rings.push((from, to));
        }
        let mut ring = |builder: &mut GeometryBuilder, (from, to): (usize, usize)| {
            if heights.is_empty() && measures.is_empty() {
                builder.coords(points[from..to].iter().map(coord));
            } else {
                for (at, point) in (from..).zip(&points[from..to]) {
                    push(builder, coord(point), heights.get(at).map(double), measures.get(at).map(double));
                }
            }
            if !is_closed(from, to) {
                notes.has_open_ring = true;
                let (z, m) = (heights.get(from).map(double), measures.get(from).map(double));
                push(builder, coord(&points[from]), z, m);
            }
            builder.end_ring();
        };
        let builder = self.builder(GeometryKind::Polygon);
        match rings.as_slice() {
            [] => return Ok(Ok(Come::Null)),
            [only] => {
                ring(builder, *only);
                builder.end_part();
            }
            several => {
                let lists: Vec<Vec<Coord>> =
                    several.iter().map(|(from, to)| points[*from..*to].iter().map(coord).collect()).collect();
                let found = polygons_of_rings(&lists, progress)?;
                for polygon in &found.polygons {
                    polygon.iter().for_each(|at| ring(builder, several[*at]));
                    builder.end_part();
                }
                notes.has_repeated_ring = !found.repeated.is_empty();
            }
        }
        Ok(Ok(Come::Of(GeometryKind::Polygon)))
    }
}

#[inline]
fn push(builder: &mut GeometryBuilder, c: Coord, z: Option<f64>, m: Option<f64>) {
    match z {
        Some(z) => builder.coord_z(c, z),
        None => builder.coord(c),
    }
    if let Some(m) = m.filter(|m| *m > NO_MEASURE) {
        builder.measure(m);
    }
}

/// What is to be said of a shape that was read.
#[derive(Default)]
struct Notes {
    has_open_ring: bool,
    has_short_ring: bool,
    has_repeated_ring: bool,
}

/// The parts of the shape that is read.
#[derive(Default)]
struct Buffers {
    /// First point of each part, and the number of points at the end.
    starts: Vec<usize>,
    point_count: usize,
    points_at: usize,
}

type Point = [u8; 16];

/// The content of a record.
struct Shape<'a> {
    content: &'a [u8],
    has_z: bool,
    has_m: bool,
}

#[inline]
fn double(bytes: &[u8; 8]) -> f64 {
    f64::from_le_bytes(*bytes)
}

#[inline]
fn coord(point: &Point) -> Coord {
    let [x, y] = [0, 8].map(|at| {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&point[at..at + 8]);
        f64::from_le_bytes(bytes)
    });
    Coord { x, y }
}

impl<'a> Shape<'a> {
    fn double(&self, at: usize) -> Option<f64> {
        let bytes = self.content.get(at..at + 8)?.first_chunk::<8>()?;
        Some(f64::from_le_bytes(*bytes))
    }

    fn count(&self, at: usize) -> Option<usize> {
        let bytes = self.content.get(at..at + 4)?.first_chunk::<4>()?;
        usize::try_from(i32::from_le_bytes(*bytes)).ok() // below zero is no count
    }

    /// Reads where the parts begin.
    fn parts(&self, buffers: &mut Buffers) -> Result<(), Fault> {
        let (parts, points) = (self.count(36).ok_or(Fault::Broken)?, self.count(40).ok_or(Fault::Broken)?);
        // Before anything is made room for, what is claimed must be there.
        let points_at = parts.checked_mul(4).and_then(|bytes| bytes.checked_add(44)).ok_or(Fault::Broken)?;
        let end = points.checked_mul(16).and_then(|bytes| bytes.checked_add(points_at)).ok_or(Fault::Broken)?;
        if end > self.content.len() {
            return Err(Fault::Broken);
        }
        buffers.starts.clear();
        for part in 0..parts {
            let start = self.count(44 + 4 * part).ok_or(Fault::Broken)?;
            let is_next = buffers.starts.last().is_none_or(|last| *last <= start);
            if !is_next || start > points || part == 0 && start != 0 {
                return Err(Fault::Broken);
            }
            buffers.starts.push(start);
        }
        if parts > 0 {
            buffers.starts.push(points);
        }
        (buffers.point_count, buffers.points_at) = (points, points_at);
        Ok(())
    }

    fn points_at(&self, at: usize, count: usize) -> Result<&'a [Point], Fault> {
        let end = count.checked_mul(16).and_then(|bytes| bytes.checked_add(at)).ok_or(Fault::Broken)?;
        let points = self.content.get(at..end).ok_or(Fault::Broken)?.as_chunks::<16>().0;
        let is_finite = points.iter().all(|point| {
            let c = coord(point);
            c.x.is_finite() && c.y.is_finite()
        });
        if is_finite { Ok(points) } else { Err(Fault::NotFinite) }
    }

    fn coords(&self, buffers: &Buffers) -> Result<(&'a [Point], &'a [[u8; 8]]), Fault> {
        let points = self.points_at(buffers.points_at, buffers.point_count)?;
        Ok((points, self.heights(buffers.points_at + 16 * buffers.point_count, buffers.point_count)))
    }

    /// The heights that begin at `at` with their range; none where they are missing.
    fn heights(&self, at: usize, count: usize) -> &'a [[u8; 8]] {
        let heights = if self.has_z { self.content.get(at + 16..at + 16 + 8 * count) } else { None };
        heights.map_or(&[], |bytes| bytes.as_chunks::<8>().0)
    }

    /// The measures that follow points (and heights) with their range; none where they are missing or none is one.
    fn measures(&self, after_points: usize, count: usize) -> &'a [[u8; 8]] {
        if !self.has_m {
            return &[];
        }
        let at = after_points + 16 + if self.has_z { 16 + 8 * count } else { 0 };
        let measures = self.content.get(at..at + 8 * count).map_or(&[][..], |bytes| bytes.as_chunks::<8>().0);
        if measures.iter().any(|bytes| double(bytes) > NO_MEASURE) { measures } else { &[] }
    }
}
