//! Outlines, hatches and texts of a drawing brought together to parcels.
//!
//! A parcel is drawn as an outline, filled by a hatch whose rings lie on outlines, and named by a text within: three
//! things that are one. The outline is the parcel; it takes the inner rings of its hatch. An outline that is only the inner
//! border of a hatch of its layer, and no shell of another, is no parcel: it stays as a line. What has no outline is the
//! hatch itself.

use rayon::prelude::*;

use super::curves::TOLERANCE;
use super::records::{Item, Shape};
use crate::model::{Coord, Extent, GeometryKind, Issue, Severity};
use crate::overlay::polygons_of_rings;
use crate::task::{Cancelled, Progress};
use crate::text::Message;

/// Characters of a label at the most; the texts themselves are features as well.
const MOST_LABEL: usize = 200;

/// Something drawn, as what it becomes.
#[derive(Clone, Debug)]
pub(super) struct Drawn {
    pub(super) item: Item,
    pub(super) kind: GeometryKind,
    /// The rings of each part among the paths, the outer one first.
    pub(super) parts: Vec<Vec<usize>>,
    /// Its text, or the texts within it.
    pub(super) label: String,
}

/// Everything drawn, and what there is to say.
#[derive(Debug, Default)]
pub(super) struct Together {
    pub(super) drawn: Vec<Drawn>,
    pub(super) issues: Vec<Issue>,
}

/// A ring by what tells it from others.
#[derive(Clone, Copy, Debug)]
struct Signature {
    extent: Extent,
    area: f64,
    /// Where it belongs: index of what is drawn.
    of: usize,
}

impl Signature {
    fn new(ring: &[[f64; 3]], of: usize) -> Self {
        let mut extent = Extent::EMPTY;
        ring.iter().for_each(|point| extent.add(Coord { x: point[0], y: point[1] }));
        Self { extent, area: area(ring), of }
    }

    /// How far apart the same ring may lie when it is drawn twice: chords of arcs differ by their tolerance.
    fn slack(&self) -> f64 {
        let size = self.extent.width().max(self.extent.height());
        let far = self.extent.max.x.abs().max(self.extent.max.y.abs());
        (2.0 * TOLERANCE).min(size * 1e-4) + far * 1e-12
    }

    fn is_same(&self, other: &Self) -> bool {
        let slack = self.slack();
        let near = |a: f64, b: f64| (a - b).abs() <= slack;
        let around = self.extent.width() + self.extent.height();
        near(self.extent.min.x, other.extent.min.x)
            && near(self.extent.min.y, other.extent.min.y)
            && near(self.extent.max.x, other.extent.max.x)
            && near(self.extent.max.y, other.extent.max.y)
            && (self.area - other.area).abs() <= 2.0 * around * slack
    }
}

/// Area of a ring without its first point at the end.
fn area(ring: &[[f64; 3]]) -> f64 {
    let Some(o) = ring.first() else { return 0.0 };
    let next = ring.iter().cycle().skip(1);
    let doubled = ring.iter().zip(next).map(|(a, b)| (a[0] - o[0]) * (b[1] - o[1]) - (b[0] - o[0]) * (a[1] - o[1]));
    (doubled.sum::<f64>() / 2.0).abs()
}

/// Brings together what is drawn.
///
/// # Errors
/// [`Cancelled`].
pub(super) fn together(items: Vec<Item>, progress: &Progress) -> Result<Together, Cancelled> {
    let mut counts = Counts::default();
    let mut all = Vec::with_capacity(items.len());
    for (at, item) in items.into_iter().enumerate() {
        if at % 1024 == 0 {
            progress.tick(0)?;
        }
        all.push(drawn(item, &mut counts, progress)?);
    }
    let is_gone = matched(&mut all, &mut counts, progress)?;
    let mut is_gone = is_gone.into_iter();
    all.retain(|_| !is_gone.next().unwrap_or(false));
    label(&mut all, &mut counts, progress)?;
    Ok(Together { drawn: all, issues: counts.issues() })
}

/// How often there is what to say.
#[derive(Default)]
struct Counts {
    meets: u64,
    flat: u64,
    repeated_rings: u64,
    hatched: u64,
    inner: u64,
    labelled: u64,
    outside: u64,
}

