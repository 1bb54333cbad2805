//! Files in, layers out.

use std::path::PathBuf;

use super::super::layers::assemble;
use super::super::tests::damaged;
use super::super::{OpenOptions, Opened};
use super::*;
use crate::model::{GeometryKind, Provenance};

const HEAD: &str = "Version 300\nCharset \"WindowsSimpChinese\"\nDelimiter \",\"\nCoordSys Earth Projection 8, 104, \"m\", 117, 0, 1, 39500000, 0\nColumns 4\n  DLMC Char(20)\n  TBMJ Decimal(10,2)\n  BH Integer\n  RQ Date\nData\n\n";

fn read_text(mif: &str, mid: Option<&str>) -> Result<RawLayer, ReadError> {
    let gbk = |text: &str| encoding_rs::GB18030.encode(text).0.into_owned();
    read(&gbk(mif), mid.map(gbk).as_deref(), None, &Progress::new())
}

fn opened(mif: &str, mid: Option<&str>) -> Opened {
    let raw = read_text(mif, mid).expect("reads");
    let provenance = Provenance { path: PathBuf::from("a.mif"), ..Provenance::default() };
    assemble(raw, provenance, None, &OpenOptions { keep_partial: true, ..OpenOptions::default() }).expect("layers")
}

fn keys(opened: &Opened) -> Vec<&'static str> {
    opened.issues.iter().map(|issue| issue.message.key).collect()
}

const SQUARE: &str = "39500000 4070000\n39500100 4070000\n39500100 4070100\n39500000 4070100\n39500000 4070000\n";
const HOLE: &str = "39500010 4070010\n39500010 4070020\n39500020 4070020\n39500020 4070010\n39500010 4070010\n";

#[test]
fn shapes_meet_their_rows() {
    let mif = format!(
        "{HEAD}Region 2\n 5\n{SQUARE} 5\n{HOLE}  Pen (1,2,0)\n  Brush (1,0,16777215)\n  Center 39500050 4070050\nNone\nPline Multiple 2\n 2\n39500000 4070000\n39500001 4070001\n 2\n39500002 4070002\n39500003 4070003\n Smooth\n"
    );
    let mid = "\"水浇地 \"\"甲\"\"\",1.5,7,20250115\n\"\",,,\n\"沟\n渠\",x,8,\n";
    let opened = opened(&mif, Some(mid));
    let layer = &opened.layers[0];
    assert_eq!((layer.kind, layer.feature_count(), layer.crs.code()), (GeometryKind::Polygon, 2, "EPSG:4527"));
    assert_eq!((layer.counts(), layer.line(0)), ((8, 1, 1), Some(12)));
    let values: Vec<String> = (0..4).map(|field| layer.value(0, field).to_string()).collect();
    assert_eq!(values, ["水浇地 \"甲\"", "1.5", "7", "2025-01-15"]);
    assert!(layer.blocks[0].geometry.is_null(1));
    let lines = &opened.layers[1];
    assert_eq!((lines.kind, lines.blocks[0].geometry.paths(0).len()), (GeometryKind::Line, 2));
    assert_eq!(lines.value(0, 0).to_string(), "沟\n渠");
    let keys = keys(&opened);
    for key in ["io.mif-bad-value", "io.mif-styles", "io.mif-smooth"] {
        assert!(keys.contains(&key), "{key} is not among {keys:?}");
    }
    assert_eq!(opened.encoding, Encoding::Gbk);
}

