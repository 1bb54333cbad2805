//! Geometry columns: flat coordinates and offsets, their builder and their views.
//!
//! One block holds one kind. Point: feature → coord. Line: feature → path → coord. Polygon: feature → part → ring →
//! coord. Multi-geometries are features with several coords, paths or parts. Rings are stored closed, as read or
//! closed by the reader. Null geometry (`is_null`) is not the same as an empty one. Z and M lie apart and never enter an
//! area.

mod build;
mod stored;

pub use build::{GeometryBuilder, Mark};
pub use geo_types::Coord;
pub use stored::GeometryColumns;

/// What a geometry column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GeometryKind {
    /// Points and multipoints.
    Point,
    /// Lines and multilines.
    Line,
    /// Polygons and multipolygons.
    Polygon,
    /// Features without any geometry: a table.
    None,
}

impl GeometryKind {
    /// The word of reports: `point`, `line`, `polygon`, `none`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Point => "point",
            Self::Line => "line",
            Self::Polygon => "polygon",
            Self::None => "none",
        }
    }
}

/// An axis-parallel box in the units of its CRS; empty until something was added.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// Smallest x and y.
    pub min: Coord,
    /// Largest x and y.
    pub max: Coord,
}

impl Default for Extent {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl Extent {
    /// Holds nothing; adding to it gives what was added.
    pub const EMPTY: Self = Self {
        min: Coord { x: f64::INFINITY, y: f64::INFINITY },
        max: Coord { x: f64::NEG_INFINITY, y: f64::NEG_INFINITY },
    };

    /// The extent of `coords`; values that are not finite are passed over.
    pub fn of(coords: &[Coord]) -> Self {
        let mut extent = Self::EMPTY;
        for c in coords {
            if c.x.is_finite() && c.y.is_finite() {
                extent.add(*c);
            }
        }
        extent
    }

    /// Grows to hold `c`.
    pub fn add(&mut self, c: Coord) {
        self.min.x = self.min.x.min(c.x);
        self.min.y = self.min.y.min(c.y);
        self.max.x = self.max.x.max(c.x);
        self.max.y = self.max.y.max(c.y);
    }

    /// Grows to hold `other`.
    pub fn union(&mut self, other: &Self) {
        if !other.is_empty() {
            self.add(other.min);
            self.add(other.max);
        }
    }

    /// The box that both share; empty where they do not meet.
    #[must_use]
    pub fn common(&self, other: &Self) -> Self {
        Self {
            min: Coord { x: self.min.x.max(other.min.x), y: self.min.y.max(other.min.y) },
            max: Coord { x: self.max.x.min(other.max.x), y: self.max.y.min(other.max.y) },
        }
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        !(self.min.x <= self.max.x && self.min.y <= self.max.y)
    }

    /// The middle.
    pub fn center(&self) -> Coord {
        Coord { x: f64::midpoint(self.min.x, self.max.x), y: f64::midpoint(self.min.y, self.max.y) }
    }

    /// Width, 0 when empty.
    pub fn width(&self) -> f64 {
        (self.max.x - self.min.x).max(0.0)
    }

    /// Height, 0 when empty.
    pub fn height(&self) -> f64 {
        (self.max.y - self.min.y).max(0.0)
    }

    /// Whether the two boxes share a point.
    pub fn intersects(&self, other: &Self) -> bool {
        self.min.x <= other.max.x && other.min.x <= self.max.x && self.min.y <= other.max.y && other.min.y <= self.max.y
    }

    /// The shares of the edge from `a` to `b` between which it lies in the box (Liang and Barsky 1984); `None` where
    /// nothing of it does.
    pub fn shares_of_edge(&self, a: Coord, b: Coord) -> Option<[f64; 2]> {
        let (mut from, mut to) = (0.0f64, 1.0f64);
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        let sides = [(-dx, a.x - self.min.x), (dx, self.max.x - a.x), (-dy, a.y - self.min.y), (dy, self.max.y - a.y)];
        for (p, q) in sides {
            if p == 0.0 {
                if q < 0.0 {
                    return None;
                }
            } else if p < 0.0 {
                from = from.max(q / p);
            } else {
                to = to.min(q / p);
            }
        }
        (from <= to).then_some([from, to])
    }

