//! Text as filled outlines, for the CPU painter and map sheets.

use ab_glyph::{Font, FontArc, OutlineCurve, PxScale, ScaleFont};
use tiny_skia::{FillRule, Paint, Path, PathBuilder, Pixmap, Stroke, Transform};

use crate::model::style::Color;

const REGULAR: &[u8] = include_bytes!("../../assets/fonts/tuban-sans-regular.otf");
const BOLD: &[u8] = include_bytes!("../../assets/fonts/tuban-sans-bold.otf");

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

    /// The fonts that the program carries: what a map shows must not depend on the machine.
    pub fn bundled() -> Self {
        let font = |bytes| FontArc::try_from_slice(bytes).expect("the bundled fonts are fonts, checked by tests");
        Self { regular: font(REGULAR), bold: font(BOLD) }
    }

    fn font_for(&self, c: char, bold: bool) -> &FontArc {
        if bold && self.bold.glyph_id(c).0 != 0 { &self.bold } else { &self.regular }
    }

    /// Width of `text` in pixels.
    pub fn width(&self, text: &str, size_px: f32, bold: bool) -> f32 {
        text.chars().map(|c| self.advance(c, size_px, bold)).sum()
    }

    /// `text` cut to `width` pixels, with an ellipsis where something was cut off.
    pub fn shortened(&self, text: &str, size_px: f32, bold: bool, width: f32) -> String {
        if self.width(text, size_px, bold) <= width {
            return text.to_owned();
        }
        let room = width - self.advance('…', size_px, bold);
        let mut used = 0.0;
        let fits = |c: &char| {
            used += self.advance(*c, size_px, bold);
            used <= room
        };
        let kept: String = text.chars().take_while(fits).collect();
        format!("{}…", kept.trim_end())
    }

    /// `text` in lines of at most `width` pixels, broken at the last space of a line, or between Chinese characters, or
    /// anywhere in a word that is wider than a line.
    pub fn wrapped(&self, text: &str, size_px: f32, width: f32) -> Vec<String> {
        let mut lines = Vec::new();
        let mut line = String::new();
        let mut used = 0.0;
        for c in text.chars() {
            let advance = self.advance(c, size_px, false);
            if used + advance > width && !line.is_empty() {
                let keeps_word = c.is_ascii_graphic();
                let at = line.rfind(|l: char| !l.is_ascii_graphic()).filter(|_| keeps_word);
                let rest = match at {
                    Some(at) => line.split_off(at + line[at..].chars().next().map_or(0, char::len_utf8)),
                    None => String::new(),
                };
                lines.push(line.trim_end().to_owned());
                line = rest.trim_start().to_owned();
                used = self.width(&line, size_px, false);
                if used + advance > width && !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                    used = 0.0;
                }
                if c == ' ' && line.is_empty() {
                    continue;
                }
            }
            line.push(c);
            used += advance;
        }
        if !line.is_empty() || lines.is_empty() {
            lines.push(line);
        }
        lines
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

#[cfg(test)]
mod tests {
    use super::*;

    fn typeface() -> Typeface {
        let regular = include_bytes!("../../assets/fonts/tuban-sans-regular.otf");
        let bold = include_bytes!("../../assets/fonts/tuban-sans-bold.otf");
        Typeface::new(regular.to_vec(), bold.to_vec()).expect("the bundled fonts are fonts")
    }

    #[test]
    fn text_is_cut_and_broken_within_its_width() {
        let typeface = typeface();
        let note =
            "资料来源：合成数据 · CGCS2000 / 3-degree Gauss-Kruger zone 39 · 调查椭球面积（国土调查办发〔2008〕32号）";
        for width in [40.0, 90.0, 200.0, 2000.0] {
            let lines = typeface.wrapped(note, 11.5, width);
            assert!(lines.iter().all(|line| typeface.width(line, 11.5, false) <= width + 0.01), "{width}: {lines:?}");
            let joined: String = lines.concat().chars().filter(|c| *c != ' ').collect();
            assert_eq!(joined, note.chars().filter(|c| *c != ' ').collect::<String>());
            let cut = typeface.shortened(note, 11.5, false, width);
            assert!(typeface.width(&cut, 11.5, false) <= width + 0.01 && (cut == note || cut.ends_with('…')));
        }
        assert!(typeface.wrapped(note, 11.5, 200.0).iter().any(|line| line.contains("Gauss-Kruger")));
        assert_eq!(typeface.wrapped("", 11.5, 10.0), [""]);
    }

    #[test]
    fn words_are_as_wide_as_their_letters_and_bold_ones_wider() {
        let typeface = typeface();
        assert!((typeface.width("亩", 20.0, false) - 20.0).abs() < 0.01);
        assert!(typeface.width("boundary", 20.0, true) > typeface.width("boundary", 20.0, false));
    }
}
