//! Every command of the window, once: its words, its icon, its shortcut, and when it can be given.
//!
//! Menus, tool strip, search box and the list of shortcuts all read this table, so a command cannot be named
//! differently in two places.

use eframe::egui::{Key, KeyboardShortcut, Modifiers};

use crate::model::{AreaMethod, GeometryKind, LayerId};
use crate::scenario::Seeing;
use crate::ui::look::icons::{self, Icon};
use crate::ui::session::Session;
use crate::ui::session::command::compare::CompareCommand;
use crate::ui::session::command::scenario::ScenarioCommand;
use crate::ui::session::command::{Command, LayerCommand};
use crate::ui::session::parts::{EditPage, Panel, RulesPage, Tab, Tool};
use crate::ui::session::reach::Reach;

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

const fn ctrl_alt(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::ALT), key)
}

const fn alt(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::ALT, key)
}

const fn shift(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::SHIFT, key)
}

const fn plain(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::NONE, key)
}

impl Command {
    /// The commands that have words, in the order of menus: what search box and list of shortcuts show.
    pub fn listed() -> Vec<Self> {
        let mut list = vec![
            Self::Open,
            Self::OpenDemo,
            Self::SaveProject,
            Self::SaveProjectAs,
            Self::CopyMap,
            Self::SaveMap,
            Self::ClearRecent,
            Self::ClearCaches,
            Self::Quit,
            Self::Search,
            // Before the one with fewer keys, which would match, too.
            Self::Scenario(ScenarioCommand::Redo),
            Self::Scenario(ScenarioCommand::Undo),
            Self::SelectAll,
            Self::InvertSelection,
            Self::ClearSelection,
            Self::Locate(true),
            Self::CopyRows,
            Self::SaveRows,
            // Before the one with fewer keys, which would match, too.
            Self::ResetInterface,
            Self::FullExtent,
            Self::ZoomToSelection,
            Self::ZoomIn,
            Self::ZoomOut,
            Self::ViewBack,
            Self::ViewForward,
            // Before the one with fewer keys, which would match, too.
            Self::ToggleGraticule,
            Self::ToggleGrid,
        ];
        list.extend([
            Self::ToggleSwipeLevel,
            Self::ToggleSwipe,
            Self::ToggleLinked,
            Self::Scenario(ScenarioCommand::ForkShown),
        ]);
        list.extend(EditPage::ALL.map(|page| Self::Edit(Some(page))));
        list.extend([RulesPage::Text(None), RulesPage::States].map(|page| Self::Rules(Some(page))));
        list.extend(Panel::ALL.map(Self::TogglePanel));
        list.extend(Tab::ALL.map(Self::ShowTab));
        list.extend([Self::SwitchLanguage, Self::SwitchTheme]);
        list.extend([Self::LargerInterface, Self::SmallerInterface]);
        list.extend(Tool::ALL.map(Self::UseTool));
        list.extend(Reach::ALL.map(Self::SetReach));
        list.extend(LayerCommand::ALL.map(Self::Current));
        list.extend(CompareCommand::listed().map(Self::Compare));
        list.extend([Self::ChooseProjectCrs, Self::Shortcuts, Self::About]);
        list
    }

