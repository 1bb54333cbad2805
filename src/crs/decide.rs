//! The one decision about a file's CRS: what the user says, what the file says, what its format prescribes, in that
//! order, each checked against the numbers.
//!
//! A pure function of [`Clues`]. What fits is taken. What the numbers contradict is replaced by what they leave, where
//! that is beyond doubt: a missing or superfluous zone prefix, swapped axes, degrees labelled as metres. Otherwise the
//! readings are ranked and the decision is marked undecided: the command line takes the first and says so, the window
//! asks. Nothing is replaced silently: every departure from what was stated is an issue.

use super::correction::Correction;
use super::places;
pub use super::readings::Hypothesis;
use super::readings::readings;
pub use super::sample::{Sample, Shape, Tally};
use super::{Crs, CrsError, CrsKind, Reprojector};
use crate::text::Message;

/// Where a CRS came from, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CrsSource {
    /// The user said so.
    User,
    /// The file declares it.
    File,
    /// The format prescribes it (RFC 7946: longitude and latitude).
    Format,
    /// Guessed from the numbers.
    Numbers,
    /// Undecided: the first of several readings, to be confirmed.
    Undecided,
}

/// What a file says about its CRS.
#[derive(Clone, Debug, PartialEq)]
pub struct Declared {
    /// The file's words.
    pub text: String,
    /// The CRS that they name; `None` where they name nothing known.
    pub crs: Option<Crs>,
    /// The code that stands somewhere in words that name nothing as a whole: taken, but asked about.
    pub offered: Option<Crs>,
}

impl Declared {
    /// Reads a declaration.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        // Words that name nothing are an issue of the decision, not an error.
        let crs = Crs::declared(&text).ok();
        let offered = if crs.is_none() { super::parse::code_within(&text) } else { None };
        Self { text, crs, offered }
    }
}

/// All that is known when the CRS of a file is decided.
#[derive(Clone, Debug)]
pub struct Clues<'a> {
    /// What the user says.
    pub user: Option<Crs>,
    /// What the file says.
    pub declared: Option<Declared>,
    /// What the format prescribes; for GeoJSON [`Crs::wgs84`].
    pub format_default: Option<Crs>,
    /// The coordinates, in the order of the file.
    pub sample: &'a Sample,
}

/// The CRS of a file, how sure it is, and what else it could be.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The CRS to use.
    pub crs: Crs,
    /// Where it came from; [`CrsSource::Undecided`] unless `certain`.
    pub source: CrsSource,
    /// Whether x and y of the file must be exchanged.
    pub swap_axes: bool,
    /// Why this CRS, in a sentence.
    pub reason: Message,
    /// What the coordinates look like, in a sentence: first point, order, prefix.
    pub observation: Message,
    /// Departures from what was stated, and doubts: issues of the layer, of severity warning.
    pub issues: Vec<Message>,
    /// Every reading considered, the chosen one first.
    pub hypotheses: Vec<Hypothesis>,
    /// Whether the decision needs no confirmation.
    pub certain: bool,
}

/// Who stated a CRS.
#[derive(Clone, Copy, PartialEq)]
enum Origin {
    User,
    File,
    Format,
}

/// How a stated CRS and the numbers go together.
enum Verdict {
    Fits,
    /// With x and y exchanged; `false` where the order as it stands is possible too.
    FitsSwapped(bool),
    Contradicts,
}

/// Decides the CRS of a file.
pub fn decide(clues: &Clues) -> Decision {
    decided(clues, true)
}

/// The same without other readings where there is no doubt: for one of many pieces of a source, whose readings nobody asks for.
pub(crate) fn decide_piece(clues: &Clues) -> Decision {
    decided(clues, false)
}

