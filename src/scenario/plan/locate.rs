//! Features of a layer by where they lie to others: within them, touching them, with a share of their area in them, or
//! not farther from them than so many metres.
//!
//! Everything is judged in the plane that the layer is measured in, vertices of the others converted into it, edges
//! straight. Shares and "within" of polygons are those of the overlay, the others taken as one region, so that a figure
//! beside a selection agrees with the selection. Distances are those on the ground: what the plane stretches is taken
//! back. Of lines the share is that of their length, of points that of their number.
//!
//! | file | holds |
//! |---|---|
//! | `edges` | the edges of many features, found by place: what is near, what lies inside |

use std::sync::Arc;

use rayon::prelude::*;

use super::lines::Cut;
use super::lines::region::features;
use crate::crs::Crs;
use crate::measure::{Frame, MeasureError};
use crate::model::index::SpatialIndex;
use crate::model::{
    AreaMethod, Coord, Extent, FeatureBlock, GeometryBlock, GeometryBuilder, GeometryKind, Issue, Layer, Severity,
};
use crate::scenario::compare::transition::CompareError;
use crate::task::{Cancelled, Progress};
use crate::text::Message;

mod edges;

use edges::{Edges, Ground, paths};

/// Where features have to lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Relation {
    /// They share a point with one of the others, a border that is common to a millimetre included.
    Touches,
    /// They lie in the others as a whole, which count as one region.
    Within,
    /// At least this share of them, 0 to 1, lies in the others.
    Share(f64),
    /// They are not farther from one of the others than so many metres.
    Near(f64),
}

/// Borders that are no farther apart than this are common, metres.
const TOUCH_M: f64 = 1e-3;

/// Less than the survey can print lies nowhere, m².
const LEAST_M2: f64 = 0.005;

/// By how much a share may fall short: exactly half is half, whatever the last digits of two sums.
const ROUNDING: f64 = 1e-9;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Located {
    /// The features, ascending.
    pub features: Vec<u32>,
    /// What could not be judged.
    pub issues: Vec<Issue>,
}

/// The features of `layer` that lie to `others` as `relation` says. Ticks once a feature.
///
/// # Errors
/// [`CompareError`] where features are asked to lie in what has no area, no way leads between two CRSs, or the user
/// cancelled.
pub fn locate(
    layer: &Layer,
    others: &[&Layer],
    relation: Relation,
    progress: &Progress,
) -> Result<Located, CompareError> {
    let regions = matches!(relation, Relation::Within | Relation::Share(_));
    if let Some(other) = others.iter().find(|other| regions && other.kind != GeometryKind::Polygon) {
        return Err(CompareError::NotPolygons(other.name.clone()));
    }
    progress.add_total(layer.feature_count() as u64);
    let frame = Frame::for_layer(layer, AreaMethod::Survey)?;
    let mut issues = Vec::new();
    let own = placed(layer, &frame, progress, &mut issues)?;
    let mut around = Vec::new();
    for other in others {
        around.extend(placed(other, &frame, progress, &mut issues)?);
    }
    let ground = Ground::of(&frame);
    let reach = match relation {
        Relation::Near(metres) => ground.widest(metres.max(0.0), &own),
        _ => TOUCH_M,
    };
    let index = SpatialIndex::build(&around, progress)?;
    let candidates = candidates(layer, &own, &index, reach);
    let mut found = match relation {
        Relation::Touches => near(layer, &own, &around, &candidates, (TOUCH_M, &ground), progress)?,
        Relation::Near(metres) => near(layer, &own, &around, &candidates, (metres, &ground), progress)?,
        Relation::Within | Relation::Share(_) => {
            let least = if let Relation::Share(share) = relation { Some(share) } else { None };
            if layer.kind == GeometryKind::Polygon {
                let part = features(layer, &candidates);
                let cut = Cut::new(others, &part, AreaMethod::Survey, progress)?;
                issues.extend(cut.issues.iter().filter(|issue| issue.severity == Severity::Error).cloned());
                let inside = cut.inside();
                let lies_inside = |at: &usize| match least {
                    None => inside[*at] > 0.0 && cut.outside[*at] < LEAST_M2.min(inside[*at]),
                    Some(share) => inside[*at] > 0.0 && inside[*at] >= (share - ROUNDING) * cut.own[*at],
                };
                (0..candidates.len()).filter(lies_inside).map(|at| candidates[at]).collect()
            } else {
                inside(layer, &own, &around, &candidates, least, progress)?
            }
        }
    };
    found.sort_unstable();
    Ok(Located { features: found, issues })
}

/// The features `rows`, ascending, of a layer as a layer of their own, to locate others by.
pub fn chosen(layer: &Layer, rows: &[u32]) -> Layer {
    features(layer, rows)
}

/// What was drawn in `crs` as a layer of one feature: the line through `points`, or the area inside of it.
pub fn drawn(points: &[Coord], closed: bool, crs: &Crs) -> Layer {
    let kind = if closed { GeometryKind::Polygon } else { GeometryKind::Line };
    let mut builder = GeometryBuilder::new(kind);
    let first = points.first().filter(|_| closed);
    points.iter().chain(first).for_each(|point| builder.coord(*point));
    builder.end_ring();
    if closed {
        builder.end_part();
    }
    builder.end_feature();
    let block = FeatureBlock::of_geometry(builder.finish());
    Layer::new(String::new(), kind, crs.clone(), Vec::new(), vec![block])
}

