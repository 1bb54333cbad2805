//! One state of the plan: the polygon layers that are true together, as the base or a scenario has them.
//!
//! Control lines, ledgers and rules are asked of a state. Copies share the layers, so that a state can go to another
//! thread. [`PlanState::of_scenario`] is the base or a scenario of a workspace; [`states_of`] tells base and scenario
//! apart where both lie in it as layers.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::model::classes::{self, Class, Scheme};
use crate::model::keys::{self, GroupKey, KeyPart};
use crate::model::roles::{Recognition, Role};
use crate::model::{Areas, GeometryKind, Layer, LayerId, Revision};
use crate::scenario::document::entry::Entry;
use crate::scenario::document::planned::{ScenarioId, Source};
use crate::scenario::document::workspace::Workspace;
use crate::text::Message;

/// A polygon layer of a state.
#[derive(Clone, Debug)]
pub struct StateLayer {
    /// Its name for users.
    pub title: String,
    /// What it is in planning terms.
    pub role: Role,
    /// The features.
    pub layer: Arc<Layer>,
    /// Their areas, where they are measured already.
    pub areas: Option<Arc<Areas>>,
    /// Field that holds the class of each feature.
    pub class_field: Option<usize>,
    /// Scheme of its codes.
    pub scheme: Option<Scheme>,
}

impl StateLayer {
    /// A layer of the workspace.
    pub fn of_entry(entry: &Entry) -> Self {
        Self {
            title: entry.title.clone(),
            role: entry.role,
            layer: entry.layer.clone(),
            areas: entry.areas.clone(),
            class_field: entry.class_field(),
            scheme: entry.scheme(),
        }
    }

    /// What its class field says of every feature; `None` without one.
    pub fn classes(&self) -> Option<FeatureClasses> {
        let key = GroupKey { field: self.class_field?, part: KeyPart::Whole };
        let mut classes = FeatureClasses { of: Vec::with_capacity(self.layer.feature_count()), ..Default::default() };
        let mut numbers: FxHashMap<Option<Arc<str>>, u32> = FxHashMap::default();
        for block in &self.layer.blocks {
            let (codes, texts) = keys::codes(block, block.geometry.feature_count(), &key);
            let places: Vec<u32> = texts
                .into_iter()
                .map(|text| {
                    *numbers.entry(text.clone()).or_insert_with(|| {
                        let resolved = self.scheme.and_then(|scheme| classes::resolve(scheme, text.as_deref()?));
                        classes.classes.push(resolved.map(|found| found.class));
                        classes.texts.push(text.unwrap_or_default());
                        classes.texts.len() as u32 - 1
                    })
                })
                .collect();
            classes.of.extend(codes.iter().map(|code| places[*code as usize]));
        }
        Some(classes)
    }
}

/// The classes of the features of a layer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeatureClasses {
    /// Texts of the class field, each once; empty for null.
    pub texts: Vec<Arc<str>>,
    /// The class that each text is a code of.
    pub classes: Vec<Option<Class>>,
    /// Place of each feature's text.
    pub of: Vec<u32>,
}

impl FeatureClasses {
    /// Text and class of a feature.
    pub fn get(&self, feature: usize) -> (&str, Option<Class>) {
        self.of.get(feature).map_or(("", None), |at| (&*self.texts[*at as usize], self.classes[*at as usize]))
    }

    /// Whether each text's features belong to what `member` says of its text and class.
    pub fn chosen(&self, member: impl Fn(&str, Option<Class>) -> bool) -> Vec<bool> {
        self.texts.iter().zip(&self.classes).map(|(text, class)| member(text, *class)).collect()
    }
}

/// A state of the plan.
#[derive(Clone, Debug, Default)]
pub struct PlanState {
    /// Its name for users; empty for the base.
    pub name: String,
    /// Its layers.
    pub layers: Vec<StateLayer>,
}

