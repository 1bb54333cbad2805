//! A table with virtual rows: only what is seen is asked for, so a million rows scroll like ten.
//!
//! The place of the first row is a number of rows, not of points: far down a long table nothing trembles. The grid is
//! one stop for the Tab key; in it the arrow keys, Page Up, Page Down, Home and End move the cursor, Shift extends,
//! Space toggles and Enter opens. What rows hold and what a click means is the caller's matter.

use eframe::egui::{
    self, Align2, Event, EventFilter, Id, Key, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo,
    pos2, vec2,
};
use rustc_hash::FxHashMap;

use crate::model::style::Symbol;
use crate::ui::look::icons::Icon;
use crate::ui::look::theme::{self, font, size, tokens};
use crate::ui::look::widgets::{self, Tone};
use crate::ui::look::{bars, swatch};

mod headings;

use headings::Places;

/// Free room at both sides of a cell.
const PADDING: f32 = 8.0;

/// Room of a scroll bar.
pub(in crate::ui) const BAR: f32 = 10.0;

/// Narrowest column.
const NARROWEST: f32 = 32.0;

/// Widest column that is taken over from a file.
const WIDEST: f32 = 2000.0;

/// A column.
#[derive(Clone, Debug, Default)]
pub struct Column {
    /// What its width is remembered by.
    pub key: String,
    /// Its heading.
    pub title: String,
    /// What hovering over the heading says.
    pub tip: String,
    /// Its width until the user sets another.
    pub width: f32,
    /// Whether its cells are figures, aligned right.
    pub right: bool,
    /// Whether a click on the heading sorts.
    pub sortable: bool,
    /// Whether the heading can be dragged to another place.
    pub movable: bool,
}

impl Column {
    /// A column of plain cells, of figures at the right where `right` says so. `key` is what its width is remembered by.
    pub fn new<T: Into<String>>(key: &str, title: T, width: f32, right: bool) -> Self {
        Self { key: key.to_owned(), title: title.into(), width, right, ..Self::default() }
    }
}

/// How the text of a cell stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ink {
    /// As text.
    #[default]
    Text,
    /// Stands back.
    Muted,
    /// Nearly silent.
    Faint,
    /// Counts.
    Strong,
}

/// What a cell shows.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// Its text.
    pub text: String,
    /// How the text stands.
    pub ink: Ink,
    /// A swatch before the text.
    pub swatch: Option<Symbol>,
    /// An icon before the text.
    pub icon: Option<(Icon, Tone)>,
    /// A tinted ground behind the text.
    pub pill: Option<Tone>,
    /// A bar in place of text: a value with its sign, and the largest one.
    pub bar: Option<(f64, f64)>,
    /// Points that the cell is moved in by: it stands under another.
    pub indent: f32,
}

impl Cell {
    /// A cell of plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// The same cell with its text in `ink`.
    #[must_use]
    pub fn ink(self, ink: Ink) -> Self {
        Self { ink, ..self }
    }
}

/// What the grid remembers between frames.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Rows above the upper edge.
    first: f64,
    /// Points left of the left edge.
    left: f32,
    widths: FxHashMap<String, f32>,
    /// The row to be brought into view.
    wanted: Option<usize>,
    /// Rows that were seen in the last frame, whole.
    seen: (usize, usize),
    /// The row that is marked: what was looked for was found there.
    marked: Option<usize>,
}

impl State {
    /// Brings `row` into view in the next frame, moving no more than needed.
    pub fn scroll_to(&mut self, row: usize) {
        self.wanted = Some(row);
    }

    /// Marks a row, and no other.
    pub fn mark(&mut self, row: Option<usize>) {
        self.marked = row;
    }

    /// The widths that the user set, by what columns are remembered by, in the order of these.
    pub fn widths(&self) -> Vec<(String, f32)> {
        let mut widths: Vec<(String, f32)> = self.widths.iter().map(|(key, width)| (key.clone(), *width)).collect();
        widths.sort_by(|a, b| a.0.cmp(&b.0));
        widths
    }

