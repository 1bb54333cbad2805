//! A drawing as a list of shapes, painted to pixels or written as SVG or PDF, so that all look alike: what charts and map
//! sheets are made of.
//!
//! Places and sizes are logical pixels from the upper left corner, y down. Shapes stand in the order in which they cover
//! each other.

use tiny_skia::{FillRule, PathBuilder, Pixmap, PixmapPaint, Transform};

use super::lettering::{Anchor, Typeface, paint_of};
use super::raster::{paint_marker, paint_swatch};
use crate::model::GeometryKind;
use crate::model::style::{Blend, Color, Marker, Symbol};

pub mod figures;
pub mod geopdf;
pub mod hatch;
mod letters;
pub mod output;
pub mod pdf;
mod svg;
mod swatch;

pub use letters::Letters;

/// A drawing.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    /// Width and height.
    pub size: [f32; 2],
    /// What it is drawn on.
    pub ground: Color,
    /// What is on it.
    pub shapes: Vec<Shape>,
}

/// Something in a drawing.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A filled rectangle.
    Rect {
        /// Its upper left corner.
        at: [f32; 2],
        /// Width and height.
        size: [f32; 2],
        /// Its fill.
        color: Color,
    },
    /// A closed outline.
    Path {
        /// Where it begins, and its pieces from there on.
        outline: Vec<Piece>,
        /// Its fill.
        fill: Option<Color>,
        /// Colour and width of its line, which lies under the fill.
        line: Option<(Color, f32)>,
    },
    /// A line of text.
    Text(Text),
    /// Letters that stand turned, as along a curved line.
    Letters(Letters),
    /// A picture of its own pixels.
    Picture {
        /// Its upper left corner.
        at: [f32; 2],
        /// Width and height.
        size: [f32; 2],
        /// Its pixels.
        pixels: Pixmap,
    },
    /// A symbol as legends show it.
    Swatch {
        /// Left, top, width and height.
        rect: [f32; 4],
        /// What is shown.
        symbol: Box<Symbol>,
        /// Of what.
        kind: GeometryKind,
    },
    /// Rings or lines of straight pieces, many at once.
    Lines(Lines),
    /// A marker with its pictogram.
    Marker {
        /// Its middle.
        at: [f32; 2],
        /// How it is drawn.
        marker: Box<Marker>,
    },
    /// Shapes that belong together.
    Group {
        /// Left, top, width and height of what is seen of them; all where none is given.
        clip: Option<[f32; 4]>,
        /// Strength of all of them together, 0 to 1.
        opacity: f32,
        /// How they lie on what is beneath.
        blend: Blend,
        /// What is in it.
        shapes: Vec<Shape>,
    },
}

/// Rings or lines of straight pieces: what a map is made of where it is not painted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lines {
    /// The places of each.
    pub paths: Vec<Vec<[f32; 2]>>,
    /// Whether each goes back to where it began.
    pub closed: bool,
    /// Fill of what lies inside an odd number of them.
    pub fill: Option<Color>,
    /// The line along them, above the fill.
    pub line: Option<Line>,
}

/// A line along something.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Its colour.
    pub color: Color,
    /// Its width.
    pub width: f32,
    /// Lengths that are drawn and left out.
    pub dash: Option<[f32; 2]>,
    /// Whether its ends and corners are round.
    pub round: bool,
}

impl Line {
    /// A solid line with sharp corners.
    pub fn solid(color: Color, width: f32) -> Self {
        Self { color, width, dash: None, round: false }
    }
}

/// A piece of an outline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Piece {
    /// A straight line to a place; the first piece only goes there.
    Line([f32; 2]),
    /// A cubic curve by its two handles to a place.
    Curve([f32; 2], [f32; 2], [f32; 2]),
}

/// A line of text.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// Where it is anchored, at the middle of its capitals.
    pub at: [f32; 2],
    /// What it says.
    pub text: String,
    /// Its size.
    pub size_px: f32,
    /// Whether it is bold.
    pub bold: bool,
    /// What of it stands at its place.
    pub anchor: Anchor,
    /// Its colour.
    pub color: Color,
    /// Colour and width of a line around its letters.
    pub casing: Option<(Color, f32)>,
}

