//! Drawings and Access databases against the answers that lie beside them, and a drawing written and read again.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value as Json;
use tuban::io::{Found, Guard, OpenOptions, WriteOptions, losses, open, open_each, write};
use tuban::model::{Coord, GeometryKind, Layer};
use tuban::task::Progress;
use tuban::text::Language;

use super::fuzz::damage::{Dice, hurt};
use super::shared;

/// Kinds of entities that become features one by one; hatches become one with their outlines.
const KINDS: &[&str] = &[
    "LINE",
    "LWPOLYLINE",
    "POLYLINE",
    "CIRCLE",
    "ARC",
    "ELLIPSE",
    "SPLINE",
    "TEXT",
    "MTEXT",
    "POINT",
    "INSERT",
    "SOLID",
    "3DFACE",
];

/// Drawings of which readers count otherwise, and why.
const OTHERWISE: &[(&str, &str)] = &[
    ("duplicate_handles.dxf", "the reference drops what has a handle that was used before; here nothing is"),
    ("byblock-bylayer.dxf", "the reference leaves out an insertion"),
    ("spline_closed.dxf", "both splines have one handle"),
    ("sample_AC1032.dwg", "the reference counts a line of a mesh"),
];

fn answers(folder: &Path) -> Vec<Json> {
    let text = std::fs::read_to_string(folder.join("expected.json")).expect("readable");
    serde_json::from_str(&text).expect("JSON")
}

fn opened(path: &Path) -> Result<Vec<Found>, String> {
    let said = |error: tuban::io::ReadError| {
        let text = error.message().text(Language::Chinese);
        assert!(!text.contains('{') && !text.contains("io."), "{text}");
        text
    };
    open_each(path, &OpenOptions::default(), &Progress::new()).map_err(said)
}

fn layers(found: &[Found]) -> Vec<&Layer> {
    found.iter().filter_map(|found| found.result.as_ref().ok()).flat_map(|opened| &opened.layers).collect()
}

fn value(layer: &Layer, feature: usize, field: &str) -> String {
    layer.field(field).map_or(String::new(), |field| layer.value(feature, field).to_string())
}

/// Area of a feature in the plane, relative to each ring's first point.
fn area(layer: &Layer, feature: usize) -> f64 {
    let of_ring = |ring: &[Coord]| -> f64 {
        let o = ring[0];
        let doubled = ring.windows(2).map(|p| (p[0].x - o.x) * (p[1].y - o.y) - (p[1].x - o.x) * (p[0].y - o.y));
        (doubled.sum::<f64>() / 2.0).abs()
    };
    let (block, row) = layer.locate(feature);
    if layer.kind != GeometryKind::Polygon {
        return 0.0;
    }
    let parts = block.geometry.polygon(row).parts();
    parts
        .map(|part| part.rings().enumerate().map(|(at, r)| if at == 0 { of_ring(r) } else { -of_ring(r) }).sum::<f64>())
        .sum()
}

fn keys(found: &[Found]) -> Vec<&'static str> {
    let opened = found.iter().filter_map(|found| found.result.as_ref().ok());
    opened.flat_map(|opened| &opened.issues).map(|issue| issue.message.key).collect()
}

/// Opens the drawings of a folder; gives the areas of all polygons by file.
fn drawings(folder: &Path, reader: &str) -> BTreeMap<String, f64> {
    let mut areas = BTreeMap::new();
    let (mut ran, mut said) = (0, 0);
    for answer in answers(folder) {
        let file = answer["file"].as_str().expect("a file");
        ran += 1;
        let found = match opened(&folder.join(file)) {
            Ok(found) => found,
            Err(text) => {
                println!("{file}: {text}");
                assert!(file == "AC1018_signature.dwg", "{file}: {text}");
                said += 1;
                continue;
            }
        };
        let layers = layers(&found);
        let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
        let mut total = 0.0;
        for layer in &layers {
            for feature in 0..layer.feature_count() {
                total += area(layer, feature);
                if !layer.name.ends_with("_块") {
                    *kinds.entry(value(layer, feature, "类型")).or_default() += 1;
                }
            }
        }
        areas.insert(file.to_owned(), total);
        let count: usize = layers.iter().map(|layer| layer.feature_count()).sum();
        println!("{file}: {count} features, {total} in area, {kinds:?}, {:?}", keys(&found));
        if OTHERWISE.iter().all(|(known, _)| *known != file) {
            for (kind, expected) in answer["readers"][reader]["by_type"].as_object().into_iter().flatten() {
                if KINDS.contains(&kind.as_str()) {
                    let own = kinds.get(kind).copied().unwrap_or(0);
                    assert_eq!(Some(own), expected.as_u64(), "{file}: {kind}");
                }
            }
        }
        for answer in answer["layers"].as_array().into_iter().flatten().filter(|a| a["parcels"].is_u64()) {
            parcels(file, &layers, answer);
        }
    }
    println!("{reader}: {ran} sets ran, of which {said} are said not to be readable");
    areas
}

