//! Overlays of shapes made of bytes, held against what can be counted.
//!
//! Shapes of edges along the axes cover whole cells, which are counted by winding numbers of whole numbers; pairs of convex
//! polygons are cut exactly, in fractions of whole numbers. Any other rings, crossing themselves as they like, must keep
//! the laws: what is common and what is left add up to the whole, and the union is both less what is common.

use tuban::crs::Crs;
use tuban::measure::Frame;
use tuban::model::{AreaMethod, Coord, FeatureBlock, GeometryBuilder, GeometryKind, Layer};
use tuban::overlay::{self, PairTable};
use tuban::task::Progress;

/// A ring of whole numbers, not closed.
type Ring = Vec<(i64, i64)>;
/// Outer ring and holes.
type Shape = Vec<Ring>;

/// Metres of a step of the grid.
const STEP_M: f64 = 10.0;
/// m² of a cell.
const CELL_M2: f64 = STEP_M * STEP_M;
/// Cells along a side.
const CELLS: i64 = 12;
/// m² by which a sum of areas may miss what is counted.
const MOST_OFF_M2: f64 = 1e-3;

/// Inputs to begin with: some of each kind.
pub(crate) fn shapes() -> Vec<Vec<u8>> {
    let of = |kind: u8, factor: u8| -> Vec<u8> {
        (0..40u8).map(|at| if at == 0 { kind } else { at.wrapping_mul(factor) }).collect()
    };
    let mut inputs: Vec<Vec<u8>> = Vec::new();
    for kind in 0..3 {
        inputs.extend([of(kind, 7), of(kind, 37), of(kind, 101)]);
    }
    inputs
}

/// Takes numbers from bytes; zeros when they are used up.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn below(&mut self, end: i64) -> i64 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        i64::from(*first) % end
    }
}

/// Makes two layers of the bytes and lays them over each other.
pub(crate) fn overlay(bytes: &[u8]) {
    let mut bytes = Bytes(bytes);
    match bytes.below(3) {
        0 => cells(&mut bytes),
        1 => convex(&mut bytes),
        _ => any_rings(&mut bytes),
    }
}

fn layer(shapes: &[Shape]) -> Layer {
    let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
    for shape in shapes {
        let closed = |ring: &Ring| -> Vec<Coord> {
            let around = ring.iter().chain(ring.first());
            around
                .map(|(x, y)| Coord { x: 500_000.0 + STEP_M * *x as f64, y: 4_070_000.0 + STEP_M * *y as f64 })
                .collect()
        };
        builder.polygon(&[shape.iter().map(closed).collect::<Vec<_>>()]);
    }
    let block = FeatureBlock::of_geometry(builder.finish());
    let crs = Crs::from_epsg(4548).expect("a code");
    Layer::new("shapes".to_owned(), GeometryKind::Polygon, crs, Vec::new(), vec![block])
}

/// The two layers laid over each other; the laws that hold whatever they are.
fn laid(a: &[Shape], b: &[Shape]) -> PairTable {
    let (first, second) = (layer(a), layer(b));
    let progress = Progress::new();
    let lay = |a, b| overlay::pairs(a, b, None, AreaMethod::Planar, &progress).expect("few pairs, a plane in metres");
    let table: PairTable = lay(&first, &second);
    assert!(!table.is_unsound(), "{a:?} {b:?}: {:?}", table.issues);
    for (nth, side) in table.sides.iter().enumerate() {
        assert!(side.left_out.is_empty(), "{a:?} {b:?}");
        for (feature, own) in side.own.iter().enumerate() {
            let shared: f64 =
                table.pairs.iter().filter(|pair| [pair.a, pair.b][nth] as usize == feature).map(|pair| pair.m2).sum();
            close(shared + side.only[feature] - side.twice[feature], *own, a, b);
            assert!(*own >= 0.0 && side.only[feature] >= -MOST_OFF_M2, "{a:?} {b:?}");
        }
    }
    // The other way round everything is the same.
    let back = lay(&second, &first);
    for i in 0..a.len() {
        for j in 0..b.len() {
            close(common(&table, i, j), common(&back, j, i), a, b);
        }
    }
    // So it is where features that both have are not walked.
    let frame = Frame::for_layers(&[&first, &second], AreaMethod::Planar).expect("a plane in metres");
    let twins = overlay::laid(&first, &second, None, &frame, &progress).expect("a plane in metres");
    for (side, areas) in table.sides.iter().zip(&twins.areas) {
        side.own.iter().zip(&areas.exact).for_each(|(own, exact)| close(*own, *exact, a, b));
    }
    table
}

