//! Layers written and read again, heads that lie, files that were damaged.

use flatbuffers::FlatBufferBuilder;
use flatgeobuf::{ColumnArgs, ColumnType, Crs, CrsArgs, GeometryType, Header, HeaderArgs};

use super::super::tests::damaged;
use super::super::{OpenOptions, Opened, WriteOptions, open_bytes};
use super::*;
use crate::model::{GeometryKind, Layer, Value};
use crate::task::Progress;

const PARCELS: &str = r#"{"type":"FeatureCollection","name":"地类图斑","crs":{"type":"name","properties":{"name":"EPSG:4527"}},"features":[
{"type":"Feature","properties":{"BSM":"0370199","权属单位":"国有","TBMJ":61623.25,"SJNF":2025,"SFYX":true,"更多":{"a":[1]}},
 "geometry":{"type":"Polygon","coordinates":[[[39500000,4070000],[39500100,4070000],[39500100,4070100],[39500000,4070100],[39500000,4070000]],[[39500010,4070010],[39500010,4070020],[39500020,4070020],[39500020,4070010],[39500010,4070010]]]}},
{"type":"Feature","properties":{"BSM":"1","权属单位":"","TBMJ":0.1,"SJNF":-7,"SFYX":false},
 "geometry":{"type":"MultiPolygon","coordinates":[[[[39500200,4070000,5],[39500210,4070000,6],[39500210,4070010,7],[39500200,4070000,5]]],[[[39500300,4070000,1],[39500310,4070000,2],[39500310,4070010.5,3],[39500300,4070000,1]]]]}},
{"type":"Feature","properties":{"BSM":"2","SJNF":null},"geometry":null}]}"#;

fn opened(name: &str, bytes: Vec<u8>) -> Result<Opened, ReadError> {
    let options = OpenOptions { keep_partial: true, ..OpenOptions::default() };
    open_bytes(name, bytes, &options, &Progress::new())
}

fn parcels() -> Layer {
    opened("a.geojson", PARCELS.as_bytes().to_vec()).expect("opens").layers.remove(0)
}

fn written(layer: &Layer, rows: Option<&[usize]>) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(layer, rows, WriteOptions::default(), &mut bytes).expect("writes");
    bytes
}

/// Everything of a layer as text, its features in the order of their first field.
fn shown(layer: &Layer) -> Vec<String> {
    let mut lines: Vec<String> = (0..layer.feature_count())
        .map(|feature| {
            let (block, row) = layer.locate(feature);
            let geometry = &block.geometry;
            let values: Vec<String> = layer
                .fields
                .iter()
                .enumerate()
                .map(|(at, f)| format!("{}={}", f.name, layer.value(feature, at)))
                .collect();
            let rings: Vec<usize> = geometry.polygon(row).parts().map(|part| part.ring_count()).collect();
            let heights: Vec<f64> = geometry.coord_range(row).filter_map(|at| geometry.z().get(at).copied()).collect();
            let heights: Vec<f64> = heights.into_iter().filter(|z| !z.is_nan()).collect();
            let is_null = geometry.is_null(row);
            format!("{values:?} {is_null} {:?} {rings:?} {heights:?}", geometry.feature_coords(row))
        })
        .collect();
    lines.sort();
    lines
}

#[test]
fn what_is_written_is_read_again() {
    let layer = parcels();
    for rows in [None, Some(&[0, 1][..])] {
        let again = opened("a.fgb", written(&layer, rows)).expect("opens");
        assert!(again.partial.is_none() && again.skipped_count == 0, "{:?}", again.issues);
        let other = &again.layers[0];
        assert_eq!((other.name.as_str(), other.crs.code()), ("地类图斑", "EPSG:4527"));
        let expected = shown(&layer);
        let kept = if rows.is_some() { &expected[..2] } else { &expected };
        assert_eq!(shown(other), kept);
    }
    let kinds: Vec<_> = losses(&layer, None, WriteOptions::default()).iter().map(|message| message.key).collect();
    assert_eq!(kinds, ["io.loses-fgb-index"]);
}

