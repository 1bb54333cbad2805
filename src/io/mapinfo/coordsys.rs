//! The clause `CoordSys`: MapInfo's numbers of projections and datums to a CRS.
//!
//! `Earth Projection 8, 104, "m", 117, 0, 1, 39500000, 0` is the transverse Mercator projection on datum 104. Numbers of
//! datums are MapInfo's own; those that planners and their neighbours meet are known here. Where one is not, or the datum
//! is given by an ellipsoid and shifts, the words are kept and the coordinates decide.

use super::words::{Word, Words};
use crate::crs::{Crs, Declared};

/// Datums: MapInfo's number, and the code of the geographic system. After the appendix of MapInfo's manuals.
const DATUMS: [(u32, u32); 23] = [
    (12, 4202),
    (13, 4203),
    (28, 4230),
    (33, 4019),
    (62, 4267),
    (74, 4269),
    (79, 4277),
    (97, 4301),
    (103, 4322),
    (104, 4326),
    (115, 4258),
    (116, 4283),
    (117, 4167),
    (118, 4169),
    (150, 4148),
    (151, 4122),
    (152, 4612),
    (157, 4326),
    (1000, 4314),
    (1001, 4284),
    (1013, 4284),
    (1017, 4610),
    (1019, 4313),
];

/// Ellipsoids by which Chinese systems are given, and the code of theirs: GRS 80, Krassovsky, IAG 75.
const ELLIPSOIDS: [(u32, u32); 4] = [(0, 4490), (3, 4214), (31, 4610), (53, 4610)];

/// What the clause says.
#[derive(Debug, Default)]
pub(super) struct System {
    pub(super) declared: Option<Declared>,
    pub(super) is_nonearth: bool,
    pub(super) is_degrees: bool,
}

/// How a datum is given.
enum Datum {
    /// By a number whose system is known.
    Known(u32),
    /// By an ellipsoid and shifts, of which a system may be meant.
    Perhaps(u32),
    Unknown,
}

impl System {
    /// Reads what follows the word `CoordSys`.
    pub(super) fn of(text: &str) -> Self {
        let mut words = Words::of(text);
        if words.eat("nonearth") {
            return Self { is_nonearth: true, ..Self::default() };
        }
        words.eat("earth");
        if !words.eat("projection") {
            // Longitude and latitude of whatever datum.
            return Self { is_degrees: true, ..Self::default() };
        }
        let shown: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect();
        let unknown = || Some(Declared { text: shown.clone(), crs: None, offered: None });
        let Some((projection, is_bent)) = words.whole().map(|number| (number % 1000, (number / 1000) % 2 == 1)) else {
            return Self { declared: unknown(), ..Self::default() };
        };
        let is_degrees = projection == 1;
        let datum = datum(&mut words);
        let crs = if is_bent { None } else { named(projection, &datum, &mut words) };
        let declared = match (crs, datum) {
            (Some(crs), Datum::Known(_)) => Some(Declared { text: shown, crs: Some(crs), offered: None }),
            (offered, _) => Some(Declared { text: shown, crs: None, offered }),
        };
        Self { declared, is_nonearth: false, is_degrees }
    }
}

/// Reads the number of a datum, and the ellipsoid and the shifts that some have.
fn datum(words: &mut Words<'_>) -> Datum {
    let Some(number) = words.whole() else { return Datum::Unknown };
    let shift_count = match number {
        999 => 3,
        9999 => 8,
        _ => {
            let known = DATUMS.iter().find(|(own, _)| u64::from(*own) == number);
            return known.map_or(Datum::Unknown, |(_, code)| Datum::Known(*code));
        }
    };
    let ellipsoid = words.whole();
    for _ in 0..shift_count {
        words.number();
    }
    let known = ELLIPSOIDS.iter().find(|(own, _)| Some(u64::from(*own)) == ellipsoid);
    known.map_or(Datum::Unknown, |(_, code)| Datum::Perhaps(*code))
}

