//! Attributes of a table joined to a layer by a key field: what a ledger in XLSX, CSV or DBF says of each parcel.
//!
//! Keys are texts, compared without the blanks around them; `101` is not 0101. Only where the codes of the field are land-use
//! classes does their scheme say which class a text means, as everywhere else, and every such reading is told. Each
//! feature gets one row, the first of its key; keys that several rows or several features have are named, and so is
//! what has no partner on either side. Fields are added behind those of the layer, geometry is shared, nothing else
//! changes.

use std::borrow::Cow;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::attributes::ColumnBuilder;
use super::classes::{self, CodeNote, Scheme};
use super::roles::fields;
use super::{Field, FieldType, Issue, Layer, NoValue, Revision, Severity, Value, keys};
use crate::text::Message;
use crate::units::format_number;

/// Findings of a kind that are listed one by one; the rest is counted.
pub const LISTED: usize = 1000;

/// Keys that a sentence names.
const NAMED: usize = 5;

/// Pairs of fields that [`suggest`] tries.
const TRIED: usize = 12;

/// Share of features that have a row, from which two fields are taken for the same key.
const LEAST_SHARE: f64 = 0.5;

/// Why a table cannot be joined.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    /// The layer or the table has no such field.
    #[error("{layer} has no field {name}: {fields}")]
    NoField {
        /// Which of both.
        layer: String,
        /// The name that was asked for.
        name: String,
        /// The fields that it has.
        fields: String,
    },
    /// The table has the key and nothing else.
    #[error("{table} has no field beside its key")]
    NothingToAdd {
        /// The table.
        table: String,
    },
}

impl JoinError {
    /// The error as a message of the catalogue.
    pub fn message(&self) -> Message {
        match self {
            Self::NoField { layer, name, fields } => {
                Message::new("join.no-field").with("layer", layer).with("name", name).with("fields", fields)
            }
            Self::NothingToAdd { table } => Message::new("join.nothing-to-add").with("table", table),
        }
    }
}

/// How features and rows found each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matching {
    /// The row of each feature, `None` without one.
    pub row_of: Vec<Option<u32>>,
    /// Rows of the table.
    pub row_count: usize,
    /// Features that have a key, but no row.
    pub lonely_features: Vec<usize>,
    /// Rows that have a key, but no feature.
    pub lonely_rows: Vec<usize>,
    /// Features without a key.
    pub blank_features: usize,
    /// Rows without a key.
    pub blank_rows: usize,
    /// Keys that several rows have, with these; the first is taken.
    pub repeated_rows: Vec<(String, Vec<usize>)>,
    /// Keys that several features have whose row is the same, with how many.
    pub repeated_features: Vec<(String, usize)>,
    /// Texts that were read as another code of the scheme, the code, and on how many rows and features together.
    pub read_as: Vec<(String, String, usize)>,
}

impl Matching {
    /// Features that have a row.
    pub fn matched_count(&self) -> usize {
        self.row_of.iter().flatten().count()
    }
}

/// A layer with the fields of a table, and how it came to that.
#[derive(Clone, Debug)]
pub struct Joined {
    /// The layer: its own features and fields, then those of the table, of the same shape.
    pub layer: Layer,
    /// Fields that were added: as they are called now, and in the table.
    pub fields: Vec<(String, String)>,
    /// How features and rows found each other.
    pub matching: Matching,
}

