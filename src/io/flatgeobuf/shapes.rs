//! One geometry of a feature to columns.
//!
//! Arcs become chords that stay near them; surfaces in space are named.

use flatgeobuf::{Geometry, GeometryType};

use super::super::columns::{Kinds, Sinks};
use super::super::wkb::{Come, Fault, Notes, Placed, close_ring, put_arcs};
use crate::model::{Coord, GeometryBuilder, GeometryKind};

/// Geometries within geometries.
const DEEPEST: usize = 12;

/// Pushes a geometry into the open columns, without ending the feature. `kind` is what the head says that it is. Where it
/// fails, what was pushed must be rolled back.
pub(super) fn push(
    geometry: &Geometry<'_>,
    kind: GeometryType,
    sinks: &mut Sinks,
    position: usize,
    notes: &mut Notes,
) -> Result<Come, Fault> {
    let mut target = Target { sinks, position, notes, come: Come { kinds: Kinds::default(), empty: None } };
    target.geometry(geometry, kind, 0)?;
    Ok(target.come)
}

/// Where a geometry goes.
struct Target<'s, 'n> {
    sinks: &'s mut Sinks,
    position: usize,
    notes: &'n mut Notes,
    come: Come,
}

/// Coordinates as they lie in a buffer.
#[derive(Clone, Copy)]
struct Coords<'a> {
    xy: &'a [[u8; 16]],
    /// As many as there are coordinates, or none.
    z: &'a [[u8; 8]],
    /// The same of measures.
    m: &'a [[u8; 8]],
    /// Whether each three of them are an arc.
    is_arc: bool,
}

impl<'a> Coords<'a> {
    fn of(geometry: &Geometry<'a>) -> Result<Self, Fault> {
        let xy = geometry.xy().map_or(&[][..], |xy| xy.bytes());
        let z = geometry.z().map_or(&[][..], |z| z.bytes());
        let m = geometry.m().map_or(&[][..], |m| m.bytes());
        let ((xy, rest), (z, _), (m, _)) = (xy.as_chunks::<16>(), z.as_chunks::<8>(), m.as_chunks::<8>());
        if !rest.is_empty() || [z, m].iter().any(|values| !(values.is_empty() || values.len() == xy.len())) {
            return Err(Fault::Broken);
        }
        Ok(Self { xy, z, m, is_arc: false })
    }

    fn slice(self, from: usize, to: usize) -> Option<Self> {
        let part = |values: &'a [[u8; 8]]| if values.is_empty() { Some(values) } else { values.get(from..to) };
        Some(Self { xy: self.xy.get(from..to)?, z: part(self.z)?, m: part(self.m)?, ..self })
    }

    /// The coordinates of a geometry each three of which are an arc.
    fn of_arcs(geometry: &Geometry<'a>) -> Result<Self, Fault> {
        Ok(Self { is_arc: true, ..Self::of(geometry)? })
    }

    /// Pushes them as arcs, as [`Self::put`] does.
    fn put_arcs(self, builder: &mut GeometryBuilder, goes_on: bool) -> Result<(), Fault> {
        let place = |(at, pair): (usize, &[u8; 16])| -> Placed {
            let number = |values: &[[u8; 8]]| values.get(at).map(|value| f64::from_le_bytes(*value));
            (coord_of(pair), number(self.z), number(self.m))
        };
        let points: Vec<Placed> = self.xy.iter().enumerate().map(place).collect();
        let ends = builder.open_ring().last().copied().zip(points.first().map(|point| point.0));
        if goes_on && ends.is_some_and(|(last, first)| last != first) {
            return Err(Fault::Broken);
        }
        put_arcs(builder, &points, goes_on)
    }

