//! Rings of a feature over its coordinates in another plane, and coordinates that are none on earth.

use geo_types::Coord;

use crate::crs::Crs;
use crate::model::{GeometryBlock, GeometryKind};

/// No northing of a zone is larger: a hair over the way from the equator to the pole. Beyond it the projection starts
/// anew, and a stray coordinate would have an image somewhere.
pub(super) const QUADRANT_M: f64 = 10_003_000.0;

/// Whether degrees are none on earth.
pub(crate) fn off_the_globe(c: Coord) -> bool {
    c.x.abs() > 540.0 || c.y.abs() > 90.0
}

/// Whether a coordinate of a projected CRS is none on earth: no zone's number in front of an easting makes it so large.
pub(crate) fn off_any_map(c: Coord) -> bool {
    !(c.x.abs() <= 1e9 && c.y.abs() <= 1e8)
}

/// Whether a coordinate of `crs` is none on earth though it may have an image there: projections start anew beyond the
/// pole.
pub(crate) fn off_its_map(crs: &Crs, c: Coord) -> bool {
    // Northings of zones count from the equator.
    !crs.is_geographic()
        && (off_any_map(c) || (crs.gauss_kruger().is_some() && (c.y.is_nan() || c.y.abs() > QUADRANT_M)))
}

/// Parts of rings of a polygon feature, over coordinates of another plane whose first belongs to coordinate `base`.
pub(crate) fn rings<'c>(
    geometry: &'c GeometryBlock,
    row: usize,
    coords: &'c [Coord],
    base: usize,
) -> impl Iterator<Item = impl Iterator<Item = &'c [Coord]>> {
    let (rings, parts) = (geometry.ring_offsets(), geometry.part_offsets());
    let features = geometry.feature_offsets();
    let range = match geometry.kind() {
        GeometryKind::Polygon => features[row] as usize..features[row + 1] as usize,
        _ => 0..0,
    };
    range.map(move |part| {
        (parts[part] as usize..parts[part + 1] as usize)
            .map(move |ring| &coords[rings[ring] as usize - base..rings[ring + 1] as usize - base])
    })
}
