//! `tuban take`: what a red line takes of the layers that it lies on, and its conflicts with control lines.

use std::path::Path;
use std::sync::Arc;

use super::args::{ReadArgs, TakeArgs};
use super::compare::{Opened, open_polygons};
use super::output::Outputs;
use super::{CliError, Outcome, source};
use crate::model::keys;
use crate::model::roles::{self, Clues, Role};
use crate::model::{AreaMethod, GeometryKind, Issue, Layer, Severity};
use crate::overlay::{self, UNSOUND};
use crate::report::output::Format;
use crate::report::taken::{Line, OfLayer, conflict, report};
use crate::scenario::red_line::{Beside, closed};
use crate::scenario::transition::taken;
use crate::task::Progress;
use crate::text::{Language, Message};

/// Runs the verb.
///
/// # Errors
/// A file that cannot be opened, a red line without polygons, a field that no layer has, output that cannot be written.
pub fn run(args: &TakeArgs, language: Language, progress: &Progress) -> Result<Outcome, CliError> {
    let inputs = args.read.files.iter().chain([&args.line]);
    let outputs = Outputs::new(inputs, [args.output.file()])?;
    let format = args.output.format()?;
    let line_read = ReadArgs { files: Vec::new(), ..args.read.clone() };
    let mut line = open_line(&args.line, &line_read, progress)?;
    // A project's CRS is the project's business: --crs is about the red line and bare files.
    let mut sources = source::open_all(&args.read, progress)?;
    if args.read.strict {
        source::refuse_undecided(&sources)?;
    }
    // What was guessed is read as the other is, where that falls on it.
    for source in &mut sources {
        source::settle(source, &[&line.layer], &args.read, progress)?;
    }
    let known: Vec<&Layer> = sources.iter().flat_map(|source| &source.layers).collect();
    line.settle(&known, &line_read, progress)?;
    as_area(&mut line)?;
    let land = sources.iter_mut().flat_map(|source| &mut source.layers);
    source::flag_web_maps(std::iter::once(&mut line.layer).chain(land), progress)?;
    let method = AreaMethod::from(args.method);
    let mut of_layers = Vec::new();
    let mut last_key_error = None;
    let mut found_keys = false;
    for source in &sources {
        for layer in source.layers.iter().filter(|layer| layer.kind == GeometryKind::Polygon) {
            let recognised = roles::recognise(&Clues::of_layer(layer));
            let role = source.role.unwrap_or(recognised.role);
            let default = recognised.class_field.clone().filter(|_| role == Role::LandUse);
            let text = args.by.clone().or(default).unwrap_or_default();
            let mut keys = Vec::new();
            // A name with a comma, all by itself, needs no quotes.
            let parts = if layer.field(&text).is_some() { vec![text.as_str()] } else { keys::split_keys(&text) };
            for part in parts.into_iter().filter(|part| !part.is_empty()) {
                match keys::parse_keys(layer, part) {
                    Ok(found) => keys.extend(found),
                    // Layers differ in their fields: an error only where none has it.
                    Err(error) => last_key_error = Some(error),
                }
            }
            let keys = keys::as_classes(layer, keys);
            found_keys |= !keys.is_empty();
            let taken = taken(&line.layer, layer, &keys, method, progress)
                .map_err(|error| CliError::new(&error.message()).at(&source.path))?;
            of_layers.push(OfLayer { layer, path: &source.path, role, keys, taken });
        }
    }
    if let (Some(error), false) = (last_key_error, found_keys) {
        return Err(CliError::new(&error.message()));
    }
    if of_layers.is_empty() {
        return Err(CliError::new(&Message::new("cli.no-polygons")));
    }
    // What its rings are read as is said, whatever they meet.
    let audited = overlay::audited(&line.layer, method, progress)
        .map_err(|error| CliError::new(&error.message()).at(&line.source.path))?;
    let of_line = line_issues(&line, &audited.issues, &of_layers);
    let said = Line { path: &line.source.path, layer: &line.layer, issues: &of_line };
    outputs.report(&args.output, &report(&said, &of_layers, format.form(), language), language)?;
    let line_issues = of_line.iter().map(|issue| (line.source.path.as_path(), Some(&line.layer), issue));
    let of_sources =
        sources.iter().flat_map(|source| source.issues.iter().map(|issue| (source.path.as_path(), None, issue)));
    let of_land = of_layers
        .iter()
        .flat_map(|of| of.layer.issues.iter().chain(&of.taken.issues).map(|issue| (of.path, Some(of.layer), issue)));
    let issues: Vec<(&std::path::Path, Option<&Layer>, &Issue)> =
        line_issues.chain(of_sources).chain(of_land).collect();
    if format != Format::Json {
        source::print_issues(&issues, language);
    }
    let conflicts = of_layers.iter().any(|of| conflict(of).is_some());
    // Figures that cannot be are wrong whether asked for or not.
    let is_unsound = issues.iter().any(|(.., issue)| issue.message.key == UNSOUND);
    let is_wrong = is_unsound || (args.read.strict && (conflicts || !issues.is_empty()));
    Ok(if is_wrong { Outcome::FoundWrong } else { Outcome::Done })
}

