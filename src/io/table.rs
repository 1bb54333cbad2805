//! Tables: CSV and TSV, and the sheets of workbooks, with points or polygons where their columns hold some.
//!
//! Planners keep ledgers in tables made for the eye: a title over the headings, headings over two rows, totals at the end,
//! codes that lost their zero. A table is gone through twice: first its headings and what its columns hold are found, then
//! its rows become features. Nothing in it is dropped in silence: what is no feature is said with its row.
//!
//! | columns | become |
//! |---|---|
//! | WKT | polygons, lines, points |
//! | plot, point number, X, Y | polygons by their boundary points |
//! | X and Y, 经度 and 纬度, 东 and 北 | points |
//! | none of these | a table without geometry |
//!
//! | part | module |
//! |---|---|
//! | rows and cells, whatever they come from | `rows` |
//! | sheets of XLSX, XLSB, XLS | `workbook`, `compound` |
//! | sheets of ODS | `ods` |
//! | tables of web pages and of XML | `page` |
//! | where the headings are | `heading` |
//! | what the columns hold, which are coordinates | `profile`, `coordinates` |
//! | rows to features | `features`, `corners` |
//! | layers to tables | `write` |

mod compound;
mod coordinates;
mod corners;
mod features;
mod heading;
mod ods;
mod page;
mod profile;
mod rows;
#[cfg(test)]
mod tests;
mod workbook;
mod write;

use super::columns::RawLayer;
use super::dbase::encoding::is_big5;
use super::encoding::{Decoded, table_of};
use super::options::WriteOptions;
use super::reading::Reading;
use super::source::Source;
use super::{Encoding, ReadError, wkt};
use crate::model::{Issue, Layer, Severity};
use crate::task::Progress;
use crate::text::Message;
use ods::read as read_ods;
use rows::{Grid, Rows, too_large};
use workbook::{read_compound as read_xls, read_zipped as read_xlsx};
pub use write::{TableError, write_csv, write_xlsx, xlsx_losses};

/// A sign that no text has.
const NO_SEPARATOR: u8 = 0x1F;

/// Reads a source as a table in text.
pub(in crate::io) fn csv_layers(source: &mut Source, reading: &Reading<'_>) -> Result<Vec<RawLayer>, ReadError> {
    read_bytes(&source.bytes(reading.progress)?, reading)
}

/// Reads the bytes of a table in text.
fn read_bytes(bytes: &[u8], reading: &Reading<'_>) -> Result<Vec<RawLayer>, ReadError> {
    let decoded = Decoded::said(bytes, reading.encoding);
    if reading.encoding.is_some() || decoded.encoding != Encoding::Gbk || !is_big5(bytes) {
        return read_text(&decoded, reading.progress);
    }
    // Traditional Chinese, which reads as GBK, too, but not as words.
    let encoding = Encoding::Other(encoding_rs::BIG5);
    let mut layers = read_text(&Decoded::said(bytes, Some(encoding)), reading.progress)?;
    if let Some(first) = layers.first_mut() {
        let message = Message::new("io.encoding-unsure").with("encoding", encoding);
        first.issues.push(Issue::new(Severity::Warning, message));
    }
    Ok(layers)
}

/// Reads a source as a workbook of XLSX or XLSB.
pub(in crate::io) fn xlsx_layers(source: &mut Source, reading: &Reading<'_>) -> Result<Vec<RawLayer>, ReadError> {
    read_xlsx(&source.bytes(reading.progress)?, reading.progress)
}

/// Reads a source as a workbook of XLS.
pub(in crate::io) fn xls_layers(source: &mut Source, reading: &Reading<'_>) -> Result<Vec<RawLayer>, ReadError> {
    let bytes = source.bytes(reading.progress)?;
    if !is_text_table(&bytes) {
        return read_xls(&bytes, reading.progress);
    }
    // What many an office system exports under this ending.
    let mut layers = read_bytes(&bytes, reading)?;
    if let Some(first) = layers.first_mut() {
        first.issues.push(Issue::new(Severity::Note, Message::new("io.table-text-as-workbook")));
    }
    Ok(layers)
}

/// Whether a file is text whose first line is divided as that of a table.
fn is_text_table(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(4096)];
    let text = Decoded::of(start).text;
    let first = text.trim_start_matches('\u{feff}').lines().next().unwrap_or_default();
    // Workbooks before those in a compound file begin with a number that is a tab as well.
    let is_old = matches!(bytes, [0x09, 0x00 | 0x02 | 0x04 | 0x08, ..]);
    !is_old && first.contains(['\t', ',', ';']) && !text.contains('\0') && !first.contains(char::REPLACEMENT_CHARACTER)
}

