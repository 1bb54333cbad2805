//! Laws and golden parcels of the measuring methods, against independent values and PROJ.

#![expect(clippy::inconsistent_digit_grouping, reason = "figures as the standard prints them")]

use geo_types::Coord;
use proptest::prelude::*;

use super::zone::Zone;
use super::*;
use crate::crs::{Crs, Datum, Reprojector};
use crate::model::{AreaMethod, Areas, FeatureBlock, GeometryBlock, GeometryBuilder, GeometryKind, Layer};
use crate::task::Progress;
use crate::text::Language;

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
    let block = FeatureBlock::of_geometry(builder.finish());
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

#[test]
fn our_series_agree_with_proj() {
    let survey = frame("EPSG:4548", AreaMethod::Survey);
    let zone = survey.as_zone().expect("a zone");
    let (degrees, plane) = (Crs::cgcs2000(), Crs::parse("EPSG:4548").expect("known"));
    let (forward, inverse) =
        (Reprojector::new(&degrees, &plane).expect("PROJ"), Reprojector::new(&plane, &degrees).expect("PROJ"));
    let mut worst = [0.0f64; 4];
    for latitude in 0..=60 {
        for step in -35i32..=35 {
            let lonlat = c(117.0 + f64::from(step) * 0.1, f64::from(latitude) * 0.997 - 2.0);
            let (mut ours, mut theirs) = ([lonlat], [lonlat]);
            zone.forward(&mut ours);
            forward.convert(&mut theirs).expect("in the zone");
            let off = (ours[0].x - theirs[0].x).hypot(ours[0].y - theirs[0].y);
            let mut back = [theirs[0]];
            inverse.convert(&mut back).expect("in the zone");
            let foot = zone.lonlat(theirs[0]);
            let off_back = (foot.x - back[0].x).hypot(foot.y - back[0].y) * 111e3;
            let wide = usize::from(step.abs() > 20);
            worst[wide] = worst[wide].max(off);
            worst[2 + wide] = worst[2 + wide].max(off_back);
        }
    }
    println!(
        "largest deviation from PROJ: forward {:.1e} m to 2°, {:.1e} m to 3.5°; inverse {:.1e} m and {:.1e} m",
        worst[0], worst[1], worst[2], worst[3]
    );
    assert!(worst[0] < 1e-5 && worst[1] < 1e-4 && worst[2] < 1e-5 && worst[3] < 1e-4, "{worst:?}");
}

/// Area of a plane ring by an independent way: edges cut into short pieces, PROJ's inverse for each point, and the
/// closed form F(B) = b²/2 · (sin B / (1 − e² sin² B) + atanh(e sin B) / e) summed over strips.
fn area_through_proj(plane: &str, ring: &[Coord], pieces: u32) -> f64 {
    let plane = Crs::parse(plane).expect("known");
    let ellipsoid = Ellipsoid::of(plane.datum());
    let inverse = Reprojector::new(&plane, &plane.geographic()).expect("PROJ");
    let mut points = Vec::new();
    for (i, a) in ring.iter().enumerate() {
        let b = ring[(i + 1) % ring.len()];
        points.extend((0..pieces).map(|k| {
            let t = f64::from(k) / f64::from(pieces);
            c(a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t)
        }));
    }
    inverse.convert(&mut points).expect("in the zone");
    let e = ellipsoid.e2.sqrt();
    let f = |latitude: f64| {
        let s = latitude.to_radians().sin();
        ellipsoid.b.powi(2) / 2.0 * (s / (1.0 - ellipsoid.e2 * s * s) + (e * s).atanh() / e)
    };
    let (reference, first) = (points[0].x, f(points[0].y));
    let mut sum = 0.0;
    for (i, a) in points.iter().enumerate() {
        let b = points[(i + 1) % points.len()];
        sum += 0.5 * ((a.x - reference) + (b.x - reference)).to_radians() * ((f(b.y) - first) - (f(a.y) - first));
    }
    sum.abs()
}

