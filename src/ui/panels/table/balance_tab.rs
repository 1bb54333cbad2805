//! The tab of what classes win and lose: the structure of both states, the changes of each class, and the transitions.

use std::sync::Arc;

use eframe::egui::{Align, Layout, Ui, vec2};

use crate::report::transition::why::{LineFigure, MatrixFigure};
use crate::report::transition::{ClassFigures, MatrixFigures, Measure, matrix_figures};
use crate::scenario::transition::MatrixCell;
use crate::text::{Language, tr};
use crate::ui::look::grid::{self, Cell, Grid, Ink};
use crate::ui::look::theme::size;
use crate::ui::look::{icons, widgets};
use crate::ui::panels::compare::choosers;
use crate::ui::panels::table::matrix_tab::{foot_ui, ready};
use crate::ui::panels::table::{beside_matrix, picture_tab};
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::compare::{CompareCommand, ComparePicture};
use crate::ui::session::compare::Compare;
use crate::ui::session::compare::pick::Pick;
use crate::ui::session::compare::shown::Shown;
use crate::ui::session::settings::Settings;
use crate::ui::work::why;
use crate::units::{AreaUnit, format_number};

/// What the tab shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Mode {
    /// 结构调整表: both states, shares, and the difference.
    #[default]
    Structure,
    /// 变更一览: start, decrease, increase, end.
    Changes,
    /// The transitions, the largest first.
    Transitions,
    /// 行政区 × 地类.
    Regions,
    /// All scenarios side by side.
    States,
    /// Flows between classes, as a picture.
    Flows,
    /// What each class gains or loses, as a picture.
    Bars,
}

const MODES: [(Mode, &str); 7] = [
    (Mode::Structure, "compare.mode-structure"),
    (Mode::Changes, "compare.mode-changes"),
    (Mode::Transitions, "compare.mode-transitions"),
    (Mode::Regions, "compare.mode-regions"),
    (Mode::States, "compare.mode-states"),
    (Mode::Flows, "compare.mode-flows"),
    (Mode::Bars, "compare.mode-bars"),
];

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    mode: Mode,
    grids: [grid::State; 3],
    figures: Option<Figures>,
    beside_matrix: beside_matrix::State,
    pictures: [picture_tab::State; 2],
    choosers: choosers::State,
}

/// Figures in the unit of the window and in hectares, and what they came from.
struct Figures {
    shown: Arc<Shown>,
    unit: AreaUnit,
    areas: MatrixFigures,
    hectares: MatrixFigures,
    /// Places of the transitions in the list of cells, the largest first.
    transitions: Vec<usize>,
}

impl Figures {
    fn of(shown: &Arc<Shown>, unit: AreaUnit) -> Self {
        let matrix = &shown.matrix;
        let changed = |at: &usize| matrix.cells[*at].from != matrix.cells[*at].to;
        let mut transitions: Vec<usize> = (0..matrix.cells.len()).filter(changed).collect();
        transitions.sort_by(|a, b| matrix.cells[*b].m2.total_cmp(&matrix.cells[*a].m2));
        Self {
            unit,
            areas: matrix_figures(matrix, Measure::Area(unit)),
            hectares: matrix_figures(matrix, Measure::Area(AreaUnit::Hectare)),
            transitions,
            shown: shown.clone(),
        }
    }

    /// The figures of a class, or of all.
    fn line(&self, class: Option<u32>) -> &ClassFigures {
        class.map_or(&self.areas.total, |class| &self.areas.lines[class as usize])
    }
}

/// The tools at the right of the tabs. Comes right to left.
pub fn tools(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    if !session.compare.is_open() {
        return;
    }
    let mut push = |command| commands.push(Command::Compare(command));
    if widgets::icon_button(ui, icons::DOWNLOAD, session.tr("compare.export")).clicked() {
        push(CompareCommand::Export);
    }
    match state.mode {
        Mode::Flows => picture_tab::save_button(ui, session.language(), ComparePicture::Flows, commands),
        Mode::Bars => picture_tab::save_button(ui, session.language(), ComparePicture::Bars, commands),
        _ => {}
    }
    let mut push = |command| commands.push(Command::Compare(command));
    if widgets::icon_button(ui, icons::COPY, session.tr("compare.copy-balance")).clicked() {
        push(match state.mode {
            Mode::Structure | Mode::Changes | Mode::Bars => CompareCommand::CopyBalance,
            Mode::Transitions | Mode::Flows => CompareCommand::CopyChanges,
            Mode::Regions => CompareCommand::CopyRegions,
            Mode::States => CompareCommand::CopyStates,
        });
    }
    choosers::ui(ui, session, &mut state.choosers, commands);
    if state.mode == Mode::Regions {
        beside_matrix::region_choice(ui, &session.compare, session.language(), commands);
    }
    for (mode, key) in MODES.into_iter().rev() {
        if widgets::segment(ui, session.tr(key), state.mode == mode).clicked() {
            state.mode = mode;
        }
    }
}

