//! Access databases (`.mdb`, `.accdb`): personal geodatabases and plain tables, read only.
//!
//! Every table of the user is a layer. Which of them have geometry, and in which CRS, stands in the catalogue of a personal
//! geodatabase (`GDB_GeomColumns`, `GDB_SpatialRefs`); geometry is shape records, which the reader of shapefiles reads.
//! The library that knows the pages is young: a panic in it is an error about the file. Nothing is written: what goes back
//! to Access goes as a workbook.
//!
//! | what | module |
//! |---|---|
//! | catalogue and tables | here |
//! | cells to values | `cells` |
//! | aliases, domains, subtypes | `words` |
//! | geometry columns | `geometry` |

mod cells;
mod geometry;
mod words;

use std::collections::HashMap;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use jetdb::data::{TableRows, Value};
use jetdb::{CatalogEntry, ColumnType, FileError, ObjectType, PageReader, TableDef};

use super::columns::{RawBlock, RawLayer};
use super::findings::Findings;
use super::reading::Reading;
use super::source::Source;
use super::{Encoding, ReadError};
use crate::crs::{Declared, Sample};
use crate::model::{AttributeBlock, AttributeBuilder, BLOCK_FEATURES, GeometryKind, Issue, Severity, SourceWords};
use crate::text::Message;
use cells::set;
use geometry::Geometry;
use words::Words;

/// Tables that a database may have, and rows that are looked at in its catalogue.
const MOST_TABLES: usize = 4096;
const MOST_CATALOGUE_ROWS: usize = 100_000;

/// Reads the tables of the user.
///
/// # Errors
/// When it is no such database, has a password, or holds no table.
pub(super) fn layers(source: &mut Source, reading: &Reading<'_>) -> Result<Vec<RawLayer>, ReadError> {
    let bytes = source.bytes(reading.progress)?;
    // What the library held is dropped with it: nothing half-done is seen afterwards.
    let read = catch_unwind(AssertUnwindSafe(|| read(bytes, reading)));
    let broken = |_| Err(ReadError::Format(Message::new("io.mdb-broken").with("reason", "panic")));
    let (layers, words) = read.unwrap_or_else(broken)?;
    words.into_iter().for_each(|(name, words)| source.means(&name, words));
    Ok(layers)
}

/// What the library says is wrong.
fn failed(error: &FileError) -> ReadError {
    ReadError::Format(match error {
        FileError::PasswordRequired | FileError::InvalidPassword => Message::new("io.mdb-password"),
        other => Message::new("io.mdb-broken").with("reason", other),
    })
}

/// The geometry column of a table, by the catalogue of the geodatabase.
struct Shaped {
    field: String,
    kind: Option<GeometryKind>,
    wkt: Option<String>,
}

/// Layers, and what the database says of the words of each.
type Read = (Vec<RawLayer>, Vec<(String, SourceWords)>);

fn read(bytes: Vec<u8>, reading: &Reading<'_>) -> Result<Read, ReadError> {
    let mut pages = PageReader::open_reader(Cursor::new(bytes)).map_err(|error| failed(&error))?;
    let format = format_name(&pages);
    let entries = jetdb::read_catalog(&mut pages).map_err(|error| failed(&error))?;
    let shaped = geometry_columns(&mut pages, &entries)?;
    let is_geodatabase = entries.iter().any(|entry| entry.name.eq_ignore_ascii_case("GDB_GeomColumns"));
    let mut layers = Vec::new();
    for entry in entries.iter().filter(|entry| is_users(entry, is_geodatabase)).take(MOST_TABLES) {
        reading.progress.tick(0).map_err(|_| ReadError::Cancelled)?;
        let read = jetdb::read_table_def(&mut pages, &entry.name, entry.table_page).map_err(|error| failed(&error));
        let read = read.and_then(|table| layer(&mut pages, &table, shaped.get(&entry.name.to_lowercase()), reading));
        layers.push(match read {
            Ok(layer) => layer,
            Err(ReadError::Cancelled) => return Err(ReadError::Cancelled),
            Err(error) => unread(entry.name.clone(), error),
        });
    }
    if layers.is_empty() {
        return Err(ReadError::Format(Message::new("io.mdb-no-tables")));
    }
    for layer in &mut layers {
        layer.format.clone_from(&format);
    }
    // Links and queries are no tables, but the user sees them as such in Access.
    let linked: Vec<&str> = entries.iter().filter(|entry| is_linked(entry)).map(|entry| entry.name.as_str()).collect();
    if !linked.is_empty() {
        let message = Message::new("io.mdb-linked").with("count", linked.len());
        let message = message.with("names", super::findings::listed(&linked));
        layers[0].issues.push(Issue::new(Severity::Warning, message));
    }
    let mut all = Vec::new();
    if is_geodatabase {
        let known = Words::of(&mut pages, &entries);
        all.extend(layers.iter().filter_map(|layer| {
            let name = layer.name.clone()?;
            let words = known.of_table(&name);
            Some((name, words))
        }));
        if known.unread_count > 0 {
            let message = Message::new("io.mdb-domains").with("count", known.unread_count);
            layers[0].issues.push(Issue::new(Severity::Note, message));
        }
    }
    Ok((layers, all))
}

