//! Invalid polygons of a layer: found, measured by what they enclose, and listed.
//!
//! A polygon means the set of places that are inside an odd number of the rings of one of its parts. Its area is the
//! sum of w times the integral over all stretches of its rings, where w is inside on the left less inside on the
//! right: what lies inside on both sides, or on neither, counts nothing. Valid polygons keep the figures that
//! `measure` gave them; that is nearly all of them, and finding out is cheap.

use rayon::prelude::*;

use super::coverage::scale_for;
use super::crossings;
use super::parts::{LostHole, join, lost_holes};
use super::rings::{Dropped, LeftOut, Rings};
use super::validity::{Finding, Findings, Flaw, examine, plainly_simple};
use super::walk::{self, Scratch};
use crate::measure::{Frame, MeasureError, Projector, printed_m2};
use crate::model::{AreaMethod, Areas, Coord, GeometryBlock, GeometryKind, Issue, Layer, Severity};
use crate::task::{Cancelled, Progress};
use crate::text::Message;
use crate::units::format_number;

/// Features that one thread checks at a time.
const FEATURES_A_PIECE: usize = 2048;
/// An area that changes by less than this share of its rings' areas did not change.
const SAME: f64 = 1e-9;

/// A polygon that is not valid.
struct Invalid {
    feature: usize,
    findings: Vec<Finding>,
    /// m² that the repair adds, or the repaired area itself where it had none.
    change: Change,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Change {
    /// The area is what it was.
    Same,
    /// The area differs by this.
    By(f64),
    /// There was no area before; this is what the rest of the rings enclose.
    To(f64),
    /// The repaired area cannot be computed.
    Unknown,
}

/// What checking some features gave.
#[derive(Default)]
struct Checked {
    invalid: Vec<Invalid>,
    repeated_vertices: usize,
    with_repeated: Vec<usize>,
}

/// Replaces the areas of invalid polygons of `layer`, which `measure` measured as given in `frame`, and lists what was
/// wrong with them. Returns them and those with repeated vertices.
pub(super) fn repair(
    layer: &Layer,
    frame: &Frame,
    areas: &mut Areas,
    progress: &Progress,
) -> Result<Vec<usize>, MeasureError> {
    if layer.kind != GeometryKind::Polygon {
        return Ok(Vec::new());
    }
    progress.add_total(layer.feature_count() as u64);
    let mut pieces = Vec::new();
    for (block, first) in layer.blocks.iter().zip(&layer.starts) {
        let count = block.geometry.feature_count();
        for start in (0..count).step_by(FEATURES_A_PIECE) {
            pieces.push((&*block.geometry, *first, start..(start + FEATURES_A_PIECE).min(count)));
        }
    }
    let checked: Vec<Checked> = pieces
        .into_par_iter()
        .map_init(
            || frame.projector(&layer.crs),
            |projector, (geometry, first, rows)| {
                let projector = projector.as_ref().map_err(Clone::clone)?;
                let checker = Checker { layer, frame, projector, progress };
                let mut checked = Checked::default();
                let count = rows.len();
                for row in rows {
                    checker.check(geometry, row, first + row, &mut checked)?;
                }
                progress.tick(count as u64)?;
                Ok(checked)
            },
        )
        .collect::<Result<_, MeasureError>>()?;

    let (mut repeated, mut listed) = (0, Vec::new());
    for checked in &checked {
        repeated += checked.repeated_vertices;
        listed.extend_from_slice(&checked.with_repeated);
    }
    let with_repeated = listed.len();
    for invalid in checked.iter().flat_map(|checked| &checked.invalid) {
        install(layer, frame.method(), areas, invalid);
        listed.push(invalid.feature);
    }
    if repeated > 0 {
        let message = Message::new("overlay.repeated-vertices")
            .with("n", format_number(repeated as f64, 0))
            .with("features", format_number(with_repeated as f64, 0));
        areas.issues.push(Issue::new(Severity::Note, message));
    }
    Ok(listed)
}

/// Writes the repaired area of one polygon and lists its flaws, the areas with the gravest.
fn install(layer: &Layer, method: AreaMethod, areas: &mut Areas, invalid: &Invalid) {
    let feature = invalid.feature;
    let before = areas.exact[feature];
    let after = match invalid.change {
        Change::Same | Change::Unknown => before,
        Change::By(change) => (before + change).max(0.0),
        Change::To(area) => area,
    };
    if after != before {
        let printed = (areas.printed[feature] + (after - before)).max(0.0);
        areas.printed[feature] = if method == AreaMethod::Survey { printed_m2(printed) } else { after };
        areas.exact[feature] = after;
    }
    if let Change::To(_) = invalid.change {
        let source = Some(layer.source_row(feature));
        areas.issues.retain(|issue| issue.feature != source || issue.message.key != "measure.not-finite");
    }
    for (i, finding) in invalid.findings.iter().enumerate() {
        // Parts that share a border and lose area by it lie on each other.
        let flaw = match finding.flaw {
            Flaw::PartsShareBorder if after != before => Flaw::PartsOverlap,
            flaw => flaw,
        };
        let (key, severity) = describe(flaw);
        let digits = if layer.crs.is_geographic() { 7 } else { 2 };
        let message = Message::new(key)
            .with("n", format_number(finding.count as f64, 0))
            .with("x", format!("{:.digits$}", finding.at.x))
            .with("y", format!("{:.digits$}", finding.at.y));
        let severity = if after != before { severity.max(Severity::Warning) } else { severity };
        let mut issue = layer.issue_at(feature, Issue::new(severity, message));
        if i == 0 && invalid.change != Change::Unknown {
            issue.area_m2 = Some((before, after));
        }
        areas.issues.push(issue);
    }
    if invalid.change == Change::Unknown {
        let message = Message::new("overlay.unresolved");
        areas.issues.push(layer.issue_at(feature, Issue::new(Severity::Error, message)));
    }
}

fn describe(flaw: Flaw) -> (&'static str, Severity) {
    match flaw {
        Flaw::NotFinite => ("overlay.ring-not-finite", Severity::Error),
        Flaw::TooFewPoints => ("overlay.too-few-points", Severity::Warning),
        Flaw::SelfCrossing => ("overlay.self-crossing", Severity::Warning),
        Flaw::RingsCross => ("overlay.rings-cross", Severity::Warning),
        Flaw::PartsOverlap => ("overlay.parts-overlap", Severity::Warning),
        Flaw::HoleAsPart => ("overlay.hole-as-part", Severity::Warning),
        Flaw::HoleOutside => ("overlay.hole-outside", Severity::Warning),
        Flaw::HolesNested => ("overlay.holes-nested", Severity::Warning),
        Flaw::RingsShareBorder => ("overlay.rings-share-border", Severity::Note),
        Flaw::SelfOverlap => ("overlay.self-overlap", Severity::Note),
        Flaw::PartsShareBorder => ("overlay.parts-share-border", Severity::Note),
        Flaw::InsideCut => ("overlay.inside-cut", Severity::Note),
        Flaw::SelfTouch => ("overlay.self-touch", Severity::Note),
        Flaw::TooMany => ("overlay.too-many-meetings", Severity::Error),
        Flaw::Unresolved => ("overlay.ring-unresolved", Severity::Error),
    }
}

struct Checker<'a> {
    layer: &'a Layer,
    frame: &'a Frame,
    projector: &'a Projector<'a>,
    progress: &'a Progress,
}

