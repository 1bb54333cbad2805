//! What goes in, from end to end: labels of CRSs that lead elsewhere or contradict the numbers, encodings, nested
//! collections, other formats, strays, red lines, and what is typed in the wrong place.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// The program in a folder; one that hangs is ended and fails the test.
fn tuban(folder: &Path, arguments: &[&str]) -> Output {
    let mut child = crate::program::program()
        .args(arguments)
        .current_dir(folder)
        .env("TUBAN_LANG", "en")
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("WAYLAND_SOCKET")
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    let started = Instant::now();
    while child.try_wait().expect("can be asked").is_none() {
        if started.elapsed() > Duration::from_secs(60) {
            child.kill().expect("ends");
            panic!("{arguments:?} hangs");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    child.wait_with_output().expect("has ended")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn answer(folder: &Path, arguments: &[&str]) -> Value {
    let output = tuban(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", said(&output));
    serde_json::from_slice(&output.stdout).expect("one JSON object")
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("tuban-inputs-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    folder
}

fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
    std::fs::write(folder.join(name), text).expect("written");
}

fn ring(x: f64, y: f64, side: f64) -> Value {
    json!([[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]])
}

fn square(x: f64, y: f64, side: f64, code: &str) -> Value {
    let geometry = json!({ "type": "Polygon", "coordinates": [ring(x, y, side)] });
    json!({ "type": "Feature", "properties": { "DLBM": code }, "geometry": geometry })
}

fn collection(crs: Value, features: &[Value]) -> String {
    let mut object = json!({ "type": "FeatureCollection", "features": features });
    if !crs.is_null() {
        object["crs"] = crs;
    }
    object.to_string()
}

fn named(name: &str) -> Value {
    json!({ "type": "name", "properties": { "name": name } })
}

fn layer(answer: &Value) -> &Value {
    &answer["files"][0]["layers"][0]
}

fn kinds(layer: &Value) -> Vec<&str> {
    layer["issues"].as_array().expect("issues").iter().filter_map(|issue| issue["kind"].as_str()).collect()
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

#[cfg(unix)]
#[test]
fn the_label_of_a_file_opens_no_other_file() {
    let folder = folder("labels");
    // Whoever opens it waits for ever.
    assert!(Command::new("mkfifo").arg(folder.join("fifo")).status().expect("mkfifo").success());
    let wkt = |more: &str| {
        format!(
            r#"PROJCS["x",GEOGCS["y",DATUM["z",SPHEROID["s",6378137,298.257]],PRIMEM["g",0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["central_meridian",117],PARAMETER["scale_factor",1],UNIT["Metre",1]{more}]"#
        )
    };
    let labels = [
        "+init=./fifo:4326".to_owned(),
        "init=./fifo:4326".to_owned(),
        "+title=x +init=./fifo:4326".to_owned(),
        "+proj=longlat +nadgrids=./fifo".to_owned(),
        "+proj=longlat +geoidgrids=@./fifo".to_owned(),
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step +proj=hgridshift +grids=./fifo".to_owned(),
        "+proj=tinshift +file=./fifo".to_owned(),
        wkt(r#",EXTENSION["PROJ4","+proj=longlat +nadgrids=./fifo"]"#),
        wkt("").replace("Transverse_Mercator", "PROJ hgridshift grids=./fifo"),
        r#"{"type":"ProjectedCRS","name":"x","conversion":{"method":{"name":"PROJ hgridshift grids=./fifo"}}}"#
            .to_owned(),
        format!("{}{}", r#"{"type":"BoundCRS","source_crs":"#.repeat(500), "1".to_owned() + &"}".repeat(500)),
        "./fifo:4326".to_owned(),
        "EPSG:277700".to_owned(),
    ];
    for label in labels {
        for (place, crs) in [("name", named(&label)), ("plain", json!(label))] {
            write(&folder, "a.geojson", collection(crs, &[square(117.0, 36.8, 0.01, "0101")]));
            let output = tuban(&folder, &["info", "a.geojson"]);
            assert!(output.status.success(), "{place} {label}: {}", said(&output));
            // Nothing of PROJ's own words, and the label is said and asked about.
            assert_eq!(said(&output), "", "{place} {label}");
            let text = out(&output);
            assert!(text.contains("please confirm") && text.contains("WGS 84"), "{label}: {text}");
        }
        let output = tuban(&folder, &["info", "a.geojson", "--crs", &label]);
        assert_eq!(output.status.code(), Some(2), "{label}: {}", out(&output));
        assert_eq!(said(&output).lines().count(), 1, "{label}: {}", said(&output));
    }
}

#[test]
fn plain_definitions_in_a_label_are_read_and_codes_in_odd_ones_offered() {
    let folder = folder("forms");
    let check = |crs: Value, expected: &str, certain: bool| {
        write(&folder, "a.geojson", collection(crs.clone(), &[square(500_000.0, 4_063_000.0, 100.0, "0101")]));
        let answer = answer(&folder, &["info", "a.geojson", "--json"]);
        let layer = layer(&answer);
        assert_eq!(layer["crs"]["code"], expected, "{crs}: {layer}");
        assert_eq!(!kinds(layer).contains(&"undecided"), certain, "{crs}: {:?}", kinds(layer));
    };
    check(json!({ "type": "OGC", "properties": { "urn": "urn:ogc:def:crs:EPSG::4549" } }), "EPSG:4549", true);
    check(json!({ "type": "EPSG", "properties": { "code": 4549, "coordinate_order": [1, 0] } }), "EPSG:4549", true);
    let link = |href: &str| json!({ "type": "link", "properties": { "href": href, "type": "proj4" } });
    check(link("http://spatialreference.org/ref/epsg/4549/proj4/"), "EPSG:4549", true);
    check(link("https://www.opengis.net/def/crs/EPSG/0/4549"), "EPSG:4549", true);
    // What is not understood as a whole, with a code in it.
    check(json!({ "authority": { "key": "EPSG:4549" } }), "EPSG:4549", false);
    check(named("see the ledger, EPSG 4549 (old)"), "EPSG:4549", false);
    let wkt = r#"PROJCS["CGCS2000_3_Degree_GK_CM_120E",GEOGCS["GCS",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",120.0],PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]"#;
    check(named(wkt), "EPSG:4549", true);
}

#[test]
fn a_crs_in_every_geometry_is_that_of_the_file() {
    let folder = folder("inner-crs");
    let mut features: Vec<Value> =
        (0..3).map(|i| square(500_000.0 + 100.0 * f64::from(i), 4_063_000.0, 100.0, "0101")).collect();
    features.iter_mut().for_each(|feature| feature["geometry"]["crs"] = named("EPSG:4549"));
    write(&folder, "a.geojson", collection(Value::Null, &features));
    let same = answer(&folder, &["info", "a.geojson", "--json"]);
    assert_eq!(layer(&same)["crs"]["code"], "EPSG:4549");
    assert_eq!(kinds(layer(&same)), [""; 0]);
    features[2]["geometry"]["crs"] = named("EPSG:4548");
    write(&folder, "b.geojson", collection(Value::Null, &features));
    let differs = answer(&folder, &["info", "b.geojson", "--json"]);
    assert!(kinds(layer(&differs)).contains(&"crs-of-features-differs"), "{differs}");
}

#[test]
fn labels_that_the_numbers_contradict_are_not_believed() {
    let folder = folder("contradicted");
    let read = |crs: &str, x: f64, y: f64, side: f64| {
        write(&folder, "a.geojson", collection(named(crs), &[square(x, y, side, "0101")]));
        answer(&folder, &["areas", "a.geojson", "--json"])
    };
    let check = |crs: &str, at: (f64, f64), side: f64, expected: &str| {
        let answer = read(crs, at.0, at.1, side);
        let layer = layer(&answer);
        assert_eq!(layer["crs"]["code"], expected, "{crs}: {layer}");
        assert!(kinds(layer).contains(&"label-contradicted"), "{crs}: {:?}", kinds(layer));
        assert!(!kinds(layer).contains(&"wgs84-as-cgcs2000") || expected.contains("3857"), "{crs}: {:?}", kinds(layer));
    };
    // Web Mercator that calls itself UTM, here and in America.
    check("EPSG:32650", (13_024_380.4, 4_397_099.3), 125.0, "EPSG:3857");
    check("EPSG:26915", (-10_380_000.0, 5_615_000.0), 140.0, "EPSG:3857");
    // A mistyped 4326: Taiwan's old datum.
    let answer = read("EPSG:4236", 117.0, 36.698, 0.001);
    assert!(kinds(layer(&answer)).contains(&"label-contradicted"), "{answer}");
    assert_eq!(layer(&answer)["crs"]["code"], "EPSG:4490");
    // City layers reach past one zone: two degrees beyond are nothing to say.
    let beyond = read("EPSG:32650", 230_000.0, 4_063_000.0, 100.0);
    assert_eq!(layer(&beyond)["crs"]["code"], "EPSG:32650");
    assert!(!kinds(layer(&beyond)).contains(&"outside-area"), "{beyond}");
    // A foreign datum is converted, and not said to agree.
    let nad27 = read("EPSG:4267", -93.0, 44.0, 0.01);
    assert_eq!(layer(&nad27)["crs"]["code"], "EPSG:4267");
    assert!(!kinds(layer(&nad27)).contains(&"wgs84-as-cgcs2000"), "{nad27}");
}

#[test]
fn projects_of_windows_editors_open() {
    let folder = folder("encodings");
    std::fs::create_dir_all(folder.join("data")).expect("a folder");
    write(
        &folder,
        "data/dltb.geojson",
        collection(named("EPSG:4548"), &[square(500_000.0, 4_063_000.0, 100.0, "0101")]),
    );
    let project = |path: &str| {
        format!(
            "format = 3\nname = \"试验\"\ncrs = \"EPSG:4548\"\n\n[[layer]]\npath = '{path}'\nkind = \"polygon\"\ntitle = \"地类图斑\"\nrole = \"land-use\"\ngroup = \"g\"\n\n[[group]]\nid = \"g\"\n"
        )
    };
    let text = project("data/dltb.geojson");
    let wide = |big: bool| {
        let unit = |u: u16| if big { u.to_be_bytes() } else { u.to_le_bytes() };
        text.encode_utf16().flat_map(unit).collect::<Vec<u8>>()
    };
    write(&folder, "gbk.toml", encoding_rs::GB18030.encode(&text).0);
    write(&folder, "utf16le.toml", [&[0xFF, 0xFE][..], &wide(false)].concat());
    write(&folder, "utf16be.toml", [&[0xFE, 0xFF][..], &wide(true)].concat());
    write(&folder, "bare16.toml", wide(false));
    write(&folder, "mark.toml", [&[0xEF, 0xBB, 0xBF][..], text.as_bytes()].concat());
    write(&folder, "backslash.toml", project(r"data\dltb.geojson"));
    write(&folder, "dotted.toml", project(r".\data\dltb.geojson"));
    for file in
        ["gbk.toml", "utf16le.toml", "utf16be.toml", "bare16.toml", "mark.toml", "backslash.toml", "dotted.toml"]
    {
        let output = tuban(&folder, &["areas", file, "--json"]);
        assert!(output.status.success(), "{file}: {}", said(&output));
        let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(layer(&answer)["name"], "地类图斑", "{file}");
        assert!((number(&layer(&answer)["sum"]["m2"]) - 10_000.0).abs() < 0.01, "{file}");
    }
    // A file is named once.
    for (file, text) in [("wrong.toml", "format = \n"), ("none.toml", "a = 1\n")] {
        write(&folder, file, text);
        let output = tuban(&folder, &["info", file]);
        assert_eq!((output.status.code(), said(&output).matches(file).count()), (Some(2), 1), "{}", said(&output));
    }
    let output = tuban(&folder, &["info", "missing.toml"]);
    assert_eq!(said(&output).matches("missing.toml").count(), 1, "{}", said(&output));
}

#[test]
fn a_crosswalk_is_read_as_it_was_saved() {
    let folder = folder("crosswalk");
    let classed = |field: &str, codes: [&str; 2]| {
        let mut features: Vec<Value> =
            (0..2).map(|i| square(500_000.0 + 100.0 * f64::from(i), 4_063_000.0, 100.0, "")).collect();
        for (feature, code) in features.iter_mut().zip(codes) {
            feature["properties"] = json!({ field: code });
        }
        collection(named("EPSG:4548"), &features)
    };
    write(&folder, "base.geojson", classed("YT", ["a1", "b1"]));
    write(&folder, "plan.geojson", classed("用途", ["耕地", "建设用地"]));
    let commas = "from,to\r\na1,耕地\r\nb1,建设用地\r\n";
    let utf16 = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let gbk = |text: &str| encoding_rs::GB18030.encode(text).0.into_owned();
    for (name, bytes) in [
        ("utf8.csv", commas.as_bytes().to_vec()),
        ("gbk.csv", gbk(commas)),
        ("semicolon.csv", commas.replace(',', ";").into_bytes()),
        ("gbk-tab.txt", gbk(&commas.replace(',', "\t"))),
        ("excel-unicode.txt", [&[0xFF, 0xFE][..], &utf16(&commas.replace(',', "\t"))].concat()),
        ("sep.csv", format!("sep=;\r\n{}", commas.replace(',', ";")).into_bytes()),
        ("chinese.csv", gbk(&commas.replace("from,to", "原地类,新地类"))),
        ("formula.csv", commas.replace("a1", "=\"a1\"").replace("b1", "=\"b1\"").into_bytes()),
    ] {
        write(&folder, name, bytes);
        let arguments = [
            "compare",
            "base.geojson",
            "plan.geojson",
            "--by",
            "YT",
            "--by-scenario",
            "用途",
            "--crosswalk",
            name,
            "--json",
        ];
        let answer = answer(&folder, &arguments);
        assert_eq!(answer["changed_m2"], 0.0, "{name}: {answer}");
    }
}

#[test]
fn collections_within_collections_are_read() {
    let folder = folder("nested");
    let feature = |i: i32| square(500_000.0 + 100.0 * f64::from(i), 4_063_000.0, 100.0, "0101");
    let inner = json!({ "type": "FeatureCollection", "name": "甲", "features": [feature(0), feature(1)] });
    let deeper = json!({ "type": "FeatureCollection", "features": [inner.clone(), feature(3)] });
    let check = |text: String, count: u64| {
        write(&folder, "a.geojson", text);
        let answer = answer(&folder, &["info", "a.geojson", "--json"]);
        assert_eq!(layer(&answer)["feature_count"], count, "{answer}");
        assert!(kinds(layer(&answer)).contains(&"collection-among-features"), "{answer}");
    };
    check(collection(named("EPSG:4548"), &[inner.clone(), feature(2)]), 3);
    check(collection(named("EPSG:4548"), &[deeper, feature(2)]), 4);
    let whole =
        |features: &[Value]| serde_json::from_str::<Value>(&collection(named("EPSG:4548"), features)).expect("JSON");
    check(json!([whole(&[feature(0)]), whole(&[feature(1), feature(2)])]).to_string(), 3);
    // A member that is none is named with its reason.
    write(&folder, "b.geojson", collection(named("EPSG:4548"), &[json!({ "type": "FeatureCollection" }), feature(2)]));
    let lost = answer(&folder, &["info", "b.geojson", "--json"]);
    assert!(kinds(layer(&lost)).contains(&"no-features"), "{lost}");
}

#[test]
fn other_formats_are_named_with_the_way_to_one_that_is_read() {
    let folder = folder("formats");
    write(&folder, "a.wp", [&b"WMAP"[..], &[0; 200]].concat());
    write(&folder, "a.rar", [&b"Rar!\x1a\x07"[..], &[0; 200]].concat());
    for (file, words) in [("a.wp", ["MapGIS", "shapefile"]), ("a.rar", ["RAR", "unpack"])] {
        let output = tuban(&folder, &["info", file]);
        assert_eq!(output.status.code(), Some(2), "{file}");
        assert!(words.iter().all(|word| said(&output).contains(word)), "{file}: {}", said(&output));
        // In a project too, and in Chinese.
        let project = format!(
            "format = 3\nname = \"x\"\n\n[[layer]]\npath = \"{file}\"\nkind = \"polygon\"\nrole = \"other\"\ngroup = \"g\"\n\n[[group]]\nid = \"g\"\n"
        );
        write(&folder, "p.toml", project);
        let output = tuban(&folder, &["--lang", "zh", "info", "p.toml"]);
        let text = out(&output) + &said(&output);
        assert!(text.contains("打不开：这是") && !text.contains("expected"), "{file}: {text}");
    }
}

#[test]
fn one_stray_feature_is_one_issue_and_the_zone_is_that_of_the_many() {
    let folder = folder("strays");
    let mut features: Vec<Value> = (0..10).map(|i| square(117.0 + 0.001 * f64::from(i), 36.7, 0.001, "0101")).collect();
    let check = |features: &[Value], expected: &str| {
        write(&folder, "a.geojson", collection(Value::Null, features));
        let answer = answer(&folder, &["areas", "a.geojson", "--json"]);
        let layer = layer(&answer);
        assert!(layer["frame"].as_str().expect("a plane").contains("117E"), "{layer}");
        let of_features: Vec<(&str, u64)> = layer["issues"]
            .as_array()
            .expect("issues")
            .iter()
            .filter_map(|issue| Some((issue["kind"].as_str()?, issue["feature"].as_u64()?)))
            .collect();
        assert_eq!(of_features, [(expected, 4)], "{layer}");
    };
    // Latitude first in one of them.
    features[4]["geometry"]["coordinates"] =
        json!([[[36.7, 117.0], [36.7, 117.001], [36.701, 117.001], [36.7, 117.0]]]);
    check(&features, "stray-exchanged");
    // A digit that is missing.
    features[4] = square(17.004, 36.7, 0.001, "0101");
    check(&features, "other-zone");
}

#[test]
fn a_zone_with_its_prefix_and_without_is_one_zone() {
    let folder = folder("prefix");
    let grid = |offset: f64, name: &str, code: &str, step: f64| {
        let mut features = Vec::new();
        for row in 0..6 {
            for column in 0..6 {
                let at = |c: i32, r: i32| {
                    let (c, r) = (f64::from(c), f64::from(r));
                    let x = offset
                        + 500_000.0
                        + 80.0 * c
                        + ((c * 7.31 + r * 3.17).sin() * step * 20_000.0).round() / 1000.0;
                    let y = 4_063_000.0 + 90.0 * r + ((c * 2.93 + r * 5.71).cos() * step * 20_000.0).round() / 1000.0;
                    json!([(x * 1000.0).round() / 1000.0, (y * 1000.0).round() / 1000.0])
                };
                let ring = [
                    at(column, row),
                    at(column + 1, row),
                    at(column + 1, row + 1),
                    at(column, row + 1),
                    at(column, row),
                ];
                let class = ["0101", "0301", "0701"][(row * 5 + column) as usize % 3];
                features.push(json!({ "type": "Feature", "properties": { "DLBM": class }, "geometry": { "type": "Polygon", "coordinates": [ring] } }));
            }
        }
        write(&folder, name, collection(named(code), &features));
    };
    grid(0.0, "plain.geojson", "EPSG:4548", 1.0);
    grid(39_000_000.0, "prefixed.geojson", "EPSG:4527", 1.0);
    for pair in [["plain.geojson", "prefixed.geojson"], ["prefixed.geojson", "plain.geojson"]] {
        let answer = answer(&folder, &["compare", pair[0], pair[1], "--by", "DLBM", "--json"]);
        assert_eq!(answer["issues"], json!([]), "{pair:?}");
        assert_eq!((&answer["slivers"]["count"], &answer["changed_m2"]), (&json!(0), &json!(0.0)), "{answer}");
    }
}

#[test]
fn a_red_line_is_read_as_the_land_is_and_says_what_was_found() {
    let folder = folder("red-line");
    let land = collection(named("EPSG:4549"), &[square(500_000.0, 4_063_000.0, 1000.0, "0101")]);
    write(&folder, "land.geojson", land);
    let take = |name: &str| {
        let answer = answer(&folder, &["take", name, "land.geojson", "--json"]);
        let found = answer["line"]["issues"].as_array().expect("issues").clone();
        let kinds: Vec<String> = found.iter().filter_map(|i| i["kind"].as_str()).map(str::to_owned).collect();
        (number(&answer["layers"][0]["m2"]), kinds)
    };
    // Without a CRS, in the numbers of the land.
    write(&folder, "no_crs.geojson", collection(Value::Null, &[square(500_100.0, 4_063_100.0, 300.0, "")]));
    let (m2, found) = take("no_crs.geojson");
    assert!((m2 - 90_000.0).abs() < 0.5, "{m2}");
    assert!(found.iter().any(|kind| kind == "read-as-beside"), "{found:?}");
    // The land without a CRS, the line with one.
    write(&folder, "bare.geojson", collection(Value::Null, &[square(500_000.0, 4_063_000.0, 1000.0, "0101")]));
    write(&folder, "line.geojson", collection(named("EPSG:4549"), &[square(500_100.0, 4_063_100.0, 300.0, "")]));
    let bare = answer(&folder, &["take", "line.geojson", "bare.geojson", "--json"]);
    assert!((number(&bare["layers"][0]["m2"]) - 90_000.0).abs() < 0.5, "{bare}");
    // A line that crosses itself is said to.
    let bow = json!([
        [500_000, 4_063_000],
        [500_300, 4_063_300],
        [500_300, 4_063_000],
        [500_000, 4_063_300],
        [500_000, 4_063_000]
    ]);
    let mut feature = square(0.0, 0.0, 1.0, "");
    feature["geometry"]["coordinates"] = json!([bow]);
    write(&folder, "bow.geojson", collection(named("EPSG:4549"), &[feature]));
    let output = tuban(&folder, &["take", "bow.geojson", "land.geojson"]);
    assert!(said(&output).contains("bow.geojson"), "{}", said(&output));
    // A line beside the land.
    write(&folder, "beside.geojson", collection(named("EPSG:4549"), &[square(520_000.0, 4_063_000.0, 300.0, "")]));
    let (m2, found) = take("beside.geojson");
    assert_eq!((m2, found), (0.0, vec!["line-beside".to_owned()]));
    // Closed lines, in one piece and in four.
    let line = |paths: Value| json!({ "type": "Feature", "properties": {}, "geometry": { "type": "MultiLineString", "coordinates": paths } });
    let (a, b, c, d) = ([500_050, 4_063_010], [500_150, 4_063_010], [500_150, 4_063_060], [500_050, 4_063_060]);
    write(&folder, "closed.geojson", collection(named("EPSG:4549"), &[line(json!([[a, b, c, d, a]]))]));
    write(
        &folder,
        "edges.geojson",
        collection(named("EPSG:4549"), &[line(json!([[a, b], [d, c]])), line(json!([[c, b], [a, d]]))]),
    );
    for name in ["closed.geojson", "edges.geojson"] {
        let (m2, found) = take(name);
        assert!((m2 - 5_000.0).abs() < 0.05, "{name}: {m2}");
        assert_eq!(found, ["line-closed"], "{name}");
    }
    write(&folder, "open.geojson", collection(named("EPSG:4549"), &[line(json!([[a, b, c]]))]));
    let output = tuban(&folder, &["take", "open.geojson", "land.geojson"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("does not close"), "{}", said(&output));
}

#[test]
fn shifts_of_web_maps_are_flagged() {
    let folder = folder("shifts");
    let scrambled = |features: &[Value]| {
        let mut features = features.to_vec();
        for feature in &mut features {
            for position in feature["geometry"]["coordinates"][0].as_array_mut().expect("a ring") {
                let at = geo_types::Coord { x: number(&position[0]), y: number(&position[1]) };
                let image = tuban::crs::gcj02::gcj02_from_wgs84(at);
                *position = json!([image.x, image.y]);
            }
        }
        features
    };
    let features: Vec<Value> = (0..30)
        .map(|i| square(117.0 + 0.0071 * f64::from(i % 6), 36.8 + 0.0053 * f64::from(i / 6), 0.004, "0101"))
        .collect();
    write(&folder, "true.geojson", collection(named("EPSG:4490"), &features));
    write(&folder, "moved.geojson", collection(Value::Null, &scrambled(&features)));
    let output = tuban(&folder, &["areas", "true.geojson", "moved.geojson"]);
    let flagged: Vec<String> =
        said(&output).lines().filter(|line| line.contains("GCJ-02")).map(str::to_owned).collect();
    assert!(matches!(&flagged[..], [one] if one.contains("moved.geojson")), "{}", said(&output));
    // By the marks of its producer alone.
    let mut marked = features.clone();
    marked.iter_mut().for_each(|f| f["properties"] = json!({ "adcode": 370105, "childrenNum": 0, "acroutes": [1] }));
    write(&folder, "districts.geojson", collection(Value::Null, &scrambled(&marked)));
    let output = tuban(&folder, &["areas", "districts.geojson"]);
    assert!(said(&output).contains("GCJ-02"), "{}", said(&output));
    // The demo's own files give no notes.
    let output = tuban(&folder, &["info"]);
    assert!(!out(&output).contains("GCJ-02") && !said(&output).contains("GCJ-02"));
}

#[test]
fn issues_of_a_kind_are_one_line_and_the_worst_come_first() {
    let folder = folder("grouped");
    let mut features: Vec<Value> = (0..700)
        .map(|i| square(117.0 + 0.001 * f64::from(i % 30), 36.7 + 0.001 * f64::from(i / 30), 0.001, "0101"))
        .collect();
    for feature in &mut features {
        feature["geometry"]["coordinates"][0].as_array_mut().expect("a ring").pop();
        feature["bbox"] = Value::Null;
    }
    let mut broken = square(117.0, 36.6, 0.001, "0101");
    broken["geometry"]["coordinates"] = json!([[[117, 36.6], ["x", 36.6], [117.1, 36.6], [117, 36.6]]]);
    features.push(broken);
    features
        .push(json!({ "type": "Feature", "properties": {}, "geometry": { "type": "GeometryCollection", "geometries": [
        { "type": "Polygon", "coordinates": [ring(117.0, 36.5, 0.001)] } ] } }));
    write(&folder, "a.geojson", collection(Value::Null, &features));
    let output = tuban(&folder, &["areas", "a.geojson"]);
    let text = said(&output);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].contains("not a number"), "{text}");
    let rings: Vec<&&str> = lines.iter().filter(|line| line.contains("was not closed")).collect();
    assert!(matches!(rings[..], [one] if one.contains("699 more of this kind")), "{text}");
    assert!(lines.iter().any(|line| line.contains("bbox is none")), "{text}");
    assert!(lines.iter().any(|line| line.contains("GeometryCollections of one member")), "{text}");
}

#[test]
fn words_in_the_wrong_place_are_answered_with_the_right_one() {
    let folder = folder("words");
    write(&folder, "a.geojson", collection(named("EPSG:4548"), &[square(500_000.0, 4_063_000.0, 100.0, "0101")]));
    for arguments in [["--lang", "zh", "areas", "a.geojson"], ["areas", "a.geojson", "--lang", "zh"]] {
        let output = tuban(&folder, &arguments);
        assert!(output.status.success(), "{}", said(&output));
        assert!(out(&output).contains("公顷") && !out(&output).contains("Gauss"), "{}", out(&output));
    }
    let check = |arguments: &[&str], words: &[&str]| {
        let output = tuban(&folder, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(words.iter().all(|word| said(&output).contains(word)), "{arguments:?}: {}", said(&output));
    };
    check(&["aeras", "a.geojson"], &["did you mean areas"]);
    check(&["a.geojson", "areas"], &["comes first"]);
    check(&["parcels"], &["neither a file nor a command"]);
    // A window without a display.
    if cfg!(target_os = "linux") {
        check(&["a.geojson"], &["no display"]);
    }
}
