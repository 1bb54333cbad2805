//! The walk over all rings: what each stretch adds to the sums of the features around it, in fixed point, so that the
//! order of adding changes nothing.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::super::coverage::{extents, scale_for};
use super::super::crossings::Crossings;
use super::super::rings::Rings;
use super::super::sum::Scale;
use super::super::walk::{self, Scratch, Stretch};
use super::{Cast, Pair, Sums, most_met};
use crate::measure::{Frame, Origin};
use crate::model::{Coord, Extent};
use crate::task::{Cancelled, Progress};

/// Rings that one thread walks at a time.
const RINGS_A_CHUNK: usize = 512;

/// Lengths are summed in this share of a metre.
const LENGTH_STEPS: f64 = (1u64 << 20) as f64;

/// Sums in fixed point.
#[derive(Default)]
pub(super) struct Gathered {
    own: Vec<(u32, i128)>,
    /// What the other layer covers of a feature.
    covered: Vec<(u32, i128)>,
    pub(super) pairs: Vec<Met>,
    pub(super) failed: Vec<u32>,
}

/// What rounding may leave of areas that cancel, in units of the sums' scale: 2⁻⁴⁰ of the whole.
const ROUNDING: i128 = 1 << 60;

/// What one ring adds to a pair.
#[derive(Clone, Copy)]
pub(super) struct Met {
    key: u64,
    area: i128,
    length: i64,
}

pub(super) fn walk_all(
    rings: &Rings,
    crossings: &Crossings,
    cast: Cast,
    frame: &Frame,
    left_out: &[u32],
    progress: &Progress,
) -> Result<Gathered, Cancelled> {
    let walker = Walker {
        rings,
        frame,
        cast,
        scale: scale_for(rings, frame),
        extents: extents(rings, cast.feature_count()),
        left_out,
    };
    let ring_count = rings.ring_count();
    let starts: Vec<usize> = (0..ring_count).step_by(RINGS_A_CHUNK).collect();
    let (met, most) = (AtomicUsize::new(0), most_met(cast.feature_count()));
    let chunks: Vec<Gathered> = starts
        .into_par_iter()
        .map(|start| {
            let end = (start + RINGS_A_CHUNK).min(ring_count);
            progress.tick(0)?;
            let mut gathered = Gathered::default();
            let mut scratch = Scratch::default();
            for ring in start..end {
                let known = gathered.pairs.len();
                walker.ring(crossings, ring as u32, &mut scratch, &mut gathered);
                // More than are kept, the caller sees.
                if met.fetch_add(gathered.pairs.len() - known, Ordering::Relaxed) > most {
                    break;
                }
            }
            progress.tick((end - start) as u64)?;
            Ok(gathered)
        })
        .collect::<Result<_, _>>()?;
    let mut all = Gathered::default();
    for chunk in chunks {
        all.own.extend(chunk.own);
        all.covered.extend(chunk.covered);
        all.pairs.extend(chunk.pairs);
        all.failed.extend(chunk.failed);
    }
    all.failed.sort_unstable();
    all.failed.dedup();
    all.pairs.par_sort_unstable_by_key(|met| met.key);
    Ok(all)
}

impl Gathered {
    pub(super) fn into_sums(self, rings: &Rings, cast: Cast, frame: &Frame) -> Sums {
        let scale = scale_for(rings, frame);
        let mut sums = Sums::default();
        let count = cast.feature_count();
        let (mut own, mut covered) = (vec![0i128; count], vec![0i128; count]);
        for (feature, sum) in self.own {
            own[feature as usize] += sum;
        }
        for (feature, sum) in self.covered {
            covered[feature as usize] += sum;
        }
        let mut paired = vec![0.0; count];
        for same in self.pairs.chunk_by(|x, y| x.key == y.key) {
            let area: i128 = same.iter().map(|met| met.area).sum();
            let length = same.iter().fold(0i64, |sum, met| sum.saturating_add(met.length));
            // Features that only share a border have nothing in common: what coincides cancels to nothing. All borders of
            // what is in common may be seams, though, where parts of a feature lie on each other.
            if area == 0 || (length == 0 && area.abs() < ROUNDING) {
                continue;
            }
            let (a, b) = ((same[0].key >> 32) as u32, (same[0].key & 0xffff_ffff) as u32);
            let m2 = scale.m2(area);
            paired[a as usize] += m2;
            paired[b as usize] += m2;
            let perimeter_m = length as f64 / LENGTH_STEPS;
            sums.pairs.push(Pair { a, b: b - cast.counts[0], m2, perimeter_m });
        }
        let mut start = 0;
        for (side, count) in cast.counts.into_iter().enumerate() {
            let range = start..start + count as usize;
            start = range.end;
            let side = &mut sums.sides[side];
            side.own = own[range.clone()].iter().map(|sum| scale.m2(*sum)).collect();
            // Where everything is covered once, both are exactly zero.
            side.only = range.clone().map(|f| scale.m2(own[f] - covered[f])).collect();
            side.twice = range.clone().map(|f| paired[f] - scale.m2(covered[f])).collect();
            let first = range.start as u32;
            let of_side = self.failed.iter().filter(|f| range.contains(&(**f as usize)));
            side.left_out = of_side.map(|f| f - first).collect();
        }
        sums.mask_failed = cast.masked && self.failed.last() == Some(&(count as u32 - 1));
        sums
    }
}

struct Walker<'a> {
    rings: &'a Rings,
    frame: &'a Frame,
    cast: Cast,
    scale: Scale,
    extents: Vec<Extent>,
    left_out: &'a [u32],
}

/// Which features contain a stretch, beside the one that it is of: of the first layer, of the second, the study area.
#[derive(Default)]
struct Around {
    of: [Vec<u32>; 3],
}

