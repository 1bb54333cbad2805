//! The tab of the hand-in check: faults by kind with their counts, each with the way to its feature.

use std::sync::Arc;

use eframe::egui::{Align, Layout, Popup, Ui, vec2};
use rustc_hash::FxHashSet;

use crate::model::Severity;
use crate::report;
use crate::text::Message;
use crate::ui::look::grid::{self, Cell, Grid, Ink};
use crate::ui::look::icons;
use crate::ui::look::theme::{font, size, tokens};
use crate::ui::look::widgets;
use crate::ui::panels::table::issues_tab::mark;
use crate::ui::panels::{problem, table};
use crate::ui::session::Session;
use crate::ui::session::awaited::Awaiting;
use crate::ui::session::command::Command;
use crate::ui::session::command::rules::RulesCommand;
use crate::ui::session::command::table::TableCommand;
use crate::ui::session::handin::{Answer, SchemaChoice};
use crate::ui::work::handin;
use crate::units::format_number;
use crate::validate::built_in_words;

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    grid: grid::State,
    cursor: Option<usize>,
    /// Groups whose faults are listed one by one.
    open: FxHashSet<usize>,
    /// Only faults of this severity.
    only: Option<Severity>,
    /// The rows, and the answer that they were made of.
    rows: Vec<Row>,
    rows_of: Option<(Arc<Answer>, Option<Severity>, Vec<usize>)>,
}

/// A row: a group, or a fault of the group above.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Row {
    Group(usize),
    Fault(usize, usize),
    /// So many of the group are not listed.
    More(usize),
}

impl State {
    /// Brings the rows up to date.
    fn refresh(&mut self, answer: &Arc<Answer>) {
        let is_other = self.rows_of.as_ref().is_some_and(|(known, ..)| !Arc::ptr_eq(known, answer));
        if is_other {
            self.open.clear();
            self.cursor = None;
        }
        let mut open: Vec<usize> = self.open.iter().copied().collect();
        open.sort_unstable();
        let is_known = self
            .rows_of
            .as_ref()
            .is_some_and(|(known, only, opened)| Arc::ptr_eq(known, answer) && *only == self.only && *opened == open);
        if is_known {
            return;
        }
        self.rows = rows(answer, self.only, &self.open);
        self.rows_of = Some((answer.clone(), self.only, open));
    }
}

fn rows(answer: &Answer, only: Option<Severity>, open: &FxHashSet<usize>) -> Vec<Row> {
    let mut rows = Vec::new();
    for (at, group) in answer.groups.iter().enumerate() {
        if only.is_some_and(|only| only != group.severity) {
            continue;
        }
        rows.push(Row::Group(at));
        if open.contains(&at) {
            rows.extend((0..group.listed.len()).map(|fault| Row::Fault(at, fault)));
            if group.count > group.listed.len() as u64 {
                rows.push(Row::More(at));
            }
        }
    }
    rows
}

/// Key of the name of a schema in the program.
fn schema_key(word: &str) -> &'static str {
    match word {
        "plan" => "edit.schema-plan",
        "demo" => "edit.schema-demo",
        _ => "edit.schema-survey",
    }
}

/// The tools at the right of the tabs. Comes right to left.
pub fn tools(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    if let Some(answer) = session.handin.answer.value() {
        if widgets::icon_button(ui, icons::DOWNLOAD, session.tr("edit.save-hand-in")).clicked() {
            commands.push(Command::Rules(RulesCommand::SaveHandIn));
        }
        if widgets::icon_button(ui, icons::COPY, session.tr("edit.copy-hand-in")).clicked() {
            let table = report::validate::faults_table(answer, usize::MAX, session.language());
            let text = report::to_tsv(&table, session.language());
            commands.push(Command::Table(TableCommand::CopyText(text)));
        }
        for severity in [Severity::Note, Severity::Warning, Severity::Error] {
            let count = answer.count(severity);
            if count > 0 {
                let name = session.tr(report::validate::severity_key(severity));
                let text = format!("{name} {}", format_number(count as f64, 0));
                if widgets::segment(ui, &text, state.only == Some(severity)).clicked() {
                    state.only = if state.only == Some(severity) { None } else { Some(severity) };
                }
            }
        }
    }
    let response = widgets::icon_button(ui, icons::SETTINGS, session.tr("edit.hand-in-schema"));
    Popup::menu(&response).show(|ui| schemas_ui(ui, session, commands));
    if widgets::icon_button(ui, icons::REFRESH_CW, session.tr("edit.check-again")).clicked() {
        commands.push(Command::Rules(RulesCommand::CheckHandIn(None)));
    }
}

