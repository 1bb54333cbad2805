//! Sheets of OpenDocument workbooks, read as they stand: a cell that is repeated to the last column costs nothing while
//! it is empty.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::super::columns::RawLayer;
use super::super::{Encoding, ReadError, xml, zipped};
use super::read_sheets;
use super::rows::{Grid, Rows, Sheet, too_large};
use super::workbook::{broken, is_of_sheets, locked, number};
use crate::model::{Issue, Severity, Value};
use crate::task::Progress;
use crate::text::Message;

/// Rows and columns of a sheet, at most.
const MOST_ROWS: u32 = 1 << 24;

/// Reads an ODS workbook.
///
/// # Errors
/// [`ReadError::Format`] where it is damaged, locked or too large, [`ReadError::Empty`], [`ReadError::Cancelled`].
pub(in crate::io) fn read(bytes: &[u8], progress: &Progress) -> Result<Vec<RawLayer>, ReadError> {
    zipped::check(bytes, is_of_sheets, progress)?;
    let member = |name: &str| zipped::member(bytes, name);
    let manifest = member("META-INF/manifest.xml").unwrap_or_default();
    if memchr::memmem::find(&manifest, b"encryption-data").is_some() {
        return Err(locked());
    }
    let content = member("content.xml").ok_or_else(|| broken("content.xml"))?;
    read_sheets(sheets(&content, progress)?, progress)
}

/// A sheet being read.
#[derive(Default)]
struct Open {
    name: String,
    sheet: Sheet,
    row: u32,
    column: u32,
    /// How often the open row and the open cell stand there.
    row_repeats: u32,
    repeats: u32,
    cells_before: usize,
    /// The text of the open cell, and its typed value.
    text: String,
    value: Option<Typed>,
    formulas: u64,
}

enum Typed {
    Number(f64),
    Bool(bool),
    Text(String),
}

fn sheets(content: &[u8], progress: &Progress) -> Result<Vec<(Grid, Rows<'static>)>, ReadError> {
    let text = String::from_utf8_lossy(content);
    let mut reader = Reader::from_str(&text);
    reader.config_mut().allow_dangling_amp = true;
    let mut sheets = Vec::new();
    let mut open: Option<Open> = None;
    // How deep within a cell, within a comment of it, and paragraphs of the cell so far.
    let (mut in_cell, mut in_note, mut paragraphs) = (false, 0u32, 0u32);
    let mut count = 0u64;
    loop {
        count += 1;
        if count.is_multiple_of(1 << 14) {
            progress.tick(0).map_err(|_| ReadError::Cancelled)?;
        }
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                if let Some(done) = open.take() {
                    let message = Message::new("io.table-sheet-broken").with("name", &done.name).with("reason", error);
                    sheets.push(finish(done, vec![Issue::new(Severity::Error, message)]));
                }
                break;
            }
        };
        match (&event, &mut open) {
            (Event::Eof, _) => {
                sheets.extend(open.take().map(|done| finish(done, Vec::new())));
                break;
            }
            (Event::Start(tag), sheet) if tag.name().as_ref() == "table:table" => {
                sheets.extend(sheet.take().map(|done| finish(done, Vec::new())));
                *sheet = Some(Open { name: attribute(tag, "table:name").unwrap_or_default(), ..Open::default() });
            }
            (Event::End(tag), sheet) if tag.name().as_ref() == "table:table" => {
                sheets.extend(sheet.take().map(|done| finish(done, Vec::new())));
            }
            (_, None) => {}
            (Event::Start(tag) | Event::Empty(tag), Some(sheet)) => {
                let is_empty = matches!(event, Event::Empty(_));
                match tag.name().as_ref() {
                    "table:table-row" => {
                        (sheet.column, sheet.cells_before) = (0, sheet.sheet.cell_count());
                        sheet.row_repeats = repeats(tag, "table:number-rows-repeated");
                        if is_empty {
                            sheet.end_row()?;
                        }
                    }
                    "table:table-cell" | "table:covered-table-cell" => {
                        sheet.begin_cell(tag);
                        (in_cell, in_note, paragraphs) = (!is_empty, 0, 0);
                        if is_empty {
                            sheet.end_cell()?;
                        }
                    }
                    "office:annotation" if !is_empty => in_note += 1,
                    "text:p" if in_cell && in_note == 0 => {
                        if paragraphs > 0 {
                            sheet.text.push('\n');
                        }
                        paragraphs += 1;
                    }
                    "text:s" if in_cell && in_note == 0 => {
                        let blanks = attribute(tag, "text:c").and_then(|n| n.parse::<usize>().ok()).unwrap_or(1);
                        sheet.text.extend(std::iter::repeat_n(' ', blanks.min(1000)));
                    }
                    _ => {}
                }
            }
            (Event::End(tag), Some(sheet)) => match tag.name().as_ref() {
                "table:table-row" => sheet.end_row()?,
                "table:table-cell" | "table:covered-table-cell" => {
                    in_cell = false;
                    sheet.end_cell()?;
                }
                "office:annotation" => in_note = in_note.saturating_sub(1),
                _ => {}
            },
            (Event::Text(text), Some(sheet)) if in_cell && in_note == 0 && paragraphs > 0 => {
                sheet.text.push_str(text);
            }
            (Event::CData(text), Some(sheet)) if in_cell && in_note == 0 => {
                sheet.text.push_str(text);
            }
            (Event::GeneralRef(entity), Some(sheet)) if in_cell && in_note == 0 && paragraphs > 0 => {
                sheet.text.push_str(&xml::resolved(entity));
            }
            _ => {}
        }
    }
    Ok(sheets)
}

