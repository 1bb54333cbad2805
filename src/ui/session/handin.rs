//! The hand-in check of the open layers, as far as it is known.

use std::path::PathBuf;
use std::sync::Arc;

use crate::model::{LayerId, Revision};
use crate::ui::session::awaited::Awaited;
pub use crate::validate::Answer;

/// What layers are held against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaChoice {
    /// A schema in the program, by its word.
    BuiltIn(&'static str),
    /// A file of the office.
    File(PathBuf),
}

/// Which layers an answer is of, and what they were held against.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    pub(in crate::ui) layers: Vec<(LayerId, Revision)>,
    pub(in crate::ui) choice: SchemaChoice,
    /// Counts how often it was asked for: a file of the same name may say something else by now.
    pub(in crate::ui) asked: u64,
}

/// What was found, and the work on it.
#[derive(Default)]
pub struct HandIn {
    /// The faults of the layers as they were when that was asked for.
    pub answer: Awaited<Key, Arc<Answer>>,
    /// What the user has chosen to hold them against; nothing yet.
    pub choice: Option<SchemaChoice>,
    pub(in crate::ui) asked: u64,
}

impl HandIn {
    /// Whether it was ever asked for, so that there is something to be shown.
    pub fn is_asked(&self) -> bool {
        self.answer.key().is_some() || self.answer.problem().is_some()
    }
}
