//! What has come of a file that is still being read: enough to draw where it lies.
//!
//! The reader adds the geometry of each piece as it takes it; whoever watches looks whenever it likes. Features leave
//! marks on a grid that grows with them, which costs little beside reading them and nothing afterwards.

use std::any::Any;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use self::sums::Sums;
use super::OpenOptions;
use crate::crs::{Clues, Crs, Decision, Declared, Sample, decide};
use crate::model::{Coord, Extent, GeometryBlock, GeometryKind};
use crate::units::Area;

mod sums;

/// Columns and rows of the grid.
const SIDE: usize = 1024;

/// A first block covers about this part of the grid's side: what follows is likely to lie beside it.
const FIRST_SHARE: f64 = 0.25;

/// Numbers beyond this are no coordinates; they leave no mark.
const FARTHEST: f64 = 1e9;

/// What has come so far, shared by the thread that reads and the one that looks.
#[derive(Debug, Default)]
pub struct Arrivals {
    user: Option<Crs>,
    come: Mutex<Come>,
    /// Whether the reader can end before the end of its source and give what it has.
    can_stop: AtomicBool,
    /// Whether it shall.
    stopped: AtomicBool,
    /// What a reader that was stopped has left for going on.
    rest: Mutex<Option<Rest>>,
}

/// What only the reader that left it understands.
type Rest = Box<dyn Any + Send>;

#[derive(Debug, Default)]
struct Come {
    grid: Option<Grid>,
    sample: Sample,
    declared: Option<Declared>,
    format_default: Option<Crs>,
    feature_count: usize,
    sums: Sums,
}

/// What there is to see of it.
#[derive(Clone, Debug)]
pub struct Look {
    /// What the coordinates seem to be, judged by those that have come.
    pub decision: Decision,
    /// Where the marks lie, in the numbers of the file.
    pub extent: Extent,
    /// Columns and rows of the marks.
    pub size: [usize; 2],
    /// Whether something lies in each cell, row by row from the smallest y.
    pub marks: Vec<bool>,
    /// Features that have come.
    pub feature_count: usize,
    /// What their polygons cover, roughly, where that can be said.
    pub area: Option<Area>,
}

impl Arrivals {
    /// Nothing yet, of a file that is read as the user says.
    pub fn new(options: &OpenOptions) -> Self {
        Self { user: options.crs.clone(), ..Self::default() }
    }

    /// Nothing yet, of a file whose reading goes on where that of `stopped` ended.
    pub fn going_on(options: &OpenOptions, stopped: &Self) -> Self {
        Self { rest: Mutex::new(stopped.rest().take()), ..Self::new(options) }
    }

    /// Whether the reader was stopped and has left what it takes to go on.
    pub fn can_go_on(&self) -> bool {
        self.rest().is_some()
    }

    fn rest(&self) -> MutexGuard<'_, Option<Rest>> {
        // It is put there and taken as a whole.
        self.rest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves what it takes to go on.
    pub(super) fn leave(&self, rest: impl Any + Send) {
        *self.rest() = Some(Box::new(rest));
    }

    /// Takes what a reader of this kind has left.
    pub(super) fn take_left<T: Any>(&self) -> Option<Box<T>> {
        let rest = self.rest().take()?;
        rest.downcast().ok() // another reader's: of another file
    }

    /// Asks the reader to end where it is and to give what it has; whether it will. It does not where nothing has come,
    /// where its format has to be read as a whole, or where it was asked before.
    pub fn stop(&self) -> bool {
        self.can_stop.load(Ordering::Relaxed) && self.feature_count() > 0 && !self.stopped.swap(true, Ordering::Relaxed)
    }

    /// Says whether the reader looks now whether it shall stop.
    pub(super) fn say_can_stop(&self, can_stop: bool) {
        self.can_stop.store(can_stop, Ordering::Relaxed);
    }

    /// Whether the reader shall end where it is.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    fn come(&self) -> MutexGuard<'_, Come> {
        // A thread that panicked while it held the lock leaves marks that are as good as any.
        self.come.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets what came before: the next source of several is read, whose format prescribes `format_default`.
    pub(super) fn begin(&self, format_default: Option<Crs>) {
        self.say_can_stop(false);
        *self.come() = Come { format_default, ..Come::default() };
    }

