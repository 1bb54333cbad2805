//! What is done to scenarios as a whole: forked, duplicated, renamed, noted, moved, deleted, made of other layers; and
//! what else is a step of the history: drafts of edits, notes of ledgers, settings.

use std::sync::Arc;

use super::draft::{Draft, EditError};
use super::ledger::{LedgerKey, LedgerNote};
use super::planned::{PlannedLayer, Scenario, ScenarioId, Source};
use super::step::{By, WorkspaceEdit};
use super::workspace::Workspace;
use crate::model::{Layer, LayerId};
use crate::text::{Language, Message, tr};

/// What a draft of edits did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The scenario that has them.
    pub scenario: ScenarioId,
    /// Whether it was forked for them: the base was shown.
    pub forked: bool,
}

impl Workspace {
    /// Carries out edits in the scenario shown. Where the base is shown, a scenario is forked for them and shown: the
    /// base itself never changes.
    ///
    /// # Errors
    /// [`EditError::NothingChanges`] for a draft without edits.
    pub fn apply(&mut self, draft: Draft, by: By) -> Result<Applied, EditError> {
        if draft.edits.is_empty() {
            return Err(EditError::NothingChanges);
        }
        let mut parts = Vec::new();
        let shown = self.scenarios.shown();
        let scenario = shown.unwrap_or_else(|| {
            let fork = self.new_scenario(None, None, by.language);
            let id = fork.id;
            parts.push(WorkspaceEdit::Fork { at: self.scenarios.list.len(), scenario: Box::new(fork) });
            id
        });
        parts.extend(draft.edits.into_iter().map(|edit| WorkspaceEdit::Edit { scenario, edit: Arc::new(edit) }));
        self.perform(parts, draft.sentence, by.when);
        if shown.is_none() {
            self.show(Some(scenario));
        }
        Ok(Applied { scenario, forked: shown.is_none() })
    }

    /// Forks a scenario from another one, or from the base, and shows it.
    pub fn fork(&mut self, from: Option<ScenarioId>, name: Option<&str>, by: By) -> Option<ScenarioId> {
        if from.is_some_and(|from| self.scenarios.get(from).is_none()) {
            return None;
        }
        let fork = self.new_scenario(from, name, by.language);
        let sentence = match from.and_then(|from| self.scenarios.get(from)) {
            None => Message::new("scenario.forked").with("name", &fork.name),
            Some(from) => Message::new("scenario.forked-from").with("name", &fork.name).with("from", &from.name),
        };
        Some(self.put(self.scenarios.list.len(), fork, sentence, by))
    }

    /// Makes a copy of a scenario beside it, and shows it.
    pub fn duplicate(&mut self, id: ScenarioId, by: By) -> Option<ScenarioId> {
        let old = self.scenarios.get(id)?.clone();
        let name = Message::new("scenario.copy-of").with("name", &old.name).text(by.language);
        let name = self.free_name(&name);
        let sentence = Message::new("scenario.duplicated").with("name", &name).with("from", &old.name);
        let copy = Scenario { id: self.scenarios.next_id(), name, ..old };
        let at = self.scenarios.index_of(id)? + 1;
        Some(self.put(at, copy, sentence, by))
    }

    /// Makes a scenario of other open layers that describe the same land: each stands in the place of a layer of the
    /// base, with its title, role and style. Shows it. `None` where a layer is not open, or stands in for itself.
    pub fn scenario_of_layers(
        &mut self,
        layers: &[(LayerId, LayerId)],
        name: Option<&str>,
        by: By,
    ) -> Option<ScenarioId> {
        let mut scenario = self.new_scenario(None, name, by.language);
        scenario.layers = self.planned_of_layers(layers)?;
        scenario.source = Source::Layers(layers.to_vec());
        let titles: Vec<&str> =
            layers.iter().filter_map(|(_, other)| self.entry(*other)).map(|entry| entry.title.as_str()).collect();
        let sentence = Message::new("scenario.made-of").with("name", &scenario.name).with("layers", titles.join(", "));
        Some(self.put(self.scenarios.list.len(), scenario, sentence, by))
    }

    /// States in which layers of the base are other layers.
    pub(in crate::scenario) fn planned_of_layers(&self, layers: &[(LayerId, LayerId)]) -> Option<Vec<PlannedLayer>> {
        let planned = |(base, other): &(LayerId, LayerId)| {
            self.base_entry(*base).filter(|_| base != other)?;
            let other = self.base_entry(*other)?;
            let layer = Arc::new(Layer { id: *base, ..(*other.layer).clone() });
            let planned = PlannedLayer::new(*base, layer, other.areas);
            Some(PlannedLayer { recognition: Some(other.recognition), ..planned })
        };
        layers.iter().map(planned).collect()
    }

    /// Gives a scenario another name. Returns whether that changed anything.
    pub fn rename_scenario(&mut self, id: ScenarioId, name: &str, by: By) -> bool {
        let Some(scenario) = self.scenarios.get(id) else { return false };
        let (before, after) = (scenario.name.clone(), name.trim().to_owned());
        if after.is_empty() || before == after {
            return false;
        }
        let sentence = Message::new("scenario.renamed").with("from", &before).with("name", &after);
        self.perform(vec![WorkspaceEdit::Rename { scenario: id, before, after }], sentence, by.when);
        true
    }

