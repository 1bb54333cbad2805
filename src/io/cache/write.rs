//! From layers, areas and maps to cache files. The last section of each is its record; the first of a source its key.

use std::io::{self, Write};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::frame::{Frame, Kind};
use super::head::{AreasRecord, BlockRecord, Grid, GridRecord, Kept, LayerRecord, MapRecord, issue_records};
use super::key::Key;
use crate::crs::Crs;
use crate::model::attributes::{StoredTexts, StoredValues};
use crate::model::{Areas, Column, Coord, FeatureBlock, GeometryBlock, GeometryKind, Issue, Layer};
use crate::task::Progress;

/// Numbers of a grid in one section.
const PIECE_NUMBERS: usize = 1 << 20;

/// The first section of the cache of a source.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyRecord {
    pub(super) key: Key,
    /// Hashes of all bytes of its files.
    pub(super) whole: Vec<u64>,
    /// What caches of what was made of it refer to.
    pub(super) stamp: u64,
}

fn stopped(progress: &Progress) -> io::Result<()> {
    progress.tick(0).map_err(|_| io::Error::other("cancelled"))
}

fn record<T: Serialize>(frame: &mut Frame<'_>, record: &T) -> io::Result<()> {
    frame.text(&serde_json::to_string(record)?)?;
    frame.end_section();
    Ok(())
}

/// Writes a source.
///
/// # Errors
/// When it cannot be written, was edited, or the user cancelled.
pub(super) fn source(kept: &Kept, key: &KeyRecord, out: &mut dyn Write, progress: &Progress) -> io::Result<()> {
    let mut frame = Frame::begin(out, Kind::Layers)?;
    record(&mut frame, key)?;
    let mut layers = Vec::with_capacity(kept.layers.len());
    for layer in &kept.layers {
        let blocks = layer.blocks.iter().map(|of_layer| block(&mut frame, of_layer, progress));
        let blocks = blocks.collect::<io::Result<Vec<_>>>()?;
        layers.push(LayerRecord::of(layer, blocks));
    }
    record(&mut frame, &kept.record(layers))?;
    frame.finish()
}

fn block(frame: &mut Frame<'_>, block: &FeatureBlock, progress: &Progress) -> io::Result<BlockRecord> {
    stopped(progress)?;
    let geometry = geometry(frame, &block.geometry)?;
    let mut columns = Vec::with_capacity(block.attributes.column_count());
    for at in 0..block.attributes.column_count() {
        columns.push(block.attributes.column(at).map(|of_block| column(frame, of_block)).transpose()?);
    }
    let ids = block.ids.as_deref().map(|ids| column(frame, ids)).transpose()?;
    let source_rows = numbers(frame, &block.source_rows)?;
    let lines = numbers(frame, &block.lines)?;
    Ok(BlockRecord { geometry, columns, ids, source_rows, lines })
}

/// Writes a list of numbers as a section, where it has any.
fn numbers(frame: &mut Frame<'_>, values: &[u32]) -> io::Result<Option<u32>> {
    if values.is_empty() {
        return Ok(None);
    }
    frame.list(values, u32::to_le_bytes)?;
    Ok(Some(frame.end_section()))
}

/// The number that a kind of geometry has in files.
pub(super) fn number_of_kind(kind: GeometryKind) -> u64 {
    match kind {
        GeometryKind::None => 0,
        GeometryKind::Point => 1,
        GeometryKind::Line => 2,
        GeometryKind::Polygon => 3,
    }
}

/// Both numbers of a coordinate, as bytes.
fn bytes_of_coord(c: Coord) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&c.x.to_le_bytes());
    bytes[8..].copy_from_slice(&c.y.to_le_bytes());
    bytes
}

fn geometry(frame: &mut Frame<'_>, block: &GeometryBlock) -> io::Result<u32> {
    if !block.is_storable() {
        // It would be refused when it is read, every time.
        return Err(io::Error::other("a ring has no inside"));
    }
    frame.number(number_of_kind(block.kind()))?;
    frame.list(block.coords(), bytes_of_coord)?;
    for offsets in [block.ring_offsets(), block.part_offsets(), block.feature_offsets()] {
        frame.list(offsets, u32::to_le_bytes)?;
    }
    frame.list(block.z(), f64::to_le_bytes)?;
    frame.list(block.m(), f64::to_le_bytes)?;
    frame.list(block.nulls(), u32::to_le_bytes)?;
    Ok(frame.end_section())
}

