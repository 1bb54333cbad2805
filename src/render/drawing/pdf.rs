//! Drawings as a PDF file, a page each: outlines stay outlines, text stays text in the program's own typeface, of which
//! the file holds the characters that it shows. Nothing in it comes from a clock: the same drawings give the same bytes.
//!
//! A logical pixel is 1/96 inch, so a drawing whose sides are millimetres times 96/25.4 has its true size on paper.

use krilla::Document;
use krilla::blend::BlendMode;
use krilla::color::rgb;
use krilla::geom::{Path, PathBuilder, Point, Rect, Size, Transform};
use krilla::image::Image;
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, LineCap, LineJoin, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use tiny_skia::PathSegment;

use super::swatch;
use super::{Drawing, Letters, Line, Lines, Piece, Shape, Text};
use crate::model::style::{Blend, Color};
use crate::render::lettering::{Anchor, SetGlyph, Turned, Typeface};
use crate::render::raster::marker_paths;
use crate::text::{Language, Message};

/// Points of PDF a logical pixel.
pub const POINTS_PER_PX: f32 = 0.75;
/// Longest side of a page in points: what PDF readers open.
const MOST_POINTS: f32 = 14_400.0;

/// What a file says of itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct About {
    /// Its title.
    pub title: String,
    /// The language that it is in.
    pub language: Language,
    /// Year, month and day that it is of, where it shall say so.
    pub date: Option<(u16, u8, u8)>,
}

/// Why there is no PDF file.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// A page has no size, or more than readers open.
    #[error("a page of {width} × {height} points, expected sides above 0 and up to {MOST_POINTS}")]
    PageSize {
        /// Width in points.
        width: f32,
        /// Height in points.
        height: f32,
    },
    /// The writer of PDF refused.
    #[error("the PDF cannot be made: {0}")]
    Refused(String),
}

impl PdfError {
    /// The error as a message of the catalogue.
    pub fn message(&self) -> Message {
        match self {
            Self::PageSize { width, height } => {
                let mm = |points: &f32| (points / 72.0 * 25.4).round();
                Message::new("render.page-size").with("width", mm(width)).with("height", mm(height))
            }
            Self::Refused(reason) => Message::new("render.pdf-refused").with("reason", reason),
        }
    }
}

/// The file, a page for each of `pages`.
///
/// # Errors
/// For a page without a size, or larger than 5 m on a side.
pub fn pdf(pages: &[&Drawing], about: &About, typeface: &Typeface) -> Result<Vec<u8>, PdfError> {
    let fonts = Fonts::of(typeface).ok_or_else(|| PdfError::Refused("the typeface".to_owned()))?;
    let mut document = Document::new();
    for drawing in pages {
        let [width, height] = drawing.size.map(|side| side * POINTS_PER_PX);
        let usual = |side: f32| side > 0.0 && side <= MOST_POINTS;
        let size = Size::from_wh(width, height).filter(|_| usual(width) && usual(height));
        let Some(size) = size else { return Err(PdfError::PageSize { width, height }) };
        let mut page = document.start_page_with(PageSettings::new(size));
        let mut surface = page.surface();
        surface.push_transform(&Transform::from_scale(POINTS_PER_PX, POINTS_PER_PX));
        if drawing.ground != Color::WHITE {
            rectangle(&mut surface, [0.0, 0.0, drawing.size[0], drawing.size[1]], drawing.ground);
        }
        lay(&mut surface, &drawing.shapes, &fonts);
        surface.pop();
        surface.finish();
        page.finish();
    }
    let language = match about.language {
        Language::Chinese => "zh-CN",
        Language::English => "en",
    };
    let mut metadata = Metadata::new()
        .title(about.title.clone())
        .creator("Tuban".to_owned())
        .producer("Tuban".to_owned())
        .language(language.to_owned());
    if let Some((year, month, day)) = about.date {
        metadata = metadata.creation_date(DateTime::new(year).month(month).day(day).hour(0).minute(0).second(0));
    }
    document.set_metadata(metadata);
    document.finish().map_err(|error| PdfError::Refused(error.to_string()))
}

/// The two fonts of a typeface.
struct Fonts<'a> {
    typeface: &'a Typeface,
    regular: Font,
    bold: Font,
}

impl<'a> Fonts<'a> {
    fn of(typeface: &'a Typeface) -> Option<Self> {
        let font = |bold: bool| {
            let file: std::sync::Arc<dyn AsRef<[u8]> + Send + Sync> = typeface.file(bold);
            Font::new(file.into(), 0)
        };
        Some(Self { typeface, regular: font(false)?, bold: font(true)? })
    }
}

