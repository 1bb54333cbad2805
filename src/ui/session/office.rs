//! What the office knows about its layers, as the window holds it: read when it is first needed.

use std::path::PathBuf;

use crate::model::roles::office::Office;

/// What the office knows, and where that is kept.
#[derive(Debug, Default)]
pub struct Knowing {
    /// What it knows; empty until it was read.
    pub office: Office,
    /// Its file; `None` where nothing is kept.
    pub(in crate::ui) file: Option<PathBuf>,
    /// Whether the file was read.
    pub(in crate::ui) is_read: bool,
    /// Whether the file is there and cannot be understood: it is not written over.
    pub(in crate::ui) is_broken: bool,
}

/// The name of its file, beside the settings.
pub(in crate::ui) const FILE: &str = "office.toml";

impl Knowing {
    /// What is kept in that file.
    pub fn in_file(file: Option<PathBuf>) -> Self {
        Self { file, ..Self::default() }
    }
}
