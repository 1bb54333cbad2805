//! Meridians and parallels over a map: curves in the project CRS, with their labels.
//!
//! Degrees are counted in whole milliseconds of arc (3 cm on the ground), so that labels and lines never drift apart.

use super::MapView;
use super::projected::convert_all;
use crate::crs::{Crs, CrsError, Reprojector};
use crate::model::{Coord, Extent};

/// Milliseconds of arc in a degree.
const PER_DEGREE: i64 = 3_600_000;

/// Distances between lines, in milliseconds of arc: round in degrees, minutes or seconds.
const STEPS: [i64; 27] = [
    1,
    2,
    5,
    10,
    20,
    50,
    100,
    200,
    500,
    1_000,
    2_000,
    5_000,
    10_000,
    20_000,
    30_000,
    60_000,
    120_000,
    300_000,
    600_000,
    1_200_000,
    1_800_000,
    3_600_000,
    7_200_000,
    18_000_000,
    36_000_000,
    72_000_000,
    108_000_000,
];

/// Pieces that a line is drawn in.
const PIECES: u32 = 32;
/// Points along each side of the view that are asked for their longitude and latitude.
const PROBES: u32 = 8;

/// A meridian or a parallel.
#[derive(Clone, Debug, PartialEq)]
pub struct GraticuleLine {
    /// Whether it is a meridian; a parallel otherwise.
    pub meridian: bool,
    /// Its longitude or latitude in degrees.
    pub degrees: f64,
    /// `117°15′E`, `36°50′30″N`.
    pub label: String,
    /// Its course in the project CRS, over a little more than the view.
    pub path: Vec<Coord>,
}

impl GraticuleLine {
    /// Its course in pixels of the map.
    pub fn path_in_screen(&self, view: &MapView) -> Vec<[f64; 2]> {
        self.path.iter().map(|c| view.screen_from_world(*c)).collect()
    }

    /// Where its label belongs, in pixels of the map: on the upper border for meridians, on the right one for parallels;
    /// `None` where it does not reach that border.
    pub fn label_in_screen(&self, view: &MapView) -> Option<[f64; 2]> {
        let path = self.path_in_screen(view);
        let [width, height] = view.size_px;
        let place = path.windows(2).find_map(|edge| {
            let (axis, border) = if self.meridian { (1, 0.0) } else { (0, width) };
            let (from, to) = (edge[0][axis] - border, edge[1][axis] - border);
            if from == to || (from > 0.0) == (to > 0.0) {
                return None;
            }
            let t = from / (from - to);
            let other = edge[0][1 - axis] + (edge[1][1 - axis] - edge[0][1 - axis]) * t;
            Some(if self.meridian { [other, border] } else { [border, other] })
        })?;
        let seen = (0.0..=width).contains(&place[0]) && (0.0..=height).contains(&place[1]);
        seen.then_some(place)
    }
}

/// The meridians and parallels of a reference system. Kept from frame to frame: a way through PROJ takes time to find.
pub struct Graticule {
    to_degrees: Reprojector,
    from_degrees: Reprojector,
}

impl Graticule {
    /// Longitudes and latitudes of the datum of `crs`.
    ///
    /// # Errors
    /// Where PROJ has no way between `crs` and its longitude and latitude.
    pub fn new(crs: &Crs) -> Result<Self, CrsError> {
        let degrees = crs.geographic();
        let (to_degrees, from_degrees) = (Reprojector::new(crs, &degrees)?, Reprojector::new(&degrees, crs)?);
        Ok(Self { to_degrees, from_degrees })
    }

    /// The lines of `view`, whose world is in the CRS, at least `spacing_px` pixels apart; none where the view has no
    /// longitude and latitude at all.
    pub fn lines(&self, view: &MapView, spacing_px: f64) -> Vec<GraticuleLine> {
        lines(view, &self.to_degrees, &self.from_degrees, spacing_px)
    }
}

