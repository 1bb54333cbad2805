//! Saving the project: in the background, from a snapshot that is taken at once, so that neither a large history nor a
//! slow disk holds up the window. What is done meanwhile is unsaved, and is journalled as ever.
//!
//! One save runs at a time; what is asked meanwhile (another save, the way out) waits for it. Before anything is
//! written the file is looked at: one that somebody else wrote since it was opened is asked about, sources are never
//! written.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use crate::scenario::{SavedSeeing, SavedView, project};
use crate::text::Message;
use crate::ui::session::Session;
use crate::ui::session::leaving::{Next, Saving, Waiting};
use crate::ui::session::opening::file_title;
use crate::ui::session::parts::Card;
use crate::ui::work::save::{ask_target, protected, small_map};
use crate::ui::work::thumbnails::Replacing;
use crate::ui::work::{caching, leaving, standing, thumbnails, unsaved};

/// Why nothing was written.
enum NotSaved {
    /// Somebody else wrote the file.
    Changed,
    Failed(Message),
}

/// Saves the project, asking for a file where it has none or `ask` is set.
pub fn save(session: &mut Session, ask: bool) {
    match session.project.path.clone().filter(|_| !ask && !session.project.read_only) {
        Some(path) => save_to(session, path),
        None => save_then(session, None),
    }
}

/// Saves the project to a file to be chosen, then goes on to `next`.
pub fn save_then(session: &mut Session, next: Option<Next>) {
    let name = &session.workspace.name;
    let name = if name.is_empty() { session.tr("ui.untitled") } else { name };
    let name = format!("{name}.toml");
    ask_target(session, name, ("ui.filter-project", "toml"), move |session, path| {
        start(session, path, false, next);
    });
}

/// Saves the project to `path`, which becomes its file. Asks first where somebody else wrote that file since it was
/// opened or saved here.
pub fn save_to(session: &mut Session, path: PathBuf) {
    start(session, path, false, None);
}

/// Saves the project to `path`, whatever is there.
pub fn save_over(session: &mut Session, path: PathBuf) {
    start(session, path, true, None);
}

/// Has `next` wait for the save that is at work; `false` where none is.
pub fn leave_after(session: &mut Session, next: &Next) -> bool {
    let Some(saving) = &mut session.saving else { return false };
    let waits = saving.waiting.iter().any(|waiting| matches!(waiting, Waiting::Leave(known) if known == next));
    if !waits {
        saving.waiting.push_back(Waiting::Leave(next.clone()));
    }
    true
}

fn start(session: &mut Session, path: PathBuf, over: bool, next: Option<Next>) {
    if let Some(saving) = &mut session.saving {
        return saving.waiting.push_back(Waiting::Save { path, over, next });
    }
    let is_own = session.project.path.as_deref() == Some(&path) && !session.project.read_only;
    let mut snapshot = session.workspace.clone();
    snapshot.view = Some(SavedView { center: session.view.center, units_per_px: session.view.units_per_px });
    let changes = session.compare.change_map && session.compare.is_open();
    snapshot.seeing = SavedSeeing { seeing: session.project.seeing, beside: session.project.beside.clone(), changes };
    if snapshot.name.is_empty() {
        snapshot.name = crate::io::shown_path(path.file_stem().unwrap_or_default());
    }
    let name = snapshot.name.clone();
    let protected = protected(session);
    let own = session.project.path.clone();
    let expected = session.project.stamp.clone().filter(|_| is_own && !over);
    let may_be_taken = !is_own && unsaved::takes_locks(session);
    let target = path.clone();
    let job = session.jobs.spawn_hidden(
        Message::new("ui.job-save").with("file", file_title(&path)),
        move |_| {
            let found = project::stamp(&target);
            if expected.is_some() && found.is_some() && found != expected {
                return Err(NotSaved::Changed);
            }
            // The project's own file is what may be written; the project guards its sources by itself, but knows no
            // others.
            let guard = protected.guard().but(own.as_deref());
            guard.check(&target).map_err(|error| NotSaved::Failed(error.message()))?;
            if may_be_taken && unsaved::is_taken(&target) {
                return Err(NotSaved::Failed(Message::new("ui.taken").with("file", file_title(&target))));
            }
            project::save(&snapshot, &target).map_err(|error| NotSaved::Failed(error.message()))
        },
        move |session, result| done(session, result, &name, next),
    );
    // From here on what is done is unsaved again.
    let before = session.workspace.scenarios.history.note_saved();
    session.saving = Some(Saving { path, job, before, work: session.work, waiting: VecDeque::new() });
}

fn done(session: &mut Session, result: Result<String, NotSaved>, name: &str, next: Option<Next>) {
    let Some(saving) = session.saving.take() else { return };
    let is_same_work = saving.work == session.work;
    match result {
        Ok(stamp) => {
            session.notify(Message::new("ui.saved").with("file", file_title(&saving.path)));
            session.settings.remember(&saving.path);
            if is_same_work {
                installed(session, &saving.path, stamp, name);
            }
        }
        Err(reason) => {
            if is_same_work {
                session.workspace.scenarios.history.note_not_saved(&saving.before);
            }
            match reason {
                NotSaved::Changed if is_same_work => session.card = Some(Card::Overwrite(saving.path)),
                // Its journal has what it lacks.
                NotSaved::Changed => {}
                NotSaved::Failed(message) => session.notify_error(message),
            }
            // What waited for a saved file has none to go on with.
            return;
        }
    }
    if let Some(next) = next.filter(|_| is_same_work && !standing::must_ask(&session.workspace, &session.project)) {
        leaving::proceed(session, next);
    }
    for waiting in saving.waiting {
        match waiting {
            Waiting::Save { path, over, next } => start(session, path, over, next),
            Waiting::Leave(next) => leaving::go(session, next),
        }
    }
}

/// The work has a file now, and that file has it.
fn installed(session: &mut Session, path: &Path, stamp: String, name: &str) {
    if session.workspace.name.is_empty() {
        name.clone_into(&mut session.workspace.name);
    }
    session.project.stamp = Some(stamp);
    session.project.path = Some(path.to_owned());
    session.project.demo = false;
    session.project.read_only = false;
    unsaved::saved(session);
    let (view, scale) = thumbnails::view_of(&session.view);
    let painted = small_map(session, view, scale);
    thumbnails::paint(session, path, painted, Replacing::Always);
    session.project.pictured = true;
    caching::saved(session, path);
}

/// Paints the picture of a project that was opened and has none yet, once all of it has come: the list of those opened
/// lately shows projects of colleagues, too, which nobody saved here.
pub fn picture_once(session: &mut Session) {
    let is_due = !session.project.pictured
        && session.unsaved.folder.is_some()
        && session.jobs.is_empty()
        && !session.workspace.is_empty()
        && !session.project.wants_full_extent
        && session.view.size_px[0] > 1.0;
    let Some(path) = session.project.path.clone().filter(|_| is_due) else { return };
    session.project.pictured = true;
    let (view, scale) = thumbnails::view_of(&session.view);
    let painted = small_map(session, view, scale);
    thumbnails::paint(session, &path, painted, Replacing::Never);
}

/// Puts right what a save left that ended without a word: nothing of it is known to be in the file.
pub fn refresh(session: &mut Session) {
    let is_lost = session.saving.as_ref().is_some_and(|saving| !session.jobs.is_running(saving.job));
    if is_lost
        && let Some(saving) = session.saving.take()
        && saving.work == session.work
    {
        session.workspace.scenarios.history.note_not_saved(&saving.before);
    }
}