/// Parcels that were drawn from a layer of land use: their number, area, names of layers and texts.
fn parcels(file: &str, layers: &[&Layer], answer: &Json) {
    let polygons = layers.iter().find(|layer| layer.kind == GeometryKind::Polygon).expect("polygons");
    let drawn: Vec<usize> = (0..polygons.feature_count())
        .filter(|feature| value(polygons, *feature, "图层").starts_with("图斑_"))
        .collect();
    assert_eq!(Some(drawn.len() as u64), answer["parcels"].as_u64(), "{file}: parcels");
    let total: f64 = drawn.iter().map(|feature| area(polygons, *feature)).sum();
    let expected = answer["area_m2"].as_f64().expect("an area");
    assert!((total / expected - 1.0).abs() < 1e-9, "{file}: {total}, expected {expected}");
    let sample = &answer["sample"];
    let text = sample["text"].as_str().expect("a text");
    let named = drawn.iter().filter(|feature| value(polygons, **feature, "文字").contains(text)).count();
    assert!(named > 0, "{file}: no parcel is called {text}");
    assert!(drawn.iter().any(|f| value(polygons, *f, "图层") == sample["layer"].as_str().expect("a layer")), "{file}");
}

#[test]
fn drawings_of_dxf_come_to_their_answers() {
    let Some(folder) = shared::folder("DXF", "data/formats/dxf") else { return };
    let areas = drawings(&folder, "ezdxf");
    let close = |file: &str, expected: f64, tolerance: f64| {
        let found = areas[file];
        assert!((found / expected - 1.0).abs() < tolerance, "{file}: {found}, expected {expected}");
    };
    // GDAL's chords are coarser than these, which enclose what the arcs do.
    close("clockwise_arcs_hatch.dxf", 2820.6399194471496, 1e-4);
    close("elliptical-arc-hatch-min.dxf", 1867.0224361562432, 1e-3);
    close("hatch.dxf", 0.5 + 2.0 * (1.0 + std::f64::consts::FRAC_PI_2), 1e-9);
    close("hatch_as_multipolygon.dxf", 2141.758769384224, 1e-9);
    close("hatch_pattern_generated_by_gdal.dxf", 700.0, 1e-9);
    close("R12_with_trash_beyond_EOF.dxf", std::f64::consts::PI * 2.25, 1e-9);
}

#[test]
fn drawings_of_dwg_come_to_their_answers() {
    let Some(folder) = shared::folder("DWG", "data/formats/dwg") else { return };
    let areas = drawings(&folder, "libredwg_then_ezdxf");
    assert_eq!(areas["empty.dwg"], 0.0);
    let discs = std::f64::consts::PI * (16.6 * 16.6 + 10.0 * 10.0 + 9.5 * 9.5);
    assert!((areas["triple_circles_r2000.dwg"] / discs - 1.0).abs() < 1e-9);
}

