//! Areas of a whole layer, in parallel over pieces of its blocks.
//!
//! Every feature is measured on its own, so that the number of threads never changes a digit. Rings are taken as
//! given: |outer| − Σ|holes| a part, parts added, winding ignored. What that gets wrong (rings that cross themselves or
//! each other) `overlay` repairs and lists.

use geo_types::Coord;
use geographiclib_rs::Geodesic;
use rayon::prelude::*;

use super::frame::{Frame, Projector};
use super::survey::{Printer, printed_m2};
use super::zone::{HIGHEST_LATITUDE_DEG, REACH_DEG, Zone};
use super::{MeasureError, geodesic};
use crate::crs::Reprojector;
use crate::model::{AreaMethod, Areas, Extent, FeatureBlock, GeometryBlock, GeometryKind, Issue, Layer, Severity};
use crate::task::Progress;
use crate::text::Message;

/// Features measured as one piece of work.
const PIECE_FEATURES: usize = 2_048;
/// Features measured outside the layer's zone that are listed one by one; beyond, they are counted per zone.
const LISTED_FEATURES: usize = 1_000;

/// The two figures of an area, m².
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// Additive, not rounded.
    pub exact: f64,
    /// By the survey's roundings; the same as `exact` by the other methods.
    pub printed: f64,
}

/// Measures rings in the plane of one frame. Cheap to use, worth keeping for a whole layer.
#[derive(Clone, Debug)]
pub struct Meter<'f> {
    frame: &'f Frame,
    printer: Option<Printer>,
    geodesic: Option<Geodesic>,
}

impl<'f> Meter<'f> {
    /// A meter for rings in the plane of `frame`.
    pub fn new(frame: &'f Frame) -> Self {
        Self {
            frame,
            printer: frame.as_zone().map(Printer::new),
            geodesic: (frame.method() == AreaMethod::Geodesic).then(|| geodesic::solver(&frame.ellipsoid())),
        }
    }

    /// The frame whose plane it measures in.
    pub fn frame(&self) -> &'f Frame {
        self.frame
    }

    /// Area of one ring in the plane, not negative, `printed` not yet rounded to 0.01 m². Geodesic edges by the
    /// geodesic method, straight ones by the others.
    pub fn ring(&self, ring: &[Coord]) -> Figures {
        if let Some(solver) = &self.geodesic {
            let (exact, _) = geodesic::ring(solver, ring);
            return Figures { exact, printed: exact };
        }
        let exact = self.frame.ring_area(ring).abs();
        let printed = self.printer.as_ref().map_or(exact, |printer| printer.ring(ring));
        Figures { exact, printed }
    }

    /// Area of a feature from the rings of its parts, each the outer ring first; `printed` rounded where the method
    /// rounds.
    pub fn feature<'c>(&self, parts: impl Iterator<Item = impl Iterator<Item = &'c [Coord]>>) -> Figures {
        let mut sum = Figures::default();
        for part in parts {
            for (i, ring) in part.enumerate() {
                let area = self.ring(ring);
                let sign = if i == 0 { 1.0 } else { -1.0 };
                sum.exact += sign * area.exact;
                sum.printed += sign * area.printed;
            }
        }
        if self.printer.is_some() {
            sum.printed = printed_m2(sum.printed);
        }
        sum
    }
}

/// Areas of all features of a layer with its rings as given; `overlay::measured` repairs invalid polygons on top.
///
/// Features that reach more than 3° from the meridian of the layer's zone are measured in their own nearest zone, and
/// geodesically where no zone holds them; both are listed. Null and empty features, and layers of points or lines, have
/// area 0.
///
/// # Errors
/// [`MeasureError::Degrees`] for planar in a geographic CRS, [`MeasureError::Crs`] where PROJ refuses, and
/// [`MeasureError::Cancelled`].
pub fn raw_areas(layer: &Layer, method: AreaMethod, progress: &Progress) -> Result<Areas, MeasureError> {
    raw_areas_in(layer, &Frame::for_layer(layer, method)?, progress)
}

