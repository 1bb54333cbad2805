//! Layers written and read again, files that lie, files that were damaged.

use super::super::WriteOptions;
use super::super::tests::{damaged, measured, measures, opened_partly as opened, parcels, shown};
use super::*;
use crate::model::{FieldType, GeometryKind, Layer};

fn written(layer: &Layer) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(layer, None, WriteOptions::default(), &mut bytes).expect("writes");
    bytes
}

#[test]
fn what_is_written_is_read_again() {
    let layer = parcels();
    let again = opened("a.parquet", written(&layer)).expect("opens");
    assert!(again.partial.is_none() && again.skipped_count == 0, "{:?}", again.issues);
    let other = &again.layers[0];
    assert_eq!(
        (other.kind, other.crs.code(), again.format.as_str()),
        (GeometryKind::Polygon, "EPSG:4527", "GeoParquet")
    );
    assert_eq!(shown(other), shown(&layer));
    let kind = |name: &str| other.fields[other.field(name).expect("a field")].kind;
    assert_eq!(
        [kind("TBMJ"), kind("SJNF"), kind("SFYX"), kind("更多"), kind("混")],
        [FieldType::Float, FieldType::Int, FieldType::Bool, FieldType::Json, FieldType::Text]
    );
    assert!(losses(&layer, None, WriteOptions::default()).is_empty());
}

#[test]
fn tables_without_geometry_are_tables() {
    let text = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"a":1},"geometry":null}]}"#;
    let layer = opened("a.geojson", text.as_bytes().to_vec()).expect("opens").layers.remove(0);
    let again = opened("a.parquet", written(&layer)).expect("opens");
    assert_eq!((again.layers[0].kind, again.format.as_str()), (GeometryKind::None, "Parquet"));
    assert_eq!(shown(&again.layers[0])[0].split(' ').next(), Some("[\"a=1\"]"));
}

#[test]
fn what_is_none_or_cut_is_refused_in_words() {
    let bytes = written(&parcels());
    for wrong in [b"PAR1\0\0\0\0PAR1".to_vec(), b"PAR1".to_vec(), bytes[..bytes.len() - 10].to_vec()] {
        let error = opened("a.parquet", wrong).expect_err("no file");
        assert_eq!(error.message().key, "io.pq-broken");
    }
}

#[test]
fn measures_are_kept() {
    let (layer, expected) = measured();
    let again = opened("a.parquet", written(&layer)).expect("opens");
    assert_eq!(measures(&again.layers[0]), expected);
    assert_eq!(again.layers[0].feature_count(), 2);
}

#[test]
fn damaged_files_end() {
    let bytes = written(&parcels());
    damaged(&[bytes], |bytes| drop(opened("a.parquet", bytes.to_vec())));
}
