//! An edited layer against its base without laying one over the other whole.
//!
//! Features that stayed lie on themselves. Only those that went are laid under those that came: the cost is that of the
//! edits.

use crate::model::{Areas, FeatureBlock, Layer};
use crate::overlay::{self, Pair, PairTable, Side};
use crate::scenario::compare::transition::{CompareError, Comparison, State, Tolerance};
use crate::scenario::document::state::LayerState;
use crate::task::Progress;

/// `state` against its base. `base` are the areas of the base, `areas` those of the state.
///
/// # Errors
/// [`CompareError`] where no frame holds both, or the user cancelled.
pub fn compare(
    state: &LayerState,
    base: &Areas,
    areas: &Areas,
    tolerance: Tolerance,
    progress: &Progress,
) -> Result<Comparison, CompareError> {
    let rows = state.rows();
    let kept_count = rows.feature_count() - rows.added().len();
    let side = |areas: &Areas| Side {
        own: areas.exact.clone(),
        only: vec![0.0; areas.exact.len()],
        twice: vec![0.0; areas.exact.len()],
        ..Side::default()
    };
    let mut sides = [side(base), side(areas)];
    let mut pairs: Vec<Pair> = (0..kept_count)
        .filter(|row| areas.exact[*row] != 0.0)
        .map(|row| Pair { a: rows.key(row), b: row as u32, m2: areas.exact[row], perimeter_m: 0.0 })
        .collect();
    let (out, into) = (gone(state), came(state));
    let mut issues = Vec::new();
    match (out, into) {
        (Some(out), Some(into)) => {
            let table = overlay::pairs(&out, &into, None, base.method, progress)?;
            let key = |row: u32| rows.retired()[row as usize];
            let row = |row: u32| kept_count as u32 + row;
            pairs.extend(table.pairs.iter().map(|pair| Pair { a: key(pair.a), b: row(pair.b), ..*pair }));
            for (at, found) in table.sides.into_iter().enumerate() {
                let place = |of: usize| if at == 0 { key(of as u32) } else { row(of as u32) } as usize;
                for of in 0..found.own.len() {
                    sides[at].only[place(of)] = found.only[of];
                    sides[at].twice[place(of)] = found.twice[of];
                }
                sides[at].issues = found.issues;
            }
            issues = table.issues;
        }
        (out, into) => {
            for key in rows.retired().iter().filter(|_| out.is_some()) {
                sides[0].only[*key as usize] = base.exact[*key as usize];
            }
            for row in (kept_count..rows.feature_count()).filter(|_| into.is_some()) {
                sides[1].only[row] = areas.exact[row];
            }
        }
    }
    pairs.sort_unstable_by_key(|pair| (pair.a, pair.b));
    let states = [base, areas].map(|areas| State {
        m2: areas.exact.clone(),
        printed: Some(areas.printed.clone()),
        issues: areas.issues.clone(),
        ..State::default()
    });
    Ok(Comparison {
        basis: base.method.name().to_owned(),
        table: PairTable { method: base.method, frame: base.frame.clone(), pairs, sides, bundles: Vec::new(), issues },
        states,
        tolerance,
        is_cut: false,
    })
}

/// The features of the base that went.
fn gone(state: &LayerState) -> Option<Layer> {
    let base = state.base();
    let retired = state.rows().retired();
    if retired.is_empty() {
        return None;
    }
    let mut blocks: Vec<FeatureBlock> = Vec::new();
    for (block, range) in base.blocks.iter().zip(base.starts.windows(2)) {
        let (start, end) = (range[0], range[1]);
        let rows: Vec<u32> = retired
            .iter()
            .filter(|key| (start..end).contains(&(**key as usize)))
            .map(|key| key - start as u32)
            .collect();
        if !rows.is_empty() {
            blocks.push(block.kept(&rows, start));
        }
    }
    Some(base.with_blocks(base.fields.clone(), blocks))
}

/// The features that came.
fn came(state: &LayerState) -> Option<Layer> {
    let layer = state.layer();
    let blocks = layer.blocks[state.base().blocks.len()..].to_vec();
    (!blocks.is_empty()).then(|| layer.with_blocks(layer.fields.clone(), blocks))
}