#[test]
fn the_exact_area_is_that_of_an_independent_integral_through_proj() {
    let mut worst = 0.0f64;
    for (code, west, northing, size) in [
        ("EPSG:4548", 30_000.0, 4_075_000.0, 20_000.0),
        ("EPSG:4548", 250_000.0, 4_000_000.0, 30_000.0),
        ("EPSG:4548", -300_000.0, 2_500_000.0, 30_000.0),
        ("EPSG:4548", 300_000.0, 450_000.0, 30_000.0),
        ("EPSG:4548", -20_000.0, 5_900_000.0, 40_000.0),
        ("EPSG:2384", 120_000.0, 3_500_000.0, 30_000.0),
        ("EPSG:2436", 120_000.0, 3_500_000.0, 30_000.0),
        // Far from its own first vertex: the long route.
        ("EPSG:4548", -100_000.0, 3_900_000.0, 200_000.0),
    ] {
        let ring: Vec<Coord> = [(0.0, 0.0), (1.0, 0.2), (0.9, 1.1), (0.1, 0.8)]
            .map(|(x, y)| c(500_000.0 + west + x * size, northing + y * size))
            .to_vec();
        let exact = frame(code, AreaMethod::Survey).ring_area(&ring);
        // A strip straight in degrees errs with the square of its length: extrapolated away.
        let [coarse, fine] = [500, 1_000].map(|pieces| area_through_proj(code, &ring, pieces));
        let independent = fine + (fine - coarse) / 3.0;
        let off = exact / independent - 1.0;
        println!("{code} {west:+.0} {northing:.0} size {size:.0}: {off:+.1e}");
        worst = worst.max(off.abs());
    }
    println!("largest deviation of exact from the integral through PROJ: {worst:.1e}");
    assert!(worst < 1e-13, "{worst:e}");
}

