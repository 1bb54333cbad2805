//! GeoJSON in all the shapes in which it occurs, read in pieces on all cores.
//!
//! The file is read piece by piece and never held as a whole. A piece ends where a feature seems to end: at the last
//! place that looks like the boundary between the first two features. Each piece is read by itself; one that turns out
//! to end within a feature hands the rest to the next, which is then read again. Pieces are accepted in file order, so
//! guesses and threads change the time that reading takes, never the result.
//!
//! | file | module |
//! |---|---|
//! | what the start shows, what follows the features | `head`, `members` |
//! | pieces: cut, handed out, accepted | here, `feed`, `cutter`, `position`, `bounds` |
//! | one piece | `reader`: `element`, `geometry`, `properties` into columns |
//! | what the file as a whole says | `layer` |

mod bounds;
mod cutter;
mod element;
mod feed;
mod geometry;
mod head;
mod layer;
mod members;
mod position;
mod properties;
mod reader;
mod write;

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::Duration;

use super::ReadError;
use super::arrivals::Arrivals;
use super::columns::{RawBlock, RawLayer};
use super::findings::Findings;
use super::reading::Reading;
use super::source::{Known, Source};
use super::text_stream::TextStream;
use crate::crs::Declared;
use crate::model::GeometryKind;
use crate::task::Progress;
use feed::{Feed, Open};
use head::Head;
use members::{DeclaredCrs, declared_crs};
use position::Position;
use reader::{End, Piece, Setting, Task};
pub(super) use write::{losses, write};
pub use write::{write_geojson, write_together};

/// How a file is cut into pieces.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tuning {
    /// Bytes of the first piece; each is twice as long as the one before.
    pub(super) first_bytes: usize,
    /// Bytes of the longest pieces.
    pub(super) most_bytes: usize,
}

impl Default for Tuning {
    fn default() -> Self {
        Self { first_bytes: 1 << 18, most_bytes: 8 << 20 }
    }
}

/// The shape of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// An object with an array of features.
    Collection,
    /// An array of features without an object around it.
    Array,
    /// Records, one after the other.
    Sequence,
    /// One feature or geometry.
    Single,
}

/// Most coordinates that a reading which was stopped keeps for going on, beside those of the layer: 1 GB of them.
const MOST_HELD_COORDS: usize = 1 << 26;

/// Where a reading stands that was stopped.
pub(super) struct Begun {
    file: File,
    open: Open,
}

/// A reading that was stopped, and its file, open as far as it was read.
struct Halted {
    known: Known,
    stream: TextStream,
    begun: Begun,
}

/// Reads the one layer that a file is: on from where a reading was stopped, where the file is still the same.
///
/// # Errors
/// When nothing of it could be read.
pub(super) fn layers(source: &mut Source, reading: &Reading<'_>) -> Result<Vec<RawLayer>, ReadError> {
    let (arrivals, known) = (reading.arrivals, source.known(&[]));
    let halted = arrivals.and_then(Arrivals::take_left::<Halted>);
    let (mut stream, begun) = match halted.filter(|halted| known.as_ref() == Some(&halted.known)) {
        Some(halted) => {
            let Halted { known, mut stream, begun } = *halted;
            stream.go_on(known.byte_count(), reading.progress)?;
            (stream, Some(begun))
        }
        None => (source.text(reading.progress)?, None),
    };
    let (layer, begun) = read_from(&mut stream, Tuning::default(), begun, arrivals, reading.progress)?;
    match (begun, known, arrivals) {
        (Some(begun), Some(known), Some(arrivals)) => arrivals.leave(Halted { known, stream, begun }),
        _ if layer.error.is_none() || reading.keeps_partial => source.saw(stream.finish()),
        _ => {}
    }
    Ok(vec![layer])
}

/// Reads a file as text.
///
/// # Errors
/// As [`read_from`].
#[cfg(test)]
pub(super) fn read(
    source: &mut TextStream,
    tuning: Tuning,
    arrivals: Option<&Arrivals>,
    progress: &Progress,
) -> Result<RawLayer, ReadError> {
    Ok(read_from(source, tuning, None, arrivals, progress)?.0)
}

