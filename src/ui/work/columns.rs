//! The columns of the attribute table of a layer, and what stands in their cells.

use crate::model::classes::Scheme;
use crate::model::roles::fields;
use crate::model::{Areas, FieldType, GeometryKind, Layer, Value};
use crate::report::display_width;
use crate::scenario::{Entry, TableLayout};
use crate::text::{Language, Message, tr};
use crate::ui::look::grid::{self, Cell, Ink};
use crate::ui::look::widgets::Tone;
use crate::ui::work::attribute_area::AttributeArea;
use crate::units::{Area, AreaUnit, format_number};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Content {
    /// The number of the feature in its file.
    Number,
    /// An attribute.
    Field(usize),
    /// The name of the class whose code stands in a field, with its swatch.
    ClassName(usize),
    /// Printed area.
    Area(AreaUnit),
    /// The area that an attribute states, less the printed one, in m².
    Difference(usize),
}

/// The columns of a layer's table.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    /// What each column holds.
    pub contents: Vec<Content>,
    /// Its heading and width.
    pub headings: Vec<grid::Column>,
    /// The field that shows the swatch of the class: that of its name, where there is one.
    swatch_field: Option<usize>,
}

/// Layers with no more fields have their areas at the end of the row.
const FEW_FIELDS: usize = 6;

/// Rows whose values decide on the first width of a column.
const SAMPLE: usize = 40;

/// Width of a character of half a square in tables.
const CHARACTER: f32 = 7.2;

impl Columns {
    /// The columns of `entry`, with headings in `language`.
    pub fn of(entry: &Entry, language: Language) -> Self {
        let layer = &entry.layer;
        let mut columns = Self::default();
        let number = tr(language, "panels.number-tip");
        columns.push(Content::Number, "#", number.to_owned(), 64.0, true);
        let class_field = entry.class_field();
        let name_field = entry.recognition.class_name_field.as_deref().and_then(|name| layer.field(name));
        columns.swatch_field = name_field.or(class_field.filter(|_| entry.scheme().is_none()));
        // Areas are read first: they stand behind the class, not at the end of a long row.
        let described = class_field.into_iter().chain(name_field).max().map(|field| field + 1);
        let count = layer.fields.len();
        let measured_after = if count <= FEW_FIELDS { count } else { described.unwrap_or(3) };
        for (at, field) in layer.fields.iter().enumerate() {
            let right = matches!(field.kind, FieldType::Int | FieldType::Float);
            let tip = field_tip(entry, at, language);
            let swatch = if columns.swatch_field == Some(at) { 20.0 } else { 0.0 };
            columns.push(Content::Field(at), &field.name, tip, width(layer, at) + swatch, right);
            if class_field == Some(at) && entry.scheme().is_some() && name_field.is_none() {
                let tip = Message::new("panels.class-tip").with("field", &field.name).text(language);
                columns.push(Content::ClassName(at), tr(language, "panels.class"), tip, 132.0, false);
            }
            if at + 1 == measured_after {
                columns.push_measured(entry, language);
            }
        }
        if layer.fields.is_empty() {
            columns.push_measured(entry, language);
        }
        columns
    }

    /// What is measured: area in mu and hectares, and how far the attribute is off.
    fn push_measured(&mut self, entry: &Entry, language: Language) {
        let layer = &entry.layer;
        if layer.kind == GeometryKind::Polygon {
            for (unit, key, width) in
                [(AreaUnit::Mu, "panels.area-mu", 104.0), (AreaUnit::Hectare, "panels.area-ha", 92.0)]
            {
                let tip = tr(language, "panels.area-tip").to_owned();
                self.push(Content::Area(unit), tr(language, key), tip, width, true);
            }
            if let Some(stated) = AttributeArea::of_entry(entry) {
                let name = &layer.fields[stated.field].name;
                let title = Message::new("panels.difference").with("field", name).text(language);
                let tip = Message::new("panels.difference-tip").with("field", name).text(language);
                self.push(Content::Difference(stated.field), &title, tip, 108.0, true);
            }
        }
    }