prop_compose! {
    /// A polygon around a place of a 3° zone, star-shaped, from a few metres to hundreds of kilometres.
    fn star()(
        east in -150_000.0..150_000.0f64,
        north in 400_000.0..6_000_000.0f64,
        log_size in 1.0..5.0f64,
        radii in prop::collection::vec(0.3..1.0f64, 3..24),
    ) -> Vec<Coord> {
        let size = 10f64.powf(log_size);
        let count = radii.len() as f64;
        radii.iter().enumerate().map(|(i, r)| {
            let (sin, cos) = (i as f64 / count * std::f64::consts::TAU).sin_cos();
            c(500_000.0 + east + r * size * cos, north + r * size * sin)
        }).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn cutting_a_polygon_keeps_the_exact_area(ring in star(), at in 0usize..24, t in 0.0..1.0f64, u in 0.0..1.0f64) {
        for (code, method) in [("EPSG:4548", AreaMethod::Survey), ("EPSG:4548", AreaMethod::Planar)] {
            let frame = frame(code, method);
            let n = ring.len();
            // From a point of edge `at` to one of the edge half-way round, through the centre of the star.
            let cut_point = |edge: usize, t: f64| {
                let (a, b) = (ring[edge % n], ring[(edge + 1) % n]);
                c(a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t)
            };
            let (first, second) = (at % n, (at + n / 2) % n);
            prop_assume!(first != second);
            let (p, q) = (cut_point(first, t), cut_point(second, u));
            let mut left = vec![p];
            let mut i = (first + 1) % n;
            while i != (second + 1) % n {
                left.push(ring[i]);
                i = (i + 1) % n;
            }
            left.push(q);
            let mut right = vec![q];
            while i != (first + 1) % n {
                right.push(ring[i]);
                i = (i + 1) % n;
            }
            right.push(p);
            let whole = frame.ring_area(&ring);
            // Signed areas: the law holds also where the chord leaves the star.
            let parts = frame.ring_area(&left) + frame.ring_area(&right);
            prop_assert!((parts / whole - 1.0).abs() < 1e-9, "{} {}", parts, whole);
        }
    }

    #[test]
    fn stretches_of_an_edge_add_up_to_it(ring in star(), cuts in prop::collection::vec(0.0..1.0f64, 1..6)) {
        for (code, method) in
            [("EPSG:4548", AreaMethod::Survey), ("EPSG:4548", AreaMethod::Planar), ("EPSG:4490", AreaMethod::Geodesic)]
        {
            let frame = frame(code, method);
            let mut ring = ring.clone();
            if method == AreaMethod::Geodesic {
                Zone::new(Datum::Cgcs2000, 117.0, 500_000.0).inverse(&mut ring);
            }
            let origin = frame.origin(ring[0]);
            let area = frame.ring_area(&ring).abs();
            // A cut point is off its edge by the rounding of its coordinates: 2⁻⁴⁶° at 117° E, 2⁻³⁰ m at 6,000 km.
            let rounding_m = if method == AreaMethod::Geodesic { 111_400.0 * 0.5f64.powi(46) } else { 0.5f64.powi(30) };
            for edge in ring.windows(2) {
                let whole = frame.edge(edge[0], edge[1], &origin);
                let tolerance = 1e-10 * area + rounding_m * frame.edge_length(edge[0], edge[1]);
                prop_assert_eq!(frame.stretch(edge[0], edge[1], 1.0, &origin), whole);
                let mut sum = 0.0;
                let mut from = edge[0];
                let mut sorted = cuts.clone();
                sorted.sort_by(f64::total_cmp);
                for t in &sorted {
                    let to = c(edge[0].x + (edge[1].x - edge[0].x) * t, edge[0].y + (edge[1].y - edge[0].y) * t);
                    let piece = frame.edge(from, to, &origin);
                    sum += piece;
                    // The running integral says the same as the edges between cut points.
                    let running = frame.stretch(edge[0], edge[1], *t, &origin);
                    prop_assert!((running - sum).abs() < tolerance, "{} {} of {}", running, sum, area);
                    from = to;
                }
                sum += frame.edge(from, edge[1], &origin);
                prop_assert!((sum - whole).abs() < tolerance, "{:?}: {} {} of {}", method, sum, whole, area);
            }
        }
    }
}

fn areas(layer: &Layer, method: AreaMethod) -> Areas {
    raw_areas(layer, method, &Progress::new()).expect("measured")
}

fn kinds(areas: &Areas) -> Vec<(&'static str, Option<u64>)> {
    areas.issues.iter().map(|issue| (issue.kind(), issue.feature)).collect()
}

#[test]
fn holes_are_taken_off_parts_added_and_winding_ignored() {
    let outer = square(c(500_000.0, 4_000_000.0), 1e4);
    let hole = square(c(500_000.0, 4_000_000.0), 1e2);
    let other = square(c(500_300.0, 4_000_000.0), 1e4);
    let reversed = |ring: &[Coord]| ring.iter().rev().copied().collect::<Vec<_>>();
    let part = |rings: &[&Vec<Coord>]| rings.iter().map(|r| closed((*r).clone())).collect::<Vec<_>>();
    let layer = layer(
        Crs::parse("EPSG:4548").expect("known"),
        &[
            vec![part(&[&outer, &hole]), part(&[&other])],
            vec![part(&[&reversed(&outer), &reversed(&hole)]), part(&[&reversed(&other)])],
            vec![],
        ],
    );
    let survey = areas(&layer, AreaMethod::Survey);
    let expected = areas(&layer, AreaMethod::Planar).exact[0];
    assert!((survey.exact[0] - 19_900.0).abs() < 0.01 && (expected - 19_900.0).abs() < 1e-6, "{:?}", survey.exact);
    assert!((survey.exact[0] - survey.exact[1]).abs() < 1e-9 && survey.printed[0] == survey.printed[1]);
    assert_eq!((survey.exact[2], survey.printed[2]), (0.0, 0.0));
    assert_eq!(survey.frame, "CGCS2000 / 3-degree Gauss-Kruger CM 117E");
    assert_eq!(survey.printed[0], (survey.printed[0] * 100.0).round() / 100.0, "printed to the cent");
    assert!(survey.issues.is_empty());
}

#[test]
fn a_layer_in_degrees_is_measured_in_the_zone_of_its_centre() {
    let ring = |lon: f64, lat: f64, size: f64| {
        closed(
            [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)].map(|(x, y)| c(lon + x * size, lat + y * size)).to_vec(),
        )
    };
    let layer = |crs: Crs| layer(crs, &[vec![vec![ring(116.9, 36.7, 0.01)]], vec![vec![ring(117.3, 36.9, 0.01)]]]);
    let cgcs = areas(&layer(Crs::cgcs2000()), AreaMethod::Survey);
    assert_eq!(cgcs.frame, "CGCS2000 / 3-degree Gauss-Kruger CM 117E");
    assert!(cgcs.issues.is_empty());
    let wgs = areas(&layer(Crs::wgs84()), AreaMethod::Survey);
    assert_eq!(wgs.exact, cgcs.exact, "WGS 84 is taken as CGCS2000");
    assert_eq!(kinds(&wgs), [("wgs84-as-cgcs2000", None)]);
    let geodesic = areas(&layer(Crs::cgcs2000()), AreaMethod::Geodesic);
    for (a, b) in cgcs.exact.iter().zip(&geodesic.exact) {
        assert!((a / b - 1.0).abs() < 1e-8, "{a} {b}");
    }
    let xian = areas(&layer(Crs::parse("EPSG:4610").expect("known")), AreaMethod::Survey);
    assert_eq!(xian.frame, "Xian 1980 / 3-degree Gauss-Kruger CM 117E");
    assert!((xian.exact[0] / cgcs.exact[0] - 1.0).abs() < 2e-6, "another ellipsoid, the same degrees");
    assert!(matches!(
        raw_areas(&layer(Crs::cgcs2000()), AreaMethod::Planar, &Progress::new()),
        Err(MeasureError::Degrees { .. })
    ));
}

