//! File geodatabases: a folder of tables, or such a folder in an archive.
//!
//! Each table is read whole and its rows become columns block by block on all cores. Nothing is written beside them, and
//! the locks of other programs are left alone: one that says that somebody is writing is told. What cannot be read is
//! named as what it is: tables that were compressed, rasters, surfaces in space.
//!
//! The layout was never published. It was worked out from files by Even Rouault (the specification of `dump_gdbtable`,
//! 2012 to 2024), which this follows; of tables with 64-bit ids some parts are unknown to everybody.
//!
//! | what | module |
//! |---|---|
//! | which tables there are, and what their definitions say | `catalogue` |
//! | the fields of a table, and where its rows are | `table`, `cursor` |
//! | rows to columns | `block`, `calendar` |
//! | geometry | `shapes`, `curves` |
//! | a layer to a geodatabase | `write` |

mod block;
mod calendar;
mod catalogue;
mod cursor;
mod curves;
mod shapes;
mod table;
mod write;

use std::sync::OnceLock;
use std::sync::atomic::AtomicUsize;

use rayon::prelude::*;

use super::arrivals::Arrivals;
use super::columns::{RawLayer, even_block};
use super::findings::Findings;
use super::place::let_go;
use super::reading::Reading;
use super::source::Source;
use super::{Encoding, ReadError};
use crate::crs::Declared;
use crate::model::{GeometryKind, Issue, Severity};
use crate::text::Message;
use block::{Oddities, Space, block};
pub(super) use catalogue::Definitions;
use catalogue::Listed;
pub(super) use curves::Curve;
use table::{Place, Table};
pub(super) use write::{losses, write};

/// Names that a message lists.
const LISTED: usize = 5;
/// Bytes of rows after which a block is closed however few rows it has.
const BLOCK_BYTES: usize = 1 << 28;

/// How far a chord may leave its curve: in degrees, and in other units, which are metres nearly always.
const TOLERANCES: [(f64, &str); 2] = [(1e-8, "1e-8°"), (1e-3, "0.001")];

/// Reads the tables of a geodatabase, each as a layer.
///
/// # Errors
/// When its list of tables cannot be read, when none of its tables can, or the user cancelled.
pub(super) fn layers(source: &mut Source, reading: &Reading<'_>) -> Result<Vec<RawLayer>, ReadError> {
    let files = Files::of(source)?;
    let broken = |key| ReadError::Format(Message::new(key).with("name", "GDB_SystemCatalog"));
    let list = files.table(source, 1, reading)?.ok_or_else(|| broken("io.gdb-none"))?.map_err(broken)?;
    let all = catalogue::listed(&list);
    let items = all.iter().find(|listed| listed.name.eq_ignore_ascii_case("GDB_Items"));
    let definitions = match items {
        // Without definitions the tables are still there.
        Some(items) => match files.table(source, items.number, reading)? {
            Some(Ok(items)) => catalogue::definitions(&items),
            _ => Definitions::default(),
        },
        None => Definitions::default(),
    };
    let tables: Vec<&Listed> = all.iter().filter(|listed| !catalogue::is_internal(&listed.name)).collect();
    let is_wanted = |listed: &Listed| reading.layer.is_none_or(|wanted| wanted == listed.name);
    let mut layers = Vec::new();
    for listed in tables {
        if files.name(listed.number, "gdbtable").is_none() {
            continue;
        }
        // What is not wanted is known by its name alone.
        if !is_wanted(listed) {
            layers.push(empty(listed));
            continue;
        }
        source.begin_layer();
        layers.push(layer(source, &files, listed, &definitions, reading)?);
        source.end_layer(&listed.name);
    }
    let mut said = Vec::new();
    if !definitions.rasters.is_empty() {
        let names = &definitions.rasters;
        let listed = names.iter().take(LISTED).cloned().collect::<Vec<_>>().join(", ");
        let message = Message::new("io.gdb-rasters").with("count", names.len()).with("names", listed);
        said.push(Issue::new(Severity::Warning, message));
    }
    if files.is_written_to() {
        said.push(Issue::new(Severity::Warning, Message::new("io.gdb-locked")));
    }
    // What was stopped has rows.
    if layers.iter().all(|layer| layer.error.is_some() && layer.row_count == 0) {
        let first = layers.into_iter().find_map(|layer| layer.error);
        let none = if definitions.rasters.is_empty() { "io.gdb-empty" } else { "io.gdb-only-rasters" };
        return Err(first.unwrap_or_else(|| broken(none)));
    }
    if let Some(first) = layers.iter_mut().find(|layer| layer.error.is_none()) {
        first.issues.extend(said);
    }
    Ok(layers)
}

