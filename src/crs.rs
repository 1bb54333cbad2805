//! Coordinate reference systems, and reprojection through PROJ.
//!
//! Coordinates are always x = easting or longitude first, whatever the axis order that an authority declares. The
//! 192 Gauss-Krüger systems of China come from formulae ([`zones`]), all others from PROJ's database, which the
//! bundled build links into the binary. (PROJ first looks for a `proj.db` in its user folder, by `PROJ_DATA`, beside the
//! binary and in the working folder; systems from formulae never depend on what it finds.) Only this module names `proj`; nothing here opens a file.
//!
//! CGCS2000 and WGS 84 are taken as one: they agree to decimetres, which is enough for planning and not for survey.
//! Xian 1980 and Beijing 1954 lie up to some 120 m away, and PROJ would return their numbers unchanged: a
//! conversion between them and anything else is refused ([`CrsError::NeedsParameters`]).

use std::sync::Arc;

use crate::text::{Language, Message, tr};

pub mod zones;

mod admit;

mod datum;

mod error;

pub mod describe;

mod parse;

pub mod map_sheets;

pub mod reproject;

pub mod gcj02;

pub mod correction;

pub mod places;

pub mod sample;

pub mod readings;

pub mod decide;

pub use correction::{Correction, CorrectionKind};
pub use datum::Datum;
pub use decide::{Clues, CrsSource, Decision, Declared, Hypothesis, Sample, decide};
pub use error::CrsError;
pub use reproject::{ReprojectError, Reprojector};
pub use zones::{ChinaRow, china_table};

/// A Gauss-Krüger zone: transverse Mercator with scale 1 on the central meridian.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GaussKruger {
    /// Its datum.
    pub datum: Datum,
    /// 3 or 6.
    pub width_deg: u8,
    /// Zone number: 25-45 of 3°, 13-23 of 6°.
    pub zone: u8,
    /// Whether eastings carry the zone number (39 500 000 on the meridian).
    pub prefixed: bool,
    /// Central meridian, degrees east.
    pub central_meridian_deg: f64,
    /// Easting of the central meridian: 500 000, or zone · 10⁶ + 500 000 when prefixed.
    pub false_easting_m: f64,
}

/// What coordinates in a CRS are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CrsKind {
    /// Longitude and latitude in degrees.
    Geographic,
    /// Metres in a Gauss-Krüger zone.
    GaussKruger(GaussKruger),
    /// Metres (or another length) in another projection.
    Projected,
}

/// What [`Crs::local_plane`] is called in projects and files, and its name in English.
const LOCAL_PLANE: &str = "LOCAL";
const LOCAL_PLANE_NAME: &str = "Local plane";
/// The degrees that stand for its places.
const LOCAL_DEGREES: &str = "LOCAL-DEGREES";

/// A coordinate reference system; cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct Crs(Arc<Definition>);

#[derive(Debug, PartialEq)]
struct Definition {
    /// `EPSG:4527`, `OGC:CRS84`, a PROJ string or WKT: what PROJ is given and what is written to files.
    code: String,
    name: String,
    kind: CrsKind,
    datum: Datum,
    /// One PROJ step from longitude and latitude on the datum, where PROJ's database is not needed for it.
    step: Option<String>,
    /// Metres in one unit of the coordinates; 1 for geographic systems.
    unit_m: f64,
    /// Code of the geographic system that a projection of a datum known to PROJ only stands on.
    base: Option<String>,
}

impl Crs {
    /// WGS 84 longitude and latitude, `OGC:CRS84`: what RFC 7946 prescribes.
    pub fn wgs84() -> Self {
        Self::geographic_of("OGC:CRS84", "WGS 84 (CRS84)", Datum::Wgs84)
    }

    /// CGCS2000 longitude and latitude, `EPSG:4490`.
    pub fn cgcs2000() -> Self {
        Self::geographic_of("EPSG:4490", "CGCS2000", Datum::Cgcs2000)
    }

