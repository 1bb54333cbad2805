//! Rings made ready for a walk: cleaned, closed, and numbered.
//!
//! One flat list of coordinates holds the rings of all parts of all features that take part. Every ring is closed, has
//! no vertex twice in a row, and starts at a vertex of largest x: there the outside of the ring is known, which gives
//! the walk its first side without a search. An edge is named by the number of the coordinate that it starts at, so the
//! number of a ring's last coordinate names no edge.
//!
//! What rings mean: a place is inside a ring where its winding number is not zero; a part is its shell less the union of
//! its holes, and a feature the union of its parts. A part whose shell was dropped has nothing left that its holes could
//! be taken from. A ring of another part can be made a hole too (see `parts`).

use rustc_hash::FxHashMap;

use super::predicates::canonical;
use crate::model::{Coord, Extent};

/// Coordinates larger than this are no places on earth, and products of them would overflow.
const MAX_COORD: f64 = 1e100;

/// Adds a number to a hash.
pub(super) fn mixed(hash: u64, value: u64) -> u64 {
    let h = (hash ^ value).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    h ^ (h >> 32)
}

/// Why a ring takes no part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Dropped {
    /// A coordinate is not a finite number.
    NotFinite,
    /// It has under 3 distinct points.
    TooFewPoints,
}

/// What was left out of a ring that changes nothing about what it encloses.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct LeftOut {
    /// Vertices repeated in a row.
    pub repeated: usize,
    /// Ways to a vertex and straight back.
    pub spikes: usize,
    /// Where the first of them begins.
    pub spike_at: Option<Coord>,
}

impl LeftOut {
    fn spike(&mut self, at: Coord) {
        self.spikes += 1;
        self.spike_at.get_or_insert(at);
    }
}

/// Cleaned rings of the parts of features.
#[derive(Clone, Debug)]
pub(crate) struct Rings {
    coords: Vec<Coord>,
    offsets: Vec<u32>,
    /// Ring → part.
    parts: Vec<u32>,
    /// Ring → whether it is the shell of its part; the others are holes.
    shells: Vec<bool>,
    /// Holes that are taken from further parts: ring and part, ascending.
    cuts: Vec<(u32, u32)>,
    /// Part → feature.
    features: Vec<u32>,
    /// Whether the next ring is the shell of the open part.
    shell_next: bool,
    /// Coordinate → ring; filled by [`Self::finish`].
    ring_of: Vec<u32>,
    /// Of all coordinates; known after [`Self::finish`].
    extent: Extent,
}

impl Default for Rings {
    fn default() -> Self {
        Self {
            coords: Vec::new(),
            offsets: vec![0],
            parts: Vec::new(),
            shells: Vec::new(),
            cuts: Vec::new(),
            features: Vec::new(),
            shell_next: false,
            ring_of: Vec::new(),
            extent: Extent::EMPTY,
        }
    }
}

impl Rings {
    /// Opens a part of `feature`; the rings pushed next belong to it, its shell first. Features come in ascending order.
    pub(crate) fn part(&mut self, feature: u32) {
        self.features.push(feature);
        self.shell_next = true;
    }

    /// Adds a ring to the open part; returns what was left out of it.
    ///
    /// Where a ring goes from one vertex to another and straight back, both ways cancel, whatever a ring encloses is
    /// told by: the spike is left out. So a ring that runs to and fro thousands of times is no longer than one that
    /// does not.
    ///
    /// # Errors
    /// The reason why the ring was dropped whole.
    pub(crate) fn ring(&mut self, ring: &[Coord]) -> Result<LeftOut, Dropped> {
        let is_shell = self.without_ring();
        if ring.iter().any(|c| !(c.x.abs() <= MAX_COORD && c.y.abs() <= MAX_COORD)) {
            return Err(Dropped::NotFinite);
        }
        let start = self.coords.len();
        let mut left_out = LeftOut::default();
        let (mut first, mut second, mut third) = (None, None, None);
        for c in ring {
            let length = self.coords.len() - start;
            if length > 0 && self.coords[self.coords.len() - 1] == *c {
                left_out.repeated += 1;
                continue;
            }
            if third.is_none() {
                match (first, second) {
                    (None, _) => first = Some(*c),
                    (_, None) => second = Some(*c),
                    _ => third = Some(*c).filter(|c| first != Some(*c) && second != Some(*c)),
                }
            }
            if length > 1 && self.coords[self.coords.len() - 2] == *c {
                self.coords.pop();
                left_out.spike(*c);
            } else {
                self.coords.push(*c);
            }
        }
        let mut closing = 0;
        while self.coords.len() > start + 1 && self.coords[self.coords.len() - 1] == self.coords[start] {
            self.coords.pop();
            closing += 1;
        }
        // One closing vertex is no repetition.
        left_out.repeated += closing - usize::from(closing > 0);
        // Spikes around the place where the ring begins.
        let (mut low, mut high) = (start, self.coords.len());
        while high - low > 2 {
            if self.coords[low + 1] == self.coords[high - 1] {
                left_out.spike(self.coords[high - 1]);
                (low, high) = (low + 1, high - 1);
            } else if self.coords[high - 2] == self.coords[low] {
                left_out.spike(self.coords[low]);
                high -= 2;
            } else {
                break;
            }
        }
        if high - low > 2 {
            self.coords.truncate(high);
            self.coords.drain(start..low);
        } else {
            self.coords.truncate(start);
            let (Some(a), Some(b), Some(c)) = (first, second, third) else { return Err(Dropped::TooFewPoints) };
            // All of it runs to and fro: the shortest ring that does stands for it, since rings have places in their
            // parts.
            self.coords.extend([a, b, c, b]);
        }
        let open = &mut self.coords[start..];
        let mut first = 0;
        for (i, c) in open.iter().enumerate() {
            if c.x > open[first].x {
                first = i;
            }
        }
        open.rotate_left(first);
        let closing_coord = open[0];
        self.coords.push(closing_coord);
        self.offsets.push(self.coords.len() as u32);
        self.parts.push((self.features.len() - 1) as u32);
        self.shells.push(is_shell);
        Ok(left_out)
    }

