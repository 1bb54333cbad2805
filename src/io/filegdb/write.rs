//! A layer as a file geodatabase of one feature class, or of one table.
//!
//! What is written is what release 10 of the format has: the list of tables, the tables of items and their types, and the
//! class itself. It has no spatial index; programs make one where they want it.
//!
//! Coordinates are whole numbers on a grid. Its step is the power of ten that gives back every coordinate bit for bit,
//! where one does; otherwise the finest that the format has, and [`losses`] says so.
//!
//! | what | module |
//! |---|---|
//! | a table as bytes | `table` |
//! | the tables of the geodatabase itself | `system` |
//! | the step of the grid | `grid` |
//! | geometry | `shapes` |
//! | values of a layer as fields and cells | `fields` |

mod fields;
mod grid;
mod shapes;
mod system;
mod table;

use rayon::prelude::*;

use crate::io::options::WriteOptions;
use crate::model::{Extent, GeometryKind, Layer};
use crate::text::Message;
use fields::Columns;
use grid::WriteGrid;
use table::{FieldKind, TableField, TableWriter};

/// Rows that are encoded at once.
const CHUNK: usize = 16_384;

/// The files of a geodatabase that holds a layer, or `rows` of it.
///
/// # Errors
/// When there are more rows than the format has ids for.
pub(in crate::io) fn write(
    layer: &Layer,
    rows: Option<&[usize]>,
    _: WriteOptions,
) -> Result<Vec<(String, Vec<u8>)>, Message> {
    let all: Vec<usize> = rows.map_or_else(|| (0..layer.feature_count()).collect(), <[usize]>::to_vec);
    if all.len() > i32::MAX as usize {
        return Err(Message::new("io.gdb-too-many"));
    }
    let columns = Columns::of(layer, &all);
    let grid = WriteGrid::of(layer, &all);
    let name = fields::class_name(&layer.name);
    let mut list = Vec::new();
    if layer.kind != GeometryKind::None {
        let kind = FieldKind::Geometry { wkt: grid.wkt.clone(), grid: grid.clone(), extent: extent(layer, &all) };
        list.push(TableField::new("SHAPE", kind, true));
    }
    list.push(TableField::new("OBJECTID", FieldKind::ObjectId, false));
    list.extend(columns.fields.iter().map(|column| {
        let field = TableField::new(&column.name, column.stored.kind(), true);
        TableField { alias: column.alias.clone(), ..field }
    }));
    let code = shapes::table_code(layer, &grid);
    let mut table = TableWriter::new(&list, code);
    let null_bytes = table.null_bytes();
    let encoded: Vec<(Vec<u8>, Vec<u32>)> =
        all.par_chunks(CHUNK).map(|rows| encoded(layer, &columns, &grid, code.kind == 2, null_bytes, rows)).collect();
    for (bytes, lengths) in encoded {
        table.rows(&bytes, &lengths);
    }
    let mut files = system::files(layer, &name, &list, &grid);
    let (bytes, index) = table.finish();
    files.push(("a00000009.gdbtable".to_owned(), bytes));
    files.push(("a00000009.gdbtablx".to_owned(), index));
    files.push(("a00000009.gdbindexes".to_owned(), system::object_id_index()));
    Ok(files)
}

/// What a geodatabase cannot hold of a layer.
pub(in crate::io) fn losses(layer: &Layer, rows: Option<&[usize]>, _: WriteOptions) -> Vec<Message> {
    let all: Vec<usize> = rows.map_or_else(|| (0..layer.feature_count()).collect(), <[usize]>::to_vec);
    let columns = Columns::of(layer, &all);
    let mut messages = columns.losses();
    if layer.blocks.iter().any(|block| block.ids.is_some()) {
        messages.push(Message::new("io.loses-ids"));
    }
    if layer.kind != GeometryKind::None {
        let grid = WriteGrid::of(layer, &all);
        if !grid.is_exact {
            messages.push(Message::new("io.gdb-rounded").with("step", grid.step()));
        }
        if layer.crs.esri_wkt().is_none() {
            let crs = layer.crs.clone();
            messages
                .push(Message::new("io.gdb-loses-crs").with_said("crs", move |language| crs.reference_in(language)));
        }
    }
    messages
}

/// The extent of these features.
fn extent(layer: &Layer, rows: &[usize]) -> Extent {
    let mut extent = Extent::EMPTY;
    for feature in rows {
        let (block, row) = layer.locate(*feature);
        extent.union(&block.geometry.feature_extent(row));
    }
    extent
}

/// Rows as bytes, one after the other, and the length of each.
fn encoded(
    layer: &Layer,
    columns: &Columns,
    grid: &WriteGrid,
    is_multi: bool,
    null_bytes: usize,
    rows: &[usize],
) -> (Vec<u8>, Vec<u32>) {
    let (mut bytes, mut lengths) = (Vec::new(), Vec::with_capacity(rows.len()));
    for feature in rows {
        let (block, row) = layer.locate(*feature);
        let start = bytes.len();
        bytes.resize(start + null_bytes, 0xFF);
        let mut bit = 0;
        let mut has_value = |bytes: &mut Vec<u8>, has: bool| {
            if has {
                bytes[start + bit / 8] &= !(1 << (bit % 8));
            }
            bit += 1;
        };
        if layer.kind != GeometryKind::None {
            let is_null = block.geometry.is_null(row);
            has_value(&mut bytes, !is_null);
            if !is_null {
                shapes::shape(&block.geometry, row, is_multi, grid, &mut bytes);
            }
        }
        for (field, column) in columns.fields.iter().enumerate() {
            let value = block.attributes.value(row, field);
            has_value(&mut bytes, !value.is_null());
            fields::cell(column.stored, value, &mut bytes);
        }
        lengths.push((bytes.len() - start) as u32);
    }
    (bytes, lengths)
}
