//! The attribute table of the current layer.

mod foot;
mod rows;

use std::sync::Arc;

use eframe::egui::{self, Align, Layout, Ui, vec2};
use rustc_hash::FxHashMap;

pub use self::foot::unmeasured_text;
use crate::expr::FilterWord;
use crate::model::{Areas, LayerId, Revision};
use crate::scenario::{Entry, TableLayout};
use crate::task::{Cancelled, Progress};
use crate::text::{Language, Message, tr};
use crate::ui::look::grid;
use crate::ui::look::icons;
use crate::ui::look::theme::{font, size};
use crate::ui::look::widgets::{self, Tone};
use crate::ui::panels::arriving;
use crate::ui::panels::table::{columns_menu, find, statistics};
use crate::ui::session::Session;
use crate::ui::session::awaited::{Awaited, Problem};
use crate::ui::session::command::Command;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::command::layer::LayerCommand;
use crate::ui::session::command::select::SelectCommand;
use crate::ui::session::command::table::TableCommand;
use crate::ui::session::order::Order;
use crate::ui::session::project::Project;
use crate::ui::session::rows::{Rows, SelectMode};
use crate::ui::work::columns::{Columns, Content};
use crate::ui::work::order::{self, Answer, FilterError, Meant, Request};
use crate::units::{Area, format_number};

/// Layers with more features are filtered and sorted in the background.
const AT_ONCE: usize = 20_000;

/// What is remembered between frames: a state a layer.
#[derive(Default)]
pub struct State {
    layers: FxHashMap<LayerId, LayerState>,
}

#[derive(Default)]
struct LayerState {
    grid: grid::State,
    filter: String,
    only_selected: bool,
    /// The row that the keyboard is at, and the one that Shift extends from.
    cursor: Option<usize>,
    anchor: Option<usize>,
    columns: Option<Laid>,
    /// The widths of columns that the project was last known to have.
    widths: Vec<(String, f32)>,
    find: find::State,
    statistics: statistics::State,
    /// The cell that was pressed with the right button: row, column.
    asked: Option<(usize, usize)>,
    /// Those of before stay while an expression is being typed.
    order: Awaited<Asked, Made, Option<FilterError>>,
    /// The next order begins at the top: it is sorted or filtered otherwise.
    to_top: bool,
    /// The selection that was seen last, and whether the next one is this table's doing.
    seen_selection: Option<Revision>,
    own_selection: bool,
    total: Option<(Revision, Option<Arc<Areas>>, Option<Area>)>,
}

/// The columns of a table as they are laid out.
struct Laid {
    revision: Revision,
    language: Language,
    layout: TableLayout,
    /// All that there are.
    all: Columns,
    /// Those that are shown, in their order.
    shown: Columns,
}

/// What an order depends on.
#[derive(Clone)]
struct Asked {
    revision: Revision,
    areas: Option<Arc<Areas>>,
    sort: Vec<(Content, bool)>,
    filter: String,
    selection: Option<Revision>,
    language: Language,
}

impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        let same_areas = match (&self.areas, &other.areas) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        };
        same_areas
            && self.revision == other.revision
            && self.sort == other.sort
            && self.filter == other.filter
            && self.selection == other.selection
            && self.language == other.language
    }
}

/// The tools at the right of the tabs: filter, only selected, copy, export. Comes right to left.
pub fn tools(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let Some(entry) = session.current() else { return };
    let own = state.layers.entry(entry.id()).or_default();
    if widgets::icon_button(ui, icons::DOWNLOAD, session.tr("ui.layer-export")).clicked() {
        commands.push(Command::Layer(entry.id(), LayerCommand::Export));
    }
    columns_menu::button(ui, session, entry, commands);
    if widgets::icon_button(ui, icons::SEARCH, session.tr("habits.find")).clicked() {
        own.find.toggle(ui.ctx());
    }
    if widgets::icon_button(ui, icons::COPY, session.tr("ui.copy-rows")).clicked() {
        commands.push(Command::Table(TableCommand::CopyRows));
    }
    let only = session.tr("panels.only-selected");
    if widgets::icon_toggle(ui, icons::SQUARE_DASHED_MOUSE_POINTER, only, own.only_selected).clicked() {
        own.only_selected = !own.only_selected;
    }
    if !own.filter.trim().is_empty() {
        if widgets::icon_button(ui, icons::X, session.tr("panels.clear-filter")).clicked() {
            own.filter.clear();
        }
        if let Some(order) = own.order.current().map(|made| &made.order)
            && widgets::icon_button(ui, icons::CHECK, session.tr("panels.select-shown")).clicked()
        {
            let rows = if order.is_empty() { Rows::new() } else { order.between(0, order.len() - 1) };
            commands.push(Command::Select(SelectCommand::Select {
                layer: entry.id(),
                rows,
                mode: SelectMode::Replace,
            }));
            own.own_selection = true;
        }
    }
    let width = (ui.available_width() - 4.0).clamp(80.0, 236.0);
    let hint = session.tr("panels.filter-hint");
    // The buttons beside it come and go with what is typed; the field must stay the same one all the while.
    let fixed = egui::UiBuilder::new().scope_id(egui::Id::unique("table-filter"));
    let field = ui.scope_builder(fixed, |ui| {
        widgets::field(ui, &mut own.filter, Some(icons::FUNNEL), hint, session.tr("panels.filter"), width)
    });
    field.inner.on_hover_text(session.tr("panels.filter-tip"));
}

