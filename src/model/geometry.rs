//! Geometry columns: flat coordinates and offsets, their builder and their views.
//!
//! One block holds one kind. Point: feature → coord. Line: feature → path → coord. Polygon: feature → part → ring →
//! coord. Multi-geometries are features with several coords, paths or parts. Rings are stored closed, as read or
//! closed by the reader. Null geometry (`is_null`) is not the same as an empty one. Z and M lie apart and never enter an
//! area.

mod stored;

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

/// A place within the open feature of a [`GeometryBuilder`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    coord_count: usize,
    ring_count: usize,
    part_count: usize,
}

/// Fills a [`GeometryBlock`] from front to back.
///
/// A polygon feature is pushed as `coord…, end_ring, …, end_part, …, end_feature`; a line as `coord…, end_ring, …,
/// end_feature`; a point as `coord…, end_feature`. [`Self::rollback`] forgets a feature that turned out bad.
#[derive(Clone, Debug)]
pub struct GeometryBuilder {
    block: GeometryBlock,
}

impl GeometryBuilder {
    /// An empty builder for features of `kind`.
    pub fn new(kind: GeometryKind) -> Self {
        Self {
            block: GeometryBlock {
                kind,
                coords: Vec::new(),
                ring_offsets: vec![0],
                part_offsets: vec![0],
                feature_offsets: vec![0],
                z: Vec::new(),
                m: Vec::new(),
                nulls: Vec::new(),
                extent: Extent::EMPTY,
            },
        }
    }

    /// What the features are.
    pub fn kind(&self) -> GeometryKind {
        self.block.kind
    }

    /// Features finished so far.
    pub fn feature_count(&self) -> usize {
        self.block.feature_count()
    }

    /// Coordinates pushed so far.
    pub fn coord_count(&self) -> usize {
        self.block.coords.len()
    }

    /// Coordinates pushed since the last finished ring.
    pub fn open_ring(&self) -> &[Coord] {
        &self.block.coords[self.block.ring_offsets.last().copied().unwrap_or(0) as usize..]
    }

    /// Z of the coordinates of [`Self::open_ring`]; empty where the block has none.
    pub fn open_ring_z(&self) -> &[f64] {
        self.block.z.get(self.block.ring_offsets.last().copied().unwrap_or(0) as usize..).unwrap_or(&[])
    }

    /// M of the first coordinate of [`Self::open_ring`], where it has one.
    pub fn open_ring_m(&self) -> Option<f64> {
        let first = self.block.ring_offsets.last().copied().unwrap_or(0) as usize;
        self.block.m.get(first).copied().filter(|m| !m.is_nan())
    }

    /// The place reached, for [`Self::rollback_to`].
    pub fn mark(&self) -> Mark {
        let b = &self.block;
        Mark { coord_count: b.coords.len(), ring_count: b.ring_offsets.len(), part_count: b.part_offsets.len() }
    }

    /// Forgets what the open feature got since `mark` was taken.
    pub fn rollback_to(&mut self, mark: Mark) {
        self.block.coords.truncate(mark.coord_count);
        self.block.z.truncate(mark.coord_count);
        self.block.m.truncate(mark.coord_count);
        self.block.ring_offsets.truncate(mark.ring_count);
        self.block.part_offsets.truncate(mark.part_count);
    }

    /// Adds a coordinate to the open ring, path or point feature.
    #[inline]
    pub fn coord(&mut self, c: Coord) {
        self.block.coords.push(c);
        if !self.block.z.is_empty() {
            self.block.z.push(f64::NAN);
        }
    }

    /// Adds coordinates without Z to the open ring, path or point feature, as [`Self::coord`] one by one.
    #[inline]
    pub fn coords(&mut self, coords: impl Iterator<Item = Coord>) {
        self.block.coords.extend(coords);
        if !self.block.z.is_empty() {
            self.block.z.resize(self.block.coords.len(), f64::NAN);
        }
    }

    /// Adds a coordinate with Z.
    pub fn coord_z(&mut self, c: Coord, z: f64) {
        if self.block.z.is_empty() {
            self.block.z.resize(self.block.coords.len(), f64::NAN);
        }
        self.block.coords.push(c);
        self.block.z.push(z);
    }

    /// Gives the coordinate that was added last a measure (M).
    pub fn measure(&mut self, m: f64) {
        let count = self.block.coords.len();
        self.block.m.resize(count, f64::NAN);
        if let Some(last) = self.block.m.last_mut() {
            *last = m;
        }
    }

    /// Ends the open ring or path.
    pub fn end_ring(&mut self) {
        self.block.ring_offsets.push(self.block.coords.len() as u32);
    }

