//! Gauss-Krüger zones: our own forward and inverse series, for speed inside `measure`.
//!
//! Classical series in the longitude difference (forward) and the easting (inverse), good to 0.1 mm up to 3.5° from
//! the central meridian; tests compare with PROJ. Everything farther away goes through PROJ.

use geo_types::Coord;

use super::ellipsoid::Ellipsoid;
use super::exact::{Origin, ScaleSeries};
use super::sines::sin_cos;
use crate::crs::Datum;

/// Farthest longitude from the central meridian at which a feature is measured in a zone, degrees. A hair over 3, so
/// that features on the very border of a 6° zone stay in it.
pub(crate) const REACH_DEG: f64 = 3.000_01;
/// Highest latitude that is measured in a zone; nearer to the poles a zone is a splinter.
pub(crate) const HIGHEST_LATITUDE_DEG: f64 = 84.0;

/// A Gauss-Krüger zone: transverse Mercator with scale 1 on the central meridian and no false northing.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone {
    /// Datum whose ellipsoid and constants are used.
    pub datum: Datum,
    /// The ellipsoid.
    pub ellipsoid: Ellipsoid,
    /// Central meridian, degrees east, −180 to 180.
    pub central_meridian_deg: f64,
    /// Easting of the central meridian, metres.
    pub false_easting_m: f64,
    pub(crate) scale: ScaleSeries,
}

impl Zone {
    /// The zone of `datum` around a meridian. WGS 84 is taken as CGCS2000, as the survey does.
    pub fn new(datum: Datum, central_meridian_deg: f64, false_easting_m: f64) -> Self {
        let datum = match datum {
            Datum::Wgs84 | Datum::Other => Datum::Cgcs2000,
            datum => datum,
        };
        let ellipsoid = Ellipsoid::of(datum);
        let scale = ScaleSeries::new(&ellipsoid);
        Self { datum, ellipsoid, central_meridian_deg, false_easting_m, scale }
    }

    /// The 3° zone nearest to a longitude: central meridian in degrees, −180 < meridian ≤ 180.
    pub fn nearest_meridian(longitude_deg: f64) -> f64 {
        wrap(3.0 * (longitude_deg / 3.0).round())
    }

    /// Whether `lonlat` (degrees) lies close enough to the meridian to be measured here.
    pub fn reaches(&self, lonlat: Coord) -> bool {
        // Written so that NaN is not reached.
        wrap(lonlat.x - self.central_meridian_deg).abs() <= REACH_DEG && lonlat.y.abs() <= HIGHEST_LATITUDE_DEG
    }

    /// Whether a point of the plane lies close enough to the meridian to be measured here.
    pub(crate) fn reaches_plane(&self, point: Coord) -> bool {
        // 3° are longest on the equator; nearer to the pole the latitude decides.
        let e = (point.x - self.false_easting_m).abs();
        let n = point.y.abs() / self.ellipsoid.rectifying_radius;
        // Written so that NaN is not reached. The plain cosine errs to the short side by less than 0.1 %.
        n <= HIGHEST_LATITUDE_DEG.to_radians() && {
            let reach = REACH_DEG.to_radians() * self.ellipsoid.a * n.cos();
            e <= 0.99 * reach || (e <= 1.02 * reach && self.reaches(self.lonlat(point)))
        }
    }

    /// Converts longitude and latitude in degrees to easting and northing in metres, in place.
    ///
    /// Values that are not finite stay so.
    pub fn forward(&self, coords: &mut [Coord]) {
        let meridian = self.central_meridian_deg;
        for c in &mut *coords {
            c.x -= meridian;
        }
        if !coords.iter().all(|c| c.x.abs() <= 180.0) {
            coords.iter_mut().for_each(|c| c.x = wrap(c.x));
        }
        // The compiler computes several at once, as long as there is neither a branch nor a call.
        coords.iter_mut().for_each(|c| *c = self.placed(*c));
    }

