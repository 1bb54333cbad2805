//! Projects: opening and saving the workspace with its layers, styles and view.

use std::path::PathBuf;

use super::arriving::{self, Expected};
use super::command::Command;
use super::compare::CompareCommand;
use super::keeping;
use super::run::file_title;
use super::save::ask_target;
use super::state::{Identified, Page, Session};
use super::views::Views;
use crate::model::LayerId;
use crate::model::roles::Role;
use crate::render::MapView;
use crate::scenario::{Entry, Loaded, ProjectError, SavedSeeing, SavedView, Seeing, Workspace, project};
use crate::synth::embedded;
use crate::text::Message;

/// Opens a project file: it takes the place of what is open.
pub fn open(session: &mut Session, path: PathBuf) {
    let name = Message::new("ui.job-open").with("file", file_title(&path));
    let source = path.clone();
    let files = Expected::default();
    let (next, came) = (files.clone(), files.clone());
    let job = session.jobs.spawn(
        name,
        move |progress| {
            project::load_with(&source, &mut |source, options| {
                embedded::open_source(source, &next.next_file(options.clone()), progress)
            })
        },
        move |session, result| match result {
            Ok(loaded) => {
                let drawn = loaded.workspace.drawn().map(|entry| &*entry.layer);
                arriving::came(session, &came, drawn);
                session.settings.remember(&path);
                install(session, loaded, Some(path));
                keeping::offer(session);
            }
            Err(error) => tell(session, &error),
        },
    );
    arriving::expect(session, job, files);
}

/// Opens the demo project, untitled.
pub fn open_demo(session: &mut Session) {
    let name = Message::new("ui.job-open-demo");
    session.jobs.spawn(name, embedded::open_demo, |session, result| match result {
        Ok(loaded) => {
            install(session, loaded, None);
            session.demo = true;
            keeping::offer(session);
        }
        Err(error) => tell(session, &error),
    });
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
    session.project_path = path;
    for entry in &mut session.workspace.entries {
        entry.open |= entry.role == Role::LandUse && entry.visible && entry.style.categories().is_some();
    }
    let drawn: Vec<LayerId> =
        session.workspace.drawn().filter(|entry| entry.role == Role::LandUse).map(Entry::id).collect();
    session.current = drawn.last().copied();
    if let Some(view) = session.workspace.view {
        let size_px = session.view.size_px;
        session.view = MapView { center: view.center, units_per_px: view.units_per_px, size_px };
        session.wants_full_extent = false;
    }
    let seen = std::mem::take(&mut session.workspace.seeing);
    session.seeing = seen.seeing;
    session.beside = seen.beside;
    if seen.changes {
        let commands = [CompareCommand::Open, CompareCommand::ToggleChangeMap];
        session.pending.extend(commands.map(Command::Compare));
    }
    for issue in loaded.issues {
        session.notify_error(issue.message);
    }
}

/// Takes everything out of the session that belongs to the project that is open.
pub fn close(session: &mut Session) {
    keeping::closed(session);
    session.workspace = Workspace::new();
    session.project_path = None;
    session.demo = false;
    session.current = None;
    session.selection.clear();
    session.identified = Identified::default();
    session.hover = None;
    session.cursor = None;
    session.marked = None;
    session.sketch = super::sketch::Sketch::default();
    session.measurements.clear();
    session.seeing = Seeing::One;
    session.beside.clear();
    session.compare.ended = false;
    session.methods.clear();
    session.page = Page::Identify;
    session.views = Views::default();
    session.wants_full_extent = true;
}

/// Saves the project, asking for a file where it has none or `ask` is set.
pub fn save(session: &mut Session, ask: bool) {
    match session.project_path.clone().filter(|_| !ask) {
        Some(path) => save_to(session, path),
        None => {
            let name = &session.workspace.name;
            let name = if name.is_empty() { session.tr("ui.untitled") } else { name };
            let name = format!("{name}.toml");
            ask_target(session, name, ("ui.filter-project", "toml"), save_to);
        }
    }
}

/// Saves the project to `path`, which becomes its file.
pub fn save_to(session: &mut Session, path: PathBuf) {
    session.workspace.view = Some(SavedView { center: session.view.center, units_per_px: session.view.units_per_px });
    let changes = session.compare.change_map && session.compare.is_open();
    session.workspace.seeing = SavedSeeing { seeing: session.seeing, beside: session.beside.clone(), changes };
    if session.workspace.name.is_empty() {
        session.workspace.name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    }
    match project::save(&session.workspace, &path) {
        Ok(()) => {
            session.notify(Message::new("ui.saved").with("file", file_title(&path)));
            session.settings.remember(&path);
            session.project_path = Some(path);
            session.demo = false;
            keeping::saved(session);
        }
        Err(error) => session.notify_error(error.message()),
    }
}
