//! What the values of a column of a table come to: how many there are, how they lie, what they add up to.
//!
//! Sums of areas are those of the exact ones, like everywhere; whole numbers add up as whole numbers, others with the
//! rounding of each addition carried along (Neumaier 1974), so that a million of them lose no digit that is shown.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::model::classes::Scheme;
use crate::model::roles::fields::Meanings;
use crate::model::{Areas, FieldType, Layer, Value};
use crate::task::{Cancelled, Progress};
use crate::text::Language;
use crate::ui::session::order::Order;
use crate::ui::work::attribute_area::AttributeArea;
use crate::ui::work::columns::{Content, class_name, printed};
use crate::units::Area;

/// Bars of a histogram.
pub const BARS: usize = 20;

/// Texts that are listed, the most frequent first.
const LISTED: usize = 200;

/// Rows between two looks at whether the work was cancelled.
const PART: usize = 8192;

/// A column, and the rows that are looked at.
#[derive(Clone, Debug)]
pub struct Request {
    /// The layer.
    pub layer: Arc<Layer>,
    /// Its areas, once measured.
    pub areas: Option<Arc<Areas>>,
    /// The column.
    pub content: Content,
    /// The rows.
    pub order: Arc<Order>,
    /// The field whose codes are of [`Self::scheme`].
    pub class_field: Option<usize>,
    /// The scheme of the codes of the class field.
    pub scheme: Option<Scheme>,
    /// The language that codes are spelt out in.
    pub language: Language,
}

/// What the values of a column come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistics {
    /// Rows.
    pub row_count: usize,
    /// Rows without a value.
    pub null_count: usize,
    /// Different values.
    pub distinct_count: usize,
    /// Of a column of figures, where it has any.
    pub figures: Option<Figures>,
    /// Of any other: the most frequent values, codes with what they stand for, and how many rows have each.
    pub frequent: Vec<(String, usize)>,
}

/// What figures come to; areas are in m².
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    /// The least.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// Their sum; of areas that of the exact ones.
    pub sum: f64,
    /// The sum by the number of values.
    pub mean: f64,
    /// What 5, 25, 50, 75 and 95 per cent of them do not exceed, straight between two of them.
    pub quantiles: [f64; 5],
    /// How many lie in each of [`BARS`] equal parts between the least and the largest; one where these are the same.
    pub bars: Vec<usize>,
}

/// Shares that [`Figures::quantiles`] are of.
pub const SHARES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// What the column of `request` comes to.
///
/// # Errors
/// [`Cancelled`].
pub fn statistics(request: &Request, progress: &Progress) -> Result<Statistics, Cancelled> {
    let layer = &*request.layer;
    let areas = request.areas.as_deref();
    let stated = |field: usize| AttributeArea::of_field(layer, field);
    match request.content {
        Content::Number => numbers(request, progress, |feature| Some((layer.source_row(feature) + 1) as f64)),
        Content::Area(_) => {
            let mut found = numbers(request, progress, |feature| Some(printed(areas, feature)?.m2()))?;
            if let (Some(areas), Some(figures)) = (areas, &mut found.figures) {
                let exact = rows(request).filter_map(|feature| areas.exact.get(feature).copied());
                figures.sum = exact_sum(exact);
                figures.mean = figures.sum / (found.row_count - found.null_count) as f64;
            }
            Ok(found)
        }
        Content::Difference(field) => {
            let stated = stated(field);
            numbers(request, progress, |feature| {
                let area: Area = printed(areas, feature)?;
                Some(stated.area(layer, feature)?.m2() - area.m2())
            })
        }
        Content::Field(field) => match layer.fields.get(field).map(|field| field.kind) {
            Some(FieldType::Int) if !has_coded_values(layer, field) => {
                let mut found = numbers(request, progress, |feature| layer.value(feature, field).as_f64())?;
                if let Some(figures) = &mut found.figures {
                    // Doubles lose digits of long numbers.
                    let whole = rows(request).map(|feature| match layer.value(feature, field) {
                        Value::Int(value) => i128::from(value),
                        _ => 0,
                    });
                    figures.sum = whole.sum::<i128>() as f64;
                    figures.mean = figures.sum / (found.row_count - found.null_count) as f64;
                }
                Ok(found)
            }
            Some(FieldType::Float) => numbers(request, progress, |feature| layer.value(feature, field).as_f64()),
            _ => coded(request, field, progress),
        },
        Content::ClassName(field) => {
            let name = &layer.fields[field].name;
            texts(request, field, progress, |text| {
                class_name(name, text, request.scheme, request.language).unwrap_or(text).to_owned()
            })
        }
    }
}

