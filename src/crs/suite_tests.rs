//! Outside cases: PROJ's own tests and derived conversions, and the positions of web maps.

use geo_types::Coord;
use proj::Proj;
use serde_json::Value;

use super::*;

/// The cases of a suite in the shared folder; `None`, loudly, where `TUBAN_SHARED` is unset.
fn cases(name: &str) -> Option<Vec<Value>> {
    let Some(shared) = std::env::var_os("TUBAN_SHARED") else {
        println!("SKIPPED: {name}, because TUBAN_SHARED is not set");
        return None;
    };
    let path = std::path::Path::new(&shared).join("data/suites").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    // Written by Python, which has an Infinity where JSON has none.
    let suite: Value = serde_json::from_str(&text.replace(": Infinity", ": null")).expect("JSON");
    Some(suite["cases"].as_array().expect("cases").clone())
}

fn pair(value: &Value) -> Coord {
    let number = |i: usize| value[i].as_f64().expect("a number");
    Coord { x: number(0), y: number(1) }
}

/// `0.1 mm`, `50 nm`, `1cm` in metres.
fn metres(text: &str) -> f64 {
    let split = text.find(|c: char| c.is_alphabetic() && c != 'e').expect("a unit");
    let value: f64 = text[..split].trim().parse().expect("a number");
    value
        * match text[split..].trim() {
            "m" => 1.0,
            "cm" => 1e-2,
            "mm" => 1e-3,
            "um" => 1e-6,
            "nm" => 1e-9,
            unit => panic!("unit {unit}"),
        }
}

/// Runs a bare PROJ operation, degrees in and out where it takes or gives angles.
fn operate(definition: &str, inverse: bool, input: Coord, angular: (bool, bool)) -> Option<Coord> {
    let proj = reproject::create(|| Proj::new(definition)).ok()?;
    let radians = |c: Coord| Coord { x: c.x.to_radians(), y: c.y.to_radians() };
    let image = proj.project(if angular.0 { radians(input) } else { input }, inverse).ok()?;
    let image = if angular.1 { Coord { x: image.x.to_degrees(), y: image.y.to_degrees() } } else { image };
    (image.x.is_finite() && image.y.is_finite()).then_some(image)
}

/// Runs one test of this file again in a process of its own with a changed environment.
fn again(test: &str, variable: &str, value: &std::ffi::OsStr) -> std::process::Output {
    std::process::Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", &format!("crs::suite_tests::{test}"), "--nocapture"])
        .env(variable, value)
        .output()
        .expect("this test starts again")
}

#[test]
fn chinese_systems_do_not_depend_on_a_database() {
    const FOREIGN: &str = "PROJ_DATA";
    // What another program left behind: a database that this PROJ cannot read.
    const GARBAGE: &str = "not a database";
    let is_child = std::env::var_os(FOREIGN).is_some_and(|folder| {
        std::fs::read_to_string(std::path::Path::new(&folder).join("proj.db")).is_ok_and(|text| text == GARBAGE)
    });
    if !is_child {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("proj.db"), GARBAGE).expect("writable");
        let child = again("chinese_systems_do_not_depend_on_a_database", FOREIGN, folder.path().as_os_str());
        let said = String::from_utf8_lossy(&child.stdout);
        assert!(
            child.status.success() && said.contains("1 passed"),
            "{said}{}",
            String::from_utf8_lossy(&child.stderr)
        );
        return;
    }
    for row in china_table() {
        let crs = Crs::from_epsg(row.epsg).expect("a zone of China");
        let at = Coord { x: row.zone.central_meridian_deg + 0.5, y: 36.0 };
        let there = Reprojector::new(&crs.geographic(), &crs).expect("one datum").convert_one(at).expect("in the zone");
        assert!((there.x - row.zone.false_easting_m - 45_000.0).abs() < 500.0, "{there:?}");
    }
    let to_mercator = Reprojector::new(&Crs::wgs84(), &Crs::web_mercator()).expect("one datum");
    assert!(to_mercator.convert_one(Coord { x: 117.0, y: 36.0 }).is_some());
    assert!(Reprojector::new(&Crs::cgcs2000(), &Crs::from_epsg(32650).expect("UTM")).is_ok());
    // A database in PROJ's user folder would come before this one.
    if Crs::from_epsg(26915).is_err() {
        assert_eq!(Crs::from_epsg(26915), Err(CrsError::Database("EPSG:26915".to_owned())));
    }
}

