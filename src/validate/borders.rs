//! Lines, and the borders of polygons taken as lines: too short, over each other, with hanging ends, off the borders that
//! they are to follow; parcels that could be one with their neighbour.
//!
//! Edges are laid into a plane of metres around the middle of the layer and found by place. A stretch of an edge follows
//! another edge where the whole of it lies within the tolerance: lines that only cross never do.

use std::collections::BTreeMap;

use geo_index::rtree::sort::HilbertSort;
use geo_index::rtree::{RTree, RTreeBuilder, RTreeIndex};

use super::across::Against;
use super::fault::{Findings, Kind};
use super::logic::{Unable, column};
use super::schema::{CLUSTER_M, Test};
use super::shapes::{Asked, METRES_A_DEGREE};
use crate::crs::Reprojector;
use crate::measure::MeasureError;
use crate::model::{Coord, GeometryKind, Layer};
use crate::task::Progress;
use crate::text::Message;
use crate::units::format_number;

/// Edges that are looked through at once, in a layer or two: more do not fit into memory beside the layers.
const MOST_EDGES: usize = 20_000_000;
/// Stretches of borders shorter than this are none: what rounding leaves at corners, m.
const LEAST_STRETCH_M: f64 = 0.01;
/// Edges between two looks at whether the user cancelled.
const EDGES_PER_TICK: usize = 4096;

/// How coordinates become metres around the middle of a layer.
#[derive(Clone, Copy)]
struct Plane {
    middle: Coord,
    scale: (f64, f64),
    /// Decimals that coordinates of the layer are shown with.
    decimals: usize,
}

impl Plane {
    fn of(layer: &Layer) -> Self {
        let extent = layer.extent();
        let middle = match extent.is_empty() {
            true => Coord { x: 0.0, y: 0.0 },
            false => extent.center(),
        };
        let scale = match layer.crs.is_geographic() {
            true => (METRES_A_DEGREE * middle.y.to_radians().cos(), METRES_A_DEGREE),
            false => (layer.crs.metres_per_unit(), layer.crs.metres_per_unit()),
        };
        Self { middle, scale, decimals: if layer.crs.is_geographic() { 9 } else { 4 } }
    }

    fn metres(&self, c: Coord) -> Coord {
        Coord { x: (c.x - self.middle.x) * self.scale.0, y: (c.y - self.middle.y) * self.scale.1 }
    }

    /// The place as the layer has it, in words: x and y.
    fn shown(&self, c: Coord) -> [String; 2] {
        let (x, y) = (c.x / self.scale.0 + self.middle.x, c.y / self.scale.1 + self.middle.y);
        [x, y].map(|v| format!("{v:.*}", self.decimals))
    }
}

/// A line, or a ring of a polygon, in metres.
struct Path {
    feature: u32,
    points: Vec<Coord>,
}

impl Path {
    fn length(&self) -> f64 {
        self.points.windows(2).map(|pair| distance(pair[0], pair[1])).sum()
    }
}

/// The lines and rings of the features that are marked, in metres of `plane`, which is one in the CRS of `to`.
fn paths(
    layer: &Layer,
    chosen: Option<&[bool]>,
    (plane, to): (Plane, &Layer),
    progress: &Progress,
) -> Result<Vec<Path>, Unable> {
    let reprojector = Reprojector::new(&layer.crs, &to.crs).map_err(MeasureError::from)?;
    let mut found = Vec::new();
    let mut edge_count = 0;
    for (block, start) in layer.blocks.iter().zip(&layer.starts) {
        let geometry = &block.geometry;
        for row in 0..geometry.feature_count() {
            let feature = start + row;
            if chosen.is_some_and(|chosen| !chosen[feature]) {
                continue;
            }
            let mut add = |coords: &[Coord]| {
                let mut points = coords.to_vec();
                reprojector.convert(&mut points).map_err(MeasureError::from)?;
                points.iter_mut().for_each(|c| *c = plane.metres(*c));
                points.dedup();
                edge_count += points.len();
                if points.len() > 1 && points.iter().all(|c| c.x.is_finite() && c.y.is_finite()) {
                    found.push(Path { feature: feature as u32, points });
                }
                Ok::<(), MeasureError>(())
            };
            match layer.kind {
                GeometryKind::Polygon => geometry.polygon(row).rings().try_for_each(|(_, ring)| add(ring))?,
                GeometryKind::Line => geometry.paths(row).try_for_each(add)?,
                GeometryKind::Point | GeometryKind::None => {}
            }
        }
        progress.tick(0)?;
        if edge_count > MOST_EDGES {
            return Err(Unable::Because(Message::new("validate.because-edges").with("count", MOST_EDGES)));
        }
    }
    Ok(found)
}

