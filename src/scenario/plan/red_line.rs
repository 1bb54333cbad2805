//! What a red line takes of a state of the plan: any polygon, drawn or opened, against all polygon layers at once.
//!
//! Land use is cut at the edge and summed by class, ownership and village; of control lines it is said what is in
//! conflict. Only features near the red line take part, so that an answer on a layer of a million comes at once.

pub mod closed;

use super::lines::LineKind;
use super::lines::region::{features_near, united};
use super::plan_state::{PlanState, StateLayer};
use crate::crs::Crs;
use crate::doctor;
use crate::model::keys::{GroupKey, KeyPart};
use crate::model::roles::{Role, groupings};
use crate::model::{AreaMethod, Layer, LayerId};
use crate::scenario::compare::transition::{CompareError, Taken, taken};
use crate::task::Progress;
use crate::text::Message;
use crate::units::format_number;

/// Less than the survey can print is no conflict, m².
const LEAST_M2: f64 = 0.005;

/// What a red line takes.
#[derive(Clone, Debug, Default)]
pub struct RedLine {
    /// How areas were computed.
    pub method: AreaMethod,
    /// Name of the plane that edges are straight in: that of the first layer.
    pub frame: String,
    /// The red line itself, m².
    pub m2: f64,
    /// What it takes of each layer that it meets, land use first.
    pub layers: Vec<LayerTaken>,
    /// What of it is in conflict with control lines.
    pub conflicts: Vec<LineConflict>,
    /// That it meets none of the layers, where it does not.
    pub beside: Option<Beside>,
    /// What is to be said of how it was read: that a closed line was taken as its area, or does not close.
    pub said: Vec<Message>,
}

/// A red line that meets none of the layers.
#[derive(Clone, Debug)]
pub struct Beside {
    /// What it is read in.
    pub crs: Crs,
    /// The nearest layer, and how far it is away in kilometres, where that can be told.
    pub nearest: Option<(String, f64)>,
}

impl Beside {
    /// A red line beside all of `layers`, which are given with their names.
    pub fn of<'a>(line: &Layer, layers: impl Iterator<Item = (&'a str, &'a Layer)>) -> Self {
        let distances = layers.filter_map(|(name, layer)| Some((name, doctor::apart_km(line, layer)?)));
        let nearest = distances.min_by(|a, b| a.1.total_cmp(&b.1));
        Self { crs: line.crs.clone(), nearest: nearest.map(|(name, km)| (name.to_owned(), km)) }
    }

    /// The sentence, with what to check.
    pub fn message(&self) -> Message {
        let Some((layer, km)) = &self.nearest else { return Message::new("cli.line-beside-all") };
        Message::new("cli.line-beside")
            .with("layer", layer)
            .with("km", format_number(*km, if *km < 10.0 { 1 } else { 0 }))
            .with_said("crs", |language| self.crs.label_in(language))
    }
}

/// What a red line takes of one layer.
#[derive(Clone, Debug)]
pub struct LayerTaken {
    /// The layer.
    pub layer: LayerId,
    /// Its title.
    pub title: String,
    /// What it is in planning terms.
    pub role: Role,
    /// Fields that it is summed by, in the order of the keys of the groups.
    pub keys: Vec<GroupKey>,
    /// Names of those fields.
    pub fields: Vec<String>,
    /// The figures.
    pub taken: Taken,
}

/// A conflict of a red line with a control line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LineConflict {
    /// The control line.
    pub kind: LineKind,
    /// m² in conflict: on the line, or outside of the development boundary.
    pub m2: f64,
    /// The same net of field ridges, where the line states them.
    pub net_m2: Option<f64>,
    /// Features of cropland in it that state no share of ridges: they count gross in the net.
    pub unstated: u64,
}

/// What is wrong with a red line on a layer of that role; `None` where nothing is.
pub fn conflict(role: Role, taken: &Taken) -> Option<LineConflict> {
    let kind = LineKind::of_role(role)?;
    let (m2, net_m2) = match kind {
        LineKind::Boundary => (taken.line_m2 - taken.m2, None),
        LineKind::Farmland => (taken.m2, taken.net_m2),
        LineKind::RedLine => (taken.m2, None),
    };
    let unstated = if net_m2.is_some() { taken.unstated } else { 0 };
    (m2 >= LEAST_M2).then_some(LineConflict { kind, m2, net_m2, unstated })
}

