//! Steps of the history as lines of text: what a journal and a history file hold.
//!
//! A line is a hash of the rest, a blank, JSON. A step holds before and after, so that it can be undone by a program
//! that did not do it. Layers stand by the words that the project file has for them, features by their rows.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::plans::StatusWord;
use super::record::MeasurementRecord;
use crate::io::hash_hex;
use crate::model::{GeometryKind, LayerId, OwnedValue};
use crate::scenario::document::closed::ClosedLayer;
use crate::scenario::document::edit::{Change, Coded, Edit, Key, Piece, Redraw, SetField};
use crate::scenario::document::history::Kept;
use crate::scenario::document::ledger::{LedgerKey, LedgerNote};
use crate::scenario::document::planned::ScenarioId;
use crate::scenario::document::record::lines::{drawn_text, json_of, read_drawn, read_run, run_text, runs, value_of};
use crate::scenario::document::record::planned::ScenarioRecord;
use crate::scenario::document::record::{LayerRecord, seen_from_anywhere};
use crate::scenario::document::step::{Step, WorkspaceEdit};
use crate::scenario::document::waiting::{record_of_scenario, scenario_of_record};
use crate::scenario::document::workspace::Workspace;
use crate::text::{self, Message};

mod property;

use property::PropertyRecord;

/// The version of the lines that this program writes, and the only one that it reads.
pub(in crate::scenario) const VERSION: u32 = 2;

/// A line.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::scenario) enum LineRecord {
    /// The whole project: what a journal begins with.
    Checkpoint {
        /// Version of the lines.
        #[serde(default)]
        version: u32,
        /// The file that it is saved to.
        project: Option<String>,
        /// The project file's text, paths from the folder of the journal.
        text: String,
        /// Whether it holds more than the project's file.
        is_unsaved: bool,
        /// How many steps follow that the history had then.
        #[serde(default)]
        steps: usize,
        /// Steps that were forgotten before them.
        #[serde(default)]
        forgotten: usize,
    },
    /// What a history file begins with.
    History {
        /// Version of the lines.
        version: u32,
        /// Hash of the text of the project that it belongs to.
        project: String,
        /// Steps that were forgotten before those that follow.
        forgotten: usize,
    },
    /// A step that the history had.
    Step(KeptRecord),
    /// A step was done.
    Done(KeptRecord),
    /// The last step went on: it is this one now.
    Amended(KeptRecord),
    /// A step was undone.
    Undone(u64),
    /// A step was done again.
    Redone(u64),
}

/// A step with where it stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::scenario) struct KeptRecord {
    pub(in crate::scenario) serial: u64,
    pub(in crate::scenario) done: bool,
    pub(in crate::scenario) saved: bool,
    step: StepRecord,
}

/// A step of the history.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct StepRecord {
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
    Delete { at: usize, scenario: Box<ScenarioRecord> },
    Rename { scenario: u64, before: String, after: String },
    Note { scenario: u64, before: String, after: String },
    Move { from: usize, to: usize },
    Ledger { scenario: Option<u64>, ledger: String, line: String, before: Option<Said>, after: Option<Said> },
    Setting { key: String, before: Option<String>, after: Option<String> },
    Property { before: PropertyRecord, after: PropertyRecord },
    Layer { layer: String, comes: bool, at: usize, record: Box<LayerRecord> },
    Measurement { at: usize, before: Option<MeasurementRecord>, after: Option<MeasurementRecord> },
}

/// What is said of a line of a ledger.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Said {
    status: StatusWord,
    note: String,
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

/// The layers by their words, and where paths of lines start.
#[derive(Clone, Debug, Default)]
pub(in crate::scenario) struct Words<'a> {
    /// Each layer with its word.
    pub(in crate::scenario) list: Vec<(LayerId, String)>,
    /// The folder that paths start from.
    pub(in crate::scenario) folder: std::borrow::Cow<'a, Path>,
}

impl Words<'_> {
    fn word(&self, layer: LayerId) -> Option<String> {
        self.list.iter().find(|(of, _)| *of == layer).map(|(_, word)| word.clone())
    }

    fn layer(&self, word: &str) -> Option<LayerId> {
        self.list.iter().find(|(_, of)| of == word).map(|(layer, _)| *layer)
    }

    /// A word for a layer that came later.
    fn make(&mut self, layer: LayerId, record: &LayerRecord) {
        if self.word(layer).is_none() {
            let word = format!("{} {}", record.path, record.kind.0.name());
            let numbered = |nth: usize| if nth < 2 { word.clone() } else { format!("{word} {nth}") };
            let free = (1..).map(numbered).find(|word| self.layer(word).is_none());
            self.list.extend(free.map(|word| (layer, word)));
        }
    }
}

