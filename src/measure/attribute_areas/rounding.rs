//! What the rounding of coordinates is worth in the area of a feature.

use geo_types::Coord;
use rayon::prelude::*;

use super::decimals;
use crate::measure::ellipsoid::Ellipsoid;
use crate::measure::lengths::{plane_length, ring_ranges};
use crate::model::{FeatureBlock, Layer};

/// What rounded coordinates are worth.
pub(super) struct Slacks {
    /// Step of the coordinates, metres; 0 when they are finer than a millimetre.
    pub(super) step_m: f64,
    /// m² for each feature: three standard deviations of its area.
    pub(super) of_feature: Vec<f64>,
    pub(super) mean: f64,
}

pub(super) fn slacks(layer: &Layer) -> Slacks {
    let count = layer.feature_count();
    let scale = if layer.crs.is_geographic() { 111_320.0 } else { layer.crs.metres_per_unit() };
    let step_m = 10f64.powi(-(coordinate_decimals(layer) as i32)) * scale;
    if step_m < 1e-3 {
        return Slacks { step_m: 0.0, of_feature: vec![0.0; count], mean: 0.0 };
    }
    // A vertex is off by a uniform error of ±step/2 either way; its share of the area is half the chord between its
    // neighbours. 3σ = 3 · step/√12 · ½ √Σ chord², and for n vertices round a perimeter P, Σ chord² ≈ 4 P²/n.
    let degrees = layer.crs.is_geographic().then(|| Ellipsoid::of(layer.crs.datum()));
    let of_block = |block: &FeatureBlock| -> Vec<f64> {
        let geometry = &block.geometry;
        let of_row = |row| {
            let mut variance = 0.0;
            for range in ring_ranges(geometry, row) {
                let ring = &geometry.coords()[range];
                let perimeter: f64 = match (&degrees, ring.first()) {
                    // A ring's first latitude stands for all of them: this is an estimate.
                    (Some(ellipsoid), Some(first)) => {
                        let (east, north) = ellipsoid.metres_per_degree(first.y);
                        let metres = |d: Coord| ((d.x * east).powi(2) + (d.y * north).powi(2)).sqrt();
                        ring.windows(2).map(|edge| metres(edge[1] - edge[0])).sum()
                    }
                    _ => plane_length(ring) * layer.crs.metres_per_unit(),
                };
                variance += perimeter * perimeter / (ring.len().max(4) - 1) as f64;
            }
            3.0 / 12f64.sqrt() * step_m * variance.sqrt()
        };
        (0..geometry.feature_count()).map(of_row).collect()
    };
    let of_feature = layer.blocks.par_iter().map(of_block).collect::<Vec<_>>().concat();
    let mean = of_feature.iter().sum::<f64>() / count.max(1) as f64 / 3.0;
    Slacks { step_m, of_feature, mean }
}

/// Decimals that the coordinates of the layer were written with, by its first thousand.
fn coordinate_decimals(layer: &Layer) -> usize {
    let coords = layer.blocks.iter().flat_map(|block| block.geometry.coords()).take(1_000);
    coords.flat_map(|c| [c.x, c.y]).filter(|v| v.is_finite()).map(decimals).max().unwrap_or(0)
}
