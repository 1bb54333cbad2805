//! Heights as a relief lit from the north-west, which is how maps are lit.

use std::f64::consts::FRAC_1_SQRT_2;

/// How a relief is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Relief {
    /// Width and height of a cell of the finest level in metres.
    pub(super) cell_m: [f64; 2],
}

/// Where the light is: half up in the north-west (east, north, up).
const LIGHT: [f64; 3] = [-0.5, 0.5, FRAC_1_SQRT_2];

/// Four bytes a pixel: greys, nothing where there is no height. Slopes by all eight neighbours (Horn 1981); where one of them
/// has no height, that of the middle stands for it. `height_at` is asked one cell beyond each side.
pub(super) fn shaded(size: [u32; 2], cell_m: [f64; 2], height_at: impl Fn(i64, i64) -> Option<f64>) -> Vec<u8> {
    let [width, height] = size.map(i64::from);
    let mut rgba = Vec::with_capacity(width as usize * height as usize * 4);
    for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
        let Some(middle) = height_at(x, y) else {
            rgba.extend_from_slice(&[0; 4]);
            continue;
        };
        let at = |right: i64, down: i64| height_at(x + right, y + down).unwrap_or(middle);
        let [north_west, north, north_east] = [at(-1, -1), at(0, -1), at(1, -1)];
        let [south_west, south, south_east] = [at(-1, 1), at(0, 1), at(1, 1)];
        let [west, east] = [at(-1, 0), at(1, 0)];
        let to_east =
            ((north_east + 2.0 * east + south_east) - (north_west + 2.0 * west + south_west)) / (8.0 * cell_m[0]);
        let to_north =
            ((north_west + 2.0 * north + north_east) - (south_west + 2.0 * south + south_east)) / (8.0 * cell_m[1]);
        let length = (to_east * to_east + to_north * to_north + 1.0).sqrt();
        let light = (-to_east * LIGHT[0] - to_north * LIGHT[1] + LIGHT[2]) / length;
        let grey = (light.max(0.0) * 255.0).round().min(255.0) as u8;
        rgba.extend_from_slice(&[grey, grey, grey, 255]);
    }
    rgba
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_to_the_light_are_bright_and_plains_are_all_alike() {
        let greys = |slope: [f64; 2]| {
            let height = |x: i64, y: i64| Some(slope[0] * x as f64 - slope[1] * y as f64);
            let rgba = shaded([3, 3], [1.0, 1.0], height);
            let first = rgba[0];
            assert!(rgba.as_chunks::<4>().0.iter().all(|pixel| *pixel == [first, first, first, 255]), "{rgba:?}");
            first
        };
        assert_eq!(greys([0.0, 0.0]), 180);
        // Rising to the south-east, it looks to the north-west.
        assert!(greys([0.7, -0.7]) > 250);
        assert_eq!(greys([-0.8, 0.8]), 0);
        assert_eq!(shaded([1, 1], [1.0, 1.0], |_, _| None), [0; 4]);
    }
}