#[test]
fn features_beyond_the_zone_are_measured_elsewhere_and_listed() {
    let ring =
        |lon: f64, width: f64| closed(vec![c(lon, 36.0), c(lon + width, 36.0), c(lon + width, 36.2), c(lon, 36.2)]);
    let features = [
        vec![vec![ring(116.0, 0.1)]],
        vec![vec![ring(118.0, 0.1)]],
        vec![vec![ring(122.6, 0.1)]],
        vec![vec![ring(100.0, 34.0)]],
        vec![vec![closed(vec![c(f64::NAN, 36.0), c(117.0, 36.0), c(117.0, 36.1)])]],
        vec![vec![closed(vec![c(500_000.0, 4e6), c(500_001.0, 4e6), c(500_000.0, 4.1e6)])]],
    ];
    let mut layer = layer(Crs::cgcs2000(), &features);
    let measured = areas(&layer, AreaMethod::Survey);
    // The nonsense feature pulls the centre of the extent away: whatever zone that is, every feature finds its own.
    assert!(measured.exact[..4].iter().all(|a| *a > 1e8), "{:?}", measured.exact);
    layer.blocks[0].geometry = layer_geometry(&features[..5]);
    layer.starts = vec![0, 5];
    let measured = areas(&layer, AreaMethod::Survey);
    assert_eq!(measured.frame, "CGCS2000 / 3-degree Gauss-Kruger CM 117E");
    assert_eq!(
        kinds(&measured),
        [("other-zone", Some(2)), ("no-zone", Some(3)), ("not-finite", Some(4))],
        "{:?}",
        measured.issues
    );
    let geodesic = areas(&layer, AreaMethod::Geodesic);
    assert_eq!(measured.exact[3], geodesic.exact[3]);
    assert!((measured.exact[2] / geodesic.exact[2] - 1.0).abs() < 1e-5, "edges of 20 km differ a little");
    assert_eq!(measured.exact[4], 0.0);

    let frame = Frame::for_layer(&layer, AreaMethod::Survey).expect("a frame");
    let name = |feature| {
        let frame = feature_frame(&layer, &frame, feature).expect("a frame");
        frame.map(|f| f.name().to_owned())
    };
    assert_eq!(name(1), None);
    assert_eq!(name(2).as_deref(), Some("CGCS2000 / 3-degree Gauss-Kruger CM 123E"));
    assert_eq!(name(3).as_deref(), Some("CGCS2000"));

    // The same in a zone's own metres.
    let plane = Crs::parse("EPSG:4548").expect("known");
    let to_plane = Reprojector::new(&Crs::cgcs2000(), &plane).expect("PROJ");
    let mut projected = features[..3].to_vec();
    for ring in projected.iter_mut().flatten().flatten() {
        to_plane.convert(ring).expect("PROJ reaches it");
    }
    let projected = areas(&self::layer(plane, &projected), AreaMethod::Survey);
    assert_eq!(kinds(&projected), [("other-zone", Some(2))]);
    for i in 0..3 {
        assert!((projected.exact[i] / measured.exact[i] - 1.0).abs() < 1e-9, "{i}");
    }
}

fn layer_geometry(features: &[Vec<Vec<Vec<Coord>>>]) -> std::sync::Arc<GeometryBlock> {
    layer(Crs::cgcs2000(), features).blocks[0].geometry.clone()
}

