//! What lies at a point, in a box, in a drawn polygon; and the vertex or edge that a pointer snaps to.
//!
//! Works on geometry in the project CRS, as it is drawn: even-odd within a part, any part, is then the same reading as
//! in its area (see `overlay::as_drawn`).

use std::sync::Arc;

use crate::model::index::SpatialIndex;
use crate::model::{Coord, Extent, GeometryBlock, GeometryKind};

/// A layer's geometry with its index, ready to be asked.
#[derive(Clone, Copy)]
pub struct Pickable<'a> {
    /// Blocks in the project CRS.
    pub blocks: &'a [Arc<GeometryBlock>],
    /// First feature of each block, and the count at the end.
    pub starts: &'a [usize],
    /// Index over the extents of the features.
    pub index: &'a SpatialIndex,
}

impl<'a> Pickable<'a> {
    fn locate(&self, feature: usize) -> (&'a GeometryBlock, usize) {
        let block = self.starts.partition_point(|start| *start <= feature) - 1;
        (&self.blocks[block], feature - self.starts[block])
    }

    /// Features at `point`; lines and points within `tolerance` world units. Ascending.
    pub fn at(&self, point: Coord, tolerance: f64) -> Vec<usize> {
        let mut hits = self.index.query_point(point, tolerance);
        hits.retain(|feature| {
            let (block, row) = self.locate(*feature);
            hit(block, row, point, tolerance)
        });
        hits.sort_unstable();
        hits
    }

    /// Features that share a point with `extent`. Ascending.
    pub fn in_box(&self, extent: &Extent) -> Vec<usize> {
        let ring = [
            extent.min,
            Coord { x: extent.max.x, y: extent.min.y },
            extent.max,
            Coord { x: extent.min.x, y: extent.max.y },
            extent.min,
        ];
        self.in_ring(&ring)
    }

    /// Features that share a point with the inside of `ring`, which is closed when its ends are not the same. Ascending.
    pub fn in_ring(&self, ring: &[Coord]) -> Vec<usize> {
        let Some(closed) = closed(ring) else { return Vec::new() };
        let extent = Extent::of(&closed);
        let rectangle = is_rectangle(&closed, &extent);
        let mut hits = self.index.query(&extent);
        hits.retain(|feature| {
            let (block, row) = self.locate(*feature);
            let own = block.feature_extent(row);
            let inside = rectangle && extent.contains(own.min) && extent.contains(own.max);
            inside || meets(block, row, &closed, &extent)
        });
        hits.sort_unstable();
        hits
    }

    /// Features that lie wholly inside `ring`, which is closed when its ends are not the same. Ascending.
    pub fn within_ring(&self, ring: &[Coord]) -> Vec<usize> {
        let Some(closed) = closed(ring) else { return Vec::new() };
        let extent = Extent::of(&closed);
        let rectangle = is_rectangle(&closed, &extent);
        let mut hits = self.index.query(&extent);
        hits.retain(|feature| {
            let (block, row) = self.locate(*feature);
            let own = block.feature_extent(row);
            extent.contains(own.min) && extent.contains(own.max) && (rectangle || lies_within(block, row, &closed))
        });
        hits.sort_unstable();
        hits
    }

    /// Features whose centre lies inside `ring`, which is closed when its ends are not the same: of polygons the centre of
    /// their land, of lines that of their length, of points their mean. Ascending.
    pub fn centred_in_ring(&self, ring: &[Coord]) -> Vec<usize> {
        let Some(closed) = closed(ring) else { return Vec::new() };
        let extent = Extent::of(&closed);
        let mut hits = self.index.query(&extent);
        hits.retain(|feature| {
            let (block, row) = self.locate(*feature);
            centre(block, row).is_some_and(|centre| extent.contains(centre) && in_closed_ring(centre, &closed))
        });
        hits.sort_unstable();
        hits
    }

