//! Doing, taking back and doing again: the one place where scenarios and document change.

use std::sync::Arc;

use super::{Event, Kept, Travelled};
use crate::model::LayerId;
use crate::scenario::document::edit::Way;
use crate::scenario::document::planned::{Scenario, ScenarioId};
use crate::scenario::document::step::{Scope, Step, WorkspaceEdit};
use crate::scenario::document::workspace::Workspace;
use crate::text::Message;

impl Workspace {
    /// Does something that undo can take back.
    pub(in crate::scenario) fn perform(&mut self, parts: Vec<WorkspaceEdit>, sentence: Message, when: Option<i64>) {
        let step = Step { sentence, when, parts };
        let history = &self.scenarios.history;
        let last = history.steps.back().filter(|kept| kept.done && !kept.saved);
        if let Some((last, (amended, changes))) = last.and_then(|kept| Some((kept.serial, kept.step.amended(&step)?))) {
            step.parts.iter().for_each(|part| self.carry_out(part, Way::Forward));
            self.amend(Kept { serial: last, done: changes, saved: false, step: Arc::new(amended) });
            return;
        }
        let serial = history.next_serial;
        self.perform_step(Kept { serial, done: true, saved: false, step: Arc::new(step) });
    }

    /// Does a step that was written down elsewhere. What it makes impossible to do again is forgotten: undone steps of
    /// the document, of its own scenario, and of scenarios that were never made.
    pub(in crate::scenario) fn perform_step(&mut self, kept: Kept) {
        let scope = kept.step.scope();
        let given_up: Vec<u64> = self
            .scenarios
            .history
            .steps
            .iter()
            .filter(|old| !old.done)
            .filter(|old| match old.step.scope() {
                Scope::Document => true,
                own if own == scope => true,
                Scope::Scenario(id) => self.is_unmade(id),
            })
            .map(|old| old.serial)
            .collect();
        if !given_up.is_empty() {
            let history = &mut self.scenarios.history;
            history.forgotten_unsaved +=
                history.steps.iter().filter(|old| old.saved && given_up.contains(&old.serial)).count();
            history.steps.retain(|old| !given_up.contains(&old.serial));
            history.byte_count = history.steps.iter().map(|old| old.step.byte_count()).sum();
        }
        for part in &kept.step.parts {
            self.carry_out(part, Way::Forward);
        }
        self.scenarios.history.note(Event::Done(kept.clone()));
        self.scenarios.history.push(kept);
        self.forget_closed();
    }

    /// Puts a step in the place of the last one, which it goes on with. One that comes to nothing is undone.
    pub(in crate::scenario) fn amend(&mut self, kept: Kept) {
        let history = &mut self.scenarios.history;
        history.note(Event::Amended(kept.clone()));
        let Some(last) = history.steps.back_mut().filter(|last| last.serial == kept.serial) else { return };
        history.byte_count = history.byte_count + kept.step.byte_count() - last.step.byte_count();
        *last = kept;
    }

    /// [`Self::amend`] of a step that was written down elsewhere: what it goes on with is taken back first.
    pub(in crate::scenario) fn perform_amended(&mut self, kept: Kept) {
        let last = self.scenarios.history.steps.back().filter(|last| last.serial == kept.serial).cloned();
        if let Some(last) = last.filter(|last| last.done) {
            last.step.parts.iter().rev().for_each(|part| self.carry_out(part, Way::Back));
        }
        if kept.done {
            kept.step.parts.iter().for_each(|part| self.carry_out(part, Way::Forward));
        }
        self.amend(kept);
    }

    /// Whether a scenario is not there because what made it is undone.
    fn is_unmade(&self, id: ScenarioId) -> bool {
        self.scenarios.get(id).is_none()
            && self.scenarios.history.steps.iter().any(|kept| !kept.done && kept.step.forks(id))
    }

    /// What the tab shown is about.
    fn scope(&self) -> Scope {
        self.scenarios.shown().map_or(Scope::Document, Scope::Scenario)
    }

