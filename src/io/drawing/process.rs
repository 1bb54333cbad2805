//! The program started once more to read one drawing: what it may use, and what its end means.

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use super::super::ReadError;
use super::super::process::{self, Bounds, Unanswered};
use super::worker::work;
use crate::task::Progress;
use crate::text::Message;

/// What the program is called with to read a drawing: this word, bytes of memory, seconds.
pub const DRAWING_VERB: &str = "read-drawing";

/// What tests of the whole program set to bytes of memory and seconds. Released programs know no such word.
#[cfg(debug_assertions)]
const BOUNDS_OF_A_TEST: &str = "TUBAN_TEST_DRAWING_BOUNDS";

/// What the process for a drawing of so many bytes may use.
fn bounds(byte_count: u64) -> Bounds {
    // No test set any where there is no such word.
    #[cfg(debug_assertions)]
    if let Some(bounds) = std::env::var(BOUNDS_OF_A_TEST).ok().as_deref().and_then(bounds_of_text) {
        return bounds;
    }
    let mb = byte_count >> 20;
    // A document takes about thirty times its file.
    let memory_bytes = (1u64 << 30).saturating_add(byte_count.saturating_mul(60)).min(24 << 30);
    Bounds { memory_bytes, time: Duration::from_secs(60 + 4 * mb) }
}

/// `1000000 60`.
#[cfg(debug_assertions)]
fn bounds_of_text(text: &str) -> Option<Bounds> {
    let (memory, seconds) = text.split_once(' ')?;
    // What is no number is no bound.
    Some(Bounds { memory_bytes: memory.parse().ok()?, time: Duration::from_secs(seconds.parse().ok()?) })
}

/// Reads a drawing in a process of its own; gives its records.
///
/// # Errors
/// When the process did not come to an end in its bounds, or the user cancelled.
pub(super) fn read(bytes: Vec<u8>, progress: &Progress) -> Result<Vec<u8>, ReadError> {
    if process::is_test_alone() {
        let mut answer = Vec::new();
        work(&bytes[..], &mut answer)?;
        return Ok(answer);
    }
    let bounds = bounds(bytes.len() as u64);
    process::answer(DRAWING_VERB, &[], bytes, bounds, progress).map_err(error)
}

fn error(why: Unanswered) -> ReadError {
    ReadError::Format(match why {
        Unanswered::Cancelled => return ReadError::Cancelled,
        Unanswered::System(error) => return error.into(),
        Unanswered::NoProgram => Message::new("io.cad-no-program"),
        Unanswered::TooLong(seconds) => Message::new("io.cad-too-long").with("seconds", seconds),
        Unanswered::NoMemory(gb) => Message::new("io.cad-no-memory").with("gb", gb),
        Unanswered::GaveUp => Message::new("io.cad-gave-up"),
        Unanswered::TooLarge => Message::new("io.cad-too-large"),
    })
}

/// What the process itself does: reads a drawing from its standard input, answers on its standard output.
pub fn read_drawing_here(arguments: impl Iterator<Item = String>) -> ExitCode {
    process::served(arguments, |_| {
        let output = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
        work(io::stdin().lock(), output)
    })
}
