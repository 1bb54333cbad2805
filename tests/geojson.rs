//! GeoJSON files and cases from outside: counts against `reference.json`, conformance, and the `geojson` crate as an
//! oracle for every coordinate and attribute.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use tuban::io::{OpenOptions, Opened, ReadError, open, write_together};
use tuban::model::{GeometryKind, Layer, Severity, Value};
use tuban::task::Progress;

use crate::shared;

fn read(path: &Path) -> Result<Opened, ReadError> {
    open(path, &OpenOptions::default(), &Progress::new())
}

fn json(path: &Path) -> Json {
    serde_json::from_str(&fs::read_to_string(path).expect("readable")).expect("JSON")
}

/// Coordinates with closing ones, parts and holes, over all layers.
fn counts(opened: &Opened) -> (u64, u64, u64) {
    opened.layers.iter().flat_map(|layer| &layer.blocks).fold((0, 0, 0), |(coords, parts, holes), block| {
        let g = &block.geometry;
        (coords + g.coords().len() as u64, parts + g.part_count() as u64, holes + g.hole_count() as u64)
    })
}

#[test]
fn real_files_have_the_counts_of_the_reference() {
    let Some(data) = shared::folder("GeoJSON counts", "data") else { return };
    let reference = json(&data.join("reference.json"));
    let (mut ran, mut other_formats) = (0, 0);
    for (name, expected) in reference["files"].as_object().expect("files by name") {
        let path = data.join(name);
        let result = read(&path);
        let is_geojson = ["json", "geojsonl", "seq"].iter().any(|ending| name.ends_with(ending));
        if !is_geojson {
            let is_told = matches!(result, Err(ReadError::OtherFormat { .. } | ReadError::Syntax { .. }));
            assert!(is_told || result.is_ok(), "{name}");
            other_formats += 1;
            continue;
        }
        if name.ends_with("broken_json.geojson") {
            let options = OpenOptions { keep_partial: true, ..OpenOptions::default() };
            let partial = open(&path, &options, &Progress::new()).expect("in part");
            for error in [result.expect_err("broken"), partial.partial.expect("the reason")] {
                let ReadError::Syntax { line, column, feature_count, .. } = error else { panic!("{error}") };
                assert_eq!((line, column, feature_count), (2, 1, 1), "{name}");
            }
            assert_eq!(partial.layers[0].feature_count(), 1);
            ran += 1;
            continue;
        }
        let opened = result.unwrap_or_else(|error| panic!("{name}: {error}"));
        // The reference took the first geometry type of the sequence only.
        let expected = if name.ends_with("fiona_trio.seq") {
            serde_json::json!({"features": 3, "vertices_incl_closing": 10, "parts": 3, "holes": 0})
        } else {
            expected.clone()
        };
        let number = |key: &str| expected[key].as_u64().expect("a count");
        assert_eq!(opened.row_count, number("features"), "{name}: features");
        let (coords, parts, holes) = counts(&opened);
        assert_eq!(
            (coords, parts, holes),
            (number("vertices_incl_closing"), number("parts"), number("holes")),
            "{name}"
        );
        assert_eq!(opened.skipped_count, 0, "{name}");
        if let Some(crs) = expected["crs_member"].as_str() {
            let declared = tuban::crs::Crs::parse(crs).expect("a known CRS");
            assert_eq!(opened.layers[0].crs.code(), declared.code(), "{name}");
        }
        if let Some(bbox) = expected["bbox"].as_array() {
            let mut extent = tuban::model::Extent::EMPTY;
            opened.layers.iter().for_each(|layer| extent.union(&layer.extent()));
            let got = [extent.min.x, extent.min.y, extent.max.x, extent.max.y];
            for (got, expected) in got.iter().zip(bbox) {
                // The reference is rounded to 13 decimals at most.
                assert!((got - expected.as_f64().expect("a number")).abs() < 1e-9, "{name}: {got} for {expected}");
            }
        }
        ran += 1;
    }
    println!("GeoJSON counts: {ran} files agree, {other_formats} of other formats are read or refused with a message");
    assert!(ran >= 36);
}

