//! `tuban doctor` from end to end, and the card in the window: which zone a file is in, what a web map did to it, four
//! parameters from pairs, and a step that undo takes back.

use std::path::{Path, PathBuf};

use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use serde_json::Value;
use tuban::crs::gcj02::gcj02_from_wgs84;
use tuban::crs::{Crs, Reprojector};
use tuban::model::Coord;
use tuban::ui::Start;
use tuban::ui::session::command::Command;
use tuban::ui::session::command::layer::LayerCommand;

use super::program::tuban;
use super::shared;
use super::window::{Window, click, open, press, session, typed, until};

/// Irregular parcels about Jinan in degrees, their corners put through `map`.
fn parcels(map: impl Fn(Coord) -> Coord, label: Option<u32>) -> String {
    let feature = |i: u32| {
        let (x, y) = (117.0 + 0.001 * f64::from(i * i % 97), 36.8 + 0.0013 * f64::from(i * 7 % 31));
        let ring = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)].map(|(dx, dy)| {
            let c = map(Coord { x: x + 0.0004 * dx, y: y + 0.0004 * dy });
            format!("[{:?},{:?}]", c.x, c.y)
        });
        let ring = ring.join(",");
        format!(
            r#"{{"type":"Feature","properties":{{"BSM":"{i}"}},"geometry":{{"type":"Polygon","coordinates":[[{ring}]]}}}}"#
        )
    };
    let label = label.map_or(String::new(), |code| {
        format!(r#""crs":{{"type":"name","properties":{{"name":"urn:ogc:def:crs:EPSG::{code}"}}}},"#)
    });
    let features: Vec<String> = (0..100).map(feature).collect();
    format!(r#"{{"type":"FeatureCollection",{label}"features":[{}]}}"#, features.join(","))
}

fn to_plane(code: u32) -> impl Fn(Coord) -> Coord {
    let plane = Crs::from_epsg(code).expect("known");
    let way = Reprojector::new(&Crs::cgcs2000(), &plane).expect("one datum");
    move |c| way.convert_one(c).expect("in the zone")
}

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("written");
    path
}

/// The JSON of the verb.
fn diagnosed(folder: &Path, line: &str) -> Value {
    let output = tuban(folder, &format!("doctor {line} --json"));
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn against_tells_which_zone_a_file_is_in() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "known.geojson", &parcels(|c| c, Some(4490)));
    // Drawn about 120°, labelled 117°.
    write(folder.path(), "zone.geojson", &parcels(to_plane(4549), Some(4548)));
    let found = diagnosed(folder.path(), "zone.geojson --against known.geojson");
    let first = &found["readings"][0];
    assert_eq!((&first["code"], &first["badge"]), (&"EPSG:4549".into(), &"likeliest".into()), "{found:#}");
    assert!(first["residual"]["median_m"].as_f64().expect("measured") < 0.5);
    assert!(first["reference"]["overlap"].as_f64().expect("overlaps") > 0.99);
    let at = &first["lon_lat"];
    assert!((at[0].as_f64().expect("a number") - 117.048).abs() < 0.01 && first["place"].is_string(), "{first:#}");
    let text = tuban(folder.path(), "doctor zone.geojson --against known.geojson");
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    for word in ["[likeliest]", "EPSG:4549", "known", "Jinan", "median distance to its lines 0.00 m"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    // A row a reading for spreadsheets.
    let rows = tuban(folder.path(), "doctor zone.geojson --against known.geojson --csv");
    let rows = String::from_utf8_lossy(&rows.stdout).into_owned();
    let first = rows.lines().nth(1).unwrap_or_default();
    assert!(first.starts_with("1,") && first.contains("EPSG:4549"), "{rows}");
}