/// Joins the fields of `table`, which is called `title`, to `layer` where their key fields say the same.
///
/// # Errors
/// [`JoinError`] where a field is missing or there is nothing to add.
pub fn join(layer: &Layer, table: &Layer, title: &str, key: &str, table_key: &str) -> Result<Joined, JoinError> {
    let own = layer.field(key).ok_or_else(|| no_field(layer, &layer.name, key))?;
    let other = table.field(table_key).ok_or_else(|| no_field(table, title, table_key))?;
    let added: Vec<usize> = (0..table.fields.len()).filter(|field| *field != other).collect();
    if added.is_empty() {
        return Err(JoinError::NothingToAdd { table: title.to_owned() });
    }
    let matching = matching(layer, own, table, other);
    let mut all: Vec<Field> = layer.fields.to_vec();
    let mut fields = Vec::new();
    for field in &added {
        let source = &table.fields[*field];
        let name = free_name(&all, &source.name, title);
        all.push(Field { name: name.clone(), kind: source.kind });
        fields.push((name, source.name.clone()));
    }
    let mut blocks = layer.blocks.clone();
    for (block, start) in blocks.iter_mut().zip(&layer.starts) {
        let count = block.geometry.feature_count();
        let rows = &matching.row_of[*start..*start + count];
        let mut attributes = (*block.attributes).clone();
        for (at, field) in added.iter().enumerate() {
            let mut column = ColumnBuilder::default();
            for (row, of) in rows.iter().enumerate() {
                if let Some(of) = of {
                    column.set(row as u32, table.value(*of as usize, *field));
                }
            }
            let column = Some(Arc::new(column.finish(count)));
            attributes = attributes.with_column(layer.fields.len() + at, column);
        }
        block.attributes = Arc::new(attributes);
    }
    let mut issues = layer.issues.to_vec();
    issues.extend(issues_of(
        layer,
        table,
        title,
        (&layer.fields[own].name, &table.fields[other].name),
        &fields,
        &matching,
    ));
    let joined =
        Layer { revision: Revision::next(), issues: Arc::new(issues), ..layer.with_blocks(Arc::new(all), blocks) };
    Ok(Joined { layer: joined, fields, matching })
}

/// How the features of `layer` and the rows of `table` find each other by the fields `own` and `other`.
pub fn matching(layer: &Layer, own: usize, table: &Layer, other: usize) -> Matching {
    // Few rows of a ledger may look like codes; the layer's own field says whether they are.
    let scheme = keys::scheme_of_field(layer, own);
    let mut found = Matching { row_count: table.feature_count(), ..Matching::default() };
    let mut read_as: FxHashMap<(String, String), usize> = FxHashMap::default();
    let mut first_rows: FxHashMap<String, u32> = FxHashMap::default();
    let mut repeated: FxHashMap<u32, Vec<usize>> = FxHashMap::default();
    let mut key_of_row: Vec<(u32, String)> = Vec::new();
    for row in 0..table.feature_count() {
        let Some(key) = Key::of(table.value(row, other), scheme) else {
            found.blank_rows += 1;
            continue;
        };
        if let Some(text) = key.spelt {
            *read_as.entry((text, key.key.clone())).or_default() += 1;
        }
        let known = first_rows.get(key.key.as_str()).copied();
        match known {
            Some(first) => repeated.entry(first).or_insert_with(|| vec![first as usize]).push(row),
            None => {
                first_rows.insert(key.key.clone(), row as u32);
                key_of_row.push((row as u32, key.key));
            }
        }
    }
    let mut uses: FxHashMap<u32, usize> = FxHashMap::default();
    found.row_of.reserve(layer.feature_count());
    for (block, start) in layer.blocks.iter().zip(&layer.starts) {
        let column = block.attributes.column(own);
        // Interned text is looked up once, though each use of it counts.
        let mut known: FxHashMap<u32, Option<Key>> = FxHashMap::default();
        for row in 0..block.geometry.feature_count() {
            let value = column.map_or(Value::Null, |column| column.value(row));
            let fresh;
            let key = match column.and_then(|column| column.text_code(row)) {
                Some(code) => &*known.entry(code).or_insert_with(|| Key::of(value, scheme)),
                None => {
                    fresh = Key::of(value, scheme);
                    &fresh
                }
            };
            let Some(key) = key else {
                found.blank_features += 1;
                found.row_of.push(None);
                continue;
            };
            if let Some(text) = &key.spelt {
                *read_as.entry((text.clone(), key.key.clone())).or_default() += 1;
            }
            let partner = first_rows.get(key.key.as_str()).copied();
            match partner {
                None => found.lonely_features.push(start + row),
                Some(of) => *uses.entry(of).or_default() += 1,
            }
            found.row_of.push(partner);
        }
    }
    for (row, key) in &key_of_row {
        let rows = repeated.remove(row);
        match uses.get(row) {
            None => found.lonely_rows.extend(rows.clone().unwrap_or_else(|| vec![*row as usize])),
            Some(count) if *count > 1 => found.repeated_features.push((key.clone(), *count)),
            Some(_) => {}
        }
        found.repeated_rows.extend(rows.map(|rows| (key.clone(), rows)));
    }
    found.lonely_rows.sort_unstable();
    found.read_as = read_as.into_iter().map(|((text, code), count)| (text, code, count)).collect();
    found.read_as.sort();
    found
}

