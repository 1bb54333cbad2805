//! The rows of a table to columns.
//!
//! Rows are numbered, and ranges of those numbers are read side by side: each core has a connection of its own and takes
//! the next range, so that decoding keeps all of them busy and nothing is copied from one to another. Numbers must ascend
//! within a range, which a damaged tree cannot keep up: reading ends however it is wired.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::super::arrivals::Arrivals;
use super::super::columns::{Place, RawLayer, Sinks};
use super::super::encoding::text_of;
use super::super::findings::{Findings, NO_LINE};
use super::super::pieces::{self, Piece};
use super::super::reading::Reading;
use super::super::wkb::{self, Fault, Notes};
use super::super::{Encoding, ReadError};
use super::blob;
use super::contents::{Stored, Table};
use super::database::{Database, failed, int_at, quoted};
use crate::model::attributes::ColumnBuilder;
use crate::model::{AttributeBuilder, BLOCK_FEATURES, GeometryKind, Severity, Value};
use crate::task::Progress;
use crate::text::Message;

/// Ranges into which a table is divided at most, where its numbers lie far apart.
const MOST_RANGES: i128 = 1024;
/// Rows between two looks at whether the user cancelled.
const ROWS_PER_TICK: u64 = 1024;

/// Connections that are not at work.
struct Pool<'d> {
    database: &'d Database,
    free: Mutex<Vec<Connection>>,
}

impl Pool<'_> {
    fn with<T>(
        &self,
        progress: &Progress,
        work: impl FnOnce(&Connection) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = free.map_or_else(|| self.database.connect(progress), Ok)?;
        let done = work(&connection);
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        done
    }
}

/// Reads the rows of a table.
///
/// # Errors
/// When the user cancelled. Whatever else keeps the rest from being read stands in the layer.
pub(super) fn layer(database: &Database, table: Table, reading: &Reading<'_>) -> Result<RawLayer, ReadError> {
    let (arrivals, progress) = (reading.arrivals, reading.progress);
    if arrivals.is_some_and(Arrivals::is_stopped) {
        // It comes after the one in which the user has stopped.
        return Ok(RawLayer { error: Some(ReadError::stopped(progress)), ..unread(table) });
    }
    let pool = Pool { database, free: Mutex::default() };
    let start = pool.with(progress, |connection| start(connection, &table));
    let ((ranges, home), error) = match start {
        Ok(found) => (found, None),
        Err(ReadError::Cancelled) => return Err(ReadError::Cancelled),
        Err(error) => ((Vec::new(), table.kind), Some(error)),
    };
    arrivals.inspect(|arrivals| arrivals.say_can_stop(true));
    let next = AtomicUsize::new(0);
    // Whoever is free takes the next range: what was read when the user stops is a beginning of the table.
    let read_next = || -> Result<Option<(usize, Piece)>, ReadError> {
        if arrivals.is_some_and(Arrivals::is_stopped) {
            return Ok(None);
        }
        let at = next.fetch_add(1, Ordering::Relaxed);
        let Some(range) = ranges.get(at).copied() else { return Ok(None) };
        let read = pool.with(progress, |connection| Ok(piece(connection, &table, range, home, progress)));
        let piece = match read {
            Ok(piece) => piece,
            Err(error) => Piece { error: Some(error), ..Piece::new() },
        };
        if let Some(ReadError::Cancelled) = piece.error {
            return Err(ReadError::Cancelled);
        }
        if let Some(arrivals) = arrivals {
            let declared = || table.declared.clone();
            piece.blocks.iter().for_each(|block| arrivals.add(&block.geometry, &block.sample, declared));
        }
        Ok(Some((at, piece)))
    };
    let read: Result<Vec<Vec<(usize, Piece)>>, ReadError> = (0..rayon::current_num_threads())
        .into_par_iter()
        .map(|_| {
            let mut own = Vec::new();
            while let Some(piece) = read_next()? {
                own.push(piece);
            }
            Ok(own)
        })
        .collect();
    arrivals.inspect(|arrivals| arrivals.say_can_stop(false));
    let mut read: Vec<(usize, Piece)> = read?.into_iter().flatten().collect();
    read.sort_unstable_by_key(|(at, _)| *at);
    let percent = (100 * read.len() as u64).checked_div(ranges.len() as u64).unwrap_or_default();
    let is_stopped = read.len() < ranges.len();
    let pieces = read.into_iter().map(|(_, piece)| piece).collect();
    let kind = table.kind.filter(|_| table.geometry.is_some());
    let names: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
    let mut layer = RawLayer { error, ..unread(table) };
    pieces::join(&mut layer, pieces);
    if is_stopped {
        let feature_count = layer.row_count;
        layer.error = layer.error.take().or(Some(ReadError::Stopped { feature_count, percent }));
    }
    pieces::complete(&mut layer, names, kind);
    Ok(layer)
}

