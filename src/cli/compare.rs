//! `tuban compare`: the transition matrix between two states of land use.

use std::path::Path;

use serde_json::{Value as Json, json};

use super::areas::{crs_json, issue_json};
use super::args::{CompareArgs, LevelName, ReadArgs};
use super::output::Outputs;
use super::source::{self, SourceFile};
use super::{CliError, Outcome, output};
use crate::io::{self, Guard};
use crate::model::classes::OtherGrassland;
use crate::model::keys::{self, GroupKey};
use crate::model::roles::{self, Clues};
use crate::model::{AreaMethod, CrsSource, GeometryKind, Issue, Layer};
use crate::report::{self, transition as tables};
use crate::scenario::Ridges;
use crate::scenario::transition::pieces::{self, Wanted};
use crate::scenario::transition::{
    Basis, Cell, Classes, CompareError, CompareOptions, Comparison, Crosswalk, Grouping, Level, Matrix, Tolerance,
};
use crate::task::Progress;
use crate::text::{Language, Message, tr};
use crate::units::{Area, AreaUnit, Length, format_number};

/// Transitions that are printed; all of them are in CSV and JSON.
const SHOWN_CHANGES: usize = 30;

/// One side of the comparison, opened.
pub(super) struct Opened {
    pub source: SourceFile,
    pub layer: Layer,
}

/// A matrix at one level.
struct AtLevel {
    level: Level,
    classes: Classes,
    matrix: Matrix,
}

/// Everything that is said.
struct Answer<'a> {
    sides: [&'a Opened; 2],
    within: Option<&'a Opened>,
    comparison: Comparison,
    levels: Vec<AtLevel>,
    tolerance: Tolerance,
}

/// Runs the verb.
///
/// # Errors
/// A file that cannot be opened or has no polygons, a field that is not there, schemes that need a crosswalk, output
/// that cannot be written.
pub fn run(args: &CompareArgs, language: Language, progress: &Progress) -> Result<Outcome, CliError> {
    let basis = basis(&args.method)?;
    let tolerance = tolerance(args)?;
    let inputs = [Some(&args.base), Some(&args.scenario), args.within.as_ref(), args.crosswalk.as_ref()];
    let outputs = Outputs::new(inputs.into_iter().flatten(), [args.output.as_ref(), args.pieces.as_ref()])?;
    let crosswalk = args.crosswalk.as_deref().map(read_crosswalk).transpose()?;
    let mut opened = open_both(args, progress)?;
    let mut within = args.within.as_deref().map(|path| open(path, args, progress)).transpose()?;
    let read = ReadArgs { crs: args.crs.clone(), keep_partial: args.keep_partial, ..ReadArgs::default() };
    let [base, scenario] = &mut opened;
    base.settle(&[&scenario.layer], &read, progress)?;
    scenario.settle(&[&base.layer], &read, progress)?;
    if let Some(within) = &mut within {
        within.settle(&[&base.layer, &scenario.layer], &read, progress)?;
    }
    source::flag_web_maps([&mut base.layer, &mut scenario.layer].into_iter(), progress)?;
    let keys = [
        class_keys(&opened[0].layer, args.by.as_deref())?,
        class_keys(&opened[1].layer, args.by_scenario.as_deref().or(args.by.as_deref()))?,
    ];
    let groupings = [0, 1].map(|side| Grouping { layer: &opened[side].layer, keys: &keys[side] });
    // Classes first: what is wrong with them is told before the long run.
    let all = args.level == Some(LevelName::All);
    let mut classes = Vec::new();
    for level in levels(args.level) {
        match Classes::new(groupings[0], groupings[1], level, crosswalk.as_ref()) {
            Ok(found) => classes.push((level, found)),
            // Every level that there is: plan schemes have no big classes.
            Err(CompareError::NoBigClasses(_)) if all => {}
            Err(error) => return Err(failed(&error)),
        }
    }
    let options = CompareOptions { basis, within: within.as_ref().map(|w| &w.layer), tolerance };
    let comparison = Comparison::new(&opened[0].layer, &opened[1].layer, &options, progress).map_err(|e| failed(&e))?;
    let levels = classes
        .into_iter()
        .map(|(level, classes)| AtLevel { level, matrix: Matrix::new(&comparison, &classes), classes })
        .collect();
    let [base, scenario] = &opened;
    let answer = Answer { sides: [base, scenario], within: within.as_ref(), comparison, levels, tolerance };
    if let Some(path) = &args.pieces {
        write_pieces(path, outputs.guard(), &answer, progress)?;
    }
    let bytes = if args.json {
        let mut text = serde_json::to_string_pretty(&answer.json(all, language)).unwrap_or_default();
        text.push('\n');
        text.into_bytes()
    } else if args.csv {
        answer.csv(language)
    } else {
        answer.text(language).into_bytes()
    };
    outputs.write(args.output.as_ref(), &bytes)?;
    let issues = answer.issues();
    if !args.json {
        let found: Vec<(&Path, Option<&Layer>, &Issue)> =
            issues.iter().map(|(opened, issue)| (opened.source.path.as_path(), Some(&opened.layer), *issue)).collect();
        source::print_issues(&found, language);
    }
    // Figures that cannot be are wrong whether asked for or not.
    let is_unsound = answer.comparison.table.is_unsound();
    Ok(if is_unsound || (args.strict && !issues.is_empty()) { Outcome::FoundWrong } else { Outcome::Done })
}

