//! Every reading of a file's coordinates, with what speaks for each: where the data would lie, how that goes with an open
//! layer, and how near its lines come to that layer's.
//!
//! The readings that [`crate::crs::decide()`] considers are only those that a label can name. Here are added those that
//! need a correction first: axes exchanged where nothing shows it, degrees packed into digits, other units, the scrambling
//! of web maps, eastings whose zone number was put before the wrong zone. Nothing is decided: the first of the list is what
//! the user is offered first.

use std::collections::HashSet;

use geo_types::Coord;

use super::near::{self, Lines, Nearness};
use super::packed;
use super::web_map::{self, WebMap};
use super::{Badge, Placed, Ranked, award, nearest};
use crate::crs::correction::LengthUnit;
use crate::crs::decide::{Clues, Decision, Hypothesis, Sample, Shape, decide};
use crate::crs::{Correction, CorrectionKind, Crs, Datum, Reprojector, places, zones};
use crate::model::{Extent, Layer};
use crate::task::{Cancelled, Progress};
use crate::text::{Message, tr};

/// Most coordinates of a file that are looked at.
const PROBES: usize = 800;

/// Of these, how many are measured against an open layer, for each reading.
const MEASURED: usize = 400;

/// Vertices that small maps show.
const DRAWN: usize = 1500;

/// Most readings that are kept.
const MOST: usize = 30;

/// What a file came to, as the doctor needs it.
#[derive(Clone, Copy, Debug)]
pub struct Patient<'a> {
    /// How its CRS was decided.
    pub decision: &'a Decision,
    /// From what.
    pub sample: &'a Sample,
    /// What was read, without corrections.
    pub layers: &'a [Layer],
}

/// What the doctor finds about a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnosis {
    /// What the coordinates look like, in a sentence.
    pub observation: Message,
    /// Every reading, the likeliest first.
    pub readings: Vec<Ranked>,
    /// What is to be said besides: layers compared with that are shifted themselves.
    pub notes: Vec<Message>,
    /// Names of the layers that it was held against.
    pub compared: Vec<String>,
    /// Some coordinates of the file, in its own order.
    pub probes: Vec<Coord>,
    /// Some vertices of the layers that it was held against, in degrees.
    pub known: Vec<Coord>,
}

impl Diagnosis {
    /// Where some of the file's vertices lie in a reading, in degrees on its datum; empty where nowhere.
    pub fn places(&self, reading: &Ranked) -> Vec<Coord> {
        let (crs, swap_axes) = (reading.crs(), reading.hypothesis.swap_axes);
        places_of(crs, swap_axes, reading.correction.as_ref(), &self.probes).unwrap_or_default()
    }
}

impl Patient<'_> {
    /// Extent of the file's coordinates, in its own order.
    pub fn extent(&self) -> Extent {
        let mut extent = Extent::EMPTY;
        for layer in self.layers {
            let own = layer.extent();
            let swap = |c: Coord| Coord { x: c.y, y: c.x };
            extent.union(&if layer.axes_swapped { Extent { min: swap(own.min), max: swap(own.max) } } else { own });
        }
        extent
    }
}

/// Vertices of layers in degrees, some of each.
fn vertices(open: &[&Layer]) -> Vec<Coord> {
    let each = DRAWN / open.len().max(1);
    let of = |layer: &&Layer| {
        let total: usize = layer.blocks.iter().map(|block| block.geometry.coords().len()).sum();
        let to_degrees = Reprojector::new(&layer.crs, &layer.crs.geographic()).ok(); // no way, no place
        let coords = layer.blocks.iter().flat_map(|block| block.geometry.coords());
        let coords: Vec<Coord> = coords.step_by(total.div_ceil(each.max(1)).max(1)).copied().collect();
        coords.into_iter().filter_map(move |c| to_degrees.as_ref()?.convert_one(c)).collect::<Vec<_>>()
    };
    open.iter().flat_map(of).collect()
}

/// A reading before it is laid beside anything.
struct Candidate {
    hypothesis: Hypothesis,
    correction: Option<Correction>,
    /// Whether it is only worth a line where it falls on an open layer.
    needs_reference: bool,
}

