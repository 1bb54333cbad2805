//! What programs and offices hand each other: FlatGeobuf, GeoParquet, TopoJSON, well-known text, GPX, MapInfo. Every file of
//! the shared folder is opened by its path and held against the answers that lie beside it; what may be written is
//! written and opened again.

use std::path::Path;

use serde_json::Value as Json;
use tuban::crs::Crs;
use tuban::io::{Found, Guard, OpenOptions, ReadError, WriteOptions, open, open_each, write};
use tuban::model::{Coord, Extent, FieldType, GeometryKind, Layer, Severity};
use tuban::task::Progress;
use tuban::text::Language;

use super::shared;

/// What of a file is not as its answers say, and why.
const OTHERWISE: &[(&str, &str, &str)] = &[
    ("all_geoms.parquet", "CRS", "the file says that it is unknown"),
    ("example.parquet", "CRS", "the file says that it is unknown"),
    ("made_图斑.topojson", "area", "the answer is that of the plane that it was made from"),
    ("poly.fgb", "CRS", "its northings are four times those of Great Britain, which is said"),
    ("poly01.fgb", "CRS", "its northings are four times those of Great Britain, which is said"),
    ("poly_no_index.fgb", "CRS", "its northings are four times those of Great Britain, which is said"),
    ("poly.parquet", "CRS", "its northings are four times those of Great Britain, which is said"),
    ("poly_wkt_large_string.parquet", "CRS", "its northings are four times those of Great Britain, which is said"),
    ("topojson_with_crs.topojson", "CRS", "its coordinates are no degrees, which is said"),
    ("testdatatypes.fgb", "CRS", "its one point is 0, 0, which any system has"),
];

/// Types of columns that are named rather than read, and those of the geometry.
const UNREAD: [&str; 4] = ["binary", "list<", "map<", "struct<"];

fn opened(path: &Path) -> Result<Vec<Found>, ReadError> {
    open_each(path, &OpenOptions { keep_partial: true, ..OpenOptions::default() }, &Progress::new())
}

fn layers(found: &[Found]) -> Vec<&Layer> {
    found.iter().filter_map(|found| found.result.as_ref().ok()).flat_map(|opened| &opened.layers).collect()
}

fn keys(found: &[Found]) -> Vec<&'static str> {
    let opened = found.iter().filter_map(|found| found.result.as_ref().ok());
    opened.flat_map(|opened| &opened.issues).map(|issue| issue.message.key).collect()
}

fn answers(folder: &Path) -> Vec<Json> {
    let text = std::fs::read_to_string(folder.join("expected.json")).expect("the answers");
    serde_json::from_str(&text).expect("JSON")
}

/// Area in the plane of the coordinates, relative to each ring's first point.
fn planar_area(layers: &[&Layer]) -> f64 {
    let of_ring = |ring: &[Coord]| {
        let o = ring[0];
        ring.windows(2).map(|s| (s[0].x - o.x) * (s[1].y - o.y) - (s[0].y - o.y) * (s[1].x - o.x)).sum::<f64>().abs()
            / 2.0
    };
    let mut sum = 0.0;
    for layer in layers.iter().filter(|layer| layer.kind == GeometryKind::Polygon) {
        for feature in 0..layer.feature_count() {
            let (block, row) = layer.locate(feature);
            for part in block.geometry.polygon(row).parts() {
                let rings = part.rings().enumerate();
                sum += rings.map(|(at, ring)| if at == 0 { of_ring(ring) } else { -of_ring(ring) }).sum::<f64>();
            }
        }
    }
    sum
}

/// A time as the answers write it: without a `T`, with six digits of a second or none, without what it is from UTC.
fn plain_time(text: &str) -> String {
    let Some((day, time)) = text.split_once('T').filter(|(day, _)| day.len() == 10) else { return text.to_owned() };
    let time = time.trim_end_matches('Z').split(['+', '-']).next().unwrap_or(time);
    let digits = if time.contains('.') { "000" } else { "" };
    format!("{day} {time}{digits}")
}

