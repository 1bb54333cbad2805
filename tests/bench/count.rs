//! Instructions of the parts under valgrind, against those on file: unlike times they are the same on a busy machine.
//!
//! A part's instructions are those of a run that does it three times less those of one that does it once, halved: the
//! setting up cancels out, and no symbols are needed. Another compiler, C library or processor (which code paths
//! are taken depends on it) moves counts by some percent without any change here; `--update` files the present ones.

use std::path::Path;
use std::process::{Command, ExitCode};

use crate::parts::{Material, PARTS, Part};

/// Parcels that the counted parts work on.
const COUNT: usize = 900;
/// A part may cost this much more than on file.
const ALLOWED: f64 = 1.10;

/// Does a part several times: what valgrind runs.
pub(crate) fn repeat(name: &str, times: &str) -> ExitCode {
    let (Some(part), Ok(times)) = (PARTS.iter().find(|part| part.name == name), times.parse::<usize>()) else {
        eprintln!("{name:?} {times:?}: expected a part and a number");
        return ExitCode::from(2);
    };
    let material = Material::new(COUNT);
    let sum: f64 = (0..times).map(|_| (part.work)(&material)).sum();
    println!("{sum}");
    ExitCode::SUCCESS
}

/// Counts every counted part and prints the change; fails where one costs over 10 % more than on file.
pub(crate) fn run(update: bool) -> ExitCode {
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("INSTRUCTIONS NOT COUNTED: valgrind is not installed, so a part that became slower goes unnoticed");
        return ExitCode::SUCCESS;
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bench/instructions.txt");
    let on_file = std::fs::read_to_string(&path).unwrap_or_default();
    let known = |name: &str| -> Option<f64> {
        on_file.lines().find_map(|line| line.split_once(' ').filter(|(n, _)| *n == name)?.1.trim().parse().ok())
    };
    let mut text = String::new();
    let mut worse = Vec::new();
    println!("{:<16} {:>14} {:>14} {:>9}", "part", "instructions", "on file", "change");
    for part in PARTS.iter().filter(|part| part.counted) {
        let count = (collected(part, 3) - collected(part, 1)) / 2.0;
        text.push_str(&format!("{} {count:.0}\n", part.name));
        match known(part.name) {
            Some(before) => {
                println!("{:<16} {count:>14.0} {before:>14.0} {:>+8.1} %", part.name, 100.0 * (count / before - 1.0));
                if count > ALLOWED * before {
                    worse.push(part.name);
                }
            }
            None => {
                println!("{:<16} {count:>14.0} {:>14}", part.name, "none");
                worse.push(part.name);
            }
        }
    }
    if update {
        std::fs::write(&path, text).expect("the file can be written");
        println!("filed in {}", path.display());
        return ExitCode::SUCCESS;
    }
    if worse.is_empty() {
        return ExitCode::SUCCESS;
    }
    println!("over 10 % more instructions than on file, or not on file: {}", worse.join(", "));
    println!("where that is meant: cargo bench --features synth -- count --update");
    ExitCode::FAILURE
}

/// Instructions of this program doing `part` so many times, all threads together.
fn collected(part: &Part, times: usize) -> f64 {
    let this = std::env::current_exe().expect("a program knows its file");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(this)
        .args(["part", part.name, &times.to_string()])
        // One thread of the pool: none that spins while it waits for work.
        .env("RAYON_NUM_THREADS", "1")
        .output()
        .expect("valgrind runs");
    let said = String::from_utf8_lossy(&output.stderr);
    let count = said.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse::<f64>().ok());
    count.unwrap_or_else(|| panic!("valgrind gave no count for {}:\n{said}", part.name))
}