fn distance(a: Coord, b: Coord) -> f64 {
    (b.x - a.x).hypot(b.y - a.y)
}

/// An edge of a path.
#[derive(Clone, Copy)]
struct Edge {
    a: Coord,
    b: Coord,
    feature: u32,
    /// The path that it is of, and its place there.
    path: u32,
    at: u32,
}

impl Edge {
    fn length(&self) -> f64 {
        distance(self.a, self.b)
    }

    /// How far along the edge a point lies, and how far aside: left of it above zero.
    fn place(&self, c: Coord) -> (f64, f64) {
        let length = self.length();
        let (dx, dy) = ((self.b.x - self.a.x) / length, (self.b.y - self.a.y) / length);
        let (x, y) = (c.x - self.a.x, c.y - self.a.y);
        (x * dx + y * dy, y * dx - x * dy)
    }

    /// The point so far along the edge.
    fn point(&self, along: f64) -> Coord {
        let share = along / self.length();
        Coord { x: self.a.x + (self.b.x - self.a.x) * share, y: self.a.y + (self.b.y - self.a.y) * share }
    }

    fn distance(&self, c: Coord) -> f64 {
        let (along, _) = self.place(c);
        distance(c, self.point(along.clamp(0.0, self.length())))
    }

    /// From where to where it follows another edge: the whole stretch lies within `tolerance` of that.
    fn follows(&self, other: &Self, tolerance: f64) -> Option<(f64, f64)> {
        let (first, last) = (self.place(other.a), self.place(other.b));
        let (first, last) = if first.0 <= last.0 { (first, last) } else { (last, first) };
        let (from, to) = (first.0.max(0.0), last.0.min(self.length()));
        if to - from <= tolerance {
            return None;
        }
        // Longer than the tolerance, so that there is something to divide by.
        let aside = |at: f64| first.1 + (last.1 - first.1) * (at - first.0) / (last.0 - first.0);
        (aside(from).abs() <= tolerance && aside(to).abs() <= tolerance).then_some((from, to))
    }
}

/// Edges, found by place.
struct Edges {
    list: Vec<Edge>,
    tree: RTree<f64>,
    /// The easternmost x.
    east: f64,
}

impl Edges {
    fn of(paths: &[Path]) -> Self {
        let mut list = Vec::new();
        for (path, of) in paths.iter().enumerate() {
            list.extend(of.points.windows(2).enumerate().map(|(at, pair)| Edge {
                a: pair[0],
                b: pair[1],
                feature: of.feature,
                path: path as u32,
                at: at as u32,
            }));
        }
        let mut builder = RTreeBuilder::<f64>::new(list.len() as u32);
        let mut east = f64::NEG_INFINITY;
        for Edge { a, b, .. } in &list {
            builder.add(a.x.min(b.x), a.y.min(b.y), a.x.max(b.x), a.y.max(b.y));
            east = east.max(a.x).max(b.x);
        }
        Self { list, tree: builder.finish::<HilbertSort>(), east }
    }

    /// The edges whose extent comes within `tolerance` of that of the edge from `a` to `b`, by their places.
    fn near(&self, a: Coord, b: Coord, tolerance: f64) -> Vec<usize> {
        if self.list.is_empty() {
            return Vec::new();
        }
        let (west, east) = (a.x.min(b.x) - tolerance, a.x.max(b.x) + tolerance);
        let (south, north) = (a.y.min(b.y) - tolerance, a.y.max(b.y) + tolerance);
        self.tree.search(west, south, east, north).into_iter().map(|at| at as usize).collect()
    }

    /// Whether a point lies inside one of the features whose rings these are.
    fn hold(&self, c: Coord) -> bool {
        let mut crossed: BTreeMap<u32, bool> = BTreeMap::new();
        for at in self.near(c, Coord { x: self.east, ..c }, 0.0) {
            let Edge { a, b, feature, .. } = self.list[at];
            if (a.y > c.y) != (b.y > c.y) && a.x + (c.y - a.y) / (b.y - a.y) * (b.x - a.x) > c.x {
                let is_odd = crossed.entry(feature).or_default();
                *is_odd = !*is_odd;
            }
        }
        crossed.values().any(|is_odd| *is_odd)
    }
}