#[test]
fn the_crate_finds_what_is_written() {
    use flatgeobuf::{FallibleStreamingIterator, FeatureProperties, FgbReader};
    let layer = parcels();
    let bytes = written(&layer, Some(&[0, 1]));
    let reader = FgbReader::open(std::io::Cursor::new(&bytes)).expect("opens");
    assert_eq!(reader.header().features_count(), 2);
    let mut found = reader.select_bbox(39_500_300.0, 4_070_000.0, 39_500_310.0, 4_070_001.0).expect("an index");
    let feature = found.next().expect("reads").expect("one");
    assert_eq!(feature.property::<String>("BSM").expect("a value"), "1");
    assert!(found.next().expect("reads").is_none());
}

/// A file without features whose head says `count` of them, and an index.
fn head(count: u64, index_node_size: u16) -> Vec<u8> {
    let mut builder = FlatBufferBuilder::new();
    let columns: Vec<_> = ["a", "a"]
        .iter()
        .map(|name| {
            let args =
                ColumnArgs { name: Some(builder.create_string(name)), type_: ColumnType::Int, ..Default::default() };
            flatgeobuf::Column::create(&mut builder, &args)
        })
        .collect();
    let columns = Some(builder.create_vector(&columns));
    let args = CrsArgs { code: 4527, ..CrsArgs::default() };
    let crs = Some(Crs::create(&mut builder, &args));
    let geometry_type = GeometryType::Polygon;
    let args = HeaderArgs { columns, crs, geometry_type, features_count: count, index_node_size, ..Default::default() };
    let header = Header::create(&mut builder, &args);
    builder.finish_size_prefixed(header, None);
    [&b"fgb\x03fgb\0"[..], builder.finished_data()].concat()
}

#[test]
fn counts_are_not_believed() {
    let layer = |bytes: Vec<u8>| opened("a.fgb", bytes);
    for count in [1, 1 << 40, u64::MAX] {
        let error = layer(head(count, 16)).expect_err("an index that is not there");
        assert_eq!(error.message().key, "io.fgb-broken");
    }
    let whole = layer(head(0, 16)).expect("opens");
    let names: Vec<&str> = whole.layers[0].fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!((whole.layers[0].kind, names), (GeometryKind::Polygon, vec!["a", "a_2"]));
    let fewer = layer(head(1 << 40, 0)).expect("opens");
    assert!(fewer.issues.iter().any(|issue| issue.message.key == "io.fgb-count"), "{:?}", fewer.issues);
}

#[test]
fn what_stands_before_the_break_is_kept() {
    let bytes = written(&parcels(), Some(&[0, 1]));
    let cut = opened("a.fgb", bytes[..bytes.len() - 10].to_vec()).expect("opens");
    assert_eq!(cut.layers[0].feature_count(), 1);
    assert_eq!(cut.partial.map(|error| error.message().key), Some("io.fgb-cut"));
    let mut longer = bytes.clone();
    // A feature of nothing.
    longer.extend_from_slice(&[8, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0x7F, 0, 0, 0, 0]);
    let longer = opened("a.fgb", longer).expect("opens");
    assert_eq!(longer.row_count, 3);
    assert!(longer.issues.iter().any(|issue| issue.message.key == "io.gpkg-bad-geometry"), "{:?}", longer.issues);
    let value = |row: usize| longer.layers[0].value(row, 0);
    assert_eq!(value(2), Value::Null);
    assert!(matches!(opened("a.fgb", b"fgb\x09fgb\0....".to_vec()), Err(ReadError::Format(_))));
}

#[test]
fn damaged_files_end() {
    let layer = parcels();
    let seeds = [written(&layer, None), written(&layer, Some(&[0, 1]))];
    damaged(&seeds, |bytes| {
        if let Ok(opened) = opened("a.fgb", bytes.to_vec()) {
            let counted: usize = opened.layers.iter().map(Layer::feature_count).sum();
            assert!(counted as u64 >= opened.row_count, "features are counted");
        }
    });
}
