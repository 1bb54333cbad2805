//! What a red line takes of the layers that it lies on, and its conflicts with control lines, as the command line says it.

use std::path::Path;

use serde_json::{Value as Json, json};

use super::data::{crs_json, issue_json, shown};
use super::summary::{key_remarks, shown_key};
use super::{Cell, Column, ColumnKind, Form, Origin, Report, Table};
use crate::doctor::{area_warning, area_warnings};
use crate::model::keys::{self, GroupKey};
use crate::model::roles::Role;
use crate::model::{Issue, Layer};
use crate::scenario::lines::LineKind;
use crate::scenario::red_line::{self, LineConflict};
use crate::scenario::transition::{Taken, TakenGroup};
use crate::text::{Language, Message, tr};
use crate::units::{Area, AreaUnit, format_number};

/// The red line.
pub struct Line<'a> {
    /// Its file, as named.
    pub path: &'a Path,
    /// Its polygons.
    pub layer: &'a Layer,
    /// Everything that was found about it, each once.
    pub issues: &'a [Issue],
}

/// What is taken of one layer.
pub struct OfLayer<'a> {
    /// The layer.
    pub layer: &'a Layer,
    /// Its file.
    pub path: &'a Path,
    /// What it is in planning terms.
    pub role: Role,
    /// What its features are grouped by.
    pub keys: Vec<GroupKey>,
    /// What is taken of it.
    pub taken: Taken,
}

/// The report. There is at least one layer.
pub fn report(line: &Line<'_>, of_layers: &[OfLayer<'_>], form: Form, language: Language) -> Report {
    let tables = || -> Vec<Table> {
        let taken = of_layers.iter().filter(|of| of.taken.m2 > 0.0).map(|of| layer_table(of, language));
        std::iter::once(conflict_table(line, of_layers, language)).chain(taken).collect()
    };
    match form {
        Form::Parts => Report::of_tables(tables()),
        Form::Sheets | Form::Workbook => {
            let layers = of_layers.iter().map(|of| (of.path, of.layer));
            let sources = std::iter::once((line.path, line.layer)).chain(layers);
            let origin = |(path, layer)| Origin::of_layer(shown(path), layer, language);
            Report::of_sheets(tables(), sources.map(origin).collect())
        }
        Form::Data => Report::of_data(to_json(line, of_layers, language)),
    }
}

/// What is wrong with the red line on a control line: its word, and the area.
pub fn conflict(of: &OfLayer<'_>) -> Option<(&'static str, LineConflict)> {
    let conflict = red_line::conflict(of.role, &of.taken)?;
    let word = match conflict.kind {
        LineKind::Farmland => "basic-farmland",
        LineKind::RedLine => "red-line",
        LineKind::Boundary => "outside-boundary",
    };
    Some((word, conflict))
}

fn to_json(line: &Line<'_>, of_layers: &[OfLayer<'_>], language: Language) -> Json {
    let area = |m2: f64| json!({ "m2": m2, "mu": Area::from_m2(m2).mu() });
    let first = &of_layers[0].taken;
    let layers: Vec<Json> = of_layers
        .iter()
        .map(|of| {
            let groups: Vec<Json> = of
                .taken
                .groups
                .iter()
                .map(|group| {
                    let mut object = area(group.m2);
                    object["key"] = group.key.iter().map(Option::as_deref).collect();
                    object["pieces"] = json!(group.pieces);
                    object
                })
                .collect();
            let mut object = area(of.taken.m2);
            object["path"] = json!(shown(of.path));
            object["layer"] = json!(of.layer.name);
            object["role"] = json!(of.role.name());
            object["crs"] = crs_json(of.layer, language);
            object["zone"] = json!(of.taken.frame);
            if area_warning(of.layer).is_some() {
                object["areas_doubted"] = json!(true);
            }
            object["covered_m2"] = json!(of.taken.m2);
            object["twice_m2"] = json!(of.taken.twice_m2);
            object["net_m2"] = json!(of.taken.net_m2);
            if of.taken.net_m2.is_some() {
                object["net_without_ridges_count"] = json!(of.taken.unstated);
            }
            object["pieces"] = json!(of.taken.pieces);
            object["by"] = of.keys.iter().map(|key| of.layer.fields[key.field].name.clone()).collect();
            object["groups"] = json!(groups);
            object["issues"] = of.taken.issues.iter().map(|issue| issue_json(issue, language)).collect();
            object
        })
        .collect();
    let conflicts: Vec<Json> = of_layers
        .iter()
        .filter_map(|of| {
            let (kind, found) = conflict(of)?;
            let mut object = area(found.m2);
            object["kind"] = json!(kind);
            object["layer"] = json!(of.layer.name);
            if kind == "basic-farmland" {
                object["net_m2"] = json!(of.taken.net_m2);
                object["net_without_ridges_count"] = json!(found.unstated);
            }
            Some(object)
        })
        .collect();
    let mut of_line = area(first.line_m2);
    of_line["path"] = json!(shown(line.path));
    of_line["feature_count"] = json!(line.layer.feature_count());
    if area_warning(line.layer).is_some() {
        of_line["areas_doubted"] = json!(true);
    }
    of_line["crs"] = crs_json(line.layer, language);
    of_line["issues"] = line.issues.iter().map(|issue| issue_json(issue, language)).collect();
    json!({
        "line": of_line,
        "method": first.method.name(),
        "layers": layers,
        "conflicts": conflicts,
    })
}

