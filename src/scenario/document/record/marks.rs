//! Bookmarks of views and notes on the map, as records.

use serde::{Deserialize, Serialize};

use super::words::CrsCode;
use crate::model::Coord;
use crate::scenario::document::entry::SavedView;
use crate::scenario::document::marks::{Bookmark, MapNote};

/// A bookmark of a view.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BookmarkRecord {
    /// Its name.
    pub name: String,
    /// The CRS of the map then.
    pub crs: CrsCode,
    /// Middle, in that CRS.
    pub center: [f64; 2],
    /// Units of that CRS a logical pixel.
    pub units_per_px: f64,
}

/// A note on the map.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapNoteRecord {
    /// What it says.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// The CRS of its place.
    pub crs: CrsCode,
    /// Where it is.
    pub at: [f64; 2],
}

impl BookmarkRecord {
    /// The record of a bookmark.
    pub fn of_bookmark(bookmark: &Bookmark) -> Self {
        let SavedView { center, units_per_px } = bookmark.view;
        let crs = CrsCode(bookmark.crs.clone());
        Self { name: bookmark.name.clone(), crs, center: [center.x, center.y], units_per_px }
    }

    /// The bookmark; `None` where its figures are none.
    pub fn bookmark(&self) -> Option<Bookmark> {
        let [x, y] = self.center;
        let sound = x.is_finite() && y.is_finite() && self.units_per_px.is_finite() && self.units_per_px > 0.0;
        let view = SavedView { center: Coord { x, y }, units_per_px: self.units_per_px };
        sound.then(|| Bookmark { name: self.name.clone(), view, crs: self.crs.0.clone() })
    }
}

impl MapNoteRecord {
    /// The record of a note.
    pub fn of_note(note: &MapNote) -> Self {
        Self { text: note.text.clone(), crs: CrsCode(note.crs.clone()), at: [note.place.x, note.place.y] }
    }

    /// The note; `None` where its place is none.
    pub fn note(&self) -> Option<MapNote> {
        let [x, y] = self.at;
        let sound = x.is_finite() && y.is_finite();
        sound.then(|| MapNote { text: self.text.clone(), place: Coord { x, y }, crs: self.crs.0.clone() })
    }
}
