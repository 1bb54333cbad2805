//! The CPU painter: a map as pixels, for exports, thumbnails, tests, and windows without a GPU.
//!
//! Bands of rows are painted on all cores, each from the features that the index finds in it. Fills decide 16 samples a
//! pixel, so that neighbours leave no gap and the samples of a class are true to its area ([`fill`]); lines and
//! markers are smooth. Where features are hardly larger than pixels and the layer has a pyramid, each pixel is looked up
//! in it instead, and thin outlines are left out. Markers and labels stand above all fills and lines. Images lie where they
//! stand among the parts of a map.

use std::sync::Arc;

use rayon::prelude::*;
use tiny_skia::{IntSize, Pixmap};

use super::MapView;
use super::colors::{BOLD_OUTLINE_PX, outline_strength, quieted};
use super::image::Image;
use super::labels::{Annotated, Label, Places};
use super::lettering::Typeface;
use super::pyramid::{Level, Pyramid};
use crate::model::index::SpatialIndex;
use crate::model::style::{Blend, Color, LayerStyle, Symbol};
use crate::model::{Coord, Extent, GeometryBlock, GeometryKind};
use crate::task::{Cancelled, Progress};

pub mod fill;
mod image;
mod kept;
pub mod line;
mod lookup;
mod marker;
pub mod pixels;
mod writing;

pub use super::colors::PaintColors;
pub use kept::Kept;
pub use marker::{marker_paths, marker_picture, paint_marker, paint_swatch};

use fill::{FillPaint, SampleGrid};
use image::Laid;
use kept::{Keeping, Of, Room, Trace};
use line::{LineGrid, Pen};
use marker::Sprite;
use pixels::{Pixels, Premultiplied, ToPixels};
use writing::paint_labels;

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
    /// Side of a typical feature in world units; thin outlines fade around features that are small on screen, and never
    /// where this is 0.
    pub feature_size: f64,
    /// Which feature covers each pixel at small scales; without it the geometry is painted at every scale.
    pub pyramid: Option<&'a Pyramid>,
    /// Features that are selected, ascending.
    pub selected: &'a [usize],
    /// What may be written on its features, the most important first.
    pub labels: &'a [Label],
    /// Where places of labels and markers are kept.
    pub places: &'a Places,
    /// Whether markers are painted; a window draws them itself, over everything.
    pub markers: bool,
    /// What it covered in the last picture, used and made anew where there is a place for it. It must not serve other
    /// blocks or symbol numbers.
    pub kept: Option<&'a Kept>,
}

/// One of the parts of a map's picture, which are laid over each other, the lowest first.
#[derive(Clone)]
pub enum MapPart<'a> {
    /// Layers, bottom to top.
    Layers(Vec<PaintLayer<'a>>),
    /// An image.
    Image(&'a Image),
}

impl PaintLayer<'_> {
    /// The block that a feature stands in, and its row there.
    pub fn locate(&self, feature: usize) -> Option<(&GeometryBlock, usize)> {
        let block = self.starts.partition_point(|start| *start <= feature).checked_sub(1)?;
        let geometry = self.blocks.get(block)?;
        let row = feature - self.starts[block];
        (row < geometry.feature_count()).then_some((&**geometry, row))
    }

    /// Number of the symbol of a feature.
    pub fn symbol_number(&self, feature: usize) -> usize {
        self.symbols.get(feature).map_or(0, |symbol| usize::from(*symbol))
    }
}

/// Most rows of pixels that one task paints.
const BAND_HEIGHT: u32 = 64;
/// Widest and highest picture in pixels.
const MOST_PX: u32 = 16_384;

