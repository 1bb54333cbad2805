//! Every command of the window, once: its words, its icon, its shortcut, and when it can be given.
//!
//! Panels read the session and push commands; [`mod@super::run`] carries them out. Menus, tool strip, search box and the
//! list of shortcuts all read this table, so a command cannot be named differently in two places. Commands with
//! arguments (select these parcels, open that file) have no words of their own: the widget that pushes them has.

use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui::{Key, KeyboardShortcut, Modifiers};

use super::awaited::Awaiting;
use super::compare::CompareCommand;
use super::edit::Page;
use super::icons::{self, Icon};
use super::leaving::Next;
use super::locate;
use super::open_report::OpenChoice;
use super::reach::Reach;
use super::rules_editor;
use super::scenarios::ScenarioCommand;
use super::settings::ThemeChoice;
use super::state::{self, Card, Counted, FeatureRef, Panel, Rows, SelectMode, Session, Sketch, Tab, Tool};
use super::table::order::Order;
use super::two_states::Seeing;
use crate::crs::{Correction, Crs};
use crate::model::classes::Class;
use crate::model::style::{Color, LayerStyle};
use crate::model::{AreaMethod, Coord, Extent, GeometryKind, LayerId};
use crate::render::MapView;
use crate::scenario::ScenarioId;
use crate::text::Language;
use crate::units::AreaUnit;

