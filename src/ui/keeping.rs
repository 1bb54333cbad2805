//! The journal of what is not saved: written as it happens, offered for recovery after a crash.
//!
//! It lies beside the project, or among the settings for a project without a file, and begins with the first scenario.
//! Saving starts it again. What a run leaves behind unsaved is set aside under another name before a new journal begins,
//! and offered from there until it is taken up.

use std::path::{Path, PathBuf};

use super::command::Command;
use super::project;
use super::state::Session;
use crate::scenario::Loaded;
use crate::scenario::journal::{self, Journal, Recovered};
use crate::synth::embedded;
use crate::text::Message;

/// What an untitled project's journal is called.
const UNTITLED: &str = "untitled.journal";

/// What the name of a journal that was set aside ends in.
const SET_ASIDE: &str = ".old";

/// Runs whose work can lie unsaved; of more, the last stays where it is.
const MOST_ASIDE: usize = 64;

/// What keeps the session's work.
#[derive(Default)]
pub struct Keeping {
    /// The folder for untitled projects; `None` where nothing is written: in tests, and without a home.
    folder: Option<PathBuf>,
    journal: Option<Journal>,
    /// Whether the journal failed: said once.
    failed: bool,
    /// Whether what is open was recovered and not saved since.
    recovered: bool,
}

impl Keeping {
    /// Journals of untitled projects in `folder`.
    pub fn in_folder(folder: &Path) -> Self {
        Self { folder: Some(folder.to_owned()), ..Self::default() }
    }
}

/// The n-th place, from 0, where unsaved work of an earlier run lies that is not taken up yet.
fn aside(path: &Path, nth: usize) -> PathBuf {
    let mut old = path.as_os_str().to_owned();
    old.push(SET_ASIDE);
    if nth > 0 {
        old.push(format!(".{}", nth + 1));
    }
    old.into()
}

/// All such places in which something lies, as far as they follow each other.
fn asides(path: &Path) -> Vec<PathBuf> {
    let places = (0..MOST_ASIDE).map(|nth| aside(path, nth));
    places.filter(|place| place.exists()).collect()
}

/// Puts a journal where it is kept until it is taken up; what lies there already stays. Whether it could be moved.
fn set_aside(path: &Path) -> bool {
    let free = (0..MOST_ASIDE).map(|nth| aside(path, nth)).find(|place| !place.exists());
    free.is_some_and(|free| std::fs::rename(path, free).is_ok())
}

fn path_of(folder: &Path, project: Option<&Path>) -> PathBuf {
    project.map_or_else(|| folder.join(UNTITLED), journal::path_beside)
}

/// Writes down what happened since the last frame.
pub fn refresh(session: &mut Session) {
    let Some(folder) = &session.keeping.folder else { return };
    if session.keeping.failed || session.workspace.scenarios.list().is_empty() && session.keeping.journal.is_none() {
        return;
    }
    let path = path_of(folder, session.project_path.as_deref());
    let written = match &mut session.keeping.journal {
        Some(journal) if journal.path() == path => journal.record(&mut session.workspace).map(drop),
        _ => {
            session.keeping.journal = None;
            start(session, &path)
        }
    };
    if let Err(error) = written {
        session.keeping.failed = true;
        session.notify_error(Message::new("edit.not-kept").with("reason", error.message().text(session.language())));
    }
}

fn start(session: &mut Session, path: &Path) -> Result<(), crate::io::SaveError> {
    if journal::recover(path).is_some() {
        // Where it cannot be set aside, the new journal is more worth than the old one.
        let _ = set_aside(path);
    }
    if let Some(folder) = path.parent() {
        // Where it cannot be made, the journal says why it cannot be written.
        let _ = std::fs::create_dir_all(folder);
    }
    let project = session.project_path.clone();
    let edited = session.workspace.scenarios.history.position() > 0;
    let is_unsaved = edited || session.keeping.recovered || project.is_none() && !session.demo;
    session.keeping.journal = Some(Journal::start(path, &mut session.workspace, project.as_deref(), is_unsaved)?);
    Ok(())
}

