//! The CPU painter: a map as pixels, for exports, tests, and windows without a GPU.
//!
//! Bands of rows are painted on all cores, each from the features that the index finds in it. Polygons are filled
//! without anti-aliasing: neighbours share their edge exactly, no ground shows between them, and the number of pixels
//! of a class is true to its area. Outlines, lines and markers are smooth.

use std::sync::Arc;

use rayon::prelude::*;
use tiny_skia::{
    FillRule, FilterQuality, IntSize, LineCap, LineJoin, Paint, Path, PathBuilder, Pattern, Pixmap, PixmapPaint,
    SpreadMode, StrokeDash, Transform,
};

use super::MapView;
use super::lettering::{Anchor, Typeface, paint_of};
use crate::model::index::SpatialIndex;
use crate::model::style::{Color, Fill, Hatch, Icon, LayerStyle, Marker, Shape, Stroke, Symbol};
use crate::model::{Coord, Extent, GeometryBlock, GeometryKind};
use crate::task::{Cancelled, Progress};

/// A layer to be painted.
#[derive(Clone, Copy)]
pub struct PaintLayer<'a> {
    /// Blocks in the project CRS.
    pub blocks: &'a [Arc<GeometryBlock>],
    /// First feature of each block, and the count at the end.
    pub starts: &'a [usize],
    /// Index over the features.
    pub index: &'a SpatialIndex,
    /// How it is drawn.
    pub style: &'a LayerStyle,
    /// Number of the symbol of each feature.
    pub symbols: &'a [u16],
    /// Side of a typical feature in world units, for fading outlines; 0 where they never fade.
    pub feature_size: f64,
    /// Features that are selected, ascending.
    pub selected: &'a [usize],
    /// Texts at places in the world, in order of importance.
    pub labels: &'a [(Coord, String)],
    /// Whether markers are painted; a window draws them itself, over everything.
    pub markers: bool,
}

/// Colours that belong to the theme, not to a layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PaintColors {
    /// Where nothing is.
    pub ground: Color,
    /// Text.
    pub text: Color,
    /// Selection.
    pub accent: Color,
    /// Around what is selected.
    pub casing: Color,
    /// Share of full strength that fills have; the rest is ground.
    pub fill_strength: f32,
}

impl PaintColors {
    /// The light theme, which exports use.
    pub const LIGHT: Self = Self {
        ground: Color::rgb(0xF7, 0xF6, 0xF1),
        text: Color::rgb(0x17, 0x20, 0x2B),
        accent: Color::rgb(0x16, 0x68, 0xDC),
        casing: Color::WHITE,
        fill_strength: 1.0,
    };
}

/// Rows of pixels that one task paints.
const BAND_HEIGHT: u32 = 96;

/// Paints `layers`, bottom to top, for `view`; `scale` pixels a unit of the view's pixels, which are the style's.
///
/// # Errors
/// [`Cancelled`]; progress counts bands.
///
/// # Panics
/// Never: a view of no size gives a picture of one pixel.
pub fn paint(
    view: &MapView,
    scale: f32,
    layers: &[PaintLayer<'_>],
    colors: &PaintColors,
    typeface: Option<&Typeface>,
    progress: &Progress,
) -> Result<Pixmap, Cancelled> {
    let size = view.size_px.map(|s| ((s as f32 * scale).round() as u32).clamp(1, 16_384));
    let band_count = size[1].div_ceil(BAND_HEIGHT);
    progress.add_total(u64::from(band_count));
    let bands: Result<Vec<Vec<u8>>, Cancelled> = (0..band_count)
        .into_par_iter()
        .map(|band| {
            let top = band * BAND_HEIGHT;
            let height = BAND_HEIGHT.min(size[1] - top);
            let painter = Band::new(view, scale, size[0], top, height, colors);
            let pixels = painter.paint(layers, progress)?;
            progress.tick(1)?;
            Ok(pixels)
        })
        .collect();
    let pixels = bands?.concat();
    let size = IntSize::from_wh(size[0], size[1]).expect("clamped to at least one pixel");
    let mut pixmap = Pixmap::from_vec(pixels, size).expect("bands add up to the picture");
    paint_points_and_labels(&mut pixmap, view, scale, layers, colors, typeface);
    Ok(pixmap)
}

struct Band<'a> {
    view: &'a MapView,
    scale: f32,
    top: u32,
    extent: Extent,
    colors: &'a PaintColors,
    pixmap: Pixmap,
}