    fn push(&mut self, content: Content, title: &str, tip: String, width: f32, right: bool) {
        let key = match content {
            Content::Number => "number".to_owned(),
            Content::Field(_) => format!("field {title}"),
            Content::ClassName(_) => "class".to_owned(),
            Content::Area(unit) => format!("area {unit:?}").to_lowercase(),
            Content::Difference(_) => "difference".to_owned(),
        };
        let least = display_width(title) as f32 * CHARACTER + 34.0;
        let width = width.max(least);
        let title = title.to_owned();
        let heading = grid::Column { key, title, tip, width, right, sortable: true, movable: true };
        self.contents.push(content);
        self.headings.push(heading);
    }

    /// The columns of `entry` as its table is laid out.
    pub fn shown(entry: &Entry, language: Language) -> Self {
        Self::of(entry, language).arranged(&entry.table)
    }

    /// What the columns are remembered by, in their order.
    pub fn keys(&self) -> Vec<String> {
        self.headings.iter().map(|heading| heading.key.clone()).collect()
    }

    /// The columns that `layout` shows, in its order; the number alone where it hides all.
    pub fn arranged(&self, layout: &TableLayout) -> Self {
        let mut places = layout.arranged(&self.keys());
        if places.is_empty() {
            places.extend((!self.contents.is_empty()).then_some(0));
        }
        Self {
            contents: places.iter().map(|at| self.contents[*at]).collect(),
            headings: places.iter().map(|at| self.headings[*at].clone()).collect(),
            swatch_field: self.swatch_field,
        }
    }

    /// What the rows are sorted by, as far as the columns are there.
    pub fn sort_of(&self, layout: &TableLayout) -> Vec<(Content, bool)> {
        let of = |(key, descending): &(String, bool)| {
            let at = self.headings.iter().position(|heading| heading.key == *key)?;
            Some((self.contents[at], *descending))
        };
        layout.sort.iter().filter_map(of).collect()
    }

    /// The cell of `feature` in column `column`.
    pub fn cell(&self, entry: &Entry, feature: usize, column: usize, symbol: Option<u16>, language: Language) -> Cell {
        let Some(content) = self.contents.get(column) else { return Cell::default() };
        let layer = &entry.layer;
        let swatch = || symbol.and_then(|symbol| entry.style.symbol(usize::from(symbol))).copied();
        match *content {
            Content::Number => Cell::text(format_number((layer.source_row(feature) + 1) as f64, 0)).ink(Ink::Muted),
            Content::Field(field) => {
                let value = layer.value(feature, field);
                let mut cell = value_cell(value, language);
                if self.swatch_field == Some(field) && !value.is_null() {
                    cell.swatch = swatch();
                }
                cell
            }
            Content::ClassName(field) => match layer.value(feature, field) {
                Value::Null => Cell::text("–").ink(Ink::Faint),
                value => {
                    let text = value.to_string();
                    let name = class_name(&layer.fields[field].name, &text, entry.scheme(), language);
                    let ink = if name.is_some() { Ink::Text } else { Ink::Faint };
                    Cell { swatch: swatch(), ..Cell::text(name.unwrap_or("–")).ink(ink) }
                }
            },
            Content::Area(unit) => match printed(entry.areas.as_deref(), feature) {
                Some(area) => Cell::text(area.display(unit)),
                None => Cell::text("…").ink(Ink::Faint),
            },
            Content::Difference(field) => {
                let stated = AttributeArea::of_field(layer, field).area(layer, feature);
                match (stated, printed(entry.areas.as_deref(), feature)) {
                    (Some(stated), Some(area)) => difference_cell(stated, area),
                    (None, _) => Cell::text("–").ink(Ink::Faint),
                    (_, None) => Cell::text("…").ink(Ink::Faint),
                }
            }
        }
    }
}

/// Codes that the tip of a field spells out.
const SPELT: usize = 8;

