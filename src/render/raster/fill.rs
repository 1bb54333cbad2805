//! Fills: which symbol each of 16 samples a pixel belongs to, and from there the colour of the pixel.
//!
//! A sample belongs to a polygon when its centre does. Neighbours share their edge exactly, so every sample belongs to
//! one of them: no ground shows between them, the edge is smooth, and the samples of a class are true to its area even
//! where parcels are smaller than a pixel. Where features of a layer overlap, the later one lies on top.

use std::ops::Range;

use super::pixels::{Pixels, Premultiplied, ToPixels};
use crate::model::Coord;

mod paint;

pub use paint::FillPaint;

/// Samples along a pixel's side.
pub const SIDE: usize = 4;
const PER_PIXEL: u32 = (SIDE * SIDE) as u32;
/// No polygon.
const NONE: u16 = 0;
/// Bits of a crossing that hold its column; the row stands above them.
const COLUMN_BITS: u32 = 18;

/// Where the edges of a polygon cross the middles of a grid's rows. Edges that are shared cross at the same places in
/// both polygons, so that each cell whose middle is covered belongs to exactly one of two neighbours.
#[derive(Debug)]
pub struct Crossings {
    columns: usize,
    rows: usize,
    /// The first two crossings of each row, which are all that most polygons have; [`FREE`] where there is none.
    pairs: Vec<[u32; 2]>,
    /// Rows that may have one.
    used: (u32, u32),
    /// All others, with their rows.
    found: Vec<u32>,
    /// All of a row that has more than two.
    columns_of_row: Vec<u32>,
}

/// No crossing.
const FREE: u32 = u32::MAX;

impl Crossings {
    /// For a grid of `columns` × `rows` cells, at most 262,144 × 16,384.
    pub fn new(columns: usize, rows: usize) -> Self {
        debug_assert!(columns < 1 << COLUMN_BITS && rows <= 1 << (32 - COLUMN_BITS), "the packed crossings hold them");
        Self {
            columns,
            rows,
            pairs: vec![[FREE; 2]; rows],
            used: (u32::MAX, 0),
            found: Vec::new(),
            columns_of_row: Vec::new(),
        }
    }

    /// Calls `span` with the row, first column and column after the last of each run of cells whose middles lie inside
    /// `rings` (even-odd), row by row. Coordinates that are not finite are left out of a ring.
    pub fn spans<'a>(
        &mut self,
        to_cells: &ToPixels,
        rings: impl Iterator<Item = &'a [Coord]>,
        mut span: impl FnMut(usize, usize, usize),
    ) {
        for ring in rings {
            let mut finite = ring.iter().filter(|c| c.x.is_finite() && c.y.is_finite());
            let Some(first) = finite.next().map(|c| to_cells.at(*c)) else { continue };
            let mut last = first;
            for c in finite {
                let next = to_cells.at(*c);
                self.cross(last, next);
                last = next;
            }
            self.cross(last, first);
        }
        let (first, last) = std::mem::replace(&mut self.used, (u32::MAX, 0));
        if first > last {
            return;
        }
        let rows = first as usize..last as usize + 1;
        self.found.sort_unstable();
        let mut others = self.found.iter().peekable();
        // Rings are closed, so every row has an even number of crossings.
        for (row, pair) in rows.clone().zip(&mut self.pairs[rows]) {
            let [a, b] = std::mem::replace(pair, [FREE; 2]);
            let of_row = |crossing: &&u32| (**crossing >> COLUMN_BITS) as usize == row;
            if others.peek().is_none_or(|crossing| !of_row(crossing)) {
                // Both are free, or neither is.
                if a != b {
                    span(row, a.min(b) as usize, a.max(b) as usize);
                }
                continue;
            }
            self.columns_of_row.clear();
            self.columns_of_row.extend([a, b]);
            while let Some(crossing) = others.next_if(of_row) {
                self.columns_of_row.push(crossing & ((1 << COLUMN_BITS) - 1));
            }
            self.columns_of_row.sort_unstable();
            for [from, to] in self.columns_of_row.as_chunks::<2>().0 {
                if from < to {
                    span(row, *from as usize, *to as usize);
                }
            }
        }
        self.found.clear();
    }

    /// Notes where an edge crosses the middles of rows, as the first column whose middle is not left of it.
    fn cross(&mut self, a: [f64; 2], b: [f64; 2]) {
        // The same edge gives the same crossings in both directions.
        let (top, bottom) = if a[1] <= b[1] { (a, b) } else { (b, a) };
        let (from, to) = (first_at_least(top[1] - 0.5, self.rows), first_at_least(bottom[1] - 0.5, self.rows));
        if from >= to {
            return;
        }
        self.used = (self.used.0.min(from), self.used.1.max(to - 1));
        let slope = (bottom[0] - top[0]) / (bottom[1] - top[1]);
        for row in from..to {
            let x = top[0] + (f64::from(row) + 0.5 - top[1]) * slope;
            let column = first_at_least(x - 0.5, self.columns);
            match &mut self.pairs[row as usize] {
                [free, _] | [_, free] if *free == FREE => *free = column,
                _ => self.found.push(row << COLUMN_BITS | column),
            }
        }
    }
}

