//! Keys that features are grouped by: a field, the first characters of it, or a level of its land-use scheme.
//!
//! What a field does not say is one group, in whatever way it does not say it (see [`NoValue`]), and codes of a land-use
//! class are one group, in whatever way they are written ([`as_classes`]). Both are counted, so that it can be told.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::classes::{self, Class, CodeNote, Scheme};
use super::{FeatureBlock, Layer, NoValue, Value, roles};
use crate::text::Message;
use crate::units::format_number;

/// Which part of a field's value is the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPart {
    /// The whole value.
    Whole,
    /// Its first characters: `QSDWDM:12` is the village.
    Prefix(usize),
    /// Its ancestor at a level of a land-use scheme, by the scheme's parent column: `DLBM@1`.
    Level(Scheme, u8),
    /// The code of the class that it means, in whatever way it is written; the whole value where it means none.
    Class(Scheme),
}

/// One key of a grouping: a field and the part of it that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
/// (level N of the land-use scheme). A field whose name has a comma or blanks at its ends stands in double quotes or
/// brackets: `"a,b"`, `[a,b]:2`.
///
/// # Errors
/// [`GroupError`] names the part that was not understood.
pub fn parse_keys(layer: &Layer, text: &str) -> Result<Vec<GroupKey>, GroupError> {
    // A name with a comma, all by itself, needs no quotes.
    if let Some(field) = layer.field(text) {
        return Ok(vec![GroupKey { field, part: KeyPart::Whole }]);
    }
    split_keys(text).into_iter().filter(|part| !part.is_empty()).map(|part| parse_key(layer, part)).collect()
}

/// The parts of a list of keys: commas within quotes or brackets do not part them.
pub fn split_keys(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut close) = (0, None);
    for (at, c) in text.char_indices() {
        match close {
            Some(mark) if c == mark => close = None,
            Some(_) => {}
            None if matches!(c, ',' | '，') => {
                parts.push(text[start..at].trim());
                start = at + c.len_utf8();
            }
            // A quote within a name is a letter of it.
            None if text[start..at].trim().is_empty() => close = closing(c),
            None => {}
        }
    }
    parts.push(text[start..].trim());
    parts
}

/// The mark that closes a quoted name which `open` opens.
fn closing(open: char) -> Option<char> {
    match open {
        '"' | '＂' => Some(open),
        '“' | '”' => Some('”'),
        '\'' => Some('\''),
        '‘' => Some('’'),
        '[' => Some(']'),
        _ => None,
    }
}

/// A quoted name at the start of `text`, and what stands behind it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let open = text.chars().next()?;
    let close = closing(open)?;
    let inner = &text[open.len_utf8()..];
    let end = inner.find(close)?;
    Some((&inner[..end], &inner[end + close.len_utf8()..]))
}

fn parse_key(layer: &Layer, text: &str) -> Result<GroupKey, GroupError> {
    // A field may itself contain a colon, or quotes: the whole text first.
    if let Some(field) = layer.field(text) {
        return Ok(GroupKey { field, part: KeyPart::Whole });
    }
    if let Some((name, rest)) = quoted(text) {
        let field = layer.field(name).ok_or_else(|| no_field(layer, name))?;
        return part_key(layer, field, text, rest.trim());
    }
    let Some(at) = text.rfind([':', '@', '：']) else { return Err(no_field(layer, text)) };
    // `@id` is no level of nothing.
    let field =
        layer.field(text[..at].trim()).ok_or_else(|| no_field(layer, if at == 0 { text } else { &text[..at] }))?;
    part_key(layer, field, text, &text[at..])
}

fn no_field(layer: &Layer, name: &str) -> GroupError {
    let shown = |name: &str| if needs_quotes(name) { format!("\"{name}\"") } else { name.to_owned() };
    GroupError::NoField {
        name: name.to_owned(),
        layer: layer.name.clone(),
        fields: layer.fields.iter().map(|f| shown(&f.name)).take(60).collect::<Vec<_>>().join(", "),
    }
}

/// Whether a list of keys has the name in quotes only.
fn needs_quotes(name: &str) -> bool {
    name.contains([',', '，']) || name.trim() != name || name.is_empty()
}

/// The key of a field with what stands behind its name: nothing, `:N` or `@N`.
fn part_key(layer: &Layer, field: usize, text: &str, rest: &str) -> Result<GroupKey, GroupError> {
    let mut chars = rest.chars();
    let Some(sign) = chars.next() else { return Ok(GroupKey { field, part: KeyPart::Whole }) };
    let number = chars.as_str().trim().parse().ok().filter(|n: &usize| *n > 0); // no number: said
    let number = number.ok_or_else(|| GroupError::BadNumber(text.to_owned()))?;
    match sign {
        ':' | '：' => return Ok(GroupKey { field, part: KeyPart::Prefix(number) }),
        '@' => {}
        _ => return Err(GroupError::BadNumber(text.to_owned())),
    }
    let level = u8::try_from(number).map_err(|_| GroupError::BadNumber(text.to_owned()))?;
    let scheme = scheme_of_field(layer, field).ok_or_else(|| GroupError::NoScheme(text.to_owned()))?;
    Ok(GroupKey { field, part: KeyPart::Level(scheme, level) })
}

