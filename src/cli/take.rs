//! `tuban take`: what a red line takes of the layers that it lies on, and its conflicts with control lines.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::areas::{crs_json, issue_json};
use super::args::{ReadArgs, TakeArgs};
use super::compare::{Opened, open_polygons};
use super::output::Outputs;
use super::{CliError, Outcome, output, source};
use crate::model::keys::{self, GroupKey};
use crate::model::roles::{self, Clues, Role};
use crate::model::{AreaMethod, GeometryKind, Issue, Layer, Severity};
use crate::overlay::{self, UNSOUND};
use crate::report::{self, Cell, Column, ColumnKind, Table};
use crate::scenario::lines::LineKind;
use crate::scenario::red_line::{self, Beside, LineConflict, closed};
use crate::scenario::transition::{Taken, taken};
use crate::task::Progress;
use crate::text::{Language, Message, tr};
use crate::units::{Area, AreaUnit, format_number};

/// What is taken of one layer.
struct OfLayer<'a> {
    layer: &'a Layer,
    path: &'a std::path::Path,
    role: Role,
    keys: Vec<GroupKey>,
    taken: Taken,
}

/// Runs the verb.
///
/// # Errors
/// A file that cannot be opened, a red line without polygons, a field that no layer has, output that cannot be written.
pub fn run(args: &TakeArgs, language: Language, progress: &Progress) -> Result<Outcome, CliError> {
    let inputs = args.read.files.iter().chain([&args.line]);
    let outputs = Outputs::new(inputs, [args.output.as_ref()])?;
    let line_read = ReadArgs { files: Vec::new(), ..args.read.clone() };
    let mut line = open_line(&args.line, &line_read, progress)?;
    // A project's CRS is the project's business: --crs is about the red line and bare files.
    let mut sources = source::open_all(&args.read, progress)?;
    if args.read.strict {
        source::refuse_undecided(&sources)?;
    }
    // What was guessed is read as the other is, where that falls on it.
    for source in &mut sources {
        source::settle(source, &[&line.layer], &args.read, progress)?;
    }
    let known: Vec<&Layer> = sources.iter().flat_map(|source| &source.layers).collect();
    line.settle(&known, &line_read, progress)?;
    as_area(&mut line)?;
    let land = sources.iter_mut().flat_map(|source| &mut source.layers);
    source::flag_web_maps(std::iter::once(&mut line.layer).chain(land), progress)?;
    let method = AreaMethod::from(args.method);
    let mut of_layers = Vec::new();
    let mut last_key_error = None;
    let mut found_keys = false;
    for source in &sources {
        for layer in source.layers.iter().filter(|layer| layer.kind == GeometryKind::Polygon) {
            let recognised = roles::recognise(&Clues::of_layer(layer));
            let role = source.role.unwrap_or(recognised.role);
            let default = recognised.class_field.clone().filter(|_| role == Role::LandUse);
            let text = args.by.clone().or(default).unwrap_or_default();
            let mut keys = Vec::new();
            // A name with a comma, all by itself, needs no quotes.
            let parts = if layer.field(&text).is_some() { vec![text.as_str()] } else { keys::split_keys(&text) };
            for part in parts.into_iter().filter(|part| !part.is_empty()) {
                match keys::parse_keys(layer, part) {
                    Ok(found) => keys.extend(found),
                    // Layers differ in their fields: an error only where none has it.
                    Err(error) => last_key_error = Some(error),
                }
            }
            let keys = keys::as_classes(layer, keys);
            found_keys |= !keys.is_empty();
            let taken = taken(&line.layer, layer, &keys, method, progress)
                .map_err(|error| CliError::new(&error.message()).at(&source.path))?;
            of_layers.push(OfLayer { layer, path: &source.path, role, keys, taken });
        }
    }
    if let (Some(error), false) = (last_key_error, found_keys) {
        return Err(CliError::new(&error.message()));
    }
    if of_layers.is_empty() {
        return Err(CliError::new(&Message::new("cli.no-polygons")));
    }
    // What its rings are read as is said, whatever they meet.
    let audited = overlay::audited(&line.layer, method, progress)
        .map_err(|error| CliError::new(&error.message()).at(&line.source.path))?;
    let of_line = line_issues(&line, &audited.issues, &of_layers);
    let bytes = if args.json {
        let mut text =
            serde_json::to_string_pretty(&to_json(&line, &of_line, &of_layers, language)).unwrap_or_default();
        text.push('\n');
        text.into_bytes()
    } else {
        let tables: Vec<Table> = std::iter::once(conflict_table(&line, &of_layers, language))
            .chain(of_layers.iter().filter(|l| l.taken.m2 > 0.0).map(|l| layer_table(l, language)))
            .collect();
        if args.csv {
            let mut bytes = Vec::new();
            tables.iter().for_each(|table| report::append_csv(&mut bytes, table, language));
            bytes
        } else {
            tables.iter().map(|table| report::to_text(table, language)).collect::<Vec<_>>().join("\n").into_bytes()
        }
    };
    outputs.write(args.output.as_ref(), &bytes)?;
    let line_issues = of_line.iter().map(|issue| (line.source.path.as_path(), Some(&line.layer), issue));
    let of_sources =
        sources.iter().flat_map(|source| source.issues.iter().map(|issue| (source.path.as_path(), None, issue)));
    let of_land = of_layers
        .iter()
        .flat_map(|of| of.layer.issues.iter().chain(&of.taken.issues).map(|issue| (of.path, Some(of.layer), issue)));
    let issues: Vec<(&std::path::Path, Option<&Layer>, &Issue)> =
        line_issues.chain(of_sources).chain(of_land).collect();
    if !args.json {
        source::print_issues(&issues, language);
    }
    let conflicts = of_layers.iter().any(|of| conflict(of).is_some());
    // Figures that cannot be are wrong whether asked for or not.
    let is_unsound = issues.iter().any(|(.., issue)| issue.message.key == UNSOUND);
    let is_wrong = is_unsound || (args.read.strict && (conflicts || !issues.is_empty()));
    Ok(if is_wrong { Outcome::FoundWrong } else { Outcome::Done })
}

