//! Files of well-known text: a geometry a line, in and out.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::super::columns::{Kinds, RawLayer};
use super::super::encoding::Decoded;
use super::super::gathered::{Cell, Gathered, Stands};
use super::super::options::{Chosen, WriteOptions};
use super::super::reading::Reading;
use super::super::source::Source;
use super::super::wkb::{Notes, has_heights, has_measures};
use super::super::{ReadError, wkt};
use crate::crs::{Crs, Declared};
use crate::model::{Coord, GeometryBlock, GeometryKind, Issue, Layer, Severity};
use crate::task::Progress;
use crate::text::Message;

/// Geometries between two looks at whether the user cancelled.
const GEOMETRIES_PER_TICK: u64 = 256;
/// A geometry that has neither a kind nor a place.
const NOTHING: &str = "GEOMETRYCOLLECTION EMPTY";

/// Reads a source as a geometry a line.
///
/// # Errors
/// [`ReadError::Empty`], [`ReadError::Cancelled`]. What is no geometry is a feature without one, and said.
pub(in crate::io) fn layers(source: &mut Source, reading: &Reading<'_>) -> Result<Vec<RawLayer>, ReadError> {
    let decoded = Decoded::said(&source.bytes(reading.progress)?, reading.encoding);
    Ok(vec![read(&decoded, reading.progress)?])
}

pub(super) fn read(decoded: &Decoded, progress: &Progress) -> Result<RawLayer, ReadError> {
    let mut layer = Gathered::new(None);
    let mut first = None;
    let mut is_stated = false;
    for Statement { text, stands } in Statements::of(&decoded.text) {
        if layer.row_count.is_multiple_of(GEOMETRIES_PER_TICK) {
            progress.tick(0).map_err(|_| ReadError::Cancelled)?;
        }
        let (srid, _) = wkt::without_srid(text);
        if layer.row_count == 0 {
            first = srid;
        }
        is_stated |= srid.is_some();
        if let Some(other) = srid.filter(|srid| Some(*srid) != first) {
            layer.tally(Severity::Warning, "io.wkt-other-srid", &other.to_string(), stands.line);
        }
        let mut notes = Notes::default();
        let kinds = match wkt::push(text, &mut layer.sinks, stands.offset, &mut notes) {
            Ok(kinds) => {
                for key in notes.keys() {
                    layer.say(Severity::Note, Message::new(key), stands.line);
                }
                kinds
            }
            Err(message) => {
                layer.sinks.rollback();
                layer.say(Severity::Error, message, stands.line);
                Kinds::default()
            }
        };
        let empty = if kinds.is_empty() { kind_of_empty(text) } else { None };
        layer.end::<&str>(kinds, empty, stands, &Cell::Null, &[]);
    }
    if layer.row_count == 0 {
        return Err(ReadError::Empty);
    }
    let mut layer = layer.finish(if is_stated { "EWKT" } else { "WKT" }, decoded.encoding);
    layer.declared =
        first.map(|code| Declared { text: format!("SRID={code}"), crs: Crs::from_epsg(code).ok(), offered: None });
    if decoded.replaced_count > 0 {
        let message = Message::new("io.damaged-text").with("count", decoded.replaced_count);
        layer.issues.push(Issue::new(Severity::Warning, message));
    }
    Ok(layer)
}

/// The kind of a geometry that says that it is empty.
fn kind_of_empty(text: &str) -> Option<GeometryKind> {
    let (_, text) = wkt::without_srid(text);
    let upper = text.to_ascii_uppercase();
    if !upper.trim_end().ends_with("EMPTY") {
        return None;
    }
    let kinds = [("POINT", GeometryKind::Point), ("LINE", GeometryKind::Line), ("POLY", GeometryKind::Polygon)];
    kinds.iter().find(|(word, _)| upper.trim_start_matches("MULTI").starts_with(word)).map(|(_, kind)| *kind)
}

/// The text of a geometry, and where it stands.
struct Statement<'t> {
    text: &'t str,
    stands: Stands,
}

/// Goes through the geometries of a text.
struct Statements<'t> {
    text: &'t str,
    at: usize,
    line: u64,
}

impl<'t> Statements<'t> {
    fn of(text: &'t str) -> Self {
        Self { text: text.trim_start_matches('\u{feff}'), at: 0, line: 1 }
    }
}

impl<'t> Iterator for Statements<'t> {
    type Item = Statement<'t>;

    fn next(&mut self) -> Option<Statement<'t>> {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at).filter(|byte| byte.is_ascii_whitespace() || **byte == b';') {
            self.line += u64::from(*byte == b'\n');
            self.at += 1;
        }
        let (start, line) = (self.at, self.line);
        let mut depth = 0usize;
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b'(' => depth += 1,
                b')' => depth = depth.saturating_sub(1),
                b'\n' => {
                    // Words within brackets stand in collections only: elsewhere a bracket was left open.
                    let rest = &self.text[self.at..];
                    let begins = rest.trim_start().starts_with(|c: char| c.is_ascii_alphabetic());
                    let is_collection = || {
                        let (_, text) = wkt::without_srid(&self.text[start..self.at]);
                        text.get(..18).is_some_and(|word| word.eq_ignore_ascii_case("GEOMETRYCOLLECTION"))
                    };
                    if depth == 0 || begins && !is_collection() {
                        break;
                    }
                    self.line += 1;
                }
                _ => {}
            }
            self.at += 1;
        }
        let text = self.text[start..self.at].trim_end_matches(|c: char| c.is_whitespace() || c == ';');
        (!text.is_empty()).then_some(Statement { text, stands: Stands { line, offset: start } })
    }
}