impl PlanState {
    /// The polygon layers among `entries`, in their order.
    pub fn of_entries<'a>(name: &str, entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        let polygons = entries.into_iter().filter(|entry| entry.layer.kind == GeometryKind::Polygon);
        Self { name: name.to_owned(), layers: polygons.map(StateLayer::of_entry).collect() }
    }

    /// A scenario of the workspace, or the base, whatever is shown. Layers that stand in for others in a scenario, and
    /// those that [`states_of`] takes for a scenario's, are no layers of the base.
    pub fn of_scenario(workspace: &Workspace, scenario: Option<ScenarioId>) -> Self {
        let plan = scenario.and_then(|id| workspace.scenarios.get(id));
        let stand_in = |id: LayerId| {
            workspace.scenarios.list().iter().any(|plan| match &plan.source {
                Source::Layers(layers) => layers.iter().any(|(_, other)| *other == id),
                Source::Forked => false,
            })
        };
        let entries: Vec<&Entry> = workspace.entries.iter().collect();
        let belongs = belongs(workspace, &entries, &[]);
        let own = entries
            .into_iter()
            .zip(belongs)
            .filter(|(entry, belongs)| matches!(belongs, Belongs::Base | Belongs::Both) && !stand_in(entry.id()));
        let entries: Vec<Entry> = own
            .filter_map(|(entry, _)| {
                let mut entry = workspace.base_entry(entry.id())?;
                if let Some(planned) = plan.and_then(|plan| plan.planned(entry.id())) {
                    (entry.layer, entry.areas) = (planned.state.layer().clone(), planned.areas.clone());
                    if let Some(recognition) = &planned.recognition {
                        entry.recognition = Recognition { role: entry.role, ..recognition.clone() };
                    }
                }
                Some(entry)
            })
            .collect();
        Self::of_entries(plan.map_or("", |plan| &plan.name), &entries)
    }

    /// The layers of a role.
    pub fn of_role(&self, role: Role) -> impl Iterator<Item = &StateLayer> {
        self.layers.iter().filter(move |layer| layer.role == role)
    }

    /// Its land use: the layer of that role, where there is exactly one.
    pub fn land_use(&self) -> Option<&StateLayer> {
        let mut layers = self.of_role(Role::LandUse);
        layers.next().filter(|_| layers.next().is_none())
    }
}

/// What tells whether figures of a state are still right: of each polygon layer the revisions in base and state, and
/// whether the latter is measured.
pub type StateKey = Vec<(LayerId, Revision, Revision, bool)>;

/// What figures of a state, a scenario or the base, depend on.
pub fn state_key(workspace: &Workspace, state: Option<ScenarioId>) -> StateKey {
    let polygons = workspace.entries.iter().filter(|entry| entry.layer.kind == GeometryKind::Polygon);
    let of = polygons.filter_map(|entry| {
        let (base, _) = workspace.base_of(entry.id())?;
        let (layer, areas) = workspace.layer_in(state, entry.id())?;
        Some((entry.id(), base.revision, layer.revision, areas.is_some()))
    });
    of.collect()
}

/// Why the states of a workspace cannot be told apart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// No layer or heading has the name given for the scenario.
    #[error("no layer {name:?}, expected one of: {}", layers.join(", "))]
    NoSuchLayer {
        /// The name.
        name: String,
        /// Titles of the polygon layers.
        layers: Vec<String>,
    },
    /// Several land-use layers, and nothing says which of them belongs to which state.
    #[error("several layers of land use, say which one is the scenario's: {}", .0.join(", "))]
    SeveralLandUses(Vec<String>),
}

impl StateError {
    /// The error as a message of the catalogue.
    pub fn message(&self) -> Message {
        match self {
            Self::NoSuchLayer { name, layers } => {
                Message::new("scenario.no-such-layer").with("name", name).with("layers", layers.join(", "))
            }
            Self::SeveralLandUses(layers) => {
                Message::new("scenario.several-land-uses").with("layers", layers.join(", "))
            }
        }
    }
}

