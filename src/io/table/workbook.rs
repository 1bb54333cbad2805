//! Sheets of XLSX, XLSB and XLS, cell by cell.
//!
//! A workbook is an archive: what it unpacks to is counted before it is read, and a sheet is never laid out as a
//! rectangle, so that one cell in the last column costs one cell.

use std::io::Cursor;

use calamine::{CellErrorType, Data, DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xls, Xlsb, Xlsx};

use super::super::columns::RawLayer;
use super::super::{Encoding, ReadError, zipped};
use super::rows::{Grid, MOST_CELLS, Rows, Sheet, too_large};
use super::{compound, read_sheets};
use crate::model::{Issue, Severity, Value};
use crate::task::Progress;
use crate::text::Message;

/// Cells between two looks at whether the user cancelled.
const CELLS_PER_TICK: u64 = 1 << 14;

/// Reads an XLSX or XLSB workbook.
///
/// # Errors
/// [`ReadError::Format`] where it is damaged, locked or unpacks to more than any workbook, [`ReadError::Empty`],
/// [`ReadError::Cancelled`].
pub(in crate::io) fn read_zipped(bytes: &[u8], progress: &Progress) -> Result<Vec<RawLayer>, ReadError> {
    if compound::is_compound(bytes) {
        // A password turns the archive into a file of another kind.
        return Err(locked());
    }
    let names = zipped::check(bytes, is_of_sheets, progress)?;
    let is_binary = names.iter().any(|name| name.ends_with("workbook.bin"));
    if !is_binary && overstates(bytes, &names) {
        return Err(too_large());
    }
    caught(|| if is_binary { xlsb(bytes, progress) } else { xlsx(bytes, progress) })
}

/// Whether the list of texts of a workbook says that it has more than any table: the library makes room for all of them
/// before it reads the first, and where the system has none the whole program ends.
fn overstates(bytes: &[u8], names: &[String]) -> bool {
    let mut lists = names.iter().filter(|name| name.to_ascii_lowercase().ends_with("sharedstrings.xml"));
    lists.any(|name| zipped::beginning(bytes, name).is_some_and(|start| stated(&start) > MOST_CELLS as u64))
}

/// How many texts a list says that it has, by its beginning; 0 where it does not say.
fn stated(start: &[u8]) -> u64 {
    let Some(at) = memchr::memmem::find(start, b"uniqueCount") else { return 0 };
    let behind = start[at..].iter().skip_while(|byte| !byte.is_ascii_digit());
    let digits = behind.take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |number: u64, digit| number.saturating_mul(10).saturating_add(u64::from(digit - b'0')))
}

/// Does `read`, whose library takes what a damaged file says of itself at its word, and may reach past its end.
fn caught<T>(read: impl FnOnce() -> Result<T, ReadError>) -> Result<T, ReadError> {
    let gave_up = |_| Err(ReadError::Format(Message::new("io.table-gave-up")));
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)).unwrap_or_else(gave_up)
}

/// Whether a member of an archive is part of what its sheets say.
pub(super) fn is_of_sheets(name: &str) -> bool {
    [".xml", ".bin", ".rels"].iter().any(|ending| name.ends_with(ending))
}

pub(super) fn locked() -> ReadError {
    ReadError::Format(Message::new("io.table-locked"))
}

pub(super) fn broken(error: impl std::fmt::Display) -> ReadError {
    ReadError::Format(Message::new("io.table-broken").with("reason", error))
}

fn xlsx(bytes: &[u8], progress: &Progress) -> Result<Vec<RawLayer>, ReadError> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let mut sheets = Vec::new();
    for (name, issues) in worksheets(&book) {
        let mut filler = Filler::new(issues, progress);
        let mut reader = match book.worksheet_cells_reader(&name) {
            Ok(reader) => reader,
            Err(error) => {
                filler.unread(&name, &error);
                sheets.push(filler.finish(name, "XLSX"));
                continue;
            }
        };
        loop {
            match reader.next_cell_with_formula_metadata() {
                Ok(Some(cell)) => filler.add(cell.pos, &Cell::of_ref(&cell.value), cell.formula.is_some())?,
                Ok(None) => break,
                Err(error) => {
                    filler.unread(&name, &error);
                    break;
                }
            }
        }
        sheets.push(filler.finish(name, "XLSX"));
    }
    read_sheets(sheets, progress)
}

