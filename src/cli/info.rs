//! `tuban info`: format, CRS and why, counts, extent, fields, issues.

use serde_json::{Value as Json, json};

use super::args::InfoArgs;
use super::output::Outputs;
use super::source::{self, SourceFile};
use super::{CliError, Outcome, output};
use crate::model::{FieldType, Layer};
use crate::report::profile::{self, FieldProfile};
use crate::task::{Cancelled, Progress};
use crate::text::{Language, Message, escaped, tr};
use crate::units::format_number;

/// Runs the verb.
///
/// # Errors
/// A file that cannot be opened, an undecided CRS under `--strict`, output that cannot be written.
pub fn run(args: &InfoArgs, language: Language, progress: &Progress) -> Result<Outcome, CliError> {
    let outputs = Outputs::new(&args.read.files, [args.output.as_ref()])?;
    let sources = source::open_all(&args.read, progress)?;
    if args.read.strict {
        source::refuse_undecided(&sources)?;
    }
    let text = if args.json {
        let files = sources.iter().map(|source| file_json(source, language, progress));
        let files: Vec<Json> = files.collect::<Result<_, _>>()?;
        let mut text = serde_json::to_string_pretty(&json!({ "files": files })).unwrap_or_default();
        text.push('\n');
        text
    } else {
        let files = sources.iter().map(|source| file_text(source, language, progress));
        files.collect::<Result<Vec<_>, _>>()?.join("\n")
    };
    outputs.write(args.output.as_ref(), text.as_bytes())?;
    let issue_count: usize = sources.iter().map(SourceFile::issue_count).sum();
    Ok(if args.read.strict && issue_count > 0 { Outcome::FoundWrong } else { Outcome::Done })
}

fn file_json(source: &SourceFile, language: Language, progress: &Progress) -> Result<Json, Cancelled> {
    let layers = source.layers.iter().map(|layer| layer_json(layer, language, progress));
    let layers: Vec<Json> = layers.collect::<Result<_, _>>()?;
    Ok(json!({
        "path": output::shown(&source.path),
        "format": source.format,
        "encoding": source.encoding,
        "partial": source.partial.as_ref().map(|message| message.text(language)),
        "layers": layers,
        "issues": source.issues.iter().map(|i| super::areas::issue_json(i, language)).collect::<Vec<_>>(),
    }))
}

/// A layer as `info --json` gives it.
///
/// # Errors
/// [`Cancelled`] when the user cancelled.
pub fn layer_json(layer: &Layer, language: Language, progress: &Progress) -> Result<Json, Cancelled> {
    let (vertex_count, part_count, hole_count) = layer.counts();
    let profiles = profile::fields(layer, progress)?;
    Ok(json!({
        "name": layer.name,
        "kind": layer.kind.name(),
        "crs": super::areas::crs_json(layer, language),
        "feature_count": layer.feature_count(),
        "vertex_count": vertex_count,
        "part_count": part_count,
        "hole_count": hole_count,
        "extent": extent_json(layer.extent()),
        "extent_lon_lat": profile::extent_in_degrees(layer).map_or(Json::Null, extent_json),
        "fields": profiles.iter().map(|f| json!({
            "name": f.name, "type": f.kind.name(), "nulls": f.null_count, "distinct": f.distinct_count,
        })).collect::<Vec<_>>(),
        "issues": layer.issues.iter().map(|i| super::areas::issue_json(i, language)).collect::<Vec<_>>(),
    }))
}

fn extent_json(extent: crate::model::Extent) -> Json {
    if extent.is_empty() {
        return Json::Null;
    }
    json!([extent.min.x, extent.min.y, extent.max.x, extent.max.y])
}

fn file_text(source: &SourceFile, language: Language, progress: &Progress) -> Result<String, Cancelled> {
    let mut out = String::new();
    let mut line = |text: String| {
        out.push_str(&escaped(&text));
        out.push('\n');
    };
    line(output::shown(&source.path));
    line(
        Message::new("cli.info-format")
            .with("format", &source.format)
            .with("encoding", source.encoding.as_deref().unwrap_or("–"))
            .text(language),
    );
    if let Some(partial) = &source.partial {
        line(format!("  {}", partial.text(language)));
    }
    for layer in &source.layers {
        layer_text(layer, language, progress)?.into_iter().for_each(&mut line);
    }
    for issue in &source.issues {
        line(format!("  {}", super::areas::issue_text(issue, language)));
    }
    Ok(out)
}

