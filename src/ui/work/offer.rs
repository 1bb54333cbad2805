//! Commands as they are offered: rows of menus, tooltips, shortcuts as they are printed on keys.

use eframe::egui::{self, Key, Ui};

use crate::ui::look::widgets;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::keys::shortcuts_of;
use crate::ui::session::settings::Settings;

/// A shortcut as it is printed on keys: `Ctrl+O`, `+`.
pub fn keys_text(ctx: &egui::Context, keys: &egui::KeyboardShortcut) -> String {
    let text = ctx.format_shortcut(keys);
    let sign = match keys.logical_key {
        Key::Plus => "+",
        Key::Equals => "=",
        Key::Minus => "−",
        Key::ArrowLeft => "←",
        Key::ArrowRight => "→",
        Key::ArrowUp => "↑",
        Key::ArrowDown => "↓",
        Key::Comma => ",",
        Key::Period => ".",
        Key::Slash => "/",
        Key::Semicolon => ";",
        Key::Quote => "'",
        Key::Backslash => "\\",
        Key::OpenBracket => "[",
        Key::CloseBracket => "]",
        Key::Backtick => "`",
        _ => return text,
    };
    text.strip_suffix(keys.logical_key.name()).map_or_else(|| text.clone(), |modifiers| format!("{modifiers}{sign}"))
}

/// A row of a menu for `command`.
pub fn menu_item(ui: &mut Ui, session: &Session, command: Command, commands: &mut Vec<Command>) {
    let Some(spec) = command.spec() else { return };
    let shortcuts = shortcuts_of(&spec, &session.settings.shortcuts);
    let shortcut = shortcuts.first().map_or_else(String::new, |keys| keys_text(ui.ctx(), keys));
    let checked = command.checked(session);
    let enabled = command.enabled(session);
    let row =
        ui.add_enabled_ui(enabled, |ui| widgets::menu_row(ui, spec.icon, session.tr(spec.key), &shortcut, checked));
    if row.inner.clicked() {
        commands.push(command);
        ui.close();
    }
}

/// The name of a command with its first shortcut behind it, for tooltips.
pub fn tip(ctx: &egui::Context, settings: &Settings, command: &Command) -> String {
    let Some(spec) = command.spec() else { return String::new() };
    match shortcuts_of(&spec, &settings.shortcuts).first() {
        Some(keys) => format!("{}  {}", settings.tr(spec.key), keys_text(ctx, keys)),
        None => settings.tr(spec.key).to_owned(),
    }
}
