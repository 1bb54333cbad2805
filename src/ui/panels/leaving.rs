//! The cards that ask before work is put away.

use eframe::egui::Ui;

use crate::scenario::Workspace;
use crate::text::{Language, Message, tr};
use crate::ui::look::widgets::{self, Tone};
use crate::ui::panels::shortcuts::card;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::leaving::Next;
use crate::ui::session::opening::file_title;
use crate::ui::session::parts::Card;

/// The cards that ask.
pub fn ui(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    let mut chosen = Vec::new();
    match &session.card {
        Some(Card::Leave(next)) => card(ui, session, "ui.leave-title", commands, |ui, session| {
            leave_ui(ui, &session.workspace, session.language(), next, &mut chosen);
        }),
        Some(Card::Overwrite(path)) => card(ui, session, "ui.overwrite-title", commands, |ui, session| {
            let file = file_title(path);
            let text = Message::new("ui.overwrite-text").with("file", file).text(session.language());
            widgets::callout(ui, Tone::Warn, &text);
            ui.add_space(8.0);
            ui.horizontal(|ui| {
                if widgets::primary_button(ui, None, session.tr("ui.save-project-as")).clicked() {
                    chosen.push(Command::File(FileCommand::SaveProjectAs));
                }
                if widgets::button(ui, None, session.tr("ui.save-over")).clicked() {
                    chosen.push(Command::File(FileCommand::SaveOver(path.clone())));
                }
                if widgets::button(ui, None, session.tr("ui.cancel")).clicked() {
                    chosen.push(Command::Window(WindowCommand::CloseCard));
                }
            });
        }),
        _ => {}
    }
    if !chosen.is_empty() {
        // The first of them closes the card; what it leads to may open another one.
        commands.push(Command::Window(WindowCommand::CloseCard));
        commands.extend(chosen);
    }
}

fn leave_ui(ui: &mut Ui, workspace: &Workspace, language: Language, next: &Next, chosen: &mut Vec<Command>) {
    let count = workspace.scenarios.history.unsaved_count();
    let text = Message::new("ui.leave-text").with("n", count).text(language);
    widgets::callout(ui, Tone::Warn, &text);
    let history = &workspace.scenarios.history;
    let unsaved: Vec<String> = history
        .kept()
        .rev()
        .filter(|kept| kept.done && !kept.saved)
        .take(SHOWN)
        .map(|kept| kept.step.sentence.text(language))
        .collect();
    ui.add_space(4.0);
    for sentence in &unsaved {
        widgets::note(ui, sentence);
    }
    if count > unsaved.len() && !unsaved.is_empty() {
        let more = Message::new("edit.and-more").with("n", count - unsaved.len()).text(language);
        widgets::note(ui, &more);
    }
    ui.add_space(8.0);
    ui.horizontal(|ui| {
        if widgets::primary_button(ui, None, tr(language, "ui.leave-save")).clicked() {
            chosen.push(Command::File(FileCommand::SaveAndLeave(next.clone())));
        }
        if widgets::button(ui, None, tr(language, "ui.leave-discard")).clicked() {
            chosen.push(Command::File(FileCommand::DiscardAndLeave(next.clone())));
        }
        if widgets::button(ui, None, tr(language, "ui.leave-stay")).clicked() {
            chosen.push(Command::Window(WindowCommand::CloseCard));
        }
    });
}

/// Steps that the question lists, the latest first.
const SHOWN: usize = 5;