    /// Words, icon and shortcuts, for commands that have them.
    pub fn spec(&self) -> Option<Spec> {
        match self {
            Self::Scenario(command) => command.spec(),
            Self::Edit(Some(page)) => match page {
                EditPage::Class => spec(page.key(), Some(page.icon()), const { &[plain(Key::E)] }),
                page => spec(page.key(), Some(page.icon()), &[]),
            },
            Self::Rules(Some(RulesPage::Text(_))) => spec("edit.open-rules", Some(icons::LIST), &[]),
            Self::Rules(Some(RulesPage::States)) => spec("edit.open-states", Some(icons::TABLE), &[]),
            Self::ToggleSwipe => spec("edit.swipe", None, const { &[plain(Key::W)] }),
            Self::ToggleSwipeLevel => spec("edit.swipe-level", None, const { &[shift(Key::W)] }),
            Self::ToggleLinked => spec("edit.linked", None, const { &[plain(Key::B)] }),
            Self::Open => spec("ui.open", Some(icons::FOLDER_OPEN), const { &[ctrl(Key::O)] }),
            Self::OpenDemo => spec("ui.open-demo", Some(icons::MAP), &[]),
            Self::SaveProject => spec("ui.save-project", Some(icons::SAVE), const { &[ctrl(Key::S)] }),
            Self::SaveProjectAs => spec("ui.save-project-as", None, const { &[ctrl_shift(Key::S)] }),
            Self::CopyMap => spec("ui.copy-map", Some(icons::CLIPBOARD_COPY), const { &[ctrl_shift(Key::C)] }),
            Self::SaveMap => spec("ui.save-map", Some(icons::IMAGE_DOWN), const { &[ctrl_shift(Key::P)] }),
            Self::ClearRecent => spec("ui.clear-recent", None, &[]),
            Self::ClearCaches => spec("ui.clear-caches", Some(icons::ERASER), &[]),
            Self::Quit => spec("ui.quit", None, const { &[ctrl(Key::Q)] }),
            Self::Search => spec("ui.search", Some(icons::SEARCH), const { &[ctrl(Key::K), ctrl(Key::F)] }),
            Self::SelectAll => spec("ui.select-all", None, const { &[ctrl(Key::A)] }),
            Self::InvertSelection => spec("ui.invert-selection", None, const { &[ctrl(Key::I)] }),
            Self::ClearSelection => spec("ui.clear-selection", Some(icons::SQUARE_DASHED), &[]),
            Self::Locate(_) => {
                spec("ui.select-by-location", Some(icons::LOCATE_FIXED), const { &[ctrl_shift(Key::L)] })
            }
            Self::SaveRows => spec("ui.save-rows", Some(icons::DOWNLOAD), &[]),
            Self::CopyRows => spec("ui.copy-rows", Some(icons::COPY), const { &[ctrl(Key::C)] }),
            Self::FullExtent => {
                spec("ui.full-extent", Some(icons::FULLSCREEN), const { &[ctrl(Key::Num0), plain(Key::Home)] })
            }
            Self::ZoomToSelection => spec("ui.zoom-to-selection", Some(icons::SCALING), const { &[plain(Key::Z)] }),
            Self::ZoomIn => spec("ui.zoom-in", Some(icons::ZOOM_IN), const { &[plain(Key::Plus), plain(Key::Equals)] }),
            Self::ZoomOut => spec("ui.zoom-out", Some(icons::ZOOM_OUT), const { &[plain(Key::Minus)] }),
            Self::ViewBack => spec("ui.view-back", Some(icons::ARROW_LEFT), const { &[alt(Key::ArrowLeft)] }),
            Self::ViewForward => spec("ui.view-forward", Some(icons::ARROW_RIGHT), const { &[alt(Key::ArrowRight)] }),
            Self::ToggleGrid => spec("ui.grid", Some(icons::GRID_3X3), const { &[plain(Key::G)] }),
            Self::ToggleGraticule => spec("ui.graticule", Some(icons::GLOBE), const { &[alt(Key::G)] }),
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
            Self::SwitchLanguage => spec("ui.switch-language", Some(icons::LANGUAGES), const { &[ctrl(Key::L)] }),
            Self::LargerInterface => spec("ui.interface-larger", None, const { &[ctrl(Key::Plus), ctrl(Key::Equals)] }),
            Self::SmallerInterface => spec("ui.interface-smaller", None, const { &[ctrl(Key::Minus)] }),
            Self::ResetInterface => spec("ui.interface-reset", None, const { &[ctrl_alt(Key::Num0)] }),
            Self::SwitchTheme => spec("ui.switch-theme", Some(icons::MOON), const { &[ctrl(Key::T)] }),
            Self::UseTool(Tool::Browse) => spec("ui.tool-browse", Some(icons::HAND), const { &[plain(Key::H)] }),
            Self::UseTool(Tool::Select) => {
                spec("ui.tool-select", Some(icons::MOUSE_POINTER_2), const { &[plain(Key::V)] })
            }
            Self::UseTool(Tool::SelectPolygon) => {
                spec("ui.tool-select-polygon", Some(icons::PENTAGON), const { &[plain(Key::P)] })
            }
            Self::UseTool(Tool::Lasso) => spec("ui.tool-lasso", Some(icons::LASSO), const { &[plain(Key::L)] }),
            Self::UseTool(Tool::Distance) => spec("ui.tool-distance", Some(icons::RULER), const { &[plain(Key::D)] }),
            Self::UseTool(Tool::Area) => spec("ui.tool-area", Some(icons::VECTOR_SQUARE), const { &[plain(Key::M)] }),
            Self::Current(command) | Self::Layer(_, command) => command.spec(),
            Self::Compare(command) => command.spec(),
            Self::ChooseProjectCrs => spec("ui.project-crs", Some(icons::GLOBE), &[]),
            Self::SetReach(reach) => spec(reach.key(), Some(reach.icon()), &[]),
            Self::Shortcuts => spec("ui.shortcuts", Some(icons::KEYBOARD), const { &[plain(Key::F1)] }),
            Self::About => spec("ui.about", Some(icons::INFO), &[]),
            Self::KeepMeasurement => spec("ui.keep", Some(icons::BOOKMARK_PLUS), &[]),
            _ => None,
        }
    }

