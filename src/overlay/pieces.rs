//! Pieces as polygons, clipped on demand: for the map, for export, for the zoom to a cell.
//!
//! What is seen, not what is counted: corners are snapped to a fine grid by the clipping engine, and areas come from the
//! pair table. Edges are straight in the CRS of the first layer.

use std::panic::{AssertUnwindSafe, catch_unwind};

use geo::{Area as _, BooleanOps, BoundingRect as _, MapCoords as _, unary_union};
use geo_types::{LineString, MultiPolygon, Polygon};
use rayon::prelude::*;

use super::Pair;
use super::region::land;
use crate::crs::Reprojector;
use crate::measure::MeasureError;
use crate::model::{Layer, PartView};
use crate::task::{Cancelled, Progress};

/// Pairs that one thread clips at a time.
const PAIRS_A_CHUNK: usize = 256;

/// The polygons of `pairs` of features of `a` and `b`, in the CRS of `a` and in the order of the pairs. Empty where the
/// clipping engine finds nothing or fails.
///
/// # Errors
/// [`MeasureError::Crs`] where no way leads from the CRS of `b` to that of `a`, and [`MeasureError::Cancelled`].
pub fn pieces(a: &Layer, b: &Layer, pairs: &[Pair], progress: &Progress) -> Result<Vec<MultiPolygon>, MeasureError> {
    // Fails before the long run.
    Reprojector::new(&b.crs, &a.crs)?;
    progress.add_total(pairs.len() as u64);
    let chunks: Vec<Vec<MultiPolygon>> = pairs
        .par_chunks(PAIRS_A_CHUNK)
        .map_init(
            || Reprojector::new(&b.crs, &a.crs),
            |reprojector, chunk| {
                let reprojector = reprojector.as_ref().map_err(|error| MeasureError::Crs(error.clone()))?;
                let same = a.crs.has_same_coordinates(&b.crs);
                let piece = |pair: &Pair| {
                    let one = polygons(a, pair.a as usize, None, progress)?;
                    let other = polygons(b, pair.b as usize, (!same).then_some(reprojector), progress)?;
                    Ok(match (one, other) {
                        (Some(one), Some(other)) => clipped(&one, &other),
                        _ => MultiPolygon(Vec::new()),
                    })
                };
                let pieces: Vec<MultiPolygon> = chunk.iter().map(piece).collect::<Result<_, Cancelled>>()?;
                progress.tick(chunk.len() as u64)?;
                Ok(pieces)
            },
        )
        .collect::<Result<_, MeasureError>>()?;
    Ok(chunks.into_iter().flatten().collect())
}

/// The land of a feature; `None` where a coordinate has no image.
fn polygons(
    layer: &Layer,
    feature: usize,
    reprojector: Option<&Reprojector>,
    progress: &Progress,
) -> Result<Option<MultiPolygon>, Cancelled> {
    let (block, row) = layer.locate(feature);
    // Read in the CRS of the layer, as areas are.
    let land = match land(&block.geometry, row, progress)? {
        Some(land) => land,
        None => {
            let part = |part: PartView<'_>| {
                let mut rings = part.rings().map(|ring| LineString(ring.to_vec()));
                rings.next().map(|outer| Polygon::new(outer, rings.collect()))
            };
            MultiPolygon(block.geometry.polygon(row).parts().filter_map(part).collect())
        }
    };
    let image = land.try_map_coords(|c| {
        let mut image = [c];
        if let Some(reprojector) = reprojector {
            // A coordinate without an image: the pair has no picture, its area stands in the table.
            reprojector.convert(&mut image).map_err(|_| ())?;
        }
        if image[0].x.is_finite() && image[0].y.is_finite() { Ok(image[0]) } else { Err(()) }
    });
    Ok(image.ok())
}

fn clipped(one: &MultiPolygon, other: &MultiPolygon) -> MultiPolygon {
    // The engine is not ours: a defect in it costs the picture of one piece.
    catch_unwind(AssertUnwindSafe(|| one.intersection(other))).unwrap_or_else(|_| MultiPolygon(Vec::new()))
}

/// What is left of features of `a` when features of `b` are taken away, in the CRS of `a`: for each of `cuts`, a feature
/// of `a` and those of `b`. Empty where nothing is left; `None` where the clipping engine fails.
///
/// # Errors
/// As [`pieces`].
pub fn remainders(
    a: &Layer,
    b: &Layer,
    cuts: &[(u32, Vec<u32>)],
    progress: &Progress,
) -> Result<Vec<Option<MultiPolygon>>, MeasureError> {
    let reprojector = Reprojector::new(&b.crs, &a.crs)?;
    let same = a.crs.has_same_coordinates(&b.crs);
    progress.add_total(cuts.len() as u64);
    let mut remainders = Vec::with_capacity(cuts.len());
    for (feature, under) in cuts {
        let whole = polygons(a, *feature as usize, None, progress)?;
        let away =
            under.iter().map(|b_feature| polygons(b, *b_feature as usize, (!same).then_some(&reprojector), progress));
        let away: Option<Vec<MultiPolygon>> = away.collect::<Result<_, Cancelled>>()?;
        let left = whole.zip(away).and_then(|(whole, away)| {
            let cut = || whole.difference(&unary_union(&away));
            // The engine is not ours: a defect in it costs this feature.
            catch_unwind(AssertUnwindSafe(cut)).ok().map(|left| without_slivers(left, &whole))
        });
        remainders.push(left);
        progress.tick(1)?;
    }
    Ok(remainders)
}

/// Parts that are wider than what the engine's grid makes of a border that both share.
fn without_slivers(left: MultiPolygon, whole: &MultiPolygon) -> MultiPolygon {
    const WIDTH: f64 = 1e-7;
    let extent = whole.bounding_rect().map_or(0.0, |rect| rect.width().max(rect.height()));
    let is_wide = |part: &Polygon| {
        let outline: f64 =
            part.exterior().lines().map(|line| (line.dx() * line.dx() + line.dy() * line.dy()).sqrt()).sum();
        2.0 * part.unsigned_area() > WIDTH * extent * outline
    };
    MultiPolygon(left.0.into_iter().filter(is_wide).collect())
}