impl Counts {
    fn issues(&self) -> Vec<Issue> {
        let told = [
            (self.meets, "io.cad-meets", Severity::Note),
            (self.flat, "io.cad-flat", Severity::Warning),
            (self.repeated_rings, "io.cad-repeated-ring", Severity::Warning),
            (self.hatched, "io.cad-hatched", Severity::Note),
            (self.inner, "io.cad-inner", Severity::Note),
        ];
        let mut issues: Vec<Issue> = told
            .into_iter()
            .filter(|(count, _, _)| *count > 0)
            .map(|(count, key, severity)| Issue::new(severity, Message::new(key).with("count", count)))
            .collect();
        if self.labelled > 0 {
            let message = Message::new("io.cad-labels").with("count", self.labelled).with("outside", self.outside);
            issues.push(Issue::new(Severity::Note, message));
        }
        issues
    }
}

/// What an item becomes by itself.
fn drawn(mut item: Item, counts: &mut Counts, progress: &Progress) -> Result<Drawn, Cancelled> {
    let mut kind = match item.shape {
        Shape::Point => GeometryKind::Point,
        Shape::Path => GeometryKind::Line,
        Shape::Outline | Shape::Region => GeometryKind::Polygon,
    };
    let mut parts = Vec::new();
    if kind == GeometryKind::Polygon {
        item.paths.retain(|ring| ring.len() > 2);
        let is_flat = item.paths.iter().all(|ring| area(ring) == 0.0);
        if is_flat {
            counts.flat += 1;
            kind = GeometryKind::Line;
            closed(&mut item);
        } else if item.shape == Shape::Outline || item.paths.len() == 1 {
            counts.meets += u64::from(item.meets);
            parts = vec![vec![0]];
        } else {
            parts = nested(&mut item, counts, progress)?;
        }
    }
    let label = item.text.replace('\n', " ");
    Ok(Drawn { item, kind, parts, label })
}

/// Gives lines that were rings their first point at the end.
fn closed(item: &mut Item) {
    for path in &mut item.paths {
        path.extend(path.first().copied());
    }
}

/// The parts of a hatch by what its rings enclose, and how it fills them.
fn nested(item: &mut Item, counts: &mut Counts, progress: &Progress) -> Result<Vec<Vec<usize>>, Cancelled> {
    let coords: Vec<Vec<Coord>> = item
        .paths
        .iter()
        .map(|ring| ring.iter().chain(ring.first()).map(|point| Coord { x: point[0], y: point[1] }).collect())
        .collect();
    let found = polygons_of_rings(&coords, progress)?;
    counts.repeated_rings += found.repeated.len() as u64;
    let mut parts = found.polygons;
    // What lies in a hole is filled again unless the hatch stops at the first or passes over all.
    if item.filling > 0 && parts.len() > 1 {
        let shells: Vec<usize> = parts.iter().filter_map(|part| part.first().copied()).collect();
        parts.retain(|part| {
            let Some(inner) = part.first() else { return false };
            let points = &item.paths[*inner];
            !shells.iter().any(|shell| {
                shell != inner
                    && area(&item.paths[*shell]) > area(&item.paths[*inner])
                    // Some of a ring beside it may touch it.
                    && 2 * points.iter().filter(|point| holds(&item.paths[*shell], **point)).count() > points.len()
            })
        });
    }
    if item.filling == 2 {
        parts.iter_mut().for_each(|part| part.truncate(1));
    }
    Ok(parts)
}

/// Whether a point lies in a ring.
fn holds(ring: &[[f64; 3]], point: [f64; 3]) -> bool {
    let mut is_within = false;
    let next = ring.iter().cycle().skip(1);
    for (a, b) in ring.iter().zip(next) {
        if (a[1] > point[1]) != (b[1] > point[1]) {
            let x = a[0] + (point[1] - a[1]) / (b[1] - a[1]) * (b[0] - a[0]);
            is_within ^= point[0] < x;
        }
    }
    is_within
}

/// Outlines in the order of their western ends.
struct Outlines {
    list: Vec<Signature>,
}

impl Outlines {
    fn new(all: &[Drawn]) -> Self {
        let outlines = all
            .par_iter()
            .enumerate()
            .filter(|(_, drawn)| drawn.kind == GeometryKind::Polygon && drawn.item.shape == Shape::Outline);
        let mut list: Vec<Signature> = outlines.map(|(at, drawn)| Signature::new(&drawn.item.paths[0], at)).collect();
        list.sort_by(|a, b| a.extent.min.x.total_cmp(&b.extent.min.x).then(a.of.cmp(&b.of)));
        Self { list }
    }

    /// Those that are the same ring.
    fn same<'s>(&'s self, ring: &'s Signature) -> impl Iterator<Item = usize> + 's {
        let slack = ring.slack();
        let from = self.list.partition_point(|known| known.extent.min.x < ring.extent.min.x - slack);
        let near = self.list[from..].iter().take_while(move |known| known.extent.min.x <= ring.extent.min.x + slack);
        near.filter(move |known| ring.is_same(known)).map(|known| known.of)
    }
}

