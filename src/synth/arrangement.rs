//! A planar arrangement of line segments: vertices, edges and the cells between them.
//!
//! Segments are thrown in as they come: they may cross, touch, overlap or nearly meet. Snapping to a tolerance and
//! splitting at crossings are repeated until nothing changes, in the manner of iterated snap rounding (Halperin and
//! Packer, 2002). What comes out is a partition: every cell's border is made of shared edges, so that cells tile without
//! gaps or overlaps whatever was drawn. Vertices keep the place where
//! they were first drawn; later ones nearby are snapped to them.

use std::collections::{BTreeMap, BTreeSet};

use super::plane::{Point, crossing, double_area, foot, inside};

/// Bucket size of the grids that find neighbours, mm.
const BUCKET: i64 = 400_000;

/// Collects segments and becomes an [`Arrangement`].
#[derive(Debug)]
pub struct Drawing {
    tolerance: i64,
    vertices: Vertices,
    edges: BTreeSet<(u32, u32)>,
}

/// Vertices with the grid that finds them.
#[derive(Debug)]
struct Vertices {
    tolerance: i64,
    points: Vec<Point>,
    buckets: BTreeMap<(i64, i64), Vec<u32>>,
}

impl Vertices {
    /// The vertex within the tolerance of `p`, the nearest one, or a new one.
    fn snap(&mut self, p: Point) -> u32 {
        let (bx, by) = (p.x.div_euclid(self.tolerance), p.y.div_euclid(self.tolerance));
        let mut best: Option<(i64, u32)> = None;
        for x in bx - 1..=bx + 1 {
            for y in by - 1..=by + 1 {
                for id in self.buckets.get(&(x, y)).into_iter().flatten() {
                    let distance = p.distance2(self.points[*id as usize]);
                    if distance <= self.tolerance * self.tolerance && best.is_none_or(|b| (distance, *id) < b) {
                        best = Some((distance, *id));
                    }
                }
            }
        }
        best.map_or_else(
            || {
                let id = self.points.len() as u32;
                self.points.push(p);
                self.buckets.entry((bx, by)).or_default().push(id);
                id
            },
            |(_, id)| id,
        )
    }
}

impl Drawing {
    /// An empty drawing whose vertices keep `tolerance` millimetres from each other and from other edges.
    pub fn new(tolerance: i64) -> Self {
        let vertices = Vertices { tolerance, points: Vec::new(), buckets: BTreeMap::new() };
        Self { tolerance, vertices, edges: BTreeSet::new() }
    }

    /// Adds an open line.
    pub fn line(&mut self, points: &[Point]) {
        for pair in points.windows(2) {
            let (a, b) = (self.vertices.snap(pair[0]), self.vertices.snap(pair[1]));
            if a != b {
                self.edges.insert((a.min(b), a.max(b)));
            }
        }
    }

    /// Adds a closed line.
    pub fn ring(&mut self, points: &[Point]) {
        self.line(points);
        if let [first, .., last] = points {
            self.line(&[*last, *first]);
        }
    }

    /// Vertices drawn so far; those that the arrangement adds at crossings come after them.
    pub fn vertex_count(&self) -> usize {
        self.vertices.points.len()
    }

    /// Splits every edge at crossings and at vertices that it passes within the tolerance, until nothing changes.
    pub fn finish(mut self) -> Arrangement {
        // Each pass shortens edges and moves them by less than the tolerance; a handful suffices, the limit only
        // guards the loop.
        for _ in 0..40 {
            let splits = self.splits();
            if splits.is_empty() {
                break;
            }
            let edges: Vec<(u32, u32)> = self.edges.iter().copied().collect();
            self.edges.clear();
            for (i, (a, b)) in edges.iter().enumerate() {
                let mut stops = splits.get(&i).cloned().unwrap_or_default();
                let from = self.vertices.points[*a as usize];
                stops.sort_by_key(|v| (from.distance2(self.vertices.points[*v as usize]), *v));
                stops.insert(0, *a);
                stops.push(*b);
                for pair in stops.windows(2) {
                    if pair[0] != pair[1] {
                        self.edges.insert((pair[0].min(pair[1]), pair[0].max(pair[1])));
                    }
                }
            }
        }
        self.prune();
        Arrangement::new(self.vertices.points, self.edges.into_iter().collect())
    }

