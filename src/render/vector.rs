//! A map as shapes instead of pixels, for outputs that keep outlines. It is drawn in the order and with the symbols of the
//! CPU painter.
//!
//! Places are rounded to a twentieth of a logical pixel (0.013 mm on paper), the same for neighbours, so that nothing
//! opens between them, and what lies outside the frame is cut off: a sheet holds no more than it shows. An edge that two
//! features share is drawn once, so that dashes stay dashes.

use rustc_hash::FxHashSet;

use super::MapView;
use super::colors::{BOLD_OUTLINE_PX, PaintColors, outline_strength, quieted};
use super::drawing::{Letters, Line, Lines, Shape, Text, figures, hatch};
use super::labels::{self, Annotated, LayerLabels, Piece, Written};
use super::lettering::{Anchor, Typeface};
use super::raster::{MapPart, PaintLayer, paint_parts};
use crate::model::style::{Blend, Color, Fill, Stroke, Symbol};
use crate::model::{Coord, Extent, GeometryBlock, GeometryKind};
use crate::task::{Cancelled, Progress};

/// Steps of places a logical pixel.
const STEPS: f64 = 20.0;
/// Pixels around the frame in which lines are kept, so that none ends within it.
const AROUND: f64 = 16.0;
/// Features between two looks at whether the work was cancelled.
const AT_ONCE: usize = 1024;
/// Strengths that thin outlines fade in.
const FADES: f32 = 4.0;
/// Width of the line that closes the gap which readers of PDF leave between neighbours without an outline.
const SEAM_PX: f32 = 0.2;

/// Pixels of an image a pixel of the view.
pub(crate) const IMAGE_SCALE: f32 = 2.0;

/// A place in steps.
type Step = [i32; 2];

