//! The ledger of occupied lines (占压台账): one row a feature and line in conflict, with its status and note.
//!
//! Rows are made anew from the overlaps whenever something changed; what people decided about a row is kept apart, by
//! [`LedgerKey`]: the line by the word of its role, the feature by the title of its layer and its BSM or id; without one
//! by its row in the source and a hash of its geometry. So it outlives edits, and replaced files that keep their ids.

use std::collections::{BTreeMap, HashMap};

use super::{LineKind, LineOverlap, LineOverlaps, Piece};
use crate::io::hash_hex;
use crate::model::classes::Class;
use crate::model::roles::Role;
use crate::model::{AreaMethod, Issue, LayerId, Value};
use crate::overlay;
use crate::scenario::compare::transition::{CompareError, Tolerance};
use crate::scenario::document::ledger::{LedgerKey, LedgerNote, LedgerStatus};
use crate::scenario::document::planned::ScenarioId;
use crate::scenario::plan::plan_state::{FeatureClasses, PlanState, StateLayer};
use crate::task::Progress;
use crate::text::{Language, Message, tr};

/// Less than the survey can print is no conflict, m².
const LEAST_M2: f64 = 0.005;

/// What people decided about rows, by what they are about.
pub type LedgerNotes = BTreeMap<LedgerKey, LedgerNote>;

/// What the rows of one layer are made from.
#[derive(Clone, Copy, Debug)]
pub struct LedgerSource<'a> {
    /// The layer.
    pub layer: &'a StateLayer,
    /// The layer against the lines.
    pub overlaps: &'a LineOverlaps,
    /// Share of each feature that was construction land in the base already, by [`built_before`]; `None` without a base.
    pub built_before: Option<&'a [f64]>,
}

/// A feature in conflict with a line.
#[derive(Clone, Debug, PartialEq)]
pub struct LedgerRow {
    /// What it is about.
    pub key: LedgerKey,
    /// The line.
    pub line: LineKind,
    /// Title of the layer.
    pub title: String,
    /// The layer.
    pub layer: LayerId,
    /// The feature.
    pub feature: u32,
    /// Its id as shown: BSM, id, or row from 1.
    pub id: String,
    /// Text of its class field; empty without one.
    pub class_text: String,
    /// Its class.
    pub class: Option<Class>,
    /// Titles of the layers of the line that it lies on, where the line has several.
    pub lain_on: Vec<String>,
    /// m² in conflict.
    pub m2: f64,
    /// What of that counts in sums: not what rows before it, of its layer or of a copy of it, cover as well.
    pub once_m2: f64,
    /// Share of the feature that this is.
    pub share: f64,
    /// Share of the feature that was construction land in the base already: what a plan inherited is no conflict of its
    /// making. `None` where that is not known.
    pub built_before: Option<f64>,
    /// Mean width, where known.
    pub width_m: Option<f64>,
    /// Whether it is smaller or narrower than the tolerance.
    pub is_sliver: bool,
    /// What was decided.
    pub status: LedgerStatus,
    /// And why.
    pub note: String,
}

/// The ledger of a state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ledger {
    /// Its rows, the largest first.
    pub rows: Vec<LedgerRow>,
    /// What could not take part.
    pub issues: Vec<Issue>,
}

impl LedgerRow {
    /// What the conflict is, and with which layers where the line has several: 占用生态保护红线（红线二）.
    pub fn line_text(&self, language: Language) -> String {
        let title = self.line.conflict_title(language);
        if self.lain_on.is_empty() {
            return title.to_owned();
        }
        let layers = self.lain_on.join(tr(language, "scenario.list-comma"));
        Message::new("scenario.conflict-on").with("conflict", title).with("layers", layers).text(language)
    }
}