    /// Easting and northing of a place whose longitude counts from the central meridian.
    #[inline(always)]
    fn placed(&self, c: Coord) -> Coord {
        let ellipsoid = &self.ellipsoid;
        let l = c.x.to_radians();
        let latitude = c.y.to_radians();
        let (sin, cos) = sin_cos(latitude);
        let (c2, s2) = (cos * cos, sin * sin);
        let h = ellipsoid.ep2 * c2;
        let radius = ellipsoid.prime_vertical(sin);
        let l2 = l * l;
        // Jordan, Eggert, Kneißl, Handbuch der Vermessungskunde IV; powers of t are written as sines.
        let y3 = c2 * (1.0 + h) - s2;
        let y5 = c2 * c2 * (5.0 + 14.0 * h + 13.0 * h * h) - s2 * c2 * (18.0 + 58.0 * h + 64.0 * h * h) + s2 * s2;
        let y7 = c2 * c2 * c2 * (61.0 + 331.0 * h) - s2 * c2 * c2 * (479.0 + 3298.0 * h)
            + s2 * s2 * c2 * (179.0 + 1771.0 * h)
            - s2 * s2 * s2;
        let easting =
            radius * cos * l * (1.0 + l2 * (1.0 / 6.0) * (y3 + l2 * (1.0 / 20.0) * (y5 + l2 * (1.0 / 42.0) * y7)));
        let x4 = c2 * (5.0 + 9.0 * h + 4.0 * h * h) - s2;
        let x6 = c2 * c2 * (61.0 + 270.0 * h) - s2 * c2 * (58.0 + 330.0 * h) + s2 * s2;
        let x8 = 1385.0 * c2 * c2 * c2 - 3111.0 * s2 * c2 * c2 + 543.0 * s2 * s2 * c2 - s2 * s2 * s2;
        let rise = radius
            * sin
            * cos
            * (l2 * 0.5)
            * (1.0 + l2 * (1.0 / 12.0) * (x4 + l2 * (1.0 / 30.0) * (x6 + l2 * (1.0 / 56.0) * x8)));
        Coord { x: self.false_easting_m + easting, y: ellipsoid.meridian_arc(latitude, sin, cos) + rise }
    }

    /// Converts easting and northing in metres to longitude and latitude in degrees, in place.
    pub fn inverse(&self, coords: &mut [Coord]) {
        for c in coords {
            *c = self.lonlat(*c);
        }
    }

    /// Longitude and latitude in degrees of an easting and northing in metres.
    pub fn lonlat(&self, point: Coord) -> Coord {
        let ellipsoid = &self.ellipsoid;
        let foot = ellipsoid.footpoint(point.y);
        let (sin, cos) = foot.sin_cos();
        let t = sin / cos;
        let t2 = t * t;
        let h = ellipsoid.ep2 * cos * cos;
        let v2 = 1.0 + h;
        let u = (point.x - self.false_easting_m) / ellipsoid.prime_vertical(sin);
        let u2 = u * u;
        let b4 = 5.0 + 3.0 * t2 + h - 9.0 * h * t2 - 4.0 * h * h;
        let b6 = 61.0 + t2 * (90.0 + 45.0 * t2) + h * (46.0 - 252.0 * t2 - 90.0 * t2 * t2);
        let b8 = 1385.0 + t2 * (3633.0 + t2 * (4095.0 + 1575.0 * t2));
        let latitude = foot - v2 * t * u2 / 2.0 * (1.0 - u2 / 12.0 * (b4 - u2 / 30.0 * (b6 - u2 / 56.0 * b8)));
        let l3 = 1.0 + 2.0 * t2 + h;
        let l5 = 5.0 + t2 * (28.0 + 24.0 * t2) + h * (6.0 + 8.0 * t2) - h * h * (3.0 - 4.0 * t2);
        let l7 = 61.0 + t2 * (662.0 + t2 * (1320.0 + 720.0 * t2));
        let l = u / cos * (1.0 - u2 / 6.0 * (l3 - u2 / 20.0 * (l5 - u2 / 42.0 * l7)));
        Coord { x: wrap(self.central_meridian_deg + l.to_degrees()), y: latitude.to_degrees() }
    }

    /// An origin for the contributions of edges.
    pub(crate) fn origin(&self, at: Coord) -> Origin {
        self.scale.origin(at, at.x - self.false_easting_m)
    }
}

/// A longitude brought to −180 < longitude ≤ 180.
pub(crate) fn wrap(degrees: f64) -> f64 {
    if degrees > -180.0 && degrees <= 180.0 {
        return degrees;
    }
    let wrapped = degrees - 360.0 * (degrees / 360.0).round();
    if wrapped <= -180.0 { wrapped + 360.0 } else { wrapped }
}
