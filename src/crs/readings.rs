//! What coordinates can mean by themselves: every reading that their ranges allow, scored.
//!
//! A score is a rank, not a probability: 0.9 and more for the one reading that the ranges leave, 0.3 to 0.8 for one of
//! several, under 0.3 for what is possible but unlikely (another datum, another projection, a place outside China).

use geo_types::Coord;

use super::places::{self, Place};
use super::sample::{EASTING_M, Sample, Shape, Tally};
use super::{Crs, Datum, Reprojector, zones};
use crate::text::{Language, Message};

/// Most readings that are offered.
const LIMIT: usize = 40;

/// One reading of a file's coordinates.
#[derive(Clone, Debug, PartialEq)]
pub struct Hypothesis {
    /// The CRS of this reading.
    pub crs: Crs,
    /// Whether northing or latitude comes first in the file.
    pub swap_axes: bool,
    /// Rank, 0 to 1.
    pub score: f64,
    /// Why it fits, or how badly.
    pub reason: Message,
    /// Middle of the coordinates in this reading: degrees on its datum, longitude first.
    pub position: Option<Coord>,
    /// Where that is.
    pub place: Option<Place>,
}

impl Hypothesis {
    /// A reading of the coordinates in `tally`, given in the order of the file.
    pub(super) fn new(crs: Crs, swap_axes: bool, score: f64, reason: Message, tally: &Tally) -> Self {
        let position = position(&crs, &if swap_axes { tally.swapped() } else { *tally });
        Self { place: position.and_then(places::nearest), crs, swap_axes, score, reason, position }
    }

    /// The reason, and where the data then lie: `坐标范围符合；位置在济南东北约 23 km`.
    pub fn text(&self, language: Language) -> String {
        match &self.place {
            Some(place) => Message::new("crs.reading")
                .with("reason", self.reason.text(language))
                .with("place", place.text(language))
                .text(language),
            None => self.reason.text(language),
        }
    }

    /// Whether laying it over data of another datum needs transformation parameters.
    pub fn needs_parameters(&self) -> bool {
        self.crs.datum().needs_parameters()
    }
}

/// Middle of an extent (in x, y order of `crs`) as degrees on its datum; `None` where it has no image.
fn position(crs: &Crs, tally: &Tally) -> Option<Coord> {
    // Where no way leads to degrees there is nothing to show, nor of a plane that lies nowhere.
    if crs.is_local_plane() {
        return None;
    }
    Reprojector::new(crs, &crs.geographic()).ok()?.convert_one(tally.center())
}

/// All readings of a sample, best first. `hint` is what user, file or format say, where that does not fit: its datum,
/// and its meridian, still count.
pub(super) fn readings(sample: &Sample, hint: Option<&Crs>) -> Vec<Hypothesis> {
    let Some((shape, tally)) = sample.majority() else { return Vec::new() };
    let hint_datum = hint.map(Crs::datum).filter(|datum| *datum != Datum::Other);
    let mut found = match shape {
        Shape::Zero | Shape::LonLat | Shape::LatLon | Shape::Degrees | Shape::DegreesSwapped => {
            degrees(shape, &tally, hint_datum)
        }
        Shape::Prefixed3 | Shape::Prefixed3Swapped => prefixed(3, shape.is_swapped(), sample, &tally, hint_datum),
        Shape::Prefixed6 | Shape::Prefixed6Swapped => {
            let mut found = prefixed(6, shape.is_swapped(), sample, &tally, hint_datum);
            found.extend(web_mercator(&tally));
            found
        }
        Shape::Plain | Shape::PlainSwapped => plain(shape.is_swapped(), &tally, hint),
        Shape::WebMercator => web_mercator(&tally).into_iter().collect(),
        Shape::Other => elsewhere(&tally).into_iter().collect(),
    };
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    found.truncate(LIMIT);
    found
}

/// The datums of China, the likeliest first, with what their readings' scores are multiplied by.
fn datums(hint: Option<Datum>) -> Vec<(Datum, f64)> {
    let first = match hint {
        Some(datum @ (Datum::Xian1980 | Datum::Beijing1954)) => datum,
        _ => Datum::Cgcs2000,
    };
    let others = Datum::CHINA.into_iter().filter(|datum| *datum != first);
    std::iter::once((first, 1.0)).chain(others.zip([0.2, 0.1])).collect()
}

