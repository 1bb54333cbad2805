//! Areas of every layer, measured in the background by the functions that the command line uses.

use std::sync::Arc;

use super::state::Session;
use crate::measure::MeasureError;
use crate::model::{AreaMethod, Areas, GeometryKind, Layer, LayerId, Revision};
use crate::task::Progress;
use crate::text::Message;

/// A layer that is being measured, or that could not be.
#[derive(Clone, Debug, PartialEq)]
pub struct Measuring {
    /// The state of the layer.
    pub revision: Revision,
    /// How it is measured.
    pub method: AreaMethod,
    /// The job at work; `None` when it ended without areas.
    pub job: Option<u64>,
}

fn measured(layer: &Layer, method: AreaMethod, progress: &Progress) -> Result<Areas, MeasureError> {
    crate::overlay::measured(layer, method, progress)
}

/// Starts to measure every polygon layer that has no areas by its method.
pub fn refresh(session: &mut Session) {
    let gone: Vec<LayerId> =
        session.measuring.keys().copied().filter(|layer| session.workspace.entry(*layer).is_none()).collect();
    for layer in gone {
        if let Some(job) = session.measuring.remove(&layer).and_then(|measuring| measuring.job) {
            session.jobs.cancel(job);
        }
    }
    let wanted: Vec<(Arc<Layer>, AreaMethod)> = session
        .workspace
        .entries
        .iter()
        .filter(|entry| entry.layer.kind == GeometryKind::Polygon)
        .map(|entry| (entry, session.method(entry.id())))
        .filter(|(entry, method)| entry.areas.as_ref().is_none_or(|areas| areas.method != *method))
        .map(|(entry, method)| (entry.layer.clone(), method))
        .collect();
    for (layer, method) in wanted {
        match session.measuring.get(&layer.id) {
            Some(known) if known.revision == layer.revision && known.method == method => {}
            known => {
                if let Some(job) = known.and_then(|known| known.job) {
                    session.jobs.cancel(job);
                }
                start(session, layer, method);
            }
        }
    }
}

fn start(session: &mut Session, layer: Arc<Layer>, method: AreaMethod) {
    let (id, revision) = (layer.id, layer.revision);
    let name = Message::new("ui.job-measure").with("layer", &layer.name);
    let job = session.jobs.spawn(
        name,
        move |progress| measured(&layer, method, progress),
        move |session, result| {
            let current = session.measuring.get_mut(&id).filter(|m| m.revision == revision && m.method == method);
            let Some(measuring) = current else { return };
            measuring.job = None;
            match result {
                Ok(areas) => {
                    session.workspace.set_areas(id, revision, Arc::new(areas));
                    session.measuring.remove(&id);
                }
                Err(MeasureError::Cancelled(_)) => {}
                Err(error) => {
                    let reason = error.message().text(session.settings.language);
                    let name = session.workspace.entry(id).map_or_else(String::new, |entry| entry.title.clone());
                    session.notify_error(Message::new("ui.not-measured").with("layer", name).with("reason", reason));
                    // The figures shown stay those of the method before.
                    if let Some(before) = session.workspace.entry(id).and_then(|entry| entry.areas.as_ref()) {
                        session.methods.insert(id, before.method);
                        session.measuring.remove(&id);
                    }
                }
            }
        },
    );
    session.measuring.insert(id, Measuring { revision, method, job: Some(job) });
}

/// Computes union and overlaps of a layer in the background.
pub fn coverage(session: &mut Session, layer: LayerId) {
    let _ = (session, layer);
}