fn lay(surface: &mut Surface<'_>, shapes: &[Shape], fonts: &Fonts<'_>) {
    for shape in shapes {
        match shape {
            Shape::Rect { at, size, color } => rectangle(surface, [at[0], at[1], size[0], size[1]], *color),
            Shape::Path { outline, fill, line } => {
                let Some(path) = outline_path(outline) else { continue };
                if let Some((color, width)) = line {
                    draw(surface, &path, None, Some(stroke_of(&Line::solid(*color, *width))));
                }
                if let Some(color) = fill {
                    draw(surface, &path, Some(fill_of(*color, FillRule::NonZero)), None);
                }
            }
            Shape::Text(text) => letters(surface, text, fonts),
            Shape::Letters(letters) => turned(surface, letters, fonts),
            Shape::Picture { at, size, pixels } => {
                let Some(size) = Size::from_wh(size[0], size[1]) else { continue };
                let colors = pixels.pixels().iter().map(|pixel| pixel.demultiply());
                let data = colors.flat_map(|c| [c.red(), c.green(), c.blue(), c.alpha()]).collect();
                surface.push_transform(&Transform::from_translate(at[0], at[1]));
                surface.draw_image(Image::from_rgba8(data, pixels.width(), pixels.height()), size);
                surface.pop();
            }
            Shape::Swatch { rect, symbol, kind } => lay(surface, &swatch::shapes(*rect, symbol, *kind), fonts),
            Shape::Lines(lines) => {
                let Some(path) = lines_path(lines) else { continue };
                let fill = lines.fill.map(|color| fill_of(color, FillRule::EvenOdd));
                draw(surface, &path, fill, lines.line.as_ref().map(stroke_of));
            }
            Shape::Marker { at, marker } => {
                for (path, color) in marker_paths(*at, marker) {
                    if let Some(path) = path_of(&path) {
                        draw(surface, &path, Some(fill_of(color, FillRule::NonZero)), None);
                    }
                }
            }
            Shape::Group { clip, opacity, blend, shapes } => {
                let clip = match clip {
                    None => None,
                    Some([x, y, width, height]) => {
                        let Some(rect) = Rect::from_xywh(*x, *y, *width, *height) else { continue };
                        let mut path = PathBuilder::new();
                        path.push_rect(rect);
                        let Some(path) = path.finish() else { continue };
                        Some(path)
                    }
                };
                if let Some(path) = &clip {
                    surface.push_clip_path(path, &FillRule::NonZero);
                }
                if *blend == Blend::Multiply {
                    surface.push_blend_mode(BlendMode::Multiply);
                }
                surface.push_opacity(strength(*opacity));
                lay(surface, shapes, fonts);
                surface.pop();
                if *blend == Blend::Multiply {
                    surface.pop();
                }
                if clip.is_some() {
                    surface.pop();
                }
            }
        }
    }
}

fn strength(opacity: f32) -> NormalizedF32 {
    NormalizedF32::new(opacity.clamp(0.0, 1.0)).unwrap_or(NormalizedF32::ONE)
}

fn paint(color: Color) -> (rgb::Color, NormalizedF32) {
    (rgb::Color::new(color.r, color.g, color.b), strength(f32::from(color.a) / 255.0))
}

fn fill_of(color: Color, rule: FillRule) -> Fill {
    let (color, opacity) = paint(color);
    Fill { paint: color.into(), opacity, rule }
}

fn stroke_of(line: &Line) -> Stroke {
    let (color, opacity) = paint(line.color);
    let (line_cap, line_join) =
        if line.round { (LineCap::Round, LineJoin::Round) } else { (LineCap::Butt, LineJoin::Miter) };
    let dash = line.dash.filter(|dash| dash.iter().all(|v| v.is_finite() && *v > 0.0));
    let dash = dash.map(|dash| StrokeDash { array: dash.to_vec(), offset: 0.0 });
    Stroke { paint: color.into(), width: line.width, miter_limit: 4.0, line_cap, line_join, opacity, dash }
}

fn draw(surface: &mut Surface<'_>, path: &Path, fill: Option<Fill>, stroke: Option<Stroke>) {
    // Without either the crate would take black.
    if fill.is_some() || stroke.is_some() {
        surface.set_fill(fill);
        surface.set_stroke(stroke);
        surface.draw_path(path);
    }
}

fn rectangle(surface: &mut Surface<'_>, [x, y, width, height]: [f32; 4], color: Color) {
    let Some(rect) = Rect::from_xywh(x, y, width, height) else { return };
    let mut path = PathBuilder::new();
    path.push_rect(rect);
    if let Some(path) = path.finish() {
        draw(surface, &path, Some(fill_of(color, FillRule::NonZero)), None);
    }
}

