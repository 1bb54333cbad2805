//! A step: what the user did at once, as changes that can be turned round.

use std::sync::Arc;

use super::edit::Edit;
use super::ledger::{LedgerKey, LedgerNote};
use super::measurement::Measurement;
use super::planned::{Scenario, ScenarioId};
use super::property::Property;
use crate::model::LayerId;
use crate::text::{Language, Message};

/// Seconds within which changes of one thing are one step: a slider that is dragged, a name that is typed.
const ONE_GESTURE: i64 = 2;

/// Who does something: in which language names are made up, and when.
#[derive(Clone, Copy, Debug, Default)]
pub struct By {
    /// Language of names and sentences.
    pub language: Language,
    /// Seconds since 1970, where known.
    pub when: Option<i64>,
}

/// A change of the workspace that undo takes back.
#[derive(Clone, Debug)]
pub enum WorkspaceEdit {
    /// A layer of a scenario changes.
    Edit {
        /// The scenario.
        scenario: ScenarioId,
        /// What changes.
        edit: Arc<Edit>,
    },
    /// A scenario comes: forked, duplicated, made of other layers.
    Fork {
        /// Place among the tabs.
        at: usize,
        /// The scenario as it comes.
        scenario: Box<Scenario>,
    },
    /// A scenario goes.
    Delete {
        /// Place among the tabs.
        at: usize,
        /// The scenario as it went.
        scenario: Box<Scenario>,
    },
    /// A scenario gets another name.
    Rename {
        /// The scenario.
        scenario: ScenarioId,
        /// Its name before.
        before: String,
        /// Its name after.
        after: String,
    },
    /// A scenario gets another note.
    Note {
        /// The scenario.
        scenario: ScenarioId,
        /// Its note before.
        before: String,
        /// Its note after.
        after: String,
    },
    /// A tab moves.
    Move {
        /// Its place before.
        from: usize,
        /// Its place after.
        to: usize,
    },
    /// A line of a ledger gets another status or note.
    Ledger {
        /// The line.
        key: LedgerKey,
        /// What was said before.
        before: Option<LedgerNote>,
        /// What is said after.
        after: Option<LedgerNote>,
    },
    /// A setting changes: a target, a limit of a rule.
    Setting {
        /// Its word.
        key: String,
        /// Its value before.
        before: Option<String>,
        /// Its value after.
        after: Option<String>,
    },
    /// Something about the document changes: a style, an order, the CRS of the map.
    Property {
        /// What it was.
        before: Property,
        /// What it is, of the same thing.
        after: Property,
    },
    /// A layer comes into the tree, or goes. Its features, or where they are read from, lie with the closed layers
    /// while it is away.
    Layer {
        /// The layer.
        layer: LayerId,
        /// Whether it comes.
        comes: bool,
        /// Its place among all layers.
        at: usize,
    },
    /// A kept measurement comes, changes or goes.
    Measurement {
        /// Its place in the list.
        at: usize,
        /// What it was; `None` where it comes.
        before: Option<Measurement>,
        /// What it is; `None` where it goes.
        after: Option<Measurement>,
    },
}

/// What a step concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The document: all tabs.
    Document,
    /// One scenario, which may be gone or not yet there.
    Scenario(ScenarioId),
}

/// What the user did at once.
#[derive(Clone, Debug)]
pub struct Step {
    /// The sentence of the list.
    pub sentence: Message,
    /// When, in seconds since 1970, where the caller knows.
    pub when: Option<i64>,
    /// What changed, in order.
    pub parts: Vec<WorkspaceEdit>,
}

impl Step {
    /// What it concerns: a scenario where all of it is about that one, the document else. A scenario that is deleted
    /// has no tab to take that back from: that concerns the document.
    pub fn scope(&self) -> Scope {
        let mut of = None;
        for part in &self.parts {
            let scenario = match part {
                WorkspaceEdit::Edit { scenario, .. }
                | WorkspaceEdit::Rename { scenario, .. }
                | WorkspaceEdit::Note { scenario, .. } => Some(*scenario),
                WorkspaceEdit::Fork { scenario, .. } => Some(scenario.id),
                WorkspaceEdit::Ledger { key, .. } => key.scenario,
                WorkspaceEdit::Delete { .. }
                | WorkspaceEdit::Move { .. }
                | WorkspaceEdit::Setting { .. }
                | WorkspaceEdit::Property { .. }
                | WorkspaceEdit::Layer { .. }
                | WorkspaceEdit::Measurement { .. } => None,
            };
            match (scenario, of) {
                (None, _) => return Scope::Document,
                (Some(scenario), Some(of)) if scenario != of => return Scope::Document,
                (Some(scenario), _) => of = Some(scenario),
            }
        }
        of.map_or(Scope::Document, Scope::Scenario)
    }

