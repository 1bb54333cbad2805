//! Values of any field: one for all, or by an expression.

use super::{Draft, EditError, Subject};
use crate::expr::{Datum, Expr, Figures};
use crate::model::{FieldType, LayerId, OwnedValue};
use crate::scenario::document::edit::{Change, Coded};
use crate::scenario::document::entry::Entry;
use crate::scenario::document::workspace::Workspace;
use crate::task::Progress;
use crate::text::Message;

/// Sets a field of features to one value. A field that the layer lacks is made; a value of another type widens it.
///
/// # Errors
/// [`EditError::NoFieldName`], [`EditError::Computed`], [`EditError::NothingChanges`].
pub fn set_field(
    workspace: &Workspace,
    layer: LayerId,
    rows: &[u32],
    field: &str,
    value: OwnedValue,
) -> Result<Draft, EditError> {
    let subject = Subject::new(workspace, layer)?;
    let field = field.trim();
    if field.is_empty() {
        return Err(EditError::NoFieldName);
    }
    refuse_computed(subject.entry, field)?;
    let rows = subject.tidy(rows);
    let set = subject.set(field, &rows, Coded::one(value.clone())).ok_or(EditError::NothingChanges)?;
    let sentence = match value {
        OwnedValue::Null => Message::new("scenario.cleared"),
        value => Message::new("scenario.set").with("value", value),
    };
    let sentence = sentence.with("n", set.keys.len()).with("field", &set.field);
    Ok(Draft { edits: vec![subject.edit(Change::SetField(set))], sentence })
}

/// A field that an expression gives cannot be set: the next edit would work it out again.
fn refuse_computed(entry: &Entry, field: &str) -> Result<(), EditError> {
    let formula = entry.layer.field(field).and_then(|at| entry.layer.formula(at));
    formula.map_or(Ok(()), |formula| Err(EditError::Computed(formula.field.clone())))
}

/// What [`set_by_expression`] computes, for which features.
#[derive(Clone, Copy, Debug)]
pub struct ByExpression<'a> {
    /// The field that gets the values.
    pub field: &'a str,
    /// These features only, by their rows; `None` for all.
    pub rows: Option<&'a [u32]>,
    /// Those of them for which this holds.
    pub condition: Option<&'a Expr>,
    /// Gives the value.
    pub value: &'a Expr,
}

/// Sets a field of features to what an expression gives for each.
///
/// # Errors
/// [`EditError::Expr`] where an expression does not fit the layer, or needs areas that are not measured yet;
/// [`EditError::NothingChanges`], [`EditError::Cancelled`].
pub fn set_by_expression(
    workspace: &Workspace,
    layer: LayerId,
    by: &ByExpression<'_>,
    progress: &Progress,
) -> Result<Draft, EditError> {
    let subject = Subject::new(workspace, layer)?;
    let field = by.field.trim();
    if field.is_empty() {
        return Err(EditError::NoFieldName);
    }
    let entry = subject.entry;
    refuse_computed(entry, field)?;
    let mut rows = match by.condition {
        Some(condition) => matching(entry, condition, progress)?,
        None => (0..entry.layer.feature_count() as u32).collect(),
    };
    if let Some(chosen) = by.rows {
        let chosen = subject.tidy(chosen);
        rows.retain(|row| chosen.binary_search(row).is_ok());
    }
    let bound = by.value.bind(&entry.layer, figures(entry))?;
    let kind = entry.layer.field(field).map(|at| entry.layer.fields[at].kind);
    let mut values = Vec::with_capacity(rows.len());
    for part in rows.chunks(1 << 12) {
        progress.tick(0)?;
        values.extend(part.iter().map(|row| fitted(kind, owned(bound.value(*row as usize)))));
    }
    let set = subject.set(field, &rows, Coded::of(values)).ok_or(EditError::NothingChanges)?;
    let sentence = Message::new("scenario.computed")
        .with("n", set.keys.len())
        .with("field", &set.field)
        .with("expression", by.value.source());
    Ok(Draft { edits: vec![subject.edit(Change::SetField(set))], sentence })
}

/// The features of a layer as shown for which a condition holds, by their rows.
///
/// # Errors
/// [`EditError::Expr`] where the condition does not fit the layer, or needs areas that are not measured yet;
/// [`EditError::NoLayer`], [`EditError::Cancelled`].
pub fn rows_where(
    workspace: &Workspace,
    layer: LayerId,
    condition: &Expr,
    progress: &Progress,
) -> Result<Vec<u32>, EditError> {
    matching(workspace.entry(layer).ok_or(EditError::NoLayer)?, condition, progress)
}

fn matching(entry: &Entry, condition: &Expr, progress: &Progress) -> Result<Vec<u32>, EditError> {
    Ok(condition.bind_condition(&entry.layer, figures(entry))?.select(progress)?)
}

fn figures(entry: &Entry) -> Figures<'_> {
    Figures { areas: entry.areas.as_ref().map(|areas| &areas.printed[..]), perimeters: None }
}

fn owned(value: Datum<'_>) -> OwnedValue {
    match value {
        Datum::Null => OwnedValue::Null,
        Datum::Bool(value) => OwnedValue::Bool(value),
        Datum::Int(value) => OwnedValue::Int(value),
        Datum::Float(value) => OwnedValue::Float(value),
        Datum::Text(text) => OwnedValue::text(&text),
    }
}

/// A computed value in the type of its field, where it means the same there: a number as text in a text field, a whole
/// number as one in a field of whole numbers. Otherwise as it is, which widens the field.
fn fitted(kind: Option<FieldType>, value: OwnedValue) -> OwnedValue {
    match (kind, value) {
        (Some(FieldType::Text), value @ (OwnedValue::Int(_) | OwnedValue::Float(_) | OwnedValue::Bool(_))) => {
            OwnedValue::text(&value.to_string())
        }
        (Some(FieldType::Float), OwnedValue::Int(value)) => OwnedValue::Float(value as f64),
        (Some(FieldType::Int), OwnedValue::Float(value)) if value.fract() == 0.0 && value.abs() < WHOLE => {
            OwnedValue::Int(value as i64)
        }
        (Some(kind @ (FieldType::Int | FieldType::Float)), OwnedValue::Text(text)) => typed_value(kind, &text),
        (_, value) => value,
    }
}

/// Whole numbers below this are exact as floating-point numbers.
const WHOLE: f64 = 9_007_199_254_740_992.0;

/// The value that a user typed for a field of that type: a number where the field holds numbers, nothing for an empty
/// text, otherwise the text with its zeros.
pub fn typed_value(kind: FieldType, text: &str) -> OwnedValue {
    let text = text.trim();
    let number = match kind {
        _ if text.is_empty() => Some(OwnedValue::Null),
        FieldType::Bool => text.parse().ok().map(OwnedValue::Bool), // not a truth value: text
        FieldType::Int => {
            let whole = text.parse().ok().map(OwnedValue::Int); // not a whole number: perhaps another one
            whole.or_else(|| finite(text))
        }
        FieldType::Float => finite(text),
        FieldType::Null | FieldType::Text | FieldType::Json => None,
    };
    number.unwrap_or_else(|| OwnedValue::text(text))
}

fn finite(text: &str) -> Option<OwnedValue> {
    let number: f64 = text.parse().ok()?; // no number: text
    number.is_finite().then_some(OwnedValue::Float(number))
}
