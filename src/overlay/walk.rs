//! Walks along rings that know at every place which units contain them.
//!
//! A ring starts where its own outside is known and with the set of units around it. At each crossing one unit goes
//! into the set or out of it; where the ring crosses itself, its own inside changes sides. Crossings on an edge are
//! taken in the order of their places; where rounding orders two of them wrongly, the stretch between them is as short
//! as the rounding, and the set behind them is right all the same.

use std::cmp::Ordering;

use super::crossings::{By, Crossing, Crossings};
use super::predicates::{canonical, cut_share, orient, shifted_left, vertex_left_within};
use super::rings::Rings;
use super::sum::Scale;
use super::tiles::toggle;
use crate::measure::{Frame, Origin};
use crate::model::Coord;

/// Among more vertices on an edge a place is not looked for one by one.
const FEW: usize = 8;

/// A stretch of an edge on which nothing changes; never empty.
pub(super) struct Stretch<'a> {
    /// The edge that it is of.
    pub edge: u32,
    /// Ends of the piece of the edge between two vertices that lie on it, the lower end first.
    piece: (Coord, Coord),
    /// Shares of the piece where the stretch begins and ends, in the direction of the ring.
    shares: (f64, f64),
    /// Whether the left side has odd parity by this ring alone; the right side then has even parity, and vice versa.
    pub left: bool,
    /// Units that contain it, ascending, without what this ring itself contributes.
    pub within: &'a [u32],
    /// Edges of other layers that coincide with it, where stretches were asked for.
    pub coincident: &'a [u32],
}

impl Stretch<'_> {
    /// Inside on the left less inside on the right, for the feature that `ring`, which the stretch is of, belongs to:
    /// parity within a part, any of its parts. The units of the walk are parts.
    pub(super) fn weight(&self, rings: &Rings, ring: u32) -> i128 {
        let part = rings.part_of(ring);
        let feature = rings.feature_of(part);
        let mut odd = self.left;
        for unit in self.within {
            if *unit == part {
                odd = !odd;
            } else if rings.feature_of(*unit) == feature {
                return 0;
            }
        }
        if odd { 1 } else { -1 }
    }

    /// Whether it is no border of what `ring`'s feature and `feature`, in which it lies, have in common, though by the
    /// shift it may seem one: it coincides with a border of `feature` so that the two lie on opposite sides of it, or
    /// with another border of its own feature. Its area is cancelled by what it coincides with; its length is not.
    pub(super) fn is_seam(&self, rings: &Rings, ring: u32, weight: i128, feature: u32) -> bool {
        let own = rings.feature_of(rings.part_of(ring));
        let (p, q) = if self.shares.0 <= self.shares.1 { self.piece } else { (self.piece.1, self.piece.0) };
        let (mut seam, mut doubled) = (false, false);
        for edge in self.coincident {
            let other = rings.ring_of(*edge);
            let of = rings.feature_of(rings.part_of(other));
            if of == feature {
                // An edge of the feature left of the stretch: what lies on its right is the feature.
                seam ^= (weight > 0) == shifted_left(p, q, if other > ring { 1 } else { -1 });
            } else if of == own {
                doubled = !doubled;
            }
        }
        seam || doubled
    }

    /// Length of the stretch in metres.
    pub(super) fn length(&self, frame: &Frame) -> f64 {
        frame.edge_length(self.piece.0, self.piece.1) * (self.shares.1 - self.shares.0).abs()
    }

    /// Where the stretch begins and ends, in the direction of the ring.
    pub(super) fn ends(&self) -> (Coord, Coord) {
        let (a, b) = self.piece;
        let at = |t: f64| match t {
            0.0 => a,
            1.0 => b,
            t => Coord { x: a.x + t * (b.x - a.x), y: a.y + t * (b.y - a.y) },
        };
        (at(self.shares.0), at(self.shares.1))
    }

    /// What the stretch contributes to an area: the difference of the running integral of its piece, in fixed point, so
    /// that stretches that coincide cancel, and those that follow each other add up to the piece. `None` where it
    /// cannot be measured.
    pub(super) fn area(&self, frame: &Frame, origin: &Origin, scale: &Scale) -> Option<i128> {
        let (a, b) = self.piece;
        let upto = |t: f64| if t == 0.0 { Some(0) } else { scale.fixed(frame.stretch(a, b, t, origin)) };
        Some(upto(self.shares.1)? - upto(self.shares.0)?)
    }
}

/// A ring that did not end with the set that it began with: not possible unless coordinates defeat the arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unclosed;

/// Buffers that walks share.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    within: Vec<u32>,
    pass: Pass,
}

/// Buffers for the way along one edge.
#[derive(Debug, Default)]
pub(super) struct Pass {
    points: Vec<Coord>,
    order: Vec<(Place, u32)>,
    coincident: Vec<u32>,
    covers: Covers,
}

/// Where on an edge: the number of a piece in the direction of the ring, and the share of it from its lower end.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
struct Place {
    piece: usize,
    share: f64,
}

