//! Scenarios, edits in them, and the history: their commands.

use std::sync::Arc;

use eframe::egui::Key;
use rustc_hash::FxHashMap;

use crate::model::{LayerId, Revision};
use crate::scenario::plan::watch;
use crate::scenario::{By, Draft, EditError, Travelled, Workspace, draft};
use crate::text::Message;
use crate::ui::look::icons;
use crate::ui::session::command::scenario::ScenarioCommand;
use crate::ui::session::command::spec::{Spec, ctrl, ctrl_shift, spec};
use crate::ui::session::rows::Rows;
use crate::ui::session::{self, Session};
use crate::ui::work::scenarios::by;

impl ScenarioCommand {
    /// Those that have words, in the order of menus.
    pub(super) fn listed() -> [Self; 3] {
        [Self::Undo, Self::Redo, Self::ForkShown]
    }

    /// Words, icon and shortcuts, for those that have them.
    pub(super) fn spec(&self) -> Option<Spec> {
        match self {
            Self::ForkShown => spec("edit.new", Some(icons::PLUS), const { &[ctrl(Key::D)] }),
            Self::Undo => spec("edit.undo", Some(icons::UNDO_2), const { &[ctrl(Key::Z)] }),
            Self::Redo => spec("edit.redo", Some(icons::REDO_2), const { &[ctrl_shift(Key::Z), ctrl(Key::Y)] }),
            _ => None,
        }
    }

    /// Whether the command can be given now.
    pub(super) fn enabled(&self, workspace: &Workspace) -> bool {
        match self {
            Self::ForkShown => !workspace.is_empty(),
            Self::Undo => workspace.undoable().is_some(),
            Self::Redo => workspace.redoable().is_some(),
            _ => true,
        }
    }
}

/// Carries out `command`.
pub(super) fn run(session: &mut Session, command: ScenarioCommand) {
    let by = by(session.language());
    session.project.shapes = shapes(&session.workspace);
    match command {
        ScenarioCommand::Show(id) => {
            session.workspace.show(id);
        }
        ScenarioCommand::Fork(from) => {
            session.workspace.fork(from, None, by);
        }
        ScenarioCommand::ForkShown => {
            let shown = session.workspace.scenarios.shown();
            session.workspace.fork(shown, None, by);
        }
        ScenarioCommand::OfLayers { layers, name } => {
            session.workspace.scenario_of_layers(&layers, name.as_deref(), by);
        }
        ScenarioCommand::Duplicate(id) => {
            session.workspace.duplicate(id, by);
        }
        ScenarioCommand::Rename(id, name) => {
            session.workspace.rename_scenario(id, &name, by);
        }
        ScenarioCommand::SetNote(id, note) => {
            session.workspace.note_scenario(id, &note, by);
        }
        ScenarioCommand::Delete(id) => {
            session.workspace.delete_scenario(id, by);
        }
        ScenarioCommand::Recode { layer, rows, class } => {
            let draft = draft::recode(&session.workspace, layer, &numbers(&rows), class, by.language);
            apply(session, draft, by);
        }
        ScenarioCommand::SetRidges { layer, rows, share } => {
            let draft = draft::set_ridges(&session.workspace, layer, &numbers(&rows), share);
            apply(session, draft, by);
        }
        ScenarioCommand::SetField { layer, rows, field, value } => {
            let draft = draft::set_field(&session.workspace, layer, &numbers(&rows), &field, value);
            apply(session, draft, by);
        }
        ScenarioCommand::Apply { draft, of } => {
            let is_current = |(layer, revision): &(LayerId, Revision)| {
                session.layer(*layer).is_some_and(|layer| layer.revision == *revision)
            };
            if of.iter().all(is_current) {
                apply(session, Ok(Arc::unwrap_or_clone(draft)), by);
            } else {
                session.notify_error(Message::new("edit.stale"));
            }
        }
        ScenarioCommand::Revert { layer, rows } => {
            let draft = draft::revert(&session.workspace, layer, &numbers(&rows));
            apply(session, draft, by);
        }
        ScenarioCommand::NoteLedger(notes) => {
            let notes = notes.into_iter().map(|(key, note)| (key, Some(note)));
            session.workspace.note_ledgers(notes.collect(), by);
        }
        ScenarioCommand::Setting(key, value) => {
            let sentence = match &value {
                Some(value) => {
                    Message::new("edit.setting").with("key", session.tr(setting_key(key))).with("value", value)
                }
                None => Message::new("edit.setting-cleared").with("key", session.tr(setting_key(key))),
            };
            session.workspace.set_setting(key, value.as_deref(), sentence, by);
        }
        ScenarioCommand::Undo | ScenarioCommand::Redo | ScenarioCommand::TravelTo(_) => travel(session, &command),
    }
    keep_features(session);
}

/// Takes steps back, or does them again. A step that cannot be taken back says why.
fn travel(session: &mut Session, command: &ScenarioCommand) {
    if let Some(reason) = session.workspace.why_not_now() {
        session.notify(reason);
        return;
    }
    let workspace = &mut session.workspace;
    let (travelled, refused) = match command {
        ScenarioCommand::Undo => {
            let refused = workspace.undoable().and_then(|kept| workspace.why_not_undo(kept.serial));
            (workspace.undo(), refused)
        }
        ScenarioCommand::Redo => (workspace.redo(), None),
        ScenarioCommand::TravelTo(to) => workspace.travel_here(*to),
        _ => (None, None),
    };
    travelled_to(session, travelled);
    session::forget_gone(session);
    if let Some(refused) = refused {
        session.warn(refused);
    }
}

/// Key of the name of a setting.
fn setting_key(key: &str) -> &'static str {
    match key {
        watch::WATCHED => "edit.watch",
        _ => "edit.target",
    }
}

fn numbers(rows: &Rows) -> Vec<u32> {
    rows.iter().map(|row| row as u32).collect()
}

fn apply(session: &mut Session, draft: Result<Draft, EditError>, by: By) {
    let sentence = draft.as_ref().ok().map(|draft| draft.sentence.clone());
    match draft.and_then(|draft| session.workspace.apply(draft, by)) {
        Ok(_) => {
            if let Some(sentence) = sentence {
                session.notify(sentence);
            }
        }
        Err(error @ EditError::NothingChanges) => session.notify(failed(&error, by)),
        Err(error) => session.notify_error(failed(&error, by)),
    }
}

fn failed(error: &EditError, by: By) -> Message {
    Message::new("edit.failed").with("reason", error.text(by.language))
}

/// Shows the scenario that a step of the history concerns.
fn travelled_to(session: &mut Session, travelled: Option<Travelled>) {
    let Some(travelled) = travelled else { return };
    if let Some(scenario) = travelled.scenario
        && session.workspace.scenarios.get(scenario).is_some()
    {
        session.workspace.show(Some(scenario));
    }
}

/// What was selected, identified and hovered stays only where the features still stand in the same rows.
pub(super) fn keep_features(session: &mut Session) {
    let moved: Vec<LayerId> = session
        .workspace
        .entries
        .iter()
        .filter(|entry| session.project.shapes.get(&entry.id()).is_some_and(|shape| *shape != entry.layer.shape))
        .map(crate::scenario::Entry::id)
        .collect();
    for layer in moved {
        session.forget_features(layer);
    }
    session.project.shapes = shapes(&session.workspace);
}

/// The geometry of each layer as it is shown.
fn shapes(workspace: &Workspace) -> FxHashMap<LayerId, Revision> {
    workspace.entries.iter().map(|entry| (entry.id(), entry.layer.shape)).collect()
}
