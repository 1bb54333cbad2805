//! The session: everything that the window shows.
//!
//! Panels get `&Session` and push [`command::Command`]s; only [`mod@crate::ui::work::commands`] and the
//! results of jobs change it. What is derived from it (projected geometry, totals, legends) remembers the revision that
//! it came from.

use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui;
use rustc_hash::FxHashMap;

use crate::crs::Crs;
use crate::model::classes::Class;
use crate::model::style::{Color, LayerStyle};
use crate::model::{AreaMethod, Extent, Issue, Layer, LayerId, Revision, Severity};
use crate::overlay::Coverage;
use crate::render::MapView;
use crate::render::prepared::Prepared;
use crate::scenario::{Entry, Workspace};
use crate::text::{Language, Message};
use crate::ui::session::awaited::Awaiting;
use crate::ui::session::command::Command;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::compare::Compare;
use crate::ui::session::conflicts::Conflicts;
use crate::ui::session::derived::Derived;
use crate::ui::session::early::Early;
use crate::ui::session::found::Found;
use crate::ui::session::handin::HandIn;
use crate::ui::session::jobs::Jobs;
use crate::ui::session::judging::Judging;
use crate::ui::session::leaving::Saving;
use crate::ui::session::line_shares::LineShares;
use crate::ui::session::locating::Locating;
use crate::ui::session::measuring::{Covering, Measuring};
use crate::ui::session::office::Knowing;
use crate::ui::session::opening::{Arriving, Asked, Batch, OpenReport};
use crate::ui::session::parts::{Card, Counted, Page, Panel, Tab, Tool};
use crate::ui::session::prepare::Preparation;
use crate::ui::session::project::Project;
use crate::ui::session::red_line::RedLineAnswer;
use crate::ui::session::settings::Settings;
use crate::ui::session::unsaved::Unsaved;
use crate::ui::session::watch::Watch;

