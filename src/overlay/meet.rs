//! Which edges of a tile meet: every two of them, or those that can, within a budget.
//!
//! Most tiles hold a few edges. Where cutting does not part them (many edges through one place, edges that coincide, thin
//! teeth side by side) a tile holds any number, and two bounds keep time and memory in proportion to the input: on
//! comparisons, and on what is noted of them. Whoever is over it is told so, and leaves out what met too often.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::rings::Rings;
use crate::model::Coord;
use crate::task::Progress;

/// Up to so many edges are compared each with each; of more, those that run side by side are told apart first.
const FEW: usize = 64;
/// What may be noted of the edges of a layer, at least, and for each of them: 12 bytes a note.
const MOST_NOTES: (u64, u64) = (if cfg!(test) { 1 << 15 } else { 1 << 25 }, 8);
/// Comparisons that may be made in tiles of many edges, at least, and for each of all edges.
const MOST_COMPARISONS: (u64, u64) = (if cfg!(test) { 1 << 20 } else { 1 << 30 }, 1 << 10);
/// Comparisons between two looks at the budget, and at whether the user cancelled.
const TICK: u64 = 1 << 16;

/// What the search for meetings may spend.
pub(super) struct Budget<'a> {
    progress: &'a Progress,
    notes: AtomicU64,
    comparisons: AtomicU64,
    most: (u64, u64),
    /// Edges of the tile where comparisons ran out.
    stuck: Mutex<Vec<u32>>,
}

impl<'a> Budget<'a> {
    /// A budget in proportion to the edges of `rings`.
    pub(super) fn new(rings: &Rings, progress: &'a Progress) -> Self {
        let edges = rings.coords().len() as u64;
        let most = (MOST_NOTES.0 + MOST_NOTES.1 * edges, MOST_COMPARISONS.0 + MOST_COMPARISONS.1 * edges);
        Self { progress, notes: AtomicU64::new(0), comparisons: AtomicU64::new(0), most, stuck: Mutex::default() }
    }

    /// Notes that may be made of `edge_count` edges, for messages.
    pub(super) fn most_notes(edge_count: usize) -> u64 {
        MOST_NOTES.0 + MOST_NOTES.1 * edge_count as u64
    }

    /// Whether more was asked for than there is: what was found then lacks something.
    pub(super) fn is_spent(&self) -> bool {
        self.notes.load(Ordering::Relaxed) > self.most.0 || self.comparisons.load(Ordering::Relaxed) > self.most.1
    }

