//! ZIP archives as folders: nothing is unpacked to the disk, each member only when it is read.
//!
//! Names are UTF-8 where all of them are, else GBK, as Windows in China writes them; backslashes part folders as well.
//! A name that leads out of the archive is left out and said, what macOS adds is passed over. How many members there
//! are, how much a member unpacks to and how much all that is read does is bounded: a few kilobytes can claim to hold
//! terabytes.

use std::fs::File;
use std::io::{Cursor, Read, Seek};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use zip::ZipArchive;
use zip::result::ZipError;

use super::ReadError;
use super::hash::FileHash;
use super::source::all_of;
use super::start::ending_of;
use super::text_stream::Seen;
use crate::task::Progress;

/// Members that an archive may list.
const MOST_MEMBERS: usize = 20_000;
/// Bytes that all members that are read may unpack to.
const MOST_UNPACKED: u64 = 8 << 30;
/// How much larger than packed a large member may be: more is no data.
const MOST_RATIO: u64 = 200;
/// Members that are smaller may have any ratio.
const SMALL: u64 = 64 << 20;

trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

/// An archive that is open.
pub(super) struct Archive {
    inner: Mutex<Inner>,
    members: Vec<Member>,
    /// Names that lead out of the archive.
    pub(super) left_out: Vec<String>,
    seen: Seen,
}

struct Inner {
    zip: ZipArchive<Box<dyn ReadSeek>>,
    unpacked: u64,
}

struct Member {
    /// With slashes between folders.
    name: String,
    /// Its number in the archive.
    index: usize,
}

impl Archive {
    /// Opens an archive on the disk.
    ///
    /// # Errors
    /// When it cannot be read, is damaged or lists more members than are looked at.
    pub(super) fn open(path: &Path, progress: &Progress) -> Result<Self, ReadError> {
        let mut file = File::open(path)?;
        progress.add_total(file.metadata()?.len());
        let mut hash = FileHash::new();
        let mut piece = vec![0; 1 << 20];
        loop {
            let count = file.read(&mut piece)?;
            if count == 0 {
                break;
            }
            hash.add(&piece[..count]);
            progress.tick(count as u64).map_err(|_| ReadError::Cancelled)?;
        }
        file.rewind()?;
        Self::new(Box::new(file), &hash)
    }

