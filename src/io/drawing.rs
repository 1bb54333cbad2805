//! Drawings (DXF, DWG): read in a process of their own, written as DXF.
//!
//! The library that reads drawings is young and drawings come from anywhere, so the program starts itself once more for
//! each ([`DRAWING_VERB`]): that process gets the bytes, has bounds of memory and time, and answers with plain records. It
//! can loop, starve or abort without more than a message here.
//!
//! What is closed becomes polygons: outlines, and what hatches fill. A hatch within an outline that is drawn is the same
//! parcel: the outline takes its inner rings, and nothing counts twice. A text inside of a polygon becomes its label.
//! What blocks hold is a layer of its own beside the points where they are inserted. A drawing has no CRS; its units are
//! told, and believed only where the coordinates agree.
//!
//! | what | module |
//! |---|---|
//! | starting the process, which `io/process.rs` watches | `process` |
//! | in the process: bytes to a document | `worker`, `encoding` |
//! | in the process: what is drawn, blocks expanded, curves as chords | `expand`, `placed`, `curves`, `text` |
//! | what it answers | `records` |
//! | outlines, hatches and labels brought together | `parcels` |
//! | units | `units` |
//! | a layer to DXF | `write` |

mod curves;
mod encoding;
mod expand;
mod parcels;
mod placed;
mod process;
mod records;
mod text;
mod units;
mod worker;
mod write;

use std::collections::BTreeMap;
use std::path::Path;

use super::columns::{Place, RawLayer, Sinks};
use super::findings::Findings;
use super::reading::Reading;
use super::source::Source;
use super::{Encoding, ReadError};
use crate::crs::Declared;
use crate::model::{Coord, GeometryBuilder, GeometryKind, Issue, Severity, Value};
use crate::task::Progress;
use crate::text::Message;
use parcels::Drawn;
pub use process::{DRAWING_VERB, read_drawing_here};
use records::{Item, Record, RecordsRead};
pub(super) use write::{files, losses};

/// Reads a drawing.
///
/// # Errors
/// When it is none, or the process that read it did not come to an end in its bounds.
pub(super) fn layers(source: &mut Source, reading: &Reading<'_>) -> Result<Vec<RawLayer>, ReadError> {
    let bytes = source.bytes(reading.progress)?;
    if bytes.is_empty() {
        return Err(ReadError::Empty);
    }
    let format = if bytes.starts_with(b"AC1") { "DWG" } else { "DXF" };
    let answer = process::read(bytes, reading.progress)?;
    let mut told = Told::default();
    let (mut direct, mut in_blocks) = (Vec::new(), Vec::new());
    let mut is_whole = false;
    for record in RecordsRead::new(&answer) {
        match record {
            Record::Item(item) if item.in_block => in_blocks.push(*item),
            Record::Item(item) => direct.push(*item),
            Record::Note(key, name, count) => told.note(&key, name, count),
            Record::Failed(reason) => {
                return Err(ReadError::Format(Message::new("io.cad-broken").with("reason", reason)));
            }
            Record::End => is_whole = true,
        }
    }
    drop(answer);
    if !is_whole {
        return Err(ReadError::Format(Message::new("io.cad-gave-up")));
    }
    let declared = told.crs.take().map(Declared::new);
    let scale = units::scale(told.unit, &mut direct, &mut in_blocks, &mut told.issues);
    if declared.is_none() {
        told.issues.push(Issue::new(Severity::Note, Message::new("io.cad-no-crs")));
    }
    told.tell_tolerance(scale);
    let mut out = Vec::new();
    let format = if told.version.is_empty() || told.has_no_version {
        format.to_owned()
    } else {
        format!("{format} {}", told.version)
    };
    // A drawing of blocks alone is what they hold.
    let has_direct = direct.iter().any(|item| item.kind != "INSERT") || in_blocks.is_empty();
    for (name, items) in [(None, direct), (Some(()), in_blocks)] {
        if items.is_empty() && (name.is_some() || !has_direct) {
            continue;
        }
        let name = name.map(|()| format!("{}_块", stem(source.name())));
        let encoding = told.encoding;
        out.push(RawLayer { encoding, ..layer(name, format.clone(), items, reading.progress)? });
    }
    if let Some(first) = out.first_mut() {
        let own = std::mem::replace(&mut first.issues, told.issues);
        first.issues.extend(own);
    }
    for layer in &mut out {
        layer.declared.clone_from(&declared);
        if let Some(arrivals) = reading.arrivals {
            layer.blocks.iter().for_each(|b| arrivals.add(&b.geometry, &b.sample, || declared.clone()));
        }
    }
    Ok(out)
}

