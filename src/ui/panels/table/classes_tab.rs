//! The tab of totals by class, or by two keys with subtotals: of the layer, of the selection, or of what is seen.

use std::sync::Arc;

use eframe::egui::{self, Align, Layout, Ui, vec2};

use crate::doctor::area_warning;
use crate::model::style::defaults::class_symbol;
use crate::model::{Areas, Extent, GeometryKind, Layer, LayerId, Revision};
use crate::report::ColumnKind;
use crate::report::groups::Group;
use crate::report::summary::{Summary, area_table};
use crate::scenario::Entry;
use crate::task::{Cancelled, Progress};
use crate::text::{Language, Message, tr};
use crate::ui::look::grid::{self, Cell, Grid, Ink};
use crate::ui::look::theme::{font, size, tokens};
use crate::ui::look::{choice, icons, widgets};
use crate::ui::panels::table;
use crate::ui::session::Session;
use crate::ui::session::awaited::Awaited;
use crate::ui::session::command::Command;
use crate::ui::session::command::select::SelectCommand;
use crate::ui::session::command::table::TableCommand;
use crate::ui::session::command::view::ViewCommand;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::parts::Counted;
use crate::ui::session::rows::{Rows, SelectMode};
use crate::ui::work::columns;
use crate::ui::work::measuring::method_key;
use crate::ui::work::totals::{self, By, Line, Request, Scope, Totals, class_of, features_of, share};
use crate::ui::work::why;
use crate::units::{AreaUnit, balance, balance_to, format_number};

/// Layers with more features are summed in the background.
const AT_ONCE: usize = 20_000;

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    /// What the user chose to group by, for the layer that it was chosen for.
    chosen: Option<(LayerId, By)>,
    /// What groups are parted by once more.
    then: Option<(LayerId, By)>,
    grid: grid::State,
    totals: Awaited<Asked, Arc<Totals>, Cancelled>,
}

/// What totals depend on.
#[derive(Clone)]
struct Asked {
    revision: Revision,
    areas: Option<Arc<Areas>>,
    by: Vec<By>,
    counted: Counted,
    selection: Option<Revision>,
    view: Option<Extent>,
    language: Language,
}

impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        self.revision == other.revision
            && self.areas.as_ref().map(Arc::as_ptr) == other.areas.as_ref().map(Arc::as_ptr)
            && self.by == other.by
            && self.counted == other.counted
            && self.selection == other.selection
            && self.view == other.view
            && self.language == other.language
    }
}

/// The groupings that a layer offers.
fn groupings(entry: &Entry) -> Vec<By> {
    let mut list = Vec::new();
    if let Some((field, scheme)) = entry.class_field().zip(entry.scheme()) {
        list.extend([1, 2, 3].map(|level| By::Level(field, scheme, level)));
        list.push(By::Big(field, scheme));
    }
    // Counties, streets and villages are asked for more than single values.
    let fields = 0..entry.layer.fields.len();
    list.extend(
        fields
            .clone()
            .flat_map(|field| prefixes(&entry.layer, field).into_iter().map(move |count| By::Prefix(field, count))),
    );
    list.extend(fields.map(By::Field));
    list
}

/// Digits of the codes of counties, streets and villages.
const CODE_LEVELS: [(usize, &str); 3] = [(6, "panels.by-county"), (9, "panels.by-street"), (12, "panels.by-village")];

/// What codes of places begin with (GB/T 2260): that of a province. Codes of feature types (要素代码) do not.
const PROVINCES: [&str; 34] = [
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44",
    "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82",
];

/// Values that tell what a field holds.
const SAMPLE: usize = 64;