#[test]
fn a_web_map_is_found_and_undone_on_a_copy() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "known.geojson", &parcels(|c| c, Some(4490)));
    let moved = parcels(gcj02_from_wgs84, None);
    write(folder.path(), "moved.geojson", &moved);
    let found = diagnosed(folder.path(), "moved.geojson --against known.geojson");
    assert_eq!(found["readings"][0]["correction"], "GCJ-02 undone", "{found:#}");
    let output = tuban(folder.path(), "doctor moved.geojson --against known.geojson --apply 1 -o copy.geojson");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(std::fs::read_to_string(folder.path().join("moved.geojson")).expect("there"), moved, "the file stays");
    let copy = diagnosed(folder.path(), "copy.geojson --against known.geojson");
    assert_eq!(copy["readings"][0]["correction"], Value::Null, "{copy:#}");
    assert!(copy["readings"][0]["residual"]["median_m"].as_f64().expect("measured") < 0.01, "{copy:#}");
    // Nothing that is read is written over, and a copy needs a name.
    let over = tuban(folder.path(), "doctor moved.geojson --apply 1 -o moved.geojson");
    assert_eq!(over.status.code(), Some(2));
    assert_eq!(tuban(folder.path(), "doctor moved.geojson --apply 1").status.code(), Some(2));
    assert_eq!(tuban(folder.path(), "doctor moved.geojson --apply 99 -o new.geojson").status.code(), Some(2));
}

#[test]
fn pairs_give_four_parameters_and_name_the_wrong_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let own = |c: Coord| {
        let c = to_plane(4548)(c);
        Coord { x: c.x - 480_000.0, y: c.y - 4_050_000.0 }
    };
    write(folder.path(), "city.geojson", &parcels(own, None));
    let at = |x: f64, y: f64, off: f64| format!("{x} {y} {} {}", x + 480_000.0 + off, y + 4_050_000.0);
    let pairs = |off: f64| {
        let lines = [
            at(20_000.0, 22_000.0, 0.0),
            at(28_000.0, 22_500.0, 0.0),
            at(27_000.0, 29_000.0, off),
            at(21_000.0, 28_000.0, 0.0),
        ];
        lines.iter().enumerate().map(|(i, line)| format!("K{i} {line}\n")).collect::<String>()
    };
    write(folder.path(), "good.txt", &pairs(0.0));
    write(folder.path(), "bad.txt", &pairs(3.0));
    let found = diagnosed(folder.path(), "city.geojson --pairs good.txt --to 4548");
    assert!(found["fit"]["rms_m"].as_f64().expect("a number") < 1e-6, "{found:#}");
    assert_eq!(found["readings"][0]["code"], "EPSG:4548");
    let lon = found["readings"][0]["lon_lat"][0].as_f64().expect("a number");
    assert!((lon - 117.048).abs() < 0.01, "{found:#}");
    let found = diagnosed(folder.path(), "city.geojson --pairs bad.txt --to 4548");
    assert_eq!(found["fit"]["worst"], "K2", "{found:#}");
    assert!(found["fit"]["remarks"].to_string().contains("most likely wrong"), "{found:#}");
    for line in [
        "city.geojson --pairs good.txt",
        "city.geojson --pairs good.txt --to 4490",
        "city.geojson --pairs city.geojson --to 4548",
    ] {
        assert_eq!(tuban(folder.path(), &format!("doctor {line}")).status.code(), Some(2), "{line}");
    }
}

#[test]
fn packed_degrees_are_warned_of_wherever_they_are_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let pack = |v: f64| {
        let minutes = (v.fract() * 60.0).trunc();
        v.trunc() + minutes / 100.0 + (v.fract() * 60.0 - minutes) * 60.0 / 1e4
    };
    write(folder.path(), "packed.geojson", &parcels(|c| Coord { x: pack(c.x), y: pack(c.y) }, None));
    let output = tuban(folder.path(), "areas packed.geojson");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("D.MMSS"), "{said}");
    let found = diagnosed(folder.path(), "packed.geojson");
    assert_eq!(found["readings"][0]["correction"], "D.MMSS made degrees", "{found:#}");
}

