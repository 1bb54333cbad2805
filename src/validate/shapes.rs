//! The shapes of one layer: valid, in one part, without holes, large enough, no vertices on top of each other, no spikes,
//! no overlaps.

use super::fault::{Fault, Findings, GroupKey, Kind};
use super::schema::{Rule, Test};
use crate::measure::MeasureError;
use crate::model::{AreaMethod, Areas, Coord, GeometryBlock, GeometryKind, Layer, Severity};
use crate::overlay;
use crate::task::{Cancelled, Progress};
use crate::text::Message;
use crate::units::format_number;

/// Metres in a degree of latitude, near enough for how close two vertices are.
pub(super) const METRES_A_DEGREE: f64 = 111_320.0;

/// Issues of measuring that say nothing about a polygon.
const NO_FLAWS: [&str; 5] = [
    "overlay.repeated-vertices",
    "overlay.even-odd",
    "measure.other-zone",
    "measure.other-zone-many",
    "measure.no-zone",
];

/// A rule, by its place, over a layer of the delivery.
pub(super) struct Asked<'a> {
    pub rule: &'a Rule,
    pub at: usize,
    pub part: usize,
    pub layer: &'a Layer,
    /// The column of the serial number.
    pub id: Option<usize>,
    /// A mark a feature, where the rule is about some of them only.
    pub chosen: Option<&'a [bool]>,
}

impl Asked<'_> {
    fn is_chosen(&self, feature: usize) -> bool {
        self.chosen.is_none_or(|chosen| chosen[feature])
    }

    /// The group of its faults.
    pub(super) fn key(&self, kind: Kind) -> GroupKey {
        GroupKey::of(kind, self.part).rule(self.at)
    }

    /// Adds a fault of a feature.
    pub(super) fn find(
        &self,
        findings: &mut Findings,
        kind: Kind,
        feature: usize,
        value: impl FnOnce() -> (String, Message),
    ) {
        findings.add(self.key(kind), self.rule.limited(), || {
            let (value, message) = value();
            Fault::at(self.layer, feature, self.id, value, message)
        });
    }
}

/// An area as it stands in a sentence.
pub(super) fn square_metres(m2: f64) -> String {
    format_number(m2, if m2.abs() < 1.0 { 4 } else { 2 })
}

/// Holds the shapes of a layer against a rule; `areas` are those of the survey, where it has any. `false` where the rule
/// is none about shapes.
///
/// # Errors
/// As [`overlay::coverage`].
pub(super) fn examine(
    asked: &Asked<'_>,
    areas: Option<&Areas>,
    findings: &mut Findings,
    progress: &Progress,
) -> Result<bool, MeasureError> {
    let is_polygons = asked.layer.kind == GeometryKind::Polygon;
    match &asked.rule.test {
        Test::Valid => valid(asked, areas, findings),
        Test::SinglePart => single_part(asked, findings, progress)?,
        Test::NoHoles if is_polygons => no_holes(asked, findings, progress)?,
        Test::MinArea(least) => {
            for (feature, m2) in areas.iter().flat_map(|areas| areas.exact.iter().enumerate()) {
                if *m2 < *least && *m2 > 0.0 && asked.is_chosen(feature) {
                    asked.find(findings, Kind::Small, feature, || {
                        let message = Message::new("validate.says-small")
                            .with("m2", square_metres(*m2))
                            .with("least", square_metres(*least));
                        (square_metres(*m2), message)
                    });
                }
            }
        }
        Test::MinDistance(least) => each_ring(asked, progress, |feature, ring, scale| {
            let close = ring.windows(2).find(|edge| length(edge[0], edge[1], scale) < *least);
            if let Some(edge) = close {
                let (at, distance) = (edge[0], length(edge[0], edge[1], scale));
                asked.find(findings, Kind::Vertices, feature, || {
                    let message = Message::new("validate.says-vertices")
                        .with("m", format_number(distance, 4))
                        .with("least", least)
                        .with("x", at.x)
                        .with("y", at.y);
                    (format_number(distance, 4), message)
                });
            }
        })?,
        Test::MinAngle(least) => each_ring(asked, progress, |feature, ring, scale| {
            if let Some((at, degrees)) = sharpest(ring, scale).filter(|(_, degrees)| degrees < least) {
                asked.find(findings, Kind::Angle, feature, || {
                    let message = Message::new("validate.says-angle")
                        .with("degrees", format_number(degrees, 3))
                        .with("least", least)
                        .with("x", at.x)
                        .with("y", at.y);
                    (format_number(degrees, 3), message)
                });
            }
        })?,
        Test::NoOverlap(least) if is_polygons => no_overlap(asked, *least, findings, progress)?,
        Test::NoHoles | Test::NoOverlap(_) => {}
        _ => return Ok(false),
    }
    Ok(true)
}

