//! Areas of a layer summed by the values of fields: the one function behind `--by`, the legend and the class table.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

pub use crate::model::keys::{GroupError, GroupKey, KeyPart, parse_keys, scheme_of_field};
use crate::model::{Areas, FeatureBlock, Layer, keys};
use crate::units::Area;

/// Features with the same key, and their areas.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// One value for each key; `None` where the field has no value.
    pub key: Vec<Option<Arc<str>>>,
    /// Features, null and empty geometries included.
    pub feature_count: usize,
    /// Sum of `exact`.
    pub exact: Area,
    /// Sum of `printed`.
    pub printed: Area,
}

impl Group {
    /// No features.
    pub fn empty() -> Self {
        Self { key: Vec::new(), feature_count: 0, exact: Area::ZERO, printed: Area::ZERO }
    }
}

#[derive(Clone, Copy, Default)]
struct Sum {
    count: usize,
    exact: f64,
    printed: f64,
}

/// Sums `areas` of the features of `layer` by `keys`; only those that `chosen` marks, where it is given.
///
/// Groups come in the order of their keys: by value where all of a field's are numbers, by text else; what has no value
/// last. Sums are made per block in file
/// order and blocks are added in order, so the number of threads never changes a digit. Without areas (lines, points)
/// pass an empty [`Areas`]: counts only.
pub fn group(layer: &Layer, areas: &Areas, keys: &[GroupKey], chosen: Option<&[bool]>) -> Vec<Group> {
    let per_block: Vec<Vec<(Vec<Option<Arc<str>>>, Sum)>> = layer
        .blocks
        .par_iter()
        .zip(&layer.starts)
        .map(|(block, start)| group_block(block, *start, areas, keys, chosen))
        .collect();
    let mut order: Vec<(Vec<Option<Arc<str>>>, Sum)> = Vec::new();
    let mut by_key: FxHashMap<Vec<Option<Arc<str>>>, usize> = FxHashMap::default();
    for (key, sum) in per_block.into_iter().flatten() {
        let at = *by_key.entry(key).or_insert_with_key(|key| {
            order.push((key.clone(), Sum::default()));
            order.len() - 1
        });
        order[at].1.count += sum.count;
        order[at].1.exact += sum.exact;
        order[at].1.printed += sum.printed;
    }
    let numeric: Vec<bool> =
        (0..keys.len()).map(|at| order.iter().filter_map(|(key, _)| key[at].as_deref()).all(is_number)).collect();
    order.sort_by(|(a, _), (b, _)| compare_keys(a, b, &numeric));
    order
        .into_iter()
        .map(|(key, sum)| Group {
            key,
            feature_count: sum.count,
            exact: Area::from_m2(sum.exact),
            printed: Area::from_m2(sum.printed),
        })
        .collect()
}

/// Whether a key reads as a number and is written as one: with a leading zero it is a code.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let coded = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    !coded && text.parse().is_ok_and(f64::is_finite)
}

fn compare_keys(a: &[Option<Arc<str>>], b: &[Option<Arc<str>>], numeric: &[bool]) -> std::cmp::Ordering {
    for (pair, numeric) in a.iter().zip(b).zip(numeric) {
        let order = match pair {
            (Some(a), Some(b)) if *numeric => {
                // Numbers, as was looked at; what is no number ends up with the others like it.
                let number = |text: &str| text.parse().unwrap_or(f64::INFINITY);
                number(a).total_cmp(&number(b)).then_with(|| a.cmp(b))
            }
            (Some(a), Some(b)) => a.cmp(b),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (None, None) => std::cmp::Ordering::Equal,
        };
        if order.is_ne() {
            return order;
        }
    }
    std::cmp::Ordering::Equal
}

fn group_block(
    block: &FeatureBlock,
    start: usize,
    areas: &Areas,
    keys: &[GroupKey],
    chosen: Option<&[bool]>,
) -> Vec<(Vec<Option<Arc<str>>>, Sum)> {
    let row_count = block.geometry.feature_count();
    let columns: Vec<(Vec<u32>, Vec<Option<Arc<str>>>)> =
        keys.iter().map(|key| keys::codes(block, row_count, key)).collect();
    // Keys of a row as one number in mixed radix; a hash map only where that would be a sparse table.
    let combinations = columns.iter().try_fold(1usize, |n, (_, texts)| n.checked_mul(texts.len()));
    let mut sums: Vec<Sum> = Vec::new();
    let mut slots: FxHashMap<usize, usize> = FxHashMap::default();
    let mut order: Vec<usize> = Vec::new();
    let dense = combinations.is_some_and(|n| n <= 4 * row_count.max(64));
    if dense {
        sums.resize(combinations.unwrap_or(0), Sum::default());
    }
    for row in 0..row_count {
        if chosen.is_some_and(|chosen| !chosen.get(start + row).copied().unwrap_or(false)) {
            continue;
        }
        let mut code = 0usize;
        for (codes, texts) in &columns {
            code = code.wrapping_mul(texts.len()).wrapping_add(codes[row] as usize);
        }
        let slot = if dense {
            code
        } else {
            *slots.entry(code).or_insert_with(|| {
                sums.push(Sum::default());
                sums.len() - 1
            })
        };
        if sums[slot].count == 0 {
            order.push(code);
        }
        let sum = &mut sums[slot];
        sum.count += 1;
        sum.exact += areas.exact.get(start + row).copied().unwrap_or(0.0);
        sum.printed += areas.printed.get(start + row).copied().unwrap_or(0.0);
    }
    order
        .into_iter()
        .map(|code| {
            let mut rest = code;
            let mut key: Vec<Option<Arc<str>>> = columns
                .iter()
                .rev()
                .map(|(_, texts)| {
                    let text = texts[rest % texts.len()].clone();
                    rest /= texts.len();
                    text
                })
                .collect();
            key.reverse();
            let slot = if dense { code } else { slots[&code] };
            (key, sums[slot])
        })
        .collect()
}
