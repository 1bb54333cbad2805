//! Rules over the attributes of one layer: expressions that hold, values that stand once, stated areas.

use std::collections::BTreeMap;

use super::across::summed;
use super::fault::{Fault, Findings, Kind};
use super::schema::{Rule, Test, Total};
use super::shapes::{Asked, square_metres};
use super::values::{shortened, twice};
use crate::expr::{Expr, ExprError, Figures};
use crate::measure::MeasureError;
use crate::model::{Areas, Layer, Value};
use crate::task::Progress;
use crate::text::Message;
use crate::units::{Area, AreaUnit, format_number};

/// Why a rule could not be looked into.
#[derive(Debug)]
pub(super) enum Unable {
    /// For this reason.
    Because(Message),
    /// Measuring failed, or the user cancelled.
    Measure(MeasureError),
}

impl From<MeasureError> for Unable {
    fn from(error: MeasureError) -> Self {
        Self::Measure(error)
    }
}

impl From<crate::task::Cancelled> for Unable {
    fn from(cancelled: crate::task::Cancelled) -> Self {
        Self::Measure(cancelled.into())
    }
}

impl From<ExprError> for Unable {
    fn from(error: ExprError) -> Self {
        Self::Because(Message::new("validate.because-expression").with_said("reason", |l| error.text(l)))
    }
}

/// The column of a field that a rule names.
pub(super) fn column(layer: &Layer, field: &str) -> Result<usize, Unable> {
    layer.field(field).ok_or_else(|| Unable::Because(Message::new("validate.because-no-field").with("field", field)))
}

/// A mark a feature: whether a condition holds for it.
pub(super) fn marked(
    condition: &Expr,
    layer: &Layer,
    areas: Option<&Areas>,
    progress: &Progress,
) -> Result<Vec<bool>, Unable> {
    let figures = Figures { areas: areas.map(|areas| &areas.exact[..]), perimeters: None };
    let bound = condition.bind_condition(layer, figures)?;
    progress.add_total(layer.feature_count() as u64);
    let mut marks = vec![false; layer.feature_count()];
    bound.select(progress)?.into_iter().for_each(|feature| marks[feature as usize] = true);
    Ok(marks)
}

/// Whether a rule, or what it is about, needs the areas of the features.
pub(super) fn needs_areas(rule: &Rule) -> bool {
    let uses = |expr: Option<&Expr>| expr.is_some_and(Expr::uses_area);
    uses(rule.filter.as_ref())
        || match &rule.test {
            Test::Holds(expr) => expr.uses_area(),
            Test::Sum(sum) => [Some(&sum.value), sum.by.as_ref()].into_iter().any(uses),
            Test::Total(total) => total.value.uses_area(),
            Test::Area { .. } | Test::Valid | Test::MinArea(_) => true,
            _ => false,
        }
}

