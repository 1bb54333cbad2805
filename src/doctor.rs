//! The CRS doctor: what a file's coordinates most likely mean, judged by the layers that are already open.
//!
//! [`crate::crs::decide()`] looks at one file alone. Here its readings are laid over the open layers: the one that falls
//! on them is the likeliest, whatever its score was. Nothing is decided here: the window shows the ranking and the user
//! chooses. Positions scrambled by a web map cannot be told from the numbers, only from vertices that fall on those of
//! an open layer once the scrambling is undone ([`web_map`]).
//!
//! [`rank`] is the quick answer for a file that has just come; [`diagnose`] is the whole examination, with readings that
//! need a correction ([`crate::crs::Correction`]) and the distance of lines from those of open layers ([`near`]). The
//! parameters of a city's plane come from pairs of points ([`fit`]), the place of a scan from its control points ([`placing`]).

use std::sync::Arc;

use geo_types::Coord;

use crate::crs::decide::{Decision, Hypothesis, Sample};
use crate::crs::{Correction, Crs, Datum, Reprojector, places};
use crate::io::OpenOptions;
use crate::model::{Extent, Layer};
use crate::text::{Language, Message, tr};

pub mod diagnosis;
pub mod fit;
pub mod near;
pub mod packed;
pub mod placing;
pub mod web_map;

pub use diagnosis::{Diagnosis, Patient, diagnose};
pub use near::Nearness;
pub use web_map::{WebMap, WebMapFinding};

/// Distance in kilometres at which nearness counts half.
const NEAR_KM: f64 = 50.0;

/// About how far Xian 1980 and Beijing 1954 lie from CGCS2000, in kilometres.
const DATUM_SHIFT_KM: f64 = 0.1;

/// Share of the reading's extent that an open layer must cover for a reading to be called the likeliest.
const CONVINCING_OVERLAP: f64 = 0.5;

/// What must be said where areas of a layer are shown: its coordinates are scrambled or packed, so that areas mean nothing.
pub fn area_warning(layer: &Layer) -> Option<Message> {
    let is_packed = layer.issues.iter().any(|issue| issue.message.key == "doctor.packed");
    (is_packed || web_map::is_flagged(layer)).then(|| Message::new("doctor.area-shifted"))
}

/// What must be said of a report whose areas rest on `layers`: of each that [`area_warning`] is about, once.
pub fn area_warnings<'l>(layers: impl IntoIterator<Item = &'l Layer>) -> Vec<Message> {
    let mut names: Vec<&str> = Vec::new();
    for layer in layers {
        if area_warning(layer).is_some() && !names.contains(&layer.name.as_str()) {
            names.push(&layer.name);
        }
    }
    names.into_iter().map(|name| Message::new("doctor.areas-rest-on").with("layer", name)).collect()
}

/// An area of a layer as it is shown, marked where [`area_warning`] has something to say.
pub fn marked_area(layer: &Layer, figure: String, language: Language) -> String {
    match area_warning(layer) {
        Some(_) => Message::new("doctor.area-doubted").with("area", figure).text(language),
        None => figure,
    }
}

/// A reading laid over the open layers.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// The reading.
    pub hypothesis: Hypothesis,
    /// Rank among the readings of this file, 0 to 1.
    pub score: f64,
    /// The open layer that it falls on or next to; `None` where nothing is open or the reading has no position.
    pub reference: Option<Reference>,
    /// The word that the list shows beside it.
    pub badge: Badge,
    /// What must be undone for this reading.
    pub correction: Option<Correction>,
    /// Where the data then lie, in degrees on its datum; `None` where they have no place.
    pub extent: Option<Extent>,
    /// How near its lines come to those of the open layer that they come nearest to, where that was measured.
    pub near: Option<Nearness>,
}

/// Where a reading lies beside the nearest open layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// Name of the open layer.
    pub layer: String,
    /// Kilometres between the two extents; 0 where they meet.
    pub distance_km: f64,
    /// Share of the reading's extent that the open layer's extent covers, 0 to 1.
    pub overlap: f64,
    /// Whether the two stand on datums that cannot be laid over each other without parameters, so that the distance is
    /// good to some 100 m only.
    pub approximate: bool,
}

/// What a reading is marked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Badge {
    /// First of the list, and nothing else comes near.
    Likeliest,
    /// Needs transformation parameters before it can be laid over the other layers.
    NeedsParameters,
    /// Nothing to say.
    None,
}

impl Badge {
    /// Its text, empty for [`Badge::None`].
    pub fn text(self, language: Language) -> &'static str {
        match self {
            Self::Likeliest => tr(language, "doctor.likeliest"),
            Self::NeedsParameters => tr(language, "doctor.needs-parameters"),
            Self::None => "",
        }
    }
}

