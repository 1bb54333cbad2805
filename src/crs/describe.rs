//! What PROJ says about a definition: codes of its database, well-known text, PROJ strings.
//!
//! PROJ reads the text and writes it as PROJJSON, from which name, datum, kind and parameters are taken. What turns out
//! to be a Chinese zone, UTM on WGS 84 or Web Mercator by its *parameters* becomes that system, whatever it is called.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use proj::Proj;
use proj::wkt::WktVersion;
use serde_json::Value;

use super::admit::{self, Origin};
use super::{Crs, CrsError, CrsKind, Datum, Definition, parse, reproject, zones};

/// The CRS that PROJ's database holds under a code such as `EPSG:26915`.
pub(super) fn known(code: &str) -> Result<Crs, CrsError> {
    // Building one costs milliseconds, and a picker or a file of many layers asks for the same few again and again.
    static KNOWN: LazyLock<Mutex<HashMap<String, Crs>>> = LazyLock::new(Mutex::default);
    let cache = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(crs) = cache().get(code) {
        return Ok(crs.clone());
    }
    // Not under the lock: a compound system asks for its horizontal part.
    let crs = build(&projjson(code).map_err(|_| missing(code))?, code, false)?;
    cache().insert(code.to_owned(), crs.clone());
    Ok(crs)
}

/// The area that the authority states for the system of a code or definition: west, south, east and north in degrees,
/// west greater than east across the antimeridian. `None` where it states none.
pub(super) fn area_of_use(text: &str) -> Option<[f64; 4]> {
    static KNOWN: LazyLock<Mutex<HashMap<String, Option<[f64; 4]>>>> = LazyLock::new(Mutex::default);
    let cache = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(area) = cache().get(text) {
        return *area;
    }
    if !admit::is_code(text) {
        admit::definition(text, Origin::User).ok()?; // no question to PROJ, no area
    }
    let proj = reproject::create(|| Proj::new(text)).ok()?; // a system without a definition has no area
    let (area, _) = proj.area_of_use().ok()?; // nor one of which nothing is said
    let area = area.map(|area| [area.west, area.south, area.east, area.north]);
    cache().insert(text.to_owned(), area);
    area
}

/// Why a code has no definition: it does not exist, or there is no database to tell.
fn missing(code: &str) -> CrsError {
    let has_database = projjson("EPSG:4326").is_ok();
    if has_database { CrsError::Unknown(code.to_owned()) } else { CrsError::Database(code.to_owned()) }
}

/// The CRS of a well-known text, a PROJ string or PROJJSON, as far as `origin` may give one: see [`admit`].
pub(super) fn definition(text: &str, origin: Origin) -> Result<Crs, CrsError> {
    let text = text.trim().trim_start_matches('\u{feff}');
    if let Err(error) = admit::definition(text, origin) {
        return match admit::code_beside_extension(text) {
            Some(code) if matches!(error, CrsError::Refused(_)) => parse::parse(&code, origin),
            _ => Err(error),
        };
    }
    let is_proj_string = text.starts_with('+') || text.starts_with("proj=");
    let typed =
        if is_proj_string && !text.contains("type=crs") { format!("{text} +type=crs") } else { text.to_owned() };
    build(&projjson(&typed)?, text, is_proj_string)
}

/// The CRS that PROJ's database holds under exactly this name, letters and digits compared.
pub(super) fn named(text: &str) -> Result<Crs, CrsError> {
    let unknown = |_| CrsError::Unknown(text.to_owned());
    let json = projjson(text).map_err(unknown)?;
    if letters(str_of(&json, "name")) != letters(text) {
        return Err(CrsError::Unknown(text.to_owned()));
    }
    match id(&json) {
        Some((authority, code)) if authority == "EPSG" => Crs::from_epsg(code.parse().unwrap_or(0)).map_err(unknown),
        Some((authority, code)) => build(&json, &format!("{authority}:{code}"), false),
        None => Err(CrsError::Unknown(text.to_owned())),
    }
}

