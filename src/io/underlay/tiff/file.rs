//! A TIFF as a file: its header, the chain of its directories, and what each says, checked.

use std::path::Path;

use super::Directory;
use crate::io::underlay::broken;
use crate::io::underlay::span::Spans;
use crate::text::Message;

/// Directories that are looked at, of images, overviews and masks.
const MOST_DIRECTORIES: usize = 64;
/// Entries of a directory.
const MOST_ENTRIES: u64 = 4096;
/// Bytes of one value of a directory: offsets of 4 million squares.
const MOST_VALUE_BYTES: u64 = 32 << 20;
/// Bytes of a block as it is put together, and the most that one square has unpacked.
const BLOCK_BYTES: u64 = 1 << 20;
const MOST_BLOCK_BYTES: u64 = 256 << 20;

/// A file, read at any place by any thread.
pub(super) struct Tiff {
    spans: Spans,
    pub(super) big_endian: bool,
}

impl Tiff {
    /// Opens a file, and reads its directories.
    pub(super) fn open(path: &Path) -> Result<(Self, Vec<Directory>), Message> {
        let spans = Spans::open(path, MOST_BLOCK_BYTES)?;
        let head = spans.read(0, 8).map_err(|_| broken(path, "no header"))?;
        let big_endian = match &head[..2] {
            b"II" => false,
            b"MM" => true,
            _ => return Err(broken(path, "no TIFF")),
        };
        let whole = |bytes: &[u8]| whole(bytes, big_endian);
        let (is_big, first) = match whole(&head[2..4]) {
            42 => (false, whole(&head[4..8])),
            43 => (true, whole(&spans.read(8, 8).map_err(|_| broken(path, "no header"))?)),
            _ => return Err(broken(path, "no TIFF")),
        };
        let tiff = Self { spans, big_endian };
        let mut directories = Vec::new();
        let mut seen = Vec::new();
        let mut next = first;
        while next != 0 && !seen.contains(&next) && seen.len() < MOST_DIRECTORIES {
            seen.push(next);
            let (directory, after) = match tiff.directory(next, is_big) {
                Ok(read) => read,
                // The image itself must be readable; what follows it may be cut off.
                Err(error) if directories.is_empty() => return Err(error),
                Err(_) => break,
            };
            directories.push(directory);
            next = after;
        }
        Ok((tiff, directories))
    }

    pub(super) fn broken(&self, what: impl std::fmt::Display) -> Message {
        self.spans.broken(what)
    }

    /// Bytes of the file.
    pub(super) fn bytes(&self, offset: u64, count: u64) -> Result<Vec<u8>, Message> {
        self.spans.read(offset, count)
    }

