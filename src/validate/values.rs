//! Values against their fields: filled, long enough, of their list, of their range, of their form, not twice.
//!
//! A text that stands in many rows of a block is judged once.

use rustc_hash::FxHashMap;

use super::fault::{Fault, Findings, GroupKey, Kind};
use super::schema::{CodeList, FieldKind, FieldSpec, Required, Schema};
use super::structure::Held;
use crate::model::{FieldType, Layer, Severity, Value};
use crate::task::{Cancelled, Progress};
use crate::text::Message;

/// What a single value can be judged by, in the order of [`Verdict`]'s bits.
const JUDGED: [Kind; 9] = [
    Kind::Mandatory,
    Kind::Length,
    Kind::Decimals,
    Kind::Code,
    Kind::Digits,
    Kind::Range,
    Kind::Date,
    Kind::Constant,
    Kind::Blanks,
];

/// What is wrong with a value: a bit for each of [`JUDGED`].
type Verdict = u16;

/// Share of the last digit that counts as rounding of binary numbers, not as a decimal too many.
const ROUNDING: f64 = 1e-3;

/// A field as its values are judged.
struct Judge<'a> {
    spec: &'a FieldSpec,
    /// The list of its codes, where anything is known of it.
    list: Option<&'a CodeList>,
    /// Whether its column is of the type that it should be: otherwise only empty values are told.
    is_of_type: bool,
}

