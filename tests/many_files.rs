//! Sources opened again from the cache of their project, and the files of a folder as one layer.

use std::path::Path;

use serde_json::Value;
use tuban::io::cache::{Cache, Trust, clear, folder_beside};
use tuban::io::{self, FORMATS, Guard, OpenOptions, Opened, WriteOptions};
use tuban::scenario::{Workspace, project};
use tuban::task::Progress;
use tuban::text::Language;

use super::program::tuban;

/// Parcels of 1 km² side by side, one a code, with further members of their properties.
fn parcels(x: f64, codes: &[&str], more: &str) -> String {
    let feature = |(nth, code): (usize, &&str)| {
        let (a, b) = (x + 1000.0 * nth as f64, x + 1000.0 * (nth + 1) as f64);
        let ring = format!("[[{a},4070000],[{b},4070000],[{b},4071000],[{a},4071000],[{a},4070000]]");
        format!(
            r#"{{"type":"Feature","properties":{{"DLBM":"{code}"{more}}},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}"#
        )
    };
    let features: Vec<String> = codes.iter().enumerate().map(feature).collect();
    let crs = r#"{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4548"}}"#;
    format!(r#"{{"type":"FeatureCollection","crs":{crs},"features":[{}]}}"#, features.join(","))
}

/// A folder of three counties, one of which is broken.
fn counties(folder: &Path) {
    std::fs::create_dir_all(folder.join("省/乙")).expect("made");
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("written");
    write("省/甲.geojson", &parcels(500_000.0, &["0101", "0103"], r#","TBBH":1"#));
    write("省/乙/图斑.geojson", &parcels(510_000.0, &["0101"], r#","TBBH":"7","备注":"新""#));
    write("省/丙.geojson", "[1, 2");
}

fn open(path: &Path) -> Opened {
    io::open(path, &OpenOptions::default(), &Progress::new()).expect("opens")
}

#[test]
fn the_files_of_a_folder_are_one_layer_that_says_how_they_differ() {
    let folder = tempfile::tempdir().expect("a folder");
    counties(folder.path());
    let all = folder.path().join("省#*");
    let opened = open(&all);
    assert_eq!(opened.layers.len(), 1);
    let layer = &opened.layers[0];
    assert_eq!((layer.name.as_str(), layer.feature_count(), opened.row_count), ("省", 3, 3));
    let value = |feature: usize, field: &str| layer.value(feature, layer.field(field).expect("is there")).to_string();
    let mut rows: Vec<String> =
        (0..3).map(|at| ["来源文件", "DLBM", "TBBH", "备注"].map(|field| value(at, field)).join(" ")).collect();
    rows.sort();
    assert_eq!(rows, ["乙/图斑 0101 7 新", "甲 0101 1 ", "甲 0103 1 "]);
    let said: Vec<String> = layer.issues.iter().map(|issue| issue.message.text(Language::English)).collect();
    assert!(said.iter().any(|text| text.contains("丙")), "what was not read: {said:?}");
    assert!(said.iter().any(|text| text.contains("备注") && text.contains("lacking in 1 file")), "{said:?}");
    assert!(said.iter().any(|text| text.contains("TBBH") && text.contains("another type")), "{said:?}");
    // A project keeps it as what it is, and its cache opens it.
    let path = folder.path().join("省.toml");
    let mut workspace = Workspace::new();
    workspace.add(layer.clone().into());
    project::save(&workspace, &path).expect("saves");
    for is_cached in [false, true] {
        let cache = Cache::beside(&path);
        let mut read =
            |source: &Path, options: &OpenOptions| cache.open(source, options, Trust::Sampled, &Progress::new());
        let loaded = project::load_with(&path, &mut read).expect("loads");
        assert!(loaded.issues.is_empty(), "{:?}", loaded.issues);
        assert_eq!(loaded.workspace.entries[0].layer.feature_count(), 3);
        assert_eq!(cache.is_checked(), !is_cached);
        cache.keep(&Progress::new());
    }
    // A file more in the folder is noticed.
    std::fs::write(folder.path().join("省/丁.geojson"), parcels(530_000.0, &["0301"], "")).expect("written");
    let loaded = project::load(&path, &Progress::new()).expect("loads");
    assert_eq!(loaded.workspace.entries[0].layer.feature_count(), 4);
}

#[test]
fn files_in_another_system_are_a_layer_of_their_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = parcels(500_000.0, &["0101"], "");
    std::fs::write(folder.path().join("a.geojson"), &text).expect("written");
    std::fs::write(folder.path().join("b.geojson"), text.replace("4548", "4549")).expect("written");
    let names = |path: &str| {
        let opened = open(&folder.path().join(path));
        opened.layers.iter().map(|layer| layer.provenance.layer.clone().unwrap_or_default()).collect::<Vec<_>>()
    };
    let inside = |name: &str| format!("../{}#{name}", folder.path().file_name().expect("a name").display());
    assert_eq!(names(&inside("*")), ["*", "*EPSG:4549"]);
    assert_eq!(names(&inside("*EPSG:4549")), ["*EPSG:4549"]);
    let none = io::open(&folder.path().join(inside("*EPSG:1")), &OpenOptions::default(), &Progress::new());
    assert!(none.is_err());
}

#[test]
fn the_areas_of_the_files_of_a_folder_are_those_of_one_layer() {
    let folder = tempfile::tempdir().expect("a folder");
    counties(folder.path());
    let output = tuban(folder.path(), "areas 省#* --by DLBM --method planar --json");
    let said: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    let layer = &said["files"][0]["layers"][0];
    let groups: Vec<(&str, f64)> = layer["groups"]
        .as_array()
        .expect("groups")
        .iter()
        .map(|group| (group["key"][0].as_str().unwrap_or("-"), group["m2"].as_f64().unwrap_or(0.0)))
        .collect();
    assert_eq!(groups, [("0101", 2e6), ("0103", 1e6)]);
    assert_eq!(layer["sum"]["m2"].as_f64(), Some(3e6));
}

/// Everything of the layers but their identity.
fn said(opened: &Opened) -> Vec<String> {
    let layers = opened.layers.iter();
    layers
        .map(|layer| {
            let crs = (layer.crs.code(), layer.crs_source, layer.crs_reason.text(Language::English));
            format!("{} {crs:?} {:?} {:?} {:?}", layer.name, layer.fields, layer.blocks, layer.provenance)
        })
        .collect()
}

#[test]
fn what_any_format_holds_comes_back_from_the_cache() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("source.geojson");
    std::fs::write(&source, parcels(500_000.0, &["0101", "0301", "水田"], r#","TBMJ":12.5,"TBBH":7"#))
        .expect("written");
    let layer = open(&source).layers.remove(0);
    let project = folder.path().join("p.toml");
    let mut count = 0;
    for format in FORMATS.iter().filter(|format| format.is_written() && !format.endings.is_empty()) {
        let path = folder.path().join(format!("a.{}", format.endings[0]));
        if path.exists() {
            continue;
        }
        let written = io::write(&path, &layer, None, WriteOptions::default(), &Guard::none());
        // Some hold points only, or are no source of layers again.
        if written.is_err() || io::open(&path, &OpenOptions::default(), &Progress::new()).is_err() {
            continue;
        }
        let read = |is_cached: bool| {
            let cache = Cache::beside(&project);
            let opened = cache.open(&path, &OpenOptions::default(), Trust::Sampled, &Progress::new()).expect("opens");
            assert_eq!(cache.is_checked(), !is_cached, "{}", path.display());
            cache.keep(&Progress::new());
            opened
        };
        assert_eq!(said(&read(false)), said(&read(true)), "{}", path.display());
        count += 1;
    }
    assert!(count >= 6, "{count} formats");
    let cleared = clear(&project).expect("cleared");
    assert!(cleared.file_count as usize == count && !folder_beside(&project).exists());
}

#[test]
fn the_command_line_fills_the_cache_takes_areas_from_it_and_clears_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("a.geojson");
    std::fs::write(&source, parcels(500_000.0, &["0101", "0103"], "")).expect("written");
    let mut workspace = Workspace::new();
    workspace.add(open(&source).layers.remove(0).into());
    project::save(&workspace, &folder.path().join("p.toml")).expect("saves");
    let areas = || tuban(folder.path(), "areas p.toml --by DLBM --json");
    let before = areas();
    let lies = folder.path().join("p.toml.cache");
    assert!(before.status.success() && !lies.exists(), "asking for areas makes no cache");
    let filled = tuban(folder.path(), "cache fill p.toml");
    assert!(filled.status.success(), "{}", String::from_utf8_lossy(&filled.stderr));
    let endings = || {
        let entries = std::fs::read_dir(&lies).expect("there").map(|entry| entry.expect("an entry").path());
        let mut endings: Vec<String> =
            entries.map(|path| path.extension().expect("an ending").to_string_lossy().into_owned()).collect();
        endings.sort();
        endings
    };
    assert_eq!(endings(), ["areas", "layers"]);
    assert_eq!(areas().stdout, before.stdout, "the same digits");
    // Whatever is wrong with it, the digits stay.
    for entry in std::fs::read_dir(&lies).expect("there") {
        let path = entry.expect("an entry").path();
        let mut bytes = std::fs::read(&path).expect("read");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&path, bytes).expect("written");
        assert_eq!(areas().stdout, before.stdout);
    }
    let cleared = tuban(folder.path(), "cache clear p.toml");
    assert!(String::from_utf8_lossy(&cleared.stdout).contains("2 files"));
    assert!(!lies.exists() && source.exists());
    let none = tuban(folder.path(), "cache fill a.geojson");
    assert_eq!(none.status.code(), Some(2), "no project");
}
