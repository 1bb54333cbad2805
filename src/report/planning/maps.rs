//! Maps of the states and of what changes, and charts of the flows, as drawings.
//!
//! A map shows the layers of one state as the project draws them, its land use with a legend of first-level classes. On the
//! map of changes the land before is faded, and what becomes another class is drawn in the colours of what it becomes.

use std::sync::Arc;

use super::gather::{Compared, stand_ins};
use crate::crs::Crs;
use crate::model::classes::{self, Class};
use crate::model::roles::Role;
use crate::model::style::{Color, defaults};
use crate::model::{GeometryKind, LayerId};
use crate::render::MapView;
use crate::render::chart::ChartColors;
use crate::render::drawing::Drawing;
use crate::render::lettering::Typeface;
use crate::render::scene::Scene;
use crate::render::sheet::{self, LegendRow};
use crate::report::Picture;
use crate::report::transition::pictures::{change_chart, flow_chart};
use crate::scenario::plan_state::{PlanState, StateLayer};
use crate::scenario::transition::ClassKey;
use crate::scenario::transition::pieces::{self, Wanted};
use crate::scenario::{Entry, ScenarioId, Workspace};
use crate::task::{Cancelled, Progress};
use crate::text::{Language, Message, tr};
use crate::units::AreaUnit;

/// Size of a map, high enough for a legend of all first-level classes in one column, and pixels a pixel of it.
const SIZE_PX: [f64; 2] = [660.0, 620.0];
const SHARPNESS: f32 = 2.0;
/// Free pixels around everything.
const MARGIN_PX: f64 = 12.0;
/// How much of the land before is seen below what changes.
const FADED: f32 = 0.28;
/// Pieces of change that a map shows; more are no picture.
const MOST_PIECES: usize = 300_000;
/// Width of charts.
const CHART_WIDTH: f32 = 900.0;

/// The map of a state; `None` where nothing of it can be drawn.
///
/// # Errors
/// [`Cancelled`].
pub(super) fn of_state(
    workspace: &Workspace,
    id: Option<ScenarioId>,
    state: &PlanState,
    language: Language,
    progress: &Progress,
) -> Result<Option<Drawing>, Cancelled> {
    let shown = shown(workspace, id, state);
    let classes = state.land_use().map(first_classes).unwrap_or_default();
    drawn(&shown, &classes, title(workspace, state, language), language, progress)
}

/// The map of a scenario, and that of what it changes.
///
/// # Errors
/// [`Cancelled`].
pub(super) fn of_scenario(
    workspace: &Workspace,
    id: Option<ScenarioId>,
    state: &PlanState,
    land: Option<&Compared>,
    base: &PlanState,
    language: Language,
    progress: &Progress,
) -> Result<Vec<Picture>, Cancelled> {
    let caption = |key: &'static str| Message::new(key).with("scenario", &state.name).text(language);
    let mut pictures = Vec::new();
    if let Some(drawing) = of_state(workspace, id, state, language, progress)? {
        pictures.push(Picture { caption: caption("report.map-scenario"), drawing });
    }
    if let Some(land) = land
        && let Some(drawing) = of_changes(workspace, land, base, state, language, progress)?
    {
        pictures.push(Picture { caption: caption("report.map-changes"), drawing });
    }
    Ok(pictures)
}