fn degrees(shape: Shape, tally: &Tally, hint: Option<Datum>) -> Vec<Hypothesis> {
    let swap = shape.is_swapped();
    let in_china = matches!(shape, Shape::LonLat | Shape::LatLon);
    let key = match (shape, swap) {
        (Shape::LonLat, _) => "crs.reading-lonlat",
        (Shape::LatLon, _) => "crs.reading-latlon",
        (_, false) => "crs.reading-degrees",
        (_, true) => "crs.reading-degrees-swapped",
    };
    let first = match hint {
        Some(datum) => datum.geographic_epsg().and_then(|code| Crs::from_epsg(code).ok()).unwrap_or_else(Crs::wgs84),
        None if in_china => Crs::cgcs2000(),
        None => Crs::wgs84(),
    };
    let first = if first.datum() == Datum::Wgs84 { Crs::wgs84() } else { first };
    let mut found = vec![Hypothesis::new(first.clone(), swap, 0.95, Message::new(key), tally)];
    // Up to 90 the second value could be a latitude of the Arctic instead.
    if shape == Shape::LatLon && tally.max.y <= 90.0 {
        found[0].score = 0.7;
        found.push(Hypothesis::new(first.clone(), false, 0.25, Message::new("crs.reading-arctic"), tally));
    }
    if in_china {
        for (datum, factor) in datums(hint).into_iter().chain([(Datum::Wgs84, 0.3)]) {
            let Some(crs) = datum.geographic_epsg().and_then(|code| Crs::from_epsg(code).ok()) else { continue };
            if datum != first.datum() {
                found.push(Hypothesis::new(crs, swap, 0.9 * factor.min(0.9), other_datum(datum, key), tally));
            }
        }
    }
    found
}

/// The reason of a reading on a datum that is not the first choice.
fn other_datum(datum: Datum, key: &'static str) -> Message {
    if datum.needs_parameters() { Message::new("crs.reading-other-datum") } else { Message::new(key) }
}

fn prefixed(width_deg: u8, swap: bool, sample: &Sample, tally: &Tally, hint: Option<Datum>) -> Vec<Hypothesis> {
    let easting = |c: Coord| if swap { c.y } else { c.x };
    let number = sample
        .prefixes()
        .into_iter()
        .map(|(zone, _)| zone)
        .find(|zone| (*zone >= 25) == (width_deg == 3))
        .unwrap_or((easting(tally.center()) / 1e6) as u8);
    let mut found = Vec::new();
    for (datum, factor) in datums(hint) {
        let Some(zone) = zones::zone(datum, width_deg, number, true) else { continue };
        let reach = [tally.min, tally.max].map(|c| easting(c) - zone.false_easting_m + 500_000.0);
        let near = reach.iter().all(|e| EASTING_M.contains(e));
        let reason = if factor == 1.0 || !datum.needs_parameters() {
            Message::new("crs.reading-prefix").with("zone", number).with("width", width_deg)
        } else {
            other_datum(datum, "crs.reading-prefix")
        };
        let mut hypothesis = Hypothesis::new(Crs::from_zone(zone), swap, 0.95 * factor, reason, tally);
        if !near {
            hypothesis.score *= 0.5;
        }
        outside_china(&mut hypothesis);
        found.push(hypothesis);
    }
    found
}

fn web_mercator(tally: &Tally) -> Option<Hypothesis> {
    let crs = Crs::web_mercator();
    let in_range = tally.min.x >= 8e6 && tally.max.x <= 1.6e7;
    in_range.then(|| {
        let mut hypothesis = Hypothesis::new(crs, false, 0.96, Message::new("crs.reading-web-mercator"), tally);
        outside_china(&mut hypothesis);
        hypothesis
    })
}

/// Metres outside China's ranges: what web maps of the rest of the world give, where nothing better is stated.
fn elsewhere(tally: &Tally) -> Option<Hypothesis> {
    let far = tally.min.x.abs().max(tally.max.x.abs());
    let high = tally.min.y.abs().max(tally.max.y.abs());
    // Nearer to (0, 0) any local plane is as likely.
    let possible = (1.2e6..=2.003_751e7).contains(&far) && high <= 2.003_751e7;
    let reason = Message::new("crs.reading-web-mercator");
    possible.then(|| Hypothesis::new(Crs::web_mercator(), false, 0.4, reason, tally))
}

