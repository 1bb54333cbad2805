//! Places on the map that somebody named: bookmarks of views, and notes pinned where they are about. Both are part of the
//! project, and every change of them is a step.

use super::entry::SavedView;
use crate::crs::{Crs, Reprojector};
use crate::model::Coord;

/// A view to go back to.
#[derive(Clone, Debug, PartialEq)]
pub struct Bookmark {
    /// Its name.
    pub name: String,
    /// What the map showed, in [`Self::crs`].
    pub view: SavedView,
    /// The CRS of the map then.
    pub crs: Crs,
}

/// A note at a place.
#[derive(Clone, Debug, PartialEq)]
pub struct MapNote {
    /// What it says; empty until somebody writes it.
    pub text: String,
    /// Where it is about, in [`Self::crs`].
    pub place: Coord,
    /// The CRS of the map when it was pinned.
    pub crs: Crs,
}

impl Bookmark {
    /// The view in another CRS: the same middle, as large on the ground. `None` where that CRS does not reach.
    pub fn view_in(&self, crs: &Crs) -> Option<SavedView> {
        let center = place_in(self.view.center, &self.crs, crs)?;
        let metres = self.view.units_per_px * self.crs.metres_per_unit_on_map();
        Some(SavedView { center, units_per_px: metres / crs.metres_per_unit_on_map() })
    }

    /// Bytes that it takes.
    pub fn byte_count(&self) -> usize {
        size_of::<Self>() + self.name.len()
    }
}

impl MapNote {
    /// Where it is in another CRS. `None` where that CRS does not reach.
    pub fn place_in(&self, crs: &Crs) -> Option<Coord> {
        place_in(self.place, &self.crs, crs)
    }

    /// Bytes that it takes.
    pub fn byte_count(&self) -> usize {
        size_of::<Self>() + self.text.len()
    }
}

fn place_in(place: Coord, from: &Crs, to: &Crs) -> Option<Coord> {
    if from == to {
        return Some(place);
    }
    // Where nothing leads from one to the other there is no place to show.
    Reprojector::new(from, to).ok()?.convert_one(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_as_large_in_another_crs() {
        let zone = Crs::from_epsg(4527).expect("known");
        let view = SavedView { center: Coord { x: 39_500_000.0, y: 4_080_000.0 }, units_per_px: 2.0 };
        let bookmark = Bookmark { name: "站前".to_owned(), view, crs: zone.clone() };
        assert_eq!(bookmark.view_in(&zone), Some(view));
        let plane = Crs::from_epsg(4548).expect("known");
        let other = bookmark.view_in(&plane).expect("the same zone without its number");
        assert!((other.center.x - 500_000.0).abs() < 1e-3 && (other.units_per_px - 2.0).abs() < 1e-9, "{other:?}");
    }

    #[test]
    fn a_note_is_where_it_was_pinned() {
        let zone = Crs::from_epsg(4527).expect("known");
        let note = MapNote { text: String::new(), place: Coord { x: 39_500_000.0, y: 4_080_000.0 }, crs: zone };
        let place = note.place_in(&Crs::cgcs2000()).expect("degrees of the same datum");
        assert!((place.x - 117.0).abs() < 1e-6 && (36.0..37.5).contains(&place.y), "{place:?}");
    }
}