impl<'a> Band<'a> {
    fn new(view: &'a MapView, scale: f32, width: u32, top: u32, height: u32, colors: &'a PaintColors) -> Self {
        let mut pixmap = Pixmap::new(width, height).expect("a band has at least one pixel");
        let ground = colors.ground;
        pixmap.fill(tiny_skia::Color::from_rgba8(ground.r, ground.g, ground.b, ground.a));
        // Wide strokes of features outside reach in.
        let reach = 12.0;
        let y = |row: f64| row / f64::from(scale);
        let corners = [
            view.world_from_screen([-reach, y(f64::from(top)) - reach]),
            view.world_from_screen([view.size_px[0] + reach, y(f64::from(top + height)) + reach]),
        ];
        Self { view, scale, top, extent: Extent::of(&corners), colors, pixmap }
    }

    fn paint(mut self, layers: &[PaintLayer<'_>], progress: &Progress) -> Result<Vec<u8>, Cancelled> {
        for layer in layers {
            if layer.style.opacity >= 0.999 {
                self.layer(layer, progress)?;
            } else {
                // As a whole, so that what overlaps within the layer does not show through.
                let empty = Pixmap::new(self.pixmap.width(), self.pixmap.height()).expect("same size");
                let below = std::mem::replace(&mut self.pixmap, empty);
                self.layer(layer, progress)?;
                let above = std::mem::replace(&mut self.pixmap, below);
                let paint = PixmapPaint { opacity: layer.style.opacity, ..PixmapPaint::default() };
                self.pixmap.draw_pixmap(0, 0, above.as_ref(), &paint, Transform::identity(), None);
            }
        }
        for layer in layers.iter().filter(|l| !l.selected.is_empty()) {
            self.selection(layer);
        }
        Ok(self.pixmap.take())
    }

    fn layer(&mut self, layer: &PaintLayer<'_>, progress: &Progress) -> Result<(), Cancelled> {
        let mut features = layer.index.query(&self.extent);
        features.sort_unstable();
        let symbol_of = |feature: usize| {
            let index = layer.symbols.get(feature).map_or(0, |s| usize::from(*s));
            layer.style.is_visible(index).then(|| layer.style.symbol(index)).flatten()
        };
        let mut seen: Vec<(Path, &Symbol)> = Vec::new();
        for (i, feature) in features.into_iter().enumerate() {
            if i % 4096 == 0 {
                progress.tick(0)?;
            }
            let (Some(symbol), (block, row)) = (symbol_of(feature), locate(layer, feature)) else { continue };
            let Some(path) = self.path(block, row) else { continue };
            if block.kind() == GeometryKind::Polygon {
                self.fill(&path, &symbol.fill);
            }
            if symbol.stroke.is_some() {
                seen.push((path, symbol));
            }
        }
        let px_per_unit = 1.0 / self.view.units_per_px;
        let fade = if layer.feature_size > 0.0 {
            ((layer.feature_size * px_per_unit - 3.0) / 6.0).clamp(0.0, 1.0) as f32
        } else {
            1.0
        };
        for (path, symbol) in &seen {
            if let Some(casing) = symbol.stroke.as_ref().and_then(|s| s.casing) {
                self.stroke(path, casing.color, casing.width_px, None);
            }
        }
        for (path, symbol) in &seen {
            if let Some(stroke) = &symbol.stroke {
                let fade = if stroke.width_px >= 1.5 { 1.0 } else { fade };
                if fade > 0.0 {
                    let color = stroke.color.with_alpha((f32::from(stroke.color.a) * fade).round() as u8);
                    self.stroke(path, color, stroke.width_px, Some(stroke));
                }
            }
        }
        Ok(())
    }

    fn selection(&mut self, layer: &PaintLayer<'_>) {
        let mut tint = paint_of(self.colors.accent.with_alpha(46));
        tint.anti_alias = false;
        let mut paths = Vec::new();
        for feature in layer.selected {
            let (block, row) = locate(layer, *feature);
            if block.feature_extent(row).intersects(&self.extent)
                && let Some(path) = self.path(block, row)
            {
                if block.kind() == GeometryKind::Polygon {
                    self.pixmap.fill_path(&path, &tint, FillRule::EvenOdd, Transform::identity(), None);
                }
                paths.push(path);
            }
        }
        for (color, width) in [(self.colors.casing, 4.0), (self.colors.accent, 2.0)] {
            for path in &paths {
                self.stroke(path, color, width, None);
            }
        }
    }

    /// The feature in pixels of the band.
    fn path(&self, block: &GeometryBlock, row: usize) -> Option<Path> {
        let mut builder = PathBuilder::new();
        let mut add = |coords: &[Coord], close: bool| {
            let mut last: Option<[f32; 2]> = None;
            for c in coords.iter().filter(|c| c.x.is_finite() && c.y.is_finite()) {
                let [x, y] = self.view.screen_from_world(*c);
                let x = (x as f32 * self.scale).clamp(-1e5, 1e5);
                let y = (y as f32 * self.scale - self.top as f32).clamp(-1e5, 1e5);
                match last {
                    None => builder.move_to(x, y),
                    // What is nearer than an eighth of a pixel cannot be seen.
                    Some(p) if (p[0] - x).abs() + (p[1] - y).abs() < 0.125 => continue,
                    Some(_) => builder.line_to(x, y),
                }
                last = Some([x, y]);
            }
            if close && last.is_some() {
                builder.close();
            }
        };
        match block.kind() {
            GeometryKind::Polygon => block.polygon(row).rings().for_each(|(_, ring)| add(ring, true)),
            GeometryKind::Line => block.paths(row).for_each(|path| add(path, false)),
            GeometryKind::Point | GeometryKind::None => return None,
        }
        builder.finish()
    }

    fn fill(&mut self, path: &Path, fill: &Fill) {
        let weakened = |c: Color| {
            let mixed = self.colors.ground.mix(c.with_alpha(255), self.colors.fill_strength);
            mixed.with_alpha(c.a)
        };
        let solid = |c: Color| {
            let mut paint = paint_of(c);
            paint.anti_alias = false;
            paint
        };
        match fill {
            Fill::None => {}
            Fill::Solid(color) => {
                let paint = solid(weakened(*color));
                self.pixmap.fill_path(path, &paint, FillRule::EvenOdd, Transform::identity(), None);
            }
            Fill::Hatch(hatch) => {
                if let Some(back) = hatch.back {
                    let paint = solid(weakened(back));
                    self.pixmap.fill_path(path, &paint, FillRule::EvenOdd, Transform::identity(), None);
                }
                let Some(tile) = hatch_tile(hatch, self.scale) else { return };
                // Fixed to the picture, not to the band.
                let transform = Transform::from_rotate(hatch.angle_deg).post_translate(0.0, -(self.top as f32));
                let shader = Pattern::new(tile.as_ref(), SpreadMode::Repeat, FilterQuality::Bilinear, 1.0, transform);
                let paint = Paint { shader, anti_alias: false, ..Paint::default() };
                self.pixmap.fill_path(path, &paint, FillRule::EvenOdd, Transform::identity(), None);
            }
        }
    }

    fn stroke(&mut self, path: &Path, color: Color, width_px: f32, style: Option<&Stroke>) {
        let mut stroke = tiny_skia::Stroke {
            width: width_px * self.scale,
            line_cap: LineCap::Round,
            line_join: LineJoin::Round,
            ..tiny_skia::Stroke::default()
        };
        if let Some(dash) = style.and_then(|s| s.dash) {
            stroke.line_cap = LineCap::Butt;
            stroke.dash = StrokeDash::new(vec![dash.on_px * self.scale, dash.off_px * self.scale], 0.0);
        }
        self.pixmap.stroke_path(path, &paint_of(color), &stroke, Transform::identity(), None);
    }
}

fn locate<'a>(layer: &PaintLayer<'a>, feature: usize) -> (&'a GeometryBlock, usize) {
    let block = layer.starts.partition_point(|start| *start <= feature) - 1;
    (&layer.blocks[block], feature - layer.starts[block])
}

