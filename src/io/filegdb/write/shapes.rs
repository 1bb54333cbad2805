//! Geometry as shapes of a geodatabase: whole numbers, each as its distance from the one before it.

use super::grid::WriteGrid;
use super::table::{TableCode, counted, varint, varuint};
use crate::model::{Coord, GeometryBlock, GeometryKind, Layer};

/// What the header says of the geometry of a layer.
pub(super) fn table_code(layer: &Layer, grid: &WriteGrid) -> TableCode {
    let kind = match layer.kind {
        GeometryKind::Point if is_multi(layer) => 2,
        GeometryKind::Point => 1,
        GeometryKind::Line => 3,
        GeometryKind::Polygon => 4,
        GeometryKind::None => 0,
    };
    TableCode { kind, has_z: grid.has_z, has_m: grid.has_m }
}

/// Whether a feature of the layer has several points.
fn is_multi(layer: &Layer) -> bool {
    layer.blocks.iter().any(|block| {
        let geometry = &block.geometry;
        (0..geometry.feature_count()).any(|row| geometry.points(row).len() > 1)
    })
}

/// Adds the shape of a feature, which is not null, with its length before it. `is_multi` says whether its points are
/// those of a class of multipoints.
pub(super) fn shape(geometry: &GeometryBlock, row: usize, is_multi: bool, grid: &WriteGrid, out: &mut Vec<u8>) {
    let mut bytes = Vec::new();
    let coords = geometry.feature_coords(row);
    let first = geometry.coord_range(row).start;
    let z = |at: usize| geometry.z().get(first + at).copied().filter(|z| z.is_finite()).unwrap_or(0.0);
    let m = |at: usize| geometry.m().get(first + at).copied().filter(|m| m.is_finite());
    if geometry.kind() == GeometryKind::Point && !is_multi {
        varuint(&mut bytes, code([1, 9, 21, 11], grid));
        match coords.first() {
            Some(c) => {
                varuint(&mut bytes, grid.number(c.x, 0).max(0) as u64 + 1);
                varuint(&mut bytes, grid.number(c.y, 1).max(0) as u64 + 1);
                if grid.has_z {
                    varuint(&mut bytes, grid.height(z(0)).max(0) as u64 + 1);
                }
                if grid.has_m {
                    varuint(&mut bytes, m(0).map_or(0, |m| grid.measure(m).max(0) as u64 + 1));
                }
            }
            // Nowhere.
            None => bytes.resize(bytes.len() + 2 + usize::from(grid.has_z) + usize::from(grid.has_m), 0),
        }
        return counted(out, &bytes);
    }
    let codes = match geometry.kind() {
        GeometryKind::Line => [3, 10, 23, 13],
        GeometryKind::Polygon => [5, 19, 25, 15],
        _ => [8, 20, 28, 18],
    };
    varuint(&mut bytes, code(codes, grid));
    let (order, parts) = ordered(geometry, row, coords);
    varuint(&mut bytes, coords.len() as u64);
    if coords.is_empty() {
        return counted(out, &bytes);
    }
    if geometry.kind() != GeometryKind::Point {
        varuint(&mut bytes, parts.len() as u64);
    }
    let numbers: Vec<[i64; 2]> =
        order.iter().map(|at| [grid.number(coords[*at].x, 0), grid.number(coords[*at].y, 1)]).collect();
    let range = |axis: usize| {
        let of = numbers.iter().map(|number| number[axis]);
        (of.clone().min().unwrap_or(0), of.max().unwrap_or(0))
    };
    let ((west, east), (south, north)) = (range(0), range(1));
    for number in [west, south, east - west, north - south] {
        varuint(&mut bytes, number.max(0) as u64);
    }
    if geometry.kind() != GeometryKind::Point {
        parts.iter().take(parts.len() - 1).for_each(|count| varuint(&mut bytes, *count as u64));
    }
    let (mut x, mut y) = (0, 0);
    for [east, north] in numbers {
        varint(&mut bytes, east - x);
        varint(&mut bytes, north - y);
        (x, y) = (east, north);
    }
    if grid.has_z {
        let mut last = 0;
        for at in &order {
            let height = grid.height(z(*at));
            varint(&mut bytes, height - last);
            last = height;
        }
    }
    if grid.has_m && order.iter().all(|at| m(*at).is_none()) {
        bytes.push(NO_MEASURES);
    } else if grid.has_m {
        let mut last = 0;
        for at in &order {
            let measure = grid.measure(m(*at).unwrap_or(0.0));
            varint(&mut bytes, measure - last);
            last = measure;
        }
    }
    counted(out, &bytes);
}

/// The code of a shape of those that are flat, with heights, with measures, with both.
fn code([flat, with_z, with_m, with_both]: [u64; 4], grid: &WriteGrid) -> u64 {
    match (grid.has_z, grid.has_m) {
        (false, false) => flat,
        (true, false) => with_z,
        (false, true) => with_m,
        (true, true) => with_both,
    }
}

/// What stands for the measures of a shape none of whose points has one.
const NO_MEASURES: u8 = 66;

/// The order in which the coordinates of a feature are written, and how many each of its parts has: shells clockwise,
/// holes the other way, as the format wants them.
fn ordered(geometry: &GeometryBlock, row: usize, coords: &[Coord]) -> (Vec<usize>, Vec<usize>) {
    let mut order: Vec<usize> = (0..coords.len()).collect();
    let mut parts = Vec::new();
    let mut at = 0;
    let mut add = |ring: &[Coord], clockwise: Option<bool>| {
        if clockwise.is_some_and(|clockwise| (doubled_area(ring) > 0.0) == clockwise) {
            order[at..at + ring.len()].reverse();
        }
        parts.push(ring.len());
        at += ring.len();
    };
    match geometry.kind() {
        GeometryKind::Line => geometry.paths(row).for_each(|path| add(path, None)),
        GeometryKind::Polygon => {
            for part in geometry.polygon(row).parts() {
                part.rings().enumerate().for_each(|(ring, coords)| add(coords, Some(ring == 0)));
            }
        }
        _ => {}
    }
    (order, parts)
}

/// Twice the area of a closed ring, positive when counter-clockwise, relative to its first point.
fn doubled_area(ring: &[Coord]) -> f64 {
    let Some(first) = ring.first() else { return 0.0 };
    let pairs = ring.windows(2).map(|pair| [pair[0], pair[1]].map(|c| Coord { x: c.x - first.x, y: c.y - first.y }));
    pairs.map(|[a, b]| a.x * b.y - b.x * a.y).sum()
}
