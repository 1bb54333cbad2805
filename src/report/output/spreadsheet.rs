//! Reports as CSV, and tables for the clipboard.
//!
//! A spreadsheet takes a cell for what it looks like: `=1+1` for a formula, `0101` for 101, nineteen digits for a number
//! of fifteen, `3-4` for a day. Texts that it would take so are written as the formula that gives the text, `="0101"`,
//! in CSV and for the clipboard: in Excel and WPS they arrive as the text that they are. See [`as_spreadsheet_text`].

use std::borrow::Cow;

use crate::report::table::{Column, ColumnKind, Figures};
use crate::report::{Report, Table};
use crate::text::Language;

/// The tables, an empty line between them.
pub(super) fn write(report: &Report, language: Language) -> Vec<u8> {
    let mut bytes = Vec::new();
    report.sheets.iter().for_each(|table| append_csv(&mut bytes, table, language));
    bytes
}

/// The table as CSV with a byte order mark, so that Excel and WPS read it as UTF-8. Notes follow after an empty line.
pub fn to_csv(table: &Table, language: Language) -> Vec<u8> {
    let figures = table.figures();
    // Rows of notes are shorter than those of the table.
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    let heading = |column: &Column| as_spreadsheet_text(&column.heading(language)).into_owned();
    let mut records: Vec<Vec<String>> = vec![table.columns.iter().map(heading).collect()];
    records.extend(spreadsheet_rows(table, &figures));
    let notes = table.all_notes(&figures, language);
    if !notes.is_empty() {
        records.push(vec![String::new()]);
        records.extend(notes.into_iter().map(|note| vec![as_spreadsheet_text(&note).into_owned()]));
    }
    for record in records {
        writer.write_record(&record).expect("writing to memory does not fail, and records may differ in length");
    }
    writer.into_inner().expect("writing to memory does not fail")
}

/// Adds the table to a CSV file of several: one byte order mark at the start, an empty line between tables.
pub fn append_csv(bytes: &mut Vec<u8>, table: &Table, language: Language) {
    let more = to_csv(table, language);
    if bytes.is_empty() {
        *bytes = more;
    } else {
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(more.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&more));
    }
}

/// The table with tabs, heading first, for pasting into Excel and WPS.
pub fn to_tsv(table: &Table, language: Language) -> String {
    let figures = table.figures();
    let heading = |column: &Column| as_spreadsheet_text(&column.heading(language)).into_owned();
    let headings: Vec<String> = table.columns.iter().map(heading).collect();
    let mut out = String::new();
    for record in std::iter::once(headings).chain(spreadsheet_rows(table, &figures)) {
        let cells: Vec<String> = record.iter().map(|cell| one_line(cell)).collect();
        out.push_str(&cells.join("\t"));
        out.push_str("\r\n");
    }
    out
}

/// The rows for spreadsheets. Where a column of texts has one that would be taken for another number than it is written
/// as, all its numbers are kept as texts: codes stay alike.
fn spreadsheet_rows<'a>(table: &'a Table, figures: &'a Figures) -> impl Iterator<Item = Vec<String>> + 'a {
    let is_text: Vec<bool> = table.columns.iter().map(|column| column.kind == ColumnKind::Text).collect();
    let of_codes: Vec<bool> = (0..is_text.len())
        .map(|column| {
            let mut texts = (0..figures.rows.len()).map(|row| figures.plain(row, column));
            is_text[column] && texts.any(|text| is_digits(&text) && is_taken_otherwise(&text))
        })
        .collect();
    (0..figures.rows.len()).map(move |row| {
        let cell = |column: usize| {
            let text = figures.plain(row, column);
            match is_text[column] {
                true if of_codes[column] && is_digits(&text) => as_formula(&text),
                true => as_spreadsheet_text(&one_cell(&text)).into_owned(),
                false => text,
            }
        };
        (0..is_text.len()).map(cell).collect()
    })
}

/// Line breaks stay in a cell; other control characters would end it.
pub(super) fn one_cell(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect()
}

/// `text` as a cell that Excel and WPS show as that text, from CSV and from the clipboard.
///
/// ```
/// use tuban::report::as_spreadsheet_text;
/// assert_eq!(as_spreadsheet_text("水田"), "水田");
/// assert_eq!(as_spreadsheet_text("0101"), "=\"0101\"");
/// assert_eq!(as_spreadsheet_text("=1+1"), "=\"=1+1\"");
/// ```
pub fn as_spreadsheet_text(text: &str) -> Cow<'_, str> {
    if is_taken_otherwise(text) { Cow::Owned(as_formula(text)) } else { Cow::Borrowed(text) }
}

/// The formula that gives a text. Literals in formulas have 255 characters at most.
fn as_formula(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let literals =
        chars.chunks(250).map(|part| format!("\"{}\"", part.iter().collect::<String>().replace('"', "\"\"")));
    format!("={}", literals.collect::<Vec<_>>().join("&"))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a spreadsheet takes `text` for a formula, for a date, or for a number that it does not show as it is written.
fn is_taken_otherwise(text: &str) -> bool {
    // Full-width signs and digits count in Chinese Excel and WPS.
    let plain: String = text
        .chars()
        .map(|c| match c {
            '！'..='～' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
            '\u{3000}' => ' ',
            '−' => '-',
            c => c,
        })
        .collect();
    if plain.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) && plain.chars().count() > 1 {
        return true;
    }
    let plain = plain.trim();
    let Some(first) = plain.chars().next() else { return false };
    let upper = plain.to_ascii_uppercase();
    if plain.starts_with(['=', '+', '-', '@']) {
        return plain.chars().count() > 1;
    }
    if matches!(upper.as_str(), "TRUE" | "FALSE") {
        return true;
    }
    let is_number_like = first.is_ascii_digit() || matches!(first, '.' | '(' | '$' | '¥' | '￥');
    if !is_number_like {
        return false;
    }
    if is_digits(plain) {
        // More than eleven digits are shown as powers of ten, more than fifteen are lost.
        return plain.len() > 11 || (plain.len() > 1 && plain.starts_with('0')) || plain != text;
    }
    if plain.parse::<f64>().is_ok() {
        let shortest = plain.parse::<f64>().is_ok_and(|number| number.to_string() == *plain);
        return !shortest || plain.len() > 11 || plain != text;
    }
    // Dates, times, shares, sums of money, fractions: digits and what may stand between them.
    let marks = |c: char| c.is_ascii_digit() || " -/:.,%()$¥￥年月日时分秒E+".contains(c);
    let months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC", "AM", "PM"];
    let rest = months.iter().fold(upper, |text, month| text.replace(month, ""));
    rest.chars().all(marks)
}

/// Line breaks and tabs inside a cell become blanks, so that a cell stays a cell.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
