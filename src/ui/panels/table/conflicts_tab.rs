//! The tab of the control lines: the ledger of what the state shown takes of them, and areas on both sides by class.

use std::collections::BTreeSet;
use std::sync::Arc;

use eframe::egui::{Align, Key, Layout, Popup, PopupCloseBehavior, Ui, vec2};

use crate::model::GeometryKind;
use crate::model::style::Symbol;
use crate::model::style::defaults::class_symbol;
use crate::report::{self, ColumnKind};
use crate::scenario::lines::{LedgerRow, LineKind};
use crate::scenario::{LedgerKey, LedgerNote, LedgerStatus, Workspace};
use crate::text::{Language, Message, tr};
use crate::ui::look::grid::{self, Cell, Grid, Ink};
use crate::ui::look::theme::{font, size, tokens};
use crate::ui::look::widgets::{self, Tone};
use crate::ui::look::{icons, keyboard};
use crate::ui::panels::{problem, table};
use crate::ui::session::Session;
use crate::ui::session::awaited::Awaiting;
use crate::ui::session::command::Command;
use crate::ui::session::command::rules::RulesCommand;
use crate::ui::session::command::scenario::ScenarioCommand;
use crate::ui::session::conflicts::{Answer, Conflicts};
use crate::ui::work::conflicts::note_of;
use crate::ui::work::measuring::method_key;
use crate::ui::work::why;
use crate::units::{Area, AreaUnit, format_number};

/// What the tab shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Mode {
    /// 占压台账.
    #[default]
    Ledger,
    /// Areas inside and outside, by class.
    Lines,
}

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    mode: Mode,
    grids: [grid::State; 2],
    /// Only conflicts with this line.
    only: Option<LineKind>,
    /// Only rows of this status.
    status: Option<LedgerStatus>,
    /// Slivers too.
    slivers: bool,
    cursor: Option<LedgerKey>,
    selected: BTreeSet<LedgerKey>,
    /// The note as it is being written, and the row that it is of.
    note: Option<(LedgerKey, String)>,
    lines: Option<Lines>,
}

/// Areas on both sides of the lines as text, and the answer that they came from.
struct Lines {
    answer: Arc<Answer>,
    unit: AreaUnit,
    is_english: bool,
    columns: Vec<grid::Column>,
    rows: Vec<Vec<String>>,
    swatches: Vec<Option<Symbol>>,
    /// What they come from.
    table: report::Table,
}

/// The tools at the right of the tabs. Comes right to left.
pub fn tools(ui: &mut Ui, conflicts: &Conflicts, language: Language, state: &mut State, commands: &mut Vec<Command>) {
    let Some(answer) = conflicts.answer.value() else { return };
    if widgets::icon_button(ui, icons::DOWNLOAD, tr(language, "edit.save-conflicts")).clicked() {
        commands.push(Command::Rules(RulesCommand::SaveConflicts));
    }
    if state.mode == Mode::Ledger {
        let filtered = state.only.is_some() || state.status.is_some() || state.slivers;
        let response = widgets::icon_toggle(ui, icons::FUNNEL, tr(language, "edit.filter-ledger"), filtered);
        Popup::menu(&response)
            .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
            .show(|ui| filters_ui(ui, language, state, answer));
    }
    for (mode, key) in [(Mode::Lines, "edit.by-line"), (Mode::Ledger, "edit.ledger")] {
        if widgets::segment(ui, tr(language, key), state.mode == mode).clicked() {
            state.mode = mode;
        }
    }
}

/// Which rows are listed: of which line, of which status, slivers too.
fn filters_ui(ui: &mut Ui, language: Language, state: &mut State, answer: &Answer) {
    ui.set_width(220.0);
    widgets::menu_heading(ui, tr(language, "ui.tab-conflicts"));
    for kind in std::iter::once(None).chain(LineKind::ALL.map(Some)) {
        let rows = answer.ledger.rows.iter().filter(|row| kind.is_none_or(|kind| row.line == kind));
        let count = rows.filter(|row| state.slivers || !row.is_sliver).count();
        let name = kind.map_or(tr(language, "edit.any-line"), |kind| kind.role().title(language));
        let count = format_number(count as f64, 0);
        if widgets::menu_row(ui, None, name, &count, Some(state.only == kind)).clicked() {
            state.only = kind;
        }
    }
    ui.separator();
    widgets::menu_heading(ui, tr(language, "report.status"));
    for status in std::iter::once(None).chain(LedgerStatus::ALL.map(Some)) {
        let name = tr(language, status.map_or("edit.any-status", LedgerStatus::title_key));
        if widgets::menu_row(ui, None, name, "", Some(state.status == status)).clicked() {
            state.status = status;
        }
    }
    ui.separator();
    if widgets::menu_row(ui, None, tr(language, "edit.with-slivers"), "", Some(state.slivers)).clicked() {
        state.slivers = !state.slivers;
    }
}

