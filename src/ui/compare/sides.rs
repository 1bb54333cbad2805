//! Which states can be compared, and which two are likely meant.

use std::sync::Arc;

use super::By;
use crate::model::classes::Scheme;
use crate::model::roles::Role;
use crate::model::{Areas, GeometryKind, Layer, LayerId};
use crate::scenario::{Entry, ScenarioId};
use crate::ui::state::Session;

/// Where a state comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A layer of the workspace as it is shown.
    Layer(LayerId),
    /// A layer as the base (`None`) or a scenario has it, whatever is shown.
    State(Option<ScenarioId>, LayerId),
}

/// One of the two states.
#[derive(Clone, Debug)]
pub struct Side {
    /// Where it comes from.
    pub source: Source,
    /// The features.
    pub layer: Arc<Layer>,
    /// Their areas, once measured.
    pub areas: Option<Arc<Areas>>,
    /// What it is called.
    pub title: String,
    /// The field that holds the class of each feature.
    pub class_field: Option<String>,
    /// The scheme of its codes.
    pub scheme: Option<Scheme>,
}

impl Source {
    /// The layer that the state is one of.
    pub fn layer(self) -> LayerId {
        match self {
            Self::Layer(layer) | Self::State(_, layer) => layer,
        }
    }
}

impl Side {
    /// The state that `source` names now; `None` where it is gone.
    pub fn of(session: &Session, source: Source) -> Option<Self> {
        let workspace = &session.workspace;
        let entry = workspace.entry(source.layer())?;
        let (layer, areas, state) = match source {
            Source::Layer(_) => {
                let own = workspace.shown_scenario().filter(|scenario| scenario.state(entry.id()).is_some());
                (entry.layer.clone(), entry.areas.clone(), own.map(|scenario| scenario.name.clone()))
            }
            Source::State(scenario, id) => {
                let name = match scenario {
                    Some(scenario) => workspace.scenarios.get(scenario)?.name.clone(),
                    None => session.tr("ui.baseline").to_owned(),
                };
                let (layer, areas) = workspace.layer_in(scenario, id)?;
                (layer.clone(), areas.cloned(), Some(name))
            }
        };
        Some(Self {
            source,
            layer,
            areas,
            title: state.map_or_else(|| entry.title.clone(), |state| format!("{} · {state}", entry.title)),
            class_field: entry.recognition.class_field.clone(),
            scheme: entry.scheme(),
        })
    }
}

/// What can be compared: polygon layers, those with classes first.
pub fn comparable(session: &Session) -> Vec<(Source, String)> {
    let polygons = || session.workspace.entries.iter().filter(|e| e.layer.kind == GeometryKind::Polygon);
    let with_classes = polygons().filter(|entry| is_land_use(entry));
    let others = polygons().filter(|entry| !is_land_use(entry));
    let mut list = Vec::new();
    for entry in with_classes.chain(others) {
        let id = entry.id();
        let plans = session.workspace.scenarios.list().iter().filter(|scenario| scenario.state(id).is_some());
        let states: Vec<Source> = plans.map(|scenario| Source::State(Some(scenario.id), id)).collect();
        let own = [Source::Layer(id)].into_iter();
        let base = (!states.is_empty()).then_some(Source::State(None, id));
        list.extend(own.chain(base).chain(states));
    }
    let titled = |source| Side::of(session, source).map(|side| (source, side.title));
    list.into_iter().filter_map(titled).collect()
}

fn is_land_use(entry: &Entry) -> bool {
    entry.class_field().is_some() && entry.role == Role::LandUse
}

/// The scenario that is shown against the base that it came from, by its land use before other layers; `None` where it
/// changes no polygons, or the base is shown.
pub fn pair_of_shown(session: &Session) -> Option<[Source; 2]> {
    let scenario = session.workspace.shown_scenario()?;
    let planned = session.workspace.entries.iter().filter(|entry| scenario.state(entry.id()).is_some());
    let planned = planned.filter(|entry| entry.layer.kind == GeometryKind::Polygon);
    let entry = planned.min_by_key(|entry| !is_land_use(entry))?;
    Some([Source::State(None, entry.id()), Source::Layer(entry.id())])
}

