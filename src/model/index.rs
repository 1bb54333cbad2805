//! Where features lie: packed Hilbert R-trees over their extents, one a block.
//!
//! Blocks are indexed in parallel and independently, so that an edit or a scenario that shares all but one block with
//! its base shares all but one tree as well, see [`SpatialIndex::updated`]. Features without a finite coordinate are in
//! no tree and no answer. Answers are candidates by extent; whether a point really lies in a polygon is the caller's
//! question.

use std::fmt;
use std::sync::Arc;

use geo_index::rtree::sort::HilbertSort;
use geo_index::rtree::{NeighborsOptions, RTree, RTreeBuilder, RTreeIndex};
use rayon::prelude::*;

use super::{Coord, Extent, GeometryBlock, Layer};
use crate::task::{Cancelled, Progress};

/// The extents of one block's features.
struct BlockIndex {
    geometry: Arc<GeometryBlock>,
    tree: RTree<f64>,
    /// Item of the tree → row; empty where every row is in the tree.
    rows: Vec<u32>,
    extent: Extent,
}

/// The extents of a layer's features, for queries by box, point and distance.
#[derive(Clone)]
pub struct SpatialIndex {
    blocks: Vec<Arc<BlockIndex>>,
    /// First feature of each block.
    starts: Vec<usize>,
}

impl SpatialIndex {
    /// The index over `blocks`, whose features are numbered through from 0. Ticks once a feature.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn build(blocks: &[Arc<GeometryBlock>], progress: &Progress) -> Result<Self, Cancelled> {
        Self::with_known(blocks, &[], progress)
    }

    /// The index over the features of `layer`, in its CRS.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn of_layer(layer: &Layer, progress: &Progress) -> Result<Self, Cancelled> {
        let blocks: Vec<_> = layer.blocks.iter().map(|block| Arc::clone(&block.geometry)).collect();
        Self::build(&blocks, progress)
    }

    /// The index over `blocks` where those that this index knows already keep their trees.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn updated(&self, blocks: &[Arc<GeometryBlock>], progress: &Progress) -> Result<Self, Cancelled> {
        Self::with_known(blocks, &self.blocks, progress)
    }

    fn with_known(
        blocks: &[Arc<GeometryBlock>],
        known: &[Arc<BlockIndex>],
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        progress.add_total(blocks.iter().map(|block| block.feature_count() as u64).sum());
        let indexed: Result<Vec<_>, Cancelled> = blocks
            .par_iter()
            .map(|block| {
                let kept = known.iter().find(|known| Arc::ptr_eq(&known.geometry, block)).map(Arc::clone);
                let index = kept.unwrap_or_else(|| Arc::new(BlockIndex::new(Arc::clone(block))));
                progress.tick(block.feature_count() as u64)?;
                Ok(index)
            })
            .collect();
        let mut starts = Vec::with_capacity(blocks.len());
        let mut start = 0;
        for block in blocks {
            starts.push(start);
            start += block.feature_count();
        }
        Ok(Self { blocks: indexed?, starts })
    }

    /// The extent of everything indexed.
    pub fn extent(&self) -> Extent {
        let mut extent = Extent::EMPTY;
        for block in &self.blocks {
            extent.union(&block.extent);
        }
        extent
    }

    /// Features whose extent shares a point with `extent`, ascending.
    pub fn query(&self, extent: &Extent) -> Vec<usize> {
        let mut features = Vec::new();
        if extent.is_empty() {
            return features;
        }
        for (block, start) in self.blocks.iter().zip(&self.starts) {
            if !block.extent.intersects(extent) {
                continue;
            }
            let found = block.tree.search(extent.min.x, extent.min.y, extent.max.x, extent.max.y);
            let from = features.len();
            features.extend(found.into_iter().map(|item| start + block.row(item)));
            features[from..].sort_unstable();
        }
        features
    }

    /// Features whose extent lies within `tolerance` of `point` in x and in y, ascending.
    pub fn query_point(&self, point: Coord, tolerance: f64) -> Vec<usize> {
        let grown = |c: f64, by: f64| c + by;
        self.query(&Extent {
            min: Coord { x: grown(point.x, -tolerance), y: grown(point.y, -tolerance) },
            max: Coord { x: grown(point.x, tolerance), y: grown(point.y, tolerance) },
        })
    }

    /// The feature nearest to `point` and its distance, among those not farther than `max_distance`.
    ///
    /// `distance` measures the distance to one feature in the units of the index, or says `None` where that feature
    /// does not take part. It is asked only for features whose extent is not farther than the limit. Of equally
    /// near features the last one wins, as it is drawn on top.
    pub fn nearest(
        &self,
        point: Coord,
        max_distance: f64,
        mut distance: impl FnMut(usize) -> Option<f64>,
    ) -> Option<(usize, f64)> {
        if !(point.x.is_finite() && point.y.is_finite()) || max_distance.is_nan() {
            return None;
        }
        let mut best: Option<(usize, f64)> = None;
        let mut limit = max_distance;
        let mut order: Vec<usize> = (0..self.blocks.len()).collect();
        order.sort_by(|a, b| self.blocks[*a].distance(point).total_cmp(&self.blocks[*b].distance(point)));
        for at in order {
            let (block, start) = (&self.blocks[at], self.starts[at]);
            if block.rows_indexed() == 0 || block.distance(point) > limit {
                continue;
            }
            let of_box = |[x0, y0, x1, y1]: [f64; 4]| {
                distance_to(&Extent { min: Coord { x: x0, y: y0 }, max: Coord { x: x1, y: y1 } }, point)
            };
            // Of those at the same distance the tree may give any first: ask for all of them.
            let options = NeighborsOptions::k(1).max_distance(limit).include_tie_breakers(true);
            let found = block.tree.neighbors_with_callbacks(options, of_box, |item, corners| {
                if of_box(corners) > limit {
                    return None;
                }
                distance(start + block.row(item)).filter(|d| *d <= limit)
            });
            for (item, d) in found {
                let feature = start + block.row(item);
                if best.is_none_or(|(old, old_d)| d < old_d || (d == old_d && feature > old)) {
                    best = Some((feature, d));
                    limit = d;
                }
            }
        }
        best
    }

    /// Bytes that the trees take.
    pub fn byte_count(&self) -> usize {
        self.blocks.iter().map(|block| block.tree.metadata().data_buffer_length() + 4 * block.rows.len()).sum()
    }
}

