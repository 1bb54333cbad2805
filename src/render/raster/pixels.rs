//! From the world to the pixels of a band, and colours onto them.

use crate::model::Coord;
use crate::model::style::Color;
use crate::render::MapView;

/// World coordinates to pixels of a band, y down.
#[derive(Clone, Copy, Debug)]
pub struct ToPixels {
    left: f64,
    top: f64,
    px_per_unit: f64,
}

impl ToPixels {
    /// For a band whose first row is `top` of a picture of `view` with `scale` pixels a pixel of the view.
    pub fn new(view: &MapView, scale: f64, top: u32) -> Self {
        let corner = view.world_from_screen([0.0, f64::from(top) / scale]);
        Self { left: corner.x, top: corner.y, px_per_unit: scale / view.units_per_px }
    }

    /// For a grid whose first cell has its top left corner at `corner` and whose cells are `units_per_px` wide.
    pub fn from_corner(corner: Coord, units_per_px: f64) -> Self {
        Self { left: corner.x, top: corner.y, px_per_unit: 1.0 / units_per_px }
    }

    /// World coordinate at a pixel.
    pub fn world(&self, px: [f64; 2]) -> Coord {
        Coord { x: self.left + px[0] / self.px_per_unit, y: self.top - px[1] / self.px_per_unit }
    }

    /// Pixel at a world coordinate.
    pub fn at(&self, c: Coord) -> [f64; 2] {
        [(c.x - self.left) * self.px_per_unit, (self.top - c.y) * self.px_per_unit]
    }

    /// Pixels of a length in world units.
    pub fn length(&self, units: f64) -> f64 {
        units * self.px_per_unit
    }

    /// The same place in a grid that is `factor` times finer.
    #[must_use]
    pub fn finer(&self, factor: f64) -> Self {
        Self { px_per_unit: self.px_per_unit * factor, ..*self }
    }
}

/// Rows of premultiplied RGBA pixels.
#[derive(Clone, Debug)]
pub struct Pixels {
    /// Width in pixels.
    pub width: usize,
    /// Four bytes a pixel, row by row.
    pub data: Vec<u8>,
}

impl Pixels {
    /// Rows of one colour.
    pub fn new(width: usize, height: usize, color: Color) -> Self {
        let pixel = Premultiplied::of(color, 1.0).bytes();
        Self { width, data: pixel.repeat(width * height) }
    }

    /// Lays `paint`, weakened to `coverage` of 255, over pixel `at`.
    pub fn blend(&mut self, at: usize, paint: Premultiplied, coverage: u32) {
        let Some(pixel) = self.data.get_mut(at * 4..at * 4 + 4) else { return };
        paint.over(pixel, coverage);
    }

    /// Lays `paint` over the pixels `cells`.
    pub fn blend_run(&mut self, cells: std::ops::Range<usize>, paint: Premultiplied) {
        let Some(pixels) = self.data.as_chunks_mut::<4>().0.get_mut(cells) else { return };
        if paint.a == 255 {
            pixels.fill(paint.bytes());
        } else {
            pixels.iter_mut().for_each(|pixel| paint.over(pixel, 255));
        }
    }

    /// Lays `above` over these pixels, weakened to `opacity`.
    pub fn lay_over(&mut self, above: &Self, opacity: f32) {
        let coverage = (opacity.clamp(0.0, 1.0) * 255.0).round() as u32;
        for (below, above) in self.data.chunks_exact_mut(4).zip(above.data.chunks_exact(4)) {
            if above[3] > 0 {
                let [r, g, b, a] = [0, 1, 2, 3].map(|i| u32::from(above[i]));
                Premultiplied { r, g, b, a }.over(below, coverage);
            }
        }
    }
}

impl Pixels {
    /// Multiplies these pixels by `above`, weakened to `opacity`: what is white above changes nothing.
    pub fn multiply_by(&mut self, above: &Self, opacity: f32) {
        let coverage = (opacity.clamp(0.0, 1.0) * 255.0).round() as u32;
        for (below, above) in self.data.chunks_exact_mut(4).zip(above.data.chunks_exact(4)) {
            if above[3] == 0 {
                continue;
            }
            let own = [0, 1, 2, 3].map(|i| over_255(u32::from(above[i]) * coverage));
            let (own_a, below_a) = (own[3], u32::from(below[3]));
            for i in 0..3 {
                let (c, b) = (own[i], u32::from(below[i]));
                below[i] =
                    (over_255(c * b) + over_255(c * (255 - below_a)) + over_255(b * (255 - own_a))).min(255) as u8;
            }
            below[3] = (own_a + over_255(below_a * (255 - own_a))).min(255) as u8;
        }
    }
}

