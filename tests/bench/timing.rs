//! Medians of repeated runs.

use std::time::{Duration, Instant};

/// Runs of one thing: each one's seconds, ascending.
pub(crate) struct Runs(Vec<f64>);

impl Runs {
    pub(crate) fn of(mut seconds: Vec<f64>) -> Self {
        seconds.sort_by(f64::total_cmp);
        Self(seconds)
    }

    pub(crate) fn median(&self) -> f64 {
        let n = self.0.len();
        f64::midpoint(self.0[(n - 1) / 2], self.0[n / 2])
    }

    pub(crate) fn fastest(&self) -> f64 {
        self.0[0]
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }
}

/// Times `work` after one run that does not count: at least five runs, more while they are short.
pub(crate) fn repeated(mut work: impl FnMut() -> f64) -> Runs {
    let mut sink = work();
    let begin = Instant::now();
    let mut seconds = Vec::new();
    while seconds.len() < 5 || (seconds.len() < 200 && begin.elapsed() < Duration::from_millis(700)) {
        let start = Instant::now();
        sink += work();
        seconds.push(start.elapsed().as_secs_f64());
    }
    std::hint::black_box(sink);
    Runs::of(seconds)
}
