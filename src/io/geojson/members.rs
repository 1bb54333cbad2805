//! The members of a collection besides its features, before or after them.

use super::super::scan::{RawText, Scanned, Scanner};

/// Names that are kept of members that have no place in a collection.
const KEPT_NAMES: usize = 100;

/// Members of a FeatureCollection, or of an object that stands for one.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::io) struct Members {
    /// Its `type`, where that is text.
    pub(in crate::io) kind: Option<String>,
    /// Its `name`.
    pub(in crate::io) name: Option<String>,
    /// Its `crs`, as JSON text.
    pub(in crate::io) crs: Option<String>,
    /// Whether a second `crs` says something else.
    pub(in crate::io) crs_differs: bool,
    /// The first `crs` of a feature, a geometry or a collection among the features; counts where the file has none.
    pub(in crate::io) inner_crs: Option<String>,
    /// The first of these that is written differently.
    pub(in crate::io) other_inner_crs: Option<String>,
    /// What stands as its `bbox` without being one.
    pub(in crate::io) odd_bbox: Option<String>,
    /// Members that GeoJSON does not know.
    pub(in crate::io) foreign: Vec<String>,
    /// Members that only other objects of GeoJSON may have.
    pub(in crate::io) misplaced: Vec<String>,
    /// Members that stand twice.
    pub(in crate::io) repeated: Vec<String>,
}

impl Members {
    /// Takes the member `key`, whose value is under the cursor.
    pub(in crate::io) fn read(&mut self, key: RawText<'_>, scanner: &mut Scanner<'_>) -> Scanned<()> {
        let start = scanner.pos();
        scanner.skip_value()?;
        let value = &scanner.text()[start..scanner.pos()];
        let text = || Scanner::lenient(value, 0).string().map(|raw| raw.decoded());
        let key = if key.escaped { key.decoded() } else { key.raw.to_owned() };
        let slot = match key.as_str() {
            "type" => &mut self.kind,
            "name" => &mut self.name,
            "crs" => {
                self.set_crs(value);
                return Ok(());
            }
            "bbox" => {
                if !is_bbox(value) {
                    self.odd_bbox.get_or_insert_with(|| value.chars().take(40).collect());
                }
                return Ok(());
            }
            "features" | "geometry" | "geometries" | "coordinates" | "properties" => {
                push(&mut self.misplaced, key);
                return Ok(());
            }
            _ => {
                push(&mut self.foreign, key);
                return Ok(());
            }
        };
        if slot.is_some() {
            push(&mut self.repeated, key);
        } else if value.starts_with('"') {
            *slot = Some(text()?);
        } else if key == "type" {
            *slot = Some(value.chars().take(40).collect());
        }
        Ok(())
    }

    /// Takes a `crs` as JSON text; the first one counts.
    pub(in crate::io) fn set_crs(&mut self, value: &str) {
        match &self.crs {
            None => self.crs = Some(value.to_owned()),
            Some(first) => self.crs_differs |= first != value,
        }
    }

    /// Takes the `crs` of something within the file.
    pub(in crate::io) fn set_inner_crs(&mut self, value: &str) {
        if value.len() > MOST_CRS_BYTES {
            return;
        }
        match &self.inner_crs {
            None => self.inner_crs = Some(value.to_owned()),
            Some(first) if first != value => {
                self.other_inner_crs.get_or_insert_with(|| value.to_owned());
            }
            Some(_) => {}
        }
    }

    /// The `crs` that counts.
    pub(in crate::io) fn stated_crs(&self) -> Option<&str> {
        self.crs.as_deref().or(self.inner_crs.as_deref())
    }

    /// Adds the members that follow later in the file.
    pub(in crate::io) fn append(&mut self, later: Self) {
        self.kind = self.kind.take().or(later.kind);
        self.name = self.name.take().or(later.name);
        if let Some(crs) = later.crs {
            self.set_crs(&crs);
        }
        self.crs_differs |= later.crs_differs;
        for inner in [later.inner_crs, later.other_inner_crs].into_iter().flatten() {
            self.set_inner_crs(&inner);
        }
        self.odd_bbox = self.odd_bbox.take().or(later.odd_bbox);
        for (mine, theirs) in [
            (&mut self.foreign, later.foreign),
            (&mut self.misplaced, later.misplaced),
            (&mut self.repeated, later.repeated),
        ] {
            theirs.into_iter().for_each(|name| push(mine, name));
        }
    }
}

fn push(names: &mut Vec<String>, name: String) {
    if names.len() < KEPT_NAMES && !names.contains(&name) {
        names.push(name);
    }
}

/// What a `crs` member says.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::io) enum DeclaredCrs {
    /// `null`: none can be assumed (GeoJSON 2008, section 3).
    Null,
    /// A name, URN or code.
    Named(String),
    /// A link or something else that names nothing.
    Unreadable(String),
}

