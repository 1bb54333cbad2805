//! The window itself: panels, cards, language, theme, size, tasks.

use eframe::egui::{self, Key};

use crate::text::Language;
use crate::ui::look::{grid, icons, keyboard};
use crate::ui::session::Session;
use crate::ui::session::command::spec::{Spec, ctrl, ctrl_alt, plain, spec};
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::opening::OpenChoice;
use crate::ui::session::parts::{Card, EditPage, Page, Panel, Tab};
use crate::ui::session::rows::Identified;
use crate::ui::session::settings::{self, Settings, ThemeChoice};
use crate::ui::session::sketch::Sketch;
use crate::ui::work::{compare, conflicts, open, retry, stopping};

impl WindowCommand {
    /// Those that have words, in the order of menus.
    pub(super) fn listed() -> Vec<Self> {
        let mut list: Vec<Self> = EditPage::ALL.map(|page| Self::Edit(Some(page))).into();
        list.extend(Panel::ALL.map(Self::TogglePanel));
        list.extend(Tab::ALL.map(Self::ShowTab));
        list.extend([Self::SwitchLanguage, Self::SwitchTheme]);
        list.extend([Self::LargerInterface, Self::SmallerInterface, Self::ResetInterface]);
        list.extend(Panel::ALL.map(Self::ToggleFloating));
        list.extend(Panel::ALL.map(Self::ToggleOwnWindow));
        list.extend([Self::PanelsBack, Self::Settings, Self::Tour, Self::Shortcuts, Self::About]);
        list
    }

    /// Words, icon and shortcuts, for commands that have them.
    pub(super) fn spec(&self) -> Option<Spec> {
        match self {
            Self::Edit(Some(page)) => match page {
                EditPage::Class => spec(page.key(), Some(page.icon()), const { &[plain(Key::E)] }),
                page => spec(page.key(), Some(page.icon()), &[]),
            },
            Self::TogglePanel(Panel::Layers) => {
                spec("ui.panel-layers", Some(icons::PANEL_LEFT), const { &[plain(Key::F7)] })
            }
            Self::TogglePanel(Panel::Inspector) => {
                spec("ui.panel-inspector", Some(icons::PANEL_RIGHT), const { &[plain(Key::F8)] })
            }
            Self::TogglePanel(Panel::Bottom) => {
                spec("ui.panel-bottom", Some(icons::PANEL_BOTTOM), const { &[plain(Key::F9)] })
            }
            Self::ShowTab(Tab::Table) => spec("ui.tab-table", Some(icons::TABLE), const { &[plain(Key::F6)] }),
            Self::ShowTab(Tab::Classes) => spec("ui.tab-classes", Some(icons::CHART_PIE), &[]),
            Self::ShowTab(Tab::Transitions) => spec("ui.tab-transitions", Some(icons::GRID_3X3), &[]),
            Self::ShowTab(Tab::Balance) => spec("ui.tab-balance", Some(icons::LIST), &[]),
            Self::ShowTab(Tab::Conflicts) => spec("ui.tab-conflicts", Some(icons::BAN), &[]),
            Self::ShowTab(Tab::Measurements) => spec("ui.tab-measurements", Some(icons::RULER), &[]),
            Self::ShowTab(Tab::Issues) => spec("ui.tab-issues", Some(icons::TRIANGLE_ALERT), &[]),
            Self::ShowTab(Tab::HandIn) => spec("ui.tab-hand-in", Some(icons::CIRCLE_CHECK), &[]),
            Self::SwitchLanguage => spec("ui.switch-language", Some(icons::LANGUAGES), const { &[ctrl(Key::L)] }),
            Self::LargerInterface => spec("ui.interface-larger", None, const { &[ctrl(Key::Plus), ctrl(Key::Equals)] }),
            Self::SmallerInterface => spec("ui.interface-smaller", None, const { &[ctrl(Key::Minus)] }),
            Self::ResetInterface => spec("ui.interface-reset", None, const { &[ctrl_alt(Key::Num0)] }),
            Self::SwitchTheme => spec("ui.switch-theme", Some(icons::MOON), const { &[ctrl(Key::T)] }),
            Self::Shortcuts => spec("ui.shortcuts", Some(icons::KEYBOARD), const { &[plain(Key::F1)] }),
            Self::Settings => spec("habits.settings", Some(icons::SETTINGS), const { &[ctrl(Key::Comma)] }),
            Self::Tour => spec("habits.tour", Some(icons::FLAG), &[]),
            Self::ToggleFloating(Panel::Layers) => spec("habits.float-layers", None, &[]),
            Self::ToggleFloating(Panel::Inspector) => spec("habits.float-inspector", None, &[]),
            Self::ToggleFloating(Panel::Bottom) => spec("habits.float-bottom", None, &[]),
            Self::ToggleOwnWindow(Panel::Layers) => spec("habits.window-layers", None, &[]),
            Self::ToggleOwnWindow(Panel::Inspector) => spec("habits.window-inspector", None, &[]),
            Self::ToggleOwnWindow(Panel::Bottom) => spec("habits.window-bottom", None, &[]),
            Self::PanelsBack => spec("habits.panels-back", Some(icons::ROTATE_CCW), &[]),
            Self::About => spec("ui.about", Some(icons::INFO), &[]),
            _ => None,
        }
    }