impl Ranked {
    /// A reading that was laid over nothing.
    fn unplaced(hypothesis: Hypothesis) -> Self {
        let badge = if hypothesis.needs_parameters() { Badge::NeedsParameters } else { Badge::None };
        Self { score: hypothesis.score, hypothesis, reference: None, badge, correction: None, extent: None, near: None }
    }

    /// The CRS that a layer read so is in.
    pub fn crs(&self) -> &Crs {
        self.correction.as_ref().map_or(&self.hypothesis.crs, |correction| &correction.to)
    }

    /// Its name for lists: the CRS, and what is undone.
    pub fn title(&self, language: Language) -> String {
        let crs = self.crs().label_in(language);
        let Some(correction) = &self.correction else { return crs };
        Message::new("doctor.title-corrected")
            .with("crs", crs)
            .with("correction", correction.title(language))
            .text(language)
    }

    /// How a source is to be opened to be read so.
    pub fn options(&self) -> OpenOptions {
        match &self.correction {
            Some(correction) => {
                OpenOptions { correction: Some(Arc::new(correction.clone())), ..OpenOptions::default() }
            }
            None => OpenOptions { crs: Some(self.hypothesis.crs.clone()), ..OpenOptions::default() },
        }
    }

    /// Everything that speaks for it or against it, a line each: reason, place, open layer, residual.
    pub fn details(&self, language: Language) -> Vec<String> {
        let place = match (self.position_text(), self.place_text(language)) {
            (position, place) if place.is_empty() => position,
            (position, place) => {
                Message::new("doctor.place").with("position", position).with("place", place).text(language)
            }
        };
        let lines =
            [self.hypothesis.reason.text(language), place, self.reference_text(language), self.residual_text(language)];
        lines.into_iter().filter(|line| !line.is_empty()).collect()
    }

    /// Where its middle lies in degrees, `117.05120°E 36.80340°N`; empty where nowhere.
    pub fn position_text(&self) -> String {
        let Some(at) = self.hypothesis.position else { return String::new() };
        let side = |v: f64, plus: char, minus: char| format!("{:.5}°{}", v.abs(), if v < 0.0 { minus } else { plus });
        format!("{} {}", side(at.x, 'E', 'W'), side(at.y, 'N', 'S'))
    }

    /// The name of its place; empty outside China.
    pub fn place_text(&self, language: Language) -> String {
        self.hypothesis.place.as_ref().map_or_else(String::new, |place| place.text(language))
    }

    /// How it goes with the open layer: overlap and distance, in words; empty without one.
    pub fn reference_text(&self, language: Language) -> String {
        match &self.reference {
            Some(reference) if reference.overlap > 0.0 => Message::new("doctor.overlap")
                .with("layer", &reference.layer)
                .with("share", format!("{:.1}", 100.0 * reference.overlap))
                .text(language),
            Some(reference) => Message::new("doctor.apart-from")
                .with("layer", &reference.layer)
                .with("distance", self.distance_text(language))
                .text(language),
            None => String::new(),
        }
    }

    /// How near its lines come to those of an open layer, in words; empty where that was not measured.
    pub fn residual_text(&self, language: Language) -> String {
        let Some(near) = self.near else { return String::new() };
        Message::new("doctor.residual")
            .with("median", metres(near.median_m))
            .with("share", format!("{:.0}", 100.0 * near.same_count as f64 / near.probed_count.max(1) as f64))
            .with("probed", near.probed_count)
            .text(language)
    }

    /// Why it stands where it stands: `与已打开的城镇开发边界重叠 99.6 %`, else the reading's own reason and place.
    pub fn text(&self, language: Language) -> String {
        match &self.reference {
            _ if self.hypothesis.needs_parameters() => self.hypothesis.reason.text(language),
            _ if self.correction.is_some() => self.hypothesis.text(language),
            Some(reference) if reference.overlap > 0.0 => Message::new("doctor.overlap")
                .with("layer", &reference.layer)
                .with("share", format!("{:.1}", 100.0 * reference.overlap))
                .text(language),
            _ => self.hypothesis.text(language),
        }
    }

    /// The distance in words, `相距 267 km`; empty without a reference.
    pub fn distance_text(&self, language: Language) -> String {
        let Some(reference) = &self.reference else { return String::new() };
        let km = reference.distance_km;
        if reference.approximate {
            let km = km.max(DATUM_SHIFT_KM);
            return Message::new("doctor.about").with("km", kilometres(km)).text(language);
        }
        let key = if km < 1.0 { "doctor.from-reference" } else { "doctor.apart" };
        Message::new(key).with("km", kilometres(km)).text(language)
    }
}

