//! `tuban package` and `tuban verify`: everything that a report comes from in one file, and that file worked out again.

use super::args::{PackageArgs, VerifyArgs};
use super::output::{self, Outputs};
use super::{CliError, Outcome};
use crate::model::AreaMethod;
use crate::report::package::{self, PackageError, Wanted};
use crate::task::Progress;
use crate::text::{Language, Message};

/// Runs `package`.
///
/// # Errors
/// A project or source that cannot be read, a file that cannot be written.
pub(super) fn pack(args: &PackageArgs, language: Language, progress: &Progress) -> Result<Outcome, CliError> {
    let outputs = Outputs::new(&args.project, [Some(&args.output)])?;
    let wanted = Wanted {
        scenarios: args.scenario.clone(),
        method: AreaMethod::from(args.method),
        accounts: args.accounts.map(Into::into).unwrap_or_default(),
        with_sources: !args.hashes,
        date: super::report::date(args.date.as_deref())?,
        language,
    };
    let made = package::pack(args.project.as_deref(), &wanted, progress).map_err(|error| failed(&error))?;
    outputs.write(Some(&args.output), &made.bytes)?;
    let done = Message::new("cli.packed")
        .with("path", output::shown(&args.output))
        .with("parts", made.part_count)
        .with("sources", made.source_count);
    output::print(&format!("{}\n", crate::text::escaped(&done.text(language))))
}

/// Runs `verify`: 0 where everything is the same, 1 where something is not, 2 where it cannot be told.
///
/// # Errors
/// A file that is no package, sources that are missing.
pub(super) fn verify(args: &VerifyArgs, language: Language, progress: &Progress) -> Result<Outcome, CliError> {
    let found = package::verify(&args.package, args.sources.as_deref(), progress)
        .map_err(|error| failed(&error).at(&args.package))?;
    let mut text = String::new();
    for difference in &found.differences {
        text.push_str(&crate::text::escaped(&difference.message().text(language)));
        text.push('\n');
    }
    let key = match found.differences.is_empty() {
        true => "cli.verified",
        // Without a manifest nothing is known of the rest.
        false if found.program.is_empty() => "cli.not-verified-manifest",
        false => "cli.not-verified",
    };
    let done = Message::new(key)
        .with("files", found.file_count)
        .with("values", found.value_count)
        .with("program", &found.program)
        .with("date", &found.date);
    text.push_str(&crate::text::escaped(&done.text(language)));
    text.push('\n');
    let is_same = found.differences.is_empty();
    output::print(&text)?;
    Ok(if is_same { Outcome::Done } else { Outcome::FoundWrong })
}

fn failed(error: &PackageError) -> CliError {
    CliError::new(&error.message())
}