/// Reads a file as text, from its start or from where it had `begun` to be read, to its end or until that is stopped: then
/// it says where it stands.
///
/// # Errors
/// When nothing of it could be read. Where some of it could, that is given together with the error.
pub(super) fn read_from(
    source: &mut TextStream,
    tuning: Tuning,
    begun: Option<Begun>,
    arrivals: Option<&Arrivals>,
    progress: &Progress,
) -> Result<(RawLayer, Option<Begun>), ReadError> {
    let (mut file, open) = match begun {
        Some(Begun { file, open }) => {
            file.blocks.iter().for_each(|block| file.show(block, arrivals));
            (file, Some(open))
        }
        None => beginning(source, tuning, arrivals, progress)?,
    };
    let open = match open {
        Some(open) => in_parallel(&mut file, source, open, tuning, arrivals, progress)?,
        None => None,
    };
    let begun = open.and_then(|open| Some(Begun { file: file.so_far()?, open }));
    Ok((layer::layer(file.finish(arrivals, progress)?, source), begun))
}

/// Reads the start of a file, or all of it where it is short; the rest is open.
fn beginning(
    source: &mut TextStream,
    tuning: Tuning,
    arrivals: Option<&Arrivals>,
    progress: &Progress,
) -> Result<(File, Option<Open>), ReadError> {
    let mut text = String::new();
    let mut read_error = None;
    let mut byte_count = tuning.first_bytes;
    let head = loop {
        read_more(source, &mut text, byte_count, &mut read_error)?;
        match (head::look(&text, source.ended()), read_error.take()) {
            (Ok(Some(head)), error) => {
                read_error = error;
                break head;
            }
            (_, Some(error)) | (Err(error), None) => return Err(error),
            (Ok(None), None) => {
                bounds::squeeze(&mut text, 0);
                bounds::check(text.len()).map_err(|error| error.at_line(1, 0))?;
                byte_count = text.len().max(byte_count);
            }
        }
    };
    let mut file = File::new(head);
    while file.head.setting == Setting::Alone && !source.ended() {
        bounds::squeeze(&mut text, file.head.start);
        bounds::check(text.len()).map_err(|error| error.at_line(1, 0))?;
        let byte_count = text.len().max(tuning.most_bytes);
        read_more(source, &mut text, byte_count, &mut read_error)?;
    }
    if !source.ended() {
        let open = Open::new(text, file.head.start, file.head.setting, tuning);
        return Ok((file, Some(open)));
    }
    // Where the disk or the compression gave up, the last feature is not blamed for being incomplete.
    let last = read_error.is_none() || file.head.setting == Setting::Alone;
    let task = Task { start: file.head.start, setting: file.head.setting, last, home: None };
    let piece = reader::read(&text, task, progress);
    file.accept(&text, piece, arrivals, progress);
    file.read_error = read_error;
    Ok((file, None))
}

/// Reads more of a file; a failure that leaves something to read is put aside.
fn read_more(
    source: &mut TextStream,
    text: &mut String,
    byte_count: usize,
    failure: &mut Option<ReadError>,
) -> Result<(), ReadError> {
    match source.read_more(text, byte_count) {
        Err(error @ (ReadError::Io(_) | ReadError::Compression(_))) => {
            *failure = Some(error);
            Ok(())
        }
        other => other,
    }
}

/// Reads the rest of a file, with pieces handed to all cores. What is left where that was stopped is still open.
fn in_parallel(
    file: &mut File,
    source: &mut TextStream,
    open: Open,
    tuning: Tuning,
    arrivals: Option<&Arrivals>,
    progress: &Progress,
) -> Result<Option<Open>, ReadError> {
    let mut feed = Feed::new(source, open, tuning);
    let at_once = rayon::current_num_threads() + 2;
    arrivals.inspect(|arrivals| arrivals.say_can_stop(true));
    rayon::in_place_scope(|scope| {
        let mut given: VecDeque<Receiver<(String, Piece)>> = VecDeque::new();
        loop {
            if arrivals.is_some_and(Arrivals::is_stopped) && !feed.done {
                feed.halt(ReadError::stopped(progress));
            }
            while given.len() < at_once && file.wants_more() {
                if let Err(error) = bounds::look_for_room(feed.byte_count()) {
                    feed.stop(error);
                }
                let Some((text, task)) = feed.next_piece(file.home())? else { break };
                let (sender, receiver) = channel();
                scope.spawn(move |_| {
                    let piece = reader::read(&text, task, progress);
                    // Nobody listens only when reading was given up.
                    let _ = sender.send((text, piece));
                });
                given.push_back(receiver);
            }
            let Some(receiver) = given.pop_front() else { break };
            // A thread that ends without its piece has panicked; the scope hands that on.
            let Some((text, piece)) = receive(&receiver) else { break };
            file.accept(&text, piece, arrivals, progress);
        }
        arrivals.inspect(|arrivals| arrivals.say_can_stop(false));
        while file.is_after_array() {
            let Some((text, _)) = feed.next_piece(None)? else { break };
            file.keep_after_array(&text);
        }
        file.read_error = feed.error.take().or(file.read_error.take());
        Ok::<(), ReadError>(())
    })?;
    // Behind the array of features there is none left to go on with.
    Ok(feed.halted().filter(|_| file.wants_more()))
}

