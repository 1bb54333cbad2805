//! What the state shown takes of the control lines, as far as it is known.

use std::sync::Arc;

use crate::model::{AreaMethod, LayerId, Revision};
use crate::scenario::ScenarioId;
use crate::scenario::lines::{Ledger, LineFigures, LineKind, LineOverlaps};
use crate::scenario::plan_state::PlanState;
use crate::scenario::transition::{ClassKey, Tolerance};
use crate::ui::session::awaited::Awaited;
use crate::ui::session::compare::picture::Picture;
use crate::ui::session::rows::FeatureRef;

/// The states that an answer is of.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    pub(in crate::ui) shown: Option<ScenarioId>,
    pub(in crate::ui) layers: Vec<(LayerId, &'static str, Revision, Revision)>,
    pub(in crate::ui) tolerance: Tolerance,
}

/// What overlaps came from: the layer, the lines, the method.
pub(in crate::ui) type OverlapKey = (Revision, Vec<(LineKind, Vec<Revision>)>, AreaMethod);
/// What shares of built land came from: land use of the base, and the layer.
pub(in crate::ui) type BuiltKey = (Revision, Revision, AreaMethod);

/// What outlives an edit.
#[derive(Clone, Debug, Default)]
pub(in crate::ui) struct Kept {
    pub(in crate::ui) overlaps: Vec<(OverlapKey, Arc<LineOverlaps>)>,
    pub(in crate::ui) built: Vec<(BuiltKey, Arc<Vec<f64>>)>,
}

/// Control lines and ledger of one state.
#[derive(Debug)]
pub struct Answer {
    /// The ledger, the largest conflict first. Status and notes are those of the workspace: ask
    /// [`crate::ui::work::conflicts::note_of`].
    pub ledger: Ledger,
    /// Land use on both sides of the lines, by class.
    pub figures: Option<(Vec<ClassKey>, LineFigures)>,
    /// How areas were computed, and the plane that edges are straight in.
    pub method: (AreaMethod, String),
    /// The state itself.
    pub(in crate::ui) state: PlanState,
    pub(in crate::ui) kept: Kept,
}

/// What is known of conflicts, and the work on it.
#[derive(Default)]
pub struct Conflicts {
    /// The figures of the state shown; after an edit those of before while they are made.
    pub answer: Awaited<Key, Arc<Answer>>,
    pub(in crate::ui) kept: Kept,
    /// The polygons of the conflict that is marked on the map; none where nothing can be drawn.
    pub(in crate::ui) marked: Awaited<Marked, Option<Arc<Picture>>>,
}

/// A conflict on the map: of which state, and the geometry that it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Marked {
    pub(in crate::ui) shown: Option<ScenarioId>,
    pub(in crate::ui) feature: FeatureRef,
    pub(in crate::ui) line: LineKind,
    pub(in crate::ui) shape: Revision,
    pub(in crate::ui) lines: Vec<Revision>,
}

impl Conflicts {
    /// The conflict that is marked on the map, once its polygons are made.
    pub fn picture(&self) -> Option<&Arc<Picture>> {
        self.marked.current()?.as_ref()
    }
}
