//! Text as filled outlines, for the CPU painter and map sheets.

use std::borrow::Cow;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::outline::{DrawSettings, OutlineGlyphCollection, OutlinePen};
use skrifa::{FontRef, GlyphId, MetadataProvider};
use tiny_skia::{FillRule, Paint, Path, PathBuilder, Pixmap, Stroke, Transform};

use crate::model::style::Color;

/// The bundled font, upright and not bold, as its file.
pub static REGULAR: &[u8] = include_bytes!("../../assets/fonts/tuban-sans-regular.otf");
const BOLD: &[u8] = include_bytes!("../../assets/fonts/tuban-sans-bold.otf");

/// A typeface, regular and bold.
#[derive(Clone, Debug)]
pub struct Typeface {
    regular: Font,
    bold: Font,
}

/// Bytes of a font file that is known to be one.
#[derive(Clone, Debug)]
struct Font(Arc<Cow<'static, [u8]>>);

/// The tables of a font that text is set with, in units of the font.
struct Tables<'a> {
    characters: Charmap<'a>,
    metrics: GlyphMetrics<'a>,
    outlines: OutlineGlyphCollection<'a>,
    units_per_em: f32,
}

/// A typeface opened for one text.
struct Setting<'a> {
    regular: Tables<'a>,
    bold: Option<Tables<'a>>,
    size_px: f32,
}

/// A character of a set text.
#[derive(Clone, Debug, PartialEq)]
pub struct SetGlyph {
    /// Whether the bold font has it.
    pub bold: bool,
    /// Its number in that font.
    pub glyph: u32,
    /// Its width, where the size of the text is 1.
    pub advance_em: f32,
    /// Its bytes in the text.
    pub range: std::ops::Range<usize>,
}

/// A letter that stands turned, as on a curved line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Turned {
    /// The letter.
    pub letter: char,
    /// The middle of its width, at the middle of its capitals.
    pub at: [f32; 2],
    /// How far it is turned clockwise, in radians.
    pub angle: f32,
    /// Its width.
    pub advance: f32,
}

impl Turned {
    /// The left end of its baseline, for a text of that size.
    pub fn baseline(&self, size_px: f32) -> [f32; 2] {
        let (sin, cos) = self.angle.sin_cos();
        let (x, y) = (-self.advance / 2.0, size_px * CAPITALS);
        [self.at[0] + x * cos - y * sin, self.at[1] + x * sin + y * cos]
    }
}

/// Half the height of capitals and of Chinese characters above the baseline, where the size of the text is 1.
pub const CAPITALS: f32 = 0.36;

/// Widths of many texts of a typeface, each letter looked up once.
pub struct Widths<'a> {
    settings: [Setting<'a>; 2],
    known: [FxHashMap<char, f32>; 2],
}

impl<'a> Widths<'a> {
    /// For a typeface.
    pub fn new(typeface: &'a Typeface) -> Self {
        Self {
            settings: [typeface.setting(1.0, false), typeface.setting(1.0, true)],
            known: [FxHashMap::default(), FxHashMap::default()],
        }
    }

    /// Width of a letter, where the size of the text is 1.
    pub fn letter(&mut self, letter: char, bold: bool) -> f32 {
        let of = usize::from(bold);
        *self.known[of].entry(letter).or_insert_with(|| self.settings[of].advance(letter))
    }

