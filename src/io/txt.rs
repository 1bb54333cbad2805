//! Coordinate TXT (勘测定界界址点坐标, 报批坐标): what a survey hands in with every request for land, both ways.
//!
//! A header of `key=value` lines, then plots: a plot line that ends in `@`, and point lines `id,ring,X,Y` with X to the
//! north. No ministry text of the format is public and offices differ, so the reader takes every dialect that is known,
//! decides by what the numbers say, and lists each departure with its line:
//!
//! - Which number is the northing is decided once for the file, by the size of the numbers, never point by point.
//! - Which ring is a hole is decided by what encloses it, not by the number of the ring.
//! - Areas, counts and closing points that the file states are held against the geometry; the geometry counts.
//! - Nothing is transformed: a zone, a datum or parameters that do not go with the numbers are said.
//!
//! | part | module |
//! |---|---|
//! | lines, told apart | `line` |
//! | the header and the CRS that it names | `header`, `reference` |
//! | a plot line in its dialects | `plot` |
//! | points to rings, and what is wrong with them | `rings` |
//! | what a plot states against what it is | `check` |
//! | lists of points without plot lines | `lists` |
//! | layers to text, and how, in words | `write`, `template` |

mod check;
mod header;
mod line;
mod lists;
mod plot;
mod reference;
mod rings;
mod template;
#[cfg(test)]
mod tests;
mod write;

use super::columns::{Place, RawLayer, Sinks};
use super::encoding::Decoded;
use super::findings::Findings;
use super::options::WriteOptions;
use super::reading::Reading;
use super::source::Source;
use super::{Encoding, ReadError, table};
use crate::crs::Sample;
use crate::model::{Coord, GeometryKind, Issue, Layer, Severity, Value};
use crate::task::Progress;
use crate::text::Message;
use check::Checks;
use header::Header;
pub(in crate::io) use line::PointLine;
use line::{Line, lines};
use plot::{Plot, Shown};
use reference::{Order, Reference};
pub(in crate::io) use rings::Run;
pub use template::{PLACES, TEMPLATE_SETTING, template_lacks, template_words};
pub use write::{
    Corner, Numbering, Parts, TxtEncoding, TxtError, TxtOptions, Written, default_fields as txt_fields, oriented,
    write_txt,
};

/// The format as shown.
pub(in crate::io) const FORMAT: &str = "TXT";

/// Lines between two looks at whether the user cancelled.
const LINES_PER_TICK: u64 = 1 << 14;

/// Reads a source: coordinates, or the table that a text is instead.
///
/// # Errors
/// [`ReadError::Empty`], [`ReadError::Format`] where it holds neither, [`ReadError::Cancelled`].
pub(in crate::io) fn layers(source: &mut Source, reading: &Reading<'_>) -> Result<Vec<RawLayer>, ReadError> {
    let bytes = source.bytes(reading.progress)?;
    let decoded = Decoded::said(&bytes, reading.encoding);
    drop(bytes);
    if is_headed(&decoded.text) {
        return table::read_text(&decoded, reading.progress);
    }
    Ok(vec![read_text(&decoded, reading.progress)?])
}

/// Whether a text begins as the header or the plots of a file, in whatever brackets.
pub(in crate::io) fn begins(text: &str) -> bool {
    const SECTIONS: [&str; 4] = ["属性描述", "地块坐标", "坐标系", "项目信息"];
    let bracketed = |open: char, close: char| {
        let opens = text.starts_with(open);
        opens && SECTIONS.iter().any(|name| text.contains(&format!("{open}{name}{close}")))
    };
    bracketed('[', ']') || bracketed('【', '】') || bracketed('［', '］') || (text.starts_with('[') && is_garbled(text))
}

/// Whether the words of a file are UTF-8 that was taken for GBK: `地块坐标`, `坐标系` as they look then.
fn is_garbled(text: &str) -> bool {
    ["鍦板潡鍧愭爣", "鍧愭爣绯"].iter().any(|word| text.contains(word))
}