/// Draws the tab.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let Some((shown, figures)) = ready(ui, session, commands) else { return };
    let unit = session.settings.area_unit;
    let known = state.figures.as_ref().is_some_and(|known| Arc::ptr_eq(&known.shown, &shown) && known.unit == unit);
    if !known {
        // A list of many classes begins where something changed.
        let is_new = state.figures.as_ref().is_none_or(|before| before.shown.used != shown.used);
        let listed = shown.listed(session.compare.only_changed, unit);
        if is_new && let Some(first) = first_changed(&shown, &listed) {
            state.grids[..2].iter_mut().for_each(|grid| grid.scroll_to(first));
        }
        state.figures = Some(Figures::of(&shown, unit));
    }
    let room = vec2(ui.available_width(), (ui.available_height() - size::FOOT).max(0.0));
    ui.allocate_ui_with_layout(room, Layout::top_down(Align::Min), |ui| {
        ui.set_min_size(room);
        let State { mode, grids, figures: Some(figures), beside_matrix, pictures, .. } = state else { return };
        match mode {
            Mode::Structure => structure_ui(ui, &session.compare, &session.settings, &mut grids[0], figures, commands),
            Mode::Changes => changes_ui(ui, &session.compare, &session.settings, &mut grids[1], figures, commands),
            Mode::Transitions => {
                transitions_ui(ui, &session.compare, session.language(), &mut grids[2], figures, commands);
            }
            Mode::Regions => {
                beside_matrix::regions_ui(ui, &session.compare, &session.settings, beside_matrix, commands);
            }
            Mode::States => beside_matrix::states_ui(ui, session, beside_matrix, commands),
            Mode::Flows => {
                picture_tab::ui(ui, &session.settings, &mut pictures[0], &shown, ComparePicture::Flows, commands);
            }
            Mode::Bars => {
                picture_tab::ui(ui, &session.settings, &mut pictures[1], &shown, ComparePicture::Bars, commands);
            }
        }
    });
    foot_ui(ui, session, &shown, &figures);
}

/// The first row of the classes listed that won or lost land.
fn first_changed(shown: &Shown, listed: &[u32]) -> Option<usize> {
    let changed = |class: &u32| {
        let line = &shown.matrix.lines[*class as usize];
        line.increase_m2() >= LEAST_M2 || line.decrease_m2() >= LEAST_M2
    };
    listed.iter().position(changed)
}

/// Less than this no unit prints, m².
const LEAST_M2: f64 = 0.005;

fn class_cell(language: Language, shown: &Shown, class: u32) -> Cell {
    let swatch = shown.swatches.get(class as usize).copied();
    Cell { swatch, ..Cell::text(shown.class(class).label(language)) }
}

fn share(part: i64, whole: i64) -> String {
    if whole > 0 { percent(&format_number(100.0 * part as f64 / whole as f64, 2)) } else { "–".to_owned() }
}

fn percent(figure: &str) -> String {
    if figure.is_empty() { "–".to_owned() } else { format!("{figure} %") }
}

