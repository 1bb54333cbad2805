//! What was done, as a list of sentences that one can travel along.
//!
//! A [`Step`] is what the user did at once: one sentence, some [`WorkspaceEdit`]s. Steps before [`History::position`]
//! are done, those from there on undone. There is no limit but bytes: the oldest steps are forgotten where all take more
//! than [`History::limit`], and [`History::forgotten_count`] says how many; what they did stays done.

use std::collections::VecDeque;
use std::sync::Arc;

use super::edit::{Edit, Way};
use super::ledger::{LedgerKey, LedgerNote};
use super::scenarios::{Scenario, ScenarioId};
use super::workspace::Workspace;
use crate::text::Message;

/// Bytes that a history may take unless told otherwise: 256 MB.
pub const DEFAULT_LIMIT: usize = 256 << 20;

/// A change of the workspace that undo takes back.
#[derive(Clone, Debug)]
pub enum WorkspaceEdit {
    /// A layer of a scenario changes.
    Edit {
        /// The scenario.
        scenario: ScenarioId,
        /// What changes.
        edit: Arc<Edit>,
    },
    /// A scenario comes: forked, duplicated, made of other layers.
    Fork {
        /// Place among the tabs.
        at: usize,
        /// The scenario as it comes.
        scenario: Box<Scenario>,
    },
    /// A scenario goes.
    Delete {
        /// Place among the tabs.
        at: usize,
        /// The scenario as it went.
        scenario: Box<Scenario>,
    },
    /// A scenario gets another name.
    Rename {
        /// The scenario.
        scenario: ScenarioId,
        /// Its name before.
        before: String,
        /// Its name after.
        after: String,
    },
    /// A scenario gets another note.
    Note {
        /// The scenario.
        scenario: ScenarioId,
        /// Its note before.
        before: String,
        /// Its note after.
        after: String,
    },
    /// A tab moves.
    Move {
        /// Its place before.
        from: usize,
        /// Its place after.
        to: usize,
    },
    /// A line of a ledger gets another status or note.
    Ledger {
        /// The line.
        key: LedgerKey,
        /// What was said before.
        before: Option<LedgerNote>,
        /// What is said after.
        after: Option<LedgerNote>,
    },
    /// A setting changes: a target, a limit of a rule.
    Setting {
        /// Its word.
        key: String,
        /// Its value before.
        before: Option<String>,
        /// Its value after.
        after: Option<String>,
    },
}

/// What the user did at once.
#[derive(Clone, Debug)]
pub struct Step {
    /// The sentence of the list.
    pub sentence: Message,
    /// When, in seconds since 1970, where the caller knows.
    pub when: Option<i64>,
    /// What changed, in order.
    pub parts: Vec<WorkspaceEdit>,
}

/// Steps done and undone.
#[derive(Clone, Debug)]
pub struct History {
    steps: VecDeque<Arc<Step>>,
    position: usize,
    byte_count: usize,
    /// Bytes that it may take.
    pub limit: usize,
    forgotten_count: usize,
    /// What happened since [`Workspace::take_events`] was last asked; `None` where nobody asks.
    events: Option<Vec<Event>>,
}

/// What happened to the history: what a journal writes down.
#[derive(Clone, Debug)]
pub enum Event {
    /// A step was done.
    Done(Arc<Step>),
    /// The last step was undone.
    Undone,
    /// The step undone last was done again.
    Redone,
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
            position: 0,
            byte_count: 0,
            limit: DEFAULT_LIMIT,
            forgotten_count: 0,
            events: None,
        }
    }
}

impl History {
    /// The steps, oldest first: those before [`Self::position`] are done.
    pub fn steps(&self) -> impl ExactSizeIterator<Item = &Step> {
        self.steps.iter().map(|step| &**step)
    }