/// Finds every reading of a file and ranks them by what is open.
///
/// # Errors
/// [`Cancelled`] when `progress` is.
pub fn diagnose(patient: &Patient, open: &[&Layer], progress: &Progress) -> Result<Diagnosis, Cancelled> {
    let probes = probes(patient);
    let mut candidates = candidates(patient, &probes);
    let references: Vec<Placed> = open.iter().filter_map(|layer| Placed::of_layer(layer)).collect();
    candidates.extend(web_maps(&candidates, &references));
    let mut known_lines: Vec<(usize, Option<Lines>)> = Vec::new();
    let by_fields = patient.layers.iter().find_map(web_map::suspect_by_fields).map(|finding| finding.map);
    let mut other_way: Option<Message> = None;
    let mut ranked = Vec::new();
    for Candidate { hypothesis, correction, needs_reference } in candidates {
        progress.tick(0)?;
        // A plane of its own lies nowhere.
        if hypothesis.crs.is_local_plane() && correction.is_none() {
            ranked.push(Ranked { score: hypothesis.score, ..Ranked::unplaced(hypothesis) });
            continue;
        }
        let Some(places) = places_of(&hypothesis.crs, hypothesis.swap_axes, correction.as_ref(), &probes) else {
            // A reading without a place stays where the user said it himself.
            if correction.is_none() {
                let score = 0.01 * hypothesis.score;
                ranked.push(Ranked { score, ..Ranked::unplaced(hypothesis) });
            }
            continue;
        };
        let extent = trimmed(&places);
        let datum = correction.as_ref().map_or(hypothesis.crs.datum(), |correction| correction.to.datum());
        let reference = nearest(&extent, datum, &references);
        if needs_reference && !reference.as_ref().is_some_and(|reference| reference.distance_km <= 5.0) {
            continue;
        }
        let mut near = None;
        if datum.agrees_with(Datum::Wgs84) {
            let step = places.len().div_ceil(MEASURED).max(1);
            let measured: Vec<Coord> = places.iter().step_by(step).copied().collect();
            near = measure(&measured, &extent, open, &mut known_lines, progress)?;
            // It may be the open layer that is scrambled.
            if let (None, None, Some((found, at))) = (&correction, &other_way, near) {
                other_way = turned_round(&measured, found, &open[at].name, lines_of(&known_lines, at));
            }
        }
        let score = hypothesis.score * beside(reference.as_ref(), !references.is_empty());
        // Lines that agree tell more than extents that do.
        let score = score * near.map_or(1.0, |(near, _): (Nearness, usize)| 0.4 + 0.6 / (1.0 + near.median_m / 25.0));
        // Where most vertices meet the other's lines there is no chance in it.
        let meets = near.is_some_and(|(near, _)| near.meets());
        let score = if meets { 0.5 + 0.5 * score } else { score };
        ranked.push(Ranked {
            hypothesis: Hypothesis {
                position: Some(extent.center()),
                place: places::nearest(extent.center()).filter(|_| places::is_in_china(extent.center())),
                ..hypothesis
            },
            score,
            reference,
            badge: Badge::None,
            correction,
            extent: Some(extent),
            near: near.map(|(near, _)| near),
        });
    }
    weigh_web_maps(&mut ranked, by_fields, !known_lines.is_empty());
    let ranked = settled(ranked);
    let is_shifted = |layer: &&&Layer| web_map::is_flagged(layer);
    let notes = open.iter().filter(is_shifted).map(|l| Message::new("doctor.reference-shifted").with("layer", &l.name));
    Ok(Diagnosis {
        observation: patient.decision.observation.clone(),
        readings: ranked,
        notes: notes.chain(other_way).collect(),
        compared: open.iter().map(|layer| layer.name.clone()).collect(),
        probes: probes.iter().step_by(probes.len().div_ceil(DRAWN).max(1)).copied().collect(),
        known: vertices(open),
    })
}