    /// For each edge by its rank, the vertices that split it.
    fn splits(&mut self) -> BTreeMap<usize, Vec<u32>> {
        let edges: Vec<(u32, u32)> = self.edges.iter().copied().collect();
        let mut buckets: BTreeMap<(i64, i64), Vec<usize>> = BTreeMap::new();
        for (i, (a, b)) in edges.iter().enumerate() {
            for bucket in touched(self.vertices.points[*a as usize], self.vertices.points[*b as usize], self.tolerance)
            {
                buckets.entry(bucket).or_default().push(i);
            }
        }
        let mut splits: BTreeMap<usize, BTreeSet<u32>> = BTreeMap::new();
        let used: BTreeSet<u32> = edges.iter().flat_map(|(a, b)| [*a, *b]).collect();
        for v in used {
            let p = self.vertices.points[v as usize];
            for i in buckets.get(&bucket_of(p)).into_iter().flatten() {
                let (a, b) = edges[*i];
                if v == a || v == b {
                    continue;
                }
                let near = foot(self.vertices.points[a as usize], self.vertices.points[b as usize], p);
                if near.is_some_and(|d2| d2 <= (self.tolerance * self.tolerance) as f64) {
                    splits.entry(*i).or_default().insert(v);
                }
            }
        }
        for members in buckets.values() {
            for (k, i) in members.iter().enumerate() {
                for j in &members[k + 1..] {
                    let ((a, b), (c, d)) = (edges[*i], edges[*j]);
                    if a == c || a == d || b == c || b == d {
                        continue;
                    }
                    let p = &self.vertices.points;
                    if let Some(at) = crossing(p[a as usize], p[b as usize], p[c as usize], p[d as usize]) {
                        let v = self.vertices.snap(at);
                        for (edge, (from, to)) in [(*i, (a, b)), (*j, (c, d))] {
                            if v != from && v != to {
                                splits.entry(edge).or_default().insert(v);
                            }
                        }
                    }
                }
            }
        }
        splits.into_iter().map(|(i, set)| (i, set.into_iter().collect())).collect()
    }

    /// Removes edges that lead nowhere.
    fn prune(&mut self) {
        loop {
            let mut degree = vec![0u32; self.vertices.points.len()];
            for (a, b) in &self.edges {
                degree[*a as usize] += 1;
                degree[*b as usize] += 1;
            }
            let before = self.edges.len();
            self.edges.retain(|(a, b)| degree[*a as usize] > 1 && degree[*b as usize] > 1);
            if self.edges.len() == before {
                return;
            }
        }
    }
}

fn bucket_of(p: Point) -> (i64, i64) {
    (p.x.div_euclid(BUCKET), p.y.div_euclid(BUCKET))
}

/// Buckets that a segment, fattened by `margin`, may reach.
fn touched(a: Point, b: Point, margin: i64) -> Vec<(i64, i64)> {
    let low = bucket_of(Point { x: a.x.min(b.x) - margin, y: a.y.min(b.y) - margin });
    let high = bucket_of(Point { x: a.x.max(b.x) + margin, y: a.y.max(b.y) + margin });
    let mut buckets = Vec::new();
    for x in low.0..=high.0 {
        for y in low.1..=high.1 {
            let center = Point { x: x * BUCKET + BUCKET / 2, y: y * BUCKET + BUCKET / 2 };
            // A segment that passes the bucket's circle by does not meet the bucket.
            let reach = (BUCKET * 3 / 4 + margin) as f64;
            let near = center.distance2(a).min(center.distance2(b)) as f64;
            let distance2 = foot(a, b, center).unwrap_or(near);
            if distance2 <= reach * reach {
                buckets.push((x, y));
            }
        }
    }
    buckets
}

