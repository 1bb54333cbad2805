//! The program started once more to read one drawing, and how it is watched.
//!
//! It gets the bytes on its standard input and answers on its standard output; it opens no file. Three things end it
//! before it is done: the user cancels, its time is over, it asks for more memory than it may have.

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::super::ReadError;
use super::worker::work;
use crate::task::Progress;
use crate::text::Message;

/// What the program is called with to read a drawing: this word, bytes of memory, seconds.
pub const DRAWING_VERB: &str = "read-drawing";

/// How often it is looked after.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// Bytes of an answer at the most.
const MOST_ANSWER: u64 = 1 << 31;
/// The exit code of a process that used up its memory, and that of one whose time is over.
const OUT_OF_MEMORY: u8 = 77;
#[cfg(not(target_os = "linux"))]
const OUT_OF_TIME: u8 = 78;
/// What tests of the whole program set to bytes of memory and seconds. Released programs know no such word.
#[cfg(debug_assertions)]
const BOUNDS_OF_A_TEST: &str = "TUBAN_TEST_DRAWING_BOUNDS";

/// Whether this program answers to [`DRAWING_VERB`].
static ANSWERS: OnceLock<()> = OnceLock::new();

/// Says that this program answers to [`DRAWING_VERB`], as `main` does.
pub fn answers_for_drawings() {
    ANSWERS.get_or_init(|| ());
}

/// What a process may use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) memory_bytes: u64,
    pub(super) time: Duration,
}

impl Bounds {
    /// For a drawing of so many bytes.
    fn of(byte_count: u64) -> Self {
        // No test set any where there is no such word.
        #[cfg(debug_assertions)]
        if let Some(bounds) = std::env::var(BOUNDS_OF_A_TEST).ok().as_deref().and_then(Self::of_text) {
            return bounds;
        }
        let mb = byte_count >> 20;
        // A document takes about thirty times its file.
        let memory_bytes = (1u64 << 30).saturating_add(byte_count.saturating_mul(60)).min(24 << 30);
        Self { memory_bytes, time: Duration::from_secs(60 + 4 * mb) }
    }

    /// `1000000 60`.
    #[cfg(debug_assertions)]
    fn of_text(text: &str) -> Option<Self> {
        let (memory, seconds) = text.split_once(' ')?;
        // What is no number is no bound.
        Some(Self { memory_bytes: memory.parse().ok()?, time: Duration::from_secs(seconds.parse().ok()?) })
    }
}

/// The program that answers: this one, or where this is a test of it the one beside.
fn program() -> Result<PathBuf, ReadError> {
    let own = std::env::current_exe()?;
    if ANSWERS.get().is_some() {
        return Ok(own);
    }
    let name = format!("tuban{}", std::env::consts::EXE_SUFFIX);
    let mut folders = own.ancestors().skip(1).take(2);
    let beside = folders.find_map(|folder| Some(folder.join(&name)).filter(|path| path.is_file()));
    beside.ok_or_else(|| ReadError::Format(Message::new("io.cad-no-program")))
}

/// Reads a drawing in a process of its own; gives its records.
///
/// # Errors
/// When the process did not come to an end in its bounds, or the user cancelled.
pub(super) fn read(bytes: Vec<u8>, progress: &Progress) -> Result<Vec<u8>, ReadError> {
    // Tests of the library have no program beside them that is surely theirs.
    if cfg!(test) && ANSWERS.get().is_none() {
        let mut answer = Vec::new();
        work(&bytes[..], &mut answer)?;
        return Ok(answer);
    }
    let bounds = Bounds::of(bytes.len() as u64);
    let mut command = Command::new(program()?);
    command.args([DRAWING_VERB, &bounds.memory_bytes.to_string(), &bounds.time.as_secs().to_string()]);
    watched(command, bytes, bounds, progress)
}