#[test]
fn a_plane_that_lies_nowhere_has_the_areas_of_the_plane() {
    let square = || closed(vec![c(0.0, 0.0), c(100.0, 0.0), c(100.0, 100.0), c(0.0, 100.0)]);
    let far = closed(vec![c(51_000.0, 38_000.0), c(51_200.0, 38_000.0), c(51_200.0, 38_100.0), c(51_000.0, 38_100.0)]);
    let local = layer(Crs::local_plane(), &[vec![vec![square()]], vec![vec![far]]]);
    for method in [AreaMethod::Survey, AreaMethod::Geodesic, AreaMethod::Planar] {
        let measured = areas(&local, method);
        assert_eq!((measured.exact.clone(), measured.method), (vec![10_000.0, 20_000.0], method));
        let told = measured.issues.iter().any(|issue| issue.message.key == "measure.local-plane");
        assert_eq!(told, method != AreaMethod::Planar, "{:?}", measured.issues);
    }
    // Nobody knows where it lies beside a layer of a zone.
    let zone = layer(Crs::parse("EPSG:4548").expect("known"), &[vec![vec![square()]]]);
    let frame = Frame::for_layer(&zone, AreaMethod::Survey).expect("a frame");
    assert!(frame.projector(&local.crs).is_err());
}

#[test]
fn layers_over_the_antimeridian_stay_in_one_piece() {
    let ring = |a: f64, b: f64| closed(vec![c(a, -17.0), c(b, -17.0), c(b, -16.5), c(a, -16.5)]);
    let split = layer(Crs::cgcs2000(), &[vec![vec![ring(179.5, -179.5)]], vec![vec![ring(179.0, 179.4)]]]);
    let measured = areas(&split, AreaMethod::Survey);
    assert_eq!(measured.frame, "CGCS2000 / 3-degree Gauss-Kruger CM 180E");
    assert!(measured.issues.is_empty(), "{:?}", measured.issues);
    let geodesic = areas(&split, AreaMethod::Geodesic);
    for (a, b) in measured.exact.iter().zip(&geodesic.exact) {
        assert!((a / b - 1.0).abs() < 1e-4, "{a} {b}");
    }
}

#[test]
fn the_number_of_threads_changes_no_digit() {
    let features: Vec<_> = (0..5_000)
        .map(|i| {
            let (x, y) = (f64::from(i % 100) * 97.3, f64::from(i / 100) * 83.9);
            vec![vec![closed(square(c(400_000.0 + x, 4_000_000.0 + y), 1e3 + f64::from(i)))]]
        })
        .collect();
    let layer = layer(Crs::parse("EPSG:4548").expect("known"), &features);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| areas(&layer, AreaMethod::Survey))
    };
    let one = with(1);
    assert_eq!(one, with(3));
    assert_eq!(one.exact_total().m2().to_bits(), with(2).exact_total().m2().to_bits());
}

#[test]
fn a_web_mercator_layer_is_measured_on_the_ground() {
    let mercator = Crs::parse("EPSG:3857").expect("known");
    let ring = closed(vec![c(117.0, 36.8), c(117.01, 36.8), c(117.01, 36.81), c(117.0, 36.81)]);
    let mut projected = ring.clone();
    Reprojector::new(&Crs::wgs84(), &mercator).expect("PROJ").convert(&mut projected).expect("on the map");
    let on_ground = areas(&layer(Crs::wgs84(), &[vec![vec![ring]]]), AreaMethod::Survey);
    let layer = layer(mercator, &[vec![vec![projected]]]);
    let measured = areas(&layer, AreaMethod::Survey);
    assert!((measured.exact[0] / on_ground.exact[0] - 1.0).abs() < 1e-9);
    assert_eq!(kinds(&measured), [("wgs84-as-cgcs2000", None)]);
    let planar = areas(&layer, AreaMethod::Planar);
    assert!((planar.exact[0] / measured.exact[0] - 1.563).abs() < 0.002, "56 % too large");
}

#[test]
fn a_coordinate_without_image_spoils_its_own_feature_only() {
    let utm = Crs::parse("EPSG:32650").expect("known");
    let good = vec![vec![closed(square(c(500_000.0, 4_000_000.0), 1e4))]];
    let bad = vec![vec![closed(vec![c(5e5, 4e6), c(1e12, 4e6), c(5e5, 4.1e6)])]];
    let layer = layer(utm, &[good.clone(), bad.clone(), good.clone(), bad, good]);
    let measured = areas(&layer, AreaMethod::Survey);
    assert_eq!(kinds(&measured), [("wgs84-as-cgcs2000", None), ("no-image", Some(1)), ("no-image", Some(3))]);
    // Scale 0.9996 on the meridian: the ground is larger.
    assert!((measured.exact[0] / 1e4 - 1.0 / 0.9996f64.powi(2)).abs() < 1e-6, "{:?}", measured.exact);
    assert_eq!((measured.exact[2], measured.exact[4], measured.exact[1]), (measured.exact[0], measured.exact[0], 0.0));
}