    /// Web Mercator, `EPSG:3857`: the plane of web maps, useless for areas.
    pub fn web_mercator() -> Self {
        Self(Arc::new(Definition {
            code: "EPSG:3857".to_owned(),
            name: "WGS 84 / Pseudo-Mercator".to_owned(),
            kind: CrsKind::Projected,
            datum: Datum::Wgs84,
            step: Some("+proj=webmerc +ellps=WGS84".to_owned()),
            unit_m: 1.0,
            base: None,
        }))
    }

    /// A plane in metres whose place on the earth is open, as of a drawing at an origin of its own. Areas in it are those of
    /// the plane. It has degrees of its own, on the equator, for what is measured on an ellipsoid; no way leads from it to
    /// any other system.
    pub fn local_plane() -> Self {
        let (axis, inverse_flattening) = Datum::Cgcs2000.ellipsoid().expect("CGCS2000 has a known ellipsoid");
        Self(Arc::new(Definition {
            code: LOCAL_PLANE.to_owned(),
            name: LOCAL_PLANE_NAME.to_owned(),
            kind: CrsKind::Projected,
            datum: Datum::Cgcs2000,
            step: Some(format!(
                "+proj=tmerc +lat_0=0 +lon_0=105 +k=1 +x_0=0 +y_0=0 +a={axis} +rf={inverse_flattening}"
            )),
            unit_m: 1.0,
            base: None,
        }))
    }

    /// Whether it is [`Self::local_plane`].
    pub fn is_local_plane(&self) -> bool {
        self.0.code == LOCAL_PLANE
    }

    /// The CRS of an EPSG code. Chinese zones, UTM on WGS 84 and Web Mercator need no database; others are PROJ's.
    ///
    /// # Errors
    /// [`CrsError::Unknown`] for a code that PROJ does not know, [`CrsError::Unsupported`] for vertical and
    /// geocentric systems.
    pub fn from_epsg(code: u32) -> Result<Self, CrsError> {
        if let Some(zone) = zones::zone_of_code(code) {
            return Ok(Self::from_zone(zone));
        }
        match code {
            4490 => Ok(Self::cgcs2000()),
            4326 => Ok(Self::geographic_of("EPSG:4326", "WGS 84", Datum::Wgs84)),
            4610 => Ok(Self::geographic_of("EPSG:4610", "Xian 1980", Datum::Xian1980)),
            4214 => Ok(Self::geographic_of("EPSG:4214", "Beijing 1954", Datum::Beijing1954)),
            // The three-dimensional one; heights are kept apart from x and y here.
            4480 => Ok(Self::geographic_of("EPSG:4480", "CGCS2000", Datum::Cgcs2000)),
            3857 | 3785 | 900_913 | 102_100 | 102_113 => Ok(Self::web_mercator()),
            32_601..=32_660 | 32_701..=32_760 => Ok(Self::utm((code % 100) as u8, code < 32_700)),
            _ => describe::known(&format!("EPSG:{code}")),
        }
    }

    /// The CRS that a text names: a code in any spelling (`4527`, `EPSG::4527`, an URN or URL), a name by EPSG or
    /// ESRI, a name as planners write it (`CGCS2000 3度带 39带`, `国家2000 中央经线117`), a PROJ string or WKT. For what
    /// the user types or a project keeps; nothing that it names is ever opened or fetched.
    ///
    /// # Errors
    /// [`CrsError::Unknown`] where it names nothing, [`CrsError::Unsupported`] and [`CrsError::Scrambled`] where it
    /// names what cannot be used, [`CrsError::Refused`] and [`CrsError::TooLarge`] where it leads elsewhere,
    /// [`CrsError::Proj`] for a definition that PROJ cannot read.
    pub fn parse(text: &str) -> Result<Self, CrsError> {
        parse::parse(text, admit::Origin::User)
    }

