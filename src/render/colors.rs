//! Colours of the map that are no layer's own, and what a theme does to symbols.

use crate::model::style::defaults::GROUNDS;
use crate::model::style::labels::LabelLook;
use crate::model::style::{Casing, Color, Fill, Hatch, Pattern, Stroke, Symbol};

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
    /// Share of full strength that fills have; the rest is ground. Below 1 the theme is a dark one.
    pub fill_strength: f32,
}

/// Share of full strength that pale lines have in a dark theme, where they would glare.
const PALE_STRENGTH: f32 = 0.78;
/// Opacity of pale casings in a dark theme: a hint is enough there.
const PALE_CASING: f32 = 0.25;
/// Opacity of the lines around labels.
const HALO_ALPHA: u8 = 230;
/// Least contrast of a label with what is around it (WCAG 2.1 asks 3 of large text, 4.5 of small).
const READ_CONTRAST: f32 = 4.0;
/// The same in a dark theme.
const READ_CONTRAST_DARK: f32 = 7.0;
/// Least contrast of a bare line with a dark ground.
const SEEN_CONTRAST: f32 = 2.5;
/// Lines and casings lighter than this are pale.
const PALE_LUMINANCE: f32 = 0.5;

/// What lies behind lines in the colour of paper where a legend shows them.
pub(super) const PALE_BEHIND: Color = Color::rgb(0x9A, 0xA3, 0xAE);

/// Whether a line in a legend on paper would not be seen: its colour is that of paper, and nothing is around it.
pub(super) fn is_pale_on_paper(stroke: &Stroke) -> bool {
    let c = stroke.color;
    stroke.casing.is_none() && (c.a < 60 || c.r.min(c.g).min(c.b) > 216)
}

impl PaintColors {
    /// The light theme, which exports use.
    pub const LIGHT: Self = Self {
        ground: GROUNDS[0],
        text: Color::rgb(0x17, 0x20, 0x2B),
        accent: Color::rgb(0x16, 0x68, 0xDC),
        casing: Color::WHITE,
        fill_strength: 1.0,
    };

    /// The dark theme.
    pub const DARK: Self = Self {
        ground: GROUNDS[1],
        text: Color::rgb(0xE4, 0xE8, 0xEE),
        accent: Color::rgb(0x6B, 0xA6, 0xFF),
        casing: Color::WHITE,
        fill_strength: 0.82,
    };

    /// `symbol` as this theme draws it: fills weakened towards the ground, and in a dark theme pale lines and casings
    /// too. Hatches and markers stay as they are.
    pub fn themed(&self, symbol: &Symbol) -> Symbol {
        let fill = match symbol.fill {
            Fill::None => Fill::None,
            Fill::Solid(color) => Fill::Solid(self.weakened(color, self.fill_strength)),
            Fill::Hatch(hatch) => {
                Fill::Hatch(Hatch { back: hatch.back.map(|back| self.weakened(back, self.fill_strength)), ..hatch })
            }
            Fill::Pattern(pattern) => Fill::Pattern(Pattern {
                back: pattern.back.map(|back| self.weakened(back, self.fill_strength)),
                ..pattern
            }),
        };
        if self.fill_strength >= 1.0 {
            return Symbol { fill, ..*symbol };
        }
        let is_bare = symbol.fill == Fill::None;
        let stroke = symbol.stroke.map(|stroke| Stroke {
            // A casing that shows through is a band, which lifts no line off dark ground.
            color: if is_bare && stroke.casing.is_none_or(|casing| casing.color.a < 128) {
                self.bare(stroke.color)
            } else {
                self.line(stroke.color)
            },
            casing: stroke.casing.map(|casing| Casing { color: self.casing_of(casing.color), ..casing }),
            ..stroke
        });
        Symbol { fill, stroke, ..*symbol }
    }

    /// Colour of a label, and colour and width of the line around it. A colour that this theme's ground would swallow comes
    /// nearer to that of its text until it is read.
    pub fn label(&self, look: &LabelLook) -> (Color, Option<(Color, f32)>) {
        let halo = look.halo.map(|halo| (halo.color.unwrap_or(self.ground).with_alpha(HALO_ALPHA), halo.width_px));
        let ground = look.halo.and_then(|halo| halo.color).unwrap_or(self.ground);
        let ink = if look.halo.is_some_and(|halo| halo.color.is_some()) { ground.readable_ink() } else { self.text };
        let wanted = look.color.unwrap_or(ink);
        let shares = [0.0, 0.25, 0.5, 0.75];
        let read = shares.map(|share| wanted.mix(ink.with_alpha(wanted.a), share));
        // Dark fills are far lighter than dark ground: a label has to stand out from them, too.
        let asked = if self.fill_strength < 1.0 { READ_CONTRAST_DARK } else { READ_CONTRAST };
        (read.into_iter().find(|color| color.contrast(ground) >= asked).unwrap_or(ink), halo)
    }