/// What a layer is to the two states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Belongs {
    Base,
    Scenario,
    Both,
    Neither,
}

/// Base and scenario of a workspace in which both lie as layers.
///
/// The scenario's layers are those that `named` names, by title or by heading. Where nothing is named, they are the
/// ones under headings whose word begins with `plan` (`plan-2035`); where there is no such heading, of several layers
/// of one role with different years in their titles the last, and the base's is the first. A layer of the scenario
/// stands in the place of the base's layers of its role. All others belong to both states.
///
/// # Errors
/// [`StateError`] for a name that nothing has, and for several land-use layers in one state.
pub fn states_of(workspace: &Workspace, named: &[String]) -> Result<[PlanState; 2], StateError> {
    let polygons = workspace.entries.iter().filter(|entry| entry.layer.kind == GeometryKind::Polygon);
    // Whatever scenario is shown.
    let base: Vec<Entry> = polygons.filter_map(|entry| workspace.base_entry(entry.id())).collect();
    let entries: Vec<&Entry> = base.iter().collect();
    for name in named {
        if !entries.iter().any(|entry| is_named(workspace, entry, name)) {
            let layers = entries.iter().map(|entry| entry.title.clone()).collect();
            return Err(StateError::NoSuchLayer { name: name.clone(), layers });
        }
    }
    let belongs = belongs(workspace, &entries, named);
    let state = |name: &str, own: Belongs| {
        let chosen = entries.iter().zip(&belongs).filter(|(_, belongs)| **belongs == own || **belongs == Belongs::Both);
        PlanState::of_entries(name, chosen.map(|(entry, _)| *entry))
    };
    let scenario_name =
        entries.iter().zip(&belongs).find(|(_, belongs)| **belongs == Belongs::Scenario).map(|(entry, _)| {
            let (_, title) = heading(workspace, entry);
            if title.is_empty() { entry.title.clone() } else { title }
        });
    let states = [state("", Belongs::Base), state(&scenario_name.unwrap_or_default(), Belongs::Scenario)];
    for state in &states {
        let land_uses: Vec<String> = state.of_role(Role::LandUse).map(|layer| layer.title.clone()).collect();
        if land_uses.len() > 1 {
            return Err(StateError::SeveralLandUses(land_uses));
        }
    }
    Ok(states)
}

/// Word and title of an entry's heading.
fn heading(workspace: &Workspace, entry: &Entry) -> (String, String) {
    let group = workspace.group(&entry.group);
    (entry.group.clone(), group.map_or_else(String::new, |group| group.title.clone()))
}

/// Whether an entry, or its heading, has that name.
fn is_named(workspace: &Workspace, entry: &Entry, name: &str) -> bool {
    let (id, title) = heading(workspace, entry);
    [entry.title.as_str(), entry.layer.name.as_str(), &id, &title].contains(&name)
}

/// What each entry is to the two states.
fn belongs(workspace: &Workspace, entries: &[&Entry], named: &[String]) -> Vec<Belongs> {
    let mut marked: Vec<bool> = entries
        .iter()
        .map(|entry| match named {
            [] => entry.group.starts_with("plan"),
            named => named.iter().any(|name| is_named(workspace, entry, name)),
        })
        .collect();
    let by_year = !marked.contains(&true);
    let mut belongs = vec![Belongs::Both; entries.len()];
    for role in Role::ALL {
        let of_role: Vec<usize> = (0..entries.len()).filter(|at| entries[*at].role == role).collect();
        let years: Vec<Option<u16>> = of_role.iter().map(|at| year_of(&entries[*at].title)).collect();
        let order = in_years(&years);
        if let (true, Some(last)) = (by_year, order.last()) {
            marked[of_role[*last]] = true;
        }
        if of_role.iter().any(|at| marked[*at]) {
            for at in &of_role {
                belongs[*at] = if marked[*at] { Belongs::Scenario } else { Belongs::Base };
            }
        }
        if by_year && order.len() > 2 {
            order[1..order.len() - 1].iter().for_each(|at| belongs[of_role[*at]] = Belongs::Neither);
        }
    }
    belongs
}

