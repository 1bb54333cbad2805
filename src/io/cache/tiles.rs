//! Tiles of map servers in the cache of a project: two files that are written one after the other and let go of in turns.
//!
//! A file begins with [`HEAD`] and its number; then record after record, each with a hash of all of it. Tiles go to the
//! file of the greater number until it has its share of [`MOST_BYTES`]; then the other one is begun anew, and what was in
//! it is forgotten. A tile of the older file that is asked for is written to the newer one while there is much room in it,
//! so that what is looked at stays. Nothing stays open between two tiles, so that the folder can be removed at any time:
//! then nothing is written any more. A torn end is cut off, a damaged tile is as if it were not there.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;

use super::{folder_beside, is_folder, make_folder};
use crate::io::hash::FileHash;

/// Bytes of tiles that a project keeps, in both files together.
const MOST_BYTES: u64 = 256 << 20;
/// What the files are called, before their number and ending; of the form of all names in the folder.
pub(super) const NAME: &str = "74696c6573000000";
/// What a file begins with.
const HEAD: &[u8; 8] = b"TUBANTL1";
/// Bytes before the first record, and of a record before its tile.
const HEAD_BYTES: u64 = 16;
const RECORD_BYTES: u64 = 40;
/// Bytes of a tile.
const MOST_TILE_BYTES: u32 = 4 << 20;

/// A map by a hash of its address; level, column and row of a tile in it.
pub(crate) type TileKey = (u64, [u32; 3]);

/// The tiles of one project, for several threads at once.
#[derive(Debug)]
pub struct Tiles {
    folder: PathBuf,
    writes: bool,
    most_bytes: u64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Whether the files were looked through.
    is_read: bool,
    /// Whether the folder was removed while it was in use.
    is_gone: bool,
    index: FxHashMap<TileKey, Entry>,
    /// Which file is the newer one, its number and its length.
    current: usize,
    number: u64,
    length: u64,
}

/// Where a tile stands.
#[derive(Clone, Copy, Debug)]
struct Entry {
    file: usize,
    at: u64,
    byte_count: u32,
    seconds: u64,
}

/// A tile as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredTile {
    /// As the server sent it; nothing where it had none.
    pub(crate) bytes: Vec<u8>,
    /// When, in seconds since 1970.
    pub(crate) seconds: u64,
}

/// Where tiles are kept at present: given and taken away while servers are being asked.
#[derive(Clone, Debug, Default)]
pub struct TileShelf(Arc<Mutex<Option<Arc<Tiles>>>>);

impl TileShelf {
    /// Tiles are kept there from now on, or nowhere.
    pub fn set(&self, tiles: Option<Arc<Tiles>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = tiles;
    }

    #[cfg_attr(not(feature = "tiles"), allow(dead_code, reason = "nothing asks servers then"))]
    pub(crate) fn get(&self) -> Option<Arc<Tiles>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg_attr(not(feature = "tiles"), allow(dead_code, reason = "nothing asks servers then"))]
impl Tiles {
    /// The tiles beside the project at `project`; without `writes` what is there is only used.
    pub fn beside(project: &Path, writes: bool) -> Self {
        Self::in_folder(folder_beside(project), writes)
    }

