//! The grid on which coordinates are written: the step that gives each of them back bit for bit, where there is one.

use rayon::prelude::*;

use crate::model::{Extent, GeometryKind, Layer};

/// Numbers up to which a double holds every whole one.
const MOST: f64 = 9_007_199_254_740_992.0;
/// Where the origin lies for what has coordinates below zero: degrees, and other units.
const BELOW: [f64; 2] = [-400.0, -100_000_000.0];

/// Origins and scales of other programs: what was read from their geodatabases comes back on them.
const OTHERS: [([f64; 2], f64); 4] = [
    ([-5_120_900.0, -9_998_100.0], 1e4),
    ([-2_147_483_647.0, -2_147_483_647.0], 1e4),
    ([-400.0, -400.0], 1e9),
    ([-400.0, -400.0], 999_999_999.999_999_9),
];

/// The grid of a class.
#[derive(Clone, Debug)]
pub(super) struct WriteGrid {
    /// Well-known text of the CRS, or the word for none.
    pub(super) wkt: String,
    pub(super) origin: [f64; 2],
    pub(super) scale: f64,
    /// Origin and scale of heights.
    pub(super) z: (f64, f64),
    pub(super) z_range: (f64, f64),
    pub(super) has_z: bool,
    /// Coordinates that lie nearer to each other are one.
    pub(super) tolerance: f64,
    /// Side of a cell of the spatial index, also of one that others may make.
    pub(super) cell: f64,
    /// Whether every coordinate comes back as it is.
    pub(super) is_exact: bool,
}

/// The word for a CRS that is unknown.
const UNKNOWN: &str = "{B286C06B-0879-11D2-AACA-00C04FA33C20}";

impl WriteGrid {
    /// The grid for these features of a layer.
    pub(super) fn of(layer: &Layer, rows: &[usize]) -> Self {
        let wkt = layer.crs.esri_wkt().unwrap_or_else(|| UNKNOWN.to_owned());
        let has_z = layer.blocks.iter().any(|block| !block.geometry.z().is_empty());
        let is_geographic = layer.crs.is_geographic();
        let mut grid = Self {
            wkt,
            origin: [0.0; 2],
            scale: if is_geographic { 1e9 } else { 1e4 },
            z: (-100_000.0, 10_000.0),
            z_range: (0.0, 0.0),
            has_z,
            tolerance: if is_geographic { 8.983_152_841_195_215e-9 } else { 0.001 },
            cell: 1.0,
            is_exact: true,
        };
        if layer.kind == GeometryKind::None {
            return grid;
        }
        let extent = layer.extent();
        if !extent.is_empty() {
            grid.choose(layer, rows, &extent, is_geographic);
            grid.cell = (extent.width().max(extent.height()) / 100.0).max(grid.tolerance * 10.0);
        }
        if has_z {
            grid.choose_z(layer);
        }
        grid
    }

    fn choose(&mut self, layer: &Layer, rows: &[usize], extent: &Extent, is_geographic: bool) {
        let below = BELOW[usize::from(!is_geographic)];
        let origin = |least: f64| if least >= 0.0 { 0.0 } else { below.min(10.0 * least) };
        self.origin = [origin(extent.min.x), origin(extent.min.y)];
        let most = (extent.max.x - self.origin[0]).max(extent.max.y - self.origin[1]).max(1.0);
        loop {
            if rows.par_chunks(4096).all(|rows| self.holds(layer, rows)) {
                self.is_exact = true;
                return;
            }
            if self.scale * 10.0 * most >= MOST {
                break;
            }
            self.scale *= 10.0;
        }
        let (finest, own) = (self.scale, self.origin);
        for (origin, scale) in OTHERS {
            (self.origin, self.scale) = (origin, scale);
            let fits = extent.min.x >= origin[0] && extent.min.y >= origin[1];
            if fits && rows.par_chunks(4096).all(|rows| self.holds(layer, rows)) {
                self.is_exact = true;
                return;
            }
        }
        // None gives them back: the finest is nearest.
        (self.origin, self.scale, self.is_exact) = (own, finest, false);
    }

    /// Whether every coordinate of these features comes back as it is.
    fn holds(&self, layer: &Layer, rows: &[usize]) -> bool {
        let is_same = |v: f64, axis: usize| self.number(v, axis) as f64 / self.scale + self.origin[axis] == v;
        rows.iter().all(|feature| {
            let (block, row) = layer.locate(*feature);
            block.geometry.feature_coords(row).iter().all(|c| is_same(c.x, 0) && is_same(c.y, 1))
        })
    }

    fn choose_z(&mut self, layer: &Layer) {
        let all = || layer.blocks.iter().flat_map(|block| block.geometry.z().iter().copied()).filter(|z| z.is_finite());
        let (least, most) = all().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), z| (a.min(z), b.max(z)));
        if least > most {
            return;
        }
        self.z_range = (least, most);
        let origin = if least >= 0.0 { 0.0 } else { (-100_000.0f64).min(10.0 * least) };
        let mut scale = 1e4;
        loop {
            self.z = (origin, scale);
            if all().all(|z| self.height(z) as f64 / scale + origin == z) {
                return;
            }
            if scale * 10.0 * (most - origin).max(1.0) >= MOST {
                break;
            }
            scale *= 10.0;
        }
        self.is_exact = false;
    }

    /// A coordinate as a whole number of steps.
    #[inline]
    pub(super) fn number(&self, v: f64, axis: usize) -> i64 {
        ((v - self.origin[axis]) * self.scale).round() as i64
    }

    /// A height as a whole number of steps.
    pub(super) fn height(&self, z: f64) -> i64 {
        let (origin, scale) = self.z;
        ((z - origin) * scale).round() as i64
    }

    /// The step in the units of the coordinates.
    pub(super) fn step(&self) -> String {
        format!("{:e}", 1.0 / self.scale)
    }
}
