//! What keeps the session's work: the journal of what is not saved, and the lock of the project.

use std::path::{Path, PathBuf};

use eframe::egui;

use crate::io::FileLock;
use crate::scenario::journal::Journal;
use crate::ui::session::unsaved::writer::Writer;

pub mod writer;

/// What keeps the session's work.
#[derive(Default)]
pub struct Unsaved {
    /// The folder for work without a file; `None` where nothing is written: in tests, and without a home.
    pub(in crate::ui) folder: Option<PathBuf>,
    pub(in crate::ui) ctx: Option<egui::Context>,
    pub(in crate::ui) journal: Option<Journal>,
    pub(in crate::ui) writer: Option<Writer>,
    /// The lock of the project that is open, or of the place for work without a file.
    pub(in crate::ui) lock: Option<FileLock>,
    /// Whether the journal failed: said once, and tried again with the next change.
    pub(in crate::ui) failed: bool,
    /// Whether what is open was recovered and not saved since.
    pub(in crate::ui) recovered: bool,
}

impl Unsaved {
    /// Journals of work without a file in `folder`; wakes that window when something could not be written.
    pub fn in_folder(folder: &Path, ctx: egui::Context) -> Self {
        Self { folder: Some(folder.to_owned()), ctx: Some(ctx), ..Self::default() }
    }
}