fn failed(error: &CompareError) -> CliError {
    CliError::new(&error.message())
}

fn levels(name: Option<LevelName>) -> Vec<Level> {
    let big = Level::Big(OtherGrassland::default());
    match name {
        None => vec![Level::AsGiven],
        Some(LevelName::First) => vec![Level::Of(1)],
        Some(LevelName::Second) => vec![Level::Of(2)],
        Some(LevelName::Third) => vec![Level::Of(3)],
        Some(LevelName::Big) => vec![big],
        Some(LevelName::All) => vec![Level::Of(1), Level::Of(2), Level::Of(3), big],
    }
}

fn basis(text: &str) -> Result<Basis, CliError> {
    if let Some(field) = text.strip_prefix("field:").filter(|field| !field.is_empty()) {
        return Ok(Basis::Field(field.to_owned()));
    }
    let method = AreaMethod::from_name(text);
    method.map(Basis::Geometry).ok_or_else(|| CliError::new(&Message::new("cli.unknown-method").with("text", text)))
}

fn tolerance(args: &CompareArgs) -> Result<Tolerance, CliError> {
    let wrong = |text: &str| CliError::new(&Message::new("cli.bad-tolerance").with("text", text));
    let area = Area::parse(&args.min_area).filter(|area| area.m2() >= 0.0).ok_or_else(|| wrong(&args.min_area))?;
    let metres = args.min_width.trim().trim_end_matches('m').trim();
    let width = metres.parse().ok().filter(|w: &f64| *w >= 0.0 && w.is_finite()); // none: said below
    Ok(Tolerance { area, width: Length::from_m(width.ok_or_else(|| wrong(&args.min_width))?) })
}

fn read_crosswalk(path: &Path) -> Result<Crosswalk, CliError> {
    let broken =
        |error: &dyn std::fmt::Display| CliError::new(&Message::new("cli.bad-crosswalk").with("error", error)).at(path);
    let text = io::read_text(path).map_err(|error| source::unreadable("cli.bad-crosswalk", &error).at(path))?;
    Crosswalk::from_csv(&text).map_err(|error| broken(&error))
}

/// Opens base and scenario at the same time.
fn open_both(args: &CompareArgs, progress: &Progress) -> Result<[Opened; 2], CliError> {
    std::thread::scope(|scope| {
        let scenario = std::thread::Builder::new()
            .name("scenario".into())
            .spawn_scoped(scope, || open(&args.scenario, args, progress));
        let base = open(&args.base, args, progress);
        let scenario = match scenario.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(scenario)) => scenario,
            // No thread to be had: one after the other.
            _ => open(&args.scenario, args, progress),
        };
        Ok([base?, scenario?])
    })
}

/// Opens a data file or a layer of a project.
fn open(path: &Path, args: &CompareArgs, progress: &Progress) -> Result<Opened, CliError> {
    let read =
        ReadArgs { crs: args.crs.clone(), keep_partial: args.keep_partial, strict: args.strict, ..ReadArgs::default() };
    open_polygons(path, &read, progress)
}