/// The numbers that types of columns have in files.
pub(super) mod types {
    pub(in crate::io::cache) const NULL: u64 = 0;
    pub(in crate::io::cache) const BOOL: u64 = 1;
    pub(in crate::io::cache) const INT: u64 = 2;
    pub(in crate::io::cache) const FLOAT: u64 = 3;
    pub(in crate::io::cache) const TEXT: u64 = 4;
    pub(in crate::io::cache) const JSON: u64 = 5;
}

fn column(frame: &mut Frame<'_>, column: &Column) -> io::Result<u32> {
    let stored = column.stored().ok_or_else(|| io::Error::other("a column was edited"))?;
    frame.number(stored.row_count as u64)?;
    frame.number(u64::from(stored.rows.is_some()))?;
    if let Some(rows) = &stored.rows {
        frame.list(rows, u32::to_le_bytes)?;
    }
    match &stored.values {
        StoredValues::Null => frame.number(types::NULL)?,
        StoredValues::Bool(values) => {
            frame.number(types::BOOL)?;
            frame.list(values, |value| [u8::from(value)])?;
        }
        StoredValues::Int(values) => {
            frame.number(types::INT)?;
            frame.list(values, i64::to_le_bytes)?;
        }
        StoredValues::Float(values) => {
            frame.number(types::FLOAT)?;
            frame.list(values, f64::to_le_bytes)?;
        }
        StoredValues::Text(of_column) => {
            frame.number(types::TEXT)?;
            texts(frame, of_column)?;
        }
        StoredValues::Json(of_column) => {
            frame.number(types::JSON)?;
            texts(frame, of_column)?;
        }
    }
    Ok(frame.end_section())
}

fn texts(frame: &mut Frame<'_>, texts: &StoredTexts<'_>) -> io::Result<()> {
    frame.text(&texts.joined)?;
    frame.list(&texts.offsets, u32::to_le_bytes)?;
    frame.list(&texts.codes, u32::to_le_bytes)
}

/// Writes the areas of a layer of the source of that stamp.
///
/// # Errors
/// When they cannot be written.
pub(super) fn areas(areas: &Areas, stamp: u64, out: &mut dyn Write) -> io::Result<()> {
    let mut frame = Frame::begin(out, Kind::Areas)?;
    for values in [&areas.exact, &areas.printed] {
        frame.list(values, f64::to_le_bytes)?;
        frame.end_section();
    }
    record(&mut frame, &AreasRecord::of(areas, stamp))?;
    frame.finish()
}

/// Writes a layer of the source of that stamp as it is made ready for a map.
///
/// # Errors
/// When it cannot be written, or the user cancelled.
pub(super) fn map(
    layer: &Layer,
    crs: &Crs,
    ready: (&[Arc<GeometryBlock>], &[Issue], Option<&Grid<'_>>),
    stamp: u64,
    out: &mut dyn Write,
    progress: &Progress,
) -> io::Result<()> {
    let (blocks, issues, grid) = ready;
    let mut frame = Frame::begin(out, Kind::Map)?;
    let mut sections = Vec::with_capacity(blocks.len());
    for (block, of_layer) in blocks.iter().zip(&layer.blocks) {
        stopped(progress)?;
        let is_shared = Arc::ptr_eq(block, &of_layer.geometry);
        sections.push(if is_shared { None } else { Some(geometry(&mut frame, block)?) });
    }
    let mut of_grid = None;
    if let Some(grid) = grid {
        let mut pieces = Vec::new();
        for piece in grid.numbers.chunks(PIECE_NUMBERS) {
            stopped(progress)?;
            frame.list(piece, u32::to_le_bytes)?;
            pieces.push(frame.end_section());
        }
        of_grid = Some(GridRecord {
            corner: [grid.corner.x.to_bits(), grid.corner.y.to_bits()],
            units_per_px: grid.units_per_px.to_bits(),
            size_px: grid.size_px,
            sections: pieces,
        });
    }
    let issues = issue_records(issues);
    record(&mut frame, &MapRecord { stamp, crs: crs.code().to_owned(), blocks: sections, issues, grid: of_grid })?;
    frame.finish()
}
