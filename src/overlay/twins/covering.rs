//! Features of a layer that overlap others of it, found from its edges.
//!
//! Let n(x) be the number of features that contain a place x. On the way across an edge that two neighbours share, one
//! on either side, n does not change: the two edges cancel. Where n is 2 or more there is a region, and its border
//! consists of edges that do not cancel; inside of that border, at it, two features lie on each other. So what overlaps
//! is found among the features that reach such an edge, and from there from neighbour to neighbour; where nothing
//! overlaps there, nothing does. A layer that tiles its area has few such edges, its outer border.

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::cells::Cells;
use super::{pieces, runs_left};
use crate::measure::{Frame, MeasureError};
use crate::model::{Coord, Extent, GeometryBlock, Layer};
use crate::overlay::coverage::coverage_of;
use crate::overlay::flat::{Numbers, flatten};
use crate::overlay::predicates::canonical;
use crate::overlay::rings::mixed;
use crate::task::Progress;

/// Shares of all edges that are sorted side by side.
const SHARES: usize = 16;
/// Where more than this share of the edges or features is left, the quick way is none.
const TOO_MANY: usize = 8;

/// Marks the features that overlap others, among those that are `plain`: valid, without repeated vertices. `None` where
/// the layer is no covering, so that finding out would cost as much as a walk.
///
/// # Errors
/// As `flatten`.
pub(super) fn overlapping(
    layer: &Layer,
    plain: &[bool],
    extents: &[Extent],
    frame: &Frame,
    progress: &Progress,
) -> Result<Option<Vec<bool>>, MeasureError> {
    let Some(open) = open_edges(layer, plain) else { return Ok(None) };
    progress.tick(0)?;
    let near = |extents_of: &[Extent]| -> Vec<bool> {
        let mut cells = Cells::new(layer.extent(), plain.len());
        extents_of.iter().for_each(|extent| cells.mark(extent));
        plain.par_iter().zip(extents).map(|(plain, extent)| *plain && cells.touches(extent)).collect()
    };
    let mut chosen = near(&open);
    let mut overlapping = vec![false; plain.len()];
    loop {
        let count = chosen.iter().filter(|chosen| **chosen).count();
        if count < 2 {
            break;
        }
        if count > plain.len() / TOO_MANY + 64 {
            return Ok(None);
        }
        // Nothing is split: by the geodesic method there is no quick way.
        let flat = flatten(layer, Some(&chosen), frame, f64::INFINITY, Numbers::From(0), progress)?;
        if flat.beyond_reach {
            return Ok(None);
        }
        let rings = flat.rings.finish();
        progress.add_total(rings.ring_count() as u64);
        let found = coverage_of(&rings, plain.len(), frame, progress)?;
        found.overlapping(plain.len()).iter().zip(&mut overlapping).for_each(|(found, known)| *known |= found);
        let reached: Vec<Extent> =
            overlapping.iter().zip(extents).filter(|(overlapping, _)| **overlapping).map(|(_, e)| *e).collect();
        let more = near(&reached);
        if reached.is_empty() || !more.iter().zip(&chosen).any(|(more, chosen)| *more && !chosen) {
            break;
        }
        chosen.iter_mut().zip(more).for_each(|(chosen, more)| *chosen |= more);
    }
    Ok(Some(overlapping))
}

/// Extents of the edges of plain features that do not cancel; `None` where they are too many.
fn open_edges(layer: &Layer, plain: &[bool]) -> Option<Vec<Extent>> {
    let each_edge = |(block, rows): (usize, std::ops::Range<usize>), visit: &mut dyn FnMut(u64, Coord, Coord)| {
        let first = layer.starts[block];
        for row in rows.filter(|row| plain[first + row]) {
            edges_of(&layer.blocks[block].geometry, row, visit);
        }
    };
    let sorted_out = |piece| {
        let mut shares: [Vec<u64>; SHARES] = Default::default();
        each_edge(piece, &mut |key, _, _| shares[(key >> 60) as usize].push(key));
        shares
    };
    let found: Vec<[Vec<u64>; SHARES]> = pieces(layer).into_par_iter().map(sorted_out).collect();
    let open_of = |share: usize| {
        let mut keys: Vec<u64> = found.iter().flat_map(|shares| &shares[share]).copied().collect();
        keys.sort_unstable();
        let is_open = |same: &&[u64]| 2 * same.iter().filter(|key| **key & 1 == 1).count() != same.len();
        keys.chunk_by(|a, b| a | 1 == b | 1).filter(is_open).map(|same| same[0] | 1).collect()
    };
    let open: Vec<Vec<u64>> = (0..SHARES).into_par_iter().map(open_of).collect();
    let edge_count: usize = found.iter().flatten().map(Vec::len).sum();
    drop(found);
    let open: FxHashSet<u64> = open.into_iter().flatten().collect();
    if open.len() > edge_count / TOO_MANY + 256 {
        return None;
    }
    let extents_of = |piece| {
        let mut extents = Vec::new();
        each_edge(piece, &mut |key, p, q| {
            if open.contains(&(key | 1)) {
                extents.push(Extent::of(&[p, q]));
            }
        });
        extents
    };
    let extents: Vec<Vec<Extent>> = pieces(layer).into_par_iter().map(extents_of).collect();
    Some(extents.concat())
}

/// Calls `visit` for each edge of a feature with its ends and a number: the same for an edge from either side, but for
/// the lowest bit, which tells on which side the feature lies. Two edges with one number by chance are far less likely
/// than a fault of memory, and would have to lie open to do harm.
fn edges_of(geometry: &GeometryBlock, row: usize, visit: &mut dyn FnMut(u64, Coord, Coord)) {
    for part in geometry.polygon(row).parts() {
        for (number, ring) in part.rings().enumerate() {
            let inside_left = runs_left(ring) == (number == 0);
            let closing = ring.last().zip(ring.first()).map(|(last, first)| [*last, *first]);
            let edges = ring.windows(2).map(|edge| [edge[0], edge[1]]).chain(closing);
            for [p, q] in edges.filter(|[p, q]| p != q) {
                let (a, b) = canonical((p, q));
                let key = [a.x, a.y, b.x, b.y].into_iter().fold(0, |h, v| mixed(h, v.to_bits()));
                visit((key & !1) | u64::from(inside_left == (a == p)), p, q);
            }
        }
    }
}
