//! The attribute table of the current layer.

use std::sync::Arc;

use eframe::egui::{self, Align, Layout, Ui, vec2};
use rustc_hash::FxHashMap;

use crate::expr::FilterWord;
use crate::model::{Areas, GeometryKind, LayerId, Revision};
use crate::scenario::{Entry, TableLayout};
use crate::task::{Cancelled, Progress};
use crate::text::{Language, Message, tr};
use crate::ui::look::grid::{self, Grid, Press};
use crate::ui::look::icons;
use crate::ui::look::theme::{font, size, tokens};
use crate::ui::look::widgets::{self, Tone};
use crate::ui::panels::edit::menus;
use crate::ui::panels::table::row_menu::{cell_rows, row_menu};
use crate::ui::panels::table::{columns_menu, find, statistics};
use crate::ui::panels::{arriving, table};
use crate::ui::session::Session;
use crate::ui::session::awaited::{Awaited, Awaiting, Problem};
use crate::ui::session::command::Command;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::command::layer::LayerCommand;
use crate::ui::session::command::select::SelectCommand;
use crate::ui::session::command::table::TableCommand;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::order::Order;
use crate::ui::session::project::Project;
use crate::ui::session::rows::{FeatureRef, Rows, SelectMode};
use crate::ui::session::settings::Settings;
use crate::ui::work::columns::{Columns, Content, spelt_out};
use crate::ui::work::derived;
use crate::ui::work::measuring::{self, method_key};
use crate::ui::work::order::{self, Answer, FilterError, Meant, Request};
use crate::ui::work::why;
use crate::units::{Area, AreaUnit, format_number};

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

    fn grid_ui(&mut self, ui: &mut Ui, session: &Session, entry: &Entry, commands: &mut Vec<Command>) {
        let order = self.rows().cloned().unwrap_or_else(|| Arc::new(Order::All(entry.layer.feature_count())));
        let Some(Laid { language, shown: columns, .. }) = &self.columns else { return };
        if order.is_empty() {
            let text = self.empty_text(session.language());
            let bare = self.filter.trim().is_empty() && !self.only_selected;
            let mut clear = false;
            widgets::empty_state(ui, icons::FUNNEL, &text, |ui| {
                if !bare {
                    clear = widgets::button(ui, None, session.tr("panels.show-all")).clicked();
                }
            });
            if clear {
                self.filter.clear();
                self.only_selected = false;
            }
            return;
        }
        if self.widths != entry.table.widths {
            self.widths.clone_from(&entry.table.widths);
            self.grid.set_widths(&self.widths);
        }
        let layer = entry.id();
        let symbols = session.derived.symbols(layer).cloned();
        let style = session.derived.style_in_legend(entry);
        let name = Message::new("panels.table-of").with("layer", &entry.title).text(session.language());
        let place = |(key, descending): &(String, bool)| {
            Some((columns.headings.iter().position(|heading| heading.key == *key)?, *descending))
        };
        let sorted: Vec<(usize, bool)> = entry.table.sort.iter().filter_map(place).collect();
        let view = Grid {
            name: &name,
            columns: &columns.headings,
            sorted: &sorted,
            frozen: entry.table.frozen,
            row_count: order.len(),
            cursor: self.cursor,
        };
        let output = view.show(
            ui,
            &mut self.grid,
            |row| order.feature(row).is_some_and(|feature| session.project.selection.contains(layer, feature)),
            |row, column| match order.feature(row) {
                Some(feature) => {
                    let symbol = symbols.as_ref().and_then(|symbols| symbols.get(feature)).copied();
                    let mut cell = columns.cell(entry, feature, column, symbol, *language);
                    // In the colours that map and tree have.
                    if let (Some(swatch), Some(symbol)) = (&mut cell.swatch, symbol) {
                        *swatch = style.symbol(usize::from(symbol)).copied().unwrap_or(*swatch);
                    }
                    cell
                }
                None => grid::Cell::default(),
            },
        );
        if let Some((at, more)) = output.heading
            && let Some(heading) = columns.headings.get(at)
        {
            let sort = columns_menu::next_sort(&entry.table.sort, &heading.key, more);
            columns_menu::lay(entry, TableLayout { sort, ..entry.table.clone() }, commands);
        }
        if let Some((from, to)) = output.moved {
            let keys = self.columns.as_ref().map_or_else(Vec::new, |laid| laid.all.keys());
            columns_menu::lay(entry, entry.table.moved(&keys, from, to), commands);
        }
        let widths = self.grid.widths();
        if widths != self.widths && !ui.input(|input| input.pointer.any_down()) {
            columns_menu::lay(entry, TableLayout { widths, ..entry.table.clone() }, commands);
        }
        for (at, response) in &output.headings {
            let mut asked = None;
            response.context_menu(|ui| {
                asked = columns_menu::heading_menu(ui, session, entry, columns, *at, commands);
            });
            if let Some(content) = asked {
                self.statistics.open(content);
            }
        }
        self.asked = output.asked.or(self.asked);
        let mut filter = None;
        for (row, response) in &output.rows {
            let Some(feature) = order.feature(*row) else { continue };
            let column = self.asked.filter(|(at, _)| at == row).map(|(_, column)| column);
            response.context_menu(|ui| {
                if let Some(column) = column {
                    cell_rows(ui, session, entry, columns, (feature, column), &mut filter, commands);
                }
                row_menu(ui, session, FeatureRef { layer, feature }, commands);
            });
            if let Some((at, column)) = output.pointed
                && at == *row
                && let Some(Content::Field(field)) = columns.contents.get(column)
                && let Some(said) = spelt_out(entry, *field, &entry.layer.value(feature, *field).to_string(), *language)
            {
                response.clone().on_hover_text(said);
            }
        }
        if let Some(filter) = filter {
            self.filter = filter;
        }
        if let Some(click) = output.click {
            self.click(&session.project, &session.settings, &order, layer, click, commands);
        }
        if let Some(feature) = output.double_click.and_then(|row| order.feature(row)) {
            commands.push(Command::Select(SelectCommand::ShowFeature(FeatureRef { layer, feature })));
        }
        for (press, shift) in output.presses {
            self.press(&session.project, &session.settings, &order, layer, press, shift, commands);
        }
    }

    fn click(
        &mut self,
        project: &Project,
        settings: &Settings,
        order: &Order,
        layer: LayerId,
        click: grid::Click,
        commands: &mut Vec<Command>,
    ) {
        let Some(feature) = order.feature(click.row) else { return };
        self.cursor = Some(click.row);
        if click.shift {
            let from = *self.anchor.get_or_insert(click.row);
            let mode = if click.ctrl { SelectMode::Add } else { SelectMode::Replace };
            self.select(layer, order.between(from, click.row), mode, commands);
            return;
        }
        self.anchor = Some(click.row);
        let mode = match (click.ctrl, project.selection.contains(layer, feature)) {
            (true, true) => SelectMode::Remove,
            (true, false) => SelectMode::Add,
            (false, _) => SelectMode::Replace,
        };
        self.select(layer, Rows::from_iter([feature]), mode, commands);
        if !click.ctrl {
            identify(settings, layer, feature, commands);
        }
    }

    fn press(
        &mut self,
        project: &Project,
        settings: &Settings,
        order: &Order,
        layer: LayerId,
        press: Press,
        shift: bool,
        commands: &mut Vec<Command>,
    ) {
        let last = order.len().saturating_sub(1);
        let at = self.cursor.unwrap_or(0).min(last);
        let to = match press {
            Press::Move(by) => at.saturating_add_signed(by).min(last),
            Press::First => 0,
            Press::Last => last,
            Press::Toggle | Press::Open => at,
        };
        let Some(feature) = order.feature(to) else { return };
        self.cursor = Some(to);
        self.grid.scroll_to(to);
        match press {
            Press::Open => commands.push(Command::Select(SelectCommand::ShowFeature(FeatureRef { layer, feature }))),
            Press::Toggle => {
                let on = project.selection.contains(layer, feature);
                let mode = if on { SelectMode::Remove } else { SelectMode::Add };
                self.anchor = Some(to);
                self.select(layer, Rows::from_iter([feature]), mode, commands);
            }
            _ if shift => {
                let from = *self.anchor.get_or_insert(at);
                self.select(layer, order.between(from, to), SelectMode::Replace, commands);
            }
            _ => {
                self.anchor = Some(to);
                self.select(layer, Rows::from_iter([feature]), SelectMode::Replace, commands);
                identify(settings, layer, feature, commands);
            }
        }
    }

    fn select(&mut self, layer: LayerId, rows: Rows, mode: SelectMode, commands: &mut Vec<Command>) {
        self.own_selection = true;
        commands.push(Command::Select(SelectCommand::Select { layer, rows, mode }));
    }

    /// Area of what is selected in the layer.
    fn selected_area(&mut self, project: &Project, entry: &Entry) -> Option<Area> {
        let revision = project.selection.revision;
        if let Some((known, areas, total)) = &self.total
            && *known == revision
            && areas.as_ref().map(Arc::as_ptr) == entry.areas.as_ref().map(Arc::as_ptr)
        {
            return *total;
        }
        let total = project.selection.rows(entry.id()).and_then(|rows| derived::printed(entry, rows));
        self.total = Some((revision, entry.areas.clone(), total));
        total
    }

    fn foot_ui(&mut self, ui: &mut Ui, session: &Session, entry: &Entry, commands: &mut Vec<Command>) {
        let language = session.language();
        let selected = session.project.selection.rows(entry.id()).map_or(0, |rows| rows.len());
        let area = self.selected_area(&session.project, entry);
        let all = entry.layer.feature_count();
        let shown = self.rows().map_or(all, |order| order.len());
        let running = self.order.is_busy();
        let shown_area = self.order.value().and_then(|made| made.area);
        let order = self.rows().cloned();
        let sum = |area: Option<Area>, title: &str, rows: Rows, unit: AreaUnit| {
            let formula = Message::new("why.f-sum").with("n", rows.len());
            Some(why::sum_of(entry, &format!("{} · {title}", entry.title), (area?, unit), formula, rows))
        };
        let of_selected = |unit: AreaUnit| {
            let rows = session.project.selection.rows(entry.id())?;
            let title = Message::new("panels.selected").with("n", count_text(rows.len())).text(language);
            sum(area, &title, (**rows).clone(), unit)
        };
        let of_shown = |unit: AreaUnit| {
            let order = order.as_ref().filter(|order| !order.is_empty())?;
            let title = Message::new("panels.shown").with("n", count_text(shown)).with("all", count_text(all));
            sum(shown_area, &title.text(language), order.between(0, order.len() - 1), unit)
        };
        table::foot(ui, |ui| {
            let t = tokens(ui);
            let count = |n: usize| format_number(n as f64, 0);
            if running {
                ui.spinner();
                widgets::label(ui, session.tr("panels.ordering"), font::table(), t.muted);
            }
            if selected > 0 {
                let text = Message::new("panels.selected").with("n", count(selected)).text(language);
                ui.label(egui::RichText::new(text).font(font::table_strong()));
                if let Some(area) = area {
                    table::area_figures(ui, session.language(), area, &of_selected, commands);
                }
                menus::button(ui, &session.project, session.language(), None, commands);
                if shown < all {
                    let mut text =
                        Message::new("panels.shown").with("n", count(shown)).with("all", count(all)).text(language);
                    if let Some(area) = shown_area {
                        let unit = AreaUnit::Mu;
                        text = format!("{text} · Σ {} {}", area.display(unit), session.tr(unit.key()));
                    }
                    widgets::label(ui, &text, font::table(), t.muted);
                }
            } else if shown < all {
                let text = Message::new("panels.shown").with("n", count(shown)).with("all", count(all)).text(language);
                ui.label(egui::RichText::new(text).font(font::table_strong()));
                if let Some(area) = shown_area {
                    table::area_figures(ui, session.language(), area, &of_shown, commands);
                }
            } else {
                widgets::label(ui, session.tr("panels.select-hint"), font::table(), t.muted);
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add_space(size::MARGIN);
                let unmeasured = measuring::problem(session, entry.id()).filter(|_| entry.areas.is_none());
                if unmeasured.is_some_and(|problem| problem.ended_message().is_some())
                    && widgets::button(ui, Some(icons::REFRESH_CW), session.tr("ui.measure-again")).clicked()
                {
                    commands.push(Command::Window(WindowCommand::Retry(Awaiting::Measuring(entry.id()))));
                }
                let whole = widgets::label(ui, &all_text(session, entry), font::table(), t.muted);
                let whole = whole.interact(egui::Sense::CLICK);
                let of_all = || {
                    let printed = entry.areas.as_ref().map(|areas| areas.printed_total());
                    sum(printed, session.tr("report.total"), Rows::all(all), AreaUnit::Mu)
                };
                why::asks(&whole, of_all, commands);
            });
        });
    }
}

