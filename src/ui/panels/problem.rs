//! What stands where a value could not be had.

use eframe::egui::Ui;

use crate::text::{Language, tr};
use crate::ui::look::icons;
use crate::ui::look::widgets::{self, Tone};
use crate::ui::session::awaited::{Awaiting, Problem};
use crate::ui::session::command::Command;
use crate::ui::session::command::window::WindowCommand;

/// Where a value would stand that could not be had: why, and a button that has it tried again.
pub fn problem_ui(ui: &mut Ui, language: Language, problem: &Problem, what: Awaiting, commands: &mut Vec<Command>) {
    let icon = if *problem == Problem::Stopped { icons::BAN } else { icons::TRIANGLE_ALERT };
    widgets::empty_state(ui, icon, &problem.message().text(language), |ui| {
        again_ui(ui, language, problem, what, commands);
    });
}

/// The same in the midst of others: a callout.
pub fn callout_ui(ui: &mut Ui, language: Language, problem: &Problem, what: Awaiting, commands: &mut Vec<Command>) {
    widgets::callout(ui, Tone::Warn, &problem.message().text(language));
    again_ui(ui, language, problem, what, commands);
}

/// The button that has it tried again, where that can help.
fn again_ui(ui: &mut Ui, language: Language, problem: &Problem, what: Awaiting, commands: &mut Vec<Command>) {
    let can_help = problem.ended_message().is_some();
    if can_help && widgets::button(ui, Some(icons::REFRESH_CW), tr(language, "ui.try-again")).clicked() {
        commands.push(Command::Window(WindowCommand::Retry(what)));
    }
}