fn outline_path(outline: &[Piece]) -> Option<Path> {
    let mut path = PathBuilder::new();
    for (i, piece) in outline.iter().enumerate() {
        match *piece {
            Piece::Line([x, y]) if i == 0 => path.move_to(x, y),
            Piece::Line([x, y]) => path.line_to(x, y),
            Piece::Curve(a, b, to) => path.cubic_to(a[0], a[1], b[0], b[1], to[0], to[1]),
        }
    }
    path.close();
    path.finish()
}

fn lines_path(lines: &Lines) -> Option<Path> {
    let mut path = PathBuilder::new();
    for places in &lines.paths {
        for (i, [x, y]) in places.iter().enumerate() {
            if i == 0 { path.move_to(*x, *y) } else { path.line_to(*x, *y) }
        }
        if lines.closed && places.len() > 1 {
            path.close();
        }
    }
    path.finish()
}

fn path_of(path: &tiny_skia::Path) -> Option<Path> {
    let mut to = PathBuilder::new();
    for segment in path.segments() {
        match segment {
            PathSegment::MoveTo(p) => to.move_to(p.x, p.y),
            PathSegment::LineTo(p) => to.line_to(p.x, p.y),
            PathSegment::QuadTo(a, p) => to.quad_to(a.x, a.y, p.x, p.y),
            PathSegment::CubicTo(a, b, p) => to.cubic_to(a.x, a.y, b.x, b.y, p.x, p.y),
            PathSegment::Close => to.close(),
        }
    }
    to.finish()
}

/// A line of text: its casing as outlines, so that the text stands in the file once.
fn letters(surface: &mut Surface<'_>, text: &Text, fonts: &Fonts<'_>) {
    let size = text.size_px;
    if !(size.is_finite() && size > 0.0 && text.at.iter().all(|v| v.is_finite())) {
        return;
    }
    let words: String = text.text.chars().filter(|c| !c.is_control()).collect();
    let glyphs = fonts.typeface.glyphs(&words, text.bold);
    let width: f32 = glyphs.iter().map(|glyph| glyph.advance_em * size).sum();
    let left = match text.anchor {
        Anchor::Left => text.at[0],
        Anchor::Middle => text.at[0] - width / 2.0,
        Anchor::Right => text.at[0] - width,
    };
    // As in pixels: capitals reach about 0.73 em above the baseline.
    let at = [left, text.at[1] + size * 0.36];
    if let Some((color, width)) = text.casing {
        surface.set_fill(None);
        surface.set_stroke(Some(stroke_of(&Line { color, width, dash: None, round: true })));
        set(surface, &words, &glyphs, at, size, fonts, true);
    }
    surface.set_fill(Some(fill_of(text.color, FillRule::NonZero)));
    surface.set_stroke(None);
    set(surface, &words, &glyphs, at, size, fonts, false);
}

/// Letters that stand turned: all casings as outlines, then each letter as text.
fn turned(surface: &mut Surface<'_>, of: &Letters, fonts: &Fonts<'_>) {
    let size = of.size_px;
    let is_usual = |letter: &&Turned| letter.at.iter().chain([&letter.angle]).all(|v| v.is_finite());
    if !(size.is_finite() && size > 0.0) {
        return;
    }
    for outlined in [true, false] {
        match of.casing {
            Some((color, width)) if outlined => {
                surface.set_fill(None);
                surface.set_stroke(Some(stroke_of(&Line { color, width, dash: None, round: true })));
            }
            None if outlined => continue,
            _ => {
                surface.set_fill(Some(fill_of(of.color, FillRule::NonZero)));
                surface.set_stroke(None);
            }
        }
        for letter in of.letters.iter().filter(is_usual) {
            let words = letter.letter.to_string();
            let glyphs = fonts.typeface.glyphs(&words, of.bold);
            let [x, y] = letter.baseline(size);
            let (sin, cos) = letter.angle.sin_cos();
            surface.push_transform(&Transform::from_row(cos, sin, -sin, cos, x, y));
            set(surface, &words, &glyphs, [0.0; 2], size, fonts, outlined);
            surface.pop();
        }
    }
}

