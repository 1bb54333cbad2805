//! What control lines take of what is shown and selected, as far as it is known.

use std::sync::Arc;

use crate::model::{AreaMethod, LayerId, Revision};
use crate::scenario::lines::{LineFigures, LineKind};
use crate::ui::session::awaited::Awaited;
use crate::ui::session::rows::Rows;

/// What shares are of.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    pub(in crate::ui) layer: LayerId,
    pub(in crate::ui) rows: RowsOf,
    /// The layer and the lines.
    pub(in crate::ui) of: Vec<(LayerId, Option<LineKind>, Revision)>,
}

/// The features that shares are of.
#[derive(Clone, Debug)]
pub enum RowsOf {
    /// One.
    Feature(usize),
    /// What is selected.
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

/// Shares, and the work on them; `None` where there is no line.
pub type Answer = Awaited<Key, Option<Arc<Shares>>>;

/// Shares of the feature shown, and of the selection.
#[derive(Default)]
pub struct LineShares {
    /// Of the feature that the inspector shows.
    pub feature: Answer,
    /// Of what is selected in the current layer, where that is not that feature alone.
    pub selection: Answer,
}

impl LineShares {
    /// Has them worked out after all.
    pub fn retry(&mut self) {
        self.feature.retry();
        self.selection.retry();
    }
}