    /// The CRS that a data file names: as [`Self::parse`], without PROJ strings.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn declared(text: &str) -> Result<Self, CrsError> {
        parse::parse(text, admit::Origin::File)
    }

    /// The well-known text of this system as ESRI's programs write it into `.prj` files; `None` where it has none.
    pub fn esri_wkt(&self) -> Option<String> {
        describe::esri_wkt(self)
    }

    /// The well-known text of this system as OGC's standards of 1999 and 2001 write it, with codes where it has them;
    /// `None` where it has none.
    pub fn ogc_wkt(&self) -> Option<String> {
        describe::ogc_wkt(self)
    }

    /// The definition of this system as PROJJSON; `None` where it has none.
    pub fn projjson(&self) -> Option<String> {
        describe::projjson_text(self)
    }

    /// Whether it is given by a definition rather than by a code.
    fn is_by_definition(&self) -> bool {
        !admit::is_code(self.code())
    }

    /// The CRS of an OGC or ESRI well-known text, such as a `.prj` file holds. The parameters count, not the name: a
    /// zone called `CM_132E` whose false easting is 44 500 000 is zone 44 with prefix.
    ///
    /// # Errors
    /// As [`Crs::parse`].
    pub fn from_wkt(wkt: &str) -> Result<Self, CrsError> {
        describe::definition(wkt, admit::Origin::File)
    }

    /// The 3° zone `zone` (25-45) on `datum`, with the zone number in its eastings or without.
    ///
    /// `None` where the datum has no such zone. WGS 84 has no Chinese zones: CGCS2000 stands in for it.
    pub fn gauss_kruger_3(datum: Datum, zone: u8, prefixed: bool) -> Option<Self> {
        zones::zone(datum, 3, zone, prefixed).map(Self::from_zone)
    }

    /// The 6° zone `zone` (13-23) on `datum`, with the zone number in its eastings or without.
    pub fn gauss_kruger_6(datum: Datum, zone: u8, prefixed: bool) -> Option<Self> {
        zones::zone(datum, 6, zone, prefixed).map(Self::from_zone)
    }

    /// The 3° zone whose meridian is nearest to `longitude_deg`, as the survey picks it: the boundary between two
    /// zones belongs to the eastern one. `None` outside 73.5°-136.5° E.
    pub fn nearest_gauss_kruger_3(datum: Datum, longitude_deg: f64, prefixed: bool) -> Option<Self> {
        Self::gauss_kruger_3(datum, zones::zone_3_of_longitude(longitude_deg)?, prefixed)
    }

    /// UTM zone 1-60 on WGS 84.
    fn utm(zone: u8, north: bool) -> Self {
        let (base, letter, south) = if north { (32_600, 'N', "") } else { (32_700, 'S', " +south") };
        Self(Arc::new(Definition {
            code: format!("EPSG:{}", base + u32::from(zone)),
            name: format!("WGS 84 / UTM zone {zone}{letter}"),
            kind: CrsKind::Projected,
            datum: Datum::Wgs84,
            step: Some(format!("+proj=utm +zone={zone}{south} +ellps=WGS84")),
            unit_m: 1.0,
            base: None,
        }))
    }

    fn geographic_of(code: &str, name: &str, datum: Datum) -> Self {
        Self(Arc::new(Definition {
            code: code.to_owned(),
            name: name.to_owned(),
            kind: CrsKind::Geographic,
            datum,
            step: None,
            unit_m: 1.0,
            base: None,
        }))
    }

    fn from_zone(zone: GaussKruger) -> Self {
        let (axis, inverse_flattening) =
            zone.datum.ellipsoid().expect("zones of China stand on datums with a known ellipsoid");
        Self(Arc::new(Definition {
            code: format!("EPSG:{}", zones::code_of_zone(&zone)),
            name: zones::epsg_name(&zone),
            kind: CrsKind::GaussKruger(zone),
            datum: zone.datum,
            step: Some(format!(
                "+proj=tmerc +lat_0=0 +lon_0={} +k=1 +x_0={} +y_0=0 +a={axis} +rf={inverse_flattening}",
                zone.central_meridian_deg, zone.false_easting_m
            )),
            unit_m: 1.0,
            base: None,
        }))
    }

    /// `EPSG:4527`, `OGC:CRS84`, a PROJ string or WKT.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// What stands for it in a line of text: its code, and its name where it has a definition in place of one.
    pub fn code_or_name(&self) -> &str {
        if self.0.code.len() > 24 { &self.0.name } else { &self.0.code }
    }

    /// The EPSG number, where the code is one.
    pub fn epsg(&self) -> Option<u32> {
        self.0.code.strip_prefix("EPSG:")?.parse().ok() // not a plain number: no EPSG code
    }

    /// The name by which GeoJSON's legacy member calls it: `urn:ogc:def:crs:EPSG::4527`. `None` without a code.
    pub fn urn(&self) -> Option<String> {
        match self.0.code.split_once(':')? {
            ("OGC", code) => Some(format!("urn:ogc:def:crs:OGC:1.3:{code}")),
            (authority @ ("EPSG" | "ESRI"), code) => Some(format!("urn:ogc:def:crs:{authority}::{code}")),
            _ => None,
        }
    }

    /// Name as the authority gives it.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Name as shown: `CGCS2000 / 3° 带，中央经线 117°` for Chinese readers. Names of other countries stay as they are.
    pub fn name_in(&self, language: Language) -> String {
        match self.0.kind {
            CrsKind::GaussKruger(zone) => {
                let key = match (zone.width_deg, zone.prefixed) {
                    (3, true) => "crs.name-gk3-zone",
                    (3, false) => "crs.name-gk3-meridian",
                    (_, true) => "crs.name-gk6-zone",
                    (_, false) => "crs.name-gk6-meridian",
                };
                Message::new(key)
                    .with("datum", zone.datum.name_in(language))
                    .with("zone", zone.zone)
                    .with("meridian", zone.central_meridian_deg)
                    .text(language)
            }
            CrsKind::Geographic if self.0.datum != Datum::Other => {
                Message::new("crs.name-geographic").with("datum", self.0.datum.name_in(language)).text(language)
            }
            _ if self.0.code == "EPSG:3857" => tr(language, "crs.name-web-mercator").to_owned(),
            _ => name_said(&self.0.name, language),
        }
    }

    /// Name and code for lists: `CGCS2000 / 3° 带，中央经线 117°（EPSG:4548）`.
    pub fn label_in(&self, language: Language) -> String {
        let name = self.name_in(language);
        if self.0.code.len() > 24 {
            return name;
        }
        Message::new("crs.label").with("name", name).with("code", &self.0.code).text(language)
    }

    /// Name for a status bar, as shown: `CGCS2000 / 3° 带 39` for Chinese readers.
    pub fn short_name_in(&self, language: Language) -> String {
        match (self.0.kind, language) {
            (CrsKind::GaussKruger(zone), Language::Chinese) => {
                let of = if zone.prefixed { zone.zone.to_string() } else { format!("{}°", zone.central_meridian_deg) };
                format!("{} / {}° 带 {of}", zone.datum.name_in(language), zone.width_deg)
            }
            (CrsKind::Geographic, _) if self.0.datum != Datum::Other => self.0.datum.name_in(language).to_owned(),
            (_, Language::Chinese) if self.0.kind == CrsKind::Projected => name_said(&self.0.name, language),
            _ => self.short_name(),
        }
    }

    /// Name for a status bar: `CGCS2000 / 3° GK 39`, `CGCS2000 / 3° GK 117°E`.
    pub fn short_name(&self) -> String {
        match self.0.kind {
            CrsKind::GaussKruger(zone) if zone.prefixed => {
                format!("{} / {}° GK {}", zone.datum.name(), zone.width_deg, zone.zone)
            }
            CrsKind::GaussKruger(zone) => {
                format!("{} / {}° GK {}°E", zone.datum.name(), zone.width_deg, zone.central_meridian_deg)
            }
            CrsKind::Geographic if self.0.datum != Datum::Other => self.0.datum.name().to_owned(),
            _ => self.0.name.clone(),
        }
    }

    /// Name and code for messages, as shown: `CGCS2000 / 3° 带 39（EPSG:4527）` for Chinese readers.
    pub fn reference_in(&self, language: Language) -> String {
        let name = self.short_name_in(language);
        if self.0.code.len() > 24 {
            return name;
        }
        Message::new("crs.label").with("name", name).with("code", &self.0.code).text(language)
    }

    /// Name and code for logs and developers: `CGCS2000 / 3° GK 39 (EPSG:4527)`.
    pub fn reference(&self) -> String {
        if self.0.code.len() > 24 { self.short_name() } else { format!("{} ({})", self.short_name(), self.0.code) }
    }

    /// What its coordinates are.
    pub fn kind(&self) -> CrsKind {
        self.0.kind
    }

    /// Its datum.
    pub fn datum(&self) -> Datum {
        self.0.datum
    }

    /// Metres in one unit of its coordinates: 0.3048 for feet; 1 for metres and, without meaning, for degrees.
    pub fn metres_per_unit(&self) -> f64 {
        self.0.unit_m
    }

    /// Metres in one unit of its coordinates, for scales and scale bars: of degrees, what one takes along the equator.
    pub fn metres_per_unit_on_map(&self) -> f64 {
        const WGS84_SEMI_MAJOR_M: f64 = 6_378_137.0;
        let semi_major_m = self.0.datum.ellipsoid().map_or(WGS84_SEMI_MAJOR_M, |(a, _)| a);
        if self.is_geographic() { semi_major_m.to_radians() } else { self.0.unit_m }
    }

    /// Whether coordinates are degrees.
    pub fn is_geographic(&self) -> bool {
        self.0.kind == CrsKind::Geographic
    }

    /// The area that the system is made for: west, south, east and north in degrees, west greater than east across the
    /// antimeridian. `None` for systems of the whole world, and for zones of China, whose numbers say themselves where
    /// they lie.
    pub fn area_of_use(&self) -> Option<[f64; 4]> {
        if self.gauss_kruger().is_some() || self.0.code == "EPSG:3857" || self.is_local_plane() {
            return None;
        }
        if self.is_geographic() && self.0.datum != Datum::Other {
            return self.0.datum.needs_parameters().then_some([73.0, 15.0, 136.0, 54.0]);
        }
        match self.epsg() {
            Some(code @ (32_601..=32_660 | 32_701..=32_760)) => {
                let west = f64::from(code % 100) * 6.0 - 186.0;
                let (south, north) = if code < 32_700 { (0.0, 84.0) } else { (-80.0, 0.0) };
                Some([west, south, west + 6.0, north])
            }
            _ => describe::area_of_use(&self.0.code),
        }
    }

    /// The Gauss-Krüger zone, where it is one.
    pub fn gauss_kruger(&self) -> Option<GaussKruger> {
        match self.0.kind {
            CrsKind::GaussKruger(zone) => Some(zone),
            _ => None,
        }
    }

    /// Longitude and latitude on the same datum; on WGS 84 where PROJ has no name for that system.
    pub fn geographic(&self) -> Self {
        if self.is_geographic() {
            return self.clone();
        }
        if self.is_local_plane() {
            return Self::geographic_of(LOCAL_DEGREES, LOCAL_PLANE_NAME, Datum::Cgcs2000);
        }
        match self.0.datum {
            Datum::Cgcs2000 => Self::cgcs2000(),
            Datum::Wgs84 => Self::wgs84(),
            Datum::Other => {
                self.0.base.as_ref().and_then(|base| describe::known(base).ok()).unwrap_or_else(Self::wgs84)
            }
            Datum::Xian1980 => Self::geographic_of("EPSG:4610", "Xian 1980", Datum::Xian1980),
            Datum::Beijing1954 => Self::geographic_of("EPSG:4214", "Beijing 1954", Datum::Beijing1954),
        }
    }

    /// Whether the same numbers name the same place in both: equal definitions, or CGCS2000 beside WGS 84 degrees,
    /// or a 3° zone beside the 6° zone of the same meridian and false easting.
    pub fn has_same_coordinates(&self, other: &Self) -> bool {
        if self == other {
            return true;
        }
        self.0.datum.agrees_with(other.0.datum)
            && match (self.0.kind, other.0.kind) {
                (CrsKind::Geographic, CrsKind::Geographic) => true,
                (CrsKind::GaussKruger(a), CrsKind::GaussKruger(b)) => {
                    a.datum == b.datum
                        && a.central_meridian_deg == b.central_meridian_deg
                        && a.false_easting_m == b.false_easting_m
                }
                _ => false,
            }
    }
}

