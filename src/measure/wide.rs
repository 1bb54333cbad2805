//! Rings that reach far around the globe: which way their long edges go, and where geodesic ones run.
//!
//! An edge is the shorter way around the globe, except where it spans 180° of longitude or more: then it is straight in
//! longitude and latitude, as in the masks of the world that web maps are framed by. A ring whose long edges only step
//! over the antimeridian, from 179° to −179°, looks the same at first; that is meant where by the other reading the ring
//! would be far more of a strip. A ring that goes once around a pole holds the pole.

use std::borrow::Cow;

use geo_types::Coord;
use geographiclib_rs::{DirectGeodesic, Geodesic, InverseGeodesic};

use super::zone::wrap;
use crate::model::Extent;

/// An edge of that many degrees of longitude is a long one.
const LONG_DEG: f64 = 180.0;
/// How many times more a ring must be a strip by one reading for the other one to be meant.
const CLEARLY: f64 = 2.0;
/// Most pieces of one edge.
const MOST_PIECES: f64 = 4096.0;

/// How the longitudes of a ring are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// No edge is long.
    Plain,
    /// Long edges are straight in longitude and latitude.
    Straight,
    /// Long edges step over the antimeridian.
    Stepping,
    /// The ring goes around a pole.
    AroundPole,
}

/// Whether a ring of degrees has edges that are straight in longitude and latitude since they are long.
pub(crate) fn has_straight_edges(ring: &[Coord]) -> bool {
    Extent::of(ring).width() >= LONG_DEG && reading(ring) == Reading::Straight
}

/// How the longitudes of a ring of degrees are meant.
pub(crate) fn reading(ring: &[Coord]) -> Reading {
    let spans = |edge: &[Coord]| (edge[1].x - edge[0].x).abs();
    let closing = ring.last().zip(ring.first()).map(|(last, first)| [*last, *first]);
    let edges = || ring.windows(2).chain(closing.iter().map(|edge| &edge[..]));
    // A step of half a turn goes where it says.
    let step = |degrees: f64| if degrees.abs() <= LONG_DEG { degrees } else { wrap(degrees) };
    let sum: f64 = edges().map(|edge| step(edge[1].x - edge[0].x)).sum();
    let is_long = edges().any(|edge| spans(edge) >= LONG_DEG);
    // Of a full turn nothing is left but the turn itself.
    if sum.abs() > LONG_DEG && !edges().any(|edge| spans(edge) >= 360.0) {
        return Reading::AroundPole;
    }
    if !is_long {
        return Reading::Plain;
    }
    if sum.abs() > LONG_DEG || !edges().any(|edge| spans(edge) > LONG_DEG) {
        return Reading::Straight;
    }
    let strip = |extent: &Extent| {
        let (width, height) = (extent.width(), extent.height());
        width.max(height) / width.min(height).max(f64::MIN_POSITIVE)
    };
    let (given, stepping) = (Extent::of(ring), unwrapped(ring.iter().copied()));
    if CLEARLY * strip(&stepping) < strip(&given) { Reading::Stepping } else { Reading::Straight }
}

/// Extent of a walk over `coords` in which every step takes the shorter way around the globe.
pub(crate) fn unwrapped(coords: impl Iterator<Item = Coord>) -> Extent {
    let mut extent = Extent::EMPTY;
    let mut previous: Option<f64> = None;
    for c in coords {
        if c.x.is_finite() && c.y.is_finite() {
            let x = previous.map_or(c.x, |p| p + wrap(c.x - p));
            previous = Some(x);
            extent.add(Coord { x, y: c.y });
        }
    }
    extent
}