/// The beginnings of a field of administrative codes that stand for more than its values do.
fn prefixes(layer: &Layer, field: usize) -> Vec<usize> {
    let Some(block) = layer.blocks.first() else { return Vec::new() };
    let Some(column) = block.attributes.column(field) else { return Vec::new() };
    // Numbers of single features (标识码) begin with such a code, too, but are none.
    if 2 * column.distinct_texts().len() > block.attributes.row_count() {
        return Vec::new();
    }
    let mut texts = column.distinct_texts().take(SAMPLE).filter(|text| !text.is_empty()).peekable();
    let Some(length) = texts.peek().map(|text| text.len()) else { return Vec::new() };
    let is_place = |text: &str| text.get(..2).is_some_and(|province| PROVINCES.contains(&province));
    if !texts.all(|text| text.len() == length && text.bytes().all(|b| b.is_ascii_digit()) && is_place(text)) {
        return Vec::new();
    }
    CODE_LEVELS.into_iter().map(|(count, _)| count).filter(|count| *count < length).collect()
}

fn grouping_name(language: Language, entry: &Entry, by: By) -> String {
    let field_name = |field: usize| entry.layer.fields.get(field).map_or_else(String::new, |field| field.name.clone());
    match by {
        By::Level(_, _, level) => Message::new("panels.by-level").with("level", level).text(language),
        By::Big(_, scheme) if scheme.is_plan() => tr(language, "panels.by-use").to_owned(),
        By::Big(..) => tr(language, "panels.by-big").to_owned(),
        By::Field(field) => field_name(field),
        By::Prefix(field, count) => {
            let level =
                CODE_LEVELS.iter().find(|(digits, _)| *digits == count).map_or("", |(_, key)| tr(language, key));
            let message = Message::new("panels.by-prefix").with("field", field_name(field)).with("n", count);
            message.with("level", level).text(language)
        }
    }
}

fn groupings_name(language: Language, entry: &Entry, by: &[By]) -> String {
    by.iter().map(|by| grouping_name(language, entry, *by)).collect::<Vec<_>>().join(" × ")
}

impl State {
    fn by(&self, entry: &Entry) -> Option<By> {
        let offered = groupings(entry);
        let chosen = self.chosen.filter(|(layer, _)| *layer == entry.id()).map(|(_, by)| by);
        let drawn_by = || entry.style.categories().and_then(|categories| entry.layer.field(&categories.field));
        let usual = || match entry.class_field().zip(entry.scheme()) {
            Some((field, scheme)) => Some(By::Level(field, scheme, 2)),
            None => entry.class_field().or_else(drawn_by).or(entry.label_field()).map(By::Field),
        };
        chosen.filter(|by| offered.contains(by)).or_else(usual).or_else(|| offered.first().copied())
    }

    /// The key that groups are parted by once more.
    fn then(&self, entry: &Entry, by: By) -> Option<By> {
        let chosen = self.then.filter(|(layer, _)| *layer == entry.id()).map(|(_, then)| then);
        chosen.filter(|then| *then != by && groupings(entry).contains(then))
    }

    fn keys(&self, entry: &Entry) -> Option<Vec<By>> {
        let by = self.by(entry)?;
        Some(std::iter::once(by).chain(self.then(entry, by)).collect())
    }

    fn refresh(&mut self, ui: &Ui, session: &Session, entry: &Entry, by: &[By]) {
        self.totals.poll();
        // What is asked meanwhile is computed after this one: a view on the move would never be done otherwise.
        if self.totals.is_busy() {
            return;
        }
        let counted = session.counted;
        let asked = Asked {
            revision: entry.layer.revision,
            areas: entry.areas.clone(),
            by: by.to_vec(),
            counted,
            selection: (counted == Counted::Selection).then_some(session.project.selection.revision),
            view: (counted == Counted::View).then(|| session.view.extent()),
            language: session.language(),
        };
        if self.totals.is_asked(&asked) {
            return;
        }
        let Some(scope) = Scope::of(counted, session, entry) else { return };
        self.totals.keep_if(|old| old.revision == asked.revision && old.by == asked.by);
        let (layer, areas) = (entry.layer.clone(), entry.areas.clone());
        let request = Request { layer, areas, by: by.to_vec(), scope, language: session.language() };
        let work = move |progress: &Progress| totals::totals(&request, progress).map(Arc::new);
        if entry.layer.feature_count() <= AT_ONCE {
            self.totals.set(asked, work(&Progress::new()));
        } else {
            self.totals.start_task(ui.ctx(), asked, "class totals", work);
        }
    }
}

