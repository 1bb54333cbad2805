//! 图斑椭球面积: the area of a parcel as the national land survey prints it.
//!
//! 国土调查办发〔2008〕32号, 《图幅理论面积与图斑椭球面积计算公式及要求》, formulae 2 and 3, with the densification and
//! roundings of the 三调 software test: coordinates to 4 decimals of a metre, edges over 70 m cut evenly and the inserted
//! points rounded to 6 decimals, latitude and longitude to 6 decimals of an arc-second, all half-up. The constants are
//! the printed ones, K₀ included, although it is that of WGS 84 (0.1 mm in latitude): figures agree with official
//! software because nothing is corrected here. For the same reason the value is *not additive*; `exact` is.
//!
//! The sum over a ring is Σ ½(Lᵢ + Lᵢ₊₁) ΔF. The bracket of formula 2 is a difference of one function F of each
//! vertex's latitude, 2 sin(kΔB/2) cos kBₘ = sin kB₂ − sin kB₁, so that F is computed once a vertex. Longitudes count
//! from the first vertex; any reference cancels over a closed ring.

use geo_types::Coord;

use super::ellipsoid::Ellipsoid;
use super::sines::{WHOLE, sin_cos};
use super::zone::Zone;
use crate::crs::Datum;
use crate::units::round_half_up;

/// π as printed in 32号.
#[expect(clippy::approx_constant, reason = "the value printed in the standard, not π")]
const PI: f64 = 3.141_592_653_589_79;
/// Arc-seconds in a radian, as printed in 32号.
const RHO: f64 = 206_264.806_247_1;
/// Edges longer than this are densified, metres.
const LONGEST_EDGE_M: f64 = 70.0;
/// Points of one densified ring that are held at a time.
const POINTS_AT_A_TIME: usize = 4096;

/// The constants of one ellipsoid, in the form of formulae 2 and 3.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Constants {
    /// Semi-minor axis b, metres.
    b: f64,
    /// First eccentricity squared e².
    e2: f64,
    /// Second eccentricity squared e′².
    ep2: f64,
    /// Polar radius of curvature c = a² / b, metres.
    c: f64,
    /// K₀ … K₄ of the footpoint latitude.
    k: [f64; 5],
}

/// Printed for CGCS2000.
const CGCS2000: Constants = Constants {
    b: 6_356_752.314_140_36,
    e2: 0.006_694_380_022_90,
    ep2: 0.006_739_496_775_48,
    c: 6_399_593.625_86,
    k: [
        1.570_487_611_441_59e-7,
        5.052_501_788_205_67e-3,
        2.984_729_009_565_87e-5,
        2.416_266_692_300_84e-7,
        2.222_412_389_385_34e-9,
    ],
};

/// Printed in 32号 for Xian 1980.
const XIAN_1980: Constants = Constants {
    b: 6_356_755.29,
    e2: 6.694_384_999_587_95e-3,
    ep2: 6.739_501_819_472_92e-3,
    c: 6_399_596.651_988_01,
    k: [
        1.570_486_874_727_52e-7,
        5.052_505_592_913_93e-3,
        2.984_733_509_661_58e-5,
        2.416_272_159_813_36e-7,
        2.222_419_094_612_73e-9,
    ],
};

/// Prints areas in one zone.
#[derive(Clone, Debug)]
pub struct Printer {
    /// e′² and c of formula 3.
    ep2: f64,
    c: f64,
    k: [f64; 5],
    /// b² times the factors of s, s³, … s⁹ in F, s the sine of the latitude.
    f: [f64; 5],
    /// Longitude of the central meridian in radians, by the printed π.
    meridian: f64,
    false_easting_m: f64,
    round: bool,
}

/// Space for the vertices of rings, kept from one lot to the next.
#[derive(Debug, Default)]
pub(crate) struct Strips {
    points: Vec<Coord>,
    /// Ring, and where its points end.
    ends: Vec<(usize, usize)>,
}

