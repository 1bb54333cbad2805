//! From cache files to layers, areas and maps, on all cores. Nothing of a file is believed before it was checked: what does
//! not fit gives `None`, and the source itself is read.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;
use serde::Deserialize;

use super::frame::{Kind, Section, Sections};
use super::head::{AreasRecord, BlockRecord, Grid, LayerRecord, MapRecord, SourceRecord, issues};
use super::write::{KeyRecord, number_of_kind, types};
use crate::crs::Crs;
use crate::io::{OpenOptions, Opened};
use crate::model::attributes::{StoredColumn, StoredTexts, StoredValues};
use crate::model::geometry::GeometryColumns;
use crate::model::{
    AreaMethod, Areas, AttributeBlock, BLOCK_FEATURES, Column, Coord, FeatureBlock, GeometryBlock, GeometryKind, Issue,
    Layer,
};
use crate::task::Progress;

fn record<T: for<'r> Deserialize<'r>>(sections: &Sections, section: u32, progress: &Progress) -> Option<T> {
    let text = sections.read(section, progress, |open| open.text())?;
    serde_json::from_str(&text).ok() // not what this program writes
}

/// The cache of a source, whose key was read.
pub(super) struct Source {
    sections: Sections,
    pub(super) key: KeyRecord,
}

impl Source {
    /// Opens the cache of a source.
    pub(super) fn open(file: &Path, progress: &Progress) -> Option<Self> {
        let sections = Sections::open(file, Kind::Layers)?;
        let key = record(&sections, 0, progress)?;
        Some(Self { sections, key })
    }

    /// What was opened from `path` by `options`.
    pub(super) fn opened(&self, path: &Path, options: &OpenOptions, progress: &Progress) -> Option<Opened> {
        progress.add_total(self.sections.byte_count());
        let mut source: SourceRecord = record(&self.sections, self.sections.last()?, progress)?;
        if !source.names_each_once() {
            return None;
        }
        let records = std::mem::take(&mut source.layers);
        let layers = records.into_iter().map(|record| self.layer(record, path, options, progress));
        let layers = layers.collect::<Option<Vec<_>>>()?;
        source.opened(layers)
    }

    fn layer(&self, record: LayerRecord, path: &Path, options: &OpenOptions, progress: &Progress) -> Option<Layer> {
        let (kind, field_count) = (record.kind()?, record.field_count());
        let blocks = record
            .blocks
            .par_iter()
            .map(|block| self.block(block, kind, field_count, progress))
            .collect::<Option<Vec<_>>>()?;
        record.layer(blocks, path, options)
    }

    fn block(
        &self,
        record: &BlockRecord,
        kind: GeometryKind,
        field_count: usize,
        progress: &Progress,
    ) -> Option<FeatureBlock> {
        let sections = &self.sections;
        let read_column = |section: u32| sections.read(section, progress, column).map(Arc::new);
        let (geometry, columns) = rayon::join(
            || sections.read(record.geometry, progress, geometry),
            || {
                let columns = record.columns.par_iter().map(|section| match section {
                    Some(section) => read_column(*section).map(Some),
                    None => Some(None),
                });
                columns.collect::<Option<Vec<_>>>()
            },
        );
        let (geometry, columns) = (geometry?, columns?);
        let row_count = geometry.feature_count();
        let is_sound = geometry.kind() == kind && row_count <= BLOCK_FEATURES && columns.len() <= field_count;
        let attributes = AttributeBlock::of_shared(columns, row_count).filter(|_| is_sound)?;
        let ids = match record.ids {
            Some(section) => Some(read_column(section).filter(|ids| ids.row_count() == row_count)?),
            None => None,
        };
        let numbers = |section: Option<u32>| -> Option<Arc<[u32]>> {
            let Some(section) = section else { return Some(Arc::default()) };
            let numbers = sections.read(section, progress, |open| open.list(u32::from_le_bytes))?;
            (numbers.len() == row_count).then(|| numbers.into())
        };
        let (source_rows, lines) = (numbers(record.source_rows)?, numbers(record.lines)?);
        let (geometry, attributes) = (Arc::new(geometry), Arc::new(attributes));
        Some(FeatureBlock { geometry, attributes, ids, source_rows, lines })
    }
}

/// The coordinate of sixteen bytes.
fn coord_of_bytes(bytes: [u8; 16]) -> Coord {
    let bits = u128::from_le_bytes(bytes);
    Coord { x: f64::from_bits(bits as u64), y: f64::from_bits((bits >> 64) as u64) }
}

fn geometry(open: &mut Section<'_>) -> Option<GeometryBlock> {
    let number = open.number()?;
    let kinds = [GeometryKind::None, GeometryKind::Point, GeometryKind::Line, GeometryKind::Polygon];
    let kind = kinds.into_iter().find(|kind| number_of_kind(*kind) == number)?;
    let coords = open.list(coord_of_bytes)?;
    let ring_offsets = open.list(u32::from_le_bytes)?;
    let part_offsets = open.list(u32::from_le_bytes)?;
    let feature_offsets = open.list(u32::from_le_bytes)?;
    let z = open.list(f64::from_le_bytes)?;
    let m = open.list(f64::from_le_bytes)?;
    let nulls = open.list(u32::from_le_bytes)?;
    let columns = GeometryColumns { kind, coords, ring_offsets, part_offsets, feature_offsets, z, m, nulls };
    GeometryBlock::of_columns(columns)
}

