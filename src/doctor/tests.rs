//! Readings beside open layers, and scrambled copies of one.

use std::sync::Arc;

use super::*;
use crate::crs::decide::{Clues, decide};
use crate::crs::gcj02::{bd09_from_gcj02, gcj02_from_wgs84};
use crate::model::{FeatureBlock, Field, FieldType, GeometryBuilder, GeometryKind};
use crate::task::Progress;

/// A layer of square parcels of `side` units around `corners`.
pub(super) fn layer(name: &str, crs: Crs, corners: &[(f64, f64)], side: f64, fields: Vec<Field>) -> Layer {
    let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
    for (x, y) in corners {
        let ring = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)]
            .map(|(dx, dy)| Coord { x: x + side * dx, y: y + side * dy });
        builder.polygon(&[vec![ring.to_vec()]]);
    }
    block(name, crs, builder, fields)
}

pub(super) fn block(name: &str, crs: Crs, builder: GeometryBuilder, fields: Vec<Field>) -> Layer {
    let geometry = Arc::new(builder.finish());
    let block = FeatureBlock::of_geometry(geometry);
    Layer::new(name.to_owned(), GeometryKind::Polygon, crs, fields, vec![block])
}

pub(super) fn crs(code: u32) -> Crs {
    Crs::from_epsg(code).expect("known")
}

/// The boundary of the start-up area's extent in the drawing: 3° zone of 117° without prefix.
fn boundary() -> Layer {
    layer("城镇开发边界", crs(4490), &[(116.85, 36.75)], 0.3, Vec::new())
}

fn diagnose(coords: &[(f64, f64)], open: &[&Layer]) -> Vec<Ranked> {
    let coords: Vec<Coord> = coords.iter().map(|(x, y)| Coord { x: *x, y: *y }).collect();
    let sample = Sample::of(&coords);
    let clues = Clues { user: None, declared: None, format_default: Some(Crs::wgs84()), sample: &sample };
    rank(&decide(&clues), &sample, open)
}

const PLAIN: &[(f64, f64)] = &[(498_604.10, 4_081_204.55), (508_924.4, 4_074_320.5)];

#[test]
fn the_reading_that_falls_on_an_open_layer_comes_first() {
    let boundary = boundary();
    let ranked = diagnose(PLAIN, &[&boundary]);
    let rows: Vec<(&str, String, Badge)> =
        ranked[..4].iter().map(|r| (r.hypothesis.crs.code(), r.distance_text(Language::Chinese), r.badge)).collect();
    assert_eq!(rows[0], ("EPSG:4548", "距参考 0.0 km".to_owned(), Badge::Likeliest));
    assert_eq!(ranked[0].text(Language::Chinese), "与已打开的城镇开发边界重叠 100.0 %");
    let mut beside = [rows[1].0, rows[2].0];
    beside.sort_unstable();
    assert_eq!(beside, ["EPSG:4547", "EPSG:4549"], "{rows:?}");
    assert!(rows[1].1.starts_with("相距 2") && rows[1].1.ends_with(" km"), "{rows:?}");
    assert_eq!(rows[3], ("EPSG:2384", "约 0.1 km".to_owned(), Badge::NeedsParameters));
    // Far from Jinan another meridian wins.
    let urumqi = layer("乌鲁木齐", crs(4490), &[(86.9, 36.7)], 0.3, Vec::new());
    assert_eq!(diagnose(PLAIN, &[&urumqi])[0].hypothesis.crs.code(), "EPSG:4538");
    // Of several open layers the one that it falls on is named.
    let named = diagnose(PLAIN, &[&urumqi, &boundary]);
    assert_eq!(named[0].reference.as_ref().map(|r| r.layer.as_str()), Some("城镇开发边界"));
}

#[test]
fn without_open_layers_the_order_stays() {
    let ranked = diagnose(PLAIN, &[]);
    assert!(ranked.is_sorted_by(|a, b| a.score >= b.score));
    assert!(ranked.iter().all(|r| r.reference.is_none() && r.badge != Badge::Likeliest));
    assert_eq!(ranked[0].distance_text(Language::English), "");
    let empty = block("empty", crs(4490), GeometryBuilder::new(GeometryKind::Polygon), Vec::new());
    assert_eq!(diagnose(PLAIN, &[&empty]), ranked);
    assert!(diagnose(&[], &[&boundary()]).is_empty());
}

