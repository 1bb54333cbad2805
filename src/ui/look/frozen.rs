//! A table that scrolls both ways under a header and beside names that stay: for matrices.
//!
//! Names at the left and totals at the right stay while columns move, the header and the totals below while rows do;
//! totals move along where there is too little room for them. Only cells in view are asked for, so hundreds of classes
//! scroll like ten. Cells are what can be pressed, not rows.

use eframe::egui::{self, Align2, Painter, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::model::style::Symbol;
use crate::ui::look::frozen::keys::Press;
use crate::ui::look::grid::{self, BAR, Ink};
use crate::ui::look::swatch;
use crate::ui::look::theme::{self, font, size, tokens};

mod keys;

/// Free room at both sides of a cell.
const PADDING: f32 = 7.0;

/// A place of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// Above or beside everything.
    Head,
    /// One of what scrolls.
    Body(usize),
    /// One of the totals.
    Total(usize),
}

/// What a cell shows.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// Its text.
    pub text: String,
    /// What it is called by those who cannot see its place, and what hovering says; empty for its text.
    pub name: String,
    /// What hovering says in place of the name.
    pub tip: String,
    /// How the text stands.
    pub ink: Ink,
    /// A swatch before the text.
    pub swatch: Option<Symbol>,
    /// Share of the largest figure, for a tinted ground.
    pub tint: Option<f32>,
    /// Whether a press means something.
    pub pressable: bool,
    /// Whether it is what is shown.
    pub on: bool,
}

/// What the table remembers between frames.
#[derive(Clone, Debug, Default)]
pub struct State {
    left: f32,
    top: f32,
    hovered: Option<(Place, Place)>,
    /// The cell that the keyboard is at.
    cursor: Option<(Place, Place)>,
    /// The cell that was brought into view last.
    seen: Option<(Place, Place)>,
    /// A cell that is to be brought into view.
    wanted: Option<(Place, Place)>,
}

impl State {
    /// Brings a cell into view when the table is drawn next.
    pub fn scroll_to(&mut self, row: Place, column: Place) {
        self.wanted = Some((row, column));
    }
}

/// What a table shows.
pub struct Frozen<'a> {
    /// Its accessible name.
    pub name: &'a str,
    /// Width of the names.
    pub head: f32,
    /// Widths of what scrolls.
    pub columns: &'a [f32],
    /// Widths of the totals at the right.
    pub totals: &'a [f32],
    /// Rows that scroll.
    pub row_count: usize,
    /// Totals below.
    pub total_count: usize,
}

/// What happened in a frame.
#[derive(Default)]
pub struct Output {
    /// This cell was pressed: row, column.
    pub pressed: Option<(Place, Place)>,
    /// This cell was pressed with the right button.
    pub asked: Option<(Place, Place)>,
}

/// Places along one axis.
pub(in crate::ui) struct Axis {
    /// Start of each scrolling part and the end of the last, from the end of the head.
    edges: Vec<f32>,
    /// Start of each total on screen, and the end of the last.
    totals: Vec<f32>,
    /// Where what scrolls begins and ends on screen.
    body: (f32, f32),
    /// How far it is scrolled.
    offset: f32,
    /// How far it can be.
    overflow: f32,
}

impl Axis {
    /// `from` to `to` on screen, the head first, then `parts`, then `totals`; these stay in view where at least `least`
    /// is left for what scrolls.
    fn new(from: f32, to: f32, head: f32, parts: &[f32], totals: &[f32], least: f32, offset: f32) -> Self {
        let totals_length: f32 = totals.iter().sum();
        let all: f32 = parts.iter().sum();
        let stay = to - from - head - totals_length >= least.min(all);
        let begin = (from + head).min(to);
        let room = if stay { to - begin - totals_length } else { to - begin };
        let length = if stay { all } else { all + totals_length };
        let overflow = (length - room).max(0.0);
        let offset = offset.clamp(0.0, overflow);
        let mut edges = Vec::with_capacity(parts.len() + 1);
        let mut at = 0.0;
        edges.push(at);
        for part in parts {
            at += part;
            edges.push(at);
        }
        // Totals stand beside what scrolls, not at the far end of an empty table.
        let mut at = if stay { begin + all.min(room) } else { begin + all - offset };
        let mut placed = vec![at];
        for total in totals {
            at += total;
            placed.push(at);
        }
        let end = if stay { begin + all.min(room) } else { to };
        Self { edges, totals: placed, body: (begin, end), offset, overflow }
    }