/// The well-known text of a system as ESRI's programs write it, for a `.prj`. Chinese systems are written by their own
/// parameters, others by PROJ.
pub(super) fn esri_wkt(crs: &Crs) -> Option<String> {
    if crs.is_local_plane() {
        return None;
    }
    let geographic = |datum: Datum| {
        let (name, datum_name) = match datum {
            Datum::Cgcs2000 => ("GCS_China_Geodetic_Coordinate_System_2000", "D_China_2000"),
            Datum::Wgs84 => ("GCS_WGS_1984", "D_WGS_1984"),
            Datum::Xian1980 => ("GCS_Xian_1980", "D_Xian_1980"),
            Datum::Beijing1954 => ("GCS_Beijing_1954", "D_Beijing_1954"),
            Datum::Other => return None,
        };
        let ellipsoid = match datum {
            Datum::Cgcs2000 => "CGCS2000",
            Datum::Wgs84 => "WGS_1984",
            Datum::Xian1980 => "Xian_1980",
            _ => "Krasovsky_1940",
        };
        let (axis, flattening) = datum.ellipsoid()?;
        Some(format!(
            "GEOGCS[\"{name}\",DATUM[\"{datum_name}\",SPHEROID[\"{ellipsoid}\",{axis:.1},{flattening:?}]],\
             PRIMEM[\"Greenwich\",0.0],UNIT[\"Degree\",0.0174532925199433]]"
        ))
    };
    match crs.kind() {
        CrsKind::GaussKruger(zone) if zone.datum != Datum::Other => Some(format!(
            "PROJCS[\"{}\",{},PROJECTION[\"Gauss_Kruger\"],PARAMETER[\"False_Easting\",{:.1}],\
             PARAMETER[\"False_Northing\",0.0],PARAMETER[\"Central_Meridian\",{:?}],PARAMETER[\"Scale_Factor\",1.0],\
             PARAMETER[\"Latitude_Of_Origin\",0.0],UNIT[\"Meter\",1.0]]",
            super::zones::esri_name(&zone),
            geographic(zone.datum)?,
            zone.false_easting_m,
            zone.central_meridian_deg,
        )),
        CrsKind::Geographic if crs.datum().geographic_epsg().is_some() && !crs.is_by_definition() => {
            geographic(crs.datum())
        }
        _ => written(crs, WktVersion::Wkt1_Esri),
    }
}

/// The well-known text of a system by OGC's older standards, for databases: PROJ's where it has one, else ESRI's.
pub(super) fn ogc_wkt(crs: &Crs) -> Option<String> {
    if crs.is_local_plane() {
        return None;
    }
    written(crs, WktVersion::Wkt1_Gdal).or_else(|| esri_wkt(crs))
}

/// The definition of a system as PROJJSON.
pub(super) fn projjson_text(crs: &Crs) -> Option<String> {
    if crs.is_local_plane() {
        return None;
    }
    projjson(crs.code()).ok().map(|json| json.to_string()) // a system without a definition has none
}

/// The well-known text of a system as PROJ writes it.
fn written(crs: &Crs, version: WktVersion) -> Option<String> {
    let text = crs.code();
    if !admit::is_code(text) {
        admit::definition(text, Origin::User).ok()?; // no question to PROJ, no text
    }
    let proj = reproject::create(|| Proj::new(text)).ok()?; // a system without a definition has none
    // The crate panics where PROJ has no such text.
    let written = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| proj.as_wkt(Some(version), None)));
    written.ok()?.ok() // nor one that the older forms have no words for
}

/// What PROJ says of a text. The one place where a text of others becomes a question to PROJ.
fn projjson(text: &str) -> Result<Value, CrsError> {
    if !(admit::is_code(text) || admit::is_name(text)) {
        admit::definition(text, Origin::User)?;
    }
    let proj = reproject::create(|| Proj::new(text))?;
    let json = proj.to_projjson(None, None, None).map_err(|_| CrsError::Unknown(shortened(text)))?;
    serde_json::from_str(&json).map_err(|error| CrsError::Proj(error.to_string()))
}

/// Builds a CRS from PROJJSON. `text` is what PROJ understands it by: a code or the definition itself.
fn build(json: &Value, text: &str, keep_bound: bool) -> Result<Crs, CrsError> {
    match str_of(json, "type") {
        // The horizontal part counts: heights are kept apart from x and y.
        "CompoundCRS" => {
            let horizontal = json.get("components").and_then(|c| c.get(0)).unwrap_or(&Value::Null);
            match id(horizontal) {
                Some((authority, code)) if authority == "EPSG" => {
                    Crs::from_epsg(code.parse().map_err(|_| CrsError::Unknown(shortened(text)))?)
                }
                // PROJ leaves the code of a part out; its name leads back to it, where the parameters are the same.
                _ => match named(str_of(horizontal, "name")) {
                    Ok(crs) if projjson(crs.code()).is_ok_and(|of_code| is_same(&of_code, horizontal)) => Ok(crs),
                    _ => build(horizontal, &horizontal.to_string(), keep_bound),
                },
            }
        }
        // Shifts to WGS 84 that come inside a file are of unknown origin; those of a PROJ string the user wrote.
        "BoundCRS" => {
            let source = json.get("source_crs").unwrap_or(&Value::Null);
            if keep_bound {
                let mut parts = Parts::read(source)?;
                (parts.datum, parts.known) = (Datum::Other, None);
                return Ok(parts.into_crs(text));
            }
            build(source, &source.to_string(), false)
        }
        _ => {
            let parts = Parts::read(json)?;
            if let Some(known) = parts.known {
                return Ok(known);
            }
            // A file may carry the code of one system and the parameters of another: the code counts only where the
            // database's parameters are the same.
            if let Some((authority, code)) = id(json) {
                let code = format!("{authority}:{code}");
                let same = code == text || projjson(&code).is_ok_and(|of_code| is_same(&of_code, json));
                if same {
                    return Ok(parts.into_crs(&code));
                }
            }
            // Without a code, a name leads back to one, where the parameters are the same.
            if let Ok(crs) = named(&parts.name)
                && projjson(crs.code()).is_ok_and(|of_code| is_same(&of_code, json))
            {
                return Ok(crs);
            }
            Ok(parts.into_crs(text))
        }
    }
}