#[test]
fn reports_say_that_areas_rest_on_a_shifted_layer() {
    let folder = tempfile::tempdir().expect("a folder");
    let classed = |text: String| text.replace(r#""BSM""#, r#""DLBM":"0101","BSM""#);
    write(folder.path(), "land.geojson", &classed(parcels(|c| c, None)));
    write(folder.path(), "land_gcj02.geojson", &classed(parcels(gcj02_from_wgs84, None)));
    let rules = "format = 1\nname = \"规则\"\n[[rule]]\nid = \"a\"\nname = \"建设\"\nindicator = \"construction\"\n\
                 comparison = \"<=\"\nlimit = \"10 km2\"\nunit = \"km2\"\nsource = \"虚构\"\n";
    write(folder.path(), "r.rules.toml", rules);
    let said = |line: &str| {
        let out = tuban(folder.path(), line);
        let errors = String::from_utf8_lossy(&out.stderr).into_owned();
        (String::from_utf8_lossy(&out.stdout).into_owned(), errors)
    };
    for line in [
        "compare land.geojson land_gcj02.geojson --by DLBM",
        "take land.geojson land_gcj02.geojson",
        "check land_gcj02.geojson --rules r.rules.toml",
    ] {
        let (text, errors) = said(&format!("{line} --lang zh"));
        assert!(text.contains("面积涉及图层“land_gcj02”"), "{line}: {text} {errors}");
        let (json, errors) = said(&format!("{line} --json"));
        let json: String = json.split_whitespace().collect();
        assert!(json.contains(r#""areas_doubted":true"#), "{line}: {json} {errors}");
    }
    let (text, errors) = said("compare land.geojson land.geojson --by DLBM --lang zh");
    assert!(!text.is_empty() && !text.contains("面积涉及图层"), "{text} {errors}");
}

/// Boundaries of a web map beside ones of another source and year: what the doctor is for.
#[test]
fn boundaries_of_a_web_map_are_found_among_those_that_were_held_back() {
    let Some(folder) = shared::folder("CRS doctor", "data/china_amap") else { return };
    let against = |file: &str, known: &str| {
        let folder = folder.display();
        let line = format!("doctor {folder}/{file} --against {folder}/{known} --json");
        let output = tuban(Path::new("."), &line);
        assert!(output.status.success(), "{file}: {}", String::from_utf8_lossy(&output.stderr));
        let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let first = found["readings"][0].clone();
        println!("{file} against {known}: {} {}, residual {}", first["code"], first["correction"], first["residual"]);
        first["correction"].as_str().map(str::to_owned)
    };
    let undone = Some("GCJ-02 undone".to_owned());
    assert_eq!(against("jinan_districts_gcj02.geojson", "jinan_districts_wgs84.geojson"), undone);
    assert_eq!(against("jinan_districts_gcj02.geojson", "jinan_districts_epsg4527.geojson"), undone);
    // Another year, other vertices.
    assert_eq!(against("jinan_counties_2017_gcj02.geojson", "jinan_districts_wgs84.geojson"), undone);
    assert_eq!(against("jinan_districts_wgs84.geojson", "jinan_districts_epsg4527.geojson"), None);
    // Where the other one is scrambled it is said of that.
    let line = format!(
        "doctor {0}/jinan_districts_wgs84.geojson --against {0}/jinan_counties_2017_gcj02.geojson",
        folder.display()
    );
    let output = String::from_utf8_lossy(&tuban(Path::new("."), &line).stdout).into_owned();
    assert!(output.contains("that is scrambled") || output.contains("looks scrambled itself"), "{output}");
}

/// A window with the true parcels and a file beside them.
fn window(folder: &Path, text: &str) -> Window {
    let mut start = Start::for_test();
    start.files =
        vec![write(folder, "known.geojson", &parcels(|c| c, Some(4490))), write(folder, "moved.geojson", text)];
    let mut window = open(start, (1600.0, 1000.0));
    until(&mut window, |session| {
        session.jobs.is_empty() && session.workspace.entries.iter().filter(|entry| entry.areas.is_some()).count() == 2
    });
    window
}

fn of(window: &Window, title: &str) -> tuban::model::LayerId {
    let entry = session(window).workspace.entries.iter().find(|entry| entry.title == title);
    entry.expect("is open").id()
}

#[test]
fn the_card_undoes_a_web_map_as_a_step() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut window = window(folder.path(), &parcels(gcj02_from_wgs84, None));
    let layer = of(&window, "moved");
    window.state_mut().push(Command::Layer(layer, LayerCommand::Doctor));
    window.run_steps(2);
    until(&mut window, |session| {
        session.project.examination.as_ref().is_some_and(|examination| examination.outcome.is_some())
    });
    let first = {
        let examination = session(&window).project.examination.as_ref().expect("is there");
        let outcome = examination.outcome.as_ref().and_then(|outcome| outcome.as_ref().ok()).expect("went well");
        outcome.diagnosis.readings[0].title(tuban::text::Language::Chinese)
    };
    assert!(first.contains("还原 GCJ-02 加偏"), "{first}");
    assert!(window.query_by_label(&format!("1  {first}")).is_some(), "the reading is a row");
    click(&mut window, "按此读法读入");
    until(&mut window, |session| {
        session.workspace.entry(layer).is_some_and(|e| e.layer.provenance.correction.is_some())
    });
    let at = |window: &Window| session(window).workspace.entry(layer).expect("is there").layer.extent().min;
    assert!((at(&window).x - 117.0).abs() < 1e-7 && (at(&window).y - 36.8).abs() < 1e-7, "{:?}", at(&window));
    let is_flagged = |window: &Window| {
        tuban::doctor::web_map::is_flagged(&session(window).workspace.entry(layer).expect("is there").layer)
    };
    assert!(!is_flagged(&window), "undone is not flagged");
    press(&mut window, Modifiers::COMMAND, Key::Z);
    until(&mut window, |session| {
        session.workspace.entry(layer).is_some_and(|e| e.layer.provenance.correction.is_none())
    });
    assert!((at(&window).x - 117.0).abs() > 1e-3, "{:?}", at(&window));
    press(&mut window, Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::Z);
    until(&mut window, |session| {
        session.workspace.entry(layer).is_some_and(|e| e.layer.provenance.correction.is_some())
    });
}

#[test]
fn seven_parameters_are_typed_and_kept_with_the_project() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut window = window(folder.path(), &parcels(to_plane(4548), Some(2384)));
    let layer = of(&window, "moved");
    window.state_mut().push(Command::Layer(layer, LayerCommand::Doctor));
    window.run_steps(2);
    until(&mut window, |session| {
        session.project.examination.as_ref().is_some_and(|examination| examination.outcome.is_some())
    });
    click(&mut window, "七参数");
    let enter = |window: &mut Window, name: &str, text: &str| {
        click(window, name);
        press(window, Modifiers::COMMAND, Key::A);
        typed(window, text);
    };
    enter(&mut window, "ΔX (m)", "5000");
    assert!(window.query_by_label_contains("超出范围").is_some(), "5000 m is refused");
    enter(&mut window, "ΔX (m)", "12.5");
    enter(&mut window, "ΔY (m)", "-30");
    let take = window.query_by_label_contains("在副本上转换到");
    assert!(take.is_some(), "12.5 m is taken");
    take.expect("is there").click();
    window.run_steps(4);
    until(&mut window, |session| {
        session.workspace.entry(layer).is_some_and(|e| e.layer.provenance.correction.is_some())
    });
    assert_eq!(session(&window).workspace.entry(layer).expect("is there").layer.crs.code(), "EPSG:4548");
    let path = folder.path().join("p.toml");
    tuban::scenario::project::save(&session(&window).workspace, &path).expect("saves");
    let text = std::fs::read_to_string(&path).expect("text");
    assert!(text.contains("seven-parameters") && text.contains("12.5"), "{text}");
    let read = tuban::scenario::project::load(&path, &Default::default()).expect("loads").workspace;
    let kept = read.entries.iter().find(|entry| entry.title == "moved").expect("is there");
    assert_eq!(kept.layer.crs.code(), "EPSG:4548");
    assert_eq!(kept.correction, session(&window).workspace.entry(layer).expect("is there").correction);
}