    /// The place reached, for [`Self::truncate`].
    pub(crate) fn mark(&self) -> (usize, usize, usize) {
        (self.coords.len(), self.parts.len(), self.features.len())
    }

    /// Forgets the rings and parts since `mark` was taken; before holes of theirs were made.
    pub(crate) fn truncate(&mut self, (coords, rings, parts): (usize, usize, usize)) {
        self.coords.truncate(coords);
        self.offsets.truncate(rings + 1);
        self.parts.truncate(rings);
        self.shells.truncate(rings);
        self.features.truncate(parts);
    }

    /// Passes over a ring of the open part that cannot take part; whether it was the shell.
    pub(crate) fn without_ring(&mut self) -> bool {
        std::mem::replace(&mut self.shell_next, false)
    }

    /// Makes room for the rings of `others`.
    pub(super) fn reserve<'r>(&mut self, others: impl Iterator<Item = &'r Self> + Clone) {
        self.coords.reserve_exact(others.clone().map(|other| other.coords.len()).sum());
        self.offsets.reserve_exact(others.clone().map(Self::ring_count).sum());
        self.parts.reserve_exact(others.clone().map(Self::ring_count).sum());
        self.shells.reserve_exact(others.clone().map(Self::ring_count).sum());
        self.features.reserve_exact(others.map(Self::part_count).sum());
    }

    /// Adds the rings of `other` behind these.
    pub(crate) fn append(&mut self, other: &Self) {
        let (coord, part, ring) = (self.coords.len() as u32, self.features.len() as u32, self.parts.len() as u32);
        self.coords.extend_from_slice(&other.coords);
        self.offsets.extend(other.offsets[1..].iter().map(|offset| offset + coord));
        self.parts.extend(other.parts.iter().map(|p| p + part));
        self.shells.extend_from_slice(&other.shells);
        self.cuts.extend(other.cuts.iter().map(|(r, p)| (r + ring, p + part)));
        self.features.extend_from_slice(&other.features);
    }

    /// Numbers the coordinates; call it once, after the last ring.
    #[must_use]
    pub(crate) fn finish(mut self) -> Self {
        self.ring_of.clear();
        self.ring_of.reserve_exact(self.coords.len());
        for ring in 0..self.parts.len() {
            let length = self.offsets[ring + 1] - self.offsets[ring];
            self.ring_of.extend(std::iter::repeat_n(ring as u32, length as usize));
        }
        self.extent = Extent::of(&self.coords);
        self
    }

    /// How many rings there are.
    pub(crate) fn ring_count(&self) -> usize {
        self.parts.len()
    }

    /// The rings from `first` on with their parts, as if nothing came before them.
    #[must_use]
    pub(super) fn tail(&self, first_ring: u32, first_part: u32) -> Self {
        let mut tail = Self::default();
        let start = self.offsets[first_ring as usize];
        tail.coords.extend_from_slice(&self.coords[start as usize..]);
        tail.offsets = self.offsets[first_ring as usize..].iter().map(|offset| offset - start).collect();
        tail.parts = self.parts[first_ring as usize..].iter().map(|part| part - first_part).collect();
        tail.shells = self.shells[first_ring as usize..].to_vec();
        tail.cuts = self.cuts_of(first_ring, first_part).collect();
        tail.features = self.features[first_part as usize..].to_vec();
        tail.finish()
    }

    /// Cuts of rings from `first_ring` on, as [`Self::tail`] numbers them.
    fn cuts_of(&self, first_ring: u32, first_part: u32) -> impl Iterator<Item = (u32, u32)> {
        let first = self.cuts.partition_point(|(ring, _)| *ring < first_ring);
        self.cuts[first..].iter().map(move |(ring, part)| (ring - first_ring, part - first_part))
    }

    /// The rings of `features`, ascending, which are numbered anew from 0.
    #[must_use]
    pub(super) fn of_features(&self, features: &[u32], first_rings: &[u32]) -> Self {
        let mut chosen = Self::default();
        for (number, feature) in features.iter().enumerate() {
            let mut places: FxHashMap<u32, u32> = FxHashMap::default();
            let mut last = None;
            let first_ring = chosen.parts.len() as u32;
            let of_feature = first_rings[*feature as usize]..first_rings[*feature as usize + 1];
            for ring in of_feature.clone() {
                let part = self.parts[ring as usize];
                // Rings of a part mostly follow each other.
                let place = match last {
                    Some((known, place)) if known == part => place,
                    _ => *places.entry(part).or_insert_with(|| {
                        chosen.features.push(number as u32);
                        chosen.features.len() as u32 - 1
                    }),
                };
                last = Some((part, place));
                let coords = self.offsets[ring as usize] as usize..self.offsets[ring as usize + 1] as usize;
                chosen.coords.extend_from_slice(&self.coords[coords]);
                chosen.offsets.push(chosen.coords.len() as u32);
                chosen.parts.push(place);
                chosen.shells.push(self.shells[ring as usize]);
            }
            if self.cuts.is_empty() {
                continue;
            }
            let first_cut = self.cuts.partition_point(|(ring, _)| *ring < of_feature.start);
            for (ring, part) in self.cuts[first_cut..].iter().take_while(|(ring, _)| *ring < of_feature.end) {
                // A part whose rings were all dropped has nothing to be cut.
                if let Some(place) = places.get(part) {
                    chosen.cuts.push((first_ring + ring - of_feature.start, *place));
                }
            }
        }
        chosen.finish()
    }

    /// The first ring of each of `feature_count` features, and the number of rings at the end.
    pub(super) fn first_rings(&self, feature_count: usize) -> Vec<u32> {
        let mut first = vec![0u32; feature_count + 1];
        for part in &self.parts {
            first[self.features[*part as usize] as usize + 1] += 1;
        }
        for feature in 0..feature_count {
            first[feature + 1] += first[feature];
        }
        first
    }

    /// How many parts there are.
    pub(crate) fn part_count(&self) -> usize {
        self.features.len()
    }

    /// What tells whether two rings run along the same edges, in either direction and from any vertex on: how many there
    /// are, and sums of hashes of them.
    pub(super) fn outline(&self, ring: u32) -> (u32, u64, u64) {
        let edges = self.edges(ring);
        let mut outline = (edges.end - edges.start, 0u64, 0u64);
        for edge in edges {
            let (p, q) = canonical(self.ends(edge));
            for (seed, sum) in [(1, &mut outline.1), (2, &mut outline.2)] {
                let hash = [p.x, p.y, q.x, q.y].into_iter().fold(seed, |hash, v| mixed(hash, (v + 0.0).to_bits()));
                *sum = sum.wrapping_add(hash);
            }
        }
        outline
    }

    /// All coordinates, the closing ones included.
    pub(crate) fn coords(&self) -> &[Coord] {
        &self.coords
    }

    /// The edges of `ring`.
    pub(crate) fn edges(&self, ring: u32) -> std::ops::Range<u32> {
        self.offsets[ring as usize]..self.offsets[ring as usize + 1] - 1
    }

    /// All edges, in order.
    pub(crate) fn all_edges(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.parts.len() as u32).flat_map(|ring| self.edges(ring))
    }

    /// Both ends of `edge`.
    pub(crate) fn ends(&self, edge: u32) -> (Coord, Coord) {
        (self.coords[edge as usize], self.coords[edge as usize + 1])
    }

    /// The vertex numbers of both ends of `edge`: the closing coordinate is the ring's first vertex.
    pub(crate) fn end_vertices(&self, edge: u32) -> (u32, u32) {
        let edges = self.edges(self.ring_of[edge as usize]);
        (edge, if edge + 1 == edges.end { edges.start } else { edge + 1 })
    }

    /// Whether two edges of one ring follow each other.
    pub(crate) fn adjacent(&self, a: u32, b: u32) -> bool {
        let (a, b) = (a.min(b), a.max(b));
        a + 1 == b || {
            let edges = self.edges(self.ring_of[a as usize]);
            a == edges.start && b + 1 == edges.end
        }
    }

    /// The ring of `edge`.
    pub(crate) fn ring_of(&self, edge: u32) -> u32 {
        self.ring_of[edge as usize]
    }

    /// The part of `ring`.
    pub(crate) fn part_of(&self, ring: u32) -> u32 {
        self.parts[ring as usize]
    }

    /// The part of each ring.
    pub(crate) fn parts(&self) -> &[u32] {
        &self.parts
    }

    /// Whether `ring` is the shell of its part.
    pub(crate) fn is_shell(&self, ring: u32) -> bool {
        self.shells[ring as usize]
    }

    /// Takes `ring`, the only one of its part, from `parts`, ascending, of its feature: it is a hole then. To be called
    /// for rings in ascending order.
    pub(super) fn make_hole(&mut self, ring: u32, parts: impl Iterator<Item = u32>) {
        self.shells[ring as usize] = false;
        self.cuts.extend(parts.map(|part| (ring, part)));
    }

    /// Parts, ascending, that `ring` is taken from beside its own.
    pub(super) fn cut_by(&self, ring: u32) -> impl Iterator<Item = u32> {
        let first = self.cuts.partition_point(|(r, _)| *r < ring);
        self.cuts[first..].iter().take_while(move |(r, _)| *r == ring).map(|(_, part)| *part)
    }

    /// Whether a place that lies inside of `around`, and of no other ring of the feature, belongs to it.
    pub(super) fn hold(&self, around: impl Iterator<Item = u32> + Clone) -> bool {
        let is_cut = |part: u32| around.clone().any(|ring| self.takes_from(ring, part));
        around.clone().any(|ring| self.is_shell(ring) && !is_cut(self.part_of(ring)))
    }

    fn takes_from(&self, hole: u32, part: u32) -> bool {
        !self.is_shell(hole) && (self.part_of(hole) == part || self.cuts.binary_search(&(hole, part)).is_ok())
    }

    /// The feature of `ring`.
    pub(crate) fn feature_of_ring(&self, ring: u32) -> u32 {
        self.features[self.parts[ring as usize] as usize]
    }

    /// The feature of `part`.
    pub(crate) fn feature_of(&self, part: u32) -> u32 {
        self.features[part as usize]
    }

    /// Extent of all rings, once they are finished.
    pub(crate) fn extent(&self) -> Extent {
        self.extent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coords(points: &[(f64, f64)]) -> Vec<Coord> {
        points.iter().map(|&(x, y)| Coord { x, y }).collect()
    }

    #[test]
    fn rings_are_cleaned_closed_and_start_at_their_largest_x() {
        let mut rings = Rings::default();
        rings.part(7);
        let ring = coords(&[(0., 0.), (0., 0.), (4., 0.), (4., 3.), (4., 3.), (0., 3.), (0., 0.), (0., 0.)]);
        assert_eq!(rings.ring(&ring).map(|left_out| left_out.repeated), Ok(3));
        let rings = rings.finish();
        assert_eq!(rings.coords(), &coords(&[(4., 0.), (4., 3.), (0., 3.), (0., 0.), (4., 0.)])[..]);
        assert_eq!(rings.edges(0), 0..4);
        assert_eq!(rings.end_vertices(3), (3, 0));
        assert!(rings.adjacent(0, 3) && rings.adjacent(2, 1) && !rings.adjacent(0, 2));
        assert_eq!(rings.feature_of(rings.part_of(0)), 7);
    }

    #[test]
    fn rings_that_enclose_nothing_are_dropped() {
        let check = |points: &[(f64, f64)], expected| {
            let mut rings = Rings::default();
            rings.part(0);
            assert_eq!(rings.ring(&coords(points)), Err(expected), "{points:?}");
            assert!(rings.coords().is_empty());
        };
        check(&[], Dropped::TooFewPoints);
        check(&[(1., 1.)], Dropped::TooFewPoints);
        check(&[(1., 1.), (2., 2.), (1., 1.)], Dropped::TooFewPoints);
        check(&[(1., 1.), (2., 2.), (1., 1.), (2., 2.), (1., 1.)], Dropped::TooFewPoints);
        let both_ways = [(1., 1.), (2., 2.), (3., 1.), (2., 2.), (1., 1.)];
        let mut rings = Rings::default();
        rings.part(0);
        let to_and_fro = both_ways.repeat(1000);
        let left_out = rings.ring(&coords(&to_and_fro)).expect("a ring");
        assert_eq!((left_out.spikes, left_out.spike_at), (2000, Some(Coord { x: 2.0, y: 2.0 })));
        assert_eq!(rings.coords().len(), 5);
        check(&[(1., 1.), (f64::NAN, 2.), (1., 3.), (1., 1.)], Dropped::NotFinite);
        check(&[(1., 1.), (f64::INFINITY, 2.), (1., 3.), (1., 1.)], Dropped::NotFinite);
        check(&[(1., 1.), (1e300, 2.), (1., 3.), (1., 1.)], Dropped::NotFinite);
    }
}
