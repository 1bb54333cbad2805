//! Pixels that lie somewhere on the map: an underlay. It is a part of the map's picture and no layer: it has no features,
//! no legend, and no row in the tree is needed to draw it.

use std::sync::Arc;

use tiny_skia::{ColorU8, IntSize, Pixmap};

use crate::model::Extent;

/// Pixels that lie somewhere on the map.
#[derive(Clone, Debug)]
pub struct Image {
    pixels: Arc<Pixmap>,
    extent: Extent,
    opacity: f32,
}

/// Images are the same that are of the same pixels, not only of equal ones: to look costs nothing.
impl PartialEq for Image {
    fn eq(&self, other: &Self) -> bool {
        self.shares_pixels(other) && self.extent == other.extent && self.opacity == other.opacity
    }
}

impl Image {
    /// `pixels`, rows from north to south, over `extent` in the CRS of the map, at the strength `opacity` of 1. `None`
    /// where the extent has no area: there is no telling then what a pixel covers.
    pub fn new(pixels: Arc<Pixmap>, extent: Extent, opacity: f32) -> Option<Self> {
        let sides = [extent.width(), extent.height()];
        let has_area = !extent.is_empty() && sides.iter().all(|side| side.is_finite() && *side > 0.0);
        has_area.then_some(Self { pixels, extent, opacity })
    }

    /// The same of plain RGBA bytes, four a pixel. `None`, too, where they are not as many as `size` says.
    pub fn of_rgba(size: [u32; 2], mut rgba: Vec<u8>, extent: Extent, opacity: f32) -> Option<Self> {
        for pixel in rgba.as_chunks_mut::<4>().0 {
            let [r, g, b, a] = *pixel;
            let color = ColorU8::from_rgba(r, g, b, a).premultiply();
            *pixel = [color.red(), color.green(), color.blue(), color.alpha()];
        }
        let pixels = Pixmap::from_vec(rgba, IntSize::from_wh(size[0], size[1])?)?;
        Self::new(Arc::new(pixels), extent, opacity)
    }

    /// The same at another strength.
    #[must_use]
    pub fn with_opacity(&self, opacity: f32) -> Self {
        Self { opacity, ..self.clone() }
    }

    /// Whether both are of the same pixels, not only of equal ones.
    pub fn shares_pixels(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.pixels, &other.pixels)
    }

    /// Whether both show the same in the same place, as strongly.
    pub fn equals(&self, other: &Self) -> bool {
        let is_alike = self.extent == other.extent && self.opacity == other.opacity;
        is_alike && (self.shares_pixels(other) || self.pixels == other.pixels)
    }

    /// Its pixels.
    pub fn pixels(&self) -> &Pixmap {
        &self.pixels
    }

    /// What it covers, in the CRS of the map.
    pub fn extent(&self) -> Extent {
        self.extent
    }

    /// How strongly it is drawn, 0 to 1.
    pub fn opacity(&self) -> f32 {
        self.opacity.clamp(0.0, 1.0)
    }
}
