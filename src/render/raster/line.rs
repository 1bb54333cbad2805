//! Lines: how much of each pixel they cover, the largest share of all segments that reach it.
//!
//! Taking the largest instead of adding means that joints are round and even, that lines of one layer merge where they
//! cross, and that an edge drawn by both of its parcels is not darker than one that has a single owner.

use std::ops::Range;

use super::fill::first_at_least;
use super::pixels::{Pixels, Premultiplied, ToPixels};
use crate::model::Coord;
use crate::model::style::Dash;

/// Share of a pixel that a strip of half width `half_px` covers whose middle runs at a distance: a box filter.
pub fn strip_coverage(distance_px: f32, half_px: f32) -> f32 {
    ((distance_px + 0.5).min(half_px) - (distance_px - 0.5).max(-half_px)).max(0.0)
}

/// Length of a vector in pixels: far from where squares overflow, so without the care of `hypot`.
fn length(dx: f64, dy: f64) -> f64 {
    (dx * dx + dy * dy).sqrt()
}

/// How lines of a symbol are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pen {
    /// Half the width in pixels.
    pub half_px: f32,
    /// Lengths in pixels that are drawn and left out.
    pub dash_px: Option<[f64; 2]>,
    /// Share of full strength, 0 to 1.
    pub strength: f32,
    /// Number of the colour.
    pub symbol: u16,
}

impl Pen {
    /// A pen of that width, solid or interrupted, with `scale` pixels a logical pixel.
    pub fn new(width_px: f32, dash: Option<Dash>, scale: f32, symbol: u16) -> Self {
        let dash_px = dash.map(|d| [f64::from(d.on_px * scale), f64::from(d.off_px * scale)]);
        let dash_px = dash_px.filter(|[on, off]| *on > 0.0 && *off > 0.0 && (on + off).is_finite());
        Self { half_px: width_px * scale / 2.0, dash_px, strength: 1.0, symbol }
    }
}

/// A straight line with all that is near to it.
struct Strip {
    a: [f64; 2],
    /// Its direction, of length 1.
    unit: [f64; 2],
    /// Where it lies from left to right, and the columns of that.
    box_x: [f64; 2],
    columns: Range<usize>,
    /// How far it moves to the right from row to row, and half its width along a row; `None` where it is level or so
    /// short that all of its columns are worked on at once.
    slant: Option<[f64; 2]>,
}

impl Strip {
    fn new(a: [f64; 2], b: [f64; 2], length: f64, reach: f64, width: usize) -> Self {
        let unit = if length > 0.0 { [(b[0] - a[0]) / length, (b[1] - a[1]) / length] } else { [1.0, 0.0] };
        let box_x = [a[0].min(b[0]) - reach, a[0].max(b[0]) + reach];
        let slanted = unit[1].abs() > 1e-6 && box_x[1] - box_x[0] > AT_ONCE as f64;
        let slant = slanted.then(|| [unit[0] / unit[1], reach / unit[1].abs()]);
        Self { a, unit, box_x, columns: rows_between(box_x[0], box_x[1], width), slant }
    }

    /// How far the middles of row `y` lie below its start, and the columns of the row that it may reach.
    fn row(&self, y: usize, width: usize) -> (f64, Range<usize>) {
        let from_a = y as f64 + 0.5 - self.a[1];
        let Some([slope, spread]) = self.slant else { return (from_a, self.columns.clone()) };
        let middle = self.a[0] + from_a * slope;
        let [left, right] = self.box_x;
        (from_a, rows_between(left.max(middle - spread), right.min(middle + spread), width))
    }

    /// How far the middle of a pixel lies along the line from its start, and how far to its side.
    fn place(&self, x: usize, from_a: f64) -> (f64, f64) {
        let from_a_x = x as f64 + 0.5 - self.a[0];
        let [ux, uy] = self.unit;
        (from_a_x * ux + from_a * uy, from_a * ux - from_a_x * uy)
    }
}

/// Edges that were drawn lately. Neighbours share theirs, and the second drawing would cover the same.
#[derive(Debug)]
struct Drawn {
    /// A place for each value of a hash; what comes later takes it.
    edges: Vec<DrawnEdge>,
    /// What is of another round was drawn elsewhere.
    round: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct DrawnEdge {
    ends: [[f32; 2]; 2],
    half_px: f32,
    strength: f32,
    symbol: u16,
    round: u32,
}

/// Places for edges; a power of two.
const DRAWN: usize = 1 << 13;

impl Drawn {
    fn new() -> Self {
        Self { edges: vec![DrawnEdge::default(); DRAWN], round: 1 }
    }

