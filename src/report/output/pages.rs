//! Reports as PDF: a plain paginator that lays headings, lines, tables and pictures on A4, one under the other.
//!
//! What has a heading begins with it on every page; no row is torn, and a caption stays with what it is of. Pictures are
//! laid as their shapes, so that text stays text and lines stay sharp.

use super::OutputError;
use super::captions::Captions;
use super::columns::{Need, column_groups, fitted, heading_lines};
use crate::model::style::{Blend, Color};
use crate::render::drawing::pdf::{About, pdf};
use crate::render::drawing::{Drawing, Line, Lines, Piece, Shape, Text};
use crate::render::lettering::{Anchor, Typeface};
use crate::report::table::{ColumnKind, Figures};
use crate::report::{Part, Picture, Report, Table};
use crate::text::Language;

/// A4 in logical pixels of 1/96 inch, its margins, and the room between them.
const PAGE: [f32; 2] = [793.7, 1122.52];
const MARGIN: f32 = 68.0;
const WIDTH: f32 = PAGE[0] - 2.0 * MARGIN;
/// Room for the number of the page.
const FOOT: f32 = 26.0;
/// The highest that a picture may be.
const HIGHEST: f32 = PAGE[1] - 2.0 * MARGIN - FOOT - 90.0;
/// Rows of a table that are laid; the workbook has them all.
const MOST_ROWS: usize = 5_000;
/// Lines of a cell.
const MOST_LINES: usize = 6;
/// Cells whose width is measured.
const MEASURED: usize = 400;
const PAD: f32 = 4.0;
/// The smallest letters.
const LEAST_PX: f32 = 5.5;
const INK: Color = Color::rgb(0x17, 0x20, 0x2B);
const MUTED: Color = Color::rgb(0x5C, 0x67, 0x75);
const RULE: Color = Color::rgb(0xD5, 0xDA, 0xE0);

/// Pages that are being laid.
struct Pages<'a> {
    typeface: &'a Typeface,
    done: Vec<Drawing>,
    page: Drawing,
    y: f32,
}

/// A table as it is laid.
struct Grid<'a> {
    table: &'a Table,
    figures: &'a Figures,
    headings: &'a [String],
    columns: &'a [usize],
    widths: Vec<f32>,
    size_px: f32,
}

/// The file.
pub(super) fn write(report: &Report, language: Language) -> Result<Vec<u8>, OutputError> {
    let typeface = Typeface::bundled();
    let pages = laid(report, &typeface, language);
    let about = About { title: report.title.clone(), language, date: day_of(&report.date) };
    let pages: Vec<&Drawing> = pages.iter().collect();
    Ok(pdf(&pages, &about, &typeface)?)
}

/// Year, month and day of a date.
fn day_of(date: &str) -> Option<(u16, u8, u8)> {
    let mut parts = date.split('-');
    let day = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?); // no date
    parts.next().is_none().then_some(day)
}

/// The pages.
fn laid(report: &Report, typeface: &Typeface, language: Language) -> Vec<Drawing> {
    let mut pages = Pages { typeface, done: Vec::new(), page: Drawing::new(PAGE, Color::WHITE), y: MARGIN };
    let mut captions = Captions::new(language);
    if !report.title.is_empty() {
        pages.text(&report.title, 26.0, true, INK);
    }
    if !report.date.is_empty() {
        pages.text(&report.date, 11.0, false, MUTED);
    }
    pages.y += 8.0;
    for (nth, part) in report.parts.iter().enumerate() {
        match part {
            Part::Gap => pages.y += 6.0,
            Part::Line(text) => pages.text(text, 12.5, false, INK),
            Part::Heading(level, text) => {
                let size_px = [19.0, 15.5, 13.5][usize::from((*level).clamp(1, 3)) - 1];
                // A heading never ends a page.
                let below = match report.parts.get(nth + 1) {
                    Some(Part::Picture(picture)) => scaled(picture).1[1] + 34.0,
                    _ => 80.0,
                };
                pages.need(size_px * 2.6 + below);
                pages.y += size_px * 0.6;
                pages.text(text, size_px, true, INK);
                pages.y += 3.0;
            }
            Part::Table(table) => pages.table(table, &captions.table(&table.title), language),
            Part::Picture(picture) => pages.picture(picture, &captions.picture(&picture.caption)),
        }
    }
    pages.finish()
}

/// By how much a picture is made larger, and how large it is then.
fn scaled(picture: &Picture) -> (f32, [f32; 2]) {
    let [width, height] = picture.drawing.size;
    let scale = (WIDTH / width.max(1.0)).min(HIGHEST / height.max(1.0)).min(1.25);
    (scale, [width * scale, height * scale])
}