/// Something to be done. Everything that changes the session is one of these.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    // ---- Scenarios
    /// Something done to scenarios or in them.
    Scenario(ScenarioCommand),
    /// Open the window for edits at this page, or close it.
    Edit(Option<Page>),
    /// Show states in one map, swiped, or side by side.
    See(Seeing),
    /// Do again what an earlier run left unsaved in a journal.
    Recover(PathBuf),
    /// Select what a rule of the project is missed by.
    ShowBreaches(usize),
    /// Open the window for rules at this page, or close it.
    Rules(Option<rules_editor::Page>),
    /// Write this text to the rules file, or to one to be chosen.
    SaveRules {
        /// The file.
        path: Option<PathBuf>,
        /// The text.
        text: String,
    },
    /// Read the rules of the project again.
    ReadRules,
    /// Go to a row of the ledger of conflicts.
    ShowConflict(usize),
    /// Ask what a kept area takes, by its place in the list; `None` to ask no longer.
    TakeOf(Option<usize>),
    /// Write the ledger of conflicts to a CSV file to be chosen.
    SaveConflicts,
    /// Show this state as the n-th beside that of the tab.
    SeeBeside(usize, Option<ScenarioId>),
    /// Swipe between two states, a vertical line between them, or stop it.
    ToggleSwipe,
    /// Swipe between two states, a horizontal line between them, or stop it.
    ToggleSwipeLevel,
    /// Show the states in maps beside each other, or stop it.
    ToggleLinked,

    // ---- File
    /// Save the project over what somebody else wrote meanwhile.
    SaveOver(PathBuf),
    /// Save the untitled work, then go on.
    SaveAndLeave(Next),
    /// Discard the untitled work, and go on.
    DiscardAndLeave(Next),
    /// Choose files or a project in the system's dialog.
    Open,
    /// Open these files; a project replaces the workspace, layers are added to it.
    OpenPaths(Vec<PathBuf>),
    /// Write a layer, or what is selected of it, to this file, whatever its format cannot hold.
    ExportAnyway(LayerId, PathBuf),
    /// Open the synthetic demo project.
    OpenDemo,
    /// Save the project where it was opened from, or ask.
    SaveProject,
    /// Save the project to a file to be chosen.
    SaveProjectAs,
    /// Put the map with legend, scale bar and source on the clipboard.
    CopyMap,
    /// Write the map with legend, scale bar and source to a PNG file to be chosen.
    SaveMap,
    /// Remember that this class was assigned.
    UsedClass(Class),
    /// Remember that this colour was picked.
    UsedColor(Color),
    /// Forget the recent files.
    ClearRecent,
    /// Remove caches, journals and recent files from this machine.
    ClearCaches,
    /// Leave.
    Quit,

    // ---- Edit
    /// Select all features of the current layer.
    SelectAll,
    /// Select the features of the current layer that are not selected.
    InvertSelection,
    /// Select nothing.
    ClearSelection,
    /// Change the selection of one layer.
    Select {
        /// The layer.
        layer: LayerId,
        /// The features.
        rows: Rows,
        /// Replace, add, remove.
        mode: SelectMode,
    },
    /// Select the features that a layer draws with one symbol.
    SelectClass {
        /// The layer.
        layer: LayerId,
        /// Index of the symbol in its style.
        symbol: u16,
        /// Replace, add, remove.
        mode: SelectMode,
    },
    /// Open the window that selects by location, or close it.
    Locate(bool),
    /// Select features by where they lie to others.
    SelectByLocation(locate::Ask),
    /// Copy the selected rows of the table (all, when none is) with a header, tabs between cells.
    CopyRows,
    /// Write them to a CSV file to be chosen.
    SaveRows,
    /// Put this text on the clipboard.
    CopyText(String),
    /// Put the cursor into the search box.
    Search,
    /// Look for features by number or name in every layer.
    FindFeatures(String),

    // ---- View
    /// Show all visible layers.
    FullExtent,
    /// Show the selection.
    ZoomToSelection,
    /// Twice the scale.
    ZoomIn,
    /// Half the scale.
    ZoomOut,
    /// The view before.
    ViewBack,
    /// The view after.
    ViewForward,
    /// Show this view.
    SetView(MapView),
    /// Keep the present view for [`Command::ViewBack`]: a gesture is about to change it.
    RememberView,
    /// The map has this size in points.
    SetMapSize([f64; 2]),
    /// Show this extent of the project CRS.
    ZoomTo(Extent),
    /// Move so that this point of the project CRS is in the middle, and mark it.
    GoTo(Coord),
    /// Set the scale 1 : n.
    SetScale(f64),
    /// Show a feature: select it, identify it, and zoom to it.
    ShowFeature(FeatureRef),
    /// Show several features of a layer: select them and zoom to them.
    ShowFeatures {
        /// The layer.
        layer: LayerId,
        /// The features.
        rows: Rows,
    },
    /// Show or hide a panel.
    TogglePanel(Panel),
    /// Show this tab of the bottom panel; put the panel away where it is shown already.
    ShowTab(Tab),
    /// Show this tab of the bottom panel.
    RevealTab(Tab),
    /// The table of a layer shows these rows.
    SetTableOrder(LayerId, Arc<Order>),
    /// Count these features in legend and totals.
    Count(Counted),
    /// Show or hide the grid of the project CRS.
    ToggleGrid,
    /// Show or hide meridians and parallels.
    ToggleGraticule,
    /// Snap to vertices and edges when measuring, or not.
    ToggleSnap,
    /// A box or line drawn around features selects in this way.
    SetReach(Reach),
    /// Speak this language.
    SetLanguage(Language),
    /// Use this theme.
    SetTheme(ThemeChoice),
    /// The other theme.
    SwitchTheme,
    /// The other language.
    SwitchLanguage,
    /// Show areas in this unit where there is room for one only.
    SetAreaUnit(AreaUnit),

    // ---- Tools
    /// Take up a tool.
    UseTool(Tool),
    /// Report what the tool in hand is drawing.
    SetSketch(Sketch),
    /// Keep the measurement that was just drawn.
    KeepMeasurement,
    /// Name a kept measurement.
    NameMeasurement(usize, String),
    /// Remove a kept measurement.
    RemoveMeasurement(usize),
    /// Show a kept measurement on the map.
    ShowMeasurement(usize),
    /// The pointer is over this feature.
    Hover(Option<FeatureRef>),
    /// The pointer is at this point of the project CRS.
    SetCursor(Option<Coord>),
    /// List what lies at a point, topmost first.
    Identify(Vec<FeatureRef>),
    /// Show the n-th of what was identified.
    ShowIdentified(usize),
    /// Step back: end the sketch, close what lies over the map, clear the selection; one a time.
    Escape,

    // ---- Layers
    /// Make a layer the one that table, legend and menus are about.
    SetCurrent(Option<LayerId>),
    /// Show or hide a layer.
    SetVisible(LayerId, bool),
    /// Show or hide all layers.
    SetAllVisible(bool),
    /// Show or hide all layers of a group.
    SetGroupVisible(String, bool),
    /// Open or close a group of the tree.
    ToggleGroup(String),
    /// Open or close the legend under a layer.
    ToggleLegend(LayerId),
    /// Move a layer under a heading of the tree.
    MoveLayer {
        /// The layer.
        layer: LayerId,
        /// The heading.
        group: String,
        /// Its place there, counted without the layer itself.
        index: usize,
    },
    /// Call a layer by another name; empty for its own.
    RenameLayer(LayerId, String),
    /// Something about one layer.
    Layer(LayerId, LayerCommand),
    /// Something about the current layer.
    Current(LayerCommand),
    /// Draw a layer in this style.
    SetStyle(LayerId, Box<LayerStyle>),
    /// Draw the features of one class, or not.
    SetClassVisible {
        /// The layer.
        layer: LayerId,
        /// Index of the symbol in its style.
        symbol: u16,
        /// Whether they are drawn.
        visible: bool,
    },
    /// Read the coordinates of a layer in this CRS.
    SetLayerCrs(LayerId, Crs),
    /// Read the coordinates of a layer with this undone, or as they are in its file.
    SetCorrection(LayerId, Option<Box<Correction>>),
    /// Measure a layer by this method.
    SetMethod(LayerId, AreaMethod),
    /// Draw everything in this CRS.
    SetProjectCrs(Crs),
    /// Choose the CRS that everything is drawn in.
    ChooseProjectCrs,
    /// Answer to the report on opened files.
    AnswerOpen(OpenChoice),

    // ---- Compare
    /// Something about the comparison.
    Compare(CompareCommand),

    // ---- Size of everything
    /// Show everything in the window larger.
    LargerInterface,
    /// Show everything in the window smaller.
    SmallerInterface,
    /// Show everything in the window in its usual size.
    ResetInterface,

    // ---- Help and tasks
    /// List all shortcuts.
    Shortcuts,
    /// Say what this program is.
    About,
    /// Stop a running task.
    CancelTask(u64),
    /// Work out after all what the user has stopped, or what was lost.
    Retry(Awaiting),
    /// Read the files of these layers again.
    ReloadLayers(Vec<LayerId>),
    /// Put a notice away.
    DismissNotice(u64),
    /// Close the card that lies over the window.
    CloseCard,
    /// Take the path that was asked for in the window.
    AnswerPath(std::path::PathBuf),
    /// Open this card over the window.
    ShowCard(Card),
    /// Turn the right panel to this page.
    ShowPage(state::Page),
}

