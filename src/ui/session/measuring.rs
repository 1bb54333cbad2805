//! Areas, unions and overlaps of layers, as far as they are measured.

use std::sync::Arc;

use crate::model::{AreaMethod, Areas, LayerId, Revision};
use crate::overlay::Coverage;
use crate::ui::session::awaited::Awaited;

/// Areas of one state of a layer that are being measured, or could not be.
pub struct Measuring {
    pub(in crate::ui) layer: LayerId,
    pub(in crate::ui) areas: Awaited<AreaMethod, Arc<Areas>>,
}

/// A layer's union and overlaps; a key is its geometry (attributes do not matter) and how it is measured.
#[derive(Default)]
pub struct Covering {
    pub(in crate::ui) coverage: Awaited<(Revision, AreaMethod), Arc<Coverage>>,
    /// Whether the user asked, and is told what came of it.
    pub(in crate::ui) asked: bool,
}

impl Covering {
    /// What the layer covers, once that is known.
    pub fn coverage(&self) -> Option<&Arc<Coverage>> {
        self.coverage.current()
    }

    /// The same, for the geometry and method of now.
    pub fn coverage_of(&self, shape: Revision, method: AreaMethod) -> Option<&Arc<Coverage>> {
        self.coverage.current().filter(|_| self.coverage.is_asked(&(shape, method)))
    }
}
