//! The exact area along straight edges of a Gauss-Krüger zone: additive to machine precision.
//!
//! The projection is conformal, so a piece of the plane of area dn·de is dn·de / k² on the ellipsoid (k the scale
//! factor, n northing, e easting from the meridian). With G(n, e) = ∫₀ᵉ k⁻² the area inside a ring is ∮ G dn (Green).
//! G is a short odd polynomial in e,
//!
//! ```text
//! G = e − c₂ e³/3 + c₄ e⁵/5 − c₆ e⁷/7 + c₈ e⁹/9
//! ```
//!
//! whose coefficients are functions of the footpoint latitude alone. They are the Taylor coefficients of
//! k⁻² = exp(2 Re ln f′(n + i e) + 2 ln r(Re f(n + i e))), f the isometric latitude of the northing and r the radius of
//! the parallel, derived by computer algebra for this program; on a sphere they are those of tanh. What is left out is
//! below 1e-12 of the area 3.5° from the meridian (a test compares with PROJ's own scale factor). No inverse
//! projection is needed, and no rounding happens.
//!
//! Any constant may be taken from G without changing a closed ring; taking its value at an origin near the ring keeps
//! the digits of small parcels. Contributions that are to be added must share one [`Origin`].

use super::ellipsoid::Ellipsoid;
use geo_types::Coord;

/// Northings farther than this from the origin take the trigonometric route instead of the Taylor one. At this
/// distance the two differ by less than 1e-15 of the area.
const NEAR_M: f64 = 50_000.0;
/// Edges up to this long take two Gauss-Legendre points, longer ones three a panel.
const SHORT_M: f64 = 2_000.0;
/// Longest panel with three points, metres.
const PANEL_M: f64 = 50_000.0;

/// Two-point Gauss-Legendre nodes on 0..1.
const GAUSS2: [f64; 2] = [0.211_324_865_405_187_1, 0.788_675_134_594_812_9];
/// Three-point Gauss-Legendre nodes on 0..1 and their weights.
const GAUSS3: [(f64, f64); 3] =
    [(0.112_701_665_379_258_3, 5.0 / 18.0), (0.5, 8.0 / 18.0), (0.887_298_334_620_741_7, 5.0 / 18.0)];

/// Most cosine terms of a coefficient.
const TERMS: usize = 6;

/// k⁻² of a Gauss-Krüger zone, as cosine series of the rectifying latitude of the footpoint.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ScaleSeries {
    /// Rectifying latitude of a northing: n · this.
    per_metre: f64,
    /// −c₂/3, c₄/5, −c₆/7, c₈/9: the factors of e³, e⁵, e⁷, e⁹.
    cosine: [[f64; TERMS]; 4],
}

/// The point that contributions of edges are relative to, with G expanded around it.
///
/// Contributions with different origins must not be added.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Origin {
    /// Where it is, in the plane of its frame.
    pub at: Coord,
    /// What G holds beyond e there.
    beyond: f64,
    /// Factors of e³ by powers of the northing's difference.
    cubic: [f64; 5],
    /// Factors of e⁵ by powers of the northing's difference.
    quintic: [f64; 4],
    /// Factors of e⁷ by powers of the northing's difference.
    septic: [f64; 2],
    /// Factor of e⁹.
    nonic: f64,
}

impl Origin {
    /// An origin for planes that need no expansion.
    pub(crate) fn plain(at: Coord) -> Self {
        Self { at, beyond: 0.0, cubic: [0.0; 5], quintic: [0.0; 4], septic: [0.0; 2], nonic: 0.0 }
    }
}

impl ScaleSeries {
    pub(crate) fn new(ellipsoid: &Ellipsoid) -> Self {
        // The coefficients are even and periodic in the latitude: sixteen samples give their cosine series.
        const SAMPLES: usize = 16;
        let mut cosine = [[0.0; TERMS]; 4];
        for sample in 0..SAMPLES {
            let mu = std::f64::consts::PI * (sample as f64 + 0.5) / SAMPLES as f64;
            let latitude = ellipsoid.footpoint(mu * ellipsoid.rectifying_radius);
            let values = factors(ellipsoid, latitude);
            for (series, value) in cosine.iter_mut().zip(values) {
                for (m, term) in series.iter_mut().enumerate() {
                    let weight = if m == 0 { 1.0 } else { 2.0 } / SAMPLES as f64;
                    *term += weight * value * (2.0 * m as f64 * mu).cos();
                }
            }
        }
        Self { per_metre: 1.0 / ellipsoid.rectifying_radius, cosine }
    }

    /// An origin at `at`, whose easting from the meridian is `e`.
    pub(crate) fn origin(&self, at: Coord, e: f64) -> Origin {
        let mut origin = Origin::plain(at);
        // Sine and cosine of m times twice the rectifying latitude, each by turning the one before.
        let (sin, cos) = (2.0 * at.y * self.per_metre).sin_cos();
        let mut turns = [(0.0, 1.0); TERMS];
        for m in 1..TERMS {
            let (s, c) = turns[m - 1];
            turns[m] = (s * cos + c * sin, c * cos - s * sin);
        }
        // Taylor coefficients of a cosine series: derivative k of cos(m·2μ) over k!.
        let taylor = |series: &[f64; TERMS], out: &mut [f64]| {
            for (m, (c, (sin, cos))) in series.iter().zip(&turns).enumerate() {
                let rate = 2.0 * m as f64 * self.per_metre;
                let mut factor = *c;
                for (k, slot) in out.iter_mut().enumerate() {
                    let derivative = match k % 4 {
                        0 => *cos,
                        1 => -sin,
                        2 => -cos,
                        _ => *sin,
                    };
                    *slot += factor * derivative;
                    factor *= rate / (k as f64 + 1.0);
                }
            }
        };
        taylor(&self.cosine[0], &mut origin.cubic);
        taylor(&self.cosine[1], &mut origin.quintic);
        taylor(&self.cosine[2], &mut origin.septic);
        taylor(&self.cosine[3], std::slice::from_mut(&mut origin.nonic));
        origin.beyond = origin.beyond_near(e, 0.0);
        origin
    }

