//! Which rows a table shows, and in which order: filter and sort, in parallel, the same whatever the number of threads.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use rayon::prelude::*;

use crate::expr::{Bound, Expr, Figures, FilterWord, find_words, read_words};
use crate::model::classes::Scheme;
use crate::model::roles::fields::Meanings;
use crate::model::{Areas, FeatureBlock, FieldType, GeometryKind, Layer, Value};
use crate::task::{Cancelled, Progress};
use crate::text::{Language, Message};
use crate::ui::session::order::Order;
use crate::ui::session::rows::Rows;
use crate::ui::work::attribute_area::AttributeArea;
use crate::ui::work::columns::{Content, printed};
use crate::units::Area;

/// What a table is asked to show.
#[derive(Clone, Debug)]
pub struct Request {
    /// The layer.
    pub layer: Arc<Layer>,
    /// Its areas, once measured.
    pub areas: Option<Arc<Areas>>,
    /// Columns to sort by, the first first, and whether descending.
    pub sort: Vec<(Content, bool)>,
    /// The quick filter: words, or an expression, with `=` in front or not.
    pub filter: String,
    /// Only these features.
    pub only: Option<Arc<Rows>>,
    /// The field of classes and the scheme of its codes where they follow one, so that 住宅 finds 0701.
    pub classes: Option<(usize, Option<Scheme>)>,
    /// The language that names are spelled out in.
    pub language: Language,
}

/// What a table shows, and what was made of its filter.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The rows.
    pub order: Order,
    /// What the filter was taken for.
    pub meant: Meant,
    /// Printed area of the rows, where they are not all and the layer is measured.
    pub area: Option<Area>,
}

/// What a filter was taken for.
#[derive(Clone, Debug, PartialEq)]
pub enum Meant {
    /// There is none.
    Nothing,
    /// Words, and how many features have each; with what is wrong with it as an expression, where it looks like one.
    Words(Vec<(FilterWord, usize)>, Option<FilterError>),
    /// An expression, with what is allowed in it but probably not meant, and how many features it passed over because a
    /// value could not be compared.
    Condition(Vec<Message>),
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
pub fn order(request: &Request, progress: &Progress) -> Result<Result<Answer, FilterError>, Cancelled> {
    let (mut rows, meant) = match filtered(request, progress)? {
        Ok(found) => found,
        Err(error) => return Ok(Err(error)),
    };
    if let Some(only) = &request.only {
        rows = Some(match rows {
            Some(rows) => rows.into_iter().filter(|feature| only.contains(*feature as usize)).collect(),
            None => only.iter().map(|feature| feature as u32).collect(),
        });
    }
    let layer = &request.layer;
    let count = layer.feature_count();
    let areas = request.areas.as_ref().filter(|_| layer.kind == GeometryKind::Polygon);
    let area = areas.zip(rows.as_ref());
    let area = area.map(|(areas, rows)| areas.printed_sum(rows.iter().map(|feature| *feature as usize)));
    let in_file_order = |rows: Option<Vec<u32>>| rows.map_or(Order::All(count), Order::Some);
    let order = match request.sort[..] {
        [] | [(Content::Number, false), ..] => in_file_order(rows),
        _ => {
            let mut rows = rows.unwrap_or_else(|| (0..count as u32).collect());
            // Those that are equal keep their order, so the last column comes first.
            for (by, descending) in request.sort.iter().rev() {
                rows = sorted(request, *by, *descending, rows, progress)?;
            }
            Order::Some(rows)
        }
    };
    Ok(Ok(Answer { order, meant, area }))
}

/// Features that pass the filter, ascending, `None` for all; and what it was taken for.
fn filtered(
    request: &Request,
    progress: &Progress,
) -> Result<Result<(Option<Vec<u32>>, Meant), FilterError>, Cancelled> {
    let layer = &*request.layer;
    if request.filter.trim().is_empty() || expression(&request.filter).is_some_and(|source| source.trim().is_empty()) {
        return Ok(Ok((None, Meant::Nothing)));
    }
    let figures = Figures { areas: request.areas.as_ref().map(|areas| &areas.printed[..]), perimeters: None };
    let select = |bound: Bound<'_>| {
        let mut hints = bound.hints().to_vec();
        let rows = bound.select(progress)?;
        // As the command line does: what was passed over because it could not be compared.
        hints.extend(bound.uncompared(progress)?);
        Ok(Ok((Some(rows), Meant::Condition(hints))))
    };
    if let Some(source) = expression(&request.filter) {
        return match Expr::parse(source).and_then(|expr| expr.bind_condition(layer, figures)) {
            Ok(bound) => select(bound),
            Err(error) => Ok(Err(error)),
        };
    }
    // A comparison is one without `=` in front, too; what only looks like one is words, and why it is not is said.
    let compared = match Expr::parse(&request.filter) {
        Ok(expr) if expr.compares() => match expr.bind_condition(layer, figures) {
            Ok(bound) => return select(bound),
            Err(error) => Some(error),
        },
        Ok(_) => None,
        Err(error) => Some(error).filter(|_| request.filter.contains(SIGNS)),
    };
    let spelled_out = |field: usize| {
        let scheme = request.classes.filter(|(at, _)| *at == field).and_then(|(_, scheme)| scheme);
        Meanings::of_field(&layer.fields[field].name, scheme, request.language)
    };
    let words = read_words(layer, &request.filter, request.classes);
    let found = find_words(layer, &words, request.classes, &spelled_out, None, progress)?;
    Ok(Ok((Some(found.features), Meant::Words(words.into_iter().zip(found.counts).collect(), compared))))
}

