//! Files on their way into the window: being read, waiting for an answer, asked for by path.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::crs::{Correction, Crs};
use crate::doctor::Ranked;
use crate::io::{Arrivals, Encoding, OpenOptions, Opened, ReadError};
use crate::model::{Issue, LayerId, Revision};
use crate::report::arrivals::{Arrival, Standing};
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

    /// `options` for a file whose reading goes on where it was stopped, watched from here.
    pub fn going_on(&self, options: OpenOptions, stopped: &Arrivals) -> OpenOptions {
        let arrivals = Arc::new(Arrivals::going_on(&options, stopped));
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
    /// Whether it is a password rather than a path: what is typed is not shown.
    pub(in crate::ui) secret: bool,
    /// What stands in the field at first.
    pub(in crate::ui) proposed: String,
    pub(in crate::ui) then: Box<dyn FnOnce(&mut Session, PathBuf)>,
}

/// The title of a file for sentences: its name without the folder; of a table without the server, and never a password.
pub fn file_title(path: &std::path::Path) -> String {
    if !crate::io::is_address(path) {
        return crate::io::shown_path(path.file_name().unwrap_or(path.as_os_str()));
    }
    let shown = crate::io::shown_path(path);
    let (server, table) = shown.split_at(shown.find('#').unwrap_or(shown.len()));
    let name = server.rsplit('/').next().unwrap_or_default();
    format!("{name}{table}")
}

/// Files of one call to open, each with what became of it.
#[derive(Debug, Default)]
pub struct OpenReport {
    /// The files.
    pub files: Vec<ArrivedFile>,
    /// Which of them is shown.
    pub shown: usize,
}

/// A file that was opened, that waits for an answer, or that cannot be read.
#[derive(Debug)]
pub struct ArrivedFile {
    /// What is known of it.
    pub arrival: Arrival,
    /// What was found about it.
    pub issues: Vec<Issue>,
    /// What was read of it, where its CRS waits to be confirmed.
    pub opened: Option<Box<Opened>>,
    /// Why it breaks off or is not read.
    pub error: Option<ReadError>,
    /// Features before the place where it breaks off.
    pub kept: u64,
    /// Readings of its coordinates, the likeliest first.
    pub ranked: Vec<Ranked>,
    /// The CRS that the user chose.
    pub chosen: Option<Crs>,
    /// What the reading that the user chose undoes of the coordinates.
    pub correction: Option<Arc<Correction>>,
    /// The encoding that the user chose.
    pub encoding: Option<Encoding>,
    /// Its layers in the tree, where it is open.
    pub layers: Vec<LayerId>,
    /// Whether it is being read again.
    pub rereading: bool,
    /// Whether it was joined to the layer that it goes with.
    pub joined: bool,
}

impl ArrivedFile {
    fn new(arrival: Arrival) -> Self {
        Self {
            arrival,
            issues: Vec::new(),
            opened: None,
            error: None,
            kept: 0,
            ranked: Vec::new(),
            chosen: None,
            correction: None,
            encoding: None,
            layers: Vec::new(),
            rereading: false,
            joined: false,
        }
    }

    /// A file that is open.
    pub fn open(arrival: Arrival, issues: Vec<Issue>, layers: Vec<LayerId>) -> Self {
        Self { issues, layers, ..Self::new(arrival) }
    }

    /// A file whose CRS is in doubt.
    pub fn undecided(arrival: Arrival, opened: Opened, ranked: Vec<Ranked>) -> Self {
        let issues = opened.issues.clone();
        let mut file = Self { issues, opened: Some(Box::new(opened)), ranked, ..Self::new(arrival) };
        file.choose_first();
        file
    }

    /// Chooses the likeliest reading.
    fn choose_first(&mut self) {
        let first = self.ranked.first();
        self.chosen = first.map(|ranked| ranked.crs().clone());
        self.correction = first.and_then(|ranked| ranked.correction.clone()).map(Arc::new);
    }

    /// Whether that reading is the one that was chosen.
    pub fn is_chosen(&self, ranked: &Ranked) -> bool {
        self.chosen.as_ref() == Some(ranked.crs()) && self.correction.as_deref() == ranked.correction.as_ref()
    }

    /// Takes other readings in the place of those that are offered. What the user chose stays chosen.
    pub(in crate::ui) fn offer(&mut self, ranked: Vec<Ranked>) {
        let is_untouched = self.ranked.first().is_some_and(|first| self.is_chosen(first));
        self.ranked = ranked;
        if is_untouched {
            self.choose_first();
        }
    }

    /// A file that breaks off after `kept` features.
    pub fn broken(arrival: Arrival, error: ReadError, kept: u64) -> Self {
        let arrival = Arrival { standing: Standing::Broken, ..arrival };
        Self { error: Some(error), kept, ..Self::new(arrival) }
    }

    /// A file that cannot be read.
    pub fn unread(arrival: Arrival) -> Self {
        Self::new(arrival)
    }

    /// Whether it waits for an answer.
    pub fn waits(&self) -> bool {
        self.opened.is_some() || self.error.is_some()
    }

    /// Whether nothing of it can be had.
    pub fn is_unread(&self) -> bool {
        !self.waits() && self.layers.is_empty()
    }
}

impl OpenReport {
    /// Files that wait for an answer.
    pub fn waiting_count(&self) -> usize {
        self.files.iter().filter(|file| file.waits()).count()
    }

    /// Files that are open.
    pub fn open_count(&self) -> usize {
        self.files.iter().filter(|file| !file.layers.is_empty()).count()
    }
}

/// An answer to the report.
#[derive(Clone, Debug, PartialEq)]
pub enum OpenChoice {
    /// Open none of those that wait; what is open stays.
    Cancel,
    /// Put the list aside, to look at the map.
    Aside,
    /// Show the n-th file.
    Show(usize),
    /// Read the n-th file in this CRS.
    Read {
        /// Which file.
        file: usize,
        /// The CRS.
        crs: Crs,
    },
    /// Read the n-th file with this undone of its coordinates.
    Correct {
        /// Which file.
        file: usize,
        /// What is undone.
        correction: Arc<Correction>,
    },
    /// Read the text of the n-th file in this encoding.
    Encode {
        /// Which file.
        file: usize,
        /// The encoding.
        encoding: Encoding,
    },
    /// Join the n-th file, a table, to the layer that it goes with.
    Join(usize),
    /// Do not open the n-th file.
    Leave(usize),
    /// Open the n-th file as it is shown.
    Open(usize),
    /// Open all that wait as they are shown.
    OpenAll,
}

/// Files of one call to open, until all of them were read or the card shows them.
#[derive(Debug, Default)]
pub struct Batch {
    /// What became of those that were read.
    pub report: OpenReport,
    pub(in crate::ui) expected: usize,
    pub(in crate::ui) read: usize,
}

/// The file of that path in the report that is shown or waits to be.
pub fn file_mut<'s>(session: &'s mut Session, path: &Path) -> Option<&'s mut ArrivedFile> {
    let shown = session.opened.iter_mut().flat_map(|report| &mut report.files);
    shown.chain(&mut session.batch.report.files).find(|file| file.arrival.path == *path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_names_and_never_hold_a_password() {
        let check = |path: &str, expected: &str| assert_eq!(file_title(Path::new(path)), expected);
        check("/a/地类图斑.shp", "地类图斑.shp");
        check("postgres://u@h:5432/gis#现状.dltb", "gis#现状.dltb");
        check("postgres://u:secret@h", "u:…@h");
        check("pg:user=u password=secret#t", "pg:user=u password=…#t");
    }
}
