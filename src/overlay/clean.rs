//! Two layers of clean polygons laid over each other: what `pairs` gives, in a fraction of the time.
//!
//! A feature is clean when no ring of it meets itself and each ring has the inside on one side all along: nearly all of
//! them. Then only edges of different layers need to be compared, and an edge that two neighbours share is compared and
//! walked once for both, since what lies left of it for the one lies right of it for the other. What two features share
//! in this way also tells at once that they do not overlap.
//!
//! The rest is left to `pairs`, among as few features as possible: polygons that are not clean with whatever comes near
//! them, and features that overlap others of their own layer, for what is then covered twice.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::coverage::{coverage_of, extents, scale_for};
use super::crossings::{self, By, Crossing, Meeting, record};
use super::pairs::{Cast, Pair, Sums, thorough};
use super::predicates::{canonical, orient, shifted_left};
use super::rings::Rings;
use super::sum::Scale;
use super::tiles::{self, Tile, UnitSet, toggle, units_at_start_among};
use super::walk::{self, Pass, Scratch, Step, starts_inside_left};
use crate::measure::{Frame, Origin};
use crate::model::{Coord, Extent};
use crate::task::{Cancelled, Progress};

/// Rings that one thread walks at a time.
const RINGS_A_CHUNK: usize = 256;
/// Features that one thread looks at at a time.
const FEATURES_A_CHUNK: usize = 1024;
/// Origins along each side of the extent.
const ORIGINS: usize = 64;
/// Lengths are summed in this share of a metre.
const LENGTH_STEPS: f64 = (1u64 << 20) as f64;
/// No edge.
const NONE: u32 = u32::MAX;

/// As `pairs::sums_of`; `None` where too much of the input is not clean.
///
/// # Errors
/// [`Cancelled`] when the user cancelled.
pub(super) fn sums_of(
    rings: &Rings,
    cast: Cast,
    frame: &Frame,
    progress: &Progress,
) -> Result<Option<Sums>, Cancelled> {
    let count = cast.feature_count();
    let input = Input {
        rings,
        cast,
        frame,
        features: rings.parts().iter().map(|part| rings.feature_of(*part)).collect(),
        first_rings: rings.first_rings(count),
        extents: extents(rings, count),
    };
    let signs = input.signs(progress)?;
    let found = input.meetings(&signs, progress)?;
    let too_many = count / 8 + 32;
    let mut tangled: Vec<bool> = found.tangled;
    if tangled.iter().filter(|t| **t).count() > too_many {
        return Ok(None);
    }
    let walker = Walker {
        input: &input,
        signs: &signs,
        twins: &found.twins,
        crossings: &found.crossings,
        offsets: &found.offsets,
        starts: &found.starts,
        scale: scale_for(rings, frame),
        origins: Origins::new(rings.extent(), frame),
        tangled: &tangled.clone(),
    };
    let mut gathered = walker.walk(progress)?;
    for feature in &gathered.failed {
        tangled[*feature as usize] = true;
    }
    let own = walker.own(progress)?;
    let mut sums = Sums::default();
    let mut paired = vec![0.0; count];
    let split = cast.counts[0];
    gathered.met.par_sort_unstable_by_key(|met| met.key);
    for same in gathered.met.chunk_by(|x, y| x.key == y.key) {
        let area: i128 = same.iter().map(|met| met.area).sum();
        let length = same.iter().fold(0i64, |sum, met| sum.saturating_add(met.length));
        let (a, b) = ((same[0].key >> 32) as u32, (same[0].key & 0xffff_ffff) as u32);
        if length == 0 || area == 0 || tangled[a as usize] || tangled[b as usize] {
            continue;
        }
        let m2 = walker.scale.m2(area);
        sums.pairs.push(Pair { a, b: b - split, m2, perimeter_m: length as f64 / LENGTH_STEPS });
    }
    drop(gathered);
    let mut own = own;
    input.add_tangled(&tangled, &mut sums, &mut own, progress)?;
    for pair in &sums.pairs {
        paired[pair.a as usize] += pair.m2;
        paired[(pair.b + split) as usize] += pair.m2;
    }
    let twice = input.twice(&found.suspects, &sums.pairs, progress)?;
    // What the roundings of the edges of a feature can add up to.
    let noise = noise_m2(rings.extent(), frame);
    let only = |feature: usize| {
        let left = own[feature] - paired[feature] + twice[feature];
        if left.abs() <= noise { 0.0 } else { left }
    };
    let mut first = 0;
    for (side, count) in sums.sides.iter_mut().zip(cast.counts) {
        let range = first..first + count as usize;
        first = range.end;
        side.only = range.clone().map(only).collect();
        side.own = own[range.clone()].to_vec();
        side.twice = twice[range].to_vec();
    }
    Ok(Some(sums))
}