impl fmt::Debug for SpatialIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let feature_count: usize = self.blocks.iter().map(|block| block.rows_indexed()).sum();
        write!(f, "SpatialIndex {{ blocks: {}, features: {feature_count} }}", self.blocks.len())
    }
}

impl BlockIndex {
    fn new(geometry: Arc<GeometryBlock>) -> Self {
        let count = geometry.feature_count();
        let extents: Vec<Extent> = (0..count).map(|row| geometry.feature_extent(row)).collect();
        let rows: Vec<u32> = (0..count as u32).filter(|row| !extents[*row as usize].is_empty()).collect();
        let mut builder = RTreeBuilder::<f64>::new(rows.len() as u32);
        let mut extent = Extent::EMPTY;
        for row in &rows {
            let e = &extents[*row as usize];
            builder.add(e.min.x, e.min.y, e.max.x, e.max.y);
            extent.union(e);
        }
        let rows = if rows.len() == count { Vec::new() } else { rows };
        Self { tree: builder.finish::<HilbertSort>(), rows, extent, geometry }
    }

    fn row(&self, item: u32) -> usize {
        self.rows.get(item as usize).map_or(item as usize, |row| *row as usize)
    }

    fn rows_indexed(&self) -> usize {
        self.tree.num_items() as usize
    }

    fn distance(&self, point: Coord) -> f64 {
        if self.extent.is_empty() { f64::INFINITY } else { distance_to(&self.extent, point) }
    }
}