#[test]
fn what_is_odd_about_a_drawing_is_said() {
    let Some(folder) = shared::folder("drawings", "data/formats") else { return };
    let check = |file: &str, expected: &[&str]| {
        let found = opened(&folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let keys = keys(&found);
        for key in expected {
            assert!(keys.contains(key), "{file}: {key} is not among {keys:?}");
        }
    };
    check(
        "dxf/made_r2000_stale_codepage.dxf",
        &["io.cad-stale-page", "io.cad-hatched", "io.cad-labels", "io.cad-arcs"],
    );
    check("dxf/made_r2000_gbk.dxf", &["io.cad-no-crs", "io.cad-inner", "io.cad-meets"]);
    check("dxf/insert-recursive-pair.dxf", &["io.cad-block-in-itself"]);
    check("dxf/frozen-off.dxf", &["io.cad-unseen"]);
    check("dxf/closed_polyline_with_bulge.dxf", &["io.cad-no-version"]);
    check("dxf/spline_closed.dxf", &["io.cad-splines-guessed"]);
    check("dwg/sample_AC1032.dwg", &["io.cad-unread", "io.cad-unit-open"]);
    check("dwg/export_sample.dwg", &["io.cad-paper"]);
}

/// A layer with a hole, two parts, a rare character and classes.
const LAYER: &str = r#"{"type":"FeatureCollection","name":"规划","crs":{"type":"name","properties":{"name":"EPSG:4527"}},"features":[
    {"type":"Feature","properties":{"DLBM":"0701","XMMC":"甲㙟地块","MJ":1.5},"geometry":{"type":"Polygon","coordinates":
      [[[39500000.123,4060000],[39500100,4060000],[39500100,4060100.5],[39500000.123,4060100],[39500000.123,4060000]],
       [[39500020,4060020],[39500020,4060030],[39500030,4060030],[39500030,4060020],[39500020,4060020]]]}},
    {"type":"Feature","properties":{"DLBM":"0809","XMMC":"乙","MJ":2.5},"geometry":{"type":"MultiPolygon","coordinates":
      [[[[39501000,4060000],[39501100,4060000],[39501100,4060100],[39501000,4060000]]],
       [[[39502000,4060000],[39502100,4060000],[39502100,4060100],[39502000,4060000]]]]}}]}"#;

#[test]
fn a_drawing_is_written_and_read_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("规划.geojson");
    std::fs::write(&source, LAYER).expect("writes");
    let first = open(&source, &OpenOptions::default(), &Progress::new()).expect("opens");
    let layer = &first.layers[0];
    let path = folder.path().join("规划.dxf");
    let lost = losses(&path, layer, None, WriteOptions::default()).expect("a format");
    assert!(lost.iter().any(|message| message.key == "io.loses-dxf-fields"), "{lost:?}");
    write(&path, layer, None, WriteOptions::default(), &Guard::none()).expect("writes");
    let bytes = std::fs::read(&path).expect("readable");
    assert!(std::str::from_utf8(&bytes).is_err(), "text is GBK");
    assert!(bytes.windows(7).any(|window| window == b"\\U+365F"), "what GBK lacks is its number");
    let found = opened(&path).expect("opens");
    let layers = layers(&found);
    let polygons = layers.iter().find(|layer| layer.kind == GeometryKind::Polygon).expect("polygons");
    // Parts are polygons of their own, each with its fill.
    assert_eq!(polygons.feature_count(), 3);
    let total: f64 = (0..3).map(|feature| area(polygons, feature)).sum();
    let expected: f64 = (0..2).map(|feature| area(layer, feature)).sum();
    assert!((total / expected - 1.0).abs() < 1e-12, "{total}, expected {expected}");
    assert_eq!(value(polygons, 0, "图层"), "规划_城镇住宅用地");
    assert!(value(polygons, 0, "文字").contains("0701 城镇住宅用地"), "{}", value(polygons, 0, "文字"));
    assert!(value(polygons, 0, "颜色").starts_with('#') && value(polygons, 0, "填充") == "SOLID");
    // Neither of the closed formats is written; what is instead is said.
    for (name, key) in [("a.dwg", "io.no-writer-dwg"), ("a.mdb", "io.no-writer-mdb")] {
        let error = write(&folder.path().join(name), layer, None, WriteOptions::default(), &Guard::none());
        assert_eq!(error.expect_err("not written").message().key, key);
    }
}

/// What GDAL says of a class: features, their area, how many of forty boxes find other features than lie in them by the
/// features themselves, the type of a field of dates.
const ASK_GDAL: &str = "\
import sys, numpy, shapely, pyogrio, pyogrio.raw
path, field = sys.argv[1:3]
name = pyogrio.list_layers(path)[0][0]
meta, ids, wkb, columns = pyogrio.raw.read(path, layer=name, return_fids=True)
shapes = shapely.from_wkb(wkb)
west, south, east, north = shapely.total_bounds(shapes)
dice, wrong = numpy.random.default_rng(1), 0
for _ in range(40):
    x, y = west + (east - west) * dice.random(), south + (north - south) * dice.random()
    box = (x, y, x + (east - west) * 0.1 * dice.random(), y + (north - south) * 0.1 * dice.random())
    found = set(pyogrio.raw.read(path, layer=name, bbox=box, return_fids=True)[1].tolist())
    bounds = shapely.bounds(shapes)
    near = (bounds[:, 0] <= box[2]) & (bounds[:, 2] >= box[0]) & (bounds[:, 1] <= box[3]) & (bounds[:, 3] >= box[1])
    meets = set(ids[shapely.intersects(shapes, shapely.box(*box))].tolist())
    wrong += not (meets <= found <= set(ids[near].tolist()))
