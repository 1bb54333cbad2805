//! GPX: way points, routes and tracks of satellite receivers, longitude and latitude on WGS 84.
//!
//! Each of the three is a layer, with every element under its own name as a field; heights are those of the coordinates
//! and, of way points, a field too. Points of routes and tracks that carry more than a height are layers beside them, so
//! that nothing of it is lost. Nothing is fetched: links are texts.

mod document;
#[cfg(test)]
mod tests;

use super::ReadError;
use super::columns::RawLayer;
use super::encoding::Decoded;
use super::reading::Reading;
use super::source::Source;
use crate::model::{Issue, Severity};
use crate::text::Message;

/// Reads the layers of a document.
///
/// # Errors
/// [`ReadError::Empty`], [`ReadError::Format`] where it is no XML, [`ReadError::Cancelled`]. What could be read of a
/// document that breaks off is given with the error in its first layer.
pub(super) fn layers(source: &mut Source, reading: &Reading<'_>) -> Result<Vec<RawLayer>, ReadError> {
    let decoded = Decoded::of(&source.bytes(reading.progress)?);
    if decoded.text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').is_empty() {
        return Err(ReadError::Empty);
    }
    let mut layers = document::read(&decoded.text, decoded.encoding, reading.progress)?;
    if decoded.replaced_count > 0
        && let Some(first) = layers.first_mut()
    {
        let message = Message::new("io.damaged-text").with("count", decoded.replaced_count);
        first.issues.push(Issue::new(Severity::Warning, message));
    }
    Ok(layers)
}
