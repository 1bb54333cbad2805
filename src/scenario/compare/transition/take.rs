//! What a red line takes of a layer, cut at its edge.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::CompareError;
use crate::model::keys::{self, GroupKey};
use crate::model::{AreaMethod, GeometryKind, Issue, Layer};
use crate::overlay;
use crate::scenario::compare::net::Ridges;
use crate::task::Progress;

/// What a red line takes of one layer. The polygons of the red line count as one: where they overlap, once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Taken {
    /// How areas were computed.
    pub method: AreaMethod,
    /// Name of the plane that edges are straight in.
    pub frame: String,
    /// The red line itself, m².
    pub line_m2: f64,
    /// What it takes of the layer, m²: never more than itself, since features of the layer that overlap count once.
    pub m2: f64,
    /// By how much the groups add up to more, m²: what features that overlap count too often.
    pub twice_m2: f64,
    /// What it takes net of field ridges, where the layer states them. Of features that overlap the mean share.
    pub net_m2: Option<f64>,
    /// Features of cropland that it meets and that state no share of ridges, so that they count gross in the net.
    pub unstated: u64,
    /// Features that it meets.
    pub pieces: u64,
    /// By the keys, in their order.
    pub groups: Vec<TakenGroup>,
    /// What could not take part of the layer.
    pub issues: Vec<Issue>,
    /// What was found about the red line itself.
    pub line_issues: Vec<Issue>,
}

/// Features with the same key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TakenGroup {
    /// One value for each key; `None` where the field is null.
    pub key: Vec<Option<Arc<str>>>,
    /// What is taken of them, m²; of features that overlap each.
    pub m2: f64,
    /// Features that the red line meets.
    pub pieces: u64,
}

/// What the polygons of `line` take of `layer`, by `keys` of the layer.
///
/// # Errors
/// [`CompareError`] where one of the two has no polygons, no way leads between the CRSs, or the user cancelled.
pub fn taken(
    line: &Layer,
    layer: &Layer,
    keys: &[GroupKey],
    method: AreaMethod,
    progress: &Progress,
) -> Result<Taken, CompareError> {
    if let Some(layer) = [line, layer].into_iter().find(|l| l.kind != GeometryKind::Polygon) {
        return Err(CompareError::NotPolygons(layer.name.clone()));
    }
    let table = overlay::cut_out(line, layer, method, progress)?;
    let ridges = Ridges::of_layer(layer);
    let mut taken = Taken {
        method,
        frame: table.frame,
        line_m2: table.sides[0].own.iter().sum(),
        m2: table.sides[0].own.iter().sum::<f64>() - table.sides[0].only.iter().sum::<f64>(),
        twice_m2: table.sides[0].twice.iter().sum(),
        net_m2: ridges.is_some().then_some(0.0),
        issues: table.issues,
        ..Taken::default()
    };
    let [of_line, of_layer] = table.sides;
    taken.line_issues = of_line.issues;
    taken.issues.extend(of_layer.issues);
    let columns: Vec<Vec<_>> = layer
        .blocks
        .iter()
        .map(|block| keys.iter().map(|key| keys::codes(block, block.geometry.feature_count(), key)).collect())
        .collect();
    let mut groups: FxHashMap<Vec<Option<Arc<str>>>, (f64, u64)> = FxHashMap::default();
    for pair in &table.pairs {
        let feature = pair.b as usize;
        let block = layer.starts.partition_point(|start| *start <= feature) - 1;
        let row = feature - layer.starts[block];
        let key = columns[block].iter().map(|(codes, texts)| texts[codes[row] as usize].clone()).collect();
        let group = groups.entry(key).or_default();
        group.0 += pair.m2;
        group.1 += 1;
        taken.pieces += 1;
        if let (Some(net), Some(ridges)) = (&mut taken.net_m2, &ridges) {
            *net += pair.m2 * (1.0 - ridges.shares[feature]);
            taken.unstated += u64::from(ridges.is_unstated(feature));
        }
    }
    // What counts twice counts once, with the mean of the shares of ridges.
    if let Some(net) = &mut taken.net_m2
        && taken.twice_m2 > 0.0
    {
        *net *= taken.m2 / (taken.m2 + taken.twice_m2);
    }
    taken.groups = groups.into_iter().map(|(key, (m2, pieces))| TakenGroup { key, m2, pieces }).collect();
    // Nulls last.
    taken.groups.sort_by(|a, b| {
        let rank = |group: &TakenGroup| group.key.iter().map(|v| (v.is_none(), v.clone())).collect::<Vec<_>>();
        rank(a).cmp(&rank(b))
    });
    Ok(taken)
}
