//! Control lines against the features of a layer: what lies on which side of them.
//!
//! [`LineOverlaps`] hold what costs time and depends on geometry alone: how much of each feature lies inside of each
//! line, and what of it is in conflict. They outlive a recode. [`LineFigures`] sum them by classes, and the [`Ledger`]
//! (占压台账) lists the features in conflict; both are quick, and made again after each edit.
//!
//! All layers of one line count as one region: what two of them cover is inside once. Areas are those of the two-layer
//! engine, along straight edges in the zone of the layer, vertices of the lines converted into its CRS.
//!
//! | file | holds |
//! |---|---|
//! | `region` | several layers as one region, or all that lies outside of it |
//! | `cut` | what a region has of each feature of a layer |
//! | `figures` | sums by class |
//! | `ledger` | rows of the ledger, their status and notes |
//! | `once` | land that features cover, counted once |
//! | `pieces` | where a conflict lies, as polygons |

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::plan_state::PlanState;
use crate::model::roles::Role;
use crate::model::{AreaMethod, Issue, Layer};
use crate::overlay;
use crate::scenario::compare::net::Ridges;
use crate::scenario::compare::transition::CompareError;
use crate::task::Progress;
use crate::text::{Language, tr};

pub mod cut;
pub mod figures;
pub mod ledger;
pub mod once;
mod pieces;
pub(in crate::scenario) mod region;

pub use cut::Cut;
pub use figures::{LineFigures, LineSum};
pub use ledger::{Ledger, LedgerNotes, LedgerRow, LedgerSource, built_before, concerned_layers};
pub use pieces::conflict_polygons;

/// A control line of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LineKind {
    /// 城镇开发边界: conflicts lie outside of it.
    Boundary,
    /// 永久基本农田: conflicts lie on it.
    Farmland,
    /// 生态保护红线: conflicts lie on it.
    RedLine,
}

impl LineKind {
    /// All lines, in the order of tables.
    pub const ALL: [Self; 3] = [Self::Boundary, Self::Farmland, Self::RedLine];

    /// Role of its layers.
    pub fn role(self) -> Role {
        match self {
            Self::Boundary => Role::DevelopmentBoundary,
            Self::Farmland => Role::BasicFarmland,
            Self::RedLine => Role::RedLine,
        }
    }

    /// The line of that role.
    pub fn of_role(role: Role) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.role() == role)
    }

    /// What a conflict with it is called: 突破城镇开发边界.
    pub fn conflict_title(self, language: Language) -> &'static str {
        tr(
            language,
            match self {
                Self::Boundary => "scenario.conflict-boundary",
                Self::Farmland => "scenario.conflict-farmland",
                Self::RedLine => "scenario.conflict-red-line",
            },
        )
    }
}

/// A control line as one state has it: its layers, which count as one region.
#[derive(Clone, Debug)]
pub struct ControlLine {
    /// Which line.
    pub kind: LineKind,
    /// Its layers, at least one.
    pub layers: Vec<Arc<Layer>>,
    /// Titles of those.
    pub titles: Vec<String>,
}

/// The control lines of a state.
pub fn control_lines(state: &PlanState) -> Vec<ControlLine> {
    let line = |kind: LineKind| {
        let (layers, titles) =
            state.of_role(kind.role()).map(|layer| (layer.layer.clone(), layer.title.clone())).unzip();
        ControlLine { kind, layers, titles }
    };
    let lines = LineKind::ALL.into_iter().map(line);
    lines.filter(|line| !line.layers.is_empty()).collect()
}

/// What each control line of `state` takes of the features `rows`, ascending, of one of its layers: sums over all of
/// them, one a line. A layer that is a control line itself is not held against itself. `None` where no line is left.
///
/// # Errors
/// As [`LineOverlaps::new`].
pub fn shares(
    state: &PlanState,
    layer: &Layer,
    rows: &[u32],
    method: AreaMethod,
    progress: &Progress,
) -> Result<Option<(LineFigures, String)>, CompareError> {
    let part = region::features(layer, rows);
    let mut lines = control_lines(state);
    lines.iter_mut().for_each(|line| line.layers.retain(|of_line| of_line.id != layer.id));
    lines.retain(|line| !line.layers.is_empty());
    if lines.is_empty() {
        return Ok(None);
    }
    let near = lines.iter().map(|line| region::near(line, &part)).collect::<Result<Vec<_>, _>>()?;
    let overlaps = LineOverlaps::new(&part, &near, method, progress)?;
    // No classes: everything is in the totals.
    Ok(Some((LineFigures::new(&overlaps, &[], 0), overlaps.frame)))
}

