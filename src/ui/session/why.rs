//! The question why a figure is what it is: the figure with all that it rests on, and what it is made of. It is put
//! together where the figure is shown, from the same values.

use std::sync::Arc;

use crate::model::{Areas, Layer, LayerId, Revision};
use crate::report::figure::Figure;
use crate::ui::session::compare::pick::Pick;
use crate::ui::session::compare::shown::Shown;
use crate::ui::session::rows::Rows;

/// A figure that was asked about.
#[derive(Clone, Debug)]
pub struct Why {
    /// The figure.
    pub figure: Figure,
    /// What it is made of.
    pub parts: Parts,
    /// The layers that it comes from, as they were.
    pub of: Vec<(LayerId, Revision)>,
}

/// What a figure is made of.
#[derive(Clone, Debug)]
pub enum Parts {
    /// Nothing that could be listed.
    None,
    /// Features of a layer.
    Rows {
        /// The layer.
        layer: Arc<Layer>,
        /// Its areas, once measured.
        areas: Option<Arc<Areas>>,
        /// The features.
        rows: Rows,
    },
    /// Pieces of a comparison.
    Pieces(Arc<Shown>, Pick),
    /// A row of the ledger of conflicts, by its place.
    Conflict(usize),
    /// What misses a rule, by its place.
    Breaches(usize),
}

impl PartialEq for Why {
    /// Whether both are the same question. The layers tell what the parts are of.
    fn eq(&self, other: &Self) -> bool {
        let same_parts = match (&self.parts, &other.parts) {
            (Parts::None, Parts::None) => true,
            (Parts::Rows { rows: a, .. }, Parts::Rows { rows: b, .. }) => a == b,
            (Parts::Pieces(a, of_a), Parts::Pieces(b, of_b)) => Arc::ptr_eq(a, b) && of_a == of_b,
            (Parts::Conflict(a), Parts::Conflict(b)) | (Parts::Breaches(a), Parts::Breaches(b)) => a == b,
            _ => false,
        };
        same_parts && self.figure == other.figure && self.of == other.of
    }
}
