//! Markers with their pictograms, and swatches for legends.

use tiny_skia::{FillRule, Path, PathBuilder, Pixmap, Rect, Transform};

use super::fill::FillPaint;
use super::pixels::{Pixels, Premultiplied};
use crate::model::GeometryKind;
use crate::model::style::{Color, Fill, Icon, Marker, Motif, Part, Pattern, Shape, Symbol, motif_line_width};
use crate::render::colors::{PALE_BEHIND, is_pale_on_paper};
use crate::render::lettering::paint_of;

/// Places within a pixel, along each side, that a marker is drawn at.
const PLACES: usize = 2;

/// A marker drawn once, to be laid down at many places.
#[derive(Debug)]
pub(super) struct Sprite {
    /// One picture for each place within a pixel.
    pictures: Vec<Pixmap>,
    /// From the middle to the edge of the pictures in pixels.
    reach: i32,
}

impl Sprite {
    /// The sprite of `marker` with `scale` pixels a logical pixel; `None` where it has no size.
    pub(super) fn new(marker: &Marker, scale: f32) -> Option<Self> {
        let reach = reach_px(marker, scale);
        let side = 2 * reach as u32 + 1;
        let pictures = (0..PLACES * PLACES).map(|place| {
            let mut picture = Pixmap::new(side, side)?;
            let offset = |i: usize| (i as f32 + 0.5) / PLACES as f32;
            paint_marker(&mut picture, [reach + offset(place % PLACES), reach + offset(place / PLACES)], marker, scale);
            Some(picture)
        });
        Some(Self { pictures: pictures.collect::<Option<_>>()?, reach: reach as i32 })
    }

    /// From its middle to its edge in pixels.
    pub(super) fn reach_px(&self) -> f64 {
        f64::from(self.reach)
    }

    /// Lays it over `pixels`, its middle at a pixel of the band.
    pub(super) fn lay(&self, pixels: &mut Pixels, at: [f64; 2]) {
        let height = (pixels.data.len() / 4 / pixels.width.max(1)) as i64;
        // Beyond this a place is not in any picture, or not a number at all.
        if !at.iter().all(|v| v.abs() < 1e9) {
            return;
        }
        let place = |v: f64| (((v - v.floor()) * PLACES as f64) as usize).min(PLACES - 1);
        let picture = &self.pictures[place(at[1]) * PLACES + place(at[0])];
        let (left, top) = (at[0].floor() as i64 - i64::from(self.reach), at[1].floor() as i64 - i64::from(self.reach));
        let side = i64::from(picture.width());
        for row in (-top).clamp(0, side)..(height - top).clamp(0, side) {
            for column in (-left).clamp(0, side)..(pixels.width as i64 - left).clamp(0, side) {
                let Some(pixel) = picture.pixel(column as u32, row as u32) else { continue };
                if pixel.alpha() > 0 {
                    let [r, g, b, a] = [pixel.red(), pixel.green(), pixel.blue(), pixel.alpha()].map(u32::from);
                    let to = (top + row) as usize * pixels.width + (left + column) as usize;
                    pixels.blend(to, Premultiplied { r, g, b, a }, 255);
                }
            }
        }
    }
}

/// A marker in the middle of a square picture of its own, `scale` pixels a logical pixel; `None` where it has no size.
pub fn marker_picture(marker: &Marker, scale: f32) -> Option<Pixmap> {
    let reach = reach_px(marker, scale);
    let mut picture = Pixmap::new(2 * reach as u32, 2 * reach as u32)?;
    paint_marker(&mut picture, [reach, reach], marker, scale);
    Some(picture)
}

/// From the middle of a marker to the edge of its picture, in whole pixels.
fn reach_px(marker: &Marker, scale: f32) -> f32 {
    let casing = marker.casing.map_or(0.0, |c| c.width_px);
    // Diamonds and triangles are a little larger than their size, so that all shapes weigh the same.
    ((marker.size_px / 2.0 * 1.25 + casing) * scale + 1.0).ceil().clamp(1.0, 512.0)
}

/// Paints one marker with its pictogram, its middle at a place of the picture.
pub fn paint_marker(pixmap: &mut Pixmap, at: [f32; 2], marker: &Marker, scale: f32) {
    for (path, color) in paths(at, marker, scale) {
        pixmap.fill_path(&path, &paint_of(color), FillRule::Winding, Transform::identity(), None);
    }
}

/// What a marker is made of, bottom to top, in logical pixels.
pub fn marker_paths(at: [f32; 2], marker: &Marker) -> Vec<(Path, Color)> {
    paths(at, marker, 1.0)
}

