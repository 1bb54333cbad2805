//! The journal: what was done since the project was last saved, written down as it happens.
//!
//! A file of lines, each with its hash in front. The first is a checkpoint: the whole project as a text (never the
//! coordinates of sources). Behind it stands one line for each step done, undone or redone, forced to the disk before
//! the next. After a crash [`recover`] reads as far as the lines are whole, and [`Recovered::load`] opens the sources
//! and does it all again. The caller says where the journal lies: beside the project, or among the settings for a
//! project without a file; and takes a checkpoint whenever layers, styles or the view changed in a way to be kept.
//!
//! Nothing here decides when to save, and sources are never written.

use std::fs::{self, File, OpenOptions as FileOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::history::Event;
use super::project::{self, Loaded, ProjectError};
use super::workspace::Workspace;
use crate::io::{OpenOptions, Opened, ReadError, SaveError, hash_hex, save_atomically};
use crate::model::{Issue, LayerId, Severity};
use crate::text::Message;

mod record;

use record::{LineRecord, StepRecord};

/// What journals are called beside a project: `工程.toml.journal`.
pub const SUFFIX: &str = ".journal";

/// A journal that is being written.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    /// Bytes of whole lines.
    byte_count: u64,
    /// Words of the layers, as in the checkpoint.
    words: Vec<(LayerId, String)>,
    project: Option<PathBuf>,
    /// Steps since the checkpoint that are done, and that are undone.
    depth: (usize, usize),
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
    events: Vec<LineRecord>,
}

/// Where the journal of a project lies: beside it.
pub fn path_beside(project: &Path) -> PathBuf {
    let mut name = project.file_name().map(ToOwned::to_owned).unwrap_or_default();
    name.push(SUFFIX);
    project.with_file_name(name)
}

impl Journal {
    /// Starts a journal at `path` with the workspace as it is. `project` is the file that it is saved to, if any;
    /// `is_unsaved` says whether the workspace holds more than that file.
    ///
    /// # Errors
    /// When the journal cannot be written; one that was there before is untouched then.
    pub fn start(
        path: &Path,
        workspace: &mut Workspace,
        project: Option<&Path>,
        is_unsaved: bool,
    ) -> Result<Self, SaveError> {
        let (file, byte_count, words) = write_checkpoint(path, workspace, project, is_unsaved)?;
        Ok(Self { path: path.to_owned(), file, byte_count, words, project: project.map(Path::to_owned), depth: (0, 0) })
    }

    /// Writes down what happened since the last call, and forces it to the disk. Returns how many lines that were. A
    /// change of a layer that the checkpoint does not know, and a step back beyond it, make a new checkpoint.
    ///
    /// # Errors
    /// When the disk is full or gone. What was written down before stays readable.
    pub fn record(&mut self, workspace: &mut Workspace) -> Result<usize, SaveError> {
        let events = workspace.take_events();
        if events.is_empty() {
            return Ok(0);
        }
        let word = |id: LayerId| self.words.iter().find(|(of, _)| *of == id).map(|(_, word)| word.clone());
        let mut bytes = Vec::new();
        let (mut done, mut undone) = self.depth;
        for event in &events {
            let line = match event {
                Event::Done(step) => {
                    (done, undone) = (done + 1, 0);
                    StepRecord::of_step(step, workspace, &word).map(LineRecord::Done)
                }
                Event::Undone => done.checked_sub(1).map(|left| {
                    (done, undone) = (left, undone + 1);
                    LineRecord::Undone
                }),
                Event::Redone => undone.checked_sub(1).map(|left| {
                    (done, undone) = (done + 1, left);
                    LineRecord::Redone
                }),
            };
            let Some(line) = line else {
                self.checkpoint(workspace, true)?;
                return Ok(events.len());
            };
            bytes.extend_from_slice(line_text(&line).as_bytes());
        }
        let written = self.file.write_all(&bytes).and_then(|()| self.file.sync_data());
        if let Err(source) = written {
            // Half a line would hide all that come after it.
            let cut = self.file.set_len(self.byte_count);
            let source = cut.err().unwrap_or(source);
            return Err(SaveError { path: self.path.clone(), source });
        }
        self.byte_count += bytes.len() as u64;
        self.depth = (done, undone);
        Ok(events.len())
    }