/// A line: hash of the rest, a blank, JSON.
pub(in crate::scenario) fn line_text(line: &LineRecord) -> String {
    let json = serde_json::to_string(line).expect("records hold text, numbers and lists only");
    format!("{} {json}\n", hash_hex(json.as_bytes()))
}

/// Reads a line; `None` where it is not whole, or of another version.
pub(in crate::scenario) fn read_line(bytes: &[u8]) -> Option<LineRecord> {
    let text = std::str::from_utf8(bytes.strip_suffix(b"\n")?).ok()?; // no text: the line is torn
    let (hash, json) = text.split_once(' ')?;
    if hash != hash_hex(json.as_bytes()) {
        return None;
    }
    serde_json::from_str(json).ok() // written by another version
}

impl KeptRecord {
    /// A step as a line; `None` where it concerns a layer without a word. Layers that come get one.
    pub(in crate::scenario) fn of(kept: &Kept, workspace: &Workspace, words: &mut Words<'_>) -> Option<Self> {
        let step = &kept.step;
        let parts = step.parts.iter().map(|part| PartRecord::of_part(part, workspace, words)).collect::<Option<_>>()?;
        let args = step.sentence.args.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let record = StepRecord { key: step.sentence.key.to_owned(), args, when: step.when, parts };
        Some(Self { serial: kept.serial, done: kept.done, saved: kept.saved, step: record })
    }

    /// The step; `None` where it speaks of what the project does not have. Layers that it brings are known afterwards.
    pub(in crate::scenario) fn kept(&self, workspace: &mut Workspace, words: &mut Words<'_>) -> Option<Kept> {
        let mut parts = Vec::with_capacity(self.step.parts.len());
        for part in &self.step.parts {
            parts.push(part.part(workspace, words)?);
        }
        let step = Step { sentence: self.step.sentence(), when: self.step.when, parts };
        Some(Kept { serial: self.serial, done: self.done, saved: self.saved, step: Arc::new(step) })
    }

    /// When it was done, in seconds since 1970, where that is known.
    pub(in crate::scenario) fn when(&self) -> Option<i64> {
        self.step.when
    }

    /// Words of the layers whose features the step names by their rows.
    pub(in crate::scenario) fn edited_layers(&self) -> impl Iterator<Item = &str> {
        self.step.parts.iter().filter_map(|part| match part {
            PartRecord::Set { layer, .. } | PartRecord::Redraw { layer, .. } => Some(layer.as_str()),
            _ => None,
        })
    }
}

