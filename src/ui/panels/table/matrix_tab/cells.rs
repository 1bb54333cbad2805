//! The rows, columns and cells of the transition matrix, and what a press on one picks.

use std::sync::Arc;

use eframe::egui::Ui;

use super::{State, unit_name};
use crate::report::transition::why::{LineFigure, MatrixFigure};
use crate::report::transition::{ClassFigures, MatrixFigures};
use crate::text::{Language, Message};
use crate::ui::look::frozen::{Cell, Frozen, Place};
use crate::ui::look::grid::Ink;
use crate::ui::look::theme::{font, size, tokens};
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::compare::CompareCommand;
use crate::ui::session::compare::Compare;
use crate::ui::session::compare::pick::Pick;
use crate::ui::session::compare::shown::Shown;
use crate::ui::session::settings::Settings;
use crate::ui::work::compare::names;
use crate::ui::work::why;
use crate::units::format_number;

/// Widths of names and columns, and what they were measured from.
pub(super) struct Widths {
    figures: Arc<MatrixFigures>,
    shown: Arc<Shown>,
    language: Language,
    head: f32,
    columns: Vec<f32>,
    totals: Vec<f32>,
}

/// A row or column that scrolls.
#[derive(Clone, Copy, PartialEq)]
enum Line {
    Class(u32),
    /// What the other state does not cover.
    Only,
    /// What the other state's overlaps count twice.
    Twice,
}

/// Totals at the right: what leaves a class, and all of it in the base.
const TOTALS: [&str; 2] = ["compare.out", "compare.start"];

/// Totals below: what comes to a class, all of it in the scenario, and the difference.
const TOTALS_BELOW: [&str; 3] = ["compare.in", "compare.end", "compare.net"];

/// Widest name at the left and above a column, in points.
const WIDEST: (f32, f32) = (190.0, 132.0);

fn lines(compare: &Compare, settings: &Settings, shown: &Shown, only: bool, twice: bool) -> Vec<Line> {
    let listed = shown.listed(compare.only_changed, settings.area_unit);
    let classes = listed.into_iter().map(Line::Class);
    classes.chain(only.then_some(Line::Only)).chain(twice.then_some(Line::Twice)).collect()
}

pub(super) fn grid_ui(
    ui: &mut Ui,
    session: &Session,
    state: &mut State,
    shown: &Arc<Shown>,
    figures: &Arc<MatrixFigures>,
    commands: &mut Vec<Command>,
) {
    let language = session.language();
    let extras = shown.extras;
    let rows = lines(&session.compare, &session.settings, shown, extras.only_scenario, extras.twice_scenario);
    let columns = lines(&session.compare, &session.settings, shown, extras.only_base, extras.twice_base);
    let known = state.widths.as_ref().is_some_and(|widths| {
        Arc::ptr_eq(&widths.figures, figures)
            && Arc::ptr_eq(&widths.shown, shown)
            && widths.language == language
            && widths.columns.len() == columns.len()
    });
    if !known {
        // A matrix of many classes begins where something changed.
        let is_new = state.widths.as_ref().is_none_or(|before| before.shown.used != shown.used);
        if is_new && let Some((row, column)) = first_change(shown, figures, &rows, &columns) {
            state.grid.scroll_to(Place::Body(row), Place::Body(column));
        }
        state.widths = Some(Widths::measure(ui, session, shown, figures, &rows, &columns));
    }
    let Some(widths) = &state.widths else { return };
    let table = Frozen {
        name: session.tr("ui.tab-transitions"),
        head: widths.head,
        columns: &widths.columns,
        totals: &widths.totals,
        row_count: rows.len(),
        total_count: TOTALS_BELOW.len(),
    };
    let view = View::new(session, shown, figures, &rows, &columns);
    let output = table.show(ui, &mut state.grid, |row, column| view.cell(row, column));
    if let Some((row, column)) = output.asked
        && let Some(of) = view.figure_at(row, column)
        && let Some(measure) = session.compare.work.measure()
    {
        commands.extend(why::compared(&session.compare, shown, figures, measure, of).map(why::ask));
    }
    if let Some((row, column)) = output.pressed
        && let Some(pick) = view.pick(row, column)
    {
        let pick = (session.compare.pick != Some(pick)).then_some(pick);
        commands.push(Command::Compare(CompareCommand::Pick(pick)));
    }
}

