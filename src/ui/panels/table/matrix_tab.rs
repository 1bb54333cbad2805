//! The tab of the transition matrix: from which class to which, in figures; a press on one shows its pieces on the map.

use std::sync::Arc;

use eframe::egui::{Align, Layout, Ui, vec2};

use crate::report::transition::{MatrixFigures, Measure};
use crate::scenario::transition::Basis;
use crate::text::{Language, Message, tr};
use crate::ui::look::frozen;
use crate::ui::look::theme::{font, size, tokens};
use crate::ui::look::{icons, widgets};
use crate::ui::panels::compare::choosers;
use crate::ui::panels::{problem, table};
use crate::ui::session::Session;
use crate::ui::session::awaited::{Awaiting, Problem};
use crate::ui::session::command::Command;
use crate::ui::session::command::compare::CompareCommand;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::compare::Compare;
use crate::ui::session::compare::shown::Shown;
use crate::ui::work::measuring::method_key;
use crate::units::{Area, AreaUnit, format_number};

mod cells;

use cells::{Widths, grid_ui};

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    grid: frozen::State,
    widths: Option<Widths>,
    /// What the choosers remember.
    pub choosers: choosers::State,
}

/// Draws the tab.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let Some((shown, figures)) = ready(ui, session, commands) else { return };
    let room = vec2(ui.available_width(), (ui.available_height() - size::FOOT).max(0.0));
    ui.allocate_ui_with_layout(room, Layout::top_down(Align::Min), |ui| {
        ui.set_min_size(room);
        grid_ui(ui, session, state, &shown, &figures, commands);
    });
    foot_ui(ui, session, &shown, &figures);
}

/// The comparison when there is one to show; else says why there is none and what to do.
pub(in crate::ui) fn ready(
    ui: &mut Ui,
    session: &Session,
    commands: &mut Vec<Command>,
) -> Option<(Arc<Shown>, Arc<MatrixFigures>)> {
    let work = &session.compare.work;
    if let Some(sources) = Compare::by_itself(session) {
        commands.push(Command::Compare(CompareCommand::SetSources(sources)));
        return None;
    }
    if !session.compare.is_open() {
        widgets::empty_state(ui, icons::GRID_3X3, session.tr("compare.nothing"), |ui| {
            if widgets::primary_button(ui, None, session.tr("compare.open")).clicked() {
                commands.push(Command::Compare(CompareCommand::Open));
            }
        });
        return None;
    }
    match (work.problem(), work.shown(), work.figures()) {
        (Some(Problem::Failed(message)), _, _) => {
            let text = message.text(session.language());
            // What a crosswalk answers is asked for one.
            let wants_crosswalk =
                message.key == "scenario.schemes-differ" || message.key.starts_with("scenario.crosswalk-");
            widgets::empty_state(ui, icons::TRIANGLE_ALERT, &text, |ui| {
                if wants_crosswalk && widgets::primary_button(ui, None, session.tr("compare.open-crosswalk")).clicked()
                {
                    commands.push(Command::Compare(CompareCommand::OpenCrosswalk));
                }
            });
            None
        }
        // What was compared before would be taken for what is asked now.
        (Some(problem), _, _) => {
            problem::problem_ui(ui, session.language(), problem, Awaiting::Comparison, commands);
            None
        }
        (_, Some(shown), Some(figures)) => Some((shown.clone(), figures.clone())),
        _ => {
            waiting(ui, session, commands);
            None
        }
    }
}

fn waiting(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    let job = session.compare.work.job().and_then(|job| session.jobs.shown().find(|shown| shown.id == job));
    widgets::empty_state(ui, icons::LOADER_CIRCLE, session.tr("compare.working"), |ui| {
        let Some(job) = job else { return };
        let fraction = job.progress.fraction().filter(|fraction| *fraction < 1.0);
        widgets::progress_bar(ui, fraction, 240.0, session.tr("compare.working"));
        if widgets::button(ui, Some(icons::X), session.tr("ui.cancel")).clicked() {
            commands.push(Command::Window(WindowCommand::CancelTask(job.id)));
        }
        ui.ctx().request_repaint_after(std::time::Duration::from_millis(100));
    });
}

