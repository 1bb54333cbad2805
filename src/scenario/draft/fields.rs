//! Values of any field: one for all, or by an expression.

use super::{Draft, EditError, Subject};
use crate::expr::{Datum, Expr, Figures};
use crate::model::{FieldType, LayerId, OwnedValue};
use crate::scenario::edit::{Change, Coded};
use crate::scenario::workspace::Workspace;
use crate::task::Progress;
use crate::text::Message;

/// Sets a field of features to one value. A field that the layer lacks is made; a value of another type widens it.
///
/// # Errors
/// [`EditError::NoFieldName`], [`EditError::NothingChanges`].
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
    let rows = subject.tidy(rows);
    let set = subject.set(field, &rows, Coded::one(value.clone())).ok_or(EditError::NothingChanges)?;
    let sentence = match value {
        OwnedValue::Null => Message::new("scenario.cleared"),
        value => Message::new("scenario.set").with("value", value),
    };
    let sentence = sentence.with("n", set.keys.len()).with("field", &set.field);
    Ok(Draft { edits: vec![subject.edit(Change::SetField(set))], sentence })
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
    let figures = Figures { areas: entry.areas.as_ref().map(|areas| &areas.printed[..]), perimeters: None };
    let mut rows = match by.condition {
        Some(condition) => condition.bind_condition(&entry.layer, figures)?.select(progress)?,
        None => (0..entry.layer.feature_count() as u32).collect(),
    };
    if let Some(chosen) = by.rows {
        let chosen = subject.tidy(chosen);
        rows.retain(|row| chosen.binary_search(row).is_ok());
    }
    let bound = by.value.bind(&entry.layer, figures)?;
    let values = rows.iter().map(|row| match bound.value(*row as usize) {
        Datum::Null => OwnedValue::Null,
        Datum::Bool(value) => OwnedValue::Bool(value),
        Datum::Int(value) => OwnedValue::Int(value),
        Datum::Float(value) => OwnedValue::Float(value),
        Datum::Text(text) => OwnedValue::text(&text),
    });
    let set = subject.set(field, &rows, Coded::of(values)).ok_or(EditError::NothingChanges)?;
    let sentence = Message::new("scenario.computed")
        .with("n", set.keys.len())
        .with("field", &set.field)
        .with("expression", by.value.source());
    Ok(Draft { edits: vec![subject.edit(Change::SetField(set))], sentence })
}

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
