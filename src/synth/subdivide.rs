//! Convex polygons cut again and again: fields, blocks and lots.

use super::plane::Vector;
use super::rng::Rng;

/// How a polygon is cut up.
pub struct Rule<'a> {
    /// Direction that cuts follow, at a point.
    pub axis: &'a dyn Fn(Vector) -> Vector,
    /// Area in m² above which a piece is cut again, at a point.
    pub target_m2: &'a dyn Fn(Vector) -> f64,
    /// How much cuts turn away from the axis, as a slope.
    pub slant: f64,
    /// Width in metres of the lane left open along a cut of this depth; 0 for a plain cut.
    pub lane_width_m: &'a dyn Fn(usize) -> f64,
}

/// The pieces and the lanes between them, as convex rings.
#[derive(Clone, Debug, Default)]
pub struct Pieces {
    /// What is left whole.
    pub pieces: Vec<Vec<Vector>>,
    /// What is left open along cuts that have a width.
    pub lanes: Vec<Vec<Vector>>,
}

/// Cuts the convex `ring` across its longer side until its pieces are small enough.
pub fn subdivide(ring: Vec<Vector>, rule: &Rule<'_>, rng: &mut Rng) -> Pieces {
    let mut done = Pieces::default();
    let mut open = vec![(ring, 0usize)];
    while let Some((ring, depth)) = open.pop() {
        let middle = middle(&ring);
        if area(&ring) < (rule.target_m2)(middle) {
            done.pieces.push(ring);
            continue;
        }
        let along = (rule.axis)(middle).unit();
        let across = along.left();
        let (low, high) = span(&ring, along);
        let (left, right) = span(&ring, across);
        // The cut crosses the longer side.
        let (normal, near, far) = if high - low > right - left { (along, low, high) } else { (across, left, right) };
        let at = near + (far - near) * rng.between(0.4, 0.6);
        let normal = normal.plus(normal.left().times(rng.between(-rule.slant, rule.slant))).unit();
        // Keep the cut through the middle of the piece although it was turned.
        let at = at + middle.dot(normal) - middle.dot(if high - low > right - left { along } else { across });
        let half = (rule.lane_width_m)(depth) / 2.0;
        if half > 0.0 {
            done.lanes.push(keep_below(&keep_below(&ring, normal, at + half), normal.times(-1.0), half - at));
        }
        open.push((keep_below(&ring, normal, at - half), depth + 1));
        open.push((keep_below(&ring, normal.times(-1.0), -at - half), depth + 1));
    }
    done
}

/// The part of the convex `ring` where the product with `normal` is at most `limit`.
pub fn keep_below(ring: &[Vector], normal: Vector, limit: f64) -> Vec<Vector> {
    let mut kept = Vec::with_capacity(ring.len() + 1);
    for i in 0..ring.len() {
        let (a, b) = (ring[i], ring[(i + 1) % ring.len()]);
        let (da, db) = (a.dot(normal) - limit, b.dot(normal) - limit);
        if da <= 0.0 {
            kept.push(a);
        }
        if (da < 0.0) != (db < 0.0) && da != 0.0 && db != 0.0 {
            kept.push(a.plus(b.minus(a).times(da / (da - db))));
        }
    }
    kept
}

/// Area of a ring in m².
pub fn area(ring: &[Vector]) -> f64 {
    let origin = ring[0];
    let sum: f64 = ring.windows(2).map(|pair| pair[0].minus(origin).cross(pair[1].minus(origin))).sum();
    sum.abs() / 2.0
}

/// Mean of the vertices.
pub fn middle(ring: &[Vector]) -> Vector {
    let sum = ring.iter().fold(Vector::new(0.0, 0.0), |sum, v| sum.plus(*v));
    sum.times(1.0 / ring.len() as f64)
}

fn span(ring: &[Vector], direction: Vector) -> (f64, f64) {
    ring.iter().map(|v| v.dot(direction)).fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), d| (l.min(d), h.max(d)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_and_lanes_make_up_the_whole() {
        let v = Vector::new;
        let square = vec![v(0.0, 0.0), v(4000.0, 0.0), v(4000.0, 3000.0), v(0.0, 3000.0)];
        let rule = Rule {
            axis: &|_| v(1.0, 0.2),
            target_m2: &|_| 400_000.0,
            slant: 0.05,
            lane_width_m: &|depth| if depth < 2 { 20.0 } else { 0.0 },
        };
        let parts = subdivide(square, &rule, &mut Rng::new(1));
        assert_eq!(parts.lanes.len(), 3);
        assert!(parts.pieces.len() > 30);
        let total: f64 = parts.pieces.iter().chain(&parts.lanes).map(|ring| area(ring)).sum();
        assert!((total - 12e6).abs() < 1e-3, "{total}");
        assert!(parts.pieces.iter().all(|ring| (100_000.0..400_000.0).contains(&area(ring))));
    }
}