/// Longest `crs` member that is looked at.
const MOST_CRS_BYTES: usize = 64 * 1024;

/// Whether a JSON value is a bounding box (RFC 7946, section 5): 4 or 6 numbers, south before north.
pub(in crate::io) fn is_bbox(value: &str) -> bool {
    if value.len() > 500 {
        return false;
    }
    let Ok(numbers) = serde_json::from_str::<Vec<f64>>(value) else { return false };
    let half = numbers.len() / 2;
    matches!(numbers.len(), 4 | 6) && numbers[1] <= numbers[half + 1]
}

/// Reads the legacy `crs` member of GeoJSON 2008 in the forms that occur: `name`, `EPSG` with a code, `OGC` with an URN,
/// a link (read, never followed), a plain string, PROJJSON.
pub(in crate::io) fn declared_crs(json: &str) -> DeclaredCrs {
    let cut = || json.chars().take(1000).collect();
    if json.len() > MOST_CRS_BYTES {
        return DeclaredCrs::Unreadable(cut());
    }
    let value: serde_json::Value = match serde_json::from_str(json) {
        Ok(value) => value,
        // Too deep, or NaN within.
        Err(_) => return DeclaredCrs::Unreadable(cut()),
    };
    let properties = &value["properties"];
    let number = |v: &serde_json::Value| v.as_u64().map(|code| format!("EPSG:{code}"));
    let text = |v: &serde_json::Value| {
        v.as_str().map(|t| if t.trim().parse::<u32>().is_ok() { format!("EPSG:{}", t.trim()) } else { t.to_owned() })
    };
    let inside = |keys: &[&str]| {
        let values = keys.iter().flat_map(|key| [&properties[*key], &value[*key]]);
        values.filter_map(|v| text(v).or_else(|| number(v))).next()
    };
    let named = text(&value)
        .or_else(|| number(&value))
        .or_else(|| inside(&["name", "code", "urn", "wkid", "latestWkid", "epsg", "EPSG", "srid", "SRID", "wkt"]));
    // PROJJSON has a name too; the whole says more.
    let is_projjson = value["type"].as_str().is_some_and(|kind| kind.ends_with("CRS"));
    if is_projjson {
        return DeclaredCrs::Named(json.to_owned());
    }
    if let Some(name) = named {
        return DeclaredCrs::Named(name);
    }
    // An address that spells a code is as good as the code; others name nothing.
    let address = inside(&["href", "url", "uri"]).filter(|address| crate::crs::Crs::declared(address).is_ok());
    match address {
        Some(address) => DeclaredCrs::Named(address),
        None if value.is_null() => DeclaredCrs::Null,
        None => DeclaredCrs::Unreadable(cut()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legacy_crs_members_are_understood() {
        let check = |json: &str, expected: &str| match declared_crs(json) {
            DeclaredCrs::Named(name) => assert_eq!(name, expected, "{json}"),
            other => panic!("{json} gave {other:?}"),
        };
        check(r#"{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4527"}}"#, "urn:ogc:def:crs:EPSG::4527");
        check(r#"{"type":"EPSG","properties":{"code":4490}}"#, "EPSG:4490");
        check(r#"{"type":"EPSG","properties":{"code":"4490"}}"#, "EPSG:4490");
        check(r#""EPSG:4527""#, "EPSG:4527");
        check(r#"{"type":"OGC","properties":{"urn":"urn:ogc:def:crs:EPSG::4548"}}"#, "urn:ogc:def:crs:EPSG::4548");
        check(r#"{"type":"EPSG","properties":{"srid":4490}}"#, "EPSG:4490");
        let address = "http://spatialreference.org/ref/epsg/4527/proj4/";
        check(&format!(r#"{{"type":"link","properties":{{"href":"{address}"}}}}"#), address);
        let json = r#"{"type":"GeographicCRS","name":"China Geodetic Coordinate System 2000"}"#;
        check(json, json);
        assert_eq!(declared_crs("null"), DeclaredCrs::Null);
        let link = r#"{"type":"link","properties":{"href":"http://example.com/crs/42","type":"proj4"}}"#;
        assert!(matches!(declared_crs(link), DeclaredCrs::Unreadable(_)));
        assert!(matches!(declared_crs(&format!("\"{}\"", "x".repeat(100_000))), DeclaredCrs::Unreadable(_)));
    }

    #[test]
    fn bounding_boxes_are_told_from_what_is_none() {
        let check = |text: &str, expected| assert_eq!(is_bbox(text), expected, "{text}");
        check("[116.9, 36.6, 117.1, 36.8]", true);
        check("[170, -10, -170, 10]", true);
        check("[0,0,0,1,1,1]", true);
        check("null", false);
        check("[1,2,3]", false);
        check("[116.9, 36.8, 117.1, 36.6]", false);
        check(r#"["a",0,1,2]"#, false);
        check(r#"{"xmin":1}"#, false);
    }
}
