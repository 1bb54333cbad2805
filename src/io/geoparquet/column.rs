//! Values of one column, a batch of rows at a time.

use chrono::{DateTime, NaiveTime};
use parquet::basic::Type as Physical;
use parquet::column::reader::{ColumnReader, get_column_reader};
use parquet::data_type::{ByteArray, FixedLenByteArray, Int96};
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::RowGroupReader;

use super::pages::Checked;
use super::schema::Kind;
use crate::model::Value;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// Values as they are stored, those that are there.
enum Values {
    Bool(Vec<bool>),
    Int32(Vec<i32>),
    Int64(Vec<i64>),
    Int96(Vec<Int96>),
    Float(Vec<f32>),
    Double(Vec<f64>),
    Bytes(Vec<ByteArray>),
    Fixed(Vec<FixedLenByteArray>),
}

/// Does the same with a reader of any type.
macro_rules! of_each {
    ($reader:expr, $inner:ident => $work:expr) => {
        match $reader {
            ColumnReader::BoolColumnReader($inner) => $work,
            ColumnReader::Int32ColumnReader($inner) => $work,
            ColumnReader::Int64ColumnReader($inner) => $work,
            ColumnReader::Int96ColumnReader($inner) => $work,
            ColumnReader::FloatColumnReader($inner) => $work,
            ColumnReader::DoubleColumnReader($inner) => $work,
            ColumnReader::ByteArrayColumnReader($inner) => $work,
            ColumnReader::FixedLenByteArrayColumnReader($inner) => $work,
        }
    };
}

/// A column being read.
pub(super) struct Column {
    reader: ColumnReader,
    pub(super) max_def: i16,
    values: Values,
    /// How far each entry is defined; empty where all are there.
    pub(super) defs: Vec<i16>,
    /// Which list each entry goes on; empty without lists.
    pub(super) reps: Vec<i16>,
    /// The next value.
    next: usize,
    /// The value of the open row.
    current: Option<usize>,
    row: usize,
}

/// What a value is.
pub(super) enum Cell<'v> {
    Is(Value<'v>),
    /// A number that is none.
    NotFinite,
    /// What no text or time is.
    Bad,
}

impl Column {
    /// Opens a column at a row of its group.
    ///
    /// # Errors
    /// The library's.
    pub(super) fn open(group: &dyn RowGroupReader, leaf: usize, start: usize) -> Result<Self> {
        let descriptor = group.metadata().schema_descr().column(leaf);
        let (max_def, max_rep) = (descriptor.max_def_level(), descriptor.max_rep_level());
        let pages = Checked::new(group.get_column_page_reader(leaf)?, max_rep, max_def);
        let values = match descriptor.physical_type() {
            Physical::BOOLEAN => Values::Bool(Vec::new()),
            Physical::INT32 => Values::Int32(Vec::new()),
            Physical::INT64 => Values::Int64(Vec::new()),
            Physical::INT96 => Values::Int96(Vec::new()),
            Physical::FLOAT => Values::Float(Vec::new()),
            Physical::DOUBLE => Values::Double(Vec::new()),
            Physical::BYTE_ARRAY => Values::Bytes(Vec::new()),
            Physical::FIXED_LEN_BYTE_ARRAY => Values::Fixed(Vec::new()),
        };
        let mut reader = get_column_reader(descriptor, pages);
        let skipped = of_each!(&mut reader, inner => inner.skip_records(start)?);
        if skipped != start {
            return Err(ParquetError::General("fewer rows than the group has".to_owned()));
        }
        Ok(Self { reader, max_def, values, defs: Vec::new(), reps: Vec::new(), next: 0, current: None, row: 0 })
    }

    /// Reads `count` more rows; gives how many there were.
    ///
    /// # Errors
    /// The library's.
    pub(super) fn load(&mut self, count: usize) -> Result<usize> {
        (self.next, self.current, self.row) = (0, None, 0);
        self.defs.clear();
        self.reps.clear();
        let (defs, reps) = (Some(&mut self.defs), Some(&mut self.reps));
        let (records, _, _) = match (&mut self.reader, &mut self.values) {
            (ColumnReader::BoolColumnReader(reader), Values::Bool(values)) => {
                values.clear();
                reader.read_records(count, defs, reps, values)?
            }
            (ColumnReader::Int32ColumnReader(reader), Values::Int32(values)) => {
                values.clear();
                reader.read_records(count, defs, reps, values)?
            }
            (ColumnReader::Int64ColumnReader(reader), Values::Int64(values)) => {
                values.clear();
                reader.read_records(count, defs, reps, values)?
            }
            (ColumnReader::Int96ColumnReader(reader), Values::Int96(values)) => {
                values.clear();
                reader.read_records(count, defs, reps, values)?
            }
            (ColumnReader::FloatColumnReader(reader), Values::Float(values)) => {
                values.clear();
                reader.read_records(count, defs, reps, values)?
            }
            (ColumnReader::DoubleColumnReader(reader), Values::Double(values)) => {
                values.clear();
                reader.read_records(count, defs, reps, values)?
            }
            (ColumnReader::ByteArrayColumnReader(reader), Values::Bytes(values)) => {
                values.clear();
                reader.read_records(count, defs, reps, values)?
            }
            (ColumnReader::FixedLenByteArrayColumnReader(reader), Values::Fixed(values)) => {
                values.clear();
                reader.read_records(count, defs, reps, values)?
            }
            // The values are made for the reader.
            _ => (0, 0, 0),
        };
        Ok(records)
    }

