//! What was done, as steps that can be taken back: one list, and each step has a scope.
//!
//! A [`Step`] is what the user did at once: one sentence, some [`WorkspaceEdit`]s. It concerns the document, or one
//! scenario ([`Scope`]). The tab of a scenario takes back its own steps and those of the document, the newest first, and
//! leaves what was done in other tabs alone; a scenario that was forked stands on copies, so nothing in it moves when the
//! one that it came from does. So the steps that are done are no head of the list: each says so for itself. A step that
//! a later one of another tab depends on is refused, with the reason.
//!
//! There is no limit but bytes: the oldest steps are forgotten where all take more than [`History::limit`], and
//! [`History::forgotten_count`] says how many; what they did stays done.

use std::collections::VecDeque;
use std::sync::Arc;

use super::edit::Way;
use super::scenarios::{Scenario, ScenarioId};
use super::workspace::Workspace;
use crate::model::LayerId;
use crate::text::Message;

mod step;

pub use step::{Scope, Step, WorkspaceEdit};

/// Bytes that a history may take unless told otherwise: 256 MB.
pub const DEFAULT_LIMIT: usize = 256 << 20;

/// A step with where it stands.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its number, which no other step has.
    pub serial: u64,
    /// Whether it is done; undone else.
    pub done: bool,
    /// Whether it was done when the project was saved.
    pub saved: bool,
    /// The step.
    pub step: Arc<Step>,
}

/// Which steps the project's file held, by their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedBefore {
    saved: Vec<(u64, bool)>,
    forgotten_unsaved: usize,
}

/// Steps done and undone, oldest first.
#[derive(Clone, Debug)]
pub struct History {
    steps: VecDeque<Kept>,
    byte_count: usize,
    /// Bytes that it may take.
    pub limit: usize,
    forgotten_count: usize,
    /// Of the forgotten ones, how many were not saved.
    forgotten_unsaved: usize,
    next_serial: u64,
    /// What happened since [`Workspace::take_events`] was last asked; `None` where nobody asks.
    events: Option<Vec<Event>>,
}

/// What happened to the history: what a journal writes down.
#[derive(Clone, Debug)]
pub enum Event {
    /// A step was done.
    Done(Kept),
    /// The last step went on: it is this one now.
    Amended(Kept),
    /// The step of that number was undone.
    Undone(u64),
    /// The step of that number was done again.
    Redone(u64),
    /// Something changed that no step says: a source was read again.
    Rewritten,
}

/// What undo or redo did.
#[derive(Clone, Debug, PartialEq)]
pub struct Travelled {
    /// The scenario that it concerns, to be shown; `None` for what concerns all.
    pub scenario: Option<ScenarioId>,
    /// The sentence of the step.
    pub sentence: Message,
}

impl Default for History {
    fn default() -> Self {
        Self {
            steps: VecDeque::new(),
            byte_count: 0,
            limit: DEFAULT_LIMIT,
            forgotten_count: 0,
            forgotten_unsaved: 0,
            next_serial: 1,
            events: None,
        }
    }
}

impl History {
    /// The steps, oldest first, done and undone.
    pub fn steps(&self) -> impl ExactSizeIterator<Item = &Step> {
        self.steps.iter().map(|kept| &*kept.step)
    }

    /// The steps with where they stand, oldest first.
    pub fn kept(&self) -> impl DoubleEndedIterator<Item = &Kept> + ExactSizeIterator {
        self.steps.iter()
    }

    /// How many steps are done.
    pub fn position(&self) -> usize {
        self.done().count()
    }

    /// The steps that are done, oldest first.
    pub fn done(&self) -> impl DoubleEndedIterator<Item = &Step> {
        self.steps.iter().filter(|kept| kept.done).map(|kept| &*kept.step)
    }

    /// How many changes the project's file does not have: steps done since it was saved, and those undone since.
    pub fn unsaved_count(&self) -> usize {
        self.forgotten_unsaved + self.steps.iter().filter(|kept| kept.done != kept.saved).count()
    }

    /// Steps that were forgotten because all took more than the limit.
    pub fn forgotten_count(&self) -> usize {
        self.forgotten_count
    }

    /// A sentence that says that the oldest steps were forgotten, where some were.
    pub fn forgotten(&self) -> Option<Message> {
        let message = || Message::new("scenario.steps-forgotten").with("n", self.forgotten_count);
        (self.forgotten_count > 0).then(message)
    }

