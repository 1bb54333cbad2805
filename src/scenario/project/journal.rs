//! The journal: what was done since the project was last saved, written down as it happens.
//!
//! A file of lines, each with its hash in front. The first is a checkpoint: the whole project as a text (never the
//! coordinates of sources), with the history behind it. Then stands one line for each step done, undone or redone. After
//! a crash [`look`] reads as far as the lines are whole, and [`Recovered::load`] opens the sources and does it all again.
//! The caller says where the journal lies: beside the project, or among the settings for a project without a file.
//!
//! A [`Journal`] makes the lines; a [`JournalFile`] writes them and forces them to the disk, on whatever thread has time
//! to wait for it. Nothing here decides when to save, and sources are never written.

use std::fs::{self, File, OpenOptions as FileOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;

use super::steps::{KeptRecord, LineRecord, VERSION, Words, line_text, read_line};
use super::{Loaded, ProjectError, history_file};
use crate::io::{
    Guard, OpenOptions, Opened, ReadError, SaveError, path_of_text, path_to_text, save_atomically, sync_folder,
};
use crate::model::{Issue, LayerId, Severity};
use crate::scenario::document::history::Event;
use crate::scenario::document::step::Step;
use crate::scenario::document::workspace::Workspace;
use crate::scenario::project;
use crate::text::Message;

/// What journals are called beside a project: `工程.toml.journal`.
pub const SUFFIX: &str = ".journal";

/// Where the journal of a project lies: beside it.
pub fn path_beside(project: &Path) -> PathBuf {
    let mut name = project.file_name().map(ToOwned::to_owned).unwrap_or_default();
    name.push(SUFFIX);
    project.with_file_name(name)
}

/// Something to be written to a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Writing {
    /// These bytes in place of all that is there.
    Whole(Vec<u8>),
    /// These bytes behind what is there.
    More(Vec<u8>),
}

/// Makes the lines of a journal.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    /// Words of the layers, as in the checkpoint.
    words: Vec<(LayerId, String)>,
    project: Option<PathBuf>,
}

impl Journal {
    /// A journal to be at `path`, with what it begins with: the workspace as it is. `project` is the file that it is
    /// saved to, if any; `is_unsaved` says whether the workspace holds more than that file and its history tell.
    pub fn begin(path: &Path, workspace: &mut Workspace, project: Option<&Path>, is_unsaved: bool) -> (Self, Writing) {
        let mut journal = Self { path: path.to_owned(), words: Vec::new(), project: project.map(Path::to_owned) };
        let whole = journal.whole(workspace, is_unsaved);
        (journal, whole)
    }

    /// What happened since the last call, to be written; `None` where nothing did.
    pub fn next(&mut self, workspace: &mut Workspace) -> Option<Writing> {
        let events = workspace.take_events();
        if events.is_empty() {
            return None;
        }
        let folder = self.folder();
        let mut words = Words { list: std::mem::take(&mut self.words), folder: (&*folder).into() };
        let mut bytes = Vec::new();
        for event in &events {
            let line = match event {
                Event::Done(kept) => KeptRecord::of(kept, workspace, &mut words).map(LineRecord::Done),
                Event::Amended(kept) => KeptRecord::of(kept, workspace, &mut words).map(LineRecord::Amended),
                Event::Undone(serial) => Some(LineRecord::Undone(*serial)),
                Event::Redone(serial) => Some(LineRecord::Redone(*serial)),
                Event::Rewritten => None,
            };
            let Some(line) = line else { return Some(self.whole(workspace, true)) };
            bytes.extend_from_slice(line_text(&line).as_bytes());
        }
        self.words = words.list;
        Some(Writing::More(bytes))
    }

    /// The workspace as it is, to begin the journal again with.
    pub fn whole(&mut self, workspace: &mut Workspace, is_unsaved: bool) -> Writing {
        let folder = self.folder();
        let text = project::to_text(workspace, &folder);
        let (_, list) = project::layer_records(workspace, &folder);
        let mut words = Words { list, folder: (&*folder).into() };
        let (lines, forgotten) = history_file::lines(workspace, &mut words, false);
        let project = self.project.as_deref().map(path_to_text);
        let steps = lines.len();
        let head = LineRecord::Checkpoint { version: VERSION, project, text, is_unsaved, steps, forgotten };
        self.words = words.list;
        // What happened before is in the text; what happens from here on is asked for.
        drop(workspace.take_events());
        Writing::Whole((line_text(&head) + &lines.concat()).into_bytes())
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn folder(&self) -> PathBuf {
        self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
    }
}

/// Writes the lines of a journal.
#[derive(Debug)]
pub struct JournalFile {
    path: PathBuf,
    file: Option<File>,
    /// Bytes of whole lines.
    byte_count: u64,
}

impl JournalFile {
    /// A journal at `path`, nothing written yet.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), file: None, byte_count: 0 }
    }

