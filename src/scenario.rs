//! The workspace of layers, and the project file that keeps it.
//!
//! [`workspace`] is what is open: layers with their role, style, group and order. [`project`] writes it to a text file
//! and reads it back. [`net`] tells gross from net of field ridges. [`transition`] compares two states of land use. Scenarios and their edits will stand beside it; the base that they fork from is the workspace as
//! opened. Source files are never written.

pub mod net;
pub mod project;
pub mod transition;
pub mod workspace;

pub use net::{GrossNet, Ridges};
pub use project::{Loaded, ProjectError};
pub use transition::{Classes, CompareError, CompareOptions, Comparison, Matrix};
pub use workspace::{AbsentLayer, ClassSum, Entry, LayerGroup, SavedView, Workspace};
