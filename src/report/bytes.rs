//! Tables to text, CSV, TSV and JSON.

use super::{Cell, ColumnKind, Figures, Table, display_width};
use crate::text::Language;

/// The table in aligned columns, for terminals and plain-text notes. Lines end without blanks.
pub fn to_text(table: &Table, language: Language) -> String {
    let figures = table.figures();
    let headings: Vec<String> = table.columns.iter().map(|column| column.heading(language)).collect();
    let lines: Vec<Vec<String>> = (0..figures.rows.len())
        .map(|row| (0..headings.len()).map(|column| one_line(&figures.shown(row, column))).collect())
        .collect();
    let widths: Vec<usize> = (0..headings.len())
        .map(|at| {
            let cells = lines.iter().map(|line| display_width(&line[at]));
            cells.chain([display_width(&headings[at])]).max().unwrap_or(0)
        })
        .collect();
    let rule = "-".repeat(widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1));
    let mut out = String::new();
    if !table.title.is_empty() {
        push_line(&mut out, &table.title);
    }
    let is_left: Vec<bool> = table.columns.iter().map(|column| column.kind == ColumnKind::Text).collect();
    push_cells(&mut out, &headings, &widths, &is_left);
    push_line(&mut out, &rule);
    for (row, line) in lines.iter().enumerate() {
        if row == table.rows.len() {
            push_line(&mut out, &rule);
        }
        push_cells(&mut out, line, &widths, &is_left);
    }
    for note in table.all_notes(&figures, language) {
        push_line(&mut out, &note);
    }
    out
}

/// The table as CSV with a byte order mark, so that Excel and WPS read it as UTF-8. Notes follow after an empty line.
pub fn to_csv(table: &Table, language: Language) -> Vec<u8> {
    let figures = table.figures();
    // Rows of notes are shorter than those of the table.
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    let mut records: Vec<Vec<String>> = vec![table.columns.iter().map(|column| column.heading(language)).collect()];
    records.extend(plain_rows(table, &figures));
    let notes = table.all_notes(&figures, language);
    if !notes.is_empty() {
        records.push(vec![String::new()]);
        records.extend(notes.into_iter().map(|note| vec![note]));
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
    let headings: Vec<String> = table.columns.iter().map(|column| column.heading(language)).collect();
    let mut out = String::new();
    for record in std::iter::once(headings).chain(plain_rows(table, &figures)) {
        let cells: Vec<String> = record.iter().map(|cell| one_line(cell)).collect();
        out.push_str(&cells.join("\t"));
        out.push_str("\r\n");
    }
    out
}

/// The rows of the table, the total left out, as JSON objects by the keys of the columns. Unrounded; areas in the unit
/// of their column; null for empty cells and numbers that are not finite.
pub fn to_json(table: &Table) -> serde_json::Value {
    let object = |row: &Vec<Cell>| {
        let members = table.columns.iter().zip(row).map(|(column, cell)| {
            let value = match cell {
                Cell::Text(text) => serde_json::Value::from(text.as_str()),
                Cell::Count(count) => serde_json::Value::from(*count),
                Cell::Number(value) => serde_json::Value::from(*value),
                cell => cell.value(column.kind).map_or(serde_json::Value::Null, serde_json::Value::from),
            };
            (column.key.clone(), value)
        });
        serde_json::Value::Object(members.collect())
    };
    serde_json::Value::Array(table.rows.iter().map(object).collect())
}

fn plain_rows<'a>(table: &'a Table, figures: &'a Figures) -> impl Iterator<Item = Vec<String>> + 'a {
    (0..figures.rows.len()).map(|row| (0..table.columns.len()).map(|column| figures.plain(row, column)).collect())
}

/// Line breaks and tabs inside a cell become blanks, so that a cell stays a cell.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn push_line(out: &mut String, line: &str) {
    out.push_str(line.trim_end());
    out.push('\n');
}

fn push_cells(out: &mut String, cells: &[String], widths: &[usize], is_left: &[bool]) {
    let mut line = String::new();
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            line.push_str("  ");
        }
        let blanks = " ".repeat(widths[at].saturating_sub(display_width(cell)));
        if is_left[at] {
            line.push_str(cell);
            line.push_str(&blanks);
        } else {
            line.push_str(&blanks);
            line.push_str(cell);
        }
    }
    push_line(out, &line);
}
