//! Notices when an opened file changes on disk, or a table in its database.
//!
//! A thread of its own looks at size and time of each file every two seconds: a folder on the network may answer
//! slowly, and the window must not wait for it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant, SystemTime};

use eframe::egui;
use rustc_hash::FxHashMap;

use crate::io;

/// Time between two looks.
const EVERY: Duration = Duration::from_secs(2);
/// The same for tables of a database, which the server counts each time.
const EVERY_TABLE: Duration = Duration::from_secs(60);

/// Time between two looks at the same thing, in the time that a look takes: what is slow is not kept busy.
const EASE: u32 = 20;

/// What tells one state of a file or a table from another; `None` where that is not known.
pub(in crate::ui) type Stamp = Option<(SystemTime, u64)>;
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
    /// As it was when it was read, where that is known.
    read: Stamp,
    /// As it was seen last; where nothing is known of it, `None` before the first look.
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

    /// Watches exactly these files, each with what it was like when it was read, where that is known. Others count as
    /// unchanged from now on.
    pub(in crate::ui) fn set(&self, wanted: &[(PathBuf, Stamp)]) {
        let mut files = lock(&self.files);
        let is_known = |known: &Watched, (path, read): &(PathBuf, Stamp)| known.path == *path && known.read == *read;
        if files.len() == wanted.len() && files.iter().zip(wanted).all(|(known, wanted)| is_known(known, wanted)) {
            return;
        }
        let before = std::mem::take(&mut *files);
        let watched = wanted.iter().map(|wanted| {
            let known = before.iter().find(|known| is_known(known, wanted)).cloned();
            known.unwrap_or_else(|| Watched { path: wanted.0.clone(), read: wanted.1, stamp: wanted.1, missing: 0 })
        });
        *files = watched.collect();
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
        let mut due: FxHashMap<PathBuf, Instant> = FxHashMap::default();
        while gone.recv_timeout(every) == Err(mpsc::RecvTimeoutError::Timeout) {
            let known = lock(&watched).clone();
            due.retain(|path, _| known.iter().any(|watched| watched.path == *path));
            for path in known.into_iter().map(|watched| watched.path) {
                let begun = Instant::now();
                if due.get(&path).is_some_and(|due| begun < *due) {
                    continue;
                }
                let seen = look(&path);
                due.insert(path.clone(), Instant::now() + EASE * begun.elapsed());
                let Some(now) = seen else { continue };
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

/// The stamp of a table that was read in that state, as its provenance says it.
pub(in crate::ui) fn of_table(state: &str) -> Stamp {
    Some((SystemTime::UNIX_EPOCH, u64::from_str_radix(state, 16).ok()?)) // none: not known
}

/// What a table is like: a number that changes with it. A server that does not answer says nothing about its tables.
#[cfg(feature = "postgis")]
fn table(path: &Path) -> Option<Stamp> {
    let state = io::is_address(path).then(|| io::state_of(path).ok())??;
    of_table(&state).map(Some)
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
        let mut file = Watched { path: PathBuf::from("a"), read: None, stamp: None, missing: 0 };
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

    #[test]
    fn a_table_that_changed_after_it_was_read_is_noticed_at_the_first_look() {
        let files = Files::default();
        let (_, changed) = mpsc::channel();
        let watch = Watch { files, changed, _alive: [mpsc::channel().0, mpsc::channel().0] };
        let path = PathBuf::from("pg:#dltb");
        let noted = |now: Stamp| lock(&watch.files)[0].note(now);
        watch.set(&[(path.clone(), of_table("a0"))]);
        assert_eq!(noted(of_table("a1")), Some(Seen::Changed));
        // Said once; and nothing is new once it was read as it is now.
        watch.set(&[(path.clone(), of_table("a0"))]);
        assert_eq!(noted(of_table("a1")), None);
        watch.set(&[(path.clone(), of_table("a1"))]);
        assert_eq!(noted(of_table("a1")), None);
        watch.set(&[(path, of_table("no number"))]);
        assert_eq!(noted(of_table("a2")), None, "as it is from now on");
    }
}