impl Pages<'_> {
    fn room(&self) -> f32 {
        PAGE[1] - MARGIN - FOOT - self.y
    }

    /// Turns the page unless there is room for so much.
    fn need(&mut self, height: f32) {
        if height > self.room() && self.y > MARGIN {
            self.turn();
        }
    }

    fn turn(&mut self) {
        let page = std::mem::replace(&mut self.page, Drawing::new(PAGE, Color::WHITE));
        self.done.push(page);
        self.y = MARGIN;
    }

    /// Numbers the pages.
    fn finish(mut self) -> Vec<Drawing> {
        self.turn();
        let count = self.done.len();
        for (nth, page) in self.done.iter_mut().enumerate() {
            let number = format!("{} / {count}", nth + 1);
            page.text(&number, [PAGE[0] / 2.0, PAGE[1] - MARGIN + 8.0], Anchor::Middle, 10.0, false, MUTED);
        }
        self.done
    }

    /// Lines of text as wide as the page.
    fn text(&mut self, text: &str, size_px: f32, bold: bool, color: Color) {
        let leading = size_px * 1.55;
        let typeface = self.typeface;
        for line in text.lines().flat_map(|line| typeface.wrapped(line, size_px, WIDTH)) {
            self.need(leading);
            self.page.text(&line, [MARGIN, self.y + leading / 2.0], Anchor::Left, size_px, bold, color);
            self.y += leading;
        }
    }

    fn picture(&mut self, picture: &Picture, caption: &str) {
        let (scale, [width, height]) = scaled(picture);
        self.need(height + 34.0);
        let at = [MARGIN + (WIDTH - width) / 2.0, self.y];
        let shapes = picture.drawing.shapes.iter().map(|shape| placed(shape, scale, at)).collect();
        let clip = Some([at[0], at[1], width, height]);
        self.page.shapes.push(Shape::Group { clip, opacity: 1.0, blend: Blend::Normal, shapes });
        self.y += height + 6.0;
        let caption = self.typeface.shortened(caption, 11.5, true, WIDTH);
        self.page.text(&caption, [PAGE[0] / 2.0, self.y + 9.0], Anchor::Middle, 11.5, true, INK);
        self.y += 28.0;
    }

    /// The table; one of many columns in several, which begin with what tells its rows apart.
    fn table(&mut self, table: &Table, caption: &str, language: Language) {
        let figures = table.figures();
        let headings: Vec<String> = table.columns.iter().map(|column| column.heading(language)).collect();
        let count = figures.rows.len();
        let rows: Vec<usize> = if count <= MOST_ROWS {
            (0..count).collect()
        } else {
            (0..MOST_ROWS).chain(table.rows.len()..count).collect()
        };
        let groups = column_groups(table, &figures);
        for (nth, columns) in groups.iter().enumerate() {
            let text =
                if groups.len() > 1 { format!("{caption} ({}/{})", nth + 1, groups.len()) } else { caption.to_owned() };
            self.need(90.0);
            self.y += 8.0;
            self.text(&text, 11.5, true, INK);
            let grid = Grid::new(table, &figures, &headings, columns, &rows, self.typeface);
            self.grid(&grid, &rows);
        }
        self.y += 3.0;
        for note in table.notes_where(count - rows.len(), &figures, language) {
            self.text(&note, 9.0, false, MUTED);
        }
        self.y += 6.0;
    }

    fn grid(&mut self, grid: &Grid<'_>, rows: &[usize]) {
        self.head(grid);
        let total = grid.table.rows.len();
        for row in rows {
            let cells: Vec<Vec<String>> = grid.row(*row, self.typeface);
            let height = grid.height(&cells);
            // No sum stands on a page by itself.
            let is_before_sum = *row + 1 == total && rows.last() == Some(&total);
            let below = if is_before_sum { grid.leading() + PAD } else { 0.0 };
            if height + below > self.room() && self.y > MARGIN {
                self.rule(1.2, INK);
                self.turn();
                self.head(grid);
            }
            if *row == total && total > 0 {
                self.rule(0.8, INK);
            }
            self.cells(grid, &cells, *row >= total);
            self.rule(0.5, RULE);
        }
        self.rule(1.2, INK);
    }

    fn head(&mut self, grid: &Grid<'_>) {
        let cells = grid.head(self.typeface);
        self.rule(1.2, INK);
        self.cells(grid, &cells, true);
        self.rule(0.8, INK);
    }

    fn rule(&mut self, width: f32, color: Color) {
        self.page.fill([MARGIN, self.y - width / 2.0, WIDTH, width], color);
    }

    fn cells(&mut self, grid: &Grid<'_>, cells: &[Vec<String>], bold: bool) {
        let height = grid.height(cells);
        let leading = grid.leading();
        let mut x = MARGIN;
        for (at, lines) in cells.iter().enumerate() {
            let width = grid.widths[at];
            let (place, anchor) = match grid.is_text(at) {
                true => (x + PAD, Anchor::Left),
                false => (x + width - PAD, Anchor::Right),
            };
            for (nth, line) in lines.iter().enumerate() {
                let y = self.y + PAD / 2.0 + leading * (nth as f32 + 0.5);
                self.page.text(line, [place, y], anchor, grid.size_px, bold, INK);
            }
            x += width;
        }
        self.y += height;
    }
}

