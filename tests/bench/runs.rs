//! Whole processes from start to end: wall time and peak memory, commands in turn.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::timing::Runs;

/// Runs of each command that count.
const RUNS: usize = 5;

/// One kind of run, by its medians.
pub(crate) struct Figures {
    pub seconds: f64,
    pub peak_mb: Option<f64>,
}

/// The program with these arguments.
pub(crate) fn ours(arguments: &[&str]) -> Vec<String> {
    std::iter::once(env!("CARGO_BIN_EXE_tuban")).chain(arguments.iter().copied()).map(str::to_owned).collect()
}

/// This bench with these arguments.
pub(crate) fn this(arguments: &[&str]) -> Vec<String> {
    let exe = std::env::current_exe().expect("a program knows its file").display().to_string();
    std::iter::once(exe.as_str()).chain(arguments.iter().copied()).map(str::to_owned).collect()
}

/// Prints how time grows with size, from the first of pairs of both to the last. What an empty process takes is no growth.
pub(crate) fn growth(what: &str, empty_s: f64, pairs: &[(f64, f64)]) {
    if let [first, .., last] = pairs {
        let net = |seconds: f64| (seconds - empty_s).max(1e-4);
        let exponent = (net(last.1) / net(first.1)).ln() / (last.0 / first.0).ln();
        println!("\ngrowth of {what} from the smallest to the largest: time ~ size^{exponent:.3}");
    }
}

/// The peer's words, split at spaces, with `{}` for a file, the first for the first; files left over go to the end.
pub(crate) fn of_peer(command: &str, files: &[&Path]) -> Vec<String> {
    let mut files = files.iter().map(|file| file.display().to_string());
    let mut words: Vec<String> = Vec::new();
    for word in command.split_whitespace() {
        words.push(match (word.contains("{}"), word) {
            (true, word) => word.replace("{}", &files.next().unwrap_or_default()),
            (false, word) => word.to_owned(),
        });
    }
    words.extend(files);
    words
}

/// Runs the commands one after the other, several times over, so that a machine that slows down slows all of them.
pub(crate) fn in_turn(commands: &[Vec<String>]) -> Vec<Figures> {
    let mut seconds = vec![Vec::new(); commands.len()];
    let mut peaks = vec![None; commands.len()];
    for round in 0..=RUNS {
        for (i, command) in commands.iter().enumerate() {
            let (time, peak) = once(command);
            // The first round warms the file cache.
            if round > 0 {
                seconds[i].push(time);
                peaks[i] = peak.max(peaks[i]);
            }
        }
    }
    let figures = seconds.into_iter().zip(peaks).map(|(seconds, peak)| Figures {
        seconds: Runs::of(seconds).median(),
        peak_mb: peak.map(|kb| kb as f64 * 1024.0 / 1e6),
    });
    figures.collect()
}

fn once(command: &[String]) -> (f64, Option<u64>) {
    let start = Instant::now();
    let mut child = Command::new(&command[0])
        .args(&command[1..])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", command[0]));
    let watcher = Watcher::of(&child);
    let status = child.wait().expect("the process can be waited for");
    let seconds = start.elapsed().as_secs_f64();
    assert!(status.success(), "{command:?} fails");
    (seconds, watcher.finish())
}

/// Reads the peak of a process's memory while it runs, kB. The kernel keeps the maximum: only what a process takes in
/// its last few milliseconds can be missed.
struct Watcher {
    stop: std::sync::mpsc::Sender<()>,
    thread: std::thread::JoinHandle<Option<u64>>,
}

impl Watcher {
    fn of(child: &Child) -> Self {
        let path = format!("/proc/{}/status", child.id());
        let (stop, stopped) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let mut peak = None;
            loop {
                peak = peak.max(kilobytes(&path, "VmHWM:"));
                if stopped.recv_timeout(Duration::from_millis(3)) != Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                    return peak;
                }
            }
        });
        Self { stop, thread }
    }

    fn finish(self) -> Option<u64> {
        drop(self.stop);
        self.thread.join().expect("the watcher does not panic")
    }
}

/// A value of a Linux status file; `None` where there is no such file.
pub(crate) fn kilobytes(path: &str, key: &str) -> Option<u64> {
    let status = std::fs::read_to_string(path).ok()?;
    let line = status.lines().find(|line| line.starts_with(key))?;
    line[key.len()..].trim().trim_end_matches(" kB").parse().ok()
}

/// Seconds and megabytes.
pub(crate) fn shown(figures: &Figures) -> String {
    let peak = figures.peak_mb.map_or("  no peak".to_owned(), |mb| format!("{mb:>6.0} MB"));
    format!("{:>9.3} s {peak}", figures.seconds)
}
