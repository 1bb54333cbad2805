//! What is written down of the document: plain records, which the project file and the journal hold as they are.
//!
//! The document keeps them of what is not at hand: layers whose source is missing or that were taken out, edits of
//! features that are not found again.
//!
//! | file | holds |
//! |---|---|
//! | `words` | values that stand as words and codes |
//! | `style` | styles |
//! | `planned` | what a scenario changes of a layer |
//! | `join` | tables joined to a layer |
//! | `marks` | bookmarks and notes on the map |
//! | `mapping` | what somebody said it is, and its classes in another scheme |
//! | `correction` | what is undone of its coordinates |
//! | `lines` | edits as lines of text |
//! | `identity` | which feature a line meant, when its source was replaced |
//! | `underlay` | what lies beneath the plan |
//! | `paths` | paths as seen from a folder |

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::entry::Entry;
use super::table_layout::TableLayout;
use crate::crs::Crs;
use crate::model::style::defaults;
use crate::model::{Formula, Layer};

pub(in crate::scenario) mod correction;
pub(in crate::scenario) mod identity;
pub(in crate::scenario) mod join;
pub mod labels;
pub(in crate::scenario) mod lines;
pub(in crate::scenario) mod mapping;
pub(in crate::scenario) mod marks;
pub(in crate::scenario) mod paths;
pub mod planned;
pub mod style;
pub mod underlay;
pub mod words;

use correction::CorrectionRecord;
use join::JoinRecord;
use mapping::{ConversionRecord, MappingRecord};
use paths::{far_path, joined, relative};
use style::StyleRecord;
use words::{CrsCode, KindWord, MethodWord, RoleWord, is_no, is_yes, yes};

/// A layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerRecord {
    /// Its source, relative to the project file, with forward slashes.
    pub path: String,
    /// Kind of geometry: tells the layers of one source apart.
    pub kind: KindWord,
    /// Its name in the source, for sources of several layers of one kind; any of the kind without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<String>,
    /// Whether it was taken out of the tree; scenarios still speak of it.
    #[serde(default, skip_serializing_if = "is_no")]
    pub removed: bool,
    /// Name in the tree, where it is the user's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it is in planning terms.
    pub role: RoleWord,
    /// Heading that it stands under.
    pub group: String,
    /// Whether it is drawn.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub visible: bool,
    /// Whether its classes are listed.
    #[serde(default, skip_serializing_if = "is_no")]
    pub open: bool,
    /// The CRS that the user gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crs: Option<CrsCode>,
    /// The encoding that the user gave its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// How its areas are computed, where that is not the survey's method.
    #[serde(default, skip_serializing_if = "MethodWord::is_usual")]
    pub method: MethodWord,
    /// Bytes of the source when it was last read.
    #[serde(default)]
    pub bytes: u64,
    /// Hash of the source when it was last read.
    #[serde(default)]
    pub hash: String,
    /// What is undone of its coordinates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correction: Option<CorrectionRecord>,
    /// Tables that are joined to it.
    #[serde(default, rename = "join", skip_serializing_if = "Vec::is_empty")]
    pub joins: Vec<JoinRecord>,
    /// Its classes in another scheme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversion: Option<ConversionRecord>,
    /// What somebody said it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapping: Option<MappingRecord>,
    /// Its fields that are worked out by expressions.
    #[serde(default, rename = "formula", skip_serializing_if = "Vec::is_empty")]
    pub formulas: Vec<Formula>,
    /// How its table is laid out, where that is not the usual way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<TableLayout>,
    /// Its style, where it is not the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub style: Option<StyleRecord>,
}

/// A record of a CRS that is not asked of PROJ twice.
impl From<Crs> for CrsCode {
    fn from(crs: Crs) -> Self {
        Self(crs)
    }
}

/// The record of a layer that is about to be away: its path as the program sees it.
pub(in crate::scenario) fn record_away(entry: &Entry) -> LayerRecord {
    let joins = entry.joins.iter().map(|join| JoinRecord::of_join(join, far_path(&join.path))).collect();
    LayerRecord { path: far_path(&entry.layer.provenance.path), joins, ..record_of_entry(entry, Path::new("")) }
}

