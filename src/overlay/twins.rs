//! Two layers measured and laid over each other, features that are the same in both without a walk.
//!
//! Between two states of a layer most features stay as they are. A feature that both layers have, coordinate for
//! coordinate, lies on its twin with the area that it was measured to have, and on nothing else, unless its layer
//! overlaps itself there (see `covering`) or something that changed reaches its extent. Only those, what changed and
//! what is not valid are walked by `pairs`; the table is the same but for the roundings of sums.

mod cells;
mod covering;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use self::cells::Cells;
use super::layer::{Known, NOT_LISTED, known, measured_in};
use super::pairs::{self, Bundle, Choice, Pair, PairTable, Side};
use super::rings::mixed;
use crate::measure::{Frame, MeasureError};
use crate::model::{AreaMethod, Areas, Coord, Extent, Layer};
use crate::task::{Cancelled, Progress};

/// No feature.
const NONE: u32 = u32::MAX;
/// Features that one thread looks at at a time.
const FEATURES_A_PIECE: usize = 4096;

/// Two layers measured and laid over each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Laid {
    /// Areas of the features of both.
    pub areas: [Areas; 2],
    /// Pairs of their features.
    pub table: PairTable,
}

/// [`super::measured_in`] of both layers, and [`super::pairs()`] of the two. `frame` is that of both and `within`.
///
/// # Errors
/// As [`super::measured`].
pub fn laid(
    a: &Layer,
    b: &Layer,
    within: Option<&Layer>,
    frame: &Frame,
    progress: &Progress,
) -> Result<Laid, MeasureError> {
    let mut laid = walked(a, b, within, frame, progress)?;
    let overlaps = |side: &Side| side.twice.iter().any(|m2| *m2 != 0.0);
    if laid.table.sides.iter().any(overlaps)
        && let Some(twins) = twins(a, b, progress)?
    {
        keep_to_twins(&mut laid.table, &twins);
    }
    Ok(laid)
}

/// Where a layer overlaps itself, a feature that stayed lies on its own twin and, as before, on the twins of what it
/// overlaps: the latter is no change, and is left out of the pairs. Lines close as they did.
fn keep_to_twins(table: &mut PairTable, twins: &[u32]) {
    let mut has_twin = vec![false; table.sides[0].own.len()];
    twins.iter().filter(|i| **i != NONE).for_each(|i| has_twin[*i as usize] = true);
    let PairTable { pairs, sides, bundles, issues, .. } = table;
    // What is left out of the pairs of each feature, m².
    let [mut of_a, mut of_b] = [0, 1].map(|side: usize| vec![0.0; sides[side].own.len()]);
    // Bundles of features that all stayed come down to their twins as well.
    bundles.retain(|Bundle { a, b, each }| {
        let stayed = a.iter().all(|i| has_twin[*i as usize]) && b.iter().all(|j| twins[*j as usize] != NONE);
        if stayed {
            let of_twins = b.iter().filter(|j| a.binary_search(&twins[**j as usize]).is_ok());
            let kept = pairs.len();
            pairs.extend(of_twins.map(|j| Pair { a: twins[*j as usize], b: *j, ..*each }));
            a.iter().for_each(|i| of_a[*i as usize] += b.len() as f64 * each.m2);
            b.iter().for_each(|j| of_b[*j as usize] += a.len() as f64 * each.m2);
            for pair in &pairs[kept..] {
                of_a[pair.a as usize] -= pair.m2;
                of_b[pair.b as usize] -= pair.m2;
            }
        }
        !stayed
    });
    if bundles.is_empty() {
        issues.retain(|issue| issue.message.key != NOT_LISTED);
    }
    pairs.par_sort_unstable_by_key(|pair| (pair.a, pair.b));
    pairs.retain(|pair| {
        let (a, b) = (pair.a as usize, pair.b as usize);
        let is_kept = !has_twin[a] || twins[b] == NONE || twins[b] == pair.a;
        if !is_kept {
            of_a[a] += pair.m2;
            of_b[b] += pair.m2;
        }
        is_kept
    });
    for (side, left_out) in sides.iter_mut().zip([of_a, of_b]) {
        for ((twice, own), left_out) in side.twice.iter_mut().zip(&side.own).zip(left_out) {
            if left_out != 0.0 {
                *twice -= left_out;
                // What is left where all was left out is rounding.
                if twice.abs() <= 1e-9 * left_out.abs() + 1e-13 * own.abs() {
                    *twice = 0.0;
                }
            }
        }
    }
}

