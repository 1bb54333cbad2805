//! `tuban areas`: areas of layers in mu, hectares and km², whole or by fields.

use serde_json::{Value as Json, json};

use super::args::AreasArgs;
use super::output::Outputs;
use super::source::{self, SourceFile};
use super::{CliError, Outcome, output};
use crate::expr::{Expr, Figures};
use crate::model::keys::{self, KeyPart};
use crate::model::{AreaMethod, Areas, GeometryKind, Issue, Layer, NoValues};
use crate::overlay::{self, Coverage};
use crate::report;
use crate::report::groups::{self, Group, GroupKey};
use crate::report::summary::{self, Summary};
use crate::task::Progress;
use crate::text::{Language, Message, escaped};
use crate::units::Area;

/// A layer with everything that the verb says about it.
struct Measured<'a> {
    layer: &'a Layer,
    areas: Areas,
    keys: Vec<GroupKey>,
    groups: Vec<Group>,
    /// The one group of all chosen features.
    whole: Group,
    coverage: Option<Coverage>,
    /// What must be said of the condition and of how keys were read.
    remarks: Vec<Message>,
    /// How many features the condition chose, where there is one.
    filter: Option<Filtered>,
}

/// What a condition did.
struct Filtered {
    /// Features before.
    of: usize,
    /// What must be said of it.
    remarks: Vec<Message>,
}

/// Runs the verb.
///
/// # Errors
/// A file that cannot be opened, a field or expression that is not understood, a planar area asked for in degrees, an
/// undecided CRS under `--strict`, output that cannot be written.
pub fn run(args: &AreasArgs, language: Language, progress: &Progress) -> Result<Outcome, CliError> {
    let outputs = Outputs::new(&args.read.files, [args.output.as_ref()])?;
    let sources = source::open_all(&args.read, progress)?;
    if args.read.strict {
        source::refuse_undecided(&sources)?;
    }
    let method = AreaMethod::from(args.method);
    let mut files = Vec::new();
    for source in &sources {
        let mut layers = Vec::new();
        for layer in &source.layers {
            layers.push(measure(args, layer, method, progress).map_err(|e| e.at(&source.path))?);
        }
        files.push((source, layers));
    }
    let text = if args.json {
        let files: Vec<Json> = files.iter().map(|(source, layers)| file_json(source, layers, language)).collect();
        let mut text = serde_json::to_string_pretty(&json!({ "files": files })).unwrap_or_default();
        text.push('\n');
        text.into_bytes()
    } else if args.csv {
        let summaries: Vec<(String, Summary<'_>)> = files
            .iter()
            .flat_map(|(source, layers)| layers.iter().map(|m| (output::shown(&source.path), m.summary())))
            .collect();
        report::to_csv(&summary::combined_table(&summaries, language), language)
    } else {
        files.iter().map(|(source, layers)| file_text(source, layers, language)).collect::<Vec<_>>().join("\n").into()
    };
    outputs.write(args.output.as_ref(), &text)?;
    let mut issue_count = 0;
    for (source, layers) in &files {
        let about = source.issues.iter().map(|issue| (None, issue));
        let found =
            layers.iter().flat_map(|m| m.layer.issues.iter().chain(&m.areas.issues).map(|i| (Some(m.layer), i)));
        let found: Vec<(&std::path::Path, Option<&Layer>, &Issue)> =
            about.chain(found).map(|(layer, issue)| (source.path.as_path(), layer, issue)).collect();
        issue_count += found.len();
        if !args.json {
            source::print_issues(&found, language);
        }
    }
    let is_faulty = files.iter().flat_map(|(_, layers)| layers).any(|measured| overlay::has_faults(&measured.areas));
    Ok(if is_faulty || (args.read.strict && issue_count > 0) { Outcome::FoundWrong } else { Outcome::Done })
}

fn measure<'a>(
    args: &AreasArgs,
    layer: &'a Layer,
    method: AreaMethod,
    progress: &Progress,
) -> Result<Measured<'a>, CliError> {
    let polygons = layer.kind == GeometryKind::Polygon;
    let areas = if polygons {
        overlay::audited(layer, method, progress).map_err(|e| CliError::new(&e.message()))?
    } else {
        Areas { method, ..Areas::default() }
    };
    let mut filter = None;
    let chosen = match &args.filter {
        Some(text) => {
            let failed = |error: crate::expr::ExprError| CliError::said(|language| error.text(language));
            let expression = Expr::parse(text).map_err(failed)?;
            let figures = Figures { areas: polygons.then_some(&areas.exact[..]), perimeters: None };
            let condition = expression.bind_condition(layer, figures).map_err(failed)?;
            let mut chosen = vec![false; layer.feature_count()];
            for feature in condition.select(progress)? {
                chosen[feature as usize] = true;
            }
            let mut remarks = condition.hints().to_vec();
            remarks.extend(condition.uncompared(progress)?);
            filter = Some(Filtered { of: layer.feature_count(), remarks });
            Some(chosen)
        }
        None => None,
    };
    let keys = match &args.by {
        Some(text) => {
            let keys = groups::parse_keys(layer, text).map_err(|e| CliError::new(&e.message()))?;
            keys::as_classes(layer, keys)
        }
        None => Vec::new(),
    };
    let whole = groups::group(layer, &areas, &[], chosen.as_deref()).pop().unwrap_or_else(Group::empty);
    let groups = if keys.is_empty() { Vec::new() } else { groups::group(layer, &areas, &keys, chosen.as_deref()) };
    let coverage = match args.union && polygons {
        true => {
            let coverage = overlay::coverage_among(layer, chosen.as_deref(), method, progress);
            Some(coverage.map_err(|e| CliError::new(&e.message()))?)
        }
        false => None,
    };
    let mut remarks: Vec<Message> = filter.iter().flat_map(|filter| filter.remarks.iter().cloned()).collect();
    remarks.extend(summary::key_remarks(layer, &keys, chosen.as_deref()));
    Ok(Measured { layer, areas, keys, groups, whole, coverage, remarks, filter })
}

