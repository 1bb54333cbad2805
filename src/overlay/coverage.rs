//! What a layer covers: its sum, its union, what is covered more than once, and by which pairs of features.
//!
//! Every ring is walked once through the whole layer. A stretch with weight w (see `repair`) and depth d, the number
//! of other features that contain it, adds w times its integral to its feature; to the area covered twice where d is 1;
//! to what the sum counts too much where d is at least 1; and to the pair with each feature around it. No polygon is
//! clipped. Sums are in fixed point and stretches that coincide have the same ends, so that borders of neighbours
//! cancel to exactly zero, in any order of features and with any number of threads.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::crossings::{self, TooMany};
use super::rings::Rings;
use super::stacks::Stacks;
use super::sum::Scale;
use super::walk::{self, Scratch};
use crate::measure::{Frame, Origin};
use crate::model::{Coord, Extent};
use crate::task::{Cancelled, Progress};
use crate::units::Area;

/// Rings that one thread walks at a time.
const RINGS_A_CHUNK: usize = 1024;

/// Two features that overlap.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Overlap {
    /// The feature that comes first in the layer.
    pub first: usize,
    /// The other one.
    pub second: usize,
    /// What both cover.
    pub area: Area,
}

/// What `coverage_of` finds out.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sums {
    /// m² of each feature.
    pub features: Vec<f64>,
    /// m² by which the sum exceeds the union.
    pub excess: f64,
    /// m² covered by at least two features.
    pub twice: f64,
    /// Pairs of overlapping features by number.
    pub pairs: Vec<Overlap>,
    /// How many such pairs there are; more than are listed where those would be too many.
    pub pair_count: u64,
    /// Features with a ring whose walk failed; what they cover is not in the sums.
    pub failed: Vec<u32>,
    /// Features whose borders meet too often; what they cover is not in the sums.
    pub crowded: Vec<u32>,
}

impl Sums {
    /// Marks the features, of `count`, that overlap others; all of them where not all pairs are listed.
    pub(super) fn overlapping(&self, count: usize) -> Vec<bool> {
        let mut overlapping = vec![self.pair_count > self.pairs.len() as u64; count];
        self.pairs.iter().flat_map(|pair| [pair.first, pair.second]).for_each(|f| overlapping[f] = true);
        self.failed.iter().chain(&self.crowded).for_each(|f| overlapping[*f as usize] = true);
        overlapping
    }
}

/// Pairs of features that are listed, at least, and for each feature.
const MOST_PAIRS: (usize, usize) = (1 << 22, 8);

/// How many pairs of features of so many are listed.
pub(super) fn most_pairs(feature_count: usize) -> usize {
    MOST_PAIRS.0 + MOST_PAIRS.1 * feature_count
}

/// A scale for the areas that `rings` can have.
pub(super) fn scale_for(rings: &Rings, frame: &Frame) -> Scale {
    let extent = rings.extent();
    if extent.is_empty() {
        return Scale::for_areas(1.0);
    }
    let (low, high) = (extent.min, extent.max);
    let origin = frame.origin(low);
    let corners = [low, Coord { x: high.x, y: low.y }, high, Coord { x: low.x, y: high.y }];
    Scale::for_areas((0..4).map(|i| frame.edge(corners[i], corners[(i + 1) % 4], &origin).abs()).sum())
}

/// Walks all of `rings` through each other. `feature_count` is one more than the largest feature.
pub(super) fn coverage_of(
    rings: &Rings,
    feature_count: usize,
    frame: &Frame,
    progress: &Progress,
) -> Result<Sums, Cancelled> {
    let first_rings = rings.first_rings(feature_count);
    let Some(stacks) = Stacks::of(rings, &first_rings, std::slice::from_ref(&(0..feature_count as u32))) else {
        return without_crowded(rings, feature_count, &[], frame, progress);
    };
    let copies = stacks.copies();
    let rings = rings.of_features(&stacks.chosen, &first_rings);
    Ok(unstacked(without_crowded(&rings, copies.len(), &copies, frame, progress)?, &stacks, feature_count))
}

/// Walks all that does not meet too often. Each feature stands for so many `copies` of it; for itself, where there are
/// none.
fn without_crowded(
    rings: &Rings,
    feature_count: usize,
    copies: &[u32],
    frame: &Frame,
    progress: &Progress,
) -> Result<Sums, Cancelled> {
    let crossings = match crossings::find(rings, progress)? {
        Ok(crossings) => crossings,
        Err(TooMany { features: crowded }) => {
            let left: Vec<u32> = (0..feature_count as u32).filter(|f| crowded.binary_search(f).is_err()).collect();
            let copies: Vec<u32> = left.iter().filter_map(|f| copies.get(*f as usize).copied()).collect();
            let rings = rings.of_features(&left, &rings.first_rings(feature_count));
            let mut sums = without_crowded(&rings, left.len(), &copies, frame, progress)?;
            let mut features = vec![0.0; feature_count];
            left.iter().zip(&sums.features).for_each(|(feature, m2)| features[*feature as usize] = *m2);
            let place = |feature: usize| left[feature] as usize;
            sums.pairs.iter_mut().for_each(|p| (p.first, p.second) = (place(p.first), place(p.second)));
            sums.failed.iter_mut().for_each(|feature| *feature = left[*feature as usize]);
            sums.crowded.iter_mut().for_each(|feature| *feature = left[*feature as usize]);
            sums.crowded.extend(crowded);
            sums.crowded.sort_unstable();
            return Ok(Sums { features, ..sums });
        }
    };
    let mut walked = walk_all(rings, &crossings, feature_count, copies, frame, progress, &[])?;
    if !walked.failed.is_empty() {
        // Rings that defeat the walk take no part: once more without them.
        let failed = std::mem::take(&mut walked.failed);
        walked = walk_all(rings, &crossings, feature_count, copies, frame, progress, &failed)?;
        walked.failed = failed;
    }
    Ok(walked)
}