fn walked(
    a: &Layer,
    b: &Layer,
    within: Option<&Layer>,
    frame: &Frame,
    progress: &Progress,
) -> Result<Laid, MeasureError> {
    let mut of_a = None;
    // Geodesics of pieces do not add up to those of edges, so that whole features differ from their pieces.
    if within.is_none()
        && frame.method() != AreaMethod::Geodesic
        && let Some(twins) = twins(a, b, progress)?
    {
        match with_twins(a, b, &twins, frame, progress)? {
            Tried::Laid(laid) => return Ok(*laid),
            Tried::Measured(areas) => of_a = Some(areas),
        }
    }
    let measured = |layer| measured_in(layer, frame, progress);
    // Side by side: each has stretches that only one thread can work on.
    let (areas, table) = rayon::join(
        || Ok::<_, MeasureError>([of_a.map_or_else(|| measured(a), Ok)?, measured(b)?]),
        || pairs::laid([a, b], within, Choice::All, frame.clone(), progress),
    );
    Ok(Laid { areas: areas?, table: table? })
}

/// For each feature of `b` the one of `a` that is the same coordinate for coordinate, each used once, or [`NONE`];
/// `None` where most have no such twin.
fn twins(a: &Layer, b: &Layer, progress: &Progress) -> Result<Option<Vec<u32>>, Cancelled> {
    if a.kind != b.kind || !a.crs.has_same_coordinates(&b.crs) {
        return Ok(None);
    }
    let (of_a, of_b) = rayon::join(|| hashes(a, progress), || hashes(b, progress));
    let (of_a, of_b) = (of_a?, of_b?);
    let mut places: FxHashMap<u64, u32> = FxHashMap::default();
    let mut taken = vec![false; of_a.len()];
    let (mut twins, mut count, mut next) = (vec![NONE; of_b.len()], 0, 0);
    for (feature, hash) in of_b.iter().enumerate() {
        if feature.is_multiple_of(FEATURES_A_PIECE) {
            progress.tick(0)?;
        }
        // Features mostly keep their order.
        let place = if of_a.get(next) == Some(hash) {
            Some(next)
        } else {
            if places.is_empty() {
                places.extend(of_a.iter().enumerate().rev().map(|(feature, hash)| (*hash, feature as u32)));
            }
            places.get(hash).map(|place| *place as usize)
        };
        next = place.unwrap_or(next) + 1;
        if let Some(place) = place
            && !taken[place]
            && is_same((a, place), (b, feature))
        {
            (taken[place], twins[feature]) = (true, place as u32);
            count += 1;
        }
    }
    Ok((2 * count > of_a.len().max(of_b.len())).then_some(twins))
}

/// A number for the geometry of each feature.
fn hashes(layer: &Layer, progress: &Progress) -> Result<Vec<u64>, Cancelled> {
    let hashes: Vec<Vec<u64>> = pieces(layer)
        .into_par_iter()
        .map(|(block, rows)| {
            let geometry = &layer.blocks[block].geometry;
            let hash = |row: usize| {
                let of_rings = geometry
                    .polygon(row)
                    .rings()
                    .fold(0, |h, (part, ring)| mixed(mixed(h, part as u64), ring.len() as u64));
                geometry.feature_coords(row).iter().fold(of_rings, |h, c| mixed(mixed(h, c.x.to_bits()), c.y.to_bits()))
            };
            progress.tick(0)?;
            Ok(rows.map(hash).collect())
        })
        .collect::<Result<_, Cancelled>>()?;
    Ok(hashes.concat())
}