impl RedLine {
    /// What the polygons of `line` take of the layers of `state`, but for the layer `own` that they come from.
    ///
    /// # Errors
    /// As [`taken`].
    pub fn new(
        line: &Layer,
        state: &PlanState,
        own: Option<LayerId>,
        method: AreaMethod,
        progress: &Progress,
    ) -> Result<Self, CompareError> {
        let mut answer = Self { method, ..Self::default() };
        let others = state.layers.iter().filter(|layer| Some(layer.layer.id) != own);
        let (land_use, others): (Vec<&StateLayer>, Vec<_>) = others.partition(|layer| layer.role == Role::LandUse);
        for layer in land_use.into_iter().chain(others) {
            let keys = keys(layer);
            let near = features_near(&layer.layer, line)?;
            let taken = taken(line, &near, &keys, method, progress)?;
            if state.of_role(layer.role).filter(|other| Some(other.layer.id) != own).count() == 1 {
                answer.conflicts.extend(conflict(layer.role, &taken));
            }
            if answer.frame.is_empty() {
                answer.frame.clone_from(&taken.frame);
                answer.m2 = taken.line_m2;
            }
            if taken.pieces > 0 {
                answer.layers.push(LayerTaken {
                    layer: layer.layer.id,
                    title: layer.title.clone(),
                    role: layer.role,
                    fields: keys.iter().map(|key| layer.layer.fields[key.field].name.clone()).collect(),
                    keys,
                    taken,
                });
            }
        }
        // What several layers of one line cover is on it once.
        for kind in LineKind::ALL {
            let layers: Vec<&StateLayer> =
                state.of_role(kind.role()).filter(|layer| Some(layer.layer.id) != own).collect();
            let [first, _, ..] = layers[..] else { continue };
            let layers: Vec<&Layer> = layers.iter().map(|layer| &*layer.layer).collect();
            let (region, _) = united(&layers, &first.layer.crs)?;
            let taken = taken(line, &features_near(&region, line)?, &[], method, progress)?;
            answer.conflicts.extend(conflict(kind.role(), &taken));
        }
        answer.conflicts.sort_by_key(|conflict| conflict.kind);
        let others = || state.layers.iter().filter(|layer| Some(layer.layer.id) != own);
        if answer.m2 > 0.0 && answer.layers.is_empty() {
            answer.beside = Some(Beside::of(line, others().map(|layer| (layer.title.as_str(), &*layer.layer))));
        }
        Ok(answer)
    }
}

/// Class, ownership and village, as far as land use states them; nothing for other layers.
fn keys(layer: &StateLayer) -> Vec<GroupKey> {
    if layer.role != Role::LandUse {
        return Vec::new();
    }
    let fields = [layer.class_field, groupings::ownership(&layer.layer), groupings::village(&layer.layer)];
    let mut keys: Vec<GroupKey> = Vec::new();
    for field in fields.into_iter().flatten() {
        if keys.iter().all(|key| key.field != field) {
            keys.push(GroupKey { field, part: KeyPart::Whole });
        }
    }
    keys
}

impl LayerTaken {
    /// The figures summed by one of the keys: value, m² and pieces, the largest first.
    pub fn by(&self, key: usize) -> Vec<(Option<&str>, f64, u64)> {
        let mut sums: Vec<(Option<&str>, f64, u64)> = Vec::new();
        for group in &self.taken.groups {
            let value = group.key.get(key).and_then(Option::as_deref);
            match sums.iter_mut().find(|(known, _, _)| *known == value) {
                Some(sum) => {
                    sum.1 += group.m2;
                    sum.2 += group.pieces;
                }
                None => sums.push((value, group.m2, group.pieces)),
            }
        }
        sums.sort_by(|a, b| b.1.total_cmp(&a.1));
        sums
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::io::{OpenOptions, open_bytes};
    use crate::scenario::Entry;
    use crate::text::Language;

    /// Squares of 100 m in EPSG:4548 with a class, an owner and a village.
    fn squares(features: &[(f64, f64, &str, &str, &str)]) -> Layer {
        let texts: Vec<String> = features
            .iter()
            .map(|(column, row, class, right, village)| {
                let (x, y) = (500_000.0 + 100.0 * column, 4_070_000.0 + 100.0 * row);
                let (r, t) = (x + 100.0, y + 100.0);
                format!(
                    r#"{{"type":"Feature","properties":{{"DLBM":"{class}","QSXZ":"{right}","ZLDWMC":"{village}"}},
                    "geometry":{{"type":"Polygon","coordinates":[[[{x},{y}],[{r},{y}],[{r},{t}],[{x},{t}],[{x},{y}]]]}}}}"#
                )
            })
            .collect();
        let crs = r#"{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4548"}}"#;
        let text = format!(r#"{{"type":"FeatureCollection","crs":{crs},"features":[{}]}}"#, texts.join(","));
        let opened = open_bytes("a.geojson", text.into_bytes(), &OpenOptions::default(), &Progress::new());
        opened.expect("opens").layers.remove(0)
    }

