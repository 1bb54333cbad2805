//! The left panel: the layer tree; where a scenario is shown, its changes and the classes to assign, too.

use eframe::egui::{Align, Layout, Ui, vec2};

use crate::ui::look::theme::size;
use crate::ui::look::widgets;
use crate::ui::panels::{changes, class_picker, layers};
use crate::ui::session::Session;
use crate::ui::session::command::Command;

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    layers: layers::State,
    picker: class_picker::State,
    /// Whether the tree shows although a scenario does.
    tree: bool,
    /// Whether the changes show although the base does: someone travelled back to it along them.
    changes_of_base: bool,
}

/// Draws the panel.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let of_base = session.workspace.scenarios.shown().is_none();
    if of_base && session.workspace.listed_steps().is_empty() {
        layers::ui(ui, session, &mut state.layers, commands);
        return;
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    let heading = vec2(ui.available_width(), size::TABS);
    ui.allocate_ui_with_layout(heading, Layout::left_to_right(Align::Center), |ui| {
        ui.add_space(8.0);
        let mut shows_tree = if of_base { !state.changes_of_base } else { state.tree };
        for (tree, key) in [(false, "edit.changes"), (true, "ui.layers")] {
            if widgets::segment(ui, session.tr(key), shows_tree == tree).clicked() {
                shows_tree = tree;
            }
        }
        match of_base {
            true => state.changes_of_base = !shows_tree,
            false => state.tree = shows_tree,
        }
    });
    widgets::hairline(ui);
    let shows_tree = if of_base { !state.changes_of_base } else { state.tree };
    if shows_tree {
        layers::ui(ui, session, &mut state.layers, commands);
        return;
    }
    let foot = size::FOOT;
    if changes::ui(ui, session, (ui.available_height() * 0.42 - size::PANEL_HEADING).max(60.0), commands) {
        state.changes_of_base = true;
    }
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
