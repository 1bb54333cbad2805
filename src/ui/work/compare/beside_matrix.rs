//! Figures beside the matrix: the balance of every region, and all scenarios of a layer side by side. Worked out in the
//! background for the tab that shows them, and kept until what they came from changes.

use std::sync::Arc;

use crate::model::keys::{GroupKey, KeyPart};
use crate::model::roles::groupings;
use crate::overlay::audited;
use crate::report::Table;
use crate::report::transition::Printed;
use crate::report::transition::beside_matrix::{region_table, states_table};
use crate::scenario::transition::{Classes, Grouping, Level, Regions, StateSums};
use crate::scenario::{ScenarioId, Workspace};
use crate::task::Progress;
use crate::text::Message;
use crate::ui::session::Session;
use crate::ui::session::compare::Compare;
use crate::ui::session::compare::beside_matrix::{ByRegion, RegionKey, States, StatesKey};
use crate::ui::session::compare::shown::Shown;
use crate::ui::session::compare::sides::{Side, Source};
use crate::ui::session::parts::Tab;
use crate::ui::session::settings::Settings;
use crate::ui::work::compare::work::{keys, level};

/// Fields by which both states can be told apart into regions: those that land is usually summed by first.
pub fn region_fields(shown: &Shown) -> Vec<String> {
    let [base, scenario] = &shown.sides;
    let name = |field: usize| base.layer.fields[field].name.clone();
    let mut names: Vec<String> = groupings::all(&base.layer).into_iter().map(name).collect();
    names.extend(
        base.layer
            .fields
            .iter()
            .map(|field| field.name.clone())
            .filter(|name| !names.contains(name))
            .collect::<Vec<_>>(),
    );
    names.retain(|name| scenario.layer.field(name).is_some());
    names
}

/// The field that regions are told apart by.
pub fn region_field(compare: &Compare, shown: &Shown) -> Option<String> {
    let fields = region_fields(shown);
    let wanted = compare.beside_matrix.region_field.as_ref().filter(|name| fields.contains(name));
    wanted.cloned().or_else(|| fields.first().cloned())
}

/// Starts what is to be worked out, while its tab is open.
pub fn refresh(session: &mut Session) {
    session.compare.beside_matrix.by_region.poll();
    session.compare.beside_matrix.states.poll();
    if session.settings.tab != Tab::Balance || !session.settings.bottom_open {
        return;
    }
    refresh_regions(session);
    refresh_states(session);
}

fn refresh_regions(session: &mut Session) {
    let Some(shown) = session.compare.shown().cloned() else { return };
    let Some(field) = region_field(&session.compare, &shown) else { return };
    let beside_matrix = &mut session.compare.beside_matrix;
    let key = RegionKey { shown: shown.clone(), field: field.clone() };
    if beside_matrix.by_region.is_asked(&key) {
        return;
    }
    // What is being summed anew after an edit stays until then.
    beside_matrix.by_region.keep_if(|old| old.field == field);
    beside_matrix.by_region.start_hidden(&mut session.jobs, key, Message::new("compare.summing"), move |_| {
        by_region(&shown, &field).map(Arc::new).ok_or_else(|| Message::new("compare.no-regions"))
    });
}

fn by_region(shown: &Arc<Shown>, field: &str) -> Option<ByRegion> {
    let [base, scenario] = &shown.sides;
    let key = |side: &Side| Some([GroupKey { field: side.layer.field(field)?, part: KeyPart::Whole }]);
    let (base_key, scenario_key) = (key(base)?, key(scenario)?);
    let grouping = |side, keys| -> Grouping<'_> { Grouping { layer: side, keys } };
    let regions = Classes::new(
        grouping(&base.layer, &base_key[..]),
        grouping(&scenario.layer, &scenario_key[..]),
        Level::AsGiven,
        None,
    )
    .ok()?;
    let figures = Regions::new(&shown.comparison, &regions, shown.classes_of(), shown.classes.list.len());
    Some(ByRegion { shown: shown.clone(), list: regions.list, regions: figures })
}