    /// The scrolling parts in view, each with its place on screen.
    fn seen(&self) -> impl Iterator<Item = (Place, f32, f32)> + '_ {
        let (begin, end) = self.body;
        let first = self.edges.partition_point(|edge| *edge <= self.offset).saturating_sub(1);
        let parts = (first..self.edges.len() - 1).map(move |at| {
            let start = begin + self.edges[at] - self.offset;
            (Place::Body(at), start, start + self.edges[at + 1] - self.edges[at])
        });
        parts.take_while(move |(_, start, _)| *start < end)
    }

    fn totals(&self) -> impl Iterator<Item = (Place, f32, f32)> + '_ {
        self.totals.windows(2).enumerate().map(|(at, edges)| (Place::Total(at), edges[0], edges[1]))
    }

    fn end(&self) -> f32 {
        self.totals.last().copied().unwrap_or(self.body.1)
    }
}

impl Frozen<'_> {
    /// Draws the table into all the room that `ui` has left. `cell` gives the cell of a row and column.
    pub fn show(self, ui: &mut Ui, state: &mut State, mut cell: impl FnMut(Place, Place) -> Cell) -> Output {
        let mut output = Output::default();
        let (full, _) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
        let id = egui::Id::unique(("frozen", self.name));
        let grid = ui.interact(full, id, Sense::CLICK | Sense::FOCUSABLE);
        grid.widget_info(|| WidgetInfo::labeled(Role::Grid, true, self.name));
        self.scroll(ui, state, full);
        let rows = vec![size::MATRIX_ROW; self.row_count];
        let below = vec![size::MATRIX_ROW; self.total_count];
        // Bars take their room from the body, and one of them may call for the other.
        let across = |right: f32, offset: f32| {
            Axis::new(full.left(), right, self.head, self.columns, self.totals, 240.0, offset)
        };
        let down = |bottom: f32, offset: f32| {
            Axis::new(full.top(), bottom, size::TABLE_HEADER, &rows, &below, 4.0 * size::MATRIX_ROW, offset)
        };
        let wide = across(full.right(), state.left).overflow > 0.5;
        let bottom = if wide { full.bottom() - BAR } else { full.bottom() };
        let y = down(bottom, state.top);
        let right = if y.overflow > 0.5 { full.right() - BAR } else { full.right() };
        let x = across(right, state.left);
        if grid::is_wanted(ui.ctx()) {
            grid.request_focus();
        }
        if grid.gained_focus() && state.cursor.is_none() && self.row_count > 0 {
            // The keyboard is somewhere, and that is to be seen.
            state.cursor = Some((Place::Body(0), Place::Body(0)));
        }
        let presses = if grid.has_focus() { keys::read(ui, id) } else { Vec::new() };
        let mut opened = false;
        for press in presses {
            match press {
                Press::Move(down, right) => {
                    let (row, column) = state.cursor.unwrap_or((Place::Body(0), Place::Body(0)));
                    let row = keys::moved(row, down, self.row_count, self.total_count);
                    let column = keys::moved(column, right, self.columns.len(), self.totals.len());
                    state.cursor = Some((row, column));
                }
                Press::Open => opened = true,
            }
        }
        let moved = state.cursor.filter(|_| grid.has_focus() && state.cursor != state.seen);
        if moved.is_some() {
            state.seen = moved;
        }
        let (x, y) = match moved.or(state.wanted.take()) {
            Some((row, column)) => {
                (across(right, keys::offset_to_see(&x, column)), down(bottom, keys::offset_to_see(&y, row)))
            }
            None => (x, y),
        };
        (state.left, state.top) = (x.offset, y.offset);
        self.bars(ui, state, full, &x, &y);

        let mut hovered = None;
        let head = |from: f32, to: f32| std::iter::once((Place::Head, from, to));
        let columns: Vec<_> = head(full.left(), x.body.0).chain(x.seen()).chain(x.totals()).collect();
        let lines: Vec<_> = head(full.top(), y.body.0).chain(y.seen()).chain(y.totals()).collect();
        let table = Rect::from_min_max(full.min, pos2(x.end().min(right), y.end().min(bottom)));
        self.grounds(ui, state, table, &columns, &lines, &x, &y);
        for (row, top, low) in &lines {
            for (column, left, end) in &columns {
                let rect = Rect::from_min_max(pos2(*left, *top), pos2(*end, *low));
                let clip = clip_of(*row, *column, &x, &y, full).intersect(table).intersect(ui.clip_rect());
                if !clip.intersects(rect) {
                    continue;
                }
                let cell = cell(*row, *column);
                let response = self.cell_ui(ui, (*row, *column), rect, clip, &cell);
                if response.as_ref().is_some_and(egui::Response::hovered) {
                    hovered = Some((*row, *column));
                }
                if response.as_ref().is_some_and(egui::Response::secondary_clicked) {
                    output.asked = Some((*row, *column));
                }
                if let Some(response) = response
                    && response.clicked()
                {
                    state.cursor = Some((*row, *column)).filter(|_| *row != Place::Head && *column != Place::Head);
                    state.seen = state.cursor;
                    grid.request_focus();
                    if cell.pressable {
                        output.pressed = Some((*row, *column));
                    }
                }
                if state.cursor == Some((*row, *column)) && grid.has_focus() {
                    if opened && cell.pressable {
                        output.pressed = Some((*row, *column));
                    }
                    let painter = ui.painter().with_clip_rect(clip);
                    let stroke = Stroke::new(size::LINE, tokens(ui).accent);
                    painter.rect_stroke(rect.shrink(1.0), 2.0, stroke, StrokeKind::Inside);
                }
            }
        }
        if state.hovered != hovered {
            state.hovered = hovered;
            ui.ctx().request_repaint();
        }
        let t = tokens(ui);
        let painter = ui.painter().with_clip_rect(table.intersect(ui.clip_rect()));
        painter.hline(table.x_range(), y.body.0 - 0.5, theme::line(t));
        if self.total_count > 0 {
            painter.hline(table.x_range(), y.totals[0] - 0.5, theme::line(t));
        }
        if x.overflow > 0.5 {
            // Columns pass beneath: a line says that a figure is cut, not short.
            painter.vline(x.body.0 - 0.5, table.y_range(), theme::line(t));
            painter.vline(x.body.1 - 0.5, table.y_range(), theme::line(t));
        }
        output
    }

    /// The row and the column under the pointer, so that the eye finds their names; lines between rows.
    fn grounds(
        &self,
        ui: &Ui,
        state: &State,
        table: Rect,
        columns: &[(Place, f32, f32)],
        lines: &[(Place, f32, f32)],
        x: &Axis,
        y: &Axis,
    ) {
        let t = tokens(ui);
        let painter = ui.painter().with_clip_rect(table.intersect(ui.clip_rect()));
        let Some((row, column)) = state.hovered else { return };
        for (place, top, low) in lines.iter().filter(|(place, ..)| *place == row && *place != Place::Head) {
            let clip = clip_of(*place, Place::Total(0), x, y, table).y_range();
            let band = Rect::from_x_y_ranges(table.x_range(), *top..=*low);
            painter.rect_filled(band.intersect(Rect::from_x_y_ranges(table.x_range(), clip)), 0.0, t.hover);
        }
        for (place, left, end) in columns.iter().filter(|(place, ..)| *place == column && *place != Place::Head) {
            let clip = clip_of(Place::Total(0), *place, x, y, table).x_range();
            let band = Rect::from_x_y_ranges(*left..=*end, table.y_range());
            painter.rect_filled(band.intersect(Rect::from_x_y_ranges(clip, table.y_range())), 0.0, t.hover);
        }
    }

    fn cell_ui(
        &self,
        ui: &mut Ui,
        place: (Place, Place),
        rect: Rect,
        clip: Rect,
        cell: &Cell,
    ) -> Option<egui::Response> {
        let t = tokens(ui);
        let seen = rect.intersect(clip);
        let is_name = place.0 == Place::Head || place.1 == Place::Head;
        let silent = cell.text.is_empty() && !cell.pressable;
        let response = (!silent).then(|| {
            let id = egui::Id::unique(("frozen", self.name, place));
            let response = ui.interact(seen, id, Sense::CLICK);
            let name = if cell.name.is_empty() { &cell.text } else { &cell.name };
            let role = match place {
                (Place::Head, _) => Role::ColumnHeader,
                (_, Place::Head) => Role::RowHeader,
                _ => Role::Cell,
            };
            response.widget_info(|| WidgetInfo::selected(role, true, cell.on, name));
            response
        });
        let painter = ui.painter().with_clip_rect(clip);
        if let Some(share) = cell.tint {
            let share = if cell.on { 1.0 } else { share };
            painter.rect_filled(rect, 0.0, theme::scale_tint(t, ui.visuals().dark_mode, share));
        } else if cell.on {
            painter.rect_filled(rect, 0.0, t.accent_tint);
        }
        let pressable = cell.pressable && response.as_ref().is_some_and(egui::Response::hovered);
        if pressable {
            ui.ctx().set_cursor_icon(egui::CursorIcon::PointingHand);
        }
        if cell.on {
            painter.rect_stroke(rect.shrink(0.5), 0.0, Stroke::new(2.0, t.accent), StrokeKind::Inside);
        } else if pressable && !is_name {
            painter.rect_stroke(rect, 0.0, Stroke::new(size::LINE, t.accent), StrokeKind::Inside);
        }
        paint(ui, &painter, clip, rect, cell, place.1 == Place::Head);
        let tip = if cell.tip.is_empty() { &cell.name } else { &cell.tip };
        match response {
            Some(response) if !tip.is_empty() => Some(response.on_hover_text(tip)),
            response => response,
        }
    }

    fn scroll(&self, ui: &mut Ui, state: &mut State, full: Rect) {
        if ui.rect_contains_pointer(full) {
            let (delta, shift) = ui.input_mut(|input| {
                let shift = input.modifiers.shift;
                (std::mem::take(&mut input.smooth_scroll_delta), shift)
            });
            // With Shift a wheel of one direction moves across; some systems say so by themselves.
            let delta = if shift && delta.x == 0.0 { vec2(delta.y, 0.0) } else { delta };
            state.left -= delta.x;
            state.top -= delta.y;
        }
    }

    fn bars(&self, ui: &mut Ui, state: &mut State, full: Rect, x: &Axis, y: &Axis) {
        let share = |axis: &Axis| {
            let room = axis.body.1 - axis.body.0;
            room / (room + axis.overflow).max(1.0)
        };
        if y.overflow > 0.5 {
            let track = Rect::from_min_max(pos2(full.right() - BAR, y.body.0), pos2(full.right(), y.body.1));
            if let Some(place) = grid::bar(ui, self.name, track, share(y), state.top / y.overflow, true) {
                state.top = place * y.overflow;
            }
        }
        if x.overflow > 0.5 {
            let track = Rect::from_min_max(pos2(x.body.0, full.bottom() - BAR), pos2(x.body.1, full.bottom()));
            if let Some(place) = grid::bar(ui, self.name, track, share(x), state.left / x.overflow, false) {
                state.left = place * x.overflow;
            }
        }
    }
}

