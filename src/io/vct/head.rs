//! The head of a VCT file: keys and values, and the CRS that they name together with the numbers.

use crate::crs::{Crs, Datum, Declared, Sample};
use crate::model::{Coord, Issue, Severity};
use crate::text::Message;

/// Keys that are kept; a head has some twenty.
const MOST_KEYS: usize = 200;

/// What a head says.
#[derive(Debug, Default)]
pub(super) struct Head {
    /// Keys in small letters, with value and line.
    values: Vec<(String, String, u64)>,
}

impl Head {
    /// Takes a line of the head.
    pub(super) fn add(&mut self, text: &str, line: u64) {
        let Some((key, value)) = text.split_once([':', '：']) else { return };
        if self.values.len() < MOST_KEYS {
            self.values.push((key.trim().to_lowercase(), value.trim().to_owned(), line));
        }
    }

    fn value(&self, keys: &[&str]) -> Option<&str> {
        let found = self.values.iter().find(|(key, value, _)| keys.contains(&key.as_str()) && !value.is_empty());
        found.map(|(_, value, _)| value.as_str())
    }

    /// The version, 1, 2 or 3; 2 where none stands there.
    pub(super) fn version(&self) -> u8 {
        let digit = self.value(&["version"]).and_then(|text| text.chars().find_map(|c| c.to_digit(10)));
        match digit {
            Some(version @ 1..=9) if !self.value(&["version"]).is_some_and(|text| text.contains("GB")) => version as u8,
            Some(_) => 1,
            None => 2,
        }
    }

    /// The sign between attributes.
    pub(super) fn separator(&self) -> char {
        self.value(&["separator"]).and_then(|text| text.chars().next()).unwrap_or(',')
    }

    /// What is to be added to coordinates, where that is not nothing.
    pub(super) fn offset(&self) -> Option<Coord> {
        let offset = pair(self.value(&["offset"])?)?;
        (offset.x != 0.0 || offset.y != 0.0).then_some(offset)
    }

    /// Whether a coordinate lies in the extent that the head states; `None` where it states none.
    pub(super) fn holds(&self, c: Coord) -> Option<bool> {
        let number = |key: &str| self.value(&[key]).and_then(|text| text.trim().parse::<f64>().ok());
        let corner = |whole: &str, x: &str, y: &str| {
            let apart = || Some(Coord { x: number(x)?, y: number(y)? });
            self.value(&[whole]).and_then(pair).or_else(apart)
        };
        let (min, max) = (corner("extentmin", "minx", "miny")?, corner("extentmax", "maxx", "maxy")?);
        // Heads are rounded.
        let near = 1e-3 * (max.x - min.x).abs().max((max.y - min.y).abs()).max(1e-6);
        let is_in = |v: f64, low: f64, high: f64| (low - near..=high + near).contains(&v);
        Some(is_in(c.x, min.x, max.x) && is_in(c.y, min.y, max.y))
    }

    /// The CRS that head and numbers name together.
    pub(super) fn declared(&self, sample: &Sample, issues: &mut Vec<Issue>) -> Option<Declared> {
        let datum = self.datum();
        let text = self.words();
        let stated = |crs: Option<Crs>| match (datum.is_some(), crs) {
            (_, None) => None,
            (true, crs) => Some(Declared { text: text.clone(), crs, offered: None }),
            (false, crs) => Some(Declared { text: text.clone(), crs: None, offered: crs }),
        };
        let on = datum.unwrap_or(Datum::Cgcs2000);
        let kind = self.value(&["coordinatesystemtype", "coordinate"]).unwrap_or_default();
        if kind.starts_with(['G', 'g']) {
            // A datum whose codes are built in needs nothing that could fail.
            return stated(on.geographic_epsg().and_then(|code| Crs::from_epsg(code).ok()));
        }
        let prefix = sample.prefixes().first().map(|(prefix, _)| *prefix);
        let by_meridian = self.meridian().map(|meridian| {
            let narrow = (meridian % 3.0 == 0.0).then_some((meridian / 3.0) as u8);
            let wide = (meridian % 6.0 == 3.0).then_some(((meridian + 3.0) / 6.0) as u8);
            (meridian, narrow, wide)
        });
        let crs = match (by_meridian, prefix) {
            (Some((_, Some(zone), _)), None) => Crs::gauss_kruger_3(on, zone, false),
            (Some((_, Some(zone), _)), Some(prefix)) if zone == prefix => Crs::gauss_kruger_3(on, zone, true),
            (Some((_, _, Some(zone))), Some(prefix)) if zone == prefix => Crs::gauss_kruger_6(on, zone, true),
            (Some((meridian, ..)), Some(prefix)) => {
                let message = Message::new("io.vct-zone-differs").with("meridian", meridian).with("prefix", prefix);
                issues.push(Issue::new(Severity::Error, message));
                None
            }
            (None, Some(prefix @ 25..=45)) => Crs::gauss_kruger_3(on, prefix, true),
            (None, Some(prefix @ 13..=23)) => Crs::gauss_kruger_6(on, prefix, true),
            _ => None,
        };
        stated(crs)
    }

