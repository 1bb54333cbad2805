//! A layer that is filled feature by feature, in the order of its file.
//!
//! The coordinates of a feature go into [`Gathered::sinks`]; [`Gathered::end`] takes its attributes and closes it, with a
//! geometry or without: no feature is left out.

use super::Encoding;
use super::columns::{Kinds, Place, RawLayer, Sinks};
use super::findings::Findings;
use crate::model::attributes::ColumnBuilder;
use crate::model::{AttributeBuilder, GeometryKind, Issue, Severity, Value};
use crate::text::Message;

/// A value on its way into a column.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Json(String),
}

impl Cell {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Int(value) => Value::Int(*value),
            Self::Float(value) => Value::Float(*value),
            Self::Text(value) => Value::Text(value),
            Self::Json(value) => Value::Json(value),
        }
    }

    /// The number that a text is; the text where it is none, or would lose digits: a code with zeros before it, a whole
    /// number of more digits than a number has. Nothing for nothing.
    pub(super) fn number(text: &str) -> Self {
        let text = text.trim();
        let is_code = |text: &str| text.len() > 1 && text.starts_with('0') && !text.starts_with("0.");
        if text.is_empty() {
            return Self::Null;
        }
        if is_code(text.trim_start_matches('-')) {
            return Self::Text(text.to_owned());
        }
        if let Ok(whole) = text.parse() {
            return Self::Int(whole);
        }
        let is_whole = text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() && !is_whole => Self::Float(number),
            _ => Self::Text(text.to_owned()),
        }
    }
}

/// Where a feature stands: its line from 1, and how far into the file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stands {
    pub(super) line: u64,
    pub(super) offset: usize,
}

/// A layer being filled.
#[derive(Debug)]
pub(super) struct Gathered {
    pub(super) name: Option<String>,
    pub(super) sinks: Sinks,
    pub(super) findings: Findings,
    /// Features ended so far.
    pub(super) row_count: u64,
}

impl Gathered {
    pub(super) fn new(name: Option<String>) -> Self {
        Self { name, sinks: Sinks::new(None), findings: Findings::default(), row_count: 0 }
    }

    /// Says something about the open feature.
    pub(super) fn say(&mut self, severity: Severity, message: Message, line: u64) {
        let issue = Issue { feature: Some(self.row_count), line: Some(line), ..Issue::new(severity, message) };
        self.findings.add(issue, None);
    }

    /// Counts something about the open feature by a name.
    pub(super) fn tally(&mut self, severity: Severity, key: &'static str, name: &str, line: u64) {
        self.findings.tally(severity, key, name, 1, self.row_count, line.saturating_sub(1));
    }

    /// Ends the open feature, of whose geometry the columns of `kinds` got something; where they got nothing, `empty` is
    /// what an empty geometry would be, and without it there is none.
    pub(super) fn end<N: AsRef<str>>(
        &mut self,
        kinds: Kinds,
        empty: Option<GeometryKind>,
        stands: Stands,
        id: &Cell,
        fields: &[(N, Cell)],
    ) {
        let place = Place { row: self.row_count, line: stands.line, offset: stands.offset };
        let store = |attributes: &mut AttributeBuilder, ids: &mut ColumnBuilder| {
            let row = attributes.row_count() as u32;
            for (at, (name, cell)) in fields.iter().enumerate() {
                let column = attributes.column(name.as_ref(), at);
                attributes.set(column, cell.value());
            }
            attributes.end_row();
            *id != Cell::Null && ids.set(row, id.value())
        };
        if kinds.is_empty() {
            self.sinks.rollback();
            match empty {
                Some(kind) => {
                    self.sinks.note(kind);
                    self.sinks.end_feature(kind, false, place, store);
                }
                None => {
                    let home = self.sinks.home();
                    self.sinks.end_feature(home, true, place, store);
                }
            }
        }
        for kind in kinds.iter() {
            self.sinks.note(kind);
            self.sinks.end_feature(kind, false, place, store);
        }
        self.row_count += 1;
    }

    /// The layer as a reader hands it over.
    pub(super) fn finish(self, format: &str, encoding: Encoding) -> RawLayer {
        RawLayer {
            name: self.name,
            format: format.to_owned(),
            encoding,
            order: self.sinks.order.clone(),
            blocks: self.sinks.finish(),
            declared: None,
            issues: Vec::new(),
            findings: self.findings,
            row_count: self.row_count,
            skipped_count: 0,
            error: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_from_codes() {
        let check = |text: &str, expected: Cell| assert_eq!(Cell::number(text), expected, "{text}");
        check(" 7 ", Cell::Int(7));
        check("-0.5", Cell::Float(-0.5));
        check("0701", Cell::Text("0701".to_owned()));
        check("12345678901234567890123", Cell::Text("12345678901234567890123".to_owned()));
        check("nan", Cell::Text("nan".to_owned()));
        check("", Cell::Null);
        check("0", Cell::Int(0));
    }
}