impl Printer {
    /// The survey's figures in `zone`, by the printed constants of its datum; Krassovsky's are computed.
    pub fn new(zone: &Zone) -> Self {
        let constants = match zone.datum {
            Datum::Xian1980 => XIAN_1980,
            Datum::Beijing1954 => Constants::computed(&zone.ellipsoid),
            Datum::Cgcs2000 | Datum::Wgs84 | Datum::Other => CGCS2000,
        };
        Self {
            ep2: constants.ep2,
            c: constants.c,
            k: constants.k,
            f: constants.strip_factors().map(|f| f * constants.b * constants.b),
            meridian: zone.central_meridian_deg * PI / 180.0,
            false_easting_m: zone.false_easting_m,
            round: true,
        }
    }

    /// The same without any rounding: what the method itself gives.
    pub fn unrounded(zone: &Zone) -> Self {
        Self { round: false, ..Self::new(zone) }
    }

    /// Area of a ring in the plane of the zone, m², not negative and not yet rounded to 0.01.
    ///
    /// `ring` may repeat its first vertex at the end or not; either winding.
    pub fn ring(&self, ring: &[Coord]) -> f64 {
        let mut areas = Vec::with_capacity(1);
        self.rings(std::iter::once(ring), &mut Strips::default(), &mut areas);
        areas.first().copied().unwrap_or(0.0)
    }

    /// [`Self::ring`] of each of `rings`, added to `areas`: in one go much faster than one by one.
    pub(crate) fn rings<'c>(
        &self,
        rings: impl Iterator<Item = &'c [Coord]>,
        strips: &mut Strips,
        areas: &mut Vec<f64>,
    ) {
        let Strips { points, ends } = strips;
        points.clear();
        ends.clear();
        for ring in rings {
            let start = points.len();
            points.extend_from_slice(ring);
            // The closing edge; empty when the ring repeats its first vertex.
            points.extend(ring.first());
            if self.round {
                points[start..].iter_mut().for_each(|c| *c = rounded(*c, 1e4));
            }
            if points[start..].windows(2).any(|edge| is_long(edge[0], edge[1])) {
                areas.push(self.densified(&points[start..]));
                points.truncate(start);
            } else {
                areas.push(0.0);
                ends.push((areas.len() - 1, points.len()));
            }
        }
        self.vertices(points);
        let mut start = 0;
        for (ring, end) in ends {
            let vertices = &points[start..*end];
            start = *end;
            let reference = vertices.first().map_or(0.0, |first| first.x);
            areas[*ring] = (strips_along(vertices, reference) / RHO).abs();
        }
    }

    /// Area inside a closed path with long edges.
    fn densified(&self, path: &[Coord]) -> f64 {
        let mut points: Vec<Coord> = Vec::with_capacity(POINTS_AT_A_TIME);
        let (mut sum, mut reference) = (0.0, None);
        let mut flush = |points: &mut Vec<Coord>| {
            // The first has been taken along from the last time.
            let done = usize::from(reference.is_some());
            self.vertices(&mut points[done..]);
            let reference = *reference.get_or_insert_with(|| points[0].x);
            sum += strips_along(points, reference);
            points.drain(..points.len() - 1);
        };
        points.extend(path.first());
        for edge in path.windows(2) {
            let (a, b) = (edge[0], edge[1]);
            if is_long(a, b) {
                let (dx, dy) = (b.x - a.x, b.y - a.y);
                let count = ((dx * dx + dy * dy).sqrt() / LONGEST_EDGE_M).floor();
                for k in 1..=count as u32 {
                    let t = f64::from(k) / (count + 1.0);
                    let inserted = Coord { x: a.x + dx * t, y: a.y + dy * t };
                    points.push(if self.round { rounded(inserted, 1e6) } else { inserted });
                    if points.len() == POINTS_AT_A_TIME {
                        flush(&mut points);
                    }
                }
            }
            points.push(b);
            if points.len() >= POINTS_AT_A_TIME {
                flush(&mut points);
            }
        }
        flush(&mut points);
        (sum / RHO).abs()
    }

    /// Takes points of the plane to longitudes, arc-seconds, and F of their latitudes, m² per radian.
    fn vertices(&self, points: &mut [Coord]) {
        // The compiler computes several at once, as long as there is neither a branch nor a call.
        if self.round {
            points.iter_mut().for_each(|point| *point = self.vertex::<true>(*point));
        } else {
            points.iter_mut().for_each(|point| *point = self.vertex::<false>(*point));
        }
    }

    /// Formula 3, the inverse projection, and F of the rounded latitude.
    #[inline(always)]
    fn vertex<const ROUND: bool>(&self, point: Coord) -> Coord {
        let [k0, k1, k2, k3, k4] = self.k;
        let e0 = k0 * point.y;
        let (sin0, cos0) = sin_cos(e0);
        let sin2 = sin0 * sin0;
        let beyond = cos0 * sin0 * (k1 - sin2 * (k2 - sin2 * (k3 - sin2 * k4)));
        let foot = e0 + beyond;
        // |beyond| < 0.0026: the sine and cosine of the footpoint by turning, exact in double precision.
        let (sin, cos) = turned(sin0, cos0, beyond);
        let secant = 1.0 / cos;
        let t = sin * secant;
        let t2 = t * t;
        let eta2 = self.ep2 * cos * cos;
        let v2 = 1.0 + eta2;
        let u = (point.x - self.false_easting_m) * v2.sqrt() * (1.0 / self.c);
        let u2 = u * u;
        let b4 = (5.0 + 3.0 * t2 + eta2 - 9.0 * eta2 * t2) * (1.0 / 24.0);
        let b6 = (61.0 + t2 * (90.0 + 45.0 * t2)) * (1.0 / 720.0);
        let latitude = foot - v2 * t * u2 * (0.5 - u2 * (b4 - u2 * b6));
        let l3 = (1.0 + 2.0 * t2 + eta2) * (1.0 / 6.0);
        let l5 = (5.0 + t2 * (28.0 + 24.0 * t2) + eta2 * (6.0 + 8.0 * t2)) * (1.0 / 120.0);
        let l = u * secant * (1.0 - u2 * (l3 - u2 * l5));
        let mut latitude_seconds = latitude * RHO;
        let mut longitude = (self.meridian + l) * RHO;
        if ROUND {
            latitude_seconds = half_up(latitude_seconds, 1e6);
            longitude = half_up(longitude, 1e6);
        }
        let (s, _) = turned(sin, cos, latitude_seconds * (1.0 / RHO) - foot);
        let s2 = s * s;
        let [f1, f3, f5, f7, f9] = self.f;
        Coord { x: longitude, y: s * (f1 + s2 * (f3 + s2 * (f5 + s2 * (f7 + s2 * f9)))) }
    }
}