/// Opens a red line: polygons, or lines, of which [`as_area`] makes polygons.
fn open_line(path: &Path, read: &ReadArgs, progress: &Progress) -> Result<Opened, CliError> {
    let sources = source::open_all(&ReadArgs { files: vec![path.to_owned()], ..read.clone() }, progress);
    let only_lines = |sources: &[source::SourceFile]| {
        let kinds: Vec<GeometryKind> = sources.iter().flat_map(|s| &s.layers).map(|layer| layer.kind).collect();
        kinds.contains(&GeometryKind::Line) && !kinds.contains(&GeometryKind::Polygon)
    };
    match sources {
        Ok(mut sources) if only_lines(&sources) && sources.len() == 1 => {
            if read.strict {
                source::refuse_undecided(&sources)?;
            }
            let mut source = sources.swap_remove(0);
            let layer = source.layers.drain(..).find(|layer| layer.kind == GeometryKind::Line);
            let layer = layer.ok_or_else(|| CliError::new(&Message::new("cli.no-polygons")).at(path))?;
            Ok(Opened { source, layer })
        }
        // Anything else is opened, or refused, as everywhere.
        _ => open_polygons(path, read, progress),
    }
}

/// Turns a red line of closed lines into the area that they enclose, which is said.
fn as_area(line: &mut Opened) -> Result<(), CliError> {
    if line.layer.kind != GeometryKind::Line {
        return Ok(());
    }
    let Some(found) = closed::enclosed(&line.layer) else {
        return Err(CliError::new(&Message::new("cli.line-not-closed")).at(&line.source.path));
    };
    let mut layer = found.layer;
    let issues = Arc::make_mut(&mut layer.issues);
    let taken = Message::new("cli.line-closed").with("count", found.ring_count);
    issues.push(Issue::new(Severity::Note, taken));
    if found.open_count > 0 {
        let left = Message::new("cli.line-open").with("count", found.open_count);
        issues.push(Issue::new(Severity::Warning, left));
    }
    line.layer = layer;
    Ok(())
}

/// Everything found about the red line, each once, and that it lies beside the land where it does.
fn line_issues(line: &Opened, audited: &[Issue], of_layers: &[OfLayer<'_>]) -> Vec<Issue> {
    let mut issues: Vec<Issue> = Vec::new();
    let measured = of_layers.iter().flat_map(|of| &of.taken.line_issues);
    for issue in line.source.issues.iter().chain(line.layer.issues.iter()).chain(audited).chain(measured) {
        if !issues.contains(issue) {
            issues.push(issue.clone());
        }
    }
    let line_m2 = of_layers[0].taken.line_m2;
    if line_m2 > 0.0 && of_layers.iter().all(|of| of.taken.pieces == 0) {
        let beside = Beside::of(&line.layer, of_layers.iter().map(|of| (of.layer.name.as_str(), of.layer)));
        issues.push(Issue::new(Severity::Warning, beside.message()));
    }
    issues
}