/// The tools at the right of the tabs. Comes right to left.
pub fn tools(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let Some(entry) = session.current() else { return };
    if widgets::icon_button(ui, icons::COPY, session.tr("panels.copy-table")).clicked()
        && let Some(totals) = state.totals.value()
    {
        commands.push(Command::Table(TableCommand::CopyText(as_text(entry, totals, session.language()))));
    }
    if widgets::icon_button(ui, icons::DOWNLOAD, session.tr("report.save-sheet")).clicked()
        && let Some(totals) = state.totals.value()
    {
        let mut table = as_table(entry, totals, session.language());
        entry.title.clone_into(&mut table.title);
        commands.push(Command::Table(TableCommand::SaveTable(Box::new(table))));
    }
    let unit = session.settings.area_unit;
    choice::choice(ui, session.tr("ui.area-unit"), session.tr(unit.key()), |ui| {
        for other in AreaUnit::ALL {
            if widgets::menu_row(ui, None, session.tr(other.key()), "", Some(other == unit)).clicked() {
                commands.push(Command::Window(WindowCommand::SetAreaUnit(other)));
                ui.close();
            }
        }
    });
    for counted in Counted::ALL.into_iter().rev() {
        if widgets::segment(ui, session.tr(counted.key()), session.counted == counted).clicked() {
            commands.push(Command::Table(TableCommand::Count(counted)));
        }
    }
    if let Some(by) = state.by(entry) {
        let then = state.then(entry, by);
        let none = session.tr("panels.then-by-none");
        let name = then
            .map_or_else(|| none.to_owned(), |then| format!("× {}", grouping_name(session.language(), entry, then)));
        choice::choice(ui, session.tr("panels.then-by"), &name, |ui| {
            egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
                if widgets::menu_row(ui, None, none, "", Some(then.is_none())).clicked() {
                    state.then = None;
                    ui.close();
                }
                for other in groupings(entry).into_iter().filter(|other| *other != by) {
                    let name = grouping_name(session.language(), entry, other);
                    if widgets::menu_row(ui, None, &name, "", Some(then == Some(other))).clicked() {
                        state.then = Some((entry.id(), other));
                        ui.close();
                    }
                }
            });
        });
        let name = grouping_name(session.language(), entry, by);
        choice::choice(ui, session.tr("panels.group-by"), &name, |ui| {
            egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
                for other in groupings(entry) {
                    let name = grouping_name(session.language(), entry, other);
                    if widgets::menu_row(ui, None, &name, "", Some(other == by)).clicked() {
                        state.chosen = Some((entry.id(), other));
                        ui.close();
                    }
                }
            });
        });
    }
}

