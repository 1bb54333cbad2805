//! The command line from end to end: the real program on real files, by its output and exit code.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// The program in an empty folder, with arguments separated by blanks.
fn tuban(folder: &Path, line: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tuban"))
        .args(line.split_whitespace())
        .current_dir(folder)
        .env("TUBAN_LANG", "en")
        .output()
        .expect("the program starts")
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON object")
}

/// A folder with `parcels.geojson`: four parcels of 1 km² in EPSG:4548, two of them overlapping by half.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("tuban-cli-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    let parcel = |x: f64, code: &str, village: &str| {
        let (a, b) = (500_000.0 + x, 501_000.0 + x);
        format!(
            r#"{{"type":"Feature","properties":{{"DLBM":"{code}","QSDWDM":"{village}"}},"geometry":{{"type":"Polygon","coordinates":[[[{a},4070000],[{b},4070000],[{b},4071000],[{a},4071000],[{a},4070000]]]}}}}"#
        )
    };
    let features = [
        parcel(0.0, "0101", "370112001001000"),
        parcel(1000.0, "0102", "370112001002000"),
        parcel(2000.0, "0701", "370112001001000"),
        parcel(2500.0, "0701", "370112001001000"),
    ];
    let crs = r#"{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4548"}}"#;
    let file = format!(r#"{{"type":"FeatureCollection","crs":{crs},"features":[{}]}}"#, features.join(",\n"));
    std::fs::write(folder.join("parcels.geojson"), file).expect("written");
    folder
}

#[test]
fn areas_are_grouped_by_prefix_and_level_and_the_union_is_told() {
    let folder = folder("areas");
    let out = json(&tuban(&folder, "areas parcels.geojson --by QSDWDM:12,DLBM@1 --union --method planar --json"));
    let layer = &out["files"][0]["layers"][0];
    assert_eq!(layer["crs"]["code"], "EPSG:4548");
    assert_eq!(layer["sum"]["m2"], 4e6);
    assert_eq!(layer["sum"]["mu"], 6000.0);
    assert_eq!(layer["union"]["m2"], 3.5e6);
    let groups: Vec<(String, u64)> = layer["groups"]
        .as_array()
        .expect("groups")
        .iter()
        .map(|g| {
            (
                format!("{} {}", g["key"][0].as_str().unwrap_or("-"), g["key"][1].as_str().unwrap_or("-")),
                g["feature_count"].as_u64().unwrap_or(0),
            )
        })
        .collect();
    let expected = [("370112001001 01", 1), ("370112001001 07", 2), ("370112001002 01", 1)];
    assert_eq!(groups, expected.map(|(key, count)| (key.to_owned(), count)));
}

#[test]
fn the_survey_prints_what_the_standard_says_at_the_central_meridian() {
    let folder = folder("survey");
    let out = json(&tuban(&folder, "areas parcels.geojson --where DLBM='0101' --json"));
    let sum = &out["files"][0]["layers"][0]["sum"];
    let (exact, printed) = (sum["m2"].as_f64().expect("m2"), sum["printed_m2"].as_f64().expect("printed"));
    // A km² within a kilometre of the meridian: its plane area less about 1 part in 10⁸.
    assert!((exact - 1e6).abs() < 0.02, "{exact}");
    assert!((printed - exact).abs() < 0.01, "{printed}");
}

#[test]
fn csv_starts_with_a_bom_and_goes_to_the_file_named() {
    let folder = folder("csv");
    let out = tuban(&folder, "areas parcels.geojson --by DLBM --csv -o out.csv");
    assert!(out.status.success() && out.stdout.is_empty());
    let csv = std::fs::read(folder.join("out.csv")).expect("written");
    assert!(csv.starts_with("\u{feff}".as_bytes()));
    assert_eq!(String::from_utf8_lossy(&csv).lines().filter(|l| l.contains("parcels.geojson,")).count(), 3);
}

#[test]
fn info_tells_crs_counts_and_fields() {
    let folder = folder("info");
    let out = json(&tuban(&folder, "info parcels.geojson --json"));
    let layer = &out["files"][0]["layers"][0];
    assert_eq!(
        (&layer["feature_count"], &layer["vertex_count"], &layer["part_count"]),
        (&4.into(), &16.into(), &4.into())
    );
    assert_eq!(layer["fields"][0]["distinct"], 3);
    let degrees = layer["extent_lon_lat"].as_array().expect("extent");
    assert!((degrees[0].as_f64().expect("number") - 117.0).abs() < 1e-6);
    assert!(text(&tuban(&folder, "info parcels.geojson --lang zh")).contains("要素 4"));
}

#[test]
fn the_union_is_that_of_the_features_chosen() {
    let folder = folder("union");
    for (class, sum, union) in [("0101", 1e6, 1e6), ("0701", 2e6, 1.5e6), ("9999", 0.0, 0.0)] {
        let line = format!("areas parcels.geojson --union --where DLBM='{class}' --method planar --json");
        let out = json(&tuban(&folder, &line));
        let layer = &out["files"][0]["layers"][0];
        assert_eq!((&layer["sum"]["m2"], &layer["union"]["m2"]), (&sum.into(), &union.into()), "{class}");
    }
}

#[test]
fn failures_name_the_file_and_exit_with_2() {
    let folder = folder("failures");
    std::fs::write(folder.join("broken.geojson"), r#"{"type":"FeatureCollection","features":[{"type":"#)
        .expect("written");
    for line in [
        "areas missing.geojson",
        "areas broken.geojson",
        "areas parcels.geojson --by NOPE",
        "areas parcels.geojson --where DLBM=",
        "info parcels.geojson --crs 99",
    ] {
        let out = tuban(&folder, line);
        let said = String::from_utf8_lossy(&out.stderr);
        assert_eq!(out.status.code(), Some(2), "{line}: {said}");
        assert!(said.contains("tuban: "), "{line}: {said}");
    }
    let planar = folder.join("degrees.geojson");
    std::fs::write(&planar, r#"{"type":"Polygon","coordinates":[[[117,36],[117.1,36],[117.1,36.1],[117,36]]]}"#)
        .expect("written");
    assert_eq!(tuban(&folder, "areas degrees.geojson --method planar").status.code(), Some(2));
    assert!(tuban(&folder, "areas degrees.geojson").status.success());
}

#[test]
fn strict_refuses_an_undecided_crs() {
    let folder = folder("strict");
    let file =
        r#"{"type":"Polygon","coordinates":[[[500000,4070000],[501000,4070000],[501000,4071000],[500000,4070000]]]}"#;
    std::fs::write(folder.join("zone.geojson"), file).expect("written");
    assert!(tuban(&folder, "areas zone.geojson").status.success());
    assert_eq!(tuban(&folder, "areas zone.geojson --strict").status.code(), Some(2));
    assert!(tuban(&folder, "areas zone.geojson --strict --crs 4548").status.success());
}

#[test]
fn the_demo_opens_from_an_empty_folder_and_prints_its_figures() {
    let folder = folder("demo");
    let out = json(&tuban(&folder, "areas --json"));
    let mu = |name: &str| {
        let layers =
            out["files"].as_array().expect("files").iter().flat_map(|f| f["layers"].as_array().expect("layers"));
        let found = layers.clone().find(|l| l["name"] == name).unwrap_or_else(|| panic!("no layer {name}"));
        found["sum"]["mu"].as_f64().expect("mu")
    };
    assert!((mu("地类图斑 2025") - 1_197_000.0).abs() < 0.01);
    assert!((mu("已清理土地") - 62_000.0).abs() < 0.01);
}