    fn clear(&mut self) {
        self.round = self.round.wrapping_add(1).max(1);
        if self.round == 1 {
            self.edges.fill(DrawnEdge::default());
        }
    }

    /// The ends of an edge in either direction, and where it is noted.
    fn place_of(a: [f64; 2], b: [f64; 2]) -> ([[f32; 2]; 2], usize) {
        let [a, b] = [a, b].map(|end| end.map(|v| v as f32));
        let ends = if (a[0], a[1]) <= (b[0], b[1]) { [a, b] } else { [b, a] };
        let bits = ends.map(|[x, y]| u64::from(x.to_bits()) << 32 | u64::from(y.to_bits()));
        let mix = |hash: u64, value: u64| (hash.rotate_left(5) ^ value).wrapping_mul(0x517c_c1b7_2722_0a95);
        let hash = mix(mix(0, bits[0]), bits[1]);
        (ends, (hash >> 32) as usize % DRAWN)
    }

    /// Whether the edge, or one that looks the same, has been drawn in either direction by a pen that covers as much; from
    /// now on it has.
    fn has(&mut self, a: [f64; 2], b: [f64; 2], pen: &Pen) -> bool {
        // What is as strong but of a larger number is the one to keep, as in a cell.
        self.knows(a, b, pen, |place| (place.strength, place.symbol) >= (pen.strength, pen.symbol))
    }

    /// Whether the edge has been drawn in either direction by a pen of that width, whatever its colour; from now on it has.
    fn has_any(&mut self, a: [f64; 2], b: [f64; 2], pen: &Pen) -> bool {
        self.knows(a, b, pen, |_| true)
    }

    fn knows(&mut self, a: [f64; 2], b: [f64; 2], pen: &Pen, serves: impl Fn(&DrawnEdge) -> bool) -> bool {
        let (ends, at) = Self::place_of(a, b);
        let place = &mut self.edges[at];
        let known = place.round == self.round && place.ends == ends && place.half_px == pen.half_px;
        if known && serves(place) {
            return true;
        }
        *place =
            DrawnEdge { ends, half_px: pen.half_px, strength: pen.strength, symbol: pen.symbol, round: self.round };
        false
    }
}

/// Coverage of a pixel, 0 to 255, above the 16 bits of the symbol that has it: the larger number is the one to keep.
type Cell = i32;

/// Cells are worked on by so many at once.
const AT_ONCE: usize = 4;

/// Cells of a row, of which the last few stand for no pixel.
fn stride(width: usize) -> usize {
    width + AT_ONCE - 1
}

fn cell(coverage: i32, symbol: u16) -> Cell {
    if coverage > 0 { coverage << 16 | i32::from(symbol) } else { 0 }
}

/// Coverage of a band by lines.
#[derive(Debug)]
pub struct LineGrid {
    width: usize,
    height: usize,
    cells: Vec<Cell>,
    drawn: Drawn,
    /// First and last row that hold something; the first is larger when there is none.
    used: (usize, usize),
}

impl LineGrid {
    /// An empty grid of `width` × `height` pixels.
    pub fn new(width: usize, height: usize) -> Self {
        let cells = vec![0; stride(width) * height];
        Self { width, height, cells, drawn: Drawn::new(), used: (usize::MAX, 0) }
    }

    /// Forgets all lines.
    pub fn clear(&mut self) {
        let cells = self.used_cells();
        self.cells[cells].fill(0);
        self.used = (usize::MAX, 0);
        self.drawn.clear();
    }

    /// Draws a path; coordinates that are not finite are left out of it.
    pub fn path(&mut self, to_pixels: &ToPixels, coords: &[Coord], pen: &Pen) {
        let mut points = coords.iter().filter(|c| c.x.is_finite() && c.y.is_finite()).map(|c| to_pixels.at(*c));
        let Some(mut last) = points.next() else { return };
        let reach = f64::from(pen.half_px) + 1.0;
        let mut walked = 0.0;
        let mut pending = None;
        for next in points {
            // What is nearer than an eighth of a pixel cannot be seen; dashes know an edge by its very ends.
            if pen.dash_px.is_none() && (next[0] - last[0]).abs() + (next[1] - last[1]).abs() < 0.125 {
                pending = Some(next);
                continue;
            }
            pending = None;
            self.edge(last, next, reach, pen, &mut walked);
            last = next;
        }
        if let Some(next) = pending {
            self.edge(last, next, reach, pen, &mut walked);
        }
    }

