//! Text as filled outlines, for the CPU painter and map sheets.

use ab_glyph::{Font, FontArc, OutlineCurve, PxScale, ScaleFont};
use tiny_skia::{FillRule, Paint, Path, PathBuilder, Pixmap, Stroke, Transform};

use crate::model::style::Color;

/// A typeface, regular and bold.
#[derive(Clone, Debug)]
pub struct Typeface {
    regular: FontArc,
    bold: FontArc,
}

/// Where a text stands relative to its point, horizontally; vertically it stands on the middle of its capitals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// The point is at its left.
    Left,
    /// The point is in its middle.
    Middle,
    /// The point is at its right.
    Right,
}

impl Typeface {
    /// The typeface of two font files; `None` where one of them is no font. A glyph that the bold one lacks is taken
    /// from the regular one.
    pub fn new(regular: Vec<u8>, bold: Vec<u8>) -> Option<Self> {
        // What is wrong with a font file is of no use to anybody but who bundled it.
        let font = |bytes| FontArc::try_from_vec(bytes).ok();
        Some(Self { regular: font(regular)?, bold: font(bold)? })
    }

    fn font_for(&self, c: char, bold: bool) -> &FontArc {
        if bold && self.bold.glyph_id(c).0 != 0 { &self.bold } else { &self.regular }
    }

    /// Width of `text` in pixels.
    pub fn width(&self, text: &str, size_px: f32, bold: bool) -> f32 {
        text.chars().map(|c| self.advance(c, size_px, bold)).sum()
    }

    fn scale(font: &FontArc, size_px: f32) -> PxScale {
        // Sizes are of the em square, as in the window; ab_glyph scales by the height of a line.
        let em = font.units_per_em().unwrap_or(1000.0);
        PxScale::from(size_px * font.height_unscaled() / em)
    }

    fn advance(&self, c: char, size_px: f32, bold: bool) -> f32 {
        let font = self.font_for(c, bold);
        font.as_scaled(Self::scale(font, size_px)).h_advance(font.glyph_id(c))
    }

    /// Outlines of `text` with its baseline at y = 0, from x = 0; `None` where nothing of it has an outline.
    fn outline(&self, text: &str, size_px: f32, bold: bool) -> Option<Path> {
        let mut path = PathBuilder::new();
        let mut x = 0.0;
        for c in text.chars() {
            let font = self.font_for(c, bold);
            let scale = size_px / font.units_per_em().unwrap_or(1000.0);
            if let Some(outline) = font.outline(font.glyph_id(c)) {
                add_glyph(&mut path, &outline.curves, x, scale);
            }
            x += self.advance(c, size_px, bold);
        }
        path.finish()
    }

    /// Paints `text` at a point, with a casing of that colour and width where one is given.
    pub fn paint(
        &self,
        pixmap: &mut Pixmap,
        text: &str,
        at: [f32; 2],
        anchor: Anchor,
        size_px: f32,
        bold: bool,
        color: Color,
        casing: Option<(Color, f32)>,
    ) {
        let Some(path) = self.outline(text, size_px, bold) else { return };
        let width = self.width(text, size_px, bold);
        let x = match anchor {
            Anchor::Left => at[0],
            Anchor::Middle => at[0] - width / 2.0,
            Anchor::Right => at[0] - width,
        };
        // Capitals and Chinese characters reach about 0.73 em above the baseline.
        let transform = Transform::from_translate(x, at[1] + size_px * 0.36);
        if let Some((casing, width)) = casing {
            let stroke = Stroke { width, line_join: tiny_skia::LineJoin::Round, ..Stroke::default() };
            pixmap.stroke_path(&path, &paint_of(casing), &stroke, transform, None);
        }
        pixmap.fill_path(&path, &paint_of(color), FillRule::Winding, transform, None);
    }
}

/// An opaque or translucent paint of one colour.
pub fn paint_of(color: Color) -> Paint<'static> {
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    paint.set_color_rgba8(color.r, color.g, color.b, color.a);
    paint
}

fn add_glyph(path: &mut PathBuilder, curves: &[OutlineCurve], x: f32, scale: f32) {
    let at = |p: ab_glyph::Point| (x + p.x * scale, -p.y * scale);
    let mut last: Option<ab_glyph::Point> = None;
    for curve in curves {
        let (start, end) = match curve {
            OutlineCurve::Line(a, b) => (*a, *b),
            OutlineCurve::Quad(a, _, c) => (*a, *c),
            OutlineCurve::Cubic(a, _, _, d) => (*a, *d),
        };
        if last != Some(start) {
            if last.is_some() {
                path.close();
            }
            let (x, y) = at(start);
            path.move_to(x, y);
        }
        match curve {
            OutlineCurve::Line(_, b) => {
                let (x, y) = at(*b);
                path.line_to(x, y);
            }
            OutlineCurve::Quad(_, b, c) => {
                let ((bx, by), (cx, cy)) = (at(*b), at(*c));
                path.quad_to(bx, by, cx, cy);
            }
            OutlineCurve::Cubic(_, b, c, d) => {
                let ((bx, by), (cx, cy), (dx, dy)) = (at(*b), at(*c), at(*d));
                path.cubic_to(bx, by, cx, cy, dx, dy);
            }
        }
        last = Some(end);
    }
    if last.is_some() {
        path.close();
    }
}