/// The reading of a plane of its own by fitted parameters, laid over what is open.
///
/// # Errors
/// [`Cancelled`] when `progress` is.
pub fn fitted(
    patient: &Patient,
    correction: Correction,
    open: &[&Layer],
    progress: &Progress,
) -> Result<Ranked, Cancelled> {
    let hypothesis = unplaced(correction.to.clone(), correction.swap_axes, 1.0, Message::new("doctor.reading-fitted"));
    let places = places_of(&correction.to, correction.swap_axes, Some(&correction), &probes(patient));
    let places = places.unwrap_or_default();
    let extent = (!places.is_empty()).then(|| trimmed(&places));
    let references: Vec<Placed> = open.iter().filter_map(|layer| Placed::of_layer(layer)).collect();
    let near = match extent.filter(|_| correction.to.datum().agrees_with(Datum::Wgs84)) {
        Some(extent) => {
            let step = places.len().div_ceil(MEASURED).max(1);
            let measured: Vec<Coord> = places.iter().step_by(step).copied().collect();
            measure(&measured, &extent, open, &mut Vec::new(), progress)?.map(|(near, _)| near)
        }
        None => None,
    };
    let reference = extent.and_then(|extent| nearest(&extent, correction.to.datum(), &references));
    let position = extent.map(|extent| extent.center());
    let place = position.filter(|at| places::is_in_china(*at)).and_then(places::nearest);
    let hypothesis = Hypothesis { position, place, ..hypothesis };
    Ok(Ranked { reference, extent, near, correction: Some(correction), ..Ranked::unplaced(hypothesis) })
}

/// Coordinates of the file in its own order, of the commonest shape where most are of one.
fn probes(patient: &Patient) -> Vec<Coord> {
    let total: usize = patient.layers.iter().flat_map(|l| &l.blocks).map(|block| block.geometry.coords().len()).sum();
    let step = total.div_ceil(PROBES).max(1);
    let own = |layer: &Layer, c: &Coord| if layer.axes_swapped { Coord { x: c.y, y: c.x } } else { *c };
    let all = patient.layers.iter().flat_map(|layer| {
        let coords = layer.blocks.iter().flat_map(|block| block.geometry.coords());
        coords.map(move |c| own(layer, c))
    });
    let probes: Vec<Coord> = all.step_by(step).filter(|c| c.x.is_finite() && c.y.is_finite()).collect();
    let Some((shape, _)) = patient.sample.majority() else { return probes };
    let of_shape: Vec<Coord> = probes.iter().filter(|c| Shape::of(**c) == shape).copied().collect();
    if 2 * of_shape.len() > probes.len() { of_shape } else { probes }
}

/// Every reading that the numbers allow, each once.
fn candidates(patient: &Patient, probes: &[Coord]) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    let mut add = |hypothesis: Hypothesis, correction: Option<Correction>, needs_reference: bool| {
        let same = |known: &Candidate| {
            known.hypothesis.crs == hypothesis.crs
                && known.hypothesis.swap_axes == hypothesis.swap_axes
                && known.correction == correction
        };
        if !found.iter().any(same) {
            found.push(Candidate { hypothesis, correction, needs_reference });
        }
    };
    let bare = |sample: &Sample| decide(&Clues { user: None, declared: None, format_default: None, sample }).hypotheses;
    let packed = packed::readings(probes);
    // Where all digits are minutes and seconds, decimal degrees are the less likely reading.
    let doubt = packed.iter().map(|reading| reading.likelihood).fold(0.0, f64::max);
    for hypothesis in &patient.decision.hypotheses {
        let score = hypothesis.score * if hypothesis.crs.is_geographic() { 1.0 - 0.9 * doubt } else { 1.0 };
        add(Hypothesis { score, ..hypothesis.clone() }, None, false);
    }
    let label_score = if patient.decision.certain { 0.5 } else { 1.0 };
    for hypothesis in bare(patient.sample) {
        let doubted = if hypothesis.crs.is_geographic() { 1.0 - 0.9 * doubt } else { 1.0 };
        let score = hypothesis.score * label_score * doubted;
        add(Hypothesis { score, ..hypothesis }, None, false);
    }
    for reading in packed {
        let correction = Correction {
            kind: CorrectionKind::Unpacked(reading.packing),
            from: Crs::cgcs2000(),
            to: Crs::cgcs2000(),
            swap_axes: reading.swap_axes,
        };
        let reason =
            Message::new(if reading.swap_axes { "doctor.reading-packed-swapped" } else { "doctor.reading-packed" })
                .with("form", reading.packing.name())
                .with("probed", reading.compared);
        add(unplaced(Crs::cgcs2000(), reading.swap_axes, 0.95 * reading.likelihood, reason), Some(correction), false);
    }
    // With axes exchanged, where the numbers do not show it.
    let turned = Sample::of(&probes.iter().map(|c| Coord { x: c.y, y: c.x }).collect::<Vec<_>>());
    for hypothesis in bare(&turned) {
        let swap_axes = !hypothesis.swap_axes;
        let reason = Message::new("doctor.reading-exchanged").with_message("reason", &hypothesis.reason);
        let score = 0.3 * hypothesis.score;
        let crs = hypothesis.crs.clone();
        let known = patient.decision.hypotheses.iter().any(|known| known.crs == crs && known.swap_axes == swap_axes);
        if !known && swap_axes {
            let kind = CorrectionKind::Exchanged;
            let correction = Correction { kind, from: crs.clone(), to: crs, swap_axes };
            add(Hypothesis { swap_axes, score, reason, ..hypothesis }, Some(correction), false);
        }
    }
    let is_odd = patient.sample.majority().is_some_and(|(shape, _)| shape == Shape::Other);
    for unit in LengthUnit::ALL {
        let metres = unit.metres();
        let scaled = Sample::of(&probes.iter().map(|c| Coord { x: c.x * metres, y: c.y * metres }).collect::<Vec<_>>());
        let in_metres = |shape: Shape| !shape.is_degrees() && !matches!(shape, Shape::Other | Shape::WebMercator);
        if !scaled.majority().is_some_and(|(shape, _)| in_metres(shape)) {
            continue;
        }
        // The two feet differ by 8 m in the north of a zone; the one of the survey of another country is the rarer.
        let rarity = if unit == LengthUnit::SurveyFoot { 0.4 } else { 0.7 };
        for hypothesis in bare(&scaled).into_iter().filter(|h| h.crs.gauss_kruger().is_some() && !h.needs_parameters())
        {
            let correction = Correction {
                kind: CorrectionKind::Scaled(unit),
                from: hypothesis.crs.clone(),
                to: hypothesis.crs.clone(),
                swap_axes: hypothesis.swap_axes,
            };
            let reason = Message::new("doctor.reading-unit")
                .with_said("unit", |language| tr(language, unit.key()).to_owned())
                .with_message("reason", &hypothesis.reason);
            let score = hypothesis.score * if is_odd { rarity } else { 0.1 * rarity };
            add(Hypothesis { score, reason, ..hypothesis }, Some(correction), !is_odd);
        }
    }
    for (crs, swap_axes, reason) in misnumbered(patient.sample) {
        add(unplaced(crs, swap_axes, 0.1, reason), None, true);
    }
    found
}