impl<'a> Grid<'a> {
    fn new(
        table: &'a Table,
        figures: &'a Figures,
        headings: &'a [String],
        columns: &'a [usize],
        rows: &[usize],
        typeface: &Typeface,
    ) -> Self {
        let size_px = if columns.len() > 8 { 8.5 } else { 10.0 };
        let mut grid = Self { table, figures, headings, columns, widths: Vec::new(), size_px };
        let mut needs = grid.needs(rows, typeface);
        let least: f32 = needs.iter().map(|need| need.least).sum();
        let room = WIDTH - 2.0 * PAD * columns.len() as f32;
        // Figures are never broken: where a page has no room for them, everything is smaller.
        if least > room {
            grid.size_px = (grid.size_px * room / least).max(LEAST_PX);
            needs = grid.needs(rows, typeface);
        }
        grid.widths = fitted(&needs, room).into_iter().map(|width| width + 2.0 * PAD).collect();
        grid
    }

    /// What each column needs.
    fn needs(&self, rows: &[usize], typeface: &Typeface) -> Vec<Need> {
        let (regular, bold) = (typeface.ruler(self.size_px, false), typeface.ruler(self.size_px, true));
        // Half a pixel more: what fills a column to the last is broken where sums of widths are rounded.
        let width = |text: &str, is_bold: bool| if is_bold { bold(text) + 0.5 } else { regular(text) + 0.5 };
        let need = |(at, column): (usize, &usize)| {
            let measured = rows.iter().take(MEASURED).chain(rows.last());
            let cells = measured.map(|row| (self.figures.shown(*row, *column), *row >= self.table.rows.len()));
            Need::of(&self.headings[*column], cells, self.is_text(at), &width)
        };
        self.columns.iter().enumerate().map(need).collect()
    }

    fn is_text(&self, at: usize) -> bool {
        self.table.columns[self.columns[at]].kind == ColumnKind::Text
    }

    fn leading(&self) -> f32 {
        self.size_px * 1.4
    }

    fn height(&self, cells: &[Vec<String>]) -> f32 {
        cells.iter().map(Vec::len).max().unwrap_or(1).max(1) as f32 * self.leading() + PAD
    }

    fn head(&self, typeface: &Typeface) -> Vec<Vec<String>> {
        let cell = |(at, column): (usize, &usize)| {
            let (heading, width) = (self.headings[*column].as_str(), self.widths[at] - 2.0 * PAD);
            let fits = |text: &str| typeface.width(text, self.size_px, true) <= width;
            let parts = if fits(heading) { vec![heading] } else { heading_lines(heading) };
            // Bold letters are a little wider than those that are measured.
            let wrapped = |part: &str| match fits(part) {
                true => vec![part.to_owned()],
                false => typeface.wrapped(part, self.size_px * 1.06, width),
            };
            let mut lines: Vec<String> = parts.into_iter().flat_map(wrapped).collect();
            lines.truncate(MOST_LINES);
            lines
        };
        self.columns.iter().enumerate().map(cell).collect()
    }

    fn row(&self, row: usize, typeface: &Typeface) -> Vec<Vec<String>> {
        let cell = |(at, column): (usize, &usize)| {
            let text = self.figures.shown(row, *column);
            if !self.is_text(at) {
                return vec![text];
            }
            let width = self.widths[at] - 2.0 * PAD;
            let mut lines: Vec<String> =
                text.lines().flat_map(|line| typeface.wrapped(line, self.size_px, width)).collect();
            if lines.len() > MOST_LINES {
                lines.truncate(MOST_LINES);
                if let Some(last) = lines.last_mut() {
                    last.push('…');
                }
            }
            lines
        };
        self.columns.iter().enumerate().map(cell).collect()
    }
}

