//! What control lines take of what is shown and selected, as far as it is known.

use std::sync::Arc;

use crate::model::{AreaMethod, LayerId, Revision};
use crate::scenario::lines::{LineFigures, LineKind};
use crate::text::Message;
use crate::ui::session::rows::Rows;

/// What shares are of.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::ui) struct Key {
    pub(in crate::ui) layer: LayerId,
    pub(in crate::ui) rows: RowsOf,
    /// The layer and the lines.
    pub(in crate::ui) of: Vec<(LayerId, Option<LineKind>, Revision)>,
}

#[derive(Clone, Debug)]
pub(in crate::ui) enum RowsOf {
    Feature(usize),
    Selection(Arc<Rows>),
}

impl PartialEq for RowsOf {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Feature(a), Self::Feature(b)) => a == b,
            (Self::Selection(a), Self::Selection(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

/// Shares of the control lines.
#[derive(Clone, Debug)]
pub struct Shares {
    /// The sums, one a line.
    pub figures: LineFigures,
    /// How areas were computed.
    pub method: AreaMethod,
    /// Name of the plane that edges are straight in.
    pub frame: String,
}

/// An answer, and the work on it.
#[derive(Debug, Default)]
pub struct Slot {
    pub(in crate::ui) key: Option<Key>,
    pub(in crate::ui) job: Option<u64>,
    pub(in crate::ui) answer: Option<Result<Option<Arc<Shares>>, Message>>,
}

impl Slot {
    /// The shares, `None` inside where there is no line; `None` outside while they are worked out.
    pub fn answer(&self) -> Option<&Result<Option<Arc<Shares>>, Message>> {
        self.answer.as_ref()
    }

    /// Whether anything is asked.
    pub fn is_asked(&self) -> bool {
        self.key.is_some()
    }

    /// The work, where it runs.
    pub fn job(&self) -> Option<u64> {
        self.job
    }
}

/// Shares of the feature shown, and of the selection.
#[derive(Debug, Default)]
pub struct LineShares {
    /// Of the feature that the inspector shows.
    pub feature: Slot,
    /// Of what is selected in the current layer, where that is not that feature alone.
    pub selection: Slot,
}
