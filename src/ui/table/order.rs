//! Which rows a table shows, and in which order: filter and sort, in parallel, the same whatever the number of threads.

use std::cmp::Ordering;
use std::sync::Arc;

use rayon::prelude::*;

use super::columns::{Content, printed};
use crate::expr::{Expr, Figures, find_words};
use crate::model::classes::Scheme;
use crate::model::roles::fields;
use crate::model::{Areas, FieldType, Layer, Value};
use crate::task::{Cancelled, Progress};
use crate::text::Language;
use crate::ui::attribute_area::AttributeArea;
use crate::ui::state::Rows;

/// What a table is asked to show.
#[derive(Clone, Debug)]
pub struct Request {
    /// The layer.
    pub layer: Arc<Layer>,
    /// Its areas, once measured.
    pub areas: Option<Arc<Areas>>,
    /// Column to sort by, and whether descending.
    pub sort: Option<(Content, bool)>,
    /// The quick filter: words, or `=` and an expression.
    pub filter: String,
    /// Only these features.
    pub only: Option<Arc<Rows>>,
    /// The field of classes and the scheme of its codes, so that 住宅 finds 0701.
    pub classes: Option<(usize, Scheme)>,
    /// The language that names are spelled out in.
    pub language: Language,
}

/// The rows of a table in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// All features of a layer as its file lists them.
    All(usize),
    /// These.
    Some(Vec<u32>),
}

impl Order {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        match self {
            Self::All(count) => *count,
            Self::Some(features) => features.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The feature in row `row`.
    pub fn feature(&self, row: usize) -> Option<usize> {
        match self {
            Self::All(count) => (row < *count).then_some(row),
            Self::Some(features) => features.get(row).map(|feature| *feature as usize),
        }
    }

    /// The row of `feature`, by looking through all.
    pub fn row_of(&self, feature: usize) -> Option<usize> {
        match self {
            Self::All(count) => (feature < *count).then_some(feature),
            Self::Some(features) => features.iter().position(|at| *at as usize == feature),
        }
    }

