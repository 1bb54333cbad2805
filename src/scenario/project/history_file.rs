//! The history beside the project: `工程.toml.history` holds the steps that led to what the project's file says.
//!
//! It names the text that it belongs to by its hash. One that belongs to another text, is torn or of another version is
//! left out, which is said; the project opens without it. While a project is saved the new history lies beside the old
//! one (`工程.toml.history.next`). Of very many steps the latest are kept, [`LIMIT`] bytes.

use std::fs;
use std::path::{Path, PathBuf};

use super::steps::{KeptRecord, LineRecord, VERSION, Words, line_text, read_line};
use super::{Loaded, layer_records};
use crate::io::{Guard, save_atomically, sync_folder};
use crate::model::{Issue, Severity};
use crate::scenario::document::history::Kept;
use crate::scenario::document::workspace::Workspace;
use crate::text::Message;

/// What the file is called beside a project: `工程.toml.history`.
pub const SUFFIX: &str = ".history";

/// Bytes that the file may take: 32 MB.
pub const LIMIT: usize = 32 << 20;

/// Where the history of a project lies.
pub fn path_beside(project: &Path) -> PathBuf {
    let mut name = project.file_name().map(ToOwned::to_owned).unwrap_or_default();
    name.push(SUFFIX);
    project.with_file_name(name)
}

/// The lines of the steps, the latest where all take more than [`LIMIT`] bytes, and how many are forgotten before them.
/// With `all_saved` what is done counts as saved.
pub(in crate::scenario) fn lines(
    workspace: &Workspace,
    words: &mut Words<'_>,
    all_saved: bool,
) -> (Vec<String>, usize) {
    let history = &workspace.scenarios.history;
    let mut lines = Vec::new();
    let mut bytes = 0;
    for kept in history.kept().rev() {
        let kept = Kept { saved: if all_saved { kept.done } else { kept.saved }, ..kept.clone() };
        let Some(record) = KeptRecord::of(&kept, workspace, words) else { break };
        let line = line_text(&LineRecord::Step(record));
        bytes += line.len();
        if bytes > LIMIT {
            break;
        }
        lines.push(line);
    }
    lines.reverse();
    let forgotten = history.forgotten_count() + history.kept().len() - lines.len();
    (lines, forgotten)
}

/// Where the history of a text that is about to be saved lies until the text does.
pub(super) fn path_of_next(project: &Path) -> PathBuf {
    let mut name = path_beside(project).into_os_string();
    name.push(".next");
    name.into()
}

/// Writes the history of a project whose text, not yet saved, has that hash, beside the history of the text before: a
/// program that is killed between the two leaves either text with its own. [`settle`] follows when the text is saved.
pub(super) fn prepare(workspace: &Workspace, project: &Path, stamp: &str) {
    let folder = project.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (_, list) = layer_records(workspace, folder);
    let mut words = Words { list, folder: folder.into() };
    let (lines, forgotten) = lines(workspace, &mut words, true);
    if lines.is_empty() && forgotten == 0 && !path_beside(project).exists() {
        return;
    }
    let head = LineRecord::History { version: VERSION, project: stamp.to_owned(), forgotten };
    // The project will be saved; its history is no work. An old one that stays does not fit the new text and is left out.
    let _ = save_atomically(&path_of_next(project), &Guard::none(), |out| {
        out.write_all(line_text(&head).as_bytes())?;
        lines.iter().try_for_each(|line| out.write_all(line.as_bytes()))
    });
}

/// Gives the history that [`prepare`] wrote its name, now that its text is saved. One without steps goes.
pub(super) fn settle(workspace: &Workspace, project: &Path) {
    let (next, path) = (path_of_next(project), path_beside(project));
    let history = &workspace.scenarios.history;
    // What is not there need not be removed or moved; under its first name it is found as well.
    let _renamed = fs::rename(&next, &path).is_ok();
    #[cfg(test)]
    {
        use crate::io::disk::{Deed, note};
        if _renamed {
            note(Deed::Renamed(next, path.clone()));
        }
    }
    if history.kept().len() == 0 && history.forgotten_count() == 0 {
        let _ = fs::remove_file(&path);
    }
    sync_folder(project.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")));
}

/// Reads the history of a project that was loaded: the one under its name, or the one that was written for this text by
/// a program that was killed before it could give it that name.
pub(super) fn read(project: &Path, loaded: &mut Loaded) {
    let path = path_beside(project);
    let folder = project.parent().unwrap_or(Path::new(""));
    let candidates = [&path, &path_of_next(project)].map(|path| fs::read(path).ok()); // none is no fault
    let Some((records, forgotten)) = candidates.iter().flatten().find_map(|bytes| steps_of(bytes, &loaded.stamp))
    else {
        if candidates[0].is_some() {
            let file = crate::io::shown_path(path.file_name().unwrap_or_default());
            let message = Message::new("scenario.history-of-another").with("file", file);
            loaded.issues.push(Issue::new(Severity::Note, message));
        }
        return;
    };
    let (_, list) = layer_records(&loaded.workspace, folder);
    install(loaded, &records, &mut Words { list, folder: folder.into() }, forgotten);
}

/// The steps of a whole history of the text that has that hash, and how many are forgotten before them.
fn steps_of(bytes: &[u8], stamp: &str) -> Option<(Vec<KeptRecord>, usize)> {
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').map(read_line);
    let forgotten = match lines.next()?? {
        LineRecord::History { version: VERSION, project, forgotten } if project == stamp => forgotten,
        _ => return None,
    };
    let records = lines.map(|line| match line {
        Some(LineRecord::Step(record)) => Some(record),
        _ => None,
    });
    Some((records.collect::<Option<_>>()?, forgotten))
}

/// Puts steps into a workspace that is what they led to. Steps that name rows of a source that is another one now are
/// left out: the state of the scenarios was found again, but not how to take it back.
pub(in crate::scenario) fn install(
    loaded: &mut Loaded,
    records: &[KeptRecord],
    words: &mut Words<'_>,
    forgotten: usize,
) {
    let is_changed =
        |word: &str, words: &Words<'_>| words.list.iter().any(|(id, of)| of == word && loaded.changed.contains(id));
    let mut steps: Vec<Kept> = Vec::with_capacity(records.len());
    let mut lost = 0;
    for record in records {
        let fits = !record.edited_layers().any(|word| is_changed(word, words));
        match fits.then(|| record.kept(&mut loaded.workspace, words)).flatten() {
            Some(kept) => steps.push(kept),
            None => lost += 1,
        }
    }
    if lost > 0 {
        let message = Message::new("scenario.history-lost").with("n", lost);
        loaded.issues.push(Issue::new(Severity::Warning, message));
    }
    loaded.workspace.scenarios.history.install(steps, forgotten + lost);
}