/// What is known of a field, as the tip of its heading.
fn field_tip(entry: &Entry, at: usize, language: Language) -> String {
    let field = &entry.layer.fields[at];
    let title = field_title(entry, at, language);
    let key = if title.is_some() { "panels.field-tip" } else { "panels.field-tip-untitled" };
    let first = Message::new(key)
        .with("title", title.unwrap_or_default())
        .with("name", &field.name)
        .with("type", field_kind(entry, at, language))
        .text(language);
    let formula = entry.layer.formula(at).map(|formula| format!("= {}", formula.expression));
    std::iter::once(first).chain(formula).chain(field_details(entry, at, language)).collect::<Vec<String>>().join("\n")
}

/// What a field holds: by the table that its layer is, by the name that it has in the databases, by what its source says.
pub fn field_title(entry: &Entry, at: usize, language: Language) -> Option<&str> {
    let name = &entry.layer.fields[at].name;
    let of_table = || Some(entry.recognition.table?.field(name)?.title(language));
    fields::title(name, language).or_else(of_table).or_else(|| entry.layer.words.alias_of(name))
}

/// The type of a field, with the unit of its numbers where that is known.
pub fn field_kind(entry: &Entry, at: usize, language: Language) -> String {
    let field = &entry.layer.fields[at];
    let of_table = entry.recognition.table.and_then(|table| Some(table.field(&field.name)?.unit));
    let unit = of_table.or_else(|| fields::find(&field.name).map(|title| title.unit)).unwrap_or("");
    let kind = tr(language, type_key(field.kind));
    if unit.is_empty() { kind.to_owned() } else { format!("{kind} ({unit})") }
}

/// What else is known of a field, a line each: the table that has it, and what codes of it stand for.
pub fn field_details(entry: &Entry, at: usize, language: Language) -> Vec<String> {
    let field = &entry.layer.fields[at];
    let mut lines = Vec::new();
    if let Some((table, known)) = entry.recognition.table.and_then(|table| Some((table, table.field(&field.name)?))) {
        let line = Message::new("panels.field-of-table")
            .with("table", format!("{} {}", table.schema, table.code))
            .with_said("sure", |language| tr(language, known.confidence.title_key()).to_owned());
        lines.push(line.text(language));
    }
    let meaning = meaning_in(entry, at, language);
    if let Some(column) = entry.layer.blocks.first().and_then(|block| block.attributes.column(at)) {
        let mut texts: Vec<&str> = column.distinct_texts().take(MOST_TEXTS).collect();
        texts.sort_unstable();
        lines.extend(texts.iter().filter_map(|text| Some(format!("{text} {}", meaning(text)?))).take(SPELT));
    }
    lines
}

/// What codes of a field stand for: by what is known of the field, else by what its source says.
fn meaning_in(entry: &Entry, at: usize, language: Language) -> impl Fn(&str) -> Option<String> {
    let name = entry.layer.fields[at].name.as_str();
    let scheme = entry.scheme().filter(|_| entry.class_field() == Some(at));
    let own = fields::Meanings::of_field(name, scheme, language);
    move |text: &str| {
        let known = own.and_then(|own| own.of(text));
        known.or_else(|| entry.layer.words.meaning_of(name, text)).map(str::to_owned)
    }
}

/// A value of a field with what it stands for; `None` where that is nothing.
pub fn spelt_out(entry: &Entry, at: usize, text: &str, language: Language) -> Option<String> {
    Some(format!("{text} {}", meaning_in(entry, at, language)(text)?))
}

/// The condition that rows meet which have `value` in a field, as it would be typed; `None` where no word says such a value.
pub fn condition_of(layer: &Layer, field: usize, value: Value<'_>) -> Option<String> {
    let name = layer.fields.get(field)?.name.replace('"', "\"\"");
    match value {
        Value::Null => Some(format!("\"{name}\" is null")),
        Value::Text(text) => Some(format!("\"{name}\" = '{}'", text.replace('\'', "''"))),
        Value::Int(number) => Some(format!("\"{name}\" = {number}")),
        Value::Float(number) => number.is_finite().then(|| format!("\"{name}\" = {number}")),
        Value::Bool(_) | Value::Json(_) => None,
    }
}

/// Distinct texts of a field that are looked through for codes.
const MOST_TEXTS: usize = 64;

/// What the name of the class of a code is.
pub fn class_name(field: &str, text: &str, scheme: Option<Scheme>, language: Language) -> Option<&'static str> {
    fields::meaning(field, text, scheme, language)
}