    /// Forgets what came before of the same source: all of it comes once more.
    pub(super) fn begin_again(&self) {
        let format_default = self.come().format_default.clone();
        *self.come() = Come { format_default, ..Come::default() };
    }

    /// Adds features, of a source that declares the CRS that `declared` tells as far as it is known.
    pub(super) fn add(&self, geometry: &GeometryBlock, sample: &Sample, declared: impl FnOnce() -> Option<Declared>) {
        let sums = Sums::of(geometry);
        let mut come = self.come();
        come.sums.add(&sums);
        come.sample.merge(sample);
        come.feature_count += geometry.feature_count();
        if come.declared.is_none() {
            come.declared = declared();
        }
        let extent = within_reach(geometry);
        if extent.is_empty() {
            return;
        }
        let grid = come.grid.get_or_insert_with(|| Grid::around(&extent));
        grid.make_room(&extent);
        grid.mark(geometry);
    }

    /// How many features have come.
    pub fn feature_count(&self) -> usize {
        self.come().feature_count
    }

    /// What there is to see; `None` before anything that has a place has come.
    pub fn look(&self) -> Option<Look> {
        let come = self.come();
        let grid = come.grid.as_ref()?;
        let clues = Clues {
            user: self.user.clone(),
            declared: come.declared.clone(),
            format_default: come.format_default.clone(),
            sample: &come.sample,
        };
        let decision = decide(&clues);
        let (extent, size, marks) = grid.cut_out();
        let area = come.sums.area(&decision);
        Some(Look { decision, extent, size, marks, feature_count: come.feature_count, area })
    }
}

/// The extent of what has coordinates that can be ones.
fn within_reach(geometry: &GeometryBlock) -> Extent {
    let extent = geometry.extent();
    let reached = |e: &Extent| [e.min.x, e.min.y, e.max.x, e.max.y].iter().all(|v| v.abs() <= FARTHEST);
    if extent.is_empty() || reached(&extent) {
        return extent;
    }
    let near = |c: &&Coord| c.x.abs() <= FARTHEST && c.y.abs() <= FARTHEST;
    let mut some = Extent::EMPTY;
    geometry.coords().iter().filter(near).for_each(|c| some.add(*c));
    some
}

/// Marks on square cells. Cell (0, 0) of the plane begins at its origin, so that four cells become one of twice the size
/// wherever they lie.
#[derive(Debug)]
struct Grid {
    cell: f64,
    /// Numbers, in the plane, of the first column and row.
    first: [i64; 2],
    extent: Extent,
    marks: Vec<bool>,
}

impl Grid {
    fn around(extent: &Extent) -> Self {
        let span = extent.width().max(extent.height());
        // A single place has no size: a cell then is as small as numbers of that size can tell apart.
        let reach = extent.min.x.abs().max(extent.min.y.abs()).max(1.0);
        let cell = (span / (SIDE as f64 * FIRST_SHARE)).max(reach * 1e-9);
        let mut grid = Self { cell, first: [0; 2], extent: *extent, marks: vec![false; SIDE * SIDE] };
        grid.first = grid.centred();
        grid
    }

    /// The first column and row of a grid around the extent.
    fn centred(&self) -> [i64; 2] {
        let middle = self.extent.center();
        [middle.x, middle.y].map(|v| (v / self.cell).floor() as i64 - SIDE as i64 / 2)
    }