/// Draws the tab.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let entry = session.current();
    let Some((entry, by)) = entry.and_then(|entry| Some((entry, state.keys(entry)?))) else {
        widgets::empty_state(ui, icons::CHART_PIE, session.tr("panels.classes-empty"), |_| {});
        return;
    };
    state.refresh(ui, session, entry, &by);
    let room = vec2(ui.available_width(), (ui.available_height() - size::FOOT).max(0.0));
    let totals = state.totals.value().filter(|_| state.totals.problem().is_none()).cloned();
    let balanced = totals.as_ref().map(|totals| Balanced::of(totals, session.settings.area_unit));
    ui.allocate_ui_with_layout(room, Layout::top_down(Align::Min), |ui| {
        ui.set_min_size(room);
        match (&totals, &balanced) {
            (Some(totals), Some(_)) if totals.groups.is_empty() => {
                let key = if session.counted == Counted::Selection {
                    "panels.nothing-selected"
                } else {
                    "panels.nothing-seen"
                };
                widgets::empty_state(ui, icons::CHART_PIE, session.tr(key), |_| {});
            }
            (Some(totals), Some(balanced)) => grid_ui(ui, session, state, entry, totals, balanced, commands),
            _ => match state.totals.problem().map(|problem| problem.ended_message()) {
                None => widgets::empty_state(ui, icons::CHART_PIE, session.tr("panels.measuring"), |_| {}),
                Some(ended) => {
                    let message = ended.unwrap_or_else(|| Message::new("ui.work-stopped")).text(session.language());
                    widgets::empty_state(ui, icons::TRIANGLE_ALERT, &message, |ui| {
                        if widgets::button(ui, Some(icons::REFRESH_CW), session.tr("ui.try-again")).clicked() {
                            state.totals.retry();
                        }
                    });
                }
            },
        }
    });
    let running = state.totals.is_busy();
    table::foot(ui, |ui| {
        let t = tokens(ui);
        if running {
            ui.spinner();
        }
        let Some(totals) = &totals else { return };
        let count = format_number(totals.whole.feature_count as f64, 0);
        let text = Message::new("panels.total-of").with("n", count).text(session.language());
        ui.label(egui::RichText::new(text).font(font::table_strong()));
        if entry.layer.kind == GeometryKind::Polygon && entry.areas.is_some() {
            let of_whole = |unit| {
                let rows = match session.counted {
                    Counted::Layer => Rows::all(entry.layer.feature_count()),
                    Counted::Selection => (**session.project.selection.rows(entry.id())?).clone(),
                    // Which are seen is listed nowhere.
                    Counted::View => Rows::new(),
                };
                let formula = Message::new("why.f-sum").with("n", totals.whole.feature_count);
                let title = format!("{} · {}", entry.title, session.tr("report.total"));
                Some(why::sum_of(entry, &title, (totals.whole.printed, unit), formula, rows))
            };
            table::area_figures(ui, session.language(), totals.whole.printed, &of_whole, commands);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.add_space(size::MARGIN);
            if let Some(warning) = area_warning(&entry.layer).filter(|_| entry.layer.kind == GeometryKind::Polygon) {
                widgets::label(ui, &warning.text(session.language()), font::note(), t.warn);
                return;
            }
            let adjusted = balanced.as_ref().map_or(0, |balanced| balanced.adjusted_count);
            if adjusted > 0 {
                let note = Message::new("report.balanced").with("count", adjusted).text(session.language());
                widgets::label(ui, &note, font::note(), t.muted);
            } else if let Some(areas) = &entry.areas {
                widgets::label(ui, session.tr(method_key(areas.method)), font::table(), t.muted);
            }
        });
    });
}

/// Figures of the lines: groups that add up to their subtotal, and subtotals to the rounded total.
struct Balanced {
    unit: AreaUnit,
    lines: Vec<Line>,
    /// For each unit shown: its lines as text.
    columns: Vec<(AreaUnit, Vec<String>)>,
    shares: Vec<String>,
    adjusted_count: usize,
}

impl Balanced {
    fn of(totals: &Totals, unit: AreaUnit) -> Self {
        let mut units = vec![unit];
        let others = [AreaUnit::Mu, AreaUnit::Hectare, AreaUnit::SquareKilometre];
        units.extend(others.into_iter().filter(|other| *other != unit));
        let lines = totals.lines();
        let mut adjusted_count = 0;
        let columns = units.into_iter().map(|unit| {
            let value = |group: &Group| group.printed.value(unit);
            let largest = totals.groups.iter().chain(&totals.subtotals).map(value);
            let decimals = largest.map(|value| unit.decimals(value)).max().unwrap_or(2);
            let (figures, adjusted) = nested(totals, &lines, decimals, value);
            adjusted_count += adjusted;
            (unit, figures.into_iter().map(|value| format_number(value, decimals)).collect())
        });
        let columns = columns.collect();
        let (shares, adjusted) = nested(totals, &lines, 2, |group| 100.0 * share(group, &totals.whole));
        adjusted_count += adjusted;
        let shares = shares.into_iter().map(|value| format!("{} %", format_number(value, 2))).collect();
        Self { unit, lines, columns, shares, adjusted_count }
    }
}

