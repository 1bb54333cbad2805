//! One piece of a file, feature by feature, into columns.
//!
//! A piece begins at a feature of the array, or at a record of the sequence, or it is a whole file with one object. The
//! cut between pieces is a guess of whoever cuts; a piece that does not end at the end of a feature says so, and what
//! is left is read with the next one. So the features are the same however a file is cut.

use super::super::columns::{Kinds, Place, RawBlock, Sinks};
use super::super::findings::Findings;
use super::super::scan::{Expected, RawText, Scanner, SyntaxError};
use super::geometry::coordinates::Flaws;
use super::geometry::{Frame, Outcome};
use super::members::Members;
use super::position::line_count;
use super::properties::{Noted, Properties};
use crate::model::{GeometryKind, Issue, Severity};
use crate::task::Progress;
use crate::text::Message;

/// What stands before each record of a sequence by RFC 8142.
pub(super) const RECORD_SEPARATOR: u8 = 0x1E;

/// After so many broken records that took the ones after them for their parts, none may any more: each costs reading
/// to the end of the piece.
const GREEDY_RECORDS: u32 = 4;

/// Features between two looks at whether the user cancelled.
const TICK_FEATURES: u64 = 1024;

/// What the features of a piece stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Setting {
    /// An array, at its first element or its end.
    ArrayStart,
    /// An array, after a comma.
    ArrayNext,
    /// A sequence of records.
    Sequence,
    /// One object is the whole file.
    Alone,
}

/// How a piece ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// All of it was read; in an array, the next element follows.
    Complete,
    /// It ends within the feature that starts at this offset.
    Within(usize),
    /// The array ended before this offset.
    Closed(usize),
    /// It leaves the grammar.
    Broken(SyntaxError),
    /// The user stopped it.
    Cancelled,
}

/// What a piece came to. Rows and lines count from its start.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) blocks: Vec<RawBlock>,
    /// Kinds in the order in which they first had a geometry.
    pub(super) order: Vec<GeometryKind>,
    /// Kind that features without geometry went to after the piece's first geometry.
    pub(super) homeless_in: Option<GeometryKind>,
    pub(super) findings: Findings,
    /// Elements of the array or records, those skipped included.
    pub(super) row_count: u64,
    pub(super) skipped_count: u64,
    /// Members of collections within a sequence.
    pub(super) members: Members,
    pub(super) end: End,
    /// Lines before the place where reading started.
    pub(super) lines_before: u64,
    /// Lines from there to the offset that follows.
    pub(super) line_count: u64,
    /// Offset that lines were counted to.
    pub(super) lines_to: usize,
    pub(super) task: Task,
}

/// How a piece is to be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Task {
    /// Offset of its first byte to read.
    pub(super) start: usize,
    pub(super) setting: Setting,
    /// Whether the file ends with it.
    pub(super) last: bool,
    /// Kind that features without geometry go to, where it is known.
    pub(super) home: Option<GeometryKind>,
}

/// Reads a piece.
pub(super) fn read(text: &str, task: Task, progress: &Progress) -> Piece {
    let mut reader = Reader::new(text, task);
    let end = match task.setting {
        Setting::ArrayStart | Setting::ArrayNext => reader.array(progress),
        Setting::Sequence => reader.sequence(progress),
        Setting::Alone => reader.alone(progress),
    };
    reader.sinks.rollback();
    Piece {
        order: std::mem::take(&mut reader.sinks.order),
        homeless_in: reader.sinks.homeless_in,
        blocks: reader.sinks.finish(),
        findings: reader.findings,
        row_count: reader.row,
        skipped_count: reader.skipped_count,
        members: reader.members,
        end,
        lines_before: line_count(&text[..task.start]),
        line_count: reader.line,
        lines_to: reader.lines_to,
        task,
    }
}

/// An issue of the open feature, whose id may still come.
struct Pending {
    severity: Severity,
    message: Message,
    offset: usize,
}

