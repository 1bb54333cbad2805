//! Values of a layer as fields and cells of a table, and what of them it cannot hold.

use super::super::calendar;
use super::domains::{self, Coded};
use super::table::{FieldKind, counted};
use crate::io::options::WriteOptions;
use crate::model::roles::fields::title;
use crate::model::roles::schema;
use crate::model::{FieldType, Layer, Value};
use crate::text::{Language, Message};

/// Characters that a name may have.
const MOST_NAME: usize = 64;
/// Characters of a field of text that has shorter ones only.
const USUAL_WIDTH: u32 = 255;
/// Names that a message lists.
const LISTED: usize = 5;

/// Words of SQL that are no names of fields.
const RESERVED: &[&str] = &[
    "add", "alter", "and", "between", "by", "column", "create", "delete", "drop", "exists", "for", "from", "group",
    "in", "insert", "into", "is", "like", "not", "null", "or", "order", "select", "set", "table", "update", "values",
    "where",
];

/// How the values of a field are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stored {
    /// 0 and 1.
    Flag,
    Int32,
    Int64,
    Float64,
    Text(u32),
    /// A day, with its time.
    Moment,
}

impl Stored {
    pub(super) fn kind(self) -> FieldKind {
        match self {
            Self::Flag => FieldKind::Int16,
            Self::Int32 => FieldKind::Int32,
            Self::Int64 => FieldKind::Int64,
            Self::Float64 => FieldKind::Float64,
            Self::Text(width) => FieldKind::Text(width),
            Self::Moment => FieldKind::Moment,
        }
    }
}

/// A field of the layer as one of the table.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    /// What people call it; empty where that is its name.
    pub(super) alias: String,
    pub(super) stored: Stored,
    /// What its codes mean.
    pub(super) coded: Option<Coded>,
}

/// The fields of a layer as those of a table, in their order.
pub(super) struct Columns {
    pub(super) fields: Vec<Column>,
    /// Fields whose names the table cannot have, which became aliases.
    renamed: Vec<String>,
    /// Fields of whole numbers that became texts.
    long: Vec<String>,
    /// Fields of whole numbers of 64 bits.
    big: Vec<String>,
    /// Fields of texts that became dates and are read again in another form.
    dates: Vec<String>,
    /// Fields whose names of codes the table cannot hold.
    uncoded: Vec<String>,
}

impl Columns {
    pub(super) fn of(layer: &Layer, rows: &[usize], options: WriteOptions) -> Self {
        let none = Vec::new;
        let (renamed, long, big, dates, uncoded) = (none(), none(), none(), none(), none());
        let mut columns = Self { fields: Vec::new(), renamed, long, big, dates, uncoded };
        let classes = domains::classes(layer);
        let names: Vec<&str> = layer.fields.iter().map(|field| field.name.as_str()).collect();
        let table = schema::table(&layer.name, &names);
        for (at, field) in layer.fields.iter().enumerate() {
            let stored = columns.stored(layer, rows, at, options);
            // A table of the planning databases has the widths that stand in its norm.
            let norm = table.and_then(|table| table.field(&field.name)).and_then(|field| norm_width(layer, at, field));
            let stored = match (stored, norm) {
                (Stored::Text(_), Some(width)) => Stored::Text(width),
                _ => stored,
            };
            let name = field_name(&field.name, &columns.fields);
            let alias = match layer.words.alias_of(&field.name) {
                Some(alias) => alias,
                None if name != field.name => field.name.as_str(),
                None => title(&field.name, Language::Chinese).filter(|title| *title != name).unwrap_or_default(),
            };
            if name != field.name {
                columns.renamed.push(field.name.clone());
            }
            let of_source = layer.words.fields.get(&field.name).map(|words| &words.codes);
            let coded = match of_source.filter(|codes| !codes.is_empty()) {
                Some(codes) => {
                    let codes = Coded { name: field.name.clone(), codes: codes.clone() };
                    let coded = Some(codes).filter(|coded| domains::fits(stored, &coded.codes));
                    if coded.is_none() {
                        columns.uncoded.push(field.name.clone());
                    }
                    coded
                }
                None => classes.as_ref().filter(|(own, _)| *own == at).map(|(_, coded)| coded.clone()),
            };
            columns.fields.push(Column { name, alias: alias.to_owned(), stored, coded });
        }
        columns
    }

    /// How field `at` of the layer is stored.
    fn stored(&mut self, layer: &Layer, rows: &[usize], at: usize, options: WriteOptions) -> Stored {
        let field = &layer.fields[at];
        match field.kind {
            FieldType::Bool => Stored::Flag,
            FieldType::Float => Stored::Float64,
            FieldType::Int => match most_int(layer, rows, at) {
                0..=0x7FFF_FFFF => Stored::Int32,
                _ if options.big_integers => {
                    self.big.push(field.name.clone());
                    Stored::Int64
                }
                // Up to there a double holds every whole number. Whole numbers of 64 bits keep ArcGIS before Pro 3.2 from
                // opening the class at all.
                0x8000_0000..=0x0020_0000_0000_0000 => Stored::Float64,
                _ => {
                    self.long.push(field.name.clone());
                    Stored::Text(USUAL_WIDTH)
                }
            },
            FieldType::Text => match dates(layer, at) {
                Some(is_same) => {
                    if !is_same {
                        self.dates.push(field.name.clone());
                    }
                    Stored::Moment
                }
                None => Stored::Text(longest(layer, rows, at).max(USUAL_WIDTH)),
            },
            FieldType::Null | FieldType::Json => Stored::Text(longest(layer, rows, at).max(USUAL_WIDTH)),
        }
    }