/// The places of `years` in ascending order, where there are several and all differ; empty otherwise.
fn in_years(years: &[Option<u16>]) -> Vec<usize> {
    let mut order: Vec<(u16, usize)> = years.iter().enumerate().filter_map(|(at, year)| Some(((*year)?, at))).collect();
    order.sort_unstable();
    let differ = order.windows(2).all(|two| two[0].0 != two[1].0);
    if order.len() < 2 || order.len() < years.len() || !differ {
        return Vec::new();
    }
    order.into_iter().map(|(_, at)| at).collect()
}

/// The last year between 1900 and 2099 that stands in a title.
fn year_of(title: &str) -> Option<u16> {
    let runs = title.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() == 4);
    runs.filter_map(|run| run.parse().ok()).rfind(|year| (1900..2100).contains(year)) // runs of digits are numbers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::{OpenOptions, open_bytes};
    use crate::scenario::{By, draft};
    use crate::task::Progress;
    use crate::text::Language;

    /// A workspace of small layers by title, role and heading.
    fn workspace(layers: &[(&str, Role, &str)]) -> Workspace {
        let mut workspace = Workspace::new();
        for (title, role, group) in layers {
            let text = r#"{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[[117,36.8],[117.01,36.8],[117,36.81],[117,36.8]]]}}"#;
            let opened = open_bytes("a.geojson", text.as_bytes().to_vec(), &OpenOptions::default(), &Progress::new());
            let mut entry = Entry::recognised(Arc::new(opened.expect("opens").layers.remove(0)), 0);
            (*title).clone_into(&mut entry.title);
            entry.role = *role;
            (*group).clone_into(&mut entry.group);
            workspace.push_entry(entry);
        }
        workspace
    }

    /// Titles, sorted: the order of layers is no matter here.
    fn titles(state: &PlanState) -> Vec<&str> {
        sorted(&state.layers.iter().map(|layer| layer.title.as_str()).collect::<Vec<_>>())
    }

    fn sorted<'a>(titles: &[&'a str]) -> Vec<&'a str> {
        let mut titles = titles.to_vec();
        titles.sort_unstable();
        titles
    }

    fn check(layers: &[(&str, Role, &str)], named: &[&str], base: &[&str], scenario: &[&str]) {
        let named: Vec<String> = named.iter().map(|name| (*name).to_owned()).collect();
        let states = states_of(&workspace(layers), &named).expect("two states");
        assert_eq!((titles(&states[0]), titles(&states[1])), (sorted(base), sorted(scenario)), "{layers:?} {named:?}");
    }

    #[test]
    fn a_heading_of_the_plan_holds_the_scenario() {
        let land = Role::LandUse;
        let layers = [
            ("红线", Role::RedLine, "lines"),
            ("永农 2025", Role::BasicFarmland, "lines"),
            ("现状", land, "land-use"),
            ("永农 2035", Role::BasicFarmland, "plan-2035"),
            ("规划", land, "plan-2035"),
        ];
        check(&layers, &[], &["红线", "永农 2025", "现状"], &["红线", "永农 2035", "规划"]);
        // Only what is named differs from the base.
        check(&layers[..3], &[], &["红线", "永农 2025", "现状"], &["红线", "永农 2025", "现状"]);
        check(&layers, &["plan-2035"], &["红线", "永农 2025", "现状"], &["红线", "永农 2035", "规划"]);
    }

    #[test]
    fn years_tell_states_apart_where_no_heading_does() {
        let land = Role::LandUse;
        let layers = [("地类 2030", land, "a"), ("地类 2020", land, "a"), ("地类 2035", land, "a")];
        check(&layers, &[], &["地类 2020"], &["地类 2035"]);
        check(&layers[..2], &["地类 2020"], &["地类 2030"], &["地类 2020"]);
        let lines = [("红线 陆域", Role::RedLine, "a"), ("红线 海域", Role::RedLine, "a")];
        check(&lines, &[], &["红线 陆域", "红线 海域"], &["红线 陆域", "红线 海域"]);
    }

    #[test]
    fn what_nobody_can_tell_apart_is_asked() {
        let layers = [("甲", Role::LandUse, "a"), ("乙", Role::LandUse, "a")];
        let found = states_of(&workspace(&layers), &[]).expect_err("two land uses");
        assert_eq!(found, StateError::SeveralLandUses(vec!["甲".to_owned(), "乙".to_owned()]));
        let found = states_of(&workspace(&layers), &["丙".to_owned()]).expect_err("no such layer");
        assert!(matches!(&found, StateError::NoSuchLayer { name, layers } if name == "丙" && layers.len() == 2));
        check(&layers, &["乙"], &["甲"], &["乙"]);
    }

    /// A layer of two parcels with these classes.
    fn parcels(codes: [&str; 2]) -> Arc<Layer> {
        let square = |x: f64, code: &str| {
            let ring = format!("[{x},36.8],[{0},36.8],[{0},36.81],[{x},36.81],[{x},36.8]", x + 0.01);
            format!(
                r#"{{"type":"Feature","properties":{{"YDYHFLDM":"{code}"}},"geometry":{{"type":"Polygon","coordinates":[[{ring}]]}}}}"#
            )
        };
        let features = [square(117.0, codes[0]), square(117.01, codes[1])].join(",");
        let text = format!(r#"{{"type":"FeatureCollection","name":"dltb","features":[{features}]}}"#);
        let opened = open_bytes("dltb.geojson", text.into_bytes(), &OpenOptions::default(), &Progress::new());
        Arc::new(opened.expect("opens").layers.remove(0))
    }

    fn codes(state: &PlanState) -> Vec<String> {
        let layer = state.land_use().expect("land use");
        let classes = layer.classes().expect("classes");
        (0..layer.layer.feature_count()).map(|feature| classes.get(feature).0.to_owned()).collect()
    }

    #[test]
    fn scenarios_are_states_whatever_is_shown() {
        let mut workspace = Workspace::new();
        let base = workspace.add(parcels(["0101", "0701"]));
        let other = workspace.add(parcels(["0901", "0901"]));
        workspace.entry_mut(other).expect("open").role = Role::Other;
        let scheme = workspace.entry(base).and_then(Entry::scheme).expect("codes of a scheme");
        let class = Class::find(scheme, "1001").expect("a class");
        let draft = draft::recode(&workspace, base, &[0], class, Language::Chinese).expect("a draft");
        let forked = workspace.apply(draft, By::default()).expect("applied").scenario;
        let made = workspace.scenario_of_layers(&[(base, other)], Some("外来"), By::default()).expect("made");
        for shown in [None, Some(forked), Some(made)] {
            workspace.show(shown);
            let [of_base, of_fork, of_other] =
                [None, Some(forked), Some(made)].map(|id| PlanState::of_scenario(&workspace, id));
            assert_eq!(codes(&of_base), ["0101", "0701"], "{shown:?}");
            assert_eq!(codes(&of_fork), ["1001", "0701"], "{shown:?}");
            assert_eq!(codes(&of_other), ["0901", "0901"], "{shown:?}");
            assert_eq!((of_base.layers.len(), of_other.name.as_str()), (1, "外来"));
            // A recode leaves the geometry as it was, and with it all overlaps.
            let shape = |state: &PlanState| state.layers[0].layer.shape;
            assert_eq!(shape(&of_base), shape(&of_fork));
            assert_ne!(shape(&of_base), shape(&of_other));
        }
    }
}
