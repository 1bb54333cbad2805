//! Filling a block of geometry from front to back, with a way back from what turns out bad.

use super::{Coord, Extent, GeometryBlock, GeometryKind};

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
