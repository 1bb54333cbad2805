//! The session: everything that the window shows.
//!
//! Panels get `&Session` and push [`super::command::Command`]s; only [`mod@super::run`] and the results of jobs change it.
//! What is derived from it (projected geometry, totals, legends) remembers the revision that it came from.

use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui;
use rustc_hash::FxHashMap;

use super::arriving::Arriving;
use super::awaited::Awaiting;
use super::command::Command;
use super::compare::Compare;
use super::conflicts::Conflicts;
use super::derived::Derived;
use super::jobs::Jobs;
use super::judging::Judging;
use super::keeping::Keeping;
use super::leaving::{Next, Standing};
use super::line_shares::LineShares;
use super::locate::Locating;
use super::measuring::{Covering, Measuring};
use super::open_report::OpenReport;
use super::prepare::Preparation;
pub use super::rows::{Rows, SelectMode, Selection};
use super::search::Found;
use super::settings::Settings;
pub use super::sketch::{Measurement, Sketch};
use super::table::order::Order;
use super::taking::Taking;
use super::two_states::Seeing;
use super::views::Views;
use super::watch::Watch;
use crate::crs::Crs;
use crate::model::{AreaMethod, Coord, Extent, Issue, Layer, LayerId, Revision, Severity};
use crate::overlay::Coverage;
use crate::render::MapView;
use crate::render::prepared::Prepared;
use crate::scenario::{Entry, ScenarioId, Workspace};
use crate::text::{Language, Message, tr};

/// One feature of one layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FeatureRef {
    /// The layer.
    pub layer: LayerId,
    /// Its index in the layer.
    pub feature: usize,
}

/// What the left button does on the map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tool {
    /// Drag moves the map, click identifies.
    Browse,
    /// Click selects, drag selects by a box.
    #[default]
    Select,
    /// Clicks draw a polygon that selects.
    SelectPolygon,
    /// A drag draws a line around what it selects.
    Lasso,
    /// Measures along a line.
    Distance,
    /// Measures an area.
    Area,
}

impl Tool {
    /// All tools, in the order of the tool strip.
    pub const ALL: [Self; 6] =
        [Self::Browse, Self::Select, Self::SelectPolygon, Self::Lasso, Self::Distance, Self::Area];

    /// Whether the tool measures.
    pub fn measures(self) -> bool {
        matches!(self, Self::Distance | Self::Area)
    }
}

/// Which features the legend of the layer tree and the totals by class count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Counted {
    /// All of the layer.
    #[default]
    Layer,
    /// Those in view.
    View,
    /// Those selected.
    Selection,
}

impl Counted {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Layer, Self::View, Self::Selection];

    /// Key of its name.
    pub fn key(self) -> &'static str {
        match self {
            Self::Layer => "panels.of-layer",
            Self::View => "panels.of-view",
            Self::Selection => "panels.of-selection",
        }
    }
}

/// A panel that can be put away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Panel {
    /// Left: the layer tree.
    Layers,
    /// Right: identify, style.
    Inspector,
    /// Bottom: table, totals, measurements, issues.
    Bottom,
}

impl Panel {
    /// All panels.
    pub const ALL: [Self; 3] = [Self::Layers, Self::Inspector, Self::Bottom];
}

/// A tab of the bottom panel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tab {
    /// 属性表.
    #[default]
    Table,
    /// 分类汇总.
    Classes,
    /// 地类流向.
    Transitions,
    /// 结构调整表.
    Balance,
    /// 控制线与占压.
    Conflicts,
    /// 量测.
    Measurements,
    /// 问题.
    Issues,
}

impl Tab {
    /// All tabs in order.
    pub const ALL: [Self; 7] = [
        Self::Table,
        Self::Classes,
        Self::Transitions,
        Self::Balance,
        Self::Conflicts,
        Self::Measurements,
        Self::Issues,
    ];

    /// Whether the tab is about two states held against each other.
    pub fn compares(self) -> bool {
        matches!(self, Self::Transitions | Self::Balance)
    }
}

/// What the right panel is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Page {
    /// What was identified on the map.
    #[default]
    Identify,
    /// How a layer is drawn.
    Style(LayerId),
}

/// A card over the window. There is one at most.
#[derive(Clone, Debug, PartialEq)]
pub enum Card {
    /// All shortcuts.
    Shortcuts,
    /// What this program is.
    About,
    /// Choose the CRS that a layer's coordinates are read in.
    LayerCrs(LayerId),
    /// What the coordinates of a layer can mean.
    Doctor(LayerId),
    /// Choose the CRS that everything is drawn in.
    ProjectCrs,
    /// Choose the CRS of the n-th file that waits to be opened.
    PendingCrs(usize),
    /// Save, discard or keep the work that this would put away.
    Leave(Next),
    /// The file of the project was written by somebody else: save over it, under another name, or not.
    Overwrite(PathBuf),
    /// Type the path of a file, where the system has no dialog for it.
    Path,
}