/// What feature `i` of the first layer and `j` of the second have in common, m².
fn common(table: &PairTable, i: usize, j: usize) -> f64 {
    table.pairs.iter().filter(|pair| (pair.a as usize, pair.b as usize) == (i, j)).map(|pair| pair.m2).sum()
}

fn close(found: f64, expected: f64, a: &[Shape], b: &[Shape]) {
    assert!((found - expected).abs() <= MOST_OFF_M2, "{found} m², expected {expected}: {a:?} {b:?}");
}

/// What a layer covers at all and what it covers twice, m².
fn covered(shapes: &[Shape]) -> (f64, f64) {
    let coverage = overlay::coverage(&layer(shapes), AreaMethod::Planar, &Progress::new()).expect("a plane in metres");
    (coverage.union.m2(), coverage.twice.m2())
}

// --- edges along the axes

/// A ring of edges along the axes: from corner to corner first along x, then along y, and so home.
fn stairs(bytes: &mut Bytes<'_>) -> Ring {
    let start = (bytes.below(CELLS + 1), bytes.below(CELLS + 1));
    let mut ring = vec![start];
    let mut at = start;
    for _ in 0..=bytes.below(5) {
        let next = (bytes.below(CELLS + 1), bytes.below(CELLS + 1));
        ring.extend([(next.0, at.1), next]);
        at = next;
    }
    ring.push((start.0, at.1));
    ring
}

/// How often a ring of edges along the axes goes round the middle of a cell.
fn winding(ring: &[(i64, i64)], (x, y): (i64, i64)) -> i64 {
    let edges = ring.iter().zip(ring.iter().cycle().skip(1));
    let crossed = edges.filter(|(p, q)| p.0 == q.0 && p.0 > x && p.1.min(q.1) <= y && y < p.1.max(q.1));
    crossed.map(|(p, q)| if q.1 > p.1 { 1 } else { -1 }).sum()
}

fn is_inside(shape: &[Ring], cell: (i64, i64)) -> bool {
    let (outer, holes) = shape.split_first().expect("shapes have an outer ring");
    winding(outer, cell) != 0 && holes.iter().all(|hole| winding(hole, cell) == 0)
}

fn cells(bytes: &mut Bytes<'_>) {
    let mut shapes = || -> Vec<Shape> {
        (0..=bytes.below(3)).map(|_| (0..=bytes.below(2)).map(|_| stairs(bytes)).collect()).collect()
    };
    let (a, b) = (shapes(), shapes());
    let grid: Vec<(i64, i64)> = (0..CELLS).flat_map(|x| (0..CELLS).map(move |y| (x, y))).collect();
    let count = |holds: &dyn Fn((i64, i64)) -> bool| CELL_M2 * grid.iter().filter(|cell| holds(**cell)).count() as f64;
    let table = laid(&a, &b);
    for (side, own, other) in [(&table.sides[0], &a, &b), (&table.sides[1], &b, &a)] {
        for (feature, shape) in own.iter().enumerate() {
            close(side.own[feature], count(&|cell| is_inside(shape, cell)), &a, &b);
            let alone = |cell| is_inside(shape, cell) && !other.iter().any(|other| is_inside(other, cell));
            close(side.only[feature], count(&alone), &a, &b);
        }
    }
    for (i, first) in a.iter().enumerate() {
        for (j, second) in b.iter().enumerate() {
            close(common(&table, i, j), count(&|cell| is_inside(first, cell) && is_inside(second, cell)), &a, &b);
        }
    }
    let depth = |cell| a.iter().filter(|shape| is_inside(shape, cell)).count();
    let (union, twice) = covered(&a);
    close(union, count(&|cell| depth(cell) > 0), &a, &[]);
    close(twice, count(&|cell| depth(cell) > 1), &a, &[]);
}

// --- convex polygons

/// Points of the plane as fractions: x and y over w, which is above zero.
type Point = [i128; 3];
/// A line `a·x + b·y + c = 0`, above zero to its left.
type Line = [i128; 3];

fn cross(l: Line, m: Line) -> [i128; 3] {
    [l[1] * m[2] - l[2] * m[1], l[2] * m[0] - l[0] * m[2], l[0] * m[1] - l[1] * m[0]]
}

/// Where two lines meet that do not run side by side.
fn meet(l: Line, m: Line) -> Point {
    let point = cross(l, m);
    if point[2] < 0 { point.map(|number| -number) } else { point }
}