    /// Has columns these widths and no others; what no column can be as wide as is brought nearer.
    pub fn set_widths(&mut self, widths: &[(String, f32)]) {
        let sound = widths.iter().filter(|(_, width)| width.is_finite());
        self.widths = sound.map(|(key, width)| (key.clone(), width.clamp(NARROWEST, WIDEST))).collect();
    }

    /// Moves the cursor as the keys say and brings it into view. Gives the row that was pressed, by the mouse or a key.
    pub fn follow(&mut self, output: &Output, cursor: &mut Option<usize>, row_count: usize) -> Option<usize> {
        let mut pressed = output.click.map(|click| click.row);
        for (press, _) in &output.presses {
            let at = cursor.unwrap_or(0);
            if press.is_on_row() {
                pressed = Some(at);
            }
            let to = press.leads(at, row_count);
            *cursor = Some(to);
            self.scroll_to(to);
        }
        pressed
    }

    /// How many whole rows fit, one at least.
    pub fn page(&self) -> usize {
        (self.seen.1 - self.seen.0).max(1)
    }

    /// Whether `row` was seen in the last frame.
    pub fn sees(&self, row: usize) -> bool {
        (self.seen.0..self.seen.1).contains(&row)
    }
}

/// A key that the grid understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Press {
    /// The cursor moves by so many rows.
    Move(isize),
    /// To the first row.
    First,
    /// To the last row.
    Last,
    /// The row of the cursor is selected or not.
    Toggle,
    /// The row of the cursor is opened.
    Open,
}

impl Press {
    /// The row among `row_count` that it leads to from row `at`.
    pub fn leads(self, at: usize, row_count: usize) -> usize {
        let last = row_count.saturating_sub(1);
        match self {
            Self::Move(by) => at.saturating_add_signed(by).min(last),
            Self::First => 0,
            Self::Last => last,
            Self::Toggle | Self::Open => at,
        }
    }

    /// Whether it is about the row of the cursor and leads to no other.
    pub fn is_on_row(self) -> bool {
        matches!(self, Self::Toggle | Self::Open)
    }
}

/// A press of the mouse on a row, with what was held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Click {
    /// The row.
    pub row: usize,
    /// Shift was held.
    pub shift: bool,
    /// Ctrl (Command on a Mac) was held.
    pub ctrl: bool,
}

/// What happened in a frame.
#[derive(Default)]
pub struct Output {
    /// The heading of this column was pressed, and whether Shift was held.
    pub heading: Option<(usize, bool)>,
    /// The visible headings, for menus.
    pub headings: Vec<(usize, Response)>,
    /// The heading of a column was dragged before that of another; behind all with the count of columns.
    pub moved: Option<(usize, usize)>,
    /// This row was clicked.
    pub click: Option<Click>,
    /// This row was double-clicked.
    pub double_click: Option<usize>,
    /// The pointer is over this row.
    pub hovered: Option<usize>,
    /// The pointer is over this cell: row, column.
    pub pointed: Option<(usize, usize)>,
    /// Keys, and whether Shift was held.
    pub presses: Vec<(Press, bool)>,
    /// The visible rows, for menus.
    pub rows: Vec<(usize, Response)>,
    /// This cell was pressed with the right button: row, column.
    pub asked: Option<(usize, usize)>,
}

/// What a grid shows.
pub struct Grid<'a> {
    /// Its accessible name.
    pub name: &'a str,
    /// Its columns.
    pub columns: &'a [Column],
    /// The columns that it is sorted by, the first first, and whether descending.
    pub sorted: &'a [(usize, bool)],
    /// How many of the first columns stay while the others are scrolled.
    pub frozen: usize,
    /// How many rows there are.
    pub row_count: usize,
    /// The row that the keyboard is at.
    pub cursor: Option<usize>,
}

/// Whether a grid has the keyboard, so that keys which move in it are not read as shortcuts.
pub fn has_keyboard(ctx: &egui::Context) -> bool {
    let known: Option<Id> = ctx.data(|data| data.get_temp(Id::unique("grid-with-keyboard")));
    known.is_some() && ctx.memory(|memory| memory.focused()) == known
}

