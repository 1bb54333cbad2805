//! The table of areas: layers whole or by fields.

use super::groups::{Group, GroupKey, KeyPart, scheme_of_field};
use super::{Cell, Column, ColumnKind, Table};
use crate::doctor::area_warning;
use crate::model::classes::{self, Scheme};
use crate::model::keys;
use crate::model::roles::fields;
use crate::model::{AreaMethod, Areas, GeometryKind, Layer, NoValues};
use crate::overlay::Coverage;
use crate::text::{Language, Message, tr};
use crate::units::{Area, AreaUnit, format_number, round_half_up};

/// Everything that a table of areas says about one layer.
#[derive(Clone, Copy)]
pub struct Summary<'a> {
    /// The layer.
    pub layer: &'a Layer,
    /// Its areas; empty for lines and points, which are counted only.
    pub areas: &'a Areas,
    /// What rows are grouped by.
    pub keys: &'a [GroupKey],
    /// The rows; none when the table is not grouped.
    pub groups: &'a [Group],
    /// All features that count, as one group.
    pub whole: &'a Group,
    /// Union and what is counted twice, where it was asked for.
    pub coverage: Option<&'a Coverage>,
    /// What else must be said: of the condition that chose the features, of how keys were read.
    pub remarks: &'a [Message],
}

const UNITS: [(&str, AreaUnit); 4] = [
    ("m2", AreaUnit::SquareMetre),
    ("mu", AreaUnit::Mu),
    ("ha", AreaUnit::Hectare),
    ("km2", AreaUnit::SquareKilometre),
];

/// The table of one layer: printed areas by key, a total, and what has to be said about them.
pub fn area_table(summary: &Summary<'_>, language: Language) -> Table {
    let measured = summary.layer.kind == GeometryKind::Polygon;
    let mut table = Table { title: title(summary, language), columns: columns(summary, language), ..Table::default() };
    table.rows = rows(summary, language);
    let mut total = row_of(&[], summary.whole, summary.whole, measured);
    let labels = summary.keys.len().max(1);
    let mut cells = vec![Cell::Empty; labels];
    cells[0] = Cell::from(tr(language, "report.total"));
    cells.append(&mut total);
    table.total = Some(cells);
    table.notes = notes(summary, language);
    table
}