fn refresh_states(session: &mut Session) {
    let Some(sources) = session.compare.sources else { return };
    let layer = sources[0].layer();
    let workspace = &session.workspace;
    let plans = workspace.scenarios.list().iter().filter(|plan| plan.state(layer).is_some());
    let plans: Vec<(Option<ScenarioId>, String)> = plans.map(|plan| (Some(plan.id), plan.name.clone())).collect();
    let all = std::iter::once((None, session.tr("ui.baseline").to_owned())).chain(plans);
    let states: Vec<_> = all
        .filter_map(|(id, name)| {
            let (state, _) = workspace.layer_in(id, layer)?;
            Some((id, name, state.revision))
        })
        .collect();
    let key = StatesKey { layer, states, by: session.compare.by.clone() };
    if session.compare.beside_matrix.states.is_asked(&key) {
        return;
    }
    let sides: Option<Vec<Side>> = key
        .states
        .iter()
        .map(|(id, _, _)| Side::of(&session.workspace, session.language(), Source::State(*id, layer)))
        .collect();
    let Some(sides) = sides else { return };
    let beside_matrix = &mut session.compare.beside_matrix;
    beside_matrix.states.keep_if(|old| old.layer == layer && old.states.len() == key.states.len() && old.by == key.by);
    let of = key.clone();
    beside_matrix.states.start_hidden(&mut session.jobs, key, Message::new("compare.summing"), move |progress| {
        states_of(&sides, &of, progress).map(Arc::new)
    });
}

fn states_of(sides: &[Side], key: &StatesKey, progress: &Progress) -> Result<States, Message> {
    let mut all_keys = Vec::new();
    let mut all_areas = Vec::new();
    let method = sides.iter().find_map(|side| side.areas.as_ref()).map(|areas| areas.method).unwrap_or_default();
    for side in sides {
        // A state that was never shown may not be measured yet.
        let areas = match side.areas.clone().filter(|areas| areas.method == method) {
            Some(areas) => areas,
            None => Arc::new(audited(&side.layer, method, progress).map_err(|error| error.message())?),
        };
        all_areas.push(areas);
        all_keys
            .push(keys(side, &key.by).ok_or_else(|| Message::new("compare.no-classes").with("layer", &side.title))?);
    }
    let measured: Vec<_> = sides
        .iter()
        .zip(&all_keys)
        .zip(&all_areas)
        .map(|((side, keys), areas)| (&*side.layer, &**areas, &keys[..]))
        .collect();
    let sums = StateSums::new(&measured, level(&key.by)).map_err(|error| error.message())?;
    let names = key.states.iter().map(|(_, name, _)| name.clone()).collect();
    let ids = key.states.iter().map(|(id, _, _)| *id).collect();
    Ok(States { layer: key.layer, ids, names, sums })
}

/// The comparison that is shown, where it is of two of the states: what it prints, states print the same.
pub struct Beside {
    /// The comparison.
    pub shown: Arc<Shown>,
    lines: Vec<Option<u32>>,
    states: [Option<usize>; 2],
}

impl Beside {
    /// What is shown beside `states`.
    pub fn of(workspace: &Workspace, compare: &Compare, states: &States) -> Option<Self> {
        let shown = compare.shown()?.clone();
        let place = |side: &Side| match side.source {
            Source::State(id, layer) if layer == states.layer => states.ids.iter().position(|known| *known == id),
            // As it is shown: by the scenario of the tab, where that has its own.
            Source::Layer(layer) if layer == states.layer => {
                let shown = workspace.scenarios.shown();
                let of = |id: Option<ScenarioId>| states.ids.iter().position(|known| *known == id);
                of(shown).or_else(|| of(None))
            }
            Source::State(..) | Source::Layer(_) => None,
        };
        let places = [place(&shown.sides[0]), place(&shown.sides[1])];
        let lines = states.sums.classes.iter().map(|class| shown.class_of_key(&class.key)).collect();
        (places != [None, None]).then_some(Self { shown, lines, states: places })
    }

    /// What it prints.
    pub fn printed(&self) -> Printed<'_> {
        Printed { matrix: &self.shown.matrix, lines: &self.lines, states: self.states }
    }
}

/// The balance of every region as a table.
pub fn regions_as_table(compare: &Compare, settings: &Settings) -> Option<Table> {
    let found = compare.beside_matrix.by_region.value()?;
    let field = region_field(compare, &found.shown)?;
    let unit = settings.area_unit;
    Some(region_table(
        &found.regions,
        &found.shown.matrix,
        &field,
        &found.list,
        &found.shown.classes.list,
        unit,
        settings.language,
    ))
}

/// All states side by side as a table.
pub fn states_as_table(session: &Session) -> Option<Table> {
    let states = session.compare.beside_matrix.states.value()?;
    let beside = Beside::of(&session.workspace, &session.compare, states);
    let printed = beside.as_ref().map(Beside::printed);
    Some(states_table(&states.sums, &states.names, session.settings.area_unit, printed, session.language()))
}
