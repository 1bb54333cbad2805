//! Areas of a whole layer, in parallel over pieces of its blocks.
//!
//! Every feature is measured on its own, so that the number of threads never changes a digit. Rings are taken as
//! given: |outer| − Σ|holes| a part, parts added, winding ignored. What that gets wrong (rings that cross themselves or
//! each other) `overlay` repairs and lists; the printed area of a repaired polygon is its exact one by
//! [`super::printed_m2`], since vertices that no survey measured have no roundings to follow.

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::MeasureError;
use super::elsewhere::Elsewhere;
use super::frame::Frame;
use super::meter::Meter;
use super::piece::{Finding, Measured, Piece, Scratch, pieces};
use crate::crs::Crs;
use crate::model::{AreaMethod, Areas, GeometryKind, Issue, Layer, Severity};
use crate::task::Progress;
use crate::text::Message;

/// Features measured outside the layer's zone that are listed one by one; beyond, they are counted per zone.
const LISTED_FEATURES: usize = 1_000;

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
    Ok(areas_and_borders(layer, frame, false, progress)?.0)
}

/// [`raw_areas_in`], and the length of each feature's border in the plane, metres; 0 where it does not lie there.
///
/// # Errors
/// As [`raw_areas`].
pub(crate) fn raw_areas_and_borders(
    layer: &Layer,
    frame: &Frame,
    progress: &Progress,
) -> Result<(Areas, Vec<f64>), MeasureError> {
    areas_and_borders(layer, frame, true, progress)
}

fn areas_and_borders(
    layer: &Layer,
    frame: &Frame,
    with_borders: bool,
    progress: &Progress,
) -> Result<(Areas, Vec<f64>), MeasureError> {
    let mut areas = Areas { method: frame.asked(), frame: frame.name().to_owned(), ..Areas::default() };
    let count = layer.feature_count();
    if layer.kind != GeometryKind::Polygon {
        areas.exact = vec![0.0; count];
        areas.printed = vec![0.0; count];
        return Ok((areas, vec![0.0; count]));
    }
    areas.issues.extend(frame.notes().iter().map(|note| Issue::new(Severity::Note, note.clone())));
    // Fails before the long run where the way into the plane does not exist.
    frame.projector(&layer.crs)?;
    progress.add_total(count as u64);
    let pieces = pieces(layer);
    let meter = Meter::new(frame);
    let results: Vec<Measured> = pieces
        .par_iter()
        .map_init(
            || (frame.projector(&layer.crs), Scratch::default()),
            |(projector, scratch), piece| {
                let projector = projector.as_ref().map_err(Clone::clone)?;
                let measured = piece.measure(&meter, projector, with_borders, scratch)?;
                progress.tick(piece.rows.len() as u64)?;
                Ok(measured)
            },
        )
        .collect::<Result<_, MeasureError>>()?;
    areas.exact.reserve_exact(count);
    areas.printed.reserve_exact(count);
    let (mut findings, mut borders) = (Vec::new(), Vec::new());
    for (piece, result) in pieces.iter().zip(results) {
        areas.exact.extend(result.figures.iter().map(|f| f.exact));
        areas.printed.extend(result.figures.iter().map(|f| f.printed));
        borders.extend(result.borders);
        findings.extend(result.findings.into_iter().map(|(row, finding)| (piece.first + row, finding)));
    }
    areas.issues.extend(issues(layer, &findings));
    Ok((areas, borders))
}

/// Where a feature is measured.
pub(crate) enum Place {
    /// In the layer's frame.
    Here,
    /// In its own nearest zone, or in longitude and latitude where no zone holds it.
    There(Box<Frame>),
    /// Nowhere: it lies off the globe or has no image, and has no area.
    Nowhere,
}