/// The name of the format as shown.
fn format_name(pages: &PageReader) -> String {
    if pages.text_encoding().is_jet3() { "Access 97".to_owned() } else { "Access".to_owned() }
}

/// Whether a table holds what the user put there, and not what Access or ArcGIS keep about it.
fn is_users(entry: &CatalogEntry, is_geodatabase: bool) -> bool {
    if !matches!(entry.object_type, ObjectType::Table) || entry.is_system_or_hidden() {
        return false;
    }
    let name = entry.name.to_ascii_lowercase();
    let is_kept = name.starts_with("gdb_")
        || name.ends_with("_shape_index")
        || matches!(name.as_str(), "selectedobjects" | "selections");
    !(name.starts_with("msys") || name.starts_with('~') || is_geodatabase && is_kept)
}

fn is_linked(entry: &CatalogEntry) -> bool {
    matches!(entry.object_type, ObjectType::LinkedTable | ObjectType::LinkedOdbcTable) && !entry.is_system_or_hidden()
}

/// A table that could not be read: an empty layer that says so.
fn unread(name: String, error: ReadError) -> RawLayer {
    let message = Message::new("io.mdb-unread-table").with("name", &name).with_message("reason", &error.message());
    RawLayer {
        name: Some(name),
        format: String::new(),
        encoding: Encoding::Utf8,
        blocks: Vec::new(),
        order: Vec::new(),
        declared: None,
        issues: vec![Issue::new(Severity::Error, message)],
        findings: Findings::default(),
        row_count: 0,
        skipped_count: 0,
        error: None,
    }
}

/// The rows of a table of the catalogue, as name and value; none where there is no such table.
fn catalogue_rows(
    pages: &mut PageReader,
    entries: &[CatalogEntry],
    name: &str,
) -> Result<Vec<HashMap<String, Value>>, ReadError> {
    let Some(entry) = entries.iter().find(|entry| entry.name.eq_ignore_ascii_case(name)) else {
        return Ok(Vec::new());
    };
    let table = jetdb::read_table_def(pages, &entry.name, entry.table_page).map_err(|error| failed(&error))?;
    let calculated = HashMap::new();
    let mut rows = TableRows::new(&table, &calculated);
    let mut found = Vec::new();
    while let Some(row) = rows.next_row(pages).map_err(|error| failed(&error))? {
        let names = table.columns.iter().map(|column| column.name.to_lowercase());
        found.push(names.zip(row.values).collect());
        if found.len() >= MOST_CATALOGUE_ROWS {
            break;
        }
    }
    Ok(found)
}

fn text_of(value: Option<&Value>) -> Option<&str> {
    match value {
        Some(Value::Text(text)) => Some(text.trim_end_matches('\0')),
        _ => None,
    }
}

fn number_of(value: Option<&Value>) -> Option<i64> {
    match value {
        Some(Value::Long(number)) => Some(i64::from(*number)),
        Some(Value::Int(number)) => Some(i64::from(*number)),
        Some(Value::Byte(number)) => Some(i64::from(*number)),
        _ => None,
    }
}

/// The geometry columns of a personal geodatabase by the small letters of their tables.
fn geometry_columns(pages: &mut PageReader, entries: &[CatalogEntry]) -> Result<HashMap<String, Shaped>, ReadError> {
    let references: HashMap<i64, String> = catalogue_rows(pages, entries, "GDB_SpatialRefs")?
        .iter()
        .filter_map(|row| Some((number_of(row.get("srid"))?, text_of(row.get("srtext"))?.to_owned())))
        .collect();
    let columns = catalogue_rows(pages, entries, "GDB_GeomColumns")?;
    let shaped = columns.iter().filter_map(|row| {
        let kind = match number_of(row.get("shapetype")) {
            Some(1 | 2) => Some(GeometryKind::Point),
            Some(3) => Some(GeometryKind::Line),
            Some(4) => Some(GeometryKind::Polygon),
            _ => None,
        };
        let wkt = number_of(row.get("srid")).and_then(|srid| references.get(&srid)).cloned();
        let wkt = wkt.filter(|wkt| !wkt.trim().is_empty() && !wkt.to_ascii_uppercase().starts_with("UNKNOWN"));
        let field = text_of(row.get("fieldname"))?.to_owned();
        Some((text_of(row.get("tablename"))?.to_lowercase(), Shaped { field, kind, wkt }))
    });
    Ok(shaped.collect())
}