#[test]
fn one_feature_shows_every_method_and_says_why_they_differ() {
    let village = golden().swap_remove(1);
    let rings: Vec<Vec<Coord>> = village.rings.iter().map(|r| closed(r.clone())).collect();
    let layer = layer(Crs::parse("EPSG:4548").expect("known"), &[vec![rings]]);
    let frame = Frame::for_layer(&layer, AreaMethod::Survey).expect("a frame");
    let areas = feature_areas(&layer, &frame, 0).expect("measured");
    assert_eq!(areas.survey.printed, village.official_2dp);
    assert!((areas.geodesic.m2() - village.geodesic).abs() < 1e-3);
    assert!((areas.planar.expect("metres").m2() - village.planar).abs() < 1e-6);
    let keys: Vec<_> = areas.explanations.iter().map(|m| m.key).collect();
    assert_eq!(keys, ["measure.planar-zone", "measure.printed-rounding"]);
    for language in [Language::Chinese, Language::English] {
        println!("{}", areas.explanations[0].text(language));
    }
    assert!(areas.explanations[0].text(Language::English).contains("21.0 km from the central meridian"));
    let (ground, map) = (areas.perimeter.geodesic.m(), areas.perimeter.planar.expect("metres").m());
    assert!(map > ground && map / ground - 1.0 < 1e-5, "{map} {ground}");
    assert_eq!(feature_length(&layer, 0).expect("measured"), areas.perimeter);
    let all = lengths(&layer, &Progress::new()).expect("measured");
    assert!((all.geodesic[0] - ground).abs() < 1e-6 && (all.planar.expect("metres")[0] - map).abs() < 1e-6);
}

#[test]
fn the_ruler_measures_in_the_project_crs() {
    let ruler = Ruler::new(&Crs::cgcs2000()).expect("a ruler");
    let path = ruler.path(&[c(117.0, 36.8), c(117.0, 36.81), c(117.01, 36.81)]).expect("measured");
    assert_eq!(path.segments.len(), 2);
    // A hundredth of a degree of the meridian at 36.8°, GeographicLib.
    assert!((path.segments[0].m() - 1_109.7).abs() < 0.5, "{path:?}");
    assert_eq!((path.planar, path.geodesic.m()), (None, path.segments.iter().map(|s| s.m()).sum::<f64>()));
    let outline = [c(117.0, 36.8), c(117.01, 36.8), c(117.01, 36.81)];
    let areas = ruler.outline(&outline).expect("measured");
    assert_eq!(areas.survey_frame, "CGCS2000 / 3-degree Gauss-Kruger CM 117E");
    assert!((areas.survey.exact / areas.geodesic.m2() - 1.0).abs() < 1e-6 && areas.planar.is_none());
    assert!(ruler.outline(&outline[..2]).expect("measured").survey.exact.abs() < 1e-6);
    assert_eq!(ruler.outline(&[]).expect("measured").survey.exact, 0.0);

    let zone = Ruler::new(&Crs::parse("EPSG:4527").expect("known")).expect("a ruler");
    let square = square(c(39_500_000.0, 4_075_000.0), 1e6);
    let areas = zone.outline(&square).expect("measured");
    assert!((areas.planar.expect("metres").m2() - 1e6).abs() < 1e-6 && (areas.survey.printed - 1e6).abs() < 0.02);
    assert_eq!(areas.explanations[0].key, "measure.planar-same");
    assert!((areas.perimeter.planar.expect("metres").m() - 4_000.0).abs() < 1e-6);
    assert!(zone.path(&[c(f64::NAN, 0.0)]).is_err());
}

#[test]
fn a_line_has_its_length_on_the_ground_and_on_the_map() {
    let mut builder = GeometryBuilder::new(GeometryKind::Line);
    for c in [c(500_000.0, 4e6), c(500_300.0, 4e6), c(500_300.0, 4_000_400.0)] {
        builder.coord(c);
    }
    builder.end_ring();
    builder.end_feature();
    let mut lines = layer(Crs::parse("EPSG:32650").expect("known"), &[vec![]]);
    lines.blocks[0].geometry = std::sync::Arc::new(builder.finish());
    lines.kind = GeometryKind::Line;
    let measured = lengths(&lines, &Progress::new()).expect("measured");
    assert_eq!(measured.planar, Some(vec![700.0]));
    assert!((measured.geodesic[0] - 700.0 / 0.9996).abs() < 1e-3, "{:?}", measured.geodesic);
    assert_eq!(areas(&lines, AreaMethod::Survey).exact, [0.0]);
}