fn file_json(source: &SourceFile, layers: &[Measured<'_>], language: Language) -> Json {
    json!({
        "path": output::shown(&source.path),
        "layers": layers.iter().map(|m| layer_json(m, language)).collect::<Vec<_>>(),
        "issues": source.issues.iter().map(|i| issue_json(i, language)).collect::<Vec<_>>(),
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
    let filter = measured.filter.as_ref().map_or(
        Json::Null,
        |filter| json!({ "of": filter.of, "chosen": measured.whole.feature_count, "remarks": said(&filter.remarks) }),
    );
    json!({
        "name": layer.name,
        "kind": layer.kind.name(),
        "filter": filter,
        "remarks": said(&measured.remarks),
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

fn extend(object: &mut Json, more: Json) {
    if let (Json::Object(object), Json::Object(more)) = (object, more) {
        object.extend(more);
    }
}

fn area_json(exact: Area, printed: Option<Area>) -> Json {
    let mut object = json!({ "m2": exact.m2(), "mu": exact.mu(), "ha": exact.ha(), "km2": exact.km2() });
    if let Some(printed) = printed {
        extend(&mut object, json!({ "printed_m2": printed.m2() }));
    }
    object
}

/// A layer's CRS as JSON: code, name, reason.
pub fn crs_json(layer: &Layer, language: Language) -> Json {
    json!({ "code": layer.crs.code(), "name": layer.crs.name(), "reason": layer.crs_reason.text(language) })
}

/// An issue as JSON.
pub fn issue_json(issue: &Issue, language: Language) -> Json {
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

/// An issue as a line of text.
pub fn issue_text(issue: &Issue, language: Language) -> String {
    let mut place = String::new();
    if let Some(feature) = issue.feature {
        place = Message::new("cli.at-feature").with("feature", feature).text(language);
    }
    if let Some(line) = issue.line {
        place += &Message::new("cli.at-line").with("line", line).text(language);
    }
    if place.is_empty() { issue.text(language) } else { format!("{place}: {}", issue.text(language)) }
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

fn file_text(source: &SourceFile, layers: &[Measured<'_>], language: Language) -> String {
    let path = output::shown(&source.path);
    let mut out = format!("{}\n", escaped(&path));
    if let Some(partial) = &source.partial {
        out += &format!("  {}\n", escaped(&partial.text(language)));
    }
    for measured in layers {
        out += &report::to_text(&summary::area_table(&measured.summary(), language), language);
        out.push('\n');
    }
    out
}
