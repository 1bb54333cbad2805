//! PMTiles, version 3: tiles in one file with directories of where they lie.
//!
//! Tiles are numbered along Hilbert curves, level by level. A directory lists numbers, lengths and offsets as differences;
//! an entry of length but no run leads to a further directory. Directories are small and bounded, whatever the file says.

use std::io::Read;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::cache::{Cache, Key};
use super::span::Spans;
use super::tile::{self, Pyramid, Scheme};
use super::{Block, broken};
use crate::io::shown_path;
use crate::text::Message;

const HEAD_BYTES: usize = 127;
/// Bytes of a directory as it is stored and unpacked, and of a tile.
const MOST_PACKED_BYTES: u64 = 16 << 20;
const MOST_DIRECTORY_BYTES: u64 = 64 << 20;
/// Directories that lead to each other.
const MOST_STEPS: usize = 4;
/// Bytes of directories that are kept.
const KEPT_DIRECTORY_BYTES: usize = 8 << 20;

/// An entry of a directory.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Entry {
    tile: u64,
    offset: u64,
    length: u64,
    /// How many tiles are the same; 0 where it leads to a directory.
    run: u64,
}

/// A file of tiles.
pub(super) struct PmTiles {
    spans: Spans,
    is_packed: bool,
    root: Vec<Entry>,
    leaves_offset: u64,
    tiles_offset: u64,
    kept: Mutex<Cache<Arc<Vec<Entry>>>>,
    pub(super) pyramid: Pyramid,
    pub(super) bounds: Option<[f64; 4]>,
}

impl PmTiles {
    pub(super) fn open(path: &Path) -> Result<Self, Message> {
        let spans = Spans::open(path, MOST_PACKED_BYTES)?;
        let head = spans.read(0, HEAD_BYTES as u64).map_err(|_| broken(path, "no header"))?;
        let long = |at: usize| u64::from_le_bytes(std::array::from_fn(|byte| head[at + byte]));
        let degrees = |at: usize| f64::from(i32::from_le_bytes(std::array::from_fn(|byte| head[at + byte]))) / 1e7;
        if !head.starts_with(b"PMTiles\x03") {
            return Err(broken(path, "PMTiles 3 expected"));
        }
        match head[99] {
            1 => return Err(Message::new("underlay.vector-tiles").with("path", shown_path(path))),
            2..=4 => {}
            other => return Err(broken(path, format!("tiles of kind {other}"))),
        }
        if !matches!((head[97], head[98]), (1 | 2, 0 | 1)) {
            return Err(broken(path, format!("compression {} {}", head[97], head[98])));
        }
        let bounds = [102, 106, 110, 114].map(degrees);
        let mut tiles = Self {
            spans,
            is_packed: head[97] == 2,
            root: Vec::new(),
            leaves_offset: long(40),
            tiles_offset: long(56),
            kept: Mutex::new(Cache::new(KEPT_DIRECTORY_BYTES)),
            pyramid: Pyramid::new(Scheme::Mercator, [head[100], head[101]]),
            bounds: (bounds[0] < bounds[2] && bounds[1] < bounds[3]).then_some(bounds),
        };
        tiles.root = tiles.directory(long(8), long(16))?;
        Ok(tiles)
    }

    /// A tile; `None` where there is none.
    pub(super) fn block(&self, [level, column, row]: Key) -> Result<Option<Block>, Message> {
        let zoom = self.pyramid.zoom(level);
        let Some(bytes) = self.bytes_of(number(zoom, column, row))? else { return Ok(None) };
        let at = |error: String| self.spans.broken(format!("{zoom}/{column}/{row}: {error}"));
        tile::block_of(&bytes).map(Some).map_err(at)
    }

    fn bytes_of(&self, tile: u64) -> Result<Option<Vec<u8>>, Message> {
        let mut found = lookup(&self.root, tile);
        for _ in 0..MOST_STEPS {
            let Some(entry) = found else { return Ok(None) };
            if entry.run > 0 {
                return self.spans.read(self.tiles_offset.saturating_add(entry.offset), entry.length).map(Some);
            }
            let leaf = self.leaf(&entry)?;
            found = lookup(&leaf, tile);
        }
        Err(self.spans.broken("directories that lead to each other"))
    }

    fn leaf(&self, entry: &Entry) -> Result<Arc<Vec<Entry>>, Message> {
        let key = [(entry.offset >> 32) as u32, entry.offset as u32, 0];
        if let Some(known) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(known);
        }
        let leaf = Arc::new(self.directory(self.leaves_offset.saturating_add(entry.offset), entry.length)?);
        let byte_count = leaf.len() * size_of::<Entry>();
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).put(key, leaf.clone(), byte_count);
        Ok(leaf)
    }

    fn directory(&self, offset: u64, count: u64) -> Result<Vec<Entry>, Message> {
        let packed = self.spans.read(offset, count)?;
        let bytes = if self.is_packed {
            let mut bytes = Vec::new();
            let read = flate2::read::GzDecoder::new(&packed[..]).take(MOST_DIRECTORY_BYTES).read_to_end(&mut bytes);
            read.map_err(|error| self.spans.broken(error))?;
            bytes
        } else {
            packed
        };
        entries(&bytes).ok_or_else(|| self.spans.broken("directory"))
    }
}

