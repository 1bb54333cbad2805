//! Files on their way into the window: being read, waiting for an answer, asked for by path.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::crs::Crs;
use crate::doctor::Ranked;
use crate::io::{Arrivals, OpenOptions, Opened, ReadError};
use crate::model::Revision;
use crate::ui::session::Session;

/// The files that a job reads, as it comes to them. Clones are the same.
#[derive(Clone, Default)]
pub struct Expected(pub(in crate::ui) Arc<Mutex<Vec<Arc<Arrivals>>>>);

impl Expected {
    /// `options` for a file that is read next, watched from here.
    pub fn next_file(&self, options: OpenOptions) -> OpenOptions {
        let arrivals = Arc::new(Arrivals::new(&options));
        self.list().push(arrivals.clone());
        OpenOptions { arrivals: Some(arrivals), ..options }
    }

    pub(in crate::ui) fn list(&self) -> MutexGuard<'_, Vec<Arc<Arrivals>>> {
        // The list is whole also where a thread has panicked beside it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Files that a job reads.
pub struct Arriving {
    /// The file, or the project whose sources they are.
    pub path: PathBuf,
    pub(in crate::ui) files: Expected,
    pub(in crate::ui) job: u64,
    /// Shapes of their layers, once they were read.
    pub(in crate::ui) shapes: Vec<Revision>,
}

/// What the card is open for.
pub struct Asked {
    pub(in crate::ui) title: &'static str,
    /// Whether the file is to be written.
    pub(in crate::ui) saves: bool,
    /// What stands in the field at first.
    pub(in crate::ui) proposed: String,
    pub(in crate::ui) then: Box<dyn FnOnce(&mut Session, PathBuf)>,
}

/// The title of a file for sentences: its name without the folder.
pub fn file_title(path: &std::path::Path) -> String {
    crate::io::shown_path(path.file_name().unwrap_or(path.as_os_str()))
}

/// Files that were opened and wait for an answer.
#[derive(Debug, Default)]
pub struct OpenReport {
    /// The files.
    pub files: Vec<PendingFile>,
    /// Which of them is shown.
    pub shown: usize,
}

/// A file that waits for an answer.
#[derive(Debug)]
pub struct PendingFile {
    /// The file.
    pub path: PathBuf,
    /// What was read of it, where only its CRS is in doubt.
    pub opened: Option<Box<Opened>>,
    /// Why it breaks off.
    pub error: Option<ReadError>,
    /// Features before the place where it breaks off.
    pub kept: u64,
    /// Readings of its coordinates, the likeliest first.
    pub ranked: Vec<Ranked>,
    /// The CRS that the user chose.
    pub chosen: Option<Crs>,
}

impl PendingFile {
    /// A file whose CRS is in doubt.
    pub fn undecided(path: PathBuf, opened: Opened, ranked: Vec<Ranked>) -> Self {
        let chosen = ranked.first().map(|ranked| ranked.hypothesis.crs.clone());
        Self { path, opened: Some(Box::new(opened)), error: None, kept: 0, ranked, chosen }
    }

    /// A file that breaks off after `kept` features.
    pub fn broken(path: PathBuf, error: ReadError, kept: u64) -> Self {
        Self { path, opened: None, error: Some(error), kept, ranked: Vec::new(), chosen: None }
    }
}

/// An answer to the report.
#[derive(Clone, Debug, PartialEq)]
pub enum OpenChoice {
    /// Open none of them.
    Cancel,
    /// Show the n-th file.
    Show(usize),
    /// Read the n-th file in this CRS.
    Read {
        /// Which file.
        file: usize,
        /// The CRS.
        crs: Crs,
    },
    /// Do not open the n-th file.
    Leave(usize),
    /// Open the n-th file as it is shown.
    Open(usize),
    /// Open all as they are shown.
    OpenAll,
}
