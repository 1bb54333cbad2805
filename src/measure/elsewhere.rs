//! Features that the layer's zone does not reach: each in its own nearest zone, or geodesically.

use geo_types::Coord;
use geographiclib_rs::Geodesic;

use super::MeasureError;
use super::ellipsoid::Ellipsoid;
use super::frame::Frame;
use super::geodesic;
use super::meter::{Figures, Meter};
use super::piece::{Finding, off_the_globe, rings};
use super::survey::printed_m2;
use super::zone::{HIGHEST_LATITUDE_DEG, REACH_DEG, Zone, wrap};
use crate::crs::{Crs, Datum, Reprojector};
use crate::model::{Extent, GeometryBlock};

/// Measures features wherever they lie.
pub(crate) struct Elsewhere {
    datum: Datum,
    to_degrees: Reprojector,
    zones: Vec<Frame>,
    solver: Geodesic,
}

impl Elsewhere {
    /// For features in `crs`.
    pub fn new(crs: &Crs) -> Result<Self, MeasureError> {
        let datum = crs.datum();
        Ok(Self {
            datum,
            to_degrees: Reprojector::new(crs, &crs.geographic())?,
            zones: Vec::new(),
            solver: geodesic::solver(&Ellipsoid::of(datum)),
        })
    }

    /// Area of feature `row`, and where it was measured.
    pub fn measure(&mut self, geometry: &GeometryBlock, row: usize) -> (Figures, Finding) {
        let range = geometry.coord_range(row);
        let mut coords = geometry.coords()[range.clone()].to_vec();
        let place = self.place(&mut coords);
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
                (Figures { exact: sum, printed: printed_m2(sum) }, place)
            }
            _ => (Figures::default(), place),
        }
    }

    /// Turns coordinates into degrees and says where they are measured.
    pub fn place(&self, coords: &mut [Coord]) -> Finding {
        if self.to_degrees.convert(coords).is_err() {
            return Finding::NoImage;
        }
        if coords.iter().any(|c| off_the_globe(*c)) {
            return Finding::OffTheGlobe;
        }
        let extent = super::extent::unwrapped(coords.iter().copied());
        let meridian = Zone::nearest_meridian(extent.center().x);
        if fits(&extent, meridian) { Finding::OtherZone(meridian) } else { Finding::NoZone }
    }
}

fn fits(extent: &Extent, meridian: f64) -> bool {
    let offset = wrap(extent.center().x - meridian).abs();
    offset + extent.width() / 2.0 <= REACH_DEG && extent.min.y.abs().max(extent.max.y.abs()) <= HIGHEST_LATITUDE_DEG
}
