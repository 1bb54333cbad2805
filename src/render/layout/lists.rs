//! Legends and tables: rows that fill a frame, in columns where one is not enough. What finds no room is counted in the last
//! line and said, so that no reader takes a list for complete.

use super::{Page, TextTable, frame_px, letters_px};
use crate::model::layout::{Item, LegendItem};
use crate::model::style::Color;
use crate::render::drawing::Shape;
use crate::render::drawing::output::PX_PER_MM;
use crate::render::lettering::Anchor;
use crate::render::sheet::LegendRow;
use crate::text::{Message, tr};

/// Height of a row, of the size of its letters.
const ROW: f32 = 1.65;
/// Narrowest column of a legend, of the size of its letters.
const NARROWEST: f32 = 15.0;
/// Smallest letters of a legend whose names are too long, of their usual size.
const SMALLEST: f32 = 0.7;
/// Ink of what is said beside names.
const MUTED: Color = Color::rgb(0x45, 0x4F, 0x5B);

impl Page<'_> {
    pub(super) fn legend(&mut self, item: &Item, legend: &LegendItem) {
        let content = self.content;
        let Some(rows) = content.legends.get(&item.name) else { return };
        let ([x, y, width, height], style) = (frame_px(item), &item.style);
        let mut size = letters_px(style);
        let pad = if style.line_mm > 0.0 || style.fill.a > 0 { size * 0.6 } else { 0.0 };
        let mut top = y + pad;
        let title = self.filled(&legend.title);
        if !title.is_empty() {
            let middle = [x + width / 2.0, top + size * 0.9];
            self.text(&title, middle, Anchor::Middle, size * 1.25, true, style.color);
            top += size * 2.2;
            self.lines(vec![vec![[x + pad, top], [x + width - pad, top]]], 0.15 * PX_PER_MM, style.color);
            top += size * 0.3;
        }
        // A name that is whole in smaller letters says more than one that is cut.
        let columns = self.legend_columns(rows.len(), size, [width - 2.0 * pad, y + height - pad - top]);
        let column = (width - 2.0 * pad - size * (columns as f32 - 1.0)) / columns as f32;
        let needed = rows.iter().map(|row| self.legend_width(row, size, legend.areas)).fold(0.0, f32::max);
        size *= (column / needed.max(1.0)).clamp(SMALLEST, 1.0);
        let step = size * ROW;
        let room = ((y + height - pad - top) / step).floor().max(1.0) as usize;
        let columns = self.legend_columns(rows.len(), size, [width - 2.0 * pad, y + height - pad - top]);
        let (held, left_out) =
            if rows.len() > columns * room { (columns * room - 1, true) } else { (rows.len(), false) };
        let gap = size;
        let column = (width - 2.0 * pad - gap * (columns as f32 - 1.0)) / columns as f32;
        // As even as they come.
        let each = if left_out { room } else { rows.len().div_ceil(columns).max(1) };
        for (nth, row) in rows.iter().take(held).enumerate() {
            let at = [x + pad + (column + gap) * (nth / each) as f32, top + step * (nth % each) as f32];
            self.legend_row(row, at, [column, step], size, legend.areas, style.color);
        }
        if left_out {
            let count = rows.len() - held;
            let more = tr(content.language, "render.legend-more").replace("{count}", &count.to_string());
            let at = [x + pad + (column + gap) * (held / each) as f32, top + step * ((held % each) as f32 + 0.5)];
            self.text(&more, at, Anchor::Left, size, false, MUTED);
            self.remarks.push(Message::new("layout.legend-cut").with("name", &item.name).with("count", count));
        }
    }

    /// Columns that a legend of so many rows has in letters of that size.
    fn legend_columns(&self, count: usize, size: f32, [width, height]: [f32; 2]) -> usize {
        let room = (height / (size * ROW)).floor().max(1.0) as usize;
        count.div_ceil(room).clamp(1, (width / (size * NARROWEST)).floor().max(1.0) as usize)
    }

    /// What a row of a legend takes up whole.
    fn legend_width(&self, row: &LegendRow, size: f32, areas: bool) -> f32 {
        let figure =
            if areas && !row.figure.is_empty() { self.typeface.width(&row.figure, size, false) + size } else { 0.0 };
        size * 2.9 + self.typeface.width(&row.name, size, row.heading) + figure
    }

    fn legend_row(
        &mut self,
        row: &LegendRow,
        [x, y]: [f32; 2],
        [width, step]: [f32; 2],
        size: f32,
        areas: bool,
        ink: Color,
    ) {
        let (swatch, tall) = (size * 2.2, size * 1.05);
        let middle = y + step / 2.0;
        let part = swatch / row.symbols.len().max(1) as f32;
        for (nth, (symbol, kind)) in row.symbols.iter().enumerate() {
            let rect = [x + part * nth as f32, middle - tall / 2.0, part, tall];
            self.sheet.drawing.shapes.push(Shape::Swatch { rect, symbol: Box::new(*symbol), kind: *kind });
        }
        let left = x + swatch + size * 0.7;
        let figure = if areas { row.figure.as_str() } else { "" };
        let figure_width = if figure.is_empty() { 0.0 } else { self.typeface.width(figure, size, false) + size * 0.6 };
        let name = self.typeface.shortened(&row.name, size, row.heading, x + width - figure_width - left);
        self.text(&name, [left, middle], Anchor::Left, size, row.heading, ink);
        self.text(figure, [x + width, middle], Anchor::Right, size, false, MUTED);
    }

    pub(super) fn table(&mut self, item: &Item) {
        let content = self.content;
        let Some(table) = content.tables.get(&item.name) else { return };
        let ([x, y, width, height], style) = (frame_px(item), &item.style);
        let size = letters_px(style);
        let step = size * ROW;
        let mut top = y + size * 0.3;
        if !table.title.is_empty() {
            self.text(&table.title, [x + width / 2.0, top + size * 0.9], Anchor::Middle, size * 1.1, true, style.color);
            top += size * 2.0;
        }
        let room = ((y + height - top) / step).floor().max(2.0) as usize - 1;
        let cut = table.rows.len() > room;
        // The total is never what is left out.
        let held = if cut { room.saturating_sub(1 + usize::from(table.total)) } else { table.rows.len() };
        let rights = self.columns(table, size, [x, width]);
        let thin = 0.15 * PX_PER_MM;
        let mut paths = vec![vec![[x, top], [x + width, top]], vec![[x, top + step], [x + width, top + step]]];
        self.table_row(&table.heads, &rights, table, [x, top], [step, size], true);
        let mut line = top + step;
        for (nth, row) in table.rows[..held].iter().enumerate() {
            let is_total = table.total && nth + 1 == table.rows.len();
            self.table_row(row, &rights, table, [x, line], [step, size], is_total);
            line += step;
        }
        if cut {
            let count = table.rows.len() - held - usize::from(table.total);
            let more = tr(content.language, "render.legend-more").replace("{count}", &count.to_string());
            self.text(&more, [x + size * 0.4, line + step / 2.0], Anchor::Left, size, false, MUTED);
            line += step;
            self.remarks.push(Message::new("layout.table-cut").with("name", &item.name).with("count", count));
        }
        if let Some(total) = table.rows.last().filter(|_| table.total) {
            if cut {
                self.table_row(total, &rights, table, [x, line], [step, size], true);
                line += step;
            }
            paths.push(vec![[x, line - step], [x + width, line - step]]);
        }
        paths.push(vec![[x, line], [x + width, line]]);
        self.lines(paths, thin, style.color);
    }

    /// Left and right edge of each column: what their texts need, the first one taking what is left.
    fn columns(&self, table: &TextTable, size: f32, [x, width]: [f32; 2]) -> Vec<[f32; 2]> {
        let count = table.heads.len();
        let needs = |column: usize| {
            let cells = table.rows.iter().chain([&table.heads]).filter_map(|row| row.get(column));
            cells.map(|cell| self.typeface.width(cell, size, true)).fold(0.0, f32::max) + size * 0.8
        };
        let needed: Vec<f32> = (0..count).map(needs).collect();
        let others: f32 = needed.iter().skip(1).sum();
        let first = (width - others).max(width * 0.3);
        // What is too wide altogether is made narrower alike.
        let factor = if others > 0.0 { ((width - first) / others).min(1.0) } else { 1.0 };
        let mut left = x;
        let widths = needed.iter().enumerate().map(|(nth, needed)| if nth == 0 { first } else { needed * factor });
        widths
            .map(|width| {
                let edges = [left, left + width];
                left += width;
                edges
            })
            .collect()
    }

    fn table_row(
        &mut self,
        cells: &[String],
        columns: &[[f32; 2]],
        table: &TextTable,
        [_, top]: [f32; 2],
        [step, size]: [f32; 2],
        bold: bool,
    ) {
        let pad = size * 0.4;
        for (nth, (cell, [left, right])) in cells.iter().zip(columns).enumerate() {
            let is_figure = table.figures.get(nth).copied().unwrap_or(false);
            let (at, anchor) = if is_figure { (right - pad, Anchor::Right) } else { (left + pad, Anchor::Left) };
            let shown = self.typeface.shortened(cell, size, bold, right - left - 2.0 * pad);
            self.text(&shown, [at, top + step / 2.0], anchor, size, bold, super::ItemStyle::USUAL.color);
        }
    }
}
