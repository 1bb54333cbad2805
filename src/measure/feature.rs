//! One feature by every method, with the differences explained: for the inspector and for a single row of a report.

use super::MeasureError;
use super::frame::Frame;
use super::geodesic;
use super::lengths::{plane_length, ring_ranges};
use super::meter::{Figures, Meter};
use super::piece::{Finding, Piece, Scratch};
use super::zone::Zone;
use crate::crs::{Crs, CrsKind};
use crate::model::{AreaMethod, GeometryBlock, GeometryKind, Issue, Layer};
use crate::text::Message;
use crate::units::{Area, Length, format_number};

/// A polygon feature by every method, side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureAreas {
    /// By the survey: printed to 0.01 m², and exact.
    pub survey: Figures,
    /// Name of the zone that the survey's figure was computed in.
    pub survey_frame: String,
    /// Karney's, with geodesic edges.
    pub geodesic: Area,
    /// Shoelace in the layer's CRS; `None` in degrees.
    pub planar: Option<Area>,
    /// Perimeter over all rings, holes included.
    pub perimeter: FeatureLength,
    /// Why the figures differ, a sentence a difference, largest first.
    pub explanations: Vec<Message>,
    /// What could not be measured as asked.
    pub issues: Vec<Issue>,
}

/// Length of a feature on the ground and on the map.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FeatureLength {
    /// Along geodesics.
    pub geodesic: Length,
    /// In the plane of the CRS; `None` in degrees.
    pub planar: Option<Length>,
    /// The longest single edge, along the geodesic.
    pub longest_edge: Length,
}

/// Areas of feature `feature` of a polygon layer, rings as given. `frame` is the layer's survey frame; pass one made by
/// [`Frame::for_layer`] so that several features of a layer share it.
///
/// # Errors
/// [`MeasureError::Crs`] where PROJ refuses.
pub fn feature_areas(layer: &Layer, frame: &Frame, feature: usize) -> Result<FeatureAreas, MeasureError> {
    let (block, row) = layer.locate(feature);
    let mut areas = row_areas(&block.geometry, row, &layer.crs, frame)?;
    areas.issues = areas.issues.into_iter().map(|issue| layer.issue_at(feature, issue)).collect();
    Ok(areas)
}

/// Length of feature `feature` of a layer of lines, or perimeter of one of polygons.
///
/// # Errors
/// [`MeasureError::Crs`] where PROJ refuses.
pub fn feature_length(layer: &Layer, feature: usize) -> Result<FeatureLength, MeasureError> {
    let (block, row) = layer.locate(feature);
    Ok(row_length(&block.geometry, row, &layer.crs)?.unwrap_or_default())
}

pub(crate) fn row_areas(
    geometry: &GeometryBlock,
    row: usize,
    crs: &Crs,
    frame: &Frame,
) -> Result<FeatureAreas, MeasureError> {
    let piece = Piece { geometry, crs, rows: row..row + 1, first: 0 };
    let mut scratch = Scratch::default();
    let mut by = |frame: &Frame| -> Result<(Figures, Option<Finding>), MeasureError> {
        let measured = piece.measure(&Meter::new(frame), &frame.projector(crs)?, false, &mut scratch)?;
        Ok((measured.figures[0], measured.findings.first().map(|(_, finding)| *finding)))
    };
    let (survey, finding) = by(frame)?;
    let (geodesic, _) = by(&Frame::for_crs(crs, 0.0, AreaMethod::Geodesic)?)?;
    let planar = match Frame::for_crs(crs, 0.0, AreaMethod::Planar) {
        Ok(plane) => Some(Area::from_m2(by(&plane)?.0.exact)),
        // In degrees there is no planar area.
        Err(_) => None,
    };
    let survey_frame = match finding {
        Some(Finding::OtherZone(meridian)) => Frame::zone(crs.datum(), meridian).name().to_owned(),
        Some(Finding::NoZone) => String::new(),
        _ => frame.name().to_owned(),
    };
    let mut areas = FeatureAreas {
        survey,
        survey_frame,
        geodesic: Area::from_m2(geodesic.exact),
        planar,
        perimeter: row_length(geometry, row, crs)?.unwrap_or_default(),
        explanations: Vec::new(),
        issues: finding.and_then(|finding| finding.issue(crs)).into_iter().collect(),
    };
    if survey.exact > 0.0 {
        areas.explanations = explanations(&areas, geometry, row, crs);
    }
    Ok(areas)
}