/// Whether the first line is one of headings, over a line with numbers.
fn is_headed(text: &str) -> bool {
    let mut lines = text.lines().map(|line| line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}'));
    let mut next = || lines.find(|line| !line.is_empty()).unwrap_or_default();
    let (first, second) = (next(), next());
    let is_number = |part: &str| part.trim().trim_matches('"').parse::<f64>().is_ok();
    const SIGNS: [char; 4] = [',', '\t', ';', '，'];
    let parts: Vec<&str> = first.split(SIGNS).collect();
    let is_own = first.starts_with('[') || first.contains(['=', '@', '＠']);
    let has_words = parts.len() >= 3 && !parts.iter().any(|part| is_number(part));
    !is_own && has_words && second.split(SIGNS).any(is_number)
}

/// Writes a layer as a file.
///
/// # Errors
/// Where the layer does not fit the format.
pub(in crate::io) fn files(
    layer: &Layer,
    rows: Option<&[usize]>,
    options: WriteOptions,
) -> Result<Vec<(&'static str, Vec<u8>)>, Message> {
    let mut bytes = Vec::new();
    write_txt(layer, rows, &usual(layer, options), &mut bytes).map_err(|error| error.message())?;
    Ok(vec![("txt", bytes)])
}

/// What of a layer such a file cannot hold.
pub(in crate::io) fn losses(layer: &Layer, rows: Option<&[usize]>, options: WriteOptions) -> Vec<Message> {
    match write_txt(layer, rows, &usual(layer, options), &mut std::io::sink()) {
        Ok(written) => written.issues.into_iter().map(|issue| issue.message).collect(),
        Err(error) => vec![error.message()],
    }
}

fn usual(layer: &Layer, options: WriteOptions) -> TxtOptions {
    let encoding = if options.gbk { TxtEncoding::Gbk } else { TxtEncoding::Utf8 };
    TxtOptions { fields: txt_fields(layer), encoding, ..TxtOptions::default() }
}

/// Reads the bytes of a file.
///
/// # Errors
/// [`ReadError::Empty`], [`ReadError::Format`] where it holds no coordinates, [`ReadError::Cancelled`].
#[cfg(test)]
fn read(bytes: &[u8], progress: &Progress) -> Result<RawLayer, ReadError> {
    read_text(&Decoded::of(bytes), progress)
}

fn read_text(decoded: &Decoded, progress: &Progress) -> Result<RawLayer, ReadError> {
    let Decoded { text, encoding, replaced_count } = decoded;
    if text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').is_empty() {
        return Err(ReadError::Empty);
    }
    let survey = Survey::of(text, progress)?;
    let mut issues = Vec::new();
    if *replaced_count > 0 {
        let message = Message::new("io.damaged-text").with("count", replaced_count);
        issues.push(Issue::new(Severity::Warning, message));
    }
    if is_garbled(text) {
        issues.push(Issue::new(Severity::Warning, Message::new("io.txt-garbled")));
    }
    let mut raw = if survey.plot_count == 0 && survey.point_count == 0 {
        lists::read(text, progress)?
    } else {
        read_plots(text, &survey, progress)?
    };
    issues.append(&mut raw.issues);
    Ok(RawLayer { encoding: *encoding, issues, ..raw })
}

/// What a first pass over a file finds: its header, and what its numbers look like as a whole.
#[derive(Debug, Default)]
struct Survey {
    header: Header,
    /// Coordinates in the order of the file.
    sample: Sample,
    plot_count: u64,
    point_count: u64,
    /// Most decimals of a coordinate, and the line where they are first met.
    decimals: (usize, u64),
}

