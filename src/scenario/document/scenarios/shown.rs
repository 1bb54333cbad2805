//! Which state the workspace shows, and what a layer is in any of them.
//!
//! [`Workspace::entries`] hold the layers of the base, or of the scenario shown. While a scenario is shown, the base
//! of the layers that it has of its own is kept aside.

use std::sync::Arc;

use super::{Kept, ScenarioId};
use crate::model::roles::{Group, Recognition};
use crate::model::{Areas, GeometryKind, Layer, LayerId, Revision};
use crate::scenario::document::edit::Key;
use crate::scenario::document::entry::Entry;
use crate::scenario::document::planned::{PlannedLayer, Scenario};
use crate::scenario::document::state::RowMap;
use crate::scenario::document::workspace::Workspace;

impl Workspace {
    /// Shows a scenario, or the base, in all layers. Returns whether there is such a scenario.
    pub fn show(&mut self, id: Option<ScenarioId>) -> bool {
        if id.is_some_and(|id| self.scenarios.get(id).is_none()) {
            return false;
        }
        if self.scenarios.shown == id {
            return true;
        }
        for kept in std::mem::take(&mut self.scenarios.kept) {
            if let Some(entry) = self.entry_mut(kept.id) {
                (entry.layer, entry.areas, entry.recognition) = (kept.layer, kept.areas, kept.recognition);
            }
        }
        self.scenarios.shown = id;
        let layers: Vec<LayerId> =
            id.and_then(|id| self.scenarios.get(id)).map_or_else(Vec::new, |s| s.layers.iter().map(|l| l.id).collect());
        layers.into_iter().for_each(|layer| self.refresh(layer));
        true
    }

    /// The scenario shown; `None` for the base.
    pub fn shown_scenario(&self) -> Option<&Scenario> {
        self.scenarios.get(self.scenarios.shown?)
    }

    /// A layer as the base has it, with its areas, whatever is shown.
    pub fn base_of(&self, id: LayerId) -> Option<(&Arc<Layer>, Option<&Arc<Areas>>)> {
        match self.scenarios.kept(id) {
            Some(kept) => Some((&kept.layer, kept.areas.as_ref())),
            // A layer that was taken out is still what scenarios changed.
            None => {
                let entry = self.entry(id).or_else(|| self.closed_entry(id))?;
                Some((&entry.layer, entry.areas.as_ref()))
            }
        }
    }

    /// A layer as a scenario (`None`: the base) has it, with its areas, whatever is shown.
    pub fn layer_in(&self, scenario: Option<ScenarioId>, id: LayerId) -> Option<(&Arc<Layer>, Option<&Arc<Areas>>)> {
        let planned = scenario.and_then(|scenario| self.scenarios.get(scenario)?.planned(id));
        match planned {
            Some(planned) => Some((planned.state.layer(), planned.areas.as_ref())),
            None => self.base_of(id),
        }
    }

    /// Which feature of the base, or added one, each row of a layer as shown is.
    pub fn rows_of(&self, id: LayerId) -> Option<Arc<RowMap>> {
        let state = self.shown_scenario().and_then(|scenario| scenario.state(id));
        match state {
            Some(state) => Some(state.rows().clone()),
            None => self.entry(id).map(|entry| Arc::new(RowMap::of_base(entry.layer.feature_count()))),
        }
    }

    /// Whether any layer is a control line (development boundary, basic farmland, red line): without one there is nothing
    /// to be in conflict with.
    pub fn has_control_lines(&self) -> bool {
        let is_line =
            |entry: &Entry| entry.layer.kind == GeometryKind::Polygon && entry.role.group() == Group::ControlLines;
        self.entries.iter().any(is_line)
    }

