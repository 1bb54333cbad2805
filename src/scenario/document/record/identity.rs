//! Which feature an edit meant, when its source was replaced.
//!
//! A feature is known by its row as long as the source has the same hash. Beside the row stand the id of the survey
//! (BSM and the like) and a hash of the geometry: in another version of the file a feature is found again where its
//! geometry is there exactly once, or where its id is there exactly once and either the geometry or every value that
//! was edited is still the same. Everything else is listed, not guessed.

use rustc_hash::FxHashMap;

use crate::io::hash_hex;
use crate::model::{GeometryBlock, Layer};
use crate::scenario::document::edit::Key;

/// Fields whose values name features, in this order.
const ID_FIELDS: [&str; 6] = ["BSM", "标识码", "TBBH", "图斑编号", "FID", "OBJECTID"];

/// What a feature is known by beside its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::scenario) struct Mark {
    /// Its id, empty where it has none.
    pub(in crate::scenario) id: String,
    /// Hash of its geometry.
    pub(in crate::scenario) geometry: String,
}

impl Mark {
    /// The line of a feature: `17 "0017" 8f3a9c…`.
    pub(in crate::scenario) fn text(&self, row: Key) -> String {
        format!("{row} {} {}", serde_json::Value::from(self.id.as_str()), self.geometry)
    }

    /// Reads what [`Self::text`] wrote.
    pub(in crate::scenario) fn read(text: &str) -> Option<(Key, Self)> {
        let (row, rest) = text.split_once(' ')?;
        let (id, geometry) = rest.rsplit_once(' ')?;
        let id: String = serde_json::from_str(id).ok()?; // no text: the line is not ours
        let row = row.parse().ok()?; // no number: not ours either
        Some((row, Self { id, geometry: geometry.to_owned() }))
    }
}

/// Index of the field that names features.
fn id_field(layer: &Layer) -> Option<usize> {
    ID_FIELDS.iter().find_map(|name| layer.field(name))
}

fn id_of(layer: &Layer, field: Option<usize>, feature: usize) -> String {
    let of_field = field.map(|field| layer.value(feature, field).to_string());
    of_field.filter(|id| !id.is_empty()).or_else(|| layer.feature_id(feature)).unwrap_or_default()
}

/// The marks of features of a layer as read.
pub(in crate::scenario) fn marks(layer: &Layer, features: &[u32]) -> Vec<Mark> {
    let field = id_field(layer);
    let mark = |feature: &u32| {
        let (block, row) = layer.locate(*feature as usize);
        Mark { id: id_of(layer, field, *feature as usize), geometry: geometry_hash(&block.geometry, row) }
    };
    features.iter().map(mark).collect()
}

/// The hash of a feature's geometry: its coordinates to the last bit, and how they are divided.
pub(in crate::scenario) fn geometry_hash(block: &GeometryBlock, row: usize) -> String {
    let coords = block.coord_range(row);
    let mut bytes = Vec::with_capacity(16 * coords.len() + 16);
    for c in &block.coords()[coords.clone()] {
        bytes.extend_from_slice(&c.x.to_le_bytes());
        bytes.extend_from_slice(&c.y.to_le_bytes());
    }
    for (part, ring) in block.polygon(row).rings() {
        bytes.extend_from_slice(&(part as u32).to_le_bytes());
        bytes.extend_from_slice(&(ring.len() as u32).to_le_bytes());
    }
    for path in block.paths(row) {
        bytes.extend_from_slice(&(path.len() as u32).to_le_bytes());
    }
    hash_hex(&bytes)
}

/// Finds features of another version of a source.
pub(in crate::scenario) struct Finder<'a> {
    layer: &'a Layer,
    field: Option<usize>,
    /// The feature with a mark; `None` where several have it.
    by_geometry: FxHashMap<String, Option<u32>>,
    by_id: FxHashMap<String, Option<u32>>,
}

impl<'a> Finder<'a> {
    pub(in crate::scenario) fn new(layer: &'a Layer) -> Self {
        let field = id_field(layer);
        let mut finder = Self { layer, field, by_geometry: FxHashMap::default(), by_id: FxHashMap::default() };
        for feature in 0..layer.feature_count() as u32 {
            let (block, row) = layer.locate(feature as usize);
            let note = |map: &mut FxHashMap<String, Option<u32>>, mark: String| {
                map.entry(mark).and_modify(|found| *found = None).or_insert(Some(feature));
            };
            note(&mut finder.by_geometry, geometry_hash(&block.geometry, row));
            let id = id_of(layer, field, feature as usize);
            if !id.is_empty() {
                note(&mut finder.by_id, id);
            }
        }
        finder
    }

    /// The feature with that mark, once in row `row`; `None` where that is not beyond doubt. `is_same` says whether a
    /// feature has the values that the edits found.
    pub(in crate::scenario) fn find(&self, row: u32, mark: &Mark, is_same: impl Fn(u32) -> bool) -> Option<u32> {
        if let Some(Some(found)) = self.by_geometry.get(&mark.geometry) {
            return Some(*found);
        }
        let has_mark = |feature: u32| {
            let (block, at) = self.layer.locate(feature as usize);
            geometry_hash(&block.geometry, at) == mark.geometry
                && id_of(self.layer, self.field, feature as usize) == mark.id
        };
        // Several with the same geometry: the one in its old place, with its old id.
        if self.by_geometry.contains_key(&mark.geometry) {
            return Some(row).filter(|row| (*row as usize) < self.layer.feature_count() && has_mark(*row));
        }
        let found = self.by_id.get(&mark.id).copied().flatten()?;
        is_same(found).then_some(found)
    }
}
