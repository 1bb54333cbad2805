//! Scenarios: what is planned, beside the base that it starts from.
//!
//! The workspace always shows one state: [`Workspace::entries`] hold the layers of the base, or of the scenario shown,
//! so that every panel, table and painter works on either without knowing. While a scenario is shown, the base of the
//! layers that it has of its own is kept aside here. A layer keeps its [`LayerId`] in all states; its revision differs,
//! and its shape only where geometry does. Every scenario keeps its layers, so showing another one swaps pointers.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::derived_areas;
use super::edit::{Edit, Key, Way};
use super::history::History;
use super::ledger::{LedgerKey, LedgerNote};
use super::project::plan::{PlannedRecord, ScenarioRecord};
use super::state::{LayerState, RowMap};
use super::workspace::{Entry, Workspace};
use crate::model::roles::{Group, Recognition};
use crate::model::{Areas, Changes, GeometryKind, Layer, LayerId, Revision, changes};

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
    pub(super) layers: Vec<PlannedLayer>,
    /// What it changed of layers that are not open, or of features that their source has no more: kept for saving.
    pub(super) absent: Vec<PlannedRecord>,
}

/// A layer that a scenario has of its own.
#[derive(Clone, Debug)]
pub(super) struct PlannedLayer {
    pub(super) id: LayerId,
    pub(super) state: LayerState,
    /// Areas of the layer that the edits start from.
    pub(super) base_areas: Option<Arc<Areas>>,
    pub(super) areas: Option<Arc<Areas>>,
    /// What was recognised of the layer, where it is not the base's.
    pub(super) recognition: Option<Recognition>,
}

/// All scenarios, and what else undo takes back.
#[derive(Clone, Debug, Default)]
pub struct Scenarios {
    /// In the order of their tabs.
    pub(super) list: Vec<Scenario>,
    pub(super) shown: Option<ScenarioId>,
    /// The base of the layers that the scenario shown has of its own.
    kept: Vec<Kept>,
    /// What was done, to be undone.
    pub history: History,
    /// Status and note of what stands in ledgers.
    pub ledger: BTreeMap<LedgerKey, LedgerNote>,
    /// Words for words: targets of the bar, limits of rules that the user changed, and the like.
    pub settings: BTreeMap<String, String>,
    /// Scenarios of the project file whose layers could not be opened, with the layers that they speak of: kept for
    /// saving.
    pub(super) absent: Vec<(ScenarioRecord, Vec<(String, LayerId)>)>,
    last_id: u64,
}

/// A layer of the base while a scenario has its entry.
#[derive(Clone, Debug)]
struct Kept {
    id: LayerId,
    layer: Arc<Layer>,
    areas: Option<Arc<Areas>>,
    recognition: Recognition,
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

    pub(super) fn planned(&self, layer: LayerId) -> Option<&PlannedLayer> {
        self.layers.iter().find(|planned| planned.id == layer)
    }
}

impl PlannedLayer {
    pub(super) fn new(id: LayerId, base: Arc<Layer>, areas: Option<Arc<Areas>>) -> Self {
        Self { id, state: LayerState::new(base), base_areas: areas.clone(), areas, recognition: None }
    }

    /// Carries out an edit, with the areas that go with it.
    pub(super) fn apply(&mut self, edit: &Edit, way: Way) {
        let old = self.state.layer().shape;
        let rows = self.state.rows().clone();
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
    }
}

impl Scenarios {
    /// The scenarios in the order of their tabs.
    pub fn list(&self) -> &[Scenario] {
        &self.list
    }

    /// The scenario shown; `None` for the base.
    pub fn shown(&self) -> Option<ScenarioId> {
        self.shown
    }

    /// A scenario.
    pub fn get(&self, id: ScenarioId) -> Option<&Scenario> {
        self.list.iter().find(|scenario| scenario.id == id)
    }

    /// Place of a scenario among the tabs.
    pub fn index_of(&self, id: ScenarioId) -> Option<usize> {
        self.list.iter().position(|scenario| scenario.id == id)
    }

    /// An identity that was never given before.
    pub(super) fn next_id(&mut self) -> ScenarioId {
        self.last_id += 1;
        ScenarioId(self.last_id)
    }

    /// Adds a scenario that was read from a file.
    pub(super) fn put_read(&mut self, scenario: Scenario) {
        self.last_id = self.last_id.max(scenario.id.0);
        if self.get(scenario.id).is_none() {
            self.list.push(scenario);
        }
    }

    /// Takes note of an identity that was given elsewhere.
    pub(super) fn know_id(&mut self, id: ScenarioId) {
        self.last_id = self.last_id.max(id.0);
    }

    pub(super) fn get_mut(&mut self, id: ScenarioId) -> Option<&mut Scenario> {
        self.list.iter_mut().find(|scenario| scenario.id == id)
    }

    fn kept(&self, layer: LayerId) -> Option<&Kept> {
        self.kept.iter().find(|kept| kept.id == layer)
    }
}

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

    /// What changed of a layer since `from`, an older state of it that the asker holds.
    pub fn changes_since(&self, from: &Layer) -> Changes {
        self.entry(from.id).map_or(Changes::All, |entry| changes::changes(from, &entry.layer))
    }

    /// The entry as the base has it, for layers that may be edited in the scenario shown.
    pub(super) fn base_entry(&self, id: LayerId) -> Option<Entry> {
        let mut entry = self.entry(id).or_else(|| self.closed_entry(id))?.clone();
        if let Some(kept) = self.scenarios.kept(id) {
            (entry.layer, entry.areas) = (kept.layer.clone(), kept.areas.clone());
            entry.recognition = kept.recognition.clone();
        }
        Some(entry)
    }

    /// Puts the state of the scenario shown into the entry of a layer, and the base aside.
    pub(super) fn refresh(&mut self, id: LayerId) {
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
    pub(super) fn show_base_of(&mut self, id: LayerId) {
        let Some(at) = self.scenarios.kept.iter().position(|kept| kept.id == id) else { return };
        let kept = self.scenarios.kept.remove(at);
        if let Some(entry) = self.entry_mut(id) {
            (entry.layer, entry.areas, entry.recognition) = (kept.layer, kept.areas, kept.recognition);
        }
    }

    /// The state of a layer in a scenario, made from the base where the scenario does not have its own yet.
    pub(super) fn planned_mut(&mut self, scenario: ScenarioId, layer: LayerId) -> Option<&mut PlannedLayer> {
        if self.scenarios.get(scenario)?.planned(layer).is_none() {
            let (base, areas) = self.base_of(layer)?;
            let planned = PlannedLayer::new(layer, base.clone(), areas.cloned());
            self.scenarios.get_mut(scenario)?.layers.push(planned);
        }
        self.scenarios.get_mut(scenario)?.layers.iter_mut().find(|planned| planned.id == layer)
    }

    /// Gives areas that were measured for one state of a layer to all states of the same geometry.
    pub(super) fn share_areas(&mut self, id: LayerId, shape: Revision, areas: &Arc<Areas>) {
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