fn side(line: Line, point: Point) -> i128 {
    line[0] * point[0] + line[1] * point[1] + line[2] * point[2]
}

/// The corners of a ring counter-clockwise, each with the line of the edge that leaves it.
fn edges(ring: &[(i64, i64)]) -> Vec<(Point, Line)> {
    let next = ring.iter().cycle().skip(1);
    let corner = |(p, q): (&(i64, i64), &(i64, i64))| {
        let (px, py, qx, qy) = (i128::from(p.0), i128::from(p.1), i128::from(q.0), i128::from(q.1));
        let (a, b) = (py - qy, qx - px);
        ([px, py, 1], [a, b, -(a * px + b * py)])
    };
    ring.iter().zip(next).map(corner).collect()
}

/// What of a convex polygon lies to the left of a line.
fn clipped(polygon: &[(Point, Line)], by: Line) -> Vec<(Point, Line)> {
    let mut left = Vec::new();
    for (at, (point, line)) in polygon.iter().enumerate() {
        let next = polygon[(at + 1) % polygon.len()].0;
        match (side(by, *point), side(by, next)) {
            (here, there) if here >= 0 && there >= 0 => left.push((*point, *line)),
            (0, _) => left.push((*point, by)),
            (here, _) if here > 0 => left.extend([(*point, *line), (meet(*line, by), by)]),
            (_, there) if there > 0 => left.push((meet(*line, by), *line)),
            _ => {}
        }
    }
    left
}

/// The area in cells. Each product is exact; only the fractions are rounded.
fn cells_of(polygon: &[(Point, Line)]) -> f64 {
    let next = polygon.iter().cycle().skip(1);
    let twice: f64 = polygon
        .iter()
        .zip(next)
        .map(|((p, _), (q, _))| (p[0] * q[1] - q[0] * p[1]) as f64 / (p[2] * q[2]) as f64)
        .sum();
    twice / 2.0
}

/// The convex hull of points, counter-clockwise, without points along its edges (Andrew 1979, monotone chains).
fn hull(mut points: Ring) -> Ring {
    points.sort_unstable();
    points.dedup();
    let mut ring = chain(points.iter().copied());
    ring.extend(chain(points.iter().rev().copied()));
    ring
}

/// The points that the hull turns left at, but the last.
fn chain(points: impl Iterator<Item = (i64, i64)>) -> Ring {
    let mut chain: Ring = Vec::new();
    for r in points {
        while let [.., p, q] = chain[..]
            && (q.0 - p.0) * (r.1 - p.1) <= (q.1 - p.1) * (r.0 - p.0)
        {
            chain.pop();
        }
        chain.push(r);
    }
    chain.pop();
    chain
}

fn convex(bytes: &mut Bytes<'_>) {
    let mut shapes = || -> Vec<Shape> {
        let hulls = (0..=bytes.below(3)).map(|_| {
            let points = (0..3 + bytes.below(6)).map(|_| (bytes.below(41), bytes.below(41))).collect();
            hull(points)
        });
        hulls.filter(|ring| ring.len() > 2).map(|ring| vec![ring]).collect()
    };
    let (a, b) = (shapes(), shapes());
    if a.is_empty() || b.is_empty() {
        return;
    }
    let table = laid(&a, &b);
    for (i, first) in a.iter().enumerate() {
        close(table.sides[0].own[i], CELL_M2 * cells_of(&edges(&first[0])), &a, &b);
        for (j, second) in b.iter().enumerate() {
            let both = edges(&second[0]).iter().fold(edges(&first[0]), |left, (_, line)| clipped(&left, *line));
            close(common(&table, i, j), CELL_M2 * cells_of(&both), &a, &b);
        }
    }
}

// --- any rings

/// Corners anywhere, in any order.
fn scribble(bytes: &mut Bytes<'_>) -> Ring {
    (0..3 + bytes.below(8)).map(|_| (bytes.below(41), bytes.below(41))).collect()
}

fn any_rings(bytes: &mut Bytes<'_>) {
    let mut shape = || -> Shape { (0..=bytes.below(2)).map(|_| scribble(bytes)).collect() };
    let (a, b) = ([shape()], [shape()]);
    let table = laid(&a, &b);
    let both = common(&table, 0, 0);
    let (first, second) = (table.sides[0].own[0], table.sides[1].own[0]);
    close(table.sides[0].only[0], first - both, &a, &b);
    let together = [a[0].clone(), b[0].clone()];
    let (union, twice) = covered(&together);
    close(union, first + second - both, &a, &b);
    close(twice, both, &a, &b);
}
