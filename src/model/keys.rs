//! Keys that features are grouped by: a field, the first characters of it, or a level of its land-use scheme.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::classes::{self, Scheme};
use super::{FeatureBlock, Layer, Value, roles};
use crate::text::Message;

/// Which part of a field's value is the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPart {
    /// The whole value.
    Whole,
    /// Its first characters: `QSDWDM:12` is the village.
    Prefix(usize),
    /// Its ancestor at a level of a land-use scheme, by the scheme's parent column: `DLBM@1`.
    Level(Scheme, u8),
}

/// One key of a grouping: a field and the part of it that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupKey {
    /// Column of the layer.
    pub field: usize,
    /// What of its value.
    pub part: KeyPart,
}

/// Why a grouping was not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GroupError {
    /// The layer has no such field.
    #[error("no field {name:?} in layer {layer:?}, expected one of: {fields}")]
    NoField {
        /// The name asked for.
        name: String,
        /// The layer's name.
        layer: String,
        /// Its fields.
        fields: String,
    },
    /// The number after `:` or `@` does not read as one.
    #[error("{0:?}: expected a whole number from 1 after ':' or '@'")]
    BadNumber(String),
    /// `@N` on a field whose values are codes of no known scheme.
    #[error("{0:?}: the values of this field are codes of no known land-use scheme, so it has no levels")]
    NoScheme(String),
}

impl GroupError {
    /// The error as a message of the catalogue.
    pub fn message(&self) -> Message {
        match self {
            Self::NoField { name, layer, fields } => {
                Message::new("report.no-field").with("name", name).with("layer", layer).with("fields", fields)
            }
            Self::BadNumber(text) => Message::new("report.bad-number").with("text", text),
            Self::NoScheme(text) => Message::new("report.no-scheme").with("text", text),
        }
    }
}

/// Reads `QSDWDM:12,DLBM@2` against the fields of `layer`: `FIELD`, `FIELD:N` (first N characters) or `FIELD@N`
/// (level N of the land-use scheme).
///
/// # Errors
/// [`GroupError`] names the part that was not understood.
pub fn parse_keys(layer: &Layer, text: &str) -> Result<Vec<GroupKey>, GroupError> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(|part| parse_key(layer, part)).collect()
}

fn parse_key(layer: &Layer, text: &str) -> Result<GroupKey, GroupError> {
    // A field may itself contain a colon: the whole text first.
    if let Some(field) = layer.field(text) {
        return Ok(GroupKey { field, part: KeyPart::Whole });
    }
    let no_field = |name: &str| GroupError::NoField {
        name: name.to_owned(),
        layer: layer.name.clone(),
        fields: layer.fields.iter().map(|f| f.name.as_str()).take(60).collect::<Vec<_>>().join(", "),
    };
    let Some(at) = text.rfind([':', '@']) else { return Err(no_field(text)) };
    let (name, rest) = (&text[..at], &text[at + 1..]);
    let field = layer.field(name).ok_or_else(|| no_field(name))?;
    let number: usize = rest.parse().ok().filter(|n| *n > 0).ok_or_else(|| GroupError::BadNumber(text.to_owned()))?;
    if text.as_bytes()[at] == b':' {
        return Ok(GroupKey { field, part: KeyPart::Prefix(number) });
    }
    let level = u8::try_from(number).map_err(|_| GroupError::BadNumber(text.to_owned()))?;
    let scheme = scheme_of_field(layer, field).ok_or_else(|| GroupError::NoScheme(text.to_owned()))?;
    Ok(GroupKey { field, part: KeyPart::Level(scheme, level) })
}

/// The land-use scheme of a field's codes: that of the layer's class field, else what its values say.
pub fn scheme_of_field(layer: &Layer, field: usize) -> Option<Scheme> {
    let recognised = roles::recognise(&roles::Clues::of_layer(layer));
    if recognised.class_field.as_ref().and_then(|name| layer.field(name)) == Some(field) {
        return recognised.scheme();
    }
    classes::detect(&classes::used_codes(layer, field, None), None).scheme
}

/// A small number for the key of each row, and the key behind each number. The last one is null.
pub fn codes(block: &FeatureBlock, row_count: usize, key: &GroupKey) -> (Vec<u32>, Vec<Option<Arc<str>>>) {
    let mut texts: Vec<Option<Arc<str>>> = Vec::new();
    let mut by_text: FxHashMap<Arc<str>, u32> = FxHashMap::default();
    let mut code_of = |text: &str| -> u32 {
        if let Some(code) = by_text.get(text) {
            return *code;
        }
        let text: Arc<str> = Arc::from(text);
        texts.push(Some(text.clone()));
        by_text.insert(text, (texts.len() - 1) as u32);
        (texts.len() - 1) as u32
    };
    const NULL: u32 = u32::MAX;
    let mut codes = vec![NULL; row_count];
    if let Some(column) = block.attributes.column(key.field) {
        // Interned text: the part is taken once for each distinct text.
        let distinct: Vec<u32> = column.distinct_texts().map(|text| code_of(&part_of(text, key.part))).collect();
        for (row, code) in codes.iter_mut().enumerate() {
            *code = match column.text_code(row) {
                Some(text) => distinct[text as usize],
                None => match column.value(row) {
                    Value::Null => NULL,
                    value => code_of(&part_of(&value.to_string(), key.part)),
                },
            };
        }
    }
    let null = texts.len() as u32;
    texts.push(None);
    for code in &mut codes {
        *code = (*code).min(null);
    }
    (codes, texts)
}

/// The key of one feature; `None` where the field is null.
pub fn key_of(layer: &Layer, feature: usize, key: &GroupKey) -> Option<Arc<str>> {
    match layer.value(feature, key.field) {
        Value::Null => None,
        Value::Text(text) | Value::Json(text) if key.part == KeyPart::Whole => Some(text.into()),
        value => Some(part_of(&value.to_string(), key.part).into()),
    }
}

fn part_of(text: &str, part: KeyPart) -> String {
    match part {
        KeyPart::Whole => text.to_owned(),
        KeyPart::Prefix(count) => text.chars().take(count).collect(),
        KeyPart::Level(scheme, level) => classes::resolve(scheme, text)
            .map_or_else(|| text.to_owned(), |found| found.class.at_level(level).code().to_owned()),
    }
}