    /// Writes, and forces it to the disk.
    ///
    /// # Errors
    /// When the disk is full or gone. What was written down before stays readable.
    pub fn write(&mut self, writing: &Writing) -> Result<(), SaveError> {
        match writing {
            Writing::Whole(bytes) => {
                save_atomically(&self.path, &Guard::none(), |out| out.write_all(bytes))?;
                let opened = FileOptions::new().append(true).open(&self.path);
                self.file = Some(opened.map_err(|source| SaveError::Io { path: self.path.clone(), source })?);
                self.byte_count = bytes.len() as u64;
                Ok(())
            }
            Writing::More(bytes) => {
                let missing = || io::Error::from(io::ErrorKind::NotFound);
                let written = match &mut self.file {
                    Some(file) => file.write_all(bytes).and_then(|()| file.sync_data()),
                    None => Err(missing()),
                };
                if let Err(source) = written {
                    // Half a line would hide all that come after it.
                    let cut = self.file.as_ref().map_or(Ok(()), |file| file.set_len(self.byte_count));
                    let source = cut.err().unwrap_or(source);
                    return Err(SaveError::Io { path: self.path.clone(), source });
                }
                self.byte_count += bytes.len() as u64;
                Ok(())
            }
        }
    }

    /// Ends the journal: nothing is unsaved, or the user does not want it.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub fn discard(self) -> io::Result<()> {
        drop(self.file);
        remove(&self.path)
    }
}

fn remove(path: &Path) -> io::Result<()> {
    fs::remove_file(path)?;
    sync_folder(path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")));
    Ok(())
}

/// A journal that was found.
#[derive(Debug)]
pub struct Recovered {
    /// The journal itself.
    pub path: PathBuf,
    /// The project that it belongs to; `None` for one without a file.
    pub project: Option<PathBuf>,
    /// Whether its last line is torn: the program ended while it was written.
    pub is_torn: bool,
    text: String,
    /// The history at the checkpoint, and the steps forgotten before it.
    steps: Vec<KeptRecord>,
    forgotten: usize,
    events: Vec<LineRecord>,
}

/// What lies where a journal may lie.
#[derive(Debug)]
pub enum Found {
    /// No journal, or nothing unsaved in it.
    Nothing,
    /// A journal with work that was never saved.
    Unsaved(Box<Recovered>),
    /// A file that is no journal of this version, or torn in its beginning: perhaps somebody's work.
    Unreadable,
}

/// What a journal holds that was never saved; `None` where there is no journal, nothing unsaved in it, or it cannot be
/// read.
pub fn recover(path: &Path) -> Option<Recovered> {
    match look(path) {
        Found::Unsaved(recovered) => Some(*recovered),
        Found::Nothing | Found::Unreadable => None,
    }
}

/// Looks what lies at `path`.
pub fn look(path: &Path) -> Found {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Found::Nothing,
        Err(_) => return Found::Unreadable,
    };
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').map(read_line);
    let head = match lines.next() {
        // An empty file: it was made, and nothing was written yet.
        None => return Found::Nothing,
        Some(head) => head,
    };
    let Some(LineRecord::Checkpoint { version: VERSION, project, text, is_unsaved, steps, forgotten }) = head else {
        return Found::Unreadable;
    };
    let (mut kept, mut events) = (Vec::new(), Vec::new());
    let mut is_torn = false;
    for line in lines {
        match line {
            Some(LineRecord::Step(step)) if events.is_empty() => kept.push(step),
            Some(LineRecord::Checkpoint { .. } | LineRecord::History { .. } | LineRecord::Step(_)) | None => {
                is_torn = true;
                break;
            }
            Some(event) => events.push(event),
        }
    }
    if kept.len() != steps {
        // Without its history what follows cannot be undone or redone; the text is whole.
        (is_torn, events) = (true, Vec::new());
    }
    let project = project.as_deref().map(path_of_text);
    let recovered = Recovered { path: path.to_owned(), project, is_torn, text, steps: kept, forgotten, events };
    match is_unsaved || recovered.change_count() > 0 {
        true => Found::Unsaved(Box::new(recovered)),
        false => Found::Nothing,
    }
}

