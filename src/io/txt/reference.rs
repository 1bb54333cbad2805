//! What the coordinates of a TXT are: which of the two is the northing, and the CRS by header and numbers.
//!
//! The header names datum, width of the zones and zone; eastings say by their size whether they carry the zone. Where
//! header and numbers contradict each other, that is an error with the line of the header, and the decision about the
//! CRS is left to be asked. A header that leaves the zone open is filled from the numbers.

use super::header::Header;
use crate::crs::sample::Shape;
use crate::crs::{Crs, Datum, Declared, Sample};
use crate::model::{Coord, Issue, Severity};
use crate::text::Message;

/// In which order the two coordinates of a point line stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// As the format prescribes.
    NorthFirst,
    /// As some programs write.
    EastFirst,
}

impl Order {
    /// Easting and northing of a point; `None` where one of them is no number.
    pub(super) fn placed(self, first: Option<f64>, second: Option<f64>) -> Option<Coord> {
        let (first, second) = (first?, second?);
        Some(match self {
            Self::NorthFirst => Coord { x: second, y: first },
            Self::EastFirst => Coord { x: first, y: second },
        })
    }
}

/// Order and CRS of a file.
#[derive(Debug)]
pub(super) struct Reference {
    pub(super) order: Order,
    /// Whether the numbers are degrees.
    pub(super) is_degrees: bool,
    pub(super) declared: Option<Declared>,
    pub(super) issues: Vec<Issue>,
}

impl Reference {
    pub(super) fn of(header: &Header, sample: &Sample) -> Self {
        let mut issues = Vec::new();
        let Some((shape, tally)) = sample.majority() else {
            return Self { order: Order::NorthFirst, is_degrees: false, declared: None, issues };
        };
        // As many points one way as the other: the format decides.
        let (shape, tally) = match north_first(shape).map(|other| (other, sample.tally(other))) {
            Some((other, north)) if north.count >= tally.count => {
                let message = Message::new("io.txt-order-mixed").with("north", north.count).with("east", tally.count);
                issues.push(Issue::new(Severity::Warning, message));
                (other, north)
            }
            _ => (shape, tally),
        };
        let mut add = |severity, message, line: Option<u64>| {
            issues.push(Issue { line, ..Issue::new(severity, message) });
        };
        if shape.is_degrees() {
            // Most files have the longitude first; the decision about the CRS sees where it is not.
            let system = header.datum().and_then(Datum::geographic_epsg);
            let crs = system.and_then(|code| Crs::from_epsg(code).ok()); // these four need nothing that could fail
            let declared = crs.map(|crs| Declared { text: header.words(), crs: Some(crs), offered: None });
            add(Severity::Note, Message::new("io.txt-degrees"), None);
            return Self { order: Order::EastFirst, is_degrees: true, declared, issues };
        }
        let order = match shape {
            Shape::Prefixed3 | Shape::Prefixed6 | Shape::Plain | Shape::WebMercator => {
                add(Severity::Warning, Message::new("io.txt-east-first"), None);
                Order::EastFirst
            }
            Shape::Other => {
                add(Severity::Warning, Message::new("io.txt-order-unknown"), None);
                Order::NorthFirst
            }
            _ => Order::NorthFirst,
        };
        let easting = if order == Order::NorthFirst { tally.center().y } else { tally.center().x };
        let is_prefixed =
            matches!(shape, Shape::Prefixed3 | Shape::Prefixed3Swapped | Shape::Prefixed6 | Shape::Prefixed6Swapped);
        let by_numbers = sample.prefixes().first().map_or((easting / 1e6) as u8, |(prefix, _)| *prefix);
        let prefix = is_prefixed.then_some(by_numbers);
        let declared = declared(header, prefix, &mut add);
        Self { order, is_degrees: false, declared, issues }
    }
}

/// The same coordinates with the northing first.
fn north_first(shape: Shape) -> Option<Shape> {
    match shape {
        Shape::Prefixed3 => Some(Shape::Prefixed3Swapped),
        Shape::Prefixed6 => Some(Shape::Prefixed6Swapped),
        Shape::Plain => Some(Shape::PlainSwapped),
        _ => None,
    }
}

/// The CRS that header and prefix name together.
fn declared(
    header: &Header,
    prefix: Option<u8>,
    add: &mut impl FnMut(Severity, Message, Option<u64>),
) -> Option<Declared> {
    let text = header.words();
    let stated = header.zone();
    if let (Some((zone, line)), Some(prefix)) = (stated, prefix)
        && zone != prefix
    {
        add(Severity::Error, Message::new("io.txt-zone-differs").with("zone", zone).with("prefix", prefix), Some(line));
    }
    let Some(zone) = stated.map(|(zone, _)| zone).or(prefix) else {
        if header.datum().is_some() {
            add(Severity::Warning, Message::new("io.txt-no-zone"), header.system().map(|(_, line)| line));
        }
        return None;
    };
    match (stated, prefix) {
        (None, Some(prefix)) if header.system().is_some() => {
            add(Severity::Note, Message::new("io.txt-zone-by-prefix").with("zone", prefix), None);
        }
        (Some((zone, line)), None) => {
            add(Severity::Note, Message::new("io.txt-no-prefix").with("zone", zone), Some(line));
        }
        _ => {}
    }
    let by_number = match zone {
        25..=45 => 3,
        13..=23 => 6,
        _ => {
            add(Severity::Error, Message::new("io.txt-zone-unknown").with("zone", zone), stated.map(|(_, line)| line));
            return None;
        }
    };
    let datum = match (header.system(), header.datum()) {
        (Some((words, line)), None) => {
            add(Severity::Warning, Message::new("io.txt-datum-unknown").with("text", words), Some(line));
            None
        }
        (_, datum) => datum,
    };
    let width_fits = match header.width_deg() {
        Some((width, line)) if width != by_number => {
            let message =
                Message::new("io.txt-zone-width").with("width", width).with("zone", zone).with("other", by_number);
            add(Severity::Error, message, Some(line));
            false
        }
        _ => true,
    };
    let on = datum.unwrap_or(Datum::Cgcs2000);
    let crs = match by_number {
        3 => Crs::gauss_kruger_3(on, zone, prefix.is_some()),
        _ => Crs::gauss_kruger_6(on, zone, prefix.is_some()),
    }?;
    if datum.is_some() && width_fits {
        return Some(Declared { text, crs: Some(crs), offered: None });
    }
    // Without words for it, or with words that contradict themselves, the numbers decide where they can.
    (prefix.is_none()).then_some(Declared { text, crs: None, offered: Some(crs) })
}
