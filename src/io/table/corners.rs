//! Polygons from numbered boundary points: a row a point, the rows of a plot one after the other.
//!
//! Only columns that say the same in every row of a plot are attributes of it; the others are about its points and are
//! named in a note. A plot whose number stands in its first row only (the cells below it merged) goes on until the next.
//! Attributes stand in the first row, in all rows, or in as many rows as the number does.

use super::super::ReadError;
use super::super::columns::Place;
use super::super::txt::{PointLine, Run};
use super::coordinates::{coordinate, plain_name};
use super::features::{Table, name_columns, stored};
use super::rows::Rows;
use crate::model::attributes::OwnedValue;
use crate::model::{Coord, GeometryKind, Issue, Severity, Value};
use crate::task::Progress;
use crate::text::Message;

/// The columns that make polygons.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns {
    /// Without it all points are one plot's.
    pub(super) plot: Option<usize>,
    pub(super) point: usize,
    pub(super) ring: Option<usize>,
    pub(super) east: usize,
    pub(super) north: usize,
}

/// Rows of one plot.
struct Plot {
    key: String,
    line: u64,
    first: Vec<(usize, OwnedValue)>,
    run: Run,
}

/// Reads the plots.
///
/// # Errors
/// [`ReadError::Cancelled`].
pub(super) fn read(
    table: &mut Table<'_>,
    rows: &Rows<'_>,
    columns: Columns,
    progress: &Progress,
) -> Result<(), ReadError> {
    let is_kept = same_within_plots(table, rows, columns, progress)?;
    let mut open: Option<Plot> = None;
    let mut cancelled = false;
    rows.each(progress, |number, cells| {
        if table.is_heading(number) {
            return true;
        }
        let is_again = is_heading_again(table, cells, columns);
        if is_again || is_note(table, cells, columns) {
            // Tables below each other are plots of their own, pages of one are not.
            if columns.plot.is_none()
                && let Some(plot) = open.take_if(|plot| plot.run.is_closed())
                && end(table, plot, &is_kept, progress).is_err()
            {
                cancelled = true;
                return false;
            }
            if is_again {
                return true;
            }
            let text = cells.iter().map(|(_, value)| value.to_string()).collect::<Vec<_>>().join(" ");
            let message = Message::new("io.table-note").with("text", text.chars().take(80).collect::<String>());
            table.findings.add(Issue { line: Some(number), ..Issue::new(Severity::Note, message) }, None);
            return true;
        }
        let key = columns.plot.and_then(|plot| table.cell(cells, plot)).map(ToString::to_string);
        let begins = match (&open, &key) {
            (None, _) => true,
            (Some(plot), Some(key)) => plot.key != *key,
            // Merged with the cell above.
            (Some(_), None) => false,
        };
        if begins {
            if let Some(plot) = open.take()
                && end(table, plot, &is_kept, progress).is_err()
            {
                cancelled = true;
                return false;
            }
            let first = cells.iter().filter_map(|(source, value)| {
                let at = table.profile.of_source(*source)?;
                Some((at, OwnedValue::from(stored(*value, table.profile.columns[at].kind))))
            });
            open = Some(Plot { key: key.unwrap_or_default(), line: number, first: first.collect(), run: Run::new() });
        }
        table.note_total(number, cells);
        let text = |column: usize| table.cell(cells, column).map_or_else(String::new, ToString::to_string);
        // Where nothing tells rings apart, coming back to the first point does.
        let usual = || if columns.plot.is_some() { "1".to_owned() } else { String::new() };
        let (id, ring) = (text(columns.point), columns.ring.map_or_else(usual, text));
        let at = |column: usize| table.cell(cells, column).and_then(coordinate);
        match (at(columns.east), at(columns.north), &mut open) {
            (Some(x), Some(y), Some(plot)) => plot.run.add(&PointLine::named(&id, &ring), Coord { x, y }, number),
            _ => {
                let found: String =
                    format!("{}, {}", text(columns.east), text(columns.north)).chars().take(60).collect();
                table.issue(Severity::Error, Message::new("io.table-no-coordinate").with("found", found), number);
            }
        }
        true
    })?;
    if cancelled {
        return Err(ReadError::Cancelled);
    }
    if let Some(plot) = open.take() {
        end(table, plot, &is_kept, progress)?;
    }
    Ok(())
}

/// Whether a row says nothing of a point: a title, a remark below the table, or who made it.
fn is_note(table: &Table<'_>, cells: &[(usize, Value<'_>)], columns: Columns) -> bool {
    let has = |column: usize| table.cell(cells, column).is_some();
    !has(columns.east) && !has(columns.north) && (!has(columns.point) || cells.len() == 1)
}

