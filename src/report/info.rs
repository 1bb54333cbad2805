//! What files hold: format, CRS and why, counts, extent, fields, issues.

use std::path::Path;

use serde_json::{Value as Json, json};

use super::data::{crs_json, issue_json, shown};
use super::issues::{group_texts, issue_text};
use super::profile::{self, FieldProfile};
use super::{Cell, Column, ColumnKind, Form, Origin, Part, Report, Table, display_width};
use crate::model::roles::{self, Clues, Recognition, fields as known_fields};
use crate::model::{Extent, FieldType, GeometryKind, Issue, Layer};
use crate::task::{Cancelled, Progress};
use crate::text::{Language, Message, escaped, tr};
use crate::units::format_number;

/// A file as it was read.
#[derive(Clone, Copy, Debug)]
pub struct FileInfo<'a> {
    /// As named.
    pub path: &'a Path,
    /// Format as shown.
    pub format: &'a str,
    /// Encoding of its text, where it has one.
    pub encoding: Option<&'a str>,
    /// Why the rest of it is missing.
    pub partial: Option<&'a Message>,
    /// Its layers.
    pub layers: &'a [Layer],
    /// What was found that is about no layer.
    pub issues: &'a [Issue],
}

/// The report.
///
/// # Errors
/// [`Cancelled`] when the user cancelled.
pub fn report(
    files: &[FileInfo<'_>],
    form: Form,
    language: Language,
    progress: &Progress,
) -> Result<Report, Cancelled> {
    match form {
        Form::Parts => {
            let mut parts = Vec::new();
            for file in files {
                if !parts.is_empty() {
                    parts.push(Part::Gap);
                }
                parts.extend(lines(file, language, progress)?.into_iter().map(Part::Line));
            }
            Ok(Report { parts, ..Report::default() })
        }
        Form::Sheets | Form::Workbook => {
            let of_file = |file: &FileInfo<'_>| -> Vec<Origin> {
                file.layers.iter().map(|layer| Origin::of_layer(shown(file.path), layer, language)).collect()
            };
            let sources = files.iter().flat_map(of_file);
            Ok(Report::of_sheets(sheets(files, language, progress)?, sources.collect()))
        }
        Form::Data => {
            let files = files.iter().map(|file| file_json(file, language, progress));
            let files: Vec<Json> = files.collect::<Result<_, _>>()?;
            Ok(Report::of_data(json!({ "files": files })))
        }
    }
}

fn file_json(file: &FileInfo<'_>, language: Language, progress: &Progress) -> Result<Json, Cancelled> {
    let layers = file.layers.iter().map(|layer| layer_json(layer, language, progress));
    let layers: Vec<Json> = layers.collect::<Result<_, _>>()?;
    Ok(json!({
        "path": shown(file.path),
        "format": file.format,
        "encoding": file.encoding,
        "partial": file.partial.map(|message| message.text(language)),
        "layers": layers,
        "issues": file.issues.iter().map(|i| issue_json(i, language)).collect::<Vec<_>>(),
    }))
}

/// A layer as `info --json` gives it.
///
/// # Errors
/// [`Cancelled`] when the user cancelled.
fn layer_json(layer: &Layer, language: Language, progress: &Progress) -> Result<Json, Cancelled> {
    let (vertex_count, part_count, hole_count) = layer.counts();
    let profiles = profile::fields(layer, progress)?;
    let found = roles::recognise(&Clues::of_layer(layer));
    let table = found.table.map(|table| {
        json!({
            "schema": table.schema, "code": table.code, "name": table.name(language),
            "source": table.source(), "confidence": tr(language, table.confidence.title_key()),
        })
    });
    Ok(json!({
        "name": layer.name,
        "kind": layer.kind.name(),
        "role": found.role.name(),
        "role_reason": found.reason.text(language),
        "table": table,
        "class_field": found.class_field,
        "class_scheme": found.scheme().map(|scheme| scheme.name()),
        "crs": crs_json(layer, language),
        "feature_count": layer.feature_count(),
        "vertex_count": vertex_count,
        "part_count": part_count,
        "hole_count": hole_count,
        "extent": extent_json(layer.extent()),
        "extent_lon_lat": profile::extent_in_degrees(layer).map_or(Json::Null, extent_json),
        "fields": profiles.iter().map(|f| json!({
            "name": f.name, "type": f.kind.name(), "nulls": f.null_count, "distinct": f.distinct_count,
            "title": title_of(layer, &found, &f.name, language),
        })).collect::<Vec<_>>(),
        "issues": layer.issues.iter().map(|i| issue_json(i, language)).collect::<Vec<_>>(),
    }))
}