/// Flows between classes, and what each gains or loses.
pub(super) fn charts(land: &Compared, base: &PlanState, state: &PlanState, language: Language) -> Vec<Picture> {
    let at = land.first();
    let color_of = |class: u32| {
        let known = at.classes.list.get(class as usize).and_then(|class| class.class);
        known.map_or(ChartColors::PAPER.muted, Class::color)
    };
    let name = |state: &PlanState, key: &str| {
        if state.name.is_empty() { tr(language, key).to_owned() } else { state.name.clone() }
    };
    let (before, after) = (name(base, "report.base"), name(state, "report.scenario"));
    let colors = &ChartColors::PAPER;
    let unit = AreaUnit::Mu;
    let titles = ["", before.as_str(), after.as_str()];
    let list: &[ClassKey] = &at.classes.list;
    let flows = flow_chart(&at.matrix, list, &color_of, titles, unit, CHART_WIDTH, colors, language);
    let bars = change_chart(&at.matrix, list, &color_of, "", unit, CHART_WIDTH, colors, language);
    let caption = |key: &'static str| Message::new(key).with("scenario", &after).text(language);
    vec![
        Picture { caption: caption("report.chart-flows"), drawing: flows.chart.drawing },
        Picture { caption: caption("report.chart-changes"), drawing: bars.drawing },
    ]
}

/// The workspace with the layers of one state drawn, and nothing of others.
fn shown(workspace: &Workspace, id: Option<ScenarioId>, state: &PlanState) -> Workspace {
    let mut shown = workspace.clone();
    shown.show(id);
    let own: Vec<LayerId> = state.layers.iter().map(|layer| layer.layer.id).collect();
    let was_drawn: Vec<bool> = shown.entries.iter().map(|entry| shown.is_drawn(entry)).collect();
    for (entry, was_drawn) in shown.entries.iter_mut().zip(was_drawn) {
        entry.visible = match entry.layer.kind {
            // What a heading hides may be the whole scenario.
            GeometryKind::Polygon => {
                own.contains(&entry.id()) && (entry.visible || was_drawn || entry.role == Role::LandUse)
            }
            _ => was_drawn,
        };
    }
    // What stands in for another is called by its own name.
    for (layer, title) in stand_ins(workspace, id) {
        if let Some(entry) = shown.entry_mut(layer) {
            entry.title = title;
        }
    }
    shown.groups.iter_mut().for_each(|group| group.visible = true);
    shown.note.clear();
    shown
}

/// The map of what changes; `None` where nothing does, or too much.
fn of_changes(
    workspace: &Workspace,
    land: &Compared,
    base: &PlanState,
    state: &PlanState,
    language: Language,
    progress: &Progress,
) -> Result<Option<Drawing>, Cancelled> {
    let (Some(before), Some(after)) = (base.land_use(), state.land_use()) else { return Ok(None) };
    let classes_of = &land.given().classes;
    let class = |side: usize, feature: u32| classes_of.of[side][feature as usize];
    let pairs: Vec<_> = land
        .comparison
        .table
        .pairs
        .iter()
        .filter(|pair| class(0, pair.a) != class(1, pair.b) && !land.comparison.tolerance.is_sliver(pair))
        .copied()
        .collect();
    if pairs.is_empty() || pairs.len() > MOST_PIECES {
        return Ok(None);
    }
    let wanted = Wanted { pairs, ..Wanted::default() };
    let value = |side: usize, feature: u32| classes_of.list[class(side, feature) as usize].value.clone();
    let layers = [&*before.layer, &*after.layer];
    let changed = match pieces::as_layer(layers, &land.comparison, &wanted, &value, progress) {
        Ok(layer) => layer,
        Err(crate::measure::MeasureError::Cancelled(cancelled)) => return Err(cancelled),
        // Both were laid over each other: a picture is not worth another word.
        Err(_) => return Ok(None),
    };
    let Some(field) = changed.field("to") else { return Ok(None) };
    let used = classes::used_codes(&changed, field, None);
    let mut entry = Entry::recognised(Arc::new(changed), 0);
    entry.style = defaults::by_values("to", after.scheme, used, GeometryKind::Polygon);
    entry.style.labels = None;
    entry.role = Role::Other;
    let mut shown = shown(workspace, None, base);
    let Some(at) = shown.index_of(before.layer.id) else { return Ok(None) };
    shown.entries[at].style.opacity = FADED;
    entry.group.clone_from(&shown.entries[at].group);
    shown.entries.insert(at, entry);
    let mut becomes: Vec<Class> = classes_of
        .list
        .iter()
        .enumerate()
        .filter(|(at, _)| wanted.pairs.iter().any(|pair| class(1, pair.b) as usize == *at))
        .filter_map(|(_, key)| Some(key.class?.at_level(1)))
        .collect();
    becomes.sort_by_key(|class| class.order());
    becomes.dedup();
    let title = format!("{} {}", title(workspace, state, language), tr(language, "layout.map-changes"));
    drawn(&shown, &becomes, title, language, progress)
}

