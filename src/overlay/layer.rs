//! Whole layers: areas with invalid polygons repaired, and what the layer covers.

use rustc_hash::FxHashSet;

use super::coverage::{Overlap, coverage_of};
use super::flat::{Numbers, flatten, longest_edge_m};
use super::meet::Budget;
use super::repair::repair;
use crate::measure::{self, Frame, LONGEST_EDGE_M, MeasureError};
use crate::model::{AreaMethod, Areas, GeometryKind, Issue, Layer, Severity};
use crate::task::Progress;
use crate::text::Message;
use crate::units::{Area, format_number};

/// What a layer covers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Coverage {
    /// How areas were computed.
    pub method: AreaMethod,
    /// Name of the plane that edges are straight in.
    pub frame: String,
    /// Areas of all features added up; places that two features cover count twice.
    pub sum: Area,
    /// What is covered at all; places that several features cover count once.
    pub union: Area,
    /// What at least two features cover; counts once.
    pub twice: Area,
    /// Pairs of features that overlap, by number. Features that only share a border are none.
    pub pairs: Vec<Overlap>,
    /// How many such pairs there are: more than are listed, where those would be too many.
    pub pair_count: u64,
    /// What could not take part, or not as asked.
    pub issues: Vec<Issue>,
}

impl Coverage {
    /// What the sum counts too much: the sum less the union.
    pub fn excess(&self) -> Area {
        self.sum - self.union
    }
}

/// Areas of all features: those of `measure::raw_areas`, but polygons that are not valid are measured by what they
/// enclose (shells less the union of their holes, inside by winding, overlapping parts once), and listed with the area
/// before and after.
///
/// # Errors
/// [`MeasureError::Degrees`] for planar in a geographic CRS, [`MeasureError::Crs`] where PROJ refuses, and
/// [`MeasureError::Cancelled`].
pub fn measured(layer: &Layer, method: AreaMethod, progress: &Progress) -> Result<Areas, MeasureError> {
    measured_in(layer, &Frame::for_layer(layer, method)?, progress)
}

/// [`measured`] in a frame chosen by the caller, for layers that are to be compared.
///
/// # Errors
/// As [`measured`].
pub fn measured_in(layer: &Layer, frame: &Frame, progress: &Progress) -> Result<Areas, MeasureError> {
    let mut areas = measure::raw_areas_in(layer, frame, progress)?;
    repair(layer, frame, &mut areas, progress)?;
    without_faults(layer, &mut areas);
    Ok(areas)
}

/// Says that borders meet too often, of so many edges.
pub(super) fn crowded_message(edge_count: usize) -> Message {
    Message::new("overlay.crowded").with("most", format_number(Budget::most_notes(edge_count) as f64, 0))
}

/// Key of [`not_listed_message`].
pub(super) const NOT_LISTED: &str = "overlay.pairs-not-listed";

/// Says that of `count` pairs only so many are listed.
pub(super) fn not_listed_message(count: u64, listed: usize) -> Message {
    Message::new(NOT_LISTED).with("n", format_number(count as f64, 0)).with("listed", format_number(listed as f64, 0))
}

/// Lists areas that are no numbers, or below zero, and takes them out.
fn without_faults(layer: &Layer, areas: &mut Areas) {
    let is_fault = |m2: f64| !(m2 >= 0.0 && m2.is_finite());
    for feature in 0..areas.exact.len() {
        let figures = [areas.exact[feature], areas.printed[feature]];
        if figures.into_iter().any(is_fault) {
            (areas.exact[feature], areas.printed[feature]) = (0.0, 0.0);
            let message = Message::new("overlay.no-figure").with("m2", figures[0]);
            areas.issues.push(layer.issue_at(feature, Issue::new(Severity::Error, message)));
        }
    }
}

/// Whether an area of a layer could not be told at all: an issue says so.
pub fn has_faults(areas: &Areas) -> bool {
    areas.issues.iter().any(|issue| issue.message.key == "overlay.no-figure")
}

/// What is known of a layer's features once they are measured.
pub(super) struct Known {
    pub areas: Areas,
    /// Metres of border in the plane of the frame.
    pub borders: Vec<f64>,
    /// Whether a feature is as any other: valid, without repeated vertices, within reach, with nothing to be said of it.
    pub plain: Vec<bool>,
}

