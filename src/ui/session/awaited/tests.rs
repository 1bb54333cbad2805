//! What becomes of a value that is cancelled, lost, overtaken, asked for again: by a job and by a task of its own.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use super::*;

type Value = Awaited<u32, &'static str, &'static str>;

/// Work that ends with what is sent; a thread whose sender is dropped dies.
fn gate() -> (Sender<Result<&'static str, &'static str>>, impl FnOnce(&Progress) -> Result<&'static str, &'static str>)
{
    let (sender, receiver): (_, Receiver<_>) = channel();
    (sender, move |_: &Progress| receiver.recv().expect("the thread dies here on purpose"))
}

/// How a value is worked out in a test.
#[derive(Clone, Copy)]
enum By {
    Job,
    Task,
}

struct Bench {
    jobs: Jobs,
    ctx: egui::Context,
    value: Value,
}

impl Bench {
    fn new() -> Self {
        let ctx = egui::Context::default();
        Self { jobs: Jobs::new(ctx.clone()), ctx, value: Value::default() }
    }

    fn start(&mut self, by: By, key: u32) -> Sender<Result<&'static str, &'static str>> {
        let (sender, work) = gate();
        match by {
            By::Job => self.value.start(&mut self.jobs, key, Message::new("ui.job-open"), work),
            By::Task => self.value.start_task(&self.ctx, key, "test", work),
        }
        sender
    }

    /// Frames until something comes.
    fn wait(&mut self) -> News {
        let start = Instant::now();
        loop {
            assert!(self.jobs.take_finished().iter().all(|(_, outcome)| outcome.is_none()), "nothing is installed");
            if let Some(news) = self.value.poll() {
                return news;
            }
            assert!(start.elapsed() < Duration::from_secs(20), "nothing comes");
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

#[test]
fn what_was_asked_comes_once_and_is_not_worked_out_again() {
    for by in [By::Job, By::Task] {
        let mut bench = Bench::new();
        assert!(!bench.value.is_asked(&1));
        let sender = bench.start(by, 1);
        assert!(bench.value.is_asked(&1) && bench.value.is_busy());
        assert_eq!(bench.value.poll(), None);
        assert_eq!(bench.value.value(), None);
        sender.send(Ok("one")).expect("at work");
        assert_eq!(bench.wait(), News::Arrived);
        assert_eq!(bench.value.poll(), None);
        assert_eq!(bench.value.current(), Some(&"one"));
        assert!(bench.value.is_asked(&1) && !bench.value.is_busy());
        assert_eq!(bench.value.take_value(), Some("one"));
        assert!(bench.value.is_asked(&1), "also where the value stands elsewhere");
        assert_eq!(bench.jobs.shown().count(), 0);
    }
}

#[test]
fn what_the_user_cancels_says_so_until_it_is_tried_again() {
    let mut bench = Bench::new();
    let _sender = bench.start(By::Job, 1);
    let job = bench.value.job().expect("a job");
    bench.jobs.cancel(job);
    assert_eq!(bench.value.poll(), Some(News::Ended));
    assert_eq!(bench.value.problem(), Some(&Problem::Stopped));
    assert!(bench.value.is_asked(&1) && !bench.value.is_busy(), "it does not begin again by itself");
    bench.value.retry();
    assert!(!bench.value.is_asked(&1) && bench.value.problem().is_none());
    let sender = bench.start(By::Job, 1);
    sender.send(Ok("one")).expect("at work");
    assert_eq!(bench.wait(), News::Arrived);
    assert_eq!(bench.value.current(), Some(&"one"));
}

#[test]
fn what_is_cancelled_after_it_came_is_there() {
    let mut bench = Bench::new();
    let sender = bench.start(By::Job, 1);
    let job = bench.value.job().expect("a job");
    sender.send(Ok("one")).expect("at work");
    while bench.jobs.shown().next().is_some() {
        bench.jobs.take_finished();
        std::thread::sleep(Duration::from_millis(1));
    }
    bench.jobs.cancel(job);
    assert_eq!(bench.value.poll(), Some(News::Arrived));
    assert_eq!(bench.value.current(), Some(&"one"));
}

#[test]
fn what_is_lost_says_so_and_keeps_the_value_of_before() {
    for by in [By::Job, By::Task] {
        let mut bench = Bench::new();
        bench.value.set(1, Ok("one"));
        drop(bench.start(by, 2));
        assert_eq!(bench.wait(), News::Ended);
        assert_eq!(bench.value.problem(), Some(&Problem::Lost));
        assert_eq!((bench.value.value(), bench.value.current()), (Some(&"one"), None));
        assert!(bench.value.problem().and_then(Problem::ended_message).is_some());
    }
}

#[test]
fn what_is_overtaken_is_cancelled_and_never_seen() {
    for by in [By::Job, By::Task] {
        let mut bench = Bench::new();
        bench.value.set(0, Ok("zero"));
        let first = bench.start(by, 1);
        let second = bench.start(by, 2);
        assert!(!bench.value.is_asked(&1) && bench.value.is_asked(&2));
        // The thread may have seen that nobody waits, or not.
        let _ = first.send(Ok("one"));
        assert_eq!(bench.value.value(), Some(&"zero"), "the value of before stays");
        second.send(Ok("two")).expect("at work");
        assert_eq!(bench.wait(), News::Arrived);
        assert_eq!(bench.value.current(), Some(&"two"));
        assert_eq!(bench.jobs.shown().count(), 0);
    }
}

#[test]
fn an_old_value_goes_where_it_would_mislead() {
    let mut bench = Bench::new();
    bench.value.set(1, Ok("one"));
    bench.value.keep_if(|key| *key == 1);
    assert_eq!(bench.value.value(), Some(&"one"));
    bench.value.keep_if(|key| *key == 2);
    assert_eq!(bench.value.value(), None);
}

#[test]
fn one_goes_back_to_a_value_that_is_still_there() {
    for by in [By::Job, By::Task] {
        let mut bench = Bench::new();
        bench.value.set(1, Ok("one"));
        let _sender = bench.start(by, 2);
        assert!(!bench.value.goes_back(&3) && bench.value.goes_back(&1));
        assert_eq!((bench.value.current(), bench.value.is_busy()), (Some(&"one"), false));
        bench.jobs.take_finished();
        assert_eq!(bench.jobs.shown().count(), 0, "the other one is cancelled");
    }
}

#[test]
fn what_fails_says_why() {
    for by in [By::Job, By::Task] {
        let mut bench = Bench::new();
        let sender = bench.start(by, 1);
        sender.send(Err("no class field")).expect("at work");
        assert_eq!(bench.wait(), News::Ended);
        assert_eq!(bench.value.problem(), Some(&Problem::Failed("no class field")));
        bench.value.set(2, Ok("two"));
        assert_eq!((bench.value.problem(), bench.value.current()), (None, Some(&"two")));
    }
}

#[test]
fn work_for_a_value_that_is_gone_is_cancelled() {
    let mut bench = Bench::new();
    let (sender, receiver) = channel();
    bench.value.start(&mut bench.jobs, 1, Message::new("ui.job-open"), move |progress| {
        while progress.tick(0).is_ok() {
            std::thread::sleep(Duration::from_millis(1));
        }
        sender.send(()).expect("the test waits");
        Ok("never seen")
    });
    bench.value.forget();
    assert!(bench.jobs.take_finished().is_empty());
    assert_eq!(bench.jobs.shown().count(), 0);
    receiver.recv_timeout(Duration::from_secs(20)).expect("the work was told to stop");
}
