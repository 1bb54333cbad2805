//! Projects: opening the workspace with its layers, styles and view. Saving it is [`crate::ui::work::saving`]'s.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use crate::io::OpenOptions;
use crate::io::cache::{Cache, Trust};
use crate::model::LayerId;
use crate::model::roles::Role;
use crate::render::MapView;
use crate::scenario::project::ahead::Ahead;
use crate::scenario::{Entry, Loaded, ProjectError, Workspace, project};
use crate::task::{Progress, Task};
use crate::text::Message;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::compare::CompareCommand;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::early::{Early, Read, Reading, Waker};
use crate::ui::session::leaving::Next;
use crate::ui::session::opening::{Expected, file_title};
use crate::ui::session::project::Project;
use crate::ui::session::settings::Settings;
use crate::ui::work::{arriving, caching, passwords, prepare, shifts, standing, unsaved};

/// Begins to read the project among `files`, before there is a window.
pub fn begin_early(files: &[PathBuf], settings: &Settings) -> Early {
    let is_project = |path: &&PathBuf| path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml"));
    // As it is spelt when it is asked for. One that has no whole path is read then.
    let Some(path) = files.iter().find(is_project).and_then(|path| std::path::absolute(path).ok()) else {
        return Early::default();
    };
    let (cache, files, waker) = (caching::cache_of(settings, &path), Expected::default(), Waker::default());
    let (memory_bytes, wakes) = (settings.memory_bytes(), waker.clone());
    let work = reading(path.clone(), cache.clone(), files.clone());
    let task = Task::spawn(
        "ui.job-open",
        move |progress| {
            progress.bound_memory(memory_bytes);
            work(progress)
        },
        move || {
            // Without a window there is nobody to wake: the first frame looks by itself.
            if let Some(ctx) = &*wakes.lock().unwrap_or_else(PoisonError::into_inner) {
                ctx.request_repaint();
            }
        },
    );
    Early::of(Reading { path, cache, files, task, waker })
}

/// Reads a project, and what the map shows of it at once.
fn reading(
    path: PathBuf,
    cache: Option<Arc<Cache>>,
    files: Expected,
) -> impl FnOnce(&Progress) -> Result<Read, ProjectError> + Send + 'static {
    move |progress: &Progress| {
        let open = |source: &Path, options: &OpenOptions| {
            let options = files.next_file(options.clone());
            match &cache {
                Some(cache) => cache.open(source, &options, Trust::Sampled, progress),
                None => crate::io::open(source, &options, progress),
            }
        };
        let mut ahead = Ahead::of(&path, &open);
        let loaded = project::load_with(&path, &mut |source, options| match ahead.take(source, options) {
            Some(opened) => Ok(opened),
            None => open(source, options),
        })?;
        let looks = cache.map_or_else(Vec::new, |cache| prepare::first_looks(&loaded.workspace, &cache, progress));
        Ok(Read { loaded, looks })
    }
}

/// Opens a project file: it takes the place of what is open. [`crate::ui::work::leaving`] asks before.
pub fn open(session: &mut Session, path: PathBuf) {
    let name = Message::new("ui.job-open").with("file", file_title(&path));
    let early = session.early.take(&path);
    let (cache, files) = match &early {
        Some(early) => (early.cache.clone(), early.files.clone()),
        None => (caching::of_project(session, &path), Expected::default()),
    };
    let (source, of_project, came, next) = (path.clone(), path.clone(), files.clone(), files.clone());
    let kept = cache.clone();
    let done = move |session: &mut Session, result: Result<Read, ProjectError>| match result {
        Ok(Read { loaded, looks }) => {
            if !standing::may_install(session, Next::Open(path.clone())) {
                return;
            }
            let drawn = loaded.workspace.drawn().map(|entry| &*entry.layer);
            arriving::came(session, &came, drawn);
            session.settings.remember(&path);
            install(session, loaded, Some(path.clone()));
            passwords::ask_for_absent(session, path);
            // What is seen at first goes on from there.
            session.project.cache.clone_from(&cache);
            looks.into_iter().for_each(|look| prepare::take(session, look));
            caching::opened(session, cache);
            unsaved::offer(session);
        }
        Err(error) => tell(session, &error),
    };
    let job = match early {
        Some(early) => session.jobs.adopt(name, true, early.task, done),
        None => session.jobs.spawn(name, reading(source, kept, next), done),
    };
    session.opening.push(job);
    arriving::expect(session, job, of_project, files);
}

/// Begins an empty project, untitled.
pub fn begin(session: &mut Session) {
    close(session);
    unsaved::take(session);
}

/// Opens the demo project, untitled.
pub fn open_demo(session: &mut Session) {
    let name = Message::new("ui.job-open-demo");
    let job = session.jobs.spawn(name, project::load_demo, |session, result| match result {
        Ok(loaded) => {
            if standing::may_install(session, Next::Demo) {
                install(session, loaded, None);
                session.project.demo = true;
            }
        }
        Err(error) => tell(session, &error),
    });
    session.opening.push(job);
}

