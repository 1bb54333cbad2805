//! A layer measured, repaired, and held against the areas that its attributes state.

use super::measured;
use crate::measure::{MeasureError, attribute_areas};
use crate::model::{AreaMethod, Areas, Layer};
use crate::task::Progress;

/// Areas as [`measured`], with one issue more for each attribute area (`TBMJ`, `MJ`, …) that differs from its geometry
/// beyond the ledger's tolerance, and the likely cause. Attributes are judged by the survey's figures only.
///
/// # Errors
/// As [`measured`].
pub fn audited(layer: &Layer, method: AreaMethod, progress: &Progress) -> Result<Areas, MeasureError> {
    let mut areas = measured(layer, method, progress)?;
    if method == AreaMethod::Survey {
        for check in attribute_areas::check(layer, &areas, progress)? {
            areas.issues.extend(check.issues(layer));
        }
    }
    Ok(areas)
}