impl Checker<'_> {
    fn check(
        &self,
        geometry: &GeometryBlock,
        row: usize,
        feature: usize,
        checked: &mut Checked,
    ) -> Result<(), Cancelled> {
        let polygon = geometry.polygon(row);
        let mut all = polygon.rings();
        match (all.next(), all.next()) {
            (None, _) => return Ok(()),
            (Some((_, ring)), None) if plainly_simple(ring) => return Ok(()),
            _ => {}
        }
        let mut rings = Rings::default();
        let mut findings = Findings::default();
        let mut repeated = 0;
        let mut not_finite = false;
        for part in polygon.parts() {
            rings.part(0);
            for ring in part.rings() {
                match rings.ring(&unwrapped(ring, self.layer.crs.is_geographic())) {
                    Ok(left_out) => {
                        repeated += left_out.repeated;
                        add_spikes(&mut findings, &left_out);
                    }
                    Err(reason) => {
                        let at = ring.first().copied().unwrap_or(Coord { x: f64::NAN, y: f64::NAN });
                        not_finite |= reason == Dropped::NotFinite;
                        match reason {
                            Dropped::NotFinite => findings.add(Flaw::NotFinite, at),
                            // An empty hole is no flaw.
                            Dropped::TooFewPoints if ring.is_empty() => {}
                            Dropped::TooFewPoints => findings.add(Flaw::TooFewPoints, at),
                        }
                    }
                }
            }
        }
        let rings = rings.finish();
        let lost_holes = lost_holes(&rings, self.progress)?;
        examine(&rings, &lost_holes, &mut findings, self.progress)?;
        if repeated > 0 {
            checked.repeated_vertices += repeated;
            checked.with_repeated.push(feature);
        }
        let findings = findings.sorted();
        if !findings.is_empty() {
            let change = self.change(&rings, &lost_holes, not_finite)?;
            checked.invalid.push(Invalid { feature, findings, change });
        }
        Ok(())
    }

    /// How the area by what the rings enclose differs from that of the rings as given.
    fn change(&self, rings: &Rings, holes: &[LostHole], not_finite: bool) -> Result<Change, Cancelled> {
        let Some((given, enclosed, size)) = self.areas(rings, holes)? else { return Ok(Change::Unknown) };
        Ok(if not_finite {
            Change::To(enclosed)
        } else if (enclosed - given).abs() <= SAME * size {
            Change::Same
        } else {
            Change::By(enclosed - given)
        })
    }

    /// m² of the rings as given, m² of what they enclose, and m² of all rings added up.
    fn areas(&self, rings: &Rings, holes: &[LostHole]) -> Result<Option<(f64, f64, f64)>, Cancelled> {
        let mut coords = rings.coords().to_vec();
        if self.projector.project(&mut coords).is_err() {
            return Ok(None);
        }
        // Vertices that coincide coincide in the plane too, but the largest x may be another's.
        let mut plane = Rings::default();
        let (mut given, mut size) = (0.0, 0.0);
        let mut part = None;
        for ring in 0..rings.ring_count() as u32 {
            let edges = rings.edges(ring);
            let ring_coords = &coords[edges.start as usize..=edges.end as usize];
            let outer = part != Some(rings.part_of(ring));
            if outer {
                part = Some(rings.part_of(ring));
                // Parts keep their numbers, also where one before them has no rings.
                while plane.part_count() <= rings.part_of(ring) as usize {
                    plane.part(0);
                }
            }
            let area = self.frame.ring_area(ring_coords).abs();
            given += if outer { area } else { -area };
            size += area;
            if plane.ring(ring_coords).is_err() {
                return Ok(None);
            }
        }
        join(&mut plane, holes, 0, 0);
        let enclosed = enclosed_area(&plane.finish(), self.frame, self.progress)?;
        Ok(enclosed.filter(|_| given.is_finite()).map(|enclosed| (given, enclosed, size)))
    }
}