/// Draws the table and its foot line.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    state.layers.retain(|layer, _| session.workspace.entry(*layer).is_some());
    let Some(entry) = session.current() else {
        if session.workspace.is_empty() && arriving::panel_ui(ui, session) {
            return;
        }
        widgets::empty_state(ui, icons::TABLE, session.tr("ui.table-empty"), |ui| {
            if widgets::button(ui, Some(icons::FOLDER_OPEN), session.tr("ui.open")).clicked() {
                commands.push(Command::File(FileCommand::Open));
            }
        });
        return;
    };
    let own = state.layers.entry(entry.id()).or_default();
    own.refresh(ui, session, entry);
    if let Some(order) = own.rows()
        && !session.project.orders.get(&entry.id()).is_some_and(|known| Arc::ptr_eq(known, order))
    {
        commands.push(Command::Table(TableCommand::SetTableOrder(entry.id(), order.clone())));
    }
    own.follow_selection(&session.project, entry);
    match own.order.problem() {
        None => own.meaning_ui(ui, session.language()),
        Some(Problem::Failed(error)) => {
            let text = error.as_ref().map(|error| error.text(session.language()));
            note_ui(ui, Tone::Bad, &text.unwrap_or_default());
        }
        Some(ended) => {
            let message = ended.ended_message().map(|message| message.text(session.language()));
            note_ui(ui, Tone::Bad, &message.unwrap_or_default());
            if widgets::button(ui, Some(icons::REFRESH_CW), session.tr("ui.try-again")).clicked() {
                own.order.retry();
            }
        }
    }
    own.find_ui(ui, session, entry);
    let room = vec2(ui.available_width(), (ui.available_height() - size::FOOT).max(0.0));
    ui.allocate_ui_with_layout(room, Layout::top_down(Align::Min), |ui| {
        ui.set_min_size(room);
        own.grid_ui(ui, session, entry, commands);
    });
    own.foot_ui(ui, session, entry, commands);
    if let (Some(laid), Some(order)) = (&own.columns, own.order.value().map(|made| made.order.clone())) {
        statistics::ui(ui, session, entry, &laid.all, &order, &mut own.statistics, commands);
    }
}

/// What is to be said of the filter, where it was typed.
fn note_ui(ui: &mut Ui, tone: Tone, text: &str) {
    let (ink, ground) = tone.colors(ui);
    egui::Frame::new().fill(ground).inner_margin(egui::Margin::symmetric(size::MARGIN as i8, 4)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        let text = egui::RichText::new(text).font(font::note()).color(ink);
        ui.add(egui::Label::new(text).wrap());
    });
}

/// The words of a filter with what each means and how many features have it.
fn words_text(words: &[(FilterWord, usize)], language: Language) -> String {
    let word = |(word, count): &(FilterWord, usize)| {
        let key = if word.is_class { "panels.word-class" } else { "panels.word-anywhere" };
        let n = format_number(*count as f64, 0);
        Message::new(key).with("word", &word.text).with("n", n).text(language)
    };
    words.iter().map(word).collect::<Vec<_>>().join(" · ")
}

/// The rows of a table, what its filter was taken for, and the area of the rows that it shows.
struct Made {
    order: Arc<Order>,
    meant: Meant,
    area: Option<Area>,
}

impl LayerState {
    /// The rows in their order, once they are found.
    fn rows(&self) -> Option<&Arc<Order>> {
        self.order.value().map(|made| &made.order)
    }

    /// What the filter was taken for.
    fn meant(&self) -> Option<&Meant> {
        self.order.value().map(|made| &made.meant)
    }

    /// Says what the filter was taken for.
    fn meaning_ui(&self, ui: &mut Ui, language: Language) {
        let text = match self.meant().filter(|_| !self.filter.trim().is_empty()) {
            None | Some(Meant::Nothing) => return,
            Some(Meant::Words(words, _)) => words_text(words, language),
            Some(Meant::Condition(hints)) => {
                let hints = hints.iter().map(|hint| hint.text(language));
                let all: Vec<String> =
                    std::iter::once(tr(language, "panels.by-condition").to_owned()).chain(hints).collect();
                all.join(" · ")
            }
        };
        note_ui(ui, Tone::Quiet, &text);
        if let Some(Meant::Words(_, Some(error))) = self.meant() {
            let text = Message::new("panels.no-condition").with("error", error.text(language)).text(language);
            note_ui(ui, Tone::Warn, &text);
        }
    }

