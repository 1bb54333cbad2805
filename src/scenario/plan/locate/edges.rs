//! The edges of many features, a few at a time in an index of extents: which of them are near, and what lies inside of
//! the polygons that they bound. An answer costs what is near, not the length of a border.

use std::sync::Arc;

use crate::measure::Frame;
use crate::model::index::SpatialIndex;
use crate::model::{Coord, Extent, GeometryBlock, GeometryBuilder, GeometryKind};
use crate::task::{Cancelled, Progress};

/// Edges that share an extent in the index.
const TOGETHER: usize = 8;

/// Pieces of borders in a block of the index.
const BLOCK: usize = 1 << 15;

/// Rings with more vertices are looked up in an index, rather than gone through for each point.
const LONG: usize = 256;

/// How much longer than on the ground a length is in the plane: by the distance from its central meridian.
pub(super) struct Ground {
    middle: Option<(f64, f64)>,
}

impl Ground {
    pub(super) fn of(frame: &Frame) -> Self {
        Self { middle: frame.as_zone().map(|zone| (zone.false_easting_m, zone.ellipsoid.rectifying_radius)) }
    }

    /// The scale of the plane at an easting (transverse Mercator with scale 1 on the meridian, to the fourth order).
    fn scale(&self, x: f64) -> f64 {
        let Some((middle, radius)) = self.middle else { return 1.0 };
        let e = (x - middle) / radius;
        1.0 + e * e / 2.0 + e * e * e * e / 24.0
    }

    /// `metres` on the ground in the plane, at least, anywhere near `blocks`.
    pub(super) fn widest(&self, metres: f64, blocks: &[Arc<GeometryBlock>]) -> f64 {
        let mut extent = Extent::EMPTY;
        blocks.iter().for_each(|block| extent.union(&block.extent()));
        let scale = if extent.is_empty() { 1.0 } else { self.scale(extent.min.x).max(self.scale(extent.max.x)) };
        1.01 * metres * scale
    }
}

/// Rings, lines and single points of a feature, each with its part and its place in that.
pub(super) fn paths(block: &GeometryBlock, row: usize) -> Vec<(u32, u32, &[Coord])> {
    match block.kind() {
        GeometryKind::Polygon => {
            let parts = block.polygon(row).parts().enumerate();
            parts
                .flat_map(|(part, view)| view.rings().enumerate().map(move |(at, ring)| (part as u32, at as u32, ring)))
                .collect()
        }
        GeometryKind::Line => block.paths(row).map(|path| (0, 0, path)).collect(),
        GeometryKind::Point => block.points(row).chunks(1).map(|point| (0, 0, point)).collect(),
        GeometryKind::None => Vec::new(),
    }
}

/// Which ring a piece of a border is of; `None` where it bounds nothing.
type Ring = Option<(u32, u32, u32)>;

/// Edges of many features.
pub(super) struct Edges {
    blocks: Vec<Arc<GeometryBlock>>,
    index: SpatialIndex,
    /// One a piece.
    rings: Vec<Ring>,
    /// The first place of each path, and their index.
    starts: Arc<GeometryBlock>,
    starts_index: SpatialIndex,
}

impl Edges {
    pub(super) fn of(blocks: &[Arc<GeometryBlock>], progress: &Progress) -> Result<Self, Cancelled> {
        let rows = blocks.iter().flat_map(|block| (0..block.feature_count()).map(move |row| (&**block, row)));
        Self::of_features(rows, progress)
    }

    fn of_features<'b>(
        features: impl Iterator<Item = (&'b GeometryBlock, usize)>,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let mut pieces = Vec::new();
        let mut builder = GeometryBuilder::new(GeometryKind::Line);
        let mut firsts = GeometryBuilder::new(GeometryKind::Point);
        let mut rings = Vec::new();
        for (feature, (block, row)) in features.enumerate() {
            progress.tick(0)?;
            for (part, at, path) in paths(block, row) {
                if let Some(first) = path.first() {
                    firsts.coord(*first);
                    firsts.end_feature();
                }
                let ring = (block.kind() == GeometryKind::Polygon).then_some((feature as u32, part, at));
                let mut piece = |coords: &[Coord]| {
                    coords.iter().for_each(|c| builder.coord(*c));
                    builder.end_ring();
                    builder.end_feature();
                    rings.push(ring);
                    if builder.feature_count() >= BLOCK {
                        let full = std::mem::replace(&mut builder, GeometryBuilder::new(GeometryKind::Line));
                        pieces.push(Arc::new(full.finish()));
                    }
                };
                match path {
                    [] => {}
                    [point] => piece(&[*point, *point]),
                    path => {
                        for from in (0..path.len() - 1).step_by(TOGETHER) {
                            piece(&path[from..(from + TOGETHER + 1).min(path.len())]);
                        }
                    }
                }
            }
        }
        pieces.push(Arc::new(builder.finish()));
        let starts = Arc::new(firsts.finish());
        // Progress counts features, not these.
        let quiet = Progress::new();
        let index = SpatialIndex::build(&pieces, &quiet)?;
        let starts_index = SpatialIndex::build(std::slice::from_ref(&starts), &quiet)?;
        progress.tick(0)?;
        Ok(Self { blocks: pieces, index, rings, starts, starts_index })
    }