#[test]
fn curves_texts_and_collections_are_shapes() {
    let mif = "Version 300\nCharset \"Neutral\"\nColumns 0\nTransform 2,0,10,0\nData\n\
        Ellipse -1000 -1000 1000 1000\nRoundRect 0 0 100 100 50\nRect 0 0 10 10\nArc -1 -1 1 1 0 90\nText \"甲\\n乙\" 0 1 2 3 Angle 30 Label Line Simple 1 2\n\
        Collection 3 Region 1 4 0 1 1 1 1 0 0 1 Pen(1,2,3) Line 0 1 2 3 MultiPoint 2 0 1 2 3 Symbol(1,2,3)\n";
    let opened = opened(mif, None);
    let shown: Vec<_> = opened.layers.iter().map(|layer| (layer.kind, layer.feature_count())).collect();
    assert_eq!(shown, [(GeometryKind::Polygon, 4), (GeometryKind::Line, 2), (GeometryKind::Point, 2)]);
    let area = |feature: usize| {
        let ring = opened.layers[0].blocks[0].geometry.feature_coords(feature);
        ring.windows(2).map(|p| p[0].x * p[1].y - p[1].x * p[0].y).sum::<f64>().abs() / 2.0
    };
    // Twice as wide as it is written, by its transform.
    let ellipse = std::f64::consts::PI * 2000.0 * 1000.0;
    assert!((area(0) / ellipse - 1.0).abs() < 1e-9, "{}", area(0));
    assert!((area(2) - 200.0).abs() < 1e-9);
    let texts = &opened.layers[2];
    assert_eq!(texts.value(0, texts.field("TEXT").expect("a field")).to_string(), "甲\n乙");
    assert!(keys(&opened).contains(&"io.gdb-curves"));
}

#[test]
fn what_does_not_fit_is_said() {
    let mif = format!("{HEAD}Point 39500000 4070000\nPoint 39500000 4070000\n");
    let fewer = opened(&mif, Some("\"a\",1,2,\n"));
    assert!(keys(&fewer).contains(&"io.shp-more-shapes"));
    let more = opened(&mif, Some("\"a\",1,2,\n\"b\",1,2,\n\"c\",1,2,\n"));
    assert!(keys(&more).contains(&"io.shp-more-rows"));
    assert_eq!(more.row_count, 3);
    assert!(keys(&opened(&mif, None)).contains(&"io.mif-no-mid"));
    let cut = opened(&format!("{HEAD}Point 39500000 4070000\nRegion 1\n 5\n39500000 4070000\n"), Some("\"a\",1,2,\n"));
    assert_eq!((cut.row_count, cut.partial.map(|error| error.message().key)), (1, Some("io.mif-broken")));
    let huge = opened(&format!("{HEAD}Point 39500000 4070000\nRegion 4000000000\n 4000000000\n1 2\n"), None);
    assert_eq!(huge.partial.map(|error| error.message().key), Some("io.mif-broken"));
    assert!(
        matches!(read_text("Version 300\n", None), Err(ReadError::Format(message)) if message.key == "io.mif-none")
    );
    let plane =
        opened("Version 300\nCoordSys NonEarth Units \"m\" Bounds (0, 0) (1, 1)\nColumns 0\nData\nPoint 1 2\n", None);
    assert!(keys(&plane).contains(&"io.mif-plane"));
    assert_eq!(plane.layers[0].crs, Crs::local_plane());
    let zone =
        "Version 300\nCoordSys NonEarth Units \"m\" Bounds (0, 0) (1, 1)\nColumns 0\nData\nPoint 39500000 4070000\n";
    assert_eq!(opened(zone, None).layers[0].crs.code(), "EPSG:4527");
    // A label that the bytes contradict.
    let utf8 = format!("{HEAD}Point 39500000 4070000\n");
    let raw = read(utf8.as_bytes(), Some("\"水浇地\",1,2,\n".as_bytes()), None, &Progress::new()).expect("reads");
    assert!(raw.issues.iter().any(|issue| issue.message.key == "io.encoding-contradicted"));
}

#[test]
fn damaged_files_end() {
    let mif = format!(
        "{HEAD}Region 2\n 5\n{SQUARE} 5\n{HOLE}  Pen (1,2,0)\nText \"a\" 1 2 3 4\nCollection 2 Region 1 4 0 1 1 1 1 0 0 1 Line 0 1 2 3\nEllipse 0 0 1 1\nRoundRect 0 0 9 9 1\nArc 0 0 1 1 0 90\nPline Multiple 1 2 1 2 3 4\n"
    );
    let mid = "\"a\",1.5,7,20250115\n\"b\",2,3,\n".repeat(3);
    damaged(&[mif.into_bytes()], |bytes| drop(read(bytes, Some(mid.as_bytes()), None, &Progress::new())));
    damaged(&[mid.clone().into_bytes()], |bytes| {
        let mif = format!("{HEAD}Point 1 2\nPoint 1 2\n");
        drop(read(mif.as_bytes(), Some(bytes), None, &Progress::new()));
    });
}
