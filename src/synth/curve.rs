//! Curves of the design: smooth lines through control points, offsets, ribbons, rounded outlines.
//!
//! Only operations that IEEE 754 fixes to the last bit are used (no sine, no power): see [`super::plane`].

use super::plane::{Point, Vector};

/// A Catmull-Rom spline through `control`, sampled `steps` times between neighbours, both ends included.
pub fn spline(control: &[Vector], steps: usize, closed: bool) -> Vec<Vector> {
    let n = control.len();
    let at = |i: isize| {
        let i = if closed { i.rem_euclid(n as isize) } else { i.clamp(0, n as isize - 1) };
        control[i as usize]
    };
    let spans = if closed { n } else { n - 1 };
    let mut line = Vec::with_capacity(spans * steps + 1);
    for span in 0..spans as isize {
        let (p0, p1, p2, p3) = (at(span - 1), at(span), at(span + 1), at(span + 2));
        for step in 0..steps {
            let t = step as f64 / steps as f64;
            let blend = |a: f64, b: f64, c: f64, d: f64| {
                b + 0.5 * t * ((c - a) + t * ((2.0 * a - 5.0 * b + 4.0 * c - d) + t * (3.0 * (b - c) + d - a)))
            };
            line.push(Vector::new(blend(p0.x, p1.x, p2.x, p3.x), blend(p0.y, p1.y, p2.y, p3.y)));
        }
    }
    if !closed {
        line.push(control[n - 1]);
    }
    line
}

/// `line` moved to its left by `distance(i)` metres at vertex `i`, along the bisector of its neighbours.
pub fn offset(line: &[Vector], distance: impl Fn(usize) -> f64) -> Vec<Vector> {
    (0..line.len())
        .map(|i| {
            let before = line[i].minus(line[i.saturating_sub(1)]);
            let after = line[(i + 1).min(line.len() - 1)].minus(line[i]);
            let (u, v) = match (i == 0, i + 1 == line.len()) {
                (true, _) => (after.unit(), after.unit()),
                (_, true) => (before.unit(), before.unit()),
                _ => (before.unit(), after.unit()),
            };
            let normal = u.plus(v).unit().left();
            // The mitre: the offset sides keep their distance also where the line bends.
            let mitre = 1.0 / normal.dot(u.left()).max(0.5);
            line[i].plus(normal.times(distance(i) * mitre))
        })
        .collect()
}

/// The ring around `line` at half of `width` metres to each side.
pub fn ribbon(line: &[Vector], width: f64) -> Vec<Vector> {
    let mut ring = offset(line, |_| -width / 2.0);
    ring.extend(offset(line, |_| width / 2.0).into_iter().rev());
    ring
}

/// The ring of `corners`, each corner rounded by a parabola that starts `radius` metres before it.
pub fn rounded(corners: &[Vector], radius: f64) -> Vec<Vector> {
    let n = corners.len();
    let mut ring = Vec::with_capacity(n * 6);
    for i in 0..n {
        let (a, b, c) = (corners[(i + n - 1) % n], corners[i], corners[(i + 1) % n]);
        let reach = |to: Vector| radius.min(to.minus(b).length() * 0.45);
        let start = b.plus(a.minus(b).unit().times(reach(a)));
        let end = b.plus(c.minus(b).unit().times(reach(c)));
        for step in 0..=4 {
            let t = f64::from(step) / 4.0;
            let (p, q, r) = ((1.0 - t) * (1.0 - t), 2.0 * t * (1.0 - t), t * t);
            ring.push(start.times(p).plus(b.times(q)).plus(end.times(r)));
        }
    }
    ring
}

/// Distance from `p` to `line` in metres, negative to its right, and the index of the nearest stretch.
pub fn signed_distance(line: &[Vector], p: Vector) -> (f64, usize) {
    let mut best = (f64::INFINITY, 0);
    let mut sign = 1.0;
    for i in 0..line.len() - 1 {
        let (a, d) = (line[i], line[i + 1].minus(line[i]));
        let t = (p.minus(a).dot(d) / d.dot(d)).clamp(0.0, 1.0);
        let away = p.minus(a.plus(d.times(t)));
        let distance = away.length();
        if distance < best.0 {
            best = (distance, i);
            sign = if d.cross(p.minus(a)) < 0.0 { -1.0 } else { 1.0 };
        }
    }
    (best.0 * sign, best.1)
}

/// The points of the grid nearest to `line`.
pub fn to_grid(line: &[Vector]) -> Vec<Point> {
    line.iter().map(|v| v.to_grid()).collect()
}

/// The control points written in kilometres.
pub fn from_km(points: &[(f64, f64)]) -> Vec<Vector> {
    points.iter().map(|(x, y)| Vector::new(x * 1000.0, y * 1000.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::plane::{area_m2, double_area};

    #[test]
    fn a_spline_passes_through_its_control_points() {
        let control = from_km(&[(0.0, 0.0), (1.0, 2.0), (3.0, 2.0)]);
        let line = spline(&control, 4, false);
        assert_eq!((line.len(), line[0], line[4], line[8]), (9, control[0], control[1], control[2]));
        assert_eq!(spline(&control, 4, true).len(), 12);
    }

    #[test]
    fn a_ribbon_has_its_width() {
        let ring = to_grid(&ribbon(&from_km(&[(0.0, 0.0), (1.0, 0.0), (2.0, 0.0)]), 40.0));
        assert_eq!(area_m2(&ring), 80_000.0);
        assert!(double_area(&ring) > 0);
    }

    #[test]
    fn distance_knows_its_side() {
        let line = from_km(&[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)]);
        assert_eq!(signed_distance(&line, Vector::new(500.0, 70.0)), (70.0, 0));
        assert_eq!(signed_distance(&line, Vector::new(1030.0, 500.0)), (-30.0, 1));
    }
}