fn title(workspace: &Workspace, state: &PlanState, language: Language) -> String {
    let state_name = if state.name.is_empty() { tr(language, "report.base") } else { state.name.as_str() };
    format!("{} {state_name}", workspace.name).trim().to_owned()
}

/// First-level classes of a layer, in the order of the standard.
fn first_classes(layer: &StateLayer) -> Vec<Class> {
    let found = layer.classes().unwrap_or_default();
    let mut classes: Vec<Class> = found.classes.into_iter().flatten().map(|class| class.at_level(1)).collect();
    classes.sort_by_key(|class| class.order());
    classes.dedup();
    classes
}

/// The map of what is drawn, with a legend of `classes` for the land and a row for every other layer.
fn drawn(
    workspace: &Workspace,
    classes: &[Class],
    title: String,
    language: Language,
    progress: &Progress,
) -> Result<Option<Drawing>, Cancelled> {
    let mut workspace = workspace.clone();
    let crs = workspace.crs.clone().unwrap_or_else(Crs::cgcs2000);
    workspace.crs = Some(crs.clone());
    let mut scene = Scene::of_workspace(&workspace, &crs, progress)?;
    if scene.layers.is_empty() {
        return Ok(None);
    }
    let typeface = Typeface::bundled();
    let view = MapView::fit(&scene.extent(), SIZE_PX, MARGIN_PX);
    scene.show_at(view.scale_denominator(crs.metres_per_unit_on_map()));
    scene.write_areas_in(AreaUnit::Mu, language);
    scene.label(&view, &typeface);
    let mut sheet = scene.sheet(&workspace, &view, title, &|_| String::new(), language);
    sheet.state.clear();
    // How large the map comes out is said by what it stands in: only its bar is true there.
    let note = Message::new("report.map-note").with_said("crs", |language| crs.label_in(language));
    sheet.notes = vec![note.text(language)];
    sheet.legend = legend(&workspace, &scene, classes, language);
    sheet::drawing(&sheet, &view, SHARPNESS, &scene.parts(), &typeface, progress).map(Some)
}

fn legend(workspace: &Workspace, scene: &Scene, classes: &[Class], language: Language) -> Vec<LegendRow> {
    let is_there =
        |entry: &&Entry| workspace.is_drawn(entry) && scene.layers.iter().any(|layer| layer.layer.id == entry.id());
    let is_land = |entry: &Entry| entry.role == Role::LandUse || entry.style.categories().is_some();
    let mut rows: Vec<LegendRow> = workspace
        .entries
        .iter()
        .filter(is_there)
        .filter(|entry| !is_land(entry))
        .map(|entry| {
            let symbols = entry.style.symbol(0).map(|symbol| (*symbol, entry.layer.kind)).into_iter().collect();
            LegendRow { symbols, heading: false, code: String::new(), name: entry.title.clone(), figure: String::new() }
        })
        .collect();
    rows.extend(classes.iter().map(|class| {
        let symbol = defaults::class_symbol(color_of(*class), GeometryKind::Polygon);
        let symbols = vec![(symbol, GeometryKind::Polygon)];
        LegendRow { symbols, heading: false, code: String::new(), name: class.label(language), figure: String::new() }
    }));
    rows
}

/// The colour that a first-level class is known by: its own, or that of its first child where it has none.
fn color_of(class: Class) -> Color {
    let own = class.color();
    if own == Color::WHITE { class.children().next().map_or(own, Class::color) } else { own }
}
