//! What each control line takes of the feature that the inspector shows, and of what is selected. Worked out in the
//! background, anew when feature, selection or lines change.

use std::sync::Arc;

use super::state::{Page, Panel, Rows, Session};
use crate::model::{AreaMethod, GeometryKind, LayerId, Revision};
use crate::scenario::lines::{self, LineFigures, LineKind};
use crate::scenario::plan_state::PlanState;
use crate::text::Message;

/// What shares are of.
#[derive(Clone, Debug, PartialEq)]
struct Key {
    layer: LayerId,
    rows: RowsOf,
    /// The layer and the lines.
    of: Vec<(LayerId, Option<LineKind>, Revision)>,
}

#[derive(Clone, Debug)]
enum RowsOf {
    Feature(usize),
    Selection(Arc<Rows>),
}

impl PartialEq for RowsOf {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Feature(a), Self::Feature(b)) => a == b,
            (Self::Selection(a), Self::Selection(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

/// Shares of the control lines.
#[derive(Clone, Debug)]
pub struct Shares {
    /// The sums, one a line.
    pub figures: LineFigures,
    /// How areas were computed.
    pub method: AreaMethod,
    /// Name of the plane that edges are straight in.
    pub frame: String,
}

/// An answer, and the work on it.
#[derive(Debug, Default)]
pub struct Slot {
    key: Option<Key>,
    job: Option<u64>,
    answer: Option<Result<Option<Arc<Shares>>, Message>>,
}

impl Slot {
    /// The shares, `None` inside where there is no line; `None` outside while they are worked out.
    pub fn answer(&self) -> Option<&Result<Option<Arc<Shares>>, Message>> {
        self.answer.as_ref()
    }

    /// Whether anything is asked.
    pub fn is_asked(&self) -> bool {
        self.key.is_some()
    }

    /// The work, where it runs.
    pub fn job(&self) -> Option<u64> {
        self.job
    }
}

/// Shares of the feature shown, and of the selection.
#[derive(Debug, Default)]
pub struct LineShares {
    /// Of the feature that the inspector shows.
    pub feature: Slot,
    /// Of what is selected in the current layer, where that is not that feature alone.
    pub selection: Slot,
}

/// What is selected in the current layer, where the inspector speaks of it: more than the feature that it shows.
pub fn selection(session: &Session) -> Option<(LayerId, &Arc<Rows>)> {
    let entry = session.current().filter(|entry| entry.layer.kind == GeometryKind::Polygon)?;
    let rows = session.selection.rows(entry.id()).filter(|rows| !rows.is_empty())?;
    let shown = session.identified.current();
    let alone = shown.is_some_and(|shown| shown.layer == entry.id() && rows.len() == 1 && rows.contains(shown.feature));
    (!alone).then_some((entry.id(), rows))
}

/// Starts what has to be worked out.
pub fn refresh(session: &mut Session) {
    let open = session.panel_open(Panel::Inspector) && session.page == Page::Identify;
    let shown = session.identified.current().filter(|shown| {
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