/// Waits for a piece; on a thread of the pool, reads pieces meanwhile.
fn receive<T>(receiver: &Receiver<T>) -> Option<T> {
    loop {
        match receiver.try_recv() {
            Ok(piece) => return Some(piece),
            Err(TryRecvError::Disconnected) => return None,
            Err(TryRecvError::Empty) => {}
        }
        match rayon::yield_now() {
            Some(rayon::Yield::Executed) => {}
            Some(rayon::Yield::Idle) => std::thread::sleep(Duration::from_micros(200)),
            // Not a thread of the pool: disconnected is what `None` reports.
            None => return receiver.recv().ok(),
        }
    }
}

/// What was accepted of a file so far.
struct File {
    head: Head,
    shape: Shape,
    blocks: Vec<RawBlock>,
    order: Vec<GeometryKind>,
    findings: Findings,
    row_count: u64,
    skipped_count: u64,
    position: Position,
    /// Text that the piece before did not finish.
    rest: String,
    /// How much of `rest` there was when it was last tried in vain.
    tried: usize,
    /// Whether the array of features ended, and what followed it.
    closed: bool,
    after_array: String,
    error: Option<ReadError>,
    read_error: Option<ReadError>,
}

impl File {
    fn new(head: Head) -> Self {
        let shape = match head.setting {
            Setting::Sequence => Shape::Sequence,
            Setting::Alone => Shape::Single,
            _ if head.bare_array => Shape::Array,
            _ => Shape::Collection,
        };
        Self {
            head,
            shape,
            blocks: Vec::new(),
            order: Vec::new(),
            findings: Findings::default(),
            row_count: 0,
            skipped_count: 0,
            position: Position::default(),
            rest: String::new(),
            tried: 0,
            closed: false,
            after_array: String::new(),
            error: None,
            read_error: None,
        }
    }

    /// The kind that features without geometry go to.
    fn home(&self) -> Option<GeometryKind> {
        self.order.first().copied()
    }

    fn wants_more(&self) -> bool {
        !self.closed && self.error.is_none()
    }

    fn is_after_array(&self) -> bool {
        self.closed && self.error.is_none()
    }

    /// Takes the piece that follows what was accepted before.
    fn accept(&mut self, text: &str, piece: Piece, arrivals: Option<&Arrivals>, progress: &Progress) {
        if self.error.is_some() {
            return;
        }
        if self.closed {
            self.keep_after_array(text);
            return;
        }
        let task = Task { start: 0, ..piece.task };
        if !self.rest.is_empty() {
            if let Err(error) = bounds::push(&mut self.rest, text) {
                self.error = Some(error);
                return;
            }
            if task.last || self.rest.len() >= 2 * self.tried {
                let whole = std::mem::take(&mut self.rest);
                let task = Task { setting: self.next_setting(), ..task };
                let piece = reader::read(&whole, task, progress);
                self.accept_piece(&whole, piece, arrivals, progress);
            }
            return;
        }
        self.accept_piece(text, piece, arrivals, progress);
    }

    /// Tells whoever watches that a block has come.
    fn show(&self, block: &RawBlock, arrivals: Option<&Arrivals>) {
        let Some(arrivals) = arrivals else { return };
        arrivals.add(&block.geometry, &block.sample, || match declared_crs(self.head.members.stated_crs()?) {
            DeclaredCrs::Named(text) => Some(Declared::new(text)),
            DeclaredCrs::Null | DeclaredCrs::Unreadable(_) => None,
        });
    }