/// [`raw_areas`] in a frame chosen by the caller, for layers that are to be compared.
///
/// # Errors
/// As [`raw_areas`].
pub fn raw_areas_in(layer: &Layer, frame: &Frame, progress: &Progress) -> Result<Areas, MeasureError> {
    let mut areas = Areas { method: frame.method(), frame: frame.name().to_owned(), ..Areas::default() };
    areas.issues.extend(frame.notes().iter().map(|note| Issue::new(Severity::Note, note.clone())));
    let count = layer.feature_count();
    if layer.kind != GeometryKind::Polygon {
        areas.exact = vec![0.0; count];
        areas.printed = vec![0.0; count];
        areas.issues.clear();
        return Ok(areas);
    }
    // Fails before the long run where the way into the plane does not exist.
    frame.projector(&layer.crs)?;
    progress.add_total(count as u64);
    let pieces: Vec<Piece<'_>> = pieces(layer);
    let meter = Meter::new(frame);
    let results: Vec<Measured> = pieces
        .par_iter()
        .map_init(
            || (frame.projector(&layer.crs), Vec::new()),
            |(projector, scratch), piece| {
                let projector = projector.as_ref().map_err(Clone::clone)?;
                let measured = piece.measure(layer, &meter, projector, scratch)?;
                progress.tick(piece.rows.len() as u64)?;
                Ok(measured)
            },
        )
        .collect::<Result<_, MeasureError>>()?;
    areas.exact.reserve_exact(count);
    areas.printed.reserve_exact(count);
    let mut findings = Vec::new();
    for (piece, result) in pieces.iter().zip(results) {
        areas.exact.extend(result.figures.iter().map(|f| f.exact));
        areas.printed.extend(result.figures.iter().map(|f| f.printed));
        findings.extend(result.findings.into_iter().map(|(row, finding)| (piece.first + row, finding)));
    }
    areas.issues.extend(issues(layer, findings));
    Ok(areas)
}

/// Some features of one block, in a row.
struct Piece<'l> {
    block: &'l FeatureBlock,
    rows: std::ops::Range<usize>,
    /// Feature index of row 0 of the block.
    first: usize,
}

struct Measured {
    figures: Vec<Figures>,
    /// Row in the block and what was found there.
    findings: Vec<(usize, Finding)>,
}

/// What kept a feature from being measured as asked.
#[derive(Clone, Debug, PartialEq)]
enum Finding {
    /// A coordinate is NaN or infinite.
    NotFinite,
    /// Longitude or latitude outside the globe.
    OffTheGlobe,
    /// PROJ has no image for a coordinate.
    NoImage,
    /// Measured in another zone: its central meridian.
    OtherZone(f64),
    /// No zone holds it.
    Geodesic,
}

fn pieces(layer: &Layer) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    for (block, first) in layer.blocks.iter().zip(&layer.starts) {
        let count = block.geometry.feature_count();
        for start in (0..count).step_by(PIECE_FEATURES) {
            pieces.push(Piece { block, rows: start..(start + PIECE_FEATURES).min(count), first: *first });
        }
    }
    pieces
}

