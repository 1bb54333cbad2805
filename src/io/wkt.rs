//! Well-known text: geometries of cells, and files with a geometry a line, with the number of their CRS (EWKT) or without.
//!
//! Curves, and the hexadecimal digits that PostGIS gives, are read as well-known binary (`binary`).
//!
//! Such a file holds no attributes. A geometry may go on over lines: it ends where its brackets do.

mod binary;
mod lines;
#[cfg(test)]
mod tests;

use std::str::FromStr;

use ::wkt::Wkt;
use ::wkt::types::{Coord as WktCoord, LineString, Polygon};

use super::columns::{Kinds, Sinks};
use super::wkb::{self, Fault, Notes};
use crate::model::{Coord, GeometryBuilder, GeometryKind};
use crate::text::Message;
pub(super) use lines::{layers, losses, losses_with_srid, text_of, write, write_with_srid};

/// Brackets within brackets: collections of collections are deeper than anyone writes.
const MOST_DEPTH: usize = 12;

/// Whether a text begins as WKT does, with an `SRID=…;` before it or without, or is the digits of a geometry.
pub(super) fn is_wkt(text: &str) -> bool {
    let (_, text) = without_srid(text);
    let word: &str = text.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or("");
    let rest = text[word.len()..].trim_start();
    if word.is_empty() {
        return text.split_whitespace().next().is_some_and(|digits| binary::of_digits(digits).is_some());
    }
    let upper = word.to_ascii_uppercase();
    let (upper, _) = binary::without_dimensions(&upper);
    let is_word = |rest: &str| rest.get(..5).is_some_and(|word| word.eq_ignore_ascii_case("EMPTY"));
    let rest_is = rest.starts_with('(') || is_word(rest) || rest.starts_with(['Z', 'M', 'z', 'm']);
    binary::is_word(upper) && rest_is
}

/// The number of the CRS that PostGIS writes before the text, and the text.
pub(super) fn without_srid(text: &str) -> (Option<u32>, &str) {
    let text = text.trim();
    let split =
        text.get(..5).filter(|start| start.eq_ignore_ascii_case("SRID=")).and_then(|_| text[5..].split_once(';'));
    match split {
        Some((number, rest)) => (number.trim().parse().ok(), rest.trim()), // another word is no code
        None if text.starts_with('0') => (binary::of_digits(text).and_then(|(_, srid)| srid), text),
        None => (None, text),
    }
}

/// Puts the geometry of a text into the open features of `sinks`, and says of which kinds it is. What is odd about it
/// goes to `notes`.
///
/// # Errors
/// What is wrong with it. Whatever was put in must be rolled back then.
pub(super) fn push(text: &str, sinks: &mut Sinks, offset: usize, notes: &mut Notes) -> Result<Kinds, Message> {
    let (_, text) = without_srid(text);
    if let Some((bytes, _)) = binary::of_digits(text) {
        return push_binary(&bytes, text, sinks, offset, notes);
    }
    let depth = text.bytes().scan(0usize, |depth, b| {
        match b {
            b'(' => *depth += 1,
            b')' => *depth = depth.saturating_sub(1),
            _ => {}
        }
        Some(*depth)
    });
    if depth.max().unwrap_or(0) > MOST_DEPTH {
        return Err(Message::new("io.table-wkt-deep").with("most", MOST_DEPTH));
    }
    let Ok(geometry) = Wkt::<f64>::from_str(text) else {
        let bytes = binary::of_text(text).ok_or_else(|| bad(text))?;
        return push_binary(&bytes, text, sinks, offset, notes);
    };
    let mut kinds = Kinds::default();
    put(&geometry, sinks, offset, &mut kinds)?;
    Ok(kinds)
}

/// The same of well-known binary that `text` is.
fn push_binary(
    bytes: &[u8],
    text: &str,
    sinks: &mut Sinks,
    offset: usize,
    notes: &mut Notes,
) -> Result<Kinds, Message> {
    match wkb::push(bytes, sinks, offset, notes) {
        Ok(come) => Ok(come.kinds),
        Err(Fault::Unread(name)) => Err(Message::new("io.gpkg-unread-geometry").with("name", name)),
        Err(Fault::NotFinite) => Err(Message::new("io.shp-not-finite")),
        Err(Fault::Broken | Fault::Extended) => Err(bad(text)),
    }
}

