//! What a class adds up to in one state.

use crate::model::classes::Class;
use crate::units::Area;

/// What a class of a layer adds up to.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassSum {
    /// Value of the class field, as text; empty for null.
    pub key: String,
    /// The land-use class that the value names.
    pub class: Option<Class>,
    /// Features of the class.
    pub feature_count: usize,
    /// Sum of the exact areas.
    pub exact: Area,
    /// Sum of the printed areas.
    pub printed: Area,
}
