//! Whole texts in, layers and issues out; and layers to text and back.

use std::path::PathBuf;

use super::super::layers::assemble;
use super::super::{OpenOptions, Opened};
use super::*;
use crate::crs::CrsSource;
use crate::model::{Layer, Provenance};

fn provenance(name: &str) -> Provenance {
    Provenance { path: PathBuf::from(name), ..Provenance::default() }
}

fn opened(bytes: &[u8]) -> Opened {
    let raw = read(bytes, &Progress::new()).expect("reads");
    assemble(raw, provenance("坐标.txt"), None, &OpenOptions::default()).expect("layers")
}

/// Kinds of the issues with their lines, notes about the CRS aside.
fn kinds(opened: &Opened) -> Vec<(String, u64)> {
    let of_file = opened.issues.iter().filter(|issue| issue.message.key.starts_with("io."));
    of_file.map(|issue| (issue.kind().trim_start_matches("txt-").to_owned(), issue.line.unwrap_or(0))).collect()
}

const HEADER: &str = "[属性描述]\r\n格式版本号=1.01版本\r\n坐标系=2000国家大地坐标系\r\n几度分带=3\r\n投影类型=高斯克吕格\r\n\
                      计量单位=米\r\n带号=39\r\n精度=0.001\r\n转换参数=,,,,,,\r\n[地块坐标]\r\n";

/// A square of 100 m from `(north, east)` at its south-west corner, wound as the format asks, closed.
fn square(first: u32, ring: u32, north: f64, east: f64, side: f64) -> String {
    let corners = [(side, 0.0), (side, side), (0.0, side), (0.0, 0.0), (side, 0.0)];
    let ids = [first, first + 1, first + 2, first + 3, first];
    let line = |(id, (dn, de)): (u32, (f64, f64))| format!("J{id},{ring},{:.3},{:.3}\r\n", north + dn, east + de);
    ids.into_iter().zip(corners).map(line).collect()
}

fn area(layer: &Layer, feature: usize) -> f64 {
    let (block, row) = layer.locate(feature);
    let rings = block.geometry.polygon(row).parts().flat_map(|part| part.rings().enumerate());
    let of_ring = |ring: &[Coord]| {
        let o = ring[0];
        ring.windows(2).map(|s| (s[0].x - o.x) * (s[1].y - o.y) - (s[0].y - o.y) * (s[1].x - o.x)).sum::<f64>().abs()
            / 2.0
    };
    rings.map(|(depth, ring)| if depth == 0 { of_ring(ring) } else { -of_ring(ring) }).sum()
}

#[test]
fn a_plot_with_a_hole_is_read_without_a_word() {
    let text = format!(
        "{HEADER}10,0.9600,1,示例地块一,面,J50G001001,工业用地,0601,@\r\n{}{}",
        square(1, 1, 4_060_000.0, 39_500_000.0, 100.0),
        square(5, 2, 4_060_040.0, 39_500_040.0, 20.0)
    );
    for bytes in [
        text.clone().into_bytes(),
        encoding_rs::GBK.encode(&text).0.into_owned(),
        format!("\u{feff}{text}").into_bytes(),
        text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect(),
        text.replace("\r\n", "\r").into_bytes(),
        text.replace("\r\n", "\n").into_bytes(),
    ] {
        let opened = opened(&bytes);
        assert_eq!(kinds(&opened), [], "{:?}", opened.issues);
        let layer = &opened.layers[0];
        assert_eq!((layer.crs.code(), layer.crs_source, layer.name.as_str()), ("EPSG:4527", CrsSource::File, "坐标"));
        assert_eq!((layer.feature_count(), area(layer, 0)), (1, 9600.0));
        let value = |name: &str| layer.value(0, layer.field(name).expect("a field")).to_string();
        assert_eq!(
            (value("地类编码"), value("地块名称"), value("地块面积")),
            ("0601".into(), "示例地块一".into(), "0.96".into())
        );
        assert_eq!(layer.line(0), Some(11));
    }
}

