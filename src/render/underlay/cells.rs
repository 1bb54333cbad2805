//! The cells that a picture beneath a moving map is made of: squares of a lattice that stands still in the world. A map that
//! is moved at one scale needs but the cells that come in at its edge; all others stay as they are, pixel by pixel.

use crate::model::Coord;
use crate::render::MapView;

/// Side of a cell in pixels.
const CELL_PX: f64 = 512.0;

/// Cells of one size, from the upper left one to the lower right one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cells {
    /// World units a pixel.
    unit: f64,
    first: [i64; 2],
    last: [i64; 2],
}

impl Cells {
    /// Those that a view shows at `scale` pixels a pixel of it, and `around` of its sides beyond.
    pub fn of(view: &MapView, scale: f64, around: f64) -> Self {
        let unit = view.units_per_px / scale;
        let side = CELL_PX * unit;
        let (extent, margin) = (view.extent(), view.size_px.map(|side| side * around * view.units_per_px));
        let at = |place: f64| (place / side).floor() as i64;
        // Rows are counted down.
        let first = [at(extent.min.x - margin[0]), at(-(extent.max.y + margin[1]))];
        let last = [at(extent.max.x + margin[0]), at(-(extent.min.y - margin[1]))];
        Self { unit, first, last }
    }

    /// Whether the cells of both are of one size, and so the same cells where both have them.
    pub fn are_as_large_as(&self, other: &Self) -> bool {
        self.unit == other.unit
    }

    /// Column and row of each, those in the middle last: of what a server is asked for, the last comes first.
    pub fn all(&self) -> Vec<[i64; 2]> {
        let columns = self.first[0]..=self.last[0];
        let mut all: Vec<[i64; 2]> =
            (self.first[1]..=self.last[1]).flat_map(|row| columns.clone().map(move |column| [column, row])).collect();
        let from_middle = |cell: &[i64; 2]| {
            let away = [0, 1].map(|axis| (2 * cell[axis] - self.first[axis] - self.last[axis]).unsigned_abs());
            away[0].max(away[1])
        };
        all.sort_by_key(|cell| std::cmp::Reverse(from_middle(cell)));
        all
    }

    /// The view that shows one of them, a pixel a pixel.
    pub fn view_of(&self, [column, row]: [i64; 2]) -> MapView {
        let side = CELL_PX * self.unit;
        let center = Coord { x: (column as f64 + 0.5) * side, y: -(row as f64 + 0.5) * side };
        MapView { center, units_per_px: self.unit, size_px: [CELL_PX; 2] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_cover_the_view_and_stay_where_they_are_when_it_moves() {
        let view =
            MapView { center: Coord { x: 39_500_123.4, y: 4_070_456.7 }, units_per_px: 2.5, size_px: [1600.0, 900.0] };
        let cells = Cells::of(&view, 2.0, 0.1);
        let all = cells.all();
        let shown = |cell: &[i64; 2]| cells.view_of(*cell).extent();
        let seen = view.extent();
        for corner in [seen.min, seen.max, Coord { x: seen.min.x, y: seen.max.y }, seen.center()] {
            let count = all.iter().map(shown).filter(|of| {
                of.min.x <= corner.x && corner.x < of.max.x && of.min.y < corner.y && corner.y <= of.max.y
            });
            assert_eq!(count.count(), 1, "{corner:?}");
        }
        let middle = shown(all.last().expect("some"));
        assert!(middle.min.x - 640.0 < seen.center().x && seen.center().x < middle.max.x + 640.0);
        let moved = Cells::of(&view.panned([700.0, 0.0]), 2.0, 0.1);
        assert!(moved.are_as_large_as(&cells) && moved != cells);
        let new = moved.all().into_iter().filter(|cell| !all.contains(cell)).count();
        assert!(new > 0 && new < all.len() / 2, "{new} of {}", all.len());
        assert_eq!(Cells::of(&view.panned([0.25, 0.0]), 2.0, 0.1), cells);
        assert!(!Cells::of(&view.zoomed_about([0.0, 0.0], 2.0), 2.0, 0.1).are_as_large_as(&cells));
    }
}
