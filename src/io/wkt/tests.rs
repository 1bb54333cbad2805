//! Texts that are geometries, files of them in and out, broken ones.

use std::path::PathBuf;

use super::super::encoding::Decoded;
use super::super::layers::assemble;
use super::super::tests::damaged;
use super::super::{OpenOptions, Opened, ReadError, WriteOptions, open_bytes};
use super::*;
use crate::model::{Layer, Provenance};
use crate::task::Progress;

#[test]
fn texts_are_recognised() {
    for text in [
        "POINT (1 2)",
        "point(1 2)",
        "SRID=4527;POLYGON((1 2,3 4,5 6,1 2))",
        "POLYGON EMPTY",
        "POINT Z (1 2 3)",
        "POINTZ(1 2 3)",
        "POINTM(1 2 3)",
        "POINT ZM (1 2 3 4)",
        "CURVEPOLYGON (CIRCULARSTRING (0 0, 1 1, 2 0, 1 -1, 0 0))",
        "MULTISURFACEZ(((0 0 1,1 0 1,1 1 1,0 0 1)))",
        "0101000020AF110000000000000000F03F0000000000000040",
    ] {
        assert!(is_wkt(text), "{text}");
    }
    for text in
        ["", "0101000000000000000000000000000000000735", "0101", "点", "POINTER (1", "POINT", "POLYGON 1", "道路"]
    {
        assert!(!is_wkt(text), "{text}");
    }
    assert_eq!(without_srid("SRID=4527;POINT(1 2)"), (Some(4527), "POINT(1 2)"));
}

#[test]
fn deep_and_broken_texts_are_refused() {
    let push = |text: &str| {
        super::push(text, &mut Sinks::new(None), 0, &mut Notes::default()).map(|kinds| kinds.iter().collect::<Vec<_>>())
    };
    let deep = "GEOMETRYCOLLECTION(".repeat(100_000);
    assert_eq!(push(&deep).map_err(|message| message.key), Err("io.table-wkt-deep"));
    assert_eq!(push("POLYGON((1 2,3 4").map_err(|message| message.key), Err("io.table-wkt-bad"));
    assert_eq!(push("POLYGON((1 2,3 4,1 2))").map_err(|message| message.key), Err("io.short-ring"));
    assert!(push("POINT(1 nan)").is_err());
    let mixed = push("GEOMETRYCOLLECTION(POINT(1 2),POLYGON((0 0,1 0,1 1)))");
    assert_eq!(mixed, Ok(vec![GeometryKind::Point, GeometryKind::Polygon]));
}

#[test]
fn curves_and_digits_of_binary_are_read() {
    let text = "SRID=4527;CURVEPOLYGON(CIRCULARSTRING(39500000 4070000,39500050 4070050,39500100 4070000,39500050 4069950,39500000 4070000))\n\
                SRID=4527;MULTISURFACE (((39500000 4070000,39500100 4070000,39500100 4070100,39500000 4070000)),\
                CURVEPOLYGON (COMPOUNDCURVE ((39500200 4070000,39500300 4070000),CIRCULARSTRING(39500300 4070000,39500250 4070050,39500200 4070000))))\n\
                SRID=4527;TRIANGLE Z ((39500000 4070000 5,39500100 4070000 6,39500100 4070100 7,39500000 4070000 5))\n\
                SRID=4527;TIN(((39500000 4070000 5,39500100 4070000 6,39500100 4070100 7,39500000 4070000 5)))\n\
                0106000020AF11000001000000010300000001000000040000000000000017D682410000000008 \n";
    let opened = opened(text);
    let polygons = &opened.layers[0];
    assert_eq!((opened.row_count, polygons.kind, polygons.crs.code()), (5, GeometryKind::Polygon, "EPSG:4527"));
    let area = |feature: usize| -> f64 {
        let (block, row) = polygons.locate(feature);
        let rings = block
            .geometry
            .polygon(row)
            .parts()
            .flat_map(|part| part.rings().map(<[Coord]>::to_vec).collect::<Vec<_>>());
        let of = |ring: Vec<Coord>| {
            let (x, y) = (ring[0].x, ring[0].y);
            ring.windows(2).map(|e| (e[0].x - x) * (e[1].y - y) - (e[1].x - x) * (e[0].y - y)).sum::<f64>().abs() / 2.0
        };
        rings.map(of).sum()
    };
    let disc = std::f64::consts::PI * 2500.0;
    assert!((area(0) / disc - 1.0).abs() < 1e-4, "{}", area(0));
    assert!((area(1) / (5000.0 + disc / 2.0) - 1.0).abs() < 1e-4, "{}", area(1));
    assert_eq!(area(2), 5000.0);
    let keys: Vec<&str> = opened.issues.iter().map(|issue| issue.message.key).collect();
    for key in ["io.arcs", "io.gpkg-unread-geometry", "io.table-wkt-bad"] {
        assert!(keys.contains(&key), "{key}: {keys:?}");
    }
    let digits = "0101000020AF110000000000000000F03F0000000000000040";
    assert_eq!(without_srid(digits), (Some(4527), digits));
    let mut sinks = Sinks::new(None);
    let kinds = super::push(digits, &mut sinks, 0, &mut Notes::default()).expect("a point");
    assert_eq!(kinds.iter().collect::<Vec<_>>(), [GeometryKind::Point]);
    let builder = &mut sinks.of(GeometryKind::Point, 0).geometry;
    builder.end_feature();
    assert_eq!(builder.clone().finish().coords(), [Coord { x: 1.0, y: 2.0 }]);
}

