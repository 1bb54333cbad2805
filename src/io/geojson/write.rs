//! Layers to GeoJSON.
//!
//! Written is what was read: ids and attributes with their types and names, heights, features in their order. Numbers
//! are the shortest that name the same double. A `crs` member says which CRS the coordinates are in, unless it is WGS 84
//! longitude and latitude, which RFC 7946 takes for granted. x (easting, longitude) always stands first.

use std::io::{self, Write};

use geojson::{Geometry, GeometryValue, Position};

use super::super::options::WriteOptions;
use crate::model::{Coord, FieldType, GeometryBlock, GeometryKind, Layer, Value};
use crate::text::Message;

/// Layers with more fields than this are written without the nulls: else a table of thousands of rare fields would be
/// written in full for each feature.
const FIELDS_WITH_NULLS: usize = 256;

/// Writes a layer, or rows of it.
pub(in crate::io) fn write(
    layer: &Layer,
    rows: Option<&[usize]>,
    _: WriteOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    write_geojson(layer, rows, out)
}

/// What GeoJSON cannot hold of a layer: nothing, since its CRS stands in a member of its own.
pub(in crate::io) fn losses(_: &Layer, _: Option<&[usize]>, _: WriteOptions) -> Vec<Message> {
    Vec::new()
}

/// Writes the features of a layer, or the `rows` of it in the order given, as a FeatureCollection.
///
/// # Errors
/// When writing fails.
pub fn write_geojson(layer: &Layer, rows: Option<&[usize]>, mut out: impl Write) -> io::Result<()> {
    start(layer, &mut out)?;
    let mut is_first = true;
    let mut write = |row: usize| {
        write_feature(&mut out, is_first, &[(layer, row)])?;
        is_first = false;
        Ok::<(), io::Error>(())
    };
    match rows {
        Some(rows) => rows.iter().try_for_each(|row| write(*row))?,
        None => (0..layer.feature_count()).try_for_each(&mut write)?,
    }
    end(&mut out)
}

/// Writes the sub-layers of one source back together, in the order of its features. What several layers hold of one
/// feature becomes a GeometryCollection again.
///
/// # Errors
/// When writing fails.
///
/// # Panics
/// When the layers are not in one CRS.
pub fn write_together(layers: &[&Layer], mut out: impl Write) -> io::Result<()> {
    let Some(first) = layers.first() else { return Ok(()) };
    assert!(layers.iter().all(|layer| layer.crs == first.crs), "sub-layers of one source have one CRS");
    start(first, &mut out)?;
    let mut next = vec![0; layers.len()];
    let mut parts = Vec::with_capacity(layers.len());
    let mut is_first = true;
    loop {
        let source_rows: Vec<Option<u64>> = layers
            .iter()
            .zip(&next)
            .map(|(layer, next)| (*next < layer.feature_count()).then(|| layer.source_row(*next)))
            .collect();
        let Some(row) = source_rows.iter().flatten().min().copied() else { break };
        parts.clear();
        for (at, layer) in layers.iter().enumerate() {
            if source_rows[at] == Some(row) {
                parts.push((*layer, next[at]));
                next[at] += 1;
            }
        }
        write_feature(&mut out, is_first, &parts)?;
        is_first = false;
    }
    end(&mut out)
}

