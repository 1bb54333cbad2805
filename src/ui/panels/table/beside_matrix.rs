//! Two modes of the balance tab: every region with its classes (行政区 × 地类), and all scenarios side by side.

use std::sync::Arc;

use eframe::egui::Ui;

use crate::model::GeometryKind;
use crate::model::roles::fields;
use crate::model::style::Symbol;
use crate::model::style::defaults::class_symbol;
use crate::report::transition::beside_matrix::region_name;
use crate::report::transition::why::LineFigure;
use crate::report::transition::{RoundedRegions, RoundedStates, signed};
use crate::scenario::transition::ClassKey;
use crate::text::{Language, tr};
use crate::ui::look::choice::choice;
use crate::ui::look::grid::{self, Cell, Grid, Ink};
use crate::ui::look::{icons, widgets};
use crate::ui::panels::problem;
use crate::ui::session::Session;
use crate::ui::session::awaited::Awaiting;
use crate::ui::session::command::Command;
use crate::ui::session::command::compare::CompareCommand;
use crate::ui::session::compare::Compare;
use crate::ui::session::compare::beside_matrix::{ByRegion, States};
use crate::ui::session::compare::shown::Shown;
use crate::ui::session::settings::Settings;
use crate::ui::work::compare::beside_matrix::{Beside, region_field, region_fields};
use crate::ui::work::why;
use crate::units::{AreaUnit, format_number};

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    grids: [grid::State; 2],
    /// The rows of the regions, their figures, and what they came from.
    rows: Option<RegionRows>,
    /// The figures of the states, and what they came from.
    states: Option<StateRows>,
}

/// Figures of states side by side, and what they came from.
struct StateRows {
    states: Arc<States>,
    unit: AreaUnit,
    shown: Option<Arc<Shown>>,
    figures: RoundedStates,
}

impl StateRows {
    fn is_of(&self, states: &Arc<States>, unit: AreaUnit, shown: Option<&Arc<Shown>>) -> bool {
        Arc::ptr_eq(&self.states, states)
            && self.unit == unit
            && self.shown.as_ref().map(Arc::as_ptr) == shown.map(Arc::as_ptr)
    }
}

/// A row a region, then one a class of it.
struct RegionRows {
    found: Arc<ByRegion>,
    unit: AreaUnit,
    rows: Vec<(usize, Option<usize>)>,
    figures: RoundedRegions,
}

/// The field that regions are told apart by. Comes right to left.
pub fn region_choice(ui: &mut Ui, compare: &Compare, language: Language, commands: &mut Vec<Command>) {
    let Some(shown) = compare.shown() else { return };
    let Some(field) = region_field(compare, shown) else { return };
    let title = |name: &str| match fields::title(name, language) {
        Some(title) => format!("{title} {name}"),
        None => name.to_owned(),
    };
    choice(ui, tr(language, "compare.regions"), &title(&field), |ui| {
        eframe::egui::ScrollArea::vertical().max_height(340.0).show(ui, |ui| {
            for name in region_fields(shown) {
                if widgets::menu_row(ui, None, &title(&name), "", Some(name == field)).clicked() {
                    commands.push(Command::Compare(CompareCommand::SetRegionField(name)));
                    ui.close();
                }
            }
        });
    });
}