    /// Width of a text of that size.
    pub fn text(&mut self, text: &str, size_px: f32, bold: bool) -> f32 {
        text.chars().map(|letter| self.letter(letter, bold)).sum::<f32>() * size_px
    }
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
        Some(Self { regular: Font::new(regular.into())?, bold: Font::new(bold.into())? })
    }

    /// The fonts that the program carries: what a map shows must not depend on the machine.
    pub fn bundled() -> Self {
        let font =
            |bytes: &'static [u8]| Font::new(bytes.into()).expect("the bundled fonts are fonts, checked by tests");
        Self { regular: font(REGULAR), bold: font(BOLD) }
    }

    fn setting(&self, size_px: f32, bold: bool) -> Setting<'_> {
        Setting { regular: self.regular.tables(), bold: bold.then(|| self.bold.tables()), size_px }
    }

    /// The characters of `text` one by one, in the fonts that have them; control characters are left out.
    pub fn glyphs(&self, text: &str, bold: bool) -> Vec<SetGlyph> {
        let setting = self.setting(1.0, bold);
        let set = |(at, c): (usize, char)| {
            let (tables, glyph) = setting.glyph(c);
            let is_bold = setting.bold.as_ref().is_some_and(|bold| std::ptr::eq(bold, tables));
            SetGlyph {
                bold: is_bold,
                glyph: glyph.to_u32(),
                advance_em: setting.advance(c),
                range: at..at + c.len_utf8(),
            }
        };
        text.char_indices().filter(|(_, c)| !c.is_control()).map(set).collect()
    }

    /// The bytes of the font file, regular or bold.
    pub fn file(&self, bold: bool) -> Arc<Cow<'static, [u8]>> {
        if bold { self.bold.0.clone() } else { self.regular.0.clone() }
    }

    /// Measures the width of texts in pixels: for many of one size.
    pub fn ruler(&self, size_px: f32, bold: bool) -> impl Fn(&str) -> f32 + use<'_> {
        let setting = self.setting(size_px, bold);
        move |text| setting.width(text)
    }

    /// Width of `text` in pixels.
    pub fn width(&self, text: &str, size_px: f32, bold: bool) -> f32 {
        self.setting(size_px, bold).width(text)
    }

    /// `text` cut to `width` pixels, with an ellipsis where something was cut off.
    pub fn shortened(&self, text: &str, size_px: f32, bold: bool, width: f32) -> String {
        let setting = self.setting(size_px, bold);
        if setting.width(text) <= width {
            return text.to_owned();
        }
        let room = width - setting.advance('…');
        let mut used = 0.0;
        let fits = |c: &char| {
            used += setting.advance(*c);
            used <= room
        };
        let kept: String = text.chars().take_while(fits).collect();
        format!("{}…", kept.trim_end())
    }

    /// `text` in lines of at most `width` pixels, broken at the last space of a line, or between Chinese characters, or
    /// anywhere in a word that is wider than a line.
    pub fn wrapped(&self, text: &str, size_px: f32, width: f32) -> Vec<String> {
        let setting = self.setting(size_px, false);
        let mut lines = Vec::new();
        let mut line = String::new();
        let mut used = 0.0;
        for c in text.chars() {
            let advance = setting.advance(c);
            if used + advance > width && !line.is_empty() {
                let keeps_word = c.is_ascii_graphic();
                let at = line.rfind(|l: char| !l.is_ascii_graphic()).filter(|_| keeps_word);
                let rest = match at {
                    Some(at) => line.split_off(at + line[at..].chars().next().map_or(0, char::len_utf8)),
                    None if NOT_FIRST.contains(c) => carried(&mut line),
                    None => String::new(),
                };
                lines.push(line.trim_end().to_owned());
                line = rest.trim_start().to_owned();
                used = setting.width(&line);
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

    /// Outlines of `text` with its baseline at y = 0, from x = 0; `None` where nothing of it has an outline.
    fn outline(&self, text: &str, size_px: f32, bold: bool) -> Option<Path> {
        let setting = self.setting(size_px, bold);
        let mut path = PathBuilder::new();
        let mut x = 0.0;
        for c in text.chars() {
            let (tables, glyph) = setting.glyph(c);
            if let Some(outline) = tables.outlines.get(glyph) {
                let mut pen = Pen { path: &mut path, x, scale: size_px / tables.units_per_em };
                // A glyph whose outline is broken leaves its place empty, as a glyph without one does.
                let unhinted = DrawSettings::unhinted(Size::unscaled(), LocationRef::default());
                let _ = outline.draw(unhinted, &mut pen);
            }
            x += setting.advance(c);
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
        let transform = Transform::from_translate(x, at[1] + size_px * CAPITALS);
        if let Some((casing, width)) = casing {
            let stroke = Stroke { width, line_join: tiny_skia::LineJoin::Round, ..Stroke::default() };
            pixmap.stroke_path(&path, &paint_of(casing), &stroke, transform, None);
        }
        pixmap.fill_path(&path, &paint_of(color), FillRule::Winding, transform, None);
    }
}

impl Typeface {
    /// Paints letters that stand turned: their casings first, so that none covers a neighbour.
    pub fn paint_turned(
        &self,
        pixmap: &mut Pixmap,
        letters: &[Turned],
        size_px: f32,
        bold: bool,
        color: Color,
        casing: Option<(Color, f32)>,
    ) {
        let set = |letter: &Turned| {
            let path = self.outline(letter.letter.encode_utf8(&mut [0; 4]), size_px, bold)?;
            let (sin, cos) = letter.angle.sin_cos();
            let [x, y] = letter.baseline(size_px);
            Some((path, Transform::from_row(cos, sin, -sin, cos, x, y)))
        };
        let set: Vec<(Path, Transform)> = letters.iter().filter_map(set).collect();
        if let Some((casing, width)) = casing {
            let stroke = Stroke { width, line_join: tiny_skia::LineJoin::Round, ..Stroke::default() };
            for (path, transform) in &set {
                pixmap.stroke_path(path, &paint_of(casing), &stroke, *transform, None);
            }
        }
        for (path, transform) in &set {
            pixmap.fill_path(path, &paint_of(color), FillRule::Winding, *transform, None);
        }
    }
}

/// An opaque or translucent paint of one colour.
pub fn paint_of(color: Color) -> Paint<'static> {
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    paint.set_color_rgba8(color.r, color.g, color.b, color.a);
    paint
}

impl Font {
    fn new(bytes: Cow<'static, [u8]>) -> Option<Self> {
        // What is wrong with a font file is of no use to anybody but who bundled it.
        FontRef::from_index(&bytes, 0).ok()?;
        Some(Self(Arc::new(bytes)))
    }

    fn tables(&self) -> Tables<'_> {
        let font = FontRef::from_index(&self.0, 0).expect("the file was opened as a font before");
        let metrics = font.metrics(Size::unscaled(), LocationRef::default());
        let units_per_em = if metrics.units_per_em == 0 { 1000.0 } else { f32::from(metrics.units_per_em) };
        Tables {
            characters: font.charmap(),
            metrics: font.glyph_metrics(Size::unscaled(), LocationRef::default()),
            outlines: font.outline_glyphs(),
            units_per_em,
        }
    }
}

impl Setting<'_> {
    fn glyph(&self, c: char) -> (&Tables<'_>, GlyphId) {
        let of = |tables: &Tables<'_>| tables.characters.map(c).filter(|glyph| *glyph != GlyphId::NOTDEF);
        let bold = self.bold.as_ref().and_then(|bold| Some((bold, of(bold)?)));
        bold.unwrap_or_else(|| (&self.regular, of(&self.regular).unwrap_or(GlyphId::NOTDEF)))
    }

    /// Width of a character in pixels. Sizes are of the em square, as in the window.
    fn advance(&self, c: char) -> f32 {
        let (tables, glyph) = self.glyph(c);
        tables.metrics.advance_width(glyph).unwrap_or(0.0) * (self.size_px / tables.units_per_em)
    }

    fn width(&self, text: &str) -> f32 {
        text.chars().map(|c| self.advance(c)).sum()
    }
}

