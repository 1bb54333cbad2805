//! Two states held against each other: what is compared, how, and what came of it. Worked out by
//! [`crate::ui::work::compare`].

use std::sync::Arc;

use crate::model::{Layer, Revision};
use crate::report::transition::Measure;
use crate::scenario::transition::{Basis, Crosswalk, Tolerance};
use crate::ui::session::compare::beside_matrix::BesideMatrix;
use crate::ui::session::compare::pick::Pick;
use crate::ui::session::compare::picture::Pieces;
use crate::ui::session::compare::shown::{Shown, Work};
use crate::ui::session::compare::sides::Source;

pub mod beside_matrix;
pub mod pick;
pub mod picture;
pub mod shown;
pub mod sides;

/// What the classes of a comparison are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// Land-use classes at that level, of the class field.
    Level(u8),
    /// The three big classes, of the class field.
    Big,
    /// The class field as it is.
    #[default]
    Class,
    /// The values of a field that both layers have.
    Field(String),
}

/// What the figures are restricted to.
#[derive(Clone, Debug)]
pub struct Within {
    /// Its polygons.
    pub layer: Arc<Layer>,
    /// What it is called.
    pub title: String,
    /// Whether it is what was selected of its layer when it was chosen, and not the whole.
    pub selected: bool,
}

/// Two states held against each other.
#[derive(Default)]
pub struct Compare {
    /// Base and scenario; `None` while nothing is compared.
    pub sources: Option<[Source; 2]>,
    /// Whether the user said which states are compared: else they follow the tab.
    pub chosen: bool,
    /// Whether the user ended the last comparison: none begins by itself then.
    pub ended: bool,
    /// What the classes are.
    pub by: By,
    /// The share that figures are; `None` for areas in the unit of the window.
    pub share: Option<Measure>,
    /// What areas are by; `None` for the method of the base's layer.
    pub basis: Option<Basis>,
    /// Which pieces are slivers.
    pub tolerance: Tolerance,
    /// The study area.
    pub within: Option<Within>,
    /// What is shown on the map.
    pub pick: Option<Pick>,
    /// Whether the map shows all that changed, and the rest pale.
    pub change_map: bool,
    /// Whether tables leave out the classes that did not change.
    pub only_changed: bool,
    /// The selection as the pick made it: the map shows its pieces in place of its outlines.
    pub selected: Option<Revision>,
    /// Whether the map goes to the pieces once they are made.
    pub goes_there: bool,
    /// What came of it.
    pub work: Work,
    /// Which class of the scenario's scheme each of the base's becomes, where a file says so.
    pub crosswalk: Option<Arc<Crosswalk>>,
    /// The file that it was read from.
    pub crosswalk_path: Option<std::path::PathBuf>,
    /// Figures beside the matrix.
    pub beside_matrix: BesideMatrix,
    /// The pieces on the map.
    pub pieces: Pieces,
}

impl Compare {
    /// Matrix and classes, once they are there.
    pub fn shown(&self) -> Option<&Arc<Shown>> {
        self.work.shown()
    }

    /// The part of the matrix that the map shows.
    pub fn shown_pick(&self) -> Option<Pick> {
        self.pick.or(self.change_map.then_some(Pick::Changes))
    }

    /// Whether two states are compared.
    pub fn is_open(&self) -> bool {
        self.sources.is_some()
    }
}
