//! Two layers laid over each other: area and perimeter of every pair of features, and what is left of each feature.
//!
//! The rings of both layers, and of a study area where there is one, are walked through each other. A stretch of
//! feature i with weight w (see `repair`) adds w times its integral to the pair of i with each feature j of the other
//! layer around it; the stretches of j inside i add the rest of the border of i ∩ j. What i shares with the union of
//! the other layer is summed in the same way, over the stretches where the number of features around changes between
//! none and some. So for every feature
//!
//! ```text
//! Σ pairs + only − twice = own
//! ```
//!
//! holds by construction: a crossing cuts an integral into two that sum to it, and what coincides cancels in fixed
//! point. No polygon is clipped, nothing is snapped, no residual is spread.

mod sums;

use std::sync::Arc;

use rayon::prelude::*;

use super::coverage::{extents, most_pairs};
use super::crossings::{self, Asked, TooMany};
use super::flat::{Numbers, flatten, longest_edge_m};
use super::layer::{crowded_message, not_listed_message};
use super::quick;
use super::reach::reached;
use super::rings::Rings;
use super::stacks::Stacks;
use crate::measure::{Frame, LONGEST_EDGE_M, MeasureError};
use crate::model::{AreaMethod, Issue, Layer, Severity};
use crate::task::{Cancelled, Progress};
use crate::text::Message;
use crate::units::format_number;
use sums::walk_all;

/// What a feature of the one layer and a feature of the other both cover.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// Feature of the first layer.
    pub a: u32,
    /// Feature of the second layer.
    pub b: u32,
    /// m² along straight edges, within the study area where there is one.
    pub m2: f64,
    /// Metres of border; of invalid polygons whose parts lie on each other only roughly.
    pub perimeter_m: f64,
}

impl Pair {
    /// Mean width in metres, of a strip with this area and perimeter: what tells slivers from small parcels.
    pub fn width_m(&self) -> f64 {
        if self.perimeter_m > 0.0 { 2.0 * self.m2 / self.perimeter_m } else { 0.0 }
    }
}

/// What the features of one of two layers have beside their pairs, m² for each feature.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Side {
    /// The whole feature, within the study area where there is one.
    pub own: Vec<f64>,
    /// What no feature of the other layer covers.
    pub only: Vec<f64>,
    /// By how much its pairs exceed what the other layer covers of it, since features of that overlap each other.
    pub twice: Vec<f64>,
    /// Features, ascending, whose pairs are missing: they could not be converted or defeat the arithmetic.
    pub left_out: Vec<u32>,
    /// What could not take part.
    pub issues: Vec<Issue>,
}

/// Two layers laid over each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PairTable {
    /// How areas were computed.
    pub method: AreaMethod,
    /// Name of the plane that edges are straight in.
    pub frame: String,
    /// Pairs of features with an area in common, by number. Features that only share a border are none.
    pub pairs: Vec<Pair>,
    /// The first layer and the second.
    pub sides: [Side; 2],
    /// Pairs beside these, too many to be listed.
    pub bundles: Vec<Bundle>,
    /// What must be said of the whole comparison.
    pub issues: Vec<Issue>,
}

/// Pairs of equal features: every one of the first layer's with every one of the second's.
#[derive(Clone, Debug, PartialEq)]
pub struct Bundle {
    /// Features of the first layer that are the same, ascending.
    pub a: Arc<[u32]>,
    /// Features of the second layer that are the same, ascending.
    pub b: Arc<[u32]>,
    /// What one of the pairs is.
    pub each: Pair,
}

impl Bundle {
    /// How many pairs it holds.
    pub fn pair_count(&self) -> u64 {
        self.a.len() as u64 * self.b.len() as u64
    }
}

/// Key of the issue that says that a table cannot be relied on.
pub const UNSOUND: &str = "overlay.unsound";

impl PairTable {
    /// Whether an area of it is below zero or no number, or a line does not close: an issue says so.
    pub fn is_unsound(&self) -> bool {
        self.issues.iter().any(|issue| issue.message.key == UNSOUND)
    }

