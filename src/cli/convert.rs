//! `tuban convert`: files of any format that is read to files of any format that is written, with what was lost.
//!
//! One layer goes to a file, several to a folder, each under its name. What a format cannot hold is said before the file
//! is written; nothing that is read is written over, nothing else without `--overwrite`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{ConvertArgs, ReadArgs};
use super::output::{self, Outputs};
use super::{CliError, Outcome, joined, source};
use crate::crs::Crs;
use crate::expr::{Expr, Figures};
use crate::io::{self, FORMATS, Format, WriteOptions};
use crate::measure;
use crate::model::{AreaMethod, FeatureBlock, GeometryKind, Layer};
use crate::render::projected::{self, ProjectError};
use crate::task::Progress;
use crate::text::{Language, Message, tr};
use crate::units::format_number;

/// Runs the verb.
///
/// # Errors
/// When a file cannot be read or written, or an argument cannot be used.
pub fn run(args: &ConvertArgs, language: Language, progress: &Progress) -> Result<Outcome, CliError> {
    let Some((target, inputs)) = args.paths.split_last().filter(|(_, inputs)| !inputs.is_empty()) else {
        return Err(CliError::new(&Message::new("cli.convert-paths")));
    };
    let is_folder = target.is_dir() || target.to_string_lossy().ends_with(['/', std::path::MAIN_SEPARATOR]);
    let sources: Vec<PathBuf> = inputs.iter().chain(&args.join).cloned().collect();
    let outputs = Outputs::new(&sources, [(!is_folder).then_some(target)])?;
    let crs = args.to.as_deref().map(Crs::parse).transpose().map_err(|error| CliError::new(&error.message()))?;
    let options = WriteOptions { gbk: is_gbk(args.encoding_out.as_deref())? };
    let read = ReadArgs {
        files: inputs.to_vec(),
        crs: args.crs.clone(),
        encoding: args.encoding_in.clone(),
        keep_partial: args.keep_partial,
        strict: args.strict,
    };
    let sources = source::open_all(&read, progress)?;
    let tables = joined::tables(&args.join, &args.key, &read, progress)?;
    if args.strict {
        source::refuse_undecided(&sources)?;
    }
    let mut found_wrong = false;
    let mut layers: Vec<(PathBuf, Layer)> = Vec::new();
    for source in sources {
        found_wrong |= source.issue_count() > 0;
        let issues: Vec<_> = source.issues.iter().map(|issue| (source.path.as_path(), None, issue)).collect();
        source::print_issues(&issues, language);
        for layer in source.layers {
            let issues: Vec<_> =
                layer.issues.iter().map(|issue| (source.path.as_path(), Some(&layer), issue)).collect();
            source::print_issues(&issues, language);
            if args.layer.as_deref().is_none_or(|wanted| wanted == layer.name) {
                let (layer, is_wrong) = joined::joined(&source.path, layer, &tables, language)?;
                found_wrong |= is_wrong;
                layers.push((source.path.clone(), layer));
            }
        }
    }
    if layers.is_empty() {
        return Err(CliError::new(&Message::new("cli.convert-nothing")));
    }
    if layers.len() > 1 && !is_folder {
        let names: Vec<&str> = layers.iter().map(|(_, layer)| layer.name.as_str()).take(8).collect();
        let message = Message::new("cli.convert-several").with("count", layers.len()).with("names", names.join(", "));
        return Err(CliError::new(&message).at(target));
    }
    if is_folder {
        std::fs::create_dir_all(target)
            .map_err(|error| CliError::new(&Message::new("cli.cannot-write").with("error", error)).at(target))?;
    }
    let mut written: Vec<PathBuf> = Vec::new();
    for (input, layer) in layers {
        let path = if is_folder { named(target, &layer, args.ending.as_deref(), &written) } else { target.clone() };
        if !args.overwrite && path.exists() && path.is_file() {
            return Err(CliError::new(&Message::new("cli.convert-exists")).at(&path));
        }
        let rows = args.filter.as_deref().map(|text| chosen(&layer, text, progress)).transpose()?;
        let layer = match &crs {
            Some(crs) => reprojected(layer, crs, progress)?,
            None => layer,
        };
        let failed = |error: io::WriteError| CliError::new(&error.message()).at(&path);
        let losses = io::losses(&path, &layer, rows.as_deref(), options).map_err(failed)?;
        for loss in &losses {
            output::say(&format!("{}: {}", output::shown(&path), loss.text(language)));
        }
        io::write(&path, &layer, rows.as_deref(), options, outputs.guard()).map_err(failed)?;
        let count = rows.as_ref().map_or(layer.feature_count(), Vec::len);
        let line = Message::new("cli.converted")
            .with("input", output::shown(&input))
            .with("output", output::shown(&path))
            .with("count", format_number(count as f64, 0));
        output::say(&line.text(language));
        written.push(path);
    }
    Ok(if args.strict && found_wrong { Outcome::FoundWrong } else { Outcome::Done })
}

