//! Rules over two layers: inside, covered, of one extent, apart, a code of the place, sums that are equal.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::Part;
use super::fault::{Fault, Findings, GroupKey, Kind};
use super::logic::{Unable, column, marked};
use super::schema::{Relation, Rule, Sum};
use super::shapes::{Asked, square_metres};
use super::values::shortened;
use crate::expr::{Datum, Expr, Figures};
use crate::model::{AreaMethod, Areas, GeometryKind, Layer, Severity};
use crate::overlay::{self, Pair, PairTable};
use crate::task::Progress;
use crate::text::Message;
use crate::units::format_number;

/// Keys of sums that are kept.
const MOST_KEYS: usize = 1_000_000;
/// Decimals of sums: as many as areas in the databases have.
const SUM_DECIMALS: usize = 2;

/// A relation as a rule asks for it.
pub(super) struct Against<'a> {
    pub relation: &'a Relation,
    /// What may differ, m².
    pub least_m2: f64,
    /// What is no wider does not count, m.
    pub least_width_m: f64,
    /// The other layer, its place in the delivery, the column of its serial number.
    pub other: &'a Layer,
    pub other_part: usize,
    pub other_id: Option<usize>,
    /// A mark a feature of the other layer, where only some count.
    pub other_chosen: Option<&'a [bool]>,
}

/// Lays a layer over another one.
///
/// # Errors
/// [`Unable`], where they are no polygons, or the figures cannot be relied on.
pub(super) fn laid(layer: &Layer, other: &Layer, progress: &Progress) -> Result<PairTable, Unable> {
    if [layer, other].into_iter().any(|layer| layer.kind != GeometryKind::Polygon) {
        return Err(Unable::Because(Message::new("validate.because-no-polygons")));
    }
    let table = overlay::pairs(layer, other, None, AreaMethod::Survey, progress)?;
    if table.is_unsound() || !table.bundles.is_empty() {
        return Err(Unable::Because(Message::new("validate.because-unsound")));
    }
    Ok(table)
}

/// Holds a layer against another one, over which it is laid in `table`.
///
/// # Errors
/// [`Unable`], with the reason.
pub(super) fn examine(
    asked: &Asked<'_>,
    against: &Against<'_>,
    table: &PairTable,
    findings: &mut Findings,
) -> Result<(), Unable> {
    let other = against.other;
    // What could not take part proves nothing.
    for issue in table.sides.iter().flat_map(|side| &side.issues).filter(|issue| issue.severity == Severity::Error) {
        findings.add(asked.key(Kind::Invalid), Severity::Error, || Fault::of_issue(issue));
    }
    match against.relation {
        Relation::Inside => left_over(asked, Kind::Outside, "validate.says-outside", table, against, findings),
        Relation::Covers => uncovered(asked, Kind::Gap, "validate.says-gap", table, against, findings),
        Relation::SameExtent => {
            left_over(asked, Kind::Extent, "validate.says-beyond", table, against, findings);
            uncovered(asked, Kind::Extent, "validate.says-short", table, against, findings);
        }
        Relation::InsideOne => {
            for pairs in table.pairs.chunk_by(|a, b| a.a == b.a) {
                let count = pairs.iter().filter(|pair| counts(asked, against, pair)).count();
                if count > 1 {
                    asked.find(findings, Kind::Several, pairs[0].a as usize, || {
                        let message = Message::new("validate.says-several").with("n", count);
                        (count.to_string(), message)
                    });
                }
            }
        }
        Relation::Apart => {
            for pair in table.pairs.iter().filter(|pair| counts(asked, against, pair)) {
                asked.find(findings, Kind::Conflict, pair.a as usize, || {
                    let message = Message::new("validate.says-conflict")
                        .with("layer", &other.name)
                        .with("row", other.source_row(pair.b as usize) + 1)
                        .with("m2", square_metres(pair.m2));
                    (square_metres(pair.m2), message)
                });
            }
        }
        Relation::CodeOfPlace { of_field, characters } => {
            code_of_place(asked, against, table, (of_field.as_str(), *characters), findings)?;
        }
        Relation::SumInside { of_field, tolerance } => {
            sum_inside(asked, against, table, (of_field.as_str(), *tolerance), findings)?;
        }
        Relation::Refers { of_field } => refers(asked, against, table, of_field, findings)?,
        // These are no question of land.
        Relation::OnBorder { .. } | Relation::LineInside { .. } => {}
    }
    Ok(())
}