    /// How many steps are done.
    pub fn position(&self) -> usize {
        self.position
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

    /// What undo would take back.
    pub fn undoable(&self) -> Option<&Step> {
        self.steps.get(self.position.checked_sub(1)?).map(|step| &**step)
    }

    /// What redo would do again.
    pub fn redoable(&self) -> Option<&Step> {
        self.steps.get(self.position).map(|step| &**step)
    }

    /// Forgets all steps; what they did stays done.
    pub fn clear(&mut self) {
        self.steps.clear();
        (self.position, self.byte_count) = (0, 0);
    }

    fn push(&mut self, step: Arc<Step>) {
        for undone in self.steps.drain(self.position..) {
            self.byte_count -= undone.byte_count();
        }
        self.byte_count += step.byte_count();
        self.steps.push_back(step);
        self.position += 1;
        while self.byte_count > self.limit && self.steps.len() > 1 {
            let Some(oldest) = self.steps.pop_front() else { break };
            self.byte_count -= oldest.byte_count();
            self.position -= 1;
            self.forgotten_count += 1;
        }
    }

    fn note(&mut self, event: Event) {
        if let Some(events) = &mut self.events {
            events.push(event);
        }
    }
}

impl Step {
    /// The scenario that it concerns; `None` for what concerns all.
    pub fn scenario(&self) -> Option<ScenarioId> {
        self.parts.iter().find_map(|part| match part {
            WorkspaceEdit::Edit { scenario, .. }
            | WorkspaceEdit::Rename { scenario, .. }
            | WorkspaceEdit::Note { scenario, .. } => Some(*scenario),
            WorkspaceEdit::Fork { scenario, .. } | WorkspaceEdit::Delete { scenario, .. } => Some(scenario.id),
            WorkspaceEdit::Ledger { key, .. } => key.scenario,
            WorkspaceEdit::Move { .. } | WorkspaceEdit::Setting { .. } => None,
        })
    }

    /// The edits of layers in it.
    pub fn edits(&self) -> impl Iterator<Item = (ScenarioId, &Edit)> {
        self.parts.iter().filter_map(|part| match part {
            WorkspaceEdit::Edit { scenario, edit } => Some((*scenario, &**edit)),
            _ => None,
        })
    }

    /// Bytes that it takes.
    pub fn byte_count(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let parts = self.parts.iter().map(|part| {
            size_of::<WorkspaceEdit>()
                + match part {
                    WorkspaceEdit::Edit { edit, .. } => edit.change.byte_count(),
                    WorkspaceEdit::Fork { scenario, .. } | WorkspaceEdit::Delete { scenario, .. } => {
                        scenario.byte_count()
                    }
                    WorkspaceEdit::Rename { before, after, .. } | WorkspaceEdit::Note { before, after, .. } => {
                        before.len() + after.len()
                    }
                    WorkspaceEdit::Move { .. } => 0,
                    WorkspaceEdit::Ledger { before, after, .. } => {
                        before.iter().chain(after).map(|note| note.note.len() + 64).sum()
                    }
                    WorkspaceEdit::Setting { key, before, after } => key.len() + text(before) + text(after),
                }
        });
        let sentence = self.sentence.args.iter().map(|(_, value)| value.len() + 40).sum::<usize>();
        size_of::<Self>() + sentence + parts.sum::<usize>()
    }
}

impl Workspace {
    /// Does something that undo can take back.
    pub(super) fn perform(&mut self, parts: Vec<WorkspaceEdit>, sentence: Message, when: Option<i64>) {
        let step = Arc::new(Step { sentence, when, parts });
        self.perform_step(step);
    }

    /// Does a step that was written down elsewhere.
    pub(super) fn perform_step(&mut self, step: Arc<Step>) {
        for part in &step.parts {
            self.carry_out(part, Way::Forward);
        }
        self.scenarios.history.note(Event::Done(step.clone()));
        self.scenarios.history.push(step);
    }

    /// Takes back the last step. Does not change what is shown, unless that is gone.
    pub fn undo(&mut self) -> Option<Travelled> {
        let at = self.scenarios.history.position.checked_sub(1)?;
        let step = self.scenarios.history.steps[at].clone();
        for part in step.parts.iter().rev() {
            self.carry_out(part, Way::Back);
        }
        self.scenarios.history.position = at;
        self.scenarios.history.note(Event::Undone);
        Some(self.travelled(&step))
    }

    /// Does the step undone last again.
    pub fn redo(&mut self) -> Option<Travelled> {
        let step = self.scenarios.history.steps.get(self.scenarios.history.position)?.clone();
        for part in &step.parts {
            self.carry_out(part, Way::Forward);
        }
        self.scenarios.history.position += 1;
        self.scenarios.history.note(Event::Redone);
        Some(self.travelled(&step))
    }

    /// Undoes or redoes until `position` steps are done; the last step passed, where any was.
    pub fn travel_to(&mut self, position: usize) -> Option<Travelled> {
        let mut last = None;
        while self.scenarios.history.position > position {
            last = Some(self.undo()?);
        }
        while self.scenarios.history.position < position.min(self.scenarios.history.steps.len()) {
            last = Some(self.redo()?);
        }
        last
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

    /// The one place where scenarios change.
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
        }
    }

    fn put_scenario(&mut self, at: usize, scenario: &Scenario) {
        let at = at.min(self.scenarios.list.len());
        self.scenarios.list.insert(at, scenario.clone());
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