/// What was identified: features at one place, topmost first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Identified {
    /// The features.
    pub hits: Vec<FeatureRef>,
    /// Which of them is shown.
    pub shown: usize,
}

impl Identified {
    /// The feature that is shown.
    pub fn current(&self) -> Option<FeatureRef> {
        self.hits.get(self.shown).copied()
    }
}

/// Key of the sentence that says that edits were not found in a new source.
const EDITS_LOST: &str = "scenario.edits-lost";

/// A sentence that stands over the map for a while.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Number by which it is put away.
    pub id: u64,
    /// How much it matters: notes go by themselves, errors stay.
    pub severity: Severity,
    /// The sentence.
    pub message: Message,
    /// What can be done about it: keys of names, and the commands.
    pub actions: Vec<(&'static str, Command)>,
    /// When it was first shown, in egui's seconds.
    pub since: Option<f64>,
}

/// Everything that the window shows.
pub struct Session {
    /// Layers and how they are drawn and measured.
    pub workspace: Workspace,
    /// Where the project was opened from or saved to.
    pub project_path: Option<PathBuf>,
    /// Whether the demo project is open as the program came with it: the user's own files take its place.
    pub demo: bool,
    /// Hash of the project's file as it was opened or saved: another one was written by somebody else.
    pub stamp: Option<String>,
    /// Number of the work that is open: another one with each project that takes the place of another.
    pub work: u64,
    /// The save that is at work.
    pub saving: Option<super::saving::Saving>,
    /// Whether another window has the project: this one does not save over it.
    pub read_only: bool,
    /// Files to be opened once the project is that is being opened.
    pub after_project: Vec<PathBuf>,
    /// Jobs that open projects.
    pub opening: Vec<u64>,
    /// The work that the user chose to discard.
    pub discarded: Option<Standing>,
    /// Whether the window is to be closed now.
    pub quitting: bool,
    /// Layers that are being read again, and in which CRS.
    pub rereading: FxHashMap<LayerId, super::open::Asked>,
    /// What the doctor finds about the file of a layer.
    pub examination: Option<super::doctor_card::Examination>,
    /// The CRS that the map was drawn in last.
    pub drawn_in: Option<Crs>,
    /// The two states that the map showed in the last frame.
    pub swiped: Option<[Option<ScenarioId>; 2]>,
    /// Where the map looks.
    pub view: MapView,
    /// Where it looked before.
    pub views: Views,
    /// Set when the map shall show everything as soon as its size is known.
    pub wants_full_extent: bool,
    /// Where the pointer is, in the project CRS.
    pub cursor: Option<Coord>,
    /// A place that was asked for, in the project CRS.
    pub marked: Option<Coord>,
    /// The layer that table, legend and menus are about.
    pub current: Option<LayerId>,
    /// Which rows the tables show, and in which order.
    pub orders: FxHashMap<LayerId, Arc<Order>>,
    /// What is selected.
    pub selection: Selection,
    /// Which features legend and totals count.
    pub counted: Counted,
    /// The feature under the pointer.
    pub hover: Option<FeatureRef>,
    /// What was identified.
    pub identified: Identified,
    /// The tool in hand.
    pub tool: Tool,
    /// What it is drawing.
    pub sketch: Sketch,
    /// Work in the background.
    pub jobs: Jobs,
    /// What is remembered from one run to the next.
    pub settings: Settings,
    /// Sentences over the map.
    pub notices: Vec<Notice>,
    /// The card over the window.
    pub card: Option<Card>,
    /// What a path is being asked for.
    pub asked_path: Option<super::path_card::Asked>,
    /// What the right panel is about.
    pub page: Page,
    /// Files that are being read.
    pub arriving: Vec<Arriving>,
    /// Files that were opened and wait for an answer.
    pub opened: Option<OpenReport>,
    /// States of layers that are being measured, by their revision.
    pub measuring: FxHashMap<Revision, Measuring>,
    /// Unions and overlaps of layers.
    pub coverings: FxHashMap<LayerId, Covering>,
    /// Notices when opened files change on disk.
    pub watch: Watch,
    /// Geometries made ready for the map, by the revision of their shape.
    pub prepared: FxHashMap<Revision, Preparation>,
    /// What the search box found.
    pub found: Found,
    /// What keeps unsaved work.
    pub keeping: Keeping,
    /// Rules and figures of the scenario shown.
    pub judging: Judging,
    /// Commands that results of jobs give; carried out in the next frame.
    pub pending: Vec<Command>,
    /// How the map shows states.
    pub seeing: Seeing,
    /// States beside that of the tab, as far as they were chosen.
    pub beside: Vec<Option<ScenarioId>>,
    /// Whether the map shows the other state for as long as a key is held.
    pub peeking: bool,
    /// Geometry of each layer as last shown: rows of another one are other features.
    pub shapes: FxHashMap<LayerId, Revision>,
    /// What the window for edits is about, while it is open.
    pub editing: Option<super::edit::Page>,
    /// What the window for rules shows, while it is open.
    pub rules_page: Option<super::rules_editor::Page>,
    /// Two states held against each other.
    pub compare: Compare,
    /// What the state shown takes of the control lines.
    pub conflicts: Conflicts,
    /// What a red line takes of it.
    pub taking: Taking,
    /// What the control lines take of what is shown and selected.
    pub line_shares: LineShares,
    /// Selecting by location.
    pub locating: Locating,
    /// Values derived from the above.
    pub derived: Derived,
    next_notice: u64,
}

