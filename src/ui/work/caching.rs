//! The cache beside the project's file: what was taken from it is held against the sources behind, what was read, measured
//! and prepared goes into it, and it goes when the user wants none.
//!
//! Nothing here keeps anybody waiting, and nothing that fails here is an error: what is not in the cache is worked out
//! from the sources, as ever.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::crs::Crs;
use crate::io::cache::{self, Cache};
use crate::model::{Areas, Layer, LayerId, Revision};
use crate::render::cached;
use crate::render::prepared::Prepared;
use crate::scenario::project;
use crate::task::Progress;
use crate::text::Message;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::opening::file_title;
use crate::ui::session::settings::Settings;
use crate::units::format_number;

/// The cache of the project at `path`, where the user wants any.
pub fn of_project(session: &Session, path: &Path) -> Option<Arc<Cache>> {
    cache_of(&session.settings, path)
}

/// The same by settings alone.
pub fn cache_of(settings: &Settings, path: &Path) -> Option<Arc<Cache>> {
    settings.cache.then(|| Arc::new(Cache::beside(path)))
}

/// Takes up the cache that the project was opened by.
pub fn opened(session: &mut Session, cache: Option<Arc<Cache>>) {
    session.project.unchecked.clone_from(&cache);
    session.project.cache = cache;
    refresh(session);
}

/// Compares what came of a cache that was taken up, then writes what did not, once all that the map shows is ready: both
/// work on all cores.
pub fn refresh(session: &mut Session) {
    if session.prepared.values().any(|known| known.made.is_busy()) {
        return;
    }
    let Some(cache) = session.project.unchecked.take() else { return };
    // Another window has the project: that one writes.
    let keeps = !session.project.read_only;
    let work = cache.clone();
    session.jobs.spawn_hidden(
        Message::new("ui.job-cache"),
        move |progress| {
            let changed = work.check(progress);
            if keeps {
                work.keep(progress);
            }
            changed
        },
        move |session, changed| {
            if session.project.cache.as_ref().is_some_and(|now| Arc::ptr_eq(now, &cache)) {
                read_again(session, &changed);
            }
        },
    );
}

/// Reads sources again that are not what the cache had.
fn read_again(session: &mut Session, changed: &[PathBuf]) {
    for path in changed {
        let entries = session.workspace.entries.iter();
        let of_source = entries
            .filter(|entry| entry.layer.provenance.path == *path || entry.joins.iter().any(|join| join.path == *path));
        let layers: Vec<LayerId> = of_source.map(crate::scenario::Entry::id).collect();
        session.warn(Message::new("ui.cache-stale").with("file", file_title(path)));
        session.pending.push(Command::File(FileCommand::ReloadLayers(layers)));
    }
}

/// Whether figures are shown of sources that were taken from the cache and not compared byte by byte yet.
pub fn is_checking(session: &Session) -> bool {
    session.project.cache.as_ref().is_some_and(|cache| !cache.is_checked())
}

/// The project was saved at `path`: the cache gets what it lacks, so that all of it opens at once the next time.
pub fn saved(session: &mut Session, path: &Path) {
    if session.project.cache.as_ref().is_none_or(|cache| !cache.is_beside(path)) {
        session.project.cache = of_project(session, path);
    }
    let Some(cache) = session.project.cache.clone() else { return };
    let known = known(session);
    let project = path.to_owned();
    session.jobs.spawn_hidden(
        Message::new("ui.job-cache"),
        move |progress| {
            // A project that somebody removed meanwhile has no sources to keep.
            let Ok(sources) = project::sources(&project) else { return };
            cache.keep_only(&sources);
            let layers: Vec<Arc<Layer>> = known.iter().map(|known| known.layer.clone()).collect();
            for (path, options) in &sources {
                if progress.is_cancelled() {
                    return;
                }
                cache.fill(path, options, &layers, progress);
            }
            for known in &known {
                if let Some(areas) = &known.areas {
                    cache.keep_areas(&known.layer, areas);
                }
                if let Some((crs, prepared)) = &known.prepared {
                    cached::keep(&cache, &known.layer, crs, prepared, progress);
                }
            }
        },
        |_, ()| {},
    );
}

/// A layer as it was read, with what was made of it.
struct Known {
    layer: Arc<Layer>,
    areas: Option<Arc<Areas>>,
    prepared: Option<(Crs, Arc<Prepared>)>,
}

fn known(session: &Session) -> Vec<Known> {
    let workspace = &session.workspace;
    let mut all = Vec::new();
    for entry in &workspace.entries {
        let Some((layer, areas)) = workspace.base_of(entry.id()) else { continue };
        // In the system that it was made for, which the map may have left.
        let prepared = session.prepared.get(&layer.shape).and_then(|known| {
            let crs = known.made.key()?.clone();
            Some((crs, known.prepared()?.clone()))
        });
        all.push(Known { layer: layer.clone(), areas: areas.cloned(), prepared });
    }
    all
}

/// Keeps the areas of a state of a layer, where that has the geometry that was read.
pub fn keep_areas(session: &mut Session, layer: Arc<Layer>, areas: Arc<Areas>) {
    let Some(cache) = writable(session) else { return };
    let work = move |_: &Progress| cache.keep_areas(&layer, &areas);
    session.jobs.spawn_hidden(Message::new("ui.job-cache"), work, |_, ()| {});
}