/// One table over several layers and files, for spreadsheets: a row a group (or a layer), with file and layer in front.
pub fn combined_table(summaries: &[(String, Summary<'_>)], language: Language) -> Table {
    let key_count = summaries.iter().map(|(_, s)| s.keys.len()).max().unwrap_or(0);
    let mut table = Table::default();
    let text = |key: &str, title: &str| Column::new(key, title, ColumnKind::Text);
    table.columns.push(text("file", tr(language, "report.file")));
    table.columns.push(text("layer", tr(language, "report.layer")));
    for at in 0..key_count {
        let name = summaries.iter().find_map(|(_, s)| s.keys.get(at).map(|key| key_name(s.layer, key)));
        table.columns.push(text("key", &name.unwrap_or_default()));
    }
    table.columns.extend(figure_columns(true, language));
    for (path, summary) in summaries {
        let measured = summary.layer.kind == GeometryKind::Polygon;
        let rows = if summary.keys.is_empty() {
            vec![row_of(&[], summary.whole, summary.whole, measured)]
        } else {
            rows(summary, language)
        };
        for mut row in rows {
            let keys = summary.keys.len();
            let mut cells = vec![Cell::from(path.as_str()), Cell::from(summary.layer.name.as_str())];
            cells.extend(row.drain(..keys));
            cells.resize(2 + key_count, Cell::Empty);
            cells.append(&mut row);
            cells.resize(table.columns.len(), Cell::Empty);
            table.rows.push(cells);
        }
        let mut notes = vec![title(summary, language)];
        notes.extend(self::notes(summary, language));
        table.notes.push(format!("{path}: {}", notes.join("; ")));
    }
    table
}

fn title(summary: &Summary<'_>, language: Language) -> String {
    let measured = summary.layer.kind == GeometryKind::Polygon;
    let mut basis = Message::new(if measured { "report.basis" } else { "report.basis-count" })
        .with("layer", &summary.layer.name)
        .with("crs", summary.layer.crs.code_or_name());
    if measured {
        basis = basis
            .with("method", tr(language, summary.areas.method.key()))
            .with_said("frame", |l| crate::crs::name_said(&summary.areas.frame, l));
    }
    basis.text(language)
}

fn columns(summary: &Summary<'_>, language: Language) -> Vec<Column> {
    let mut columns: Vec<Column> =
        summary.keys.iter().map(|key| Column::new("key", key_name(summary.layer, key), ColumnKind::Text)).collect();
    if columns.is_empty() {
        columns.push(Column::new("key", "", ColumnKind::Text));
    }
    columns.extend(figure_columns(summary.layer.kind == GeometryKind::Polygon, language));
    columns
}

fn figure_columns(measured: bool, language: Language) -> Vec<Column> {
    let count = Column::new("feature_count", tr(language, "report.feature-count"), ColumnKind::Count);
    let mut columns = vec![count.why("why.f-features")];
    if measured {
        let area = tr(language, "report.area");
        columns.extend(UNITS.map(|(key, unit)| Column::new(key, area, ColumnKind::Area(unit)).why("why.f-group")));
        columns.push(Column::new("share", tr(language, "report.share"), ColumnKind::Share).why("why.f-group-share"));
    }
    columns
}

fn rows(summary: &Summary<'_>, language: Language) -> Vec<Vec<Cell>> {
    let measured = summary.layer.kind == GeometryKind::Polygon;
    let schemes: Vec<Option<Scheme>> =
        summary.keys.iter().map(|key| scheme_of_field(summary.layer, key.field)).collect();
    let row = |group: &Group| {
        let keys: Vec<Cell> = group
            .key
            .iter()
            .zip(schemes.iter().zip(summary.keys))
            .map(|(value, (scheme, key))| {
                Cell::from(spelt_key(summary.layer, key, *scheme, value.as_deref(), language))
            })
            .collect();
        row_of(&keys, group, summary.whole, measured)
    };
    summary.groups.iter().map(row).collect()
}

fn row_of(keys: &[Cell], group: &Group, whole: &Group, measured: bool) -> Vec<Cell> {
    let mut cells = keys.to_vec();
    cells.push(Cell::from(group.feature_count));
    if measured {
        cells.extend(UNITS.map(|_| Cell::from(group.printed)));
        let share = if whole.printed > Area::ZERO { group.printed.m2() / whole.printed.m2() } else { 0.0 };
        cells.push(Cell::Number(share));
    }
    cells
}

fn notes(summary: &Summary<'_>, language: Language) -> Vec<String> {
    let measured = summary.layer.kind == GeometryKind::Polygon;
    let warning = area_warning(summary.layer).filter(|_| measured);
    let mut notes: Vec<String> = warning.iter().chain(summary.remarks).map(|remark| remark.text(language)).collect();
    if summary.layer.kind == GeometryKind::Polygon && summary.areas.method == AreaMethod::Survey {
        let difference = summary.whole.printed - summary.whole.exact;
        let exact = Message::new("report.exact")
            .with("exact", summary.whole.exact.display(AreaUnit::SquareMetre))
            .with("difference", format!("{:+.2}", round_half_up(difference.m2(), 2) + 0.0));
        notes.push(exact.text(language));
    }
    if let Some(coverage) = summary.coverage {
        // Half of what is shown as 0.01 m².
        let key = if coverage.twice.m2() >= 0.005 { "report.union" } else { "report.no-overlap" };
        let union = Message::new(key)
            .with("union", coverage.union.display(AreaUnit::Mu))
            .with("union_km2", coverage.union.display(AreaUnit::SquareKilometre))
            .with("twice", coverage.excess().display(AreaUnit::Mu))
            .with("twice_m2", coverage.excess().display(AreaUnit::SquareMetre))
            .with("pairs", format_number(coverage.pair_count as f64, 0));
        notes.push(union.text(language));
    }
    notes
}

fn key_name(layer: &Layer, key: &GroupKey) -> String {
    let name = &layer.fields[key.field].name;
    match key.part {
        KeyPart::Whole | KeyPart::Class(_) => name.clone(),
        KeyPart::Prefix(count) => format!("{name}:{count}"),
        KeyPart::Level(_, level) => format!("{name}@{level}"),
    }
}

/// How the values of `keys` were read: what was taken for which class and how often, and what says that there is no value.
/// Over the features that `chosen` marks, where it is given, for the latter.
pub fn key_remarks(layer: &Layer, keys: &[GroupKey], chosen: Option<&[bool]>) -> Vec<Message> {
    let mut remarks = Vec::new();
    for key in keys {
        let name = &layer.fields[key.field].name;
        if let KeyPart::Class(scheme) | KeyPart::Level(scheme, _) = key.part {
            remarks.extend(keys::read_as_message(&layer.name, name, &keys::read_as(layer, key.field, scheme)));
        }
        remarks.extend(NoValues::of_field(layer, key.field, chosen).message(name));
    }
    remarks
}

/// The key with what it stands for behind it: the name of its class, the meaning of a code of the databases.
fn spelt_key(layer: &Layer, key: &GroupKey, scheme: Option<Scheme>, value: Option<&str>, language: Language) -> String {
    let coded = value.filter(|_| scheme.is_none() && key.part == KeyPart::Whole);
    let meaning = coded.and_then(|text| fields::meaning(&layer.fields[key.field].name, text, None, language));
    match coded.zip(meaning) {
        Some((text, meaning)) => format!("{text} {meaning}"),
        None => shown_key(scheme, value, language),
    }
}

/// The key with the name of its class behind it, where the field holds codes of a scheme.
pub fn shown_key(scheme: Option<Scheme>, value: Option<&str>, language: Language) -> String {
    let Some(value) = value else { return tr(language, "model.empty-value").to_owned() };
    match scheme.and_then(|scheme| classes::resolve(scheme, value)) {
        Some(found) if found.class.name(language) != value => format!("{value} {}", found.class.name(language)),
        _ => value.to_owned(),
    }
}