/// Judges all values of the columns `held`.
pub(super) fn examine(
    schema: &Schema,
    held: &[Held<'_>],
    (part, layer): (usize, &Layer),
    findings: &mut Findings,
    progress: &Progress,
) -> Result<(), Cancelled> {
    let id = held.iter().find(|held| held.spec.code.eq_ignore_ascii_case("BSM")).map(|held| held.column);
    for field in held {
        let found = layer.fields[field.column].kind;
        let list = field.spec.list.as_deref().and_then(|name| schema.list(name)).filter(|list| list.is_known());
        let is_of_type = match field.spec.kind {
            FieldKind::Text => matches!(found, FieldType::Text | FieldType::Null),
            FieldKind::Int | FieldKind::Float => {
                matches!(found, FieldType::Int | FieldType::Float | FieldType::Null)
            }
            FieldKind::Date => matches!(found, FieldType::Text | FieldType::Int | FieldType::Null),
            FieldKind::Binary => false,
        };
        let judge = Judge { spec: field.spec, list, is_of_type };
        judge_column(&judge, field.column, id, (part, layer), findings, progress)?;
        if let Some(names) = field.spec.names_of().and_then(|name| schema.list(name)).filter(|list| list.is_known()) {
            let code = held.iter().find(|other| other.spec.list.as_deref() == Some(names.name.as_str()));
            names_of_codes(names, field, code, id, (part, layer), findings, progress)?;
        }
        if field.spec.unique {
            let severity = field.spec.basis.limit(Severity::Error);
            let key = GroupKey::of(Kind::Twice, part).field(&field.spec.code);
            twice(&[field.column], &key, severity, id, layer, |_| true, findings, progress)?;
        }
    }
    Ok(())
}

fn judge_column(
    judge: &Judge<'_>,
    column: usize,
    id: Option<usize>,
    (part, layer): (usize, &Layer),
    findings: &mut Findings,
    progress: &Progress,
) -> Result<(), Cancelled> {
    let spec = judge.spec;
    for (block, start) in layer.blocks.iter().zip(&layer.starts) {
        let row_count = block.geometry.feature_count();
        let of_block = block.attributes.column(column);
        // What each distinct text comes to.
        let verdicts: Vec<Verdict> =
            of_block.map_or_else(Vec::new, |of_block| of_block.distinct_texts().map(|text| judge.text(text)).collect());
        for row in 0..row_count {
            let code = of_block.and_then(|of_block| of_block.text_code(row));
            let verdict = match code.and_then(|code| verdicts.get(code as usize)) {
                Some(verdict) => *verdict,
                None => judge.value(of_block.map_or(Value::Null, |of_block| of_block.value(row))),
            };
            if verdict == 0 {
                continue;
            }
            let value = || of_block.map_or_else(String::new, |of_block| of_block.value(row).to_string());
            for kind in JUDGED.into_iter().filter(|kind| verdict & bit(*kind) != 0) {
                findings.add(GroupKey::of(kind, part).field(&spec.code), judge.severity(kind), || {
                    let value = value();
                    let message = judge.message(kind, &value);
                    Fault::at(layer, start + row, id, value, message)
                });
            }
        }
        progress.tick(row_count as u64)?;
    }
    Ok(())
}

/// The bit of a kind.
fn bit(kind: Kind) -> Verdict {
    JUDGED.iter().position(|known| *known == kind).map_or(0, |at| 1 << at)
}

impl Judge<'_> {
    fn value(&self, value: Value<'_>) -> Verdict {
        match value {
            Value::Null => self.empty(),
            Value::Text(text) | Value::Json(text) => self.text(text),
            Value::Bool(_) => 0,
            Value::Int(number) if self.is_of_type => match self.spec.kind {
                FieldKind::Date | FieldKind::Text => self.text(&number.to_string()),
                _ => self.number(number as f64) | self.coded(&number.to_string()),
            },
            Value::Float(number) if self.is_of_type && self.spec.kind == FieldKind::Text => {
                self.text(&number.to_string())
            }
            Value::Float(number) if self.is_of_type => self.number(number),
            Value::Int(_) | Value::Float(_) => 0,
        }
    }

    fn empty(&self) -> Verdict {
        if self.spec.required == Required::Mandatory { bit(Kind::Mandatory) } else { 0 }
    }

    fn text(&self, text: &str) -> Verdict {
        let spec = self.spec;
        if text.trim().is_empty() {
            return self.empty();
        }
        if !self.is_of_type {
            return 0;
        }
        if spec.kind == FieldKind::Date {
            return if is_date(text) { 0 } else { bit(Kind::Date) };
        }
        let mut verdict = 0;
        if spec.length.is_some_and(|most| text.chars().count() > most) {
            verdict |= bit(Kind::Length);
        }
        let is_code = self.list.is_some() || !spec.digits.is_empty() || spec.unique || spec.constant.is_some();
        if is_code && text.trim() != text {
            return verdict | bit(Kind::Blanks);
        }
        let has_digits = || text.bytes().all(|byte| byte.is_ascii_digit()) && spec.digits.contains(&text.len());
        if !spec.digits.is_empty() && !has_digits() {
            verdict |= bit(Kind::Digits);
        }
        if spec.constant.as_deref().is_some_and(|constant| constant != text) {
            verdict |= bit(Kind::Constant);
        }
        verdict | self.coded(text)
    }

    /// Whether a code is in the list.
    fn coded(&self, text: &str) -> Verdict {
        match self.list {
            Some(list) if !list.has(text) => bit(Kind::Code),
            _ => 0,
        }
    }

    fn number(&self, number: f64) -> Verdict {
        let spec = self.spec;
        let mut verdict = 0;
        if spec.range.is_some_and(|range| !range.has(number)) {
            verdict |= bit(Kind::Range);
        }
        let decimals = spec.decimals.unwrap_or(0).min(15);
        if spec.kind == FieldKind::Float && spec.decimals.is_some() {
            let scaled = number * 10f64.powi(decimals as i32);
            if (scaled - scaled.round()).abs() > ROUNDING + 4.0 * f64::EPSILON * scaled.abs() {
                verdict |= bit(Kind::Decimals);
            }
        }
        if let Some(length) = spec.length {
            let whole = number.abs().trunc();
            let digits = if whole < 1.0 { 1 } else { whole.log10().floor() as usize + 1 };
            if digits > length.saturating_sub(decimals).max(1) {
                verdict |= bit(Kind::Length);
            }
        }
        verdict
    }

    fn severity(&self, kind: Kind) -> Severity {
        let severity = match (kind, self.list) {
            (Kind::Code, Some(list)) if !list.complete => Severity::Note,
            (Kind::Code, Some(list)) => list.basis.limit(Severity::Warning),
            // A constant that one source has is no reason to find fault.
            (Kind::Constant, _) if self.spec.basis.confidence < super::schema::Confidence::High => Severity::Note,
            _ => Severity::Warning,
        };
        self.spec.basis.limit(severity)
    }

    fn message(&self, kind: Kind, value: &str) -> Message {
        let spec = self.spec;
        let about = |key: &'static str| Message::new(key).with("field", &spec.code);
        match kind {
            Kind::Mandatory => about("validate.says-mandatory").with("alias", &spec.alias),
            Kind::Length => {
                let most = spec.length.unwrap_or_default();
                about("validate.says-length").with("most", most).with("value", shortened(value))
            }
            Kind::Decimals => {
                let most = spec.decimals.unwrap_or_default();
                about("validate.says-decimals").with("most", most).with("value", value)
            }
            Kind::Code => {
                let list = spec.list.as_deref().unwrap_or_default();
                about("validate.says-code").with("list", list).with("value", shortened(value))
            }
            Kind::Digits => {
                let digits: Vec<String> = spec.digits.iter().map(usize::to_string).collect();
                about("validate.says-digits").with("digits", digits.join("/")).with("value", shortened(value))
            }
            Kind::Range => {
                let range = spec.range.map(|range| range.text()).unwrap_or_default();
                about("validate.says-range").with("range", range).with("value", value)
            }
            Kind::Date => about("validate.says-date").with("value", shortened(value)),
            Kind::Constant => {
                let constant = spec.constant.as_deref().unwrap_or_default();
                about("validate.says-constant").with("expected", constant).with("value", shortened(value))
            }
            _ => about("validate.says-blanks").with("value", shortened(value)),
        }
    }
}