/// The two fields by which most features of `layer` find a row of `table`, among those that are called alike or hold
/// the same by the planning databases' names: the layer's, the table's, and how many features find one. `None` where
/// less than half do.
pub fn suggest(layer: &Layer, table: &Layer) -> Option<(usize, usize, usize)> {
    let alike = |a: &str, b: &str| {
        let code = |name: &str| fields::code_of_title(name).map_or_else(|| name.trim().to_uppercase(), str::to_owned);
        code(a) == code(b)
    };
    let pairs = layer.fields.iter().enumerate().flat_map(|(own, field)| {
        let others = table.fields.iter().enumerate().filter(move |(_, other)| alike(&field.name, &other.name));
        others.map(move |(other, _)| (own, other))
    });
    let is_key = |field: &Field| !matches!(field.kind, FieldType::Null | FieldType::Bool | FieldType::Json);
    let pairs = pairs.filter(|(own, other)| is_key(&layer.fields[*own]) && is_key(&table.fields[*other]));
    let judged = pairs.take(TRIED).filter_map(|(own, other)| {
        let found = matching(layer, own, table, other);
        let matched = found.matched_count();
        // A field of few values is no key: districts, classes.
        let rows: usize = found.repeated_rows.iter().map(|(_, rows)| rows.len() - 1).sum();
        let is_key = 2 * rows < table.feature_count().max(1);
        let share = matched as f64 / layer.feature_count().min(table.feature_count()).max(1) as f64;
        (is_key && share >= LEAST_SHARE).then_some((own, other, matched))
    });
    // Of equals the first field of the layer: identifiers stand in front.
    judged.max_by_key(|(own, _, matched)| (*matched, std::cmp::Reverse(*own)))
}

/// A key as it is compared.
struct Key {
    key: String,
    /// The text that it stands for, where that is spelt otherwise.
    spelt: Option<String>,
}

impl Key {
    /// The key of a value, a class of `scheme` where it is one; `None` where it says that there is none.
    fn of(value: Value<'_>, scheme: Option<Scheme>) -> Option<Self> {
        let text: Cow<'_, str> = match value {
            Value::Null => return None,
            Value::Float(number) if number.is_nan() => return None,
            Value::Text(text) | Value::Json(text) => text.into(),
            value => value.to_string().into(),
        };
        if NoValue::of_text(&text).is_some() {
            return None;
        }
        let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'));
        let found = scheme.and_then(|scheme| classes::resolve(scheme, text));
        // A name is no spelling of a code.
        let code = found.filter(|found| found.note != CodeNote::Named).map(|found| found.class.code());
        Some(match code {
            Some(code) => Self { key: code.to_owned(), spelt: (code != text).then(|| text.to_owned()) },
            None => Self { key: text.to_owned(), spelt: None },
        })
    }
}

fn no_field(layer: &Layer, title: &str, name: &str) -> JoinError {
    let fields: Vec<&str> = layer.fields.iter().map(|field| field.name.as_str()).take(60).collect();
    JoinError::NoField { layer: title.to_owned(), name: name.to_owned(), fields: fields.join(", ") }
}

/// A name that no field has: the field's own, with the table's before it where that is taken, with a number where that
/// is taken, too.
fn free_name(taken: &[Field], name: &str, title: &str) -> String {
    let is_taken = |name: &str| taken.iter().any(|field| field.name.to_lowercase() == name.to_lowercase());
    if !is_taken(name) {
        return name.to_owned();
    }
    let wanted = format!("{title}.{name}");
    let numbered = |n: usize| if n < 2 { wanted.clone() } else { format!("{wanted}_{n}") };
    (1..).map(numbered).find(|name| !is_taken(name)).unwrap_or_default()
}

