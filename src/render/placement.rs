//! Where labels go: what is taken of a picture, and what is free.
//!
//! Rectangles are whole sixteenths of a pixel from a corner that stands still in the world. Sums of whole numbers do not
//! round, so that the same labels meet each other wherever the map is moved to.

/// Steps of places a pixel.
pub const STEPS: f32 = 16.0;

/// A rectangle in sixteenths of a pixel, y down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rect {
    /// Smallest x.
    pub left: i32,
    /// Smallest y.
    pub top: i32,
    /// Largest x.
    pub right: i32,
    /// Largest y.
    pub bottom: i32,
}

impl Rect {
    /// The rectangle around a place that reaches so many pixels to the sides and to top and bottom.
    pub fn around([x, y]: [i32; 2], half_px: [f32; 2]) -> Self {
        let [across, down] = half_px.map(steps);
        Self {
            left: x.saturating_sub(across),
            top: y.saturating_sub(down),
            right: x.saturating_add(across),
            bottom: y.saturating_add(down),
        }
    }

    /// The same less an eighth of a pixel on each side: what touches it in one picture may overlap it in the next by as much
    /// as places round.
    #[must_use]
    pub fn core(&self) -> Self {
        let by = (STEPS / 8.0) as i32;
        Self { left: self.left + by, top: self.top + by, right: self.right - by, bottom: self.bottom - by }
    }

    /// Whether the two share more than an edge.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }

    /// Whether all of another lies in it.
    pub fn holds(&self, other: &Self) -> bool {
        self.left <= other.left && other.right <= self.right && self.top <= other.top && other.bottom <= self.bottom
    }
}

/// A length in pixels as steps.
pub fn steps(px: f32) -> i32 {
    (px * STEPS).round() as i32
}

/// Whose a taken rectangle is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A label.
    Label,
    /// The lines of a layer, by its number.
    Line(u16),
    /// The markers of a layer.
    Marker(u16),
}

/// Rectangles that are taken in a picture, found by the cells of a grid.
#[derive(Clone, Debug)]
pub struct Placement {
    /// Columns and rows of cells.
    size: [i32; 2],
    /// Side of a cell in steps.
    cell: i32,
    /// Last link of each cell.
    heads: Vec<u32>,
    /// What is taken, and the link before in the same cell.
    links: Vec<(u32, u32)>,
    taken: Vec<(Rect, Owner)>,
}

/// Side of a cell in pixels.
const CELL_PX: f32 = 48.0;
/// Most cells along a side.
const MOST_CELLS: f32 = 1024.0;
/// No link.
const NONE: u32 = u32::MAX;

impl Placement {
    /// Nothing is taken in a picture of that many pixels.
    pub fn new(size_px: [f32; 2]) -> Self {
        let longest = size_px[0].max(size_px[1]).max(1.0);
        let cell_px = CELL_PX.max(longest / MOST_CELLS);
        let size = size_px.map(|side| (side / cell_px).ceil().clamp(1.0, MOST_CELLS) as i32);
        let heads = vec![NONE; (size[0] * size[1]) as usize];
        Self { size, cell: steps(cell_px).max(1), heads, links: Vec::new(), taken: Vec::new() }
    }

    /// Takes a rectangle, whether it is free or not.
    pub fn take(&mut self, rect: Rect, owner: Owner) {
        let number = self.taken.len() as u32;
        self.taken.push((rect, owner));
        for cell in self.cells_of(&rect) {
            self.links.push((number, self.heads[cell]));
            self.heads[cell] = (self.links.len() - 1) as u32;
        }
    }

    /// Whether a rectangle meets nothing that is taken, but for what `ignored` owns.
    pub fn is_free(&self, rect: &Rect, ignored: &[Owner]) -> bool {
        self.cells_of(rect).all(|cell| {
            let mut link = self.heads[cell];
            while let Some((number, before)) = self.links.get(link as usize) {
                let (taken, owner) = &self.taken[*number as usize];
                if taken.overlaps(rect) && !ignored.contains(owner) {
                    return false;
                }
                link = *before;
            }
            true
        })
    }

    /// Cells that a rectangle lies in. What lies outside the picture counts to the cells at its edge.
    fn cells_of(&self, rect: &Rect) -> impl Iterator<Item = usize> + use<> {
        let [columns, rows] = self.size;
        let cell = |v: i32, most: i32| v.div_euclid(self.cell).clamp(0, most - 1);
        let across = cell(rect.left, columns)..=cell(rect.right, columns);
        let down = cell(rect.top, rows)..=cell(rect.bottom, rows);
        down.flat_map(move |row| across.clone().map(move |column| (row * columns + column) as usize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(x: f32, y: f32) -> [i32; 2] {
        [steps(x), steps(y)]
    }

    #[test]
    fn what_is_taken_is_not_free_but_for_its_owner() {
        let mut placement = Placement::new([200.0, 100.0]);
        placement.take(Rect::around(at(100.0, 50.0), [8.0, 8.0]), Owner::Marker(3));
        let across = Rect::around(at(110.0, 50.0), [20.0, 6.0]);
        let beside = Rect::around(at(128.0, 50.0), [20.0, 6.0]);
        assert!(!placement.is_free(&across, &[]) && placement.is_free(&across, &[Owner::Marker(3)]));
        assert!(placement.is_free(&beside, &[]));
        placement.take(beside, Owner::Label);
        assert!(!placement.is_free(&beside, &[Owner::Marker(3)]));
        // What reaches out of the picture is known there, too.
        placement.take(Rect::around(at(-30.0, 20.0), [40.0, 6.0]), Owner::Line(0));
        assert!(!placement.is_free(&Rect::around(at(-60.0, 20.0), [20.0, 6.0]), &[]));
    }

    proptest! {
        #[test]
        fn the_grid_finds_what_a_search_of_all_finds(
            taken in prop::collection::vec((-50f32..550.0, -50f32..350.0, 1f32..90.0), 0..60),
            asked in (-50f32..550.0, -50f32..350.0, 1f32..90.0)
        ) {
            let rect = |(x, y, half): &(f32, f32, f32)| Rect::around(at(*x, *y), [*half, 7.0]);
            let mut placement = Placement::new([500.0, 300.0]);
            taken.iter().for_each(|of| placement.take(rect(of), Owner::Label));
            let free = taken.iter().all(|of| !rect(of).overlaps(&rect(&asked)));
            prop_assert_eq!(placement.is_free(&rect(&asked), &[]), free);
        }
    }
}
