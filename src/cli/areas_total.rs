//! `tuban areas --total`: many sources, one in memory at a time, a row each and their sums. A folder stands for the sources
//! in it.

use std::path::{Path, PathBuf};

use super::areas;
use super::args::{AreasArgs, ReadArgs};
use super::output::{Outputs, say};
use super::{CliError, Outcome, source, tables};
use crate::io;
use crate::model::keys::{self, KeyPart};
use crate::model::{AreaMethod, GeometryKind};
use crate::overlay;
use crate::report::areas_total::{AreasTotal, SourceAreas, SourceRow};
use crate::report::output::Format;
use crate::report::pairs::Failure;
use crate::scenario::transition::ExactSum;
use crate::task::Progress;
use crate::text::{Language, Message};

/// Runs the verb.
///
/// # Errors
/// A folder that cannot be listed, output that cannot be written, cancelling. What keeps one source from being measured is
/// a row of the report.
pub(super) fn run(args: &AreasArgs, language: Language, progress: &Progress) -> Result<Outcome, CliError> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for path in &args.read.files {
        let failed = |error: io::ReadError| CliError::new(&error.message()).at(path);
        paths.extend(io::sources_of(path, progress).map_err(failed)?.0);
    }
    let outputs = Outputs::new(args.read.files.iter().chain(&paths), [args.output.file()])?;
    let format = args.output.format()?;
    let names = args.by.as_deref().map_or(Vec::new(), keys::split_keys);
    let keys = names.into_iter().map(|name| name.trim().to_owned()).collect();
    let mut total = AreasTotal::default();
    (total.method, total.keys) = (AreaMethod::from(args.method), keys);
    let mut is_wrong = false;
    for (at, path) in paths.iter().enumerate() {
        progress.tick(0)?;
        let outcome = match one(args, path, &mut total, progress) {
            Ok((areas, is_faulty)) => {
                is_wrong |= is_faulty || (args.read.strict && areas.issue_count > 0);
                Ok(areas)
            }
            // Whatever it broke off with, it is no fault of the source.
            Err(_) if progress.is_cancelled() => return Err(CliError::new(&Message::new("cli.cancelled"))),
            Err(error) => {
                let failure = Failure {
                    chinese: error.text(Language::Chinese),
                    english: error.text(Language::English),
                    exit_code: 2,
                };
                if format != Format::Text {
                    say(&format!("[{}/{}] {}", at + 1, paths.len(), failure.text(language)));
                }
                Err(failure)
            }
        };
        total.rows.push(SourceRow { path: path.clone(), outcome });
    }
    outputs.report(&args.output, &total.report(format.form(), language), language)?;
    let found_wrong = is_wrong || total.failed().next().is_some();
    Ok(if found_wrong { Outcome::FoundWrong } else { Outcome::Done })
}

/// Measures the polygons of one source, which are let go of again; whether a figure of it cannot be.
fn one(
    args: &AreasArgs,
    path: &Path,
    total: &mut AreasTotal,
    progress: &Progress,
) -> Result<(SourceAreas, bool), CliError> {
    if let Some(most) = args.tiles.filter(|_| io::is_address(path)) {
        return tables::measured(args, path, most, total, progress).map_err(|error| error.at(path));
    }
    let sources = source::open_all(&ReadArgs { files: vec![path.to_owned()], ..args.read.clone() }, progress)?;
    if args.read.strict {
        source::refuse_undecided(&sources)?;
    }
    let mut of_source = SourceAreas::default();
    let (mut exact, mut printed) = (ExactSum::default(), ExactSum::default());
    let mut is_faulty = false;
    // A source counts whole or not at all.
    let mut found = Vec::new();
    for source in &sources {
        of_source.issue_count += source.issue_count() as u64;
        for layer in source.layers.iter().filter(|layer| layer.kind == GeometryKind::Polygon) {
            let measured = areas::measure(args, layer, total.method, None, progress).map_err(|error| error.at(path))?;
            is_faulty |= overlay::has_faults(&measured.areas);
            of_source.issue_count += measured.areas.issues.len() as u64;
            of_source.layers.push(layer.name.clone());
            if !of_source.frames.contains(&measured.areas.frame) {
                of_source.frames.push(measured.areas.frame.clone());
            }
            of_source.feature_count += measured.whole.feature_count as u64;
            exact.add(measured.whole.exact.m2());
            printed.add(measured.whole.printed.m2());
            let scheme = |key: &keys::GroupKey| match key.part {
                KeyPart::Class(scheme) | KeyPart::Level(scheme, _) => Some(scheme),
                KeyPart::Whole | KeyPart::Prefix(_) => None,
            };
            found.push((measured.keys.iter().map(scheme).collect::<Vec<_>>(), measured.groups));
        }
    }
    if of_source.layers.is_empty() {
        return Err(CliError::new(&Message::new("cli.no-polygons")).at(path));
    }
    for (schemes, groups) in &found {
        total.add(schemes, groups);
    }
    (of_source.exact_m2, of_source.printed_m2) = (exact.value(), printed.value());
    Ok((of_source, is_faulty))
}
