//! Lines of a text as they come, without blank ones, with a look ahead.

use std::collections::VecDeque;
use std::ops::Range;

use crate::io::text_stream::{Seen, TextStream};
use crate::io::{Encoding, ReadError};

/// Bytes that are read at once.
const PIECE_BYTES: usize = 1 << 20;
/// The longest line that is held.
const MOST_LINE_BYTES: usize = 64 << 20;

/// The lines of a text.
pub(super) struct Lines {
    stream: TextStream,
    text: String,
    /// Where the first line that was not looked at begins.
    scanned: usize,
    /// Its number, from 1.
    number: u64,
    /// Lines that were found and not taken.
    ahead: VecDeque<(Range<usize>, u64)>,
}

impl Lines {
    pub(super) fn new(stream: TextStream) -> Self {
        Self { stream, text: String::new(), scanned: 0, number: 1, ahead: VecDeque::new() }
    }

    /// The next line without blanks around it, and its number.
    ///
    /// # Errors
    /// When the file cannot be read further, or the user cancelled.
    pub(super) fn next(&mut self) -> Result<Option<(&str, u64)>, ReadError> {
        self.find(1)?;
        Ok(self.ahead.pop_front().map(|(range, number)| (&self.text[range], number)))
    }

    /// The line that comes `after` so many others.
    ///
    /// # Errors
    /// As [`Self::next`].
    pub(super) fn peek(&mut self, after: usize) -> Result<Option<&str>, ReadError> {
        self.find(after + 1)?;
        Ok(self.ahead.get(after).map(|(range, _)| &self.text[range.clone()]))
    }

    /// The number of the line that comes next.
    pub(super) fn number(&self) -> u64 {
        self.ahead.front().map_or(self.number, |(_, number)| *number)
    }

    fn find(&mut self, count: usize) -> Result<(), ReadError> {
        while self.ahead.len() < count {
            let rest = &self.text.as_bytes()[self.scanned..];
            let (end, next) = match memchr::memchr2(b'\n', b'\r', rest) {
                // What follows the first of two signs has to be known.
                Some(at) if at + 1 == rest.len() && rest[at] == b'\r' && !self.stream.ended() => {
                    self.read_more()?;
                    continue;
                }
                Some(at) => (self.scanned + at, self.scanned + at + 1),
                None if !self.stream.ended() => {
                    self.read_more()?;
                    continue;
                }
                None if rest.is_empty() => return Ok(()),
                None => (self.text.len(), self.text.len()),
            };
            let line = &self.text[self.scanned..end];
            let trimmed = line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
            if !trimmed.is_empty() {
                let start = self.scanned + (trimmed.as_ptr() as usize - line.as_ptr() as usize);
                self.ahead.push_back((start..start + trimmed.len(), self.number));
            }
            // A line ends with either sign or with both; both together count once.
            let is_first_of_two = self.text.as_bytes().get(end..end + 2) == Some(b"\r\n");
            self.number += u64::from(!is_first_of_two && end < next);
            self.scanned = next;
        }
        Ok(())
    }

    fn read_more(&mut self) -> Result<(), ReadError> {
        let kept = self.ahead.front().map_or(self.scanned, |(range, _)| range.start);
        self.text.drain(..kept);
        self.scanned -= kept;
        for (range, _) in &mut self.ahead {
            *range = range.start - kept..range.end - kept;
        }
        if self.text.len() - self.scanned > MOST_LINE_BYTES {
            let most_mb = (MOST_LINE_BYTES >> 20) as u64;
            return Err(ReadError::TooLong { line: self.number, most_mb, feature_count: 0 });
        }
        let number = self.number;
        self.stream.read_more(&mut self.text, PIECE_BYTES).map_err(|error| error.at_line(number, 0))
    }

    /// The encoding, how many characters were replaced, and what is known of the file.
    pub(super) fn finish(self) -> (Encoding, u64, Seen) {
        (self.stream.encoding(), self.stream.replaced_count(), self.stream.finish())
    }
}
