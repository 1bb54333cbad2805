//! Layers to tables: CSV and XLSX, with the geometry as WKT.
//!
//! CSV is for programs: plain cells in UTF-8 with a mark. XLSX is for people: codes are text there, and keep their zeros.
//! A table has no place for the CRS.

use std::io::{self, Write};

use rust_xlsxwriter::{Workbook, XlsxError};

use super::super::wkt;
use crate::model::{GeometryBlock, GeometryKind, Layer, Value};
use crate::text::Message;

/// Characters that a cell of XLSX holds.
const MOST_CHARS: usize = 32_767;
/// Rows and columns of a sheet, headings included.
const MOST_ROWS: usize = 1_048_576;
const MOST_COLUMNS: usize = 16_384;

/// Why a layer cannot be written as a table.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// A sheet has no room for so many rows or columns.
    #[error("{rows} rows and {columns} columns, a sheet has {MOST_ROWS} and {MOST_COLUMNS}")]
    TooLarge {
        /// Rows, with the headings.
        rows: usize,
        /// Columns, with the geometry.
        columns: usize,
    },
    /// The library refused.
    #[error("{0}")]
    Xlsx(#[from] XlsxError),
    /// Writing failed.
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl TableError {
    /// The error as a message of the catalogue.
    pub fn message(&self) -> Message {
        match self {
            Self::TooLarge { rows, columns } => {
                Message::new("io.table-write-large").with("rows", rows).with("columns", columns)
            }
            Self::Xlsx(error) => Message::new("io.table-write").with("reason", error),
            Self::Io(error) => Message::new("io.io").with_message("reason", &crate::text::system_reason(error)),
        }
    }
}

/// What of a layer, or of the `rows` of it, a sheet of XLSX cannot hold: texts and geometries longer than a cell.
pub fn xlsx_losses(layer: &Layer, rows: Option<&[usize]>) -> Vec<Message> {
    let (mut geometries, mut texts) = (0u64, 0u64);
    each_row(layer, rows, |feature| {
        let (block, row) = layer.locate(feature);
        // A coordinate takes at least four characters: most features need no look at all.
        if 4 * block.geometry.coord_range(row).len() > MOST_CHARS
            || 96 * block.geometry.coord_range(row).len() > MOST_CHARS
                && wkt_of(&block.geometry, row).len() > MOST_CHARS
        {
            geometries += 1;
        }
        let is_long = |at: usize| match layer.value(feature, at) {
            Value::Text(text) | Value::Json(text) => text.len() > MOST_CHARS && text.chars().count() > MOST_CHARS,
            _ => false,
        };
        texts += (0..layer.fields.len()).filter(|at| is_long(*at)).count() as u64;
        Ok::<(), std::convert::Infallible>(())
    })
    .unwrap_or_else(|never| match never {});
    let mut out = Vec::new();
    if geometries > 0 {
        out.push(Message::new("io.table-write-geometry").with("count", geometries));
    }
    if texts > 0 {
        out.push(Message::new("io.table-write-text").with("count", texts));
    }
    out
}

/// Writes a layer, or the `rows` of it in the order given, as CSV.
///
/// # Errors
/// When writing fails.
pub fn write_csv(layer: &Layer, rows: Option<&[usize]>, out: &mut impl Write) -> io::Result<()> {
    out.write_all("\u{feff}".as_bytes())?;
    let mut table = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    table.write_record(headings(layer))?;
    each_row(layer, rows, |feature| {
        let (block, row) = layer.locate(feature);
        let cells = (0..layer.fields.len()).map(|at| layer.value(feature, at).to_string());
        let geometry = has_geometry(layer).then(|| wkt_of(&block.geometry, row));
        table.write_record(cells.chain(geometry))
    })?;
    table.flush()
}

/// Writes a layer, or the `rows` of it in the order given, as the one sheet of an XLSX workbook. What
/// [`xlsx_losses`] lists is left empty (geometry) or cut (text).
///
/// # Errors
/// [`TableError`]; nothing was written then.
pub fn write_xlsx(layer: &Layer, rows: Option<&[usize]>, out: &mut impl Write) -> Result<(), TableError> {
    let headings = headings(layer);
    let row_count = 1 + rows.map_or(layer.feature_count(), <[usize]>::len);
    if row_count > MOST_ROWS || headings.len() > MOST_COLUMNS {
        return Err(TableError::TooLarge { rows: row_count, columns: headings.len() });
    }
    let mut book = Workbook::new();
    let sheet = book.add_worksheet_with_constant_memory()?;
    sheet.set_name(sheet_name(&layer.name))?;
    sheet.set_freeze_panes(1, 0)?;
    for (column, heading) in headings.iter().enumerate() {
        sheet.write_string(0, column as u16, cut(heading))?;
    }
    let mut next = 0u32;
    each_row(layer, rows, |feature| {
        next += 1;
        let (block, row) = layer.locate(feature);
        for at in 0..layer.fields.len() {
            let column = at as u16;
            match layer.value(feature, at) {
                Value::Null => {}
                Value::Bool(value) => {
                    sheet.write_boolean(next, column, value)?;
                }
                // A double holds whole numbers of 53 bits; longer ones would lose digits.
                Value::Int(value) if value.unsigned_abs() <= 1 << 53 => {
                    sheet.write_number(next, column, value as f64)?;
                }
                Value::Float(value) if value.is_finite() => {
                    sheet.write_number(next, column, value)?;
                }
                other => {
                    sheet.write_string(next, column, cut(&other.to_string()))?;
                }
            }
        }
        let text = if has_geometry(layer) { wkt_of(&block.geometry, row) } else { String::new() };
        if !text.is_empty() && text.len() <= MOST_CHARS {
            sheet.write_string(next, layer.fields.len() as u16, text)?;
        }
        Ok::<(), XlsxError>(())
    })?;
    let bytes = book.save_to_buffer()?;
    Ok(out.write_all(&bytes)?)
}

fn each_row<E>(layer: &Layer, rows: Option<&[usize]>, mut each: impl FnMut(usize) -> Result<(), E>) -> Result<(), E> {
    match rows {
        Some(rows) => rows.iter().try_for_each(|row| each(*row)),
        None => (0..layer.feature_count()).try_for_each(each),
    }
}

fn has_geometry(layer: &Layer) -> bool {
    layer.kind != GeometryKind::None
}

/// Names of the fields, and of the geometry.
fn headings(layer: &Layer) -> Vec<String> {
    let mut names: Vec<String> = layer.fields.iter().map(|field| field.name.clone()).collect();
    if has_geometry(layer) {
        let mut name = "WKT".to_owned();
        while names.iter().any(|other| other.eq_ignore_ascii_case(&name)) {
            name.push('_');
        }
        names.push(name);
    }
    names
}

/// As much of a text as a cell holds.
fn cut(text: &str) -> &str {
    match text.char_indices().nth(MOST_CHARS) {
        Some((at, _)) if text.len() > MOST_CHARS => &text[..at],
        _ => text,
    }
}

/// A name as sheets may have: 31 characters, none of those that formulas use.
fn sheet_name(name: &str) -> String {
    let plain: String = name.chars().map(|c| if "[]:*?/\\'".contains(c) || c.is_control() { '_' } else { c }).collect();
    let short: String = plain.trim().chars().take(31).collect();
    if short.is_empty() { "Sheet1".to_owned() } else { short }
}

/// The geometry of a feature as WKT, with the shortest digits that name the same numbers; empty where there is none.
pub(super) fn wkt_of(block: &GeometryBlock, row: usize) -> String {
    if block.is_null(row) || block.kind() == GeometryKind::None {
        return String::new();
    }
    wkt::text_of(block, row)
}