/// Areas below this are nothing but rounding.
fn noise_m2(extent: Extent, frame: &Frame) -> f64 {
    let side = |v: f64| if v.is_finite() { v } else { 0.0 };
    let unit = frame.edge_length(extent.min, Coord { x: extent.min.x + extent.width(), y: extent.min.y });
    let height = frame.edge_length(extent.min, Coord { x: extent.min.x, y: extent.min.y + extent.height() });
    side(unit) * side(height) * f64::EPSILON
}

/// Both layers in one list of rings.
struct Input<'a> {
    rings: &'a Rings,
    cast: Cast,
    frame: &'a Frame,
    /// Ring → feature.
    features: Vec<u32>,
    /// Feature → first ring.
    first_rings: Vec<u32>,
    extents: Vec<Extent>,
}

/// Edges and rings that meet.
struct Found {
    /// The edge of a neighbour that coincides with an edge, or [`NONE`].
    twins: Vec<u32>,
    /// By edge; of twins only at the first.
    crossings: Vec<Crossing>,
    offsets: Vec<u32>,
    /// By ring: the features of the other layer that contain its first vertex.
    starts: Starts,
    /// Features that are not clean.
    tangled: Vec<bool>,
    /// Features near edges that no neighbour shares: only there can features of one layer overlap, or begin to.
    suspects: Vec<bool>,
}

#[derive(Default)]
struct Starts {
    offsets: Vec<u32>,
    features: Vec<u32>,
}

impl Starts {
    fn of(&self, ring: u32) -> &[u32] {
        &self.features[self.offsets[ring as usize] as usize..self.offsets[ring as usize + 1] as usize]
    }
}

/// What the tiles of some rows hold.
#[derive(Default)]
struct InTiles {
    crossings: Vec<Crossing>,
    twins: Vec<(u32, u32)>,
    starts: Vec<(u32, UnitSet)>,
    tangled: Vec<u32>,
    suspects: Vec<u32>,
    /// The edges of the tile at hand, those of the first layer before those of the second.
    edges: Vec<TileEdge>,
}

struct TileEdge {
    ends: (Coord, Coord),
    edge: u32,
    ring: u32,
    feature: u32,
    /// Whether a neighbour has the same edge, and whether that comes first.
    twin: Twin,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Twin {
    Missing,
    First,
    Second,
}

impl Input<'_> {
    fn layer_of(&self, feature: u32) -> usize {
        usize::from(feature >= self.cast.counts[0])
    }

    /// For each ring whether the inside of its feature lies left (1) or right (−1) of it; 0 where that differs along it.
    fn signs(&self, progress: &Progress) -> Result<Vec<i8>, Cancelled> {
        let count = self.cast.feature_count();
        let starts: Vec<usize> = (0..count).step_by(FEATURES_A_CHUNK).collect();
        let chunks: Vec<Vec<i8>> = starts
            .into_par_iter()
            .map(|start| {
                let mut signs = Vec::new();
                for feature in start..(start + FEATURES_A_CHUNK).min(count) {
                    self.signs_of(feature as u32, &mut signs, progress)?;
                }
                progress.tick(0)?;
                Ok(signs)
            })
            .collect::<Result<_, Cancelled>>()?;
        Ok(chunks.concat())
    }

