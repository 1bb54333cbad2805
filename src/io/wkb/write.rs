//! One geometry to well-known binary of ISO, little-endian.

use crate::model::{Coord, GeometryBlock, GeometryKind};

/// How the geometries of a layer are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::io) struct Shape {
    pub(in crate::io) kind: GeometryKind,
    /// Whether features have several parts.
    pub(in crate::io) is_multi: bool,
}

impl Shape {
    /// Its name in the standard.
    pub(in crate::io) fn name(self) -> &'static str {
        match (self.kind, self.is_multi) {
            (GeometryKind::Point, false) => "POINT",
            (GeometryKind::Point, true) => "MULTIPOINT",
            (GeometryKind::Line, false) => "LINESTRING",
            (GeometryKind::Line, true) => "MULTILINESTRING",
            (GeometryKind::Polygon, false) => "POLYGON",
            (GeometryKind::Polygon, true) => "MULTIPOLYGON",
            (GeometryKind::None, _) => "GEOMETRY",
        }
    }

    fn code(self) -> u32 {
        match self.kind {
            GeometryKind::Point => 1,
            GeometryKind::Line => 2,
            GeometryKind::Polygon | GeometryKind::None => 3,
        }
    }
}

/// Parts of a feature.
pub(in crate::io) fn part_count(geometry: &GeometryBlock, row: usize) -> usize {
    match geometry.kind() {
        GeometryKind::Point => geometry.points(row).len(),
        GeometryKind::Line => geometry.paths(row).len(),
        GeometryKind::Polygon => geometry.polygon(row).part_count(),
        GeometryKind::None => 0,
    }
}

/// Whether a feature has heights.
pub(in crate::io) fn has_heights(geometry: &GeometryBlock, row: usize) -> bool {
    geometry.z().get(geometry.coord_range(row)).is_some_and(|z| z.iter().any(|z| !z.is_nan()))
}

/// Whether a feature has measures.
pub(in crate::io) fn has_measures(geometry: &GeometryBlock, row: usize) -> bool {
    geometry.m().get(geometry.coord_range(row)).is_some_and(|m| m.iter().any(|m| !m.is_nan()))
}

/// Appends the geometry of a feature. One that is empty has no coordinates; a null feature has no bytes: it is not asked
/// for.
pub(in crate::io) fn append(out: &mut Vec<u8>, geometry: &GeometryBlock, row: usize, shape: Shape) {
    let is_empty = geometry.feature_coords(row).is_empty();
    let (has_z, has_m) = (has_heights(geometry, row), has_measures(geometry, row));
    let dimension = 1000 * u32::from(has_z) + 2000 * u32::from(has_m);
    let mut body = Body { out, z: &[], m: &[], has_z, has_m, dimension };
    if has_z {
        body.z = &geometry.z()[geometry.coord_range(row)];
    }
    if has_m {
        body.m = &geometry.m()[geometry.coord_range(row)];
    }
    if shape.is_multi {
        body.head(shape.code() + 3);
        body.count(part_count(geometry, row));
    }
    match shape.kind {
        GeometryKind::Point => {
            for point in geometry.points(row) {
                body.head(1);
                body.coord(*point);
            }
            if is_empty && !shape.is_multi {
                body.head(1);
                body.coord(Coord { x: f64::NAN, y: f64::NAN });
            }
        }
        GeometryKind::Line => {
            for path in geometry.paths(row) {
                body.head(2);
                body.coords(path);
            }
        }
        GeometryKind::Polygon | GeometryKind::None => {
            for part in geometry.polygon(row).parts() {
                body.head(3);
                body.count(part.ring_count());
                part.rings().for_each(|ring| body.coords(ring));
            }
        }
    }
    if is_empty && !shape.is_multi && shape.kind != GeometryKind::Point {
        body.head(shape.code());
        body.count(0);
    }
}

/// Well-known binary on its way.
struct Body<'a> {
    out: &'a mut Vec<u8>,
    /// Heights of the coordinates that are still to come.
    z: &'a [f64],
    /// Measures of the coordinates that are still to come.
    m: &'a [f64],
    has_z: bool,
    has_m: bool,
    dimension: u32,
}

impl Body<'_> {
    fn head(&mut self, code: u32) {
        self.out.push(1);
        self.out.extend_from_slice(&(code + self.dimension).to_le_bytes());
    }

    fn count(&mut self, count: usize) {
        self.out.extend_from_slice(&(count as u32).to_le_bytes());
    }

    fn coords(&mut self, coords: &[Coord]) {
        self.count(coords.len());
        coords.iter().for_each(|c| self.coord(*c));
    }

    fn coord(&mut self, c: Coord) {
        self.out.extend_from_slice(&c.x.to_le_bytes());
        self.out.extend_from_slice(&c.y.to_le_bytes());
        if self.has_z {
            let (z, rest) = self.z.split_first().map_or((f64::NAN, self.z), |(z, rest)| (*z, rest));
            self.z = rest;
            self.out.extend_from_slice(&z.to_le_bytes());
        }
        if self.has_m {
            let (m, rest) = self.m.split_first().map_or((f64::NAN, self.m), |(m, rest)| (*m, rest));
            self.m = rest;
            self.out.extend_from_slice(&m.to_le_bytes());
        }
    }
}