/// Gives the keyboard to the table that is drawn next.
pub fn take_keyboard(ctx: &egui::Context) {
    let now = ctx.cumulative_pass_nr();
    ctx.data_mut(|data| data.insert_temp(Id::unique("table-wanted"), now));
}

/// Whether the table that is being drawn shall have the keyboard. Where none was drawn soon, nobody waits any more.
pub(in crate::ui) fn is_wanted(ctx: &egui::Context) -> bool {
    let asked: Option<u64> = ctx.data_mut(|data| data.remove_temp(Id::unique("table-wanted")));
    asked.is_some_and(|asked| ctx.cumulative_pass_nr() <= asked + 4)
}

impl Grid<'_> {
    /// Draws the grid into all the room that `ui` has left. `cell` gives a cell by row and column, `selected` whether a
    /// row is selected.
    pub fn show(
        self,
        ui: &mut Ui,
        state: &mut State,
        selected: impl Fn(usize) -> bool,
        mut cell: impl FnMut(usize, usize) -> Cell,
    ) -> Output {
        let mut output = Output::default();
        let (full, _) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
        let header = Rect::from_min_size(full.min, vec2(full.width(), size::TABLE_HEADER));
        let below = Rect::from_min_max(pos2(full.left(), header.bottom()), full.max);
        let edges = self.edges(state, full.width());
        let total_width = edges.last().copied().unwrap_or(0.0);
        let overflow = (total_width - full.width()).max(0.0);
        let body = if overflow > 0.5 { below.with_max_y(below.bottom() - BAR) } else { below };
        let body = body.with_max_y(body.bottom().max(body.top()));
        let id = Id::unique(("grid", self.name));

        let grid = ui.interact(body, id, Sense::click());
        grid.widget_info(|| WidgetInfo::labeled(Role::Grid, true, self.name));
        self.scroll(ui, state, full, body, overflow);

        // In a window that is too narrow nothing stays: there would be no room for the rest.
        let frozen = self.frozen.min(self.columns.len());
        let frozen = if edges.get(frozen).is_some_and(|edge| *edge < full.width() * 0.7) { frozen } else { 0 };
        let stays = edges.get(frozen).copied().unwrap_or(0.0);
        let (from, to) = columns_between(&edges, state.left + stays, state.left + full.width());
        let from = from.max(frozen);
        let to = to.max(from);
        let places = Places { edges: &edges, frozen, left: state.left };
        self.header_ui(ui, state, header, &places, from..to, &mut output);
        let painter_clip = body.intersect(ui.clip_rect());
        let scrolled_clip = painter_clip.with_min_x((body.left() + stays).max(painter_clip.left()));
        let first = state.first.floor() as usize;
        let mut row = first;
        while row < self.row_count {
            let top = (body.top() + ((row as f64 - state.first) * f64::from(size::TABLE_ROW)) as f32).round();
            if top >= body.bottom() {
                break;
            }
            let rect = Rect::from_min_size(pos2(body.left(), top), vec2(body.width(), size::TABLE_ROW));
            let response = ui.interact(rect.intersect(body), id.with(row), Sense::CLICK);
            let on = selected(row);
            let t = tokens(ui);
            let painter = ui.painter().with_clip_rect(painter_clip);
            if on {
                painter.rect_filled(rect, 0.0, t.accent_tint);
            } else if response.hovered() {
                painter.rect_filled(rect, 0.0, t.hover);
            }
            painter.hline(rect.x_range(), rect.bottom() - 0.5, theme::line(t));
            let mut words: Vec<String> = Vec::with_capacity(frozen + to - from);
            let pointer = ui.input(|input| input.pointer.hover_pos()).filter(|_| response.hovered());
            let mut tip = None;
            for column in (0..frozen).chain(from..to) {
                let place = places.of(column, rect);
                let cell = cell(row, column);
                let clip = if column < frozen { painter_clip } else { scrolled_clip };
                let is_cut = paint_cell(ui, clip, place, &cell, self.columns[column].right);
                if pointer.is_some_and(|pointer| place.intersect(clip).contains(pointer)) {
                    tip = widgets::whole_text(ui, &cell.text, is_cut);
                    output.pointed = Some((row, column));
                    if response.secondary_clicked() {
                        output.asked = Some((row, column));
                    }
                }
                if !cell.text.is_empty() {
                    words.push(cell.text);
                }
            }
            if self.cursor == Some(row) && grid.has_focus() || state.marked == Some(row) {
                let stroke = Stroke::new(size::LINE, t.accent);
                painter.rect_stroke(rect.shrink2(vec2(1.0, 0.0)), 2.0, stroke, StrokeKind::Inside);
            }
            let label = words.join(" ");
            response.widget_info(|| WidgetInfo::selected(Role::Row, true, on, &label));
            if response.hovered() {
                output.hovered = Some(row);
            }
            if response.clicked() {
                let modifiers = ui.input(|i| i.modifiers);
                output.click = Some(Click { row, shift: modifiers.shift, ctrl: modifiers.command });
                ui.memory_mut(|memory| memory.request_focus(id));
            }
            if response.double_clicked() {
                output.double_click = Some(row);
            }
            let response = match tip {
                Some(tip) => response.on_hover_text(tip),
                None => response,
            };
            output.rows.push((row, response));
            row += 1;
        }
        if frozen > 0 {
            let x = body.left() + stays;
            let line = Stroke::new(size::LINE, tokens(ui).muted);
            ui.painter().with_clip_rect(full.intersect(ui.clip_rect())).vline(x, header.top()..=body.bottom(), line);
        }
        if grid.clicked() || is_wanted(ui.ctx()) {
            grid.request_focus();
        }
        if grid.has_focus() {
            keyboard(ui, id, state, &mut output);
            let stroke = Stroke::new(size::LINE, tokens(ui).accent);
            ui.painter().rect_stroke(full.shrink(0.5), 0.0, stroke, StrokeKind::Inside);
        }
        output
    }

    /// The left edge of each column, and the right edge of the last.
    fn edges(&self, state: &State, room: f32) -> Vec<f32> {
        let own = |column: &Column| state.widths.get(&column.key).copied();
        let fixed: f32 = self.columns.iter().filter_map(own).sum();
        let elastic: f32 = self.columns.iter().filter(|column| own(column).is_none()).map(|column| column.width).sum();
        // What is left goes to the columns that the user has not set, within reason.
        let stretch = if elastic > 0.0 { ((room - fixed) / elastic).clamp(1.0, 2.0) } else { 1.0 };
        let mut edges = Vec::with_capacity(self.columns.len() + 1);
        let mut at = 0.0;
        edges.push(at);
        for (nth, column) in self.columns.iter().enumerate() {
            let width = (column.width * stretch).floor();
            // An arrow would leave nothing of the heading of a narrow column.
            let least = match self.arrow_room(nth) {
                arrow if arrow > 0.0 => title_width(&column.title) + 2.0 * PADDING + arrow,
                _ => 0.0,
            };
            at += own(column).unwrap_or(width.max(least));
            edges.push(at);
        }
        edges
    }

    /// Wheel, bars, and the row that was asked for.
    fn scroll(&self, ui: &mut Ui, state: &mut State, full: Rect, body: Rect, overflow: f32) {
        let row = f64::from(size::TABLE_ROW);
        let fits = f64::from(body.height()) / row;
        let most = (self.row_count as f64 - fits).max(0.0);
        if ui.rect_contains_pointer(full) {
            let delta = ui.input_mut(|input| std::mem::take(&mut input.smooth_scroll_delta));
            state.first -= f64::from(delta.y) / row;
            state.left -= delta.x;
        }
        if let Some(wanted) = state.wanted.take() {
            let wanted = wanted as f64;
            if wanted < state.first {
                state.first = wanted;
            } else if wanted + 1.0 > state.first + fits {
                state.first = wanted + 1.0 - fits.max(1.0);
            }
        }
        if most > 0.0 {
            let track = Rect::from_min_max(pos2(full.right() - BAR, body.top()), body.max);
            let share = (fits / self.row_count as f64) as f32;
            let place = (state.first / most).clamp(0.0, 1.0) as f32;
            if let Some(place) = bar(ui, self.name, track, share, place, true) {
                state.first = f64::from(place) * most;
            }
        }
        if overflow > 0.5 {
            let track = Rect::from_min_max(pos2(full.left(), body.bottom()), full.max);
            let share = full.width() / (full.width() + overflow);
            if let Some(place) = bar(ui, self.name, track, share, (state.left / overflow).clamp(0.0, 1.0), false) {
                state.left = place * overflow;
            }
        }
        state.first = state.first.clamp(0.0, most);
        state.left = state.left.clamp(0.0, overflow);
        let whole_from = state.first.ceil() as usize;
        let whole_to = ((state.first + fits).floor() as usize).min(self.row_count);
        state.seen = (whole_from, whole_to.max(whole_from));
    }
}