impl Session {
    /// An empty session.
    pub fn new(settings: Settings, ctx: egui::Context) -> Self {
        Self {
            workspace: Workspace::new(),
            project_path: None,
            demo: false,
            stamp: None,
            work: 0,
            saving: None,
            read_only: false,
            after_project: Vec::new(),
            opening: Vec::new(),
            discarded: None,
            quitting: false,
            rereading: FxHashMap::default(),
            examination: None,
            drawn_in: None,
            swiped: None,
            view: MapView::fit(&Extent::EMPTY, [1.0, 1.0], 0.0),
            views: Views::default(),
            wants_full_extent: true,
            cursor: None,
            marked: None,
            current: None,
            selection: Selection::default(),
            counted: Counted::default(),
            orders: FxHashMap::default(),
            hover: None,
            identified: Identified::default(),
            tool: Tool::default(),
            sketch: Sketch::default(),
            jobs: Jobs::new(ctx.clone()),
            settings,
            notices: Vec::new(),
            card: None,
            asked_path: None,
            page: Page::Identify,
            arriving: Vec::new(),
            opened: None,
            measuring: FxHashMap::default(),
            coverings: FxHashMap::default(),
            watch: Watch::start(ctx.clone()),
            prepared: FxHashMap::default(),
            found: Found::default(),
            keeping: Keeping::default(),
            judging: Judging::default(),
            pending: Vec::new(),
            seeing: Seeing::default(),
            beside: Vec::new(),
            peeking: false,
            shapes: FxHashMap::default(),
            editing: None,
            rules_page: None,
            compare: Compare::default(),
            conflicts: Conflicts::default(),
            taking: Taking::default(),
            line_shares: LineShares::default(),
            locating: Locating::default(),
            derived: Derived::default(),
            next_notice: 0,
        }
    }

    /// The language of the window.
    pub fn language(&self) -> Language {
        self.settings.language
    }

