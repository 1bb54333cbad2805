//! Does memory come back? A layer stays open while a second copy is opened, measured and closed, twenty times.

use std::process::ExitCode;

use tuban::io::{self, OpenOptions};
use tuban::model::AreaMethod;
use tuban::overlay;
use tuban::task::Progress;

use crate::layers::Size;
use crate::table::kilobytes;

const ROUNDS: usize = 20;

/// Prints the memory after each round; fails where it grew from the fifth to the last by over 5 %.
pub fn run(letter: &str) -> ExitCode {
    let Some(size) = Size::find(letter) else {
        eprintln!("{letter:?}: expected S, M or L");
        return ExitCode::from(2);
    };
    let file = size.file();
    let resident = || kilobytes("/proc/self/status", "VmRSS:").map(|kb| kb as f64 * 1024.0 / 1e6);
    let open = || io::open(&file, &OpenOptions::default(), &Progress::new()).expect("opens");
    let first = open();
    let mut after = Vec::new();
    for round in 1..=ROUNDS {
        let second = open();
        let areas = overlay::audited(&second.layers[0], AreaMethod::Survey, &Progress::new()).expect("is measured");
        assert_eq!(areas.exact.len(), first.layers[0].feature_count());
        let both = resident();
        drop((second, areas));
        let Some((both, now)) = both.zip(resident()) else {
            println!("memory is read from /proc, which this system does not have: not measured");
            return ExitCode::SUCCESS;
        };
        println!("round {round:>2}: {both:>7.1} MB with the second copy, {now:>7.1} MB after it was closed");
        after.push(now);
    }
    let (settled, last) = (after[4], after[ROUNDS - 1]);
    println!("from round 5 to {ROUNDS}: {:+.1} %", 100.0 * (last / settled - 1.0));
    if last > 1.05 * settled { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
