//! A layer in pieces of about a thousand neighbours: only what is seen is meshed and held by the GPU.
//!
//! Files list parcels by village, by code or by chance; a piece holds what lies side by side. Within a piece features
//! keep their order, so that of two that overlap the later one lies on top; across pieces they need not.

use std::sync::Arc;

use super::MapView;
use crate::model::{Extent, GeometryBlock};
use crate::task::{Cancelled, Progress};

/// Most features of a piece.
const MOST_FEATURES: usize = 1024;

/// Neighbouring features of a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Chunk {
    /// Extent of all of them.
    pub extent: Extent,
    /// Their numbers in the layer, ascending.
    pub features: Vec<u32>,
    /// Their coordinates.
    pub coord_count: usize,
}

struct Item {
    center: [f64; 2],
    feature: u32,
}

/// The layer of `blocks` in pieces; features without coordinates are in none. `starts` holds the first feature of each
/// block and the count at the end.
///
/// # Errors
/// [`Cancelled`].
pub fn chunks(blocks: &[Arc<GeometryBlock>], starts: &[usize], progress: &Progress) -> Result<Vec<Chunk>, Cancelled> {
    let mut items = Vec::with_capacity(starts.last().copied().unwrap_or(0));
    for (block, start) in blocks.iter().zip(starts) {
        progress.tick(0)?;
        for row in 0..block.feature_count() {
            let extent = block.feature_extent(row);
            if !extent.is_empty() {
                let center = extent.center();
                items.push(Item { center: [center.x, center.y], feature: (start + row) as u32 });
            }
        }
    }
    let mut chunks = Vec::with_capacity(items.len() / MOST_FEATURES * 2 + 1);
    let mut left = vec![&mut items[..]];
    while let Some(some) = left.pop() {
        if some.len() > MOST_FEATURES {
            progress.tick(0)?;
            let (low, high) = halves(some);
            left.push(high);
            left.push(low);
        } else if !some.is_empty() {
            chunks.push(chunk(some, blocks, starts));
        }
    }
    Ok(chunks)
}

/// Two halves of as many features, cut across the longer side.
fn halves(items: &mut [Item]) -> (&mut [Item], &mut [Item]) {
    let mut range = [(f64::INFINITY, f64::NEG_INFINITY); 2];
    for item in &*items {
        for (range, at) in range.iter_mut().zip(item.center) {
            *range = (range.0.min(at), range.1.max(at));
        }
    }
    let axis = usize::from(range[1].1 - range[1].0 > range[0].1 - range[0].0);
    let middle = items.len() / 2;
    items.select_nth_unstable_by(middle, |a, b| a.center[axis].total_cmp(&b.center[axis]));
    items.split_at_mut(middle)
}

fn chunk(items: &[Item], blocks: &[Arc<GeometryBlock>], starts: &[usize]) -> Chunk {
    let mut features: Vec<u32> = items.iter().map(|item| item.feature).collect();
    features.sort_unstable();
    let mut extent = Extent::EMPTY;
    let mut coord_count = 0;
    for feature in &features {
        let (block, row) = locate(blocks, starts, *feature);
        extent.union(&block.feature_extent(row));
        coord_count += block.feature_coords(row).len();
    }
    Chunk { extent, features, coord_count }
}

/// The block and row of a feature that a piece names.
pub fn locate<'a>(blocks: &'a [Arc<GeometryBlock>], starts: &[usize], feature: u32) -> (&'a GeometryBlock, usize) {
    let feature = feature as usize;
    let block = starts.partition_point(|start| *start <= feature) - 1;
    (&blocks[block], feature - starts[block])
}

/// How far `extent` lies from the middle of `view` in world units; 0 where it holds it.
pub fn distance(extent: &Extent, view: &MapView) -> f64 {
    let (at, min, max) = (view.center, extent.min, extent.max);
    (min.x - at.x).max(at.x - max.x).max(0.0).hypot((min.y - at.y).max(at.y - max.y).max(0.0))
}

/// Numbers of the chunks that `view` shows, the nearest to its middle first, as far as `room` bytes hold them; what they
/// take is taken from `room`.
pub fn shown(chunks: &[Chunk], view: &MapView, bytes_of: impl Fn(&Chunk) -> usize, room: &mut usize) -> Vec<u32> {
    let seen = view.extent();
    let near = chunks.iter().enumerate().filter(|(_, chunk)| chunk.extent.intersects(&seen));
    let mut near: Vec<(f64, u32)> = near.map(|(at, chunk)| (distance(&chunk.extent, view), at as u32)).collect();
    near.sort_by(|a, b| a.0.total_cmp(&b.0));
    let fits = |(_, number): &(f64, u32)| {
        let bytes = bytes_of(&chunks[*number as usize]);
        let fits = bytes <= *room;
        *room = room.saturating_sub(bytes);
        fits
    };
    near.into_iter().take_while(fits).map(|(_, number)| number).collect()
}