/// Paints `layers`, bottom to top, for `view`; `scale` pixels a pixel of the view, which are the style's pixels. Labels
/// are left out without a typeface. A picture has at least one pixel, and at most 16,384 on a side.
///
/// # Errors
/// [`Cancelled`]; progress counts bands.
pub fn paint(
    view: &MapView,
    scale: f32,
    layers: &[PaintLayer<'_>],
    colors: &PaintColors,
    typeface: Option<&Typeface>,
    progress: &Progress,
) -> Result<Pixmap, Cancelled> {
    paint_parts(colors.ground, view, scale, &[MapPart::Layers(layers.to_vec())], colors, typeface, progress)
}

/// The same of all parts of a map, on `ground`, so that a picture can be laid over others. Markers, labels and what is
/// selected stand above all parts.
///
/// # Errors
/// [`Cancelled`]; progress counts bands.
pub fn paint_parts(
    ground: Color,
    view: &MapView,
    scale: f32,
    parts: &[MapPart<'_>],
    colors: &PaintColors,
    typeface: Option<&Typeface>,
    progress: &Progress,
) -> Result<Pixmap, Cancelled> {
    let [width, height] = view.size_px.map(|s| ((s * f64::from(scale)).round() as u32).clamp(1, MOST_PX));
    let band_count = height.div_ceil(BAND_HEIGHT);
    progress.add_total(u64::from(band_count));
    let mut ready: Vec<Ready<'_>> = Vec::new();
    // Images with the number of layers beneath them.
    let mut images: Vec<(usize, Laid<'_>)> = Vec::new();
    for part in parts {
        match part {
            MapPart::Layers(layers) => {
                ready.extend(layers.iter().map(|layer| Ready::new(layer, view, scale, colors, band_count)));
            }
            MapPart::Image(image) => images.push((ready.len(), Laid::new(image, view, scale, [width, height]))),
        }
    }
    let room = Room::beside(ready.iter().map(|ready| ready.keeping.known_bytes()).sum());
    let mut data = vec![0; width as usize * height as usize * 4];
    let band_bytes = (width * BAND_HEIGHT * 4) as usize;
    data.par_chunks_mut(band_bytes).enumerate().try_for_each_init(
        || None,
        |grids: &mut Option<Grids>, (band, out)| {
            let top = band as u32 * BAND_HEIGHT;
            let rows = BAND_HEIGHT.min(height - top);
            let grids = match grids {
                Some(grids) if grids.rows == rows => grids,
                _ => grids.insert(Grids::new(width, rows)),
            };
            let mut painter = Band::new(ground, view, scale, top, [width, rows], colors, &room, grids);
            painter.paint(&ready, &images, progress)?;
            out.copy_from_slice(&painter.pixels.data);
            progress.tick(1)
        },
    )?;
    let size = IntSize::from_wh(width, height).expect("clamped to at least one pixel");
    let mut pixmap = Pixmap::from_vec(data, size).expect("bands add up to the picture");
    if let Some(typeface) = typeface {
        paint_labels(&mut pixmap, view, scale, &ready, colors, typeface);
    }
    ready.into_iter().for_each(|ready| ready.keeping.finish());
    Ok(pixmap)
}

/// A layer with its paints for one scale and theme.
struct Ready<'a> {
    layer: &'a PaintLayer<'a>,
    /// Where the fills are looked up.
    level: Option<&'a Level>,
    /// Whether each feature is selected, for the look-up; empty where none is.
    selected: Vec<bool>,
    fills: Vec<FillPaint>,
    casings: Vec<Option<(Pen, Premultiplied)>>,
    strokes: Vec<Option<(Pen, Premultiplied)>>,
    sprites: Vec<Option<Sprite>>,
    /// Middle of each marker in pixels of the picture, and the number of its symbol.
    markers: Vec<([f64; 2], u16)>,
    keeping: Keeping<'a>,
}

impl<'a> Ready<'a> {
    fn new(layer: &'a PaintLayer<'a>, view: &MapView, scale: f32, theme: &PaintColors, band_count: u32) -> Self {
        let style = layer.style;
        let size_px = if layer.feature_size > 0.0 { layer.feature_size / view.units_per_px } else { f64::INFINITY };
        let as_shown = |symbol: &Symbol| theme.themed(&quieted(symbol, size_px));
        let symbols: Vec<Option<Symbol>> =
            (0..style.symbol_count()).map(|i| style.symbol(i).filter(|_| style.is_visible(i)).map(as_shown)).collect();
        let fills = symbols.iter().map(|s| FillPaint::new(&s.as_ref().map(|s| s.fill).unwrap_or_default(), scale));
        let stroke_of = |symbol: &Option<Symbol>| symbol.as_ref().and_then(|s| s.stroke).filter(|s| s.width_px > 0.0);
        let casings = symbols.iter().enumerate().map(|(i, symbol)| {
            let casing = stroke_of(symbol)?.casing.filter(|c| c.color.a > 0)?;
            Some((Pen::new(casing.width_px, None, scale, i as u16), Premultiplied::of(casing.color, 1.0)))
        });
        let strokes = symbols.iter().enumerate().map(|(i, symbol)| {
            let stroke = stroke_of(symbol).filter(|s| s.color.a > 0)?;
            Some((Pen::new(stroke.width_px, stroke.dash, scale, i as u16), Premultiplied::of(stroke.color, 1.0)))
        });
        let sprites: Vec<Option<Sprite>> = symbols
            .iter()
            .map(|s| s.as_ref().and_then(|s| s.marker).filter(|_| layer.markers).and_then(|m| Sprite::new(&m, scale)))
            .collect();
        let markers = markers(layer, view, scale, &sprites);
        let level = layer.pyramid.and_then(|pyramid| pyramid.level(view.units_per_px / f64::from(scale)));
        let mut selected = Vec::new();
        if level.is_some() && !layer.selected.is_empty() {
            selected = vec![false; layer.starts.last().copied().unwrap_or(0)];
            for feature in layer.selected {
                if let Some(selected) = selected.get_mut(*feature) {
                    *selected = true;
                }
            }
        }
        let (fills, casings, strokes): (Vec<_>, Vec<_>, Vec<_>) =
            (fills.collect(), casings.collect(), strokes.collect());
        let of = Of::new(view, scale, level.is_some(), &fills, &casings, &strokes);
        let keeping = Keeping::new(layer.kept, of, band_count);
        Self { layer, level, selected, fills, casings, strokes, sprites, markers, keeping }
    }
}

/// Where the markers of `layer` stand that reach into the view.
fn markers(layer: &PaintLayer<'_>, view: &MapView, scale: f32, sprites: &[Option<Sprite>]) -> Vec<([f64; 2], u16)> {
    let reach = sprites.iter().flatten().map(Sprite::reach_px).fold(0.0, f64::max);
    if reach == 0.0 {
        return Vec::new();
    }
    let extent = grown(&view.extent(), reach / f64::from(scale) * view.units_per_px);
    let to_pixels = ToPixels::new(view, f64::from(scale), 0);
    annotated(layer).markers(&extent).into_iter().map(|(point, number)| (to_pixels.at(point), number)).collect()
}

fn grown(extent: &Extent, by: f64) -> Extent {
    let (min, max) = (extent.min, extent.max);
    Extent { min: Coord { x: min.x - by, y: min.y - by }, max: Coord { x: max.x + by, y: max.y + by } }
}

/// Working memory of a band, kept between bands.
struct Grids {
    rows: u32,
    samples: SampleGrid,
    lines: LineGrid,
}

impl Grids {
    fn new(width: u32, rows: u32) -> Self {
        let (width, height) = (width as usize, rows as usize);
        Self { rows, samples: SampleGrid::new(width, height), lines: LineGrid::new(width, height) }
    }
}

struct Band<'a> {
    top: u32,
    size: [u32; 2],
    scale: f32,
    extent: Extent,
    units_per_px: f64,
    to_pixels: ToPixels,
    colors: &'a PaintColors,
    pixels: Pixels,
    /// For what is kept.
    room: &'a Room,
    grids: &'a mut Grids,
}

impl<'a> Band<'a> {
    fn new(
        ground: Color,
        view: &MapView,
        scale: f32,
        top: u32,
        size: [u32; 2],
        colors: &'a PaintColors,
        room: &'a Room,
        grids: &'a mut Grids,
    ) -> Self {
        let factor = f64::from(scale);
        let corner = |x: u32, y: u32| view.world_from_screen([f64::from(x) / factor, f64::from(y) / factor]);
        Self {
            top,
            size,
            scale,
            extent: Extent::of(&[corner(0, top), corner(size[0], top + size[1])]),
            units_per_px: view.units_per_px / factor,
            to_pixels: ToPixels::new(view, factor, top),
            colors,
            pixels: Pixels::new(size[0] as usize, size[1] as usize, ground),
            room,
            grids,
        }
    }

    fn paint(
        &mut self,
        layers: &[Ready<'_>],
        images: &[(usize, Laid<'_>)],
        progress: &Progress,
    ) -> Result<(), Cancelled> {
        for (number, ready) in layers.iter().enumerate() {
            self.images_above(number, images, progress)?;
            let opacity = ready.layer.style.opacity;
            let blend = ready.layer.style.blend;
            if opacity >= 0.999 && blend == Blend::Normal {
                self.layer(ready, progress)?;
            } else if opacity > 0.0 {
                // As a whole, so that a layer's fills do not show through its own lines.
                let [width, height] = self.size.map(|s| s as usize);
                let below = std::mem::replace(&mut self.pixels, Pixels::new(width, height, Color::TRANSPARENT));
                self.layer(ready, progress)?;
                let above = std::mem::replace(&mut self.pixels, below);
                match blend {
                    Blend::Normal => self.pixels.lay_over(&above, opacity),
                    Blend::Multiply => self.pixels.multiply_by(&above, opacity),
                }
            }
        }
        self.images_above(layers.len(), images, progress)?;
        for ready in layers.iter().filter(|ready| !ready.layer.selected.is_empty()) {
            self.selection(ready);
        }
        for ready in layers {
            let (top, height) = (f64::from(self.top), f64::from(self.size[1]));
            for (at, symbol) in &ready.markers {
                if let Some(sprite) = ready.sprites.get(usize::from(*symbol)).and_then(Option::as_ref)
                    && at[1] + sprite.reach_px() + 1.0 >= top
                    && at[1] - sprite.reach_px() - 1.0 <= top + height
                {
                    sprite.lay(&mut self.pixels, [at[0], at[1] - top]);
                }
            }
        }
        Ok(())
    }

    /// Lays those of `images` that have that many layers beneath them.
    fn images_above(
        &mut self,
        layers: usize,
        images: &[(usize, Laid<'_>)],
        progress: &Progress,
    ) -> Result<(), Cancelled> {
        images
            .iter()
            .filter(|(beneath, _)| *beneath == layers)
            .try_for_each(|(_, image)| image.lay(&mut self.pixels, self.top, progress))
    }

    /// Features that reach into the band by their extent or by a line of that half width.
    fn features(&self, layer: &PaintLayer<'_>, half_px: f32) -> Vec<usize> {
        layer.index.query(&grown(&self.extent, f64::from(half_px + 1.0) * self.units_per_px))
    }

    fn layer(&mut self, ready: &Ready<'_>, progress: &Progress) -> Result<(), Cancelled> {
        if let Some(level) = ready.level {
            let (symbols, fills) = (ready.layer.symbols, &ready.fills);
            let paint_of = |feature: usize| {
                fills
                    .get(symbols.get(feature).map_or(0, |symbol| usize::from(*symbol)))
                    .filter(|fill| !fill.is_nothing())
            };
            lookup::paint(&mut self.pixels, level, &self.to_pixels, self.top, paint_of);
        }
        let number = self.top / BAND_HEIGHT;
        let lines = |pens: &[Option<(Pen, Premultiplied)>], casing: bool| {
            let bold = |pen: &Pen| casing || pen.half_px * 2.0 >= BOLD_OUTLINE_PX * self.scale;
            pens.iter().flatten().any(|(pen, _)| ready.level.is_none() || bold(pen))
        };
        let (casings, strokes) = (lines(&ready.casings, true), lines(&ready.strokes, false));
        let fills = ready.level.is_none() && ready.fills.iter().any(|fill| !fill.is_nothing());
        if !(casings || strokes || fills) {
            ready.keeping.put(number, Trace::default(), self.room);
            return Ok(());
        }
        let colors = |pens: &[Option<(Pen, Premultiplied)>]| -> Vec<Premultiplied> {
            pens.iter().map(|pen| pen.map_or(Premultiplied::default(), |(_, color)| color)).collect()
        };
        if let Some(trace) = ready.keeping.known(number) {
            if let Some(fills) = &trace.fills {
                fills.paint(&mut self.pixels, &ready.fills, self.top);
            }
            for (lines, pens) in [(&trace.casings, &ready.casings), (&trace.strokes, &ready.strokes)] {
                if let Some(lines) = lines {
                    lines.paint(&mut self.pixels, &colors(pens));
                }
            }
            return progress.tick(0);
        }
        let mut trace = Trace::default();
        let pens = || ready.casings.iter().chain(&ready.strokes).flatten();
        let half_px = pens().map(|(pen, _)| pen.half_px).fold(0.0, f32::max);
        let features = self.features(ready.layer, half_px);
        if fills {
            self.grids.samples.clear();
            self.for_each(ready.layer, &features, progress, |band, number, block, row| {
                if ready.fills.get(number).is_some_and(|fill| !fill.is_nothing()) {
                    band.fill(block, row, number as u16);
                }
            })?;
            self.grids.samples.paint(&mut self.pixels, &ready.fills, self.top);
            trace.fills = ready.keeping.is_making().then(|| self.grids.samples.trace());
        }
        let fades = ready.layer.feature_size > 0.0;
        for (pens, casing, wanted) in [(&ready.casings, true, casings), (&ready.strokes, false, strokes)] {
            if !wanted {
                continue;
            }
            self.grids.lines.clear();
            self.for_each(ready.layer, &features, progress, |band, number, block, row| {
                let Some((pen, _)) = pens.get(number).and_then(Option::as_ref) else { return };
                let thin = !casing && pen.half_px * 2.0 < BOLD_OUTLINE_PX * band.scale;
                if thin && ready.level.is_some() {
                    return;
                }
                let mut strength = 1.0;
                if thin && fades && block.kind() == GeometryKind::Polygon {
                    strength = outline_strength(band.size_px(block, row));
                }
                if strength > 0.0 {
                    band.outline(block, row, &Pen { strength, ..*pen });
                }
            })?;
            self.grids.lines.paint(&mut self.pixels, &colors(pens));
            let place = if casing { &mut trace.casings } else { &mut trace.strokes };
            *place = ready.keeping.is_making().then(|| self.grids.lines.trace());
        }
        ready.keeping.put(number, trace, self.room);
        Ok(())
    }

    fn for_each(
        &mut self,
        layer: &PaintLayer<'_>,
        features: &[usize],
        progress: &Progress,
        mut draw: impl FnMut(&mut Self, usize, &GeometryBlock, usize),
    ) -> Result<(), Cancelled> {
        for some in features.chunks(4096) {
            progress.tick(0)?;
            for feature in some {
                if let Some((block, row)) = layer.locate(*feature) {
                    draw(self, layer.symbol_number(*feature), block, row);
                }
            }
        }
        Ok(())
    }

    fn fill(&mut self, block: &GeometryBlock, row: usize, symbol: u16) {
        for part in block.polygon(row).parts() {
            self.grids.samples.fill(&self.to_pixels, part.rings(), symbol);
        }
    }

    fn outline(&mut self, block: &GeometryBlock, row: usize, pen: &Pen) {
        let lines = &mut self.grids.lines;
        match block.kind() {
            GeometryKind::Polygon => {
                block.polygon(row).rings().for_each(|(_, ring)| lines.path(&self.to_pixels, ring, pen));
            }
            GeometryKind::Line => block.paths(row).for_each(|path| lines.path(&self.to_pixels, path, pen)),
            GeometryKind::Point | GeometryKind::None => {}
        }
    }

    /// Side of a square as large as the feature's extent, in logical pixels.
    fn size_px(&self, block: &GeometryBlock, row: usize) -> f64 {
        let extent = block.feature_extent(row);
        let side = (extent.width() * extent.height()).sqrt();
        self.to_pixels.length(side) / f64::from(self.scale)
    }

    /// Tint, casing and line of what is selected: 18 %, 4 px and 2 px. Where very many small features are selected,
    /// lines would hide everything: the tint is stronger instead.
    fn selection(&mut self, ready: &Ready<'_>) {
        let layer = ready.layer;
        if let Some(level) = ready.level
            && layer.selected.len() > OUTLINED_SELECTION
        {
            let tint = FillPaint::Plain(Premultiplied::of(self.colors.accent, 0.55));
            let paint_of = |feature: usize| ready.selected.get(feature).copied().unwrap_or(false).then_some(&tint);
            return lookup::paint(&mut self.pixels, level, &self.to_pixels, self.top, paint_of);
        }
        let casing = Pen::new(4.0, None, self.scale, 0);
        let extent = grown(&self.extent, f64::from(casing.half_px + 1.0) * self.units_per_px);
        let near = |feature: &usize| {
            layer.locate(*feature).filter(|(block, row)| block.feature_extent(*row).intersects(&extent))
        };
        let seen: Vec<(&GeometryBlock, usize)> = if layer.selected.len() > OUTLINED_SELECTION {
            let features = layer.index.query(&extent);
            features.iter().filter(|feature| layer.selected.binary_search(feature).is_ok()).filter_map(near).collect()
        } else {
            layer.selected.iter().filter_map(near).collect()
        };
        if seen.is_empty() {
            return;
        }
        self.grids.samples.clear();
        seen.iter().for_each(|(block, row)| self.fill(block, *row, 0));
        let tint = FillPaint::Plain(Premultiplied::of(self.colors.accent, 0.18));
        self.grids.samples.paint(&mut self.pixels, &[tint], self.top);
        for (width_px, color) in [(4.0, self.colors.casing), (2.0, self.colors.accent)] {
            self.grids.lines.clear();
            let pen = Pen::new(width_px, None, self.scale, 0);
            seen.iter().for_each(|(block, row)| self.outline(block, *row, &pen));
            self.grids.lines.paint(&mut self.pixels, &[Premultiplied::of(color, 1.0)]);
        }
    }
}

/// Most selected features that are outlined where each is hardly larger than a pixel.
const OUTLINED_SELECTION: usize = 2000;

/// What labels and markers of a layer are chosen from.
fn annotated<'a>(layer: &PaintLayer<'a>) -> Annotated<'a> {
    let PaintLayer { blocks, starts, index, style, symbols, places, .. } = *layer;
    Annotated { blocks, starts, index, style, symbols, places }
}
