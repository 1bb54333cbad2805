//! Marks on a grid: which extents come near others.

use crate::model::{Coord, Extent};

/// Cells a feature: extents are told apart at about a quarter of their size.
const CELLS_A_FEATURE: usize = 16;
/// Most cells, 8 MB.
const MOST_CELLS: usize = 1 << 26;

/// A grid of marks over an extent.
pub(super) struct Cells {
    min: Coord,
    /// Cells a unit, in both directions.
    rate: (f64, f64),
    columns: usize,
    rows: usize,
    words_a_row: usize,
    bits: Vec<u64>,
}

impl Cells {
    /// An empty grid for `count` features in `extent`.
    pub(super) fn new(extent: Extent, count: usize) -> Self {
        let cells = (CELLS_A_FEATURE * count).clamp(64, MOST_CELLS) as f64;
        let (width, height) = (extent.width(), extent.height());
        let side = |cells: f64| if cells.is_finite() { (cells.ceil() as usize).clamp(1, 1 << 14) } else { 1 };
        let columns = side((cells * width / height).sqrt());
        let rows = side(cells / columns as f64);
        let rate = |count: usize, length: f64| if length > 0.0 { count as f64 / length } else { 0.0 };
        let words_a_row = columns.div_ceil(64);
        Self {
            min: extent.min,
            rate: (rate(columns, width), rate(rows, height)),
            columns,
            rows,
            words_a_row,
            bits: vec![0; words_a_row * rows],
        }
    }

    /// Marks what an extent covers.
    pub(super) fn mark(&mut self, extent: &Extent) {
        for (word, mask) in self.words(extent) {
            self.bits[word] |= mask;
        }
    }

    /// Whether something is marked near an extent: surely where it meets one that was marked.
    pub(super) fn touches(&self, extent: &Extent) -> bool {
        self.words(extent).any(|(word, mask)| self.bits[word] & mask != 0)
    }

    /// The words of the cells that an extent touches, and the bits in them.
    fn words(&self, extent: &Extent) -> impl Iterator<Item = (usize, u64)> + use<> {
        let place = |v: f64, low: f64, rate: f64, count: usize| (((v - low) * rate) as usize).min(count - 1);
        let column = |v: f64| place(v, self.min.x, self.rate.0, self.columns);
        let row = |v: f64| place(v, self.min.y, self.rate.1, self.rows);
        let (left, right) = (column(extent.min.x), column(extent.max.x));
        let rows = if extent.is_empty() { 0..0 } else { row(extent.min.y)..row(extent.max.y) + 1 };
        let words_a_row = self.words_a_row;
        rows.flat_map(move |row| {
            (left / 64..=right / 64).map(move |word| {
                let from = if word == left / 64 { left % 64 } else { 0 };
                let upto = if word == right / 64 { right % 64 } else { 63 };
                (row * words_a_row + word, (u64::MAX << from) & (u64::MAX >> (63 - upto)))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extent(x: f64, y: f64, width: f64, height: f64) -> Extent {
        Extent { min: Coord { x, y }, max: Coord { x: x + width, y: y + height } }
    }

    #[test]
    fn what_meets_a_mark_is_found() {
        let mut cells = Cells::new(extent(0.0, 0.0, 100.0, 50.0), 5_000);
        cells.mark(&extent(20.0, 10.0, 45.0, 1.0));
        cells.mark(&Extent::EMPTY);
        for (x, y, width, height, expected) in [
            (64.9, 9.0, 0.2, 5.0, true),
            (65.0, 11.0, 1.0, 1.0, true),
            (0.0, 0.0, 100.0, 50.0, true),
            (30.0, 10.5, 0.0, 0.0, true),
            (70.0, 10.0, 5.0, 1.0, false),
            (20.0, 12.0, 45.0, 3.0, false),
            (0.0, 0.0, 100.0, 9.0, false),
        ] {
            assert_eq!(cells.touches(&extent(x, y, width, height)), expected, "{x} {y} {width} {height}");
        }
        assert!(!cells.touches(&Extent::EMPTY));
        // One point has no size to divide.
        let mut point = Cells::new(extent(1.0, 1.0, 0.0, 0.0), 1);
        point.mark(&extent(1.0, 1.0, 0.0, 0.0));
        assert!(point.touches(&extent(1.0, 1.0, 0.0, 0.0)));
    }
}