    /// Pushes them; where one follows what is open with its own last point, that point once.
    #[inline]
    fn put(self, builder: &mut GeometryBuilder, goes_on: bool) -> Result<(), Fault> {
        if self.is_arc {
            return self.put_arcs(builder, goes_on);
        }
        if !goes_on && self.z.is_empty() && self.m.is_empty() {
            let coords = self.xy.iter().map(coord_of);
            if !coords.clone().all(|c| c.x.is_finite() && c.y.is_finite()) {
                return Err(Fault::NotFinite);
            }
            builder.coords(coords);
            return Ok(());
        }
        for (at, pair) in self.xy.iter().enumerate() {
            let c = coord_of(pair);
            if !(c.x.is_finite() && c.y.is_finite()) {
                return Err(Fault::NotFinite);
            }
            // A curve goes on where it ended.
            if goes_on && at == 0 {
                match builder.open_ring().last() {
                    Some(last) if *last == c => continue,
                    Some(_) => return Err(Fault::Broken),
                    None => {}
                }
            }
            match self.z.get(at).map(|z| f64::from_le_bytes(*z)) {
                Some(z) if !z.is_nan() => builder.coord_z(c, z),
                _ => builder.coord(c),
            }
            if let Some(m) = self.m.get(at).map(|m| f64::from_le_bytes(*m)).filter(|m| !m.is_nan()) {
                builder.measure(m);
            }
        }
        Ok(())
    }
}

#[inline]
fn coord_of(pair: &[u8; 16]) -> Coord {
    let (numbers, _) = pair.as_chunks::<8>();
    Coord { x: f64::from_le_bytes(numbers[0]), y: f64::from_le_bytes(numbers[1]) }
}

/// The stretches into which the ends of a geometry cut its coordinates.
fn stretches<'a>(geometry: &Geometry<'a>) -> Result<Vec<Coords<'a>>, Fault> {
    let coords = Coords::of(geometry)?;
    let Some(ends) = geometry.ends().filter(|ends| !ends.is_empty()) else { return Ok(vec![coords]) };
    let mut start = 0;
    let mut stretches = Vec::with_capacity(ends.len());
    for end in ends {
        let end = end as usize;
        if end < start {
            return Err(Fault::Broken);
        }
        stretches.push(coords.slice(start, end).ok_or(Fault::Broken)?);
        start = end;
    }
    if start == coords.xy.len() { Ok(stretches) } else { Err(Fault::Broken) }
}

impl Target<'_, '_> {
    fn builder(&mut self, kind: GeometryKind) -> &mut GeometryBuilder {
        &mut self.sinks.of(kind, self.position).geometry
    }

    fn has_none(&mut self, kind: GeometryKind) {
        self.come.empty.get_or_insert(kind);
    }

    /// A geometry of the kind that it says, else of `kind`.
    fn geometry(&mut self, geometry: &Geometry<'_>, kind: GeometryType, depth: usize) -> Result<(), Fault> {
        if depth > DEEPEST {
            return Err(Fault::Broken);
        }
        let kind = if geometry.type_() == GeometryType::Unknown { kind } else { geometry.type_() };
        let parts = |kind: GeometryType| geometry.parts().into_iter().flatten().map(move |part| (part, kind));
        let within = match kind {
            GeometryType::Point | GeometryType::MultiPoint => return self.points(Coords::of(geometry)?),
            GeometryType::LineString => return self.line(&[Coords::of(geometry)?]),
            GeometryType::MultiLineString if geometry.parts().is_none() => {
                return stretches(geometry)?.into_iter().try_for_each(|stretch| self.line(&[stretch]));
            }
            GeometryType::Polygon => {
                let rings: Vec<_> = stretches(geometry)?.into_iter().map(|stretch| vec![stretch]).collect();
                return self.polygon(&rings);
            }
            GeometryType::CompoundCurve => {
                let segments = segments(geometry, depth)?;
                return self.line(&segments);
            }
            GeometryType::CurvePolygon => {
                let rings = parts(GeometryType::LineString).map(|(ring, kind)| curve(&ring, kind, depth + 1));
                let rings = rings.collect::<Result<Vec<_>, _>>()?;
                return self.polygon(&rings);
            }
            GeometryType::MultiLineString | GeometryType::MultiCurve => {
                self.none_of(geometry, GeometryKind::Line);
                GeometryType::LineString
            }
            GeometryType::MultiPolygon | GeometryType::MultiSurface => {
                self.none_of(geometry, GeometryKind::Polygon);
                GeometryType::Polygon
            }
            GeometryType::GeometryCollection => GeometryType::Unknown,
            GeometryType::CircularString => return self.line(&[Coords::of_arcs(geometry)?]),
            GeometryType::PolyhedralSurface => return Err(Fault::Unread("POLYHEDRALSURFACE")),
            GeometryType::TIN => return Err(Fault::Unread("TIN")),
            GeometryType::Triangle => return Err(Fault::Unread("TRIANGLE")),
            _ => return Err(Fault::Broken),
        };
        parts(within).try_for_each(|(part, kind)| self.geometry(&part, kind, depth + 1))
    }

