//! The card that asks for a path, where the system has no program for file dialogs.
//!
//! One types or pastes a path, or walks down the folders that are listed under it. What is done with the answer is the
//! business of whoever asked.

use std::path::{Path, PathBuf};

use eframe::egui::{self, Key, Ui, vec2};

use crate::io;
use crate::text::Message;
use crate::ui::look::icons;
use crate::ui::look::theme::size;
use crate::ui::look::widgets::{self, Tone};
use crate::ui::panels::shortcuts::card;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::parts::Card;

/// Names that are listed under the field.
const LISTED: usize = 14;

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    text: String,
    /// What was proposed when the card was opened; `None` while it is closed.
    started: Option<String>,
    /// The folder that `names` were read from.
    folder: Option<PathBuf>,
    /// Names in it, folders first, with a slash behind them.
    names: Vec<String>,
    /// What keeps the path from being taken.
    problem: Option<&'static str>,
    /// The file that is to be replaced, once that was said.
    confirmed: Option<PathBuf>,
}

/// Draws the card, when it is open.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let Some(asked) = session.asked_path.as_ref().filter(|_| session.card == Some(Card::Path)) else {
        *state = State::default();
        return;
    };
    if state.started.as_ref() != Some(&asked.proposed) {
        *state = State { text: asked.proposed.clone(), started: Some(asked.proposed.clone()), ..State::default() };
    }
    // Enter closes cards; here it takes what was typed.
    let enter = ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, Key::Enter));
    let mut answer = None;
    card(ui, session, asked.title, commands, |ui, session| {
        if asked.secret {
            answer = secret_ui(ui, session, state, enter);
            return;
        }
        widgets::note(ui, session.tr("ui.path-note"));
        ui.add_space(size::STEP);
        let before = state.text.clone();
        let width = ui.available_width();
        let field = widgets::field(
            ui,
            &mut state.text,
            Some(icons::FOLDER_OPEN),
            session.tr("ui.path-hint"),
            session.tr("ui.path"),
            width,
        );
        if ui.memory(|memory| memory.focused()).is_none() {
            field.request_focus();
        }
        if state.text != before {
            state.problem = None;
        }
        state.list();
        ui.add_space(size::STEP);
        let typed = state.text.rsplit(['/', std::path::MAIN_SEPARATOR]).next().unwrap_or_default().to_lowercase();
        let fits = state.names.iter().filter(|name| name.to_lowercase().starts_with(&typed)).take(LISTED);
        let mut walked = None;
        for name in fits {
            let icon = if name.ends_with('/') { icons::FOLDER_OPEN } else { icons::FILE };
            if widgets::menu_row(ui, Some(icon), name, "", None).clicked() {
                walked = Some(name.clone());
            }
        }
        if let Some(name) = walked {
            let kept =
                state.text.len() - state.text.rsplit(['/', std::path::MAIN_SEPARATOR]).next().unwrap_or("").len();
            state.text.truncate(kept);
            state.text.push_str(&name);
            state.problem = None;
        }
        ui.add_space(size::STEP);
        if let Some(problem) = state.problem {
            let file = state.path().display().to_string();
            widgets::callout(ui, Tone::Warn, &Message::new(problem).with("file", file).text(session.language()));
            ui.add_space(size::STEP);
        }
        let row = vec2(ui.available_width(), size::CONTROL);
        ui.allocate_ui_with_layout(row, egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let key = if asked.saves { "ui.path-save" } else { "ui.path-open" };
            let taken = widgets::primary_button(ui, None, session.tr(key)).clicked() || enter;
            if widgets::button(ui, None, session.tr("ui.cancel")).clicked() {
                ui.close();
            }
            if taken {
                answer = state.take(asked.saves);
            }
        });
    });
    commands.extend(answer.map(|of| Command::File(FileCommand::AnswerPath(of))));
}

/// The field of a password: it is kept in memory alone, which is said.
fn secret_ui(ui: &mut Ui, session: &Session, state: &mut State, enter: bool) -> Option<PathBuf> {
    widgets::note(ui, session.tr("ui.database-password-note"));
    ui.add_space(size::STEP);
    let width = ui.available_width();
    let field = widgets::secret_field(ui, &mut state.text, session.tr("ui.database-password"), width);
    if ui.memory(|memory| memory.focused()).is_none() {
        field.request_focus();
    }
    ui.add_space(size::STEP);
    let row = vec2(ui.available_width(), size::CONTROL);
    let mut answer = None;
    ui.allocate_ui_with_layout(row, egui::Layout::right_to_left(egui::Align::Center), |ui| {
        let taken = widgets::primary_button(ui, None, session.tr("ui.path-open")).clicked() || enter;
        if widgets::button(ui, None, session.tr("ui.cancel")).clicked() {
            ui.close();
        }
        if taken && !state.text.is_empty() {
            answer = Some(PathBuf::from(std::mem::take(&mut state.text)));
        }
    });
    answer
}

