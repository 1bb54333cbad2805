//! A model of a disk that loses power, for tests: what savers do to files is written down, and played again with all that
//! a disk may forget.
//!
//! What POSIX promises is all that holds: bytes of a file are there once they were synced, names once their folder was;
//! until then each new name, new place and removal may have happened or not, in any combination. A rename itself is whole
//! or not at all.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Files by their paths, with what is in them.
pub(crate) type Names = BTreeMap<PathBuf, Vec<u8>>;

/// Something that was done.
#[derive(Clone, Debug)]
pub(crate) enum Deed {
    /// The bytes of a file were forced to the disk.
    Synced(PathBuf),
    /// A file or folder got another name.
    Renamed(PathBuf, PathBuf),
    /// A file was removed.
    Removed(PathBuf),
    /// What was named, moved or removed in a folder was forced to the disk.
    SyncedFolder(PathBuf),
}

/// A deed, with the bytes of the file that it was about right after it.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    deed: Deed,
    bytes: Option<Vec<u8>>,
}

thread_local! {
    static RECORDS: RefCell<Option<Vec<Record>>> = const { RefCell::new(None) };
}

/// Writes down what was done, where a test of this thread wants to know.
pub(crate) fn note(deed: Deed) {
    RECORDS.with_borrow_mut(|records| {
        if let Some(records) = records {
            let bytes = match &deed {
                Deed::Synced(path) | Deed::Renamed(_, path) => fs::read(path).ok(), // a folder has none
                Deed::Removed(_) | Deed::SyncedFolder(_) => None,
            };
            records.push(Record { deed, bytes });
        }
    });
}

/// What `work` does, in order.
pub(crate) fn recorded(work: impl FnOnce()) -> Vec<Record> {
    RECORDS.with_borrow_mut(|records| *records = Some(Vec::new()));
    work();
    RECORDS.with_borrow_mut(Option::take).unwrap_or_default()
}

/// The files of a folder, without those of folders in it.
pub(crate) fn files_in(folder: &Path) -> Names {
    let entries = fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
    entries.filter(|path| path.is_file()).map(|path| (path.clone(), fs::read(path).expect("readable"))).collect()
}

/// A change of names that may still be forgotten.
#[derive(Clone, Debug)]
enum Change {
    Made(PathBuf, Vec<u8>),
    /// What the file of the new name holds; `None` for a folder.
    Moved(PathBuf, PathBuf, Option<Vec<u8>>),
    Gone(PathBuf),
}

impl Change {
    fn folder(&self) -> Option<&Path> {
        let (Self::Made(path, _) | Self::Moved(_, path, _) | Self::Gone(path)) = self;
        path.parent()
    }

    fn apply(&self, names: &mut Names) {
        match self {
            Self::Made(path, bytes) => drop(names.insert(path.clone(), bytes.clone())),
            Self::Gone(path) => drop(names.remove(path)),
            Self::Moved(from, to, Some(bytes)) => {
                names.remove(from);
                names.insert(to.clone(), bytes.clone());
            }
            Self::Moved(from, to, None) => {
                let inside: Vec<PathBuf> = names.keys().filter(|path| path.starts_with(from)).cloned().collect();
                for path in inside {
                    let bytes = names.remove(&path).expect("just found");
                    names.insert(to.join(path.strip_prefix(from).expect("inside")), bytes);
                }
            }
        }
    }
}

/// Calls `check` with all that may be there after power failed at any moment of `records`, where `before` was there at the
/// beginning and on the disk; and with whether all had been done by then.
pub(crate) fn each_crash(before: &Names, records: &[Record], mut check: impl FnMut(&Names, bool)) {
    let mut durable = before.clone();
    let mut pending: Vec<Change> = Vec::new();
    let mut synced: Names = Names::new();
    for at in 0..=records.len() {
        assert!(pending.len() < 12, "too much hangs in the air: {pending:?}");
        for kept in 0..1usize << pending.len() {
            let mut names = durable.clone();
            pending.iter().enumerate().filter(|(nth, _)| (kept >> nth) & 1 == 1).for_each(|(_, c)| c.apply(&mut names));
            check(&names, at == records.len());
        }
        let Some(Record { deed, bytes }) = records.get(at) else { break };
        match deed {
            Deed::Synced(path) => {
                let bytes = bytes.clone().expect("what was synced is there");
                synced.insert(path.clone(), bytes.clone());
                pending.push(Change::Made(path.clone(), bytes));
            }
            Deed::Renamed(from, to) => {
                // What was not synced may be there in part.
                let whole = bytes.as_ref().map(|bytes| match synced.get(from) == Some(bytes) || bytes.is_empty() {
                    true => bytes.clone(),
                    false => bytes[..bytes.len() / 2].to_vec(),
                });
                if let (Some(whole), true) = (&whole, synced.contains_key(from)) {
                    synced.insert(to.clone(), whole.clone());
                }
                pending.push(Change::Moved(from.clone(), to.clone(), whole));
            }
            Deed::Removed(path) => pending.push(Change::Gone(path.clone())),
            Deed::SyncedFolder(folder) => {
                let is_there = |change: &Change| change.folder() == Some(folder.as_path());
                pending.iter().filter(|change| is_there(change)).for_each(|change| change.apply(&mut durable));
                pending.retain(|change| !is_there(change));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_finds_what_was_not_forced_to_the_disk() {
        let at = |name: &str| PathBuf::from("/d").join(name);
        let before = Names::from([(at("a"), b"old".to_vec())]);
        let whole = Some(b"new!".to_vec());
        let of = |deed, bytes: &Option<Vec<u8>>| Record { deed, bytes: bytes.clone() };
        let renamed = || of(Deed::Renamed(at("part"), at("a")), &whole);
        let seen = |records: &[Record]| {
            let mut seen = std::collections::BTreeSet::new();
            let mut last = std::collections::BTreeSet::new();
            each_crash(&before, records, |names, done| {
                let there = names.get(&at("a")).cloned();
                seen.insert(there.clone());
                if done {
                    last.insert(there);
                }
            });
            (seen.len(), last.len(), seen.contains(&Some(b"ne".to_vec())))
        };
        let synced = || of(Deed::Synced(at("part")), &whole);
        let folder = || of(Deed::SyncedFolder(PathBuf::from("/d")), &None);
        // Old or new, and new in the end.
        assert_eq!(seen(&[synced(), renamed(), folder()]), (2, 1, false));
        // Without the folder it may be either in the end; without the bytes it may be torn.
        assert_eq!(seen(&[synced(), renamed()]), (2, 2, false));
        assert_eq!(seen(&[renamed(), folder()]), (2, 1, true));
    }
}
