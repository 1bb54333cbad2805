//! What keeps the session's work: the journal of what is not saved, offered for recovery, and the lock of the project.
//!
//! A journal lies beside the project, or among the settings for work without a file, and begins with the first change.
//! Saving ends it. What a run leaves behind unsaved is set aside under another name before a new journal begins, and
//! offered from there until it is taken up; so is a file that is no journal of this version. Beside each project that
//! has a journal the settings keep a pointer to it, so that the next start finds it without being told the project.
//!
//! Two windows never write one journal: who opens a project takes its lock, and the second opens it read-only.

use std::path::{Path, PathBuf};

use crate::io::{Guard, Locking, hash_hex, lock, path_of_text, path_to_text, save_atomically, shown_path};
use crate::scenario::journal::{self, Found, Journal, Recovered};
use crate::text::Message;
use crate::ui::session::command::Command;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::unsaved::writer::Writer;
use crate::ui::session::{Session, opening};
use crate::ui::work::{clock, standing};

/// What the journal of work without a file is called; of several windows the others add a number.
const UNTITLED: &str = "untitled";

/// What the name of a journal that was set aside ends in.
const SET_ASIDE: &str = ".old";

/// The folder of pointers to journals beside projects.
const POINTERS: &str = "unsaved";

/// Places that are looked through for what was set aside: far more than anybody leaves lying.
const MOST_ASIDE: usize = 4096;

/// Windows with work that has no file.
const MOST_UNTITLED: usize = 64;

/// A path with something behind it.
fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut longer = path.as_os_str().to_owned();
    longer.push(end);
    longer.into()
}

/// The n-th place, from 0, where unsaved work of an earlier run lies that is not taken up yet.
fn aside(path: &Path, nth: usize) -> PathBuf {
    match nth {
        0 => with_end(path, SET_ASIDE),
        nth => with_end(path, &format!("{SET_ASIDE}.{}", nth + 1)),
    }
}

/// All such places in which something lies.
pub(in crate::ui) fn asides(path: &Path) -> Vec<PathBuf> {
    // Looked for by name: places in between may be free again.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
    let is_there = |place: &PathBuf| place.file_name().is_some_and(|name| names.iter().any(|known| known == name));
    let first = with_end(path, SET_ASIDE);
    let begins = |name: &std::ffi::OsString| {
        first.file_name().is_some_and(|first| name.as_encoded_bytes().starts_with(first.as_encoded_bytes()))
    };
    let count = names.iter().filter(|name| begins(name)).count();
    let mut found = Vec::new();
    for nth in 0..MOST_ASIDE {
        if found.len() == count {
            break;
        }
        found.extend(Some(aside(path, nth)).filter(is_there));
    }
    found
}

/// Puts a file where it is kept until it is taken up; what lies there already stays. Where it is then.
pub(in crate::ui) fn set_aside(path: &Path) -> Option<PathBuf> {
    let free = (0..MOST_ASIDE).map(|nth| aside(path, nth)).find(|place| !place.exists())?;
    std::fs::rename(path, &free).ok()?; // who asked says that it could not be moved
    if let Some(folder) = path.parent() {
        crate::io::sync_folder(folder);
    }
    Some(free)
}

/// Whether a journal is one of the project at `path`, set aside or not.
pub fn is_journal_of(journal: &Path, project: &Path) -> bool {
    let own = journal::path_beside(project);
    journal.as_os_str().as_encoded_bytes().starts_with(own.as_os_str().as_encoded_bytes())
}

fn untitled(folder: &Path, nth: usize) -> PathBuf {
    let name = if nth == 0 { UNTITLED.to_owned() } else { format!("{UNTITLED}-{}", nth + 1) };
    folder.join(name + journal::SUFFIX)
}

fn lock_of(journal: &Path) -> PathBuf {
    with_end(journal, ".lock")
}