fn paths(at: [f32; 2], marker: &Marker, scale: f32) -> Vec<(Path, Color)> {
    let r = marker.size_px / 2.0 * scale;
    let casing = marker.casing.map(|c| (outline(marker.shape, at, r + c.width_px * scale), c.color));
    let bare = marker.shape == Shape::Bare;
    // By itself a pictogram is as large as the marker, and of its colour.
    let (icon_r, icon_color) = if bare { (r, marker.color) } else { (r * IN_OUTLINE, marker.icon_color) };
    let pictogram = match marker.icon {
        Icon::Figure(motif) => figure(motif, at, 2.0 * icon_r, scale),
        kind => icon(kind, at, r),
    };
    let own = [(outline(marker.shape, at, r), marker.color), (pictogram, icon_color)];
    casing.into_iter().chain(own).filter_map(|(path, color)| Some((path?, color))).collect()
}

/// The outline of a shape with half height `r`.
fn outline(shape: Shape, at: [f32; 2], r: f32) -> Option<Path> {
    let mut path = PathBuilder::new();
    match shape {
        Shape::Circle => path.push_circle(at[0], at[1], r),
        Shape::Square => path.push_rect(Rect::from_xywh(at[0] - r, at[1] - r, 2.0 * r, 2.0 * r)?),
        Shape::RoundedSquare => rounded(&mut path, at, r, r * 0.32),
        Shape::Diamond => polygon(&mut path, at, r, &[(0.0, -1.2), (1.2, 0.0), (0.0, 1.2), (-1.2, 0.0)]),
        Shape::Triangle => polygon(&mut path, at, r, &[(0.0, -1.1), (1.2, 0.95), (-1.2, 0.95)]),
        Shape::Bare => return None,
    }
    path.finish()
}

fn icon(icon: Icon, at: [f32; 2], r: f32) -> Option<Path> {
    let mut path = PathBuilder::new();
    match icon {
        Icon::None | Icon::Figure(_) => return None,
        Icon::House => polygon(
            &mut path,
            at,
            r,
            &[
                (0.0, -0.62),
                (0.62, -0.02),
                (0.62, 0.12),
                (0.5, 0.12),
                (0.5, 0.56),
                (0.15, 0.56),
                (0.15, 0.14),
                (-0.15, 0.14),
                (-0.15, 0.56),
                (-0.5, 0.56),
                (-0.5, 0.12),
                (-0.62, 0.12),
                (-0.62, -0.02),
            ],
        ),
        Icon::Star => {
            let points: Vec<(f32, f32)> = (0..10u8)
                .map(|i| {
                    let angle = f32::from(i) * std::f32::consts::PI / 5.0;
                    let reach = if i % 2 == 0 { 0.7 } else { 0.3 };
                    (angle.sin() * reach, -angle.cos() * reach)
                })
                .collect();
            polygon(&mut path, at, r, &points);
        }
        Icon::Flag => polygon(
            &mut path,
            at,
            r,
            &[(-0.4, -0.65), (-0.25, -0.65), (0.55, -0.3), (-0.25, 0.05), (-0.25, 0.65), (-0.4, 0.65)],
        ),
    }
    path.finish()
}

/// Share of a marker's size that a figure has inside its outline.
const IN_OUTLINE: f32 = 0.66;

/// A figure of that size as an outline to be filled.
fn figure(motif: Motif, at: [f32; 2], size: f32, scale: f32) -> Option<Path> {
    let place = |[x, y]: [f32; 2]| (at[0] + x * size, at[1] + y * size);
    let (mut lines, mut discs) = (PathBuilder::new(), PathBuilder::new());
    for part in motif.parts() {
        match part {
            Part::Line(points) => {
                for (i, point) in points.iter().enumerate() {
                    let (x, y) = place(*point);
                    if i == 0 { lines.move_to(x, y) } else { lines.line_to(x, y) }
                }
            }
            Part::Circle(middle, radius) => {
                let (x, y) = place(*middle);
                lines.push_circle(x, y, radius * size);
            }
            Part::Disc(middle, radius) => {
                let (x, y) = place(*middle);
                discs.push_circle(x, y, radius * size);
            }
        }
    }
    let width = motif_line_width(size / scale) * scale;
    let style = tiny_skia::Stroke { width, line_cap: tiny_skia::LineCap::Round, ..tiny_skia::Stroke::default() };
    let lines = lines.finish().and_then(|path| path.stroke(&style, 1.0));
    let mut whole = PathBuilder::new();
    [lines, discs.finish()].iter().flatten().for_each(|path| whole.push_path(path));
    whole.finish()
}