    /// Whether the command can be given now.
    pub(super) fn enabled(&self, session: &Session) -> bool {
        let current = session.current();
        match self {
            Self::Edit(_) => current.is_some(),
            _ => true,
        }
    }

    /// Whether what the command switches is on, for those that switch something.
    pub(super) fn checked(&self, settings: &Settings) -> Option<bool> {
        match self {
            Self::TogglePanel(panel) => Some(settings.open(*panel)),
            Self::ToggleFloating(panel) => Some(settings.floats(*panel).is_some()),
            Self::ToggleOwnWindow(panel) => Some(settings.own_window(*panel).is_some()),
            Self::ShowTab(tab) => Some(settings.open(Panel::Bottom) && settings.tab == *tab),
            Self::SetLanguage(language) => Some(settings.language == *language),
            Self::SetTheme(theme) => Some(settings.theme == *theme),
            Self::SetAreaUnit(unit) => Some(settings.area_unit == *unit),
            Self::SetMemoryLimit(mb) => Some(settings.memory_limit_mb == *mb),
            _ => None,
        }
    }
}

/// Carries out `command`.
pub(super) fn run(session: &mut Session, command: WindowCommand, ctx: &egui::Context) {
    match command {
        WindowCommand::Edit(page) => {
            session.project.editing = page;
            if page == Some(EditPage::Class) {
                keyboard::into_class_search(ctx);
            }
        }
        WindowCommand::UsedClass(class) => session.settings.remember_class(class),
        WindowCommand::UsedColor(color) => session.settings.remember_color(color),
        WindowCommand::TogglePanel(panel) => {
            let open = session.settings.open_mut(panel);
            *open = !*open;
        }
        WindowCommand::ShowTab(tab) => {
            let open = session.settings.bottom_open && session.settings.tab == tab;
            // A key goes to the table before it puts it away.
            let by_pointer = ctx.input(|input| input.pointer.any_click());
            let stays = open && !by_pointer && !grid::has_keyboard(ctx);
            session.settings.bottom_open = !open || stays;
            if session.settings.bottom_open && !by_pointer {
                grid::take_keyboard(ctx);
            }
            session.settings.tab = tab;
            if tab.compares() {
                compare::open(session);
            }
        }
        WindowCommand::RevealTab(tab) => {
            session.settings.bottom_open = true;
            session.settings.tab = tab;
        }
        WindowCommand::SetLanguage(language) => session.settings.language = language,
        WindowCommand::SetTheme(theme) => session.settings.theme = theme,
        WindowCommand::SwitchTheme => {
            let dark = ctx.theme() == egui::Theme::Dark;
            session.settings.theme = if dark { ThemeChoice::Light } else { ThemeChoice::Dark };
        }
        WindowCommand::SwitchLanguage => {
            session.settings.language = match session.settings.language {
                Language::Chinese => Language::English,
                Language::English => Language::Chinese,
            };
        }
        WindowCommand::SetAreaUnit(unit) => session.settings.area_unit = unit,
        WindowCommand::SetMemoryLimit(mb) => session.settings.memory_limit_mb = mb,
        WindowCommand::LargerInterface => {
            session.settings.interface = settings::next_size(session.settings.interface, true);
        }
        WindowCommand::SmallerInterface => {
            session.settings.interface = settings::next_size(session.settings.interface, false);
        }
        WindowCommand::ResetInterface => session.settings.interface = 1.0,
        WindowCommand::Escape => escape(session),
        WindowCommand::Settings => session.card = Some(Card::Settings),
        WindowCommand::ChangeSettings(settings) => session.settings = *settings,
        WindowCommand::ToggleFloating(panel) => toggle_floating(&mut session.settings, panel, ctx),
        WindowCommand::ToggleOwnWindow(panel) => toggle_own_window(&mut session.settings, panel, ctx),
        WindowCommand::PanelsBack => {
            for panel in Panel::ALL {
                session.settings.set_floating(panel, None);
                *session.settings.open_mut(panel) = true;
            }
        }
        WindowCommand::Tour => {
            session.settings.toured = true;
            session.card = Some(Card::Tour(0));
        }
        WindowCommand::Shortcuts => session.card = Some(Card::Shortcuts),
        WindowCommand::About => session.card = Some(Card::About),
        // What has come of a file that is being read is kept.
        WindowCommand::CancelTask(job) if stopping::stop_reading(session, job) => {}
        WindowCommand::CancelTask(job) => session.jobs.cancel(job),
        WindowCommand::Retry(what) => retry::retry(session, what),
        WindowCommand::DismissNotice(id) => session.notices.retain(|notice| notice.id != id),
        WindowCommand::CloseCard => {
            session.card = None;
            session.asked_path = None;
        }
        WindowCommand::ShowCard(card) => session.card = Some(card),
        WindowCommand::ShowPage(page) => session.project.page = page,
        WindowCommand::Why(why) => session.project.why = why.map(|why| *why),
    }
}

