//! Layers made ready for the map in the background.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::crs::Crs;
use crate::io::cache::Cache;
use crate::model::{Layer, LayerId, Revision};
use crate::render::cached;
use crate::render::prepared::Prepared;
use crate::render::projected::{self, ProjectionError};
use crate::render::pyramid::Pyramid;
use crate::scenario::Workspace;
use crate::task::Progress;
use crate::text::Message;
use crate::ui::session::Session;
use crate::ui::session::awaited::{Awaited, Awaiting, Problem};
use crate::ui::session::early::FirstLook;
use crate::ui::session::prepare::{Made, Preparation};
use crate::ui::work::{caching, two_states};

/// Installs what is ready, and starts to prepare every geometry that is not in the present project CRS. Edits of
/// attributes leave it as it is.
pub fn refresh(session: &mut Session) {
    install(session);
    let Some(crs) = session.workspace.crs.clone() else { return };
    let used = shapes(session);
    session.prepared.retain(|shape, _| used.contains(shape));
    let mut stale: Vec<Arc<Layer>> = Vec::new();
    for layer in seen(session) {
        let known = session.prepared.get(&layer.shape);
        let is_new = stale.iter().all(|other| other.shape != layer.shape);
        if is_new && known.is_none_or(|known| !known.made.is_asked(&crs)) {
            stale.push(layer.clone());
        }
    }
    for layer in stale {
        start(session, layer, crs.clone());
    }
}

/// Takes what came, goes on after a first look, and says what was stopped or failed.
fn install(session: &mut Session) {
    let mut news = Vec::new();
    for (shape, preparation) in &mut session.prepared {
        if preparation.made.poll().is_some() {
            news.push((*shape, preparation.layer, preparation.made.problem().cloned()));
        }
    }
    for (shape, layer, problem) in news {
        let Some(problem) = problem else {
            go_on(session, shape);
            keep(session, shape);
            continue;
        };
        let Some(title) = session.workspace.entry(layer).map(|entry| entry.title.clone()) else { continue };
        let is_drawn = session.prepared_shape(shape).is_some();
        match problem {
            Problem::Stopped => {
                let key = if is_drawn { "ui.drawn-roughly-cancelled" } else { "ui.not-drawn-cancelled" };
                let message = Message::new(key).with("layer", title);
                session.offer_again(message, "ui.prepare-again", Awaiting::Preparing(layer));
            }
            Problem::Lost | Problem::Failed(_) => {
                let reason = problem.message().text(session.settings.language);
                let message = Message::new("ui.not-drawn").with("layer", title).with("reason", reason);
                if problem == Problem::Lost {
                    session.offer_again(message, "ui.try-again", Awaiting::Preparing(layer));
                } else {
                    session.notify_error(message);
                }
            }
        }
    }
}

/// Makes the rest of a geometry of which there is a first look.
fn go_on(session: &mut Session, shape: Revision) {
    let Some(Made::FirstLook(first, projected)) = session.prepared.get(&shape).and_then(|known| known.made.current())
    else {
        return;
    };
    let pyramid = first.pyramid.as_ref().and_then(Pyramid::settled);
    let (projected, source) = (projected.clone(), seen(session).find(|layer| layer.shape == shape).cloned());
    let crs = session.prepared.get(&shape).and_then(|known| known.made.key()).cloned();
    let (Some(source), Some(crs)) = (source, crs) else { return };
    let cache = session.project.cache.clone();
    spawn(session, source.clone(), None, move |progress| {
        let kept = || cached::geometry(cache.as_deref()?, &source, &crs, progress);
        let projected = match projected.or_else(kept) {
            Some(projected) => projected,
            None => projected::project(&source, &crs, progress)?,
        };
        let prepared = match pyramid {
            Some(pyramid) => Prepared::of_pyramid(&source, projected, pyramid, progress),
            None => Prepared::of_projected(&source, projected, progress),
        };
        Ok(Made::Ready(Arc::new(prepared.map_err(ProjectionError::from)?)))
    });
}

/// Has the cache keep a geometry that is ready.
fn keep(session: &mut Session, shape: Revision) {
    let Some(known) = session.prepared.get(&shape) else { return };
    let (Some(Made::Ready(prepared)), Some(crs)) = (known.made.current(), known.made.key()) else { return };
    let (prepared, crs) = (prepared.clone(), crs.clone());
    let layer = seen(session).find(|layer| layer.shape == shape).cloned();
    if let Some(layer) = layer {
        caching::keep_map(session, layer, crs, prepared);
    }
}

