//! `tuban convert` from end to end: what is chosen, what it becomes, what is refused, and what is told of many files.

use std::path::Path;
use std::process::Output;

use tuban::crs::{Crs, Reprojector};
use tuban::io::{OpenOptions, Opened, open, open_each};
use tuban::model::{Coord, Layer};
use tuban::task::Progress;

use crate::program::tuban;

fn opened(path: &Path) -> Opened {
    open(path, &OpenOptions::default(), &Progress::new()).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn said(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// A folder with `地块.geojson`: three parcels in EPSG:4548, the last of which crosses itself.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let parcel = |x: f64, code: &str, area: f64, bow: bool| {
        let (a, b) = (500_000.0 + x, 500_100.0 + x);
        let (c, d) = if bow { (b, a) } else { (a, b) };
        format!(
            r#"{{"type":"Feature","properties":{{"BSM":"00{x}","DLBM":"{code}","TBMJ":{area}}},"geometry":{{"type":"Polygon","coordinates":[[[{a},4070000],[{b},4070000],[{d},4070100],[{c},4070100],[{a},4070000]]]}}}}"#
        )
    };
    let features =
        [parcel(0.0, "0101", 5.5, false), parcel(200.0, "0701", 9.0, false), parcel(400.0, "0102", 7.0, true)];
    let crs = r#"{"type":"name","properties":{"name":"EPSG:4548"}}"#;
    let text = format!(r#"{{"type":"FeatureCollection","crs":{crs},"features":[{}]}}"#, features.join(",\n"));
    std::fs::write(folder.path().join("地块.geojson"), text).expect("written");
    folder
}

fn names(layer: &Layer) -> Vec<&str> {
    layer.fields.iter().map(|field| field.name.as_str()).collect()
}

#[test]
fn rows_fields_and_crs_are_chosen() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let line = "convert 地块.geojson out.gpkg --where DLBM<>'0701' --fields TBMJ,dlbm --to EPSG:4490";
    let (code, out, errors) = said(&tuban(folder.path(), line));
    assert_eq!((code, out.as_str()), (Some(0), ""), "{errors}");
    let found = opened(&at("out.gpkg"));
    let layer = &found.layers[0];
    assert_eq!((layer.name.as_str(), layer.crs.code(), layer.feature_count()), ("地块", "EPSG:4490", 2));
    assert_eq!(names(layer), ["TBMJ", "DLBM"]);
    assert_eq!(layer.value(1, 1).to_string(), "0102");
    // A polygon that crosses itself stays as it is: it is converted, not mended.
    assert_eq!(layer.blocks[0].geometry.feature_coords(1).len(), 5);
    let x = layer.blocks[0].geometry.coords()[0].x;
    assert!((x - 117.0).abs() < 1e-9, "{x}");

    let (code, _, errors) = said(&tuban(folder.path(), "convert 地块.geojson b.gpkg --fields DLMC"));
    assert_eq!(code, Some(2));
    assert!(errors.contains("DLMC") && errors.contains("BSM, DLBM, TBMJ"), "{errors}");
    assert!(!at("b.gpkg").exists());
    let (code, _, errors) = said(&tuban(folder.path(), "convert 地块.geojson b.gpkg --layer 没有"));
    assert!(code == Some(2) && errors.contains("地块"), "{errors}");
    let (code, _, errors) = said(&tuban(folder.path(), "convert 地块.geojson b.gpkg --where DLBM<"));
    assert!(code == Some(2) && !at("b.gpkg").exists(), "{errors}");
}

#[test]
fn encodings_are_those_that_are_asked_for() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let rows: &[u8] = &[&b"\xB1\xE0\xBA\xC5,\xC3\xFB\xB3\xC6\n001,"[..], &b"\xCB\xAE\xB5\xBE\xCC\xEF\n"[..]].concat();
    std::fs::write(at("表.csv"), rows).expect("written");
    let (code, _, errors) = said(&tuban(folder.path(), "convert 表.csv 表.dbf --encoding-in GBK --encoding-out GBK"));
    assert_eq!(code, Some(0), "{errors}");
    let bytes = std::fs::read(at("表.dbf")).expect("read");
    assert!(bytes.windows(6).any(|six| six == b"\xCB\xAE\xB5\xBE\xCC\xEF"), "the text is GBK");
    let found = opened(&at("表.dbf"));
    assert_eq!(found.layers[0].value(0, 1).to_string(), "水稻田");
    for (line, word) in [
        ("convert 表.csv a.dbf --encoding-out BIG5", "BIG5"),
        ("convert 表.csv a.dbf --encoding-in nothing", "nothing"),
    ] {
        let (code, _, errors) = said(&tuban(folder.path(), line));
        assert!(code == Some(2) && errors.contains(word), "{errors}");
    }
}

