//! The window itself: panels, cards, language, theme, size, tasks: the commands of this subject, as data.

use crate::model::classes::Class;
use crate::model::style::Color;
use crate::text::Language;
use crate::ui::session::awaited::Awaiting;
use crate::ui::session::parts::{Card, EditPage, Page, Panel, Tab};
use crate::ui::session::settings::{Settings, ThemeChoice};
use crate::ui::session::why::Why;
use crate::units::AreaUnit;

/// The window itself: panels, cards, language, theme, size, tasks.
#[derive(Clone, Debug, PartialEq)]
pub enum WindowCommand {
    /// Show or hide a panel.
    TogglePanel(Panel),
    /// Show this tab of the bottom panel; put the panel away where it is shown already.
    ShowTab(Tab),
    /// Show this tab of the bottom panel.
    RevealTab(Tab),
    /// Turn the right panel to this page.
    ShowPage(Page),
    /// Open the window for edits at this page, or close it.
    Edit(Option<EditPage>),
    /// Open this card over the window.
    ShowCard(Card),
    /// Close the card that lies over the window.
    CloseCard,
    /// Open the card of all settings.
    Settings,
    /// These are the settings.
    ChangeSettings(Box<Settings>),
    /// Have a panel float over the window, or put it back.
    ToggleFloating(Panel),
    /// Have a panel in a window of its own, or put it back.
    ToggleOwnWindow(Panel),
    /// Put all panels back into the window, and open them.
    PanelsBack,
    /// Show the first tour again.
    Tour,
    /// List all shortcuts.
    Shortcuts,
    /// Say what this program is.
    About,
    /// Step back: end the sketch, close what lies over the map, clear the selection; one a time.
    Escape,
    /// Speak this language.
    SetLanguage(Language),
    /// The other language.
    SwitchLanguage,
    /// Use this theme.
    SetTheme(ThemeChoice),
    /// The other theme.
    SwitchTheme,
    /// Show areas in this unit where there is room for one only.
    SetAreaUnit(AreaUnit),
    /// Let the program hold as many megabytes of memory before it asks: none for what the machine has, 0 for no bound.
    SetMemoryLimit(Option<u64>),
    /// Show everything in the window larger.
    LargerInterface,
    /// Show everything in the window smaller.
    SmallerInterface,
    /// Show everything in the window in its usual size.
    ResetInterface,
    /// Remember that this class was assigned.
    UsedClass(Class),
    /// Remember that this colour was picked.
    UsedColor(Color),
    /// Stop a running task.
    CancelTask(u64),
    /// Work out after all what the user has stopped, or what was lost.
    Retry(Awaiting),
    /// Put a notice away.
    DismissNotice(u64),
    /// Say why a figure is what it is; put that away, with `None`.
    Why(Option<Box<Why>>),
}
