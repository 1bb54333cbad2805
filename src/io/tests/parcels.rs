//! Parcels with a hole, several parts, heights, every kind of value and none: what writers of formats are tried with.

use crate::io::{OpenOptions, Opened, ReadError, open_bytes};
use crate::model::Layer;
use crate::task::Progress;

const PARCELS: &str = r#"{"type":"FeatureCollection","name":"地类图斑","crs":{"type":"name","properties":{"name":"EPSG:4527"}},"features":[
{"type":"Feature","properties":{"BSM":"0370199","权属单位":"国有","TBMJ":61623.25,"SJNF":2025,"SFYX":true,"更多":{"a":[1]},"混":1},
 "geometry":{"type":"Polygon","coordinates":[[[39500000,4070000],[39500100,4070000],[39500100,4070100],[39500000,4070100],[39500000,4070000]],[[39500010,4070010],[39500010,4070020],[39500020,4070020],[39500020,4070010],[39500010,4070010]]]}},
{"type":"Feature","properties":{"BSM":"1","权属单位":"","TBMJ":0.1,"SJNF":-7,"SFYX":false,"混":"二"},
 "geometry":{"type":"MultiPolygon","coordinates":[[[[39500200,4070000,5],[39500210,4070000,6],[39500210,4070010,7],[39500200,4070000,5]]],[[[39500300,4070000,1],[39500310,4070000,2],[39500310,4070010.5,3],[39500300,4070000,1]]]]}},
{"type":"Feature","properties":{"BSM":"2","SJNF":null},"geometry":null}]}"#;

/// A file in memory, and what could be read of it.
pub(in crate::io) fn opened(name: &str, bytes: Vec<u8>) -> Result<Opened, ReadError> {
    let options = OpenOptions { keep_partial: true, ..OpenOptions::default() };
    open_bytes(name, bytes, &options, &Progress::new())
}

/// Three parcels, the last without geometry.
pub(in crate::io) fn parcels() -> Layer {
    opened("a.geojson", PARCELS.as_bytes().to_vec()).expect("opens").layers.remove(0)
}

/// Everything of a layer of polygons as text, a line a feature.
pub(in crate::io) fn shown(layer: &Layer) -> Vec<String> {
    let line = |feature: usize| {
        let (block, row) = layer.locate(feature);
        let geometry = &block.geometry;
        let fields = layer.fields.iter().enumerate();
        let values: Vec<String> = fields.map(|(at, f)| format!("{}={}", f.name, layer.value(feature, at))).collect();
        let rings: Vec<usize> = geometry.polygon(row).parts().map(|part| part.ring_count()).collect();
        let heights = geometry.coord_range(row).filter_map(|at| geometry.z().get(at).copied());
        let heights: Vec<f64> = heights.filter(|z| !z.is_nan()).collect();
        format!("{values:?} {} {:?} {rings:?} {heights:?}", geometry.is_null(row), geometry.feature_coords(row))
    };
    (0..layer.feature_count()).map(line).collect()
}

/// Two parcels, one of them with measures.
const MEASURED: &str = "SRID=4527;POLYGON ZM ((39500000 4070000 1 10, 39500010 4070010 2 20.5, 39500010 4070000 3 30, 39500000 4070000 1 10))\n\
                        SRID=4527;POLYGON ((39500100 4070000, 39500110 4070010, 39500110 4070000, 39500100 4070000))\n";

/// Two parcels, one of them with heights and measures, and these.
pub(in crate::io) fn measured() -> (Layer, Vec<f64>) {
    let layer = opened("a.ewkt", MEASURED.as_bytes().to_vec()).expect("opens").layers.remove(0);
    (layer, vec![10.0, 20.5, 30.0, 10.0])
}

/// The measures of a layer.
pub(in crate::io) fn measures(layer: &Layer) -> Vec<f64> {
    let all = layer.blocks.iter().flat_map(|block| block.geometry.m().to_vec());
    all.filter(|m| !m.is_nan()).collect()
}
