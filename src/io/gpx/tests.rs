//! Documents in, layers out.

use super::super::tests::damaged;
use super::super::{OpenOptions, Opened, open_bytes};
use super::*;
use crate::model::{GeometryKind, Layer};
use crate::task::Progress;

fn opened(inner: &str) -> Opened {
    let text = format!("<?xml version=\"1.0\"?>\n<gpx xmlns=\"http://www.topografix.com/GPX/1/1\">{inner}</gpx>");
    let options = OpenOptions { keep_partial: true, ..OpenOptions::default() };
    open_bytes("踏勘.gpx", text.into_bytes(), &options, &Progress::new()).expect("opens")
}

fn shown(opened: &Opened) -> Vec<(&str, GeometryKind, usize)> {
    opened.layers.iter().map(|layer| (layer.name.as_str(), layer.kind, layer.feature_count())).collect()
}

fn value(layer: &Layer, feature: usize, field: &str) -> String {
    layer.value(feature, layer.field(field).expect("a field")).to_string()
}

#[test]
fn points_routes_and_tracks_are_layers() {
    let opened = opened(
        "<metadata><name>no field</name></metadata>\
         <wpt lat=\"36.8\" lon=\"117\"><ele>20.5</ele><name>点 &amp; 一</name><link href=\"a.htm\"><text>甲</text></link><link href=\"b.htm\"/></wpt>\
         <rte><name>路</name><number>7</number><rtept lat=\"36\" lon=\"117\"/><rtept lat=\"36.1\" lon=\"117\"/></rte>\
         <trk><name>迹</name><extensions><a:color xmlns:a=\"x\">0701</a:color></extensions>\
         <trkseg><trkpt lat=\"36\" lon=\"117\"><ele>1</ele><time>2025-01-15T00:00:00Z</time></trkpt><trkpt lat=\"36.1\" lon=\"117\"><ele>2</ele></trkpt></trkseg>\
         <trkseg><trkpt lat=\"37\" lon=\"117\"/><trkpt lat=\"37.1\" lon=\"117\"/></trkseg></trk><trk/>",
    );
    let expected = [
        ("waypoints", GeometryKind::Point, 1),
        ("routes", GeometryKind::Line, 1),
        ("tracks", GeometryKind::Line, 2),
        ("track_points", GeometryKind::Point, 4),
    ];
    assert_eq!(shown(&opened), expected);
    let [points, routes, tracks, track_points] = [0, 1, 2, 3].map(|at| &opened.layers[at]);
    let fields: Vec<String> =
        ["ele", "name", "link1_href", "link1_text", "link2_href"].map(|f| value(points, 0, f)).into();
    assert_eq!(fields, ["20.5", "点 & 一", "a.htm", "甲", "b.htm"]);
    assert_eq!((value(routes, 0, "number"), value(tracks, 0, "color")), ("7".to_owned(), "0701".to_owned()));
    assert_eq!(tracks.blocks[0].geometry.paths(0).len(), 2);
    assert_eq!(tracks.blocks[0].geometry.z()[..2], [1.0, 2.0]);
    assert_eq!(
        (value(track_points, 1, "track_point_id"), value(track_points, 0, "time")),
        ("1".to_owned(), "2025-01-15T00:00:00Z".to_owned())
    );
    assert_eq!(points.crs.code(), "OGC:CRS84");
    assert!(tracks.blocks[0].geometry.feature_coords(1).is_empty() && !tracks.blocks[0].geometry.is_null(1));
}

#[test]
fn faults_are_about_their_feature() {
    let opened = opened(
        "<wpt lat=\"x\" lon=\"117\"/><wpt lat=\"1\" lon=\"2\"/><rte><rtept lat=\"1\" lon=\"2\"/></rte><rte><rtept lat=\"1\"/></rte>",
    );
    let issues: Vec<_> = opened.issues.iter().map(|issue| (issue.message.key, issue.feature)).collect();
    let expected = [("io.not-a-number", Some(0)), ("io.short-line", Some(0)), ("io.not-a-number", Some(1))];
    expected.iter().for_each(|issue| assert!(issues.contains(issue), "{issues:?}"));
    assert_eq!(opened.row_count, 4);
}

#[test]
fn broken_documents_keep_what_came_before() {
    let read = |text: &str| document::read(text, crate::io::Encoding::Utf8, &Progress::new());
    let key = |raw: &[RawLayer]| match &raw[0].error {
        Some(ReadError::Format(message)) => message.key,
        _ => "",
    };
    let cut = read("<gpx><wpt lat=\"1\" lon=\"2\"/><wpt lat=\"1\" lon=\"2\">").expect("reads");
    assert_eq!((key(&cut), cut[0].row_count), ("io.gpx-truncated", 1));
    let broken = read("<gpx><wpt lat=\"1\" lon=\"2\"/></trk>").expect("reads");
    assert_eq!((key(&broken), broken[0].row_count), ("io.gpx-broken", 1));
    assert_eq!(key(&read(&"<gpx>".repeat(1000)).expect("reads")), "io.gpx-deep");
    assert!(matches!(read("no xml"), Err(ReadError::Format(message)) if message.key == "io.gpx-none"));
    let nothing = read("<gpx/>").expect("reads");
    assert_eq!(nothing[0].issues[0].message.key, "io.gpx-nothing");
}

#[test]
fn damaged_documents_end() {
    let seed = b"<?xml version=\"1.0\"?><gpx><wpt lat=\"36.8\" lon=\"117\"><ele>1</ele><name>a&amp;b</name><extensions><x><y>1</y></x></extensions></wpt>\
                 <trk><name>t</name><trkseg><trkpt lat=\"1\" lon=\"2\"><time>t</time></trkpt><trkpt lat=\"1\" lon=\"3\"/></trkseg></trk></gpx>";
    damaged(&[seed.to_vec()], |bytes| {
        let options = OpenOptions { keep_partial: true, ..OpenOptions::default() };
        let _ = open_bytes("a.gpx", bytes.to_vec(), &options, &Progress::new());
    });
}