    /// Lists what cannot be: features by whose figures a law is broken.
    fn look_for_faults(&mut self) {
        let (mut count, mut worst) = (0usize, 0.0f64);
        let mut judge = |off: f64, size: f64| {
            if off.is_nan() || off > LEAST_FAULT_M2 + 1e-9 * size {
                count += 1;
                worst = if off.is_finite() { worst.max(off) } else { f64::INFINITY };
            }
        };
        self.pairs.iter().for_each(|pair| judge(-pair.m2, 0.0));
        for (nth, side) in self.sides.iter().enumerate() {
            let mut paired = vec![0.0; side.own.len()];
            self.pairs.iter().for_each(|pair| paired[[pair.a, pair.b][nth] as usize] += pair.m2);
            for Bundle { a, b, each } in &self.bundles {
                let (own, others) = if nth == 0 { (a, b) } else { (b, a) };
                own.iter().for_each(|feature| paired[*feature as usize] += others.len() as f64 * each.m2);
            }
            for (feature, paired) in paired.into_iter().enumerate() {
                let (own, only, twice) = (side.own[feature], side.only[feature], side.twice[feature]);
                let open = (paired + only - twice - own).abs();
                let below = [own, only, twice].into_iter().fold(0.0, |most: f64, m2| most.max(-m2));
                judge(if open.is_nan() { f64::NAN } else { open.max(below) }, own + twice);
            }
        }
        if count > 0 {
            let message = Message::new(UNSOUND)
                .with("n", format_number(count as f64, 0))
                .with("m2", if worst.is_finite() { format_number(worst, 4) } else { "∞".to_owned() });
            self.issues.push(Issue::new(Severity::Error, message));
        }
    }
}

/// Areas may miss what they should be by this, m².
const LEAST_FAULT_M2: f64 = 1e-4;

/// Lays `b` over `a`: both in the plane of one frame, that of `a`, whatever CRS each has. Only what lies in the union
/// of the polygons of `within` counts, where it is given. Invalid polygons are read as by [`super::measured`].
///
/// # Errors
/// As [`super::measured`].
pub fn pairs(
    a: &Layer,
    b: &Layer,
    within: Option<&Layer>,
    method: AreaMethod,
    progress: &Progress,
) -> Result<PairTable, MeasureError> {
    listed(laid([a, b], within, Choice::All, frame_of(a, b, within, method)?, progress)?)
}

/// The table where all pairs are listed in it.
fn listed(table: PairTable) -> Result<PairTable, MeasureError> {
    if table.bundles.is_empty() { Ok(table) } else { Err(too_many_pairs(&table)) }
}

fn too_many_pairs(table: &PairTable) -> MeasureError {
    MeasureError::TooManyPairs { most: most_pairs(table.sides.iter().map(|side| side.own.len()).sum()) }
}

fn frame_of(a: &Layer, b: &Layer, within: Option<&Layer>, method: AreaMethod) -> Result<Frame, MeasureError> {
    let layers: Vec<&Layer> = [a, b].into_iter().chain(within).collect();
    Frame::for_layers(&layers, method)
}

/// Which features of two layers are laid over each other.
#[derive(Clone, Copy)]
pub(super) enum Choice<'a> {
    /// Each of the first with each of the second.
    All,
    /// Those of the first as one with those of the second, all of them or the ones that are marked.
    United(Option<&'a [bool]>),
}