/// What is said of a text that is no geometry.
fn bad(text: &str) -> Message {
    Message::new("io.table-wkt-bad").with("text", text.chars().take(60).collect::<String>())
}

fn put(geometry: &Wkt<f64>, sinks: &mut Sinks, offset: usize, kinds: &mut Kinds) -> Result<(), Message> {
    match geometry {
        Wkt::Point(point) => points(point.coord().into_iter(), sinks, offset, kinds),
        Wkt::MultiPoint(many) => points(many.points().iter().filter_map(|point| point.coord()), sinks, offset, kinds),
        Wkt::LineString(line) => path(line, sinks, offset, kinds),
        Wkt::MultiLineString(many) => many.line_strings().iter().try_for_each(|line| path(line, sinks, offset, kinds)),
        Wkt::Polygon(polygon) => part(polygon, sinks, offset, kinds),
        Wkt::MultiPolygon(many) => many.polygons().iter().try_for_each(|polygon| part(polygon, sinks, offset, kinds)),
        Wkt::GeometryCollection(many) => {
            many.geometries().iter().try_for_each(|inner| put(inner, sinks, offset, kinds))
        }
    }
}

fn points<'a>(
    coords: impl Iterator<Item = &'a WktCoord<f64>>,
    sinks: &mut Sinks,
    offset: usize,
    kinds: &mut Kinds,
) -> Result<(), Message> {
    for c in coords {
        coord(&mut sinks.of(GeometryKind::Point, offset).geometry, c)?;
        kinds.add(GeometryKind::Point);
    }
    Ok(())
}

fn path(line: &LineString<f64>, sinks: &mut Sinks, offset: usize, kinds: &mut Kinds) -> Result<(), Message> {
    match line.coords() {
        [] => return Ok(()),
        [_] => return Err(Message::new("io.short-line").with("count", 1)),
        _ => {}
    }
    let builder = &mut sinks.of(GeometryKind::Line, offset).geometry;
    line.coords().iter().try_for_each(|c| coord(builder, c))?;
    builder.end_ring();
    kinds.add(GeometryKind::Line);
    Ok(())
}

fn part(polygon: &Polygon<f64>, sinks: &mut Sinks, offset: usize, kinds: &mut Kinds) -> Result<(), Message> {
    if polygon.rings().is_empty() {
        return Ok(());
    }
    let builder = &mut sinks.of(GeometryKind::Polygon, offset).geometry;
    for ring in polygon.rings() {
        let coords = ring.coords();
        let same = |a: &WktCoord<f64>, b: &WktCoord<f64>| a.x == b.x && a.y == b.y;
        let is_closed = coords.len() > 1 && same(&coords[0], &coords[coords.len() - 1]);
        if coords.len() + usize::from(!is_closed) < 4 {
            return Err(Message::new("io.short-ring").with("count", coords.len()));
        }
        coords.iter().try_for_each(|c| coord(builder, c))?;
        if !is_closed {
            coord(builder, &coords[0])?;
        }
        builder.end_ring();
    }
    builder.end_part();
    kinds.add(GeometryKind::Polygon);
    Ok(())
}

fn coord(builder: &mut GeometryBuilder, c: &WktCoord<f64>) -> Result<(), Message> {
    if !(c.x.is_finite() && c.y.is_finite()) {
        return Err(Message::new("io.not-finite").with("found", format!("{} {}", c.x, c.y)));
    }
    let at = Coord { x: c.x, y: c.y };
    match c.z {
        Some(z) if z.is_finite() => builder.coord_z(at, z),
        _ => builder.coord(at),
    }
    if let Some(m) = c.m.filter(|m| m.is_finite()) {
        builder.measure(m);
    }
    Ok(())
}