fn lines(view: &MapView, to_degrees: &Reprojector, from_degrees: &Reprojector, spacing_px: f64) -> Vec<GraticuleLine> {
    let seen = seen_degrees(view, to_degrees);
    if seen.is_empty() {
        return Vec::new();
    }
    let per_px = (seen.width() / view.size_px[0].max(1.0)).max(seen.height() / view.size_px[1].max(1.0));
    let least = per_px * spacing_px * PER_DEGREE as f64;
    let step = STEPS.into_iter().find(|step| *step as f64 >= least).unwrap_or(STEPS[STEPS.len() - 1]);
    let mut lines = Vec::new();
    for meridian in [true, false] {
        let (across, along) = if meridian {
            ((seen.min.x, seen.max.x), (seen.min.y, seen.max.y))
        } else {
            ((seen.min.y, seen.max.y), (seen.min.x, seen.max.x))
        };
        let number = |degrees: f64| degrees * PER_DEGREE as f64 / step as f64;
        for i in number(across.0).ceil() as i64..=number(across.1).floor() as i64 {
            let at = i * step;
            let degrees = at as f64 / PER_DEGREE as f64;
            let mut path: Vec<Coord> = (0..=PIECES)
                .map(|piece| {
                    let other = along.0 + (along.1 - along.0) * f64::from(piece) / f64::from(PIECES);
                    if meridian { Coord { x: degrees, y: other } } else { Coord { x: other, y: degrees } }
                })
                .collect();
            convert_all(from_degrees, &mut path);
            path.retain(|c| c.x.is_finite() && c.y.is_finite());
            if path.len() >= 2 {
                lines.push(GraticuleLine { meridian, degrees, label: label(at, step, meridian), path });
            }
        }
    }
    lines
}

/// Longitudes and latitudes that the view shows, from points all over it; those without any are left out.
fn seen_degrees(view: &MapView, to_degrees: &Reprojector) -> Extent {
    let place = |i: u32, size: f64| f64::from(i) / f64::from(PROBES) * size;
    let pixels = (0..=PROBES).flat_map(|i| (0..=PROBES).map(move |j| (i, j)));
    let mut probes: Vec<Coord> =
        pixels.map(|(i, j)| view.world_from_screen([place(i, view.size_px[0]), place(j, view.size_px[1])])).collect();
    convert_all(to_degrees, &mut probes);
    let mut extent = Extent::of(&probes);
    if !extent.is_empty() {
        extent.min = Coord { x: extent.min.x.max(-180.0), y: extent.min.y.max(-90.0) };
        extent.max = Coord { x: extent.max.x.min(180.0), y: extent.max.y.min(90.0) };
    }
    extent
}

