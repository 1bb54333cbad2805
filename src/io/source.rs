//! What a reader is handed: a file with those beside it, a member of an archive with its neighbours, or a stream.
//!
//! A reader asks for what it needs: text piece by piece ([`Source::text`]), the bytes as a whole ([`Source::bytes`]),
//! those of a file of the same name with another ending ([`Source::beside`]), or a path, where a library wants to open a
//! database itself ([`Source::database`]). Of a folder that is one source it asks for the names ([`Source::files`]) and for
//! each file ([`Source::file_in`]). What is compressed is unpacked on the way. Everything that is read is counted and
//! hashed, so that a source is known again.

use std::fs::{self, File};
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use flate2::bufread::MultiGzDecoder;

use super::ReadError;
use super::archive::Archive;
use super::hash::FileHash;
use super::place::{SEVERAL_BYTES, side_by_side};
use super::start::{LOOKED_AT, Start};
use super::text_stream::{Seen, TextStream};
use crate::model::style::LayerStyle;
use crate::model::{GeometryKind, SourceWords};
use crate::task::Progress;

/// Bytes that are read at once.
const PIECE_BYTES: usize = 1 << 20;
/// The largest file that is held as a whole, unpacked: offsets within a table of dBASE are 32 bits wide.
pub(super) const MOST_BYTES: u64 = 1 << 32;

/// A source that a reader reads.
pub(super) struct Source {
    /// The file's name, within the archive where it lies in one.
    name: PathBuf,
    place: Place,
    hash: FileHash,
    seen: Option<Seen>,
    /// What is known of single layers, where each lies in files of its own.
    seen_layers: Vec<(String, Seen)>,
    /// What the source says that the names and codes of its layers mean.
    words: Vec<(String, Arc<SourceWords>)>,
    /// How the source draws the features of a kind of its layers, by their numbers.
    drawn: Vec<(usize, GeometryKind, Arc<LayerStyle>)>,
}

enum Place {
    /// A file of a folder.
    File(PathBuf),
    /// A folder that is one source.
    Folder(PathBuf),
    /// A folder in an archive that is one source, with the slash at its end; empty for the archive itself.
    FolderOf(Arc<Archive>, String),
    /// Bytes at hand.
    Bytes(Vec<u8>),
    /// What is given only once: a pipe.
    Stream(Box<dyn Read + Send>),
    /// A member of an archive.
    Member(Arc<Archive>, usize),
    /// What was given away.
    Taken,
}

/// What a file is known again by while the program runs: it and those beside it, with their sizes and when they were written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Known(Vec<(PathBuf, u64, SystemTime)>);

impl Known {
    /// Bytes of all of them.
    pub(super) fn byte_count(&self) -> u64 {
        self.0.iter().map(|(_, byte_count, _)| byte_count).sum()
    }
}

impl Source {
    fn new(name: PathBuf, place: Place) -> Self {
        Self {
            name,
            place,
            hash: FileHash::new(),
            seen: None,
            seen_layers: Vec::new(),
            words: Vec::new(),
            drawn: Vec::new(),
        }
    }

    /// A file of a folder.
    pub(super) fn file(path: &Path) -> Self {
        Self::new(path.to_owned(), Place::File(path.to_owned()))
    }

    /// Bytes at hand, called `name`.
    pub(super) fn of_bytes(name: &Path, bytes: Vec<u8>) -> Self {
        Self::new(name.to_owned(), Place::Bytes(bytes))
    }

    /// A pipe, called `name`.
    pub(super) fn stream(name: &Path, stream: Box<dyn Read + Send>) -> Self {
        Self::new(name.to_owned(), Place::Stream(stream))
    }

    /// The member of an archive at `index` of its list.
    pub(super) fn member(archive: &Arc<Archive>, index: usize) -> Self {
        Self::new(PathBuf::from(archive.name(index)), Place::Member(archive.clone(), index))
    }

    /// A folder that is one source.
    pub(super) fn folder(path: &Path) -> Self {
        Self::new(path.to_owned(), Place::Folder(path.to_owned()))
    }

    /// The folder `name` in an archive, which is one source; the archive itself for an empty name.
    pub(super) fn folder_of(archive: &Arc<Archive>, name: &str) -> Self {
        let start = if name.is_empty() { String::new() } else { format!("{name}/") };
        Self::new(PathBuf::from(name), Place::FolderOf(archive.clone(), start))
    }