    /// Ends the open polygon part.
    pub fn end_part(&mut self) {
        self.block.part_offsets.push((self.block.ring_offsets.len() - 1) as u32);
    }

    /// Ends the open feature.
    pub fn end_feature(&mut self) {
        let end = match self.block.kind {
            GeometryKind::Point => self.block.coords.len(),
            GeometryKind::Line => self.block.ring_offsets.len() - 1,
            GeometryKind::Polygon => self.block.part_offsets.len() - 1,
            GeometryKind::None => 0,
        };
        self.block.feature_offsets.push(end as u32);
    }

    /// Adds a feature whose geometry is null.
    pub fn null_feature(&mut self) {
        self.block.nulls.push(self.feature_count() as u32);
        self.end_feature();
    }

    /// Forgets everything since the last finished feature.
    pub fn rollback(&mut self) {
        let b = &mut self.block;
        let end = b.feature_offsets.last().copied().unwrap_or(0) as usize;
        let coords = match b.kind {
            GeometryKind::Point => end,
            GeometryKind::Line => {
                b.ring_offsets.truncate(end + 1);
                b.ring_offsets[end] as usize
            }
            GeometryKind::Polygon => {
                b.part_offsets.truncate(end + 1);
                let ring = b.part_offsets[end] as usize;
                b.ring_offsets.truncate(ring + 1);
                b.ring_offsets[ring] as usize
            }
            GeometryKind::None => 0,
        };
        b.coords.truncate(coords);
        b.z.truncate(coords);
        b.m.truncate(coords);
    }

    /// Forgets the coordinates of the open ring only.
    pub fn rollback_ring(&mut self) {
        let start = self.block.ring_offsets.last().copied().unwrap_or(0) as usize;
        self.block.coords.truncate(start);
        self.block.z.truncate(start);
        self.block.m.truncate(start);
    }

    /// Adds a whole polygon feature: parts of rings, each ring closed.
    pub fn polygon<R: AsRef<[Coord]>>(&mut self, parts: &[Vec<R>]) {
        for part in parts {
            for ring in part {
                for c in ring.as_ref() {
                    self.coord(*c);
                }
                self.end_ring();
            }
            self.end_part();
        }
        self.end_feature();
    }

    /// Adds a copy of feature `row` of a block of the same kind, with its Z and M.
    ///
    /// # Panics
    /// When the block has another kind, or no such feature.
    pub fn copy_feature(&mut self, from: &GeometryBlock, row: usize) {
        assert_eq!(from.kind, self.block.kind, "features are copied between blocks of one kind");
        if from.is_null(row) {
            return self.null_feature();
        }
        let copy_coords = |builder: &mut Self, range: std::ops::Range<usize>| {
            for at in range {
                match from.z.get(at) {
                    Some(z) if !z.is_nan() => builder.coord_z(from.coords[at], *z),
                    _ => builder.coord(from.coords[at]),
                }
                if let Some(m) = from.m.get(at).filter(|m| !m.is_nan()) {
                    builder.measure(*m);
                }
            }
        };
        let ring = |ring: usize| from.ring_offsets[ring] as usize..from.ring_offsets[ring + 1] as usize;
        match from.kind {
            GeometryKind::None => {}
            GeometryKind::Point => copy_coords(self, from.feature_range(row)),
            GeometryKind::Line => {
                for path in from.feature_range(row) {
                    copy_coords(self, ring(path));
                    self.end_ring();
                }
            }
            GeometryKind::Polygon => {
                for part in from.feature_range(row) {
                    for at in from.part_offsets[part] as usize..from.part_offsets[part + 1] as usize {
                        copy_coords(self, ring(at));
                        self.end_ring();
                    }
                    self.end_part();
                }
            }
        }
        self.end_feature();
    }

    /// The finished block.
    pub fn finish(mut self) -> GeometryBlock {
        self.rollback();
        let b = &mut self.block;
        if b.z.iter().all(|z| z.is_nan()) {
            // Only features that were rolled back had heights.
            b.z = Vec::new();
        }
        if b.m.iter().all(|m| m.is_nan()) {
            b.m = Vec::new();
        } else {
            b.m.resize(b.coords.len(), f64::NAN);
        }
        b.coords.shrink_to_fit();
        b.z.shrink_to_fit();
        b.m.shrink_to_fit();
        b.ring_offsets.shrink_to_fit();
        b.part_offsets.shrink_to_fit();
        b.feature_offsets.shrink_to_fit();
        b.extent = Extent::of(&b.coords);
        self.block
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