/// Where feature `feature` is measured.
///
/// # Errors
/// [`MeasureError::Crs`] where PROJ refuses.
pub(crate) fn place_of(layer: &Layer, frame: &Frame, feature: usize) -> Result<Place, MeasureError> {
    let (block, row) = layer.locate(feature);
    let piece = Piece { geometry: &block.geometry, crs: &layer.crs, rows: row..row + 1, first: feature - row };
    let mut scratch = Vec::new();
    let (_, findings) = piece.plane(frame, &frame.projector(&layer.crs)?, &mut scratch);
    match findings.first().map(|(_, finding)| *finding) {
        Some(Finding::OffTheGlobe | Finding::NoImage) => return Ok(Place::Nowhere),
        Some(Finding::Beyond) => {}
        _ => return Ok(Place::Here),
    }
    let mut coords = block.geometry.feature_coords(row).to_vec();
    Ok(match Elsewhere::new(&layer.crs)?.place(&block.geometry, row, &mut coords) {
        Finding::OtherZone(meridian) => Place::There(Box::new(Frame::zone(layer.crs.datum(), meridian))),
        Finding::NoZone => Place::There(Box::new(Frame::for_crs(&layer.crs, 0.0, AreaMethod::Geodesic)?)),
        _ => Place::Nowhere,
    })
}

/// The frame in which feature `feature` is measured: `None` for the layer's own, otherwise that of its nearest zone,
/// or longitude and latitude where no zone holds it.
///
/// # Errors
/// [`MeasureError::Crs`] where PROJ refuses.
pub fn feature_frame(layer: &Layer, frame: &Frame, feature: usize) -> Result<Option<Frame>, MeasureError> {
    Ok(match place_of(layer, frame, feature)? {
        Place::There(frame) => Some(*frame),
        Place::Here | Place::Nowhere => None,
    })
}

/// Findings as issues, those of other zones gathered where there are many.
pub(crate) fn issues(layer: &Layer, findings: &[(usize, Finding)]) -> Vec<Issue> {
    let elsewhere = findings.iter().filter(|(_, f)| matches!(f, Finding::OtherZone(_) | Finding::NoZone)).count();
    let mut issues = Vec::new();
    let mut gathered: Vec<(f64, usize)> = Vec::new();
    // What a stray coordinate does to a feature was said when the file was read.
    let strays: FxHashSet<u64> =
        layer.issues.iter().filter(|i| i.message.key.starts_with("crs.stray")).filter_map(|i| i.feature).collect();
    for (feature, finding) in findings {
        if !strays.is_empty() && strays.contains(&layer.source_row(*feature)) {
            continue;
        }
        if let Finding::OtherZone(meridian) = finding
            && elsewhere > LISTED_FEATURES
        {
            match gathered.iter_mut().find(|(m, _)| m == meridian) {
                Some((_, count)) => *count += 1,
                None => gathered.push((*meridian, 1)),
            }
            continue;
        }
        issues.extend(finding.issue(&layer.crs).map(|issue| layer.issue_at(*feature, issue)));
    }
    gathered.sort_by(|a, b| a.0.total_cmp(&b.0));
    issues.extend(gathered.into_iter().map(|(meridian, count)| {
        let zone = Frame::zone(layer.crs.datum(), meridian);
        let message = Message::new("measure.other-zone-many").with("n", count).with_said("zone", |l| zone.name_in(l));
        Issue::new(Severity::Note, message)
    }));
    issues
}

impl Finding {
    /// The finding as an issue of a feature in `crs`, without its place.
    pub(crate) fn issue(self, crs: &Crs) -> Option<Issue> {
        let (severity, message) = match self {
            Self::NotFinite => (Severity::Error, Message::new("measure.not-finite")),
            Self::OffTheGlobe => (Severity::Error, Message::new("measure.off-the-globe")),
            Self::NoImage => (Severity::Error, Message::new("measure.no-image")),
            Self::Beyond => return None,
            Self::OtherZone(meridian) => {
                let zone = Frame::zone(crs.datum(), meridian);
                (Severity::Note, Message::new("measure.other-zone").with_said("zone", |l| zone.name_in(l)))
            }
            Self::NoZone => (Severity::Warning, Message::new("measure.no-zone")),
        };
        Some(Issue::new(severity, message))
    }
}
