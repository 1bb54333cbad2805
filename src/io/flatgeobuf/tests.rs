//! Layers written and read again, heads that lie, files that were damaged.

use flatbuffers::FlatBufferBuilder;
use flatgeobuf::{ColumnArgs, ColumnType, Crs, CrsArgs, GeometryType, Header, HeaderArgs};

use super::super::WriteOptions;
use super::super::tests::{damaged, measured, measures, opened_partly as opened, parcels, shown};
use super::*;
use crate::model::{GeometryKind, Layer, Value};

fn written(layer: &Layer, rows: Option<&[usize]>) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(layer, rows, WriteOptions::default(), &mut bytes).expect("writes");
    bytes
}

/// Everything of a layer as text, its features in the order of their first field: the format has an order of its own.
fn sorted(layer: &Layer) -> Vec<String> {
    let mut lines = shown(layer);
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
        let expected = sorted(&layer);
        let kept = if rows.is_some() { &expected[..2] } else { &expected };
        assert_eq!(sorted(other), kept);
    }
    let kinds: Vec<_> = losses(&layer, None, WriteOptions::default()).iter().map(|message| message.key).collect();
    assert_eq!(kinds, ["io.loses-fgb-index"]);
    let kinds: Vec<_> =
        losses(&layer, Some(&[0, 1]), WriteOptions::default()).iter().map(|message| message.key).collect();
    assert_eq!(kinds, ["io.fgb-order"], "the tree puts what lies together side by side");
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
fn measures_are_kept() {
    let (layer, expected) = measured();
    let again = opened("a.fgb", written(&layer, None)).expect("opens");
    assert_eq!(measures(&again.layers[0]), expected);
    assert_eq!(again.layers[0].feature_count(), 2);
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
