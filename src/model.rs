//! Columns of geometry and attributes in blocks, and the layers made of them.
//!
//! A layer is a list of [`FeatureBlock`]s of up to [`BLOCK_FEATURES`] features, immutable and shared by `Arc`: the
//! parallel reader fills them without a merge, the GPU uploads and drops them one by one, and an edit or a scenario
//! shares all but the block that it touches. Nothing here opens a file or measures.

pub mod areas;
pub mod attributes;
pub mod changes;
pub mod classes;
pub mod conversion;
pub mod formula;
pub mod geometry;
pub mod index;
pub mod issue;
pub mod join;
pub mod keys;
pub mod layer;
pub mod layout;
pub mod no_value;
pub mod roles;
pub mod source_words;
pub mod style;
pub mod union;

pub use areas::{AreaMethod, Areas};
pub use attributes::{AttributeBlock, AttributeBuilder, Column, Field, FieldType, Overrides, OwnedValue, Value};
pub use changes::Changes;
pub use formula::Formula;
pub use geometry::{Coord, Extent, GeometryBlock, GeometryBuilder, GeometryKind, PartView, Polygon};
pub use issue::{Issue, Severity};
pub use layer::{CrsSource, FeatureBlock, Layer, LayerId, Provenance, Revision};
pub use no_value::{NoValue, NoValues};
pub use source_words::{FieldWords, SourceWords};

/// Most features that one block holds.
pub const BLOCK_FEATURES: usize = 65_536;