/// As much of a value as belongs in a sentence.
pub(super) fn shortened(value: &str) -> String {
    match value.char_indices().nth(40) {
        None => value.to_owned(),
        Some((end, _)) => format!("{}…", &value[..end]),
    }
}

/// Whether a text is a day: `20230401`, or with signs between, with or without a time behind it.
fn is_date(text: &str) -> bool {
    let day = text.trim().split(['T', ' ']).next().unwrap_or_default();
    let digits: String = match day.split(['-', '/', '.']).collect::<Vec<_>>().as_slice() {
        [whole] => (*whole).to_owned(),
        [year, month, day] => format!("{year}{month:0>2}{day:0>2}"),
        _ => return false,
    };
    if digits.len() != 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let number = |range: std::ops::Range<usize>| digits[range].parse::<u32>().unwrap_or_default();
    let (year, month, day) = (number(0..4), number(4..6), number(6..8));
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return false,
    };
    year > 0 && (1..=days).contains(&day)
}

/// Names beside codes: each is the name of its code.
fn names_of_codes(
    list: &CodeList,
    name: &Held<'_>,
    code: Option<&Held<'_>>,
    id: Option<usize>,
    (part, layer): (usize, &Layer),
    findings: &mut Findings,
    progress: &Progress,
) -> Result<(), Cancelled> {
    let severity = name.spec.basis.limit(if list.complete { Severity::Warning } else { Severity::Note });
    for (block, start) in layer.blocks.iter().zip(&layer.starts) {
        let mut known: FxHashMap<(String, String), bool> = FxHashMap::default();
        let row_count = block.geometry.feature_count();
        for row in 0..row_count {
            let text = block.attributes.value(row, name.column).to_string();
            if text.trim().is_empty() {
                continue;
            }
            let coded = code.map_or_else(String::new, |code| block.attributes.value(row, code.column).to_string());
            let pair = (coded, text);
            let fits = match known.get(&pair) {
                Some(fits) => *fits,
                None => {
                    let fits = match list.name_of(&pair.0) {
                        Some(wanted) => wanted == pair.1.trim(),
                        // A code that is in no list is told by itself.
                        None => !pair.0.trim().is_empty() || list.has_name(pair.1.trim()),
                    };
                    known.insert(pair.clone(), fits);
                    fits
                }
            };
            if !fits {
                findings.add(GroupKey::of(Kind::CodeName, part).field(&name.spec.code), severity, || {
                    let message = Message::new("validate.says-code-name")
                        .with("field", &name.spec.code)
                        .with("code", shortened(&pair.0))
                        .with("expected", list.name_of(&pair.0).unwrap_or_default())
                        .with("value", shortened(&pair.1));
                    Fault::at(layer, start + row, id, pair.1.as_str(), message)
                });
            }
        }
        progress.tick(0)?;
    }
    Ok(())
}

/// Values of `columns` together that stand more than once among the features for which `counts` holds; empty ones are
/// passed over.
pub(super) fn twice(
    columns: &[usize],
    key: &GroupKey,
    severity: Severity,
    id: Option<usize>,
    layer: &Layer,
    counts: impl Fn(usize) -> bool,
    findings: &mut Findings,
    progress: &Progress,
) -> Result<(), Cancelled> {
    let mut first: FxHashMap<Box<str>, u32> = FxHashMap::default();
    let mut text = String::new();
    for feature in 0..layer.feature_count() {
        progress.tick(0)?;
        if !counts(feature) {
            continue;
        }
        text.clear();
        let mut is_empty = true;
        for (at, column) in columns.iter().enumerate() {
            let value = layer.value(feature, *column).to_string();
            is_empty &= value.trim().is_empty();
            if at > 0 {
                text.push('\u{1f}');
            }
            text.push_str(&value);
        }
        if is_empty {
            continue;
        }
        match first.get(text.as_str()) {
            Some(before) => findings.add(key.clone(), severity, || {
                let shown = text.replace('\u{1f}', ", ");
                let message = Message::new("validate.says-twice")
                    .with("value", shortened(&shown))
                    .with("row", layer.source_row(*before as usize) + 1);
                Fault::at(layer, feature, id, shown, message)
            }),
            None => {
                first.insert(text.as_str().into(), feature as u32);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_days_of_the_calendar() {
        let check = |text: &str, expected: bool| assert_eq!(is_date(text), expected, "{text}");
        check("20240229", true);
        check("20230229", false);
        check("2023-04-01", true);
        check("2023/4/1", true);
        check("2023-04-01T00:00:00", true);
        check("20231301", false);
        check("2023", false);
        check("二〇二三", false);
    }
}
