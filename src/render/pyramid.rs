//! Which feature covers each pixel, at every scale where features are about as small as pixels.
//!
//! A layer of a million parcels on a screen of a million pixels: triangles and outlines would be drawn for nothing, and
//! simplified polygons would eat small parcels or open gaps. A level holds for each of its pixels the feature that
//! covers the pixel's centre. Neighbours share their edges, so every covered centre belongs to one of them and no ground
//! shows between; centres on a regular grid count classes true to their area, however small the parcels. A coarser
//! level keeps one of four samples, never a mean: numbers of features have none, and the sample stays where it was.
//!
//! Recolouring, hiding a class, fading and selecting change what the numbers mean, not the numbers. Where features of a
//! layer overlap, the later one lies on top, even while it is hidden.

use std::sync::Arc;

use rayon::prelude::*;

use super::projected::feature_size;
use super::raster::fill::Crossings;
use super::raster::pixels::ToPixels;
use crate::model::index::SpatialIndex;
use crate::model::{Coord, Extent, GeometryBlock, GeometryKind};
use crate::task::{Cancelled, Progress};

/// Layers with fewer coordinates are drawn from their geometry at every scale: that is quick, and smoother.
const LEAST_COORDS: usize = 300_000;

/// Most pixels of the finest level: 64 MB, a third more with all coarser ones.
const MOST_PIXELS: f64 = (1 << 24) as f64;

/// Pixels along the side of a typical feature in the finest level; nearer, outlines can be seen and geometry is drawn.
const FINEST_PX: f64 = 4.0;

/// The coarsest level is at most this wide and high.
const COARSEST_PX: usize = 256;

/// Pixels along the longer side of a first look.
const PREVIEW_PX: f64 = 1024.0;

/// Rows that one task fills.
const BAND_ROWS: usize = 64;

/// Levels of one layer, the finest first. A copy shares them.
#[derive(Clone, Debug)]
pub struct Pyramid {
    levels: Arc<Vec<Level>>,
    /// Whether it has to serve at every scale until the geometry can be drawn.
    preview: bool,
    /// Whether it has all its levels: a first look at a layer has one coarse one.
    whole: bool,
}

/// Samples on a regular grid.
#[derive(Debug)]
pub struct Level {
    /// World coordinate of the top left corner of the first pixel.
    corner: Coord,
    /// World units a pixel.
    units_per_px: f64,
    width: usize,
    height: usize,
    /// Feature at each pixel's centre plus 1, row by row from the top; 0 for none.
    numbers: Vec<u32>,
}

impl Pyramid {
    /// The pyramid of a polygon layer; `None` where it would not pay: few coordinates, or no polygons.
    ///
    /// # Errors
    /// [`Cancelled`]; progress counts bands.
    pub fn build(
        blocks: &[Arc<GeometryBlock>],
        starts: &[usize],
        index: &SpatialIndex,
        progress: &Progress,
    ) -> Result<Option<Self>, Cancelled> {
        if !pays(blocks) {
            return Ok(None);
        }
        let Some(finest) = finest(index.extent(), feature_size(blocks)) else { return Ok(None) };
        Self::of_level(finest, blocks, starts, index, progress).map(Some)
    }