/// Eastings with the number of one zone over the meridian of its neighbour: whoever wrote the number took the wrong one.
fn misnumbered(sample: &Sample) -> Vec<(Crs, bool, Message)> {
    let Some((shape, _)) = sample.majority() else { return Vec::new() };
    let width_deg: u8 = match shape {
        Shape::Prefixed3 | Shape::Prefixed3Swapped => 3,
        Shape::Prefixed6 | Shape::Prefixed6Swapped => 6,
        _ => return Vec::new(),
    };
    let Some((number, _)) = sample.prefixes().first().copied() else { return Vec::new() };
    let neighbour = |other: Option<u8>| {
        let zone = zones::zone(Datum::Cgcs2000, width_deg, other?, true)?;
        let easting = 1e6 * f64::from(number) + 500_000.0;
        let definition = format!(
            "+proj=tmerc +lat_0=0 +lon_0={} +k=1 +x_0={easting} +y_0=0 +ellps=GRS80 +units=m +no_defs",
            zone.central_meridian_deg
        );
        let reason = Message::new("doctor.reading-misnumbered")
            .with("number", number)
            .with("zone", zone.zone)
            .with("meridian", zone.central_meridian_deg);
        // A definition of numbers only, which PROJ knows; without it one reading less.
        Some((Crs::parse(&definition).ok()?, shape.is_swapped(), reason))
    };
    [number.checked_sub(1), number.checked_add(1)].into_iter().filter_map(neighbour).collect()
}

