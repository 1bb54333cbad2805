//! Shapefiles: shapes, the table beside them, the CRS and the encoding in files of their own.
//!
//! Shapes are read from the bytes of the file straight into columns, block by block on all cores. Roles of rings are
//! told by what they enclose, not by how they are wound. The index is needed only where the shapes do not follow each
//! other. What is missing is said and the rest is read: no table, no index, no CRS, more shapes than rows, a file that
//! was cut off, a record that contradicts itself.
//!
//! | what | module |
//! |---|---|
//! | where the records are | `records` |
//! | one record to geometry | `shapes` |
//! | a layer to files | `write` |

mod records;
mod shapes;
mod write;

use rayon::prelude::*;

use super::arrivals::Arrivals;
use super::columns::{RawBlock, RawLayer, even_block};
use super::dbase::{self, Table};
use super::encoding::text_of;
use super::findings::Findings;
use super::place::let_go;
use super::reading::Reading;
use super::source::{Known, Source};
use super::{Encoding, ReadError};
use crate::crs::{Declared, Sample};
use crate::model::{AttributeBlock, GeometryKind, Issue, Severity};
use crate::text::Message;
use records::Records;
use shapes::Shapes;
pub(super) use write::{losses, write};

/// Most coordinates that a reading which was stopped keeps for going on, beside those of the layer: 1 GB of them.
const MOST_HELD_COORDS: usize = 1 << 26;

/// Bytes of a file that are shown before the rest is read; shorter ones are soon read.
const FIRST_BYTES: u64 = 4 << 20;

/// What a stretch of rows came to.
type Part = (Vec<RawBlock>, Findings);

/// A reading that was stopped: what its stretches came to, as far as they were read.
struct Halted {
    known: Known,
    encoding: Option<Encoding>,
    read: Vec<Option<Part>>,
}

