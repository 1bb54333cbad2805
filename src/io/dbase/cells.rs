//! Cells of one field of a table as a column.

use super::super::findings::Findings;
use super::memo::{self, Held, MOST_TEXT};
use super::{Table, TableField, is_level_7};
use crate::model::attributes::ColumnBuilder;
use crate::model::{Column, Issue, Severity, Value};
use crate::text::Message;

/// Bytes of the texts of the memos of a field in one block: what a column has room for.
const MOST_IN_BLOCK: usize = 1 << 30;

/// A column and what was odd about its cells, each with its first row.
pub(super) struct Cells {
    column: Column,
    /// Texts that were cut inside a character, whose rest was dropped.
    cut: Count,
    /// Texts with bytes that are no text.
    damaged: Count,
    /// Cells of numbers, dates and the like that are none; they have no value.
    unread: Count,
    /// Numbers of more digits than are counted with; they are texts.
    long: Count,
    /// Cells that name a text in a file that is missing.
    memo: Count,
    /// Those that name what is no text, what is not there, and more text than is read.
    binary: Count,
    gone: Count,
    shortened: Count,
}

/// How often something came up, and where first.
#[derive(Default)]
struct Count {
    count: u64,
    first: u32,
    found: String,
}

impl Count {
    fn add(&mut self, row: u32, found: impl FnOnce() -> String) {
        if self.count == 0 {
            (self.first, self.found) = (row, found());
        }
        self.count += 1;
    }
}

/// A cell without the blanks and zeros at its end.
pub(super) fn trimmed(cell: &[u8]) -> &[u8] {
    let end = cell.iter().rposition(|byte| !matches!(byte, b' ' | 0)).map_or(0, |at| at + 1);
    &cell[..end]
}