/// The same readings with a web map's scrambling undone: of the first that lie in China on a global datum.
fn web_maps(candidates: &[Candidate], references: &[Placed]) -> Vec<Candidate> {
    // In a plane only where that lies beside an open layer: web maps give degrees, and somebody projected them.
    let is_beside = |at: Coord| references.iter().any(|placed| near::grown(&placed.extent, 50_000.0).contains(at));
    let plain = candidates.iter().filter(|candidate| {
        let datum = candidate.hypothesis.crs.datum();
        let is_here = candidate.hypothesis.crs.is_geographic() || candidate.hypothesis.position.is_some_and(is_beside);
        candidate.correction.is_none() && datum.agrees_with(Datum::Wgs84) && is_here
    });
    let mut seen: Vec<&Crs> = Vec::new();
    let mut found = Vec::new();
    for candidate in plain {
        let crs = &candidate.hypothesis.crs;
        if seen.iter().any(|known| known.has_same_coordinates(crs)) || seen.len() >= 24 {
            continue;
        }
        seen.push(crs);
        for map in WebMap::ALL {
            // Degrees on WGS 84 become those of CGCS2000: they agree, and areas are measured on it.
            let to = if crs.is_geographic() { Crs::cgcs2000() } else { crs.clone() };
            let swap_axes = candidate.hypothesis.swap_axes;
            let reason = Message::new("doctor.reading-web-map").with("map", map.name());
            let correction = Correction::unscrambled(map, to.clone(), swap_axes);
            let score = candidate.hypothesis.score * if map == WebMap::Gcj02 { 0.2 } else { 0.1 };
            let hypothesis = unplaced(to, swap_axes, score, reason);
            // Without a layer to compare with, only degrees come from web maps.
            let needs_reference = !crs.is_geographic();
            found.push(Candidate { hypothesis, correction: Some(correction), needs_reference });
        }
    }
    found
}

fn unplaced(crs: Crs, swap_axes: bool, score: f64, reason: Message) -> Hypothesis {
    Hypothesis { crs, swap_axes, score, reason, position: None, place: None }
}

/// Where the probes lie in a reading, in degrees on its datum; `None` where none does.
fn places_of(crs: &Crs, swap_axes: bool, correction: Option<&Correction>, probes: &[Coord]) -> Option<Vec<Coord>> {
    let corrector = correction.map(Correction::prepare).transpose().ok()?; // no way, no place
    let to_degrees = Reprojector::new(crs, &crs.geographic()).ok()?;
    let place = |c: &Coord| {
        let c = if swap_axes { Coord { x: c.y, y: c.x } } else { *c };
        let c = match &corrector {
            Some(corrector) => corrector.convert_one(c)?,
            None => c,
        };
        to_degrees.convert_one(c)
    };
    let places: Vec<Coord> = probes.iter().filter_map(place).collect();
    // A reading in which most has no place is none.
    (2 * places.len() > probes.len()).then_some(places)
}

/// The extent of places without the outermost hundredth on each side, where there are enough: strays are no extent.
fn trimmed(places: &[Coord]) -> Extent {
    let cut = if places.len() >= 200 { places.len() / 100 } else { 0 };
    let range = |value: &dyn Fn(&Coord) -> f64| {
        let mut values: Vec<f64> = places.iter().map(value).collect();
        values.sort_unstable_by(f64::total_cmp);
        (values[cut], values[values.len() - 1 - cut])
    };
    let ((x1, x2), (y1, y2)) = (range(&|c| c.x), range(&|c| c.y));
    Extent { min: Coord { x: x1, y: y1 }, max: Coord { x: x2, y: y2 } }
}

/// What the place beside the open layers makes of a score.
fn beside(reference: Option<&super::Reference>, has_references: bool) -> f64 {
    match reference {
        Some(reference) => super::nearness(reference) * if reference.approximate { 0.2 } else { 1.0 },
        None if has_references => 0.02,
        None => 1.0,
    }
}

/// How places lie beside the open layer that they come nearest to, and which that is.
fn measure(
    places: &[Coord],
    extent: &Extent,
    open: &[&Layer],
    known: &mut Vec<(usize, Option<Lines>)>,
    progress: &Progress,
) -> Result<Option<(Nearness, usize)>, Cancelled> {
    let mut best: Option<(Nearness, usize)> = None;
    let reach = near::grown(extent, near::REACH_M);
    for (at, layer) in open.iter().enumerate() {
        let Some(other) = super::degrees(&layer.crs, &layer.extent()) else { continue };
        if !layer.crs.datum().agrees_with(Datum::Wgs84) || !reach.intersects(&other) {
            continue;
        }
        let place = match known.iter().position(|(of, _)| *of == at) {
            Some(place) => place,
            None => {
                // The whole of what the readings can meet: they lie side by side.
                known.push((at, Lines::of(layer, &other.common(&near::grown(&reach, 50_000.0)), progress)?));
                known.len() - 1
            }
        };
        let Some(found) = known[place].1.as_ref().and_then(|lines| lines.nearness(places)) else { continue };
        // What meets at a corner only says nothing.
        let enough = found.probed_count * 20 >= places.len();
        if enough && best.is_none_or(|(best, _)| found.median_m < best.median_m) {
            best = Some((found, at));
        }
    }
    Ok(best)
}