/// What layers can be held against.
fn schemas_ui(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    ui.set_width(260.0);
    widgets::menu_heading(ui, session.tr("edit.hand-in-schema"));
    let now = handin::choice(session);
    for word in built_in_words() {
        let choice = SchemaChoice::BuiltIn(word);
        let on = Some(now == choice);
        if widgets::menu_row(ui, None, session.tr(schema_key(word)), "", on).clicked() {
            commands.push(Command::Rules(RulesCommand::CheckHandIn(Some(choice))));
            ui.close();
        }
    }
    ui.separator();
    let file = match &now {
        SchemaChoice::File(path) => path.file_name().map(|name| name.to_string_lossy().into_owned()),
        SchemaChoice::BuiltIn(_) => None,
    };
    let on = file.is_some();
    if widgets::menu_row(ui, None, session.tr("edit.schema-file"), &file.unwrap_or_default(), Some(on)).clicked() {
        commands.push(Command::Rules(RulesCommand::ChooseSchema));
        ui.close();
    }
}

/// Draws the tab.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let known = &session.handin.answer;
    if let Some(problem) = known.problem() {
        problem::problem_ui(ui, session.language(), problem, Awaiting::HandIn, commands);
        return;
    }
    let Some(answer) = known.value().cloned() else {
        let (icon, key) = match known.is_busy() {
            true => (icons::LOADER_CIRCLE, "edit.job-hand-in"),
            false => (icons::INFO, "edit.hand-in-none"),
        };
        widgets::empty_state(ui, icon, session.tr(key), |ui| {
            let can_check = !known.is_busy() && !session.workspace.is_empty();
            if can_check && widgets::button(ui, Some(icons::CHECK), session.tr("edit.check-now")).clicked() {
                commands.push(Command::Rules(RulesCommand::CheckHandIn(None)));
            }
        });
        return;
    };
    state.refresh(&answer);
    let room = vec2(ui.available_width(), (ui.available_height() - size::FOOT).max(0.0));
    ui.allocate_ui_with_layout(room, Layout::top_down(Align::Min), |ui| {
        ui.set_min_size(room);
        if state.rows.is_empty() {
            widgets::empty_state(ui, icons::CIRCLE_CHECK, session.tr("report.validate-clean"), |_| {});
        } else {
            list_ui(ui, session, state, &answer, commands);
        }
    });
    foot_ui(ui, session, &answer);
}