#[test]
fn conformance_cases_give_the_right_layer_or_a_clear_error() {
    let Some(folder) = shared::folder("GeoJSON conformance", "data/suites/geojson_conformance") else { return };
    let manifest = json(&folder.join("MANIFEST.json"));
    let (mut loaded, mut loaded_with_issues, mut refused) = (0, 0, 0);
    for case in manifest["cases"].as_array().expect("cases") {
        let name = case["file"].as_str().expect("a name");
        let result = read(&folder.join(name));
        let worst = result.as_ref().ok().and_then(|opened| opened.issues.iter().map(|issue| issue.severity).max());
        let is_flawed = worst.is_some_and(|severity| severity >= Severity::Warning);
        match (case["expect"].as_str().expect("an expectation"), &result) {
            ("valid", Ok(opened)) => {
                // Coordinates outside of China that are no degrees are no fault of the format.
                let own = opened.issues.iter().filter(|issue| issue.message.key.starts_with("io."));
                let bad: Vec<_> = own.filter(|issue| issue.severity >= Severity::Warning).collect();
                assert!(bad.is_empty(), "{name}: {bad:?}");
                let features = case["peer_gdal"]["features"].as_u64();
                assert_eq!(Some(opened.row_count), features, "{name}");
                loaded += 1;
            }
            ("valid-with-warning", Ok(_)) => loaded += 1,
            ("invalid", Ok(_)) if is_flawed => loaded_with_issues += 1,
            ("invalid", Err(error)) => {
                let message = error.message();
                assert_ne!(tuban::text::tr(tuban::text::Language::Chinese, message.key), message.key, "{name}");
                refused += 1;
            }
            (expected, result) => panic!("{name}: expected {expected}, got {result:?}"),
        }
    }
    println!(
        "GeoJSON conformance: {} cases; {loaded} loaded, {loaded_with_issues} invalid ones loaded with issues, \
         {refused} refused with a message",
        loaded + loaded_with_issues + refused
    );
}

/// Files of the collection that the oracle can read.
fn oracle_files(data: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for folder in ["plans", "plans/minn_formats", "nasty", "china", "china_amap", "suites/geojson_conformance"] {
        for entry in fs::read_dir(data.join(folder)).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|e| e == "geojson" || e == "json") && !path.ends_with("MANIFEST.json") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

#[test]
fn every_coordinate_and_attribute_agrees_with_the_geojson_crate() {
    let Some(data) = shared::folder("GeoJSON oracle", "data") else { return };
    let (mut ran, mut skipped, mut feature_count) = (0, 0, 0);
    for path in oracle_files(&data) {
        let text = fs::read_to_string(&path).expect("readable");
        let (Ok(oracle), Ok(opened)) = (text.parse::<geojson::GeoJson>(), read(&path)) else {
            skipped += 1;
            continue;
        };
        let features = match oracle {
            geojson::GeoJson::FeatureCollection(collection) => collection.features,
            geojson::GeoJson::Feature(feature) => vec![feature],
            geojson::GeoJson::Geometry(geometry) => vec![geojson::Feature::from(geometry)],
        };
        // What was repaired or left out is not what the oracle holds.
        if opened.issues.iter().any(|i| i.severity > Severity::Note && i.feature.is_some()) && opened.row_count < 10 {
            skipped += 1;
            continue;
        }
        let name = path.display();
        assert_eq!(opened.row_count, features.len() as u64, "{name}");
        let mut written = Vec::new();
        write_together(&opened.layers.iter().collect::<Vec<_>>(), &mut written).expect("written");
        let again: geojson::FeatureCollection =
            String::from_utf8(written).expect("UTF-8").parse().expect("the oracle reads what was written");
        assert_eq!(again.features.len(), features.len(), "{name}");
        for (row, (expected, written)) in features.iter().zip(&again.features).enumerate() {
            let is_collection = expected
                .geometry
                .as_ref()
                .is_some_and(|g| matches!(g.value, geojson::GeometryValue::GeometryCollection { .. }));
            let before = flat(expected.geometry.as_ref(), is_collection);
            assert_same(&flat(written.geometry.as_ref(), is_collection), &before, &format!("{name}: {row}"));
            assert_eq!(written.id, expected.id, "{name}: feature {row}");
            let expected = expected.properties.iter().flatten().filter(|(_, value)| !value.is_null());
            let properties = written.properties.as_ref().expect("written always");
            for (key, value) in expected {
                assert!(
                    is_same(&properties[key], value),
                    "{name}: feature {row}, {key}: {} for {value}",
                    properties[key]
                );
            }
            feature_count += 1;
        }
        ran += 1;
    }
    println!("GeoJSON oracle: {ran} files with {feature_count} features agree, {skipped} not comparable");
    assert!(ran >= 60 && feature_count > 30_000, "{ran} files, {feature_count} features");
}

/// Whether two numbers are the same but for the last two digits in binary: the oracle reads decimals with that error.
fn is_close(a: f64, b: f64) -> bool {
    a == b || (a.is_sign_positive() == b.is_sign_positive() && a.to_bits().abs_diff(b.to_bits()) <= 2)
}

/// Whether an attribute came through. 1 and 1.0 are the same, and so are a number and its text, which a column of mixed
/// types keeps.
fn is_same(written: &Json, expected: &Json) -> bool {
    match (written, expected) {
        (Json::Number(a), Json::Number(b)) => match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => is_close(a, b),
            _ => a == b,
        },
        (Json::String(a), Json::Number(_) | Json::Bool(_)) => {
            let expected = expected.to_string();
            *a == expected
        }
        (a, b) => a == b,
    }
}