/// The lock of a project: beside it, as its journal.
fn lock_beside(project: &Path) -> PathBuf {
    with_end(project, ".lock")
}

/// Whether projects are locked here at all.
pub fn takes_locks(session: &Session) -> bool {
    session.unsaved.folder.is_some()
}

/// Whether another window has a project.
pub fn is_taken(project: &Path) -> bool {
    matches!(lock(&lock_beside(project)), Locking::Theirs)
}

/// Takes the lock of the project that was opened. Where another window has it, this one does not save over it.
pub fn take(session: &mut Session) {
    session.unsaved.lock = None;
    let Some(path) = session.project.path.clone().filter(|_| session.unsaved.folder.is_some()) else { return };
    match lock(&lock_beside(&path)) {
        Locking::Ours(ours) => session.unsaved.lock = Some(ours),
        Locking::Theirs => {
            session.project.read_only = true;
            let file = opening::file_title(&path);
            session.offer(
                Message::new("ui.read-only").with("file", file),
                "ui.work-on-copy",
                Command::File(FileCommand::SaveProjectAs),
            );
        }
        Locking::Impossible => {}
    }
}

/// Writes down what happened since the last frame.
pub fn refresh(session: &mut Session) {
    if session.unsaved.folder.is_none() {
        return;
    }
    while let Some(outcome) = session.unsaved.writer.as_ref().and_then(Writer::next_outcome) {
        match outcome {
            Ok(()) if session.unsaved.failed => {
                session.unsaved.failed = false;
                session.notify(Message::new("edit.kept-again"));
            }
            Ok(()) => {}
            Err(error) => failed(session, &error.message()),
        }
    }
    if session.unsaved.journal.is_none() {
        if session.workspace.scenarios.history.unsaved_count() > 0 || session.unsaved.recovered {
            start(session);
        }
        return;
    }
    let unsaved = &mut session.unsaved;
    if let Some(journal) = &mut unsaved.journal
        && let Some(writing) = journal.next(&mut session.workspace)
    {
        // What failed is missing in the file: it begins again.
        let writing = if unsaved.failed { journal.whole(&mut session.workspace, true) } else { writing };
        if let Some(writer) = &unsaved.writer {
            writer.write(writing);
        }
    }
}

fn failed(session: &mut Session, reason: &Message) {
    if !session.unsaved.failed {
        session.unsaved.failed = true;
        let reason = reason.text(session.language());
        session.notify_error(Message::new("edit.not-kept").with("reason", reason));
    }
    // The thread may have ended, and the place may have gone: both begin anew with the next change.
    if session.unsaved.writer.as_ref().is_some_and(|writer| writer.has_ended()) {
        (session.unsaved.writer, session.unsaved.journal) = (None, None);
    }
}

/// Where the journal of the present work lies, with its lock where it is of work without a file.
fn place(session: &mut Session) -> Option<PathBuf> {
    if let Some(project) = session.project.path.as_deref().filter(|_| !session.project.read_only) {
        return Some(journal::path_beside(project));
    }
    let folder = session.unsaved.folder.clone()?;
    // Where it cannot be made, the journal says why it cannot be written.
    let _ = std::fs::create_dir_all(&folder);
    for nth in 0..MOST_UNTITLED {
        let path = untitled(&folder, nth);
        match lock(&lock_of(&path)) {
            Locking::Ours(ours) => {
                session.unsaved.lock = Some(ours);
                return Some(path);
            }
            Locking::Theirs => {}
            Locking::Impossible => return Some(path),
        }
    }
    None
}

fn start(session: &mut Session) {
    let Some(path) = place(session) else { return };
    if !make_room(session, &path) {
        return;
    }
    let project = session.project.path.clone().filter(|_| !session.project.read_only);
    let is_unsaved = session.unsaved.recovered || session.workspace.scenarios.history.unsaved_count() > 0;
    let (journal, whole) = Journal::begin(&path, &mut session.workspace, project.as_deref(), is_unsaved);
    let writer = Writer::start(&path, session.unsaved.ctx.clone());
    writer.write(whole);
    point(session, project.as_deref());
    (session.unsaved.journal, session.unsaved.writer) = (Some(journal), Some(writer));
}

