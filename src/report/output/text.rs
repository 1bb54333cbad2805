//! Reports as text, for terminals and plain-text notes.

use super::captions::Captions;
use crate::report::table::ColumnKind;
use crate::report::{Part, Report, Table, display_width};
use crate::text::{Language, escaped};

/// The parts one after the other.
pub(super) fn write(report: &Report, language: Language) -> String {
    let mut out = String::new();
    let mut captions = Captions::new(language);
    for part in &report.parts {
        match part {
            Part::Line(text) => {
                out.push_str(&escaped(text));
                out.push('\n');
            }
            Part::Gap => out.push('\n'),
            Part::Table(table) => out.push_str(&to_text(table, language)),
            Part::Heading(_, text) => {
                out.push_str(&escaped(text));
                out.push('\n');
            }
            Part::Picture(picture) => {
                out.push_str(&escaped(&captions.picture(&picture.caption)));
                out.push('\n');
            }
        }
    }
    out
}

/// The table in aligned columns, for terminals and plain-text notes. Lines end without blanks.
pub fn to_text(table: &Table, language: Language) -> String {
    let figures = table.figures();
    let headings: Vec<String> =
        table.columns.iter().map(|column| escaped(&column.heading(language)).into_owned()).collect();
    let lines: Vec<Vec<String>> = (0..figures.rows.len())
        .map(|row| (0..headings.len()).map(|column| escaped(&figures.shown(row, column)).into_owned()).collect())
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
        push_line(&mut out, &escaped(&table.title));
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
        push_line(&mut out, &escaped(&note));
    }
    out
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