    /// The scenario that it concerns, to be shown; `None` for what concerns all.
    pub fn scenario(&self) -> Option<ScenarioId> {
        self.parts.iter().find_map(|part| match part {
            WorkspaceEdit::Edit { scenario, .. }
            | WorkspaceEdit::Rename { scenario, .. }
            | WorkspaceEdit::Note { scenario, .. } => Some(*scenario),
            WorkspaceEdit::Fork { scenario, .. } | WorkspaceEdit::Delete { scenario, .. } => Some(scenario.id),
            WorkspaceEdit::Ledger { key, .. } => key.scenario,
            _ => None,
        })
    }

    /// The edits of layers in it.
    pub fn edits(&self) -> impl Iterator<Item = (ScenarioId, &Edit)> {
        self.parts.iter().filter_map(|part| match part {
            WorkspaceEdit::Edit { scenario, edit } => Some((*scenario, &**edit)),
            _ => None,
        })
    }

    /// Bytes that it takes.
    pub fn byte_count(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let parts = self.parts.iter().map(|part| {
            size_of::<WorkspaceEdit>()
                + match part {
                    WorkspaceEdit::Edit { edit, .. } => edit.change.byte_count(),
                    WorkspaceEdit::Fork { scenario, .. } | WorkspaceEdit::Delete { scenario, .. } => {
                        scenario.byte_count()
                    }
                    WorkspaceEdit::Rename { before, after, .. } | WorkspaceEdit::Note { before, after, .. } => {
                        before.len() + after.len()
                    }
                    WorkspaceEdit::Move { .. } | WorkspaceEdit::Layer { .. } => 0,
                    WorkspaceEdit::Ledger { before, after, .. } => {
                        before.iter().chain(after).map(|note| note.note.len() + 64).sum()
                    }
                    WorkspaceEdit::Setting { key, before, after } => key.len() + text(before) + text(after),
                    WorkspaceEdit::Property { before, after } => before.byte_count() + after.byte_count(),
                    WorkspaceEdit::Measurement { before, after, .. } => {
                        before.iter().chain(after).map(Measurement::byte_count).sum()
                    }
                }
        });
        let sentence = self.sentence.args.iter().map(|(_, value)| value.len() + 40).sum::<usize>();
        size_of::<Self>() + sentence + parts.sum::<usize>()
    }

    pub(in crate::scenario) fn forks(&self, id: ScenarioId) -> bool {
        self.parts.iter().any(|part| matches!(part, WorkspaceEdit::Fork { scenario, .. } if scenario.id == id))
    }

    /// What this step and then `next` did, as one: where both change the same thing in one gesture. Whether anything
    /// is changed by both together.
    pub(in crate::scenario) fn amended(&self, next: &Self) -> Option<(Self, bool)> {
        let soon = self.when.zip(next.when).is_some_and(|(a, b)| (a..=a + ONE_GESTURE).contains(&b));
        let ([one], [other]) = (&*self.parts, &*next.parts) else { return None };
        if !soon {
            return None;
        }
        let (part, changes) = match (one, other) {
            (WorkspaceEdit::Property { before, after }, WorkspaceEdit::Property { before: of, after: last })
                if after.is_dragged() && after == of && before.is_of_what(after) && after.is_of_what(last) =>
            {
                (WorkspaceEdit::Property { before: before.clone(), after: last.clone() }, before != last)
            }
            (
                WorkspaceEdit::Measurement { at, before: Some(before), after: Some(_) },
                WorkspaceEdit::Measurement { at: same, before: Some(_), after: Some(last) },
            ) if at == same => {
                let (before, after) = (Some(before.clone()), Some(last.clone()));
                let changes = before != after;
                (WorkspaceEdit::Measurement { at: *at, before, after }, changes)
            }
            _ => return None,
        };
        Some((Self { parts: vec![part], ..next.clone() }, changes))
    }
}