    /// The catalogue's text for `key`.
    pub fn tr<'k>(&self, key: &'k str) -> &'k str {
        tr(self.settings.language, key)
    }

    /// The entry of the current layer.
    pub fn current(&self) -> Option<&Entry> {
        self.workspace.entry(self.current?)
    }

    /// The layer of that identity.
    pub fn layer(&self, layer: LayerId) -> Option<&Arc<Layer>> {
        self.workspace.entry(layer).map(|entry| &entry.layer)
    }

    /// How areas of `layer` are computed.
    pub fn method(&self, layer: LayerId) -> AreaMethod {
        self.workspace.entry(layer).map(|entry| entry.method).unwrap_or_default()
    }

    /// The layer made ready for the map, once it is.
    pub fn prepared(&self, layer: LayerId) -> Option<&Arc<Prepared>> {
        self.prepared_shape(self.layer(layer)?.shape)
    }

    /// A geometry made ready for the map, once it is.
    pub fn prepared_shape(&self, shape: Revision) -> Option<&Arc<Prepared>> {
        self.prepared.get(&shape)?.prepared()
    }

    /// Union and overlaps of a layer by its present method, once they are known.
    pub fn coverage(&self, layer: LayerId) -> Option<&Arc<Coverage>> {
        let entry = self.workspace.entry(layer)?;
        self.coverings.get(&layer)?.coverage_of(entry.layer.shape, self.method(layer))
    }

    /// Metres that a unit of the project CRS takes.
    pub fn metres_per_unit(&self) -> f64 {
        self.workspace.crs.as_ref().map_or(1.0, Crs::metres_per_unit_on_map)
    }

    /// The n of the map's scale 1 : n.
    pub fn scale(&self) -> f64 {
        self.view.scale_denominator(self.metres_per_unit())
    }

    /// Extent of the visible layers in the project CRS, as far as they are ready.
    pub fn full_extent(&self) -> Extent {
        let mut extent = Extent::EMPTY;
        for entry in self.workspace.drawn() {
            if let Some(prepared) = self.prepared(entry.id()) {
                extent.union(&self.workspace.crs.as_ref().map_or(prepared.extent, |crs| prepared.shown_extent(crs)));
            }
        }
        extent
    }

    /// Extent of what is selected, in the project CRS.
    pub fn selection_extent(&self) -> Extent {
        let mut extent = Extent::EMPTY;
        for (layer, rows) in self.selection.iter() {
            if let Some(prepared) = self.prepared(layer) {
                for feature in rows.iter() {
                    extent.union(&prepared.feature_extent(feature));
                }
            }
        }
        extent
    }

    /// Whether `panel` is open.
    pub fn panel_open(&self, panel: Panel) -> bool {
        self.settings.open(panel)
    }

    /// Says something that goes away by itself.
    pub fn notify(&mut self, message: Message) {
        self.add_notice(Severity::Note, message, Vec::new());
    }

    /// Says something that stays until it is put away.
    pub fn notify_error(&mut self, message: Message) {
        self.add_notice(Severity::Error, message, Vec::new());
    }

    /// Says something that stays and is no failure: what could not be told for certain.
    pub fn warn(&mut self, message: Message) {
        self.add_notice(Severity::Warning, message, Vec::new());
    }

    /// Says what was found, as long as it matters.
    pub fn tell(&mut self, issue: Issue) {
        self.add_notice(issue.severity, issue.message, Vec::new());
    }

    /// Says something that stays, with a button that does something about it.
    pub fn offer(&mut self, message: Message, key: &'static str, command: Command) {
        self.add_notice(Severity::Warning, message, vec![(key, command)]);
    }

    /// Says that something was not worked out, with a button that has it done after all.
    pub fn offer_again(&mut self, message: Message, key: &'static str, what: Awaiting) {
        self.offer(message, key, Command::Retry(what));
    }

    /// Says what was found when layers were read again. Edits that were not found in a new source stay on screen, with
    /// their list and a way to look again; what was said of those layers before is no longer so.
    pub fn tell_reread(&mut self, layers: &[LayerId], issues: Vec<Issue>) {
        let look =
            |command: &Command| matches!(command, Command::ReloadLayers(of) if of.iter().any(|id| layers.contains(id)));
        self.notices.retain(|notice| {
            notice.message.key != EDITS_LOST || !notice.actions.iter().any(|(_, command)| look(command))
        });
        let mut waiting = layers.to_vec();
        waiting.retain(|id| self.workspace.entry(*id).is_some_and(|entry| !entry.reread.is_empty()));
        for issue in issues {
            let mut actions = Vec::new();
            if issue.message.key == EDITS_LOST && !waiting.is_empty() {
                actions.push(("ui.show-list", Command::RevealTab(Tab::Issues)));
                actions.push(("ui.look-again", Command::ReloadLayers(waiting.clone())));
            }
            self.add_notice(issue.severity, issue.message, actions);
        }
    }

    fn add_notice(&mut self, severity: Severity, message: Message, actions: Vec<(&'static str, Command)>) {
        // Two offers of the same words are two: each leads to work of its own.
        self.notices.retain(|notice| notice.message != message || notice.actions != actions);
        self.notices.push(Notice { id: self.next_notice, severity, message, actions, since: None });
        self.next_notice += 1;
    }

    /// What was found about the open layers, layer by layer from the top.
    pub fn issues(&self) -> &[(LayerId, Issue)] {
        self.derived.issues()
    }

    /// How many issues matter: warnings and errors.
    pub fn issue_count(&self) -> usize {
        self.derived.issue_count()
    }

    /// Says something that goes away by itself, with a button that does something about it.
    pub fn suggest(&mut self, message: Message, key: &'static str, command: Command) {
        self.add_notice(Severity::Note, message, vec![(key, command)]);
    }

    /// Forgets everything about a layer that is gone or whose features have changed places.
    pub fn forget_features(&mut self, layer: LayerId) {
        self.selection.forget(layer);
        self.identified.hits.retain(|hit| hit.layer != layer);
        self.identified.shown = self.identified.shown.min(self.identified.hits.len().saturating_sub(1));
        if self.hover.is_some_and(|hover| hover.layer == layer) {
            self.hover = None;
        }
    }
}

/// Key of the name of a method.
pub fn method_key(method: AreaMethod) -> &'static str {
    match method {
        AreaMethod::Survey => "ui.method-survey",
        AreaMethod::Geodesic => "ui.method-geodesic",
        AreaMethod::Planar => "ui.method-planar",
    }
}