/// A table none of whose rows are read.
pub(super) fn unread(table: Table) -> RawLayer {
    RawLayer {
        name: Some(table.name),
        format: "GeoPackage".to_owned(),
        encoding: Encoding::Utf8,
        blocks: Vec::new(),
        order: Vec::new(),
        declared: table.declared,
        issues: table.issues,
        findings: Findings::default(),
        row_count: 0,
        skipped_count: 0,
        error: None,
    }
}

type Range = (i64, i64);

/// The ranges of a table's numbers, and the kind that features without geometry go to.
fn start(connection: &Connection, table: &Table) -> Result<(Vec<Range>, Option<GeometryKind>), ReadError> {
    let (id, name) = (table.row_id, quoted(&table.name));
    // Each alone is looked up at one end of the tree; both at once would walk through all of it.
    let end = |which: &str| {
        let sql = format!("SELECT {which}({id}) FROM main.{name}");
        connection.query_row(&sql, [], |row| Ok(int_at(row, 0))).map_err(failed)
    };
    let (Some(first), Some(last)) = (end("min")?, end("max")?) else { return Ok((Vec::new(), table.kind)) };
    let mut home = table.kind;
    if let Some(column) = table.geometry.as_deref().map(quoted) {
        let sql = format!("SELECT {column} FROM main.{name} WHERE {column} IS NOT NULL ORDER BY {id} LIMIT 1");
        let found = connection.query_row(&sql, [], |row| {
            Ok(match row.get_ref(0) {
                Ok(ValueRef::Blob(bytes)) => blob::wkb(bytes).ok().and_then(wkb::kind), // one that is none has no kind
                _ => None,
            })
        });
        match found {
            Ok(kind) => home = kind.or(home),
            Err(rusqlite::Error::QueryReturnedNoRows) => {}
            Err(error) => return Err(failed(error)),
        }
    }
    Ok((ranges(first, last), home))
}

/// The numbers from `first` to `last` in ranges of about a block each.
fn ranges(first: i64, last: i64) -> Vec<Range> {
    let span = i128::from(last) - i128::from(first) + 1;
    let most = (BLOCK_FEATURES as i128).max((span + MOST_RANGES - 1) / MOST_RANGES);
    // As few ranges, but of one size: no core waits long for the last one.
    let count = (span + most - 1) / most;
    let width = (span + count - 1) / count;
    let ends = (0..).map(|number| i128::from(first) + number * width).take_while(|start| *start <= i128::from(last));
    // Both lie between first and last.
    ends.map(|start| (start as i64, (start + width - 1).min(i128::from(last)) as i64)).collect()
}

/// Reads the rows of a range.
fn piece(
    connection: &Connection,
    table: &Table,
    range: Range,
    home: Option<GeometryKind>,
    progress: &Progress,
) -> Piece {
    let mut piece = Piece::new();
    let mut sinks = Sinks::new(home);
    let read = fill(connection, table, range, progress, &mut piece, &mut sinks);
    piece.error = read.err();
    piece.close(sinks);
    piece
}