    /// Its name, with the folders of the archive where it lies in one.
    pub(super) fn name(&self) -> &Path {
        &self.name
    }

    /// What it is known again by as it is now, with the files beside it of these endings; `None` for what is no file of a
    /// folder.
    pub(super) fn known(&self, endings: &[&str]) -> Option<Known> {
        let Place::File(path) = &self.place else { return None };
        let others = endings.iter().filter_map(|ending| beside(path, ending));
        let known = std::iter::once(path.clone()).chain(others).map(|path| {
            // Of what cannot be looked at nothing is known.
            let known = fs::metadata(&path).ok()?;
            Some((path, known.len(), known.modified().ok()?))
        });
        known.collect::<Option<_>>().map(Known)
    }

    /// So many bytes of its start, and the file beside it with `ending`, neither counted nor hashed: for a first look. `None`
    /// for a file that is no longer than that, for what is packed, and for what cannot be read, which is told later.
    pub(super) fn first_bytes(&self, byte_count: u64, ending: &str) -> Option<(Vec<u8>, Option<Vec<u8>>)> {
        let Place::File(path) = &self.place else { return None };
        let file = File::open(path).ok()?;
        if file.metadata().ok()?.len() <= byte_count {
            return None;
        }
        let mut start = Vec::new();
        file.take(byte_count).read_to_end(&mut start).ok()?;
        let other = beside(path, ending).and_then(|path| fs::read(path).ok());
        (!is_gzip(&start)).then_some((start, other))
    }

    /// Where it lies as a database that a library opens by its path: the file itself, or a private copy in a folder that
    /// goes with it, where it is packed, lies in an archive, or is being written by another program: what that program's
    /// logs beside it hold comes along.
    ///
    /// # Errors
    /// As [`Self::bytes`], and when there is no room for a copy.
    pub(super) fn database(&mut self, progress: &Progress) -> Result<(PathBuf, Option<tempfile::TempDir>), ReadError> {
        let plain = match &self.place {
            Place::File(path) if !is_gzip(&ends(&mut File::open(path)?)?.0) => Some(path.clone()),
            _ => None,
        };
        let logs = plain.as_deref().map_or(Vec::new(), filled_logs);
        if let (Some(path), true) = (&plain, logs.is_empty()) {
            return Ok((path.clone(), None));
        }
        let folder = tempfile::Builder::new().prefix("tuban-").tempdir()?;
        let copy = folder.path().join("copy.db");
        match plain {
            Some(path) => {
                fs::copy(&path, &copy)?;
                for (log, into) in logs_of(&path).iter().zip(logs_of(&copy)) {
                    if logs.contains(log) {
                        fs::copy(log, into)?;
                    }
                }
            }
            None => fs::write(&copy, self.bytes(progress)?)?,
        }
        Ok((copy, Some(folder)))
    }

    /// Counts and hashes the file that [`Self::database`] gave, with its logs.
    ///
    /// # Errors
    /// When it cannot be read, or the user cancelled.
    pub(super) fn hash_database(&mut self, progress: &Progress) -> Result<(), ReadError> {
        let (Place::File(path), 0) = (&self.place, self.hash.byte_count()) else { return Ok(()) };
        let mut piece = vec![0; PIECE_BYTES];
        for path in std::iter::once(path.clone()).chain(filled_logs(path)) {
            let mut file = File::open(path)?;
            loop {
                let count = file.read(&mut piece)?;
                if count == 0 {
                    break;
                }
                self.hash.add(&piece[..count]);
                progress.tick(0).map_err(|_| ReadError::Cancelled)?;
            }
        }
        Ok(())
    }

