//! A value that is worked out in the background for a key: what it is of, the work on it, the value of before, and what
//! became of the work where it brought nothing.
//!
//! Every such value of the window is an [`Awaited`]: whoever shows it works out a key each frame, and starts the work
//! where [`Awaited::is_asked`] says that it was not asked for. What follows is the same everywhere:
//!
//! - *asked again* with the same key: nothing starts, whatever became of the work;
//! - *overtaken* by another key: the old work is cancelled and what it brings is dropped, the old value stays until the
//!   new one comes (callers let go of it with [`Awaited::keep_if`] where it would mislead);
//! - *cancelled* by the user, or *lost* with its thread: [`Awaited::problem`] says so until [`Awaited::retry`];
//! - dropped: the work is cancelled.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use eframe::egui;

use crate::model::LayerId;
use crate::task::{Poll, Progress, Task};
use crate::text::Message;
use crate::ui::session::jobs::Jobs;

/// A value for a key, worked out in the background; `E` is why there may be none.
pub struct Awaited<K, V, E = Message> {
    key: Option<K>,
    work: Option<Work<V, E>>,
    value: Option<(K, V)>,
    problem: Option<Problem<E>>,
}

/// Why there is no value for what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem<E = Message> {
    /// There can be none.
    Failed(E),
    /// The user stopped the work.
    Stopped,
    /// The thread that worked on it ended without a result: a defect of the program.
    Lost,
}

impl Problem {
    /// The problem in a sentence.
    pub fn message(&self) -> Message {
        match self {
            Self::Failed(message) => message.clone(),
            _ => self.ended_message().unwrap_or_else(|| Message::new("ui.work-stopped")),
        }
    }
}

impl<E> Problem<E> {
    /// What is said of work that was stopped or lost; `None` where it failed by itself.
    pub fn ended_message(&self) -> Option<Message> {
        match self {
            Self::Failed(_) => None,
            Self::Stopped => Some(Message::new("ui.work-stopped")),
            Self::Lost => Some(Message::new("ui.work-lost")),
        }
    }
}

/// What [`Awaited::poll`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// The value is there.
    Arrived,
    /// There is a problem.
    Ended,
}

enum Work<V, E> {
    /// A job of the window, which the user can cancel: its number, and where it leaves its result.
    Job(u64, Rc<Slot<Result<V, E>>>),
    /// A task that nobody else knows of.
    Task(Task<Result<V, E>>),
}

/// Where a job leaves its result for the value that awaits it.
pub type Slot<T> = RefCell<Landing<T>>;

/// What a job has left.
#[derive(Debug, Default)]
pub enum Landing<T> {
    /// Nothing yet.
    #[default]
    Running,
    /// Its result.
    Done(T),
    /// Nothing: the user stopped it.
    Stopped,
    /// Nothing: its thread ended.
    Lost,
}

impl<T> Landing<T> {
    /// Leaves `landing` for whoever still waits.
    pub(in crate::ui) fn leave(slot: &Weak<Slot<T>>, landing: Self) {
        if let Some(slot) = slot.upgrade() {
            slot.replace(landing);
        }
    }
}

impl<K, V, E> Default for Awaited<K, V, E> {
    fn default() -> Self {
        Self { key: None, work: None, value: None, problem: None }
    }
}

impl<K: Clone + PartialEq, V, E> Awaited<K, V, E> {
    /// Whether the value for `key` is there, is being worked out, or cannot be had.
    pub fn is_asked(&self, key: &K) -> bool {
        self.key.as_ref() == Some(key)
    }

    /// What was asked for last.
    pub fn key(&self) -> Option<&K> {
        self.key.as_ref()
    }

    /// Has the value for `key` worked out by a job that the status bar shows and the user can cancel.
    pub fn start(
        &mut self,
        jobs: &mut Jobs,
        key: K,
        name: Message,
        work: impl FnOnce(&Progress) -> Result<V, E> + Send + 'static,
    ) where
        V: Send + 'static,
        E: Send + 'static,
    {
        self.begin(jobs, key, name, true, work);
    }

    /// The same by a job that the status bar does not show.
    pub fn start_hidden(
        &mut self,
        jobs: &mut Jobs,
        key: K,
        name: Message,
        work: impl FnOnce(&Progress) -> Result<V, E> + Send + 'static,
    ) where
        V: Send + 'static,
        E: Send + 'static,
    {
        self.begin(jobs, key, name, false, work);
    }

    fn begin(
        &mut self,
        jobs: &mut Jobs,
        key: K,
        name: Message,
        shown: bool,
        work: impl FnOnce(&Progress) -> Result<V, E> + Send + 'static,
    ) where
        V: Send + 'static,
        E: Send + 'static,
    {
        if let Some(Work::Job(old, _)) = self.work.take() {
            jobs.cancel(old);
        }
        let slot = Rc::new(Slot::default());
        let job = jobs.spawn_for(name, shown, work, Rc::downgrade(&slot));
        (self.key, self.problem) = (Some(key), None);
        self.work = Some(Work::Job(job, slot));
    }

