//! The figures of every scenario: comparison, control lines, rules, office tables, and the pictures of them.
//!
//! What cannot be worked out (land of two schemes, layers that are not there) is kept as the sentence that says why, and
//! the rest goes on.

use std::sync::Arc;

use super::maps;
use crate::model::classes::OtherGrassland;
use crate::model::keys::{GroupKey, KeyPart};
use crate::model::roles::Role;
use crate::model::{AreaMethod, Issue, Layer, LayerId};
use crate::overlay;
use crate::render::drawing::Drawing;
use crate::report::comparison::AtLevel;
use crate::report::office::accounts::{Accounts, CroplandBalance};
use crate::report::office::farmland;
use crate::report::office::occupied::{RedLines, occupied};
use crate::report::office::structure::{self, State};
use crate::report::office::wide;
use crate::report::{Picture, Table};
use crate::rules::{FactCache, Facts, Outcome, Rules, evaluate};
use crate::scenario::plan::conflicts::{Conflicts, Kept, conflicts};
use crate::scenario::plan_state::{PlanState, StateError, StateLayer, states_of};
use crate::scenario::transition::{
    Basis, Classes, CompareError, CompareOptions, Comparison, Grouping, Level, Matrix, Tolerance,
};
use crate::scenario::{Ridges, ScenarioId, Source, Workspace};
use crate::task::{Cancelled, Progress};
use crate::text::{Language, Message};

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Names of scenarios: saved ones, or layers and headings of the project; all saved ones where none is given.
    pub scenarios: Vec<String>,
    /// How areas are computed.
    pub method: AreaMethod,
    /// The rule that cropland is balanced by.
    pub accounts: Accounts,
    /// Whether maps and charts are drawn.
    pub with_pictures: bool,
    /// Red lines beside the project's own: name and polygons.
    pub red_lines: Vec<(String, Arc<Layer>)>,
}

/// Why there is no report at all.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum GatherError {
    /// The states cannot be told apart.
    #[error(transparent)]
    State(#[from] StateError),
    /// Nothing with areas is open.
    #[error("no polygons are open")]
    NoPolygons,
    /// The user cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl GatherError {
    /// The error as a message of the catalogue.
    pub fn message(&self) -> Message {
        match self {
            Self::State(error) => error.message(),
            Self::NoPolygons => Message::new("cli.no-polygons"),
            Self::Cancelled(_) => Message::new("cli.cancelled"),
        }
    }
}

/// Everything that the report says.
#[derive(Clone, Debug)]
pub struct Gathered {
    /// Name of the project.
    pub title: String,
    /// The note of its author.
    pub note: String,
    /// The base.
    pub base: PlanState,
    /// Its basic farmland.
    pub base_farmland: Option<FarmlandSum>,
    /// The scenarios.
    pub scenarios: Vec<OfScenario>,
    /// The rules, where the project has some.
    pub rules: Option<Rules>,
    /// How areas are computed.
    pub method: AreaMethod,
    /// What was found about the layers.
    pub issues: Vec<Issue>,
    pub(super) accounts: Accounts,
    pub(super) base_map: Option<Drawing>,
    /// Wide forms of survey statistics of the base, each with its word.
    pub(super) forms: Vec<(&'static str, Table)>,
}

/// What a scenario makes of the land.
#[derive(Clone, Debug)]
pub struct OfScenario {
    /// Its name.
    pub name: String,
    /// What its author says.
    pub note: String,
    /// Its layers.
    pub state: PlanState,
    /// Its land against that of the base, or why not.
    pub land: Result<Compared, Message>,
    /// Its control lines, or why not.
    pub conflicts: Result<Conflicts, Message>,
    /// How each rule stands.
    pub outcomes: Vec<Outcome>,
    /// Its basic farmland.
    pub farmland: Option<FarmlandSum>,
    /// Tables in the layouts of offices, each with its word.
    pub(super) office: Vec<(&'static str, Table)>,
    pub(super) maps: Vec<Picture>,
    pub(super) charts: Vec<Picture>,
}

/// Two states of land use compared, at the levels that their classes have: as given first, then first and second level and
/// the three big classes.
#[derive(Clone, Debug)]
pub struct Compared {
    /// Both laid over each other.
    pub comparison: Comparison,
    /// The matrices.
    pub levels: Vec<Arc<AtLevel>>,
}

/// Basic farmland of a state.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FarmlandSum {
    /// m², nothing deducted.
    pub gross_m2: f64,
    /// m² net of field ridges, where the layer states them.
    pub net_m2: Option<f64>,
}

impl Compared {
    /// The matrix at a level.
    pub fn at(&self, level: Level) -> Option<&AtLevel> {
        self.levels.iter().map(|at| &**at).find(|at| at.level == level)
    }

