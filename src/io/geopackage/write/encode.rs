//! One geometry as it is stored: the head of GeoPackage, then well-known binary.

use super::super::super::wkb;
use crate::model::{Extent, GeometryBlock, GeometryKind};

/// How the geometries of a layer are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) body: wkb::Shape,
    pub(super) srs_id: i32,
}

/// Appends the blob of a feature, and gives its extent. A null feature has no blob: it is not asked for.
pub(super) fn blob(out: &mut Vec<u8>, geometry: &GeometryBlock, row: usize, shape: Shape) -> Extent {
    let extent = geometry.feature_extent(row);
    let coords = geometry.feature_coords(row);
    let is_empty = coords.is_empty();
    let has_envelope = !is_empty && shape.body.kind != GeometryKind::Point;
    out.extend_from_slice(b"GP\0");
    out.push(1 | u8::from(has_envelope) << 1 | u8::from(is_empty) << 4);
    out.extend_from_slice(&shape.srs_id.to_le_bytes());
    if has_envelope {
        for bound in [extent.min.x, extent.max.x, extent.min.y, extent.max.y] {
            out.extend_from_slice(&bound.to_le_bytes());
        }
    }
    wkb::append(out, geometry, row, shape.body);
    extent
}
