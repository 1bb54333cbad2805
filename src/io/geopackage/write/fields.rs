//! How the fields of a layer are written: their names and types, and those of the table's own columns beside them.

use super::told_apart;
use crate::model::{FieldType, Layer};

/// Fields that a table may have beside its id and geometry, within what readers take.
pub(super) const MOST_FIELDS: usize = 1990;

/// How a field is written.
pub(super) struct Plan {
    pub(super) name: String,
    pub(super) declared: &'static str,
    pub(super) kind: FieldType,
}

/// The type of a text that is a date, or a time, as the standard writes them.
fn date_or_time(text: &str) -> Option<&'static str> {
    let is_like = |text: &str, pattern: &str| {
        text.len() == pattern.len()
            && text.bytes().zip(pattern.bytes()).all(|(b, p)| if p == b'0' { b.is_ascii_digit() } else { b == p })
    };
    let is_date = |text: &str| {
        is_like(text, "0000-00-00")
            && ("01"..="12").contains(&&text[5..7])
            && ("01"..="31").contains(&&text[8..10])
            && !text.starts_with("0000")
    };
    if is_date(text) {
        return Some("DATE");
    }
    let (date, time) = text.split_once('T')?;
    let is_time = is_like(time, "00:00:00Z") || is_like(time, "00:00:00.000Z");
    (is_date(date) && is_time && ("00"..="23").contains(&&time[..2])).then_some("DATETIME")
}

/// The type of a field of text: that of dates where all values are.
fn text_type(layer: &Layer, field: usize) -> &'static str {
    let mut found = None;
    for column in layer.blocks.iter().filter_map(|block| block.attributes.column(field)) {
        if column.kind() != FieldType::Text {
            // Null throughout, or numbers among the texts.
            if column.kind() != FieldType::Null {
                return "TEXT";
            }
            continue;
        }
        for text in column.distinct_texts() {
            match (date_or_time(text), found) {
                (None, _) => return "TEXT",
                (Some(kind), Some(known)) if kind != known => return "TEXT",
                (kind, _) => found = kind,
            }
        }
    }
    found.unwrap_or("TEXT")
}

/// How the fields of a layer are written, beside a table's own columns.
pub(super) fn plans(layer: &Layer) -> Vec<Plan> {
    let mut plans: Vec<Plan> = Vec::new();
    for (at, field) in layer.fields.iter().take(MOST_FIELDS).enumerate() {
        let wanted: String = field.name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let wanted = if wanted.trim().is_empty() { "field".to_owned() } else { wanted };
        let name = told_apart(&wanted, |name| plans.iter().any(|plan| plan.name.to_lowercase() == name.to_lowercase()));
        let declared = match field.kind {
            FieldType::Bool => "BOOLEAN",
            FieldType::Int => "INTEGER",
            FieldType::Float => "REAL",
            FieldType::Text => text_type(layer, at),
            FieldType::Json | FieldType::Null => "TEXT",
        };
        plans.push(Plan { name, declared, kind: field.kind });
    }
    plans
}

/// A name for a column of the table's own that no field has.
pub(super) fn own_name(plans: &[Plan], wanted: &[&'static str]) -> String {
    let is_free = |name: &&&str| plans.iter().all(|plan| !plan.name.eq_ignore_ascii_case(name));
    match wanted.iter().find(is_free) {
        Some(name) => (*name).to_owned(),
        None => told_apart("tuban_id", |name| plans.iter().any(|plan| plan.name.eq_ignore_ascii_case(name))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_told_from_text() {
        let check = |text: &str, expected: Option<&str>| assert_eq!(date_or_time(text), expected, "{text}");
        check("2025-01-15", Some("DATE"));
        check("2025-13-15", None);
        check("2025-1-15", None);
        check("2022-05-09T16:41:43.013Z", Some("DATETIME"));
        check("2022-05-09T16:41:43Z", Some("DATETIME"));
        check("2022-05-09T26:41:43Z", None);
        check("地类图斑地类图斑地", None);
        check("", None);
    }
}