/// The sums of all `feature_count` features from those of the ones that stand for them.
fn unstacked(sums: Sums, stacks: &Stacks, feature_count: usize) -> Sums {
    let members = |feature: usize| &stacks.members[feature];
    let spread = |list: &[u32]| {
        let mut all: Vec<u32> = list.iter().flat_map(|feature| members(*feature as usize)).copied().collect();
        all.sort_unstable();
        all
    };
    let between: u64 = sums.pairs.iter().map(|p| (members(p.first).len() * members(p.second).len()) as u64).sum();
    let stacked = |of: &Vec<u32>| of.len() as u64 * (of.len() as u64 - 1) / 2;
    let whole = |feature: usize| sums.features[feature];
    let is_in = |feature: &usize| whole(*feature) > 0.0;
    let within: u64 = (0..stacks.members.len()).filter(is_in).map(|feature| stacked(members(feature))).sum();
    let pair = |a: u32, b: u32, area: Area| Overlap { first: a.min(b) as usize, second: a.max(b) as usize, area };
    let of_pairs = sums.pairs.iter().flat_map(|p| {
        let (of_first, of_second) = (members(p.first), members(p.second));
        of_first.iter().flat_map(move |a| of_second.iter().map(move |b| pair(*a, *b, p.area)))
    });
    let of_stacks = (0..stacks.members.len()).filter(is_in).flat_map(|feature| {
        let area = Area::from_m2(whole(feature));
        let of = members(feature);
        (0..of.len()).flat_map(move |i| (i + 1..of.len()).map(move |j| pair(of[i], of[j], area)))
    });
    let mut pairs: Vec<Overlap> = of_pairs.chain(of_stacks).take(most_pairs(feature_count)).collect();
    pairs.par_sort_unstable_by_key(|pair| (pair.first, pair.second));
    Sums {
        features: stacks.spread(&sums.features, 0, feature_count),
        pair_count: (sums.pair_count - sums.pairs.len() as u64) + between + within,
        pairs,
        failed: spread(&sums.failed),
        crowded: spread(&sums.crowded),
        ..sums
    }
}

/// What one chunk of rings adds.
#[derive(Default)]
struct Chunk {
    features: Vec<(u32, i128)>,
    excess: i128,
    twice: i128,
    pairs: Vec<(u64, i128)>,
    failed: Vec<u32>,
}

fn walk_all(
    rings: &Rings,
    crossings: &crossings::Crossings,
    feature_count: usize,
    copies: &[u32],
    frame: &Frame,
    progress: &Progress,
    left_out: &[u32],
) -> Result<Sums, Cancelled> {
    let scale = scale_for(rings, frame);
    let center = frame.origin(rings.extent().center());
    let most_met = 4 * most_pairs(feature_count);
    let met = AtomicUsize::new(0);
    let extents = extents(rings, feature_count);
    let walker = Walker { rings, frame, scale, center, extents, left_out, copies, most_met, met: &met };
    let ring_count = rings.ring_count();
    let starts: Vec<usize> = (0..ring_count).step_by(RINGS_A_CHUNK).collect();
    let chunks: Vec<Chunk> = starts
        .into_par_iter()
        .map(|start| {
            let end = (start + RINGS_A_CHUNK).min(ring_count);
            progress.tick(0)?;
            let mut chunk = Chunk::default();
            let mut scratch = Scratch::default();
            for ring in start..end {
                walker.ring(crossings, ring as u32, &mut scratch, &mut chunk);
            }
            progress.tick((end - start) as u64)?;
            Ok(chunk)
        })
        .collect::<Result<_, _>>()?;

    let mut features = vec![0i128; feature_count];
    let (mut excess, mut twice) = (0, 0);
    let mut pairs = Vec::new();
    let mut failed = Vec::new();
    for chunk in chunks {
        for (feature, sum) in chunk.features {
            features[feature as usize] += sum;
        }
        excess += chunk.excess;
        twice += chunk.twice;
        pairs.extend(chunk.pairs);
        failed.extend(chunk.failed);
    }
    failed.sort_unstable();
    failed.dedup();
    for (sum, copies) in features.iter().zip(copies) {
        excess += i128::from(copies - 1) * sum;
    }
    let met = met.into_inner();
    if met > most_met {
        // What was noted of them lacks one half or the other.
        pairs.clear();
    }
    pairs.par_sort_unstable();
    let pairs: Vec<Overlap> = pairs
        .chunk_by(|a, b| a.0 == b.0)
        .filter_map(|same| {
            let sum: i128 = same.iter().map(|(_, sum)| sum).sum();
            let key = same[0].0;
            // What coincides cancels to zero; less than zero is rounding of what hardly overlaps.
            (sum > 0).then(|| Overlap {
                first: (key >> 32) as usize,
                second: (key & 0xffff_ffff) as usize,
                area: Area::from_m2(scale.m2(sum)),
            })
        })
        .collect();
    Ok(Sums {
        features: features.into_iter().map(|sum| scale.m2(sum)).collect(),
        excess: scale.m2(excess).max(0.0),
        twice: scale.m2(twice).max(0.0),
        // Two halves each.
        pair_count: if met > most_met { met as u64 / 2 } else { pairs.len() as u64 },
        pairs,
        failed,
        crowded: Vec::new(),
    })
}