    /// What a row of a layer as shown is in the base: the base's layer, and the row there of the feature or of what it is a
    /// piece of. `None` where the base is shown, and for what a scenario added.
    pub fn before(&self, id: LayerId, row: usize) -> Option<(&Arc<Layer>, usize)> {
        let state = self.shown_scenario()?.state(id)?;
        let key = state.rows().key(row);
        let base = state.base();
        let of_base = |key: Key| (key as usize) < base.feature_count();
        let key = if of_base(key) { key } else { state.drawn(key)?.origin.filter(|key| of_base(*key))? };
        Some((base, key as usize))
    }

    /// The entry as the base has it, for layers that may be edited in the scenario shown.
    pub(in crate::scenario) fn base_entry(&self, id: LayerId) -> Option<Entry> {
        let mut entry = self.entry(id).or_else(|| self.closed_entry(id))?.clone();
        if let Some(kept) = self.scenarios.kept(id) {
            (entry.layer, entry.areas) = (kept.layer.clone(), kept.areas.clone());
            entry.recognition = kept.recognition.clone();
        }
        Some(entry)
    }

    /// Puts the state of the scenario shown into the entry of a layer, and the base aside.
    pub(in crate::scenario) fn refresh(&mut self, id: LayerId) {
        let planned = self.shown_scenario().and_then(|scenario| scenario.planned(id));
        let Some(planned) = planned else { return };
        let (layer, areas) = (planned.state.layer().clone(), planned.areas.clone());
        let recognition = planned.recognition.clone();
        let is_kept = self.scenarios.kept(id).is_some();
        let Some(entry) = self.entries.iter_mut().find(|entry| entry.id() == id) else { return };
        let old = Kept {
            id,
            layer: std::mem::replace(&mut entry.layer, layer),
            areas: std::mem::replace(&mut entry.areas, areas),
            recognition: entry.recognition.clone(),
        };
        if let Some(recognition) = recognition {
            entry.recognition = Recognition { role: entry.role, ..recognition };
        }
        if !is_kept {
            self.scenarios.kept.push(old);
        }
    }

    /// Puts the base back into the entry of a layer that the scenario shown no longer has of its own, or that is about
    /// to be taken out.
    pub(in crate::scenario) fn show_base_of(&mut self, id: LayerId) {
        let Some(at) = self.scenarios.kept.iter().position(|kept| kept.id == id) else { return };
        let kept = self.scenarios.kept.remove(at);
        if let Some(entry) = self.entry_mut(id) {
            (entry.layer, entry.areas, entry.recognition) = (kept.layer, kept.areas, kept.recognition);
        }
    }

    /// The state of a layer in a scenario, made from the base where the scenario does not have its own yet.
    pub(in crate::scenario) fn planned_mut(
        &mut self,
        scenario: ScenarioId,
        layer: LayerId,
    ) -> Option<&mut PlannedLayer> {
        if self.scenarios.get(scenario)?.planned(layer).is_none() {
            let (base, areas) = self.base_of(layer)?;
            let planned = PlannedLayer::new(layer, base.clone(), areas.cloned());
            self.scenarios.get_mut(scenario)?.layers.push(planned);
        }
        self.scenarios.get_mut(scenario)?.layers.iter_mut().find(|planned| planned.id == layer)
    }

    /// Gives areas that were measured for one state of a layer to all states of the same geometry.
    pub(in crate::scenario) fn share_areas(&mut self, id: LayerId, shape: Revision, areas: &Arc<Areas>) {
        let scenarios = &mut self.scenarios;
        for kept in scenarios.kept.iter_mut().filter(|kept| kept.id == id && kept.layer.shape == shape) {
            kept.areas = Some(areas.clone());
        }
        // A layer that stands in for the base's has the geometry of another entry.
        for planned in scenarios.list.iter_mut().flat_map(|scenario| &mut scenario.layers) {
            if planned.state.base().shape == shape {
                planned.base_areas = Some(areas.clone());
            }
            if planned.state.layer().shape == shape {
                planned.areas = Some(areas.clone());
            }
        }
    }
}