/// Opens a red line: polygons, or lines, of which [`as_area`] makes polygons.
fn open_line(path: &Path, read: &ReadArgs, progress: &Progress) -> Result<Opened, CliError> {
    let sources = source::open_all(&ReadArgs { files: vec![path.to_owned()], ..read.clone() }, progress);
    let only_lines = |sources: &[source::SourceFile]| {
        let kinds: Vec<GeometryKind> = sources.iter().flat_map(|s| &s.layers).map(|layer| layer.kind).collect();
        kinds.contains(&GeometryKind::Line) && !kinds.contains(&GeometryKind::Polygon)
    };
    match sources {
        Ok(mut sources) if only_lines(&sources) && sources.len() == 1 => {
            if read.strict {
                source::refuse_undecided(&sources)?;
            }
            let mut source = sources.swap_remove(0);
            let layer = source.layers.drain(..).find(|layer| layer.kind == GeometryKind::Line);
            let layer = layer.ok_or_else(|| CliError::new(&Message::new("cli.no-polygons")).at(path))?;
            Ok(Opened { source, layer })
        }
        // Anything else is opened, or refused, as everywhere.
        _ => open_polygons(path, read, progress),
    }
}

/// Turns a red line of closed lines into the area that they enclose, which is said.
fn as_area(line: &mut Opened) -> Result<(), CliError> {
    if line.layer.kind != GeometryKind::Line {
        return Ok(());
    }
    let Some(found) = closed::enclosed(&line.layer) else {
        return Err(CliError::new(&Message::new("cli.line-not-closed")).at(&line.source.path));
    };
    let mut layer = found.layer;
    let issues = Arc::make_mut(&mut layer.issues);
    let taken = Message::new("cli.line-closed").with("count", found.ring_count);
    issues.push(Issue::new(Severity::Note, taken));
    if found.open_count > 0 {
        let left = Message::new("cli.line-open").with("count", found.open_count);
        issues.push(Issue::new(Severity::Warning, left));
    }
    line.layer = layer;
    Ok(())
}