    /// The nearest vertex within `tolerance` of `point`, else the nearest place on an edge.
    pub fn snap(&self, point: Coord, tolerance: f64) -> Option<Snap> {
        let mut best: Option<Snap> = None;
        for feature in self.index.query_point(point, tolerance) {
            let (block, row) = self.locate(feature);
            for_each_edge(block, row, |a, b| {
                for (place, vertex) in [(a, true), (b, true), (nearest_on_edge(point, a, b), false)] {
                    let snap = Snap { place, vertex, distance: distance(point, place) };
                    if snap.distance <= tolerance && best.is_none_or(|best| snap.beats(&best)) {
                        best = Some(snap);
                    }
                }
                true
            });
            for place in block.points(row) {
                let snap = Snap { place: *place, vertex: true, distance: distance(point, *place) };
                if snap.distance <= tolerance && best.is_none_or(|best| snap.beats(&best)) {
                    best = Some(snap);
                }
            }
        }
        best
    }
}

/// A place that a pointer snaps to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Snap {
    /// Where, in world units.
    pub place: Coord,
    /// Whether it is a vertex.
    pub vertex: bool,
    /// From the pointer, in world units.
    pub distance: f64,
}

impl Snap {
    /// Vertices win over edges, then the nearer one.
    pub fn beats(&self, other: &Self) -> bool {
        (self.vertex, -self.distance) > (other.vertex, -other.distance)
    }
}

fn hit(block: &GeometryBlock, row: usize, point: Coord, tolerance: f64) -> bool {
    match block.kind() {
        GeometryKind::Polygon => inside(block, row, point),
        GeometryKind::Line => near_edge(block, row, point, tolerance),
        GeometryKind::Point => block.points(row).iter().any(|p| distance(point, *p) <= tolerance),
        GeometryKind::None => false,
    }
}

fn near_edge(block: &GeometryBlock, row: usize, point: Coord, tolerance: f64) -> bool {
    let mut near = false;
    for_each_edge(block, row, |a, b| {
        near = distance(point, nearest_on_edge(point, a, b)) <= tolerance;
        !near
    });
    near
}

/// Whether `point` lies inside polygon feature `row`: in an odd number of rings of one of its parts.
pub fn inside(block: &GeometryBlock, row: usize, point: Coord) -> bool {
    block.polygon(row).parts().any(|part| part.rings().filter(|ring| in_closed_ring(point, ring)).count() % 2 == 1)
}

fn in_closed_ring(point: Coord, ring: &[Coord]) -> bool {
    let mut odd = false;
    for edge in ring.windows(2) {
        let (a, b) = (edge[0], edge[1]);
        if (a.y > point.y) != (b.y > point.y) {
            let (low, high) = if a.y < b.y { (a, b) } else { (b, a) };
            let turn = robust::orient2d(robust_coord(low), robust_coord(high), robust_coord(point));
            odd ^= turn > 0.0;
        }
    }
    odd
}

fn robust_coord(c: Coord) -> robust::Coord<f64> {
    robust::Coord { x: c.x, y: c.y }
}

/// Calls `edge` for every edge of a polygon or line until it says `false`.
fn for_each_edge(block: &GeometryBlock, row: usize, mut edge: impl FnMut(Coord, Coord) -> bool) {
    let mut walk = |path: &[Coord]| path.windows(2).all(|pair| edge(pair[0], pair[1]));
    match block.kind() {
        GeometryKind::Polygon => drop(block.polygon(row).rings().all(|(_, ring)| walk(ring))),
        GeometryKind::Line => drop(block.paths(row).all(walk)),
        GeometryKind::Point | GeometryKind::None => {}
    }
}

fn meets(block: &GeometryBlock, row: usize, ring: &[Coord], extent: &Extent) -> bool {
    let vertices = block.feature_coords(row);
    if vertices.iter().any(|c| extent.contains(*c) && in_closed_ring(*c, ring)) {
        return true;
    }
    if block.kind() == GeometryKind::Polygon && ring.iter().any(|c| inside(block, row, *c)) {
        return true;
    }
    let mut crossed = false;
    for_each_edge(block, row, |a, b| {
        let near = Extent::of(&[a, b]).intersects(extent);
        crossed = near && ring.windows(2).any(|other| cross(a, b, other[0], other[1]));
        !crossed
    });
    crossed
}

