//! The classes of a layer in another scheme, as fields derived from its class field (基数转换).
//!
//! A class that is one class of the other scheme becomes that; one that may be several becomes what was decided for it,
//! and nothing before that. What becomes nothing is counted and told, with the texts that are no code at all. The class
//! field itself stays as it is.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::attributes::ColumnBuilder;
use super::classes::crosswalk;
use super::classes::{self, Class, Scheme};
use super::{Areas, Field, FieldType, Issue, Layer, NoValue, Revision, Severity, Value};
use crate::text::{Language, Message};
use crate::units::format_number;

/// Classes that a sentence names.
const NAMED: usize = 12;

/// How the classes of a layer become those of another scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversion {
    /// The class field.
    pub field: String,
    /// The scheme of its codes.
    pub from: Scheme,
    /// The scheme that they become.
    pub to: Scheme,
    /// What was decided for classes that may be several: the class of the other scheme, or `None` for nothing.
    pub decided: Vec<(Class, Option<Class>)>,
}

/// A class in use, and what it may become.
#[derive(Clone, Debug, PartialEq)]
pub struct InUse {
    /// The class.
    pub class: Class,
    /// Features that have it.
    pub feature_count: u64,
    /// Their area in m², exact; `None` where it was not measured.
    pub area_m2: Option<f64>,
    /// What it may be in the other scheme, the likeliest first.
    pub targets: Vec<Class>,
}

impl InUse {
    /// Whether it has to be decided.
    pub fn is_open(&self) -> bool {
        self.targets.len() != 1
    }
}

/// Why classes cannot be carried over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConversionError {
    /// The layer has no such field.
    #[error("{layer} has no field {name}")]
    NoField {
        /// The layer.
        layer: String,
        /// The name that was asked for.
        name: String,
    },
    /// Nothing leads from the one scheme to the other.
    #[error("no way from {from} to {to}")]
    NoWay {
        /// The scheme of the codes.
        from: &'static str,
        /// The scheme asked for.
        to: &'static str,
    },
}

impl ConversionError {
    /// The error as a message of the catalogue.
    pub fn message(&self) -> Message {
        match self {
            Self::NoField { layer, name } => {
                Message::new("model.conversion-no-field").with("layer", layer).with("name", name)
            }
            Self::NoWay { from, to } => Message::new("model.conversion-no-way").with("from", from).with("to", to),
        }
    }
}

/// A layer with its classes in another scheme.
#[derive(Clone, Debug)]
pub struct Converted {
    /// The layer: its own fields, then code and name of the other scheme.
    pub layer: Layer,
    /// Names of these two.
    pub fields: [String; 2],
}

impl Conversion {
    /// A conversion where nothing is decided yet.
    pub fn new(field: &str, from: Scheme, to: Scheme) -> Self {
        Self { field: field.to_owned(), from, to, decided: Vec::new() }
    }

    /// What a class becomes; `None` where that is not known, or was decided to be nothing.
    pub fn target(&self, class: Class) -> Option<Class> {
        if let Some((_, decided)) = self.decided.iter().find(|(known, _)| *known == class) {
            return *decided;
        }
        match &*crosswalk::targets(class, self.to) {
            [only] => Some(*only),
            _ => None,
        }
    }

    /// Whether a class has still to be decided.
    pub fn is_undecided(&self, class: Class) -> bool {
        crosswalk::is_open(class, self.to) && !self.decided.iter().any(|(known, _)| *known == class)
    }

    /// Bytes that it takes.
    pub fn byte_count(&self) -> usize {
        size_of::<Self>() + self.field.len() + size_of_val(&*self.decided)
    }
}

