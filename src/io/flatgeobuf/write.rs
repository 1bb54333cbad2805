//! A layer to a file: features in the order of a Hilbert curve, before them the packed tree of their extents.
//!
//! Features are encoded on all cores. Where one has no place (no geometry, or an empty one), no tree can hold it: the file
//! then has none, and its features stay in their order.

use std::io::{self, Write};

use flatbuffers::{FlatBufferBuilder, WIPOffset};
use flatgeobuf::packed_r_tree::{NodeItem, PackedRTree};
use flatgeobuf::{
    Column, ColumnArgs, ColumnType, Crs, CrsArgs, Feature, FeatureArgs, Geometry, GeometryArgs, GeometryType, Header,
    HeaderArgs,
};
use rayon::prelude::*;

use super::super::options::{Chosen, WriteOptions};
use super::super::wkb::{has_heights, has_measures, part_count};
use crate::model::{Coord, Extent, FieldType, GeometryBlock, GeometryKind, Layer, Value};
use crate::text::Message;

/// Features that are encoded by one core at once.
const BATCH: usize = 8192;
/// Columns that can be numbered.
const MOST_COLUMNS: usize = u16::MAX as usize;
/// Cells along a side of the square that the curve fills.
const CURVE_CELLS: f64 = 65_535.0;

/// Writes a layer, or the `rows` of it.
///
/// # Errors
/// Those of writing.
pub(in crate::io) fn write(
    layer: &Layer,
    rows: Option<&[usize]>,
    _: WriteOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let chosen = Chosen { layer, rows };
    let features: Vec<usize> = chosen.features().collect();
    let is_multi = features.par_iter().any(|feature| {
        let (block, row) = layer.locate(*feature);
        part_count(&block.geometry, row) > 1
    });
    // Readers expect heights of all features where some have some, and measures likewise.
    let any = |has: fn(&GeometryBlock, usize) -> bool| {
        features.par_iter().any(|feature| {
            let (block, row) = layer.locate(*feature);
            has(&block.geometry, row)
        })
    };
    let more = More { z: any(has_heights), m: any(has_measures) };
    let batches: Vec<Batch> = features.par_chunks(BATCH).map(|batch| encoded(layer, batch, is_multi, more)).collect();
    let mut extent = Extent::EMPTY;
    let entries = || batches.iter().flat_map(|batch| &batch.entries);
    entries().for_each(|entry| extent.union(&entry.extent));
    let has_tree = !features.is_empty() && entries().all(|entry| !entry.extent.is_empty());
    out.write_all(b"fgb\x03fgb\0")?;
    out.write_all(&header(layer, features.len(), &extent, has_tree, more, is_multi))?;
    // Batch, place in it, and where on the curve.
    let mut order: Vec<(u32, usize, usize)> = Vec::new();
    for (batch, of) in batches.iter().enumerate() {
        order.extend(
            of.entries.iter().enumerate().map(|(at, entry)| (place_on_curve(&entry.extent, &extent), batch, at)),
        );
    }
    if has_tree {
        order.par_sort_unstable();
        let mut offset = 0;
        let nodes: Vec<NodeItem> = order
            .iter()
            .map(|(_, batch, at)| {
                let entry = &batches[*batch].entries[*at];
                let (min, max) = (entry.extent.min, entry.extent.max);
                let node = NodeItem { offset, ..NodeItem::bounds(min.x, min.y, max.x, max.y) };
                offset += (entry.end - entry.start) as u64;
                node
            })
            .collect();
        let whole = NodeItem::bounds(extent.min.x, extent.min.y, extent.max.x, extent.max.y);
        let tree = PackedRTree::build(&nodes, &whole, PackedRTree::DEFAULT_NODE_SIZE).map_err(io::Error::other)?;
        let mut bytes = Vec::with_capacity(tree.size());
        tree.stream_write(&mut bytes)?;
        out.write_all(&bytes)?;
    }
    for (_, batch, at) in order {
        let batch = &batches[batch];
        let entry = &batch.entries[at];
        out.write_all(&batch.bytes[entry.start..entry.end])?;
    }
    Ok(())
}

