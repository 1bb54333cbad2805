//! Topologies in, layers out.

use super::super::tests::damaged;
use super::super::{OpenOptions, Opened, open_bytes};
use super::*;
use crate::model::{Coord, GeometryKind};

/// Two squares that share a side, in steps of a hundredth of a degree.
const SQUARES: &str = r#"{"type":"Topology","transform":{"scale":[0.01,0.01],"translate":[117,36]},
"objects":{"地块":{"type":"GeometryCollection","geometries":[
{"type":"Polygon","arcs":[[0,1]],"id":7,"properties":{"DLBM":"0701","面积":1.5,"更多":{"a":[1,2]}}},
{"type":"MultiPolygon","arcs":[[[-1,2]]],"properties":{"DLBM":"0702"}},
{"type":"Polygon","arcs":[[0,9]],"properties":{"DLBM":"0703"}},
{"type":null,"properties":{"DLBM":"0704"}}]},
"点":{"type":"Point","coordinates":[1,2]}},
"arcs":[[[1,0],[0,1]],[[1,1],[-1,0],[0,-1],[1,0]],[[1,0],[1,0],[0,1],[-1,0]]]}"#;

fn opened(text: &str) -> Result<Opened, ReadError> {
    open_bytes("a.topojson", text.as_bytes().to_vec(), &OpenOptions::default(), &Progress::new())
}

#[test]
fn geometries_are_made_of_shared_lines() {
    let opened = opened(SQUARES).expect("opens");
    let shown: Vec<_> = opened.layers.iter().map(|l| (l.name.as_str(), l.kind, l.feature_count())).collect();
    assert_eq!(shown, [("地块", GeometryKind::Polygon, 4), ("点", GeometryKind::Point, 1)]);
    let layer = &opened.layers[0];
    let c = |x: f64, y: f64| Coord { x: x.mul_add(0.01, 0.0) + 117.0, y: y.mul_add(0.01, 0.0) + 36.0 };
    let geometry = &layer.blocks[0].geometry;
    assert_eq!(geometry.feature_coords(0), [c(1., 0.), c(1., 1.), c(0., 1.), c(0., 0.), c(1., 0.)]);
    assert_eq!(geometry.feature_coords(1), [c(1., 1.), c(1., 0.), c(2., 0.), c(2., 1.), c(1., 1.)]);
    assert!(geometry.is_null(2) && geometry.is_null(3));
    let value = |field: &str| layer.value(0, layer.field(field).expect("a field")).to_string();
    assert_eq!((value("DLBM"), value("面积"), value("更多")), ("0701".into(), "1.5".into(), r#"{"a":[1,2]}"#.into()));
    assert_eq!((layer.feature_id(0), layer.line(2)), (Some("7".into()), Some(5)));
    assert_eq!(opened.layers[1].blocks[0].geometry.coords(), [c(1., 2.)]);
    let issues: Vec<_> = opened.issues.iter().map(|issue| (issue.message.key, issue.feature)).collect();
    assert_eq!(issues[0], ("io.topojson-arc", Some(2)));
    assert_eq!(layer.crs.code(), "OGC:CRS84");
}

#[test]
fn lines_that_do_not_meet_are_said() {
    let text = SQUARES.replace("[[1,0],[1,0],[0,1],[-1,0]]", "[[2,0],[1,0],[0,1]]");
    let opened = opened(&text).expect("opens");
    let keys: Vec<_> = opened.issues.iter().map(|issue| issue.message.key).collect();
    assert!(keys.contains(&"io.topojson-gap") && keys.contains(&"io.shp-open-ring"), "{keys:?}");
}

#[test]
fn a_line_named_over_and_over_is_no_end() {
    let arcs = vec!["0"; 20_000].join(",");
    let points = vec!["[1,1]"; 20_000].join(",");
    let text = format!(
        r#"{{"type":"Topology","objects":{{"a":{{"type":"LineString","arcs":[{arcs}]}}}},"arcs":[[{points}]]}}"#
    );
    let error = opened(&text).expect_err("too much");
    assert_eq!(error.message().key, "io.topojson-large");
}

#[test]
fn what_is_no_topology_is_refused() {
    let key = |text: &str| read(text, Encoding::Utf8, &Progress::new()).map(drop).map_err(|error| error.message().key);
    assert_eq!(key(r#"{"type":"Other"}"#), Err("io.topojson-none"));
    assert_eq!(key("[1]"), Err("io.topojson-none"));
    assert!(matches!(read("{\"type\"", Encoding::Utf8, &Progress::new()), Err(ReadError::Syntax { line: 1, .. })));
    let deep = format!(r#"{{"type":"Topology","objects":{}"#, "[".repeat(100_000));
    assert_eq!(key(&deep), Err("io.topojson-deep"));
    assert_eq!(key(r#"{"type":"Topology","objects":{},"arcs":[],}"#), Ok(()));
}

#[test]
fn damaged_files_end() {
    let crs = SQUARES.replace("\"objects\"", r#""crs":{"type":"name","properties":{"name":"EPSG:4490"}},"objects""#);
    damaged(&[SQUARES.as_bytes().to_vec(), crs.into_bytes()], |bytes| {
        let text = String::from_utf8_lossy(bytes);
        drop(read(&text, Encoding::Utf8, &Progress::new()));
    });
}