    fn line(&self, color: Color) -> Color {
        if color.luminance() > PALE_LUMINANCE { self.weakened(color, PALE_STRENGTH) } else { color }
    }

    /// The colour of a line that has neither fill nor casing: one as dark as the ground comes nearer to the text until it
    /// is seen.
    fn bare(&self, color: Color) -> Color {
        let wanted = self.line(color);
        let seen = [0.0, 0.25, 0.5].map(|share| wanted.mix(self.text.with_alpha(wanted.a), share));
        seen.into_iter().find(|color| color.contrast(self.ground) >= SEEN_CONTRAST).unwrap_or(seen[2])
    }

    fn casing_of(&self, color: Color) -> Color {
        if color.luminance() <= PALE_LUMINANCE {
            // What is dark on pale ground has to be darker still on dark ground.
            return color.mix(Color::BLACK.with_alpha(color.a), 0.6);
        }
        color.with_alpha((f32::from(color.a) * PALE_CASING).round() as u8)
    }

    fn weakened(&self, color: Color, strength: f32) -> Color {
        color.mix(self.ground.with_alpha(color.a), 1.0 - strength)
    }
}

/// Strength of a thin outline around a feature whose side is `size_px` logical pixels: none up to 3, full from 9 on, so
/// that outlines never turn the map grey.
pub fn outline_strength(size_px: f64) -> f32 {
    ((size_px - 3.0) / 6.0).clamp(0.0, 1.0) as f32
}

/// A symbol whose features are `size_px` logical pixels large: lines across small ones turn into the tint that they make,
/// and outlines around what is filled get thinner, so that a few strokes do not swallow what colour there is.
pub fn quieted(symbol: &Symbol, size_px: f64) -> Symbol {
    let mut symbol = *symbol;
    if symbol.fill != Fill::None
        && let Some(stroke) = &mut symbol.stroke
    {
        let most = ((size_px / OUTLINES_OF_SIZE) as f32).max(LEAST_OUTLINE_PX);
        if stroke.width_px > most {
            let share = most / stroke.width_px;
            stroke.width_px = most;
            stroke.casing = stroke.casing.map(|casing| Casing { width_px: casing.width_px * share, ..casing });
        }
    }
    // In steps, so that the symbol stays the same while the map is moved a little.
    let strength = (outline_strength(size_px / 2.0) * 8.0).round() / 8.0;
    if strength >= 1.0 {
        return symbol;
    }
    let faded = |color: Color, share: f32| color.with_alpha((f32::from(color.a) * share).round() as u8);
    let tinted = |back: Option<Color>, ink: Color, share: f32| {
        let tint = faded(ink, share * (1.0 - strength));
        Some(back.map_or(tint, |back| back.mix(ink.with_alpha(back.a), f32::from(tint.a) / 255.0)))
    };
    let fill = match symbol.fill {
        Fill::None | Fill::Solid(_) => symbol.fill,
        Fill::Hatch(hatch) => {
            let sets = if hatch.crossed { 2.0 } else { 1.0 };
            let share = (hatch.width_px / hatch.spacing_px.max(0.1) * sets).min(1.0);
            let back = tinted(hatch.back, hatch.color, share);
            Fill::Hatch(Hatch { color: faded(hatch.color, strength), back, ..hatch })
        }
        Fill::Pattern(pattern) => {
            let side = pattern.size_px / pattern.spacing_px.max(0.1);
            let back = tinted(pattern.back, pattern.color, (side * side * 0.3).min(1.0));
            Fill::Pattern(Pattern { color: faded(pattern.color, strength), back, ..pattern })
        }
    };
    Symbol { fill, ..symbol }
}

/// Widths of outlines that fit into the size of what they are around, at least.
const OUTLINES_OF_SIZE: f64 = 6.0;
/// Width that every outline keeps; it fades instead.
const LEAST_OUTLINE_PX: f32 = 0.7;

