//! Exact geometric decisions under a symbolic shift, so that nothing ever lies exactly on anything else.
//!
//! Ring number r is thought to be shifted by (r+1)·(ε, ε²) for an ε smaller than any length in the data, and within
//! a ring every vertex is moved by amounts smaller still, the first vertex the most (simulation of simplicity,
//! Edelsbrunner and Mücke 1990). Signs that are not zero are those of the data as given, by adaptive exact arithmetic
//! (crate `robust`); only ties are settled by the shift. Since the shifted picture is one real, generic picture, every
//! decision agrees with every other: a walk along a ring ends with the set that it began with, and areas are those of
//! the limit ε → 0, where borders that coincide cancel.
//!
//! A reference point (the corner of a tile) is not shifted at all.

use super::rings::Rings;
use crate::model::Coord;

/// Twice the signed area of the triangle p, q, r with an exact sign: positive where r lies left of p → q.
pub(super) fn orient(p: Coord, q: Coord, r: Coord) -> f64 {
    // The same filter as in `robust`, inlined: nearly every call ends here.
    let left = (p.x - r.x) * (q.y - r.y);
    let right = (p.y - r.y) * (q.x - r.x);
    let det = left - right;
    if det.abs() > 4e-16 * (left.abs() + right.abs()) {
        return det;
    }
    let exact = |c: Coord| robust::Coord { x: c.x, y: c.y };
    robust::orient2d(exact(p), exact(q), exact(r))
}

/// Whether a point on the line p → q lies left of it once it is shifted by `sign`·(ε, ε²) against the line.
pub(super) fn shifted_left(p: Coord, q: Coord, sign: i8) -> bool {
    if p.y == q.y { (q.x > p.x) == (sign > 0) } else { (q.y > p.y) != (sign > 0) }
}

/// Whether the unshifted reference point `corner` lies left of an edge p → q of any ring.
pub(super) fn corner_left_of(p: Coord, q: Coord, corner: Coord) -> bool {
    let det = orient(p, q, corner);
    if det == 0.0 { shifted_left(p, q, -1) } else { det > 0.0 }
}

/// Whether r, a vertex of ring `ring_r`, lies left of the edge p → q of another ring `ring_pq`, given [`orient`].
pub(super) fn vertex_left_of(p: Coord, q: Coord, ring_pq: u32, det: f64, ring_r: u32) -> bool {
    if det == 0.0 { shifted_left(p, q, if ring_r > ring_pq { 1 } else { -1 }) } else { det > 0.0 }
}

/// Whether the knee m lies left of an edge p → q of ring `ring_pq`. The knee has the shift of ring `ring_m` in x and
/// none in y: it is where a path from a corner to a vertex turns from horizontal to vertical.
pub(super) fn knee_left_of(p: Coord, q: Coord, ring_pq: u32, m: Coord, ring_m: u32) -> bool {
    let det = orient(p, q, m);
    if det != 0.0 {
        det > 0.0
    } else if p.y == q.y {
        // Only the edge's own shift upwards counts.
        q.x < p.x
    } else {
        shifted_left(p, q, if ring_m > ring_pq { 1 } else { -1 })
    }
}

/// Whether vertex k lies left of the line through vertices i → j, all of one ring, given [`orient`]. Vertices are told
/// apart by their numbers, not by their places.
pub(super) fn vertex_left_within(rings: &Rings, i: u32, j: u32, k: u32, det: f64) -> bool {
    if det != 0.0 {
        return det > 0.0;
    }
    let mut v = [i, j, k];
    let mut even = true;
    for (a, b) in [(0, 1), (1, 2), (0, 1)] {
        if v[a] > v[b] {
            v.swap(a, b);
            even = !even;
        }
    }
    let [a, b, c] = v.map(|n| rings.coords()[n as usize]);
    // Terms of the expanded determinant by falling size of what the vertices are moved by: x of the first, y of the
    // first, x of the second, then y of the first times x of the second, whose factor is -1.
    let positive = if b.y != c.y {
        b.y > c.y
    } else if c.x != b.x {
        c.x > b.x
    } else if c.y != a.y {
        c.y > a.y
    } else {
        false
    };
    positive == even
}

/// Both ends of an edge, the lexicographically lower one first: the same for an edge walked either way.
pub(super) fn canonical((p, q): (Coord, Coord)) -> (Coord, Coord) {
    if q.x < p.x || (q.x == p.x && q.y < p.y) { (q, p) } else { (p, q) }
}

/// The share of edge `e`, from its canonical start, at which the line through `f` cuts it: accurate to the rounding of
/// the share itself even where the two are nearly parallel. The same bits for edges that coincide with these.
pub(super) fn cut_share(e: (Coord, Coord), f: (Coord, Coord)) -> f64 {
    let ((e0, e1), (f0, f1)) = (canonical(e), canonical(f));
    let (d0, d1) = (precise_det(f0, f1, e0), precise_det(f0, f1, e1));
    let share = d0 / (d0 - d1);
    if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.5 }
}