#[test]
fn faults_name_their_line() {
    let at = |north: f64| square(1, 1, north, 39_500_000.0, 100.0);
    let check = |body: &str, expected: &[(&str, u64)]| {
        let found = kinds(&opened(format!("{HEADER}{body}").as_bytes()));
        let expected: Vec<(String, u64)> = expected.iter().map(|(kind, line)| ((*kind).to_owned(), *line)).collect();
        assert_eq!(found, expected, "{body}");
    };
    let plot = "5,1.0000,1,甲,面,,,0601,@\r\n";
    check(&format!("{plot}{}", at(4_060_000.0)), &[]);
    check(&format!("5,1.2000,1,甲,面,,,0601,@\r\n{}", at(4_060_000.0)), &[("area", 11)]);
    check(&format!("5,10000.0,1,甲,面,,,0601,@\r\n{}", at(4_060_000.0)), &[("area-unit", 11)]);
    check(&format!("5,15.0,1,甲,面,,,0601,@\r\n{}", at(4_060_000.0)), &[("area-unit", 11)]);
    check(&format!("5,10000平方米,1,甲,面,,,0601,@\r\n{}", at(4_060_000.0)), &[]);
    check(&format!("9,1.0000,1,甲,面,,,0601,@\r\n{}", at(4_060_000.0)), &[("count", 11)]);
    check(&format!("{plot}{}", at(4_060_000.0).replace("J3", "J7")), &[("numbering", 14)]);
    check(&format!("5,1.0000,1,甲,面,,,0601\r\n{}", at(4_060_000.0)), &[("at-lost", 11)]);
    check(&format!("5，1.0000，1，甲，面，，，0601，＠\r\n{}", at(4_060_000.0)), &[("full-width", 11)]);
    check(&format!("5,1.0000,1,甲,乙,面,,,0601,@\r\n{}", at(4_060_000.0)), &[("comma-in-name", 11)]);
    check(
        &format!("{plot}J1,1,4060000.000,39500000.000\r\nJ2,1,4060100.000,39500000.000\r\n"),
        &[("short-ring", 12), ("count", 11), ("null-geometry", 11)],
    );
    check(plot, &[("no-points", 11), ("count", 11), ("null-geometry", 11)]);
    check(
        &format!("{plot}J1,1,4060000.x,39500000.000\r\n{}备注\r\n", at(4_060_000.0)),
        &[("bad-point", 12), ("other-line", 18)],
    );
    let twice = format!("{plot}{}{}", at(4_060_000.0), square(5, 1, 4_060_200.0, 39_500_000.0, 100.0));
    check(&twice.replace("5,1.0000", "10,2.0000"), &[("joined-rings", 17), ("parts", 17)]);
    let again = format!("{plot}{}{}", at(4_060_000.0), square(5, 2, 4_060_000.0, 39_500_000.0, 100.0));
    check(&again.replace("5,1.0000", "10,1.0000"), &[("repeated-ring", 17)]);
    check(&format!("{plot}{}", at(4_060_000.0).replace(".000", ".0001")), &[("more-decimals", 12)]);
    check(
        &format!("{plot}{}", at(4_060_000.0).replace("39500000.000", "3.95E+07")),
        &[("scientific", 12), ("scientific", 15), ("scientific", 16)],
    );
}