/// The state of reading one piece.
pub(super) struct Reader<'a> {
    pub(super) scanner: Scanner<'a>,
    pub(super) sinks: Sinks,
    pub(super) frames: Vec<Frame>,
    pub(super) flaws: Flaws,
    pub(super) properties: Properties<'a>,
    pub(super) noted: Noted,
    /// Members of the open object that GeoJSON does not know, with the offsets of their values.
    pub(super) foreign: Vec<(RawText<'a>, usize)>,
    /// Whether members that GeoJSON does not know become attributes instead of being noted.
    pub(super) adopts_foreign: bool,
    /// Whether an object is read a second time, its foreign members being known.
    pub(super) again: bool,
    pub(super) members: Members,
    pending: Vec<Pending>,
    findings: Findings,
    task: Task,
    /// Offset of the open feature.
    pub(super) start: usize,
    /// Index of the open feature.
    row: u64,
    /// Line of the open feature, from 0.
    line: u64,
    /// Offset that lines were counted to.
    lines_to: usize,
    skipped_count: u64,
    /// Broken records that took the ones after them for their parts.
    greedy_count: u32,
    /// Collections around the open feature, the file's own aside.
    pub(super) nesting: u32,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, task: Task) -> Self {
        Self {
            scanner: Scanner::lenient(text, task.start),
            sinks: Sinks::new(task.home),
            frames: Vec::new(),
            flaws: Flaws::default(),
            properties: Properties::default(),
            noted: Noted::default(),
            foreign: Vec::new(),
            adopts_foreign: false,
            again: false,
            members: Members::default(),
            pending: Vec::new(),
            findings: Findings::default(),
            task,
            start: 0,
            row: 0,
            line: 0,
            lines_to: task.start,
            skipped_count: 0,
            greedy_count: 0,
            nesting: 0,
        }
    }

    /// Whether features stand in an array, where only features should.
    pub(super) fn in_array(&self) -> bool {
        matches!(self.task.setting, Setting::ArrayStart | Setting::ArrayNext)
    }

    /// Whether an error may be due to the cut between this piece and the next.
    fn may_continue(&self, error: &SyntaxError) -> bool {
        error.at_end && !self.task.last
    }

    /// Reads elements of an array until it or the piece ends.
    fn array(&mut self, progress: &Progress) -> End {
        self.scanner.skip_space();
        if self.task.setting == Setting::ArrayStart && self.scanner.peek() == Some(b']') {
            return End::Closed(self.scanner.pos() + 1);
        }
        loop {
            let start = self.scanner.pos();
            if !self.task.last && start >= self.scanner.text().len() {
                return End::Complete;
            }
            if self.row.is_multiple_of(TICK_FEATURES) && progress.is_cancelled() {
                return End::Cancelled;
            }
            let element = match self.element() {
                Ok(element) => element,
                Err(error) => {
                    self.abandon();
                    return if self.may_continue(&error) { End::Within(start) } else { End::Broken(error) };
                }
            };
            let more = self.scanner.next_element();
            if more.as_ref().is_err_and(|error| self.may_continue(error)) {
                self.abandon();
                return End::Within(start);
            }
            if let Err(error) = self.store(element) {
                return End::Broken(error);
            }
            match more {
                Ok(true) => {}
                Ok(false) => return End::Closed(self.scanner.pos()),
                Err(error) => return End::Broken(error),
            }
        }
    }

    /// Reads records until the piece ends. A record that leaves the grammar is reported, and reading goes on after the
    /// next separator (RFC 7464, section 2.3).
    fn sequence(&mut self, progress: &Progress) -> End {
        loop {
            while let Some(b' ' | b'\n' | b'\r' | b'\t' | RECORD_SEPARATOR) = self.scanner.peek() {
                self.scanner.bump();
            }
            let start = self.scanner.pos();
            if start >= self.scanner.text().len() {
                return End::Complete;
            }
            if self.row.is_multiple_of(TICK_FEATURES) && progress.is_cancelled() {
                return End::Cancelled;
            }
            let whole = self.scanner.text();
            if self.greedy_count >= GREEDY_RECORDS {
                match self.record_end(start) {
                    Some(end) => self.scanner = Scanner::lenient(&whole[..end], start),
                    None if !self.task.last => return End::Within(start),
                    None => {}
                }
            }
            let object = self.scanner.peek() == Some(b'{');
            let element = self.element();
            let at_end = self.scanner.pos() >= whole.len();
            match element {
                Ok(_) if at_end && !object && !self.task.last => {
                    self.abandon();
                    return End::Within(start);
                }
                Err(error) if self.may_continue(&error) && error.offset >= whole.len() => {
                    self.abandon();
                    return End::Within(start);
                }
                Ok(element) => {
                    if let Err(error) = self.store(element) {
                        return End::Broken(error);
                    }
                    self.scanner = Scanner::lenient(whole, self.scanner.pos());
                }
                Err(error) => {
                    self.abandon();
                    self.scanner = Scanner::lenient(whole, start);
                    let end = self.record_end(start);
                    if end.is_none() && !self.task.last {
                        return End::Within(start);
                    }
                    self.skip_record(start, end.unwrap_or(whole.len()), error);
                }
            }
        }
    }

    /// Where the record at `start` ends at the latest: at a separator, or before a brace that begins a line.
    fn record_end(&self, start: usize) -> Option<usize> {
        let rest = self.scanner.text().as_bytes().get(start + 1..)?;
        let ends = |at: usize| rest[at] == RECORD_SEPARATOR || rest.get(at + 1) == Some(&b'{');
        let at = memchr::memchr2_iter(b'\n', RECORD_SEPARATOR, rest).find(|at| ends(*at))?;
        Some(start + 1 + at)
    }

    /// Reports a record that leaves the grammar, and goes on behind its `end`.
    fn skip_record(&mut self, start: usize, end: usize, error: SyntaxError) {
        self.begin(start);
        let text = self.scanner.text();
        let mut error = error;
        if error.offset > end {
            // Without its end a record takes the next one for a part of itself: look at it alone.
            self.greedy_count += 1;
            error = Scanner::lenient(&text[..end], start).skip_value().err().unwrap_or(error);
        }
        let found = text[error.offset..].chars().next();
        let message = Message::new("io.broken-record")
            .with("expected", error.expected.tokens())
            .with("found", found.map_or("EOF".to_owned(), |c| c.escape_debug().to_string()));
        self.pend(Severity::Error, message, error.offset);
        self.skip();
        self.scanner.rewind(end);
    }

    /// Reads the one object of a file.
    fn alone(&mut self, progress: &Progress) -> End {
        if progress.is_cancelled() {
            return End::Cancelled;
        }
        self.scanner.skip_space();
        let result = self.element().and_then(|element| {
            self.scanner.skip_space();
            if self.scanner.pos() < self.scanner.text().len() {
                return self.scanner.fail(Expected::End);
            }
            self.store(element)
        });
        match result {
            Ok(()) => End::Complete,
            Err(error) => {
                self.abandon();
                End::Broken(error)
            }
        }
    }

    /// Starts a feature at `start`.
    pub(super) fn begin(&mut self, start: usize) {
        self.start = start;
        self.line += line_count(&self.scanner.text()[self.lines_to..start]);
        self.lines_to = start;
        self.properties.clear();
        self.foreign.clear();
        (self.adopts_foreign, self.again) = (false, false);
    }

    /// Forgets the open feature.
    pub(super) fn abandon(&mut self) {
        self.sinks.rollback();
        self.pending.clear();
        self.noted.0.clear();
        self.flaws = Flaws::default();
    }

    /// Notes an issue of the open feature at `offset`.
    #[cold]
    pub(super) fn pend(&mut self, severity: Severity, message: Message, offset: usize) {
        self.pending.push(Pending { severity, message, offset });
    }

    /// Counts something about the open feature by name.
    #[cold]
    pub(super) fn tally(&mut self, severity: Severity, key: &'static str, name: &str) {
        self.noted.add(severity, key, name);
    }

    /// The text at `start`, cut short, for messages.
    pub(super) fn snippet(&self, start: usize) -> String {
        let rest = self.scanner.text().get(start..).unwrap_or("");
        let stop = |c: char| matches!(c, ',' | ']' | '}' | '\n' | '\r');
        // The first character belongs to it whatever it is.
        let end = rest.char_indices().skip(1).find(|(_, c)| stop(*c)).map_or(rest.len(), |(at, _)| at);
        let mut shown: String = rest[..end].chars().take(24).collect();
        if shown.len() < end {
            shown.push('…');
        }
        shown
    }

    /// Ends the open feature with what `outcome` says of its geometry.
    pub(super) fn end_feature(&mut self, outcome: Outcome) {
        let home = match outcome.bad {
            Some(Some(kind)) => Some(kind),
            _ => None,
        };
        let mut kinds = outcome.kinds;
        let mut null = false;
        if kinds.is_empty() {
            null = outcome.null || outcome.bad.is_some();
            let kind = match home {
                Some(kind) => {
                    self.sinks.note(kind);
                    kind
                }
                None => self.sinks.home(),
            };
            kinds = Kinds::of(kind);
        } else {
            kinds.iter().for_each(|kind| self.sinks.note(kind));
        }
        let place = Place { row: self.row, line: self.line, offset: self.start };
        let mut layer = None;
        for kind in kinds.iter() {
            layer = layer.or(Some(kind));
            let (properties, noted) = (&self.properties, &mut self.noted);
            self.sinks.end_feature(kind, null, place, |attributes, ids| properties.store(attributes, ids, noted));
        }
        self.report(layer);
        self.row += 1;
    }

    /// Counts the open feature as skipped.
    pub(super) fn skip(&mut self) {
        self.sinks.rollback();
        self.report(None);
        self.row += 1;
        self.skipped_count += 1;
    }

    /// Hands on what was noted about the open feature, which went to a layer of kind `layer`.
    fn report(&mut self, layer: Option<GeometryKind>) {
        if self.flaws.long_positions > 0 {
            self.tally(Severity::Note, "io.long-positions", "");
        }
        if self.flaws.null_heights > 0 {
            self.tally(Severity::Note, "io.null-heights", "");
        }
        (self.flaws.long_positions, self.flaws.null_heights) = (0, 0);
        if !self.adopts_foreign {
            for (name, _) in &self.foreign {
                self.findings.tally(Severity::Note, "io.foreign-member", name.raw, 1, self.row, self.line);
            }
        }
        for (severity, key, name) in self.noted.0.drain(..) {
            self.findings.tally(severity, key, &name, 1, self.row, self.line);
        }
        if self.pending.is_empty() {
            return;
        }
        let id = self.properties.id_text();
        for pending in self.pending.drain(..) {
            let key = pending.message.key;
            if !self.findings.has_room(key) {
                self.findings.count_only(key);
                continue;
            }
            let between = &self.scanner.text()[self.start..pending.offset.max(self.start)];
            let line = self.line + line_count(between) + 1;
            let mut issue = Issue::new(pending.severity, pending.message);
            (issue.feature, issue.id, issue.line) = (Some(self.row), id.clone(), Some(line));
            self.findings.add(issue, layer);
        }
    }
}
