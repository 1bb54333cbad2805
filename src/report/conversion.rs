//! What became of files that were converted: a row a layer, and one for every file that failed.

use std::path::PathBuf;

use serde_json::json;

use super::data::shown;
use super::{Cell, Column, ColumnKind, Form, Part, Report, Table};
use crate::text::{Language, Message, tr};

/// What became of a layer, or of a file that failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Converted {
    /// The file that was read.
    pub input: PathBuf,
    /// The layer; empty for a file that failed.
    pub layer: String,
    /// The file that was written.
    pub output: Option<PathBuf>,
    /// How many features were written.
    pub count: usize,
    /// How many were not chosen.
    pub left_out: usize,
    /// What the format could not hold, or why it failed.
    pub remarks: Vec<String>,
    /// Whether it failed.
    pub has_failed: bool,
}

/// The report.
pub fn report(lines: &[Converted], form: Form, language: Language) -> Report {
    match form {
        Form::Parts => Report { parts: vec![Part::Table(table(lines, language))], ..Report::default() },
        Form::Sheets | Form::Workbook => Report::of_sheets(vec![table(lines, language)], Vec::new()),
        Form::Data => {
            let layer = |line: &Converted| {
                json!({
                    "input": shown(&line.input),
                    "layer": (!line.has_failed).then_some(&line.layer),
                    "output": line.output.as_deref().map(shown),
                    "features": (!line.has_failed).then_some(line.count),
                    "left_out": (!line.has_failed).then_some(line.left_out),
                    "remarks": line.remarks,
                    "failed": line.has_failed,
                })
            };
            Report::of_data(json!({ "layers": lines.iter().map(layer).collect::<Vec<_>>() }))
        }
    }
}

fn table(lines: &[Converted], language: Language) -> Table {
    let column = |key: &str, title: &'static str, kind| Column::new(key, tr(language, title), kind);
    let columns = vec![
        column("input", "cli.convert-input", ColumnKind::Text),
        column("layer", "cli.convert-layer", ColumnKind::Text),
        column("output", "cli.convert-output", ColumnKind::Text),
        column("features", "cli.convert-features", ColumnKind::Count),
        column("left_out", "cli.convert-left-out", ColumnKind::Count),
        column("remarks", "cli.convert-remarks", ColumnKind::Text),
    ];
    let rows = lines.iter().map(|line| {
        let counted = |count: usize| if line.has_failed { Cell::Empty } else { Cell::from(count) };
        vec![
            Cell::from(shown(&line.input)),
            Cell::from(line.layer.as_str()),
            Cell::from(line.output.as_deref().map(shown).unwrap_or_default()),
            counted(line.count),
            counted(line.left_out),
            Cell::from(line.remarks.join(tr(language, "cli.convert-and"))),
        ]
    });
    let failed = lines.iter().filter(|line| line.has_failed).count();
    let title = Message::new("cli.convert-report").with("count", lines.len() - failed).with("failed", failed);
    Table { title: title.text(language), columns, rows: rows.collect(), ..Table::default() }
}