    fn entry(title: &str, role: Role, layer: Layer) -> Entry {
        let mut entry = Entry::recognised(Arc::new(layer), 0);
        title.clone_into(&mut entry.title);
        entry.role = role;
        entry
    }

    #[test]
    fn a_red_line_is_cut_and_summed_by_class_owner_and_village() {
        let land = [
            (0.0, 0.0, "0101", "30", "张村"),
            (1.0, 0.0, "0103", "30", "李村"),
            (2.0, 0.0, "0701", "20", "李村"),
            (40.0, 0.0, "0701", "20", "远村"),
        ];
        let farmland = squares(&[(0.0, 0.0, "0101", "", "")]);
        let boundary = squares(&[(1.0, 0.0, "", "", ""), (2.0, 0.0, "", "", "")]);
        let entries = [
            entry("开发边界", Role::DevelopmentBoundary, boundary),
            entry("农田", Role::BasicFarmland, farmland),
            entry("图斑", Role::LandUse, squares(&land)),
            entry("红线", Role::RedLine, squares(&[(30.0, 0.0, "", "", "")])),
        ];
        let state = PlanState::of_entries("", &entries);
        // Half of the first square, all of the second, half of the third.
        let line = squares(&[(0.5, 0.0, "", "", ""), (1.5, 0.0, "", "", "")]);
        let answer = RedLine::new(&line, &state, None, AreaMethod::Planar, &Progress::new()).expect("an answer");
        let round = |m2: f64| (m2 * 100.0).round() / 100.0;
        assert_eq!(round(answer.m2), 20_000.0);
        let of_land = &answer.layers[0];
        assert_eq!(
            (of_land.title.as_str(), &of_land.fields[..]),
            ("图斑", &["DLBM", "QSXZ", "ZLDWMC"].map(String::from)[..])
        );
        let by = |key: usize| -> Vec<(String, f64, u64)> {
            of_land.by(key).into_iter().map(|(v, m2, n)| (v.unwrap_or("").to_owned(), round(m2), n)).collect()
        };
        assert_eq!(by(0)[0], ("0103".to_owned(), 10_000.0, 1));
        assert_eq!(by(1), [("30".to_owned(), 15_000.0, 2), ("20".to_owned(), 5_000.0, 1)]);
        assert_eq!(by(2), [("李村".to_owned(), 15_000.0, 2), ("张村".to_owned(), 5_000.0, 1)]);
        let conflicts: Vec<(LineKind, f64)> = answer.conflicts.iter().map(|c| (c.kind, round(c.m2))).collect();
        assert_eq!(conflicts, [(LineKind::Boundary, 5_000.0), (LineKind::Farmland, 5_000.0)]);
        // The layer that the red line comes from does not answer.
        let own = entries[2].id();
        let answer = RedLine::new(&line, &state, Some(own), AreaMethod::Planar, &Progress::new()).expect("an answer");
        assert!(answer.layers.iter().all(|layer| layer.layer != own));
        assert!(answer.beside.is_none());
        // 30 km to the east of everything.
        let far = squares(&[(300.0, 0.0, "", "", "")]);
        let answer = RedLine::new(&far, &state, None, AreaMethod::Planar, &Progress::new()).expect("an answer");
        let said = answer.beside.expect("is beside").message().text(Language::Chinese);
        assert!(said.contains("不与任何图层相交") && said.contains("图斑"), "{said}");
    }
}
