//! Layers written and read again, files that lie, files that were damaged.

use super::super::tests::damaged;
use super::super::{OpenOptions, Opened, WriteOptions, open_bytes};
use super::*;
use crate::model::{FieldType, GeometryKind, Layer};
use crate::task::Progress;

const PARCELS: &str = r#"{"type":"FeatureCollection","name":"a","crs":{"type":"name","properties":{"name":"EPSG:4527"}},"features":[
{"type":"Feature","properties":{"BSM":"0370199","权属单位":"国有","TBMJ":61623.25,"SJNF":2025,"SFYX":true,"更多":{"a":[1]},"混":1},
 "geometry":{"type":"Polygon","coordinates":[[[39500000,4070000],[39500100,4070000],[39500100,4070100],[39500000,4070100],[39500000,4070000]],[[39500010,4070010],[39500010,4070020],[39500020,4070020],[39500020,4070010],[39500010,4070010]]]}},
{"type":"Feature","properties":{"BSM":"1","权属单位":"","TBMJ":0.1,"SJNF":-7,"SFYX":false,"混":"二"},
 "geometry":{"type":"MultiPolygon","coordinates":[[[[39500200,4070000,5],[39500210,4070000,6],[39500210,4070010,7],[39500200,4070000,5]]],[[[39500300,4070000,1],[39500310,4070000,2],[39500310,4070010.5,3],[39500300,4070000,1]]]]}},
{"type":"Feature","properties":{"BSM":"2","SJNF":null},"geometry":null}]}"#;

fn opened(name: &str, bytes: Vec<u8>) -> Result<Opened, ReadError> {
    let options = OpenOptions { keep_partial: true, ..OpenOptions::default() };
    open_bytes(name, bytes, &options, &Progress::new())
}

fn parcels() -> Layer {
    opened("a.geojson", PARCELS.as_bytes().to_vec()).expect("opens").layers.remove(0)
}

fn written(layer: &Layer) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(layer, None, WriteOptions::default(), &mut bytes).expect("writes");
    bytes
}

fn shown(layer: &Layer) -> Vec<String> {
    (0..layer.feature_count())
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
            let heights = geometry.coord_range(row).filter_map(|at| geometry.z().get(at).copied());
            let heights: Vec<f64> = heights.filter(|z| !z.is_nan()).collect();
            format!("{values:?} {} {:?} {rings:?} {heights:?}", geometry.is_null(row), geometry.feature_coords(row))
        })
        .collect()
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
fn damaged_files_end() {
    let bytes = written(&parcels());
    damaged(&[bytes], |bytes| drop(opened("a.parquet", bytes.to_vec())));
}
