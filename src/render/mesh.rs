//! Triangles and outlines of a block, small and flat, ready for any painter of triangles.
//!
//! A vertex takes 12 bytes and serves both: triangles index into the vertices, and an outline is drawn from each vertex
//! to the one after it unless it carries [`RING_END`]. Triangles add at most 12 bytes a vertex, so a polygon layer takes
//! no more than 24 bytes a vertex.

use earcut::Earcut;

use crate::model::{Coord, Extent, GeometryBlock, GeometryKind};
use crate::task::{Cancelled, Progress};

/// No outline goes from this vertex to the next.
pub const RING_END: u32 = 1 << 31;

/// A vertex: offset from the chunk's origin in world units, and the feature's row in its block with flags.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
pub struct Vertex {
    /// x and y from the origin.
    pub position: [f32; 2],
    /// Row of the feature, and [`RING_END`].
    pub feature: u32,
}

/// The mesh of one block.
#[derive(Clone, Debug, PartialEq)]
pub struct BlockMesh {
    /// What the features are.
    pub kind: GeometryKind,
    /// Where offsets count from: the middle of the block.
    pub origin: Coord,
    /// Extent in world units.
    pub extent: Extent,
    /// Rings and paths one after another, rings closed; points.
    pub vertices: Vec<Vertex>,
    /// Three a triangle, into `vertices`; polygons only.
    pub indices: Vec<u32>,
    /// First vertex of each feature, and the count at the end.
    pub vertex_offsets: Vec<u32>,
    /// First index of each feature, and the count at the end.
    pub index_offsets: Vec<u32>,
}

impl BlockMesh {
    /// Bytes of vertices and triangles.
    pub fn byte_count(&self) -> usize {
        size_of_val(&self.vertices[..]) + size_of_val(&self.indices[..])
    }
}

/// The mesh of `block`, whose coordinates are in the project CRS. Coordinates that are not finite are left out, and a
/// ring that has fewer than 3 others with them.
///
/// # Errors
/// [`Cancelled`]; progress counts features.
pub fn mesh(block: &GeometryBlock, progress: &Progress) -> Result<BlockMesh, Cancelled> {
    let rows = (0..block.feature_count()).map(|row| (block, row));
    let mesh = mesh_features(block.kind(), block.extent(), block.coords().len(), rows, progress)?;
    progress.tick(block.feature_count() as u64)?;
    Ok(mesh)
}

/// The same for features of one kind from anywhere, numbered in their order, whose extent and number of coordinates
/// are known.
///
/// # Errors
/// [`Cancelled`].
pub fn mesh_features<'a>(
    kind: GeometryKind,
    extent: Extent,
    coord_count: usize,
    features: impl Iterator<Item = (&'a GeometryBlock, usize)>,
    progress: &Progress,
) -> Result<BlockMesh, Cancelled> {
    let origin = if extent.is_empty() { Coord { x: 0.0, y: 0.0 } } else { extent.center() };
    let mut out = BlockMesh {
        kind,
        origin,
        extent,
        vertices: Vec::with_capacity(coord_count),
        indices: Vec::new(),
        vertex_offsets: vec![0],
        index_offsets: vec![0],
    };
    if kind == GeometryKind::Polygon {
        out.indices.reserve(coord_count * 3);
    }
    let mut triangulator = Triangulator::default();
    for (number, (block, row)) in features.enumerate() {
        match kind {
            GeometryKind::Polygon => {
                for part in block.polygon(row).parts() {
                    triangulator.part(&mut out, number as u32, part.rings());
                }
            }
            GeometryKind::Line => {
                for path in block.paths(row) {
                    out.path(number as u32, path, 2);
                }
            }
            GeometryKind::Point => {
                for point in block.points(row).iter().filter(|p| is_finite(**p)) {
                    out.push(number as u32 | RING_END, *point);
                }
            }
            GeometryKind::None => {}
        }
        out.vertex_offsets.push(out.vertices.len() as u32);
        out.index_offsets.push(out.indices.len() as u32);
        if number % 1024 == 0 {
            progress.tick(0)?;
        }
    }
    out.vertices.shrink_to_fit();
    out.indices.shrink_to_fit();
    Ok(out)
}

fn is_finite(c: Coord) -> bool {
    c.x.is_finite() && c.y.is_finite()
}

impl BlockMesh {
    fn push(&mut self, feature: u32, c: Coord) {
        let position = [(c.x - self.origin.x) as f32, (c.y - self.origin.y) as f32];
        self.vertices.push(Vertex { position, feature });
    }

    /// Adds a path; nothing when it has fewer than `least` finite coordinates. Its vertices in the list.
    fn path(&mut self, feature: u32, path: &[Coord], least: usize) -> std::ops::Range<usize> {
        let start = self.vertices.len();
        for c in path.iter().filter(|c| is_finite(**c)) {
            self.push(feature, *c);
        }
        if self.vertices.len() - start < least {
            self.vertices.truncate(start);
        } else if let Some(last) = self.vertices.last_mut() {
            last.feature |= RING_END;
        }
        start..self.vertices.len()
    }
}