/// `at` milliseconds of arc in degrees, minutes and seconds, as far as lines `step` apart need them.
fn label(at: i64, step: i64, meridian: bool) -> String {
    let hemisphere = match (meridian, at.signum()) {
        (_, 0) => "",
        (true, 1) => "E",
        (true, _) => "W",
        (false, 1) => "N",
        (false, _) => "S",
    };
    let rest = at.abs();
    let (degrees, minutes, millis) = (rest / PER_DEGREE, rest / 60_000 % 60, rest % 60_000);
    let (seconds, fraction) = (millis / 1000, millis % 1000);
    if step % PER_DEGREE == 0 {
        format!("{degrees}°{hemisphere}")
    } else if step % 60_000 == 0 {
        format!("{degrees}°{minutes:02}′{hemisphere}")
    } else if step % 1000 == 0 {
        format!("{degrees}°{minutes:02}′{seconds:02}″{hemisphere}")
    } else {
        format!("{degrees}°{minutes:02}′{seconds:02}.{fraction:03}″{hemisphere}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone_39() -> Crs {
        Crs::from_epsg(4527).expect("known")
    }

    fn view(units_per_px: f64) -> MapView {
        MapView { center: Coord { x: 39_512_000.0, y: 4_080_000.0 }, units_per_px, size_px: [1600.0, 1000.0] }
    }

    #[test]
    fn lines_keep_their_degrees_and_cross_the_view() {
        for units_per_px in [0.03, 1.0, 13.2, 200.0, 3000.0] {
            let view = view(units_per_px);
            let lines = Graticule::new(&zone_39()).expect("known").lines(&view, 130.0);
            let meridians = lines.iter().filter(|line| line.meridian).count();
            assert!((2..=16).contains(&meridians), "{units_per_px}: {meridians} meridians");
            assert!((2..=16).contains(&(lines.len() - meridians)), "{units_per_px}: {} parallels", lines.len());
            let back = Reprojector::new(&zone_39(), &zone_39().geographic()).expect("known");
            for line in &lines {
                assert!(line.path.iter().any(|c| view.extent().contains(*c)) || units_per_px > 100.0, "{}", line.label);
                let mut path = line.path.clone();
                back.convert(&mut path).expect("came from degrees");
                let drift = |c: &Coord| (if line.meridian { c.x } else { c.y } - line.degrees).abs();
                assert!(path.iter().all(|c| drift(c) < 1e-7), "{} at {units_per_px}", line.label);
            }
        }
    }

    #[test]
    fn the_central_meridian_is_straight_and_the_parallels_bend() {
        let lines = Graticule::new(&zone_39()).expect("known").lines(&view(30.0), 130.0);
        let central = lines.iter().find(|line| line.meridian && line.degrees == 117.0).expect("in view");
        assert!(central.path.iter().all(|c| (c.x - 39_500_000.0).abs() < 1e-3));
        let parallel = lines.iter().find(|line| !line.meridian).expect("in view");
        let (first, last) = (parallel.path[0], parallel.path[PIECES as usize]);
        let lowest = parallel.path.iter().map(|c| c.y).fold(f64::INFINITY, f64::min);
        assert!(lowest < first.y - 1.0 && lowest < last.y - 1.0);
    }

    #[test]
    fn labels_stand_on_the_line_and_the_border() {
        let view = view(13.2);
        let lines = Graticule::new(&zone_39()).expect("known").lines(&view, 130.0);
        let back = Reprojector::new(&zone_39(), &zone_39().geographic()).expect("known");
        let mut count = 0;
        for line in &lines {
            let Some(place) = line.label_in_screen(&view) else { continue };
            assert_eq!(if line.meridian { place[1] } else { place[0] }, if line.meridian { 0.0 } else { 1600.0 });
            let mut world = [view.world_from_screen(place)];
            back.convert(&mut world).expect("on the map");
            let drift = (if line.meridian { world[0].x } else { world[0].y } - line.degrees).abs();
            assert!(drift < 1e-6, "{}: {drift}", line.label);
            count += 1;
        }
        assert!(count >= lines.len() - 2, "{count} of {} lines are labelled", lines.len());
    }

    #[test]
    fn labels_say_as_much_as_their_step_needs() {
        let check = |at, step, meridian, expected: &str| assert_eq!(label(at, step, meridian), expected);
        check(117 * PER_DEGREE, PER_DEGREE, true, "117°E");
        check(117 * PER_DEGREE + 900_000, 300_000, true, "117°15′E");
        check(36 * PER_DEGREE + 50 * 60_000 + 30_000, 30_000, false, "36°50′30″N");
        check(-(36 * PER_DEGREE + 50), 50, false, "36°00′00.050″S");
        check(-PER_DEGREE, PER_DEGREE, true, "1°W");
        check(0, PER_DEGREE, true, "0°");
    }

    #[test]
    fn a_view_of_nothing_has_no_lines() {
        let far = MapView { center: Coord { x: f64::NAN, y: 0.0 }, units_per_px: 1.0, size_px: [100.0, 100.0] };
        assert_eq!(Graticule::new(&zone_39()).expect("known").lines(&far, 100.0), []);
    }
}
