//! Laws and golden parcels of the measuring methods, against independent values and PROJ.

use geo_types::Coord;
use proptest::prelude::*;

use super::zone::Zone;
use super::*;
use crate::crs::{Crs, Datum, Reprojector};
use crate::model::{AreaMethod, FeatureBlock, GeometryBuilder, GeometryKind, Layer};
use crate::task::Progress;

/// One parcel of the golden file: rings in EPSG:4548, first the outer one, and its areas by independent code.
struct Golden {
    name: String,
    rings: Vec<Vec<Coord>>,
    rings_lonlat: Vec<Vec<Coord>>,
    arbiter: f64,
    arbiter_per_ring: Vec<f64>,
    official: f64,
    official_2dp: f64,
    official_unrounded: f64,
    geodesic: f64,
    planar: f64,
}

fn golden() -> Vec<Golden> {
    let text = include_str!("../../tests/fixtures/ellipsoid_area_golden.json");
    let parcels: Vec<serde_json::Value> = serde_json::from_str(text).expect("JSON");
    let number = |value: &serde_json::Value| value.as_f64().expect("a number");
    let rings = |value: &serde_json::Value| -> Vec<Vec<Coord>> {
        let ring = |ring: &serde_json::Value| {
            ring.as_array()
                .expect("a ring")
                .iter()
                .map(|c| Coord { x: number(&c[0]), y: number(&c[1]) })
                .collect::<Vec<_>>()
        };
        value.as_array().expect("rings").iter().map(ring).collect()
    };
    parcels
        .iter()
        .map(|p| Golden {
            name: p["name"].as_str().expect("a name").to_owned(),
            rings: rings(&p["rings"]),
            rings_lonlat: rings(&p["rings_4490"]),
            arbiter: number(&p["arbiter_m2"]),
            arbiter_per_ring: p["arbiter_per_ring_m2"].as_array().expect("areas").iter().map(number).collect(),
            official: number(&p["official_rounded_m2"]),
            official_2dp: p["official_2dp"].as_str().expect("text").parse().expect("a number"),
            official_unrounded: number(&p["official_unrounded_m2"]),
            geodesic: number(&p["geodesic_m2"]),
            planar: number(&p["planar_m2"]),
        })
        .collect()
}

fn feature(frame: &Frame, rings: &[Vec<Coord>]) -> Figures {
    Meter::new(frame).feature(std::iter::once(rings.iter().map(Vec::as_slice)))
}

fn frame(code: &str, method: AreaMethod) -> Frame {
    Frame::for_crs(&Crs::parse(code).expect("a known CRS"), 117.0, method).expect("a frame")
}

fn c(x: f64, y: f64) -> Coord {
    Coord { x, y }
}

fn layer(crs: Crs, features: &[Vec<Vec<Vec<Coord>>>]) -> Layer {
    let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
    for parts in features {
        builder.polygon(parts);
    }
    let block = FeatureBlock {
        geometry: std::sync::Arc::new(builder.finish()),
        attributes: std::sync::Arc::default(),
        ids: None,
        source_rows: Vec::new(),
        lines: Vec::new(),
    };
    Layer::new("test".to_owned(), GeometryKind::Polygon, crs, Vec::new(), vec![block])
}

fn closed(mut ring: Vec<Coord>) -> Vec<Coord> {
    ring.push(ring[0]);
    ring
}

