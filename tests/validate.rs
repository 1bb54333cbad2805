//! The hand-in check from end to end: a folder with planted faults, each found by kind and feature; the demo; schemas.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::{Map, Value, json};

use crate::program::tuban;

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("tuban-validate-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    folder
}

fn json_of(output: &Output, code: i32) -> Value {
    assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON object")
}

/// Writes a layer in a Gauss-Krüger zone of CGCS2000, or in its degrees.
fn write(folder: &Path, name: &str, epsg: u32, features: &[(Map<String, Value>, Value)]) {
    let features: Vec<Value> = features
        .iter()
        .map(|(properties, geometry)| json!({ "type": "Feature", "properties": properties, "geometry": geometry }))
        .collect();
    let crs = json!({ "type": "name", "properties": { "name": format!("urn:ogc:def:crs:EPSG::{epsg}") } });
    let file = json!({ "type": "FeatureCollection", "name": name, "crs": crs, "features": features });
    std::fs::write(folder.join(format!("{name}.geojson")), file.to_string()).expect("written");
}

const X: f64 = 500_000.0;
const Y: f64 = 4_070_000.0;

fn ring(points: &[(f64, f64)]) -> Value {
    let mut ring: Vec<Value> = points.iter().map(|(x, y)| json!([X + x, Y + y])).collect();
    ring.push(ring[0].clone());
    Value::Array(ring)
}

fn polygon(points: &[(f64, f64)]) -> Value {
    json!({ "type": "Polygon", "coordinates": [ring(points)] })
}

fn square(x: f64, y: f64, width: f64, height: f64) -> Value {
    polygon(&[(x, y), (x + width, y), (x + width, y + height), (x, y + height)])
}

fn village(column: usize) -> &'static str {
    if column < 3 { "370112001001" } else { "370112001002" }
}

/// A parcel of forest, 100 m wide and high, with every field of the survey.
fn parcel(number: usize) -> Map<String, Value> {
    let unit = format!("{}0000000", village(number % 6));
    let mut fields = object(&json!({
        "BSM": format!("3701122110{:08}", number + 1), "YSDM": "2001010100", "TBYBH": null,
        "TBBH": (number + 1).to_string(), "DLBM": "0301", "DLMC": "乔木林地", "QSXZ": "30",
        "QSDWDM": unit, "QSDWMC": "某村", "ZLDWDM": unit, "ZLDWMC": "某村", "TBMJ": 10_000.0,
    }));
    let more = json!({
        "KCDLBM": null, "KCXS": null, "KCMJ": null, "TBDLMJ": 10_000.0, "GDLX": null, "GDPDJB": null,
        "XZDWKD": null, "TBXHDM": null, "TBXHMC": null, "ZZSXDM": null, "ZZSXMC": null, "GDDB": null,
        "FRDBS": "0", "CZCSXM": null, "SJNF": 2023, "MSSM": "00", "HDMC": null, "BZ": null,
    });
    set(&mut fields, &more);
    fields
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().expect("an object").clone()
}

/// Sets fields of a parcel.
fn set(parcel: &mut Map<String, Value>, values: &Value) {
    parcel.extend(object(values));
}

/// Features as properties and geometry.
type Features = Vec<(Map<String, Value>, Value)>;

/// Parcels that tile 600 m by 400 m, two villages and their township, without a fault between them.
fn clean() -> [Features; 3] {
    let parcels = (0..24).map(|number| {
        let (column, row) = (number % 6, number / 6);
        (parcel(number), square(column as f64 * 100.0, row as f64 * 100.0, 100.0, 100.0))
    });
    let unit = |code: &str, serial: &str, area: f64| {
        let (code_field, name_field, code, kind) = match code.len() {
            9 => ("XZQDM", "XZQMC", code.to_owned(), "1000600100"),
            _ => ("ZLDWDM", "ZLDWMC", format!("{code}0000000"), "1000600400"),
        };
        let mut fields = object(&json!({ "BSM": serial, "YSDM": kind, "DCMJ": area, "JSMJ": null, "MSSM": "00" }));
        fields.insert(code_field.to_owned(), json!(code));
        set(&mut fields, &json!({ name_field: "某地", "HDMC": null, "BZ": null }));
        fields
    };
    let villages = vec![
        (unit(village(0), "370112000000000001", 120_000.0), square(0.0, 0.0, 300.0, 400.0)),
        (unit(village(3), "370112000000000002", 120_000.0), square(300.0, 0.0, 300.0, 400.0)),
    ];
    let township = vec![(unit("370112001", "370112000000000003", 240_000.0), square(0.0, 0.0, 600.0, 400.0))];
    [parcels.collect(), villages, township]
}

