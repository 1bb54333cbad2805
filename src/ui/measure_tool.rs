//! The measure tool: points set by clicks, live figures, snapping, and the pill that keeps a measurement.

use eframe::egui::{Response, Ui};

use super::command::Command;
use super::state::Session;

/// What is remembered between frames.
#[derive(Debug, Default)]
pub struct State {}

/// Reads the measure tool and draws what it measures.
pub fn ui(_ui: &mut Ui, _map: &Response, _session: &Session, _state: &mut State, _commands: &mut Vec<Command>) {}