#[test]
fn web_mercator_and_zone_13_are_told_apart_by_what_is_open() {
    let coords = &[(13_402_867.0, 4_314_390.0), (13_403_867.0, 4_315_390.0)];
    let qingdao = layer("青岛", crs(4490), &[(120.2, 36.0)], 0.4, Vec::new());
    let border = layer("塔县", crs(4491), &[(13_390_000.0, 4_300_000.0)], 30_000.0, Vec::new());
    assert_eq!(diagnose(coords, &[&qingdao])[0].hypothesis.crs.code(), "EPSG:3857");
    assert_eq!(diagnose(coords, &[&border])[0].hypothesis.crs.code(), "EPSG:4491");
}

/// Corners of 100 squares, irregular enough that a shifted copy matches nowhere.
pub(super) fn corners() -> Vec<(f64, f64)> {
    (0..100).map(|i| (117.0 + 0.001 * f64::from(i * i % 97), 36.8 + 0.0013 * f64::from(i * 7 % 31))).collect()
}

pub(super) fn mapped(layer: &Layer, name: &str, map: impl Fn(Coord) -> Coord) -> Layer {
    let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
    let geometry = &layer.blocks[0].geometry;
    for row in 0..geometry.feature_count() {
        let ring: Vec<Coord> = geometry.feature_coords(row).iter().map(|c| map(*c)).collect();
        builder.polygon(&[vec![ring]]);
    }
    block(name, layer.crs.clone(), builder, Vec::new())
}

#[test]
fn a_scrambled_copy_is_found_out() {
    let parcels = layer("地类图斑", crs(4490), &corners(), 0.0004, Vec::new());
    let to_plane = Reprojector::new(&crs(4490), &crs(4527)).expect("one datum");
    let mut plane = mapped(&parcels, "平面", |c| to_plane.convert_one(c).expect("in the zone"));
    plane.crs = crs(4527);
    let found = |layer: &Layer, open: &Layer| {
        web_map::suspect_by_vertices(layer, &[open], &Progress::new()).expect("not cancelled").map(|f| f.map)
    };
    let gcj = mapped(&parcels, "高德", gcj02_from_wgs84);
    let bd = mapped(&parcels, "百度", |c| bd09_from_gcj02(gcj02_from_wgs84(c)));
    for open in [&parcels, &plane] {
        assert_eq!(found(&gcj, open), Some(WebMap::Gcj02));
        assert_eq!(found(&bd, open), Some(WebMap::Bd09));
        assert_eq!(found(&mapped(&parcels, "copy", |c| c), open), None);
        assert_eq!(found(&mapped(&parcels, "moved", |c| Coord { x: c.x + 0.0031, y: c.y }), open), None);
    }
    let finding =
        web_map::suspect_by_vertices(&gcj, &[&parcels], &Progress::new()).expect("not cancelled").expect("found");
    assert_eq!(finding.matched_count, finding.probed_count);
    assert!((500.0..550.0).contains(&finding.offset_m), "{finding:?}");
    assert!(!finding.message().text(Language::Chinese).contains('{'));
    let progress = Progress::new();
    progress.cancel();
    assert_eq!(web_map::suspect_by_vertices(&gcj, &[&parcels], &progress), Err(crate::task::Cancelled));
    // Another datum cannot be compared.
    let xian = Layer { crs: crs(4610), ..gcj.clone() };
    assert_eq!(found(&xian, &parcels), None);
}

#[test]
fn a_known_source_is_suspected_by_its_fields() {
    let field = |name: &str| Field { name: name.to_owned(), kind: FieldType::Text };
    let with = |names: &[&str]| {
        let fields = names.iter().map(|name| field(name)).collect();
        web_map::suspect_by_fields(&layer("边界", Crs::wgs84(), &[(117.0, 36.8)], 0.1, fields)).map(|f| f.map)
    };
    assert_eq!(with(&["adcode", "name", "childrenNum", "acroutes"]), Some(WebMap::Gcj02));
    assert_eq!(with(&["adcode", "name"]), None);
    assert_eq!(with(&["DLBM", "TBMJ"]), None);
}

#[test]
fn overlap_and_distance_of_extents() {
    let extent =
        |x1: f64, y1: f64, x2: f64, y2: f64| Extent { min: Coord { x: x1, y: y1 }, max: Coord { x: x2, y: y2 } };
    let unit = extent(117.0, 36.0, 118.0, 37.0);
    assert_eq!(overlap(&unit, &extent(117.5, 36.0, 119.0, 38.0)), 0.5);
    assert_eq!(overlap(&extent(117.5, 36.5, 117.5, 36.5), &unit), 1.0);
    assert_eq!(overlap(&unit, &extent(119.0, 36.0, 120.0, 37.0)), 0.0);
    assert_eq!(distance_km(&unit, &extent(117.5, 36.0, 119.0, 38.0)), 0.0);
    let north = distance_km(&unit, &extent(117.0, 38.0, 118.0, 39.0));
    assert!((north - 111.2).abs() < 0.1, "{north}");
}