/// `None` where a coordinate cannot be measured.
pub(crate) fn row_length(
    geometry: &GeometryBlock,
    row: usize,
    crs: &Crs,
) -> Result<Option<FeatureLength>, MeasureError> {
    let metric = !crs.is_geographic();
    if !matches!(geometry.kind(), GeometryKind::Line | GeometryKind::Polygon) {
        return Ok(Some(FeatureLength { planar: metric.then(Length::default), ..FeatureLength::default() }));
    }
    let degrees = Frame::for_crs(crs, 0.0, AreaMethod::Geodesic)?;
    let piece = Piece { geometry, crs, rows: row..row + 1, first: 0 };
    let mut scratch = Vec::new();
    let (lonlat, findings) = piece.plane(&degrees, &degrees.projector(crs)?, &mut scratch);
    if !findings.is_empty() {
        return Ok(None);
    }
    let solver = geodesic::solver(&degrees.ellipsoid());
    let base = piece.coord_range().start;
    let (mut total, mut longest, mut on_map) = (0.0, 0.0f64, 0.0);
    for range in ring_ranges(geometry, row) {
        on_map += plane_length(&geometry.coords()[range.clone()]);
        for edge in lonlat[range.start - base..range.end - base].windows(2) {
            let metres = geodesic::length(&solver, edge);
            total += metres;
            longest = longest.max(metres);
        }
    }
    Ok(Some(FeatureLength {
        geodesic: Length::from_m(total),
        planar: metric.then(|| Length::from_m(on_map * crs.metres_per_unit())),
        longest_edge: Length::from_m(longest),
    }))
}

/// Differences below half a cent are not shown, nor explained.
const SHOWN_M2: f64 = 0.005;

fn explanations(areas: &FeatureAreas, geometry: &GeometryBlock, row: usize, crs: &Crs) -> Vec<Message> {
    let exact = areas.survey.exact;
    let mut found: Vec<(f64, Message)> = Vec::new();
    let m2 = |value: f64| format_number(value.abs(), if value.abs() < 1.0 { 4 } else { 2 });
    if let Some(planar) = areas.planar {
        let difference = planar.m2() - exact;
        let per_km2 = m2(difference / exact * 1e6);
        let message = match crs.kind() {
            _ if difference.abs() < SHOWN_M2 => Message::new("measure.planar-same"),
            CrsKind::GaussKruger(gk) if difference > 0.0 => {
                let zone = Zone::new(gk.datum, gk.central_meridian_deg, gk.false_easting_m);
                let distance = (geometry.feature_extent(row).center().x - zone.false_easting_m).abs();
                let distance = format_number(distance / 1e3, 1);
                Message::new("measure.planar-zone").with("distance", distance).with("per_km2", per_km2)
            }
            _ if difference > 0.0 => Message::new("measure.planar-larger")
                .with_said("crs", |l| crs.name_in(l))
                .with("percent", format_number(difference / exact * 100.0, 3)),
            _ => Message::new("measure.planar-smaller")
                .with_said("crs", |l| crs.name_in(l))
                .with("percent", format_number(-difference / exact * 100.0, 3)),
        };
        found.push((difference.abs(), message.with("difference", m2(difference))));
    } else {
        found.push((0.0, Message::new("measure.no-planar")));
    }
    let difference = areas.geodesic.m2() - exact;
    if difference.abs() >= SHOWN_M2 {
        let edge = format_number(areas.perimeter.longest_edge.m(), 0);
        let message = Message::new("measure.geodesic-edges").with("difference", m2(difference)).with("edge", edge);
        found.push((difference.abs(), message));
    }
    let difference = areas.survey.printed - exact;
    if difference.abs() >= SHOWN_M2 {
        found.push((difference.abs(), Message::new("measure.printed-rounding").with("difference", m2(difference))));
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.into_iter().map(|(_, message)| message).collect()
}
