//! Lines that geometries share, and the geometries made of them.

use super::super::columns::{Kinds, Sinks};
use super::super::wkb::{Notes as RingNotes, close_ring};
use super::tree::{Json, Topology};
use crate::model::{Coord, GeometryBuilder, GeometryKind};
use crate::text::Message;

/// Geometries within geometries.
const DEEPEST: usize = 12;

/// Why a geometry is not made.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fault {
    /// There is none, which is no fault.
    Nothing,
    /// Its type is none of the format.
    Type(String),
    /// It has no coordinates or lines where its type has some.
    Missing(&'static str),
    /// A number names no line.
    NoArc(String, usize),
    /// A coordinate is no number.
    NotANumber,
    /// All geometries together have more coordinates than the file can mean.
    TooMuch,
}

impl Fault {
    pub(super) fn message(&self) -> Option<Message> {
        Some(match self {
            Self::Nothing => return None,
            Self::Type(found) => Message::new("io.topojson-type").with("found", found),
            Self::Missing(member) => Message::new("io.topojson-missing").with("name", member),
            Self::NoArc(found, count) => Message::new("io.topojson-arc").with("found", found).with("count", count),
            Self::NotANumber => Message::new("io.topojson-number"),
            Self::TooMuch => Message::new("io.topojson-large"),
        })
    }
}

/// What is to be said of a geometry that was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Notes {
    has_gap: bool,
    rings: RingNotes,
}

impl Notes {
    pub(super) fn said(self) -> [(bool, &'static str); 3] {
        [
            (self.has_gap, "io.topojson-gap"),
            (self.rings.has_open_ring, "io.shp-open-ring"),
            (self.rings.has_short_ring, "io.shp-short-ring"),
        ]
    }
}

/// The lines of a file, laid out.
pub(super) struct Arcs {
    coords: Vec<(Coord, f64)>,
    starts: Vec<usize>,
    scale: Option<[f64; 2]>,
    translate: [f64; 2],
    /// Coordinates that geometries may still come to: no file means more than it has bytes.
    left: usize,
}

/// Where a geometry goes.
struct Target<'s> {
    sinks: &'s mut Sinks,
    offset: usize,
    kinds: &'s mut Kinds,
    empty: &'s mut Option<GeometryKind>,
    notes: Notes,
}

impl Target<'_> {
    fn builder(&mut self, kind: GeometryKind) -> &mut GeometryBuilder {
        &mut self.sinks.of(kind, self.offset).geometry
    }
}

impl Arcs {
    /// Lays out the lines of a file of `byte_count` bytes: where it has a transform, each point is told from the one before.
    pub(super) fn of(topology: &Topology, byte_count: usize) -> Self {
        let mut coords = Vec::with_capacity(topology.numbers.len());
        for pair in topology.starts.windows(2) {
            let (mut x, mut y) = (0.0, 0.0);
            for [dx, dy, z] in &topology.numbers[pair[0]..pair[1]] {
                let c = match topology.scale {
                    Some(scale) => {
                        (x, y) = (x + dx, y + dy);
                        placed(x, y, scale, topology.translate)
                    }
                    None => Coord { x: *dx, y: *dy },
                };
                coords.push((c, *z));
            }
        }
        let (scale, translate) = (topology.scale, topology.translate);
        Self { coords, starts: topology.starts.clone(), scale, translate, left: byte_count }
    }

    /// Pushes the geometry that an object is into the open columns, without ending the feature. Where it fails, what was
    /// pushed must be rolled back.
    pub(super) fn push(
        &mut self,
        object: &Json,
        sinks: &mut Sinks,
        offset: usize,
        kinds: &mut Kinds,
        empty: &mut Option<GeometryKind>,
    ) -> Result<Notes, Fault> {
        let mut target = Target { sinks, offset, kinds, empty, notes: Notes::default() };
        self.geometry(object, &mut target, 0)?;
        Ok(target.notes)
    }

    fn geometry(&mut self, object: &Json, target: &mut Target<'_>, depth: usize) -> Result<(), Fault> {
        let kind = match (object, object.member("type")) {
            (Json::Null, _) | (Json::Object(..), Some(Json::Null)) => return Err(Fault::Nothing),
            (_, Some(Json::Text(kind))) if depth <= DEEPEST => kind.as_str(),
            (_, Some(Json::Text(kind))) => return Err(Fault::Type(kind.clone())),
            _ => return Err(Fault::Type("?".to_owned())),
        };
        match kind {
            "Point" => {
                let position = list(object, "coordinates")?;
                if position.is_empty() {
                    target.empty.get_or_insert(GeometryKind::Point);
                    return Ok(());
                }
                self.point(position, target)
            }
            "MultiPoint" => {
                target.empty.get_or_insert(GeometryKind::Point);
                list(object, "coordinates")?.iter().try_for_each(|position| match position {
                    Json::List(position, _) => self.point(position, target),
                    _ => Err(Fault::NotANumber),
                })
            }
            "LineString" => self.line(list(object, "arcs")?, target),
            "MultiLineString" => {
                target.empty.get_or_insert(GeometryKind::Line);
                lists(object)?.into_iter().try_for_each(|path| self.line(path, target))
            }
            "Polygon" => {
                let rings = lists(object)?;
                self.polygon(&rings, target)
            }
            "MultiPolygon" => {
                target.empty.get_or_insert(GeometryKind::Polygon);
                for polygon in lists(object)? {
                    let rings = polygon.iter().map(of_list).collect::<Result<Vec<_>, _>>()?;
                    self.polygon(&rings, target)?;
                }
                Ok(())
            }
            "GeometryCollection" => match object.member("geometries") {
                Some(Json::List(within, _)) => within.iter().try_for_each(|one| self.geometry(one, target, depth + 1)),
                _ => Err(Fault::Missing("geometries")),
            },
            other => Err(Fault::Type(other.chars().take(40).collect())),
        }
    }

