//! Bytes from a place of a file, for several threads at once: none of them moves where another one reads.

use std::fs::File;
use std::io;

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