/// Of what is held, given as bytes and how far from the middle of the view it lies, the places in the list of what has
/// to go so that the rest takes at most `budget` bytes: the farthest first.
pub fn over_budget(held: &[(usize, f64)], budget: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..held.len()).collect();
    order.sort_by(|a, b| held[*a].1.total_cmp(&held[*b].1));
    let mut sum = 0usize;
    order.retain(|at| {
        sum = sum.saturating_add(held[*at].0);
        sum > budget
    });
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Coord, GeometryBuilder, GeometryKind};

    fn squares(count: usize) -> Vec<Arc<GeometryBlock>> {
        let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
        builder.null_feature();
        for i in 0..count {
            // Neighbours lie far apart in the file.
            let place = i * 7919 % count;
            let (x, y) = ((place % 100) as f64, (place / 100) as f64);
            let ring = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)];
            let ring: Vec<Coord> = ring.iter().map(|(dx, dy)| Coord { x: x + dx, y: y + dy }).collect();
            builder.polygon(&[vec![ring]]);
        }
        vec![Arc::new(builder.finish())]
    }

    #[test]
    fn every_feature_is_in_one_piece_beside_its_neighbours() {
        let blocks = squares(10_000);
        let chunks = chunks(&blocks, &[0, 10_001], &Progress::new()).expect("not cancelled");
        let mut all: Vec<u32> = chunks.iter().flat_map(|chunk| chunk.features.iter().copied()).collect();
        all.sort_unstable();
        assert_eq!(all, (1..=10_000).collect::<Vec<u32>>());
        for chunk in &chunks {
            assert!(chunk.features.len() <= MOST_FEATURES && chunk.features.is_sorted());
            assert_eq!(chunk.coord_count, chunk.features.len() * 5);
            let covered = chunk.extent.width() * chunk.extent.height();
            assert!(covered < chunk.features.len() as f64 * 1.3, "{covered}");
        }
    }

    #[test]
    fn what_is_far_goes_first() {
        let held = [(10, 5.0), (10, 0.0), (10, 9.0), (10, 2.0)];
        assert_eq!(over_budget(&held, 40), Vec::<usize>::new());
        assert_eq!(over_budget(&held, 39), [2]);
        assert_eq!(over_budget(&held, 20), [0, 2]);
        assert_eq!(over_budget(&held, 0), [1, 3, 0, 2]);
        assert_eq!(over_budget(&[], 0), Vec::<usize>::new());
    }

    #[test]
    fn a_view_wants_what_it_shows_as_far_as_there_is_room() {
        let blocks = squares(10_000);
        let chunks = chunks(&blocks, &[0, 10_001], &Progress::new()).expect("not cancelled");
        let view = MapView { center: Coord { x: 10.0, y: 10.0 }, units_per_px: 0.1, size_px: [100.0, 100.0] };
        let bytes_of = |chunk: &Chunk| chunk.coord_count * 24;
        let mut room = usize::MAX;
        let all = shown(&chunks, &view, bytes_of, &mut room);
        assert!(!all.is_empty() && all.len() < chunks.len());
        assert!(all.iter().all(|number| chunks[*number as usize].extent.intersects(&view.extent())));
        let used = usize::MAX - room;
        let sum: usize = all.iter().map(|number| bytes_of(&chunks[*number as usize])).sum();
        assert_eq!(used, sum);
        let mut room = used - 1;
        assert_eq!(shown(&chunks, &view, bytes_of, &mut room), all[..all.len() - 1]);
        assert_eq!(shown(&chunks, &view, bytes_of, &mut 0), [0u32; 0]);
        // Held within the budget, the nearest stay.
        let held: Vec<(usize, f64)> =
            chunks.iter().map(|chunk| (bytes_of(chunk), distance(&chunk.extent, &view))).collect();
        let gone = over_budget(&held, used);
        assert!(all.iter().all(|number| !gone.contains(&(*number as usize)) || held[*number as usize].1 > 0.0));
        let kept: usize = held.iter().enumerate().filter(|(at, _)| !gone.contains(at)).map(|(_, held)| held.0).sum();
        assert!(kept <= used);
    }

    #[test]
    fn cancelling_stops() {
        let progress = Progress::new();
        progress.cancel();
        assert!(chunks(&squares(10), &[0, 11], &progress).is_err());
    }
}