fn xlsb(bytes: &[u8], progress: &Progress) -> Result<Vec<RawLayer>, ReadError> {
    let mut book: Xlsb<_> = Xlsb::new(Cursor::new(bytes)).map_err(broken)?;
    let mut sheets = Vec::new();
    for (name, issues) in worksheets(&book) {
        let mut filler = Filler::new(issues, progress);
        match book.worksheet_cells_reader(&name) {
            Ok(mut reader) => loop {
                match reader.next_cell() {
                    Ok(Some(cell)) => filler.add(cell.get_position(), &Cell::of_ref(cell.get_value()), false)?,
                    Ok(None) => break,
                    Err(error) => {
                        filler.unread(&name, &error);
                        break;
                    }
                }
            },
            Err(error) => filler.unread(&name, &error),
        }
        sheets.push(filler.finish(name, "XLSB"));
    }
    read_sheets(sheets, progress)
}

/// Reads a workbook of Excel 97 to 2003, or 5.
///
/// # Errors
/// As [`read_zipped`].
pub(in crate::io) fn read_compound(bytes: &[u8], progress: &Progress) -> Result<Vec<RawLayer>, ReadError> {
    if bytes.starts_with(b"PK") {
        // Renamed.
        return read_zipped(bytes, progress);
    }
    compound::check(bytes)?;
    caught(|| xls(bytes, progress))
}

fn xls(bytes: &[u8], progress: &Progress) -> Result<Vec<RawLayer>, ReadError> {
    let mut book: Xls<_> = Xls::new(Cursor::new(bytes)).map_err(broken)?;
    let mut sheets = Vec::new();
    for (name, issues) in worksheets(&book) {
        let mut filler = Filler::new(issues, progress);
        match book.worksheet_range(&name) {
            Ok(range) => {
                let (top, left) = range.start().unwrap_or_default();
                for (row, column, value) in range.used_cells() {
                    filler.add((top + row as u32, left + column as u32), &Cell::of_data(value), false)?;
                }
            }
            Err(error) => filler.unread(&name, &error),
        }
        sheets.push(filler.finish(name, "XLS"));
    }
    read_sheets(sheets, progress)
}

/// The sheets of cells, those that are hidden with a word about it.
fn worksheets<B: Reader<Cursor<T>>, T: AsRef<[u8]>>(book: &B) -> Vec<(String, Vec<Issue>)>
where
    Cursor<T>: std::io::Read + std::io::Seek,
{
    let of_cells = book.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    of_cells
        .map(|sheet| {
            let is_shown = sheet.visible == SheetVisible::Visible;
            let hidden = || Issue::new(Severity::Note, Message::new("io.table-hidden").with("name", &sheet.name));
            (sheet.name.clone(), if is_shown { Vec::new() } else { vec![hidden()] })
        })
        .collect()
}

/// The value of a cell.
enum Cell<'v> {
    Value(Value<'v>),
    Owned(String),
    /// `#N/A` and its like.
    Fault,
}

impl<'v> Cell<'v> {
    fn of_ref(value: &'v DataRef<'_>) -> Self {
        match value {
            DataRef::Empty => Self::Value(Value::Null),
            DataRef::Int(v) => Self::Value(Value::Int(*v)),
            DataRef::Float(v) => Self::Value(number(*v)),
            DataRef::String(text) => Self::Value(Value::Text(text)),
            DataRef::SharedString(text) => Self::Value(Value::Text(text)),
            DataRef::Bool(v) => Self::Value(Value::Bool(*v)),
            DataRef::DateTime(time) => Self::Owned(date(time)),
            DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Self::Owned(text.replacen('T', " ", 1)),
            DataRef::Error(error) => Self::of_fault(error),
        }
    }