#[test]
fn nothing_is_replaced_that_was_not_named() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let check = |line: &str, expected: i32, word: &str| {
        let (code, out, errors) = said(&tuban(folder.path(), line));
        assert!(code == Some(expected) && (out + &errors).contains(word), "{line}: {code:?} {errors}");
    };
    check("convert 地块.geojson a.gpkg", 0, "3 features");
    let before = std::fs::read(at("a.gpkg")).expect("read");
    check("convert 地块.geojson a.gpkg", 2, "--overwrite");
    check("convert 地块.geojson a.gpkg --append", 2, "--overwrite");
    assert_eq!(std::fs::read(at("a.gpkg")).expect("read"), before);
    std::fs::copy(at("地块.geojson"), at("界线.geojson")).expect("copied");
    check("convert 界线.geojson a.gpkg --append", 0, "3 features");
    assert_eq!(opened(&at("a.gpkg")).layers.len(), 2);
    check("convert 地块.geojson a.gpkg --append --overwrite --where TBMJ>8", 0, "1 feature");
    let counts: Vec<(String, usize)> =
        opened(&at("a.gpkg")).layers.iter().map(|layer| (layer.name.clone(), layer.feature_count())).collect();
    assert_eq!(counts, [("界线".to_owned(), 3), ("地块".to_owned(), 1)]);
    check("convert 地块.geojson a.gpkg --overwrite", 0, "3 features");
    assert_eq!(opened(&at("a.gpkg")).layers.len(), 1);
    check("convert 地块.geojson a.shp --append", 2, "GeoPackage");
    // What is read is never written.
    check("convert 地块.geojson 地块.geojson --overwrite", 2, "source");
    check("convert a.gpkg a.gpkg --append --overwrite", 2, "source");
    // Several layers need a file that holds them.
    check("convert 地块.geojson 界线.geojson b.shp", 2, "2 layers");
    check("convert 地块.geojson 界线.geojson b.gpkg", 0, "b.gpkg");
    assert_eq!(opened(&at("b.gpkg")).layers.len(), 2);
}

#[test]
fn of_many_files_each_is_reported_and_none_keeps_the_others() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    std::fs::copy(at("地块.geojson"), at("界线.geojson")).expect("copied");
    std::fs::write(at("坏.geojson"), b"{\"type\":\"FeatureCollection\",\"features\":[{").expect("written");
    let line = "convert 地块.geojson 坏.geojson 没有.shp 界线.geojson out/ --as shp --where TBMJ>6";
    let (code, out, errors) = said(&tuban(folder.path(), line));
    assert_eq!(code, Some(1), "{errors}");
    for word in ["2 layers, 2 failed", "地块.shp", "界线.shp", "坏.geojson", "没有.shp"] {
        assert!(out.contains(word), "{word}: {out}");
    }
    for name in ["out/地块.shp", "out/界线.shp"] {
        assert_eq!(opened(&at(name)).row_count, 2, "{name}");
    }
    // The report as a program reads it, and in a file.
    let line = "convert 地块.geojson 坏.geojson again/ --json -o again.json";
    let (code, out, errors) = said(&tuban(folder.path(), line));
    assert_eq!((code, out.as_str()), (Some(1), ""), "{errors}");
    let report = std::fs::read_to_string(at("again.json")).expect("written");
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    let layers = &report["layers"];
    assert_eq!((&layers[0]["features"], &layers[0]["failed"]), (&3.into(), &false.into()), "{report:#}");
    assert_eq!((&layers[1]["output"], &layers[1]["failed"]), (&serde_json::Value::Null, &true.into()), "{report:#}");
    let (code, out, errors) = said(&tuban(folder.path(), "convert 地块.geojson one.gpkg --csv"));
    assert!(code == Some(0) && out.contains("one.gpkg,3,0"), "{out}{errors}");
    // Files of a format that holds several layers are one for each that is read.
    let (code, out, errors) = said(&tuban(folder.path(), "convert 地块.geojson 界线.geojson both/ --as gpkg"));
    assert_eq!(code, Some(0), "{errors}");
    assert!(out.contains("界线.gpkg") && at("both/地块.gpkg").exists(), "{out}");
    // Several files are the classes of one geodatabase; one that is there stays.
    let line = "convert 地块.geojson 界线.geojson 成果.gdb";
    let (code, out, errors) = said(&tuban(folder.path(), line));
    assert_eq!(code, Some(0), "{out} {errors}");
    let classes = open_each(&at("成果.gdb"), &OpenOptions::default(), &Progress::new()).expect("opens");
    let names: Vec<&str> = classes.iter().filter_map(|found| found.layer.as_deref()).collect();
    assert_eq!(names, ["地块", "界线"]);
    assert_eq!(said(&tuban(folder.path(), line)).0, Some(2));
    let (code, out, _) = said(&tuban(folder.path(), "convert 地块.geojson 界线.geojson both/ --as gpkg"));
    assert!(code == Some(2) && out.contains("--overwrite"), "{out}");
    // Whoever names the ending of the files of a folder means a folder.
    let (code, _, errors) = said(&tuban(folder.path(), "convert 地块.geojson 界线.geojson named --as gpkg"));
    assert_eq!(code, Some(0), "{errors}");
    assert!(at("named/地块.gpkg").exists() && at("named/界线.gpkg").exists());
}