/// What of a feature is in conflict with a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece {
    /// The feature.
    pub feature: u32,
    /// m² in conflict.
    pub m2: f64,
    /// Mean width of that, by twice its area over its perimeter; `None` where the perimeter is not known, rough where
    /// polygons of the line lie on each other.
    pub width_m: Option<f64>,
}

/// One line against all features of a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct LineOverlap {
    /// Which line.
    pub kind: LineKind,
    /// m² of each feature.
    pub own: Vec<f64>,
    /// m² of each feature inside of the line.
    pub inside: Vec<f64>,
    /// The same net of the field ridges that the line's features state; `None` where they state none.
    pub net_inside: Option<Vec<f64>>,
    /// For each feature, how many of the line's features of cropland lie on it that state no share of ridges: they count
    /// gross in the net. Empty where there is no net.
    pub unstated: Vec<u32>,
    /// What is in conflict, by feature.
    pub conflicts: Vec<Piece>,
    /// The same figures with land that several features cover counted at the first of them; `None` where none is.
    pub once: Option<Once>,
    /// Of a line of several layers the titles of those that a feature in conflict lies on.
    pub lain_on: BTreeMap<u32, Vec<String>>,
    /// What could not take part.
    pub issues: Vec<Issue>,
}

/// Figures of a line in which land counts once, m² of each feature.
#[derive(Clone, Debug, PartialEq)]
pub struct Once {
    /// What no feature before it covers.
    pub own: Vec<f64>,
    /// Of that inside of the line.
    pub inside: Vec<f64>,
    /// Of that in conflict.
    pub conflict: Vec<f64>,
}

/// All lines against all features of a layer. Depends on geometry only.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LineOverlaps {
    /// How areas were computed.
    pub method: AreaMethod,
    /// Name of the plane that edges are straight in.
    pub frame: String,
    /// The lines, in the order given.
    pub lines: Vec<LineOverlap>,
}

impl LineOverlaps {
    /// Lays `lines` over `layer`.
    ///
    /// # Errors
    /// [`CompareError`] where a layer has no polygons, no way leads between two CRSs, or the user cancelled.
    pub fn new(
        layer: &Layer,
        lines: &[ControlLine],
        method: AreaMethod,
        progress: &Progress,
    ) -> Result<Self, CompareError> {
        let mut overlaps = Self { method, ..Self::default() };
        for line in lines {
            let (overlap, frame) = LineOverlap::new(layer, line, method, progress)?;
            overlaps.frame = frame;
            overlaps.lines.push(overlap);
        }
        Ok(overlaps)
    }

    /// The overlap with a line.
    pub fn line(&self, kind: LineKind) -> Option<&LineOverlap> {
        self.lines.iter().find(|line| line.kind == kind)
    }
}

impl LineOverlap {
    fn new(
        layer: &Layer,
        line: &ControlLine,
        method: AreaMethod,
        progress: &Progress,
    ) -> Result<(Self, String), CompareError> {
        let layers: Vec<&Layer> = line.layers.iter().map(|layer| &**layer).collect();
        let (region, mut issues) = region::united(&layers, &layer.crs)?;
        let outside = match line.kind {
            LineKind::Boundary => region::outside(&region, layer, method, progress)?,
            _ => None,
        };
        let is_outside = outside.is_some();
        let cut = Cut::of_region(outside.as_ref().unwrap_or(&region), layer, method, progress)?;
        issues.extend(cut.issues.iter().cloned());
        let conflicts = if line.kind == LineKind::Boundary && !is_outside {
            // Its polygons lie on each other: what is outside is known, but not how wide that is.
            let outside = cut.outside.iter().enumerate().filter(|(_, m2)| **m2 > 0.0);
            outside.map(|(feature, m2)| Piece { feature: feature as u32, m2: *m2, width_m: None }).collect()
        } else {
            let piece = |pair: &overlay::Pair| Piece { feature: pair.b, m2: pair.m2, width_m: Some(pair.width_m()) };
            cut.pieces.iter().map(piece).collect()
        };
        let net = match line.kind {
            LineKind::Farmland => net_inside(&region, &layers, layer, &cut, method, progress)?,
            _ => None,
        };
        let (net_inside, unstated) = net.map_or((None, Vec::new()), |(net, unstated)| (Some(net), unstated));
        let laid = outside.as_ref().unwrap_or(&region);
        let once =
            if cut.twice_m2 >= LEAST_M2 { once(layer, laid, line.kind, is_outside, method, progress)? } else { None };
        let lain_on = lain_on(line, layer, method, progress)?;
        let inside = if is_outside { cut.outside.clone() } else { cut.inside() };
        let (kind, own) = (line.kind, cut.own);
        let overlap = Self { kind, own, inside, net_inside, unstated, conflicts, once, lain_on, issues };
        Ok((overlap, cut.frame))
    }

