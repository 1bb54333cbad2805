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
use crate::units::AreaUnit;

/// Height of a row, of the size of its letters.
const ROW: f32 = 1.65;
/// Narrowest column of a legend, of the size of its letters.
const NARROWEST: f32 = 15.0;
/// Smallest letters of a legend whose names are too long, or of a table that is too wide, of their usual size.
const SMALLEST: f32 = 0.7;
/// Longest heading that stands in one line whatever is below it, and how far its lines stand apart, of their size.
const HEAD_EM: f32 = 4.0;
const HEAD_LINE: f32 = 1.25;
/// How much wider bold letters are, about.
const HEAD_WIDE: f32 = 1.06;
/// Ink of what is said beside names.
const MUTED: Color = Color::rgb(0x45, 0x4F, 0x5B);

/// The unit that is said once for all areas of a legend, in its heading.
pub fn unit_said(legend: &LegendItem) -> Option<AreaUnit> {
    AreaUnit::of_word(&legend.unit).filter(|_| legend.areas && !legend.title.trim().is_empty())
}

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
            if let Some(unit) = unit_said(legend) {
                let unit = Message::new("layout.areas-in").with("unit", tr(content.language, unit.key()));
                let end = [x + width - pad, top - size * 1.1];
                self.text(&unit.text(content.language), end, Anchor::Right, size * 0.9, false, MUTED);
            }
            top += size * 0.3;
        }
        // A name that is whole in smaller letters says more than one that is cut.
        let columns = self.legend_columns(rows.len(), size, [width - 2.0 * pad, y + height - pad - top]);
        let column = (width - 2.0 * pad - size * (columns as f32 - 1.0)) / columns as f32;
        let code = self.code_room(rows, size);
        let needed = rows.iter().map(|row| self.legend_width(row, size, code, legend.areas)).fold(0.0, f32::max);
        size *= (column / needed.max(1.0)).clamp(SMALLEST, 1.0);
        let step = size * ROW;
        let code = self.code_room(rows, size);
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
            self.legend_row(row, at, [column, step], [size, code], legend.areas, style.color);
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
    fn legend_width(&self, row: &LegendRow, size: f32, code: f32, areas: bool) -> f32 {
        let figure =
            if areas && !row.figure.is_empty() { self.typeface.width(&row.figure, size, false) + size } else { 0.0 };
        let code = if row.code.is_empty() { 0.0 } else { code };
        size * 2.9 + code + self.typeface.width(&row.name, size, row.heading) + figure
    }

    /// What the codes of a legend take of its columns: the widest one and a gap.
    fn code_room(&self, rows: &[LegendRow], size: f32) -> f32 {
        let widest = rows.iter().map(|row| self.typeface.width(&row.code, size, false)).fold(0.0, f32::max);
        if widest > 0.0 { widest + size * 0.6 } else { 0.0 }
    }

    fn legend_row(
        &mut self,
        row: &LegendRow,
        [x, y]: [f32; 2],
        [width, step]: [f32; 2],
        [size, code]: [f32; 2],
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
        let mut left = x + swatch + size * 0.7;
        if !row.code.is_empty() {
            self.text(&row.code, [left, middle], Anchor::Left, size, false, MUTED);
            left += code;
        }
        let figure = if areas { row.figure.as_str() } else { "" };
        let figure_width = if figure.is_empty() { 0.0 } else { self.typeface.width(figure, size, false) + size * 0.6 };
        let name = self.typeface.shortened(&row.name, size, row.heading, x + width - figure_width - left);
        self.text(&name, [left, middle], Anchor::Left, size, row.heading, ink);
        self.text(figure, [x + width, middle], Anchor::Right, size, false, MUTED);
    }

    /// A table: beside each other where it is too long for one piece and the frame has the width, in smaller letters where
    /// it is too wide.
    pub(super) fn table(&mut self, item: &Item) {
        let content = self.content;
        let Some(table) = content.tables.get(&item.name) else { return };
        let ([x, y, width, height], style) = (frame_px(item), &item.style);
        let mut size = letters_px(style);
        let mut top = y + size * 0.3;
        if !table.title.is_empty() {
            self.text(&table.title, [x + width / 2.0, top + size * 0.9], Anchor::Middle, size * 1.1, true, style.color);
            top += size * 2.0;
        }
        let needed = self.needed(table, size);
        let whole: f32 = needed.iter().sum();
        size *= (width / whole.max(1.0)).clamp(SMALLEST, 1.0);
        if whole * SMALLEST > width * 1.01 {
            self.remarks.push(Message::new("layout.table-narrow").with("name", &item.name));
        }
        let needed = self.needed(table, size);
        let gap = size;
        let across = ((width + gap) / (needed.iter().sum::<f32>() + gap)).floor().max(1.0) as usize;
        let room = self.rows_in(table, &needed, [width, y + height - top], size);
        // Totals stand below all that they are of.
        let pieces = if table.total { 1 } else { table.rows.len().div_ceil(room).clamp(1, across) };
        let each = if pieces > 1 { (width - gap * (pieces as f32 - 1.0)) / pieces as f32 } else { width };
        let needed = self.with_whole_heads(table, needed, each, size);
        let held = self.rows_in(table, &needed, [each, y + height - top], size);
        for piece in 0..pieces {
            let from = piece * held;
            let to = if piece + 1 == pieces { table.rows.len() } else { (from + held).min(table.rows.len()) };
            let frame = [x + (each + gap) * piece as f32, top, each, y + height - top];
            self.piece(item, table, from..to, &needed, frame, size);
        }
    }

    /// Rows that a piece of a table of that size has room for, at least one.
    fn rows_in(&self, table: &TextTable, needed: &[f32], [width, height]: [f32; 2], size: f32) -> usize {
        let head = self.head_lines(table, &columns(needed, [0.0, width]), size);
        ((height - head_height(&head, size)) / (size * ROW)).floor().max(1.0) as usize
    }

    /// Some rows of a table with its head above them.
    fn piece(
        &mut self,
        item: &Item,
        table: &TextTable,
        rows: std::ops::Range<usize>,
        needed: &[f32],
        [x, top, width, height]: [f32; 4],
        size: f32,
    ) {
        let rights = columns(needed, [x, width]);
        let head = self.head_lines(table, &rights, size);
        let step = size * ROW;
        let rows = &table.rows[rows];
        let room = self.rows_in(table, needed, [width, height], size);
        let cut = rows.len() > room;
        // The total is never what is left out.
        let held = if cut { room.saturating_sub(1 + usize::from(table.total)) } else { rows.len() };
        let thin = 0.15 * PX_PER_MM;
        let mut line = top + head_height(&head, size);
        let mut paths = vec![vec![[x, top], [x + width, top]], vec![[x, line], [x + width, line]]];
        self.table_head(&head, &rights, table, [top, line], size);
        for (nth, row) in rows[..held].iter().enumerate() {
            let is_total = table.total && nth + 1 == rows.len();
            self.table_row(row, &rights, table, line, [step, size], is_total);
            line += step;
        }
        if cut {
            let count = rows.len() - held - usize::from(table.total);
            let more = tr(self.content.language, "render.legend-more").replace("{count}", &count.to_string());
            self.text(&more, [x + size * 0.4, line + step / 2.0], Anchor::Left, size, false, MUTED);
            line += step;
            self.remarks.push(Message::new("layout.table-cut").with("name", &item.name).with("count", count));
        }
        if let Some(total) = rows.last().filter(|_| table.total) {
            if cut {
                self.table_row(total, &rights, table, line, [step, size], true);
                line += step;
            }
            paths.push(vec![[x, line - step], [x + width, line - step]]);
        }
        paths.push(vec![[x, line], [x + width, line]]);
        self.lines(paths, thin, item.style.color);
    }

    /// What each column needs: its widest text, of its heading the half, which stands in two lines then.
    fn needed(&self, table: &TextTable, size: f32) -> Vec<f32> {
        let ruler = self.typeface.ruler(size, true);
        let needs = |column: usize| {
            let cells = table.rows.iter().filter_map(|row| row.get(column));
            let head = table.heads.get(column).map_or(0.0, |head| ruler(head));
            let head = if head > size * HEAD_EM { (head * 0.56).max(size * HEAD_EM) } else { head };
            cells.map(|cell| ruler(cell)).fold(head, f32::max) + size * 0.9
        };
        (0..table.heads.len()).map(needs).collect()
    }

    /// What columns need where each heading stands in one line, if `width` holds that; `needed` if not.
    fn with_whole_heads(&self, table: &TextTable, needed: Vec<f32>, width: f32, size: f32) -> Vec<f32> {
        let ruler = self.typeface.ruler(size * HEAD_WIDE, true);
        let of = |(head, needed): (&String, &f32)| needed.max(ruler(head) + size * 0.9);
        let whole: Vec<f32> = table.heads.iter().zip(&needed).map(of).collect();
        if whole.iter().sum::<f32>() <= width { whole } else { needed }
    }

    /// The headings in lines that fit their columns.
    fn head_lines(&self, table: &TextTable, columns: &[[f32; 2]], size: f32) -> Vec<Vec<String>> {
        let wrapped = |(head, [left, right]): (&String, &[f32; 2])| {
            // They are bold, which is a little wider.
            self.typeface.wrapped(head, size * HEAD_WIDE, right - left - size * 0.8)
        };
        table.heads.iter().zip(columns).map(wrapped).collect()
    }

    fn table_head(
        &mut self,
        head: &[Vec<String>],
        columns: &[[f32; 2]],
        table: &TextTable,
        [top, bottom]: [f32; 2],
        size: f32,
    ) {
        for (nth, (lines, edges)) in head.iter().zip(columns).enumerate() {
            let (at, anchor) = placed(table, nth, edges, size);
            let first = (top + bottom) / 2.0 - (lines.len() as f32 - 1.0) * size * HEAD_LINE / 2.0;
            for (row, line) in lines.iter().enumerate() {
                let place = [at, first + row as f32 * size * HEAD_LINE];
                self.text(line, place, anchor, size, true, super::ItemStyle::USUAL.color);
            }
        }
    }

    fn table_row(
        &mut self,
        cells: &[String],
        columns: &[[f32; 2]],
        table: &TextTable,
        top: f32,
        [step, size]: [f32; 2],
        bold: bool,
    ) {
        for (nth, (cell, edges)) in cells.iter().zip(columns).enumerate() {
            let (at, anchor) = placed(table, nth, edges, size);
            let shown = self.typeface.shortened(cell, size, bold, edges[1] - edges[0] - size * 0.6);
            self.text(&shown, [at, top + step / 2.0], anchor, size, bold, super::ItemStyle::USUAL.color);
        }
    }
}

