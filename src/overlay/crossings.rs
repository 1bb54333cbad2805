//! Where edges cross each other, found tile by tile.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::meet::Budget;
use super::predicates::{orient, vertex_left_of, vertex_left_within};
use super::rings::Rings;
use super::tiles::{self, Tile, Windings, units_at_start};
use crate::model::Coord;
use crate::task::{Cancelled, Progress};

/// Crossings that one thread sorts at a time, about.
const SHARE_CROSSINGS: usize = 1 << 16;

/// An edge is crossed by another once they are shifted, or touched by a vertex.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Crossing {
    /// The edge.
    pub edge: u32,
    /// What comes there.
    pub by: By,
}

/// What comes to an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum By {
    /// A vertex, by its number: it lies exactly on the edge and splits it, so that edges that coincide in part have
    /// whole stretches in common.
    Vertex(u32),
    /// An edge that crosses.
    Edge(u32),
    /// An edge on the same straight line that shares a stretch with it.
    Along(u32),
}

/// Which meetings of two edges a walk needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// None.
    Nothing,
    /// Where they cross.
    Crossings,
    /// Where they cross, and whether they share a stretch.
    CrossingsAndStretches,
}

/// What a walk along the rings needs to know.
#[derive(Debug, Default)]
pub(super) struct Crossings {
    /// By edge; vertices before edges.
    pub list: Vec<Crossing>,
    start_offsets: Vec<u32>,
    start_windings: Vec<(u32, i32)>,
}

impl Crossings {
    /// Rings that wind around the first vertex of `ring`, and how often; not the ring itself.
    pub(super) fn windings_at_start(&self, ring: u32) -> &[(u32, i32)] {
        let at = |i: u32| self.start_offsets[i as usize] as usize;
        &self.start_windings[at(ring)..at(ring + 1)]
    }
}

/// Edges meet more often than there is time and memory for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TooMany {
    /// The features whose edges do, ascending; never none.
    pub features: Vec<u32>,
}

impl TooMany {
    /// The features that most of the crossings are of, or most of the edges among which the comparisons ran out.
    fn of(rings: &Rings, found: &[Found], budget: Budget<'_>) -> Self {
        let feature = |edge: u32| rings.feature_of(rings.part_of(rings.ring_of(edge)));
        let mut counts: FxHashMap<u32, u64> = FxHashMap::default();
        let stuck = budget.into_stuck();
        if stuck.is_empty() {
            let edges = found.iter().flat_map(|found| &found.crossings).map(|crossing| crossing.edge);
            edges.for_each(|edge| *counts.entry(feature(edge)).or_default() += 1);
        } else {
            stuck.into_iter().for_each(|edge| *counts.entry(feature(edge)).or_default() += 1);
        }
        let total: u64 = counts.values().sum();
        let mut order: Vec<(u64, u32)> = counts.into_iter().map(|(feature, count)| (count, feature)).collect();
        order.sort_unstable_by(|a, b| b.cmp(a));
        let mut sum = 0;
        let mut features = Vec::new();
        for (count, feature) in order {
            features.push(feature);
            sum += count;
            if sum >= total / 10 * 9 {
                break;
            }
        }
        features.sort_unstable();
        Self { features }
    }
}

/// How two edges that are no neighbours in a ring touch each other, by the data as given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Contact {
    /// They cross at inner points of both.
    Cross,
    /// They share a stretch of positive length.
    Overlap,
    /// They share one point, which is an end of at least one of them.
    Touch(Coord),
}

/// Two edges that come close, with the sides of their ends.
pub(super) struct Meeting {
    e: (Coord, Coord),
    f: (Coord, Coord),
    /// Sides of f's ends on e, then of e's ends on f.
    dets: [f64; 4],
}

impl Meeting {
    /// `None` where the two have no point in common, not even by a shift.
    #[inline]
    pub(super) fn of(e: (Coord, Coord), f: (Coord, Coord)) -> Option<Self> {
        let apart = |a: f64, b: f64, c: f64, d: f64| a.max(b) < c.min(d) || c.max(d) < a.min(b);
        if apart(e.0.x, e.1.x, f.0.x, f.1.x) || apart(e.0.y, e.1.y, f.0.y, f.1.y) {
            return None;
        }
        let (a, b) = (orient(e.0, e.1, f.0), orient(e.0, e.1, f.1));
        if (a > 0.0 && b > 0.0) || (a < 0.0 && b < 0.0) {
            return None;
        }
        let (c, d) = (orient(f.0, f.1, e.0), orient(f.0, f.1, e.1));
        if (c > 0.0 && d > 0.0) || (c < 0.0 && d < 0.0) {
            return None;
        }
        Some(Self { e, f, dets: [a, b, c, d] })
    }

