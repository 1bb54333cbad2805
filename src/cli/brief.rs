//! `tuban info --brief`: what each of many files came to, a row each, also of those that cannot be opened.

use std::path::PathBuf;

use super::args::InfoArgs;
use super::output::{self, Outputs};
use super::source;
use super::{CliError, Outcome};
use crate::io::{self, OpenOptions};
use crate::model::Layer;
use crate::report::arrivals::{self, Arrival, Standing};
use crate::report::{Part, Report, to_json};
use crate::task::Progress;
use crate::text::{Language, Message};

/// Runs the verb.
///
/// # Errors
/// Arguments that cannot be used, output that cannot be written; a file that cannot be opened is a row.
pub(super) fn run(args: &InfoArgs, language: Language, progress: &Progress) -> Result<Outcome, CliError> {
    let files = io::without_parts(args.read.files.clone());
    let outputs = Outputs::new(&files, [args.output.file()])?;
    args.output.format()?;
    let crs = args.read.crs.as_deref().map(crate::crs::Crs::parse).transpose();
    let options = OpenOptions {
        crs: crs.map_err(|error| CliError::new(&error.message()))?,
        encoding: source::encoding_of(&args.read)?,
        keep_partial: args.read.keep_partial,
        ..OpenOptions::default()
    };
    let mut known: Vec<Layer> = Vec::new();
    let mut rows: Vec<Arrival> = Vec::new();
    for file in &files {
        let open: Vec<&Layer> = known.iter().collect();
        let (mut more, mut layers) = (Vec::new(), Vec::new());
        match io::open_each(file, &options, progress) {
            Ok(found) => {
                more.extend(found.iter().map(|found| Arrival::of(found, &open)));
                layers.extend(found.into_iter().filter_map(|found| found.result.ok()).flat_map(|opened| opened.layers));
            }
            Err(io::ReadError::Cancelled) => return Err(CliError::new(&Message::new("cli.cancelled"))),
            Err(error) => more.push(Arrival::of_error(file, &error)),
        }
        rows.extend(more);
        known.extend(layers);
    }
    let table = arrivals::table(&rows, language);
    let report = Report {
        data: to_json(&table),
        parts: vec![Part::Table(table.clone())],
        sheets: vec![table],
        ..Report::default()
    };
    outputs.report(&args.output, &report, language)?;
    let unread: Vec<&PathBuf> =
        rows.iter().filter(|row| row.standing == Standing::Unread).map(|row| &row.path).collect();
    if !rows.is_empty() && unread.len() == rows.len() {
        return Err(CliError::new(&Message::new("cli.convert-nothing")).at(unread[0]));
    }
    let is_wrong = rows.iter().any(|row| row.standing != Standing::Sure || row.issue_counts[1..] != [0, 0]);
    if !unread.is_empty() {
        output::say(&Message::new("cli.brief-unread").with("n", unread.len()).text(language));
    }
    Ok(if args.read.strict && is_wrong { Outcome::FoundWrong } else { Outcome::Done })
}