impl Ledger {
    /// The ledger of layers whose overlaps are known, as the one of `scenario` (`None`: of the base).
    pub fn of_overlaps(
        sources: &[LedgerSource<'_>],
        tolerance: &Tolerance,
        (scenario, notes): (Option<ScenarioId>, &LedgerNotes),
    ) -> Self {
        let mut ledger = Self::default();
        // Polygons seen in conflict with a line: a copy of a layer does not add to sums.
        let mut seen: HashMap<(LineKind, String), LayerId> = HashMap::new();
        for source in sources {
            let layer = source.layer;
            let of_layer =
                OfLayer { source, id_field: layer.layer.field("BSM"), classes: layer.classes().unwrap_or_default() };
            let built = of_layer.classes.chosen(|_, class| class.is_some_and(Class::is_construction));
            for line in &source.overlaps.lines {
                ledger.issues.extend(line.issues.iter().cloned());
                let first = ledger.rows.len();
                for piece in line.conflicts.iter().filter(|piece| piece.m2 >= LEAST_M2) {
                    let feature = piece.feature as usize;
                    // Of land use only construction land.
                    let concerned = layer.role != Role::LandUse
                        || of_layer.classes.of.get(feature).is_some_and(|class| built[*class as usize]);
                    if concerned {
                        let mut row = of_layer.row(line, piece, tolerance);
                        if sources.len() > 1 {
                            let first = *seen.entry((line.kind, shape_hash(layer, feature))).or_insert(layer.layer.id);
                            if first != layer.layer.id {
                                row.once_m2 = 0.0;
                            }
                        }
                        ledger.rows.push(row);
                    }
                }
                tell_apart(&mut ledger.rows[first..], layer);
            }
        }
        for row in &mut ledger.rows {
            row.key.scenario = scenario;
            if let Some(decided) = notes.get(&row.key) {
                row.status = decided.status;
                row.note.clone_from(&decided.note);
            }
        }
        ledger.rows.sort_by(|a, b| b.m2.total_cmp(&a.m2).then_with(|| a.key.cmp(&b.key)));
        ledger
    }

    /// Rows of that status, and the sum of their areas in m², land that several rows cover once.
    pub fn sum(&self, status: LedgerStatus) -> (usize, f64) {
        let rows = self.rows.iter().filter(|row| row.status == status);
        rows.fold((0, 0.0), |(count, m2), row| (count + 1, m2 + row.once_m2))
    }
}

/// The layers whose features can be in conflict: land use, where there is none construction land, key projects and
/// resettlement sites.
pub fn concerned_layers(state: &PlanState) -> Vec<&StateLayer> {
    let has_land_use = state.of_role(Role::LandUse).next().is_some();
    let concerns = |layer: &&StateLayer| match layer.role {
        Role::LandUse | Role::KeyProject | Role::Resettlement => true,
        Role::ConstructionLand => !has_land_use,
        _ => false,
    };
    state.layers.iter().filter(concerns).collect()
}

/// Share of each feature of `layer` that was construction land in the land use of the base, 0 to 1.
///
/// # Errors
/// As [`LineOverlaps::new`].
pub fn built_before(
    base: &StateLayer,
    layer: &StateLayer,
    method: AreaMethod,
    progress: &Progress,
) -> Result<Vec<f64>, CompareError> {
    let classes = base.classes().unwrap_or_default();
    let built = classes.chosen(|_, class| class.is_some_and(Class::is_construction));
    let was_built = |feature: usize| classes.of.get(feature).is_some_and(|class| built[*class as usize]);
    let count = layer.layer.feature_count();
    if base.layer.shape == layer.layer.shape {
        return Ok((0..count).map(|feature| f64::from(u8::from(was_built(feature)))).collect());
    }
    let table = overlay::pairs(&layer.layer, &base.layer, None, method, progress)?;
    let mut shares = vec![0.0; count];
    for pair in table.pairs.iter().filter(|pair| was_built(pair.b as usize)) {
        shares[pair.a as usize] += pair.m2;
    }
    for (share, own) in shares.iter_mut().zip(&table.sides[0].own) {
        *share = if *own > 0.0 { (*share / own).min(1.0) } else { 0.0 };
    }
    Ok(shares)
}

/// A layer whose rows are being made.
struct OfLayer<'a> {
    source: &'a LedgerSource<'a>,
    id_field: Option<usize>,
    classes: FeatureClasses,
}

impl OfLayer<'_> {
    fn row(&self, overlap: &LineOverlap, piece: &Piece, tolerance: &Tolerance) -> LedgerRow {
        let (line, own) = (overlap.kind, overlap.own[piece.feature as usize]);
        let layer = self.source.layer;
        let feature = piece.feature as usize;
        let id = self.id_field.and_then(|field| match layer.layer.value(feature, field) {
            Value::Null => None,
            value => Some(value.to_string()),
        });
        let id = id.or_else(|| layer.layer.feature_id(feature)).filter(|id| !id.is_empty());
        let (class_text, class) = self.classes.get(feature);
        let line_word = id.as_ref().map_or_else(|| by_row(layer, feature), |id| format!("{} {id}", layer.title));
        LedgerRow {
            key: LedgerKey { scenario: None, ledger: line.role().name().to_owned(), line: line_word },
            line,
            title: layer.title.clone(),
            layer: layer.layer.id,
            feature: piece.feature,
            id: id.unwrap_or_else(|| (layer.layer.source_row(feature) + 1).to_string()),
            class_text: class_text.to_owned(),
            class,
            lain_on: overlap.lain_on.get(&piece.feature).cloned().unwrap_or_default(),
            m2: piece.m2,
            once_m2: overlap.conflict_once_m2(piece),
            share: if own > 0.0 { (piece.m2 / own).min(1.0) } else { 0.0 },
            built_before: self.source.built_before.and_then(|shares| shares.get(feature)).copied(),
            width_m: piece.width_m,
            is_sliver: piece.m2 < tolerance.area.m2() || piece.width_m.is_some_and(|width| width < tolerance.width.m()),
            status: LedgerStatus::Open,
            note: String::new(),
        }
    }
}

/// Names features by row where two of a layer have the same id.
fn tell_apart(rows: &mut [LedgerRow], layer: &StateLayer) {
    let mut counts: HashMap<String, usize> = HashMap::new();
    rows.iter().for_each(|row| *counts.entry(row.key.line.clone()).or_default() += 1);
    for row in rows.iter_mut().filter(|row| counts[&row.key.line] > 1) {
        row.key.line = by_row(layer, row.feature as usize);
    }
}

/// A feature by its row in the source, from 1, and a hash of its geometry.
fn by_row(layer: &StateLayer, feature: usize) -> String {
    format!("{} #{} {}", layer.title, layer.layer.source_row(feature) + 1, shape_hash(layer, feature))
}

/// A hash of the geometry of a feature.
fn shape_hash(layer: &StateLayer, feature: usize) -> String {
    let (block, row) = layer.layer.locate(feature);
    let values = block.geometry.feature_coords(row).iter().flat_map(|c| [c.x, c.y]);
    let bytes: Vec<u8> = values.flat_map(|value| value.to_bits().to_le_bytes()).collect();
    hash_hex(&bytes)
}
