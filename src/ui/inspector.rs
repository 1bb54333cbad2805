//! The inspector: what was identified on the map, its attributes, areas and shape.

use eframe::egui::{self, Align, Layout, Margin, Ui};

use super::command::Command;
use super::state::Session;
use super::theme::{font, size, tokens};
use super::{icons, widgets};
use crate::text::Message;

/// What is remembered between frames.
#[derive(Debug, Default)]
pub struct State {}

/// Draws the inspector.
pub fn ui(ui: &mut Ui, session: &Session, _state: &mut State, commands: &mut Vec<Command>) {
    let hits = &session.identified;
    heading(ui, session, commands);
    let Some(shown) = hits.current() else {
        widgets::empty_state(ui, icons::MOUSE_POINTER_2, session.tr("ui.identify-empty"), |_| {});
        return;
    };
    let Some(entry) = session.workspace.entry(shown.layer) else { return };
    let t = tokens(ui);
    egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        egui::Frame::new().inner_margin(Margin::symmetric(size::MARGIN as i8, 8)).show(ui, |ui| {
            let number = entry.layer.source_row(shown.feature) + 1;
            widgets::label(ui, &format!("{} · #{number}", entry.title), font::note(), t.muted);
            widgets::hairline(ui);
            widgets::section(ui, session.tr("ui.attributes"));
            for (i, field) in entry.layer.fields.iter().enumerate() {
                ui.horizontal(|ui| {
                    let value = entry.layer.value(shown.feature, i);
                    ui.scope(|ui| {
                        ui.set_width(96.0);
                        widgets::muted(ui, &field.name);
                    });
                    let (text, color) =
                        if value.is_null() { ("null".to_owned(), t.faint) } else { (value.to_string(), t.text) };
                    widgets::label(ui, &text, font::body(), color);
                });
            }
        });
    });
}

fn heading(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    let hits = &session.identified;
    ui.allocate_ui_with_layout(
        egui::vec2(ui.available_width(), size::PANEL_HEADING),
        Layout::left_to_right(Align::Center),
        |ui| {
            ui.add_space(size::MARGIN);
            widgets::section(ui, session.tr("ui.identify"));
            if !hits.hits.is_empty() {
                let text = Message::new("ui.identify-stack").with("i", hits.shown + 1).with("n", hits.hits.len());
                widgets::muted(ui, &text.text(session.language()));
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add_space(8.0);
                let last = hits.hits.len().saturating_sub(1);
                ui.add_enabled_ui(hits.shown < last, |ui| {
                    if widgets::icon_button(ui, icons::CHEVRON_RIGHT, session.tr("ui.identify-next")).clicked() {
                        commands.push(Command::ShowIdentified(hits.shown + 1));
                    }
                });
                ui.add_enabled_ui(hits.shown > 0, |ui| {
                    if widgets::icon_button(ui, icons::CHEVRON_LEFT, session.tr("ui.identify-previous")).clicked() {
                        commands.push(Command::ShowIdentified(hits.shown - 1));
                    }
                });
            });
        },
    );
}
