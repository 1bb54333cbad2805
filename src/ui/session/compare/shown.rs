//! A comparison as it is shown, and the work on it.

use std::sync::{Arc, OnceLock};

use crate::model::style::{LayerStyle, Symbol};
use crate::model::{LayerId, Revision};
use crate::report::transition::{Extras, MatrixFigures, Measure};
use crate::scenario::live::Live;
use crate::scenario::transition::{Basis, ClassKey, Classes, Comparison, Crosswalk, Matrix, Tolerance};
use crate::ui::session::awaited::{Awaited, Problem};
use crate::ui::session::compare::By;
use crate::ui::session::compare::sides::Side;
use crate::units::{Area, AreaUnit, round_half_up};

/// What an overlay came from.
#[derive(Clone, Debug, PartialEq)]
pub struct LaidKey {
    pub(in crate::ui) layers: [LayerId; 2],
    pub(in crate::ui) shapes: [Revision; 2],
    pub(in crate::ui) within: Option<(LayerId, Revision)>,
    pub(in crate::ui) basis: Basis,
    /// Revisions, where areas are attributes.
    pub(in crate::ui) ledgers: Option<[Revision; 2]>,
}

/// What a matrix came from.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::ui) struct ShownKey {
    pub(in crate::ui) laid: LaidKey,
    pub(in crate::ui) revisions: [Revision; 2],
    pub(in crate::ui) by: By,
    pub(in crate::ui) crosswalk: Option<Arc<Crosswalk>>,
    pub(in crate::ui) tolerance: Tolerance,
}

/// A comparison as it is shown.
#[derive(Clone, Debug)]
pub struct Shown {
    pub(in crate::ui) key: ShownKey,
    /// The two states.
    pub sides: [Side; 2],
    /// Pairs of features and their areas.
    pub comparison: Arc<Comparison>,
    /// The classes. Ask [`Self::classes_of`] for those of single features.
    pub classes: Classes,
    pub(in crate::ui) of: OnceLock<[Vec<u32>; 2]>,
    /// What goes from which class to which.
    pub matrix: Matrix,
    /// The classes that occur, in the order of the standard.
    pub used: Vec<u32>,
    /// How the map draws each class.
    pub swatches: Vec<Symbol>,
    /// Lines beside the classes.
    pub extras: Extras,
    /// Title of the study area.
    pub within: Option<String>,
    pub(in crate::ui) styles: [Option<LayerStyle>; 2],
    /// Whether land use is softened, and whether on dark ground.
    pub(in crate::ui) soft: Option<bool>,
}

/// What came of a comparison.
#[derive(Default)]
pub struct Work {
    /// The two states laid over each other: pairs of features and their areas.
    pub(in crate::ui) laid: Awaited<LaidKey, Arc<Comparison>>,
    /// Classes and matrix while they are made, and why there are none; once made they stand in `shown`.
    pub(in crate::ui) summed: Awaited<ShownKey, (Shown, Option<Live>)>,
    pub(in crate::ui) shown: Option<Arc<Shown>>,
    /// Sums that follow edits, and what they were begun with.
    pub(in crate::ui) live: Option<(ShownKey, Live)>,
    pub(in crate::ui) figures: Option<(Arc<Shown>, Measure, Arc<MatrixFigures>)>,
    pub(in crate::ui) areas: Option<(Arc<Shown>, AreaUnit, Arc<MatrixFigures>)>,
}

impl Work {
    /// Matrix and classes, once they are there.
    pub fn shown(&self) -> Option<&Arc<Shown>> {
        self.shown.as_ref()
    }

    /// The matrix in figures.
    pub fn figures(&self) -> Option<&Arc<MatrixFigures>> {
        self.figures.as_ref().map(|(_, _, figures)| figures)
    }

    /// The matrix in areas, whatever the figures are.
    pub fn areas(&self) -> Option<&Arc<MatrixFigures>> {
        self.areas.as_ref().map(|(_, _, areas)| areas)
    }

    /// What the figures are.
    pub fn measure(&self) -> Option<Measure> {
        self.figures.as_ref().map(|(_, measure, _)| *measure)
    }

    /// The job that lays the two states over each other, or sums what came of that.
    pub fn job(&self) -> Option<u64> {
        self.laid.job().or_else(|| self.summed.job())
    }

    /// Whether what is shown is about to be replaced.
    pub fn is_busy(&self) -> bool {
        self.laid.is_busy() || self.summed.is_busy()
    }

    /// Why there is nothing to show.
    pub fn problem(&self) -> Option<&Problem> {
        self.laid.problem().or_else(|| self.summed.problem())
    }

    /// Forgets what went wrong, so that it is tried again.
    pub fn retry(&mut self) {
        self.laid.retry();
        self.summed.retry();
    }
}

impl ShownKey {
    pub(in crate::ui) fn crosswalk(&self) -> Option<&Crosswalk> {
        self.crosswalk.as_deref()
    }

    /// Whether `other` differs in nothing but an edit of the scenario.
    pub(in crate::ui) fn is_edit_of(&self, other: &Self) -> bool {
        let revisions = [other.revisions[0], self.revisions[1]];
        *self == Self { revisions, ..other.clone() }
    }
}

impl Shown {
    /// The classes that tables list: those that occur, or those of them of which something printed in `unit` comes or
    /// goes.
    pub fn listed(&self, only_changed: bool, unit: AreaUnit) -> Vec<u32> {
        let prints = |m2: f64| {
            let value = Area::from_m2(m2).value(unit);
            round_half_up(value, unit.decimals(value)) != 0.0
        };
        let changed = |class: &&u32| {
            let line = &self.matrix.lines[**class as usize];
            prints(line.decrease_m2()) || prints(line.increase_m2())
        };
        self.used.iter().filter(|class| !only_changed || changed(class)).copied().collect()
    }

    /// The class of that number.
    pub fn class(&self, class: u32) -> &ClassKey {
        &self.classes.list[class as usize]
    }

    /// Number of the class of that key.
    pub fn class_of_key(&self, key: &str) -> Option<u32> {
        self.classes.list.iter().position(|class| class.key == key).map(|at| at as u32)
    }
}
