//! The four parameters between a plane of its own, such as a city's, and a CRS: fitted to pairs of points.
//!
//! Least squares of the similarity in closed form (Helmert 1893; Umeyama 1991, eqs. 38-42 without reflection), about the
//! middle of the points, so that coordinates of millions of metres lose nothing. Surveyors write X for the northing:
//! whether one side of the pairs has its axes exchanged is told by which way they fit.

use geo_types::Coord;

use crate::crs::correction::Similarity;
use crate::crs::sample::Shape;
use crate::text::Message;

/// Scales beyond this many parts per million are no projection's: 1000 ppm are 3° of longitude from the meridian.
const MOST_PPM: f64 = 1000.0;

/// Points further from a layer than this are of another plane, in metres.
const FAR_M: f64 = 50_000.0;

/// A point known in both planes.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// Its name; the number of its line where it has none.
    pub name: String,
    /// Where it is in the plane of the file.
    pub from: Coord,
    /// Where it is in the CRS, easting first.
    pub to: Coord,
}

/// Why pairs give no parameters.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FitError {
    /// A line that is no pair.
    #[error("line {line}: expected a name and four numbers, found {text:?}")]
    Line {
        /// Line, from 1.
        line: usize,
        /// What stands there.
        text: String,
    },
    /// Two pairs are the least.
    #[error("{0} pairs, expected at least 2, better 4")]
    TooFew(usize),
    /// All points in one place.
    #[error("all points lie in one place")]
    OnePlace,
    /// The planes differ by more than any unit.
    #[error("lengths differ by a factor of {0}, which no pair of planes does")]
    Scale(f64),
}

impl FitError {
    /// The error as a message of the catalogue.
    pub fn message(&self) -> Message {
        match self {
            Self::Line { line, text } => Message::new("doctor.fit-line").with("line", line).with("text", text),
            Self::TooFew(count) => Message::new("doctor.fit-few").with("count", count),
            Self::OnePlace => Message::new("doctor.fit-one-place"),
            Self::Scale(scale) => Message::new("doctor.fit-scale").with("scale", format!("{scale:.6}")),
        }
    }
}

/// Parameters with what they leave over.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// The parameters.
    pub similarity: Similarity,
    /// The pairs, points of the plane easting first as they were fitted.
    pub pairs: Vec<Pair>,
    /// What each pair leaves over, image less known place, in metres.
    pub residuals: Vec<Coord>,
    /// Root of the mean square of their lengths, in metres.
    pub rms_m: f64,
    /// The pair that leaves the most.
    pub worst: usize,
    /// RMS in metres of the fit without that one; `None` for three pairs and fewer.
    pub rms_without_worst_m: Option<f64>,
    /// Whether the points of the plane were given northing first.
    pub exchanged: bool,
}

impl Fit {
    /// Length of what a pair leaves over, in metres.
    pub fn residual_m(&self, pair: usize) -> f64 {
        self.residuals.get(pair).map_or(0.0, |r| r.x.hypot(r.y))
    }

    /// Whether the largest residual stands out so far that it spoils the others: a mistyped point.
    pub fn has_outlier(&self) -> bool {
        self.rms_without_worst_m.is_some_and(|rms| self.rms_m > 0.02 && rms < self.rms_m / 3.0)
    }

    /// What is to be said of the parameters besides the residuals: too few points, a wrong one, exchanged axes, an odd
    /// scale, points that lie far from `extent`, that of the layer in x, y order.
    pub fn remarks(&self, extent: Option<&crate::model::Extent>) -> Vec<Message> {
        let mut remarks = Vec::new();
        if self.pairs.len() == 2 {
            remarks.push(Message::new("doctor.fit-two"));
        }
        if let (true, Some(without)) = (self.has_outlier(), self.rms_without_worst_m) {
            remarks.push(
                Message::new("doctor.fit-outlier")
                    .with("name", &self.pairs[self.worst].name)
                    .with("rms", format!("{:.3}", self.rms_m))
                    .with("without", format!("{without:.3}")),
            );
        }
        if self.exchanged {
            remarks.push(Message::new("doctor.fit-exchanged"));
        }
        if self.scale_ppm().abs() > MOST_PPM {
            remarks.push(Message::new("doctor.fit-odd-scale").with("ppm", format!("{:.1}", self.scale_ppm())));
        }
        if let Some(extent) = extent.filter(|extent| !extent.is_empty()) {
            let far = self.distance_to(extent);
            if far > FAR_M {
                remarks.push(Message::new("doctor.fit-far").with("km", format!("{:.0}", far / 1e3)));
            }
        }
        remarks
    }

