//! What differs between two states of a layer: for holders of derived values that redo only what they must.

use std::sync::Arc;

use super::attributes::changed_rows;
use super::layer::Layer;

/// What differs between two states of a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changes {
    /// Nothing.
    None,
    /// Attributes of these features, ascending; geometry is the same.
    Rows(Vec<u32>),
    /// Features came or went, or geometry, fields or CRS differ: nothing is known row by row.
    All,
}

/// What changed from `old` to `new`, two states of one layer. Costs the changed rows where both came from one base by
/// edits.
pub fn changes(old: &Layer, new: &Layer) -> Changes {
    if old.revision == new.revision {
        return Changes::None;
    }
    let same_blocks = old.blocks.len() == new.blocks.len()
        && old.blocks.iter().zip(&new.blocks).all(|(a, b)| Arc::ptr_eq(&a.geometry, &b.geometry));
    if old.shape != new.shape || !same_blocks || old.fields.len() != new.fields.len() {
        return Changes::All;
    }
    let mut rows = Vec::new();
    for (at, (a, b)) in old.blocks.iter().zip(&new.blocks).enumerate() {
        if Arc::ptr_eq(&a.attributes, &b.attributes) {
            continue;
        }
        let start = new.starts[at] as u32;
        for field in 0..new.fields.len() {
            let found = changed_rows(a.attributes.shared_column(field), b.attributes.shared_column(field));
            rows.extend(found.unwrap_or_default().into_iter().map(|row| start + row));
        }
    }
    rows.sort_unstable();
    rows.dedup();
    if rows.is_empty() { Changes::None } else { Changes::Rows(rows) }
}
