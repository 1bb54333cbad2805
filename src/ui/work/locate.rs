//! Selecting by location: the work is [`mod@crate::scenario::locate`]'s, in the background; it changes nothing but the
//! selection, and that only where the layer is still the one that was asked about.

use std::sync::Arc;

use crate::crs::Crs;
use crate::model::{Coord, Layer};
use crate::scenario::locate::{Located, Relation, chosen, drawn, locate};
use crate::scenario::{CompareError, MeasurementKind};
use crate::task::Progress;
use crate::text::Message;
use crate::ui::look::widgets::Tone;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::select::SelectCommand;
use crate::ui::session::locating::{Ask, By};
use crate::ui::session::parts::Tool;
use crate::ui::session::project::Project;
use crate::ui::session::rows::Rows;
use crate::units::format_number;

/// What is being drawn: its points, and whether it is an area.
pub(in crate::ui) fn sketch(project: &Project, tool: Tool) -> Option<(Vec<Coord>, bool)> {
    let closed = tool == Tool::Area;
    let least = if closed { 3 } else { 2 };
    let points = &project.sketch.points;
    (tool.measures() && points.len() >= least).then(|| (points.clone(), closed))
}

/// What others a question is about, taken out of the session for the thread that answers it.
pub(in crate::ui) enum Others {
    Layer(Arc<Layer>),
    Rows(Vec<(Arc<Layer>, Arc<Rows>)>),
    Drawn(Vec<Coord>, bool, Crs),
}

impl Others {
    pub(in crate::ui) fn of(session: &Session, by: By) -> Option<Self> {
        Some(match by {
            By::Layer(layer) => Self::Layer(session.layer(layer)?.clone()),
            By::Selection => {
                let rows = session.project.selection.iter();
                Self::Rows(
                    rows.filter_map(|(layer, rows)| Some((session.layer(layer)?.clone(), rows.clone()))).collect(),
                )
            }
            By::Sketch => {
                let (points, closed) = sketch(&session.project, session.tool)?;
                Self::Drawn(points, closed, session.workspace.crs.clone()?)
            }
            By::Measurement(at) => {
                let kept = session.workspace.measurements.get(at)?;
                Self::Drawn(kept.points.clone(), kept.kind == MeasurementKind::Area, kept.crs.clone())
            }
        })
    }

    pub(in crate::ui) fn locate(
        &self,
        layer: &Layer,
        relation: Relation,
        progress: &Progress,
    ) -> Result<Located, CompareError> {
        let own;
        let others: Vec<&Layer> = match self {
            Self::Layer(layer) => vec![layer],
            Self::Rows(rows) => {
                let part = |(layer, rows): &(Arc<Layer>, Arc<Rows>)| {
                    let rows: Vec<u32> =
                        rows.iter().filter(|row| *row < layer.feature_count()).map(|row| row as u32).collect();
                    chosen(layer, &rows)
                };
                own = rows.iter().map(part).collect::<Vec<_>>();
                own.iter().collect()
            }
            Self::Drawn(points, closed, crs) => {
                own = vec![drawn(points, *closed, crs)];
                own.iter().collect()
            }
        };
        locate(layer, &others, relation, progress)
    }
}

/// Starts to look for what is asked; what was asked before is given up.
pub fn start(session: &mut Session, ask: Ask) {
    let Some(layer) = session.layer(ask.layer).cloned() else { return };
    let Some(others) = Others::of(session, ask.by) else { return };
    if let Some(job) = session.locating.job.take() {
        session.jobs.cancel(job);
    }
    session.locating.said = None;
    let revision = layer.revision;
    let job = session.jobs.spawn(
        Message::new("edit.job-locate"),
        move |progress| others.locate(&layer, ask.relation, progress),
        move |session, located| {
            session.locating.job = None;
            // Rows of another state are other features.
            let same = session.layer(ask.layer).is_some_and(|layer| layer.revision == revision);
            session.locating.said = Some(match located {
                Ok(_) if !same => (Tone::Warn, Message::new("edit.locate-changed")),
                Err(error) => (Tone::Bad, error.message()),
                Ok(located) => {
                    let n = format_number(located.features.len() as f64, 0);
                    let rows: Rows = located.features.iter().map(|feature| *feature as usize).collect();
                    session.pending.push(Command::Select(SelectCommand::Select {
                        layer: ask.layer,
                        rows,
                        mode: ask.mode,
                    }));
                    let lost = located.issues.len();
                    if lost > 0 {
                        let lost = format_number(lost as f64, 0);
                        (Tone::Warn, Message::new("edit.locate-found-but").with("n", n).with("lost", lost))
                    } else {
                        (Tone::Good, Message::new("edit.locate-found").with("n", n))
                    }
                }
            });
        },
    );
    session.locating.job = Some(job);
}
