//! Where results go: standard output or a file moved into place; progress on a terminal.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::CliError;
use crate::io;
use crate::task::Progress;
use crate::text::Message;

/// Writes `text` to `path`, or to standard output where none is given.
///
/// # Errors
/// When the file or the stream cannot be written. A reader that closed its end early is no error.
pub fn write(path: Option<&PathBuf>, text: &[u8]) -> Result<(), CliError> {
    match path {
        Some(path) => {
            io::save_atomically(path, |out| out.write_all(text)).map_err(|error| CliError::new(&error.message()))
        }
        None => match std::io::stdout().lock().write_all(text) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(CliError::new(
                &Message::new("cli.cannot-write").with_message("error", &crate::text::system_reason(&error)),
            )),
            _ => Ok(()),
        },
    }
}

/// The path as shown: slashes as the system writes them, lossy where it is not Unicode.
pub fn shown(path: &Path) -> String {
    path.display().to_string()
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
                    eprint!("\r{:3.0} %", share * 100.0);
                    shown = true;
                }
            }
            if shown {
                eprint!("\r      \r");
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
