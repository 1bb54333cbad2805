//! What belongs to the project that is open, beside its workspace. When another takes its place all of it is replaced,
//! so nothing of one project survives into the next.

use std::path::PathBuf;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::crs::Crs;
use crate::io::Arrivals;
use crate::io::cache::Cache;
use crate::model::{Coord, LayerId, Revision};
use crate::render::image::Image;
use crate::scenario::{ScenarioId, Seeing, WantedTable};
use crate::ui::session::examining::{Asked, Examination};
use crate::ui::session::leaving::Standing;
use crate::ui::session::order::Order;
use crate::ui::session::parts::{EditPage, Page, RulesPage};
use crate::ui::session::rows::{FeatureRef, Identified, Selection};
use crate::ui::session::sketch::Sketch;
use crate::ui::session::underlays::Underlays;
use crate::ui::session::views::Views;
use crate::ui::session::why::Why;

/// What belongs to the project that is open.
pub struct Project {
    /// Where the project was opened from or saved to.
    pub path: Option<PathBuf>,
    /// What was opened once, beside the project's file; `None` where there is no such file, or the user wants none.
    pub cache: Option<Arc<Cache>>,
    /// The same where it was just taken up, and what came of it is still to be compared.
    pub unchecked: Option<Arc<Cache>>,
    /// Whether the demo project is open as the program came with it: the user's own files take its place.
    pub demo: bool,
    /// Hash of the project's file as it was opened or saved: another one was written by somebody else.
    pub stamp: Option<String>,
    /// Whether the picture of the project was painted since it was opened, or found to be there.
    pub pictured: bool,
    /// Whether another window has the project: this one does not save over it.
    pub read_only: bool,
    /// The work that the user chose to discard.
    pub discarded: Option<Standing>,
    /// Tables of joins that were asked for: those that could not be read are not asked for again.
    pub unread_tables: Vec<WantedTable>,
    /// Layers that are being read again, and how.
    pub rereading: FxHashMap<LayerId, Asked>,
    /// What the doctor finds about the file of a layer.
    pub examination: Option<Examination>,
    /// Images beneath the layers, bottom to top, in the project CRS: no layers, so not in the tree.
    pub images: Vec<Image>,
    /// What these are drawn from.
    pub underlays: Underlays,
    /// The CRS that the map was drawn in last.
    pub drawn_in: Option<Crs>,
    /// The two states that the map showed in the last frame.
    pub swiped: Option<[Option<ScenarioId>; 2]>,
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
    /// The feature under the pointer.
    pub hover: Option<FeatureRef>,
    /// What was identified.
    pub identified: Identified,
    /// What it is drawing.
    pub sketch: Sketch,
    /// What the right panel is about.
    pub page: Page,
    /// Whether the window of bookmarks and notes is open.
    pub marks_open: bool,
    /// How the map shows states.
    pub seeing: Seeing,
    /// States beside that of the tab, as far as they were chosen.
    pub beside: Vec<Option<ScenarioId>>,
    /// Geometry of each layer as last shown: rows of another one are other features.
    pub shapes: FxHashMap<LayerId, Revision>,
    /// What the window for edits is about, while it is open.
    pub editing: Option<EditPage>,
    /// What the window for rules shows, while it is open.
    pub rules_page: Option<RulesPage>,
    /// The figure that was asked about, while its card is open.
    pub why: Option<Why>,
    /// Files whose reading was stopped, with what it takes to go on.
    pub stopped: FxHashMap<PathBuf, Arc<Arrivals>>,
}

impl Default for Project {
    fn default() -> Self {
        Self {
            path: None,
            cache: None,
            unchecked: None,
            demo: false,
            stamp: None,
            pictured: false,
            read_only: false,
            discarded: None,
            unread_tables: Vec::new(),
            rereading: FxHashMap::default(),
            examination: None,
            images: Vec::new(),
            underlays: Underlays::default(),
            drawn_in: None,
            swiped: None,
            views: Views::default(),
            wants_full_extent: true,
            cursor: None,
            marked: None,
            current: None,
            orders: FxHashMap::default(),
            selection: Selection::default(),
            hover: None,
            identified: Identified::default(),
            sketch: Sketch::default(),
            page: Page::default(),
            marks_open: false,
            seeing: Seeing::default(),
            beside: Vec::new(),
            shapes: FxHashMap::default(),
            editing: None,
            rules_page: None,
            why: None,
            stopped: FxHashMap::default(),
        }
    }
}