/// Runs a command that reads `bytes` and answers; ends it where it leaves its bounds.
///
/// # Errors
/// As [`read`].
pub(super) fn watched(
    mut command: Command,
    bytes: Vec<u8>,
    bounds: Bounds,
    progress: &Progress,
) -> Result<Vec<u8>, ReadError> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    no_window(&mut command);
    let mut child = Running(command.spawn()?);
    let (input, output) = (child.0.stdin.take(), child.0.stdout.take());
    let started = Instant::now();
    let answer = std::thread::scope(|threads| {
        // Whoever does not read to the end is told from its exit.
        let writes = threads.spawn(move || input.map(|mut input| input.write_all(&bytes)));
        let reads = threads.spawn(move || {
            let mut answer = Vec::new();
            let read = output.map(|output| output.take(MOST_ANSWER + 1).read_to_end(&mut answer));
            read.transpose().map(|_| answer)
        });
        let ended = loop {
            if progress.tick(0).is_err() {
                break Err(ReadError::Cancelled);
            }
            if started.elapsed() > bounds.time {
                let message = Message::new("io.cad-too-long").with("seconds", bounds.time.as_secs());
                break Err(ReadError::Format(message));
            }
            // An answer that is too long is no longer read, and its writer waits.
            match child.0.try_wait() {
                Ok(Some(status)) => break Ok(status),
                Ok(None) => {}
                Err(error) => break Err(error.into()),
            }
            std::thread::sleep(LOOK_EVERY);
        };
        if ended.is_err() {
            child.end();
        }
        let answer = reads.join().unwrap_or_else(|_| Err(io::Error::other("the reading thread panicked")));
        // What could not be written was not wanted.
        let _ = writes.join();
        ended.and_then(|status| Ok((status, answer?)))
    });
    let (status, answer) = answer?;
    if answer.len() as u64 > MOST_ANSWER {
        return Err(ReadError::Format(Message::new("io.cad-too-large")));
    }
    fate(status, bounds)?;
    Ok(answer)
}

/// What its end says.
fn fate(status: ExitStatus, bounds: Bounds) -> Result<(), ReadError> {
    if status.success() {
        return Ok(());
    }
    // Where an allocation fails, the process aborts.
    let is_starved = status.code() == Some(i32::from(OUT_OF_MEMORY)) || is_abort(status);
    Err(ReadError::Format(if is_starved {
        Message::new("io.cad-no-memory").with("gb", bounds.memory_bytes >> 30)
    } else if is_late(status) {
        Message::new("io.cad-too-long").with("seconds", bounds.time.as_secs())
    } else {
        Message::new("io.cad-gave-up")
    }))
}

#[cfg(unix)]
fn is_abort(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    status.signal() == Some(6)
}

#[cfg(not(unix))]
fn is_abort(_: ExitStatus) -> bool {
    false
}

/// Whether the system, or the process itself where the system cannot, ended it because its time was over.
#[cfg(target_os = "linux")]
fn is_late(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    status.signal() == Some(rustix::process::Signal::XCPU.as_raw())
}

#[cfg(not(target_os = "linux"))]
fn is_late(status: ExitStatus) -> bool {
    status.code() == Some(i32::from(OUT_OF_TIME))
}

#[cfg(windows)]
fn no_window(command: &mut Command) {
    use std::os::windows::process::CommandExt;
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    command.creation_flags(CREATE_NO_WINDOW);
}

#[cfg(not(windows))]
fn no_window(_: &mut Command) {}

/// A process that is ended with its owner.
struct Running(Child);