    /// Has it worked out by a task of its own: for panels, which cannot start jobs. `name` is that of the thread.
    pub fn start_task(
        &mut self,
        ctx: &egui::Context,
        key: K,
        name: &str,
        work: impl FnOnce(&Progress) -> Result<V, E> + Send + 'static,
    ) where
        V: Send + 'static,
        E: Send + 'static,
    {
        let wake = ctx.clone();
        (self.key, self.problem) = (Some(key), None);
        // The task of before is dropped, which cancels it.
        self.work = Some(Work::Task(Task::spawn(name, work, move || wake.request_repaint())));
    }

    /// What was worked out at once.
    pub fn set(&mut self, key: K, result: Result<V, E>) {
        self.work = None;
        self.key = Some(key);
        self.install(result);
    }

    /// Goes back to the value that is there, where that is the one for `key`: what was asked meanwhile is cancelled.
    pub fn goes_back(&mut self, key: &K) -> bool {
        if self.value_key() != Some(key) {
            return false;
        }
        if !self.is_asked(key) {
            (self.key, self.work, self.problem) = (Some(key.clone()), None, None);
        }
        true
    }

    /// Takes what has come since the last call. Call it once a frame.
    pub fn poll(&mut self) -> Option<News> {
        let landed = match self.work.as_ref()? {
            Work::Job(_, slot) => slot.take(),
            Work::Task(task) => match task.poll() {
                Poll::Running => Landing::Running,
                Poll::Done(result) => Landing::Done(result),
                Poll::Lost => Landing::Lost,
            },
        };
        match landed {
            Landing::Running => return None,
            Landing::Done(result) => {
                self.work = None;
                return Some(self.install(result));
            }
            Landing::Stopped => self.problem = Some(Problem::Stopped),
            Landing::Lost => self.problem = Some(Problem::Lost),
        }
        self.work = None;
        Some(News::Ended)
    }

    fn install(&mut self, result: Result<V, E>) -> News {
        match (result, &self.key) {
            (Ok(value), Some(key)) => {
                self.problem = None;
                self.value = Some((key.clone(), value));
                News::Arrived
            }
            (Ok(_), None) => News::Ended,
            (Err(error), _) => {
                self.problem = Some(Problem::Failed(error));
                News::Ended
            }
        }
    }

    /// The value: that of before while another is worked out, and where none could be had.
    pub fn value(&self) -> Option<&V> {
        self.value.as_ref().map(|(_, value)| value)
    }

    /// The same, to be changed.
    pub fn value_mut(&mut self) -> Option<&mut V> {
        self.value.as_mut().map(|(_, value)| value)
    }

    /// What [`Self::value`] is of.
    pub fn value_key(&self) -> Option<&K> {
        self.value.as_ref().map(|(key, _)| key)
    }

    /// The value, where it is the one that was asked for last.
    pub fn current(&self) -> Option<&V> {
        let (key, value) = self.value.as_ref()?;
        self.is_asked(key).then_some(value)
    }

    /// The value, which then stands elsewhere; it counts as asked for.
    pub fn take_value(&mut self) -> Option<V> {
        self.value.take().map(|(_, value)| value)
    }

    /// Lets go of the value, unless `keeps` holds for what it is of.
    pub fn keep_if(&mut self, keeps: impl FnOnce(&K) -> bool) {
        self.value.take_if(|(key, _)| !keeps(key));
    }

    /// Whether it is being worked out.
    pub fn is_busy(&self) -> bool {
        self.work.is_some()
    }

    /// The job that works on it.
    pub fn job(&self) -> Option<u64> {
        match self.work.as_ref()? {
            Work::Job(job, _) => Some(*job),
            Work::Task(_) => None,
        }
    }

    /// Why there is no value for what was asked.
    pub fn problem(&self) -> Option<&Problem<E>> {
        self.problem.as_ref()
    }

    /// Notes that there is no value, whatever was known.
    pub fn fail(&mut self, error: E) {
        (self.work, self.value) = (None, None);
        self.problem = Some(Problem::Failed(error));
    }

    /// Forgets what went wrong, so that the next one who asks has it tried again.
    pub fn retry(&mut self) {
        if self.problem.take().is_some() {
            self.key = None;
        }
    }

    /// Forgets everything, and cancels the work on it.
    pub fn forget(&mut self) {
        *self = Self::default();
    }
}

/// What can be worked out again where the user has stopped it, or it was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaiting {
    /// A layer made ready for the map.
    Preparing(LayerId),
    /// Areas of a layer.
    Measuring(LayerId),
    /// Union and overlaps of a layer.
    Covering(LayerId),
    /// How rules stand.
    Rules,
    /// What comes to and leaves the layer that is watched.
    Flow,
    /// Control lines and ledger.
    Conflicts,
    /// What a red line takes.
    RedLine,
    /// What control lines take of what is shown and selected.
    LineShares,
    /// Two states laid over each other.
    Comparison,
    /// Pieces of that on the map.
    Pieces,
    /// Figures beside the matrix.
    BesideMatrix,
    /// The hand-in check.
    HandIn,
}

#[cfg(test)]
mod tests;