/// Whether a row is the headings once more, as on the next page.
fn is_heading_again(table: &Table<'_>, cells: &[(usize, Value<'_>)], columns: Columns) -> bool {
    [columns.east, columns.north].into_iter().all(|column| {
        let name = &table.profile.columns[column].name;
        table.cell(cells, column).is_some_and(|value| plain_name(&value.to_string()) == plain_name(name))
    })
}

/// Which columns say one thing in all rows of each plot; the rest is named in a note.
fn same_within_plots(
    table: &mut Table<'_>,
    rows: &Rows<'_>,
    columns: Columns,
    progress: &Progress,
) -> Result<Vec<bool>, ReadError> {
    let mut is_kept = vec![true; table.profile.columns.len()];
    let own = [Some(columns.point), columns.ring, Some(columns.east), Some(columns.north)];
    own.into_iter().flatten().for_each(|column| is_kept[column] = false);
    let mut first: Vec<Option<String>> = vec![None; is_kept.len()];
    let mut key: Option<String> = None;
    // Rows of the plot, those with its number, and those with a cell by column.
    let (mut row_count, mut key_count, mut counts) = (0u64, 0u64, vec![0u64; is_kept.len()]);
    rows.each(progress, |number, cells| {
        if table.is_heading(number) || is_heading_again(table, cells, columns) || is_note(table, cells, columns) {
            return true;
        }
        let next = columns.plot.and_then(|plot| table.cell(cells, plot)).map(ToString::to_string);
        let begins = key.is_none() || next.is_some() && next != key;
        let has_key = next.is_some();
        if begins {
            settle(&mut is_kept, &counts, row_count, key_count);
            counts.fill(0);
            (row_count, key_count) = (0, 0);
            first.iter_mut().for_each(|value| *value = None);
            key = next.or_else(|| Some(String::new()));
        }
        row_count += 1;
        key_count += u64::from(has_key);
        for (source, value) in cells {
            let Some(at) = table.profile.of_source(*source).filter(|at| is_kept[*at]) else { continue };
            let shown = value.to_string();
            counts[at] += 1;
            match &first[at] {
                None if begins => first[at] = Some(shown),
                Some(known) if *known == shown => {}
                // What the first row of a plot lacks would be lost.
                _ => is_kept[at] = false,
            }
        }
        true
    })?;
    settle(&mut is_kept, &counts, row_count, key_count);
    let of_points = table.profile.columns.iter().enumerate();
    let names: Vec<&str> = of_points
        .filter(|(at, _)| !is_kept[*at] && !own.contains(&Some(*at)))
        .map(|(_, column)| column.name.as_str())
        .collect();
    if !names.is_empty() {
        let line = table.profile.first_row;
        let message = Message::new("io.table-of-points").with("names", names.join("、"));
        table.findings.add(Issue { line: Some(line), ..Issue::new(Severity::Note, message) }, None);
    }
    Ok(is_kept)
}

/// Drops the columns that stand in some rows of a plot and not in others: those are about its points.
fn settle(is_kept: &mut [bool], counts: &[u64], row_count: u64, key_count: u64) {
    for (kept, count) in is_kept.iter_mut().zip(counts) {
        *kept = *kept && (*count <= 1 || *count == row_count || *count == key_count);
    }
}

/// Ends a plot.
fn end(table: &mut Table<'_>, plot: Plot, is_kept: &[bool], progress: &Progress) -> Result<(), ReadError> {
    let kind = GeometryKind::Polygon;
    let offset = (table.row as usize).saturating_mul(64);
    let builder = &mut table.sinks.of(kind, offset).geometry;
    let shape = plot.run.polygon(builder, progress).map_err(|_| ReadError::Cancelled)?;
    for fault in shape.faults {
        let issue =
            Issue { feature: Some(table.row), line: Some(fault.line), ..Issue::new(fault.severity, fault.message) };
        table.findings.add(issue, Some(kind));
    }
    for (key, line) in shape.notes {
        table.findings.tally(Severity::Note, key, "", 1, table.row, line - 1);
    }
    if shape.is_usable {
        table.sinks.note(kind);
    }
    let place = Place { row: table.row, line: plot.line, offset };
    let profile = table.profile;
    table.sinks.end_feature(kind, !shape.is_usable, place, |attributes, _| {
        name_columns(attributes, profile, |at| is_kept[at]);
        for (at, value) in plot.first.iter().filter(|(at, _)| is_kept[*at]) {
            let column = attributes.column(&profile.columns[*at].name, *at);
            attributes.set(column, value.as_value());
        }
        attributes.end_row();
        false
    });
    table.row += 1;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_kept_as_they_are() {
        for value in [Value::Int(3), Value::Text("0101"), Value::Null, Value::Bool(true)] {
            assert_eq!(OwnedValue::from(value).as_value(), value);
        }
    }
}