/// Whether the source says what the values of a field stand for: what they add up to is nothing.
fn has_coded_values(layer: &Layer, field: usize) -> bool {
    layer.words.fields.get(&layer.fields[field].name).is_some_and(|words| !words.codes.is_empty())
}

/// How often each value of a field is there; codes have behind them what they stand for.
fn coded(request: &Request, field: usize, progress: &Progress) -> Result<Statistics, Cancelled> {
    let layer = &*request.layer;
    let Some(name) = layer.fields.get(field).map(|field| field.name.as_str()) else {
        return texts(request, field, progress, str::to_owned);
    };
    let scheme = request.scheme.filter(|_| request.class_field == Some(field));
    let meanings = Meanings::of_field(name, scheme, request.language);
    texts(request, field, progress, |text| {
        let known = meanings.and_then(|meanings| meanings.of(text));
        match known.or_else(|| layer.words.meaning_of(name, text)) {
            Some(meaning) => format!("{text} {meaning}"),
            None => text.to_owned(),
        }
    })
}

/// The features of the rows.
fn rows(request: &Request) -> impl Iterator<Item = usize> + '_ {
    (0..request.order.len()).filter_map(|row| request.order.feature(row))
}

fn numbers(
    request: &Request,
    progress: &Progress,
    value: impl Fn(usize) -> Option<f64>,
) -> Result<Statistics, Cancelled> {
    let row_count = request.order.len();
    let mut values: Vec<f64> = Vec::with_capacity(row_count);
    for (nth, feature) in rows(request).enumerate() {
        if nth % PART == 0 {
            progress.tick(0)?;
        }
        values.extend(value(feature).filter(|value| value.is_finite()));
    }
    let sum = exact_sum(values.iter().copied());
    values.par_sort_unstable_by(f64::total_cmp);
    progress.tick(0)?;
    let distinct_count = values.chunk_by(|a, b| a == b).count();
    let figures = values.first().zip(values.last()).map(|(min, max)| Figures {
        min: *min,
        max: *max,
        sum,
        mean: sum / values.len() as f64,
        quantiles: SHARES.map(|share| quantile(&values, share)),
        bars: bars(&values, *min, *max),
    });
    let null_count = row_count - values.len();
    Ok(Statistics { row_count, null_count, distinct_count, figures, frequent: Vec::new() })
}

