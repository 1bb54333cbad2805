//! The grid on which coordinates are written: the step that gives each of them back bit for bit, where there is one.

use rayon::prelude::*;

use crate::model::{Extent, GeometryBlock, GeometryKind, Layer};

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
    /// Origin, scale and range of heights.
    pub(super) z: (f64, f64),
    pub(super) z_range: (f64, f64),
    pub(super) has_z: bool,
    /// The same of measures.
    pub(super) m: (f64, f64),
    pub(super) m_range: (f64, f64),
    pub(super) has_m: bool,
    /// Coordinates that lie nearer to each other are one.
    pub(super) tolerance: f64,
    /// Side of a cell of the spatial index, also of one that others may make.
    pub(super) cell: f64,
    /// Whether every coordinate comes back as it is.
    pub(super) is_exact: bool,
}

/// Origin and scale of heights and of measures, where nothing needs another.
pub(super) const USUAL: (f64, f64) = (-100_000.0, 10_000.0);

/// The word for a CRS that is unknown.
const UNKNOWN: &str = "{B286C06B-0879-11D2-AACA-00C04FA33C20}";

impl WriteGrid {
    /// The grid for these features of a layer.
    pub(super) fn of(layer: &Layer, rows: &[usize]) -> Self {
        let wkt = layer.crs.esri_wkt().unwrap_or_else(|| UNKNOWN.to_owned());
        let has_z = layer.blocks.iter().any(|block| !block.geometry.z().is_empty());
        let has_m = layer.blocks.iter().any(|block| !block.geometry.m().is_empty());
        let is_geographic = layer.crs.is_geographic();
        let mut grid = Self {
            wkt,
            origin: [0.0; 2],
            scale: if is_geographic { 1e9 } else { 1e4 },
            z: USUAL,
            z_range: (0.0, 0.0),
            has_z,
            m: USUAL,
            m_range: (0.0, 0.0),
            has_m,
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
        if let Some(chosen) = Steps::of(layer, GeometryBlock::z) {
            (grid.z, grid.z_range) = (chosen.steps, chosen.range);
            grid.is_exact &= chosen.is_exact;
        }
        if let Some(chosen) = Steps::of(layer, GeometryBlock::m) {
            (grid.m, grid.m_range) = (chosen.steps, chosen.range);
            grid.is_exact &= chosen.is_exact;
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

    /// A coordinate as a whole number of steps.
    #[inline]
    pub(super) fn number(&self, v: f64, axis: usize) -> i64 {
        ((v - self.origin[axis]) * self.scale).round() as i64
    }

    /// A height as a whole number of steps.
    pub(super) fn height(&self, z: f64) -> i64 {
        steps(z, self.z)
    }

    /// A measure as a whole number of steps.
    pub(super) fn measure(&self, m: f64) -> i64 {
        steps(m, self.m)
    }

    /// The step in the units of the coordinates.
    pub(super) fn step(&self) -> String {
        format!("{:e}", 1.0 / self.scale)
    }
}

/// A number as so many steps of an origin and a scale.
fn steps(v: f64, (origin, scale): (f64, f64)) -> i64 {
    ((v - origin) * scale).round() as i64
}

/// How the heights or measures of a layer become whole numbers.
struct Steps {
    /// Origin and scale.
    steps: (f64, f64),
    range: (f64, f64),
    /// Whether each of them comes back as it is.
    is_exact: bool,
}

impl Steps {
    /// For the numbers that `of` gives of each block; `None` where there are none.
    fn of(layer: &Layer, of: fn(&GeometryBlock) -> &[f64]) -> Option<Self> {
        let all =
            || layer.blocks.iter().flat_map(|block| of(&block.geometry).iter().copied()).filter(|v| v.is_finite());
        let (least, most) = all().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
        if least > most {
            return None;
        }
        let origin = if least >= 0.0 { 0.0 } else { USUAL.0.min(10.0 * least) };
        let mut scale = 1e4;
        loop {
            let is_exact = all().all(|v| steps(v, (origin, scale)) as f64 / scale + origin == v);
            if is_exact || scale * 10.0 * (most - origin).max(1.0) >= MOST {
                return Some(Self { steps: (origin, scale), range: (least, most), is_exact });
            }
            scale *= 10.0;
        }
    }
}
