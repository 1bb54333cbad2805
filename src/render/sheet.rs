//! A map sheet for reports: the map with title, legend, scale bar, north arrow and a foot that says where the figures
//! come from.

use tiny_skia::{FillRule, PathBuilder, Pixmap, PixmapPaint, Rect, Transform};

use super::MapView;
use super::lettering::{Anchor, Typeface, paint_of};
use super::raster::{PaintColors, PaintLayer, paint, paint_swatch};
use super::view::ScaleBar;
use crate::model::GeometryKind;
use crate::model::style::{Color, Symbol};
use crate::task::{Cancelled, Progress};

/// A row of the legend: a heading without a symbol, or a class.
#[derive(Clone, Debug, PartialEq)]
pub struct LegendRow {
    /// How it is drawn; `None` for the name of a layer with several classes.
    pub symbol: Option<(Symbol, GeometryKind)>,
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

const MARGIN: f32 = 24.0;
const LEGEND_WIDTH: f32 = 264.0;
const ROW: f32 = 22.0;
const INK: Color = Color::rgb(0x17, 0x20, 0x2B);
const MUTED: Color = Color::rgb(0x66, 0x71, 0x80);
const LINE: Color = Color::rgb(0xDF, 0xE3, 0xE8);

/// Paints the sheet: the map of `view` in its size, what stands around it added; `scale` pixels a unit of the view's.
///
/// # Errors
/// [`Cancelled`].
pub fn compose(
    sheet: &Sheet,
    view: &MapView,
    scale: f32,
    layers: &[PaintLayer<'_>],
    typeface: &Typeface,
    progress: &Progress,
) -> Result<Pixmap, Cancelled> {
    let map = paint(view, scale, layers, &PaintColors::LIGHT, Some(typeface), progress)?;
    let title_height = if sheet.title.is_empty() { 0.0 } else { 44.0 };
    let foot_height = 18.0 * sheet.notes.len() as f32 + 12.0;
    let (map_width, map_height) = (map.width() as f32 / scale, map.height() as f32 / scale);
    let legend_width = if sheet.legend.is_empty() { 0.0 } else { LEGEND_WIDTH + MARGIN };
    let width = map_width + 2.0 * MARGIN + legend_width;
    let height = map_height + 2.0 * MARGIN + title_height + foot_height;
    let px = |v: f32| (v * scale).round().max(1.0) as u32;
    let mut page = Pixmap::new(px(width), px(height)).expect("a sheet has at least one pixel");
    page.fill(tiny_skia::Color::WHITE);
    let s = |v: f32| v * scale;
    let top = MARGIN + title_height;
    if !sheet.title.is_empty() {
        let at = [s(MARGIN), s(MARGIN + 14.0)];
        typeface.paint(&mut page, &sheet.title, at, Anchor::Left, s(22.0), true, INK, None);
    }
    let (x, y) = (px(MARGIN) as i32, px(top) as i32);
    page.draw_pixmap(x, y, map.as_ref(), &PixmapPaint::default(), Transform::identity(), None);
    frame(&mut page, [s(MARGIN), s(top), s(map_width), s(map_height)], MUTED, scale);
    scale_bar(&mut page, sheet, view, [MARGIN + 16.0, top + map_height - 18.0], typeface, scale);
    north(&mut page, [MARGIN + map_width - 30.0, top + 16.0], typeface, scale);
    if !sheet.legend.is_empty() {
        legend(&mut page, sheet, [2.0 * MARGIN + map_width, top], map_height, typeface, scale);
    }
    for (i, line) in sheet.notes.iter().enumerate() {
        let at = [s(MARGIN), s(top + map_height + 20.0 + 18.0 * i as f32)];
        let fitted = fit(line, width - 2.0 * MARGIN, typeface);
        typeface.paint(&mut page, &fitted, at, Anchor::Left, s(11.5), false, MUTED, None);
    }
    Ok(page)
}

/// The sheet as a PNG file.
pub fn png(page: &Pixmap) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, page.width(), page.height());
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    // Sheets are opaque: premultiplied and plain colours are the same.
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(page.data()));
    written.expect("writing into memory does not fail");
    bytes
}

/// Cuts `text` to `width`, with an ellipsis.
fn fit(text: &str, width: f32, typeface: &Typeface) -> String {
    if typeface.width(text, 11.5, false) <= width {
        return text.to_owned();
    }
    let mut cut: Vec<char> = text.chars().collect();
    while !cut.is_empty() && typeface.width(&cut.iter().collect::<String>(), 11.5, false) + 12.0 > width {
        cut.pop();
    }
    cut.into_iter().chain(['…']).collect()
}

