//! Files written whole or not at all.
//!
//! What a program that was killed left unfinished is called `.tuban-….part`. The next save into the same folder removes
//! such files ([`sweep`]): only those that nobody holds locked, since every writer locks its own.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::guard::Guard;
use super::shown_path;
use crate::text::Message;

/// Tells the model of a disk, in tests, what was done.
macro_rules! note {
    ($deed:ident, $($path:expr),+) => {
        #[cfg(test)]
        super::disk::note(super::disk::Deed::$deed($($path.to_owned()),+));
    };
}

/// What the names of unfinished files begin and end with.
const PART: (&str, &str) = (".tuban-", ".part");
/// Unfinished files that are younger may be another program's that has not locked it yet.
const YOUNG: Duration = Duration::from_secs(60);
/// Links that are followed one after the other.
const MOST_LINKS: usize = 40;

/// Why a file could not be saved. What was there before is untouched.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// The operating system refused.
    #[error("cannot save: {source}: {}", path.display())]
    Io {
        /// The file that was to be written.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// The file is being read, and what is read is never written.
    #[error("the output is the source {}, which is never written: {}", input.display(), path.display())]
    OverInput {
        /// The file that was to be written.
        path: PathBuf,
        /// The source that it is.
        input: PathBuf,
    },
}

impl SaveError {
    /// The error as a message of the catalogue.
    pub fn message(&self) -> Message {
        match self {
            Self::Io { path, source } => {
                let key = match source.kind() {
                    io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => "io.save-no-permission",
                    io::ErrorKind::StorageFull => "io.save-full",
                    _ => "io.save",
                };
                Message::new(key)
                    .with("path", shown_path(path))
                    .with_message("reason", &crate::text::system_reason(source))
            }
            Self::OverInput { path, input } => {
                Message::new("io.save-over-input").with("input", shown_path(input)).with("path", shown_path(path))
            }
        }
    }
}

/// Writes a file through a temporary one beside it, which takes its place when all is written and on the disk. No file
/// that `guard` protects is written.
///
/// A link is followed: its target is replaced, not the link. An existing file keeps its permissions. What is no file of
/// a folder, a pipe, a terminal, `/dev/stdout`, cannot be replaced and is written through.
///
/// # Errors
/// When the target is protected, the folder is not writable, the disk is full, or `write` fails.
pub fn save_atomically(
    path: &Path,
    guard: &Guard,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), SaveError> {
    guard.check(path)?;
    save(path, write).map_err(|source| SaveError::Io { path: path.to_owned(), source })
}

fn save(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    if is_stdout(path) {
        return through(io::stdout().lock(), write);
    }
    if is_descriptor(path) || fs::metadata(path).is_ok_and(|known| !known.is_file() && !known.is_dir()) {
        // Behind the number of an open file may stand one that others write to as well: what is there stays.
        return through(File::options().write(true).append(is_descriptor(path)).open(path)?, write);
    }
    let part = Part::write(path, write)?;
    part.take_place()
}

/// Writes several files that belong together: all of them first, then each takes its place, in the order given. Files that
/// would be `stale` beside them are removed. Nothing that `guard` protects is touched.
///
/// # Errors
/// As [`save_atomically`]. Where the disk gives up while files take their places, those that did stay.
pub(super) fn save_together(files: &[(PathBuf, Vec<u8>)], stale: &[PathBuf], guard: &Guard) -> Result<(), SaveError> {
    let failed = |path: &Path, source| SaveError::Io { path: path.to_owned(), source };
    for path in files.iter().map(|(path, _)| path).chain(stale) {
        guard.check(path)?;
    }
    let mut parts = Vec::with_capacity(files.len());
    for (path, bytes) in files {
        parts.push((path, Part::write(path, |out| out.write_all(bytes)).map_err(|error| failed(path, error))?));
    }
    for path in stale {
        fs::remove_file(path).map_err(|error| failed(path, error))?;
        note!(Removed, path);
    }
    if let Some(path) = stale.first() {
        // Gone for good before anything new has its name: it must not be found beside that after a failure of power.
        sync_folder(folder_of(path));
    }
    parts.into_iter().try_for_each(|(path, part)| part.take_place().map_err(|error| failed(path, error)))
}

