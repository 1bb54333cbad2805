//! Layers that are not in the tree: taken out, so that they can come back, or never read because their source is missing.
//!
//! What scenarios changed of such a layer, and the pairs that they are made of, stay with the scenarios; what the tree
//! said of it stays here, as its record.

use std::path::PathBuf;
use std::sync::Arc;

use super::entry::Entry;
use super::record::{self, LayerRecord};
use crate::crs::{Correction, Crs};
use crate::io::{Encoding, OpenOptions, is_united};
use crate::model::{GeometryKind, Layer, LayerId};

/// A layer of the project file whose source could not be opened.
#[derive(Clone, Debug, PartialEq)]
pub struct AbsentLayer {
    /// Identity, which edits of it name.
    pub id: LayerId,
    /// Place that it had among all layers of the file.
    pub place: usize,
    /// What the file says of it, its path as the program sees it.
    pub record: LayerRecord,
}

/// A layer that was taken out of the tree.
#[derive(Clone, Debug)]
pub struct ClosedLayer {
    /// Identity, which stays when it comes back.
    pub id: LayerId,
    /// What the project file says of it, its path as the program sees it.
    pub record: LayerRecord,
    /// The layer itself, where it is in memory.
    pub(in crate::scenario) entry: Option<Box<Entry>>,
    /// Its place in the tree, where it shall come back as soon as its source is read.
    pub(in crate::scenario) wanted: Option<usize>,
}

/// A layer whose source is to be read so that it can come back.
#[derive(Clone, Debug)]
pub struct WantedLayer {
    /// Identity.
    pub id: LayerId,
    /// Its source.
    pub path: PathBuf,
    /// The CRS that the user gave it.
    pub crs: Option<Crs>,
    /// The encoding that the user gave its text.
    pub encoding: Option<Encoding>,
    /// What is undone of its coordinates.
    pub correction: Option<Arc<Correction>>,
    /// What its features are.
    pub kind: GeometryKind,
    /// Its name in the source.
    pub name: Option<String>,
}

impl WantedLayer {
    /// How its source is to be read.
    pub fn options(&self) -> OpenOptions {
        OpenOptions {
            crs: self.crs.clone(),
            encoding: self.encoding,
            correction: self.correction.clone(),
            layer: self.name.clone().filter(|name| is_united(Some(name.as_str()))),
            // It was open: what undo brings back must come.
            beyond_memory: true,
            ..OpenOptions::default()
        }
    }

    /// The layer itself among those of its source: that of its name, or one of its kind.
    pub fn choose(&self, layers: Vec<Layer>) -> Option<Layer> {
        let mut of_kind: Vec<Layer> = layers.into_iter().filter(|layer| layer.kind == self.kind).collect();
        let named = of_kind.iter().position(|layer| record::is_called(layer, self.name.as_deref())).unwrap_or(0);
        (named < of_kind.len()).then(|| of_kind.swap_remove(named))
    }
}