    /// Moves to the next row of the batch: entry by entry, where there are lists.
    pub(super) fn advance(&mut self) {
        let is_there = self.max_def == 0 || self.defs.get(self.row) == Some(&self.max_def);
        self.row += 1;
        self.current = is_there.then_some(self.next);
        self.next += usize::from(is_there);
    }

    /// The bytes of the open row.
    pub(super) fn bytes(&self) -> Option<&[u8]> {
        match &self.values {
            Values::Bytes(values) => values.get(self.current?).map(ByteArray::data),
            _ => None,
        }
    }

    /// The number of the open entry.
    pub(super) fn number(&self) -> Option<f64> {
        match &self.values {
            Values::Double(values) => values.get(self.current?).copied(),
            Values::Float(values) => values.get(self.current?).copied().map(f64::from),
            _ => None,
        }
    }

    /// The value of the open row; `scratch` is room for what must be written out first.
    pub(super) fn cell<'v>(&'v self, kind: Kind, scratch: &'v mut String) -> Cell<'v> {
        let Some(at) = self.current else { return Cell::Is(Value::Null) };
        scratch.clear();
        let whole = match &self.values {
            Values::Int32(values) => values.get(at).map(|value| match kind {
                Kind::Unsigned => i64::from(*value as u32),
                _ => i64::from(*value),
            }),
            Values::Int64(values) => values.get(at).copied(),
            _ => None,
        };
        let text = |scratch: &'v mut String, text: Option<String>| match text {
            Some(text) => {
                *scratch = text;
                Cell::Is(Value::Text(scratch))
            }
            None => Cell::Bad,
        };
        match (kind, &self.values, whole) {
            (Kind::Int, _, Some(whole)) => Cell::Is(Value::Int(whole)),
            (Kind::Unsigned, Values::Int64(_), Some(whole)) if whole < 0 => {
                // Digit by digit as text.
                text(scratch, Some((whole as u64).to_string()))
            }
            (Kind::Unsigned, _, Some(whole)) => Cell::Is(Value::Int(whole)),
            (Kind::Date, _, Some(day)) => {
                let date = day.checked_mul(DAY).and_then(|seconds| DateTime::from_timestamp(seconds, 0));
                text(scratch, date.map(|date| date.format("%Y-%m-%d").to_string()))
            }
            (Kind::Time(per_second), _, Some(parts)) => text(scratch, time(parts, per_second)),
            (Kind::Timestamp(per_second, is_utc), _, Some(parts)) => {
                text(scratch, timestamp(parts, per_second, is_utc))
            }
            (Kind::Decimal(scale), _, Some(whole)) => decimal(i128::from(whole), scale),
            (Kind::Decimal(scale), Values::Bytes(values), _) => {
                values.get(at).and_then(|value| signed(value.data())).map_or(Cell::Bad, |whole| decimal(whole, scale))
            }
            (Kind::Decimal(scale), Values::Fixed(values), _) => {
                values.get(at).and_then(|value| signed(value.data())).map_or(Cell::Bad, |whole| decimal(whole, scale))
            }
            (Kind::Bool, Values::Bool(values), _) => {
                values.get(at).map_or(Cell::Bad, |value| Cell::Is(Value::Bool(*value)))
            }
            (Kind::Float, Values::Double(values), _) => values.get(at).map_or(Cell::Bad, |value| float(*value)),
            (Kind::Float, Values::Float(values), _) => {
                values.get(at).map_or(Cell::Bad, |value| float(f64::from(*value)))
            }
            (Kind::HalfFloat, Values::Fixed(values), _) => {
                let half = values.get(at).and_then(|value| value.data().first_chunk::<2>());
                half.map_or(Cell::Bad, |half| float(half_float(u16::from_le_bytes(*half))))
            }
            (Kind::Text | Kind::Json, Values::Bytes(values), _) => {
                let bytes = values.get(at).map(ByteArray::data).unwrap_or_default();
                match (std::str::from_utf8(bytes), kind) {
                    (Ok(json), Kind::Json) => Cell::Is(Value::Json(json)),
                    (Ok(text), _) => Cell::Is(Value::Text(text)),
                    (Err(_), _) => Cell::Bad,
                }
            }
            (Kind::Uuid, Values::Fixed(values), _) => {
                let digits: Option<String> =
                    values.get(at).map(|value| value.data().iter().map(|byte| format!("{byte:02x}")).collect());
                text(scratch, digits.as_deref().and_then(uuid))
            }
            (Kind::OldTimestamp, Values::Int96(values), _) => {
                let value = values.get(at).map(|value| (value.to_seconds(), value.to_nanos()));
                let stamp = value.map(|(seconds, nanos)| (seconds, nanos.rem_euclid(1_000_000_000)));
                text(scratch, stamp.and_then(|(seconds, nanos)| stamped(seconds, nanos, false)))
            }
            _ => Cell::Bad,
        }
    }
}

