//! Keyboard shortcuts, rows of menus, and the card that lists all shortcuts.

use std::cmp::Reverse;

use eframe::egui::{self, Key, KeyboardShortcut, Modifiers, Ui};

use crate::ui::look::theme::{self, font, size, tokens};
use crate::ui::look::{grid, icons, keyboard, widgets};
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::keys::shortcuts_of;
use crate::ui::session::parts::Card;
use crate::ui::session::settings::Settings;
use crate::ui::work::offer::keys_text;

/// Reads the keyboard: gives the commands whose shortcuts were pressed.
///
/// While a text field has the keyboard, only shortcuts that no field understands are read.
pub fn input(ctx: &egui::Context, session: &Session, commands: &mut Vec<Command>) {
    let typing = ctx.text_edit_focused();
    let in_table = grid::has_keyboard(ctx);
    if is_being_set(ctx) {
        return;
    }
    // Tools and views are of the map, which lies behind a card; what the tour speaks of can be tried.
    let behind_card = session.opened.is_some() || !matches!(session.card, None | Some(Card::Tour(_)));
    for (keys, command) in keyed(&session.settings) {
        let field_wants = keys.modifiers.is_none() && !is_function_key(keys.logical_key)
            || matches!(keys.logical_key, Key::A | Key::C | Key::I) && !keys.modifiers.shift
            || matches!(keys.logical_key, Key::Y | Key::Z);
        let for_map = !keys.modifiers.command && !is_function_key(keys.logical_key);
        if typing && field_wants || in_table && keys.logical_key == Key::Home || behind_card && for_map {
            continue;
        }
        if keys.logical_key == Key::C && keys.modifiers == Modifiers::COMMAND {
            // The window system sends the copy shortcut as an event of its own.
            if ctx.input(|input| input.events.iter().any(|event| matches!(event, egui::Event::Copy)))
                && command.enabled(session)
            {
                commands.push(command);
            }
            continue;
        }
        if ctx.input_mut(|input| input.consume_shortcut(&keys)) && command.enabled(session) {
            commands.push(command);
        }
    }
    let goes_back = !typing && !egui::Popup::is_any_open(ctx) && !keyboard::is_escape_taken(ctx);
    if goes_back && ctx.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape)) {
        commands.push(Command::Window(WindowCommand::Escape));
    }
}

/// The commands that have shortcuts, by these: those with more keys first, as one with fewer would match, too.
fn keyed(settings: &Settings) -> Vec<(KeyboardShortcut, Command)> {
    let mut keyed: Vec<(KeyboardShortcut, Command)> = Vec::new();
    for command in Command::listed() {
        let shortcuts = command.spec().map_or_else(Vec::new, |spec| shortcuts_of(&spec, &settings.shortcuts));
        keyed.extend(shortcuts.into_iter().map(|keys| (keys, command.clone())));
    }
    let held = |keys: &KeyboardShortcut| {
        let Modifiers { alt, shift, command, .. } = keys.modifiers;
        [alt, shift, command].into_iter().filter(|key| *key).count()
    };
    keyed.sort_by_key(|(keys, _)| Reverse(held(keys)));
    keyed
}

/// Says that the keys pressed in the next frame are those of a shortcut that is being set.
pub(super) fn being_set(ctx: &egui::Context) {
    let (now, place) = (ctx.cumulative_pass_nr(), keyboard::of_window(ctx, "shortcut-being-set"));
    ctx.data_mut(|data| data.insert_temp(place, now));
}

/// Whether a shortcut is being set: then no key is a command.
fn is_being_set(ctx: &egui::Context) -> bool {
    let place = keyboard::of_window(ctx, "shortcut-being-set");
    let said: Option<u64> = ctx.data(|data| data.get_temp(place));
    said.is_some_and(|said| ctx.cumulative_pass_nr() <= said + 1)
}

fn is_function_key(key: Key) -> bool {
    key >= Key::F1 && key <= Key::F35
}

/// Shortcuts of the map that are gestures, not commands: keys of the catalogue for gesture and effect.
const GESTURES: [(&str, &str); 12] = [
    ("ui.gesture-wheel", "ui.effect-wheel"),
    ("ui.gesture-middle", "ui.effect-middle"),
    ("ui.gesture-space", "ui.effect-space"),
    ("ui.gesture-middle-double", "ui.effect-middle-double"),
    ("ui.gesture-shift-drag", "ui.effect-shift-drag"),
    ("ui.gesture-arrows", "ui.effect-arrows"),
    ("ui.gesture-shift-click", "ui.effect-shift-click"),
    ("ui.gesture-ctrl-click", "ui.effect-ctrl-click"),
    ("ui.gesture-backspace", "ui.effect-backspace"),
    ("ui.gesture-double-click", "ui.effect-double-click"),
    ("ui.gesture-esc", "ui.effect-esc"),
    ("ui.gesture-esc-esc", "ui.effect-esc-esc"),
];

