//! A state against its own control lines: areas on both sides of them by class, and the ledger of conflicts (占压台账).
//!
//! Overlaps depend on geometry and on what the lines' features state of ridges; [`Kept`] holds them from one asking to
//! the next, so that a recode sums anew only. Window and command line ask [`conflicts`].

use std::sync::Arc;

use super::lines::{
    Ledger, LedgerNotes, LedgerSource, LineFigures, LineKind, LineOverlaps, built_before, concerned_layers,
    control_lines,
};
use super::plan_state::PlanState;
use crate::model::keys::{GroupKey, KeyPart};
use crate::model::{AreaMethod, Revision};
use crate::scenario::compare::transition::{ClassKey, Classes, CompareError, Grouping, Level, Tolerance};
use crate::scenario::document::planned::ScenarioId;
use crate::task::Progress;

/// What overlaps came from: the layer, the lines, the method.
type OverlapKey = (Revision, Vec<(LineKind, Vec<Revision>)>, AreaMethod);
/// What shares of built land came from: land use of the base, and the layer.
type BuiltKey = (Revision, Revision, AreaMethod);

/// What outlives an edit.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    overlaps: Vec<(OverlapKey, Arc<LineOverlaps>)>,
    built: Vec<(BuiltKey, Arc<Vec<f64>>)>,
}

/// Control lines and ledger of one state.
#[derive(Clone, Debug)]
pub struct Conflicts {
    /// The ledger, the largest conflict first.
    pub ledger: Ledger,
    /// Land use on both sides of the lines, by class; `None` where there is not one layer of it, with a class field.
    pub figures: Option<(Vec<ClassKey>, LineFigures)>,
    /// How areas were computed, and the plane that edges are straight in.
    pub method: (AreaMethod, String),
    /// The state itself.
    pub state: PlanState,
    /// For the next asking.
    pub kept: Kept,
}

/// What `state` has on both sides of its control lines, and in conflict with them. `base` is the state before, where
/// there is one; `scenario` and its notes are whose ledger it is.
///
/// # Errors
/// As [`LineOverlaps::new`].
pub fn conflicts(
    state: &PlanState,
    base: Option<&PlanState>,
    method: AreaMethod,
    tolerance: &Tolerance,
    (scenario, notes): (Option<ScenarioId>, &LedgerNotes),
    old: &Kept,
    progress: &Progress,
) -> Result<Conflicts, CompareError> {
    let before = base.and_then(PlanState::land_use);
    let lines = control_lines(state);
    let of_lines: Vec<(LineKind, Vec<Revision>)> =
        lines.iter().map(|line| (line.kind, line.layers.iter().map(|layer| layer.revision).collect())).collect();
    let mut kept = Kept::default();
    let mut found = Vec::new();
    for layer in concerned_layers(state) {
        let key = (layer.layer.shape, of_lines.clone(), method);
        let known = old.overlaps.iter().find(|(known, _)| *known == key).map(|(_, overlaps)| overlaps.clone());
        let overlaps = match known {
            Some(overlaps) => overlaps,
            None => Arc::new(LineOverlaps::new(&layer.layer, &lines, method, progress)?),
        };
        kept.overlaps.push((key, overlaps.clone()));
        let mut built = None;
        if let Some(before) = before.filter(|before| before.role == layer.role) {
            let key = (before.layer.revision, layer.layer.shape, method);
            let known = old.built.iter().find(|(known, _)| *known == key).map(|(_, built)| built.clone());
            let shares = match known {
                Some(shares) => shares,
                None => Arc::new(built_before(before, layer, method, progress)?),
            };
            kept.built.push((key, shares.clone()));
            built = Some(shares);
        }
        found.push((layer, overlaps, built));
    }
    let sources: Vec<LedgerSource<'_>> = found
        .iter()
        .map(|(layer, overlaps, built)| LedgerSource {
            layer,
            overlaps,
            built_before: built.as_ref().map(|built| built.as_slice()),
        })
        .collect();
    let ledger = Ledger::of_overlaps(&sources, tolerance, (scenario, notes));
    let land_use = state.land_use().and_then(|layer| Some((layer, layer.class_field?)));
    let overlaps = land_use.and_then(|(layer, _)| {
        let of_layer = found.iter().find(|(other, _, _)| other.layer.id == layer.layer.id);
        of_layer.map(|(_, overlaps, _)| overlaps.clone())
    });
    let figures = match land_use.zip(overlaps) {
        Some(((layer, field), overlaps)) => {
            let keys = [GroupKey { field, part: KeyPart::Whole }];
            let grouping = Grouping { layer: &layer.layer, keys: &keys };
            let classes = Classes::new(grouping, grouping, Level::AsGiven, None)?;
            let figures = LineFigures::new(&overlaps, &classes.of[0], classes.list.len());
            Some((classes.list, figures))
        }
        None => None,
    };
    let frame = found.first().map_or_else(String::new, |(_, overlaps, _)| overlaps.frame.clone());
    Ok(Conflicts { ledger, figures, method: (method, frame), state: state.clone(), kept })
}