    /// Its start, unpacked, and for archives its end, by which its format is told; `None` for what is given only once.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn look<T>(&self, told: impl FnOnce(&Start<'_>) -> T) -> Result<Option<T>, ReadError> {
        let (start, end) = match &self.place {
            Place::File(path) => ends(&mut File::open(path)?)?,
            Place::Bytes(bytes) => ends(&mut Cursor::new(bytes))?,
            Place::Member(archive, index) => (archive.start(*index, LOOKED_AT)?, Vec::new()),
            Place::Folder(_) | Place::FolderOf(..) | Place::Stream(_) | Place::Taken => return Ok(None),
        };
        let start = if is_gzip(&start) { unpacked_start(&start) } else { start };
        Ok(Some(told(&Start::new(&self.name, &start, &end))))
    }

    /// The file as text, piece by piece; whoever read it says by [`Self::saw`] what it was.
    ///
    /// # Errors
    /// When it cannot be opened, or was given away before.
    pub(super) fn text(&mut self, progress: &Progress) -> Result<TextStream, ReadError> {
        let input: Box<dyn Read + Send> = match std::mem::replace(&mut self.place, Place::Taken) {
            Place::File(path) => {
                let file = File::open(&path)?;
                progress.add_total(file.metadata()?.len());
                self.place = Place::File(path);
                Box::new(file)
            }
            Place::Bytes(bytes) => {
                progress.add_total(bytes.len() as u64);
                Box::new(Cursor::new(bytes))
            }
            Place::Stream(stream) => stream,
            Place::Member(archive, index) => {
                let bytes = archive.bytes(index, progress)?;
                self.place = Place::Member(archive, index);
                progress.add_total(bytes.len() as u64);
                Box::new(Cursor::new(bytes))
            }
            Place::Folder(_) | Place::FolderOf(..) => return Err(no_file()),
            Place::Taken => return Err(given_away()),
        };
        TextStream::new(input, progress)
    }

    /// The whole file, unpacked.
    ///
    /// # Errors
    /// When it cannot be read, is larger than is held as a whole, or the user cancelled.
    pub(super) fn bytes(&mut self, progress: &Progress) -> Result<Vec<u8>, ReadError> {
        let bytes = match std::mem::replace(&mut self.place, Place::Taken) {
            Place::File(path) => {
                let bytes = whole(&path, &mut self.hash, progress)?;
                self.place = Place::File(path);
                bytes
            }
            Place::Bytes(bytes) => hashed(bytes, &mut self.hash),
            Place::Stream(stream) => hashed(all_of(stream, 0, progress)?, &mut self.hash),
            Place::Member(archive, index) => {
                let bytes = archive.bytes(index, progress)?;
                self.place = Place::Member(archive, index);
                hashed(bytes, &mut self.hash)
            }
            Place::Folder(_) | Place::FolderOf(..) => return Err(no_file()),
            Place::Taken => return Err(given_away()),
        };
        if !is_gzip(&bytes) {
            return Ok(bytes);
        }
        let mut unpacked = Vec::new();
        let mut packed = MultiGzDecoder::new(&bytes[..]).take(MOST_BYTES + 1);
        packed.read_to_end(&mut unpacked).map_err(ReadError::Compression)?;
        bounded(unpacked.len() as u64)?;
        Ok(unpacked)
    }

    /// The whole file beside it that has the same name and `ending` (in small letters), in whatever spelling; `None`
    /// where there is none.
    ///
    /// # Errors
    /// As [`Self::bytes`].
    pub(super) fn beside(&mut self, ending: &str, progress: &Progress) -> Result<Option<Vec<u8>>, ReadError> {
        match &self.place {
            Place::File(path) => match beside(path, ending) {
                Some(path) => whole(&path, &mut self.hash, progress).map(Some),
                None => Ok(None),
            },
            Place::Member(archive, index) => match archive.beside(*index, ending) {
                Some(other) => Ok(Some(hashed(archive.bytes(other, progress)?, &mut self.hash))),
                None => Ok(None),
            },
            _ => Ok(None),
        }
    }

    /// The names of the files in a folder that is one source; none for anything else.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub(super) fn files(&self) -> Result<Vec<String>, ReadError> {
        match &self.place {
            Place::Folder(path) => {
                let entries = fs::read_dir(path)?.flatten().filter(|entry| entry.path().is_file());
                Ok(entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()) // no name of ours
            }
            Place::FolderOf(archive, start) => {
                let names = (0..archive.member_count()).filter_map(|member| archive.name(member).strip_prefix(start));
                Ok(names.filter(|name| !name.contains('/')).map(str::to_owned).collect())
            }
            _ => Ok(Vec::new()),
        }
    }

    /// The whole file `name` of a folder that is one source, one of [`Self::files`].
    ///
    /// # Errors
    /// As [`Self::bytes`].
    pub(super) fn file_in(&mut self, name: &str, progress: &Progress) -> Result<Vec<u8>, ReadError> {
        match &self.place {
            Place::Folder(path) => whole(&path.join(name), &mut self.hash, progress),
            Place::FolderOf(archive, start) => {
                let wanted = format!("{start}{name}");
                let member = (0..archive.member_count()).find(|member| archive.name(*member) == wanted);
                Ok(hashed(archive.bytes(member.ok_or_else(no_file)?, progress)?, &mut self.hash))
            }
            _ => Err(no_file()),
        }
    }

    /// What is read from here on is one layer's own, up to [`Self::end_layer`].
    pub(super) fn begin_layer(&mut self) {
        self.hash = FileHash::new();
    }

    /// Ends what is read of layer `name` alone.
    pub(super) fn end_layer(&mut self, name: &str) {
        let seen = Seen { byte_count: self.hash.byte_count(), hash: self.hash.hex() };
        self.seen_layers.push((name.to_owned(), seen));
    }

    /// What is known of layer `name` alone, where it lies in files of its own.
    pub(super) fn seen_layer(&self, name: &str) -> Option<Seen> {
        self.seen_layers.iter().find(|(known, _)| known == name).map(|(_, seen)| seen.clone())
    }

    /// Notes what the source says that the names and codes of layer `name` mean.
    pub(super) fn means(&mut self, name: &str, words: SourceWords) {
        self.words.push((name.to_owned(), Arc::new(words)));
    }

    /// What the source says that the names and codes of layer `name` mean.
    pub(super) fn words_of(&self, name: &str) -> Arc<SourceWords> {
        let known = self.words.iter().find(|(known, _)| known == name);
        known.map(|(_, words)| words.clone()).unwrap_or_default()
    }

    /// Notes how the source draws the features of `kind` of layer number `layer`.
    pub(super) fn draws(&mut self, layer: usize, kind: GeometryKind, style: LayerStyle) {
        self.drawn.push((layer, kind, Arc::new(style)));
    }

    /// How the source draws the kinds of layer number `layer`.
    pub(super) fn drawn(&self, layer: usize) -> Vec<(GeometryKind, Arc<LayerStyle>)> {
        let own = self.drawn.iter().filter(|(known, _, _)| *known == layer);
        own.map(|(_, kind, style)| (*kind, style.clone())).collect()
    }

    /// Notes what was read of it as text.
    pub(super) fn saw(&mut self, seen: Seen) {
        self.seen = Some(seen);
    }

    /// What is known of it once it was read.
    pub(super) fn seen(self) -> Seen {
        self.seen.unwrap_or_else(|| Seen { byte_count: self.hash.byte_count(), hash: self.hash.hex() })
    }
}

