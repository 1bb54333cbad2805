//! The rows of a table in their order.

use crate::ui::session::rows::Rows;

/// The rows of a table in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// All features of a layer as its file lists them.
    All(usize),
    /// These.
    Some(Vec<u32>),
}

impl Order {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        match self {
            Self::All(count) => *count,
            Self::Some(features) => features.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The feature in row `row`.
    pub fn feature(&self, row: usize) -> Option<usize> {
        match self {
            Self::All(count) => (row < *count).then_some(row),
            Self::Some(features) => features.get(row).map(|feature| *feature as usize),
        }
    }

    /// The row of `feature`, by looking through all.
    pub fn row_of(&self, feature: usize) -> Option<usize> {
        match self {
            Self::All(count) => (feature < *count).then_some(feature),
            Self::Some(features) => features.iter().position(|at| *at as usize == feature),
        }
    }

    /// The features of the rows from `from` to `to`, both included, whichever comes first.
    pub fn between(&self, from: usize, to: usize) -> Rows {
        (from.min(to)..=from.max(to)).filter_map(|row| self.feature(row)).collect()
    }
}