/// About the width of a heading, in points.
fn title_width(title: &str) -> f32 {
    title.chars().map(|c| if c.is_ascii() { 8.0 } else { 13.0 }).sum()
}

/// The columns that are seen between two places.
fn columns_between(edges: &[f32], from: f32, to: f32) -> (usize, usize) {
    let first = edges.partition_point(|edge| *edge <= from).saturating_sub(1);
    let end = edges.partition_point(|edge| *edge < to).min(edges.len().saturating_sub(1));
    (first.min(end), end)
}

/// Draws a cell, and says whether its text had no room.
fn paint_cell(ui: &mut Ui, clip: Rect, place: Rect, cell: &Cell, right: bool) -> bool {
    let t = tokens(ui);
    let painter = ui.painter().with_clip_rect(clip);
    let mut inner = place.shrink2(vec2(PADDING, 0.0));
    inner.min.x += cell.indent;
    if let Some(symbol) = &cell.swatch {
        let mark = Rect::from_center_size(pos2(inner.left() + size::SWATCH / 2.0, inner.center().y), Vec2::splat(13.0));
        if clip.intersects(mark) {
            let mut child = ui.new_child(egui::UiBuilder::new().max_rect(mark));
            child.set_clip_rect(clip);
            swatch::paint(&child, mark, symbol, true);
        }
        inner.min.x += size::SWATCH + 6.0;
    }
    if let Some((icon, tone)) = cell.icon {
        let (ink, _) = tone.colors(ui);
        let at = pos2(inner.left() + size::ICON_SMALL / 2.0, inner.center().y);
        painter.text(at, Align2::CENTER_CENTER, icon.0, font::icon(size::ICON_SMALL), ink);
        inner.min.x += size::ICON_SMALL + 6.0;
    }
    if let Some((value, largest)) = cell.bar
        && clip.intersects(inner)
    {
        bars::bar(ui, clip, inner, value, largest);
    }
    if cell.text.is_empty() || inner.width() < 4.0 {
        return !cell.text.is_empty();
    }
    let (ink, ground) = match (cell.pill, cell.ink) {
        (Some(tone), _) => {
            let (ink, ground) = tone.colors(ui);
            (ink, Some(ground))
        }
        (None, Ink::Muted) => (t.muted, None),
        (None, Ink::Faint) => (t.faint, None),
        (None, Ink::Text | Ink::Strong) => (t.text, None),
    };
    let face = if cell.ink == Ink::Strong { font::table_strong() } else { font::table() };
    let text = egui::WidgetText::from(egui::RichText::new(first_line(&cell.text)).font(face.clone()).color(ink));
    let galley = text.into_galley(ui, Some(egui::TextWrapMode::Truncate), inner.width(), face);
    let is_cut = galley.elided || first_line(&cell.text).len() < cell.text.len();
    let x = if right { inner.right() - galley.size().x } else { inner.left() };
    let at = pos2(x, place.center().y - galley.size().y / 2.0);
    if let Some(ground) = ground {
        let plate = Rect::from_min_size(at, galley.size()).expand2(vec2(6.0, 0.0));
        painter.rect_filled(plate, plate.height() / 2.0, ground);
    }
    painter.galley(at, galley, ink);
    is_cut
}