/// What of a layer such a file cannot hold.
pub(in crate::io) fn losses(layer: &Layer, rows: Option<&[usize]>, _: WriteOptions) -> Vec<Message> {
    let mut messages = Vec::new();
    if layer.fields.len() > MOST_COLUMNS {
        let count = layer.fields.len() - MOST_COLUMNS;
        messages.push(Message::new("io.loses-fields").with("most", MOST_COLUMNS).with("count", count));
    }
    if layer.blocks.iter().any(|block| block.ids.is_some()) {
        messages.push(Message::new("io.loses-ids"));
    }
    let chosen = Chosen { layer, rows };
    let is_placeless = |feature: usize| {
        let (block, row) = layer.locate(feature);
        block.geometry.feature_coords(row).is_empty()
    };
    if chosen.features().any(is_placeless) {
        messages.push(Message::new("io.loses-fgb-index"));
    } else if chosen.count() > 1 {
        messages.push(Message::new("io.fgb-order"));
    }
    if layer.crs.ogc_wkt().is_none() && layer.kind != GeometryKind::None {
        let crs = layer.crs.clone();
        messages.push(Message::new("io.loses-crs").with_said("crs", move |language| crs.reference_in(language)));
    }
    messages
}

/// The kind of all geometries.
fn kind_of(layer: &Layer, is_multi: bool) -> GeometryType {
    match (layer.kind, is_multi) {
        (GeometryKind::Point, false) => GeometryType::Point,
        (GeometryKind::Point, true) => GeometryType::MultiPoint,
        (GeometryKind::Line, false) => GeometryType::LineString,
        (GeometryKind::Line, true) => GeometryType::MultiLineString,
        (GeometryKind::Polygon, false) => GeometryType::Polygon,
        (GeometryKind::Polygon, true) => GeometryType::MultiPolygon,
        (GeometryKind::None, _) => GeometryType::Unknown,
    }
}

fn column_of(kind: FieldType) -> ColumnType {
    match kind {
        FieldType::Bool => ColumnType::Bool,
        FieldType::Int => ColumnType::Long,
        FieldType::Float => ColumnType::Double,
        FieldType::Json => ColumnType::Json,
        FieldType::Text | FieldType::Null => ColumnType::String,
    }
}

/// The head with its length before it.
fn header(layer: &Layer, count: usize, extent: &Extent, has_tree: bool, more: More, is_multi: bool) -> Vec<u8> {
    let mut builder = FlatBufferBuilder::new();
    let columns: Vec<WIPOffset<Column<'_>>> = layer
        .fields
        .iter()
        .take(MOST_COLUMNS)
        .map(|field| {
            let name = Some(builder.create_string(&field.name));
            let args = ColumnArgs { name, type_: column_of(field.kind), ..ColumnArgs::default() };
            Column::create(&mut builder, &args)
        })
        .collect();
    let columns = builder.create_vector(&columns);
    let name = builder.create_string(&layer.name);
    let bounds = [extent.min.x, extent.min.y, extent.max.x, extent.max.y];
    let envelope = (!extent.is_empty()).then(|| builder.create_vector(&bounds));
    let crs = (layer.kind != GeometryKind::None).then(|| {
        let (org, code) = match layer.crs.code().split_once(':') {
            Some((org @ ("EPSG" | "ESRI"), code)) => (org, code.parse().unwrap_or(0)), // no number: the text counts
            // Longitude before latitude is the order of the format.
            Some(("OGC", "CRS84")) => ("EPSG", 4326),
            _ => ("", 0),
        };
        let wkt = layer.crs.ogc_wkt();
        let args = CrsArgs {
            org: (code != 0).then(|| builder.create_string(org)),
            code,
            name: Some(builder.create_string(layer.crs.name())),
            wkt: wkt.as_deref().map(|text| builder.create_string(text)),
            ..CrsArgs::default()
        };
        Crs::create(&mut builder, &args)
    });
    let args = HeaderArgs {
        name: Some(name),
        envelope,
        geometry_type: kind_of(layer, is_multi),
        has_z: more.z,
        has_m: more.m,
        columns: Some(columns),
        features_count: count as u64,
        index_node_size: if has_tree { PackedRTree::DEFAULT_NODE_SIZE } else { 0 },
        crs,
        ..HeaderArgs::default()
    };
    let header = Header::create(&mut builder, &args);
    builder.finish_size_prefixed(header, None);
    builder.finished_data().to_vec()
}