    pub(super) fn in_folder(folder: PathBuf, writes: bool) -> Self {
        Self { folder, writes, most_bytes: MOST_BYTES, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn file(&self, which: usize) -> PathBuf {
        self.folder.join(format!("{NAME}-{which}.tiles"))
    }

    /// Whether a tile is there, as far as the files were looked through already.
    pub(crate) fn has(&self, key: &TileKey) -> bool {
        self.state().index.contains_key(key)
    }

    /// A tile, where it is there and whole.
    pub(crate) fn get(&self, key: &TileKey) -> Option<StoredTile> {
        let mut state = self.state();
        self.look_through(&mut state);
        let entry = *state.index.get(key)?;
        let Some(bytes) = read_tile(&self.file(entry.file), key, &entry) else {
            state.index.remove(key);
            return None;
        };
        if entry.file != state.current && self.writes && state.length < self.most_bytes / 4 {
            // What cannot be written is asked for again one day.
            let _ = self.write(&mut state, *key, &bytes, entry.seconds);
        }
        Some(StoredTile { bytes, seconds: entry.seconds })
    }

    /// Keeps a tile. What the disk does not take is asked for again.
    pub(crate) fn put(&self, key: TileKey, bytes: &[u8], seconds: u64) {
        let mut state = self.state();
        self.look_through(&mut state);
        if self.writes && bytes.len() <= MOST_TILE_BYTES as usize {
            let _ = self.write(&mut state, key, bytes, seconds);
        }
    }

    fn write(&self, state: &mut State, key: TileKey, bytes: &[u8], seconds: u64) -> io::Result<()> {
        let record = record(&key, bytes, seconds);
        let byte_count = record.len() as u64;
        if state.is_gone || byte_count > self.most_bytes / 2 {
            return Ok(());
        }
        if state.number == 0 || state.length + byte_count > self.most_bytes / 2 {
            self.begin(state)?;
        }
        let path = self.file(state.current);
        if !fs::symlink_metadata(&path).is_ok_and(|known| known.is_file()) {
            // Whoever removed it does not want it.
            *state = State { is_gone: true, is_read: true, ..State::default() };
            return Ok(());
        }
        let mut file = File::options().write(true).open(&path)?;
        // What a program that was killed left behind the last whole record goes.
        file.set_len(state.length)?;
        file.seek(SeekFrom::Start(state.length))?;
        file.write_all(&record)?;
        let at = state.length + RECORD_BYTES;
        state.length += byte_count;
        state.index.insert(key, Entry { file: state.current, at, byte_count: bytes.len() as u32, seconds });
        Ok(())
    }

    /// Begins the other file anew.
    fn begin(&self, state: &mut State) -> io::Result<()> {
        let next = if state.number == 0 { 0 } else { 1 - state.current };
        if state.number > 0 && !is_folder(&self.folder) {
            *state = State { is_gone: true, is_read: true, ..State::default() };
            return Ok(());
        }
        make_folder(&self.folder)?;
        let path = self.file(next);
        if !fs::symlink_metadata(&path).map_or(true, |known| known.is_file()) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        state.index.retain(|_, entry| entry.file != next);
        let mut file = File::create(&path)?;
        file.write_all(HEAD)?;
        file.write_all(&(state.number + 1).to_le_bytes())?;
        (state.current, state.number, state.length) = (next, state.number + 1, HEAD_BYTES);
        Ok(())
    }

    /// Looks both files through, once.
    fn look_through(&self, state: &mut State) {
        if state.is_read {
            return;
        }
        state.is_read = true;
        if !is_folder(&self.folder) {
            return;
        }
        // What cannot be read has no tiles.
        let found = [0, 1].map(|which| entries(&self.file(which), which).ok().flatten());
        let older_first = if number_of(&found[0]) <= number_of(&found[1]) { [0, 1] } else { [1, 0] };
        for which in older_first {
            if let Some((number, length, entries)) = &found[which] {
                (state.current, state.number, state.length) = (which, *number, *length);
                state.index.extend(entries.iter().copied());
            }
        }
    }
}

/// The number of a file, where its whole records end, and these.
type Looked = (u64, u64, Vec<(TileKey, Entry)>);

fn number_of(found: &Option<Looked>) -> u64 {
    found.as_ref().map_or(0, |(number, _, _)| *number)
}

/// The records of a file; `None` where it is none.
fn entries(path: &Path, which: usize) -> io::Result<Option<Looked>> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Ok(None);
    }
    let file = File::open(path)?;
    let whole = file.metadata()?.len().min(MOST_BYTES);
    let mut input = BufReader::with_capacity(RECORD_BYTES as usize, file);
    let mut head = [0; HEAD_BYTES as usize];
    input.read_exact(&mut head)?;
    let number = u64::from_le_bytes(head[8..].try_into().expect("eight bytes"));
    if &head[..8] != HEAD || number == 0 || number == u64::MAX {
        return Ok(None);
    }
    let (mut at, mut found) = (HEAD_BYTES, Vec::new());
    let mut record = [0; RECORD_BYTES as usize];
    while at + RECORD_BYTES <= whole {
        input.read_exact(&mut record)?;
        let word = |from: usize| u32::from_le_bytes(record[from..from + 4].try_into().expect("four bytes"));
        let long = |from: usize| u64::from_le_bytes(record[from..from + 8].try_into().expect("eight bytes"));
        let byte_count = word(28);
        let next = at + RECORD_BYTES + u64::from(byte_count);
        if byte_count > MOST_TILE_BYTES || next > whole {
            break;
        }
        let entry = Entry { file: which, at: at + RECORD_BYTES, byte_count, seconds: long(20) };
        found.push(((long(0), [word(8), word(12), word(16)]), entry));
        input.seek_relative(i64::from(byte_count))?;
        at = next;
    }
    Ok(Some((number, at, found)))
}

