//! Reports as workbooks: a sheet a table, and one that says where the figures come from.
//!
//! Numbers are numbers, with the digits that the other outputs show, so that a printed column adds up to its printed total
//! here too; their unit stands in the heading. Sums (`sums`) are formulas, which hold the figure as well.
//! Codes are texts and keep their zeros. The headings stay in view and are printed on every page. Behind a heading a note
//! says how its figures come about; behind a figure that is not rounded to the nearest, what it is exactly.

use std::collections::HashSet;

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Formula, Note, Workbook, Worksheet, XlsxError,
};

use super::OutputError;
use super::headings::heading_rows;
use super::spreadsheet::one_cell;
use super::sums::Sums;
use crate::report::figure::{in_short, is_moved};
use crate::report::table::{ColumnKind, Figure, Figures};
use crate::report::{Origin, Report, Table, display_width};
use crate::text::{Language, Message, tr};

/// Rows and columns of a sheet.
pub(super) const MOST_ROWS: usize = 1_048_576;
pub(super) const MOST_COLUMNS: usize = 16_384;
/// Characters that a cell holds.
const MOST_CHARS: usize = 32_767;
/// Least and most characters that a column is wide.
const WIDTHS: (usize, usize) = (6, 48);
/// Lines that a heading may take up.
const HEADING_LINES: usize = 3;
/// Height of a line in points.
const LINE_PT: f64 = 15.0;
/// Characters of all columns from which on a sheet is printed across.
const PORTRAIT: usize = 90;
/// Columns from which on the first stays in view as well.
const MANY_COLUMNS: usize = 6;
/// Characters in a line of a note; its width, and the height of a line, in pixels.
const NOTE_WIDTH: usize = 40;
const NOTE_PX: (u32, u32) = (320, 18);
/// Figures of a sheet that have a note of their own: programs open more of them slowly.
const MOST_NOTES: usize = 2_000;
/// Characters of a title above a page: all of a header, doubled signs and all, are 255 at most.
const MOST_TITLE: usize = 100;
/// The number of A4 among the sizes of paper.
const A4: u8 = 9;

