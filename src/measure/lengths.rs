//! Lengths of lines and perimeters of polygons, of a whole layer in parallel.

use geo_types::Coord;
use rayon::prelude::*;

use super::MeasureError;
use super::frame::Frame;
use super::geodesic;
use super::layer::issues;
use super::piece::{Finding, Piece, pieces};
use crate::model::{AreaMethod, GeometryBlock, GeometryKind, Issue, Layer};
use crate::task::Progress;

/// Lengths of every feature of a layer: its paths, or all rings of its polygons, holes included.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lengths {
    /// Metres along geodesics on the ellipsoid of the datum. 0 for null and empty features, and for points.
    pub geodesic: Vec<f64>,
    /// Metres in the plane of the layer's CRS; `None` in degrees.
    pub planar: Option<Vec<f64>>,
    /// What could not be measured.
    pub issues: Vec<Issue>,
}

/// Lengths of all features of a layer of lines, perimeters of one of polygons.
///
/// # Errors
/// [`MeasureError::Crs`] where PROJ refuses, and [`MeasureError::Cancelled`].
pub fn lengths(layer: &Layer, progress: &Progress) -> Result<Lengths, MeasureError> {
    let count = layer.feature_count();
    let metric = !layer.crs.is_geographic();
    if !matches!(layer.kind, GeometryKind::Line | GeometryKind::Polygon) {
        let planar = metric.then(|| vec![0.0; count]);
        return Ok(Lengths { geodesic: vec![0.0; count], planar, issues: Vec::new() });
    }
    let degrees = Frame::for_crs(&layer.crs, 0.0, AreaMethod::Geodesic)?;
    degrees.projector(&layer.crs)?;
    let solver = geodesic::solver(&degrees.ellipsoid());
    let metres_per_unit = layer.crs.metres_per_unit();
    progress.add_total(count as u64);
    let pieces = pieces(layer);
    let results: Vec<(Vec<(f64, f64)>, Vec<(usize, Finding)>)> = pieces
        .par_iter()
        .map_init(
            || (degrees.projector(&layer.crs), Vec::new()),
            |(projector, scratch), piece| {
                let projector = projector.as_ref().map_err(Clone::clone)?;
                let (plane, findings) = piece.plane(&degrees, projector, scratch);
                let source = &piece.geometry.coords()[piece.coord_range()];
                let values = piece.rows.clone().map(|row| {
                    if findings.iter().any(|(bad, _)| *bad == row) {
                        return (0.0, 0.0);
                    }
                    let sum = |coords: &[Coord], length: &dyn Fn(&[Coord]) -> f64| -> f64 {
                        paths(piece, row, coords).map(length).sum()
                    };
                    let on_ground = sum(plane, &|path| geodesic::length(&solver, path));
                    let on_map = if metric { metres_per_unit * sum(source, &plane_length) } else { 0.0 };
                    (on_ground, on_map)
                });
                let values = values.collect();
                progress.tick(piece.rows.len() as u64)?;
                Ok((values, findings))
            },
        )
        .collect::<Result<_, MeasureError>>()?;
    let mut geodesic = Vec::with_capacity(count);
    let mut planar = Vec::with_capacity(if metric { count } else { 0 });
    let mut findings = Vec::new();
    for (piece, (values, found)) in pieces.iter().zip(results) {
        geodesic.extend(values.iter().map(|(on_ground, _)| *on_ground));
        if metric {
            planar.extend(values.iter().map(|(_, on_map)| *on_map));
        }
        findings.extend(found.into_iter().map(|(row, finding)| (piece.first + row, finding)));
    }
    Ok(Lengths { geodesic, planar: metric.then_some(planar), issues: issues(layer, &findings) })
}

/// Paths or rings of feature `row`, over coordinates of another plane that begin with the piece's first.
fn paths<'c>(piece: &'c Piece<'_>, row: usize, coords: &'c [Coord]) -> impl Iterator<Item = &'c [Coord]> {
    let base = piece.coord_range().start;
    ring_ranges(piece.geometry, row).map(move |range| &coords[range.start - base..range.end - base])
}

/// The coordinate ranges of the paths or rings of feature `row`.
pub(crate) fn ring_ranges(geometry: &GeometryBlock, row: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
    let (features, parts, rings) = (geometry.feature_offsets(), geometry.part_offsets(), geometry.ring_offsets());
    let (start, end) = (features[row] as usize, features[row + 1] as usize);
    let range = match geometry.kind() {
        GeometryKind::Polygon => parts[start] as usize..parts[end] as usize,
        GeometryKind::Line => start..end,
        _ => 0..0,
    };
    range.map(move |ring| rings[ring] as usize..rings[ring + 1] as usize)
}

/// Length of a path in units of its plane.
pub(crate) fn plane_length(path: &[Coord]) -> f64 {
    path.windows(2).map(|edge| (edge[1].x - edge[0].x).hypot(edge[1].y - edge[0].y)).sum()
}
