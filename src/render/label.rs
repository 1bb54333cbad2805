//! Where a label or pictogram of a feature stands: where a polygon is widest, in the middle of a line, on a point.
//!
//! The place in a polygon is its pole of inaccessibility, the point that is farthest from all of its borders, found by
//! dividing squares as long as they may hold a better one (Garcia-Castellanos and Lombardo 2007; the squares after
//! V. Agafonkin's polylabel). The search is bounded: a lake of a hundred thousand corners costs milliseconds, not seconds.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use geo::{InteriorPoint, LineString, Polygon};

use crate::model::{Coord, GeometryBlock, GeometryKind};

/// A place inside a feature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    /// Where it is; NaN where the feature has no coordinates.
    pub at: Coord,
    /// How far it is to the nearest border of a polygon; 0 for lines and points.
    pub clear: f64,
}

impl Spot {
    const NOWHERE: Self = Self { at: Coord { x: f64::NAN, y: f64::NAN }, clear: 0.0 };

    fn on(at: Option<Coord>) -> Self {
        at.map_or(Self::NOWHERE, |at| Self { at, clear: 0.0 })
    }
}

/// Corners that are looked at in one search, all squares together.
const BUDGET: usize = 400_000;
/// Squares that are looked at in any case, and at most.
const SQUARES: [usize; 2] = [48, 2_000];
/// Corners of a part that the search sees: of more than that, every second, third … one.
const MOST_CORNERS: usize = 4_096;
/// The search ends where no square may be better by this share of the shorter side.
const PRECISION: f64 = 0.01;

/// A point inside feature `row`: where its largest part is widest, at the middle of its longest path, or its first point.
/// NaN where the feature has no coordinates.
pub fn inside_point(block: &GeometryBlock, row: usize) -> Coord {
    spot(block, row).at
}

/// The same with the room around it.
pub fn spot(block: &GeometryBlock, row: usize) -> Spot {
    match block.kind() {
        GeometryKind::Point => Spot::on(block.points(row).first().copied()),
        GeometryKind::Line => {
            let longest = block.paths(row).max_by(|a, b| length(a).total_cmp(&length(b)));
            Spot::on(longest.and_then(middle))
        }
        GeometryKind::Polygon => {
            let size = |rings: &Vec<&[Coord]>| rings.first().map_or(0.0, |ring| shoelace(ring).abs());
            let largest = block
                .polygon(row)
                .parts()
                .map(|part| part.rings().collect::<Vec<_>>())
                .max_by(|a, b| size(a).total_cmp(&size(b)));
            largest.and_then(|rings| pole(&rings)).unwrap_or(Spot::NOWHERE)
        }
        GeometryKind::None => Spot::NOWHERE,
    }
}

/// The pole of inaccessibility of rings, the first of which is the outer one.
fn pole(rings: &[&[Coord]]) -> Option<Spot> {
    let first = *rings.first()?.first()?;
    if rings.iter().any(|ring| ring.iter().any(|c| !c.x.is_finite() || !c.y.is_finite())) {
        return None;
    }
    // Near the origin differences keep their digits.
    let local = |ring: &&[Coord], every: usize| -> Vec<Coord> {
        let mut kept: Vec<Coord> =
            ring.iter().step_by(every).map(|c| Coord { x: c.x - first.x, y: c.y - first.y }).collect();
        if let (Some(begin), true) = (kept.first().copied(), every > 1) {
            kept.push(begin);
        }
        kept
    };
    let count: usize = rings.iter().map(|ring| ring.len()).sum();
    let every = count.div_ceil(MOST_CORNERS).max(1);
    let whole: Vec<Vec<Coord>> = rings.iter().map(|ring| local(ring, 1)).collect();
    let thinned: Option<Vec<Vec<Coord>>> = (every > 1)
        .then(|| rings.iter().filter(|ring| ring.len() > 3 * every).map(|ring| local(ring, every)).collect());
    let seen = thinned.as_ref().filter(|thinned| !thinned.is_empty()).unwrap_or(&whole);
    let found = search(seen).filter(|found| signed_distance(found.at, &whole) > 0.0);
    let spot = found.or_else(|| {
        // Too thin for the squares: some point inside, as far as there is an inside.
        let polygon = Polygon::new(
            LineString(whole[0].clone()),
            whole[1..].iter().map(|ring| LineString(ring.clone())).collect(),
        );
        let point = polygon.interior_point()?;
        let at = Coord { x: point.x(), y: point.y() };
        Some(Spot { at, clear: signed_distance(at, &whole).max(0.0) })
    });
    let spot = spot.unwrap_or(Spot { at: Coord { x: 0.0, y: 0.0 }, clear: 0.0 });
    Some(Spot { at: Coord { x: spot.at.x + first.x, y: spot.at.y + first.y }, ..spot })
}

/// A square of the search.
struct Square {
    middle: Coord,
    half: f64,
    /// From its middle to the nearest border; negative outside.
    distance: f64,
}

