//! Areas of a layer summed by the values of fields: the one function behind `--by`, the legend and the class table.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::model::classes::{self, Scheme};
use crate::model::roles;
use crate::model::{Areas, FeatureBlock, Layer, Value};
use crate::text::Message;
use crate::units::Area;

/// Which part of a field's value is the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPart {
    /// The whole value.
    Whole,
    /// Its first characters: `QSDWDM:12` is the village.
    Prefix(usize),
    /// Its ancestor at a level of a land-use scheme, by the scheme's parent column: `DLBM@1`.
    Level(Scheme, u8),
}

/// One key of a grouping: a field and the part of it that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupKey {
    /// Column of the layer.
    pub field: usize,
    /// What of its value.
    pub part: KeyPart,
}

/// Why a grouping was not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GroupError {
    /// The layer has no such field.
    #[error("no field {name:?} in layer {layer:?}, expected one of: {fields}")]
    NoField {
        /// The name asked for.
        name: String,
        /// The layer's name.
        layer: String,
        /// Its fields.
        fields: String,
    },
    /// The number after `:` or `@` does not read as one.
    #[error("{0:?}: expected a whole number from 1 after ':' or '@'")]
    BadNumber(String),
    /// `@N` on a field whose values are codes of no known scheme.
    #[error("{0:?}: the values of this field are codes of no known land-use scheme, so it has no levels")]
    NoScheme(String),
}

impl GroupError {
    /// The error as a message of the catalogue.
    pub fn message(&self) -> Message {
        match self {
            Self::NoField { name, layer, fields } => {
                Message::new("report.no-field").with("name", name).with("layer", layer).with("fields", fields)
            }
            Self::BadNumber(text) => Message::new("report.bad-number").with("text", text),
            Self::NoScheme(text) => Message::new("report.no-scheme").with("text", text),
        }
    }
}

/// Reads `QSDWDM:12,DLBM@2` against the fields of `layer`: `FIELD`, `FIELD:N` (first N characters) or `FIELD@N`
/// (level N of the land-use scheme).
///
/// # Errors
/// [`GroupError`] names the part that was not understood.
pub fn parse_keys(layer: &Layer, text: &str) -> Result<Vec<GroupKey>, GroupError> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(|part| parse_key(layer, part)).collect()
}

fn parse_key(layer: &Layer, text: &str) -> Result<GroupKey, GroupError> {
    // A field may itself contain a colon: the whole text first.
    if let Some(field) = layer.field(text) {
        return Ok(GroupKey { field, part: KeyPart::Whole });
    }
    let no_field = |name: &str| GroupError::NoField {
        name: name.to_owned(),
        layer: layer.name.clone(),
        fields: layer.fields.iter().map(|f| f.name.as_str()).take(60).collect::<Vec<_>>().join(", "),
    };
    let Some(at) = text.rfind([':', '@']) else { return Err(no_field(text)) };
    let (name, rest) = (&text[..at], &text[at + 1..]);
    let field = layer.field(name).ok_or_else(|| no_field(name))?;
    let number: usize = rest.parse().ok().filter(|n| *n > 0).ok_or_else(|| GroupError::BadNumber(text.to_owned()))?;
    if text.as_bytes()[at] == b':' {
        return Ok(GroupKey { field, part: KeyPart::Prefix(number) });
    }
    let level = u8::try_from(number).map_err(|_| GroupError::BadNumber(text.to_owned()))?;
    let scheme = scheme_of_field(layer, field).ok_or_else(|| GroupError::NoScheme(text.to_owned()))?;
    Ok(GroupKey { field, part: KeyPart::Level(scheme, level) })
}

/// Features with the same key, and their areas.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// One value for each key; `None` where the field is null.
    pub key: Vec<Option<Arc<str>>>,
    /// Features, null and empty geometries included.
    pub feature_count: usize,
    /// Sum of `exact`.
    pub exact: Area,
    /// Sum of `printed`.
    pub printed: Area,
}

/// The land-use scheme of a field's codes: that of the layer's class field, else what its values say.
pub fn scheme_of_field(layer: &Layer, field: usize) -> Option<Scheme> {
    let recognised = roles::recognise(&roles::Clues::of_layer(layer));
    if recognised.class_field.as_ref().and_then(|name| layer.field(name)) == Some(field) {
        return recognised.scheme();
    }
    classes::detect(&classes::used_codes(layer, field, None), None).scheme
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
/// Groups come in the order of their keys (numbers before text by value, nulls last). Sums are made per block in file
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
    order.sort_by(|(a, _), (b, _)| compare_keys(a, b));
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

fn compare_keys(a: &[Option<Arc<str>>], b: &[Option<Arc<str>>]) -> std::cmp::Ordering {
    for pair in a.iter().zip(b) {
        let order = match pair {
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
        keys.iter().map(|key| key_codes(block, row_count, key)).collect();
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

/// A small number for the key of each row, and the key behind each number. The last one is null.
fn key_codes(block: &FeatureBlock, row_count: usize, key: &GroupKey) -> (Vec<u32>, Vec<Option<Arc<str>>>) {
    let mut texts: Vec<Option<Arc<str>>> = Vec::new();
    let mut by_text: FxHashMap<Arc<str>, u32> = FxHashMap::default();
    let mut code_of = |text: &str| -> u32 {
        if let Some(code) = by_text.get(text) {
            return *code;
        }
        let text: Arc<str> = Arc::from(text);
        texts.push(Some(text.clone()));
        by_text.insert(text, (texts.len() - 1) as u32);
        (texts.len() - 1) as u32
    };
    const NULL: u32 = u32::MAX;
    let mut codes = vec![NULL; row_count];
    if let Some(column) = block.attributes.column(key.field) {
        // Interned text: the part is taken once for each distinct text.
        let distinct: Vec<u32> = column.distinct_texts().map(|text| code_of(&part_of(text, key.part))).collect();
        for (row, code) in codes.iter_mut().enumerate() {
            *code = match column.text_code(row) {
                Some(text) => distinct[text as usize],
                None => match column.value(row) {
                    Value::Null => NULL,
                    value => code_of(&part_of(&value.to_string(), key.part)),
                },
            };
        }
    }
    let null = texts.len() as u32;
    texts.push(None);
    for code in &mut codes {
        *code = (*code).min(null);
    }
    (codes, texts)
}

fn part_of(text: &str, part: KeyPart) -> String {
    match part {
        KeyPart::Whole => text.to_owned(),
        KeyPart::Prefix(count) => text.chars().take(count).collect(),
        KeyPart::Level(scheme, level) => classes::resolve(scheme, text)
            .map_or_else(|| text.to_owned(), |found| found.class.at_level(level).code().to_owned()),
    }
}
