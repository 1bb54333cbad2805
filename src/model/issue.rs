//! What was found wrong with a feature or a file, in a form that any language can say.

use super::Coord;
use crate::text::{Language, Message};

/// How much an issue matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; nothing was changed.
    Note,
    /// Read or measured in spite of a flaw, in the way the message says.
    Warning,
    /// Something could not be read or measured.
    Error,
}

/// One finding, located as closely as the source allows.
#[derive(Clone, Debug, PartialEq)]
pub struct Issue {
    /// How much it matters.
    pub severity: Severity,
    /// What was found; its key without the floor is the `kind` of JSON reports.
    pub message: Message,
    /// Feature index in the source file, from 0.
    pub feature: Option<u64>,
    /// The feature's own id, where it has one.
    pub id: Option<String>,
    /// Line in the source file, from 1.
    pub line: Option<u64>,
    /// Where it is, in the coordinates of the file, where it is about one point.
    pub place: Option<Coord>,
    /// Area in m² before and after a repair, where there was one.
    pub area_m2: Option<(f64, f64)>,
}

impl Issue {
    /// An issue that is not about a single feature.
    pub fn new(severity: Severity, message: Message) -> Self {
        Self { severity, message, feature: None, id: None, line: None, place: None, area_m2: None }
    }

    /// The word of JSON reports: the key after its floor, `io.short-ring` → `short-ring`.
    pub fn kind(&self) -> &'static str {
        self.message.key.rsplit('.').next().unwrap_or(self.message.key)
    }

    /// The sentence in `language`, without the place.
    pub fn text(&self, language: Language) -> String {
        self.message.text(language)
    }
}
