//! Which edges meet, and which rings have their inside on one side: all that the walks need to know.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use rayon::prelude::*;

use super::{Input, NONE};
use crate::model::{Coord, Extent};
use crate::overlay::crossings::{self, By, Contact, Crossing, Meeting, record};
use crate::overlay::predicates::orient;
use crate::overlay::tiles::{self, Tile, UnitSet, units_at_start_among};
use crate::overlay::walk::{self, Scratch, starts_inside_left};
use crate::task::{Cancelled, Progress};

/// Features that one thread looks at at a time.
const FEATURES_A_CHUNK: usize = 1024;
/// Edges of one tile that are not compared each with each.
const MANY: usize = 2048;
/// At least half as many shares of all edges have their crossings sorted side by side.
const SHARES: usize = 64;

/// Edges and rings that meet.
pub(super) struct Found {
    /// The edge of a neighbour that coincides with an edge, or [`NONE`].
    pub twins: Vec<u32>,
    /// The edge of the other layer that coincides with an edge, or [`NONE`].
    pub shared: Vec<u32>,
    /// Of twins only at the first.
    pub crossings: ByEdge,
    /// By ring: the features of the other layer that contain its first vertex.
    pub starts: Starts,
    /// Features that are not clean.
    pub tangled: Vec<bool>,
    /// Features near edges that no neighbour shares: only there can features of one layer overlap, or begin to.
    pub suspects: Vec<bool>,
}

/// Crossings sorted by edge, each once, in shares of the edges.
pub(super) struct ByEdge {
    /// A share holds 2 to this power edges.
    share_bits: u32,
    shares: Vec<Share>,
}

#[derive(Default)]
pub(super) struct Share {
    offsets: Vec<u32>,
    list: Vec<Crossing>,
}

impl ByEdge {
    fn new(found: Vec<InTiles>, edge_count: usize, progress: &Progress) -> Result<Self, Cancelled> {
        let edges_a_share = edge_count.div_ceil(SHARES).next_power_of_two();
        let share_bits = edges_a_share.trailing_zeros();
        let share_count = edge_count.div_ceil(edges_a_share);
        let sorted_out = |found: InTiles| {
            progress.tick(0)?;
            let mut of_share: Vec<Vec<Crossing>> = vec![Vec::new(); share_count];
            found.crossings.iter().for_each(|c| of_share[(c.edge >> share_bits) as usize].push(*c));
            Ok(of_share)
        };
        let found: Vec<Vec<Vec<Crossing>>> = found.into_par_iter().map(sorted_out).collect::<Result<_, Cancelled>>()?;
        let share = |number: usize| {
            progress.tick(0)?;
            let first = (number * edges_a_share) as u32;
            let count = edges_a_share.min(edge_count.saturating_sub(first as usize));
            let own = || found.iter().flat_map(|of_share| &of_share[number]);
            let mut offsets = vec![0u32; count + 1];
            own().for_each(|crossing| offsets[(crossing.edge - first) as usize + 1] += 1);
            for edge in 0..count {
                offsets[edge + 1] += offsets[edge];
            }
            let mut list = vec![Crossing { edge: NONE, by: By::Edge(NONE) }; offsets[count] as usize];
            let mut next = offsets.clone();
            for crossing in own() {
                let at = &mut next[(crossing.edge - first) as usize];
                list[*at as usize] = *crossing;
                *at += 1;
            }
            // Edges that share several tiles were compared in each of them.
            let mut kept = 0;
            for edge in 0..count {
                let range = offsets[edge] as usize..offsets[edge + 1] as usize;
                offsets[edge] = kept as u32;
                list[range.clone()].sort_unstable();
                for at in range.clone() {
                    if at == range.start || list[at] != list[at - 1] {
                        list[kept] = list[at];
                        kept += 1;
                    }
                }
            }
            offsets[count] = kept as u32;
            list.truncate(kept);
            Ok(Share { offsets, list })
        };
        let shares = (0..share_count).into_par_iter().map(share).collect::<Result<_, Cancelled>>()?;
        Ok(Self { share_bits, shares })
    }

    pub(super) fn of(&self, edge: u32) -> &[Crossing] {
        let share = &self.shares[(edge >> self.share_bits) as usize];
        let at = (edge & ((1 << self.share_bits) - 1)) as usize;
        &share.list[share.offsets[at] as usize..share.offsets[at + 1] as usize]
    }
}

#[derive(Default)]
pub(super) struct Starts {
    offsets: Vec<u32>,
    features: Vec<u32>,
}

impl Starts {
    pub(super) fn of(&self, ring: u32) -> &[u32] {
        &self.features[self.offsets[ring as usize] as usize..self.offsets[ring as usize + 1] as usize]
    }
}