    /// Gives a scenario another note. Returns whether that changed anything.
    pub fn note_scenario(&mut self, id: ScenarioId, note: &str, by: By) -> bool {
        let Some(scenario) = self.scenarios.get(id) else { return false };
        let (before, after) = (scenario.note.clone(), note.to_owned());
        if before == after {
            return false;
        }
        let sentence = Message::new("scenario.noted").with("name", &scenario.name);
        self.perform(vec![WorkspaceEdit::Note { scenario: id, before, after }], sentence, by.when);
        true
    }

    /// Moves the tab of a scenario. Returns whether that changed anything.
    pub fn move_scenario(&mut self, id: ScenarioId, to: usize, by: By) -> bool {
        let Some(from) = self.scenarios.index_of(id) else { return false };
        let to = to.min(self.scenarios.list.len() - 1);
        if from == to {
            return false;
        }
        let sentence = Message::new("scenario.moved").with("name", &self.scenarios.list[from].name);
        self.perform(vec![WorkspaceEdit::Move { from, to }], sentence, by.when);
        true
    }

    /// Deletes a scenario. Where it was shown, the one that it was forked from is. Returns whether there was one.
    pub fn delete_scenario(&mut self, id: ScenarioId, by: By) -> bool {
        let Some(at) = self.scenarios.index_of(id) else { return false };
        let scenario = Box::new(self.scenarios.list[at].clone());
        let sentence = Message::new("scenario.deleted").with("name", &scenario.name);
        self.perform(vec![WorkspaceEdit::Delete { at, scenario }], sentence, by.when);
        true
    }

    /// Says something about lines of a ledger, or nothing any more, in one step. Returns whether that changed anything.
    pub fn note_ledgers(&mut self, notes: Vec<(LedgerKey, Option<LedgerNote>)>, by: By) -> bool {
        let mut parts = Vec::new();
        let mut first: Option<(String, LedgerNote)> = None;
        for (key, note) in notes {
            let before = self.scenarios.ledger.get(&key).cloned();
            let after = note.filter(|note| *note != LedgerNote::default());
            if before != after {
                first.get_or_insert_with(|| (key.line.clone(), after.clone().unwrap_or_default()));
                parts.push(WorkspaceEdit::Ledger { key, before, after });
            }
        }
        let Some((line, note)) = first else { return false };
        let status = tr(by.language, note.status.title_key()).to_owned();
        let sentence = match parts.len() {
            1 => Message::new("scenario.ledger-noted").with("line", line).with("status", status),
            n => Message::new("scenario.ledger-noted-n").with("n", n).with("status", status),
        };
        self.perform(parts, sentence, by.when);
        true
    }

    /// Sets a word of the project: the target of a bar, the limit of a rule. `sentence` says what it is for. Returns
    /// whether that changed anything.
    pub fn set_setting(&mut self, key: &str, value: Option<&str>, sentence: Message, by: By) -> bool {
        let before = self.scenarios.settings.get(key).cloned();
        let after = value.map(str::to_owned);
        if before == after {
            return false;
        }
        self.perform(vec![WorkspaceEdit::Setting { key: key.to_owned(), before, after }], sentence, by.when);
        true
    }

    /// The name that the next scenario gets: 方案 A, 方案 B, …, 方案 Z, 方案 AA.
    pub fn next_scenario_name(&self, language: Language) -> String {
        let letters = |mut nth: usize| {
            let mut letters = Vec::new();
            loop {
                letters.insert(0, char::from(b'A' + (nth % 26) as u8));
                match nth / 26 {
                    0 => break,
                    more => nth = more - 1,
                }
            }
            letters.into_iter().collect::<String>()
        };
        let name = |nth| Message::new("scenario.name").with("letters", letters(nth)).text(language);
        (0..).map(name).find(|name| !self.has_scenario(name)).unwrap_or_default()
    }

    fn has_scenario(&self, name: &str) -> bool {
        self.scenarios.list.iter().any(|scenario| scenario.name == name)
    }

    fn free_name(&self, wanted: &str) -> String {
        let numbered = |n: usize| if n < 2 { wanted.to_owned() } else { format!("{wanted} {n}") };
        (1..).map(numbered).find(|name| !self.has_scenario(name)).unwrap_or_default()
    }

    fn new_scenario(&mut self, from: Option<ScenarioId>, name: Option<&str>, language: Language) -> Scenario {
        let name = match name.map(str::trim).filter(|name| !name.is_empty()) {
            Some(name) => self.free_name(name),
            None => self.next_scenario_name(language),
        };
        let id = self.scenarios.next_id();
        let mut scenario = Scenario::new(id, name);
        if let Some(from) = from.and_then(|from| self.scenarios.get(from)) {
            scenario.layers.clone_from(&from.layers);
            scenario.source.clone_from(&from.source);
            scenario.parent = Some(from.id);
        }
        scenario
    }

    fn put(&mut self, at: usize, scenario: Scenario, sentence: Message, by: By) -> ScenarioId {
        let id = scenario.id;
        self.perform(vec![WorkspaceEdit::Fork { at, scenario: Box::new(scenario) }], sentence, by.when);
        self.show(Some(id));
        id
    }
}
