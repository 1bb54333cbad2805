//! Two layers of clean polygons laid over each other: what `pairs` gives, in a fraction of the time.
//!
//! A feature is clean when no ring of it meets itself and each ring has the inside on one side all along: nearly all of
//! them. Then only edges of different layers need to be compared, and an edge that two neighbours share is compared and
//! walked once for both, since what lies left of it for the one lies right of it for the other. What two features share
//! in this way also tells at once that they do not overlap.
//!
//! The rest is left to `pairs`, among as few features as possible: polygons that are not clean with whatever comes near
//! them, and features that overlap others of their own layer, for what is then covered twice.

mod meetings;
mod walker;

use rayon::prelude::*;

use self::walker::{LENGTH_STEPS, Origins, Walker};
use super::coverage::{coverage_of, scale_for};
use super::pairs::{Cast, Pair, Sums, most_met, thorough};
use super::rings::Rings;
use crate::measure::Frame;
use crate::model::{Coord, Extent};
use crate::task::{Cancelled, Progress};

/// With more features that overlap, all of the layer are looked at.
const MANY_OVERLAPPING: usize = 2_000;
/// No edge.
const NONE: u32 = u32::MAX;

/// As `pairs::sums_of`; `None` where too much of the input is not clean, or what is not meets too often.
///
/// # Errors
/// [`Cancelled`] when the user cancelled.
pub(super) fn sums_of(
    rings: &Rings,
    cast: Cast,
    frame: &Frame,
    progress: &Progress,
) -> Result<Option<Sums>, Cancelled> {
    // Every ring is met once by the tiles, and once by the walk.
    progress.add_total(2 * rings.ring_count() as u64);
    let count = cast.feature_count();
    let first_rings = rings.first_rings(count);
    let extent = |feature: usize| {
        let of_ring = |ring: u32| &rings.coords()[rings.edges(ring).start as usize..rings.edges(ring).end as usize];
        let mut extent = Extent::EMPTY;
        (first_rings[feature]..first_rings[feature + 1]).for_each(|ring| extent.union(&Extent::of(of_ring(ring))));
        extent
    };
    let input = Input {
        rings,
        cast,
        frame,
        features: rings.parts().iter().map(|part| rings.feature_of(*part)).collect(),
        extents: (0..count).into_par_iter().map(extent).collect(),
        first_rings,
    };
    let signs = input.signs(progress)?;
    let found = input.meetings(&signs, progress)?;
    let too_many = count / 8 + 32;
    let mut tangled: Vec<bool> = found.tangled;
    if tangled.iter().filter(|t| **t).count() > too_many {
        return Ok(None);
    }
    let walker = Walker {
        input: &input,
        signs: &signs,
        twins: &found.twins,
        shared: &found.shared,
        crossings: &found.crossings,
        starts: &found.starts,
        scale: scale_for(rings, frame),
        origins: Origins::new(rings.extent(), frame),
        tangled: &tangled.clone(),
    };
    let mut gathered = walker.walk(progress)?;
    if gathered.met.len() > most_met(count) {
        return Ok(Some(Sums { too_many_pairs: true, ..Sums::default() }));
    }
    for feature in &gathered.failed {
        tangled[*feature as usize] = true;
    }
    let own = walker.own(progress)?;
    let mut sums = Sums::default();
    let mut paired = vec![0.0; count];
    let split = cast.counts[0];
    progress.tick(0)?;
    gathered.met.par_sort_unstable_by_key(|met| met.key);
    progress.tick(0)?;
    for same in gathered.met.chunk_by(|x, y| x.key == y.key) {
        let area: i128 = same.iter().map(|met| met.area).sum();
        let length = same.iter().fold(0i64, |sum, met| sum.saturating_add(met.length));
        let (a, b) = ((same[0].key >> 32) as u32, (same[0].key & 0xffff_ffff) as u32);
        if length == 0 || area == 0 || tangled[a as usize] || tangled[b as usize] {
            continue;
        }
        let m2 = walker.scale.m2(area);
        sums.pairs.push(Pair { a, b: b - split, m2, perimeter_m: length as f64 / LENGTH_STEPS });
    }
    drop(gathered);
    let mut own = own;
    if !input.add_tangled(&tangled, &mut sums, &mut own, progress)? {
        return Ok(None);
    }
    for pair in &sums.pairs {
        paired[pair.a as usize] += pair.m2;
        paired[(pair.b + split) as usize] += pair.m2;
    }
    let Some(twice) = input.twice(&found.suspects, &sums.pairs, progress)? else {
        return Ok(None);
    };
    // What the roundings of the edges of a feature can add up to.
    let noise = noise_m2(rings.extent(), frame);
    let only = |feature: usize| {
        let left = own[feature] - paired[feature] + twice[feature];
        if left.abs() <= noise { 0.0 } else { left }
    };
    let mut first = 0;
    for (side, count) in sums.sides.iter_mut().zip(cast.counts) {
        let range = first..first + count as usize;
        first = range.end;
        side.only = range.clone().map(only).collect();
        side.own = own[range.clone()].to_vec();
        side.twice = twice[range].to_vec();
    }
    Ok(Some(sums))
}

