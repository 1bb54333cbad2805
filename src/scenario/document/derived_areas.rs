//! Areas of an edited layer: those of the features that stayed, and the added ones measured as the base was.

use super::state::{LayerState, RowMap};
use crate::measure::Frame;
use crate::model::{Areas, FeatureBlock, GeometryBuilder};
use crate::overlay;
use crate::task::Progress;

/// Areas of `state`: those of the base for its features, those of `old`, a former state with rows `old_rows`, for added
/// ones that it had, and measured for the others. `None` where they cannot be measured here.
pub(in crate::scenario) fn of_state(
    state: &LayerState,
    base: &Areas,
    old_rows: &RowMap,
    old: Option<&Areas>,
) -> Option<Areas> {
    let rows = state.rows();
    let kept_count = rows.feature_count() - rows.added().len();
    let mut areas = Areas { method: base.method, frame: base.frame.clone(), ..Areas::default() };
    areas.issues.clone_from(&base.issues);
    areas.exact.reserve(rows.feature_count());
    areas.printed.reserve(rows.feature_count());
    let mut retired = rows.retired().iter().copied().peekable();
    for feature in 0..base.exact.len() {
        if retired.next_if_eq(&(feature as u32)).is_none() {
            areas.exact.push(base.exact[feature]);
            areas.printed.push(*base.printed.get(feature)?);
        }
    }
    if areas.exact.len() != kept_count {
        return None;
    }
    let known = |key| {
        let row = old_rows.row(key)?;
        Some((*old?.exact.get(row)?, *old?.printed.get(row)?))
    };
    let fresh: Vec<u32> = rows.added().iter().copied().filter(|key| known(*key).is_none()).collect();
    let measured = measured(state, base, &fresh)?;
    let mut next = 0;
    for key in rows.added() {
        let (exact, printed) = known(*key).unwrap_or_else(|| {
            next += 1;
            (measured.exact[next - 1], measured.printed[next - 1])
        });
        areas.exact.push(exact);
        areas.printed.push(printed);
    }
    areas.issues.extend(measured.issues.into_iter().filter(|issue| issue.feature.is_some()));
    Some(areas)
}

/// Areas of added features.
fn measured(state: &LayerState, base: &Areas, keys: &[u32]) -> Option<Areas> {
    if keys.is_empty() {
        return Some(Areas::default());
    }
    let mut geometry = GeometryBuilder::new(state.base().kind);
    for key in keys {
        geometry.copy_feature(&state.drawn(*key)?.geometry, 0);
    }
    let block = FeatureBlock { source_rows: keys.into(), ..FeatureBlock::of_geometry(geometry.finish()) };
    let layer = state.base().with_blocks(state.base().fields.clone(), vec![block]);
    // Not measurable as the base was: whoever shows the layer measures it whole, and says why not.
    let frame = Frame::for_layer(state.base(), base.method).ok()?;
    let areas = overlay::measured_in(&layer, &frame, &Progress::new()).ok()?;
    (areas.exact.len() == keys.len()).then_some(areas)
}