/// The corners of a layer, ring by ring, each once.
fn rings(layer: &Layer) -> Vec<Vec<(f64, f64)>> {
    let mut all = Vec::new();
    for block in &layer.blocks {
        for row in 0..block.geometry.feature_count() {
            all.extend(block.geometry.polygon(row).rings().map(|(_, ring)| pairs(&ring[1..])));
        }
    }
    all
}

fn pairs(coords: &[Coord]) -> Vec<(f64, f64)> {
    coords.iter().map(|c| (c.x, c.y)).collect()
}

/// How far coordinates may move in a format, in units of its CRS, whether it holds geometry, and whether all fields.
const FORMATS: &[(&str, f64, bool, bool)] = &[
    ("geojson", 0.0, true, true),
    ("gpkg", 0.0, true, true),
    ("gdb", 0.0, true, true),
    ("parquet", 0.0, true, true),
    ("shp", 0.0, true, true),
    ("csv", 0.0, true, true),
    ("xlsx", 0.0, true, true),
    ("kml", 1e-9, true, true),
    ("txt", 0.0005, true, false),
    ("dbf", 0.0, false, true),
];

/// Drawings and plain WKT hold no fields as a layer has them, FlatGeobuf has features in another order: what they hold is
/// tested with their readers.
const ELSEWHERE: &[&str] = &["dxf", "wkt", "ewkt", "fgb"];

#[test]
fn the_demo_survives_every_format() {
    let written: Vec<&str> = tuban::io::FORMATS
        .iter()
        .filter(|format| format.is_written())
        .filter_map(|f| f.endings.first().copied())
        .collect();
    let is_held = |ending: &&str| ELSEWHERE.contains(ending) || FORMATS.iter().any(|(known, ..)| known == ending);
    assert!(written.iter().all(is_held), "{written:?}");
    let folder = tempfile::tempdir().expect("a folder");
    let demo = "demo:dltb_2025.geojson.gz";
    let source = opened(Path::new(demo));
    let layer = &source.layers[0];
    let in_degrees = {
        let mut found = rings(layer);
        let converter = Reprojector::new(&layer.crs, &Crs::wgs84()).expect("a way");
        for (x, y) in found.iter_mut().flatten() {
            let at = converter.convert_one(Coord { x: *x, y: *y }).expect("a place");
            (*x, *y) = (at.x, at.y);
        }
        found
    };
    for (ending, tolerance, has_geometry, has_fields) in FORMATS.iter().filter(|(known, ..)| written.contains(known)) {
        let name = format!("as_{ending}.{ending}");
        let (code, _, errors) = said(&tuban(folder.path(), &format!("convert {demo} {name}")));
        assert_eq!(code, Some(0), "{ending}: {errors}");
        let found = opened(&folder.path().join(&name));
        let again = &found.layers[0];
        assert_eq!(again.feature_count(), layer.feature_count(), "{ending}");
        if *has_geometry {
            assert_eq!(again.kind, layer.kind, "{ending}");
            let is_degrees = *ending == "kml";
            assert_eq!(again.crs.code(), if is_degrees { "OGC:CRS84" } else { layer.crs.code() }, "{ending}");
            let before = if is_degrees { in_degrees.clone() } else { rings(layer) };
            let farthest = farthest(before, rings(again), ending);
            assert!(farthest <= *tolerance, "{ending}: moved by {farthest}");
            println!("{ending}: {} features, moved by {farthest}", again.feature_count());
        }
        for field in layer.fields.iter().filter(|_| *has_fields) {
            let at = layer.field(&field.name).expect("a field");
            let other = again.field(&field.name);
            for feature in 0..layer.feature_count() {
                // Some formats have no empty values: those of a field without any are gone with it.
                let after = other.map_or(String::new(), |other| again.value(feature, other).to_string());
                assert_eq!(layer.value(feature, at).to_string(), after, "{ending}: {} of {feature}", field.name);
            }
        }
    }
}