kind = dict(zip(meta['fields'], meta['dtypes'])).get(field, '')
print(len(shapes), repr(float(shapely.area(shapes).sum())), wrong, str(kind).split('[')[0], name, sep='\\t')";

/// Needs a Python with pyogrio and shapely, which `TUBAN_PYTHON` names.
#[test]
fn geodatabases_are_read_by_gdal() {
    let Some(python) = std::env::var_os("TUBAN_PYTHON") else {
        println!("SKIPPED: geodatabases by GDAL: TUBAN_PYTHON is not set");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("DLTB.geojson");
    let squares: Vec<String> = (0..3000)
        .map(|at| {
            let (x, y) = (39_500_000 + at % 60 * 30, 4_070_000 + at / 60 * 30);
            // One parcel is much larger than the others.
            let side = if at == 7 { 900 } else { 25 };
            let (east, north) = (x + side, y + side);
            format!(
                r#"{{"type":"Feature","id":{},"properties":{{"DLBM":"0101","JSRQ":"2025-01-15"}},"geometry":{{"type":"Polygon","coordinates":[[[{x},{y}],[{east},{y}],[{east},{north}],[{x},{y}]]]}}}}"#,
                2 * at + 1
            )
        })
        .collect();
    let crs = r#"{"type":"name","properties":{"name":"EPSG:4527"}}"#;
    let text = format!(r#"{{"type":"FeatureCollection","crs":{crs},"features":[{}]}}"#, squares.join(","));
    std::fs::write(&source, text).expect("writes");
    let opened = open(&source, &OpenOptions::default(), &Progress::new()).expect("opens");
    let layer = &opened.layers[0];
    let path = folder.path().join("成果.gdb");
    write(&path, layer, None, WriteOptions::default(), &Guard::none()).expect("writes");
    let output = Command::new(python).args(["-c", ASK_GDAL]).arg(&path).arg("JSRQ").output().expect("Python starts");
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let words: Vec<&str> = said.split('\t').collect();
    let [count, by_gdal, wrong, kind, name] = words.as_slice() else {
        panic!("{said}\n{}", String::from_utf8_lossy(&output.stderr))
    };
    let own: f64 = (0..layer.feature_count()).map(|feature| area(layer, feature)).sum();
    let by_gdal: f64 = by_gdal.parse().expect("a number");
    assert_eq!((*count, *wrong, *kind, *name), ("3000", "0", "datetime64", "DLTB"), "{said}");
    assert!((by_gdal / own - 1.0).abs() < 1e-12, "{by_gdal}, expected {own}");
}

#[test]
fn a_starved_process_is_no_harm() {
    use std::io::Write;
    let text = lines_of(200_000);
    let run = |memory: &str| {
        let mut child = crate::program::program()
            .args([tuban::io::DRAWING_VERB, memory, "60"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("starts");
        let mut input = child.stdin.take().expect("a pipe");
        let text = text.clone();
        let writes = std::thread::spawn(move || input.write_all(text.as_bytes()));
        let output = child.wait_with_output().expect("ends");
        // One that was ended does not read all.
        let _ = writes.join();
        (output.status.success(), output.stdout.ends_with(b"E"), output.stdout.len())
    };
    assert!(matches!(run("4000000000"), (true, true, length) if length > 1_000_000));
    if cfg!(target_os = "linux") {
        let (is_well, is_whole, _) = run("150000000");
        assert!(!is_well && !is_whole);
    }
}

/// A drawing of lines.
fn lines_of(count: u32) -> String {
    let mut text = String::from("  0\nSECTION\n  2\nENTITIES\n");
    for i in 0..count {
        text.push_str(&format!("  0\nLINE\n  8\n0\n 10\n{i}\n 20\n0\n 11\n{i}\n 21\n5\n"));
    }
    text + "  0\nENDSEC\n  0\nEOF\n"
}

/// A small drawing that keeps its reader busy: blocks of rows and columns of blocks of rows and columns.
#[cfg(target_os = "linux")]
fn endless() -> String {
    let entity =
        |kind: &str, class: &str, body: &str| format!("  0\n{kind}\n100\nAcDbEntity\n  8\n0\n100\n{class}\n{body}");
    let insert = |name: &str| {
        let body = format!("  2\n{name}\n 10\n0\n 20\n0\n 30\n0\n 70\n300\n 71\n300\n 44\n1\n 45\n1\n");
        entity("INSERT", "AcDbBlockReference", &body)
    };
    let block = |name: &str, body: &str| {
        let head = format!("  2\n{name}\n 70\n0\n 10\n0\n 20\n0\n 30\n0\n  3\n{name}\n  1\n\n");
        entity("BLOCK", "AcDbBlockBegin", &head) + body + &entity("ENDBLK", "AcDbBlockEnd", "")
    };
    let line = entity("LINE", "AcDbLine", " 10\n0\n 20\n0\n 30\n0\n 11\n1\n 21\n5\n 31\n0\n");
    let blocks = block("A", &line) + &block("B", &insert("A")) + &block("C", &insert("B"));
    let of = |name: &str, body: &str| format!("  0\nSECTION\n  2\n{name}\n{body}  0\nENDSEC\n");
    of("TABLES", "") + &of("BLOCKS", &blocks) + &of("ENTITIES", &insert("C")) + "  0\nEOF\n"
}

/// Whatever becomes of the process that reads a drawing, the program says it and reads the next file.
#[cfg(target_os = "linux")]
#[test]
fn the_program_outlives_the_process_that_reads_a_drawing() {
    if !cfg!(debug_assertions) {
        println!("SKIPPED: bounds of drawings: released programs have their own");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in
        [("many.dxf", lines_of(200_000)), ("endless.dxf", endless()), ("next.geojson", LAYER.to_owned())]
    {
        std::fs::write(folder.path().join(name), text).expect("writes");
    }
    let check = |drawing: &str, bounds: &str, kills: bool, key: &str| {
        let child = crate::program::program()
            .args(["convert", drawing, "next.geojson", &format!("out_{key}/")])
            .current_dir(folder.path())
            .env("TUBAN_LANG", "en")
            .env("TUBAN_TEST_DRAWING_BOUNDS", bounds)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starts");
        if kills {
            let reader = children(child.id()).expect("a process that reads");
            let status = Command::new("/bin/sh").args(["-c", &format!("kill -9 {reader}")]).status().expect("kills");
            assert!(status.success(), "{drawing}: the process was gone before it was killed");
        }
        let output = child.wait_with_output().expect("ends");
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        let sentence = tuban::text::tr(Language::English, key);
        let start: String = sentence.chars().take_while(|c| *c != '{').take(30).collect();
        assert_eq!(output.status.code(), Some(1), "{drawing}: {said}");
        assert!(said.contains(&start), "{drawing}: {start:?} is not in {said}");
        assert!(folder.path().join(format!("out_{key}")).read_dir().expect("a folder").count() == 1, "{said}");
    };
    check("many.dxf", "150000000 60", false, "io.cad-no-memory");
    check("endless.dxf", "4000000000 1", false, "io.cad-too-long");
    check("endless.dxf", "4000000000 60", true, "io.cad-gave-up");
}

/// The process that another one started, once it is there; `None` where it does not come.
#[cfg(target_os = "linux")]
fn children(parent: u32) -> Option<u32> {
    // `7 (tuban) S 6 …`: number, name, state, parent.
    let parent_of = |stat: &str| stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse::<u32>().ok();
    for _ in 0..5000 {
        for entry in std::fs::read_dir("/proc").ok()?.flatten() {
            let Some(number) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
            let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
            if parent_of(&stat) == Some(parent) {
                return Some(number);
            }
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    None
}

#[test]
fn databases_come_to_their_answers() {
    let Some(folder) = shared::folder("MDB", "data/formats/mdb") else { return };
    if cfg!(not(feature = "mdb")) {
        println!("SKIPPED: MDB: built without it");
        return;
    }
    let (mut ran, mut said) = (0, 0);
    for answer in answers(&folder) {
        let file = answer["file"].as_str().expect("a file");
        ran += 1;
        let expected = answer["layers"].as_array().expect("a list");
        let found = match opened(&folder.join(file)) {
            Ok(found) => found,
            Err(text) => {
                println!("{file}: {text}");
                assert!(expected.is_empty(), "{file}: {text}");
                said += 1;
                continue;
            }
        };
        let layers = layers(&found);
        for answer in expected {
            let name = answer["name"].as_str().expect("a name");
            let own: Vec<&&Layer> = layers.iter().filter(|layer| layer.name == name).collect();
            let count: usize = own.iter().map(|layer| layer.feature_count()).sum();
            let total: f64 = own.iter().map(|l| (0..l.feature_count()).map(|f| area(l, f)).sum::<f64>()).sum();
            println!("{file}: {name}: {count} features, {total} in area, {:?}", keys(&found));
            assert_eq!(Some(count as u64), counted(file, answer), "{file}: {name}");
            let Some(layer) = own.first() else { panic!("{file}: no layer {name}") };
            for field in answer["fields"].as_array().into_iter().flatten() {
                let (field, kind) = (field[0].as_str().expect("a name"), field[1].as_str().expect("a type"));
                assert!(kind.starts_with("OLE") || layer.field(field).is_some(), "{file}: {name}: no field {field}");
            }
            if let (Some(area), true) = (answer["area_m2"].as_f64(), count > 0) {
                assert!((total / area - 1.0).abs() < 1e-9, "{file}: {name}: {total}, expected {area}");
            }
            if let Some(crs) = answer["crs"].as_str().and_then(|crs| crs.strip_prefix("EPSG:")) {
                let epsg = tuban::crs::Crs::from_epsg(crs.parse().expect("a code")).expect("known");
                assert!(layer.crs.has_same_coordinates(&epsg), "{file}: {name}: {}", layer.crs.code());
            }
            for (field, expected) in answer["sample"].as_object().into_iter().flatten().filter(|_| count > 0) {
                sample(file, layer, field, expected);
            }
        }
    }
    println!("MDB: {ran} sets ran, of which {said} are said not to be readable");
}

/// How many rows there are.
fn counted(file: &str, answer: &Json) -> Option<u64> {
    // The list of the reference has an empty line as a row of its own: the text of a row ends in a line feed.
    if file == "testUnicodeCompV2003.mdb" { Some(8) } else { answer["feature_count"].as_u64() }
}

fn sample(file: &str, layer: &Layer, field: &str, expected: &Json) {
    let Some(at) = layer.field(field) else { return };
    let found = layer.value(0, at).to_string();
    let same = match expected {
        Json::Number(number) => {
            let expected = number.as_f64().unwrap_or(f64::NAN);
            let is_close = |found: f64| (found - expected).abs() <= 1e-15 * expected.abs();
            found.parse::<f64>().is_ok_and(is_close) || found == "false" && expected == 0.0
        }
        // Dates are written as `1981-12-12` here.
        Json::String(text) if text.contains("00:00:00") => found.len() == 10,
        Json::String(text) => *text == found,
        _ => true,
    };
    assert!(same, "{file}: {field}: {found}, expected {expected}");
}

#[test]
fn damaged_drawings_and_databases_are_no_harm() {
    let Some(folder) = shared::folder("mutations", "data/formats") else { return };
    let scratch = tempfile::tempdir().expect("a folder");
    // `TUBAN_MUTATIONS=100000` runs more than the few of an ordinary test, so many of each kind.
    let asked = std::env::var("TUBAN_MUTATIONS").ok().and_then(|count| count.parse::<usize>().ok());
    let mut dice = Dice::new(7);
    let mut count = 0;
    for kind in ["dxf", "dwg", "mdb"] {
        let file_count = answers(&folder.join(kind)).len().max(1);
        for answer in answers(&folder.join(kind)) {
            let file = answer["file"].as_str().expect("a file");
            let bytes = std::fs::read(folder.join(kind).join(file)).expect("readable");
            let mutants = asked.map_or(if kind == "mdb" { 12 } else { 3 }, |asked| asked.div_ceil(file_count));
            for mutant in 0..mutants {
                let mut damaged = bytes.clone();
                for _ in 0..=dice.roll(40) {
                    let at = dice.roll(damaged.len());
                    damaged[at] = dice.roll(256) as u8;
                }
                // Every third is also cut, moved or stretched.
                if mutant % 3 == 2 {
                    hurt(&mut damaged, std::slice::from_ref(&bytes), &mut dice);
                }
                let path = scratch.path().join(file);
                std::fs::write(&path, &damaged).expect("writes");
                // Read or not, it comes back.
                let _ = opened(&path);
                count += 1;
            }
        }
    }
    println!("{count} damaged files came back");
}
