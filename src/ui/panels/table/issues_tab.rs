//! The tab of issues: everything that was found about the open layers, each with the way to its feature.

use eframe::egui::{self, Align, Layout, Ui, vec2};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::model::{Issue, LayerId, Severity};
use crate::report::{self, Column, ColumnKind, Table};
use crate::scenario::Workspace;
use crate::text::{Language, Message, tr};
use crate::ui::look::grid::{self, Cell, Grid, Ink};
use crate::ui::look::icons::{self, Icon};
use crate::ui::look::theme::{font, size};
use crate::ui::look::widgets::{self, Tone};
use crate::ui::panels::table;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::table::TableCommand;
use crate::ui::work::faults;
use crate::units::format_number;

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    grid: grid::State,
    /// Only issues of this severity.
    only: Option<Severity>,
    cursor: Option<usize>,
    /// Kinds whose issues are listed one by one.
    open: FxHashSet<Kind>,
    /// The rows, and what they were made of.
    rows: Vec<Row>,
    rows_of: Option<RowsOf>,
}

/// What makes issues alike: their layer, how much they matter, what they say.
type Kind = (LayerId, Severity, &'static str);

/// The issues that rows were made of, which severity was asked for, and how many kinds were open.
type RowsOf = (usize, usize, Option<Severity>, Vec<Kind>);

/// A row: places in the list of issues.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Row {
    /// An issue that is alone of its kind.
    One(usize),
    /// A kind with several issues: the first of them, and how many.
    Kind(usize, usize),
    /// An issue of the kind above.
    Of(usize),
}

impl Row {
    fn issue(self) -> usize {
        match self {
            Self::One(at) | Self::Kind(at, _) | Self::Of(at) => at,
        }
    }
}

fn kind(of: &(LayerId, Issue)) -> Kind {
    (of.0, of.1.severity, of.1.message.key)
}

/// Issues as rows: the worst kinds first, then in the order in which they came up; a kind of several is one row, which
/// opens.
fn rows(issues: &[(LayerId, Issue)], only: Option<Severity>, open: &FxHashSet<Kind>) -> Vec<Row> {
    let mut places: FxHashMap<Kind, usize> = FxHashMap::default();
    let mut kinds: Vec<Vec<usize>> = Vec::new();
    for (at, issue) in issues.iter().enumerate().filter(|(_, (_, i))| only.is_none_or(|only| i.severity == only)) {
        let place = *places.entry(kind(issue)).or_insert_with(|| {
            kinds.push(Vec::new());
            kinds.len() - 1
        });
        kinds[place].push(at);
    }
    kinds.sort_by_key(|list| std::cmp::Reverse(list.first().map(|at| issues[*at].1.severity)));
    let mut rows = Vec::new();
    for list in kinds {
        match list.as_slice() {
            [one] => rows.push(Row::One(*one)),
            [first, ..] => {
                rows.push(Row::Kind(*first, list.len()));
                if open.contains(&kind(&issues[*first])) {
                    rows.extend(list.into_iter().map(Row::Of));
                }
            }
            [] => {}
        }
    }
    rows
}

impl State {
    /// Brings the rows up to date.
    fn refresh(&mut self, issues: &[(LayerId, Issue)]) {
        let mut open: Vec<Kind> = self.open.iter().copied().collect();
        open.sort_unstable();
        let of = (issues.as_ptr() as usize, issues.len(), self.only, open);
        if self.rows_of.as_ref() != Some(&of) {
            self.rows = rows(issues, self.only, &self.open);
            self.rows_of = Some(of);
        }
    }

    fn toggle(&mut self, kind: Kind) {
        if !self.open.remove(&kind) {
            self.open.insert(kind);
        }
    }
}

const SEVERITIES: [(Severity, &str); 3] =
    [(Severity::Error, "panels.errors"), (Severity::Warning, "panels.warnings"), (Severity::Note, "panels.notes")];

/// The icon and tone of a severity.
pub fn mark(severity: Severity) -> (Icon, Tone) {
    match severity {
        Severity::Note => (icons::INFO, Tone::Quiet),
        Severity::Warning => (icons::TRIANGLE_ALERT, Tone::Warn),
        Severity::Error => (icons::CIRCLE_ALERT, Tone::Bad),
    }
}