/// Row and column of the first cell of land that went from one class to another, as far as it is printed.
fn first_change(shown: &Shown, figures: &MatrixFigures, rows: &[Line], columns: &[Line]) -> Option<(usize, usize)> {
    let place = |lines: &[Line], class: Option<u32>| {
        let wanted = class.map_or(Line::Only, Line::Class);
        lines.iter().position(|line| *line == wanted)
    };
    let units = &figures.rounded.cells;
    let changed = shown.matrix.cells.iter().enumerate().filter(|(at, cell)| {
        // Shares of rows have no units: there every move counts.
        cell.from != cell.to && units.get(*at).is_none_or(|units| *units != 0)
    });
    changed.filter_map(|(_, cell)| Some((place(rows, cell.from)?, place(columns, cell.to)?))).min()
}

impl Widths {
    fn measure(
        ui: &Ui,
        session: &Session,
        shown: &Arc<Shown>,
        figures: &Arc<MatrixFigures>,
        rows: &[Line],
        columns: &[Line],
    ) -> Self {
        let language = session.language();
        let wide = |text: &str, strong: bool| {
            let face = if strong { font::table_strong() } else { font::table() };
            ui.painter().layout_no_wrap(text.to_owned(), face, tokens(ui).text).size().x
        };
        // Of figures, the longest is the widest to within a comma.
        let widest = |texts: &mut dyn Iterator<Item = &str>, strong: bool| {
            texts.max_by_key(|text| text.chars().count()).map_or(0.0, |text| wide(text, strong))
        };
        let padding = 16.0;
        let swatch = size::SWATCH + 6.0;
        let view = View::new(session, shown, figures, rows, columns);
        let head = rows.iter().map(|line| wide(&view.name(*line, true), false) + swatch);
        let head = head.chain([wide(&view.corner(), false)]).fold(80.0, f32::max) + padding;
        let mut of_column: Vec<f32> = Vec::with_capacity(columns.len());
        let mut figure_widths = vec![0.0f32; shown.classes.list.len()];
        for (cell, text) in shown.matrix.cells.iter().zip(&figures.cells) {
            if let Some(to) = cell.to {
                let known = &mut figure_widths[to as usize];
                // Picked figures are bold.
                if text.len() as f32 * 8.5 > *known {
                    *known = known.max(wide(text, true));
                }
            }
        }
        for line in columns {
            let (name, figure) = match line {
                Line::Class(class) => {
                    let line = &figures.lines[*class as usize];
                    let below = widest(&mut [line.scenario.as_str(), &line.into, &line.net].into_iter(), true);
                    (
                        wide(&shown.class(*class).name(language), false) + swatch,
                        below.max(figure_widths[*class as usize]),
                    )
                }
                Line::Only => {
                    let texts = figures.lines.iter().map(|line| line.only_base.as_str());
                    (
                        wide(&view.name(*line, false), false),
                        widest(&mut texts.chain([figures.total.only_base.as_str()]), true),
                    )
                }
                Line::Twice => {
                    let texts = figures.lines.iter().map(|line| line.twice_base.as_str());
                    (
                        wide(&view.name(*line, false), false),
                        widest(&mut texts.chain([figures.total.twice_base.as_str()]), true),
                    )
                }
            };
            of_column.push(name.min(WIDEST.1).max(figure).max(44.0) + padding);
        }
        let total = |key: &str, of: &dyn Fn(&ClassFigures) -> &str, whole: &str| {
            let texts = widest(&mut figures.lines.iter().map(of), true);
            texts.max(wide(whole, true)).max(wide(session.tr(key), false)) + padding
        };
        let totals = vec![
            total(TOTALS[0], &|line| &line.out, &figures.changed),
            total(TOTALS[1], &|line| &line.base, &figures.total.scenario)
                .max(wide(&figures.total.base, true) + padding),
        ];
        let (figures, shown) = (figures.clone(), shown.clone());
        Self { figures, shown, language, head: head.min(WIDEST.0 + padding), columns: of_column, totals }
    }
}