fn lies_within(block: &GeometryBlock, row: usize, ring: &[Coord]) -> bool {
    let mut finite = block.feature_coords(row).iter().filter(|c| c.x.is_finite() && c.y.is_finite());
    if !finite.all(|c| in_closed_ring(*c, ring)) {
        return false;
    }
    let mut free = true;
    for_each_edge(block, row, |a, b| {
        free = !ring.windows(2).any(|other| cross(a, b, other[0], other[1]));
        free
    });
    free
}

/// The centre of mass of a feature: of the land of a polygon, the length of lines, the number of points. `None` where it
/// has no place.
fn centre(block: &GeometryBlock, row: usize) -> Option<Coord> {
    let origin = *block.feature_coords(row).iter().find(|c| c.x.is_finite() && c.y.is_finite())?;
    // Weight, and weighted distance from the origin, which keeps the digits of large coordinates.
    let mut sum = [0.0; 3];
    let mut add = |weight: f64, x: f64, y: f64| {
        sum[0] += weight;
        sum[1] += weight * x;
        sum[2] += weight * y;
    };
    let relative = |c: Coord| (c.x - origin.x, c.y - origin.y);
    if block.kind() == GeometryKind::Polygon {
        for part in block.polygon(row).parts() {
            for (at, ring) in part.rings().enumerate() {
                let mut own = [0.0; 3];
                for edge in ring.windows(2) {
                    let ((ax, ay), (bx, by)) = (relative(edge[0]), relative(edge[1]));
                    let twice = ax * by - bx * ay;
                    own[0] += twice;
                    own[1] += twice * (ax + bx) / 3.0;
                    own[2] += twice * (ay + by) / 3.0;
                }
                // Holes take land away, whichever way they turn.
                let sign = if (own[0] < 0.0) == (at == 0) { -1.0 } else { 1.0 };
                if own[0] != 0.0 {
                    add(sign * own[0], own[1] / own[0], own[2] / own[0]);
                }
            }
        }
    }
    if sum[0] <= 0.0 {
        sum = [0.0; 3];
        let mut add = |weight: f64, x: f64, y: f64| {
            sum[0] += weight;
            sum[1] += weight * x;
            sum[2] += weight * y;
        };
        for_each_edge(block, row, |a, b| {
            let ((ax, ay), (bx, by)) = (relative(a), relative(b));
            add(distance(a, b), (ax + bx) / 2.0, (ay + by) / 2.0);
            true
        });
        if block.kind() == GeometryKind::Point {
            block.points(row).iter().for_each(|point| add(1.0, relative(*point).0, relative(*point).1));
        }
    }
    let centre = Coord { x: origin.x + sum[1] / sum[0], y: origin.y + sum[2] / sum[0] };
    (centre.x.is_finite() && centre.y.is_finite()).then_some(centre)
}

/// `ring` with its first place at its end too; `None` where it encloses nothing.
fn closed(ring: &[Coord]) -> Option<Vec<Coord>> {
    let mut closed = ring.to_vec();
    if closed.len() < 3 {
        return None;
    }
    if closed.first() != closed.last() {
        closed.push(closed[0]);
    }
    Some(closed)
}

fn cross(a: Coord, b: Coord, c: Coord, d: Coord) -> bool {
    let side = |p, q, r| robust::orient2d(robust_coord(p), robust_coord(q), robust_coord(r));
    let (s1, s2, s3, s4) = (side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b));
    (s1 > 0.0) != (s2 > 0.0) && (s3 > 0.0) != (s4 > 0.0)
}

fn is_rectangle(ring: &[Coord], extent: &Extent) -> bool {
    ring.len() == 5
        && ring.windows(2).all(|e| e[0].x == e[1].x || e[0].y == e[1].y)
        && ring
            .iter()
            .all(|c| (c.x == extent.min.x || c.x == extent.max.x) && (c.y == extent.min.y || c.y == extent.max.y))
}

fn distance(a: Coord, b: Coord) -> f64 {
    (a.x - b.x).hypot(a.y - b.y)
}