impl Square {
    fn new(middle: Coord, half: f64, rings: &[Vec<Coord>]) -> Self {
        Self { middle, half, distance: signed_distance(middle, rings) }
    }

    /// The most that any point in it may have.
    fn most(&self) -> f64 {
        self.distance + self.half * std::f64::consts::SQRT_2
    }
}

impl PartialEq for Square {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Square {}

impl PartialOrd for Square {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Square {
    fn cmp(&self, other: &Self) -> Ordering {
        // Of equally promising ones the first by place, so that the same polygon gives the same point.
        let place = |a: &Coord, b: &Coord| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y));
        self.most().total_cmp(&other.most()).then_with(|| place(&other.middle, &self.middle))
    }
}

/// `None` where nothing was found inside.
fn search(rings: &[Vec<Coord>]) -> Option<Spot> {
    let outer = rings.first()?;
    let corners: usize = rings.iter().map(Vec::len).sum();
    let budget = (BUDGET / corners.max(1)).clamp(SQUARES[0], SQUARES[1]);
    let bounds = |axis: fn(&Coord) -> f64| {
        outer.iter().map(axis).fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)))
    };
    let ((left, right), (bottom, top)) = (bounds(|c| c.x), bounds(|c| c.y));
    let (width, height) = (right - left, top - bottom);
    let shorter = width.min(height);
    if !(shorter > 0.0 && width.max(height).is_finite()) {
        return None;
    }
    // What is very long begins with fewer squares than fit across it.
    let side = shorter.max(width.max(height) / (budget as f64 / 4.0).max(8.0));
    let mut best = Square::new(Coord { x: (left + right) / 2.0, y: (bottom + top) / 2.0 }, 0.0, rings);
    if let Some(heart) = centroid(outer).map(|at| Square::new(at, 0.0, rings)).filter(|s| s.distance >= best.distance) {
        best = heart;
    }
    let mut open = BinaryHeap::new();
    let steps = |size: f64| (size / side).ceil().max(1.0) as usize;
    for column in 0..steps(width) {
        for row in 0..steps(height) {
            let middle = |from: f64, n: usize| from + (n as f64 + 0.5) * side;
            open.push(Square::new(Coord { x: middle(left, column), y: middle(bottom, row) }, side / 2.0, rings));
        }
    }
    let precision = shorter * PRECISION;
    let mut looked_at = open.len();
    while let Some(square) = open.pop() {
        // Where nothing inside was found yet, any inside is better.
        if best.distance > 0.0 && square.most() - best.distance <= precision {
            break;
        }
        let half = square.half / 2.0;
        let parts = [(-half, -half), (half, -half), (-half, half), (half, half)];
        let middle = square.middle;
        if square.distance > best.distance {
            best = square;
        }
        if looked_at >= budget {
            // What is open is still compared.
            continue;
        }
        looked_at += parts.len();
        for (dx, dy) in parts {
            open.push(Square::new(Coord { x: middle.x + dx, y: middle.y + dy }, half, rings));
        }
    }
    (best.distance > 0.0).then_some(Spot { at: best.middle, clear: best.distance })
}