/// What coordinates of the layer have beside x and y.
#[derive(Clone, Copy)]
struct More {
    z: bool,
    m: bool,
}

/// Heights and measures of coordinates: as many as there are, or none.
#[derive(Clone, Copy)]
struct Beside<'a> {
    z: &'a [f64],
    m: &'a [f64],
}

impl<'a> Beside<'a> {
    /// Those of the first `count` coordinates, and the rest.
    fn split(self, count: usize) -> (Self, Self) {
        let at = |numbers: &'a [f64]| numbers.split_at(count.min(numbers.len()));
        let ((z, z_rest), (m, m_rest)) = (at(self.z), at(self.m));
        (Self { z, m }, Self { z: z_rest, m: m_rest })
    }
}

/// Features encoded one behind the other.
struct Batch {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

/// Where a feature lies in its batch, and in the plane.
struct Entry {
    start: usize,
    end: usize,
    extent: Extent,
}

fn encoded(layer: &Layer, features: &[usize], is_multi: bool, more: More) -> Batch {
    let mut batch = Batch { bytes: Vec::new(), entries: Vec::with_capacity(features.len()) };
    let mut builder = FlatBufferBuilder::new();
    let mut properties = Vec::new();
    for feature in features {
        let (block, row) = layer.locate(*feature);
        builder.reset();
        properties.clear();
        for (at, field) in layer.fields.iter().take(MOST_COLUMNS).enumerate() {
            put(&mut properties, at as u16, block.attributes.value(row, at), field.kind);
        }
        let is_there = layer.kind != GeometryKind::None && !block.geometry.is_null(row);
        let geometry = is_there.then(|| geometry(&mut builder, &block.geometry, row, is_multi, more));
        let properties = (!properties.is_empty()).then(|| builder.create_vector(&properties));
        let feature = Feature::create(&mut builder, &FeatureArgs { geometry, properties, columns: None });
        builder.finish_size_prefixed(feature, None);
        let start = batch.bytes.len();
        batch.bytes.extend_from_slice(builder.finished_data());
        let extent = block.geometry.feature_extent(row);
        batch.entries.push(Entry { start, end: batch.bytes.len(), extent });
    }
    batch
}

fn put(properties: &mut Vec<u8>, at: u16, value: Value<'_>, kind: FieldType) {
    let text;
    let text: &str = match (value, kind) {
        (Value::Null, _) => return,
        (Value::Bool(is_so), FieldType::Bool) => {
            properties.extend_from_slice(&at.to_le_bytes());
            properties.push(u8::from(is_so));
            return;
        }
        (Value::Int(number), FieldType::Int) => {
            properties.extend_from_slice(&at.to_le_bytes());
            properties.extend_from_slice(&number.to_le_bytes());
            return;
        }
        (Value::Int(_) | Value::Float(_), FieldType::Float) => {
            properties.extend_from_slice(&at.to_le_bytes());
            properties.extend_from_slice(&value.as_f64().unwrap_or(0.0).to_le_bytes());
            return;
        }
        (Value::Text(text) | Value::Json(text), _) => text,
        // A field of mixed kinds is one of text.
        (other, _) => {
            text = other.to_string();
            &text
        }
    };
    properties.extend_from_slice(&at.to_le_bytes());
    properties.extend_from_slice(&(text.len() as u32).to_le_bytes());
    properties.extend_from_slice(text.as_bytes());
}

/// Encodes the geometry of a feature.
fn geometry<'b>(
    builder: &mut FlatBufferBuilder<'b>,
    block: &GeometryBlock,
    row: usize,
    is_multi: bool,
    more: More,
) -> WIPOffset<Geometry<'b>> {
    let count = block.feature_coords(row).len();
    // Those that have none beside others that have some.
    let unknown = vec![f64::NAN; if more.z || more.m { count } else { 0 }];
    let numbers = |has: bool, of: fn(&GeometryBlock) -> &[f64]| match of(block).get(block.coord_range(row)) {
        _ if !has => &[][..],
        Some(known) => known,
        None => unknown.as_slice(),
    };
    let beside = Beside { z: numbers(more.z, GeometryBlock::z), m: numbers(more.m, GeometryBlock::m) };
    match block.kind() {
        GeometryKind::None | GeometryKind::Point => {
            let kind = if is_multi { GeometryType::MultiPoint } else { GeometryType::Point };
            stretches(builder, kind, &[block.feature_coords(row)], beside)
        }
        GeometryKind::Line => {
            let kind = if is_multi { GeometryType::MultiLineString } else { GeometryType::LineString };
            let paths: Vec<&[Coord]> = block.paths(row).collect();
            stretches(builder, kind, &paths, beside)
        }
        GeometryKind::Polygon => {
            let polygon = block.polygon(row);
            if !is_multi {
                let rings: Vec<&[Coord]> = polygon.parts().flat_map(|part| part.rings().collect::<Vec<_>>()).collect();
                return stretches(builder, GeometryType::Polygon, &rings, beside);
            }
            let mut rest = beside;
            let mut parts = Vec::with_capacity(polygon.part_count());
            for part in polygon.parts() {
                let rings: Vec<&[Coord]> = part.rings().collect();
                let (own, after) = rest.split(rings.iter().map(|ring| ring.len()).sum());
                rest = after;
                parts.push(stretches(builder, GeometryType::Polygon, &rings, own));
            }
            let parts = Some(builder.create_vector(&parts));
            let args = GeometryArgs { parts, type_: GeometryType::MultiPolygon, ..GeometryArgs::default() };
            Geometry::create(builder, &args)
        }
    }
}