/// Extent of each feature; empty where it has no rings.
pub(super) fn extents(rings: &Rings, feature_count: usize) -> Vec<Extent> {
    let mut extents = vec![Extent::EMPTY; feature_count];
    for ring in 0..rings.ring_count() as u32 {
        let edges = rings.edges(ring);
        let extent = Extent::of(&rings.coords()[edges.start as usize..edges.end as usize]);
        extents[rings.feature_of(rings.part_of(ring)) as usize].union(&extent);
    }
    extents
}

struct Walker<'a> {
    rings: &'a Rings,
    frame: &'a Frame,
    scale: Scale,
    /// For sums over the whole layer.
    center: Origin,
    extents: Vec<Extent>,
    left_out: &'a [u32],
    /// How many features each stands for; empty where each stands for itself.
    copies: &'a [u32],
    /// Halves of pairs that are noted, and how many there were.
    most_met: usize,
    met: &'a AtomicUsize,
}

impl Walker<'_> {
    fn copies(&self, feature: u32) -> u32 {
        self.copies.get(feature as usize).copied().unwrap_or(1)
    }

    fn ring(&self, crossings: &crossings::Crossings, ring: u32, scratch: &mut Scratch, chunk: &mut Chunk) {
        let feature = self.rings.feature_of(self.rings.part_of(ring));
        if self.left_out.binary_search(&feature).is_ok() {
            return;
        }
        let own_origin = self.frame.origin(self.extents[feature as usize].min);
        let (mut own, mut excess, mut twice) = (0i128, 0i128, 0i128);
        // The sum with each feature met, and the origin of that pair: a corner of what their extents share, so that
        // both walks use the same and a small overlap of large features keeps its digits.
        let mut with: FxHashMap<u32, (i128, Origin)> = FxHashMap::default();
        let copies = self.copies(feature);
        let mut measurable = true;
        let walk = walk::along(self.rings, crossings, ring, scratch, |stretch| {
            let weight = stretch.weight(self.rings, ring);
            if weight == 0 {
                return;
            }
            let mut area = |origin: &Origin| {
                let area = stretch.area(self.frame, origin, &self.scale);
                measurable &= area.is_some();
                weight * area.unwrap_or(0)
            };
            own += area(&own_origin);
            let mut depth = 0;
            for other in stretch.features(self.rings, feature) {
                if self.left_out.binary_search(&other).is_ok() {
                    continue;
                }
                depth += self.copies(other);
                let (sum, origin) = with.entry(other).or_insert_with(|| (0, self.pair_origin(feature, other)));
                *sum += area(origin);
            }
            if depth > 0 {
                let far = area(&self.center);
                excess += far;
                if depth == 1 {
                    twice += far;
                }
            } else if copies > 1 {
                twice += area(&self.center);
            }
        });
        if walk.is_err() || !measurable {
            chunk.failed.push(feature);
            return;
        }
        chunk.features.push((feature, own));
        chunk.excess += excess;
        chunk.twice += twice;
        let key = |other: u32| (u64::from(feature.min(other)) << 32) | u64::from(feature.max(other));
        let met = with.into_iter().filter(|(_, (sum, _))| *sum != 0);
        let known = chunk.pairs.len();
        chunk.pairs.extend(met.map(|(other, (sum, _))| (key(other), sum)));
        if !self.pairs_fit(chunk.pairs.len() - known) {
            chunk.pairs = Vec::new();
        }
    }

    /// Whether so many more pairs can be noted.
    fn pairs_fit(&self, more: usize) -> bool {
        more == 0 || self.met.fetch_add(more, Ordering::Relaxed) + more <= self.most_met
    }

    fn pair_origin(&self, a: u32, b: u32) -> Origin {
        let (a, b) = (self.extents[a as usize].min, self.extents[b as usize].min);
        self.frame.origin(Coord { x: a.x.max(b.x), y: a.y.max(b.y) })
    }
}

#[cfg(test)]
mod tests;
