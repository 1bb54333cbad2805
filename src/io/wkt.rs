//! Well-known text: geometries of cells, and files with a geometry a line, with the number of their CRS (EWKT) or without.
//!
//! Such a file holds no attributes. A geometry may go on over lines: it ends where its brackets do.

mod lines;
#[cfg(test)]
mod tests;

use std::str::FromStr;

use ::wkt::Wkt;
use ::wkt::types::{Coord as WktCoord, LineString, Polygon};

use super::columns::{Kinds, Sinks};
use crate::model::{Coord, GeometryBuilder, GeometryKind};
use crate::text::Message;
pub(super) use lines::{layers, losses, losses_with_srid, text_of, write, write_with_srid};

/// Brackets within brackets: collections of collections are deeper than anyone writes.
const MOST_DEPTH: usize = 12;

const WORDS: [&str; 7] =
    ["POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION"];

/// Whether a text begins as WKT does, with an `SRID=…;` before it or without.
pub(super) fn is_wkt(text: &str) -> bool {
    let (_, text) = without_srid(text);
    let word: &str = text.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or("");
    let rest = text[word.len()..].trim_start();
    let upper = word.to_ascii_uppercase();
    let upper = upper.strip_suffix("ZM").or(upper.strip_suffix('Z')).or(upper.strip_suffix('M')).unwrap_or(&upper);
    let is_word = |rest: &str| rest.get(..5).is_some_and(|word| word.eq_ignore_ascii_case("EMPTY"));
    let rest_is = rest.starts_with('(') || is_word(rest) || rest.starts_with(['Z', 'M', 'z', 'm']);
    WORDS.contains(&upper) && rest_is
}

/// The number of the CRS that PostGIS writes before the text, and the text.
pub(super) fn without_srid(text: &str) -> (Option<u32>, &str) {
    let text = text.trim();
    let split =
        text.get(..5).filter(|start| start.eq_ignore_ascii_case("SRID=")).and_then(|_| text[5..].split_once(';'));
    match split {
        Some((number, rest)) => (number.trim().parse().ok(), rest.trim()), // another word is no code
        None => (None, text),
    }
}

/// Puts the geometry of a text into the open features of `sinks`, and says of which kinds it is.
///
/// # Errors
/// What is wrong with it. Whatever was put in must be rolled back then.
pub(super) fn push(text: &str, sinks: &mut Sinks, offset: usize) -> Result<Kinds, Message> {
    let (_, text) = without_srid(text);
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
    let parsed = Wkt::<f64>::from_str(text);
    let geometry =
        parsed.map_err(|_| Message::new("io.table-wkt-bad").with("text", text.chars().take(60).collect::<String>()))?;
    let mut kinds = Kinds::default();
    put(&geometry, sinks, offset, &mut kinds)?;
    Ok(kinds)
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