/// Reads the one layer that a shapefile is; what a reading that was stopped had of it, where the file is still the same, is
/// not read again.
///
/// # Errors
/// When the main file is none, or the user cancelled.
pub(super) fn layers(source: &mut Source, reading: &Reading<'_>) -> Result<Vec<RawLayer>, ReadError> {
    let progress = reading.progress;
    look_ahead(source, reading);
    let shp = source.bytes(progress)?;
    let mut issues = Vec::new();
    let mut say = |severity, message| issues.push(Issue::new(severity, message));
    let shx = source.beside("shx", progress)?;
    let dbf = source.beside("dbf", progress)?;
    let cpg = source.beside("cpg", progress)?;
    let prj = source.beside("prj", progress)?;
    let memo = match &dbf {
        Some(dbf) => dbase::memo_beside(source, dbf, progress)?,
        None => None,
    };
    // Neither waits for the other: PROJ takes its time for a CRS, whatever the size of the file.
    let (declared, (table, records)) = rayon::join(
        || prj.and_then(|prj| declared(&prj)),
        || {
            let table = dbf.map(|dbf| Table::new(dbf, memo, cpg.as_deref(), reading.encoding));
            let record_count = table.as_ref().and_then(|table| table.as_ref().ok()).map(|table| table.record_count);
            (table, Records::find(&shp, shx.as_deref(), record_count))
        },
    );
    let table = match table {
        Some(Ok(table)) => Some(table),
        Some(Err(error)) => {
            say(Severity::Error, Message::new("io.shp-bad-dbf").with_message("reason", &error.message()));
            None
        }
        None => {
            say(Severity::Warning, Message::new("io.shp-no-dbf"));
            None
        }
    };
    let record_count = table.as_ref().map(|table| table.record_count);
    let records = records?;
    if shx.is_none() {
        say(Severity::Note, Message::new("io.shp-no-shx"));
    }
    if declared.is_none() {
        say(Severity::Note, Message::new("io.shp-no-prj"));
    }
    issues.extend(records.issues.iter().cloned());
    let shape_count = records.places.len();
    let row_count = shape_count.max(record_count.unwrap_or(0));
    if let Some(rows) = record_count.filter(|rows| *rows != shape_count) {
        let key = if shape_count > rows { "io.shp-more-shapes" } else { "io.shp-more-rows" };
        let message = Message::new(key).with("shapes", shape_count).with("rows", rows);
        issues.push(Issue::new(Severity::Warning, message));
    }
    let is_deleted = |row: u32| table.as_ref().is_some_and(|table| table.is_deleted(row as usize));
    let rows: Vec<u32> = (0..row_count as u32).into_par_iter().filter(|row| !is_deleted(*row)).collect();
    issues.extend(dbase::deleted_issue(row_count - rows.len()));
    issues.extend(table.iter().flat_map(|table| table.issues.iter().cloned()));

    let (arrivals, known) = (reading.arrivals, source.known(&["shx", "dbf", "cpg", "prj"]));
    let halted = arrivals.and_then(Arrivals::take_left::<Halted>);
    let halted = halted.filter(|halted| known.as_ref() == Some(&halted.known) && halted.encoding == reading.encoding);
    let mut before = halted.map_or_else(Vec::new, |halted| halted.read);
    let at_once = even_block(rows.len());
    before.resize_with(rows.len().div_ceil(at_once), || None);
    // What was shown of its start comes once more.
    arrivals.inspect(|arrivals| arrivals.begin_again());
    arrivals.inspect(|arrivals| arrivals.say_can_stop(true));
    let read: Result<Vec<Option<Part>>, ReadError> = rows
        .par_chunks(at_once)
        .zip(before)
        .map(|(rows, before)| {
            progress.tick(0).map_err(|_| ReadError::Cancelled)?;
            if let Some(before) = before {
                show(&before.0, reading, declared.as_ref());
                return Ok(Some(before));
            }
            if arrivals.is_some_and(Arrivals::is_stopped) {
                return Ok(None);
            }
            let (blocks, findings) = block(&shp, &records, table.as_ref(), rows, reading)?;
            show(&blocks, reading, declared.as_ref());
            Ok(Some((blocks, findings)))
        })
        .collect();
    arrivals.inspect(|arrivals| arrivals.say_can_stop(false));
    let read = read?;
    // Whatever was read by then is kept: each feature knows its row.
    let is_stopped = read.iter().any(Option::is_none);
    if let (true, Some(known), Some(arrivals)) = (is_stopped, known, arrivals) {
        let coord_count: usize =
            read.iter().flatten().flat_map(|(blocks, _)| blocks).map(|block| block.geometry.coords().len()).sum();
        if coord_count <= MOST_HELD_COORDS {
            // The layer takes what was read; who goes on needs it once more.
            arrivals.leave(Halted { known, encoding: reading.encoding, read: read.clone() });
        }
    }
    let (mut blocks, mut findings, mut order) = (Vec::new(), Findings::default(), vec![]);
    // A file whose shapes are all missing still is of its kind.
    order.extend(records.kind);
    for (more, found) in read.into_iter().flatten() {
        for block in more {
            let kind = block.geometry.kind();
            if !order.contains(&kind) && kind != GeometryKind::None {
                order.push(kind);
            }
            blocks.push(block);
        }
        findings.append(found, 0, 0);
    }
    // The kind of the header leads only where something is of it.
    if let Some(first) = blocks.first().map(|block| block.geometry.kind())
        && blocks.iter().all(|block| Some(block.geometry.kind()) != records.kind)
    {
        order.retain(|kind| Some(*kind) != records.kind);
        order.retain(|kind| *kind != first);
        order.insert(0, first);
    }
    let kept: u64 = blocks.iter().map(|block| block.rows.len() as u64).sum();
    let row_count = if is_stopped { kept } else { rows.len() as u64 };
    let error = is_stopped.then(|| ReadError::Stopped {
        feature_count: kept,
        percent: (100 * kept).checked_div(rows.len() as u64).unwrap_or_default(),
    });
    let encoding = table.as_ref().map_or(Encoding::Utf8, |table| table.encoding);
    let_go((shp, table));
    Ok(vec![RawLayer {
        name: None,
        format: "Shapefile".to_owned(),
        encoding,
        blocks,
        order,
        declared,
        issues,
        findings,
        row_count,
        skipped_count: 0,
        error,
    }])
}