/// The place on the edge from `a` to `b` that is nearest to `p`.
pub fn nearest_on_edge(p: Coord, a: Coord, b: Coord) -> Coord {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let length2 = dx * dx + dy * dy;
    if length2 == 0.0 {
        return a;
    }
    let t = (((p.x - a.x) * dx + (p.y - a.y) * dy) / length2).clamp(0.0, 1.0);
    Coord { x: a.x + t * dx, y: a.y + t * dy }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::GeometryBuilder;
    use crate::task::Progress;

    const ORIGIN: Coord = Coord { x: 39_500_000.0, y: 4_070_000.0 };

    fn at(x: f64, y: f64) -> Coord {
        Coord { x: ORIGIN.x + x, y: ORIGIN.y + y }
    }

    fn square(x: f64, y: f64, size: f64) -> Vec<Coord> {
        vec![at(x, y), at(x + size, y), at(x + size, y + size), at(x, y + size), at(x, y)]
    }

    fn check(kind: GeometryKind, build: impl Fn(&mut GeometryBuilder), test: impl Fn(Pickable<'_>)) {
        let mut builder = GeometryBuilder::new(kind);
        build(&mut builder);
        let block = Arc::new(builder.finish());
        let starts = [0, block.feature_count()];
        let blocks = [block];
        let index = SpatialIndex::build(&blocks, &Progress::new()).expect("not cancelled");
        test(Pickable { blocks: &blocks, starts: &starts, index: &index });
    }

    fn parcels(builder: &mut GeometryBuilder) {
        builder.polygon(&[vec![square(0.0, 0.0, 10.0), square(2.0, 2.0, 4.0)]]);
        builder.polygon(&[vec![square(10.0, 0.0, 10.0)], vec![square(100.0, 0.0, 1.0)]]);
        builder.polygon(&[vec![square(3.0, 3.0, 1.0)]]);
    }

    #[test]
    fn a_point_hits_what_it_lies_in() {
        check(GeometryKind::Polygon, parcels, |layer| {
            assert_eq!(layer.at(at(1.0, 1.0), 0.0), [0]);
            assert_eq!(layer.at(at(2.5, 2.5), 0.0), [0usize; 0], "in the hole");
            assert_eq!(layer.at(at(3.5, 3.5), 0.0), [2]);
            assert_eq!(layer.at(at(100.5, 0.5), 0.0), [1], "second part");
            // A point on a shared border belongs to exactly one of the two.
            assert_eq!(layer.at(at(10.0, 5.0), 0.0).len(), 1);
        });
    }

    #[test]
    fn a_box_takes_what_it_touches() {
        check(GeometryKind::Polygon, parcels, |layer| {
            let extent = Extent { min: at(8.0, 8.0), max: at(12.0, 9.0) };
            assert_eq!(layer.in_box(&extent), [0, 1]);
            let within = Extent { min: at(11.0, 2.0), max: at(12.0, 3.0) };
            assert_eq!(layer.in_box(&within), [1], "the box lies inside the parcel");
            let all = Extent { min: at(-1.0, -1.0), max: at(200.0, 20.0) };
            assert_eq!(layer.in_box(&all), [0, 1, 2]);
            let hole = Extent { min: at(2.2, 2.2), max: at(2.8, 2.8) };
            assert_eq!(layer.in_box(&hole), [0usize; 0], "in the hole");
        });
    }

    #[test]
    fn a_lasso_takes_what_it_touches() {
        check(GeometryKind::Polygon, parcels, |layer| {
            assert_eq!(layer.in_ring(&[at(2.5, 2.5), at(4.5, 2.5), at(3.5, 4.5)]), [2]);
            assert_eq!(layer.in_ring(&[at(2.5, 2.5)]), [0usize; 0]);
            // No vertex inside, but it crosses.
            assert_eq!(layer.in_ring(&[at(-1.0, 8.0), at(25.0, 8.0), at(25.0, 8.5), at(-1.0, 8.5)]), [0, 1]);
        });
    }

    #[test]
    fn lines_and_points_are_hit_within_the_tolerance() {
        let line = |builder: &mut GeometryBuilder| {
            builder.coord(at(0.0, 0.0));
            builder.coord(at(10.0, 0.0));
            builder.end_ring();
            builder.end_feature();
        };
        check(GeometryKind::Line, line, |layer| {
            assert_eq!(layer.at(at(5.0, 0.5), 1.0), [0]);
            assert_eq!(layer.at(at(5.0, 1.5), 1.0), [0usize; 0]);
            assert_eq!(layer.at(at(10.9, 0.0), 1.0), [0]);
        });
        let point = |builder: &mut GeometryBuilder| {
            builder.coord(at(5.0, 5.0));
            builder.end_feature();
        };
        check(GeometryKind::Point, point, |layer| {
            assert_eq!(layer.at(at(5.5, 5.0), 1.0), [0]);
            assert_eq!(layer.in_box(&Extent { min: at(4.0, 4.0), max: at(6.0, 6.0) }), [0]);
        });
    }

    #[test]
    fn a_lasso_holds_what_lies_wholly_inside() {
        let two = |builder: &mut GeometryBuilder| {
            builder.polygon(&[vec![square(0.0, 0.0, 10.0)]]);
            builder.polygon(&[vec![square(20.0, 0.0, 10.0)]]);
        };
        check(GeometryKind::Polygon, two, |layer| {
            let boxed = square(-1.0, -1.0, 26.0);
            assert_eq!(layer.in_ring(&boxed), [0, 1]);
            assert_eq!(layer.within_ring(&boxed), [0]);
            // A notch reaches into the second square without holding a vertex of it outside.
            let notched =
                [at(-1.0, -1.0), at(40.0, -1.0), at(40.0, 11.0), at(25.0, 5.0), at(15.0, 11.0), at(-1.0, 11.0)];
            assert_eq!(layer.within_ring(&notched), [0]);
            assert_eq!(layer.within_ring(&notched[..2]), [0usize; 0]);
        });
    }

    #[test]
    fn a_lasso_holds_what_has_its_centre_inside() {
        let features = |builder: &mut GeometryBuilder| {
            builder.polygon(&[vec![square(0.0, 0.0, 10.0)]]);
            // The hole moves the centre of the land to the right: 5.8, 5.
            let hole = vec![at(1.0, 1.0), at(1.0, 9.0), at(4.0, 9.0), at(4.0, 1.0), at(1.0, 1.0)];
            builder.polygon(&[vec![square(0.0, 0.0, 10.0), hole]]);
            builder.polygon(&[vec![square(0.0, 0.0, 1.0)], vec![square(20.0, 0.0, 2.0)]]);
        };
        check(GeometryKind::Polygon, features, |layer| {
            assert_eq!(layer.centred_in_ring(&square(4.5, 4.5, 1.0)), [0]);
            assert_eq!(layer.centred_in_ring(&square(5.5, 4.5, 1.0)), [1]);
            assert_eq!(layer.centred_in_ring(&square(-1.0, -1.0, 12.0)), [0, 1]);
            assert_eq!(layer.centred_in_ring(&square(16.0, 0.0, 2.0)), [2], "between its parts, by their land");
            assert_eq!(layer.centred_in_ring(&square(4.5, 4.5, 1.0)[..2]), [0usize; 0]);
        });
        let line = |builder: &mut GeometryBuilder| {
            [at(0.0, 0.0), at(10.0, 0.0), at(10.0, 30.0)].into_iter().for_each(|c| builder.coord(c));
            builder.end_ring();
            builder.end_feature();
        };
        check(GeometryKind::Line, line, |layer| {
            assert_eq!(layer.centred_in_ring(&square(8.0, 11.0, 1.0)), [0], "8.75, 11.25");
            assert_eq!(layer.centred_in_ring(&square(0.0, 0.0, 5.0)), [0usize; 0]);
        });
    }

    #[test]
    fn vertices_win_over_edges() {
        check(GeometryKind::Polygon, parcels, |layer| {
            let snap = layer.snap(at(9.0, 0.3), 1.5).expect("near");
            assert!(snap.vertex && snap.place == at(10.0, 0.0));
            let snap = layer.snap(at(5.0, 0.3), 1.0).expect("near");
            assert!(!snap.vertex && snap.place == at(5.0, 0.0));
            assert_eq!(layer.snap(at(50.0, 50.0), 1.0), None);
        });
    }
}
