//! TIFF and BigTIFF: directories, where their squares lie, and levels of one image.
//!
//! Only what is asked for is read: the directories when the file is opened, then square by square. No number of the file is
//! believed: offsets and counts lie in the file, chains end, a square decoded is bounded. What an image is made of (strips
//! of any height, tiles, planes) becomes blocks of a size that can be held: strips are put together where they are low and, as
//! long as they are not packed, taken apart where they are high.

use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::cache::{Cache, Key};
use super::shade::{self, Relief};
use super::{Block, KEPT_BYTES, Level, broken};
use crate::text::Message;

mod chunks;
mod colors;
mod file;

use colors::Samples;
use file::Tiff;

/// Samples that the range of grey values is taken from.
const STRETCH_SAMPLES: usize = 50_000;

/// What a directory says of its image.
#[derive(Clone, Debug, Default)]
pub(super) struct Directory {
    pub(super) size: [u32; 2],
    /// Size of what is packed at once.
    pub(super) chunk: [u32; 2],
    pub(super) is_tiled: bool,
    /// Strips a block has; 0 where blocks are rows of strips that are not packed.
    pub(super) strips: u32,
    /// Size of a block.
    pub(super) block: [u32; 2],
    pub(super) offsets: Vec<u64>,
    pub(super) counts: Vec<u64>,
    pub(super) bits: u16,
    pub(super) bands: u16,
    /// 1 whole, 2 with a sign, 3 floating.
    pub(super) format: u16,
    pub(super) photometric: u16,
    pub(super) compression: u16,
    pub(super) predictor: u16,
    pub(super) is_planar: bool,
    /// What the first sample beyond the colours is: 1 and 2 are opacity.
    pub(super) extra: Option<u16>,
    pub(super) palette: Vec<u16>,
    pub(super) jpeg_tables: Vec<u8>,
    pub(super) fill_order: u16,
    pub(super) no_data: Option<f64>,
    pub(super) is_reduced: bool,
    pub(super) is_mask: bool,
    /// Scale, tie points, matrix, and the keys with their numbers and texts.
    pub(super) pixel_scale: Vec<f64>,
    pub(super) tie_points: Vec<f64>,
    pub(super) matrix: Vec<f64>,
    pub(super) keys: Vec<u16>,
    pub(super) key_numbers: Vec<f64>,
    pub(super) key_texts: String,
}

/// An image with its overviews.
pub(super) struct Image {
    files: Vec<Tiff>,
    /// The image and its overviews, the finest first, each with its file.
    pages: Vec<(usize, Directory)>,
    stretch: OnceLock<[f64; 2]>,
    relief: Option<Relief>,
    samples: Mutex<Cache<Option<Arc<Samples>>>>,
}

impl Image {
    /// The image of a file; overviews in it, and in the file of the same name with `.ovr` behind it.
    pub(super) fn open(path: &Path) -> Result<Self, Message> {
        let (first, directories) = Tiff::open(path)?;
        let is_image = |directory: &&Directory| !directory.is_mask;
        let whole = directories.iter().filter(is_image).find(|directory| !directory.is_reduced);
        let Some(whole) = whole.or_else(|| directories.iter().find(is_image)).cloned() else {
            return Err(broken(path, "no image"));
        };
        let mut files = vec![first];
        let mut pages: Vec<(usize, Directory)> = directories.into_iter().map(|directory| (0, directory)).collect();
        let mut beside = path.as_os_str().to_owned();
        beside.push(".ovr");
        if Path::new(&beside).is_file() {
            // Overviews that cannot be read only make it slower.
            if let Ok((file, found)) = Tiff::open(Path::new(&beside)) {
                files.push(file);
                pages.extend(found.into_iter().map(|directory| (1, directory)));
            }
        }
        pages.retain(|(file, page)| {
            let smaller = page.size[0] < whole.size[0] && page.size[1] <= whole.size[1];
            smaller && (page.is_reduced || *file > 0) && !page.is_mask && page.is_like(&whole)
        });
        pages.sort_by_key(|(_, page)| std::cmp::Reverse(page.size[0]));
        pages.insert(0, (0, whole));
        let samples = Mutex::new(Cache::new(KEPT_BYTES / 2));
        Ok(Self { files, pages, stretch: OnceLock::new(), relief: None, samples })
    }

    /// What the directory of the image says.
    pub(super) fn directory(&self) -> &Directory {
        &self.pages[0].1
    }