    /// Whether the list of the tab of `scope` has a step: its own, the document's, and those of scenarios that were
    /// taken back wholly.
    fn is_listed(&self, kept: &Kept, scope: Scope) -> bool {
        match kept.step.scope() {
            Scope::Document => true,
            own if own == scope => true,
            Scope::Scenario(id) => !kept.done && self.is_unmade(id),
        }
    }

    /// The steps that the tab shown lists, oldest first.
    pub fn listed_steps(&self) -> Vec<&Kept> {
        let scope = self.scope();
        self.scenarios.history.steps.iter().filter(|kept| self.is_listed(kept, scope)).collect()
    }

    /// What undo would take back in the tab shown.
    pub fn undoable(&self) -> Option<&Kept> {
        let scope = self.scope();
        let steps = self.scenarios.history.steps.iter().rev();
        steps.filter(|kept| kept.done).find(|kept| self.is_listed(kept, scope))
    }

    /// What redo would do again in the tab shown.
    pub fn redoable(&self) -> Option<&Kept> {
        let scope = self.scope();
        self.scenarios.history.steps.iter().filter(|kept| !kept.done).find(|kept| self.is_listed(kept, scope))
    }

    /// Why nothing can be taken back or done again now: a layer that shall come back is still being read.
    pub fn why_not_now(&self) -> Option<Message> {
        self.closed.iter().find(|closed| closed.wanted.is_some()).map(|closed| {
            let title = closed.record.title.as_ref().or(closed.record.layer.as_ref()).unwrap_or(&closed.record.path);
            Message::new("scenario.undo-waits").with("layer", title)
        })
    }

    /// Gives up a layer that should come back and whose source cannot be read: the step that wanted it is turned round.
    /// Returns whether there was one.
    pub fn give_up(&mut self, id: LayerId) -> bool {
        let Some(closed) = self.closed.iter_mut().find(|closed| closed.id == id && closed.wanted.is_some()) else {
            return false;
        };
        closed.wanted = None;
        let wants = |kept: &Kept| {
            kept.step.parts.iter().any(|part| match part {
                WorkspaceEdit::Layer { layer, comes, .. } => *layer == id && *comes == kept.done,
                _ => false,
            })
        };
        let kept = self.scenarios.history.steps.iter().rfind(|kept| wants(kept)).map(|kept| (kept.serial, kept.done));
        match kept {
            Some((serial, true)) => drop(self.undo_step(serial)),
            Some((serial, false)) => drop(self.redo_step(serial)),
            None => {}
        }
        true
    }

    /// Why a step cannot be taken back: a later one of another tab stands on it.
    pub fn why_not_undo(&self, serial: u64) -> Option<Message> {
        let history = &self.scenarios.history;
        let at = history.index_of(serial)?;
        let own = history.steps[at].step.scope();
        let needed = history.steps[at].step.parts.iter().filter_map(|part| match part {
            WorkspaceEdit::Layer { layer, comes: true, .. } => Some(*layer),
            _ => None,
        });
        for layer in needed {
            let later = history.steps.range(at + 1..).filter(|kept| kept.done && kept.step.scope() != own);
            for kept in later {
                let stands = kept.step.parts.iter().any(|part| match part {
                    WorkspaceEdit::Edit { edit, .. } => edit.layer == layer,
                    WorkspaceEdit::Fork { scenario, .. } => scenario.stands_on(layer),
                    _ => false,
                });
                let scenario = kept.step.scenario().and_then(|id| self.scenarios.get(id)).filter(|_| stands);
                if let Some(scenario) = scenario {
                    let message = Message::new("scenario.undo-refused").with("name", &scenario.name);
                    return Some(message.with("what", &kept.step.sentence));
                }
            }
        }
        None
    }

    /// Takes back the newest step of the tab shown, or of the document where that is newer. Does not change what is
    /// shown, unless that is gone. `None` where there is none, and where [`Self::why_not_undo`] says why not.
    pub fn undo(&mut self) -> Option<Travelled> {
        let serial = self.undoable()?.serial;
        self.undo_step(serial)
    }