/// Draws the tab.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let conflicts = &session.conflicts;
    if let Some(problem) = conflicts.answer.problem() {
        problem::problem_ui(ui, session.language(), problem, Awaiting::Conflicts, commands);
        return;
    }
    let Some(answer) = conflicts.answer.value().cloned() else {
        widgets::empty_state(ui, icons::LOADER_CIRCLE, session.tr("edit.job-conflicts"), |_| {});
        return;
    };
    match state.mode {
        Mode::Ledger => ledger_ui(ui, session, state, &answer, commands),
        Mode::Lines => lines_ui(ui, session, state, &answer, commands),
    }
}

fn column(language: Language, key: &str, title: &str, width: f32, right: bool) -> grid::Column {
    grid::Column::new(key, tr(language, title), width, right)
}

fn tone(status: LedgerStatus) -> Tone {
    match status {
        LedgerStatus::Open => Tone::Bad,
        LedgerStatus::MeasurementError => Tone::Quiet,
        LedgerStatus::Settled => Tone::Good,
    }
}

fn ledger_ui(ui: &mut Ui, session: &Session, state: &mut State, answer: &Answer, commands: &mut Vec<Command>) {
    let language = session.language();
    let ledger = &answer.ledger;
    let is_shown = |at: &usize| {
        let row = &ledger.rows[*at];
        state.only.is_none_or(|only| row.line == only)
            && (state.slivers || !row.is_sliver)
            && state.status.is_none_or(|status| note_of(&session.workspace, row).status == status)
    };
    let shown: Vec<usize> = (0..ledger.rows.len()).filter(is_shown).collect();
    if shown.is_empty() {
        let n = format_number(ledger.rows.len() as f64, 0);
        let hidden = || Message::new("edit.conflicts-hidden").with("n", n).text(language);
        match (session.workspace.has_control_lines(), ledger.rows.is_empty()) {
            // Nothing was asked, so nothing is answered.
            (false, true) => widgets::empty_state(ui, icons::INFO, session.tr("edit.no-lines"), |_| {}),
            (true, true) => widgets::empty_state(ui, icons::CIRCLE_CHECK, session.tr("edit.no-conflicts"), |_| {}),
            (_, false) => widgets::empty_state(ui, icons::INFO, &hidden(), |_| {}),
        }
        return;
    }
    let columns = [
        column(session.language(), "line", "report.line", 170.0, false),
        column(session.language(), "layer", "report.layer", 110.0, false),
        column(session.language(), "feature", "report.feature", 166.0, false),
        column(session.language(), "class", "report.class", 130.0, false),
        grid::Column {
            title: format!("{} {}", session.tr("report.area"), session.tr(session.settings.area_unit.key())),
            ..column(session.language(), "area", "report.area", 100.0, true)
        },
        column(session.language(), "share", "report.share-of-feature", 84.0, true),
        column(session.language(), "built", "report.built-before", 96.0, true),
        column(session.language(), "width", "report.width", 76.0, true),
        column(session.language(), "status", "report.status", 96.0, false),
        column(session.language(), "note", "report.remark", 260.0, false),
    ];
    let percent = |share: f64| format!("{} %", format_number(share * 100.0, 1));
    let cell = |row: usize, at: usize| {
        let Some(row) = shown.get(row).map(|at| &ledger.rows[*at]) else { return Cell::default() };
        match at {
            0 => {
                let icon = if row.is_sliver { (icons::MINUS, Tone::Quiet) } else { (icons::BAN, Tone::Bad) };
                Cell { icon: Some(icon), ..Cell::text(row.line_text(language)) }
            }
            1 => Cell::text(row.title.as_str()).ink(Ink::Muted),
            2 => Cell::text(row.id.as_str()),
            3 => Cell::text(row.class.map_or_else(|| row.class_text.clone(), |class| class.label(language))),
            4 => Cell::text(Area::from_m2(row.m2).display(session.settings.area_unit)).ink(Ink::Strong),
            5 => Cell::text(percent(row.share)),
            6 => row.built_before.map_or_else(Cell::default, |share| Cell::text(percent(share)).ink(Ink::Muted)),
            7 => row.width_m.map_or_else(Cell::default, |width| Cell::text(format_number(width, 2))),
            8 => {
                let status = note_of(&session.workspace, row).status;
                Cell { pill: Some(tone(status)), ..Cell::text(session.tr(status.title_key())) }
            }
            _ => Cell::text(note_of(&session.workspace, row).note),
        }
    };
    let at_cursor =
        |key: &Option<LedgerKey>| key.as_ref().and_then(|key| shown.iter().position(|at| ledger.rows[*at].key == *key));
    let cursor = at_cursor(&state.cursor);
    let room = vec2(ui.available_width(), (ui.available_height() - EDIT_FOOT).max(0.0));
    ui.allocate_ui_with_layout(room, Layout::top_down(Align::Min), |ui| {
        ui.set_min_size(room);
        let view = Grid {
            name: session.tr("ui.tab-conflicts"),
            columns: &columns,
            sorted: &[],
            frozen: 0,
            row_count: shown.len(),
            cursor,
        };
        let is_on = |row: usize| shown.get(row).is_some_and(|at| state.selected.contains(&ledger.rows[*at].key));
        let output = view.show(ui, &mut state.grids[0], is_on, cell);
        if let Some((row, _)) = output.asked.filter(|(_, at)| (4..=7).contains(at)) {
            commands.extend(why::conflict(session, shown[row]).map(why::ask));
        }
        let key_of = |row: usize| ledger.rows[shown[row]].key.clone();
        if let Some(click) = output.click.filter(|click| click.row < shown.len()) {
            let key = key_of(click.row);
            if click.shift {
                let from = cursor.unwrap_or(click.row);
                state.selected.extend((from.min(click.row)..=from.max(click.row)).map(key_of));
            } else if click.ctrl {
                if !state.selected.remove(&key) {
                    state.selected.insert(key.clone());
                }
            } else {
                state.selected = [key.clone()].into();
                commands.push(Command::Rules(RulesCommand::ShowConflict(shown[click.row])));
            }
            state.cursor = Some(key);
        }
        for (press, extends) in output.presses {
            let at = cursor.unwrap_or(0);
            if press.is_on_row() {
                commands.push(Command::Rules(RulesCommand::ShowConflict(shown[at])));
            }
            let to = press.leads(at, shown.len());
            if !extends {
                state.selected.clear();
            }
            state.selected.insert(key_of(to));
            state.cursor = Some(key_of(to));
            state.grids[0].scroll_to(to);
        }
    });
    edit_foot(ui, &session.workspace, session.language(), state, answer, &shown, commands);
}