/// Writes a layer, or the `rows` of it: a geometry a line.
///
/// # Errors
/// Those of writing.
pub(in crate::io) fn write(
    layer: &Layer,
    rows: Option<&[usize]>,
    _: WriteOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    each(layer, rows, "", out)
}

/// Writes a layer, or the `rows` of it: a geometry a line, with the number of its CRS.
///
/// # Errors
/// Those of writing.
pub(in crate::io) fn write_with_srid(
    layer: &Layer,
    rows: Option<&[usize]>,
    _: WriteOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let before = srid(layer).map(|code| format!("SRID={code};")).unwrap_or_default();
    each(layer, rows, &before, out)
}

fn each(layer: &Layer, rows: Option<&[usize]>, before: &str, out: &mut dyn Write) -> io::Result<()> {
    for feature in (Chosen { layer, rows }).features() {
        let (block, row) = layer.locate(feature);
        writeln!(out, "{before}{}", text_of(&block.geometry, row))?;
    }
    out.flush()
}

/// The number of a CRS as PostGIS has it.
fn srid(layer: &Layer) -> Option<u32> {
    // Longitude before latitude is the order of the format.
    if layer.crs.code() == "OGC:CRS84" { Some(4326) } else { layer.crs.epsg() }
}

/// What of a layer a file of geometries cannot hold.
pub(in crate::io) fn losses(layer: &Layer, _: Option<&[usize]>, _: WriteOptions) -> Vec<Message> {
    let mut messages = Vec::new();
    if !layer.fields.is_empty() {
        messages.push(Message::new("io.loses-attributes").with("count", layer.fields.len()));
    }
    if layer.blocks.iter().any(|block| block.ids.is_some()) {
        messages.push(Message::new("io.loses-ids"));
    }
    messages
}

/// What of a layer a file of geometries with the number of their CRS cannot hold.
pub(in crate::io) fn losses_with_srid(layer: &Layer, rows: Option<&[usize]>, options: WriteOptions) -> Vec<Message> {
    let mut messages = losses(layer, rows, options);
    if srid(layer).is_none() && layer.kind != GeometryKind::None {
        let crs = layer.crs.clone();
        messages.push(Message::new("io.loses-srid").with_said("crs", move |language| crs.reference_in(language)));
    }
    messages
}

/// The geometry of a feature with its heights and measures, with the shortest digits that name the same numbers; a word for
/// nothing where it has none.
pub(in crate::io) fn text_of(block: &GeometryBlock, row: usize) -> String {
    if block.is_null(row) || block.kind() == GeometryKind::None {
        return NOTHING.to_owned();
    }
    let has_z = has_heights(block, row);
    let has_m = has_measures(block, row);
    let mut heights = block.z().get(block.coord_range(row)).unwrap_or(&[]).iter();
    let mut measures = block.m().get(block.coord_range(row)).unwrap_or(&[]).iter();
    let mut list = |coords: &[Coord]| {
        let mut text = String::with_capacity(24 * coords.len() + 2);
        text.push('(');
        for (at, c) in coords.iter().enumerate() {
            // Writing to a text does not fail.
            let _ = write!(text, "{}{} {}", if at > 0 { ", " } else { "" }, c.x, c.y);
            let z = heights.next().copied().unwrap_or(f64::NAN);
            let m = measures.next().copied().unwrap_or(f64::NAN);
            for number in [(has_z, z), (has_m, m)].into_iter().filter(|(has, _)| *has).map(|(_, number)| number) {
                // Numbers are all that there is room for.
                let _ = write!(text, " {}", if number.is_nan() { 0.0 } else { number });
            }
        }
        text.push(')');
        text
    };
    let mut parts: Vec<String> = match block.kind() {
        GeometryKind::Point => block.points(row).iter().map(|c| list(&[*c])).collect(),
        GeometryKind::Line => block.paths(row).map(&mut list).collect(),
        GeometryKind::Polygon | GeometryKind::None => {
            let parts = block.polygon(row).parts();
            parts.map(|part| format!("({})", part.rings().map(&mut list).collect::<Vec<_>>().join(", "))).collect()
        }
    };
    let word = match block.kind() {
        GeometryKind::Point => "POINT",
        GeometryKind::Line => "LINESTRING",
        GeometryKind::Polygon | GeometryKind::None => "POLYGON",
    };
    let more = match (has_z, has_m) {
        (false, false) => "",
        (true, false) => " Z",
        (false, true) => " M",
        (true, true) => " ZM",
    };
    match parts.len() {
        0 => format!("{word} EMPTY"),
        1 => format!("{word}{more} {}", parts.remove(0)),
        _ => format!("MULTI{word}{more} ({})", parts.join(", ")),
    }
}