/// From a point to the nearest border; negative outside.
fn signed_distance(p: Coord, rings: &[Vec<Coord>]) -> f64 {
    let mut inside = false;
    let mut least = f64::INFINITY;
    for ring in rings {
        for edge in ring.windows(2) {
            let (a, b) = (edge[0], edge[1]);
            if (a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x {
                inside = !inside;
            }
            least = least.min(squared_distance(p, a, b));
        }
    }
    let distance = least.sqrt();
    if inside { distance } else { -distance }
}

fn squared_distance(p: Coord, a: Coord, b: Coord) -> f64 {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let square = dx * dx + dy * dy;
    let t = if square > 0.0 { (((p.x - a.x) * dx + (p.y - a.y) * dy) / square).clamp(0.0, 1.0) } else { 0.0 };
    let (x, y) = (p.x - a.x - t * dx, p.y - a.y - t * dy);
    x * x + y * y
}

/// Middle of the area of a ring; `None` where it has none.
fn centroid(ring: &[Coord]) -> Option<Coord> {
    let (mut area, mut x, mut y) = (0.0, 0.0, 0.0);
    for edge in ring.windows(2) {
        let cross = edge[0].x * edge[1].y - edge[1].x * edge[0].y;
        area += cross;
        x += (edge[0].x + edge[1].x) * cross;
        y += (edge[0].y + edge[1].y) * cross;
    }
    let at = Coord { x: x / (3.0 * area), y: y / (3.0 * area) };
    (at.x.is_finite() && at.y.is_finite()).then_some(at)
}

fn shoelace(ring: &[Coord]) -> f64 {
    let Some(first) = ring.first() else { return 0.0 };
    ring.windows(2)
        .map(|e| (e[0].x - first.x) * (e[1].y - first.y) - (e[1].x - first.x) * (e[0].y - first.y))
        .sum::<f64>()
        / 2.0
}

/// Length of a path.
pub fn length(path: &[Coord]) -> f64 {
    path.windows(2).map(|e| (e[1].x - e[0].x).hypot(e[1].y - e[0].y)).sum()
}

fn middle(path: &[Coord]) -> Option<Coord> {
    let half = length(path) / 2.0;
    let mut walked = 0.0;
    for edge in path.windows(2) {
        let step = (edge[1].x - edge[0].x).hypot(edge[1].y - edge[0].y);
        if step > 0.0 && walked + step >= half {
            let t = (half - walked) / step;
            return Some(Coord {
                x: edge[0].x + t * (edge[1].x - edge[0].x),
                y: edge[0].y + t * (edge[1].y - edge[0].y),
            });
        }
        walked += step;
    }
    path.first().copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::GeometryBuilder;
    use crate::render::pick::inside;

    /// A polygon of rings in a zone where coordinates are large.
    fn block(rings: &[&[(f64, f64)]]) -> GeometryBlock {
        let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
        let at = |(x, y): &(f64, f64)| Coord { x: 39_500_000.0 + x, y: 4_000_000.0 + y };
        let closed = |ring: &&[(f64, f64)]| -> Vec<Coord> { ring.iter().chain(ring.first()).map(at).collect() };
        builder.polygon(&[rings.iter().map(closed).collect::<Vec<_>>()]);
        builder.null_feature();
        builder.finish()
    }

    fn local(spot: Spot) -> (f64, f64) {
        (spot.at.x - 39_500_000.0, spot.at.y - 4_000_000.0)
    }

    #[test]
    fn the_point_of_a_horseshoe_lies_in_its_widest_part() {
        let ring = [(0., 0.), (9., 0.), (9., 9.), (8., 9.), (8., 1.), (1., 1.), (1., 9.), (0., 9.)];
        let thin = block(&[&ring]);
        let found = spot(&thin, 0);
        assert!(inside(&thin, 0, found.at) && found.clear > 0.45, "{found:?}");
        assert!(inside_point(&thin, 1).x.is_nan());
        // With one arm three wide the name stands in that arm.
        let ring = [(0., 0.), (9., 0.), (9., 9.), (6., 9.), (6., 1.), (1., 1.), (1., 9.), (0., 9.)];
        let found = spot(&block(&[&ring]), 0);
        let (x, y) = local(found);
        assert!((x - 7.5).abs() < 0.2 && y > 1.0 && found.clear > 1.4, "{x} {y} {found:?}");
    }

    #[test]
    fn the_point_of_a_ring_stands_clear_of_its_hole() {
        let outer = [(0., 0.), (100., 0.), (100., 100.), (0., 100.)];
        let hole = [(5., 5.), (70., 5.), (70., 95.), (5., 95.)];
        let ring = block(&[&outer, &hole]);
        let found = spot(&ring, 0);
        let (x, _) = local(found);
        assert!(inside(&ring, 0, found.at), "{found:?}");
        assert!((x - 85.0).abs() < 1.5 && (found.clear - 15.0).abs() < 1.5, "{x} {found:?}");
    }

    #[test]
    fn a_rectangle_keeps_its_name_in_the_middle_and_a_river_has_one_too() {
        let found = spot(&block(&[&[(0., 0.), (24., 0.), (24., 20.), (0., 20.)]]), 0);
        assert_eq!(local(found), (12.0, 10.0));
        assert!((found.clear - 10.0).abs() < 1e-6);
        // Three metres wide, six kilometres long, with a bend.
        let river = [(0., 0.), (3000., 0.), (6000., 2000.), (6000., 2003.), (3000., 3.), (0., 3.)];
        let river = block(&[&river]);
        let found = spot(&river, 0);
        assert!(inside(&river, 0, found.at), "{found:?}");
    }

    #[test]
    fn a_coast_of_many_corners_is_searched_within_bounds() {
        let corner = |i: usize| {
            let angle = i as f64 / 60_000.0 * std::f64::consts::TAU;
            let r = 1000.0 + 30.0 * (angle * 97.0).sin();
            (r * angle.cos(), r * angle.sin())
        };
        let coast: Vec<(f64, f64)> = (0..60_000).map(corner).collect();
        let coast = block(&[&coast]);
        let found = spot(&coast, 0);
        assert!(inside(&coast, 0, found.at) && found.clear > 930.0, "{found:?}");
    }

    #[test]
    fn a_line_is_labelled_in_its_middle() {
        let mut builder = GeometryBuilder::new(GeometryKind::Line);
        for x in [0.0, 1.0, 10.0] {
            builder.coord(Coord { x, y: 0.0 });
        }
        builder.end_ring();
        builder.end_feature();
        assert_eq!(inside_point(&builder.finish(), 0), Coord { x: 5.0, y: 0.0 });
    }
}