/// The card of shortcuts.
pub fn ui(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    if session.card == Some(Card::Shortcuts) {
        card(ui, session, "ui.shortcuts", commands, shortcuts_ui);
    }
}

/// A card in the middle of the window, with a title and a button that closes it. Esc and Enter close it too.
pub fn card(
    ui: &mut Ui,
    session: &Session,
    title: &'static str,
    commands: &mut Vec<Command>,
    content: impl FnOnce(&mut Ui, &Session),
) {
    let modal = modal(ui, session, title, content);
    let enter = ui.input(|i| i.key_pressed(Key::Enter));
    if modal.should_close() || enter {
        commands.push(Command::Window(WindowCommand::CloseCard));
    }
}

/// The same for a card in which something is written or chosen that would be lost with it: a press beside it leaves it
/// open, Enter is the content's, and Esc leaves a field first.
pub fn work_card(
    ui: &mut Ui,
    session: &Session,
    title: &'static str,
    commands: &mut Vec<Command>,
    content: impl FnOnce(&mut Ui, &Session),
) {
    let modal = modal(ui, session, title, content);
    if ui.ctx().text_edit_focused() {
        keyboard::keep_escape(ui.ctx());
    }
    if modal.response.should_close() {
        commands.push(Command::Window(WindowCommand::CloseCard));
    }
}

fn modal(
    ui: &Ui,
    session: &Session,
    title: &'static str,
    content: impl FnOnce(&mut Ui, &Session),
) -> egui::ModalResponse<()> {
    let t = tokens(ui);
    egui::Modal::new(egui::Id::unique(title)).frame(theme::dialog_frame(t)).backdrop_color(t.backdrop).show(
        ui.ctx(),
        |ui| {
            ui.set_width(640.0_f32.min(ui.ctx().content_rect().width() - 80.0));
            ui.horizontal(|ui| {
                // A name of a command says that more is asked: here it is.
                let title = session.tr(title).trim_end_matches('…');
                ui.add(egui::Label::new(egui::RichText::new(title).font(font::title())));
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    if widgets::icon_button(ui, icons::X, session.tr("ui.close")).clicked() {
                        ui.close();
                    }
                });
            });
            ui.add_space(8.0);
            let height = (ui.ctx().content_rect().height() - 200.0).max(200.0);
            let area = egui::ScrollArea::vertical().max_height(height).min_scrolled_height(height);
            area.auto_shrink([false, true]).show(ui, |ui| {
                // The bar floats over what it scrolls: nothing stands beneath it.
                let bar = ui.spacing().scroll.bar_width + ui.spacing().scroll.bar_outer_margin;
                ui.set_width(ui.available_width() - bar - 4.0);
                content(ui, session);
            });
        },
    )
}

fn shortcuts_ui(ui: &mut Ui, session: &Session) {
    let t = tokens(ui);
    let keyed: Vec<(String, String)> = Command::listed()
        .into_iter()
        .filter_map(|command| {
            let spec = command.spec()?;
            let shortcuts = shortcuts_of(&spec, &session.settings.shortcuts);
            let keys: Vec<String> = shortcuts.iter().map(|keys| keys_text(ui.ctx(), keys)).collect();
            (!keys.is_empty()).then(|| (session.tr(spec.key).to_owned(), keys.join("  ")))
        })
        .collect();
    let gestures =
        GESTURES.iter().map(|(gesture, effect)| (session.tr(effect).to_owned(), session.tr(gesture).to_owned()));
    let rows: Vec<(String, String)> = keyed.into_iter().chain(gestures).collect();
    let half = rows.len().div_ceil(2);
    // Names of one column and keys of the other would run into each other.
    ui.spacing_mut().item_spacing.x = 40.0;
    ui.columns_const(|columns: &mut [Ui; 2]| {
        for (column, rows) in columns.iter_mut().zip(rows.chunks(half)) {
            for (name, keys) in rows {
                column.horizontal(|ui| {
                    ui.set_min_height(size::TABLE_ROW);
                    ui.spacing_mut().item_spacing.x = 12.0;
                    // The keys first: it is the name that may be cut.
                    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                        widgets::label(ui, keys, font::note(), t.muted);
                        ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                            widgets::label(ui, name, font::body(), t.text);
                        });
                    });
                });
                widgets::hairline(column);
            }
        }
    });
}