#[test]
fn golden_parcels_come_out_by_every_method() {
    let survey = frame("EPSG:4548", AreaMethod::Survey);
    let prefixed = frame("EPSG:4527", AreaMethod::Survey);
    let zone = survey.as_zone().expect("a zone");
    for parcel in golden() {
        let figures = feature(&survey, &parcel.rings);
        let relative = |value: f64, expected: f64| (value - expected).abs() / expected;
        println!(
            "{}: exact {:+.1e} of the arbiter; printed {} against {}; unrounded official {:+.1e}",
            parcel.name,
            (figures.exact - parcel.arbiter) / parcel.arbiter,
            figures.printed,
            parcel.official_2dp,
            unrounded(zone, &parcel.rings) / parcel.official_unrounded - 1.0,
        );
        assert!(relative(figures.exact, parcel.arbiter) < 1e-12, "{}: exact {}", parcel.name, figures.exact);
        for (ring, area) in parcel.rings.iter().zip(&parcel.arbiter_per_ring) {
            assert!(relative(survey.ring_area(ring).abs(), *area) < 1e-12, "{}", parcel.name);
        }
        assert!((figures.printed - parcel.official_2dp).abs() <= f64::max(0.01, 1e-9 * parcel.official));
        assert!(relative(unrounded(zone, &parcel.rings), parcel.official_unrounded) < 1e-9, "{}", parcel.name);

        let moved: Vec<Vec<Coord>> =
            parcel.rings.iter().map(|r| r.iter().map(|p| c(p.x + 39_000_000.0, p.y)).collect()).collect();
        let of_prefixed = feature(&prefixed, &moved);
        assert!(relative(of_prefixed.exact, figures.exact) < 1e-9, "a zone prefix changes nothing");
        assert!((of_prefixed.printed - figures.printed).abs() <= 0.01);

        let mut projected = parcel.rings_lonlat.clone();
        for ring in &mut projected {
            survey.project(&Crs::cgcs2000(), ring).expect("degrees");
        }
        // The golden degrees are rounded; 1e-14 of 117° is a tenth of a nanometre.
        assert!(relative(feature(&survey, &projected).exact, figures.exact) < 1e-9, "{}", parcel.name);

        let geodesic = feature(&frame("EPSG:4490", AreaMethod::Geodesic), &parcel.rings_lonlat);
        // The golden value, from another GeographicLib, is itself 2e-5 m² off for the smallest parcel.
        let tolerance = f64::max(1e-4, 1e-9 * parcel.geodesic);
        assert!((geodesic.exact - parcel.geodesic).abs() < tolerance, "{}: {}", parcel.name, geodesic.exact);
        let planar = feature(&frame("EPSG:4548", AreaMethod::Planar), &parcel.rings);
        assert!(relative(planar.exact, parcel.planar) < 1e-12, "{}: planar {}", parcel.name, planar.exact);
    }
}

fn unrounded(zone: &Zone, rings: &[Vec<Coord>]) -> f64 {
    let printer = survey::Printer::unrounded(zone);
    rings.iter().enumerate().map(|(i, ring)| if i == 0 { printer.ring(ring) } else { -printer.ring(ring) }).sum()
}

/// Squares of the standards' table 1.5: place, side, and the truth by contour integral (printed there to these digits).
const SQUARES: [(&str, f64, f64, f64, f64, f64); 12] = [
    ("P1", 117.00, 36.80, 666.666_666_666_667, 666.6647, 1e-4),
    ("P1", 117.00, 36.80, 1e4, 10_000.0000, 1e-4),
    ("P1", 117.00, 36.80, 1e6, 999_999.9979, 1e-4),
    ("P1", 117.00, 36.80, 1e8, 99_999_979.476, 1e-3),
    ("P1", 117.00, 36.80, 8e8, 799_998_686.62, 1e-2),
    ("P2", 117.40, 36.90, 666.666_666_666_667, 666.6438, 1e-4),
    ("P2", 117.40, 36.90, 1e4, 9_999.6870, 1e-4),
    ("P2", 117.40, 36.90, 1e6, 999_968.6959, 1e-4),
    ("P2", 117.40, 36.90, 1e8, 99_996_849.27, 1e-2),
    ("P2", 117.40, 36.90, 8e8, 799_973_645.2, 1e-1),
    ("P3", 118.45, 36.80, 1e6, 999_587.6694, 1e-4),
    ("P3", 118.45, 36.80, 8e8, 799_668_828.7, 1e-1),
];

fn square(center: Coord, area: f64) -> Vec<Coord> {
    let h = area.sqrt() / 2.0;
    // Corners to 4 decimals, as the survey has them.
    let round = |v: f64| (v * 1e4).round() / 1e4;
    [(-h, -h), (h, -h), (h, h), (-h, h)].map(|(dx, dy)| c(round(center.x + dx), round(center.y + dy))).to_vec()
}

#[test]
fn squares_of_the_standards_table_come_out() {
    let survey = frame("EPSG:4548", AreaMethod::Survey);
    for (place, lon, lat, area, truth, tolerance) in SQUARES {
        let mut center = [c(lon, lat)];
        survey.project(&Crs::cgcs2000(), &mut center).expect("degrees");
        let ring = square(center[0], area);
        let figures = feature(&survey, &[ring]);
        println!(
            "{place} {area:.0} m²: exact {:+.2e} m² of {truth}, printed {:+.2e} of exact",
            figures.exact - truth,
            figures.printed / figures.exact - 1.0
        );
        assert!((figures.exact - truth).abs() < tolerance, "{place} {area}: {} against {truth}", figures.exact);
    }
}