/// A schema of three layers of the survey, with its rules.
fn three_layers(folder: &Path) {
    let out = tuban(folder, "validate --write-schema all.toml --schema survey");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let all = std::fs::read_to_string(folder.join("all.toml")).expect("written");
    assert!(all.starts_with("# 非官方质检规则"), "{}", &all[..100]);
    // What an office does: take away what is not handed in.
    let mut kept = String::new();
    for block in all.split("\n[[") {
        let is_layer = block.starts_with("layer]]");
        let wanted = ["DLTB", "XZQ", "CJDCQ"].iter().any(|code| block.contains(&format!("code = \"{code}\"\nname")));
        if !is_layer || wanted {
            if !kept.is_empty() {
                kept.push_str("\n[[");
            }
            kept.push_str(block);
        }
    }
    std::fs::write(folder.join("three.toml"), kept).expect("written");
}

#[test]
fn a_clean_delivery_passes() {
    let folder = folder("clean");
    three_layers(&folder);
    let delivery = folder.join("delivery");
    std::fs::create_dir_all(&delivery).expect("a folder");
    let [parcels, villages, township] = clean();
    write(&delivery, "DLTB", 4548, &parcels);
    write(&delivery, "CJDCQ", 4548, &villages);
    write(&delivery, "XZQ", 4548, &township);
    let out = tuban(&folder, "validate delivery --schema three.toml --json");
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    let answer = json_of(&out, 0);
    assert_eq!(answer["counts"]["error"], 0, "{said}");
    assert_eq!(answer["counts"]["warning"], 0, "{said}");
    assert_eq!(answer["schema"]["official"], false);
    // What the program does not look into is named.
    let unchecked = answer["unchecked"].as_array().expect("a list");
    assert!(unchecked.iter().any(|row| row["rule"] == "T19"), "{said}");
    // People read the same.
    let text = tuban(&folder, "validate delivery --schema three.toml --lang zh");
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.contains("非官方质检规则") && text.contains("未检查的项目"), "{text}");
}

