//! Shortcuts as the user set them: which keys give a command, and how they are written in the settings.
//!
//! A command is known by the key of its name. One that is not among the settings has the shortcuts that it comes with; one
//! with an empty text has none.

use std::collections::BTreeMap;

use eframe::egui::{Key, KeyboardShortcut, Modifiers};

use crate::ui::session::command::spec::Spec;

/// Shortcuts that differ from those that commands come with.
pub type Shortcuts = BTreeMap<String, String>;

/// The shortcuts of a command, the one that menus show first.
pub fn shortcuts_of(spec: &Spec, changed: &Shortcuts) -> Vec<KeyboardShortcut> {
    match changed.get(spec.key) {
        // What cannot be read is none: the file was edited by hand.
        Some(text) => read(text).into_iter().collect(),
        None => spec.shortcuts.to_vec(),
    }
}

/// The keys as the settings write them: `Ctrl+Shift+S`.
pub fn written(keys: &KeyboardShortcut) -> String {
    let Modifiers { alt, shift, command, .. } = keys.modifiers;
    let held = [(command, "Ctrl+"), (alt, "Alt+"), (shift, "Shift+")];
    let held: String = held.into_iter().filter(|(on, _)| *on).map(|(_, word)| word).collect();
    held + keys.logical_key.name()
}

/// The keys of a text of the settings.
pub fn read(text: &str) -> Option<KeyboardShortcut> {
    let mut modifiers = Modifiers::NONE;
    let mut rest = text.trim();
    loop {
        let found = [("Ctrl+", Modifiers::COMMAND), ("Alt+", Modifiers::ALT), ("Shift+", Modifiers::SHIFT)]
            .into_iter()
            .find_map(|(word, modifier)| Some((rest.strip_prefix(word)?, modifier)));
        let Some((after, modifier)) = found else { break };
        rest = after;
        modifiers = modifiers.plus(modifier);
    }
    Some(KeyboardShortcut::new(modifiers, Key::from_name(rest)?))
}

/// Whether both are the same keys.
pub fn is_same(a: &KeyboardShortcut, b: &KeyboardShortcut) -> bool {
    let held = |keys: &KeyboardShortcut| {
        let Modifiers { alt, shift, command, .. } = keys.modifiers;
        (alt, shift, command, keys.logical_key)
    };
    held(a) == held(b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::session::command::spec::{ctrl_shift, plain};

    #[test]
    fn keys_are_read_as_they_are_written() {
        for keys in [plain(Key::F6), ctrl_shift(Key::S), plain(Key::Plus), ctrl_shift(Key::Comma)] {
            let text = written(&keys);
            assert!(read(&text).is_some_and(|read| is_same(&read, &keys)), "{text}");
        }
        assert_eq!(written(&ctrl_shift(Key::S)), "Ctrl+Shift+S");
        assert!(read("").is_none() && read("Ctrl+").is_none() && read("Ctrl+NoKey").is_none());
    }

    #[test]
    fn a_command_has_the_keys_that_it_was_given() {
        const SHORTCUTS: &[KeyboardShortcut] = &[plain(Key::F6)];
        let spec = Spec { key: "ui.tab-table", icon: None, shortcuts: SHORTCUTS };
        let with = |text: &str| Shortcuts::from([("ui.tab-table".to_owned(), text.to_owned())]);
        assert_eq!(shortcuts_of(&spec, &Shortcuts::new()).len(), 1);
        assert!(shortcuts_of(&spec, &with("")).is_empty());
        let given = shortcuts_of(&spec, &with("Alt+Q"));
        assert!(is_same(&given[0], &KeyboardShortcut::new(Modifiers::ALT, Key::Q)));
    }
}
