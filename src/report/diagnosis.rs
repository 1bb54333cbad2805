//! What the coordinates of a file can mean: every reading with what speaks for it, and parameters fitted to pairs of points.

use std::path::Path;

use serde_json::{Value as Json, json};

use super::data::shown;
use super::{Cell, Column, ColumnKind, Form, Origin, Part, Report, Table};
use crate::doctor::fit::Fit;
use crate::doctor::{Badge, Diagnosis, Ranked};
use crate::io::Opened;
use crate::model::{Coord, Extent};
use crate::text::{Language, Message, tr};

/// Readings that people are shown unless they ask for all.
const SHOWN: usize = 8;

/// A file that was examined.
#[derive(Clone, Copy)]
pub struct Examined<'a> {
    /// As named.
    pub path: &'a Path,
    /// What it came to as it is read now.
    pub opened: &'a Opened,
    /// What was found.
    pub diagnosis: &'a Diagnosis,
    /// Parameters that were fitted, and the extent of the file in its own order.
    pub fit: Option<(&'a Fit, &'a Extent)>,
    /// Whether people are shown every reading.
    pub is_whole: bool,
}

/// The report.
pub fn report(examined: &Examined<'_>, form: Form, language: Language) -> Report {
    match form {
        Form::Parts => {
            let mut parts = Vec::new();
            if let Some((fit, extent)) = examined.fit {
                parts.extend(fit_lines(fit, extent, language).into_iter().map(Part::Line));
                parts.push(Part::Gap);
            }
            parts.extend(lines(examined, language).into_iter().map(Part::Line));
            if examined.opened.sample.coord_count() > 0 {
                parts.extend(readings(examined, language));
            }
            Report { parts, ..Report::default() }
        }
        Form::Sheets | Form::Workbook => {
            let path = shown(examined.path);
            let sources = examined.opened.layers.iter().map(|layer| Origin::of_layer(path.clone(), layer, language));
            let pairs = examined.fit.map(|(fit, extent)| pair_table(fit, extent, language));
            let sheets = std::iter::once(reading_table(examined, language)).chain(pairs);
            Report::of_sheets(sheets.collect(), sources.collect())
        }
        Form::Data => Report::of_data(data(examined, language)),
    }
}

/// What is said of the file as a whole.
fn lines(examined: &Examined<'_>, language: Language) -> Vec<String> {
    let mut lines = vec![shown(examined.path)];
    lines.extend(remarks(examined, language).into_iter().map(|line| format!("  {line}")));
    lines
}

/// The same without its name: what the coordinates look like, how they are read now, what they are held against.
fn remarks(examined: &Examined<'_>, language: Language) -> Vec<String> {
    let Examined { opened, diagnosis, .. } = examined;
    let mut lines = vec![diagnosis.observation.text(language)];
    if opened.sample.coord_count() == 0 {
        lines.push(tr(language, "cli.doctor-no-coordinates").to_owned());
        return lines;
    }
    let present = Message::new("cli.doctor-present")
        .with("crs", opened.decision.crs.label_in(language))
        .with("reason", opened.decision.reason.text(language));
    lines.push(present.text(language));
    if !diagnosis.compared.is_empty() {
        let names = diagnosis.compared.join(if language == Language::Chinese { "、" } else { ", " });
        lines.push(Message::new("cli.doctor-against").with("names", names).text(language));
    }
    lines.extend(diagnosis.notes.iter().map(|note| note.text(language)));
    // What contradicts the coordinates is no reading either.
    if diagnosis.readings.iter().all(|reading| reading.hypothesis.position.is_none()) {
        lines.push(tr(language, "cli.doctor-none").to_owned());
    }
    lines
}

/// The readings for people, an empty line before each.
fn readings(examined: &Examined<'_>, language: Language) -> Vec<Part> {
    let all = &examined.diagnosis.readings;
    let shown = if examined.is_whole { all.len() } else { SHOWN };
    let mut parts = Vec::new();
    for (at, reading) in all.iter().enumerate().take(shown) {
        let badge = reading.badge.text(language);
        let title = Message::new(if badge.is_empty() { "cli.doctor-reading" } else { "cli.doctor-badge" })
            .with("n", at + 1)
            .with("title", reading.title(language))
            .with("badge", badge);
        parts.extend([Part::Gap, Part::Line(title.text(language))]);
        let swapped = reading.hypothesis.swap_axes.then(|| tr(language, "cli.doctor-swapped").to_owned());
        let details = reading.details(language).into_iter().chain(swapped);
        parts.extend(details.map(|line| Part::Line(format!("   {line}"))));
    }
    let more = all.len().saturating_sub(shown);
    if more > 0 {
        let more = Message::new("cli.doctor-more").with("count", more);
        parts.extend([Part::Gap, Part::Line(more.text(language))]);
    }
    parts
}