/// Areas below this are nothing but rounding.
fn noise_m2(extent: Extent, frame: &Frame) -> f64 {
    let side = |v: f64| if v.is_finite() { v } else { 0.0 };
    let unit = frame.edge_length(extent.min, Coord { x: extent.min.x + extent.width(), y: extent.min.y });
    let height = frame.edge_length(extent.min, Coord { x: extent.min.x, y: extent.min.y + extent.height() });
    side(unit) * side(height) * f64::EPSILON
}

/// Both layers in one list of rings.
struct Input<'a> {
    rings: &'a Rings,
    cast: Cast,
    frame: &'a Frame,
    /// Ring → feature.
    features: Vec<u32>,
    /// Feature → first ring.
    first_rings: Vec<u32>,
    extents: Vec<Extent>,
}

impl Input<'_> {
    fn layer_of(&self, feature: u32) -> usize {
        usize::from(feature >= self.cast.counts[0])
    }

    /// Adds the pairs of features that are not clean, and their own areas. `false` where these cannot be had by
    /// themselves.
    fn add_tangled(
        &self,
        tangled: &[bool],
        sums: &mut Sums,
        own: &mut [f64],
        progress: &Progress,
    ) -> Result<bool, Cancelled> {
        let (split, count) = (self.cast.counts[0] as usize, self.cast.feature_count());
        let list: Vec<usize> = (0..count).filter(|feature| tangled[*feature]).collect();
        if list.is_empty() {
            return Ok(true);
        }
        let near = |feature: usize| {
            let others = list.iter().filter(|other| (**other < split) != (feature < split));
            tangled[feature] || others.into_iter().any(|o| self.extents[*o].intersects(&self.extents[feature]))
        };
        let chosen: Vec<u32> = (0..count).into_par_iter().filter(|f| near(*f)).map(|f| f as u32).collect();
        let Some((part, of_part)) = self.among(&chosen, progress)? else {
            return Ok(false);
        };
        let of_a = of_part.counts[0] as usize;
        for pair in &part.pairs {
            let (a, b) = (chosen[pair.a as usize], chosen[pair.b as usize + of_a]);
            if tangled[a as usize] || tangled[b as usize] {
                sums.pairs.push(Pair { a, b: b - split as u32, ..*pair });
            }
        }
        sums.pairs.par_sort_unstable_by_key(|pair| (pair.a, pair.b));
        for (at, feature) in chosen.iter().enumerate().filter(|(_, feature)| tangled[**feature as usize]) {
            let (side, at) = if at < of_a { (0, at) } else { (1, at - of_a) };
            own[*feature as usize] = part.sides[side].own[at];
            if part.sides[side].left_out.binary_search(&(at as u32)).is_ok() {
                sums.sides[side].left_out.push(feature - if side == 0 { 0 } else { split as u32 });
            }
        }
        Ok(true)
    }

    /// All sums among some features, ascending, which are numbered anew. `None` where some meet too often, or have too
    /// many pairs: what is left out then depends on which features are looked at, and is for all of them to decide.
    fn among(&self, chosen: &[u32], progress: &Progress) -> Result<Option<(Sums, Cast)>, Cancelled> {
        let of_a = chosen.partition_point(|feature| *feature < self.cast.counts[0]) as u32;
        let cast = Cast { counts: [of_a, chosen.len() as u32 - of_a], masked: false };
        let rings = self.rings.of_features(chosen, &self.first_rings);
        let sums = thorough(&rings, cast, self.frame, progress)?;
        Ok((sums.crowded.is_empty() && !sums.too_many_pairs).then_some((sums, cast)))
    }

    /// For each feature by how much its pairs exceed what the other layer covers of it. `None` where that cannot be had
    /// by itself.
    fn twice(&self, suspects: &[bool], pairs: &[Pair], progress: &Progress) -> Result<Option<Vec<f64>>, Cancelled> {
        let (split, count) = (self.cast.counts[0], self.cast.feature_count());
        let mut twice = vec![0.0; count];
        for layer in 0..2 {
            let range = if layer == 0 { 0..split } else { split..count as u32 };
            let overlapping = self.overlapping(suspects, range, progress)?;
            if !overlapping.contains(&true) {
                continue;
            }
            // Features of the other layer that meet at least two of them.
            let mut met = vec![0u8; count];
            for pair in pairs {
                let (a, b) = (pair.a, pair.b + split);
                let (one, other) = if layer == 0 { (a, b) } else { (b, a) };
                if overlapping[one as usize] {
                    met[other as usize] = met[other as usize].saturating_add(1);
                }
            }
            let chosen: Vec<u32> =
                (0..count as u32).filter(|f| overlapping[*f as usize] || met[*f as usize] > 1).collect();
            let Some((part, of_part)) = self.among(&chosen, progress)? else {
                return Ok(None);
            };
            for (at, feature) in chosen.iter().enumerate() {
                let at = if layer == 0 { at.checked_sub(of_part.counts[0] as usize) } else { Some(at) };
                let excess = at.and_then(|at| part.sides[1 - layer].twice.get(at));
                if let (Some(excess), true) = (excess, self.layer_of(*feature) != layer) {
                    twice[*feature as usize] = *excess;
                }
            }
        }
        Ok(Some(twice))
    }

    /// Which features of one layer overlap others of it. `range` are its features.
    fn overlapping(
        &self,
        suspects: &[bool],
        range: std::ops::Range<u32>,
        progress: &Progress,
    ) -> Result<Vec<bool>, Cancelled> {
        let mut overlapping = vec![false; suspects.len()];
        let mut chosen: Vec<u32> = range.clone().filter(|feature| suspects[*feature as usize]).collect();
        // What overlaps does so along an edge that no neighbour shares, somewhere; from there on it goes from neighbour
        // to neighbour, until nothing more is found.
        while chosen.len() > 1 {
            let rings = self.rings.of_features(&chosen, &self.first_rings);
            progress.add_total(rings.ring_count() as u64);
            let found = coverage_of(&rings, chosen.len(), self.frame, progress)?;
            let found = found.overlapping(chosen.len());
            chosen.iter().zip(found).for_each(|(feature, found)| overlapping[*feature as usize] |= found);
            let list: Vec<u32> = range.clone().filter(|feature| overlapping[*feature as usize]).collect();
            let near = |feature: u32| {
                suspects[feature as usize]
                    || list.len() > MANY_OVERLAPPING
                    || list.iter().any(|o| self.extents[*o as usize].intersects(&self.extents[feature as usize]))
            };
            let more: Vec<u32> = range.clone().into_par_iter().filter(|feature| near(*feature)).collect();
            if list.is_empty() || more.len() == chosen.len() {
                break;
            }
            chosen = more;
        }
        Ok(overlapping)
    }
}
