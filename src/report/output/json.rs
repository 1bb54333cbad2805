//! Reports as JSON: an object, indented, numbers not rounded.

use crate::report::Report;
use crate::report::table::{Cell, ColumnKind, Table};

/// The object, with a line break at its end.
pub(super) fn write(report: &Report) -> String {
    let mut text = serde_json::to_string_pretty(&report.data).unwrap_or_default();
    text.push('\n');
    text
}

/// The rows of the table, the total left out, as JSON objects by the keys of the columns. Unrounded; areas in the unit
/// of their column; null for empty cells and numbers that are not finite.
pub fn to_json(table: &Table) -> serde_json::Value {
    let object = |row: &Vec<Cell>| {
        let members = table.columns.iter().zip(row).map(|(column, cell)| {
            let value = match cell {
                Cell::Text(text) => serde_json::Value::from(text.as_str()),
                Cell::Count(count) => serde_json::Value::from(*count),
                // Shares are shares, as in the cell, not per cent.
                Cell::Number(value) => serde_json::Value::from(*value),
                Cell::Rounded { exact, .. } if !matches!(column.kind, ColumnKind::Area(_)) => {
                    serde_json::Value::from(*exact)
                }
                cell => cell.exact(column.kind).map_or(serde_json::Value::Null, serde_json::Value::from),
            };
            (column.key.clone(), value)
        });
        serde_json::Value::Object(members.collect())
    };
    serde_json::Value::Array(table.rows.iter().map(object).collect())
}