    fn of_data(value: &'v Data) -> Self {
        match value {
            Data::Empty => Self::Value(Value::Null),
            Data::Int(v) => Self::Value(Value::Int(*v)),
            Data::Float(v) => Self::Value(number(*v)),
            Data::String(text) => Self::Value(Value::Text(text)),
            Data::Bool(v) => Self::Value(Value::Bool(*v)),
            Data::DateTime(time) => Self::Owned(date(time)),
            Data::DateTimeIso(text) | Data::DurationIso(text) => Self::Owned(text.replacen('T', " ", 1)),
            Data::Error(error) => Self::of_fault(error),
        }
    }

    fn of_fault(_: &CellErrorType) -> Self {
        Self::Fault
    }
}

/// A number of a sheet: whole ones, which are all doubles there, as whole numbers.
pub(super) fn number(value: f64) -> Value<'static> {
    if value.fract() == 0.0 && value.abs() < 9e15 { Value::Int(value as i64) } else { Value::Float(value) }
}

/// A date, a time or both, as ISO 8601 writes them with a blank between.
fn date(time: &ExcelDateTime) -> String {
    let value = time.as_f64();
    if !value.is_finite() || value.abs() > 3e6 {
        return value.to_string();
    }
    let clock = |seconds: i64| format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    let seconds = (value * 86_400.0).round() as i64;
    if time.is_duration() || (0.0..1.0).contains(&value) {
        let sign = if seconds < 0 { "-" } else { "" };
        return format!("{sign}{}", clock(seconds.abs()));
    }
    let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
    let day = format!("{year:04}-{month:02}-{day:02}");
    match (hour, minute, second) {
        (0, 0, 0) => day,
        _ => format!("{day} {hour:02}:{minute:02}:{second:02}"),
    }
}

/// Fills a sheet, and counts what is odd about its cells.
struct Filler<'p> {
    sheet: Sheet,
    issues: Vec<Issue>,
    /// Cells with a fault, and formulas without a value, with the row of the first.
    faults: (u64, u32),
    formulas: (u64, u32),
    count: u64,
    progress: &'p Progress,
}

impl<'p> Filler<'p> {
    fn new(issues: Vec<Issue>, progress: &'p Progress) -> Self {
        Self { sheet: Sheet::default(), issues, faults: (0, 0), formulas: (0, 0), count: 0, progress }
    }

    fn add(&mut self, (row, column): (u32, u32), cell: &Cell<'_>, is_formula: bool) -> Result<(), ReadError> {
        self.count += 1;
        if self.count.is_multiple_of(CELLS_PER_TICK) {
            self.progress.tick(0).map_err(|_| ReadError::Cancelled)?;
        }
        let note = |count: &mut (u64, u32)| {
            if count.0 == 0 {
                count.1 = row + 1;
            }
            count.0 += 1;
        };
        match cell {
            Cell::Fault => {
                note(&mut self.faults);
                Ok(())
            }
            Cell::Value(Value::Null) => {
                if is_formula {
                    note(&mut self.formulas);
                }
                Ok(())
            }
            Cell::Value(value) => self.sheet.add(row, column, *value),
            Cell::Owned(text) => self.sheet.add(row, column, Value::Text(text)),
        }
    }

    /// Notes that a sheet ends where it is broken.
    fn unread(&mut self, name: &str, error: &dyn std::fmt::Display) {
        let message = Message::new("io.table-sheet-broken").with("name", name).with("reason", error);
        self.issues.push(Issue::new(Severity::Error, message));
    }

    fn finish(mut self, name: String, format: &'static str) -> (Grid, Rows<'static>) {
        let counted = [("io.table-faults", self.faults), ("io.table-formulas", self.formulas)];
        for (key, (count, line)) in counted.into_iter().filter(|(_, (count, _))| *count > 0) {
            let message = Message::new(key).with("count", count);
            self.issues.push(Issue { line: Some(u64::from(line)), ..Issue::new(Severity::Warning, message) });
        }
        let grid = Grid { name: Some(name), format, encoding: Encoding::Utf8, issues: self.issues };
        (grid, Rows::Sheet(self.sheet))
    }
}
