//! The Gauss-Krüger zones of China: 192 EPSG codes from formulae.
//!
//! 3° zone n has its central meridian at 3n, 6° zone n at 6n − 3; the scale on the meridian is 1, its easting 500 000,
//! or zone · 10⁶ + 500 000 where eastings carry the zone number as a prefix. EPSG numbers the zones of a datum in four
//! runs (width, with or without prefix), so a code is a base plus the zone.

use super::{Datum, GaussKruger};

/// Zone numbers of the 3° division in China: meridians 75° to 135°.
pub const ZONES_3: std::ops::RangeInclusive<u8> = 25..=45;

/// Zone numbers of the 6° division in China: meridians 75° to 135°.
pub const ZONES_6: std::ops::RangeInclusive<u8> = 13..=23;

/// A run of codes: `code = first + (zone − first zone of the width)`.
struct Run {
    datum: Datum,
    width_deg: u8,
    prefixed: bool,
    first: u32,
}

const fn run(datum: Datum, width_deg: u8, prefixed: bool, first: u32) -> Run {
    Run { datum, width_deg, prefixed, first }
}

const RUNS: [Run; 12] = [
    run(Datum::Cgcs2000, 6, true, 4491),
    run(Datum::Cgcs2000, 6, false, 4502),
    run(Datum::Cgcs2000, 3, true, 4513),
    run(Datum::Cgcs2000, 3, false, 4534),
    run(Datum::Xian1980, 6, true, 2327),
    run(Datum::Xian1980, 6, false, 2338),
    run(Datum::Xian1980, 3, true, 2349),
    run(Datum::Xian1980, 3, false, 2370),
    run(Datum::Beijing1954, 6, true, 21_413),
    run(Datum::Beijing1954, 6, false, 21_453),
    run(Datum::Beijing1954, 3, true, 2401),
    run(Datum::Beijing1954, 3, false, 2422),
];

impl Run {
    fn zones(&self) -> std::ops::RangeInclusive<u8> {
        if self.width_deg == 3 { ZONES_3 } else { ZONES_6 }
    }
}

/// One row of the table of Chinese zones.
#[derive(Clone, Debug, PartialEq)]
pub struct ChinaRow {
    /// EPSG code.
    pub epsg: u32,
    /// The zone that it names.
    pub zone: GaussKruger,
    /// Name by EPSG: `CGCS2000 / 3-degree Gauss-Kruger zone 39`.
    pub name: String,
    /// Name by ESRI: `CGCS2000_3_Degree_GK_Zone_39`.
    pub esri_name: String,
}

/// All 192 zones of China: CGCS2000, then Xian 1980, then Beijing 1954, each in the order of its codes' runs.
pub fn china_table() -> Vec<ChinaRow> {
    RUNS.iter()
        .flat_map(|run| run.zones().filter_map(|number| zone(run.datum, run.width_deg, number, run.prefixed)))
        .map(|zone| ChinaRow { epsg: code_of_zone(&zone), zone, name: epsg_name(&zone), esri_name: esri_name(&zone) })
        .collect()
}

/// The zone of that number on a datum, or `None` where China has none. WGS 84 is read as CGCS2000.
pub fn zone(datum: Datum, width_deg: u8, number: u8, prefixed: bool) -> Option<GaussKruger> {
    let datum = if datum == Datum::Wgs84 { Datum::Cgcs2000 } else { datum };
    let run = RUNS.iter().find(|run| run.datum == datum && run.width_deg == width_deg && run.prefixed == prefixed)?;
    run.zones().contains(&number).then(|| {
        let meridian = if width_deg == 3 { 3 * u32::from(number) } else { 6 * u32::from(number) - 3 };
        GaussKruger {
            datum,
            width_deg,
            zone: number,
            prefixed,
            central_meridian_deg: f64::from(meridian),
            false_easting_m: 500_000.0 + if prefixed { 1e6 * f64::from(number) } else { 0.0 },
        }
    })
}

/// The zone that an EPSG code names, where it is one of China's 192.
pub fn zone_of_code(code: u32) -> Option<GaussKruger> {
    RUNS.iter().find_map(|run| {
        let zones = run.zones();
        let number = code.checked_sub(run.first)? + u32::from(*zones.start());
        let number = u8::try_from(number).ok()?; // beyond every zone number
        zone(run.datum, run.width_deg, number, run.prefixed)
    })
}

/// EPSG code of a zone of China.
pub fn code_of_zone(zone: &GaussKruger) -> u32 {
    RUNS.iter()
        .find(|run| run.datum == zone.datum && run.width_deg == zone.width_deg && run.prefixed == zone.prefixed)
        .map_or(0, |run| run.first + u32::from(zone.zone - run.zones().start()))
}

/// The zone with these parameters: meridian in degrees, false easting in metres. Where a 3° and a 6° zone have the
/// same parameters (meridians 75, 81, … 135 without prefix), `width_deg` chooses.
pub fn zone_of_parameters(datum: Datum, meridian_deg: f64, false_easting_m: f64, width_deg: u8) -> Option<GaussKruger> {
    let found = |width: u8, number: f64| {
        let number = if number.fract() == 0.0 && (1.0..=99.0).contains(&number) { number as u8 } else { return None };
        [false, true]
            .into_iter()
            .filter_map(|prefixed| zone(datum, width, number, prefixed))
            .find(|zone| (zone.false_easting_m - false_easting_m).abs() < 1e-3)
    };
    let near = (meridian_deg * 1e9).round() / 1e9;
    let (three, six) = (found(3, near / 3.0), found(6, (near + 3.0) / 6.0));
    if width_deg == 6 { six.or(three) } else { three.or(six) }
}

/// Number of the 3° zone whose meridian is nearest; the boundary belongs to the eastern zone. `None` outside China's
/// zones (73.5° to 136.5° E).
pub fn zone_3_of_longitude(longitude_deg: f64) -> Option<u8> {
    let number = ((longitude_deg + 1.5) / 3.0).floor();
    (f64::from(*ZONES_3.start())..=f64::from(*ZONES_3.end())).contains(&number).then_some(number as u8)
}

/// Name by EPSG: `CGCS2000 / 3-degree Gauss-Kruger CM 117E`.
pub fn epsg_name(zone: &GaussKruger) -> String {
    let width = if zone.width_deg == 3 { "3-degree " } else { "" };
    let tail = if zone.prefixed { format!("zone {}", zone.zone) } else { format!("CM {}E", zone.central_meridian_deg) };
    format!("{} / {width}Gauss-Kruger {tail}", zone.datum.name())
}

/// Name by ESRI: `CGCS2000_3_Degree_GK_CM_117E`.
pub fn esri_name(zone: &GaussKruger) -> String {
    let width = if zone.width_deg == 3 { "3_Degree_" } else { "" };
    // One run is spelt out in full by ESRI, and only that one.
    let projection =
        if zone.datum == Datum::Beijing1954 && zone.width_deg == 6 && !zone.prefixed { "Gauss_Kruger" } else { "GK" };
    let tail = if zone.prefixed { format!("Zone_{}", zone.zone) } else { format!("CM_{}E", zone.central_meridian_deg) };
    format!("{}_{width}{projection}_{tail}", zone.datum.name().replace(' ', "_"))
}
