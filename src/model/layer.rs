//! A layer: named features of one geometry kind, from one source, in one CRS.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::attributes::{AttributeBlock, Column, Field, Value};
use super::formula::Formula;
use super::geometry::{Extent, GeometryBlock, GeometryKind};
use super::issue::Issue;
use super::source_words::SourceWords;
use super::style::LayerStyle;
pub use crate::crs::CrsSource;

use crate::crs::{Correction, Crs};
use crate::text::Message;

/// Identity of a layer within a running program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LayerId(pub u64);

/// A state of a layer: derived values remember the revision they came from and are recomputed when it differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Revision(pub u64);

impl Revision {
    /// A revision that was never given before.
    pub fn next() -> Self {
        Self(next_number())
    }
}

impl LayerId {
    /// An identity that was never given before.
    pub fn next() -> Self {
        Self(next_number())
    }
}

fn next_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Up to [`super::BLOCK_FEATURES`] features: geometry and attributes of the same rows. A copy shares everything.
#[derive(Clone, Debug)]
pub struct FeatureBlock {
    /// Their geometry.
    pub geometry: Arc<GeometryBlock>,
    /// Their attributes, columns in the order of [`Layer::fields`].
    pub attributes: Arc<AttributeBlock>,
    /// Their GeoJSON ids or the like; `None` when no feature of the block has one.
    pub ids: Option<Arc<Column>>,
    /// Index of each feature in the source file, from 0; empty when it is `first_row + row`.
    pub source_rows: Arc<[u32]>,
    /// Line of each feature in the source file, from 1; empty when unknown.
    pub lines: Arc<[u32]>,
}

impl FeatureBlock {
    /// Features with a geometry and nothing else: no attributes, no ids, no place in a source.
    pub fn of_geometry(geometry: impl Into<Arc<GeometryBlock>>) -> Self {
        Self::of_parts(geometry, AttributeBlock::default())
    }

    /// Features with geometry and attributes, and no place in a source.
    pub fn of_parts(geometry: impl Into<Arc<GeometryBlock>>, attributes: impl Into<Arc<AttributeBlock>>) -> Self {
        let (source_rows, lines) = (Arc::default(), Arc::default());
        Self { geometry: geometry.into(), attributes: attributes.into(), ids: None, source_rows, lines }
    }

    /// The rows `kept`, ascending, alone. `source_rows` are those of all rows, `first` the feature index of row 0.
    #[must_use]
    pub fn kept(&self, kept: &[u32], first: usize) -> Self {
        let of = |values: &[u32]| kept.iter().filter_map(|row| values.get(*row as usize).copied()).collect();
        let source_rows = match self.source_rows.is_empty() {
            true => kept.iter().map(|row| first as u32 + row).collect(),
            false => of(&self.source_rows),
        };
        if kept.len() == self.geometry.feature_count() {
            return Self { source_rows, ..self.clone() };
        }
        Self {
            geometry: Arc::new(self.geometry.kept(kept.iter().map(|row| *row as usize))),
            attributes: Arc::new(self.attributes.kept(kept)),
            ids: self.ids.as_ref().map(|ids| Arc::new(ids.kept(kept))),
            source_rows,
            lines: of(&self.lines),
        }
    }
}

/// Where a layer was read from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Provenance {
    /// The file, as opened; empty for synthetic layers.
    pub path: PathBuf,
    /// The name of the layer in the file, where the file can have several.
    pub layer: Option<String>,
    /// Format as shown: `GeoJSON`, `GeoJSON sequence`, `GeoJSON, gzip`.
    pub format: String,
    /// The encoding that the user said its text is in.
    pub encoding: Option<String>,
    /// Bytes of the file.
    pub byte_count: u64,
    /// Hash of the file's bytes, 64-bit, hexadecimal; empty when not computed.
    pub hash: String,
    /// What was undone of its coordinates after they were read; the file has them as they were.
    pub correction: Option<Arc<Correction>>,
}

/// Named features of one geometry kind in one CRS. Holds the coordinates of its file, unchanged.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Identity within the running program.
    pub id: LayerId,
    /// Changes whenever features or CRS do.
    pub revision: Revision,
    /// Changes whenever geometry or CRS do: what is derived from geometry alone outlives edits of attributes.
    pub shape: Revision,
    /// Name as shown: the file's name or the name it declares.
    pub name: String,
    /// What the features are.
    pub kind: GeometryKind,
    /// Reference system of the coordinates.
    pub crs: Crs,
    /// Where the CRS came from.
    pub crs_source: CrsSource,
    /// Why this CRS, in a sentence.
    pub crs_reason: Message,
    /// Whether the file had northing (or latitude) first, so that the reader swapped the coordinates.
    pub axes_swapped: bool,
    /// Columns of the attributes.
    pub fields: Arc<Vec<Field>>,
    /// The features.
    pub blocks: Vec<FeatureBlock>,
    /// First feature index of each block, and the feature count at the end.
    pub starts: Vec<usize>,
    /// Where it was read from.
    pub provenance: Provenance,
    /// What the reader found.
    pub issues: Arc<Vec<Issue>>,
    /// What the source says that its names and codes mean.
    pub words: Arc<SourceWords>,
    /// How the source draws the features, where it says.
    pub drawn: Option<Arc<LayerStyle>>,
    /// Whether [`Self::drawn`] was made by somebody for this layer: it is what the layer starts with, whatever its classes.
    pub drawn_on_purpose: bool,
    /// Those of the fields that are worked out from others.
    pub formulas: Arc<Vec<Formula>>,
}