    /// Opens an archive at hand.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(super) fn of_bytes(bytes: Vec<u8>) -> Result<Self, ReadError> {
        let mut hash = FileHash::new();
        hash.add(&bytes);
        Self::new(Box::new(Cursor::new(bytes)), &hash)
    }

    fn new(file: Box<dyn ReadSeek>, hash: &FileHash) -> Result<Self, ReadError> {
        let zip = ZipArchive::new(file).map_err(failed)?;
        if zip.len() > MOST_MEMBERS {
            return Err(ReadError::ArchiveTooLarge { members: Some(zip.len() as u64), most: MOST_MEMBERS as u64 });
        }
        let mut raw = Vec::new();
        for index in 0..zip.len() {
            let entry = zip.by_index_data(index).map_err(failed)?;
            if !entry.is_dir() {
                raw.push((index, entry.name_raw().to_vec()));
            }
        }
        let is_utf8 = raw.iter().all(|(_, name)| std::str::from_utf8(name).is_ok());
        let (mut members, mut left_out) = (Vec::new(), Vec::new());
        for (index, name) in raw {
            let name = if is_utf8 {
                String::from_utf8_lossy(&name).into_owned()
            } else {
                encoding_rs::GB18030.decode_without_bom_handling(&name).0.into_owned()
            };
            let name = name.replace('\\', "/");
            if leads_out(&name) {
                left_out.push(name);
            } else if !is_chaff(&name) {
                let steps = name.split('/').filter(|step| !matches!(*step, "" | "."));
                members.push(Member { name: steps.collect::<Vec<_>>().join("/"), index });
            }
        }
        let seen = Seen { byte_count: hash.byte_count(), hash: hash.hex() };
        Ok(Self { inner: Mutex::new(Inner { zip, unpacked: 0 }), members, left_out, seen })
    }

    /// How many members there are.
    pub(super) fn member_count(&self) -> usize {
        self.members.len()
    }

    /// The name of a member, with slashes between folders.
    pub(super) fn name(&self, member: usize) -> &str {
        &self.members[member].name
    }

    /// Size and hash of the archive itself.
    pub(super) fn seen(&self) -> Seen {
        self.seen.clone()
    }

    /// The member in the same folder that has the same name with another ending, in whatever spelling.
    pub(super) fn beside(&self, member: usize, ending: &str) -> Option<usize> {
        let stem = |name: &str| Path::new(name).with_extension("").to_string_lossy().to_lowercase();
        let wanted = stem(self.name(member));
        let alike =
            |other: &usize| ending_of(Path::new(self.name(*other))) == ending && stem(self.name(*other)) == wanted;
        let found: Vec<usize> = (0..self.members.len()).filter(alike).collect();
        let same = |name: &str| Path::new(name).with_extension("") == Path::new(self.name(member)).with_extension("");
        found.iter().copied().find(|other| same(self.name(*other))).or(found.first().copied())
    }

    /// At most `most` bytes of the start of a member.
    ///
    /// # Errors
    /// As [`Self::bytes`].
    pub(super) fn start(&self, member: usize, most: usize) -> Result<Vec<u8>, ReadError> {
        let mut inner = self.lock();
        let file = inner.zip.by_index(self.members[member].index).map_err(failed)?;
        let mut bytes = Vec::new();
        file.take(most as u64).read_to_end(&mut bytes).map_err(ReadError::Compression)?;
        Ok(bytes)
    }

    /// A member unpacked.
    ///
    /// # Errors
    /// When it is damaged, locked by a password, packed in another way than by deflating, or larger than is unpacked.
    pub(super) fn bytes(&self, member: usize, progress: &Progress) -> Result<Vec<u8>, ReadError> {
        let mut inner = self.lock();
        let left = MOST_UNPACKED - inner.unpacked.min(MOST_UNPACKED);
        let too_large = || ReadError::ArchiveTooLarge { members: None, most: MOST_UNPACKED >> 30 };
        let file = inner.zip.by_index(self.members[member].index).map_err(failed)?;
        // What it claims is checked first, what it gives while it is unpacked.
        let (size, packed) = (file.size(), file.compressed_size());
        if size > left {
            return Err(too_large());
        }
        let most = left.min(packed.saturating_mul(MOST_RATIO).max(SMALL));
        if size > most {
            return Err(ReadError::Bomb { ratio: size / packed.max(1) });
        }
        let bytes = match all_of(Box::new(file.take(most + 1)), size.min(most), progress) {
            Err(ReadError::Io(error)) => return Err(ReadError::Compression(error)),
            other => other?,
        };
        if bytes.len() as u64 > most {
            return Err(ReadError::Bomb { ratio: bytes.len() as u64 / packed.max(1) });
        }
        inner.unpacked += bytes.len() as u64;
        Ok(bytes)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Each read starts from where its member begins.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn failed(error: ZipError) -> ReadError {
    match error {
        ZipError::Io(error) => ReadError::Compression(error),
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => ReadError::Locked,
        ZipError::CompressionMethodNotSupported(method) => ReadError::Packed { method },
        _ => ReadError::BrokenArchive,
    }
}

/// Whether a name leads out of the folder that it is unpacked into.
fn leads_out(name: &str) -> bool {
    let has_drive = name.as_bytes().get(1) == Some(&b':');
    name.starts_with('/') || has_drive || name.contains('\0') || name.split('/').any(|step| step == "..")
}

/// Whether it is what systems add to archives beside the data.
fn is_chaff(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name);
    let chaff = ["__macosx", ".ds_store", "thumbs.db", "desktop.ini"];
    last.starts_with("._") || name.split('/').any(|step| chaff.contains(&step.to_ascii_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_out_are_told() {
        for name in ["../a.shp", "/etc/a", "C:/a", "a/../../b", "a\0b"] {
            assert!(leads_out(name), "{name}");
        }
        for name in ["a.shp", "成果/a..b.shp", "a/b/c"] {
            assert!(!leads_out(name), "{name}");
        }
        assert!(is_chaff("__MACOSX/._a.shp") && is_chaff("x/.DS_Store") && !is_chaff("macosx/a.shp"));
    }
}