/// The classes that the field of a conversion has, in the order of their scheme, with what they may become.
///
/// # Errors
/// [`ConversionError`] where the field is missing or nothing leads to the scheme.
pub fn in_use(layer: &Layer, conversion: &Conversion, areas: Option<&Areas>) -> Result<Vec<InUse>, ConversionError> {
    let field = checked(layer, conversion)?;
    let mut sums: FxHashMap<Class, (u64, f64)> = FxHashMap::default();
    for (block, start) in layer.blocks.iter().zip(&layer.starts) {
        let count = block.geometry.feature_count();
        for (row, class) in classes_of(block.attributes.column(field), count, conversion.from).into_iter().enumerate() {
            let Some(class) = class.class else { continue };
            let sum = sums.entry(class).or_default();
            sum.0 += 1;
            sum.1 += areas.and_then(|areas| areas.exact.get(start + row)).copied().unwrap_or(0.0);
        }
    }
    let used = |(class, (feature_count, area)): (Class, (u64, f64))| InUse {
        class,
        feature_count,
        area_m2: areas.map(|_| area),
        targets: crosswalk::targets(class, conversion.to),
    };
    let mut list: Vec<InUse> = sums.into_iter().map(used).collect();
    list.sort_by_key(|used| used.class);
    Ok(list)
}

/// Puts code and name of the other scheme behind the fields of a layer. What stays without one is among its issues.
///
/// # Errors
/// As [`in_use`].
pub fn converted(layer: &Layer, conversion: &Conversion) -> Result<Converted, ConversionError> {
    let field = checked(layer, conversion)?;
    let fields = field_names(layer, conversion.to);
    let derived = fields.iter().map(|name| Field { name: name.clone(), kind: FieldType::Text });
    let all: Vec<Field> = layer.fields.iter().cloned().chain(derived).collect();
    let mut open: FxHashMap<Class, u64> = FxHashMap::default();
    let mut unknown: FxHashMap<String, u64> = FxHashMap::default();
    let mut blocks = layer.blocks.clone();
    for block in &mut blocks {
        let count = block.geometry.feature_count();
        let mut codes = ColumnBuilder::default();
        let mut class_names = ColumnBuilder::default();
        let mut known: FxHashMap<Class, Option<Class>> = FxHashMap::default();
        for (row, read) in classes_of(block.attributes.column(field), count, conversion.from).into_iter().enumerate() {
            let Some(class) = read.class else {
                if let Some(text) = read.unknown {
                    *unknown.entry(text).or_default() += 1;
                }
                continue;
            };
            match *known.entry(class).or_insert_with(|| conversion.target(class)) {
                Some(target) => {
                    codes.set(row as u32, Value::Text(target.code()));
                    class_names.set(row as u32, Value::Text(target.name(Language::Chinese)));
                }
                None => *open.entry(class).or_default() += 1,
            }
        }
        let mut attributes = (*block.attributes).clone();
        for (at, column) in [codes, class_names].into_iter().enumerate() {
            attributes = attributes.with_column(layer.fields.len() + at, Some(Arc::new(column.finish(count))));
        }
        block.attributes = Arc::new(attributes);
    }
    let mut issues = layer.issues.to_vec();
    issues.extend(issues_of(conversion, open, unknown));
    let layer =
        Layer { revision: Revision::next(), issues: Arc::new(issues), ..layer.with_blocks(Arc::new(all), blocks) };
    Ok(Converted { layer, fields })
}

/// What the fields are called that a layer gets: those of code and name in plans or surveys, where no field of it is called
/// so already.
pub fn field_names(layer: &Layer, to: Scheme) -> [String; 2] {
    let names = if to.is_plan() { ["YDYHFLDM", "YDYHFLMC"] } else { ["DLBM", "DLMC"] };
    names.map(|name| free_name(&layer.fields, name, to))
}

/// The class field, where there is a way to the scheme.
fn checked(layer: &Layer, conversion: &Conversion) -> Result<usize, ConversionError> {
    let (from, to) = (conversion.from, conversion.to);
    if !crosswalk::reached_from(from).contains(&to) {
        return Err(ConversionError::NoWay { from: from.name(), to: to.name() });
    }
    let no_field = || ConversionError::NoField { layer: layer.name.clone(), name: conversion.field.clone() };
    layer.field(&conversion.field).ok_or_else(no_field)
}