impl Running {
    fn end(&mut self) {
        // It may have ended by itself meanwhile.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

/// What the process itself does: bounds itself, reads a drawing from its standard input, answers on its standard output.
pub fn read_drawing_here(arguments: impl Iterator<Item = String>) -> ExitCode {
    let mut numbers = arguments.map(|argument| argument.parse::<u64>().ok());
    let (memory_bytes, seconds) = (numbers.next().flatten(), numbers.next().flatten());
    bound(memory_bytes.unwrap_or(1 << 30), seconds.unwrap_or(60));
    // Panics are told in a record; their words would go nowhere.
    std::panic::set_hook(Box::new(|_| {}));
    // The library descends into what is nested: a thread of its own has room for it.
    let thread = std::thread::Builder::new().stack_size(64 << 20);
    let done = thread.spawn(|| {
        let output = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
        work(io::stdin().lock(), output)
    });
    match done.map(std::thread::JoinHandle::join) {
        Ok(Ok(Ok(()))) => ExitCode::SUCCESS,
        // There is no room for a thread.
        Err(_) => ExitCode::from(OUT_OF_MEMORY),
        _ => ExitCode::FAILURE,
    }
}

/// Bounds this process: its memory by the system where that can, else by looking.
#[cfg(target_os = "linux")]
fn bound(memory_bytes: u64, seconds: u64) {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let limit = |value| Rlimit { current: Some(value), maximum: Some(value) };
    // Where the system has lower bounds already, those hold.
    let _ = setrlimit(Resource::As, limit(memory_bytes));
    // A process that is over its time is told so before it is killed: whoever waits sees which it was.
    let of_time = Rlimit { current: Some(seconds), maximum: Some(seconds.saturating_add(5)) };
    let _ = setrlimit(Resource::Cpu, of_time);
    let _ = setrlimit(Resource::Core, limit(0));
}

#[cfg(not(target_os = "linux"))]
fn bound(memory_bytes: u64, seconds: u64) {
    std::thread::spawn(move || {
        let started = Instant::now();
        loop {
            std::thread::sleep(Duration::from_millis(50));
            let used = memory_stats::memory_stats().map_or(0, |stats| stats.physical_mem as u64);
            if used > memory_bytes {
                std::process::exit(i32::from(OUT_OF_MEMORY));
            }
            if started.elapsed().as_secs() > seconds {
                std::process::exit(i32::from(OUT_OF_TIME));
            }
        }
    });
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str, bounds: Bounds, progress: &Progress) -> Result<Vec<u8>, ReadError> {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        watched(command, vec![b'x'; 1 << 20], bounds, progress)
    }

    const BOUNDS: Bounds = Bounds { memory_bytes: 1 << 30, time: Duration::from_secs(20) };

    fn key(result: Result<Vec<u8>, ReadError>) -> &'static str {
        result.expect_err("fails").message().key
    }

    #[test]
    fn what_becomes_of_the_process_is_told() {
        let progress = Progress::new();
        assert_eq!(shell("wc -c", BOUNDS, &progress).expect("counts").trim_ascii(), b"1048576");
        // One that does not listen may answer all the same.
        assert_eq!(shell("echo done", BOUNDS, &progress).expect("answers"), b"done\n");
        assert_eq!(key(shell("kill -9 $$", BOUNDS, &progress)), "io.cad-gave-up");
        assert_eq!(key(shell("kill -6 $$", BOUNDS, &progress)), "io.cad-no-memory");
        assert_eq!(key(shell("exit 77", BOUNDS, &progress)), "io.cad-no-memory");
        assert_eq!(key(shell("exit 1", BOUNDS, &progress)), "io.cad-gave-up");
        if cfg!(target_os = "linux") {
            assert_eq!(key(shell("kill -XCPU $$", BOUNDS, &progress)), "io.cad-too-long");
        }
        let short = Bounds { time: Duration::from_millis(200), ..BOUNDS };
        let started = Instant::now();
        assert_eq!(key(shell("while :; do :; done", short, &progress)), "io.cad-too-long");
        assert!(started.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn cancelling_ends_the_process() {
        let progress = Progress::new();
        progress.cancel();
        let result = shell("while :; do :; done", BOUNDS, &progress);
        assert!(matches!(result, Err(ReadError::Cancelled)));
    }
}