fn finish(open: Open, mut issues: Vec<Issue>) -> (Grid, Rows<'static>) {
    if open.formulas > 0 {
        issues.push(Issue::new(Severity::Warning, Message::new("io.table-formulas").with("count", open.formulas)));
    }
    let grid = Grid { name: Some(open.name), format: "ODS", encoding: Encoding::Utf8, issues };
    (grid, Rows::Sheet(open.sheet))
}

impl Open {
    fn begin_cell(&mut self, tag: &BytesStart<'_>) {
        self.repeats = repeats(tag, "table:number-columns-repeated");
        self.text.clear();
        let value = || attribute(tag, "office:value");
        self.value = match attribute(tag, "office:value-type").as_deref() {
            Some("float" | "currency" | "percentage") => {
                value().and_then(|text| text.parse().ok()).filter(|value: &f64| value.is_finite()).map(Typed::Number)
            }
            Some("boolean") => attribute(tag, "office:boolean-value").map(|text| Typed::Bool(text == "true")),
            Some("date") => attribute(tag, "office:date-value").map(|text| Typed::Text(text.replacen('T', " ", 1))),
            Some("time") => attribute(tag, "office:time-value").map(|text| Typed::Text(clock(&text))),
            Some("string") => attribute(tag, "office:string-value").map(Typed::Text),
            _ => None,
        };
        let is_formula = attribute(tag, "table:formula").is_some();
        if is_formula && attribute(tag, "office:value-type").is_none() {
            self.formulas += 1;
        }
    }

    fn end_cell(&mut self) -> Result<(), ReadError> {
        let value = match &self.value {
            Some(Typed::Number(value)) => number(*value),
            Some(Typed::Bool(value)) => Value::Bool(*value),
            Some(Typed::Text(text)) => Value::Text(text),
            None => Value::Text(&self.text),
        };
        if value != Value::Text("") {
            for at in 0..self.repeats {
                self.sheet.add(self.row, self.column.saturating_add(at), value)?;
            }
        }
        self.column = self.column.saturating_add(self.repeats);
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), ReadError> {
        if self.row_repeats > 1 && self.sheet.cell_count() > self.cells_before {
            self.sheet.repeat_last(self.row_repeats - 1)?;
        }
        self.row = self.row.saturating_add(self.row_repeats);
        if self.row > MOST_ROWS && self.sheet.cell_count() > self.cells_before {
            return Err(too_large());
        }
        Ok(())
    }
}

fn repeats(tag: &BytesStart<'_>, name: &str) -> u32 {
    attribute(tag, name).and_then(|text| text.parse().ok()).unwrap_or(1)
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.attributes().with_checks(false).flatten().find(|found| found.key.as_ref() == name)?;
    Some(xml::unescaped(&found.value))
}

/// `PT10H10M10S` as `10:10:10`.
fn clock(text: &str) -> String {
    let Some(rest) = text.strip_prefix("PT") else { return text.to_owned() };
    let mut parts = [0u32; 3];
    let mut digits = String::new();
    for c in rest.chars() {
        let at = match c {
            'H' => 0,
            'M' => 1,
            'S' => 2,
            c => {
                digits.push(c);
                continue;
            }
        };
        parts[at] = digits.split('.').next().and_then(|digits| digits.parse().ok()).unwrap_or(0);
        digits.clear();
    }
    format!("{:02}:{:02}:{:02}", parts[0], parts[1], parts[2])
}
