//! The shortcuts among the settings: each command with its keys, which are changed by pressing others. Keys that another
//! command has are said, and taken from it only when that is confirmed.

use eframe::egui::{Align, Event, Key, KeyboardShortcut, Layout, Modifiers, Ui};

use crate::text::Message;
use crate::ui::look::icons;
use crate::ui::look::theme::{font, size, tokens};
use crate::ui::look::widgets::{self, Tone};
use crate::ui::panels::shortcuts::being_set;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::spec::Spec;
use crate::ui::session::keys::{is_same, shortcuts_of, written};
use crate::ui::session::settings::Settings;
use crate::ui::work::offer::keys_text;

/// What is remembered between frames.
#[derive(Default)]
pub(super) struct State {
    /// Words that the commands listed have.
    filter: String,
    /// The command whose keys are being pressed.
    setting: Option<&'static str>,
    /// Keys that were pressed for a command and that another one has.
    taken: Option<(&'static str, KeyboardShortcut, &'static str)>,
}

/// Draws the list.
pub(super) fn ui(ui: &mut Ui, session: &Session, settings: &mut Settings, state: &mut State) {
    let specs = specs();
    if let Some(key) = state.setting {
        being_set(ui.ctx());
        match pressed(ui) {
            Some(Some(keys)) => {
                state.setting = None;
                match owner(&specs, settings, key, &keys) {
                    Some(other) => state.taken = Some((key, keys, other)),
                    None => drop(settings.shortcuts.insert(key.to_owned(), written(&keys))),
                }
            }
            Some(None) => state.setting = None,
            None => {}
        }
    }
    ui.horizontal(|ui| {
        let name = session.tr("habits.keys-filter");
        widgets::field(ui, &mut state.filter, Some(icons::SEARCH), name, name, 220.0);
        ui.add_enabled_ui(!settings.shortcuts.is_empty(), |ui| {
            if widgets::button(ui, None, session.tr("habits.keys-usual")).clicked() {
                settings.shortcuts.clear();
                (state.setting, state.taken) = (None, None);
            }
        });
    });
    let wanted = state.filter.trim().to_lowercase();
    for spec in &specs {
        let name = session.tr(spec.key);
        if wanted.is_empty() || name.to_lowercase().contains(&wanted) {
            row(ui, session, settings, state, spec, name);
        }
    }
}

fn row(ui: &mut Ui, session: &Session, settings: &mut Settings, state: &mut State, spec: &Spec, name: &str) {
    let t = tokens(ui);
    let shortcuts = shortcuts_of(spec, &settings.shortcuts);
    let keys: Vec<String> = shortcuts.iter().map(|keys| keys_text(ui.ctx(), keys)).collect();
    let language = session.language();
    ui.horizontal(|ui| {
        ui.set_min_height(size::TABLE_ROW);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let of = |key: &'static str| Message::new(key).with("name", name).text(language);
            if widgets::icon_button_small(ui, icons::PENCIL, &of("habits.keys-set")).clicked() {
                (state.setting, state.taken) = (Some(spec.key), None);
            }
            ui.add_enabled_ui(!keys.is_empty(), |ui| {
                if widgets::icon_button_small(ui, icons::X, &of("habits.keys-none")).clicked() {
                    settings.shortcuts.insert(spec.key.to_owned(), String::new());
                }
            });
            if settings.shortcuts.contains_key(spec.key)
                && widgets::icon_button_small(ui, icons::ROTATE_CCW, &of("habits.keys-back")).clicked()
            {
                settings.shortcuts.remove(spec.key);
            }
            if state.setting == Some(spec.key) {
                widgets::pill(ui, session.tr("habits.keys-press"), Tone::Accent);
            } else {
                widgets::label(ui, &keys.join("  "), font::note(), t.muted);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                widgets::label(ui, name, font::body(), t.text);
            });
        });
    });
    if let Some((key, keys, other)) = state.taken
        && key == spec.key
    {
        let said = Message::new("habits.keys-taken")
            .with("keys", keys_text(ui.ctx(), &keys))
            .with("other", session.tr(other))
            .text(language);
        widgets::callout(ui, Tone::Warn, &said);
        ui.horizontal(|ui| {
            if widgets::button(ui, None, session.tr("habits.keys-take")).clicked() {
                let rest = without(other, settings, &keys);
                settings.shortcuts.insert(other.to_owned(), rest);
                settings.shortcuts.insert(key.to_owned(), written(&keys));
                state.taken = None;
            }
            if widgets::button(ui, None, session.tr("ui.cancel")).clicked() {
                state.taken = None;
            }
        });
    }
    widgets::hairline(ui);
}

