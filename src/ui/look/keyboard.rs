//! Fields that commands give the keyboard to, by name.

use eframe::egui;

/// Gives the keyboard to the search for a class, once the window shows it.
pub fn take_keyboard(ctx: &egui::Context) {
    ctx.data_mut(|data| data.insert_temp(egui::Id::unique("class-search-wanted"), true));
}

pub(in crate::ui) fn field_id() -> egui::Id {
    egui::Id::unique("search-box")
}

/// Puts the cursor into the search box.
pub fn focus(ctx: &egui::Context) {
    ctx.memory_mut(|memory| memory.request_focus(field_id()));
}