/// Whether a pair is more than what may differ, and of features that the rule is about.
fn counts(asked: &Asked<'_>, against: &Against<'_>, pair: &Pair) -> bool {
    pair.m2 > against.least_m2
        && pair.width_m() > against.least_width_m
        && asked.chosen.is_none_or(|chosen| chosen[pair.a as usize])
        && against.other_chosen.is_none_or(|chosen| chosen[pair.b as usize])
}

/// Land of each feature of a side, 0 the layer and 1 the other one, that the features that count there do not cover.
/// Where such that count and such that do not lie on each other, it is more than that; overlaps are told by themselves.
fn bare(table: &PairTable, side: usize, counting: Option<&[bool]>) -> Vec<f64> {
    let mut bare = table.sides[side].only.clone();
    let Some(counting) = counting else { return bare };
    for pair in &table.pairs {
        let (own, other) = if side == 0 { (pair.a, pair.b) } else { (pair.b, pair.a) };
        if !counting[other as usize] {
            bare[own as usize] += pair.m2;
        }
    }
    bare
}

/// Land of the layer that the other one does not cover.
fn left_over(
    asked: &Asked<'_>,
    kind: Kind,
    key: &'static str,
    table: &PairTable,
    against: &Against<'_>,
    findings: &mut Findings,
) {
    for (feature, m2) in bare(table, 0, against.other_chosen).iter().enumerate() {
        if *m2 > against.least_m2 && asked.chosen.is_none_or(|chosen| chosen[feature]) {
            asked.find(findings, kind, feature, || {
                let message = Message::new(key).with("layer", &against.other.name).with("m2", square_metres(*m2));
                (square_metres(*m2), message)
            });
        }
    }
}

/// Land of the other layer that the layer does not cover: found at the features of the other one.
fn uncovered(
    asked: &Asked<'_>,
    kind: Kind,
    key: &'static str,
    table: &PairTable,
    against: &Against<'_>,
    findings: &mut Findings,
) {
    for (feature, m2) in bare(table, 1, asked.chosen).iter().enumerate() {
        if *m2 > against.least_m2 && against.other_chosen.is_none_or(|chosen| chosen[feature]) {
            let group = GroupKey::of(kind, against.other_part).rule(asked.at);
            findings.add(group, asked.rule.limited(), || {
                let message = Message::new(key).with("layer", &asked.layer.name).with("m2", square_metres(*m2));
                Fault::at(against.other, feature, against.other_id, square_metres(*m2), message)
            });
        }
    }
}

fn code_of_place(
    asked: &Asked<'_>,
    against: &Against<'_>,
    table: &PairTable,
    (of_field, characters): (&str, usize),
    findings: &mut Findings,
) -> Result<(), Unable> {
    let name = asked.rule.field.as_deref().unwrap_or_default();
    let field = column(asked.layer, name)?;
    let of_field = column(against.other, of_field)?;
    let begin = |text: &str| text.chars().take(characters).collect::<String>();
    for pairs in table.pairs.chunk_by(|a, b| a.a == b.a) {
        let feature = pairs[0].a as usize;
        if asked.chosen.is_some_and(|chosen| !chosen[feature]) {
            continue;
        }
        let Some(most) = pairs.iter().max_by(|a, b| a.m2.total_cmp(&b.m2)) else { continue };
        let value = asked.layer.value(feature, field).to_string();
        let wanted = begin(&against.other.value(most.b as usize, of_field).to_string());
        if value.is_empty() || wanted.is_empty() || begin(&value) == wanted {
            continue;
        }
        findings.add(asked.key(Kind::Place).field(name), asked.rule.limited(), || {
            let message = Message::new("validate.says-place")
                .with("field", name)
                .with("value", shortened(&value))
                .with("layer", &against.other.name)
                .with("expected", &wanted);
            Fault::at(asked.layer, feature, asked.id, value.as_str(), message)
        });
    }
    Ok(())
}