    /// Makes the grid hold `extent` as well: moves it, and takes larger cells where they are needed.
    fn make_room(&mut self, extent: &Extent) {
        let [columns, rows] = self.used();
        self.extent.union(extent);
        let e = &self.extent;
        let holds = |first: i64, from: f64, to: f64| {
            let index = |v: f64| (v / self.cell).floor() as i64 - first;
            index(from) >= 0 && index(to) < SIDE as i64
        };
        if holds(self.first[0], e.min.x, e.max.x) && holds(self.first[1], e.min.y, e.max.y) {
            return;
        }
        let span = e.width().max(e.height());
        let mut doublings = 0;
        while span / self.cell > (SIDE - 2) as f64 {
            self.cell *= 2.0;
            doublings += 1;
        }
        let (old, first) = (std::mem::take(&mut self.marks), self.first);
        self.first = self.centred();
        self.marks = vec![false; SIDE * SIDE];
        let moved = |axis: usize, at: usize| ((first[axis] + at as i64) >> doublings) - self.first[axis];
        let places = rows.flat_map(|row| columns.clone().map(move |column| (column, row)));
        let marked = places.filter(|(column, row)| old[row * SIDE + column]);
        let marked: Vec<[i64; 2]> = marked.map(|(column, row)| [moved(0, column), moved(1, row)]).collect();
        marked.into_iter().for_each(|[column, row]| self.set(column, row));
    }

    /// Columns and rows that hold the extent.
    fn used(&self) -> [std::ops::Range<usize>; 2] {
        let range = |first: i64, from: f64, to: f64| {
            let index = |v: f64| ((v / self.cell).floor() as i64 - first).clamp(0, SIDE as i64 - 1) as usize;
            index(from)..index(to) + 1
        };
        let e = &self.extent;
        [range(self.first[0], e.min.x, e.max.x), range(self.first[1], e.min.y, e.max.y)]
    }

    fn set(&mut self, column: i64, row: i64) {
        let side = 0..SIDE as i64;
        if side.contains(&column) && side.contains(&row) {
            self.marks[row as usize * SIDE + column as usize] = true;
        }
    }

    /// Column and row of a place; `None` outside and for what is no number.
    #[inline]
    fn cell_of(&self, c: Coord) -> Option<[i64; 2]> {
        let [x, y] = [c.x / self.cell - self.first[0] as f64, c.y / self.cell - self.first[1] as f64];
        let inside = |v: f64| v >= 0.0 && v < SIDE as f64;
        (inside(x) && inside(y)).then_some([x as i64, y as i64])
    }

    fn mark(&mut self, geometry: &GeometryBlock) {
        let coords = geometry.coords();
        if geometry.kind() == GeometryKind::Point {
            for c in coords {
                if let Some([column, row]) = self.cell_of(*c) {
                    self.set(column, row);
                }
            }
            return;
        }
        for path in geometry.ring_offsets().windows(2) {
            let mut last = None;
            for c in &coords[path[0] as usize..path[1] as usize] {
                let cell = self.cell_of(*c);
                if cell != last
                    && let Some(to) = cell
                {
                    self.line(last.unwrap_or(to), to);
                }
                last = cell;
            }
        }
    }

    /// Marks the cells on the way from one to another.
    fn line(&mut self, from: [i64; 2], to: [i64; 2]) {
        let [dx, dy] = [to[0] - from[0], to[1] - from[1]];
        let steps = dx.abs().max(dy.abs()).max(1);
        for step in 0..=steps {
            self.set(from[0] + dx * step / steps, from[1] + dy * step / steps);
        }
    }

