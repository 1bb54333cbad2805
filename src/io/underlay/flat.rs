//! Pictures without levels of their own (PNG, JPG, WebP), held whole with halves of them, so that small scales are smooth.

use std::path::Path;

use super::cache::Key;
use super::{Block, Level, broken};
use crate::io::picture::{Picture, picture_of};
use crate::io::{read_whole, shown_path};
use crate::text::{Message, system_reason};

/// Most pixels of such a picture: what is larger is made a GeoTIFF.
const MOST_PIXELS: u64 = 100_000_000;
/// Side of a block.
const BLOCK: u32 = 512;

/// A picture and its halves, the whole one first.
pub(super) struct Flat {
    levels: Vec<Picture>,
}

impl Flat {
    pub(super) fn open(path: &Path) -> Result<Self, Message> {
        let bytes = read_whole(path).map_err(|error| {
            let reason = system_reason(&error);
            Message::new("underlay.unread").with("path", shown_path(path)).with_message("reason", &reason)
        })?;
        let mut levels = vec![picture_of(&bytes, MOST_PIXELS).map_err(|error| broken(path, error))?];
        while let Some(last) = levels.last().filter(|last| last.size.iter().all(|side| *side > BLOCK)) {
            let next = half(last);
            levels.push(next);
        }
        Ok(Self { levels })
    }

    /// Nothing.
    pub(super) fn empty() -> Self {
        Self { levels: Vec::new() }
    }

    pub(super) fn levels(&self) -> Vec<Level> {
        self.levels.iter().map(|level| Level { size: level.size, block: [BLOCK; 2] }).collect()
    }

    /// A part of it.
    pub(super) fn block(&self, [level, column, row]: Key) -> Option<Block> {
        let whole = self.levels.get(level as usize)?;
        let from = [column, row].map(|at| at * BLOCK);
        let size = [0, 1].map(|axis| BLOCK.min(whole.size[axis].saturating_sub(from[axis])));
        let width = whole.size[0] as usize;
        let rows = (from[1]..from[1] + size[1]).map(|row| (row as usize * width + from[0] as usize) * 4);
        let rgba = rows.flat_map(|begin| &whole.pixels[begin..begin + size[0] as usize * 4]).copied().collect();
        Some(Block { size, rgba })
    }
}

/// A picture half as wide and high; an odd last row or column is dropped.
pub(super) fn half(of: &Picture) -> Picture {
    let size = of.size.map(|side| (side / 2).max(1));
    let width = of.size[0] as usize;
    let mut pixels = Vec::with_capacity(size[0] as usize * size[1] as usize * 4);
    let last = of.size.map(|side| side as usize - 1);
    for (y, x) in (0..size[1] as usize).flat_map(|y| (0..size[0] as usize).map(move |x| (y, x))) {
        let mut sums = [0u32; 4];
        for (down, right) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let at = ((2 * y + down).min(last[1]) * width + (2 * x + right).min(last[0])) * 4;
            let alpha = u32::from(of.pixels[at + 3]);
            for (sum, value) in sums.iter_mut().zip(&of.pixels[at..at + 3]) {
                *sum += u32::from(*value) * alpha;
            }
            sums[3] += alpha;
        }
        let color = |sum: u32| (sum + sums[3] / 2).checked_div(sums[3]).unwrap_or(0) as u8;
        pixels.extend_from_slice(&[color(sums[0]), color(sums[1]), color(sums[2]), (sums[3] / 4) as u8]);
    }
    Picture { size, pixels }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_have_the_mean_of_what_is_there() {
        let pixels = [[100, 0, 0, 255], [50, 0, 0, 255], [0, 0, 0, 0], [9, 9, 9, 0]].concat();
        let found = half(&Picture { size: [2, 2], pixels });
        assert_eq!(found, Picture { size: [1, 1], pixels: vec![75, 0, 0, 127] });
        let flat = Flat { levels: vec![Picture { size: [513, 1], pixels: vec![7; 513 * 4] }] };
        assert_eq!(flat.block([0, 1, 0]).map(|block| (block.size, block.rgba.len())), Some(([1, 1], 4)));
        assert!(flat.block([1, 0, 0]).is_none());
    }
}