/// Where cells of a place may paint: what scrolls stays between head and totals.
fn clip_of(row: Place, column: Place, x: &Axis, y: &Axis, full: Rect) -> Rect {
    let range = |place: Place, axis: &Axis, from: f32, to: f32| match place {
        Place::Head => from..=axis.body.0,
        Place::Body(_) => axis.body.0..=axis.body.1,
        // Totals that move along pass under the head.
        Place::Total(_) => axis.body.0..=to,
    };
    Rect::from_x_y_ranges(range(column, x, full.left(), full.right()), range(row, y, full.top(), full.bottom()))
}

fn paint(ui: &Ui, painter: &Painter, clip: Rect, rect: Rect, cell: &Cell, left: bool) {
    let t = tokens(ui);
    let inner = rect.shrink2(vec2(PADDING, 0.0));
    let ink = match cell.ink {
        Ink::Text | Ink::Strong => t.text,
        Ink::Muted => t.muted,
        Ink::Faint => t.faint,
    };
    let face = if cell.ink == Ink::Strong || cell.on { font::table_strong() } else { font::table() };
    let mark = if cell.swatch.is_some() { size::SWATCH + 6.0 } else { 0.0 };
    let text = egui::WidgetText::from(egui::RichText::new(&cell.text).font(face.clone()).color(ink));
    let room = (inner.width() - mark).max(4.0);
    let galley = text.into_galley(ui, Some(egui::TextWrapMode::Truncate), room, face);
    let x = if left { inner.left() + mark } else { inner.right() - galley.size().x };
    if let Some(symbol) = &cell.swatch {
        let place = Rect::from_center_size(pos2(x - mark + size::SWATCH / 2.0, inner.center().y), vec2(13.0, 13.0));
        if clip.intersects(place) {
            swatch::paint_clipped(ui, clip, place, symbol);
        }
    }
    let at = Align2::LEFT_CENTER.anchor_size(pos2(x, inner.center().y), galley.size()).min;
    painter.galley(at, galley, ink);
}