fn decided(clues: &Clues, with_others: bool) -> Decision {
    let mut issues = label_issues(clues);
    let declared = clues.declared.as_ref();
    let file = declared.and_then(|declared| declared.crs.clone().or_else(|| declared.offered.clone()));
    let stated = clues
        .user
        .clone()
        .map(|crs| (crs, Origin::User))
        .or_else(|| file.map(|crs| (crs, Origin::File)))
        .or_else(|| clues.format_default.clone().map(|crs| (crs, Origin::Format)));
    let observation = observation(clues);
    if let Some((crs, Origin::Format)) = &stated
        && crs.is_local_plane()
    {
        return in_a_plane(clues, issues, observation);
    }
    let Some((_, tally)) = clues.sample.majority() else {
        let (crs, origin) = stated.unwrap_or((Crs::wgs84(), Origin::Format));
        // Where nothing is stated, nothing can be said to fit.
        let is_silent = origin == Origin::Format && declared.is_none();
        let reason = if is_silent { observation.clone() } else { stated_reason(origin, declared, &crs) };
        let (source, hypotheses) = (source(origin), Vec::new());
        return Decision { crs, source, swap_axes: false, reason, observation, issues, hypotheses, certain: true };
    };
    let Some((crs, origin)) = stated else {
        let hypotheses = readings(clues.sample, None);
        let certain = is_beyond_doubt(clues.sample, &hypotheses, None);
        return by_numbers(clues, None, hypotheses, certain, issues, observation);
    };
    let verdict = check(&crs, clues.sample, origin);
    let beyond_deg = match &verdict {
        Verdict::Fits => degrees_beyond_area(&crs, false, &tally),
        Verdict::FitsSwapped(_) => degrees_beyond_area(&crs, true, &tally),
        Verdict::Contradicts => 0.0,
    };
    let is_beyond = beyond_deg > TOLERATED_BEYOND_DEG;
    // A label that puts the data where its system is not made for is a slip of the pen. Users may know better: told.
    let verdict = if is_beyond && origin == Origin::File { Verdict::Contradicts } else { verdict };
    let (swap_axes, mut certain) = match verdict {
        Verdict::Fits => (false, true),
        Verdict::FitsSwapped(certain) => (true, certain),
        Verdict::Contradicts => {
            let hypotheses = readings(clues.sample, Some(&crs));
            let certain = is_beyond_doubt(clues.sample, &hypotheses, Some((&crs, origin)));
            return by_numbers(clues, Some((crs, origin)), hypotheses, certain, issues, observation);
        }
    };
    let reason = stated_reason(origin, declared, &crs);
    let chosen = Hypothesis::new(crs.clone(), swap_axes, 1.0, reason.clone(), &tally);
    if swap_axes {
        let key = if crs.is_geographic() { "crs.latitude-first" } else { "crs.northing-first" };
        issues.push(Message::new(key));
    }
    if is_beyond {
        let degrees = format!("{beyond_deg:.0}");
        issues
            .push(Message::new("crs.outside-area").with_said("crs", |l| crs.reference_in(l)).with("degrees", degrees));
    }
    // Metres of the size that Chinese zones have are seldom those of Web Mercator off the coast of Africa.
    let doubtful = crs.code() == "EPSG:3857" && clues.sample.majority().is_some_and(|(s, _)| s == Shape::Plain);
    if (crs.gauss_kruger().is_some() || doubtful) && !chosen.position.is_some_and(places::is_in_china) {
        issues.push(Message::new("crs.outside-china").with_said("crs", |l| crs.reference_in(l)));
        certain &= origin == Origin::User;
    }
    // A file that was left without a word, or with a word that means nothing, is taken by its format, but asked about.
    certain &= origin == Origin::User || declared.is_none_or(|declared| declared.crs.is_some());
    certain &= !note_strays(clues.sample, &crs, swap_axes, &mut issues);
    let mut hypotheses = vec![chosen];
    let others = if with_others || !certain { readings(clues.sample, Some(&crs)) } else { Vec::new() };
    hypotheses.extend(others.into_iter().filter(|h| (&h.crs, h.swap_axes) != (&crs, swap_axes)));
    let source = if certain { source(origin) } else { CrsSource::Undecided };
    if !certain {
        issues.push(undecided(&crs, hypotheses.len()));
    }
    Decision { crs, source, swap_axes, reason, observation, issues, hypotheses, certain }
}

/// The decision of a format whose coordinates are a plane unless they say otherwise, as those of drawings: what lies in
/// China, in metres or within a few degrees, is read as that; all else is a plane of its own, with the other readings
/// behind it.
fn in_a_plane(clues: &Clues, mut issues: Vec<Message>, observation: Message) -> Decision {
    let mut hypotheses = readings(clues.sample, None);
    if is_place_in_china(clues.sample) {
        let certain = is_beyond_doubt(clues.sample, &hypotheses, None);
        return by_numbers(clues, None, hypotheses, certain, issues, observation);
    }
    let (crs, reason) = (Crs::local_plane(), Message::new("crs.reason-local-plane"));
    let certain = match clues.sample.majority() {
        Some((_, tally)) => {
            let own = Hypothesis::new(crs.clone(), false, 0.6, reason.clone(), &tally);
            hypotheses.iter_mut().for_each(|other| other.score *= 0.3);
            hypotheses.insert(0, own);
            issues.push(Message::new("crs.local-plane"));
            false
        }
        None => true,
    };
    let source = if certain { CrsSource::Format } else { CrsSource::Undecided };
    Decision { crs, source, swap_axes: false, reason, observation, issues, hypotheses, certain }
}