    /// A first look at a layer whose pyramid would pay: one level of about the size of a screen, without an index.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn preview(
        blocks: &[Arc<GeometryBlock>],
        starts: &[usize],
        progress: &Progress,
    ) -> Result<Option<Self>, Cancelled> {
        let mut extent = Extent::EMPTY;
        blocks.iter().for_each(|block| extent.union(&block.extent()));
        let size = (extent.width().max(extent.height()) / PREVIEW_PX).max(feature_size(blocks) / FINEST_PX);
        let Some(mut level) = finest(extent, size * FINEST_PX).filter(|_| pays(blocks)) else { return Ok(None) };
        let mut crossings = Crossings::new(level.width, level.height);
        let to_cells = ToPixels::from_corner(level.corner, level.units_per_px);
        let all: Vec<usize> = (0..starts.last().copied().unwrap_or(0)).collect();
        fill(&mut level.numbers, level.width, &to_cells, &mut crossings, blocks, starts, &all, progress)?;
        Ok(Some(Self { levels: Arc::new(vec![level]), preview: true, whole: false }))
    }

    /// The pyramid that has these numbers in its finest level, feature plus 1 or 0, row by row from the top; `None` where
    /// such a level is none that a layer has.
    pub fn of_finest(corner: Coord, units_per_px: f64, size_px: [usize; 2], numbers: Vec<u32>) -> Option<Self> {
        let [width, height] = size_px;
        let is_sound = corner.x.is_finite()
            && corner.y.is_finite()
            && units_per_px.is_finite()
            && units_per_px > 0.0
            && width.min(height) > 0
            && width.checked_mul(height) == Some(numbers.len());
        is_sound.then(|| Self::of_filled(Level { corner, units_per_px, width, height, numbers }))
    }

    /// The finest level; the others are taken from it. `None` where that is a first look only.
    pub fn finest(&self) -> Option<&Level> {
        self.levels.first().filter(|_| self.whole)
    }

    /// What its finest level covers.
    pub fn extent(&self) -> Extent {
        let Some(Level { corner, units_per_px, width, height, .. }) = self.levels.first() else { return Extent::EMPTY };
        let [wide, high] = [*width, *height].map(|count| count as f64 * units_per_px);
        let (min, max) = (Coord { x: corner.x, y: corner.y - high }, Coord { x: corner.x + wide, y: corner.y });
        Extent { min, max }
    }

    /// Side of a typical feature: finer than this its level is not made.
    pub fn feature_size(&self) -> f64 {
        self.levels.first().map_or(0.0, |level| level.units_per_px * FINEST_PX)
    }

    /// The same serving at every scale, until the geometry can be drawn.
    #[must_use]
    pub fn standing_in(&self) -> Self {
        Self { preview: true, ..self.clone() }
    }

    /// The same serving where it should, once the geometry can be drawn; `None` for a first look that has to be made
    /// anew.
    pub fn settled(&self) -> Option<Self> {
        self.whole.then(|| Self { preview: false, ..self.clone() })
    }

    /// Whether it is a first look only.
    pub fn is_preview(&self) -> bool {
        self.preview
    }

    /// Fills `finest` and makes the pyramid of it.
    fn of_level(
        mut finest: Level,
        blocks: &[Arc<GeometryBlock>],
        starts: &[usize],
        index: &SpatialIndex,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        finest.fill(blocks, starts, index, progress)?;
        Ok(Self::of_filled(finest))
    }

    /// Takes the coarser levels from `finest`.
    fn of_filled(finest: Level) -> Self {
        let mut levels = vec![finest];
        while let Some(last) = levels.last().filter(|last| last.width.max(last.height) > COARSEST_PX) {
            let nth = levels.len();
            levels.push(last.coarser(nth % 2));
        }
        Self { levels: Arc::new(levels), preview: false, whole: true }
    }

    /// The level to draw from where a pixel is `units_per_px` wide: the coarsest that is not coarser than that. `None`
    /// where features are large enough to be drawn from their geometry.
    pub fn level(&self, units_per_px: f64) -> Option<&Level> {
        // A level serves its own scale although the two were computed differently.
        let coarsest = self.levels.iter().rev().find(|level| level.units_per_px <= units_per_px * (1.0 + 1e-9));
        if self.preview { coarsest.or(self.levels.first()) } else { coarsest }
    }

    /// World units a pixel from which on it is drawn from.
    pub fn finest_units_per_px(&self) -> f64 {
        self.levels.first().map_or(f64::INFINITY, |level| level.units_per_px)
    }

    /// Bytes of all levels.
    pub fn byte_count(&self) -> usize {
        self.levels.iter().map(|level| size_of_val(&level.numbers[..])).sum()
    }
}

/// Whether a layer is large enough, and of polygons.
fn pays(blocks: &[Arc<GeometryBlock>]) -> bool {
    let coord_count: usize = blocks.iter().map(|block| block.coords().len()).sum();
    let polygons = blocks.iter().all(|block| matches!(block.kind(), GeometryKind::Polygon | GeometryKind::None));
    coord_count >= LEAST_COORDS && polygons
}

