//! Back to the base: fields as they were, features that were taken out back, pieces of them gone.

use std::collections::BTreeMap;

use super::{Draft, EditError, Subject};
use crate::model::{LayerId, OwnedValue, Value};
use crate::scenario::document::edit::{Change, Coded, Key, Piece, Redraw, SetField};
use crate::scenario::document::state::LayerState;
use crate::scenario::document::workspace::Workspace;
use crate::text::Message;

/// Makes features what they are in the base. A piece of a feature gives way to the whole; what was put in goes.
///
/// # Errors
/// [`EditError::NothingChanges`].
pub fn revert(workspace: &Workspace, layer: LayerId, rows: &[u32]) -> Result<Draft, EditError> {
    let subject = Subject::new(workspace, layer)?;
    let state = subject.state.ok_or(EditError::NothingChanges)?;
    let keys: Vec<Key> = subject.tidy(rows).into_iter().map(|row| subject.rows.key(row as usize)).collect();
    reverted(&subject, state, &keys)
}

/// Makes a whole layer what it is in the base, with the features that were taken out.
///
/// # Errors
/// [`EditError::NothingChanges`].
pub fn revert_layer(workspace: &Workspace, layer: LayerId) -> Result<Draft, EditError> {
    let subject = Subject::new(workspace, layer)?;
    let state = subject.state.ok_or(EditError::NothingChanges)?;
    let mut keys: Vec<Key> = state
        .overridden()
        .flat_map(|(block, _, overrides)| {
            let start = state.base().starts[block] as Key;
            overrides.rows().iter().map(move |row| start + row)
        })
        .collect();
    keys.extend(state.rows().retired());
    keys.extend(state.rows().added());
    keys.sort_unstable();
    keys.dedup();
    reverted(&subject, state, &keys)
}

fn reverted(subject: &Subject<'_>, state: &LayerState, keys: &[Key]) -> Result<Draft, EditError> {
    let base = state.base();
    let base_count = base.feature_count() as Key;
    // Pieces go with all others of the same feature, which comes back whole.
    let chosen = |key: Key| keys.binary_search(&key).is_ok();
    let mut whole: Vec<Key> = keys.iter().copied().filter(|key| *key < base_count).collect();
    whole.extend(state.all_drawn().filter(|(key, _)| chosen(*key)).filter_map(|(_, drawn)| drawn.origin));
    whole.sort_unstable();
    whole.dedup();
    let goes = |(key, drawn): &(Key, &std::sync::Arc<crate::scenario::document::edit::Drawn>)| match drawn.origin {
        Some(origin) => whole.binary_search(&origin).is_ok(),
        None => chosen(*key),
    };
    let retired: Vec<Piece> =
        state.all_drawn().filter(goes).map(|(key, drawn)| Piece { key, drawn: Some(drawn.clone()) }).collect();
    let is_retired = |key: &Key| state.rows().retired().binary_search(key).is_ok();
    let added: Vec<Piece> = whole.iter().copied().filter(is_retired).map(|key| Piece { key, drawn: None }).collect();
    let mut touched: Vec<Key> = added.iter().map(|piece| piece.key).collect();
    touched.extend(retired.iter().filter(|p| p.drawn.as_ref().is_some_and(|d| d.origin.is_none())).map(|p| p.key));

    // Field by field: keys with their values now; the base's are looked up.
    let mut of_fields: BTreeMap<usize, Vec<(Key, OwnedValue)>> = BTreeMap::new();
    for (block, field, overrides) in state.overridden() {
        let start = base.starts[block] as Key;
        let values = overrides.iter().map(|(row, value)| (start + row, value));
        let values = values.filter(|(key, _)| whole.binary_search(key).is_ok());
        of_fields.entry(field).or_default().extend(values.map(|(key, value)| (key, value.clone())));
    }
    let mut edits = Vec::new();
    if !retired.is_empty() || !added.is_empty() {
        edits.push(subject.edit(Change::Redraw(Redraw { retired, added })));
    }
    for (field, values) in of_fields.into_iter().filter(|(_, values)| !values.is_empty()) {
        let name = match field.checked_sub(base.fields.len()) {
            None => base.fields[field].name.as_str().into(),
            Some(made) => state.made_fields()[made].clone(),
        };
        let of_base = |key: &Key| -> OwnedValue {
            if field < base.fields.len() { base.value(*key as usize, field) } else { Value::Null }.into()
        };
        let after = Coded::of(values.iter().map(|(key, _)| of_base(key)));
        touched.extend(values.iter().map(|(key, _)| *key));
        let (keys, before): (Vec<Key>, Vec<OwnedValue>) = values.into_iter().unzip();
        let set = SetField { field: name, creates: false, keys: keys.into(), before: Coded::of(before), after };
        edits.push(subject.edit(Change::SetField(set)));
    }
    touched.sort_unstable();
    touched.dedup();
    if edits.is_empty() {
        return Err(EditError::NothingChanges);
    }
    Ok(Draft { edits, sentence: Message::new("scenario.reverted").with("n", touched.len()) })
}
