//! Layers to GeoJSON.
//!
//! Written is what was read: ids and attributes with their types and names, heights, features in their order. Numbers
//! are the shortest that name the same double. A `crs` member says which CRS the coordinates are in, unless it is WGS 84
//! longitude and latitude, which RFC 7946 takes for granted. x (easting, longitude) always stands first.

use std::io::{self, Write};

use geojson::feature::Id;
use geojson::{Feature, Geometry, GeometryValue, JsonObject, JsonValue, Position};

use crate::model::{Coord, FieldType, GeometryBlock, GeometryKind, Layer, Value};

/// Layers with more fields than this are written without the nulls: else a table of thousands of rare fields would be
/// written in full for each feature.
const FIELDS_WITH_NULLS: usize = 256;

/// Writes the features of a layer, or the `rows` of it in the order given, as a FeatureCollection.
///
/// # Errors
/// When writing fails.
pub fn write_geojson(layer: &Layer, rows: Option<&[usize]>, mut out: impl Write) -> io::Result<()> {
    start(layer, &mut out)?;
    match rows {
        Some(rows) => {
            for (i, row) in rows.iter().enumerate() {
                write_feature(&mut out, i == 0, feature(layer, *row))?;
            }
        }
        None => {
            for row in 0..layer.feature_count() {
                write_feature(&mut out, row == 0, feature(layer, row))?;
            }
        }
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
    let mut is_first = true;
    loop {
        let source_row = |at: usize, next: &[usize]| {
            (next[at] < layers[at].feature_count()).then(|| layers[at].source_row(next[at]))
        };
        let Some(row) = (0..layers.len()).filter_map(|at| source_row(at, &next)).min() else { break };
        let mut whole: Option<Feature> = None;
        for (at, layer) in layers.iter().enumerate() {
            if source_row(at, &next) != Some(row) {
                continue;
            }
            let part = feature(layer, next[at]);
            next[at] += 1;
            whole = Some(match whole {
                None => part,
                Some(mut whole) => {
                    whole.geometry = join(whole.geometry, part.geometry);
                    whole
                }
            });
        }
        if let Some(whole) = whole {
            write_feature(&mut out, is_first, whole)?;
            is_first = false;
        }
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

fn write_feature(out: &mut impl Write, is_first: bool, feature: Feature) -> io::Result<()> {
    out.write_all(if is_first { b"\n" } else { b",\n" })?;
    serde_json::to_writer(out, &feature)?;
    Ok(())
}

fn join(a: Option<Geometry>, b: Option<Geometry>) -> Option<Geometry> {
    let (a, b) = match (a, b) {
        (Some(a), Some(b)) => (a, b),
        (one, other) => return one.or(other),
    };
    let geometries = match a.value {
        GeometryValue::GeometryCollection { mut geometries } => {
            geometries.push(b);
            geometries
        }
        value => vec![Geometry::new(value), b],
    };
    Some(Geometry::new(GeometryValue::GeometryCollection { geometries }))
}

/// One feature as the crate's types, which know how to be written.
fn feature(layer: &Layer, at: usize) -> Feature {
    let (block, row) = layer.locate(at);
    let id = block.ids.as_ref().and_then(|ids| match ids.value(row) {
        Value::Null => None,
        Value::Int(v) => Some(Id::Number(v.into())),
        Value::Float(v) => serde_json::Number::from_f64(v).map(Id::Number),
        other => Some(Id::String(other.to_string())),
    });
    let with_nulls = layer.fields.len() <= FIELDS_WITH_NULLS;
    let mut properties = JsonObject::new();
    for (i, field) in layer.fields.iter().enumerate() {
        let value = block.attributes.value(row, i);
        if with_nulls || !value.is_null() {
            properties.insert(field.name.clone(), json(value, field.kind));
        }
    }
    let geometry = geometry(&block.geometry, row).map(Geometry::new);
    Feature { bbox: None, geometry, id, properties: Some(properties), foreign_members: None }
}

/// An attribute in the type of its field.
fn json(value: Value<'_>, kind: FieldType) -> JsonValue {
    match (value, kind) {
        (Value::Null, _) => JsonValue::Null,
        (value, FieldType::Text) => JsonValue::String(value.to_string()),
        (Value::Bool(v), _) => JsonValue::Bool(v),
        (Value::Int(v), FieldType::Float) if v.unsigned_abs() <= 1 << 53 => JsonValue::from(v as f64),
        (Value::Int(v), _) => JsonValue::from(v),
        (Value::Float(v), _) => JsonValue::from(v),
        (Value::Text(v), _) => JsonValue::from(v),
        // Text that is no JSON (`NaN` within) is kept as text.
        (Value::Json(v), _) => serde_json::from_str(v).unwrap_or_else(|_| JsonValue::from(v)),
    }
}

fn geometry(block: &GeometryBlock, row: usize) -> Option<GeometryValue> {
    if block.is_null(row) || block.kind() == GeometryKind::None {
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
        GeometryKind::Point | GeometryKind::None => {
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