fn valid(asked: &Asked<'_>, areas: Option<&Areas>, findings: &mut Findings) {
    for issue in areas.iter().flat_map(|areas| &areas.issues) {
        if issue.feature.is_none() || NO_FLAWS.contains(&issue.message.key) {
            continue;
        }
        // What the survey's method has to say of a feature is told by its place in the file.
        let feature = issue.feature.and_then(|row| feature_of_row(asked.layer, row));
        let severity = if issue.severity == Severity::Note { Severity::Warning } else { issue.severity };
        findings.add(asked.key(Kind::Invalid), asked.rule.basis.limit(severity.max(asked.rule.severity)), || {
            match feature {
                Some(feature) => Fault::at(asked.layer, feature, asked.id, "", issue.message.clone()),
                None => Fault::of_issue(issue),
            }
        });
    }
}

/// The feature that stands at a row of the file.
fn feature_of_row(layer: &Layer, row: u64) -> Option<usize> {
    layer.blocks.iter().zip(&layer.starts).find_map(|(block, start)| {
        let count = block.geometry.feature_count();
        if block.source_rows.is_empty() {
            let at = usize::try_from(row).ok()?; // more than memory holds
            return (*start..start + count).contains(&at).then_some(at);
        }
        // Rows of a block ascend.
        let at = block.source_rows.binary_search(&u32::try_from(row).ok()?).ok()?; // in another block
        Some(start + at)
    })
}

fn single_part(asked: &Asked<'_>, findings: &mut Findings, progress: &Progress) -> Result<(), Cancelled> {
    for_each_feature(asked, progress, |feature, geometry, row| {
        let parts = match asked.layer.kind {
            GeometryKind::Polygon => geometry.polygon(row).part_count(),
            GeometryKind::Line => geometry.paths(row).len(),
            GeometryKind::Point => geometry.points(row).len(),
            GeometryKind::None => 1,
        };
        if parts > 1 {
            asked.find(findings, Kind::Multipart, feature, || {
                (parts.to_string(), Message::new("validate.says-multipart").with("parts", parts))
            });
        }
    })
}

fn no_holes(asked: &Asked<'_>, findings: &mut Findings, progress: &Progress) -> Result<(), Cancelled> {
    for_each_feature(asked, progress, |feature, geometry, row| {
        let holes: usize = geometry.polygon(row).parts().map(|part| part.ring_count().saturating_sub(1)).sum();
        if holes > 0 {
            asked.find(findings, Kind::Hole, feature, || {
                (holes.to_string(), Message::new("validate.says-hole").with("holes", holes))
            });
        }
    })
}

fn for_each_feature(
    asked: &Asked<'_>,
    progress: &Progress,
    mut visit: impl FnMut(usize, &GeometryBlock, usize),
) -> Result<(), Cancelled> {
    for (block, start) in asked.layer.blocks.iter().zip(&asked.layer.starts) {
        for row in 0..block.geometry.feature_count() {
            if asked.is_chosen(start + row) {
                visit(start + row, &block.geometry, row);
            }
        }
        progress.tick(0)?;
    }
    Ok(())
}