/// Holds the attributes of a layer against a rule. `false` where the rule is none about attributes.
///
/// # Errors
/// [`Unable`], with the reason.
pub(super) fn examine(
    asked: &Asked<'_>,
    areas: Option<&Areas>,
    findings: &mut Findings,
    progress: &Progress,
) -> Result<bool, Unable> {
    let (layer, rule) = (asked.layer, asked.rule);
    match &rule.test {
        Test::Holds(expr) => holds(asked, expr, areas, findings, progress)?,
        Test::Unique(fields) => {
            let columns = fields.iter().map(|field| column(layer, field)).collect::<Result<Vec<_>, _>>()?;
            let key = asked.key(Kind::Twice).field(&fields.join(", "));
            let counts = |feature: usize| asked.chosen.is_none_or(|chosen| chosen[feature]);
            twice(&columns, &key, rule.limited(), asked.id, layer, counts, findings, progress)?;
        }
        Test::Same(by) => same(asked, by, findings, progress)?,
        Test::Total(total) => given_total(asked, total, areas, findings, progress)?,
        Test::Area { unit, tolerance_m2, tolerance_share } => {
            let Some(areas) = areas else { return Ok(true) };
            stated_areas(asked, areas, *unit, (*tolerance_m2, *tolerance_share), findings, progress)?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// The value of the rule's field for a feature, or of its serial number.
fn shown_value(asked: &Asked<'_>, feature: usize) -> String {
    let field = asked.rule.field.as_deref().and_then(|field| asked.layer.field(field));
    field.map_or_else(String::new, |field| asked.layer.value(feature, field).to_string())
}

fn holds(
    asked: &Asked<'_>,
    expr: &Expr,
    areas: Option<&Areas>,
    findings: &mut Findings,
    progress: &Progress,
) -> Result<(), Unable> {
    let (layer, rule) = (asked.layer, asked.rule);
    let marks = marked(expr, layer, areas, progress)?;
    let mut key = asked.key(Kind::Attributes);
    if let Some(field) = &rule.field {
        key = key.field(field);
    }
    for (feature, holds) in marks.into_iter().enumerate() {
        if !holds && asked.chosen.is_none_or(|chosen| chosen[feature]) {
            findings.add(key.clone(), rule.limited(), || {
                let value = shown_value(asked, feature);
                let message = Message::new("validate.says-attributes")
                    .with_said("rule", |language| rule.says(language).to_owned())
                    .with("value", shortened(&value));
                Fault::at(layer, feature, asked.id, value, message)
            });
        }
    }
    Ok(())
}

/// One value in the whole layer, or among the features that have the same in the fields `by`: the one that most of them
/// have, and those that have another.
fn same(asked: &Asked<'_>, by: &[String], findings: &mut Findings, progress: &Progress) -> Result<(), Unable> {
    let (layer, rule) = (asked.layer, asked.rule);
    let name = rule.field.as_deref().unwrap_or_default();
    let field = column(layer, name)?;
    let by = by.iter().map(|field| column(layer, field)).collect::<Result<Vec<_>, _>>()?;
    let group =
        |feature: usize| by.iter().map(|field| layer.value(feature, *field).to_string()).collect::<Vec<_>>().join(" ");
    let mut counts: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    for feature in 0..layer.feature_count() {
        let value = layer.value(feature, field);
        if !value.is_null() && asked.chosen.is_none_or(|chosen| chosen[feature]) {
            *counts.entry(group(feature)).or_default().entry(value.to_string()).or_default() += 1;
        }
        progress.tick(0)?;
    }
    let usual_of =
        |counts: &BTreeMap<String, usize>| Some(counts.iter().max_by_key(|(_, count)| **count)?.0.to_owned());
    let usual: BTreeMap<&String, String> =
        counts.iter().filter_map(|(group, counts)| Some((group, usual_of(counts)?))).collect();
    for feature in 0..layer.feature_count() {
        let value = layer.value(feature, field);
        if value.is_null() || !asked.chosen.is_none_or(|chosen| chosen[feature]) {
            continue;
        }
        let Some(usual) = usual.get(&group(feature)).filter(|usual| **usual != value.to_string()) else { continue };
        findings.add(asked.key(Kind::Attributes).field(name), rule.limited(), || {
            let value = value.to_string();
            let key = if by.is_empty() { "validate.says-same" } else { "validate.says-same-by" };
            let message =
                Message::new(key).with("field", name).with("usual", shortened(usual)).with("value", shortened(&value));
            Fault::at(layer, feature, asked.id, value, message)
        });
    }
    Ok(())
}

/// The sum over the layer beside the one that is given.
fn given_total(
    asked: &Asked<'_>,
    total: &Total,
    areas: Option<&Areas>,
    findings: &mut Findings,
    progress: &Progress,
) -> Result<(), Unable> {
    let Some(expected) = total.expected else {
        return Err(Unable::Because(Message::new("validate.because-no-total").with("rule", &asked.rule.id)));
    };
    let sums = summed(asked.layer, (&total.value, None, total.each.as_ref()), asked.chosen, areas, progress)?;
    let found = sums.get("").copied().unwrap_or(0.0);
    if (found - expected).abs() > total.tolerance + 1e-12 * expected.abs().max(found.abs()) {
        findings.add(asked.key(Kind::Sum), asked.rule.limited(), || {
            let shown = |number: f64| format_number(number, 2);
            let message = Message::new("validate.says-total")
                .with("sum", shown(found))
                .with("expected", shown(expected))
                .with("difference", shown(found - expected));
            Fault::new(shown(found), message)
        });
    }
    Ok(())
}

fn stated_areas(
    asked: &Asked<'_>,
    areas: &Areas,
    unit: AreaUnit,
    (tolerance_m2, tolerance_share): (f64, f64),
    findings: &mut Findings,
    progress: &Progress,
) -> Result<(), Unable> {
    let layer = asked.layer;
    let name = asked.rule.field.as_deref().unwrap_or_default();
    let field = column(layer, name)?;
    for (feature, (exact, printed)) in areas.exact.iter().zip(&areas.printed).enumerate() {
        if feature.is_multiple_of(4096) {
            progress.tick(0)?;
        }
        let value = layer.value(feature, field);
        // What is not filled is told by itself.
        if matches!(value, Value::Null) || asked.chosen.is_some_and(|chosen| !chosen[feature]) {
            continue;
        }
        let Some(stated) = value.as_f64() else { continue };
        let stated = Area::of(stated, unit).m2();
        // Databases hold the area as the survey prints it; other programs compute it along the straight edge.
        let [by_exact, by_printed] = [exact, printed].map(|m2| stated - m2);
        let difference = if by_exact.abs() < by_printed.abs() { by_exact } else { by_printed };
        // Rounding of binary numbers is not a hundredth of a square metre.
        if difference.abs() > tolerance_m2.max(tolerance_share * exact.abs()) + 1e-6 {
            findings.add(asked.key(Kind::Area).field(name), asked.rule.limited(), || {
                let message = Message::new("validate.says-area")
                    .with("field", name)
                    .with("stated", square_metres(stated))
                    .with("m2", square_metres(*exact))
                    .with("difference", square_metres(difference));
                Fault::at(layer, feature, asked.id, value.to_string(), message)
            });
        }
    }
    Ok(())
}