    fn signs_of(&self, feature: u32, signs: &mut Vec<i8>, progress: &Progress) -> Result<(), Cancelled> {
        let (first, end) = (self.first_rings[feature as usize], self.first_rings[feature as usize + 1]);
        if end - first == 1 {
            let left = starts_inside_left(self.rings, first);
            signs.push(if self.runs_back(first) {
                0
            } else if left {
                1
            } else {
                -1
            });
        } else if end > first {
            let rings = self.rings.of_features(&[feature], &self.first_rings);
            let crossings = crossings::find(&rings, rings.parts(), progress)?;
            let mut scratch = Scratch::default();
            for ring in 0..rings.ring_count() as u32 {
                let (mut sign, mut constant) = (None, !self.runs_back(first + ring));
                let walk = walk::along(&rings, rings.parts(), &crossings, ring, &mut scratch, |stretch| {
                    let weight = stretch.weight(&rings, ring);
                    constant &= weight != 0 && *sign.get_or_insert(weight) == weight;
                });
                let sign = sign.filter(|_| constant && walk.is_ok());
                signs.push(sign.map_or(0, |weight| if weight > 0 { 1 } else { -1 }));
            }
        }
        Ok(())
    }

    /// Whether `ring` turns back on itself at a vertex.
    fn runs_back(&self, ring: u32) -> bool {
        let edges = self.rings.edges(ring);
        let coords = &self.rings.coords()[edges.start as usize..=edges.end as usize];
        let back = |p: Coord, q: Coord, r: Coord| {
            (q.x - p.x) * (r.x - q.x) + (q.y - p.y) * (r.y - q.y) < 0.0 && orient(p, q, r) == 0.0
        };
        coords.windows(3).any(|c| back(c[0], c[1], c[2])) || back(coords[coords.len() - 2], coords[0], coords[1])
    }

    /// Looks for everything that meets, tile by tile.
    fn meetings(&self, signs: &[i8], progress: &Progress) -> Result<Found, Cancelled> {
        let found = tiles::visit(self.rings, &self.features, progress, &|tile, found: &mut InTiles| {
            self.in_tile(tile, signs, found);
        })?;
        let count = self.cast.feature_count();
        let (mut tangled, mut suspects) = (vec![false; count], vec![false; count]);
        for (ring, sign) in signs.iter().enumerate().filter(|(_, sign)| **sign == 0) {
            debug_assert_eq!(*sign, 0);
            tangled[self.features[ring] as usize] = true;
        }
        let coord_count = self.rings.coords().len();
        let mut twins = vec![NONE; coord_count];
        let mut offsets = vec![0u32; coord_count + 1];
        let ring_count = self.rings.ring_count();
        let mut starts = Starts { offsets: vec![0; ring_count + 1], features: Vec::new() };
        for found in &found {
            found.tangled.iter().for_each(|feature| tangled[*feature as usize] = true);
            found.suspects.iter().for_each(|feature| suspects[*feature as usize] = true);
            for (e, f) in &found.twins {
                (twins[*e as usize], twins[*f as usize]) = (*f, *e);
            }
            found.crossings.iter().for_each(|crossing| offsets[crossing.edge as usize + 1] += 1);
            found.starts.iter().for_each(|(ring, set)| starts.offsets[*ring as usize + 1] = set.len() as u32);
        }
        for edge in 0..coord_count {
            offsets[edge + 1] += offsets[edge];
        }
        for ring in 0..ring_count {
            starts.offsets[ring + 1] += starts.offsets[ring];
        }
        progress.tick(0)?;
        let mut crossings = vec![Crossing { edge: NONE, by: By::Edge(NONE) }; offsets[coord_count] as usize];
        starts.features = vec![0; starts.offsets[ring_count] as usize];
        let mut next = offsets.clone();
        for found in found {
            for crossing in found.crossings {
                let at = &mut next[crossing.edge as usize];
                crossings[*at as usize] = crossing;
                *at += 1;
            }
            for (ring, set) in found.starts {
                let at = starts.offsets[ring as usize] as usize;
                starts.features[at..at + set.len()].copy_from_slice(&set);
            }
        }
        Ok(Found { twins, crossings, offsets, starts, tangled, suspects })
    }

