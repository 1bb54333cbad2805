//! `tuban doctor`: what the coordinates of a file can mean, where each reading lies, how it goes with a layer whose place
//! is known; the four parameters of a plane of its own from pairs of points; a copy in one of the readings.

use std::path::Path;

use serde_json::{Value as Json, json};

use super::args::{DoctorArgs, ReadArgs};
use super::output::{self, Outputs};
use super::{CliError, Outcome, source};
use crate::crs::Crs;
use crate::crs::correction::{Correction, CorrectionKind};
use crate::doctor::fit::{self, Fit};
use crate::doctor::{self, Badge, Diagnosis, Patient, Ranked};
use crate::io::{self, OpenOptions, Opened, WriteOptions};
use crate::model::{Extent, Layer};
use crate::task::Progress;
use crate::text::{Language, Message, escaped};

/// Readings that are listed unless all are asked for.
const SHOWN: usize = 8;

/// Runs the verb.
///
/// # Errors
/// A file that cannot be opened or written, pairs that give no parameters, arguments that do not go together.
pub fn run(args: &DoctorArgs, language: Language, progress: &Progress) -> Result<Outcome, CliError> {
    let inputs = std::iter::once(&args.file).chain(&args.against).chain(&args.pairs);
    let outputs = Outputs::new(inputs, [args.output.as_ref()])?;
    let fitted = args.pairs.as_deref().map(|pairs| fitted(args, pairs)).transpose()?;
    if args.apply.is_some() && args.output.is_none() {
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
    let fitted = fitted.map(|(fit, to)| {
        let extent = patient.extent();
        let correction = correction_of(&fit, to, &extent);
        diagnosis.readings.insert(0, doctor::diagnosis::fitted(&patient, correction, &open));
        (fit, extent)
    });
    if let Some(n) = args.apply {
        apply(args, n, &opened, &diagnosis, &outputs, language, progress)?;
        return Ok(Outcome::Done);
    }
    let text = if args.json {
        let fit = fitted.as_ref().map(|(fit, extent)| fit_json(fit, extent, language));
        let object = json!({
            "path": output::shown(&args.file),
            "observation": diagnosis.observation.text(language),
            "read_as": {
                "code": opened.decision.crs.code(),
                "name": opened.decision.crs.name(),
                "certain": opened.decision.certain,
                "reason": opened.decision.reason.text(language),
            },
            "against": diagnosis.compared,
            "notes": diagnosis.notes.iter().map(|note| note.text(language)).collect::<Vec<_>>(),
            "fit": fit,
            "readings": diagnosis.readings.iter().map(|reading| reading_json(reading, language)).collect::<Vec<_>>(),
        });
        let mut text = serde_json::to_string_pretty(&object).unwrap_or_default();
        text.push('\n');
        text
    } else {
        let mut lines = Vec::new();
        if let Some((fit, extent)) = &fitted {
            fit_lines(fit, extent, language, &mut lines);
        }
        diagnosis_lines(args, &opened, &diagnosis, language, &mut lines);
        lines.iter().map(|line| format!("{}\n", escaped(line))).collect()
    };
    outputs.write(args.output.as_ref(), text.as_bytes())?;
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
    let Some(path) = args.output.as_ref() else { return Ok(()) };
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

fn diagnosis_lines(
    args: &DoctorArgs,
    opened: &Opened,
    diagnosis: &Diagnosis,
    language: Language,
    lines: &mut Vec<String>,
) {
    lines.push(output::shown(&args.file));
    lines.push(format!("  {}", diagnosis.observation.text(language)));
    if opened.sample.coord_count() == 0 {
        lines.push(format!("  {}", Message::new("cli.doctor-no-coordinates").text(language)));
        return;
    }
    let present = Message::new("cli.doctor-present")
        .with("crs", opened.decision.crs.label_in(language))
        .with("reason", opened.decision.reason.text(language));
    lines.push(format!("  {}", present.text(language)));
    if !diagnosis.compared.is_empty() {
        let names = diagnosis.compared.join(if language == Language::Chinese { "、" } else { ", " });
        lines.push(format!("  {}", Message::new("cli.doctor-against").with("names", names).text(language)));
    }
    lines.extend(diagnosis.notes.iter().map(|note| format!("  {}", note.text(language))));
    if diagnosis.readings.is_empty() {
        lines.push(format!("  {}", Message::new("cli.doctor-none").text(language)));
    }
    let shown = if args.all { usize::MAX } else { SHOWN };
    for (at, reading) in diagnosis.readings.iter().enumerate().take(shown) {
        lines.push(String::new());
        let badge = reading.badge.text(language);
        let title = Message::new(if badge.is_empty() { "cli.doctor-reading" } else { "cli.doctor-badge" })
            .with("n", at + 1)
            .with("title", reading.title(language))
            .with("badge", badge);
        lines.push(title.text(language));
        lines.extend(reading.details(language).into_iter().map(|line| format!("   {line}")));
        if reading.hypothesis.swap_axes {
            lines.push(format!("   {}", Message::new("cli.doctor-swapped").text(language)));
        }
    }
    let more = diagnosis.readings.len().saturating_sub(shown);
    if more > 0 {
        lines.push(String::new());
        lines.push(Message::new("cli.doctor-more").with("count", more).text(language));
    }
}

fn reading_json(reading: &Ranked, language: Language) -> Json {
    let extent = reading.extent.map(|extent| json!([extent.min.x, extent.min.y, extent.max.x, extent.max.y]));
    let badge = match reading.badge {
        Badge::Likeliest => Some("likeliest"),
        Badge::NeedsParameters => Some("needs-parameters"),
        Badge::None => None,
    };
    json!({
        "code": reading.crs().code(),
        "name": reading.crs().name(),
        "title": reading.title(language),
        "swap_axes": reading.hypothesis.swap_axes,
        "correction": reading.correction.as_ref().map(|correction| correction.title(language)),
        "score": reading.score,
        "badge": badge,
        "reason": reading.hypothesis.reason.text(language),
        "lon_lat": reading.hypothesis.position.map(|at| json!([at.x, at.y])),
        "extent_lon_lat": extent,
        "place": reading.hypothesis.place.as_ref().map(|place| place.text(language)),
        "reference": reading.reference.as_ref().map(|reference| json!({
            "layer": reference.layer,
            "distance_km": reference.distance_km,
            "overlap": reference.overlap,
            "approximate": reference.approximate,
        })),
        "residual": reading.near.map(|near| json!({
            "median_m": near.median_m,
            "within_3m": near.same_count,
            "probed": near.probed_count,
        })),
    })
}

fn fit_lines(fit: &Fit, extent: &Extent, language: Language, lines: &mut Vec<String>) {
    let shift = fit.similarity.shift();
    lines.push(
        Message::new("cli.doctor-fit")
            .with("count", fit.pairs.len())
            .with("dx", format!("{:.4}", shift.x))
            .with("dy", format!("{:.4}", shift.y))
            .with("rotation", format!("{:.4}", fit.similarity.rotation_arcsec()))
            .with("scale", format!("{:.10}", fit.similarity.scale()))
            .with("ppm", format!("{:+.3}", fit.scale_ppm()))
            .text(language),
    );
    let rms = Message::new("cli.doctor-fit-rms")
        .with("rms", format!("{:.4}", fit.rms_m))
        .with("worst", format!("{:.4}", fit.residual_m(fit.worst)))
        .with("name", &fit.pairs[fit.worst].name);
    lines.push(format!("  {}", rms.text(language)));
    for (at, (pair, residual)) in fit.pairs.iter().zip(&fit.residuals).enumerate() {
        let line = Message::new("cli.doctor-fit-pair")
            .with("name", &pair.name)
            .with("dx", format!("{:+.4}", residual.x))
            .with("dy", format!("{:+.4}", residual.y))
            .with("length", format!("{:.4}", fit.residual_m(at)));
        lines.push(format!("  {}", line.text(language)));
    }
    lines.extend(fit.remarks(extent_in_order(fit, extent).as_ref()).iter().map(|m| format!("  {}", m.text(language))));
    lines.push(String::new());
}

/// The extent of the file in the order in which the fit takes it; `None` where it has none.
fn extent_in_order(fit: &Fit, extent: &Extent) -> Option<Extent> {
    let swap = |c: crate::model::Coord| crate::model::Coord { x: c.y, y: c.x };
    let turned = || Extent { min: swap(extent.min), max: swap(extent.max) };
    (!extent.is_empty()).then(|| if fit.swaps_axes(extent) { turned() } else { *extent })
}

fn fit_json(fit: &Fit, extent: &Extent, language: Language) -> Json {
    let shift = fit.similarity.shift();
    json!({
        "shift_m": [shift.x, shift.y],
        "rotation_arcsec": fit.similarity.rotation_arcsec(),
        "scale": fit.similarity.scale(),
        "rms_m": fit.rms_m,
        "worst": fit.pairs[fit.worst].name,
        "rms_without_worst_m": fit.rms_without_worst_m,
        "northing_first": fit.exchanged,
        "pairs": fit.pairs.iter().zip(&fit.residuals).map(|(pair, residual)| json!({
            "name": pair.name, "dx_m": residual.x, "dy_m": residual.y,
        })).collect::<Vec<_>>(),
        "remarks": fit.remarks(extent_in_order(fit, extent).as_ref()).iter().map(|m| m.text(language)).collect::<Vec<_>>(),
    })
}