    /// The datum that the words or the axes of the ellipsoid name.
    fn datum(&self) -> Option<Datum> {
        let words = [self.value(&["spheroid"]), self.value(&["parameters"])].map(|text| text.unwrap_or_default());
        let spheroid = words[0].to_uppercase();
        let has = |parts: &[&str]| parts.iter().any(|part| spheroid.contains(part));
        let axes = |text: &str| words.iter().any(|words| words.contains(text));
        if has(&["CGCS", "2000"]) || axes("298.257222") {
            Some(Datum::Cgcs2000)
        } else if has(&["WGS"]) || axes("298.257223") {
            Some(Datum::Wgs84)
        } else if has(&["IAG", "1975", "75", "80", "西安"]) || axes("6378140") {
            Some(Datum::Xian1980)
        } else if has(&["KRASS", "KRAS", "1940", "54", "克拉索夫斯基", "北京"]) || axes("6378245") {
            Some(Datum::Beijing1954)
        } else {
            None
        }
    }

    /// The central meridian in degrees.
    fn meridian(&self) -> Option<f64> {
        // Version 2 of the standard itself misspells it.
        let own = self.value(&["meridinan", "meridian", "centralmeridian"]);
        let of_parameters = self.value(&["parameters"]).and_then(|text| text.split([',', '，']).next());
        let number = |text: &str| text.trim().parse::<f64>().ok().filter(|degrees| (60.0..=150.0).contains(degrees));
        own.and_then(number).or_else(|| of_parameters.and_then(number))
    }

    fn words(&self) -> String {
        let said = ["spheroid", "projection", "parameters", "meridinan", "meridian"]
            .map(|key| self.value(&[key]).map(|value| format!("{key}={value}")));
        said.into_iter().flatten().collect::<Vec<_>>().join("，")
    }
}

/// Two numbers that a value of the head begins with.
fn pair(text: &str) -> Option<Coord> {
    let mut parts = text.split([',', '，']).map(|part| part.trim().parse::<f64>().ok().filter(|v| v.is_finite()));
    Some(Coord { x: parts.next()??, y: parts.next()?? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_and_numbers_name_the_zone() {
        let check = |lines: &[&str], x: f64, expected: &str| {
            let mut head = Head::default();
            lines.iter().for_each(|line| head.add(line, 1));
            let coords: Vec<Coord> = (0..8).map(|i| Coord { x: x + f64::from(i), y: 4_070_000.0 }).collect();
            let mut issues = Vec::new();
            let declared = head.declared(&Sample::of(&coords), &mut issues);
            let found = match &declared {
                Some(Declared { crs: Some(crs), .. }) => crs.code().to_owned(),
                Some(Declared { offered: Some(crs), .. }) => format!("perhaps {}", crs.code()),
                _ => format!("none, {} issues", issues.len()),
            };
            assert_eq!(found, expected, "{lines:?}");
        };
        let v3 = ["Spheroid:CGCS2000,6378137.0,298.257222101", "Parameters:117,1,39500000,0,3,39"];
        check(&v3, 39_491_000.0, "EPSG:4527");
        check(&v3, 491_000.0, "EPSG:4548");
        check(&v3, 20_491_000.0, "EPSG:4498");
        check(&v3, 40_491_000.0, "none, 1 issues");
        let v2 = ["Spheroid: IAG-75", "Parameters: 6378140,298.257", "Meridinan: 117"];
        check(&v2, 39_491_000.0, "EPSG:2363");
        check(&["Projection: Gauss"], 39_491_000.0, "perhaps EPSG:4527");
        check(&["CoordinateSystemType：G", "Spheroid:CGCS2000"], 117.2, "EPSG:4490");
    }
}
