//! Curves between two points of a path as points: arcs, ellipses, Bézier curves.
//!
//! A chord leaves its curve by no more than the tolerance, or a ten-millionth of its radius where that is more, and turns
//! by no more than [`MOST_TURN`]. So no curve takes more than [`MOST_POINTS`] points.

use super::cursor::Cursor;
use crate::model::Coord;
use std::f64::consts::TAU;

/// Points that one curve may become.
const MOST_POINTS: usize = 8192;
/// Largest angle between chords, about 4°.
const MOST_TURN: f64 = 0.07;
/// What a chord may always leave its curve by, in parts of the radius.
const FINEST: f64 = 1e-7;

/// A curve that takes the place of the segment after a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::io) enum Curve {
    /// The segment itself.
    Straight,
    /// A part of a circle through a point between its ends.
    Through(Coord),
    /// A part of a circle around a centre.
    Around { centre: Coord, is_ccw: bool },
    /// The two points that draw a cubic Bézier curve.
    Bezier(Coord, Coord),
    /// A part of an ellipse, or all of it: the direction of its major half axis, that axis, and the minor one by it.
    Ellipse { centre: Coord, angle_rad: f64, major: f64, ratio: f64, is_ccw: bool, is_whole: bool },
}

impl Curve {
    /// Reads the point after which a curve begins, and the curve.
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<(usize, Self)> {
        let start = usize::try_from(cursor.varuint()?).ok()?; // more points than memory has are not there
        let code = cursor.varuint()?;
        let mut numbers = [0.0; 5];
        let count = match code {
            1 => 2,
            4 => 4,
            5 => 5,
            _ => return None,
        };
        for number in &mut numbers[..count] {
            *number = cursor.f64().filter(|v| v.is_finite())?;
        }
        let [a, b, c, d, e] = numbers;
        let first = Coord { x: a, y: b };
        let curve = match code {
            1 => {
                let bits = cursor.u32()?;
                match bits {
                    // Empty, a line, a point.
                    _ if bits & 0x61 != 0 => Self::Straight,
                    _ if bits & 0x80 != 0 => Self::Through(first),
                    _ => Self::Around { centre: first, is_ccw: bits & 0x8 != 0 },
                }
            }
            4 => Self::Bezier(first, Coord { x: c, y: d }),
            _ => {
                let bits = cursor.u32()?;
                let (is_ccw, is_whole) = (bits & 0x800 != 0, bits & 0x2000 != 0);
                // Empty, a line, a point, or none that has a size.
                if bits & 0xC1 != 0 || d <= 0.0 || e <= 0.0 {
                    Self::Straight
                } else {
                    Self::Ellipse { centre: first, angle_rad: c, major: d, ratio: e, is_ccw, is_whole }
                }
            }
        };
        Some((start, curve))
    }

    /// The points between `from` and `to`.
    pub(in crate::io) fn points(self, from: Coord, to: Coord, tolerance: f64, mut add: impl FnMut(Coord)) {
        match self {
            Self::Straight => {}
            Self::Through(middle) => {
                if from == to {
                    // A whole circle, on which the point lies opposite.
                    let centre = Coord { x: f64::midpoint(from.x, middle.x), y: f64::midpoint(from.y, middle.y) };
                    let radius = (from.x - centre.x).hypot(from.y - centre.y);
                    return arc(Sweep::of(from, to, centre, 0.0, 1.0, true, true), radius, radius, tolerance, add);
                }
                let Some(centre) = centre_of(from, middle, to) else { return };
                let is_ccw = turn(from, middle, to) > 0.0;
                let radius = (from.x - centre.x).hypot(from.y - centre.y);
                arc(Sweep::of(from, to, centre, 0.0, 1.0, is_ccw, false), radius, radius, tolerance, add);
            }
            Self::Around { centre, is_ccw } => {
                let [start, end] = [from, to].map(|c| (c.x - centre.x).hypot(c.y - centre.y));
                arc(Sweep::of(from, to, centre, 0.0, 1.0, is_ccw, from == to), start, end, tolerance, add);
            }
            Self::Bezier(a, b) => {
                let bend = |p: Coord, q: Coord, r: Coord| (p.x - 2.0 * q.x + r.x).hypot(p.y - 2.0 * q.y + r.y);
                let most = bend(from, a, b).max(bend(a, b, to));
                let count = count((0.75 * most / tolerance.max(FINEST * most)).sqrt()).max(16);
                for step in 1..count {
                    let t = step as f64 / count as f64;
                    let u = 1.0 - t;
                    let weights = [u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t];
                    let of = |axis: fn(Coord) -> f64| {
                        [from, a, b, to].into_iter().zip(weights).map(|(c, w)| axis(c) * w).sum::<f64>()
                    };
                    add(Coord { x: of(|c| c.x), y: of(|c| c.y) });
                }
            }
            Self::Ellipse { centre, angle_rad, major, ratio, is_ccw, is_whole } => {
                let sweep = Sweep::of(from, to, centre, angle_rad, ratio, is_ccw, is_whole || from == to);
                arc(sweep, major, major, tolerance, add);
            }
        }
    }
}

/// A part of an ellipse in its own angles.
struct Sweep {
    centre: Coord,
    angle_rad: f64,
    ratio: f64,
    start_rad: f64,
    by_rad: f64,
}

