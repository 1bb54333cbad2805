//! What the state shown takes of the control lines: the areas on both sides of them, and the ledger of conflicts (占压).
//!
//! Overlaps depend on geometry and on what the lines' features state of ridges; they are kept, so that a recode sums
//! anew only. All of it is worked out in the background while its tab is open, and installed if it is still wanted.

use std::path::PathBuf;
use std::sync::Arc;

use crate::model::style::{Fill, Hatch, Stroke, Symbol};
use crate::model::{AreaMethod, GeometryKind, Revision};
use crate::report;
use crate::scenario::lines::{LedgerNotes, LedgerRow, LineKind, conflict_polygons, control_lines};
use crate::scenario::plan::conflicts::{Kept, conflicts};
use crate::scenario::plan_state::PlanState;
use crate::scenario::transition::CompareError;
use crate::scenario::{LedgerNote, Workspace};
use crate::text::{Message, tr};
use crate::ui::look::theme;
use crate::ui::session::Session;
use crate::ui::session::awaited::{News, Problem};
use crate::ui::session::compare::Compare;
use crate::ui::session::conflicts::{Key, Marked};
use crate::ui::session::parts::{Panel, Tab};
use crate::ui::session::rows::{FeatureRef, SelectMode};
use crate::ui::session::settings::Settings;
use crate::ui::work::compare::picture;
use crate::ui::work::save::{ask_target_of, is_csv, table_filters, write_to, write_workbook};
use crate::ui::work::view::zoom_to;

/// What was said of a row, now.
pub fn note_of(workspace: &Workspace, row: &LedgerRow) -> LedgerNote {
    workspace.scenarios.ledger.get(&row.key).cloned().unwrap_or_default()
}

/// Starts what has to be worked out for the tab, and takes marks off the map that no longer hold.
pub fn refresh(session: &mut Session) {
    let known = &mut session.conflicts;
    match known.answer.poll() {
        Some(News::Arrived) => known.kept = known.answer.value().map_or_else(Kept::default, |a| a.kept.clone()),
        Some(News::Ended) if matches!(known.answer.problem(), Some(Problem::Failed(_))) => {
            known.answer.keep_if(|_| false);
        }
        _ => {}
    }
    install_mark(session);
    if !is_open(&session.settings) {
        return;
    }
    let key = key(&session.workspace, &session.compare);
    if session.conflicts.answer.is_asked(&key) {
        return;
    }
    let shown = key.shown;
    // Figures of another state would be taken for those of this one.
    session.conflicts.answer.keep_if(|old| old.shown == shown);
    let base = PlanState::of_scenario(&session.workspace, None);
    let state = shown.map(|shown| PlanState::of_scenario(&session.workspace, Some(shown)));
    let kept = session.conflicts.kept.clone();
    let tolerance = key.tolerance;
    session.conflicts.answer.start(&mut session.jobs, key, Message::new("edit.job-conflicts"), move |progress| {
        let (state, base) = match state {
            Some(state) => (state, Some(base)),
            None => (base, None),
        };
        let notes = LedgerNotes::new();
        let (method, of) = (AreaMethod::default(), (shown, &notes));
        let found = conflicts(&state, base.as_ref(), method, &tolerance, of, &kept, progress);
        found.map(Arc::new).map_err(|error| error.message())
    });
}

/// Whether the tab of conflicts is to be seen.
fn is_open(settings: &Settings) -> bool {
    settings.tab == Tab::Conflicts && settings.open(Panel::Bottom)
}

/// Brings the polygons of the conflict that was asked for to the map, and takes them off where they no longer hold.
fn install_mark(session: &mut Session) {
    if session.conflicts.marked.key().is_some_and(|marked| !holds(session, marked)) {
        unmark(session);
    }
    if session.conflicts.marked.poll() == Some(News::Arrived)
        // Without a picture the feature is selected all the same; its figures stand in the row.
        && let Some(extent) = session.conflicts.picture().map(|picture| picture.prepared.extent)
    {
        zoom_to(session, extent);
    }
}

/// Whether a conflict that is marked is still one of the state shown, as far as that is known.
fn holds(session: &Session, marked: &Marked) -> bool {
    let Some(answer) = session.conflicts.answer.value() else { return false };
    let is_row = |row: &LedgerRow| {
        (row.layer, row.feature as usize, row.line) == (marked.feature.layer, marked.feature.feature, marked.line)
    };
    is_open(&session.settings)
        && session.workspace.scenarios.shown() == marked.shown
        && session.layer(marked.feature.layer).is_some_and(|layer| layer.shape == marked.shape)
        && answer.ledger.rows.iter().any(is_row)
        && line_shapes(&answer.state, marked.line) == marked.lines
}