fn lines_of(known: &[(usize, Option<Lines>)], at: usize) -> Option<&Lines> {
    known.iter().find(|(of, _)| *of == at)?.1.as_ref()
}

/// What is to be said where places come to the lines of an open layer only once they are scrambled: then it is the layer
/// that is.
fn turned_round(places: &[Coord], before: Nearness, name: &str, lines: Option<&Lines>) -> Option<Message> {
    let lines = lines?;
    let of = |map: WebMap| {
        let scrambled: Vec<Coord> = places.iter().map(|place| map.scrambled(*place)).collect();
        Some((map, lines.nearness(&scrambled)?))
    };
    let found = WebMap::ALL.into_iter().filter_map(of).min_by(|a, b| a.1.median_m.total_cmp(&b.1.median_m));
    let (map, after) = found?;
    let convinces = after.probed_count >= 30 && after.median_m <= 100.0 && after.median_m <= 0.3 * before.median_m;
    convinces.then(|| {
        Message::new("doctor.reference-scrambled")
            .with("layer", name)
            .with("map", map.name())
            .with("before", format!("{:.0}", before.median_m))
            .with("after", format!("{:.0}", after.median_m))
    })
}

/// A scrambling is likely where undoing it brings the lines together, or the fields say so; elsewhere it is a last resort.
fn weigh_web_maps(ranked: &mut [Ranked], by_fields: Option<WebMap>, has_lines: bool) {
    let map_of = |ranked: &Ranked| match ranked.correction.as_ref()?.kind {
        CorrectionKind::Unscrambled(map) => Some(map),
        _ => None,
    };
    let plain: Vec<(Crs, Option<Nearness>, f64)> = ranked
        .iter()
        .filter(|ranked| ranked.correction.is_none())
        .map(|ranked| (ranked.hypothesis.crs.clone(), ranked.near, ranked.score))
        .collect();
    let parent = |crs: &Crs| plain.iter().find(|(known, ..)| known.has_same_coordinates(crs));
    let mut doubted: Vec<Crs> = Vec::new();
    for entry in ranked.iter_mut() {
        let Some(map) = map_of(entry) else { continue };
        let Some((crs, before, score)) = parent(&entry.hypothesis.crs) else { continue };
        let convinces = match (before, entry.near) {
            (Some(before), Some(after)) => {
                after.probed_count >= 8 && after.median_m <= 100.0 && after.median_m <= 0.5 * before.median_m
            }
            _ => false,
        };
        if convinces {
            let (before, after) = (before.map_or(0.0, |n| n.median_m), entry.near.map_or(0.0, |n| n.median_m));
            entry.hypothesis.reason = Message::new("doctor.reading-web-map-fits")
                .with("map", map.name())
                .with("before", format!("{before:.0}"))
                .with("after", format!("{after:.0}"));
            entry.score = (0.5 + 0.48 * score.min(1.0)) / (1.0 + after / 100.0);
            doubted.push(crs.clone());
        } else if by_fields == Some(map) && !has_lines {
            entry.hypothesis.reason = Message::new("doctor.reading-web-map-fields").with("map", map.name());
            entry.score = 0.95 * score;
            doubted.push(crs.clone());
        } else if has_lines {
            entry.score *= 0.2;
        }
    }
    for entry in ranked.iter_mut().filter(|entry| entry.correction.is_none()) {
        if doubted.iter().any(|crs| crs.has_same_coordinates(&entry.hypothesis.crs)) {
            entry.score *= 0.3;
        }
    }
}

/// In the order of their scores, the best of each system and correction once, the first marked where it stands out.
fn settled(mut ranked: Vec<Ranked>) -> Vec<Ranked> {
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut seen: HashSet<String> = HashSet::new();
    ranked.retain(|entry| {
        let correction = entry.correction.as_ref().map(|correction| correction.kind);
        seen.insert(format!("{} {} {correction:?}", entry.hypothesis.crs.code(), entry.hypothesis.swap_axes))
    });
    ranked.truncate(MOST);
    award(&mut ranked);
    ranked
}

#[cfg(test)]
mod tests;