    /// Calls `edge` with every edge whose piece meets `extent`, and its ring, until it says `false`.
    fn for_each_in(&self, extent: &Extent, mut edge: impl FnMut(Coord, Coord, Ring) -> bool) {
        for piece in self.index.query(extent) {
            let (block, row) = (&self.blocks[piece / BLOCK], piece % BLOCK);
            for pair in block.feature_coords(row).windows(2) {
                if !edge(pair[0], pair[1], self.rings[piece]) {
                    return;
                }
            }
        }
    }

    /// Whether an edge of a feature, or its place where it has none, is not farther than the limit from these.
    pub(super) fn reach_to(
        &self,
        block: &GeometryBlock,
        row: usize,
        (limit_m, ground): (f64, &Ground),
        progress: &Progress,
    ) -> Result<bool, Cancelled> {
        for (_, _, path) in paths(block, row) {
            let edges = path.windows(2).map(|pair| (pair[0], pair[1]));
            let point = path.first().filter(|_| path.len() == 1).map(|point| (*point, *point));
            for (at, (a, b)) in edges.chain(point).enumerate() {
                if at % 256 == 0 {
                    progress.tick(0)?;
                }
                let limit = limit_m * ground.scale(0.5 * (a.x + b.x));
                if self.is_near(a, b, limit) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn is_near(&self, a: Coord, b: Coord, limit: f64) -> bool {
        let extent = super::grown(&Extent::of(&[a, b]), limit);
        let mut near = false;
        self.for_each_in(&extent, |c, d, _| {
            near = distance_of_edges(a, b, c, d) <= limit;
            !near
        });
        near
    }

    /// Whether a feature lies in one of these, or one of these in it, where their borders do not meet.
    pub(super) fn lie_in(&self, block: &GeometryBlock, row: usize, progress: &Progress) -> Result<bool, Cancelled> {
        let own = paths(block, row);
        if own.iter().filter_map(|(_, _, path)| path.first()).any(|first| self.cover(*first)) {
            return Ok(true);
        }
        if block.kind() != GeometryKind::Polygon {
            return Ok(false);
        }
        let inner = self.starts_index.query(&block.feature_extent(row));
        if inner.is_empty() {
            return Ok(false);
        }
        let long = block.coord_range(row).len() > LONG && inner.len() > 1;
        let own_edges = if long { Some(Self::of_features(std::iter::once((block, row)), progress)?) } else { None };
        for start in inner {
            progress.tick(0)?;
            let place = self.starts.points(start)[0];
            let inside = match &own_edges {
                Some(edges) => edges.cover(place),
                None => {
                    let mut windings = Windings::default();
                    for (part, at, ring) in &own {
                        ring.windows(2).for_each(|e| windings.add(place, e[0], e[1], (0, *part, *at)));
                    }
                    windings.inside()
                }
            };
            if inside {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a place lies inside of one of the polygons: the winding number of a shell there is not zero, and that of
    /// each of its holes is.
    fn cover(&self, place: Coord) -> bool {
        let ray = Extent { min: place, max: Coord { x: self.index.extent().max.x, y: place.y } };
        if !place.x.is_finite() || !place.y.is_finite() || ray.max.x < place.x {
            return false;
        }
        let mut windings = Windings::default();
        self.for_each_in(&ray, |a, b, ring| {
            if let Some(ring) = ring {
                windings.add(place, a, b, ring);
            }
            true
        });
        windings.inside()
    }

    /// Whether a place lies inside of one of the polygons or not farther than `tolerance` from their borders.
    pub(super) fn hold(&self, place: Coord, tolerance: f64) -> bool {
        self.cover(place) || self.is_near(place, place, tolerance)
    }

    /// How much of the edge `a`→`b` the polygons hold, borders included.
    pub(super) fn length_inside(&self, a: Coord, b: Coord, tolerance: f64) -> f64 {
        let length = distance(a, b);
        if !length.is_finite() || length == 0.0 {
            return 0.0;
        }
        // Where it meets borders: between two such places it is inside or not.
        let mut cuts = vec![0.0, 1.0];
        self.for_each_in(&super::grown(&Extent::of(&[a, b]), tolerance), |c, d, _| {
            cuts.extend(meeting(a, b, c, d));
            for end in [c, d] {
                let (t, off) = foot(end, a, b);
                if off <= tolerance {
                    cuts.push(t);
                }
            }
            true
        });
        cuts.sort_by(f64::total_cmp);
        let at = |t: f64| Coord { x: a.x + t * (b.x - a.x), y: a.y + t * (b.y - a.y) };
        let stretches = cuts.windows(2).filter(|cut| cut[1] > cut[0]);
        let inside = stretches.filter(|cut| self.hold(at(0.5 * (cut[0] + cut[1])), tolerance));
        inside.map(|cut| (cut[1] - cut[0]) * length).sum()
    }
}

/// Winding numbers of rings about one place.
#[derive(Default)]
struct Windings(Vec<((u32, u32, u32), i32)>);

impl Windings {
    /// Counts the edge `a`→`b` where a ray to the right of `place` crosses it.
    fn add(&mut self, place: Coord, a: Coord, b: Coord, ring: (u32, u32, u32)) {
        let upward = match (a.y > place.y, b.y > place.y) {
            (false, true) => true,
            (true, false) => false,
            _ => return,
        };
        let (low, high) = if upward { (a, b) } else { (b, a) };
        if side(low, high, place) <= 0.0 {
            return;
        }
        let turn = if upward { 1 } else { -1 };
        match self.0.iter_mut().rev().find(|(known, _)| *known == ring) {
            Some((_, winding)) => *winding += turn,
            None => self.0.push((ring, turn)),
        }
    }

    fn inside(mut self) -> bool {
        self.0.retain(|(_, winding)| *winding != 0);
        let in_hole = |(feature, part, _): (u32, u32, u32)| {
            self.0.iter().any(|((f, p, ring), _)| (*f, *p) == (feature, part) && *ring > 0)
        };
        self.0.iter().any(|(ring, _)| ring.2 == 0 && !in_hole(*ring))
    }
}

/// Positive where `p` lies to the left of `a`→`b`.
fn side(a: Coord, b: Coord, p: Coord) -> f64 {
    let exact = |c: Coord| robust::Coord { x: c.x, y: c.y };
    robust::orient2d(exact(a), exact(b), exact(p))
}

fn distance(a: Coord, b: Coord) -> f64 {
    (a.x - b.x).hypot(a.y - b.y)
}

/// The share of the edge `a`→`b` at which it is nearest to `p`, and how far that is.
fn foot(p: Coord, a: Coord, b: Coord) -> (f64, f64) {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let square = dx * dx + dy * dy;
    let t = if square == 0.0 { 0.0 } else { (((p.x - a.x) * dx + (p.y - a.y) * dy) / square).clamp(0.0, 1.0) };
    (t, distance(p, Coord { x: a.x + t * dx, y: a.y + t * dy }))
}

/// The share of the edge `a`→`b` at which `c`→`d` crosses it.
fn meeting(a: Coord, b: Coord, c: Coord, d: Coord) -> Option<f64> {
    let (of_c, of_d) = (side(a, b, c), side(a, b, d));
    let (of_a, of_b) = (side(c, d, a), side(c, d, b));
    let crosses = (of_c > 0.0) != (of_d > 0.0) && (of_a > 0.0) != (of_b > 0.0);
    (crosses && of_a != of_b).then(|| (of_a / (of_a - of_b)).clamp(0.0, 1.0))
}

fn distance_of_edges(a: Coord, b: Coord, c: Coord, d: Coord) -> f64 {
    if meeting(a, b, c, d).is_some() {
        return 0.0;
    }
    let feet = [foot(a, c, d), foot(b, c, d), foot(c, a, b), foot(d, a, b)];
    feet.into_iter().map(|(_, off)| off).fold(f64::INFINITY, f64::min)
}