/// How far corners moved at most, rings in order, corners in order, or by where they are where a format turns rings.
fn farthest(before: Vec<Vec<(f64, f64)>>, after: Vec<Vec<(f64, f64)>>, ending: &str) -> f64 {
    assert_eq!(before.len(), after.len(), "{ending}: rings");
    let apart = |before: &[(f64, f64)], after: &[(f64, f64)]| {
        let pairs = before.iter().zip(after);
        pairs.map(|(a, b)| (a.0 - b.0).abs().max((a.1 - b.1).abs())).fold(0.0, f64::max)
    };
    let by_place = |ring: &mut Vec<(f64, f64)>| ring.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut farthest: f64 = 0.0;
    for (mut before, mut after) in before.into_iter().zip(after) {
        assert_eq!(before.len(), after.len(), "{ending}: corners");
        let in_order = apart(&before, &after);
        by_place(&mut before);
        by_place(&mut after);
        farthest = farthest.max(in_order.min(apart(&before, &after)));
    }
    farthest
}

#[test]
fn classes_are_carried_over_once_all_of_them_are_decided() {
    let folder = tempfile::tempdir().expect("a folder");
    let parcel = |at: usize, code: &str| {
        let (a, b) = (500_000 + 200 * at, 500_100 + 200 * at);
        format!(
            r#"{{"type":"Feature","properties":{{"DLBM":"{code}"}},"geometry":{{"type":"Polygon","coordinates":[[[{a},4070000],[{b},4070000],[{b},4070100],[{a},4070100],[{a},4070000]]]}}}}"#
        )
    };
    let features: Vec<String> =
        ["0101", "0204", "1006", "1104", "08H1"].iter().enumerate().map(|(at, code)| parcel(at, code)).collect();
    let crs = r#"{"type":"name","properties":{"name":"EPSG:4548"}}"#;
    let text = format!(r#"{{"type":"FeatureCollection","crs":{crs},"features":[{}]}}"#, features.join(",\n"));
    std::fs::write(folder.path().join("DLTB.geojson"), text).expect("written");
    // What may be several classes is listed, with its area, and nothing is written.
    let (code, out, errors) = said(&tuban(folder.path(), "convert DLTB.geojson out.geojson --classes YDYH2023"));
    assert_eq!(code, Some(2), "{errors}");
    assert!(out.contains("0204") && out.contains("1006") && out.contains("060102") && !out.contains("1104"), "{out}");
    assert!(out.contains("1.00") && errors.contains("--decide"), "{out}{errors}");
    assert!(!folder.path().join("out.geojson").exists());
    std::fs::write(folder.path().join("decided.csv"), "from,to\n204,0205\n1006,\n").expect("written");
    let line = "convert DLTB.geojson out.geojson --classes YDYH2023 --decide decided.csv";
    let (code, _, errors) = said(&tuban(folder.path(), line));
    assert_eq!(code, Some(0), "{errors}");
    assert!(errors.contains("1006"), "what stays empty is told: {errors}");
    let found = opened(&folder.path().join("out.geojson"));
    let layer = &found.layers[0];
    assert_eq!(names(layer), ["DLBM", "YDYHFLDM", "YDYHFLMC"]);
    let codes: Vec<String> = (0..5).map(|row| layer.value(row, 1).to_string()).collect();
    assert_eq!(codes, ["0101", "0205", "", "1704", "0801"]);
    // A decision that names no class, and a classification that nothing leads to.
    std::fs::write(folder.path().join("wrong.csv"), "from,to\n0204,9999\n").expect("written");
    let (code, _, errors) =
        said(&tuban(folder.path(), "convert DLTB.geojson b.geojson --classes YDYH2023 --decide wrong.csv"));
    assert!(code == Some(2) && errors.contains("9999"), "{errors}");
    let (code, _, errors) = said(&tuban(folder.path(), "convert DLTB.geojson b.geojson --classes GB2007"));
    assert!(code == Some(2) && errors.contains("YDYH2023"), "{errors}");
}