/// Metres for a list: two decimals below ten, none above.
fn metres(m: f64) -> String {
    if m < 10.0 { format!("{m:.2}") } else { crate::units::format_number(m, 0) }
}

/// Kilometres for a list: a decimal below ten, none above.
fn kilometres(km: f64) -> String {
    if km < 10.0 { format!("{km:.1}") } else { crate::units::format_number(km, 0) }
}

/// The readings of a decision, ranked by where they fall beside the open layers; without open layers as they were.
///
/// `sample` is what the decision was made from.
pub fn rank(decision: &Decision, sample: &Sample, open: &[&Layer]) -> Vec<Ranked> {
    let references: Vec<Placed> = open.iter().filter_map(|layer| Placed::of_layer(layer)).collect();
    let mut ranked: Vec<Ranked> = decision
        .hypotheses
        .iter()
        .map(|hypothesis| {
            let extent = extent_of_reading(hypothesis, sample);
            let reference = extent.and_then(|extent| nearest(&extent, hypothesis.crs.datum(), &references));
            let score = match &reference {
                None if references.is_empty() => hypothesis.score,
                None => 0.02 * hypothesis.score,
                Some(reference) => nearness(reference) * hypothesis.score,
            };
            // What cannot be laid over the map is offered after what can.
            let convertible = reference.as_ref().is_none_or(|reference| !reference.approximate);
            let score = if convertible { score } else { 0.2 * score };
            Ranked { score, reference, extent, ..Ranked::unplaced(hypothesis.clone()) }
        })
        .collect();
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score));
    award(&mut ranked);
    ranked
}

/// Degrees that two extents differ by at most, where they are of one place: 0.1 mm.
const SAME_DEG: f64 = 1e-9;

/// Marks the first of a sorted list where it stands out.
fn award(ranked: &mut [Ranked]) {
    let convincing =
        |r: &Ranked| r.hypothesis.score >= 0.9 || r.reference.as_ref().is_some_and(|r| r.overlap >= CONVINCING_OVERLAP);
    let lead = match &*ranked {
        [first, others @ ..] => {
            // The same place under another name is no rival.
            let datum = |r: &Ranked| r.crs().datum();
            let lies_there = |other: &Ranked| {
                let extents = first.extent.zip(other.extent).filter(|_| datum(first).agrees_with(datum(other)));
                extents.is_some_and(|(a, b)| {
                    let ends = [(a.min.x, b.min.x), (a.min.y, b.min.y), (a.max.x, b.max.x), (a.max.y, b.max.y)];
                    ends.into_iter().all(|(a, b)| (a - b).abs() < SAME_DEG)
                })
            };
            let same = |other: &&Ranked| {
                lies_there(other)
                    || other.correction == first.correction
                        && other.hypothesis.swap_axes == first.hypothesis.swap_axes
                        && other.hypothesis.crs.has_same_coordinates(&first.hypothesis.crs)
            };
            // One that misses lines which the first meets is none either.
            let beaten = |other: &Ranked| first.near.zip(other.near).is_some_and(|(own, theirs)| own.beats(&theirs));
            others
                .iter()
                .find(|other| !same(other) && !beaten(other))
                .is_none_or(|second| first.score >= 2.0 * second.score)
        }
        [] => false,
    };
    if let Some(first) = ranked.first_mut()
        && first.badge == Badge::None
        && lead
        && convincing(first)
    {
        first.badge = Badge::Likeliest;
    }
}

/// Extent of an open layer or a reading, in degrees on its datum.
struct Placed<'a> {
    name: &'a str,
    datum: Datum,
    extent: Extent,
}

impl<'a> Placed<'a> {
    fn of_layer(layer: &'a Layer) -> Option<Self> {
        let extent = degrees(&layer.crs, &layer.extent())?;
        Some(Self { name: &layer.name, datum: layer.crs.datum(), extent })
    }
}

/// How well a reading goes with its reference: 0.5 to 1 by overlap, below that by distance.
fn nearness(reference: &Reference) -> f64 {
    if reference.overlap > 0.0 { 0.5 + 0.5 * reference.overlap } else { 0.5 / (1.0 + reference.distance_km / NEAR_KM) }
}

/// Kilometres between the extents of two layers; 0 where they meet, `None` where one has no place on the map.
pub fn apart_km(a: &Layer, b: &Layer) -> Option<f64> {
    Some(distance_km(&degrees(&a.crs, &a.extent())?, &degrees(&b.crs, &b.extent())?))
}