/// The first of `count` whole numbers from 0 that is not less than `at`, or `count`. Without the library call that
/// rounding is on processors without an instruction for it.
pub(super) fn first_at_least(at: f64, count: usize) -> u32 {
    let at = at.clamp(0.0, count as f64);
    let whole = at as u32;
    whole + u32::from(f64::from(whole) < at)
}

/// Which value the samples of a pixel have: 0 for no polygon, or one more than the number of a symbol. Most pixels lie
/// within one polygon, most others between two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cell {
    /// Bits of the samples that have the second value; all bits where there are more than two.
    mask: u16,
    /// The first value and the second, or the place of the samples among those of such pixels.
    values: [u16; 2],
}

impl Cell {
    const EMPTY: Self = Self::whole(NONE);

    const fn whole(value: u16) -> Self {
        Self { mask: 0, values: [value, NONE] }
    }

    fn place(self) -> usize {
        usize::from(self.values[0]) | usize::from(self.values[1]) << 16
    }

    fn many(place: usize) -> Self {
        Self { mask: u16::MAX, values: [place as u16, (place >> 16) as u16] }
    }

    /// The values of all samples.
    fn samples(self, many: &[[u16; PER_PIXEL as usize]]) -> [u16; PER_PIXEL as usize] {
        match self.mask {
            u16::MAX => many[self.place()],
            mask => std::array::from_fn(|at| self.values[usize::from(mask >> at & 1)]),
        }
    }

    /// With the samples of `mask`, which are some and not all, given to `value`.
    fn with(self, mask: u16, value: u16, many: &mut Vec<[u16; PER_PIXEL as usize]>) -> Self {
        let [first, second] = self.values;
        let of_second = match self.mask {
            u16::MAX => {
                give(&mut many[self.place()], mask, value);
                return self;
            }
            0 if first == value => return self,
            0 => return Self { mask, values: [first, value] },
            _ if value == second => self.mask | mask,
            _ if value == first => self.mask & !mask,
            // Nothing is left of the second value, or of the first.
            _ if self.mask & !mask == 0 => return Self { mask, values: [first, value] },
            _ if !self.mask & !mask == 0 => return Self { mask, values: [second, value] },
            _ => {
                let mut samples = self.samples(many);
                give(&mut samples, mask, value);
                many.push(samples);
                return Self::many(many.len() - 1);
            }
        };
        match of_second {
            0 => Self::whole(first),
            u16::MAX => Self::whole(second),
            mask => Self { mask, values: [first, second] },
        }
    }
}

fn give(samples: &mut [u16; PER_PIXEL as usize], mask: u16, value: u16) {
    for (at, sample) in samples.iter_mut().enumerate() {
        if mask >> at & 1 == 1 {
            *sample = value;
        }
    }
}

/// Rows of pixels of a band and their samples.
#[derive(Debug)]
pub struct Samples {
    width: usize,
    /// Row of the band at which they begin.
    first: usize,
    cells: Vec<Cell>,
    /// Samples of pixels with more than two values.
    many: Vec<[u16; PER_PIXEL as usize]>,
}

/// The samples of a band, to be filled.
#[derive(Debug)]
pub struct SampleGrid {
    samples: Samples,
    /// First and last row of pixels that hold a sample of something; the first is larger when there is none.
    used: (usize, usize),
    crossings: Crossings,
    open: OpenRow,
}

impl SampleGrid {
    /// An empty grid over `width` × `height` pixels.
    pub fn new(width: usize, height: usize) -> Self {
        Self {
            samples: Samples { width, first: 0, cells: vec![Cell::EMPTY; width * height], many: Vec::new() },
            used: (usize::MAX, 0),
            crossings: Crossings::new(width * SIDE, height * SIDE),
            open: OpenRow::new(width),
        }
    }

    /// Forgets all samples.
    pub fn clear(&mut self) {
        let cells = self.used_cells();
        self.samples.cells[cells].fill(Cell::EMPTY);
        self.samples.many.clear();
        self.used = (usize::MAX, 0);
    }