/// A row a class, then the total; a press shows what the class wins and loses.
fn class_rows(
    ui: &mut Ui,
    compare: &Compare,
    settings: &Settings,
    state: &mut grid::State,
    figures: &Figures,
    columns: &[grid::Column],
    cell: impl Fn(Option<u32>, usize) -> Cell,
    commands: &mut Vec<Command>,
) {
    let shown = &figures.shown;
    let listed = shown.listed(compare.only_changed, settings.area_unit);
    let count = listed.len();
    let pick_of = |row: usize| listed.get(row).map(|class| Pick::Moves(*class));
    let view = Grid {
        name: settings.tr("ui.tab-balance"),
        columns,
        sorted: &[],
        frozen: 0,
        row_count: count + 1,
        cursor: None,
    };
    let on = |row: usize| pick_of(row).is_some() && compare.pick == pick_of(row);
    let output = view.show(ui, state, on, |row, at| {
        let class = listed.get(row).copied();
        let cell = if at == 0 {
            match class {
                Some(class) => class_cell(settings.language, shown, class),
                None => Cell::text(settings.tr("report.total")),
            }
        } else {
            cell(class, at)
        };
        if class.is_none() { cell.ink(Ink::Strong) } else { cell }
    });
    if let Some(pick) = output.click.and_then(|click| pick_of(click.row)) {
        let pick = (compare.pick != Some(pick)).then_some(pick);
        commands.push(Command::Compare(CompareCommand::Pick(pick)));
    }
    if let Some((row, at)) = output.asked
        && let Some(figure) = line_figure(&columns[at].key)
    {
        let class = listed.get(row).copied();
        let (of, unit) = match columns[at].key.as_str() {
            "change-ha" => (&figures.hectares, AreaUnit::Hectare),
            _ => (&figures.areas, figures.unit),
        };
        let of_line = MatrixFigure::Line(class, figure);
        commands.extend(why::compared(compare, shown, of, Measure::Area(unit), of_line).map(why::ask));
    }
    for (row, response) in output.rows {
        if row < count {
            response.on_hover_text(settings.tr("compare.pick-class"));
        }
    }
}

/// The figure of a line that a column shows, by its key.
fn line_figure(key: &str) -> Option<LineFigure> {
    Some(match key {
        "base" | "start" => LineFigure::Base,
        "base-share" => LineFigure::BaseShare,
        "scenario" | "end" => LineFigure::Scenario,
        "scenario-share" => LineFigure::ScenarioShare,
        "change" | "change-ha" | "net" | "bar" => LineFigure::Net,
        "change-share" => LineFigure::NetShare,
        "decrease" => LineFigure::Out,
        "increase" => LineFigure::Into,
        _ => return None,
    })
}

fn structure_ui(
    ui: &mut Ui,
    compare: &Compare,
    settings: &Settings,
    state: &mut grid::State,
    figures: &Figures,
    commands: &mut Vec<Command>,
) {
    let unit = settings.tr(figures.unit.key());
    let titled = |key: &str, unit: &str| format!("{} {unit}", settings.tr(key));
    let shares = || settings.tr("panels.share").to_owned();
    let mut columns = vec![
        grid::Column::new("class", settings.tr("report.class").to_owned(), 180.0, false),
        grid::Column::new("base", titled("compare.start", unit), 112.0, true),
        grid::Column::new("base-share", shares(), 76.0, true),
        grid::Column::new("scenario", titled("compare.end", unit), 112.0, true),
        grid::Column::new("scenario-share", shares(), 76.0, true),
        grid::Column::new("change", titled("report.change", unit), 112.0, true),
    ];
    let hectares = figures.unit != AreaUnit::Hectare;
    if hectares {
        columns.push(grid::Column::new(
            "change-ha",
            titled("report.change", settings.tr(AreaUnit::Hectare.key())),
            112.0,
            true,
        ));
    }
    columns.push(grid::Column::new("change-share", titled("report.change", "%"), 84.0, true));
    columns.push(grid::Column::new("bar", String::new(), 130.0, false));
    let (share_at, bar_at) = (columns.len() - 2, columns.len() - 1);
    let rounded = &figures.areas.rounded;
    let largest = rounded.largest_change() as f64;
    let cell = |class: Option<u32>, at: usize| {
        let line = figures.line(class);
        match at {
            1 => Cell::text(&line.base),
            2 => Cell::text(percent(&line.base_share)).ink(Ink::Muted),
            3 => Cell::text(&line.scenario),
            4 => Cell::text(percent(&line.scenario_share)).ink(Ink::Muted),
            5 => Cell::text(&line.net).ink(Ink::Strong),
            at if at == share_at => Cell::text(percent(&line.net_share)).ink(Ink::Muted),
            at if at == bar_at => {
                let change = |class: u32| rounded.lines[class as usize].change() as f64;
                Cell { bar: class.map(|class| (change(class), largest)), ..Cell::default() }
            }
            _ => {
                Cell::text(&class.map_or(&figures.hectares.total, |class| &figures.hectares.lines[class as usize]).net)
            }
        }
    };
    class_rows(ui, compare, settings, state, figures, &columns, cell, commands);
}

