//! Drafts of edits: what a gesture would change of the state shown, with the sentence that says so.
//!
//! A builder reads the workspace and changes nothing; [`Workspace::apply`] carries a draft out. Features are given by
//! their rows in the layer as shown, in any order.
//!
//! | file | builders |
//! |---|---|
//! | `added` | what was drawn on the map as a feature |
//! | `control` | land taken out of a control layer, and put into it |
//! | `recode` | a class for parcels |
//! | `farmland` | what goes with the class of cropland |
//! | `fields` | values of any field, also by expression |
//! | `revert` | back to the base |

use std::sync::Arc;

use super::edit::{Change, Coded, Edit, Key, SetField};
use super::entry::Entry;
use super::state::{LayerState, RowMap};
use super::workspace::Workspace;
use crate::expr::ExprError;
use crate::model::{LayerId, OwnedValue};
use crate::task::Cancelled;
use crate::text::{Language, Message};

mod added;
mod control;
mod farmland;
mod fields;
mod recode;
mod revert;

pub use added::add_drawn;
pub use control::{Land, put_in, take_out};
pub use farmland::{set_ridges, without_ridges};
pub use fields::{ByExpression, rows_where, set_by_expression, set_field, typed_value};
pub use recode::recode;
pub use revert::{revert, revert_layer};

/// Edits that are not carried out yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// What changes, in order.
    pub edits: Vec<Edit>,
    /// The sentence of the history.
    pub sentence: Message,
}

/// Why there is nothing to edit.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EditError {
    /// Everything is as it would become.
    #[error("nothing would change")]
    NothingChanges,
    /// The layer is not open.
    #[error("the layer is not open")]
    NoLayer,
    /// No field of the layer holds classes of a known scheme.
    #[error("no field of layer {0:?} holds classes of a known land-use scheme")]
    NoClassField(String),
    /// The class belongs to another scheme than those of the layer.
    #[error("the class is one of {found}, the classes of layer {layer:?} are of {expected}")]
    OtherScheme {
        /// The layer.
        layer: String,
        /// Scheme of its classes.
        expected: &'static str,
        /// Scheme of the class.
        found: &'static str,
    },
    /// The share of ridges is none, or the layer has no field for it.
    #[error("expected a share of ridges of 0 or more and less than 1, and a field for it (KCXS)")]
    NoShare,
    /// The name of a new field is empty.
    #[error("a field needs a name")]
    NoFieldName,
    /// The field is worked out by an expression.
    #[error("field {0} is worked out by an expression: change that instead")]
    Computed(String),
    /// The expression does not fit the layer.
    #[error("{0}")]
    Expr(#[from] ExprError),
    /// The layers hold no polygons.
    #[error("layer {0:?} has no polygons")]
    NotPolygons(String),
    /// The layer holds shapes of another kind.
    #[error("layer {0:?} holds shapes of another kind")]
    OtherKind(String),
    /// Geometry could not be cut.
    #[error("the geometry cannot be cut: {0}")]
    NotCut(Message),
    /// The user cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl EditError {
    /// The error as a sentence.
    pub fn text(&self, language: Language) -> String {
        let message = match self {
            Self::NothingChanges => Message::new("scenario.nothing-changes"),
            Self::NoLayer => Message::new("scenario.no-layer"),
            Self::NoClassField(layer) => Message::new("scenario.no-class-field").with("layer", layer),
            Self::OtherScheme { layer, expected, found } => Message::new("scenario.other-scheme")
                .with("layer", layer)
                .with("expected", expected)
                .with("found", found),
            Self::NoShare => Message::new("scenario.no-share"),
            Self::NoFieldName => Message::new("scenario.no-field-name"),
            Self::Computed(field) => Message::new("scenario.field-is-computed").with("field", field),
            Self::Expr(error) => return error.text(language),
            Self::NotPolygons(layer) => Message::new("scenario.not-polygons").with("layer", layer),
            Self::OtherKind(layer) => Message::new("scenario.other-kind").with("layer", layer),
            Self::NotCut(reason) => Message::new("scenario.not-cut").with("reason", reason.text(language)),
            Self::Cancelled(_) => Message::new("scenario.cancelled"),
        };
        message.text(language)
    }
}

/// A layer as shown, with what is needed to name its features.
struct Subject<'a> {
    entry: &'a Entry,
    state: Option<&'a LayerState>,
    rows: Arc<RowMap>,
}

impl<'a> Subject<'a> {
    fn new(workspace: &'a Workspace, layer: LayerId) -> Result<Self, EditError> {
        let entry = workspace.entry(layer).ok_or(EditError::NoLayer)?;
        let rows = workspace.rows_of(layer).ok_or(EditError::NoLayer)?;
        let state = workspace.shown_scenario().and_then(|scenario| scenario.state(layer));
        Ok(Self { entry, state, rows })
    }

    fn edit(&self, change: Change) -> Edit {
        Edit { layer: self.entry.id(), change }
    }

    /// Rows in order, each once, as far as they are there.
    fn tidy(&self, rows: &[u32]) -> Vec<u32> {
        let count = self.entry.layer.feature_count();
        let mut rows: Vec<u32> = rows.iter().copied().filter(|row| (*row as usize) < count).collect();
        if !rows.is_sorted_by(|a, b| a < b) {
            rows.sort_unstable();
            rows.dedup();
        }
        rows
    }

    /// Sets a field of rows, ascending, to values; rows that have them are left out. `None` where all have.
    fn set(&self, field: &str, rows: &[u32], after: Coded) -> Option<SetField> {
        let layer = &self.entry.layer;
        let at = layer.field(field);
        let name = at.map_or(field, |at| layer.fields[at].name.as_str());
        let all: Vec<Key> = rows.iter().map(|row| self.rows.key(*row as usize)).collect();
        let before = match (self.state, at) {
            (Some(state), at) => state.values(at, &all),
            (None, Some(at)) => Coded::gathered(layer, at, &all, |_, _| None, std::iter::empty()),
            (None, None) => Coded::one(OwnedValue::Null),
        };
        let differs = |place: &usize| !before.get(*place).same(after.get(*place));
        let places: Vec<usize> = (0..rows.len()).filter(differs).collect();
        if places.is_empty() {
            return None;
        }
        let keys = places.iter().map(|place| all[*place]).collect();
        let (before, after) = match places.len() == rows.len() {
            true => (before, after),
            false => {
                let pick = |coded: &Coded| Coded::of(places.iter().map(|place| coded.get(*place).clone()));
                (pick(&before), pick(&after))
            }
        };
        Some(SetField { field: name.into(), creates: at.is_none(), keys, before, after })
    }
}