fn polygon(path: &mut PathBuilder, at: [f32; 2], r: f32, points: &[(f32, f32)]) {
    for (i, (x, y)) in points.iter().enumerate() {
        let (x, y) = (at[0] + x * r, at[1] + y * r);
        if i == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
    }
    path.close();
}

/// A square of half side `r` whose corners are rounded by `corner`.
fn rounded(path: &mut PathBuilder, at: [f32; 2], r: f32, corner: f32) {
    let [x, y] = at;
    // Control points of a cubic that follows a quarter of a circle within 0.03 %.
    let k = corner * 0.447_7;
    path.move_to(x - r + corner, y - r);
    path.line_to(x + r - corner, y - r);
    path.cubic_to(x + r - k, y - r, x + r, y - r + k, x + r, y - r + corner);
    path.line_to(x + r, y + r - corner);
    path.cubic_to(x + r, y + r - k, x + r - k, y + r, x + r - corner, y + r);
    path.line_to(x - r + corner, y + r);
    path.cubic_to(x - r + k, y + r, x - r, y + r - k, x - r, y + r - corner);
    path.line_to(x - r, y - r + corner);
    path.cubic_to(x - r, y - r + k, x - r + k, y - r, x - r + corner, y - r);
    path.close();
}

/// Paints a swatch of `symbol` into a rectangle (left, top, width, height), as legends show it: drawn like the map.
pub fn paint_swatch(pixmap: &mut Pixmap, rect: [f32; 4], symbol: &Symbol, kind: GeometryKind, scale: f32) {
    let [x, y, w, h] = rect;
    let middle = [x + w / 2.0, y + h / 2.0];
    match kind {
        GeometryKind::Polygon => {
            match symbol.fill {
                // One figure in the middle: a sheet of them would be cut by the edge.
                Fill::Pattern(pattern) => {
                    let one = Pattern { spacing_px: 1e6, ..pattern.in_swatch(w / scale, h / scale) };
                    fill_rect(pixmap, rect, &FillPaint::new(&Fill::Pattern(one), scale), middle);
                }
                fill => fill_rect(pixmap, rect, &FillPaint::new(&fill, scale), [0.0; 2]),
            }
            if let Some(stroke) = symbol.stroke {
                let bold = stroke.width_px >= crate::render::colors::BOLD_OUTLINE_PX;
                if bold && matches!(symbol.fill, Fill::None) {
                    // A bold line around nothing is a line to its reader.
                    return paint_line(pixmap, [x, middle[1], x + w, middle[1]], symbol, scale);
                }
                let width = (stroke.width_px * scale).clamp(scale * 0.7, h / 4.0);
                let inset = width / 2.0;
                let Some(frame) = Rect::from_xywh(x + inset, y + inset, w - width, h - width) else { return };
                let dash = stroke
                    .dash
                    .and_then(|d| tiny_skia::StrokeDash::new(vec![d.on_px * scale * 0.7, d.off_px * scale * 0.7], 0.0));
                let style = tiny_skia::Stroke { width, dash, ..tiny_skia::Stroke::default() };
                let path = PathBuilder::from_rect(frame);
                pixmap.stroke_path(&path, &paint_of(stroke.color), &style, Transform::identity(), None);
            }
        }
        GeometryKind::Line => paint_line(pixmap, [x, middle[1], x + w, middle[1]], symbol, scale),
        GeometryKind::Point | GeometryKind::None => {}
    }
    if let Some(marker) = &symbol.marker {
        let fitted = Marker { size_px: marker.size_px.min(h / scale), ..*marker };
        paint_marker(pixmap, middle, &fitted, scale);
    }
}

fn paint_line(pixmap: &mut Pixmap, [x0, y0, x1, y1]: [f32; 4], symbol: &Symbol, scale: f32) {
    let Some(stroke) = symbol.stroke else { return };
    let mut path = PathBuilder::new();
    path.move_to(x0, y0);
    path.line_to(x1, y1);
    let Some(path) = path.finish() else { return };
    if let Some(casing) = stroke.casing {
        let style = tiny_skia::Stroke { width: casing.width_px * scale, ..tiny_skia::Stroke::default() };
        pixmap.stroke_path(&path, &paint_of(casing.color), &style, Transform::identity(), None);
    }
    let line_width = stroke.width_px.max(0.7);
    if is_pale_on_paper(&stroke) {
        let style = tiny_skia::Stroke { width: (line_width + 2.0) * scale, ..tiny_skia::Stroke::default() };
        pixmap.stroke_path(&path, &paint_of(PALE_BEHIND), &style, Transform::identity(), None);
    }
    let dash = stroke.dash.and_then(|d| tiny_skia::StrokeDash::new(vec![d.on_px * scale, d.off_px * scale], 0.0));
    let style = tiny_skia::Stroke { width: line_width * scale, dash, ..tiny_skia::Stroke::default() };
    pixmap.stroke_path(&path, &paint_of(stroke.color), &style, Transform::identity(), None);
}

