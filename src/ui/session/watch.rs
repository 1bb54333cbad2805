//! Notices when an opened file changes on disk, or a table in its database.
//!
//! A thread of its own looks at size and time of each file every two seconds: a folder on the network may answer
//! slowly, and the window must not wait for it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, SystemTime};

use eframe::egui;

use crate::io;

/// Time between two looks.
const EVERY: Duration = Duration::from_secs(2);
/// The same for tables of a database, which the server counts each time.
const EVERY_TABLE: Duration = Duration::from_secs(60);

type Stamp = Option<(SystemTime, u64)>;
type Files = Arc<Mutex<Vec<Watched>>>;

/// What was seen of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It is another one now.
    Changed,
    /// It was deleted or renamed.
    Gone,
}

/// A file with what is known of it.
#[derive(Clone, Debug)]
struct Watched {
    path: PathBuf,
    /// As it was seen last; `None` before the first look.
    stamp: Stamp,
    /// Looks in a row in which it was not there.
    missing: u32,
}

/// Looks in a row after which a missing file is gone: one that is being replaced is missing for a moment.
const GONE: u32 = 2;

impl Watched {
    /// Takes note of a look.
    fn note(&mut self, now: Stamp) -> Option<Seen> {
        let Some(now) = now else {
            self.missing = self.missing.saturating_add(1);
            return (self.missing == GONE && self.stamp.is_some()).then_some(Seen::Gone);
        };
        self.missing = 0;
        let before = self.stamp.replace(now);
        before.is_some_and(|before| before != now).then_some(Seen::Changed)
    }
}

/// The files that are watched.
#[derive(Debug)]
pub struct Watch {
    files: Files,
    changed: mpsc::Receiver<(PathBuf, Seen)>,
    // Dropping them ends the threads.
    _alive: [mpsc::Sender<()>; 2],
}

impl Watch {
    /// Starts to watch; wakes the window when something has changed.
    pub fn start(ctx: egui::Context) -> Self {
        let files = Files::default();
        let (send, changed) = mpsc::channel();
        let of_files = looking(&files, EVERY, file, send.clone(), ctx.clone());
        // A server may be slow, and files do not wait for it.
        let of_tables = looking(&files, EVERY_TABLE, table, send, ctx);
        Self { files, changed, _alive: [of_files, of_tables] }
    }

    /// Watches exactly these files. New ones count as unchanged from now on.
    pub fn set(&self, paths: &[PathBuf]) {
        let mut files = lock(&self.files);
        if files.len() == paths.len() && files.iter().zip(paths).all(|(known, path)| known.path == *path) {
            return;
        }
        let known = std::mem::take(&mut *files);
        *files = paths
            .iter()
            .map(|path| {
                let before = known.iter().find(|known| known.path == *path).cloned();
                before.unwrap_or_else(|| Watched { path: path.clone(), stamp: None, missing: 0 })
            })
            .collect();
    }

    /// A file that has changed or gone since the last call.
    pub fn next_changed(&self) -> Option<(PathBuf, Seen)> {
        // An empty channel and an ended thread mean the same here: nothing to tell.
        self.changed.try_recv().ok()
    }
}

/// Looks at what is watched again and again on a thread of its own, until what is returned is dropped. `look` gives
/// nothing for what is not its own, and where there is nothing to be told.
fn looking(
    files: &Files,
    every: Duration,
    look: fn(&Path) -> Option<Stamp>,
    send: mpsc::Sender<(PathBuf, Seen)>,
    ctx: egui::Context,
) -> mpsc::Sender<()> {
    let (alive, gone) = mpsc::channel::<()>();
    let watched = files.clone();
    let work = move || {
        while gone.recv_timeout(every) == Err(mpsc::RecvTimeoutError::Timeout) {
            let known = lock(&watched).clone();
            for path in known.into_iter().map(|watched| watched.path) {
                let Some(now) = look(&path) else { continue };
                let mut files = lock(&watched);
                let Some(file) = files.iter_mut().find(|known| known.path == path) else { continue };
                let seen = file.note(now);
                drop(files);
                if let Some(seen) = seen
                    && send.send((path, seen)).is_ok()
                {
                    ctx.request_repaint();
                }
            }
        }
    };
    // Without a thread nothing is noticed, and everything else works.
    drop(std::thread::Builder::new().name("watch files".to_owned()).spawn(work));
    alive
}

/// What a file is like.
fn file(path: &Path) -> Option<Stamp> {
    (!io::is_address(path)).then(|| stamp(path))
}

/// What a table is like: a number that changes with it. A server that does not answer says nothing about its tables.
#[cfg(feature = "postgis")]
fn table(path: &Path) -> Option<Stamp> {
    let state = io::is_address(path).then(|| io::state_of(path).ok())??;
    Some(Some((SystemTime::UNIX_EPOCH, u64::from_str_radix(&state, 16).ok()?)))
}

#[cfg(not(feature = "postgis"))]
fn table(_: &Path) -> Option<Stamp> {
    None
}

fn lock(files: &Files) -> std::sync::MutexGuard<'_, Vec<Watched>> {
    files.lock().unwrap_or_else(PoisonError::into_inner)
}

fn stamp(path: &Path) -> Stamp {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_gone_when_it_is_missing_twice() {
        let stamp = |size| Some((SystemTime::UNIX_EPOCH, size));
        let mut file = Watched { path: PathBuf::from("a"), stamp: None, missing: 0 };
        let looks = [
            (None, None),
            (None, None),
            (stamp(1), None),
            (stamp(1), None),
            // Replaced: away for one look.
            (None, None),
            (stamp(2), Some(Seen::Changed)),
            (None, None),
            (None, Some(Seen::Gone)),
            (None, None),
            (stamp(2), None),
        ];
        for (nth, (now, seen)) in looks.into_iter().enumerate() {
            assert_eq!(file.note(now), seen, "look {nth}");
        }
    }
}
