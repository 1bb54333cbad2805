//! How near the vertices of a file come to the lines and points of an open layer: the residual of a reading.
//!
//! Distances to edges rather than to vertices, so that two layers that draw the same boundary with other vertices agree.
//! Everything happens in a plane of metres about the middle of the layer's part that is looked at: good to a percent over a
//! province, exact where the two meet.

use geo_types::Coord;
use rustc_hash::FxHashMap;

use crate::crs::{Crs, Reprojector};
use crate::model::{Extent, GeometryKind, Layer};
use crate::task::{Cancelled, Progress};

/// How far a vertex is looked for, in metres: somewhat more than any web map moves it.
pub const REACH_M: f64 = 2500.0;

/// Two vertices are the same within this distance: formulae of web maps agree with the maps to metres.
pub const SAME_M: f64 = 3.0;

/// Most coordinates of a layer that are converted: beyond them a part of the layer must do.
const MOST_COORDS: usize = 200_000;

/// Metres in a degree of latitude, and of longitude on the equator.
const DEGREE_M: f64 = 111_320.0;

/// How vertices lie beside a layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nearness {
    /// Vertices that were measured: those with anything within [`REACH_M`].
    pub probed_count: usize,
    /// Median of their distances to the nearest edge or point, in metres.
    pub median_m: f64,
    /// Of these, how many lie within [`SAME_M`].
    pub same_count: usize,
}

impl Nearness {
    /// Whether so many vertices meet the other's lines that it is no chance.
    pub fn meets(&self) -> bool {
        self.probed_count >= 8 && 10 * self.same_count >= 6 * self.probed_count
    }

    /// Whether the same vertices are told to lie clearly farther off than by `self`, which meets the lines.
    pub fn beats(&self, other: &Self) -> bool {
        self.meets() && other.median_m > 10.0 * self.median_m.max(0.05)
    }
}

/// The edges and points of a part of a layer, for nearest distances.
pub struct Lines {
    origin: Coord,
    /// Metres in a degree of longitude and latitude.
    scale: Coord,
    cell_m: f64,
    segments: Vec<[Coord; 2]>,
    cells: FxHashMap<(i32, i32), Vec<u32>>,
    /// The part that was taken, in degrees.
    window: Extent,
    /// Where nothing within reach is missing; places beyond say nothing.
    inner: Extent,
}

impl Lines {
    /// Those of `layer` about `around`, degrees on WGS 84, with the reach added; `None` where it has none there, or no way
    /// leads from its CRS.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn of(layer: &Layer, around: &Extent, progress: &Progress) -> Result<Option<Self>, Cancelled> {
        // A datum that needs parameters cannot be compared.
        let Ok(to_degrees) = Reprojector::new(&layer.crs, &Crs::wgs84()) else { return Ok(None) };
        let Some(extent) = super::degrees(&layer.crs, &layer.extent()) else { return Ok(None) };
        let mut window = grown(around, REACH_M);
        window = window.common(&grown(&extent, REACH_M));
        let whole = window;
        let Some(here) = part_of(layer, &mut window, progress)? else { return Ok(None) };
        // Where a part must do, what is near its sides may be missing.
        let inner = if window == whole { window } else { grown(&window, -REACH_M) };
        let origin = window.center();
        let scale = Coord { x: DEGREE_M * origin.y.to_radians().cos().max(0.05), y: DEGREE_M };
        let mut lines =
            Self { origin, scale, cell_m: 0.0, segments: Vec::new(), cells: FxHashMap::default(), window, inner };
        for block in &layer.blocks {
            if !block.geometry.extent().intersects(&here) {
                continue;
            }
            for row in 0..block.geometry.feature_count() {
                progress.tick(0)?;
                let is_points = block.geometry.kind() == GeometryKind::Point;
                if block.geometry.is_null(row) || !block.geometry.feature_extent(row).intersects(&here) {
                    continue;
                }
                if is_points {
                    for c in block.geometry.points(row).iter().filter(|c| here.contains(**c)) {
                        lines.segments.extend(to_degrees.convert_one(*c).map(|at| [lines.plane(at); 2]));
                    }
                    continue;
                }
                for path in block.geometry.paths(row) {
                    lines.add_path(path, &here, &to_degrees);
                }
                for (_, ring) in block.geometry.polygon(row).rings() {
                    lines.add_path(ring, &here, &to_degrees);
                }
            }
        }
        if lines.segments.is_empty() {
            return Ok(None);
        }
        lines.index();
        Ok(Some(lines))
    }

    fn add_path(&mut self, path: &[Coord], here: &Extent, to_degrees: &Reprojector) {
        // What lies elsewhere is converted only where an edge leads here.
        let mut last: Option<(Coord, Option<Coord>)> = None;
        for c in path {
            let image = |at: Coord| to_degrees.convert_one(at).map(|at| self.plane(at));
            let comes_here = last.filter(|(before, _)| Extent::of(&[*before, *c]).intersects(here));
            let Some((before, known)) = comes_here else {
                last = Some((*c, None));
                continue;
            };
            let (from, to) = (known.or_else(|| image(before)), image(*c));
            if let (Some(from), Some(to)) = (from, to) {
                self.segments.push([from, to]);
            }
            last = Some((*c, to));
        }
    }

    fn plane(&self, degrees: Coord) -> Coord {
        Coord { x: (degrees.x - self.origin.x) * self.scale.x, y: (degrees.y - self.origin.y) * self.scale.y }
    }

    fn index(&mut self) {
        let area = (self.window.width() * self.scale.x) * (self.window.height() * self.scale.y);
        self.cell_m = (area / self.segments.len() as f64).sqrt().clamp(80.0, 500.0);
        let half = Coord {
            x: self.window.width() * self.scale.x / 2.0 + self.cell_m,
            y: self.window.height() * self.scale.y / 2.0 + self.cell_m,
        };
        for (at, [a, b]) in self.segments.iter().enumerate() {
            let (dx, dy) = (b.x - a.x, b.y - a.y);
            let steps = (dx.hypot(dy) / (self.cell_m / 2.0)).ceil().clamp(1.0, 50_000.0) as usize;
            let mut before = None;
            for step in 0..=steps {
                let share = step as f64 / steps as f64;
                let (x, y) = (a.x + dx * share, a.y + dy * share);
                let cell = ((x / self.cell_m).floor() as i32, (y / self.cell_m).floor() as i32);
                if before == Some(cell) || x.abs() > half.x || y.abs() > half.y {
                    continue;
                }
                before = Some(cell);
                self.cells.entry(cell).or_default().push(at as u32);
            }
        }
    }

    /// Metres from a place in degrees to the nearest edge or point; `None` beyond [`REACH_M`].
    pub fn distance_m(&self, place: Coord) -> Option<f64> {
        let at = self.plane(place);
        let (column, row) = ((at.x / self.cell_m).floor() as i32, (at.y / self.cell_m).floor() as i32);
        let rings = (REACH_M / self.cell_m).ceil() as i32 + 1;
        let mut best = f64::INFINITY;
        for ring in 0..=rings {
            // An edge may miss a cell that it only grazes: one ring more than the distance asks for.
            if f64::from(ring - 2) * self.cell_m > best {
                break;
            }
            for dx in -ring..=ring {
                let sides = if dx.abs() == ring { 1 } else { (2 * ring).max(1) };
                for dy in (-ring..=ring).step_by(sides as usize) {
                    for segment in
                        self.cells.get(&(column.saturating_add(dx), row.saturating_add(dy))).into_iter().flatten()
                    {
                        best = best.min(distance(at, self.segments[*segment as usize]));
                    }
                }
            }
        }
        (best <= REACH_M).then_some(best)
    }

    /// How places in degrees lie beside the layer; those beyond the part that was taken, or with nothing near, are left
    /// out. `None` where none is left.
    pub fn nearness(&self, places: &[Coord]) -> Option<Nearness> {
        let inside = places.iter().filter(|place| self.holds(**place));
        let mut distances: Vec<f64> = inside.filter_map(|place| self.distance_m(*place)).collect();
        of_distances(&mut distances)
    }

    /// Whether everything within reach of a place in degrees is known.
    pub fn holds(&self, place: Coord) -> bool {
        self.inner.contains(place)
    }

    /// Metres of an offset in degrees.
    pub fn metres(&self, degrees: Coord) -> Coord {
        Coord { x: degrees.x * self.scale.x, y: degrees.y * self.scale.y }
    }

    /// Degrees of an offset in metres.
    pub fn offset_deg(&self, metres: Coord) -> Coord {
        Coord { x: metres.x / self.scale.x, y: metres.y / self.scale.y }
    }
}

