//! Where the map looks: an immutable value.
//!
//! Screen coordinates are pixels from the top left corner of the map, y down; in the window a pixel is one point of the
//! interface. World coordinates are units of the project CRS, y up. Everything is f64: at 1:100 and an easting of
//! 39,500,000 m a pixel is 0.026 m, seven orders above the resolution of the number.

use crate::model::{Coord, Extent};

/// Metres that one pixel takes on a screen of 96 dots an inch, which scales are stated for.
pub const METRES_PER_SCREEN_PX: f64 = 0.0254 / 96.0;

/// Smallest and largest units a pixel: from a hundredth of a millimetre to the whole Earth in a few pixels.
const UNITS_PER_PX_RANGE: (f64, f64) = (1e-8, 4e6);

/// A rectangle of the world on a rectangle of pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MapView {
    /// World coordinate in the middle.
    pub center: Coord,
    /// World units a pixel.
    pub units_per_px: f64,
    /// Width and height in pixels.
    pub size_px: [f64; 2],
}

impl MapView {
    /// A view of `extent` with `margin_px` free on each side; of its centre at 1:1000 where it has no size.
    pub fn fit(extent: &Extent, size_px: [f64; 2], margin_px: f64) -> Self {
        if extent.is_empty() {
            return Self { center: Coord { x: 0.0, y: 0.0 }, units_per_px: 1.0, size_px };
        }
        let room = |size: f64| (size - 2.0 * margin_px).max(size * 0.5).max(1.0);
        let units_per_px = (extent.width() / room(size_px[0])).max(extent.height() / room(size_px[1]));
        let units_per_px = if units_per_px > 0.0 { units_per_px } else { 1000.0 * METRES_PER_SCREEN_PX };
        Self { center: extent.center(), units_per_px: clamp(units_per_px), size_px }
    }

    /// World coordinate at a pixel.
    pub fn world_from_screen(&self, px: [f64; 2]) -> Coord {
        Coord {
            x: self.center.x + (px[0] - self.size_px[0] / 2.0) * self.units_per_px,
            y: self.center.y - (px[1] - self.size_px[1] / 2.0) * self.units_per_px,
        }
    }

    /// Pixel at a world coordinate.
    pub fn screen_from_world(&self, world: Coord) -> [f64; 2] {
        [
            (world.x - self.center.x) / self.units_per_px + self.size_px[0] / 2.0,
            (self.center.y - world.y) / self.units_per_px + self.size_px[1] / 2.0,
        ]
    }

    /// What is seen.
    pub fn extent(&self) -> Extent {
        let (w, h) = (self.size_px[0] / 2.0 * self.units_per_px, self.size_px[1] / 2.0 * self.units_per_px);
        Extent {
            min: Coord { x: self.center.x - w, y: self.center.y - h },
            max: Coord { x: self.center.x + w, y: self.center.y + h },
        }
    }

    /// The view after the map was dragged by pixels: what was under the pointer stays under it.
    #[must_use]
    pub fn panned(&self, delta_px: [f64; 2]) -> Self {
        let center = Coord {
            x: self.center.x - delta_px[0] * self.units_per_px,
            y: self.center.y + delta_px[1] * self.units_per_px,
        };
        Self { center, ..*self }
    }

    /// The view magnified by `factor` about a pixel, whose world coordinate stays where it is.
    #[must_use]
    pub fn zoomed_about(&self, px: [f64; 2], factor: f64) -> Self {
        let fixed = self.world_from_screen(px);
        let units_per_px = clamp(self.units_per_px / factor);
        let ratio = units_per_px / self.units_per_px;
        let center =
            Coord { x: fixed.x + (self.center.x - fixed.x) * ratio, y: fixed.y + (self.center.y - fixed.y) * ratio };
        Self { center, units_per_px, ..*self }
    }

    /// The same centre and scale on another size.
    #[must_use]
    pub fn resized(&self, size_px: [f64; 2]) -> Self {
        Self { size_px, ..*self }
    }

    /// The same scale about another centre.
    #[must_use]
    pub fn centered(&self, center: Coord) -> Self {
        Self { center, ..*self }
    }

    /// The n of 1:n, where a world unit is `metres_per_unit` metres, on a screen of 96 dots an inch.
    pub fn scale_denominator(&self, metres_per_unit: f64) -> f64 {
        self.units_per_px * metres_per_unit / METRES_PER_SCREEN_PX
    }

    /// The view at the scale 1:`denominator`.
    #[must_use]
    pub fn at_scale(&self, denominator: f64, metres_per_unit: f64) -> Self {
        Self { units_per_px: clamp(denominator * METRES_PER_SCREEN_PX / metres_per_unit), ..*self }
    }
}

fn clamp(units_per_px: f64) -> f64 {
    units_per_px.clamp(UNITS_PER_PX_RANGE.0, UNITS_PER_PX_RANGE.1)
}

/// A scale bar: a round length that fits, and where its ticks are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaleBar {
    /// Whole length in metres: 1, 2 or 5 times a power of ten.
    pub length_m: f64,
    /// Whole length in pixels.
    pub length_px: f64,
    /// Equal parts of it that are marked.
    pub part_count: usize,
}

