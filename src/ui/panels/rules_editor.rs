//! The rules file in the window: its text with mistakes marked where they are, how each rule stands, and all states
//! side by side.
//!
//! What is typed is read and judged as it is typed, and written to the file only when it is saved. Text that is not
//! saved stays in the window, whatever happens to the file or the project meanwhile.
//!
//! | file | holds |
//! |---|---|
//! | `text` | the text with line numbers and marks |
//! | `states` | rules held against every state |
//! | `snippets` | templates of files and rules |

use std::path::{Path, PathBuf};
use std::sync::Arc;

use eframe::egui::{self, Align, Layout, Ui, vec2};

use crate::rules::Rules;
use crate::scenario::Workspace;
use crate::text::{Language, Message, tr};
use crate::ui::look::icons;
use crate::ui::look::theme::{self, font, size, tokens};
use crate::ui::look::widgets::{self, Tone};
use crate::ui::map::two_states;
use crate::ui::panels::rules_bar;
use crate::ui::panels::rules_editor::states::Standing;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::rules::RulesCommand;
use crate::ui::session::judging::Judging;
use crate::ui::session::opening::file_title;
use crate::ui::session::parts::RulesPage;

mod snippets;
mod states;
mod text;

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    /// The text as it is being written.
    text: String,
    /// The file and its text as they were when the text was last the same.
    loaded: Option<(Option<PathBuf>, Arc<str>)>,
    /// Whether the text is for a file that does not exist yet.
    is_new: bool,
    editor: text::State,
    rules: Arc<Rules>,
    /// The text that `rules` were read from.
    read: Option<String>,
    standing: Standing,
}

/// Seconds without typing after which the text is read.
const PAUSE: f64 = 0.2;

/// Draws the window, when it is open.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let Some(page) = session.project.rules_page else { return };
    let t = tokens(ui);
    let room = ui.max_rect();
    let wanted = vec2((room.width() * 0.66).clamp(640.0, 1120.0), (room.height() * 0.68).clamp(380.0, 720.0));
    let conflict = state.follow_file(&session.workspace, &session.judging);
    egui::Window::new(session.tr("edit.rules"))
        .id(egui::Id::unique("rules-window"))
        .title_bar(false)
        .constrain_to(room.with_min_y(room.top() + size::TOP_BAR))
        .default_size(wanted)
        .default_pos(room.center() - wanted / 2.0)
        .min_size(vec2(560.0, 320.0))
        .frame(theme::card(t))
        .show(ui.ctx(), |ui| {
            ui.spacing_mut().item_spacing.y = 6.0;
            heading(ui, &session.workspace, session.language(), state, page, commands);
            widgets::hairline(ui);
            if conflict {
                conflict_ui(ui, session, state);
            }
            state.read_text(ui, &session.workspace);
            state.standing.refresh(ui.ctx(), session, &state.rules);
            match page {
                RulesPage::Text(line) => text_page(ui, session, state, line, commands),
                RulesPage::States => {
                    let is_saved = !state.is_dirty();
                    state.standing.problem_ui(ui, session.language());
                    states::ui(
                        ui,
                        &session.workspace,
                        session.language(),
                        &state.rules,
                        &state.standing,
                        is_saved,
                        commands,
                    );
                }
            }
        });
}

impl State {
    /// Whether something was typed that is not in the file.
    fn is_dirty(&self) -> bool {
        self.is_new || self.loaded.as_ref().is_some_and(|(_, text)| **text != *self.text)
    }

    /// Takes up what the project's file says, where nothing would be lost by it. Whether something would be.
    fn follow_file(&mut self, workspace: &Workspace, judging: &Judging) -> bool {
        let file = judging.text.clone().unwrap_or_default();
        let now = (workspace.rules.clone(), file);
        if self.loaded.as_ref() == Some(&now) {
            return false;
        }
        if *now.1 == *self.text {
            // What was saved just now.
            self.is_new = false;
        } else if self.is_dirty() {
            return true;
        } else {
            self.text = now.1.to_string();
        }
        self.loaded = Some(now);
        false
    }

    /// Reads the text, once nothing more is typed.
    fn read_text(&mut self, ui: &Ui, workspace: &Workspace) {
        if self.read.as_deref() == Some(self.text.as_str()) {
            return;
        }
        let now = ui.input(|input| input.time);
        if self.editor.typed.is_some_and(|typed| now - typed < PAUSE) {
            ui.ctx().request_repaint_after(std::time::Duration::from_secs_f64(PAUSE));
            return;
        }
        let path = workspace.rules.clone().unwrap_or_else(|| PathBuf::from("rules.toml"));
        self.rules = Arc::new(Rules::parse(&self.text, &path));
        self.read = Some(self.text.clone());
    }
}