    /// Starts again from the workspace as it is: after saving (`is_unsaved` false), or when layers or styles changed.
    ///
    /// # Errors
    /// When it cannot be written; the journal as it was stays.
    pub fn checkpoint(&mut self, workspace: &mut Workspace, is_unsaved: bool) -> Result<(), SaveError> {
        let (file, byte_count, words) = write_checkpoint(&self.path, workspace, self.project.as_deref(), is_unsaved)?;
        (self.file, self.byte_count, self.words, self.depth) = (file, byte_count, words, (0, 0));
        Ok(())
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Ends the journal: nothing is unsaved, or the user does not want it.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub fn discard(self) -> io::Result<()> {
        drop(self.file);
        fs::remove_file(&self.path)
    }
}

impl Recovered {
    /// How many steps were done, undone or redone since the checkpoint.
    pub fn step_count(&self) -> usize {
        self.events.len()
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
        let workspace = &mut loaded.workspace;
        let (_, words) = project::layer_records(workspace, folder);
        let layer = |word: &str| words.iter().find(|(_, of)| of == word).map(|(id, _)| *id);
        for (at, event) in self.events.iter().enumerate() {
            let done = match event {
                LineRecord::Done(step) => step.perform(workspace, &layer),
                LineRecord::Undone => workspace.undo().map(drop),
                LineRecord::Redone => workspace.redo().map(drop),
                LineRecord::Checkpoint { .. } => None,
            };
            if done.is_none() {
                let message = Message::new("scenario.recovery-incomplete").with("n", self.events.len() - at);
                loaded.issues.push(Issue::new(Severity::Warning, message));
                break;
            }
        }
        let shown = workspace.scenarios.history.undoable().and_then(super::Step::scenario);
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
        fs::remove_file(&self.path)
    }
}

/// What a journal holds that was never saved; `None` where there is no journal, or nothing unsaved in it.
pub fn recover(path: &Path) -> Option<Recovered> {
    let bytes = fs::read(path).ok()?; // no journal: nothing to recover
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').map(read_line);
    let Some(Some(LineRecord::Checkpoint { project, text, is_unsaved })) = lines.next() else { return None };
    let mut events = Vec::new();
    let mut is_torn = false;
    for line in lines {
        match line {
            Some(LineRecord::Checkpoint { .. }) | None => {
                is_torn = true;
                break;
            }
            Some(event) => events.push(event),
        }
    }
    let project = project.map(PathBuf::from);
    let recovered = Recovered { path: path.to_owned(), project, is_torn, text, events };
    (is_unsaved || recovered.step_count() > 0).then_some(recovered)
}

/// Writes a journal that begins with the workspace as it is, and opens it for more.
fn write_checkpoint(
    path: &Path,
    workspace: &mut Workspace,
    project: Option<&Path>,
    is_unsaved: bool,
) -> Result<(File, u64, Vec<(LayerId, String)>), SaveError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let text = project::to_text(workspace, folder);
    let (_, words) = project::layer_records(workspace, folder);
    let project = project.map(|project| project.to_string_lossy().into_owned());
    let line = line_text(&LineRecord::Checkpoint { project, text, is_unsaved });
    save_atomically(path, |out| out.write_all(line.as_bytes()))?;
    let opened = FileOptions::new().append(true).open(path);
    let file = opened.map_err(|source| SaveError { path: path.to_owned(), source })?;
    // What happened before is in the text; what happens from here on is asked for.
    drop(workspace.take_events());
    Ok((file, line.len() as u64, words))
}

/// A line: hash of the rest, a blank, JSON.
fn line_text(line: &LineRecord) -> String {
    let json = serde_json::to_string(line).expect("records hold text, numbers and lists only");
    format!("{} {json}\n", hash_hex(json.as_bytes()))
}

/// Reads a line; `None` where it is not whole.
fn read_line(bytes: &[u8]) -> Option<LineRecord> {
    let text = std::str::from_utf8(bytes.strip_suffix(b"\n")?).ok()?; // no text: the line is torn
    let (hash, json) = text.split_once(' ')?;
    if hash != hash_hex(json.as_bytes()) {
        return None;
    }
    serde_json::from_str(json).ok() // written by another version: as if torn
}