/// Keeps a layer that is ready for the map in `crs`, where that is worth it.
pub fn keep_map(session: &mut Session, layer: Arc<Layer>, crs: Crs, prepared: Arc<Prepared>) {
    let Some(cache) = writable(session) else { return };
    let work = move |progress: &Progress| cached::keep(&cache, &layer, &crs, &prepared, progress);
    session.jobs.spawn_hidden(Message::new("ui.job-cache"), work, |_, ()| {});
}

fn writable(session: &Session) -> Option<Arc<Cache>> {
    session.project.cache.clone().filter(|_| !session.project.read_only)
}

/// Turns the cache on or off. Off, that of the project goes.
pub fn toggle(session: &mut Session) {
    session.settings.cache = !session.settings.cache;
    let path = session.project.path.clone().filter(|_| !session.project.read_only);
    match (session.settings.cache, path) {
        (true, Some(path)) => saved(session, &path),
        (true, None) => {}
        (false, _) => clear(session),
    }
}

/// Removes the cache of the project that is open. It comes again when the project is saved or opened, unless it is turned
/// off.
pub fn clear(session: &mut Session) {
    let (cache, unchecked) = (session.project.cache.take(), session.project.unchecked.take());
    let Some(path) = session.project.path.clone().filter(|_| !session.project.read_only) else { return };
    session.jobs.spawn_hidden(
        Message::new("ui.job-cache"),
        move |_| {
            // What is still being written does not come after it.
            cache.iter().chain(&unchecked).for_each(|cache| cache.close());
            cache::clear(&path).map_err(|error| (path, error))
        },
        |session, result| match result {
            Ok(cleared) => {
                let size = format_number(cleared.byte_count as f64 / 1e6, 1);
                let message = Message::new("ui.cache-cleared").with("n", cleared.file_count).with("size", size);
                session.notify(message);
            }
            Err((path, error)) => {
                let message = Message::new("ui.cache-not-cleared")
                    .with("path", crate::io::shown_path(cache::folder_beside(&path)))
                    .with_message("reason", &crate::text::system_reason(&error));
                session.notify_error(message);
            }
        },
    );
}

/// The state of a layer of that revision: as it is shown, or its base.
pub fn state_of(session: &Session, layer: LayerId, revision: Revision) -> Option<Arc<Layer>> {
    let shown = session.layer(layer).cloned();
    let base = session.workspace.base_of(layer).map(|(base, _)| base.clone());
    shown.into_iter().chain(base).find(|state| state.revision == revision)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::session::jobs;
    use crate::ui::work::{project, saving};
    use crate::ui::{App, Start};

    const PARCEL: &str = r#"{"type":"Feature","properties":{"DLBM":"0101"},"geometry":{"type":"Polygon","coordinates":[[[117,36],[117.1,36],[117,36.1],[117,36]]]}}"#;

    fn app(cache: bool) -> App {
        let ctx = eframe::egui::Context::default();
        let mut app = App::new(&eframe::CreationContext::_new_kittest(ctx), Start::for_test());
        app.session.settings.cache = cache;
        app
    }

    /// Lets all work end, hidden work too.
    fn settle(session: &mut Session) {
        for _ in 0..3 {
            let last = session.jobs.spawn_hidden(Message::new("ui.job-cache"), |_| (), |_, ()| {});
            while (0..=last).any(|job| session.jobs.is_running(job)) {
                jobs::install_finished(session);
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
        }
    }

    #[test]
    fn a_saved_project_opens_from_its_cache_and_without_one_where_it_is_off() {
        let folder = tempfile::tempdir().expect("a folder");
        let (source, path) = (folder.path().join("a.geojson"), folder.path().join("p.toml"));
        std::fs::write(&source, PARCEL).expect("written");
        let mut first = app(true);
        open_source(&mut first.session, &source);
        saving::save_to(&mut first.session, path.clone());
        settle(&mut first.session);
        let lies = cache::folder_beside(&path);
        assert!(lies.is_dir(), "saved, the project has a cache");
        let mut second = app(true);
        let session = &mut second.session;
        project::open(session, path.clone());
        settle(session);
        assert!(session.project.cache.is_some() && !is_checking(session), "compared to the last byte");
        assert_eq!(session.workspace.entries.len(), 1);
        // Off, it is removed and not made again.
        toggle(session);
        settle(session);
        assert!(!session.settings.cache && !lies.exists());
        saving::save_to(session, path.clone());
        settle(session);
        project::open(session, path.clone());
        settle(session);
        assert!(session.project.cache.is_none() && !lies.exists());
        // On again, it comes at once.
        toggle(session);
        settle(session);
        assert!(lies.is_dir());
        clear(session);
        settle(session);
        assert!(!lies.exists());
        assert_eq!(session.notices.last().map(|notice| notice.message.key), Some("ui.cache-cleared"));
    }

    fn open_source(session: &mut Session, source: &Path) {
        let opened = crate::io::open(source, &Default::default(), &Progress::new()).expect("opens");
        for layer in opened.layers {
            session.workspace.add(Arc::new(layer));
        }
    }

    #[test]
    fn a_source_that_is_not_what_the_cache_has_is_read_again() {
        let mut app = app(true);
        let session = &mut app.session;
        let folder = tempfile::tempdir().expect("a folder");
        let source = folder.path().join("a.geojson");
        std::fs::write(&source, PARCEL).expect("written");
        open_source(session, &source);
        let layer = session.workspace.entries[0].id();
        read_again(session, &[source]);
        assert_eq!(session.notices.last().map(|notice| notice.message.key), Some("ui.cache-stale"));
        let wanted = Command::File(FileCommand::ReloadLayers(vec![layer]));
        assert!(session.pending.contains(&wanted));
    }
}