/// Opens the polygons of a data file, or of the layer of a project that `PROJECT.toml#LAYER` names.
pub(super) fn open_polygons(path: &Path, read: &ReadArgs, progress: &Progress) -> Result<Opened, CliError> {
    let text = path.to_string_lossy();
    let (file, wanted) = match text.rsplit_once('#') {
        Some((file, layer)) if !path.exists() && super::output::is_project(Path::new(file)) => {
            (Path::new(file), Some(layer))
        }
        // A layer of a data file is found where that is opened.
        _ => (path, None),
    };
    let read = ReadArgs { files: vec![file.to_owned()], ..read.clone() };
    let sources = source::open_all(&read, progress)?;
    if read.strict {
        source::refuse_undecided(&sources)?;
    }
    pick_polygons(path, wanted, sources)
}

/// The one polygon layer of what was opened, or the one of that name.
fn pick_polygons(path: &Path, wanted: Option<&str>, sources: Vec<SourceFile>) -> Result<Opened, CliError> {
    let mut found = None;
    let mut names = Vec::new();
    for mut source in sources {
        for layer in std::mem::take(&mut source.layers) {
            if layer.kind != GeometryKind::Polygon || wanted.is_some_and(|wanted| layer.name != wanted) {
                continue;
            }
            names.push(layer.name.clone());
            let partial = source.partial.clone();
            let source = SourceFile {
                path: source.path.clone(),
                format: source.format.clone(),
                encoding: source.encoding.clone(),
                partial,
                layers: Vec::new(),
                role: source.role,
                issues: std::mem::take(&mut source.issues),
                reading: source.reading.take(),
            };
            found = Some(Opened { source, layer });
        }
    }
    match (found, names.len()) {
        (Some(opened), 1) => Ok(opened),
        (_, 0) => Err(CliError::new(&Message::new("cli.no-polygons")).at(path)),
        _ => Err(CliError::new(&Message::new("cli.several-layers").with("layers", names.join(", "))).at(path)),
    }
}

impl Opened {
    /// Reads a file whose CRS was guessed as `known` is read, where that fits: see [`source::settle`].
    pub(super) fn settle(&mut self, known: &[&Layer], read: &ReadArgs, progress: &Progress) -> Result<(), CliError> {
        if self.layer.crs_source != CrsSource::Undecided {
            return Ok(());
        }
        let kind = self.layer.kind;
        self.source.layers = vec![self.layer.clone()];
        source::settle(&mut self.source, known, read, progress)?;
        if let Some(layer) = std::mem::take(&mut self.source.layers).into_iter().find(|layer| layer.kind == kind) {
            self.layer = layer;
        }
        Ok(())
    }
}

/// The keys asked for, or the class field that was recognised.
fn class_keys(layer: &Layer, by: Option<&str>) -> Result<Vec<GroupKey>, CliError> {
    let recognised;
    let text = match by {
        Some(text) => text,
        None => {
            recognised = roles::recognise(&Clues::of_layer(layer)).class_field;
            let none = || CliError::new(&Message::new("cli.no-class-field").with("layer", &layer.name));
            recognised.as_deref().ok_or_else(none)?
        }
    };
    let found = keys::parse_keys(layer, text).map_err(|error| CliError::new(&error.message()))?;
    if found.is_empty() {
        return Err(CliError::new(&Message::new("cli.no-class-field").with("layer", &layer.name)));
    }
    Ok(found)
}