/// Shows whoever watches the first shapes, before all files are read: a quarter of a gigabyte and its table take their time.
fn look_ahead(source: &Source, reading: &Reading<'_>) {
    let Some(arrivals) = reading.arrivals else { return };
    // What is wrong with the file is found when it is read.
    let Some((start, prj)) = source.first_bytes(FIRST_BYTES, "prj") else { return };
    let Ok(records) = Records::find(&start, None, None) else { return };
    let rows: Vec<u32> = (0..records.places.len() as u32).collect();
    let home = records.kind.unwrap_or(GeometryKind::None);
    let Ok(shapes) = Shapes::read(&start, &records, &rows, home, reading.progress) else { return };
    let declared = prj.and_then(|prj| declared(&prj));
    for (geometry, _) in shapes.kinds {
        let geometry = geometry.finish();
        arrivals.add(&geometry, &Sample::of(geometry.coords()), || declared.clone());
    }
}

/// Tells whoever watches that blocks have come.
fn show(blocks: &[RawBlock], reading: &Reading<'_>, declared: Option<&Declared>) {
    if let Some(arrivals) = reading.arrivals {
        blocks.iter().for_each(|block| arrivals.add(&block.geometry, &block.sample, || declared.cloned()));
    }
}

/// Geometry of shape records that lie in `content` at `places` (first byte and length, none where there is no shape), by kind
/// with the rows that each has; rows without geometry go to the kind `home`.
///
/// # Errors
/// When the user cancelled.
#[cfg(feature = "mdb")]
pub(super) fn shapes_of(
    content: &[u8],
    places: Vec<(usize, usize)>,
    home: Option<GeometryKind>,
    progress: &crate::task::Progress,
) -> Result<(Vec<(crate::model::GeometryBlock, Vec<u32>)>, Findings), ReadError> {
    let rows: Vec<u32> = (0..places.len() as u32).collect();
    let records = Records { places, kind: home, issues: Vec::new() };
    let home = home.unwrap_or(GeometryKind::None);
    let shapes = Shapes::read(content, &records, &rows, home, progress).map_err(|_| ReadError::Cancelled)?;
    Ok((shapes.kinds.into_iter().map(|(builder, rows)| (builder.finish(), rows)).collect(), shapes.findings))
}

/// What the text of a `.prj` says; `None` for an empty one.
fn declared(prj: &[u8]) -> Option<Declared> {
    let text = text_of(prj);
    let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\0'));
    (!text.is_empty()).then(|| Declared::new(text))
}

/// The features of these rows: a block for each kind of geometry among them.
fn block(
    shp: &[u8],
    records: &Records,
    table: Option<&Table>,
    rows: &[u32],
    reading: &Reading<'_>,
) -> Result<(Vec<RawBlock>, Findings), ReadError> {
    let home = records.kind.unwrap_or(GeometryKind::None);
    let columns = |rows: &[u32]| match table {
        Some(table) => table.attributes(rows),
        None => (AttributeBlock::of_columns(Vec::new(), rows.len()), Findings::default()),
    };
    // Nearly always all features are of one kind, and geometry and columns do not wait for each other.
    let (shapes, (attributes, of_all)) =
        rayon::join(|| Shapes::read(shp, records, rows, home, reading.progress), || columns(rows));
    let shapes = shapes.map_err(|_| ReadError::Cancelled)?;
    let mut findings = shapes.findings;
    let is_one = shapes.kinds.len() == 1;
    findings.append(of_all, 0, 0);
    let names: Vec<String> = table.map_or(Vec::new(), |t| t.fields.iter().map(|field| field.name.clone()).collect());
    let mut whole = Some(attributes);
    let mut blocks = Vec::new();
    for (geometry, rows) in shapes.kinds {
        let geometry = geometry.finish();
        let attributes = match whole.take().filter(|_| is_one) {
            Some(attributes) => attributes,
            // What was odd about the cells was told for all rows.
            None => columns(&rows).0,
        };
        let sample = Sample::of(geometry.coords());
        let names = names.clone();
        blocks.push(RawBlock { geometry, names, attributes, ids: None, rows, lines: Vec::new(), sample });
    }
    Ok((blocks, findings))
}

#[cfg(test)]
mod tests;