/// Gives the cells whose middles lie inside each of `features` to it.
fn fill(
    numbers: &mut [u32],
    width: usize,
    to_cells: &ToPixels,
    crossings: &mut Crossings,
    blocks: &[Arc<GeometryBlock>],
    starts: &[usize],
    features: &[usize],
    progress: &Progress,
) -> Result<(), Cancelled> {
    for some in features.chunks(4096) {
        progress.tick(0)?;
        for feature in some {
            let block = starts.partition_point(|start| start <= feature) - 1;
            let (geometry, row) = (&blocks[block], feature - starts[block]);
            for part in geometry.polygon(row).parts() {
                crossings.spans(to_cells, part.rings(), |row, from, to| {
                    numbers[row * width + from..row * width + to].fill(*feature as u32 + 1);
                });
            }
        }
    }
    Ok(())
}

/// The finest level of a layer, not yet filled.
fn finest(extent: Extent, feature_size: f64) -> Option<Level> {
    let (width, height) = (extent.width(), extent.height());
    if extent.is_empty() || !(width > 0.0 && height > 0.0 && feature_size > 0.0) {
        return None;
    }
    let units_per_px = (feature_size / FINEST_PX).max((width * height / MOST_PIXELS).sqrt());
    let [columns, rows] = [width, height].map(|side| (side / units_per_px).ceil().max(1.0));
    // A thin strip would have more columns or rows than crossings can count.
    (columns < 2e5 && rows < 2e5).then(|| Level {
        corner: Coord { x: extent.min.x, y: extent.max.y },
        units_per_px,
        width: columns as usize,
        height: rows as usize,
        numbers: vec![0; columns as usize * rows as usize],
    })
}

impl Level {
    fn fill(
        &mut self,
        blocks: &[Arc<GeometryBlock>],
        starts: &[usize],
        index: &SpatialIndex,
        progress: &Progress,
    ) -> Result<(), Cancelled> {
        let (width, corner, units_per_px) = (self.width, self.corner, self.units_per_px);
        progress.add_total(self.height.div_ceil(BAND_ROWS) as u64);
        let bands = self.numbers.par_chunks_mut(width * BAND_ROWS).enumerate();
        bands.try_for_each(|(band, numbers)| {
            let rows = numbers.len() / width;
            let top = corner.y - (band * BAND_ROWS) as f64 * units_per_px;
            let to_cells = ToPixels::from_corner(Coord { x: corner.x, y: top }, units_per_px);
            let seen = Extent {
                min: Coord { x: corner.x, y: top - rows as f64 * units_per_px },
                max: Coord { x: corner.x + width as f64 * units_per_px, y: top },
            };
            let mut crossings = Crossings::new(width, rows);
            fill(numbers, width, &to_cells, &mut crossings, blocks, starts, &index.query(&seen), progress)?;
            progress.tick(1)
        })
    }

    /// One of each four samples, the one `at` pixels right of and below the first: levels take turns, so that samples do
    /// not drift to one side.
    fn coarser(&self, at: usize) -> Self {
        let [width, height] = [self.width, self.height].map(|side| (side.saturating_sub(at)).div_ceil(2).max(1));
        let mut numbers = vec![0_u32; width * height];
        numbers.par_chunks_mut(width).enumerate().for_each(|(row, into)| {
            let from = (row * 2 + at).min(self.height - 1) * self.width;
            let line = &self.numbers[from..from + self.width];
            for (column, number) in into.iter_mut().enumerate() {
                *number = line[(column * 2 + at).min(self.width - 1)];
            }
        });
        // The sample is the middle of the new pixel.
        let shift = (at as f64 - 0.5) * self.units_per_px;
        Self {
            corner: Coord { x: self.corner.x + shift, y: self.corner.y - shift },
            units_per_px: self.units_per_px * 2.0,
            width,
            height,
            numbers,
        }
    }

    /// The column of an x, `None` outside.
    pub fn column(&self, x: f64) -> Option<usize> {
        place((x - self.corner.x) / self.units_per_px, self.width)
    }

    /// The numbers of the row of a y; empty outside. A number is a feature plus 1, or 0 for none.
    pub fn row(&self, y: f64) -> &[u32] {
        match place((self.corner.y - y) / self.units_per_px, self.height) {
            Some(row) => &self.numbers[row * self.width..(row + 1) * self.width],
            None => &[],
        }
    }