/// Printed area of a feature, once measured.
pub fn printed(areas: Option<&Areas>, feature: usize) -> Option<Area> {
    areas.and_then(|areas| areas.printed.get(feature)).map(|m2| Area::from_m2(*m2))
}

/// The difference of a stated area, in m² with its sign, on a ground where it is more than rounding explains.
pub fn difference_cell(stated: Area, area: Area) -> Cell {
    let cell = Cell::text(signed(stated.m2() - area.m2()));
    if AttributeArea::is_off(stated, area) { Cell { pill: Some(Tone::Warn), ..cell } } else { cell }
}

/// A figure with two decimals and its sign; zero has none.
pub fn signed(value: f64) -> String {
    let text = format_number(value, 2);
    if value > 0.0 && text != "0.00" { format!("+{text}") } else { text }
}

fn value_cell(value: Value<'_>, language: Language) -> Cell {
    match value {
        Value::Null => Cell::text(tr(language, "panels.no-value")).ink(Ink::Faint),
        value @ Value::Float(_) => Cell::text(plain(&value.to_string())),
        value => Cell::text(value.to_string()),
    }
}

/// A number as it is read: what only its binary form makes of it, from the 16th digit on, is left out.
pub fn plain(number: &str) -> String {
    let digit_count = number.bytes().filter(u8::is_ascii_digit).count();
    let point = number.trim_start_matches('-').find('.');
    match (point, number.parse::<f64>()) {
        (Some(point), Ok(value)) if digit_count > 15 && !number.contains('e') => {
            let decimals = 15_usize.saturating_sub(point);
            let rounded = format!("{value:.decimals$}");
            rounded.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        _ => number.to_owned(),
    }
}

/// Key of the word for a type of a field.
pub fn type_key(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Null => "panels.type-null",
        FieldType::Bool => "panels.type-bool",
        FieldType::Int => "panels.type-int",
        FieldType::Float => "panels.type-float",
        FieldType::Text => "panels.type-text",
        FieldType::Json => "panels.type-json",
    }
}

/// Width that the first values of a field need.
fn width(layer: &Layer, field: usize) -> f32 {
    let count = layer.feature_count();
    let step = (count / SAMPLE).max(1);
    let widest = (0..count).step_by(step).take(SAMPLE).map(|row| display_width(&layer.value(row, field).to_string()));
    let widest = widest.max().unwrap_or(4).max(4);
    (widest as f32 * CHARACTER + 18.0).clamp(44.0, 220.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crs::Crs;
    use crate::expr::Expr;
    use crate::model::Field;

    #[test]
    fn the_condition_of_a_value_can_be_typed() {
        let fields = vec![Field { name: "地\"类".to_owned(), kind: FieldType::Text }];
        let layer = Layer::new("t".to_owned(), GeometryKind::Polygon, Crs::cgcs2000(), fields, Vec::new());
        let check = |value: Value<'_>, expected: &str| {
            let condition = condition_of(&layer, 0, value).expect("words for it");
            assert_eq!(condition, expected);
            assert!(Expr::parse(&condition).expect("an expression").compares());
        };
        check(Value::Text("大'桥"), r#""地""类" = '大''桥'"#);
        check(Value::Int(-3), r#""地""类" = -3"#);
        check(Value::Float(0.25), r#""地""类" = 0.25"#);
        check(Value::Null, r#""地""类" is null"#);
        assert_eq!(condition_of(&layer, 0, Value::Bool(true)), None);
        assert_eq!(condition_of(&layer, 1, Value::Null), None);
    }

    #[test]
    fn numbers_lose_what_only_their_binary_form_makes_of_them() {
        let check = |number: f64, expected: &str| assert_eq!(plain(&number.to_string()), expected);
        check(423.285_989_999_999_97, "423.28599");
        check(0.1 + 0.2, "0.3");
        check(-0.300_000_000_000_000_04, "-0.3");
        check(386_362.09, "386362.09");
        check(1.0 / 3.0, "0.33333333333333");
        check(37_019.0, "37019");
    }
}