/// Where the text of a column stands: figures at its right.
fn placed(table: &TextTable, column: usize, [left, right]: &[f32; 2], size: f32) -> (f32, Anchor) {
    let pad = size * 0.4;
    match table.figures.get(column) {
        Some(true) => (right - pad, Anchor::Right),
        _ => (left + pad, Anchor::Left),
    }
}

/// Height of a head of so many lines.
fn head_height(head: &[Vec<String>], size: f32) -> f32 {
    let lines = head.iter().map(Vec::len).max().unwrap_or(1).max(1);
    size * (ROW + HEAD_LINE * (lines as f32 - 1.0))
}

/// Left and right edge of each column: what their texts need, and of what is left a share each; all made narrower alike where
/// they need too much.
fn columns(needed: &[f32], [x, width]: [f32; 2]) -> Vec<[f32; 2]> {
    let whole: f32 = needed.iter().sum();
    let (factor, spare) =
        if whole > width { (width / whole, 0.0) } else { (1.0, (width - whole) / needed.len().max(1) as f32) };
    let mut left = x;
    needed
        .iter()
        .map(|needed| {
            let edges = [left, left + needed * factor + spare];
            left = edges[1];
            edges
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crs::Crs;
    use crate::model::layout::{ItemStyle, Shows, TableItem, templates};
    use crate::render::layout::{Body, Content, draw};
    use crate::render::lettering::Typeface;
    use crate::task::Progress;
    use crate::text::Language;
    use std::collections::BTreeMap;

    #[test]
    fn columns_share_what_is_left_and_give_alike() {
        assert_eq!(columns(&[10.0, 20.0], [5.0, 60.0]), [[5.0, 30.0], [30.0, 65.0]]);
        assert_eq!(columns(&[10.0, 30.0], [0.0, 20.0]), [[0.0, 5.0], [5.0, 20.0]]);
    }

    #[test]
    fn heads_of_more_lines_are_higher() {
        let head = |counts: &[usize]| counts.iter().map(|count| vec![String::new(); *count]).collect::<Vec<_>>();
        assert!(head_height(&head(&[1, 2]), 10.0) > head_height(&head(&[1, 1]), 10.0));
        assert_eq!(head_height(&[], 10.0), head_height(&head(&[1]), 10.0));
    }
    /// What is said on a page with a table of so many rows, 200 mm × 50 mm, and what is said of it.
    fn drawn(rows: usize, total: bool) -> (Vec<String>, Vec<Message>) {
        let mut layout = templates::all(Language::English).remove(0);
        layout.items.truncate(1);
        let shows = Shows::Table(TableItem::default());
        let item = Item { name: "t".to_owned(), frame: [0.0, 0.0, 200.0, 50.0], shows, ..layout.items[0].clone() };
        layout.items = vec![Item { style: ItemStyle::USUAL, ..item }];
        let row = |nth: usize| vec![format!("J{nth}"), "1.00".to_owned()];
        let table = TextTable {
            heads: ["Point", "Side"].map(str::to_owned).into(),
            figures: vec![false, true],
            rows: (0..rows).map(row).collect(),
            total,
            ..TextTable::default()
        };
        let content = Content {
            crs: Crs::from_epsg(4527).expect("known"),
            language: Language::English,
            maps: BTreeMap::new(),
            legends: BTreeMap::new(),
            tables: BTreeMap::from([("t".to_owned(), table)]),
            pictures: BTreeMap::new(),
            words: BTreeMap::new(),
            focus: None,
            plot: None,
        };
        let drawn = draw(&layout, &content, Body::Outlines, &Typeface::bundled(), &Progress::new());
        let drawn = drawn.expect("is not cancelled");
        let shapes = drawn.sheet.drawing.shapes.into_iter();
        let texts = shapes.filter_map(|shape| if let Shape::Text(text) = shape { Some(text.text) } else { None });
        (texts.collect(), drawn.remarks)
    }

    #[test]
    fn a_long_table_stands_in_pieces_and_what_has_no_room_is_counted() {
        let count = |texts: &[String]| texts.iter().filter(|text| text.starts_with('J')).count();
        let (texts, remarks) = drawn(40, false);
        assert_eq!((count(&texts), remarks.len()), (40, 0), "{remarks:?}");
        assert!(texts.iter().filter(|text| *text == "Point").count() > 3, "each piece has its head");
        let (texts, remarks) = drawn(400, false);
        assert!(count(&texts) < 400 && remarks.len() == 1, "{remarks:?}");
        let (texts, _) = drawn(40, true);
        assert!(texts.iter().any(|text| text == "J39"), "a total is never left out");
    }
}
