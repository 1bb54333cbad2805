//! Tiles over edges: which edges can meet, and what contains a place.
//!
//! The extent is cut into a grid sized by the edges themselves, crowded cells again, until a tile holds a few edges.
//! An edge is listed in every tile that it touches. Each tile knows the set of units that contain its lower left corner
//! (its label), and how often each winds around it: from tile to tile along a row the label changes by the edges that
//! cross the lower side, so that no place is ever searched from far away. A unit is whatever is counted by one number: a
//! ring, or a feature where all are clean. Tiles come in a fixed order, whatever the number of threads.

use rayon::prelude::*;

use super::predicates::{canonical, corner_left_of, knee_left_of, orient, vertex_left_of};
use super::rings::Rings;
use crate::model::{Coord, Extent};
use crate::task::{Cancelled, Progress};

/// A tile with fewer edges is not cut again.
const SMALL: usize = 20;
/// Edges that a cell of a grid should hold.
const EDGES_PER_CELL: f64 = 5.0;
/// Most columns or rows of one grid; fits [`Side`].
const MAX_SIDE: usize = 4096;
/// How much longer than wide cells may be, or wider than long.
const MAX_SHAPE: f64 = 4096.0;
/// Cells that an edge may touch, the edges of a grid on average, in a grid of few edges and of many. Long edges that lie
/// close would fill any number of cells otherwise.
const CELLS_PER_EDGE: [f64; 2] = [8.0, 3.0];
/// A grid that leaves a larger share of the comparisons to be made does not part the edges, nor would a finer one: they
/// coincide, meet in one place, or run side by side. Then their cell is a tile.
const PARTED: [f64; 2] = [1.25, 0.75];
/// The first share is for up to so many edges, where there is little to lose.
const FEW_EDGES: usize = 64;
/// With more places that ask what contains them a cell is cut all the same: each of them looks at all of its edges.
const FEW_STARTS: usize = 64;
/// Rows of a grid with more edges are shared out to threads.
const PARALLEL: usize = 20_000;
/// Bands of rows that many edges are shared out to.
const BANDS: usize = 16;
/// Deepest nesting of grids.
const MAX_DEPTH: usize = 12;

/// Edges between two looks at whether the user cancelled.
const TICK_EDGES: usize = 1 << 16;

/// A set of units, ascending.
pub(super) type UnitSet = Vec<u32>;

/// Units that wind around a place, ascending, and how often: counter-clockwise once is 1, clockwise −1, never 0.
pub(super) type Windings = Vec<(u32, i32)>;

/// Lets `unit` wind around once more, or once less where `by` is −1.
pub(super) fn turn(windings: &mut Windings, unit: u32, by: i32) {
    match windings.binary_search_by_key(&unit, |(unit, _)| *unit) {
        Ok(at) if windings[at].1 + by == 0 => {
            windings.remove(at);
        }
        Ok(at) => windings[at].1 += by,
        Err(at) => windings.insert(at, (unit, by)),
    }
}

/// Puts `unit` into `set`, or takes it out.
pub(super) fn toggle(set: &mut UnitSet, unit: u32) {
    match set.binary_search(&unit) {
        Ok(at) => {
            set.remove(at);
        }
        Err(at) => set.insert(at, unit),
    }
}

/// A rectangle, the edges that touch it, and what is known about its lower left corner.
pub(super) struct Tile<'a> {
    /// Edges that touch the tile, perhaps a few more.
    pub edges: &'a [u32],
    /// Rings whose first vertex lies in the tile.
    pub ring_starts: &'a [u32],
    /// Lower left corner.
    pub corner: Coord,
    /// Units that wind around the corner.
    pub label: &'a Windings,
}

/// A rectangle to be cut.
#[derive(Clone, Copy)]
struct Area {
    min: Coord,
    max: Coord,
}