/// Reads a source as a page with a table, or a workbook of 2003 in XML.
pub(in crate::io) fn page_layers(source: &mut Source, reading: &Reading<'_>) -> Result<Vec<RawLayer>, ReadError> {
    let decoded = Decoded::said(&source.bytes(reading.progress)?, reading.encoding);
    let found = page::tables(&decoded.text).ok_or_else(too_large)?;
    let said = || vec![Issue::new(Severity::Note, Message::new("io.table-page"))];
    let sheet = |found: &page::Found| Grid {
        name: found.name.clone(),
        format: if found.name.is_some() { "XML" } else { "HTML" },
        encoding: decoded.encoding,
        issues: said(),
    };
    let sheets = found.iter().map(|found| (sheet(found), Rows::Text { text: &found.text, separator: b',' }));
    read_sheets(sheets.collect(), reading.progress)
}

/// Reads a source as a workbook of ODS.
pub(in crate::io) fn ods_layers(source: &mut Source, reading: &Reading<'_>) -> Result<Vec<RawLayer>, ReadError> {
    read_ods(&source.bytes(reading.progress)?, reading.progress)
}

/// Writes a layer as CSV.
pub(in crate::io) fn csv_stream(
    layer: &Layer,
    rows: Option<&[usize]>,
    _: WriteOptions,
    mut out: &mut dyn std::io::Write,
) -> std::io::Result<()> {
    write_csv(layer, rows, &mut out)
}

/// Writes a layer as XLSX.
pub(in crate::io) fn xlsx_files(
    layer: &Layer,
    rows: Option<&[usize]>,
    _: WriteOptions,
) -> Result<Vec<(&'static str, Vec<u8>)>, Message> {
    let mut bytes = Vec::new();
    write_xlsx(layer, rows, &mut bytes).map_err(|error| error.message())?;
    Ok(vec![("xlsx", bytes)])
}

/// What of a layer XLSX cannot hold.
pub(in crate::io) fn xlsx_lost(layer: &Layer, rows: Option<&[usize]>, _: WriteOptions) -> Vec<Message> {
    xlsx_losses(layer, rows)
}

/// Reads the bytes of a table in text.
#[cfg(test)]
fn read_csv(bytes: &[u8], progress: &Progress) -> Result<Vec<RawLayer>, ReadError> {
    read_text(&Decoded::of(bytes), progress)
}

/// Reads a table in text: CSV or TSV, divided by whatever divides its first line.
///
/// # Errors
/// [`ReadError::Empty`], [`ReadError::Cancelled`].
pub(in crate::io) fn read_text(decoded: &Decoded, progress: &Progress) -> Result<Vec<RawLayer>, ReadError> {
    let Decoded { text, encoding, replaced_count } = decoded;
    if text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').is_empty() {
        return Err(ReadError::Empty);
    }
    let is_of_wkt = wkt::is_wkt(text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}'));
    // A geometry a line: its commas divide coordinates, not cells.
    let (text, separator) = if is_of_wkt { (text.clone(), NO_SEPARATOR) } else { table_of(text) };
    let mut issues = Vec::new();
    if *replaced_count > 0 {
        let message = Message::new("io.damaged-text").with("count", replaced_count);
        issues.push(Issue::new(Severity::Warning, message));
    }
    if memchr::memchr_iter(b'"', text.as_bytes()).count() % 2 == 1 {
        issues.push(Issue::new(Severity::Warning, Message::new("io.table-open-quote")));
    }
    let format = match separator {
        b'\t' => "TSV",
        NO_SEPARATOR => "WKT",
        _ => "CSV",
    };
    let grid = Grid { name: None, format, encoding: *encoding, issues };
    let rows = Rows::Text { text: &text, separator };
    Ok(vec![features::layer(grid, &rows, progress)?])
}

/// Reads the sheets of a workbook that hold anything.
fn read_sheets(sheets: Vec<(Grid, Rows<'_>)>, progress: &Progress) -> Result<Vec<RawLayer>, ReadError> {
    let mut layers = Vec::new();
    let mut hidden = Vec::new();
    for (grid, rows) in sheets {
        let faults = grid.issues.iter().find(|issue| issue.message.key == "io.table-faults");
        let faults = faults.map(|issue| issue.message.clone());
        let layer = features::layer(grid, &rows, progress);
        match layer {
            Ok(layer) => layers.push(layer),
            // An empty sheet is no layer; one whose cells all failed is not empty.
            Err(ReadError::Empty) => {
                let all = |said: Message| {
                    ReadError::Format(Message::new("io.table-only-faults").with_message("faults", &said))
                };
                hidden.extend(faults.map(all));
            }
            Err(error @ ReadError::Cancelled) => return Err(error),
            Err(error) => hidden.push(error),
        }
    }
    match (layers.is_empty(), hidden.pop()) {
        (true, Some(error)) => Err(error),
        (true, None) => Err(ReadError::Empty),
        _ => {
            // What a program calls its first sheet says nothing: the file's name does.
            if let [only] = &mut layers[..]
                && only.name.as_deref().is_some_and(is_nameless)
            {
                only.name = None;
            }
            Ok(layers)
        }
    }
}

fn is_nameless(name: &str) -> bool {
    let word = name.trim_end_matches(|c: char| c.is_ascii_digit());
    ["Sheet", "Feuil", "Feuille", "工作表", "Table", "表"].contains(&word)
}