/// Whether a unit is the degree: by its name, or by its size to the digits that other programs write of it.
fn is_degree(unit: &Value) -> bool {
    let size = unit.get("conversion_factor").and_then(Value::as_f64);
    unit.as_str() == Some("degree") || size.is_some_and(|size| (size.to_degrees() - 1.0).abs() < 1e-9)
}

/// Whether two definitions have the same datum and parameters.
fn is_same(a: &Value, b: &Value) -> bool {
    a.get("conversion").map(parameters) == b.get("conversion").map(parameters)
        && datum_name(base(a)) == datum_name(base(b))
}

/// What is wanted of a definition.
struct Parts {
    name: String,
    datum: Datum,
    geographic: bool,
    unit_m: f64,
    /// Code of the geographic system underneath.
    base: Option<String>,
    /// The system of ours that has these parameters.
    known: Option<Crs>,
}

impl Parts {
    fn read(json: &Value) -> Result<Self, CrsError> {
        let name = str_of(json, "name").to_owned();
        let unsupported = || CrsError::Unsupported(name.clone());
        let system = json.get("coordinate_system").ok_or_else(unsupported)?;
        let axis_unit = system.get("axis").and_then(|axes| axes.get(0)).and_then(|axis| axis.get("unit"));
        let datum = datum(base(json));
        match (str_of(json, "type"), str_of(system, "subtype")) {
            ("GeographicCRS" | "GeodeticCRS" | "DerivedGeographicCRS", "ellipsoidal") => {
                if !axis_unit.is_some_and(is_degree) {
                    return Err(unsupported());
                }
                let plain = str_of(json, "type") != "DerivedGeographicCRS" && has_greenwich(json);
                let known = datum.geographic_epsg().filter(|_| plain).map(Crs::from_epsg).transpose()?;
                let datum = if plain { datum } else { Datum::Other };
                Ok(Self { name, datum, geographic: true, unit_m: 1.0, base: None, known })
            }
            ("ProjectedCRS" | "DerivedProjectedCRS", "Cartesian") => {
                let unit_m = match axis_unit {
                    Some(Value::String(unit)) if unit == "metre" => 1.0,
                    Some(unit) => unit.get("conversion_factor").and_then(Value::as_f64).ok_or_else(unsupported)?,
                    None => return Err(unsupported()),
                };
                let known =
                    if unit_m == 1.0 && has_greenwich(base(json)) { known_projection(json, datum) } else { None };
                let base = id(base(json)).map(|(authority, code)| format!("{authority}:{code}"));
                Ok(Self { name, datum, geographic: false, unit_m, base, known })
            }
            _ => Err(unsupported()),
        }
    }

    fn into_crs(self, code: &str) -> Crs {
        let kind = if self.geographic { CrsKind::Geographic } else { CrsKind::Projected };
        let name =
            if self.name.is_empty() || self.name.eq_ignore_ascii_case("unknown") { shortened(code) } else { self.name };
        Crs(Arc::new(Definition {
            code: code.to_owned(),
            name,
            kind,
            datum: self.datum,
            step: None,
            unit_m: self.unit_m,
            base: self.base,
        }))
    }
}