    /// The part of the grid that holds the extent.
    fn cut_out(&self) -> (Extent, [usize; 2], Vec<bool>) {
        let [columns, rows] = self.used();
        let place = |column: usize, row: usize| Coord {
            x: (self.first[0] + column as i64) as f64 * self.cell,
            y: (self.first[1] + row as i64) as f64 * self.cell,
        };
        let extent = Extent { min: place(columns.start, rows.start), max: place(columns.end, rows.end) };
        let size = [columns.len(), rows.len()];
        let marks = rows.flat_map(|row| self.marks[row * SIDE..][columns.clone()].iter().copied()).collect();
        (extent, size, marks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::GeometryBuilder;

    fn squares(places: &[(f64, f64)], side: f64) -> GeometryBlock {
        let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
        for (x, y) in places {
            let at = |dx: f64, dy: f64| Coord { x: x + dx * side, y: y + dy * side };
            builder.polygon(&[vec![vec![at(0.0, 0.0), at(1.0, 0.0), at(1.0, 1.0), at(0.0, 1.0), at(0.0, 0.0)]]]);
        }
        builder.finish()
    }

    fn add(arrivals: &Arrivals, block: &GeometryBlock, crs: Option<&str>) {
        arrivals.add(block, &Sample::of(block.coords()), || crs.map(Declared::new));
    }

    /// Whether a mark lies at a place, or beside it.
    fn is_marked(look: &Look, x: f64, y: f64) -> bool {
        let cell = [look.extent.width() / look.size[0] as f64, look.extent.height() / look.size[1] as f64];
        let index = |v: f64, cell: f64, count: usize| ((v / cell) as usize).min(count - 1);
        let column = index(x - look.extent.min.x, cell[0], look.size[0]);
        let row = index(y - look.extent.min.y, cell[1], look.size[1]);
        let around = |v: usize, count: usize| v.saturating_sub(1)..(v + 2).min(count);
        around(row, look.size[1])
            .any(|row| around(column, look.size[0]).any(|column| look.marks[row * look.size[0] + column]))
    }

    #[test]
    fn the_grid_grows_with_what_comes() {
        let arrivals = Arrivals::default();
        arrivals.begin(Some(Crs::wgs84()));
        assert!(arrivals.look().is_none());
        let mut places = Vec::new();
        // Each piece lies farther out than all before it, on every side in turn.
        for step in 0..12 {
            let reach = 0.0004 * 1.9_f64.powi(step);
            let (dx, dy) = [(1.0, 0.2), (-1.0, 0.1), (0.3, 1.0), (-0.2, -1.0)][step as usize % 4];
            let place = (117.0 + dx * reach, 36.8 + dy * reach);
            places.push(place);
            add(&arrivals, &squares(&[place], 0.0001), None);
            let look = arrivals.look().expect("something came");
            assert!(look.size[0] <= SIDE && look.size[1] <= SIDE);
            for (x, y) in &places {
                assert!(is_marked(&look, *x, *y), "{step}: {x} {y} of {look:?}");
            }
            assert!(look.extent.contains(Coord { x: place.0, y: place.1 }));
        }
        let look = arrivals.look().expect("something came");
        assert_eq!((arrivals.feature_count(), &look.decision.crs, look.decision.certain), (12, &Crs::wgs84(), true));
        // Marks stay where features are: most of the grid is empty.
        assert!(look.marks.iter().filter(|marked| **marked).count() < 400);
    }

    #[test]
    fn outlines_are_closed_lines() {
        let arrivals = Arrivals::default();
        add(&arrivals, &squares(&[(39_500_000.0, 4_070_000.0)], 1000.0), Some("EPSG:4527"));
        let look = arrivals.look().expect("something came");
        for at in 0..=50 {
            let d = f64::from(at) * 20.0;
            assert!(is_marked(&look, 39_500_000.0 + d, 4_070_000.0) && is_marked(&look, 39_501_000.0, 4_070_000.0 + d));
        }
        assert!(!is_marked(&look, 39_500_500.0, 4_070_500.0), "outlines only");
    }

    #[test]
    fn numbers_that_are_no_places_leave_no_mark() {
        let arrivals = Arrivals::default();
        let odd = [f64::NAN, f64::INFINITY, 1e300, -1e300];
        let mut builder = GeometryBuilder::new(GeometryKind::Point);
        for x in odd {
            builder.coord(Coord { x, y: 1.0 });
            builder.end_feature();
        }
        let only_odd = builder.clone().finish();
        add(&arrivals, &only_odd, None);
        builder.coord(Coord { x: 117.0, y: 36.0 });
        builder.end_feature();
        add(&arrivals, &builder.finish(), None);
        let look = arrivals.look().expect("one place came");
        assert_eq!((look.marks.as_slice(), arrivals.feature_count()), (&[true][..], 9));
        // From a place of a millimetre to the ends of the earth.
        add(&arrivals, &squares(&[(-1e9, -1e9), (1e9 - 1.0, 1e9 - 1.0)], 1.0), None);
        let look = arrivals.look().expect("something came");
        assert!(is_marked(&look, 117.0, 36.0) && is_marked(&look, -1e9, -1e9));
    }
}