/// The ring in a plane of longitude and latitude, where it encloses what it is meant to: longitudes go on past 180°
/// where it steps over the antimeridian, and a ring around a pole is closed along the pole.
pub(crate) fn unrolled(ring: &[Coord]) -> Cow<'_, [Coord]> {
    let extent = Extent::of(ring);
    // Only what is this wide has a long edge, or goes around.
    if extent.width() < LONG_DEG {
        return ring.into();
    }
    let reading = reading(ring);
    match reading {
        Reading::Plain | Reading::Straight => ring.into(),
        Reading::Stepping | Reading::AroundPole => {
            let mut turns = 0.0;
            let mut previous = ring[0].x;
            let step = |c: &Coord| {
                let step = c.x - previous;
                if step.abs() > LONG_DEG && step.is_finite() {
                    turns -= (step / 360.0).round();
                }
                previous = c.x;
                Coord { x: c.x + 360.0 * turns, y: c.y }
            };
            let mut unrolled: Vec<Coord> = ring.iter().map(step).collect();
            if reading == Reading::AroundPole
                && let [first, .., last] = unrolled[..]
            {
                let closed = if ring.first() == ring.last() {
                    last
                } else {
                    Coord { x: last.x + wrap(first.x - last.x), y: first.y }
                };
                let pole = 90.0f64.copysign(extent.center().y);
                unrolled.extend([closed, Coord { x: closed.x, y: pole }, Coord { x: first.x, y: pole }, first]);
            }
            unrolled.into()
        }
    }
}

/// Area of a ring whose long edges are straight in longitude and latitude and whose others are geodesics, m², by any
/// winding. `straight` is the area that a straight edge contributes.
pub(crate) fn straight_area(solver: &Geodesic, ring: &[Coord], straight: impl Fn(Coord, Coord) -> f64) -> f64 {
    let closing = ring.last().zip(ring.first()).map(|(last, first)| [*last, *first]);
    let edges = ring.windows(2).chain(closing.iter().map(|edge| &edge[..]));
    let of_edge = |edge: &[Coord]| {
        let (p, q) = (edge[0], edge[1]);
        if (q.x - p.x).abs() >= LONG_DEG {
            return straight(p, q);
        }
        // From the equator to the geodesic, positive to the east.
        let (.., below, _): (f64, f64, f64, f64, f64, f64, f64, f64) = solver.inverse(p.y, p.x, q.y, q.x);
        -below
    };
    edges.map(of_edge).sum::<f64>().abs()
}

/// How many pieces of at most `longest_m` metres an edge is split into; 1 for an edge that is straight as it is.
fn piece_count(p: Coord, q: Coord, longest_m: f64) -> f64 {
    let (dx, dy) = ((q.x - p.x).abs(), (q.y - p.y).abs());
    // Meridians and the equator are geodesics; long edges are none.
    if dx == 0.0 || (p.y == 0.0 && q.y == 0.0) || dx.is_nan() || dx >= LONG_DEG {
        return 1.0;
    }
    // A degree has no more than 111.7 km.
    let cos = p.y.abs().min(q.y.abs()).to_radians().cos();
    let metres = 111_700.0 * (dx * cos).hypot(dy);
    (metres / longest_m).ceil().clamp(1.0, MOST_PIECES)
}

/// How many vertices [`split_edges`] adds to a ring.
pub(crate) fn added_count(ring: &[Coord], longest_m: f64) -> f64 {
    ring.windows(2).map(|edge| piece_count(edge[0], edge[1], longest_m) - 1.0).sum()
}

