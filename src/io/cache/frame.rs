//! The frame of a cache file: sections one after the other, a list of their lengths and hashes, a fixed end.
//!
//! ```text
//! bytes             what
//! 8                 "TUBAN\x1a\r\n": a file that went through something that treats it as text is no longer one
//! 4, 4              version of the format, kind of the file
//! …                 sections, one after the other, no gaps
//! 16 a section      its length, and the XXH64 of its bytes
//! 8, 8, 8, 8        number of sections; length of the file; XXH64 of the list and the two numbers before; "TUBANEND"
//! ```
//!
//! All numbers are little-endian; a list of numbers begins with how many there are, 64 bits wide. No byte stands outside of
//! what is compared or hashed, so a file that was cut, overwritten or torn is noticed wherever that happened. Sections lie
//! one after the other and their sum is held against the length of the file, so nothing that is read into memory can be
//! larger than the file. They are read each by itself, on all cores, piece by piece: a piece is hashed and taken apart
//! while it lies in the processor's cache.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use crate::io::hash::FileHash;
use crate::io::place::fill;
use crate::task::Progress;

const BEGIN: [u8; 8] = *b"TUBAN\x1a\r\n";
const END: [u8; 8] = *b"TUBANEND";
const HEAD_BYTES: u64 = 16;
const TAIL_BYTES: u64 = 32;
/// Bytes of the list a section.
const LISTED_BYTES: u64 = 16;
/// Bytes that are read, hashed and taken apart at once.
const PIECE_BYTES: usize = 1 << 18;

thread_local! {
    /// What a thread reads pieces into, kept from one section to the next: fresh memory takes as long as reading into it.
    static PIECE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Version of the format: anything that changes what bytes mean makes a new one.
pub(super) const FORMAT: u32 = 1;

/// What a cache file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The layers of a source.
    Layers = 1,
    /// The areas of a layer by one method.
    Areas = 2,
    /// A layer made ready for the map.
    Map = 3,
}

/// A length as it is written.
fn wide(length: usize) -> u64 {
    length as u64
}

/// Writes a cache file from front to back.
pub(super) struct Frame<'w> {
    out: &'w mut dyn Write,
    byte_count: u64,
    /// Length and hash of each section that is written.
    sections: Vec<(u64, u64)>,
    hash: FileHash,
}

impl<'w> Frame<'w> {
    /// Begins a file.
    pub(super) fn begin(out: &'w mut dyn Write, kind: Kind) -> io::Result<Self> {
        out.write_all(&BEGIN)?;
        out.write_all(&FORMAT.to_le_bytes())?;
        out.write_all(&(kind as u32).to_le_bytes())?;
        Ok(Self { out, byte_count: HEAD_BYTES, sections: Vec::new(), hash: FileHash::new() })
    }

    /// Adds bytes to the open section.
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.add(bytes);
        self.out.write_all(bytes)
    }

    /// Adds one number.
    pub(super) fn number(&mut self, value: u64) -> io::Result<()> {
        self.put(&value.to_le_bytes())
    }

    /// Adds a list of values of `N` bytes.
    pub(super) fn list<T: Copy, const N: usize>(
        &mut self,
        values: &[T],
        bytes: impl Fn(T) -> [u8; N],
    ) -> io::Result<()> {
        self.number(wide(values.len()))?;
        let mut piece = Vec::new();
        for some in values.chunks((PIECE_BYTES / N).max(1)) {
            piece.clear();
            some.iter().for_each(|value| piece.extend_from_slice(&bytes(*value)));
            self.put(&piece)?;
        }
        Ok(())
    }

    /// Adds text.
    pub(super) fn text(&mut self, text: &str) -> io::Result<()> {
        self.number(wide(text.len()))?;
        self.put(text.as_bytes())
    }

    /// Ends the open section, and says which it was.
    pub(super) fn end_section(&mut self) -> u32 {
        let hash = std::mem::replace(&mut self.hash, FileHash::new());
        self.sections.push((hash.byte_count(), hash.value()));
        self.byte_count += hash.byte_count();
        (self.sections.len() - 1) as u32
    }

    /// Ends the file.
    pub(super) fn finish(self) -> io::Result<()> {
        let mut list = Vec::new();
        for (length, hash) in &self.sections {
            list.extend_from_slice(&length.to_le_bytes());
            list.extend_from_slice(&hash.to_le_bytes());
        }
        let file_length = self.byte_count + wide(list.len()) + TAIL_BYTES;
        list.extend_from_slice(&wide(self.sections.len()).to_le_bytes());
        list.extend_from_slice(&file_length.to_le_bytes());
        let mut hash = FileHash::new();
        hash.add(&list);
        self.out.write_all(&list)?;
        self.out.write_all(&hash.value().to_le_bytes())?;
        self.out.write_all(&END)
    }
}