/// A cell: one outer cycle and the cycles of what lies inside it, as half-edges.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// First half-edge of each cycle, the outer one first.
    pub cycles: Vec<u32>,
}

/// The finished arrangement. Half-edge `h` belongs to edge `h / 2`; its twin is `h ^ 1`.
#[derive(Clone, Debug)]
pub struct Arrangement {
    /// Positions of the vertices, some of them unused.
    pub points: Vec<Point>,
    /// Start vertex of each half-edge.
    pub origin: Vec<u32>,
    /// Next half-edge around the cell on the left.
    pub next: Vec<u32>,
    /// Cell on the left, [`Arrangement::OUTSIDE`] for the unbounded one.
    pub cell: Vec<u32>,
    /// The bounded cells.
    pub cells: Vec<Cell>,
    /// A half-edge that leaves each vertex, where there is one.
    first: Vec<Option<u32>>,
}

impl Arrangement {
    /// The unbounded cell.
    pub const OUTSIDE: u32 = u32::MAX;

    fn new(points: Vec<Point>, edges: Vec<(u32, u32)>) -> Self {
        let origin: Vec<u32> = edges.iter().flat_map(|(a, b)| [*a, *b]).collect();
        let mut around: Vec<Vec<u32>> = vec![Vec::new(); points.len()];
        for (h, v) in origin.iter().enumerate() {
            around[*v as usize].push(h as u32);
        }
        let mut next = vec![0u32; origin.len()];
        for (v, leaving) in around.iter_mut().enumerate() {
            let vector = |h: u32| {
                let (from, to) = (points[v], points[origin[(h ^ 1) as usize] as usize]);
                (to.x - from.x, to.y - from.y)
            };
            leaving.sort_by(|a, b| by_angle(vector(*a), vector(*b)));
            for i in 0..leaving.len() {
                // Arriving by the twin of a leaving edge, the cell on the left goes on with the next one clockwise.
                let arriving = leaving[i] ^ 1;
                next[arriving as usize] = leaving[(i + leaving.len() - 1) % leaving.len()];
            }
        }
        let first = around.iter().map(|leaving| leaving.first().copied()).collect();
        let mut built = Self { points, origin, next, cell: Vec::new(), cells: Vec::new(), first };
        built.find_cells();
        built
    }

    fn find_cells(&mut self) {
        self.cell = vec![Self::OUTSIDE; self.origin.len()];
        let mut seen = vec![false; self.origin.len()];
        let mut outer: Vec<(Vec<Point>, u32)> = Vec::new();
        let mut inner: Vec<u32> = Vec::new();
        for start in 0..self.origin.len() as u32 {
            if seen[start as usize] {
                continue;
            }
            let cycle = self.cycle(start);
            cycle.iter().for_each(|h| seen[*h as usize] = true);
            let ring: Vec<Point> = cycle.iter().map(|h| self.points[self.origin[*h as usize] as usize]).collect();
            if double_area(&ring) > 0 {
                let id = self.cells.len() as u32;
                cycle.iter().for_each(|h| self.cell[*h as usize] = id);
                self.cells.push(Cell { cycles: vec![start] });
                outer.push((ring, start));
            } else {
                inner.push(start);
            }
        }
        // A cycle that runs clockwise bounds a cell from inside: the smallest cell around it that is not its own.
        for start in inner {
            let cycle = self.cycle(start);
            let own: BTreeSet<u32> = cycle.iter().map(|h| self.cell[(h ^ 1) as usize]).collect();
            let p = self.points[self.origin[start as usize] as usize];
            let holder = (0..outer.len())
                .filter(|id| !own.contains(&(*id as u32)) && inside(&outer[*id].0, p))
                .filter(|id| !outer[*id].0.contains(&p))
                .min_by_key(|id| double_area(&outer[*id].0));
            if let Some(id) = holder {
                cycle.iter().for_each(|h| self.cell[*h as usize] = id as u32);
                self.cells[id].cycles.push(start);
            }
        }
    }