/// [`measured_in`], and what can be told beside.
///
/// # Errors
/// As [`measured`].
pub(super) fn known(layer: &Layer, frame: &Frame, progress: &Progress) -> Result<Known, MeasureError> {
    let (mut areas, borders) = measure::raw_areas_and_borders(layer, frame, progress)?;
    let listed = repair(layer, frame, &mut areas, progress)?;
    without_faults(layer, &mut areas);
    let mut plain = vec![true; layer.feature_count()];
    listed.into_iter().for_each(|feature| plain[feature] = false);
    let rows: FxHashSet<u64> = areas.issues.iter().filter_map(|issue| issue.feature).collect();
    if !rows.is_empty() {
        for (feature, plain) in plain.iter_mut().enumerate() {
            *plain &= !rows.contains(&layer.source_row(feature));
        }
    }
    Ok(Known { areas, borders, plain })
}

/// What the features of a polygon layer cover together, invalid ones as [`measured`] reads them; layers of another kind
/// cover nothing.
///
/// Areas are `exact`, along straight edges: in the layer's zone by the survey's method, in longitude and latitude by the
/// geodesic one, also where a feature reaches beyond the zone (listed). Sum, union and pairs come from the same walk:
/// where features only share borders, the sum is the union to the last digit.
///
/// # Errors
/// As [`measured`].
pub fn coverage(layer: &Layer, method: AreaMethod, progress: &Progress) -> Result<Coverage, MeasureError> {
    coverage_among(layer, None, method, progress)
}

/// As [`coverage`], of the features that are marked in `chosen` only (a mark a feature; `None`: all).
///
/// # Errors
/// As [`measured`].
pub fn coverage_among(
    layer: &Layer,
    chosen: Option<&[bool]>,
    method: AreaMethod,
    progress: &Progress,
) -> Result<Coverage, MeasureError> {
    let mut frame = Frame::for_layer(layer, method)?;
    if layer.kind != GeometryKind::Polygon {
        return Ok(Coverage { method, frame: frame.name().to_owned(), ..Coverage::default() });
    }
    let mut issues: Vec<Issue> = frame.notes().iter().map(|n| Issue::new(Severity::Note, n.clone())).collect();
    let longest_m = longest_edge_m(&[layer], &frame);
    let mut flat = flatten(layer, chosen, &frame, longest_m, Numbers::From(0), progress)?;
    if flat.beyond_reach {
        let wide =
            Message::new("overlay.wider-than-zone").with_said("zone", |l| frame.name_in(l)).with("m", LONGEST_EDGE_M);
        issues.push(Issue::new(Severity::Note, wide));
        frame = Frame::for_layer(layer, AreaMethod::Geodesic)?;
        flat = flatten(layer, chosen, &frame, longest_edge_m(&[layer], &frame), Numbers::From(0), progress)?;
    }
    issues.extend(
        flat.left_out.iter().map(|feature| {
            layer.issue_at(*feature, Issue::new(Severity::Error, Message::new("overlay.not-converted")))
        }),
    );
    let rings = flat.rings.finish();
    progress.add_total(rings.ring_count() as u64);
    let sums = coverage_of(&rings, layer.feature_count(), &frame, progress)?;
    issues.extend(sums.failed.iter().map(|feature| {
        layer.issue_at(*feature as usize, Issue::new(Severity::Error, Message::new("overlay.unresolved")))
    }));
    issues.extend(sums.crowded.iter().map(|feature| {
        let message = crowded_message(rings.coords().len());
        layer.issue_at(*feature as usize, Issue::new(Severity::Error, message))
    }));
    if sums.pair_count > sums.pairs.len() as u64 {
        issues.push(Issue::new(Severity::Warning, not_listed_message(sums.pair_count, sums.pairs.len())));
    }
    let sum = Areas { exact: sums.features, ..Areas::default() }.exact_total();
    Ok(Coverage {
        method,
        frame: frame.name().to_owned(),
        sum,
        union: sum - Area::from_m2(sums.excess),
        twice: Area::from_m2(sums.twice),
        pairs: sums.pairs,
        pair_count: sums.pair_count,
        issues,
    })
}

#[cfg(test)]
mod tests;
