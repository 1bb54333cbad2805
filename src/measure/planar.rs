//! Planar area and length in a projected CRS: what a map shows, not what the ground holds.

use geo_types::Coord;

/// Area to the left of the stretch of edge `a`→`b` from `a` to the share `t` of its length, in square units of the
/// CRS, by the shoelace formula relative to `origin`: projected coordinates near 4·10⁷ m would lose millimetres.
#[inline]
pub(crate) fn stretch(a: Coord, b: Coord, t: f64, origin: Coord) -> f64 {
    let (ax, ay) = (a.x - origin.x, a.y - origin.y);
    let (dx, dy) = ((b.x - a.x) * t, (b.y - a.y) * t);
    0.5 * (ax * dy - ay * dx)
}