/// The name of a file without its ending.
fn stem(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// What the process told beside what is drawn.
#[derive(Default)]
struct Told {
    unit: u64,
    version: String,
    /// Whether there is no header to say so.
    has_no_version: bool,
    crs: Option<String>,
    /// The encoding of its text, where that is not UTF-8.
    encoding: Encoding,
    arcs: u64,
    splines: u64,
    issues: Vec<Issue>,
    /// Names and counts of what is told once.
    gathered: BTreeMap<&'static str, (u64, Vec<String>)>,
}

/// What may be told of a drawing: the key of the record, that of the message, and how grave it is.
const NOTES: &[(&str, &str, Severity)] = &[
    ("cad-stale-page", "io.cad-stale-page", Severity::Note),
    ("cad-page-chinese", "io.cad-page-chinese", Severity::Warning),
    ("cad-bad-utf8", "io.cad-bad-utf8", Severity::Warning),
    ("cad-damaged", "io.cad-damaged", Severity::Warning),
    ("cad-unseen", "io.cad-unseen", Severity::Note),
    ("cad-no-place", "io.cad-no-place", Severity::Warning),
    ("cad-too-much", "io.cad-too-much", Severity::Error),
    ("cad-mline", "io.cad-mline", Severity::Note),
    ("cad-splines-guessed", "io.cad-splines-guessed", Severity::Warning),
    ("cad-text-box", "io.cad-text-box", Severity::Note),
    ("cad-no-block", "io.cad-no-block", Severity::Warning),
    ("cad-xref", "io.cad-xref", Severity::Warning),
    ("cad-block-in-itself", "io.cad-block-in-itself", Severity::Warning),
    ("cad-paper", "io.cad-paper", Severity::Note),
    ("crs-elsewhere", "io.cad-crs-elsewhere", Severity::Warning),
];

impl Told {
    fn note(&mut self, key: &str, name: String, count: u64) {
        match key {
            "units" => self.unit = count,
            "version" => self.version = release(&name).to_owned(),
            "cad-no-version" => self.has_no_version = true,
            "crs" if !name.trim().is_empty() => self.crs = units::declaration(&name).or(self.crs.take()),
            "encoding" => self.encoding = Encoding::of_label(&name).unwrap_or_default(),
            "cad-arcs" => self.arcs += count,
            "cad-splines" => self.splines += count,
            "cad-unread" => {
                // Objects of Tianzheng are only there for the program that drew them.
                let key = if name.to_ascii_uppercase().starts_with("TCH_") { "io.cad-tch" } else { "io.cad-unread" };
                let entry = self.gathered.entry(key).or_default();
                entry.0 += count;
                entry.1.push(format!("{name} ×{count}"));
            }
            _ => {
                let Some((_, key, _)) = NOTES.iter().find(|(known, _, _)| *known == key) else { return };
                let entry = self.gathered.entry(*key).or_default();
                entry.0 += count;
                entry.1.extend(Some(name).filter(|name| !name.is_empty()));
            }
        }
    }

    /// Says what was gathered, and how near chords are to their curves; `scale` is a unit of the drawing in metres.
    fn tell_tolerance(&mut self, scale: f64) {
        if self.has_no_version {
            self.issues.push(Issue::new(Severity::Note, Message::new("io.cad-no-version")));
        }
        for (key, (count, names)) in std::mem::take(&mut self.gathered) {
            let severity = NOTES.iter().find(|(_, known, _)| *known == key).map_or(Severity::Warning, |note| note.2);
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let message = Message::new(key).with("count", count).with("names", super::findings::listed(&names));
            self.issues.push(Issue::new(severity, message));
        }
        let tolerance = format!("{}", curves::TOLERANCE * scale);
        for (key, count) in [("io.cad-arcs", self.arcs), ("io.cad-splines", self.splines)] {
            if count > 0 {
                let message = Message::new(key).with("count", count).with("tolerance", &tolerance);
                self.issues.push(Issue::new(Severity::Note, message));
            }
        }
    }
}

/// The release of AutoCAD that a version is called after.
fn release(version: &str) -> &str {
    match version {
        "AC1009" => "R12",
        "AC1012" => "R13",
        "AC1014" => "R14",
        "AC1015" => "R2000",
        "AC1018" => "R2004",
        "AC1021" => "R2007",
        "AC1024" => "R2010",
        "AC1027" => "R2013",
        "AC1032" => "R2018",
        other => other,
    }
}

/// The fields of what is drawn.
fn values(drawn: &Drawn) -> [(&'static str, &str); 8] {
    let item = &drawn.item;
    [
        ("图层", &item.layer),
        ("文字", &drawn.label),
        ("类型", &item.kind),
        ("颜色", &item.color),
        ("线型", &item.linetype),
        ("填充", &item.pattern),
        ("块", &item.block),
        ("句柄", &item.handle),
    ]
}

/// A layer of what is drawn.
fn layer(name: Option<String>, format: String, items: Vec<Item>, progress: &Progress) -> Result<RawLayer, ReadError> {
    let parcels::Together { drawn, issues } = parcels::together(items, progress).map_err(|_| ReadError::Cancelled)?;
    let mut sinks = Sinks::new(None);
    let row_count = drawn.len() as u64;
    for (row, drawn) in drawn.iter().enumerate() {
        if row % 4096 == 0 {
            progress.tick(0).map_err(|_| ReadError::Cancelled)?;
        }
        shape(&mut sinks.of(drawn.kind, 0).geometry, drawn);
        sinks.note(drawn.kind);
        let place = Place { row: row as u64, line: 0, offset: 0 };
        sinks.end_feature(drawn.kind, false, place, |attributes, _| {
            for (at, (name, value)) in values(drawn).into_iter().enumerate() {
                let column = attributes.column(name, at);
                if !value.is_empty() {
                    attributes.set(column, Value::Text(value));
                }
            }
            attributes.end_row();
            false
        });
    }
    let order = sinks.order.clone();
    let mut blocks = sinks.finish();
    // What is drawn stands on no line.
    blocks.iter_mut().for_each(|block| block.lines = Vec::new());
    Ok(RawLayer {
        name,
        format,
        encoding: Encoding::Utf8,
        blocks,
        order,
        declared: None,
        issues,
        findings: Findings::default(),
        row_count,
        skipped_count: 0,
        error: None,
    })
}

/// Puts what is drawn into the open feature.
fn shape(builder: &mut GeometryBuilder, drawn: &Drawn) {
    let has_z = drawn.item.has_z;
    let put = |builder: &mut GeometryBuilder, point: &[f64; 3]| {
        let at = Coord { x: point[0], y: point[1] };
        if has_z { builder.coord_z(at, point[2]) } else { builder.coord(at) }
    };
    match drawn.kind {
        GeometryKind::Polygon => {
            for part in &drawn.parts {
                for ring in part.iter().filter_map(|ring| drawn.item.paths.get(*ring)) {
                    ring.iter().chain(ring.first()).for_each(|point| put(builder, point));
                    builder.end_ring();
                }
                builder.end_part();
            }
        }
        GeometryKind::Line => {
            for path in &drawn.item.paths {
                path.iter().for_each(|point| put(builder, point));
                builder.end_ring();
            }
        }
        _ => drawn.item.paths.iter().flatten().for_each(|point| put(builder, point)),
    }
}

#[cfg(test)]
mod tests;
