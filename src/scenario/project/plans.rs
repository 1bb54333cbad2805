//! All scenarios, ledger notes and settings to records and back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::plan::{PlannedRecord, ScenarioRecord};
use super::record::LayerRecord;
use crate::model::{Issue, LayerId, Severity};
use crate::scenario::ledger::{LedgerKey, LedgerNote, LedgerStatus};
use crate::scenario::scenarios::{PlannedLayer, Scenario, ScenarioId, Source};
use crate::scenario::workspace::Workspace;
use crate::text::Message;

/// A line of a ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerRecord {
    /// Number of the scenario; none for the base.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<u64>,
    /// The ledger.
    pub ledger: String,
    /// The line in it.
    pub line: String,
    /// Where the matter stands.
    pub status: StatusWord,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// A status by its word.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StatusWord(pub LedgerStatus);

impl TryFrom<String> for StatusWord {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        LedgerStatus::from_name(&text).map(Self).ok_or_else(|| format!("unknown status {text:?}"))
    }
}

impl From<StatusWord> for String {
    fn from(word: StatusWord) -> Self {
        word.0.name().to_owned()
    }
}

/// What a project says of its scenarios.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Plans {
    pub(super) shown: Option<u64>,
    pub(super) scenarios: Vec<ScenarioRecord>,
    pub(super) ledger: Vec<LedgerRecord>,
    pub(super) settings: BTreeMap<String, String>,
}

/// What layers are called in the records: path and kind, and a number where two are alike.
pub(in crate::scenario) fn layer_words(layers: &[LayerRecord]) -> Vec<String> {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    let word = |layer: &LayerRecord| {
        let word = format!("{} {}", layer.path, layer.kind.0.name());
        let nth = count.entry(word.clone()).and_modify(|nth| *nth += 1).or_insert(1);
        if *nth == 1 { word } else { format!("{word} {nth}") }
    };
    layers.iter().map(word).collect()
}

/// The record of a scenario; layers without a word are closed and left out.
pub(in crate::scenario) fn record_of_scenario(
    scenario: &Scenario,
    word: &dyn Fn(LayerId) -> Option<String>,
) -> ScenarioRecord {
    let stand_ins = match &scenario.source {
        Source::Forked => Vec::new(),
        Source::Layers(layers) => {
            layers.iter().filter_map(|(base, other)| Some([word(*base)?, word(*other)?])).collect()
        }
    };
    let mut layers: Vec<PlannedRecord> =
        scenario.states().filter_map(|(id, state)| PlannedRecord::of_state(&word(id)?, state)).collect();
    layers.extend(scenario.absent.iter().map(|record| {
        let layer = record.id.and_then(word).unwrap_or_else(|| record.layer.clone());
        PlannedRecord { layer, ..record.clone() }
    }));
    ScenarioRecord {
        id: scenario.id.0,
        name: scenario.name.clone(),
        note: scenario.note.clone(),
        parent: scenario.parent.map(|parent| parent.0),
        stand_ins,
        layers,
    }
}

/// The scenario of a record; `None` where a layer that stands in for another is not open.
pub(in crate::scenario) fn scenario_of_record(
    workspace: &Workspace,
    record: &ScenarioRecord,
    layer: &dyn Fn(&str) -> Option<LayerId>,
    issues: &mut Vec<Issue>,
) -> Option<Scenario> {
    let mut scenario = Scenario::new(ScenarioId(record.id), record.name.clone());
    scenario.note.clone_from(&record.note);
    scenario.parent = record.parent.map(ScenarioId);
    if !record.stand_ins.is_empty() {
        let pair = |[base, other]: &[String; 2]| Some((layer(base)?, layer(other)?));
        let pairs: Option<Vec<(LayerId, LayerId)>> = record.stand_ins.iter().map(pair).collect();
        let planned = pairs.as_deref().and_then(|pairs| workspace.planned_of_layers(pairs));
        let (Some(pairs), Some(planned)) = (pairs, planned) else {
            let message = Message::new("scenario.scenario-lacks-layer").with("name", &record.name);
            issues.push(Issue::new(Severity::Error, message));
            return None;
        };
        (scenario.source, scenario.layers) = (Source::Layers(pairs), planned);
    }
    for planned in &record.layers {
        plan_layer(workspace, &mut scenario, planned, layer, issues);
    }
    Some(scenario)
}

/// Carries out what a record says of one layer. What cannot be is kept.
fn plan_layer(
    workspace: &Workspace,
    scenario: &mut Scenario,
    record: &PlannedRecord,
    layer: &dyn Fn(&str) -> Option<LayerId>,
    issues: &mut Vec<Issue>,
) {
    let known = layer(&record.layer).or(record.id);
    let open = known.and_then(|id| Some((id, workspace.base_of(id)?)));
    let Some((id, (base, areas))) = open else {
        scenario.absent.push(PlannedRecord { id: known, ..record.clone() });
        return;
    };
    let known = scenario.layers.iter().position(|planned| planned.id == id);
    let mut planned = match known {
        Some(at) => scenario.layers[at].clone(),
        None => PlannedLayer::new(id, base.clone(), areas.cloned()),
    };
    match record.apply(&mut planned.state) {
        Ok((found, lost)) => {
            issues.extend(found);
            scenario.absent.extend(lost);
            planned.areas = if planned.state.has_shape_of_base() { planned.base_areas.clone() } else { None };
            match known {
                Some(at) => scenario.layers[at] = planned,
                None => scenario.layers.push(planned),
            }
        }
        Err(line) => {
            let message = Message::new("scenario.bad-line").with("name", &scenario.name).with("line", line);
            issues.push(Issue::new(Severity::Error, message));
            scenario.absent.push(PlannedRecord { id: Some(id), ..record.clone() });
        }
    }
}

