//! Some features of one block in a row: their coordinates in the plane, and what could not be taken there.

use std::ops::Range;

use geo_types::Coord;

use super::MeasureError;
use super::elsewhere::Elsewhere;
use super::frame::{Frame, Projector};
use super::meter::{Figures, Meter};
use super::rings::{off_any_map, off_its_map, off_the_globe, rings};
use super::survey::Strips;
use super::wide;
use crate::crs::Crs;
use crate::model::{AreaMethod, Extent, GeometryBlock, Layer};

/// Features measured as one piece of work.
const PIECE_FEATURES: usize = 512;

/// Features in a row of one block.
pub(crate) struct Piece<'l> {
    pub geometry: &'l GeometryBlock,
    pub crs: &'l Crs,
    pub rows: Range<usize>,
    /// Feature index of row 0 of the block.
    pub first: usize,
}

/// What kept a feature from being measured as asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Finding {
    /// A coordinate is NaN or infinite.
    NotFinite,
    /// Longitude or latitude outside the globe.
    OffTheGlobe,
    /// PROJ has no image for a coordinate.
    NoImage,
    /// Outside the reach of the frame's zone, to be measured elsewhere.
    Beyond,
    /// Measured in another zone: its central meridian.
    OtherZone(f64),
    /// No zone holds it: measured geodesically.
    NoZone,
}

/// Areas of the rows of a piece.
pub(crate) struct Measured {
    pub figures: Vec<Figures>,
    /// Metres of border in the plane, where they were asked for.
    pub borders: Vec<f64>,
    /// Row in the block, ascending, and what was found there.
    pub findings: Vec<(usize, Finding)>,
}

/// Space for the coordinates of a piece, kept from one to the next.
#[derive(Default)]
pub(crate) struct Scratch {
    coords: Vec<Coord>,
    strips: Strips,
}

/// The pieces of a layer in file order.
pub(crate) fn pieces(layer: &Layer) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    for (block, first) in layer.blocks.iter().zip(&layer.starts) {
        let count = block.geometry.feature_count();
        for start in (0..count).step_by(PIECE_FEATURES) {
            let rows = start..(start + PIECE_FEATURES).min(count);
            pieces.push(Piece { geometry: &block.geometry, crs: &layer.crs, rows, first: *first });
        }
    }
    pieces
}

