//! The headings of a grid: pressed to sort, dragged to another place, with grips between them for widths.

use eframe::egui::{self, Align2, CursorIcon, Id, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::{Grid, NARROWEST, Output, PADDING, State};
use crate::ui::look::icons;
use crate::ui::look::theme::{self, font, size, tokens};
use crate::ui::look::widgets;

impl Grid<'_> {
    /// Draws the headings, and reads presses, drags and the grips between them.
    pub(super) fn header_ui(
        &self,
        ui: &mut Ui,
        state: &mut State,
        header: Rect,
        places: &Places<'_>,
        shown: std::ops::Range<usize>,
        output: &mut Output,
    ) {
        let t = tokens(ui);
        ui.painter().hline(header.x_range(), header.bottom() - 0.5, theme::line(t));
        let line = header.with_max_y(header.bottom() - 1.0);
        let all: Vec<usize> = (0..places.frozen).chain(shown).collect();
        for at in all.iter().copied() {
            let column = &self.columns[at];
            let strip = if at < places.frozen { header } else { header.with_min_x(places.scrolled_from(header)) };
            let clip = strip.intersect(ui.clip_rect());
            let place = places.of(at, line);
            let sense = match (column.sortable, column.movable) {
                (_, true) => Sense::click_and_drag(),
                (true, false) => Sense::click(),
                (false, false) => Sense::hover(),
            };
            let response = ui.interact(place.intersect(strip), Id::unique(("grid-heading", self.name, at)), sense);
            response.widget_info(|| WidgetInfo::labeled(Role::ColumnHeader, true, &column.title));
            let painter = ui.painter().with_clip_rect(clip);
            if response.hovered() && column.sortable {
                painter.rect_filled(place, 0.0, t.hover);
            }
            let nth = self.sorted.iter().position(|(by, _)| *by == at);
            let sorted = nth.map(|nth| self.sorted[nth].1);
            let arrow_room = self.arrow_room(at);
            let ink = if sorted.is_some() { t.text } else { t.muted };
            let room = (place.width() - 2.0 * PADDING - arrow_room).max(4.0);
            let text = egui::WidgetText::from(egui::RichText::new(&column.title).color(ink));
            let galley = text.into_galley(ui, Some(egui::TextWrapMode::Truncate), room, font::table());
            let width = galley.size().x;
            let whole = widgets::whole_text(ui, &column.title, galley.elided);
            let x = if column.right { place.right() - PADDING - arrow_room - width } else { place.left() + PADDING };
            painter.galley(pos2(x, place.center().y - galley.size().y / 2.0), galley, ink);
            if let Some(descending) = sorted {
                let icon = if descending { icons::ARROW_DOWN } else { icons::ARROW_UP };
                painter.text(
                    pos2(x + width + 9.0, place.center().y),
                    Align2::CENTER_CENTER,
                    icon.0,
                    font::icon(12.0),
                    t.accent,
                );
                if let Some(nth) = nth.filter(|_| self.sorted.len() > 1) {
                    let at = pos2(x + width + 20.0, place.center().y);
                    painter.text(at, Align2::CENTER_CENTER, nth + 1, font::note(), t.accent);
                }
            }
            widgets::focus_ring(ui, &response);
            if response.clicked() {
                output.heading = Some((at, ui.input(|input| input.modifiers.shift)));
            }
            if column.movable && (response.dragged() || response.drag_stopped()) {
                self.drag_ui(ui, &response, header, places, &all, at, output);
            }
            output.headings.push((at, response.clone()));
            let response = match whole {
                Some(whole) => response.on_hover_text(whole),
                None => response,
            };
            if !column.tip.is_empty() {
                response.on_hover_text(&column.tip);
            }
            let grip = Rect::from_center_size(pos2(place.right(), place.center().y), vec2(8.0, place.height()));
            let grip = ui.interact(
                grip.intersect(strip),
                Id::unique(("grid-grip", self.name, at)),
                Sense::DRAG | Sense::CLICK,
            );
            grip.widget_info(|| WidgetInfo::labeled(Role::Splitter, true, format!("↔ {}", at + 1)));
            if grip.hovered() || grip.dragged() {
                ui.ctx().set_cursor_icon(CursorIcon::ResizeHorizontal);
                let stroke = Stroke::new(size::LINE, t.accent);
                ui.painter().with_clip_rect(clip).vline(place.right(), place.y_range(), stroke);
            }
            if grip.dragged() {
                let width = (place.width() + grip.drag_delta().x).max(NARROWEST);
                // The others keep the width that they have now, or they would all move along.
                for (other, column) in self.columns.iter().enumerate() {
                    let now = places.edges[other + 1] - places.edges[other];
                    state.widths.entry(column.key.clone()).or_insert(now);
                }
                state.widths.insert(column.key.clone(), width);
            }
            if grip.double_clicked() {
                state.widths.remove(&column.key);
            }
        }
    }

    /// Room behind a heading for the arrow of a column that is sorted by, and for its number among several.
    pub(super) fn arrow_room(&self, at: usize) -> f32 {
        match (self.sorted.iter().any(|(by, _)| *by == at), self.sorted.len()) {
            (false, _) => 0.0,
            (true, 1) => 16.0,
            (true, _) => 26.0,
        }
    }

    /// A heading that is dragged: a line where it would come to stand, and the move once it is let go.
    fn drag_ui(
        &self,
        ui: &Ui,
        response: &Response,
        header: Rect,
        places: &Places<'_>,
        seen: &[usize],
        at: usize,
        output: &mut Output,
    ) {
        let pointer = response.interact_pointer_pos().or_else(|| ui.input(|input| input.pointer.latest_pos()));
        let Some(pointer) = pointer else { return };
        let before = seen.iter().copied().find(|other| places.of(*other, header).center().x > pointer.x);
        let to = before.unwrap_or_else(|| seen.last().map_or(0, |last| last + 1));
        let x = match before {
            Some(before) => places.of(before, header).left(),
            None => seen.last().map_or(header.left(), |last| places.of(*last, header).right()),
        };
        ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
        ui.painter().with_clip_rect(header).vline(x, header.y_range(), Stroke::new(2.0, tokens(ui).accent));
        if response.drag_stopped() && to != at && to != at + 1 {
            output.moved = Some((at, to));
        }
    }
}

/// Where columns are: the first `frozen` ones stay, the others are scrolled.
pub(super) struct Places<'e> {
    /// The left edge of each column, and the right edge of the last.
    pub(super) edges: &'e [f32],
    pub(super) frozen: usize,
    /// Points that the others are scrolled by.
    pub(super) left: f32,
}

impl Places<'_> {
    /// The place of a column in a row.
    pub(super) fn of(&self, column: usize, row: Rect) -> Rect {
        let scrolled = if column < self.frozen { 0.0 } else { self.left };
        let left = row.left() - scrolled + self.edges[column];
        let right = left + self.edges[column + 1] - self.edges[column];
        Rect::from_min_max(pos2(left, row.top()), pos2(right, row.bottom()))
    }

    /// Where the room of the scrolled ones begins.
    fn scrolled_from(&self, row: Rect) -> f32 {
        row.left() + self.edges.get(self.frozen).copied().unwrap_or(0.0)
    }
}