/// The blocks of a layer in the plane; what cannot be taken there is no number, and listed.
fn placed(
    layer: &Layer,
    frame: &Frame,
    progress: &Progress,
    issues: &mut Vec<Issue>,
) -> Result<Vec<Arc<GeometryBlock>>, CompareError> {
    // One converter here, so that an impossible conversion fails before the work.
    drop(frame.projector(&layer.crs)?);
    let place = |block: &Arc<GeometryBlock>| -> Result<(Arc<GeometryBlock>, Vec<usize>), CompareError> {
        progress.tick(0).map_err(MeasureError::from)?;
        let projector = frame.projector(&layer.crs)?;
        if projector.is_identity() {
            return Ok((block.clone(), Vec::new()));
        }
        let mut coords = block.coords().to_vec();
        let mut lost = Vec::new();
        if projector.project(&mut coords).is_err() {
            coords.copy_from_slice(block.coords());
            for row in 0..block.feature_count() {
                let range = block.coord_range(row);
                if projector.project(&mut coords[range.clone()]).is_err() {
                    coords[range].fill(Coord { x: f64::NAN, y: f64::NAN });
                    lost.push(row);
                }
            }
        }
        Ok((Arc::new(block.with_coords(coords)), lost))
    };
    let placed: Result<Vec<_>, CompareError> = layer.blocks.par_iter().map(|block| place(&block.geometry)).collect();
    let mut blocks = Vec::new();
    for ((block, lost), start) in placed?.into_iter().zip(&layer.starts) {
        let issue =
            |row| layer.issue_at(start + row, Issue::new(Severity::Error, Message::new("overlay.not-converted")));
        issues.extend(lost.into_iter().map(issue));
        blocks.push(block);
    }
    Ok(blocks)
}

/// Features whose extent comes within `reach` of that of one of the others.
fn candidates(layer: &Layer, own: &[Arc<GeometryBlock>], index: &SpatialIndex, reach: f64) -> Vec<u32> {
    let of_block = |(block, start): (&Arc<GeometryBlock>, &usize)| -> Vec<u32> {
        let rows = (0..block.feature_count()).filter(|row| {
            let extent = grown(&block.feature_extent(*row), reach);
            !extent.is_empty() && !index.query(&extent).is_empty()
        });
        rows.map(|row| (start + row) as u32).collect()
    };
    own.par_iter().zip(&layer.starts).map(of_block).collect::<Vec<_>>().concat()
}

fn grown(extent: &Extent, by: f64) -> Extent {
    Extent {
        min: Coord { x: extent.min.x - by, y: extent.min.y - by },
        max: Coord { x: extent.max.x + by, y: extent.max.y + by },
    }
}

/// The block and row of a feature.
fn row_of<'b>(layer: &Layer, blocks: &'b [Arc<GeometryBlock>], feature: u32) -> (&'b GeometryBlock, usize) {
    let at = layer.starts.partition_point(|start| *start <= feature as usize) - 1;
    (&blocks[at], feature as usize - layer.starts[at])
}

/// The candidates that are not farther from the others than the limit: an edge of theirs is not, or one of the two lies
/// inside of the other.
fn near(
    layer: &Layer,
    own: &[Arc<GeometryBlock>],
    around: &[Arc<GeometryBlock>],
    candidates: &[u32],
    limit: (f64, &Ground),
    progress: &Progress,
) -> Result<Vec<u32>, CompareError> {
    let edges = Edges::of(around, progress)?;
    let judge = |feature: &u32| -> Result<bool, Cancelled> {
        let (block, row) = row_of(layer, own, *feature);
        let found = edges.reach_to(block, row, limit, progress)? || edges.lie_in(block, row, progress)?;
        progress.tick(1)?;
        Ok(found)
    };
    let judged: Result<Vec<bool>, Cancelled> = candidates.par_iter().map(judge).collect();
    let judged = judged.map_err(MeasureError::from)?;
    Ok(candidates.iter().zip(judged).filter(|(_, found)| *found).map(|(feature, _)| *feature).collect())
}

/// Lines and points of which the others hold all, or the share `least`.
fn inside(
    layer: &Layer,
    own: &[Arc<GeometryBlock>],
    around: &[Arc<GeometryBlock>],
    candidates: &[u32],
    least: Option<f64>,
    progress: &Progress,
) -> Result<Vec<u32>, CompareError> {
    let edges = Edges::of(around, progress)?;
    let judge = |feature: &u32| -> Result<bool, Cancelled> {
        let (block, row) = row_of(layer, own, *feature);
        let (mut whole, mut inside) = (0.0, 0.0);
        for (_, _, path) in paths(block, row) {
            if let [point] = path {
                whole += 1.0;
                inside += f64::from(u8::from(edges.hold(*point, TOUCH_M)));
            }
            for edge in path.windows(2) {
                progress.tick(0)?;
                whole += (edge[1].x - edge[0].x).hypot(edge[1].y - edge[0].y);
                inside += edges.length_inside(edge[0], edge[1], TOUCH_M);
            }
        }
        progress.tick(1)?;
        Ok(match least {
            None => inside > 0.0 && whole - inside <= TOUCH_M,
            Some(share) => inside > 0.0 && inside >= (share - ROUNDING) * whole,
        })
    };
    let judged: Result<Vec<bool>, Cancelled> = candidates.par_iter().map(judge).collect();
    let judged = judged.map_err(MeasureError::from)?;
    Ok(candidates.iter().zip(judged).filter(|(_, found)| *found).map(|(feature, _)| *feature).collect())
}

#[cfg(test)]
mod tests;