    /// What they share; `None` where collinear edges do not reach each other.
    pub(super) fn contact(&self) -> Option<Contact> {
        let [a, b, c, d] = self.dets;
        if a != 0.0 && b != 0.0 && c != 0.0 && d != 0.0 {
            return Some(Contact::Cross);
        }
        if a == 0.0 && b == 0.0 {
            // Collinear: compare along the longer axis.
            let (e, f) = (self.e, self.f);
            let along = |c: Coord| if e.0.x == e.1.x { c.y } else { c.x };
            let sorted = |(p, q): (Coord, Coord)| if along(p) <= along(q) { (p, q) } else { (q, p) };
            let (e, f) = (sorted(e), sorted(f));
            let start = if along(e.0) < along(f.0) { f.0 } else { e.0 };
            let end = if along(e.1) > along(f.1) { f.1 } else { e.1 };
            return if along(start) < along(end) {
                Some(Contact::Overlap)
            } else {
                (along(start) == along(end)).then_some(Contact::Touch(start))
            };
        }
        let at = if a == 0.0 {
            self.f.0
        } else if b == 0.0 {
            self.f.1
        } else if c == 0.0 {
            self.e.0
        } else {
            self.e.1
        };
        Some(Contact::Touch(at))
    }

    /// Whether they lie on one straight line and share a stretch.
    fn overlaps(&self) -> bool {
        self.dets[0] == 0.0 && self.dets[1] == 0.0 && self.contact() == Some(Contact::Overlap)
    }

    /// Notes the ends of one edge that lie on the other strictly between its ends.
    fn splits(&self, rings: &Rings, e: u32, f: u32, out: &mut Vec<Crossing>) {
        let strictly_on = |(p, q): (Coord, Coord), c: Coord| {
            let between = |a: f64, b: f64, v: f64| a.min(b) <= v && v <= a.max(b);
            c != p && c != q && between(p.x, q.x, c.x) && between(p.y, q.y, c.y)
        };
        let ((i, j), (k, l)) = (rings.end_vertices(e), rings.end_vertices(f));
        let ends = [(e, self.e, k), (e, self.e, l), (f, self.f, i), (f, self.f, j)];
        for ((edge, ends, vertex), det) in ends.into_iter().zip(self.dets) {
            if det == 0.0 && strictly_on(ends, rings.coords()[vertex as usize]) {
                out.push(Crossing { edge, by: By::Vertex(vertex) });
            }
        }
    }

    /// Whether the two cross once they are shifted.
    fn crosses(&self, rings: &Rings, e: u32, f: u32) -> bool {
        let (ring_e, ring_f) = (rings.ring_of(e), rings.ring_of(f));
        let (p, q) = self.e;
        let (r, s) = self.f;
        let [a, b, c, d] = self.dets;
        if ring_e != ring_f {
            vertex_left_of(p, q, ring_e, a, ring_f) != vertex_left_of(p, q, ring_e, b, ring_f)
                && vertex_left_of(r, s, ring_f, c, ring_e) != vertex_left_of(r, s, ring_f, d, ring_e)
        } else {
            let ((i, j), (k, l)) = (rings.end_vertices(e), rings.end_vertices(f));
            vertex_left_within(rings, i, j, k, a) != vertex_left_within(rings, i, j, l, b)
                && vertex_left_within(rings, k, l, i, c) != vertex_left_within(rings, k, l, j, d)
        }
    }
}

/// Finds all crossings among `rings`, and which of them wind around their first vertices.
///
/// # Errors
/// [`Cancelled`] when the user cancelled.
pub(super) fn find(rings: &Rings, progress: &Progress) -> Result<Result<Crossings, TooMany>, Cancelled> {
    find_among(rings, &|_, _| Asked::Crossings, progress)
}

/// As [`find`], but of edges of two rings only what `asked` says, which is symmetric in the rings.
///
/// # Errors
/// [`Cancelled`] when the user cancelled.
pub(super) fn find_among(
    rings: &Rings,
    asked: &(impl Fn(u32, u32) -> Asked + Sync),
    progress: &Progress,
) -> Result<Result<Crossings, TooMany>, Cancelled> {
    let units: Vec<u32> = (0..rings.ring_count() as u32).collect();
    let budget = Budget::new(rings, progress);
    let found: Vec<Found> = tiles::visit(rings, &units, progress, &|tile, found: &mut Found| {
        in_tile(rings, &units, asked, tile, &budget, found);
    })?;
    if budget.is_spent() {
        return Ok(Err(TooMany::of(rings, &found, budget)));
    }
    let mut start_offsets = vec![0u32; rings.ring_count() + 1];
    for (ring, set) in found.iter().flat_map(|f| &f.starts) {
        start_offsets[*ring as usize + 1] = set.len() as u32;
    }
    for ring in 0..rings.ring_count() {
        start_offsets[ring + 1] += start_offsets[ring];
    }
    let mut start_windings = vec![(0u32, 0i32); start_offsets[rings.ring_count()] as usize];
    for (ring, set) in found.iter().flat_map(|f| &f.starts) {
        let at = start_offsets[*ring as usize] as usize;
        start_windings[at..at + set.len()].copy_from_slice(set);
    }
    let list = sorted(found.into_iter().map(|found| found.crossings).collect(), rings.coords().len(), progress)?;
    Ok(Ok(Crossings { list, start_offsets, start_windings }))
}