/// The ring with its edges split along their geodesics, into pieces of at most `longest_m` metres: at the same places
/// for an edge from either side, whatever ring it is of.
pub(crate) fn split_edges(solver: &Geodesic, ring: &[Coord], longest_m: f64) -> Vec<Coord> {
    let mut split: Vec<Coord> = ring.first().copied().into_iter().collect();
    for edge in ring.windows(2) {
        let (p, q) = (edge[0], edge[1]);
        let count = piece_count(p, q, longest_m);
        if count > 1.0 {
            let turned = q.x < p.x || (q.x == p.x && q.y < p.y);
            let (a, b) = if turned { (q, p) } else { (p, q) };
            let (metres, azimuth, _, _): (f64, f64, f64, f64) = solver.inverse(a.y, a.x, b.y, b.x);
            let first = split.len();
            for piece in 1..count as usize {
                let (y, x): (f64, f64) = solver.direct(a.y, a.x, azimuth, metres * (piece as f64 / count));
                split.push(Coord { x: a.x + wrap(x - a.x), y });
            }
            if turned {
                split[first..].reverse();
            }
        }
        split.push(q);
    }
    split
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crs::Datum;
    use crate::measure::Ellipsoid;
    use crate::measure::geodesic::{self, solver};

    fn ring(points: &[(f64, f64)]) -> Vec<Coord> {
        points.iter().chain(points.first()).map(|&(x, y)| Coord { x, y }).collect()
    }

    #[test]
    fn long_edges_are_told_from_steps_over_the_antimeridian() {
        let check = |points: &[(f64, f64)], expected| assert_eq!(reading(&ring(points)), expected, "{points:?}");
        check(&[(10., 50.), (50., 50.), (50., 40.), (10., 40.)], Reading::Plain);
        check(&[(-180., -90.), (180., -90.), (180., 90.), (-180., 90.)], Reading::Straight);
        check(&[(-180., -85.), (180., -85.), (180., 85.), (-180., 85.)], Reading::Straight);
        check(&[(0., -85.), (360., -85.), (360., 85.), (0., 85.)], Reading::Straight);
        check(&[(-179.9, -85.), (179.9, -85.), (179.9, 85.), (-179.9, 85.)], Reading::Straight);
        check(&[(-100., -40.), (100., -40.), (100., 40.), (-100., 40.)], Reading::Straight);
        check(&[(-90., -60.), (90., -60.), (90., 60.), (-90., 60.)], Reading::Straight);
        check(&[(179.9, 10.), (-179.9, 10.), (-179.9, 10.2), (179.9, 10.2)], Reading::Stepping);
        check(&[(160., 60.), (-169., 60.), (-169., 72.), (160., 72.)], Reading::Stepping);
        check(&[(60., 45.), (180., 45.), (-60., 45.)], Reading::AroundPole);
        check(&[(0., 70.), (90., 70.), (180., 70.), (270., 70.)], Reading::AroundPole);
    }

    #[test]
    fn a_mask_of_the_world_is_the_whole_ellipsoid() {
        let solver = solver(&Ellipsoid::of(Datum::Wgs84));
        for points in [
            [(-180., -90.), (180., -90.), (180., 90.), (-180., 90.)],
            [(0., 90.), (360., 90.), (360., -90.), (0., -90.)],
        ] {
            let (area, _) = geodesic::ring(&solver, &ring(&points));
            assert!((area / 1e6 - 510_065_621.724).abs() < 1e-2, "{area}");
        }
        // Half of it.
        let (area, _) = geodesic::ring(&solver, &ring(&[(-90., -90.), (90., -90.), (90., 90.), (-90., 90.)]));
        assert!((area / 1e6 - 255_032_810.862).abs() < 1e-2, "{area}");
    }

    #[test]
    fn a_split_edge_is_the_same_from_either_side_and_has_the_area_of_its_geodesic() {
        let ellipsoid = Ellipsoid::of(Datum::Wgs84);
        let solver = solver(&ellipsoid);
        let given = ring(&[(10., 50.), (10., 40.), (50., 40.), (50., 50.)]);
        let split = split_edges(&solver, &given, 1_000.0);
        let mut turned = given.clone();
        turned.reverse();
        let mut back = split_edges(&solver, &turned, 1_000.0);
        back.reverse();
        assert_eq!(split, back);
        assert_eq!(split.len() as f64, given.len() as f64 + added_count(&given, 1_000.0));
        let equal_area = crate::measure::lonlat::EqualArea::new(&ellipsoid);
        let origin = split[0];
        let straight: f64 = split.windows(2).map(|e| equal_area.stretch(e[0], e[1], 1.0, origin)).sum();
        let (geodesic, _) = geodesic::ring(&solver, &given);
        assert!((straight.abs() / geodesic - 1.0).abs() < 1e-7, "{straight} {geodesic}");
    }

    #[test]
    fn rings_unroll_to_what_they_enclose() {
        let solver = solver(&Ellipsoid::of(Datum::Wgs84));
        let cap = ring(&[(0., 70.), (90., 70.), (180., 70.), (270., 70.)]);
        let unrolled_cap = unrolled(&cap);
        assert_eq!(Extent::of(&unrolled_cap), Extent { min: Coord { x: 0., y: 70. }, max: Coord { x: 360., y: 90. } });
        assert_eq!(unrolled_cap.first(), unrolled_cap.last());
        let stepping = ring(&[(179., 10.), (-179., 10.), (-179., 11.), (179., 11.)]);
        assert_eq!(Extent::of(&unrolled(&stepping)).width(), 2.0);
        let (area, _) = geodesic::ring(&solver, &stepping);
        assert!(area < 3e10, "{area}");
    }
}