/// Every region: its sum, then its classes.
pub fn regions_ui(ui: &mut Ui, compare: &Compare, settings: &Settings, state: &mut State, commands: &mut Vec<Command>) {
    let wanted = &compare.beside_matrix.by_region;
    if let Some(problem) = wanted.problem() {
        return problem::problem_ui(ui, settings.language, problem, Awaiting::BesideMatrix, commands);
    }
    let Some(found) = wanted.value().cloned() else {
        let none = compare.shown().is_some_and(|shown| region_fields(shown).is_empty());
        let key = if none { "compare.no-regions" } else { "compare.summing" };
        widgets::empty_state(ui, icons::LOADER_CIRCLE, settings.tr(key), |_| {});
        return;
    };
    let (unit, language) = (settings.area_unit, settings.language);
    if state.rows.as_ref().is_none_or(|known| !Arc::ptr_eq(&known.found, &found) || known.unit != unit) {
        let mut rows = Vec::new();
        for (region, lines) in found.regions.lines.iter().enumerate() {
            rows.push((region, None));
            let used = lines.iter().enumerate().filter(|(_, line)| line.is_used());
            rows.extend(used.map(|(class, _)| (region, Some(class))));
        }
        let figures = RoundedRegions::new(&found.regions, &found.shown.matrix, unit);
        state.rows = Some(RegionRows { found: found.clone(), unit, rows, figures });
    }
    let Some(RegionRows { rows, figures, .. }) = &state.rows else { return };
    let unit_name = settings.tr(unit.key());
    let titled = |key: &str| format!("{} {unit_name}", settings.tr(key));
    let field = region_field(compare, &found.shown).unwrap_or_default();
    let title = fields::title(&field, language).map_or_else(|| field.clone(), str::to_owned);
    let columns = [
        grid::Column::new("region", title, 190.0, false),
        grid::Column::new("class", settings.tr("report.class").to_owned(), 180.0, false),
        grid::Column::new("start", titled("compare.start"), 120.0, true),
        grid::Column::new("decrease", titled("report.decrease"), 120.0, true),
        grid::Column::new("increase", titled("report.increase"), 120.0, true),
        grid::Column::new("end", titled("compare.end"), 120.0, true),
        grid::Column::new("net", titled("compare.net"), 120.0, true),
        grid::Column::new("bar", String::new(), 110.0, false),
    ];
    let largest = figures.largest_change() as f64;
    let cell = |row: usize, at: usize| {
        let Some((region, class)) = rows.get(row).copied() else { return Cell::default() };
        let line = class.map_or(figures.totals[region], |class| figures.lines[region][class]);
        let figure = |units: i64| Cell::text(format_number(figures.value(units), figures.decimals));
        let cell = match at {
            0 if class.is_none() => Cell::text(region_name(&field, &found.list[region], language)),
            1 => class.map_or_else(Cell::default, |class| class_cell(&found.shown, class, language)),
            2 => figure(line.base),
            3 => figure(line.decrease()),
            4 => figure(line.increase()),
            5 => figure(line.scenario),
            6 => change(figures.value(line.change()), figures.decimals),
            7 => Cell { bar: class.map(|_| (line.change() as f64, largest)), ..Cell::default() },
            _ => Cell::default(),
        };
        if class.is_none() { cell.ink(Ink::Strong) } else { cell }
    };
    let name = settings.tr("compare.mode-regions");
    let view = Grid { name, columns: &columns, sorted: &[], frozen: 0, row_count: rows.len(), cursor: None };
    let is_region = |row: usize| rows.get(row).is_some_and(|(_, class)| class.is_none());
    let output = view.show(ui, &mut state.grids[0], is_region, cell);
    if let Some((row, at)) = output.asked
        && let Some((region, class)) = rows.get(row).copied()
    {
        let lines = &found.regions;
        let exact = class.map_or(&lines.totals[region], |class| &lines.lines[region][class]);
        let (m2, of) = match at {
            2 => (exact.base_m2, LineFigure::Base),
            3 => (exact.decrease_m2(), LineFigure::Out),
            4 => (exact.increase_m2(), LineFigure::Into),
            5 => (exact.scenario_m2, LineFigure::Scenario),
            6 | 7 => (exact.change_m2(), LineFigure::Net),
            _ => return,
        };
        let place = region_name(&field, &found.list[region], language);
        let class = class.map_or_else(String::new, |class| found.shown.class(class as u32).label(language));
        let printed = cell(row, at.min(6)).text;
        let title = format!("{place} {class}");
        commands.push(why::ask(why::beside(Some(&found.shown), title.trim(), (printed, m2, unit), of.formula())));
    }
}

fn class_cell(shown: &Shown, class: usize, language: crate::text::Language) -> Cell {
    let swatch = shown.swatches.get(class).copied();
    Cell { swatch, ..Cell::text(shown.class(class as u32).label(language)) }
}