/// What differs between the layers that were read and their answer.
fn differences(file: &str, layers: &[&Layer], answer: &Json) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut check = |what: &str, is_right: bool, found: String, expected: String| {
        if !is_right && OTHERWISE.iter().all(|(of, known, _)| *of != file || *known != what) {
            wrong.push(format!("{file}: {what}: {found}, expected {expected}"));
        }
    };
    let first = layers[0];
    // A feature of several kinds stands in a layer of each.
    let mut rows: Vec<u64> =
        layers.iter().flat_map(|layer| (0..layer.feature_count()).map(|feature| layer.source_row(feature))).collect();
    rows.sort_unstable();
    rows.dedup();
    let count = answer["feature_count"].as_u64().unwrap_or_default();
    check("features", rows.len() as u64 == count, rows.len().to_string(), count.to_string());
    for field in answer["fields"].as_array().into_iter().flatten() {
        let (name, kind) = (field[0].as_str().expect("a name"), field[1].as_str().expect("a type"));
        if UNREAD.iter().any(|unread| kind.starts_with(unread)) || name == "geometry" || name == "id" {
            continue;
        }
        let found = layers.iter().find_map(|layer| layer.fields.iter().find(|field| field.name == name));
        let found = found.map(|field| field.kind);
        let fits = match kind {
            // What no feature has is no field of these formats.
            _ if found.is_none() => file.ends_with(".gpx"),
            "OFTInteger" | "OFTInteger64" | "int64" => {
                matches!(found, Some(FieldType::Int | FieldType::Bool | FieldType::Null))
            }
            "OFTReal" | "double" => matches!(found, Some(FieldType::Int | FieldType::Float | FieldType::Null)),
            kind if kind.starts_with("decimal") => matches!(found, Some(FieldType::Int | FieldType::Float)),
            _ => matches!(found, Some(FieldType::Text | FieldType::Null)),
        };
        check(&format!("type of {name}"), fits, format!("{found:?}"), kind.to_owned());
    }
    // With an index, features come in the order of space: the first one written lies somewhere.
    for (name, value) in answer["sample"].as_object().into_iter().flatten() {
        let Some(field) = first.fields.iter().position(|field| field.name == *name) else { continue };
        let is_same = |feature: usize| {
            let found = first.value(feature, field).to_string();
            match value {
                Json::String(text) if text == "None" => found.is_empty(),
                Json::String(text) => {
                    let is_number = || found.parse::<f64>().is_ok_and(|found| text.parse::<f64>() == Ok(found));
                    // Long values are cut in the answers.
                    let is_begun = || text.strip_suffix('…').is_some_and(|begin| found.starts_with(begin));
                    found == *text || is_begun() || plain_time(&found) == *text || is_number()
                }
                Json::Number(number) => found.parse::<f64>().ok() == number.as_f64(),
                other => found == format!("{other}"),
            }
        };
        let is_right = if file.starts_with("made_") && file.ends_with(".fgb") {
            (0..first.feature_count()).any(is_same)
        } else {
            is_same(0)
        };
        check(&format!("first {name}"), is_right, first.value(0, field).to_string(), value.to_string());
    }
    if let Some(bounds) = answer["bounds"].as_array() {
        let mut extent = Extent::EMPTY;
        layers.iter().for_each(|layer| extent.union(&layer.extent()));
        for (ours, bound) in [extent.min.x, extent.min.y, extent.max.x, extent.max.y].into_iter().zip(bounds) {
            let bound = bound.as_f64().expect("a number");
            check("bounds", (ours - bound).abs() < 1e-6, ours.to_string(), bound.to_string());
        }
    }
    if let Some(code) = answer["crs"].as_str().and_then(|crs| crs.strip_prefix("EPSG:")) {
        let code = code.split(' ').next().and_then(|code| code.parse().ok());
        let epsg = code.and_then(|code| Crs::from_epsg(code).ok());
        // A definition that differs from the one of the code in a word or a digit is kept as it is written.
        let is_right = ["PROJCS[", "PROJCRS["].iter().any(|head| first.crs.code().starts_with(head))
            || epsg.is_some_and(|e| first.crs.has_same_coordinates(&e));
        check("CRS", is_right, first.crs.code().to_owned(), answer["crs"].to_string());
    }
    if let (Some(area), "planar") = (answer["area_m2"].as_f64(), answer["area_kind"].as_str().unwrap_or_default()) {
        let ours = planar_area(layers);
        check("area", (ours / area - 1.0).abs() < 1e-9, ours.to_string(), area.to_string());
    }
    wrong
}

