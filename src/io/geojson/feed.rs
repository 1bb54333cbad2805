//! A file cut into pieces as it is read.

use super::super::ReadError;
use super::super::text_stream::TextStream;
use super::cutter::Cutter;
use super::reader::{Setting, Task};
use super::{Tuning, bounds, read_more};
use crate::model::GeometryKind;

/// What is open of a file: the text that was read ahead, and how it goes on.
pub(super) struct Open {
    ahead: String,
    start: usize,
    setting: Setting,
    cutter: Option<Cutter>,
    /// Bytes of the next piece.
    byte_count: usize,
}

impl Open {
    /// A file that begins with the text `ahead`, whose features start at `start` of that.
    pub(super) fn new(ahead: String, start: usize, setting: Setting, tuning: Tuning) -> Self {
        Self { ahead, start, setting, cutter: None, byte_count: tuning.first_bytes }
    }
}

/// Cuts a file into pieces as it is read.
pub(super) struct Feed<'s> {
    source: &'s mut TextStream,
    open: Open,
    tuning: Tuning,
    /// Whether nothing more comes.
    pub(super) done: bool,
    /// Whether that is so because it was halted.
    is_halted: bool,
    /// What stopped reading; the pieces before it are good.
    pub(super) error: Option<ReadError>,
}

impl<'s> Feed<'s> {
    pub(super) fn new(source: &'s mut TextStream, open: Open, tuning: Tuning) -> Self {
        Self { source, open, tuning, done: false, is_halted: false, error: None }
    }

    /// Bytes of the next piece.
    pub(super) fn byte_count(&self) -> usize {
        self.open.byte_count
    }

    /// Ends before what is not read yet.
    pub(super) fn stop(&mut self, error: ReadError) {
        (self.done, self.is_halted) = (true, false);
        self.open.ahead = String::new();
        self.error = Some(error);
    }

    /// The same where it may go on later.
    pub(super) fn halt(&mut self, error: ReadError) {
        (self.done, self.is_halted) = (true, true);
        self.error = Some(error);
    }

    /// What is still open of a file that was halted.
    pub(super) fn halted(self) -> Option<Open> {
        self.is_halted.then_some(self.open)
    }

    /// The next piece; `None` after the last.
    pub(super) fn next_piece(&mut self, home: Option<GeometryKind>) -> Result<Option<(String, Task)>, ReadError> {
        if self.done {
            return Ok(None);
        }
        loop {
            let open = &mut self.open;
            if self.source.ended() {
                self.done = true;
                let text = std::mem::take(&mut open.ahead);
                return Ok(Some((text, self.task(self.error.is_none(), home))));
            }
            if open.cutter.is_none() {
                open.cutter = Cutter::new(&open.ahead, open.start, open.setting);
            }
            let cut = open.cutter.as_ref().and_then(|cutter| cutter.last_cut(&open.ahead, open.start));
            if let Some(cut) = cut {
                let mut rest = String::with_capacity(open.byte_count.max(open.ahead.len() - cut) + 64);
                rest.push_str(&open.ahead[cut..]);
                let mut text = std::mem::replace(&mut open.ahead, rest);
                text.truncate(cut);
                let task = self.task(false, home);
                return Ok(Some((text, task)));
            }
            bounds::squeeze(&mut open.ahead, open.start);
            if let Err(error) = bounds::check(open.ahead.len()) {
                self.stop(error);
                return Ok(None);
            }
            // No boundary in sight: twice as much, so that a single huge feature costs no more than reading it twice.
            open.byte_count = (2 * open.byte_count).min(self.tuning.most_bytes);
            let more = open.byte_count.max(open.ahead.len());
            match read_more(self.source, &mut open.ahead, more, &mut self.error) {
                Err(error @ ReadError::NoMemory { .. }) => {
                    self.stop(error);
                    return Ok(None);
                }
                other => other?,
            }
        }
    }

    fn task(&mut self, last: bool, home: Option<GeometryKind>) -> Task {
        let open = &mut self.open;
        let task = Task { start: open.start, setting: open.setting, last, home };
        open.start = 0;
        if open.setting == Setting::ArrayStart {
            open.setting = Setting::ArrayNext;
        }
        task
    }
}