/// Gives outlines the inner rings of the hatches that fill them; says what is gone, being one with something else.
fn matched(all: &mut [Drawn], counts: &mut Counts, progress: &Progress) -> Result<Vec<bool>, Cancelled> {
    let outlines = Outlines::new(all);
    let mut is_gone = vec![false; all.len()];
    // The hatch that an outline is filled by.
    let mut filled_by: Vec<Option<usize>> = vec![None; all.len()];
    // Inner rings with the layers of the hatch and of the outlines around them.
    let mut holes: Vec<(Signature, Vec<String>)> = Vec::new();
    for at in 0..all.len() {
        if at % 1024 == 0 {
            progress.tick(0)?;
        }
        let hatch = &all[at];
        if hatch.kind != GeometryKind::Polygon || hatch.item.shape != Shape::Region {
            continue;
        }
        let mut rest: Vec<Vec<usize>> = Vec::new();
        let mut taken: Vec<(usize, Vec<usize>)> = Vec::new();
        for part in &hatch.parts {
            let signature = Signature::new(&hatch.item.paths[part[0]], at);
            let is_free =
                |outline: &usize| filled_by[*outline].is_none() && taken.iter().all(|(known, _)| known != outline);
            let on_layer = |outline: &usize| all[*outline].item.layer == hatch.item.layer;
            let found = outlines
                .same(&signature)
                .filter(is_free)
                .max_by_key(|outline| (on_layer(outline), usize::MAX - outline));
            match found {
                Some(outline) => taken.push((outline, part.clone())),
                // Filled twice in the same way, say by a colour and by lines.
                None if outlines.same(&signature).any(|outline| is_filled_alike(&all[outline], part.len())) => {}
                None => rest.push(part.clone()),
            }
        }
        let (paths, pattern, layer) = (hatch.item.paths.clone(), hatch.item.pattern.clone(), hatch.item.layer.clone());
        for part in &hatch.parts {
            let around =
                taken.iter().find(|(_, known)| known == part).map(|(outline, _)| all[*outline].item.layer.clone());
            let layers: Vec<String> = around.into_iter().chain([layer.clone()]).collect();
            let inner = part[1..].iter().map(|ring| (Signature::new(&paths[*ring], at), layers.clone()));
            holes.extend(inner);
        }
        for (outline, part) in taken {
            filled_by[outline] = Some(at);
            let parcel = &mut all[outline];
            // Layer 0 says nothing: what the fill lies on does.
            if parcel.item.layer == "0" {
                parcel.item.layer.clone_from(&layer);
            }
            if parcel.item.pattern.is_empty() {
                parcel.item.pattern.clone_from(&pattern);
            }
            for ring in &part[1..] {
                parcel.parts[0].push(parcel.item.paths.len());
                parcel.item.paths.push(paths[*ring].clone());
            }
        }
        if rest.is_empty() {
            is_gone[at] = true;
            counts.hatched += 1;
        }
        all[at].parts = rest;
    }
    for (hole, layers) in &holes {
        let inner: Vec<usize> = outlines
            .same(hole)
            .filter(|outline| filled_by[*outline].is_none() && layers.contains(&all[*outline].item.layer))
            .collect();
        for outline in inner {
            let border = &mut all[outline];
            if border.kind == GeometryKind::Polygon {
                border.kind = GeometryKind::Line;
                border.parts.clear();
                closed(&mut border.item);
                counts.inner += 1;
            }
        }
    }
    Ok(is_gone)
}

/// Whether an outline already is a parcel with so many rings.
fn is_filled_alike(outline: &Drawn, ring_count: usize) -> bool {
    outline.kind == GeometryKind::Polygon && outline.parts.first().is_some_and(|part| part.len() == ring_count)
}