#[test]
fn zones_are_held_against_the_numbers() {
    let check = |from: &str, to: &str, east: f64, expected: (&str, CrsSource), issues: &[&str]| {
        let text = format!("{HEADER}5,1.0000,1,甲,面,,,0601,@\r\n{}", square(1, 1, 4_060_000.0, east, 100.0));
        let opened = opened(text.replace(from, to).as_bytes());
        assert_eq!((opened.layers[0].crs.code(), opened.layers[0].crs_source), expected, "{to}");
        let found: Vec<String> = kinds(&opened).into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(found, issues, "{to}");
    };
    let east = 39_500_000.0;
    check("带号=39", "带号=", east, ("EPSG:4527", CrsSource::File), &["zone-by-prefix"]);
    check("带号=39", "带号=40", east, ("EPSG:4527", CrsSource::Undecided), &["zone-differs"]);
    check("几度分带=3", "几度分带=6", east, ("EPSG:4527", CrsSource::Numbers), &["zone-width"]);
    check("2000国家大地", "1980西安", east, ("EPSG:2363", CrsSource::File), &[]);
    check("带号=39", "带号=39", 500_000.0, ("EPSG:4548", CrsSource::File), &["no-prefix"]);
    check("带号=39", "带号=20", 20_500_000.0, ("EPSG:4498", CrsSource::Numbers), &["zone-width"]);
    check("带号=39", "带号=57", east, ("EPSG:4527", CrsSource::Numbers), &["zone-differs", "zone-unknown"]);
    check("转换参数=,,,,,,", "转换参数=0,0,0,0,0,0,1.5", east, ("EPSG:4527", CrsSource::File), &["parameters"]);
    check("带号=39", "带号=", 500_000.0, ("EPSG:4548", CrsSource::Undecided), &["no-zone"]);
}

#[test]
fn eastings_that_stand_first_are_exchanged_in_the_whole_file() {
    let square = square(1, 1, 4_060_000.0, 39_500_000.0, 100.0);
    let swapped: String = square
        .lines()
        .map(|line| {
            let parts: Vec<&str> = line.split(',').collect();
            format!("{},{},{},{}\r\n", parts[0], parts[1], parts[3], parts[2])
        })
        .collect();
    let opened = opened(format!("{HEADER}1,示例地块三,面,设施农用地,@\r\n{swapped}").as_bytes());
    assert_eq!(kinds(&opened), [("east-first".to_owned(), 0)]);
    let layer = &opened.layers[0];
    assert_eq!((layer.crs.code(), layer.extent().min.x), ("EPSG:4527", 39_500_000.0));
    assert_eq!(layer.value(0, layer.field("地块用途").expect("a field")).to_string(), "设施农用地");
}

#[test]
fn lines_and_points_are_layers_of_their_own() {
    let text = format!(
        "{HEADER}2,,1,路,线,,,,@\r\n1,1,4060000,39500000\r\n2,1,4060100,39500000\r\n\
         1,,2,井,点,,,,@\r\n1,1,4060000,39500000\r\n5,1.0000,3,甲,面,,,0601,@\r\n{}",
        square(1, 1, 4_060_000.0, 39_500_000.0, 100.0)
    );
    let opened = opened(text.as_bytes());
    let shown: Vec<_> = opened.layers.iter().map(|layer| (layer.kind, layer.feature_count())).collect();
    assert_eq!(shown, [(GeometryKind::Line, 1), (GeometryKind::Point, 1), (GeometryKind::Polygon, 1)]);
}

#[test]
fn lists_without_plot_lines_are_read() {
    let check = |text: &str, kind: GeometryKind, count: usize, crs: &str, fields: &[&str]| {
        let opened = opened(text.as_bytes());
        let layer = &opened.layers[0];
        assert_eq!((layer.kind, layer.feature_count(), layer.crs.code()), (kind, count, crs), "{text}");
        assert_eq!(layer.fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>(), fields);
        assert_eq!(layer.extent().min.x, 39_500_000.0, "{text}");
    };
    let point = GeometryKind::Point;
    check(
        "P1,,39500000.1,4060000.2,45.3\nP2,K,39500000,4060000,44\n",
        point,
        2,
        "EPSG:4527",
        &["点名", "高程", "编码"],
    );
    check("P1,4060000.2,39500000\nP2,4060000,39500001\n", point, 2, "EPSG:4527", &["点名"]);
    let block = "39500000,4060000\n39500100,4060000\n39500100,4060100\n";
    let text = format!("示例七\n{block}\n示例八\n{}", block.replace("40601", "40602"));
    check(&text, GeometryKind::Polygon, 2, "EPSG:4527", &["地块名称"]);
    let bare = "J1,1,4060000,39500000\nJ2,1,4060000,39500100\nJ3,1,4060100,39500100\n";
    check(bare, GeometryKind::Polygon, 1, "EPSG:4527", &[]);
    assert!(matches!(read("今天\n天气\n".as_bytes(), &Progress::new()), Err(ReadError::Format(_))));
    assert!(matches!(read(b" \r\n", &Progress::new()), Err(ReadError::Empty)));
}

