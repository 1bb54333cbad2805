//! A panel that floats over the window: moved and sized freely, and put back with a press. Where it was left is remembered.

use eframe::egui::{self, Align, Layout, Rect, Ui, pos2, vec2};

use crate::ui::look::theme::{self, size, tokens};
use crate::ui::look::{icons, widgets};
use crate::ui::session::command::Command;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::parts::Panel;
use crate::ui::session::settings::Settings;

/// Smallest size of a panel that is not in the window, in points.
pub(super) const LEAST: [f32; 2] = [220.0, 160.0];

/// What the frame takes beside the content, in points.
const AROUND: [f32; 2] = [26.0, 14.0];

/// Points by which a panel has to move for that to be remembered.
const MOVED: f32 = 1.0;

/// Where a panel floats that would have a window of its own, if the system let it: left and top of the window.
const INSTEAD: [f32; 2] = [60.0, 80.0];

/// Draws `content` over the window, where the panel floats and is open. Returns its place once that has changed.
pub fn ui(
    ui: &Ui,
    settings: &Settings,
    panel: Panel,
    commands: &mut Vec<Command>,
    content: impl FnOnce(&mut Ui, &mut Vec<Command>),
) -> Option<[f32; 4]> {
    let floats = settings.floats(panel);
    let own = settings.own_window(panel).filter(|_| ui.ctx().embed_viewports());
    let instead = || own.map(|[_, _, width, height]| [INSTEAD[0], INSTEAD[1], width, height]);
    let place = floats.or_else(instead).filter(|_| settings.open(panel))?;
    let [x, y, width, height] = place;
    let room = ui.ctx().content_rect();
    let shown = egui::Window::new(settings.tr(panel.name_key()))
        .id(egui::Id::unique(("floating-panel", panel.name_key())))
        .title_bar(false)
        .resizable(true)
        .constrain_to(room)
        .min_size(vec2(LEAST[0], LEAST[1]))
        .default_rect(Rect::from_min_size(pos2(x, y), vec2(width, height)))
        .frame(theme::card(tokens(ui)))
        .show(ui.ctx(), |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            bar(ui, settings, panel, commands);
            content(ui, commands);
            ui.take_available_space();
        })?;
    let rect = shown.response.rect;
    let now = [rect.left(), rect.top(), rect.width() - AROUND[0], rect.height() - AROUND[1]];
    let moved = place.iter().zip(now).any(|(was, is)| (was - is).abs() > MOVED);
    // A panel that floats for want of a window of its own keeps what is known of that.
    (moved && floats.is_some() && !ui.input(|input| input.pointer.any_down())).then_some(now)
}

/// Name of a panel that is not in the window, and where it can go from there.
pub(super) fn bar(ui: &mut Ui, settings: &Settings, panel: Panel, commands: &mut Vec<Command>) {
    let has_window = settings.own_window(panel).is_some();
    let bar = vec2(ui.available_width(), size::CONTROL);
    ui.allocate_ui_with_layout(bar, Layout::right_to_left(Align::Center), |ui| {
        ui.add_space(4.0);
        if widgets::icon_button_small(ui, icons::X, settings.tr("habits.panel-close")).clicked() {
            commands.push(Command::Window(WindowCommand::TogglePanel(panel)));
        }
        if widgets::icon_button_small(ui, icons::PIN, settings.tr("habits.panel-back")).clicked() {
            let back = if has_window { WindowCommand::ToggleOwnWindow } else { WindowCommand::ToggleFloating };
            commands.push(Command::Window(back(panel)));
        }
        // Where there are no other windows, none is offered.
        if !has_window
            && !ui.ctx().embed_viewports()
            && widgets::icon_button_small(ui, icons::SCALING, settings.tr("habits.panel-window")).clicked()
        {
            commands.push(Command::Window(WindowCommand::ToggleOwnWindow(panel)));
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.add_space(4.0);
            widgets::section(ui, settings.tr(panel.name_key()));
        });
    });
    widgets::hairline(ui);
}