fn line_shapes(state: &PlanState, kind: LineKind) -> Vec<Revision> {
    let lines = control_lines(state);
    let layers = lines.iter().filter(|line| line.kind == kind).flat_map(|line| &line.layers);
    layers.map(|layer| layer.shape).collect()
}

fn key(workspace: &Workspace, compare: &Compare) -> Key {
    let polygons = workspace.entries.iter().filter(|entry| entry.layer.kind == GeometryKind::Polygon);
    let layers = polygons.filter_map(|entry| {
        let (base, _) = workspace.base_of(entry.id())?;
        Some((entry.id(), entry.role.name(), base.revision, entry.layer.revision))
    });
    Key { shown: workspace.scenarios.shown(), layers: layers.collect(), tolerance: compare.tolerance }
}

/// Goes to a conflict: selects its feature, marks on the map what of it is in conflict, and zooms there.
pub fn show(session: &mut Session, row: usize) {
    let Some(answer) = session.conflicts.answer.value().cloned() else { return };
    let Some(row) = answer.ledger.rows.get(row) else { return };
    let feature = FeatureRef { layer: row.layer, feature: row.feature as usize };
    let state_layer = answer.state.layers.iter().find(|layer| layer.layer.id == row.layer);
    let Some(layer) = state_layer.map(|layer| layer.layer.clone()) else { return };
    if session.layer(row.layer).is_none_or(|shown| shown.shape != layer.shape) {
        return; // edited meanwhile: the ledger is being made anew
    }
    session.project.selection.apply(row.layer, &[feature.feature].into_iter().collect(), SelectMode::Replace);
    if let Some(prepared) = session.prepared(row.layer) {
        let extent = prepared.feature_extent(feature.feature);
        zoom_to(session, extent);
    }
    unmark(session);
    let lines = line_shapes(&answer.state, row.line);
    let Some(line) = control_lines(&answer.state).into_iter().find(|line| line.kind == row.line) else { return };
    let Some(crs) = session.workspace.crs.clone() else { return };
    let shown = session.workspace.scenarios.shown();
    let (shape, number) = (layer.shape, row.feature);
    let key = Marked { shown, feature, line: row.line, shape, lines };
    let name = Message::new("edit.job-conflicts");
    session.conflicts.marked.start_hidden(&mut session.jobs, key, name, move |progress| {
        let polygons = conflict_polygons(&line, &layer, number, progress).map_err(|error| error.message())?;
        let picture = picture::of_polygons(&polygons, &layer.crs, &crs, symbol(), progress);
        Ok(picture.map_err(|error| CompareError::from(error).message())?.map(Arc::new))
    });
}

/// Takes the conflict that is marked off the map; `false` where none is.
pub fn unmark(session: &mut Session) -> bool {
    let is_marked = session.conflicts.marked.key().is_some();
    session.conflicts.marked.forget();
    is_marked
}

/// How a conflict is drawn.
fn symbol() -> Symbol {
    let color = theme::CONFLICT;
    let hatch = Hatch { color, angle_deg: 45.0, spacing_px: 7.0, width_px: 2.0, crossed: false, back: None };
    let stroke = Stroke { color, width_px: 2.0, dash: None, casing: None };
    Symbol { fill: Fill::Hatch(hatch), stroke: Some(stroke), marker: None }
}

/// Asks where to, and writes both tables to a workbook or a CSV file.
pub fn save(session: &mut Session) {
    let Some(answer) = session.conflicts.answer.value() else { return };
    let state = if answer.state.name.is_empty() { session.tr("ui.baseline") } else { answer.state.name.as_str() };
    let name = Message::new("edit.ledger-file").with("state", state).text(session.language());
    let name = format!("{}.xlsx", name.replace(['/', '\\', ':'], "-"));
    ask_target_of(session, name, table_filters(session), save_to);
}

fn save_to(session: &mut Session, path: PathBuf) {
    let Some(answer) = session.conflicts.answer.value().cloned() else { return };
    let (unit, language) = (session.settings.area_unit, session.language());
    let mut tables = Vec::new();
    if let Some((classes, figures)) = &answer.figures {
        let mut table = report::lines::line_table(figures, classes, unit, language);
        tr(language, "report.part-lines").clone_into(&mut table.title);
        tables.push(table);
    }
    let mut ledger = answer.ledger.clone();
    for row in &mut ledger.rows {
        let noted = note_of(&session.workspace, row);
        (row.status, row.note) = (noted.status, noted.note);
    }
    let mut table = report::lines::ledger_table(&ledger, language);
    tr(language, "report.part-ledger").clone_into(&mut table.title);
    tables.push(table);
    if is_csv(&path) {
        let mut bytes = Vec::new();
        tables.iter().for_each(|table| report::append_csv(&mut bytes, table, language));
        return write_to(session, &path, &bytes);
    }
    write_workbook(session, &path, &tables.iter().collect::<Vec<_>>());
}
