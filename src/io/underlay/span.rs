//! A file of which any thread reads a stretch of bytes at any place.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::{broken, unread};
use crate::io::shown_path;
use crate::text::Message;

/// An open file.
pub(super) struct Spans {
    file: Mutex<File>,
    path: PathBuf,
    byte_count: u64,
    /// Bytes of the longest stretch that is read.
    most_bytes: u64,
}

impl Spans {
    /// Opens a file of whose bytes at most `most_bytes` are read at once.
    pub(super) fn open(path: &Path, most_bytes: u64) -> Result<Self, Message> {
        let file = File::open(path).map_err(|error| unread(path, &error))?;
        let byte_count = file.metadata().map_err(|error| unread(path, &error))?.len();
        Ok(Self { file: Mutex::new(file), path: path.to_owned(), byte_count, most_bytes })
    }

    /// `count` bytes from `offset` on.
    pub(super) fn read(&self, offset: u64, count: u64) -> Result<Vec<u8>, Message> {
        let lies_in = offset.checked_add(count).is_some_and(|end| end <= self.byte_count);
        if !lies_in || count > self.most_bytes {
            return Err(self.broken(format!("{count} bytes at {offset} of {}", self.byte_count)));
        }
        let mut bytes = vec![0; count as usize];
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let read = file.seek(SeekFrom::Start(offset)).and_then(|_| file.read_exact(&mut bytes));
        read.map_err(|error| unread(&self.path, &error))?;
        Ok(bytes)
    }

    /// Its path as shown.
    pub(super) fn name(&self) -> String {
        shown_path(&self.path)
    }

    /// Says that the file is not what it should be.
    pub(super) fn broken(&self, what: impl std::fmt::Display) -> Message {
        broken(&self.path, what)
    }
}