/// What the tiles of some rows hold.
#[derive(Default)]
pub(super) struct InTiles {
    pub crossings: Vec<Crossing>,
    pub starts: Vec<(u32, UnitSet)>,
    /// The edges of the tile at hand, those of the first layer before those of the second.
    edges: Vec<TileEdge>,
}

/// What tiles note of edges and features. Tiles that an edge shares with another note the same of both.
struct Notes {
    twins: Vec<AtomicU32>,
    shared: Vec<AtomicU32>,
    tangled: Vec<AtomicBool>,
    suspects: Vec<AtomicBool>,
}

impl Notes {
    fn new(coord_count: usize, feature_count: usize) -> Self {
        let edges = || (0..coord_count).into_par_iter().map(|_| AtomicU32::new(NONE)).collect();
        let features = || (0..feature_count).map(|_| AtomicBool::new(false)).collect();
        Self { twins: edges(), shared: edges(), tangled: features(), suspects: features() }
    }

    fn mark(list: &[AtomicBool], feature: u32) {
        list[feature as usize].store(true, Ordering::Relaxed);
    }

    fn join(list: &[AtomicU32], e: u32, f: u32) {
        list[e as usize].store(f, Ordering::Relaxed);
        list[f as usize].store(e, Ordering::Relaxed);
    }
}

fn plain<A: Send, T: Send>(list: Vec<A>, value: impl Fn(A) -> T + Sync + Send) -> Vec<T> {
    list.into_par_iter().map(value).collect()
}

