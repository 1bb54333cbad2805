//! A panel that floats over the window: moved and sized freely, and put back with a press. Where it was left is remembered.

use eframe::egui::{self, Align, Layout, Rect, Ui, pos2, vec2};

use crate::ui::look::theme::{self, size, tokens};
use crate::ui::look::{icons, widgets};
use crate::ui::session::command::Command;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::parts::Panel;
use crate::ui::session::settings::Settings;

/// Smallest size of a floating panel, in points.
const LEAST: [f32; 2] = [220.0, 160.0];

/// What the frame takes beside the content, in points.
const AROUND: [f32; 2] = [26.0, 14.0];

/// Points by which a panel has to move for that to be remembered.
const MOVED: f32 = 1.0;

/// Draws `content` in a window of its own, where the panel floats and is open. Returns its place once that has changed.
pub fn ui(
    ui: &Ui,
    settings: &Settings,
    panel: Panel,
    commands: &mut Vec<Command>,
    content: impl FnOnce(&mut Ui, &mut Vec<Command>),
) -> Option<[f32; 4]> {
    let place = settings.floats(panel).filter(|_| settings.open(panel))?;
    let [x, y, width, height] = place;
    let name = settings.tr(name_key(panel));
    let room = ui.ctx().content_rect();
    let shown = egui::Window::new(name)
        .id(egui::Id::unique(("floating-panel", name_key(panel))))
        .title_bar(false)
        .resizable(true)
        .constrain_to(room)
        .min_size(vec2(LEAST[0], LEAST[1]))
        .default_rect(Rect::from_min_size(pos2(x, y), vec2(width, height)))
        .frame(theme::card(tokens(ui)))
        .show(ui.ctx(), |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            let bar = vec2(ui.available_width(), size::CONTROL);
            ui.allocate_ui_with_layout(bar, Layout::right_to_left(Align::Center), |ui| {
                if widgets::icon_button_small(ui, icons::X, settings.tr("habits.panel-close")).clicked() {
                    commands.push(Command::Window(WindowCommand::TogglePanel(panel)));
                }
                if widgets::icon_button_small(ui, icons::PIN, settings.tr("habits.panel-back")).clicked() {
                    commands.push(Command::Window(WindowCommand::ToggleFloating(panel)));
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    widgets::section(ui, name);
                });
            });
            widgets::hairline(ui);
            content(ui, commands);
            ui.take_available_space();
        })?;
    let rect = shown.response.rect;
    let now = [rect.left(), rect.top(), rect.width() - AROUND[0], rect.height() - AROUND[1]];
    let moved = place.iter().zip(now).any(|(was, is)| (was - is).abs() > MOVED);
    (moved && !ui.input(|input| input.pointer.any_down())).then_some(now)
}

fn name_key(panel: Panel) -> &'static str {
    match panel {
        Panel::Layers => "ui.panel-layers",
        Panel::Inspector => "ui.panel-inspector",
        Panel::Bottom => "ui.panel-bottom",
    }
}
