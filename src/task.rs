//! Progress, cancelling and background tasks.
//!
//! Long functions take `&Progress` and call [`Progress::tick`] now and then: it counts and cancels in one.
//! Nothing here knows what the work is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError, channel};

/// The work was cancelled by its user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cancelled")]
pub struct Cancelled;

#[derive(Debug, Default)]
struct Shared {
    done: AtomicU64,
    total: AtomicU64,
    /// The largest share that was shown, as bits of a float: those of positive floats are in their order.
    shown: AtomicU32,
    cancelled: AtomicBool,
    /// Bytes; 0 for no bound.
    memory_bound: AtomicU64,
}

/// A counter of work done that its watcher can also cancel. Clones share the same counter.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    shared: Arc<Shared>,
    /// The whole that this is a part of.
    whole: Option<Arc<Progress>>,
}

impl Progress {
    /// A counter at zero with an unknown total.
    pub fn new() -> Self {
        Self::default()
    }

    /// A counter of its own for a part of the work, which is cancelled with the whole and has its bound of memory: a long list
    /// counts its items, whatever each of them counts.
    #[must_use]
    pub fn part(&self) -> Self {
        let part = Self { shared: Arc::default(), whole: Some(Arc::new(self.clone())) };
        part.bound_memory(self.memory_bound());
        part
    }

    /// Adds `n` units of work done.
    ///
    /// # Errors
    /// [`Cancelled`] once [`Progress::cancel`] was called.
    pub fn tick(&self, n: u64) -> Result<(), Cancelled> {
        self.shared.done.fetch_add(n, Ordering::Relaxed);
        if self.is_cancelled() { Err(Cancelled) } else { Ok(()) }
    }

    /// Announces how many units the work has; adds to what was announced before.
    pub fn add_total(&self, n: u64) {
        self.shared.total.fetch_add(n, Ordering::Relaxed);
    }

    /// Asks the work to stop at its next tick.
    pub fn cancel(&self) {
        self.shared.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether the work was asked to stop.
    pub fn is_cancelled(&self) -> bool {
        self.shared.cancelled.load(Ordering::Relaxed) || self.whole.as_ref().is_some_and(|whole| whole.is_cancelled())
    }

    /// Bounds the memory, in bytes, that this process may hold when the work takes more. Whoever takes much at once asks
    /// first.
    pub fn bound_memory(&self, bytes: Option<u64>) {
        // A bound of nothing is a bound all the same.
        self.shared.memory_bound.store(bytes.map_or(0, |bytes| bytes.max(1)), Ordering::Relaxed);
    }

    /// Bytes of memory that this process may hold when the work takes more; `None` where nobody set a bound.
    pub fn memory_bound(&self) -> Option<u64> {
        Some(self.shared.memory_bound.load(Ordering::Relaxed)).filter(|bytes| *bytes > 0)
    }

    /// Share of the work done, 0 to 1, or `None` while the total is unknown. Never less than before, also where more
    /// work is announced on the way.
    pub fn fraction(&self) -> Option<f32> {
        let total = self.shared.total.load(Ordering::Relaxed);
        let done = self.shared.done.load(Ordering::Relaxed);
        (total > 0).then(|| {
            let share = (done as f64 / total as f64).min(1.0) as f32;
            share.max(f32::from_bits(self.shared.shown.fetch_max(share.to_bits(), Ordering::Relaxed)))
        })
    }
}

/// Lets the workers take all cores but one, so that frames never wait for them.
pub fn leave_a_core() {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    // A pool that is there already stays: tests and other programs make their own.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(cores.saturating_sub(1).max(1)).build_global();
}

/// Work on a thread of its own. Dropping the task cancels it.
#[derive(Debug)]
pub struct Task<T> {
    name: String,
    progress: Progress,
    result: Receiver<T>,
}

/// What a task has to say when asked.
#[derive(Debug, PartialEq, Eq)]
pub enum Poll<T> {
    /// Still at work.
    Running,
    /// Finished with this result.
    Done(T),
    /// The thread ended without a result: a defect in the work, not in its input.
    Lost,
}

impl<T: Send + 'static> Task<T> {
    /// Starts `work` on a new thread named `name`; `wake` runs on that thread once the result is there.
    pub fn spawn(
        name: impl Into<String>,
        work: impl FnOnce(&Progress) -> T + Send + 'static,
        wake: impl FnOnce() + Send + 'static,
    ) -> Self {
        let name = name.into();
        let progress = Progress::new();
        let (sender, result) = channel();
        let shared = progress.clone();
        let spawned = std::thread::Builder::new().name(name.clone()).spawn(move || {
            let value = work(&shared);
            // The receiver is gone when the task was dropped: nobody waits for the value.
            let _ = sender.send(value);
            wake();
        });
        // When no thread can be had the sender is dropped with its closure, and the task reports itself lost.
        drop(spawned);
        Self { name, progress, result }
    }

    /// Waits for the result; `None` when the thread ended without one.
    pub fn wait(self) -> Option<T> {
        // A disconnected sender is what `None` reports.
        self.result.recv().ok()
    }
}

impl<T> Task<T> {
    /// The result when there is one; call it once a frame.
    pub fn poll(&self) -> Poll<T> {
        match self.result.try_recv() {
            Ok(value) => Poll::Done(value),
            Err(TryRecvError::Empty) => Poll::Running,
            Err(TryRecvError::Disconnected) => Poll::Lost,
        }
    }

    /// The counter that the work ticks.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// What the task is called, for the status bar.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.progress.cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tick_counts_and_cancels() {
        let progress = Progress::new();
        assert_eq!(progress.fraction(), None);
        progress.add_total(4);
        progress.tick(1).expect("not cancelled");
        assert_eq!(progress.fraction(), Some(0.25));
        // More work does not take back what was shown.
        progress.add_total(96);
        assert_eq!(progress.fraction(), Some(0.25));
        progress.tick(49).expect("not cancelled");
        assert_eq!(progress.fraction(), Some(0.5));
        progress.cancel();
        assert_eq!(progress.tick(1), Err(Cancelled));
    }

    #[test]
    fn a_part_counts_by_itself_and_is_cancelled_with_the_whole() {
        let whole = Progress::new();
        whole.bound_memory(Some(7));
        whole.add_total(2);
        let part = whole.part();
        part.add_total(100);
        part.tick(50).expect("not cancelled");
        assert_eq!((whole.fraction(), part.fraction(), part.memory_bound()), (Some(0.0), Some(0.5), Some(7)));
        part.cancel();
        assert!(part.is_cancelled() && !whole.is_cancelled());
        let part = whole.part().part();
        whole.cancel();
        assert_eq!(part.tick(1), Err(Cancelled));
    }

    #[test]
    fn dropping_a_task_cancels_it() {
        let task = Task::spawn("endless", |progress| while progress.tick(1).is_ok() {}, || {});
        let progress = task.progress().clone();
        drop(task);
        assert!(progress.is_cancelled());
    }

    #[test]
    fn a_task_gives_its_value() {
        assert_eq!(Task::spawn("sum", |_| 1 + 1, || {}).wait(), Some(2));
    }
}
