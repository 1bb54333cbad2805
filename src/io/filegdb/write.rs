//! Layers as a file geodatabase: a feature class each, or a table where there is no geometry.
//!
//! What is written is what release 10 of the format has, which every ArcGIS of today opens: the list of tables, the tables
//! of items and their types, and the classes with their aliases, coded domains and spatial indexes. Nothing of it depends
//! on the clock or on chance: the same layers give the same bytes.
//!
//! Coordinates are whole numbers on a grid. Its step is the power of ten that gives back every coordinate bit for bit,
//! where one does; otherwise the finest that the format has, and [`losses`] says so.
//!
//! | what | module |
//! |---|---|
//! | a table as bytes | `table` |
//! | the tables of the geodatabase itself | `system`, `definition` |
//! | a layer as a class | `class` |
//! | the step of the grid | `grid` |
//! | geometry | `shapes` |
//! | values of a layer as fields and cells | `fields` |
//! | what codes mean | `domains` |
//! | the spatial index | `spatial` |

mod class;
mod definition;
mod domains;
mod fields;
mod grid;
mod shapes;
mod spatial;
mod system;
mod table;

use rayon::prelude::*;

use crate::io::options::{Chosen, WriteOptions};
use crate::model::{GeometryKind, Layer};
use crate::text::Message;
use class::Class;
use domains::Domains;
use fields::Columns;
use grid::WriteGrid;
use table::TableWriter;

/// Rows that are encoded at once, and such pieces that wait for their place in the table.
const CHUNK: usize = 16_384;
const CHUNKS_AHEAD: usize = 16;

/// The files of a geodatabase that holds layers, or rows of them.
///
/// # Errors
/// When a layer has more rows than the format has ids for.
pub(in crate::io) fn write(layers: &[Chosen<'_>], options: WriteOptions) -> Result<Vec<(String, Vec<u8>)>, Message> {
    if layers.iter().any(|chosen| chosen.count() > i32::MAX as usize) {
        return Err(Message::new("io.gdb-too-many"));
    }
    let mut domains = Domains::default();
    let mut classes: Vec<Class<'_>> = Vec::with_capacity(layers.len());
    for chosen in layers {
        let class = Class::of(chosen, &classes, &mut domains, options);
        classes.push(class);
    }
    let mut files = system::files(&classes, &domains.list);
    for (at, class) in classes.iter_mut().enumerate() {
        let named = |ending: &str| format!("a{:08x}.{ending}", system::FIRST_CLASS + at);
        let (bytes, index) = table(class);
        files.push((named("gdbtable"), bytes));
        files.push((named("gdbtablx"), index));
        files.push((named("gdbindexes"), system::indexes(class)));
        files.extend(class.index.take().map(|bytes| (named("spx"), bytes)));
    }
    Ok(files)
}

/// The table of a class and the list of where its rows lie.
fn table(class: &Class<'_>) -> (Vec<u8>, Vec<u8>) {
    let mut table = TableWriter::new(&class.fields, class.code).with_ids(class.ids.clone());
    let null_bytes = table.null_bytes();
    for rows in class.rows.chunks(CHUNK * CHUNKS_AHEAD) {
        let encoded: Vec<(Vec<u8>, Vec<u32>)> =
            rows.par_chunks(CHUNK).map(|rows| encoded(class, null_bytes, rows)).collect();
        for (bytes, lengths) in encoded {
            table.rows(&bytes, &lengths);
        }
    }
    table.finish()
}

/// What a geodatabase cannot hold of a layer.
pub(in crate::io) fn losses(layer: &Layer, rows: Option<&[usize]>, options: WriteOptions) -> Vec<Message> {
    let all: Vec<usize> = Chosen { layer, rows }.features().collect();
    let mut messages = Vec::new();
    let name = fields::class_name(&layer.name, |_| false);
    if name != layer.name {
        messages.push(Message::new("io.gdb-class-renamed").with("name", &layer.name).with("new", name));
    }
    messages.extend(Columns::of(layer, &all, options).losses());
    if layer.blocks.iter().any(|block| block.ids.is_some()) && class::ids(layer, &all).is_none() {
        messages.push(Message::new("io.loses-ids"));
    }
    if layer.kind != GeometryKind::None {
        let grid = WriteGrid::of(layer, &all);
        let lacks_z = layer.blocks.iter().any(|block| {
            let (coords, z) = (block.geometry.coords(), block.geometry.z());
            z.is_empty() && !coords.is_empty() || z.iter().any(|z| !z.is_finite())
        });
        if grid.has_z && lacks_z {
            messages.push(Message::new("io.gdb-heights"));
        }
        if grid.has_m && lacks_some_measures(layer, &all) {
            messages.push(Message::new("io.gdb-some-measures"));
        }
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

/// Whether a shape of these features has measures at some of its points only; where none has one, the format says so.
fn lacks_some_measures(layer: &Layer, rows: &[usize]) -> bool {
    rows.iter().any(|feature| {
        let (block, row) = layer.locate(*feature);
        let m = block.geometry.m().get(block.geometry.coord_range(row)).unwrap_or(&[]);
        m.iter().any(|m| m.is_nan()) && m.iter().any(|m| !m.is_nan()) && layer.kind != GeometryKind::Point
    })
}

/// Rows as bytes, one after the other, and the length of each.
fn encoded(class: &Class<'_>, null_bytes: usize, rows: &[usize]) -> (Vec<u8>, Vec<u32>) {
    let layer = class.layer;
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
        if class.is_spatial() {
            let is_null = block.geometry.is_null(row);
            has_value(&mut bytes, !is_null);
            if !is_null {
                shapes::shape(&block.geometry, row, class.code.kind == 2, &class.grid, &mut bytes);
            }
        }
        for (field, column) in class.columns.fields.iter().enumerate() {
            let value = block.attributes.value(row, field);
            has_value(&mut bytes, !value.is_null());
            fields::cell(column.stored, value, &mut bytes);
        }
        lengths.push((bytes.len() - start) as u32);
    }
    (bytes, lengths)
}
