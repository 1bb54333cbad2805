//! What lies beneath the plan, as a record.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::paths::{joined, relative};
use super::words::{CrsCode, is_yes, word, yes};
use crate::crs::gcj02::WebMap;
use crate::doctor::placing::{ControlPoint, Placing};
use crate::model::Coord;
use crate::scenario::document::underlay::{Underlay, UnderlaySource};

/// Something beneath the plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnderlayRecord {
    /// Its name.
    pub title: String,
    /// Its file, relative to the project file; empty for tiles.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// The address of its tiles, without a key; empty for a file.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tiles: String,
    /// Whether it is drawn.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub visible: bool,
    /// How strongly, 0 to 1.
    #[serde(default = "whole", skip_serializing_if = "is_whole")]
    pub opacity: f32,
    /// Its CRS, where the user gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crs: Option<CrsCode>,
    /// The web map that has shifted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shift: Option<ShiftWord>,
    /// Whether it is drawn as a relief.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relief: Option<bool>,
    /// Pixels an inch of a page of a PDF.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpi: Option<u16>,
    /// Column, row, easting and northing of each point that puts it in its place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub points: Vec<[f64; 4]>,
    /// How many parameters they give: 4 or 6.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<u8>,
    /// Whose it is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub credit: String,
}

word!(
    /// A web map by its name.
    ShiftWord(WebMap),
    |text| WebMap::from_name(text),
    |map| map.name().to_owned(),
    "web map"
);

fn whole() -> f32 {
    1.0
}

fn is_whole(opacity: &f32) -> bool {
    *opacity >= 1.0
}

impl UnderlayRecord {
    /// The record, its path as seen from `folder`.
    pub fn of_underlay(of: &Underlay, folder: &Path) -> Self {
        let (path, tiles) = match &of.source {
            UnderlaySource::File(path) => (relative(folder, path), String::new()),
            UnderlaySource::Tiles(address) => (String::new(), address.clone()),
        };
        Self {
            title: of.title.clone(),
            path,
            tiles,
            visible: of.visible,
            opacity: of.opacity,
            crs: of.crs.clone().map(CrsCode),
            shift: of.shift.map(ShiftWord),
            relief: of.relief,
            dpi: of.dpi,
            points: of.points.iter().map(|p| [p.pixel[0], p.pixel[1], p.world.x, p.world.y]).collect(),
            parameters: (of.placing == Placing::Six).then_some(6),
            credit: of.credit.clone(),
        }
    }

    /// What it says, its path joined to `folder`; points that are no numbers are left out.
    pub fn into_underlay(self, folder: &Path) -> Underlay {
        let source = match self.path.as_str() {
            "" => UnderlaySource::Tiles(self.tiles),
            path => UnderlaySource::File(joined(folder, path)),
        };
        let points = self.points.into_iter().filter(|point| point.iter().all(|v| v.is_finite()));
        Underlay {
            title: self.title,
            source,
            visible: self.visible,
            opacity: if self.opacity.is_finite() { self.opacity.clamp(0.0, 1.0) } else { 1.0 },
            crs: self.crs.map(|crs| crs.0),
            shift: self.shift.map(|shift| shift.0),
            relief: self.relief,
            dpi: self.dpi.filter(|dpi| *dpi > 0),
            points: points.map(|[c, r, x, y]| ControlPoint { pixel: [c, r], world: Coord { x, y } }).collect(),
            placing: if self.parameters == Some(6) { Placing::Six } else { Placing::Four },
            credit: self.credit,
        }
    }
}