    /// The features of the rows from `from` to `to`, both included, whichever comes first.
    pub fn between(&self, from: usize, to: usize) -> Rows {
        (from.min(to)..=from.max(to)).filter_map(|row| self.feature(row)).collect()
    }
}

/// What an expression says of itself when it is no condition on this layer: the sentence and its remedy.
pub type FilterError = crate::expr::ExprError;

/// The expression of a filter that is one.
pub fn expression(filter: &str) -> Option<&str> {
    let filter = filter.trim_start();
    filter.strip_prefix('=').or_else(|| filter.strip_prefix('＝'))
}

/// The rows that `request` asks for.
///
/// # Errors
/// [`Cancelled`]; inside, what is wrong with the expression.
pub fn order(request: &Request, progress: &Progress) -> Result<Result<Order, FilterError>, Cancelled> {
    let mut rows = match filtered(request, progress)? {
        Ok(rows) => rows,
        Err(error) => return Ok(Err(error)),
    };
    if let Some(only) = &request.only {
        rows = Some(match rows {
            Some(rows) => rows.into_iter().filter(|feature| only.contains(*feature as usize)).collect(),
            None => only.iter().map(|feature| feature as u32).collect(),
        });
    }
    let count = request.layer.feature_count();
    let Some((by, descending)) = request.sort else { return Ok(Ok(rows.map_or(Order::All(count), Order::Some))) };
    if by == Content::Number && !descending {
        return Ok(Ok(rows.map_or(Order::All(count), Order::Some)));
    }
    let rows = rows.unwrap_or_else(|| (0..count as u32).collect());
    Ok(Ok(Order::Some(sorted(request, by, descending, rows, progress)?)))
}

/// Features that pass the filter, ascending; `None` for all.
fn filtered(request: &Request, progress: &Progress) -> Result<Result<Option<Vec<u32>>, FilterError>, Cancelled> {
    let layer = &*request.layer;
    if let Some(source) = expression(&request.filter) {
        if source.trim().is_empty() {
            return Ok(Ok(None));
        }
        let figures = Figures { areas: request.areas.as_ref().map(|areas| &areas.printed[..]), perimeters: None };
        let parsed = Expr::parse(source);
        let bound = parsed.and_then(|expr| expr.bind_condition(layer, figures));
        return match bound {
            Ok(bound) => Ok(Ok(Some(bound.select(progress)?))),
            Err(error) => Ok(Err(error)),
        };
    }
    if request.filter.trim().is_empty() {
        return Ok(Ok(None));
    }
    let spelled_out = |field: usize, text: &str| {
        let scheme = request.classes.filter(|(at, _)| *at == field).map(|(_, scheme)| scheme);
        fields::meaning(&layer.fields[field].name, text, scheme, request.language).map(str::to_owned)
    };
    Ok(Ok(Some(find_words(layer, &request.filter, &spelled_out, progress)?)))
}

/// `rows` by a column; rows without a value last, ties in file order.
fn sorted(
    request: &Request,
    by: Content,
    descending: bool,
    rows: Vec<u32>,
    progress: &Progress,
) -> Result<Vec<u32>, Cancelled> {
    let layer = &*request.layer;
    let keys = keys(request, by, progress)?;
    progress.tick(0)?;
    let (mut with, without): (Vec<(u64, u32)>, Vec<u32>) = {
        let mut with = Vec::with_capacity(rows.len());
        let mut without = Vec::new();
        for row in rows {
            match keys.get(row as usize).copied().flatten() {
                Some(key) => with.push((if descending { !key } else { key }, row)),
                None => without.push(row),
            }
        }
        (with, without)
    };
    debug_assert!(with.len() + without.len() <= layer.feature_count());
    with.par_sort_unstable();
    progress.tick(0)?;
    Ok(with.into_iter().map(|(_, row)| row).chain(without).collect())
}

/// A number for the value of each feature that sorts as the value does; `None` without a value.
fn keys(request: &Request, by: Content, progress: &Progress) -> Result<Vec<Option<u64>>, Cancelled> {
    let layer = &*request.layer;
    let count = layer.feature_count();
    let per_feature = |key: &(dyn Fn(usize) -> Option<u64> + Sync)| (0..count).into_par_iter().map(key).collect();
    Ok(match by {
        Content::Number => per_feature(&|feature| Some(layer.source_row(feature))),
        Content::Area(_) => per_feature(&|feature| Some(number_key(printed(request.areas.as_deref(), feature)?.m2()))),
        Content::Difference(_) => {
            let stated = AttributeArea::of(layer);
            per_feature(&|feature| {
                let stated = stated?.area(layer, feature)?;
                Some(number_key(stated.m2() - printed(request.areas.as_deref(), feature)?.m2()))
            })
        }
        Content::Field(field) => match layer.fields.get(field).map(|field| field.kind) {
            Some(FieldType::Bool) => per_feature(&|feature| match layer.value(feature, field) {
                Value::Bool(value) => Some(u64::from(value)),
                _ => None,
            }),
            // A column of whole numbers is compared as such: doubles lose digits of long numbers.
            Some(FieldType::Int) => per_feature(&|feature| match layer.value(feature, field) {
                Value::Int(value) => Some(value.cast_unsigned() ^ (1 << 63)),
                _ => None,
            }),
            Some(FieldType::Float) => per_feature(&|feature| layer.value(feature, field).as_f64().map(number_key)),
            Some(FieldType::Null) | None => vec![None; count],
            Some(FieldType::Text | FieldType::Json) => text_keys(layer, field, |text| text.to_owned(), progress)?,
        },
        Content::ClassName(field) => {
            let scheme = request.classes.map(|(_, scheme)| scheme);
            let name = &layer.fields[field].name;
            let spelled =
                |text: &str| fields::meaning(name, text, scheme, request.language).unwrap_or_default().to_owned();
            text_keys(layer, field, spelled, progress)?
        }
    })
}

/// The order of doubles as that of whole numbers; what is no number sorts last.
fn number_key(value: f64) -> u64 {
    if value.is_nan() {
        return u64::MAX;
    }
    let bits = (value + 0.0).to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

/// Ranks of the texts of a field: each distinct text of a block is compared once, not each row.
fn text_keys(
    layer: &Layer,
    field: usize,
    spelled: impl Fn(&str) -> String + Sync,
    progress: &Progress,
) -> Result<Vec<Option<u64>>, Cancelled> {
    // For each block its distinct texts, and for each row the number of its text.
    let blocks: Vec<(Vec<String>, Vec<Option<u32>>)> = layer
        .blocks
        .par_iter()
        .map(|block| {
            let count = block.geometry.feature_count();
            let Some(column) = block.attributes.column(field) else { return (Vec::new(), vec![None; count]) };
            let mut texts: Vec<String> = column.distinct_texts().map(&spelled).collect();
            let rows = (0..count).map(|row| {
                column.text_code(row).or_else(|| match column.value(row) {
                    Value::Null => None,
                    value => {
                        texts.push(spelled(&value.to_string()));
                        Some((texts.len() - 1) as u32)
                    }
                })
            });
            let rows = rows.collect();
            (texts, rows)
        })
        .collect();
    progress.tick(0)?;
    let mut all: Vec<(&str, u32, u32)> = Vec::new();
    for (block, (texts, _)) in blocks.iter().enumerate() {
        all.extend(texts.iter().enumerate().map(|(at, text)| (text.as_str(), block as u32, at as u32)));
    }
    all.par_sort_unstable_by(|a, b| natural(a.0, b.0));
    progress.tick(0)?;
    let mut ranks: Vec<Vec<u64>> = blocks.iter().map(|(texts, _)| vec![0; texts.len()]).collect();
    let mut rank = 0;
    for (at, (text, block, code)) in all.iter().enumerate() {
        if at > 0 && all[at - 1].0 != *text {
            rank += 1;
        }
        ranks[*block as usize][*code as usize] = rank;
    }
    let keys = blocks
        .iter()
        .zip(&ranks)
        .flat_map(|((_, rows), ranks)| rows.iter().map(|code| code.and_then(|code| ranks.get(code as usize)).copied()));
    Ok(keys.collect())
}

/// Compares texts with the numbers in them by value: 地块 9 stands before 地块 10. Texts that are equal so far are
/// compared as they are.
pub fn natural(a: &str, b: &str) -> Ordering {
    let (left, right) = (a.as_bytes(), b.as_bytes());
    let (mut i, mut j) = (0, 0);
    while i < left.len() && j < right.len() {
        if left[i].is_ascii_digit() && right[j].is_ascii_digit() {
            let number = |bytes: &[u8], from: usize| {
                let zeros = bytes[from..].iter().take_while(|b| **b == b'0').count();
                let digits = bytes[from + zeros..].iter().take_while(|b| b.is_ascii_digit()).count();
                (from + zeros, from + zeros + digits)
            };
            let ((a_from, a_to), (b_from, b_to)) = (number(left, i), number(right, j));
            let order =
                (a_to - a_from).cmp(&(b_to - b_from)).then_with(|| left[a_from..a_to].cmp(&right[b_from..b_to]));
            if order.is_ne() {
                return order;
            }
            (i, j) = (a_to, b_to);
        } else {
            // UTF-8 sorts by code point byte by byte.
            let order = left[i].cmp(&right[j]);
            if order.is_ne() {
                return order;
            }
            (i, j) = (i + 1, j + 1);
        }
    }
    (left.len() - i).cmp(&(right.len() - j)).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests;
