//! A colour: 8-bit sRGB with straight alpha.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A colour: 8-bit sRGB with straight alpha.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Color {
    /// Red.
    pub r: u8,
    /// Green.
    pub g: u8,
    /// Blue.
    pub b: u8,
    /// Opacity, 255 for opaque.
    pub a: u8,
}

impl Color {
    /// White.
    pub const WHITE: Self = Self::rgb(255, 255, 255);
    /// Black.
    pub const BLACK: Self = Self::rgb(0, 0, 0);
    /// Nothing.
    pub const TRANSPARENT: Self = Self { r: 0, g: 0, b: 0, a: 0 };

    /// An opaque colour.
    pub const fn rgb(r: u8, g: u8, b: u8) -> Self {
        Self { r, g, b, a: 255 }
    }

    /// The same colour with another opacity.
    #[must_use]
    pub const fn with_alpha(self, a: u8) -> Self {
        Self { a, ..self }
    }

    /// Red, green, blue and opacity.
    pub const fn to_array(self) -> [u8; 4] {
        [self.r, self.g, self.b, self.a]
    }

    /// Reads `#rrggbb` or `#rrggbbaa`, with or without `#`.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = text.trim().strip_prefix('#').unwrap_or(text.trim());
        if !matches!(digits.len(), 6 | 8) || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let byte = |i: usize| u8::from_str_radix(digits.get(2 * i..2 * i + 2)?, 16).ok(); // checked above
        let a = if digits.len() == 8 { byte(3)? } else { 255 };
        Some(Self { r: byte(0)?, g: byte(1)?, b: byte(2)?, a })
    }

    /// Relative luminance, 0 to 1 (WCAG 2.1, sRGB transfer curve), opacity left aside.
    pub fn luminance(self) -> f32 {
        0.2126 * linear(self.r) + 0.7152 * linear(self.g) + 0.0722 * linear(self.b)
    }

    /// How far it is from `other` to the eye (the distance in Oklab, Ottosson 2020), opacity left aside: black to white is
    /// 1, and two colours of a legend are told apart from about 0.08 on.
    pub fn distance(self, other: Self) -> f32 {
        let lab = |color: Self| {
            let [r, g, b] = [color.r, color.g, color.b].map(linear);
            let l = (0.412_221_46 * r + 0.536_332_55 * g + 0.051_445_995 * b).cbrt();
            let m = (0.211_903_5 * r + 0.680_699_5 * g + 0.107_396_96 * b).cbrt();
            let s = (0.088_302_46 * r + 0.281_718_85 * g + 0.629_978_7 * b).cbrt();
            [
                0.210_454_26 * l + 0.793_617_8 * m - 0.004_072_047 * s,
                1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s,
                0.025_904_037 * l + 0.782_771_77 * m - 0.808_675_77 * s,
            ]
        };
        let (a, b) = (lab(self), lab(other));
        (0..3).map(|i| (a[i] - b[i]) * (a[i] - b[i])).sum::<f32>().sqrt()
    }

    /// Contrast with `other`, 1 to 21 (WCAG 2.1), opacity left aside.
    pub fn contrast(self, other: Self) -> f32 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// Black or white, whichever reads better on it.
    pub fn readable_ink(self) -> Self {
        // The contrast with white, 1.05/(L+0.05), equals that with black, (L+0.05)/0.05, at L = 0.179.
        if self.luminance() > 0.179 { Self::BLACK } else { Self::WHITE }
    }

    /// The colour `share` of the way to `other`, channel by channel, opacity too.
    #[must_use]
    pub fn mix(self, other: Self, share: f32) -> Self {
        let share = share.clamp(0.0, 1.0);
        let channel = |a: u8, b: u8| (f32::from(a) + (f32::from(b) - f32::from(a)) * share).round() as u8;
        Self {
            r: channel(self.r, other.r),
            g: channel(self.g, other.g),
            b: channel(self.b, other.b),
            a: channel(self.a, other.a),
        }
    }
}

/// A channel as light: the transfer curve of sRGB undone.
fn linear(channel: u8) -> f32 {
    let c = f32::from(channel) / 255.0;
    if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
}

impl fmt::Display for Color {
    /// `#rrggbb`, or `#rrggbbaa` when not opaque.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.r, self.g, self.b)?;
        if self.a == 255 { Ok(()) } else { write!(f, "{:02x}", self.a) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_text_reads_back() {
        for color in [Color::rgb(214, 35, 43), Color::TRANSPARENT, Color::rgb(1, 2, 3).with_alpha(4)] {
            assert_eq!(Color::from_hex(&color.to_string()), Some(color));
        }
        assert_eq!(Color::from_hex("D6232B"), Some(Color::rgb(214, 35, 43)));
        for bad in ["", "#fff", "#12345g", "#1234567", "#红红"] {
            assert_eq!(Color::from_hex(bad), None, "{bad}");
        }
    }

    #[test]
    fn distances_are_those_of_the_eye() {
        let near = |a: f32, b: f32| (a - b).abs() < 1e-3;
        assert!(near(Color::BLACK.distance(Color::WHITE), 1.0));
        assert_eq!(Color::rgb(1, 2, 3).distance(Color::rgb(1, 2, 3)), 0.0);
        // Red and green by the published values: (0.628, 0.225, 0.126) and (0.866, -0.234, 0.179).
        assert!(near(Color::rgb(255, 0, 0).distance(Color::rgb(0, 255, 0)), 0.5197));
        assert!(near(Color::BLACK.contrast(Color::WHITE), 21.0));
    }

    #[test]
    fn ink_contrasts_with_its_ground() {
        assert_eq!(Color::rgb(255, 255, 45).readable_ink(), Color::BLACK);
        assert_eq!(Color::rgb(0, 0, 255).readable_ink(), Color::WHITE);
        assert_eq!(Color::BLACK.mix(Color::WHITE, 0.5), Color::rgb(128, 128, 128));
    }
}