    fn in_tile(&self, tile: &Tile<'_>, signs: &[i8], found: &mut InTiles) {
        for ring in tile.ring_starts {
            let layer = self.layer_of(self.features[*ring as usize]);
            let others = |feature: u32| self.layer_of(feature) != layer;
            let set = units_at_start_among(self.rings, &self.features, tile, *ring, others);
            if !set.is_empty() {
                found.starts.push((*ring, set));
            }
        }
        let mut edges = std::mem::take(&mut found.edges);
        edges.clear();
        edges.extend(tile.edges.iter().map(|edge| {
            let ring = self.rings.ring_of(*edge);
            let feature = self.features[ring as usize];
            TileEdge { ends: self.rings.ends(*edge), edge: *edge, ring, feature, twin: Twin::Missing }
        }));
        let split = edges.partition_point(|e| e.feature < self.cast.counts[0]);
        let (of_a, of_b) = edges.split_at_mut(split);
        for (layer, of_layer) in [&mut *of_a, &mut *of_b].into_iter().enumerate() {
            if !self.among_one_layer(of_layer, signs, found) {
                // An edge without a neighbour: here the layer may begin to overlap itself.
                found.suspects.extend(of_layer.iter().map(|e| e.feature));
                found.suspects.extend(tile.label.iter().filter(|feature| self.layer_of(**feature) == layer));
            }
        }
        for e in of_a.iter().filter(|e| e.twin != Twin::Second) {
            for f in of_b.iter().filter(|f| f.twin != Twin::Second) {
                if same_edge(e.ends, f.ends) {
                    found.crossings.push(Crossing { edge: e.edge, by: By::Along(f.edge) });
                    found.crossings.push(Crossing { edge: f.edge, by: By::Along(e.edge) });
                } else if let Some(meeting) = Meeting::of(e.ends, f.ends) {
                    record(self.rings, e.edge, f.edge, &meeting, true, &mut found.crossings);
                }
            }
        }
        found.edges = edges;
    }

    /// Finds twins, and rings that meet themselves; whether every edge has a twin on its other side.
    fn among_one_layer(&self, edges: &mut [TileEdge], signs: &[i8], found: &mut InTiles) -> bool {
        let mut complete = true;
        for i in 0..edges.len() {
            let (before, rest) = edges.split_at_mut(i + 1);
            let e = &mut before[i];
            for f in rest {
                if e.ring == f.ring {
                    if !self.rings.adjacent(e.edge, f.edge) && Meeting::of(e.ends, f.ends).is_some() {
                        found.tangled.push(e.feature);
                    }
                } else if e.twin == Twin::Missing
                    && f.twin == Twin::Missing
                    && e.feature != f.feature
                    && same_edge(e.ends, f.ends)
                {
                    (e.twin, f.twin) = (Twin::First, Twin::Second);
                    found.twins.push((e.edge, f.edge));
                    // On the same side of their edge the two overlap.
                    let turned = e.ends.0 == f.ends.1;
                    complete &= (signs[e.ring as usize] == signs[f.ring as usize]) == turned;
                }
            }
            complete &= e.twin != Twin::Missing;
        }
        complete
    }

