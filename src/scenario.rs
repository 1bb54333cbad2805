//! The workspace of layers, and the project file that keeps it.
//!
//! [`workspace`] is what is open: layers with their role, style, group and order. [`project`] writes it to a text file
//! and reads it back. [`net`] tells gross from net of field ridges. [`transition`] compares two states of land use.
//! [`scenarios`] are plans forked from the base, which is the workspace as opened: [`edit`] is what they change,
//! [`state`] carries it out, [`draft`] builds it from gestures, [`history`] takes it back, [`journal`] keeps it over a
//! crash. What the user says about the document ([`property`]), layers that come and go ([`closed`]) and measurements
//! that are kept ([`measurement`]) are steps of the same history. `stand_ins` finds layers that a scenario can be made
//! of. [`plan_state`] is all that is true together in the base or a scenario; [`lines`] hold it against the control
//! lines, and [`red_line`] says what any polygon takes of it; [`mod@locate`] finds features by where they lie to others.
//! Source files are never written.

pub mod closed;
mod derived_areas;
pub mod draft;
pub mod edit;
pub mod history;
pub mod joins;
pub mod journal;
pub mod ledger;
pub mod lines;
pub mod live;
pub mod locate;
pub mod manage;
pub mod measurement;
pub mod net;
pub mod plan_state;
pub mod project;
pub mod property;
pub mod red_line;
pub mod scenarios;
pub mod seeing;
mod stand_ins;
pub mod state;
pub mod transition;
pub mod workspace;

pub use closed::{ClosedLayer, WantedLayer};
pub use draft::{Draft, EditError};
pub use edit::{Change, Edit, Key, Way};
pub use history::{History, Scope, Step, Travelled, WorkspaceEdit};
pub use joins::{Join, WantedTable};
pub use journal::{Journal, JournalFile, Recovered};
pub use ledger::{LedgerKey, LedgerNote, LedgerStatus};
pub use lines::{LineFigures, LineKind, LineOverlaps};
pub use live::{Flow, Live, PrintedFlow, Target};
pub use manage::{Applied, By};
pub use measurement::{Measurement, MeasurementKind};
pub use net::{GrossNet, Ridges};
pub use plan_state::{PlanState, StateLayer};
pub use project::{Loaded, ProjectError};
pub use property::Property;
pub use red_line::RedLine;
pub use scenarios::{Scenario, ScenarioId, Scenarios, Source};
pub use seeing::{SavedSeeing, Seeing};
pub use state::{LayerState, RowMap};
pub use transition::{Classes, CompareError, CompareOptions, Comparison, Matrix};
pub use workspace::{AbsentLayer, ClassSum, Entry, LayerGroup, SavedView, Workspace};

#[cfg(test)]
mod tests;