/// Adds the outline of a glyph to a path: y of fonts grows upwards, that of pictures downwards.
struct Pen<'a> {
    path: &'a mut PathBuilder,
    x: f32,
    scale: f32,
}

impl Pen<'_> {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (self.x + x * self.scale, -y * self.scale)
    }
}

impl OutlinePen for Pen<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        let ((cx, cy), (x, y)) = (self.at(cx, cy), self.at(x, y));
        self.path.quad_to(cx, cy, x, y);
    }

    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        let ((ax, ay), (bx, by), (x, y)) = (self.at(ax, ay), self.at(bx, by), self.at(x, y));
        self.path.cubic_to(ax, ay, bx, by, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

/// Signs that begin no line, and those that end none.
const NOT_FIRST: &str = "）〉》」』】］、，。．：；？！％‰°…";
const NOT_LAST: &str = "（〈《「『【［";

/// Takes off what goes down with a sign that begins no line; nothing where the line would be empty.
fn carried(line: &mut String) -> String {
    let mut from = line.len();
    for (at, c) in line.char_indices().rev() {
        let is_enough = from < line.len() && !NOT_LAST.contains(c) && !NOT_FIRST.contains(c);
        let is_whole = is_enough && !line[from..].starts_with(|c: char| NOT_FIRST.contains(c));
        if is_whole {
            return line.split_off(from);
        }
        from = at;
    }
    String::new()
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
        // A bracket goes down with what it holds.
        let width = typeface.width("占总面积比例（%", 10.0, false) + 0.5;
        assert_eq!(typeface.wrapped("占总面积比例（%）", 10.0, width), ["占总面积比例", "（%）"]);
        assert_eq!(typeface.wrapped("））", 10.0, 12.0), ["）", "）"]);
    }

    #[test]
    fn a_letter_that_stands_turned_keeps_its_middle() {
        let letter = Turned { letter: '河', at: [100.0, 50.0], angle: std::f32::consts::FRAC_PI_2, advance: 20.0 };
        let [x, y] = letter.baseline(20.0);
        // Turned by a quarter its baseline runs down, to the left of its middle.
        assert!((x - (100.0 - 7.2)).abs() < 1e-3 && (y - 40.0).abs() < 1e-3, "{x} {y}");
        let mut picture = Pixmap::new(200, 100).expect("has a size");
        typeface().paint_turned(&mut picture, &[letter], 20.0, false, Color::BLACK, Some((Color::WHITE, 2.0)));
        let inked = |x: u32, y: u32| picture.pixel(x, y).is_some_and(|pixel| pixel.alpha() > 0);
        let places: Vec<(u32, u32)> =
            (0..200).flat_map(|x| (0..100).map(move |y| (x, y))).filter(|(x, y)| inked(*x, *y)).collect();
        assert!(!places.is_empty());
        assert!(places.iter().all(|(x, y)| x.abs_diff(100) <= 13 && y.abs_diff(50) <= 13), "{places:?}");
    }

    #[test]
    fn widths_that_are_remembered_are_those_of_the_typeface() {
        let typeface = typeface();
        let mut widths = Widths::new(&typeface);
        for (text, bold) in [("图斑 12.50", false), ("图斑 12.50", true), ("boundary", false)] {
            assert!((widths.text(text, 12.5, bold) - typeface.width(text, 12.5, bold)).abs() < 1e-3, "{text}");
            assert!((widths.text(text, 12.5, bold) - typeface.width(text, 12.5, bold)).abs() < 1e-3, "{text}");
        }
    }

    #[test]
    fn words_are_as_wide_as_their_letters_and_bold_ones_wider() {
        let typeface = typeface();
        assert!((typeface.width("亩", 20.0, false) - 20.0).abs() < 0.01);
        assert!(typeface.width("boundary", 20.0, true) > typeface.width("boundary", 20.0, false));
    }
}