/// Sets characters from the left end of their baseline, as text or as outlines.
fn set(
    surface: &mut Surface<'_>,
    words: &str,
    glyphs: &[SetGlyph],
    [mut x, y]: [f32; 2],
    size: f32,
    fonts: &Fonts<'_>,
    outlined: bool,
) {
    for run in glyphs.chunk_by(|a, b| a.bold == b.bold) {
        let font = if run[0].bold { &fonts.bold } else { &fonts.regular };
        let (from, to) = (run[0].range.start, run[run.len() - 1].range.end);
        let of_run: Vec<KrillaGlyph> = run.iter().map(|glyph| krilla_glyph(glyph, from)).collect();
        surface.draw_glyphs(Point::from_xy(x, y), &of_run, font.clone(), &words[from..to], size, outlined);
        x += run.iter().map(|glyph| glyph.advance_em * size).sum::<f32>();
    }
}

fn krilla_glyph(glyph: &SetGlyph, from: usize) -> KrillaGlyph {
    let range = glyph.range.start - from..glyph.range.end - from;
    KrillaGlyph::new(GlyphId::new(glyph.glyph), glyph.advance_em, 0.0, 0.0, 0.0, range, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::GeometryKind;
    use crate::model::style::{Hatch, Icon, Marker, Symbol};
    use tiny_skia::Pixmap;

    fn page() -> Drawing {
        let mut drawing = Drawing::new([400.0, 200.0], Color::WHITE);
        drawing.fill([0.0, 0.0, 10.0, 10.0], Color::rgb(200, 0, 0).with_alpha(120));
        drawing.text("起步区用地现状图 2025", [20.0, 30.0], Anchor::Left, 20.0, true, Color::BLACK);
        let casing = Some((Color::WHITE, 3.0));
        let (text, anchor, color) = ("Label".to_owned(), Anchor::Middle, Color::BLACK);
        let label = Text { at: [200.0, 60.0], text, size_px: 12.0, bold: false, anchor, color, casing };
        drawing.shapes.push(Shape::Text(label));
        let ring = vec![[10.0, 80.0], [90.0, 80.0], [50.0, 150.0]];
        let line = Some(Line { color: Color::BLACK, width: 1.0, dash: Some([4.0, 2.0]), round: false });
        let lines = Lines { paths: vec![ring], closed: true, fill: Some(Color::rgb(0, 120, 0)), line };
        drawing.shapes.push(Shape::Group {
            clip: Some([0.0, 0.0, 70.0, 200.0]),
            opacity: 0.5,
            blend: Blend::Multiply,
            shapes: vec![Shape::Lines(lines)],
        });
        let marker = Marker {
            shape: crate::model::style::Shape::Circle,
            size_px: 12.0,
            color: Color::rgb(90, 20, 160),
            icon: Icon::House,
            icon_color: Color::WHITE,
            casing: None,
        };
        drawing.shapes.push(Shape::Marker { at: [150.0, 100.0], marker: Box::new(marker) });
        let hatch =
            Hatch { color: Color::BLACK, angle_deg: 45.0, spacing_px: 4.0, width_px: 0.5, crossed: false, back: None };
        let fill = crate::model::style::Fill::Hatch(hatch);
        let symbol = Box::new(Symbol { fill, ..Symbol::default() });
        let kind = GeometryKind::Polygon;
        drawing.shapes.push(Shape::Swatch { rect: [300.0, 10.0, 20.0, 13.0], symbol, kind });
        let pixels = Pixmap::new(4, 4).expect("has a size");
        drawing.shapes.push(Shape::Picture { at: [300.0, 50.0], size: [40.0, 40.0], pixels });
        drawing
    }

    #[test]
    fn the_same_drawing_gives_the_same_bytes() {
        let (typeface, about) = (Typeface::bundled(), About { title: "图".to_owned(), ..About::default() });
        let bytes = pdf(&[&page()], &about, &typeface).expect("a page");
        assert!(bytes.starts_with(b"%PDF-1.7"));
        assert_eq!(bytes, pdf(&[&page()], &about, &typeface).expect("a page"));
        let dated = About { date: Some((2026, 6, 1)), ..about };
        let dated = pdf(&[&page(), &page()], &dated, &typeface).expect("two pages");
        assert!(dated.windows(10).any(|part| part == b"D:20260601") && !bytes.windows(3).any(|part| part == b"(D:"));
    }

    #[test]
    fn a_page_without_a_size_or_of_five_metres_is_refused() {
        for size in [[0.0, 10.0], [f32::NAN, 10.0], [20_000.0, 10.0]] {
            let drawing = Drawing::new(size, Color::WHITE);
            let refused = pdf(&[&drawing], &About::default(), &Typeface::bundled());
            assert!(matches!(refused, Err(PdfError::PageSize { .. })), "{size:?}");
        }
    }
}