/// Holds the lines of a layer, or the borders of its polygons, against a rule over it alone; `false` where the rule is
/// none about lines.
///
/// # Errors
/// [`Unable`], with the reason.
pub(super) fn examine(asked: &Asked<'_>, findings: &mut Findings, progress: &Progress) -> Result<bool, Unable> {
    let layer = asked.layer;
    let plane = Plane::of(layer);
    let is_lines = layer.kind == GeometryKind::Line;
    let own = || paths(layer, asked.chosen, (plane, layer), progress);
    match &asked.rule.test {
        Test::MinLength(least) if is_lines => short(asked, &own()?, *least, findings),
        Test::NoSelfOverlap(tolerance) if is_lines => {
            let edges = Edges::of(&own()?);
            for ((first, second), (length, at)) in followed(&edges, *tolerance, |_, _| true, progress)? {
                let [x, y] = plane.shown(at);
                asked.find(findings, Kind::Overlap, second as usize, || {
                    let message = Message::new("validate.says-line-overlap")
                        .with("other", layer.source_row(first as usize) + 1)
                        .with("m", format_number(length, 2))
                        .with("x", x)
                        .with("y", y);
                    (format_number(length, 2), message)
                });
            }
        }
        Test::NoDangles(tolerance) if is_lines => dangles(asked, (&own()?, plane), *tolerance, findings, progress)?,
        Test::NotAlike(fields) if layer.kind == GeometryKind::Polygon => {
            let columns = fields.iter().map(|field| column(layer, field)).collect::<Result<Vec<_>, _>>()?;
            let is_alike = |a: u32, b: u32| {
                let value = |feature: u32, column: usize| layer.value(feature as usize, column);
                a != b && columns.iter().all(|column| value(a, *column) == value(b, *column))
            };
            let edges = Edges::of(&own()?);
            for ((first, second), (length, _)) in followed(&edges, CLUSTER_M, is_alike, progress)? {
                asked.find(findings, Kind::Alike, second as usize, || {
                    let message = Message::new("validate.says-alike")
                        .with("other", layer.source_row(first as usize) + 1)
                        .with("m", format_number(length, 2));
                    (format_number(length, 2), message)
                });
            }
        }
        Test::MinLength(_) | Test::NoSelfOverlap(_) | Test::NoDangles(_) | Test::NotAlike(_) => {
            return Err(Unable::Because(Message::new("validate.because-kind")));
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn short(asked: &Asked<'_>, paths: &[Path], least: f64, findings: &mut Findings) {
    for path in paths {
        let length = path.length();
        if length < least {
            asked.find(findings, Kind::Short, path.feature as usize, || {
                let message =
                    Message::new("validate.says-short-line").with("m", format_number(length, 3)).with("least", least);
                (format_number(length, 3), message)
            });
        }
    }
}

/// How long two features follow each other, and where that begins.
type Followed = BTreeMap<(u32, u32), (f64, Coord)>;

/// Features of which edges follow each other, the first before the second; a feature may follow itself.
fn followed(
    edges: &Edges,
    tolerance: f64,
    counts: impl Fn(u32, u32) -> bool,
    progress: &Progress,
) -> Result<Followed, Unable> {
    let mut found = Followed::new();
    for (at, edge) in edges.list.iter().enumerate() {
        if at.is_multiple_of(EDGES_PER_TICK) {
            progress.tick(0)?;
        }
        for other_at in edges.near(edge.a, edge.b, tolerance) {
            let other = &edges.list[other_at];
            // Each two edges once.
            if other_at <= at || !counts(edge.feature, other.feature) {
                continue;
            }
            let Some((from, to)) = edge.follows(other, tolerance) else { continue };
            let key = (edge.feature.min(other.feature), edge.feature.max(other.feature));
            let (length, _) = found.entry(key).or_insert((0.0, edge.point(from)));
            *length += to - from;
        }
    }
    found.retain(|_, (length, _)| *length > LEAST_STRETCH_M);
    Ok(found)
}

/// Ends of lines at which no other line is.
fn dangles(
    asked: &Asked<'_>,
    (paths, plane): (&[Path], Plane),
    tolerance: f64,
    findings: &mut Findings,
    progress: &Progress,
) -> Result<(), Unable> {
    let edges = Edges::of(paths);
    for (number, path) in paths.iter().enumerate() {
        progress.tick(0)?;
        let (Some(first), Some(last)) = (path.points.first(), path.points.last()) else { continue };
        if distance(*first, *last) <= tolerance {
            continue;
        }
        for (end, own) in [(*first, 0), (*last, path.points.len() - 2)] {
            let is_own = |edge: &Edge| edge.path as usize == number && edge.at as usize == own;
            let touches = |at: usize| {
                let edge = &edges.list[at];
                !is_own(edge) && edge.distance(end) <= tolerance
            };
            if edges.near(end, end, tolerance).into_iter().any(touches) {
                continue;
            }
            let [x, y] = plane.shown(end);
            asked.find(findings, Kind::Dangle, path.feature as usize, || {
                let message = Message::new("validate.says-dangle").with("x", x).with("y", y);
                (String::new(), message)
            });
        }
    }
    Ok(())
}

/// Holds the lines of a layer, or the borders of its polygons, against those of another one: every stretch follows one
/// of them; with `inside`, it may lie within the polygons as well.
///
/// # Errors
/// [`Unable`], with the reason.
pub(super) fn follow(
    asked: &Asked<'_>,
    against: &Against<'_>,
    (tolerance, inside): (f64, bool),
    findings: &mut Findings,
    progress: &Progress,
) -> Result<(), Unable> {
    let (layer, other) = (asked.layer, against.other);
    let has_lines = |layer: &Layer| matches!(layer.kind, GeometryKind::Line | GeometryKind::Polygon);
    if !has_lines(layer) || !has_lines(other) || inside && other.kind != GeometryKind::Polygon {
        return Err(Unable::Because(Message::new("validate.because-kind")));
    }
    let plane = Plane::of(layer);
    let own = paths(layer, asked.chosen, (plane, layer), progress)?;
    let edges = Edges::of(&paths(other, against.other_chosen, (plane, layer), progress)?);
    // What lies off them, by feature: metres, and where the first such stretch begins.
    let mut off: BTreeMap<u32, (f64, Coord)> = BTreeMap::new();
    for path in &own {
        progress.tick(0)?;
        for pair in path.points.windows(2) {
            let edge = Edge { a: pair[0], b: pair[1], feature: path.feature, path: 0, at: 0 };
            for (from, to) in uncovered(&edge, &edges, tolerance) {
                if inside && edges.hold(edge.point(from.midpoint(to))) {
                    continue;
                }
                let (length, _) = off.entry(path.feature).or_insert((0.0, edge.point(from)));
                *length += to - from;
            }
        }
    }
    for (feature, (length, at)) in off.into_iter().filter(|(_, (length, _))| *length > LEAST_STRETCH_M) {
        let (kind, key) = match inside {
            true => (Kind::Outside, "validate.says-line-outside"),
            false => (Kind::Off, "validate.says-off-border"),
        };
        let [x, y] = plane.shown(at);
        asked.find(findings, kind, feature as usize, || {
            let message = Message::new(key)
                .with("layer", &other.name)
                .with("m", format_number(length, 2))
                .with("x", x)
                .with("y", y);
            (format_number(length, 2), message)
        });
    }
    Ok(())
}

/// The stretches of an edge that follow none of the others, cut where it crosses one.
fn uncovered(edge: &Edge, edges: &Edges, tolerance: f64) -> Vec<(f64, f64)> {
    let length = edge.length();
    let (mut covered, mut cuts) = (Vec::new(), Vec::new());
    for at in edges.near(edge.a, edge.b, tolerance) {
        let other = &edges.list[at];
        match edge.follows(other, tolerance) {
            Some(stretch) => covered.push(stretch),
            None => {
                let (first, last) = (edge.place(other.a), edge.place(other.b));
                if (first.1 > 0.0) != (last.1 > 0.0) {
                    cuts.push(first.0 + (last.0 - first.0) * first.1 / (first.1 - last.1));
                }
            }
        }
    }
    covered.sort_by(|a, b| a.0.total_cmp(&b.0));
    cuts.sort_by(f64::total_cmp);
    let mut found = Vec::new();
    let mut gap = |from: f64, to: f64| {
        let mut start = from;
        let inner = cuts.iter().copied().filter(|cut| *cut > from && *cut < to).collect::<Vec<_>>();
        for end in inner.into_iter().chain([to]) {
            // At corners a tolerance before and one behind.
            if end - start > 2.0 * tolerance {
                found.push((start, end));
            }
            start = end;
        }
    };
    let mut reached = 0.0f64;
    for (from, to) in covered {
        gap(reached, from);
        reached = reached.max(to);
    }
    gap(reached, length);
    found
}