/// What cells are made of.
struct View<'a> {
    session: &'a Session,
    shown: &'a Shown,
    figures: &'a MatrixFigures,
    rows: &'a [Line],
    columns: &'a [Line],
    language: Language,
    /// The figures as areas, whatever is shown, and the largest of a transition: what cells are tinted by.
    areas: &'a MatrixFigures,
    most_changed: i64,
}

impl<'a> View<'a> {
    fn new(
        session: &'a Session,
        shown: &'a Shown,
        figures: &'a MatrixFigures,
        rows: &'a [Line],
        columns: &'a [Line],
    ) -> Self {
        let areas = session.compare.work.areas().map_or(figures, |areas| &**areas);
        let most_changed = areas.rounded.largest_transition(&shown.matrix);
        Self { session, shown, figures, rows, columns, language: session.language(), areas, most_changed }
    }
}

impl View<'_> {
    fn tr<'k>(&self, key: &'k str) -> &'k str {
        self.session.tr(key)
    }

    fn name(&self, line: Line, is_row: bool) -> String {
        match line {
            Line::Class(class) => self.shown.class(class).name(self.language),
            Line::Only if is_row => self.tr("compare.only-scenario").to_owned(),
            Line::Only => self.tr("compare.only-base").to_owned(),
            Line::Twice if is_row => self.tr("report.twice-base").to_owned(),
            Line::Twice => self.tr("report.twice-scenario").to_owned(),
        }
    }

    fn corner(&self) -> String {
        let [base, scenario] = names::short_titles(&self.shown.sides[0].title, &self.shown.sides[1].title);
        let unit = unit_name(&self.session.compare, self.session.language());
        Message::new("compare.corner")
            .with("base", base)
            .with("scenario", scenario)
            .with("unit", unit)
            .text(self.language)
    }

    fn line(&self, lines: &[Line], place: Place) -> Option<Line> {
        match place {
            Place::Body(at) => lines.get(at).copied(),
            _ => None,
        }
    }

    /// What a press on a cell shows.
    fn pick(&self, row: Place, column: Place) -> Option<Pick> {
        match (row, column) {
            (Place::Head, Place::Body(_)) => match self.line(self.columns, column)? {
                Line::Class(class) => Some(Pick::Enters(class)),
                _ => None,
            },
            (Place::Body(_), Place::Head) => match self.line(self.rows, row)? {
                Line::Class(class) => Some(Pick::Leaves(class)),
                _ => None,
            },
            (Place::Body(_), Place::Body(_)) => {
                let class = |line| match line {
                    Line::Class(class) => Some(Some(class)),
                    Line::Only => Some(None),
                    Line::Twice => None,
                };
                let from = class(self.line(self.rows, row)?)?;
                let to = class(self.line(self.columns, column)?)?;
                self.cell_at(from, to).map(|_| Pick::Cell { from, to })
            }
            _ => None,
        }
    }

    /// The figure of a cell.
    fn figure_at(&self, row: Place, column: Place) -> Option<MatrixFigure> {
        let of_line = |line: Line, figure| match line {
            Line::Class(class) => Some(MatrixFigure::Line(Some(class), figure)),
            _ => None,
        };
        match (row, column) {
            (Place::Body(_), Place::Body(_)) => {
                let (from, to) = (self.line(self.rows, row)?, self.line(self.columns, column)?);
                match (from, to) {
                    (Line::Class(class), Line::Twice) => Some(MatrixFigure::Line(Some(class), LineFigure::TwiceBase)),
                    (Line::Twice, Line::Class(class)) => {
                        Some(MatrixFigure::Line(Some(class), LineFigure::TwiceScenario))
                    }
                    (Line::Twice, _) | (_, Line::Twice) => None,
                    (from, to) => {
                        let class = |line| if let Line::Class(class) = line { Some(class) } else { None };
                        self.cell_at(class(from), class(to)).map(MatrixFigure::Cell)
                    }
                }
            }
            (Place::Body(_), Place::Total(at)) => {
                let line = self.line(self.rows, row)?;
                match (line, at) {
                    (Line::Only, 1) => Some(MatrixFigure::Line(None, LineFigure::OnlyScenario)),
                    (Line::Twice, 1) => Some(MatrixFigure::Line(None, LineFigure::TwiceScenario)),
                    (line, 0) => of_line(line, LineFigure::Out),
                    (line, _) => of_line(line, LineFigure::Base),
                }
            }
            (Place::Total(at), Place::Body(_)) => {
                let line = self.line(self.columns, column)?;
                match (line, at) {
                    (Line::Only, 1) => Some(MatrixFigure::Line(None, LineFigure::OnlyBase)),
                    (Line::Twice, 1) => Some(MatrixFigure::Line(None, LineFigure::TwiceBase)),
                    (line, 0) => of_line(line, LineFigure::Into),
                    (line, 1) => of_line(line, LineFigure::Scenario),
                    (line, _) => of_line(line, LineFigure::Net),
                }
            }
            (Place::Total(0), Place::Total(0)) => Some(MatrixFigure::Changed),
            (Place::Total(1), Place::Total(1)) => Some(MatrixFigure::Line(None, LineFigure::Scenario)),
            (Place::Total(2), Place::Total(1)) => Some(MatrixFigure::Line(None, LineFigure::Net)),
            _ => None,
        }
    }

    fn cell_at(&self, from: Option<u32>, to: Option<u32>) -> Option<usize> {
        self.shown.matrix.place_of(from, to)
    }

    fn cell(&self, row: Place, column: Place) -> Cell {
        match (row, column) {
            (Place::Head, Place::Head) => {
                let tip = Message::new("compare.corner-tip")
                    .with("base", &self.shown.sides[0].title)
                    .with("scenario", &self.shown.sides[1].title);
                Cell { tip: tip.text(self.language), ..text(self.corner(), Ink::Muted) }
            }
            (Place::Head, Place::Total(at)) => text(self.tr(TOTALS[at]).to_owned(), Ink::Muted),
            (Place::Total(at), Place::Head) => {
                text(self.tr(TOTALS_BELOW[at]).to_owned(), if at == 1 { Ink::Strong } else { Ink::Muted })
            }
            (Place::Head, Place::Body(_)) => self.heading(column, false),
            (Place::Body(_), Place::Head) => self.heading(row, true),
            (Place::Body(_), Place::Body(_)) => self.figure(row, column),
            (Place::Body(_), Place::Total(at)) => self.total_right(row, at),
            (Place::Total(at), Place::Body(_)) => self.total_below(at, column),
            (Place::Total(at), Place::Total(right)) => self.total_of_all(at, right),
        }
    }

    fn heading(&self, place: Place, is_row: bool) -> Cell {
        let lines = if is_row { self.rows } else { self.columns };
        let Some(line) = self.line(lines, place) else { return Cell::default() };
        let mut cell = text(self.name(line, is_row), Ink::Muted);
        if let Line::Class(class) = line {
            let pick = if is_row { Pick::Leaves(class) } else { Pick::Enters(class) };
            cell.ink = Ink::Text;
            cell.swatch = self.shown.swatches.get(class as usize).copied();
            cell.pressable = true;
            cell.on = self.session.compare.pick == Some(pick);
            let key = if is_row { "compare.leaves-tip" } else { "compare.enters-tip" };
            cell.name =
                Message::new(key).with("class", self.shown.class(class).label(self.language)).text(self.language);
        }
        cell
    }

    fn figure(&self, row: Place, column: Place) -> Cell {
        let (Some(from), Some(to)) = (self.line(self.rows, row), self.line(self.columns, column)) else {
            return Cell::default();
        };
        let (from, to) = match (from, to) {
            (Line::Class(from), Line::Class(to)) => (Some(from), Some(to)),
            (Line::Class(from), Line::Only) => (Some(from), None),
            (Line::Only, Line::Class(to)) => (None, Some(to)),
            (Line::Class(class), Line::Twice) => {
                return text(self.figures.lines[class as usize].twice_base.clone(), Ink::Muted);
            }
            (Line::Twice, Line::Class(class)) => {
                return text(self.figures.lines[class as usize].twice_scenario.clone(), Ink::Muted);
            }
            _ => return Cell::default(),
        };
        let Some(at) = self.cell_at(from, to) else { return text("·".to_owned(), Ink::Faint) };
        // What is no figure in the unit is noise: it is neither tinted nor in the colour of a change.
        let units = self.areas.rounded.cells.get(at).copied().unwrap_or_default();
        let share = units as f32 / self.most_changed.max(1) as f32;
        let changed = from != to && units != 0;
        Cell {
            name: self.cell_name(at),
            pressable: true,
            tint: (changed && from.is_some() && to.is_some()).then_some(share),
            on: self.session.compare.pick == Some(Pick::Cell { from, to }),
            ..text(self.figures.cells[at].clone(), if changed { Ink::Text } else { Ink::Faint })
        }
    }

    /// The cell in words: both classes with their codes, the figure with its unit, and how many pieces.
    fn cell_name(&self, at: usize) -> String {
        let cell = &self.shown.matrix.cells[at];
        let class = |class: Option<u32>, key: &str| {
            class.map_or_else(|| self.tr(key).to_owned(), |class| self.shown.class(class).name(self.language))
        };
        Message::new("compare.cell")
            .with("from", class(cell.from, "compare.only-scenario"))
            .with("to", class(cell.to, "compare.only-base"))
            .with("figure", &self.figures.cells[at])
            .with("unit", unit_name(&self.session.compare, self.session.language()))
            .with("n", format_number(cell.pieces as f64, 0))
            .text(self.language)
    }

    fn total_right(&self, row: Place, at: usize) -> Cell {
        let Some(line) = self.line(self.rows, row) else { return Cell::default() };
        match (line, at) {
            (Line::Class(class), 0) => {
                self.total(self.rows, row, TOTALS[0], &self.figures.lines[class as usize].out, Ink::Muted)
            }
            (Line::Class(class), _) => {
                self.total(self.rows, row, TOTALS[1], &self.figures.lines[class as usize].base, Ink::Strong)
            }
            (Line::Only, 1) => text(self.figures.total.only_scenario.clone(), Ink::Faint),
            (Line::Twice, 1) => text(self.figures.total.twice_scenario.clone(), Ink::Faint),
            _ => Cell::default(),
        }
    }

    fn total_below(&self, at: usize, column: Place) -> Cell {
        let Some(line) = self.line(self.columns, column) else { return Cell::default() };
        let (of, total) = match line {
            Line::Class(class) => (Some(&self.figures.lines[class as usize]), ""),
            Line::Only => (None, self.figures.total.only_base.as_str()),
            Line::Twice => (None, self.figures.total.twice_base.as_str()),
        };
        let Some(of) = of else {
            return if at == 1 { text(total.to_owned(), Ink::Faint) } else { Cell::default() };
        };
        let (figure, ink) = match at {
            0 => (&of.into, Ink::Muted),
            1 => (&of.scenario, Ink::Strong),
            _ => (&of.net, Ink::Muted),
        };
        self.total(self.columns, column, TOTALS_BELOW[at], figure, ink)
    }

    /// A total of one class, named for those who cannot see its place.
    fn total(&self, lines: &[Line], place: Place, key: &str, figure: &str, ink: Ink) -> Cell {
        let class = self.line(lines, place).map_or_else(String::new, |line| self.name(line, false));
        let name = if figure.is_empty() {
            String::new()
        } else {
            let total = Message::new("compare.total")
                .with("total", self.tr(key))
                .with("class", class)
                .with("figure", figure)
                .with("unit", unit_name(&self.session.compare, self.session.language()));
            total.text(self.language)
        };
        Cell { name, ..text(figure.to_owned(), ink) }
    }

    fn total_of_all(&self, at: usize, right: usize) -> Cell {
        match (at, right) {
            (0, 0) => text(self.figures.changed.clone(), Ink::Muted),
            (1, 1) => text(self.figures.total.scenario.clone(), Ink::Strong),
            (2, 1) => text(self.figures.total.net.clone(), Ink::Muted),
            _ => Cell::default(),
        }
    }
}

fn text(text: String, ink: Ink) -> Cell {
    Cell { text, ink, ..Cell::default() }
}