    /// The same once more, without what kept the rest from being read; `None` where that is too much to be held twice.
    fn so_far(&self) -> Option<Self> {
        let coord_count: usize = self.blocks.iter().map(|block| block.geometry.coords().len()).sum();
        (coord_count <= MOST_HELD_COORDS).then(|| Self {
            head: self.head.clone(),
            shape: self.shape,
            blocks: self.blocks.clone(),
            order: self.order.clone(),
            findings: self.findings.clone(),
            row_count: self.row_count,
            skipped_count: self.skipped_count,
            position: self.position,
            rest: self.rest.clone(),
            tried: self.tried,
            closed: self.closed,
            after_array: self.after_array.clone(),
            error: None,
            read_error: None,
        })
    }

    /// Keeps what follows the array of features, as long as it is no end of blanks.
    fn keep_after_array(&mut self, text: &str) {
        let kept = bounds::push(&mut self.after_array, text);
        bounds::squeeze(&mut self.after_array, 0);
        if let Err(error) = kept {
            self.error = Some(error);
        }
    }

    fn next_setting(&self) -> Setting {
        match self.head.setting {
            Setting::ArrayStart if self.row_count > 0 => Setting::ArrayNext,
            setting => setting,
        }
    }

    fn accept_piece(&mut self, text: &str, mut piece: Piece, arrivals: Option<&Arrivals>, progress: &Progress) {
        let home = self.home();
        if piece.homeless_in.is_some() && home.is_some() && piece.homeless_in != home {
            piece = reader::read(text, Task { home, ..piece.task }, progress);
        }
        for kind in piece.order {
            if !self.order.contains(&kind) {
                self.order.push(kind);
            }
        }
        let clamp = |v: u64| u32::try_from(v).unwrap_or(u32::MAX);
        let (row, line) = (self.row_count, self.position.line + piece.lines_before);
        self.head.members.append(piece.members);
        for mut block in piece.blocks {
            self.show(&block, arrivals);
            // Lines count from 1.
            block.rows.iter_mut().for_each(|r| *r = clamp(u64::from(*r) + row));
            block.lines.iter_mut().for_each(|l| *l = clamp(u64::from(*l) + line + 1));
            self.blocks.push(block);
        }
        self.findings.append(piece.findings, row, line);
        self.row_count += piece.row_count;
        self.skipped_count += piece.skipped_count;
        let consumed = match piece.end {
            End::Complete => text.len(),
            End::Within(offset) | End::Closed(offset) => offset,
            End::Broken(error) => {
                let count = self.row_count - self.skipped_count;
                self.error = Some(self.position.syntax(text, error.offset, error.expected, count));
                return;
            }
            End::Cancelled => {
                self.error = Some(ReadError::Cancelled);
                return;
            }
        };
        // The piece counted the lines up to its last feature while it was read.
        let (counted, rest) = match text.get(piece.lines_to..consumed) {
            Some(rest) => (piece.lines_before + piece.line_count, rest),
            None => (0, &text[..consumed]),
        };
        self.position = self.position.after_lines(&text[..consumed], counted + position::line_count(rest));
        self.tried = text.len() - consumed;
        match piece.end {
            End::Within(_) => text[consumed..].clone_into(&mut self.rest),
            End::Closed(_) => {
                self.closed = true;
                text[consumed..].clone_into(&mut self.after_array);
            }
            _ => {}
        }
    }

    /// Reads what follows the array of features, and takes stock.
    fn finish(mut self, arrivals: Option<&Arrivals>, progress: &Progress) -> Result<Self, ReadError> {
        if self.closed && self.error.is_none() {
            let after = std::mem::take(&mut self.after_array);
            match head::tail(&after, 0, &mut self.head) {
                Ok(None) => {}
                Ok(Some(next)) => {
                    self.position = self.position.after(&after[..next]);
                    self.closed = false;
                    self.shape = Shape::Sequence;
                    let task = Task { start: 0, setting: Setting::Sequence, last: true, home: self.home() };
                    let piece = reader::read(&after[next..], task, progress);
                    self.accept_piece(&after[next..], piece, arrivals, progress);
                }
                Err(error) => {
                    let count = self.row_count - self.skipped_count;
                    self.error = Some(self.position.syntax(&after, error.offset, error.expected, count));
                }
            }
        }
        // A failure of the disk explains a text that breaks off, not the other way round.
        let count = self.row_count - self.skipped_count;
        let error = self.read_error.take().or(self.error);
        self.error = error.map(|error| error.at_line(self.position.line + 1, count));
        // Without memory there is none for what was read either.
        if matches!(self.error, Some(ReadError::Cancelled | ReadError::NoMemory { .. }))
            && let Some(error) = self.error.take()
        {
            return Err(error);
        }
        Ok(self)
    }
}