pub(super) struct TileEdge {
    ends: (Coord, Coord),
    extent: Extent,
    edge: u32,
    ring: u32,
    feature: u32,
    /// Whether a neighbour has the same edge, and whether that comes first.
    twin: Twin,
    /// Whether an edge of the other layer is the same.
    is_shared: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Twin {
    Missing,
    First,
    Second,
}

impl Input<'_> {
    /// For each ring whether the inside of its feature lies left (1) or right (−1) of it; 0 where that differs along it.
    pub(super) fn signs(&self, progress: &Progress) -> Result<Vec<i8>, Cancelled> {
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
            // A hole without its shell encloses nothing.
            signs.push(if !self.rings.is_shell(first) || self.runs_back(first) {
                0
            } else if left {
                1
            } else {
                -1
            });
        } else if end > first {
            let rings = self.rings.of_features(&[feature], &self.first_rings);
            let Ok(crossings) = crossings::find(&rings, progress)? else {
                signs.extend((first..end).map(|_| 0));
                return Ok(());
            };
            let mut scratch = Scratch::default();
            for ring in 0..rings.ring_count() as u32 {
                let (mut sign, mut constant) = (None, !self.runs_back(first + ring));
                let walk = walk::along(&rings, &crossings, ring, &mut scratch, |stretch| {
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
    pub(super) fn meetings(&self, signs: &[i8], progress: &Progress) -> Result<Found, Cancelled> {
        let coord_count = self.rings.coords().len();
        let notes = Notes::new(coord_count, self.cast.feature_count());
        for (ring, _) in signs.iter().enumerate().filter(|(_, sign)| **sign == 0) {
            Notes::mark(&notes.tangled, self.features[ring]);
        }
        let found = tiles::visit(self.rings, &self.features, progress, &|tile, found: &mut InTiles| {
            self.in_tile(tile, signs, &notes, found);
            if !tile.ring_starts.is_empty() {
                // Rows of tiles stop when the user cancels.
                let _ = progress.tick(tile.ring_starts.len() as u64);
            }
        })?;
        let ring_count = self.rings.ring_count();
        let mut starts = Starts { offsets: vec![0; ring_count + 1], features: Vec::new() };
        for (ring, set) in found.iter().flat_map(|found| &found.starts) {
            starts.offsets[*ring as usize + 1] = set.len() as u32;
        }
        for ring in 0..ring_count {
            starts.offsets[ring + 1] += starts.offsets[ring];
        }
        progress.tick(0)?;
        starts.features = vec![0; starts.offsets[ring_count] as usize];
        for (ring, set) in found.iter().flat_map(|found| &found.starts) {
            let at = starts.offsets[*ring as usize] as usize;
            starts.features[at..at + set.len()].copy_from_slice(set);
        }
        Ok(Found {
            twins: plain(notes.twins, AtomicU32::into_inner),
            shared: plain(notes.shared, AtomicU32::into_inner),
            crossings: ByEdge::new(found, coord_count, progress)?,
            starts,
            tangled: plain(notes.tangled, AtomicBool::into_inner),
            suspects: plain(notes.suspects, AtomicBool::into_inner),
        })
    }

    fn in_tile(&self, tile: &Tile<'_>, signs: &[i8], notes: &Notes, found: &mut InTiles) {
        for ring in tile.ring_starts {
            let layer = self.layer_of(self.features[*ring as usize]);
            let others = |feature: u32| self.layer_of(feature) != layer;
            // Rings of a clean feature each have its inside on one side: it is entered and left in turns.
            let windings = units_at_start_among(self.rings, &self.features, tile, *ring, others);
            let set: UnitSet = windings.iter().filter(|(_, n)| n % 2 != 0).map(|(feature, _)| *feature).collect();
            if !set.is_empty() {
                found.starts.push((*ring, set));
            }
        }
        if tile.edges.len() > MANY {
            // To be looked at closely: as many edges are only compared where they must be.
            for edge in tile.edges {
                let feature = self.features[self.rings.ring_of(*edge) as usize];
                Notes::mark(&notes.tangled, feature);
                Notes::mark(&notes.suspects, feature);
            }
            return;
        }
        let mut edges = std::mem::take(&mut found.edges);
        edges.clear();
        edges.extend(tile.edges.iter().map(|edge| {
            let ring = self.rings.ring_of(*edge);
            let feature = self.features[ring as usize];
            let ends = self.rings.ends(*edge);
            let extent = Extent::of(&[ends.0, ends.1]);
            TileEdge { ends, extent, edge: *edge, ring, feature, twin: Twin::Missing, is_shared: false }
        }));
        let split = edges.partition_point(|e| e.feature < self.cast.counts[0]);
        let (of_a, of_b) = edges.split_at_mut(split);
        for (layer, of_layer) in [&mut *of_a, &mut *of_b].into_iter().enumerate() {
            if !self.among_one_layer(of_layer, signs, notes) {
                // An edge without a neighbour: here the layer may begin to overlap itself.
                let around =
                    tile.label.iter().map(|(feature, _)| *feature).filter(|feature| self.layer_of(*feature) == layer);
                of_layer.iter().map(|e| e.feature).chain(around).for_each(|f| Notes::mark(&notes.suspects, f));
            }
        }
        for e in of_a.iter_mut().filter(|e| e.twin != Twin::Second) {
            for f in of_b.iter_mut().filter(|f| f.twin != Twin::Second && e.extent.intersects(&f.extent)) {
                if same_edge(e.ends, f.ends) {
                    if e.is_shared || f.is_shared {
                        // Where a layer overlaps itself, more than one may be the same.
                        found.crossings.push(Crossing { edge: e.edge, by: By::Along(f.edge) });
                        found.crossings.push(Crossing { edge: f.edge, by: By::Along(e.edge) });
                    } else {
                        (e.is_shared, f.is_shared) = (true, true);
                        Notes::join(&notes.shared, e.edge, f.edge);
                    }
                } else if let Some(meeting) = Meeting::of(e.ends, f.ends) {
                    record(self.rings, e.edge, f.edge, &meeting, true, &mut found.crossings);
                }
            }
        }
        found.edges = edges;
    }

    /// Finds twins, and rings that meet themselves; whether every edge has a twin on its other side.
    fn among_one_layer(&self, edges: &mut [TileEdge], signs: &[i8], notes: &Notes) -> bool {
        let mut complete = true;
        for i in 0..edges.len() {
            let (before, rest) = edges.split_at_mut(i + 1);
            let e = &mut before[i];
            for f in rest {
                if e.ring == f.ring {
                    if e.extent.intersects(&f.extent)
                        && !self.rings.adjacent(e.edge, f.edge)
                        && Meeting::of(e.ends, f.ends).is_some()
                    {
                        Notes::mark(&notes.tangled, e.feature);
                    }
                } else if e.feature == f.feature {
                    // Rings of one feature with a stretch in common: it is no border of the feature.
                    if e.extent.intersects(&f.extent)
                        && Meeting::of(e.ends, f.ends).is_some_and(|met| met.contact() == Some(Contact::Overlap))
                    {
                        Notes::mark(&notes.tangled, e.feature);
                    }
                } else if e.twin == Twin::Missing && f.twin == Twin::Missing && same_edge(e.ends, f.ends) {
                    (e.twin, f.twin) = (Twin::First, Twin::Second);
                    Notes::join(&notes.twins, e.edge, f.edge);
                    // On the same side of their edge the two overlap.
                    let turned = e.ends.0 == f.ends.1;
                    complete &= (signs[e.ring as usize] == signs[f.ring as usize]) == turned;
                }
            }
            complete &= e.twin != Twin::Missing;
        }
        complete
    }
}

fn same_edge(e: (Coord, Coord), f: (Coord, Coord)) -> bool {
    (e.0 == f.1 && e.1 == f.0) || e == f
}