/// Walks along `ring` and calls `visit` for each stretch, in order; `units` names the unit of each ring.
///
/// # Errors
/// [`Unclosed`]: what was visited is then worthless.
pub(super) fn along(
    rings: &Rings,
    units: &[u32],
    crossings: &Crossings,
    ring: u32,
    scratch: &mut Scratch,
    mut visit: impl FnMut(&Stretch<'_>),
) -> Result<(), Unclosed> {
    let edges = rings.edges(ring);
    let mut rest = {
        let list = &crossings.list;
        let first = list.partition_point(|c| c.edge < edges.start);
        &list[first..]
    };
    let Scratch { within, pass } = scratch;
    within.clear();
    within.extend_from_slice(crossings.units_at_start(ring));
    let left_at_start = starts_inside_left(rings, ring);
    let mut left = left_at_start;
    for edge in edges {
        let count = rest.iter().take_while(|c| c.edge == edge).count();
        let here;
        (here, rest) = rest.split_at(count);
        pass.over(rings, edge, here, |step| match step {
            Step::Along { piece, shares, coincident } => {
                visit(&Stretch { edge, piece, shares, left, within, coincident });
            }
            Step::Across(other) => {
                let other = rings.ring_of(other);
                if other == ring {
                    left = !left;
                } else {
                    toggle(within, units[other as usize]);
                }
            }
        });
    }
    if left == left_at_start && within[..] == *crossings.units_at_start(ring) { Ok(()) } else { Err(Unclosed) }
}

/// A step on the way along an edge.
pub(super) enum Step<'a> {
    /// Along a stretch, never empty, on which nothing changes.
    Along {
        /// Ends of the piece between two vertices that lie on the edge, the lower end first.
        piece: (Coord, Coord),
        /// Shares of the piece where the stretch begins and ends, in the direction of the ring.
        shares: (f64, f64),
        /// Edges that coincide with the piece.
        coincident: &'a [u32],
    },
    /// Across that edge.
    Across(u32),
}

impl Pass {
    /// Goes along `edge`, whose crossings are `here`, duplicates passed over, and calls `visit` for each step in order.
    pub(super) fn over(&mut self, rings: &Rings, edge: u32, here: &[Crossing], mut visit: impl FnMut(Step<'_>)) {
        let Self { points, order, coincident, covers } = self;
        split(rings, edge, here, points);
        // Shares count from the lower end of a piece: the ring runs down them where the edge runs that way.
        let turned = canonical(rings.ends(edge)).0 != points[0];
        let (begin, end) = if turned { (1.0, 0.0) } else { (0.0, 1.0) };
        order.clear();
        for crossing in here {
            if let By::Edge(other) = crossing.by {
                order.push((place(rings, edge, other, points, begin), other));
            }
        }
        order.sort_unstable_by(|(a, e), (b, f)| {
            let shares = if turned { b.share.total_cmp(&a.share) } else { a.share.total_cmp(&b.share) };
            a.piece.cmp(&b.piece).then(shares).then(e.cmp(f))
        });
        let mut next = order.iter().peekable();
        // Sorted behind all else.
        let alongs = &here[here.partition_point(|crossing| !matches!(crossing.by, By::Along(_)))..];
        covers.find(rings, alongs, points);
        for (number, ends) in points.windows(2).enumerate() {
            let piece = canonical((ends[0], ends[1]));
            let mut from = begin;
            coincident.clear();
            covers.of_piece(number, coincident);
            while let Some((at, other)) = next.next_if(|(at, _)| at.piece == number) {
                if from != at.share {
                    visit(Step::Along { piece, shares: (from, at.share), coincident });
                    from = at.share;
                }
                visit(Step::Across(*other));
            }
            if from != end {
                visit(Step::Along { piece, shares: (from, end), coincident });
            }
        }
        // What crosses at the very end of the edge.
        next.for_each(|(_, other)| visit(Step::Across(*other)));
    }
}

/// Both ends of `edge` and the vertices that lie between them, in order, each once.
fn split(rings: &Rings, edge: u32, here: &[Crossing], points: &mut Vec<Coord>) {
    let (p, q) = rings.ends(edge);
    points.clear();
    points.push(p);
    for crossing in here {
        if let By::Vertex(vertex) = crossing.by {
            points.push(rings.coords()[vertex as usize]);
        }
    }
    if points.len() > 1 {
        points[1..].sort_unstable_by(|a, b| on_the_way(*a, *b, p, q));
        points.dedup();
    }
    points.push(q);
}

/// Which edges on the same straight line reach over which pieces of an edge. Where the edge has many of either, each piece
/// must not ask all.
#[derive(Debug, Default)]
struct Covers {
    /// First piece, the one behind the last, and the edge; by first piece.
    ranges: Vec<(u32, u32, u32)>,
    /// How many of the ranges have begun.
    begun: usize,
    /// Those that have begun and not ended.
    open: Vec<(u32, u32)>,
}

impl Covers {
    fn find(&mut self, rings: &Rings, alongs: &[Crossing], points: &[Coord]) {
        self.ranges.clear();
        self.open.clear();
        self.begun = 0;
        let (p, q) = (points[0], points[points.len() - 1]);
        for crossing in alongs {
            let By::Along(other) = crossing.by else { continue };
            let (r, s) = rings.ends(other);
            let (r, s) = if on_the_way(r, s, p, q) == Ordering::Greater { (s, r) } else { (r, s) };
            let first = points.partition_point(|c| on_the_way(*c, r, p, q) == Ordering::Less);
            let behind = points.partition_point(|c| on_the_way(*c, s, p, q) != Ordering::Greater);
            if first + 1 < behind {
                self.ranges.push((first as u32, behind as u32 - 1, other));
            }
        }
        if self.ranges.len() > 1 {
            self.ranges.sort_unstable();
        }
    }