/// Rings and paths of the chosen features, with the metres that a unit of x and y takes.
fn each_ring(
    asked: &Asked<'_>,
    progress: &Progress,
    mut visit: impl FnMut(usize, &[Coord], (f64, f64)),
) -> Result<(), Cancelled> {
    let crs = &asked.layer.crs;
    let is_degrees = crs.is_geographic();
    let unit = crs.metres_per_unit();
    for_each_feature(asked, progress, |feature, geometry, row| {
        let scale = match (is_degrees, geometry.feature_coords(row).first()) {
            (true, Some(c)) => (METRES_A_DEGREE * c.y.to_radians().cos(), METRES_A_DEGREE),
            _ => (unit, unit),
        };
        match asked.layer.kind {
            GeometryKind::Polygon => geometry.polygon(row).rings().for_each(|(_, ring)| visit(feature, ring, scale)),
            GeometryKind::Line => geometry.paths(row).for_each(|path| visit(feature, path, scale)),
            GeometryKind::Point | GeometryKind::None => {}
        }
    })
}

fn length(a: Coord, b: Coord, scale: (f64, f64)) -> f64 {
    ((b.x - a.x) * scale.0).hypot((b.y - a.y) * scale.1)
}

/// The sharpest turn of a ring or path: the angle between two edges, degrees, and where. Vertices on top of each other
/// count once.
fn sharpest(ring: &[Coord], scale: (f64, f64)) -> Option<(Coord, f64)> {
    let mut vertices: Vec<Coord> = ring.to_vec();
    vertices.dedup();
    let is_closed = vertices.len() > 3 && vertices.first() == vertices.last();
    if is_closed {
        // The edge behind the closing point is the first one.
        vertices.push(vertices[1]);
    }
    let angle = |corner: &[Coord]| {
        let to = |c: Coord| ((c.x - corner[1].x) * scale.0, (c.y - corner[1].y) * scale.1);
        let (a, b) = (to(corner[0]), to(corner[2]));
        let cross = a.0 * b.1 - a.1 * b.0;
        let dot = a.0 * b.0 + a.1 * b.1;
        (corner[1], cross.abs().atan2(dot).to_degrees())
    };
    vertices.windows(3).map(angle).filter(|(_, degrees)| degrees.is_finite()).min_by(|a, b| a.1.total_cmp(&b.1))
}

fn no_overlap(
    asked: &Asked<'_>,
    least_m2: f64,
    findings: &mut Findings,
    progress: &Progress,
) -> Result<(), MeasureError> {
    let layer = asked.layer;
    let found = overlay::coverage_among(layer, asked.chosen, AreaMethod::Survey, progress)?;
    for pair in found.pairs.iter().filter(|pair| pair.area.m2() > least_m2) {
        asked.find(findings, Kind::Overlap, pair.second, || {
            let message = Message::new("validate.says-overlap")
                .with("other", layer.source_row(pair.first) + 1)
                .with("m2", square_metres(pair.area.m2()));
            (square_metres(pair.area.m2()), message)
        });
    }
    let unlisted = found.pair_count.saturating_sub(found.pairs.len() as u64);
    findings.add_unlisted(asked.key(Kind::Overlap), asked.rule.limited(), unlisted);
    // What could not take part is no proof that nothing overlaps.
    for issue in found.issues.iter().filter(|issue| issue.severity == Severity::Error) {
        findings.add(asked.key(Kind::Invalid), Severity::Error, || Fault::of_issue(issue));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sharpest_turn_of_a_ring_is_found_across_its_closing_point() {
        let ring = |points: &[(f64, f64)]| points.iter().map(|(x, y)| Coord { x: *x, y: *y }).collect::<Vec<_>>();
        let square = ring(&[(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0), (0.0, 0.0)]);
        let (_, degrees) = sharpest(&square, (1.0, 1.0)).expect("it has corners");
        assert!((degrees - 90.0).abs() < 1e-9, "{degrees}");
        // A spike at the first vertex, told from its last edge and its first.
        let spike = ring(&[(0.0, 0.0), (100.0, 1.0), (100.0, 50.0), (0.0, 50.0), (50.0, 0.2), (0.0, 0.0)]);
        let (at, degrees) = sharpest(&spike, (1.0, 1.0)).expect("it has corners");
        assert_eq!(at, Coord { x: 0.0, y: 0.0 });
        assert!(degrees < 1.0, "{degrees}");
    }
}
