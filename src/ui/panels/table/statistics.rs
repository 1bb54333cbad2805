//! A window beside the table: what the values of one column come to, over the rows that the table shows.

use std::sync::Arc;

use eframe::egui::{self, Align, Align2, Layout, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::model::{Areas, LayerId, Revision};
use crate::scenario::Entry;
use crate::task::Cancelled;
use crate::text::{Language, Message, tr};
use crate::ui::look::icons;
use crate::ui::look::theme::{self, font, size, tokens};
use crate::ui::look::widgets;
use crate::ui::session::Session;
use crate::ui::session::awaited::Awaited;
use crate::ui::session::command::Command;
use crate::ui::session::command::table::TableCommand;
use crate::ui::session::order::Order;
use crate::ui::work::columns::{Columns, Content};
use crate::ui::work::statistics::{Figures, Request, SHARES, Statistics, statistics};
use crate::units::{Area, AreaUnit, format_number};

/// What is remembered between frames.
#[derive(Default)]
pub(super) struct State {
    /// The column that is looked at, while the window is open.
    content: Option<Content>,
    found: Awaited<Asked, Statistics, ()>,
}

/// What was asked for.
#[derive(Clone)]
struct Asked {
    layer: LayerId,
    revision: Revision,
    areas: Option<Arc<Areas>>,
    content: Content,
    order: Arc<Order>,
    language: Language,
}

impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        let same_areas = self.areas.as_ref().map(Arc::as_ptr) == other.areas.as_ref().map(Arc::as_ptr);
        let column = |asked: &Self| (asked.layer, asked.revision, asked.content, asked.language);
        same_areas && column(self) == column(other) && Arc::ptr_eq(&self.order, &other.order)
    }
}

impl State {
    /// Opens the window for a column.
    pub(super) fn open(&mut self, content: Content) {
        self.content = Some(content);
    }
}

/// Width of the window, in points.
const WIDTH: f32 = 340.0;

/// Draws the window, when it is open. `all` are the columns of the layer, `order` the rows that the table shows.
pub(super) fn ui(
    ui: &mut Ui,
    session: &Session,
    entry: &Entry,
    all: &Columns,
    order: &Arc<Order>,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    let Some(content) = state.content else { return };
    let place = all.contents.iter().position(|known| *known == content);
    let Some(heading) = place.map(|at| &all.headings[at]) else {
        state.content = None;
        return;
    };
    ask(ui, session, entry, content, order, state);
    let t = tokens(ui);
    let room = ui.ctx().content_rect();
    let title = Message::new("habits.statistics-of").with("column", &heading.title).text(session.language());
    let mut open = true;
    egui::Window::new(title.as_str())
        .id(egui::Id::unique("column-statistics"))
        .title_bar(false)
        .resizable(false)
        .constrain_to(room)
        .default_pos(pos2(room.right() - WIDTH - 360.0, room.top() + 120.0))
        .frame(theme::card(t))
        .show(ui.ctx(), |ui| {
            ui.set_width(WIDTH);
            ui.spacing_mut().item_spacing.y = 4.0;
            let bar = vec2(ui.available_width(), size::CONTROL);
            ui.allocate_ui_with_layout(bar, Layout::right_to_left(Align::Center), |ui| {
                if widgets::icon_button_small(ui, icons::X, session.tr("habits.statistics-close")).clicked() {
                    open = false;
                }
                if let Some(found) = state.found.current()
                    && widgets::icon_button_small(ui, icons::COPY, session.tr("habits.statistics-copy")).clicked()
                {
                    let text = as_text(&title, session.language(), content, found);
                    commands.push(Command::Table(TableCommand::CopyText(text)));
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    widgets::section(ui, &title);
                });
            });
            widgets::hairline(ui);
            match state.found.current() {
                Some(found) => found_ui(ui, session.language(), content, found),
                None => {
                    ui.add(egui::Spinner::new().size(size::ICON_SMALL));
                }
            }
        });
    if !open {
        *state = State::default();
    }
}

fn ask(ui: &Ui, session: &Session, entry: &Entry, content: Content, order: &Arc<Order>, state: &mut State) {
    state.found.poll();
    let asked = Asked {
        layer: entry.id(),
        revision: entry.layer.revision,
        areas: entry.areas.clone(),
        content,
        order: order.clone(),
        language: session.language(),
    };
    if state.found.is_asked(&asked) {
        return;
    }
    let request = Request {
        layer: entry.layer.clone(),
        areas: entry.areas.clone(),
        content,
        order: order.clone(),
        class_field: entry.class_field(),
        scheme: entry.scheme(),
        language: session.language(),
    };
    // Nobody sees what work brings that was cancelled.
    state.found.start_task(ui.ctx(), asked, "column statistics", move |progress| {
        statistics(&request, progress).map_err(|Cancelled| ())
    });
}

/// A figure of a column, in its unit.
fn shown(content: Content, value: f64, language: Language) -> String {
    match content {
        Content::Area(unit) => format!("{} {}", Area::from_m2(value).display(unit), tr(language, unit.key())),
        Content::Difference(_) => format!("{} {}", format_number(value, 2), tr(language, AreaUnit::SquareMetre.key())),
        _ if value.fract() == 0.0 => format_number(value, 0),
        _ => format_number(value, 4),
    }
}

