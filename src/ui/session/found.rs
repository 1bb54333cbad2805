//! What the search box found.

use crate::model::LayerId;
use crate::ui::session::awaited::Awaited;

/// What is found for the question that was asked last.
pub type Found = Awaited<String, Hits>;

/// What was found for a question.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hits {
    /// Texts that matched, and the features that carry them.
    pub list: Vec<Hit>,
    /// Whether there are more.
    pub more: bool,
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