fn fill(
    connection: &Connection,
    table: &Table,
    (from, to): Range,
    progress: &Progress,
    piece: &mut Piece,
    sinks: &mut Sinks,
) -> Result<(), ReadError> {
    let (id, name) = (table.row_id, quoted(&table.name));
    let mut sql = format!("SELECT {id}, {}", table.geometry.as_deref().map_or("NULL".to_owned(), quoted));
    for column in &table.columns {
        sql.push_str(", ");
        sql.push_str(&quoted(&column.name));
    }
    sql.push_str(&format!(" FROM main.{name} WHERE {id} BETWEEN ?1 AND ?2 ORDER BY {id}"));
    let mut statement = connection.prepare(&sql).map_err(failed)?;
    let mut rows = statement.query([from, to]).map_err(failed)?;
    let mut last = None;
    let mut byte_count = 0;
    let mut told = 0;
    while let Some(row) = rows.next().map_err(failed)? {
        let id = int_at(row, 0).filter(|id| last.is_none_or(|last| last < *id) && (from..=to).contains(id));
        let Some(id) = id else { return Err(ReadError::Format(Message::new("io.gpkg-disorder"))) };
        last = Some(id);
        if piece.row_count.is_multiple_of(ROWS_PER_TICK) {
            progress.tick((byte_count - told) as u64).map_err(|_| ReadError::Cancelled)?;
            told = byte_count;
        }
        let geometry = row.get_ref(1).map_err(failed)?;
        let come = match geometry {
            ValueRef::Null => None,
            ValueRef::Blob(bytes) => {
                byte_count += bytes.len();
                let mut notes = Notes::default();
                let pushed = blob::wkb(bytes).and_then(|bytes| wkb::push(bytes, sinks, byte_count, &mut notes));
                piece.came(pushed, notes, sinks)
            }
            _ => {
                piece.fault(Fault::Broken);
                None
            }
        };
        let place = Place { row: piece.row_count, line: 0, offset: byte_count };
        let mut store = Store { row, table, id, findings: &mut piece.findings, place, byte_count: 0 };
        pieces::end(sinks, come, table.geometry.is_some(), place, |attributes, ids| store.values(attributes, ids));
        byte_count += store.byte_count;
        piece.row_count += 1;
    }
    progress.tick((byte_count - told) as u64).map_err(|_| ReadError::Cancelled)
}

/// The values of a row on their way into columns.
struct Store<'a, 'r> {
    row: &'a rusqlite::Row<'r>,
    table: &'a Table,
    id: i64,
    findings: &'a mut Findings,
    place: Place,
    byte_count: usize,
}

impl Store<'_, '_> {
    /// Puts the values into the open row, which it ends; whether the feature has an id.
    fn values(&mut self, attributes: &mut AttributeBuilder, ids: &mut ColumnBuilder) -> bool {
        for (at, column) in self.table.columns.iter().enumerate() {
            // The first row makes the columns, in the order of the statement; names do not repeat in a table.
            let target = if attributes.row_count() == 0 { attributes.column(&column.name, at) } else { at };
            // Columns are numbered as the statement names them.
            let Ok(value) = self.row.get_ref(at + 2) else { continue };
            let value = match value {
                ValueRef::Null => continue,
                ValueRef::Integer(number @ (0 | 1)) if column.stored == Stored::Bool => Value::Bool(number == 1),
                ValueRef::Integer(number) => Value::Int(number),
                ValueRef::Real(number) if number.is_finite() => Value::Float(number),
                ValueRef::Real(_) => {
                    self.tally("io.gpkg-not-finite", &column.name);
                    continue;
                }
                ValueRef::Text(bytes) => {
                    self.byte_count += bytes.len();
                    match std::str::from_utf8(bytes) {
                        Ok(text) => Value::Text(text),
                        Err(_) => {
                            self.tally("io.gpkg-not-utf8", &column.name);
                            attributes.set(target, Value::Text(&text_of(bytes)));
                            continue;
                        }
                    }
                }
                ValueRef::Blob(bytes) => {
                    self.byte_count += bytes.len();
                    self.tally("io.gpkg-binary-value", &column.name);
                    continue;
                }
            };
            attributes.set(target, value);
        }
        if self.table.has_ids {
            ids.set(attributes.row_count() as u32, Value::Int(self.id));
        }
        attributes.end_row();
        self.table.has_ids
    }

    fn tally(&mut self, key: &'static str, name: &str) {
        self.findings.tally(Severity::Warning, key, name, 1, self.place.row, NO_LINE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_cover_every_number_once() {
        let check = |first: i64, last: i64, count: usize| {
            let ranges = ranges(first, last);
            assert_eq!(ranges.len(), count);
            assert_eq!((ranges[0].0, ranges[count - 1].1), (first, last));
            assert!(ranges.windows(2).all(|pair| pair[0].1 + 1 == pair[1].0));
        };
        check(1, 1, 1);
        check(1, 65_536, 1);
        check(1, 65_537, 2);
        check(-5, 1_000_000, 16);
        check(i64::MIN, i64::MAX, 1024);
    }
}