    /// Whether `c` lies in the box or on its edge.
    pub fn contains(&self, c: Coord) -> bool {
        self.min.x <= c.x && c.x <= self.max.x && self.min.y <= c.y && c.y <= self.max.y
    }
}

/// Geometry of up to [`super::BLOCK_FEATURES`] features of one kind.
///
/// Offsets start with 0 and end with the length of what they point into.
#[derive(Clone, Debug, PartialEq)]
pub struct GeometryBlock {
    kind: GeometryKind,
    coords: Vec<Coord>,
    /// Path or ring → first coord. Unused for points.
    ring_offsets: Vec<u32>,
    /// Part → first ring. Polygons only.
    part_offsets: Vec<u32>,
    /// Feature → first coord (point), path (line) or part (polygon).
    feature_offsets: Vec<u32>,
    /// One Z a coord, or empty where the block has none; NaN where a coord has none.
    z: Vec<f64>,
    /// One M a coord, or empty where the block has none; NaN where a coord has none. While a block is filled, what is
    /// missing at its end is none, too.
    m: Vec<f64>,
    /// Rows whose geometry is null, ascending.
    nulls: Vec<u32>,
    extent: Extent,
}

impl GeometryBlock {
    /// What the block holds.
    pub fn kind(&self) -> GeometryKind {
        self.kind
    }

    /// Features, null and empty ones included.
    pub fn feature_count(&self) -> usize {
        self.feature_offsets.len() - 1
    }

    /// All coordinates, closing vertices of rings included.
    pub fn coords(&self) -> &[Coord] {
        &self.coords
    }

    /// Z of each coord, or an empty slice where there is none.
    pub fn z(&self) -> &[f64] {
        &self.z
    }

    /// M (the measure) of each coord, or an empty slice where there is none.
    pub fn m(&self) -> &[f64] {
        &self.m
    }

    /// Offsets of rings (paths) into [`Self::coords`].
    pub fn ring_offsets(&self) -> &[u32] {
        &self.ring_offsets
    }

    /// Offsets of polygon parts into the rings.
    pub fn part_offsets(&self) -> &[u32] {
        &self.part_offsets
    }

    /// Offsets of features into parts, paths or coords.
    pub fn feature_offsets(&self) -> &[u32] {
        &self.feature_offsets
    }

    /// Whether the feature's geometry is null (not merely empty).
    pub fn is_null(&self, row: usize) -> bool {
        self.nulls.binary_search(&(row as u32)).is_ok()
    }

    /// Rows with null geometry, ascending.
    pub fn nulls(&self) -> &[u32] {
        &self.nulls
    }

    /// Extent of all finite coordinates.
    pub fn extent(&self) -> Extent {
        self.extent
    }

    /// Vertices as planners count them: a closed ring's last vertex is its first and counts once.
    pub fn vertex_count(&self) -> usize {
        match self.kind {
            GeometryKind::Polygon => self.coords.len() - (self.ring_offsets.len() - 1),
            _ => self.coords.len(),
        }
    }

    /// Parts (polygons), paths (lines) or coords (points).
    pub fn part_count(&self) -> usize {
        match self.kind {
            GeometryKind::Polygon => self.part_offsets.len() - 1,
            GeometryKind::Line => self.ring_offsets.len() - 1,
            GeometryKind::Point => self.coords.len(),
            GeometryKind::None => 0,
        }
    }

    /// Inner rings of polygons.
    pub fn hole_count(&self) -> usize {
        match self.kind {
            GeometryKind::Polygon => (self.ring_offsets.len() - 1).saturating_sub(self.part_offsets.len() - 1),
            _ => 0,
        }
    }

    fn feature_range(&self, row: usize) -> std::ops::Range<usize> {
        self.feature_offsets[row] as usize..self.feature_offsets[row + 1] as usize
    }

    fn ring(&self, ring: usize) -> &[Coord] {
        &self.coords[self.ring_offsets[ring] as usize..self.ring_offsets[ring + 1] as usize]
    }