    /// Bytes that the steps take.
    pub fn byte_count(&self) -> usize {
        self.byte_count
    }

    /// The step of that number.
    pub fn step(&self, serial: u64) -> Option<&Kept> {
        self.steps.iter().find(|kept| kept.serial == serial)
    }

    /// What is done is what the project's file holds. Returns what was saved before, for [`Self::note_not_saved`].
    pub fn note_saved(&mut self) -> SavedBefore {
        let saved = self.steps.iter().map(|kept| (kept.serial, kept.saved)).collect();
        let before = SavedBefore { saved, forgotten_unsaved: self.forgotten_unsaved };
        self.steps.iter_mut().for_each(|kept| kept.saved = kept.done);
        self.forgotten_unsaved = 0;
        before
    }

    /// What [`Self::note_saved`] said did not come to pass: of the steps that there were then, those count as saved that
    /// had been saved before.
    pub fn note_not_saved(&mut self, before: &SavedBefore) {
        for (serial, saved) in &before.saved {
            match self.index_of(*serial) {
                Some(at) => self.steps[at].saved = *saved,
                // Forgotten meanwhile, as if it were in the file.
                None => self.forgotten_unsaved += usize::from(!saved),
            }
        }
        self.forgotten_unsaved += before.forgotten_unsaved;
    }

    /// Installs steps that were read from a file, in place of all others.
    pub(super) fn install(&mut self, steps: Vec<Kept>, forgotten_count: usize) {
        self.next_serial = steps.iter().map(|kept| kept.serial + 1).max().unwrap_or(1).max(self.next_serial);
        self.byte_count = steps.iter().map(|kept| kept.step.byte_count()).sum();
        self.steps = steps.into();
        self.forgotten_count = forgotten_count;
        self.forget();
    }

    /// Rewrites every step, where a source was read again. `None` leaves one as it is.
    pub(super) fn rewrite(&mut self, mut rewritten: impl FnMut(&Step) -> Option<Step>) {
        for kept in &mut self.steps {
            if let Some(step) = rewritten(&kept.step) {
                kept.step = Arc::new(step);
            }
        }
        self.byte_count = self.steps.iter().map(|kept| kept.step.byte_count()).sum();
        self.note(Event::Rewritten);
    }

    fn push(&mut self, kept: Kept) {
        self.next_serial = self.next_serial.max(kept.serial + 1);
        self.byte_count += kept.step.byte_count();
        self.steps.push_back(kept);
        self.forget();
    }

    /// Forgets the oldest steps where all take too much.
    fn forget(&mut self) {
        while self.byte_count > self.limit && self.steps.len() > 1 {
            let Some(oldest) = self.steps.pop_front() else { break };
            self.byte_count -= oldest.step.byte_count();
            self.forgotten_count += 1;
            self.forgotten_unsaved += usize::from(oldest.done != oldest.saved);
        }
    }

    pub(super) fn note(&mut self, event: Event) {
        if let Some(events) = &mut self.events {
            events.push(event);
        }
    }

    fn index_of(&self, serial: u64) -> Option<usize> {
        self.steps.binary_search_by_key(&serial, |kept| kept.serial).ok()
    }
}

impl Workspace {
    /// Does something that undo can take back.
    pub(super) fn perform(&mut self, parts: Vec<WorkspaceEdit>, sentence: Message, when: Option<i64>) {
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
    pub(super) fn perform_step(&mut self, kept: Kept) {
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
    pub(super) fn amend(&mut self, kept: Kept) {
        let history = &mut self.scenarios.history;
        history.note(Event::Amended(kept.clone()));
        let Some(last) = history.steps.back_mut().filter(|last| last.serial == kept.serial) else { return };
        history.byte_count = history.byte_count + kept.step.byte_count() - last.step.byte_count();
        *last = kept;
    }

    /// [`Self::amend`] of a step that was written down elsewhere: what it goes on with is taken back first.
    pub(super) fn perform_amended(&mut self, kept: Kept) {
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
    pub(super) fn undo_step(&mut self, serial: u64) -> Option<Travelled> {
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
    pub(super) fn redo_step(&mut self, serial: u64) -> Option<Travelled> {
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