/// Sums of one ring.
#[derive(Default)]
struct RingSums {
    own: FxHashMap<u32, Tally>,
    covered: FxHashMap<u32, Tally>,
    pairs: FxHashMap<u64, Tally>,
    unmeasurable: bool,
}

/// What a ring adds to one sum.
#[derive(Default)]
struct Tally {
    area: i128,
    length: i64,
    origin: Option<Origin>,
}

impl Walker<'_> {
    fn takes_part(&self, feature: u32) -> bool {
        self.left_out.binary_search(&feature).is_err()
    }

    fn ring(&self, crossings: &Crossings, ring: u32, scratch: &mut Scratch, gathered: &mut Gathered) {
        let feature = self.rings.feature_of_ring(ring);
        if !self.takes_part(feature) {
            return;
        }
        let mut sums = RingSums::default();
        let mut around = Around::default();
        let walk = walk::along(self.rings, crossings, ring, scratch, |stretch| {
            let weight = stretch.weight(self.rings, ring);
            if weight != 0 {
                self.look_around(stretch, feature, &mut around);
                self.stretch(stretch, ring, feature, weight, &around, &mut sums);
            }
        });
        if walk.is_err() || sums.unmeasurable {
            gathered.failed.push(feature);
            return;
        }
        gathered.own.extend(sums.own.into_iter().map(|(feature, tally)| (feature, tally.area)));
        gathered.covered.extend(sums.covered.into_iter().map(|(feature, tally)| (feature, tally.area)));
        let met = |(key, tally): (u64, Tally)| Met { key, area: tally.area, length: tally.length };
        gathered.pairs.extend(sums.pairs.into_iter().map(met));
    }

    fn look_around(&self, stretch: &Stretch<'_>, feature: u32, around: &mut Around) {
        around.of.iter_mut().for_each(Vec::clear);
        for other in stretch.features(self.rings, feature).filter(|other| self.takes_part(*other)) {
            around.of[self.cast.layer_of(other)].push(other);
        }
    }

    fn stretch(
        &self,
        stretch: &Stretch<'_>,
        ring: u32,
        feature: u32,
        weight: i128,
        around: &Around,
        sums: &mut RingSums,
    ) {
        let layer = self.cast.layer_of(feature);
        let masked = self.cast.masked && self.takes_part(self.cast.counts[0] + self.cast.counts[1]);
        if layer < 2 {
            if masked && around.of[2].is_empty() {
                return;
            }
            let others = &around.of[1 - layer];
            self.add_own(stretch, feature, weight, !others.is_empty(), sums);
            for other in others {
                let seam = !stretch.is_border(self.rings, ring, *other);
                self.add_pair(stretch, feature, *other, weight, seam, sums);
                // A border of the union of this layer, where nothing else of it lies around.
                if around.of[layer].is_empty() {
                    self.add_covered(stretch, *other, weight, sums);
                }
            }
        } else {
            for (layer, others) in [(0, 1), (1, 0)] {
                for inner in &around.of[layer] {
                    self.add_own(stretch, *inner, weight, !around.of[others].is_empty(), sums);
                }
            }
            for a in &around.of[0] {
                for b in &around.of[1] {
                    self.add_pair(stretch, *a, *b, weight, false, sums);
                }
            }
        }
    }

    /// Adds to a feature's own area, and to what is covered of it where something of the other layer is around.
    fn add_own(&self, stretch: &Stretch<'_>, feature: u32, weight: i128, covered: bool, sums: &mut RingSums) {
        let mut measurable = self.add(stretch, weight, sums.own.entry(feature).or_default(), || self.origin(feature));
        if covered {
            measurable &= self.add(stretch, weight, sums.covered.entry(feature).or_default(), || self.origin(feature));
        }
        sums.unmeasurable |= !measurable;
    }

    fn add_covered(&self, stretch: &Stretch<'_>, feature: u32, weight: i128, sums: &mut RingSums) {
        let tally = sums.covered.entry(feature).or_default();
        sums.unmeasurable |= !self.add(stretch, weight, tally, || self.origin(feature));
    }

    fn add_pair(&self, stretch: &Stretch<'_>, one: u32, other: u32, weight: i128, seam: bool, sums: &mut RingSums) {
        let (a, b) = (one.min(other), one.max(other));
        let key = (u64::from(a) << 32) | u64::from(b);
        let tally = sums.pairs.entry(key).or_default();
        // A corner of what the extents share: both walks use the same, in either order of the layers.
        let origin = || {
            let (a, b) = (self.extents[a as usize].min, self.extents[b as usize].min);
            self.frame.origin(Coord { x: a.x.max(b.x), y: a.y.max(b.y) })
        };
        if seam {
            let origin = tally.origin.get_or_insert_with(origin);
            match stretch.area(self.frame, origin, &self.scale) {
                Some(area) => tally.area += weight * area,
                None => sums.unmeasurable = true,
            }
        } else {
            sums.unmeasurable |= !self.add(stretch, weight, tally, origin);
            // Never zero: some border is what makes a pair.
            let steps = (stretch.length(self.frame) * LENGTH_STEPS).round() as i64;
            tally.length = tally.length.saturating_add(steps.max(1));
        }
    }

    fn origin(&self, feature: u32) -> Origin {
        self.frame.origin(self.extents[feature as usize].min)
    }

    /// Adds a stretch to a sum; whether it could be measured.
    fn add(&self, stretch: &Stretch<'_>, weight: i128, tally: &mut Tally, origin: impl FnOnce() -> Origin) -> bool {
        let origin = tally.origin.get_or_insert_with(origin);
        let area = stretch.area(self.frame, origin, &self.scale);
        tally.area += weight * area.unwrap_or(0);
        area.is_some()
    }
}