/// Σ ½(Lᵢ + Lᵢ₊₁) ΔF along vertices, their longitudes from `reference`.
fn strips_along(vertices: &[Coord], reference: f64) -> f64 {
    let strip = |a: Coord, b: Coord| (0.5 * ((a.x - reference) + (b.x - reference))) * (b.y - a.y);
    vertices.windows(2).map(|edge| strip(edge[0], edge[1])).sum()
}

/// Whether the edge `a`→`b` is to be densified.
fn is_long(a: Coord, b: Coord) -> bool {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    dx * dx + dy * dy > LONGEST_EDGE_M * LONGEST_EDGE_M
}

impl Constants {
    /// Constants of an ellipsoid for which none are printed.
    fn computed(ellipsoid: &Ellipsoid) -> Self {
        Self {
            b: ellipsoid.b,
            e2: ellipsoid.e2,
            ep2: ellipsoid.ep2,
            c: ellipsoid.a * ellipsoid.a / ellipsoid.b,
            k: ellipsoid.footpoint_constants(),
        }
    }

    /// A … E of formula 2, powers of the *first* eccentricity, cut after e⁸.
    fn series(&self) -> [f64; 5] {
        let e2 = self.e2;
        let (e4, e6, e8) = (e2 * e2, e2.powi(3), e2.powi(4));
        [
            1.0 + 3.0 / 6.0 * e2 + 30.0 / 80.0 * e4 + 35.0 / 112.0 * e6 + 630.0 / 2304.0 * e8,
            1.0 / 6.0 * e2 + 15.0 / 80.0 * e4 + 21.0 / 112.0 * e6 + 420.0 / 2304.0 * e8,
            3.0 / 80.0 * e4 + 7.0 / 112.0 * e6 + 180.0 / 2304.0 * e8,
            1.0 / 112.0 * e6 + 45.0 / 2304.0 * e8,
            5.0 / 2304.0 * e8,
        ]
    }

