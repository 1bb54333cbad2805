//! Selecting by location: what is asked, and what came of it.

use crate::model::LayerId;
use crate::scenario::locate::Relation;
use crate::text::Message;
use crate::ui::look::widgets::Tone;
use crate::ui::session::rows::SelectMode;

/// What features are located by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// All features of a layer.
    Layer(LayerId),
    /// What is selected, in whatever layers.
    Selection,
    /// The line or area that is being drawn.
    Sketch,
    /// A measurement that was kept.
    Measurement(usize),
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ask {
    /// The layer whose features are selected.
    pub layer: LayerId,
    /// Where they have to lie.
    pub relation: Relation,
    /// To what.
    pub by: By,
    /// What becomes of the selection.
    pub mode: SelectMode,
}

/// What the session knows of it.
#[derive(Debug, Default)]
pub struct Locating {
    /// Whether the window is open.
    pub open: bool,
    /// The work, while it runs.
    pub(in crate::ui) job: Option<u64>,
    /// What came of the last one.
    pub(in crate::ui) said: Option<(Tone, Message)>,
}
