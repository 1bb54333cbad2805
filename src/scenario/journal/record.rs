//! The lines of a journal.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::{GeometryKind, LayerId, OwnedValue};
use crate::scenario::edit::{Change, Coded, Edit, Key, Piece, Redraw, SetField};
use crate::scenario::history::{Step, WorkspaceEdit};
use crate::scenario::ledger::{LedgerKey, LedgerNote};
use crate::scenario::project::lines::{drawn_text, json_of, read_drawn, read_run, run_text, runs, value_of};
use crate::scenario::project::plan::ScenarioRecord;
use crate::scenario::project::plans::{LedgerRecord, StatusWord, record_of_scenario, scenario_of_record};
use crate::scenario::scenarios::ScenarioId;
use crate::scenario::workspace::Workspace;
use crate::text::{self, Message};

/// A line.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum LineRecord {
    /// The whole project.
    Checkpoint {
        /// The file that it is saved to.
        project: Option<String>,
        /// The project file's text, paths from the folder of the journal.
        text: String,
        /// Whether it holds more than the project's file.
        is_unsaved: bool,
    },
    /// A step was done.
    Done(StepRecord),
    /// The last step was undone.
    Undone,
    /// The step undone last was done again.
    Redone,
}

/// A step of the history.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StepRecord {
    key: String,
    args: Vec<(String, String)>,
    when: Option<i64>,
    parts: Vec<PartRecord>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum PartRecord {
    Set { scenario: u64, layer: String, field: String, creates: bool, base: u32, groups: Vec<GroupRecord> },
    Redraw { scenario: u64, layer: String, base: u32, retired: Vec<PieceRecord>, added: Vec<PieceRecord> },
    Fork { at: usize, scenario: Box<ScenarioRecord> },
    Delete { scenario: u64 },
    Rename { scenario: u64, name: String },
    Note { scenario: u64, note: String },
    Move { from: usize, to: usize },
    Ledger { line: LedgerRecord, is_noted: bool },
    Setting { key: String, value: Option<String> },
}

/// Features that have the same value before and after.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct GroupRecord {
    /// Runs of them: `0-3 7 +0`.
    keys: String,
    before: serde_json::Value,
    after: serde_json::Value,
}

/// A feature that comes or goes: its key, or all of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum PieceRecord {
    OfBase(Key),
    Drawn(String),
}

impl StepRecord {
    /// A step as a line; `None` where it concerns a layer without a word.
    pub(super) fn of_step(
        step: &Step,
        workspace: &Workspace,
        word: &dyn Fn(LayerId) -> Option<String>,
    ) -> Option<Self> {
        let parts = step.parts.iter().map(|part| PartRecord::of_part(part, workspace, word)).collect::<Option<_>>()?;
        let args = step.sentence.args.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Some(Self { key: step.sentence.key.to_owned(), args, when: step.when, parts })
    }

    /// Does the step; `None` where that is impossible, and nothing was done.
    pub(super) fn perform(&self, workspace: &mut Workspace, layer: &dyn Fn(&str) -> Option<LayerId>) -> Option<()> {
        let mut parts = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            parts.push(part.part(workspace, layer)?);
        }
        workspace.perform(parts, self.sentence(), self.when);
        Some(())
    }

    /// The sentence; keys and names that this version does not know stand as they are.
    fn sentence(&self) -> Message {
        let known = |text: &str| text::static_key(text);
        let mut message = Message::new(known(&self.key).unwrap_or("scenario.unknown-step"));
        for (name, value) in &self.args {
            if let Some(name) = text::static_placeholder(message.key, name) {
                message = message.with(name, value);
            }
        }
        message
    }
}

impl PartRecord {
    fn of_part(part: &WorkspaceEdit, workspace: &Workspace, word: &dyn Fn(LayerId) -> Option<String>) -> Option<Self> {
        Some(match part {
            WorkspaceEdit::Edit { scenario, edit } => {
                let layer = word(edit.layer)?;
                let plan = workspace.scenarios.get(*scenario).and_then(|plan| plan.state(edit.layer));
                // A scenario that is gone meanwhile edited the layer of the base, or nothing is known of it.
                let base = plan.map_or_else(|| workspace.base_of(edit.layer).map(|(base, _)| base), |s| Some(s.base()));
                let base = base?.feature_count() as Key;
                match &edit.change {
                    Change::SetField(set) => {
                        let (scenario, field, groups) = (scenario.0, set.field.to_string(), groups(set, base));
                        Self::Set { scenario, layer, field, creates: set.creates, base, groups }
                    }
                    Change::Redraw(redraw) => {
                        let piece = |piece: &Piece| match &piece.drawn {
                            None => PieceRecord::OfBase(piece.key),
                            Some(drawn) => {
                                PieceRecord::Drawn(drawn_text(piece.key, drawn, |field| field.to_string(), base))
                            }
                        };
                        let pieces = |pieces: &[Piece]| pieces.iter().map(piece).collect();
                        let (retired, added) = (pieces(&redraw.retired), pieces(&redraw.added));
                        Self::Redraw { scenario: scenario.0, layer, base, retired, added }
                    }
                }
            }
            WorkspaceEdit::Fork { at, scenario } => {
                Self::Fork { at: *at, scenario: Box::new(record_of_scenario(scenario, word)) }
            }
            WorkspaceEdit::Delete { scenario, .. } => Self::Delete { scenario: scenario.id.0 },
            WorkspaceEdit::Rename { scenario, after, .. } => Self::Rename { scenario: scenario.0, name: after.clone() },
            WorkspaceEdit::Note { scenario, after, .. } => Self::Note { scenario: scenario.0, note: after.clone() },
            WorkspaceEdit::Move { from, to } => Self::Move { from: *from, to: *to },
            WorkspaceEdit::Ledger { key, after, .. } => {
                let note = after.clone().unwrap_or_default();
                let line = LedgerRecord {
                    scenario: key.scenario.map(|id| id.0),
                    ledger: key.ledger.clone(),
                    line: key.line.clone(),
                    status: StatusWord(note.status),
                    note: note.note,
                };
                Self::Ledger { line, is_noted: after.is_some() }
            }
            WorkspaceEdit::Setting { key, after, .. } => Self::Setting { key: key.clone(), value: after.clone() },
        })
    }

