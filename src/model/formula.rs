//! A field that is worked out from the others by an expression: what the document keeps of it. Its values are worked out
//! again wherever the layer is read or edited, so none are kept.

/// A field and the expression that gives its values, in the language of filters.
///
/// The language stands above this floor: here the expression is text.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Formula {
    /// Name of the field.
    pub field: String,
    /// The expression, as it was typed.
    pub expression: String,
}

impl Formula {
    /// Bytes that it takes.
    pub fn byte_count(&self) -> usize {
        size_of::<Self>() + self.field.len() + self.expression.len()
    }
}