/// Signs that stand in comparisons, and hardly in words.
const SIGNS: [char; 9] = ['=', '<', '>', '＝', '＜', '＞', '≤', '≥', '≠'];

/// `rows` by a column; rows without a value last, ties in file order.
fn sorted(
    request: &Request,
    by: Content,
    descending: bool,
    rows: Vec<u32>,
    progress: &Progress,
) -> Result<Vec<u32>, Cancelled> {
    let keys = keys(request, by, progress)?;
    progress.tick(0)?;
    let sorted = match keys {
        Keys::Numbers(keys) => by_number(&keys, descending, rows),
        Keys::Ranks { ranks, count } => by_rank(&ranks, count, descending, &rows),
    };
    progress.tick(0)?;
    Ok(sorted)
}

fn by_number(keys: &[Option<u64>], descending: bool, rows: Vec<u32>) -> Vec<u32> {
    let mut with = Vec::with_capacity(rows.len());
    let mut without = Vec::new();
    for row in rows {
        match keys.get(row as usize).copied().flatten() {
            Some(key) => with.push((if descending { !key } else { key }, row)),
            None => without.push(row),
        }
    }
    sort_by_key(&mut with);
    with.into_iter().map(|(_, row)| row).chain(without).collect()
}

/// Bits of a key that are looked at together.
const DIGIT_BITS: u32 = 11;
const DIGITS: usize = u64::BITS.div_ceil(DIGIT_BITS) as usize;

/// Sorts by the first of each pair and keeps the order of those that are equal: digit by digit from the last on, as the
/// sorters of punched cards did. Digits that all keys share are left out.
fn sort_by_key(pairs: &mut Vec<(u64, u32)>) {
    if pairs.len() < 1 << DIGIT_BITS {
        return pairs.sort_by_key(|(key, _)| *key);
    }
    // Identifiers often stand in their order.
    if pairs.is_sorted_by_key(|(key, _)| *key) {
        return;
    }
    if pairs.is_sorted_by(|a, b| a.0 > b.0) {
        return pairs.reverse();
    }
    let digit = |key: u64, nth: usize| (key >> (nth as u32 * DIGIT_BITS)) as usize % (1 << DIGIT_BITS);
    let mut places = vec![[0_u32; 1 << DIGIT_BITS]; DIGITS];
    for (key, _) in pairs.iter() {
        places.iter_mut().enumerate().for_each(|(nth, places)| places[digit(*key, nth)] += 1);
    }
    let mut sorted = vec![(0, 0); pairs.len()];
    for (nth, places) in places.iter_mut().enumerate() {
        if places[digit(pairs[0].0, nth)] as usize == pairs.len() {
            continue;
        }
        let mut first = 0;
        for place in places.iter_mut() {
            first += std::mem::replace(place, first);
        }
        for pair in pairs.iter() {
            let place = &mut places[digit(pair.0, nth)];
            sorted[*place as usize] = *pair;
            *place += 1;
        }
        std::mem::swap(pairs, &mut sorted);
    }
}

