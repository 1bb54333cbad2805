//! Walks along rings that know at every place which rings wind around them, and how often.
//!
//! A ring starts where its own outside is known and with the winding numbers of the rings around it. At each crossing
//! one of them changes by one; where the ring crosses itself, its own. Crossings on an edge are taken in the order of
//! their places; where rounding orders two of them wrongly, the stretch between them is as short as the rounding, and
//! the numbers behind them are right all the same.

use std::cmp::Ordering;

use super::crossings::{By, Crossing, Crossings};
use super::predicates::{canonical, cut_share, orient, shifted_left, vertex_left_of, vertex_left_within};
use super::rings::Rings;
use super::sum::Scale;
use super::tiles::{Windings, turn};
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
    /// How often the ring itself winds around its left side; around the right side once less.
    pub left: i32,
    /// Other rings that wind around it, ascending, and how often.
    pub within: &'a [(u32, i32)],
    /// Edges of other layers that coincide with it, where stretches were asked for.
    pub coincident: &'a [u32],
}

impl Stretch<'_> {
    /// Inside on the left less inside on the right, for the feature that `ring`, which the stretch is of, belongs to.
    pub(super) fn weight(&self, rings: &Rings, ring: u32) -> i128 {
        let own = self.around(rings, rings.feature_of_ring(ring));
        if own.is_empty() {
            // Nearly all: a shell with nothing else of its feature around.
            return match self.left {
                _ if !rings.is_shell(ring) => 0,
                1 => 1,
                0 => -1,
                _ => 0,
            };
        }
        let inside = |winding: i32| {
            let others = own.iter().map(|(ring, _)| *ring);
            rings.hold(others.chain((winding != 0).then_some(ring)))
        };
        i128::from(inside(self.left)) - i128::from(inside(self.left - 1))
    }

    /// The rings of `feature` that wind around it.
    fn around(&self, rings: &Rings, feature: u32) -> &[(u32, i32)] {
        if self.within.is_empty() {
            return &[];
        }
        let first = self.within.partition_point(|(ring, _)| rings.feature_of_ring(*ring) < feature);
        let count = self.within[first..].partition_point(|(ring, _)| rings.feature_of_ring(*ring) == feature);
        &self.within[first..first + count]
    }

    /// The features that it lies in, ascending, but for the one that it is of.
    pub(super) fn features<'s>(&'s self, rings: &'s Rings, own: u32) -> impl Iterator<Item = u32> + 's {
        let same = |a: &(u32, i32), b: &(u32, i32)| rings.feature_of_ring(a.0) == rings.feature_of_ring(b.0);
        self.within.chunk_by(same).filter_map(move |around| {
            let feature = rings.feature_of_ring(around[0].0);
            let holds = || match around {
                [(ring, _)] => rings.is_shell(*ring),
                _ => rings.hold(around.iter().map(|(ring, _)| *ring)),
            };
            (feature != own && holds()).then_some(feature)
        })
    }

    /// Whether its length is border of what `ring`'s feature and `feature`, in which it lies, have in common. Stretches
    /// of the two that coincide are parted by the shift alone: without it they are a border where the two have something
    /// in common on one side of all of them and not on the other, and then once. Areas cancel by themselves.
    pub(super) fn is_border(&self, rings: &Rings, ring: u32, feature: u32) -> bool {
        let own = rings.feature_of_ring(ring);
        let concerned = |edge: &u32| [own, feature].contains(&rings.feature_of_ring(rings.ring_of(*edge)));
        if !self.coincident.iter().any(concerned) {
            return true;
        }
        let turned = self.shares.0 > self.shares.1;
        let (p, q) = if turned { (self.piece.1, self.piece.0) } else { self.piece };
        // Those on the left and those on the right, the nearest first: rings are shifted by their numbers.
        let mut beside: [Vec<(u32, u32, i32)>; 2] = Default::default();
        for edge in self.coincident.iter().filter(|edge| concerned(edge)) {
            let other = rings.ring_of(*edge);
            let is_left = if other == ring {
                let ((i, j), (k, l)) = (rings.end_vertices(self.edge), rings.end_vertices(*edge));
                vertex_left_within(rings, i, j, k, 0.0) && vertex_left_within(rings, i, j, l, 0.0)
            } else {
                shifted_left(p, q, if other > ring { 1 } else { -1 })
            };
            let (r, s) = rings.ends(*edge);
            let along = (s.x - r.x) * (q.x - p.x) + (s.y - r.y) * (q.y - p.y) > 0.0;
            beside[usize::from(!is_left)].push((other.abs_diff(ring), other, if along == is_left { 1 } else { -1 }));
        }
        beside.iter_mut().for_each(|side| side.sort_unstable_by_key(|(distance, other, _)| (*distance, *other)));
        let mut far = [false; 2];
        for (side, far) in far.iter_mut().enumerate() {
            let mut windings: Windings = Vec::new();
            for (other, winding) in self.around(rings, own).iter().chain(self.around(rings, feature)) {
                turn(&mut windings, *other, *winding);
            }
            let winding = self.left - side as i32;
            if winding != 0 {
                turn(&mut windings, ring, winding);
            }
            let common = |windings: &Windings| {
                [own, feature].iter().all(|of| {
                    let of_feature = windings.iter().map(|(ring, _)| *ring);
                    rings.hold(of_feature.filter(|ring| rings.feature_of_ring(*ring) == *of))
                })
            };
            let mut now = common(&windings);
            for (_, other, by) in &beside[side] {
                turn(&mut windings, *other, *by);
                let next = common(&windings);
                // The first one counts, from the left of what they all lie on.
                if side == usize::from(turned) && next != now {
                    return false;
                }
                now = next;
            }
            *far = now;
        }
        far[0] != far[1]
    }

    /// Length of the stretch in metres.
    pub(super) fn length(&self, frame: &Frame) -> f64 {
        frame.edge_length(self.piece.0, self.piece.1) * (self.shares.1 - self.shares.0).abs()
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
    within: Windings,
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

/// Walks along `ring` and calls `visit` for each stretch, in order.
///
/// # Errors
/// [`Unclosed`]: what was visited is then worthless.
pub(super) fn along(
    rings: &Rings,
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
    within.extend_from_slice(crossings.windings_at_start(ring));
    // The ring winds around the side where its first turn opens.
    let left_at_start = i32::from(starts_inside_left(rings, ring));
    let mut left = left_at_start;
    for edge in edges {
        let count = rest.iter().take_while(|c| c.edge == edge).count();
        let here;
        (here, rest) = rest.split_at(count);
        pass.over(rings, edge, here, |step| match step {
            Step::Along { piece, shares, coincident } => {
                visit(&Stretch { edge, piece, shares, left, within, coincident });
            }
            Step::Across(crossed) => {
                let other = rings.ring_of(crossed);
                let by = if ends_left(rings, edge, crossed) { 1 } else { -1 };
                if other == ring {
                    left += by;
                } else {
                    turn(within, other, by);
                }
            }
        });
    }
    if left == left_at_start && within[..] == *crossings.windings_at_start(ring) { Ok(()) } else { Err(Unclosed) }
}

/// Whether `edge`, which crosses `other`, ends on its left.
fn ends_left(rings: &Rings, edge: u32, other: u32) -> bool {
    let (ring, ring_other) = (rings.ring_of(edge), rings.ring_of(other));
    let ((r, s), (_, q)) = (rings.ends(other), rings.ends(edge));
    let det = orient(r, s, q);
    if ring == ring_other {
        let ((k, l), (_, j)) = (rings.end_vertices(other), rings.end_vertices(edge));
        vertex_left_within(rings, k, l, j, det)
    } else {
        vertex_left_of(r, s, ring_other, det, ring)
    }
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