/// Gives parcels the texts within them: each text to the smallest one that holds its middle.
fn label(all: &mut [Drawn], counts: &mut Counts, progress: &Progress) -> Result<(), Cancelled> {
    let mut parcels: Vec<Signature> = all
        .par_iter()
        .enumerate()
        .filter(|(_, drawn)| drawn.kind == GeometryKind::Polygon)
        .map(|(at, drawn)| {
            let rings = drawn.parts.iter().flatten().map(|ring| Signature::new(&drawn.item.paths[*ring], at));
            rings.reduce(|a, b| {
                let mut extent = a.extent;
                extent.union(&b.extent);
                Signature { extent, area: a.area.max(b.area), of: at }
            })
        })
        .flatten()
        .collect();
    // The smallest first: the first that holds a text has it.
    parcels.sort_by(|a, b| a.area.total_cmp(&b.area).then(a.of.cmp(&b.of)));
    let index = Grid::new(&parcels);
    let holder = |at: [f64; 2]| {
        let (point, place) = ([at[0], at[1], 0.0], Coord { x: at[0], y: at[1] });
        index.near(at).find(|parcel| {
            let drawn = &all[parcels[*parcel].of];
            let rings = drawn.parts.iter().flatten().filter(|ring| holds(&drawn.item.paths[**ring], point));
            parcels[*parcel].extent.contains(place) && rings.count() % 2 == 1
        })
    };
    let mut texts: Vec<(usize, [f64; 2], usize)> = Vec::new();
    for (at, drawn) in all.iter().enumerate() {
        if at % 1024 == 0 {
            progress.tick(0)?;
        }
        let (Some(middle), false) = (drawn.item.middle, drawn.label.is_empty()) else { continue };
        // How wide a text is can only be guessed: the point that it was placed by may be all that lies within.
        let placed = drawn.item.paths.first().and_then(|path| path.first()).map(|point| [point[0], point[1]]);
        match holder(middle).or_else(|| placed.and_then(&holder)) {
            Some(parcel) => texts.push((parcels[parcel].of, middle, at)),
            None => counts.outside += 1,
        }
    }
    counts.labelled = texts.len() as u64;
    // From top to bottom, from left to right.
    texts.sort_by(|a, b| a.0.cmp(&b.0).then(b.1[1].total_cmp(&a.1[1])).then(a.1[0].total_cmp(&b.1[0])));
    for (parcel, _, text) in texts {
        let text = all[text].label.clone();
        let label = &mut all[parcel].label;
        if label.chars().count() + text.chars().count() < MOST_LABEL {
            if !label.is_empty() {
                label.push(' ');
            }
            label.push_str(&text);
        }
    }
    Ok(())
}

/// Parcels by the cells of a net that they touch; those that touch too many are asked always.
struct Grid {
    origin: [f64; 2],
    cell: [f64; 2],
    columns: usize,
    rows: usize,
    cells: Vec<Vec<u32>>,
    everywhere: Vec<u32>,
}

/// Cells that a parcel may touch before it is asked always.
const MOST_CELLS: usize = 4096;

impl Grid {
    fn new(parcels: &[Signature]) -> Self {
        let mut extent = Extent::EMPTY;
        parcels.iter().for_each(|parcel| extent.union(&parcel.extent));
        let side = (parcels.len() as f64).sqrt().ceil().clamp(1.0, 1024.0);
        let (origin, size) = if extent.is_empty() {
            ([0.0, 0.0], [1.0, 1.0])
        } else {
            ([extent.min.x, extent.min.y], [extent.width().max(1e-9), extent.height().max(1e-9)])
        };
        let (columns, rows) = (side as usize, side as usize);
        let mut grid = Self {
            origin,
            cell: [size[0] / side, size[1] / side],
            columns,
            rows,
            cells: vec![Vec::new(); columns * rows],
            everywhere: Vec::new(),
        };
        for (at, parcel) in (0u32..).zip(parcels) {
            let (from, to) = (grid.place(parcel.extent.min), grid.place(parcel.extent.max));
            if (to.0 - from.0 + 1) * (to.1 - from.1 + 1) > MOST_CELLS {
                grid.everywhere.push(at);
                continue;
            }
            for row in from.1..=to.1 {
                for column in from.0..=to.0 {
                    grid.cells[row * columns + column].push(at);
                }
            }
        }
        grid
    }

    fn place(&self, at: Coord) -> (usize, usize) {
        // Below zero and no number become 0.
        let column = ((at.x - self.origin[0]) / self.cell[0]) as usize;
        let row = ((at.y - self.origin[1]) / self.cell[1]) as usize;
        (column.min(self.columns - 1), row.min(self.rows - 1))
    }

    /// Parcels that may hold a point, in their order.
    fn near(&self, at: [f64; 2]) -> impl Iterator<Item = usize> {
        let (column, row) = self.place(Coord { x: at[0], y: at[1] });
        let mut found: Vec<u32> = self.cells[row * self.columns + column].clone();
        found.extend_from_slice(&self.everywhere);
        found.sort_unstable();
        found.into_iter().map(|at| at as usize)
    }
}

#[cfg(test)]
mod tests;