/// As [`pairs`] in a frame that the caller chose; too many pairs of equal features may stand in bundles. Features that are
/// not chosen have no area.
pub(super) fn laid(
    [a, b]: [&Layer; 2],
    within: Option<&Layer>,
    choice: Choice<'_>,
    mut frame: Frame,
    progress: &Progress,
) -> Result<PairTable, MeasureError> {
    let method = frame.asked();
    let mut issues: Vec<Issue> = frame.notes().iter().map(|n| Issue::new(Severity::Note, n.clone())).collect();
    let mut input = Input::new([a, b], within, choice, &frame, progress)?;
    if input.beyond_reach {
        let wide =
            Message::new("overlay.wider-than-zone").with_said("zone", |l| frame.name_in(l)).with("m", LONGEST_EDGE_M);
        issues.push(Issue::new(Severity::Note, wide));
        frame = frame_of(a, b, within, AreaMethod::Geodesic)?;
        input = Input::new([a, b], within, choice, &frame, progress)?;
    }
    let sums = sums_of(&input.rings, input.cast, &frame, progress)?;
    if sums.too_many_pairs {
        return Err(MeasureError::TooManyPairs { most: most_pairs(input.cast.feature_count()) });
    }
    let Sums { pairs, sides, bundles, crowded, .. } = sums;
    let mut table = PairTable { method, frame: frame.name().to_owned(), pairs, sides, bundles, issues };
    if !table.bundles.is_empty() {
        let bundled: u64 = table.bundles.iter().map(Bundle::pair_count).sum();
        let message = not_listed_message(bundled + table.pairs.len() as u64, table.pairs.len());
        table.issues.push(Issue::new(Severity::Warning, message));
    }
    let mut first = 0;
    for ((side, layer), unconverted) in table.sides.iter_mut().zip([a, b]).zip(&input.left_out) {
        let listed = |feature: usize, key| layer.issue_at(feature, Issue::new(Severity::Error, Message::new(key)));
        side.issues.extend(unconverted.iter().map(|f| listed(*f, "overlay.not-converted")));
        side.issues.extend(side.left_out.iter().map(|f| listed(*f as usize, "overlay.unresolved")));
        let too_many = crowded_message(input.rings.coords().len());
        let crowd = crowded.iter().filter_map(|f| f.checked_sub(first)).filter(|f| *f < side.own.len() as u32);
        let crowd: Vec<u32> = crowd.collect();
        let said = |f: &u32| layer.issue_at(*f as usize, Issue::new(Severity::Error, too_many.clone()));
        side.issues.extend(crowd.iter().map(said));
        side.left_out.extend(&crowd);
        first += side.own.len() as u32;
        side.left_out.extend(unconverted.iter().map(|f| *f as u32));
        side.left_out.sort_unstable();
        side.left_out.dedup();
    }
    table.look_for_faults();
    if let Some(within) = within {
        let lost = input.left_out[2].iter().chain(sums.mask_failed.then_some(&0));
        let message = || Message::new("overlay.study-area-unresolved");
        table.issues.extend(lost.map(|f| within.issue_at(*f, Issue::new(Severity::Error, message()))));
    }
    Ok(table)
}

/// What the polygons of `line`, taken together as one feature, have in common with the features of `layer`: pairs whose
/// first feature is 0.
///
/// # Errors
/// As [`super::measured`].
pub fn cut(line: &Layer, layer: &Layer, method: AreaMethod, progress: &Progress) -> Result<PairTable, MeasureError> {
    listed(laid([line, layer], None, Choice::United(None), frame_of(line, layer, None, method)?, progress)?)
}

/// [`cut`] without the features of `layer` that `line` cannot reach: these have no area in the table.
///
/// # Errors
/// As [`super::measured`].
pub fn cut_out(
    line: &Layer,
    layer: &Layer,
    method: AreaMethod,
    progress: &Progress,
) -> Result<PairTable, MeasureError> {
    let reached = reached(line, layer);
    let frame = match &reached {
        // What lies elsewhere has no say in the zone.
        Some(marks) if !marks.contains(&true) => Frame::for_layer(line, method)?,
        _ => frame_of(line, layer, None, method)?,
    };
    listed(laid([line, layer], None, Choice::United(reached.as_deref()), frame, progress)?)
}

/// Which features belong to which layer, by number: first those of the first layer, then those of the second, then the
/// study area as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cast {
    pub counts: [u32; 2],
    pub masked: bool,
}

