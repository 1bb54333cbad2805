//! KML, KMZ and OVKML (奥维), read as they stand.
//!
//! Each folder that holds placemarks is a layer, each kind of geometry in it a layer of its own. Attributes keep their own
//! names, features the colours that the document gives them. Nothing is fetched: links, pictures and entities that a
//! document defines are left where they are, and said.
//! Coordinates are longitude and latitude on WGS 84, as the format prescribes; where a program of web maps wrote them,
//! they may be shifted (GCJ-02): what the file says about that is told, the coordinates stay as they are.

mod document;
mod shapes;
mod styles;
#[cfg(test)]
mod tests;
mod write;

use super::columns::RawLayer;
use super::encoding::Decoded;
use super::options::WriteOptions;
use super::reading::Reading;
use super::source::Source;
use super::{ReadError, zipped};
use crate::model::{Issue, Layer, Severity};
use crate::task::Progress;
use crate::text::Message;
use document::Styled;
pub use write::{KmlError, write_kml};

/// Reads a source as KML.
pub(in crate::io) fn layers(source: &mut Source, reading: &Reading<'_>) -> Result<Vec<RawLayer>, ReadError> {
    let read = read(&source.bytes(reading.progress)?, reading.progress)?;
    Ok(handed_over(source, read))
}

/// Reads a source as KMZ.
pub(in crate::io) fn kmz_layers(source: &mut Source, reading: &Reading<'_>) -> Result<Vec<RawLayer>, ReadError> {
    let read = read_kmz(&source.bytes(reading.progress)?, reading.progress)?;
    Ok(handed_over(source, read))
}

/// The layers, with what the source says of how they are drawn noted.
fn handed_over(source: &mut Source, read: Vec<Styled>) -> Vec<RawLayer> {
    let note = |(at, (raw, drawn)): (usize, Styled)| {
        drawn.into_iter().for_each(|(kind, style)| source.draws(at, kind, style));
        raw
    };
    read.into_iter().enumerate().map(note).collect()
}

/// Writes a layer as KML, placemarks named by the field that has the usual name for it.
pub(in crate::io) fn files(
    layer: &Layer,
    rows: Option<&[usize]>,
    _: WriteOptions,
) -> Result<Vec<(&'static str, Vec<u8>)>, Message> {
    let name = ["Name", "名称", "地块名称", "项目名称", "XMMC", "DLMC"].iter().find_map(|name| layer.field(name));
    let mut bytes = Vec::new();
    write_kml(layer, rows, name, &mut bytes).map_err(|error| error.message())?;
    Ok(vec![("kml", bytes)])
}

/// What of a layer KML cannot hold.
pub(in crate::io) fn losses(layer: &Layer, _: Option<&[usize]>, _: WriteOptions) -> Vec<Message> {
    let is_turned = !matches!(layer.crs.code(), "OGC:CRS84" | "EPSG:4326");
    let message = || Message::new("io.kml-write-turned").with_said("crs", |language| layer.crs.reference_in(language));
    let is_plainer = write::is_drawn_plainer(layer).then(|| Message::new("io.kml-write-plain"));
    is_turned.then(message).into_iter().chain(is_plainer).collect()
}

/// Reads a KML document.
///
/// # Errors
/// [`ReadError::Empty`], [`ReadError::Format`] where it is no KML, [`ReadError::Cancelled`]. What could be read of a
/// document that breaks off is given with the error in its first layer.
fn read(bytes: &[u8], progress: &Progress) -> Result<Vec<Styled>, ReadError> {
    read_named(bytes, "KML", progress)
}

fn read_named(bytes: &[u8], format: &'static str, progress: &Progress) -> Result<Vec<Styled>, ReadError> {
    let Decoded { text, encoding, replaced_count } = Decoded::of(bytes);
    if text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').is_empty() {
        return Err(ReadError::Empty);
    }
    let mut layers = document::read(&text, format, progress)?;
    for (layer, _) in &mut layers {
        layer.encoding = encoding;
    }
    if replaced_count > 0
        && let Some((first, _)) = layers.first_mut()
    {
        let message = Message::new("io.damaged-text").with("count", replaced_count);
        first.issues.push(Issue::new(Severity::Warning, message));
    }
    Ok(layers)
}

/// Reads a KMZ archive: `doc.kml`, then the other documents in it.
///
/// # Errors
/// As [`read`]; [`ReadError::Format`] also where it unpacks to too much or holds no KML.
fn read_kmz(bytes: &[u8], progress: &Progress) -> Result<Vec<Styled>, ReadError> {
    let is_kml = |name: &str| name.ends_with(".kml");
    let names = zipped::check(bytes, is_kml, progress)?;
    let mut documents: Vec<&String> = names.iter().filter(|name| is_kml(&name.to_ascii_lowercase())).collect();
    documents.sort_by_key(|name| (!name.eq_ignore_ascii_case("doc.kml"), name.matches('/').count()));
    let mut layers: Vec<Styled> = Vec::new();
    let mut unread = Vec::new();
    for name in documents {
        let read = match zipped::member(bytes, name) {
            Some(text) => read_named(&text, "KMZ", progress),
            None => Err(ReadError::Format(Message::new("io.zip-member").with("name", name))),
        };
        match read {
            Ok(more) => layers.extend(more),
            Err(error @ ReadError::Cancelled) => return Err(error),
            Err(error) => unread.push((name, error)),
        }
    }
    if layers.is_empty() {
        let first = unread.into_iter().next().map(|(_, error)| error);
        return Err(first.unwrap_or_else(|| ReadError::Format(Message::new("io.kmz-without-kml"))));
    }
    for (name, error) in unread {
        let message =
            Message::new("io.kml-unread-document").with("name", name).with_message("reason", &error.message());
        layers[0].0.issues.push(Issue::new(Severity::Error, message));
    }
    Ok(layers)
}
