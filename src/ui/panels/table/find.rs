//! Finding rows of the table by words, one after the other; what the table shows stays.

use std::sync::Arc;

use eframe::egui::{self, Key, Ui};

use crate::model::Revision;
use crate::scenario::Entry;
use crate::task::Cancelled;
use crate::text::{Language, Message};
use crate::ui::look::theme::{font, size, tokens};
use crate::ui::look::{icons, keyboard, widgets};
use crate::ui::session::Session;
use crate::ui::session::awaited::Awaited;
use crate::ui::session::order::Order;
use crate::ui::work::finding::rows_with;
use crate::units::format_number;

/// What is remembered between frames.
#[derive(Default)]
pub(super) struct State {
    open: bool,
    text: String,
    /// Which of the rows found is shown.
    at: usize,
    found: Awaited<Asked, Vec<u32>, ()>,
    /// The first row found is shown as soon as it is known.
    wants_first: bool,
}

/// What was looked for, and in which rows.
#[derive(Clone)]
struct Asked {
    revision: Revision,
    language: Language,
    order: Arc<Order>,
    text: String,
}

impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        let same = (self.revision, self.language) == (other.revision, other.language);
        same && self.text == other.text && Arc::ptr_eq(&self.order, &other.order)
    }
}

impl State {
    /// The row that was found and is shown, while the bar is open.
    pub(super) fn row(&self) -> Option<usize> {
        let found = self.found.current().filter(|_| self.open && !self.text.trim().is_empty())?;
        found.get(self.at).map(|row| *row as usize)
    }

    /// Opens the bar, or closes it.
    pub(super) fn toggle(&mut self, ctx: &egui::Context) {
        self.open = !self.open;
        if self.open {
            keyboard::into_table_find(ctx);
        }
    }
}

/// Draws the bar, when it is open. Returns the row to be shown.
pub(super) fn ui(
    ui: &mut Ui,
    session: &Session,
    entry: &Entry,
    order: &Arc<Order>,
    state: &mut State,
) -> Option<usize> {
    let wanted = keyboard::is_table_find_wanted(ui.ctx());
    state.open |= wanted;
    if !state.open {
        return None;
    }
    let (language, width) = (session.language(), 260.0_f32.min(ui.available_width() * 0.5));
    let mut step = 0;
    ui.horizontal(|ui| {
        ui.set_min_height(size::CONTROL + 4.0);
        ui.add_space(size::MARGIN);
        let (hint, name) = (session.tr("habits.find-hint"), session.tr("habits.find-words"));
        let field = widgets::field(ui, &mut state.text, Some(icons::SEARCH), hint, name, width);
        if wanted {
            field.request_focus();
        }
        if field.has_focus() {
            keyboard::keep_escape(ui.ctx());
        }
        if field.changed() {
            state.wants_first = true;
        }
        if field.lost_focus() {
            let (enter, back) = ui.input(|input| (input.key_pressed(Key::Enter), input.modifiers.shift));
            if enter {
                step = if back { -1 } else { 1 };
                field.request_focus();
            }
        }
        if widgets::icon_button(ui, icons::CHEVRON_UP, session.tr("habits.find-previous")).clicked() {
            step = -1;
        }
        if widgets::icon_button(ui, icons::CHEVRON_DOWN, session.tr("habits.find-next")).clicked() {
            step = 1;
        }
        let ink = tokens(ui).muted;
        match state.found.current() {
            Some(found) if !state.text.trim().is_empty() => {
                let count = |n: usize| format_number(n as f64, 0);
                let said = match found.len() {
                    0 => session.tr("habits.found-none").to_owned(),
                    n => {
                        Message::new("habits.found").with("at", count(state.at + 1)).with("n", count(n)).text(language)
                    }
                };
                widgets::label(ui, &said, font::table(), ink);
            }
            None if state.found.is_busy() => drop(ui.spinner()),
            _ => {}
        }
        let escape = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Escape));
        if widgets::icon_button(ui, icons::X, session.tr("habits.find-close")).clicked() || escape {
            state.open = false;
        }
    });
    widgets::hairline(ui);
    ask(ui, session, entry, order, state);
    let found = state.found.current()?;
    if found.is_empty() {
        return None;
    }
    if std::mem::take(&mut state.wants_first) {
        state.at = 0;
    } else if step != 0 {
        state.at = (state.at as isize + step).rem_euclid(found.len() as isize) as usize;
    } else {
        return None;
    }
    found.get(state.at).map(|row| *row as usize)
}

/// Has the rows looked through that are shown now.
fn ask(ui: &Ui, session: &Session, entry: &Entry, order: &Arc<Order>, state: &mut State) {
    state.found.poll();
    let language = session.language();
    let text = state.text.trim().to_owned();
    let asked = Asked { revision: entry.layer.revision, language, order: order.clone(), text };
    if state.found.is_asked(&asked) {
        return;
    }
    let classes = entry.class_field().map(|field| (field, entry.scheme()));
    let (layer, order, text) = (entry.layer.clone(), order.clone(), asked.text.clone());
    state.at = 0;
    state.found.start_task(ui.ctx(), asked, "table find", move |progress| {
        // Nobody sees what work brings that was cancelled.
        rows_with(&layer, &order, &text, classes, language, progress).map_err(|Cancelled| ())
    });
}
