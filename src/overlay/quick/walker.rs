//! Walks along the rings of clean features, twins once for both.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::meetings::{ByEdge, Starts};
use super::{Input, NONE};
use crate::measure::{Frame, Origin};
use crate::model::{Coord, Extent};
use crate::overlay::crossings::By;
use crate::overlay::pairs::most_met;
use crate::overlay::predicates::{canonical, shifted_left};
use crate::overlay::sum::Scale;
use crate::overlay::tiles::{UnitSet, toggle};
use crate::overlay::walk::{Pass, Step};
use crate::task::{Cancelled, Progress};

/// Rings that one thread walks at a time.
const RINGS_A_CHUNK: usize = 256;
/// Features that one thread measures at a time.
const FEATURES_A_CHUNK: usize = 1024;
/// Origins along each side of the extent.
const ORIGINS: usize = 64;
/// Lengths are summed in this share of a metre.
pub(super) const LENGTH_STEPS: f64 = (1u64 << 20) as f64;

/// Origins of a grid over the extent.
pub(super) struct Origins {
    min: Coord,
    /// Cells a unit, in both directions.
    rate: (f64, f64),
    list: Vec<Origin>,
}

impl Origins {
    pub(super) fn new(extent: Extent, frame: &Frame) -> Self {
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
pub(super) struct Met {
    pub key: u64,
    pub area: i128,
    pub length: i64,
}

#[derive(Default)]
pub(super) struct Gathered {
    pub met: Vec<Met>,
    pub failed: Vec<u32>,
}

pub(super) struct Walker<'a> {
    pub input: &'a Input<'a>,
    pub signs: &'a [i8],
    pub twins: &'a [u32],
    pub shared: &'a [u32],
    pub crossings: &'a ByEdge,
    pub starts: &'a Starts,
    pub scale: Scale,
    pub origins: Origins,
    pub tangled: &'a [bool],
}

/// Pairs that were met last, by the end of their hash.
const RECENT: usize = 64;

/// Sums of some rings.
pub(super) struct Sheet {
    slots: FxHashMap<u64, u32>,
    /// Slots of pairs met lately: the next stretch mostly adds to one of them.
    recent: [(u64, u32); RECENT],
    pub met: Vec<Met>,
}

impl Default for Sheet {
    fn default() -> Self {
        Self { slots: FxHashMap::default(), recent: [(u64::MAX, 0); RECENT], met: Vec::new() }
    }
}

/// The integral of a stretch by the origin that was asked for last.
pub(super) struct Integral {
    cell: usize,
    pub area: i128,
}

impl Walker<'_> {
    /// Areas of the clean features, m²; 0 for others.
    pub(super) fn own(&self, progress: &Progress) -> Result<Vec<f64>, Cancelled> {
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

    pub(super) fn walk(&self, progress: &Progress) -> Result<Gathered, Cancelled> {
        let ring_count = self.input.rings.ring_count();
        let starts: Vec<usize> = (0..ring_count).step_by(RINGS_A_CHUNK).collect();
        let (met, most) = (AtomicUsize::new(0), most_met(self.input.cast.feature_count()));
        let chunks: Vec<Gathered> = starts
            .into_par_iter()
            .map(|start| {
                progress.tick(0)?;
                let end = (start + RINGS_A_CHUNK).min(ring_count);
                let (mut sheet, mut pass, mut within) = (Sheet::default(), Pass::default(), UnitSet::new());
                let (mut failed, mut counted) = (Vec::new(), 0);
                for ring in start..end {
                    // More than are kept, the caller sees.
                    if met.fetch_add(sheet.met.len() - counted, Ordering::Relaxed) > most {
                        break;
                    }
                    counted = sheet.met.len();
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
            let here = self.crossings.of(first);
            // The first of two twins is walked for both.
            let mut sides = [(feature, sign), (feature, 0)];
            if twin != NONE {
                let other = self.input.rings.ring_of(twin);
                let neighbour = self.input.features[other as usize];
                if !self.tangled[neighbour as usize] {
                    if twin < edge {
                        for crossing in here {
                            if let By::Edge(other) = crossing.by {
                                self.toggle(other, within);
                            }
                        }
                        continue;
                    }
                    let turned = self.input.rings.ends(twin).0 != self.input.rings.ends(edge).0;
                    let weight = i128::from(self.signs[other as usize]);
                    sides[1] = (neighbour, if turned { -weight } else { weight });
                }
            }
            let shared = std::slice::from_ref(&self.shared[first as usize]);
            let shared = if *shared == [NONE] { &[] } else { shared };
            if here.is_empty() {
                if !within.is_empty() {
                    let ends = self.input.rings.ends(edge);
                    let piece = canonical(ends);
                    let shares = if piece == ends { (0.0, 1.0) } else { (1.0, 0.0) };
                    measurable &= self.add(piece, shares, shared, within, &sides, sheet);
                }
                continue;
            }
            pass.over(self.input.rings, edge, here, |step| match step {
                Step::Along { piece, shares, coincident } => {
                    if !within.is_empty() {
                        // An edge that is shared whole is shared in every piece.
                        let both;
                        let coincident = match (shared, coincident) {
                            ([], coincident) => coincident,
                            (shared, []) => shared,
                            _ => {
                                both = [shared, coincident].concat();
                                &both
                            }
                        };
                        measurable &= self.add(piece, shares, coincident, within, &sides, sheet);
                    }
                }
                Step::Across(other) => self.toggle(other, within),
            });
        }
        measurable && within[..] == *self.starts.of(ring)
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
        let recent = &mut self.recent[(key ^ (key >> 32)) as usize % RECENT];
        if recent.0 != key {
            let slot = *self.slots.entry(key).or_insert_with(|| {
                self.met.push(Met { key, area: 0, length: 0 });
                self.met.len() as u32 - 1
            });
            *recent = (key, slot);
        }
        &mut self.met[recent.1 as usize]
    }
}
