//! GeoParquet, and Parquet tables without geometry.
//!
//! Columns of numbers, texts, dates and truth values are read, geometry as well-known binary or text or as coordinates in
//! lists (GeoArrow). Ranges of rows are decoded on all cores. The library believes what pages say of themselves, so they
//! are looked at first: nothing is unpacked that would be far larger than data are, and no count is believed that the bytes
//! of its page cannot hold. Columns within columns are named, not read.
//!
//! | what | module |
//! |---|---|
//! | columns of a file, and what it says of its geometry | `schema` |
//! | what pages say of themselves | `pages` |
//! | values of one column | `column` |
//! | coordinates in lists | `nested` |
//! | ranges of rows to columns | `rows` |
//! | a layer to a file | `write` |

mod column;
mod nested;
mod pages;
mod rows;
mod schema;
#[cfg(test)]
mod tests;
mod write;

use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use rayon::prelude::*;

use super::columns::RawLayer;
use super::findings::Findings;
use super::pieces::{self, Piece};
use super::reading::Reading;
use super::source::Source;
use super::{Encoding, ReadError};
use crate::model::BLOCK_FEATURES;
use crate::text::Message;
use schema::Schema;
pub(super) use write::{losses, write};

/// Rows that a byte of a file may stand for at most: rows that are null throughout take next to nothing.
const ROWS_PER_BYTE: u64 = 64;
/// Rows that any file may have.
const FREE_ROWS: u64 = 1 << 20;

/// Reads the layer of a file.
///
/// # Errors
/// When it is no such file, it is packed in a way that is not known, or the user cancelled.
pub(super) fn layers(source: &mut Source, reading: &Reading<'_>) -> Result<Vec<RawLayer>, ReadError> {
    let bytes = source.bytes(reading.progress)?;
    read(bytes, reading).map(|layer| vec![layer])
}

/// What the library makes of something: its own error or its panic as words.
fn guarded<T>(work: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("panic".to_owned()),
    }
}

fn broken(reason: &str) -> ReadError {
    ReadError::Format(Message::new("io.pq-broken").with("reason", reason.chars().take(200).collect::<String>()))
}

/// A range of the rows of a row group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    group: usize,
    start: usize,
    count: usize,
}

fn read(bytes: Vec<u8>, reading: &Reading<'_>) -> Result<RawLayer, ReadError> {
    let bytes = Bytes::from(bytes);
    let file = guarded(|| SerializedFileReader::new(bytes.clone())).map_err(|reason| broken(&reason))?;
    let metadata = file.metadata();
    let schema = guarded(|| Ok(Schema::of(metadata))).map_err(|reason| broken(&reason))??;
    let mut ranges = Vec::new();
    let mut row_count = 0u64;
    for (group, rows) in metadata.row_groups().iter().enumerate() {
        let count = usize::try_from(rows.num_rows()).map_err(|_| broken("row count"))?;
        row_count = row_count.saturating_add(count as u64);
        if row_count > FREE_ROWS + ROWS_PER_BYTE * bytes.len() as u64 {
            return Err(broken("row count"));
        }
        let starts = (0..count).step_by(BLOCK_FEATURES);
        ranges.extend(starts.map(|start| Range { group, start, count: BLOCK_FEATURES.min(count - start) }));
    }
    for leaf in schema.leaves() {
        for group in metadata.row_groups() {
            pages::check(&bytes, group, leaf).map_err(broken)?;
        }
    }
    let progress = reading.progress;
    progress.add_total(row_count);
    let pieces: Result<Vec<Piece>, ReadError> = ranges
        .into_par_iter()
        .map(|range| {
            let mut piece = Piece::new();
            let read = guarded(|| Ok(rows::fill(&file, &schema, range, progress, &mut piece)));
            piece.error = match read {
                Ok(read) => read.err(),
                // Columns that were open are lost with it, so their rows are not counted.
                Err(reason) => {
                    piece = Piece::new();
                    Some(broken(&reason))
                }
            };
            if let Some(ReadError::Cancelled) = piece.error {
                return Err(ReadError::Cancelled);
            }
            if let Some(arrivals) = reading.arrivals {
                let declared = || schema.declared.clone();
                piece.blocks.iter().for_each(|block| arrivals.add(&block.geometry, &block.sample, declared));
            }
            Ok(piece)
        })
        .collect();
    let mut layer = RawLayer {
        name: None,
        format: if schema.geometry.is_some() { "GeoParquet" } else { "Parquet" }.to_owned(),
        encoding: Encoding::Utf8,
        blocks: Vec::new(),
        order: Vec::new(),
        declared: schema.declared.clone(),
        issues: schema.issues.clone(),
        findings: Findings::default(),
        row_count: 0,
        skipped_count: 0,
        error: None,
    };
    pieces::join(&mut layer, pieces?);
    let names = schema.fields.iter().map(|field| field.name.clone()).collect();
    pieces::complete(&mut layer, names, schema.kind.filter(|_| schema.geometry.is_some()));
    Ok(layer)
}
