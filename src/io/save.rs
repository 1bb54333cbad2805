//! Files written whole or not at all.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::text::Message;

/// Why a file could not be saved. What was there before is untouched.
#[derive(Debug, thiserror::Error)]
#[error("cannot save: {source}: {}", path.display())]
pub struct SaveError {
    /// The file that was to be written.
    pub path: PathBuf,
    /// What the operating system said.
    #[source]
    pub source: io::Error,
}

impl SaveError {
    /// The error as a message of the catalogue.
    pub fn message(&self) -> Message {
        let key = match self.source.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => "io.save-no-permission",
            io::ErrorKind::StorageFull => "io.save-full",
            _ => "io.save",
        };
        Message::new(key)
            .with("path", super::shown_path(&self.path))
            .with_message("reason", &crate::text::system_reason(&self.source))
    }
}

/// Writes a file through a temporary one beside it, which takes its place when all is written and on the disk.
///
/// A link is followed: its target is replaced, not the link. An existing file keeps its permissions.
///
/// # Errors
/// When the folder is not writable, the disk is full, or `write` fails.
pub fn save_atomically(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), SaveError> {
    save(path, write).map_err(|source| SaveError { path: path.to_owned(), source })
}

fn save(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    // A file that is not there yet has no canonical path; its own will do.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".tuban-").suffix(".part");
    let permissions = fs::metadata(&target).map(|metadata| metadata.permissions()).ok(); // a new file has none yet
    #[cfg(unix)]
    let permissions = {
        use std::os::unix::fs::PermissionsExt;
        // Less the umask, as for any new file.
        permissions.or(Some(fs::Permissions::from_mode(0o666)))
    };
    #[cfg(unix)]
    if let Some(permissions) = &permissions {
        builder.permissions(permissions.clone());
    }
    let mut file = builder.tempfile_in(folder)?;
    let mut buffered = BufWriter::with_capacity(1 << 16, file.as_file_mut());
    write(&mut buffered)?;
    buffered.flush()?;
    drop(buffered);
    file.as_file().sync_all()?;
    file.persist(&target).map_err(|error| error.error)?;
    sync_folder(folder);
    Ok(())
}

/// Forces to the disk what was named, moved or removed in a folder: after a failure of power the new file is there under
/// its name, not only its bytes.
pub fn sync_folder(folder: &Path) {
    // Systems whose folders cannot be opened or synced write names down by themselves.
    #[cfg(unix)]
    let _ = fs::File::open(folder).and_then(|folder| folder.sync_all());
    #[cfg(not(unix))]
    let _ = folder;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_save_leaves_what_was_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("规划.geojson");
        save_atomically(&path, |w| w.write_all(b"old")).expect("saves");
        let failed = save_atomically(&path, |w| {
            w.write_all(b"new")?;
            Err(io::Error::other("broke off"))
        });
        assert!(failed.is_err_and(|e| e.to_string().starts_with("cannot save: broke off: ")));
        assert_eq!(fs::read(&path).expect("reads"), b"old");
        save_atomically(&path, |w| w.write_all(b"new")).expect("saves");
        assert_eq!(fs::read(&path).expect("reads"), b"new");
        assert_eq!(fs::read_dir(folder.path()).expect("lists").count(), 1, "no temporary file stays");
    }

    #[cfg(unix)]
    #[test]
    fn links_and_permissions_stay() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let (target, link) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&target, "old").expect("writes");
        fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).expect("sets");
        std::os::unix::fs::symlink(&target, &link).expect("links");
        save_atomically(&link, |w| w.write_all(b"new")).expect("saves");
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
        assert_eq!(fs::read(&target).expect("reads"), b"new");
        assert_eq!(fs::metadata(&target).expect("there").permissions().mode() & 0o777, 0o640);
    }
}
