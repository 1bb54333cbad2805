//! Arcs, ellipses and splines of drawings as chords.
//!
//! Points of an arc are set so that what its chords enclose is exactly what the arc encloses: those between its ends lie
//! a little outside of it, the middles of the chords a little inside, neither by more than [`TOLERANCE`]. Splines are
//! halved until their chords are as near.

use std::f64::consts::TAU;

/// How far chords may be from a curve, in units of the drawing; a millimetre where these are metres.
pub(super) const TOLERANCE: f64 = 0.001;
/// Chords of a whole circle at the most, however large it is.
const MOST_CHORDS: f64 = 1024.0;
/// Chords of a whole circle at the least, however small it is.
const LEAST_CHORDS: f64 = 16.0;
/// Points of splines at the most.
const MOST_SPLINE_POINTS: usize = 20_000;
/// Largest degree of a spline that is read.
const MOST_DEGREE: usize = 25;

/// A point of a drawing.
pub(super) type Point = [f64; 3];

/// An affine map of space.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Frame {
    /// Images of the unit vectors, and of the origin.
    columns: [Point; 4],
}

impl Frame {
    pub(super) const WORLD: Self = Self { columns: [[1., 0., 0.], [0., 1., 0.], [0., 0., 1.], [0., 0., 0.]] };

    /// The frame of what is drawn in the plane that `normal` is perpendicular to, by the arbitrary axis algorithm of the
    /// DXF reference. The world where `normal` is none.
    pub(super) fn of_plane(normal: Point) -> Self {
        let length = dot(normal, normal).sqrt();
        if !(length.is_finite() && length > 1e-12) {
            return Self::WORLD;
        }
        let n = normal.map(|part| part / length);
        if n[0] == 0.0 && n[1] == 0.0 && n[2] > 0.0 {
            return Self::WORLD;
        }
        let near_pole = n[0].abs() < 1.0 / 64.0 && n[1].abs() < 1.0 / 64.0;
        let x = unit(cross(if near_pole { [0., 1., 0.] } else { [0., 0., 1.] }, n));
        let y = unit(cross(n, x));
        Self { columns: [x, y, n, [0.; 3]] }
    }

    /// The frame of an ellipse: its half axes, about its centre.
    pub(super) fn of_ellipse(center: Point, major: Point, ratio: f64, normal: Point) -> Self {
        let [_, _, n, _] = Self::of_plane(normal).columns;
        let minor = cross(n, major).map(|part| part * ratio);
        Self { columns: [major, minor, n, center] }
    }

    pub(super) fn moved(by: Point) -> Self {
        Self { columns: [[1., 0., 0.], [0., 1., 0.], [0., 0., 1.], by] }
    }

    /// Scaled, then turned by `angle_rad` about the vertical axis.
    pub(super) fn scaled_turned(scale: Point, angle_rad: f64) -> Self {
        let (sin, cos) = angle_rad.sin_cos();
        let [x, y, z] = scale;
        Self { columns: [[cos * x, sin * x, 0.], [-sin * y, cos * y, 0.], [0., 0., z], [0.; 3]] }
    }

    /// First `inner`, then this.
    pub(super) fn after(&self, inner: &Self) -> Self {
        let [a, b, c, o] = inner.columns;
        Self { columns: [self.vector(a), self.vector(b), self.vector(c), self.point(o)] }
    }

    fn vector(&self, v: Point) -> Point {
        let [a, b, c, _] = self.columns;
        [0, 1, 2].map(|i| a[i] * v[0] + b[i] * v[1] + c[i] * v[2])
    }

    pub(super) fn point(&self, p: Point) -> Point {
        if *self == Self::WORLD {
            return p;
        }
        let (v, o) = (self.vector(p), self.columns[3]);
        [0, 1, 2].map(|i| v[i] + o[i])
    }

    /// How much it enlarges what lies in the plane, at the most.
    pub(super) fn scale(&self) -> f64 {
        let [a, b, _, _] = self.columns;
        (dot(a, a) + dot(b, b)).sqrt().min(dot(a, a).sqrt().max(dot(b, b).sqrt()) * std::f64::consts::SQRT_2)
    }
}

