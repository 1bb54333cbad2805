//! The spatial index of a class (`.spx`): the cells of a grid in which the boxes of its features lie.
//!
//! Its pages have 4096 bytes each and form a tree over the numbers of cells; a page of a feature lists cells and the ids of
//! what lies there. The layout is that of the specification of `dump_gdbtable` and of the files that programs write. A
//! feature stands in every cell that the box of one of its parts touches: programs look at the feature itself anyway.

use rayon::prelude::*;

use super::grid::WriteGrid;
use crate::model::{Coord, Extent, GeometryKind, Layer};

/// Features whose boxes are found at once.
const CHUNK: usize = 16_384;
/// Cells of a feature, in the mean, at the most.
const MOST_CELLS: f64 = 4.0;
/// Cells are counted from so far west and south: their numbers have 31 bits.
const SHIFT: f64 = 536_870_912.0;
/// Northings of projected systems beyond which other programs count cells from elsewhere.
const MOST_NORTHING: f64 = 1e7;
/// Bytes of a page, where its values begin, and how many there are.
const PAGE_BYTES: usize = 4096;
const VALUES_AT: usize = 1372;
const PER_PAGE: usize = 340;

/// The side of a cell and the bytes of the index; `None` where there is nothing to list, or where it lies so that other
/// programs would not find it.
pub(super) fn index(layer: &Layer, rows: &[usize], ids: Option<&[u32]>, grid: &WriteGrid) -> Option<(f64, Vec<u8>)> {
    // Coordinates that were rounded may lie in the next cell.
    let margin = if grid.is_exact { 0.0 } else { 1.0 / grid.scale };
    let chunks = rows.par_chunks(CHUNK).enumerate();
    let id = |at: usize| ids.map_or(at as u32 + 1, |ids| ids[at]);
    let boxes: Vec<(u32, Extent)> =
        chunks.flat_map_iter(|(chunk, rows)| boxes(layer, rows, margin, |at| id(chunk * CHUNK + at))).collect();
    let mut whole = Extent::EMPTY;
    boxes.iter().for_each(|(_, extent)| whole.union(extent));
    let is_far = whole.min.y < -MOST_NORTHING || whole.max.y > MOST_NORTHING;
    if boxes.is_empty() || is_far && grid.wkt.starts_with("PROJCS") {
        return None;
    }
    let cell = cell(&boxes, &whole, grid.tolerance)?;
    let place = |v: f64| (v / cell + SHIFT).floor() as u64;
    let mut entries: Vec<(u64, u32)> = boxes
        .par_iter()
        .flat_map_iter(|(id, extent)| {
            let (west, east) = (place(extent.min.x), place(extent.max.x));
            let (south, north) = (place(extent.min.y), place(extent.max.y));
            (west..=east).flat_map(move |x| (south..=north).map(move |y| (x << 31 | y, *id)))
        })
        .collect();
    entries.par_sort_unstable();
    entries.dedup();
    // The count of entries has 32 bits.
    (entries.len() <= i32::MAX as usize).then(|| (cell, pages(&entries)))
}

/// The boxes of the parts of features with their ids.
fn boxes(layer: &Layer, rows: &[usize], margin: f64, id: impl Fn(usize) -> u32) -> Vec<(u32, Extent)> {
    let mut found = Vec::with_capacity(rows.len());
    for (at, feature) in rows.iter().enumerate() {
        let (block, row) = layer.locate(*feature);
        let geometry = &block.geometry;
        let mut add = |extent: Extent| {
            if !extent.is_empty() {
                let (min, max) = (extent.min, extent.max);
                let min = Coord { x: min.x - margin, y: min.y - margin };
                let max = Coord { x: max.x + margin, y: max.y + margin };
                found.push((id(at), Extent { min, max }));
            }
        };
        match geometry.kind() {
            GeometryKind::Polygon => geometry.polygon(row).parts().for_each(|part| {
                let mut extent = Extent::EMPTY;
                part.rings().for_each(|ring| extent.union(&Extent::of(ring)));
                add(extent);
            }),
            GeometryKind::Line => geometry.paths(row).for_each(|path| add(Extent::of(path))),
            _ => geometry.points(row).iter().for_each(|c| add(Extent::of(std::slice::from_ref(c)))),
        }
    }
    found
}

