//! Invalid polygons of a layer: found, measured by what they enclose, and listed.
//!
//! What a polygon means is told in `rings`: shells less the union of their holes, parts united, inside by winding. Its
//! area is the sum of w times the integral over all stretches of its rings, where w is inside on the left less inside on
//! the right: what lies inside on both sides, or on neither, counts nothing. Valid polygons keep the figures that
//! `measure` gave them; that is nearly all of them, and finding out is cheap. Where the even-odd reading, by which other
//! programs paint and measure, gives another area, both are listed.

use rayon::prelude::*;

use super::coverage::scale_for;
use super::crossings;
use super::parts::{Nesting, nesting, take_out};
use super::rings::{Dropped, LeftOut, Rings};
use super::validity::{Finding, Findings, Flaw, examine, plainly_simple};
use super::walk::{self, Scratch, Stretch};
use crate::measure::{Frame, LONGEST_EDGE_M, MeasureError, Place, Projector, place_of, printed_m2, unrolled};
use crate::model::{AreaMethod, Areas, Coord, GeometryBlock, GeometryKind, Issue, Layer, Severity};
use crate::task::{Cancelled, Progress};
use crate::text::Message;
use crate::units::format_number;

/// Features that one thread checks at a time.
const FEATURES_A_PIECE: usize = 256;
/// An area that changes by less than this share of its rings' areas did not change.
const SAME: f64 = 1e-9;

