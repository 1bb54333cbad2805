//! Two states of land use: the transition matrix, its balance, and what must be said of both.

use std::path::Path;

use serde_json::{Value as Json, json};

use super::data::{crs_json, issue_json, shown};
use super::{Form, Origin, Part, Report, Table, transition as tables};
use crate::doctor::{area_warning, area_warnings};
use crate::model::{Issue, Layer};
use crate::scenario::Ridges;
use crate::scenario::transition::{Classes, Comparison, Level, Matrix, MatrixCell, Tolerance};
use crate::text::{Language, Message, tr};
use crate::units::{Area, AreaUnit, format_number};

/// Transitions that are printed; all of them are in CSV and JSON.
const SHOWN_CHANGES: usize = 30;

/// One side of the comparison, or the study area.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// Its file, as named.
    pub path: &'a Path,
    /// The layer.
    pub layer: &'a Layer,
    /// What was found that is about no layer.
    pub issues: &'a [Issue],
}

/// A matrix at one level.
#[derive(Clone, Debug)]
pub struct AtLevel {
    /// The level.
    pub level: Level,
    /// Classes of both sides.
    pub classes: Classes,
    /// What goes from which to which.
    pub matrix: Matrix,
}

/// Two states of land use compared.
pub struct Answer<'a> {
    /// Base and scenario.
    pub sides: [Side<'a>; 2],
    /// The study area.
    pub within: Option<Side<'a>>,
    /// What was laid over each other.
    pub comparison: Comparison,
    /// The matrix, level by level.
    pub levels: Vec<AtLevel>,
    /// Below which size a piece is a sliver.
    pub tolerance: Tolerance,
}

impl<'a> Answer<'a> {
    /// The report. `all` says that it is of every level that there is.
    pub fn report(&self, all: bool, form: Form, language: Language) -> Report {
        match form {
            Form::Parts => Report { parts: self.parts(language), ..Report::default() },
            Form::Sheets | Form::Workbook => {
                let sides = self.sides.into_iter().chain(self.within);
                let sources = sides.map(|side| Origin::of_layer(shown(side.path), side.layer, language));
                Report::of_sheets(self.sheets(language), sources.collect())
            }
            Form::Data => Report::of_data(self.json(all, language)),
        }
    }

    /// Everything that was found, each with the side that it is about.
    pub fn issues(&self) -> Vec<(Side<'a>, &Issue)> {
        let mut issues: Vec<(Side<'a>, &Issue)> = Vec::new();
        for (side, opened) in self.sides.into_iter().enumerate() {
            issues.extend(opened.issues.iter().chain(opened.layer.issues.iter()).map(|issue| (opened, issue)));
            issues.extend(self.comparison.states[side].issues.iter().map(|issue| (opened, issue)));
            issues.extend(self.comparison.table.sides[side].issues.iter().map(|issue| (opened, issue)));
        }
        if let Some(within) = self.within {
            issues.extend(within.issues.iter().chain(within.layer.issues.iter()).map(|issue| (within, issue)));
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
            object["within"] = json!(shown(within.path));
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
                object["path"] = json!(shown(opened.path));
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
                object["path"] = json!(shown(opened.path));
                object
            })
            .collect()
    }

    fn side_json(&self, side: usize, language: Language) -> Json {
        let opened = self.sides[side];
        let total = self.levels.first().map(|level| level.matrix.total).unwrap_or_default();
        let total = if side == 0 { total.base } else { total.scenario };
        let mut object = json!({
            "path": shown(opened.path),
            "layer": opened.layer.name,
            "crs": crs_json(opened.layer, language),
            "feature_count": opened.layer.feature_count(),
            "sum_m2": total.m2,
            "printed_m2": total.printed_m2,
        });
        if !self.comparison.states[side].factors.is_empty() {
            object["geometry_m2"] = json!(self.comparison.table.sides[side].own.iter().sum::<f64>());
            object["field_m2"] = json!(self.comparison.states[side].m2.iter().sum::<f64>());
        }
        if area_warning(opened.layer).is_some() {
            object["areas_doubted"] = json!(true);
        }
        if let Some(net) = self.net_m2(side) {
            object["net_m2"] = json!(net);
            let unstated = Ridges::of_layer(opened.layer).map_or(0, |ridges| ridges.unstated_count());
            object["net_without_ridges_count"] = json!(unstated);
        }
        object
    }