    /// The half-edges of the cycle through `start`.
    pub fn cycle(&self, start: u32) -> Vec<u32> {
        let mut cycle = vec![start];
        let mut h = self.next[start as usize];
        while h != start {
            cycle.push(h);
            h = self.next[h as usize];
        }
        cycle
    }

    /// Position of the start of a half-edge.
    pub fn start(&self, h: u32) -> Point {
        self.points[self.origin[h as usize] as usize]
    }

    /// Position of the end of a half-edge.
    pub fn end(&self, h: u32) -> Point {
        self.start(h ^ 1)
    }

    /// The half-edges that leave a vertex, clockwise.
    pub fn leaving(&self, vertex: u32) -> impl Iterator<Item = u32> {
        let first = self.first[vertex as usize];
        let mut at = first;
        std::iter::from_fn(move || {
            let h = at?;
            let following = self.next[(h ^ 1) as usize];
            at = Some(following).filter(|h| Some(*h) != first);
            Some(h)
        })
    }

    /// The rings of a cell, the outer one first, not repeated at their ends.
    pub fn rings(&self, cell: usize) -> Vec<Vec<Point>> {
        let ring = |start: &u32| self.cycle(*start).iter().map(|h| self.start(*h)).collect();
        self.cells[cell].cycles.iter().map(ring).collect()
    }

    /// Area of a cell in m² of the plane.
    pub fn area_m2(&self, cell: usize) -> f64 {
        self.rings(cell).iter().map(|ring| double_area(ring)).sum::<i128>() as f64 / 2e6
    }

    /// A point well inside a cell: the middle of the longest stretch inside it on one of eleven scan lines.
    pub fn interior_point(&self, cell: usize) -> Point {
        let rings = self.rings(cell);
        let ys = || rings[0].iter().map(|p| p.y);
        let (low, high) = (ys().min().unwrap_or(0), ys().max().unwrap_or(0));
        let mut best = (-1i64, rings[0][0]);
        for k in 1..=11 {
            let y = low + (high - low) * k / 12;
            let mut xs: Vec<i64> = Vec::new();
            for ring in &rings {
                for i in 0..ring.len() {
                    let (a, b) = (ring[i], ring[(i + 1) % ring.len()]);
                    if (a.y > y) != (b.y > y) {
                        let t = i128::from(y - a.y) * i128::from(b.x - a.x) / i128::from(b.y - a.y);
                        xs.push(a.x + t as i64);
                    }
                }
            }
            xs.sort_unstable();
            for pair in xs.chunks_exact(2) {
                let width = pair[1] - pair[0];
                if width > best.0 {
                    best = (width, Point { x: pair[0] + width / 2, y });
                }
            }
        }
        best.1
    }

    /// Pairs of edges that meet other than in a shared vertex; none in a sound arrangement.
    pub fn conflict_count(&self) -> usize {
        let edge_count = self.origin.len() / 2;
        let ends = |e: usize| (self.origin[2 * e], self.origin[2 * e + 1]);
        let mut buckets: BTreeMap<(i64, i64), Vec<usize>> = BTreeMap::new();
        for e in 0..edge_count {
            for bucket in touched(self.start(2 * e as u32), self.end(2 * e as u32), 1) {
                buckets.entry(bucket).or_default().push(e);
            }
        }
        let mut conflicts = BTreeSet::new();
        for members in buckets.values() {
            for (k, i) in members.iter().enumerate() {
                for j in &members[k + 1..] {
                    let ((a, b), (c, d)) = (ends(*i), ends(*j));
                    let p = |v: u32| self.points[v as usize];
                    let shared = a == c || a == d || b == c || b == d;
                    let crosses = !shared && crossing(p(a), p(b), p(c), p(d)).is_some();
                    let on = |x: u32, y: u32, v: u32| v != x && v != y && foot(p(x), p(y), p(v)) == Some(0.0);
                    if crosses || on(a, b, c) || on(a, b, d) || on(c, d, a) || on(c, d, b) {
                        conflicts.insert((*i, *j));
                    }
                }
            }
        }
        conflicts.len()
    }
}