#[test]
fn what_is_written_is_read_again_digit_by_digit() {
    let text = format!(
        "{HEADER}10,0.9600,1,示例,面,J50G001001,工业用地,0601,@\r\n{}{}5,1.0000,2,乙,面,,,0701,@\r\n{}",
        square(1, 1, 4_060_000.0, 39_500_000.123, 100.0),
        square(5, 2, 4_060_040.0, 39_500_040.0, 20.0),
        square(1, 1, 4_060_200.0, 39_500_000.0, 100.0)
    );
    let first = opened(text.as_bytes());
    let layer = &first.layers[0];
    let options = TxtOptions { fields: txt_fields(layer), ..TxtOptions::default() };
    let mut bytes = Vec::new();
    let written = write_txt(layer, None, &options, &mut bytes).expect("writes");
    assert_eq!((written.plot_count, written.issues), (2, vec![]));
    let said = encoding_rs::GBK.decode(&bytes).0.into_owned();
    assert!(
        said.contains("\r\n10,0.9600,1,示例,面,J50G001001,工业用地,0601,@\r\nJ1,1,4060100.000,39500000.123\r\n"),
        "{said}"
    );
    let second = opened(&bytes);
    assert_eq!(kinds(&second), []);
    for (a, b) in [(0, 0), (1, 1)] {
        let coords = |layer: &Layer, at: usize| {
            let (block, row) = layer.locate(at);
            let mut coords: Vec<_> =
                block.geometry.feature_coords(row).iter().map(|c| (c.x.to_bits(), c.y.to_bits())).collect();
            coords.sort_unstable();
            coords.dedup();
            coords
        };
        assert_eq!(coords(layer, a), coords(&second.layers[0], b));
    }
    let mut again = Vec::new();
    write_txt(
        &second.layers[0],
        None,
        &TxtOptions { fields: txt_fields(&second.layers[0]), ..options.clone() },
        &mut again,
    )
    .expect("writes");
    assert_eq!(again, bytes);
    let table =
        crate::report::boundary_points::boundary_points(layer, Some(&[1]), &options, crate::text::Language::Chinese);
    let csv = String::from_utf8(crate::report::to_csv(&table, crate::text::Language::Chinese)).expect("UTF-8");
    assert!(csv.contains("2,乙,1,J1,4060300.000,39500000.000,100.000\r\n"), "{csv}");
    assert!(csv.contains("2,乙,1,J1,4060300.000,39500000.000,\r\n"), "{csv}");
}

#[test]
fn what_the_format_cannot_hold_is_listed() {
    let text = r#"{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:4548"}},"features":[
        {"type":"Feature","properties":{"名称":"甲,乙@😀","层高":3},"geometry":{"type":"MultiPolygon","coordinates":
          [[[[500000.12345,4060000],[500100,4060000],[500100,4060100],[500000.12345,4060000]]],
           [[[501000,4060000],[501100,4060000],[501100,4060100],[501000,4060000]]]]}},
        {"type":"Feature","properties":{"名称":"空"},"geometry":null}]}"#;
    let opened =
        super::super::open_bytes("a.json", text.as_bytes().to_vec(), &OpenOptions::default(), &Progress::new());
    let layer = &opened.expect("opens").layers[0];
    let options = TxtOptions { fields: txt_fields(layer), date: "2025-01-01".into(), ..TxtOptions::default() };
    let mut bytes = Vec::new();
    let written = write_txt(layer, None, &options, &mut bytes).expect("writes");
    let kinds: Vec<_> = written.issues.iter().map(|issue| issue.kind().trim_start_matches("txt-write-")).collect();
    assert_eq!(kinds, ["no-geometry", "texts", "characters", "rounded", "parts", "fields"]);
    let said = encoding_rs::GBK.decode(&bytes).0.into_owned();
    assert!(said.contains("8,0.9994,,甲，乙＠?,面,,,,@\r\n"), "{said}");
    // The zone is put in front, rings run on.
    assert!(said.contains("J4,2,") && said.contains(",39500000.123\r\n") && said.contains("带号=39"), "{said}");
    let parts = TxtOptions { parts: Parts::Plots, encoding: TxtEncoding::Utf8, ..options.clone() };
    let mut bytes = Vec::new();
    assert_eq!(write_txt(layer, None, &parts, &mut bytes).expect("writes").plot_count, 2);
    assert!(String::from_utf8(bytes).expect("UTF-8").contains("甲，乙＠😀"));
    let mut geographic = layer.clone();
    geographic.crs = crate::crs::Crs::cgcs2000();
    assert!(matches!(write_txt(&geographic, None, &options, &mut Vec::new()), Err(TxtError::Crs(_))));
}

