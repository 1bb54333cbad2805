//! Work that would be put away: what is asked before another project takes its place, or the window closes.
//!
//! A project with a file is left at once: what is not saved stays in its journal, and is offered when it is opened again.
//! Work without a file has no such place of its own: leaving it asks whether to save, discard or stay. Where work was
//! begun while the next project was still being read, it is asked again; two works are never merged or dropped.

use std::path::PathBuf;

use eframe::egui::Ui;

use super::command::Command;
use super::run::file_title;
use super::shortcuts::card;
use super::state::{Card, Session};
use super::widgets::{self, Tone};
use super::{keeping, project, saving};
use crate::text::Message;

/// What comes after the present work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The window closes.
    Quit,
    /// The demo project.
    Demo,
    /// A project.
    Open(PathBuf),
    /// What a journal holds.
    Recover(PathBuf),
}

/// What the work was at a moment: anything done since makes it another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    newest: u64,
    done: usize,
    layers: usize,
}

/// What the work is now.
pub fn standing(session: &Session) -> Standing {
    let history = &session.workspace.scenarios.history;
    let newest = history.kept().next_back().map_or(0, |kept| kept.serial);
    Standing { newest, done: history.position(), layers: session.workspace.entries.len() }
}

/// Whether the work has no file that it could be found again by, and holds changes.
pub fn must_ask(session: &Session) -> bool {
    let has_file = session.project_path.is_some() && !session.read_only;
    !has_file && session.workspace.scenarios.history.unsaved_count() > 0 && session.discarded != Some(standing(session))
}

/// Goes on to `next`, after a question where one is needed.
pub fn go(session: &mut Session, next: Next) {
    // What is being saved is not known to be in its file yet.
    if saving::leave_after(session, &next) {
        return;
    }
    if must_ask(session) {
        session.card = Some(Card::Leave(next));
    } else {
        proceed(session, next);
    }
}

/// Whether a project that was read may take the place of the present work: not where that changed meanwhile and has no
/// file. Then it is asked again.
pub fn may_install(session: &mut Session, next: Next) -> bool {
    let ask = must_ask(session);
    if ask {
        session.card = Some(Card::Leave(next));
    }
    !ask
}

/// Saves the work under a name to be chosen, then goes on.
pub fn save_first(session: &mut Session, next: Next) {
    session.card = None;
    saving::save_then(session, Some(next));
}

/// Discards the work, and goes on.
pub fn discard(session: &mut Session, next: Next) {
    session.card = None;
    session.discarded = Some(standing(session));
    proceed(session, next);
}

/// Goes on without a question.
pub fn proceed(session: &mut Session, next: Next) {
    match next {
        Next::Quit => {
            if session.discarded == Some(standing(session)) {
                keeping::discard(session);
            }
            session.quitting = true;
        }
        Next::Demo => project::open_demo(session),
        Next::Open(path) => project::open(session, path),
        Next::Recover(path) => keeping::recover(session, path),
    }
}

/// The cards that ask.
pub fn ui(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    let mut chosen = Vec::new();
    match &session.card {
        Some(Card::Leave(next)) => card(ui, session, "ui.leave-title", commands, |ui, session| {
            leave_ui(ui, session, next, &mut chosen);
        }),
        Some(Card::Overwrite(path)) => card(ui, session, "ui.overwrite-title", commands, |ui, session| {
            let file = file_title(path);
            let text = Message::new("ui.overwrite-text").with("file", file).text(session.language());
            widgets::callout(ui, Tone::Warn, &text);
            ui.add_space(8.0);
            ui.horizontal(|ui| {
                if widgets::primary_button(ui, None, session.tr("ui.save-project-as")).clicked() {
                    chosen.push(Command::SaveProjectAs);
                }
                if widgets::button(ui, None, session.tr("ui.save-over")).clicked() {
                    chosen.push(Command::SaveOver(path.clone()));
                }
                if widgets::button(ui, None, session.tr("ui.cancel")).clicked() {
                    chosen.push(Command::CloseCard);
                }
            });
        }),
        _ => {}
    }
    if !chosen.is_empty() {
        // The first of them closes the card; what it leads to may open another one.
        commands.push(Command::CloseCard);
        commands.extend(chosen);
    }
}

fn leave_ui(ui: &mut Ui, session: &Session, next: &Next, chosen: &mut Vec<Command>) {
    let count = session.workspace.scenarios.history.unsaved_count();
    let text = Message::new("ui.leave-text").with("n", count).text(session.language());
    widgets::callout(ui, Tone::Warn, &text);
    let history = &session.workspace.scenarios.history;
    let unsaved: Vec<String> = history
        .kept()
        .rev()
        .filter(|kept| kept.done && !kept.saved)
        .take(SHOWN)
        .map(|kept| kept.step.sentence.text(session.language()))
        .collect();
    ui.add_space(4.0);
    for sentence in &unsaved {
        widgets::note(ui, sentence);
    }
    if count > unsaved.len() && !unsaved.is_empty() {
        let more = Message::new("edit.and-more").with("n", count - unsaved.len()).text(session.language());
        widgets::note(ui, &more);
    }
    ui.add_space(8.0);
    ui.horizontal(|ui| {
        if widgets::primary_button(ui, None, session.tr("ui.leave-save")).clicked() {
            chosen.push(Command::SaveAndLeave(next.clone()));
        }
        if widgets::button(ui, None, session.tr("ui.leave-discard")).clicked() {
            chosen.push(Command::DiscardAndLeave(next.clone()));
        }
        if widgets::button(ui, None, session.tr("ui.leave-stay")).clicked() {
            chosen.push(Command::CloseCard);
        }
    });
}

/// Steps that the question lists, the latest first.
const SHOWN: usize = 5;
