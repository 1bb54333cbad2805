//! The start of a file: what it is, and where its features begin.

use std::path::Path;

use super::super::ReadError;
use super::super::format::{self, ESRI_JSON, GEOJSON, TOPOJSON};
use super::super::scan::{Expected, Kind, Scanned, Scanner};
use super::super::start::{LOOKED_AT, Start};
use super::geometry::GeometryType;
use super::members::Members;
use super::position::Position;
use super::reader::{RECORD_SEPARATOR, Setting};

/// Members that stand before the features of Esri's own JSON, whose geometries are written otherwise.
const ESRI_MEMBERS: [&str; 3] = ["geometryType", "spatialReference", "displayFieldName"];

/// What the start of a file shows.
#[derive(Clone, Debug)]
pub(super) struct Head {
    /// How its features stand.
    pub(super) setting: Setting,
    /// Whether the array of features is the whole file, without an object around it.
    pub(super) bare_array: bool,
    /// Offset of what [`super::reader::read`] is to start with.
    pub(super) start: usize,
    /// Members before the features.
    pub(super) members: Members,
}

/// Looks at the start of a file; `None` when more of it is needed to tell.
///
/// # Errors
/// When the file is empty or clearly no GeoJSON.
pub(super) fn look(text: &str, ended: bool) -> Result<Option<Head>, ReadError> {
    let mut scanner = Scanner::lenient(text, 0);
    scanner.skip_space();
    let head = |setting, start, members| Head { setting, bare_array: false, start, members };
    match scanner.peek() {
        None if ended => Err(ReadError::Empty),
        None => Ok(None),
        Some(RECORD_SEPARATOR) => Ok(Some(head(Setting::Sequence, 0, Members::default()))),
        Some(b'[') => {
            let start = scanner.pos() + 1;
            Ok(Some(Head { bare_array: true, ..head(Setting::ArrayStart, start, Members::default()) }))
        }
        Some(b'{') => {
            let mut members = Members::default();
            match object(&mut scanner, &mut members) {
                Ok(true) if members.foreign.iter().any(|name| ESRI_MEMBERS.contains(&name.as_str())) => {
                    Err(ReadError::OtherFormat { format: &ESRI_JSON })
                }
                Ok(true) => Ok(Some(head(Setting::ArrayStart, scanner.pos() + 1, members))),
                Ok(false) => {
                    scanner.skip_space();
                    if members.kind.as_deref() == Some("Topology") {
                        return Err(ReadError::OtherFormat { format: &TOPOJSON });
                    }
                    match scanner.peek() {
                        Some(b'{' | RECORD_SEPARATOR) => Ok(Some(head(Setting::Sequence, 0, Members::default()))),
                        None if !ended => Ok(None),
                        _ => Ok(Some(head(Setting::Alone, 0, Members::default()))),
                    }
                }
                Err(error) if error.at_end && !ended => Ok(None),
                // The error is found again, and reported, where the whole file is read.
                Err(_) => Ok(Some(head(Setting::Alone, 0, Members::default()))),
            }
        }
        Some(_) => no_json(&scanner, ended).map_or(Ok(None), Err),
    }
}

/// Moves to the array of features of the object under the cursor: whether there is one.
fn object(scanner: &mut Scanner<'_>, members: &mut Members) -> Scanned<bool> {
    let mut name = scanner.first_name()?;
    while let Some(key) = name {
        // A geometry or feature keeps its type whatever else it has.
        let is_other = members.kind.as_deref().is_some_and(|kind| {
            kind == "Feature" || GeometryType::from_name(kind).is_some_and(|(_, is_exact)| is_exact)
        });
        if key.is("features") && scanner.peek() == Some(b'[') && !is_other {
            return Ok(true);
        }
        members.read(key, scanner)?;
        name = scanner.next_name()?;
    }
    Ok(false)
}

/// Reads what follows the array of features, with `offset` just behind it: the other members of the object around it.
/// Gives the offset where another record follows.
pub(super) fn tail(text: &str, offset: usize, head: &mut Head) -> Scanned<Option<usize>> {
    let mut scanner = Scanner::lenient(text, offset);
    if !head.bare_array {
        let mut name = scanner.next_name()?;
        while let Some(key) = name {
            head.members.read(key, &mut scanner)?;
            name = scanner.next_name()?;
        }
    }
    scanner.skip_space();
    match scanner.peek() {
        None => Ok(None),
        Some(b'{' | RECORD_SEPARATOR) if !head.bare_array => Ok(Some(scanner.pos())),
        Some(_) => scanner.fail(Expected::End),
    }
}

/// What a file is that does not start like JSON of any use here; `None` when more of it is needed to tell.
fn no_json(scanner: &Scanner<'_>, ended: bool) -> Option<ReadError> {
    let rest = &scanner.text()[scanner.pos()..];
    if rest.len() < 16 && !ended {
        return None;
    }
    // What a compressed file holds was not seen before. Told by as much of it as of any file, so that how it is cut into
    // pieces does not matter.
    if scanner.text().len() < LOOKED_AT && !ended {
        return None;
    }
    let format = format::of_start(&Start::new(Path::new(""), rest.as_bytes(), &[]));
    if *format != GEOJSON {
        return Some(ReadError::OtherFormat { format });
    }
    let error = |offset, expected| Position::default().syntax(scanner.text(), offset, expected, 0);
    let mut value = scanner.clone();
    match value.kind().and_then(|kind| value.skip_value().map(|()| kind)) {
        Ok(kind) => {
            value.skip_space();
            if value.peek().is_some() {
                return Some(error(value.pos(), Expected::End));
            }
            let found = match kind {
                Kind::Text => "string",
                Kind::Number => "number",
                Kind::Bool => "boolean",
                _ => "null",
            };
            ended.then(|| ReadError::NotGeoJson { found: found.to_owned() })
        }
        Err(failed) if failed.at_end && !ended => None,
        Err(failed) => Some(error(failed.offset, failed.expected)),
    }
}
