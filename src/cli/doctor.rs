//! `tuban doctor`: what the coordinates of a file can mean, where each reading lies, how it goes with a layer whose place
//! is known; the four parameters of a plane of its own from pairs of points; a copy in one of the readings.

use std::path::Path;

use super::args::{DoctorArgs, ReadArgs};
use super::output::{self, Outputs};
use super::{CliError, Outcome, source};
use crate::crs::Crs;
use crate::crs::correction::{Correction, CorrectionKind};
use crate::doctor::fit::{self, Fit};
use crate::doctor::{self, Diagnosis, Patient};
use crate::io::{self, OpenOptions, Opened, WriteOptions};
use crate::model::{Extent, Layer};
use crate::report::diagnosis::{Examined, report};
use crate::task::Progress;
use crate::text::{Language, Message};

/// Runs the verb.
///
/// # Errors
/// A file that cannot be opened or written, pairs that give no parameters, arguments that do not go together.
pub fn run(args: &DoctorArgs, language: Language, progress: &Progress) -> Result<Outcome, CliError> {
    let inputs = std::iter::once(&args.file).chain(&args.against).chain(&args.pairs);
    let outputs = Outputs::new(inputs, [args.output.file()])?;
    let fitted = args.pairs.as_deref().map(|pairs| fitted(args, pairs)).transpose()?;
    if args.apply.is_some() && args.output.file().is_none() {
        return Err(CliError::new(&Message::new("cli.doctor-apply-output")));
    }
    let failed = |error: &io::ReadError| CliError::new(&error.message()).at(&args.file);
    let options = OpenOptions { keep_partial: true, ..OpenOptions::default() };
    let opened = io::open(&args.file, &options, progress).map_err(|error| failed(&error))?;
    let known = known_layers(args, progress)?;
    let open: Vec<&Layer> = known.iter().collect();
    let patient = Patient { decision: &opened.decision, sample: &opened.sample, layers: &opened.layers };
    let mut diagnosis = doctor::diagnose(&patient, &open, progress)?;
    // A plane of its own has no reading but the fitted one.
    let fitted = match fitted {
        Some((fit, to)) => {
            let extent = patient.extent();
            let correction = correction_of(&fit, to, &extent);
            let reading = doctor::diagnosis::fitted(&patient, correction, &open, progress)?;
            diagnosis.readings.insert(0, reading);
            Some((fit, extent))
        }
        None => None,
    };
    if let Some(n) = args.apply {
        apply(args, n, &opened, &diagnosis, &outputs, language, progress)?;
        return Ok(Outcome::Done);
    }
    let examined = Examined {
        path: &args.file,
        opened: &opened,
        diagnosis: &diagnosis,
        fit: fitted.as_ref().map(|(fit, extent)| (fit, extent)),
        is_whole: args.all,
    };
    let form = args.output.format()?.form();
    outputs.report(&args.output, &report(&examined, form, language), language)?;
    Ok(Outcome::Done)
}

/// The layers whose place is known.
fn known_layers(args: &DoctorArgs, progress: &Progress) -> Result<Vec<Layer>, CliError> {
    if args.against.is_empty() {
        return Ok(Vec::new());
    }
    let read = ReadArgs { files: args.against.clone(), ..ReadArgs::default() };
    Ok(source::open_all(&read, progress)?.into_iter().flat_map(|source| source.layers).collect())
}

/// The four parameters from the pairs of a file, and the CRS that they lead to.
fn fitted(args: &DoctorArgs, pairs: &Path) -> Result<(Fit, Crs), CliError> {
    let to = args.to.as_deref().ok_or_else(|| CliError::new(&Message::new("cli.doctor-pairs-to")))?;
    let to = Crs::parse(to).map_err(|error| CliError::new(&error.message()))?;
    if to.is_geographic() {
        return Err(CliError::new(&Message::new("cli.doctor-to-plane").with("crs", to.code())));
    }
    let text = io::read_text(pairs).map_err(|error| source::unreadable("cli.pairs-unreadable", &error).at(pairs))?;
    let failed = |error: fit::FitError| CliError::new(&error.message()).at(pairs);
    let fit = fit::fit(&fit::read_pairs(&text).map_err(failed)?).map_err(failed)?;
    Ok((fit, to))
}

fn correction_of(fit: &Fit, to: Crs, extent: &Extent) -> Correction {
    let swap_axes = !extent.is_empty() && fit.swaps_axes(extent);
    Correction { kind: CorrectionKind::Fitted(fit.similarity), from: to.clone(), to, swap_axes }
}

/// Writes a copy of the file's layer in the n-th reading.
fn apply(
    args: &DoctorArgs,
    n: usize,
    opened: &Opened,
    diagnosis: &Diagnosis,
    outputs: &Outputs,
    language: Language,
    progress: &Progress,
) -> Result<(), CliError> {
    let Some(path) = args.output.file() else { return Ok(()) };
    let count = diagnosis.readings.len();
    let Some(reading) = n.checked_sub(1).and_then(|at| diagnosis.readings.get(at)) else {
        return Err(CliError::new(&Message::new("cli.doctor-no-reading").with("n", n).with("count", count)));
    };
    if opened.layers.len() != 1 {
        let message = Message::new("cli.doctor-several").with("count", opened.layers.len());
        return Err(CliError::new(&message).at(&args.file));
    }
    let failed = |error: &io::ReadError| CliError::new(&error.message()).at(&args.file);
    let options = OpenOptions { keep_partial: true, ..reading.options() };
    let again = io::open(&args.file, &options, progress).map_err(|error| failed(&error))?;
    let Some(layer) = again.layers.first() else { return Ok(()) };
    let not_written = |error: io::WriteError| CliError::new(&error.message()).at(path);
    for loss in io::losses(path, layer, None, WriteOptions::default()).map_err(not_written)? {
        output::say(&format!("{}: {}", output::shown(path), loss.text(language)));
    }
    let issues: Vec<_> = layer.issues.iter().map(|issue| (args.file.as_path(), Some(layer), issue)).collect();
    source::print_issues(&issues, language);
    io::write(path, layer, None, WriteOptions::default(), outputs.guard()).map_err(not_written)?;
    let line = Message::new("cli.doctor-written")
        .with("n", n)
        .with("path", output::shown(path))
        .with("title", reading.title(language));
    output::say(&line.text(language));
    Ok(())
}
