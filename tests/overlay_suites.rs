//! The overlay engine over outside cases: validity, areas of unions and intersections, real files.

use std::path::Path;

use serde_json::Value;
use tuban::crs::Crs;
use tuban::model::{AreaMethod, Coord, Extent, FeatureBlock, GeometryBuilder, GeometryKind, Issue, Layer};
use tuban::overlay::{self, Coverage, PairTable};
use tuban::task::Progress;

use crate::shared::folder;

/// Parts of rings.
type Shape = Vec<Vec<Vec<Coord>>>;

fn layer(crs: Crs, shapes: &[Shape]) -> Layer {
    let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
    for shape in shapes {
        builder.polygon(shape);
    }
    let block = FeatureBlock::of_geometry(builder.finish());
    Layer::new("cases".to_owned(), GeometryKind::Polygon, crs, Vec::new(), vec![block])
}

/// A plane in metres: areas are the shoelace's.
fn planar(shapes: &[Shape]) -> Layer {
    layer(Crs::from_epsg(4548).expect("a code"), shapes)
}

fn measured(layer: &Layer, method: AreaMethod) -> (Vec<f64>, Vec<Issue>) {
    let areas = overlay::measured(layer, method, &Progress::new()).expect("measured");
    (areas.exact, areas.issues)
}

fn covered(layer: &Layer) -> Coverage {
    overlay::coverage(layer, AreaMethod::Planar, &Progress::new()).expect("covered")
}

/// Polygons of well-known text; `None` for other kinds.
fn polygons_of_wkt(wkt: &str) -> Option<Shape> {
    let (kind, rest) = wkt.split_at(wkt.find('(').unwrap_or(wkt.len()));
    let multi = match kind.trim() {
        "POLYGON" => false,
        "MULTIPOLYGON" => true,
        "POLYGON EMPTY" | "MULTIPOLYGON EMPTY" => return Some(Vec::new()),
        _ => return None,
    };
    let mut shape: Shape = Vec::new();
    let mut depth = if multi { 0 } else { 1 };
    let mut number = String::new();
    let mut numbers: Vec<f64> = Vec::new();
    if !multi {
        shape.push(Vec::new());
    }
    for c in rest.chars() {
        let push = |number: &mut String, numbers: &mut Vec<f64>| {
            if !number.is_empty() && number != "EMPTY" {
                numbers.push(number.parse().expect("a number"));
            }
            number.clear();
        };
        match c {
            '(' => {
                depth += 1;
                match depth {
                    2 if multi => shape.push(Vec::new()),
                    3 => shape.last_mut().expect("a part").push(Vec::new()),
                    _ => {}
                }
            }
            ')' | ',' => {
                push(&mut number, &mut numbers);
                if depth == 3 && numbers.len() >= 2 {
                    let ring = shape.last_mut().expect("a part").last_mut().expect("a ring");
                    ring.push(Coord { x: numbers[0], y: numbers[1] });
                }
                numbers.clear();
                if c == ')' {
                    depth -= 1;
                }
            }
            c if c.is_whitespace() => push(&mut number, &mut numbers),
            c => number.push(c),
        }
    }
    Some(shape)
}

fn cases(suite: &str) -> Option<Vec<Value>> {
    let path = folder(suite, &format!("data/suites/{suite}.json"))?;
    let mut document = read(&path);
    Some(std::mem::take(document["cases"].as_array_mut().expect("cases")))
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).expect("readable")).expect("JSON")
}

fn text<'v>(case: &'v Value, key: &str) -> &'v str {
    case[key].as_str().unwrap_or_default()
}

fn both(case: &Value) -> Option<[Shape; 2]> {
    Some([polygons_of_wkt(text(case, "a_wkt"))?, polygons_of_wkt(text(case, "b_wkt"))?])
}

/// Area of the extent of both, the measure of the tolerances.
fn extent_area(shapes: &[Shape]) -> f64 {
    let mut extent = Extent::EMPTY;
    for ring in shapes.iter().flatten().flatten() {
        extent.union(&Extent::of(ring));
    }
    extent.width() * extent.height()
}