fn heading(
    ui: &mut Ui,
    workspace: &Workspace,
    language: Language,
    state: &mut State,
    page: RulesPage,
    commands: &mut Vec<Command>,
) {
    ui.allocate_ui_with_layout(vec2(ui.available_width(), size::CONTROL), Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        if widgets::icon_button_small(ui, icons::X, tr(language, "edit.close-rules")).clicked() {
            commands.push(Command::Rules(RulesCommand::Open(None)));
        }
        let dirty = state.is_dirty();
        ui.add_enabled_ui(dirty, |ui| {
            if widgets::primary_button(ui, Some(icons::SAVE), tr(language, "edit.save-rules")).clicked() {
                let path = workspace.rules.clone().filter(|path| !state.is_new && is_on_disk(path));
                commands.push(Command::Rules(RulesCommand::SaveRules { path, text: state.text.clone() }));
            }
        });
        let response = widgets::button(ui, Some(icons::PLUS), tr(language, "edit.insert-rule"));
        egui::Popup::menu(&response).show(|ui| {
            for snippet in snippets::ALL {
                if widgets::menu_row(ui, None, tr(language, snippet.key), "", None).clicked() {
                    state.editor.go_to = Some(snippets::append(&mut state.text, snippet));
                    commands.push(Command::Rules(RulesCommand::Open(Some(RulesPage::Text(None)))));
                    ui.close();
                }
            }
        });
        ui.add_enabled_ui(!dirty, |ui| {
            let new = widgets::button(ui, Some(icons::FILE_PLUS), tr(language, "edit.new-rules"));
            if new.on_disabled_hover_text(tr(language, "edit.save-rules-first")).clicked() {
                state.text = snippets::template(language).to_owned();
                state.is_new = true;
                state.editor.go_to = Some(1);
                commands.push(Command::Rules(RulesCommand::Open(Some(RulesPage::Text(None)))));
            }
        });
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            let pages = [("edit.rules-text", RulesPage::Text(None)), ("edit.rules-states", RulesPage::States)];
            for (key, of) in pages {
                let on = matches!(
                    (page, of),
                    (RulesPage::Text(_), RulesPage::Text(_)) | (RulesPage::States, RulesPage::States)
                );
                if widgets::segment(ui, tr(language, key), on).clicked() {
                    commands.push(Command::Rules(RulesCommand::Open(Some(of))));
                }
            }
            ui.add_space(8.0);
            let name = match &workspace.rules {
                Some(path) if !state.is_new => file_title(path),
                _ => tr(language, "edit.rules-untitled").to_owned(),
            };
            let mark = if dirty { "*" } else { "" };
            let label = widgets::muted(ui, &format!("{name}{mark}"));
            if let Some(path) = workspace.rules.as_ref().filter(|_| !state.is_new) {
                label.on_hover_text(path.to_string_lossy());
            }
        });
    });
}

/// Asks what to do where the file changed under text that is not saved.
fn conflict_ui(ui: &mut Ui, session: &Session, state: &mut State) {
    widgets::callout(ui, Tone::Warn, session.tr("edit.rules-conflict"));
    ui.horizontal(|ui| {
        let keep = widgets::button(ui, None, session.tr("edit.rules-keep-mine")).clicked();
        let take = widgets::button(ui, None, session.tr("edit.rules-take-file")).clicked();
        if keep || take {
            let file = session.judging.text.clone().unwrap_or_default();
            if take {
                state.text = file.to_string();
                state.is_new = false;
            }
            state.loaded = Some((session.workspace.rules.clone(), file));
        }
    });
}

/// The text at the left, how its rules stand at the right, mistakes below.
fn text_page(ui: &mut Ui, session: &Session, state: &mut State, line: Option<usize>, commands: &mut Vec<Command>) {
    if let Some(line) = line {
        state.editor.go_to = Some(line);
        commands.push(Command::Rules(RulesCommand::Open(Some(RulesPage::Text(None)))));
    }
    let errors = state.rules.errors.len();
    let below = if errors == 0 { 0.0 } else { (20.0 * errors as f32 + 12.0).min(96.0) };
    let all = ui.available_size();
    let side = (all.x * 0.36).clamp(220.0, 340.0);
    let height = (all.y - below).max(120.0);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 10.0;
        ui.allocate_ui_with_layout(vec2(all.x - side - 10.0, height), Layout::top_down(Align::Min), |ui| {
            ui.set_min_size(vec2(all.x - side - 10.0, height));
            text::ui(ui, session, &mut state.text, &state.rules.errors, &mut state.editor);
        });
        ui.allocate_ui_with_layout(vec2(side, height), Layout::top_down(Align::Min), |ui| {
            ui.set_min_size(vec2(side, height));
            results(ui, &session.workspace, session.language(), state);
        });
    });
    if errors > 0 {
        egui::ScrollArea::vertical().id_salt("mistakes").auto_shrink(false).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            for error in &state.rules.errors {
                let text = Message::new("edit.rule-mistake")
                    .with("line", error.line)
                    .with("column", error.column)
                    .with("message", error.said(session.language()))
                    .text(session.language());
                let (ink, _) = Tone::Bad.colors(ui);
                let shown = egui::RichText::new(&text).font(font::note()).color(ink);
                if widgets::text_button(ui, shown.into(), &text).clicked() {
                    state.editor.go_to = Some(error.line);
                }
            }
        });
    }
}

/// How each rule of the text stands in the state shown.
fn results(ui: &mut Ui, workspace: &Workspace, language: Language, state: &mut State) {
    let shown = workspace.scenarios.shown();
    let (name, ink) = two_states::name(ui, workspace, language, shown);
    ui.horizontal(|ui| {
        widgets::section(ui, tr(language, "edit.rules-results"));
        widgets::label(ui, &name, font::body(), ink);
    });
    let outcomes = state.standing.of(shown);
    egui::ScrollArea::vertical().id_salt("results").auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for (at, rule) in state.rules.rules.iter().enumerate() {
            let outcome = outcomes.and_then(|outcomes| outcomes.iter().find(|outcome| outcome.rule == at));
            let response = rules_bar::result_row(ui, language, rule, outcome);
            if response.clicked() {
                state.editor.go_to = Some(rule.line);
            }
            if let Some(reason) = outcome.and_then(|outcome| outcome.reason.as_ref()) {
                response.on_hover_text(reason.text(language));
            }
        }
        if state.rules.rules.is_empty() {
            widgets::note(ui, tr(language, "edit.rules-none-yet"));
        }
    });
}

/// Whether a rules file can be written: those in the program cannot.
fn is_on_disk(path: &Path) -> bool {
    !crate::demo::is_path(path)
}