fn changes_ui(
    ui: &mut Ui,
    compare: &Compare,
    settings: &Settings,
    state: &mut grid::State,
    figures: &Figures,
    commands: &mut Vec<Command>,
) {
    let unit = settings.tr(figures.unit.key());
    let titled = |key: &str| format!("{} {unit}", settings.tr(key));
    let columns = [
        grid::Column::new("class", settings.tr("report.class").to_owned(), 180.0, false),
        grid::Column::new("start", titled("compare.start"), 130.0, true),
        grid::Column::new("decrease", titled("report.decrease"), 130.0, true),
        grid::Column::new("increase", titled("report.increase"), 130.0, true),
        grid::Column::new("end", titled("compare.end"), 130.0, true),
        grid::Column::new("net", titled("compare.net"), 130.0, true),
    ];
    let cell = |class: Option<u32>, at: usize| {
        let line = figures.line(class);
        let text = match at {
            1 => &line.base,
            2 => &line.out,
            3 => &line.into,
            4 => &line.scenario,
            _ => &line.net,
        };
        let cell = Cell::text(text.clone());
        if at == 5 { cell.ink(Ink::Strong) } else { cell }
    };
    class_rows(ui, compare, settings, state, figures, &columns, cell, commands);
}

fn transitions_ui(
    ui: &mut Ui,
    compare: &Compare,
    language: Language,
    state: &mut grid::State,
    figures: &Figures,
    commands: &mut Vec<Command>,
) {
    let shown = &figures.shown;
    let unit = tr(language, figures.unit.key());
    let columns = [
        grid::Column::new("from", tr(language, "report.from").to_owned(), 180.0, false),
        grid::Column::new("to", tr(language, "report.to").to_owned(), 180.0, false),
        grid::Column::new("area", format!("{} {unit}", tr(language, "report.area")), 130.0, true),
        grid::Column::new("share", tr(language, "compare.of-changes").to_owned(), 110.0, true),
        grid::Column::new("pieces", tr(language, "report.pieces").to_owned(), 90.0, true),
    ];
    let cell_of = |row: usize| -> &MatrixCell { &shown.matrix.cells[figures.transitions[row]] };
    let pick_of = |row: usize| Pick::Cell { from: cell_of(row).from, to: cell_of(row).to };
    let rounded = &figures.areas.rounded;
    let changed: i64 = figures.transitions.iter().map(|at| rounded.cells[*at]).sum();
    let class = |class: Option<u32>, key: &str| match class {
        Some(class) => class_cell(language, shown, class),
        None => Cell::text(tr(language, key)).ink(Ink::Muted),
    };
    let view = Grid {
        name: tr(language, "compare.mode-transitions"),
        columns: &columns,
        sorted: &[],
        frozen: 0,
        row_count: figures.transitions.len(),
        cursor: None,
    };
    let output = view.show(
        ui,
        state,
        |row| compare.pick == Some(pick_of(row)),
        |row, at| {
            let cell = cell_of(row);
            match at {
                0 => class(cell.from, "compare.only-scenario"),
                1 => class(cell.to, "compare.only-base"),
                2 => Cell::text(&figures.areas.cells[figures.transitions[row]]).ink(Ink::Strong),
                3 => Cell::text(share(rounded.cells[figures.transitions[row]], changed)).ink(Ink::Muted),
                _ => Cell::text(format_number(cell.pieces as f64, 0)),
            }
        },
    );
    // Of a share and a count of pieces it is the area that says why.
    if let Some((row, _)) = output.asked.filter(|(_, at)| *at >= 2) {
        let (of, measure) = (MatrixFigure::Cell(figures.transitions[row]), Measure::Area(figures.unit));
        commands.extend(why::compared(compare, shown, &figures.areas, measure, of).map(why::ask));
    }
    if let Some(click) = output.click {
        let pick = pick_of(click.row);
        let pick = (compare.pick != Some(pick)).then_some(pick);
        commands.push(Command::Compare(CompareCommand::Pick(pick)));
    }
}