impl Cast {
    /// 0 and 1 for the two layers, 2 for the study area.
    fn layer_of(&self, feature: u32) -> usize {
        match feature {
            f if f < self.counts[0] => 0,
            f if f < self.counts[0] + self.counts[1] => 1,
            _ => 2,
        }
    }

    pub(super) fn feature_count(&self) -> usize {
        (self.counts[0] + self.counts[1]) as usize + usize::from(self.masked)
    }
}

/// All layers in one plane.
struct Input {
    rings: Rings,
    cast: Cast,
    left_out: [Vec<usize>; 3],
    beyond_reach: bool,
}

impl Input {
    fn new(
        [a, b]: [&Layer; 2],
        within: Option<&Layer>,
        choice: Choice<'_>,
        frame: &Frame,
        progress: &Progress,
    ) -> Result<Self, MeasureError> {
        let (united, chosen) = match choice {
            Choice::All => (false, None),
            Choice::United(chosen) => (true, chosen),
        };
        let counts = [if united { 1 } else { a.feature_count() as u32 }, b.feature_count() as u32];
        let mut rings = Rings::default();
        let mut beyond_reach = false;
        let mut left_out: [Vec<usize>; 3] = Default::default();
        let first = if united { Numbers::One(0) } else { Numbers::From(0) };
        let layers: Vec<&Layer> = [a, b].into_iter().chain(within).collect();
        let longest_m = longest_edge_m(&layers, frame);
        let numbers = [first, Numbers::From(counts[0]), Numbers::One(counts[0] + counts[1])];
        for (i, layer) in [Some(a), Some(b), within].into_iter().enumerate() {
            let Some(layer) = layer else { continue };
            let flat = flatten(layer, chosen.filter(|_| i == 1), frame, longest_m, numbers[i], progress)?;
            if i == 0 {
                rings = flat.rings;
            } else {
                rings.reserve(std::iter::once(&flat.rings));
                rings.append(&flat.rings);
            }
            beyond_reach |= flat.beyond_reach;
            left_out[i] = flat.left_out;
        }
        let cast = Cast { counts, masked: within.is_some() };
        Ok(Self { rings: rings.finish(), cast, left_out, beyond_reach })
    }
}

/// What `sums_of` finds out.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sums {
    pub pairs: Vec<Pair>,
    pub sides: [Side; 2],
    /// Whether the walk of the study area failed: nothing is then cut at its edge.
    pub mask_failed: bool,
    /// Pairs that are not listed.
    pub bundles: Vec<Bundle>,
    /// Features, by their numbers among all, whose borders meet too often to take part.
    pub crowded: Vec<u32>,
    /// Whether there are more pairs than can be kept: the sums are worthless then.
    pub too_many_pairs: bool,
}

/// Halves of pairs that are kept among so many features: a ring may add to one more than once.
pub(super) fn most_met(feature_count: usize) -> usize {
    4 * most_pairs(feature_count)
}

/// Sums over all pairs of features; features that are the same are laid once for all of them.
fn sums_of(rings: &Rings, cast: Cast, frame: &Frame, progress: &Progress) -> Result<Sums, Cancelled> {
    let first_rings = rings.first_rings(cast.feature_count());
    let [of_a, of_b] = cast.counts;
    let Some(stacks) = Stacks::of(rings, &first_rings, &[0..of_a, of_a..of_a + of_b]) else {
        return sums_of_each(rings, cast, frame, progress);
    };
    let chosen_a = stacks.chosen.partition_point(|feature| *feature < of_a) as u32;
    let chosen_b = stacks.chosen.len() as u32 - chosen_a - u32::from(cast.masked);
    let few = Cast { counts: [chosen_a, chosen_b], ..cast };
    let rings = rings.of_features(&stacks.chosen, &first_rings);
    Ok(unstacked(sums_of_each(&rings, few, frame, progress)?, &stacks, few, cast))
}

