//! A layer to GeoParquet 1.1: well-known binary, the CRS as PROJJSON, columns of the types of the fields, packed by
//! Zstandard in groups of as many rows as a block has.

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;
use rayon::prelude::*;
use serde_json::json;

use super::super::options::{Chosen, WriteOptions};
use super::super::wkb::{self, Shape, has_heights, has_measures, part_count};
use crate::model::{BLOCK_FEATURES, Extent, FieldType, GeometryKind, Layer, Value};
use crate::text::Message;

/// Writes a layer, or the `rows` of it.
///
/// # Errors
/// Those of writing, and of the library.
pub(in crate::io) fn write(
    layer: &Layer,
    rows: Option<&[usize]>,
    _: WriteOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let features: Vec<usize> = Chosen { layer, rows }.features().collect();
    let bytes = encoded(layer, &features).map_err(io::Error::other)?;
    out.write_all(&bytes)?;
    out.flush()
}

/// What of a layer such a file cannot hold.
pub(in crate::io) fn losses(layer: &Layer, _: Option<&[usize]>, _: WriteOptions) -> Vec<Message> {
    let mut messages = Vec::new();
    if layer.blocks.iter().any(|block| block.ids.is_some()) {
        messages.push(Message::new("io.loses-ids"));
    }
    if layer.kind != GeometryKind::None && layer.crs.projjson().is_none() {
        let crs = layer.crs.clone();
        messages.push(Message::new("io.loses-crs").with_said("crs", move |language| crs.reference_in(language)));
    }
    messages
}

/// The names of the fields, no two of which are alike, and of the geometry.
fn names(layer: &Layer) -> (Vec<String>, String) {
    let mut names: Vec<String> = Vec::with_capacity(layer.fields.len());
    for field in layer.fields.iter() {
        let mut name = field.name.clone();
        let mut number = 1;
        while names.contains(&name) {
            number += 1;
            name = format!("{}_{number}", field.name);
        }
        names.push(name);
    }
    let mut geometry = "geometry".to_owned();
    while names.contains(&geometry) {
        geometry.insert(0, '_');
    }
    (names, geometry)
}

fn encoded(layer: &Layer, features: &[usize]) -> Result<Vec<u8>, ParquetError> {
    let (names, geometry_name) = names(layer);
    let is_spatial = layer.kind != GeometryKind::None;
    let mut fields = Vec::with_capacity(names.len() + 1);
    for (name, field) in names.iter().zip(layer.fields.iter()) {
        let (physical, logical) = match field.kind {
            FieldType::Bool => (Physical::BOOLEAN, None),
            FieldType::Int => (Physical::INT64, None),
            FieldType::Float => (Physical::DOUBLE, None),
            FieldType::Json => (Physical::BYTE_ARRAY, Some(LogicalType::Json)),
            FieldType::Text | FieldType::Null => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        };
        let column = Type::primitive_type_builder(name, physical).with_repetition(Repetition::OPTIONAL);
        fields.push(Arc::new(column.with_logical_type(logical).build()?));
    }
    if is_spatial {
        let column = Type::primitive_type_builder(&geometry_name, Physical::BYTE_ARRAY);
        fields.push(Arc::new(column.with_repetition(Repetition::OPTIONAL).build()?));
    }
    let schema = Arc::new(Type::group_type_builder("schema").with_fields(fields).build()?);
    let mut properties = WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?));
    if is_spatial {
        let note = KeyValue::new("geo".to_owned(), notes(layer, features, &geometry_name));
        properties = properties.set_key_value_metadata(Some(vec![note]));
    }
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties.build()))?;
    for rows in features.chunks(BLOCK_FEATURES) {
        let mut group = writer.next_row_group()?;
        for (at, field) in layer.fields.iter().enumerate() {
            column(&mut group, layer, rows, at, field.kind)?;
        }
        if is_spatial {
            geometry(&mut group, layer, rows)?;
        }
        group.close()?;
    }
    writer.into_inner()
}