/// The reading of a file whose CRS was guessed that falls on layers whose CRS is known; `None` where none does, or the
/// guess is it already.
pub fn reading_beside(decision: &Decision, sample: &Sample, known: &[&Layer]) -> Option<Hypothesis> {
    let ranked = rank(decision, sample, known);
    let first = ranked.into_iter().next()?;
    // Next to them is near enough: what is guessed wrong lies zones away.
    const BESIDE_KM: f64 = 20.0;
    let beside = first.reference.as_ref().is_some_and(|reference| reference.distance_km <= BESIDE_KM);
    let same = first.hypothesis.crs == decision.crs && first.hypothesis.swap_axes == decision.swap_axes;
    (beside && !same).then_some(first.hypothesis)
}

/// Extent of a reading in degrees on its datum.
pub fn extent_of_reading(hypothesis: &Hypothesis, sample: &Sample) -> Option<Extent> {
    let (_, tally) = sample.majority()?;
    let tally = if hypothesis.swap_axes { tally.swapped() } else { tally };
    degrees(&hypothesis.crs, &Extent { min: tally.min, max: tally.max })
}

/// An extent as degrees on the datum of its CRS; `None` where it is empty or has no image.
pub fn degrees(crs: &Crs, extent: &Extent) -> Option<Extent> {
    if extent.is_empty() {
        return None;
    }
    // Systems that no way leads from have no place on the map.
    let to_degrees = Reprojector::new(crs, &crs.geographic()).ok()?;
    let mut image = Extent::EMPTY;
    // Sides of a plane extent are curved in degrees: corners, middles and quarters find their reach well enough.
    for i in 0..=4 {
        for j in 0..=4 {
            let at = Coord {
                x: extent.min.x + extent.width() * f64::from(i) / 4.0,
                y: extent.min.y + extent.height() * f64::from(j) / 4.0,
            };
            image.add(to_degrees.convert_one(at)?);
        }
    }
    Some(image)
}

/// Where layers that were read together lie beside the open ones: the one that covers most of them, or lies nearest.
/// `None` where nothing is open or they have no place.
pub fn beside(layers: &[Layer], open: &[&Layer]) -> Option<Reference> {
    let references: Vec<Placed> = open.iter().filter_map(|layer| Placed::of_layer(layer)).collect();
    let mut extent = Extent::EMPTY;
    for placed in layers.iter().filter_map(Placed::of_layer) {
        extent.union(&placed.extent);
    }
    let datum = layers.first()?.crs.datum();
    if extent.is_empty() { None } else { nearest(&extent, datum, &references) }
}

/// The open layer that covers most of an extent, or lies nearest.
fn nearest(extent: &Extent, datum: Datum, references: &[Placed]) -> Option<Reference> {
    references
        .iter()
        .map(|placed| Reference {
            layer: placed.name.to_owned(),
            distance_km: distance_km(extent, &placed.extent),
            overlap: overlap(extent, &placed.extent),
            approximate: !datum.agrees_with(placed.datum)
                && (datum.needs_parameters() || placed.datum.needs_parameters()),
        })
        .min_by(|a, b| b.overlap.total_cmp(&a.overlap).then(a.distance_km.total_cmp(&b.distance_km)))
}

/// Share of `extent` that `other` covers. What has no width or height (a point, a straight line) counts by its length.
fn overlap(extent: &Extent, other: &Extent) -> f64 {
    if !extent.intersects(other) {
        return 0.0;
    }
    let share = |min: f64, max: f64, other_min: f64, other_max: f64| {
        if max > min { (max.min(other_max) - min.max(other_min)) / (max - min) } else { 1.0 }
    };
    share(extent.min.x, extent.max.x, other.min.x, other.max.x)
        * share(extent.min.y, extent.max.y, other.min.y, other.max.y)
}

/// Kilometres between two extents in degrees; 0 where they meet.
fn distance_km(a: &Extent, b: &Extent) -> f64 {
    // The nearest values of the two ranges: equal where they share one.
    let nearest = |a_min: f64, a_max: f64, b_min: f64, b_max: f64| {
        if a_max < b_min {
            (a_max, b_min)
        } else if b_max < a_min {
            (a_min, b_max)
        } else {
            let shared = f64::midpoint(a_min.max(b_min), a_max.min(b_max));
            (shared, shared)
        }
    };
    let (ax, bx) = nearest(a.min.x, a.max.x, b.min.x, b.max.x);
    let (ay, by) = nearest(a.min.y, a.max.y, b.min.y, b.max.y);
    places::distance_m(Coord { x: ax, y: ay }, Coord { x: bx, y: by }) / 1e3
}

#[cfg(test)]
mod tests;
