//! Rows of forms: a name at the left, what is chosen or typed beside it.

use eframe::egui::{Align, Layout, Ui, vec2};

use crate::ui::look::theme::size;
use crate::ui::look::widgets;

/// A row whose content stays in one line. The name takes `width` points.
pub fn row(ui: &mut Ui, width: f32, name: &str, content: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        ui.set_min_height(size::CONTROL + 4.0);
        name_ui(ui, width, name);
        content(ui);
    });
}

/// A row whose content takes as many lines as it needs: what does not fit goes on beneath the first, not beneath the name.
pub fn wrapped_row(ui: &mut Ui, width: f32, name: &str, content: impl FnOnce(&mut Ui)) {
    ui.horizontal_top(|ui| {
        ui.set_min_height(size::CONTROL + 2.0);
        name_ui(ui, width, name);
        ui.horizontal_wrapped(content);
    });
}

fn name_ui(ui: &mut Ui, width: f32, name: &str) {
    ui.allocate_ui_with_layout(vec2(width, size::CONTROL), Layout::left_to_right(Align::Center), |ui| {
        widgets::muted(ui, name);
        ui.take_available_width();
    });
}
