//! VCT exchange files: the vector format of Chinese land surveys, versions 1.0 (CNSDTF), 2.0 and 3.0.
//!
//! The text is read line by line, as it stands: points and lines become coordinates at once, polygons keep the ids of
//! the lines that they consist of, rows of attributes keep their text. When the file was read, rings are put together of
//! their lines and checked, block by block on all cores; what does not fit is said with the line of the polygon.
//!
//! No full file of an office was at hand: the layout follows what is published of the standards (GB/T 17798, TD/T 1016,
//! TD/T 1057) and of programs that write it. What deviates from it is told rather than guessed.
//!
//! | what | module |
//! |---|---|
//! | lines of text, with a look ahead | `lines` |
//! | the head, and the CRS that it names | `head` |
//! | sections to points, lines, lists of ids, rows | `sections` |
//! | lines to rings | `rings` |
//! | all of it to layers | `layers` |

mod head;
mod layers;
mod lines;
mod rings;
mod sections;

use super::ReadError;
use super::columns::RawLayer;
use super::reading::Reading;
use super::source::Source;
use crate::model::{Issue, Severity};
use crate::text::Message;
use lines::Lines;
use sections::Sections;

/// Reads the layers of a file: one for each table and kind of geometry.
///
/// # Errors
/// When it holds no feature, breaks off and what stands before that is not wanted, or the user cancelled.
pub(in crate::io) fn layers(source: &mut Source, reading: &Reading<'_>) -> Result<Vec<RawLayer>, ReadError> {
    let mut lines = Lines::new(source.text(reading.progress)?);
    let mut sections = Sections::default();
    let outcome = sections.read(&mut lines);
    let (encoding, replaced_count, seen) = lines.finish();
    source.saw(seen);
    let broken = match outcome {
        Ok(()) => None,
        Err(ReadError::Cancelled) => return Err(ReadError::Cancelled),
        Err(error) => Some(error),
    };
    if replaced_count > 0 {
        let message = Message::new("io.damaged-text").with("count", replaced_count);
        sections.issues.push(Issue::new(Severity::Warning, message));
    }
    let mut layers = layers::of(sections, encoding, reading)?;
    match (layers.first_mut(), broken) {
        (Some(first), broken) => first.error = broken,
        (None, Some(error)) => return Err(error),
        (None, None) => return Err(ReadError::Format(Message::new("io.vct-empty"))),
    }
    Ok(layers)
}

#[cfg(test)]
mod tests;