/// The name of a system or of a plane of measuring, as an authority or this program gives it in English, as shown:
/// `CGCS2000 / 3-degree Gauss-Kruger CM 117E` is `CGCS2000 / 3° 带，中央经线 117°` for Chinese readers. Names of other
/// countries stay as they are.
pub fn name_said(name: &str, language: Language) -> String {
    if name == LOCAL_PLANE_NAME {
        return tr(language, "crs.name-local-plane").to_owned();
    }
    let Some((datum, rest)) = name.split_once(" / ") else {
        let known = [Datum::Cgcs2000, Datum::Wgs84, Datum::Xian1980, Datum::Beijing1954];
        let datum = known.into_iter().find(|datum| datum.name() == name);
        return datum.map_or_else(|| name.to_owned(), |datum| datum.name_in(language).to_owned());
    };
    let known = [Datum::Cgcs2000, Datum::Wgs84, Datum::Xian1980, Datum::Beijing1954];
    let Some(datum) = known.into_iter().find(|known| known.name() == datum) else { return name.to_owned() };
    let datum = datum.name_in(language);
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if let Some(zone) = rest.strip_prefix("UTM zone ")
        && let Some((number, south)) =
            zone.strip_suffix('N').map(|n| (n, false)).or(zone.strip_suffix('S').map(|n| (n, true)))
        && is_number(number)
    {
        let key = if south { "crs.name-utm-south" } else { "crs.name-utm-north" };
        return Message::new(key).with("datum", datum).with("zone", number).text(language);
    }
    let (three, rest) = match rest.strip_prefix("3-degree ") {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let Some(rest) = rest.strip_prefix("Gauss-Kruger ") else { return name.to_owned() };
    if let Some(zone) = rest.strip_prefix("zone ").filter(|zone| is_number(zone)) {
        let key = if three { "crs.name-gk3-zone" } else { "crs.name-gk6-zone" };
        return Message::new(key).with("datum", datum).with("zone", zone).text(language);
    }
    let meridian =
        rest.strip_prefix("CM ").and_then(|rest| Some((rest.strip_suffix(['E', 'W'])?, rest.ends_with('W'))));
    match meridian.filter(|(number, _)| is_number(number)) {
        Some((number, west)) => {
            let key = if three { "crs.name-gk3-meridian" } else { "crs.name-gk6-meridian" };
            let number = if west && number != "0" { format!("−{number}") } else { number.to_owned() };
            Message::new(key).with("datum", datum).with("meridian", number).text(language)
        }
        None => name.to_owned(),
    }
}

/// What [`Crs::reference`] gives, as shown: its code leads to the system and to its name.
fn reference_said(reference: &str, language: Language) -> String {
    if reference.starts_with(LOCAL_PLANE_NAME) {
        return Crs::local_plane().reference_in(language);
    }
    let code = reference.rsplit_once(" (EPSG:").and_then(|(_, code)| code.strip_suffix(')')?.parse().ok()); // no code
    match code.and_then(|code| Crs::from_epsg(code).ok()) {
        Some(crs) => crs.reference_in(language),
        None => reference.to_owned(),
    }
}

/// Keeps PROJ from writing to the terminal: what it says is in our errors, in the user's language. To be called before
/// the first CRS is made and before any thread is started; `PROJ_DEBUG`, where it is set, stays as it is.
pub fn silence_proj() {
    // PROJ has no quieter way than its environment. A reader of text in memory does not fail.
    let _ = dotenvy::from_read("PROJ_DEBUG=0".as_bytes());
}

/// Systems that match what a user types into a search box, best first: codes, names in either language, zones and
/// meridians. An empty text gives the systems that planners use most.
pub fn search(text: &str) -> Vec<Crs> {
    parse::search(text)
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod decide_tests;

#[cfg(test)]
mod suite_tests;