    fn edge(&mut self, a: [f64; 2], b: [f64; 2], reach: f64, pen: &Pen, walked: &mut f64) {
        let length = length(b[0] - a[0], b[1] - a[1]);
        let start = *walked;
        *walked += length;
        let Some((from, to)) = self.clip(a, b, reach) else { return };
        let at = |t: f64| [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];
        match pen.dash_px {
            None if self.drawn.has(a, b, pen) => {}
            None if (from, to) == (0.0, 1.0) => self.segment(a, b, length, pen),
            None => self.segment(at(from), at(to), length * (to - from), pen),
            // Dashes of two neighbours along one border would fill each other's gaps.
            Some(_) if self.drawn.has_any(a, b, pen) => {}
            Some([on, off]) => {
                let period = on + off;
                let (from, to) = (start + from * length, start + to * length);
                let mut dash = (from / period).floor() * period;
                while dash < to {
                    let (first, last) = (dash.max(from), (dash + on).min(to));
                    if first < last && length > 0.0 {
                        self.dash(at((first - start) / length), at((last - start) / length), last - first, pen);
                    }
                    dash += period;
                }
            }
        }
    }

    /// The part of an edge, as shares of its length, within `reach` of the band (Liang and Barsky 1984).
    fn clip(&self, a: [f64; 2], b: [f64; 2], reach: f64) -> Option<(f64, f64)> {
        let near = |v: f64, size: usize| v >= -reach && v <= size as f64 + reach;
        if near(a[0], self.width) && near(b[0], self.width) && near(a[1], self.height) && near(b[1], self.height) {
            return Some((0.0, 1.0));
        }
        let (mut from, mut to) = (0.0f64, 1.0f64);
        for (start, end, size) in [(a[0], b[0], self.width as f64), (a[1], b[1], self.height as f64)] {
            let delta = end - start;
            for (step, room) in [(-delta, start + reach), (delta, size + reach - start)] {
                if step == 0.0 {
                    if room < 0.0 {
                        return None;
                    }
                } else if step < 0.0 {
                    from = from.max(room / step);
                } else {
                    to = to.min(room / step);
                }
            }
        }
        (from <= to).then_some((from, to))
    }

    /// A straight line with round ends.
    fn segment(&mut self, a: [f64; 2], b: [f64; 2], length: f64, pen: &Pen) {
        let reach = f64::from(pen.half_px) + 0.5;
        let strip = Strip::new(a, b, length, reach, self.width);
        let [ux, uy] = strip.unit.map(|share| share as f32);
        let (length, full) = (length as f32, pen.strength * 255.0);
        let rows = rows_between(a[1].min(b[1]) - reach, a[1].max(b[1]) + reach, self.height);
        for y in rows.clone() {
            let (from_a, columns) = strip.row(y, self.width);
            let (along, beside) = strip.place(columns.start, from_a);
            let (along, beside) = (along as f32, beside as f32);
            let cells = &mut self.cells[y * stride(self.width) + columns.start..];
            let cells = &mut cells[..columns.len().next_multiple_of(AT_ONCE)];
            for (nth, cells) in cells.as_chunks_mut::<AT_ONCE>().0.iter_mut().enumerate() {
                for (k, old) in cells.iter_mut().enumerate() {
                    let x = (nth * AT_ONCE + k) as f32;
                    let (along, beside) = (along + x * ux, beside - x * uy);
                    let past = (along - length).max(-along).max(0.0);
                    let share = strip_coverage((beside * beside + past * past).sqrt(), pen.half_px);
                    *old = (*old).max(cell(rounded(share * full), pen.symbol));
                }
            }
        }
        self.note(rows);
    }

    /// A straight line with blunt ends.
    fn dash(&mut self, a: [f64; 2], b: [f64; 2], length: f64, pen: &Pen) {
        let reach = f64::from(pen.half_px) + 0.5;
        let strip = Strip::new(a, b, length, reach, self.width);
        let rows = rows_between(a[1].min(b[1]) - reach, a[1].max(b[1]) + reach, self.height);
        for y in rows.clone() {
            let (from_a, columns) = strip.row(y, self.width);
            for x in columns {
                let (along, beside) = strip.place(x, from_a);
                let whole = strip_coverage(beside.abs() as f32, pen.half_px);
                let ends = (along + 0.5).clamp(0.0, 1.0).min((length - along + 0.5).clamp(0.0, 1.0));
                let value = rounded(whole * ends as f32 * pen.strength * 255.0);
                let old = &mut self.cells[y * stride(self.width) + x];
                *old = (*old).max(cell(value, pen.symbol));
            }
        }
        self.note(rows);
    }

