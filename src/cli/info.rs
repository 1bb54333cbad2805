//! `tuban info`: format, CRS and why, counts, extent, fields, issues.

use super::args::InfoArgs;
use super::output::Outputs;
use super::source::{self, SourceFile};
use super::{CliError, Outcome};
use crate::report::info::{FileInfo, report};
use crate::task::Progress;
use crate::text::Language;

/// Runs the verb.
///
/// # Errors
/// A file that cannot be opened, an undecided CRS under `--strict`, output that cannot be written.
pub fn run(args: &InfoArgs, language: Language, progress: &Progress) -> Result<Outcome, CliError> {
    let outputs = Outputs::new(&args.read.files, [args.output.file()])?;
    let format = args.output.format()?;
    let sources = source::open_all(&args.read, progress)?;
    if args.read.strict {
        source::refuse_undecided(&sources)?;
    }
    let files: Vec<FileInfo<'_>> = sources.iter().map(SourceFile::info).collect();
    outputs.report(&args.output, &report(&files, format.form(), language, progress)?, language)?;
    let issue_count: usize = sources.iter().map(SourceFile::issue_count).sum();
    Ok(if args.read.strict && issue_count > 0 { Outcome::FoundWrong } else { Outcome::Done })
}
