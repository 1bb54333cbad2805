//! Reference ellipsoids and the series along their meridian.
//!
//! Values are the defining ones (semi-major axis and inverse flattening, `standards` of each datum); everything else
//! follows. The series are in the third flattening n and good to 1e-8 m over a whole meridian.

use crate::crs::Datum;

/// An oblate ellipsoid with what the measuring formulae need of it, all in metres and radians.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ellipsoid {
    /// Semi-major axis, metres.
    pub a: f64,
    /// Semi-minor axis, metres.
    pub b: f64,
    /// Inverse flattening.
    pub inverse_flattening: f64,
    /// First eccentricity squared, (a² − b²) / a².
    pub e2: f64,
    /// Second eccentricity squared, (a² − b²) / b².
    pub ep2: f64,
    /// Radius of the sphere whose meridian is as long, metres.
    pub rectifying_radius: f64,
    /// Meridian arc = radius · (B + Σ arc\[j\] sin 2(j+1)B).
    arc: [f64; 4],
    /// Footpoint latitude = μ + Σ foot\[j\] sin 2(j+1)μ.
    foot: [f64; 4],
}

impl Ellipsoid {
    /// The ellipsoid of axis `a` metres and inverse flattening `inverse_flattening`.
    pub fn new(a: f64, inverse_flattening: f64) -> Self {
        let f = 1.0 / inverse_flattening;
        let b = a * (1.0 - f);
        let e2 = f * (2.0 - f);
        let n = f / (2.0 - f);
        let (n2, n3, n4, n5) = (n * n, n.powi(3), n.powi(4), n.powi(5));
        Self {
            a,
            b,
            inverse_flattening,
            e2,
            ep2: e2 / (1.0 - e2),
            rectifying_radius: a / (1.0 + n) * (1.0 + n2 / 4.0 + n4 / 64.0 + n4 * n2 / 256.0),
            // Helmert 1880, as in Karney 2011, "Transverse Mercator with an accuracy of a few nanometers", section 3.
            arc: [
                -3.0 / 2.0 * n + 9.0 / 16.0 * n3 - 3.0 / 32.0 * n5,
                15.0 / 16.0 * n2 - 15.0 / 32.0 * n4,
                -35.0 / 48.0 * n3 + 105.0 / 256.0 * n5,
                315.0 / 512.0 * n4,
            ],
            foot: [
                3.0 / 2.0 * n - 27.0 / 32.0 * n3 + 269.0 / 512.0 * n5,
                21.0 / 16.0 * n2 - 55.0 / 32.0 * n4,
                151.0 / 96.0 * n3 - 417.0 / 128.0 * n5,
                1097.0 / 512.0 * n4,
            ],
        }
    }

    /// CGCS2000.
    pub fn cgcs2000() -> Self {
        Self::new(6_378_137.0, 298.257_222_101)
    }

    /// WGS 84.
    pub fn wgs84() -> Self {
        Self::new(6_378_137.0, 298.257_223_563)
    }

    /// IAG 75, the ellipsoid of Xian 1980.
    pub fn iag75() -> Self {
        Self::new(6_378_140.0, 298.257)
    }

    /// Krassovsky 1940, the ellipsoid of Beijing 1954.
    pub fn krassovsky() -> Self {
        Self::new(6_378_245.0, 298.3)
    }

    /// The ellipsoid of `datum`; WGS 84 for those that this program does not tell apart.
    pub fn of(datum: Datum) -> Self {
        match datum {
            Datum::Cgcs2000 => Self::cgcs2000(),
            Datum::Wgs84 | Datum::Other => Self::wgs84(),
            Datum::Xian1980 => Self::iag75(),
            Datum::Beijing1954 => Self::krassovsky(),
        }
    }

    /// Length of the meridian from the equator to the latitude of `sin` and `cos`, radians `lat`; metres.
    #[inline]
    pub(crate) fn meridian_arc(&self, lat: f64, sin: f64, cos: f64) -> f64 {
        self.rectifying_radius * (lat + sine_series(&self.arc, sin, cos))
    }

    /// Latitude whose meridian arc is `northing` metres, radians.
    #[inline]
    pub(crate) fn footpoint(&self, northing: f64) -> f64 {
        let mu = northing / self.rectifying_radius;
        let (sin, cos) = mu.sin_cos();
        mu + sine_series(&self.foot, sin, cos)
    }

