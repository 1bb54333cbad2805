//! All scenarios, ledger notes and settings to records and back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{Issue, LayerId};
use crate::scenario::document::ledger::{LedgerKey, LedgerNote, LedgerStatus};
use crate::scenario::document::planned::ScenarioId;
use crate::scenario::document::record::LayerRecord;
use crate::scenario::document::record::planned::{PlannedRecord, ScenarioRecord};
use crate::scenario::document::waiting::{record_of_scenario, scenario_of_record};
use crate::scenario::document::workspace::Workspace;

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