/// What a cell holds beside a plain value.
enum Read<'a> {
    Value(Value<'a>),
    Text(String),
    /// A whole number that is too long for one.
    Long(&'a str),
    Unread,
}

impl Cells {
    /// Reads the cells of `rows`; rows beyond the table have no value.
    pub(super) fn read(table: &Table, field: &TableField, rows: &[u32]) -> Self {
        let mut builder = ColumnBuilder::default();
        let mut cells = Self {
            column: ColumnBuilder::default().finish(0),
            cut: Count::default(),
            damaged: Count::default(),
            unread: Count::default(),
            long: Count::default(),
            memo: Count::default(),
            binary: Count::default(),
            gone: Count::default(),
            shortened: Count::default(),
        };
        if field.names_memo(table.version) {
            cells.read_memos(&mut builder, table, field, rows);
            cells.column = builder.finish(rows.len());
            return cells;
        }
        let (mut last, mut last_text): (&[u8], String) = (&[], String::new());
        for (at, row) in rows.iter().enumerate().filter(|(_, row)| (**row as usize) < table.record_count) {
            let raw = table.cell(*row as usize, field);
            let at = at as u32;
            if field.kind == b'C' || !b"NFDLI+OBTYMGP@".contains(&field.kind) {
                let cell = trimmed(raw);
                if cell.is_empty() {
                    continue;
                }
                if let (true, Ok(text)) = (cell.is_ascii(), std::str::from_utf8(cell)) {
                    builder.set(at, Value::Text(text));
                    continue;
                }
                // Neighbours often have the same text.
                if cell != last {
                    let decoded = table.encoding.decode_cell(cell);
                    if decoded.is_cut {
                        cells.cut.add(*row, || decoded.text.to_string());
                    }
                    if decoded.is_damaged {
                        cells.damaged.add(*row, || decoded.text.to_string());
                    }
                    (last, last_text) = (cell, decoded.text.into_owned());
                }
                builder.set(at, Value::Text(&last_text));
                continue;
            }
            match value(field, raw, table.version) {
                Read::Value(value) => {
                    builder.set(at, value);
                }
                Read::Text(text) => {
                    builder.set(at, Value::Text(&text));
                }
                Read::Long(text) => {
                    cells.long.add(*row, || text.to_owned());
                    builder.set(at, Value::Text(text));
                }
                Read::Unread => cells.unread.add(*row, || String::from_utf8_lossy(trimmed(raw)).trim().to_owned()),
            }
        }
        cells.column = builder.finish(rows.len());
        cells
    }

    /// Reads the texts that the cells of `rows` name.
    fn read_memos(&mut self, builder: &mut ColumnBuilder, table: &Table, field: &TableField, rows: &[u32]) {
        let mut given = 0;
        for (at, row) in (0u32..).zip(rows).filter(|(_, row)| (**row as usize) < table.record_count) {
            let Some(block) = memo::block(field, table.cell(*row as usize, field)) else { continue };
            let held = match (&table.memo, field.kind) {
                (_, b'G' | b'P' | b'B') => Held::Binary,
                (Some(memo), _) => memo.held(block),
                (None, _) => {
                    self.memo.add(*row, String::new);
                    continue;
                }
            };
            match held {
                Held::Text(text, is_longer) => {
                    given += text.len();
                    if given > MOST_IN_BLOCK || table.memo.as_ref().is_none_or(|memo| !memo.may_give(text.len())) {
                        self.gone.add(*row, || block.to_string());
                        continue;
                    }
                    let text = trimmed(text);
                    if text.is_empty() {
                        continue;
                    }
                    let decoded = table.encoding.decode_cell(text);
                    if is_longer {
                        self.shortened.add(*row, || block.to_string());
                    }
                    if decoded.is_damaged || decoded.is_cut && !is_longer {
                        self.damaged.add(*row, || decoded.text.chars().take(40).collect());
                    }
                    builder.set(at, Value::Text(&decoded.text));
                }
                Held::Binary => self.binary.add(*row, || block.to_string()),
                Held::Nothing => self.gone.add(*row, || block.to_string()),
            }
        }
    }

    /// The column; what was odd about it is told.
    pub(super) fn finish(self, name: &str, findings: &mut Findings) -> Column {
        let kinds = [
            (self.cut, "io.dbf-cut-text", Severity::Warning),
            (self.damaged, "io.dbf-damaged-text", Severity::Warning),
            (self.unread, "io.dbf-no-value", Severity::Warning),
            (self.long, "io.dbf-long-number", Severity::Note),
            (self.memo, "io.dbf-memo", Severity::Warning),
            (self.binary, "io.dbf-memo-binary", Severity::Warning),
            (self.gone, "io.dbf-memo-gone", Severity::Warning),
            (self.shortened, "io.dbf-memo-long", Severity::Warning),
        ];
        for (count, key, severity) in kinds {
            if count.count > 0 {
                let message = Message::new(key)
                    .with("field", name)
                    .with("count", count.count)
                    .with("found", count.found)
                    .with("most", MOST_TEXT >> 20);
                let issue = Issue { feature: Some(u64::from(count.first)), ..Issue::new(severity, message) };
                findings.add(issue, None);
            }
        }
        self.column
    }
}

fn value<'a>(field: &TableField, raw: &'a [u8], version: u8) -> Read<'a> {
    let cell = trimmed(raw);
    let four = || Some(i32::from_le_bytes(raw.get(..4)?.try_into().ok()?)); // short fields have none
    let eight = || -> Option<[u8; 8]> { raw.get(..8)?.try_into().ok() };
    match field.kind {
        b'I' | b'+' | b'O' | b'@' if is_level_7(version) => level_7(field.kind, raw),
        b'N' | b'F' => number(cell, field.decimals),
        b'L' => match cell.first() {
            None | Some(b'?') => Read::Value(Value::Null),
            Some(b'T' | b't' | b'Y' | b'y' | b'1') => Read::Value(Value::Bool(true)),
            Some(b'F' | b'f' | b'N' | b'n' | b'0') => Read::Value(Value::Bool(false)),
            Some(_) => Read::Unread,
        },
        b'D' => date(cell),
        b'I' | b'+' => four().map_or(Read::Unread, |v| Read::Value(Value::Int(i64::from(v)))),
        b'O' => eight().map_or(Read::Unread, |v| Read::Value(Value::Float(f64::from_le_bytes(v)))),
        // FoxPro keeps doubles there; that of dBASE names a memo.
        b'B' => eight().map_or(Read::Unread, |v| Read::Value(Value::Float(f64::from_le_bytes(v)))),
        b'Y' => eight().map_or(Read::Unread, |v| Read::Value(Value::Float(i64::from_le_bytes(v) as f64 / 1e4))),
        b'T' | b'@' => match (four(), raw.get(4..8).and_then(|b| b.try_into().ok()).map(i32::from_le_bytes)) {
            (Some(0), _) => Read::Value(Value::Null),
            (Some(day), Some(ms)) => moment(day, ms),
            _ => Read::Unread,
        },
        _ => Read::Unread,
    }
}