/// The CRS of a projection and its parameters.
fn named(projection: u64, datum: &Datum, words: &mut Words<'_>) -> Option<Crs> {
    let (Datum::Known(code) | Datum::Perhaps(code)) = datum else { return None };
    let base = Crs::from_epsg(*code).ok()?; // a database that is not there names nothing
    if projection == 1 {
        return Some(base);
    }
    let unit = match words.next()? {
        Word::Quoted(unit) => metres(&unit)?,
        _ => return None,
    };
    let mut numbers = Vec::new();
    while let Some(number) = words.number().filter(|_| numbers.len() < 8) {
        numbers.push(number);
    }
    let (method, names): (&str, &[&str]) = match projection {
        3 => (
            "Lambert_Conformal_Conic_2SP",
            &[
                "central_meridian",
                "latitude_of_origin",
                "standard_parallel_1",
                "standard_parallel_2",
                "false_easting",
                "false_northing",
            ],
        ),
        8 => (
            "Transverse_Mercator",
            &["central_meridian", "latitude_of_origin", "scale_factor", "false_easting", "false_northing"],
        ),
        9 => (
            "Albers_Conic_Equal_Area",
            &[
                "longitude_of_center",
                "latitude_of_center",
                "standard_parallel_1",
                "standard_parallel_2",
                "false_easting",
                "false_northing",
            ],
        ),
        _ => return None,
    };
    if numbers.len() != names.len() {
        return None;
    }
    let parameters: String =
        names.iter().zip(&numbers).map(|(name, value)| format!("PARAMETER[\"{name}\",{value:?}],")).collect();
    let text = format!(
        "PROJCS[\"unnamed\",{},PROJECTION[\"{method}\"],{parameters}UNIT[\"metre\",{unit:?}]]",
        base.ogc_wkt()?
    );
    Crs::from_wkt(&text).ok() // parameters that no projection takes
}

/// Metres of a unit by MapInfo's name.
fn metres(unit: &str) -> Option<f64> {
    Some(match unit.to_ascii_lowercase().as_str() {
        "m" => 1.0,
        "km" => 1000.0,
        "cm" => 0.01,
        "mm" => 0.001,
        "ft" => 0.3048,
        "survey ft" => 1200.0 / 3937.0,
        "yd" => 0.9144,
        "mi" => 1609.344,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_systems() {
        let check = |text: &str, expected: Option<&str>, offered: Option<&str>| {
            let declared = System::of(text).declared;
            let code = |crs: Option<&Crs>| crs.map(|crs| crs.code().to_owned());
            let found = declared.as_ref().map(|d| (code(d.crs.as_ref()), code(d.offered.as_ref()))).unwrap_or_default();
            assert_eq!((found.0.as_deref(), found.1.as_deref()), (expected, offered), "{text}");
        };
        check("Earth Projection 8, 104, \"m\", 117, 0, 1, 39500000, 0", Some("EPSG:4527"), None);
        check("Earth Projection 8, 104, \"m\", 117, 0, 1, 500000, 0 Bounds (0, 0) (1, 1)", Some("EPSG:4548"), None);
        check("Earth Projection 1, 104", Some("EPSG:4326"), None);
        check("Earth Projection 8, 999, 3, 24, -123, -94, \"m\", 117, 0, 1, 500000, 0", None, Some("EPSG:2436"));
        check(
            "Earth Projection 8, 9999, 0, 0, 0, 0, 0, 0, 0, 0, 0, \"m\", 117, 0, 1, 500000, 0",
            None,
            Some("EPSG:4548"),
        );
        check("Earth Projection 8, 12345, \"m\", 117, 0, 1, 500000, 0", None, None);
        check(
            "Earth Projection 1008, 104, \"m\", 117, 0, 1, 500000, 0 Affine Units \"m\", 1, 0, 0, 0, 1, 0",
            None,
            None,
        );
        assert!(System::of("NonEarth Units \"m\" Bounds (0, 0) (1, 1)").is_nonearth);
        assert!(System::of("Earth Projection 1, 0").is_degrees);
    }
}