type Positions = Vec<(Vec<usize>, Vec<f64>)>;

fn assert_same(written: &Positions, expected: &Positions, place: &str) {
    assert_eq!(written.len(), expected.len(), "{place}");
    for (a, b) in written.iter().zip(expected) {
        let is_same = a.0 == b.0 && a.1.len() == b.1.len() && a.1.iter().zip(&b.1).all(|(a, b)| is_close(*a, *b));
        assert!(is_same, "{place}: {a:?} for {b:?}");
    }
}

/// All positions of a geometry with the structure above them, without telling one part from a list of one.
fn flat(geometry: Option<&geojson::Geometry>, is_collection: bool) -> Positions {
    fn walk(value: &Json, path: &mut Vec<usize>, out: &mut Positions) {
        let Some(list) = value.as_array() else { return };
        if list.first().is_some_and(Json::is_number) {
            let bits = list.iter().take(3).map(|v| v.as_f64().expect("a number")).collect();
            out.push((path.clone(), bits));
            return;
        }
        for (i, item) in list.iter().enumerate() {
            path.push(i);
            walk(item, path, out);
            path.pop();
        }
    }
    let mut out = Vec::new();
    let mut todo: Vec<geojson::Geometry> = geometry.into_iter().cloned().collect();
    while let Some(geometry) = todo.pop() {
        if let geojson::GeometryValue::GeometryCollection { geometries } = geometry.value {
            todo.extend(geometries);
            continue;
        }
        let value = serde_json::to_value(&geometry).expect("JSON");
        let depth = match value["type"].as_str() {
            Some("Point" | "LineString" | "Polygon") => vec![0],
            _ => vec![],
        };
        let mut path = depth;
        walk(&value["coordinates"], &mut path, &mut out);
    }
    if is_collection {
        // Members of a collection are grouped by kind when they are read, several of a kind as one.
        out.iter_mut().for_each(|(path, _)| path.clear());
    }
    out.sort_by(|a, b| a.partial_cmp(b).expect("finite"));
    out
}

#[test]
fn districts_come_with_their_names_and_codes() {
    let Some(folder) = shared::folder("boundary files", "data/china_amap/jinan_raw") else { return };
    let opened = read(&folder.join("370105.json")).expect("reads");
    let layer: &Layer = &opened.layers[0];
    assert_eq!((layer.kind, layer.feature_count()), (GeometryKind::Polygon, 1));
    let value = |name: &str| layer.value(0, layer.field(name).expect("a field"));
    assert_eq!((value("name"), value("code")), (Value::Text("天桥区"), Value::Text("370105")));
    assert!(opened.issues.iter().any(|issue| issue.kind() == "untyped-geometry"));
}
