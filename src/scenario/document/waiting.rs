//! Scenarios to records and back, and what waits of them for layers that are not there.

use super::planned::{PlannedLayer, Scenario, ScenarioId, Source};
use super::record::planned::{PlannedRecord, ScenarioRecord};
use super::workspace::Workspace;
use crate::model::{Issue, LayerId, Severity};
use crate::text::Message;

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
            planned.renew(&[]);
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
    pub(in crate::scenario) fn take_waiting(&mut self, id: LayerId) -> Vec<Vec<PlannedRecord>> {
        let of = |scenario: &mut Scenario| scenario.absent.extract_if(.., |record| record.id == Some(id)).collect();
        self.scenarios.list.iter_mut().map(of).collect()
    }

    /// Carries out what [`Self::take_waiting`] took, as far as that can be; the rest waits on.
    pub(in crate::scenario) fn plan_waiting(
        &mut self,
        id: LayerId,
        waiting: Vec<Vec<PlannedRecord>>,
        issues: &mut Vec<Issue>,
    ) {
        for (at, records) in waiting.into_iter().enumerate().filter(|(_, records)| !records.is_empty()) {
            let mut scenario = self.scenarios.list[at].clone();
            for record in records {
                plan_layer(self, &mut scenario, &record, &|_| Some(id), issues);
            }
            self.scenarios.list[at] = scenario;
        }
    }
}
