//! Layers whose coordinates are corrected as they are read: the file keeps its own, the layer says what was undone.

use std::sync::Arc;

use rayon::prelude::*;

use super::KEPT_PER_KIND;
use super::findings::Found;
use crate::crs::correction::Corrector;
use crate::crs::{Correction, CrsError};
use crate::model::{Coord, GeometryBlock, GeometryBuilder, Issue, Layer, Revision, Severity};
use crate::text::Message;

/// Corrects the coordinates of layers in x, y order. A feature of which some coordinate has no corrected place loses its
/// geometry, which is an issue: half a parcel is none.
///
/// # Errors
/// [`CrsError`] where there is no way from the CRS of the correction to its target.
pub(crate) fn apply(layers: &mut [Layer], correction: &Arc<Correction>) -> Result<Vec<Found>, CrsError> {
    // Fails once, before anything is done; then each block has its own.
    correction.prepare()?;
    let mut lost = Vec::new();
    let mut more = 0u64;
    for layer in layers {
        let corrected: Result<Vec<(GeometryBlock, Vec<usize>)>, CrsError> =
            layer.blocks.par_iter().map(|block| Ok(block_of(&block.geometry, &correction.prepare()?))).collect();
        for (at, (geometry, rows)) in corrected?.into_iter().enumerate() {
            let start = layer.starts[at];
            layer.blocks[at].geometry = Arc::new(geometry);
            for row in rows {
                if lost.len() as u64 >= KEPT_PER_KIND {
                    more += 1;
                    continue;
                }
                let issue = Issue::new(Severity::Error, Message::new("io.not-correctable"));
                lost.push(Found { issue: layer.issue_at(start + row, issue), layer: Some(layer.kind) });
            }
        }
        layer.crs = correction.to.clone();
        layer.crs_reason = correction.message();
        layer.provenance.correction = Some(Arc::clone(correction));
        layer.revision = Revision::next();
        layer.shape = Revision::next();
    }
    if more > 0 {
        let message = Message::new("io.not-correctable-more").with("count", more);
        lost.push(Found { issue: Issue::new(Severity::Error, message), layer: None });
    }
    Ok(lost)
}

/// A corrected block, and the rows that have no place.
fn block_of(block: &GeometryBlock, corrector: &Corrector) -> (GeometryBlock, Vec<usize>) {
    let mut failed: Vec<usize> = Vec::new();
    let mut convert = |(at, c): (usize, &Coord)| {
        corrector.convert_one(*c).unwrap_or_else(|| {
            failed.push(at);
            *c
        })
    };
    let coords: Vec<Coord> = block.coords().iter().enumerate().map(&mut convert).collect();
    let corrected = block.with_coords(coords);
    if failed.is_empty() {
        return (corrected, Vec::new());
    }
    let rows: Vec<usize> = (0..block.feature_count())
        .filter(|row| {
            let range = block.coord_range(*row);
            let next = failed.partition_point(|at| *at < range.start);
            failed.get(next).is_some_and(|at| *at < range.end)
        })
        .collect();
    let mut builder = GeometryBuilder::new(block.kind());
    for row in 0..block.feature_count() {
        if rows.binary_search(&row).is_ok() || block.is_null(row) {
            builder.null_feature();
        } else {
            builder.copy_feature(&corrected, row);
        }
    }
    (builder.finish(), rows)
}
