//! How an attribute area may have come about: the bases that a field is compared with.

use geo_types::Coord;

use super::super::frame::Frame;
use super::super::layer::raw_areas_in;
use super::super::zone::wrap;
use super::super::{MeasureError, planar};
use crate::crs::gcj02::{gcj02_from_wgs84, wgs84_from_gcj02};
use crate::crs::{Crs, Datum, Reprojector};
use crate::model::{AreaMethod, FeatureBlock, GeometryKind, Layer, Value};
use crate::task::Progress;

/// What an attribute area may be the area of.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Basis {
    /// The ellipsoidal area of the geometry.
    Ellipsoid,
    /// That, less a share (KCXS) in this field.
    LessShare(usize),
    /// That, less an area in m² (KCMJ) in this field.
    LessArea(usize),
    /// The planar area in this CRS; whether it is the zone that the layer lies in (or its own CRS).
    Planar(Crs, bool),
    /// The positions are GCJ-02, the attribute is the area of the true ones.
    FromGcj02,
    /// The positions are true, the attribute was computed from GCJ-02.
    ToGcj02,
    /// Degrees times degrees.
    SquareDegrees,
}

/// Features whose areas are asked for: a whole layer, or a sample of one.
pub(crate) struct Subject<'a> {
    pub layer: &'a Layer,
    /// Ellipsoidal area of each, m².
    pub exact: &'a [f64],
    /// The layer that holds the attributes, and the row there of each feature; `None` where it is the same.
    pub attributes: &'a Layer,
    pub rows: Option<&'a [usize]>,
}

/// The bases worth trying for `layer`, the plainest first.
pub(crate) fn bases(layer: &Layer, frame: &Frame, deductions: Option<Basis>) -> Vec<Basis> {
    let mut bases = vec![Basis::Ellipsoid];
    bases.extend(deductions);
    let mut planes: Vec<Crs> = Vec::new();
    let mut add = |bases: &mut Vec<Basis>, crs: Crs, own: bool| {
        if !planes.iter().any(|known| known.has_same_coordinates(&crs)) {
            planes.push(crs.clone());
            bases.push(Basis::Planar(crs, own));
        }
    };
    if !layer.crs.is_geographic() {
        add(&mut bases, layer.crs.clone(), true);
    }
    if let Some(zone) = frame.as_zone() {
        let center = zone.central_meridian_deg;
        for step in [0.0, 3.0, -3.0, 6.0, -6.0] {
            let meridian = wrap(center + step);
            let known = Crs::nearest_gauss_kruger_3(zone.datum, meridian, false);
            if let Some(crs) = known {
                // The same zone with its number in the eastings has the same areas.
                if step != 0.0 || layer.crs.gauss_kruger().is_none() {
                    add(&mut bases, crs, step == 0.0);
                }
            }
        }
        if zone.datum == Datum::Cgcs2000 {
            let utm = ((center + 180.0) / 6.0).floor() as u32 + 1;
            // Zones 1-60 are all known; elsewhere there is nothing to try.
            if let Ok(crs) = Crs::from_epsg(32_600 + utm.clamp(1, 60)) {
                add(&mut bases, crs, false);
            }
            add(&mut bases, Crs::web_mercator(), false);
            bases.push(Basis::FromGcj02);
            bases.push(Basis::ToGcj02);
        }
    }
    bases.push(Basis::SquareDegrees);
    bases
}

impl Basis {
    /// The area of every feature of `subject` on this basis, m² (square degrees as such).
    ///
    /// # Errors
    /// [`MeasureError`] where no way leads there.
    pub(super) fn areas(
        &self,
        subject: &Subject<'_>,
        frame: &Frame,
        progress: &Progress,
    ) -> Result<Vec<f64>, MeasureError> {
        let layer = subject.layer;
        let less = |deducted: &dyn Fn(f64, usize) -> f64| {
            let areas = subject.exact.iter().enumerate();
            areas.map(|(i, area)| area - deducted(*area, subject.rows.map_or(i, |rows| rows[i]))).collect()
        };
        match self {
            Self::Ellipsoid => Ok(subject.exact.to_vec()),
            Self::LessShare(field) => {
                Ok(less(&|area, row| area * share(subject.attributes.value(row, *field)).unwrap_or(0.0)))
            }
            Self::LessArea(field) => Ok(less(&|_, row| subject.attributes.value(row, *field).as_f64().unwrap_or(0.0))),
            Self::Planar(crs, _) => {
                let plane = Frame::for_crs(crs, 0.0, AreaMethod::Planar)?;
                Ok(raw_areas_in(layer, &plane, progress)?.exact)
            }
            Self::FromGcj02 => moved(layer, wgs84_from_gcj02, frame, progress),
            Self::ToGcj02 => moved(layer, gcj02_from_wgs84, frame, progress),
            Self::SquareDegrees => square_degrees(layer),
        }
    }
}

/// A share of deduction: 0.1234, or 12.34 for percent.
pub(crate) fn share(value: Value<'_>) -> Option<f64> {
    let share = value.as_f64()?;
    let share = if share > 1.0 { share / 100.0 } else { share };
    (0.0..1.0).contains(&share).then_some(share)
}

fn moved(
    layer: &Layer,
    to: impl Fn(Coord) -> Coord,
    frame: &Frame,
    progress: &Progress,
) -> Result<Vec<f64>, MeasureError> {
    let degrees = in_degrees(layer, to)?;
    Ok(raw_areas_in(&degrees, frame, progress)?.exact)
}

/// The layer in longitude and latitude, each position passed through `to`. Coordinates without an image become NaN.
fn in_degrees(layer: &Layer, to: impl Fn(Coord) -> Coord) -> Result<Layer, MeasureError> {
    let crs = layer.crs.geographic();
    let reprojector = Reprojector::new(&layer.crs, &crs)?;
    let blocks = layer.blocks.iter().map(|block| {
        let mut coords = block.geometry.coords().to_vec();
        if reprojector.convert(&mut coords).is_err() {
            coords = block.geometry.coords().to_vec();
            for c in &mut coords {
                *c = reprojector.convert_one(*c).unwrap_or(Coord { x: f64::NAN, y: f64::NAN });
            }
        }
        coords.iter_mut().for_each(|c| *c = to(*c));
        FeatureBlock { geometry: std::sync::Arc::new(block.geometry.with_coords(coords)), ..block.clone() }
    });
    let blocks = blocks.collect();
    Ok(Layer::new(layer.name.clone(), GeometryKind::Polygon, crs, Vec::new(), blocks))
}

fn square_degrees(layer: &Layer) -> Result<Vec<f64>, MeasureError> {
    let degrees = in_degrees(layer, |c| c)?;
    let mut areas = Vec::with_capacity(layer.feature_count());
    for block in &degrees.blocks {
        for row in 0..block.geometry.feature_count() {
            let polygon = block.geometry.polygon(row);
            let sum = polygon.parts().map(|part| {
                let rings = part.rings().enumerate().map(|(i, ring)| {
                    let area = ring.windows(2).map(|e| planar::stretch(e[0], e[1], 1.0, ring[0])).sum::<f64>().abs();
                    if i == 0 { area } else { -area }
                });
                rings.sum::<f64>()
            });
            areas.push(sum.sum());
        }
    }
    Ok(areas)
}