/// The sums of all features of `cast` from those of the ones that stand for them, which are cast as `few`.
fn unstacked(sums: Sums, stacks: &Stacks, few: Cast, cast: Cast) -> Sums {
    if sums.too_many_pairs {
        return sums;
    }
    let (chosen_a, split) = (few.counts[0] as usize, cast.counts[0]);
    let members: Vec<Arc<[u32]>> =
        stacks.members.iter().map(|of| of.iter().map(|f| if *f >= split { f - split } else { *f }).collect()).collect();
    let of_pair = |pair: &Pair| (&members[pair.a as usize], &members[pair.b as usize + chosen_a]);
    let mut sides = sums.sides;
    for pair in &sums.pairs {
        let (a, b) = of_pair(pair);
        sides[0].twice[pair.a as usize] += (b.len() - 1) as f64 * pair.m2;
        sides[1].twice[pair.b as usize] += (a.len() - 1) as f64 * pair.m2;
    }
    let all: usize = sums.pairs.iter().map(&of_pair).map(|(a, b)| a.len() * b.len()).sum();
    let most = most_pairs(cast.feature_count());
    let (mut pairs, mut bundles) = (Vec::new(), Vec::new());
    for pair in &sums.pairs {
        let (a, b) = of_pair(pair);
        if all <= most || a.len() * b.len() == 1 {
            pairs.extend(a.iter().flat_map(|a| b.iter().map(|b| Pair { a: *a, b: *b, ..*pair })));
        } else {
            bundles.push(Bundle { a: a.clone(), b: b.clone(), each: *pair });
        }
    }
    pairs.par_sort_unstable_by_key(|pair| (pair.a, pair.b));
    let mut first = 0;
    for (side, (found, count)) in sides.iter_mut().zip(few.counts.into_iter().zip(cast.counts)) {
        let of = &members[first..first + found as usize];
        first += found as usize;
        for values in [&mut side.own, &mut side.only, &mut side.twice] {
            let mut all = vec![0.0; count as usize];
            for (value, members) in values.iter().zip(of) {
                members.iter().for_each(|member| all[*member as usize] = *value);
            }
            *values = all;
        }
        side.left_out = side.left_out.iter().flat_map(|f| of[*f as usize].iter().copied()).collect();
        side.left_out.sort_unstable();
    }
    let crowded = sums.crowded.iter().flat_map(|f| stacks.members[*f as usize].iter().copied()).collect();
    Sums { pairs, sides, bundles, crowded, ..sums }
}

/// Sums over all pairs of features, each laid for itself.
fn sums_of_each(rings: &Rings, cast: Cast, frame: &Frame, progress: &Progress) -> Result<Sums, Cancelled> {
    if cast.masked {
        return sums_within(rings, cast, frame, progress);
    }
    match quick::sums_of(rings, cast, frame, progress)? {
        Some(sums) => Ok(sums),
        None => thorough(rings, cast, frame, progress),
    }
}

/// Sums within the study area: of features whose extent reaches it; there is nothing of the others.
fn sums_within(rings: &Rings, cast: Cast, frame: &Frame, progress: &Progress) -> Result<Sums, Cancelled> {
    let (split, count) = (cast.counts[0] as usize, cast.feature_count());
    let extents = extents(rings, count);
    let area = extents[count - 1];
    let chosen: Vec<u32> =
        (0..count as u32).filter(|f| *f as usize == count - 1 || extents[*f as usize].intersects(&area)).collect();
    let of_a = chosen.partition_point(|feature| (*feature as usize) < split);
    let near = Cast { counts: [of_a as u32, (chosen.len() - 1 - of_a) as u32], masked: true };
    let part = thorough(&rings.of_features(&chosen, &rings.first_rings(count)), near, frame, progress)?;
    if part.mask_failed {
        // Said, and nothing is cut.
        return thorough(rings, cast, frame, progress);
    }
    if part.too_many_pairs {
        return Ok(part);
    }
    Ok(widened(part, &chosen, near, cast))
}