/// The records of all that is planned. `words` are those of the layers, in the order of `ids`.
pub(super) fn records(workspace: &Workspace, word: &dyn Fn(LayerId) -> Option<String>) -> Plans {
    let scenarios = &workspace.scenarios;
    let mut records: Vec<ScenarioRecord> =
        scenarios.list().iter().map(|scenario| record_of_scenario(scenario, word)).collect();
    records.extend(scenarios.absent.iter().map(|(record, ids)| {
        let again = |old: &String| {
            let id = ids.iter().find(|(of, _)| of == old).map(|(_, id)| *id);
            id.and_then(word).unwrap_or_else(|| old.clone())
        };
        let stand_ins = record.stand_ins.iter().map(|[base, other]| [again(base), again(other)]).collect();
        let layers = record.layers.iter().map(|of| PlannedRecord { layer: again(&of.layer), ..of.clone() }).collect();
        ScenarioRecord { stand_ins, layers, ..record.clone() }
    }));
    let ledger = scenarios.ledger.iter().map(|(key, note)| LedgerRecord {
        scenario: key.scenario.map(|id| id.0),
        ledger: key.ledger.clone(),
        line: key.line.clone(),
        status: StatusWord(note.status),
        note: note.note.clone(),
    });
    Plans {
        shown: scenarios.shown().map(|id| id.0),
        scenarios: records,
        ledger: ledger.collect(),
        settings: scenarios.settings.clone(),
    }
}

/// Puts what a project says of its scenarios into a workspace whose layers are open, and shows what was shown.
pub(super) fn install(
    workspace: &mut Workspace,
    plans: Plans,
    layer: &dyn Fn(&str) -> Option<LayerId>,
    issues: &mut Vec<Issue>,
) {
    for record in plans.scenarios {
        match scenario_of_record(workspace, &record, layer, issues) {
            Some(scenario) => workspace.scenarios.put_read(scenario),
            None => {
                let words = record.stand_ins.iter().flatten().chain(record.layers.iter().map(|of| &of.layer));
                let ids = words.filter_map(|word| Some((word.clone(), layer(word)?))).collect();
                workspace.scenarios.know_id(ScenarioId(record.id));
                workspace.scenarios.absent.push((record, ids));
            }
        }
    }
    for record in plans.ledger {
        let key = LedgerKey { scenario: record.scenario.map(ScenarioId), ledger: record.ledger, line: record.line };
        workspace.scenarios.ledger.insert(key, LedgerNote { status: record.status.0, note: record.note });
    }
    workspace.scenarios.settings = plans.settings;
    workspace.show(plans.shown.map(ScenarioId));
}

impl Workspace {
    /// Carries out what waits for a layer that is open again. Returns what is to be said about it.
    pub(in crate::scenario) fn adopt_absent(&mut self, id: LayerId) -> Vec<Issue> {
        let mut issues = Vec::new();
        let shown = self.scenarios.shown();
        self.show(None);
        for (record, ids) in std::mem::take(&mut self.scenarios.absent) {
            let layer = |word: &str| ids.iter().find(|(of, _)| of == word).map(|(_, id)| *id);
            let waits = ids.iter().any(|(_, of)| *of == id);
            let scenario = waits.then(|| scenario_of_record(self, &record, &layer, &mut Vec::new())).flatten();
            match scenario {
                Some(scenario) => self.scenarios.put_read(scenario),
                None => self.scenarios.absent.push((record, ids)),
            }
        }
        let waiting = self.take_waiting(id);
        self.plan_waiting(id, waiting, &mut issues);
        self.show(shown);
        self.list_lost_edits(id);
        issues
    }

    /// What waits for a layer, scenario by scenario, taken from there.
    pub(super) fn take_waiting(&mut self, id: LayerId) -> Vec<Vec<PlannedRecord>> {
        let of = |scenario: &mut Scenario| scenario.absent.extract_if(.., |record| record.id == Some(id)).collect();
        self.scenarios.list.iter_mut().map(of).collect()
    }

    /// Carries out what [`Self::take_waiting`] took, as far as that can be; the rest waits on.
    pub(super) fn plan_waiting(&mut self, id: LayerId, waiting: Vec<Vec<PlannedRecord>>, issues: &mut Vec<Issue>) {
        for (at, records) in waiting.into_iter().enumerate().filter(|(_, records)| !records.is_empty()) {
            let mut scenario = self.scenarios.list[at].clone();
            for record in records {
                plan_layer(self, &mut scenario, &record, &|_| Some(id), issues);
            }
            self.scenarios.list[at] = scenario;
        }
    }
}
