//! Where results go: standard output or a file moved into place; progress on a terminal.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::CliError;
use super::args::OutputArgs;
use crate::io::{self, Guard, SaveError, is_same_file};
pub use crate::report::shown;
use crate::report::{Report, output::Format};
use crate::scenario::project;
use crate::task::Progress;
use crate::text::{Language, Message, escaped};

/// What a verb writes, none of which is what it reads.
#[derive(Debug)]
pub struct Outputs {
    guard: Guard,
}

impl Outputs {
    /// Checks, before anything is opened, that none of the files to be written is one of `inputs`, a source of a project
    /// among them, the rules or the journal of one, or another of the files to be written; nor is standard output.
    ///
    /// # Errors
    /// The first that is, with what it is.
    pub fn new<'a>(
        inputs: impl IntoIterator<Item = &'a PathBuf>,
        outputs: impl IntoIterator<Item = Option<&'a PathBuf>>,
    ) -> Result<Self, CliError> {
        let mut files = Vec::new();
        for input in inputs {
            // `PROJECT.toml#LAYER` names a layer of a project.
            let text = input.to_string_lossy();
            let file = match text.rsplit_once('#') {
                Some((file, _)) if !input.exists() => PathBuf::from(file),
                _ => input.clone(),
            };
            let layer = text.rsplit_once('#').map(|(_, layer)| layer);
            files.extend(io::files_of_layer(&file, layer.filter(|_| file.is_dir())));
            if is_project(&file) {
                files.extend(project::files_named_in(&file));
            }
            files.push(file);
        }
        let guard = Guard::of(files);
        let refused = |error: SaveError| CliError::new(&error.message());
        let mut seen: Vec<&PathBuf> = Vec::new();
        for output in outputs.into_iter().flatten() {
            guard.check(output).map_err(refused)?;
            if let Some(other) = seen.iter().find(|other| is_one_place(other, output)) {
                let message = Message::new("cli.two-outputs").with("other", shown(other));
                return Err(CliError::new(&message).at(output));
            }
            seen.push(output);
        }
        if cfg!(unix) {
            // `>> source`: what the shell did with `>` is done already.
            guard.check(Path::new("/dev/stdout")).map_err(refused)?;
        }
        Ok(Self { guard })
    }

    /// What must not be written.
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// Writes a report as it was asked for: what every verb that answers ends with.
    ///
    /// # Errors
    /// As [`Self::write`], and where a report does not fit the format.
    pub fn report(&self, args: &OutputArgs, report: &Report, language: Language) -> Result<(), CliError> {
        let bytes = crate::report::output::bytes(report, args.format()?, language);
        self.write(args.file(), &bytes.map_err(|error| CliError::new(&error.message()))?)
    }

    /// Writes `text` to `path`, or to standard output where none is given.
    ///
    /// # Errors
    /// When the file or the stream cannot be written. A reader that closed its end early is no error.
    pub fn write(&self, path: Option<&PathBuf>, text: &[u8]) -> Result<(), CliError> {
        let Some(path) = path else {
            let mut out = std::io::stdout().lock();
            return match out.write_all(text).and_then(|()| out.flush()) {
                Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                    Err(CliError::new(&Message::new("cli.cannot-write").with("error", error)))
                }
                _ => Ok(()),
            };
        };
        let written = io::save_atomically(path, &self.guard, |out| out.write_all(text));
        written.map_err(|error| CliError::new(&error.message()))
    }
}

impl OutputArgs {
    /// The file to write; standard output where none is given.
    pub fn file(&self) -> Option<&PathBuf> {
        self.output.as_ref()
    }

    /// Whether anything of it was asked for.
    pub fn is_asked(&self) -> bool {
        self.json || self.csv || self.output.is_some()
    }

    /// The format: the one that was asked for, else what the file ends in, else text.
    ///
    /// # Errors
    /// A workbook that should hold something else: no program would open it.
    pub fn format(&self) -> Result<Format, CliError> {
        let named = self.output.as_deref().and_then(Format::of_path);
        let asked = match (self.json, self.csv) {
            (true, _) => Some(Format::Json),
            (_, true) => Some(Format::Csv),
            _ => None,
        };
        match (asked, &self.output) {
            (Some(_), Some(path)) if named.is_some_and(Format::is_document) => {
                Err(CliError::new(&Message::new("cli.two-formats")).at(path))
            }
            _ => Ok(asked.or(named).unwrap_or(Format::Text)),
        }
    }
}

/// Whether two files to be written would take each other's place.
fn is_one_place(a: &Path, b: &Path) -> bool {
    let is_replaced = |path: &Path| std::fs::metadata(path).map_or(true, |known| known.is_file());
    if !is_replaced(a) || !is_replaced(b) {
        return false;
    }
    let place = |path: &Path| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some((folder.canonicalize().ok()?, path.file_name()?.to_owned())) // no folder: nothing will be written
    };
    is_same_file(a, b) || place(a).is_some_and(|of_a| Some(of_a) == place(b))
}

/// Whether a file is named as projects are.
pub fn is_project(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(project::EXTENSION))
}

/// Prints text on standard output. A reader that closed its end early is no error.
///
/// # Errors
/// When it cannot be written.
pub fn print(text: &str) -> Result<super::Outcome, CliError> {
    let none = Outputs { guard: Guard::none() };
    none.write(None, text.as_bytes()).map(|()| super::Outcome::Done)
}

/// Says one line on standard error. Where it cannot be written there is nobody to tell, and the work goes on.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", escaped(line));
}

/// A percentage on standard error while it is a terminal and the work takes longer than half a second.
pub struct Meter {
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Meter {
    /// Starts to watch `progress`.
    pub fn start(progress: &Progress) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        if !std::io::stderr().is_terminal() {
            return Self { stop, thread: None };
        }
        let (stopped, progress) = (stop.clone(), progress.clone());
        let watch = move || {
            let mut shown = false;
            for round in 0u32.. {
                std::thread::park_timeout(Duration::from_millis(100));
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                if let (Some(share), true) = (progress.fraction(), round >= 5) {
                    let _ = write!(std::io::stderr().lock(), "\r{:3.0} %", share * 100.0);
                    shown = true;
                }
            }
            if shown {
                let _ = write!(std::io::stderr().lock(), "\r      \r");
            }
        };
        // No thread, no meter: the work does not depend on it.
        let thread = std::thread::Builder::new().name("progress".into()).spawn(watch).ok();
        Self { stop, thread }
    }

    /// Ends it and clears its line.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // It only prints; how it ended does not matter.
            let _ = thread.join();
        }
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.end();
    }
}