impl Piece<'_> {
    fn measure(
        &self,
        layer: &Layer,
        meter: &Meter<'_>,
        projector: &Projector<'_>,
        scratch: &mut Vec<Coord>,
    ) -> Result<Measured, MeasureError> {
        let geometry = &*self.block.geometry;
        let range = self.coord_range();
        let source = &geometry.coords()[range.clone()];
        let mut findings: Vec<(usize, Finding)> = Vec::new();
        if !source.iter().all(|c| c.x.is_finite() && c.y.is_finite()) {
            for row in self.rows.clone() {
                if !geometry.feature_coords(row).iter().all(|c| c.x.is_finite() && c.y.is_finite()) {
                    findings.push((row, Finding::NotFinite));
                }
            }
        }
        let plane = if projector.is_identity() {
            self.check_reach(source, meter.frame(), projector, &mut findings);
            source
        } else {
            scratch.clear();
            scratch.extend_from_slice(source);
            self.convert(projector, scratch, &mut findings);
            self.check_reach(scratch, meter.frame(), projector, &mut findings);
            projector.place(scratch);
            scratch
        };
        findings.sort_by_key(|(row, _)| *row);
        let mut figures = vec![Figures::default(); self.rows.len()];
        let mut next = 0;
        let mut elsewhere = None;
        for row in self.rows.clone() {
            let slot = &mut figures[row - self.rows.start];
            match findings.get_mut(next) {
                Some((found, finding)) if *found == row => {
                    next += 1;
                    if *finding == Finding::Geodesic {
                        let elsewhere = match &mut elsewhere {
                            Some(there) => there,
                            None => elsewhere.insert(Elsewhere::new(layer, meter.frame())?),
                        };
                        (*slot, *finding) = elsewhere.measure(geometry, row);
                    }
                }
                _ => *slot = meter.feature(rings(geometry, row, plane, range.start)),
            }
        }
        Ok(Measured { figures, findings })
    }

    fn coord_range(&self) -> std::ops::Range<usize> {
        let geometry = &self.block.geometry;
        if self.rows.is_empty() {
            return 0..0;
        }
        geometry.coord_range(self.rows.start).start..geometry.coord_range(self.rows.end - 1).end
    }

    /// PROJ's part of the way, past coordinates that it has no image for.
    fn convert(&self, projector: &Projector<'_>, coords: &mut [Coord], findings: &mut Vec<(usize, Finding)>) {
        let geometry = &self.block.geometry;
        let base = self.coord_range().start;
        let bad: Vec<usize> = findings.iter().map(|(row, _)| *row).collect();
        let mut start = 0;
        let stop_at = |row: usize| geometry.coord_range(row).start - base;
        for row in bad {
            let range = geometry.coord_range(row);
            self.convert_span(projector, coords, start..stop_at(row), findings);
            start = range.end - base;
        }
        self.convert_span(projector, coords, start..coords.len(), findings);
    }

    fn convert_span(
        &self,
        projector: &Projector<'_>,
        coords: &mut [Coord],
        span: std::ops::Range<usize>,
        findings: &mut Vec<(usize, Finding)>,
    ) {
        let geometry = &self.block.geometry;
        let base = self.coord_range().start;
        let mut start = span.start;
        while start < span.end {
            let Err(error) = projector.convert(&mut coords[start..span.end]) else { break };
            let at = base + start + error.index;
            // Feature ranges ascend: the one that holds `at` is the first that ends behind it.
            let rows = self.rows.clone().collect::<Vec<_>>();
            let row = rows[rows.partition_point(|row| geometry.coord_range(*row).end <= at)];
            findings.push((row, Finding::NoImage));
            start = geometry.coord_range(row).end - base;
        }
    }

    /// Marks the features that do not lie within the reach of the frame.
    fn check_reach(
        &self,
        coords: &[Coord],
        frame: &Frame,
        projector: &Projector<'_>,
        findings: &mut Vec<(usize, Finding)>,
    ) {
        let check = |c: &Coord| -> Option<Finding> {
            match frame.as_zone() {
                Some(zone) if projector.passes_degrees() => {
                    if off_the_globe(*c) {
                        Some(Finding::OffTheGlobe)
                    } else {
                        (!zone.reaches(*c)).then_some(Finding::Geodesic)
                    }
                }
                Some(zone) => (!zone.reaches_plane(*c)).then_some(Finding::Geodesic),
                None if frame.method() == AreaMethod::Geodesic => off_the_globe(*c).then_some(Finding::OffTheGlobe),
                None => None,
            }
        };
        if coords.iter().all(|c| check(c).is_none()) {
            return;
        }
        let base = self.coord_range().start;
        for row in self.rows.clone() {
            let range = self.block.geometry.coord_range(row);
            let own = &coords[range.start - base..range.end - base];
            // The gravest finding of any vertex.
            let found = own.iter().filter_map(check).min_by_key(|finding| *finding == Finding::Geodesic);
            if let Some(found) = found
                && !findings.iter().any(|(known, _)| *known == row)
            {
                findings.push((row, found));
            }
        }
    }
}

fn off_the_globe(c: Coord) -> bool {
    c.x.abs() > 540.0 || c.y.abs() > 90.0
}

/// Parts of rings of a feature, over coordinates of another plane whose first belongs to coordinate `base`.
fn rings<'c>(
    geometry: &'c GeometryBlock,
    row: usize,
    coords: &'c [Coord],
    base: usize,
) -> impl Iterator<Item = impl Iterator<Item = &'c [Coord]>> {
    let (rings, parts) = (geometry.ring_offsets(), geometry.part_offsets());
    let range = geometry.feature_offsets()[row] as usize..geometry.feature_offsets()[row + 1] as usize;
    range.map(move |part| {
        (parts[part] as usize..parts[part + 1] as usize)
            .map(move |ring| &coords[rings[ring] as usize - base..rings[ring + 1] as usize - base])
    })
}

