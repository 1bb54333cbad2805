//! A window beside the map with the bookmarks of views and the notes pinned on the map: each is named, shown and removed
//! there, as a step that undo takes back.

use std::sync::Arc;

use eframe::egui::{self, Align, Layout, Ui, pos2, vec2};

use crate::scenario::{Bookmark, MapNote, SavedView};
use crate::text::Message;
use crate::ui::look::theme::{self, size, tokens};
use crate::ui::look::{icons, keyboard, widgets};
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::view::ViewCommand;

/// Width of the window, in points.
const WIDTH: f32 = 330.0;

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    /// How many notes there were, so that a new one gets the keyboard.
    note_count: Option<usize>,
    /// The bookmark whose name has the keyboard, and what is written there: also nothing, which is no name yet.
    naming: Option<(usize, String)>,
}

/// Draws the window, when it is open.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let notes = &session.workspace.notes;
    let is_new = state.note_count.replace(notes.len()).is_some_and(|before| before + 1 == notes.len());
    if !session.project.marks_open || session.workspace.crs.is_none() {
        state.naming = None;
        return;
    }
    let room = ui.ctx().content_rect();
    egui::Window::new(session.tr("habits.marks"))
        .id(egui::Id::unique("marks-window"))
        .title_bar(false)
        .resizable(false)
        .constrain_to(room)
        .default_pos(pos2(room.left() + size::LEFT + 80.0, room.top() + 2.0 * size::TOP_BAR + size::CARD_GAP))
        .frame(theme::card(tokens(ui)))
        .show(ui.ctx(), |ui| {
            ui.set_width(WIDTH);
            ui.spacing_mut().item_spacing.y = 4.0;
            let bar = vec2(ui.available_width(), size::CONTROL);
            ui.allocate_ui_with_layout(bar, Layout::right_to_left(Align::Center), |ui| {
                if widgets::icon_button_small(ui, icons::X, session.tr("habits.marks-close")).clicked() {
                    commands.push(Command::View(ViewCommand::ShowMarks(false)));
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    widgets::section(ui, session.tr("habits.marks"));
                });
            });
            widgets::hairline(ui);
            egui::ScrollArea::vertical().max_height(420.0).show(ui, |ui| {
                bookmarks_ui(ui, session, &mut state.naming, commands);
                ui.add_space(size::STEP);
                notes_ui(ui, session, is_new, commands);
            });
        });
}

fn bookmarks_ui(ui: &mut Ui, session: &Session, naming: &mut Option<(usize, String)>, commands: &mut Vec<Command>) {
    let (language, known) = (session.language(), &session.workspace.bookmarks);
    if widgets::button(ui, Some(icons::BOOKMARK_PLUS), session.tr("habits.bookmark-add")).clicked() {
        commands.push(Command::View(ViewCommand::AddBookmark));
    }
    for (at, bookmark) in known.iter().enumerate() {
        let of = |key: &'static str| Message::new(key).with("name", &bookmark.name).text(language);
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            let mut name = match naming {
                Some((of, text)) if *of == at => text.clone(),
                _ => bookmark.name.clone(),
            };
            let width = WIDTH - 110.0;
            let field = widgets::field(ui, &mut name, None, "", &of("habits.bookmark-name"), width);
            if field.has_focus() {
                *naming = Some((at, name.clone()));
            } else if naming.as_ref().is_some_and(|(of, _)| *of == at) {
                *naming = None;
            }
            if field.changed() && !name.trim().is_empty() {
                let mut bookmarks = known.to_vec();
                bookmarks[at] = Bookmark { name, ..bookmark.clone() };
                commands.push(Command::View(ViewCommand::SetBookmarks(Arc::new(bookmarks))));
            }
            if widgets::icon_button_small(ui, icons::MAXIMIZE, &of("habits.bookmark-go")).clicked() {
                commands.push(Command::View(ViewCommand::GoToBookmark(at)));
            }
            if let Some(crs) = session.workspace.crs.clone()
                && widgets::icon_button_small(ui, icons::LOCATE_FIXED, &of("habits.bookmark-renew")).clicked()
            {
                let view = SavedView { center: session.view.center, units_per_px: session.view.units_per_px };
                let mut bookmarks = known.to_vec();
                bookmarks[at] = Bookmark { view, crs, ..bookmark.clone() };
                commands.push(Command::View(ViewCommand::SetBookmarks(Arc::new(bookmarks))));
            }
            if widgets::icon_button_small(ui, icons::TRASH_2, &of("habits.bookmark-remove")).clicked() {
                let mut bookmarks = known.to_vec();
                bookmarks.remove(at);
                commands.push(Command::View(ViewCommand::SetBookmarks(Arc::new(bookmarks))));
            }
        });
    }
}

fn notes_ui(ui: &mut Ui, session: &Session, is_new: bool, commands: &mut Vec<Command>) {
    let (language, known) = (session.language(), &session.workspace.notes);
    let wanted = keyboard::wanted_note(ui.ctx());
    if widgets::button(ui, Some(icons::PIN), session.tr("habits.map-note-add")).clicked() {
        commands.push(Command::View(ViewCommand::PinNote(session.view.center)));
    }
    for (at, note) in known.iter().enumerate() {
        let of = |key: &'static str| Message::new(key).with("n", at + 1).text(language);
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            let mut text = note.text.clone();
            let edit = egui::TextEdit::multiline(&mut text)
                .desired_rows(2)
                .desired_width(WIDTH - 80.0)
                .hint_text(session.tr("habits.map-note-hint"));
            let field = ui.add(edit).accessible_name(of("habits.map-note-text"));
            if is_new && at + 1 == known.len() || wanted == Some(at) {
                field.request_focus();
                field.scroll_to_me(None);
            }
            if field.changed() {
                let mut notes = known.to_vec();
                notes[at] = MapNote { text, ..note.clone() };
                commands.push(Command::View(ViewCommand::SetNotes(Arc::new(notes))));
            }
            if widgets::icon_button_small(ui, icons::MAXIMIZE, &of("habits.map-note-go")).clicked() {
                commands.push(Command::View(ViewCommand::GoToNote(at)));
            }
            if widgets::icon_button_small(ui, icons::TRASH_2, &of("habits.map-note-remove")).clicked() {
                let mut notes = known.to_vec();
                notes.remove(at);
                commands.push(Command::View(ViewCommand::SetNotes(Arc::new(notes))));
            }
        });
    }
}