    /// The edges among which the comparisons ran out, if they did.
    pub(super) fn into_stuck(self) -> Vec<u32> {
        self.stuck.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls `meet` with every two of `edges`, all in one tile, that may have a point in common, and perhaps some more,
    /// by their places in `edges`, the smaller first, in no order; `meet` returns how many notes it made. Not all of
    /// them once the budget is spent or the user cancelled.
    pub(super) fn each_pair(&self, rings: &Rings, edges: &[u32], mut meet: impl FnMut(usize, usize) -> usize) {
        let mut notes = 0;
        if edges.len() <= FEW {
            for i in 0..edges.len() {
                for j in i + 1..edges.len() {
                    notes += meet(i, j);
                }
            }
            if notes > 0 {
                self.notes.fetch_add(notes as u64, Ordering::Relaxed);
            }
            return;
        }
        let order = across(rings, edges);
        let mut count = 0;
        for (at, (_, high, i)) in order.iter().enumerate() {
            for (low, _, j) in &order[at + 1..] {
                if low > high {
                    break;
                }
                notes += meet((*i).min(*j) as usize, (*i).max(*j) as usize);
                count += 1;
                if count == TICK && !self.spend(std::mem::take(&mut notes), std::mem::take(&mut count), edges) {
                    return;
                }
            }
        }
        self.spend(notes, count, edges);
    }

    /// Whether to go on.
    fn spend(&self, notes: usize, comparisons: u64, edges: &[u32]) -> bool {
        self.notes.fetch_add(notes as u64, Ordering::Relaxed);
        let made = self.comparisons.fetch_add(comparisons, Ordering::Relaxed) + comparisons;
        if made > self.most.1 && made - comparisons <= self.most.1 {
            self.stuck.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(edges);
        }
        !self.is_spent() && !self.progress.is_cancelled()
    }
}

/// What room `edges` take up across the direction that most of them have, from low to high, with their places.
fn across(rings: &Rings, edges: &[u32]) -> Vec<(f64, f64, u32)> {
    let origin = rings.ends(edges[0]).0;
    // Directions of edges add up as twice their angles: an edge walked either way has the same. Long ones count most.
    let (mut cosine, mut sine) = (0.0f64, 0.0f64);
    for edge in edges {
        let (p, q) = rings.ends(*edge);
        let (x, y) = (q.x - p.x, q.y - p.y);
        cosine += x * x - y * y;
        sine += 2.0 * x * y;
    }
    let angle = 0.5 * sine.atan2(cosine);
    let (sin, cos) = if angle.is_finite() { angle.sin_cos() } else { (0.0, 1.0) };
    let mut order: Vec<(f64, f64, u32)> = edges
        .iter()
        .enumerate()
        .map(|(place, edge)| {
            let (p, q) = rings.ends(*edge);
            let at = |c: Coord| (c.y - origin.y) * cos - (c.x - origin.x) * sin;
            let (a, b) = (at(p), at(q));
            let margin = 1e-15 * (p.x.abs() + p.y.abs() + q.x.abs() + q.y.abs() + origin.x.abs() + origin.y.abs());
            (a.min(b) - margin, a.max(b) + margin, place as u32)
        })
        .collect();
    order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlay::tiles;

    /// A comb of thin teeth, turned.
    fn comb(teeth: usize, angle: f64) -> Rings {
        let width = 1000.0 / teeth as f64;
        let mut points = Vec::new();
        for tooth in 0..teeth {
            let x = tooth as f64 * width;
            points.extend([(x, 0.0), (x, 1000.0), (x + width / 2.0, 1000.0), (x + width / 2.0, 1.0)]);
        }
        points.extend([(1000.0, 1.0), (1000.0, 0.0)]);
        let (sin, cos) = angle.sin_cos();
        let ring: Vec<Coord> =
            points.iter().map(|(x, y)| Coord { x: x * cos - y * sin, y: x * sin + y * cos }).collect();
        let mut rings = Rings::default();
        rings.part(0);
        rings.ring(&ring).expect("a ring");
        rings.finish()
    }

    /// Edges in tiles, and comparisons of any two in one, for each edge.
    fn work(rings: &Rings) -> f64 {
        let (progress, work) = (Progress::new(), AtomicU64::new(0));
        let budget = Budget::new(rings, &progress);
        tiles::visit(rings, rings.parts(), &progress, &|tile, (): &mut ()| {
            let mut compared = 0;
            budget.each_pair(rings, tile.edges, |_, _| {
                compared += 1;
                0
            });
            work.fetch_add(tile.edges.len() as u64 + compared, Ordering::Relaxed);
        })
        .expect("not cancelled");
        assert!(!budget.is_spent());
        work.into_inner() as f64 / rings.coords().len() as f64
    }

    #[test]
    fn thin_teeth_cost_no_more_where_there_are_more() {
        for angle in [0.0, 1e-3, 0.3, std::f64::consts::FRAC_PI_4, 1.2] {
            let works = [500, 4_000, 32_000].map(|teeth| work(&comb(teeth, angle)));
            assert!(works.iter().all(|work| *work < 150.0), "{angle}: {works:?}");
        }
    }

    #[test]
    fn many_edges_are_compared_where_they_can_meet() {
        // Spokes of a wheel and a square far away, all in one list.
        let mut rings = Rings::default();
        rings.part(0);
        for spoke in 0..200 {
            let (sin, cos) = (f64::from(spoke) * 0.03).sin_cos();
            let tip = Coord { x: 10.0 * cos, y: 10.0 * sin };
            rings.ring(&[Coord { x: 0.0, y: 0.0 }, tip, Coord { x: tip.x + 0.01, y: tip.y }]).expect("a ring");
        }
        let rings = rings.finish();
        let edges: Vec<u32> = rings.all_edges().collect();
        let progress = Progress::new();
        let budget = Budget::new(&rings, &progress);
        let mut found = std::collections::BTreeSet::new();
        budget.each_pair(&rings, &edges, |i, j| {
            found.insert((i, j));
            0
        });
        let meet = |e: u32, f: u32| super::super::crossings::Meeting::of(rings.ends(e), rings.ends(f)).is_some();
        for i in 0..edges.len() {
            for j in i + 1..edges.len() {
                assert!(!meet(edges[i], edges[j]) || found.contains(&(i, j)), "{i} {j}");
            }
        }
    }
}