/// The figures of distances.
pub fn of_distances(distances: &mut [f64]) -> Option<Nearness> {
    if distances.is_empty() {
        return None;
    }
    distances.sort_unstable_by(f64::total_cmp);
    Some(Nearness {
        probed_count: distances.len(),
        median_m: distances[distances.len() / 2],
        same_count: distances.partition_point(|d| *d <= SAME_M),
    })
}

/// An extent in degrees with metres added on every side.
pub fn grown(extent: &Extent, metres: f64) -> Extent {
    let dy = metres / DEGREE_M;
    let dx = dy / extent.center().y.to_radians().cos().max(0.05);
    Extent {
        min: Coord { x: extent.min.x - dx, y: extent.min.y - dy },
        max: Coord { x: extent.max.x + dx, y: extent.max.y + dy },
    }
}

/// The window in the layer's CRS; the window is halved about its middle until few enough coordinates lie in it.
fn part_of(layer: &Layer, window: &mut Extent, progress: &Progress) -> Result<Option<Extent>, Cancelled> {
    for _ in 0..12 {
        if window.is_empty() {
            return Ok(None);
        }
        let Some(here) = in_crs(window, &layer.crs) else { return Ok(None) };
        let mut count = 0;
        for block in layer.blocks.iter().filter(|block| block.geometry.extent().intersects(&here)) {
            progress.tick(0)?;
            count += block.geometry.coords().iter().filter(|c| here.contains(**c)).count();
        }
        if count <= MOST_COORDS {
            return Ok(Some(here));
        }
        let (middle, w, h) = (window.center(), window.width() / 4.0, window.height() / 4.0);
        *window =
            Extent { min: Coord { x: middle.x - w, y: middle.y - h }, max: Coord { x: middle.x + w, y: middle.y + h } };
    }
    Ok(in_crs(window, &layer.crs))
}

/// An extent in degrees as one in another CRS, somewhat grown: sides are curved there.
fn in_crs(window: &Extent, crs: &Crs) -> Option<Extent> {
    let from_degrees = Reprojector::new(&Crs::wgs84(), crs).ok()?; // no way, no match
    let mut image = Extent::EMPTY;
    for i in 0..=8 {
        for j in 0..=8 {
            let x = window.min.x + window.width() * f64::from(i) / 8.0;
            let y = window.min.y + window.height() * f64::from(j) / 8.0;
            image.add(from_degrees.convert_one(Coord { x, y })?);
        }
    }
    Some(image)
}

fn distance(p: Coord, [a, b]: [Coord; 2]) -> f64 {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let square = dx * dx + dy * dy;
    let share = if square > 0.0 { (((p.x - a.x) * dx + (p.y - a.y) * dy) / square).clamp(0.0, 1.0) } else { 0.0 };
    (p.x - a.x - share * dx).hypot(p.y - a.y - share * dy)
}