/// The project was saved: nothing in the journal is unsaved any more.
pub fn saved(session: &mut Session) {
    (session.keeping.failed, session.keeping.recovered) = (false, false);
    if let Some(journal) = session.keeping.journal.take() {
        // One that stays is found empty of unsaved work, or offered once too often.
        let _ = journal.discard();
    }
    let Some(folder) = &session.keeping.folder else { return };
    let path = path_of(folder, session.project_path.as_deref());
    let project = session.project_path.clone();
    if !session.workspace.scenarios.list().is_empty()
        && let Ok(journal) = Journal::start(&path, &mut session.workspace, project.as_deref(), false)
    {
        session.keeping.journal = Some(journal);
    }
}

/// Removes what earlier runs left of projects without a file; what is open now goes on being kept.
pub fn clear(session: &mut Session) {
    let Some(folder) = &session.keeping.folder else { return };
    let untitled = folder.join(UNTITLED);
    let is_written = session.keeping.journal.as_ref().is_some_and(|journal| journal.path() == untitled);
    for path in asides(&untitled).into_iter().chain([untitled]) {
        if !(is_written && path.ends_with(UNTITLED)) {
            // What is not there need not be removed.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Another project takes the place of this one: its journal stays as it is.
pub fn closed(session: &mut Session) {
    session.keeping.journal = None;
    (session.keeping.failed, session.keeping.recovered) = (false, false);
}

/// Offers what an earlier run left unsaved of the project that was opened.
pub fn offer(session: &mut Session) {
    let Some(folder) = &session.keeping.folder else { return };
    let path = path_of(folder, session.project_path.as_deref());
    // Set aside at once: a project with scenarios begins a journal of its own in this very frame. One that cannot be
    // moved stays where it is, and is offered by the next run.
    if journal::recover(&path).is_some() {
        set_aside(&path);
    }
    let found: Vec<Recovered> = asides(&path).iter().filter_map(|place| journal::recover(place)).collect();
    let several = found.len() > 1;
    for found in found {
        let key = if several { "edit.unsaved-of-several" } else { "edit.unsaved-found" };
        let file = super::run::file_title(&found.path);
        let message = Message::new(key).with("n", found.step_count()).with("file", file);
        session.offer(message, "edit.recover", Command::Recover(found.path));
    }
}

/// Does again what a journal says, in the place of what is open.
pub fn recover(session: &mut Session, path: PathBuf) {
    session.jobs.spawn(
        Message::new("edit.job-recover"),
        move |progress| {
            let found = journal::recover(&path)?;
            let loaded = found.load(&mut |source, options| embedded::open_source(source, options, progress));
            Some((loaded, found))
        },
        move |session, result: Option<(Result<Loaded, _>, Recovered)>| match result {
            Some((Ok(loaded), found)) => {
                project::install(session, loaded, found.project.clone());
                session.keeping.recovered = true;
                refresh(session);
                if session.keeping.journal.is_some() {
                    // It is in the new journal now; one that cannot be removed is offered once more.
                    let _ = found.discard();
                }
                session.notify(Message::new("edit.recovered"));
            }
            Some((Err(error), _)) => session.notify_error(error.message()),
            None => session.notify_error(Message::new("edit.not-recovered")),
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_set_aside_stays_when_more_comes() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("plan.toml.journal");
        for nth in 0..3 {
            std::fs::write(&path, format!("{nth}")).expect("written");
            assert!(set_aside(&path) && !path.exists());
        }
        let read = |path: &PathBuf| std::fs::read_to_string(path).expect("is there");
        assert_eq!(asides(&path).iter().map(read).collect::<Vec<_>>(), ["0", "1", "2"]);
        // One that was taken up makes room.
        std::fs::remove_file(aside(&path, 1)).expect("removed");
        std::fs::write(&path, "3").expect("written");
        assert!(set_aside(&path));
        assert_eq!(asides(&path).iter().map(read).collect::<Vec<_>>(), ["0", "3", "2"]);
        assert!(!set_aside(&path), "nothing is there");
    }
}