impl ScaleBar {
    /// The longest round bar of at most `max_px` pixels, where a pixel is `metres_per_px` metres.
    pub fn fit(metres_per_px: f64, max_px: f64) -> Self {
        let most = (metres_per_px * max_px).max(f64::MIN_POSITIVE);
        let power = 10f64.powf(most.log10().floor());
        let (step, part_count) =
            [(5.0, 5), (2.0, 2), (1.0, 2)].into_iter().find(|(step, _)| step * power <= most).unwrap_or((1.0, 2));
        let length_m = step * power;
        Self { length_m, length_px: length_m / metres_per_px, part_count }
    }
}

/// Lines of a grid over a view, at round coordinates of the project CRS.
#[derive(Clone, Debug, PartialEq)]
pub struct GridLines {
    /// Where lines of constant x stand.
    pub x: Vec<f64>,
    /// Where lines of constant y stand.
    pub y: Vec<f64>,
    /// Decimals that tell neighbouring lines apart.
    pub decimals: usize,
}

impl GridLines {
    /// The grid whose lines are at least `spacing_px` apart: 1, 2 or 5 times a power of ten.
    pub fn of(view: &MapView, spacing_px: f64) -> Self {
        let least = view.units_per_px * spacing_px;
        let power = 10f64.powf(least.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|s| *s >= least).unwrap_or(10.0 * power);
        let extent = view.extent();
        let lines = |min: f64, max: f64| -> Vec<f64> {
            let first = (min / step).ceil();
            // A view of any size has few lines; the bound keeps absurd ones from filling memory.
            let count = ((max / step).floor() - first + 1.0).clamp(0.0, 1000.0) as usize;
            (0..count).map(|i| (first + i as f64) * step).collect()
        };
        let decimals = (-step.log10().floor()).clamp(0.0, 12.0) as usize;
        Self { x: lines(extent.min.x, extent.max.x), y: lines(extent.min.y, extent.max.y), decimals }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jinan() -> MapView {
        let center = Coord { x: 39_508_924.427, y: 4_074_320.486 };
        MapView { center, units_per_px: 1.0, size_px: [1600.0, 1000.0] }
    }

    #[test]
    fn neighbouring_pixels_differ_at_1_to_100_anywhere_in_china() {
        for center in [(25_400_000.0, 2_000_000.0), (39_508_924.427, 4_074_320.486), (45_600_000.0, 5_900_000.0)] {
            let view = MapView { center: Coord { x: center.0, y: center.1 }, ..jinan() }.at_scale(100.0, 1.0);
            let step = 100.0 * METRES_PER_SCREEN_PX;
            for px in [0.0, 1.0, 799.0, 1598.0] {
                let (a, b) = (view.world_from_screen([px, px]), view.world_from_screen([px + 1.0, px + 1.0]));
                assert!(((b.x - a.x) / step - 1.0).abs() < 1e-5 && ((a.y - b.y) / step - 1.0).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn zoom_keeps_what_is_under_the_pointer() {
        let view = jinan();
        let px = [200.0, 700.0];
        let before = view.world_from_screen(px);
        let mut zoomed = view;
        for _ in 0..40 {
            zoomed = zoomed.zoomed_about(px, 1.3);
        }
        let after = zoomed.world_from_screen(px);
        assert!((before.x - after.x).abs() < 1e-6 && (before.y - after.y).abs() < 1e-6);
    }

    #[test]
    fn screen_and_world_are_inverse() {
        let view = jinan();
        let px = view.screen_from_world(view.world_from_screen([123.0, 456.0]));
        assert!((px[0] - 123.0).abs() < 1e-6 && (px[1] - 456.0).abs() < 1e-6);
        assert_eq!(view.panned([10.0, 5.0]).world_from_screen([10.0, 5.0]), view.world_from_screen([0.0, 0.0]));
    }

    #[test]
    fn scales_are_stated_for_96_dots_an_inch() {
        let view = jinan().at_scale(50_000.0, 1.0);
        assert!((view.scale_denominator(1.0) - 50_000.0).abs() < 1e-6);
        assert!((view.units_per_px - 13.229).abs() < 1e-3);
    }

    #[test]
    fn an_extent_fits_with_its_margin() {
        let mut extent = Extent::EMPTY;
        extent.add(Coord { x: 0.0, y: 0.0 });
        extent.add(Coord { x: 100.0, y: 10.0 });
        let view = MapView::fit(&extent, [120.0, 80.0], 10.0);
        assert_eq!(view.screen_from_world(Coord { x: 0.0, y: 5.0 }), [10.0, 40.0]);
        assert!(MapView::fit(&Extent::EMPTY, [120.0, 80.0], 10.0).units_per_px > 0.0);
    }

    #[test]
    fn grid_lines_stand_at_round_coordinates() {
        let lines = GridLines::of(&jinan(), 120.0);
        assert_eq!(lines.x[0], 39_508_200.0);
        assert_eq!(lines.x[1] - lines.x[0], 200.0);
        assert_eq!((lines.y.len(), lines.decimals), (5, 0));
    }

    #[test]
    fn scale_bars_are_round() {
        for (metres_per_px, expected) in [(1.0, 100.0), (13.2, 2000.0), (0.3, 20.0), (0.0026, 0.2)] {
            let bar = ScaleBar::fit(metres_per_px, 160.0);
            assert!((bar.length_m - expected).abs() < 1e-9 * expected, "{metres_per_px}: {bar:?}");
            assert!(bar.length_px <= 160.0 + 1e-9);
        }
    }
}