/// The commands that have words, each once.
fn specs() -> Vec<Spec> {
    let mut specs: Vec<Spec> = Vec::new();
    for spec in Command::listed().iter().filter_map(Command::spec) {
        if specs.iter().all(|known| known.key != spec.key) {
            specs.push(spec);
        }
    }
    specs
}

/// The command beside `key` that has these keys.
fn owner(specs: &[Spec], settings: &Settings, key: &str, keys: &KeyboardShortcut) -> Option<&'static str> {
    let has = |spec: &&Spec| shortcuts_of(spec, &settings.shortcuts).iter().any(|known| is_same(known, keys));
    specs.iter().filter(|spec| spec.key != key).find(has).map(|spec| spec.key)
}

/// What a command keeps that loses keys: the first of its others.
fn without(key: &'static str, settings: &Settings, lost: &KeyboardShortcut) -> String {
    let spec = specs().into_iter().find(|spec| spec.key == key);
    let known = spec.map_or_else(Vec::new, |spec| shortcuts_of(&spec, &settings.shortcuts));
    known.iter().find(|known| !is_same(known, lost)).map(written).unwrap_or_default()
}

/// The keys that were pressed in this frame, which nobody else reads then; nothing of them where that was Esc.
fn pressed(ui: &Ui) -> Option<Option<KeyboardShortcut>> {
    let mut found = None;
    ui.input_mut(|input| {
        input.events.retain(|event| match event {
            Event::Key { key, pressed: true, modifiers, .. } => {
                let Modifiers { alt, shift, command, .. } = *modifiers;
                let held = Modifiers { alt, shift, command, ..Modifiers::NONE };
                let is_escape = *key == Key::Escape && held.is_none();
                found.get_or_insert((!is_escape).then(|| KeyboardShortcut::new(held, *key)));
                false
            }
            Event::Text(_) | Event::Copy | Event::Cut | Event::Paste(_) => false,
            _ => true,
        });
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_belong_to_one_command_unless_they_are_taken() {
        let specs = specs();
        let mut settings = Settings::default();
        let shortcut = |key: &str| {
            let spec = specs.iter().find(|spec| spec.key == key).expect("a command");
            shortcuts_of(spec, &Settings::default().shortcuts)[0]
        };
        let save = shortcut("ui.save-project");
        assert_eq!(owner(&specs, &settings, "ui.open", &save), Some("ui.save-project"));
        assert_eq!(owner(&specs, &settings, "ui.save-project", &save), None);
        // A command with two keeps the other.
        let full = shortcut("ui.full-extent");
        assert_eq!(without("ui.full-extent", &settings, &full), "Home");
        settings.shortcuts.insert("ui.save-project".to_owned(), String::new());
        assert_eq!(owner(&specs, &settings, "ui.open", &save), None);
    }

    #[test]
    fn no_two_commands_come_with_the_same_keys() {
        let specs = specs();
        let settings = Settings::default();
        for spec in &specs {
            for keys in spec.shortcuts {
                let other = owner(&specs, &settings, spec.key, keys);
                assert_eq!(other, None, "{} {}", spec.key, written(keys));
            }
        }
    }
}