/// Degrees that a drawing in longitude and latitude spans at the most; what spans more is a plane near its origin.
const MOST_DEGREES_DRAWN: f64 = 10.0;

/// Whether coordinates are metres of a zone in China, or longitude and latitude there throughout, of a place that is no
/// larger than a drawing is.
pub(crate) fn is_place_in_china(sample: &Sample) -> bool {
    let Some((shape, tally)) = sample.majority() else { return false };
    match shape {
        Shape::Zero | Shape::Degrees | Shape::DegreesSwapped | Shape::Other => false,
        Shape::LonLat | Shape::LatLon => {
            let span = (tally.max.x - tally.min.x).max(tally.max.y - tally.min.y);
            tally.count == sample.coord_count() && span <= MOST_DEGREES_DRAWN
        }
        _ => true,
    }
}

/// The decision where nothing is stated, or the numbers contradict what is.
fn by_numbers(
    clues: &Clues,
    stated: Option<(Crs, Origin)>,
    mut hypotheses: Vec<Hypothesis>,
    certain: bool,
    mut issues: Vec<Message>,
    observation: Message,
) -> Decision {
    let has_reading = !hypotheses.is_empty();
    if let Some((crs, _)) = &stated {
        // What was stated stays on the list, last: the user may know better.
        let tally = clues.sample.majority().map_or_else(|| clues.sample.tally(Shape::Other), |(_, tally)| tally);
        if !hypotheses.iter().any(|h| h.crs == *crs && !h.swap_axes) {
            let reason = Message::new("crs.reading-contradicted");
            let score = hypotheses.last().map_or(0.0, |last| last.score / 2.0);
            hypotheses.push(Hypothesis::new(crs.clone(), false, score, reason, &tally));
        }
    }
    let Some(first) = hypotheses.first().cloned() else {
        let crs = Crs::local_plane();
        issues.push(Message::new("crs.no-reading"));
        let (reason, source) = (Message::new("crs.reason-no-reading"), CrsSource::Undecided);
        return Decision { crs, source, swap_axes: false, reason, observation, issues, hypotheses, certain: false };
    };
    match &stated {
        Some((crs, _)) if !has_reading => {
            issues.push(Message::new("crs.no-reading-stated").with_said("crs", |l| crs.reference_in(l)));
        }
        Some((crs, origin)) => {
            let key = match origin {
                Origin::User => "crs.user-contradicted",
                Origin::File => "crs.label-contradicted",
                Origin::Format => "crs.format-contradicted",
            };
            issues.push(
                Message::new(key)
                    .with_said("stated", |l| crs.reference_in(l))
                    .with_said("crs", |l| first.crs.reference_in(l)),
            );
        }
        None => {}
    }
    if first.swap_axes {
        let key = if first.crs.is_geographic() { "crs.latitude-first" } else { "crs.northing-first" };
        issues.push(Message::new(key));
    }
    let datum_is_stated = stated.as_ref().is_some_and(|(crs, _)| crs.datum() == first.crs.datum());
    if first.crs.gauss_kruger().is_some() && !datum_is_stated {
        issues.push(Message::new("crs.datum-assumed").with_said("datum", |l| first.crs.datum().name_in(l).to_owned()));
    }
    let mixed = has_reading && note_strays(clues.sample, &first.crs, first.swap_axes, &mut issues);
    let certain = certain && !mixed && clues.declared.as_ref().is_none_or(|declared| declared.crs.is_some());
    if !certain {
        issues.push(undecided(&first.crs, hypotheses.len()));
    }
    Decision {
        crs: first.crs.clone(),
        source: if certain { CrsSource::Numbers } else { CrsSource::Undecided },
        swap_axes: first.swap_axes,
        reason: first.reason,
        observation,
        issues,
        hypotheses,
        certain,
    }
}

