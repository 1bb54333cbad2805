//! Features of a layer that are the same, lying on each other: walked once for all of them.
//!
//! n equal parcels are n² pairs, and each of their edges coincides with n others. One of them stands for all; what it
//! has in common with others is then given to each.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::rings::Rings;
use crate::model::Coord;

/// Up to so many equal features are walked like any others.
const FEW: usize = 8;
/// Places where a ring may begin that are tried: more only has a ring that comes through its first vertex as often.
const MOST_STARTS: usize = 4;

/// Which features stand for which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stacks {
    /// Features that stand for themselves and for those like them, ascending.
    pub chosen: Vec<u32>,
    /// For each of these all that it stands for, ascending, itself first.
    pub members: Vec<Vec<u32>>,
}

impl Stacks {
    /// Finds them among features of one layer, `ranges` being the layers; `None` where hardly any are the same.
    pub(super) fn of(rings: &Rings, first_rings: &[u32], ranges: &[std::ops::Range<u32>]) -> Option<Self> {
        let count = first_rings.len() - 1;
        let hashes: Vec<u64> =
            (0..count).into_par_iter().with_min_len(1024).map(|feature| hash(rings, first_rings, feature)).collect();
        let mut stands_for: Vec<u32> = (0..count as u32).collect();
        let mut found = false;
        for range in ranges {
            let mut by_hash: Vec<(u64, u32)> =
                range.clone().map(|feature| (hashes[feature as usize], feature)).collect();
            by_hash.par_sort_unstable();
            for same in by_hash.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > FEW) {
                // Hashes hardly ever agree by chance; what differs all the same stands for itself.
                let first = same[0].1;
                let equal: Vec<u32> =
                    same[1..].iter().map(|(_, f)| *f).filter(|f| is_same(rings, first_rings, first, *f)).collect();
                if equal.len() >= FEW && first_rings[first as usize] < first_rings[first as usize + 1] {
                    equal.iter().for_each(|feature| stands_for[*feature as usize] = first);
                    found = true;
                }
            }
        }
        if !found {
            return None;
        }
        let chosen: Vec<u32> = (0..count as u32).filter(|feature| stands_for[*feature as usize] == *feature).collect();
        let mut members: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        for (feature, first) in stands_for.iter().enumerate() {
            members.entry(*first).or_default().push(feature as u32);
        }
        let members = chosen.iter().map(|feature| members.remove(feature).unwrap_or_default()).collect();
        Some(Self { chosen, members })
    }

    /// How many features each of the chosen stands for.
    pub(super) fn copies(&self) -> Vec<u32> {
        self.members.iter().map(|members| members.len() as u32).collect()
    }

    /// Values of the chosen, given to all of `count` features.
    pub(super) fn spread(&self, values: &[f64], first: usize, count: usize) -> Vec<f64> {
        let mut all = vec![0.0; count];
        for (value, members) in values.iter().zip(&self.members[first..]) {
            members.iter().for_each(|member| all[*member as usize - self.offset(first)] = *value);
        }
        all
    }

    /// The number of the first feature of the layer whose first chosen one is `first`: a layer's first feature always
    /// stands for itself.
    fn offset(&self, first: usize) -> usize {
        self.chosen.get(first).map_or(0, |feature| *feature as usize)
    }
}

/// A number that equal features have in common, wherever their rings begin and whichever way they run.
fn hash(rings: &Rings, first_rings: &[u32], feature: usize) -> u64 {
    let mut hash = 0u64;
    for ring in first_rings[feature]..first_rings[feature + 1] {
        let edges = rings.edges(ring);
        let vertices = &rings.coords()[edges.start as usize..edges.end as usize];
        let of_ring = vertices.iter().fold(0u64, |sum, c| {
            let mixed = (c.x.to_bits() ^ c.y.to_bits().rotate_left(29)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            sum.wrapping_add(mixed ^ (mixed >> 32))
        });
        hash = (hash.rotate_left(7) ^ of_ring).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
    hash
}

fn is_same(rings: &Rings, first_rings: &[u32], a: u32, b: u32) -> bool {
    let of = |feature: u32| first_rings[feature as usize]..first_rings[feature as usize + 1];
    let (of_a, of_b) = (of(a), of(b));
    let part = |ring: u32, first: u32| rings.part_of(ring) - rings.part_of(first);
    of_a.len() == of_b.len()
        && of_a.clone().zip(of_b.clone()).all(|(ring_a, ring_b)| {
            let cuts = |ring: u32, first: u32| rings.cut_by(ring).map(move |part| part - rings.part_of(first));
            part(ring_a, of_a.start) == part(ring_b, of_b.start)
                && rings.is_shell(ring_a) == rings.is_shell(ring_b)
                && cuts(ring_a, of_a.start).eq(cuts(ring_b, of_b.start))
                && is_same_ring(vertices(rings, ring_a), vertices(rings, ring_b))
        })
}

fn vertices(rings: &Rings, ring: u32) -> &[Coord] {
    let edges = rings.edges(ring);
    &rings.coords()[edges.start as usize..edges.end as usize]
}

/// Whether two rings go through the same vertices, from any of them on and either way.
fn is_same_ring(a: &[Coord], b: &[Coord]) -> bool {
    let count = a.len();
    if count != b.len() {
        return false;
    }
    let starts = b.iter().enumerate().filter(|(_, c)| **c == a[0]).map(|(at, _)| at).take(MOST_STARTS);
    starts.into_iter().any(|start| {
        let forward = (0..count).all(|i| a[i] == b[(start + i) % count]);
        forward || (0..count).all(|i| a[i] == b[(start + count - i) % count])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rings_of(shapes: &[&[(f64, f64)]]) -> (Rings, Vec<u32>) {
        let mut rings = Rings::default();
        for (feature, shape) in shapes.iter().enumerate() {
            rings.part(feature as u32);
            let coords: Vec<Coord> = shape.iter().map(|&(x, y)| Coord { x, y }).collect();
            rings.ring(&coords).expect("a ring");
        }
        let rings = rings.finish();
        let first = rings.first_rings(shapes.len());
        (rings, first)
    }

    #[test]
    fn equal_features_are_told_however_they_are_written() {
        let square: &[(f64, f64)] = &[(0., 0.), (1., 0.), (1., 1.), (0., 1.), (0., 0.)];
        let turned: &[(f64, f64)] = &[(1., 1.), (0., 1.), (0., 0.), (1., 0.), (1., 1.)];
        let back: &[(f64, f64)] = &[(0., 1.), (1., 1.), (1., 0.), (0., 0.), (0., 1.)];
        let other: &[(f64, f64)] = &[(0., 0.), (1., 0.), (1., 1.), (0., 2.), (0., 0.)];
        let mut shapes = vec![other];
        shapes.extend([square, turned, back].repeat(3));
        shapes.push(other);
        let (rings, first) = rings_of(&shapes);
        let count = shapes.len() as u32;
        let stacks = Stacks::of(&rings, &first, std::slice::from_ref(&(0..count))).expect("nine are the same");
        assert_eq!(stacks.chosen, [0, 1, count - 1]);
        assert_eq!(stacks.members[1], (1..count - 1).collect::<Vec<_>>());
        assert_eq!(stacks.spread(&[1.0, 2.0, 3.0], 0, count as usize)[..3], [1.0, 2.0, 2.0]);
        // In two layers they are two stacks, too low to be worth it.
        assert_eq!(Stacks::of(&rings, &first, &[0..5, 5..count]), None);
    }
}