/// How many, and the figures of a column of figures: a name and a figure each.
fn figure_lines(language: Language, content: Content, found: &Statistics) -> Vec<(String, String)> {
    let mut lines: Vec<(String, String)> = Vec::new();
    let mut line = |name: &str, figure: String| lines.push((name.to_owned(), figure));
    line(tr(language, "habits.rows"), count(found.row_count));
    line(tr(language, "habits.nulls"), count(found.null_count));
    line(tr(language, "habits.distinct"), count(found.distinct_count));
    if let Some(figures) = &found.figures {
        let figure = |value: f64| shown(content, value, language);
        let sum = if matches!(content, Content::Area(_)) { "habits.sum-exact" } else { "habits.sum" };
        line(tr(language, sum), figure(figures.sum));
        line(tr(language, "habits.mean"), figure(figures.mean));
        line(tr(language, "habits.min"), figure(figures.min));
        for (share, value) in SHARES.into_iter().zip(figures.quantiles) {
            let name = match share {
                0.5 => tr(language, "habits.median").to_owned(),
                share => {
                    Message::new("habits.quantile").with("percent", format_number(share * 100.0, 0)).text(language)
                }
            };
            line(&name, figure(value));
        }
        line(tr(language, "habits.max"), figure(figures.max));
    }
    lines
}

/// The values of a column that are listed, and how many rows have each.
fn value_lines(language: Language, found: &Statistics) -> impl Iterator<Item = (&str, String)> {
    found.frequent.iter().map(move |(text, n)| {
        let name = if text.is_empty() { tr(language, "habits.empty-text") } else { text.as_str() };
        (name, count(*n))
    })
}

/// All of it as text for a sheet: a name and a figure a line.
fn as_text(title: &str, language: Language, content: Content, found: &Statistics) -> String {
    let figures = figure_lines(language, content, found).into_iter().map(|(name, figure)| format!("{name}\t{figure}"));
    let values = value_lines(language, found).map(|(name, figure)| format!("{name}\t{figure}"));
    std::iter::once(title.to_owned()).chain(figures).chain(values).collect::<Vec<_>>().join("\n")
}

fn count(n: usize) -> String {
    format_number(n as f64, 0)
}

fn found_ui(ui: &mut Ui, language: Language, content: Content, found: &Statistics) {
    for (name, figure) in figure_lines(language, content, found) {
        line(ui, &name, &figure);
    }
    if let Some(figures) = &found.figures {
        histogram(ui, language, figures, &|value: f64| shown(content, value, language));
    }
    egui::ScrollArea::vertical().id_salt("frequent-values").max_height(260.0).show(ui, |ui| {
        for (name, figure) in value_lines(language, found) {
            line(ui, name, &figure);
        }
    });
    if found.frequent.len() < found.distinct_count && found.figures.is_none() {
        let more = count(found.distinct_count - found.frequent.len());
        widgets::note(ui, &Message::new("habits.more-values").with("n", more).text(language));
    }
}

/// A name at the left and a figure at the right, read as one.
fn line(ui: &mut Ui, name: &str, figure: &str) {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 20.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{name} {figure}")));
    let figure = widgets::cut(ui, figure, font::table_strong(), t.text, rect.width());
    let name = widgets::cut(ui, name, font::table(), t.muted, (rect.width() - figure.size().x - 12.0).max(20.0));
    let middle = rect.center().y;
    ui.painter().galley(pos2(rect.left(), middle - name.size().y / 2.0), name, t.muted);
    ui.painter().galley(pos2(rect.right() - figure.size().x, middle - figure.size().y / 2.0), figure, t.text);
}

/// The bars, each with what it holds when the pointer is over it.
fn histogram(ui: &mut Ui, language: Language, figures: &Figures, figure: &dyn Fn(f64) -> String) {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 84.0), Sense::hover());
    let name = Message::new("habits.histogram").with("n", figures.bars.len()).text(language);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
    let most = figures.bars.iter().copied().max().unwrap_or(0).max(1) as f32;
    let width = rect.width() / figures.bars.len() as f32;
    let part = (figures.max - figures.min) / figures.bars.len() as f64;
    let pointer = response.hover_pos();
    let mut tip = None;
    for (at, n) in figures.bars.iter().enumerate() {
        let left = rect.left() + width * at as f32;
        let column = Rect::from_min_max(pos2(left, rect.top()), pos2(left + width, rect.bottom()));
        // One row among many is seen, too.
        let height = (rect.height() * (*n as f32 / most)).max(if *n > 0 { 1.5 } else { 0.0 });
        let bar = Rect::from_min_max(pos2(left + 0.5, rect.bottom() - height), pos2(left + width - 0.5, rect.bottom()));
        let on = pointer.is_some_and(|pointer| column.contains(pointer));
        ui.painter().rect_filled(bar, 0.0, if on { t.accent } else { t.accent.gamma_multiply(0.6) });
        if on {
            let (from, to) = (figures.min + part * at as f64, figures.min + part * (at + 1) as f64);
            let n = format_number(*n as f64, 0);
            let said = Message::new("habits.bar").with("from", figure(from)).with("to", figure(to)).with("n", n);
            tip = Some(said.text(language));
        }
    }
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, theme::line(t));
    let (ends, _) = ui.allocate_exact_size(vec2(rect.width(), 16.0), Sense::hover());
    let place = |x: f32| pos2(x, ends.center().y);
    ui.painter().text(place(ends.left()), Align2::LEFT_CENTER, figure(figures.min), font::note(), t.muted);
    ui.painter().text(place(ends.right()), Align2::RIGHT_CENTER, figure(figures.max), font::note(), t.muted);
    if let Some(tip) = tip {
        response.on_hover_text_at_pointer(tip);
    }
}