fn float<'v>(number: f64) -> Cell<'v> {
    if number.is_finite() { Cell::Is(Value::Float(number)) } else { Cell::NotFinite }
}

/// A decimal as the nearest double.
fn decimal<'v>(whole: i128, scale: i32) -> Cell<'v> {
    if scale == 0
        && let Ok(whole) = i64::try_from(whole)
    {
        return Cell::Is(Value::Int(whole));
    }
    format!("{whole}e{}", -i64::from(scale)).parse().map_or(Cell::Bad, float)
}

/// The number that bytes are, the largest first.
fn signed(bytes: &[u8]) -> Option<i128> {
    let fill = if bytes.first()? & 0x80 == 0 { 0 } else { 0xFF };
    // What is wider may hold no more than its sign in front.
    let (front, bytes) = bytes.split_at(bytes.len().saturating_sub(16));
    if front.iter().any(|byte| *byte != fill) || bytes[0] & 0x80 != fill & 0x80 {
        return None;
    }
    let mut whole = [fill; 16];
    whole[16 - bytes.len()..].copy_from_slice(bytes);
    Some(i128::from_be_bytes(whole))
}

/// The number that two bytes are by IEEE 754.
fn half_float(bits: u16) -> f64 {
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1F), f64::from(bits & 0x3FF));
    let size = match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + fraction / 1024.0) * 2f64.powi(exponent - 15),
    };
    if bits & 0x8000 == 0 { size } else { -size }
}

fn uuid(digits: &str) -> Option<String> {
    let part = |from: usize, to: usize| digits.get(from..to);
    Some([part(0, 8)?, part(8, 12)?, part(12, 16)?, part(16, 20)?, part(20, 32)?].join("-"))
}

fn time(parts: i64, per_second: i64) -> Option<String> {
    let (second, rest) = (parts.div_euclid(per_second), parts.rem_euclid(per_second));
    let nanos = u32::try_from(rest * (1_000_000_000 / per_second)).ok()?; // below a second
    let time = NaiveTime::from_num_seconds_from_midnight_opt(u32::try_from(second).ok()?, nanos)?; // none beyond a day
    Some(time.format(if nanos == 0 { "%H:%M:%S" } else { "%H:%M:%S%.f" }).to_string())
}

fn timestamp(parts: i64, per_second: i64, is_utc: bool) -> Option<String> {
    stamped(parts.div_euclid(per_second), parts.rem_euclid(per_second) * (1_000_000_000 / per_second), is_utc)
}

fn stamped(seconds: i64, nanos: i64, is_utc: bool) -> Option<String> {
    let stamp = DateTime::from_timestamp(seconds, u32::try_from(nanos).ok()?)?; // none that a calendar has
    let text = stamp.format(if nanos == 0 { "%Y-%m-%dT%H:%M:%S" } else { "%Y-%m-%dT%H:%M:%S%.f" });
    Some(format!("{text}{}", if is_utc { "Z" } else { "" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_out() {
        assert_eq!(timestamp(1_234_567_890_123, 1000, true).as_deref(), Some("2009-02-13T23:31:30.123Z"));
        assert_eq!(timestamp(-1, 1, false).as_deref(), Some("1969-12-31T23:59:59"));
        assert_eq!(timestamp(i64::MAX, 1, false), None);
        assert_eq!(time(45_296_000, 1000).as_deref(), Some("12:34:56"));
        assert_eq!(time(86_400, 1), None);
    }

    #[test]
    fn numbers_of_odd_sizes_are_numbers() {
        assert_eq!(signed(&[0xFF, 0xFE]), Some(-2));
        assert_eq!((signed(&[0; 17]), signed(&[]), signed(&[1; 17])), (Some(0), None, None));
        assert_eq!(signed(&[[0xFF; 16].as_slice(), &[0xFE]].concat()), Some(-2));
        assert_eq!(signed(&[[0].as_slice(), &[0xFF; 16]].concat()), None, "it would be below zero");
        assert!(matches!(decimal(215_229_266, 3), Cell::Is(Value::Float(v)) if v == 215_229.266));
        assert!(matches!(decimal(-7, 0), Cell::Is(Value::Int(-7))));
        assert_eq!((half_float(0x3C00), half_float(0xC000), half_float(1)), (1.0, -2.0, 2f64.powi(-24)));
    }
}
