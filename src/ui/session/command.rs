//! The commands of the window as data: what panels push and results of jobs give.
//!
//! Words, shortcuts, when they can be given and what they do stand in [`crate::ui::work`], in a file a subject.
//! Commands with arguments (select these parcels, open that file) have no words of their own: the widget that pushes
//! them has.

use std::path::PathBuf;
use std::sync::Arc;

use crate::crs::Crs;
use crate::model::classes::Class;
use crate::model::style::{Color, LayerStyle};
use crate::model::{AreaMethod, Coord, Extent, LayerId};
use crate::render::MapView;
use crate::scenario::{ScenarioId, Seeing};
use crate::text::Language;
use crate::ui::session::awaited::Awaiting;
use crate::ui::session::command::compare::CompareCommand;
use crate::ui::session::command::scenario::ScenarioCommand;
use crate::ui::session::leaving::Next;
use crate::ui::session::locating::Ask;
use crate::ui::session::opening::OpenChoice;
use crate::ui::session::order::Order;
use crate::ui::session::parts::{Card, Counted, EditPage, Page, Panel, RulesPage, Tab, Tool};
use crate::ui::session::reach::Reach;
use crate::ui::session::rows::{FeatureRef, Rows, SelectMode};
use crate::ui::session::settings::ThemeChoice;
use crate::ui::session::sketch::Sketch;
use crate::units::AreaUnit;

pub mod compare;
pub mod scenario;

/// Something to be done. Everything that changes the session is one of these.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    // ---- Scenarios
    /// Something done to scenarios or in them.
    Scenario(ScenarioCommand),
    /// Open the window for edits at this page, or close it.
    Edit(Option<EditPage>),
    /// Show states in one map, swiped, or side by side.
    See(Seeing),
    /// Do again what an earlier run left unsaved in a journal.
    Recover(PathBuf),
    /// Select what a rule of the project is missed by.
    ShowBreaches(usize),
    /// Open the window for rules at this page, or close it.
    Rules(Option<RulesPage>),
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
    SelectByLocation(Ask),
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
    ShowPage(Page),
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