/// One period of a hatch with horizontal lines.
fn hatch_tile(hatch: &Hatch, scale: f32) -> Option<Pixmap> {
    // Whole pixels, so that periods join.
    let period = (hatch.spacing_px * scale).round().max(2.0);
    let mut tile = Pixmap::new(8, period as u32)?;
    let width = hatch.width_px * scale;
    let rect = tiny_skia::Rect::from_xywh(0.0, (period - width) / 2.0, 8.0, width)?;
    tile.fill_rect(rect, &paint_of(hatch.color), Transform::identity(), None);
    Some(tile)
}

fn paint_points_and_labels(
    pixmap: &mut Pixmap,
    view: &MapView,
    scale: f32,
    layers: &[PaintLayer<'_>],
    colors: &PaintColors,
    typeface: Option<&Typeface>,
) {
    let extent = view.extent();
    let to_screen = |c: Coord| view.screen_from_world(c).map(|v| v as f32 * scale);
    let mut taken: Vec<[f32; 4]> = Vec::new();
    for layer in layers.iter().filter(|l| l.markers) {
        for feature in layer.index.query(&extent) {
            let index = layer.symbols.get(feature).map_or(0, |s| usize::from(*s));
            let symbol = layer.style.is_visible(index).then(|| layer.style.symbol(index)).flatten();
            let Some(marker) = symbol.and_then(|s| s.marker.as_ref()) else { continue };
            let (block, row) = locate(layer, feature);
            let inside;
            let points = if block.kind() == GeometryKind::Point {
                block.points(row)
            } else {
                inside = [super::label::inside_point(block, row)];
                &inside[..]
            };
            for point in points.iter().filter(|p| extent.contains(**p)) {
                let at = to_screen(*point);
                paint_marker(pixmap, at, marker, scale);
                let r = (marker.size_px / 2.0 + 2.0) * scale;
                taken.push([at[0] - r, at[1] - r, at[0] + r, at[1] + r]);
            }
        }
    }
    let Some(typeface) = typeface else { return };
    let size = 12.5 * scale;
    for layer in layers.iter().rev() {
        let marker = (0..layer.style.symbol_count()).find_map(|i| layer.style.symbol(i)?.marker.as_ref());
        let beside = marker.map(|m| (m.size_px / 2.0 + 5.0) * scale);
        for (place, text) in layer.labels.iter().filter(|(c, _)| extent.contains(*c)) {
            let [x, y] = to_screen(*place);
            let width = typeface.width(text, size, false);
            let left = beside.map_or(x - width / 2.0, |offset| x + offset);
            let area = [left - 2.0, y - size * 0.6, left + width + 2.0, y + size * 0.6];
            let free = taken.iter().all(|o| area[2] < o[0] || o[2] < area[0] || area[3] < o[1] || o[3] < area[1]);
            if free {
                taken.push(area);
                let casing = Some((colors.ground.with_alpha(220), 3.0 * scale));
                typeface.paint(pixmap, text, [left, y], Anchor::Left, size, false, colors.text, casing);
            }
        }
    }
}

/// Paints one marker with its pictogram at a pixel.
pub fn paint_marker(pixmap: &mut Pixmap, at: [f32; 2], marker: &Marker, scale: f32) {
    let r = marker.size_px / 2.0 * scale;
    let outline = |r: f32| -> Option<Path> {
        let mut path = PathBuilder::new();
        match marker.shape {
            Shape::Circle => path.push_circle(at[0], at[1], r),
            Shape::Square | Shape::RoundedSquare => {
                path.push_rect(tiny_skia::Rect::from_xywh(at[0] - r, at[1] - r, 2.0 * r, 2.0 * r)?);
            }
            Shape::Diamond => polygon(&mut path, at, &[(0.0, -1.2), (1.2, 0.0), (0.0, 1.2), (-1.2, 0.0)], r),
            Shape::Triangle => polygon(&mut path, at, &[(0.0, -1.2), (1.2, 0.9), (-1.2, 0.9)], r),
        }
        path.finish()
    };
    let mut fill = |r: f32, color: Color| {
        if let Some(path) = outline(r) {
            pixmap.fill_path(&path, &paint_of(color), FillRule::Winding, Transform::identity(), None);
        }
    };
    if let Some(casing) = marker.casing {
        fill(r + casing.width_px * scale, casing.color);
    }
    fill(r, marker.color);
    let mut path = PathBuilder::new();
    match marker.icon {
        Icon::None => return,
        Icon::House => polygon(
            &mut path,
            at,
            &[(0.0, -0.65), (0.65, -0.05), (0.45, -0.05), (0.45, 0.55), (-0.45, 0.55), (-0.45, -0.05), (-0.65, -0.05)],
            r,
        ),
        Icon::Star => {
            let points: Vec<(f32, f32)> = (0..10u8)
                .map(|i| {
                    let angle = f32::from(i) * std::f32::consts::PI / 5.0;
                    let reach = if i % 2 == 0 { 0.7 } else { 0.3 };
                    (angle.sin() * reach, -angle.cos() * reach)
                })
                .collect();
            polygon(&mut path, at, &points, r);
        }
        Icon::Flag => {
            polygon(&mut path, at, &[(-0.35, 0.65), (-0.35, -0.65), (0.55, -0.3), (-0.2, 0.05), (-0.2, 0.65)], r);
        }
    }
    if let Some(path) = path.finish() {
        pixmap.fill_path(&path, &paint_of(marker.icon_color), FillRule::Winding, Transform::identity(), None);
    }
}

fn polygon(path: &mut PathBuilder, at: [f32; 2], points: &[(f32, f32)], r: f32) {
    for (i, (x, y)) in points.iter().enumerate() {
        let (x, y) = (at[0] + x * r, at[1] + y * r);
        if i == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
    }
    path.close();
}

/// A swatch of a symbol, as legends show it.
pub fn paint_swatch(pixmap: &mut Pixmap, rect: [f32; 4], symbol: &Symbol, kind: GeometryKind, scale: f32) {
    let [x, y, w, h] = rect;
    let Some(area) = tiny_skia::Rect::from_xywh(x, y, w, h) else { return };
    let mut path = PathBuilder::new();
    if kind == GeometryKind::Polygon {
        path.push_rect(area);
    } else {
        path.move_to(x, y + h / 2.0);
        path.line_to(x + w, y + h / 2.0);
    }
    let Some(path) = path.finish() else { return };
    if kind == GeometryKind::Polygon {
        match &symbol.fill {
            Fill::None => {}
            Fill::Solid(color) => {
                pixmap.fill_path(&path, &paint_of(*color), FillRule::Winding, Transform::identity(), None);
            }
            Fill::Hatch(hatch) => {
                if let Some(back) = hatch.back {
                    pixmap.fill_path(&path, &paint_of(back), FillRule::Winding, Transform::identity(), None);
                }
                if let Some(tile) = hatch_tile(hatch, scale) {
                    let transform = Transform::from_rotate(hatch.angle_deg);
                    let shader =
                        Pattern::new(tile.as_ref(), SpreadMode::Repeat, FilterQuality::Bilinear, 1.0, transform);
                    let paint = Paint { shader, anti_alias: true, ..Paint::default() };
                    pixmap.fill_path(&path, &paint, FillRule::Winding, Transform::identity(), None);
                }
            }
        }
    }
    if let Some(stroke) = &symbol.stroke {
        let width = stroke.width_px.max(0.7) * scale;
        let stroke_style = tiny_skia::Stroke { width, ..tiny_skia::Stroke::default() };
        pixmap.stroke_path(&path, &paint_of(stroke.color), &stroke_style, Transform::identity(), None);
    }
    if let Some(marker) = &symbol.marker {
        let fitted = Marker { size_px: marker.size_px.min(h / scale), ..*marker };
        paint_marker(pixmap, [x + w / 2.0, y + h / 2.0], &fitted, scale);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::GeometryBuilder;
    use crate::model::style::Symbol;

    /// Squares of 10 m side in a row, each with its own symbol.
    fn check(symbols: &[Symbol], width: f64, test: impl Fn(&Pixmap)) {
        let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
        for i in 0..symbols.len() {
            let x = 39_500_000.0 + 10.0 * i as f64;
            let ring = [(x, 0.0), (x + 10.0, 0.0), (x + 10.0, 10.0), (x, 10.0), (x, 0.0)];
            builder.polygon(&[vec![ring.map(|(x, y)| Coord { x, y }).to_vec()]]);
        }
        let blocks = [Arc::new(builder.finish())];
        let starts = [0, symbols.len()];
        let index = SpatialIndex::build(&blocks, &Progress::new()).expect("not cancelled");
        let view = MapView::fit(&blocks[0].extent(), [width, width / symbols.len() as f64], 0.0);
        let styles: Vec<LayerStyle> = symbols.iter().map(|s| LayerStyle::single(*s)).collect();
        let all: Vec<u16> = vec![0; symbols.len()];
        // One layer a symbol, each hiding the other squares by a selection of rows: a style per layer keeps it short.
        let layers: Vec<PaintLayer<'_>> = styles
            .iter()
            .map(|style| PaintLayer {
                blocks: &blocks,
                starts: &starts,
                index: &index,
                style,
                symbols: &all,
                feature_size: 10.0,
                selected: &[],
                labels: &[],
                markers: true,
            })
            .collect();
        let pixmap = paint(&view, 1.0, &layers, &PaintColors::LIGHT, None, &Progress::new()).expect("not cancelled");
        test(&pixmap);
    }

    fn solid(color: Color) -> Symbol {
        Symbol { fill: Fill::Solid(color), ..Symbol::default() }
    }

    #[test]
    fn neighbours_leave_no_gap_and_bands_join() {
        check(&[solid(Color::rgb(200, 30, 30)); 3], 301.0, |pixmap| {
            let other = pixmap.pixels().iter().filter(|p| (p.red(), p.green()) != (200, 30)).count();
            // Only the border of the picture may round outwards.
            assert!(other <= 2 * (pixmap.width() + pixmap.height()) as usize, "{other} pixels of ground");
            let middle = pixmap.pixel(150, 50).expect("inside");
            assert_eq!((middle.red(), middle.green(), middle.blue()), (200, 30, 30));
        });
    }

    #[test]
    fn a_hatch_covers_its_share() {
        let hatch =
            Hatch { color: Color::BLACK, angle_deg: 45.0, spacing_px: 8.0, width_px: 2.0, back: Some(Color::WHITE) };
        check(&[Symbol { fill: Fill::Hatch(hatch), ..Symbol::default() }], 400.0, |pixmap| {
            let dark: f64 = pixmap.pixels().iter().map(|p| 1.0 - f64::from(p.red()) / 255.0).sum();
            let share = dark / f64::from(pixmap.width() * pixmap.height());
            assert!((share - 0.25).abs() < 0.02, "{share}");
        });
    }

    #[test]
    fn an_empty_scene_is_ground() {
        let view = MapView { center: Coord { x: 0.0, y: 0.0 }, units_per_px: 1.0, size_px: [10.0, 10.0] };
        let pixmap = paint(&view, 2.0, &[], &PaintColors::LIGHT, None, &Progress::new()).expect("not cancelled");
        assert_eq!((pixmap.width(), pixmap.height()), (20, 20));
        assert!(pixmap.pixels().iter().all(|p| p.red() == 0xF7));
    }

    #[test]
    fn a_cancelled_picture_is_not_made() {
        let view = MapView { center: Coord { x: 0.0, y: 0.0 }, units_per_px: 1.0, size_px: [10.0, 10.0] };
        let progress = Progress::new();
        progress.cancel();
        assert_eq!(paint(&view, 1.0, &[], &PaintColors::LIGHT, None, &progress).err(), Some(Cancelled));
    }
}