/// Cuts the extent of `rings` into tiles and calls `visit` for each; `units` names the unit of each ring.
///
/// Returns what the visits gathered, in the order of the tiles.
///
/// # Errors
/// [`Cancelled`] when the user cancelled.
pub(super) fn visit<R, V>(rings: &Rings, units: &[u32], progress: &Progress, visit: &V) -> Result<Vec<R>, Cancelled>
where
    R: Default + Send,
    V: Fn(&Tile<'_>, &mut R) + Sync,
{
    let extent = rings.extent();
    if extent.is_empty() {
        return Ok(Vec::new());
    }
    let edges: Vec<u32> = rings.all_edges().collect();
    let ring_starts: Vec<u32> = (0..rings.ring_count() as u32).collect();
    let cutter = Cutter { rings, units, progress, visit };
    let mut out = Vec::new();
    cutter.cut(padded(extent), &edges, &ring_starts, &Vec::new(), 0, &mut out)?;
    // Visits of large tiles stop where the user cancels.
    progress.tick(0)?;
    Ok(out)
}

/// A rectangle around `extent`, so that its lower left corner lies in nothing.
fn padded(extent: Extent) -> Area {
    let pad = |low: f64, high: f64| (high - low) * 1e-3 + low.abs().max(high.abs()) * 1e-9 + f64::MIN_POSITIVE;
    let (x, y) = (pad(extent.min.x, extent.max.x), pad(extent.min.y, extent.max.y));
    Area {
        min: Coord { x: extent.min.x - x, y: extent.min.y - y },
        max: Coord { x: extent.max.x + x, y: extent.max.y + y },
    }
}

struct Cutter<'a, V> {
    rings: &'a Rings,
    units: &'a [u32],
    progress: &'a Progress,
    visit: &'a V,
}