/// The entries of a directory.
fn entries(bytes: &[u8]) -> Option<Vec<Entry>> {
    let mut rest = bytes;
    let count = usize::try_from(varint(&mut rest)?).ok()?; // none holds as many
    // Each takes four bytes at least.
    if count > bytes.len() / 4 + 1 {
        return None;
    }
    let mut entries = vec![Entry { tile: 0, offset: 0, length: 0, run: 0 }; count];
    let mut last = 0u64;
    for entry in &mut entries {
        last = last.checked_add(varint(&mut rest)?)?;
        entry.tile = last;
    }
    for entry in &mut entries {
        entry.run = varint(&mut rest)?;
    }
    for entry in &mut entries {
        entry.length = varint(&mut rest)?;
    }
    let mut end = None;
    for entry in &mut entries {
        entry.offset = match varint(&mut rest)? {
            0 => end?,
            offset => offset - 1,
        };
        end = Some(entry.offset.checked_add(entry.length)?);
    }
    Some(entries)
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        value |= u64::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// The entry that has a tile, or leads to it.
fn lookup(entries: &[Entry], tile: u64) -> Option<Entry> {
    let at = entries.partition_point(|entry| entry.tile <= tile).checked_sub(1)?;
    let entry = entries[at];
    (entry.run == 0 || tile - entry.tile < entry.run).then_some(entry)
}

/// The number of a tile: all of the levels above, then its place on the Hilbert curve of its own.
fn number(zoom: u8, column: u32, row: u32) -> u64 {
    let above = ((1u64 << (2 * zoom)) - 1) / 3;
    let (mut x, mut y) = (u64::from(column), u64::from(row));
    let mut along = 0;
    let mut side = (1u64 << zoom) / 2;
    while side > 0 {
        let (right, down) = (u64::from(x & side > 0), u64::from(y & side > 0));
        along += side * side * ((3 * right) ^ down);
        // The curve is turned in the lower quarters of each square.
        if down == 0 {
            if right == 1 {
                x = (side.wrapping_sub(1)).wrapping_sub(x);
                y = (side.wrapping_sub(1)).wrapping_sub(y);
            }
            std::mem::swap(&mut x, &mut y);
        }
        side /= 2;
    }
    above + along
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::underlay::tests::png_of;

    #[test]
    fn tiles_are_numbered_as_the_format_says() {
        // The examples of the format: 0/0/0, the four of level 1, the first of level 2.
        let cases = [((0, 0, 0), 0), ((1, 0, 0), 1), ((1, 0, 1), 2), ((1, 1, 1), 3), ((1, 1, 0), 4), ((2, 0, 0), 5)];
        for ((zoom, column, row), expected) in cases {
            assert_eq!(number(zoom, column, row), expected, "{zoom}/{column}/{row}");
        }
        // Each number of a level belongs to one tile, and neighbours along the curve are neighbours.
        let mut places: Vec<(u64, [i64; 2])> =
            (0..16).flat_map(|x| (0..16).map(move |y| (number(4, x, y), [i64::from(x), i64::from(y)]))).collect();
        places.sort_unstable();
        let first = (256 - 1) / 3;
        for (nth, pair) in places.windows(2).enumerate() {
            assert_eq!(pair[0].0, first + nth as u64);
            let steps = (pair[0].1[0] - pair[1].1[0]).abs() + (pair[0].1[1] - pair[1].1[1]).abs();
            assert_eq!(steps, 1, "{pair:?}");
        }
    }

    /// A file with one tile, at 1/1/1, its directory as given.
    fn file(directory: &[u8], tile: &[u8]) -> Vec<u8> {
        let mut head = vec![0; HEAD_BYTES];
        head[..8].copy_from_slice(b"PMTiles\x03");
        let put = |head: &mut Vec<u8>, at: usize, value: u64| head[at..at + 8].copy_from_slice(&value.to_le_bytes());
        put(&mut head, 8, HEAD_BYTES as u64);
        put(&mut head, 16, directory.len() as u64);
        put(&mut head, 56, (HEAD_BYTES + directory.len()) as u64);
        head[97..102].copy_from_slice(&[1, 1, 2, 1, 1]);
        [&head, directory, tile].concat()
    }

    #[test]
    fn a_tile_is_found_and_directories_of_strangers_are_not_believed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.pmtiles");
        let tile = png_of([256, 256], [9, 8, 7, 255]);
        let length =
            [(tile.len() & 0x7F | 0x80) as u8, (tile.len() >> 7 & 0x7F | 0x80) as u8, (tile.len() >> 14) as u8];
        let directory = [&[1u8, 3, 1][..], &length, &[1]].concat();
        std::fs::write(&path, file(&directory, &tile)).expect("written");
        let tiles = PmTiles::open(&path).expect("opens");
        assert_eq!(tiles.block([0, 1, 1]).expect("read").expect("there").rgba[..4], [9, 8, 7, 255]);
        assert!(tiles.block([0, 0, 0]).expect("read").is_none());
        for bad in [&[0xFF; 10][..], &[200, 1], &[1, 3, 1, 5, 0], &[]] {
            std::fs::write(&path, file(bad, &tile)).expect("written");
            assert!(PmTiles::open(&path).is_err(), "{bad:?}");
        }
        // A directory that leads to itself.
        std::fs::write(&path, file(&[1, 0, 0, 5, 1], &tile)).expect("written");
        let mut bytes = std::fs::read(&path).expect("read");
        bytes[40..48].copy_from_slice(&(HEAD_BYTES as u64).to_le_bytes());
        std::fs::write(&path, bytes).expect("written");
        assert!(PmTiles::open(&path).expect("opens").block([0, 1, 1]).is_err());
    }
}