    /// Its levels, the finest first.
    pub(super) fn levels(&self) -> Vec<Level> {
        self.pages.iter().map(|(_, page)| Level { size: page.size, block: page.block }).collect()
    }

    /// Whether its one band holds heights rather than greys: floating numbers, or whole ones with a sign.
    pub(super) fn is_elevation(&self) -> bool {
        let page = self.directory();
        page.bands == 1 && page.photometric < 2 && (page.format == 3 || (page.format == 2 && page.bits > 8))
    }

    /// Has it drawn as a relief.
    pub(super) fn set_relief(&mut self, relief: Option<Relief>) {
        self.relief = relief;
    }

    /// The colours of a block; `None` where the file has nothing there.
    pub(super) fn block(&self, key: Key) -> Result<Option<Block>, Message> {
        let Some(samples) = self.samples(key)? else { return Ok(None) };
        let page = &self.pages[key[0] as usize].1;
        let rgba = match &self.relief {
            Some(relief) => self.shaded(key, &samples, relief)?,
            None => colors::rgba(&samples, page, self.stretch(page)),
        };
        Ok(Some(Block { size: samples.size, rgba }))
    }

    /// A block as a relief: slopes at its sides are those of the whole image.
    fn shaded(&self, key: Key, samples: &Samples, relief: &Relief) -> Result<Vec<u8>, Message> {
        let page = &self.pages[key[0] as usize].1;
        let mut around: Vec<Option<Arc<Samples>>> = Vec::with_capacity(9);
        for (down, right) in (0..9i64).map(|at| (at / 3 - 1, at % 3 - 1)) {
            let [column, row] = [i64::from(key[1]) + right, i64::from(key[2]) + down].map(|v| u32::try_from(v).ok());
            let beside = column.zip(row).filter(|(column, row)| page.has_block([*column, *row]));
            around.push(match beside {
                Some((column, row)) if (down, right) != (0, 0) => self.samples([key[0], column, row])?,
                _ => None,
            });
        }
        let [width, height] = samples.size.map(i64::from);
        let block = page.block.map(i64::from);
        let value = |samples: &Samples, x: i64, y: i64| {
            let value = samples.get(x as usize, y as usize, 0);
            (value.is_finite() && page.no_data != Some(value)).then_some(value)
        };
        let height_at = |x: i64, y: i64| -> Option<f64> {
            if (0..width).contains(&x) && (0..height).contains(&y) {
                return value(samples, x, y);
            }
            let right = if x < 0 { -1 } else { i64::from(x >= width) };
            let down = if y < 0 { -1 } else { i64::from(y >= height) };
            let beside = around[((down + 1) * 3 + right + 1) as usize].as_deref()?;
            let x = if right < 0 { block[0] + x } else { x - right * width };
            let y = if down < 0 { block[1] + y } else { y - down * height };
            let [across, deep] = beside.size.map(i64::from);
            ((0..across).contains(&x) && (0..deep).contains(&y)).then(|| value(beside, x, y)).flatten()
        };
        let whole = self.pages[0].1.size;
        let cell = [0, 1].map(|axis| relief.cell_m[axis] * f64::from(whole[axis]) / f64::from(page.size[axis]));
        Ok(shade::shaded(samples.size, cell, height_at))
    }

    /// The samples of a block.
    fn samples(&self, key: Key) -> Result<Option<Arc<Samples>>, Message> {
        if let Some(known) = self.samples.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(known);
        }
        let (file, page) = &self.pages[key[0] as usize];
        let file = &self.files[*file];
        let samples = page.samples(file, [key[1], key[2]])?.map(Arc::new);
        // Colours are kept by whoever asks; of heights, the neighbours want the numbers.
        if self.relief.is_some() {
            let byte_count = samples.as_ref().map_or(64, |samples| samples.byte_count());
            self.samples.lock().unwrap_or_else(PoisonError::into_inner).put(key, samples.clone(), byte_count);
        }
        Ok(samples)
    }

    /// The range of values that is shown from black to white: most of those of the coarsest level.
    fn stretch(&self, page: &Directory) -> [f64; 2] {
        if page.bits <= 8 || page.photometric == 3 {
            return [0.0, f64::from((1u32 << page.bits.min(8)) - 1)];
        }
        *self.stretch.get_or_init(|| {
            let last = self.pages.len() - 1;
            let (file, page) = &self.pages[last];
            let [across, down] = page.block_count();
            let middle = [across / 2, down / 2];
            let mut values = Vec::new();
            for at in [middle, [0, 0], [across - 1, down - 1]] {
                // A damaged square is told of when it is drawn.
                if let Ok(Some(samples)) = page.samples(&self.files[*file], at) {
                    samples.collect(page, STRETCH_SAMPLES, &mut values);
                }
            }
            values.sort_by(f64::total_cmp);
            let at = |share: f64| values.get((share * values.len() as f64) as usize).copied();
            match (at(0.02), at(0.98)) {
                (Some(low), Some(high)) if high > low => [low, high],
                (Some(low), _) => [low - 1.0, low + 1.0],
                _ => [0.0, 1.0],
            }
        })
    }
}

