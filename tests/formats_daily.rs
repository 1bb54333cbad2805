//! What planners get every day, through the door: coordinate TXT, tables, KML. Every file of the shared folder is opened by
//! its path, as a user does, and held against what its authors say; what may be written is written and opened again.

use std::path::Path;

use serde_json::Value;
use tuban::io::{Guard, OpenOptions, Opened, WriteOptions, open, write};
use tuban::model::{GeometryKind, Layer};
use tuban::task::Progress;

fn options() -> OpenOptions {
    OpenOptions { keep_partial: true, ..OpenOptions::default() }
}

/// Area in the plane of the layer's coordinates.
fn planar_area(layer: &Layer) -> f64 {
    let of_ring = |ring: &[tuban::model::Coord]| {
        let o = ring[0];
        ring.windows(2).map(|s| (s[0].x - o.x) * (s[1].y - o.y) - (s[0].y - o.y) * (s[1].x - o.x)).sum::<f64>().abs()
            / 2.0
    };
    let mut sum = 0.0;
    for feature in 0..layer.feature_count() {
        let (block, row) = layer.locate(feature);
        for part in block.geometry.polygon(row).parts() {
            sum += part
                .rings()
                .enumerate()
                .map(|(at, ring)| if at == 0 { of_ring(ring) } else { -of_ring(ring) })
                .sum::<f64>();
        }
    }
    sum
}

fn feature_count(opened: &Opened) -> u64 {
    opened.row_count - opened.skipped_count
}

/// Opens every file of a folder; gives how many there were.
fn check_folder(folder: &Path, check: impl Fn(&str, &Value, Result<Opened, String>)) -> usize {
    let text = std::fs::read_to_string(folder.join("expected.json")).expect("the answers");
    let sets: Vec<Value> = serde_json::from_str(&text).expect("JSON");
    for set in &sets {
        let name = set["file"].as_str().expect("a name");
        let opened = open(&folder.join(name), &options(), &Progress::new());
        check(name, set, opened.map_err(|error| error.message().to_string()));
    }
    sets.len()
}

#[test]
fn samples_open_by_their_paths() {
    let Some(folder) = crate::shared::folder("daily formats", "data/formats") else { return };
    let mut count = 0;
    for kind in ["txt", "csv", "xlsx", "kml", "ovkml"] {
        count += check_folder(&folder.join(kind), |name, set, opened| {
            let opened = match opened {
                Ok(opened) => opened,
                Err(error) => {
                    println!("{kind}/{name}: {error}");
                    let nothing = set["layers"].as_array().is_some_and(Vec::is_empty);
                    assert!(nothing || set["readers"]["error"].is_string(), "{name}: {error}");
                    return;
                }
            };
            let layers = set["layers"].as_array().expect("a list");
            println!(
                "{kind}/{name}: {} {} features, {} layers",
                opened.format,
                feature_count(&opened),
                opened.layers.len()
            );
            if layers.is_empty() {
                return;
            }
            let expected: u64 = layers.iter().map(|layer| layer["feature_count"].as_u64().expect("a count")).sum();
            // Where readers disagree, the number of placemarks is what stands in the file.
            let placemarks = set["readers"]["xml_count"]["Placemark"].as_u64();
            let found = feature_count(&opened);
            assert!(found == expected || Some(found) == placemarks, "{name}: {found}, expected {expected}");
            if layers.len() == 1 && layers[0]["area_kind"] == "planar" {
                let right = layers[0]["area_m2"].as_f64().expect("an area");
                let area: f64 = opened.layers.iter().map(planar_area).sum();
                assert!((area / right - 1.0).abs() < 1e-9, "{name}: {area}, expected {right}");
            }
            for layer in &opened.layers {
                assert!(!layer.name.is_empty(), "{name}: layers have names");
            }
        });
    }
    println!("ran {count} cases, skipped 0");
}

#[test]
fn what_is_written_opens_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = r#"{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:4527"}},"features":[
        {"type":"Feature","properties":{"地块编号":"001","地块名称":"甲","地类编码":"0601"},"geometry":{"type":"Polygon","coordinates":
          [[[39500000.123,4060000],[39500100,4060000],[39500100,4060100.5],[39500000.123,4060000]]]}},
        {"type":"Feature","properties":{"地块编号":"002","地块名称":"乙","地类编码":"0701"},"geometry":{"type":"Polygon","coordinates":
          [[[39501000,4060000],[39501100,4060000],[39501100,4060100],[39501000,4060000]]]}}]}"#;
    let source = folder.path().join("a.geojson");
    std::fs::write(&source, text).expect("writes");
    let first = open(&source, &options(), &Progress::new()).expect("opens");
    let layer = &first.layers[0];
    for ending in ["txt", "csv", "xlsx", "kml"] {
        let path = folder.path().join(format!("out.{ending}"));
        write(&path, layer, None, WriteOptions { gbk: true, ..WriteOptions::default() }, &Guard::default())
            .expect("writes");
        let again = open(&path, &options(), &Progress::new()).expect("opens");
        let other = &again.layers[0];
        assert_eq!((other.kind, other.feature_count()), (GeometryKind::Polygon, 2), "{ending}");
        for field in ["地块编号", "地类编码"] {
            let value = |layer: &Layer| layer.value(1, layer.field(field).expect("a field")).to_string();
            assert_eq!(value(other), value(layer), "{ending}");
        }
        if ending != "kml" {
            assert_eq!(other.crs.code(), "EPSG:4527", "{ending}");
            assert!((planar_area(other) - planar_area(layer)).abs() < 0.2, "{ending}");
        }
    }
}