/// The land-use scheme of a field's codes: that of the layer's class field; of another field where it is named as one, or
/// where its values are codes as a whole. Floors, grades and years are numbers, though 1 and 11 might be classes.
pub fn scheme_of_field(layer: &Layer, field: usize) -> Option<Scheme> {
    let recognised = roles::recognise(&roles::Clues::of_layer(layer));
    if recognised.class_field.as_ref().and_then(|name| layer.field(name)) == Some(field) {
        return recognised.scheme();
    }
    let used = classes::used_codes(layer, field, None);
    let detection = classes::detect(&used, None);
    let is_one = roles::is_class_field_name(&layer.fields[field].name) || classes::are_codes(&used, &detection);
    detection.scheme.filter(|_| is_one)
}

/// The keys with codes of land-use classes taken for their classes, in whatever way they are written: as text or number,
/// without a lost zero, with blanks or full-width digits, by name among codes. Fields of names stay as they are.
pub fn as_classes(layer: &Layer, keys: Vec<GroupKey>) -> Vec<GroupKey> {
    let of_class = |key: GroupKey| match key.part {
        KeyPart::Whole => {
            match scheme_of_field(layer, key.field).filter(|scheme| holds_codes(layer, key.field, *scheme)) {
                Some(scheme) => GroupKey { part: KeyPart::Class(scheme), ..key },
                None => key,
            }
        }
        _ => key,
    };
    keys.into_iter().map(of_class).collect()
}

/// Whether some value of a field is a code of `scheme` and not only its name.
pub fn holds_codes(layer: &Layer, field: usize, scheme: Scheme) -> bool {
    let used = classes::used_codes(layer, field, None);
    used.iter().any(|used| classes::resolve(scheme, &used.code).is_some_and(|found| found.note != CodeNote::Named))
}

/// A text of a class field that is not the code of its class letter by letter, and what it was read as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadAs {
    /// The text in the file.
    pub text: String,
    /// The class.
    pub class: Class,
    /// What was done to read it.
    pub note: CodeNote,
    /// How many features have it.
    pub feature_count: u64,
}

/// What codes of a field were read as where they are spelt otherwise, by class and text. Nothing for fields of names.
pub fn read_as(layer: &Layer, field: usize, scheme: Scheme) -> Vec<ReadAs> {
    if !holds_codes(layer, field, scheme) {
        return Vec::new();
    }
    let read = |used: classes::UsedCode| {
        let found = classes::resolve(scheme, &used.code)?;
        let (text, feature_count) = (used.code, used.feature_count);
        let odd = found.note != CodeNote::Exact;
        odd.then_some(ReadAs { text, class: found.class, note: found.note, feature_count })
    };
    let mut list: Vec<ReadAs> = classes::used_codes(layer, field, None).into_iter().filter_map(read).collect();
    list.sort_by(|a, b| (a.class, &a.text).cmp(&(b.class, &b.text)));
    list
}

/// Texts of a field that were read as classes though they are spelt otherwise; `None` where there are none.
pub fn read_as_message(layer: &str, field: &str, read: &[ReadAs]) -> Option<Message> {
    let count: u64 = read.iter().map(|read| read.feature_count).sum();
    let shown = read.iter().take(MOST_READINGS).map(|read| {
        let n = format_number(read.feature_count as f64, 0);
        // Blanks at the ends would not be seen.
        let text = if read.text.trim() == read.text { read.text.clone() } else { format!("“{}”", read.text) };
        format!("{text} → {} ({n})", read.class.code())
    });
    let mut list: Vec<String> = shown.collect();
    if read.len() > MOST_READINGS {
        list.push("…".to_owned());
    }
    (count > 0).then(|| {
        let guessed: u64 = read.iter().filter(|read| read.note.is_suspicion()).map(|read| read.feature_count).sum();
        Message::new(if guessed > 0 { "model.read-as-guessed" } else { "model.read-as" })
            .with("layer", layer)
            .with("field", field)
            .with("n", format_number(count as f64, 0))
            .with("guessed", format_number(guessed as f64, 0))
            .with("list", list.join(", "))
    })
}

/// Spellings that are listed; the rest is counted.
const MOST_READINGS: usize = 12;

/// A small number for the key of each row, and the key behind each number. The last one is that of no value.
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
        let distinct = column.distinct_texts().map(|text| match NoValue::of_text(text) {
            Some(_) => NULL,
            None => code_of(&part_of(text, key.part)),
        });
        let distinct: Vec<u32> = distinct.collect();
        for (row, code) in codes.iter_mut().enumerate() {
            *code = match column.text_code(row) {
                Some(text) => distinct[text as usize],
                None => match column.value(row) {
                    Value::Null => NULL,
                    Value::Float(value) if value.is_nan() => NULL,
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

/// The key of one feature; `None` where the field has no value.
pub fn key_of(layer: &Layer, feature: usize, key: &GroupKey) -> Option<Arc<str>> {
    match layer.value(feature, key.field) {
        Value::Null => None,
        Value::Float(value) if value.is_nan() => None,
        Value::Text(text) | Value::Json(text) if NoValue::of_text(text).is_some() => None,
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
        KeyPart::Class(scheme) => {
            classes::resolve(scheme, text).map_or_else(|| text.to_owned(), |found| found.class.code().to_owned())
        }
    }
}

#[cfg(test)]
mod tests;