    /// A directory, and where the next one lies.
    fn directory(&self, offset: u64, is_big: bool) -> Result<(Directory, u64), Message> {
        let (count_bytes, entry_bytes, place_bytes) = if is_big { (8, 20, 8) } else { (2, 12, 4) };
        let count = whole(&self.bytes(offset, count_bytes)?, self.big_endian);
        if count > MOST_ENTRIES {
            return Err(self.broken(format!("{count} entries")));
        }
        let entries = self.bytes(offset + count_bytes, count * entry_bytes)?;
        // The last directory of a file that was cut off may lack its end.
        let next = self.bytes(offset + count_bytes + count * entry_bytes, place_bytes);
        let next = next.map_or(0, |bytes| whole(&bytes, self.big_endian));
        let mut directory = Directory {
            bits: 1,
            bands: 1,
            format: 1,
            compression: 1,
            predictor: 1,
            fill_order: 1,
            ..Directory::default()
        };
        let mut rows_per_strip = u32::MAX;
        let mut tile = [0, 0];
        for entry in entries.chunks_exact(entry_bytes as usize) {
            let [tag, kind] = [0, 2].map(|at| whole(&entry[at..at + 2], self.big_endian) as u16);
            let (count, place) = entry[4..].split_at(entry_bytes as usize - 4 - place_bytes as usize);
            if !is_wanted(tag) {
                continue;
            }
            let value = self.value(kind, whole(count, self.big_endian), place)?;
            let number = || value.whole().first().copied().unwrap_or(0);
            let small = || u16::try_from(number()).unwrap_or(u16::MAX);
            let side = || u32::try_from(number()).unwrap_or(u32::MAX);
            match tag {
                254 => (directory.is_reduced, directory.is_mask) = (number() & 1 != 0, number() & 4 != 0),
                255 => directory.is_reduced = number() == 2,
                256 => directory.size[0] = side(),
                257 => directory.size[1] = side(),
                258 => {
                    directory.bits = small();
                    if value.whole().iter().any(|bits| *bits != number()) {
                        return Err(self.unknown("bits"));
                    }
                }
                259 => directory.compression = small(),
                262 => directory.photometric = small(),
                266 => directory.fill_order = small(),
                273 | 324 => directory.offsets = value.whole(),
                277 => directory.bands = small(),
                278 => rows_per_strip = side(),
                279 | 325 => directory.counts = value.whole(),
                284 => directory.is_planar = number() == 2,
                317 => directory.predictor = small(),
                320 => directory.palette = value.whole().iter().map(|v| *v as u16).collect(),
                322 => tile[0] = side(),
                323 => tile[1] = side(),
                338 => directory.extra = Some(small()),
                339 => directory.format = small(),
                347 => directory.jpeg_tables.clone_from(&value.bytes),
                33_550 => directory.pixel_scale = value.real(),
                33_922 => directory.tie_points = value.real(),
                34_264 => directory.matrix = value.real(),
                34_735 => directory.keys = value.whole().iter().map(|v| *v as u16).collect(),
                34_736 => directory.key_numbers = value.real(),
                34_737 => directory.key_texts = value.text(),
                42_113 => directory.no_data = value.text().trim().parse().ok(), // no number: no such value
                _ => {}
            }
        }
        directory.is_tiled = tile != [0, 0];
        let most_rows = directory.size[1].max(1);
        directory.chunk =
            if directory.is_tiled { tile } else { [directory.size[0], rows_per_strip.clamp(1, most_rows)] };
        self.finish(&mut directory)?;
        Ok((directory, next))
    }

    pub(super) fn unknown(&self, what: impl std::fmt::Display) -> Message {
        Message::new("underlay.tiff-kind").with("path", self.spans.name()).with("what", what)
    }

    /// Checks what belongs together, and decides what a block is.
    fn finish(&self, page: &mut Directory) -> Result<(), Message> {
        let mut sides = page.size.iter().chain(&page.chunk);
        if sides.any(|side| *side == 0 || *side > 1 << 30) || page.bands == 0 || page.bands > 64 {
            return Err(self.broken(format!("{} × {} × {}", page.size[0], page.size[1], page.bands)));
        }
        if !matches!(page.bits, 1 | 2 | 4 | 8 | 16 | 32 | 64) || !matches!(page.format, 1..=4) {
            return Err(self.unknown(format!("{} bits", page.bits)));
        }
        page.format = if page.format == 4 { 1 } else { page.format };
        let planes = if page.is_planar { usize::from(page.bands) } else { 1 };
        let chunks = [0, 1].map(|axis| page.size[axis].div_ceil(page.chunk[axis]) as usize);
        let wanted = chunks[0].checked_mul(chunks[1]).and_then(|a_plane| a_plane.checked_mul(planes));
        if wanted.is_none_or(|wanted| page.offsets.len() < wanted || u32::try_from(wanted).is_err()) {
            return Err(self.broken(format!("{} offsets", page.offsets.len())));
        }
        if page.counts.len() < page.offsets.len() {
            // Old programs leave the counts out where nothing is packed.
            if page.compression != 1 {
                return Err(self.broken(format!("{} counts", page.counts.len())));
            }
            page.counts = vec![u64::MAX; page.offsets.len()];
        }
        let pixel_bits = u64::from(page.bits) * page.bands_together() as u64;
        let row = (u64::from(page.chunk[0]) * pixel_bits).div_ceil(8);
        let chunk_bytes = row.saturating_mul(u64::from(page.chunk[1]));
        if !page.is_tiled && page.compression == 1 {
            (page.strips, page.block) =
                (0, [page.size[0], (BLOCK_BYTES / row.max(1)).clamp(1, page.size[1].into()) as u32]);
        } else if page.is_tiled {
            (page.strips, page.block) = (1, page.chunk);
        } else {
            page.strips = (BLOCK_BYTES / chunk_bytes.max(1)).clamp(1, chunks[1] as u64) as u32;
            page.block = [page.size[0], (page.chunk[1].saturating_mul(page.strips)).min(page.size[1])];
        }
        let pixels = u64::from(page.block[0]).saturating_mul(page.block[1].into());
        let held =
            pixels.saturating_mul(4).max((pixels.saturating_mul(u64::from(page.bits) * u64::from(page.bands))) / 8);
        if held > MOST_BLOCK_BYTES || (page.strips > 0 && chunk_bytes > MOST_BLOCK_BYTES) {
            return Err(Message::new("underlay.tiff-whole").with("path", self.spans.name()));
        }
        Ok(())
    }

