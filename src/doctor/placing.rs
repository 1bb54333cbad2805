//! A scan put in its place by points that are known on it and on the map: four parameters (shift, turn, scale) or six (paper
//! that shrank more one way than the other), by least squares about the middle of the points, so that coordinates of millions
//! of metres lose nothing. What each point leaves over is said.

use geo_types::Coord;

use crate::io::underlay::Affine;
use crate::text::Message;

/// A point known in both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ControlPoint {
    /// Column and row on the scan, from its upper left corner, in pixels.
    pub pixel: [f64; 2],
    /// Where it is, easting first.
    pub world: Coord,
}

/// How many parameters a scan is put in its place by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Placing {
    /// Shift, turn and one scale: from two points.
    #[default]
    Four,
    /// Any plane: from three points.
    Six,
}

impl Placing {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Four, Self::Six];

    /// The points that it takes at least.
    pub fn least(self) -> usize {
        match self {
            Self::Four => 2,
            Self::Six => 3,
        }
    }
}

/// Where a scan lies, and what its points leave over.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// From pixels to the world.
    pub affine: Affine,
    /// What each point leaves over, image less known place, in units of the world.
    pub residuals: Vec<Coord>,
    /// Root of the mean square of their lengths.
    pub rms: f64,
    /// The point that leaves the most.
    pub worst: usize,
}

/// Why points put a scan nowhere.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum PlacingError {
    /// There are too few.
    #[error("{count} points, expected at least {least}")]
    TooFew {
        /// How many there are.
        count: usize,
        /// How many are needed.
        least: usize,
    },
    /// They lie in one place, or in one line.
    #[error("all points lie in one place or line")]
    InLine,
}

impl PlacingError {
    /// The error as a message of the catalogue.
    pub fn message(self) -> Message {
        match self {
            Self::TooFew { count, least } => {
                Message::new("underlay.points-few").with("count", count).with("least", least)
            }
            Self::InLine => Message::new("underlay.points-in-line"),
        }
    }
}

/// Puts a scan in its place.
///
/// # Errors
/// [`PlacingError`].
pub fn place(points: &[ControlPoint], placing: Placing) -> Result<Placed, PlacingError> {
    let least = placing.least();
    if points.len() < least {
        return Err(PlacingError::TooFew { count: points.len(), least });
    }
    let count = points.len() as f64;
    let first = points[0];
    let mean = |of: &dyn Fn(&ControlPoint) -> f64| {
        points.iter().map(|point| of(point) - of(&first)).sum::<f64>() / count + of(&first)
    };
    let (column, row) = (mean(&|point| point.pixel[0]), mean(&|point| point.pixel[1]));
    let (x, y) = (mean(&|point| point.world.x), mean(&|point| point.world.y));
    let mut sums = [0.0; 3];
    let mut with = [[0.0; 2]; 2];
    for point in points {
        let (c, r) = (point.pixel[0] - column, point.pixel[1] - row);
        let (e, n) = (point.world.x - x, point.world.y - y);
        for (sum, value) in sums.iter_mut().zip([c * c, c * r, r * r]) {
            *sum += value;
        }
        for (sums, value) in with.iter_mut().zip([e, n]) {
            sums[0] += c * value;
            sums[1] += r * value;
        }
    }
    let [cc, cr, rr] = sums;
    let [[ce, re], [cn, rn]] = with;
    let [along_x, along_y] = match placing {
        // Rows go down where the world goes up: the plane is turned over.
        Placing::Four => {
            let square = cc + rr;
            let (a, b) = ((ce - rn) / square, (re + cn) / square);
            [[a, b], [b, -a]]
        }
        Placing::Six => {
            let area = cc * rr - cr * cr;
            // Where the points lie in a line, what is left is of rounding.
            if area <= 1e-9 * cc * rr {
                return Err(PlacingError::InLine);
            }
            [[ce, re], [cn, rn]].map(|[c, r]| [(c * rr - r * cr) / area, (r * cc - c * cr) / area])
        }
    };
    let constant = |[of_column, of_row]: [f64; 2], mean: f64| mean - of_column * column - of_row * row;
    let affine =
        Affine { x: [along_x[0], along_x[1], constant(along_x, x)], y: [along_y[0], along_y[1], constant(along_y, y)] };
    if affine.inverse().is_none() {
        return Err(PlacingError::InLine);
    }
    let residuals: Vec<Coord> = points
        .iter()
        .map(|point| {
            let [at_x, at_y] = affine.apply(point.pixel);
            Coord { x: at_x - point.world.x, y: at_y - point.world.y }
        })
        .collect();
    let square = |of: &Coord| of.x * of.x + of.y * of.y;
    let rms = (residuals.iter().map(square).sum::<f64>() / count).sqrt();
    let worst = (0..residuals.len()).max_by(|a, b| square(&residuals[*a]).total_cmp(&square(&residuals[*b])));
    Ok(Placed { affine, residuals, rms, worst: worst.unwrap_or(0) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(affine: &Affine, pixels: &[[f64; 2]]) -> Vec<ControlPoint> {
        let point = |pixel: &[f64; 2]| {
            let [x, y] = affine.apply(*pixel);
            ControlPoint { pixel: *pixel, world: Coord { x, y } }
        };
        pixels.iter().map(point).collect()
    }

    const PIXELS: [[f64; 2]; 4] = [[100.0, 80.0], [3000.0, 120.0], [2900.0, 2200.0], [90.0, 2100.0]];

    #[test]
    fn a_turned_scan_is_put_in_its_place_to_the_millimetre() {
        let turned = Affine { x: [0.5, 0.02, 39_500_000.0], y: [0.02, -0.5, 4_070_000.0] };
        for placing in Placing::ALL {
            let placed = place(&points(&turned, &PIXELS), placing).expect("enough points");
            assert!(placed.rms < 1e-6, "{placing:?}: {}", placed.rms);
            let ([x, y], [wanted_x, wanted_y]) = (placed.affine.apply([0.0, 0.0]), turned.apply([0.0, 0.0]));
            assert!((x - wanted_x).abs() < 1e-3 && (y - wanted_y).abs() < 1e-3, "{placing:?}: {x} {y}");
        }
        assert!(place(&points(&turned, &PIXELS[..2]), Placing::Four).expect("two").rms < 1e-6);
    }

    #[test]
    fn six_parameters_take_what_four_leave_and_a_wrong_point_stands_out() {
        let shrunk = Affine { x: [0.5, 0.0, 500_000.0], y: [0.0, -0.501, 4_070_000.0] };
        let known = points(&shrunk, &PIXELS);
        let [four, six] = Placing::ALL.map(|placing| place(&known, placing).expect("enough points").rms);
        assert!(six < 1e-6 && four > 0.3, "{four} {six}");
        let mut wrong = known;
        wrong[2].world.x += 50.0;
        let placed = place(&wrong, Placing::Four).expect("enough points");
        assert_eq!(placed.worst, 2);
        assert!(placed.residuals[2].x < -10.0, "{:?}", placed.residuals);
    }

    #[test]
    fn too_few_points_and_points_in_a_line_are_refused() {
        let plain = Affine::north_up([0.0, 0.0], [1.0, 1.0]);
        let in_line = points(&plain, &[[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]);
        assert_eq!(place(&in_line, Placing::Six), Err(PlacingError::InLine));
        assert_eq!(place(&in_line[..1], Placing::Four), Err(PlacingError::TooFew { count: 1, least: 2 }));
        assert_eq!(place(&[in_line[0], in_line[0]], Placing::Four), Err(PlacingError::InLine));
    }
}