/// The samples of the outside cases against what they must come to.
#[test]
fn samples_come_out_as_their_authors_say() {
    let Some(shared) = std::env::var_os("TUBAN_SHARED").map(PathBuf::from) else {
        println!("SKIPPED: coordinate TXT: TUBAN_SHARED is not set");
        return;
    };
    let text = std::fs::read_to_string(shared.join("data/formats/txt/expected.json")).expect("the answers");
    let sets: Vec<serde_json::Value> = serde_json::from_str(&text).expect("JSON");
    for set in &sets {
        let name = set["file"].as_str().expect("a name");
        let bytes = std::fs::read(shared.join("data/formats/txt").join(name)).expect("the file");
        let opened = opened(&bytes);
        let (layer, expected) = (&opened.layers[0], &set["layers"][0]);
        assert_eq!(layer.feature_count() as u64, expected["feature_count"].as_u64().expect("a count"), "{name}");
        let sum: f64 = (0..layer.feature_count()).map(|at| area(layer, at)).sum();
        let right = expected["area_m2"].as_f64().expect("an area");
        assert!((sum / right - 1.0).abs() < 1e-9, "{name}: {sum} m², expected {right}");
        let extent = layer.extent();
        for (at, found) in [extent.min.x, extent.min.y, extent.max.x, extent.max.y].into_iter().enumerate() {
            assert!((found - expected["bounds"][at].as_f64().expect("a number")).abs() < 1e-6, "{name}: {found}");
        }
        // The answers name the zone with its number in front; eastings without it are in the CRS without it.
        let crs = if name == "made_swapped.txt" { "EPSG:4548" } else { expected["crs"].as_str().expect("a CRS") };
        assert_eq!(layer.crs.code(), crs, "{name}");
        for (field, value) in expected["sample"].as_object().expect("a row") {
            assert_eq!(layer.value(0, layer.field(field).expect("a field")).to_string(), value.as_str().expect("text"));
        }
        println!("{name}: {:?}", kinds(&opened));
    }
    for (name, count, areas) in [
        ("bpzb_hole_gbk.txt", 2, vec![27_500.0]),
        ("bpzb_project_utf8bom.txt", 1, vec![]),
        ("bpzb_swapped_multipart.txt", 1, vec![]),
    ] {
        let bytes = std::fs::read(shared.join("reference/txt_samples").join(name)).expect("the file");
        let opened = opened(&bytes);
        println!("{name}: {} {:?} {:?}", opened.layers[0].crs.code(), area(&opened.layers[0], 0), kinds(&opened));
        assert!(opened.layers[0].feature_count() >= count, "{name}");
        for (at, right) in areas.into_iter().enumerate() {
            assert!((area(&opened.layers[0], at) - right).abs() < 1e-3, "{name}");
        }
    }
    println!("ran {} cases, skipped 0", sets.len() + 3);
}

