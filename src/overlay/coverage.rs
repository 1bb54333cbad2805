//! What a layer covers: its sum, its union, what is covered more than once, and by which pairs of features.
//!
//! Every ring is walked once through the whole layer. A stretch with weight w (see `repair`) and depth d, the number
//! of other features that contain it, adds w times its integral to its feature; to the area covered twice where d is 1;
//! to what the sum counts too much where d is at least 1; and to the pair with each feature around it. No polygon is
//! clipped. Sums are in fixed point and stretches that coincide have the same ends, so that borders of neighbours
//! cancel to exactly zero, in any order of features and with any number of threads.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::crossings;
use super::rings::Rings;
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
    /// Features with a ring whose walk failed; what they cover is not in the sums.
    pub failed: Vec<u32>,
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
    let units = rings.parts();
    let crossings = crossings::find(rings, units, progress)?;
    let mut walked = walk_all(rings, &crossings, feature_count, frame, progress, &[])?;
    if !walked.failed.is_empty() {
        // Rings that defeat the walk take no part: once more without them.
        let failed = std::mem::take(&mut walked.failed);
        walked = walk_all(rings, &crossings, feature_count, frame, progress, &failed)?;
        walked.failed = failed;
    }
    Ok(walked)
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
    frame: &Frame,
    progress: &Progress,
    left_out: &[u32],
) -> Result<Sums, Cancelled> {
    let scale = scale_for(rings, frame);
    let center = frame.origin(rings.extent().center());
    let walker = Walker { rings, frame, scale, center, extents: extents(rings, feature_count), left_out };
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
    pairs.par_sort_unstable();
    let pairs = pairs
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
        pairs,
        failed,
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
}

impl Walker<'_> {
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
        let mut measurable = true;
        let walk = walk::along(self.rings, self.rings.parts(), crossings, ring, scratch, |stretch| {
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
            let mut last = u32::MAX;
            for unit in stretch.within {
                let other = self.rings.feature_of(*unit);
                if other == feature || other == last || self.left_out.binary_search(&other).is_ok() {
                    continue;
                }
                last = other;
                depth += 1;
                let (sum, origin) = with.entry(other).or_insert_with(|| (0, self.pair_origin(feature, other)));
                *sum += area(origin);
            }
            if depth > 0 {
                let far = area(&self.center);
                excess += far;
                if depth == 1 {
                    twice += far;
                }
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
        chunk.pairs.extend(met.map(|(other, (sum, _))| (key(other), sum)));
    }

    fn pair_origin(&self, a: u32, b: u32) -> Origin {
        let (a, b) = (self.extents[a as usize].min, self.extents[b as usize].min);
        self.frame.origin(Coord { x: a.x.max(b.x), y: a.y.max(b.y) })
    }
}

#[cfg(test)]
mod tests;
