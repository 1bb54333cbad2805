//! Geometries made ready for the map, and those that are being made ready.

use std::sync::Arc;

use crate::crs::Crs;
use crate::model::LayerId;
use crate::render::prepared::Prepared;
use crate::render::projected::Projected;
use crate::ui::session::awaited::Awaited;

/// A geometry that is made ready for the map, or is ready.
pub struct Preparation {
    /// The layer whose geometry it is.
    pub layer: LayerId,
    /// What came of it, for the project CRS that it is made for.
    pub(in crate::ui) made: Awaited<Crs, Made>,
}

/// What a job made.
pub(in crate::ui) enum Made {
    /// A first look, and the geometry to go on with; without it that is in the cache.
    FirstLook(Arc<Prepared>, Option<Projected>),
    /// The layer, ready.
    Ready(Arc<Prepared>),
}

impl Preparation {
    /// What can be drawn.
    pub fn prepared(&self) -> Option<&Arc<Prepared>> {
        match self.made.current()? {
            Made::FirstLook(prepared, _) | Made::Ready(prepared) => Some(prepared),
        }
    }

    /// Whether nothing can be drawn yet, because it is at work.
    pub fn is_running(&self) -> bool {
        self.made.is_busy() && self.prepared().is_none()
    }
}