/// The difference of two areas as they are printed, so that each row adds up.
fn change(value: f64, decimals: usize) -> Cell {
    Cell::text(signed(value, decimals)).ink(if value == 0.0 { Ink::Faint } else { Ink::Strong })
}

/// The base and all scenarios of the layer, a row a class.
pub fn states_ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let wanted = &session.compare.beside_matrix.states;
    if let Some(problem) = wanted.problem() {
        return problem::problem_ui(ui, session.language(), problem, Awaiting::BesideMatrix, commands);
    }
    let Some(states) = wanted.value().cloned() else {
        widgets::empty_state(ui, icons::LOADER_CIRCLE, session.tr("compare.summing"), |_| {});
        return;
    };
    if states.names.len() < 2 {
        widgets::empty_state(ui, icons::INFO, session.tr("compare.no-scenarios"), |_| {});
        return;
    }
    let (unit, language) = (session.settings.area_unit, session.language());
    let unit_name = session.tr(unit.key());
    let mut columns = vec![grid::Column::new("class", session.tr("report.class").to_owned(), 190.0, false)];
    for (nth, name) in states.names.iter().enumerate() {
        columns.push(grid::Column::new(&format!("state-{nth}"), format!("{name} {unit_name}"), 150.0, true));
        if nth > 0 {
            columns.push(grid::Column::new(
                &format!("change-{nth}"),
                session.tr("report.change").to_owned(),
                120.0,
                true,
            ));
        }
    }
    let sums = &states.sums;
    let shown = session.compare.shown();
    if !state.states.as_ref().is_some_and(|known| known.is_of(&states, unit, shown)) {
        let beside = Beside::of(&session.workspace, &session.compare, &states);
        let figures = RoundedStates::new(sums, unit, beside.as_ref().map(Beside::printed));
        state.states = Some(StateRows { states: states.clone(), unit, shown: shown.cloned(), figures });
    }
    let Some(StateRows { figures, .. }) = &state.states else { return };
    let count = sums.classes.len();
    let swatch = |class: &ClassKey| -> Option<Symbol> {
        let shown = session.compare.shown()?;
        let own = shown.class_of_key(&class.key).and_then(|at| shown.swatches.get(at as usize).copied());
        own.or_else(|| class.class.map(|class| class_symbol(session.class_color(class), GeometryKind::Polygon)))
    };
    let cell = |row: usize, at: usize| {
        let line = figures.rows.get(row).unwrap_or(&figures.totals);
        let figure = |at: usize| Cell::text(format_number(figures.value(line[at]), figures.decimals));
        let cell = match (at, sums.classes.get(row)) {
            (0, Some(class)) => Cell { swatch: swatch(class), ..Cell::text(class.label(language)) },
            (0, None) => Cell::text(session.tr("report.total")),
            (1, _) => figure(0),
            (at, _) if at % 2 == 0 => figure(at / 2),
            (at, _) => change(figures.value(line[at / 2] - line[0]), figures.decimals),
        };
        if row == count { cell.ink(Ink::Strong) } else { cell }
    };
    let name = session.tr("compare.mode-states");
    let view = Grid { name, columns: &columns, sorted: &[], frozen: 0, row_count: count + 1, cursor: None };
    let output = view.show(ui, &mut state.grids[1], |_| false, cell);
    if let Some((row, at)) = output.asked.filter(|(_, at)| *at > 0) {
        let m2 = sums.m2.get(row).unwrap_or(&sums.totals);
        // Columns are class, first state, then area and change of each other state.
        let (nth, is_change) = if at == 1 { (0, false) } else { (at / 2, at % 2 == 1) };
        let (exact, formula) = match is_change {
            true => (m2[nth] - m2[0], "why.f-state-change"),
            false => (m2[nth], "why.f-state"),
        };
        let printed = cell(row, at).text;
        let class = cell(row, 0).text;
        let title = format!("{class} · {}", states.names[nth]);
        commands.push(why::ask(why::beside(shown, &title, (printed, exact, unit), formula)));
    }
}
