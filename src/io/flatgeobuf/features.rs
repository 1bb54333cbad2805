//! Features to columns, a range of them at a time.

use flatgeobuf::{ColumnType, size_prefixed_root_as_feature};

use super::super::ReadError;
use super::super::columns::{Place, Sinks};
use super::super::encoding::text_of;
use super::super::findings::{Findings, NO_LINE};
use super::super::pieces::{self, Piece};
use super::super::wkb::{Fault, Notes};
use super::head::{Column, Head, Range, length_at, told_apart};
use super::shapes;
use crate::model::{AttributeBuilder, Severity, Value};
use crate::task::Progress;
use crate::text::Message;

/// Features between two looks at whether the user cancelled.
const FEATURES_PER_TICK: u64 = 1024;
/// Bytes that no buffer is shorter than.
const LEAST_BUFFER: usize = 8;

/// Reads the features of a range.
pub(super) fn piece(bytes: &[u8], head: &Head, range: &Range, progress: &Progress) -> Piece {
    let mut piece = Piece::new();
    let mut sinks = Sinks::new(head.kind());
    piece.error = fill(bytes, head, range, progress, &mut piece, &mut sinks).err();
    piece.close(sinks);
    piece
}

fn fill(
    bytes: &[u8],
    head: &Head,
    range: &Range,
    progress: &Progress,
    piece: &mut Piece,
    sinks: &mut Sinks,
) -> Result<(), ReadError> {
    let (mut at, mut told) = (range.start, range.start);
    for _ in 0..range.count {
        if piece.row_count.is_multiple_of(FEATURES_PER_TICK) {
            progress.tick((at - told) as u64).map_err(|_| ReadError::Cancelled)?;
            told = at;
        }
        // Ranges were made of what is there.
        let end = at + 4 + length_at(bytes, at).unwrap_or(0);
        let buffer = bytes.get(at..end).unwrap_or(&[]);
        let place = Place { row: piece.row_count, line: 0, offset: at - range.start };
        at = end;
        let feature = Some(buffer).filter(|buffer| buffer.len() >= 4 + LEAST_BUFFER);
        let feature = feature.and_then(|buffer| size_prefixed_root_as_feature(buffer).ok()); // what is wrong is said below
        let Some(feature) = feature else {
            piece.fault(Fault::Broken);
            let kind = sinks.home();
            sinks.end_feature(kind, true, place, |attributes, _| {
                store(attributes, &head.columns, &[], &mut piece.findings, place);
                false
            });
            piece.row_count += 1;
            continue;
        };
        let come = feature.geometry().and_then(|geometry| {
            let mut notes = Notes::default();
            let pushed = shapes::push(&geometry, head.geometry, sinks, place.offset, &mut notes);
            piece.came(pushed, notes, sinks)
        });
        let own = feature.columns().map(|columns| told_apart(columns.into_iter().map(|c| Column::of(&c)).collect()));
        let columns = own.as_deref().unwrap_or(&head.columns);
        let properties = feature.properties().map_or(&[][..], |properties| properties.bytes());
        let mut is_whole = true;
        let findings = &mut piece.findings;
        pieces::end(sinks, come, true, place, |attributes, _| {
            is_whole &= store(attributes, columns, properties, findings, place);
            false
        });
        if !is_whole {
            piece.say(Severity::Error, Message::new("io.fgb-values"));
        }
        piece.row_count += 1;
    }
    progress.tick((at - told) as u64).map_err(|_| ReadError::Cancelled)
}

/// Puts the values of a feature into the open row, which it ends; whether they could be read to the end.
fn store(
    attributes: &mut AttributeBuilder,
    columns: &[Column],
    properties: &[u8],
    findings: &mut Findings,
    place: Place,
) -> bool {
    // The first row makes the columns, in the order of the head.
    if attributes.row_count() == 0 {
        for (at, column) in columns.iter().enumerate() {
            attributes.column(&column.name, at);
        }
    }
    let mut rest = properties;
    let mut is_whole = true;
    while !rest.is_empty() {
        match value(&mut rest, columns, attributes, findings, place) {
            Some(()) => {}
            None => {
                is_whole = false;
                break;
            }
        }
    }
    attributes.end_row();
    is_whole
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*taken)
}

/// Puts the value at the start of `rest` into the open row; `None` where it contradicts itself.
fn value(
    rest: &mut &[u8],
    columns: &[Column],
    attributes: &mut AttributeBuilder,
    findings: &mut Findings,
    place: Place,
) -> Option<()> {
    let at = usize::from(u16::from_le_bytes(take(rest)?));
    let column = columns.get(at)?;
    let mut tally = |key| findings.tally(Severity::Warning, key, &column.name, 1, place.row, NO_LINE);
    let decoded;
    let large;
    let value = match column.kind {
        ColumnType::Byte => Value::Int(i8::from_le_bytes(take(rest)?).into()),
        ColumnType::UByte => Value::Int(u8::from_le_bytes(take(rest)?).into()),
        ColumnType::Bool => Value::Bool(take::<1>(rest)? != [0]),
        ColumnType::Short => Value::Int(i16::from_le_bytes(take(rest)?).into()),
        ColumnType::UShort => Value::Int(u16::from_le_bytes(take(rest)?).into()),
        ColumnType::Int => Value::Int(i32::from_le_bytes(take(rest)?).into()),
        ColumnType::UInt => Value::Int(u32::from_le_bytes(take(rest)?).into()),
        ColumnType::Long => Value::Int(i64::from_le_bytes(take(rest)?)),
        ColumnType::ULong => {
            let number = u64::from_le_bytes(take(rest)?);
            match i64::try_from(number) {
                Ok(number) => Value::Int(number),
                // Digit by digit as text.
                Err(_) => {
                    large = number.to_string();
                    Value::Text(&large)
                }
            }
        }
        ColumnType::Float | ColumnType::Double => {
            let number = match column.kind {
                ColumnType::Float => f64::from(f32::from_le_bytes(take(rest)?)),
                _ => f64::from_le_bytes(take(rest)?),
            };
            if !number.is_finite() {
                tally("io.gpkg-not-finite");
                return Some(());
            }
            Value::Float(number)
        }
        ColumnType::String | ColumnType::Json | ColumnType::DateTime | ColumnType::Binary => {
            let length = u32::from_le_bytes(take(rest)?) as usize;
            let bytes = rest.get(..length)?;
            *rest = &rest[length..];
            if column.kind == ColumnType::Binary {
                tally("io.gpkg-binary-value");
                return Some(());
            }
            let text = match std::str::from_utf8(bytes) {
                Ok(text) => text,
                Err(_) => {
                    tally("io.gpkg-not-utf8");
                    decoded = text_of(bytes);
                    &decoded
                }
            };
            if column.kind == ColumnType::Json { Value::Json(text) } else { Value::Text(text) }
        }
        _ => return None,
    };
    // The names of columns do not repeat, so those of the head lie where they are numbered.
    let target = attributes.column(&column.name, at);
    attributes.set(target, value);
    Some(())
}
