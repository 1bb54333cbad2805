//! Rows of a `.mid`: cells by the types of the head.

use super::super::gathered::{Cell, Gathered};
use super::head::{Head, Kind};
use crate::model::Severity;

/// The rows of a table, in order.
pub(super) struct Rows<'t> {
    records: csv::StringRecordsIntoIter<&'t [u8]>,
    head: &'t Head,
    /// Why the rest cannot be read.
    broken: Option<String>,
}

impl<'t> Rows<'t> {
    pub(super) fn of(text: &'t str, head: &'t Head) -> Self {
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(head.separator)
            .from_reader(text.trim_start_matches('\u{feff}').trim_end_matches(['\u{1a}', '\0']).as_bytes());
        Self { records: reader.into_records(), head, broken: None }
    }

    /// The values of the next row; what is wrong with them is said about the open feature of `layer`, at `line`.
    pub(super) fn next(&mut self, layer: &mut Gathered, line: u64) -> Option<Vec<(&'t str, Cell)>> {
        if self.head.columns.is_empty() {
            return None;
        }
        let record = match self.records.next()? {
            Ok(record) => record,
            Err(error) => {
                self.broken.get_or_insert_with(|| error.to_string());
                return None;
            }
        };
        let columns = &self.head.columns;
        if record.len() != columns.len() {
            let found = format!("{} ≠ {}", record.len(), columns.len());
            layer.tally(Severity::Warning, "io.mif-cells", &found, line);
        }
        let cells = columns.iter().enumerate().map(|(at, column)| {
            let text = record.get(at);
            let cell = text.map_or(Some(Cell::Null), |text| cell(text, column.kind));
            let cell = cell.unwrap_or_else(|| {
                layer.tally(Severity::Warning, "io.mif-bad-value", &column.name, line);
                Cell::Null
            });
            (column.name.as_str(), cell)
        });
        Some(cells.collect())
    }

    /// Why the rest could not be read.
    pub(super) fn broken(&self) -> Option<&str> {
        self.broken.as_deref()
    }
}

/// The value of a cell; `None` where it is none of its kind.
fn cell(text: &str, kind: Kind) -> Option<Cell> {
    if kind == Kind::Text {
        return Some(Cell::Text(text.to_owned()));
    }
    let text = text.trim();
    if text.is_empty() {
        return Some(Cell::Null);
    }
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let date = |text: &str| Some(format!("{}-{}-{}", text.get(..4)?, text.get(4..6)?, text.get(6..8)?));
    let time = |text: &str| {
        let second = format!("{}:{}:{}", text.get(..2)?, text.get(2..4)?, text.get(4..6)?);
        Some(match text.get(6..9).filter(|thousandths| *thousandths != "000") {
            Some(thousandths) => format!("{second}.{thousandths}"),
            None => second,
        })
    };
    match kind {
        Kind::Text => None,
        Kind::Int => match text.parse() {
            Ok(value) => Some(Cell::Int(value)),
            // Numbers of the kind `7.0`.
            Err(_) => number(text),
        },
        Kind::Float => number(text),
        Kind::Bool => match text {
            "T" | "t" | "1" | "True" | "TRUE" | "true" => Some(Cell::Bool(true)),
            "F" | "f" | "0" | "False" | "FALSE" | "false" => Some(Cell::Bool(false)),
            _ => None,
        },
        Kind::Date if text.len() == 8 && is_digits(text) => Some(Cell::Text(date(text)?)),
        Kind::Time if text.len() >= 6 && is_digits(text) => Some(Cell::Text(time(text)?)),
        Kind::DateTime if text.len() >= 14 && is_digits(text) => {
            Some(Cell::Text(format!("{}T{}", date(text)?, time(&text[8..])?)))
        }
        // As other programs write it.
        Kind::Date | Kind::Time | Kind::DateTime => Some(Cell::Text(text.to_owned())),
    }
}

fn number(text: &str) -> Option<Cell> {
    let number: f64 = fast_float2::parse(text).ok()?; // no number: said by the caller
    number.is_finite().then_some(Cell::Float(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_of_their_kinds() {
        let check = |text: &str, kind: Kind, expected: Option<Cell>| assert_eq!(cell(text, kind), expected, "{text}");
        let text = |text: &str| Some(Cell::Text(text.to_owned()));
        check("0701", Kind::Text, text("0701"));
        check("0701", Kind::Int, Some(Cell::Int(701)));
        check("7.5", Kind::Int, Some(Cell::Float(7.5)));
        check("", Kind::Int, Some(Cell::Null));
        check("x", Kind::Float, None);
        check("T", Kind::Bool, Some(Cell::Bool(true)));
        check("20250115", Kind::Date, text("2025-01-15"));
        check("123456000", Kind::Time, text("12:34:56"));
        check("20250115123456789", Kind::DateTime, text("2025-01-15T12:34:56.789"));
        check("15.01.2025", Kind::Date, text("15.01.2025"));
    }
}