    /// The matrix of the classes as the fields have them.
    pub fn given(&self) -> &AtLevel {
        &self.levels[0]
    }

    /// The first level, or what there is.
    pub fn first(&self) -> &AtLevel {
        self.at(Level::Of(1)).unwrap_or(&self.levels[0])
    }
}

/// Works everything out.
///
/// # Errors
/// [`GatherError`] where states cannot be told apart, nothing is open, or the user cancelled.
pub fn gather(
    workspace: &Workspace,
    rules: Option<Rules>,
    asked: &Asked,
    language: Language,
    progress: &Progress,
) -> Result<Gathered, GatherError> {
    let (base, scenarios) = states(workspace, &asked.scenarios)?;
    if base.layers.is_empty() {
        return Err(GatherError::NoPolygons);
    }
    let cache = FactCache::default();
    let mut made = Vec::new();
    for (id, state) in scenarios {
        made.push(of_scenario(workspace, &base, (id, state), rules.as_ref(), asked, &cache, language, progress)?);
    }
    let base_map = match asked.with_pictures {
        true => maps::of_state(workspace, None, &base, language, progress)?,
        false => None,
    };
    let forms = match base.land_use().map(|land| wide::forms(land, asked.method, language, progress)) {
        Some(Ok(forms)) => forms,
        Some(Err(CompareError::Cancelled(cancelled))) => return Err(cancelled.into()),
        // Land that cannot be measured is said by what is compared.
        Some(Err(_)) | None => Vec::new(),
    };
    Ok(Gathered {
        forms,
        title: workspace.name.clone(),
        note: workspace.note_in(language),
        base_farmland: farmland_sum(&base, asked.method, progress)?,
        base,
        scenarios: made,
        rules,
        method: asked.method,
        issues: workspace.entries.iter().flat_map(crate::scenario::Entry::issues).collect(),
        accounts: asked.accounts,
        base_map,
    })
}

/// The base, and the scenarios that are asked for: saved ones, else the layers that are another state's.
fn states(
    workspace: &Workspace,
    named: &[String],
) -> Result<(PlanState, Vec<(Option<ScenarioId>, PlanState)>), StateError> {
    let saved = workspace.scenarios.list();
    let asked: Vec<_> = saved.iter().filter(|plan| named.is_empty() || named.contains(&plan.name)).collect();
    if !asked.is_empty() && asked.len() >= named.len() {
        let state = |id| (Some(id), PlanState::of_scenario(workspace, Some(id)));
        return Ok((PlanState::of_scenario(workspace, None), asked.iter().map(|plan| state(plan.id)).collect()));
    }
    let [base, scenario] = states_of(workspace, named)?;
    Ok((base, vec![(None, scenario)]))
}

fn of_scenario(
    workspace: &Workspace,
    base: &PlanState,
    (id, state): (Option<ScenarioId>, PlanState),
    rules: Option<&Rules>,
    asked: &Asked,
    cache: &FactCache,
    language: Language,
    progress: &Progress,
) -> Result<OfScenario, Cancelled> {
    let method = asked.method;
    let land = match (base.land_use(), state.land_use()) {
        (Some(before), Some(after)) => match compare(before, after, method, progress) {
            Err(CompareError::Cancelled(cancelled)) => return Err(cancelled),
            result => result.map_err(|error| error.message()),
        },
        _ => Err(Message::new("report.no-land-use")),
    };
    let of = (id, &workspace.scenarios.ledger);
    let found = conflicts(&state, Some(base), method, &Tolerance::default(), of, &Kept::default(), progress);
    let own_titles = stand_ins(workspace, id);
    let conflicts = match found {
        Err(CompareError::Cancelled(cancelled)) => return Err(cancelled),
        result => result.map(|found| titled(found, &own_titles)).map_err(|error| error.message()),
    };
    let facts = Facts::new(Some(base.clone()), state.clone(), method, cache);
    let outcomes = match rules {
        Some(rules) => evaluate(rules, &facts, progress)?,
        None => Vec::new(),
    };
    let office = office_tables(base, &state, land.as_ref().ok(), asked, language, progress)?;
    let (mut drawn, mut charts) = (Vec::new(), Vec::new());
    if asked.with_pictures {
        drawn.extend(maps::of_scenario(workspace, id, &state, land.as_ref().ok(), base, language, progress)?);
        charts.extend(land.iter().flat_map(|land| maps::charts(land, base, &state, language)));
    }
    let farmland = farmland_sum(&state, method, progress)?;
    // Rules name layers as the base does; people read what each is.
    let mut state = state;
    for layer in &mut state.layers {
        if let Some((_, title)) = own_titles.iter().find(|(id, _)| *id == layer.layer.id) {
            layer.title.clone_from(title);
        }
    }
    let plan = id.and_then(|id| workspace.scenarios.get(id));
    let name = if state.name.is_empty() { workspace.name.clone() } else { state.name.clone() };
    Ok(OfScenario {
        name,
        note: plan.map(|plan| plan.note.clone()).unwrap_or_default(),
        farmland,
        land,
        conflicts,
        outcomes,
        office,
        maps: drawn,
        charts,
        state,
    })
}

/// The titles of layers that stand in for others in a scenario, by either layer: a state has them by the titles of those
/// that they stand in for.
pub(super) fn stand_ins(workspace: &Workspace, scenario: Option<ScenarioId>) -> Vec<(LayerId, String)> {
    let plan = scenario.and_then(|id| workspace.scenarios.get(id));
    let Some(Source::Layers(layers)) = plan.map(|plan| &plan.source) else { return Vec::new() };
    let titled = |(base, other): &(LayerId, LayerId)| {
        let title = &workspace.entry(*other)?.title;
        Some([(*base, title.clone()), (*other, title.clone())])
    };
    layers.iter().filter_map(titled).flatten().collect()
}

/// Conflicts with layers by such titles.
pub(super) fn titled(mut found: Conflicts, titles: &[(LayerId, String)]) -> Conflicts {
    for row in &mut found.ledger.rows {
        if let Some((_, title)) = titles.iter().find(|(id, _)| *id == row.layer) {
            row.title.clone_from(title);
        }
    }
    found
}

/// The land of two states, at every level that there is.
pub(super) fn compare(
    before: &StateLayer,
    after: &StateLayer,
    method: AreaMethod,
    progress: &Progress,
) -> Result<Compared, CompareError> {
    let keys = |layer: &StateLayer| {
        let whole = |field| vec![GroupKey { field, part: KeyPart::Whole }];
        layer.class_field.map(whole).ok_or_else(|| CompareError::NoLevels { field: layer.title.clone() })
    };
    let keys = [keys(before)?, keys(after)?];
    let groupings = [(before, &keys[0]), (after, &keys[1])].map(|(layer, keys)| Grouping { layer: &layer.layer, keys });
    let given = Classes::new(groupings[0], groupings[1], Level::AsGiven, None)?;
    let options = CompareOptions { basis: Basis::Geometry(method), ..CompareOptions::default() };
    let comparison = Comparison::new(&before.layer, &after.layer, &options, progress)?;
    let at = |level: Level, classes: Classes| {
        Arc::new(AtLevel { level, matrix: Matrix::new(&comparison, &classes), classes })
    };
    let mut levels = vec![at(Level::AsGiven, given)];
    for level in [Level::Of(1), Level::Of(2), Level::Big(OtherGrassland::default())] {
        // Fields that hold no codes of a scheme have no levels, and plans have no big classes.
        if let Ok(classes) = Classes::new(groupings[0], groupings[1], level, None) {
            levels.push(at(level, classes));
        }
    }
    Ok(Compared { comparison, levels })
}

/// The basic farmland of a state; `None` where it has none that can be measured.
fn farmland_sum(state: &PlanState, method: AreaMethod, progress: &Progress) -> Result<Option<FarmlandSum>, Cancelled> {
    let mut sum: Option<FarmlandSum> = None;
    for layer in state.of_role(Role::BasicFarmland) {
        let areas = match &layer.areas {
            Some(areas) if areas.method == method => areas.clone(),
            _ => match overlay::measured(&layer.layer, method, progress) {
                Ok(areas) => Arc::new(areas),
                Err(crate::measure::MeasureError::Cancelled(cancelled)) => return Err(cancelled),
                // What cannot be measured is said by the control lines.
                Err(_) => continue,
            },
        };
        let gross = areas.exact_total().m2();
        let net = Ridges::of_layer(&layer.layer).map(|ridges| ridges.total(&areas, |_| true).net.m2());
        let sum = sum.get_or_insert_with(FarmlandSum::default);
        let net_before = sum.net_m2.or((sum.gross_m2 > 0.0).then_some(sum.gross_m2));
        sum.net_m2 = match (net_before, net) {
            (None, net) => net,
            (Some(before), net) => Some(before + net.unwrap_or(gross)),
        };
        sum.gross_m2 += gross;
    }
    Ok(sum)
}

/// The tables in the layouts of offices. One that cannot be made is left out: its layers are named among the issues.
fn office_tables(
    base: &PlanState,
    state: &PlanState,
    land: Option<&Compared>,
    asked: &Asked,
    language: Language,
    progress: &Progress,
) -> Result<Vec<(&'static str, Table)>, Cancelled> {
    let mut tables = Vec::new();
    if let Some(land) = land {
        let first = land.first();
        tables.push(("structure", structure::structure_table(&first.matrix, &first.classes, language)));
        if let Some(second) = land.at(Level::Of(2)) {
            for (word, state) in [("survey", State::Base), ("planned", State::Target)] {
                tables.push((word, structure::survey_table(&second.matrix, &second.classes, state, language)));
            }
        }
        let grassland = OtherGrassland::default();
        if let Some(big) = land.at(Level::Big(grassland)) {
            tables.push(("big", structure::big_table(&big.matrix, &big.classes, grassland.note_key(), language)));
        }
        if let (Some(before), Some(after)) = (base.land_use(), state.land_use()) {
            let layers = [&*before.layer, &*after.layer];
            let balance = CroplandBalance::new(&land.comparison, &land.given().classes, layers, asked.accounts);
            tables.push(("accounts", balance.table(language)));
        }
    }
    let own = state.layers.iter().filter(|layer| matches!(layer.role, Role::KeyProject | Role::Resettlement));
    let mut lines: Vec<RedLines<'_>> = asked.red_lines.iter().map(|(title, layer)| RedLines { title, layer }).collect();
    if lines.is_empty() {
        lines.extend(own.map(|layer| RedLines { title: &layer.title, layer: &layer.layer }));
    }
    let lines: Vec<RedLines<'_>> =
        lines.into_iter().filter(|line| line.layer.kind == crate::model::GeometryKind::Polygon).collect();
    let mut keep = |word: &'static str, made: Result<Option<Table>, CompareError>| match made {
        Err(CompareError::Cancelled(cancelled)) => Err(cancelled),
        Ok(Some(table)) => {
            tables.push((word, table));
            Ok(())
        }
        // What cannot be laid over each other is said by the control lines, which are of the same layers.
        Ok(None) | Err(_) => Ok(()),
    };
    if !lines.is_empty() {
        let taken = occupied(&lines, base, asked.method, progress);
        keep("occupied", taken.map(|taken| taken.map(|taken| taken.table(language))))?;
    }
    keep("farmland", farmland::replaced_table(base, state, asked.method, language, progress))?;
    keep("reserves", farmland::reserve_table(state, asked.method, language, progress))?;
    Ok(tables)
}