/// Rows of blocks of a layer, as pieces of work: the block, and its rows.
fn pieces(layer: &Layer) -> Vec<(usize, std::ops::Range<usize>)> {
    let of_block = |(block, count): (usize, usize)| {
        (0..count).step_by(FEATURES_A_PIECE).map(move |start| (block, start..(start + FEATURES_A_PIECE).min(count)))
    };
    layer.blocks.iter().map(|block| block.geometry.feature_count()).enumerate().flat_map(of_block).collect()
}

fn is_same((a, i): (&Layer, usize), (b, j): (&Layer, usize)) -> bool {
    let ((block_a, row_a), (block_b, row_b)) = (a.locate(i), b.locate(j));
    let (a, b) = (block_a.geometry.polygon(row_a), block_b.geometry.polygon(row_b));
    a.rings().eq(b.rings())
}

fn extents(layer: &Layer) -> Vec<Extent> {
    let extents: Vec<Vec<Extent>> = pieces(layer)
        .into_par_iter()
        .map(|(block, rows)| rows.map(|row| layer.blocks[block].geometry.feature_extent(row)).collect())
        .collect();
    extents.concat()
}

/// What laying with twins came to.
enum Tried {
    Laid(Box<Laid>),
    /// It would be no gain, or not as exact: the areas of the first layer.
    Measured(Areas),
}

fn with_twins(a: &Layer, b: &Layer, twins: &[u32], frame: &Frame, progress: &Progress) -> Result<Tried, MeasureError> {
    let Known { areas, borders, plain } = known(a, frame, progress)?;
    if areas.issues.iter().any(|issue| issue.message.key == "measure.other-zone-many") {
        return Ok(Tried::Measured(areas));
    }
    progress.tick(0)?;
    let extents = [extents(a), extents(b)];
    let Some(overlapping) = covering::overlapping(a, &plain, &extents[0], frame, progress)? else {
        return Ok(Tried::Measured(areas));
    };
    let mut twin_of_a = vec![NONE; plain.len()];
    for (j, i) in twins.iter().enumerate().filter(|(_, i)| **i != NONE) {
        if plain[*i as usize] && !overlapping[*i as usize] {
            twin_of_a[*i as usize] = j as u32;
        }
    }
    let has_twin = |j: usize| twins[j] != NONE && twin_of_a[twins[j] as usize] != NONE;
    let mut walked: [Vec<bool>; 2] =
        [twin_of_a.iter().map(|j| *j == NONE).collect(), (0..twins.len()).map(|j| !has_twin(j)).collect()];
    let of_b = areas_by_twins(b, twins, &areas, &plain, frame, progress)?;
    progress.tick(0)?;

    // What reaches them may lie on them.
    let mut all = a.extent();
    all.union(&b.extent());
    let mut cells = Cells::new(all, plain.len());
    for (walked, extents) in walked.iter().zip(&extents) {
        walked.iter().zip(extents).filter(|(walked, _)| **walked).for_each(|(_, extent)| cells.mark(extent));
    }
    let touched: Vec<usize> =
        (0..plain.len()).into_par_iter().filter(|i| twin_of_a[*i] != NONE && cells.touches(&extents[0][*i])).collect();
    for i in touched {
        (walked[0][i], walked[1][twin_of_a[i] as usize]) = (true, true);
    }

    progress.tick(0)?;
    let [(sub_a, list_a), (sub_b, list_b)] = [kept(a, &walked[0]), kept(b, &walked[1])];
    let mut table = pairs::laid([&sub_a, &sub_b], None, Choice::All, frame.clone(), progress)?;
    if table.frame != frame.name() {
        return Ok(Tried::Measured(areas));
    }
    for pair in &mut table.pairs {
        (pair.a, pair.b) = (list_a[pair.a as usize], list_b[pair.b as usize]);
    }
    for bundle in &mut table.bundles {
        bundle.a = bundle.a.iter().map(|feature| list_a[*feature as usize]).collect();
        bundle.b = bundle.b.iter().map(|feature| list_b[*feature as usize]).collect();
    }
    let alone = (0..plain.len()).filter(|i| !walked[0][*i] && areas.exact[*i] != 0.0);
    table.pairs.extend(alone.map(|i| Pair {
        a: i as u32,
        b: twin_of_a[i],
        m2: areas.exact[i],
        perimeter_m: borders[i],
    }));
    table.pairs.par_sort_unstable_by_key(|pair| (pair.a, pair.b));
    let areas = [areas, of_b];
    for (side, (list, areas)) in table.sides.iter_mut().zip([(list_a, &areas[0]), (list_b, &areas[1])]) {
        widen(side, &list, &areas.exact);
    }
    Ok(Tried::Laid(Box::new(Laid { areas, table })))
}

