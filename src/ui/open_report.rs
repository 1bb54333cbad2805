//! The report on opened files: what was read, what needs an answer, and the CRS doctor.

use eframe::egui::Ui;

use super::command::Command;
use super::state::Session;

/// Files that were opened and wait for an answer.
#[derive(Debug, Default)]
pub struct OpenReport {}

/// An answer to the report.
#[derive(Clone, Debug, PartialEq)]
pub enum OpenChoice {
    /// Open nothing of it.
    Cancel,
}

/// What is remembered between frames.
#[derive(Debug, Default)]
pub struct State {}

/// Draws the report, when there is one.
pub fn ui(_ui: &mut Ui, _session: &Session, _state: &mut State, _commands: &mut Vec<Command>) {}
