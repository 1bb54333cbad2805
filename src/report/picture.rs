//! A picture of a report: a drawing, which becomes what the format needs, with its caption.

use crate::render::drawing::{Drawing, png};
use crate::render::lettering::Typeface;

/// A picture with its caption.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// What it shows, without a number.
    pub caption: String,
    /// The picture.
    pub drawing: Drawing,
}

/// A picture as pixels.
pub(super) struct Pixels {
    /// The PNG file.
    pub(super) png: Vec<u8>,
    /// Its width and height.
    pub(super) size: [u32; 2],
}

/// Pixels a logical pixel: enough for paper.
const SCALE: f32 = 2.0;
/// The longest side that is painted.
const MOST_PX: f32 = 8_000.0;

impl Picture {
    /// The picture as a PNG file; `None` where it cannot be held.
    pub(super) fn pixels(&self, typeface: &Typeface) -> Option<Pixels> {
        let longest = self.drawing.size[0].max(self.drawing.size[1]);
        let scale = SCALE.min(MOST_PX / longest.max(1.0));
        let pixels = self.drawing.paint(typeface, scale)?;
        Some(Pixels { png: png(&pixels), size: [pixels.width(), pixels.height()] })
    }
}