/// Whether an operation takes and gives angles when run forward.
fn angular_ends(definition: &str) -> (bool, bool) {
    let steps: Vec<Vec<&str>> = definition
        .split("step")
        .map(|step| step.split_whitespace().map(|word| word.trim_start_matches('+')).collect::<Vec<_>>())
        .filter(|words| words.iter().any(|w| w.starts_with("init=") || w.starts_with("proj=") && *w != "proj=pipeline"))
        .collect();
    let end = |words: &Vec<&str>, first: bool| {
        let code = words.iter().find_map(|w| w.strip_prefix("init=epsg:")).and_then(|code| code.parse().ok());
        let geographic = code.is_some_and(|code| Crs::from_epsg(code).expect("a code").is_geographic());
        geographic || words.contains(&"inv") != first
    };
    (end(&steps[0], true), end(&steps[steps.len() - 1], false))
}

#[test]
fn proj_agrees_with_its_own_cases() {
    // Many cases spell their systems `+init=epsg:…`, which PROJ understands only where it is told to by its environment.
    const RULES: &str = "PROJ_USE_PROJ4_INIT_RULES";
    if std::env::var_os(RULES).is_none() {
        let child = again("proj_agrees_with_its_own_cases", RULES, "YES".as_ref());
        let said = String::from_utf8_lossy(&child.stdout);
        said.lines()
            .filter(|line| line.contains("proj_cases.json") || line.starts_with("  "))
            .for_each(|l| println!("{l}"));
        assert!(child.status.success(), "{said}{}", String::from_utf8_lossy(&child.stderr));
        return;
    }
    let Some(cases) = cases("proj_cases.json") else { return };
    let (mut derived_count, mut operation_count, mut refused_count) = (0, 0, 0);
    let (mut skipped, mut failed) = (Vec::new(), Vec::new());
    for case in &cases {
        let name = case["name"].as_str().expect("a name");
        if let Some(code) = case["crs"].as_str() {
            let number = |key: &str| case[key].as_f64().expect("a number");
            let crs = Crs::parse(code).expect("a CRS that PROJ knows");
            assert_eq!(crs.name(), case["crs_name"], "{name}");
            let (degrees, metres) =
                (Coord { x: number("lon"), y: number("lat") }, Coord { x: number("easting"), y: number("northing") });
            let mut coords = [degrees];
            let there = Reprojector::new(&crs.geographic(), &crs).expect("one datum").convert(&mut coords);
            let off = (coords[0].x - metres.x).hypot(coords[0].y - metres.y);
            if there.is_err() || off > number("tolerance_m") {
                failed.push(format!("{name}: {off} m off"));
                continue;
            }
            // And back, within 1e-9 degrees (0.1 mm), where the projection is not far outside its zone.
            let back = Reprojector::new(&crs, &crs.geographic()).expect("one datum").convert(&mut coords);
            if back.is_err() || (coords[0].x - degrees.x).abs().max((coords[0].y - degrees.y).abs()) > 1e-9 {
                failed.push(format!("{name}: does not come back, {coords:?}"));
            }
            derived_count += 1;
            continue;
        }
        let definition = case["operation"].as_str().expect("an operation");
        let inverse = case["direction"] == "inverse";
        let input = pair(&case["input"]);
        if case["expect_failure"] == true {
            match operate(definition, inverse, input, (!inverse, inverse)) {
                None => refused_count += 1,
                Some(image) => skipped.push(format!("{name}: PROJ gives {image:?} where a refusal is expected")),
            }
            continue;
        }
        if case["pyproj_ok"] != true {
            skipped.push(format!("{name}: PROJ's own binding disagrees"));
            continue;
        }
        let expected = pair(&case["expected"]);
        let angular = angular_ends(definition);
        let angular = if inverse { (angular.1, angular.0) } else { angular };
        let unit_m = if angular.1 { 111_320.0 } else { 1.0 };
        // Expectations are written with a limited number of digits.
        let tolerance_m = metres(case["tolerance"].as_str().expect("a tolerance")).max(1e-9);
        match operate(definition, inverse, input, angular) {
            Some(image) => {
                let off_m = (image.x - expected.x).hypot(image.y - expected.y) * unit_m;
                if off_m <= tolerance_m {
                    operation_count += 1;
                } else {
                    failed.push(format!("{name}: {off_m} m off, {tolerance_m} allowed: {definition}"));
                }
            }
            None => failed.push(format!("{name}: no result: {definition}")),
        }
    }
    println!(
        "proj_cases.json: {} cases: {derived_count} derived, {operation_count} operations and {refused_count} refusals passed, {} skipped",
        cases.len(),
        skipped.len()
    );
    skipped.iter().for_each(|line| println!("  skipped {line}"));
    assert!(failed.is_empty(), "{} failed:\n{}", failed.len(), failed.join("\n"));
    assert_eq!(derived_count, 75);
}