/// A table as a layer.
fn layer(
    pages: &mut PageReader,
    table: &TableDef,
    shaped: Option<&Shaped>,
    reading: &Reading<'_>,
) -> Result<RawLayer, ReadError> {
    let mut issues = Vec::new();
    let at = shaped.and_then(|shaped| table.columns.iter().position(|c| c.name.eq_ignore_ascii_case(&shaped.field)));
    let is_object = |at: &usize| {
        matches!(
            table.columns[*at].col_type,
            ColumnType::Ole | ColumnType::Binary | ColumnType::ComplexType | ColumnType::Unknown(_)
        )
    };
    let objects: Vec<&str> = (0..table.columns.len())
        .filter(|column| Some(*column) != at && is_object(column))
        .map(|column| table.columns[column].name.as_str())
        .collect();
    if !objects.is_empty() {
        let message = Message::new("io.mdb-objects").with("count", objects.len());
        issues.push(Issue::new(Severity::Note, message.with("names", super::findings::listed(&objects))));
    }
    let shown: Vec<usize> = (0..table.columns.len()).filter(|at| !is_object(at)).collect();
    let names: Vec<String> = shown.iter().map(|at| table.columns[*at].name.clone()).collect();
    let calculated = jetdb::calculated_column_types(pages, table);
    let kind = shaped.and_then(|shaped| shaped.kind).filter(|_| at.is_some());
    let mut filling =
        Filling { names, shown, kind, blocks: Vec::new(), order: Vec::new(), findings: Findings::default() };
    filling.order.extend(kind);
    let mut rows = TableRows::new(table, &calculated);
    let mut open: Vec<Vec<Value>> = Vec::new();
    let mut row_count = 0u64;
    loop {
        let row = rows.next_row(pages).map_err(|error| failed(&error))?;
        let is_last = row.is_none();
        open.extend(row.map(|row| row.values));
        if open.len() == BLOCK_FEATURES || is_last && !(open.is_empty() && row_count > 0) {
            reading.progress.tick(0).map_err(|_| ReadError::Cancelled)?;
            filling.add(&open, row_count, at, reading)?;
            row_count += open.len() as u64;
            open.clear();
        }
        if is_last {
            break;
        }
    }
    if rows.skipped_rows() > 0 {
        let message = Message::new("io.mdb-rows").with("count", rows.skipped_rows());
        issues.push(Issue::new(Severity::Error, message));
    }
    let declared = shaped.filter(|_| at.is_some()).and_then(|shaped| shaped.wkt.clone()).map(Declared::new);
    if let (Some(arrivals), true) = (reading.arrivals, at.is_some()) {
        for block in &filling.blocks {
            arrivals.add(&block.geometry, &block.sample, || declared.clone());
        }
    }
    Ok(RawLayer {
        name: Some(table.name.clone()),
        format: String::new(),
        encoding: Encoding::Utf8,
        blocks: filling.blocks,
        order: filling.order,
        declared,
        issues,
        findings: filling.findings,
        row_count,
        skipped_count: 0,
        error: None,
    })
}

/// A layer that rows are put into, block by block.
struct Filling {
    names: Vec<String>,
    /// The columns of the table that are fields.
    shown: Vec<usize>,
    kind: Option<GeometryKind>,
    blocks: Vec<RawBlock>,
    order: Vec<GeometryKind>,
    findings: Findings,
}

impl Filling {
    /// Adds rows; the first is row `start` of the table, the column `at` holds their geometry.
    fn add(
        &mut self,
        open: &[Vec<Value>],
        start: u64,
        at: Option<usize>,
        reading: &Reading<'_>,
    ) -> Result<(), ReadError> {
        let geometry = match at {
            Some(at) => {
                let shapes = open.iter().map(|row| match row.get(at) {
                    Some(Value::Binary(bytes)) => bytes.as_slice(),
                    _ => &[],
                });
                Geometry::read(shapes, self.kind, reading.progress)?
            }
            None => Geometry::none(open.len()),
        };
        let (kinds, findings) = (geometry.kinds, geometry.findings);
        self.findings.append(findings, start, 0);
        for (geometry, rows) in kinds {
            let kind = geometry.kind();
            if kind != GeometryKind::None && !self.order.contains(&kind) {
                self.order.push(kind);
            }
            let attributes = self.attributes(open, &rows);
            let sample = Sample::of(geometry.coords());
            let rows = rows.iter().map(|row| u32::try_from(start + u64::from(*row)).unwrap_or(u32::MAX)).collect();
            let (names, ids, lines) = (self.names.clone(), None, Vec::new());
            self.blocks.push(RawBlock { geometry, names, attributes, ids, rows, lines, sample });
        }
        Ok(())
    }

    fn attributes(&self, open: &[Vec<Value>], rows: &[u32]) -> AttributeBlock {
        let mut builder = AttributeBuilder::new();
        let columns: Vec<usize> = self.names.iter().enumerate().map(|(at, name)| builder.column(name, at)).collect();
        for row in rows {
            let values = &open[*row as usize];
            for (column, at) in columns.iter().zip(&self.shown) {
                if let Some(value) = values.get(*at) {
                    set(&mut builder, *column, value);
                }
            }
            builder.end_row();
        }
        builder.finish().1
    }
}