impl Answer<'_> {
    fn issues(&self) -> Vec<(&Opened, &Issue)> {
        let mut issues: Vec<(&Opened, &Issue)> = Vec::new();
        for (side, opened) in self.sides.iter().enumerate() {
            issues.extend(opened.source.issues.iter().chain(opened.layer.issues.iter()).map(|issue| (*opened, issue)));
            issues.extend(self.comparison.states[side].issues.iter().map(|issue| (*opened, issue)));
            issues.extend(self.comparison.table.sides[side].issues.iter().map(|issue| (*opened, issue)));
        }
        if let Some(within) = self.within {
            issues.extend(within.source.issues.iter().chain(within.layer.issues.iter()).map(|issue| (within, issue)));
        }
        issues.extend(self.comparison.table.issues.iter().map(|issue| (self.within.unwrap_or(self.sides[0]), issue)));
        issues
    }

    fn json(&self, all: bool, language: Language) -> Json {
        let Some(first) = self.levels.first() else { return Json::Null };
        let matrix = &first.matrix;
        let total = &matrix.total;
        let mut object = json!({
            "base": self.side_json(0, language),
            "scenario": self.side_json(1, language),
            "method": self.comparison.basis,
            "zone": self.comparison.table.frame,
        });
        if let Some(within) = self.within {
            object["within"] = json!(output::shown(&within.source.path));
        }
        if all {
            object["levels"] = self.levels.iter().map(|level| level.json(true, language)).collect();
        }
        let Json::Object(members) = first.json(false, language) else { return Json::Null };
        if let Json::Object(object) = &mut object {
            object.extend(members);
        }
        let rest = json!({
            "only_in_base_m2": total.base.only_m2,
            "only_in_scenario_m2": total.scenario.only_m2,
            "unchanged_m2": total.unchanged_m2,
            "changed_m2": matrix.changed_m2,
            "overlap_in_base_m2": total.scenario.twice_m2,
            "overlap_in_scenario_m2": total.base.twice_m2,
            "slivers": {
                "count": matrix.slivers.count,
                "m2": matrix.slivers.m2,
                "min_area_m2": self.tolerance.area.m2(),
                "min_width_m": self.tolerance.width.m(),
            },
            "residual_m2": matrix.residual_m2,
            "repaired": self.repaired(language),
            "issues": self.issues().iter().filter(|(_, issue)| issue.area_m2.is_none()).map(|(opened, issue)| {
                let mut object = issue_json(issue, language);
                object["path"] = json!(output::shown(&opened.source.path));
                object
            }).collect::<Vec<_>>(),
        });
        if let (Json::Object(object), Json::Object(rest)) = (&mut object, rest) {
            object.extend(rest);
        }
        object
    }

    /// What was repaired, with the area before and after.
    fn repaired(&self, language: Language) -> Vec<Json> {
        let repaired = self.issues().into_iter().filter(|(_, issue)| issue.area_m2.is_some());
        repaired
            .map(|(opened, issue)| {
                let mut object = issue_json(issue, language);
                object["path"] = json!(output::shown(&opened.source.path));
                object
            })
            .collect()
    }

    fn side_json(&self, side: usize, language: Language) -> Json {
        let opened = self.sides[side];
        let total = self.levels.first().map(|level| level.matrix.total).unwrap_or_default();
        let total = if side == 0 { total.base } else { total.scenario };
        let mut object = json!({
            "path": output::shown(&opened.source.path),
            "layer": opened.layer.name,
            "crs": crs_json(&opened.layer, language),
            "feature_count": opened.layer.feature_count(),
            "sum_m2": total.m2,
            "printed_m2": total.printed_m2,
        });
        if !self.comparison.states[side].factors.is_empty() {
            object["geometry_m2"] = json!(self.comparison.table.sides[side].own.iter().sum::<f64>());
            object["field_m2"] = json!(self.comparison.states[side].m2.iter().sum::<f64>());
        }
        if let Some(net) = self.net_m2(side) {
            object["net_m2"] = json!(net);
            let unstated = Ridges::of_layer(&opened.layer).map_or(0, |ridges| ridges.unstated_count());
            object["net_without_ridges_count"] = json!(unstated);
        }
        object
    }

    /// The area net of field ridges, where the layer states them.
    fn net_m2(&self, side: usize) -> Option<f64> {
        let ridges = Ridges::of_layer(&self.sides[side].layer)?;
        let m2 = &self.comparison.states[side].m2;
        Some(m2.iter().zip(&ridges.shares).map(|(m2, share)| m2 * (1.0 - share)).sum())
    }

    /// That some cropland states no share of ridges, so that its net area counts as gross.
    fn unstated(&self, side: usize) -> Option<Message> {
        let layer = &self.sides[side].layer;
        let count = Ridges::of_layer(layer)?.unstated_count();
        (count > 0).then(|| {
            Message::new("cli.compare-unstated").with("layer", &layer.name).with("n", format_number(count as f64, 0))
        })
    }

    fn title(&self, level: &AtLevel, language: Language) -> String {
        let method = match &self.comparison.basis {
            basis if basis.starts_with("field:") => basis.clone(),
            _ => tr(language, self.comparison.table.method.key()).to_owned(),
        };
        Message::new("cli.compare-title")
            .with("base", output::shown(&self.sides[0].source.path))
            .with("scenario", output::shown(&self.sides[1].source.path))
            .with("method", method)
            .with_said("zone", |l| crate::crs::name_said(&self.comparison.table.frame, l))
            .with("level", level_name(level.level, language))
            .text(language)
    }

    fn notes(&self, level: &AtLevel, language: Language) -> Vec<String> {
        let matrix = &level.matrix;
        let total = &matrix.total;
        let mu = |m2: f64| Area::from_m2(m2).display(AreaUnit::Mu);
        let rounded = tables::Rounded::new(matrix, AreaUnit::Mu);
        let printed = |units: i64| format_number(rounded.value(units), rounded.decimals);
        let sides = [
            ("cli.compare-base", &total.base, rounded.total.base),
            ("cli.compare-scenario", &total.scenario, rounded.total.scenario),
        ];
        let mut notes: Vec<String> = level.classes.remarks.iter().map(|remark| remark.text(language)).collect();
        for (key, side, units) in sides {
            let message = Message::new(key)
                .with("mu", printed(units))
                .with("km2", Area::from_m2(side.m2).display(AreaUnit::SquareKilometre))
                .with("features", format_number(side.feature_count as f64, 0));
            notes.push(match side.printed_m2 {
                Some(printed) => Message::new("cli.compare-printed")
                    .with("sentence", message.text(language))
                    .with("difference", format!("{:+.2}", printed - side.m2))
                    .text(language),
                None => message.text(language),
            });
        }
        for (key, side) in [("cli.compare-net-base", 0), ("cli.compare-net-scenario", 1)] {
            if let Some(net) = self.net_m2(side) {
                notes.push(Message::new(key).with("mu", mu(net)).text(language));
            }
            notes.extend(self.unstated(side).map(|message| message.text(language)));
        }
        if let (Some(base), Some(scenario)) = (self.net_m2(0), self.net_m2(1)) {
            let change = Message::new("cli.compare-net-change")
                .with("net", mu(scenario - base))
                .with("gross", printed(rounded.total.change()));
            notes.push(change.text(language));
        }
        let figures = Message::new("cli.compare-figures")
            .with("unchanged", printed(rounded.total.unchanged))
            .with("changed", printed(rounded.changed))
            .with("only_base", printed(rounded.total.only_base))
            .with("only_scenario", printed(rounded.total.only_scenario));
        notes.push(figures.text(language));
        if total.base.twice_m2.abs() + total.scenario.twice_m2.abs() >= 0.005 {
            let twice = Message::new("cli.compare-twice")
                .with("base", mu(total.scenario.twice_m2))
                .with("scenario", mu(total.base.twice_m2));
            notes.push(twice.text(language));
        }
        let slivers = Message::new("cli.compare-slivers")
            .with("n", format_number(matrix.slivers.count as f64, 0))
            .with("mu", mu(matrix.slivers.m2))
            .with("area", self.tolerance.area.display(AreaUnit::SquareMetre))
            .with("width", self.tolerance.width.m());
        notes.push(slivers.text(language));
        let residual = Message::new("cli.compare-residual").with("m2", format!("{:.3e}", matrix.residual_m2));
        notes.push(residual.text(language));
        notes
    }

    fn text(&self, language: Language) -> String {
        let mut out = String::new();
        for level in &self.levels {
            let mut balance = tables::balance_table(&level.matrix, &level.classes, AreaUnit::Mu, language);
            balance.title = self.title(level, language);
            out += &report::to_text(&balance, language);
            out.push('\n');
            let mut changes =
                tables::change_table(&level.matrix, &level.classes, AreaUnit::Mu, SHOWN_CHANGES, language);
            let count = level.matrix.cells.iter().filter(|cell| cell.from != cell.to).count();
            if count > SHOWN_CHANGES {
                let more = Message::new("cli.compare-more").with("n", count - SHOWN_CHANGES);
                changes.notes.push(more.text(language));
            }
            changes.notes.extend(self.notes(level, language));
            out += &report::to_text(&changes, language);
            out.push('\n');
        }
        out
    }

    /// The matrix of each level, then its balance.
    fn csv(&self, language: Language) -> Vec<u8> {
        let mut bytes = Vec::new();
        for level in &self.levels {
            let mut matrix = tables::matrix_table(&level.matrix, &level.classes, AreaUnit::Mu, language);
            matrix.notes.push(self.title(level, language));
            matrix.notes.extend(self.notes(level, language));
            let balance = tables::balance_table(&level.matrix, &level.classes, AreaUnit::Mu, language);
            for table in [matrix, balance] {
                report::append_csv(&mut bytes, &table, language);
            }
        }
        bytes
    }
}