    /// A sin B − B sin 3B + C sin 5B − D sin 7B + E sin 9B as an odd polynomial in sin B.
    fn strip_factors(&self) -> [f64; 5] {
        let [a, b, c, d, e] = self.series();
        [
            a - 3.0 * b + 5.0 * c - 7.0 * d + 9.0 * e,
            4.0 * b - 20.0 * c + 56.0 * d - 120.0 * e,
            16.0 * c - 112.0 * d + 432.0 * e,
            64.0 * d - 576.0 * e,
            256.0 * e,
        ]
    }
}

/// Sine and cosine of an angle turned by a small one (below 0.01 rad).
#[inline(always)]
fn turned(sin: f64, cos: f64, small: f64) -> (f64, f64) {
    let d2 = small * small;
    let sin_small = small * (1.0 - d2 * (1.0 / 6.0) * (1.0 - d2 * (1.0 / 20.0)));
    let versine = d2 * 0.5 * (1.0 - d2 * (1.0 / 12.0) * (1.0 - d2 * (1.0 / 30.0)));
    (sin + (cos * sin_small - sin * versine), cos - (sin * sin_small + cos * versine))
}

/// Both ordinates by [`half_up`].
#[inline(always)]
fn rounded(c: Coord, scale: f64) -> Coord {
    Coord { x: half_up(c.x, scale), y: half_up(c.y, scale) }
}

/// `value` rounded half-up (towards +∞ at a tie) to 1 / `scale`. Beyond 2⁵¹ steps it stays as it is.
#[inline(always)]
fn half_up(value: f64, scale: f64) -> f64 {
    let steps = value * scale + 0.5;
    let nearest = (steps + WHOLE) - WHOLE;
    let whole = if nearest > steps { nearest - 1.0 } else { nearest };
    if steps.abs() < 2_251_799_813_685_248.0 { whole / scale } else { value }
}

