//! Values of a layer as fields and cells of a table, and what of them it cannot hold.

use super::table::{FieldKind, counted};
use crate::model::{FieldType, Layer, Value};
use crate::text::Message;

/// Characters that a name may have.
const MOST_NAME: usize = 64;
/// Characters of a field of text that has shorter ones only.
const USUAL_WIDTH: u32 = 255;
/// Names that a message lists.
const LISTED: usize = 5;

/// How the values of a field are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stored {
    /// 0 and 1.
    Flag,
    Int32,
    Float64,
    Text(u32),
}

impl Stored {
    pub(super) fn kind(self) -> FieldKind {
        match self {
            Self::Flag => FieldKind::Int16,
            Self::Int32 => FieldKind::Int32,
            Self::Float64 => FieldKind::Float64,
            Self::Text(width) => FieldKind::Text(width),
        }
    }
}

/// A field of the layer as one of the table.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    /// Its name in the layer, where the table cannot have that.
    pub(super) alias: String,
    pub(super) stored: Stored,
}

/// The fields of a layer as those of a table, in their order.
pub(super) struct Columns {
    pub(super) fields: Vec<Column>,
    /// Fields of whole numbers that became texts.
    long: Vec<String>,
}

impl Columns {
    pub(super) fn of(layer: &Layer, rows: &[usize]) -> Self {
        let mut fields: Vec<Column> = Vec::new();
        let mut long = Vec::new();
        for (at, field) in layer.fields.iter().enumerate() {
            let stored = match field.kind {
                FieldType::Bool => Stored::Flag,
                FieldType::Float => Stored::Float64,
                FieldType::Int => {
                    let most = most_int(layer, rows, at);
                    match most {
                        0..=0x7FFF_FFFF => Stored::Int32,
                        // Up to there a double holds every whole number.
                        0x8000_0000..=0x0020_0000_0000_0000 => Stored::Float64,
                        _ => {
                            long.push(field.name.clone());
                            Stored::Text(USUAL_WIDTH)
                        }
                    }
                }
                FieldType::Null | FieldType::Text | FieldType::Json => {
                    Stored::Text(longest(layer, rows, at).max(USUAL_WIDTH))
                }
            };
            let name = field_name(&field.name, &fields);
            let alias = if name == field.name { String::new() } else { field.name.clone() };
            fields.push(Column { name, alias, stored });
        }
        Self { fields, long }
    }

    /// What a table cannot hold of them.
    pub(super) fn losses(&self) -> Vec<Message> {
        let mut messages = Vec::new();
        let renamed: Vec<&str> =
            self.fields.iter().filter(|column| !column.alias.is_empty()).map(|column| column.alias.as_str()).collect();
        for (key, names) in
            [("io.gdb-renamed", renamed), ("io.gdb-long-numbers", self.long.iter().map(String::as_str).collect())]
        {
            if !names.is_empty() {
                let listed = names.iter().take(LISTED).copied().collect::<Vec<_>>().join(", ");
                messages.push(Message::new(key).with("count", names.len()).with("names", listed));
            }
        }
        messages
    }
}

/// The largest whole number of a field, without its sign.
fn most_int(layer: &Layer, rows: &[usize], field: usize) -> u64 {
    let values = rows.iter().map(|feature| match layer.value(*feature, field) {
        Value::Int(v) => v.unsigned_abs(),
        _ => 0,
    });
    values.max().unwrap_or(0)
}

/// Characters of the longest text of a field.
fn longest(layer: &Layer, rows: &[usize], field: usize) -> u32 {
    let lengths = rows.iter().map(|feature| match layer.value(*feature, field) {
        Value::Text(text) | Value::Json(text) if text.len() > USUAL_WIDTH as usize => text.encode_utf16().count(),
        _ => 0,
    });
    u32::try_from(lengths.max().unwrap_or(0)).unwrap_or(u32::MAX)
}

/// A name that a class may have: letters, digits and underscores, a letter first.
pub(super) fn class_name(name: &str) -> String {
    let mut plain: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).take(MOST_NAME).collect();
    let is_own = ["gdb_", "fras_"].iter().any(|word| plain.to_ascii_lowercase().starts_with(word));
    if is_own || !plain.starts_with(char::is_alphabetic) {
        plain.insert(0, 'L');
        plain = plain.chars().take(MOST_NAME).collect();
    }
    plain
}

/// A name that a field may have, other than those of `fields`, whatever their capitals.
fn field_name(name: &str, fields: &[Column]) -> String {
    let mut plain: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).take(MOST_NAME).collect();
    if !plain.starts_with(char::is_alphabetic) {
        plain.insert(0, 'F');
        plain = plain.chars().take(MOST_NAME).collect();
    }
    let is_taken = |name: &str| {
        let name = name.to_lowercase();
        matches!(name.as_str(), "objectid" | "shape") || fields.iter().any(|column| column.name.to_lowercase() == name)
    };
    let mut told = plain.clone();
    let mut number = 1;
    while is_taken(&told) {
        number += 1;
        let end = format!("_{number}");
        told = plain.chars().take(MOST_NAME - end.len()).collect::<String>() + &end;
    }
    told
}

/// Adds the cell of a value; nothing for null.
pub(super) fn cell(stored: Stored, value: Value<'_>, out: &mut Vec<u8>) {
    match (stored, value) {
        (_, Value::Null) => {}
        (Stored::Flag, value) => out.extend_from_slice(&i16::from(value == Value::Bool(true)).to_le_bytes()),
        (Stored::Int32, Value::Int(v)) => out.extend_from_slice(&(v as i32).to_le_bytes()),
        (Stored::Int32, _) => out.extend_from_slice(&0i32.to_le_bytes()),
        (Stored::Float64, value) => out.extend_from_slice(&value.as_f64().unwrap_or(0.0).to_le_bytes()),
        (Stored::Text(_), Value::Text(text) | Value::Json(text)) => counted(out, text.as_bytes()),
        (Stored::Text(_), other) => counted(out, other.to_string().as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_fit() {
        assert_eq!(class_name("地类图斑"), "地类图斑");
        assert_eq!(class_name("2025 规划.v1"), "L2025_规划_v1");
        assert_eq!(class_name("GDB_Items"), "LGDB_Items");
        let mut fields: Vec<Column> = Vec::new();
        let mut named = |name: &str| {
            let name = field_name(name, &fields);
            fields.push(Column { name: name.clone(), alias: String::new(), stored: Stored::Flag });
            name
        };
        assert_eq!(named("DLBM"), "DLBM");
        assert_eq!(named("dlbm"), "dlbm_2");
        assert_eq!(named("面积（亩）"), "面积_亩_");
        assert_eq!(named("objectid"), "objectid_2");
        assert_eq!(named("1a"), "F1a");
        assert_eq!(named(&"长".repeat(100)).chars().count(), 64);
    }
}