/// A polygon that is not valid.
struct Invalid {
    feature: usize,
    findings: Vec<Finding>,
    /// m² that the repair adds, or the repaired area itself where it had none.
    change: Change,
    /// m² by the even-odd reading and by ours, where they differ.
    even_odd: Option<(f64, f64)>,
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
    if let Some((even_odd, by_winding)) = invalid.even_odd {
        let message = Message::new("overlay.even-odd")
            .with("even_odd", format_number(even_odd, 2))
            .with("m2", format_number(by_winding, 2));
        areas.issues.push(layer.issue_at(feature, Issue::new(Severity::Warning, message)));
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
        Flaw::RingRepeated => ("overlay.ring-repeated", Severity::Warning),
        Flaw::WalkedAgain => ("overlay.walked-again", Severity::Note),
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
    ) -> Result<(), MeasureError> {
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
                let is_geographic = self.layer.crs.is_geographic();
                match rings.ring(&if is_geographic { unrolled(ring) } else { ring.into() }) {
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
        let nesting = nesting(&rings, self.progress)?;
        examine(&rings, &nesting.holes, &mut findings, self.progress)?;
        if repeated > 0 {
            checked.repeated_vertices += repeated;
            checked.with_repeated.push(feature);
        }
        let findings = findings.sorted();
        if !findings.is_empty() {
            // Measured in the plane where the feature was; what lies off the globe has no area.
            let (change, even_odd) = match place_of(self.layer, self.frame, feature)? {
                Place::Here => self.change(self.frame, self.projector, &rings, &nesting, not_finite)?,
                Place::There(frame) => {
                    self.change(&frame, &frame.projector(&self.layer.crs)?, &rings, &nesting, not_finite)?
                }
                Place::Nowhere => (Change::Same, None),
            };
            checked.invalid.push(Invalid { feature, findings, change, even_odd });
        }
        Ok(())
    }

    /// How the area by what the rings enclose differs from that of the rings as given, and the areas by the even-odd
    /// reading and ours where they differ.
    fn change(
        &self,
        frame: &Frame,
        projector: &Projector<'_>,
        rings: &Rings,
        nesting: &Nesting,
        not_finite: bool,
    ) -> Result<(Change, Option<(f64, f64)>), Cancelled> {
        let Some(found) = self.areas(frame, projector, rings, nesting)? else { return Ok((Change::Unknown, None)) };
        let differ = |a: f64, b: f64| (a - b).abs() > SAME * found.size;
        let change = if not_finite || found.given <= 0.0 {
            Change::To(found.enclosed)
        } else if differ(found.enclosed, found.given) {
            Change::By(found.enclosed - found.given)
        } else {
            Change::Same
        };
        Ok((change, differ(found.enclosed, found.even_odd).then_some((found.even_odd, found.enclosed))))
    }

    /// `None` where the rings have no image in the plane, or defeat the arithmetic.
    fn areas(
        &self,
        frame: &Frame,
        projector: &Projector<'_>,
        rings: &Rings,
        nesting: &Nesting,
    ) -> Result<Option<Found>, Cancelled> {
        let mut coords = rings.coords().to_vec();
        if projector.project(&mut coords).is_err() {
            return Ok(None);
        }
        // Vertices that coincide coincide in the plane too, but the largest x may be another's.
        let mut plane = Rings::default();
        let (mut given, mut size) = (0.0, 0.0);
        for ring in 0..rings.ring_count() as u32 {
            let edges = rings.edges(ring);
            let ring_coords = &frame.laid_out(&coords[edges.start as usize..=edges.end as usize], LONGEST_EDGE_M);
            // Parts keep their numbers, also where one before them has no rings.
            while plane.part_count() <= rings.part_of(ring) as usize {
                plane.part(0);
            }
            let is_shell = rings.is_shell(ring);
            if !is_shell {
                plane.without_ring();
            }
            let area = frame.ring_area(ring_coords).abs();
            given += if is_shell { area } else { -area };
            size += area;
            if plane.ring(ring_coords).is_err() {
                return Ok(None);
            }
        }
        take_out(&mut plane, &nesting.holes, 0, 0);
        let groups = groups(plane.part_count(), nesting);
        let enclosed = enclosed_areas(&plane.finish(), &groups, frame, self.progress)?;
        let found = enclosed.map(|[enclosed, even_odd]| Found { given, enclosed, even_odd, size });
        Ok(found.filter(|found| found.given.is_finite()))
    }
}

fn add_spikes(findings: &mut Findings, left_out: &LeftOut) {
    if let Some(at) = left_out.spike_at {
        findings.add_all(Flaw::SelfOverlap, left_out.spikes, at);
    }
}

/// Areas of a polygon, m².
struct Found {
    /// Shells less holes, as given.
    given: f64,
    /// What the rings enclose.
    enclosed: f64,
    /// What they enclose by the even-odd reading.
    even_odd: f64,
    /// All rings added up.
    size: f64,
}

/// For each part the parts that its rings are read even-odd with: holes that were written as parts, and islands in
/// them, go with what they lie in.
fn groups(part_count: usize, nesting: &Nesting) -> Vec<u32> {
    let mut groups: Vec<u32> = (0..part_count as u32).collect();
    // Each names a part that is less deep, and comes behind it.
    for (part, of) in &nesting.against {
        groups[*part as usize] = groups[*of as usize];
    }
    groups
}

/// What the rings of one feature, in the plane of `frame`, enclose, m², by winding and even-odd; `None` where the walk
/// fails.
fn enclosed_areas(
    rings: &Rings,
    groups: &[u32],
    frame: &Frame,
    progress: &Progress,
) -> Result<Option<[f64; 2]>, Cancelled> {
    if rings.ring_count() == 0 {
        return Ok(Some([0.0; 2]));
    }
    let Ok(crossings) = crossings::find(rings, progress)? else { return Ok(None) };
    let scale = scale_for(rings, frame);
    let origin = frame.origin(rings.coords()[0]);
    let mut scratch = Scratch::default();
    let mut sums = Some([0i128; 2]);
    let mut odd = Vec::new();
    for ring in 0..rings.ring_count() as u32 {
        progress.tick(0)?;
        let walk = walk::along(rings, &crossings, ring, &mut scratch, |stretch| {
            let weights = [stretch.weight(rings, ring), even_odd_weight(stretch, rings, ring, groups, &mut odd)];
            if weights != [0; 2] {
                let area = stretch.area(frame, &origin, &scale);
                sums = sums.zip(area).map(|(sums, area)| [sums[0] + weights[0] * area, sums[1] + weights[1] * area]);
            }
        });
        if walk.is_err() {
            return Ok(None);
        }
    }
    Ok(sums.map(|sums| sums.map(|sum| scale.m2(sum))))
}

/// Inside on the left less inside on the right of a stretch of `ring`, where inside is within an odd number of the rings
/// of one of `groups`.
fn even_odd_weight(stretch: &Stretch<'_>, rings: &Rings, ring: u32, groups: &[u32], odd: &mut Vec<u32>) -> i128 {
    let group = |ring: u32| groups[rings.part_of(ring) as usize];
    odd.clear();
    for (other, _) in stretch.within.iter().filter(|(_, winding)| winding % 2 != 0) {
        match odd.iter().position(|known| *known == group(*other)) {
            Some(at) => drop(odd.swap_remove(at)),
            None => odd.push(group(*other)),
        }
    }
    let own = odd.iter().position(|known| *known == group(ring)).map(|at| odd.swap_remove(at)).is_some();
    if !odd.is_empty() {
        return 0;
    }
    if (stretch.left % 2 != 0) != own { 1 } else { -1 }
}