/// Map, level, column, row, time, length, hash of all of it; then the tile.
fn record((map, place): &TileKey, bytes: &[u8], seconds: u64) -> Vec<u8> {
    let mut record = Vec::with_capacity(RECORD_BYTES as usize + bytes.len());
    record.extend(map.to_le_bytes());
    place.iter().for_each(|number| record.extend(number.to_le_bytes()));
    record.extend(seconds.to_le_bytes());
    record.extend((bytes.len() as u32).to_le_bytes());
    let mut hash = FileHash::new();
    hash.add(&record);
    hash.add(bytes);
    record.extend(hash.value().to_le_bytes());
    record.extend_from_slice(bytes);
    record
}

/// The bytes of a tile; `None` where there is another one, or none that is whole.
fn read_tile(path: &Path, key: &TileKey, entry: &Entry) -> Option<Vec<u8>> {
    if !fs::symlink_metadata(path).is_ok_and(|known| known.is_file()) {
        return None;
    }
    // What cannot be read is not there.
    let mut file = File::open(path).ok()?;
    file.seek(SeekFrom::Start(entry.at - RECORD_BYTES)).ok()?;
    let mut found = vec![0; RECORD_BYTES as usize + entry.byte_count as usize];
    file.read_exact(&mut found).ok()?;
    let bytes = found.split_off(RECORD_BYTES as usize);
    let expected = record(key, &bytes, entry.seconds);
    (expected[..RECORD_BYTES as usize] == found[..]).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(column: u32) -> TileKey {
        (7, [3, column, 5])
    }

    fn tiles(folder: &Path, most_bytes: u64) -> Tiles {
        Tiles { most_bytes, ..Tiles::in_folder(folder.join("p.toml.cache"), true) }
    }

    #[test]
    fn tiles_are_there_the_next_time_and_the_oldest_go_first() {
        let folder = tempfile::tempdir().expect("a folder");
        // Each file has room for four tiles of a hundred bytes.
        let most = 2 * (HEAD_BYTES + 4 * (RECORD_BYTES + 100));
        let first = tiles(folder.path(), most);
        for column in 0..6 {
            first.put(key(column), &[column as u8; 100], 1000 + u64::from(column));
        }
        let again = tiles(folder.path(), most);
        assert!(!again.has(&key(0)), "nothing was looked through yet");
        for column in 0..6 {
            let expected = StoredTile { bytes: vec![column as u8; 100], seconds: 1000 + u64::from(column) };
            assert_eq!(again.get(&key(column)), Some(expected), "{column}");
        }
        // The limit holds.
        let total: u64 = fs::read_dir(folder.path().join("p.toml.cache"))
            .expect("a folder")
            .map(|entry| entry.expect("a file").metadata().expect("known").len())
            .sum();
        assert!(total <= most, "{total}");
        assert_eq!(again.get(&(8, [3, 0, 5])), None, "of another map");
        for column in 10..20 {
            again.put(key(column), b"x", 1);
        }
        assert_eq!(again.get(&key(19)).map(|tile| tile.bytes), Some(b"x".to_vec()));
    }

    #[test]
    fn what_is_torn_or_damaged_is_not_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = tiles(folder.path(), 1 << 20);
        (0..3).for_each(|column| first.put(key(column), &[9; 50], 1));
        let path = first.file(0);
        let mut bytes = fs::read(&path).expect("written");
        // A byte of the second tile, and the end of the third.
        bytes[(HEAD_BYTES + 2 * RECORD_BYTES + 50 + 10) as usize] ^= 1;
        bytes.truncate(bytes.len() - 5);
        fs::write(&path, &bytes).expect("written");
        let again = tiles(folder.path(), 1 << 20);
        let found: Vec<bool> = (0..3).map(|column| again.get(&key(column)).is_some()).collect();
        assert_eq!(found, [true, false, false]);
        again.put(key(2), b"new", 2);
        assert_eq!(tiles(folder.path(), 1 << 20).get(&key(2)).map(|tile| tile.bytes), Some(b"new".to_vec()));
        fs::write(&path, b"no tiles at all, but long enough").expect("written");
        assert_eq!(tiles(folder.path(), 1 << 20).get(&key(0)), None);
    }

    #[test]
    fn who_may_not_write_does_not_and_a_removed_folder_stays_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let lies = folder.path().join("p.toml.cache");
        let reads = Tiles::beside(&folder.path().join("p.toml"), false);
        reads.put(key(0), b"x", 1);
        assert!(!lies.exists());
        let writes = tiles(folder.path(), 1 << 20);
        writes.put(key(0), b"x", 1);
        assert!(lies.is_dir());
        let project = folder.path().join("p.toml");
        let cleared = super::super::clear(&project).expect("cleared");
        assert!(cleared.file_count == 1 && cleared.byte_count > 0 && !lies.exists());
        writes.put(key(1), b"y", 1);
        assert!(!lies.exists() && writes.get(&key(0)).is_none());
    }
}
