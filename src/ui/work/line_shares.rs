//! What each control line takes of the feature that the inspector shows, and of what is selected. Worked out in the
//! background, anew when feature, selection or lines change.

use std::sync::Arc;

use crate::model::{AreaMethod, GeometryKind, LayerId};
use crate::scenario::lines::{self, LineKind};
use crate::scenario::plan_state::PlanState;
use crate::text::Message;
use crate::ui::session::Session;
use crate::ui::session::line_shares::{Key, RowsOf, Shares, Slot};
use crate::ui::session::parts::{Page, Panel};
use crate::ui::session::rows::Rows;

/// What is selected in the current layer, where the inspector speaks of it: more than the feature that it shows.
pub fn selection(session: &Session) -> Option<(LayerId, &Arc<Rows>)> {
    let entry = session.current().filter(|entry| entry.layer.kind == GeometryKind::Polygon)?;
    let rows = session.project.selection.rows(entry.id()).filter(|rows| !rows.is_empty())?;
    let shown = session.project.identified.current();
    let alone = shown.is_some_and(|shown| shown.layer == entry.id() && rows.len() == 1 && rows.contains(shown.feature));
    (!alone).then_some((entry.id(), rows))
}

/// Starts what has to be worked out.
pub fn refresh(session: &mut Session) {
    let open = session.panel_open(Panel::Inspector) && session.project.page == Page::Identify;
    let shown = session.project.identified.current().filter(|shown| {
        open && session
            .layer(shown.layer)
            .is_some_and(|layer| layer.kind == GeometryKind::Polygon && shown.feature < layer.feature_count())
    });
    let feature = shown.map(|shown| (shown.layer, RowsOf::Feature(shown.feature)));
    ask(session, feature, |session| &mut session.line_shares.feature);
    let selected = selection(session).filter(|_| open).map(|(layer, rows)| (layer, RowsOf::Selection(rows.clone())));
    ask(session, selected, |session| &mut session.line_shares.selection);
}

fn ask(session: &mut Session, wanted: Option<(LayerId, RowsOf)>, slot: fn(&mut Session) -> &mut Slot) {
    let key = wanted.map(|(layer, rows)| {
        let entries = session.workspace.entries.iter();
        let of = entries.filter_map(|entry| {
            let kind = LineKind::of_role(entry.role);
            (kind.is_some() || entry.id() == layer).then(|| (entry.id(), kind, entry.layer.revision))
        });
        Key { layer, rows, of: of.collect() }
    });
    if slot(session).key == key {
        return;
    }
    let old = std::mem::take(slot(session));
    if let Some(job) = old.job {
        session.jobs.cancel(job);
    }
    let Some(key) = key else { return };
    // A figure that is being made anew after an edit stays until then.
    let same = old.key.is_some_and(|old| old.layer == key.layer && old.rows == key.rows);
    slot(session).answer = old.answer.filter(|_| same);
    slot(session).key = Some(key.clone());
    let Some(layer) = session.layer(key.layer).cloned() else { return };
    let state = PlanState::of_scenario(&session.workspace, session.workspace.scenarios.shown());
    let rows = key.rows.clone();
    let method = AreaMethod::default();
    let job = session.jobs.spawn_hidden(
        Message::new("panels.job-line-shares"),
        move |progress| {
            let rows: Vec<u32> = match rows {
                RowsOf::Feature(feature) => vec![feature as u32],
                RowsOf::Selection(rows) => {
                    rows.iter().filter(|row| *row < layer.feature_count()).map(|row| row as u32).collect()
                }
            };
            lines::shares(&state, &layer, &rows, method, progress)
        },
        move |session, shares| {
            let slot = slot(session);
            if slot.key.as_ref() != Some(&key) {
                return;
            }
            slot.job = None;
            let shares = shares.map_err(|error| error.message());
            let shares = shares.map(|found| found.map(|(figures, frame)| Arc::new(Shares { figures, method, frame })));
            slot.answer = Some(shares);
        },
    );
    slot(session).job = Some(job);
}
