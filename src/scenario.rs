//! The workspace of layers, plans for it, and the files that keep both. Four floors, bottom to top; a test checks them:
//!
//! | floor | holds |
//! |---|---|
//! | [`compare`] | two states of land use: gross and net of ridges, the transition matrix, live figures |
//! | [`document`] | the workspace, scenarios and their edits, what undo takes back |
//! | [`project`] | the project file, its history and the journal that survives a crash |
//! | [`plan`] | states of the plan against the base, control lines, red lines |
//!
//! `project` and `plan` stand side by side on `document` and know nothing of each other. Source files are never written.

pub mod compare;
pub mod document;
pub mod plan;
pub mod project;

pub use compare::class_sum::ClassSum;
pub use compare::live::{Flow, Live, PrintedFlow, Target};
pub use compare::net::{GrossNet, Ridges};
pub use compare::transition::{Classes, CompareError, CompareOptions, Comparison, Matrix};
pub use compare::{live, net, transition};
pub use document::closed::{AbsentLayer, ClosedLayer, WantedLayer};
pub use document::computed::Computed;
pub use document::draft::{Draft, EditError};
pub use document::edit::{Change, Edit, Key, Way};
pub use document::entry::{Entry, LayerGroup, SavedView};
pub use document::history::{History, Travelled};
pub use document::join::{Join, WantedTable};
pub use document::ledger::{LedgerKey, LedgerNote, LedgerStatus};
pub use document::manage::Applied;
pub use document::marks::{Bookmark, MapNote};
pub use document::measurement::{Measurement, MeasurementKind};
pub use document::planned::{Scenario, ScenarioId, Source};
pub use document::property::Property;
pub use document::scenarios::Scenarios;
pub use document::seeing::{SavedSeeing, Seeing};
pub use document::state::{LayerState, RowMap};
pub use document::step::{By, Scope, Step, WorkspaceEdit};
pub use document::table_layout::TableLayout;
pub use document::underlay::{Underlay, UnderlaySource};
pub use document::workspace::Workspace;
pub use document::{draft, edit, history, seeing, style_file, workspace};
pub use plan::lines::{LineFigures, LineKind, LineOverlaps};
pub use plan::plan_state::{PlanState, StateLayer};
pub use plan::red_line::RedLine;
pub use plan::{lines, locate, plan_state, red_line};
pub use project::journal::{Journal, JournalFile, Recovered};
pub use project::{Loaded, ProjectError, journal};

#[cfg(test)]
mod tests;