    /// Adds the pairs of features that are not clean, and their own areas.
    fn add_tangled(
        &self,
        tangled: &[bool],
        sums: &mut Sums,
        own: &mut [f64],
        progress: &Progress,
    ) -> Result<(), Cancelled> {
        let (split, count) = (self.cast.counts[0] as usize, self.cast.feature_count());
        let list: Vec<usize> = (0..count).filter(|feature| tangled[*feature]).collect();
        if list.is_empty() {
            return Ok(());
        }
        let near = |feature: usize| {
            let others = list.iter().filter(|other| (**other < split) != (feature < split));
            tangled[feature] || others.into_iter().any(|o| self.extents[*o].intersects(&self.extents[feature]))
        };
        let chosen: Vec<u32> = (0..count).into_par_iter().filter(|f| near(*f)).map(|f| f as u32).collect();
        let (part, of_part) = self.among(&chosen, progress)?;
        let of_a = of_part.counts[0] as usize;
        for pair in &part.pairs {
            let (a, b) = (chosen[pair.a as usize], chosen[pair.b as usize + of_a]);
            if tangled[a as usize] || tangled[b as usize] {
                sums.pairs.push(Pair { a, b: b - split as u32, ..*pair });
            }
        }
        sums.pairs.par_sort_unstable_by_key(|pair| (pair.a, pair.b));
        for (at, feature) in chosen.iter().enumerate().filter(|(_, feature)| tangled[**feature as usize]) {
            let (side, at) = if at < of_a { (0, at) } else { (1, at - of_a) };
            own[*feature as usize] = part.sides[side].own[at];
            if part.sides[side].left_out.binary_search(&(at as u32)).is_ok() {
                sums.sides[side].left_out.push(feature - if side == 0 { 0 } else { split as u32 });
            }
        }
        Ok(())
    }

    /// All sums among some features, ascending, which are numbered anew.
    fn among(&self, chosen: &[u32], progress: &Progress) -> Result<(Sums, Cast), Cancelled> {
        let of_a = chosen.partition_point(|feature| *feature < self.cast.counts[0]) as u32;
        let cast = Cast { counts: [of_a, chosen.len() as u32 - of_a], masked: false };
        let rings = self.rings.of_features(chosen, &self.first_rings);
        Ok((thorough(&rings, cast, self.frame, progress)?, cast))
    }

    /// For each feature by how much its pairs exceed what the other layer covers of it.
    fn twice(&self, suspects: &[bool], pairs: &[Pair], progress: &Progress) -> Result<Vec<f64>, Cancelled> {
        let (split, count) = (self.cast.counts[0], self.cast.feature_count());
        let mut twice = vec![0.0; count];
        for layer in 0..2 {
            let range = if layer == 0 { 0..split } else { split..count as u32 };
            let overlapping = self.overlapping(suspects, range, progress)?;
            if !overlapping.contains(&true) {
                continue;
            }
            // Features of the other layer that meet at least two of them.
            let mut met = vec![0u8; count];
            for pair in pairs {
                let (a, b) = (pair.a, pair.b + split);
                let (one, other) = if layer == 0 { (a, b) } else { (b, a) };
                if overlapping[one as usize] {
                    met[other as usize] = met[other as usize].saturating_add(1);
                }
            }
            let chosen: Vec<u32> =
                (0..count as u32).filter(|f| overlapping[*f as usize] || met[*f as usize] > 1).collect();
            let (part, of_part) = self.among(&chosen, progress)?;
            for (at, feature) in chosen.iter().enumerate() {
                let at = if layer == 0 { at.checked_sub(of_part.counts[0] as usize) } else { Some(at) };
                let excess = at.and_then(|at| part.sides[1 - layer].twice.get(at));
                if let (Some(excess), true) = (excess, self.layer_of(*feature) != layer) {
                    twice[*feature as usize] = *excess;
                }
            }
        }
        Ok(twice)
    }

