//! A range of rows to columns.

use bytes::Bytes;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};

use super::super::ReadError;
use super::super::columns::{Place, Sinks};
use super::super::encoding::text_of;
use super::super::findings::NO_LINE;
use super::super::pieces::{self, Piece};
use super::super::wkb::{self, Come, Notes};
use super::super::wkt;
use super::column::{Cell, Column};
use super::nested::{Came, Nested};
use super::schema::{Field, Geometry, Kind, Schema};
use super::{Range, broken};
use crate::model::{AttributeBuilder, Severity, Value};
use crate::task::Progress;

/// Rows that are decoded at once.
const BATCH: usize = 4096;

/// The columns of geometry.
enum Places {
    None,
    Binary(Column),
    Text(Column),
    Lists(Box<Nested>),
}

/// Reads the rows of a range into `piece`.
///
/// # Errors
/// Why the rest could not be read; what was read before is in the piece.
pub(super) fn fill(
    file: &SerializedFileReader<Bytes>,
    schema: &Schema,
    range: Range,
    progress: &Progress,
    piece: &mut Piece,
) -> Result<(), ReadError> {
    let mut sinks = Sinks::new(schema.kind);
    let read = rows(file, schema, range, progress, piece, &mut sinks);
    piece.close(sinks);
    read
}

fn rows(
    file: &SerializedFileReader<Bytes>,
    schema: &Schema,
    range: Range,
    progress: &Progress,
    piece: &mut Piece,
    sinks: &mut Sinks,
) -> Result<(), ReadError> {
    let failed = |error: parquet::errors::ParquetError| broken(&error.to_string());
    let group = file.get_row_group(range.group).map_err(failed)?;
    let group: &dyn RowGroupReader = &*group;
    let open = |leaf: usize| Column::open(group, leaf, range.start).map_err(failed);
    let mut places = match &schema.geometry {
        None => Places::None,
        Some(Geometry::Binary(leaf)) => Places::Binary(open(*leaf)?),
        Some(Geometry::Text(leaf)) => Places::Text(open(*leaf)?),
        Some(Geometry::Lists { shape, x, y, z }) => {
            Places::Lists(Box::new(Nested::open(group, *shape, [*x, *y], *z, range.start).map_err(failed)?))
        }
    };
    let mut columns = schema.fields.iter().map(|field| open(field.leaf)).collect::<Result<Vec<_>, _>>()?;
    let mut left = range.count;
    let mut offset = 0;
    let mut scratch = String::new();
    while left > 0 {
        let count = left.min(BATCH);
        progress.tick(count as u64).map_err(|_| ReadError::Cancelled)?;
        let loaded = match &mut places {
            Places::None => count,
            Places::Binary(column) | Places::Text(column) => column.load(count).map_err(failed)?,
            Places::Lists(nested) => nested.load(count).map_err(failed)?,
        };
        let mut is_whole = loaded == count;
        for column in &mut columns {
            is_whole &= column.load(count).map_err(failed)? == count;
        }
        if !is_whole {
            return Err(broken("columns of different lengths"));
        }
        for _ in 0..count {
            columns.iter_mut().for_each(Column::advance);
            row(schema, &mut places, &columns, piece, sinks, &mut offset, &mut scratch);
        }
        left -= count;
    }
    Ok(())
}

/// Reads a row, of which the columns stand open.
fn row(
    schema: &Schema,
    places: &mut Places,
    columns: &[Column],
    piece: &mut Piece,
    sinks: &mut Sinks,
    offset: &mut usize,
    scratch: &mut String,
) {
    let come = match places {
        Places::None => None,
        Places::Binary(column) => {
            column.advance();
            column.bytes().and_then(|bytes| binary(bytes, piece, sinks, offset))
        }
        Places::Text(column) => {
            column.advance();
            column.bytes().and_then(|bytes| text(bytes, piece, sinks, offset))
        }
        Places::Lists(nested) => match nested.next() {
            Came::Null => None,
            Came::Is(bytes) => binary(&bytes, piece, sinks, offset),
        },
    };
    let place = Place { row: piece.row_count, line: 0, offset: *offset };
    let findings = &mut piece.findings;
    pieces::end(sinks, come, schema.geometry.is_some(), place, |attributes, _| {
        *offset += values(attributes, &schema.fields, columns, scratch, &mut |key, name| {
            findings.tally(Severity::Warning, key, name, 1, place.row, NO_LINE);
        });
        false
    });
    piece.row_count += 1;
}

fn binary(bytes: &[u8], piece: &mut Piece, sinks: &mut Sinks, offset: &mut usize) -> Option<Come> {
    *offset += bytes.len();
    let mut notes = Notes::default();
    let pushed = wkb::push(bytes, sinks, *offset, &mut notes);
    piece.came(pushed, notes, sinks)
}

fn text(bytes: &[u8], piece: &mut Piece, sinks: &mut Sinks, offset: &mut usize) -> Option<Come> {
    *offset += bytes.len();
    let mut notes = Notes::default();
    match wkt::push(&String::from_utf8_lossy(bytes), sinks, *offset, &mut notes) {
        Ok(kinds) => {
            piece.notes(notes);
            Some(Come { kinds, empty: None })
        }
        Err(message) => {
            sinks.rollback();
            piece.say(Severity::Error, message);
            None
        }
    }
}

/// Puts the values of the open row into the attributes, whose row it ends; gives how many bytes its texts have.
fn values(
    attributes: &mut AttributeBuilder,
    fields: &[Field],
    columns: &[Column],
    scratch: &mut String,
    tally: &mut dyn FnMut(&'static str, &str),
) -> usize {
    // The first row makes the columns, in the order of the file; names do not repeat.
    if attributes.row_count() == 0 {
        for (at, field) in fields.iter().enumerate() {
            attributes.column(&field.name, at);
        }
    }
    let mut byte_count = 0;
    for (at, (field, column)) in fields.iter().zip(columns).enumerate() {
        match column.cell(field.kind, scratch) {
            Cell::Is(Value::Null) => {}
            Cell::Is(value) => {
                if let Value::Text(text) | Value::Json(text) = value {
                    byte_count += text.len();
                }
                attributes.set(at, value);
            }
            Cell::NotFinite => tally("io.gpkg-not-finite", &field.name),
            Cell::Bad => match (field.kind, column.bytes()) {
                (Kind::Text | Kind::Json, Some(bytes)) => {
                    tally("io.gpkg-not-utf8", &field.name);
                    attributes.set(at, Value::Text(&text_of(bytes)));
                }
                _ => tally("io.pq-bad-value", &field.name),
            },
        }
    }
    attributes.end_row();
    byte_count
}