/// The files of a geodatabase by their names.
struct Files {
    names: Vec<String>,
}

impl Files {
    fn of(source: &Source) -> Result<Self, ReadError> {
        Ok(Self { names: source.files()? })
    }

    /// The file of table `number` with `ending`, in whatever spelling.
    fn name(&self, number: i64, ending: &str) -> Option<&str> {
        let wanted = format!("a{number:08x}.{ending}");
        self.names.iter().find(|name| name.eq_ignore_ascii_case(&wanted)).map(String::as_str)
    }

    /// Table `number`; `None` where it has no file.
    fn table(
        &self,
        source: &mut Source,
        number: i64,
        reading: &Reading<'_>,
    ) -> Result<Option<Result<Table, table::Broken>>, ReadError> {
        if self.name(number, "gdbtable.cdf").is_some() {
            return Ok(Some(Err("io.gdb-compressed")));
        }
        let Some(name) = self.name(number, "gdbtable") else { return Ok(None) };
        let bytes = source.file_in(name, reading.progress)?;
        let index = match self.name(number, "gdbtablx") {
            Some(name) => Some(source.file_in(name, reading.progress)?),
            None => None,
        };
        Ok(Some(Table::new(bytes, index.as_deref())))
    }

    /// Whether a lock of another program says that it is writing.
    fn is_written_to(&self) -> bool {
        let small = self.names.iter().map(|name| name.to_ascii_lowercase());
        small.into_iter().any(|name| name.ends_with(".wr.lock") || name.ends_with(".ed.lock"))
    }
}

/// A layer that cannot be read.
fn failed(listed: &Listed, error: ReadError) -> RawLayer {
    RawLayer { error: Some(error), ..empty(listed) }
}

fn empty(listed: &Listed) -> RawLayer {
    RawLayer {
        name: Some(listed.name.clone()),
        format: "FileGDB".to_owned(),
        encoding: Encoding::Utf8,
        blocks: Vec::new(),
        order: Vec::new(),
        declared: None,
        issues: Vec::new(),
        findings: Findings::default(),
        row_count: 0,
        skipped_count: 0,
        error: None,
    }
}