/// The figures of the lines, rounded so that every sum holds as it is printed; and how many moved by a last digit.
fn nested(totals: &Totals, lines: &[Line], decimals: usize, value: impl Fn(&Group) -> f64) -> (Vec<f64>, usize) {
    if totals.subtotals.is_empty() {
        let rows = balance(&totals.groups.iter().map(value).collect::<Vec<_>>(), decimals);
        return (rows.rows, rows.adjusted_count);
    }
    let subtotals = balance(&totals.subtotals.iter().map(&value).collect::<Vec<_>>(), decimals);
    let mut adjusted = subtotals.adjusted_count;
    let mut figures = Vec::with_capacity(lines.len());
    for part in lines.chunk_by(|_, next| matches!(next, Line::Group(_))) {
        let groups =
            part.iter().filter_map(|line| if let Line::Group(at) = line { Some(&totals.groups[*at]) } else { None });
        let values: Vec<f64> = groups.map(&value).collect();
        let rows = match part.first() {
            Some(Line::Subtotal(at)) => {
                figures.push(subtotals.rows[*at]);
                balance_to(&values, decimals, subtotals.rows[*at])
            }
            _ => balance(&values, decimals),
        };
        adjusted += rows.adjusted_count;
        figures.extend(rows.rows);
    }
    (figures, adjusted)
}

fn grid_ui(
    ui: &mut Ui,
    session: &Session,
    state: &mut State,
    entry: &Entry,
    totals: &Totals,
    balanced: &Balanced,
    commands: &mut Vec<Command>,
) {
    let measured = entry.layer.kind == GeometryKind::Polygon && entry.areas.is_some();
    let column = grid::Column::new::<String>;
    let mut columns = vec![
        column("key", groupings_name(session.language(), entry, &totals.by), 260.0, false),
        column("count", session.tr("panels.count").to_owned(), 80.0, true),
    ];
    if measured {
        for (unit, _) in &balanced.columns {
            let title = format!("{} {}", session.tr("panels.area"), session.tr(unit.key()));
            columns.push(column(unit.key(), title, 130.0, true));
        }
    }
    columns.push(column("share", session.tr("panels.share").to_owned(), 90.0, true));
    let last = columns.len() - 1;
    let language = session.language();
    let cell = |row: usize, at: usize| {
        let (group, subtotal) = match balanced.lines[row] {
            Line::Subtotal(at) => (&totals.subtotals[at], true),
            Line::Group(at) => (&totals.groups[at], false),
        };
        let strong = |cell: Cell| if subtotal { cell.ink(Ink::Strong) } else { cell };
        let depth = group.key.len().saturating_sub(1);
        match at {
            0 => {
                let key = group.key.last().and_then(Option::as_deref);
                let cell = key_cell(session, entry, totals.by[depth.min(totals.by.len() - 1)], key);
                Cell { indent: depth as f32 * size::INDENT, ..strong(cell) }
            }
            1 => strong(Cell::text(format_number(group.feature_count as f64, 0))),
            at if at == last => strong(Cell::text(balanced.shares[row].clone()).ink(Ink::Muted)),
            at => {
                let (unit, figures) = &balanced.columns[at - 2];
                let ink = if *unit == balanced.unit { Ink::Strong } else { Ink::Text };
                strong(Cell::text(figures[row].clone()).ink(ink))
            }
        }
    };
    let view = Grid {
        name: session.tr("ui.tab-classes"),
        columns: &columns,
        sorted: &[],
        frozen: 0,
        row_count: balanced.lines.len(),
        cursor: None,
    };
    let output = view.show(ui, &mut state.grid, |_| false, cell);
    let group_of = |row: usize| {
        balanced.lines.get(row).map(|line| match *line {
            Line::Subtotal(at) => &totals.subtotals[at],
            Line::Group(at) => &totals.groups[at],
        })
    };
    let rows_of = |group: &Group| {
        let scope = Scope::of(session.counted, session, entry)?;
        let of_key =
            |(by, key): (&By, &Option<Arc<str>>)| features_of(&entry.layer, *by, key.as_deref(), &scope, language);
        let parts: Vec<Rows> = totals.by.iter().zip(&group.key).map(of_key).collect();
        let (first, others) = parts.split_first()?;
        Some(first.iter().filter(|row| others.iter().all(|other| other.contains(*row))).collect::<Rows>())
    };
    if let Some((row, at)) = output.asked.filter(|(_, at)| *at > 0)
        && let Some(group) = group_of(row)
        && let Some(rows) = rows_of(group)
    {
        let name = cell(row, 0).text;
        let (printed, exact, kind, formula) = match at {
            1 => {
                let count = group.feature_count as f64;
                (format_number(count, 0), count, ColumnKind::Count, "why.f-features")
            }
            at if at == last => {
                let exact = 100.0 * share(group, &totals.whole);
                (balanced.shares[row].clone(), exact, ColumnKind::Share, "why.f-group-share")
            }
            at => {
                let (unit, figures) = &balanced.columns[at - 2];
                (figures[row].clone(), group.printed.value(*unit), ColumnKind::Area(*unit), "why.f-group")
            }
        };
        let title = format!("{} · {name}", entry.title);
        commands.push(why::ask(why::total_of(entry, &title, (printed, exact, kind), formula, rows)));
    }
    let picked = output.double_click.or(output.click.map(|click| click.row));
    if let Some(row) = picked
        && let Some(group) = group_of(row)
        && let Some(rows) = rows_of(group)
    {
        let held = ui.input(|i| i.modifiers);
        let mode = SelectMode::from_modifiers(held.shift, held.command);
        // Of a selection, picking one class would leave the others out of the table: it only zooms there.
        if session.counted != Counted::Selection {
            commands.push(Command::Select(SelectCommand::Select { layer: entry.id(), rows, mode }));
        }
        if output.double_click.is_some() {
            commands.push(Command::View(ViewCommand::ZoomToSelection));
        }
    }
    for (_, response) in output.rows {
        response.on_hover_text(session.tr("panels.pick-class"));
    }
}