/// Fills a rectangle, rounded to whole pixels, with a fill that is fixed to `origin`.
fn fill_rect(pixmap: &mut Pixmap, [x, y, w, h]: [f32; 4], fill: &FillPaint, origin: [f32; 2]) {
    let (width, height) = (pixmap.width() as usize, pixmap.height() as usize);
    let span = |from: f32, size: f32, most: usize| {
        let first = (from.round().max(0.0) as usize).min(most);
        first..((from + size).round().max(0.0) as usize).clamp(first, most)
    };
    for row in span(y, h, height) {
        for column in span(x, w, width) {
            let at = (row * width + column) * 4;
            let color = fill.at([column as f32 + 0.5 - origin[0], row as f32 + 0.5 - origin[1]]);
            color.over(&mut pixmap.data_mut()[at..at + 4], 255);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::style::{Casing, Stroke};

    #[test]
    fn a_line_in_the_colour_of_paper_shows_in_a_legend() {
        let mut pixmap = Pixmap::new(30, 12).expect("has a size");
        pixmap.fill(tiny_skia::Color::WHITE);
        let stroke = Stroke { color: Color { a: 120, ..Color::WHITE }, width_px: 0.8, dash: None, casing: None };
        let symbol = Symbol { fill: Fill::None, stroke: Some(stroke), marker: None };
        paint_swatch(&mut pixmap, [0.0, 0.0, 30.0, 12.0], &symbol, GeometryKind::Line, 1.0);
        assert!(pixmap.pixels().iter().any(|pixel| pixel.red() < 200));
    }

    #[test]
    fn a_sprite_stands_where_it_is_laid() {
        let marker = Marker {
            shape: Shape::Square,
            size_px: 6.0,
            color: Color::rgb(200, 0, 0),
            icon: Icon::None,
            icon_color: Color::WHITE,
            casing: Some(Casing { color: Color::WHITE, width_px: 1.0 }),
        };
        let sprite = Sprite::new(&marker, 1.0).expect("has a size");
        let mut pixels = Pixels::new(40, 40, Color::BLACK);
        sprite.lay(&mut pixels, [20.25, 10.25]);
        sprite.lay(&mut pixels, [-3.0, 39.9]);
        sprite.lay(&mut pixels, [1e12, f64::NEG_INFINITY]);
        let (mut x, mut y, mut weight) = (0.0, 0.0, 0.0);
        for (i, pixel) in pixels.data.chunks(4).enumerate().filter(|(i, _)| i / 40 < 30) {
            let red = f64::from(pixel[0]) - f64::from(pixel[1]);
            x += red * ((i % 40) as f64 + 0.5);
            y += red * ((i / 40) as f64 + 0.5);
            weight += red;
        }
        assert!((x / weight - 20.25).abs() < 0.05 && (y / weight - 10.25).abs() < 0.05);
        assert!((weight / 200.0 - 36.0).abs() < 1.0, "{weight}");
    }

    #[test]
    fn figures_stand_alone_or_inside_an_outline() {
        for motif in Motif::ALL {
            let bounds = figure(motif, [0.0, 0.0], 20.0, 1.0).expect("a path").bounds();
            assert!(bounds.width() <= 23.0 && bounds.height() <= 23.0, "{}: {bounds:?}", motif.name());
        }
        let marker = |shape| Marker {
            shape,
            size_px: 20.0,
            color: Color::rgb(0, 90, 0),
            icon: Icon::Figure(Motif::Tree),
            icon_color: Color::WHITE,
            casing: None,
        };
        let colors =
            |shape| marker_paths([0.0, 0.0], &marker(shape)).into_iter().map(|(_, color)| color).collect::<Vec<_>>();
        assert_eq!(colors(Shape::Bare), [Color::rgb(0, 90, 0)]);
        assert_eq!(colors(Shape::Circle), [Color::rgb(0, 90, 0), Color::WHITE]);
    }

    #[test]
    fn every_icon_has_an_outline() {
        for kind in [Icon::House, Icon::Star, Icon::Flag] {
            let bounds = icon(kind, [0.0, 0.0], 10.0).expect("a path").bounds();
            assert!(bounds.left() > -10.0 && bounds.right() < 10.0 && bounds.top() > -10.0 && bounds.bottom() < 10.0);
        }
        assert!(icon(Icon::None, [0.0, 0.0], 10.0).is_none());
    }
}