/// A row a reading, all of them.
fn reading_table(examined: &Examined<'_>, language: Language) -> Table {
    let column = |key: &str, title: &'static str, kind| Column::new(key, tr(language, title), kind);
    let columns = vec![
        column("n", "report.reading-number", ColumnKind::Count),
        column("reading", "report.reading", ColumnKind::Text),
        column("code", "report.crs", ColumnKind::Text),
        column("badge", "report.reading-badge", ColumnKind::Text),
        column("reason", "report.crs-reason", ColumnKind::Text),
        column("position", "report.reading-position", ColumnKind::Text),
        column("place", "report.reading-place", ColumnKind::Text),
        column("beside", "report.reading-beside", ColumnKind::Text),
        column("residual", "report.reading-residual", ColumnKind::Text),
    ];
    let row = |(at, reading): (usize, &Ranked)| {
        vec![
            Cell::from(at + 1),
            Cell::from(reading.title(language)),
            Cell::from(reading.crs().code()),
            Cell::from(reading.badge.text(language)),
            Cell::from(reading.hypothesis.reason.text(language)),
            Cell::from(reading.position_text()),
            Cell::from(reading.place_text(language)),
            Cell::from(reading.reference_text(language)),
            Cell::from(reading.residual_text(language)),
        ]
    };
    Table {
        title: tr(language, "report.readings").to_owned(),
        columns,
        rows: examined.diagnosis.readings.iter().enumerate().map(row).collect(),
        notes: remarks(examined, language),
        ..Table::default()
    }
}

/// A row a pair of points.
fn pair_table(fit: &Fit, extent: &Extent, language: Language) -> Table {
    let column = |key: &str, title: &'static str| Column::new(key, tr(language, title), ColumnKind::Number(4));
    let rows = fit.pairs.iter().zip(&fit.residuals).enumerate().map(|(at, (pair, residual))| {
        vec![
            Cell::from(pair.name.as_str()),
            Cell::Number(residual.x),
            Cell::Number(residual.y),
            Cell::Number(fit.residual_m(at)),
        ]
    });
    Table {
        title: tr(language, "report.pairs").to_owned(),
        columns: vec![
            Column::new("name", tr(language, "report.pair"), ColumnKind::Text),
            column("dx_m", "report.pair-dx"),
            column("dy_m", "report.pair-dy"),
            column("residual_m", "report.pair-residual"),
        ],
        rows: rows.collect(),
        notes: [vec![fitted_text(fit, language), rms_text(fit, language)], remarks_on(fit, extent, language)].concat(),
        ..Table::default()
    }
}

fn fit_lines(fit: &Fit, extent: &Extent, language: Language) -> Vec<String> {
    let mut lines = vec![fitted_text(fit, language), format!("  {}", rms_text(fit, language))];
    for (at, (pair, residual)) in fit.pairs.iter().zip(&fit.residuals).enumerate() {
        let line = Message::new("cli.doctor-fit-pair")
            .with("name", &pair.name)
            .with("dx", format!("{:+.4}", residual.x))
            .with("dy", format!("{:+.4}", residual.y))
            .with("length", format!("{:.4}", fit.residual_m(at)));
        lines.push(format!("  {}", line.text(language)));
    }
    lines.extend(remarks_on(fit, extent, language).into_iter().map(|line| format!("  {line}")));
    lines
}

fn fitted_text(fit: &Fit, language: Language) -> String {
    let shift = fit.similarity.shift();
    Message::new("cli.doctor-fit")
        .with("count", fit.pairs.len())
        .with("dx", format!("{:.4}", shift.x))
        .with("dy", format!("{:.4}", shift.y))
        .with("rotation", format!("{:.4}", fit.similarity.rotation_arcsec()))
        .with("scale", format!("{:.10}", fit.similarity.scale()))
        .with("ppm", format!("{:+.3}", fit.scale_ppm()))
        .text(language)
}

fn rms_text(fit: &Fit, language: Language) -> String {
    Message::new("cli.doctor-fit-rms")
        .with("rms", format!("{:.4}", fit.rms_m))
        .with("worst", format!("{:.4}", fit.residual_m(fit.worst)))
        .with("name", &fit.pairs[fit.worst].name)
        .text(language)
}

/// What is to be said of the parameters, for a file of that extent.
fn remarks_on(fit: &Fit, extent: &Extent, language: Language) -> Vec<String> {
    let extent = extent_in_order(fit, extent);
    fit.remarks(extent.as_ref()).iter().map(|remark| remark.text(language)).collect()
}

/// The extent of the file in the order in which the fit takes it; `None` where it has none.
fn extent_in_order(fit: &Fit, extent: &Extent) -> Option<Extent> {
    let swap = |c: Coord| Coord { x: c.y, y: c.x };
    let turned = || Extent { min: swap(extent.min), max: swap(extent.max) };
    (!extent.is_empty()).then(|| if fit.swaps_axes(extent) { turned() } else { *extent })
}

fn data(examined: &Examined<'_>, language: Language) -> Json {
    let Examined { path, opened, diagnosis, fit, .. } = examined;
    json!({
        "path": shown(path),
        "observation": diagnosis.observation.text(language),
        "read_as": {
            "code": opened.decision.crs.code(),
            "name": opened.decision.crs.name(),
            "certain": opened.decision.certain,
            "reason": opened.decision.reason.text(language),
        },
        "against": diagnosis.compared,
        "notes": diagnosis.notes.iter().map(|note| note.text(language)).collect::<Vec<_>>(),
        "fit": fit.map(|(fit, extent)| fit_json(fit, extent, language)),
        "readings": diagnosis.readings.iter().map(|reading| reading_json(reading, language)).collect::<Vec<_>>(),
    })
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
        "remarks": remarks_on(fit, extent, language),
    })
}
