//! Does memory come back? A layer stays open while a second copy is opened, measured and closed, twenty times.

use std::process::ExitCode;

use tuban::io::{self, OpenOptions};
use tuban::model::AreaMethod;
use tuban::overlay;
use tuban::task::Progress;

use crate::layers::Size;
use crate::runs::kilobytes;

const ROUNDS: usize = 20;

/// Prints the memory after each round; fails where its peak still grows by over 5 % in the last five rounds.
pub(crate) fn run(letter: &str) -> ExitCode {
    let size = match Size::asked(letter) {
        Ok(size) => size,
        Err(code) => return code,
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
    // The allocator keeps some of what is freed, and not always the same: peaks are compared.
    let highest = |rounds: &[f64]| rounds.iter().copied().fold(0.0, f64::max);
    let (middle, last) = (highest(&after[5..15]), highest(&after[15..]));
    println!("highest after rounds 6 to 15: {middle:.1} MB, after rounds 16 to 20: {last:.1} MB");
    if last > 1.05 * middle { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