/// A shape in another size, elsewhere.
fn placed(shape: &Shape, scale: f32, offset: [f32; 2]) -> Shape {
    let to = |place: [f32; 2]| [place[0] * scale + offset[0], place[1] * scale + offset[1]];
    let sized = |size: [f32; 2]| size.map(|side| side * scale);
    let rect = |[x, y, width, height]: [f32; 4]| {
        let [x, y] = to([x, y]);
        [x, y, width * scale, height * scale]
    };
    match shape {
        Shape::Rect { at, size, color } => Shape::Rect { at: to(*at), size: sized(*size), color: *color },
        Shape::Path { outline, fill, line } => {
            let piece = |piece: &Piece| match piece {
                Piece::Line(place) => Piece::Line(to(*place)),
                Piece::Curve(a, b, place) => Piece::Curve(to(*a), to(*b), to(*place)),
            };
            let line = line.map(|(color, width)| (color, width * scale));
            Shape::Path { outline: outline.iter().map(piece).collect(), fill: *fill, line }
        }
        Shape::Text(text) => Shape::Text(Text {
            at: to(text.at),
            size_px: text.size_px * scale,
            casing: text.casing.map(|(color, width)| (color, width * scale)),
            ..text.clone()
        }),
        Shape::Letters(letters) => Shape::Letters(letters.placed(scale, offset)),
        Shape::Picture { at, size, pixels } => {
            Shape::Picture { at: to(*at), size: sized(*size), pixels: pixels.clone() }
        }
        Shape::Swatch { rect: of, symbol, kind } => {
            Shape::Swatch { rect: rect(*of), symbol: symbol.clone(), kind: *kind }
        }
        Shape::Lines(lines) => Shape::Lines(Lines {
            paths: lines.paths.iter().map(|path| path.iter().map(|place| to(*place)).collect()).collect(),
            closed: lines.closed,
            fill: lines.fill,
            line: lines.line.map(|line| Line {
                width: line.width * scale,
                dash: line.dash.map(|dash| dash.map(|part| part * scale)),
                ..line
            }),
        }),
        Shape::Marker { at, marker } => {
            let mut marker = marker.clone();
            marker.size_px *= scale;
            Shape::Marker { at: to(*at), marker }
        }
        Shape::Group { clip, opacity, blend, shapes } => Shape::Group {
            clip: clip.map(rect),
            opacity: *opacity,
            blend: *blend,
            shapes: shapes.iter().map(|shape| placed(shape, scale, offset)).collect(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Cell, Column};

    fn long_table(rows: usize, columns: usize) -> Table {
        let mut table = Table { title: "长表".to_owned(), ..Table::default() };
        table.columns.push(Column::new("key", "地类", ColumnKind::Text));
        for at in 1..columns {
            table.columns.push(Column::new("n", format!("第 {at} 列"), ColumnKind::Count));
        }
        let row = |at: usize| {
            let figures = (1..columns).map(|column| Cell::from(at * 1000 + column));
            std::iter::once(Cell::from("0101 水田")).chain(figures).collect()
        };
        table.rows = (0..rows).map(row).collect();
        table.add_total("合计");
        table
    }

    fn texts(page: &Drawing) -> Vec<&Text> {
        page.shapes.iter().filter_map(|shape| if let Shape::Text(text) = shape { Some(text) } else { None }).collect()
    }

    #[test]
    fn long_tables_begin_with_their_heading_on_every_page_and_nothing_leaves_the_page() {
        let picture = Picture { caption: "图".to_owned(), drawing: Drawing::new([2000.0, 3000.0], Color::WHITE) };
        let report = Report {
            title: "方案比选报告".to_owned(),
            date: "2026-06-18".to_owned(),
            parts: vec![
                Part::Heading(1, "概要".to_owned()),
                Part::Table(long_table(200, 5)),
                Part::Table(long_table(3, 21)),
                Part::Picture(picture),
                Part::Line("字".repeat(3000)),
            ],
            ..Report::default()
        };
        let typeface = Typeface::bundled();
        let pages = laid(&report, &typeface, Language::Chinese);
        assert!(pages.len() > 6, "{}", pages.len());
        let heads = pages.iter().filter(|page| texts(page).iter().any(|text| text.text == "地类")).count();
        assert!(heads >= 5, "{heads}");
        for page in &pages {
            for text in texts(page) {
                let width = typeface.width(&text.text, text.size_px, text.bold);
                let left = match text.anchor {
                    Anchor::Left => text.at[0],
                    Anchor::Middle => text.at[0] - width / 2.0,
                    Anchor::Right => text.at[0] - width,
                };
                assert!(left >= MARGIN - 12.0 && left + width <= PAGE[0] - MARGIN + 12.0, "{text:?}");
                assert!(text.at[1] > 0.0 && text.at[1] < PAGE[1], "{text:?}");
            }
        }
        let bytes = write(&report, Language::Chinese).expect("is made");
        assert!(bytes.starts_with(b"%PDF") && bytes == write(&report, Language::Chinese).expect("is made"));
    }

    #[test]
    fn a_date_is_taken_apart() {
        assert_eq!(day_of("2026-06-18"), Some((2026, 6, 18)));
        assert_eq!((day_of(""), day_of("18.6.2026"), day_of("2026-06-18-1")), (None, None, None));
    }
}