    /// The value of an entry, from its place or from where that leads.
    fn value(&self, kind: u16, count: u64, place: &[u8]) -> Result<Value, Message> {
        let width = match kind {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 | 16..=18 => 8,
            _ => return Ok(Value { kind: 7, bytes: Vec::new(), big_endian: self.big_endian }),
        };
        let byte_count = count.checked_mul(width).filter(|bytes| *bytes <= MOST_VALUE_BYTES);
        let byte_count = byte_count.ok_or_else(|| self.broken(format!("{count} values")))?;
        let bytes = if byte_count <= place.len() as u64 {
            place[..byte_count as usize].to_vec()
        } else {
            self.bytes(whole(place, self.big_endian), byte_count)?
        };
        Ok(Value { kind, bytes, big_endian: self.big_endian })
    }
}

/// Whether a tag says something that is used.
fn is_wanted(tag: u16) -> bool {
    matches!(
        tag,
        254..=259
            | 262
            | 266
            | 273
            | 277..=279
            | 284
            | 317
            | 320
            | 322..=325
            | 338
            | 339
            | 347
            | 33_550
            | 33_922
            | 34_264
            | 34_735..=34_737
            | 42_113
    )
}

/// A value of a directory.
struct Value {
    kind: u16,
    bytes: Vec<u8>,
    big_endian: bool,
}

impl Value {
    /// Whole numbers; negative ones are none.
    fn whole(&self) -> Vec<u64> {
        let width = match self.kind {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 13 => 4,
            16..=18 => 8,
            _ => return self.real().into_iter().map(|v| v as u64).collect(),
        };
        self.bytes.chunks_exact(width).map(|bytes| whole(bytes, self.big_endian)).collect()
    }

    fn real(&self) -> Vec<f64> {
        let bits = |bytes: &[u8]| whole(bytes, self.big_endian);
        match self.kind {
            11 => self.bytes.chunks_exact(4).map(|b| f64::from(f32::from_bits(bits(b) as u32))).collect(),
            12 => self.bytes.chunks_exact(8).map(|b| f64::from_bits(bits(b))).collect(),
            5 | 10 => self.bytes.chunks_exact(8).map(|b| bits(&b[..4]) as f64 / bits(&b[4..]) as f64).collect(),
            _ => self.whole().into_iter().map(|v| v as f64).collect(),
        }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).trim_end_matches('\0').to_owned()
    }
}

/// A whole number of at most eight bytes.
fn whole(bytes: &[u8], big_endian: bool) -> u64 {
    let add = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
    if big_endian { bytes.iter().fold(0, add) } else { bytes.iter().rev().fold(0, add) }
}