/// The printed figure of a parcel: half-up to 0.01 m².
pub fn printed_m2(area_m2: f64) -> f64 {
    let cents = area_m2 * 100.0;
    // Away from a tie the nearest integer is the answer; at one the decimal digits decide.
    if ((cents - cents.floor()) - 0.5).abs() > 1e-4 { cents.round() / 100.0 } else { round_half_up(area_m2, 2) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_coefficients_are_those_of_the_standard() {
        let expected = [
            1.003_364_089_834_193,
            0.001_124_189_381_927_124,
            1.699_459_473_518_905e-6,
            2.717_857_845_577_555e-9,
            4.358_419_004_834_514e-12,
        ];
        for (ours, expected) in CGCS2000.series().into_iter().zip(expected) {
            assert!((ours - expected).abs() < 1e-15, "{ours:e} {expected:e}");
        }
    }

    #[test]
    fn rounding_is_half_up_to_the_scale() {
        assert_eq!(half_up(0.00005, 1e4), 0.0001);
        assert_eq!(half_up(-0.00005, 1e4), 0.0);
        assert_eq!(half_up(-0.000051, 1e4), -0.0001);
        assert_eq!(half_up(4_078_901.234, 1e4), 4_078_901.234);
        assert_eq!(printed_m2(704.415), 704.42);
        assert_eq!(printed_m2(704.414_999), 704.41);
        assert_eq!(printed_m2(0.005), 0.01);
    }

    #[test]
    fn edges_are_densified_above_70_m() {
        let zone = Zone::new(Datum::Cgcs2000, 117.0, 500_000.0);
        // Triangles whose undensified error shows: with sides of 69 m nothing is inserted, with 71 m one point a side.
        let triangle = |side: f64| {
            [(0.0, 0.0), (side, 0.0), (side / 2.0, side * 0.75f64.sqrt())]
                .map(|(x, y)| Coord { x: 530_000.0 + x, y: 4_080_000.0 + y })
        };
        let against_exact = |side: f64| {
            let ring = triangle(side);
            let origin = zone.origin(ring[0]);
            let exact: f64 = (0..3)
                .map(|i| zone.scale.stretch(ring[i], ring[(i + 1) % 3], 1.0, &origin, zone.false_easting_m))
                .sum();
            (Printer::unrounded(&zone).ring(&ring) / exact.abs() - 1.0).abs()
        };
        let (short, long) = (against_exact(69.0), against_exact(71.0));
        assert!(short > 1e-6 && short < 3e-6, "{short:e}");
        assert!(
            (long / short - 0.25 * (71.0 / 69.0)).abs() < 0.05,
            "half the length, a quarter of the error: {long:e}"
        );
    }

    /// Standards 1.6: what circulating mistakes cost on 1 km² at 117.40 E 36.90 N. Each is made here on purpose, and
    /// the right figure has none of them.
    #[test]
    fn circulating_mistakes_are_not_made() {
        let zone = Zone::new(Datum::Cgcs2000, 117.0, 500_000.0);
        let mut center = [Coord { x: 117.40, y: 36.90 }];
        zone.forward(&mut center);
        let ring = [(-500.0, -500.0), (500.0, -500.0), (500.0, 500.0), (-500.0, 500.0)]
            .map(|(x, y)| Coord { x: center[0].x + x, y: center[0].y + y });
        let origin = zone.origin(ring[0]);
        let exact: f64 =
            (0..4).map(|i| zone.scale.stretch(ring[i], ring[(i + 1) % 4], 1.0, &origin, zone.false_easting_m)).sum();
        let right = Printer::new(&zone);
        let strip = |constants: &Constants| constants.strip_factors().map(|f| f * constants.b * constants.b);
        let swapped_series = Printer { f: strip(&Constants { e2: CGCS2000.ep2, ..CGCS2000 }), ..right.clone() };
        let swapped_eta = Printer { ep2: CGCS2000.e2, ..right.clone() };
        let listing = Printer { ep2: CGCS2000.e2, ..swapped_series.clone() };
        let mixed = Constants { b: CGCS2000.b, ..XIAN_1980 };
        let mixed = Printer { ep2: mixed.ep2, c: mixed.c, k: mixed.k, f: strip(&mixed), ..right.clone() };
        // 3 / 6 and the other fractions are 0 in C#.
        let integer_division = Printer { f: [CGCS2000.b * CGCS2000.b, 0.0, 0.0, 0.0, 0.0], ..right.clone() };
        let check = |name: &str, printer: &Printer, cost: f64, tolerance: f64| {
            let off = printer.ring(&ring) / exact - 1.0;
            println!("{name}: {off:+.3e}, expected {cost:+.3e}");
            assert!((off - cost).abs() < tolerance, "{name}: {off:+e}, expected {cost:+e}");
        };
        check("right", &right, -3.9e-9, 5e-9);
        check("e'2 in A..E", &swapped_series, 3.26e-5, 1e-7);
        check("e2 in eta2", &swapped_eta, -1.44e-5, 1e-7);
        check("both, the listing printed in 32号", &listing, 1.83e-5, 1e-7);
        check("CGCS2000 axes with Xian 1980 e2, e'2, c, K", &mixed, -9.4e-7, 1e-8);
        check("integer division in A", &integer_division, -4.821e-3, 1e-6);
        let turned = ring.map(|c| Coord { x: c.y, y: c.x });
        let off = right.ring(&turned) / exact - 1.0;
        println!("swapped axes: {off:+.2}");
        assert!((off + 0.26).abs() < 0.01, "{off}");
    }
}
