//! Areas, unions and overlaps of every layer, measured in the background by the functions that the command line uses.

use std::sync::Arc;

use crate::model::{AreaMethod, Areas, GeometryKind, Layer, LayerId, Revision};
use crate::overlay::Coverage;
use crate::scenario::Workspace;
use crate::text::Message;
use crate::ui::session::Session;
use crate::ui::session::awaited::{Awaited, Awaiting, News, Problem};
use crate::ui::session::measuring::Measuring;
use crate::ui::work::{caching, formulas, prepare};
use crate::units::AreaUnit;

/// Key of the name of a method.
pub fn method_key(method: AreaMethod) -> &'static str {
    match method {
        AreaMethod::Survey => "ui.method-survey",
        AreaMethod::Geodesic => "ui.method-geodesic",
        AreaMethod::Planar => "ui.method-planar",
    }
}

/// The states of polygon layers that figures are shown of, with their areas: as they are shown, then the base of those
/// that a scenario changes, which it is held against.
fn states(workspace: &Workspace) -> Vec<(Arc<Layer>, Option<&Arc<Areas>>)> {
    let shown = workspace.entries.iter().map(|entry| (&entry.layer, entry.areas.as_ref()));
    let base = workspace.entries.iter().filter_map(|entry| workspace.base_of(entry.id()));
    let mut states: Vec<(Arc<Layer>, Option<&Arc<Areas>>)> = Vec::new();
    for (layer, areas) in shown.chain(base).filter(|(layer, _)| layer.kind == GeometryKind::Polygon) {
        if states.iter().all(|(known, _)| known.revision != layer.revision) {
            states.push((layer.clone(), areas));
        }
    }
    states
}

/// Installs what was measured, and starts to measure every state of a polygon layer that has no areas by its method.
pub fn refresh(session: &mut Session) {
    install(session);
    let states = states(&session.workspace);
    let used: Vec<Revision> = states.iter().map(|(layer, _)| layer.revision).collect();
    let wanted: Vec<(Arc<Layer>, AreaMethod)> = states
        .into_iter()
        .map(|(layer, areas)| (session.method(layer.id), layer, areas))
        .filter(|(method, _, areas)| areas.is_none_or(|areas| areas.method != *method))
        // Both work on all cores: first what is to be seen, then its figures.
        .filter(|(_, layer, _)| !prepare::is_running(session, layer))
        .map(|(method, layer, _)| (layer, method))
        .collect();
    session.measuring.retain(|revision, _| used.contains(revision));
    for (layer, method) in wanted {
        let measuring = session.measuring.entry(layer.revision);
        let measuring = measuring.or_insert_with(|| Measuring { layer: layer.id, areas: Awaited::default() });
        if measuring.areas.is_asked(&method) {
            continue;
        }
        let name = Message::new("ui.job-measure").with("layer", &layer.name);
        let cache = session.project.cache.clone();
        measuring.areas.start(&mut session.jobs, method, name, move |progress| {
            if let Some(areas) = cache.and_then(|cache| cache.areas(&layer, method, progress)) {
                return Ok(Arc::new(areas));
            }
            let areas = crate::overlay::audited(&layer, method, progress);
            areas.map(Arc::new).map_err(|error| error.message())
        });
    }
}

fn install(session: &mut Session) {
    let mut news = Vec::new();
    for (revision, measuring) in &mut session.measuring {
        if measuring.areas.poll().is_some() {
            let problem = measuring.areas.problem().cloned();
            news.push((*revision, measuring.layer, measuring.areas.take_value(), problem));
        }
    }
    for (revision, layer, areas, problem) in news {
        if let Some(areas) = areas {
            if let Some(state) = caching::state_of(session, layer, revision) {
                caching::keep_areas(session, state, areas.clone());
            }
            formulas::measured(session, layer, revision, areas);
        }
        let Some(title) = session.workspace.entry(layer).map(|entry| entry.title.clone()) else { continue };
        match problem {
            None => {}
            Some(Problem::Failed(reason)) => {
                let reason = reason.text(session.settings.language);
                session.notify_error(Message::new("ui.not-measured").with("layer", title).with("reason", reason));
                // The figures shown stay those of the method before.
                let entry = session.workspace.entry_mut(layer);
                if let Some((before, entry)) = entry.and_then(|entry| Some((entry.areas.as_ref()?.method, entry))) {
                    entry.method = before;
                    session.measuring.remove(&revision);
                }
            }
            Some(Problem::Stopped) => {
                let message = Message::new("ui.measuring-cancelled").with("layer", title);
                session.offer_again(message, "ui.measure-again", Awaiting::Measuring(layer));
            }
            Some(Problem::Lost) => {
                let reason = session.tr("ui.work-lost").to_owned();
                let message = Message::new("ui.not-measured").with("layer", title).with("reason", reason);
                session.offer_again(message, "ui.try-again", Awaiting::Measuring(layer));
            }
        }
    }
}

/// Why there are no areas of a layer as it is shown, or of its base where a scenario changes it.
pub fn problem(session: &Session, layer: LayerId) -> Option<&Problem> {
    let shown = session.layer(layer).map(|layer| layer.revision);
    let base = session.workspace.base_of(layer).map(|(layer, _)| layer.revision);
    let of = |revision: Option<Revision>| session.measuring.get(&revision?)?.areas.problem();
    of(shown).or_else(|| of(base))
}