/// All of the layer in a line: count, total, overlap once it is known, method and CRS.
fn all_text(session: &Session, entry: &Entry) -> String {
    let language = session.language();
    let count = format_number(entry.layer.feature_count() as f64, 0);
    let mut parts = vec![Message::new("panels.all").with("n", count).text(language)];
    if entry.layer.kind == GeometryKind::Polygon {
        match (&entry.areas, session.derived.total(entry.id())) {
            (Some(areas), Some(total)) => {
                let total = total.display(AreaUnit::Mu);
                parts.push(format!("{total} {}", session.tr(AreaUnit::Mu.key())));
                if let Some(coverage) = session.coverage(entry.id()) {
                    let twice = coverage.excess().display(AreaUnit::Mu);
                    parts.push(Message::new("ui.overlap-total").with("mu", twice).text(language));
                }
                parts.push(session.tr(method_key(areas.method)).to_owned());
                parts.push(table::frame_name(entry, &areas.frame, language));
            }
            _ => parts.push(unmeasured_text(session, entry.id())),
        }
    } else {
        parts.push(entry.layer.crs.label_in(language));
    }
    parts.retain(|part| !part.is_empty());
    parts.join(" · ")
}

/// Why a layer has no areas yet: it is being measured, or could not be.
pub fn unmeasured_text(session: &Session, layer: LayerId) -> String {
    match measuring::problem(session, layer) {
        Some(problem) => {
            let reason = problem.message().text(session.language());
            Message::new("panels.unmeasured").with("reason", reason).text(session.language())
        }
        None => session.tr("panels.measuring").to_owned(),
    }
}

/// Shows the feature in the inspector, where that is open.
fn identify(settings: &Settings, layer: LayerId, feature: usize, commands: &mut Vec<Command>) {
    if settings.inspector_open {
        commands.push(Command::Select(SelectCommand::Identify(vec![FeatureRef { layer, feature }])));
    }
}

fn count_text(n: usize) -> String {
    format_number(n as f64, 0)
}
