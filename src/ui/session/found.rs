//! What the search box found.

use crate::model::LayerId;

/// What was found for the last question.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// The question.
    pub query: String,
    /// Texts that matched, and the features that carry them.
    pub hits: Vec<Hit>,
    /// Whether there are more.
    pub more: bool,
    pub(in crate::ui) job: Option<u64>,
}

/// Features of one layer that carry one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The layer.
    pub layer: LayerId,
    /// The features, ascending.
    pub features: Vec<usize>,
    /// Name of the field.
    pub field: String,
    /// Its value.
    pub text: String,
}