/// All crossings in order, each once; edges that share several tiles were compared in each of them. Sorted in shares by
/// edge, so that the work is cut into pieces that fit the cache and can be cancelled between them.
fn sorted(found: Vec<Vec<Crossing>>, edge_count: usize, progress: &Progress) -> Result<Vec<Crossing>, Cancelled> {
    let count: usize = found.iter().map(Vec::len).sum();
    let share_edges = edge_count.div_ceil(count.div_ceil(SHARE_CROSSINGS).max(1)).max(1);
    let mut shares: Vec<Vec<Crossing>> = vec![Vec::new(); edge_count.div_ceil(share_edges)];
    for crossings in found {
        progress.tick(0)?;
        crossings.iter().for_each(|crossing| shares[crossing.edge as usize / share_edges].push(*crossing));
    }
    shares.par_iter_mut().try_for_each(|share| {
        progress.tick(0)?;
        share.sort_unstable();
        share.dedup();
        Ok(())
    })?;
    let mut list = Vec::with_capacity(shares.iter().map(Vec::len).sum());
    for share in shares {
        list.extend_from_slice(&share);
    }
    Ok(list)
}

#[derive(Default)]
struct Found {
    crossings: Vec<Crossing>,
    starts: Vec<(u32, Windings)>,
}

fn in_tile(
    rings: &Rings,
    units: &[u32],
    asked: &impl Fn(u32, u32) -> Asked,
    tile: &Tile<'_>,
    budget: &Budget<'_>,
    found: &mut Found,
) {
    let list = &mut found.crossings;
    budget.each_pair(rings, tile.edges, |i, j| {
        let (e, f) = (tile.edges[i], tile.edges[j]);
        let asked = asked(rings.ring_of(e), rings.ring_of(f));
        if asked == Asked::Nothing {
            return 0;
        }
        let known = list.len();
        if let Some(meeting) = Meeting::of(rings.ends(e), rings.ends(f)) {
            record(rings, e, f, &meeting, asked == Asked::CrossingsAndStretches, list);
        }
        list.len() - known
    });
    for ring in tile.ring_starts {
        found.starts.push((*ring, units_at_start(rings, units, tile, *ring)));
    }
}

/// Notes the crossing and the splits of two edges that meet, and where `stretches` are asked for, a shared one.
pub(super) fn record(rings: &Rings, e: u32, f: u32, meeting: &Meeting, stretches: bool, out: &mut Vec<Crossing>) {
    if meeting.dets.contains(&0.0) {
        if stretches && meeting.overlaps() {
            out.push(Crossing { edge: e, by: By::Along(f) });
            out.push(Crossing { edge: f, by: By::Along(e) });
        }
        meeting.splits(rings, e, f, out);
        if rings.ring_of(e) == rings.ring_of(f) && rings.adjacent(e, f) {
            return;
        }
    }
    if meeting.crosses(rings, e, f) {
        out.push(Crossing { edge: e, by: By::Edge(f) });
        out.push(Crossing { edge: f, by: By::Edge(e) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn c((x, y): (f64, f64)) -> Coord {
        Coord { x, y }
    }

    #[test]
    fn contacts_are_told_apart() {
        let check = |e: [(f64, f64); 2], f: [(f64, f64); 2], expected: Option<Contact>| {
            let ends = |s: [(f64, f64); 2]| (c(s[0]), c(s[1]));
            let contact = |e, f| Meeting::of(e, f).and_then(|m| m.contact());
            let (e, f) = (ends(e), ends(f));
            assert_eq!(contact(e, f), expected, "{e:?} {f:?}");
            assert_eq!(contact(f, e), expected, "{f:?} {e:?}");
            assert_eq!(contact((e.1, e.0), f), expected, "{e:?} reversed, {f:?}");
        };
        let touch = |x, y| Some(Contact::Touch(c((x, y))));
        check([(0., 0.), (2., 2.)], [(0., 2.), (2., 0.)], Some(Contact::Cross));
        check([(0., 0.), (2., 2.)], [(1., 1.), (2., 0.)], touch(1., 1.));
        check([(0., 0.), (2., 2.)], [(2., 2.), (3., 0.)], touch(2., 2.));
        check([(0., 0.), (2., 2.)], [(2., 2.), (3., 3.)], touch(2., 2.));
        check([(0., 0.), (2., 2.)], [(3., 3.), (4., 4.)], None);
        check([(0., 0.), (2., 2.)], [(1., 1.), (4., 4.)], Some(Contact::Overlap));
        check([(0., 0.), (0., 2.)], [(0., 0.), (0., 2.)], Some(Contact::Overlap));
        check([(0., 0.), (0., 2.)], [(0., 2.), (0., 3.)], touch(0., 2.));
        check([(0., 0.), (2., 2.)], [(0., 1.), (1., 2.)], None);
        check([(0., 0.), (2., 2.)], [(0., 1.), (0.9, 1.)], None);
    }
}
