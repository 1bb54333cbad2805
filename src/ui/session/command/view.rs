//! Where the map looks, and what it shows: the commands of this subject, as data.

use std::sync::Arc;

use crate::crs::Crs;
use crate::model::{Coord, Extent};
use crate::render::MapView;
use crate::scenario::{Bookmark, MapNote, ScenarioId, Seeing};

/// Where the map looks, and what it shows.
#[derive(Clone, Debug, PartialEq)]
pub enum ViewCommand {
    /// Show all visible layers.
    FullExtent,
    /// Show the selection.
    ZoomToSelection,
    /// Twice the scale.
    ZoomIn,
    /// Half the scale.
    ZoomOut,
    /// The view before.
    ViewBack,
    /// The view after.
    ViewForward,
    /// Show this view.
    SetView(MapView),
    /// Keep the present view for [`ViewCommand::ViewBack`]: a gesture is about to change it.
    RememberView,
    /// The map has this size in points.
    SetMapSize([f64; 2]),
    /// Show this extent of the project CRS.
    ZoomTo(Extent),
    /// Move so that this point of the project CRS is in the middle, and mark it.
    GoTo(Coord),
    /// Set the scale 1 : n.
    SetScale(f64),
    /// The pointer is at this point of the project CRS.
    SetCursor(Option<Coord>),
    /// Keep what the map shows as a bookmark.
    AddBookmark,
    /// Show what the n-th bookmark keeps.
    GoToBookmark(usize),
    /// These are the bookmarks.
    SetBookmarks(Arc<Vec<Bookmark>>),
    /// Pin a note at a place of the project CRS.
    PinNote(Coord),
    /// Show where the n-th note is pinned.
    GoToNote(usize),
    /// These are the notes on the map.
    SetNotes(Arc<Vec<MapNote>>),
    /// Open the window of bookmarks and notes, or close it.
    ShowMarks(bool),
    /// Show or hide the grid of the project CRS.
    ToggleGrid,
    /// Show or hide meridians and parallels.
    ToggleGraticule,
    /// Show land use in the standard's colours or in the softened ones.
    ToggleSoftColors,
    /// Show the legend on the map, or put it away.
    ToggleLegend,
    /// Turns quiet transitions of the map on or off.
    ToggleTransitions,
    /// Show states in one map, swiped, or side by side.
    See(Seeing),
    /// Show this state as the n-th beside that of the tab.
    SeeBeside(usize, Option<ScenarioId>),
    /// Swipe between two states, a vertical line between them, or stop it.
    ToggleSwipe,
    /// Swipe between two states, a horizontal line between them, or stop it.
    ToggleSwipeLevel,
    /// Show the states in maps beside each other, or stop it.
    ToggleLinked,
    /// Draw everything in this CRS.
    SetProjectCrs(Crs),
    /// Choose the CRS that everything is drawn in.
    ChooseProjectCrs,
}
