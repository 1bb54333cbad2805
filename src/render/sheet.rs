//! A map sheet for reports: the map with title, legend, scale bar, north arrow and a foot that says where the figures
//! come from.
//!
//! Always in the light theme. The legend takes up to three columns beside the map; what does not fit is counted in its
//! last line, so that no reader takes it for complete.

use std::ops::Range;

use tiny_skia::Pixmap;

use super::MapView;
use super::drawing::{Drawing, Piece, Shape, Text};
use super::lettering::{Anchor, Typeface};
use super::raster::{MapPart, PaintColors, paint_parts};
use super::vector;
use super::view::ScaleBar;
use crate::model::GeometryKind;
use crate::model::style::{Color, Symbol};
use crate::task::{Cancelled, Progress};

/// A row of the legend: a class, a layer drawn alike, or the heading of a layer with several classes.
#[derive(Clone, Debug, PartialEq)]
pub struct LegendRow {
    /// How it is drawn: one symbol, or the first of those below a heading.
    pub symbols: Vec<(Symbol, GeometryKind)>,
    /// Whether classes follow that belong to it.
    pub heading: bool,
    /// The code of its class, before its name; empty where it has none.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its figure with unit, at the right.
    pub figure: String,
}

/// What stands around the map.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// Title above the map.
    pub title: String,
    /// The state that the map shows, beside the title: the base or a scenario by name; empty where there is one only.
    pub state: String,
    /// Heading of the legend.
    pub legend_title: String,
    /// Rows of the legend; those that do not fit are counted in the last line.
    pub legend: Vec<LegendRow>,
    /// `{count}` rows more, in words.
    pub more: String,
    /// Lines of the foot: source, CRS, method, date of the data.
    pub notes: Vec<String>,
    /// Metres on the ground a unit of the project CRS at the middle of the map.
    pub metres_per_unit: f64,
    /// Words for metre and kilometre.
    pub unit_names: [String; 2],
}

const MARGIN: f32 = 28.0;
/// Width of a column of the legend with figures, and the bounds of one without, which is as wide as its names.
const COLUMN_WIDTH: f32 = 236.0;
const NAMES_WIDTH: (f32, f32) = (110.0, 330.0);
/// From the left of a row of the legend to its name.
const NAME_AT: f32 = 28.0;
const COLUMN_GAP: f32 = 24.0;
const MOST_COLUMNS: usize = 3;
const ROW: f32 = 22.0;
/// From the top of the legend to its first row.
const LEGEND_HEAD: f32 = 36.0;
const NOTE_ROW: f32 = 18.0;
const TITLE_PX: f32 = 22.0;
const HEADING_PX: f32 = 14.0;
const ROW_PX: f32 = 12.0;
const NOTE_PX: f32 = 11.5;
/// Room of a code of four digits.
const CODE_PX: f32 = 28.0;
const INK: Color = Color::rgb(0x17, 0x20, 0x2B);
const MUTED: Color = Color::rgb(0x66, 0x71, 0x80);
const LINE: Color = Color::rgb(0xDF, 0xE3, 0xE8);
const FRAME: Color = Color::rgb(0x8A, 0x93, 0x9F);

/// A page that is being laid out.
struct Page<'a> {
    drawing: Drawing,
    typeface: &'a Typeface,
}

