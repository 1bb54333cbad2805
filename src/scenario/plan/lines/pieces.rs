//! Where a conflict lies, as polygons: for the map. Areas come from the overlaps, not from here.

use geo_types::MultiPolygon;

use super::{ControlLine, LineKind, region};
use crate::model::Layer;
use crate::overlay::{self, Pair};
use crate::scenario::compare::transition::CompareError;
use crate::task::Progress;

/// What of a feature of `layer` is in conflict with `line`, in the CRS of the layer. Polygons of a line that lie on each
/// other give pieces that do.
///
/// # Errors
/// As [`super::LineOverlaps::new`].
pub fn conflict_polygons(
    line: &ControlLine,
    layer: &Layer,
    feature: u32,
    progress: &Progress,
) -> Result<MultiPolygon, CompareError> {
    let part = region::features(layer, &[feature]);
    let near = region::near(line, &part)?;
    let layers: Vec<&Layer> = near.layers.iter().map(|layer| &**layer).collect();
    let (region, _) = region::united(&layers, &layer.crs)?;
    let of_line = 0..region.feature_count() as u32;
    if line.kind == LineKind::Boundary {
        let left = overlay::remainders(&part, &region, &[(0, of_line.collect())], progress)?;
        return Ok(left.into_iter().flatten().next().unwrap_or_else(|| MultiPolygon(Vec::new())));
    }
    let pairs: Vec<Pair> = of_line.map(|b| Pair { a: 0, b, m2: 0.0, perimeter_m: 0.0 }).collect();
    let pieces = overlay::pieces(&part, &region, &pairs, progress)?;
    Ok(MultiPolygon(pieces.into_iter().flat_map(|piece| piece.0).collect()))
}