/// The tools at the right of the tabs. Comes right to left.
pub fn tools(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    if session.issues().is_empty() {
        return;
    }
    if widgets::icon_button(ui, icons::COPY, session.tr("panels.copy-issues")).clicked() {
        let table = table(&session.workspace, session.language(), &shown(session, state));
        commands.push(Command::Table(TableCommand::CopyText(report::to_tsv(&table, session.language()))));
    }
    if widgets::icon_button(ui, icons::DOWNLOAD, session.tr("report.save-sheet")).clicked() {
        let mut table = table(&session.workspace, session.language(), &shown(session, state));
        session.tr("report.issues").clone_into(&mut table.title);
        commands.push(Command::Table(TableCommand::SaveTable(Box::new(table))));
    }
    for (severity, key) in SEVERITIES.into_iter().rev() {
        let count = session.issues().iter().filter(|(_, issue)| issue.severity == severity).count();
        if count > 0 {
            let name = format!("{} {}", session.tr(key), format_number(count as f64, 0));
            if widgets::segment(ui, &name, state.only == Some(severity)).clicked() {
                state.only = if state.only == Some(severity) { None } else { Some(severity) };
            }
        }
    }
    if widgets::segment(ui, session.tr("panels.all-issues"), state.only.is_none()).clicked() {
        state.only = None;
    }
}

fn shown<'a>(session: &'a Session, state: &State) -> Vec<&'a (LayerId, Issue)> {
    session.issues().iter().filter(|(_, issue)| state.only.is_none_or(|only| issue.severity == only)).collect()
}

/// Draws the tab.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let issues = session.issues();
    state.refresh(issues);
    let rows = state.rows.clone();
    if rows.is_empty() {
        widgets::empty_state(ui, icons::CIRCLE_CHECK, session.tr("ui.no-issues"), |_| {});
        return;
    }
    let column =
        |key: &str, title: &str, width: f32, right: bool| grid::Column::new(key, session.tr(title), width, right);
    let columns = [
        column("issue", "panels.issue", 440.0, false),
        column("layer", "panels.layer", 140.0, false),
        column("feature", "panels.feature-number", 80.0, true),
        column("line", "panels.line", 70.0, true),
        column("before", "panels.before", 110.0, true),
        column("after", "panels.after", 110.0, true),
    ];
    let language = session.language();
    let room = vec2(ui.available_width(), (ui.available_height() - size::FOOT).max(0.0));
    ui.allocate_ui_with_layout(room, Layout::top_down(Align::Min), |ui| {
        ui.set_min_size(room);
        let cell = |row: usize, at: usize| {
            let Some(row) = rows.get(row) else { return Cell::default() };
            let Some((layer, issue)) = issues.get(row.issue()) else { return Cell::default() };
            if let Row::Kind(_, count) = row {
                let count = format_number(*count as f64, 0);
                return match at {
                    0 => {
                        let open = state.open.contains(&(*layer, issue.severity, issue.message.key));
                        let key = if open { "panels.issues-of-kind-open" } else { "panels.issues-of-kind" };
                        let text = Message::new(key).with_said("issue", |l| issue.text(l)).with("count", count);
                        Cell { icon: Some(mark(issue.severity)), ..Cell::text(text.text(language)) }
                    }
                    1 => Cell::text(title(&session.workspace, *layer)).ink(Ink::Muted),
                    2 => Cell::text(format!("×{count}")).ink(Ink::Muted),
                    _ => Cell::default(),
                };
            }
            let number = |n: Option<u64>| n.map_or_else(Cell::default, |n| Cell::text(format_number(n as f64, 0)));
            let m2 = |value: Option<f64>| value.map_or_else(Cell::default, |m2| Cell::text(format_number(m2, 2)));
            match at {
                0 if matches!(row, Row::Of(_)) => Cell::text(format!("　　{}", issue.text(language))),
                0 => Cell { icon: Some(mark(issue.severity)), ..Cell::text(issue.text(language)) },
                1 => Cell::text(title(&session.workspace, *layer)).ink(Ink::Muted),
                2 => number(issue.feature.map(|feature| feature + 1)),
                3 => number(issue.line),
                4 => m2(issue.area_m2.map(|(before, _)| before)),
                _ => m2(issue.area_m2.map(|(_, after)| after)),
            }
        };
        let view = Grid {
            name: session.tr("ui.tab-issues"),
            columns: &columns,
            sorted: &[],
            frozen: 0,
            row_count: rows.len(),
            cursor: state.cursor,
        };
        let cursor = state.cursor;
        let output = view.show(ui, &mut state.grid, |row| cursor == Some(row), cell);
        let open = state.grid.follow(&output, &mut state.cursor, rows.len());
        if let Some(row) = open.and_then(|at| rows.get(at))
            && let Some((layer, issue)) = issues.get(row.issue())
        {
            state.cursor = open;
            match row {
                Row::Kind(..) => state.toggle((*layer, issue.severity, issue.message.key)),
                _ => commands.extend(faults::way_to(session, *layer, issue)),
            }
        }
        for (row, response) in output.rows {
            if let Some((_, issue)) = rows.get(row).and_then(|row| issues.get(row.issue())) {
                response.on_hover_text(issue.text(language));
            }
        }
    });
    table::foot(ui, |ui| {
        let count = |severity: Severity| {
            let asked = state.only.is_none_or(|only| only == severity);
            issues.iter().filter(|(_, issue)| asked && issue.severity == severity).count()
        };
        for (severity, key) in SEVERITIES {
            let n = count(severity);
            if n > 0 {
                let text = format!("{} {}", session.tr(key), format_number(n as f64, 0));
                ui.label(egui::RichText::new(text).font(font::table()));
            }
        }
    });
}