/// Whether the first reading may replace what was stated without asking.
fn is_beyond_doubt(sample: &Sample, hypotheses: &[Hypothesis], stated: Option<(&Crs, Origin)>) -> bool {
    let Some(first) = hypotheses.first() else { return false };
    // The second best on another place would put the data elsewhere; on another datum it lies within some 100 m.
    let rival = hypotheses[1..]
        .iter()
        .filter(|h| !h.needs_parameters())
        .find(|h| h.swap_axes != first.swap_axes || !h.crs.has_same_coordinates(&first.crs));
    if first.score < 0.9 || rival.is_some_and(|rival| rival.score >= 0.2) {
        return false;
    }
    let Some((stated, origin)) = stated else { return true };
    match (stated.gauss_kruger(), first.crs.gauss_kruger()) {
        // The meridian is what was stated, only the prefix differs.
        (Some(a), Some(b)) => a.central_meridian_deg == b.central_meridian_deg,
        // A user who says what cannot be is asked again; a format or a label is known to be wrong at times.
        _ => origin != Origin::User && sample.coord_count() > 0,
    }
}

/// How far a position may lie beyond the area of use of its system: city layers reach past the edge of one zone.
const TOLERATED_BEYOND_DEG: f64 = 3.0;

/// How many degrees of longitude or latitude the middle of the coordinates lies beyond the area of use of a CRS; 0 where
/// it lies in it, or nothing is known.
fn degrees_beyond_area(crs: &Crs, swap_axes: bool, tally: &Tally) -> f64 {
    let Some([west, south, east, north]) = crs.area_of_use() else { return 0.0 };
    let middle = Hypothesis::new(crs.clone(), swap_axes, 1.0, Message::new("crs.reading-meridian"), tally);
    let Some(at) = middle.position else { return 0.0 };
    let apart = |a: f64, b: f64| ((a - b + 540.0).rem_euclid(360.0) - 180.0).abs();
    let wide = if east >= west { east - west } else { east - west + 360.0 };
    let inside = (at.x - west).rem_euclid(360.0) <= wide;
    let beside = if inside { 0.0 } else { apart(at.x, west).min(apart(at.x, east)) };
    beside.max(south - at.y).max(at.y - north).max(0.0)
}

/// Whether the middle of the coordinates has an image in degrees that leads back to it: the range of a projection.
fn is_in_range(crs: &Crs, tally: &Tally) -> bool {
    let middle = tally.center();
    let degrees = crs.geographic();
    let (Ok(there), Ok(back)) = (Reprojector::new(crs, &degrees), Reprojector::new(&degrees, crs)) else {
        // Datums that need parameters, or PROJ without its database: nothing is known.
        return true;
    };
    let metres = crs.metres_per_unit();
    there.convert_one(middle).and_then(|at| back.convert_one(at)).is_some_and(|again| {
        let off = (again.x - middle.x).hypot(again.y - middle.y) * metres;
        off <= 1.0
    })
}

/// Whether coordinates can be in a CRS.
fn check(crs: &Crs, sample: &Sample, origin: Origin) -> Verdict {
    let Some((shape, tally)) = sample.majority() else { return Verdict::Fits };
    if crs.is_local_plane() {
        return Verdict::Fits;
    }
    match crs.kind() {
        CrsKind::Geographic => match shape {
            Shape::LatLon => Verdict::FitsSwapped(tally.max.y > 90.0),
            Shape::DegreesSwapped => Verdict::FitsSwapped(true),
            _ if shape.is_degrees() => Verdict::Fits,
            _ => Verdict::Contradicts,
        },
        CrsKind::GaussKruger(zone) => {
            let prefix = sample.prefixes().first().map(|(prefix, _)| *prefix);
            match shape {
                Shape::Plain if !zone.prefixed => Verdict::Fits,
                Shape::PlainSwapped if !zone.prefixed => Verdict::FitsSwapped(true),
                Shape::Prefixed3 | Shape::Prefixed6 if zone.prefixed && prefix == Some(zone.zone) => Verdict::Fits,
                Shape::Prefixed3Swapped | Shape::Prefixed6Swapped if zone.prefixed && prefix == Some(zone.zone) => {
                    Verdict::FitsSwapped(true)
                }
                Shape::Other | Shape::Prefixed3 | Shape::Prefixed6
                    if prefix.is_none() && is_near_zone(zone.false_easting_m, &tally) =>
                {
                    Verdict::Fits
                }
                _ => small_plane(shape, origin),
            }
        }
        CrsKind::Projected => {
            if shape.is_degrees() {
                return small_plane(shape, origin);
            }
            let reaches = |limit: f64| [tally.min, tally.max].iter().all(|c| c.x.abs() <= limit && c.y.abs() <= limit);
            let possible = if crs.code() == "EPSG:3857" { reaches(2.01e7) } else { true };
            if possible && is_in_range(crs, &tally) { Verdict::Fits } else { Verdict::Contradicts }
        }
    }
}