impl<V> Cutter<'_, V> {
    fn cut<R>(
        &self,
        area: Area,
        edges: &[u32],
        ring_starts: &[u32],
        label: &Windings,
        depth: usize,
        out: &mut Vec<R>,
    ) -> Result<(), Cancelled>
    where
        R: Default + Send,
        V: Fn(&Tile<'_>, &mut R) + Sync,
    {
        let grid = if edges.len() <= SMALL || depth == MAX_DEPTH {
            None
        } else {
            Grid::new(self.rings, area, edges, ring_starts, self.progress)?
                .filter(|grid| grid.parts(edges.len(), ring_starts.len()))
        };
        let Some(grid) = grid else {
            if out.is_empty() {
                out.push(R::default());
            }
            let last = out.len() - 1;
            if !edges.is_empty() || !ring_starts.is_empty() {
                (self.visit)(&Tile { edges, ring_starts, corner: area.min, label }, &mut out[last]);
            }
            return Ok(());
        };

        // The label of each row's first corner, up along the left side.
        let mut first_labels = vec![label.clone()];
        for row in 0..grid.rows() - 1 {
            let mut next = first_labels[row].clone();
            let (x, low, high) = (grid.xs[0], grid.ys[row], grid.ys[row + 1]);
            for edge in grid.edges(0, row) {
                let ends = self.rings.ends(*edge);
                if crosses_up(ends, x, low, high) {
                    turn(&mut next, self.unit(*edge), upwards(ends));
                }
            }
            first_labels.push(next);
        }
        if edges.len() > PARALLEL {
            let rows: Vec<Result<Vec<R>, Cancelled>> = first_labels
                .into_par_iter()
                .enumerate()
                .map(|(row, label)| {
                    let mut out = Vec::new();
                    self.row(&grid, row, label, depth, &mut out)?;
                    Ok(out)
                })
                .collect();
            for row in rows {
                out.extend(row?);
            }
        } else {
            for (row, label) in first_labels.into_iter().enumerate() {
                self.row(&grid, row, label, depth, out)?;
            }
        }
        Ok(())
    }

    fn row<R>(
        &self,
        grid: &Grid,
        row: usize,
        mut label: Windings,
        depth: usize,
        out: &mut Vec<R>,
    ) -> Result<(), Cancelled>
    where
        R: Default + Send,
        V: Fn(&Tile<'_>, &mut R) + Sync,
    {
        self.progress.tick(0)?;
        for column in 0..grid.columns() {
            let cell = grid.cell(column, row);
            let edges = grid.edges(column, row);
            let min = Coord { x: grid.xs[column], y: grid.ys[row] };
            let max = Coord { x: grid.xs[column + 1], y: grid.ys[row + 1] };
            self.cut(Area { min, max }, edges, grid.starts.of(cell), &label, depth + 1, out)?;
            for edge in edges {
                let ends = self.rings.ends(*edge);
                if crosses_right(ends, min.y, min.x, max.x) {
                    turn(&mut label, self.unit(*edge), rightwards(ends));
                }
            }
        }
        Ok(())
    }

    fn unit(&self, edge: u32) -> u32 {
        self.units[self.rings.ring_of(edge) as usize]
    }
}

/// Whether an edge crosses the way from corner (x, low) up to corner (x, high).
fn crosses_up((p, q): (Coord, Coord), x: f64, low: f64, high: f64) -> bool {
    // All rings are shifted to the right of a corner.
    (p.x >= x) != (q.x >= x) && corner_left_of(p, q, Coord { x, y: low }) != corner_left_of(p, q, Coord { x, y: high })
}

/// Whether an edge crosses the way from corner (left, y) to corner (right, y).
fn crosses_right((p, q): (Coord, Coord), y: f64, left: f64, right: f64) -> bool {
    (p.y >= y) != (q.y >= y)
        && corner_left_of(p, q, Coord { x: left, y }) != corner_left_of(p, q, Coord { x: right, y })
}

/// What a way up across an edge adds to the winding number of its ring: to the left of an edge it is one more.
fn upwards((p, q): (Coord, Coord)) -> i32 {
    if q.x > p.x { 1 } else { -1 }
}

/// The same for a way to the right.
fn rightwards((p, q): (Coord, Coord)) -> i32 {
    if q.y < p.y { 1 } else { -1 }
}

/// The units that wind around the first vertex of `ring`, without what `ring` itself contributes.
///
/// The way goes from the corner along the lower side to below the vertex, then up. The vertex has the ring's largest x,
/// so that the ring does not wind around what is just right of it, and the upright stretch meets no edge of the ring.
pub(super) fn units_at_start(rings: &Rings, units: &[u32], tile: &Tile<'_>, ring: u32) -> Windings {
    units_at_start_among(rings, units, tile, ring, |_| true)
}

/// As [`units_at_start`], but only units for which `wanted` holds.
pub(super) fn units_at_start_among(
    rings: &Rings,
    units: &[u32],
    tile: &Tile<'_>,
    ring: u32,
    wanted: impl Fn(u32) -> bool,
) -> Windings {
    let mut set: Windings = tile.label.iter().copied().filter(|(unit, _)| wanted(*unit)).collect();
    let v = rings.ends(rings.edges(ring).start).0;
    let corner = tile.corner;
    let knee = Coord { x: v.x, y: corner.y };
    for edge in tile.edges {
        let (p, q) = rings.ends(*edge);
        let other = rings.ring_of(*edge);
        if !wanted(units[other as usize]) {
            continue;
        }
        let spans_y = (p.y >= corner.y) != (q.y >= corner.y);
        let by = if other == ring {
            if spans_y && corner_left_of(p, q, corner) == (q.y > p.y) { rightwards((p, q)) } else { 0 }
        } else {
            let right = |c: Coord| c.x > v.x || (c.x == v.x && other > ring);
            let spans_x = right(p) != right(q);
            if !spans_x && !spans_y {
                continue;
            }
            let knee_left = knee_left_of(p, q, other, knee, ring);
            let along = spans_y && corner_left_of(p, q, corner) != knee_left;
            let up = spans_x && vertex_left_of(p, q, other, orient(p, q, v), ring) != knee_left;
            i32::from(along) * rightwards((p, q)) + i32::from(up) * if right(q) { 1 } else { -1 }
        };
        if by != 0 {
            turn(&mut set, units[other as usize], by);
        }
    }
    set
}

/// Lists of numbers, one list a cell.
struct Lists {
    offsets: Vec<u32>,
    items: Vec<u32>,
}

impl Lists {
    fn of(&self, cell: usize) -> &[u32] {
        &self.items[self.offsets[cell] as usize..self.offsets[cell + 1] as usize]
    }

    /// Sum of the squares of how many items the cells hold: about twice the comparisons of any two in a cell.
    fn squares(&self) -> f64 {
        self.offsets.windows(2).map(|ends| f64::from(ends[1] - ends[0]).powi(2)).sum()
    }

    /// Sorts `items` into `cell_count` cells; `cells` adds every cell of an item to a list.
    fn new(
        cell_count: usize,
        items: impl Iterator<Item = u32>,
        cells: impl Fn(u32, &mut Vec<u32>),
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let mut offsets = vec![0u32; cell_count + 1];
        let mut of_item = Vec::new();
        let mut entries: Vec<(u32, u32)> = Vec::with_capacity(items.size_hint().0 * 3 / 2);
        for (i, item) in items.enumerate() {
            if i % TICK_EDGES == TICK_EDGES - 1 {
                progress.tick(0)?;
            }
            of_item.clear();
            cells(item, &mut of_item);
            for cell in &of_item {
                offsets[*cell as usize + 1] += 1;
                entries.push((*cell, item));
            }
        }
        for cell in 0..cell_count {
            offsets[cell + 1] += offsets[cell];
        }
        let mut next = offsets.clone();
        let mut sorted = vec![0u32; offsets[cell_count] as usize];
        for some in entries.chunks(TICK_EDGES) {
            for (cell, item) in some {
                sorted[next[*cell as usize] as usize] = *item;
                next[*cell as usize] += 1;
            }
            if some.len() == TICK_EDGES {
                progress.tick(0)?;
            }
        }
        Ok(Self { offsets, items: sorted })
    }
}

struct Grid {
    /// Left sides of the columns, and the right side of the last.
    xs: Vec<f64>,
    ys: Vec<f64>,
    /// Edges by cell, for so many rows a list.
    bands: Vec<Lists>,
    band_rows: usize,
    starts: Lists,
}

impl Grid {
    /// A grid over `area`, or `None` where doubles are too coarse to cut it.
    fn new(
        rings: &Rings,
        area: Area,
        edges: &[u32],
        ring_starts: &[u32],
        progress: &Progress,
    ) -> Result<Option<Self>, Cancelled> {
        // Cells take the proportions of the edges, so that long strips do not fill many cells.
        let (mut width, mut height) = (0.0f64, 0.0f64);
        for edge in edges {
            let (p, q) = rings.ends(*edge);
            width += (q.x - p.x).abs().min(area.max.x - area.min.x);
            height += (q.y - p.y).abs().min(area.max.y - area.min.y);
        }
        let mut cells = (edges.len() as f64 / EDGES_PER_CELL).max(4.0);
        let (full_width, full_height) = (area.max.x - area.min.x, area.max.y - area.min.y);
        let shape = (width / height).clamp(1.0 / MAX_SHAPE, MAX_SHAPE) * full_height / full_width;
        // Cells that all edges touch beside their first ones.
        let spans = (cells / shape).sqrt() * (width / full_width) + (cells * shape).sqrt() * (height / full_height);
        let most = CELLS_PER_EDGE[usize::from(edges.len() > PARALLEL)] * edges.len() as f64;
        if spans > most {
            cells *= (most / spans).powi(2);
        }
        let side = |cells: f64| if cells.is_finite() { (cells.ceil() as usize).clamp(1, MAX_SIDE) } else { 2 };
        let rows = side((cells * shape).sqrt());
        let columns = side(cells / rows as f64).max(if rows == 1 { 2 } else { 1 });
        let (xs, ys) = (sides(area.min.x, area.max.x, columns), sides(area.min.y, area.max.y, rows));
        let (Some(xs), Some(ys)) = (xs, ys) else { return Ok(None) };
        // Many edges are first shared out to bands of rows, which are then sorted side by side.
        let band_rows = if edges.len() > PARALLEL { rows.div_ceil(BANDS) } else { rows };
        let band_count = rows.div_ceil(band_rows);
        // Where many edges are sorted, most of the vertices belong to two of them: each is located once.
        let mut located = Vec::new();
        if band_count > 1 {
            located.resize(rings.coords().len(), Place::default());
            let pieces = located.par_chunks_mut(TICK_EDGES).zip(rings.coords().par_chunks(TICK_EDGES));
            pieces.try_for_each(|(places, coords)| {
                progress.tick(0)?;
                places.iter_mut().zip(coords).for_each(|(place, c)| *place = Place::of(&xs, &ys, *c));
                Ok(())
            })?;
        }
        let places = |edge: u32| match located.get(edge as usize..edge as usize + 2) {
            Some(places) => (places[0], places[1]),
            None => {
                let (p, q) = rings.ends(edge);
                (Place::of(&xs, &ys, p), Place::of(&xs, &ys, q))
            }
        };
        let lists = |band: usize, items: &mut dyn Iterator<Item = u32>| {
            let within = band * band_rows..((band + 1) * band_rows).min(rows);
            let cells =
                |edge, add: &mut _| cells_of_edge(&xs, &ys, within.clone(), rings.ends(edge), places(edge), add);
            Lists::new(within.len() * columns, items, cells, progress)
        };
        let bands = if band_count == 1 {
            vec![lists(0, &mut edges.iter().copied())?]
        } else {
            let shares: Vec<Vec<Vec<u32>>> = edges
                .par_chunks(edges.len().div_ceil(BANDS))
                .map(|chunk| {
                    let mut of_band: Vec<Vec<u32>> = vec![Vec::new(); band_count];
                    for some in chunk.chunks(TICK_EDGES) {
                        progress.tick(0)?;
                        for edge in some {
                            let (bottom, top) = Side::range(places(*edge).0.row, places(*edge).1.row);
                            of_band[bottom / band_rows..=top / band_rows].iter_mut().for_each(|band| band.push(*edge));
                        }
                    }
                    Ok(of_band)
                })
                .collect::<Result<_, Cancelled>>()?;
            let band = |band: usize| lists(band, &mut shares.iter().flat_map(|share| share[band].iter().copied()));
            (0..band_count).into_par_iter().map(band).collect::<Result<_, Cancelled>>()?
        };
        let cell = |ring, add: &mut Vec<u32>| {
            let v = rings.ends(rings.edges(ring).start).0;
            add.push((locate(&ys, v.y) * columns + locate(&xs, v.x)) as u32);
        };
        let starts = Lists::new(rows * columns, ring_starts.iter().copied(), cell, progress)?;
        Ok(Some(Self { xs, ys, bands, band_rows, starts }))
    }

    /// Whether the grid parts its edges, `count` of them, or the places among them that ask what contains them.
    fn parts(&self, count: usize, start_count: usize) -> bool {
        let square = |count: usize| (count as f64).powi(2);
        let squares: f64 = self.bands.iter().map(Lists::squares).sum();
        let parted = PARTED[usize::from(count > FEW_EDGES)];
        squares <= parted * square(count)
            || (start_count > FEW_STARTS && self.starts.squares() <= parted * square(start_count))
    }

    /// The edges that touch a cell.
    fn edges(&self, column: usize, row: usize) -> &[u32] {
        self.bands[row / self.band_rows].of(self.cell(column, row % self.band_rows))
    }

    fn columns(&self) -> usize {
        self.xs.len() - 1
    }

    fn rows(&self) -> usize {
        self.ys.len() - 1
    }

    fn cell(&self, column: usize, row: usize) -> usize {
        row * self.columns() + column
    }
}

fn sides(low: f64, high: f64, count: usize) -> Option<Vec<f64>> {
    let mut sides: Vec<f64> = (0..count).map(|i| low + (high - low) * (i as f64 / count as f64)).collect();
    sides.push(high);
    sides.windows(2).all(|pair| pair[0] < pair[1]).then_some(sides)
}

/// The cell that holds `v`: its side is not above `v`, the next one is.
fn locate(sides: &[f64], v: f64) -> usize {
    let count = sides.len() - 1;
    let guess = (v - sides[0]) / (sides[count] - sides[0]) * count as f64;
    let mut at = (guess.max(0.0) as usize).min(count - 1);
    while at > 0 && sides[at] > v {
        at -= 1;
    }
    while at + 1 < count && sides[at + 1] <= v {
        at += 1;
    }
    at
}

/// A column or row, and whether the coordinate lies exactly on its lower side, which counts to the one before as well.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Side(u16);

impl Side {
    fn of(sides: &[f64], v: f64) -> Self {
        let at = locate(sides, v);
        Self((at as u16) << 1 | u16::from(sides[at] < v || at == 0))
    }

    fn first(self) -> usize {
        (self.0 >> 1) as usize - usize::from(self.0 & 1 == 0)
    }

    fn last(self) -> usize {
        (self.0 >> 1) as usize
    }

    /// First and last of those that a stretch between the two touches.
    fn range(a: Self, b: Self) -> (usize, usize) {
        (a.min(b).first(), a.max(b).last())
    }
}

/// Where a vertex lies in a grid.
#[derive(Clone, Copy, Default)]
struct Place {
    column: Side,
    row: Side,
}

impl Place {
    fn of(xs: &[f64], ys: &[f64], c: Coord) -> Self {
        Self { column: Side::of(xs, c.x), row: Side::of(ys, c.y) }
    }
}

/// First and last cell that touch `low..=high`, sides counting to both of their cells.
fn locate_range(sides: &[f64], low: f64, high: f64) -> (usize, usize) {
    let first = locate(sides, low);
    let first = if first > 0 && sides[first] >= low { first - 1 } else { first };
    (first, locate(sides, high))
}

/// Adds the cells of the rows `within`, numbered from the first of these, that an edge touches; the same ones for an edge
/// walked either way.
fn cells_of_edge(
    xs: &[f64],
    ys: &[f64],
    within: std::ops::Range<usize>,
    ends: (Coord, Coord),
    places: (Place, Place),
    add: &mut Vec<u32>,
) {
    let (p, q) = canonical(ends);
    let columns = xs.len() - 1;
    let (left, right) = Side::range(places.0.column, places.1.column);
    let (bottom, top) = Side::range(places.0.row, places.1.row);
    let rows = bottom.max(within.start)..=top.min(within.end - 1);
    let cell = |row: usize, column: usize| ((row - within.start) * columns + column) as u32;
    // A horizontal edge on the side between two rows has no place at a height.
    if left == right || bottom == top || p.y == q.y || (right - left) * (top - bottom) == 1 {
        for row in rows {
            add.extend((left..=right).map(|column| cell(row, column)));
        }
        return;
    }
    let margin = 1e-14 * (p.x.abs() + q.x.abs());
    let (x_low, x_high) = (p.x.min(q.x), p.x.max(q.x));
    let at = |y: f64| p.x + (q.x - p.x) * ((y - p.y) / (q.y - p.y)).clamp(0.0, 1.0);
    for row in rows {
        let (a, b) = (at(ys[row]), at(ys[row + 1]));
        let (first, last) = locate_range(xs, (a.min(b) - margin).max(x_low), (a.max(b) + margin).min(x_high));
        add.extend((first..=last).map(|column| cell(row, column)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64, y: f64, side: f64) -> Vec<Coord> {
        [(0., 0.), (1., 0.), (1., 1.), (0., 1.), (0., 0.)]
            .map(|(dx, dy)| Coord { x: x + dx * side, y: y + dy * side })
            .to_vec()
    }

    #[test]
    fn labels_and_starts_name_what_contains_a_place() {
        // 40 × 40 squares, each in the big one, every third column of them twice.
        let mut rings = Rings::default();
        rings.part(0);
        rings.ring(&square(-10.0, -10.0, 100.0)).expect("a ring");
        let mut squares = vec![];
        for i in 0..40u32 {
            for j in 0..40u32 {
                for _ in 0..if i % 3 == 0 { 2 } else { 1 } {
                    rings.part(rings.part_count() as u32);
                    rings.ring(&square(f64::from(i), f64::from(j), 1.0)).expect("a ring");
                    squares.push((i, j));
                }
            }
        }
        let rings = rings.finish();
        let contains = |unit: u32, c: Coord| {
            if unit == 0 {
                return c.x > -10.0 && c.y > -10.0 && c.x < 90.0 && c.y < 90.0;
            }
            let (x, y) = squares[unit as usize - 1];
            // A corner lies left of and below whatever is shifted, so that sides count to the cell before.
            let (x, y) = (f64::from(x), f64::from(y));
            c.x > x && c.x <= x + 1.0 && c.y > y && c.y <= y + 1.0
        };
        let units: Vec<u32> = rings.parts().to_vec();
        let found: Vec<Vec<(u32, Windings)>> = visit(&rings, &units, &Progress::new(), &|tile, out: &mut Vec<_>| {
            let expected: Vec<u32> = (0..rings.part_count() as u32).filter(|u| contains(*u, tile.corner)).collect();
            let once: Windings = expected.iter().map(|unit| (*unit, 1)).collect();
            assert_eq!(*tile.label, once, "{:?}", tile.corner);
            out.extend(tile.ring_starts.iter().map(|ring| (*ring, units_at_start(&rings, &units, tile, *ring))));
        })
        .expect("not cancelled");
        let mut found: Vec<_> = found.into_iter().flatten().collect();
        found.sort();
        assert_eq!(found.len(), rings.ring_count());
        assert_eq!(found[0].1, [] as [(u32, i32); 0]);
        for (ring, set) in &found[1..] {
            // The later of two equal squares is shifted right: its right side lies outside of the earlier one, and the
            // earlier one's right side in it and in the next column's neighbours not yet shifted past it.
            assert!(set.contains(&(0, 1)), "ring {ring}: {set:?}");
            assert!(set.len() <= 3, "ring {ring}: {set:?}");
        }
    }
}