    /// Does the step of the tab shown again that was undone last.
    pub fn redo(&mut self) -> Option<Travelled> {
        let serial = self.redoable()?.serial;
        self.redo_step(serial)
    }

    /// Takes a step back.
    pub(in crate::scenario) fn undo_step(&mut self, serial: u64) -> Option<Travelled> {
        let at = self.scenarios.history.index_of(serial).filter(|at| self.scenarios.history.steps[*at].done)?;
        if self.why_not_undo(serial).is_some() {
            return None;
        }
        let step = self.scenarios.history.steps[at].step.clone();
        for part in step.parts.iter().rev() {
            self.carry_out(part, Way::Back);
        }
        self.scenarios.history.steps[at].done = false;
        self.scenarios.history.note(Event::Undone(serial));
        Some(self.travelled(&step))
    }

    /// Does a step again.
    pub(in crate::scenario) fn redo_step(&mut self, serial: u64) -> Option<Travelled> {
        let at = self.scenarios.history.index_of(serial).filter(|at| !self.scenarios.history.steps[*at].done)?;
        let mut step = self.scenarios.history.steps[at].step.clone();
        // A scenario that is deleted again goes as it is now, not as it went the first time.
        for part in &mut Arc::make_mut(&mut step).parts {
            if let WorkspaceEdit::Delete { at, scenario } = part
                && let Some(now) = self.scenarios.get(scenario.id)
            {
                *at = self.scenarios.index_of(now.id).unwrap_or(*at);
                **scenario = now.clone();
            }
        }
        for part in &step.parts {
            self.carry_out(part, Way::Forward);
        }
        self.scenarios.history.steps[at].step = step.clone();
        self.scenarios.history.steps[at].done = true;
        self.scenarios.history.note(Event::Redone(serial));
        Some(self.travelled(&step))
    }

    /// Undoes or redoes, in whatever tab, until `position` steps are done; the last step passed, where any was.
    pub fn travel_to(&mut self, position: usize) -> Option<Travelled> {
        let mut last = None;
        loop {
            let steps = &self.scenarios.history.steps;
            let now = steps.iter().filter(|kept| kept.done).count();
            let next = match now.cmp(&position) {
                std::cmp::Ordering::Greater => steps.iter().rfind(|kept| kept.done).map(|kept| (kept.serial, true)),
                std::cmp::Ordering::Less => steps.iter().find(|kept| !kept.done).map(|kept| (kept.serial, false)),
                std::cmp::Ordering::Equal => None,
            };
            let Some((serial, back)) = next else { return last };
            let passed = if back { self.undo_step(serial) } else { self.redo_step(serial) };
            let Some(passed) = passed else { return last };
            last = Some(passed);
        }
    }

    /// Goes to where the step of that number is the last one done in the list of the tab shown; before all of them with
    /// `None`. The last step passed, where any was, and why it went no further where it did not arrive.
    pub fn travel_here(&mut self, to: Option<u64>) -> (Option<Travelled>, Option<Message>) {
        let beyond = |kept: &&&Kept| to.is_none_or(|to| kept.serial > to);
        let listed = self.listed_steps();
        let back: Vec<u64> =
            listed.iter().rev().filter(|kept| kept.done).filter(beyond).map(|kept| kept.serial).collect();
        let forward: Vec<u64> =
            listed.iter().filter(|kept| !kept.done).filter(|kept| !beyond(kept)).map(|kept| kept.serial).collect();
        let mut last = None;
        for serial in back {
            match self.undo_step(serial) {
                Some(passed) => last = Some(passed),
                None => return (last, self.why_not_undo(serial)),
            }
        }
        for serial in forward {
            last = self.redo_step(serial).or(last);
        }
        (last, None)
    }

    /// What happened to the history since this was last asked. The first call starts the record.
    pub fn take_events(&mut self) -> Vec<Event> {
        self.scenarios.history.events.replace(Vec::new()).unwrap_or_default()
    }