/// Sets aside what lies at `path`, so that a journal can begin there. Whether it can.
fn make_room(session: &mut Session, path: &Path) -> bool {
    let unreadable = match journal::look(path) {
        Found::Nothing => return true,
        Found::Unsaved(_) => false,
        Found::Unreadable => true,
    };
    match set_aside(path) {
        Some(place) => {
            if unreadable {
                session.warn(Message::new("edit.journal-unreadable").with("path", shown_path(&place)));
            }
            true
        }
        None => {
            // Somebody's work is more worth than the beginning of this one's.
            failed(session, &Message::new("edit.not-set-aside").with("path", shown_path(path)));
            false
        }
    }
}

/// The pointer to the journal of a project.
fn pointer(folder: &Path, project: &Path) -> PathBuf {
    let name = hash_hex(path_to_text(project).as_bytes());
    folder.join(POINTERS).join(name + ".path")
}

/// Notes among the settings that a project has a journal.
fn point(session: &Session, project: Option<&Path>) {
    let (Some(folder), Some(project)) = (&session.unsaved.folder, project) else { return };
    let pointer = pointer(folder, project);
    // Without it the project still finds its journal when it is opened.
    let _ = std::fs::create_dir_all(folder.join(POINTERS));
    let _ = save_atomically(&pointer, &Guard::none(), |out| out.write_all(path_to_text(project).as_bytes()));
}

/// The project was saved: nothing in the journal is unsaved any more.
pub fn saved(session: &mut Session) {
    (session.unsaved.failed, session.unsaved.recovered) = (false, false);
    session.unsaved.journal = None;
    if let Some(writer) = session.unsaved.writer.take() {
        writer.discard();
    }
    if let (Some(folder), Some(project)) = (&session.unsaved.folder, &session.project.path)
        && asides(&journal::path_beside(project)).is_empty()
    {
        // What is not there need not be removed.
        let _ = std::fs::remove_file(pointer(folder, project));
    }
    take(session);
}

/// The user does not want the present work: its journal goes.
pub fn discard(session: &mut Session) {
    session.unsaved.journal = None;
    session.unsaved.recovered = false;
    if let Some(writer) = session.unsaved.writer.take() {
        writer.discard();
    }
}

/// Removes what earlier runs left of work without a file; what is open now goes on being kept.
pub fn clear(session: &mut Session) {
    let Some(folder) = session.unsaved.folder.clone() else { return };
    let own = session.unsaved.journal.as_ref().map(|journal| journal.path().to_owned());
    for path in (0..MOST_UNTITLED).map(|nth| untitled(&folder, nth)) {
        // Another window's is not ours to remove.
        let free = own.as_ref() != Some(&path) && !matches!(lock(&lock_of(&path)), Locking::Theirs);
        for path in asides(&path).into_iter().chain(free.then_some(path)) {
            // What is not there need not be removed.
            let _ = std::fs::remove_file(path);
        }
    }
    let _ = std::fs::remove_dir_all(folder.join(POINTERS));
    point(session, session.project.path.as_deref().filter(|_| own.is_some()));
}

/// Another project takes the place of this one. The journal of a project stays as it is; that of work which the user
/// chose to discard goes.
pub fn closed(session: &mut Session) {
    if session.project.discarded.is_some() && session.project.discarded == Some(standing::standing(&session.workspace))
    {
        discard(session);
    }
    let unsaved = &mut session.unsaved;
    (unsaved.journal, unsaved.writer, unsaved.lock) = (None, None, None);
    (unsaved.failed, unsaved.recovered) = (false, false);
}