/// Values with line breaks, and very long ones, show their beginning.
fn first_line(text: &str) -> &str {
    let line = text.split(['\n', '\r']).next().unwrap_or(text);
    line.char_indices().nth(300).map_or(line, |(at, _)| &line[..at])
}

/// A scroll bar; gives the new place, 0 to 1, when it was moved.
pub(in crate::ui) fn bar(ui: &mut Ui, name: &str, track: Rect, share: f32, place: f32, vertical: bool) -> Option<f32> {
    let response = ui.interact(track, Id::unique(("grid-bar", name, vertical)), Sense::DRAG | Sense::CLICK);
    response.widget_info(|| WidgetInfo { value: Some(f64::from(place)), ..WidgetInfo::new(Role::ScrollBar) });
    let along = |v: Vec2| if vertical { v.y } else { v.x };
    let length = along(track.size());
    let handle_length = (length * share).clamp(24.0_f32.min(length), length);
    let free = length - handle_length;
    let offset = free * place;
    let active = response.hovered() || response.dragged();
    let thickness = if active { 8.0 } else { 4.0 };
    let handle = if vertical {
        Rect::from_min_size(pos2(track.right() - 1.0 - thickness, track.top() + offset), vec2(thickness, handle_length))
    } else {
        Rect::from_min_size(
            pos2(track.left() + offset, track.bottom() - 1.0 - thickness),
            vec2(handle_length, thickness),
        )
    };
    let t = tokens(ui);
    let color = if active { t.muted } else { t.faint };
    ui.painter().rect_filled(handle, thickness / 2.0, color.gamma_multiply(0.7));
    if free <= 0.0 {
        return None;
    }
    if response.dragged() {
        return Some((place + along(response.drag_delta()) / free).clamp(0.0, 1.0));
    }
    if response.clicked() {
        let at = along(response.interact_pointer_pos()? - track.min);
        return Some(((at - handle_length / 2.0) / free).clamp(0.0, 1.0));
    }
    None
}