    /// Where a step is about: a scenario that is gone after it is none to be shown.
    fn travelled(&self, step: &Step) -> Travelled {
        let scenario = step.scenario().filter(|id| self.scenarios.get(*id).is_some());
        Travelled { scenario, sentence: step.sentence.clone() }
    }

    /// The one place where scenarios and document change.
    fn carry_out(&mut self, part: &WorkspaceEdit, way: Way) {
        let pick = |before, after| if way == Way::Forward { after } else { before };
        match part {
            WorkspaceEdit::Edit { scenario, edit } => {
                // A layer that was closed meanwhile and never edited has no state to change.
                if let Some(planned) = self.planned_mut(*scenario, edit.layer) {
                    planned.apply(edit, way);
                    if self.scenarios.shown == Some(*scenario) {
                        self.refresh(edit.layer);
                    }
                }
            }
            WorkspaceEdit::Fork { at, scenario } if way == Way::Forward => self.put_scenario(*at, scenario),
            WorkspaceEdit::Delete { at, scenario } if way == Way::Back => self.put_scenario(*at, scenario),
            WorkspaceEdit::Fork { scenario, .. } | WorkspaceEdit::Delete { scenario, .. } => {
                self.take_scenario(scenario.id);
            }
            WorkspaceEdit::Rename { scenario, before, after } => {
                if let Some(scenario) = self.scenarios.get_mut(*scenario) {
                    scenario.name.clone_from(pick(before, after));
                }
            }
            WorkspaceEdit::Note { scenario, before, after } => {
                if let Some(scenario) = self.scenarios.get_mut(*scenario) {
                    scenario.note.clone_from(pick(before, after));
                }
            }
            WorkspaceEdit::Move { from, to } => {
                let (from, to) = if way == Way::Forward { (*from, *to) } else { (*to, *from) };
                let list = &mut self.scenarios.list;
                if from < list.len() && to < list.len() {
                    let scenario = list.remove(from);
                    list.insert(to, scenario);
                }
            }
            WorkspaceEdit::Ledger { key, before, after } => {
                let note = if way == Way::Forward { after } else { before };
                match note {
                    Some(note) => drop(self.scenarios.ledger.insert(key.clone(), note.clone())),
                    None => drop(self.scenarios.ledger.remove(key)),
                }
            }
            WorkspaceEdit::Setting { key, before, after } => {
                let value = if way == Way::Forward { after } else { before };
                match value {
                    Some(value) => drop(self.scenarios.settings.insert(key.clone(), value.clone())),
                    None => drop(self.scenarios.settings.remove(key)),
                }
            }
            WorkspaceEdit::Property { before, after } => {
                self.set_property(if way == Way::Forward { after } else { before });
            }
            WorkspaceEdit::Layer { layer, comes, at } => {
                if *comes == (way == Way::Forward) {
                    self.reopen(*layer, *at);
                } else {
                    self.close_layer(*layer);
                }
            }
            WorkspaceEdit::Measurement { at, before, after } => {
                let (from, to) = if way == Way::Forward { (before, after) } else { (after, before) };
                let list = &mut self.measurements;
                match (from, to) {
                    (None, Some(measurement)) => list.insert((*at).min(list.len()), measurement.clone()),
                    (Some(_), None) if *at < list.len() => drop(list.remove(*at)),
                    (_, Some(measurement)) => {
                        if let Some(known) = list.get_mut(*at) {
                            known.clone_from(measurement);
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    fn put_scenario(&mut self, at: usize, scenario: &Scenario) {
        let at = at.min(self.scenarios.list.len());
        if self.scenarios.get(scenario.id).is_none() {
            self.scenarios.list.insert(at, scenario.clone());
        }
    }

    /// Takes a scenario out; where it was shown, the one that it was forked from is.
    fn take_scenario(&mut self, id: ScenarioId) {
        if self.scenarios.shown == Some(id) {
            let parent = self.scenarios.get(id).and_then(|scenario| scenario.parent);
            if !self.show(parent) {
                self.show(None);
            }
        }
        self.scenarios.list.retain(|scenario| scenario.id != id);
    }
}
