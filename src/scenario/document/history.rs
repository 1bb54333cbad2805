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

use super::planned::ScenarioId;
use super::step::Step;
use crate::text::Message;

mod undo;

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
    pub(in crate::scenario) fn install(&mut self, steps: Vec<Kept>, forgotten_count: usize) {
        self.next_serial = steps.iter().map(|kept| kept.serial + 1).max().unwrap_or(1).max(self.next_serial);
        self.byte_count = steps.iter().map(|kept| kept.step.byte_count()).sum();
        self.steps = steps.into();
        self.forgotten_count = forgotten_count;
        self.forget();
    }

    /// Rewrites every step, where a source was read again. `None` leaves one as it is.
    pub(in crate::scenario) fn rewrite(&mut self, mut rewritten: impl FnMut(&Step) -> Option<Step>) {
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

    pub(in crate::scenario) fn note(&mut self, event: Event) {
        if let Some(events) = &mut self.events {
            events.push(event);
        }
    }

    fn index_of(&self, serial: u64) -> Option<usize> {
        self.steps.binary_search_by_key(&serial, |kept| kept.serial).ok()
    }
}
