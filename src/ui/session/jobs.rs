//! Work in the background: opening, measuring, preparing to draw. The window never waits for it.
//!
//! A job is a [`Task`] that leaves its result for the value that awaits it ([`crate::ui::session::awaited`]), or comes
//! with the function that installs it: a result that arrives after its layer is gone or has changed is dropped by that
//! function.

use std::rc::Weak;

use eframe::egui;

use crate::task::{Poll, Progress, Task};
use crate::text::Message;
use crate::ui::session::Session;
use crate::ui::session::awaited::{Landing, Slot};

/// A running job.
pub struct Job {
    /// Number by which it is cancelled.
    pub id: u64,
    /// What it does, for the status bar.
    pub name: Message,
    /// How far it is.
    pub progress: Progress,
    /// Whether the status bar shows it: not for dialogs and searches.
    pub shown: bool,
    poll: Box<dyn FnMut() -> Option<Outcome>>,
    /// Tells whoever waits that nothing comes.
    stop: Box<dyn Fn()>,
}

/// Puts a result where it belongs.
pub(in crate::ui) type Install = Box<dyn FnOnce(&mut Session)>;

enum Outcome {
    Done(Install),
    /// The value that awaits it has it.
    Left,
    /// Nobody waits for it any more.
    Unwanted,
    Lost,
}

/// The running jobs, oldest first.
#[derive(Default)]
pub struct Jobs {
    jobs: Vec<Job>,
    next_id: u64,
    wake: Option<egui::Context>,
    /// Bytes of memory that the program may hold when work takes more.
    pub(in crate::ui) memory_bytes: Option<u64>,
}

impl Jobs {
    /// Jobs that wake this window when they are done.
    pub fn new(ctx: egui::Context) -> Self {
        Self { wake: Some(ctx), ..Self::default() }
    }

    /// Starts `work` on a thread of its own; `install` runs in the window's thread once it is done.
    pub fn spawn<T: Send + 'static>(
        &mut self,
        name: Message,
        work: impl FnOnce(&Progress) -> T + Send + 'static,
        install: impl FnOnce(&mut Session, T) + 'static,
    ) -> u64 {
        self.start(name, true, work, install)
    }

    /// The same for work that the status bar does not show.
    pub fn spawn_hidden<T: Send + 'static>(
        &mut self,
        name: Message,
        work: impl FnOnce(&Progress) -> T + Send + 'static,
        install: impl FnOnce(&mut Session, T) + 'static,
    ) -> u64 {
        self.start(name, false, work, install)
    }

    fn start<T: Send + 'static>(
        &mut self,
        name: Message,
        shown: bool,
        work: impl FnOnce(&Progress) -> T + Send + 'static,
        install: impl FnOnce(&mut Session, T) + 'static,
    ) -> u64 {
        let task = self.task(&name, work);
        self.adopt(name, shown, task, install)
    }

    /// Takes over work that was begun before there was a window.
    pub(in crate::ui) fn adopt<T: 'static>(
        &mut self,
        name: Message,
        shown: bool,
        task: Task<T>,
        install: impl FnOnce(&mut Session, T) + 'static,
    ) -> u64 {
        let progress = task.progress().clone();
        let mut install = Some(install);
        let poll = Box::new(move || match task.poll() {
            Poll::Running => None,
            Poll::Lost => Some(Outcome::Lost),
            Poll::Done(value) => install
                .take()
                .map(|install| Outcome::Done(Box::new(move |session: &mut Session| install(session, value)))),
        });
        self.push(name, progress, shown, poll, Box::new(|| {}))
    }

    /// Starts `work` for a value that awaits its result in `slot`. It is cancelled when the value is gone.
    pub(in crate::ui) fn spawn_for<T: Send + 'static>(
        &mut self,
        name: Message,
        shown: bool,
        work: impl FnOnce(&Progress) -> T + Send + 'static,
        slot: Weak<Slot<T>>,
    ) -> u64 {
        let task = self.task(&name, work);
        let progress = task.progress().clone();
        let stopped = slot.clone();
        let poll = Box::new(move || {
            if slot.strong_count() == 0 {
                return Some(Outcome::Unwanted);
            }
            match task.poll() {
                Poll::Running => None,
                Poll::Done(value) => {
                    Landing::leave(&slot, Landing::Done(value));
                    Some(Outcome::Left)
                }
                Poll::Lost => {
                    Landing::leave(&slot, Landing::Lost);
                    Some(Outcome::Lost)
                }
            }
        });
        let stop = Box::new(move || {
            Landing::leave(&stopped, Landing::Stopped);
        });
        self.push(name, progress, shown, poll, stop)
    }

    fn task<T: Send + 'static>(&self, name: &Message, work: impl FnOnce(&Progress) -> T + Send + 'static) -> Task<T> {
        let (wake, memory_bytes) = (self.wake.clone(), self.memory_bytes);
        let work = move |progress: &Progress| {
            progress.bound_memory(memory_bytes);
            work(progress)
        };
        Task::spawn(name.key, work, move || {
            if let Some(ctx) = wake {
                ctx.request_repaint();
            }
        })
    }

    fn push(
        &mut self,
        name: Message,
        progress: Progress,
        shown: bool,
        poll: Box<dyn FnMut() -> Option<Outcome>>,
        stop: Box<dyn Fn()>,
    ) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.jobs.push(Job { id, name, progress, shown, poll, stop });
        id
    }

    /// The running jobs that the status bar shows, oldest first.
    pub fn shown(&self) -> impl Iterator<Item = &Job> {
        self.jobs.iter().filter(|job| job.shown)
    }

    /// Whether nothing runs that the status bar shows.
    pub fn is_empty(&self) -> bool {
        self.shown().next().is_none()
    }

    /// Whether a job is still at work.
    pub fn is_running(&self, id: u64) -> bool {
        self.jobs.iter().any(|job| job.id == id)
    }

    /// Asks a job to stop; what it would have installed is dropped.
    pub fn cancel(&mut self, id: u64) {
        self.jobs.retain(|job| {
            if job.id == id {
                (job.stop)();
            }
            // Dropping the task cancels it.
            job.id != id
        });
    }

    /// Takes what finished since the last call: what is to be installed, or nothing where a thread ended without a
    /// result. What a value awaits goes there.
    pub(in crate::ui) fn take_finished(&mut self) -> Vec<(Message, Option<Install>)> {
        let mut finished = Vec::new();
        self.jobs.retain_mut(|job| {
            let outcome = (job.poll)();
            match outcome {
                None => return true,
                Some(Outcome::Done(install)) => finished.push((job.name.clone(), Some(install))),
                Some(Outcome::Lost) => finished.push((job.name.clone(), None)),
                Some(Outcome::Left | Outcome::Unwanted) => {}
            }
            false
        });
        finished
    }
}

/// Installs the results of all jobs that have finished. Call it once a frame.
pub fn install_finished(session: &mut Session) {
    for (name, install) in session.jobs.take_finished() {
        match install {
            Some(install) => install(session),
            None => {
                let name = name.text(session.settings.language);
                session.notify_error(Message::new("ui.job-lost").with("job", name));
            }
        }
    }
}