/// The Chinese zone, UTM zone or Web Mercator that has these parameters.
fn known_projection(json: &Value, datum: Datum) -> Option<Crs> {
    let conversion = json.get("conversion")?;
    let method = str_of(conversion.get("method")?, "name");
    if method == "Popular Visualisation Pseudo Mercator" && datum == Datum::Wgs84 {
        return Some(Crs::web_mercator());
    }
    if !matches!(method, "Transverse Mercator" | "Gauss-Kruger" | "Gauss_Kruger") {
        return None;
    }
    let values = parameters(conversion);
    let value = |name: &str| values.iter().find(|(key, _)| key == name).map(|(_, value)| *value);
    let meridian = value("Longitude of natural origin")?;
    let (scale, easting) = (value("Scale factor at natural origin")?, value("False easting")?);
    let northing = value("False northing").unwrap_or(0.0);
    if value("Latitude of natural origin").unwrap_or(0.0).abs() > 1e-12 {
        return None;
    }
    if (scale - 1.0).abs() < 1e-12 && northing == 0.0 {
        // The two divisions share meridians; the name then says which is meant, and the numbers are the same.
        let name = letters(str_of(json, "name"));
        let is_six = ["gkzone", "gkcm", "gausskrugerzone", "gausskrugercm"].iter().any(|word| name.contains(word))
            && !name.contains("3degree");
        let width_deg = if is_six { 6 } else { 3 };
        return zones::zone_of_parameters(datum, meridian, easting, width_deg).map(Crs::from_zone);
    }
    let utm = (meridian + 183.0) / 6.0;
    if datum == Datum::Wgs84
        && (scale - 0.9996).abs() < 1e-12
        && easting == 500_000.0
        && (northing == 0.0 || northing == 1e7)
        && utm.fract() == 0.0
        && (1.0..=60.0).contains(&utm)
    {
        return Some(Crs::utm(utm as u8, northing == 0.0));
    }
    None
}

/// Parameters of a conversion by name, in metres and degrees.
fn parameters(conversion: &Value) -> Vec<(String, f64)> {
    let list = conversion.get("parameters").and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(|parameter| {
            let value = parameter.get("value").and_then(Value::as_f64)?;
            let factor = match parameter.get("unit") {
                Some(Value::Object(unit)) => {
                    let factor = unit.get("conversion_factor").and_then(Value::as_f64).unwrap_or(1.0);
                    if str_of(parameter.get("unit")?, "type") == "AngularUnit" { factor.to_degrees() } else { factor }
                }
                _ => 1.0,
            };
            Some((str_of(parameter, "name").to_owned(), value * factor))
        })
        .collect()
}

/// The geographic system that a projection stands on, or the system itself.
fn base(json: &Value) -> &Value {
    json.get("base_crs").unwrap_or(json)
}

fn datum_node(geographic: &Value) -> Option<&Value> {
    geographic.get("datum").or_else(|| geographic.get("datum_ensemble"))
}

fn datum_name(geographic: &Value) -> String {
    letters(datum_node(geographic).map_or("", |node| str_of(node, "name")))
}

fn has_greenwich(geographic: &Value) -> bool {
    let meridian = datum_node(geographic).and_then(|node| node.get("prime_meridian"));
    meridian.is_none_or(|m| m.get("longitude").and_then(Value::as_f64) == Some(0.0))
}

/// The datum by its name; where that is said to be unknown, by its ellipsoid, which in this program's files means the
/// datum of China that uses it.
fn datum(geographic: &Value) -> Datum {
    let name = datum_name(geographic);
    let named = |keys: &[&str]| keys.iter().any(|key| name.contains(key));
    if named(&["chinageodeticcoordinatesystem2000", "chinageodetic2000", "china2000", "cgcs2000"]) {
        return Datum::Cgcs2000;
    }
    if named(&["xian1980", "xian80"]) {
        return Datum::Xian1980;
    }
    if named(&["beijing1954", "beijing54"]) {
        return Datum::Beijing1954;
    }
    if named(&["worldgeodeticsystem1984", "wgs1984", "wgs84"]) {
        return Datum::Wgs84;
    }
    if !(name.is_empty() || name.contains("unknown") || name.contains("notspecified")) {
        return Datum::Other;
    }
    let ellipsoid = datum_node(geographic).and_then(|node| node.get("ellipsoid"));
    let number = |key: &str| {
        let value = ellipsoid.and_then(|e| e.get(key))?;
        value.as_f64().or_else(|| value.get("value").and_then(Value::as_f64))
    };
    let (Some(axis), Some(flattening)) = (number("semi_major_axis"), number("inverse_flattening")) else {
        return Datum::Other;
    };
    [Datum::Cgcs2000, Datum::Wgs84, Datum::Xian1980, Datum::Beijing1954]
        .into_iter()
        .find(|datum| {
            datum.ellipsoid().is_some_and(|(a, rf)| (a - axis).abs() < 1e-6 && (rf - flattening).abs() < 1e-9)
        })
        .unwrap_or(Datum::Other)
}

fn id(json: &Value) -> Option<(String, String)> {
    let id = json.get("id")?;
    let code = match id.get("code")? {
        Value::String(code) => code.clone(),
        code => code.to_string(),
    };
    Some((str_of(id, "authority").to_owned(), code))
}

fn str_of<'a>(json: &'a Value, key: &str) -> &'a str {
    json.get(key).and_then(Value::as_str).unwrap_or("")
}

/// Letters and digits in lower case, everything else dropped.
pub(super) fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The start of a long text, for messages.
pub(super) fn shortened(text: &str) -> String {
    if text.chars().count() <= 80 { text.to_owned() } else { text.chars().take(79).chain(['…']).collect() }
}