/// A line each.
fn layer_text(layer: &Layer, language: Language, progress: &Progress) -> Result<Vec<String>, Cancelled> {
    let count = |n: usize| format_number(n as f64, 0);
    let (vertices, parts, holes) = layer.counts();
    let mut lines = vec![
        Message::new("cli.info-layer")
            .with("name", &layer.name)
            .with("kind", tr(language, kind_key(layer.kind)))
            .with("features", count(layer.feature_count()))
            .with("vertices", count(vertices))
            .with("parts", count(parts))
            .with("holes", count(holes))
            .text(language),
        Message::new("cli.info-crs")
            .with("code", layer.crs.code())
            .with("name", layer.crs.name_in(language))
            .with("reason", layer.crs_reason.text(language))
            .text(language),
    ];
    let extent = layer.extent();
    if !extent.is_empty() {
        let decimals = if layer.crs.is_geographic() { 6 } else { 2 };
        let number = |v: f64| format!("{v:.decimals$}");
        let shown = format!(
            "{}, {} – {}, {}",
            number(extent.min.x),
            number(extent.min.y),
            number(extent.max.x),
            number(extent.max.y)
        );
        lines.push(Message::new("cli.info-extent").with("extent", shown).text(language));
        if let Some(degrees) = profile::extent_in_degrees(layer).filter(|_| !layer.crs.is_geographic()) {
            let shown =
                format!("{:.6}, {:.6} – {:.6}, {:.6}", degrees.min.x, degrees.min.y, degrees.max.x, degrees.max.y);
            lines.push(Message::new("cli.info-extent-degrees").with("extent", shown).text(language));
        }
    }
    let profiles = profile::fields(layer, progress)?;
    if !profiles.is_empty() {
        lines.push(Message::new("cli.info-fields").with("count", profiles.len()).text(language));
        let width = profiles.iter().map(|f| crate::report::display_width(&escaped(&f.name))).max().unwrap_or(0).min(40);
        lines.extend(profiles.iter().map(|f| field_text(f, width, language)));
    }
    if !layer.issues.is_empty() {
        lines.push(Message::new("cli.issues").with("count", layer.issues.len()).text(language));
        let groups = source::group_texts(layer, language);
        let more = groups.len().saturating_sub(20);
        lines.extend(groups.into_iter().take(20).map(|text| format!("    {text}")));
        if more > 0 {
            lines.push(format!("    {}", Message::new("cli.more-kinds").with("count", more).text(language)));
        }
    }
    Ok(lines)
}

fn field_text(field: &FieldProfile, width: usize, language: Language) -> String {
    let name = escaped(&field.name);
    let pad = " ".repeat(width.saturating_sub(crate::report::display_width(&name)));
    let counts = Message::new("cli.info-field")
        .with("nulls", format_number(field.null_count as f64, 0))
        .with("distinct", format_number(field.distinct_count as f64, 0))
        .text(language);
    let kind = tr(language, kind_of_field(field.kind));
    let gap = " ".repeat(8usize.saturating_sub(crate::report::display_width(kind)));
    format!("    {name}{pad}  {kind}{gap}  {counts}")
}

/// Key of the word for the type of a field.
fn kind_of_field(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Null => "cli.type-null",
        FieldType::Bool => "cli.type-bool",
        FieldType::Int => "cli.type-int",
        FieldType::Float => "cli.type-float",
        FieldType::Text => "cli.type-text",
        FieldType::Json => "cli.type-json",
    }
}

/// Key of the word for a geometry kind.
pub fn kind_key(kind: crate::model::GeometryKind) -> &'static str {
    match kind {
        crate::model::GeometryKind::Point => "cli.kind-point",
        crate::model::GeometryKind::Line => "cli.kind-line",
        crate::model::GeometryKind::Polygon => "cli.kind-polygon",
        crate::model::GeometryKind::None => "cli.kind-none",
    }
}