    fn point(&mut self, position: &[Json], target: &mut Target<'_>) -> Result<(), Fault> {
        let number = |at: usize| position.get(at).and_then(Json::number).filter(|number| number.is_finite());
        let (Some(x), Some(y)) = (number(0), number(1)) else { return Err(Fault::NotANumber) };
        let at = self.scale.map_or(Coord { x, y }, |scale| placed(x, y, scale, self.translate));
        put(target.builder(GeometryKind::Point), at, number(2).unwrap_or(f64::NAN));
        target.kinds.add(GeometryKind::Point);
        Ok(())
    }

    fn line(&mut self, indices: &[Json], target: &mut Target<'_>) -> Result<(), Fault> {
        let mut notes = target.notes;
        let builder = target.builder(GeometryKind::Line);
        self.path(indices, builder, &mut notes)?;
        let count = builder.open_ring().len();
        if count >= 2 {
            builder.end_ring();
            target.kinds.add(GeometryKind::Line);
        } else {
            builder.rollback_ring();
            notes.rings.has_short_ring |= count > 0;
            target.empty.get_or_insert(GeometryKind::Line);
        }
        target.notes = notes;
        Ok(())
    }

    fn polygon(&mut self, rings: &[&[Json]], target: &mut Target<'_>) -> Result<(), Fault> {
        let mut notes = target.notes;
        let builder = target.builder(GeometryKind::Polygon);
        let mut ring_count = 0;
        for ring in rings {
            self.path(ring, builder, &mut notes)?;
            // Without its shell a polygon has no holes.
            match close_ring(builder, &mut notes.rings) {
                true => ring_count += 1,
                false if ring_count == 0 => break,
                false => {}
            }
        }
        if ring_count > 0 {
            builder.end_part();
            target.kinds.add(GeometryKind::Polygon);
        } else {
            target.empty.get_or_insert(GeometryKind::Polygon);
        }
        target.notes = notes;
        Ok(())
    }

    /// Pushes lines one behind the other: those below zero from their ends, each without the point where the one before
    /// ended.
    fn path(&mut self, indices: &[Json], builder: &mut GeometryBuilder, notes: &mut Notes) -> Result<(), Fault> {
        for index in indices {
            let count = self.starts.len().saturating_sub(1);
            let no_arc = |shown: String| Fault::NoArc(shown, count);
            let Json::Int(index) = index else { return Err(no_arc(String::from("?"))) };
            let at = if *index < 0 { !*index } else { *index };
            let at = usize::try_from(at).ok().filter(|at| *at < count).ok_or_else(|| no_arc(index.to_string()))?;
            let range = self.starts[at]..self.starts[at + 1];
            self.left = self.left.checked_sub(range.len()).ok_or(Fault::TooMuch)?;
            let arc = &self.coords[range];
            let is_joined = !builder.open_ring().is_empty();
            let mut push = |place: usize, (c, z): &(Coord, f64)| {
                if !(c.x.is_finite() && c.y.is_finite()) {
                    return Err(Fault::NotANumber);
                }
                if place == 0 && is_joined {
                    if builder.open_ring().last() == Some(c) {
                        return Ok(());
                    }
                    notes.has_gap = true;
                }
                put(builder, *c, *z);
                Ok(())
            };
            if *index < 0 {
                arc.iter().rev().enumerate().try_for_each(|(place, point)| push(place, point))?;
            } else {
                arc.iter().enumerate().try_for_each(|(place, point)| push(place, point))?;
            }
        }
        Ok(())
    }
}

fn placed(x: f64, y: f64, scale: [f64; 2], translate: [f64; 2]) -> Coord {
    Coord { x: x * scale[0] + translate[0], y: y * scale[1] + translate[1] }
}

fn put(builder: &mut GeometryBuilder, c: Coord, z: f64) {
    if z.is_finite() { builder.coord_z(c, z) } else { builder.coord(c) }
}

/// The list that a member is.
fn list<'j>(object: &'j Json, member: &'static str) -> Result<&'j [Json], Fault> {
    match object.member(member) {
        Some(Json::List(list, _)) => Ok(list),
        _ => Err(Fault::Missing(member)),
    }
}

/// The lists in the list of lines.
fn lists(object: &Json) -> Result<Vec<&[Json]>, Fault> {
    list(object, "arcs")?.iter().map(of_list).collect()
}

fn of_list(value: &Json) -> Result<&[Json], Fault> {
    match value {
        Json::List(list, _) => Ok(list),
        _ => Err(Fault::Missing("arcs")),
    }
}