/// Line of a row in its file; its number, from 1, where no line is known.
fn line_of(table: &Layer, row: usize) -> u64 {
    table.line(row).unwrap_or_else(|| table.source_row(row) + 1)
}

fn shown(value: Value<'_>) -> String {
    value.to_string().trim().chars().take(60).collect()
}

/// What is to be said of a join.
fn issues_of(
    layer: &Layer,
    table: &Layer,
    title: &str,
    (key, table_key): (&str, &str),
    fields: &[(String, String)],
    found: &Matching,
) -> Vec<Issue> {
    let count = |n: usize| format_number(n as f64, 0);
    let of = |key: &'static str| Message::new(key).with("table", title);
    let mut issues = Vec::new();
    let matched = found.matched_count();
    let lonely = [found.lonely_features.len(), found.lonely_rows.len()];
    let (severity, said) = match (matched, lonely) {
        (0, _) => (Severity::Error, "join.none"),
        (_, [0, 0]) => (Severity::Note, "join.all"),
        _ => (Severity::Warning, "join.some"),
    };
    let summary = of(said)
        .with("key", key)
        .with("other", table_key)
        .with("matched", count(matched))
        .with("features", count(layer.feature_count()))
        .with("rows", count(found.row_count))
        .with("alone", count(lonely[0]))
        .with("left", count(lonely[1]));
    issues.push(Issue::new(severity, summary));
    if found.blank_features + found.blank_rows > 0 {
        let blank = of("join.blank").with("n", count(found.blank_features)).with("rows", count(found.blank_rows));
        issues.push(Issue::new(Severity::Warning, blank));
    }
    let mut listed: FxHashSet<&str> = FxHashSet::default();
    for (key, rows) in found.repeated_rows.iter().take(LISTED) {
        listed.insert(key);
        let lines: Vec<String> = rows.iter().take(NAMED).map(|row| line_of(table, *row).to_string()).collect();
        let more = if rows.len() > NAMED { " …" } else { "" };
        let message = of("join.rows-repeated")
            .with("key", key)
            .with("n", count(rows.len()))
            .with("lines", lines.join(", ") + more)
            .with("first", line_of(table, rows[0]));
        issues.push(Issue::new(Severity::Warning, message));
    }
    if !found.repeated_features.is_empty() {
        let names: Vec<String> =
            found.repeated_features.iter().take(NAMED).map(|(key, n)| format!("{key} ({})", count(*n))).collect();
        let more = if found.repeated_features.len() > NAMED { " …" } else { "" };
        let message = of("join.features-repeated")
            .with("n", count(found.repeated_features.len()))
            .with("keys", names.join(", ") + more);
        issues.push(Issue::new(Severity::Warning, message));
    }
    for (text, code, n) in found.read_as.iter().take(LISTED) {
        let message = of("join.read-as").with("text", text).with("code", code).with("n", count(*n));
        issues.push(Issue::new(Severity::Warning, message));
    }
    for (name, old) in fields.iter().filter(|(name, old)| name != old) {
        issues.push(Issue::new(Severity::Note, of("join.renamed").with("field", old).with("name", name)));
    }
    let own = layer.field(key).unwrap_or_default();
    for feature in found.lonely_features.iter().take(LISTED) {
        let message = of("join.feature-alone").with("key", shown(layer.value(*feature, own)));
        issues.push(layer.issue_at(*feature, Issue::new(Severity::Warning, message)));
    }
    let other = table.field(table_key).unwrap_or_default();
    for row in found.lonely_rows.iter().take(LISTED) {
        let message =
            of("join.row-alone").with("key", shown(table.value(*row, other))).with("line", line_of(table, *row));
        issues.push(Issue::new(Severity::Warning, message));
    }
    for (key, n) in [("join.more-features", lonely[0]), ("join.more-rows", lonely[1])] {
        if n > LISTED {
            issues.push(Issue::new(Severity::Warning, of(key).with("n", count(n - LISTED))));
        }
    }
    issues
}

#[cfg(test)]
mod tests;