/// The red line and every layer: how much of it lies there, and what is a conflict.
fn conflict_table(line: &Line<'_>, of_layers: &[OfLayer<'_>], language: Language) -> Table {
    let first = &of_layers[0].taken;
    let mut table = Table {
        title: Message::new("cli.take-title")
            .with("line", shown(line.path))
            .with("mu", Area::from_m2(first.line_m2).display(AreaUnit::Mu))
            .with("km2", Area::from_m2(first.line_m2).display(AreaUnit::SquareKilometre))
            .with("method", tr(language, first.method.key()))
            .with_said("zone", |l| crate::crs::name_said(&first.frame, l))
            .text(language),
        columns: vec![
            Column::new("layer", tr(language, "report.layer"), ColumnKind::Text),
            Column::new("taken", tr(language, "cli.take-taken"), ColumnKind::Area(AreaUnit::Mu)).why("why.f-taken"),
            Column::new("net", tr(language, "cli.take-net"), ColumnKind::Area(AreaUnit::Mu)).why("why.f-net"),
            Column::new("share", tr(language, "cli.take-share"), ColumnKind::Share).why("why.f-taken-share"),
            Column::new("pieces", tr(language, "report.pieces"), ColumnKind::Count).why("why.f-pieces"),
            Column::new("conflict", tr(language, "cli.take-conflict"), ColumnKind::Text),
        ],
        ..Table::default()
    };
    let doubted = area_warnings(std::iter::once(line.layer).chain(of_layers.iter().map(|of| of.layer)));
    table.notes.extend(doubted.iter().map(|message| message.text(language)));
    for of in of_layers.iter().filter(|of| counts_twice(&of.taken)) {
        let message = Message::new("report.taken-twice")
            .with("layer", &of.layer.name)
            .with("mu", Area::from_m2(of.taken.m2).display(AreaUnit::Mu))
            .with("twice", Area::from_m2(of.taken.twice_m2).display(AreaUnit::Mu));
        table.notes.push(message.text(language));
    }
    for of in of_layers {
        let said = conflict(of).map_or_else(String::new, |(_, found)| {
            Message::new("cli.take-conflict-of")
                .with("kind", found.kind.conflict_title(language))
                .with("mu", Area::from_m2(found.m2).display(AreaUnit::Mu))
                .text(language)
        });
        let share = if first.line_m2 > 0.0 { of.taken.m2 / first.line_m2 } else { 0.0 };
        table.rows.push(vec![
            Cell::from(of.layer.name.as_str()),
            Cell::from(Area::from_m2(of.taken.m2)),
            of.taken.net_m2.map_or(Cell::Empty, |m2| Cell::from(Area::from_m2(m2))),
            Cell::Number(share),
            Cell::Count(of.taken.pieces),
            Cell::from(said),
        ]);
        table.notes.extend(unstated(of).map(|message| message.text(language)));
    }
    table
}

/// That cropland was taken that states no share of ridges, so that its net area counts as gross.
fn unstated(of: &OfLayer<'_>) -> Option<Message> {
    let n = format_number(of.taken.unstated as f64, 0);
    (of.taken.unstated > 0).then(|| Message::new("cli.compare-unstated").with("layer", &of.layer.name).with("n", n))
}

/// Whether features of the layer overlap in the red line, by what is shown.
fn counts_twice(taken: &Taken) -> bool {
    taken.twice_m2 >= 0.005
}

/// What is taken of one layer, by its keys.
fn layer_table(of: &OfLayer<'_>, language: Language) -> Table {
    let mut columns: Vec<Column> = of
        .keys
        .iter()
        .map(|key| Column::new("key", of.layer.fields[key.field].name.clone(), ColumnKind::Text))
        .collect();
    if columns.is_empty() {
        columns.push(Column::new("key", "", ColumnKind::Text));
    }
    let units = [AreaUnit::SquareMetre, AreaUnit::Mu, AreaUnit::Hectare];
    let area = tr(language, "report.area");
    columns.extend(units.map(|unit| Column::new("area", area, ColumnKind::Area(unit)).why("why.f-taken")));
    columns.push(Column::new("pieces", tr(language, "report.pieces"), ColumnKind::Count).why("why.f-pieces"));
    let schemes: Vec<_> = of.keys.iter().map(|key| keys::scheme_of_field(of.layer, key.field)).collect();
    let figures =
        |m2: f64, pieces: u64| units.map(|_| Cell::from(Area::from_m2(m2))).into_iter().chain([Cell::Count(pieces)]);
    let row = |group: &TakenGroup| {
        let mut row: Vec<Cell> = group
            .key
            .iter()
            .zip(&schemes)
            .map(|(value, scheme)| Cell::from(shown_key(*scheme, value.as_deref(), language)))
            .collect();
        if row.is_empty() {
            row.push(Cell::Empty);
        }
        row.extend(figures(group.m2, group.pieces));
        row
    };
    let mut rows: Vec<Vec<Cell>> =
        if of.keys.is_empty() { Vec::new() } else { of.taken.groups.iter().map(row).collect() };
    if counts_twice(&of.taken) && !of.keys.is_empty() {
        let mut twice = vec![Cell::Empty; of.keys.len()];
        twice[0] = Cell::from(tr(language, "report.less-twice"));
        twice.extend(units.map(|_| Cell::from(Area::from_m2(-of.taken.twice_m2))));
        twice.push(Cell::Empty);
        rows.push(twice);
    }
    let mut total = vec![Cell::Empty; of.keys.len().max(1)];
    total[0] = Cell::from(tr(language, "report.total"));
    total.extend(figures(of.taken.m2, of.taken.pieces));
    let mut remarks: Vec<Message> = area_warning(of.layer).into_iter().collect();
    remarks.extend(key_remarks(of.layer, &of.keys, None));
    Table {
        title: of.layer.name.clone(),
        columns,
        rows,
        total: Some(total),
        notes: remarks.iter().map(|remark| remark.text(language)).collect(),
        ..Table::default()
    }
}