/// Encodes coordinates in stretches that follow each other.
fn stretches<'b>(
    builder: &mut FlatBufferBuilder<'b>,
    type_: GeometryType,
    stretches: &[&[Coord]],
    beside: Beside<'_>,
) -> WIPOffset<Geometry<'b>> {
    let numbers: Vec<f64> = stretches.iter().flat_map(|stretch| stretch.iter()).flat_map(|c| [c.x, c.y]).collect();
    let ends: Vec<u32> = stretches
        .iter()
        .scan(0, |end, stretch| {
            *end += stretch.len() as u32;
            Some(*end)
        })
        .collect();
    let args = GeometryArgs {
        xy: Some(builder.create_vector(&numbers)),
        z: (!beside.z.is_empty()).then(|| builder.create_vector(beside.z)),
        m: (!beside.m.is_empty()).then(|| builder.create_vector(beside.m)),
        ends: (ends.len() > 1).then(|| builder.create_vector(&ends)),
        type_,
        ..GeometryArgs::default()
    };
    Geometry::create(builder, &args)
}

/// How far along a Hilbert curve over `whole` the middle of an extent lies, from the end.
fn place_on_curve(extent: &Extent, whole: &Extent) -> u32 {
    let cell = |middle: f64, start: f64, width: f64| {
        let share = if width > 0.0 { (middle - start) / width } else { 0.0 };
        (CURVE_CELLS * share) as u32
    };
    let middle = extent.center();
    let x = cell(middle.x, whole.min.x, whole.width());
    let y = cell(middle.y, whole.min.y, whole.height());
    u32::MAX - along_curve(x.min(0xFFFF), y.min(0xFFFF))
}

/// The number of a cell along the curve (Hilbert, 1891; the iteration of Warren, Hacker's Delight, 16-1).
fn along_curve(mut x: u32, mut y: u32) -> u32 {
    let mut along = 0;
    for bit in (0..16).rev() {
        let side = 1 << bit;
        let (right, above) = (u32::from(x & side != 0), u32::from(y & side != 0));
        along = along << 2 | ((3 * right) ^ above);
        if above == 0 {
            if right == 1 {
                (x, y) = (0xFFFF - x, 0xFFFF - y);
            }
            (x, y) = (y, x);
        }
    }
    along
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_goes_from_cell_to_cell() {
        // All cells of the square of 64 at the origin, in the order of the curve: each is beside the one before it.
        let cells = (0..64u32).flat_map(|x| (0..64u32).map(move |y| (x, y)));
        let mut cells: Vec<(u32, u32, u32)> = cells.map(|(x, y)| (along_curve(x, y), x, y)).collect();
        cells.sort_unstable();
        let is_beside = |pair: &[(u32, u32, u32)]| {
            pair[1].0 == pair[0].0 + 1 && pair[0].1.abs_diff(pair[1].1) + pair[0].2.abs_diff(pair[1].2) == 1
        };
        assert!(cells.windows(2).all(is_beside));
    }
}
