//! The window killed at any moment: what was done up to a second before is there again.
//!
//! `TUBAN_KILLS=200` kills it more often than an ordinary test does.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tuban::scenario::{journal, project};
use tuban::task::Progress;

use super::fuzz::damage::Dice;
use super::ui_unsaved::{recode, run, saved_project};
use super::window::{save, session};

/// What may be lost: what was done in the last second.
const LOST: Duration = Duration::from_secs(1);

/// The other side of [`a_window_that_is_killed_loses_a_second_at_most`]: edits until it is killed, and saves now and then.
/// Does nothing when it is run as a test of its own.
#[test]
fn a_window_edits_until_it_is_killed() {
    let Some(folder) = std::env::var_os("TUBAN_TEST_KILL_WINDOW") else { return };
    let folder = Path::new(&folder);
    let mut window = run(folder, &[folder.join("甲.toml")]);
    let mut out = std::io::stdout();
    for nth in 1usize.. {
        // Each gives all but one parcel another class than the step before did.
        recode(&mut window, &[0, 1 + nth % 4], if nth % 2 == 0 { "0702" } else { "1001" });
        let history = &session(&window).workspace.scenarios.history;
        assert_eq!(history.kept().len() + history.forgotten_count(), nth, "each is a step");
        writeln!(out, "!{nth}").and_then(|()| out.flush()).expect("the parent listens");
        if nth % 23 == 0 {
            save(&mut window);
        }
    }
}

#[test]
fn a_window_that_is_killed_loses_a_second_at_most() {
    let asked: Option<usize> = std::env::var("TUBAN_KILLS").ok().and_then(|n| n.parse().ok());
    let rounds = asked.unwrap_or(4);
    let program = std::env::current_exe().expect("this test");
    let mut dice = Dice::new(11);
    for round in 0..rounds {
        let folder = tempfile::tempdir().expect("a folder");
        let path = saved_project(folder.path(), "甲");
        let mut child = Command::new(&program)
            .args(["--exact", "crash::a_window_edits_until_it_is_killed", "--nocapture"])
            .env("TUBAN_TEST_KILL_WINDOW", folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("runs");
        let output = BufReader::new(child.stdout.take().expect("piped"));
        // Listens on a thread, so that the moment of the kill does not wait for a line.
        let (tell, told) = std::sync::mpsc::channel();
        let listener = std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let number = line.split_once('!').and_then(|(_, number)| number.trim().parse::<usize>().ok());
                if let Some(number) = number {
                    // Nobody hears the last ones.
                    let _ = tell.send((number, Instant::now()));
                }
            }
        });
        let first = told.recv_timeout(Duration::from_secs(120)).expect("the window works");
        std::thread::sleep(Duration::from_millis(dice.roll(2500) as u64));
        let killed = Instant::now();
        child.kill().expect("killed");
        child.wait().expect("ended");
        listener.join().expect("listened");
        let said: Vec<(usize, Instant)> = std::iter::once(first).chain(told.try_iter()).collect();
        let last = said.iter().map(|(number, _)| *number).max().unwrap_or(0);
        let due = said.iter().filter(|(_, when)| killed.saturating_duration_since(*when) >= LOST);
        let due = due.map(|(number, _)| *number).max().unwrap_or(0);
        let progress = Progress::new();
        let loaded = match journal::recover(&journal::path_beside(&path)) {
            Some(kept) => kept.load(&mut |path, options| tuban::io::open(path, options, &progress)).expect("recovers"),
            None => project::load(&path, &progress).expect("loads"),
        };
        assert_eq!(loaded.issues.len(), 0, "round {round}: {:?}", loaded.issues);
        let history = &loaded.workspace.scenarios.history;
        let found = history.kept().len() + history.forgotten_count();
        assert!(found >= due && found <= last + 1, "round {round}: {found} steps are there, {due} to {last} were done");
        project::load(&path, &progress).expect("the project itself is whole");
    }
}