fn frame(page: &mut Pixmap, rect: [f32; 4], color: Color, scale: f32) {
    let [x, y, w, h] = rect;
    let Some(rect) = Rect::from_xywh(x, y, w, h) else { return };
    let path = PathBuilder::from_rect(rect);
    let stroke = tiny_skia::Stroke { width: scale, ..tiny_skia::Stroke::default() };
    page.stroke_path(&path, &paint_of(color), &stroke, Transform::identity(), None);
}

fn fill(page: &mut Pixmap, rect: [f32; 4], color: Color) {
    if let Some(rect) = Rect::from_xywh(rect[0], rect[1], rect[2], rect[3]) {
        page.fill_rect(rect, &paint_of(color), Transform::identity(), None);
    }
}

fn scale_bar(page: &mut Pixmap, sheet: &Sheet, view: &MapView, at: [f32; 2], typeface: &Typeface, scale: f32) {
    let bar = ScaleBar::fit(view.units_per_px * sheet.metres_per_unit, 160.0);
    let s = |v: f32| v * scale;
    let width = bar.length_px as f32;
    let part = width / bar.part_count as f32;
    fill(page, [s(at[0] - 1.0), s(at[1] - 1.0), s(width + 2.0), s(8.0)], INK);
    for i in (1..bar.part_count).step_by(2) {
        fill(page, [s(at[0] + part * i as f32), s(at[1]), s(part), s(6.0)], Color::WHITE);
    }
    let (divisor, unit) = if bar.length_m >= 1000.0 { (1000.0, 1) } else { (1.0, 0) };
    let length = bar.length_m / divisor;
    let mut label = |x: f32, text: &str| {
        let casing = Some((Color::WHITE.with_alpha(220), s(3.0)));
        typeface.paint(page, text, [s(x), s(at[1] - 9.0)], Anchor::Middle, s(11.5), false, INK, casing);
    };
    label(at[0], "0");
    label(at[0] + width, &format!("{length} {}", sheet.unit_names[unit]));
}

fn north(page: &mut Pixmap, at: [f32; 2], typeface: &Typeface, scale: f32) {
    let s = |v: f32| v * scale;
    let mut path = PathBuilder::new();
    path.move_to(s(at[0]), s(at[1]));
    path.line_to(s(at[0] + 8.0), s(at[1] + 24.0));
    path.line_to(s(at[0]), s(at[1] + 18.0));
    path.line_to(s(at[0] - 8.0), s(at[1] + 24.0));
    path.close();
    if let Some(path) = path.finish() {
        let casing = tiny_skia::Stroke { width: s(3.0), ..tiny_skia::Stroke::default() };
        page.stroke_path(&path, &paint_of(Color::WHITE), &casing, Transform::identity(), None);
        page.fill_path(&path, &paint_of(INK), FillRule::Winding, Transform::identity(), None);
    }
    let casing = Some((Color::WHITE, s(3.0)));
    typeface.paint(page, "N", [s(at[0]), s(at[1] + 34.0)], Anchor::Middle, s(13.0), true, INK, casing);
}

fn legend(page: &mut Pixmap, sheet: &Sheet, at: [f32; 2], height: f32, typeface: &Typeface, scale: f32) {
    let s = |v: f32| v * scale;
    typeface.paint(page, &sheet.legend_title, [s(at[0]), s(at[1] + 8.0)], Anchor::Left, s(14.0), true, INK, None);
    fill(page, [s(at[0]), s(at[1] + 20.0), s(LEGEND_WIDTH), s(1.0)], LINE);
    let room = ((height - 32.0) / ROW).floor().max(1.0) as usize;
    let fits = sheet.legend.len() <= room;
    let shown = if fits { sheet.legend.len() } else { room - 1 };
    let mut y = at[1] + 34.0;
    for row in &sheet.legend[..shown] {
        let figure_width = typeface.width(&row.figure, 12.0, false);
        let mut name_left = at[0];
        if let Some((symbol, kind)) = &row.symbol {
            paint_swatch(page, [s(at[0]), s(y - 6.0), s(18.0), s(12.0)], symbol, *kind, scale);
            name_left += 26.0;
        }
        let name = fit(&row.name, at[0] + LEGEND_WIDTH - figure_width - 8.0 - name_left, typeface);
        let heading = row.symbol.is_none();
        typeface.paint(page, &name, [s(name_left), s(y)], Anchor::Left, s(12.0), heading, INK, None);
        let right = [s(at[0] + LEGEND_WIDTH), s(y)];
        typeface.paint(page, &row.figure, right, Anchor::Right, s(12.0), false, MUTED, None);
        y += ROW;
    }
    if !fits {
        let more = sheet.more.replace("{count}", &(sheet.legend.len() - shown).to_string());
        typeface.paint(page, &more, [s(at[0]), s(y)], Anchor::Left, s(11.5), false, MUTED, None);
    }
}
