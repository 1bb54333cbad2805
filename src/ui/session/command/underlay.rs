//! What lies beneath the layers: the commands of this subject, as data.

use std::path::PathBuf;
use std::sync::Arc;

use crate::model::Coord;
use crate::scenario::Underlay;

/// What lies beneath the layers.
#[derive(Clone, Debug, PartialEq)]
pub enum UnderlayCommand {
    /// Choose an image or a map of tiles.
    Add,
    /// Put these files beneath the layers.
    AddPaths(Vec<PathBuf>),
    /// Choose a map of a server.
    AddTiles,
    /// Put this map of a server beneath the layers; the user allows that servers are asked.
    Take {
        /// The map.
        underlay: Box<Underlay>,
        /// The user's key of 天地图, where one was typed.
        key: Option<String>,
    },
    /// What lies beneath is this, top to bottom.
    Change(Arc<Vec<Underlay>>),
    /// Show all of one, by its place in the list.
    ZoomTo(usize),
    /// Name, source and place of one, by its place in the list.
    Properties(usize),
    /// Take what a scan, by its place in the list, shows at this place of the map as a control point, to be said where it is.
    Point(usize, Coord),
    /// Let servers be asked, or not.
    Allow(bool),
}