fn texts(
    request: &Request,
    field: usize,
    progress: &Progress,
    shown: impl Fn(&str) -> String,
) -> Result<Statistics, Cancelled> {
    let layer = &*request.layer;
    let mut null_count = 0;
    let mut counts: FxHashMap<String, usize> = FxHashMap::default();
    // Interned texts are counted by their codes, a block at a time.
    let mut of_code: FxHashMap<(usize, u32), usize> = FxHashMap::default();
    for (nth, feature) in rows(request).enumerate() {
        if nth % PART == 0 {
            progress.tick(0)?;
        }
        let block = layer.starts.partition_point(|start| *start <= feature) - 1;
        let row = feature - layer.starts[block];
        let column = layer.blocks[block].attributes.column(field);
        match column.and_then(|column| column.text_code(row)) {
            Some(code) => *of_code.entry((block, code)).or_default() += 1,
            None => match layer.value(feature, field) {
                Value::Null => null_count += 1,
                value => *counts.entry(value.to_string()).or_default() += 1,
            },
        }
    }
    let mut firsts: Vec<((usize, u32), usize)> = of_code.into_iter().collect();
    firsts.sort_unstable();
    let mut texts: (Option<usize>, Vec<&str>) = (None, Vec::new());
    for ((block, code), count) in firsts {
        if texts.0 != Some(block) {
            let column = layer.blocks[block].attributes.column(field);
            texts = (Some(block), column.map_or_else(Vec::new, |column| column.distinct_texts().collect()));
        }
        let text = texts.1.get(code as usize).copied().unwrap_or_default();
        *counts.entry(text.to_owned()).or_default() += count;
    }
    let distinct_count = counts.len();
    let mut frequent: Vec<(String, usize)> = counts.into_iter().collect();
    frequent.par_sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    frequent.truncate(LISTED);
    let frequent = frequent.into_iter().map(|(text, count)| (shown(&text), count)).collect();
    Ok(Statistics { row_count: request.order.len(), null_count, distinct_count, figures: None, frequent })
}

/// A sum whose rounding is carried along: Neumaier, Z. angew. Math. Mech. 54 (1974), 39.
fn exact_sum(values: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut lost) = (0.0_f64, 0.0);
    for value in values {
        let next = sum + value;
        lost += if sum.abs() >= value.abs() { (sum - next) + value } else { (value - next) + sum };
        sum = next;
    }
    sum + lost
}

/// What `share` of the ascending `values` do not exceed: straight between the two beside that place.
fn quantile(values: &[f64], share: f64) -> f64 {
    let place = share * (values.len() - 1) as f64;
    let (below, part) = (place.floor() as usize, place.fract());
    let above = (below + 1).min(values.len() - 1);
    values[below] + (values[above] - values[below]) * part
}