/// The file beside `path` with another ending: as it is spelt usually, else in any spelling.
pub(super) fn beside(path: &Path, ending: &str) -> Option<PathBuf> {
    let usual = path.with_extension(ending);
    if usual.is_file() {
        return Some(usual);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let stem = path.file_stem()?.to_string_lossy().to_lowercase();
    // A folder that cannot be listed has nothing beside the file.
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .filter(|other| {
            let alike = |text: Option<&std::ffi::OsStr>, wanted: &str| {
                text.is_some_and(|text| text.to_string_lossy().to_lowercase() == wanted)
            };
            alike(other.extension(), ending) && alike(other.file_stem(), &stem)
        })
        .collect();
    // A name that differs in the ending alone comes before one that differs in more.
    found.sort_by_key(|other| (other.file_stem() != path.file_stem(), other.clone()));
    found.into_iter().find(|other| other.is_file())
}

/// The files in which SQLite keeps what is not in a database yet, while programs have it open or when they were killed.
pub(super) fn logs_of(path: &Path) -> [PathBuf; 2] {
    ["-wal", "-journal"].map(|end| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        name.into()
    })
}

/// Those of them that hold something.
pub(super) fn filled_logs(path: &Path) -> Vec<PathBuf> {
    let is_filled = |log: &PathBuf| fs::metadata(log).is_ok_and(|known| known.is_file() && known.len() > 0);
    logs_of(path).into_iter().filter(is_filled).collect()
}

fn no_file() -> ReadError {
    ReadError::Io(std::io::ErrorKind::NotFound.into())
}