    /// G − e at northing `n` and easting `e`, by the trigonometric route.
    fn beyond_far(&self, e: f64, n: f64) -> f64 {
        let cos2 = (2.0 * n * self.per_metre).cos();
        let value = |c: &[f64; TERMS]| {
            let (mut b1, mut b2) = (0.0, 0.0);
            for term in c.iter().skip(1).rev() {
                (b1, b2) = (2.0 * cos2 * b1 - b2 + term, b1);
            }
            cos2 * b1 - b2 + c[0]
        };
        let [c3, c5, c7, c9] = [0, 1, 2, 3].map(|i| value(&self.cosine[i]));
        let e2 = e * e;
        e * e2 * (c3 + e2 * (c5 + e2 * (c7 + e2 * c9)))
    }

    /// Area to the left of the stretch of edge `a`→`b` from `a` to the share `t` of its length, m², relative to
    /// `origin`; eastings count from `false_easting`.
    #[inline]
    pub(crate) fn stretch(&self, a: Coord, b: Coord, t: f64, origin: &Origin, false_easting: f64) -> f64 {
        let (de, dn) = ((b.x - a.x) * t, (b.y - a.y) * t);
        let length = de.abs() + dn.abs();
        let e = a.x - false_easting;
        let n = a.y - origin.at.y;
        let near = n.abs() + dn.abs() <= NEAR_M;
        let beyond = if near && length <= SHORT_M {
            let [g0, g1] = GAUSS2;
            0.5 * (origin.beyond_near(e + g0 * de, n + g0 * dn) + origin.beyond_near(e + g1 * de, n + g1 * dn))
        } else {
            self.beyond_long(e, de, n, dn, origin)
        };
        dn * ((a.x - origin.at.x) + 0.5 * de + (beyond - origin.beyond))
    }

    /// Mean of G − e over a long or far edge.
    #[cold]
    fn beyond_long(&self, e: f64, de: f64, n: f64, dn: f64, origin: &Origin) -> f64 {
        let panel_count = ((de.abs() + dn.abs()) / PANEL_M).ceil().clamp(1.0, 10_000.0);
        let mut sum = 0.0;
        for panel in 0..panel_count as usize {
            for (node, weight) in GAUSS3 {
                let t = (panel as f64 + node) / panel_count;
                let (e, n) = (e + t * de, n + t * dn);
                let value =
                    if n.abs() <= NEAR_M { origin.beyond_near(e, n) } else { self.beyond_far(e, origin.at.y + n) };
                sum += weight * value;
            }
        }
        sum / panel_count
    }
}

impl Origin {
    /// G − e at easting `e` from the meridian, `n` metres north of the origin.
    #[inline]
    fn beyond_near(&self, e: f64, n: f64) -> f64 {
        let c = &self.cubic;
        let c3 = c[0] + n * (c[1] + n * (c[2] + n * (c[3] + n * c[4])));
        let q = &self.quintic;
        let c5 = q[0] + n * (q[1] + n * (q[2] + n * q[3]));
        let c7 = self.septic[0] + n * self.septic[1];
        let e2 = e * e;
        e * e2 * (c3 + e2 * (c5 + e2 * (c7 + e2 * self.nonic)))
    }
}

/// Factors of e³, e⁵, e⁷, e⁹ in G at a footpoint latitude in radians.
fn factors(ellipsoid: &Ellipsoid, latitude: f64) -> [f64; 4] {
    let (sin, cos) = latitude.sin_cos();
    let n2 = ellipsoid.prime_vertical(sin).powi(2);
    // h = η², s = η² t²; both bounded, also at the pole.
    let h = ellipsoid.ep2 * cos * cos;
    let s = ellipsoid.ep2 * sin * sin;
    let c2 = 1.0 + h;
    let c4 = (1.0 + h) * (2.0 + h - h * h + 6.0 * h * s) / 3.0;
    let c6 = 17.0 / 45.0 + 34.0 / 45.0 * h - s / 5.0
        + 11.0 / 45.0 * h * h + 13.0 / 15.0 * h * s + s * s / 3.0
        // third order in the flattening
        - h * h * h / 45.0 - 11.0 / 5.0 * h * h * s
        + 3.0 * h * s * s;
    let c8 = 62.0 / 315.0 + 31.0 / 63.0 * h - 11.0 / 35.0 * s
        + 29.0 / 105.0 * h * h
        + 12.0 / 35.0 * h * s
        + 11.0 / 21.0 * s * s;
    [-c2 / (3.0 * n2), c4 / (5.0 * n2 * n2), -c6 / (7.0 * n2.powi(3)), c8 / (9.0 * n2.powi(4))]
}
