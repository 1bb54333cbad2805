//! Geodesic areas against outside cases, through the public functions.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use tuban::crs::Crs;
use tuban::measure::{lengths, raw_areas};
use tuban::model::{AreaMethod, Coord, FeatureBlock, GeometryBuilder, GeometryKind, Layer};
use tuban::task::Progress;

use crate::shared::folder;

/// A layer of one multipolygon feature in WGS 84 degrees.
fn layer(parts: &[Vec<Vec<Coord>>]) -> Layer {
    let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
    builder.polygon(parts);
    let block = FeatureBlock {
        geometry: Arc::new(builder.finish()),
        attributes: Arc::default(),
        ids: None,
        source_rows: Vec::new(),
        lines: Vec::new(),
    };
    Layer::new("case".to_owned(), GeometryKind::Polygon, Crs::wgs84(), Vec::new(), vec![block])
}

fn ring(value: &Value) -> Vec<Coord> {
    let number = |v: &Value| v.as_f64().expect("a number");
    let mut ring: Vec<Coord> =
        value.as_array().expect("a ring").iter().map(|c| Coord { x: number(&c[0]), y: number(&c[1]) }).collect();
    if ring.first() != ring.last() {
        ring.push(ring[0]);
    }
    ring
}

#[test]
fn polygon_area_cases() {
    let suite = "polygon_area_cases";
    let Some(path) = folder(suite, "data/suites/polygon_area_cases.json") else { return };
    let suite_text = std::fs::read_to_string(path).expect("readable");
    let cases: Value = serde_json::from_str(&suite_text).expect("JSON");
    let (mut ran, mut skipped) = (0, 0);
    let mut worst: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    let mut failures = Vec::new();
    for case in cases["cases"].as_array().expect("cases") {
        let name = case["name"].as_str().expect("a name");
        if case["edges"] != "geodesic" {
            skipped += 1;
            continue;
        }
        let parts: Vec<Vec<Vec<Coord>>> = match case["polygons_lonlat"].as_array() {
            Some(parts) => parts.iter().map(|p| p.as_array().expect("rings").iter().map(ring).collect()).collect(),
            None => vec![vec![ring(&case["ring_lonlat"])]],
        };
        let layer = layer(&parts);
        let areas = raw_areas(&layer, AreaMethod::Geodesic, &Progress::new()).expect("measured");
        let expected = case["expected_area_m2"].as_f64().expect("an area");
        // Karney's algorithm itself has a noise of 1e-5 m² an edge (two terms of 10¹¹ m² cancel), the expected values
        // included: for kenton/622, 2.0957349 expected, the integral with 40 digits gives 2.0957433.
        let tolerance = match case["area_tol_m2"].as_f64() {
            Some(tolerance) => tolerance,
            None => f64::max(5e-5, case["area_tol_rel"].as_f64().expect("a tolerance") * expected),
        };
        let off = (areas.exact[0] - expected).abs();
        let group = name.split('/').next().unwrap_or(name).to_owned();
        let entry = worst.entry(group).or_default();
        *entry = (entry.0.max(off), entry.1.max(off / expected.max(1.0)));
        if off > tolerance {
            failures.push(format!("{name}: {} against {expected}, off {off:e}", areas.exact[0]));
        }
        if let Some(perimeter) = case["pyproj_perimeter_m"].as_f64() {
            let ours = lengths(&layer, &Progress::new()).expect("measured").geodesic[0];
            assert!((ours - perimeter).abs() < 1e-6 * perimeter.max(1.0), "{name}: perimeter {ours}");
        }
        ran += 1;
    }
    println!("{suite}: {ran} cases ran, {skipped} skipped (spherical)");
    for (group, (m2, relative)) in worst {
        println!("  {group}: largest deviation {m2:.1e} m², relative {relative:.1e}");
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