/// How many of the ascending `values` lie in each part.
fn bars(values: &[f64], min: f64, max: f64) -> Vec<usize> {
    let width = (max - min) / BARS as f64;
    if width <= 0.0 || !width.is_finite() {
        return vec![values.len()];
    }
    let mut bars = vec![0; BARS];
    for value in values {
        bars[(((value - min) / width) as usize).min(BARS - 1)] += 1;
    }
    bars
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crs::Crs;
    use crate::model::{AttributeBuilder, FeatureBlock, Field, FieldWords, GeometryBuilder, GeometryKind, SourceWords};
    use crate::units::AreaUnit;

    fn request(values: &[Value<'_>], kind: FieldType, content: Content, areas: Option<Areas>) -> Request {
        let mut attributes = AttributeBuilder::new();
        let mut geometry = GeometryBuilder::new(GeometryKind::Polygon);
        for value in values {
            let column = attributes.column("N", 0);
            attributes.set(column, *value);
            attributes.end_row();
            geometry.null_feature();
        }
        let block = FeatureBlock::of_parts(geometry.finish(), attributes.finish().1);
        let fields = vec![Field { name: "N".to_owned(), kind }];
        let layer = Layer::new("t".to_owned(), GeometryKind::Polygon, Crs::cgcs2000(), fields, vec![block]);
        Request {
            layer: Arc::new(layer),
            areas: areas.map(Arc::new),
            content,
            order: Arc::new(Order::All(values.len())),
            class_field: None,
            scheme: None,
            language: Language::Chinese,
        }
    }

    fn found(request: &Request) -> Statistics {
        statistics(request, &Progress::new()).expect("not cancelled")
    }

    #[test]
    fn figures_of_a_column_of_numbers() {
        let values = [Value::Float(4.0), Value::Float(1.0), Value::Null, Value::Float(2.0), Value::Float(2.0)];
        let answer = found(&request(&values, FieldType::Float, Content::Field(0), None));
        assert_eq!((answer.row_count, answer.null_count, answer.distinct_count), (5, 1, 3));
        let figures = answer.figures.expect("numbers");
        assert_eq!((figures.min, figures.max, figures.sum, figures.mean), (1.0, 4.0, 9.0, 2.25));
        assert_eq!(figures.quantiles[2], 2.0);
        assert!((figures.quantiles[3] - 2.5).abs() < 1e-12, "{figures:?}");
        assert_eq!((figures.bars.len(), figures.bars.iter().sum::<usize>()), (BARS, 4));
        assert_eq!((figures.bars[0], figures.bars[BARS - 1]), (1, 1));
    }

    #[test]
    fn sums_lose_no_digit() {
        let values = [Value::Float(1e16), Value::Float(1.0), Value::Float(-1e16)];
        let answer = found(&request(&values, FieldType::Float, Content::Field(0), None));
        assert_eq!(answer.figures.expect("numbers").sum, 1.0);
        let values = [Value::Int(9_007_199_254_740_993), Value::Int(-9_007_199_254_740_992)];
        let answer = found(&request(&values, FieldType::Int, Content::Field(0), None));
        assert_eq!(answer.figures.expect("numbers").sum, 1.0);
    }

    #[test]
    fn areas_add_up_exactly() {
        let areas = Areas { exact: vec![1.004, 2.004], printed: vec![1.0, 2.0], ..Areas::default() };
        let content = Content::Area(AreaUnit::SquareMetre);
        let answer = found(&request(&[Value::Null, Value::Null], FieldType::Null, content, Some(areas)));
        let figures = answer.figures.expect("measured");
        assert_eq!((figures.min, figures.max), (1.0, 2.0));
        assert!((figures.sum - 3.008).abs() < 1e-12, "{figures:?}");
    }

    #[test]
    fn texts_are_counted() {
        let values = ["a", "b", "a"].map(Value::Text);
        let values: Vec<Value<'_>> = values.into_iter().chain([Value::Null]).collect();
        let answer = found(&request(&values, FieldType::Text, Content::Field(0), None));
        assert_eq!((answer.null_count, answer.distinct_count, answer.figures.is_none()), (1, 2, true));
        assert_eq!(answer.frequent, [("a".to_owned(), 2), ("b".to_owned(), 1)]);
    }

    #[test]
    fn codes_are_spelt_out() {
        let values = ["0103", "0103", "x"].map(Value::Text);
        let classes = Request {
            class_field: Some(0),
            scheme: Some(Scheme::Sd2019),
            ..request(&values, FieldType::Text, Content::Field(0), None)
        };
        assert_eq!(found(&classes).frequent, [("0103 旱地".to_owned(), 2), ("x".to_owned(), 1)]);
        let elsewhere = Request { class_field: None, ..classes };
        assert_eq!(found(&elsewhere).frequent[0].0, "0103");
    }

    #[test]
    fn numbers_that_are_codes_of_their_source_do_not_add_up() {
        let values = [1, 2, 1].map(Value::Int);
        let mut coded = request(&values, FieldType::Int, Content::Field(0), None);
        let mut layer = Layer::clone(&coded.layer);
        let codes = Arc::new(vec![("1".to_owned(), "甲".to_owned())]);
        let mut words = SourceWords::default();
        words.fields.insert("N".to_owned(), FieldWords { alias: String::new(), codes });
        layer.words = Arc::new(words);
        coded.layer = Arc::new(layer);
        let answer = found(&coded);
        assert!(answer.figures.is_none(), "{answer:?}");
        assert_eq!(answer.frequent, [("1 甲".to_owned(), 2), ("2".to_owned(), 1)]);
    }

    #[test]
    fn one_value_has_one_bar() {
        let answer = found(&request(&[Value::Int(3), Value::Int(3)], FieldType::Int, Content::Field(0), None));
        let figures = answer.figures.expect("numbers");
        assert_eq!((figures.bars, figures.quantiles), (vec![2], [3.0; 5]));
    }
}