pub mod awaited;
pub mod command;
pub mod compare;
pub mod conflicts;
pub mod derived;
pub mod early;
pub mod examining;
pub mod found;
pub mod handin;
pub mod handing;
pub mod jobs;
pub mod judging;
pub mod keys;
pub mod leaving;
pub mod line_shares;
pub mod locating;
pub mod measuring;
pub mod office;
pub mod opening;
pub mod order;
pub mod parts;
pub mod prepare;
pub mod project;
pub mod reach;
pub mod red_line;
pub mod rows;
pub mod settings;
pub mod sketch;
pub mod survey;
pub mod underlays;
pub mod unsaved;
pub mod views;
pub mod watch;
pub mod why;

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
    /// What belongs to the project that is open, beside its workspace: replaced whole with it.
    pub project: Project,
    /// Number of the work that is open: another one with each project that takes the place of another.
    pub work: u64,
    /// The save that is at work.
    pub saving: Option<Saving>,
    /// Files to be opened once the project is that is being opened.
    pub after_project: Vec<PathBuf>,
    /// Jobs that open projects.
    pub opening: Vec<u64>,
    /// The project that was read before the window was there, until it is opened.
    pub early: Early,
    /// Whether the window is to be closed now.
    pub quitting: bool,
    /// Where the map looks.
    pub view: MapView,
    /// The style that was copied of a layer.
    pub copied_style: Option<Box<LayerStyle>>,
    /// Which features legend and totals count.
    pub counted: Counted,
    /// The tool in hand.
    pub tool: Tool,
    /// Work in the background.
    pub jobs: Jobs,
    /// What is remembered from one run to the next.
    pub settings: Settings,
    /// Sentences over the map.
    pub notices: Vec<Notice>,
    /// The card over the window.
    pub card: Option<Card>,
    /// What a path is being asked for.
    pub asked_path: Option<Asked>,
    /// Files that are being read.
    pub arriving: Vec<Arriving>,
    /// Files that were opened and wait for an answer.
    pub opened: Option<OpenReport>,
    /// Files that were opened last and that the card does not show.
    pub batch: Batch,
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
    pub unsaved: Unsaved,
    /// Rules and figures of the scenario shown.
    pub judging: Judging,
    /// Commands that results of jobs give; carried out in the next frame.
    pub pending: Vec<Command>,
    /// What the office knows about its layers.
    pub knowing: Knowing,
    /// Whether the map shows the other state for as long as a key is held.
    pub peeking: bool,
    /// Two states held against each other.
    pub compare: Compare,
    /// What the state shown takes of the control lines.
    pub conflicts: Conflicts,
    /// The hand-in check of the open layers.
    pub handin: HandIn,
    /// What a red line takes of it.
    pub red_line: RedLineAnswer,
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
            project: Project::default(),
            work: 0,
            saving: None,
            after_project: Vec::new(),
            opening: Vec::new(),
            early: Early::default(),
            quitting: false,
            view: MapView::fit(&Extent::EMPTY, [1.0, 1.0], 0.0),
            copied_style: None,
            counted: Counted::default(),
            tool: Tool::default(),
            jobs: Jobs::new(ctx.clone()),
            settings,
            notices: Vec::new(),
            card: None,
            asked_path: None,
            arriving: Vec::new(),
            opened: None,
            batch: Batch::default(),
            measuring: FxHashMap::default(),
            coverings: FxHashMap::default(),
            watch: Watch::start(ctx.clone()),
            prepared: FxHashMap::default(),
            found: Found::default(),
            unsaved: Unsaved::default(),
            judging: Judging::default(),
            pending: Vec::new(),
            knowing: Knowing::default(),
            peeking: false,
            compare: Compare::default(),
            conflicts: Conflicts::default(),
            handin: HandIn::default(),
            red_line: RedLineAnswer::default(),
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
        self.settings.tr(key)
    }

    /// The entry of the current layer.
    pub fn current(&self) -> Option<&Entry> {
        self.workspace.entry(self.project.current?)
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

    /// The colour of a class, as the user wants land use to look.
    pub fn class_color(&self, class: Class) -> Color {
        let [light, dark] = class.soft_colors();
        match (self.settings.soft_colors, self.derived.dark) {
            (false, _) => class.color(),
            (true, false) => light,
            (true, true) => dark,
        }
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
        for (layer, rows) in self.project.selection.iter() {
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

    /// The same with several buttons.
    pub fn offer_any(&mut self, message: Message, actions: Vec<(&'static str, Command)>) {
        self.add_notice(Severity::Warning, message, actions);
    }

    /// Says that something was not worked out, with a button that has it done after all.
    pub fn offer_again(&mut self, message: Message, key: &'static str, what: Awaiting) {
        self.offer(message, key, Command::Window(WindowCommand::Retry(what)));
    }

    /// Says what was found when layers were read again. Edits that were not found in a new source stay on screen, with
    /// their list and a way to look again; what was said of those layers before is no longer so.
    pub fn tell_reread(&mut self, layers: &[LayerId], issues: Vec<Issue>) {
        let look = |command: &Command| match command {
            Command::File(FileCommand::ReloadLayers(of)) => of.iter().any(|id| layers.contains(id)),
            _ => false,
        };
        self.notices.retain(|notice| {
            notice.message.key != EDITS_LOST || !notice.actions.iter().any(|(_, command)| look(command))
        });
        let mut waiting = layers.to_vec();
        waiting.retain(|id| self.workspace.entry(*id).is_some_and(|entry| !entry.reread.is_empty()));
        for issue in issues {
            let mut actions = Vec::new();
            if issue.message.key == EDITS_LOST && !waiting.is_empty() {
                actions.push(("ui.show-list", Command::Window(WindowCommand::RevealTab(Tab::Issues))));
                actions.push(("ui.look-again", Command::File(FileCommand::ReloadLayers(waiting.clone()))));
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
        self.project.selection.forget(layer);
        self.project.identified.hits.retain(|hit| hit.layer != layer);
        self.project.identified.shown =
            self.project.identified.shown.min(self.project.identified.hits.len().saturating_sub(1));
        if self.project.hover.is_some_and(|hover| hover.layer == layer) {
            self.project.hover = None;
        }
    }
}

/// Forgets what the session remembers of layers that are no longer in the tree.
pub fn forget_gone(session: &mut Session) {
    if session.project.current.is_some_and(|layer| session.workspace.entry(layer).is_none()) {
        session.project.current = None;
    }
    if matches!(session.project.page, Page::Style(layer) if session.workspace.entry(layer).is_none()) {
        session.project.page = Page::Identify;
    }
    let gone: Vec<LayerId> =
        session.project.shapes.keys().copied().filter(|id| session.workspace.entry(*id).is_none()).collect();
    for layer in gone {
        session.forget_features(layer);
        session.project.shapes.remove(&layer);
    }
}