fn level_name(level: Level, language: Language) -> String {
    let message = match level {
        Level::AsGiven => Message::new("cli.level-given"),
        Level::Of(level) => Message::new("cli.level").with("n", level),
        Level::Big(grassland) => Message::new("cli.level-big").with("grassland", tr(language, grassland.note_key())),
    };
    message.text(language)
}

impl AtLevel {
    fn json(&self, named: bool, language: Language) -> Json {
        let key = |class: Option<u32>| class.map(|class| &self.classes.list[class as usize].key);
        let rounded = tables::Rounded::new(&self.matrix, AreaUnit::Mu);
        let printed = |units: i64| rounded.value(units);
        let line_json = |line: &tables::RoundedLine| {
            json!({
                "base": printed(line.base),
                "decrease": printed(line.decrease()),
                "increase": printed(line.increase()),
                "scenario": printed(line.scenario),
                "change": printed(line.change()),
            })
        };
        let classes: Vec<Json> = self
            .classes
            .list
            .iter()
            .zip(self.matrix.lines.iter().zip(&rounded.lines))
            .map(|(class, (line, shown))| {
                json!({
                    "key": class.key,
                    "name": class.name(language),
                    "base_m2": line.base.m2,
                    "scenario_m2": line.scenario.m2,
                    "base_printed_m2": line.base.printed_m2,
                    "scenario_printed_m2": line.scenario.printed_m2,
                    "base_only_m2": line.base.only_m2,
                    "scenario_only_m2": line.scenario.only_m2,
                    "base_twice_m2": line.base.twice_m2,
                    "scenario_twice_m2": line.scenario.twice_m2,
                    "shown_mu": line_json(shown),
                })
            })
            .collect();
        let cell = |(cell, units): (&Cell, &i64)| {
            let mu = Area::from_m2(cell.m2).mu();
            json!({
                "from": key(cell.from),
                "to": key(cell.to),
                "m2": cell.m2,
                "mu": mu,
                "shown_mu": printed(*units),
                "pieces": cell.pieces,
            })
        };
        let cells: Vec<Json> = self.matrix.cells.iter().zip(&rounded.cells).map(cell).collect();
        let mut level = json!({ "classes": classes, "cells": cells, "total_shown_mu": line_json(&rounded.total) });
        level["remarks"] = self.classes.remarks.iter().map(|remark| remark.text(language)).collect();
        if named {
            level["level"] = json!(self.level.name());
        }
        level
    }
}

/// Writes the pieces of the first level as polygons in the CRS of the base.
fn write_pieces(path: &Path, guard: &Guard, answer: &Answer<'_>, progress: &Progress) -> Result<(), CliError> {
    let Some(level) = answer.levels.first() else { return Ok(()) };
    let key = |side: usize, feature: u32| {
        let class = level.classes.of[side][feature as usize];
        level.classes.list[class as usize].key.clone()
    };
    let layers = answer.sides.map(|opened| &opened.layer);
    let wanted = Wanted::all(&answer.comparison);
    let layer = pieces::as_layer(layers, &answer.comparison, &wanted, &key, progress)
        .map_err(|error| CliError::new(&error.message()))?;
    let written = io::write(path, &layer, None, io::WriteOptions::default(), guard);
    written.map_err(|error| CliError::new(&error.message()))
}