    fn note(&mut self, rows: Range<usize>) {
        if !rows.is_empty() {
            self.used = (self.used.0.min(rows.start), self.used.1.max(rows.end - 1));
        }
    }

    /// Paints the lines onto `pixels` with the colour of each symbol.
    pub fn paint(&self, pixels: &mut Pixels, colors: &[Premultiplied]) {
        let cells = self.used_cells();
        paint_rows(&self.cells[cells.clone()], self.width, cells.start / stride(self.width), pixels, colors);
    }

    /// The coverage without what is needed to add to it.
    pub fn trace(&self) -> LineTrace {
        let cells = self.used_cells();
        LineTrace { width: self.width, first: cells.start / stride(self.width), cells: self.cells[cells].to_vec() }
    }

    fn used_cells(&self) -> Range<usize> {
        let stride = stride(self.width);
        if self.used.0 > self.used.1 { 0..0 } else { self.used.0 * stride..(self.used.1 + 1) * stride }
    }
}

/// Coverage of a band by lines as it was, to be painted again.
#[derive(Debug)]
pub struct LineTrace {
    width: usize,
    /// First row of the band that it knows.
    first: usize,
    cells: Vec<Cell>,
}

impl LineTrace {
    /// Paints the lines as the grid would.
    pub fn paint(&self, pixels: &mut Pixels, colors: &[Premultiplied]) {
        paint_rows(&self.cells, self.width, self.first, pixels, colors);
    }

    /// Size in memory.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.cells[..])
    }
}

/// Paints rows of cells, the first of which is row `first` of the band.
fn paint_rows(cells: &[Cell], width: usize, first: usize, pixels: &mut Pixels, colors: &[Premultiplied]) {
    for (y, row) in (first..).zip(cells.chunks_exact(stride(width))) {
        for (at, cell) in (y * width..).zip(&row[..width]).filter(|(_, cell)| **cell > 0) {
            if let Some(color) = colors.get((cell & 0xFFFF) as usize) {
                pixels.blend(at, *color, (cell >> 16) as u32);
            }
        }
    }
}

/// The nearest whole number of one that is not negative and not large: 2²³ leaves a float no room for a fraction.
fn rounded(value: f32) -> i32 {
    const WHOLE: f32 = 8_388_608.0;
    ((value + WHOLE).to_bits() - WHOLE.to_bits()) as i32
}