/// A number of dBASE 7: its bytes are in the order in which they sort, with the sign turned.
fn level_7(kind: u8, raw: &[u8]) -> Read<'static> {
    if raw.iter().all(|byte| *byte == 0) {
        return Read::Value(Value::Null);
    }
    let eight = || raw.first_chunk::<8>().map(|bytes| u64::from_be_bytes(*bytes));
    match kind {
        b'I' | b'+' => match raw.first_chunk::<4>() {
            Some(bytes) => {
                let turned = u32::from_be_bytes(*bytes) ^ 0x8000_0000;
                Read::Value(Value::Int(i64::from(turned.cast_signed())))
            }
            None => Read::Unread,
        },
        b'O' => match eight() {
            Some(bits) => {
                let is_positive = bits >> 63 == 1;
                let value = f64::from_bits(if is_positive { bits & !(1 << 63) } else { !bits });
                if value.is_finite() { Read::Value(Value::Float(value)) } else { Read::Unread }
            }
            None => Read::Unread,
        },
        // Milliseconds since the day before 1 January of the year 1.
        _ => match eight().map(|bits| f64::from_bits(bits & !(1 << 63))) {
            Some(ms) if (FIRST_MS..LAST_MS).contains(&ms) => at_second((ms / 1000.0) as i64 - 719_163 * 86_400),
            _ => Read::Unread,
        },
    }
}

/// The years 1 to 9999.
const FIRST_MS: f64 = 8.64e7;
const LAST_MS: f64 = 3.155_379_7e14;

/// A second since 1970 as `2025-01-15T08:30:00`.
fn at_second(seconds: i64) -> Read<'static> {
    let time = chrono::DateTime::from_timestamp(seconds, 0);
    time.map_or(Read::Unread, |time| Read::Text(time.format("%Y-%m-%dT%H:%M:%S").to_string()))
}

/// A number in digits, of a field with so many decimals.
fn number(cell: &[u8], decimals: usize) -> Read<'_> {
    let start = cell.iter().position(|byte| !matches!(byte, b' ' | 0)).unwrap_or(cell.len());
    let cell = &cell[start..];
    // Asterisks are what programs write where a number does not fit.
    if cell.is_empty() || cell.iter().all(|byte| *byte == b'*') {
        return Read::Value(Value::Null);
    }
    let Ok(text) = std::str::from_utf8(cell) else { return Read::Unread };
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if decimals == 0 && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return match text.strip_prefix('+').unwrap_or(text).parse() {
            Ok(v) => Read::Value(Value::Int(v)),
            Err(_) => Read::Long(text),
        };
    }
    let parsed = match digits.rsplit_once(',') {
        Some((before, after)) => fast_float2::parse::<f64, _>(without_commas(text, before, after, decimals)),
        None => fast_float2::parse::<f64, _>(text),
    };
    match parsed {
        Ok(v) if v.is_finite() => Read::Value(Value::Float(v)),
        _ => Read::Unread,
    }
}

/// A number with commas, the last of them between `before` and `after`: they part thousands, or one stands for the point,
/// as the decimals of the field have it.
fn without_commas(text: &str, before: &str, after: &str, decimals: usize) -> String {
    let is_point = !before.contains(',') && after.len() == decimals;
    let parts_thousands =
        text.contains('.') || (after.len() == 3 && before.split(',').skip(1).all(|group| group.len() == 3));
    if parts_thousands && !is_point { text.replace(',', "") } else { text.replace(',', ".") }
}