    /// Adds the edges that reach over piece `number` to `found`; asked for every piece in order.
    fn of_piece(&mut self, number: usize, found: &mut Vec<u32>) {
        if self.ranges.is_empty() {
            return;
        }
        while let Some((first, behind, other)) = self.ranges.get(self.begun)
            && *first as usize <= number
        {
            self.open.push((*behind, *other));
            self.begun += 1;
        }
        self.open.retain(|(behind, _)| *behind as usize > number);
        found.extend(self.open.iter().map(|(_, other)| *other));
    }
}

/// The order of two places on the line from p to q, on the way to q. Vertices on one straight line keep their order along
/// either axis.
fn on_the_way(a: Coord, b: Coord, p: Coord, q: Coord) -> Ordering {
    let forward = |a: f64, b: f64, from: f64, to: f64| {
        // No coordinate is NaN, and both zeros are one place.
        let order = a.partial_cmp(&b).unwrap_or(Ordering::Equal);
        if from < to { order } else { order.reverse() }
    };
    forward(a.x, b.x, p.x, q.x).then(forward(a.y, b.y, p.y, q.y))
}

/// Where `other` crosses `edge`, whose pieces lie between `points`.
fn place(rings: &Rings, edge: u32, other: u32, points: &[Coord], begin: f64) -> Place {
    let at = |piece: usize| Place { piece, share: begin };
    let (r, s) = rings.ends(other);
    let (first, last) = (points[0], points[points.len() - 1]);
    let (det_r, det_s) = (orient(first, last, r), orient(first, last, s));
    if det_r == 0.0 && det_s == 0.0 {
        return at(position(points, far_end(rings, edge, other)).unwrap_or(0));
    }
    // A vertex of the other edge lies on this one, or this one's on the other.
    for (det, c) in [(det_r, r), (det_s, s)] {
        if det == 0.0
            && let Some(i) = position(points, c)
        {
            return at(i);
        }
    }
    let mut before = orient(r, s, first);
    if points.len() > FEW {
        // Sides change once along a line.
        let is_before = |c: &Coord| {
            let side = orient(r, s, *c);
            side != 0.0 && (side > 0.0) == (before > 0.0)
        };
        return match points.partition_point(is_before) {
            0 => at(0),
            i if i == points.len() => at(i - 1),
            i if orient(r, s, points[i]) == 0.0 => at(i),
            i => Place { piece: i - 1, share: cut_share((points[i - 1], points[i]), (r, s)) },
        };
    }
    for (i, ends) in points.windows(2).enumerate() {
        if before == 0.0 {
            return at(i);
        }
        let behind = orient(r, s, ends[1]);
        if behind != 0.0 && (before > 0.0) != (behind > 0.0) {
            return Place { piece: i, share: cut_share((ends[0], ends[1]), (r, s)) };
        }
        before = behind;
    }
    at(points.len() - 1)
}

fn position(points: &[Coord], c: Coord) -> Option<usize> {
    if points.len() <= FEW {
        return points.iter().position(|p| *p == c);
    }
    let (p, q) = (points[0], points[points.len() - 1]);
    let i = points.partition_point(|known| on_the_way(*known, c, p, q) == Ordering::Less);
    points.get(i).filter(|known| **known == c).map(|_| i)
}

/// Where two collinear edges of one ring cross by their shift. Of their four vertices the first is moved by far the
/// most; its edge leans away from the other edge all the way to its other end, and there the two cross.
fn far_end(rings: &Rings, e: u32, f: u32) -> Coord {
    let ((i, j), (k, l)) = (rings.end_vertices(e), rings.end_vertices(f));
    let vertex = if i.min(j) < k.min(l) { i.max(j) } else { k.max(l) };
    rings.coords()[vertex as usize]
}

/// Whether the inside of `ring` lies left of its first edge. Its first vertex has the largest x, so that the inside is
/// where the turn opens.
pub(super) fn starts_inside_left(rings: &Rings, ring: u32) -> bool {
    let edges = rings.edges(ring);
    let (before, first, next) = (edges.end - 1, edges.start, edges.start + 1);
    let at = |v: u32| rings.coords()[v as usize];
    vertex_left_within(rings, before, first, next, orient(at(before), at(first), at(next)))
}
