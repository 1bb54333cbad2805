//! The program started once more to do one thing with a file that nobody should trust, and how it is watched.
//!
//! Libraries that read drawings and pages are young, and such files come from anywhere. The process gets the bytes on its
//! standard input and answers on its standard output; it opens no file. Three things end it before it is done: the user
//! cancels, its time is over, it asks for more memory than it may have.

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::task::Progress;

/// How often it is looked after.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// Bytes of an answer at the most.
const MOST_ANSWER: u64 = 1 << 31;
/// The exit code of a process that used up its memory, and that of one whose time is over.
const OUT_OF_MEMORY: u8 = 77;
#[cfg(not(target_os = "linux"))]
const OUT_OF_TIME: u8 = 78;

/// Whether this program answers to the words that such processes are started by.
static ANSWERS: OnceLock<()> = OnceLock::new();

/// Says that this program, started once more, reads what it is given, as `main` does.
pub fn answers_for_files() {
    ANSWERS.get_or_init(|| ());
}

/// Whether the program would have to be looked for: tests of the library have none beside them that is surely theirs.
pub(super) fn is_test_alone() -> bool {
    cfg!(test) && ANSWERS.get().is_none()
}

/// What a process may use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) memory_bytes: u64,
    pub(super) time: Duration,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Unanswered {
    /// The user cancelled.
    Cancelled,
    /// The program that answers is not there.
    NoProgram,
    /// Its time was over, after so many seconds.
    TooLong(u64),
    /// It needed more memory than so many GB.
    NoMemory(u64),
    /// It broke down.
    GaveUp,
    /// It answered more than anybody reads.
    TooLarge,
    /// The operating system refused.
    System(io::Error),
}

/// The program that answers: this one, or where this is a test of it the one beside.
fn program() -> Result<PathBuf, Unanswered> {
    let own = std::env::current_exe().map_err(Unanswered::System)?;
    if ANSWERS.get().is_some() {
        return Ok(own);
    }
    let name = format!("tuban{}", std::env::consts::EXE_SUFFIX);
    let mut folders = own.ancestors().skip(1).take(2);
    let beside = folders.find_map(|folder| Some(folder.join(&name)).filter(|path| path.is_file()));
    beside.ok_or(Unanswered::NoProgram)
}

/// Has a process of its own answer to `verb`, with its bounds and `more` as arguments.
///
/// # Errors
/// [`Unanswered`].
pub(super) fn answer(
    verb: &str,
    more: &[String],
    bytes: Vec<u8>,
    bounds: Bounds,
    progress: &Progress,
) -> Result<Vec<u8>, Unanswered> {
    let mut command = Command::new(program()?);
    command.args([verb, &bounds.memory_bytes.to_string(), &bounds.time.as_secs().to_string()]).args(more);
    watched(command, bytes, bounds, progress)
}

/// Runs a command that reads `bytes` and answers; ends it where it leaves its bounds.
///
/// # Errors
/// [`Unanswered`].
fn watched(mut command: Command, bytes: Vec<u8>, bounds: Bounds, progress: &Progress) -> Result<Vec<u8>, Unanswered> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    no_window(&mut command);
    let mut child = Running(command.spawn().map_err(Unanswered::System)?);
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
                break Err(Unanswered::Cancelled);
            }
            if started.elapsed() > bounds.time {
                break Err(Unanswered::TooLong(bounds.time.as_secs()));
            }
            // An answer that is too long is no longer read, and its writer waits.
            match child.0.try_wait() {
                Ok(Some(status)) => break Ok(status),
                Ok(None) => {}
                Err(error) => break Err(Unanswered::System(error)),
            }
            std::thread::sleep(LOOK_EVERY);
        };
        if ended.is_err() {
            child.end();
        }
        let answer = reads.join().unwrap_or_else(|_| Err(io::Error::other("the reading thread panicked")));
        // What could not be written was not wanted.
        let _ = writes.join();
        ended.and_then(|status| Ok((status, answer.map_err(Unanswered::System)?)))
    });
    let (status, answer) = answer?;
    if answer.len() as u64 > MOST_ANSWER {
        return Err(Unanswered::TooLarge);
    }
    fate(status, bounds)?;
    Ok(answer)
}

/// What its end says.
fn fate(status: ExitStatus, bounds: Bounds) -> Result<(), Unanswered> {
    if status.success() {
        return Ok(());
    }
    // Where an allocation fails, the process aborts.
    let is_starved = status.code() == Some(i32::from(OUT_OF_MEMORY)) || is_abort(status);
    Err(if is_starved {
        Unanswered::NoMemory(bounds.memory_bytes >> 30)
    } else if is_late(status) {
        Unanswered::TooLong(bounds.time.as_secs())
    } else {
        Unanswered::GaveUp
    })
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

/// What the process itself does: bounds itself by its first two arguments, bytes of memory and seconds, and works.
pub(super) fn served(
    mut arguments: impl Iterator<Item = String>,
    work: impl FnOnce(Vec<String>) -> io::Result<()> + Send + 'static,
) -> ExitCode {
    let mut number = || arguments.next().and_then(|argument| argument.parse::<u64>().ok());
    let (memory_bytes, seconds) = (number(), number());
    bound(memory_bytes.unwrap_or(1 << 30), seconds.unwrap_or(60));
    // Panics are told in the answer; their words would go nowhere.
    std::panic::set_hook(Box::new(|_| {}));
    let more: Vec<String> = arguments.collect();
    // Libraries descend into what is nested: a thread of its own has room for it.
    let thread = std::thread::Builder::new().stack_size(64 << 20);
    match thread.spawn(move || work(more)).map(std::thread::JoinHandle::join) {
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

    fn shell(script: &str, bounds: Bounds, progress: &Progress) -> Result<Vec<u8>, Unanswered> {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        watched(command, vec![b'x'; 1 << 20], bounds, progress)
    }

    const BOUNDS: Bounds = Bounds { memory_bytes: 1 << 30, time: Duration::from_secs(20) };

    #[test]
    fn what_becomes_of_the_process_is_told() {
        let progress = Progress::new();
        assert_eq!(shell("wc -c", BOUNDS, &progress).expect("counts").trim_ascii(), b"1048576");
        // One that does not listen may answer all the same.
        assert_eq!(shell("echo done", BOUNDS, &progress).expect("answers"), b"done\n");
        assert!(matches!(shell("kill -9 $$", BOUNDS, &progress), Err(Unanswered::GaveUp)));
        assert!(matches!(shell("kill -6 $$", BOUNDS, &progress), Err(Unanswered::NoMemory(1))));
        assert!(matches!(shell("exit 77", BOUNDS, &progress), Err(Unanswered::NoMemory(1))));
        assert!(matches!(shell("exit 1", BOUNDS, &progress), Err(Unanswered::GaveUp)));
        if cfg!(target_os = "linux") {
            assert!(matches!(shell("kill -XCPU $$", BOUNDS, &progress), Err(Unanswered::TooLong(20))));
        }
        let short = Bounds { time: Duration::from_millis(200), ..BOUNDS };
        let started = Instant::now();
        assert!(matches!(shell("while :; do :; done", short, &progress), Err(Unanswered::TooLong(0))));
        assert!(started.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn cancelling_ends_the_process() {
        let progress = Progress::new();
        progress.cancel();
        assert!(matches!(shell("while :; do :; done", BOUNDS, &progress), Err(Unanswered::Cancelled)));
    }
}
