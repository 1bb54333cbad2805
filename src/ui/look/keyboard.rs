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

/// Opens the bar that finds rows of the table, and puts the cursor into it, once the table is drawn.
pub fn into_table_find(ctx: &egui::Context) {
    ctx.data_mut(|data| data.insert_temp(egui::Id::unique("table-find-wanted"), true));
}

/// Whether that was asked for; once.
pub fn is_table_find_wanted(ctx: &egui::Context) -> bool {
    let wanted: Option<bool> = ctx.data_mut(|data| data.remove_temp(egui::Id::unique("table-find-wanted")));
    wanted.is_some()
}

/// Gives the keyboard to the n-th note on the map, once their list is drawn.
pub fn into_note(ctx: &egui::Context, at: usize) {
    ctx.data_mut(|data| data.insert_temp(egui::Id::unique("note-wanted"), at));
}

/// The note that this was asked for; once.
pub fn wanted_note(ctx: &egui::Context) -> Option<usize> {
    ctx.data_mut(|data| data.remove_temp(egui::Id::unique("note-wanted")))
}

/// What a window of the system remembers under a name: each counts its frames by itself.
pub(in crate::ui) fn of_window(ctx: &egui::Context, name: &'static str) -> egui::Id {
    egui::Id::unique((name, ctx.viewport_id().0))
}

/// Says that Esc is for the field that has the keyboard now, and no command.
pub fn keep_escape(ctx: &egui::Context) {
    let (now, place) = (ctx.cumulative_pass_nr(), of_window(ctx, "escape-of-a-field"));
    ctx.data_mut(|data| data.insert_temp(place, now));
}

/// Whether a field said so in the last frame: with Esc it has lost the keyboard before anybody asks.
pub fn is_escape_taken(ctx: &egui::Context) -> bool {
    let place = of_window(ctx, "escape-of-a-field");
    let said: Option<u64> = ctx.data(|data| data.get_temp(place));
    said.is_some_and(|said| ctx.cumulative_pass_nr() <= said + 1)
}