/// Reads the keys of a grid that has the keyboard.
fn keyboard(ui: &Ui, id: Id, state: &State, output: &mut Output) {
    let filter = EventFilter { vertical_arrows: true, horizontal_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    ui.data_mut(|data| data.insert_temp(Id::unique("grid-with-keyboard"), id));
    let page = state.page() as isize;
    ui.input_mut(|input| {
        input.events.retain(|event| {
            let Event::Key { key, pressed: true, modifiers, .. } = event else { return true };
            if modifiers.command || modifiers.alt {
                return true;
            }
            let press = match key {
                Key::ArrowUp => Press::Move(-1),
                Key::ArrowDown => Press::Move(1),
                Key::PageUp => Press::Move(-page),
                Key::PageDown => Press::Move(page),
                Key::Home => Press::First,
                Key::End => Press::Last,
                Key::Space => Press::Toggle,
                Key::Enter => Press::Open,
                _ => return true,
            };
            output.presses.push((press, modifiers.shift));
            false
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_columns_in_view_are_asked_for() {
        let edges = [0.0, 50.0, 150.0, 250.0];
        assert_eq!(columns_between(&edges, 0.0, 300.0), (0, 3));
        assert_eq!(columns_between(&edges, 0.0, 50.0), (0, 1));
        assert_eq!(columns_between(&edges, 60.0, 140.0), (1, 2));
        assert_eq!(columns_between(&edges, 150.0, 151.0), (2, 3));
        assert_eq!(columns_between(&[0.0], 0.0, 100.0), (0, 0));
    }

    #[test]
    fn long_values_show_their_beginning() {
        assert_eq!(first_line("a\nb"), "a");
        assert_eq!(first_line(&"图".repeat(400)).chars().count(), 300);
    }
}
