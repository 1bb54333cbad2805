//! Whole runs: from start to answer, with peak memory, for layers of three sizes.

use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use crate::layers::{SIZES, Size};
use crate::timing::Runs;

const RUNS: usize = 5;

/// One kind of run, by its medians.
struct Figures {
    seconds: f64,
    peak_mb: Option<f64>,
}

/// Prints the table for the sizes named, or for all of them.
pub fn run(words: &[&str]) -> ExitCode {
    let mut sizes = Vec::new();
    let (mut peer, mut gz) = (None, false);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match (*word, Size::find(word)) {
            (_, Some(size)) => sizes.push(size),
            ("--gz", _) => gz = true,
            ("--peer", _) => peer = words.next().copied(),
            _ => {
                eprintln!("{word:?}: expected S, M, L, --gz or --peer COMMAND");
                return ExitCode::from(2);
            }
        }
    }
    if sizes.is_empty() {
        sizes.extend(SIZES);
    }
    let empty = in_turn(&[ours(&["--version"])]).remove(0);
    println!("\nan empty process: {}", shown(&empty));
    let mut growth: Vec<(f64, f64)> = Vec::new();
    for size in sizes {
        let file = size.file();
        let path = file.to_str().expect("the target folder has a name in Unicode");
        let bytes = std::fs::metadata(&file).map(|m| m.len() as f64).expect("the file is there");
        println!("\n{}: {} parcels, {:.1} MB", size.letter, size.count, bytes / 1e6);
        let mut commands = vec![ours(&["info", path]), ours(&["areas", path, "--by", "DLBM"])];
        let mut names = vec!["tuban info".to_owned(), "tuban areas --by DLBM".to_owned()];
        if gz {
            let packed = size.gzip_file();
            commands.push(ours(&["info", packed.to_str().expect("the target folder has a name in Unicode")]));
            names.push("tuban info, gzip".to_owned());
        }
        if let Some(peer) = peer {
            commands.push(of_peer(peer, &file));
            names.push(peer.to_owned());
        }
        let figures = in_turn(&commands);
        let reference = peer.and(figures.last()).map(|f| f.seconds);
        for (name, f) in names.iter().zip(&figures) {
            let ratio = reference.map_or(String::new(), |other| format!("  {:.2} of the peer", f.seconds / other));
            println!("  {name:<28} {}  {:>7.0} MB/s{ratio}", shown(f), bytes / 1e6 / f.seconds);
        }
        growth.push((bytes, figures[1].seconds));
    }
    if let (Some(first), Some(last)) = (growth.first(), growth.last())
        && growth.len() > 1
    {
        let net = |seconds: f64| (seconds - empty.seconds).max(1e-4);
        let exponent = (net(last.1) / net(first.1)).ln() / (last.0 / first.0).ln();
        println!("\ngrowth of areas from the smallest to the largest: time ~ size^{exponent:.3}");
    }
    ExitCode::SUCCESS
}

fn ours(arguments: &[&str]) -> Vec<String> {
    std::iter::once(env!("CARGO_BIN_EXE_tuban")).chain(arguments.iter().copied()).map(str::to_owned).collect()
}

/// The peer's words, split at spaces, with `{}` for the file or the file at their end.
fn of_peer(command: &str, file: &Path) -> Vec<String> {
    let file = file.display().to_string();
    let mut words: Vec<String> = command.split_whitespace().map(|word| word.replace("{}", &file)).collect();
    if !command.contains("{}") {
        words.push(file);
    }
    words
}

/// Runs the commands one after the other, several times over, so that a machine that slows down slows all of them.
fn in_turn(commands: &[Vec<String>]) -> Vec<Figures> {
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
pub fn kilobytes(path: &str, key: &str) -> Option<u64> {
    let status = std::fs::read_to_string(path).ok()?;
    let line = status.lines().find(|line| line.starts_with(key))?;
    line[key.len()..].trim().trim_end_matches(" kB").parse().ok()
}

fn shown(figures: &Figures) -> String {
    let peak = figures.peak_mb.map_or("  no peak".to_owned(), |mb| format!("{mb:>6.0} MB"));
    format!("{:>9.3} s {peak}", figures.seconds)
}