    /// Notes what a geometry of several parts would be that has none.
    fn none_of(&mut self, geometry: &Geometry<'_>, kind: GeometryKind) {
        if geometry.parts().is_none_or(|parts| parts.is_empty()) {
            self.has_none(kind);
        }
    }

    fn points(&mut self, coords: Coords<'_>) -> Result<(), Fault> {
        let is_nothing =
            |pair: &[u8; 16]| pair.as_chunks::<8>().0.iter().all(|number| f64::from_le_bytes(*number).is_nan());
        if coords.xy.iter().all(is_nothing) {
            self.has_none(GeometryKind::Point);
            return Ok(());
        }
        coords.put(self.builder(GeometryKind::Point), false)?;
        self.come.kinds.add(GeometryKind::Point);
        Ok(())
    }

    fn line(&mut self, segments: &[Coords<'_>]) -> Result<(), Fault> {
        self.notes.has_arc |= segments.iter().any(|segment| segment.is_arc && !segment.xy.is_empty());
        let builder = self.builder(GeometryKind::Line);
        segments.iter().enumerate().try_for_each(|(at, segment)| segment.put(builder, at > 0))?;
        let count = builder.open_ring().len();
        if count >= 2 {
            builder.end_ring();
            self.come.kinds.add(GeometryKind::Line);
        } else {
            builder.rollback_ring();
            self.notes.has_short_ring |= count > 0;
            self.has_none(GeometryKind::Line);
        }
        Ok(())
    }

    fn polygon(&mut self, rings: &[Vec<Coords<'_>>]) -> Result<(), Fault> {
        let mut notes = *self.notes;
        notes.has_arc |= rings.iter().flatten().any(|segment| segment.is_arc && !segment.xy.is_empty());
        let builder = self.builder(GeometryKind::Polygon);
        let mut ring_count = 0;
        for ring in rings {
            ring.iter().enumerate().try_for_each(|(at, segment)| segment.put(builder, at > 0))?;
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

/// The segments of a compound curve.
fn segments<'a>(geometry: &Geometry<'a>, depth: usize) -> Result<Vec<Coords<'a>>, Fault> {
    let mut found = Vec::new();
    for part in geometry.parts().into_iter().flatten() {
        found.extend(curve(&part, GeometryType::LineString, depth + 1)?);
    }
    Ok(found)
}

/// A line or a compound curve, as the segments that it consists of.
fn curve<'a>(geometry: &Geometry<'a>, kind: GeometryType, depth: usize) -> Result<Vec<Coords<'a>>, Fault> {
    if depth > DEEPEST {
        return Err(Fault::Broken);
    }
    match geometry.type_() {
        GeometryType::Unknown if kind == GeometryType::LineString => Ok(vec![Coords::of(geometry)?]),
        GeometryType::LineString => Ok(vec![Coords::of(geometry)?]),
        GeometryType::CompoundCurve => segments(geometry, depth),
        GeometryType::CircularString => Ok(vec![Coords::of_arcs(geometry)?]),
        _ => Err(Fault::Broken),
    }
}