/// What a value of the class field was read as.
#[derive(Clone, Debug, Default)]
struct Read {
    class: Option<Class>,
    /// The text that is no code.
    unknown: Option<String>,
}

/// The class of each row; interned text is read once.
fn classes_of(column: Option<&super::Column>, count: usize, scheme: Scheme) -> Vec<Read> {
    let Some(column) = column else { return vec![Read::default(); count] };
    let read = |value: Value<'_>| {
        let text = match value {
            Value::Null => return Read::default(),
            value => value.to_string(),
        };
        if NoValue::of_text(&text).is_some() {
            return Read::default();
        }
        match classes::resolve(scheme, &text) {
            Some(found) => Read { class: Some(found.class), unknown: None },
            None => Read { class: None, unknown: Some(text) },
        }
    };
    let distinct: Vec<Read> = column.distinct_texts().map(|text| read(Value::Text(text))).collect();
    let of_row = |row: usize| match column.text_code(row) {
        Some(code) => distinct[code as usize].clone(),
        None => read(column.value(row)),
    };
    (0..count).map(of_row).collect()
}

/// A name that no field has: with the word of the scheme where it is taken, with a number where that is, too.
fn free_name(taken: &[Field], name: &str, scheme: Scheme) -> String {
    let is_taken = |name: &str| taken.iter().any(|field| field.name.eq_ignore_ascii_case(name));
    if !is_taken(name) {
        return name.to_owned();
    }
    let wanted = format!("{name}_{}", scheme.name());
    let numbered = |n: usize| if n < 2 { wanted.clone() } else { format!("{wanted}_{n}") };
    (1..).map(numbered).find(|name| !is_taken(name)).unwrap_or_default()
}