/// Offers what an earlier run left unsaved of the project that was opened.
pub fn offer(session: &mut Session) {
    let Some(path) = session.project.path.clone().filter(|_| session.unsaved.folder.is_some()) else { return };
    if session.project.read_only {
        // The other window's journal is no leftover.
        return;
    }
    offer_at(session, &journal::path_beside(&path));
}

/// Offers what earlier runs left unsaved: work without a file, and of projects that had a journal. Called at the start;
/// `but` are projects that are being opened, and offer theirs by themselves.
pub fn offer_all(session: &mut Session, but: &[PathBuf]) {
    let Some(folder) = session.unsaved.folder.clone() else { return };
    for path in (0..MOST_UNTITLED).map(|nth| untitled(&folder, nth)) {
        if path.exists() || with_end(&path, SET_ASIDE).exists() {
            // Another window is at work there.
            let Locking::Ours(_lock) = lock(&lock_of(&path)) else { continue };
            offer_at(session, &path);
        }
    }
    let pointers = std::fs::read_dir(folder.join(POINTERS)).into_iter().flatten().flatten();
    for pointer in pointers.map(|entry| entry.path()) {
        let Ok(text) = std::fs::read_to_string(&pointer) else { continue };
        let project = path_of_text(&text);
        if but.iter().any(|other| crate::io::is_same_file(other, &project)) {
            continue;
        }
        let Locking::Ours(_lock) = lock(&lock_beside(&project)) else { continue };
        if !offer_at(session, &journal::path_beside(&project)) {
            // Saved meanwhile, or removed with its folder.
            let _ = std::fs::remove_file(pointer);
        }
    }
}

/// Offers what lies unsaved at `path` and where it was set aside. Whether there was any.
fn offer_at(session: &mut Session, path: &Path) -> bool {
    // Set aside at once, so that a journal can begin there. One that cannot be moved is offered from where it is.
    let mut places = asides(path);
    match journal::look(path) {
        Found::Nothing => {}
        Found::Unsaved(_) => places.push(set_aside(path).unwrap_or_else(|| path.to_owned())),
        Found::Unreadable => {
            make_room(session, path);
        }
    }
    offer_those(session, places)
}

/// Offers the journals at `places`. Whether there was anything unsaved in them.
pub(in crate::ui) fn offer_those(session: &mut Session, places: Vec<PathBuf>) -> bool {
    let found: Vec<Recovered> = places.iter().filter_map(|place| journal::recover(place)).collect();
    let any = !found.is_empty();
    for found in found {
        let n = found.change_count().max(1);
        let time = found.when().map(clock::date_and_time).unwrap_or_default();
        let message = match &found.project {
            Some(project) => Message::new("edit.unsaved-found").with("file", opening::file_title(project)),
            None => {
                let name = found.name();
                let name = if name.is_empty() { session.tr("ui.untitled").to_owned() } else { name };
                Message::new("edit.unsaved-untitled").with("name", name)
            }
        };
        let message = message.with("n", n).with("time", time);
        session.offer(message, "edit.recover", Command::File(FileCommand::Recover(found.path)));
    }
    any
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
            assert!(set_aside(&path).is_some() && !path.exists());
        }
        let read = |path: &PathBuf| std::fs::read_to_string(path).expect("is there");
        assert_eq!(asides(&path).iter().map(read).collect::<Vec<_>>(), ["0", "1", "2"]);
        // One that was taken up makes room.
        std::fs::remove_file(aside(&path, 1)).expect("removed");
        std::fs::write(&path, "3").expect("written");
        assert!(set_aside(&path).is_some());
        assert_eq!(asides(&path).iter().map(read).collect::<Vec<_>>(), ["0", "3", "2"]);
        assert!(set_aside(&path).is_none(), "nothing is there");
        assert!(is_journal_of(&aside(&path, 2), &folder.path().join("plan.toml")));
        assert!(!is_journal_of(&aside(&path, 2), &folder.path().join("other.toml")));
    }
}