fn list_ui(ui: &mut Ui, session: &Session, state: &mut State, answer: &Arc<Answer>, commands: &mut Vec<Command>) {
    let language = session.language();
    let column =
        |key: &str, title: &str, width: f32, right: bool| grid::Column::new(key, session.tr(title), width, right);
    let columns = [
        column("fault", "report.validate-kind", 420.0, false),
        column("layer", "report.layer", 140.0, false),
        column("field", "report.validate-field", 96.0, false),
        column("feature", "report.validate-row", 84.0, true),
        column("id", "report.validate-id", 150.0, false),
        column("value", "report.validate-value", 130.0, false),
        column("remedy", "report.validate-remedy", 300.0, false),
    ];
    let rows = state.rows.clone();
    let opened = &state.open;
    let cell = |row: usize, at: usize| match rows.get(row) {
        None => Cell::default(),
        Some(Row::Group(group)) => {
            let is_open = opened.contains(group);
            let group = &answer.groups[*group];
            match at {
                0 => {
                    let key = if is_open { "panels.issues-of-kind-open" } else { "panels.issues-of-kind" };
                    let text = Message::new(key)
                        .with("issue", group.title(&answer.schema, language))
                        .with("count", format_number(group.count as f64, 0));
                    Cell { icon: Some(mark(group.severity)), ..Cell::text(text.text(language)) }
                }
                1 => Cell::text(group.layer(&answer.parts)).ink(Ink::Muted),
                2 => Cell::text(group.key.field.as_deref().unwrap_or_default()),
                3 => Cell::text(format!("×{}", format_number(group.count as f64, 0))).ink(Ink::Muted),
                6 => Cell::text(session.tr(group.key.kind.remedy_key())).ink(Ink::Muted),
                _ => Cell::default(),
            }
        }
        Some(Row::Fault(group, fault)) => {
            let fault = &answer.groups[*group].listed[*fault];
            match at {
                0 => Cell { indent: 22.0, ..Cell::text(fault.message.text(language)) },
                3 => fault.row.map_or_else(Cell::default, |row| Cell::text(format_number(row as f64 + 1.0, 0))),
                4 => Cell::text(fault.id.as_deref().unwrap_or_default()),
                5 => Cell::text(fault.value.as_str()),
                _ => Cell::default(),
            }
        }
        Some(Row::More(group)) if at == 0 => {
            let group = &answer.groups[*group];
            let more = group.count - group.listed.len() as u64;
            let text = Message::new("edit.hand-in-more").with("n", more).text(language);
            Cell { indent: 22.0, ..Cell::text(text).ink(Ink::Faint) }
        }
        Some(Row::More(_)) => Cell::default(),
    };
    let view = Grid {
        name: session.tr("ui.tab-hand-in"),
        columns: &columns,
        sorted: &[],
        frozen: 0,
        row_count: rows.len(),
        cursor: state.cursor,
    };
    let cursor = state.cursor;
    let output = view.show(ui, &mut state.grid, |row| cursor == Some(row), cell);
    let pressed = state.grid.follow(&output, &mut state.cursor, rows.len());
    if let Some(row) = pressed {
        state.cursor = Some(row);
        match rows.get(row) {
            Some(Row::Group(group)) => {
                if !state.open.remove(group) {
                    state.open.insert(*group);
                }
            }
            Some(Row::Fault(group, fault)) => {
                commands.push(Command::Rules(RulesCommand::ShowFault { group: *group, fault: *fault }));
            }
            Some(Row::More(_)) | None => {}
        }
    }
    for (row, response) in output.rows {
        if let Some(Row::Group(group)) = rows.get(row) {
            response.on_hover_text(session.tr(answer.groups[*group].key.kind.remedy_key()));
        }
    }
}

fn foot_ui(ui: &mut Ui, session: &Session, answer: &Answer) {
    let language = session.language();
    table::foot(ui, |ui| {
        let t = tokens(ui);
        widgets::label(ui, answer.schema.title(language), font::table(), t.text);
        widgets::label(ui, &report::validate::counts(answer).text(language), font::table(), t.text);
        if !answer.unchecked.is_empty() {
            let text = Message::new("edit.hand-in-unchecked").with("n", answer.unchecked.len()).text(language);
            let list: Vec<String> = answer
                .unchecked
                .iter()
                .map(|unchecked| {
                    let rule = unchecked.rule.and_then(|rule| answer.schema.rules.get(rule));
                    let says = rule.map_or("", |rule| rule.says(language));
                    format!("{} {says} ({})", unchecked.layer, unchecked.reason.text(language))
                })
                .collect();
            widgets::label(ui, &text, font::table(), t.muted).on_hover_text(list.join("\n"));
        }
        if !handin::is_current(session) {
            widgets::icon(ui, icons::TRIANGLE_ALERT, t.warn);
            widgets::label(ui, session.tr("edit.hand-in-stale"), font::table(), t.warn);
        } else if !answer.schema.official {
            widgets::label(ui, session.tr("report.validate-not-official"), font::table(), t.muted);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::{Fault, Group, GroupKey, Kind, built_in};

    #[test]
    fn kinds_are_rows_that_open() {
        let group = |severity, count, listed: usize| Group {
            key: GroupKey::of(Kind::Code, 0),
            severity,
            count,
            listed: (0..listed).map(|_| Fault::new("", Message::new("report.validate-clean"))).collect(),
        };
        let answer = Answer {
            schema: Arc::new(built_in("demo").expect("is there")),
            parts: Vec::new(),
            groups: vec![group(Severity::Error, 3, 2), group(Severity::Note, 1, 1)],
            unchecked: Vec::new(),
        };
        let mut open = FxHashSet::default();
        assert_eq!(rows(&answer, None, &open), [Row::Group(0), Row::Group(1)]);
        assert_eq!(rows(&answer, Some(Severity::Note), &open), [Row::Group(1)]);
        open.insert(0);
        let expected = [Row::Group(0), Row::Fault(0, 0), Row::Fault(0, 1), Row::More(0), Row::Group(1)];
        assert_eq!(rows(&answer, None, &open), expected);
    }
}