fn extent_json(extent: Extent) -> Json {
    if extent.is_empty() {
        return Json::Null;
    }
    json!([extent.min.x, extent.min.y, extent.max.x, extent.max.y])
}

fn lines(file: &FileInfo<'_>, language: Language, progress: &Progress) -> Result<Vec<String>, Cancelled> {
    let format = Message::new("cli.info-format")
        .with("format", file.format)
        .with("encoding", file.encoding.unwrap_or("–"))
        .text(language);
    let mut lines = vec![shown(file.path), format];
    lines.extend(file.partial.map(|partial| format!("  {}", partial.text(language))));
    for layer in file.layers {
        lines.extend(layer_text(layer, language, progress)?);
    }
    lines.extend(file.issues.iter().map(|issue| format!("  {}", issue_text(issue, language))));
    Ok(lines)
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
            .with("code", layer.crs.code_or_name())
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
    let found = roles::recognise(&Clues::of_layer(layer));
    let what = match found.table {
        Some(table) => Message::new("cli.info-table")
            .with("table", table.label(language))
            .with("schema", table.schema)
            .with("sure", tr(language, table.confidence.title_key())),
        None => Message::new("cli.info-role"),
    };
    let what = what.with("role", found.role.title(language)).with_message("reason", &found.reason);
    lines.push(what.text(language));
    let profiles = profile::fields(layer, progress)?;
    if !profiles.is_empty() {
        lines.push(Message::new("cli.info-fields").with("count", profiles.len()).text(language));
        let width = profiles.iter().map(|f| display_width(&escaped(&f.name))).max().unwrap_or(0).min(40);
        let line = |f: &FieldProfile| {
            let text = field_text(f, width, language);
            match title_of(layer, &found, &f.name, language) {
                Some(title) => format!("{text}  {}", escaped(title)),
                None => text,
            }
        };
        lines.extend(profiles.iter().map(line));
    }
    if !layer.issues.is_empty() {
        lines.push(Message::new("cli.issues").with("count", layer.issues.len()).text(language));
        let groups = group_texts(layer, language);
        let more = groups.len().saturating_sub(20);
        lines.extend(groups.into_iter().take(20).map(|text| format!("    {text}")));
        if more > 0 {
            lines.push(format!("    {}", Message::new("cli.more-kinds").with("count", more).text(language)));
        }
    }
    Ok(lines)
}

/// What a field holds: by its name in the databases, by the table that its layer is, by what its source says.
fn title_of<'a>(layer: &'a Layer, found: &Recognition, name: &str, language: Language) -> Option<&'a str> {
    let of_table = || Some(found.table?.field(name)?.title(language));
    known_fields::title(name, language).or_else(of_table).or_else(|| layer.words.alias_of(name))
}

fn field_text(field: &FieldProfile, width: usize, language: Language) -> String {
    let name = escaped(&field.name);
    let pad = " ".repeat(width.saturating_sub(display_width(&name)));
    let counts = Message::new("cli.info-field")
        .with("nulls", format_number(field.null_count as f64, 0))
        .with("distinct", format_number(field.distinct_count as f64, 0))
        .text(language);
    let kind = tr(language, kind_of_field(field.kind));
    let gap = " ".repeat(8usize.saturating_sub(display_width(kind)));
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
fn kind_key(kind: GeometryKind) -> &'static str {
    match kind {
        GeometryKind::Point => "cli.kind-point",
        GeometryKind::Line => "cli.kind-line",
        GeometryKind::Polygon => "cli.kind-polygon",
        GeometryKind::None => "cli.kind-none",
    }
}