#[test]
fn planted_faults_are_found_by_kind_and_feature() {
    let folder = folder("planted");
    let delivery = folder.join("delivery");
    std::fs::create_dir_all(&delivery).expect("a folder");
    let [mut parcels, villages, mut township] = clean();
    let area = |m2: f64| json!({ "TBMJ": m2, "TBDLMJ": m2 });
    // Over its neighbour by a metre.
    parcels[0].1 = square(0.0, 0.0, 101.0, 100.0);
    set(&mut parcels[0].0, &area(10_100.0));
    set(&mut parcels[2].0, &json!({ "ZLDWDM": format!("{}0000000", village(3)) }));
    set(&mut parcels[3].0, &json!({ "YSDM": "2001010200" }));
    set(&mut parcels[4].0, &json!({ "QSXZ": "30 " }));
    // Out of the township by three metres.
    parcels[5].1 = square(500.0, 0.0, 103.0, 100.0);
    set(&mut parcels[5].0, &area(10_300.0));
    let serial = parcels[6].0["BSM"].clone();
    set(&mut parcels[7].0, &json!({ "BSM": serial }));
    set(&mut parcels[8].0, &json!({ "BSM": "37011221100000009" }));
    set(&mut parcels[9].0, &json!({ "DLBM": "9999" }));
    set(&mut parcels[10].0, &json!({ "DLMC": "旱地" }));
    set(&mut parcels[11].0, &json!({ "QSDWMC": "" }));
    set(&mut parcels[12].0, &json!({ "TBBH": "123456789" }));
    set(&mut parcels[13].0, &json!({ "TBMJ": 10_000.005 }));
    set(&mut parcels[14].0, &json!({ "TBDLMJ": 9_000.0 }));
    let cropland = json!({
        "DLBM": "0103", "DLMC": "旱地", "GDPDJB": "2", "GDLX": "PD", "KCDLBM": "1203", "KCXS": 0.1, "KCMJ": 900.0,
        "TBDLMJ": 9_100.0, "ZZSXDM": "LS",
    });
    set(&mut parcels[15].0, &cropland);
    set(&mut parcels[16].0, &json!({ "KCXS": 1.5 }));
    set(&mut parcels[17].0, &area(15.0));
    // A bow tie.
    parcels[18].1 = polygon(&[(0.0, 300.0), (100.0, 400.0), (100.0, 300.0), (0.0, 400.0)]);
    set(&mut parcels[18].0, &area(5_000.0));
    let halves = [square(100.0, 300.0, 49.0, 100.0), square(151.0, 300.0, 49.0, 100.0)];
    parcels[19].1 =
        json!({ "type": "MultiPolygon", "coordinates": [halves[0]["coordinates"], halves[1]["coordinates"]] });
    set(&mut parcels[19].0, &area(9_800.0));
    parcels[20].1 = polygon(&[(200.0, 300.0), (300.0, 300.0), (300.0, 300.0005), (300.0, 400.0), (200.0, 400.0)]);
    // A notch that ends in a spike.
    let notch = [(350.0, 300.0), (350.2, 330.0), (350.4, 300.0)];
    let corners = [(400.0, 300.0), (400.0, 400.0), (300.0, 400.0), (300.0, 300.0)];
    parcels[21].1 = polygon(&notch.into_iter().chain(corners).collect::<Vec<_>>());
    set(&mut parcels[21].0, &area(9_994.0));
    township[0].0.remove("XZQMC");
    write(&delivery, "DLTB", 4548, &parcels);
    write(&delivery, "CJDCQ", 4548, &villages);
    write(&delivery, "XZQ", 4548, &township);
    write(&delivery, "ABCD", 4548, &township);
    let degrees =
        json!({ "type": "Polygon", "coordinates": [[[117.0, 36.7], [117.01, 36.7], [117.0, 36.71], [117.0, 36.7]]] });
    write(&delivery, "LMFW", 4490, &[(Map::new(), degrees)]);
    std::fs::write(delivery.join("broken.geojson"), r#"{"type":"FeatureCollection","features":[{"type":"#)
        .expect("written");
    std::fs::write(delivery.join("notes.pdf"), "%PDF-1.4").expect("written");

    let out = tuban(&folder, "validate delivery --schema survey --json");
    let answer = json_of(&out, 1);
    let groups = answer["groups"].as_array().expect("a list");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    // Kind, layer, field or rule, and a feature of it.
    let check = |kind: &str, layer: &str, what: &str, feature: Option<u64>| {
        let is_meant = |group: &&Value| {
            text(&group["kind"]) == kind
                && text(&group["layer"]) == layer
                && (what.is_empty() || text(&group["rule"]) == what || text(&group["field"]) == what)
        };
        let found: Vec<&Value> = groups.iter().filter(is_meant).collect();
        let of: Vec<Option<u64>> = found
            .iter()
            .flat_map(|group| group["faults"].as_array().into_iter().flatten())
            .map(|fault| fault["feature"].as_u64())
            .collect();
        assert!(of.contains(&feature), "{kind} {layer} {what} {feature:?}: {of:?}");
        // Each says what to do about it.
        assert!(found.iter().all(|group| !text(&group["remedy"]).is_empty()), "{kind}");
    };
    let planted = [
        ("overlap", "T05", 1),
        ("place", "A03a", 2),
        ("constant", "YSDM", 3),
        ("blanks", "QSXZ", 4),
        ("outside", "T11", 5),
        ("outside", "T13", 5),
        ("twice", "BSM", 7),
        ("digits", "BSM", 8),
        ("code", "DLBM", 9),
        ("code-name", "DLMC", 10),
        ("mandatory", "QSDWMC", 11),
        ("length", "TBBH", 12),
        ("decimals", "TBMJ", 13),
        ("attributes", "M02", 14),
        ("attributes", "M01", 15),
        ("range", "KCXS", 16),
        ("area", "M03", 17),
        ("invalid", "G01", 18),
        ("multipart", "G02", 19),
        ("vertices", "G09", 20),
        ("angle", "G08", 21),
    ];
    for (kind, what, feature) in planted {
        check(kind, "DLTB", what, Some(feature));
    }
    check("gap", "XZQ", "T12", Some(0));
    check("sum", "DLTB", "M04", None);
    check("field-missing", "XZQ", "XZQMC", None);
    check("layer-missing", "", "PDT", None);
    check("layer-unknown", "ABCD", "", None);
    check("crs", "LMFW", "", None);
    check("unreadable", "", "", None);
    // What was not planted was not found: no more than one of each of these.
    for (kind, what) in
        [("twice", "BSM"), ("code", "DLBM"), ("code-name", "DLMC"), ("length", "TBBH"), ("multipart", "G02")]
    {
        let group = groups.iter().find(|group| {
            text(&group["kind"]) == kind
                && text(&group["layer"]) == "DLTB"
                && (text(&group["field"]) == what || text(&group["rule"]) == what)
        });
        assert_eq!(group.map(|group| &group["count"]), Some(&json!(1)), "{kind} {what}");
    }

    // The workbook has a sheet for kinds, one for faults.
    let out = tuban(&folder, "validate delivery -o faults.xlsx");
    assert_eq!(out.status.code(), Some(1), "{}", String::from_utf8_lossy(&out.stderr));
    assert!(std::fs::metadata(folder.join("faults.xlsx")).is_ok_and(|file| file.len() > 2_000));
    // Few are listed, all are counted.
    let few = json_of(&tuban(&folder, "validate delivery --most 1 --json"), 1);
    assert_eq!(few["counts"], answer["counts"]);
    let listed =
        few["groups"].as_array().into_iter().flatten().map(|group| group["faults"].as_array().map_or(0, Vec::len));
    assert!(listed.max().is_some_and(|most| most <= 1));
}

#[test]
fn the_demo_passes_but_for_what_was_planted_there() {
    let folder = folder("demo");
    let answer = json_of(&tuban(&folder, "validate --json"), 1);
    let groups = answer["groups"].as_array().expect("a list");
    let faults: Vec<(&str, &str, &str, u64)> = groups
        .iter()
        .filter(|group| group["severity"] != "note")
        .map(|group| {
            let text = |key: &str| group[key].as_str().unwrap_or_default();
            (text("kind"), text("layer"), text("rule"), group["count"].as_u64().unwrap_or_default())
        })
        .collect();
    // Five areas are wrong on purpose, so that the total is, too.
    assert_eq!(faults, [("sum", "地类图斑 2025", "M06b", 1), ("area", "地类图斑 2025", "M03", 5)]);
}

#[test]
fn schemas_are_named_read_and_refused() {
    let folder = folder("schemas");
    for word in ["survey", "plan", "demo"] {
        let out = tuban(&folder, &format!("validate --schema {word} --write-schema {word}.toml"));
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let again = tuban(&folder, &format!("validate --schema {word}.toml --write-schema again-{word}.toml"));
        assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
        let read = |name: String| std::fs::read_to_string(folder.join(name)).expect("written");
        assert_eq!(read(format!("{word}.toml")), read(format!("again-{word}.toml")));
    }
    std::fs::write(folder.join("wrong.toml"), "format = 1\nname = \"a\"\n[[layer]]\ncode = \"A\"\n").expect("written");
    for line in ["validate --schema none", "validate --schema wrong.toml", "validate missing --schema survey"] {
        let out = tuban(&folder, line);
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(matches!(out.status.code(), Some(1 | 2)), "{line}: {said}");
    }
    let out = tuban(&folder, "validate --schema wrong.toml --lang en");
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(said.contains("wrong.toml"), "{said}");
}

#[test]
fn a_workbook_of_an_office_becomes_a_schema() {
    let folder = folder("workbook");
    std::fs::write(
        folder.join("standard.csv"),
        "图层代码,图层名称,几何类型,字段代码,字段名称,字段类型,长度,小数位,约束,值域\n\
         DLTB,地类图斑,面,BSM,标识码,Char,18,,M,\n\
         ,,,TBMJ,图斑面积,Float,15,2,M,>0\n",
    )
    .expect("written");
    // Through a workbook of the program's own.
    let made = tuban(&folder, "convert standard.csv standard.xlsx");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let out = tuban(&folder, "validate --import-schema standard.xlsx -o standard.toml");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let text = std::fs::read_to_string(folder.join("standard.toml")).expect("written");
    assert!(
        text.contains("code = \"DLTB\"") && text.contains("code = \"TBMJ\"") && text.contains("range = \">0\""),
        "{text}"
    );
    let [parcels, ..] = clean();
    write(&folder, "DLTB", 4548, &parcels);
    let answer = json_of(&tuban(&folder, "validate DLTB.geojson --schema standard.toml --json"), 0);
    assert_eq!(answer["counts"]["error"], 0);
}