/// A cache file that is being read. Whatever is wrong with it gives `None`: the file is not used then.
pub(super) struct Sections {
    file: File,
    /// Place, length and hash of each section.
    list: Vec<(u64, u64, u64)>,
}

impl Sections {
    /// Opens a file of that kind; `None` where it is none, or not whole.
    pub(super) fn open(path: &Path, kind: Kind) -> Option<Self> {
        // A file that is not there or cannot be read is as good as none; so is a pipe or a link in its place.
        std::fs::symlink_metadata(path).ok().filter(std::fs::Metadata::is_file)?;
        let file = File::open(path).ok()?;
        let length = file.metadata().ok()?.len();
        let body = length.checked_sub(HEAD_BYTES + TAIL_BYTES)?;
        let mut head = [0; HEAD_BYTES as usize];
        fill(&file, 0, &mut head)?;
        let mut expected = [0; HEAD_BYTES as usize];
        expected[..8].copy_from_slice(&BEGIN);
        expected[8..12].copy_from_slice(&FORMAT.to_le_bytes());
        expected[12..].copy_from_slice(&(kind as u32).to_le_bytes());
        let mut tail = [0; TAIL_BYTES as usize];
        fill(&file, length - TAIL_BYTES, &mut tail)?;
        let number = |at: usize| tail[at..at + 8].try_into().map_or(0, u64::from_le_bytes);
        let (count, said_length, said_hash) = (number(0), number(8), number(16));
        if head != expected || tail[24..] != END || said_length != length || count > body / LISTED_BYTES {
            return None;
        }
        let list_length = count * LISTED_BYTES;
        let mut bytes = vec![0; usize::try_from(list_length).ok()?]; // within the file, see above
        fill(&file, length - TAIL_BYTES - list_length, &mut bytes)?;
        let mut hash = FileHash::new();
        hash.add(&bytes);
        hash.add(&tail[..16]);
        if hash.value() != said_hash {
            return None;
        }
        let mut at = HEAD_BYTES;
        let mut list = Vec::with_capacity(bytes.len() / LISTED_BYTES as usize);
        for row in bytes.as_chunks::<8>().0.chunks_exact(2) {
            let (length, hash) = (u64::from_le_bytes(row[0]), u64::from_le_bytes(row[1]));
            list.push((at, length, hash));
            at = at.checked_add(length)?;
        }
        (at == length - TAIL_BYTES - list_length).then_some(Self { file, list })
    }

    /// Bytes of all sections.
    pub(super) fn byte_count(&self) -> u64 {
        self.list.iter().map(|(_, length, _)| length).sum()
    }

    /// Bytes of a section.
    pub(super) fn length(&self, section: u32) -> Option<u64> {
        self.list.get(section as usize).map(|(_, length, _)| *length)
    }

    /// Number of the last section.
    pub(super) fn last(&self) -> Option<u32> {
        u32::try_from(self.list.len().checked_sub(1)?).ok() // no file has as many
    }

