//! Projects: opening the workspace with its layers, styles and view. Saving it is [`crate::ui::work::saving`]'s.

use std::path::{Path, PathBuf};

use crate::io::cache::Trust;
use crate::model::LayerId;
use crate::model::roles::Role;
use crate::render::MapView;
use crate::scenario::{Entry, Loaded, ProjectError, Workspace, project};
use crate::text::Message;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::compare::CompareCommand;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::leaving::Next;
use crate::ui::session::opening::{Expected, file_title};
use crate::ui::session::project::Project;
use crate::ui::work::{arriving, caching, shifts, standing, unsaved};

/// Opens a project file: it takes the place of what is open. [`crate::ui::work::leaving`] asks before.
pub fn open(session: &mut Session, path: PathBuf) {
    let name = Message::new("ui.job-open").with("file", file_title(&path));
    let (source, reading) = (path.clone(), path.clone());
    let files = Expected::default();
    let (next, came) = (files.clone(), files.clone());
    let cache = caching::of_project(session, &path);
    let kept = cache.clone();
    let job = session.jobs.spawn(
        name,
        move |progress| {
            project::load_with(&source, &mut |source, options| {
                let options = next.next_file(options.clone());
                match &kept {
                    Some(cache) => cache.open(source, &options, Trust::Sampled, progress),
                    None => crate::io::open(source, &options, progress),
                }
            })
        },
        move |session, result| match result {
            Ok(loaded) => {
                if !standing::may_install(session, Next::Open(path.clone())) {
                    return;
                }
                let drawn = loaded.workspace.drawn().map(|entry| &*entry.layer);
                arriving::came(session, &came, drawn);
                session.settings.remember(&path);
                install(session, loaded, Some(path));
                caching::opened(session, cache);
                unsaved::offer(session);
            }
            Err(error) => tell(session, &error),
        },
    );
    session.opening.push(job);
    arriving::expect(session, job, reading, files);
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