/// Polygons that are not valid are listed, those that are valid are not, and nothing panics.
#[test]
fn validity_cases_are_told_apart() {
    let Some(cases) = cases("validity_cases") else { return };
    let (mut ran, mut skipped, mut wrong) = (0, 0, Vec::new());
    for case in &cases {
        let Some(shape) = polygons_of_wkt(text(case, "wkt")) else {
            skipped += 1;
            continue;
        };
        ran += 1;
        let layer = planar(std::slice::from_ref(&shape));
        let (_, issues) = measured(&layer, AreaMethod::Planar);
        let listed: Vec<&str> = issues.iter().filter(|i| i.feature.is_some()).map(Issue::kind).collect();
        let valid = case["expected_valid"].as_bool().expect("a verdict");
        if valid != listed.is_empty() {
            wrong.push(format!("{} {}: {listed:?}: {}", text(case, "name"), text(case, "desc"), text(case, "wkt")));
        }
        covered(&layer);
        laid(&[shape.clone(), shape]);
    }
    println!("validity: {ran} polygons ran, {skipped} other kinds skipped, {} wrong", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(ran, 203);
}

/// Unions and intersections of two polygons agree with the outside areas: a and b are two features of one layer.
#[test]
fn overlay_cases_have_the_areas_of_their_peers() {
    let Some(cases) = cases("overlay_cases") else { return };
    let (mut ran, mut skipped, mut wrong) = (0, 0, Vec::new());
    let mut worst = 0.0f64;
    for case in &cases {
        let agreed = case["geos_agrees"] == true && text(case, "precision_model") == "FLOATING";
        let Some(shapes) = both(case).filter(|_| agreed) else {
            skipped += 1;
            continue;
        };
        ran += 1;
        let found = areas(&shapes);
        let area = match text(case, "op") {
            "union" => found.union,
            "intersection" => found.intersection,
            "difference" => found.a - found.intersection,
            "symdifference" => found.a + found.b - 2.0 * found.intersection,
            op => panic!("unknown operation {op}"),
        };
        let expected = case["geos_area"].as_f64().or(case["expected_area"].as_f64()).expect("an area");
        let off = (area - expected).abs() / extent_area(&shapes).max(f64::MIN_POSITIVE);
        if area != expected {
            worst = worst.max(off);
        }
        if off > 1e-9 {
            wrong.push(format!("{} {}: {area} is not {expected}", text(case, "name"), text(case, "op")));
        }
    }
    println!("overlay: {ran} cases ran, {skipped} skipped, worst {worst:e} of the extent, {} wrong", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(ran, 176);
}

/// The first shape laid over the second, as two layers.
fn laid([a, b]: &[Shape; 2]) -> PairTable {
    let layers = [a, b].map(|shape| planar(std::slice::from_ref(shape)));
    let table = overlay::pairs(&layers[0], &layers[1], None, AreaMethod::Planar, &Progress::new()).expect("laid");
    assert!(table.sides.iter().all(|side| side.left_out.is_empty()), "something was left out");
    let turned = overlay::pairs(&layers[1], &layers[0], None, AreaMethod::Planar, &Progress::new()).expect("laid");
    assert_eq!(table.pairs.len(), turned.pairs.len(), "pairs depend on the order of the layers");
    table
}

struct Found {
    a: f64,
    b: f64,
    union: f64,
    intersection: f64,
}

fn areas(shapes: &[Shape; 2]) -> Found {
    let layer = planar(shapes);
    let coverage = covered(&layer);
    let (exact, _) = measured(&layer, AreaMethod::Planar);
    let intersection: f64 = coverage.pairs.iter().map(|pair| pair.area.m2()).sum();
    let laid = laid(shapes);
    let by_pairs: f64 = laid.pairs.iter().map(|pair| pair.m2).sum();
    assert!((by_pairs - intersection).abs() <= 1e-9 * extent_area(shapes), "{by_pairs} is not {intersection}");
    let [a, b] = &laid.sides;
    for (side, area) in [(a, exact[0]), (b, exact[1])] {
        let closed = by_pairs + side.only[0] - side.twice[0];
        assert!((closed - area).abs() <= 1e-9 * extent_area(shapes), "a line closes on {closed}, not on {area}");
    }
    let union = by_pairs + a.only[0] + b.only[0];
    assert!(
        (union - coverage.union.m2()).abs() <= 1e-9 * extent_area(shapes),
        "{union} is not {}",
        coverage.union.m2()
    );
    let off = (exact[0] + exact[1] - coverage.sum.m2()).abs();
    assert!(off <= 1e-9 * extent_area(shapes), "areas and coverage differ by {off}");
    Found { a: exact[0], b: exact[1], union: coverage.union.m2(), intersection }
}

/// Inputs that once crashed others: nothing panics, and where both polygons are valid the areas are those of GEOS.
#[test]
fn robust_cases_are_survived_with_the_areas_of_their_peers() {
    let Some(cases) = cases("overlay_robust_cases") else { return };
    let (mut ran, mut compared, mut skipped, mut wrong) = (0, 0, 0, Vec::new());
    for case in &cases {
        let Some(shapes) = both(case) else {
            skipped += 1;
            continue;
        };
        ran += 1;
        let found = areas(&shapes);
        if case["a_valid"] != true || case["b_valid"] != true {
            continue;
        }
        compared += 1;
        let expected = &case["expected"];
        for (what, area) in
            [("area_a", found.a), ("area_b", found.b), ("union", found.union), ("intersection", found.intersection)]
        {
            let Some(expected) = expected[what].as_f64() else { continue };
            if (area - expected).abs() > 1e-9 * extent_area(&shapes) {
                wrong.push(format!("{} {what}: {area} is not {expected}", text(case, "name")));
            }
        }
    }
    println!(
        "robust overlay: {ran} cases ran, {compared} of valid polygons compared, {skipped} other kinds skipped, {} wrong",
        wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(ran > 50, "{ran}");
}

/// The shapes made smaller by a power of two, which is exact, where they reach beyond every map: such coordinates take no
/// part in a layer, and whether interiors meet is the same at any scale.
fn on_a_map(mut shapes: [Shape; 2]) -> [Shape; 2] {
    let largest =
        shapes.iter().flatten().flatten().flatten().fold(0.0f64, |most, c| most.max(c.x.abs()).max(c.y.abs()));
    if largest > 1e7 {
        let scale = (-(largest / 1e7).log2().ceil()).exp2();
        for c in shapes.iter_mut().flatten().flatten().flatten() {
            (c.x, c.y) = (c.x * scale, c.y * scale);
        }
    }
    shapes
}

/// Two features are a pair exactly when their interiors meet.
#[test]
fn relate_cases_pair_what_meets() {
    let Some(cases) = cases("relate_aa_cases") else { return };
    let (mut ran, mut skipped, mut wrong) = (0, 0, Vec::new());
    for case in &cases {
        let pattern = text(case, "pattern");
        let meets = match pattern.as_bytes().first() {
            Some(b'2' | b'T') => true,
            Some(b'F') => false,
            _ => {
                skipped += 1;
                continue;
            }
        };
        let Some(shapes) = both(case).filter(|_| case["expected"] == true).map(on_a_map) else {
            skipped += 1;
            continue;
        };
        ran += 1;
        if covered(&planar(&shapes)).pairs.is_empty() == meets || laid(&shapes).pairs.is_empty() == meets {
            wrong.push(format!("{} {}", text(case, "name"), text(case, "desc")));
        }
    }
    println!("relate: {ran} cases ran, {skipped} skipped, {} wrong", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(ran > 50, "{ran}");
}

/// The polygons of a GeoJSON file, other kinds left out.
fn shapes_of_file(path: &Path) -> Vec<Shape> {
    fn coord(v: &Value) -> Coord {
        Coord { x: v[0].as_f64().expect("a number"), y: v[1].as_f64().expect("a number") }
    }
    fn part(v: &Value) -> Vec<Vec<Coord>> {
        let rings = v.as_array().expect("rings");
        rings.iter().map(|ring| ring.as_array().expect("a ring").iter().map(coord).collect()).collect()
    }
    let document = read(path);
    let Some(features) = document["features"].as_array() else { return Vec::new() };
    let shape = |feature: &Value| -> Option<Shape> {
        let geometry = &feature["geometry"];
        match geometry["type"].as_str()? {
            "Polygon" => Some(vec![part(&geometry["coordinates"])]),
            "MultiPolygon" => Some(geometry["coordinates"].as_array()?.iter().map(part).collect()),
            _ => None,
        }
    };
    features.iter().filter_map(shape).collect()
}

/// The overlays of geopandas: the area of every intersection, and of what is left on both sides.
#[test]
fn geopandas_overlays_have_the_same_areas() {
    let Some(root) = folder("geopandas", "data/suites/geopandas_overlay") else { return };
    let (mut ran, mut wrong) = (0, Vec::new());
    for (dir, first, second, results) in
        [("polys", "df1", "df2", "df1_df2"), ("overlap", "df1_overlap", "df2_overlap", "df1_df2_overlap")]
    {
        let shapes = |name: &str| shapes_of_file(&root.join(dir).join(format!("{name}.geojson")));
        let (a, b) = (planar(&shapes(first)), planar(&shapes(second)));
        let table = overlay::pairs(&a, &b, None, AreaMethod::Planar, &Progress::new()).expect("laid");
        let area = |name: &str| {
            let (mut exact, _) = measured(&planar(&shapes(&format!("{results}-{name}"))), AreaMethod::Planar);
            if dir == "overlap" && name == "union" {
                // That file has its last row twice; geopandas' own test drops it as well.
                exact.pop();
            }
            (exact.len(), exact.iter().sum::<f64>())
        };
        let paired: f64 = table.pairs.iter().map(|pair| pair.m2).sum();
        let only = |side: usize| table.sides[side].only.iter().sum::<f64>();
        let mut check = |name: &str, ours: f64| {
            ran += 1;
            let (_, theirs) = area(name);
            if (ours - theirs).abs() > 1e-9 * theirs.max(1.0) {
                wrong.push(format!("{dir} {name}: {ours} is not {theirs}"));
            }
        };
        check("intersection", paired);
        check("difference", only(0));
        check("symmetric_difference", only(0) + only(1));
        check("union", paired + only(0) + only(1));
        if dir == "polys" {
            check("difference-inverse", only(1));
        }
        if area("intersection").0 != table.pairs.len() {
            wrong.push(format!("{dir}: {} pairs, geopandas has {}", table.pairs.len(), area("intersection").0));
        }
    }
    println!("geopandas: {ran} results compared, {} wrong", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(ran, 9);
}

/// The zoning of Minneapolis: 151.2035 km² as given, 148.7384 km² as it is meant, which its publisher's own repaired
/// file confirms.
#[test]
fn minneapolis_is_repaired() {
    let Some(plans) = folder("minneapolis", "data/plans") else { return };
    let total = |file: &str| {
        let layer = layer(Crs::wgs84(), &shapes_of_file(&plans.join(file)));
        let raw = tuban::measure::raw_areas(&layer, AreaMethod::Geodesic, &Progress::new()).expect("measured");
        let areas = overlay::measured(&layer, AreaMethod::Geodesic, &Progress::new()).expect("measured");
        let changed: f64 = areas.issues.iter().filter_map(|i| i.area_m2).map(|(before, after)| after - before).sum();
        let (raw, repaired) = (raw.exact_total().m2(), areas.exact_total().m2());
        assert!((raw + changed - repaired).abs() < 1e-3, "{raw} + {changed} is not {repaired}");
        (raw / 1e6, repaired / 1e6, areas.issues.iter().filter(|i| i.area_m2.is_some()).count())
    };
    let (given, repaired, invalid) = total("minneapolis_primary_zoning.geojson");
    let (given_by_publisher, repaired_by_publisher, invalid_by_publisher) =
        total("minneapolis_primary_zoning_corrected.geojson");
    println!(
        "minneapolis: {given:.4} km² as given, {repaired:.4} repaired ({invalid} polygons); \
         the publisher's repair {given_by_publisher:.4}, {repaired_by_publisher:.4} ({invalid_by_publisher})"
    );
    assert_eq!(format!("{given:.4}"), "151.2035");
    assert_eq!(format!("{repaired:.4}"), "148.7384");
    assert_eq!(format!("{repaired_by_publisher:.4}"), "148.7384");
}

/// Real files: the number of invalid polygons is GEOS's, areas as given do not change where all are valid, and the
/// union is never larger than the sum.
#[test]
fn real_files_have_the_flaws_that_geos_finds() {
    let Some(data) = folder("real files", "data") else { return };
    let reference = read(&data.join("reference.json"));
    let (mut ran, mut skipped, mut wrong) = (0, 0, Vec::new());
    for (name, expected) in reference["files"].as_object().expect("files") {
        let path = data.join(name);
        if !name.ends_with(".geojson") || !path.exists() {
            skipped += 1;
            continue;
        }
        let Some(crs) = expected["crs_used"].as_str().and_then(|code| Crs::parse(code).ok()) else {
            skipped += 1;
            continue;
        };
        let shapes = shapes_of_file(&path);
        if shapes.is_empty() {
            skipped += 1;
            continue;
        }
        ran += 1;
        let layer = layer(crs, &shapes);
        let areas = overlay::measured(&layer, AreaMethod::Survey, &Progress::new()).expect("measured");
        let invalid = areas.issues.iter().filter(|i| i.area_m2.is_some()).count();
        if Some(invalid as u64) != expected["invalid_geometries"].as_u64() {
            let kinds: Vec<_> = areas.issues.iter().map(|i| (i.kind(), i.feature)).take(8).collect();
            wrong.push(format!("{name}: {invalid} invalid, GEOS {}: {kinds:?}", expected["invalid_geometries"]));
        }
        let coverage = overlay::coverage(&layer, AreaMethod::Survey, &Progress::new()).expect("covered");
        println!(
            "{name}: {} polygons, {invalid} invalid, sum {:.4} km², union {:.4}, twice {:.4}, {} pairs",
            shapes.len(),
            coverage.sum.km2(),
            coverage.union.km2(),
            coverage.twice.km2(),
            coverage.pairs.len()
        );
        assert!(coverage.union.m2() <= coverage.sum.m2() + 1e-6, "{name}");
        let off = (areas.exact_total().m2() - coverage.sum.m2()).abs();
        assert!(coverage.issues.iter().any(|i| i.kind() == "wider-than-zone") || off < 1e-3, "{name}: {off}");
    }
    println!("real files: {ran} ran, {skipped} skipped, {} wrong", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(ran > 10, "{ran}");
}