impl Piece<'_> {
    /// Areas of the rows, and their borders where they are asked for.
    pub(super) fn measure(
        &self,
        meter: &Meter<'_>,
        projector: &Projector<'_>,
        with_borders: bool,
        scratch: &mut Scratch,
    ) -> Result<Measured, MeasureError> {
        let (plane, mut findings) = self.plane(meter.frame(), projector, &mut scratch.coords);
        let mut figures = vec![Figures::default(); self.rows.len()];
        let mut borders = vec![0.0; if with_borders { self.rows.len() } else { 0 }];
        let found: Vec<usize> = findings.iter().map(|(row, _)| *row).collect();
        let plain = self.rows.clone().filter(|row| found.binary_search(row).is_err());
        let parts = |row: usize| rings(self.geometry, row, plane, self.coord_range().start);
        let mut measured = plain.clone();
        meter.features(plain.clone().map(parts), &mut scratch.strips, |area| {
            if let Some(row) = measured.next() {
                figures[row - self.rows.start] = area;
            }
        });
        if with_borders {
            for row in plain {
                let edges = parts(row).flatten().flat_map(|ring| ring.windows(2));
                borders[row - self.rows.start] = edges.map(|edge| meter.frame().edge_length(edge[0], edge[1])).sum();
            }
        }
        let mut elsewhere = None;
        for (row, finding) in findings.iter_mut().filter(|(_, finding)| *finding == Finding::Beyond) {
            let elsewhere = match &mut elsewhere {
                Some(there) => there,
                None => elsewhere.insert(Elsewhere::new(self.crs)?),
            };
            (figures[*row - self.rows.start], *finding) = elsewhere.measure(self.geometry, *row);
        }
        Ok(Measured { figures, borders, findings })
    }

    /// The coordinates of the rows in the plane of `frame`, and which rows must not be read there, ascending.
    pub(super) fn plane<'s>(
        &'s self,
        frame: &Frame,
        projector: &Projector<'_>,
        scratch: &'s mut Vec<Coord>,
    ) -> (&'s [Coord], Vec<(usize, Finding)>) {
        let source = &self.geometry.coords()[self.coord_range()];
        let mut findings: Vec<(usize, Finding)> = Vec::new();
        if !source.iter().all(|c| c.x.is_finite() && c.y.is_finite()) {
            for row in self.rows.clone() {
                if !self.geometry.feature_coords(row).iter().all(|c| c.x.is_finite() && c.y.is_finite()) {
                    findings.push((row, Finding::NotFinite));
                }
            }
        }
        let plane = if projector.is_identity() {
            self.check_reach(source, frame, projector, &mut findings);
            source
        } else {
            if frame.method() == AreaMethod::Geodesic && source.iter().any(|c| off_its_map(self.crs, *c)) {
                for row in self.rows.clone() {
                    let is_off = self.geometry.feature_coords(row).iter().any(|c| off_its_map(self.crs, *c));
                    if is_off && findings.iter().all(|(known, _)| *known != row) {
                        findings.push((row, Finding::OffTheGlobe));
                    }
                }
                findings.sort_by_key(|(row, _)| *row);
            }
            scratch.clear();
            scratch.extend_from_slice(source);
            self.convert(projector, scratch, &mut findings);
            self.check_reach(scratch, frame, projector, &mut findings);
            projector.place(scratch);
            scratch
        };
        findings.sort_by_key(|(row, _)| *row);
        (plane, findings)
    }

    /// The coordinates that the rows own.
    pub(super) fn coord_range(&self) -> Range<usize> {
        if self.rows.is_empty() {
            return 0..0;
        }
        self.geometry.coord_range(self.rows.start).start..self.geometry.coord_range(self.rows.end - 1).end
    }

    /// PROJ's part of the way, past rows known to be bad and coordinates that it has no image for.
    fn convert(&self, projector: &Projector<'_>, coords: &mut [Coord], findings: &mut Vec<(usize, Finding)>) {
        let base = self.coord_range().start;
        let bad: Vec<usize> = findings.iter().map(|(row, _)| *row).collect();
        let mut start = 0;
        for row in bad {
            let range = self.geometry.coord_range(row);
            self.convert_span(projector, coords, start..range.start - base, findings);
            start = range.end - base;
        }
        self.convert_span(projector, coords, start..coords.len(), findings);
    }

    fn convert_span(
        &self,
        projector: &Projector<'_>,
        coords: &mut [Coord],
        span: Range<usize>,
        findings: &mut Vec<(usize, Finding)>,
    ) {
        let base = self.coord_range().start;
        let mut start = span.start;
        while start < span.end {
            let Err(error) = projector.convert(&mut coords[start..span.end]) else { break };
            let row = self.row_of(base + start + error.index);
            findings.push((row, Finding::NoImage));
            start = self.geometry.coord_range(row).end - base;
        }
    }

    /// The row that owns coordinate `at`.
    fn row_of(&self, at: usize) -> usize {
        let (mut low, mut high) = (self.rows.start, self.rows.end - 1);
        while low < high {
            let middle = low.midpoint(high);
            if self.geometry.coord_range(middle).end <= at { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// Marks the rows that do not lie within the reach of the frame.
    fn check_reach(
        &self,
        coords: &[Coord],
        frame: &Frame,
        projector: &Projector<'_>,
        findings: &mut Vec<(usize, Finding)>,
    ) {
        let degrees = match frame.as_zone() {
            Some(_) => projector.passes_degrees(),
            None => frame.method() == AreaMethod::Geodesic,
        };
        let is_planar = frame.method() == AreaMethod::Planar;
        let check = |c: &Coord| -> Option<Finding> {
            if (degrees && off_the_globe(*c)) || (is_planar && off_any_map(*c)) {
                return Some(Finding::OffTheGlobe);
            }
            let zone = frame.as_zone()?;
            let reached = if degrees { zone.reaches(*c) } else { zone.reaches_plane(*c) };
            (!reached).then_some(Finding::Beyond)
        };
        // Vertices at 180° and -180° may lie within reach of a zone, and the edge between them go around the globe.
        let is_wide = degrees && frame.as_zone().is_some() && Extent::of(coords).width() >= 180.0;
        if !is_wide && coords.iter().all(|c| check(c).is_none()) {
            return;
        }
        let base = self.coord_range().start;
        let known: Vec<usize> = findings.iter().map(|(row, _)| *row).collect();
        for row in self.rows.clone() {
            let range = self.geometry.coord_range(row);
            let own = &coords[range.start - base..range.end - base];
            // The gravest finding of any vertex.
            let found = own.iter().filter_map(check).min_by_key(|finding| *finding == Finding::Beyond);
            let is_around =
                || is_wide && rings(self.geometry, row, own, range.start).flatten().any(wide::has_straight_edges);
            if let Some(found) = found.or_else(|| is_around().then_some(Finding::Beyond))
                && !known.contains(&row)
            {
                findings.push((row, found));
            }
        }
    }
}
