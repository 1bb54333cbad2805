//! The document: the workspace of layers, scenarios with their edits, and the history of both.
//!
//! Types stand in files of their own; what is done to a [`workspace::Workspace`] stands beside them, a file a subject.
//!
//! | file | holds |
//! |---|---|
//! | `entry`, `closed` | a layer in the tree, and one that is not there now |
//! | `join`, `joins` | a table behind a layer, and putting it there; classes in another scheme likewise |
//! | `mapped` | what somebody said a layer is |
//! | `computed`, `formulas` | what expressions give for a layer, and its fields that are worked out so |
//! | `marks`, `table_layout` | bookmarks of views and notes on the map; how a table is laid out |
//! | `edit`, `state`, `derived_areas` | what a scenario changes of a layer, the layer so changed, its areas |
//! | `planned`, `scenarios` | a scenario, all of them, and which is shown |
//! | `property`, `measurement`, `ledger`, `seeing`, `underlay` | what else is said: of the document, on the map, of lines of ledgers, of how states are seen, of what lies beneath |
//! | `step`, `history` | what the user did at once, and how it is taken back |
//! | `workspace` | all of it, with the order of the tree |
//! | `describe`, `closing`, `manage`, `stand_ins` | what is done to it |
//! | `draft` | edits made from gestures |
//! | `style_file` | a style as a file of its own |
//! | `record`, `waiting`, `reread` | what is kept of things not at hand, and found again |

pub mod closed;
mod closing;
pub mod computed;
mod derived_areas;
mod describe;
pub mod draft;
pub mod edit;
pub mod entry;
mod formulas;
pub mod history;
pub mod join;
pub(in crate::scenario) mod joins;
pub mod ledger;
pub mod manage;
mod mapped;
pub mod marks;
pub mod measurement;
pub mod planned;
pub mod property;
pub mod record;
mod reread;
pub mod scenarios;
pub mod seeing;
mod stand_ins;
pub mod state;
pub mod step;
pub mod style_file;
pub mod table_layout;
pub mod underlay;
pub(in crate::scenario) mod waiting;
pub mod workspace;