impl Recovered {
    /// How many changes the project's file does not have: steps done since it was saved, and those undone since.
    pub fn change_count(&self) -> usize {
        let mut steps: FxHashMap<u64, (bool, bool)> =
            self.steps.iter().map(|step| (step.serial, (step.done, step.saved))).collect();
        for event in &self.events {
            match event {
                LineRecord::Done(step) | LineRecord::Amended(step) => {
                    steps.insert(step.serial, (step.done, step.saved));
                }
                LineRecord::Undone(serial) => steps.entry(*serial).or_insert((true, true)).0 = false,
                LineRecord::Redone(serial) => steps.entry(*serial).or_insert((false, false)).0 = true,
                _ => {}
            }
        }
        steps.values().filter(|(done, saved)| done != saved).count()
    }

    /// When the last step of it was done, in seconds since 1970, where that is known.
    pub fn when(&self) -> Option<i64> {
        let of_events = self.events.iter().filter_map(|event| match event {
            LineRecord::Done(step) | LineRecord::Amended(step) => step.when(),
            _ => None,
        });
        of_events.chain(self.steps.iter().filter_map(KeptRecord::when)).max()
    }

    /// How many lines stand behind the checkpoint.
    pub fn line_count(&self) -> usize {
        self.events.len()
    }

    /// The name that the project has in it.
    pub fn name(&self) -> String {
        project::parse(&self.text, &self.path).map(|record| record.name).unwrap_or_default()
    }

    /// Opens the sources and does again what the journal says. `open` opens a source, as for
    /// [`project::load_with`].
    ///
    /// # Errors
    /// As [`project::load_text`]. A step that cannot be done again, because its layer is missing now, ends the
    /// recovery with an issue; everything before it is there.
    pub fn load(
        &self,
        open: &mut dyn FnMut(&Path, &OpenOptions) -> Result<Opened, ReadError>,
    ) -> Result<Loaded, ProjectError> {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let mut loaded = project::load_text(&self.text, &self.path, folder, open)?;
        let (_, list) = project::layer_records(&loaded.workspace, folder);
        let mut words = Words { list, folder: folder.into() };
        history_file::install(&mut loaded, &self.steps, &mut words, self.forgotten);
        for (at, event) in self.events.iter().enumerate() {
            if !perform(event, &mut loaded, &mut words, open) {
                let message = Message::new("scenario.recovery-incomplete").with("n", self.events.len() - at);
                loaded.issues.push(Issue::new(Severity::Warning, message));
                break;
            }
        }
        let workspace = &mut loaded.workspace;
        let shown = workspace.scenarios.history.done().next_back().and_then(Step::scenario);
        if shown.is_some() {
            workspace.show(shown);
        }
        Ok(loaded)
    }

    /// Removes the journal: the user does not want what is in it.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub fn discard(self) -> io::Result<()> {
        remove(&self.path)
    }
}

/// Does again what a line says. Whether that was possible.
fn perform(
    event: &LineRecord,
    loaded: &mut Loaded,
    words: &mut Words<'_>,
    open: &mut dyn FnMut(&Path, &OpenOptions) -> Result<Opened, ReadError>,
) -> bool {
    let done = match event {
        LineRecord::Done(record) | LineRecord::Amended(record) => {
            // Rows of a source that is another one now are not those that the step meant.
            let mut edited = record.edited_layers();
            if edited.any(|word| words.list.iter().any(|(id, of)| of == word && loaded.changed.contains(id))) {
                return false;
            }
            let Some(kept) = record.kept(&mut loaded.workspace, words) else { return false };
            let workspace = &mut loaded.workspace;
            match event {
                LineRecord::Done(_) => workspace.perform_step(kept),
                _ => workspace.perform_amended(kept),
            }
            true
        }
        LineRecord::Undone(serial) => loaded.workspace.undo_step(*serial).is_some(),
        LineRecord::Redone(serial) => loaded.workspace.redo_step(*serial).is_some(),
        _ => false,
    };
    // Layers that the step brought are read at once: the next one may be about them.
    for wanted in loaded.workspace.wanted_layers() {
        match open(&wanted.path, &wanted.options()) {
            Ok(opened) => {
                if let Some(layer) = wanted.choose(opened.layers) {
                    let found = loaded.workspace.came_back(wanted.id, layer);
                    loaded.issues.extend(found);
                }
            }
            Err(error) => {
                let path = crate::io::shown_path(&wanted.path);
                let message = Message::new("scenario.source-unreadable").with("path", path).with("reason", error);
                loaded.issues.push(Issue::new(Severity::Error, message));
            }
        }
    }
    done
}
