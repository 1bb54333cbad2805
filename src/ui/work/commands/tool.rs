//! Tools, what they draw, and what was measured with them.

use eframe::egui::Key;

use crate::model::{Extent, LayerId};
use crate::scenario::{Measurement, MeasurementKind};
use crate::ui::look::icons;
use crate::ui::session::Session;
use crate::ui::session::command::spec::{Spec, plain, spec};
use crate::ui::session::command::tool::ToolCommand;
use crate::ui::session::parts::{Tab, Tool};
use crate::ui::session::rows::{Rows, SelectMode};
use crate::ui::session::sketch::Sketch;
use crate::ui::work::commands::scenario::keep_features;
use crate::ui::work::view::zoom_to;
use crate::ui::work::{measurements, red_line, scenarios};

impl ToolCommand {
    /// Those that have words, in the order of menus.
    pub(super) fn listed() -> [Self; Tool::ALL.len()] {
        Tool::ALL.map(Self::UseTool)
    }

    /// Words, icon and shortcuts, for commands that have them.
    pub(super) fn spec(&self) -> Option<Spec> {
        match self {
            Self::UseTool(Tool::Browse) => spec("ui.tool-browse", Some(icons::HAND), const { &[plain(Key::H)] }),
            Self::UseTool(Tool::Select) => {
                spec("ui.tool-select", Some(icons::MOUSE_POINTER_2), const { &[plain(Key::V)] })
            }
            Self::UseTool(Tool::SelectPolygon) => {
                spec("ui.tool-select-polygon", Some(icons::PENTAGON), const { &[plain(Key::P)] })
            }
            Self::UseTool(Tool::Lasso) => spec("ui.tool-lasso", Some(icons::LASSO), const { &[plain(Key::L)] }),
            Self::UseTool(Tool::Distance) => spec("ui.tool-distance", Some(icons::RULER), const { &[plain(Key::D)] }),
            Self::UseTool(Tool::Area) => spec("ui.tool-area", Some(icons::VECTOR_SQUARE), const { &[plain(Key::M)] }),
            Self::KeepMeasurement => spec("ui.keep", Some(icons::BOOKMARK_PLUS), &[]),
            _ => None,
        }
    }

    /// Whether what the command switches is on, for those that switch something.
    pub(super) fn checked(&self, tool_in_hand: Tool) -> Option<bool> {
        match self {
            Self::UseTool(tool) => Some(tool_in_hand == *tool),
            _ => None,
        }
    }
}

/// Carries out `command`.
pub(super) fn run(session: &mut Session, command: ToolCommand) {
    match command {
        ToolCommand::TakeOf(measurement) => red_line::pin(session, measurement),
        ToolCommand::ToggleSnap => session.settings.snap = !session.settings.snap,
        ToolCommand::UseTool(tool) => {
            if session.tool != tool {
                session.project.sketch = Sketch::default();
            }
            session.tool = tool;
        }
        ToolCommand::SetSketch(sketch) => session.project.sketch = sketch,
        ToolCommand::KeepMeasurement => keep_measurement(session),
        ToolCommand::NameMeasurement(at, name) => {
            session.workspace.name_measurement(at, &name, scenarios::by(session.language()));
        }
        ToolCommand::RemoveMeasurement(at) => {
            session.workspace.remove_measurement(at, scenarios::by(session.language()));
        }
        ToolCommand::AddMeasurement(at, layer) => add_measurement(session, at, layer),
        ToolCommand::ExportMeasurement(at) => measurements::export(session, at),
        ToolCommand::ShowMeasurement(at) => {
            if let Some(measurement) = session.workspace.measurements.get(at)
                && Some(&measurement.crs) == session.workspace.crs.as_ref()
            {
                zoom_to(session, Extent::of(&measurement.points));
            }
        }
    }
}

/// Makes a kept measurement a feature, and selects it: next it gets its class.
fn add_measurement(session: &mut Session, at: usize, layer: LayerId) {
    let row = measurements::add_to(session, at, layer);
    keep_features(session);
    if let Some(row) = row {
        session.project.selection.apply(layer, &Rows::from_iter([row]), SelectMode::Replace);
        session.project.current = Some(layer);
    }
}

fn keep_measurement(session: &mut Session) {
    let kind = match session.tool {
        Tool::Distance => MeasurementKind::Distance,
        Tool::Area => MeasurementKind::Area,
        _ => return,
    };
    let least = if kind == MeasurementKind::Area { 3 } else { 2 };
    if session.project.sketch.points.len() < least {
        return;
    }
    let Some(crs) = session.workspace.crs.clone() else { return };
    let points = std::mem::take(&mut session.project.sketch).points;
    let measurement = Measurement { name: String::new(), kind, points, crs };
    session.workspace.keep_measurement(measurement, scenarios::by(session.language()));
    session.settings.tab = Tab::Measurements;
}
