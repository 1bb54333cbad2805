//! Lines: how much of each pixel they cover, the largest share of all segments that reach it.
//!
//! Taking the largest instead of adding means that joints are round and even, that lines of one layer merge where they
//! cross, and that an edge drawn by both of its parcels is not darker than one that has a single owner.

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

/// Coverage of a band by lines.
#[derive(Debug)]
pub struct LineGrid {
    width: usize,
    height: usize,
    coverage: Vec<u8>,
    symbols: Vec<u16>,
    /// First and last row that hold something; the first is larger when there is none.
    used: (usize, usize),
}

impl LineGrid {
    /// An empty grid of `width` × `height` pixels.
    pub fn new(width: usize, height: usize) -> Self {
        let count = width * height;
        Self { width, height, coverage: vec![0; count], symbols: vec![0; count], used: (usize::MAX, 0) }
    }

    /// Forgets all lines.
    pub fn clear(&mut self) {
        if self.used.0 <= self.used.1 {
            self.coverage[self.used.0 * self.width..(self.used.1 + 1) * self.width].fill(0);
        }
        self.used = (usize::MAX, 0);
    }

    /// Draws a path; coordinates that are not finite are left out of it.
    pub fn path(&mut self, to_pixels: &ToPixels, coords: &[Coord], pen: &Pen) {
        let mut points = coords.iter().filter(|c| c.x.is_finite() && c.y.is_finite()).map(|c| to_pixels.at(*c));
        let Some(mut last) = points.next() else { return };
        let reach = f64::from(pen.half_px) + 1.0;
        let mut walked = 0.0;
        let mut pending = None;
        for next in points {
            // What is nearer than an eighth of a pixel cannot be seen.
            if (next[0] - last[0]).abs() + (next[1] - last[1]).abs() < 0.125 {
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
            None => self.segment(at(from), at(to), pen, false),
            Some([on, off]) => {
                let period = on + off;
                let (from, to) = (start + from * length, start + to * length);
                let mut dash = (from / period).floor() * period;
                while dash < to {
                    let (first, last) = (dash.max(from), (dash + on).min(to));
                    if first < last && length > 0.0 {
                        self.segment(at((first - start) / length), at((last - start) / length), pen, true);
                    }
                    dash += period;
                }
            }
        }
    }

    /// The part of an edge, as shares of its length, within `reach` of the band (Liang and Barsky 1984).
    fn clip(&self, a: [f64; 2], b: [f64; 2], reach: f64) -> Option<(f64, f64)> {
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

    fn segment(&mut self, a: [f64; 2], b: [f64; 2], pen: &Pen, butt: bool) {
        let half = f64::from(pen.half_px);
        let reach = half + 0.5;
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        let length = length(dx, dy);
        let (ux, uy) = if length > 0.0 { (dx / length, dy / length) } else { (1.0, 0.0) };
        let rows = rows_between(a[1].min(b[1]) - reach, a[1].max(b[1]) + reach, self.height);
        let (least, most) = (a[0].min(b[0]) - reach, a[0].max(b[0]) + reach);
        for y in rows {
            let from_a = y as f64 + 0.5 - a[1];
            // The strip of the whole line on this row, then no further than the segment's own box.
            let (mut left, mut right) = (least, most);
            if uy.abs() > 1e-6 {
                let middle = a[0] + from_a * ux / uy;
                let spread = reach / uy.abs();
                left = left.max(middle - spread);
                right = right.min(middle + spread);
            }
            for x in rows_between(left, right, self.width) {
                let from_a_x = x as f64 + 0.5 - a[0];
                let along = from_a_x * ux + from_a * uy;
                let beside = (from_a * ux - from_a_x * uy).abs();
                let past = if along < 0.0 { -along } else { (along - length).max(0.0) };
                let covered = if butt {
                    let whole = strip_coverage(beside as f32, pen.half_px);
                    let ends = (along + 0.5).clamp(0.0, 1.0).min((length - along + 0.5).clamp(0.0, 1.0));
                    whole * ends as f32
                } else if past > 0.0 {
                    strip_coverage((beside * beside + past * past).sqrt() as f32, pen.half_px)
                } else {
                    strip_coverage(beside as f32, pen.half_px)
                };
                let value = (covered * pen.strength * 255.0 + 0.5) as u8;
                let at = y * self.width + x;
                if value > self.coverage[at] {
                    self.coverage[at] = value;
                    self.symbols[at] = pen.symbol;
                    self.used = (self.used.0.min(y), self.used.1.max(y));
                }
            }
        }
    }

    /// Paints the lines onto `pixels` with the colour of each symbol.
    pub fn paint(&self, pixels: &mut Pixels, colors: &[Premultiplied]) {
        if self.used.0 > self.used.1 {
            return;
        }
        for at in self.used.0 * self.width..(self.used.1 + 1) * self.width {
            let coverage = self.coverage[at];
            if coverage > 0
                && let Some(color) = colors.get(usize::from(self.symbols[at]))
            {
                pixels.blend(at, *color, u32::from(coverage));
            }
        }
    }
}

/// Rows (or columns) whose middle may lie between `from` and `to`.
fn rows_between(from: f64, to: f64, count: usize) -> std::ops::Range<usize> {
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
        grid.coverage.iter().map(|c| f64::from(*c)).sum::<f64>() / 255.0
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
    fn dashes_cover_their_share_and_go_on_around_corners() {
        let dash = Some(Dash { on_px: 6.0, off_px: 4.0 });
        let pen = Pen::new(2.0, dash, 1.0, 0);
        let straight = covered(&draw(200, &[(0.0, 50.0), (200.0, 50.0)], &pen));
        assert!((straight - 240.0).abs() < 4.0, "{straight}");
        let bent = covered(&draw(200, &[(0.0, 50.0), (97.0, 50.0), (97.0, 153.0)], &pen));
        assert!((bent - 240.0).abs() < 4.0, "{bent}");
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
