//! TopoJSON: lines that geometries share, and objects that name them by number.
//!
//! Each object is a layer, and its geometries are features, or itself where it is none but one. Lines of the file (arcs)
//! are laid out once, then geometries are put together of them. A number that names no line costs that geometry only, and
//! is said; geometries that name the same line over and over must not come to more than the file could ever mean.
//!
//! | what | module |
//! |---|---|
//! | the text to values | `tree` |
//! | lines, and geometries made of them | `arcs` |

mod arcs;
#[cfg(test)]
mod tests;
mod tree;

use super::columns::{Kinds, RawLayer};
use super::encoding::Decoded;
use super::gathered::{Cell, Gathered, Stands};
use super::reading::Reading;
use super::scan::SyntaxError;
use super::source::Source;
use super::{Encoding, ReadError};
use crate::crs::Declared;
use crate::model::{Issue, Severity};
use crate::task::Progress;
use crate::text::Message;
use arcs::{Arcs, Fault};
use tree::{Json, Topology};

/// Objects that become layers of their own.
const MOST_LAYERS: usize = 1000;
/// Features between two looks at whether the user cancelled.
const FEATURES_PER_TICK: u64 = 256;

/// Reads the layers of a file.
///
/// # Errors
/// [`ReadError::Empty`], [`ReadError::Syntax`] where it is no JSON, [`ReadError::Format`] where it is no topology,
/// [`ReadError::Cancelled`].
pub(super) fn layers(source: &mut Source, reading: &Reading<'_>) -> Result<Vec<RawLayer>, ReadError> {
    let decoded = Decoded::of(&source.bytes(reading.progress)?);
    let mut layers = read(&decoded.text, decoded.encoding, reading.progress)?;
    if decoded.replaced_count > 0
        && let Some(first) = layers.first_mut()
    {
        let message = Message::new("io.damaged-text").with("count", decoded.replaced_count);
        first.issues.push(Issue::new(Severity::Warning, message));
    }
    Ok(layers)
}

fn read(text: &str, encoding: Encoding, progress: &Progress) -> Result<Vec<RawLayer>, ReadError> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err(ReadError::Empty);
    }
    let topology = Topology::read(text, progress).map_err(|error| match error {
        tree::Stopped::Cancelled => ReadError::Cancelled,
        tree::Stopped::At(error) => syntax(text, error),
        tree::Stopped::Deep => ReadError::Format(Message::new("io.topojson-deep")),
    })?;
    if !topology.is_topology {
        return Err(ReadError::Format(Message::new("io.topojson-none")));
    }
    let declared = topology.crs.as_ref().and_then(Json::crs_name).map(Declared::new);
    let arcs = Arcs::of(&topology, text.len());
    let mut maker = Maker { text, arcs, progress, counted: (0, 1) };
    let mut layers: Vec<Gathered> = Vec::new();
    let mut rest: Option<Gathered> = None;
    for (name, object) in &topology.objects {
        if name.is_empty() || layers.len() >= MOST_LAYERS {
            maker.object(rest.get_or_insert_with(|| Gathered::new(None)), object)?;
        } else {
            let mut layer = Gathered::new(Some(name.clone()));
            maker.object(&mut layer, object)?;
            layers.push(layer);
        }
    }
    layers.extend(rest);
    let mut issues = Vec::new();
    if layers.is_empty() {
        layers.push(Gathered::new(None));
        issues.push(Issue::new(Severity::Warning, Message::new("io.topojson-nothing")));
    }
    let mut raws: Vec<RawLayer> = layers.into_iter().map(|layer| layer.finish("TopoJSON", encoding)).collect();
    raws.iter_mut().for_each(|raw| raw.declared.clone_from(&declared));
    raws[0].issues.append(&mut issues);
    Ok(raws)
}

/// A place where the text leaves the grammar, as an error.
fn syntax(text: &str, error: SyntaxError) -> ReadError {
    let before = &text[..error.offset.min(text.len())];
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    ReadError::Syntax {
        line: memchr::memchr_iter(b'\n', before.as_bytes()).count() as u64 + 1,
        column: before[start..].chars().count() as u64 + 1,
        expected: error.expected,
        found: text[before.len()..].chars().next(),
        feature_count: 0,
    }
}

/// Makes features of objects.
struct Maker<'t, 'p> {
    text: &'t str,
    arcs: Arcs,
    progress: &'p Progress,
    /// A place of the text, and its line.
    counted: (usize, u64),
}

impl Maker<'_, '_> {
    /// The line of a place; places come in order.
    fn line(&mut self, at: usize) -> u64 {
        let (from, line) = self.counted;
        if at > from {
            let more = memchr::memchr_iter(b'\n', &self.text.as_bytes()[from..at]).count() as u64;
            self.counted = (at, line + more);
        }
        self.counted.1
    }

    /// Adds the features of an object of the file.
    fn object(&mut self, layer: &mut Gathered, object: &Json) -> Result<(), ReadError> {
        let is_collection = object.text_of("type") == Some("GeometryCollection");
        match object.member("geometries") {
            Some(Json::List(geometries, _)) if is_collection => {
                geometries.iter().try_for_each(|geometry| self.feature(layer, geometry))
            }
            _ if is_collection => Ok(()),
            _ => self.feature(layer, object),
        }
    }

    fn feature(&mut self, layer: &mut Gathered, object: &Json) -> Result<(), ReadError> {
        if layer.row_count.is_multiple_of(FEATURES_PER_TICK) {
            self.progress.tick(0).map_err(|_| ReadError::Cancelled)?;
        }
        let offset = object.start().unwrap_or(self.counted.0);
        let stands = Stands { line: self.line(offset), offset };
        let mut kinds = Kinds::default();
        let mut empty = None;
        match self.arcs.push(object, &mut layer.sinks, offset, &mut kinds, &mut empty) {
            Ok(notes) => {
                for (is_so, key) in notes.said() {
                    if is_so {
                        layer.say(Severity::Warning, Message::new(key), stands.line);
                    }
                }
            }
            Err(fault) => {
                layer.sinks.rollback();
                (kinds, empty) = (Kinds::default(), None);
                let is_over = fault == Fault::TooMuch;
                if let Some(message) = fault.message() {
                    if is_over {
                        return Err(ReadError::Format(message));
                    }
                    layer.say(Severity::Error, message, stands.line);
                }
            }
        }
        let id = match object.member("id") {
            Some(id @ (Json::Int(_) | Json::Float(_) | Json::Text(_))) => id.cell(self.text),
            _ => Cell::Null,
        };
        let fields: Vec<(&str, Cell)> = match object.member("properties") {
            Some(Json::Object(members, _)) => {
                members.iter().map(|(name, value)| (name.as_str(), value.cell(self.text))).collect()
            }
            _ => Vec::new(),
        };
        layer.end(kinds, empty, stands, &id, &fields);
        Ok(())
    }
}
