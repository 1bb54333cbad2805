//! Where labels go: never over each other, never over a marker, inside the map.

use rustc_hash::FxHashMap;

/// A rectangle in pixels, y down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    /// Smallest x.
    pub left: f32,
    /// Smallest y.
    pub top: f32,
    /// Largest x.
    pub right: f32,
    /// Largest y.
    pub bottom: f32,
}

impl Rect {
    /// The square around a point that reaches `reach` to each side.
    pub fn around(at: [f32; 2], reach: f32) -> Self {
        Self { left: at[0] - reach, top: at[1] - reach, right: at[0] + reach, bottom: at[1] + reach }
    }

    fn sized(left: f32, top: f32, [width, height]: [f32; 2]) -> Self {
        Self { left, top, right: left + width, bottom: top + height }
    }

    /// Whether the two share more than an edge.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }

    fn holds(&self, other: &Self) -> bool {
        self.left <= other.left && other.right <= self.right && self.top <= other.top && other.bottom <= self.bottom
    }
}

/// Rectangles that are taken, found by the cells of a coarse grid.
#[derive(Clone, Debug)]
pub struct Placement {
    map: Rect,
    cells: FxHashMap<(i32, i32), Vec<Rect>>,
}

/// Side of a cell in pixels.
const CELL: f32 = 64.0;

impl Placement {
    /// Nothing is taken in a map of `[left, top, right, bottom]`.
    pub fn new([left, top, right, bottom]: [f32; 4]) -> Self {
        Self { map: Rect { left, top, right, bottom }, cells: FxHashMap::default() }
    }

    /// Takes a rectangle, whether it is free or not. What lies outside the map takes nothing.
    pub fn take(&mut self, rect: Rect) {
        if rect.overlaps(&self.map) {
            for cell in self.cells_of(&rect) {
                self.cells.entry(cell).or_default().push(rect);
            }
        }
    }

    /// Whether a rectangle lies in the map and meets nothing that is taken.
    pub fn is_free(&self, rect: &Rect) -> bool {
        let meets = |cell| self.cells.get(&cell).is_some_and(|taken| taken.iter().any(|other| other.overlaps(rect)));
        self.map.holds(rect) && !self.cells_of(rect).any(meets)
    }

    /// Takes the first free place for a text of `size` at a point, or `None` where there is none: on the point, or
    /// beside a marker that reaches `beside` pixels to each side: right, left, above, below.
    pub fn place(&mut self, [x, y]: [f32; 2], size: [f32; 2], beside: Option<f32>) -> Option<Rect> {
        let [width, height] = size;
        let middle = (x - width / 2.0, y - height / 2.0);
        let candidates = match beside {
            None => vec![middle],
            Some(reach) => vec![
                (x + reach, middle.1),
                (x - reach - width, middle.1),
                (middle.0, y - reach - height),
                (middle.0, y + reach),
            ],
        };
        let rects = candidates.into_iter().map(|(left, top)| Rect::sized(left, top, size));
        let free = rects.into_iter().find(|rect| self.is_free(rect))?;
        self.take(free);
        Some(free)
    }

    fn cells_of(&self, rect: &Rect) -> impl Iterator<Item = (i32, i32)> + use<> {
        let cell = |v: f32| (v / CELL).floor() as i32;
        let columns = cell(rect.left.max(self.map.left))..=cell(rect.right.min(self.map.right));
        let rows = cell(rect.top.max(self.map.top))..=cell(rect.bottom.min(self.map.bottom));
        columns.flat_map(move |x| rows.clone().map(move |y| (x, y)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_label_steps_aside_for_a_marker_and_gives_up_where_nothing_is_free() {
        let mut placement = Placement::new([0.0, 0.0, 200.0, 100.0]);
        placement.take(Rect::around([100.0, 50.0], 8.0));
        let right = placement.place([100.0, 50.0], [40.0, 12.0], Some(10.0)).expect("free");
        assert_eq!((right.left, right.top), (110.0, 44.0));
        let left = placement.place([100.0, 50.0], [40.0, 12.0], Some(10.0)).expect("free");
        assert_eq!(left.right, 90.0);
        assert_eq!(placement.place([100.0, 50.0], [40.0, 12.0], None), None);
        assert_eq!(placement.place([195.0, 50.0], [40.0, 12.0], None), None);
    }

    proptest! {
        #[test]
        fn labels_never_overlap(points in prop::collection::vec((0f32..500.0, 0f32..300.0, 5f32..90.0), 0..80)) {
            let mut placement = Placement::new([0.0, 0.0, 500.0, 300.0]);
            let placed: Vec<Rect> =
                points.iter().filter_map(|(x, y, w)| placement.place([*x, *y], [*w, 14.0], Some(6.0))).collect();
            for (i, a) in placed.iter().enumerate() {
                prop_assert!(a.left >= 0.0 && a.right <= 500.0 && a.top >= 0.0 && a.bottom <= 300.0);
                prop_assert!(placed[..i].iter().all(|b| !a.overlaps(b)));
            }
        }
    }
}