/// Height of the foot in which status and note are set.
const EDIT_FOOT: f32 = size::CONTROL + 10.0;

/// Sums at the left; status and note of what is selected at the right.
fn edit_foot(
    ui: &mut Ui,
    workspace: &Workspace,
    language: Language,
    state: &mut State,
    answer: &Answer,
    shown: &[usize],
    commands: &mut Vec<Command>,
) {
    let rows = &answer.ledger.rows;
    ui.allocate_ui_with_layout(vec2(ui.available_width(), EDIT_FOOT), Layout::left_to_right(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        ui.add_space(size::MARGIN);
        // Land that several rows cover counts once.
        let sum: f64 = shown.iter().map(|at| rows[*at].once_m2).sum();
        let open = shown.iter().filter(|at| note_of(workspace, &rows[**at]).status == LedgerStatus::Open).count();
        let slivers = rows.iter().filter(|row| row.is_sliver).count();
        let text = Message::new("edit.conflict-sum")
            .with("n", format_number(shown.len() as f64, 0))
            .with("mu", Area::from_m2(sum).display(AreaUnit::Mu))
            .with("open", format_number(open as f64, 0))
            .with("slivers", format_number(slivers as f64, 0));
        let text = text.text(language);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            ui.add_space(size::MARGIN);
            status_ui(ui, workspace, language, state, rows, shown, commands);
            // What is left is for the sum, which ends in an ellipsis where that is little.
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                widgets::label(ui, &text, font::table(), tokens(ui).text);
            });
        });
    });
}

