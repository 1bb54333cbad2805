//! Rows of cells, whatever they come from: gone through as often as is needed, empty cells left out.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::super::encoding::plain_cell;
use super::super::{Encoding, ReadError};
use crate::model::{Issue, Value};
use crate::task::Progress;
use crate::text::Message;

/// Cells that a workbook may have: a county's ledger has a tenth of them.
pub(super) const MOST_CELLS: usize = 30_000_000;
/// Columns that are told apart; spreadsheets have no more.
pub(super) const MOST_COLUMNS: usize = 16_384;
/// Rows between two looks at whether the user cancelled.
const ROWS_PER_TICK: u64 = 1 << 12;

/// What a table is besides its cells.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    /// The name of the sheet.
    pub(super) name: Option<String>,
    /// The format as shown.
    pub(super) format: &'static str,
    pub(super) encoding: Encoding,
    pub(super) issues: Vec<Issue>,
}

/// The cells of a table.
pub(super) enum Rows<'t> {
    /// Text that is divided into cells.
    Text { text: &'t str, separator: u8 },
    /// The cells of a sheet.
    Sheet(Sheet),
}

/// A cell of a sheet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Stored {
    Bool(bool),
    Int(i64),
    Float(f64),
    /// Index of a text.
    Text(u32),
}

/// The cells of a sheet that hold something, row by row.
#[derive(Clone, Debug, Default)]
pub(super) struct Sheet {
    /// Column and value.
    cells: Vec<(u16, Stored)>,
    /// Row number from 1, and its first cell.
    rows: Vec<(u32, usize)>,
    texts: Vec<Arc<str>>,
    by_text: FxHashMap<Arc<str>, u32>,
}

impl Sheet {
    /// Adds a cell; rows and columns count from 0. Cells of one row come together.
    ///
    /// # Errors
    /// When there are more than a table may have.
    pub(super) fn add(&mut self, row: u32, column: u32, value: Value<'_>) -> Result<(), ReadError> {
        let stored = match value {
            Value::Null => return Ok(()),
            Value::Bool(v) => Stored::Bool(v),
            Value::Int(v) => Stored::Int(v),
            Value::Float(v) => Stored::Float(v),
            Value::Text(text) | Value::Json(text) => {
                if text.is_empty() {
                    return Ok(());
                }
                Stored::Text(self.text(text))
            }
        };
        if self.cells.len() >= MOST_CELLS {
            return Err(too_large());
        }
        let column =
            u16::try_from(column).ok().filter(|column| usize::from(*column) < MOST_COLUMNS).ok_or_else(too_large)?;
        if self.rows.last().is_none_or(|(last, _)| *last != row + 1) {
            self.rows.push((row.saturating_add(1), self.cells.len()));
        }
        self.cells.push((column, stored));
        Ok(())
    }

    fn text(&mut self, text: &str) -> u32 {
        if let Some(known) = self.by_text.get(text) {
            return *known;
        }
        let index = self.texts.len() as u32;
        let text: Arc<str> = text.into();
        self.texts.push(text.clone());
        self.by_text.insert(text, index);
        index
    }

    /// How many cells there are.
    pub(super) fn cell_count(&self) -> usize {
        self.cells.len()
    }

    /// Repeats the last row `count` times more.
    ///
    /// # Errors
    /// When there are more cells than a table may have.
    pub(super) fn repeat_last(&mut self, count: u32) -> Result<(), ReadError> {
        let Some((number, start)) = self.rows.last().copied() else { return Ok(()) };
        let row = start..self.cells.len();
        if row.len().saturating_mul(count as usize) > MOST_CELLS - self.cells.len().min(MOST_CELLS) {
            return Err(too_large());
        }
        for more in 1..=count {
            self.rows.push((number.saturating_add(more), self.cells.len()));
            self.cells.extend_from_within(row.clone());
        }
        Ok(())
    }

    fn value(&self, stored: Stored) -> Value<'_> {
        match stored {
            Stored::Bool(v) => Value::Bool(v),
            Stored::Int(v) => Value::Int(v),
            Stored::Float(v) => Value::Float(v),
            Stored::Text(index) => Value::Text(&self.texts[index as usize]),
        }
    }
}

/// The numbers of the lines that records begin in.
///
/// The reader of CSV gives as a record's place where the one before ended: between the two signs of a line's end, or
/// before blank lines. By its own count a record would share its line with the one before it.
struct Lines<'t> {
    bytes: &'t [u8],
    at: usize,
    line: u64,
}