fn add_spikes(findings: &mut Findings, left_out: &LeftOut) {
    if let Some(at) = left_out.spike_at {
        findings.add_all(Flaw::SelfOverlap, left_out.spikes, at);
    }
}

/// What the rings of one feature, in the plane of `frame`, enclose, m²; `None` where the walk fails.
fn enclosed_area(rings: &Rings, frame: &Frame, progress: &Progress) -> Result<Option<f64>, Cancelled> {
    if rings.ring_count() == 0 {
        return Ok(Some(0.0));
    }
    let Ok(crossings) = crossings::find(rings, rings.parts(), progress)? else { return Ok(None) };
    let scale = scale_for(rings, frame);
    let origin = frame.origin(rings.coords()[0]);
    let mut scratch = Scratch::default();
    let mut sum = Some(0i128);
    for ring in 0..rings.ring_count() as u32 {
        progress.tick(0)?;
        let walk = walk::along(rings, rings.parts(), &crossings, ring, &mut scratch, |stretch| {
            let weight = stretch.weight(rings, ring);
            if weight != 0 {
                sum = sum.and_then(|sum| Some(sum + weight * stretch.area(frame, &origin, &scale)?));
            }
        });
        if walk.is_err() {
            return Ok(None);
        }
    }
    Ok(sum.map(|sum| scale.m2(sum)))
}

/// The ring with longitudes that go on past 180° where it steps over the antimeridian.
fn unwrapped(ring: &[Coord], geographic: bool) -> std::borrow::Cow<'_, [Coord]> {
    if !geographic || ring.windows(2).all(|edge| (edge[1].x - edge[0].x).abs() <= 180.0) {
        return ring.into();
    }
    let mut turns = 0.0;
    let mut previous = ring[0].x;
    ring.iter()
        .map(|c| {
            let step = c.x - previous;
            if step.abs() > 180.0 && step.is_finite() {
                turns -= (step / 360.0).round();
            }
            previous = c.x;
            Coord { x: c.x + 360.0 * turns, y: c.y }
        })
        .collect()
}
