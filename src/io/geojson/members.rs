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
            "bbox" => return Ok(()),
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

    /// Adds the members that follow later in the file.
    pub(in crate::io) fn append(&mut self, later: Self) {
        self.kind = self.kind.take().or(later.kind);
        self.name = self.name.take().or(later.name);
        if let Some(crs) = later.crs {
            self.set_crs(&crs);
        }
        self.crs_differs |= later.crs_differs;
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

/// Reads the legacy `crs` member of GeoJSON 2008 in the forms that occur: `name`, `EPSG` with a code, a plain string.
pub(in crate::io) fn declared_crs(json: &str) -> DeclaredCrs {
    let value: serde_json::Value = match serde_json::from_str(json) {
        Ok(value) => value,
        // Too deep, or NaN within.
        Err(_) => return DeclaredCrs::Unreadable(json.chars().take(80).collect()),
    };
    let properties = &value["properties"];
    let number = |v: &serde_json::Value| v.as_u64().map(|code| format!("EPSG:{code}"));
    let text = |v: &serde_json::Value| {
        v.as_str().map(|t| if t.trim().parse::<u32>().is_ok() { format!("EPSG:{}", t.trim()) } else { t.to_owned() })
    };
    let named = [&value, &properties["name"], &properties["code"], &value["name"], &value["wkid"]]
        .into_iter()
        .find_map(|v| text(v).or_else(|| number(v)));
    match named {
        Some(name) => DeclaredCrs::Named(name),
        None if value.is_null() => DeclaredCrs::Null,
        None => DeclaredCrs::Unreadable(json.chars().take(80).collect()),
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
        assert_eq!(declared_crs("null"), DeclaredCrs::Null);
        let link = r#"{"type":"link","properties":{"href":"http://example.com/crs/42","type":"proj4"}}"#;
        assert!(matches!(declared_crs(link), DeclaredCrs::Unreadable(_)));
    }
}
