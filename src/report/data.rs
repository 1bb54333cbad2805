//! What reports say for programs alike: areas, reference systems, issues, paths.

use std::path::Path;

use serde_json::{Value as Json, json};

use crate::model::{Issue, Layer};
use crate::text::Language;
use crate::units::Area;

/// The path as shown: slashes as the system writes them, lossy where it is not Unicode.
pub fn shown(path: &Path) -> String {
    crate::io::without_password(&path.to_string_lossy()).into_owned()
}

/// Adds the members of an object to another.
pub(super) fn extend(object: &mut Json, more: Json) {
    if let (Json::Object(object), Json::Object(more)) = (object, more) {
        object.extend(more);
    }
}

/// An area in all units, and as the survey prints it.
pub(super) fn area_json(exact: Area, printed: Option<Area>) -> Json {
    let mut object = json!({ "m2": exact.m2(), "mu": exact.mu(), "ha": exact.ha(), "km2": exact.km2() });
    if let Some(printed) = printed {
        extend(&mut object, json!({ "printed_m2": printed.m2() }));
    }
    object
}

/// A layer's CRS as JSON: code, name, reason.
pub(super) fn crs_json(layer: &Layer, language: Language) -> Json {
    json!({ "code": layer.crs.code(), "name": layer.crs.name(), "reason": layer.crs_reason.text(language) })
}

/// An issue as JSON.
pub(super) fn issue_json(issue: &Issue, language: Language) -> Json {
    let mut object = json!({
        "feature": issue.feature,
        "id": issue.id,
        "line": issue.line,
        "kind": issue.kind(),
        "message": issue.text(language),
    });
    if let Some((before, after)) = issue.area_m2 {
        extend(&mut object, json!({ "before_m2": before, "after_m2": after }));
    }
    object
}
