//! The plane between pixels and the world: six numbers.

/// From pixels to the world: x and y of the world are each a sum of column, row and a constant. Pixels are counted from the
/// upper left corner of the image, columns to the right, rows down; a pixel's middle lies at a half.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Affine {
    /// What x is made of: times the column, times the row, and added.
    pub x: [f64; 3],
    /// What y is made of.
    pub y: [f64; 3],
}

impl Affine {
    /// North up: the upper left corner, and the width and height of a pixel.
    pub fn north_up(corner: [f64; 2], pixel: [f64; 2]) -> Self {
        Self { x: [pixel[0], 0.0, corner[0]], y: [0.0, -pixel[1], corner[1]] }
    }

    /// Where a place goes.
    pub fn apply(&self, [column, row]: [f64; 2]) -> [f64; 2] {
        [&self.x, &self.y].map(|of| of[0] * column + of[1] * row + of[2])
    }

    /// The way back; `None` where there is none: the image would have no area.
    pub fn inverse(&self) -> Option<Self> {
        let ([a, b, c], [d, e, f]) = (self.x, self.y);
        let area = a * e - b * d;
        let whole = [a, b, c, d, e, f].iter().all(|v| v.is_finite()) && area.is_normal();
        whole.then(|| Self {
            x: [e / area, -b / area, (b * f - e * c) / area],
            y: [-d / area, a / area, (d * c - a * f) / area],
        })
    }

    /// The same of an image that begins at another pixel and whose pixels are `factor` of these wide and high.
    #[must_use]
    pub fn of_pixels(&self, from: [f64; 2], factor: [f64; 2]) -> Self {
        let origin = self.apply(from);
        Self {
            x: [self.x[0] * factor[0], self.x[1] * factor[1], origin[0]],
            y: [self.y[0] * factor[0], self.y[1] * factor[1], origin[1]],
        }
    }

    /// Width and height of a pixel in the world.
    pub fn pixel(&self) -> [f64; 2] {
        [self.x[0].hypot(self.y[0]), self.x[1].hypot(self.y[1])]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_leads_back_and_a_line_has_none() {
        let turned = Affine { x: [0.3, 0.1, 39_500_000.0], y: [0.1, -0.3, 4_070_000.0] };
        let back = turned.inverse().expect("has an area");
        let [column, row] = back.apply(turned.apply([1234.5, 678.25]));
        assert!((column - 1234.5).abs() < 1e-6 && (row - 678.25).abs() < 1e-6, "{column} {row}");
        assert_eq!(Affine { x: [1.0, 2.0, 0.0], y: [2.0, 4.0, 0.0] }.inverse(), None);
        assert_eq!(Affine { x: [f64::NAN, 2.0, 0.0], ..turned }.inverse(), None);
        assert_eq!(
            Affine::north_up([10.0, 20.0], [2.0, 3.0]).of_pixels([1.0, 1.0], [2.0, 2.0]).apply([1.0, 1.0]),
            [16.0, 11.0]
        );
    }
}
