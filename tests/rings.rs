//! What rings mean, from file to figure: holes that overlap, rings walked twice, islands, masks of the world, layers that
//! overlap themselves, coordinates off the globe.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::program::tuban;

/// Parts of rings of points.
type Shape = Vec<Vec<Vec<(f64, f64)>>>;

fn answer(folder: &Path, line: &str) -> Value {
    let output = tuban(folder, line);
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON object")
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("a number: {value}"))
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("tuban-rings-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    folder
}

/// A square in metres from the corner of the parcels.
fn square(x: f64, y: f64, side: f64) -> Vec<(f64, f64)> {
    vec![(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
}

fn reversed(mut ring: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    ring.reverse();
    ring
}

/// Writes features with a class; `origin` is added to all coordinates, and without one they are degrees.
fn write(path: &Path, origin: Option<(f64, f64)>, features: &[(&str, Shape)]) {
    let (x, y) = origin.unwrap_or_default();
    let features: Vec<Value> = features
        .iter()
        .map(|(class, shape)| {
            let ring = |ring: &Vec<(f64, f64)>| -> Vec<[f64; 2]> {
                ring.iter().chain(ring.first()).map(|point| [point.0 + x, point.1 + y]).collect()
            };
            let parts: Vec<Vec<Vec<[f64; 2]>>> = shape.iter().map(|part| part.iter().map(ring).collect()).collect();
            json!({
                "type": "Feature",
                "properties": { "DLBM": class },
                "geometry": { "type": "MultiPolygon", "coordinates": parts },
            })
        })
        .collect();
    let mut file = json!({ "type": "FeatureCollection", "features": features });
    if origin.is_some() {
        file["crs"] = json!({ "type": "name", "properties": { "name": "urn:ogc:def:crs:EPSG::4548" } });
    }
    std::fs::write(path, file.to_string()).expect("written");
}

const HERE: Option<(f64, f64)> = Some((500_000.0, 4_070_000.0));

#[test]
fn a_polygon_is_its_outer_ring_less_the_union_of_its_holes() {
    let folder = folder("holes");
    let outer = square(0., 0., 100.);
    let check = |shape: Shape, expected: f64, even_odd: bool| {
        write(&folder.join("a.geojson"), HERE, &[("0101", shape.clone())]);
        let found = answer(&folder, "areas a.geojson --method planar --union --json");
        let layer = &found["files"][0]["layers"][0];
        assert!((number(&layer["sum"]["m2"]) - expected).abs() < 1e-6, "{shape:?}: {}", layer["sum"]);
        assert!((number(&layer["union"]["m2"]) - expected).abs() < 1e-6, "{shape:?}: {}", layer["union"]);
        let kinds: Vec<&str> =
            layer["issues"].as_array().expect("issues").iter().map(|i| i["kind"].as_str().expect("a kind")).collect();
        assert!(!kinds.is_empty(), "listed: {shape:?}");
        assert_eq!(kinds.contains(&"even-odd"), even_odd, "{shape:?}: {kinds:?}");
        // The same against itself: nothing changes.
        let same = answer(&folder, "compare a.geojson a.geojson --by DLBM --method planar --json");
        assert!(number(&same["changed_m2"]).abs() < 1e-6, "{shape:?}");
    };
    check(vec![vec![outer.clone(), square(20., 20., 30.), reversed(square(20., 20., 30.))]], 9_100.0, true);
    check(vec![vec![outer.clone(), square(20., 20., 30.), square(40., 40., 30.)]], 8_300.0, true);
    check(vec![vec![outer.clone(), square(80., 20., 40.)]], 9_200.0, true);
    check(vec![vec![[outer.clone(), outer.clone()].concat()]], 10_000.0, true);
    check(vec![vec![outer.clone()], vec![reversed(outer.clone())]], 10_000.0, false);
    check(vec![vec![outer.clone(), outer.clone()]], 0.0, false);
    // The reader drops such an outer ring, and the hole with it.
    check(vec![vec![vec![(0., 0.), (0., 0.)], square(10., 10., 50.)]], 0.0, false);
    // Hole, island and the hole of the island, as parts; in any order.
    let (hole, island) = (reversed(square(10., 10., 80.)), square(30., 30., 40.));
    check(vec![vec![outer.clone()], vec![hole.clone()], vec![island.clone()]], 5_200.0, false);
    check(vec![vec![island.clone()], vec![hole.clone()], vec![outer.clone()]], 5_200.0, false);
    let pond = square(40., 40., 20.);
    check(
        vec![vec![outer.clone()], vec![hole.clone()], vec![island.clone()], vec![reversed(pond.clone())]],
        4_800.0,
        false,
    );
    check(vec![vec![outer, hole, pond.clone()], vec![island, pond]], 4_800.0, true);
}

#[test]
fn a_mask_of_the_world_is_never_below_zero() {
    let folder = folder("mask");
    let parcel = vec![(117.0, 36.698), (117.0, 36.699), (117.001, 36.699), (117.001, 36.698)];
    for (west, east) in [(-180.0, 180.0), (0.0, 360.0)] {
        let world = vec![(west, -90.), (east, -90.), (east, 90.), (west, 90.)];
        let mask: Shape = vec![vec![world, parcel.clone()]];
        write(&folder.join("a.geojson"), None, &[("mask", mask), ("parcel", vec![vec![parcel.clone()]])]);
        for method in ["survey", "geodesic"] {
            let found = answer(&folder, &format!("areas a.geojson --by DLBM --union --method {method} --json"));
            let layer = &found["files"][0]["layers"][0];
            let groups = layer["groups"].as_array().expect("groups");
            assert!(groups.iter().all(|group| number(&group["m2"]) > 0.0), "{groups:?}");
            assert!((number(&layer["sum"]["km2"]) - 510_065_621.72).abs() < 0.01, "{}", layer["sum"]);
            assert!((number(&layer["union"]["km2"]) - 510_065_621.72).abs() < 0.01, "{}", layer["union"]);
        }
    }
}

#[test]
fn a_layer_that_overlaps_itself_counts_land_once() {
    let folder = folder("overlap");
    let (here, beside) = (vec![vec![square(0., 0., 100.)]], vec![vec![square(50., 0., 100.)]]);
    let land = [("0101", here.clone()), ("0301", beside), ("0101", here.clone())];
    write(&folder.join("land.geojson"), HERE, &land);
    write(&folder.join("line.geojson"), HERE, &[("", here)]);
    for method in ["planar", "geodesic"] {
        let same = answer(&folder, &format!("compare land.geojson land.geojson --by DLBM --method {method} --json"));
        assert!(number(&same["changed_m2"]).abs() < 1e-6, "{}", same["changed_m2"]);
        let whole = number(&same["base"]["sum_m2"]);
        assert!((number(&same["unchanged_m2"]) - whole).abs() < 1e-6, "{whole} {}", same["unchanged_m2"]);
    }
    let taken = answer(&folder, "take line.geojson land.geojson --method planar --json");
    let of_land = &taken["layers"][0];
    assert!((number(&of_land["m2"]) - 10_000.0).abs() < 1e-6, "{of_land}");
    assert!((number(&of_land["twice_m2"]) - 15_000.0).abs() < 1e-6, "{of_land}");
    let text = tuban(&folder, "take line.geojson land.geojson");
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.contains("22.50 mu were counted twice") && text.contains("15.00 mu are taken"), "{text}");
    let covered = answer(&folder, "areas land.geojson --method planar --union --json");
    let covered = &covered["files"][0]["layers"][0]["union"];
    assert!((number(&covered["twice_m2"]) - 15_000.0).abs() < 1e-6, "{covered}");
}

#[test]
fn rules_count_land_once() {
    let folder = folder("rules");
    let (here, beside) = (vec![vec![square(0., 0., 100.)]], vec![vec![square(50., 0., 100.)]]);
    let east = vec![vec![square(100., 0., 100.)]];
    write(&folder.join("land.geojson"), HERE, &[("0701", here.clone()), ("0701", here.clone()), ("0101", east)]);
    write(&folder.join("line.geojson"), HERE, &[("", here), ("", beside)]);
    let project = "format = 3\nname = \"p\"\ncrs = \"EPSG:4548\"\nrules = \"rules.toml\"\n\n[[group]]\nid = \"g\"\n\n\
        [[layer]]\npath = \"line.geojson\"\nkind = \"polygon\"\ntitle = \"line\"\nrole = \"red-line\"\ngroup = \"g\"\n\n\
        [[layer]]\npath = \"land.geojson\"\nkind = \"polygon\"\ntitle = \"land\"\nrole = \"land-use\"\ngroup = \"g\"\n";
    std::fs::write(folder.join("project.toml"), project).expect("written");
    let rule = |id: &str, indicator: &str, limit: &str| {
        format!(
            "[[rule]]\nid = \"{id}\"\nname = \"{id}\"\nindicator = '{indicator}'\ncomparison = \"<=\"\nlimit = \"{limit}\"\n\n"
        )
    };
    let rules = [
        rule("a", "overlap(construction, red_line)", "100 mu"),
        rule("b", "red_line", "100 mu"),
        rule("c", "construction", "100 mu"),
        rule("d", "share(construction, red_line)", "100 %"),
        rule("e", "outside(construction, red_line)", "100 mu"),
    ];
    let text = format!("format = 1\nname = \"r\"\n\n{}", rules.concat());
    std::fs::write(folder.join("rules.toml"), text).expect("written");
    let found = answer(&folder, "check project.toml --method planar --json");
    let value = |at: usize| number(&found["outcomes"][at]["value"]);
    for (at, expected) in [(0, 15.0), (1, 22.5), (2, 15.0), (4, 0.0)] {
        assert!((value(at) - expected).abs() < 1e-6, "{at}: {}", found["outcomes"][at]);
    }
}

#[test]
fn what_lies_off_the_globe_is_out_of_both_sides_and_listed() {
    let folder = folder("stray");
    let good = vec![vec![square(0., 0., 100.)]];
    let stray = vec![vec![vec![(200., 0.), (300., 0.), (300., 3.7e18), (200., 100.)]]];
    let huge = vec![vec![vec![(400., 0.), (1.7e308, 0.), (500., 100.), (400., 100.)]]];
    let sound = vec![vec![square(200., 0., 100.)]];
    write(&folder.join("a.geojson"), HERE, &[("0101", good.clone()), ("0101", sound), ("0101", good.clone())]);
    write(&folder.join("b.geojson"), HERE, &[("0101", good), ("0101", stray), ("0101", huge)]);
    for method in ["survey", "geodesic", "planar"] {
        let found = answer(&folder, &format!("compare a.geojson b.geojson --by DLBM --method {method} --json"));
        let scenario = number(&found["scenario"]["sum_m2"]);
        assert!((scenario - 10_000.0).abs() < 20.0, "{method}: {scenario}");
        let cells = found["cells"].as_array().expect("cells");
        assert!(cells.iter().all(|cell| number(&cell["m2"]) >= 0.0), "{method}: {cells:?}");
        assert!(number(&found["residual_m2"]) < 1e-3, "{method}: {}", found["residual_m2"]);
        assert!(!found["issues"].as_array().expect("issues").is_empty(), "{method}");
    }
}

#[test]
fn wide_layers_close_by_the_geodesic_method() {
    let folder = folder("wide");
    let big = vec![vec![vec![(10., 50.), (50., 50.), (50., 40.), (10., 40.)]]];
    // North of the parallel, south of the geodesic; and one across that.
    let small = |x: f64, y: f64| vec![vec![vec![(x, y), (x + 0.01, y), (x + 0.01, y + 0.01), (x, y + 0.01)]]];
    write(&folder.join("a.geojson"), None, &[("x", big)]);
    write(
        &folder.join("b.geojson"),
        None,
        &[("x", small(30., 50.1)), ("x", small(30., 51.85)), ("x", small(20., 60.))],
    );
    for method in ["survey", "geodesic"] {
        let found = answer(&folder, &format!("compare a.geojson b.geojson --by DLBM --method {method} --json"));
        let cells = found["cells"].as_array().expect("cells");
        assert!(cells.iter().all(|cell| number(&cell["m2"]) >= 0.0), "{method}: {cells:?}");
        let (base, scenario) = (number(&found["base"]["sum_m2"]), number(&found["scenario"]["sum_m2"]));
        assert!(number(&found["residual_m2"]) < 1e-9 * base, "{method}: {}", found["residual_m2"]);
        // The first lies inside, the last outside.
        let common = number(&found["unchanged_m2"]);
        assert!(common > 0.3 * scenario && common < 0.7 * scenario, "{method}: {common} of {scenario}");
    }
}