    /// Which features of one layer overlap others of it. `range` are its features.
    fn overlapping(
        &self,
        suspects: &[bool],
        range: std::ops::Range<u32>,
        progress: &Progress,
    ) -> Result<Vec<bool>, Cancelled> {
        let mut overlapping = vec![false; suspects.len()];
        let some: Vec<u32> = range.clone().filter(|feature| suspects[*feature as usize]).collect();
        let all = some.len() == range.len();
        let mut mark = |chosen: &[u32]| -> Result<bool, Cancelled> {
            let rings = self.rings.of_features(chosen, &self.first_rings);
            let found = coverage_of(&rings, chosen.len(), self.frame, progress)?;
            for pair in &found.pairs {
                overlapping[chosen[pair.first] as usize] = true;
                overlapping[chosen[pair.second] as usize] = true;
            }
            Ok(!found.pairs.is_empty())
        };
        // What overlaps does so somewhere along an edge that no neighbour shares. Once something does, all must be seen.
        if some.len() > 1 && mark(&some)? && !all {
            mark(&range.collect::<Vec<u32>>())?;
        }
        Ok(overlapping)
    }
}

fn same_edge(e: (Coord, Coord), f: (Coord, Coord)) -> bool {
    (e.0 == f.1 && e.1 == f.0) || e == f
}

/// Origins of a grid over the extent.
struct Origins {
    min: Coord,
    /// Cells a unit, in both directions.
    rate: (f64, f64),
    list: Vec<Origin>,
}

impl Origins {
    fn new(extent: Extent, frame: &Frame) -> Self {
        let rate = |length: f64| if length > 0.0 { ORIGINS as f64 / length } else { 0.0 };
        let at = |cell: usize, low: f64, length: f64| low + length * ((cell as f64 + 0.5) / ORIGINS as f64);
        let (width, height) = (extent.width(), extent.height());
        let origin = |cell: usize| {
            let (column, row) = (cell % ORIGINS, cell / ORIGINS);
            frame.origin(Coord { x: at(column, extent.min.x, width), y: at(row, extent.min.y, height) })
        };
        let list = (0..ORIGINS * ORIGINS).into_par_iter().map(origin).collect();
        Self { min: extent.min, rate: (rate(width), rate(height)), list }
    }

    fn cell(&self, c: Coord) -> usize {
        let place = |v: f64, low: f64, rate: f64| (((v - low) * rate) as usize).min(ORIGINS - 1);
        place(c.y, self.min.y, self.rate.1) * ORIGINS + place(c.x, self.min.x, self.rate.0)
    }
}

/// What some rings add to a pair.
#[derive(Clone, Copy)]
struct Met {
    key: u64,
    area: i128,
    length: i64,
}

#[derive(Default)]
struct Gathered {
    met: Vec<Met>,
    failed: Vec<u32>,
}

struct Walker<'a> {
    input: &'a Input<'a>,
    signs: &'a [i8],
    twins: &'a [u32],
    crossings: &'a [Crossing],
    offsets: &'a [u32],
    starts: &'a Starts,
    scale: Scale,
    origins: Origins,
    tangled: &'a [bool],
}

/// Sums of some rings.
#[derive(Default)]
struct Sheet {
    slots: FxHashMap<u64, u32>,
    met: Vec<Met>,
}

/// The integral of a stretch by the origin that was asked for last.
struct Integral {
    cell: usize,
    area: i128,
}

