//! Land that features cover, counted once where they lie on each other.

use super::region::{features, united};
use crate::model::{AreaMethod, Layer};
use crate::overlay;
use crate::scenario::compare::transition::CompareError;
use crate::task::Progress;

/// Features of a layer.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// The layer.
    pub layer: &'a Layer,
    /// A mark a feature; `None`: all of them.
    pub chosen: Option<&'a [bool]>,
}

/// By how much the areas of features add up to more than the land that they cover, m².
///
/// # Errors
/// [`CompareError`] where a layer has no polygons, no way leads between two CRSs, or the user cancelled.
pub fn excess_m2(parts: &[Part<'_>], method: AreaMethod, progress: &Progress) -> Result<f64, CompareError> {
    let Some(layer) = joined(parts, None)? else { return Ok(0.0) };
    Ok(overlay::coverage(&layer, method, progress)?.excess().m2())
}

/// What the land of some features has in common with that of others, m².
///
/// # Errors
/// As [`excess_m2`].
pub fn common_m2(a: &[Part<'_>], b: &[Part<'_>], method: AreaMethod, progress: &Progress) -> Result<f64, CompareError> {
    let Some(layer) = joined(a, None)? else { return Ok(0.0) };
    let Some(region) = joined(b, Some(&layer))? else { return Ok(0.0) };
    let table = overlay::cut(&region, &layer, method, progress)?;
    let of_region = &table.sides[0];
    Ok(of_region.own.iter().sum::<f64>() - of_region.only.iter().sum::<f64>())
}

/// The features as one layer, in the CRS of `like` or of the first part.
fn joined(parts: &[Part<'_>], like: Option<&Layer>) -> Result<Option<Layer>, CompareError> {
    let Some(first) = parts.first() else { return Ok(None) };
    let chosen = |part: &Part<'_>| match part.chosen {
        None => part.layer.clone(),
        Some(marks) => {
            let list: Vec<u32> = (0..marks.len() as u32).filter(|feature| marks[*feature as usize]).collect();
            features(part.layer, &list)
        }
    };
    let layers: Vec<Layer> = parts.iter().map(chosen).collect();
    let layers: Vec<&Layer> = layers.iter().collect();
    Ok(Some(united(&layers, &like.unwrap_or(first.layer).crs)?.0))
}