/// First looks at what the map shows of a project that was just read, as far as its cache has them: its first frame has a
/// picture.
pub(in crate::ui) fn first_looks(workspace: &Workspace, cache: &Cache, progress: &Progress) -> Vec<FirstLook> {
    let Some(crs) = &workspace.crs else { return Vec::new() };
    let looks = workspace.drawn().filter_map(|entry| {
        let layer = &entry.layer;
        let pyramid = cached::pyramid(cache, layer, crs, progress)?;
        // Cancelled: nobody waits for it.
        let prepared = Arc::new(Prepared::first_look(layer, &pyramid, progress).ok()?);
        Some(FirstLook { layer: layer.id, shape: layer.shape, crs: crs.clone(), prepared })
    });
    looks.collect()
}

/// Takes a first look that came with its project, and goes on from there.
pub(in crate::ui) fn take(session: &mut Session, look: FirstLook) {
    let FirstLook { layer, shape, crs, prepared } = look;
    let known = session.prepared.entry(shape);
    let known = known.or_insert_with(|| Preparation { layer, made: Awaited::default() });
    known.made.set(crs, Ok(Made::FirstLook(prepared, None)));
    go_on(session, shape);
}

/// Forgets that the user has stopped preparing `layer`, or that it was lost, so that it starts again.
pub fn retry(session: &mut Session, layer: LayerId) {
    let of_layer = session.prepared.values_mut().filter(|known| known.layer == layer);
    of_layer.filter(|known| known.made.problem().is_some_and(|p| p.ended_message().is_some())).for_each(|known| {
        known.made.forget();
    });
}

/// Whether nothing of `layer` can be drawn yet, because its geometry is being prepared.
pub fn is_running(session: &Session, layer: &Layer) -> bool {
    session.prepared.get(&layer.shape).is_some_and(Preparation::is_running)
}

/// The layers of every state that the map shows.
fn seen(session: &Session) -> impl Iterator<Item = &Arc<Layer>> {
    let workspace = &session.workspace;
    let others = two_states::others(session).into_iter().flat_map(move |state| {
        workspace.entries.iter().filter_map(move |entry| workspace.layer_in(state, entry.id()).map(|(layer, _)| layer))
    });
    workspace.entries.iter().map(|entry| &entry.layer).chain(others)
}

/// The geometries of all states, shown or not: going back to one costs nothing.
fn shapes(session: &Session) -> FxHashSet<Revision> {
    let workspace = &session.workspace;
    let base = workspace.entries.iter().filter_map(|entry| workspace.base_of(entry.id())).map(|(layer, _)| layer.shape);
    let plans = workspace.scenarios.list().iter().flat_map(|scenario| scenario.states());
    seen(session).map(|layer| layer.shape).chain(base).chain(plans.map(|(_, state)| state.layer().shape)).collect()
}

fn start(session: &mut Session, layer: Arc<Layer>, crs: Crs) {
    // Where an edit made the geometry, the last one is a better look.
    let is_new = session.prepared.values().all(|known| known.layer != layer.id || !known.made.is_asked(&crs));
    let (source, target) = (layer.clone(), crs.clone());
    let cache = session.project.cache.clone();
    spawn(session, layer, Some(crs), move |progress| {
        if let Some(pyramid) = cache.and_then(|cache| cached::pyramid(&cache, &source, &target, progress)) {
            let first = Prepared::first_look(&source, &pyramid, progress)?;
            return Ok(Made::FirstLook(Arc::new(first), None));
        }
        let projected = projected::project(&source, &target, progress)?;
        if is_new && let Some(preview) = Prepared::preview(&source, &projected, progress)? {
            return Ok(Made::FirstLook(Arc::new(preview), Some(projected)));
        }
        Ok(Made::Ready(Arc::new(Prepared::of_projected(&source, projected, progress)?)))
    });
}

