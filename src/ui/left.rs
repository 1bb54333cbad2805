//! The left panel: the layer tree; where a scenario is shown, its changes and the classes to assign, too.

use eframe::egui::{Align, Layout, Ui, vec2};

use super::command::Command;
use super::state::Session;
use super::theme::size;
use super::{changes, class_picker, layers, widgets};

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    layers: layers::State,
    picker: class_picker::State,
    /// Whether the tree shows although a scenario does.
    tree: bool,
}

/// Draws the panel.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    if session.workspace.scenarios.shown().is_none() {
        layers::ui(ui, session, &mut state.layers, commands);
        return;
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    let heading = vec2(ui.available_width(), size::TABS);
    ui.allocate_ui_with_layout(heading, Layout::left_to_right(Align::Center), |ui| {
        ui.add_space(8.0);
        for (tree, key) in [(false, "edit.changes"), (true, "ui.layers")] {
            if widgets::segment(ui, session.tr(key), state.tree == tree).clicked() {
                state.tree = tree;
            }
        }
    });
    widgets::hairline(ui);
    if state.tree {
        layers::ui(ui, session, &mut state.layers, commands);
        return;
    }
    let foot = size::FOOT;
    changes::ui(ui, session, (ui.available_height() * 0.42 - size::PANEL_HEADING).max(60.0), commands);
    ui.add_space(6.0);
    widgets::hairline(ui);
    let picker = vec2(ui.available_width(), (ui.available_height() - foot).max(60.0));
    ui.allocate_ui_with_layout(picker, Layout::top_down(Align::Min), |ui| {
        ui.set_min_size(picker);
        class_picker::ui(ui, session, &mut state.picker, commands);
    });
    widgets::hairline(ui);
    ui.allocate_ui_with_layout(vec2(ui.available_width(), foot), Layout::left_to_right(Align::Center), |ui| {
        ui.add_space(size::MARGIN);
        widgets::note(ui, session.tr("edit.hold-for-base")).on_hover_text(session.tr("edit.saved-as-edits"));
    });
}
