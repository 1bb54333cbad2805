//! Writes a journal on a thread of its own: forcing it to the disk takes as long as the disk likes.

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use eframe::egui;

use crate::io::SaveError;
use crate::scenario::JournalFile;
use crate::scenario::journal::Writing;

/// Pauses before a write that failed is tried again: a disk that is busy or a folder on the network may come back.
const AGAIN: [Duration; 2] = [Duration::from_millis(50), Duration::from_millis(500)];

/// A journal that is written in the background. Dropping it waits until all is written.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    send: Option<mpsc::Sender<Task>>,
    outcomes: mpsc::Receiver<Result<(), SaveError>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
enum Task {
    Write(Writing),
    /// Removes a file, if all before it was written.
    Remove(PathBuf),
    Discard,
}

impl Writer {
    /// A writer of the journal at `path`; wakes the window when something could not be written.
    pub fn start(path: &Path, ctx: Option<egui::Context>) -> Self {
        let (send, tasks) = mpsc::channel();
        let (told, outcomes) = mpsc::channel();
        let mut file = JournalFile::new(path);
        let work = move || {
            let mut failed = false;
            while let Ok(task) = tasks.recv() {
                match task {
                    Task::Remove(path) => {
                        if !failed {
                            // One that stays is offered once more.
                            let _ = std::fs::remove_file(path);
                        }
                    }
                    Task::Write(writing) => {
                        let mut outcome = file.write(&writing);
                        for pause in AGAIN {
                            if outcome.is_ok() {
                                break;
                            }
                            std::thread::sleep(pause);
                            outcome = file.write(&writing);
                        }
                        failed = outcome.is_err();
                        // Nobody listens any more: the window is closing.
                        let _ = told.send(outcome);
                        if let Some(ctx) = ctx.as_ref().filter(|_| failed) {
                            ctx.request_repaint();
                        }
                    }
                    Task::Discard => {
                        // One that stays is found empty of unsaved work, or offered once too often.
                        let _ = file.discard();
                        return;
                    }
                }
            }
        };
        // Without a thread nothing is written: the first write reports that.
        let thread = std::thread::Builder::new().name("journal".to_owned()).spawn(work).ok();
        Self { path: path.to_owned(), send: Some(send), outcomes, thread }
    }

    /// Has it write.
    pub fn write(&self, writing: Writing) {
        if let Some(send) = &self.send {
            // A thread that ended reports itself by its silence, see `next_outcome`.
            let _ = send.send(Task::Write(writing));
        }
    }

    /// Has it remove a file as soon as all that was to be written before is on the disk.
    pub fn then_remove(&self, path: PathBuf) {
        if let Some(send) = &self.send {
            let _ = send.send(Task::Remove(path)); // the file is offered once more then
        }
    }

    /// Whether nothing can be written any more.
    pub fn has_ended(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// What came of a write; `None` where nothing more is known yet.
    pub fn next_outcome(&self) -> Option<Result<(), SaveError>> {
        match self.outcomes.try_recv() {
            Ok(outcome) => Some(outcome),
            Err(mpsc::TryRecvError::Empty) => None,
            Err(mpsc::TryRecvError::Disconnected) if self.send.is_some() => {
                Some(Err(SaveError::Io { path: self.path.clone(), source: std::io::ErrorKind::BrokenPipe.into() }))
            }
            Err(mpsc::TryRecvError::Disconnected) => None,
        }
    }

    /// Removes the journal after all that is still to be written.
    pub fn discard(self) {
        if let Some(send) = &self.send {
            let _ = send.send(Task::Discard); // an ended thread has nothing to remove
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.send.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has written what it could.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(writer: &Writer) -> Result<(), SaveError> {
        loop {
            if let Some(outcome) = writer.next_outcome() {
                return outcome;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    #[test]
    fn a_write_that_failed_is_tried_again_and_everything_is_written_before_the_end() {
        let folder = tempfile::tempdir().expect("a folder");
        // The folder is not there yet, as on a network that comes back.
        let inner = folder.path().join("away");
        let path = inner.join("a.journal");
        let writer = Writer::start(&path, None);
        writer.write(Writing::Whole(b"one\n".to_vec()));
        std::thread::sleep(AGAIN[0] / 2);
        std::fs::create_dir(&inner).expect("made");
        assert!(outcome(&writer).is_ok());
        let old = folder.path().join("old");
        std::fs::write(&old, "").expect("written");
        for _ in 0..50 {
            writer.write(Writing::More(b"more\n".to_vec()));
        }
        writer.then_remove(old.clone());
        drop(writer);
        assert_eq!(std::fs::read_to_string(&path).expect("there").lines().count(), 51);
        assert!(!old.exists());
    }

    #[test]
    fn what_cannot_be_written_is_told_and_what_was_taken_up_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let old = folder.path().join("old");
        std::fs::write(&old, "somebody's work").expect("written");
        let writer = Writer::start(&folder.path().join("no such folder/a.journal"), None);
        writer.write(Writing::Whole(b"one\n".to_vec()));
        writer.then_remove(old.clone());
        assert!(outcome(&writer).is_err());
        drop(writer);
        assert!(old.exists());
    }
}