    /// How much lengths grow, in parts per million.
    pub fn scale_ppm(&self) -> f64 {
        (self.similarity.scale() - 1.0) * 1e6
    }

    /// Whether northing stands first in the layer whose extent is `extent`, in the order of its file: the points lie in it
    /// only when its axes are exchanged.
    pub fn swaps_axes(&self, extent: &crate::model::Extent) -> bool {
        let swap = |c: Coord| Coord { x: c.y, y: c.x };
        let turned = crate::model::Extent { min: swap(extent.min), max: swap(extent.max) };
        self.distance_to(&turned) < self.distance_to(extent)
    }

    /// Metres between the middle of the points of the plane and the nearest side of `extent`; 0 within it.
    pub fn distance_to(&self, extent: &crate::model::Extent) -> f64 {
        let at = self.similarity.from;
        let beside = |v: f64, least: f64, most: f64| (least - v).max(v - most).max(0.0);
        let (dx, dy) = (beside(at.x, extent.min.x, extent.max.x), beside(at.y, extent.min.y, extent.max.y));
        dx.hypot(dy) * self.similarity.scale()
    }
}

/// Reads pairs, one a line: a name, two numbers of the plane, two of the CRS, parted by blanks, commas, semicolons or tabs;
/// the name may be missing. Empty lines, and a first line without numbers, are passed over.
///
/// # Errors
/// [`FitError::Line`].
pub fn read_pairs(text: &str) -> Result<Vec<Pair>, FitError> {
    let mut pairs = Vec::new();
    for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let plain: String = line.chars().map(half_width).collect();
        let cells: Vec<&str> = plain.split([' ', '\t', ',', ';', '、']).filter(|cell| !cell.is_empty()).collect();
        if cells.is_empty() || cells[0].starts_with('#') {
            continue;
        }
        let wrong = || FitError::Line { line: at + 1, text: line.trim().chars().take(60).collect() };
        let number = |cell: &str| cell.parse::<f64>().ok().filter(|v| v.is_finite() && v.abs() < 1e9); // no number
        let values: Vec<Option<f64>> = cells.iter().map(|cell| number(cell)).collect();
        if pairs.is_empty() && values.iter().all(Option::is_none) {
            continue;
        }
        let (name, numbers) = match cells.len() {
            4 => ((at + 1).to_string(), &values[..]),
            5 => (cells[0].to_owned(), &values[1..]),
            _ => return Err(wrong()),
        };
        let numbers: Option<Vec<f64>> = numbers.iter().copied().collect();
        let Some([x, y, to_x, to_y]) = numbers.as_deref().and_then(|n| <[f64; 4]>::try_from(n).ok()) else {
            return Err(wrong());
        };
        pairs.push(Pair { name, from: Coord { x, y }, to: Coord { x: to_x, y: to_y } });
    }
    Ok(pairs)
}

/// Full-width digits and signs as the usual ones.
pub fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' | '\u{a0}' => ' ',
        '−' => '-',
        c => c,
    }
}

/// Fits the four parameters. The axes of either side may be exchanged: places in the CRS by what their numbers look like,
/// those of the plane by which way fits.
///
/// # Errors
/// [`FitError`] but for lines.
pub fn fit(pairs: &[Pair]) -> Result<Fit, FitError> {
    if pairs.len() < 2 {
        return Err(FitError::TooFew(pairs.len()));
    }
    let swap = |c: Coord| Coord { x: c.y, y: c.x };
    let northing_first = pairs.iter().filter(|pair| Shape::of(pair.to).is_swapped()).count() * 2 > pairs.len();
    let pairs: Vec<Pair> = pairs
        .iter()
        .map(|pair| Pair { to: if northing_first { swap(pair.to) } else { pair.to }, ..pair.clone() })
        .collect();
    let exchanged: Vec<Pair> = pairs.iter().map(|pair| Pair { from: swap(pair.from), ..pair.clone() }).collect();
    // Two pairs fit either way; surveyors then write both sides in one order.
    if pairs.len() == 2 {
        return if northing_first { solved(exchanged, true) } else { solved(pairs, false) };
    }
    let (as_given, turned) = (solved(pairs, false), solved(exchanged, true));
    match (as_given, turned) {
        (Ok(a), Ok(b)) => Ok(if b.rms_m < a.rms_m { b } else { a }),
        (Ok(fit), Err(_)) | (Err(_), Ok(fit)) => Ok(fit),
        (Err(error), Err(_)) => Err(error),
    }
}