/// Writes a file by a library that opens it itself: an empty one beside `path`, or one that begins as a copy of `kept`,
/// which takes its place when `write` is done and all is on the disk. Nothing that `guard` protects is written.
///
/// # Errors
/// As [`save_atomically`], and what `write` says.
pub(super) fn save_by_path<E: From<SaveError>>(
    path: &Path,
    kept: Option<&Path>,
    guard: &Guard,
    write: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<(), E> {
    guard.check(path)?;
    let failed = |source| SaveError::Io { path: path.to_owned(), source };
    let begin = |out: &mut dyn Write| match kept {
        Some(kept) => io::copy(&mut File::open(kept)?, out).map(drop),
        None => Ok(()),
    };
    let part = Part::write(path, begin).map_err(failed)?;
    // Windows lets nobody else into a file that is locked.
    #[cfg(windows)]
    let _ = part.file.as_file().unlock();
    write(part.file.path())?;
    part.file.as_file().sync_all().map_err(failed)?;
    note!(Synced, part.file.path());
    Ok(part.take_place().map_err(failed)?)
}

/// Whether a file can take the place that a path names: there is a file, or nothing yet.
pub(super) fn is_file_or_new(path: &Path) -> bool {
    !is_stdout(path) && !is_descriptor(path) && fs::metadata(path).map_or(true, |known| known.is_file())
}

/// Writes a folder of files, whole or not at all, under a name that nothing has yet.
///
/// # Errors
/// As [`save_atomically`]; also where something of that name is there.
pub(super) fn save_folder(path: &Path, files: &[(String, Vec<u8>)], guard: &Guard) -> Result<(), SaveError> {
    guard.check(path)?;
    let failed = |source| SaveError::Io { path: path.to_owned(), source };
    if fs::symlink_metadata(path).is_ok() {
        return Err(failed(io::ErrorKind::AlreadyExists.into()));
    }
    let write = || {
        let mut builder = tempfile::Builder::new();
        builder.prefix(PART.0).suffix(PART.1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // Less the umask, as for any new folder.
            builder.permissions(fs::Permissions::from_mode(0o777));
        }
        // What is not renamed goes when this ends.
        let part = builder.tempdir_in(folder_of(path))?;
        for (name, bytes) in files {
            let mut file = File::create(part.path().join(name))?;
            file.write_all(bytes)?;
            file.sync_all()?;
            note!(Synced, part.path().join(name));
        }
        sync_folder(part.path());
        fs::rename(part.path(), path)?;
        note!(Renamed, part.path(), path);
        sync_folder(folder_of(path));
        Ok(())
    };
    write().map_err(failed)
}

/// A file that is written whole and does not have its name yet.
struct Part {
    file: tempfile::NamedTempFile,
    target: PathBuf,
}

impl Part {
    fn write(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<Self> {
        let target = followed(path);
        let file = begun(&target, write)?;
        Ok(Self { file, target })
    }

    fn take_place(self) -> io::Result<()> {
        // Windows does not rename a file that is locked.
        let _ = self.file.as_file().unlock();
        #[cfg(test)]
        let before = self.file.path().to_owned();
        self.file.persist(&self.target).map_err(|error| error.error)?;
        note!(Renamed, before, self.target);
        sync_folder(folder_of(&self.target));
        Ok(())
    }
}

/// A temporary file beside `target`, written and on the disk.
fn begun(target: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<tempfile::NamedTempFile> {
    let folder = folder_of(target);
    sweep(folder);
    let mut builder = tempfile::Builder::new();
    builder.prefix(PART.0).suffix(PART.1);
    let permissions = fs::metadata(target).map(|metadata| metadata.permissions()).ok(); // a new file has none yet
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
    // Where a folder knows no locks, nothing is ever swept there.
    let _ = file.as_file().try_lock();
    let mut buffered = BufWriter::with_capacity(1 << 16, file.as_file_mut());
    write(&mut buffered)?;
    buffered.flush()?;
    drop(buffered);
    file.as_file().sync_all()?;
    note!(Synced, file.path());
    Ok(file)
}

/// Forces to the disk what was named, moved or removed in a folder: after a failure of power the new file is there under
/// its name, not only its bytes.
pub fn sync_folder(folder: &Path) {
    // Systems whose folders cannot be opened or synced write names down by themselves.
    #[cfg(unix)]
    let _ = fs::File::open(folder).and_then(|folder| folder.sync_all());
    #[cfg(not(unix))]
    let _ = folder;
    note!(SyncedFolder, folder);
}

/// Writes straight into `out`. A reader that closed its end early is no error.
fn through(out: impl Write, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, out);
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Whether a path is a name of this process's standard output.
fn is_stdout(path: &Path) -> bool {
    cfg!(unix) && ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].iter().any(|name| path == Path::new(name))
}

/// Whether a path names an open file by its number.
fn is_descriptor(path: &Path) -> bool {
    cfg!(unix) && (path == Path::new("/dev/stderr") || path.starts_with("/dev/fd") || path.starts_with("/proc/self/fd"))
}

/// Where a path leads to in the end, also where there is no file yet.
fn followed(path: &Path) -> PathBuf {
    if let Ok(target) = fs::canonicalize(path) {
        return target;
    }
    let mut at = path.to_owned();
    for _ in 0..MOST_LINKS {
        match fs::read_link(&at) {
            Ok(next) => at = folder_of(&at).join(next),
            Err(_) => return at,
        }
    }
    path.to_owned()
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Removes from `folder` what writers that were killed left there. Whatever keeps it from that stays as it is: nobody
/// asked for it.
pub fn sweep(folder: &Path) {
    let Ok(found) = fs::read_dir(folder) else { return };
    for entry in found.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let middle = name.strip_prefix(PART.0).and_then(|name| name.strip_suffix(PART.1));
        let is_ours =
            middle.is_some_and(|middle| middle.len() == 6 && middle.bytes().all(|b| b.is_ascii_alphanumeric()));
        let is_old = || {
            let metadata = entry.metadata().ok()?; // of a link itself, which is no file
            let age = metadata.modified().ok()?.elapsed().ok()?;
            Some(metadata.is_file() && age >= YOUNG)
        };
        if is_ours && is_old() == Some(true) {
            let path = entry.path();
            // Its writer holds the lock for as long as it lives.
            let free = File::options().write(true).open(&path).is_ok_and(|file| file.try_lock().is_ok());
            if free {
                let _ = fs::remove_file(&path);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::disk;
    use super::*;

    fn save(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), SaveError> {
        save_atomically(path, &Guard::none(), write)
    }

    #[test]
    fn a_failed_save_leaves_what_was_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("规划.geojson");
        save(&path, |w| w.write_all(b"old")).expect("saves");
        let failed = save(&path, |w| {
            w.write_all(b"new")?;
            Err(io::Error::other("broke off"))
        });
        assert!(failed.is_err_and(|e| e.to_string().starts_with("cannot save: broke off: ")));
        assert_eq!(fs::read(&path).expect("reads"), b"old");
        save(&path, |w| w.write_all(b"new")).expect("saves");
        assert_eq!(fs::read(&path).expect("reads"), b"new");
        assert_eq!(fs::read_dir(folder.path()).expect("lists").count(), 1, "no temporary file stays");
    }

    #[test]
    fn a_failure_of_power_leaves_the_old_or_the_new() {
        let folder = tempfile::tempdir().expect("a folder");
        // As savers know it, whatever links lead there.
        let folder = folder.path().canonicalize().expect("there");
        let at = |name: &str| folder.join(name);
        fs::write(at("a.shp"), "old shapes").expect("written");
        fs::write(at("a.dbf"), "old rows").expect("written");
        fs::write(at("a.sbn"), "old index").expect("written");
        let before = disk::files_in(&folder);
        // `new` when all is done; before that also what was there.
        let check = |names: &disk::Names, done: bool, name: &str, old: Option<&str>, new: &str| {
            let found = names.get(&at(name)).map(|bytes| String::from_utf8_lossy(bytes));
            let found = found.as_deref();
            assert!(found == Some(new) || !done && found == old, "{name}: {found:?}");
        };
        let save_shp = || save(&at("a.shp"), |w| w.write_all(b"new shapes")).expect("saves");
        disk::each_crash(&before, &disk::recorded(save_shp), |names, done| {
            check(names, done, "a.shp", Some("old shapes"), "new shapes");
        });
        let new = || save(&at("a.csv"), |w| w.write_all(b"a,b")).expect("saves");
        disk::each_crash(&before, &disk::recorded(new), |names, done| {
            check(names, done, "a.csv", None, "a,b");
        });
        // By a library that opens the file itself.
        let by_path = || {
            let write =
                |path: &Path| fs::write(path, "a base").map_err(|source| SaveError::Io { path: path.into(), source });
            save_by_path(&at("a.gpkg"), None, &Guard::none(), write).expect("saves");
        };
        disk::each_crash(&before, &disk::recorded(by_path), |names, done| {
            check(names, done, "a.gpkg", None, "a base");
        });
        // Several: each whole, and no old index beside anything new.
        fs::write(at("a.shp"), "old shapes").expect("written");
        let together = || {
            let files = [(at("a.dbf"), b"new rows".to_vec()), (at("a.shp"), b"more shapes".to_vec())];
            save_together(&files, &[at("a.sbn")], &Guard::none()).expect("saves");
        };
        disk::each_crash(&before, &disk::recorded(together), |names, done| {
            check(names, done, "a.dbf", Some("old rows"), "new rows");
            check(names, done, "a.shp", Some("old shapes"), "more shapes");
            let is_new = |name: &str| names[&at(name)] != before[&at(name)];
            assert!(!(names.contains_key(&at("a.sbn")) && (is_new("a.dbf") || is_new("a.shp"))), "{names:?}");
        });
        // A folder: none, or all of it.
        let database = || {
            let files = ["a1.gdbtable", "a2.gdbtable"].map(|name| (name.to_owned(), b"rows".to_vec()));
            save_folder(&at("a.gdb"), &files, &Guard::none()).expect("saves");
        };
        disk::each_crash(&before, &disk::recorded(database), |names, done| {
            let count = names.keys().filter(|path| path.starts_with(at("a.gdb"))).count();
            assert!(count == 2 || (count == 0 && !done), "{names:?}");
        });
    }

    #[test]
    fn a_folder_that_takes_nothing_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let gone = folder.path().join("not there/a.csv");
        let error = save(&gone, |w| w.write_all(b"a")).expect_err("nowhere to write");
        assert!(error.to_string().contains("not there"), "{error}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let locked = folder.path().join("locked");
            fs::create_dir(&locked).expect("made");
            fs::write(locked.join("a.csv"), "old").expect("written");
            fs::set_permissions(&locked, fs::Permissions::from_mode(0o555)).expect("set");
            // Whoever may write everywhere is not kept out by this.
            if let Err(error) = save(&locked.join("a.csv"), |w| w.write_all(b"new")) {
                assert_eq!(error.message().key, "io.save-no-permission");
                assert_eq!(fs::read(locked.join("a.csv")).expect("reads"), b"old");
            }
            fs::set_permissions(&locked, fs::Permissions::from_mode(0o755)).expect("set");
        }
    }

    #[test]
    fn what_is_protected_is_not_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("parcels.geojson");
        fs::write(&path, "source").expect("written");
        let guard = Guard::of([path.clone()]);
        let refused = save_atomically(&path, &guard, |_| panic!("nothing is asked to write"));
        assert!(matches!(refused, Err(SaveError::OverInput { .. })));
        assert_eq!(fs::read(&path).expect("reads"), b"source");
    }

    #[test]
    fn what_a_killed_writer_left_goes_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let hour_ago = std::time::SystemTime::now() - Duration::from_secs(3600);
        let old = |name: &str| {
            let file = File::create(at(name)).expect("made");
            file.set_modified(hour_ago).expect("aged");
            file
        };
        let held = old(".tuban-Ab12Cd.part");
        held.try_lock().expect("locked");
        for name in [".tuban-zzzzzz.part", ".tuban-notes.part", ".tuban-abcdef.part.bak", "tuban-abcdef.part"] {
            old(name);
        }
        File::create(at(".tuban-young1.part")).expect("made");
        save(&at("out.csv"), |w| w.write_all(b"1")).expect("saves");
        let mut left: Vec<String> = fs::read_dir(folder.path())
            .expect("lists")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        left.sort();
        let expected = [
            ".tuban-Ab12Cd.part",
            ".tuban-abcdef.part.bak",
            ".tuban-notes.part",
            ".tuban-young1.part",
            "out.csv",
            "tuban-abcdef.part",
        ];
        assert_eq!(left, expected);
    }

    #[test]
    fn a_clock_that_went_back_removes_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(".tuban-future.part");
        let tomorrow = std::time::SystemTime::now() + Duration::from_secs(86_400);
        File::create(&path).expect("made").set_modified(tomorrow).expect("set");
        save(&folder.path().join("out.csv"), |w| w.write_all(b"1")).expect("saves");
        assert!(path.exists(), "whose writer may be at work");
    }

    #[cfg(unix)]
    #[test]
    fn links_and_permissions_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().expect("a folder");
        let (target, link) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&target, "old").expect("writes");
        fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).expect("sets");
        symlink(&target, &link).expect("links");
        save(&link, |w| w.write_all(b"new")).expect("saves");
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
        assert_eq!(fs::read(&target).expect("reads"), b"new");
        assert_eq!(fs::metadata(&target).expect("there").permissions().mode() & 0o777, 0o640);
        // A link to what is not there yet.
        let dangling = folder.path().join("c");
        symlink("d", &dangling).expect("links");
        save(&dangling, |w| w.write_all(b"new")).expect("saves");
        assert!(fs::symlink_metadata(&dangling).expect("there").is_symlink());
        assert_eq!(fs::read(folder.path().join("d")).expect("reads"), b"new");
    }

    #[cfg(unix)]
    #[test]
    fn devices_are_written_through() {
        use std::os::unix::fs::FileTypeExt;
        save(Path::new("/dev/null"), |w| w.write_all(b"new")).expect("writes");
        assert!(fs::metadata("/dev/null").expect("there").file_type().is_char_device());
        let full = save(Path::new("/dev/full"), |w| w.write_all(b"new"));
        assert!(matches!(full, Err(SaveError::Io { source, .. }) if source.kind() == io::ErrorKind::StorageFull));
    }
}