    /// What of a piece in conflict no feature before it covers, m².
    pub fn conflict_once_m2(&self, piece: &Piece) -> f64 {
        self.once.as_ref().and_then(|once| once.conflict.get(piece.feature as usize)).copied().unwrap_or(piece.m2)
    }

    /// m² of a feature outside of the line.
    pub fn outside_m2(&self, feature: usize) -> f64 {
        self.own[feature] - self.inside[feature]
    }
}

/// Less than the survey can print is no overlap, m².
const LEAST_M2: f64 = 0.005;

/// The figures of a line with land counted once; `laid` is the line, or what lies outside of it.
fn once(
    layer: &Layer,
    laid: &Layer,
    kind: LineKind,
    is_outside: bool,
    method: AreaMethod,
    progress: &Progress,
) -> Result<Option<Once>, CompareError> {
    let Some(first) = overlay::first_cover(layer, laid, method, progress)? else { return Ok(None) };
    let rest: Vec<f64> = first.own.iter().zip(&first.inside).map(|(own, inside)| (own - inside).max(0.0)).collect();
    Ok(Some(match (kind, is_outside) {
        (_, true) => Once { own: first.own, inside: rest, conflict: first.inside },
        (LineKind::Boundary, false) => Once { own: first.own, inside: first.inside, conflict: rest },
        _ => Once { own: first.own, conflict: first.inside.clone(), inside: first.inside },
    }))
}

/// Titles of the layers that features lie on, of lines that are to be kept off and have several.
fn lain_on(
    line: &ControlLine,
    layer: &Layer,
    method: AreaMethod,
    progress: &Progress,
) -> Result<BTreeMap<u32, Vec<String>>, CompareError> {
    let mut lain_on: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    if line.kind == LineKind::Boundary || line.layers.len() < 2 {
        return Ok(lain_on);
    }
    for (of_line, title) in line.layers.iter().zip(&line.titles) {
        for piece in Cut::new(&[of_line], layer, method, progress)?.pieces.iter().filter(|piece| piece.m2 >= LEAST_M2) {
            lain_on.entry(piece.b).or_default().push(title.clone());
        }
    }
    Ok(lain_on)
}

/// What lies inside of basic farmland net of its ridges, m² of each feature, and how many features of cropland in it state
/// no share of them. Where farmland features lie on each other,
/// what they cover counts once, with the mean of their shares.
fn net_inside(
    region: &Layer,
    layers: &[&Layer],
    layer: &Layer,
    cut: &Cut,
    method: AreaMethod,
    progress: &Progress,
) -> Result<Option<(Vec<f64>, Vec<u32>)>, CompareError> {
    let ridges: Vec<Option<Ridges>> = layers.iter().map(|layer| Ridges::of_layer(layer)).collect();
    if ridges.iter().all(Option::is_none) {
        return Ok(None);
    }
    let starts =
        layers.iter().scan(0, |start, layer| Some(std::mem::replace(start, *start + layer.feature_count() as u32)));
    let starts: Vec<u32> = starts.collect();
    let lacking = ridges.iter().zip(&starts).flat_map(|(ridges, start)| {
        ridges.iter().flat_map(move |ridges| ridges.unstated.iter().map(move |feature| start + feature))
    });
    let lacking: FxHashSet<u32> = lacking.collect();
    let shares: Vec<f64> = ridges
        .into_iter()
        .zip(layers)
        .flat_map(|(ridges, layer)| ridges.map_or_else(|| vec![0.0; layer.feature_count()], |ridges| ridges.shares))
        .collect();
    let table = overlay::pairs(layer, region, None, method, progress)?;
    let mut net = vec![0.0; layer.feature_count()];
    let mut gross = vec![0.0; layer.feature_count()];
    let mut unstated = vec![0; layer.feature_count()];
    for pair in &table.pairs {
        net[pair.a as usize] += pair.m2 * (1.0 - shares[pair.b as usize]);
        gross[pair.a as usize] += pair.m2;
        unstated[pair.a as usize] += u32::from(lacking.contains(&pair.b));
    }
    let inside = cut.inside();
    for ((net, gross), inside) in net.iter_mut().zip(&gross).zip(&inside) {
        if *gross > 0.0 && *gross > *inside {
            *net *= inside / gross;
        }
    }
    Ok(Some((net, unstated)))
}

#[cfg(test)]
mod tests;