    /// The change, with what was there before as the workspace has it now.
    fn part(&self, workspace: &mut Workspace, layer: &dyn Fn(&str) -> Option<LayerId>) -> Option<WorkspaceEdit> {
        let plan = |id: &u64| workspace.scenarios.get(ScenarioId(*id));
        Some(match self {
            Self::Set { scenario, layer: of, field, creates, base, groups } => {
                let mut values: Vec<(Key, OwnedValue, OwnedValue)> = Vec::new();
                for group in groups {
                    let (before, after) = (value_of(&group.before)?, value_of(&group.after)?);
                    for run in group.keys.split(' ').filter(|run| !run.is_empty()) {
                        let (first, last) = read_run(run, *base)?;
                        values.extend((first..=last).map(|key| (key, before.clone(), after.clone())));
                    }
                }
                values.sort_unstable_by_key(|(key, ..)| *key);
                let keys: Vec<Key> = values.iter().map(|(key, ..)| *key).collect();
                let before = Coded::of(values.iter().map(|(_, before, _)| before.clone()));
                let after = Coded::of(values.into_iter().map(|(.., after)| after));
                let set =
                    SetField { field: field.as_str().into(), creates: *creates, keys: keys.into(), before, after };
                let edit = Edit { layer: layer(of)?, change: Change::SetField(set) };
                WorkspaceEdit::Edit { scenario: ScenarioId(*scenario), edit: Arc::new(edit) }
            }
            Self::Redraw { scenario, layer: of, base, retired, added } => {
                let id = layer(of)?;
                let kind = workspace.base_of(id)?.0.kind;
                let pieces = |pieces: &[PieceRecord]| -> Option<Vec<Piece>> {
                    pieces.iter().map(|piece| piece.piece(kind, *base)).collect()
                };
                let redraw = Redraw { retired: pieces(retired)?, added: pieces(added)? };
                let edit = Edit { layer: id, change: Change::Redraw(redraw) };
                WorkspaceEdit::Edit { scenario: ScenarioId(*scenario), edit: Arc::new(edit) }
            }
            Self::Fork { at, scenario } => {
                let scenario = scenario_of_record(workspace, scenario, layer, &mut Vec::new())?;
                workspace.scenarios.know_id(scenario.id);
                WorkspaceEdit::Fork { at: *at, scenario: Box::new(scenario) }
            }
            Self::Delete { scenario } => {
                let at = workspace.scenarios.index_of(ScenarioId(*scenario))?;
                WorkspaceEdit::Delete { at, scenario: Box::new(plan(scenario)?.clone()) }
            }
            Self::Rename { scenario, name } => {
                let before = plan(scenario)?.name.clone();
                WorkspaceEdit::Rename { scenario: ScenarioId(*scenario), before, after: name.clone() }
            }
            Self::Note { scenario, note } => {
                let before = plan(scenario)?.note.clone();
                WorkspaceEdit::Note { scenario: ScenarioId(*scenario), before, after: note.clone() }
            }
            Self::Move { from, to } => WorkspaceEdit::Move { from: *from, to: *to },
            Self::Ledger { line, is_noted } => {
                let key = LedgerKey {
                    scenario: line.scenario.map(ScenarioId),
                    ledger: line.ledger.clone(),
                    line: line.line.clone(),
                };
                let note = LedgerNote { status: line.status.0, note: line.note.clone() };
                let before = workspace.scenarios.ledger.get(&key).cloned();
                WorkspaceEdit::Ledger { key, before, after: is_noted.then_some(note) }
            }
            Self::Setting { key, value } => {
                let before = workspace.scenarios.settings.get(key).cloned();
                WorkspaceEdit::Setting { key: key.clone(), before, after: value.clone() }
            }
        })
    }
}

/// The features of an edit by their values: a recode of all parcels is a line a class.
fn groups(set: &SetField, base: Key) -> Vec<GroupRecord> {
    let mut of_values: BTreeMap<(usize, usize), Vec<Key>> = BTreeMap::new();
    for (at, key) in set.keys.iter().enumerate() {
        of_values.entry((set.before.code(at), set.after.code(at))).or_default().push(*key);
    }
    let group = |((before, after), keys): ((usize, usize), Vec<Key>)| GroupRecord {
        keys: runs(&keys).map(|run| run_text(run, base)).collect::<Vec<_>>().join(" "),
        before: json_of(&set.before.distinct()[before]),
        after: json_of(&set.after.distinct()[after]),
    };
    of_values.into_iter().map(group).collect()
}

impl PieceRecord {
    fn piece(&self, kind: GeometryKind, base: Key) -> Option<Piece> {
        match self {
            Self::OfBase(key) => Some(Piece { key: *key, drawn: None }),
            Self::Drawn(text) => {
                // Fields stand by their number.
                let (key, drawn) = read_drawn(text, kind, base, |field| field.parse().ok())?; // no number: not ours
                Some(Piece { key, drawn: Some(Arc::new(drawn)) })
            }
        }
    }
}