/// The unit of the figures, for headings.
pub(in crate::ui) fn unit_name(compare: &Compare, language: Language) -> &str {
    match compare.work.measure() {
        Some(Measure::Area(unit)) => tr(language, unit.key()),
        Some(_) => "%",
        None => "",
    }
}

/// What the residual may be by rounding alone, as a share of the whole.
const ROUNDING: f64 = 1e-9;

/// Conservation at the left, what the figures are at the right.
pub(in crate::ui) fn foot_ui(ui: &mut Ui, session: &Session, shown: &Shown, figures: &MatrixFigures) {
    let language = session.language();
    table::foot(ui, |ui| {
        let t = tokens(ui);
        ui.spacing_mut().item_spacing.x = 8.0;
        let matrix = &shown.matrix;
        let closes = matrix.residual_m2 <= (ROUNDING * matrix.total.base.m2).max(0.005);
        if session.compare.work.is_busy() {
            ui.spinner();
        } else if closes {
            widgets::icon(ui, icons::CIRCLE_CHECK, t.good);
        } else {
            widgets::icon(ui, icons::TRIANGLE_ALERT, t.warn);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.add_space(size::MARGIN);
            let basis = basis_text(session, shown);
            let room = ui.available_width() * 0.45;
            ui.scope(|ui| {
                ui.set_max_width(room);
                widgets::label(ui, &basis, font::table(), t.muted);
            });
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let mut text = conservation(shown, figures, closes, language);
                let listed = shown.listed(session.compare.only_changed, session.settings.area_unit);
                let hidden = shown.used.len() - listed.len();
                if hidden > 0 {
                    text.push_str(&Message::new("compare.unchanged-hidden").with("n", hidden).text(language));
                }
                widgets::label(ui, &text, font::table(), if closes { t.text } else { t.warn });
            });
        });
    });
}

/// That rows and columns add up, what is left, and what slivers come to.
fn conservation(shown: &Shown, figures: &MatrixFigures, closes: bool, language: Language) -> String {
    let matrix = &shown.matrix;
    let residual = format_number(Area::from_m2(matrix.residual_m2).mu(), 4);
    let key = if closes { "compare.conserved" } else { "compare.not-conserved" };
    let mut text = Message::new(key).with("residual", residual).text(language);
    if matrix.slivers.count > 0 {
        let slivers = Message::new("compare.slivers")
            .with("n", format_number(matrix.slivers.count as f64, 0))
            .with("mu", Area::from_m2(matrix.slivers.m2).display(AreaUnit::Mu));
        text.push_str(&slivers.text(language));
    }
    if figures.adjusted_count > 0 {
        let adjusted = Message::new("compare.adjusted").with("n", figures.adjusted_count);
        text.push_str(&adjusted.text(language));
    }
    text
}

/// Method, zone and study area.
fn basis_text(session: &Session, shown: &Shown) -> String {
    let method = match &session.compare.basis {
        Some(Basis::Field(name)) => name.clone(),
        _ => session.tr(method_key(shown.comparison.table.method)).to_owned(),
    };
    let frame = &shown.comparison.table.frame;
    let entry = session.workspace.entry(shown.sides[0].layer.id);
    let frame = entry.map_or_else(|| frame.clone(), |entry| table::frame_name(entry, frame, session.language()));
    let mut parts = vec![method, frame];
    if let Some(within) = &shown.within {
        parts.push(Message::new("compare.within").with("area", within).text(session.language()));
    }
    parts.join(" · ")
}

/// The tools at the right of the tabs. Comes right to left.
pub fn tools(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    if !session.compare.is_open() {
        return;
    }
    if widgets::icon_button(ui, icons::DOWNLOAD, session.tr("compare.export")).clicked() {
        commands.push(Command::Compare(CompareCommand::Export));
    }
    if widgets::icon_button(ui, icons::COPY, session.tr("compare.copy-matrix")).clicked() {
        commands.push(Command::Compare(CompareCommand::CopyMatrix));
    }
    choosers::ui(ui, session, &mut state.choosers, commands);
}