/// The field of each feature is the sum of those of the features that lie in it, most of each.
fn sum_inside(
    asked: &Asked<'_>,
    against: &Against<'_>,
    table: &PairTable,
    (of_field, tolerance): (&str, f64),
    findings: &mut Findings,
) -> Result<(), Unable> {
    let name = asked.rule.field.as_deref().unwrap_or_default();
    let field = column(asked.layer, name)?;
    let of_column = column(against.other, of_field)?;
    let mut whole = table.sides[1].only.clone();
    table.pairs.iter().for_each(|pair| whole[pair.b as usize] += pair.m2);
    let mut sums = vec![0.0; asked.layer.feature_count()];
    for pair in &table.pairs {
        let counts = against.other_chosen.is_none_or(|chosen| chosen[pair.b as usize]);
        if counts && 2.0 * pair.m2 > whole[pair.b as usize] {
            sums[pair.a as usize] += against.other.value(pair.b as usize, of_column).as_f64().unwrap_or(0.0);
        }
    }
    for (feature, sum) in sums.into_iter().enumerate() {
        // What is not filled is told by itself.
        let Some(value) = asked.layer.value(feature, field).as_f64() else { continue };
        let is_chosen = asked.chosen.is_none_or(|chosen| chosen[feature]);
        if !is_chosen || (value - sum).abs() <= tolerance + 1e-12 * sum.abs() {
            continue;
        }
        findings.add(asked.key(Kind::Sum).field(name), asked.rule.limited(), || {
            let shown = |value: f64| format_number(value, SUM_DECIMALS);
            let message = Message::new("validate.says-sum-inside")
                .with("field", name)
                .with("value", shown(value))
                .with("layer", &against.other.name)
                .with("of", of_field)
                .with("sum", shown(sum))
                .with("difference", shown(value - sum));
            Fault::at(asked.layer, feature, asked.id, shown(value), message)
        });
    }
    Ok(())
}

/// Each name in the field of a feature is that of a feature of the other layer that it shares land with.
fn refers(
    asked: &Asked<'_>,
    against: &Against<'_>,
    table: &PairTable,
    of_field: &str,
    findings: &mut Findings,
) -> Result<(), Unable> {
    let name = asked.rule.field.as_deref().unwrap_or_default();
    let field = column(asked.layer, name)?;
    let of_column = column(against.other, of_field)?;
    let mut named: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for feature in 0..against.other.feature_count() {
        let value = against.other.value(feature, of_column);
        if !value.is_null() && against.other_chosen.is_none_or(|chosen| chosen[feature]) {
            named.entry(value.to_string()).or_default().push(feature as u32);
        }
    }
    let pairs: FxHashSet<(u32, u32)> = table.pairs.iter().map(|pair| (pair.a, pair.b)).collect();
    for feature in 0..asked.layer.feature_count() {
        if asked.chosen.is_some_and(|chosen| !chosen[feature]) {
            continue;
        }
        let value = asked.layer.value(feature, field).to_string();
        for word in value.split([',', '，', ';', '；', '、']).map(str::trim).filter(|word| !word.is_empty()) {
            let key = match named.get(word) {
                None => "validate.says-no-such",
                Some(features) if features.iter().any(|other| pairs.contains(&(feature as u32, *other))) => continue,
                Some(_) => "validate.says-elsewhere",
            };
            findings.add(asked.key(Kind::Reference).field(name), asked.rule.limited(), || {
                let message = Message::new(key)
                    .with("field", name)
                    .with("value", shortened(word))
                    .with("layer", &against.other.name)
                    .with("of", of_field);
                Fault::at(asked.layer, feature, asked.id, word, message)
            });
        }
    }
    Ok(())
}

