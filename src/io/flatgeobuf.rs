//! FlatGeobuf: a head, an index of space, features one behind the other.
//!
//! Each feature says how long it is: one pass finds where they begin, and ranges of them are decoded on all cores. No count
//! is believed before the file was seen to be as long as it says; each buffer is checked before it is looked into. What is
//! written has a packed Hilbert tree, unless a feature has no place.
//!
//! | what | module |
//! |---|---|
//! | the head, and where features begin | `head` |
//! | one geometry | `shapes` |
//! | features to columns | `features` |
//! | a layer to a file | `write` |

mod features;
mod head;
mod shapes;
#[cfg(test)]
mod tests;
mod write;

use rayon::prelude::*;

use super::columns::RawLayer;
use super::findings::Findings;
use super::pieces::{self, Piece};
use super::place::let_go;
use super::reading::Reading;
use super::source::Source;
use super::{Encoding, ReadError};
use crate::model::{Issue, Severity};
use crate::text::Message;
use head::Head;
pub(super) use write::{losses, write};

/// Reads the layer of a file.
///
/// # Errors
/// When it is no such file, its head is damaged, or the user cancelled.
pub(super) fn layers(source: &mut Source, reading: &Reading<'_>) -> Result<Vec<RawLayer>, ReadError> {
    let bytes = source.bytes(reading.progress)?;
    let read = read(&bytes, reading);
    let_go(bytes);
    read.map(|layer| vec![layer])
}

fn read(bytes: &[u8], reading: &Reading<'_>) -> Result<RawLayer, ReadError> {
    let head = Head::read(bytes)?;
    let starts = head.starts(bytes);
    let progress = reading.progress;
    progress.add_total((bytes.len() - head.end) as u64);
    let pieces: Result<Vec<Piece>, ReadError> = starts
        .ranges
        .par_iter()
        .map(|range| {
            let piece = features::piece(bytes, &head, range, progress);
            if let Some(ReadError::Cancelled) = piece.error {
                return Err(ReadError::Cancelled);
            }
            if let Some(arrivals) = reading.arrivals {
                let declared = || head.declared.clone();
                piece.blocks.iter().for_each(|block| arrivals.add(&block.geometry, &block.sample, declared));
            }
            Ok(piece)
        })
        .collect();
    let mut layer = RawLayer {
        name: head.name.clone(),
        format: "FlatGeobuf".to_owned(),
        encoding: Encoding::Utf8,
        blocks: Vec::new(),
        order: Vec::new(),
        declared: head.declared.clone(),
        issues: Vec::new(),
        findings: Findings::default(),
        row_count: 0,
        skipped_count: 0,
        error: None,
    };
    layer.issues.extend(head.said().map(|message| Issue::new(Severity::Note, message)));
    pieces::join(&mut layer, pieces?);
    if starts.is_cut {
        let message = Message::new("io.fgb-cut").with("count", head.feature_count).with("kept", layer.row_count);
        layer.error = layer.error.or(Some(ReadError::Format(message)));
    } else if head.feature_count > 0 && layer.error.is_none() && layer.row_count != head.feature_count {
        let message = Message::new("io.fgb-count").with("count", head.feature_count).with("kept", layer.row_count);
        layer.issues.push(Issue::new(Severity::Warning, message));
    }
    let names = head.columns.iter().map(|column| column.name.clone()).collect();
    pieces::complete(&mut layer, names, head.kind());
    Ok(layer)
}
