//! Fields that commands give the keyboard to, by name.

use eframe::egui;

/// Gives the keyboard to the search for a class, once the window shows it.
pub fn into_class_search(ctx: &egui::Context) {
    ctx.data_mut(|data| data.insert_temp(egui::Id::unique("class-search-wanted"), true));
}

/// The search box.
pub fn search_box() -> egui::Id {
    egui::Id::unique("search-box")
}

/// Puts the cursor into the search box.
pub fn into_search_box(ctx: &egui::Context) {
    ctx.memory_mut(|memory| memory.request_focus(search_box()));
}