/// The map of `view` with its upper left corner at `at` of a page: `parts` bottom to top, then labels. Images are painted
/// with two pixels a pixel of the view.
///
/// # Errors
/// [`Cancelled`]; progress counts features.
pub fn map(
    view: &MapView,
    at: [f32; 2],
    parts: &[MapPart<'_>],
    colors: &PaintColors,
    typeface: &Typeface,
    progress: &Progress,
) -> Result<Shape, Cancelled> {
    let frame = Frame::new(view, at);
    let [width, height] = view.size_px.map(|side| side as f32);
    let rect = [at[0], at[1], width, height];
    let mut shapes = vec![Shape::Rect { at, size: [width, height], color: colors.ground }];
    let mut above = Vec::new();
    let mut of_labels = Vec::new();
    for part in parts {
        let layers = match part {
            MapPart::Layers(layers) => layers,
            MapPart::Image(_) => {
                let clear = colors.ground.with_alpha(0);
                let image = std::slice::from_ref(part);
                let pixels = paint_parts(clear, view, IMAGE_SCALE, image, colors, None, progress)?;
                shapes.push(Shape::Picture { at, size: [width, height], pixels });
                continue;
            }
        };
        for layer in layers {
            let size_px = if layer.feature_size > 0.0 { layer.feature_size / view.units_per_px } else { f64::INFINITY };
            let as_shown = |symbol: &Symbol| colors.themed(&quieted(symbol, size_px));
            let symbols: Vec<Option<Symbol>> = (0..layer.style.symbol_count())
                .map(|i| layer.style.symbol(i).filter(|_| layer.style.is_visible(i)).map(as_shown))
                .collect();
            let (opacity, blend) = (layer.style.opacity, layer.style.blend);
            if opacity > 0.0 {
                let drawn = layer_shapes(layer, &symbols, &frame, progress)?;
                if opacity >= 0.999 && blend == Blend::Normal {
                    shapes.extend(drawn);
                } else if !drawn.is_empty() {
                    shapes.push(Shape::Group { clip: None, opacity, blend, shapes: drawn });
                }
            }
            let (markers, labels) = markers(layer, &symbols, &frame);
            above.extend(markers);
            of_labels.push(labels);
        }
    }
    shapes.extend(above);
    let corner = [rect[0], rect[1], rect[0] + rect[2], rect[1] + rect[3]];
    let place = |c: Coord| frame.place(frame.at(c));
    for label in labels::place(view, corner, 1.0, &place, &of_labels, typeface) {
        shapes.extend(label_shapes(label, colors));
    }
    Ok(Shape::Group { clip: Some(rect), opacity: 1.0, blend: Blend::Normal, shapes })
}

/// The shapes of a label.
fn label_shapes(label: Written<'_>, colors: &PaintColors) -> Vec<Shape> {
    let (color, casing) = colors.label(&label.look);
    let (size_px, bold) = (label.size_px, label.look.bold);
    let mut shapes = Vec::new();
    for piece in label.pieces {
        match piece {
            Piece::Text { text, left } => {
                let (text, anchor) = (text.to_owned(), Anchor::Left);
                shapes.push(Shape::Text(Text { at: left, text, size_px, bold, anchor, color, casing }));
            }
            Piece::Letters(letters) => {
                shapes.push(Shape::Letters(Letters { letters, size_px, bold, color, casing }));
            }
            Piece::Bar { ends, width } => {
                let line = |color: Color, width: f32| {
                    let line = Some(Line::solid(color, width));
                    Shape::Lines(Lines { paths: vec![ends.to_vec()], closed: false, fill: None, line })
                };
                shapes.extend(casing.map(|(color, around)| line(color, width + around)));
                shapes.push(line(color, width));
            }
        }
    }
    shapes
}

/// From the world to places of the page.
struct Frame {
    view: MapView,
    at: [f32; 2],
    /// Left, top, right and bottom of what is kept, in pixels of the view.
    kept: [f64; 4],
    /// The same in the world.
    extent: Extent,
}

impl Frame {
    fn new(view: &MapView, at: [f32; 2]) -> Self {
        let [width, height] = view.size_px;
        let kept = [-AROUND, -AROUND, width + AROUND, height + AROUND];
        let corners = [[kept[0], kept[1]], [kept[2], kept[3]]].map(|px| view.world_from_screen(px));
        Self { view: *view, at, kept, extent: Extent::of(&corners) }
    }

    /// Pixels of the view.
    fn at(&self, c: Coord) -> [f64; 2] {
        self.view.screen_from_world(c)
    }

    /// A pixel of the view on the page.
    fn place(&self, px: [f64; 2]) -> [f32; 2] {
        self.place_of_step(step(px))
    }

    fn place_of_step(&self, step: Step) -> [f32; 2] {
        [0, 1].map(|axis| (f64::from(step[axis]) / STEPS) as f32 + self.at[axis])
    }

    /// A ring cut to what is kept, in places of the page; `None` where nothing of it is left.
    fn ring(&self, ring: &[Coord]) -> Option<Vec<[f32; 2]>> {
        let finite = ring.iter().filter(|c| c.x.is_finite() && c.y.is_finite());
        let mut places: Vec<[f64; 2]> = finite.map(|c| self.at(*c)).collect();
        let [left, top, right, bottom] = self.kept;
        let outside = |p: &[f64; 2]| p[0] < left || p[0] > right || p[1] < top || p[1] > bottom;
        if places.iter().any(outside) {
            for (axis, bound, sign) in [(0, left, 1.0), (0, right, -1.0), (1, top, 1.0), (1, bottom, -1.0)] {
                places = cut(&places, axis, bound, sign);
            }
        }
        let mut steps: Vec<Step> = places.into_iter().map(step).collect();
        steps.dedup();
        if steps.len() > 1 && steps.first() == steps.last() {
            steps.pop();
        }
        (steps.len() > 2).then(|| steps.into_iter().map(|step| self.place_of_step(step)).collect())
    }
}

fn step(px: [f64; 2]) -> Step {
    px.map(|v| (v * STEPS).round() as i32)
}

/// The part of a ring on one side of a line across an axis (Sutherland and Hodgman 1974).
fn cut(ring: &[[f64; 2]], axis: usize, bound: f64, sign: f64) -> Vec<[f64; 2]> {
    let inside = |p: &[f64; 2]| (p[axis] - bound) * sign >= 0.0;
    let mut kept = Vec::with_capacity(ring.len());
    let Some(mut last) = ring.last().copied() else { return kept };
    for next in ring.iter().copied() {
        if inside(&last) != inside(&next) {
            let share = (bound - last[axis]) / (next[axis] - last[axis]);
            let mut crossing = [0, 1].map(|i| last[i] + (next[i] - last[i]) * share);
            crossing[axis] = bound;
            kept.push(crossing);
        }
        if inside(&next) {
            kept.push(next);
        }
        last = next;
    }
    kept
}

/// The part of an edge within a rectangle; `None` where nothing of it is.
fn edge_within(a: [f64; 2], b: [f64; 2], [left, top, right, bottom]: [f64; 4]) -> Option<[[f64; 2]; 2]> {
    let coord = |[x, y]: [f64; 2]| Coord { x, y };
    let within = Extent { min: coord([left, top]), max: coord([right, bottom]) };
    let [from, to] = within.shares_of_edge(coord(a), coord(b))?;
    let at = |share: f64| [0, 1].map(|axis| a[axis] + (b[axis] - a[axis]) * share);
    Some([if from > 0.0 { at(from) } else { a }, if to < 1.0 { at(to) } else { b }])
}

/// Fills, then casings, then lines, as the painter draws them.
fn layer_shapes(
    layer: &PaintLayer<'_>,
    symbols: &[Option<Symbol>],
    frame: &Frame,
    progress: &Progress,
) -> Result<Vec<Shape>, Cancelled> {
    let features = layer.index.query(&frame.extent);
    progress.add_total(features.len() as u64);
    let mut shapes = Vec::new();
    let mut casings: Vec<Strokes> = symbols.iter().map(|_| Strokes::default()).collect();
    let mut strokes: Vec<Strokes> = symbols.iter().map(|_| Strokes::default()).collect();
    for some in features.chunks(AT_ONCE) {
        for feature in some {
            let number = layer.symbol_number(*feature);
            let Some(symbol) = symbols.get(number).and_then(Option::as_ref) else { continue };
            let Some((block, row)) = layer.locate(*feature) else { continue };
            if block.kind() == GeometryKind::Polygon {
                fill(block, row, symbol, frame, &mut shapes);
            }
            let Some(stroke) = symbol.stroke.filter(|stroke| stroke.width_px > 0.0) else { continue };
            if stroke.casing.is_some_and(|casing| casing.color.a > 0) {
                casings[number].add(block, row, frame, FADES as usize);
            }
            let strength = strength(layer, block, row, &stroke, frame);
            if stroke.color.a > 0 && strength > 0 {
                strokes[number].add(block, row, frame, strength);
            }
        }
        progress.tick(some.len() as u64)?;
    }
    for (strokes, casing) in [(casings, true), (strokes, false)] {
        for (strokes, symbol) in strokes.into_iter().zip(symbols) {
            let Some(stroke) = symbol.as_ref().and_then(|symbol| symbol.stroke) else { continue };
            let line = match stroke.casing {
                Some(of) if casing => Line { color: of.color, width: of.width_px, dash: None, round: true },
                _ => line_of(&stroke),
            };
            shapes.extend(strokes.shapes(&line));
        }
    }
    Ok(shapes)
}

fn line_of(stroke: &Stroke) -> Line {
    let dash = stroke.dash.map(|dash| [dash.on_px, dash.off_px]).filter(|dash| dash.iter().all(|v| *v > 0.0));
    Line { color: stroke.color, width: stroke.width_px, dash, round: dash.is_none() }
}

/// How strong the outline of a feature is, of [`FADES`]: thin ones fade where features are small.
fn strength(layer: &PaintLayer<'_>, block: &GeometryBlock, row: usize, stroke: &Stroke, frame: &Frame) -> usize {
    let fades = layer.feature_size > 0.0 && stroke.width_px < BOLD_OUTLINE_PX && block.kind() == GeometryKind::Polygon;
    if !fades {
        return FADES as usize;
    }
    let extent = block.feature_extent(row);
    let size_px = (extent.width() * extent.height()).sqrt() / frame.view.units_per_px;
    (outline_strength(size_px) * FADES).round() as usize
}

/// The inside of a polygon.
fn fill(block: &GeometryBlock, row: usize, symbol: &Symbol, frame: &Frame, shapes: &mut Vec<Shape>) {
    let back = match symbol.fill {
        Fill::None => return,
        Fill::Solid(color) => Some(color),
        Fill::Hatch(hatch) => hatch.back,
        Fill::Pattern(pattern) => pattern.back,
    };
    let has_outline = symbol.stroke.is_some_and(|stroke| stroke.width_px >= 0.5 && stroke.color.a == 255);
    for part in block.polygon(row).parts() {
        let rings: Vec<Vec<[f32; 2]>> = part.rings().filter_map(|ring| frame.ring(ring)).collect();
        if rings.is_empty() {
            continue;
        }
        if let Fill::Pattern(of) = symbol.fill {
            let above = figures::inside(&rings, &of);
            if let Some(color) = back.filter(|color| color.a > 0) {
                shapes.push(filled(rings, color, has_outline));
            }
            shapes.extend(above);
        } else if let Fill::Hatch(of) = symbol.fill {
            let paths = hatch::of(&rings, &of);
            let lines = Lines { paths, closed: false, fill: None, line: Some(Line::solid(of.color, of.width_px)) };
            if let Some(color) = back.filter(|color| color.a > 0) {
                shapes.push(filled(rings, color, has_outline));
            }
            if !lines.paths.is_empty() {
                shapes.push(Shape::Lines(lines));
            }
        } else if let Some(color) = back.filter(|color| color.a > 0) {
            shapes.push(filled(rings, color, has_outline));
        }
    }
}

fn filled(paths: Vec<Vec<[f32; 2]>>, color: Color, has_outline: bool) -> Shape {
    // Of what is seen through, the line would show.
    let line = (!has_outline && color.a == 255).then(|| Line { round: true, ..Line::solid(color, SEAM_PX) });
    Shape::Lines(Lines { paths, closed: true, fill: Some(color), line })
}

/// The lines of one symbol, by their strength.
#[derive(Default)]
struct Strokes {
    paths: [Vec<Vec<[f32; 2]>>; FADES as usize],
    /// Edges that are drawn, in either direction.
    drawn: FxHashSet<[Step; 2]>,
}

impl Strokes {
    fn add(&mut self, block: &GeometryBlock, row: usize, frame: &Frame, strength: usize) {
        match block.kind() {
            GeometryKind::Polygon => {
                block.polygon(row).rings().for_each(|(_, ring)| self.path(ring, true, frame, strength));
            }
            GeometryKind::Line => block.paths(row).for_each(|path| self.path(path, false, frame, strength)),
            GeometryKind::Point | GeometryKind::None => {}
        }
    }

    fn path(&mut self, path: &[Coord], is_shared: bool, frame: &Frame, strength: usize) {
        let Some(paths) = self.paths.get_mut(strength.saturating_sub(1)) else { return };
        let finite = path.iter().filter(|c| c.x.is_finite() && c.y.is_finite());
        let places: Vec<[f64; 2]> = finite.map(|c| frame.at(*c)).collect();
        let mut open: Vec<Step> = Vec::new();
        let mut end = |open: &mut Vec<Step>| {
            if open.len() > 1 {
                paths.push(open.iter().map(|step| frame.place_of_step(*step)).collect());
            }
            open.clear();
        };
        for edge in places.windows(2) {
            let Some(kept) = edge_within(edge[0], edge[1], frame.kept) else {
                end(&mut open);
                continue;
            };
            let [a, b] = kept.map(step);
            if a == b {
                continue;
            }
            if is_shared && !self.drawn.insert(if a <= b { [a, b] } else { [b, a] }) {
                end(&mut open);
                continue;
            }
            if open.last() != Some(&a) {
                end(&mut open);
                open.push(a);
            }
            open.push(b);
        }
        end(&mut open);
    }

    /// Weaker lines below stronger ones.
    fn shapes(self, line: &Line) -> impl Iterator<Item = Shape> {
        let line = *line;
        self.paths.into_iter().enumerate().filter(|(_, paths)| !paths.is_empty()).map(move |(nth, paths)| {
            let share = (nth + 1) as f32 / FADES;
            let color = line.color.with_alpha((f32::from(line.color.a) * share).round() as u8);
            Shape::Lines(Lines { paths, closed: false, fill: None, line: Some(Line { color, ..line }) })
        })
    }
}

/// The markers of a layer that are seen, and what its labels need to know.
fn markers<'a>(layer: &PaintLayer<'a>, symbols: &[Option<Symbol>], frame: &Frame) -> (Vec<Shape>, LayerLabels<'a>) {
    let of_number = |number: u16| symbols.get(usize::from(number))?.as_ref()?.marker;
    let reach = |marker: &crate::model::style::Marker| {
        marker.size_px / 2.0 * 1.25 + marker.casing.map_or(0.0, |casing| casing.width_px)
    };
    let PaintLayer { blocks, starts, index, style, symbols: numbers, places, .. } = *layer;
    let annotated = Annotated { blocks, starts, index, style, symbols: numbers, places };
    let found = if layer.markers { annotated.markers(&frame.extent) } else { Vec::new() };
    let mut shapes = Vec::new();
    for (point, number) in found {
        let Some(marker) = of_number(number) else { continue };
        let at = frame.place(frame.at(point));
        shapes.push(Shape::Marker { at, marker: Box::new(marker) });
    }
    let widest = symbols.iter().flatten().filter_map(|symbol| symbol.marker).map(|marker| reach(&marker));
    let reach = if layer.markers { widest.reduce(f32::max) } else { None };
    (shapes, LayerLabels { labels: layer.labels, annotated, reach })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::{OpenOptions, open_bytes};
    use crate::model::style::{Dash, Hatch, LayerStyle};
    use crate::render::scene::SceneLayer;
    use std::sync::Arc;

    /// Two squares of 100 m side by side, and a third far away.
    fn layer() -> Arc<crate::model::Layer> {
        let square = |x: f64| {
            let (west, east) = (39_500_000.0 + x, 39_500_100.0 + x);
            let ring =
                format!("[[{west},4000000],[{east},4000000],[{east},4000100],[{west},4000100],[{west},4000000]]");
            format!(r#"{{"type":"Feature","properties":{{}},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}"#)
        };
        let features: Vec<String> = [0.0, 100.0, 5000.0].map(square).to_vec();
        let text = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","));
        let crs = crate::crs::Crs::from_epsg(4527).expect("known");
        let options = OpenOptions { crs: Some(crs), ..OpenOptions::default() };
        let opened = open_bytes("a.geojson", text.into_bytes(), &options, &Progress::new()).expect("opens");
        Arc::new(opened.layers.into_iter().next().expect("one"))
    }

    fn view() -> MapView {
        MapView { center: Coord { x: 39_500_100.0, y: 4_000_050.0 }, units_per_px: 1.0, size_px: [400.0, 200.0] }
    }

    fn shapes(symbol: Symbol, opacity: f32) -> Vec<Shape> {
        let crs = crate::crs::Crs::from_epsg(4527).expect("known");
        let style = LayerStyle { opacity, ..LayerStyle::single(symbol) };
        let (scene, _) = SceneLayer::prepare(&layer(), &style, &crs, &Progress::new()).expect("projects");
        let (parts, colors) = ([MapPart::Layers(vec![scene.to_paint()])], PaintColors::LIGHT);
        let drawn = map(&view(), [10.0, 20.0], &parts, &colors, &Typeface::bundled(), &Progress::new());
        let Shape::Group { clip, shapes, .. } = drawn.expect("is not cancelled") else { panic!("a group") };
        assert_eq!(clip, Some([10.0, 20.0, 400.0, 200.0]));
        shapes
    }

    #[test]
    fn neighbours_share_their_edge_and_what_is_outside_is_left_out() {
        let red = Color::rgb(200, 0, 0);
        let stroke =
            Stroke { color: Color::BLACK, width_px: 2.0, dash: Some(Dash { on_px: 4.0, off_px: 2.0 }), casing: None };
        let found = shapes(Symbol { fill: Fill::Solid(red), stroke: Some(stroke), marker: None }, 1.0);
        let lines: Vec<&Lines> =
            found.iter().filter_map(|s| if let Shape::Lines(lines) = s { Some(lines) } else { None }).collect();
        assert_eq!(lines.len(), 3, "{found:?}");
        assert_eq!(lines[0].paths[0].len(), 4);
        assert!(lines[0].paths[0].contains(&[110.0, 170.0]) && lines[0].paths[0].contains(&[210.0, 70.0]));
        let edges: usize = lines[2].paths.iter().map(|path| path.len() - 1).sum();
        assert_eq!((edges, lines[2].line.and_then(|line| line.dash)), (7, Some([4.0, 2.0])));
    }

    #[test]
    fn hatches_are_lines_and_a_faint_layer_is_one_group() {
        let hatch =
            Hatch { color: Color::BLACK, angle_deg: 0.0, spacing_px: 10.0, width_px: 1.0, crossed: false, back: None };
        let found = shapes(Symbol { fill: Fill::Hatch(hatch), ..Symbol::default() }, 0.5);
        let Some(Shape::Group { opacity, shapes, .. }) = found.last() else { panic!("{found:?}") };
        assert_eq!((*opacity, shapes.len()), (0.5, 2));
        let Shape::Lines(lines) = &shapes[0] else { panic!("lines") };
        assert!((9..=11).contains(&lines.paths.len()) && lines.fill.is_none());
    }

    #[test]
    fn what_reaches_over_the_frame_is_cut_at_a_little_distance() {
        let kept = [0.0, 0.0, 10.0, 10.0];
        let ring = [[-5.0, 2.0], [15.0, 2.0], [15.0, 8.0], [-5.0, 8.0]];
        let ring = cut(&cut(&ring, 0, 0.0, 1.0), 0, 10.0, -1.0);
        assert_eq!(ring.len(), 4);
        assert!(ring.iter().all(|p| (0.0..=10.0).contains(&p[0])));
        assert_eq!(edge_within([-10.0, 5.0], [20.0, 5.0], kept), Some([[0.0, 5.0], [10.0, 5.0]]));
        assert_eq!(edge_within([-10.0, 5.0], [-1.0, 5.0], kept), None);
        assert_eq!(edge_within([1.0, 1.0], [2.0, 2.0], kept), Some([[1.0, 1.0], [2.0, 2.0]]));
    }
}