/// Order of vectors by angle from the positive x axis, counter-clockwise, exactly.
fn by_angle(a: (i64, i64), b: (i64, i64)) -> std::cmp::Ordering {
    let half = |(x, y): (i64, i64)| y < 0 || (y == 0 && x < 0);
    half(a).cmp(&half(b)).then_with(|| (b.0 * a.1).cmp(&(b.1 * a.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(x: i64, y: i64) -> Point {
        Point { x: x * 1000, y: y * 1000 }
    }

    fn areas(drawing: Drawing) -> Vec<f64> {
        let arrangement = drawing.finish();
        assert_eq!(arrangement.conflict_count(), 0);
        let mut areas: Vec<f64> = (0..arrangement.cells.len()).map(|c| arrangement.area_m2(c)).collect();
        areas.sort_by(f64::total_cmp);
        areas
    }

    #[test]
    fn crossing_lines_make_cells() {
        let mut drawing = Drawing::new(1500);
        drawing.ring(&[p(0, 0), p(100, 0), p(100, 100), p(0, 100)]);
        drawing.line(&[p(-20, 50), p(120, 50)]);
        drawing.line(&[p(50, -20), p(50, 120)]);
        assert_eq!(areas(drawing), [2500.0; 4]);
    }

    #[test]
    fn near_misses_are_snapped_and_loose_ends_pruned() {
        let mut drawing = Drawing::new(1500);
        drawing.ring(&[p(0, 0), p(100, 0), p(100, 100), p(0, 100)]);
        drawing.line(&[Point { x: 900, y: 50_000 }, Point { x: 101_200, y: 50_000 }]);
        drawing.line(&[p(30, 30), p(40, 40)]);
        let areas = areas(drawing);
        assert_eq!(areas.len(), 2);
        assert_eq!(areas[0] + areas[1], 10_015.0);
    }

    #[test]
    fn an_island_is_a_hole_of_the_cell_around_it() {
        let mut drawing = Drawing::new(1500);
        drawing.ring(&[p(0, 0), p(100, 0), p(100, 100), p(0, 100)]);
        drawing.ring(&[p(40, 40), p(60, 40), p(60, 60), p(40, 60)]);
        let arrangement = drawing.finish();
        let mut areas: Vec<f64> = (0..2).map(|c| arrangement.area_m2(c)).collect();
        areas.sort_by(f64::total_cmp);
        assert_eq!(areas, [400.0, 9600.0]);
        for cell in 0..2 {
            let q = arrangement.interior_point(cell);
            let rings = arrangement.rings(cell);
            assert!(inside(&rings[0], q) && rings[1..].iter().all(|hole| !inside(hole, q)));
        }
    }

    #[test]
    fn a_thicket_of_lines_is_still_a_partition() {
        let mut rng = crate::synth::rng::Rng::new(5);
        let mut drawing = Drawing::new(1500);
        drawing.ring(&[p(0, 0), p(1000, 0), p(1000, 1000), p(0, 1000)]);
        for _ in 0..120 {
            let mut end = || Point { x: rng.below(1_000_000) as i64, y: rng.below(1_000_000) as i64 };
            let line = [end(), end()];
            drawing.line(&line);
        }
        let arrangement = drawing.finish();
        assert_eq!(arrangement.conflict_count(), 0);
        let total: f64 = (0..arrangement.cells.len()).map(|c| arrangement.area_m2(c)).sum();
        // Vertices snapped to the border bend it by up to the tolerance.
        assert!((total - 1e6).abs() < 6_000.0, "{total}");
    }
}
