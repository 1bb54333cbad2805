//! Geometry of placemarks: texts of coordinates to points, paths and polygons, and these into columns.

use super::super::columns::{Kinds, Sinks};
use crate::model::{Coord, GeometryBuilder, GeometryKind};
use crate::text::Message;

/// A position with its height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Position {
    at: Coord,
    height: Option<f64>,
}

/// One geometry of a placemark.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    Point(Position),
    Path(Vec<Position>),
    /// The outer ring, then the inner ones.
    Polygon(Vec<Vec<Position>>),
}

/// Reads `lon,lat[,height]` tuples divided by blanks. Blanks around commas, which some programs write, are passed over.
///
/// # Errors
/// The text that is no position.
pub(super) fn positions(text: &str) -> Result<Vec<Position>, String> {
    let mut out = Vec::new();
    let mut tuple = String::new();
    let mut rest = text.split_whitespace().peekable();
    while let Some(word) = rest.next() {
        tuple.push_str(word);
        let goes_on = word.ends_with(',') || rest.peek().is_some_and(|next| next.starts_with(','));
        if goes_on && rest.peek().is_some() && tuple.len() < 200 {
            continue;
        }
        let whole = tuple.trim_end_matches(',');
        out.push(position(whole, ',').ok_or_else(|| whole.chars().take(60).collect::<String>())?);
        tuple.clear();
    }
    Ok(out)
}

/// One position whose numbers are divided by `sign`.
pub(super) fn position(text: &str, sign: char) -> Option<Position> {
    let mut numbers = text.split(sign).map(str::trim).filter(|part| sign == ',' || !part.is_empty());
    let number = |part: Option<&str>| {
        let value: f64 = fast_float2::parse(part?).ok()?; // no number: no position
        value.is_finite().then_some(value)
    };
    let (x, y) = (number(numbers.next())?, number(numbers.next())?);
    let height = match numbers.next() {
        None | Some("") => None,
        part => Some(number(part)?),
    };
    Some(Position { at: Coord { x, y }, height })
}

/// What became of the shapes of a placemark.
#[derive(Debug, Default)]
pub(super) struct Pushed {
    pub(super) kinds: Kinds,
    /// What could not be taken.
    pub(super) faults: Vec<Message>,
    /// Rings that had to be closed.
    pub(super) closed_count: u64,
}

/// Puts shapes into the open features of `sinks`.
pub(super) fn push(shapes: &[Shape], sinks: &mut Sinks, offset: usize) -> Pushed {
    let mut out = Pushed::default();
    for shape in shapes {
        match shape {
            Shape::Point(position) => {
                coord(&mut sinks.of(GeometryKind::Point, offset).geometry, position);
                out.kinds.add(GeometryKind::Point);
            }
            Shape::Path(path) if path.len() < 2 => {
                out.faults.push(Message::new("io.short-line").with("count", path.len()));
            }
            Shape::Path(path) => {
                let builder = &mut sinks.of(GeometryKind::Line, offset).geometry;
                path.iter().for_each(|position| coord(builder, position));
                builder.end_ring();
                out.kinds.add(GeometryKind::Line);
            }
            Shape::Polygon(rings) => polygon(rings, sinks, offset, &mut out),
        }
    }
    out
}

fn polygon(rings: &[Vec<Position>], sinks: &mut Sinks, offset: usize, out: &mut Pushed) {
    let is_closed = |ring: &[Position]| ring.first().map(|p| p.at) == ring.last().map(|p| p.at);
    let mut is_begun = false;
    for (at, ring) in rings.iter().enumerate() {
        let closed = is_closed(ring);
        if ring.len() + usize::from(!closed) < 4 {
            out.faults.push(Message::new("io.short-ring").with("count", ring.len()));
            if at == 0 {
                for hole in &rings[1..] {
                    out.faults.push(Message::new("io.hole-without-ring").with("count", hole.len()));
                }
                return;
            }
            continue;
        }
        let builder = &mut sinks.of(GeometryKind::Polygon, offset).geometry;
        ring.iter().for_each(|position| coord(builder, position));
        if !closed {
            coord(builder, &ring[0]);
            out.closed_count += 1;
        }
        builder.end_ring();
        is_begun = true;
    }
    if is_begun {
        sinks.of(GeometryKind::Polygon, offset).geometry.end_part();
        out.kinds.add(GeometryKind::Polygon);
    }
}

fn coord(builder: &mut GeometryBuilder, position: &Position) {
    match position.height {
        Some(height) => builder.coord_z(position.at, height),
        None => builder.coord(position.at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tuples_are_divided_by_blanks() {
        let check = |text: &str, expected: &[(f64, f64, Option<f64>)]| {
            let found = positions(text).expect("positions");
            let found: Vec<_> = found.iter().map(|p| (p.at.x, p.at.y, p.height)).collect();
            assert_eq!(found, expected, "{text:?}");
        };
        check(" 1,2,3\n\t4,5,6 ", &[(1., 2., Some(3.)), (4., 5., Some(6.))]);
        check("1,2\t4,5", &[(1., 2., None), (4., 5., None)]);
        check("1, 2, 3 4 ,5", &[(1., 2., Some(3.)), (4., 5., None)]);
        check("1,2, 3,4,", &[(1., 2., Some(3.))]);
        check("", &[]);
        assert_eq!(positions("1,2 x,y"), Err("x,y".to_owned()));
        assert_eq!(positions("1"), Err("1".to_owned()));
        assert_eq!(positions("1,nan"), Err("1,nan".to_owned()));
        assert_eq!(position("116.5 36.8 12", ' ').and_then(|p| p.height), Some(12.0));
    }
}