fn opened(text: &str) -> Opened {
    let raw = lines::read(&Decoded::of(text.as_bytes()), &Progress::new()).expect("reads");
    let provenance = Provenance { path: PathBuf::from("a.wkt"), ..Provenance::default() };
    assemble(raw, provenance, None, &OpenOptions::default()).expect("layers")
}

#[test]
fn a_geometry_a_line_is_a_feature() {
    let text = "SRID=4527;POLYGON((39500000 4070000,39500100 4070000,39500100 4070100,39500000 4070000))\r\n\r\n\
                SRID=4527;MULTIPOLYGON(((39500000 4070000,39500100 4070000,\n 39500100 4070100,39500000 4070000)))\n\
                SRID=4528;POLYGON((39500000 4070000\n\
                SRID=4527;GEOMETRYCOLLECTION(POINT(39500000 4070000),\nPOLYGON((39500000 4070000,39500100 4070000,39500100 4070100)))\n\
                POLYGON EMPTY\n";
    let opened = opened(text);
    let counts: Vec<_> = opened.layers.iter().map(|layer| (layer.kind, layer.feature_count())).collect();
    assert_eq!((opened.row_count, opened.format.as_str()), (5, "EWKT"));
    assert_eq!(counts, [(GeometryKind::Polygon, 5), (GeometryKind::Point, 1)]);
    assert_eq!(opened.layers[0].crs.code(), "EPSG:4527");
    assert_eq!(opened.layers[0].line(2), Some(5));
    let issues: Vec<_> = opened.issues.iter().map(|issue| (issue.message.key, issue.feature)).collect();
    assert_eq!(issues[..2], [("io.table-wkt-bad", Some(2)), ("io.wkt-other-srid", Some(2))]);
    assert!(matches!(lines::read(&Decoded::of(b" \n"), &Progress::new()), Err(ReadError::Empty)));
}

#[test]
fn what_is_written_is_read_again() {
    let source = "POLYGON Z ((117 36 1.5, 117.1 36 2, 117.1 36.1 0, 117 36 1.5), (117.01 36.01 1, 117.01 36.02 1, 117.02 36.01 1, 117.01 36.01 1))\n\
                  MULTIPOLYGON (((117 36, 117.1 36, 117.1 36.1, 117 36)), ((118 36, 118.1 36, 118.1 36.1, 118 36)))\n\
                  POLYGON M ((117 36 10, 117.1 36 20.5, 117.1 36.1 30, 117 36 10))\n\
                  POLYGON ZM ((117 36 1 10, 117.1 36 2 20.5, 117.1 36.1 3 30, 117 36 1 10))\n\
                  POLYGON EMPTY\n\
                  GEOMETRYCOLLECTION EMPTY\n";
    let layer = opened(source).layers.remove(0);
    let text = |write: fn(&Layer, Option<&[usize]>, WriteOptions, &mut dyn std::io::Write) -> std::io::Result<()>| {
        let mut bytes = Vec::new();
        write(&layer, None, WriteOptions::default(), &mut bytes).expect("writes");
        String::from_utf8(bytes).expect("UTF-8")
    };
    assert_eq!(text(lines::write), source);
    let code = layer.crs.epsg().unwrap_or(4326);
    assert!(text(lines::write_with_srid).lines().all(|line| line.starts_with(&format!("SRID={code};"))));
    let read =
        open_bytes("a.ewkt", text(lines::write_with_srid).into_bytes(), &OpenOptions::default(), &Progress::new());
    assert_eq!(read.expect("opens").format, "EWKT");
}

#[test]
fn damaged_texts_end() {
    let seeds = [
        b"SRID=4527;POLYGON Z ((1 2 3,4 5 6,7 8 9,1 2 3))\nPOINT(1 2)\nGEOMETRYCOLLECTION(POINT(1 2),LINESTRING(1 2,3 4))\n"
            .to_vec(),
        b"MULTIPOLYGON(((1 2,3 4,5 6)))\nPOLYGON EMPTY\n".to_vec(),
    ];
    damaged(&seeds, |bytes| drop(lines::read(&Decoded::of(bytes), &Progress::new())));
}
