//! Tools, what they draw, and what was measured with them: the commands of this subject, as data.

use crate::model::LayerId;
use crate::ui::session::parts::Tool;
use crate::ui::session::sketch::Sketch;

/// Tools, what they draw, and what was measured with them.
#[derive(Clone, Debug, PartialEq)]
pub enum ToolCommand {
    /// Take up a tool.
    UseTool(Tool),
    /// Report what the tool in hand is drawing.
    SetSketch(Sketch),
    /// Snap to vertices and edges when measuring, or not.
    ToggleSnap,
    /// Keep the measurement that was just drawn.
    KeepMeasurement,
    /// Name a kept measurement.
    NameMeasurement(usize, String),
    /// Remove a kept measurement.
    RemoveMeasurement(usize),
    /// Add a kept measurement to a layer as a feature.
    AddMeasurement(usize, LayerId),
    /// Write a kept measurement to a file to be chosen.
    ExportMeasurement(usize),
    /// Show a kept measurement on the map.
    ShowMeasurement(usize),
    /// Ask what a kept area takes, by its place in the list; `None` to ask no longer.
    TakeOf(Option<usize>),
}