impl Survey {
    fn of(text: &str, progress: &Progress) -> Result<Self, ReadError> {
        let mut survey = Self::default();
        let mut section = String::new();
        let mut number = 0;
        for raw in lines(text) {
            number += 1;
            tick(number, progress)?;
            let narrowed = line::narrowed(raw);
            match line::tell(&narrowed, survey.plot_count > 0) {
                Line::Section(name) => section = name.to_owned(),
                Line::Pair(key, value) => survey.header.add(&section, key, value, number),
                Line::Plot(_) => survey.plot_count += 1,
                Line::Point(point) => {
                    if let (Some(first), Some(second)) = (point.first(), point.second()) {
                        survey.sample.add(Coord { x: first, y: second });
                        survey.point_count += 1;
                        let decimals = point.decimals();
                        if decimals > survey.decimals.0 {
                            survey.decimals = (decimals, number);
                        }
                    }
                }
                Line::Blank | Line::Other => {}
            }
        }
        Ok(survey)
    }
}

fn tick(line: u64, progress: &Progress) -> Result<(), ReadError> {
    if line.is_multiple_of(LINES_PER_TICK) {
        progress.tick(0).map_err(|_| ReadError::Cancelled)?;
    }
    Ok(())
}

/// Reads plots with their points.
fn read_plots(text: &str, survey: &Survey, progress: &Progress) -> Result<RawLayer, ReadError> {
    let reference = Reference::of(&survey.header, &survey.sample);
    let mut reader = Reader {
        order: reference.order,
        is_plane: !reference.is_degrees,
        sinks: Sinks::new(None),
        findings: Findings::default(),
        checks: Checks::default(),
        open: None,
        row: 0,
        progress,
    };
    let mut number = 0;
    for raw in lines(text) {
        number += 1;
        tick(number, progress)?;
        let narrowed = line::narrowed(raw);
        let said = line::tell(&narrowed, reader.open.is_some());
        if matches!(said, Line::Plot(_) | Line::Point(_)) {
            reader.note_line(raw, &narrowed, number);
        }
        match said {
            Line::Plot(tokens) => {
                reader.end_plot()?;
                let plot = Plot::read(&tokens);
                if !narrowed.contains('@') {
                    reader.issue(Severity::Warning, Message::new("io.txt-at-lost"), number);
                }
                if let Some(name) = &plot.joined {
                    let message = Message::new("io.txt-comma-in-name").with("name", name);
                    reader.issue(Severity::Note, message, number);
                }
                reader.open = Some(Open { plot, line: number, offset: offset_in(text, raw), runs: Run::new() });
            }
            Line::Point(point) => {
                let offset = offset_in(text, raw);
                let open = reader.open.get_or_insert_with(|| Open {
                    plot: Plot::unnamed(),
                    line: number,
                    offset,
                    runs: Run::new(),
                });
                let placed = reader.order.placed(point.first(), point.second());
                match placed {
                    Some(at) => open.runs.add(&point, at, number),
                    None => {
                        let message = Message::new("io.txt-bad-point").with("text", shortened(raw));
                        reader.issue(Severity::Error, message, number);
                    }
                }
                if point.ring.is_empty() {
                    reader.tally(Severity::Note, "io.txt-no-ring", number);
                }
                if point.surplus > 0 {
                    reader.tally(Severity::Note, "io.txt-surplus", number);
                }
            }
            Line::Other => reader.tally(Severity::Warning, "io.txt-other-line", number),
            Line::Blank | Line::Section(_) | Line::Pair(..) => {}
        }
    }
    reader.end_plot()?;
    let mut issues = reference.issues;
    survey.header.issues(survey.decimals, &mut issues);
    reader.checks.finish(&mut issues);
    Ok(RawLayer {
        name: None,
        format: FORMAT.to_owned(),
        encoding: Encoding::Utf8,
        order: reader.sinks.order.clone(),
        blocks: reader.sinks.finish(),
        declared: reference.declared,
        issues,
        findings: reader.findings,
        row_count: reader.row,
        skipped_count: 0,
        error: None,
    })
}

/// Bytes of `text` before its line `line`.
fn offset_in(text: &str, line: &str) -> usize {
    line.as_ptr().addr().saturating_sub(text.as_ptr().addr())
}

/// The start of a line, for a message.
fn shortened(line: &str) -> String {
    line.trim().chars().take(60).collect()
}

/// A plot whose points are being read.
struct Open {
    plot: Plot,
    line: u64,
    offset: usize,
    runs: Run,
}

