//! A layer's geometry in the project CRS.
//!
//! Vertices are converted, edges are not: an edge is drawn straight in the project CRS. Polygons that painters would read
//! otherwise than they are measured are replaced by valid ones of the same land (`overlay::as_drawn`). Blocks are shared
//! with the layer where the coordinates are the same.

use std::sync::Arc;

use rayon::prelude::*;

use crate::crs::{Crs, CrsError, CrsKind, Reprojector};
use crate::measure::zone::Zone;
use crate::model::{Coord, Extent, GeometryBlock, GeometryKind, Issue, Layer, Severity};
use crate::overlay;
use crate::task::{Cancelled, Progress};
use crate::text::Message;

/// Why a layer cannot be drawn.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ProjectionError {
    /// There is no way from its CRS to the project's.
    #[error(transparent)]
    Crs(#[from] CrsError),
    /// The user cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// The blocks of a layer in the project CRS, and what could not be converted.
#[derive(Clone, Debug)]
pub struct Projected {
    /// One a block of the layer, same rows.
    pub blocks: Vec<Arc<GeometryBlock>>,
    /// Features with coordinates that have no image there; these coordinates are NaN.
    pub issues: Vec<Issue>,
}

/// Side of a square as large as the median polygon's extent, over the first block; 0 for points and lines.
pub fn feature_size(blocks: &[Arc<GeometryBlock>]) -> f64 {
    let Some(block) = blocks.first().filter(|block| block.kind() == GeometryKind::Polygon) else { return 0.0 };
    let step = block.feature_count().div_ceil(2000).max(1);
    let mut sizes: Vec<f64> = (0..block.feature_count())
        .step_by(step)
        .map(|row| block.feature_extent(row))
        .filter(|extent| !extent.is_empty())
        .map(|extent| (extent.width() * extent.height()).sqrt())
        .collect();
    if sizes.is_empty() {
        return 0.0;
    }
    let middle = sizes.len() / 2;
    *sizes.select_nth_unstable_by(middle, f64::total_cmp).1
}

/// Converts every block of `layer` to `crs`, in parallel.
///
/// # Errors
/// Where there is no conversion between the two systems, or the work was cancelled.
pub fn project(layer: &Layer, crs: &Crs, progress: &Progress) -> Result<Projected, ProjectionError> {
    progress.add_total(layer.blocks.len() as u64);
    let given: Vec<Arc<GeometryBlock>> = layer.blocks.iter().map(|block| block.geometry.clone()).collect();
    let drawn = overlay::as_drawn(&given, progress)?;
    if layer.crs.has_same_coordinates(crs) {
        progress.tick(layer.blocks.len() as u64)?;
        return Ok(Projected { blocks: drawn, issues: Vec::new() });
    }
    let zone = zone(&layer.crs, crs);
    // One converter here, so that an impossible conversion fails before the work.
    drop(Reprojector::new(&layer.crs, crs)?);
    let converted: Vec<Result<(Arc<GeometryBlock>, Vec<usize>), ProjectionError>> = drawn
        .par_iter()
        .map_init(
            || Reprojector::new(&layer.crs, crs),
            |reprojector, block| {
                progress.tick(0)?;
                let reprojector = reprojector.as_ref().map_err(|e| ProjectionError::Crs(e.clone()))?;
                let mut coords = block.coords().to_vec();
                let failed = match zone.as_ref().filter(|zone| coords.iter().all(|c| zone.reaches(*c))) {
                    Some(zone) => {
                        zone.forward(&mut coords);
                        Vec::new()
                    }
                    None => convert_all(reprojector, &mut coords),
                };
                progress.tick(1)?;
                Ok((Arc::new(block.with_coords(coords)), failed))
            },
        )
        .collect();
    let mut blocks = Vec::with_capacity(converted.len());
    let mut issues = Vec::new();
    for (result, start) in converted.into_iter().zip(&layer.starts) {
        let (block, failed) = result?;
        let mut last = None;
        for coord in failed {
            let row = row_of(&block, coord);
            if last != Some(row) {
                let message = Message::new("render.not-projected").with("crs", crs.code());
                issues.push(layer.issue_at(start + row, Issue::new(Severity::Error, message)));
                last = Some(row);
            }
        }
        blocks.push(block);
    }
    Ok(Projected { blocks, issues })
}

/// The zone that longitude and latitude go to by our own series, which agree with PROJ to 0.1 mm and take a sixth of its
/// time.
fn zone(from: &Crs, to: &Crs) -> Option<Zone> {
    match (from.kind(), to.kind()) {
        (CrsKind::Geographic, CrsKind::GaussKruger(zone)) if zone.datum.agrees_with(from.datum()) => {
            Some(Zone::new(zone.datum, zone.central_meridian_deg, zone.false_easting_m))
        }
        _ => None,
    }
}

/// Converts in place; coordinates without an image become NaN and are returned by index.
pub(super) fn convert_all(reprojector: &Reprojector, coords: &mut [Coord]) -> Vec<usize> {
    let mut failed = Vec::new();
    let mut start = 0;
    while start < coords.len() {
        match reprojector.convert(&mut coords[start..]) {
            Ok(()) => break,
            Err(error) => {
                let at = start + error.index;
                coords[at] = Coord { x: f64::NAN, y: f64::NAN };
                failed.push(at);
                start = at + 1;
            }
        }
    }
    failed
}

/// Half of the way around the earth, in metres: no map shows more to either side of its middle.
const HALF_ROUND_M: f64 = 20_037_508.342_789_244;

/// What a map in `crs` can show at all. Beyond lie numbers that projections give for places that they are not made for:
/// the poles of Mercator's, the far side of a Gauss-Krüger zone.
pub fn world(crs: &Crs) -> Extent {
    if crs.is_geographic() {
        return Extent { min: Coord { x: -360.0, y: -90.0 }, max: Coord { x: 360.0, y: 90.0 } };
    }
    let half = HALF_ROUND_M / crs.metres_per_unit();
    let middle = crs.gauss_kruger().map_or(0.0, |zone| zone.false_easting_m);
    // False eastings and northings of other systems are a few hundred kilometres, or ten thousand south of the equator.
    let free = if crs.gauss_kruger().is_some() || crs.epsg() == Some(3857) { 0.0 } else { half };
    Extent {
        min: Coord { x: middle - half - free, y: -half - free },
        max: Coord { x: middle + half + free, y: half + free },
    }
}

/// The feature that owns coordinate `coord`.
fn row_of(block: &GeometryBlock, coord: usize) -> usize {
    let (mut low, mut high) = (0, block.feature_count());
    while low + 1 < high {
        let middle = usize::midpoint(low, high);
        if block.coord_range(middle).start <= coord { low = middle } else { high = middle }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FeatureBlock, GeometryBuilder, GeometryKind};

    fn points(coords: &[(f64, f64)]) -> Layer {
        let mut builder = GeometryBuilder::new(GeometryKind::Point);
        for (x, y) in coords {
            builder.coord(Coord { x: *x, y: *y });
            builder.end_feature();
        }
        let block = FeatureBlock::of_geometry(builder.finish());
        Layer::new("points".into(), GeometryKind::Point, Crs::cgcs2000(), Vec::new(), vec![block])
    }

    #[test]
    fn points_move_to_the_zone_and_bad_ones_are_named() {
        let layer = points(&[(117.1, 36.8), (f64::NAN, 0.0), (117.0, 36.0)]);
        let crs = Crs::from_epsg(4527).expect("known");
        let projected = project(&layer, &crs, &Progress::new()).expect("convertible");
        let first = projected.blocks[0].points(0)[0];
        assert!((first.x - 39_508_924.427).abs() < 1e-3 && (first.y - 4_074_320.486).abs() < 1e-3, "{first:?}");
        assert!(projected.blocks[0].points(2)[0].x.is_finite());
        assert_eq!(projected.issues.iter().map(|i| i.feature).collect::<Vec<_>>(), [Some(1)]);
    }

    #[test]
    fn the_series_of_a_zone_agree_with_proj() {
        let places = [(117.1, 36.8), (114.2, 36.0), (119.9, 41.3), (117.0, 18.2)];
        let crs = Crs::from_epsg(4527).expect("known");
        let projected = project(&points(&places), &crs, &Progress::new()).expect("convertible");
        let reprojector = Reprojector::new(&Crs::cgcs2000(), &crs).expect("known");
        let mut expected: Vec<Coord> = places.iter().map(|(x, y)| Coord { x: *x, y: *y }).collect();
        reprojector.convert(&mut expected).expect("inside");
        for (seen, expected) in projected.blocks[0].coords().iter().zip(&expected) {
            assert!((seen.x - expected.x).abs() < 2e-4 && (seen.y - expected.y).abs() < 2e-4, "{seen:?} {expected:?}");
        }
    }

    #[test]
    fn the_world_of_a_crs_holds_what_it_is_meant_for() {
        let holds = |code: u32, x: f64, y: f64| world(&Crs::from_epsg(code).expect("known")).contains(Coord { x, y });
        assert!(holds(4490, 117.0, 89.9) && !holds(4490, 117.0, 91.0));
        assert!(holds(3857, 13e6, 4.3e6) && holds(3857, -20e6, 20e6));
        assert!(!holds(3857, 13e6, 4.9e7), "89.9 degrees north");
        assert!(holds(4527, 39_506_400.0, 4_076_100.0) && holds(32650, 5e5, 9.9e6) && holds(32750, 5e5, 1e7));
        assert!(!holds(4527, 39_506_400.0, 3e7));
    }

    #[test]
    fn same_coordinates_are_shared() {
        let layer = points(&[(117.1, 36.8)]);
        let projected = project(&layer, &Crs::cgcs2000(), &Progress::new()).expect("same");
        assert!(Arc::ptr_eq(&projected.blocks[0], &layer.blocks[0].geometry));
    }
}