/// Has `work` done for the geometry of `layer`: in `crs`, or going on in the one that it is being made for.
fn spawn(
    session: &mut Session,
    layer: Arc<Layer>,
    crs: Option<Crs>,
    work: impl FnOnce(&Progress) -> Result<Made, ProjectionError> + Send + 'static,
) {
    let name = Message::new("ui.job-prepare").with("layer", &layer.name);
    let known = session.prepared.entry(layer.shape);
    let known = known.or_insert_with(|| Preparation { layer: layer.id, made: Awaited::default() });
    let Some(crs) = crs.or_else(|| known.made.key().cloned()) else { return };
    known.made.start(&mut session.jobs, crs, name, move |progress| {
        // Nothing comes of a job that is cancelled: what it says then is never seen.
        work(progress).map_err(|error| match error {
            ProjectionError::Crs(error) => error.message(),
            ProjectionError::Cancelled(_) => Message::new("ui.work-stopped"),
        })
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::{self, OpenOptions};
    use crate::ui::{App, Start};

    #[test]
    fn a_feature_at_the_pole_leaves_the_others_their_extent() {
        let square = |x: f64, y: f64| {
            let ring = [[x, y], [x + 0.1, y], [x + 0.1, y + 0.1], [x, y + 0.1], [x, y]];
            format!(r#"{{"type":"Polygon","coordinates":[{ring:?}]}}"#)
        };
        let extent = |places: &[(f64, f64)]| {
            let all: Vec<String> = places.iter().map(|(x, y)| square(*x, *y)).collect();
            let text = format!(r#"{{"type":"GeometryCollection","geometries":[{}]}}"#, all.join(","));
            let opened = io::open_bytes("a.geojson", text.into_bytes(), &OpenOptions::default(), &Progress::new());
            let layer = opened.expect("opens").layers.remove(0);
            let crs = Crs::web_mercator();
            let prepared = Prepared::new(&layer, &crs, &Progress::new()).expect("can be drawn");
            (prepared.extent, prepared.shown_extent(&crs))
        };
        let (whole, shown) = extent(&[(117.0, 36.8), (117.0, 89.899)]);
        // One feature of two parts, or two features: what is shown ends where the map does.
        assert!(whole.height() > 4e7 && shown.height() < 2.1e7, "{whole:?} {shown:?}");
        let (whole, shown) = extent(&[(117.0, 36.8), (118.0, 36.9)]);
        assert_eq!(whole, shown);
    }

    #[test]
    fn what_the_user_stopped_is_said_and_starts_again_when_asked() {
        let text = r#"{"type":"Polygon","coordinates":[[[117,36.8],[117.1,36.8],[117.1,36.9],[117,36.9],[117,36.8]]]}"#;
        let opened = io::open_bytes("a.geojson", text.as_bytes().to_vec(), &OpenOptions::default(), &Progress::new());
        let layer = Arc::new(opened.expect("opens").layers.remove(0));
        let ctx = eframe::egui::Context::default();
        let mut app = App::new(&eframe::CreationContext::_new_kittest(ctx), Start::for_test());
        let session = &mut app.session;
        session.workspace.add(layer.clone());
        let crs = session.workspace.crs.clone().expect("that of the layer");
        let projected = projected::project(&layer, &crs, &Progress::new()).expect("can be projected");
        let prepared = Arc::new(Prepared::new(&layer, &crs, &Progress::new()).expect("can be drawn"));
        for (has_first_look, key) in [(false, "ui.not-drawn-cancelled"), (true, "ui.drawn-roughly-cancelled")] {
            if has_first_look {
                let made = Made::FirstLook(prepared.clone(), Some(projected.clone()));
                let known = session.prepared.get_mut(&layer.shape).expect("asked for before");
                known.made.set(crs.clone(), Ok(made));
            }
            // Works until it is stopped.
            spawn(session, layer.clone(), Some(crs.clone()), |progress| {
                while progress.tick(0).is_ok() {}
                Err(ProjectionError::Cancelled(crate::task::Cancelled))
            });
            refresh(session);
            let job = session.prepared[&layer.shape].made.job().expect("at work");
            assert_eq!(is_running(session, &layer), !has_first_look);
            session.jobs.cancel(job);
            refresh(session);
            assert_eq!(session.prepared[&layer.shape].made.problem(), Some(&Problem::Stopped));
            assert_eq!(session.prepared_shape(layer.shape).is_some(), has_first_look, "a first look stays");
            assert_eq!(session.notices.last().map(|notice| notice.message.key), Some(key));
            retry(session, layer.id);
            refresh(session);
            assert!(is_running(session, &layer), "from the beginning");
        }
    }
}