/// Size of the letters that say whose the images beneath a map are.
const CREDIT_PX: f32 = 9.0;

/// Whose the images beneath a map are, in the lower right corner of a rectangle.
pub fn credit_in([x, y, width, height]: [f32; 4], text: String) -> Shape {
    let at = [x + width - CREDIT_PX * 0.6, y + height - CREDIT_PX];
    let casing = Some((Color::WHITE.with_alpha(220), 3.0));
    Shape::Text(Text { at, text, size_px: CREDIT_PX, bold: false, anchor: Anchor::Right, color: Color::BLACK, casing })
}

impl Drawing {
    /// An empty drawing.
    pub fn new(size: [f32; 2], ground: Color) -> Self {
        Self { size, ground, shapes: Vec::new() }
    }

    /// A picture alone, `scale` pixels of it a logical pixel.
    pub fn of_pixels(pixels: Pixmap, scale: f32) -> Self {
        let size = [pixels.width() as f32 / scale, pixels.height() as f32 / scale];
        let shapes = vec![Shape::Picture { at: [0.0, 0.0], size, pixels }];
        Self { size, ground: Color::WHITE, shapes }
    }

    /// The drawing as the bytes of an SVG file, or of a PNG file with `scale` pixels a logical pixel; `None` where that
    /// is more than can be held.
    pub fn bytes(&self, svg: bool, typeface: &Typeface, scale: f32) -> Option<Vec<u8>> {
        if svg { Some(self.svg().into_bytes()) } else { self.paint(typeface, scale).map(|pixels| png(&pixels)) }
    }

    /// Adds a filled rectangle: left, top, width, height.
    pub fn fill(&mut self, [x, y, width, height]: [f32; 4], color: Color) {
        self.shapes.push(Shape::Rect { at: [x, y], size: [width, height], color });
    }

    /// Adds a line of text without a casing.
    pub fn text(&mut self, text: &str, at: [f32; 2], anchor: Anchor, size_px: f32, bold: bool, color: Color) {
        self.shapes.push(Shape::Text(Text { at, text: text.to_owned(), size_px, bold, anchor, color, casing: None }));
    }

    /// The drawing as pixels, `scale` of them a logical pixel; `None` where that is more than can be held.
    pub fn paint(&self, typeface: &Typeface, scale: f32) -> Option<Pixmap> {
        let pixels = |length: f32| (length * scale).round().max(1.0) as u32;
        let mut pixmap = Pixmap::new(pixels(self.size[0]), pixels(self.size[1]))?;
        pixmap.fill(tiny_skia::Color::from_rgba8(self.ground.r, self.ground.g, self.ground.b, 255));
        Self::lay(&self.shapes, &mut pixmap, typeface, scale);
        Some(pixmap)
    }