    /// Coefficients K₀…K₄ of the footpoint latitude in the survey's form (standards 1.2, formula 3):
    /// E₀ = K₀ x, B_f = E₀ + cos E₀ (K₁ sin E₀ − K₂ sin³ E₀ + K₃ sin⁵ E₀ − K₄ sin⁷ E₀).
    pub(crate) fn footpoint_constants(&self) -> [f64; 5] {
        let [p2, p4, p6, p8] = self.foot;
        [
            1.0 / self.rectifying_radius,
            2.0 * p2 + 4.0 * p4 + 6.0 * p6 + 8.0 * p8,
            8.0 * p4 + 32.0 * p6 + 80.0 * p8,
            32.0 * p6 + 192.0 * p8,
            128.0 * p8,
        ]
    }

    /// Length of a degree of longitude and of one of latitude at a latitude in degrees, metres.
    pub(crate) fn metres_per_degree(&self, latitude_deg: f64) -> (f64, f64) {
        let (sin, cos) = latitude_deg.to_radians().sin_cos();
        let radius = self.prime_vertical(sin);
        let meridian = radius * (1.0 - self.e2) / (1.0 - self.e2 * sin * sin);
        ((radius * cos).to_radians(), meridian.to_radians())
    }

    /// Radius of curvature of the prime vertical where the sine of the latitude is `sin`, metres.
    #[inline]
    pub(crate) fn prime_vertical(&self, sin: f64) -> f64 {
        self.a / (1.0 - self.e2 * sin * sin).sqrt()
    }
}

/// Σ c\[j\] sin 2(j+1)x by Clenshaw's recurrence.
#[inline]
fn sine_series(c: &[f64; 4], sin: f64, cos: f64) -> f64 {
    let twice_cos_2x = 2.0 * (cos - sin) * (cos + sin);
    let b3 = c[3];
    let b2 = twice_cos_2x * b3 + c[2];
    let b1 = twice_cos_2x * b2 - b3 + c[1];
    let b0 = twice_cos_2x * b1 - b2 + c[0];
    2.0 * sin * cos * b0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_those_of_the_datums() {
        let check = |ellipsoid: Ellipsoid, b: f64, e2: f64, ep2: f64| {
            assert!((ellipsoid.b - b).abs() < 1e-8, "b {}", ellipsoid.b);
            assert!((ellipsoid.e2 - e2).abs() < 1e-16, "e2 {}", ellipsoid.e2);
            assert!((ellipsoid.ep2 - ep2).abs() < 1e-16, "ep2 {}", ellipsoid.ep2);
        };
        check(Ellipsoid::cgcs2000(), 6_356_752.314_140_356, 0.006_694_380_022_900_79, 0.006_739_496_775_478_96);
        check(Ellipsoid::krassovsky(), 6_356_863.018_773_047, 0.006_693_421_622_965_94, 0.006_738_525_414_683_49);
    }

    #[test]
    fn footpoint_constants_are_the_recomputed_ones() {
        let expected = [
            1.570_487_611_454_50e-7,
            5.052_501_812_727_55e-3,
            2.984_728_409_675_90e-5,
            2.415_995_367_849_87e-7,
            2.180_589_753_322_60e-9,
        ];
        for (ours, expected) in Ellipsoid::cgcs2000().footpoint_constants().into_iter().zip(expected) {
            // The last K of the reference carries terms of n⁶ too, worth 1e-13 rad.
            assert!((ours - expected).abs() < 1e-12, "{ours:e} {expected:e}");
        }
    }

    #[test]
    fn the_meridian_arc_inverts() {
        let ellipsoid = Ellipsoid::cgcs2000();
        for degrees in [-60.0f64, 0.0, 3.0, 18.0, 36.8, 53.5, 84.0] {
            let lat = degrees.to_radians();
            let (sin, cos) = lat.sin_cos();
            let back = ellipsoid.footpoint(ellipsoid.meridian_arc(lat, sin, cos));
            // The series stop at n⁵; 1e-13 rad are 0.6 µm.
            assert!((back - lat).abs() < 1e-13, "{degrees}: {:e}", back - lat);
        }
    }
}