impl State {
    /// The path that is typed: quotes of a terminal and the scheme of a browser are no part of it, `~` is the home
    /// folder.
    fn path(&self) -> PathBuf {
        let text = self.text.trim().trim_matches(['"', '\'']);
        let text = text.strip_prefix("file://").unwrap_or(text);
        let home = || std::env::var_os("HOME").map(PathBuf::from);
        match text.strip_prefix("~/").and_then(|rest| Some(home()?.join(rest))) {
            Some(path) => path,
            None => PathBuf::from(text),
        }
    }

    /// The path, where it can be taken; otherwise says what is wrong with it.
    fn take(&mut self, saves: bool) -> Option<PathBuf> {
        let path = self.path();
        if path.as_os_str().is_empty() {
            return None;
        }
        self.problem = if !saves && !path.exists() && !io::is_address(&path) {
            Some("ui.path-missing")
        } else if saves && path.is_dir() {
            Some("ui.path-folder")
        } else if saves && path.exists() && self.confirmed.as_ref() != Some(&path) {
            self.confirmed = Some(path.clone());
            Some("ui.path-replaces")
        } else {
            None
        };
        self.problem.is_none().then_some(path)
    }

    /// Reads the names of the folder that is typed, when it is another one.
    fn list(&mut self) {
        let path = self.path();
        let ends = self.text.ends_with(['/', std::path::MAIN_SEPARATOR]);
        let folder = if ends { path } else { path.parent().map(Path::to_owned).unwrap_or_default() };
        let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
        if self.folder.as_ref() == Some(&folder) {
            return;
        }
        // A folder that is not there, or not to be seen, lists nothing.
        let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten().take(5_000);
        let mut names: Vec<(bool, String)> = entries
            .filter_map(|entry| Some((!entry.path().is_dir(), entry.file_name().into_string().ok()?)))
            .filter(|(_, name)| !name.starts_with('.'))
            .collect();
        names.sort();
        self.names = names.into_iter().map(|(is_file, name)| if is_file { name } else { format!("{name}/") }).collect();
        self.folder = Some(folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::work::asking::has_dialogs;

    #[test]
    fn dialogs_are_there_where_a_program_for_them_is() {
        let check = |variables: &[(&str, &str)], files: &[&str], expected: bool| {
            let variable =
                |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| PathBuf::from(value));
            let exists = |path: &Path| files.iter().any(|file| path == Path::new(file));
            assert_eq!(has_dialogs(&variable, &exists), expected, "{variables:?} {files:?}");
        };
        let portal = "/usr/share/dbus-1/services/org.freedesktop.portal.Desktop.service";
        check(&[], &[], false);
        check(&[("PATH", "/bin:/usr/bin")], &["/usr/bin/zenity"], true);
        check(&[("DBUS_SESSION_BUS_ADDRESS", "unix:path=/x")], &[portal], true);
        check(&[("XDG_RUNTIME_DIR", "/run/user/1")], &["/run/user/1/bus", portal], true);
        check(&[("DBUS_SESSION_BUS_ADDRESS", "unix:path=/x")], &[], false);
        check(&[("PATH", "/usr/bin")], &[portal], false);
    }

    #[test]
    fn a_path_is_taken_when_it_can_be() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("地块.geojson");
        std::fs::write(&file, "{}").expect("written");
        let typed = |text: &str| State { text: text.to_owned(), ..State::default() };
        let text = file.to_string_lossy().into_owned();
        assert_eq!(typed(&format!(" \"{text}\" ")).take(false), Some(file.clone()));
        assert_eq!(typed(&format!("file://{text}")).take(false), Some(file.clone()));
        let mut missing = typed(&format!("{text}x"));
        assert_eq!((missing.take(false), missing.problem), (None, Some("ui.path-missing")));
        // Replacing a file takes a second word.
        let mut saved = typed(&text);
        assert_eq!((saved.take(true), saved.problem), (None, Some("ui.path-replaces")));
        assert_eq!(saved.take(true), Some(file));
        let mut listed = typed(&format!("{}/", folder.path().display()));
        listed.list();
        assert_eq!(listed.names, ["地块.geojson"]);
    }
}