/// What is to be said of features that get no class of the other scheme.
fn issues_of(conversion: &Conversion, open: FxHashMap<Class, u64>, unknown: FxHashMap<String, u64>) -> Vec<Issue> {
    let mut issues = Vec::new();
    let mut open: Vec<(Class, u64)> = open.into_iter().collect();
    open.sort_unstable();
    let mut unknown: Vec<(String, u64)> = unknown.into_iter().collect();
    unknown.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let count = |n: u64| format_number(n as f64, 0);
    let of = |key: &'static str, total: u64, list: Vec<String>| {
        let mut named: Vec<String> = list.iter().take(NAMED).cloned().collect();
        if list.len() > NAMED {
            named.push("…".to_owned());
        }
        let message = Message::new(key)
            .with("field", &conversion.field)
            .with_said("to", |language| conversion.to.title(language).to_owned())
            .with("n", count(total))
            .with("list", named.join(", "));
        Issue::new(Severity::Warning, message)
    };
    if !open.is_empty() {
        let list = open.iter().map(|(class, n)| format!("{} ({})", class.label(Language::Chinese), count(*n)));
        issues.push(of("model.conversion-open", open.iter().map(|(_, n)| n).sum(), list.collect()));
    }
    if !unknown.is_empty() {
        let list = unknown.iter().map(|(text, n)| format!("{text} ({})", count(*n)));
        issues.push(of("model.conversion-unknown", unknown.iter().map(|(_, n)| n).sum(), list.collect()));
    }
    issues
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crs::Crs;
    use crate::model::{AttributeBuilder, FeatureBlock, GeometryBuilder, GeometryKind};

    fn layer(fields: &[&str], rows: &[&str]) -> Layer {
        let mut attributes = AttributeBuilder::new();
        let mut geometry = GeometryBuilder::new(GeometryKind::Polygon);
        for row in rows {
            for (at, field) in fields.iter().enumerate() {
                let column = attributes.column(field, at);
                attributes.set(column, if row.is_empty() { Value::Null } else { Value::Text(row) });
            }
            attributes.end_row();
            geometry.null_feature();
        }
        let block = FeatureBlock::of_parts(geometry.finish(), attributes.finish().1);
        let field = |name: &&str| Field { name: (*name).to_owned(), kind: FieldType::Text };
        let fields = fields.iter().map(field).collect();
        Layer::new("DLTB".to_owned(), GeometryKind::Polygon, Crs::wgs84(), fields, vec![block])
    }

    fn class(scheme: Scheme, code: &str) -> Class {
        Class::find(scheme, code).unwrap_or_else(|| panic!("no class {code}"))
    }

    fn column(layer: &Layer, field: &str) -> Vec<String> {
        let field = layer.field(field).unwrap_or_else(|| panic!("no field {field}"));
        (0..layer.feature_count()).map(|row| layer.value(row, field).to_string()).collect()
    }

    #[test]
    fn what_is_beyond_doubt_is_carried_over_and_the_rest_is_listed() {
        let parcels = layer(&["DLBM"], &["0101", "101", "0204", "0702水", "X1", "", "1006"]);
        let mut conversion = Conversion::new("DLBM", Scheme::Sd2019, Scheme::Ydyh2023);
        let areas = Areas { exact: vec![1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0], ..Areas::default() };
        let used = in_use(&parcels, &conversion, Some(&areas)).expect("there is a way");
        let shown: Vec<_> =
            used.iter().map(|used| (used.class.code(), used.feature_count, used.area_m2, used.is_open())).collect();
        let expected = [
            ("0101", 2, Some(3.0), false),
            ("0204", 1, Some(4.0), true),
            ("0702", 1, Some(8.0), false),
            ("1006", 1, Some(64.0), true),
        ];
        assert_eq!(shown, expected);
        let done = converted(&parcels, &conversion).expect("there is a way");
        assert_eq!(done.fields, ["YDYHFLDM", "YDYHFLMC"]);
        assert_eq!(column(&done.layer, "YDYHFLDM"), ["0101", "0101", "", "0703", "", "", ""]);
        let kinds: Vec<&str> = done.layer.issues.iter().map(Issue::kind).collect();
        assert_eq!(kinds, ["conversion-open", "conversion-unknown"]);
        // Decided: the one becomes a class, the other nothing, on purpose or not it is told.
        let plan = |code| Some(class(Scheme::Ydyh2023, code));
        conversion.decided = vec![(class(Scheme::Sd2019, "0204"), plan("0204"))];
        assert!(conversion.is_undecided(class(Scheme::Sd2019, "1006")));
        conversion.decided.push((class(Scheme::Sd2019, "1006"), None));
        assert!(!conversion.is_undecided(class(Scheme::Sd2019, "1006")));
        let done = converted(&parcels, &conversion).expect("there is a way");
        assert_eq!(column(&done.layer, "YDYHFLMC"), ["水田", "水田", "油料园地", "农村宅基地", "", "", ""]);
        assert_eq!(done.layer.shape, parcels.shape);
        // The class field stays.
        assert_eq!(column(&done.layer, "DLBM")[1], "101");
    }

    #[test]
    fn names_that_are_taken_get_the_word_of_the_scheme() {
        let parcels = layer(&["DLBM", "DLMC"], &["011", "031"]);
        let conversion = Conversion::new("dlbm", Scheme::Gb2007, Scheme::Gb2017);
        let done = converted(&parcels, &conversion).expect("there is a way");
        assert_eq!(done.fields, ["DLBM_GB2017", "DLMC_GB2017"]);
        assert_eq!(column(&done.layer, "DLBM_GB2017"), ["0101", ""]);
    }

    #[test]
    fn there_is_no_way_back() {
        let parcels = layer(&["DLBM"], &["0101"]);
        let back = Conversion::new("DLBM", Scheme::Ydyh2023, Scheme::Sd2019);
        assert!(matches!(converted(&parcels, &back), Err(ConversionError::NoWay { .. })));
        let lost = Conversion::new("X", Scheme::Sd2019, Scheme::Ydyh2023);
        assert!(matches!(in_use(&parcels, &lost, None), Err(ConversionError::NoField { .. })));
    }
}
