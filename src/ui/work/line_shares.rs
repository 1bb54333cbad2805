//! What each control line takes of the feature that the inspector shows, and of what is selected. Worked out in the
//! background, anew when feature, selection or lines change.

use std::sync::Arc;

use crate::model::{AreaMethod, GeometryKind, LayerId};
use crate::scenario::lines::{self, LineKind};
use crate::scenario::plan_state::PlanState;
use crate::text::Message;
use crate::ui::session::Session;
use crate::ui::session::line_shares::{Answer, Key, LineShares, RowsOf, Shares};
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
    ask(session, feature, |shares| &mut shares.feature);
    let selected = selection(session).filter(|_| open).map(|(layer, rows)| (layer, RowsOf::Selection(rows.clone())));
    ask(session, selected, |shares| &mut shares.selection);
}

fn ask(session: &mut Session, wanted: Option<(LayerId, RowsOf)>, of: fn(&mut LineShares) -> &mut Answer) {
    let answer = of(&mut session.line_shares);
    answer.poll();
    let wanted = wanted.and_then(|(layer, rows)| Some((session.workspace.entry(layer)?.layer.clone(), rows)));
    let Some((layer, rows)) = wanted else { return answer.forget() };
    let entries = session.workspace.entries.iter();
    let states = entries.filter_map(|entry| {
        let kind = LineKind::of_role(entry.role);
        (kind.is_some() || entry.id() == layer.id).then(|| (entry.id(), kind, entry.layer.revision))
    });
    let key = Key { layer: layer.id, rows, of: states.collect() };
    if answer.is_asked(&key) {
        return;
    }
    // A figure that is being made anew after an edit stays until then.
    answer.keep_if(|old| old.layer == key.layer && old.rows == key.rows);
    let state = PlanState::of_scenario(&session.workspace, session.workspace.scenarios.shown());
    let rows = key.rows.clone();
    let method = AreaMethod::default();
    let name = Message::new("panels.job-line-shares");
    answer.start_hidden(&mut session.jobs, key, name, move |progress| {
        let rows: Vec<u32> = match rows {
            RowsOf::Feature(feature) => vec![feature as u32],
            RowsOf::Selection(rows) => {
                rows.iter().filter(|row| *row < layer.feature_count()).map(|row| row as u32).collect()
            }
        };
        let shares = lines::shares(&state, &layer, &rows, method, progress).map_err(|error| error.message())?;
        Ok(shares.map(|(figures, frame)| Arc::new(Shares { figures, method, frame })))
    });
}