/// A date of eight digits as `2025-01-15`.
fn date(cell: &[u8]) -> Read<'_> {
    let Ok(text) = std::str::from_utf8(cell) else { return Read::Unread };
    let text = text.trim_start();
    if text.bytes().all(|byte| byte == b'0') {
        return Read::Value(Value::Null);
    }
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Read::Unread;
    }
    let (month, day) = (&text[4..6], &text[6..]);
    if !("01"..="12").contains(&month) || !("01"..="31").contains(&day) {
        return Read::Unread;
    }
    Read::Text(format!("{}-{month}-{day}", &text[..4]))
}

/// A day of the Julian calendar of astronomers and milliseconds, as `2025-01-15T08:30:00`.
fn moment(day: i32, ms: i32) -> Read<'static> {
    // Julian day 2440588 is 1970-01-01.
    let seconds = (i64::from(day) - 2_440_588) * 86_400 + i64::from(ms) / 1000;
    if ms >= 0 { at_second(seconds) } else { Read::Unread }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: u8, cell: &[u8]) -> String {
        read_of(0x30, kind, cell)
    }

    fn read_of(version: u8, kind: u8, cell: &[u8]) -> String {
        let field =
            TableField { raw_name: Vec::new(), name: String::new(), kind, offset: 1, width: cell.len(), decimals: 0 };
        match value(&field, cell, version) {
            Read::Value(Value::Null) => "null".to_owned(),
            Read::Value(value) => value.to_string(),
            Read::Text(text) => text,
            Read::Long(text) => format!("long {text}"),
            Read::Unread => "unread".to_owned(),
        }
    }

    #[test]
    fn cells_are_read_by_their_type() {
        let check = |kind: u8, cell: &[u8], expected: &str| assert_eq!(read(kind, cell), expected, "{cell:?}");
        check(b'N', b"  61623.25", "61623.25");
        check(b'N', b"   12", "12");
        check(b'N', b" 001", "1");
        check(b'N', b"-0.5\0\0", "-0.5");
        check(b'N', b" 64,30", "64.3");
        check(b'N', b" 64,300", "64300");
        check(b'N', b"1,234,567.5", "1234567.5");
        assert_eq!(without_commas("64,300", "64", "300", 3), "64.300");
        assert_eq!(without_commas("1,234", "1", "234", 2), "1234");
        check(b'N', b"     ", "null");
        check(b'N', b"*****", "null");
        check(b'N', b"370199211000000674", "370199211000000674");
        check(b'N', b"99999999999999999999", "long 99999999999999999999");
        check(b'F', b"1.5e3", "1500");
        check(b'N', b"abc", "unread");
        check(b'N', b"1e999", "unread");
        check(b'D', b"20250115", "2025-01-15");
        check(b'D', b"        ", "null");
        check(b'D', b"00000000", "null");
        check(b'D', b"2025-1-1", "unread");
        check(b'L', b"T", "true");
        check(b'L', b"n", "false");
        check(b'L', b"?", "null");
        check(b'I', &(-7i32).to_le_bytes(), "-7");
        check(b'B', &1.25f64.to_le_bytes(), "1.25");
        check(b'Y', &12_345i64.to_le_bytes(), "1.2345");
        check(b'T', &[2_460_691i32.to_le_bytes(), 30_600_000i32.to_le_bytes()].concat(), "2025-01-15T08:30:00");
    }

    #[test]
    fn numbers_of_level_7_are_turned_back() {
        let check = |kind: u8, cell: &[u8], expected: &str| assert_eq!(read_of(4, kind, cell), expected, "{cell:?}");
        check(b'I', &[0x80, 0, 0, 7], "7");
        check(b'+', &[0x7F, 0xFF, 0xFF, 0xF9], "-7");
        check(b'I', &[0; 4], "null");
        check(b'O', &(1.25f64.to_bits() | 1 << 63).to_be_bytes(), "1.25");
        check(b'O', &(!(-1.25f64).to_bits()).to_be_bytes(), "-1.25");
        let ms = (719_163.0 + 20_103.0) * 8.64e7 + 30_600_000.0;
        check(b'@', &f64::to_bits(ms).to_be_bytes(), "2025-01-15T08:30:00");
        check(b'@', &1.0f64.to_bits().to_be_bytes(), "unread");
        check(b'I', &[1], "unread");
    }
}