impl StepRecord {
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
    fn of_part(part: &WorkspaceEdit, workspace: &Workspace, words: &mut Words<'_>) -> Option<Self> {
        let boxed = |scenario, words: &Words<'_>| Box::new(record_of_scenario(scenario, &|layer| words.word(layer)));
        Some(match part {
            WorkspaceEdit::Edit { scenario, edit } => {
                let layer = words.word(edit.layer)?;
                let plan = workspace.scenarios.get(*scenario).and_then(|plan| plan.state(edit.layer));
                // Only how added features are numbered: where the layer is away, all are numbered so.
                let base = plan.map_or_else(|| workspace.base_of(edit.layer).map(|(base, _)| base), |s| Some(s.base()));
                let base = base.map_or(0, |base| base.feature_count() as Key);
                match &edit.change {
                    Change::SetField(set) => {
                        let (scenario, field, groups) = (scenario.0, set.field.to_string(), groups(set, base));
                        Self::Set { scenario, layer, field, creates: set.creates, base, groups }
                    }
                    Change::Redraw(redraw) => {
                        let drawn_base = redraw.retired.iter().chain(&redraw.added);
                        let drawn_base = drawn_base.filter(|piece| piece.drawn.is_some()).map(|piece| piece.key).min();
                        let base = base.min(drawn_base.unwrap_or(base));
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
            WorkspaceEdit::Fork { at, scenario } => Self::Fork { at: *at, scenario: boxed(scenario, words) },
            WorkspaceEdit::Delete { at, scenario } => Self::Delete { at: *at, scenario: boxed(scenario, words) },
            WorkspaceEdit::Rename { scenario, before, after } => {
                Self::Rename { scenario: scenario.0, before: before.clone(), after: after.clone() }
            }
            WorkspaceEdit::Note { scenario, before, after } => {
                Self::Note { scenario: scenario.0, before: before.clone(), after: after.clone() }
            }
            WorkspaceEdit::Move { from, to } => Self::Move { from: *from, to: *to },
            WorkspaceEdit::Ledger { key, before, after } => {
                let said = |note: &Option<LedgerNote>| {
                    note.as_ref().map(|note| Said { status: StatusWord(note.status), note: note.note.clone() })
                };
                Self::Ledger {
                    scenario: key.scenario.map(|id| id.0),
                    ledger: key.ledger.clone(),
                    line: key.line.clone(),
                    before: said(before),
                    after: said(after),
                }
            }
            WorkspaceEdit::Setting { key, before, after } => {
                Self::Setting { key: key.clone(), before: before.clone(), after: after.clone() }
            }
            WorkspaceEdit::Property { before, after } => Self::Property {
                before: PropertyRecord::of(before, &|layer| words.word(layer), &words.folder)?,
                after: PropertyRecord::of(after, &|layer| words.word(layer), &words.folder)?,
            },
            WorkspaceEdit::Layer { layer, comes, at } => {
                let record = super::record_of_layer(workspace, *layer, &words.folder)?;
                words.make(*layer, &record);
                Self::Layer { layer: words.word(*layer)?, comes: *comes, at: *at, record: Box::new(record) }
            }
            WorkspaceEdit::Measurement { at, before, after } => {
                let record = |of: &Option<_>| of.as_ref().map(MeasurementRecord::of_measurement);
                Self::Measurement { at: *at, before: record(before), after: record(after) }
            }
        })
    }

    fn part(&self, workspace: &mut Workspace, words: &mut Words<'_>) -> Option<WorkspaceEdit> {
        Some(match self {
            Self::Set { scenario, layer, field, creates, base, groups } => {
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
                let edit = Edit { layer: words.layer(layer)?, change: Change::SetField(set) };
                WorkspaceEdit::Edit { scenario: ScenarioId(*scenario), edit: Arc::new(edit) }
            }
            Self::Redraw { scenario, layer, base, retired, added } => {
                let id = words.layer(layer)?;
                let kind = kind_of(workspace, id)?;
                let pieces = |pieces: &[PieceRecord]| -> Option<Vec<Piece>> {
                    pieces.iter().map(|piece| piece.piece(kind, *base)).collect()
                };
                let redraw = Redraw { retired: pieces(retired)?, added: pieces(added)? };
                let edit = Edit { layer: id, change: Change::Redraw(redraw) };
                WorkspaceEdit::Edit { scenario: ScenarioId(*scenario), edit: Arc::new(edit) }
            }
            Self::Fork { at, scenario } | Self::Delete { at, scenario } => {
                let read = scenario_of_record(workspace, scenario, &|word| words.layer(word), &mut Vec::new())?;
                workspace.scenarios.know_id(read.id);
                match self {
                    Self::Fork { .. } => WorkspaceEdit::Fork { at: *at, scenario: Box::new(read) },
                    _ => WorkspaceEdit::Delete { at: *at, scenario: Box::new(read) },
                }
            }
            Self::Rename { scenario, before, after } => {
                WorkspaceEdit::Rename { scenario: ScenarioId(*scenario), before: before.clone(), after: after.clone() }
            }
            Self::Note { scenario, before, after } => {
                WorkspaceEdit::Note { scenario: ScenarioId(*scenario), before: before.clone(), after: after.clone() }
            }
            Self::Move { from, to } => WorkspaceEdit::Move { from: *from, to: *to },
            Self::Ledger { scenario, ledger, line, before, after } => {
                let scenario = scenario.map(ScenarioId);
                let key = LedgerKey { scenario, ledger: ledger.clone(), line: line.clone() };
                let note = |said: &Option<Said>| {
                    said.as_ref().map(|said| LedgerNote { status: said.status.0, note: said.note.clone() })
                };
                WorkspaceEdit::Ledger { key, before: note(before), after: note(after) }
            }
            Self::Setting { key, before, after } => {
                WorkspaceEdit::Setting { key: key.clone(), before: before.clone(), after: after.clone() }
            }
            Self::Property { before, after } => WorkspaceEdit::Property {
                before: before.property(&|word| words.layer(word), &words.folder)?,
                after: after.property(&|word| words.layer(word), &words.folder)?,
            },
            Self::Layer { layer: word, comes, at, record } => {
                let layer = words.layer(word).unwrap_or_else(|| {
                    let id = LayerId::next();
                    let record = seen_from_anywhere(&words.folder, record);
                    workspace.closed.push(ClosedLayer { id, record, entry: None, wanted: None });
                    words.list.push((id, word.clone()));
                    id
                });
                WorkspaceEdit::Layer { layer, comes: *comes, at: *at }
            }
            Self::Measurement { at, before, after } => {
                let read = |of: &Option<MeasurementRecord>| of.clone().map(MeasurementRecord::into_measurement);
                WorkspaceEdit::Measurement { at: *at, before: read(before), after: read(after) }
            }
        })
    }
}

/// What the features of a layer are, open or not.
fn kind_of(workspace: &Workspace, id: LayerId) -> Option<GeometryKind> {
    let open = workspace.base_of(id).map(|(base, _)| base.kind);
    let closed = || workspace.closed.iter().find(|closed| closed.id == id).map(|closed| closed.record.kind.0);
    let absent = || workspace.absent.iter().find(|absent| absent.id == id).map(|absent| absent.record.kind.0);
    open.or_else(closed).or_else(absent)
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
