//! Features that the layer's zone does not reach: each in its own nearest zone, or geodesically.

use geo_types::Coord;
use geographiclib_rs::Geodesic;

use super::MeasureError;
use super::ellipsoid::Ellipsoid;
use super::frame::Frame;
use super::geodesic;
use super::meter::{Figures, Meter};
use super::piece::Finding;
use super::rings::{QUADRANT_M, off_the_globe, rings};
use super::survey::printed_m2;
use super::zone::{HIGHEST_LATITUDE_DEG, REACH_DEG, Zone, wrap};
use crate::crs::{Crs, Datum, Reprojector};
use crate::model::{Extent, GeometryBlock};

/// Measures features wherever they lie.
pub(crate) struct Elsewhere {
    datum: Datum,
    to_degrees: Reprojector,
    /// Whether the CRS is a zone, whose northings count from the equator.
    is_zone: bool,
    zones: Vec<Frame>,
    solver: Geodesic,
}

impl Elsewhere {
    /// For features in `crs`.
    pub(super) fn new(crs: &Crs) -> Result<Self, MeasureError> {
        let datum = crs.datum();
        Ok(Self {
            datum,
            to_degrees: Reprojector::new(crs, &crs.geographic())?,
            is_zone: crs.gauss_kruger().is_some(),
            zones: Vec::new(),
            solver: geodesic::solver(&Ellipsoid::of(datum)),
        })
    }

    /// Area of feature `row`, and where it was measured.
    pub(super) fn measure(&mut self, geometry: &GeometryBlock, row: usize) -> (Figures, Finding) {
        let range = geometry.coord_range(row);
        let mut coords = geometry.coords()[range.clone()].to_vec();
        let place = self.place(geometry, row, &mut coords);
        match place {
            Finding::OtherZone(meridian) => {
                let at =
                    self.zones.iter().position(|f| f.as_zone().is_some_and(|z| z.central_meridian_deg == meridian));
                let at = at.unwrap_or_else(|| {
                    self.zones.push(Frame::zone(self.datum, meridian));
                    self.zones.len() - 1
                });
                let frame = &self.zones[at];
                if let Some(zone) = frame.as_zone() {
                    zone.forward(&mut coords);
                }
                (Meter::new(frame).feature(rings(geometry, row, &coords, range.start)), place)
            }
            Finding::NoZone => {
                let mut sum = 0.0;
                for part in rings(geometry, row, &coords, range.start) {
                    for (i, ring) in part.enumerate() {
                        let (area, _) = geodesic::ring(&self.solver, ring);
                        sum += if i == 0 { area } else { -area };
                    }
                }
                // Holes that are larger than what they are taken from leave nothing.
                let sum = sum.max(0.0);
                (Figures { exact: sum, printed: printed_m2(sum) }, place)
            }
            _ => (Figures::default(), place),
        }
    }

    /// Turns the coordinates of feature `row` into degrees and says where they are measured.
    pub(super) fn place(&self, geometry: &GeometryBlock, row: usize, coords: &mut [Coord]) -> Finding {
        if self.is_zone && coords.iter().any(|c| c.y.is_nan() || c.y.abs() > QUADRANT_M) {
            return Finding::OffTheGlobe;
        }
        if self.to_degrees.convert(coords).is_err() {
            return Finding::NoImage;
        }
        if coords.iter().any(|c| off_the_globe(*c)) {
            return Finding::OffTheGlobe;
        }
        let extent = super::extent::feature_extent(geometry, row, coords);
        let meridian = Zone::nearest_meridian(extent.center().x);
        if fits(&extent, meridian) { Finding::OtherZone(meridian) } else { Finding::NoZone }
    }
}

fn fits(extent: &Extent, meridian: f64) -> bool {
    let offset = wrap(extent.center().x - meridian).abs();
    offset + extent.width() / 2.0 <= REACH_DEG && extent.min.y.abs().max(extent.max.y.abs()) <= HIGHEST_LATITUDE_DEG
}
