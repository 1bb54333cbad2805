//! How a layer is drawn: single or by class, colours, lines, opacity.

use eframe::egui::{self, Align, Layout, Margin, Ui};

use super::command::Command;
use super::state::{Page, Session};
use super::theme::size;
use super::{icons, widgets};
use crate::model::LayerId;

/// What is remembered between frames.
#[derive(Debug, Default)]
pub struct State {}

/// Draws the style of `layer`.
pub fn ui(ui: &mut Ui, session: &Session, layer: LayerId, _state: &mut State, commands: &mut Vec<Command>) {
    let Some(entry) = session.workspace.entry(layer) else { return };
    ui.allocate_ui_with_layout(
        egui::vec2(ui.available_width(), size::PANEL_HEADING),
        Layout::left_to_right(Align::Center),
        |ui| {
            ui.add_space(size::MARGIN);
            widgets::section(ui, session.tr("ui.layer-style"));
            widgets::muted(ui, &entry.title);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add_space(8.0);
                if widgets::icon_button(ui, icons::X, session.tr("ui.close")).clicked() {
                    commands.push(Command::ShowPage(Page::Identify));
                }
            });
        },
    );
    egui::Frame::new().inner_margin(Margin::symmetric(size::MARGIN as i8, 8)).show(ui, |ui| {
        let mut percent = (entry.style.opacity * 100.0).round();
        let slider = egui::Slider::new(&mut percent, 0.0..=100.0).suffix(" %").text(session.tr("ui.opacity"));
        if ui.add(slider).changed() {
            let mut style = entry.style.clone();
            style.opacity = percent / 100.0;
            commands.push(Command::SetStyle(layer, Box::new(style)));
        }
    });
}