    /// Lays shapes over `pixmap`, `scale` pixels of it a logical pixel.
    fn lay(shapes: &[Shape], pixmap: &mut Pixmap, typeface: &Typeface, scale: f32) {
        let whole = |pixmap: &mut Pixmap, path: &tiny_skia::Path, color: Color| {
            pixmap.fill_path(path, &paint_of(color), FillRule::Winding, Transform::identity(), None);
        };
        for shape in shapes {
            match shape {
                Shape::Rect { at, size, color } => {
                    let rect = [at[0], at[1], size[0], size[1]].map(|v| v * scale);
                    if let Some(rect) = tiny_skia::Rect::from_xywh(rect[0], rect[1], rect[2], rect[3]) {
                        pixmap.fill_rect(rect, &paint_of(*color), Transform::identity(), None);
                    }
                }
                Shape::Path { outline, fill, line } => {
                    let Some(path) = path_of(outline, scale) else { continue };
                    if let Some((color, width)) = line {
                        let stroke = tiny_skia::Stroke { width: width * scale, ..tiny_skia::Stroke::default() };
                        pixmap.stroke_path(&path, &paint_of(*color), &stroke, Transform::identity(), None);
                    }
                    if let Some(color) = fill {
                        whole(pixmap, &path, *color);
                    }
                }
                Shape::Text(Text { at, text, size_px, bold, anchor, color, casing }) => {
                    let at = at.map(|v| v * scale);
                    let casing = casing.map(|(color, width)| (color, width * scale));
                    typeface.paint(pixmap, text, at, *anchor, size_px * scale, *bold, *color, casing);
                }
                Shape::Letters(letters) => {
                    let Letters { letters, size_px, bold, color, casing } = letters.placed(scale, [0.0; 2]);
                    typeface.paint_turned(pixmap, &letters, size_px, bold, color, casing);
                }
                Shape::Picture { at, size, pixels: picture } => {
                    let [x, y] = at.map(|v| (v * scale).round());
                    let fits = [size[0] * scale / picture.width() as f32, size[1] * scale / picture.height() as f32];
                    // Made for this scale a picture keeps its pixels.
                    let same = fits.iter().all(|factor| (factor - 1.0).abs() < 1e-3);
                    if same {
                        let paint = PixmapPaint::default();
                        pixmap.draw_pixmap(x as i32, y as i32, picture.as_ref(), &paint, Transform::identity(), None);
                    } else {
                        let paint =
                            PixmapPaint { quality: tiny_skia::FilterQuality::Bilinear, ..PixmapPaint::default() };
                        let transform = Transform::from_scale(fits[0], fits[1]).post_translate(x, y);
                        pixmap.draw_pixmap(0, 0, picture.as_ref(), &paint, transform, None);
                    }
                }
                Shape::Swatch { rect, symbol, kind } => {
                    paint_swatch(pixmap, rect.map(|v| v * scale), symbol, *kind, scale);
                }
                Shape::Lines(lines) => paint_lines(pixmap, lines, scale),
                Shape::Marker { at, marker } => paint_marker(pixmap, at.map(|v| v * scale), marker, scale),
                Shape::Group { clip, opacity, blend, shapes } => {
                    // Beside the picture itself there is room for one more, or it could not have been made.
                    let Some(mut layer) = Pixmap::new(pixmap.width(), pixmap.height()) else { continue };
                    Self::lay(shapes, &mut layer, typeface, scale);
                    let mask = clip.and_then(|[x, y, width, height]| {
                        let rect = [x, y, width, height].map(|v| v * scale);
                        let rect = tiny_skia::Rect::from_xywh(rect[0], rect[1], rect[2], rect[3])?;
                        let mut mask = tiny_skia::Mask::new(pixmap.width(), pixmap.height())?;
                        let path = PathBuilder::from_rect(rect);
                        mask.fill_path(&path, FillRule::Winding, true, Transform::identity());
                        Some(mask)
                    });
                    if clip.is_some() && mask.is_none() {
                        continue;
                    }
                    let blend_mode = match blend {
                        Blend::Normal => tiny_skia::BlendMode::SourceOver,
                        Blend::Multiply => tiny_skia::BlendMode::Multiply,
                    };
                    let paint = PixmapPaint { opacity: opacity.clamp(0.0, 1.0), blend_mode, ..PixmapPaint::default() };
                    pixmap.draw_pixmap(0, 0, layer.as_ref(), &paint, Transform::identity(), mask.as_ref());
                }
            }
        }
    }
}

/// Pixels as a PNG file.
pub fn png(pixels: &Pixmap) -> Vec<u8> {
    png_of(pixels, None)
}

/// Pixels as a PNG file that says how many of them a metre has, where that is known.
fn png_of(pixels: &Pixmap, per_metre: Option<u32>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, pixels.width(), pixels.height());
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let unit = png::Unit::Meter;
    encoder.set_pixel_dims(per_metre.map(|count| png::PixelDimensions { xppu: count, yppu: count, unit }));
    let is_opaque = pixels.pixels().iter().all(|pixel| pixel.alpha() == 255);
    // Of what is opaque, premultiplied and plain colours are the same.
    let plain = (!is_opaque).then(|| {
        let colors = pixels.pixels().iter().map(|pixel| pixel.demultiply());
        colors.flat_map(|c| [c.red(), c.green(), c.blue(), c.alpha()]).collect::<Vec<u8>>()
    });
    let data = plain.as_deref().unwrap_or(pixels.data());
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(data));
    written.expect("writing into memory does not fail");
    bytes
}