    /// Gives the samples inside `rings` (even-odd) to `symbol`. Coordinates that are not finite are left out of a ring.
    pub fn fill<'a>(&mut self, to_pixels: &ToPixels, rings: impl Iterator<Item = &'a [Coord]>, symbol: u16) {
        let to_samples = to_pixels.finer(SIDE as f64);
        let value = symbol.saturating_add(1);
        let Self { samples, used, crossings, open } = self;
        let mut put = |open: &mut OpenRow| {
            *used = (used.0.min(open.y), used.1.max(open.y));
            open.put(samples, value);
        };
        crossings.spans(&to_samples, rings, |row, from, to| {
            if open.y != row / SIDE && !open.is_empty() {
                put(open);
            }
            open.y = row / SIDE;
            open.cover(row % SIDE, from, to);
        });
        if !open.is_empty() {
            put(open);
        }
        samples.forget_overlaid();
    }

    /// Paints the samples onto `pixels`, the band whose first row is `top` of the picture.
    pub fn paint(&self, pixels: &mut Pixels, paints: &[FillPaint], top: u32) {
        let cells = self.used_cells();
        self.samples.paint_cells(cells, pixels, paints, top);
    }

    /// The samples as they are, to be painted again.
    pub fn trace(&self) -> Samples {
        let (cells, Samples { width, many, .. }) = (self.used_cells(), &self.samples);
        let first = cells.start / width.max(&1);
        Samples { width: *width, first, cells: self.samples.cells[cells].to_vec(), many: many.clone() }
    }

    fn used_cells(&self) -> Range<usize> {
        let width = self.samples.width;
        if self.used.0 > self.used.1 { 0..0 } else { self.used.0 * width..(self.used.1 + 1) * width }
    }

    /// How many samples each symbol has: index 0 for none, then the symbols.
    pub fn count(&self, symbol_count: usize) -> Vec<u64> {
        let mut counts = vec![0; symbol_count + 1];
        for cell in &self.samples.cells {
            for sample in cell.samples(&self.samples.many) {
                if let Some(count) = counts.get_mut(usize::from(sample)) {
                    *count += 1;
                }
            }
        }
        counts
    }
}

impl Samples {
    /// Paints the samples onto `pixels`, the band whose first row is `top` of the picture.
    pub fn paint(&self, pixels: &mut Pixels, paints: &[FillPaint], top: u32) {
        self.paint_cells(0..self.cells.len(), pixels, paints, top);
    }

    /// Size in memory.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.cells[..]) + size_of_val(&self.many[..])
    }

    /// Paints whole rows of cells.
    fn paint_cells(&self, cells: Range<usize>, pixels: &mut Pixels, paints: &[FillPaint], top: u32) {
        let plain = Plain::of(paints);
        let width = self.width.max(1);
        for y in cells.start / width..cells.end / width {
            let place = |at: usize| place(at - (self.first + y) * width, top as usize + self.first + y);
            let mut at = (self.first + y) * width;
            for run in self.cells[y * width..(y + 1) * width].chunk_by(|a, b| a == b && a.mask == 0) {
                let (cells, cell) = (at..at + run.len(), run[0]);
                at = cells.end;
                if cell.mask != 0 {
                    let color = plain.mean(cell, &self.many);
                    let color = color.unwrap_or_else(|| mixed(&cell.samples(&self.many), paints, place(cells.start)));
                    pixels.blend(cells.start, color, 255);
                    continue;
                }
                match plain.color(cell.values[0]) {
                    _ if cell.values[0] == NONE => {}
                    Some(color) => pixels.blend_run(cells, color),
                    None => {
                        let Some(paint) = paint_of(paints, cell.values[0]) else { continue };
                        cells.for_each(|at| pixels.blend(at, paint.at(place(at)), 255));
                    }
                }
            }
        }
    }

    /// Forgets the samples of pixels that were covered as a whole since, once these may be many.
    fn forget_overlaid(&mut self) {
        if self.many.len() <= 2 * self.cells.len() {
            return;
        }
        let mut kept = Vec::new();
        for cell in self.cells.iter_mut().filter(|cell| cell.mask == u16::MAX) {
            kept.push(self.many[cell.place()]);
            *cell = Cell::many(kept.len() - 1);
        }
        self.many = kept;
    }
}

/// What a polygon covers of one row of pixels.
#[derive(Debug)]
struct OpenRow {
    y: usize,
    /// A bit for each sample of each pixel, row by row.
    masks: Vec<u16>,
    /// Pixels that may have bits.
    columns: Range<usize>,
}

/// Grows to what is covered.
const NO_COLUMNS: Range<usize> = Range { start: usize::MAX, end: 0 };

/// Bits of the first row of samples of a pixel.
const ROW_OF_BITS: u16 = (1 << SIDE) - 1;

impl OpenRow {
    fn new(width: usize) -> Self {
        Self { y: 0, masks: vec![0; width], columns: NO_COLUMNS }
    }

    fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Covers samples `from..to` of the pixels' row `i` of samples; neither is none.
    fn cover(&mut self, i: usize, from: usize, to: usize) {
        let (first, last) = (from / SIDE, (to - 1) / SIDE);
        self.columns = self.columns.start.min(first)..self.columns.end.max(last + 1);
        let row = ROW_OF_BITS << (i * SIDE);
        let left = row & row << (from % SIDE);
        let right = row & row >> (SIDE - 1 - (to - 1) % SIDE);
        if first == last {
            self.masks[first] |= left & right;
            return;
        }
        self.masks[first] |= left;
        self.masks[last] |= right;
        self.masks[first + 1..last].iter_mut().for_each(|mask| *mask |= row);
    }

    /// Gives what is covered to `value`, and empties the row.
    fn put(&mut self, samples: &mut Samples, value: u16) {
        let columns = std::mem::replace(&mut self.columns, NO_COLUMNS);
        let cells = &mut samples.cells[self.y * samples.width..][columns.clone()];
        for (mask, cell) in self.masks[columns].iter_mut().zip(cells) {
            match std::mem::take(mask) {
                0 => {}
                u16::MAX => *cell = Cell::whole(value),
                mask => *cell = cell.with(mask, value, &mut samples.many),
            }
        }
    }
}

/// The middle of a pixel of the picture.
fn place(x: usize, y: usize) -> [f32; 2] {
    [x as f32 + 0.5, y as f32 + 0.5]
}

/// Colours of samples that are the same all over the picture, a channel in each 16 bits, so that sixteen can be added
/// up at once.
struct Plain(Vec<Option<u64>>);

impl Plain {
    fn of(paints: &[FillPaint]) -> Self {
        let packed = |paint: &FillPaint| match paint {
            FillPaint::Plain(color) => {
                Some([color.r, color.g, color.b, color.a].iter().rev().fold(0, |sum, c| sum << 16 | u64::from(*c)))
            }
            FillPaint::Hatched { .. } | FillPaint::Figures { .. } => None,
        };
        Self(std::iter::once(Some(0)).chain(paints.iter().map(packed)).collect())
    }

    /// The colour of a sample, where it has one that is the same everywhere.
    fn packed(&self, value: u16) -> Option<u64> {
        // Without a paint there is no colour.
        self.0.get(usize::from(value)).copied().unwrap_or(Some(0))
    }

    fn color(&self, value: u16) -> Option<Premultiplied> {
        self.packed(value).map(unpacked)
    }

    /// The mean colour of a pixel, where all of its samples have such colours.
    fn mean(&self, cell: Cell, many: &[[u16; PER_PIXEL as usize]]) -> Option<Premultiplied> {
        let mut sum = u64::from(PER_PIXEL / 2) * 0x0001_0001_0001_0001;
        if cell.mask == u16::MAX {
            for value in many[cell.place()] {
                sum += self.packed(value)?;
            }
        } else {
            let of_second = cell.mask.count_ones();
            let [first, second] = [self.packed(cell.values[0])?, self.packed(cell.values[1])?];
            sum += first * u64::from(PER_PIXEL - of_second) + second * u64::from(of_second);
        }
        let Premultiplied { r, g, b, a } = unpacked(sum);
        Some(Premultiplied { r: r / PER_PIXEL, g: g / PER_PIXEL, b: b / PER_PIXEL, a: a / PER_PIXEL })
    }
}

fn unpacked(packed: u64) -> Premultiplied {
    let [r, g, b, a] = [0, 16, 32, 48].map(|shift| (packed >> shift & 0xFFFF) as u32);
    Premultiplied { r, g, b, a }
}

fn paint_of(paints: &[FillPaint], value: u16) -> Option<&FillPaint> {
    paints.get(usize::from(value).checked_sub(1)?)
}

/// The mean colour of a pixel whose samples differ.
fn mixed(samples: &[u16; PER_PIXEL as usize], paints: &[FillPaint], place: [f32; 2]) -> Premultiplied {
    let mut sum = Premultiplied::default();
    let mut known = (NONE, Premultiplied::default());
    for value in samples {
        if *value != known.0 {
            known = (*value, paint_of(paints, *value).map(|paint| paint.at(place)).unwrap_or_default());
        }
        sum.r += known.1.r;
        sum.g += known.1.g;
        sum.b += known.1.b;
        sum.a += known.1.a;
    }
    let mean = |channel: u32| (channel + PER_PIXEL / 2) / PER_PIXEL;
    Premultiplied { r: mean(sum.r), g: mean(sum.g), b: mean(sum.b), a: mean(sum.a) }
}

#[cfg(test)]
mod tests;
