//! Reports as workbooks: a sheet a table, and one that says where the figures come from.
//!
//! Numbers are numbers, with the digits that the other outputs show, so that a printed column adds up to its printed total
//! here too; their unit stands in the heading. Codes are texts and keep their zeros. The first row stays in view.

use std::collections::HashSet;

use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

use super::OutputError;
use super::spreadsheet::one_cell;
use crate::report::table::{ColumnKind, Figure};
use crate::report::{Origin, Report, Table, display_width};
use crate::text::{Language, tr};

/// Rows and columns of a sheet.
pub(super) const MOST_ROWS: usize = 1_048_576;
pub(super) const MOST_COLUMNS: usize = 16_384;
/// Characters that a cell holds.
const MOST_CHARS: usize = 32_767;
/// Least and most characters that a column is wide.
const WIDTHS: (usize, usize) = (6, 48);

pub(super) fn write(report: &Report, language: Language) -> Result<Vec<u8>, OutputError> {
    let mut book = Workbook::new();
    let mut names = HashSet::new();
    for table in &report.sheets {
        add_sheet(&mut book, table, &mut names, language)?;
    }
    if !report.sources.is_empty() || report.sheets.is_empty() {
        add_sheet(&mut book, &Origin::table(&report.sources, language), &mut names, language)?;
    }
    Ok(book.save_to_buffer()?)
}

/// A workbook of these tables, a sheet each.
///
/// # Errors
/// [`OutputError`].
pub fn to_xlsx(tables: &[&Table], language: Language) -> Result<Vec<u8>, OutputError> {
    let sheets = tables.iter().map(|table| (*table).clone()).collect();
    write(&Report { sheets, ..Report::default() }, language)
}

fn add_sheet(
    book: &mut Workbook,
    table: &Table,
    names: &mut HashSet<String>,
    language: Language,
) -> Result<(), OutputError> {
    let figures = table.figures();
    let notes = table.all_notes(&figures, language);
    let rows = 1 + figures.rows.len() + 1 + notes.len() + 1;
    if rows > MOST_ROWS || table.columns.len() > MOST_COLUMNS {
        return Err(OutputError::TooLarge { rows, columns: table.columns.len() });
    }
    // Rows go to the disk as they are written: in order, each once.
    let sheet = book.add_worksheet_with_constant_memory()?;
    sheet.set_name(name_of(table, names, language))?;
    sheet.set_freeze_panes(1, 0)?;
    let headings: Vec<String> = table.columns.iter().map(|column| column.heading(language)).collect();
    for (at, heading) in headings.iter().enumerate() {
        let cells = (0..figures.rows.len()).map(|row| display_width(&figures.shown(row, at)));
        let width = cells.chain([display_width(heading)]).max().unwrap_or(0) + 2;
        sheet.set_column_width(at as u16, width.clamp(WIDTHS.0, WIDTHS.1) as f64)?;
    }
    let is_text: Vec<bool> = table.columns.iter().map(|column| column.kind == ColumnKind::Text).collect();
    let bold = Format::new().set_bold().set_border_bottom(FormatBorder::Thin);
    let bold_right = bold.clone().set_align(FormatAlign::Right);
    for (at, heading) in headings.iter().enumerate() {
        let format = if is_text[at] { &bold } else { &bold_right };
        sheet.write_string_with_format(0, at as u16, cut(heading), format)?;
    }
    let number = |decimals: usize| {
        let zeros = if decimals > 0 { format!(".{}", "0".repeat(decimals)) } else { String::new() };
        Format::new().set_num_format(format!("#,##0{zeros}"))
    };
    let plain: Vec<Format> = figures.decimals.iter().map(|decimals| number(*decimals)).collect();
    let total = |format: &Format| format.clone().set_bold().set_border_top(FormatBorder::Thin);
    let in_total: Vec<Format> = plain.iter().map(total).collect();
    let text_in_total = total(&Format::new());
    let mut next = 0;
    for (at, row) in figures.rows.iter().enumerate() {
        next += 1;
        let is_total = at >= table.rows.len();
        for (column, figure) in row.iter().enumerate() {
            let format = if is_total { &in_total[column] } else { &plain[column] };
            match figure {
                Figure::Text(text) if !text.is_empty() && is_total => {
                    sheet.write_string_with_format(next, column as u16, cut(&one_cell(text)), &text_in_total)?;
                }
                Figure::Text(text) if !text.is_empty() => {
                    sheet.write_string(next, column as u16, cut(&one_cell(text)))?;
                }
                // What is read, to the last digit: the same as in CSV.
                Figure::Number(_) => write_number(sheet, (next, column as u16), &figures.plain(at, column), format)?,
                _ => {}
            }
        }
    }
    next += 1;
    let title = Some(&table.title).filter(|title| !title.is_empty());
    for note in title.into_iter().chain(&notes) {
        next += 1;
        sheet.write_string(next, 0, cut(&one_cell(note)))?;
    }
    Ok(())
}

/// A figure as it is read; nothing where it is no number.
fn write_number(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    text: &str,
    format: &Format,
) -> Result<(), XlsxError> {
    if let Ok(value) = text.parse::<f64>() {
        sheet.write_number_with_format(row, column, value, format)?;
    }
    Ok(())
}

/// As much of a text as a cell holds.
fn cut(text: &str) -> &str {
    match text.char_indices().nth(MOST_CHARS) {
        Some((at, _)) => &text[..at],
        None => text,
    }
}

/// The name of a sheet: the title of its table as far as it may be one, and a number where another has it.
fn name_of(table: &Table, names: &mut HashSet<String>, language: Language) -> String {
    const MOST: usize = 31;
    let plain: String =
        table.title.chars().map(|c| if "[]:*?/\\'".contains(c) || c.is_control() { ' ' } else { c }).collect();
    let words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let wanted = if words.is_empty() { tr(language, "report.sheet").to_owned() } else { words };
    let numbered = |nth: usize| {
        let number = if nth > 1 { format!(" {nth}") } else { String::new() };
        // Counted as Excel counts: in units of UTF-16.
        let room = MOST - number.len();
        let mut used = 0;
        let begin = wanted.chars().take_while(|c| {
            used += c.len_utf16();
            used <= room
        });
        begin.collect::<String>().trim_end().to_owned() + &number
    };
    let name = (1..).map(numbered).find(|name| !names.contains(&name.to_lowercase())).unwrap_or_default();
    names.insert(name.to_lowercase());
    name
}