#[test]
fn web_map_positions_agree_with_the_circulating_formulae() {
    let Some(cases) = cases("gcj_cases.json") else { return };
    let mut failed = Vec::new();
    let wgs84_to_gcj02: fn(Coord) -> Coord = gcj02::gcj02_from_wgs84;
    let bd09 = |c: Coord| gcj02::bd09_from_gcj02(gcj02::gcj02_from_wgs84(c));
    let convert = |from: &str, to: &str, c: Coord| match (from, to) {
        ("WGS84", "GCJ02") => wgs84_to_gcj02(c),
        ("WGS84", "BD09") => bd09(c),
        ("GCJ02", "WGS84") => gcj02::wgs84_from_gcj02(c),
        ("GCJ02", "BD09") => gcj02::bd09_from_gcj02(c),
        ("BD09", "GCJ02") => gcj02::gcj02_from_bd09(c),
        ("BD09", "WGS84") => gcj02::wgs84_from_bd09(c),
        pair => panic!("{pair:?}"),
    };
    // The libraries undo a scrambling in one step, up to a dozen metres from where their own formula came from, and one
    // of them takes π where the others take π · 3000 / 180; their cases hold for just that.
    let one_step = |name: &str, from: &str, to: &str, c: Coord| match (from, to) {
        ("BD09", _) => {
            let k = std::f64::consts::PI * if name.starts_with("eviltransform") { 1.0 } else { 3000.0 / 180.0 };
            let (x, y) = (c.x - 0.0065, c.y - 0.006);
            let (radius, angle) = (x.hypot(y) - 2e-5 * (y * k).sin(), y.atan2(x) - 3e-6 * (x * k).cos());
            let gcj = Coord { x: radius * angle.cos(), y: radius * angle.sin() };
            let again = wgs84_to_gcj02(gcj);
            if to == "GCJ02" { gcj } else { Coord { x: 2.0 * gcj.x - again.x, y: 2.0 * gcj.y - again.y } }
        }
        _ => convert(from, to, c),
    };
    let near = |a: Coord, b: Coord, deg: f64| (a.x - b.x).abs() <= deg && (a.y - b.y).abs() <= deg;
    let to_mercator = Reprojector::new(&Crs::wgs84(), &Crs::web_mercator()).expect("one datum");
    let mut conversion_count = 0;
    for case in &cases {
        let name = case["name"].as_str().expect("a name");
        if let Some(from) = case["from"].as_str() {
            let expected = pair(&case["expected_lonlat"]);
            let image = one_step(name, from, case["to"].as_str().expect("a target"), pair(&case["input_lonlat"]));
            let within = match (case["tol_deg"].as_f64(), case["tol_m"].as_f64()) {
                (Some(deg), _) => near(image, expected, deg),
                (_, Some(m)) => places::distance_m(image, expected) <= m,
                _ => false,
            };
            conversion_count += 1;
            if !within {
                failed.push(format!("{name}: {image:?}, expected {expected:?}"));
            }
            continue;
        }
        // One place in several systems: every conversion between them.
        let tolerance = case["tol_deg"].as_f64().expect("a tolerance");
        for from in ["WGS84", "GCJ02", "BD09"] {
            for to in ["WGS84", "GCJ02", "BD09"] {
                if from != to {
                    let (image, expected) = (convert(from, to, pair(&case[from])), pair(&case[to]));
                    conversion_count += 1;
                    if !near(image, expected, tolerance) {
                        failed.push(format!("{name}, {from} to {to}: {image:?}, expected {expected:?}"));
                    }
                }
            }
        }
        let image = to_mercator.convert_one(pair(&case["WGS84"])).expect("an image");
        conversion_count += 1;
        // The degrees are written to 1e-7, which is a centimetre.
        if !near(image, pair(&case["EPSG3857"]), 0.02) {
            failed.push(format!("{name}: {image:?} in Web Mercator"));
        }
    }
    println!(
        "gcj_cases.json: {} cases ({conversion_count} conversions), {} failed, 0 skipped; BD09MC is not used here",
        cases.len(),
        failed.len()
    );
    assert!(failed.is_empty(), "{} failed:\n{}", failed.len(), failed.join("\n"));
}
