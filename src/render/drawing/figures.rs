//! Small figures over what lies inside rings, as lines and discs of their own. A figure is whole or not there: it stands
//! where its middle lies inside, so that none is cut on paper.

use super::{Line, Lines, Shape, hatch};
use crate::model::style::{Part, Pattern};

/// Corners of a circle.
const CORNERS: u8 = 16;
/// Closest that rows of figures stand.
const LEAST_SPACING: f32 = 2.0;

/// The figures of `pattern` whose middles lie inside an odd number of `rings`. They stand fixed to the page.
pub fn inside(rings: &[Vec<[f32; 2]>], pattern: &Pattern) -> Vec<Shape> {
    let spacing = pattern.spacing_px.max(LEAST_SPACING);
    let mut middles = Vec::new();
    for line in hatch::lines(rings, 0.0, spacing) {
        let (from, to, y) = (line[0][0].min(line[1][0]), line[0][0].max(line[1][0]), line[0][1]);
        let odd = (y / spacing).round().rem_euclid(2.0) >= 1.0;
        let shift = if pattern.staggered && odd { spacing / 2.0 } else { 0.0 };
        let mut column = ((from - shift) / spacing).ceil();
        while column * spacing + shift <= to {
            middles.push([column * spacing + shift, y]);
            column += 1.0;
        }
    }
    at(&middles, pattern)
}

/// One figure of `pattern` about a place.
pub fn one(middle: [f32; 2], pattern: &Pattern) -> Vec<Shape> {
    at(&[middle], pattern)
}

/// Figures about their middles: what is drawn by lines, then what is filled.
fn at(middles: &[[f32; 2]], pattern: &Pattern) -> Vec<Shape> {
    let (mut lines, mut discs) = (Vec::new(), Vec::new());
    for middle in middles {
        let place = |p: [f32; 2]| [middle[0] + p[0] * pattern.size_px, middle[1] + p[1] * pattern.size_px];
        let circle = |[x, y]: [f32; 2], radius: f32| {
            let corner = |nth: u8| {
                let (sin, cos) = (f32::from(nth) / f32::from(CORNERS) * std::f32::consts::TAU).sin_cos();
                place([x + cos * radius, y + sin * radius])
            };
            (0..=CORNERS).map(corner).collect::<Vec<_>>()
        };
        for part in pattern.motif.parts() {
            match part {
                Part::Line(points) => lines.push(points.iter().map(|p| place(*p)).collect()),
                Part::Circle(at, radius) => lines.push(circle(*at, *radius)),
                Part::Disc(at, radius) => discs.push(circle(*at, *radius)),
            }
        }
    }
    let mut shapes = Vec::new();
    if !lines.is_empty() {
        let line = Some(Line { round: true, ..Line::solid(pattern.color, pattern.line_width_px()) });
        shapes.push(Shape::Lines(Lines { paths: lines, closed: false, fill: None, line }));
    }
    if !discs.is_empty() {
        shapes.push(Shape::Lines(Lines { paths: discs, closed: true, fill: Some(pattern.color), line: None }));
    }
    shapes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::style::{Color, Motif};

    #[test]
    fn figures_stand_inside_and_spare_holes() {
        let square = |from: f32, to: f32| vec![[from, from], [to, from], [to, to], [from, to]];
        let pattern = Pattern {
            motif: Motif::Dot,
            color: Color::BLACK,
            size_px: 4.0,
            spacing_px: 10.0,
            staggered: false,
            back: None,
        };
        let count = |rings: &[Vec<[f32; 2]>], pattern: &Pattern| {
            let of = |shape: &Shape| if let Shape::Lines(lines) = shape { lines.paths.len() } else { 0 };
            inside(rings, pattern).iter().map(of).sum::<usize>()
        };
        assert_eq!(count(&[square(5.0, 45.0)], &pattern), 16);
        assert_eq!(count(&[square(5.0, 45.0), square(15.0, 35.0)], &pattern), 12);
        assert_eq!(count(&[square(5.0, 45.0)], &Pattern { staggered: true, ..pattern }), 18);
        assert_eq!(count(&[], &pattern), 0);
        let trees = Pattern { motif: Motif::Tree, ..pattern };
        assert_eq!(count(&[square(5.0, 45.0)], &trees), 32, "a ring and a stem each");
    }
}
