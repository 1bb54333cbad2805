//! One plan: a scenario, and the layers that it has of its own.

use std::sync::Arc;

use super::derived_areas;
use super::edit::{Edit, Way};
use super::record::planned::PlannedRecord;
use super::state::LayerState;
use crate::model::roles::Recognition;
use crate::model::{Areas, Layer, LayerId};

/// Identity of a scenario within a running program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ScenarioId(pub u64);

/// Where the layers of a scenario come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// The base, edited.
    #[default]
    Forked,
    /// Other open layers that describe the same land: (layer of the base, layer in its place).
    Layers(Vec<(LayerId, LayerId)>),
}

/// One plan.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Identity.
    pub id: ScenarioId,
    /// Its name: 方案 A.
    pub name: String,
    /// What its author says about it.
    pub note: String,
    /// Where its layers come from.
    pub source: Source,
    /// The scenario that it was forked from; `None` for the base.
    pub parent: Option<ScenarioId>,
    /// The layers that it has of its own.
    pub(in crate::scenario) layers: Vec<PlannedLayer>,
    /// What it changed of layers that are not open, or of features that their source has no more: kept for saving.
    pub(in crate::scenario) absent: Vec<PlannedRecord>,
}

/// A layer that a scenario has of its own.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct PlannedLayer {
    pub(in crate::scenario) id: LayerId,
    pub(in crate::scenario) state: LayerState,
    /// Areas of the layer that the edits start from.
    pub(in crate::scenario) base_areas: Option<Arc<Areas>>,
    pub(in crate::scenario) areas: Option<Arc<Areas>>,
    /// What was recognised of the layer, where it is not the base's.
    pub(in crate::scenario) recognition: Option<Recognition>,
}

impl Scenario {
    /// A scenario of the base as it is.
    pub fn new(id: ScenarioId, name: String) -> Self {
        Self {
            id,
            name,
            note: String::new(),
            source: Source::Forked,
            parent: None,
            layers: Vec::new(),
            absent: Vec::new(),
        }
    }

    /// The state of a layer that the scenario has of its own.
    pub fn state(&self, layer: LayerId) -> Option<&LayerState> {
        self.planned(layer).map(|planned| &planned.state)
    }

    /// The layers that the scenario has of its own.
    pub fn states(&self) -> impl Iterator<Item = (LayerId, &LayerState)> {
        self.layers.iter().map(|planned| (planned.id, &planned.state))
    }

    /// Whether nothing differs from the base.
    pub fn is_base(&self) -> bool {
        self.source == Source::Forked && self.layers.iter().all(|planned| planned.state.is_base())
    }

    /// Bytes beside the base.
    pub fn byte_count(&self) -> usize {
        size_of::<Self>() + self.layers.iter().map(|planned| planned.state.byte_count()).sum::<usize>()
    }

    pub(in crate::scenario) fn planned(&self, layer: LayerId) -> Option<&PlannedLayer> {
        self.layers.iter().find(|planned| planned.id == layer)
    }

    /// Whether the scenario changed a layer, or is made of it.
    pub fn stands_on(&self, layer: LayerId) -> bool {
        let edited = self.planned(layer).is_some_and(|planned| !planned.state.is_base());
        let paired = match &self.source {
            Source::Forked => false,
            Source::Layers(pairs) => pairs.iter().any(|(base, other)| *base == layer || *other == layer),
        };
        edited || paired
    }
}

impl PlannedLayer {
    pub(in crate::scenario) fn new(id: LayerId, base: Arc<Layer>, areas: Option<Arc<Areas>>) -> Self {
        Self { id, state: LayerState::new(base), base_areas: areas.clone(), areas, recognition: None }
    }

    /// Carries out an edit, with the areas that go with it.
    pub(in crate::scenario) fn apply(&mut self, edit: &Edit, way: Way) {
        let old = self.state.layer().shape;
        let rows = self.state.rows().clone();
        let before = self.attributes();
        self.state.apply(&edit.change, way);
        if self.state.layer().shape != old {
            self.areas = match (&self.base_areas, self.state.has_shape_of_base()) {
                (None, _) => None,
                (Some(areas), true) => Some(areas.clone()),
                (Some(base), false) => {
                    derived_areas::of_state(&self.state, base, &rows, self.areas.as_deref()).map(Arc::new)
                }
            };
        }
        self.renew(&before);
    }
}
