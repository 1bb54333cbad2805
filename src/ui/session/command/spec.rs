//! Words, icon and shortcuts of a command.

use eframe::egui::{Key, KeyboardShortcut, Modifiers};

use crate::ui::look::icons::Icon;

/// Words, icon and shortcut of a command.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Key of its name in the catalogue; `<key>-tip` is its explanation, where there is one.
    pub key: &'static str,
    /// Its icon.
    pub icon: Option<Icon>,
    /// Its shortcuts, the one that menus show first.
    pub shortcuts: &'static [KeyboardShortcut],
}

pub(in crate::ui) const fn spec(
    key: &'static str,
    icon: Option<Icon>,
    shortcuts: &'static [KeyboardShortcut],
) -> Option<Spec> {
    Some(Spec { key, icon, shortcuts })
}

pub(in crate::ui) const fn ctrl(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND, key)
}

pub(in crate::ui) const fn ctrl_shift(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), key)
}

pub(in crate::ui) const fn ctrl_alt(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::ALT), key)
}

pub(in crate::ui) const fn alt(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::ALT, key)
}

pub(in crate::ui) const fn shift(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::SHIFT, key)
}

pub(in crate::ui) const fn plain(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::NONE, key)
}