/// Metres that look like degrees: a user who says so may mean a drawing at the origin, unless it lies exactly where
/// China lies in degrees.
fn small_plane(shape: Shape, origin: Origin) -> Verdict {
    let could_be_drawing = matches!(shape, Shape::Degrees | Shape::Zero) && origin == Origin::User;
    if could_be_drawing { Verdict::Fits } else { Verdict::Contradicts }
}

/// Whether coordinates lie in the wider surroundings of a zone: 1500 km to either side, and north of the equator.
fn is_near_zone(false_easting_m: f64, tally: &Tally) -> bool {
    [tally.min, tally.max].iter().all(|c| (c.x - false_easting_m).abs() <= 1.5e6 && (0.0..=1e7).contains(&c.y))
}

/// Notes coordinates that do not go with the rest. Tells whether they put the decision in doubt: two zones in one file.
fn note_strays(sample: &Sample, crs: &Crs, swap_axes: bool, issues: &mut Vec<Message>) -> bool {
    let Some((shape, _)) = sample.majority() else { return false };
    let total = sample.coord_count();
    let prefixes = sample.prefixes();
    let prefixed = crs.gauss_kruger().is_some_and(|zone| zone.prefixed);
    if let (true, [first, second, ..]) = (prefixed, prefixes.as_slice()) {
        issues.push(
            Message::new("crs.mixed-zones")
                .with("first", first.0)
                .with("first_count", first.1)
                .with("second", second.0)
                .with("second_count", second.1),
        );
    }
    let fitting = fitting_shapes(sample, crs, swap_axes, shape);
    let strays = total - fitting.iter().map(|shape| sample.tally(*shape).count).sum::<u64>();
    if strays > 0 {
        issues.push(Message::new("crs.strays").with("count", strays).with("total", total));
    }
    prefixed && prefixes.get(1).is_some_and(|(_, count)| count * 100 >= total)
}

/// Shapes of coordinates that go with a CRS; the others are strays. `shape` is the commonest.
fn fitting_shapes(sample: &Sample, crs: &Crs, swap_axes: bool, shape: Shape) -> Vec<Shape> {
    if crs.is_local_plane() {
        return Shape::ALL.to_vec();
    }
    if crs.is_geographic() {
        let mut fitting =
            if swap_axes { vec![Shape::LatLon, Shape::DegreesSwapped] } else { vec![Shape::LonLat, Shape::Degrees] };
        // Up to 90 the second value can be a latitude of the Arctic, though not beside places of China.
        if !swap_axes && shape != Shape::LonLat && sample.tally(Shape::LatLon).max.y <= 90.0 {
            fitting.push(Shape::LatLon);
        }
        if matches!(shape, Shape::Degrees | Shape::Zero) {
            fitting.push(Shape::Zero);
        }
        return fitting;
    }
    if shape.is_degrees() {
        // A drawing at the origin of its plane.
        return Shape::ALL.to_vec();
    }
    let mut fitting = vec![shape];
    // Zones end where surveys do not: what is merely far from the meridian is no stray.
    let far = sample.tally(Shape::Other);
    let near = |z: super::GaussKruger| !swap_axes && is_near_zone(z.false_easting_m, &far);
    if shape != Shape::Other && far.count > 0 && crs.gauss_kruger().is_some_and(near) {
        fitting.push(Shape::Other);
    }
    fitting
}

impl Decision {
    /// What the user decided with a correction: nothing is left to be asked.
    pub fn corrected(correction: &Correction, clues: &Clues) -> Self {
        Self {
            crs: correction.to.clone(),
            source: CrsSource::User,
            swap_axes: correction.swap_axes,
            reason: correction.message(),
            observation: observation(clues),
            issues: Vec::new(),
            hypotheses: Vec::new(),
            certain: true,
        }
    }

