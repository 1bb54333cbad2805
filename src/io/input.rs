//! What may be read: files, and pipes that can be cancelled; no device, and no endless text where a small file is meant.

use std::fs::{self, File, FileType};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use super::ReadError;
use crate::task::Progress;

/// The largest project, rules file or table of codes that is read.
const MOST_BYTES: u64 = 1 << 28;
/// Bytes of a pipe that are read at once.
const PIECE_BYTES: usize = 1 << 18;
/// How long nothing may come from a pipe before a look at whether the user cancelled.
const PATIENCE: Duration = Duration::from_millis(50);

/// A pipe whose other end may be silent for ever; `None` for a file.
///
/// # Errors
/// [`ReadError::Special`] for devices and sockets, [`ReadError::Io`].
pub(super) fn pipe(path: &Path, progress: &Progress) -> Result<Option<Box<dyn Read + Send>>, ReadError> {
    let metadata = fs::metadata(path)?;
    if metadata.is_file() {
        Ok(None)
    } else if is_pipe(metadata.file_type()) {
        Ok(Some(Box::new(Pipe::open(path.to_owned(), progress.clone())?)))
    } else {
        Err(ReadError::Special)
    }
}

/// The bytes of a file that is small by its nature: a project, rules, a table of codes.
///
/// # Errors
/// When it cannot be read, is no file of a folder ([`io::ErrorKind::InvalidInput`]) or larger than such files are
/// ([`io::ErrorKind::FileTooLarge`]).
pub fn read_whole(path: &Path) -> io::Result<Vec<u8>> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() && !metadata.is_dir() {
        // It might never end, or never begin.
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a device, a pipe or a socket, expected a file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

#[cfg(unix)]
fn is_pipe(kind: FileType) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&kind)
}

#[cfg(not(unix))]
fn is_pipe(_: FileType) -> bool {
    false
}

/// A pipe that a thread of its own waits for, so that whoever reads it can be cancelled meanwhile.
struct Pipe {
    pieces: Receiver<io::Result<Vec<u8>>>,
    piece: Vec<u8>,
    at: usize,
    progress: Progress,
}

impl Pipe {
    fn open(path: PathBuf, progress: Progress) -> io::Result<Self> {
        let (sender, pieces) = sync_channel(2);
        // It also opens the pipe, which waits for a writer. Where the reading was cancelled it waits on, holding nothing
        // but the pipe, until a writer comes or the program ends.
        let read = move || {
            let mut file = match File::open(path) {
                Ok(file) => file,
                Err(error) => return drop(sender.send(Err(error))),
            };
            loop {
                let mut piece = vec![0; PIECE_BYTES];
                let read = file.read(&mut piece);
                let ended = !matches!(&read, Ok(count) if *count > 0);
                let sent = sender.send(read.map(|count| {
                    piece.truncate(count);
                    piece
                }));
                if ended || sent.is_err() {
                    return;
                }
            }
        };
        std::thread::Builder::new().name("pipe".into()).spawn(read)?;
        Ok(Self { pieces, piece: Vec::new(), at: 0, progress })
    }
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.piece.len() {
            match self.pieces.recv_timeout(PATIENCE) {
                Ok(piece) => {
                    (self.piece, self.at) = (piece?, 0);
                    if self.piece.is_empty() {
                        return Ok(0);
                    }
                }
                Err(RecvTimeoutError::Timeout) if self.progress.is_cancelled() => {
                    return Err(io::Error::other("cancelled"));
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
            }
        }
        let count = buffer.len().min(self.piece.len() - self.at);
        buffer[..count].copy_from_slice(&self.piece[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::io::OpenOptions;

    fn fifo(folder: &Path) -> PathBuf {
        let path = folder.join("fifo");
        let made = std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo runs");
        assert!(made.success());
        path
    }

    #[test]
    fn a_pipe_is_read_to_its_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = fifo(folder.path());
        let text = r#"{"type":"Feature","properties":null,"geometry":{"type":"Point","coordinates":[117,36]}}"#;
        let writer = {
            let path = path.clone();
            std::thread::spawn(move || fs::write(path, text))
        };
        let opened = crate::io::open(&path, &OpenOptions::default(), &Progress::new()).expect("opens");
        assert_eq!(opened.row_count, 1);
        writer.join().expect("ends").expect("written");
    }

    #[test]
    fn a_silent_pipe_is_cancelled() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = fifo(folder.path());
        let progress = Progress::new();
        let reading = {
            let progress = progress.clone();
            std::thread::spawn(move || crate::io::open(&path, &OpenOptions::default(), &progress).map(drop))
        };
        progress.cancel();
        assert!(matches!(reading.join().expect("ends"), Err(ReadError::Cancelled)));
    }

    #[test]
    fn devices_and_pipes_are_no_small_files() {
        let folder = tempfile::tempdir().expect("a folder");
        let kind = |path: &Path| read_whole(path).expect_err("refused").kind();
        assert_eq!(kind(&fifo(folder.path())), io::ErrorKind::InvalidInput);
        assert_eq!(kind(Path::new("/dev/zero")), io::ErrorKind::InvalidInput);
        let opened = crate::io::open(Path::new("/dev/zero"), &OpenOptions::default(), &Progress::new());
        assert!(matches!(opened, Err(ReadError::Special)));
    }
}