/// Rows (or columns) whose middle may lie between `from` and `to`.
fn rows_between(from: f64, to: f64, count: usize) -> Range<usize> {
    let first = first_at_least(from - 0.5, count) as usize;
    let end = if to >= 0.5 { ((to - 0.5) as usize).saturating_add(1).min(count) } else { 0 };
    first..end.max(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::MapView;

    fn to_pixels(width: f64, height: f64) -> ToPixels {
        let center = Coord { x: width / 2.0, y: height / 2.0 };
        ToPixels::new(&MapView { center, units_per_px: 1.0, size_px: [width, height] }, 1.0, 0)
    }

    fn draw(width: usize, path: &[(f64, f64)], pen: &Pen) -> LineGrid {
        let mut grid = LineGrid::new(width, width);
        let coords: Vec<Coord> = path.iter().map(|(x, y)| Coord { x: *x, y: *y }).collect();
        grid.path(&to_pixels(width as f64, width as f64), &coords, pen);
        grid
    }

    fn covered(grid: &LineGrid) -> f64 {
        let rows = grid.cells.chunks_exact(stride(grid.width)).flat_map(|row| &row[..grid.width]);
        rows.map(|cell| f64::from(cell >> 16)).sum::<f64>() / 255.0
    }

    #[test]
    fn a_line_covers_its_length_times_its_width_in_any_direction() {
        for width in [0.7f32, 2.0, 3.0] {
            for degrees in [0.0f64, 17.0, 45.0, 90.0, 133.0] {
                let (sin, cos) = degrees.to_radians().sin_cos();
                let path = [(50.0 - 40.0 * cos, 50.0 - 40.0 * sin), (50.0 + 40.0 * cos, 50.0 + 40.0 * sin)];
                let area = covered(&draw(100, &path, &Pen::new(width, None, 1.0, 0)));
                let caps = std::f64::consts::PI * f64::from(width * width) / 4.0;
                let expected = 80.0 * f64::from(width) + caps;
                assert!((area / expected - 1.0).abs() < 0.05, "{width} px, {degrees}°: {area} for {expected}");
            }
        }
    }

    #[test]
    fn an_edge_drawn_twice_is_not_darker() {
        let pen = Pen { strength: 0.6, ..Pen::new(0.7, None, 1.0, 0) };
        let once = draw(40, &[(3.0, 5.0), (33.0, 21.0)], &pen);
        let mut twice = draw(40, &[(3.0, 5.0), (33.0, 21.0)], &pen);
        twice.path(&to_pixels(40.0, 40.0), &[Coord { x: 33.0, y: 21.0 }, Coord { x: 3.0, y: 5.0 }], &pen);
        assert!((covered(&once) - covered(&twice)).abs() < 0.1);
    }

    #[test]
    fn an_edge_drawn_again_is_as_strong_as_its_strongest_pen() {
        let path = [Coord { x: 3.0, y: 5.0 }, Coord { x: 33.0, y: 21.0 }];
        let back = [path[1], path[0]];
        let pen = |width: f32, strength: f32| Pen { strength, ..Pen::new(width, None, 1.0, 0) };
        let to_pixels = to_pixels(40.0, 40.0);
        let drawn = |pens: &[Pen]| {
            let mut grid = LineGrid::new(40, 40);
            for (nth, pen) in pens.iter().enumerate() {
                grid.path(&to_pixels, if nth % 2 == 0 { &path } else { &back }, pen);
            }
            covered(&grid)
        };
        let strongest = drawn(&[pen(1.0, 0.9)]);
        for pens in [[0.4, 0.9], [0.9, 0.4], [0.9, 0.9]] {
            assert!((drawn(&pens.map(|strength| pen(1.0, strength))) - strongest).abs() < 0.3, "{pens:?}");
        }
        assert!((drawn(&[pen(1.0, 0.9), pen(3.0, 0.9)]) - drawn(&[pen(3.0, 0.9)])).abs() < 0.3);
        // Another picture has not got it.
        let mut grid = LineGrid::new(40, 40);
        grid.path(&to_pixels, &path, &pen(1.0, 0.9));
        grid.clear();
        grid.path(&to_pixels, &back, &pen(1.0, 0.9));
        assert!((covered(&grid) - strongest).abs() < 0.3);
    }

    #[test]
    fn dashes_cover_their_share_and_go_on_around_corners() {
        let dash = Some(Dash { on_px: 6.0, off_px: 4.0 });
        let pen = Pen::new(2.0, dash, 1.0, 0);
        let straight = covered(&draw(200, &[(0.0, 50.0), (200.0, 50.0)], &pen));
        assert!((straight - 240.0).abs() < 4.0, "{straight}");
        let bent = covered(&draw(200, &[(0.0, 50.0), (97.0, 50.0), (97.0, 153.0)], &pen));
        assert!((bent - 240.0).abs() < 4.0, "{bent}");
    }

    #[test]
    fn a_dashed_border_of_two_neighbours_keeps_its_gaps() {
        let dash = Some(Dash { on_px: 6.0, off_px: 4.0 });
        let pen = Pen::new(2.0, dash, 1.0, 0);
        let border = [(0.0, 50.0), (33.0, 50.0), (77.0, 50.0), (120.0, 50.0), (200.0, 50.0)];
        let once = covered(&draw(200, &border, &pen));
        let mut grid = draw(200, &border, &pen);
        let back: Vec<Coord> = border.iter().rev().map(|(x, y)| Coord { x: *x, y: *y }).collect();
        grid.path(&to_pixels(200.0, 200.0), &back, &Pen { symbol: 1, ..pen });
        assert!((covered(&grid) - once).abs() < 0.5, "{} for {once}", covered(&grid));
    }

    #[test]
    fn what_lies_far_outside_costs_nothing_and_breaks_nothing() {
        let dash = Some(Dash { on_px: 6.0, off_px: 4.0 });
        for pen in [Pen::new(1.0, None, 1.0, 0), Pen::new(1.0, dash, 1.0, 0)] {
            let grid = draw(50, &[(-1e9, 25.0), (1e9, 25.0), (f64::NAN, 0.0), (1e9, 1e9)], &pen);
            let row = covered(&grid);
            assert!(row > 25.0 && row <= 51.0, "{row}");
        }
        assert_eq!(covered(&draw(50, &[(-100.0, -5.0), (100.0, -5.0)], &Pen::new(2.0, None, 1.0, 0))), 0.0);
    }
}