/// Has a panel float, at first over the part of the window where it stood, or puts it back.
fn toggle_floating(settings: &mut Settings, panel: Panel, ctx: &egui::Context) {
    if settings.floats(panel).is_some() {
        return settings.set_floating(panel, None);
    }
    let place = place_over(settings, panel, ctx);
    *settings.open_mut(panel) = true;
    settings.set_floating(panel, Some(place));
}

/// Gives a panel a window of its own, where it floated or stood, or puts it back. Where the system lets a program have one
/// window only, it floats.
fn toggle_own_window(settings: &mut Settings, panel: Panel, ctx: &egui::Context) {
    if settings.own_window(panel).is_some() {
        return settings.set_own_window(panel, None);
    }
    let [left, top, width, height] = settings.floats(panel).unwrap_or_else(|| place_over(settings, panel, ctx));
    *settings.open_mut(panel) = true;
    if ctx.embed_viewports() {
        return settings.set_floating(panel, Some([left, top, width, height]));
    }
    // Places of the window are asked of the corner of its content, where the system says it.
    let corner = ctx.input(|input| input.viewport().inner_rect).map_or(egui::Vec2::ZERO, |rect| rect.min.to_vec2());
    settings.set_own_window(panel, Some([corner.x + left, corner.y + top, width, height]));
}

/// Over the part of the window where a panel stands, so that it is seen to come off.
fn place_over(settings: &Settings, panel: Panel, ctx: &egui::Context) -> [f32; 4] {
    let room = ctx.content_rect();
    let (width, height) = (room.width(), room.height());
    match panel {
        Panel::Layers => [room.left() + 60.0, room.top() + 80.0, settings.layers_width, height * 0.6],
        Panel::Inspector => {
            [room.right() - settings.inspector_width - 60.0, room.top() + 80.0, settings.inspector_width, height * 0.6]
        }
        Panel::Bottom => {
            // Beside the tree, over whose rows nobody wants it.
            let tree = if settings.open(Panel::Layers) { settings.layers_width } else { 0.0 };
            let moved = if settings.floats(Panel::Layers).is_some() { 60.0 } else { 0.0 };
            let left = tree + moved + 16.0;
            let wide = (width * 0.7).min(width - left - 40.0).max(320.0);
            [room.left() + left, room.bottom() - height * 0.45, wide, height * 0.38]
        }
    }
}

fn escape(session: &mut Session) {
    if session.card.take().is_some() {
    } else if session.opened.is_some() {
        open::answer(session, OpenChoice::Cancel);
    } else if !session.project.sketch.is_empty() {
        session.project.sketch = Sketch::default();
    } else if session.project.why.take().is_some()
        || session.red_line.pinned.take().is_some()
        || session.project.marked.take().is_some()
        || std::mem::take(&mut session.locating.open)
        || session.project.editing.take().is_some()
        || session.project.rules_page.take().is_some()
    {
    } else if matches!(session.project.page, Page::Style(_)) {
        session.project.page = Page::Identify;
    } else if session.compare.pick.take().is_some() || conflicts::unmark(session) {
    } else if !session.project.identified.hits.is_empty() {
        session.project.identified = Identified::default();
    } else {
        session.project.selection.clear();
    }
}