impl Layer {
    /// A layer of `blocks`, all of `kind`.
    pub fn new(name: String, kind: GeometryKind, crs: Crs, fields: Vec<Field>, blocks: Vec<FeatureBlock>) -> Self {
        let mut starts = vec![0];
        for block in &blocks {
            starts.push(starts[starts.len() - 1] + block.geometry.feature_count());
        }
        let revision = Revision::next();
        Self {
            id: LayerId::next(),
            revision,
            shape: revision,
            name,
            kind,
            crs,
            crs_source: CrsSource::Format,
            crs_reason: Message::new("crs.reason-synthetic"),
            axes_swapped: false,
            fields: Arc::new(fields),
            blocks,
            starts,
            provenance: Provenance::default(),
            issues: Arc::default(),
            words: Arc::default(),
            drawn: None,
            drawn_on_purpose: false,
            formulas: Arc::default(),
        }
    }

    /// Features, null and empty ones included.
    pub fn feature_count(&self) -> usize {
        self.starts[self.starts.len() - 1]
    }

    /// Block and row of feature `feature`.
    ///
    /// # Panics
    /// When there is no such feature.
    pub fn locate(&self, feature: usize) -> (&FeatureBlock, usize) {
        let block = self.starts.partition_point(|start| *start <= feature) - 1;
        (&self.blocks[block], feature - self.starts[block])
    }

    /// Extent in the layer's CRS.
    pub fn extent(&self) -> Extent {
        let mut extent = Extent::EMPTY;
        for block in &self.blocks {
            extent.union(&block.geometry.extent());
        }
        extent
    }

    /// Index of the field of that name, exact first, then without regard to case.
    pub fn field(&self, name: &str) -> Option<usize> {
        let exact = self.fields.iter().position(|field| field.name == name);
        exact.or_else(|| self.fields.iter().position(|field| field.name.eq_ignore_ascii_case(name)))
    }

    /// The formula that gives the values of a field, where one does.
    pub fn formula(&self, field: usize) -> Option<&Formula> {
        let name = &self.fields.get(field)?.name;
        self.formulas.iter().find(|formula| formula.field == *name)
    }

    /// The value of `field` for `feature`; null past the last column.
    pub fn value(&self, feature: usize, field: usize) -> Value<'_> {
        let (block, row) = self.locate(feature);
        block.attributes.value(row, field)
    }

    /// The feature's id as text, where it has one.
    pub fn feature_id(&self, feature: usize) -> Option<String> {
        let (block, row) = self.locate(feature);
        match block.ids.as_ref()?.value(row) {
            Value::Null => None,
            value => Some(value.to_string()),
        }
    }

    /// Index of the feature in its source file, from 0.
    pub fn source_row(&self, feature: usize) -> u64 {
        let (block, row) = self.locate(feature);
        block.source_rows.get(row).map_or(feature as u64, |row| u64::from(*row))
    }

    /// Line of the feature in its source file, from 1, where known.
    pub fn line(&self, feature: usize) -> Option<u64> {
        let (block, row) = self.locate(feature);
        block.lines.get(row).map(|line| u64::from(*line))
    }

    /// Fills place and id of an issue about `feature`.
    pub fn issue_at(&self, feature: usize, issue: Issue) -> Issue {
        Issue {
            feature: Some(self.source_row(feature)),
            id: self.feature_id(feature),
            line: self.line(feature),
            ..issue
        }
    }

    /// The same layer with other features: what the kind, the CRS and the source are stays.
    #[must_use]
    pub fn with_blocks(&self, fields: Arc<Vec<Field>>, blocks: Vec<FeatureBlock>) -> Self {
        let mut starts = Vec::with_capacity(blocks.len() + 1);
        starts.push(0);
        for block in &blocks {
            starts.push(starts[starts.len() - 1] + block.geometry.feature_count());
        }
        Self { fields, blocks, starts, ..self.clone() }
    }

    /// Vertices, parts and holes over all blocks.
    pub fn counts(&self) -> (usize, usize, usize) {
        self.blocks.iter().fold((0, 0, 0), |(v, p, h), block| {
            let g = &block.geometry;
            (v + g.vertex_count(), p + g.part_count(), h + g.hole_count())
        })
    }
}
