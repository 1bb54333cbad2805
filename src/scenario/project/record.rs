//! The project file's own structures, version 7.
//!
//! | version | what it was the first to hold |
//! |---|---|
//! | 1 | layers, styles, headings, the view |
//! | 2 | scenarios, ledgers, settings |
//! | 3 | how several states are seen |
//! | 4 | the layer within its source, the method of its areas, layers taken out, measurements |
//! | 5 | tables joined to layers, encodings that the user gave, what is undone of the coordinates of a layer |
//! | 6 | layouts of sheets |
//! | 7 | styles by ranges and by rules, patterns, blending, ranges of scales, labels; bookmarks, notes on the map, fields by expressions, layouts of tables |
//!
//! What an older file lacks is empty or as it was then: it opens and is saved as the present version.
//!
//! Words and codes are checked while reading, so that an error names line and column. Unknown members are refused: in a
//! file of a known version they are mistakes of someone who edited it by hand, not news from the future.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::plans::LedgerRecord;
use super::seeing::SeeingRecord;
use crate::model::Coord;
use crate::model::layout::Layout;
use crate::scenario::document::measurement::{Measurement, MeasurementKind};
use crate::scenario::document::record::LayerRecord;
use crate::scenario::document::record::marks::{BookmarkRecord, MapNoteRecord};
use crate::scenario::document::record::planned::ScenarioRecord;
use crate::scenario::document::record::underlay::UnderlayRecord;
use crate::scenario::document::record::words::{CrsCode, is_yes, word, yes};

/// The version that this program writes, and the highest that it reads.
pub const FORMAT: u32 = 7;

/// A project.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectRecord {
    /// Version of the file.
    pub format: u32,
    /// Name of the project.
    #[serde(default)]
    pub name: String,
    /// Note of its author.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Reference system of the map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crs: Option<CrsCode>,
    /// Its rules file, relative to the project file, with forward slashes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<String>,
    /// Number of the scenario that was shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<u64>,
    /// What the map showed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view: Option<ViewRecord>,
    /// How it showed several states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seeing: Option<SeeingRecord>,
    /// Headings, top to bottom.
    #[serde(default, rename = "group")]
    pub groups: Vec<GroupRecord>,
    /// Layers, top to bottom.
    #[serde(default, rename = "layer")]
    pub layers: Vec<LayerRecord>,
    /// Measurements that were kept.
    #[serde(default, rename = "measurement", skip_serializing_if = "Vec::is_empty")]
    pub measurements: Vec<MeasurementRecord>,
    /// Places that views go back to.
    #[serde(default, rename = "bookmark", skip_serializing_if = "Vec::is_empty")]
    pub bookmarks: Vec<BookmarkRecord>,
    /// Notes pinned on the map.
    #[serde(default, rename = "map_note", skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<MapNoteRecord>,
    /// Layouts of sheets.
    #[serde(default, rename = "layout", skip_serializing_if = "Vec::is_empty")]
    pub layouts: Vec<Layout>,
    /// What lies beneath the layers, top to bottom; since version 7.
    #[serde(default, rename = "underlay", skip_serializing_if = "Vec::is_empty")]
    pub underlays: Vec<UnderlayRecord>,
    /// Scenarios in the order of their tabs.
    #[serde(default, rename = "scenario", skip_serializing_if = "Vec::is_empty")]
    pub scenarios: Vec<ScenarioRecord>,
    /// What was said about lines of ledgers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ledger: Vec<LedgerRecord>,
    /// Targets, limits of rules and the like, word by word.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
}

/// What the map showed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewRecord {
    /// Middle, in the CRS of the map.
    pub center: [f64; 2],
    /// Units of that CRS a logical pixel.
    pub units_per_px: f64,
}

/// A heading.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupRecord {
    /// Its word.
    pub id: String,
    /// Its title, where it is the user's own.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Whether its layers are listed.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub open: bool,
    /// Whether its layers are drawn.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub visible: bool,
}

/// A measurement that was kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasurementRecord {
    /// Its name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What it measures.
    pub kind: MeasuresWord,
    /// The CRS of its points.
    pub crs: CrsCode,
    /// Its points, the ring of an area not closed.
    pub points: Vec<[f64; 2]>,
}

word!(
    /// What a measurement measures by its word.
    MeasuresWord(MeasurementKind),
    |text| MeasurementKind::from_name(text),
    |kind| kind.name().to_owned(),
    "kind of measurement"
);

impl MeasurementRecord {
    /// The record of a measurement.
    pub fn of_measurement(measurement: &Measurement) -> Self {
        Self {
            name: measurement.name.clone(),
            kind: MeasuresWord(measurement.kind),
            crs: CrsCode(measurement.crs.clone()),
            points: measurement.points.iter().map(|point| [point.x, point.y]).collect(),
        }
    }

    /// The measurement; points that are no numbers are left out.
    pub fn into_measurement(self) -> Measurement {
        let points = self.points.into_iter().filter(|point| point.iter().all(|v| v.is_finite()));
        Measurement {
            name: self.name,
            kind: self.kind.0,
            points: points.map(|[x, y]| Coord { x, y }).collect(),
            crs: self.crs.0,
        }
    }
}