/// Reads one table.
fn layer(
    source: &mut Source,
    files: &Files,
    listed: &Listed,
    definitions: &Definitions,
    reading: &Reading<'_>,
) -> Result<RawLayer, ReadError> {
    let named = |key| ReadError::Format(Message::new(key).with("name", &listed.name));
    let arrivals = reading.arrivals;
    if arrivals.is_some_and(Arrivals::is_stopped) {
        // It comes after the one in which the user has stopped.
        return Ok(failed(listed, ReadError::stopped(reading.progress)));
    }
    let table = match files.table(source, listed.number, reading) {
        Ok(Some(Ok(table))) => table,
        Ok(Some(Err(key))) => return Ok(failed(listed, named(key))),
        Ok(None) => return Ok(failed(listed, named("io.gdb-broken"))),
        Err(ReadError::Cancelled) => return Err(ReadError::Cancelled),
        // One table that cannot be read leaves the others.
        Err(error) => return Ok(failed(listed, error)),
    };
    let mut words = definitions.words(&listed.name);
    // What has no definition may have aliases all the same.
    for field in table.fields.iter().filter(|field| !field.alias.is_empty()) {
        let of_field = words.fields.entry(field.name.clone()).or_default();
        if of_field.alias.is_empty() {
            of_field.alias.clone_from(&field.alias);
        }
    }
    source.means(&listed.name, words);
    // PROJ takes its time for a CRS, whatever the size of the table: rows are read meanwhile.
    let known = OnceLock::new();
    let declared = || known.get_or_init(|| table.grid.as_ref().and_then(|grid| declared(&grid.wkt))).clone();
    let has_degrees = table.grid.as_ref().is_some_and(|grid| grid.wkt.trim_start().starts_with("GEOGCS"));
    let (tolerance, word) = TOLERANCES[usize::from(!has_degrees)];
    let kind = table.kind.filter(|_| table.grid.is_some()).unwrap_or(GeometryKind::None);
    let curve_points = AtomicUsize::new(0);
    let space = Space { kind, tolerance, curve_points: &curve_points };
    if let Some(arrivals) = arrivals.filter(|_| kind != GeometryKind::None) {
        arrivals.begin(None);
        // Whoever watches does not wait for it.
        declared();
    }
    let mut starts = Vec::new();
    for chunk in chunks(&table.places) {
        let first = starts.last().map_or(0, |(first, chunk): &(usize, &[Place])| first + chunk.len());
        starts.push((first, chunk));
    }
    // A table without rows has fields all the same.
    if starts.is_empty() {
        starts.push((0, &[]));
    }
    arrivals.inspect(|arrivals| arrivals.say_can_stop(true));
    let read_all = || -> Result<Vec<Option<_>>, ReadError> {
        starts
            .par_iter()
            .map(|(first, places)| {
                if arrivals.is_some_and(Arrivals::is_stopped) {
                    return Ok(None);
                }
                let first = u32::try_from(*first).unwrap_or(u32::MAX);
                let read = block(&table, &space, places, first, reading.progress)?;
                if let Some(arrivals) = arrivals {
                    arrivals.add(&read.0.geometry, &read.0.sample, declared);
                }
                Ok(Some(read))
            })
            .collect()
    };
    let (declared, read) = rayon::join(declared, read_all);
    arrivals.inspect(|arrivals| arrivals.say_can_stop(false));
    let read = read?;
    let mut oddities = Oddities::new(&table);
    let mut layer = RawLayer { row_count: table.places.len() as u64, ..empty(listed) };
    if read.iter().any(Option::is_none) {
        // Whatever was read by then is kept: each feature knows its row.
        let kept: usize = read.iter().flatten().map(|(block, ..)| block.geometry.feature_count()).sum();
        let percent = (100 * kept as u64).checked_div(layer.row_count).unwrap_or_default();
        layer.error = Some(ReadError::Stopped { feature_count: kept as u64, percent });
        layer.row_count = kept as u64;
    }
    for (block, findings, more) in read.into_iter().flatten() {
        layer.blocks.push(block);
        layer.findings.append(findings, 0, 0);
        oddities.append(more);
    }
    oddities.tell(&table, word, &mut layer.findings);
    layer.issues = table.issues.clone();
    layer.declared = declared;
    let_go(table);
    if kind != GeometryKind::None {
        layer.order.push(kind);
    }
    Ok(layer)
}

/// Rows in blocks that are neither too many rows nor too many bytes.
fn chunks(places: &[Place]) -> Vec<&[Place]> {
    let mut chunks = Vec::new();
    let most = even_block(places.len());
    let (mut start, mut bytes) = (0, 0usize);
    for (at, place) in places.iter().enumerate() {
        bytes += Table::row_bytes(place);
        if at + 1 - start == most || bytes >= BLOCK_BYTES {
            chunks.push(&places[start..=at]);
            (start, bytes) = (at + 1, 0);
        }
    }
    if start < places.len() {
        chunks.push(&places[start..]);
    }
    chunks
}

/// The CRS that a class declares: its text may go on with one for heights, and may be a number that stands for none.
fn declared(wkt: &str) -> Option<Declared> {
    let text = wkt.trim();
    if text.is_empty() || text.starts_with('{') {
        return None;
    }
    let mut depth = 0usize;
    let mut is_quoted = false;
    let end = text.char_indices().find(|(_, c)| {
        match c {
            '"' => is_quoted = !is_quoted,
            '[' if !is_quoted => depth += 1,
            ']' if !is_quoted => {
                depth = depth.saturating_sub(1);
                return depth == 0;
            }
            _ => {}
        }
        false
    });
    Some(Declared::new(end.map_or(text, |(at, _)| &text[..=at])))
}

#[cfg(test)]
mod tests;
