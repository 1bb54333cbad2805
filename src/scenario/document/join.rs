//! A join as data: which table stands behind a layer, and by which fields.

use std::path::PathBuf;
use std::sync::Arc;

use crate::model::{GeometryKind, Layer, LayerId};

/// A table that is joined to a layer.
#[derive(Clone, Debug)]
pub struct Join {
    /// Its source.
    pub path: PathBuf,
    /// Its name in the source, where that can have several.
    pub layer: Option<String>,
    /// What its rows are besides: most tables have no geometry.
    pub kind: GeometryKind,
    /// What it is called in sentences and names of fields.
    pub title: String,
    /// The layer's key field.
    pub key: String,
    /// The table's key field.
    pub table_key: String,
    /// The table, once it was read.
    pub table: Option<Arc<Layer>>,
}

/// Two joins are the same where they say the same, whether their tables were read or not.
impl PartialEq for Join {
    fn eq(&self, other: &Self) -> bool {
        (&self.path, &self.layer, self.kind, &self.title, &self.key, &self.table_key)
            == (&other.path, &other.layer, other.kind, &other.title, &other.key, &other.table_key)
    }
}

impl Join {
    /// A join of `table`, as it is open, by these fields.
    pub fn of(table: Arc<Layer>, title: &str, key: &str, table_key: &str) -> Self {
        Self {
            path: table.provenance.path.clone(),
            layer: table.provenance.layer.clone(),
            kind: table.kind,
            title: title.to_owned(),
            key: key.to_owned(),
            table_key: table_key.to_owned(),
            table: Some(table),
        }
    }

    /// The table among the layers of its source.
    pub fn choose(&self, layers: Vec<Layer>) -> Option<Layer> {
        let named = |layer: &Layer| self.layer.is_none() || layer.provenance.layer == self.layer;
        let of_kind = layers.iter().position(|layer| layer.kind == self.kind && named(layer));
        let at = of_kind.or_else(|| layers.iter().position(named))?;
        layers.into_iter().nth(at)
    }

    /// Bytes that it takes, its table among them.
    pub(in crate::scenario) fn byte_count(&self) -> usize {
        let blocks = self.table.iter().flat_map(|table| &table.blocks);
        let text = self.title.len() + self.key.len() + self.table_key.len() + self.path.as_os_str().len();
        size_of::<Self>() + text + blocks.map(|block| block.attributes.byte_count()).sum::<usize>()
    }
}

/// A table of a join that is to be read.
#[derive(Clone, Debug, PartialEq)]
pub struct WantedTable {
    /// The layer that it is joined to.
    pub layer: LayerId,
    /// The join.
    pub join: Join,
}