fn title(workspace: &Workspace, layer: LayerId) -> String {
    workspace.entry(layer).map_or_else(String::new, |entry| entry.title.clone())
}

/// The issues as a table to be copied.
fn table(workspace: &Workspace, language: Language, issues: &[&(LayerId, Issue)]) -> Table {
    let column = |key: &str, title: &str, kind: ColumnKind| Column::new(key, tr(language, title), kind);
    let mut table = Table {
        columns: vec![
            column("severity", "panels.severity", ColumnKind::Text),
            column("layer", "panels.layer", ColumnKind::Text),
            column("feature", "panels.feature-number", ColumnKind::Count),
            column("id", "panels.id", ColumnKind::Text),
            column("line", "panels.line", ColumnKind::Count),
            column("message", "panels.issue", ColumnKind::Text),
            column("before", "panels.before", ColumnKind::Number(2)),
            column("after", "panels.after", ColumnKind::Number(2)),
        ],
        ..Table::default()
    };
    let count = |n: Option<u64>| n.map_or(report::Cell::Empty, report::Cell::Count);
    let number = |n: Option<f64>| n.map_or(report::Cell::Empty, report::Cell::Number);
    for (layer, issue) in issues {
        let severity = match issue.severity {
            Severity::Error => "panels.error",
            Severity::Warning => "panels.warning",
            Severity::Note => "panels.note",
        };
        table.rows.push(vec![
            report::Cell::from(tr(language, severity)),
            report::Cell::from(title(workspace, *layer)),
            count(issue.feature.map(|feature| feature + 1)),
            issue.id.as_deref().map_or(report::Cell::Empty, report::Cell::from),
            count(issue.line),
            report::Cell::from(issue.text(language)),
            number(issue.area_m2.map(|(before, _)| before)),
            number(issue.area_m2.map(|(_, after)| after)),
        ]);
    }
    table.title = Message::new("ui.issue-count").with("n", issues.len()).text(language);
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issues_of_a_kind_are_one_row_that_opens_and_the_worst_come_first() {
        let layer = LayerId::next();
        let issue = |severity, key| (layer, Issue::new(severity, Message::new(key)));
        let mut issues = vec![issue(Severity::Note, "io.bad-bbox")];
        issues.extend((0..709).map(|_| issue(Severity::Warning, "io.unclosed-ring")));
        issues.push(issue(Severity::Error, "io.not-a-number"));
        let mut open = FxHashSet::default();
        assert_eq!(rows(&issues, None, &open), [Row::One(710), Row::Kind(1, 709), Row::One(0)]);
        assert_eq!(rows(&issues, Some(Severity::Note), &open), [Row::One(0)]);
        open.insert(kind(&issues[1]));
        let opened = rows(&issues, None, &open);
        assert_eq!(
            (opened.len(), opened[1], opened[2], opened[711]),
            (712, Row::Kind(1, 709), Row::Of(1), Row::One(0))
        );
    }
}