fn path_of(outline: &[Piece], scale: f32) -> Option<tiny_skia::Path> {
    let mut path = PathBuilder::new();
    for (i, piece) in outline.iter().enumerate() {
        match *piece {
            Piece::Line(to) => {
                let [x, y] = to.map(|v| v * scale);
                if i == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
            }
            Piece::Curve(a, b, to) => {
                let [a, b, to] = [a, b, to].map(|at| at.map(|v| v * scale));
                path.cubic_to(a[0], a[1], b[0], b[1], to[0], to[1]);
            }
        }
    }
    path.close();
    path.finish()
}

fn paint_lines(pixmap: &mut Pixmap, lines: &Lines, scale: f32) {
    let mut path = PathBuilder::new();
    for places in &lines.paths {
        for (i, place) in places.iter().enumerate() {
            let [x, y] = place.map(|v| v * scale);
            if i == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
        }
        if lines.closed && places.len() > 1 {
            path.close();
        }
    }
    let Some(path) = path.finish() else { return };
    if let Some(fill) = lines.fill {
        pixmap.fill_path(&path, &paint_of(fill), FillRule::EvenOdd, Transform::identity(), None);
    }
    if let Some(line) = lines.line {
        let dash = line.dash.and_then(|dash| tiny_skia::StrokeDash::new(dash.map(|v| v * scale).to_vec(), 0.0));
        let mut stroke = tiny_skia::Stroke { width: line.width * scale, dash, ..tiny_skia::Stroke::default() };
        if line.round {
            (stroke.line_cap, stroke.line_join) = (tiny_skia::LineCap::Round, tiny_skia::LineJoin::Round);
        }
        pixmap.stroke_path(&path, &paint_of(line.color), &stroke, Transform::identity(), None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;

    fn drawing() -> Drawing {
        let mut drawing = Drawing::new([40.0, 20.0], Color::WHITE);
        drawing.fill([0.0, 0.0, 10.0, 10.0], Color::rgb(200, 0, 0));
        let mut pixels = Pixmap::new(10, 10).expect("has a size");
        pixels.fill(tiny_skia::Color::from_rgba8(0, 0, 200, 255));
        drawing.shapes.push(Shape::Picture { at: [10.0, 0.0], size: [10.0, 10.0], pixels });
        let triangle = [[20.0, 0.0], [40.0, 0.0], [30.0, 20.0]].map(Piece::Line).to_vec();
        drawing.shapes.push(Shape::Path {
            outline: triangle,
            fill: Some(Color::rgb(0, 200, 0).with_alpha(128)),
            line: None,
        });
        drawing.text("a <b> & \u{7}c", [2.0, 15.0], Anchor::Left, 6.0, false, Color::BLACK);
        drawing
    }

    #[test]
    fn shapes_are_where_they_are_at_every_scale() {
        for scale in [1.0, 2.5] {
            let picture = drawing().paint(&Typeface::bundled(), scale).expect("fits");
            assert_eq!((picture.width(), picture.height()), ((40.0 * scale) as u32, (20.0 * scale) as u32));
            let at = |x: f32, y: f32| {
                let pixel = picture.pixel((x * scale) as u32, (y * scale) as u32).expect("in the picture");
                [pixel.red(), pixel.green(), pixel.blue()]
            };
            assert_eq!(at(5.0, 5.0), [200, 0, 0]);
            assert_eq!(at(15.0, 5.0), [0, 0, 200]);
            let [r, g, b] = at(30.0, 5.0);
            assert!(r == b && g > r && r > 100, "{:?}", [r, g, b]);
            assert_eq!(at(38.0, 18.0), [255; 3]);
        }
    }

    #[test]
    fn an_svg_keeps_text_as_text_and_holds_its_pictures() {
        let svg = drawing().svg();
        assert!(svg.contains(">a &lt;b&gt; &amp; c</text>"), "{svg}");
        assert!(svg.contains("fill-opacity=\"0.502\"") && svg.contains("M20.00,0.00L40.00,0.00L30.00,20.00Z"));
        let data = svg.split("base64,").nth(1).and_then(|rest| rest.split('"').next()).expect("a picture");
        let bytes = base64::engine::general_purpose::STANDARD.decode(data).expect("base64");
        let decoder = png::Decoder::new(std::io::Cursor::new(bytes));
        assert_eq!(decoder.read_info().expect("a PNG").info().width, 10);
    }
}