/// The determinant of [`orient`] with a small relative error, where the filter of `orient` only promises a sign:
/// products and differences carry their rounding errors along (Dekker 1971).
fn precise_det(p: Coord, q: Coord, r: Coord) -> f64 {
    let ((px, px_tail), (py, py_tail)) = (difference(p.x, r.x), difference(p.y, r.y));
    let ((qx, qx_tail), (qy, qy_tail)) = (difference(q.x, r.x), difference(q.y, r.y));
    let ((left, left_tail), (right, right_tail)) = (product(px, qy), product(py, qx));
    let tails = (px * qy_tail + px_tail * qy) - (py * qx_tail + py_tail * qx);
    (left - right) + ((left_tail - right_tail) + tails)
}

/// a − b and what its rounding lost.
fn difference(a: f64, b: f64) -> (f64, f64) {
    let rounded = a - b;
    let b_part = a - rounded;
    let a_part = rounded + b_part;
    (rounded, (a - a_part) + (b_part - b))
}

/// a · b and what its rounding lost.
fn product(a: f64, b: f64) -> (f64, f64) {
    let halves = |v: f64| {
        let c = 134_217_729.0 * v;
        let high = c - (c - v);
        (high, v - high)
    };
    let rounded = a * b;
    let ((a_high, a_low), (b_high, b_low)) = (halves(a), halves(b));
    (rounded, a_low * b_low - (((rounded - a_high * b_high) - a_low * b_high) - a_high * b_low))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn c(x: f64, y: f64) -> Coord {
        Coord { x, y }
    }

    #[test]
    fn ties_follow_the_shift() {
        let (p, q) = (c(0.0, 0.0), c(0.0, 4.0));
        // An upward edge: a later ring is shifted right of it, an earlier one and a corner left.
        let det = orient(p, q, c(0.0, 1.0));
        assert_eq!(det, 0.0);
        assert!(!vertex_left_of(p, q, 3, det, 5));
        assert!(vertex_left_of(p, q, 3, det, 1));
        assert!(corner_left_of(p, q, c(0.0, 2.0)));
        // A rightward edge: a later ring is shifted up, to its left.
        assert!(vertex_left_of(p, c(4.0, 0.0), 3, 0.0, 5));
        assert!(!corner_left_of(p, c(4.0, 0.0), c(1.0, 0.0)));
    }

    #[test]
    fn signs_hold_where_plain_arithmetic_fails() {
        // The nearest double to a point on the diagonal, one step above and below it.
        let (p, q) = (c(12.0, 12.0), c(24.0, 24.0));
        let above = 0.5 + f64::EPSILON;
        assert!(orient(p, q, c(0.5, above)) > 0.0);
        assert!(orient(p, q, c(above, 0.5)) < 0.0);
        assert_eq!(orient(p, q, c(0.5, 0.5)), 0.0);
    }

    #[test]
    fn orders_of_three_coinciding_vertices_agree() {
        let mut rings = Rings::default();
        rings.part(0);
        let (a, b) = (c(2., 0.), c(0., 0.));
        let ring = [c(5., 0.), c(0., 5.), a, b, c(1., -1.), a, c(1., 9.), c(3., 9.), a];
        rings.ring(&ring).expect("a ring");
        let rings = rings.finish();
        for (i, j, k) in [(2, 5, 8), (2, 3, 5), (0, 2, 3), (3, 5, 8)] {
            let at = |n: u32| rings.coords()[n as usize];
            assert_eq!(orient(at(i), at(j), at(k)), 0.0);
            let sign = vertex_left_within(&rings, i, j, k, 0.0);
            assert_eq!(vertex_left_within(&rings, j, k, i, 0.0), sign);
            assert_eq!(vertex_left_within(&rings, k, i, j, 0.0), sign);
            assert_eq!(vertex_left_within(&rings, j, i, k, 0.0), !sign);
            assert_eq!(vertex_left_within(&rings, i, k, j, 0.0), !sign);
        }
    }

    #[test]
    fn a_cut_is_the_same_for_edges_that_coincide() {
        let (a, b, p, q) = (c(0.1, 0.3), c(7.7, 3.9), c(1.3, 4.1), c(5.9, -0.7));
        let share = cut_share((a, b), (p, q));
        for (e, f) in [((b, a), (p, q)), ((a, b), (q, p)), ((b, a), (q, p))] {
            assert_eq!(cut_share(e, f), share);
        }
        assert_eq!(cut_share((c(0., 0.), c(10., 0.)), (c(3., -1.), c(3., 5.))), 0.3);
    }

    #[test]
    fn cuts_of_nearly_parallel_edges_are_precise() {
        // Two edges of a kilometre near false eastings of zone 39 that part by one unit in the last place.
        let (x, y, step) = (39_500_000.0, 4_000_000.0, 1.0 / 134_217_728.0);
        let e = (c(x, y), c(x + 1000.0, y));
        let f = (c(x, y - step), c(x + 1000.0, y + 3.0 * step));
        // Ordinates near 4e6 have coarser steps than that, so that both are rounded: measure what is really there.
        let (below, above) = (f.0.y - y, f.1.y - y);
        if below < 0.0 && above > 0.0 {
            assert!((cut_share(e, f) + below / (above - below)).abs() < 1e-14);
        }
        let g = (c(x + 0.0, y - 1.0 / 2_097_152.0), c(x + 1000.0, y + 3.0 / 2_097_152.0));
        assert!((cut_share(e, g) - 0.25).abs() < 1e-14);
        assert!((cut_share(g, e) - 0.25).abs() < 1e-14);
    }
}