    /// The test for coordinates, in the order of the file, that do not go with the others; `None` where all do.
    pub fn stray_test(&self, sample: &Sample) -> Option<impl Fn(geo_types::Coord) -> bool + use<>> {
        if !self.issues.iter().any(|issue| issue.key == "crs.strays") {
            return None;
        }
        let (shape, _) = sample.majority()?;
        let fitting = fitting_shapes(sample, &self.crs, self.swap_axes, shape);
        Some(move |c: geo_types::Coord| c.x.is_finite() && c.y.is_finite() && !fitting.contains(&Shape::of(c)))
    }
}

fn label_issues(clues: &Clues) -> Vec<Message> {
    let Some(declared) = &clues.declared else { return Vec::new() };
    match (&declared.crs, &clues.user) {
        (None, _) => vec![match (Crs::declared(&declared.text), &declared.offered) {
            (Err(CrsError::Scrambled(name)), _) => Message::new("crs.label-scrambled").with("name", name),
            (_, Some(crs)) => Message::new("crs.label-code")
                .with("text", super::describe::shortened(&declared.text))
                .with("crs", crs.code()),
            (Err(error @ (CrsError::Refused(_) | CrsError::TooLarge)), None) => {
                Message::new("crs.label-refused").with_message("reason", &error.message())
            }
            _ => Message::new("crs.label-unknown").with("text", super::describe::shortened(&declared.text)),
        }],
        (Some(file), Some(user)) if !file.has_same_coordinates(user) => {
            vec![
                Message::new("crs.label-overruled")
                    .with_said("stated", |l| file.reference_in(l))
                    .with_said("crs", |l| user.reference_in(l)),
            ]
        }
        _ => Vec::new(),
    }
}

fn undecided(crs: &Crs, count: usize) -> Message {
    Message::new("crs.undecided").with_said("crs", |l| crs.reference_in(l)).with("count", count)
}

fn source(origin: Origin) -> CrsSource {
    match origin {
        Origin::User => CrsSource::User,
        Origin::File => CrsSource::File,
        Origin::Format => CrsSource::Format,
    }
}

fn stated_reason(origin: Origin, declared: Option<&Declared>, crs: &Crs) -> Message {
    match origin {
        Origin::User => Message::new("crs.reason-user"),
        Origin::File => Message::new("crs.reason-file")
            .with("text", declared.map_or_else(String::new, |declared| super::describe::shortened(&declared.text))),
        Origin::Format if declared.is_some() => {
            Message::new("crs.reason-format-unused").with_said("crs", |l| crs.reference_in(l))
        }
        Origin::Format => Message::new("crs.reason-format").with_said("crs", |l| crs.reference_in(l)),
    }
}

/// What the coordinates look like: `首点 (498604.10, 4081204.55)：东在前、北在后，投影坐标，无带号`.
fn observation(clues: &Clues) -> Message {
    let Some(first) = clues.sample.first() else { return Message::new("crs.seen-nothing") };
    let shape = clues.sample.majority().map_or(Shape::Other, |(shape, _)| shape);
    let key = match shape {
        Shape::LonLat | Shape::Degrees | Shape::Zero => "crs.seen-lonlat",
        Shape::LatLon | Shape::DegreesSwapped => "crs.seen-latlon",
        Shape::Prefixed3 | Shape::Prefixed6 => "crs.seen-prefixed",
        Shape::Prefixed3Swapped | Shape::Prefixed6Swapped => "crs.seen-prefixed-swapped",
        Shape::Plain => "crs.seen-plain",
        Shape::PlainSwapped => "crs.seen-plain-swapped",
        Shape::WebMercator => "crs.seen-web-mercator",
        Shape::Other => "crs.seen-other",
    };
    let decimals = if shape.is_degrees() { 6 } else { 2 };
    let number =
        |v: f64| if shape.is_degrees() { format!("{v:.decimals$}") } else { crate::units::format_number(v, decimals) };
    let message = Message::new(key).with("x", number(first.x)).with("y", number(first.y));
    match clues.sample.prefixes().first() {
        Some((zone, _)) if key.starts_with("crs.seen-prefixed") => message.with("zone", zone),
        None if key.starts_with("crs.seen-prefixed") => {
            let easting = if shape.is_swapped() { first.y } else { first.x };
            message.with("zone", (easting / 1e6) as u32)
        }
        _ => message,
    }
}