    /// Why no row is shown.
    fn empty_text(&self, language: Language) -> String {
        let filter = self.filter.trim();
        let key = match (filter.is_empty(), self.only_selected, self.meant()) {
            (true, true, _) => "panels.nothing-selected",
            (true, false, _) => "panels.no-features",
            (false, true, _) => "panels.nothing-selected-passes",
            (false, false, Some(Meant::Words(..))) => "panels.nothing-has-words",
            (false, false, _) => "panels.nothing-passes",
        };
        let words = match self.meant() {
            Some(Meant::Words(words, _)) => words_text(words, language),
            _ => filter.to_owned(),
        };
        Message::new(key).with("filter", words).text(language)
    }

    /// Brings columns and order up to date.
    fn refresh(&mut self, ui: &Ui, session: &Session, entry: &Entry) {
        let (revision, language) = (entry.layer.revision, session.language());
        let is_laid =
            |laid: &Laid| laid.revision == revision && laid.language == language && laid.layout == entry.table;
        if !self.columns.as_ref().is_some_and(is_laid) {
            let all = Columns::of(entry, language);
            let shown = all.arranged(&entry.table);
            self.columns = Some(Laid { revision, language, layout: entry.table.clone(), all, shown });
        }
        let sort = self.columns.as_ref().map_or_else(Vec::new, |laid| laid.all.sort_of(&entry.table));
        let asked = Asked {
            revision,
            areas: entry.areas.clone(),
            sort: sort.clone(),
            filter: self.filter.trim().to_owned(),
            selection: self.only_selected.then_some(session.project.selection.revision),
            language,
        };
        if !self.order.is_asked(&asked) {
            self.to_top |= self.order.key().is_some_and(|old| old.sort != asked.sort || old.filter != asked.filter);
            self.order.keep_if(|old| old.revision == revision);
            let only = session.project.selection.rows(entry.id()).cloned().unwrap_or_default();
            let request = Request {
                layer: entry.layer.clone(),
                areas: entry.areas.clone(),
                sort,
                filter: asked.filter.clone(),
                only: self.only_selected.then_some(only),
                classes: entry.class_field().map(|field| (field, entry.scheme())),
                language,
            };
            let work = move |progress: &Progress| match order::order(&request, progress) {
                Ok(Ok(Answer { order, meant, area })) => Ok(Made { order: Arc::new(order), meant, area }),
                Ok(Err(error)) => Err(Some(error)),
                // Nobody sees what work brings that was cancelled.
                Err(Cancelled) => Err(None),
            };
            let before = self.rows().cloned();
            if entry.layer.feature_count() <= AT_ONCE {
                self.order.set(asked, work(&Progress::new()));
                self.ordered(before);
            } else {
                self.order.start_task(ui.ctx(), asked, "table order", work);
            }
        }
        let before = self.rows().cloned();
        if self.order.poll().is_some() {
            self.ordered(before);
        }
    }

    /// The keyboard starts anew where other rows are shown.
    fn ordered(&mut self, before: Option<Arc<Order>>) {
        if self.order.problem().is_none() && std::mem::take(&mut self.to_top) {
            self.grid.scroll_to(0);
        }
        if self.rows() != before.as_ref() {
            self.cursor = None;
            self.anchor = None;
        }
    }

    /// Scrolls to what was selected elsewhere.
    fn follow_selection(&mut self, project: &Project, entry: &Entry) {
        let revision = project.selection.revision;
        if self.seen_selection.replace(revision) == Some(revision) {
            return;
        }
        if std::mem::take(&mut self.own_selection) {
            return;
        }
        let Some(feature) = project.selection.rows(entry.id()).and_then(|rows| rows.iter().next()) else {
            return;
        };
        let row = match self.rows() {
            Some(order) => order.row_of(feature),
            None => Some(feature),
        };
        if let Some(row) = row {
            self.cursor = Some(row);
            self.anchor = Some(row);
            if !self.grid.sees(row) {
                self.grid.scroll_to(row);
            }
        }
    }

    /// The bar that finds rows, and the row that it goes to.
    fn find_ui(&mut self, ui: &mut Ui, session: &Session, entry: &Entry) {
        let Some(order) = self.rows().cloned() else { return };
        if let Some(row) = find::ui(ui, session, entry, &order, &mut self.find) {
            self.cursor = Some(row);
            self.anchor = Some(row);
            self.grid.scroll_to(row);
        }
        self.grid.mark(self.find.row());
    }
}