    /// What a table cannot hold of them.
    pub(super) fn losses(&self) -> Vec<Message> {
        let mut messages = Vec::new();
        for (key, names) in [
            ("io.gdb-renamed", &self.renamed),
            ("io.gdb-long-numbers", &self.long),
            ("io.gdb-big-integers", &self.big),
            ("io.gdb-dates", &self.dates),
            ("io.gdb-loses-codes", &self.uncoded),
        ] {
            if !names.is_empty() {
                let listed = names.iter().take(LISTED).cloned().collect::<Vec<_>>().join(", ");
                messages.push(Message::new(key).with("count", names.len()).with("names", listed));
            }
        }
        messages
    }
}

/// Whether a field of texts is one of dates, and if so, whether all of them are read again as they are written.
fn dates(layer: &Layer, field: usize) -> Option<bool> {
    let mut is_same = None;
    for column in layer.blocks.iter().filter_map(|block| block.attributes.column(field)) {
        match column.kind() {
            FieldType::Null => continue,
            FieldType::Text => {}
            _ => return None,
        }
        for text in column.distinct_texts() {
            let again = calendar::moment(calendar::days(text)?);
            is_same = Some(is_same.unwrap_or(true) && again.is_some_and(|again| again == text));
        }
        // What an edit put among the texts may be something else.
        if column.joined_texts().is_none() {
            let mut is_text = true;
            column.each_value(|value| is_text &= matches!(value, Value::Text(_)));
            if !is_text {
                return None;
            }
        }
    }
    is_same
}

/// The characters that a field of texts has by the norm of its table, where all its values fit into them.
fn norm_width(layer: &Layer, at: usize, field: &schema::TableField) -> Option<u32> {
    let is_text = matches!(field.kind, "Char" | "VarChar");
    // A length that is not known is no number.
    let width = field.length.parse::<u32>().ok().filter(|width| is_text && *width > 0)?;
    let fits = layer.blocks.iter().filter_map(|block| block.attributes.column(at)).all(|column| {
        column.kind() == FieldType::Null
            || column.joined_texts().is_some()
                && column.distinct_texts().all(|text| text.encode_utf16().count() <= width as usize)
    });
    fits.then_some(width)
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

/// A name that a class may have, other than those of `taken`, whatever their capitals: letters, digits and underscores, a
/// letter first.
pub(super) fn class_name(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let mut plain = plain(name, 'L');
    if ["gdb_", "fras_"].iter().any(|word| plain.to_ascii_lowercase().starts_with(word)) {
        plain.insert(0, 'L');
        plain = plain.chars().take(MOST_NAME).collect();
    }
    told_apart(plain, |name| is_taken(&name.to_lowercase()))
}

/// A name that a field may have, other than those of `fields`, whatever their capitals.
fn field_name(name: &str, fields: &[Column]) -> String {
    told_apart(plain(name, 'F'), |name| {
        let name = name.to_lowercase();
        let is_own = matches!(name.as_str(), "objectid" | "shape") || RESERVED.contains(&name.as_str());
        is_own || fields.iter().any(|column| column.name.to_lowercase() == name)
    })
}

/// A name of letters, digits and underscores that begins with a letter: `first` where it does not.
fn plain(name: &str, first: char) -> String {
    let plain: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    let begins = (!plain.starts_with(char::is_alphabetic)).then_some(first);
    begins.into_iter().chain(plain.chars()).take(MOST_NAME).collect()
}

/// The name with a number behind it, where it is taken without.
fn told_apart(wanted: String, is_taken: impl Fn(&str) -> bool) -> String {
    let mut told = wanted.clone();
    let mut number = 1;
    while is_taken(&told) {
        number += 1;
        let end = format!("_{number}");
        told = wanted.chars().take(MOST_NAME - end.len()).collect::<String>() + &end;
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
        (Stored::Int64, Value::Int(v)) => out.extend_from_slice(&v.to_le_bytes()),
        (Stored::Int64, _) => out.extend_from_slice(&0i64.to_le_bytes()),
        (Stored::Float64, value) => out.extend_from_slice(&value.as_f64().unwrap_or(0.0).to_le_bytes()),
        // Every text of such a field is a date.
        (Stored::Moment, Value::Text(text)) => {
            out.extend_from_slice(&calendar::days(text).unwrap_or(f64::NAN).to_le_bytes());
        }
        (Stored::Moment, _) => out.extend_from_slice(&f64::NAN.to_le_bytes()),
        (Stored::Text(_), Value::Text(text) | Value::Json(text)) => counted(out, text.as_bytes()),
        (Stored::Text(_), other) => counted(out, other.to_string().as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_fit() {
        let none = |_: &str| false;
        assert_eq!(class_name("地类图斑", none), "地类图斑");
        assert_eq!(class_name("2025 规划.v1", none), "L2025_规划_v1");
        assert_eq!(class_name("GDB_Items", none), "LGDB_Items");
        assert_eq!(class_name("", none), "L");
        assert_eq!(class_name("DLTB", |name| name == "dltb"), "DLTB_2");
        let mut fields: Vec<Column> = Vec::new();
        let mut named = |name: &str| {
            let name = field_name(name, &fields);
            fields.push(Column { name: name.clone(), alias: String::new(), stored: Stored::Flag, coded: None });
            name
        };
        assert_eq!(named("DLBM"), "DLBM");
        assert_eq!(named("dlbm"), "dlbm_2");
        assert_eq!(named("面积（亩）"), "面积_亩_");
        assert_eq!(named("objectid"), "objectid_2");
        assert_eq!(named("Order"), "Order_2");
        assert_eq!(named("1a"), "F1a");
        assert_eq!(named(&"长".repeat(100)).chars().count(), 64);
    }
}