    /// The area net of field ridges, where the layer states them.
    fn net_m2(&self, side: usize) -> Option<f64> {
        let ridges = Ridges::of_layer(self.sides[side].layer)?;
        let m2 = &self.comparison.states[side].m2;
        Some(m2.iter().zip(&ridges.shares).map(|(m2, share)| m2 * (1.0 - share)).sum())
    }

    /// That some cropland states no share of ridges, so that its net area counts as gross.
    fn unstated(&self, side: usize) -> Option<Message> {
        let layer = self.sides[side].layer;
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
            .with("base", shown(self.sides[0].path))
            .with("scenario", shown(self.sides[1].path))
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
        let doubted = area_warnings(self.sides.iter().chain(&self.within).map(|side| side.layer));
        let mut notes: Vec<String> =
            doubted.iter().chain(&level.classes.remarks).map(|remark| remark.text(language)).collect();
        for (key, side, units) in sides {
            let message = Message::new(key)
                .with("mu", printed(units))
                .with("km2", Area::from_m2(side.m2).display(AreaUnit::SquareKilometre))
                .with("features", format_number(side.feature_count as f64, 0));
            notes.push(match side.printed_m2 {
                Some(printed) => Message::new("cli.compare-printed")
                    .with("sentence", message.text(language))
                    .with("difference", format!("{:+.2}", crate::units::round_half_up(printed - side.m2, 2) + 0.0))
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

    /// The balance of each level, then what goes from which class to which.
    fn parts(&self, language: Language) -> Vec<Part> {
        let mut parts = Vec::new();
        for level in &self.levels {
            let mut balance = tables::balance_table(&level.matrix, &level.classes, AreaUnit::Mu, language);
            balance.title = self.title(level, language);
            let mut changes =
                tables::change_table(&level.matrix, &level.classes, AreaUnit::Mu, SHOWN_CHANGES, language);
            let count = level.matrix.cells.iter().filter(|cell| cell.from != cell.to).count();
            if count > SHOWN_CHANGES {
                let more = Message::new("cli.compare-more").with("n", count - SHOWN_CHANGES);
                changes.notes.push(more.text(language));
            }
            changes.notes.extend(self.notes(level, language));
            parts.extend([Part::Table(balance), Part::Gap, Part::Table(changes), Part::Gap]);
        }
        parts
    }

    /// The matrix of each level, then its balance.
    fn sheets(&self, language: Language) -> Vec<Table> {
        let of_level = |level: &AtLevel| {
            let mut matrix = tables::matrix_table(&level.matrix, &level.classes, AreaUnit::Mu, language);
            matrix.notes.push(self.title(level, language));
            matrix.notes.extend(self.notes(level, language));
            [matrix, tables::balance_table(&level.matrix, &level.classes, AreaUnit::Mu, language)]
        };
        self.levels.iter().flat_map(of_level).collect()
    }
}

pub(super) fn level_name(level: Level, language: Language) -> String {
    let message = match level {
        Level::AsGiven => Message::new("cli.level-given"),
        Level::Of(level) => Message::new("cli.level").with("n", level),
        Level::Big(grassland) => Message::new("cli.level-big").with("grassland", tr(language, grassland.note_key())),
    };
    message.text(language)
}

impl AtLevel {
    pub(super) fn json(&self, named: bool, language: Language) -> Json {
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
        let cell = |(cell, units): (&MatrixCell, &i64)| {
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