impl<'t> Lines<'t> {
    fn new(bytes: &'t [u8]) -> Self {
        Self { bytes, at: 0, line: 1 }
    }

    /// The line, from 1, of the record that is read from `place` on; places come in order.
    fn at(&mut self, place: u64) -> u64 {
        let mut end = usize::try_from(place).map_or(self.bytes.len(), |place| place.min(self.bytes.len())).max(self.at);
        while self.bytes.get(end).is_some_and(|b| matches!(b, b'\r' | b'\n')) {
            end += 1;
        }
        for found in memchr::memchr2_iter(b'\r', b'\n', &self.bytes[self.at..end]) {
            let found = self.at + found;
            // Of two signs that end a line together the second counts.
            if self.bytes[found] == b'\n' || self.bytes.get(found + 1) != Some(&b'\n') {
                self.line += 1;
            }
        }
        self.at = end;
        self.line
    }
}

/// The refusal of a table of more cells than any table has.
pub(super) fn too_large() -> ReadError {
    ReadError::Format(Message::new("io.table-too-large").with("most", MOST_CELLS))
}

impl Rows<'_> {
    /// Calls `each` with the number of every row that holds something (the line of a text, the row of a sheet, from 1) and
    /// its cells by column, empty ones left out, until it answers `false`.
    ///
    /// # Errors
    /// [`ReadError::Cancelled`].
    pub(super) fn each(
        &self,
        progress: &Progress,
        mut each: impl FnMut(u64, &[(usize, Value<'_>)]) -> bool,
    ) -> Result<(), ReadError> {
        let mut count = 0u64;
        let mut tick = || {
            count += 1;
            if count.is_multiple_of(ROWS_PER_TICK) {
                progress.tick(0).map_err(|_| ReadError::Cancelled)
            } else {
                Ok(())
            }
        };
        match self {
            Self::Text { text, separator } => {
                let mut reader = csv::ReaderBuilder::new()
                    .has_headers(false)
                    .flexible(true)
                    .delimiter(*separator)
                    .from_reader(text.as_bytes());
                let mut record = csv::StringRecord::new();
                let mut lines = Lines::new(text.as_bytes());
                // Text is UTF-8 by now, and records may differ in length: nothing is left that could fail.
                while let Ok(true) = reader.read_record(&mut record) {
                    tick()?;
                    let line = lines.at(record.position().map_or(0, csv::Position::byte));
                    let cells: Vec<(usize, Value<'_>)> = record
                        .iter()
                        .take(MOST_COLUMNS)
                        .map(plain_cell)
                        .enumerate()
                        .filter(|(_, text)| !text.trim().is_empty())
                        .map(|(column, text)| (column, Value::Text(text)))
                        .collect();
                    if !cells.is_empty() && !each(line, &cells) {
                        return Ok(());
                    }
                }
            }
            Self::Sheet(sheet) => {
                let ends = sheet.rows.iter().skip(1).map(|(_, start)| *start).chain([sheet.cells.len()]);
                for ((number, start), end) in sheet.rows.iter().zip(ends) {
                    tick()?;
                    let cells: Vec<(usize, Value<'_>)> = sheet.cells[*start..end]
                        .iter()
                        .map(|(column, stored)| (usize::from(*column), sheet.value(*stored)))
                        .collect();
                    if !each(u64::from(*number), &cells) {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether cells are text that may stand for numbers.
    pub(super) fn is_text(&self) -> bool {
        matches!(self, Self::Text { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_the_numbers_of_their_lines() {
        let check = |text: &str, expected: &[u64]| {
            let mut found = Vec::new();
            let rows = Rows::Text { text, separator: b',' };
            let ended = rows.each(&Progress::new(), |number, _| {
                found.push(number);
                true
            });
            assert!(ended.is_ok());
            assert_eq!(found, expected, "{text:?}");
        };
        check("a,b\n1,2\n3,4", &[1, 2, 3]);
        check("a,b\r\n1,2\r\n3,4\r\n", &[1, 2, 3]);
        check("a,b\r1,2\r3,4\r", &[1, 2, 3]);
        check("a,b\r\n\r\n1,2\r\n,\r\n3,4", &[1, 3, 5]);
        check("\n\na\n\n\n1\n", &[3, 6]);
        check("\"a\r\nb\",c\r\n1,\"x\n\ny\"\r\n2,z\r\n", &[1, 3, 6]);
    }
}