impl Sweep {
    fn of(from: Coord, to: Coord, centre: Coord, angle_rad: f64, ratio: f64, is_ccw: bool, is_whole: bool) -> Self {
        let (sin, cos) = angle_rad.sin_cos();
        let [start, end] = [from, to].map(|c| {
            let (x, y) = (c.x - centre.x, c.y - centre.y);
            ((cos * y - sin * x) / ratio).atan2(cos * x + sin * y)
        });
        let ccw = (end - start).rem_euclid(TAU);
        let by_rad = match (is_whole, is_ccw) {
            (true, true) => TAU,
            (true, false) => -TAU,
            (false, true) => ccw,
            (false, false) => ccw - TAU,
        };
        Self { centre, angle_rad, ratio, start_rad: start, by_rad }
    }
}

/// Adds the points within a part of an ellipse whose major half axis goes from `start` to `end`.
fn arc(sweep: Sweep, start: f64, end: f64, tolerance: f64, mut add: impl FnMut(Coord)) {
    let radius = start.max(end);
    if !(radius > 0.0 && radius.is_finite() && sweep.by_rad.is_finite()) {
        return;
    }
    let step = 2.0 * (1.0 - (tolerance / radius).clamp(FINEST, 1.0)).acos();
    let count = count(sweep.by_rad.abs() / step.clamp(1e-9, MOST_TURN));
    let (sin, cos) = sweep.angle_rad.sin_cos();
    for at in 1..count {
        let t = at as f64 / count as f64;
        let major = start + (end - start) * t;
        let (b, a) = (sweep.start_rad + sweep.by_rad * t).sin_cos();
        let (x, y) = (major * a, major * sweep.ratio * b);
        add(Coord { x: sweep.centre.x + cos * x - sin * y, y: sweep.centre.y + sin * x + cos * y });
    }
}

fn count(steps: f64) -> usize {
    (steps.ceil() as usize).clamp(1, MOST_POINTS)
}

/// Twice the area of a triangle, positive when counter-clockwise.
fn turn(a: Coord, b: Coord, c: Coord) -> f64 {
    (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
}

/// The centre of the circle through three points; `None` where they lie on a line.
fn centre_of(a: Coord, b: Coord, c: Coord) -> Option<Coord> {
    let (bx, by, cx, cy) = (b.x - a.x, b.y - a.y, c.x - a.x, c.y - a.y);
    let doubled = 2.0 * (bx * cy - by * cx);
    let (b2, c2) = (bx * bx + by * by, cx * cx + cy * cy);
    // Nearly on a line: the circle would be larger than any that was drawn.
    if doubled.abs() <= 1e-9 * (b2 + c2) {
        return None;
    }
    let [x, y] = [(cy * b2 - by * c2) / doubled, (bx * c2 - cx * b2) / doubled];
    (x.is_finite() && y.is_finite()).then_some(Coord { x: a.x + x, y: a.y + y })
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;

    fn points(curve: Curve, from: [f64; 2], to: [f64; 2], tolerance: f64) -> Vec<Coord> {
        let [from, to] = [from, to].map(|[x, y]| Coord { x, y });
        let mut all = vec![from];
        curve.points(from, to, tolerance, |c| all.push(c));
        all.push(to);
        all
    }

    fn area(points: &[Coord]) -> f64 {
        points.windows(2).map(|p| p[0].x * p[1].y - p[1].x * p[0].y).sum::<f64>() / 2.0
    }

    #[test]
    fn chords_stay_within_the_tolerance() {
        let check = |curve: Curve, from: [f64; 2], to: [f64; 2], expected: f64| {
            let tolerance = 1e-6;
            let found = points(curve, from, to, tolerance);
            assert!((area(&found) - expected).abs() < 1e-4, "{curve:?}: {} {}", area(&found), found.len());
        };
        let centre = Coord { x: 0.0, y: 0.0 };
        let quarter = PI / 4.0;
        check(Curve::Around { centre, is_ccw: true }, [1.0, 0.0], [0.0, 1.0], quarter);
        check(Curve::Around { centre, is_ccw: false }, [1.0, 0.0], [0.0, 1.0], quarter - PI);
        check(Curve::Around { centre, is_ccw: true }, [1.0, 0.0], [1.0, 0.0], PI);
        let half = 0.5f64.sqrt();
        check(Curve::Through(Coord { x: half, y: half }), [1.0, 0.0], [0.0, 1.0], quarter);
        check(Curve::Through(Coord { x: -1.0, y: 0.0 }), [1.0, 0.0], [1.0, 0.0], PI);
        // On the chord: a line.
        assert_eq!(points(Curve::Through(Coord { x: 0.5, y: 0.5 }), [1.0, 0.0], [0.0, 1.0], 1e-6).len(), 2);
        let whole =
            |angle_rad| Curve::Ellipse { centre, angle_rad, major: 2.0, ratio: 0.5, is_ccw: true, is_whole: true };
        check(whole(0.0), [2.0, 0.0], [2.0, 0.0], TAU);
        check(whole(PI / 2.0), [0.0, 2.0], [0.0, 2.0], TAU);
        // A Bézier curve that is a line's middle third.
        let (a, b) = (Coord { x: 1.0, y: 0.0 }, Coord { x: 2.0, y: 0.0 });
        check(Curve::Bezier(a, b), [0.0, 0.0], [3.0, 0.0], 0.0);
    }

    #[test]
    fn no_curve_becomes_more_points_than_are_allowed() {
        let centre = Coord { x: 0.0, y: 0.0 };
        assert!(
            points(Curve::Around { centre, is_ccw: true }, [1e300, 0.0], [1e300, 0.0], 1e-9).len() <= MOST_POINTS + 1
        );
    }
}
