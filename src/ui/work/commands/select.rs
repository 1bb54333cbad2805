//! Selecting and looking for features, and what the pointer meets.

use eframe::egui::{self, Key};

use crate::model::LayerId;
use crate::ui::look::{grid, icons, keyboard};
use crate::ui::session::Session;
use crate::ui::session::command::select::SelectCommand;
use crate::ui::session::command::spec::{Spec, ctrl, ctrl_shift, spec};
use crate::ui::session::parts::{Page, Tab};
use crate::ui::session::reach::Reach;
use crate::ui::session::rows::{Identified, Rows, SelectMode};
use crate::ui::work::view::{select, show_feature, show_layer, zoom_to};
use crate::ui::work::{locate, search};

impl SelectCommand {
    /// Those that have words, in the order of menus.
    pub(super) fn listed() -> Vec<Self> {
        let mut list =
            vec![Self::Search, Self::SelectAll, Self::InvertSelection, Self::ClearSelection, Self::Locate(true)];
        list.extend(Reach::ALL.map(Self::SetReach));
        list
    }

    /// Words, icon and shortcuts, for commands that have them.
    pub(super) fn spec(&self) -> Option<Spec> {
        match self {
            Self::Search => spec("ui.search", Some(icons::SEARCH), const { &[ctrl(Key::K), ctrl(Key::F)] }),
            Self::SelectAll => spec("ui.select-all", None, const { &[ctrl(Key::A)] }),
            Self::InvertSelection => spec("ui.invert-selection", None, const { &[ctrl(Key::I)] }),
            Self::ClearSelection => spec("ui.clear-selection", Some(icons::SQUARE_DASHED), &[]),
            Self::Locate(_) => {
                spec("ui.select-by-location", Some(icons::LOCATE_FIXED), const { &[ctrl_shift(Key::L)] })
            }
            Self::SetReach(reach) => spec(reach.key(), Some(reach.icon()), &[]),
            _ => None,
        }
    }

    /// Whether the command can be given now.
    pub(super) fn enabled(&self, session: &Session) -> bool {
        let current = session.current();
        match self {
            Self::SelectAll | Self::InvertSelection | Self::Locate(_) => current.is_some(),
            Self::ClearSelection => !session.project.selection.is_empty(),
            _ => true,
        }
    }

    /// Whether what the command switches is on, for those that switch something.
    pub(super) fn checked(&self, session: &Session) -> Option<bool> {
        match self {
            Self::Locate(open) => Some(session.locating.open == *open),
            Self::SetReach(reach) => Some(session.settings.reach == *reach),
            _ => None,
        }
    }
}

/// Carries out `command`.
pub(super) fn run(session: &mut Session, command: SelectCommand, ctx: &egui::Context) {
    match command {
        SelectCommand::SelectAll => select_all(session),
        SelectCommand::InvertSelection => invert_selection(session),
        SelectCommand::ClearSelection => session.project.selection.clear(),
        SelectCommand::Select { layer, rows, mode } => select(session, layer, &rows, mode),
        SelectCommand::SelectClass { layer, symbol, mode } => select_class(session, layer, symbol, mode),
        SelectCommand::Locate(open) => session.locating.open = open,
        SelectCommand::SelectByLocation(ask) => locate::start(session, ask),
        // In the table it looks through that.
        SelectCommand::Search if session.settings.tab == Tab::Table && grid::has_keyboard(ctx) => {
            keyboard::into_table_find(ctx);
        }
        SelectCommand::Search => keyboard::into_search_box(ctx),
        SelectCommand::FindFeatures(query) => search::find(session, query),
        SelectCommand::ShowFeature(feature) => show_feature(session, feature),
        SelectCommand::ShowFeatures { layer, rows } => {
            select(session, layer, &rows, SelectMode::Replace);
            show_layer(session, layer);
            zoom_to(session, session.selection_extent());
        }
        SelectCommand::SetReach(reach) => session.settings.reach = reach,
        SelectCommand::Hover(feature) => session.project.hover = feature,
        SelectCommand::Identify(hits) => {
            if !hits.is_empty() {
                session.project.page = Page::Identify;
                session.settings.inspector_open = true;
            }
            session.project.identified = Identified { hits, shown: 0 };
        }
        SelectCommand::ShowIdentified(shown) => session.project.identified.shown = shown,
    }
}

fn select_class(session: &mut Session, layer: LayerId, symbol: u16, mode: SelectMode) {
    let Some(symbols) = session.derived.symbols(layer) else { return };
    let rows: Rows = symbols.iter().enumerate().filter(|(_, of)| **of == symbol).map(|(feature, _)| feature).collect();
    select(session, layer, &rows, mode);
}

fn select_all(session: &mut Session) {
    if let Some(entry) = session.current() {
        let (layer, rows) = (entry.id(), Rows::all(entry.layer.feature_count()));
        session.project.selection.apply(layer, &rows, SelectMode::Replace);
    }
}

fn invert_selection(session: &mut Session) {
    if let Some(entry) = session.current() {
        let (layer, count) = (entry.id(), entry.layer.feature_count());
        let rows = session.project.selection.rows(layer).map_or_else(|| Rows::all(count), |rows| rows.inverted(count));
        session.project.selection.apply(layer, &rows, SelectMode::Replace);
    }
}