fn start(layer: &Layer, out: &mut impl Write) -> io::Result<()> {
    write!(out, r#"{{"type":"FeatureCollection","name":"#)?;
    serde_json::to_writer(&mut *out, &layer.name)?;
    if !matches!(layer.crs.code(), "OGC:CRS84" | "EPSG:4326") {
        let name = layer.crs.urn().unwrap_or_else(|| layer.crs.code().to_owned());
        let crs = serde_json::json!({"type": "name", "properties": {"name": name}});
        write!(out, r#","crs":{crs}"#)?;
    }
    write!(out, r#","features":["#)
}

fn end(out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"\n]}\n")?;
    out.flush()
}

/// Writes one feature, of which each layer named holds a part. Attributes and id are the same in all of them.
fn write_feature(out: &mut impl Write, is_first: bool, parts: &[(&Layer, usize)]) -> io::Result<()> {
    let Some((layer, feature)) = parts.first() else { return Ok(()) };
    out.write_all(if is_first { b"\n" } else { b",\n" })?;
    out.write_all(br#"{"type":"Feature""#)?;
    let (block, row) = layer.locate(*feature);
    let id = block.ids.as_ref().map_or(Value::Null, |ids| ids.value(row));
    if !id.is_null() {
        out.write_all(br#","id":"#)?;
        let is_number = matches!(id, Value::Int(_) | Value::Float(_));
        write_value(out, id, if is_number { FieldType::Float } else { FieldType::Text })?;
    }
    out.write_all(br#","properties":{"#)?;
    let with_nulls = layer.fields.len() <= FIELDS_WITH_NULLS;
    let mut separator: &[u8] = b"";
    for (i, field) in layer.fields.iter().enumerate() {
        let value = block.attributes.value(row, i);
        if with_nulls || !value.is_null() {
            out.write_all(separator)?;
            serde_json::to_writer(&mut *out, &field.name)?;
            out.write_all(b":")?;
            write_value(out, value, field.kind)?;
            separator = b",";
        }
    }
    out.write_all(br#"},"geometry":"#)?;
    let mut geometries: Vec<Geometry> = parts
        .iter()
        .filter_map(|(layer, feature)| {
            let (block, row) = layer.locate(*feature);
            geometry(&block.geometry, row).map(Geometry::new)
        })
        .collect();
    let geometry = match geometries.len() {
        0 | 1 => geometries.pop(),
        _ => Some(Geometry::new(GeometryValue::GeometryCollection { geometries })),
    };
    serde_json::to_writer(&mut *out, &geometry)?;
    out.write_all(b"}")
}

/// Writes an attribute in the type of its field. Nested values are written as they were read, digit by digit.
fn write_value(out: &mut impl Write, value: Value<'_>, kind: FieldType) -> io::Result<()> {
    match (value, kind) {
        (Value::Null, _) => out.write_all(b"null")?,
        (Value::Json(text), FieldType::Json) if super::super::is_json(text) => out.write_all(text.as_bytes())?,
        (Value::Bool(v), FieldType::Bool) => write!(out, "{v}")?,
        (Value::Int(v), FieldType::Int | FieldType::Float) => write!(out, "{v}")?,
        (Value::Float(v), FieldType::Float) => serde_json::to_writer(out, &v)?,
        (Value::Text(text) | Value::Json(text), _) => serde_json::to_writer(out, text)?,
        (other, _) => serde_json::to_writer(out, &other.to_string())?,
    }
    Ok(())
}

fn geometry(block: &GeometryBlock, row: usize) -> Option<GeometryValue> {
    if block.is_null(row) {
        return None;
    }
    let range = block.coord_range(row);
    let heights = block.z();
    let start = range.start;
    let mut next = start;
    // Coordinates are taken in storage order, so that the height of each is at hand.
    let mut positions = |coords: &[Coord]| -> Vec<Position> {
        let from = next;
        next += coords.len();
        coords
            .iter()
            .enumerate()
            .map(|(i, c)| match heights.get(from + i) {
                Some(z) if !z.is_nan() => Position::from(vec![c.x, c.y, *z]),
                _ => Position::from([c.x, c.y]),
            })
            .collect()
    };
    Some(match block.kind() {
        GeometryKind::None => GeometryValue::GeometryCollection { geometries: Vec::new() },
        GeometryKind::Point => {
            let mut points = positions(block.points(row));
            match points.len() {
                1 => GeometryValue::Point { coordinates: points.remove(0) },
                _ => GeometryValue::MultiPoint { coordinates: points },
            }
        }
        GeometryKind::Line => {
            let mut paths: Vec<_> = block.paths(row).map(positions).collect();
            match paths.len() {
                1 => GeometryValue::LineString { coordinates: paths.remove(0) },
                _ => GeometryValue::MultiLineString { coordinates: paths },
            }
        }
        GeometryKind::Polygon => {
            let parts = block.polygon(row).parts();
            let mut parts: Vec<Vec<Vec<Position>>> =
                parts.map(|part| part.rings().map(&mut positions).collect()).collect();
            match parts.len() {
                1 => GeometryValue::Polygon { coordinates: parts.remove(0) },
                _ => GeometryValue::MultiPolygon { coordinates: parts },
            }
        }
    })
}