fn given_away() -> ReadError {
    ReadError::Io(std::io::Error::other("the source was read before"))
}

fn is_gzip(start: &[u8]) -> bool {
    start.starts_with(&[0x1F, 0x8B])
}

/// The start of a file, and the end of one that is an archive.
fn ends<R: Read + Seek>(file: &mut R) -> std::io::Result<(Vec<u8>, Vec<u8>)> {
    let mut start = Vec::new();
    file.by_ref().take(LOOKED_AT as u64).read_to_end(&mut start)?;
    let mut end = Vec::new();
    if start.starts_with(b"PK") && start.len() == LOOKED_AT {
        let length = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(length.saturating_sub(LOOKED_AT as u64)))?;
        file.by_ref().take(LOOKED_AT as u64).read_to_end(&mut end)?;
    }
    Ok((start, end))
}

/// What the packed `start` of a file holds, as far as it goes: it ends within.
fn unpacked_start(start: &[u8]) -> Vec<u8> {
    let mut unpacked = Vec::new();
    let mut decoder = MultiGzDecoder::new(start);
    let mut piece = [0; 4096];
    while unpacked.len() < LOOKED_AT {
        match decoder.read(&mut piece) {
            Ok(count) if count > 0 => unpacked.extend_from_slice(&piece[..count]),
            // Where it is damaged is told by whoever reads it whole.
            _ => break,
        }
    }
    unpacked
}

fn bounded(byte_count: u64) -> Result<(), ReadError> {
    if byte_count > MOST_BYTES { Err(ReadError::TooLarge { most_gb: MOST_BYTES >> 30 }) } else { Ok(()) }
}

/// The bytes of a file, which are hashed.
fn whole(path: &Path, hash: &mut FileHash, progress: &Progress) -> Result<Vec<u8>, ReadError> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    bounded(length)?;
    progress.add_total(length);
    if length >= SEVERAL_BYTES {
        if let Some(bytes) = side_by_side(&file, length, hash, progress)? {
            return Ok(bytes);
        }
        // Where a system reads at a place, it may stay there.
        file.rewind()?;
    }
    Ok(hashed(all_of(Box::new(file), length, progress)?, hash))
}

fn hashed(bytes: Vec<u8>, hash: &mut FileHash) -> Vec<u8> {
    hash.add(&bytes);
    bytes
}

/// Everything that `input` gives, about `length` bytes.
pub(super) fn all_of(mut input: Box<dyn Read + '_>, length: u64, progress: &Progress) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    let room = usize::try_from(length).unwrap_or(usize::MAX).saturating_add(1);
    bytes.try_reserve_exact(room).map_err(|_| ReadError::NoMemory { line: 1, feature_count: 0 })?;
    loop {
        let before = bytes.len();
        let count = input.by_ref().take(PIECE_BYTES as u64).read_to_end(&mut bytes)?;
        progress.tick(count as u64).map_err(|_| ReadError::Cancelled)?;
        bounded(bytes.len() as u64)?;
        if bytes.len() == before {
            return Ok(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_beside_are_found_in_any_spelling() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        for name in ["a.shp", "a.DBF", "A.prj", "b.shp", "b.Cpg", "ab.shx"] {
            fs::write(at(name), name).expect("written");
        }
        let check = |name: &str, ending: &str, expected: Option<&str>| {
            let mut source = Source::file(&at(name));
            let bytes = source.beside(ending, &Progress::new()).expect("readable");
            assert_eq!(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).as_deref(), expected);
        };
        check("a.shp", "dbf", Some("a.DBF"));
        check("a.shp", "prj", Some("A.prj"));
        check("a.shp", "shx", None);
        check("b.shp", "cpg", Some("b.Cpg"));
    }

    #[test]
    fn what_is_packed_is_seen_and_read_unpacked() {
        let packed = super::super::gzip("a,b\n1,2\n".repeat(20_000).as_bytes());
        let mut source = Source::of_bytes(Path::new("a.csv.gz"), packed);
        let format = source.look(super::super::format::of_start).expect("readable");
        assert_eq!(format.map(|format| format.name), Some("io.format-csv"));
        assert_eq!(source.bytes(&Progress::new()).expect("unpacks").len(), 160_000);
    }
}
