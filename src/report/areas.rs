//! Areas of layers, whole or by fields.

use std::path::Path;

use serde_json::{Value as Json, json};

use super::data::{area_json, crs_json, extend, issue_json, shown};
use super::groups::{Group, GroupKey};
use super::summary::{self, Summary};
use super::{Form, Origin, Part, Report};
use crate::doctor::area_warning;
use crate::model::keys::{self, KeyPart};
use crate::model::{Areas, GeometryKind, Issue, Layer, NoValues};
use crate::overlay::Coverage;
use crate::text::{Language, Message, tr};

/// A layer with everything that is said about it.
pub struct Measured<'a> {
    /// The layer.
    pub layer: &'a Layer,
    /// Its areas; empty for lines and points.
    pub areas: Areas,
    /// What its features are grouped by.
    pub keys: Vec<GroupKey>,
    /// The groups; none without keys.
    pub groups: Vec<Group>,
    /// The one group of all chosen features.
    pub whole: Group,
    /// Union and what is counted twice, where it was asked for.
    pub coverage: Option<Coverage>,
    /// What must be said of the condition and of how keys were read.
    pub remarks: Vec<Message>,
    /// How many features the condition chose, where there is one.
    pub filter: Option<Filtered>,
}

/// What a condition did.
pub struct Filtered {
    /// Features before.
    pub of: usize,
    /// What must be said of it.
    pub remarks: Vec<Message>,
}

/// A file with its layers measured.
pub struct MeasuredFile<'a> {
    /// As named.
    pub path: &'a Path,
    /// Why the rest of it is missing.
    pub partial: Option<&'a Message>,
    /// Its layers.
    pub layers: Vec<Measured<'a>>,
    /// What was found that is about no layer.
    pub issues: &'a [Issue],
}

/// The report.
pub fn report(files: &[MeasuredFile<'_>], form: Form, language: Language) -> Report {
    match form {
        Form::Parts => {
            let mut parts = Vec::new();
            for file in files {
                if !parts.is_empty() {
                    parts.push(Part::Gap);
                }
                parts.push(Part::Line(shown(file.path)));
                parts.extend(file.partial.map(|partial| Part::Line(format!("  {}", partial.text(language)))));
                for measured in &file.layers {
                    parts.push(Part::Table(summary::area_table(&measured.summary(), language)));
                    parts.push(Part::Gap);
                }
            }
            Report { parts, ..Report::default() }
        }
        Form::Sheets | Form::Workbook => {
            let all = || files.iter().flat_map(|file| file.layers.iter().map(move |measured| (file, measured)));
            let summaries: Vec<(String, Summary<'_>)> =
                all().map(|(file, measured)| (shown(file.path), measured.summary())).collect();
            let mut table = summary::combined_table(&summaries, language);
            tr(language, "report.area").clone_into(&mut table.title);
            let origin =
                |(file, of): (&MeasuredFile<'_>, &Measured<'_>)| Origin::of_layer(shown(file.path), of.layer, language);
            Report::of_sheets(vec![table], all().map(origin).collect())
        }
        Form::Data => {
            let files: Vec<Json> = files.iter().map(|file| file_json(file, language)).collect();
            Report::of_data(json!({ "files": files }))
        }
    }
}

fn file_json(file: &MeasuredFile<'_>, language: Language) -> Json {
    json!({
        "path": shown(file.path),
        "layers": file.layers.iter().map(|m| layer_json(m, language)).collect::<Vec<_>>(),
        "issues": file.issues.iter().map(|i| issue_json(i, language)).collect::<Vec<_>>(),
    })
}

fn layer_json(measured: &Measured<'_>, language: Language) -> Json {
    let layer = measured.layer;
    let polygons = layer.kind == GeometryKind::Polygon;
    let groups: Vec<Json> = measured
        .groups
        .iter()
        .map(|group| {
            let key: Vec<Option<&str>> = group.key.iter().map(Option::as_deref).collect();
            let mut row = json!({ "key": key, "feature_count": group.feature_count });
            if polygons {
                extend(&mut row, area_json(group.exact, Some(group.printed)));
            }
            row
        })
        .collect();
    let union = measured.coverage.as_ref().map_or(Json::Null, |coverage| {
        let mut union = area_json(coverage.union, None);
        extend(&mut union, json!({ "twice_m2": coverage.excess().m2(), "pair_count": coverage.pairs.len() }));
        union
    });
    let said = |remarks: &[Message]| remarks.iter().map(|remark| remark.text(language)).collect::<Vec<_>>();
    let warning = area_warning(layer).filter(|_| polygons);
    let remarks: Vec<Message> = warning.into_iter().chain(measured.remarks.iter().cloned()).collect();
    let filter = measured.filter.as_ref().map_or(
        Json::Null,
        |filter| json!({ "of": filter.of, "chosen": measured.whole.feature_count, "remarks": said(&filter.remarks) }),
    );
    json!({
        "name": layer.name,
        "kind": layer.kind.name(),
        "filter": filter,
        "remarks": said(&remarks),
        "keys": keys_json(measured),
        "crs": crs_json(layer, language),
        "method": measured.areas.method.name(),
        "frame": measured.areas.frame,
        "feature_count": measured.whole.feature_count,
        "sum": if polygons { area_json(measured.whole.exact, Some(measured.whole.printed)) } else { Json::Null },
        "union": union,
        "groups": groups,
        "issues": layer.issues.iter().chain(&measured.areas.issues).map(|i| issue_json(i, language)).collect::<Vec<_>>(),
    })
}

/// How each key was read: spellings of one class with their counts, and what says that there is no value.
fn keys_json(measured: &Measured<'_>) -> Vec<Json> {
    let layer = measured.layer;
    let of_key = |key: &GroupKey| {
        let read: Vec<Json> = match key.part {
            KeyPart::Class(scheme) | KeyPart::Level(scheme, _) => keys::read_as(layer, key.field, scheme)
                .iter()
                .map(|read| {
                    let (code, guessed) = (read.class.code(), read.note.is_suspicion());
                    json!({ "text": read.text, "code": code, "guessed": guessed, "feature_count": read.feature_count })
                })
                .collect(),
            KeyPart::Whole | KeyPart::Prefix(_) => Vec::new(),
        };
        let none = NoValues::of_field(layer, key.field, None);
        json!({
            "field": layer.fields[key.field].name,
            "read_as": read,
            "no_value": {
                "null": none.null_count, "empty": none.empty_count, "blank": none.blank_count, "word": none.word_count,
            },
        })
    };
    measured.keys.iter().map(of_key).collect()
}

impl Measured<'_> {
    fn summary(&self) -> Summary<'_> {
        Summary {
            layer: self.layer,
            areas: &self.areas,
            keys: &self.keys,
            groups: &self.groups,
            whole: &self.whole,
            coverage: self.coverage.as_ref(),
            remarks: &self.remarks,
        }
    }
}