fn column(open: &mut Section<'_>) -> Option<Column> {
    let row_count = usize::try_from(open.number()?).ok()?; // no block has as many
    let rows = match open.number()? {
        0 => None,
        _ => Some(Cow::Owned(open.list(u32::from_le_bytes)?)),
    };
    let values = match open.number()? {
        types::NULL => StoredValues::Null,
        types::BOOL => StoredValues::Bool(Cow::Owned(open.list(|[byte]: [u8; 1]| byte != 0)?)),
        types::INT => StoredValues::Int(Cow::Owned(open.list(i64::from_le_bytes)?)),
        types::FLOAT => StoredValues::Float(Cow::Owned(open.list(f64::from_le_bytes)?)),
        types::TEXT => StoredValues::Text(texts(open)?),
        types::JSON => StoredValues::Json(texts(open)?),
        _ => return None,
    };
    Column::of_stored(StoredColumn { rows, values, row_count })
}

fn texts(open: &mut Section<'_>) -> Option<StoredTexts<'static>> {
    Some(StoredTexts {
        joined: Cow::Owned(open.text()?),
        offsets: Cow::Owned(open.list(u32::from_le_bytes)?),
        codes: Cow::Owned(open.list(u32::from_le_bytes)?),
    })
}

/// The areas of a layer of so many features by `method`, of the source of that stamp.
pub(super) fn areas(
    file: &Path,
    stamp: u64,
    feature_count: usize,
    method: AreaMethod,
    progress: &Progress,
) -> Option<Areas> {
    let sections = Sections::open(file, Kind::Areas)?;
    let head: AreasRecord = record(&sections, sections.last()?, progress)?;
    if head.stamp != stamp {
        return None;
    }
    let values = |section: u32| {
        let values = sections.read(section, progress, |open| open.list(f64::from_le_bytes))?;
        (values.len() == feature_count).then_some(values)
    };
    let (exact, printed) = rayon::join(|| values(0), || values(1));
    head.areas(exact?, printed?).filter(|areas| areas.method == method)
}

/// The file of a layer made ready for a map, whose parts are read one by one: the grid alone is soon there.
pub(super) struct Map {
    sections: Sections,
    head: MapRecord,
}

impl Map {
    /// Opens that of a layer of the source of that stamp, for a map in `crs`.
    pub(super) fn open(file: &Path, stamp: u64, layer: &Layer, crs: &Crs, progress: &Progress) -> Option<Self> {
        let sections = Sections::open(file, Kind::Map)?;
        let head: MapRecord = record(&sections, sections.last()?, progress)?;
        let is_of_layer = head.stamp == stamp && head.crs == crs.code() && head.blocks.len() == layer.blocks.len();
        (is_of_layer && head.names_each_once()).then_some(Self { sections, head })
    }

    /// Its geometry, and what could not be converted.
    pub(super) fn geometry(self, layer: &Layer, progress: &Progress) -> Option<(Vec<Arc<GeometryBlock>>, Vec<Issue>)> {
        let Self { sections, head } = self;
        let blocks = head.blocks.par_iter().zip(&layer.blocks).map(|(section, of_layer)| {
            let Some(section) = section else { return Some(of_layer.geometry.clone()) };
            let block = sections.read(*section, progress, geometry)?;
            let own = &of_layer.geometry;
            let is_same = block.kind() == own.kind() && block.feature_count() == own.feature_count();
            is_same.then(|| Arc::new(block))
        });
        Some((blocks.collect::<Option<Vec<_>>>()?, issues(head.issues)?))
    }

    /// Its grid, where it has one.
    pub(super) fn grid(&self, layer: &Layer, progress: &Progress) -> Option<Grid<'static>> {
        let grid = self.head.grid.as_ref()?;
        let most = layer.feature_count() as u64;
        let numbers = grid_numbers(&self.sections, &grid.sections, most, progress)?;
        let [x, y] = grid.corner.map(f64::from_bits);
        let (corner, units_per_px) = (Coord { x, y }, f64::from_bits(grid.units_per_px));
        Some(Grid { corner, units_per_px, size_px: grid.size_px, numbers: Cow::Owned(numbers) })
    }
}

/// The numbers of a grid from the sections that they lie in, none above `most`.
fn grid_numbers(sections: &Sections, listed: &[u32], most: u64, progress: &Progress) -> Option<Vec<u32>> {
    // Behind its count each number takes four bytes.
    let counts = listed.iter().map(|section| usize::try_from(sections.length(*section)?.checked_sub(8)? / 4).ok());
    let counts = counts.collect::<Option<Vec<usize>>>()?;
    let mut numbers: Vec<u32> = vec![0; counts.iter().sum()];
    let (mut left, mut pieces) = (&mut numbers[..], Vec::with_capacity(counts.len()));
    for count in counts {
        let (piece, others) = std::mem::take(&mut left).split_at_mut(count);
        pieces.push(piece);
        left = others;
    }
    let are_sound = listed.par_iter().zip(pieces).all(|(section, piece)| {
        let read = sections.read(*section, progress, |open| open.list_into(&mut *piece, u32::from_le_bytes));
        read.is_some() && piece.iter().all(|number| u64::from(*number) <= most)
    });
    are_sound.then_some(numbers)
}