    /// The range of [`Self::coords`] that feature `row` owns.
    pub fn coord_range(&self, row: usize) -> std::ops::Range<usize> {
        let range = self.feature_range(row);
        let of_ring = |ring: usize| self.ring_offsets[ring] as usize;
        match self.kind {
            GeometryKind::Point => range,
            GeometryKind::Line => of_ring(range.start)..of_ring(range.end),
            GeometryKind::Polygon => {
                of_ring(self.part_offsets[range.start] as usize)..of_ring(self.part_offsets[range.end] as usize)
            }
            GeometryKind::None => 0..0,
        }
    }

    /// The coordinates of feature `row`, over all its parts.
    pub fn feature_coords(&self, row: usize) -> &[Coord] {
        &self.coords[self.coord_range(row)]
    }

    /// Extent of feature `row`.
    pub fn feature_extent(&self, row: usize) -> Extent {
        Extent::of(self.feature_coords(row))
    }

    /// The polygon feature `row`; without parts in blocks of another kind.
    pub fn polygon(&self, row: usize) -> Polygon<'_> {
        let parts = if self.kind == GeometryKind::Polygon { self.feature_range(row) } else { 0..0 };
        Polygon { block: self, parts }
    }

    /// The paths of line feature `row`; none in blocks of another kind.
    pub fn paths(&self, row: usize) -> impl ExactSizeIterator<Item = &[Coord]> {
        let range = if self.kind == GeometryKind::Line { self.feature_range(row) } else { 0..0 };
        range.map(|ring| self.ring(ring))
    }

    /// The points of point feature `row`; none in blocks of another kind.
    pub fn points(&self, row: usize) -> &[Coord] {
        if self.kind == GeometryKind::Point { &self.coords[self.feature_range(row)] } else { &[] }
    }

    /// A block of the same shape with other coordinates, for reprojection.
    ///
    /// # Panics
    /// When `coords` has another length than this block's.
    pub fn with_coords(&self, coords: Vec<Coord>) -> Self {
        assert_eq!(coords.len(), self.coords.len(), "a reprojected block keeps its shape");
        let extent = Extent::of(&coords);
        Self { coords, extent, ..self.clone() }
    }

    /// Exchanges x and y of every coordinate, for files with northing or latitude first.
    pub fn swap_axes(&mut self) {
        self.coords.iter_mut().for_each(|c| *c = Coord { x: c.y, y: c.x });
        let Extent { min, max } = self.extent;
        self.extent = Extent { min: Coord { x: min.y, y: min.x }, max: Coord { x: max.y, y: max.x } };
    }

    /// The features `rows` alone, in that order.
    pub fn kept(&self, rows: impl Iterator<Item = usize>) -> Self {
        let mut builder = GeometryBuilder::new(self.kind);
        rows.for_each(|row| builder.copy_feature(self, row));
        builder.finish()
    }

    /// Bytes that the columns take.
    pub fn byte_count(&self) -> usize {
        size_of_val(&self.coords[..])
            + size_of_val(&self.z[..])
            + size_of_val(&self.m[..])
            + 4 * (self.ring_offsets.len() + self.part_offsets.len() + self.feature_offsets.len() + self.nulls.len())
    }
}

/// One polygon feature: the parts it consists of.
#[derive(Clone, Debug)]
pub struct Polygon<'a> {
    block: &'a GeometryBlock,
    parts: std::ops::Range<usize>,
}

impl<'a> Polygon<'a> {
    /// How many parts it has.
    pub fn part_count(&self) -> usize {
        self.parts.len()
    }

    /// Its parts in file order.
    pub fn parts(&self) -> impl ExactSizeIterator<Item = PartView<'a>> + use<'a> {
        let block = self.block;
        self.parts.clone().map(move |part| PartView {
            block,
            rings: block.part_offsets[part] as usize..block.part_offsets[part + 1] as usize,
        })
    }

    /// All rings of all parts, with the part that each belongs to.
    pub fn rings(&self) -> impl Iterator<Item = (usize, &'a [Coord])> + use<'a> {
        self.parts().enumerate().flat_map(|(part, view)| view.rings().map(move |ring| (part, ring)))
    }
}

/// One part of a polygon feature: an outer ring and its holes.
#[derive(Clone, Debug)]
pub struct PartView<'a> {
    block: &'a GeometryBlock,
    rings: std::ops::Range<usize>,
}