fn tell(session: &mut Session, error: &ProjectError) {
    if !matches!(error, ProjectError::Cancelled(_)) {
        session.notify_error(error.message());
    }
}

/// Puts a project in the place of what is open.
pub fn install(session: &mut Session, loaded: Loaded, path: Option<PathBuf>) {
    close(session);
    session.workspace = loaded.workspace;
    session.project.stamp = path.is_some().then_some(loaded.stamp);
    session.project.path = path;
    unsaved::take(session);
    for entry in &mut session.workspace.entries {
        entry.open |= entry.role == Role::LandUse && entry.visible && entry.style.has_classes();
    }
    let drawn: Vec<LayerId> =
        session.workspace.drawn().filter(|entry| entry.role == Role::LandUse).map(Entry::id).collect();
    session.project.current = drawn.last().copied();
    if let Some(view) = session.workspace.view {
        let size_px = session.view.size_px;
        session.view = MapView { center: view.center, units_per_px: view.units_per_px, size_px };
        session.project.wants_full_extent = false;
    }
    let seen = std::mem::take(&mut session.workspace.seeing);
    session.project.seeing = seen.seeing;
    session.project.beside = seen.beside;
    if seen.changes {
        let commands = [CompareCommand::Open, CompareCommand::ToggleChangeMap];
        session.pending.extend(commands.map(Command::Compare));
    }
    session.project.drawn_in.clone_from(&session.workspace.crs);
    let layers: Vec<LayerId> = session.workspace.entries.iter().map(Entry::id).collect();
    session.tell_reread(&layers, loaded.issues);
    if session.project.path.is_some() {
        shifts::look(session);
    }
}

/// Takes everything out of the session that belongs to the project that is open.
pub fn close(session: &mut Session) {
    unsaved::closed(session);
    session.work += 1;
    // What was offered or said of this project is no matter of the next one.
    let path = session.project.path.take();
    session.notices.retain(|notice| !notice.actions.iter().any(|(_, command)| is_of_project(path.as_deref(), command)));
    session.workspace = Workspace::new();
    session.project = Project::default();
    session.compare.ended = false;
}

/// Whether a command is about the project at `path` alone, or about layers of the workspace.
fn is_of_project(path: Option<&Path>, command: &Command) -> bool {
    match command {
        Command::File(FileCommand::Recover(journal)) => path.is_some_and(|path| unsaved::is_journal_of(journal, path)),
        Command::File(FileCommand::ReloadLayers(_)) | Command::Window(WindowCommand::Retry(_)) => true,
        Command::Scenario(_) | Command::File(FileCommand::SaveProjectAs) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::session::jobs;
    use crate::ui::{App, Start};

    #[test]
    fn a_project_that_was_read_before_the_window_was_there_is_not_read_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let (source, path) = (folder.path().join("a.geojson"), folder.path().join("p.toml"));
        let text = r#"{"type":"Polygon","coordinates":[[[117,36],[117.1,36],[117,36.1],[117,36]]]}"#;
        std::fs::write(&source, text).expect("written");
        let opened = crate::io::open(&source, &OpenOptions::default(), &Progress::new()).expect("opens");
        let mut workspace = Workspace::new();
        for layer in opened.layers {
            workspace.add(Arc::new(layer));
        }
        project::save(&workspace, &path).expect("saved");

        let settings = Settings { cache: false, memory_limit_mb: Some(0), ..Settings::default() };
        assert!(begin_early(std::slice::from_ref(&source), &settings).take(&source).is_none(), "no project");
        let early = begin_early(&[source.clone(), path.clone()], &settings);
        assert!(early.take(&source).is_none());
        let Reading { path, cache, files, task, waker } = early.take(&path).expect("is being read");
        assert!(early.take(&path).is_none(), "once");
        let read = task.wait().expect("no thread was lost");
        // Whoever reads it now finds nothing.
        std::fs::remove_file(&source).expect("removed");
        let task = Task::spawn("read", move |_| read, || {});
        let ctx = eframe::egui::Context::default();
        let mut app = App::new(&eframe::CreationContext::_new_kittest(ctx), Start::for_test());
        let session = &mut app.session;
        session.early = Early::of(Reading { path: path.clone(), cache, files, task, waker });
        open(session, path.clone());
        let job = session.opening.last().copied().expect("at work");
        while session.jobs.is_running(job) {
            jobs::install_finished(session);
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        assert_eq!((session.workspace.entries.len(), session.workspace.absent.len()), (1, 0));
        assert_eq!(session.project.path.as_ref(), Some(&path));
        // Opened once more it is read anew.
        open(session, path);
        let job = session.opening.last().copied().expect("at work");
        while session.jobs.is_running(job) {
            jobs::install_finished(session);
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        assert_eq!((session.workspace.entries.len(), session.workspace.absent.len()), (0, 1));
    }
}