/// Triangles of one ring without holes, of any shape: indices of its points, three a triangle.
pub fn triangles(ring: &[[f64; 2]], into: &mut Vec<u32>) {
    into.clear();
    Earcut::<f64>::default().earcut(ring.iter().copied(), &[], into);
}

/// Keeps the working memory of the triangulation between features.
#[derive(Default)]
struct Triangulator {
    earcut: Earcut<f64>,
    flat: Vec<[f64; 2]>,
    holes: Vec<u32>,
    /// Vertex in the mesh of each coordinate given to earcut.
    vertex_of: Vec<u32>,
    triangles: Vec<u32>,
}

impl Triangulator {
    fn part<'a>(&mut self, out: &mut BlockMesh, feature: u32, rings: impl Iterator<Item = &'a [Coord]>) {
        self.flat.clear();
        self.holes.clear();
        self.vertex_of.clear();
        for ring in rings {
            let vertices = out.path(feature, ring, 4);
            if vertices.is_empty() {
                continue;
            }
            if !self.flat.is_empty() {
                self.holes.push(self.flat.len() as u32);
            }
            // Earcut takes rings without their closing vertex.
            for at in vertices.start..vertices.end - 1 {
                self.flat.push(out.vertices[at].position.map(f64::from));
                self.vertex_of.push(at as u32);
            }
        }
        if let [a, b, c] = self.vertex_of[..] {
            out.indices.extend([a, b, c]);
            return;
        }
        self.triangles.clear();
        self.earcut.earcut(self.flat.iter().copied(), &self.holes, &mut self.triangles);
        out.indices.extend(self.triangles.iter().map(|i| self.vertex_of[*i as usize]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::GeometryBuilder;
    use proptest::prelude::*;

    fn ring(coords: &[(f64, f64)]) -> Vec<Coord> {
        let mut ring: Vec<Coord> = coords.iter().map(|(x, y)| Coord { x: *x, y: *y }).collect();
        ring.push(ring[0]);
        ring
    }

    fn triangle_area(mesh: &BlockMesh, row: usize) -> f64 {
        mesh.indices[mesh.index_offsets[row] as usize..mesh.index_offsets[row + 1] as usize]
            .chunks(3)
            .map(|t| {
                let [a, b, c] = [t[0], t[1], t[2]].map(|i| mesh.vertices[i as usize].position.map(f64::from));
                ((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])).abs() / 2.0
            })
            .sum()
    }

    #[test]
    fn triangles_cover_the_polygon_without_its_holes() {
        let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
        let outer = ring(&[(39e6, 4e6), (39e6 + 10.0, 4e6), (39e6 + 10.0, 4e6 + 10.0), (39e6, 4e6 + 10.0)]);
        let hole =
            ring(&[(39e6 + 2.0, 4e6 + 2.0), (39e6 + 4.0, 4e6 + 2.0), (39e6 + 4.0, 4e6 + 4.0), (39e6 + 2.0, 4e6 + 4.0)]);
        let far = ring(&[(39e6 + 20.0, 4e6), (39e6 + 22.0, 4e6), (39e6 + 22.0, 4e6 + 2.0)]);
        builder.polygon(&[vec![outer, hole], vec![far]]);
        builder.null_feature();
        let mesh = mesh(&builder.finish(), &Progress::new()).expect("not cancelled");
        assert!((triangle_area(&mesh, 0) - 98.0).abs() < 1e-4);
        assert_eq!(mesh.vertices.iter().filter(|v| v.feature & RING_END != 0).count(), 3);
        assert_eq!(mesh.vertex_offsets, [0, 14, 14]);
        assert!(mesh.byte_count() <= 24 * 14);
    }

    #[test]
    fn coordinates_that_are_not_finite_are_left_out() {
        let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
        builder.polygon(&[vec![ring(&[(0.0, 0.0), (f64::NAN, 1.0), (1.0, 1.0), (0.0, 1.0)])]]);
        builder.polygon(&[vec![ring(&[(f64::INFINITY, 0.0), (f64::NAN, 1.0), (1.0, 1.0)])]]);
        let mesh = mesh(&builder.finish(), &Progress::new()).expect("not cancelled");
        assert_eq!(mesh.vertex_offsets, [0, 4, 4]);
        assert!(mesh.vertices.iter().all(|v| v.position.iter().all(|p| p.is_finite())));
    }

    proptest! {
        #[test]
        fn any_ring_is_meshed_without_panic(coords in prop::collection::vec((-9i32..9, -9i32..9), 3..24)) {
            let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
            let coords: Vec<(f64, f64)> = coords.iter().map(|(x, y)| (f64::from(*x), f64::from(*y))).collect();
            builder.polygon(&[vec![ring(&coords)]]);
            let mesh = mesh(&builder.finish(), &Progress::new()).expect("not cancelled");
            prop_assert!(mesh.indices.iter().all(|i| (*i as usize) < mesh.vertices.len()));
        }
    }
}