/// The sums of all features of `cast` from those of the `chosen` ones, which are cast as `near`; nothing for the others.
fn widened(part: Sums, chosen: &[u32], near: Cast, cast: Cast) -> Sums {
    let (split, of_a) = (cast.counts[0] as usize, near.counts[0] as usize);
    let mut sums = Sums { mask_failed: part.mask_failed, too_many_pairs: part.too_many_pairs, ..Sums::default() };
    sums.crowded = part.crowded.iter().map(|at| chosen[*at as usize]).collect();
    let whole =
        |pair: &Pair| Pair { a: chosen[pair.a as usize], b: chosen[pair.b as usize + of_a] - split as u32, ..*pair };
    sums.pairs = part.pairs.iter().map(whole).collect();
    for (side, found) in part.sides.into_iter().enumerate() {
        let (chosen, first) = if side == 0 { (&chosen[..of_a], 0) } else { (&chosen[of_a..], split as u32) };
        let spread = |values: &[f64]| {
            let mut spread = vec![0.0; cast.counts[side] as usize];
            values.iter().zip(chosen).for_each(|(value, feature)| spread[(feature - first) as usize] = *value);
            spread
        };
        sums.sides[side] = Side {
            own: spread(&found.own),
            only: spread(&found.only),
            twice: spread(&found.twice),
            left_out: found.left_out.iter().map(|at| chosen[*at as usize] - first).collect(),
            issues: Vec::new(),
        };
    }
    sums
}

/// Walks all of `rings` through each other, whatever they are.
pub(super) fn thorough(rings: &Rings, cast: Cast, frame: &Frame, progress: &Progress) -> Result<Sums, Cancelled> {
    progress.add_total(rings.ring_count() as u64);
    let feature_of = |ring: u32| rings.feature_of(rings.part_of(ring));
    let asked = |e: u32, f: u32| {
        let (e, f) = (feature_of(e), feature_of(f));
        if e != f && cast.layer_of(e) == cast.layer_of(f) { Asked::Crossings } else { Asked::CrossingsAndStretches }
    };
    let crossings = match crossings::find_among(rings, &asked, progress)? {
        Ok(crossings) => crossings,
        Err(TooMany { features: crowded }) => return without(rings, &crowded, cast, frame, progress),
    };
    let mut gathered = walk_all(rings, &crossings, cast, frame, &[], progress)?;
    if !gathered.failed.is_empty() {
        // Rings that defeat the walk take no part: once more without them.
        let failed = std::mem::take(&mut gathered.failed);
        gathered = walk_all(rings, &crossings, cast, frame, &failed, progress)?;
        gathered.failed = failed;
    }
    if gathered.pairs.len() > most_met(cast.feature_count()) {
        return Ok(Sums { too_many_pairs: true, ..Sums::default() });
    }
    Ok(gathered.into_sums(rings, cast, frame))
}

/// Walks all but the features that are `crowded`.
fn without(rings: &Rings, crowded: &[u32], cast: Cast, frame: &Frame, progress: &Progress) -> Result<Sums, Cancelled> {
    let count = cast.feature_count();
    let left: Vec<u32> = (0..count as u32).filter(|feature| crowded.binary_search(feature).is_err()).collect();
    let of = |range: std::ops::Range<u32>| {
        left.partition_point(|feature| *feature < range.end) - left.partition_point(|feature| *feature < range.start)
    };
    let [of_a, of_b] = cast.counts;
    let mask_left = cast.masked && crowded.last() != Some(&(count as u32 - 1));
    let counts = [of(0..of_a) as u32, of(of_a..of_a + of_b) as u32];
    let near = Cast { counts, masked: mask_left };
    let part = thorough(&rings.of_features(&left, &rings.first_rings(count)), near, frame, progress)?;
    let mut sums = widened(part, &left, near, cast);
    sums.crowded.extend(crowded);
    sums.mask_failed |= cast.masked && !mask_left;
    Ok(sums)
}
#[cfg(test)]
mod tests;