    /// Reads a section by `read`, which has to take all of it; `None` where it is not what was written.
    pub(super) fn read<T>(
        &self,
        section: u32,
        progress: &Progress,
        read: impl FnOnce(&mut Section<'_>) -> Option<T>,
    ) -> Option<T> {
        let (at, length, hash) = *self.list.get(section as usize)?;
        let mut open = Section {
            file: &self.file,
            at,
            left: length,
            hash: FileHash::new(),
            piece: PIECE.take(),
            taken: 0,
            filled: 0,
            progress,
        };
        let value = read(&mut open)?;
        PIECE.set(std::mem::take(&mut open.piece));
        (open.remaining() == 0 && open.hash.value() == hash).then_some(value)
    }
}

/// A section that is being read from front to back.
pub(super) struct Section<'f> {
    file: &'f File,
    /// Where the next piece begins in the file, and how much of the section is still to be read from there.
    at: u64,
    left: u64,
    hash: FileHash,
    piece: Vec<u8>,
    /// Bytes of the piece that were taken, and those that it holds.
    taken: usize,
    filled: usize,
    progress: &'f Progress,
}

impl Section<'_> {
    /// Bytes that were not taken yet.
    fn remaining(&self) -> u64 {
        self.left + wide(self.filled - self.taken)
    }

    /// Makes sure that `least` bytes lie in the piece, a few at the most.
    fn need(&mut self, least: usize) -> Option<()> {
        let there = self.filled - self.taken;
        if there >= least {
            return Some(());
        }
        self.piece.copy_within(self.taken..self.filled, 0);
        let more = usize::try_from(self.left).unwrap_or(usize::MAX).min(PIECE_BYTES);
        if self.piece.len() < there + more {
            self.piece.resize(there + more, 0);
        }
        (self.taken, self.filled) = (0, there + more);
        let new = &mut self.piece[there..there + more];
        fill(self.file, self.at, new)?;
        self.hash.add(new);
        (self.at, self.left) = (self.at + wide(more), self.left - wide(more));
        self.progress.tick(wide(more)).ok()?; // cancelled: nobody waits for it
        (self.filled >= least).then_some(())
    }

    /// The next number.
    pub(super) fn number(&mut self) -> Option<u64> {
        self.need(8)?;
        let bytes = self.piece[..self.filled].get(self.taken..self.taken + 8)?.try_into().ok()?; // eight of them
        self.taken += 8;
        Some(u64::from_le_bytes(bytes))
    }

    /// How many values of that size the next list has: no more than there are bytes for.
    fn count(&mut self, size: usize) -> Option<usize> {
        let count = self.number()?;
        (count <= self.remaining() / wide(size)).then_some(usize::try_from(count).ok()?)
    }

    /// The next list, of values of `N` bytes.
    pub(super) fn list<T, const N: usize>(&mut self, value: impl Fn([u8; N]) -> T) -> Option<Vec<T>> {
        let count = self.count(N)?;
        let mut values = Vec::with_capacity(count);
        while values.len() < count {
            self.need(N)?;
            let there = (self.filled - self.taken) / N;
            let some = there.min(count - values.len());
            let bytes = &self.piece[self.taken..self.taken + some * N];
            values.extend(bytes.as_chunks::<N>().0.iter().map(|bytes| value(*bytes)));
            self.taken += some * N;
        }
        Some(values)
    }

    /// The next list, of as many values of `N` bytes as `into` has room for, put there.
    pub(super) fn list_into<T, const N: usize>(&mut self, into: &mut [T], value: impl Fn([u8; N]) -> T) -> Option<()> {
        let mut left = into;
        if self.count(N)? != left.len() {
            return None;
        }
        while !left.is_empty() {
            self.need(N)?;
            let some = ((self.filled - self.taken) / N).min(left.len());
            let bytes = &self.piece[self.taken..self.taken + some * N];
            let (now, later) = std::mem::take(&mut left).split_at_mut(some);
            now.iter_mut().zip(bytes.as_chunks::<N>().0).for_each(|(slot, bytes)| *slot = value(*bytes));
            self.taken += some * N;
            left = later;
        }
        Some(())
    }

    /// The next text.
    pub(super) fn text(&mut self) -> Option<String> {
        let count = self.count(1)?;
        let mut bytes = Vec::with_capacity(count);
        while bytes.len() < count {
            self.need(1)?;
            let some = (self.filled - self.taken).min(count - bytes.len());
            bytes.extend_from_slice(&self.piece[self.taken..self.taken + some]);
            self.taken += some;
        }
        String::from_utf8(bytes).ok() // no text: not what was written
    }
}