/// Measures a layer after all, where the user has stopped that or it was lost.
pub fn retry(session: &mut Session, layer: LayerId) {
    let of_layer = session.measuring.values_mut().filter(|measuring| measuring.layer == layer);
    of_layer.for_each(|measuring| measuring.areas.retry());
}

/// Layers of more features are looked through for overlaps only when asked: it takes a while.
const UNASKED_FEATURES: usize = 100_000;

/// Installs what was found, and starts to look for overlaps in every measured layer that is not too large.
pub fn refresh_coverages(session: &mut Session) {
    session.coverings.retain(|layer, _| session.workspace.entry(*layer).is_some());
    let mut news = Vec::new();
    for (layer, covering) in &mut session.coverings {
        if let Some(what) = covering.coverage.poll() {
            news.push((*layer, what, std::mem::take(&mut covering.asked)));
        }
    }
    for (layer, what, asked) in news {
        installed(session, layer, what, asked);
    }
    let wanted: Vec<LayerId> = session
        .workspace
        .entries
        .iter()
        .filter(|entry| entry.layer.kind == GeometryKind::Polygon && entry.layer.feature_count() <= UNASKED_FEATURES)
        .filter(|entry| {
            let measured = entry.areas.as_ref().map(|areas| areas.method);
            let known = session.coverings.get(&entry.id());
            measured
                .is_some_and(|method| known.is_none_or(|known| !known.coverage.is_asked(&(entry.layer.shape, method))))
        })
        .map(crate::scenario::Entry::id)
        .collect();
    for layer in wanted {
        cover(session, layer);
    }
}

fn installed(session: &mut Session, layer: LayerId, news: News, asked: bool) {
    let Some(covering) = session.coverings.get(&layer) else { return };
    if news == News::Arrived {
        if let Some(coverage) = covering.coverage().filter(|_| asked).cloned() {
            tell(session, layer, &coverage);
        }
        return;
    }
    let Some(problem) = covering.coverage.problem().cloned() else { return };
    let Some(title) = session.workspace.entry(layer).map(|entry| entry.title.clone()) else { return };
    let reason = problem.message().text(session.settings.language);
    let message = Message::new("ui.not-covered").with("layer", title).with("reason", reason);
    match problem {
        Problem::Failed(_) => session.notify_error(message),
        Problem::Stopped | Problem::Lost => {
            session.offer_again(message, "ui.try-again", Awaiting::Covering(layer));
        }
    }
}

/// Computes union and overlaps of a layer in the background, and says what came of it.
pub fn coverage(session: &mut Session, layer: LayerId) {
    if let Some(known) = session.coverage(layer).cloned() {
        return tell(session, layer, &known);
    }
    let covering = session.coverings.entry(layer).or_default();
    covering.asked = true;
    covering.coverage.retry();
    if !session.coverings.get(&layer).is_some_and(|covering| covering.coverage.is_busy()) {
        cover(session, layer);
    }
}

/// Looks for overlaps after all, where the user has stopped that or it was lost.
pub fn retry_coverage(session: &mut Session, layer: LayerId) {
    coverage(session, layer);
}

fn cover(session: &mut Session, id: LayerId) {
    let Some(entry) = session.workspace.entry(id) else { return };
    let layer = entry.layer.clone();
    let key = (layer.shape, session.method(id));
    let name = Message::new("ui.job-coverage").with("layer", &layer.name);
    let covering = session.coverings.entry(id).or_default();
    covering.coverage.start(&mut session.jobs, key, name, move |progress| {
        let coverage = crate::overlay::coverage(&layer, key.1, progress);
        coverage.map(Arc::new).map_err(|error| error.message())
    });
}

fn tell(session: &mut Session, layer: LayerId, coverage: &Coverage) {
    let name = session.workspace.entry(layer).map_or_else(String::new, |entry| entry.title.clone());
    let mu = |area: crate::units::Area| area.display(AreaUnit::Mu);
    let message = Message::new("ui.coverage")
        .with("layer", name)
        .with("sum", mu(coverage.sum))
        .with("union", mu(coverage.union))
        .with("twice", mu(coverage.excess()))
        .with("pairs", crate::units::format_number(coverage.pair_count as f64, 0));
    session.notify(message);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::{self, OpenOptions};
    use crate::task::Progress;
    use crate::ui::{App, Start};

    #[test]
    fn a_measurement_that_was_stopped_is_said_and_made_when_asked() {
        let text = r#"{"type":"Polygon","coordinates":[[[117,36.8],[117.1,36.8],[117.1,36.9],[117,36.9],[117,36.8]]]}"#;
        let opened = io::open_bytes("a.geojson", text.as_bytes().to_vec(), &OpenOptions::default(), &Progress::new());
        let ctx = eframe::egui::Context::default();
        let mut app = App::new(&eframe::CreationContext::_new_kittest(ctx), Start::for_test());
        let session = &mut app.session;
        let layer = session.workspace.add(Arc::new(opened.expect("opens").layers.remove(0)));
        let job = |session: &Session| session.measuring.values().next().and_then(|measuring| measuring.areas.job());
        refresh(session);
        let first = job(session).expect("at work");
        session.jobs.cancel(first);
        refresh(session);
        assert_eq!((job(session), problem(session, layer)), (None, Some(&Problem::Stopped)));
        assert_eq!(session.notices.last().map(|notice| notice.message.key), Some("ui.measuring-cancelled"));
        refresh(session);
        assert_eq!(job(session), None, "not by itself");
        retry(session, layer);
        refresh(session);
        assert!(job(session).is_some_and(|again| again != first));
        assert_eq!(problem(session, layer), None);
    }
}
