//! Extents of layers in longitude and latitude, with longitudes unwrapped across the antimeridian.

use geo_types::Coord;

use super::MeasureError;
use super::zone::Zone;
use crate::crs::Reprojector;
use crate::model::{Extent, GeometryBlock, Layer};

/// Extent of a layer in degrees on its own datum. Longitudes may pass 180 where features do.
pub(crate) fn lonlat_extent(layer: &Layer) -> Result<Extent, MeasureError> {
    let extent = extent_of_the_many(layer);
    if extent.is_empty() {
        return Ok(extent);
    }
    if layer.crs.is_geographic() {
        return Ok(if extent.width() < 180.0 { extent } else { unwrapped_extent(layer) });
    }
    let mut corners = [
        extent.center(),
        extent.min,
        extent.max,
        Coord { x: extent.min.x, y: extent.max.y },
        Coord { x: extent.max.x, y: extent.min.y },
    ];
    if let Some(gk) = layer.crs.gauss_kruger() {
        Zone::new(gk.datum, gk.central_meridian_deg, gk.false_easting_m).inverse(&mut corners);
        return Ok(Extent::of(&corners));
    }
    let reprojector = Reprojector::new(&layer.crs, &layer.crs.geographic())?;
    let mut lonlat = Extent::EMPTY;
    for corner in corners {
        let mut point = [corner];
        // A corner may lie outside what the projection can show although the features do not.
        if reprojector.convert(&mut point).is_ok() {
            lonlat.union(&Extent::of(&point));
        }
    }
    Ok(lonlat)
}

/// Extent of a layer but for a few features that lie far from all others, in its own coordinates: one stray must not
/// choose the zone of the many.
fn extent_of_the_many(layer: &Layer) -> Extent {
    let whole = layer.extent();
    // What no zone minds, and what may lie around the antimeridian, is left alone.
    let near = if layer.crs.is_geographic() { 3.0 } else { 3e5 };
    let is_around_the_globe = layer.crs.is_geographic() && (350.0..=370.0).contains(&whole.width());
    if whole.is_empty() || whole.width().max(whole.height()) <= near || is_around_the_globe {
        return whole;
    }
    let extents: Vec<Extent> = layer
        .blocks
        .iter()
        .flat_map(|block| (0..block.geometry.feature_count()).map(|row| block.geometry.feature_extent(row)))
        .filter(|extent| !extent.is_empty())
        .collect();
    let middle_of = |mut values: Vec<f64>| {
        let half = values.len() / 2;
        *values.select_nth_unstable_by(half, f64::total_cmp).1
    };
    if extents.len() < 3 {
        return whole;
    }
    let reach = |of: fn(&Extent) -> f64| {
        let middle = middle_of(extents.iter().map(of).collect());
        let spread = middle_of(extents.iter().map(|extent| (of(extent) - middle).abs()).collect());
        (middle, 10.0 * spread + near)
    };
    let (x, y) = (reach(|extent| extent.center().x), reach(|extent| extent.center().y));
    let mut many = Extent::EMPTY;
    let mut count = 0;
    for extent in &extents {
        let at = extent.center();
        if (at.x - x.0).abs() <= x.1 && (at.y - y.0).abs() <= y.1 {
            many.union(extent);
            count += 1;
        }
    }
    // Two groups are no stray.
    if 5 * (extents.len() - count) <= 2 * extents.len() { many } else { whole }
}

/// Walks every feature step by step, so that a ring over the antimeridian stays in one piece, and cuts the circle of
/// longitudes in its widest gap.
fn unwrapped_extent(layer: &Layer) -> Extent {
    let mut spans: Vec<(f64, f64)> = Vec::with_capacity(layer.feature_count());
    let mut latitudes = Extent::EMPTY;
    for block in &layer.blocks {
        for row in 0..block.geometry.feature_count() {
            let coords = block.geometry.feature_coords(row);
            // A stray coordinate chooses no zone.
            if coords.iter().any(|c| super::rings::off_the_globe(*c)) {
                continue;
            }
            let span = feature_extent(&block.geometry, row, coords);
            if !span.is_empty() {
                latitudes.union(&span);
                let west = span.min.x - 360.0 * ((span.min.x + 180.0) / 360.0).floor();
                spans.push((west, west + span.width()));
            }
        }
    }
    spans.sort_by(|a, b| a.0.total_cmp(&b.0));
    let Some(first) = spans.first().copied() else { return Extent::EMPTY };
    let (mut reach, mut gap, mut start) = (first.1, f64::NEG_INFINITY, first.0);
    for (west, east) in &spans[1..] {
        if west - reach > gap {
            (gap, start) = (west - reach, *west);
        }
        reach = reach.max(*east);
    }
    if first.0 + 360.0 - reach >= gap {
        (gap, start) = (first.0 + 360.0 - reach, first.0);
    }
    let width = (360.0 - gap).min(360.0);
    Extent { min: Coord { x: start, y: latitudes.min.y }, max: Coord { x: start + width, y: latitudes.max.y } }
}

/// Extent of a feature whose coordinates in degrees are `coords`: those of its rings, if it is a polygon.
pub(crate) fn feature_extent(geometry: &GeometryBlock, row: usize, coords: &[Coord]) -> Extent {
    let first = geometry.coord_range(row).start;
    let extent = Extent::of(coords);
    let is_straight =
        || super::rings::rings(geometry, row, coords, first).flatten().any(super::wide::has_straight_edges);
    if extent.width() < 180.0 || is_straight() { extent } else { super::wide::unwrapped(coords.iter().copied()) }
}