/// Eastings without prefix: the meridian is unknown.
fn plain(swap: bool, tally: &Tally, hint: Option<&Crs>) -> Vec<Hypothesis> {
    let in_order = if swap { tally.swapped() } else { *tally };
    let reach_m = (in_order.min.x - 500_000.0).abs().max((in_order.max.x - 500_000.0).abs());
    let hint_zone = hint.and_then(Crs::gauss_kruger);
    let hint_datum = hint.map(Crs::datum);
    let best_share = zones::ZONES_3.map(places::share_of_zone).fold(f64::MIN_POSITIVE, f64::max);
    let datum = datums(hint_datum)[0].0;
    let mut found = Vec::new();
    for number in zones::ZONES_3 {
        let Some(zone) = zones::zone(datum, 3, number, false) else { continue };
        let crs = Crs::from_zone(zone);
        let score = 0.35 + 0.4 * places::share_of_zone(number) / best_share;
        let mut hypothesis = Hypothesis::new(crs, swap, score, Message::new("crs.reading-meridian"), tally);
        if let Some(position) = hypothesis.position
            && reach_m > half_width_m(3, position.y)
        {
            let km = format!("{:.0}", reach_m / 1e3);
            hypothesis.reason = Message::new("crs.reading-beyond-zone").with("km", km).with("width", 3);
            hypothesis.score *= 0.8;
            if let Some(six) = zones::zone_of_parameters(datum, zone.central_meridian_deg, 500_000.0, 6)
                .filter(|six| six.width_deg == 6 && reach_m <= half_width_m(6, position.y))
            {
                let reason = Message::new("crs.reading-meridian");
                hypothesis = Hypothesis::new(Crs::from_zone(six), swap, score, reason, tally);
            }
        }
        match hint_zone {
            Some(stated) if stated.central_meridian_deg == zone.central_meridian_deg => {
                hypothesis.score = 0.95;
                hypothesis.reason =
                    Message::new("crs.reading-stated-meridian").with("meridian", zone.central_meridian_deg);
            }
            Some(_) => hypothesis.score *= 0.25,
            None => {}
        }
        outside_china(&mut hypothesis);
        found.push(hypothesis);
    }
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    let best: Vec<_> = found.iter().filter(|h| h.score >= 0.3).take(2).cloned().collect();
    // Another datum in the likeliest zones, and UTM, which has the same meridians as the 6° zones.
    for hypothesis in &best {
        let Some(zone) = hypothesis.crs.gauss_kruger() else { continue };
        for (datum, factor) in datums(hint_datum).into_iter().skip(1) {
            if let Some(other) = zones::zone(datum, zone.width_deg, zone.zone, false) {
                let reason = other_datum(datum, "crs.reading-meridian");
                found.push(Hypothesis::new(Crs::from_zone(other), swap, factor, reason, tally));
            }
        }
    }
    if let Some(zone) = best.first().and_then(|h| h.crs.gauss_kruger())
        && (zone.central_meridian_deg as u32 + 183).is_multiple_of(6)
    {
        let utm = Crs::utm(((zone.central_meridian_deg as u32 + 183) / 6) as u8, true);
        found.push(Hypothesis::new(utm, swap, 0.03, Message::new("crs.reading-utm"), tally));
    }
    found
}

/// Half the width of a zone in metres on the ground at a latitude, a tenth added: surveys reach a little across.
fn half_width_m(width_deg: u8, latitude_deg: f64) -> f64 {
    1.1 * f64::from(width_deg) / 2.0 * 111_320.0 * latitude_deg.to_radians().cos()
}

/// Marks down a reading that puts the data outside China.
fn outside_china(hypothesis: &mut Hypothesis) {
    if !hypothesis.position.is_some_and(places::is_in_china) {
        hypothesis.score *= 0.05;
        hypothesis.reason = Message::new("crs.reading-outside-china");
        hypothesis.place = None;
    }
}