/// The side of a cell: twice the usual size of a part, or as much as makes one point a cell; larger where a few large
/// parts would lie in very many cells.
fn cell(boxes: &[(u32, Extent)], whole: &Extent, tolerance: f64) -> Option<f64> {
    let count = boxes.len() as f64;
    let mean = boxes.iter().map(|(_, extent)| extent.width().max(extent.height())).sum::<f64>() / count;
    let (width, height) = (whole.width(), whole.height());
    let of_points = (width * height / count).sqrt().max(width.max(height) / count);
    let farthest = [whole.min.x, whole.min.y, whole.max.x, whole.max.y].map(f64::abs).into_iter().fold(0.0, f64::max);
    // Numbers of cells fit their bits.
    let least = (2.0 * farthest / SHIFT).max(10.0 * tolerance);
    let mut cell = if mean > 0.0 { 2.0 * mean } else { of_points }.max(least);
    let cells = |cell: f64| -> f64 {
        boxes.iter().map(|(_, extent)| (extent.width() / cell + 1.0) * (extent.height() / cell + 1.0)).sum()
    };
    while cells(cell) > MOST_CELLS * count {
        cell *= 2.0;
    }
    cell.is_finite().then_some(cell)
}

/// The pages of an index over entries, which ascend; there is one at least.
fn pages(entries: &[(u64, u32)]) -> Vec<u8> {
    // What each page of a level ends with, the pages of entries first. A page has one child more than values; its last
    // child is also the first of the next page.
    let mut levels: Vec<Vec<u64>> = vec![entries.chunks(PER_PAGE).map(|page| page[page.len() - 1].0).collect()];
    while let Some(below) = levels.last().filter(|level| level.len() > 1) {
        let count = (below.len() - 1).div_ceil(PER_PAGE);
        let ends = (1..=count).map(|page| below[(page * PER_PAGE).min(below.len()) - 1]).collect();
        levels.push(ends);
    }
    let mut out = Vec::with_capacity(PAGE_BYTES * levels.iter().map(Vec::len).sum::<usize>() + 22);
    let number = |out: &mut Vec<u8>, number: usize| out.extend_from_slice(&(number as u32).to_le_bytes());
    // Pages are numbered from the root down.
    let mut first = 1;
    for (level, ends) in levels.iter().enumerate().rev() {
        let first_below = first + ends.len();
        for page in 0..ends.len() {
            let start = out.len();
            number(&mut out, if page + 1 < ends.len() { first + page + 1 } else { 0 });
            let mut values: Vec<u64> = Vec::new();
            match level.checked_sub(1).map(|below| &levels[below]) {
                Some(below) => {
                    let children = page * PER_PAGE..(page * PER_PAGE + PER_PAGE + 1).min(below.len());
                    number(&mut out, children.len() - 1);
                    children.clone().for_each(|child| number(&mut out, first_below + child));
                    values.extend(&below[children.start..children.end - 1]);
                }
                None => {
                    let own = &entries[page * PER_PAGE..(page * PER_PAGE + PER_PAGE).min(entries.len())];
                    number(&mut out, own.len());
                    number(&mut out, 0);
                    own.iter().for_each(|(_, id)| number(&mut out, *id as usize));
                    values.extend(own.iter().map(|(value, _)| value));
                }
            }
            out.resize(start + VALUES_AT, 0);
            values.iter().for_each(|value| out.extend_from_slice(&value.to_le_bytes()));
            out.resize(start + PAGE_BYTES, 0);
        }
        first = first_below;
    }
    // Bytes of a value, then what all such files have.
    out.extend_from_slice(&[8, 0x40]);
    [1, levels.len(), entries.len(), 0, 1].into_iter().for_each(|value| number(&mut out, value));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ids of the entries from `least` to `most`, found as programs do: down the tree, then along its leaves.
    fn found(index: &[u8], least: u64, most: u64) -> Vec<u32> {
        let tail = &index[index.len() - 22..];
        let number = |bytes: &[u8], at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
        let value = |page: &[u8], at: usize| {
            let at = VALUES_AT + 8 * at;
            u64::from_le_bytes(page[at..at + 8].try_into().expect("eight bytes"))
        };
        assert_eq!((tail[0], tail[1], (index.len() - 22) % PAGE_BYTES), (8, 0x40, 0));
        let page = |number: u32| &index[(number as usize - 1) * PAGE_BYTES..number as usize * PAGE_BYTES];
        let mut at = page(1);
        for _ in 1..number(tail, 6) {
            let count = number(at, 4) as usize;
            let child = (0..count).find(|key| value(at, *key) >= least).unwrap_or(count);
            at = page(number(at, 8 + 4 * child));
        }
        let mut ids = Vec::new();
        loop {
            let count = number(at, 4) as usize;
            for entry in (0..count).filter(|entry| (least..=most).contains(&value(at, *entry))) {
                ids.push(number(at, 12 + 4 * entry));
            }
            match number(at, 0) {
                0 => return ids,
                _ if value(at, count - 1) > most => return ids,
                next => at = page(next),
            }
        }
    }

    #[test]
    fn entries_are_found_in_trees_of_any_depth() {
        for count in [1, 339, 340, 341, 680, 681, 340 * 341, 340 * 341 + 1, 340 * 340 * 2 + 7] {
            // Each value twice.
            let entries: Vec<(u64, u32)> = (0..count).map(|at| (at / 2 * 10, at as u32 + 1)).collect();
            let index = pages(&entries);
            let last = entries[entries.len() - 1];
            for (value, expected) in [(0, 1), (last.0, last.1), (5, 0), (last.0 + 1, 0), (last.0 / 20 * 10, 1)] {
                let ids = found(&index, value, value);
                let known: Vec<u32> = entries.iter().filter(|entry| entry.0 == value).map(|entry| entry.1).collect();
                assert_eq!(ids, known, "{count} entries, value {value}");
                assert!(expected == 0 || !ids.is_empty(), "{count} entries, value {value}");
            }
            assert_eq!(found(&index, 0, u64::MAX).len(), entries.len(), "{count} entries");
        }
    }

    #[test]
    fn cells_fit_what_is_usual() {
        let square = |x: f64, y: f64, side: f64| {
            let mut extent = Extent::of(&[Coord { x, y }]);
            extent.add(Coord { x: x + side, y: y + side });
            extent
        };
        let check = |boxes: &[Extent], expected: f64| {
            let boxes: Vec<(u32, Extent)> = boxes.iter().map(|extent| (1, *extent)).collect();
            let mut whole = Extent::EMPTY;
            boxes.iter().for_each(|(_, extent)| whole.union(extent));
            let found = cell(&boxes, &whole, 0.001).expect("finite");
            assert!((found / expected - 1.0).abs() < 1e-12, "{found}, expected {expected}");
        };
        let many: Vec<Extent> =
            (0..100).map(|at| square(39_500_000.0 + 10.0 * f64::from(at), 4_060_000.0, 10.0)).collect();
        check(&many, 20.0);
        // Points: one a cell.
        let points: Vec<Extent> =
            (0..100).map(|at| square(f64::from(at % 10) * 9.0, f64::from(at / 10) * 9.0, 0.0)).collect();
        check(&points, 8.1);
        // One point; numbers of cells have 31 bits.
        check(&[square(39_500_000.0, 4_060_000.0, 0.0)], 2.0 * 39_500_000.0 / SHIFT);
        // A large one makes cells larger, not the index.
        let mut mixed = many.clone();
        mixed.push(square(39_400_000.0, 4_000_000.0, 100_000.0));
        check(&mixed, 8000.0);
    }
}
