//! Pyramids of square tiles: Web Mercator, and the degrees of CGCS2000 that 天地图 has as its `c` set.

use super::affine::Affine;
use super::flat::half;
use super::{Block, Level};
use crate::crs::Crs;
use crate::io::picture::{Picture, picture_of};

/// Side of a tile in pixels.
pub(super) const SIDE: u32 = 256;
/// The deepest level that is asked for: a pixel of half an inch.
pub(super) const DEEPEST: u8 = 22;
/// Most pixels of one tile as it is stored.
const MOST_TILE_PIXELS: u64 = 2048 * 2048;

/// How the world is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    /// The square of Web Mercator, one tile at level 0.
    Mercator,
    /// Degrees, two tiles beside each other at level 1.
    Degrees,
}

/// Levels of tiles, the deepest first.
#[derive(Clone, Debug)]
pub(super) struct Pyramid {
    pub(super) scheme: Scheme,
    /// The coarsest and the deepest level that there is.
    pub(super) zooms: [u8; 2],
}

impl Pyramid {
    /// Levels from the first to the second, as far as there are any.
    pub(super) fn new(scheme: Scheme, [from, to]: [u8; 2]) -> Self {
        let least = if scheme == Scheme::Degrees { 1 } else { 0 };
        let to = to.clamp(least, DEEPEST);
        Self { scheme, zooms: [from.clamp(least, to), to] }
    }

    pub(super) fn levels(&self) -> Vec<Level> {
        let level = |zoom: u8| {
            let across = SIDE << zoom;
            let down = if self.scheme == Scheme::Degrees { across / 2 } else { across };
            Level { size: [across, down], block: [SIDE; 2] }
        };
        (self.zooms[0]..=self.zooms[1]).rev().map(level).collect()
    }

    /// The zoom of the n-th level.
    pub(super) fn zoom(&self, level: u32) -> u8 {
        self.zooms[1].saturating_sub(u8::try_from(level).unwrap_or(u8::MAX))
    }

    pub(super) fn crs(&self) -> Crs {
        match self.scheme {
            Scheme::Mercator => Crs::web_mercator(),
            Scheme::Degrees => Crs::cgcs2000(),
        }
    }

    /// From pixels of the deepest level to the world.
    pub(super) fn affine(&self) -> Affine {
        let (half, corner) = match self.scheme {
            Scheme::Mercator => (20_037_508.342_789_244, [-20_037_508.342_789_244, 20_037_508.342_789_244]),
            Scheme::Degrees => (180.0, [-180.0, 90.0]),
        };
        let pixel = 2.0 * half / f64::from(SIDE << self.zooms[1]);
        Affine::north_up(corner, [pixel, pixel])
    }
}

/// The pixels of a tile.
///
/// # Errors
/// What is wrong with it.
pub(super) fn block_of(bytes: &[u8]) -> Result<Block, String> {
    let mut picture = picture_of(bytes, MOST_TILE_PIXELS)?;
    while picture.size.iter().all(|side| *side >= 2 * SIDE) {
        picture = half(&picture);
    }
    let Picture { size, pixels } = picture;
    if size == [SIDE; 2] {
        return Ok(Block { size, rgba: pixels });
    }
    // Of another size: each pixel takes the one that lies there.
    let at = |at: u32, side: u32| (u64::from(at) * u64::from(side) / u64::from(SIDE)) as usize;
    let mut rgba = Vec::with_capacity((SIDE * SIDE * 4) as usize);
    for (y, x) in (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| (y, x))) {
        let begin = (at(y, size[1]) * size[0] as usize + at(x, size[0])) * 4;
        rgba.extend_from_slice(&pixels[begin..begin + 4]);
    }
    Ok(Block { size: [SIDE; 2], rgba })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_halve_and_the_corner_is_that_of_the_world() {
        let pyramid = Pyramid::new(Scheme::Mercator, [0, 2]);
        let sizes: Vec<[u32; 2]> = pyramid.levels().iter().map(|level| level.size).collect();
        assert_eq!(sizes, [[1024; 2], [512; 2], [256; 2]]);
        assert_eq!([0, 1, 2].map(|level| pyramid.zoom(level)), [2, 1, 0]);
        assert_eq!(pyramid.affine().apply([512.0, 512.0]), [0.0, 0.0]);
        let degrees = Pyramid::new(Scheme::Degrees, [0, 99]);
        assert_eq!(degrees.zooms, [1, DEEPEST]);
        let size = degrees.levels()[0].size.map(f64::from);
        assert_eq!(degrees.affine().apply(size), [180.0, -90.0]);
    }
}