/// A record of a file in `folder` for memory: its path does not depend on the folder.
pub(in crate::scenario) fn seen_from_anywhere(folder: &Path, record: &LayerRecord) -> LayerRecord {
    with_paths(record, |path| far_path(&joined(folder, path)))
}

/// A record of memory for a file in `folder`.
pub(in crate::scenario) fn seen_from(folder: &Path, record: &LayerRecord) -> LayerRecord {
    with_paths(record, |path| relative(folder, &joined(Path::new(""), path)))
}

/// A record whose paths are written otherwise.
fn with_paths(record: &LayerRecord, path: impl Fn(&str) -> String) -> LayerRecord {
    let join = |join: &JoinRecord| JoinRecord { path: path(&join.path), ..join.clone() };
    LayerRecord { path: path(&record.path), joins: record.joins.iter().map(join).collect(), ..record.clone() }
}

/// Whether a layer has that name in its source.
pub(in crate::scenario) fn is_called(layer: &Layer, name: Option<&str>) -> bool {
    name == Some(layer.provenance.layer.as_deref().unwrap_or(&layer.name))
}

/// An entry of a record whose paths are as the program sees them; tables that it joins are still to be read.
pub(in crate::scenario) fn entry_of_record(layer: Layer, record: LayerRecord) -> Entry {
    let mut entry = Entry::recognised(Arc::new(layer), 0);
    if let Some(title) = record.title {
        entry.title = title;
    }
    entry.mapping = record.mapping.map(|mapping| Arc::new(mapping.into_mapping()));
    if entry.mapping.is_some() {
        entry.recognise_again();
        entry.style = defaults::for_layer(&entry.layer, &entry.recognition, 0);
    }
    if entry.role != record.role.0 {
        entry.set_role(record.role.0, 0);
    }
    if let Some(style) = record.style {
        entry.style = style.into_style(&entry.style);
    }
    entry.visible = record.visible;
    entry.open = record.open;
    entry.group = record.group;
    entry.crs_override = record.crs.map(|crs| crs.0);
    entry.correction = record.correction.map(|correction| correction.0);
    entry.method = record.method.0;
    let join = |record: JoinRecord| {
        let path = joined(Path::new(""), &record.path);
        record.into_join(path)
    };
    entry.joins = record.joins.into_iter().map(join).collect();
    entry.conversion = record.conversion.map(|conversion| Arc::new(conversion.into_conversion()));
    entry.formulas = Arc::new(record.formulas);
    entry.table = record.table.unwrap_or_default();
    entry.apply_joins();
    entry
}

pub(in crate::scenario) fn record_of_entry(entry: &Entry, folder: &Path) -> LayerRecord {
    let provenance = &entry.layer.provenance;
    let first = defaults::for_layer(entry.unjoined(), &entry.recognition, 0);
    LayerRecord {
        path: relative(folder, &provenance.path),
        kind: KindWord(entry.layer.kind),
        layer: provenance.layer.clone().or_else(|| (!entry.layer.name.is_empty()).then(|| entry.layer.name.clone())),
        removed: false,
        title: (entry.title != entry.layer.name).then(|| entry.title.clone()),
        role: RoleWord(entry.role),
        group: entry.group.clone(),
        visible: entry.visible,
        open: entry.open,
        crs: entry.crs_override.clone().map(CrsCode),
        encoding: provenance.encoding.clone(),
        correction: entry.correction.clone().map(CorrectionRecord),
        method: MethodWord(entry.method),
        bytes: provenance.byte_count,
        hash: provenance.hash.clone(),
        joins: entry.joins.iter().map(|join| JoinRecord::of_join(join, relative(folder, &join.path))).collect(),
        conversion: entry.conversion.as_deref().map(ConversionRecord::of_conversion),
        mapping: entry.mapping.as_deref().map(MappingRecord::of_mapping),
        formulas: entry.formulas.to_vec(),
        table: (entry.table != TableLayout::default()).then(|| entry.table.clone()),
        // What the source draws may be another thing when it is read again.
        style: (entry.style != first || entry.layer.drawn.is_some()).then(|| StyleRecord::of_style(&entry.style)),
    }
}