/// A colour multiplied by its opacity, 0 to 255 a channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Premultiplied {
    /// Red.
    pub r: u32,
    /// Green.
    pub g: u32,
    /// Blue.
    pub b: u32,
    /// Opacity.
    pub a: u32,
}

impl Premultiplied {
    /// `color`, weakened to `strength` of 1.
    pub fn of(color: Color, strength: f32) -> Self {
        let a = f32::from(color.a) * strength.clamp(0.0, 1.0);
        let channel = |c: u8| (f32::from(c) * a / 255.0).round() as u32;
        Self { r: channel(color.r), g: channel(color.g), b: channel(color.b), a: a.round() as u32 }
    }

    fn bytes(self) -> [u8; 4] {
        [self.r, self.g, self.b, self.a].map(|c| c.min(255) as u8)
    }

    /// Laid over one pixel, weakened to `coverage` of 255.
    pub fn over(self, pixel: &mut [u8], coverage: u32) {
        if self.a * coverage == 255 * 255 {
            pixel.copy_from_slice(&self.bytes());
            return;
        }
        let left = 255 - over_255(self.a * coverage);
        for (below, own) in pixel.iter_mut().zip([self.r, self.g, self.b, self.a]) {
            *below = over_255(own * coverage + u32::from(*below) * left).min(255) as u8;
        }
    }
}

/// `value` / 255, rounded, for all up to 255².
fn over_255(value: u32) -> u32 {
    let value = value + 128;
    (value + (value >> 8)) >> 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiplied_by_white_nothing_changes_and_by_a_colour_it_darkens() {
        let below = Pixels::new(1, 1, Color::rgb(200, 100, 50));
        let check = |above: Color, opacity: f32, expected: [u8; 4]| {
            let mut pixels = below.clone();
            pixels.multiply_by(&Pixels::new(1, 1, above), opacity);
            let near = pixels.data.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= 1);
            assert!(near, "{above} at {opacity}: {:?} for {expected:?}", pixels.data);
        };
        check(Color::WHITE, 1.0, [200, 100, 50, 255]);
        check(Color::BLACK, 1.0, [0, 0, 0, 255]);
        check(Color::BLACK, 0.5, [100, 50, 25, 255]);
        check(Color::rgb(255, 128, 0), 1.0, [200, 50, 0, 255]);
        check(Color::TRANSPARENT, 1.0, [200, 100, 50, 255]);
    }

    #[test]
    fn full_coverage_of_an_opaque_colour_replaces_and_none_keeps() {
        let mut pixels = Pixels::new(2, 1, Color::rgb(10, 20, 30));
        let red = Premultiplied::of(Color::rgb(200, 0, 0), 1.0);
        pixels.blend(0, red, 255);
        pixels.blend(1, red, 0);
        assert_eq!(pixels.data, [200, 0, 0, 255, 10, 20, 30, 255]);
        pixels.blend(7, red, 255);
    }

    #[test]
    fn division_by_255_is_exact() {
        for value in 0..=255 * 255 {
            assert_eq!(over_255(value), (value * 2 + 255) / 510);
        }
    }

    #[test]
    fn half_of_white_over_black_is_grey() {
        let mut below = Pixels::new(1, 1, Color::BLACK);
        let above = Pixels::new(1, 1, Color::WHITE);
        below.lay_over(&above, 0.5);
        assert_eq!(below.data, [128, 128, 128, 255]);
    }

    #[test]
    fn bands_continue_each_other() {
        let view = MapView { center: Coord { x: 39_500_000.0, y: 4e6 }, units_per_px: 0.5, size_px: [100.0, 200.0] };
        let world = Coord { x: 39_500_010.25, y: 3_999_990.75 };
        let (whole, band) = (ToPixels::new(&view, 2.0, 0).at(world), ToPixels::new(&view, 2.0, 64).at(world));
        assert_eq!(whole[0], band[0]);
        assert!((whole[1] - band[1] - 64.0).abs() < 1e-6);
    }
}