/// The two states that are likely meant: the base and the scenario that is shown; else land use with the same class field, the earlier year first; else any two
/// polygon layers with the same class field.
pub fn likely_pair(session: &Session) -> Option<[Source; 2]> {
    if let Some(pair) = pair_of_shown(session) {
        return Some(pair);
    }
    let candidates: Vec<&Entry> =
        session.workspace.entries.iter().filter(|e| e.layer.kind == GeometryKind::Polygon).collect();
    let field = |entry: &Entry| entry.recognition.class_field.clone();
    let alike = |a: &Entry, b: &Entry| {
        let fields = field(a).zip(field(b));
        fields.is_some_and(|(a, b)| a.eq_ignore_ascii_case(&b)) && a.scheme() == b.scheme()
    };
    let mut pairs: Vec<(bool, &Entry, &Entry)> = Vec::new();
    for (at, one) in candidates.iter().enumerate() {
        for other in &candidates[at + 1..] {
            if alike(one, other) {
                pairs.push((is_land_use(one) && is_land_use(other), one, other));
            }
        }
    }
    let (_, one, other) = pairs.iter().find(|(land_use, ..)| *land_use).or_else(|| pairs.first())?;
    // The tree lists what is drawn on top first: without years, what lies below is the base.
    let (base, scenario) = match (year(one), year(other)) {
        (Some(a), Some(b)) if a < b => (one, other),
        _ => (other, one),
    };
    Some([Source::Layer(base.id()), Source::Layer(scenario.id())])
}

/// The year that a layer's title, name or file speaks of; the last one where there are several.
fn year(entry: &Entry) -> Option<u32> {
    let file = entry.layer.provenance.path.file_name().map(|name| name.to_string_lossy().into_owned());
    [entry.title.clone(), entry.layer.name.clone(), file.unwrap_or_default()].iter().find_map(|text| year_in(text))
}

fn year_in(text: &str) -> Option<u32> {
    let runs = text.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() == 4);
    runs.filter_map(|run| run.parse().ok()).rfind(|year| (1949..2100).contains(year)) // four digits are a number
}

/// What classes are likely wanted: those of the second level, where both have a scheme.
pub fn likely_by(base: &Side, scenario: &Side) -> By {
    match (base.scheme, scenario.scheme) {
        (Some(_), Some(_)) => By::Level(2),
        _ if base.class_field.is_some() && scenario.class_field.is_some() => By::Class,
        _ => common_fields(base, scenario).first().map_or(By::Class, |field| By::Field(field.clone())),
    }
}

/// What classes the two states offer.
pub fn groupings(base: &Side, scenario: &Side) -> Vec<By> {
    let mut list = Vec::new();
    if let (Some(a), Some(b)) = (base.scheme, scenario.scheme) {
        list.extend([1, 2, 3].map(By::Level));
        if !a.is_plan() && !b.is_plan() {
            list.push(By::Big);
        }
    }
    if base.class_field.is_some() && scenario.class_field.is_some() {
        list.push(By::Class);
    }
    list.extend(common_fields(base, scenario).into_iter().map(By::Field));
    list
}

/// Names of the fields that both have, in the order of the base.
fn common_fields(base: &Side, scenario: &Side) -> Vec<String> {
    let both = base.layer.fields.iter().filter(|field| scenario.layer.field(&field.name).is_some());
    both.map(|field| field.name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_are_read_from_names() {
        for (text, year) in [
            ("地类图斑 2025", Some(2025)),
            ("dltb_2035.geojson.gz", Some(2035)),
            ("现状2020-规划2035", Some(2035)),
            ("EPSG 45270", None),
            ("1204", None),
            ("方案A", None),
        ] {
            assert_eq!(year_in(text), year, "{text}");
        }
    }
}
