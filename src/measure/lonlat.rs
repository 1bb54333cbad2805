//! Areas under edges that are straight in longitude and latitude.
//!
//! The overlay's edges under the geodesic method, whose areas themselves come from Karney's algorithm. The area
//! between the equator and an edge is ∫ F dL with F(B) = ∫ M N cos B dB, here by its odd power series in sin B,
//! F = b² s Σ (k+1)/(2k+1) (e² s²)^k, which at eight terms is exact in double precision.

use geo_types::Coord;

use super::ellipsoid::Ellipsoid;

const TERMS: usize = 8;
const GAUSS: [(f64, f64); 3] =
    [(0.112_701_665_379_258_3, 5.0 / 18.0), (0.5, 8.0 / 18.0), (0.887_298_334_620_741_7, 5.0 / 18.0)];
/// Longest panel of the quadrature, degrees of latitude.
const PANEL_DEG: f64 = 0.5;

/// F of an ellipsoid.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EqualArea {
    a: f64,
    e2: f64,
    b2: f64,
    /// Factors of s³, s⁵, … in F / b².
    factors: [f64; TERMS],
}

impl EqualArea {
    pub(crate) fn new(ellipsoid: &Ellipsoid) -> Self {
        let mut factors = [0.0; TERMS];
        for (i, factor) in factors.iter_mut().enumerate() {
            let k = i as f64 + 1.0;
            *factor = (k + 1.0) / (2.0 * k + 1.0) * ellipsoid.e2.powi(i as i32 + 1);
        }
        Self { a: ellipsoid.a, e2: ellipsoid.e2, b2: ellipsoid.b * ellipsoid.b, factors }
    }

    /// F(latitude) − F(reference) in m² per radian; keeps its digits when the two are close.
    pub(crate) fn difference(&self, latitude_deg: f64, reference_deg: f64) -> f64 {
        let (latitude, reference) = (latitude_deg.to_radians(), reference_deg.to_radians());
        let half = (latitude_deg - reference_deg).to_radians() * 0.5;
        let main = 2.0 * (0.5 * (latitude + reference)).cos() * half.sin();
        let rest = |s: f64| {
            let s2 = s * s;
            s * self.factors.iter().rev().fold(0.0, |sum, f| s2 * (sum + f))
        };
        self.b2 * (main + (rest(latitude.sin()) - rest(reference.sin())))
    }

    /// Area to the left of the stretch of edge `a`→`b` from `a` to the share `t` of its length, m², relative to the
    /// latitude of `origin`.
    pub(crate) fn stretch(&self, a: Coord, b: Coord, t: f64, origin: Coord) -> f64 {
        let (dl, db) = ((b.x - a.x) * t, (b.y - a.y) * t);
        if dl == 0.0 {
            return 0.0;
        }
        let panel_count = (db.abs() / PANEL_DEG).ceil().clamp(1.0, 1_000.0);
        let mut sum = 0.0;
        for panel in 0..panel_count as usize {
            for (node, weight) in GAUSS {
                sum += weight * self.difference(a.y + db * (panel as f64 + node) / panel_count, origin.y);
            }
        }
        -dl.to_radians() * sum / panel_count
    }
}