/// Whether text shall be written as GBK.
fn is_gbk(asked: Option<&str>) -> Result<bool, CliError> {
    match asked.map(io::Encoding::of_label) {
        None | Some(Some(io::Encoding::Utf8)) => Ok(false),
        Some(Some(io::Encoding::Gbk)) => Ok(true),
        Some(_) => {
            let message = Message::new("cli.encoding-out").with("asked", asked.unwrap_or_default());
            Err(CliError::new(&message))
        }
    }
}

/// Rows for which a condition holds.
///
/// # Errors
/// A condition that cannot be read or does not fit the layer.
pub(super) fn chosen(layer: &Layer, text: &str, progress: &Progress) -> Result<Vec<usize>, CliError> {
    let failed = |error: crate::expr::ExprError| CliError::said(|language| error.text(language));
    let areas = match layer.kind {
        GeometryKind::Polygon => Some(
            measure::raw_areas(layer, AreaMethod::Survey, progress).map_err(|error| CliError::new(&error.message()))?,
        ),
        _ => None,
    };
    let figures = Figures { areas: areas.as_ref().map(|areas| &areas.exact[..]), perimeters: None };
    let expression = Expr::parse(text).map_err(failed)?;
    let condition = expression.bind_condition(layer, figures).map_err(failed)?;
    Ok(condition.select(progress)?.into_iter().map(|feature| feature as usize).collect())
}

/// The layer in another CRS.
fn reprojected(layer: Layer, crs: &Crs, progress: &Progress) -> Result<Layer, CliError> {
    let projected = projected::project(&layer, crs, progress).map_err(|error| match error {
        ProjectError::Crs(error) => CliError::new(&error.message()).at(&layer.provenance.path),
        ProjectError::Cancelled(cancelled) => cancelled.into(),
    })?;
    if let Some(issue) = projected.issues.first() {
        return Err(CliError::new(&issue.message).at(&layer.provenance.path));
    }
    let blocks = layer.blocks.iter().zip(projected.blocks);
    let blocks = blocks.map(|(block, geometry)| FeatureBlock { geometry: Arc::clone(&geometry), ..block.clone() });
    Ok(Layer { blocks: blocks.collect(), crs: crs.clone(), ..layer })
}

/// A file of `folder` for a layer, of a name that no other of this run has.
fn named(folder: &Path, layer: &Layer, ending: Option<&str>, written: &[PathBuf]) -> PathBuf {
    let ending = ending.unwrap_or("geojson").trim_start_matches('.');
    let plain = |c: char| if c.is_control() || "/\\:*?\"<>|".contains(c) { '_' } else { c };
    let stem: String = layer.name.chars().map(plain).collect();
    let at = |stem: &str| folder.join(format!("{stem}.{ending}"));
    let mut path = at(&stem);
    let mut number = 1;
    while written.contains(&path) {
        number += 1;
        path = at(&format!("{stem}_{number}"));
    }
    path
}

/// `tuban formats`: what is read and written, and what each cannot hold.
pub fn formats(language: Language) -> String {
    let endings = |format: &Format| format.endings.iter().map(|e| format!(".{e}")).collect::<Vec<_>>().join(" ");
    let mut text = String::new();
    let mut section = |key: &str, wanted: &dyn Fn(&Format) -> bool, more: &dyn Fn(&Format) -> String| {
        text.push_str(tr(language, key));
        text.push('\n');
        for format in FORMATS.iter().filter(|format| wanted(format)) {
            text.push_str(&format!("  {}  {}{}\n", tr(language, format.name), endings(format), more(format)));
        }
    };
    section("cli.formats-read", &|format| format.is_read(), &|_| String::new());
    section("cli.formats-written", &|format| format.is_written(), &|format| {
        format!("\n      {}", tr(language, format.lacks))
    });
    section("cli.formats-known", &|format| !format.is_read() && !format.endings.is_empty(), &|_| String::new());
    text
}