/// Everything found about the red line, each once, and that it lies beside the land where it does.
fn line_issues(line: &Opened, audited: &[Issue], of_layers: &[OfLayer<'_>]) -> Vec<Issue> {
    let mut issues: Vec<Issue> = Vec::new();
    let measured = of_layers.iter().flat_map(|of| &of.taken.line_issues);
    for issue in line.source.issues.iter().chain(line.layer.issues.iter()).chain(audited).chain(measured) {
        if !issues.contains(issue) {
            issues.push(issue.clone());
        }
    }
    let line_m2 = of_layers[0].taken.line_m2;
    if line_m2 > 0.0 && of_layers.iter().all(|of| of.taken.pieces == 0) {
        let beside = Beside::of(&line.layer, of_layers.iter().map(|of| (of.layer.name.as_str(), of.layer)));
        issues.push(Issue::new(Severity::Warning, beside.message()));
    }
    issues
}

/// What is wrong with the red line on a control line: its word, and the area.
fn conflict(of: &OfLayer<'_>) -> Option<(&'static str, LineConflict)> {
    let conflict = red_line::conflict(of.role, &of.taken)?;
    let word = match conflict.kind {
        LineKind::Farmland => "basic-farmland",
        LineKind::RedLine => "red-line",
        LineKind::Boundary => "outside-boundary",
    };
    Some((word, conflict))
}

fn to_json(line: &Opened, of_line_issues: &[Issue], of_layers: &[OfLayer<'_>], language: Language) -> Json {
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
            object["path"] = json!(output::shown(of.path));
            object["layer"] = json!(of.layer.name);
            object["role"] = json!(of.role.name());
            object["crs"] = crs_json(of.layer, language);
            object["zone"] = json!(of.taken.frame);
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
    of_line["path"] = json!(output::shown(&line.source.path));
    of_line["feature_count"] = json!(line.layer.feature_count());
    of_line["crs"] = crs_json(&line.layer, language);
    of_line["issues"] = of_line_issues.iter().map(|issue| issue_json(issue, language)).collect();
    json!({
        "line": of_line,
        "method": first.method.name(),
        "layers": layers,
        "conflicts": conflicts,
    })
}

/// The red line and every layer: how much of it lies there, and what is a conflict.
fn conflict_table(line: &Opened, of_layers: &[OfLayer<'_>], language: Language) -> Table {
    let first = &of_layers[0].taken;
    let mut table = Table {
        title: Message::new("cli.take-title")
            .with("line", output::shown(&line.source.path))
            .with("mu", Area::from_m2(first.line_m2).display(AreaUnit::Mu))
            .with("km2", Area::from_m2(first.line_m2).display(AreaUnit::SquareKilometre))
            .with("method", tr(language, first.method.key()))
            .with_said("zone", |l| crate::crs::name_said(&first.frame, l))
            .text(language),
        columns: vec![
            Column::new("layer", tr(language, "report.layer"), ColumnKind::Text),
            Column::new("taken", tr(language, "cli.take-taken"), ColumnKind::Area(AreaUnit::Mu)),
            Column::new("net", tr(language, "cli.take-net"), ColumnKind::Area(AreaUnit::Mu)),
            Column::new("share", tr(language, "cli.take-share"), ColumnKind::Share),
            Column::new("pieces", tr(language, "report.pieces"), ColumnKind::Count),
            Column::new("conflict", tr(language, "cli.take-conflict"), ColumnKind::Text),
        ],
        ..Table::default()
    };
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
    columns.extend(units.map(|unit| Column::new("area", tr(language, "report.area"), ColumnKind::Area(unit))));
    columns.push(Column::new("pieces", tr(language, "report.pieces"), ColumnKind::Count));
    let schemes: Vec<_> = of.keys.iter().map(|key| keys::scheme_of_field(of.layer, key.field)).collect();
    let figures =
        |m2: f64, pieces: u64| units.map(|_| Cell::from(Area::from_m2(m2))).into_iter().chain([Cell::Count(pieces)]);
    let row = |group: &crate::scenario::transition::TakenGroup| {
        let mut row: Vec<Cell> = group
            .key
            .iter()
            .zip(&schemes)
            .map(|(value, scheme)| Cell::from(report::summary::shown_key(*scheme, value.as_deref(), language)))
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
    Table {
        title: of.layer.name.clone(),
        columns,
        rows,
        total: Some(total),
        notes: report::summary::key_remarks(of.layer, &of.keys, None)
            .iter()
            .map(|remark| remark.text(language))
            .collect(),
        ..Table::default()
    }
}