/// Paints the sheet: the map of `view` in its size, what stands around it added; `scale` pixels a pixel of the view.
///
/// # Errors
/// [`Cancelled`].
pub fn compose(
    sheet: &Sheet,
    view: &MapView,
    scale: f32,
    parts: &[MapPart<'_>],
    typeface: &Typeface,
    progress: &Progress,
) -> Result<Pixmap, Cancelled> {
    let drawing = drawing(sheet, view, scale, parts, typeface, progress)?;
    Ok(drawing.paint(typeface, scale).expect("a sheet is a little larger than its map, which is bounded"))
}

/// The sheet as a drawing, its map painted with `scale` pixels a pixel of the view.
///
/// # Errors
/// [`Cancelled`].
pub fn drawing(
    sheet: &Sheet,
    view: &MapView,
    scale: f32,
    parts: &[MapPart<'_>],
    typeface: &Typeface,
    progress: &Progress,
) -> Result<Drawing, Cancelled> {
    let colors = &PaintColors::LIGHT;
    let map = paint_parts(colors.ground, view, scale, parts, colors, Some(typeface), progress)?;
    let size = [map.width() as f32 / scale, map.height() as f32 / scale];
    let (drawing, _) = laid_out(sheet, view, size, typeface, |at| Ok(Shape::Picture { at, size, pixels: map }))?;
    Ok(drawing)
}

/// The sheet as a drawing whose map consists of outlines, and where the map begins.
///
/// # Errors
/// [`Cancelled`].
pub fn outlined(
    sheet: &Sheet,
    view: &MapView,
    parts: &[MapPart<'_>],
    typeface: &Typeface,
    progress: &Progress,
) -> Result<(Drawing, [f32; 2]), Cancelled> {
    let size = view.size_px.map(|side| side as f32);
    laid_out(sheet, view, size, typeface, |at| vector::map(view, at, parts, &PaintColors::LIGHT, typeface, progress))
}

/// The sheet around a map of that size, which `map` makes for its place.
fn laid_out(
    sheet: &Sheet,
    view: &MapView,
    [map_width, map_height]: [f32; 2],
    typeface: &Typeface,
    map: impl FnOnce([f32; 2]) -> Result<Shape, Cancelled>,
) -> Result<(Drawing, [f32; 2]), Cancelled> {
    let room = ((map_height - LEGEND_HEAD) / ROW).floor().max(2.0) as usize;
    let (columns, left_out) = legend_columns(&sheet.legend, room);
    let column_width = column_width(&sheet.legend, typeface);
    let legend_width = match columns.len() {
        0 => 0.0,
        count => MARGIN + count as f32 * (column_width + COLUMN_GAP) - COLUMN_GAP,
    };
    let width = map_width + 2.0 * MARGIN + legend_width;
    let wrap = |note: &str| typeface.wrapped(note, NOTE_PX, width - 2.0 * MARGIN);
    let notes: Vec<String> = sheet.notes.iter().flat_map(|note| note.lines()).flat_map(wrap).collect();
    let title_height = if sheet.title.is_empty() && sheet.state.is_empty() { 0.0 } else { 46.0 };
    let foot_height = if notes.is_empty() { 0.0 } else { NOTE_ROW * notes.len() as f32 + 8.0 };
    let top = MARGIN + title_height;
    // A legend is never cut off by a map that is lower than two rows.
    let legend_height = if columns.is_empty() { 0.0 } else { LEGEND_HEAD + ROW * room as f32 };
    let height = top + map_height.max(legend_height) + foot_height + MARGIN;
    let mut page = Page { drawing: Drawing::new([width, height], Color::WHITE), typeface };
    page.drawing.shapes.push(map([MARGIN, top])?);
    page.heading(sheet, width - 2.0 * MARGIN);
    page.frame([MARGIN, top, map_width, map_height]);
    page.scale_bar(sheet, view, [MARGIN + 18.0, top + map_height - 22.0]);
    page.north([MARGIN + map_width - 28.0, top + 16.0]);
    if !columns.is_empty() {
        page.legend(sheet, &columns, column_width, left_out, [2.0 * MARGIN + map_width, top]);
    }
    for (i, note) in notes.iter().enumerate() {
        let y = top + map_height.max(legend_height) + 20.0 + NOTE_ROW * i as f32;
        page.text(note, [MARGIN, y], Anchor::Left, NOTE_PX, false, MUTED);
    }
    Ok((page.drawing, [MARGIN, top]))
}

/// How wide the columns of a legend are.
fn column_width(rows: &[LegendRow], typeface: &Typeface) -> f32 {
    if rows.iter().any(|row| !row.figure.is_empty()) {
        return COLUMN_WIDTH;
    }
    let names = rows.iter().map(|row| {
        let code = if row.code.is_empty() { 0.0 } else { typeface.width(&row.code, ROW_PX, false).max(CODE_PX) + 6.0 };
        code + typeface.width(&row.name, ROW_PX, row.heading)
    });
    (NAME_AT + 10.0 + names.fold(0.0, f32::max)).clamp(NAMES_WIDTH.0, NAMES_WIDTH.1)
}

/// The rows of each column of a legend, where a column holds `room` rows, and how many rows are left out; the last
/// column then keeps a row free to say so. A heading never stands alone at the foot of a column.
fn legend_columns(rows: &[LegendRow], room: usize) -> (Vec<Range<usize>>, usize) {
    let room = room.max(2);
    let mut columns: Vec<Range<usize>> = Vec::new();
    let mut start = 0;
    while start < rows.len() && columns.len() < MOST_COLUMNS {
        let mut end = (start + room).min(rows.len());
        if columns.len() + 1 == MOST_COLUMNS && end < rows.len() {
            end -= 1;
        }
        if end < rows.len() && end > start + 1 && rows[end - 1].heading {
            end -= 1;
        }
        columns.push(start..end);
        start = end;
    }
    (columns, rows.len() - start)
}

impl Page<'_> {
    fn text(&mut self, text: &str, at: [f32; 2], anchor: Anchor, size: f32, bold: bool, color: Color) {
        self.drawing.text(text, at, anchor, size, bold, color);
    }

    /// The title, and the state beside it: the state is never the part that is cut.
    fn heading(&mut self, sheet: &Sheet, room: f32) {
        let state = self.typeface.shortened(&sheet.state, HEADING_PX, true, room * 0.6);
        let state_width = if state.is_empty() { 0.0 } else { self.typeface.width(&state, HEADING_PX, true) + 16.0 };
        let title = self.typeface.shortened(&sheet.title, TITLE_PX, true, room - state_width);
        self.text(&title, [MARGIN, MARGIN + 14.0], Anchor::Left, TITLE_PX, true, INK);
        let left = if title.is_empty() { 0.0 } else { self.typeface.width(&title, TITLE_PX, true) + 16.0 };
        self.text(&state, [MARGIN + left, MARGIN + 17.0], Anchor::Left, HEADING_PX, true, MUTED);
    }

    fn cased(&mut self, text: &str, at: [f32; 2], size_px: f32, bold: bool) {
        let casing = Some((PaintColors::LIGHT.ground.with_alpha(235), 3.0));
        let (text, anchor, color) = (text.to_owned(), Anchor::Middle, INK);
        self.drawing.shapes.push(Shape::Text(Text { at, text, size_px, bold, anchor, color, casing }));
    }

    fn fill(&mut self, rect: [f32; 4], color: Color) {
        self.drawing.fill(rect, color);
    }

    /// A line around the map that covers none of it.
    fn frame(&mut self, [x, y, w, h]: [f32; 4]) {
        self.fill([x - 1.0, y - 1.0, w + 2.0, 1.0], FRAME);
        self.fill([x - 1.0, y + h, w + 2.0, 1.0], FRAME);
        self.fill([x - 1.0, y, 1.0, h], FRAME);
        self.fill([x + w, y, 1.0, h], FRAME);
    }

    fn scale_bar(&mut self, sheet: &Sheet, view: &MapView, [x, y]: [f32; 2]) {
        // At most a third of a narrow map.
        let most = (view.size_px[0] / 3.0).min(160.0);
        let bar = ScaleBar::fit(view.units_per_px * sheet.metres_per_unit, most);
        let width = bar.length_px as f32;
        let part = width / bar.part_count as f32;
        self.fill([x - 2.5, y - 2.5, width + 5.0, 11.0], PaintColors::LIGHT.ground.with_alpha(235));
        self.fill([x - 1.0, y - 1.0, width + 2.0, 8.0], INK);
        for i in (1..bar.part_count).step_by(2) {
            self.fill([x + part * i as f32, y, part, 6.0], Color::WHITE);
        }
        let (divisor, unit) = if bar.length_m >= 1000.0 { (1000.0, 1) } else { (1.0, 0) };
        let number = |m: f64| crate::units::round_half_up(m / divisor, 6).to_string();
        let whole = format!("{} {}", number(bar.length_m), sheet.unit_names[unit]);
        self.cased("0", [x, y - 10.0], NOTE_PX, false);
        self.cased(&whole, [x + width, y - 10.0], NOTE_PX, false);
        if bar.part_count.is_multiple_of(2) && width > 90.0 {
            self.cased(&number(bar.length_m / 2.0), [x + width / 2.0, y - 10.0], NOTE_PX, false);
        }
    }

    /// An arrow to grid north, its point at a place.
    fn north(&mut self, [x, y]: [f32; 2]) {
        let outline = [(0.0, 0.0), (8.0, 24.0), (0.0, 18.5), (-8.0, 24.0)];
        let path = |points: &[(f32, f32)]| points.iter().map(|(dx, dy)| Piece::Line([x + dx, y + dy])).collect();
        let (whole, left) = (path(&outline), path(&[outline[0], outline[2], outline[3]]));
        let ground = PaintColors::LIGHT.ground.with_alpha(235);
        self.drawing.shapes.push(Shape::Path { outline: whole, fill: Some(INK), line: Some((ground, 4.0)) });
        let shine = Some(Color::WHITE.with_alpha(90));
        self.drawing.shapes.push(Shape::Path { outline: left, fill: shine, line: None });
        self.cased("N", [x, y + 35.0], 13.0, true);
    }

    fn legend(&mut self, sheet: &Sheet, columns: &[Range<usize>], wide: f32, left_out: usize, [x, y]: [f32; 2]) {
        self.text(&sheet.legend_title, [x, y + 8.0], Anchor::Left, HEADING_PX, true, INK);
        let width = columns.len() as f32 * (wide + COLUMN_GAP) - COLUMN_GAP;
        self.fill([x, y + 21.0, width, 1.0], LINE);
        let mut bottom = y + LEGEND_HEAD;
        let mut left = x;
        for (i, column) in columns.iter().enumerate() {
            left = x + i as f32 * (wide + COLUMN_GAP);
            bottom = y + LEGEND_HEAD;
            for row in &sheet.legend[column.clone()] {
                self.legend_row(row, wide, [left, bottom]);
                bottom += ROW;
            }
        }
        if left_out > 0 {
            let more = sheet.more.replace("{count}", &left_out.to_string());
            self.text(&more, [left, bottom], Anchor::Left, NOTE_PX, false, MUTED);
        }
    }

    fn legend_row(&mut self, row: &LegendRow, wide: f32, [x, y]: [f32; 2]) {
        let part = 20.0 / row.symbols.len().max(1) as f32;
        for (at, (symbol, kind)) in row.symbols.iter().enumerate() {
            let rect = [x + part * at as f32, y - 6.0, part, 13.0];
            self.drawing.shapes.push(Shape::Swatch { rect, symbol: Box::new(*symbol), kind: *kind });
        }
        let mut left = x + NAME_AT;
        let heading = row.heading;
        if !row.code.is_empty() {
            self.text(&row.code, [left, y], Anchor::Left, ROW_PX, false, MUTED);
            left += self.typeface.width(&row.code, ROW_PX, false).max(CODE_PX) + 6.0;
        }
        let figure_width = self.typeface.width(&row.figure, ROW_PX, false);
        let room = x + wide - figure_width - 8.0 - left;
        let name = self.typeface.shortened(&row.name, ROW_PX, heading, room);
        self.text(&name, [left, y], Anchor::Left, ROW_PX, heading, INK);
        self.text(&row.figure, [x + wide, y], Anchor::Right, ROW_PX, false, MUTED);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A legend as text: `#` is a heading, `.` a class.
    fn rows(pattern: &str) -> Vec<LegendRow> {
        let row = |c| LegendRow {
            symbols: vec![(Symbol::default(), GeometryKind::Polygon)],
            heading: c == '#',
            code: String::new(),
            name: String::new(),
            figure: String::new(),
        };
        pattern.chars().map(row).collect()
    }

    #[test]
    fn a_long_legend_goes_on_in_the_next_column_and_says_what_is_left_out() {
        let check = |pattern: &str, room, ends: &[usize], left_out| {
            let starts = std::iter::once(0).chain(ends.iter().copied());
            let columns: Vec<Range<usize>> = starts.zip(ends).map(|(start, end)| start..*end).collect();
            assert_eq!(legend_columns(&rows(pattern), room), (columns, left_out), "{pattern} in {room}");
        };
        check("", 5, &[], 0);
        check("#....", 5, &[5], 0);
        check("#.....", 5, &[5, 6], 0);
        check("....#...", 5, &[4, 8], 0);
        check("........", 3, &[3, 6, 8], 0);
        check("..........", 3, &[3, 6, 8], 2);
        check("#", 0, &[1], 0);
        check("######", 2, &[1, 2, 3], 3);
    }
}