fn solved(pairs: Vec<Pair>, exchanged: bool) -> Result<Fit, FitError> {
    let all: Vec<usize> = (0..pairs.len()).collect();
    let similarity = least_squares(&pairs, &all)?;
    let residual = |pair: &Pair, by: &Similarity| {
        let image = by.apply(pair.from);
        Coord { x: image.x - pair.to.x, y: image.y - pair.to.y }
    };
    let residuals: Vec<Coord> = pairs.iter().map(|pair| residual(pair, &similarity)).collect();
    let square = |r: &Coord| r.x * r.x + r.y * r.y;
    let worst = (0..residuals.len()).max_by(|a, b| square(&residuals[*a]).total_cmp(&square(&residuals[*b])));
    // The pair that leaves most need not be the wrong one where it pulls the others along: each is left out in turn.
    let without = |left: usize| {
        let rest: Vec<usize> = all.iter().copied().filter(|at| *at != left).collect();
        let by = least_squares(&pairs, &rest).ok()?; // what is left lies in one place
        let sum: f64 = rest.iter().map(|at| square(&residual(&pairs[*at], &by))).sum();
        Some((left, (sum / rest.len() as f64).sqrt()))
    };
    let best_without = if pairs.len() > 3 {
        all.iter().filter_map(|left| without(*left)).min_by(|a, b| a.1.total_cmp(&b.1))
    } else {
        None
    };
    let rms_m = (residuals.iter().map(square).sum::<f64>() / residuals.len() as f64).sqrt();
    let worst = match best_without {
        Some((left, rms)) if rms < rms_m / 3.0 => left,
        _ => worst.unwrap_or(0),
    };
    let rms_without_worst_m = if pairs.len() > 3 { without(worst).map(|(_, rms)| rms) } else { None };
    Ok(Fit { similarity, pairs, residuals, rms_m, worst, rms_without_worst_m, exchanged })
}

