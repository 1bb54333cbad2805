//! The share of ridges of cropland that states none yet: asked for where the parcel is shown.

use eframe::egui::{self, Ui};

use crate::model::Revision;
use crate::scenario::{Entry, Workspace, draft};
use crate::text::{Language, Message, tr};
use crate::ui::look::theme::size;
use crate::ui::look::widgets::{self, Tone};
use crate::ui::session::command::Command;
use crate::ui::session::command::scenario::ScenarioCommand;
use crate::ui::session::project::Project;
use crate::ui::session::rows::{FeatureRef, Rows};
use crate::units::format_number;

/// What is remembered between frames.
#[derive(Default)]
pub(super) struct State {
    typed: String,
    /// The rows that lack a share, and what they are of.
    lacking: Vec<u32>,
    of: Option<(Revision, Revision, FeatureRef)>,
}

/// Most selected features that are looked through at once.
const MOST_LOOKED_AT: usize = 100_000;

impl State {
    /// Whether a share is to be asked for, in a scenario: of the selected, where the one shown is among them, else of
    /// that one.
    pub(super) fn asks(&mut self, workspace: &Workspace, project: &Project, entry: &Entry, shown: FeatureRef) -> bool {
        if workspace.scenarios.shown().is_none() {
            return false;
        }
        let of = (entry.layer.revision, project.selection.revision, shown);
        if self.of != Some(of) {
            let selected = project.selection.rows(shown.layer).filter(|rows| rows.contains(shown.feature));
            let rows: Vec<u32> = match selected {
                Some(rows) if rows.len() <= MOST_LOOKED_AT => rows.iter().map(|row| row as u32).collect(),
                _ => vec![shown.feature as u32],
            };
            self.lacking = draft::without_ridges(workspace, shown.layer, &rows);
            self.of = Some(of);
        }
        !self.lacking.is_empty()
    }
}

/// Draws the question.
pub(super) fn ui(ui: &mut Ui, language: Language, state: &mut State, shown: FeatureRef, commands: &mut Vec<Command>) {
    let message = match state.lacking.len() {
        1 => Message::new("edit.ridges-lacking"),
        n => Message::new("edit.ridges-lacking-n").with("n", format_number(n as f64, 0)),
    };
    widgets::callout(ui, Tone::Warn, &message.text(language));
    ui.add_space(6.0);
    ui.horizontal(|ui| {
        let (hint, name) = (tr(language, "edit.ridges-hint"), tr(language, "edit.ridges-field"));
        let width = (ui.available_width() - 96.0).clamp(80.0, 180.0);
        let field = widgets::field(ui, &mut state.typed, None, hint, name, width);
        let entered = field.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
        let typed = state.typed.trim();
        // 10.23 % are 0.1023.
        let (number, per) = match typed.trim_end_matches(['%', '％']) {
            number if number.len() < typed.len() => (number, 100.0),
            number => (number, 1.0),
        };
        let share = number.trim().parse::<f64>().ok().map(|number| number / per); // no number: the button stays off
        let share = share.filter(|share| (0.0..1.0).contains(share));
        let set = ui.add_enabled_ui(share.is_some(), |ui| widgets::button(ui, None, tr(language, "edit.ridges-set")));
        if let Some(share) = share.filter(|_| entered || set.inner.clicked()) {
            let mut rows = Rows::default();
            state.lacking.iter().for_each(|row| rows.insert(*row as usize));
            commands.push(Command::Scenario(ScenarioCommand::SetRidges { layer: shown.layer, rows, share }));
            state.typed.clear();
        }
    });
    ui.add_space(size::STEP);
}
