//! Areas and lengths along geodesics, by Karney's algorithms (2013, "Algorithms for geodesics") through geographiclib.

use geo_types::Coord;
use geographiclib_rs::{Geodesic, InverseGeodesic, PolygonArea, Winding};

use super::ellipsoid::Ellipsoid;
use super::lonlat::EqualArea;
use super::wide;

/// The solver for an ellipsoid.
pub(crate) fn solver(ellipsoid: &Ellipsoid) -> Geodesic {
    Geodesic::new(ellipsoid.a, 1.0 / ellipsoid.inverse_flattening)
}

/// Area and perimeter of a ring of longitudes and latitudes in degrees, m² and m. The area is not negative: of the two
/// regions that a ring bounds, the smaller one, unless it has an edge of 180° of longitude or more, see `wide`.
///
/// `ring` may repeat its first vertex at the end or not; either winding.
pub(crate) fn ring(solver: &Geodesic, ring: &[Coord]) -> (f64, f64) {
    let open = match ring {
        [rest @ .., last] if ring.len() > 1 && ring[0] == *last => rest,
        _ => ring,
    };
    if open.len() < 2 {
        return (0.0, 0.0);
    }
    let mut polygon = PolygonArea::new(solver, Winding::CounterClockwise);
    for c in open {
        polygon.add_point(c.y, c.x);
    }
    let (perimeter, area, _) = polygon.compute(true);
    if wide::has_straight_edges(ring) {
        let equal_area = EqualArea::new(&Ellipsoid::new(solver.a, 1.0 / solver.f));
        // From the equator, as geodesics are.
        let straight = |p: Coord, q: Coord| equal_area.stretch(p, q, 1.0, Coord { x: 0.0, y: 0.0 });
        return (wide::straight_area(solver, ring, straight), perimeter);
    }
    (area.abs(), perimeter)
}

/// Length of a path of longitudes and latitudes in degrees, metres.
pub(crate) fn length(solver: &Geodesic, path: &[Coord]) -> f64 {
    path.windows(2)
        .map(|edge| {
            let metres: f64 = solver.inverse(edge[0].y, edge[0].x, edge[1].y, edge[1].x);
            metres
        })
        .sum()
}