/// Opens the files of a folder and holds them against their answers; `skip` names layers that are kept otherwise.
fn suite(folder: &str, is_ours: impl Fn(&str) -> bool, skip: &[&str]) {
    let Some(path) = shared::folder(folder, &format!("data/formats/{folder}")) else { return };
    let (mut ran, mut wrong) = (0, Vec::new());
    for answer in answers(&path) {
        let file = answer["file"].as_str().expect("a file");
        if !is_ours(file) {
            continue;
        }
        ran += 1;
        let expected = answer["layers"].as_array().map_or(&[][..], Vec::as_slice);
        let found = match opened(&path.join(file)) {
            Ok(found) => found,
            Err(error) => {
                let text = error.message().text(Language::Chinese);
                assert!(!text.contains('{') && !text.contains("io."), "{file}: {text}");
                let is_broken = expected.iter().all(|layer| layer["error"].is_string());
                if !is_broken {
                    wrong.push(format!("{file}: {error}"));
                }
                continue;
            }
        };
        println!("{file}: {:?}", keys(&found));
        let all = layers(&found);
        let name_of_file = file.rsplit('/').next().unwrap_or(file);
        for answer in expected {
            let name = answer["name"].as_str().expect("a name");
            if answer["error"].is_string() {
                let issues =
                    found.iter().filter_map(|found| found.result.as_ref().ok()).flat_map(|opened| &opened.issues);
                let is_said = issues.into_iter().any(|issue| issue.severity >= Severity::Warning);
                assert!(is_said, "{file}: what is broken is said");
                continue;
            }
            if skip.contains(&name) || answer["feature_count"] == 0 {
                continue;
            }
            let named: Vec<&Layer> = all.iter().copied().filter(|layer| layer.name == name).collect();
            let named = if named.is_empty() && expected.len() == 1 { all.clone() } else { named };
            if named.is_empty() {
                wrong.push(format!("{file}: no layer {name}"));
                continue;
            }
            wrong.extend(differences(name_of_file, &named, answer));
        }
    }
    println!("{folder}: {ran} sets ran");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn flatgeobufs_come_to_their_answers() {
    suite("flatgeobuf", |_| true, &[]);
}

#[test]
fn geoparquets_come_to_their_answers() {
    suite("geoparquet", |_| true, &[]);
}

#[test]
fn tracks_come_to_their_answers() {
    suite("gpx", |_| true, &["route_points"]);
}

#[test]
fn topologies_come_to_their_answers() {
    // Each object is a layer here, whatever it is; the others put those of a single geometry together.
    suite("topojson", |file| file != "topojson1.topojson", &["TopoJSON"]);
    let Some(folder) = shared::folder("broken topologies", "data/formats/topojson") else { return };
    let found = opened(&folder.join("topojson1.topojson")).expect("opens");
    let names: Vec<&str> = layers(&found).iter().map(|layer| layer.name.as_str()).collect();
    assert!(names.contains(&"a_layer"), "{names:?}");
    let keys = keys(&found);
    for key in ["io.topojson-arc", "io.topojson-type", "io.topojson-missing"] {
        assert!(keys.contains(&key), "{key} is not among {keys:?}");
    }
}

#[test]
fn mapinfo_files_come_to_their_answers() {
    suite("mitab", |file| file.ends_with(".mif"), &[]);
    let Some(folder) = shared::folder("tables of MapInfo", "data/formats/mitab") else { return };
    let every = opened(&folder.join("all_geoms/all_geoms.mif")).expect("opens");
    let count: u64 = every.iter().filter_map(|found| found.result.as_ref().ok()).map(|opened| opened.row_count).sum();
    assert_eq!(count, 16);
    for table in ["all_geoms/all_geoms.tab", "tab-win1251/tab-win1251.TAB"] {
        match opened(&folder.join(table)) {
            Err(ReadError::OtherFormat { format }) => assert_eq!(format.name, "io.format-mapinfo"),
            other => panic!("{table}: {other:?}"),
        }
    }
}

#[test]
fn what_is_written_opens_again() {
    let Some(folder) = shared::folder("exchanged files", "data/formats/flatgeobuf") else { return };
    let source = open(&folder.join("made_图斑.fgb"), &OpenOptions::default(), &Progress::new()).expect("opens");
    let layer = &source.layers[0];
    let target = tempfile::tempdir().expect("a folder");
    for ending in ["fgb", "parquet", "wkt", "ewkt"] {
        let path = target.path().join(format!("图斑.{ending}"));
        write(&path, layer, None, WriteOptions::default(), &Guard::default()).expect("writes");
        let again = open(&path, &OpenOptions::default(), &Progress::new()).expect("opens");
        let other = &again.layers[0];
        assert_eq!((other.kind, other.feature_count()), (GeometryKind::Polygon, 80), "{ending}");
        assert_eq!(other.crs.code(), "EPSG:4527", "{ending}");
        assert!((planar_area(&[other]) / planar_area(&[layer]) - 1.0).abs() < 1e-12, "{ending}");
        if let Some(field) = other.field("DLMC") {
            let mut names = [other, layer].map(|layer| {
                let at = layer.field("DLMC").expect("a field");
                (0..80).map(|feature| layer.value(feature, at).to_string()).collect::<Vec<_>>()
            });
            names.iter_mut().for_each(|names| names.sort());
            assert_eq!(names[0], names[1], "{ending}, field {field}");
        } else {
            assert!(ending.ends_with("wkt"), "{ending} keeps attributes");
        }
    }
}