struct Reader<'p> {
    order: Order,
    /// Whether areas can be taken from the coordinates.
    is_plane: bool,
    sinks: Sinks,
    findings: Findings,
    checks: Checks,
    open: Option<Open>,
    row: u64,
    progress: &'p Progress,
}

impl Reader<'_> {
    /// Adds an issue about the plot that begins or is open.
    fn issue(&mut self, severity: Severity, message: Message, line: u64) {
        let issue = Issue { feature: Some(self.row), line: Some(line), ..Issue::new(severity, message) };
        self.findings.add(issue, None);
    }

    /// Counts what is usually the same all over a file.
    fn tally(&mut self, severity: Severity, key: &'static str, line: u64) {
        self.findings.tally(severity, key, "", 1, self.row, line - 1);
    }

    /// Notes what a spreadsheet or an input method did to a line.
    fn note_line(&mut self, raw: &str, narrowed: &str, line: u64) {
        const WIDE: [char; 3] = ['，', '＠', '．'];
        if raw.contains(WIDE) && !narrowed.contains(WIDE) {
            self.tally(Severity::Note, "io.txt-full-width", line);
        }
        if !raw.contains([',', '，']) && narrowed.contains(',') {
            self.tally(Severity::Note, "io.txt-separators", line);
        }
        if raw.contains('"') {
            self.tally(Severity::Warning, "io.txt-quotes", line);
        }
        let is_scientific = |token: &str| {
            token.contains(['E', 'e'])
                && token.parse::<f64>().is_ok()
                && token.starts_with(|c: char| c.is_ascii_digit())
        };
        if narrowed.split(',').skip(2).any(|token| is_scientific(token.trim())) {
            let message = Message::new("io.txt-scientific").with("text", shortened(raw));
            self.issue(Severity::Error, message, line);
        }
    }

    /// Ends the open plot: its geometry, its attributes, what is wrong with either.
    fn end_plot(&mut self) -> Result<(), ReadError> {
        let Some(Open { plot, line, offset, runs }) = self.open.take() else { return Ok(()) };
        let kind = plot.kind;
        let place = Place { row: self.row, line, offset };
        let point_count = runs.point_count();
        let geometry = &mut self.sinks.of(kind, offset).geometry;
        let shape = match kind {
            GeometryKind::Polygon => runs.polygon(geometry, self.progress).map_err(|_| ReadError::Cancelled)?,
            GeometryKind::Line => runs.paths(geometry),
            _ => runs.points(geometry),
        };
        for fault in shape.faults {
            let issue = Issue {
                feature: Some(self.row),
                line: Some(fault.line),
                place: fault.place,
                ..Issue::new(fault.severity, fault.message)
            };
            self.findings.add(issue, Some(kind));
        }
        for (key, line) in shape.notes {
            self.findings.tally(Severity::Note, key, "", 1, self.row, line - 1);
        }
        if point_count == 0 {
            let issue = Issue {
                feature: Some(self.row),
                line: Some(line),
                ..Issue::new(Severity::Error, Message::new("io.txt-no-points"))
            };
            self.findings.add(issue, Some(kind));
        }
        let stated = check::Stated { plot: &plot, row: self.row, line, place: kind };
        if self.is_plane || kind != GeometryKind::Polygon {
            self.checks.plot(&stated, &shape.measured, &mut self.findings);
        }
        // The plot line names the kind, also of a plot whose geometry is missing.
        self.sinks.note(kind);
        self.sinks.end_feature(kind, !shape.is_usable, place, |attributes, _| {
            for (at, (name, value)) in plot.fields.iter().enumerate() {
                let column = attributes.column(name, at);
                let value = match value {
                    Shown::Whole(value) => Value::Int(*value),
                    Shown::Number(value) => Value::Float(*value),
                    Shown::Text(text) if text.is_empty() => Value::Null,
                    Shown::Text(text) => Value::Text(text),
                };
                attributes.set(column, value);
            }
            attributes.end_row();
            false
        });
        self.row += 1;
        Ok(())
    }
}