impl Directory {
    /// How many blocks it has across and down.
    fn block_count(&self) -> [u32; 2] {
        [0, 1].map(|axis| self.size[axis].div_ceil(self.block[axis]))
    }

    fn has_block(&self, at: [u32; 2]) -> bool {
        let count = self.block_count();
        at[0] < count[0] && at[1] < count[1]
    }

    /// Whether another image of the file shows the same in other pixels.
    fn is_like(&self, other: &Self) -> bool {
        let share = |of: &Self| f64::from(of.size[0]) / f64::from(of.size[1]);
        let same_shape = (share(self) / share(other) - 1.0).abs() < 0.1;
        same_shape && (self.bands, self.bits, self.format) == (other.bands, other.bits, other.format)
    }

    /// Samples of a pixel that lie together.
    fn bands_together(&self) -> usize {
        if self.is_planar { 1 } else { usize::from(self.bands) }
    }

    /// Bytes of a row of `width` pixels.
    fn row_bytes(&self, width: u32) -> usize {
        (width as usize * self.bands_together() * usize::from(self.bits)).div_ceil(8)
    }

    /// The samples of a block; `None` where the file has nothing there.
    fn samples(&self, file: &Tiff, at: [u32; 2]) -> Result<Option<Samples>, Message> {
        let size = [0, 1].map(|axis| self.block[axis].min(self.size[axis] - at[axis] * self.block[axis]));
        let width = if self.is_tiled { self.chunk[0] } else { self.size[0] };
        let row_bytes = self.row_bytes(width);
        let mut planes = Vec::new();
        let plane_count = if self.is_planar { u32::from(self.bands) } else { 1 };
        let chunks = [0, 1].map(|axis| self.size[axis].div_ceil(self.chunk[axis]));
        let a_plane = chunks[0] * chunks[1];
        let mut is_there = false;
        for plane in 0..plane_count {
            let mut bytes = Vec::new();
            if self.strips == 0 {
                bytes = self.rows(file, plane * a_plane, at[1] * self.block[1], size[1], row_bytes)?;
                is_there = true;
            } else {
                let first = if self.is_tiled { at[1] * chunks[0] + at[0] } else { at[1] * self.strips };
                let last = if self.is_tiled { first + 1 } else { (first + self.strips).min(chunks[1]) };
                for chunk in first..last {
                    let rows = if self.is_tiled {
                        self.chunk[1]
                    } else {
                        self.chunk[1].min(self.size[1] - chunk * self.chunk[1])
                    };
                    let index = (plane * a_plane + chunk) as usize;
                    match chunks::unpacked(self, file, index, [width, rows])? {
                        Some(unpacked) => {
                            is_there = true;
                            bytes.extend_from_slice(&unpacked);
                        }
                        None => bytes.resize(bytes.len() + row_bytes * rows as usize, 0),
                    }
                }
            }
            let height = if self.is_tiled { self.chunk[1] } else { size[1] };
            bytes.resize(row_bytes * height as usize, 0);
            planes.push(bytes);
        }
        Ok(is_there.then(|| Samples::new(self, size, row_bytes, planes)))
    }

    /// Rows that are not packed, of however high strips.
    fn rows(&self, file: &Tiff, plane: u32, from: u32, count: u32, row_bytes: usize) -> Result<Vec<u8>, Message> {
        let mut bytes = Vec::with_capacity(row_bytes * count as usize);
        let mut row = from;
        while row < from + count {
            let (strip, within) = (row / self.chunk[1], row % self.chunk[1]);
            let here = (self.chunk[1] - within).min(from + count - row);
            let offset = self.offsets.get((plane + strip) as usize).copied().unwrap_or(0);
            let begin = offset.saturating_add(u64::from(within) * row_bytes as u64);
            bytes.extend(file.bytes(begin, u64::from(here) * row_bytes as u64)?);
            row += here;
        }
        chunks::to_native(self, file.big_endian, &mut bytes, self.size[0]);
        Ok(bytes)
    }
}
