//! Areas, unions and overlaps of every layer, measured in the background by the functions that the command line uses.

use std::sync::Arc;

use super::command::Command;
use super::prepare;
use super::state::Session;
use crate::measure::MeasureError;
use crate::model::{AreaMethod, Areas, GeometryKind, Layer, LayerId, Revision};
use crate::overlay::Coverage;
use crate::task::Progress;
use crate::text::Message;
use crate::units::AreaUnit;

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
    crate::overlay::audited(layer, method, progress)
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
    note_cancelled(session);
    let wanted: Vec<(Arc<Layer>, AreaMethod)> = session
        .workspace
        .entries
        .iter()
        .filter(|entry| entry.layer.kind == GeometryKind::Polygon)
        // Both work on all cores: first what is to be seen, then its figures.
        .filter(|entry| !prepare::is_running(session, &entry.layer))
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

/// Notes which measurements the user has stopped, and offers to make them after all.
fn note_cancelled(session: &mut Session) {
    let mut of_layers = Vec::new();
    for (layer, measuring) in &mut session.measuring {
        if measuring.job.take_if(|job| !session.jobs.is_running(*job)).is_some() {
            of_layers.push(*layer);
        }
    }
    for layer in of_layers {
        if let Some(title) = session.workspace.entry(layer).map(|entry| entry.title.clone()) {
            let message = Message::new("ui.measuring-cancelled").with("layer", title);
            session.offer(message, "ui.measure-again", Command::MeasureAgain(layer));
        }
    }
}

/// Measures a layer after all, where the user has stopped that.
pub fn retry(session: &mut Session, layer: LayerId) {
    if session.measuring.get(&layer).is_some_and(|measuring| measuring.job.is_none()) {
        session.measuring.remove(&layer);
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
                }
                Err(MeasureError::Cancelled(_)) => {}
                Err(error) => {
                    let reason = error.message().text(session.settings.language);
                    let name = session.workspace.entry(id).map_or_else(String::new, |entry| entry.title.clone());
                    session.notify_error(Message::new("ui.not-measured").with("layer", name).with("reason", reason));
                    // The figures shown stay those of the method before.
                    let entry = session.workspace.entry_mut(id);
                    if let Some((before, entry)) = entry.and_then(|entry| Some((entry.areas.as_ref()?.method, entry))) {
                        entry.method = before;
                        session.measuring.remove(&id);
                    }
                }
            }
        },
    );
    session.measuring.insert(id, Measuring { revision, method, job: Some(job) });
}

/// What is known of a layer's union and overlaps.
#[derive(Clone, Debug)]
pub struct Covering {
    /// The geometry of the layer; attributes do not matter.
    pub shape: Revision,
    /// How it is measured.
    pub method: AreaMethod,
    /// What it covers; `None` while it is computed and where that failed.
    pub coverage: Option<Arc<Coverage>>,
    job: Option<u64>,
}

/// Layers of more features are looked through for overlaps only when asked: it takes a while.
const UNASKED_FEATURES: usize = 100_000;

/// Starts to look for overlaps in every measured layer that is not too large.
pub fn refresh_coverages(session: &mut Session) {
    session.coverings.retain(|layer, _| session.workspace.entry(*layer).is_some());
    let wanted: Vec<LayerId> = session
        .workspace
        .entries
        .iter()
        .filter(|entry| entry.layer.kind == GeometryKind::Polygon && entry.layer.feature_count() <= UNASKED_FEATURES)
        .filter(|entry| {
            let measured = entry.areas.as_ref().map(|areas| areas.method);
            let known = session.coverings.get(&entry.id());
            measured.is_some_and(|method| {
                known.is_none_or(|known| known.shape != entry.layer.shape || known.method != method)
            })
        })
        .map(crate::scenario::Entry::id)
        .collect();
    for layer in wanted {
        cover(session, layer, false);
    }
}

/// Computes union and overlaps of a layer in the background, and says what came of it.
pub fn coverage(session: &mut Session, layer: LayerId) {
    match session.coverage(layer).cloned() {
        Some(known) => tell(session, layer, &known),
        None => cover(session, layer, true),
    }
}

fn cover(session: &mut Session, id: LayerId, asked: bool) {
    let Some(entry) = session.workspace.entry(id) else { return };
    let layer = entry.layer.clone();
    let (shape, method) = (layer.shape, session.method(id));
    if let Some(job) = session.coverings.get(&id).and_then(|covering| covering.job) {
        session.jobs.cancel(job);
    }
    let name = Message::new("ui.job-coverage").with("layer", &layer.name);
    let job = session.jobs.spawn(
        name,
        move |progress| crate::overlay::coverage(&layer, method, progress),
        move |session, result| {
            let current = session.coverings.get_mut(&id).filter(|c| c.shape == shape && c.method == method);
            let Some(covering) = current else { return };
            covering.job = None;
            match result {
                Ok(coverage) => {
                    let coverage = Arc::new(coverage);
                    covering.coverage = Some(coverage.clone());
                    if asked {
                        tell(session, id, &coverage);
                    }
                }
                Err(MeasureError::Cancelled(_)) => {}
                Err(error) => {
                    let reason = error.message().text(session.settings.language);
                    let name = session.workspace.entry(id).map_or_else(String::new, |entry| entry.title.clone());
                    session.notify_error(Message::new("ui.not-measured").with("layer", name).with("reason", reason));
                }
            }
        },
    );
    session.coverings.insert(id, Covering { shape, method, coverage: None, job: Some(job) });
}

fn tell(session: &mut Session, layer: LayerId, coverage: &Coverage) {
    let name = session.workspace.entry(layer).map_or_else(String::new, |entry| entry.title.clone());
    let mu = |area: crate::units::Area| area.display(AreaUnit::Mu);
    let message = Message::new("ui.coverage")
        .with("layer", name)
        .with("sum", mu(coverage.sum))
        .with("union", mu(coverage.union))
        .with("twice", mu(coverage.excess()))
        .with("pairs", crate::units::format_number(coverage.pairs.len() as f64, 0));
    session.notify(message);
}

#[cfg(test)]
mod tests {
    use super::super::{App, Start};
    use super::*;
    use crate::io::{self, OpenOptions};

    #[test]
    fn a_measurement_that_was_stopped_is_said_and_made_when_asked() {
        let text = r#"{"type":"Polygon","coordinates":[[[117,36.8],[117.1,36.8],[117.1,36.9],[117,36.9],[117,36.8]]]}"#;
        let opened = io::open_bytes("a.geojson", text.as_bytes().to_vec(), &OpenOptions::default(), &Progress::new());
        let ctx = eframe::egui::Context::default();
        let mut app = App::new(&eframe::CreationContext::_new_kittest(ctx), Start::for_test());
        let session = &mut app.session;
        let layer = session.workspace.add(Arc::new(opened.expect("opens").layers.remove(0)));
        refresh(session);
        let job = session.measuring[&layer].job.expect("at work");
        session.jobs.cancel(job);
        refresh(session);
        assert_eq!(session.measuring[&layer].job, None);
        assert_eq!(session.notices.last().map(|notice| notice.message.key), Some("ui.measuring-cancelled"));
        refresh(session);
        assert_eq!(session.measuring[&layer].job, None, "not by itself");
        retry(session, layer);
        refresh(session);
        assert!(session.measuring[&layer].job.is_some_and(|again| again != job));
    }
}