/// Outlines from this width on stand for something of their own and do not fade.
pub const BOLD_OUTLINE_PX: f32 = 1.5;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::GeometryKind;
    use crate::model::roles::Role;
    use crate::model::style::defaults;

    #[test]
    fn the_dark_theme_weakens_fills_and_pale_lines() {
        let symbol = |role| *defaults::for_role(role, GeometryKind::Polygon, 0).symbol(0).expect("one symbol");
        let yellow = Symbol { fill: Fill::Solid(Color::rgb(255, 255, 45)), ..Symbol::default() };
        assert_eq!(PaintColors::DARK.themed(&yellow).fill, Fill::Solid(Color::rgb(215, 215, 42)));
        let boundary = symbol(Role::DevelopmentBoundary);
        assert_eq!(PaintColors::LIGHT.themed(&boundary), boundary);
        let dark = PaintColors::DARK.themed(&boundary).stroke.expect("a line");
        assert_eq!(Some(dark.color), boundary.stroke.map(|s| s.color));
        assert!(dark.casing.expect("a casing").color.a < 80);
        // A bare line is seen on dark ground, and stays as it is on pale ground.
        let grey = Stroke { color: Color::rgb(0x46, 0x4C, 0x56), width_px: 1.8, dash: None, casing: None };
        let limit = Symbol { fill: Fill::None, stroke: Some(grey), ..Symbol::default() };
        assert_eq!(PaintColors::LIGHT.themed(&limit), limit);
        let lifted = PaintColors::DARK.themed(&limit).stroke.expect("a line").color;
        assert!(lifted.contrast(PaintColors::DARK.ground) >= SEEN_CONTRAST, "{lifted:?}");
        let road = PaintColors::DARK.themed(&symbol(Role::Road)).stroke.expect("a line");
        assert!(road.color.luminance() < 0.65 && road.casing.expect("a casing").color.luminance() < 0.1);
    }

    #[test]
    fn labels_are_read_on_the_ground_of_either_theme() {
        use crate::model::style::labels::{Halo, WATER_TEXT};
        let usual = LabelLook::default();
        for colors in [PaintColors::LIGHT, PaintColors::DARK] {
            assert_eq!(colors.label(&usual), (colors.text, Some((colors.ground.with_alpha(230), 3.0))));
            for color in [WATER_TEXT, Color::WHITE, Color::BLACK, Color::rgb(250, 240, 90)] {
                let (read, _) = colors.label(&LabelLook { color: Some(color), ..usual });
                assert!(read.contrast(colors.ground) >= 4.0, "{color:?} {read:?}");
            }
        }
        // A halo of its own is the ground.
        let halo = Some(Halo { color: Some(Color::BLACK), width_px: 2.0 });
        let (read, _) = PaintColors::LIGHT.label(&LabelLook { halo, ..usual });
        assert_eq!(read, Color::WHITE);
        let light = PaintColors::LIGHT.label(&LabelLook { color: Some(WATER_TEXT), ..usual }).0;
        assert_eq!(light, WATER_TEXT);
    }

    #[test]
    fn hatches_of_small_features_become_their_tint() {
        let symbol = *defaults::for_role(Role::BasicFarmland, GeometryKind::Polygon, 0).symbol(0).expect("one symbol");
        assert_eq!(quieted(&symbol, 40.0), symbol);
        let Fill::Hatch(own) = symbol.fill else { panic!("a hatch") };
        let Fill::Hatch(small) = quieted(&symbol, 4.0).fill else { panic!("a hatch") };
        assert_eq!(small.color.a, 0, "no lines");
        let expected = f32::from(own.color.a) * own.width_px / own.spacing_px;
        assert!(small.back.is_some_and(|tint| (f32::from(tint.a) - expected).abs() <= 1.0), "{small:?}");
        let on_white = Symbol { fill: Fill::Hatch(Hatch { back: Some(Color::WHITE), ..own }), ..symbol };
        let Fill::Hatch(small) = quieted(&on_white, 4.0).fill else { panic!("a hatch") };
        assert!(small.back.is_some_and(|back| back.a == 255 && back != Color::WHITE), "{small:?}");
        let solid = Symbol { fill: Fill::Solid(Color::BLACK), ..symbol };
        assert_eq!(quieted(&solid, 1.0), solid);
        let bold = Symbol { stroke: symbol.stroke.map(|stroke| Stroke { width_px: 4.0, ..stroke }), ..solid };
        let width = |size_px| quieted(&bold, size_px).stroke.map(|stroke| stroke.width_px);
        assert_eq!([width(60.0), width(12.0), width(1.0)], [Some(4.0), Some(2.0), Some(0.7)]);
        let line = Symbol { fill: Fill::None, ..bold };
        assert_eq!(quieted(&line, 1.0), line, "a line is all that there is of it");
    }

    #[test]
    fn outlines_fade_as_parcels_get_small() {
        assert_eq!([0.0, 3.0, 6.0, 9.0, 50.0].map(outline_strength), [0.0, 0.0, 0.5, 1.0, 1.0]);
    }
}