/// Areas of `b`: those of twins that are plain, all others measured.
fn areas_by_twins(
    b: &Layer,
    twins: &[u32],
    of_a: &Areas,
    plain: &[bool],
    frame: &Frame,
    progress: &Progress,
) -> Result<Areas, MeasureError> {
    let fresh: Vec<bool> = twins.iter().map(|i| *i == NONE || !plain[*i as usize]).collect();
    let (sub, list) = kept(b, &fresh);
    let mut areas = measured_in(&sub, frame, progress)?;
    let spread = |values: &mut Vec<f64>, of_a: &[f64]| {
        let mut all: Vec<f64> = twins.iter().map(|i| of_a.get(*i as usize).copied().unwrap_or(0.0)).collect();
        list.iter().zip(&*values).for_each(|(feature, value)| all[*feature as usize] = *value);
        *values = all;
    };
    spread(&mut areas.exact, &of_a.exact);
    spread(&mut areas.printed, &of_a.printed);
    Ok(areas)
}

/// The marked features as a layer of their own, and their numbers.
fn kept(layer: &Layer, marks: &[bool]) -> (Layer, Vec<u32>) {
    let blocks = layer.blocks.par_iter().zip(&layer.starts).map(|(block, first)| {
        let rows = 0..block.geometry.feature_count() as u32;
        let rows: Vec<u32> = rows.filter(|row| marks[first + *row as usize]).collect();
        block.kept(&rows, *first)
    });
    let list = (0..marks.len() as u32).filter(|feature| marks[*feature as usize]).collect();
    (layer.with_blocks(layer.fields.clone(), blocks.collect()), list)
}

/// Takes the figures of some features to all: the others have nothing but themselves.
fn widen(side: &mut Side, list: &[u32], exact: &[f64]) {
    let spread = |values: &mut Vec<f64>, mut all: Vec<f64>| {
        list.iter().zip(&*values).for_each(|(feature, value)| all[*feature as usize] = *value);
        *values = all;
    };
    spread(&mut side.own, exact.to_vec());
    spread(&mut side.only, vec![0.0; exact.len()]);
    spread(&mut side.twice, vec![0.0; exact.len()]);
    side.left_out.iter_mut().for_each(|feature| *feature = list[*feature as usize]);
}

/// Whether a ring runs counter-clockwise, by its area; what is too thin to tell may be either.
fn runs_left(ring: &[Coord]) -> bool {
    let Some(first) = ring.first() else { return false };
    let cross = |p: Coord, q: Coord| (p.x - first.x) * (q.y - first.y) - (q.x - first.x) * (p.y - first.y);
    ring.windows(2).map(|edge| cross(edge[0], edge[1])).sum::<f64>() > 0.0
}

#[cfg(test)]
mod tests;