/// What can be done with one layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LayerCommand {
    /// Show all of it.
    ZoomTo,
    /// Open its table.
    OpenTable,
    /// Change how it is drawn.
    Style,
    /// Change the CRS that its coordinates are read in.
    Crs,
    /// Examine what its coordinates can mean.
    Doctor,
    /// Change how its areas are computed.
    Method(AreaMethod),
    /// Compute its union and what was counted twice.
    Coverage,
    /// Read its file again.
    Reload,
    /// Write it, or its selection, to a GeoJSON file.
    Export,
    /// Take it out of the workspace; its file stays.
    Remove,
}

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

pub(super) const fn spec(
    key: &'static str,
    icon: Option<Icon>,
    shortcuts: &'static [KeyboardShortcut],
) -> Option<Spec> {
    Some(Spec { key, icon, shortcuts })
}

pub(super) const fn ctrl(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND, key)
}

pub(super) const fn ctrl_shift(key: Key) -> KeyboardShortcut {
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
        list.extend(Page::ALL.map(|page| Self::Edit(Some(page))));
        list.extend([rules_editor::Page::Text(None), rules_editor::Page::States].map(|page| Self::Rules(Some(page))));
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
                Page::Class => spec(page.key(), Some(page.icon()), const { &[plain(Key::E)] }),
                page => spec(page.key(), Some(page.icon()), &[]),
            },
            Self::Rules(Some(rules_editor::Page::Text(_))) => spec("edit.open-rules", Some(icons::LIST), &[]),
            Self::Rules(Some(rules_editor::Page::States)) => spec("edit.open-states", Some(icons::TABLE), &[]),
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
    pub const ALL: [Self; 12] = [
        Self::ZoomTo,
        Self::OpenTable,
        Self::Style,
        Self::Crs,
        Self::Doctor,
        Self::Method(AreaMethod::Survey),
        Self::Method(AreaMethod::Geodesic),
        Self::Method(AreaMethod::Planar),
        Self::Coverage,
        Self::Reload,
        Self::Export,
        Self::Remove,
    ];

    fn spec(self) -> Option<Spec> {
        match self {
            Self::ZoomTo => spec("ui.layer-zoom", Some(icons::MAXIMIZE), &[]),
            Self::OpenTable => spec("ui.layer-table", Some(icons::TABLE), &[]),
            Self::Style => spec("ui.layer-style", Some(icons::PALETTE), &[]),
            Self::Crs => spec("ui.layer-crs", Some(icons::GLOBE), &[]),
            Self::Doctor => spec("ui.layer-doctor", Some(icons::COMPASS), &[]),
            Self::Method(AreaMethod::Survey) => spec("ui.method-survey", None, &[]),
            Self::Method(AreaMethod::Geodesic) => spec("ui.method-geodesic", None, &[]),
            Self::Method(AreaMethod::Planar) => spec("ui.method-planar", None, &[]),
            Self::Coverage => spec("ui.layer-coverage", Some(icons::SHAPES), &[]),
            Self::Reload => spec("ui.layer-reload", Some(icons::REFRESH_CW), const { &[plain(Key::F5)] }),
            Self::Export => spec("ui.layer-export", Some(icons::FILE_DOWN), const { &[ctrl(Key::E)] }),
            Self::Remove => spec("ui.layer-remove", Some(icons::TRASH_2), &[]),
        }
    }

    fn enabled(self, session: &Session, layer: LayerId) -> bool {
        let Some(entry) = session.workspace.entry(layer) else { return false };
        match self {
            Self::Method(AreaMethod::Planar) => {
                entry.layer.kind == GeometryKind::Polygon && !entry.layer.crs.is_geographic()
            }
            Self::Method(_) | Self::Coverage => entry.layer.kind == GeometryKind::Polygon,
            Self::Reload | Self::Doctor => !entry.layer.provenance.path.as_os_str().is_empty(),
            _ => true,
        }
    }

    fn checked(self, session: &Session, layer: LayerId) -> Option<bool> {
        match self {
            Self::Method(method) => Some(session.method(layer) == method),
            _ => None,
        }
    }
}
