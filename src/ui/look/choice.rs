//! A field that shows what is chosen, and opens a menu of what could be.

use eframe::egui::{self, Ui, vec2};

use crate::ui::look::theme::{self, font, size, tokens};
use crate::ui::look::{icons, widgets};

/// A button that opens a menu of choices and shows the present one.
pub(in crate::ui) fn choice<R>(ui: &mut Ui, name: &str, now: &str, menu: impl FnOnce(&mut Ui) -> R) {
    choice_within(ui, name, now, 140.0, menu);
}

/// The same where what is chosen has `room` points.
pub(in crate::ui) fn choice_within<R>(ui: &mut Ui, name: &str, now: &str, room: f32, menu: impl FnOnce(&mut Ui) -> R) {
    let t = tokens(ui);
    let text = egui::WidgetText::from(egui::RichText::new(now).font(font::table()).color(t.text));
    let galley = text.into_galley(ui, Some(egui::TextWrapMode::Truncate), room, font::table());
    let wanted = vec2(galley.size().x + 34.0, size::CONTROL);
    let (rect, response) = ui.allocate_exact_size(wanted, egui::Sense::click());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, format!("{name} {now}")));
    let ground = if response.hovered() { t.hover } else { t.panel };
    ui.painter().rect(rect, theme::radius(), ground, theme::line(t), egui::StrokeKind::Inside);
    ui.painter().galley(egui::pos2(rect.left() + 10.0, rect.center().y - galley.size().y / 2.0), galley, t.text);
    let mark = egui::Rect::from_center_size(egui::pos2(rect.right() - 12.0, rect.center().y), egui::Vec2::splat(12.0));
    widgets::paint_icon(ui, mark, icons::CHEVRON_DOWN, 12.0, t.muted);
    widgets::focus_ring(ui, &response);
    let response = response.on_hover_text(name);
    egui::Popup::menu(&response).show(menu);
    ui.add_space(6.0);
}