/// Sums by key.
pub(super) type Sums = BTreeMap<String, f64>;

/// What is summed, by what, and of which features only the first counts.
pub(super) type Summed<'a> = (&'a Expr, Option<&'a Expr>, Option<&'a Expr>);

/// Sums a layer for a rule, over the features that are marked.
///
/// # Errors
/// [`Unable`], with the reason.
pub(super) fn summed(
    layer: &Layer,
    (value, by, each): Summed<'_>,
    chosen: Option<&[bool]>,
    areas: Option<&Areas>,
    progress: &Progress,
) -> Result<Sums, Unable> {
    let figures = Figures { areas: areas.map(|areas| &areas.exact[..]), perimeters: None };
    let value = value.bind(layer, figures)?;
    let by = by.map(|by| by.bind(layer, figures)).transpose()?;
    let each = each.map(|each| each.bind(layer, figures)).transpose()?;
    let text = |datum: Datum<'_>| datum.text().map(Cow::into_owned).unwrap_or_default();
    let mut seen: FxHashSet<String> = FxHashSet::default();
    let mut sums = Sums::new();
    for feature in 0..layer.feature_count() {
        if feature.is_multiple_of(4096) {
            progress.tick(0)?;
        }
        if chosen.is_some_and(|chosen| !chosen[feature]) {
            continue;
        }
        if let Some(each) = &each
            && !seen.insert(text(each.value(feature)))
        {
            continue;
        }
        let key = by.as_ref().map_or_else(String::new, |by| text(by.value(feature)));
        let number = match value.value(feature) {
            // Text without a number counts as nothing; its type is told by itself.
            Datum::Text(text) => text.trim().parse::<f64>().ok(),
            datum => datum.number(),
        };
        if sums.len() >= MOST_KEYS && !sums.contains_key(&key) {
            return Err(Unable::Because(Message::new("validate.because-keys").with("count", MOST_KEYS)));
        }
        *sums.entry(key).or_insert(0.0) += number.unwrap_or(0.0);
    }
    Ok(sums)
}

/// Holds sums of a layer against those of another.
pub(super) fn compare(
    (at, rule, sum): (usize, &Rule, &Sum),
    (part, own): (usize, &Sums),
    (other_part, other): (&Part, &Sums),
    findings: &mut Findings,
) {
    let mut differs = |key: &str, own: f64, other: f64| {
        if (own - other).abs() <= sum.tolerance + 1e-12 * other.abs().max(own.abs()) {
            return;
        }
        findings.add(GroupKey::of(Kind::Sum, part).rule(at), rule.limited(), || {
            let shown = |value: f64| format_number(value, SUM_DECIMALS);
            let message = Message::new("validate.says-sum")
                .with("key", if key.is_empty() { "Σ" } else { key })
                .with("sum", shown(own))
                .with("layer", &other_part.name)
                .with("expected", shown(other))
                .with("difference", shown(own - other));
            let mut fault = Fault::new(shown(own), message);
            fault.id = Some(key.to_owned()).filter(|key| !key.is_empty());
            fault
        });
    };
    for (key, value) in own {
        differs(key, *value, other.get(key).copied().unwrap_or(0.0));
    }
    for (key, value) in other.iter().filter(|(key, _)| !own.contains_key(*key)) {
        differs(key, 0.0, *value);
    }
}

/// Marks of the other layer's features that count.
///
/// # Errors
/// [`Unable`], with the reason.
pub(super) fn other_marks(
    filter: Option<&Expr>,
    other: &Layer,
    progress: &Progress,
) -> Result<Option<Vec<bool>>, Unable> {
    filter.map(|filter| marked(filter, other, None, progress)).transpose()
}