/// Status and note of what is selected. Comes right to left.
fn status_ui(
    ui: &mut Ui,
    workspace: &Workspace,
    language: Language,
    state: &mut State,
    rows: &[LedgerRow],
    shown: &[usize],
    commands: &mut Vec<Command>,
) {
    let chosen: Vec<LedgerKey> =
        shown.iter().map(|at| &rows[*at].key).filter(|key| state.selected.contains(*key)).cloned().collect();
    let Some(first) = chosen.first() else {
        widgets::label(ui, tr(language, "edit.choose-conflict"), font::note(), tokens(ui).muted);
        return;
    };
    let known = |key: &LedgerKey| workspace.scenarios.ledger.get(key).cloned().unwrap_or_default();
    let now = known(first);
    if state.note.as_ref().is_none_or(|(key, _)| key != first) {
        state.note = Some((first.clone(), now.note.clone()));
    }
    if let Some((_, text)) = &mut state.note {
        let width = (ui.available_width() - 460.0).clamp(110.0, 360.0);
        let name = tr(language, "report.remark");
        let field = widgets::field(ui, text, None, tr(language, "edit.note-hint"), name, width);
        if field.has_focus() {
            keyboard::keep_escape(ui.ctx());
        }
        if field.lost_focus() {
            if ui.input(|i| i.key_pressed(Key::Escape)) {
                text.clone_from(&now.note);
            } else if *text != now.note {
                let notes = chosen.iter().map(|key| LedgerNote { note: text.clone(), ..known(key) });
                let notes = chosen.iter().cloned().zip(notes).collect();
                commands.push(Command::Scenario(ScenarioCommand::NoteLedger(notes)));
            }
        }
    }
    for status in LedgerStatus::ALL.into_iter().rev() {
        let on = chosen.iter().all(|key| known(key).status == status);
        if widgets::segment(ui, tr(language, status.title_key()), on).clicked() && !on {
            let notes = chosen.iter().map(|key| LedgerNote { status, ..known(key) });
            let notes = chosen.iter().cloned().zip(notes).collect();
            commands.push(Command::Scenario(ScenarioCommand::NoteLedger(notes)));
        }
    }
    widgets::muted(ui, tr(language, "report.status"));
}

fn lines_ui(ui: &mut Ui, session: &Session, state: &mut State, answer: &Arc<Answer>, commands: &mut Vec<Command>) {
    let settings = &session.settings;
    let Some((classes, figures)) = &answer.figures else {
        widgets::empty_state(ui, icons::INFO, settings.tr("edit.no-land-use"), |_| {});
        return;
    };
    let (unit, language) = (settings.area_unit, settings.language);
    let is_english = language == crate::text::Language::English;
    let known = state.lines.as_ref().is_some_and(|lines| {
        Arc::ptr_eq(&lines.answer, answer) && lines.unit == unit && lines.is_english == is_english
    });
    if !known {
        let table = report::lines::line_table(figures, classes, unit, language);
        let columns = table.columns.iter().map(|column| grid::Column {
            key: column.key.clone(),
            title: column.heading(language),
            width: if column.kind == ColumnKind::Text { 200.0 } else { 150.0 },
            right: column.kind != ColumnKind::Text,
            ..grid::Column::default()
        });
        let rows = report::figure::printed(&table);
        let swatch = |label: &String| {
            let class = classes.iter().find(|class| class.label(language) == *label);
            class.and_then(|class| class.class).map(|class| class_symbol(class.color(), GeometryKind::Polygon))
        };
        let swatches = rows.iter().map(|row| row.first().and_then(swatch)).collect();
        let columns = columns.collect();
        state.lines = Some(Lines { answer: answer.clone(), unit, is_english, columns, rows, swatches, table });
    }
    let Some(lines) = &state.lines else { return };
    let room = vec2(ui.available_width(), (ui.available_height() - size::FOOT).max(0.0));
    ui.allocate_ui_with_layout(room, Layout::top_down(Align::Min), |ui| {
        ui.set_min_size(room);
        let view = Grid {
            name: settings.tr("edit.by-line"),
            columns: &lines.columns,
            sorted: &[],
            frozen: 0,
            row_count: lines.rows.len(),
            cursor: None,
        };
        let last = lines.rows.len() - 1;
        let output = view.show(
            ui,
            &mut state.grids[1],
            |_| false,
            |row, at| {
                let text = lines.rows[row].get(at).cloned().unwrap_or_default();
                let swatch = lines.swatches[row].filter(|_| at == 0);
                let cell = Cell { swatch, ..Cell::text(text) };
                if row == last { cell.ink(Ink::Strong) } else { cell }
            },
        );
        if let Some((row, at)) = output.asked
            && let Some(figure) = report::figure::of_table(&lines.table, row, at)
        {
            commands.extend(why::of_lines(session, figure).map(why::ask));
        }
    });
    table::foot(ui, |ui| {
        let (method, frame) = &answer.method;
        let text = Message::new("edit.lines-method")
            .with("method", settings.tr(method_key(*method)))
            .with_said("zone", |l| crate::crs::name_said(frame, l));
        let text = text.text(settings.language);
        let t = tokens(ui);
        ui.label(eframe::egui::RichText::new(text).font(font::table()).color(t.muted));
        if let Some(unstated) = report::lines::unstated(figures) {
            widgets::icon(ui, icons::TRIANGLE_ALERT, t.warn);
            widgets::label(ui, &unstated.text(settings.language), font::table(), t.warn);
        }
    });
}