#[test]
fn damaged_texts_end() {
    let text = format!(
        "{HEADER}10,0.9600,1,示例地块一,面,J50G001001,工业用地,0601,@\r\n{}{}5,,2,乙,面,,,,@\r\n{}",
        square(1, 1, 4_060_000.0, 39_500_000.0, 100.0),
        square(5, 2, 4_060_040.0, 39_500_040.0, 20.0),
        square(1, 1, 4_061_000.0, 39_500_000.0, 100.0)
    );
    let list = b"P1,,39500000.1,4060000.2,45.3\n\nA\n39500000,4060000\n39500100,4060000\n39500100,4060100\n".to_vec();
    let seeds = [encoding_rs::GBK.encode(&text).0.into_owned(), text.into_bytes(), list];
    super::super::tests::damaged(&seeds, |bytes| {
        if let Ok(raw) = read(bytes, &Progress::new()) {
            // None usable is an answer too.
            let _ = assemble(raw, provenance("坐标.txt"), None, &OpenOptions::default());
        }
    });
}

#[test]
fn other_separators_and_missing_ring_numbers_are_read() {
    let points = square(1, 1, 4_060_000.0, 39_500_000.0, 100.0);
    let cases = [
        (points.replace(',', "\t"), "separators"),
        (points.replace(',', " "), "separators"),
        (points.replace(',', ";"), "separators"),
        (points.replace(",1,", ","), "no-ring"),
    ];
    for (points, kind) in cases {
        let opened = opened(format!("{HEADER}5,1.0000,1,甲,面,,,,@\r\n{points}").as_bytes());
        assert!((area(&opened.layers[0], 0) - 1e4).abs() < 1e-6, "{points}");
        assert_eq!(kinds(&opened), [(kind.to_owned(), 12)], "{points}");
    }
}

#[test]
fn plots_of_both_orders_are_read_as_the_format_has_it() {
    let exchanged = |line: &str| {
        let parts: Vec<&str> = line.split(',').collect();
        format!("{},{},{},{}\r\n", parts[0], parts[1], parts[3], parts[2])
    };
    let first = square(1, 1, 4_060_000.0, 39_500_000.0, 100.0);
    let second: String = square(1, 1, 4_060_000.0, 39_500_300.0, 100.0).lines().map(exchanged).collect();
    let plot = "5,1.0000,1,甲,面,,,,@\r\n";
    let opened = opened(format!("{HEADER}{plot}{first}{plot}{second}").as_bytes());
    assert!((area(&opened.layers[0], 0) - 1e4).abs() < 1e-6);
    assert!((opened.layers[0].blocks[0].geometry.coords()[0].x - 39_500_000.0).abs() < 1000.0);
    assert!(kinds(&opened).contains(&("order-mixed".to_owned(), 0)), "{:?}", kinds(&opened));
}

#[test]
fn words_that_were_garbled_are_told() {
    let text = format!("{HEADER}5,1.0000,1,甲,面,,,,@\r\n{}", square(1, 1, 4_060_000.0, 39_500_000.0, 100.0));
    let garbled = encoding_rs::GB18030.decode_without_bom_handling(text.as_bytes()).0.into_owned();
    let opened = opened(garbled.as_bytes());
    assert!((area(&opened.layers[0], 0) - 1e4).abs() < 1e-6);
    assert!(kinds(&opened).iter().any(|(kind, _)| kind == "garbled"), "{:?}", kinds(&opened));
}

#[test]
fn a_boundary_that_crosses_itself_is_told_where() {
    let points = "J1,1,4060100,39500000\r\nJ2,1,4060000,39500100\r\nJ3,1,4060100,39500100\r\nJ4,1,4060000,39500000\r\n\
                  J1,1,4060100,39500000\r\n";
    let opened = opened(format!("{HEADER}5,0.5000,1,蝴蝶,面,,,,@\r\n{points}").as_bytes());
    assert!(kinds(&opened).contains(&("crossing".to_owned(), 12)), "{:?}", kinds(&opened));
    assert!(!kinds(&opened).iter().any(|(kind, _)| kind == "area"), "{:?}", kinds(&opened));
    let place = opened.issues.iter().find(|issue| issue.kind() == "txt-crossing").and_then(|issue| issue.place);
    let place = place.expect("a place");
    assert!((place.x - 39_500_050.0).abs() < 1e-6 && (place.y - 4_060_050.0).abs() < 1e-6, "{place:?}");
}
