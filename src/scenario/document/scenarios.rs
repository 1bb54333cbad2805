//! Scenarios: what is planned, beside the base that it starts from.
//!
//! The workspace always shows one state: [`Workspace::entries`](super::workspace::Workspace::entries) hold the layers of the base, or of the scenario shown,
//! so that every panel, table and painter works on either without knowing. While a scenario is shown, the base of the
//! layers that it has of its own is kept aside here. A layer keeps its [`LayerId`] in all states; its revision differs,
//! and its shape only where geometry does. Every scenario keeps its layers, so showing another one swaps pointers.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::history::History;
use super::ledger::{LedgerKey, LedgerNote};
use super::planned::{Scenario, ScenarioId};
use super::record::planned::ScenarioRecord;
use crate::model::roles::Recognition;
use crate::model::{Areas, Layer, LayerId};

mod shown;

/// All scenarios, and what else undo takes back.
#[derive(Clone, Debug, Default)]
pub struct Scenarios {
    /// In the order of their tabs.
    pub(in crate::scenario) list: Vec<Scenario>,
    pub(in crate::scenario) shown: Option<ScenarioId>,
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
    pub(in crate::scenario) absent: Vec<(ScenarioRecord, Vec<(String, LayerId)>)>,
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
    pub(in crate::scenario) fn next_id(&mut self) -> ScenarioId {
        self.last_id += 1;
        ScenarioId(self.last_id)
    }

    /// Adds a scenario that was read from a file.
    pub(in crate::scenario) fn put_read(&mut self, scenario: Scenario) {
        self.last_id = self.last_id.max(scenario.id.0);
        if self.get(scenario.id).is_none() {
            self.list.push(scenario);
        }
    }

    /// Takes note of an identity that was given elsewhere.
    pub(in crate::scenario) fn know_id(&mut self, id: ScenarioId) {
        self.last_id = self.last_id.max(id.0);
    }

    pub(in crate::scenario) fn get_mut(&mut self, id: ScenarioId) -> Option<&mut Scenario> {
        self.list.iter_mut().find(|scenario| scenario.id == id)
    }

    fn kept(&self, layer: LayerId) -> Option<&Kept> {
        self.kept.iter().find(|kept| kept.id == layer)
    }
}
