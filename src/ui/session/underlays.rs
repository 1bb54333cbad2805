//! What lies beneath the layers: the sources that are open, and the last picture of them.

use std::sync::Arc;

use crate::crs::Crs;
use crate::doctor::placing::ControlPoint;
use crate::io::cache::TileShelf;
use crate::io::underlay::Asking;
use crate::render::MapView;
use crate::render::underlay::{Cells, Drawn, OpenUnderlay};
use crate::scenario::Underlay;
use crate::text::Message;
use crate::ui::session::awaited::Awaited;
use crate::ui::session::settings::Settings;

/// What is open and drawn of what lies beneath.
#[derive(Default)]
pub struct Underlays {
    /// The sources, in no order.
    pub openings: Vec<Opening>,
    /// The last picture of each, and that which is being made.
    pub drawn: Awaited<DrawKey, Vec<Picture>>,
    /// Where the map looked in the last frame.
    pub view: Option<MapView>,
    /// Where tiles of servers are kept: beside the project, where it has a cache.
    pub shelf: TileShelf,
    /// What was said of it already.
    pub told: Vec<Message>,
    /// A point that was taken on a scan: which one, column and row, and where it lies now.
    pub picked: Option<(usize, ControlPoint)>,
}

/// A source that is open, or being opened.
pub struct Opening {
    /// What the document says of it, see [`Underlay::as_opened`].
    pub of: Underlay,
    /// The CRS of the map that it was opened for.
    pub map: Crs,
    /// The source.
    pub made: Awaited<(), Arc<OpenUnderlay>>,
}

/// The picture of one source.
#[derive(Clone, Debug)]
pub struct Picture {
    /// What the document says of it, see [`Underlay::as_opened`].
    pub of: Underlay,
    /// Its cells, by column and row.
    pub cells: Vec<([i64; 2], Drawn)>,
}

/// What a picture is of.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawKey {
    /// What is seen, and a little around it.
    pub cells: Cells,
    /// The CRS of the map.
    pub map: Crs,
    /// The sources, bottom to top.
    pub sources: Vec<Underlay>,
    /// How many tiles had come from their servers.
    pub arrivals: u64,
}

impl Underlays {
    /// How servers are asked, and where what they say is kept.
    pub fn asking(&self, settings: &Settings) -> Asking {
        Asking { shelf: self.shelf.clone(), ..settings.asking() }
    }

    /// The open source of an underlay of the document.
    pub fn open(&self, of: &Underlay) -> Option<&Arc<OpenUnderlay>> {
        let of = of.as_opened();
        self.openings.iter().find(|opening| opening.of == of)?.made.value()
    }

    /// Whether the source of an underlay is still being opened, or something of it is to come.
    pub fn is_awaiting(&self, of: &Underlay) -> bool {
        let of = of.as_opened();
        let is_opening = self.openings.iter().any(|opening| opening.of == of && opening.made.is_busy());
        is_opening || self.cells(&of).any(|drawn| drawn.is_awaiting)
    }

    /// Why an underlay is not drawn, or not whole.
    pub fn problem(&self, of: &Underlay) -> Option<Message> {
        let of = of.as_opened();
        let opening = self.openings.iter().find(|opening| opening.of == of)?;
        if let Some(problem) = opening.made.problem() {
            return Some(problem.message());
        }
        self.cells(&of).find_map(|drawn| drawn.fault.clone())
    }

    /// The cells of the last picture of a source, as it was opened.
    pub fn cells(&self, of: &Underlay) -> impl Iterator<Item = &Drawn> {
        let picture = self.drawn.value().and_then(|drawn| drawn.iter().find(|picture| picture.of == *of));
        picture.into_iter().flat_map(|picture| &picture.cells).map(|(_, drawn)| drawn)
    }
}

impl DrawKey {
    /// Whether both are of the same sources in the same cells.
    pub fn shows_the_same(&self, other: &Self) -> bool {
        *self == Self { arrivals: self.arrivals, ..other.clone() }
    }
}