pub(super) fn write(report: &Report, language: Language) -> Result<Vec<u8>, OutputError> {
    let mut book = Workbook::new();
    let mut properties = DocProperties::new().set_author(tr(language, "ui.name"));
    if !report.title.is_empty() {
        properties = properties.set_title(&report.title);
    }
    // A date that is none is no reason to fail: then the file has that of its making.
    if let Ok(date) = ExcelDateTime::parse_from_str(&report.date) {
        properties = properties.set_creation_datetime(&date);
    }
    book.set_properties(&properties);
    let mut names = HashSet::new();
    for table in &report.sheets {
        add_sheet(&mut book, table, &mut names, language)?;
    }
    if !report.sources.is_empty() || report.sheets.is_empty() {
        let mut sources = Origin::table(&report.sources, language);
        sources.notes.clone_from(&report.method);
        add_sheet(&mut book, &sources, &mut names, language)?;
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
    let levels = heading_rows(table, language);
    // Forms with headings over headings begin with their title, as offices have them.
    let is_form = levels.len() > 1;
    let top = if is_form { 1 } else { 0 };
    let first_row = top + levels.len() as u32;
    let rows = first_row as usize + figures.rows.len() + 1 + notes.len() + 1;
    if rows > MOST_ROWS || table.columns.len() > MOST_COLUMNS {
        return Err(OutputError::TooLarge { rows, columns: table.columns.len() });
    }
    // Rows go to the disk as they are written: in order, each once. Cells that reach over rows cannot.
    let sheet = if is_form { book.add_worksheet() } else { book.add_worksheet_with_constant_memory()? };
    sheet.set_name(name_of(table, names, language))?;
    let is_first_kept = table.columns.len() > MANY_COLUMNS && table.columns[0].kind == ColumnKind::Text;
    sheet.set_freeze_panes(first_row, u16::from(is_first_kept))?;
    let mut headings = vec![String::new(); table.columns.len()];
    // Of a heading over several rows only the first cell is one.
    let mut heading_rows_at = vec![0; table.columns.len()];
    for (level, heading) in levels.iter().enumerate().flat_map(|(level, row)| row.iter().map(move |of| (level, of))) {
        if heading.is_last {
            headings[heading.column].clone_from(&heading.text);
            heading_rows_at[heading.column] = top + level as u32;
        }
    }
    let (mut whole_width, mut lines) = (0, 1);
    for (at, heading) in headings.iter().enumerate() {
        let cells = (0..figures.rows.len()).map(|row| display_width(&figures.shown(row, at)));
        // A heading that is longer than what stands below goes on in the next line.
        let of_heading = display_width(heading);
        let width = cells.chain([of_heading.div_ceil(HEADING_LINES)]).max().unwrap_or(0) + 2;
        let width = width.clamp(WIDTHS.0, WIDTHS.1);
        lines = lines.max(of_heading.div_ceil(width - 1)).min(HEADING_LINES + 1);
        whole_width += width;
        sheet.set_column_width(at as u16, width as f64)?;
    }
    sheet.set_paper_size(A4).set_print_fit_to_pages(1, 0).set_footer("&C&P / &N");
    if whole_width > PORTRAIT {
        sheet.set_landscape();
    }
    // On paper a table has its title above it; forms have theirs in the sheet.
    if !is_form && !table.title.is_empty() {
        let title: String = table.title.chars().take(MOST_TITLE).collect();
        sheet.set_header(format!("&C&14&\"-,Bold\"{}", title.replace('&', "&&")));
    }
    if !headings.is_empty() {
        sheet.set_repeat_rows(0, first_row - 1)?;
        sheet.set_print_area(0, 0, rows as u32, headings.len() as u16 - 1)?;
    }
    let is_text: Vec<bool> = table.columns.iter().map(|column| column.kind == ColumnKind::Text).collect();
    let bold = Format::new().set_bold().set_text_wrap().set_border_bottom(FormatBorder::Thin);
    if lines > 1 {
        sheet.set_row_height(first_row - 1, LINE_PT * lines as f64)?;
    }
    let bold_right = bold.clone().set_align(FormatAlign::Right);
    let shared = bold.clone().set_align(FormatAlign::Center).set_align(FormatAlign::VerticalCenter);
    if is_form {
        let title = Format::new().set_bold().set_font_size(14).set_align(FormatAlign::Center);
        merged(sheet, (0, 0), (0, headings.len() as u16 - 1), &table.title, &title)?;
    }
    for (level, row) in levels.iter().enumerate() {
        for heading in row {
            let (from, at) = (top + level as u32, heading.column as u16);
            let to = (from + heading.down as u32 - 1, at + heading.across as u16 - 1);
            let format = match heading.is_last {
                _ if is_form => &shared,
                true if is_text[heading.column] => &bold,
                _ => &bold_right,
            };
            merged(sheet, (from, at), to, &heading.text, format)?;
        }
    }
    for (at, column) in table.columns.iter().enumerate() {
        let why = column.formula.as_ref().map(|formula| why_note(table, &figures, at, formula, language));
        if let Some(note) = why {
            sheet.insert_note(heading_rows_at[at], at as u16, &note)?;
        }
    }
    let number = |decimals: usize| {
        let zeros = if decimals > 0 { format!(".{}", "0".repeat(decimals)) } else { String::new() };
        Format::new().set_num_format(format!("#,##0{zeros}"))
    };
    let plain: Vec<Format> = figures.decimals.iter().map(|decimals| number(*decimals)).collect();
    let total = |format: &Format| format.clone().set_bold().set_border_top(FormatBorder::Thin);
    let in_total: Vec<Format> = plain.iter().map(total).collect();
    let text_in_total = total(&Format::new());
    let sums = Sums::of(table, &figures, language);
    let mut noted = 0;
    let mut next = first_row - 1;
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
                Figure::Number(_) => match sums.formula(at, column, first_row as usize + 1) {
                    Some(sum) => {
                        let sum = Formula::new(sum).set_result(figures.plain(at, column));
                        sheet.write_formula_with_format(next, column as u16, sum, format)?;
                    }
                    // What is read, to the last digit: the same as in CSV.
                    None => write_number(sheet, (next, column as u16), &figures.plain(at, column), format)?,
                },
                _ => {}
            }
            if noted < MOST_NOTES
                && let Some(note) = moved_note(table, &figures, (at, column), language)
            {
                sheet.insert_note(next, column as u16, &note)?;
                noted += 1;
            }
        }
    }
    next += 1;
    let title = Some(&table.title).filter(|title| !title.is_empty() && !is_form);
    for note in title.into_iter().chain(&notes) {
        next += 1;
        sheet.write_string(next, 0, cut(&one_cell(note)))?;
    }
    Ok(())
}

/// A text over several cells, or in one.
fn merged(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    to: (u32, u16),
    text: &str,
    format: &Format,
) -> Result<(), XlsxError> {
    if (row, column) == to {
        sheet.write_string_with_format(row, column, cut(text), format)?;
    } else {
        sheet.merge_range(row, column, to.0, to.1, cut(text), format)?;
    }
    Ok(())
}

/// What stands behind the heading of a column: how its figures come about, and how they were rounded.
fn why_note(table: &Table, figures: &Figures, column: usize, formula: &Message, language: Language) -> Note {
    let of = &table.columns[column];
    let rounding = Message::new("why.note-rounding").with("decimals", figures.decimals[column]);
    let text = match of.kind {
        ColumnKind::Count | ColumnKind::Text => formula.text(language),
        _ => format!("{}\n{}", formula.text(language), rounding.text(language)),
    };
    note(&text, language)
}

/// What stands behind a figure that is not rounded to the nearest; `None` behind all others.
fn moved_note(table: &Table, figures: &Figures, at: (usize, usize), language: Language) -> Option<Note> {
    if !is_moved(table, figures, at.0, at.1) {
        return None;
    }
    let figure = table.figure(figures, at.0, at.1)?;
    Some(note(&in_short(&figure, language), language))
}

fn note(text: &str, language: Language) -> Note {
    let lines = text.lines().map(|line| display_width(line).div_ceil(NOTE_WIDTH)).sum::<usize>().max(2);
    Note::new(text)
        .set_author(tr(language, "ui.name"))
        .add_author_prefix(false)
        .set_width(NOTE_PX.0)
        .set_height(NOTE_PX.1 * lines as u32 + NOTE_PX.1)
}

/// The letters of a column: A, B … Z, AA.
pub(super) fn column_name(column: usize) -> String {
    let mut name = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        rest -= 1;
        name.insert(0, b'A' + (rest % 26) as u8);
        rest /= 26;
    }
    String::from_utf8_lossy(&name).into_owned()
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