/// Distance from `point` to the box, 0 inside.
fn distance_to(extent: &Extent, point: Coord) -> f64 {
    let dx = (extent.min.x - point.x).max(point.x - extent.max.x).max(0.0);
    let dy = (extent.min.y - point.y).max(point.y - extent.max.y).max(0.0);
    dx.hypot(dy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{GeometryBuilder, GeometryKind};
    use proptest::prelude::*;

    fn boxes(list: &[Option<(f64, f64, f64)>]) -> Arc<GeometryBlock> {
        let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
        for item in list {
            match item {
                None => builder.null_feature(),
                Some((x, y, size)) => {
                    let corner = |dx: f64, dy: f64| Coord { x: x + dx * size, y: y + dy * size };
                    let ring =
                        vec![corner(0.0, 0.0), corner(1.0, 0.0), corner(1.0, 1.0), corner(0.0, 1.0), corner(0.0, 0.0)];
                    builder.polygon(&[vec![ring]]);
                }
            }
        }
        Arc::new(builder.finish())
    }

    fn extent(x0: f64, y0: f64, x1: f64, y1: f64) -> Extent {
        Extent { min: Coord { x: x0, y: y0 }, max: Coord { x: x1, y: y1 } }
    }

    #[test]
    fn features_are_numbered_through_the_blocks() {
        let blocks = [boxes(&[Some((0.0, 0.0, 1.0)), None, Some((5.0, 0.0, 1.0))]), boxes(&[Some((0.5, 0.5, 1.0))])];
        let index = SpatialIndex::build(&blocks, &Progress::new()).expect("not cancelled");
        assert_eq!(index.query(&extent(0.0, 0.0, 2.0, 2.0)), [0, 3]);
        assert_eq!(index.query_point(Coord { x: 5.5, y: 0.5 }, 0.0), [2]);
        assert_eq!(index.query(&Extent::EMPTY), Vec::<usize>::new());
        assert_eq!(index.extent(), extent(0.0, 0.0, 6.0, 1.5));
    }

    #[test]
    fn coordinates_that_are_not_finite_stay_out() {
        let blocks = [boxes(&[Some((f64::NAN, 0.0, 1.0)), Some((1.0, 1.0, 1.0)), Some((f64::INFINITY, 0.0, 1.0))])];
        let index = SpatialIndex::build(&blocks, &Progress::new()).expect("not cancelled");
        assert_eq!(index.query(&extent(-1e300, -1e300, 1e300, 1e300)), [1]);
        assert_eq!(index.nearest(Coord { x: f64::NAN, y: 0.0 }, 10.0, |_| Some(0.0)), None);
        let none = SpatialIndex::build(&[boxes(&[None])], &Progress::new()).expect("not cancelled");
        assert!(none.query(&extent(-1.0, -1.0, 1.0, 1.0)).is_empty() && none.extent().is_empty());
        assert_eq!(none.nearest(Coord { x: 0.0, y: 0.0 }, f64::INFINITY, |_| Some(0.0)), None);
    }

    #[test]
    fn cancelling_stops_the_build() {
        let progress = Progress::new();
        progress.cancel();
        assert!(SpatialIndex::build(&[boxes(&[Some((0.0, 0.0, 1.0))])], &progress).is_err());
    }

    #[test]
    fn known_blocks_keep_their_trees() {
        let (a, b, c) = (boxes(&[Some((0.0, 0.0, 1.0))]), boxes(&[Some((2.0, 0.0, 1.0))]), boxes(&[None]));
        let old = SpatialIndex::build(&[Arc::clone(&a), b], &Progress::new()).expect("not cancelled");
        let new = old.updated(&[c, a], &Progress::new()).expect("not cancelled");
        assert!(Arc::ptr_eq(&old.blocks[0], &new.blocks[1]));
        assert_eq!(new.query(&extent(-9.0, -9.0, 9.0, 9.0)), [1]);
    }

    proptest! {
        #[test]
        fn queries_answer_like_a_search_through_all(
            list in prop::collection::vec(prop::option::weighted(0.9, (0.0..100.0f64, 0.0..100.0f64, 0.0..9.0f64)), 1..120),
            (x, y, w, h) in (0.0..100.0f64, 0.0..100.0f64, 0.0..40.0f64, 0.0..40.0f64),
            split in 0usize..120,
        ) {
            let split = split.min(list.len());
            let blocks = [boxes(&list[..split]), boxes(&list[split..])];
            let index = SpatialIndex::build(&blocks, &Progress::new()).expect("not cancelled");
            let of = |i: usize| list[i].map(|(x, y, s)| extent(x, y, x + s, y + s));
            let query = extent(x, y, x + w, y + h);
            let expected: Vec<usize> =
                (0..list.len()).filter(|i| of(*i).is_some_and(|e| e.intersects(&query))).collect();
            prop_assert_eq!(index.query(&query), expected);

            let point = Coord { x, y };
            let by_box = |i: usize| of(i).map(|e| distance_to(&e, point));
            let expected = (0..list.len())
                .filter_map(|i| Some((i, by_box(i)?)))
                .filter(|(_, d)| *d <= w)
                .fold(None, |best: Option<(usize, f64)>, (i, d)| match best {
                    Some((_, b)) if b < d => best,
                    _ => Some((i, d)),
                });
            prop_assert_eq!(index.nearest(point, w, by_box), expected);
        }
    }
}
