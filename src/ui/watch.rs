//! Notices when an opened file changes on disk.
//!
//! A thread of its own looks at size and time of each file every two seconds: a folder on the network may answer slowly,
//! and the window must not wait for it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, SystemTime};

use eframe::egui;

/// Time between two looks.
const EVERY: Duration = Duration::from_secs(2);

type Stamp = Option<(SystemTime, u64)>;
type Files = Arc<Mutex<Vec<(PathBuf, Stamp)>>>;

/// The files that are watched.
#[derive(Debug)]
pub struct Watch {
    files: Files,
    changed: mpsc::Receiver<PathBuf>,
    // Dropping it ends the thread.
    _alive: mpsc::Sender<()>,
}

impl Watch {
    /// Starts to watch; wakes the window when something has changed.
    pub fn start(ctx: egui::Context) -> Self {
        let files = Files::default();
        let (send, changed) = mpsc::channel();
        let (alive, gone) = mpsc::channel::<()>();
        let watched = files.clone();
        let work = move || {
            while gone.recv_timeout(EVERY) == Err(mpsc::RecvTimeoutError::Timeout) {
                let known = lock(&watched).clone();
                for (path, before) in known {
                    let now = stamp(&path);
                    // A file that is gone for a moment is being replaced: the next look tells.
                    if now.is_some() && now != before {
                        let mut files = lock(&watched);
                        let Some(file) = files.iter_mut().find(|(known, _)| *known == path) else { continue };
                        file.1 = now;
                        drop(files);
                        if before.is_some() && send.send(path).is_ok() {
                            ctx.request_repaint();
                        }
                    }
                }
            }
        };
        // Without a thread nothing is noticed, and everything else works.
        drop(std::thread::Builder::new().name("watch files".to_owned()).spawn(work));
        Self { files, changed, _alive: alive }
    }

    /// Watches exactly these files. New ones count as unchanged from now on.
    pub fn set(&self, paths: &[PathBuf]) {
        let mut files = lock(&self.files);
        if files.len() == paths.len() && files.iter().zip(paths).all(|((known, _), path)| known == path) {
            return;
        }
        let known = std::mem::take(&mut *files);
        *files = paths
            .iter()
            .map(|path| known.iter().find(|(k, _)| k == path).cloned().unwrap_or_else(|| (path.clone(), None)))
            .collect();
    }

    /// A file that has changed since the last call.
    pub fn next_changed(&self) -> Option<PathBuf> {
        // An empty channel and an ended thread mean the same here: nothing to tell.
        self.changed.try_recv().ok()
    }
}

fn lock(files: &Files) -> std::sync::MutexGuard<'_, Vec<(PathBuf, Stamp)>> {
    files.lock().unwrap_or_else(PoisonError::into_inner)
}

fn stamp(path: &Path) -> Stamp {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}