fn dot(a: Point, b: Point) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: Point, b: Point) -> Point {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

fn unit(v: Point) -> Point {
    let length = dot(v, v).sqrt();
    v.map(|part| part / length)
}

/// Points of a unit circle from `start` over `sweep` (radians, below zero clockwise), whose chords are near enough when it
/// is enlarged to `radius`: the first and the last point lie on it. A whole circle has no last point.
pub(super) fn arc(start: f64, sweep: f64, radius: f64) -> Vec<[f64; 2]> {
    let whole = sweep.abs() >= TAU * (1.0 - 1e-9);
    let angle = if whole { TAU } else { sweep.abs() };
    // The middle of a chord is `radius · (1 − cos(step / 2))` away from the arc.
    let cos = (1.0 - TOLERANCE / radius.abs().max(TOLERANCE)).max(-1.0);
    let fine = (angle / (2.0 * cos.acos()).max(1e-9)).min(MOST_CHORDS * angle / TAU);
    let count = fine.max(LEAST_CHORDS * angle / TAU).ceil().clamp(1.0, MOST_CHORDS) as usize;
    let step = angle / count as f64;
    let (sin, n) = (step.sin(), count as f64);
    // The triangles from the centre have the area of the sector: (n − 2)·sin·u² + 2·sin·u = n·step, all with u where whole.
    let out = if whole {
        (step / sin).sqrt()
    } else if count == 1 || sin <= 0.0 {
        1.0
    } else if count == 2 {
        step / sin
    } else {
        let (a, b, c) = ((n - 2.0) * sin, 2.0 * sin, -n * step);
        (-b + (b * b - 4.0 * a * c).sqrt()) / (2.0 * a)
    };
    let turn = if sweep < 0.0 { -1.0 } else { 1.0 };
    let last = if whole { count - 1 } else { count };
    (0..=last)
        .map(|i| {
            let (sin, cos) = (start + turn * step * i as f64).sin_cos();
            let far = if whole || i > 0 && i < count { out } else { 1.0 };
            [far * cos, far * sin]
        })
        .collect()
}

/// Adds what follows the point `from` on the arc to `to` with this bulge, the tangent of a quarter of its angle; `scale` is
/// how much it is enlarged later. The last point is `to`.
pub(super) fn bulge(from: [f64; 2], to: [f64; 2], bulge: f64, scale: f64, out: &mut Vec<[f64; 2]>) -> bool {
    let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
    let chord = dx.hypot(dy);
    if !bulge.is_finite() || bulge.abs() < 1e-9 || chord == 0.0 || !chord.is_finite() {
        out.push(to);
        return false;
    }
    let height = (1.0 - bulge * bulge) / (4.0 * bulge);
    let center = [(from[0] + to[0]) / 2.0 - dy * height, (from[1] + to[1]) / 2.0 + dx * height];
    let radius = chord * (1.0 + bulge * bulge) / (4.0 * bulge.abs());
    let start = (from[1] - center[1]).atan2(from[0] - center[0]);
    let points = arc(start, 4.0 * bulge.atan(), radius * scale);
    let inner = points.len().saturating_sub(1).max(1);
    out.extend(points[1..inner].iter().map(|p| [center[0] + radius * p[0], center[1] + radius * p[1]]));
    out.push(to);
    true
}

/// Points of a spline with these knots and control points of three coordinates and a weight; `None` where they do not go
/// together.
pub(super) fn spline(degree: usize, knots: &[f64], controls: &[[f64; 4]], scale: f64) -> Option<Vec<Point>> {
    let fits = (1..=MOST_DEGREE).contains(&degree)
        && controls.len() > degree
        && knots.len() == controls.len() + degree + 1
        && knots.windows(2).all(|pair| pair[0] <= pair[1])
        && knots.iter().all(|knot| knot.is_finite())
        && controls.iter().flatten().all(|part| part.is_finite());
    let (first, last) = if fits { (knots[degree], knots[controls.len()]) } else { return None };
    if first >= last {
        return None;
    }
    let at = |t: f64, span: usize| point_of_spline(degree, knots, controls, t, span);
    let mut points = vec![at(first, degree)?];
    for span in (degree..controls.len()).filter(|span| knots[*span] < knots[span + 1]) {
        halve(&|t| at(t, span), (knots[span], knots[span + 1]), 0, scale, &mut points)?;
    }
    Some(points)
}

/// Adds points of a curve between two places until their chords are near it; the last is its end.
fn halve(
    at: &dyn Fn(f64) -> Option<Point>,
    (from, to): (f64, f64),
    depth: usize,
    scale: f64,
    out: &mut Vec<Point>,
) -> Option<()> {
    let (a, b) = (*out.last()?, at(to)?);
    let is_far = |part: f64| -> Option<bool> {
        let p = at(from + (to - from) * part)?;
        let straight = [0, 1, 2].map(|i| a[i] + (b[i] - a[i]) * part - p[i]);
        Some(dot(straight, straight).sqrt() * scale > TOLERANCE)
    };
    if depth < 2 || depth < 12 && out.len() < MOST_SPLINE_POINTS && (is_far(0.5)? || is_far(0.25)?) {
        let middle = from + (to - from) / 2.0;
        halve(at, (from, middle), depth + 1, scale, out)?;
        return halve(at, (middle, to), depth + 1, scale, out);
    }
    out.push(b);
    Some(())
}

/// De Boor's algorithm.
fn point_of_spline(degree: usize, knots: &[f64], controls: &[[f64; 4]], t: f64, span: usize) -> Option<Point> {
    let mut d = [[0.0; 4]; MOST_DEGREE + 1];
    for (i, slot) in d.iter_mut().take(degree + 1).enumerate() {
        let [x, y, z, w] = controls[span - degree + i];
        *slot = [x * w, y * w, z * w, w];
    }
    for r in 1..=degree {
        for i in (r..=degree).rev() {
            let (low, high) = (knots[span - degree + i], knots[span + 1 + i - r]);
            let part = if high > low { (t - low) / (high - low) } else { 0.0 };
            let before = d[i - 1];
            d[i].iter_mut().zip(before).for_each(|(own, before)| *own = before * (1.0 - part) + *own * part);
        }
    }
    let [x, y, z, w] = d[degree];
    (w.abs() > 1e-12).then(|| [x / w, y / w, z / w])
}

/// A smooth curve through points: at each it runs as its neighbours lie to each other.
pub(super) fn through(points: &[Point], closed: bool, scale: f64) -> Option<Vec<Point>> {
    let mut list = points.to_vec();
    list.dedup();
    if closed && list.len() > 2 && list.first() != list.last() {
        list.push(list[0]);
    }
    let count = list.len();
    if count < 2 || list.iter().flatten().any(|part| !part.is_finite()) {
        return None;
    }
    let gap = |i: usize| {
        let d = [0, 1, 2].map(|axis| list[i + 1][axis] - list[i][axis]);
        dot(d, d).sqrt().max(1e-12)
    };
    let slope = |i: usize| [0, 1, 2].map(|axis| (list[i + 1][axis] - list[i][axis]) / gap(i));
    let blend = |a: usize, b: usize| {
        let (ga, gb, sa, sb) = (gap(a), gap(b), slope(a), slope(b));
        [0, 1, 2].map(|axis| (sa[axis] * gb + sb[axis] * ga) / (ga + gb))
    };
    let tangent = |i: usize| match i {
        0 if closed => blend(count - 2, 0),
        0 => slope(0),
        i if i + 1 == count && closed => blend(count - 2, 0),
        i if i + 1 == count => slope(count - 2),
        i => blend(i - 1, i),
    };
    let mut out = vec![list[0]];
    for i in 0..count - 1 {
        let (a, b, g) = (list[i], list[i + 1], gap(i));
        let (ta, tb) = (tangent(i), tangent(i + 1));
        let at = |t: f64| {
            let (s, u) = (1.0 - t, t);
            let (h0, h1) = (s * s * (1.0 + 2.0 * u), u * u * (1.0 + 2.0 * s));
            let (d0, d1) = (s * s * u * g, -u * u * s * g);
            Some([0, 1, 2].map(|axis| h0 * a[axis] + h1 * b[axis] + d0 * ta[axis] + d1 * tb[axis]))
        };
        halve(&at, (0.0, 1.0), 0, scale, &mut out)?;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(points: &[[f64; 2]]) -> f64 {
        let next = points.iter().cycle().skip(1);
        points.iter().zip(next).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f64>() / 2.0
    }

    #[test]
    fn chords_enclose_what_their_arc_encloses() {
        for radius in [0.0001, 0.01, 1.0, 50.0, 4000.0, 1e9] {
            let circle: Vec<[f64; 2]> = arc(0.3, TAU, radius);
            assert!((area(&circle) / std::f64::consts::PI - 1.0).abs() < 1e-12, "{radius}");
            for sweep in [0.1, 1.0, -2.5, 5.0] {
                let mut sector = arc(1.0, sweep, radius);
                sector.push([0.0, 0.0]);
                assert!((area(&sector) / (sweep / 2.0) - 1.0).abs() < 1e-9 || sector.len() == 3, "{radius} {sweep}");
            }
            if radius > 0.01 && radius < 4000.0 {
                let far = circle.iter().map(|p| (p[0].hypot(p[1]) - 1.0) * radius).fold(0.0, f64::max);
                assert!(far <= TOLERANCE && circle.len() >= 16, "{radius}: {far}");
            }
        }
    }

    #[test]
    fn bulges_are_arcs() {
        // Half a disc of radius 50, either way.
        for (sign, expected) in [(1.0, 1.0), (-1.0, -1.0)] {
            let mut ring = vec![[39_500_000.0, 4_000_000.0]];
            assert!(bulge(ring[0], [39_500_100.0, 4_000_000.0], sign, 1.0, &mut ring));
            let o = ring[0];
            let moved: Vec<[f64; 2]> = ring.iter().map(|p| [p[0] - o[0], p[1] - o[1]]).collect();
            let right = expected * std::f64::consts::PI * 1250.0;
            assert!((area(&moved) / right - 1.0).abs() < 1e-7, "{}", area(&moved));
        }
        let mut straight = Vec::new();
        assert!(!bulge([0.0, 0.0], [1.0, 0.0], f64::NAN, 1.0, &mut straight));
        assert_eq!(straight, [[1.0, 0.0]]);
    }

    #[test]
    fn splines_go_where_they_should() {
        // A quarter circle as a rational spline of degree two.
        let w = std::f64::consts::FRAC_1_SQRT_2;
        let controls = [[100., 0., 0., 1.], [100., 100., 0., w], [0., 100., 0., 1.]];
        let points = spline(2, &[0., 0., 0., 1., 1., 1.], &controls, 1.0).expect("a spline");
        assert!(points.iter().all(|p| (p[0].hypot(p[1]) - 100.0).abs() < 1e-9));
        assert!(points.len() > 20 && points.last() == Some(&[0.0, 100.0, 0.0]));
        assert!(spline(3, &[0.; 4], &controls, 1.0).is_none());
        assert!(spline(2, &[0., 0., 0., f64::NAN, 1., 1.], &controls, 1.0).is_none());
        let through = through(&[[0., 0., 0.], [10., 5., 0.], [20., 0., 0.]], false, 1.0).expect("a curve");
        assert!(through.contains(&[10., 5., 0.]) && through.len() > 8);
    }

    #[test]
    fn planes_are_turned_as_the_reference_says() {
        assert_eq!(Frame::of_plane([0., 0., 1.]), Frame::WORLD);
        let p = Frame::of_plane([0., 0., -1.]).point([3., 4., 5.]);
        assert_eq!(p, [-3., 4., -5.]);
        let turned =
            Frame::moved([10., 0., 0.]).after(&Frame::scaled_turned([2., 2., 1.], std::f64::consts::FRAC_PI_2));
        let p = turned.point([1., 0., 0.]);
        assert!((p[0] - 10.0).abs() < 1e-12 && (p[1] - 2.0).abs() < 1e-12);
    }
}