impl<'a> PartView<'a> {
    /// How many rings, the outer one included.
    pub fn ring_count(&self) -> usize {
        self.rings.len()
    }

    /// Its rings, the outer one first, each closed.
    pub fn rings(&self) -> impl ExactSizeIterator<Item = &'a [Coord]> + use<'a> {
        let block = self.block;
        self.rings.clone().map(move |ring| block.ring(ring))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64) -> Vec<Coord> {
        [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)].map(|(dx, y)| Coord { x: x + dx, y }).to_vec()
    }

    #[test]
    fn polygons_come_back_as_pushed() {
        let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
        builder.polygon(&[vec![square(0.0)], vec![square(5.0), square(6.0)]]);
        builder.null_feature();
        builder.polygon::<Vec<Coord>>(&[]);
        builder.polygon(&[vec![square(9.0)]]);
        let block = builder.finish();
        assert_eq!(block.feature_count(), 4);
        assert_eq!(block.polygon(0).parts().map(|p| p.ring_count()).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(
            block.polygon(0).rings().map(|(part, ring)| (part, ring[0].x)).collect::<Vec<_>>(),
            [(0, 0.0), (1, 5.0), (1, 6.0)]
        );
        assert!(block.is_null(1) && !block.is_null(2));
        assert_eq!(block.polygon(2).part_count(), 0);
        assert_eq!(block.feature_extent(3).min.x, 9.0);
        assert_eq!((block.vertex_count(), block.part_count(), block.hole_count()), (16, 3, 1));
    }

    #[test]
    fn kept_features_are_copies() {
        let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
        builder.polygon(&[vec![square(0.0)], vec![square(5.0), square(6.0)]]);
        builder.null_feature();
        builder.coord_z(Coord { x: 7.0, y: 7.0 }, 1.0);
        builder.end_ring();
        builder.end_part();
        builder.end_feature();
        builder.polygon(&[vec![square(9.0)]]);
        let block = builder.finish();
        // As text: what has no Z holds NaN, which is equal to nothing.
        assert_eq!(format!("{:?}", block.kept(0..4)), format!("{block:?}"));
        let kept = block.kept([3, 1, 0].into_iter());
        assert_eq!((kept.feature_coords(0), kept.is_null(1)), (block.feature_coords(3), true));
        assert_eq!((kept.polygon(2).part_count(), kept.hole_count(), kept.z().len()), (2, 1, 0));
    }

    #[test]
    fn measures_stand_beside_their_coordinates() {
        let mut builder = GeometryBuilder::new(GeometryKind::Line);
        let c = |x: f64| Coord { x, y: 0.0 };
        builder.coord(c(0.0));
        builder.coord(c(1.0));
        builder.measure(10.0);
        builder.end_ring();
        builder.end_feature();
        builder.coord(c(5.0));
        builder.measure(50.0);
        builder.rollback();
        builder.coord(c(2.0));
        builder.coord(c(3.0));
        builder.end_ring();
        builder.end_feature();
        let block = builder.finish();
        assert_eq!(format!("{:?}", block.m()), "[NaN, 10.0, NaN, NaN]");
        assert_eq!(format!("{:?}", block.kept(0..2)), format!("{block:?}"));
        assert_eq!(block.kept(std::iter::once(1)).m(), &[] as &[f64]);
        assert_eq!(block.with_coords(block.coords().to_vec()).m().len(), 4);
    }

    #[test]
    fn rollback_forgets_the_open_feature_only() {
        let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
        builder.polygon(&[vec![square(0.0)]]);
        builder.coord_z(Coord { x: 7.0, y: 7.0 }, 1.0);
        builder.end_ring();
        builder.coord(Coord { x: 8.0, y: 7.0 });
        builder.rollback();
        builder.polygon(&[vec![square(2.0)]]);
        let block = builder.finish();
        assert_eq!(block.feature_count(), 2);
        assert_eq!(block.feature_coords(1), &square(2.0)[..]);
        // The one Z was that of the forgotten feature.
        assert!(block.z().is_empty());
    }
}
