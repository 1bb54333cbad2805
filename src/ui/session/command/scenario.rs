//! What can be done to scenarios and in them.

use std::sync::Arc;

use crate::model::classes::Class;
use crate::model::{LayerId, OwnedValue, Revision};
use crate::scenario::{Draft, LedgerKey, LedgerNote, ScenarioId};
use crate::ui::session::rows::Rows;

/// Something done to scenarios or in them.
#[derive(Clone, Debug, PartialEq)]
pub enum ScenarioCommand {
    /// Show a scenario, or the base.
    Show(Option<ScenarioId>),
    /// Fork a scenario from another, or from the base.
    Fork(Option<ScenarioId>),
    /// Fork a scenario from the state that the tab shows.
    ForkShown,
    /// Make a scenario of other open layers: each in the place of one of the base.
    OfLayers {
        /// The layer of the base, and the one in its place.
        layers: Vec<(LayerId, LayerId)>,
        /// Its name, if the usual one is not wanted.
        name: Option<String>,
    },
    /// Copy a scenario.
    Duplicate(ScenarioId),
    /// Give a scenario another name.
    Rename(ScenarioId, String),
    /// Give a scenario another note.
    SetNote(ScenarioId, String),
    /// Delete a scenario.
    Delete(ScenarioId),
    /// Give features of a layer a class.
    Recode {
        /// The layer.
        layer: LayerId,
        /// The features.
        rows: Rows,
        /// Their new class.
        class: Class,
    },
    /// Give cropland its share of ridges.
    SetRidges {
        /// The layer.
        layer: LayerId,
        /// The features.
        rows: Rows,
        /// The share, 0 … 1.
        share: f64,
    },
    /// Set a field of features.
    SetField {
        /// The layer.
        layer: LayerId,
        /// The features.
        rows: Rows,
        /// The field.
        field: String,
        /// The new value.
        value: OwnedValue,
    },
    /// Carry out edits that were drafted, where the layers still are in the states that they were drafted for.
    Apply {
        /// The edits.
        draft: Arc<Draft>,
        /// States of the layers.
        of: Vec<(LayerId, Revision)>,
    },
    /// Put features back to what the base has.
    Revert {
        /// The layer.
        layer: LayerId,
        /// The features.
        rows: Rows,
    },
    /// Say something about lines of ledgers.
    NoteLedger(Vec<(LedgerKey, LedgerNote)>),
    /// Set a word of the project, or take it away.
    Setting(&'static str, Option<String>),
    /// Take the last step back.
    Undo,
    /// Do the step again that was taken back last.
    Redo,
    /// Go to where the step of that number is the last one done in the list of the tab; before all, with `None`.
    TravelTo(Option<u64>),
}
