//! What a layer's columns hold: nulls and distinct values of each field, its extent in degrees.

use std::cmp::Ordering;

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use crate::crs::Reprojector;
use crate::model::{Coord, Extent, FieldType, Layer, Value};
use crate::task::{Cancelled, Progress};

/// Counts over one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProfile {
    /// Name.
    pub name: String,
    /// Type over the whole layer.
    pub kind: FieldType,
    /// Features without a value.
    pub null_count: usize,
    /// Distinct values, as they are shown.
    pub distinct_count: usize,
}

/// The profile of every field of `layer`, in parallel over the fields.
///
/// # Errors
/// [`Cancelled`] when the user cancelled.
pub fn fields(layer: &Layer, progress: &Progress) -> Result<Vec<FieldProfile>, Cancelled> {
    let of_field = |field| {
        progress.tick(0)?;
        Ok(profile(layer, field))
    };
    (0..layer.fields.len()).into_par_iter().map(of_field).collect()
}

fn profile(layer: &Layer, field: usize) -> FieldProfile {
    let mut null_count = 0;
    let mut texts = DistinctTexts::default();
    let mut numbers: Vec<u64> = Vec::new();
    let mut booleans = [false; 2];
    for block in &layer.blocks {
        let row_count = block.geometry.feature_count();
        let Some(column) = block.attributes.column(field) else {
            null_count += row_count;
            continue;
        };
        null_count += column.null_count();
        column.distinct_texts().for_each(|text| texts.add(text));
        if !matches!(column.kind(), FieldType::Text | FieldType::Json) {
            column.each_value(|value| match value {
                // 1 and 1.0 are one value, shown alike.
                Value::Int(v) => numbers.push((v as f64).to_bits()),
                Value::Float(v) => numbers.push((v + 0.0).to_bits()),
                Value::Bool(v) => booleans[usize::from(v)] = true,
                _ => {}
            });
        }
    }
    numbers.par_sort_unstable();
    numbers.dedup();
    let distinct_count = texts.count() + numbers.len() + booleans.iter().filter(|b| **b).count();
    FieldProfile { name: layer.fields[field].name.clone(), kind: layer.fields[field].kind, null_count, distinct_count }
}

/// Counts distinct texts. Identifiers mostly ascend: sorting what ascends in long runs costs less than hashing it.
#[derive(Default)]
struct DistinctTexts<'a> {
    /// No two neighbours are the same.
    texts: Vec<&'a str>,
    /// How often a text is smaller than the one before.
    descent_count: usize,
}

impl<'a> DistinctTexts<'a> {
    /// Shortest average run that is worth sorting.
    const RUN: usize = 1 << 12;

    fn add(&mut self, text: &'a str) {
        if let Some(last) = self.texts.last() {
            match (*last).cmp(text) {
                Ordering::Less => {}
                Ordering::Equal => return,
                Ordering::Greater => self.descent_count += 1,
            }
        }
        self.texts.push(text);
    }

    fn count(mut self) -> usize {
        if self.descent_count == 0 {
            return self.texts.len();
        }
        if self.descent_count * Self::RUN > self.texts.len() {
            return self.texts.into_iter().collect::<FxHashSet<_>>().len();
        }
        // The stable sort finds the runs and merges them.
        self.texts.sort();
        self.texts.dedup();
        self.texts.len()
    }
}

/// The layer's extent in degrees of its own datum or WGS 84, by the corners and edges of its box; `None` where it is
/// empty or cannot be converted.
pub fn extent_in_degrees(layer: &Layer) -> Option<Extent> {
    let extent = layer.extent();
    if extent.is_empty() {
        return None;
    }
    if layer.crs.is_geographic() {
        return Some(extent);
    }
    if layer.crs.is_local_plane() {
        return None;
    }
    let degrees = layer.crs.geographic();
    // A layer that has no way to degrees is shown without them.
    let reprojector = Reprojector::new(&layer.crs, &degrees).ok()?;
    const STEPS: usize = 8;
    let mut border: Vec<Coord> = Vec::with_capacity(4 * (STEPS + 1));
    for i in 0..=STEPS {
        let x = extent.min.x + extent.width() * i as f64 / STEPS as f64;
        let y = extent.min.y + extent.height() * i as f64 / STEPS as f64;
        border.extend([
            Coord { x, y: extent.min.y },
            Coord { x, y: extent.max.y },
            Coord { x: extent.min.x, y },
            Coord { x: extent.max.x, y },
        ]);
    }
    reprojector.convert(&mut border).ok()?;
    Some(Extent::of(&border))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distinct_texts_are_counted_in_any_order() {
        let check = |texts: &[String]| {
            let mut distinct = DistinctTexts::default();
            texts.iter().for_each(|text| distinct.add(text));
            let expected: FxHashSet<&String> = texts.iter().collect();
            assert_eq!(distinct.count(), expected.len());
        };
        let of = |numbers: &[u64]| numbers.iter().map(|n| format!("{n:06}")).collect::<Vec<_>>();
        check(&of(&[]));
        check(&of(&[1, 1, 1]));
        check(&of(&[5, 3, 5, 5, 1, 3]));
        let runs: Vec<u64> = (0..20_000).chain(10_000..30_000).chain(0..5).collect();
        check(&of(&runs));
    }
}
