//! A class for parcels, written the way the layer writes classes.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{Draft, EditError, Subject, farmland};
use crate::model::classes::{self, Class, CodeNote};
use crate::model::{FieldType, Layer, LayerId, OwnedValue};
use crate::scenario::document::edit::{Change, Coded, SetField};
use crate::scenario::document::workspace::Workspace;
use crate::text::{Language, Message};

/// Gives parcels a class: its code in the class field, its name in the field of names where there is one, and what goes
/// with cropland in the fields of deductions.
///
/// # Errors
/// [`EditError::NoClassField`], [`EditError::OtherScheme`], [`EditError::NothingChanges`].
pub fn recode(
    workspace: &Workspace,
    layer: LayerId,
    rows: &[u32],
    class: Class,
    language: Language,
) -> Result<Draft, EditError> {
    let subject = Subject::new(workspace, layer)?;
    let entry = subject.entry;
    let no_field = || EditError::NoClassField(entry.title.clone());
    let scheme = entry.scheme().ok_or_else(no_field)?;
    let field = entry.class_field().ok_or_else(no_field)?;
    if scheme != class.scheme() {
        return Err(EditError::OtherScheme {
            layer: entry.title.clone(),
            expected: scheme.name(),
            found: class.scheme().name(),
        });
    }
    let rows = subject.tidy(rows);
    let name = &entry.layer.fields[field].name;
    let mut sets: Vec<SetField> =
        subject.set(name, &rows, Coded::one(written(&entry.layer, field, class))).into_iter().collect();
    let names = entry.recognition.class_name_field.as_deref().filter(|names| names != name);
    if let Some(names) = names.filter(|names| entry.layer.field(names).is_some()) {
        let value = OwnedValue::text(class.name(Language::Chinese));
        let mut set = subject.set(names, &rows, Coded::one(value));
        if let (Some(set), Some(first)) = (&mut set, sets.first())
            && set.keys == first.keys
        {
            set.keys = Arc::clone(&first.keys);
        }
        sets.extend(set);
    }
    let count = sets.iter().map(|set| set.keys.len()).max().ok_or(EditError::NothingChanges)?;
    let (left, came, follows) = farmland::follow(&subject, &rows, class);
    sets.extend(follows);
    let key = match (left, came) {
        (0, 0) => "scenario.recoded",
        (_, 0) => "scenario.recoded-off-cropland",
        _ => "scenario.recoded-to-cropland",
    };
    let sentence = Message::new(key).with("n", count).with("class", class.label(language)).with("m", left + came);
    Ok(Draft { edits: sets.into_iter().map(|set| subject.edit(Change::SetField(set))).collect(), sentence })
}

/// The value that means `class` in a field: as the layer writes it already, otherwise as it writes its like.
fn written(layer: &Layer, field: usize, class: Class) -> OwnedValue {
    let (scheme, code) = (class.scheme(), class.code());
    let is_class = |text: &str| classes::resolve(scheme, text).is_some_and(|found| found.class == class);
    if layer.fields[field].kind == FieldType::Int
        && let Ok(number) = code.parse::<i64>()
        && is_class(&number.to_string())
    {
        return OwnedValue::Int(number);
    }
    let columns = || layer.blocks.iter().filter_map(|block| block.attributes.column(field));
    if columns().any(|column| column.distinct_texts().any(|text| text == code)) {
        return OwnedValue::text(code);
    }
    let texts: FxHashSet<&str> = columns().flat_map(|column| column.distinct_texts()).collect();
    let mut same: Vec<&str> = texts.iter().copied().filter(|text| is_class(text)).collect();
    same.sort_unstable();
    if let Some(text) = same.first() {
        return OwnedValue::text(text);
    }
    let (mut plain, mut named, mut padded) = (0, 0, 0);
    let mut width = 0;
    for text in texts {
        match classes::resolve(scheme, text).map(|found| found.note) {
            Some(CodeNote::Named) => named += 1,
            Some(CodeNote::Padded) => {
                padded += 1;
                width = width.max(text.trim().len());
            }
            Some(_) => plain += 1,
            None => {}
        }
    }
    let filled = format!("{code:0<width$}");
    if named > plain.max(padded) {
        OwnedValue::text(class.name(Language::Chinese))
    } else if padded > plain && is_class(&filled) {
        OwnedValue::text(&filled)
    } else {
        OwnedValue::text(code)
    }
}