/// The class or value of a row, with the swatch that the map draws it with where there is one.
fn key_cell(session: &Session, entry: &Entry, by: By, key: Option<&str>) -> Cell {
    let language = session.language();
    let Some(key) = key else {
        return Cell::text(crate::text::tr(language, "model.empty-value")).ink(Ink::Muted);
    };
    if let Some(class) = class_of(by, key) {
        let swatch = Some(class_symbol(session.class_color(class), entry.layer.kind));
        return Cell { swatch, ..Cell::text(class.label(language)) };
    }
    let By::Field(field) = by else { return Cell::text(key) };
    let name = &entry.layer.fields[field].name;
    let scheme = entry.scheme().filter(|_| entry.class_field() == Some(field));
    let text = match columns::class_name(name, key, scheme, language) {
        Some(meaning) => format!("{key} {meaning}"),
        None => key.to_owned(),
    };
    let categories = entry.style.categories().filter(|categories| entry.layer.field(&categories.field) == Some(field));
    let symbol = categories.map(|categories| categories.lookup().index_of_text(key));
    let swatch = symbol.and_then(|symbol| session.derived.style_in_legend(entry).symbol(usize::from(symbol))).copied();
    Cell { swatch, ..Cell::text(text) }
}

/// The totals as the command line prints them, for a spreadsheet.
fn as_text(entry: &Entry, totals: &Totals, language: Language) -> String {
    crate::report::to_tsv(&as_table(entry, totals, language), language)
}

fn as_table(entry: &Entry, totals: &Totals, language: Language) -> crate::report::Table {
    let empty = Areas::default();
    let keys = totals.keys();
    let summary = Summary {
        layer: &entry.layer,
        areas: entry.areas.as_deref().unwrap_or(&empty),
        keys: &keys,
        groups: &totals.groups,
        whole: &totals.whole,
        coverage: None,
        remarks: &totals.remarks,
    };
    area_table(&summary, language)
}