/// The similarity of least squares through some of the pairs.
fn least_squares(pairs: &[Pair], of: &[usize]) -> Result<Similarity, FitError> {
    let count = of.len() as f64;
    let mean = |value: &dyn Fn(&Pair) -> Coord| {
        // About the first: sums of millions of metres would lose digits.
        let first = value(&pairs[of[0]]);
        let sum = of
            .iter()
            .map(|at| value(&pairs[*at]))
            .fold((0.0, 0.0), |sum, c| (sum.0 + c.x - first.x, sum.1 + c.y - first.y));
        Coord { x: first.x + sum.0 / count, y: first.y + sum.1 / count }
    };
    let (from, to) = (mean(&|pair| pair.from), mean(&|pair| pair.to));
    let (mut square, mut dot, mut cross) = (0.0, 0.0, 0.0);
    for at in of {
        let pair = &pairs[*at];
        let (dx, dy) = (pair.from.x - from.x, pair.from.y - from.y);
        let (ex, ey) = (pair.to.x - to.x, pair.to.y - to.y);
        square += dx * dx + dy * dy;
        dot += dx * ex + dy * ey;
        cross += dx * ey - dy * ex;
    }
    if !(square.is_finite() && dot.is_finite() && cross.is_finite()) || square <= 1e-12 {
        return Err(FitError::OnePlace);
    }
    let similarity = Similarity { from, to, a: dot / square, b: cross / square };
    if similarity.is_usable() { Ok(similarity) } else { Err(FitError::Scale(similarity.scale())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points of a city's plane, and the parameters that lead to EPSG:4548.
    const PLANE: [(f64, f64); 5] =
        [(1000.0, 2000.0), (9000.0, 2500.0), (8000.0, 9000.0), (1500.0, 8800.0), (5000.0, 5200.0)];

    fn truth() -> Similarity {
        let angle = 0.01_f64;
        let scale = 1.000_012;
        Similarity {
            from: Coord { x: 0.0, y: 0.0 },
            to: Coord { x: 480_123.456, y: 4_050_987.654 },
            a: scale * angle.cos(),
            b: scale * angle.sin(),
        }
    }

    fn pairs(noise: impl Fn(usize) -> (f64, f64)) -> Vec<Pair> {
        let pair = |(i, (x, y)): (usize, &(f64, f64))| {
            let from = Coord { x: *x, y: *y };
            let to = truth().apply(from);
            let (dx, dy) = noise(i);
            Pair { name: format!("K{i}"), from, to: Coord { x: to.x + dx, y: to.y + dy } }
        };
        PLANE.iter().enumerate().map(pair).collect()
    }

    #[test]
    fn known_parameters_are_recovered() {
        let fit = fit(&pairs(|_| (0.0, 0.0))).expect("fits");
        assert!(fit.rms_m < 1e-8 && !fit.exchanged && !fit.has_outlier(), "{fit:?}");
        assert!((fit.similarity.scale() - 1.000_012).abs() < 1e-12);
        assert!((fit.similarity.rotation_arcsec() - 0.01_f64.to_degrees() * 3600.0).abs() < 1e-6);
        let shift = fit.similarity.shift();
        assert!((shift.x - 480_123.456).abs() < 1e-6 && (shift.y - 4_050_987.654).abs() < 1e-6, "{shift:?}");
    }

    #[test]
    fn noise_stays_in_the_residuals() {
        let noisy = pairs(|i| (0.02 * [1.0, -1.0, 1.0, -1.0, 0.0][i], 0.02 * [1.0, 1.0, -1.0, -1.0, 0.0][i]));
        let fit = fit(&noisy).expect("fits");
        assert!((0.005..0.04).contains(&fit.rms_m), "{}", fit.rms_m);
        // What is left over has no sum and no turn left in it.
        let sum: f64 = fit.residuals.iter().map(|r| r.x + r.y).sum();
        assert!(sum.abs() < 1e-6, "{sum}");
    }

    #[test]
    fn a_mistyped_point_is_named() {
        for wrong in 0..PLANE.len() {
            let fit = fit(&pairs(|i| if i == wrong { (10.0, 0.0) } else { (0.001, -0.001) })).expect("fits");
            assert_eq!(fit.worst, wrong, "{fit:?}");
            assert!(fit.has_outlier() && fit.rms_without_worst_m.is_some_and(|rms| rms < 0.01), "{fit:?}");
        }
    }

    #[test]
    fn axes_of_either_side_may_be_exchanged() {
        let swap = |c: Coord| Coord { x: c.y, y: c.x };
        let plain = pairs(|_| (0.0, 0.0));
        let check = |pairs: Vec<Pair>, exchanged: bool| {
            let fit = fit(&pairs).expect("fits");
            assert!(fit.rms_m < 1e-6 && fit.exchanged == exchanged, "{fit:?}");
            assert!((fit.similarity.shift().x - 480_123.456).abs() < 1e-3);
        };
        check(plain.iter().map(|p| Pair { from: swap(p.from), ..p.clone() }).collect(), true);
        check(plain.iter().map(|p| Pair { to: swap(p.to), ..p.clone() }).collect(), false);
        check(plain.iter().map(|p| Pair { from: swap(p.from), to: swap(p.to), ..p.clone() }).collect(), true);
        check(plain.iter().take(2).map(|p| Pair { from: swap(p.from), to: swap(p.to), ..p.clone() }).collect(), true);
    }

    #[test]
    fn what_gives_no_parameters_is_said() {
        let pair = |x: f64, y: f64, to_x: f64, to_y: f64| Pair {
            name: String::new(),
            from: Coord { x, y },
            to: Coord { x: to_x, y: to_y },
        };
        assert_eq!(fit(&[]), Err(FitError::TooFew(0)));
        assert_eq!(fit(&[pair(1.0, 1.0, 2.0, 2.0)]), Err(FitError::TooFew(1)));
        assert_eq!(fit(&[pair(1.0, 1.0, 2.0, 2.0), pair(1.0, 1.0, 3.0, 2.0)]), Err(FitError::OnePlace));
        assert!(matches!(fit(&[pair(0.0, 0.0, 2.0, 2.0), pair(1.0, 1.0, 2.0, 2.0)]), Err(FitError::Scale(_))));
        assert_eq!(fit(&vec![pair(f64::NAN, 1.0, 2.0, 2.0); 3]), Err(FitError::OnePlace));
    }

    #[test]
    fn pairs_are_read_as_they_are_pasted() {
        let text = "\u{feff}点名\tX\tY\tX'\tY'\nK1 4081.2 498.6 4081204.55 498604.10\n\nK2，1，2，3，4\n5;6;7;8\n";
        let pairs = read_pairs(text).expect("reads");
        let shown: Vec<(&str, f64, f64)> = pairs.iter().map(|p| (p.name.as_str(), p.from.x, p.to.y)).collect();
        assert_eq!(shown, [("K1", 4081.2, 498_604.10), ("K2", 1.0, 4.0), ("5", 5.0, 8.0)]);
        for (text, line) in [("K1 1 2 3", 1), ("K1 1 2 3 4\nK2 1 2 x 4", 2), ("K1 1 2 inf 4", 1), ("K1 1 2 3 4 5", 1)] {
            assert!(matches!(read_pairs(text), Err(FitError::Line { line: at, .. }) if at == line), "{text}");
        }
        assert_eq!(read_pairs(""), Ok(Vec::new()));
    }
}