/// A table of the layers, one of their fields, one of what was found.
fn sheets(files: &[FileInfo<'_>], language: Language, progress: &Progress) -> Result<Vec<Table>, Cancelled> {
    let text = |key: &str, title: &str| Column::new(key, tr(language, title), ColumnKind::Text);
    let count = |key: &str, title: &str| Column::new(key, tr(language, title), ColumnKind::Count);
    // Degrees to a tenth of a metre, and metres to a micrometre, which no file is exact to.
    let place = |key: &str, title: &str| Column::new(key, tr(language, title), ColumnKind::Number(6));
    let place_of = || [text("file", "report.file"), text("layer", "report.layer")];
    let mut layers = Table { title: tr(language, "report.layers").to_owned(), ..Table::default() };
    layers.columns.extend(place_of());
    layers.columns.extend([
        text("format", "report.format"),
        text("kind", "report.kind"),
        text("crs", "report.crs"),
        count("feature_count", "report.feature-count"),
        count("vertex_count", "report.vertices"),
        count("part_count", "report.parts"),
        count("hole_count", "report.holes"),
        place("x_min", "report.x-min"),
        place("y_min", "report.y-min"),
        place("x_max", "report.x-max"),
        place("y_max", "report.y-max"),
    ]);
    let mut fields = Table { title: tr(language, "report.fields").to_owned(), ..Table::default() };
    fields.columns.extend(place_of());
    fields.columns.extend([
        text("name", "report.field"),
        text("type", "report.type"),
        count("nulls", "report.nulls"),
        count("distinct", "report.distinct"),
        text("title", "report.field-title"),
    ]);
    let mut found = Table { title: tr(language, "report.issues").to_owned(), ..Table::default() };
    found.columns.extend(place_of());
    found.columns.extend([
        count("feature", "report.feature"),
        text("id", "report.feature-id"),
        count("line", "report.line-of-file"),
        text("message", "report.message"),
    ]);
    for file in files {
        let path = shown(file.path);
        let issue_row = |layer: &str, issue: &Issue| {
            let number = |n: Option<u64>| n.map_or(Cell::Empty, Cell::Count);
            vec![
                Cell::from(path.as_str()),
                Cell::from(layer),
                number(issue.feature),
                Cell::from(issue.id.clone().unwrap_or_default()),
                number(issue.line),
                Cell::from(issue.text(language)),
            ]
        };
        found.rows.extend(file.issues.iter().map(|issue| issue_row("", issue)));
        for layer in file.layers {
            let (vertices, parts, holes) = layer.counts();
            let extent = layer.extent();
            let corners = [extent.min.x, extent.min.y, extent.max.x, extent.max.y];
            let mut row = vec![
                Cell::from(path.as_str()),
                Cell::from(layer.name.as_str()),
                Cell::from(file.format),
                Cell::from(tr(language, kind_key(layer.kind))),
                Cell::from(layer.crs.label_in(language)),
                Cell::from(layer.feature_count()),
                Cell::from(vertices),
                Cell::from(parts),
                Cell::from(holes),
            ];
            row.extend(corners.map(|v| if extent.is_empty() { Cell::Empty } else { Cell::Number(v) }));
            layers.rows.push(row);
            let recognised = roles::recognise(&Clues::of_layer(layer));
            fields.rows.extend(profile::fields(layer, progress)?.iter().map(|field| {
                let title = title_of(layer, &recognised, &field.name, language);
                vec![
                    Cell::from(path.as_str()),
                    Cell::from(layer.name.as_str()),
                    Cell::from(field.name.as_str()),
                    Cell::from(tr(language, kind_of_field(field.kind))),
                    Cell::from(field.null_count),
                    Cell::from(field.distinct_count),
                    title.map_or(Cell::Empty, Cell::from),
                ]
            }));
            found.rows.extend(layer.issues.iter().map(|issue| issue_row(&layer.name, issue)));
        }
    }
    let tables = [layers, fields, found];
    Ok(tables
        .into_iter()
        .enumerate()
        .filter(|(at, table)| *at == 0 || !table.rows.is_empty())
        .map(|(_, t)| t)
        .collect())
}