/// What the file says of its geometry.
fn notes(layer: &Layer, features: &[usize], name: &str) -> String {
    let mut extent = Extent::EMPTY;
    let (mut single, mut multi) = ([false; 2], [false; 2]);
    let mut has_m = false;
    for feature in features {
        let (block, row) = layer.locate(*feature);
        extent.union(&block.geometry.feature_extent(row));
        if !block.geometry.is_null(row) {
            let z = usize::from(has_heights(&block.geometry, row));
            let of = if part_count(&block.geometry, row) > 1 { &mut multi } else { &mut single };
            of[z] = true;
            has_m |= has_measures(&block.geometry, row);
        }
    }
    let word = match layer.kind {
        GeometryKind::Point => "Point",
        GeometryKind::Line => "LineString",
        GeometryKind::Polygon | GeometryKind::None => "Polygon",
    };
    let kinds = [(single, ""), (multi, "Multi")].into_iter().flat_map(|(has, before)| {
        let named = [(has[0], ""), (has[1], " Z")].into_iter().filter(|(is_so, _)| *is_so);
        named.map(move |(_, z)| format!("{before}{word}{z}")).collect::<Vec<_>>()
    });
    // The format has no words for measures: then it is left open what there is.
    let kinds: Vec<String> = kinds.filter(|_| !has_m).collect();
    let mut column = json!({ "encoding": "WKB", "geometry_types": kinds });
    if !extent.is_empty() {
        column["bbox"] = json!([extent.min.x, extent.min.y, extent.max.x, extent.max.y]);
    }
    // Without a word, the format means longitude and latitude on WGS 84.
    if layer.crs.code() != "OGC:CRS84" {
        let definition = layer.crs.projjson().and_then(|text| serde_json::from_str(&text).ok());
        column["crs"] = definition.unwrap_or(serde_json::Value::Null);
    }
    json!({ "version": "1.1.0", "primary_column": name, "columns": { name: column } }).to_string()
}

/// Writes a field of some features.
fn column(
    group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    layer: &Layer,
    rows: &[usize],
    field: usize,
    kind: FieldType,
) -> Result<(), ParquetError> {
    let Some(mut writer) = group.next_column()? else { return Ok(()) };
    let values = || rows.iter().map(|feature| layer.value(*feature, field));
    let levels: Vec<i16> = values().map(|value| i16::from(!value.is_null())).collect();
    let levels = Some(levels.as_slice());
    let there = || values().filter(|value| !value.is_null());
    match kind {
        FieldType::Bool => {
            let values: Vec<bool> = there().map(|value| value == Value::Bool(true)).collect();
            writer.typed::<BoolType>().write_batch(&values, levels, None)?;
        }
        FieldType::Int => {
            let whole = |value: Value<'_>| if let Value::Int(number) = value { number } else { 0 };
            let values: Vec<i64> = there().map(whole).collect();
            writer.typed::<Int64Type>().write_batch(&values, levels, None)?;
        }
        FieldType::Float => {
            let values: Vec<f64> = there().map(|value| value.as_f64().unwrap_or(0.0)).collect();
            writer.typed::<DoubleType>().write_batch(&values, levels, None)?;
        }
        FieldType::Text | FieldType::Json | FieldType::Null => {
            let bytes = |value: Value<'_>| match value {
                Value::Text(text) | Value::Json(text) => ByteArray::from(text.as_bytes().to_vec()),
                // A field of mixed kinds is one of text.
                other => ByteArray::from(other.to_string().into_bytes()),
            };
            let values: Vec<ByteArray> = there().map(bytes).collect();
            writer.typed::<ByteArrayType>().write_batch(&values, levels, None)?;
        }
    }
    writer.close()
}

/// Writes the geometry of some features.
fn geometry(
    group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    layer: &Layer,
    rows: &[usize],
) -> Result<(), ParquetError> {
    let Some(mut writer) = group.next_column()? else { return Ok(()) };
    let blobs: Vec<Option<ByteArray>> = rows
        .par_iter()
        .map(|feature| {
            let (block, row) = layer.locate(*feature);
            if block.geometry.is_null(row) {
                return None;
            }
            let shape = Shape { kind: layer.kind, is_multi: part_count(&block.geometry, row) > 1 };
            let mut bytes = Vec::new();
            wkb::append(&mut bytes, &block.geometry, row, shape);
            Some(ByteArray::from(bytes))
        })
        .collect();
    let levels: Vec<i16> = blobs.iter().map(|blob| i16::from(blob.is_some())).collect();
    let values: Vec<ByteArray> = blobs.into_iter().flatten().collect();
    writer.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None)?;
    writer.close()
}
