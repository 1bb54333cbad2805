//! Bytes from a place of a file, for several threads at once: none of them moves where another one reads; and what becomes
//! of them afterwards.

use std::fs::File;
use std::io;

use rayon::prelude::*;

use super::ReadError;
use super::hash::FileHash;
use crate::task::Progress;

/// Bytes from which on a file is read on all cores, so many at a time.
pub(super) const SEVERAL_BYTES: u64 = 8 << 20;
/// Bytes that one of them reads at once.
const PIECE_BYTES: usize = 1 << 20;

/// Fills `bytes` from the place `at` of a file on; `None` where it has not as many there, or cannot be read so.
pub(super) fn fill(file: &File, mut at: u64, mut bytes: &mut [u8]) -> Option<()> {
    while !bytes.is_empty() {
        match read_at(file, bytes, at) {
            Ok(0) => return None,
            Ok(count) => {
                bytes = &mut bytes[count..];
                at += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // Whoever asks has another way, or does without.
            Err(_) => return None,
        }
    }
    Some(())
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, bytes, at)
}

#[cfg(windows)]
fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, bytes, at)
}

#[cfg(not(any(unix, windows)))]
fn read_at(_: &File, _: &mut [u8], _: u64) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}

/// The bytes of a large file, read on all cores, what was read before being hashed meanwhile; `None`, with nothing hashed,
/// where the file is not as long as it says, or cannot be read so: whoever reads it from front to back finds out why.
///
/// # Errors
/// When there is no memory for it, or the user cancelled.
pub(super) fn side_by_side(
    file: &File,
    length: u64,
    hash: &mut FileHash,
    progress: &Progress,
) -> Result<Option<Vec<u8>>, ReadError> {
    let Ok(length) = usize::try_from(length) else { return Ok(None) };
    // Asked first, since the memory below is taken without asking: the system gives it empty, nothing has to be filled.
    let mut room: Vec<u8> = Vec::new();
    room.try_reserve_exact(length).map_err(|_| ReadError::NoMemory { line: 1, feature_count: 0 })?;
    drop(std::hint::black_box(room));
    let mut bytes = vec![0u8; length];
    let mut own = hash.clone();
    let (mut read, mut hashed) = (0, 0);
    while read < length {
        let (before, rest) = bytes.split_at_mut(read);
        let now = rest.len().min(SEVERAL_BYTES as usize);
        let (_, is_read) = rayon::join(
            || own.add(&before[hashed..]),
            || {
                let pieces = rest[..now].par_chunks_mut(PIECE_BYTES).enumerate();
                pieces.all(|(at, piece)| {
                    let place = (read + at * PIECE_BYTES) as u64;
                    let count = piece.len() as u64;
                    progress.tick(count).is_ok() && fill(file, place, piece).is_some()
                })
            },
        );
        if progress.is_cancelled() {
            return Err(ReadError::Cancelled);
        }
        if !is_read {
            return Ok(None);
        }
        (hashed, read) = (read, read + now);
    }
    own.add(&bytes[hashed..]);
    // One that has grown meanwhile.
    if fill(file, length as u64, &mut [0]).is_some() {
        return Ok(None);
    }
    *hash = own;
    Ok(Some(bytes))
}

/// Gives memory back on another thread: that of a large file takes milliseconds for it.
pub(super) fn let_go<T: Send + 'static>(held: T) {
    rayon::spawn(move || drop(held));
}

#[cfg(test)]
mod tests {
    use super::super::source::Source;
    use super::*;

    #[test]
    fn a_large_file_is_the_same_however_it_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.bin");
        for length in [SEVERAL_BYTES as usize - 1, SEVERAL_BYTES as usize, 2 * SEVERAL_BYTES as usize + 4099] {
            let bytes: Vec<u8> = (0..length).map(|at| (at * 31 % 251) as u8).collect();
            std::fs::write(&path, &bytes).expect("written");
            let mut source = Source::file(&path);
            assert!(source.bytes(&Progress::new()).expect("readable") == bytes, "{length}");
            let seen = source.seen();
            assert_eq!((seen.byte_count, seen.hash), (length as u64, crate::io::hash_hex(&bytes)));
        }
        let progress = Progress::new();
        progress.cancel();
        assert!(matches!(Source::file(&path).bytes(&progress), Err(ReadError::Cancelled)));
        // A file that is longer or shorter than it said is left to whoever reads it from front to back.
        let (file, mut hash) = (File::open(&path).expect("opens"), FileHash::new());
        for said in [SEVERAL_BYTES, 3 * SEVERAL_BYTES] {
            let read = side_by_side(&file, said, &mut hash, &Progress::new()).expect("no fault");
            assert!(read.is_none() && hash.byte_count() == 0);
        }
    }
}
