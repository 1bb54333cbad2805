//! What a survey hands in, as it is ordered: which of its files, of which layer, written how.

use crate::model::LayerId;

/// Setting of the project that holds how coordinate TXT is written.
pub use crate::io::TEMPLATE_SETTING as TEMPLATE;

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// Coordinate TXT.
    Txt,
    /// The table of boundary points.
    Points,
    /// The table of the four sides.
    Sides,
}

/// Something to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// The layer; what is selected of it where anything is.
    pub layer: LayerId,
    /// What.
    pub product: Product,
    /// How, in the words of a template.
    pub words: String,
    /// The layer and the field that name neighbours.
    pub around: Option<(LayerId, String)>,
}
