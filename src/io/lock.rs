//! Locks between programs: which of two windows has a project.
//!
//! The system holds the lock and lets go of it when the program ends, however that happens: a lock file that a crash left
//! behind is nobody's.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

/// A lock that this program has. Dropping it lets go, and removes its file.
#[derive(Debug)]
pub struct FileLock {
    path: PathBuf,
    // Closing it lets go.
    _file: File,
}

/// What came of asking for a lock.
#[derive(Debug)]
pub enum Locking {
    /// It is ours.
    Ours(FileLock),
    /// Another window has it.
    Theirs,
    /// There can be no lock: the folder cannot be written, or its system knows none. Nobody can save there either.
    Impossible,
}

/// Asks for the lock at `path`.
pub fn lock(path: &Path) -> Locking {
    // A second try: the file may be removed by who had the lock before between opening and locking it.
    for _ in 0..8 {
        let Ok(mut file) = OpenOptions::new().create(true).truncate(false).write(true).read(true).open(path) else {
            return Locking::Impossible;
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Locking::Theirs,
            Err(TryLockError::Error(_)) => return Locking::Impossible,
        }
        if is_at(&file, path) {
            // For people who wonder what the file is; the lock itself does not depend on it.
            let _ = file.set_len(0).and_then(|()| writeln!(file, "tuban {}", std::process::id()));
            return Locking::Ours(FileLock { path: path.to_owned(), _file: file });
        }
    }
    Locking::Impossible
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // A file that stays is nobody's lock.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    // An open file cannot be removed here.
    path.exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_two_has_the_lock_and_what_a_crash_left_is_free() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("工程.toml.lock");
        let Locking::Ours(first) = lock(&path) else { panic!("is free") };
        assert!(matches!(lock(&path), Locking::Theirs));
        drop(first);
        assert!(!path.exists());
        // A file without a program that holds it.
        fs::write(&path, "tuban 1").expect("written");
        let Locking::Ours(again) = lock(&path) else { panic!("nobody has it") };
        drop(again);
        assert!(matches!(lock(&folder.path().join("no such folder/a.lock")), Locking::Impossible));
    }
}