/// Counts how many rows have each rank: then every row knows its place. Those without a value have the place after the
/// last rank.
fn by_rank(ranks: &[u32], count: usize, descending: bool, rows: &[u32]) -> Vec<u32> {
    let place = |row: u32| match ranks.get(row as usize).map_or(count, |rank| *rank as usize) {
        rank if rank >= count => count,
        rank if descending => count - 1 - rank,
        rank => rank,
    };
    let mut next = vec![0_u32; count + 2];
    rows.iter().for_each(|row| next[place(*row) + 1] += 1);
    for i in 1..next.len() {
        next[i] += next[i - 1];
    }
    let mut sorted = vec![0; rows.len()];
    for row in rows {
        let at = &mut next[place(*row)];
        sorted[*at as usize] = *row;
        *at += 1;
    }
    sorted
}

/// What features are sorted by.
enum Keys {
    /// Numbers that sort as the values do; `None` without a value.
    Numbers(Vec<Option<u64>>),
    /// The rank of each value among all that differ, of which there are `count`; [`NO_TEXT`] without one.
    Ranks { ranks: Vec<u32>, count: usize },
}

/// What the features sort by in a column.
fn keys(request: &Request, by: Content, progress: &Progress) -> Result<Keys, Cancelled> {
    let layer = &*request.layer;
    let count = layer.feature_count();
    let per_feature =
        |key: &(dyn Fn(usize) -> Option<u64> + Sync)| Keys::Numbers((0..count).into_par_iter().map(key).collect());
    Ok(match by {
        Content::Number => per_feature(&|feature| Some(layer.source_row(feature))),
        Content::Area(_) => per_feature(&|feature| Some(number_key(printed(request.areas.as_deref(), feature)?.m2()))),
        Content::Difference(field) => {
            let stated = AttributeArea::of_field(layer, field);
            per_feature(&|feature| {
                let stated = stated.area(layer, feature)?;
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
            Some(FieldType::Null) | None => Keys::Numbers(vec![None; count]),
            Some(FieldType::Text | FieldType::Json) => text_keys(layer, field, |text| text, progress)?,
        },
        Content::ClassName(field) => {
            let scheme = request.classes.and_then(|(_, scheme)| scheme);
            let meanings = Meanings::of_field(&layer.fields[field].name, scheme, request.language);
            text_keys(layer, field, |text| meanings.and_then(|m| m.of(text)).unwrap_or_default(), progress)?
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

/// Ranks of the texts of a field as `spelled`: each distinct text of a block is ranked once, not each row.
fn text_keys(
    layer: &Layer,
    field: usize,
    spelled: impl for<'t> Fn(&'t str) -> &'t str + Sync,
    progress: &Progress,
) -> Result<Keys, Cancelled> {
    let blocks: Vec<Texts<'_>> = layer.blocks.par_iter().map(|block| Texts::of(block, field, &spelled)).collect();
    progress.tick(0)?;
    let texts: Vec<&str> = blocks.iter().flat_map(|block| block.texts.iter().map(|text| &**text)).collect();
    let mut keys: Vec<u128> = blocks.iter().flat_map(|block| block.keys.iter().copied()).collect();
    // What all begin with tells them no more apart: the next eight bytes decide nearly always.
    let (low, high) =
        keys.par_iter().map(|key| (*key, *key)).reduce(|| (u128::MAX, 0), |a, b| (a.0.min(b.0), a.1.max(b.1)));
    let common = (low ^ high).leading_zeros().min(127);
    let mut all: Vec<(u64, u32)> =
        keys.drain(..).enumerate().map(|(at, key)| (((key << common) >> 64) as u64, at as u32)).collect();
    sort_by_key(&mut all);
    progress.tick(0)?;
    let mut rank_of = vec![0; texts.len()];
    let mut count = 0;
    for same in all.chunk_by_mut(|a, b| a.0 == b.0) {
        let first = texts[same[0].1 as usize];
        if same.iter().all(|(_, at)| texts[*at as usize] == first) {
            same.iter().for_each(|(_, at)| rank_of[*at as usize] = count);
            count += 1;
            continue;
        }
        same.par_sort_unstable_by(|a, b| natural(texts[a.1 as usize], texts[b.1 as usize]));
        for same in same.chunk_by(|a, b| texts[a.1 as usize] == texts[b.1 as usize]) {
            same.iter().for_each(|(_, at)| rank_of[*at as usize] = count);
            count += 1;
        }
    }
    progress.tick(0)?;
    let mut first = 0;
    let mut ranks = Vec::with_capacity(layer.feature_count());
    for block in &blocks {
        let own = &rank_of[first..first + block.texts.len()];
        ranks.extend(block.rows.iter().map(|code| own.get(*code as usize).copied().unwrap_or(NO_TEXT)));
        first += own.len();
    }
    Ok(Keys::Ranks { ranks, count: count as usize })
}

/// The texts of a field in one block.
struct Texts<'a> {
    texts: Vec<Cow<'a, str>>,
    /// Numbers that sort as the texts do, where they differ.
    keys: Vec<u128>,
    /// Number of the text of each row; [`NO_TEXT`] without one.
    rows: Vec<u32>,
}

const NO_TEXT: u32 = u32::MAX;

impl<'a> Texts<'a> {
    fn of(block: &'a FeatureBlock, field: usize, spelled: &impl for<'t> Fn(&'t str) -> &'t str) -> Self {
        let count = block.geometry.feature_count();
        let Some(column) = block.attributes.column(field) else {
            return Self { texts: Vec::new(), keys: Vec::new(), rows: vec![NO_TEXT; count] };
        };
        let mut texts: Vec<Cow<'a, str>> = column.distinct_texts().map(|text| Cow::Borrowed(spelled(text))).collect();
        let rows = (0..count).map(|row| {
            column.text_code(row).unwrap_or_else(|| match column.value(row) {
                Value::Null => NO_TEXT,
                // A block that has no text in a column of texts: numbers.
                value => {
                    texts.push(Cow::Owned(spelled(&value.to_string()).to_owned()));
                    (texts.len() - 1) as u32
                }
            })
        });
        let rows = rows.collect();
        let keys = texts.iter().map(|text| natural_key(text)).collect();
        Self { texts, keys, rows }
    }
}

/// The beginning of a text as a number: where those of two texts differ, they are in the order of [`natural`].
fn natural_key(text: &str) -> u128 {
    let bytes = text.as_bytes();
    let (mut key, mut room, mut at) = (0_u128, 128_u32, 0);
    // Puts `bits` of `value` behind what there is, or as many as have room; `false` where none is left.
    let mut put = |value: u64, bits: u32| {
        let fitting = bits.min(room);
        room -= fitting;
        key |= u128::from(value >> (bits - fitting)) << room;
        room > 0
    };
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            if !put(u64::from(bytes[at]), 8) {
                break;
            }
            at += 1;
            continue;
        }
        let run = bytes[at..].iter().take_while(|b| b.is_ascii_digit()).count();
        let zeros = bytes[at..at + run].iter().take_while(|b| **b == b'0').count();
        // Digits stand between the same other bytes as their numbers do; longer numbers are larger.
        let Ok(length) = u8::try_from(run - zeros) else { break };
        let packed = |digits: &[u8]| digits.iter().fold(0, |sum, digit| sum << 4 | u64::from(digit - b'0'));
        let mut digits = bytes[at + zeros..at + run].chunks(15);
        let head = u64::from(b'0') << 8 | u64::from(length);
        if !(put(head, 16) && digits.all(|digits| put(packed(digits), 4 * digits.len() as u32))) {
            break;
        }
        at += run;
    }
    key
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