/// Measures features that the layer's zone does not reach.
struct Elsewhere<'l> {
    layer: &'l Layer,
    /// To longitude and latitude; `None` where the layer has them.
    to_degrees: Option<Reprojector>,
    zones: Vec<Frame>,
    solver: Geodesic,
}

impl<'l> Elsewhere<'l> {
    fn new(layer: &'l Layer, frame: &Frame) -> Result<Self, MeasureError> {
        let to_degrees =
            if layer.crs.is_geographic() { None } else { Some(Reprojector::new(&layer.crs, &layer.crs.geographic())?) };
        Ok(Self { layer, to_degrees, zones: Vec::new(), solver: geodesic::solver(&frame.ellipsoid()) })
    }

    fn measure(&mut self, geometry: &GeometryBlock, row: usize) -> (Figures, Finding) {
        let range = geometry.coord_range(row);
        let mut coords = geometry.coords()[range.clone()].to_vec();
        if let Some(reprojector) = &self.to_degrees
            && reprojector.convert(&mut coords).is_err()
        {
            return (Figures::default(), Finding::NoImage);
        }
        if coords.iter().any(|c| off_the_globe(*c)) {
            return (Figures::default(), Finding::OffTheGlobe);
        }
        let extent = super::extent::unwrapped(coords.iter().copied());
        let meridian = Zone::nearest_meridian(extent.center().x);
        if fits(&extent, meridian) {
            let at = self.zones.iter().position(|f| f.as_zone().is_some_and(|z| z.central_meridian_deg == meridian));
            let at = at.unwrap_or_else(|| {
                self.zones.push(Frame::zone(self.layer.crs.datum(), meridian));
                self.zones.len() - 1
            });
            let frame = &self.zones[at];
            if let Some(zone) = frame.as_zone() {
                zone.forward(&mut coords);
            }
            let figures = Meter::new(frame).feature(rings(geometry, row, &coords, range.start));
            return (figures, Finding::OtherZone(meridian));
        }
        let mut sum = 0.0;
        for part in rings(geometry, row, &coords, range.start) {
            for (i, ring) in part.enumerate() {
                let (area, _) = geodesic::ring(&self.solver, ring);
                sum += if i == 0 { area } else { -area };
            }
        }
        (Figures { exact: sum, printed: printed_m2(sum) }, Finding::Geodesic)
    }
}

fn fits(extent: &Extent, meridian: f64) -> bool {
    let middle = extent.center().x;
    let offset = super::zone::wrap(middle - meridian).abs();
    offset + extent.width() / 2.0 <= REACH_DEG && extent.min.y.abs().max(extent.max.y.abs()) <= HIGHEST_LATITUDE_DEG
}

/// Findings as issues, those of other zones gathered where there are many.
fn issues(layer: &Layer, findings: Vec<(usize, Finding)>) -> Vec<Issue> {
    let elsewhere = findings.iter().filter(|(_, f)| matches!(f, Finding::OtherZone(_) | Finding::Geodesic)).count();
    let mut issues = Vec::new();
    let mut gathered: Vec<(f64, usize)> = Vec::new();
    for (feature, finding) in findings {
        let (severity, message) = match finding {
            Finding::NotFinite => (Severity::Error, Message::new("measure.not-finite")),
            Finding::OffTheGlobe => (Severity::Error, Message::new("measure.off-the-globe")),
            Finding::NoImage => (Severity::Error, Message::new("measure.no-image")),
            Finding::OtherZone(meridian) if elsewhere > LISTED_FEATURES => {
                match gathered.iter_mut().find(|(m, _)| *m == meridian) {
                    Some((_, count)) => *count += 1,
                    None => gathered.push((meridian, 1)),
                }
                continue;
            }
            Finding::OtherZone(meridian) => (
                Severity::Note,
                Message::new("measure.other-zone").with("zone", Frame::zone(layer.crs.datum(), meridian).name()),
            ),
            Finding::Geodesic => (Severity::Warning, Message::new("measure.no-zone")),
        };
        issues.push(layer.issue_at(feature, Issue::new(severity, message)));
    }
    gathered.sort_by(|a, b| a.0.total_cmp(&b.0));
    issues.extend(gathered.into_iter().map(|(meridian, count)| {
        let zone = Frame::zone(layer.crs.datum(), meridian);
        let message = Message::new("measure.other-zone-many").with("n", count).with("zone", zone.name());
        Issue::new(Severity::Note, message)
    }));
    issues
}