    /// World coordinate of the top left corner of the first pixel.
    pub fn corner(&self) -> Coord {
        self.corner
    }

    /// World units a pixel.
    pub fn units_per_px(&self) -> f64 {
        self.units_per_px
    }

    /// Width and height in pixels.
    pub fn size_px(&self) -> [usize; 2] {
        [self.width, self.height]
    }

    /// All numbers, row by row.
    pub fn numbers(&self) -> &[u32] {
        &self.numbers
    }
}

fn place(at: f64, count: usize) -> Option<usize> {
    (at >= 0.0 && at < count as f64).then_some(at as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::GeometryBuilder;

    /// A mosaic of `side` × `side` crooked quadrangles, each with its area: shared corners are moved about.
    fn mosaic(side: usize) -> (Vec<Arc<GeometryBlock>>, Vec<f64>) {
        let corner = |i: usize, j: usize| {
            let inner = |k: usize| k > 0 && k < side;
            let wobble = |a: f64| ((i as f64 * 12.9898 + j as f64 * 78.233 + a).sin() * 43_758.545).fract() * 0.45;
            Coord {
                x: 39_500_000.0 + (i as f64 + if inner(i) { wobble(1.0) } else { 0.0 }) * 30.0,
                y: 4_070_000.0 + (j as f64 + if inner(j) { wobble(2.0) } else { 0.0 }) * 30.0,
            }
        };
        let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
        let mut areas = Vec::new();
        for j in 0..side {
            for i in 0..side {
                let ring = vec![corner(i, j), corner(i + 1, j), corner(i + 1, j + 1), corner(i, j + 1), corner(i, j)];
                let cross = |a: Coord, b: Coord| (a.x - 39.5e6) * (b.y - 4.07e6) - (b.x - 39.5e6) * (a.y - 4.07e6);
                areas.push(ring.windows(2).map(|e| cross(e[0], e[1])).sum::<f64>() / 2.0);
                builder.polygon(&[vec![ring]]);
            }
        }
        (vec![Arc::new(builder.finish())], areas)
    }

    fn pyramid(blocks: &[Arc<GeometryBlock>], px: f64) -> Pyramid {
        let index = SpatialIndex::build(blocks, &Progress::new()).expect("not cancelled");
        let starts = [0, blocks[0].feature_count()];
        let level = finest(index.extent(), px * FINEST_PX).expect("has a size");
        Pyramid::of_level(level, blocks, &starts, &index, &Progress::new()).expect("not cancelled")
    }

    /// Share of each of `count` classes, which take turns in a way that no grid has.
    fn shares(count: usize, weights: impl Iterator<Item = (usize, f64)>) -> Vec<f64> {
        let mut sums = vec![0.0; count];
        weights.for_each(|(feature, weight)| sums[(feature * 7 + feature / 13) % count] += weight);
        let total: f64 = sums.iter().sum();
        sums.iter().map(|sum| sum / total).collect()
    }

    #[test]
    fn classes_keep_their_shares_at_every_level() {
        let (blocks, areas) = mosaic(600);
        // From four pixels a parcel down to a fourteenth of one.
        let pyramid = pyramid(&blocks, 15.0);
        let truth = shares(5, areas.iter().copied().enumerate());
        assert_eq!(pyramid.levels.len(), 4);
        for level in &pyramid.levels[..3] {
            let seen = shares(5, level.numbers.iter().filter(|n| **n > 0).map(|n| (*n as usize - 1, 1.0)));
            for (seen, truth) in seen.iter().zip(&truth) {
                assert!((seen - truth).abs() < 0.005, "{:?}: {seen} {truth}", level.size_px());
            }
        }
    }

    #[test]
    fn neighbours_leave_no_gap() {
        let (blocks, _) = mosaic(60);
        for px in [4.0, 15.0, 70.0] {
            let pyramid = pyramid(&blocks, px);
            assert!(pyramid.levels[0].numbers.iter().all(|number| *number > 0), "{px}");
        }
    }

    #[test]
    fn a_sample_says_what_lies_at_its_place_in_every_level() {
        let (blocks, _) = mosaic(300);
        let pyramid = pyramid(&blocks, 10.0);
        assert!(pyramid.levels.len() > 2);
        for level in pyramid.levels.iter() {
            for i in 0..400 {
                let (column, row) = (i * 37 % level.width, i * 61 % level.height);
                let place = Coord {
                    x: level.corner.x + (column as f64 + 0.5) * level.units_per_px,
                    y: level.corner.y - (row as f64 + 0.5) * level.units_per_px,
                };
                let number = level.row(place.y)[level.column(place.x).expect("inside")];
                let Some(feature) = (number as usize).checked_sub(1) else { panic!("a gap at {place:?}") };
                assert!(super::super::pick::inside(&blocks[0], feature, place), "{feature} {place:?}");
            }
        }
    }

    #[test]
    fn the_scale_picks_the_level() {
        let (blocks, _) = mosaic(300);
        let pyramid = pyramid(&blocks, 10.0);
        assert_eq!(pyramid.finest_units_per_px(), 10.0);
        assert!(pyramid.level(9.9).is_none(), "parcels are large enough");
        let chosen = |px: f64| pyramid.level(px).map(|level| level.units_per_px);
        assert_eq!([chosen(10.0), chosen(19.0), chosen(20.0), chosen(1e6)], [10.0, 10.0, 20.0, 40.0].map(Some));
        assert!(
            pyramid.level(10.0).is_some_and(|level| level.column(39_499_999.0).is_none() && level.row(0.0).is_empty())
        );
    }

    #[test]
    fn a_first_look_serves_every_scale() {
        let (blocks, areas) = mosaic(300);
        let preview = Pyramid::preview(&blocks, &[0, 90_000], &Progress::new()).expect("not cancelled");
        let preview = preview.expect("the layer is large");
        assert!(preview.is_preview() && preview.level(1e-3).is_some() && preview.level(1e6).is_some());
        let level = preview.level(1.0).expect("any scale");
        let seen = shares(3, level.numbers.iter().filter(|n| **n > 0).map(|n| (*n as usize - 1, 1.0)));
        let truth = shares(3, areas.iter().copied().enumerate());
        assert!(seen.iter().zip(&truth).all(|(seen, truth)| (seen - truth).abs() < 0.005), "{seen:?} {truth:?}");
        let progress = Progress::new();
        progress.cancel();
        assert!(Pyramid::preview(&blocks, &[0, 90_000], &progress).is_err());
    }

    #[test]
    fn the_finest_level_makes_the_pyramid_again() {
        let (blocks, _) = mosaic(300);
        let pyramid = pyramid(&blocks, 10.0);
        let finest = pyramid.finest().expect("whole");
        let numbers = finest.numbers().to_vec();
        let of = |size_px: [usize; 2], numbers: Vec<u32>| {
            Pyramid::of_finest(finest.corner(), finest.units_per_px(), size_px, numbers)
        };
        let again = of(finest.size_px(), numbers.clone()).expect("sound");
        assert_eq!(again.levels.len(), pyramid.levels.len());
        for (a, b) in again.levels.iter().zip(pyramid.levels.iter()) {
            assert_eq!((a.corner, a.size_px(), a.numbers()), (b.corner, b.size_px(), b.numbers()));
        }
        assert!(of([1, 1], numbers.clone()).is_none() && of([usize::MAX, 2], numbers).is_none());
        // It serves near, too, while the geometry is on its way.
        assert!(again.level(1e-3).is_none());
        let standing_in = again.standing_in();
        assert!(standing_in.level(1e-3).is_some() && standing_in.is_preview());
        assert!(standing_in.settled().is_some_and(|settled| settled.level(1e-3).is_none()));
        let first = Pyramid::preview(&blocks, &[0, 90_000], &Progress::new()).expect("not cancelled").expect("large");
        assert!(first.settled().is_none() && first.finest().is_none());
    }

    #[test]
    fn small_layers_and_cancelled_work_make_none() {
        let (blocks, _) = mosaic(20);
        let index = SpatialIndex::build(&blocks, &Progress::new()).expect("not cancelled");
        assert!(matches!(Pyramid::build(&blocks, &[0, 400], &index, &Progress::new()), Ok(None)));
        let progress = Progress::new();
        progress.cancel();
        let level = finest(index.extent(), 4.0).expect("has a size");
        assert!(Pyramid::of_level(level, &blocks, &[0, 400], &index, &progress).is_err());
    }
}
