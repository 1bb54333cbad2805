//! Which states can be compared, and which two are likely meant.

use crate::model::GeometryKind;
use crate::model::roles::Role;
use crate::scenario::{Entry, Scenario, Workspace};
use crate::text::{Language, tr};
use crate::ui::session::Session;
use crate::ui::session::compare::By;
use crate::ui::session::compare::sides::{Side, Source};

impl Side {
    /// The state that `source` names now; `None` where it is gone.
    pub fn of(workspace: &Workspace, language: Language, source: Source) -> Option<Self> {
        let entry = workspace.entry(source.layer())?;
        let (layer, areas, state) = match source {
            Source::Layer(_) => {
                let own = workspace.shown_scenario().filter(|scenario| scenario.state(entry.id()).is_some());
                (entry.layer.clone(), entry.areas.clone(), own.map(|scenario| scenario.name.clone()))
            }
            Source::State(scenario, id) => {
                let name = match scenario {
                    Some(scenario) => workspace.scenarios.get(scenario)?.name.clone(),
                    None => tr(language, "ui.baseline").to_owned(),
                };
                let (layer, areas) = workspace.layer_in(scenario, id)?;
                (layer.clone(), areas.cloned(), Some(name))
            }
        };
        Some(Self {
            source,
            layer,
            areas,
            title: {
                let title = workspace.title_of(entry.id());
                state.map_or_else(|| title.clone(), |state| format!("{title} · {state}"))
            },
            class_field: entry.recognition.class_field.clone(),
            scheme: entry.scheme(),
        })
    }
}

/// A state with the layers of it that can be compared.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// Its name.
    pub name: String,
    /// Its layers, with their titles.
    pub layers: Vec<(Source, String)>,
}

/// What can be compared, state by state: the base with all polygon layers, those with classes first; each scenario with
/// its land use and what else it changed.
pub fn states(workspace: &Workspace, language: Language) -> Vec<State> {
    let polygons = || workspace.entries.iter().filter(|e| e.layer.kind == GeometryKind::Polygon);
    let entries: Vec<&Entry> =
        polygons().filter(|entry| is_land_use(entry)).chain(polygons().filter(|entry| !is_land_use(entry))).collect();
    let of = |scenario: Option<&Scenario>| {
        let own = |entry: &&&Entry| {
            scenario.is_none_or(|scenario| is_land_use(entry) || scenario.state(entry.id()).is_some())
        };
        let id = scenario.map(|scenario| scenario.id);
        let layers = entries.iter().filter(own);
        State {
            name: scenario.map_or_else(|| tr(language, "ui.baseline").to_owned(), |scenario| scenario.name.clone()),
            layers: layers.map(|entry| (Source::State(id, entry.id()), workspace.title_of(entry.id()))).collect(),
        }
    };
    let all = std::iter::once(of(None)).chain(workspace.scenarios.list().iter().map(|scenario| of(Some(scenario))));
    all.filter(|state| !state.layers.is_empty()).collect()
}

/// How many pairs of state and layer can be compared.
pub fn comparable_count(workspace: &Workspace, language: Language) -> usize {
    states(workspace, language).iter().map(|state| state.layers.len()).sum()
}

impl Source {
    /// The same as a state of a layer: what is shown is the state of the tab.
    pub fn as_state(self, workspace: &Workspace) -> Self {
        match self {
            Self::Layer(layer) => Self::State(workspace.scenarios.shown(), layer),
            state @ Self::State(..) => state,
        }
    }
}

fn is_land_use(entry: &Entry) -> bool {
    entry.class_field().is_some() && entry.role == Role::LandUse
}

/// The scenario that is shown against its base, by its land use before other layers: what it changed before what it has
/// as the base has it, what is drawn before what is not. `None` where it has no polygons, or the base is shown.
pub fn pair_of_shown(session: &Session) -> Option<[Source; 2]> {
    let workspace = &session.workspace;
    let scenario = workspace.shown_scenario()?;
    let changed = |entry: &Entry| scenario.state(entry.id()).is_some();
    let polygons = workspace.entries.iter().filter(|entry| entry.layer.kind == GeometryKind::Polygon);
    let own = polygons.filter(|entry| is_land_use(entry) || changed(entry));
    let entry = own.min_by_key(|entry| (!is_land_use(entry), !changed(entry), !workspace.is_drawn(entry)))?;
    Some([Source::State(None, entry.id()), Source::Layer(entry.id())])
}

/// The two states that are likely meant: the base and the scenario that is shown; else land use with the same class
/// field, the earlier year first; else any two polygon layers with the same class field.
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
    let file = entry.layer.provenance.path.file_name().map(crate::io::shown_path);
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