impl Walker<'_> {
    /// Areas of the clean features, m²; 0 for others.
    fn own(&self, progress: &Progress) -> Result<Vec<f64>, Cancelled> {
        let count = self.input.cast.feature_count();
        let starts: Vec<usize> = (0..count).step_by(FEATURES_A_CHUNK).collect();
        let area = |feature: usize| {
            if self.tangled[feature] {
                return 0.0;
            }
            let rings = self.input.first_rings[feature]..self.input.first_rings[feature + 1];
            let origin = &self.origins.list[self.origins.cell(self.input.extents[feature].min)];
            let mut sum = 0i128;
            for ring in rings {
                for edge in self.input.rings.edges(ring) {
                    let area = self.whole_edge(edge, origin).unwrap_or(0);
                    sum += i128::from(self.signs[ring as usize]) * area;
                }
            }
            self.scale.m2(sum)
        };
        let chunks: Vec<Vec<f64>> = starts
            .into_par_iter()
            .map(|start| {
                progress.tick(0)?;
                Ok((start..(start + FEATURES_A_CHUNK).min(count)).map(area).collect())
            })
            .collect::<Result<_, Cancelled>>()?;
        Ok(chunks.concat())
    }

    fn whole_edge(&self, edge: u32, origin: &Origin) -> Option<i128> {
        let ends = self.input.rings.ends(edge);
        let (a, b) = canonical(ends);
        let area = self.scale.fixed(self.input.frame.stretch(a, b, 1.0, origin))?;
        Some(if (a, b) == ends { area } else { -area })
    }

    fn walk(&self, progress: &Progress) -> Result<Gathered, Cancelled> {
        let ring_count = self.input.rings.ring_count();
        let starts: Vec<usize> = (0..ring_count).step_by(RINGS_A_CHUNK).collect();
        let chunks: Vec<Gathered> = starts
            .into_par_iter()
            .map(|start| {
                let end = (start + RINGS_A_CHUNK).min(ring_count);
                let (mut sheet, mut pass, mut within) = (Sheet::default(), Pass::default(), UnitSet::new());
                let mut failed = Vec::new();
                for ring in start..end {
                    let feature = self.input.features[ring];
                    if !self.tangled[feature as usize]
                        && !self.ring(ring as u32, feature, &mut pass, &mut within, &mut sheet)
                    {
                        failed.push(feature);
                    }
                }
                progress.tick((end - start) as u64)?;
                Ok(Gathered { met: sheet.met, failed })
            })
            .collect::<Result<_, Cancelled>>()?;
        let mut all = Gathered::default();
        all.met.reserve_exact(chunks.iter().map(|chunk| chunk.met.len()).sum());
        for chunk in chunks {
            all.met.extend(chunk.met);
            all.failed.extend(chunk.failed);
        }
        Ok(all)
    }

    /// Walks along a ring; whether it ended with the set that it began with, and could be measured.
    fn ring(&self, ring: u32, feature: u32, pass: &mut Pass, within: &mut UnitSet, sheet: &mut Sheet) -> bool {
        within.clear();
        within.extend_from_slice(self.starts.of(ring));
        let sign = i128::from(self.signs[ring as usize]);
        let mut measurable = true;
        for edge in self.input.rings.edges(ring) {
            let twin = self.twins[edge as usize];
            let first = edge.min(twin);
            let here =
                &self.crossings[self.offsets[first as usize] as usize..self.offsets[first as usize + 1] as usize];
            // The first of two twins is walked for both.
            let mut sides = [(feature, sign), (feature, 0)];
            if twin != NONE {
                let other = self.input.rings.ring_of(twin);
                let neighbour = self.input.features[other as usize];
                if !self.tangled[neighbour as usize] {
                    if twin < edge {
                        for crossing in here {
                            self.cross(crossing, here, within);
                        }
                        continue;
                    }
                    let turned = self.input.rings.ends(twin).0 != self.input.rings.ends(edge).0;
                    let weight = i128::from(self.signs[other as usize]);
                    sides[1] = (neighbour, if turned { -weight } else { weight });
                }
            }
            if here.is_empty() {
                if !within.is_empty() {
                    let ends = self.input.rings.ends(edge);
                    let piece = canonical(ends);
                    let shares = if piece == ends { (0.0, 1.0) } else { (1.0, 0.0) };
                    measurable &= self.add(piece, shares, &[], within, &sides, sheet);
                }
                continue;
            }
            let mut list: Vec<Crossing> = here.to_vec();
            list.sort_unstable();
            list.dedup();
            pass.over(self.input.rings, edge, &list, |step| match step {
                Step::Along { piece, shares, coincident } => {
                    if !within.is_empty() {
                        measurable &= self.add(piece, shares, coincident, within, &sides, sheet);
                    }
                }
                Step::Across(other) => self.toggle(other, within),
            });
        }
        measurable && within[..] == *self.starts.of(ring)
    }

    /// Crosses at a crossing of a twin; duplicates in the list count once.
    fn cross(&self, crossing: &Crossing, here: &[Crossing], within: &mut UnitSet) {
        if let By::Edge(other) = crossing.by {
            let first = here.iter().position(|c| c == crossing);
            if first.is_some_and(|first| std::ptr::eq(&here[first], crossing)) {
                self.toggle(other, within);
            }
        }
    }

    /// Crosses an edge of the other layer, and its twin.
    fn toggle(&self, edge: u32, within: &mut UnitSet) {
        toggle(within, self.feature_of_edge(edge));
        let twin = self.twins[edge as usize];
        if twin != NONE {
            toggle(within, self.feature_of_edge(twin));
        }
    }

    fn feature_of_edge(&self, edge: u32) -> u32 {
        self.input.features[self.input.rings.ring_of(edge) as usize]
    }

    /// Adds a stretch to the pairs of the features on its sides, by weight, with those around; whether it could be
    /// measured.
    fn add(
        &self,
        piece: (Coord, Coord),
        shares: (f64, f64),
        coincident: &[u32],
        within: &[u32],
        sides: &[(u32, i128); 2],
        sheet: &mut Sheet,
    ) -> bool {
        let frame = self.input.frame;
        let mut integral: Option<Integral> = None;
        let length = (frame.edge_length(piece.0, piece.1) * (shares.1 - shares.0).abs() * LENGTH_STEPS).round() as i64;
        let (p, q) = if shares.0 <= shares.1 { piece } else { (piece.1, piece.0) };
        for (feature, weight) in sides.iter().filter(|(_, weight)| *weight != 0) {
            let own = self.input.extents[*feature as usize].min;
            let shift = if self.input.layer_of(*feature) == 0 { 1 } else { -1 };
            for other in within.iter().filter(|other| !self.tangled[**other as usize]) {
                let min = self.input.extents[*other as usize].min;
                let cell = self.origins.cell(Coord { x: own.x.max(min.x), y: own.y.max(min.y) });
                let area = match &integral {
                    Some(known) if known.cell == cell => known.area,
                    _ => {
                        let origin = &self.origins.list[cell];
                        let upto = |t: f64| {
                            if t == 0.0 {
                                Some(0)
                            } else {
                                self.scale.fixed(frame.stretch(piece.0, piece.1, t, origin))
                            }
                        };
                        let (Some(end), Some(begin)) = (upto(shares.1), upto(shares.0)) else { return false };
                        integral = Some(Integral { cell, area: end - begin });
                        end - begin
                    }
                };
                let mut seam = false;
                for edge in coincident {
                    let twin = self.twins[*edge as usize];
                    let of_other =
                        self.feature_of_edge(*edge) == *other || (twin != NONE && self.feature_of_edge(twin) == *other);
                    seam ^= of_other && (*weight > 0) == shifted_left(p, q, shift);
                }
                let (a, b) = (feature.min(other), feature.max(other));
                let met = sheet.met_of((u64::from(*a) << 32) | u64::from(*b));
                met.area += weight * area;
                if !seam {
                    met.length = met.length.saturating_add(length.max(1));
                }
            }
        }
        true
    }
}

impl Sheet {
    fn met_of(&mut self, key: u64) -> &mut Met {
        let slot = *self.slots.entry(key).or_insert_with(|| {
            self.met.push(Met { key, area: 0, length: 0 });
            self.met.len() as u32 - 1
        });
        &mut self.met[slot as usize]
    }
}