    /// Whether the command can be given now.
    pub fn enabled(&self, session: &Session) -> bool {
        let has_layers = !session.workspace.is_empty();
        let current = session.current();
        match self {
            Self::Scenario(command) => command.enabled(session),
            Self::Edit(_) => current.is_some(),
            Self::Rules(_) => has_layers,
            Self::ToggleSwipe | Self::ToggleSwipeLevel | Self::ToggleLinked => {
                !session.workspace.scenarios.list().is_empty()
            }
            Self::SaveProject | Self::SaveProjectAs | Self::CopyMap | Self::SaveMap | Self::FullExtent => has_layers,
            Self::ZoomIn | Self::ZoomOut | Self::ChooseProjectCrs => has_layers,
            Self::ToggleGrid | Self::ToggleGraticule => has_layers,
            Self::SelectAll | Self::InvertSelection | Self::CopyRows | Self::SaveRows | Self::Locate(_) => {
                current.is_some()
            }
            Self::ClearSelection | Self::ZoomToSelection => !session.selection.is_empty(),
            Self::ClearRecent => !session.settings.recent.is_empty(),
            Self::ViewBack => session.views.can_go_back(),
            Self::ViewForward => session.views.can_go_forward(),
            Self::Current(command) => current.is_some_and(|entry| command.enabled(session, entry.layer.id)),
            Self::Layer(layer, command) => command.enabled(session, *layer),
            Self::Compare(command) => command.enabled(session),
            _ => true,
        }
    }

    /// Whether what the command switches is on, for those that switch something.
    pub fn checked(&self, session: &Session) -> Option<bool> {
        match self {
            Self::TogglePanel(panel) => Some(session.panel_open(*panel)),
            Self::ShowTab(tab) => Some(session.panel_open(Panel::Bottom) && session.settings.tab == *tab),
            Self::ToggleSwipe => Some(matches!(session.seeing, Seeing::Swipe { level: false, .. })),
            Self::ToggleSwipeLevel => Some(matches!(session.seeing, Seeing::Swipe { level: true, .. })),
            Self::See(seeing) => Some(session.seeing == *seeing),
            Self::ToggleLinked => Some(matches!(session.seeing, Seeing::Linked { .. })),
            Self::ToggleGrid => Some(session.settings.grid),
            Self::ToggleGraticule => Some(session.settings.graticule),
            Self::UseTool(tool) => Some(session.tool == *tool),
            Self::Locate(open) => Some(session.locating.open == *open),
            Self::SetReach(reach) => Some(session.settings.reach == *reach),
            Self::SetLanguage(language) => Some(session.settings.language == *language),
            Self::SetTheme(theme) => Some(session.settings.theme == *theme),
            Self::SetAreaUnit(unit) => Some(session.settings.area_unit == *unit),
            Self::Current(command) => command.checked(session, session.current()?.layer.id),
            Self::Layer(layer, command) => command.checked(session, *layer),
            Self::Compare(CompareCommand::ToggleChangeMap) => Some(session.compare.change_map),
            Self::Compare(CompareCommand::ToggleUnchanged) => Some(session.compare.only_changed),
            _ => None,
        }
    }
}

impl LayerCommand {
    /// All of them, in the order of menus.
    pub const ALL: [Self; 11] = [
        Self::ZoomTo,
        Self::OpenTable,
        Self::Style,
        Self::Crs,
        Self::Method(AreaMethod::Survey),
        Self::Method(AreaMethod::Geodesic),
        Self::Method(AreaMethod::Planar),
        Self::Coverage,
        Self::Reload,
        Self::Export,
        Self::Remove,
    ];

    pub(in crate::ui) fn spec(self) -> Option<Spec> {
        match self {
            Self::ZoomTo => spec("ui.layer-zoom", Some(icons::MAXIMIZE), &[]),
            Self::OpenTable => spec("ui.layer-table", Some(icons::TABLE), &[]),
            Self::Style => spec("ui.layer-style", Some(icons::PALETTE), &[]),
            Self::Crs => spec("ui.layer-crs", Some(icons::GLOBE), &[]),
            Self::Method(AreaMethod::Survey) => spec("ui.method-survey", None, &[]),
            Self::Method(AreaMethod::Geodesic) => spec("ui.method-geodesic", None, &[]),
            Self::Method(AreaMethod::Planar) => spec("ui.method-planar", None, &[]),
            Self::Coverage => spec("ui.layer-coverage", Some(icons::SHAPES), &[]),
            Self::Reload => spec("ui.layer-reload", Some(icons::REFRESH_CW), const { &[plain(Key::F5)] }),
            Self::Export => spec("ui.layer-export", Some(icons::FILE_DOWN), const { &[ctrl(Key::E)] }),
            Self::Remove => spec("ui.layer-remove", Some(icons::TRASH_2), &[]),
        }
    }

    pub(in crate::ui) fn enabled(self, session: &Session, layer: LayerId) -> bool {
        let Some(entry) = session.workspace.entry(layer) else { return false };
        match self {
            Self::Method(AreaMethod::Planar) => {
                entry.layer.kind == GeometryKind::Polygon && !entry.layer.crs.is_geographic()
            }
            Self::Method(_) | Self::Coverage => entry.layer.kind == GeometryKind::Polygon,
            Self::Reload => !entry.layer.provenance.path.as_os_str().is_empty(),
            _ => true,
        }
    }

    pub(in crate::ui) fn checked(self, session: &Session, layer: LayerId) -> Option<bool> {
        match self {
            Self::Method(method) => Some(session.method(layer) == method),
            _ => None,
        }
    }
}
