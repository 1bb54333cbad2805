//! Files of one parcel layer, written in every way that coordinates come in, held against the layer itself.

use super::*;
use crate::crs::correction::Packing;
use crate::crs::gcj02::{bd09_from_gcj02, gcj02_from_wgs84};
use crate::doctor::tests::{block, corners, crs, layer, mapped};
use crate::io::{OpenOptions, open_bytes};
use crate::model::{GeometryBuilder, GeometryKind};
use crate::text::Language;

/// The parcels, and their corners as a file would have them.
fn parcels() -> Layer {
    layer("地类图斑", crs(4490), &corners(), 0.0004, Vec::new())
}

/// What the doctor says of a file with the parcels' coordinates put through `map`, held against the parcels.
fn diagnosed(map: impl Fn(Coord) -> Coord, against: &[&Layer]) -> Diagnosis {
    diagnosed_as(None, map, against)
}

fn diagnosed_as(declared: Option<&str>, map: impl Fn(Coord) -> Coord, against: &[&Layer]) -> Diagnosis {
    let file = mapped(&parcels(), "文件", map);
    let features: Vec<String> = (0..file.feature_count())
        .map(|i| {
            let (block, row) = file.locate(i);
            let ring: Vec<String> =
                block.geometry.feature_coords(row).iter().map(|c| format!("[{:?},{:?}]", c.x, c.y)).collect();
            let ring = ring.join(",");
            format!(
                r#"{{"type":"Feature","properties":{{}},"geometry":{{"type":"Polygon","coordinates":[[{ring}]]}}}}"#
            )
        })
        .collect();
    let label =
        declared.map_or(String::new(), |name| format!(r#""crs":{{"type":"name","properties":{{"name":"{name}"}}}},"#));
    let text = format!(r#"{{"type":"FeatureCollection",{label}"features":[{}]}}"#, features.join(","));
    let opened = open_bytes("a.geojson", text.into_bytes(), &OpenOptions::default(), &Progress::new()).expect("opens");
    let patient = Patient { decision: &opened.decision, sample: &opened.sample, layers: &opened.layers };
    diagnose(&patient, against, &Progress::new()).expect("not cancelled")
}

fn to_plane(code: u32) -> impl Fn(Coord) -> Coord {
    let way = Reprojector::new(&crs(4490), &crs(code)).expect("one datum");
    move |c| way.convert_one(c).expect("in the zone")
}

/// Code, exchange and correction of the first reading.
fn first(diagnosis: &Diagnosis) -> (String, bool, Option<CorrectionKind>) {
    let first = diagnosis.readings.first().expect("has readings");
    let kind = first.correction.as_ref().map(|correction| correction.kind);
    // Degrees on WGS 84 and on CGCS2000 are the same.
    let code = if first.crs().has_same_coordinates(&Crs::cgcs2000()) { "EPSG:4490" } else { first.crs().code() };
    (code.to_owned(), first.hypothesis.swap_axes, kind)
}

#[test]
fn every_way_of_writing_the_same_parcels_is_told_by_an_open_layer() {
    let parcels = parcels();
    let open = [&parcels];
    let check = |diagnosis: Diagnosis, code: &str, swap: bool, kind: Option<CorrectionKind>| {
        assert_eq!(first(&diagnosis), (code.to_owned(), swap, kind), "{:#?}", &diagnosis.readings[..2]);
        let first = &diagnosis.readings[0];
        assert!(first.near.is_some_and(|near| near.median_m < 0.5), "{first:?}");
        assert_eq!(first.badge, Badge::Likeliest, "{:#?}", &diagnosis.readings[..3]);
        assert!(first.reference.as_ref().is_some_and(|reference| reference.overlap > 0.9));
    };
    let swap = |c: Coord| Coord { x: c.y, y: c.x };
    let scaled = |factor: f64| move |c: Coord| Coord { x: c.x * factor, y: c.y * factor };
    check(diagnosed(|c| c, &open), "EPSG:4490", false, None);
    check(diagnosed(swap, &open), "EPSG:4490", true, None);
    check(diagnosed(to_plane(4548), &open), "EPSG:4548", false, None);
    check(diagnosed(to_plane(4527), &open), "EPSG:4527", false, None);
    check(diagnosed(|c| swap(to_plane(4527)(c)), &open), "EPSG:4527", true, None);
    // Drawn in the neighbouring zone, whatever its label says.
    check(diagnosed(to_plane(4549), &open), "EPSG:4549", false, None);
    check(diagnosed_as(Some("EPSG:4548"), to_plane(4549), &open), "EPSG:4549", false, None);
    check(diagnosed(to_plane(3857), &open), "EPSG:3857", false, None);
    let exchanged = Some(CorrectionKind::Exchanged);
    check(diagnosed(|c| swap(to_plane(3857)(c)), &open), "EPSG:3857", true, exchanged);
    let unit = |unit: LengthUnit| Some(CorrectionKind::Scaled(unit));
    check(diagnosed(|c| scaled(1.0 / 0.3048)(to_plane(4548)(c)), &open), "EPSG:4548", false, unit(LengthUnit::Foot));
    check(diagnosed(|c| scaled(1000.0)(to_plane(4548)(c)), &open), "EPSG:4548", false, unit(LengthUnit::Millimetre));
    check(diagnosed(|c| scaled(0.001)(to_plane(4527)(c)), &open), "EPSG:4527", false, unit(LengthUnit::Kilometre));
    for (map, kind) in [(WebMap::Gcj02, false), (WebMap::Bd09, true)] {
        let scramble = move |c: Coord| {
            let c = gcj02_from_wgs84(c);
            if kind { bd09_from_gcj02(c) } else { c }
        };
        let undone = Some(CorrectionKind::Unscrambled(map));
        check(diagnosed(scramble, &open), "EPSG:4490", false, undone);
        check(diagnosed(|c| to_plane(4548)(scramble(c)), &open), "EPSG:4548", false, undone);
    }
    let pack = |v: f64, packing: Packing| {
        let (d, m) = (v.trunc(), (v.fract() * 60.0).trunc());
        let s = (v.fract() * 60.0 - m) * 60.0;
        if packing == Packing::Whole { d * 1e4 + m * 100.0 + s } else { d + m / 100.0 + s / 1e4 }
    };
    for packing in Packing::ALL {
        let packed = |c: Coord| Coord { x: pack(c.x, packing), y: pack(c.y, packing) };
        let kind = Some(CorrectionKind::Unpacked(packing));
        check(diagnosed(packed, &open), "EPSG:4490", false, kind);
        check(diagnosed(|c| swap(packed(c)), &open), "EPSG:4490", true, kind);
    }
}

#[test]
fn a_number_of_the_wrong_zone_is_told_by_an_open_layer() {
    let parcels = parcels();
    // Eastings over 117°, numbered 38.
    let diagnosis = diagnosed(
        |c| {
            let c = to_plane(4548)(c);
            Coord { x: c.x + 38e6, y: c.y }
        },
        &[&parcels],
    );
    let first = &diagnosis.readings[0];
    assert_eq!(first.hypothesis.reason.key, "doctor.reading-misnumbered", "{first:#?}");
    assert!(first.near.is_some_and(|near| near.median_m < 0.5), "{first:#?}");
}

#[test]
fn noise_and_other_vertices_do_not_hide_a_web_map() {
    let parcels = parcels();
    // Other vertices on the same edges, a few metres beside, and a third of the parcels elsewhere.
    let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
    for (i, (x, y)) in corners().into_iter().enumerate() {
        let noise = |k: usize| 0.000_03 * ((i * 7 + k * 13) % 11) as f64 / 11.0;
        let (x, y) = if i % 3 == 0 { (x + 0.0021, y - 0.0017) } else { (x, y) };
        let ring = [(0.3, 0.0), (1.0, 0.4), (0.6, 1.0), (0.0, 0.7), (0.3, 0.0)];
        let mut ring: Vec<Coord> = ring
            .iter()
            .enumerate()
            .map(|(k, (dx, dy))| Coord { x: x + 0.0004 * dx + noise(k), y: y + 0.0004 * dy + noise(k + 1) })
            .map(gcj02_from_wgs84)
            .collect();
        ring[4] = ring[0];
        builder.polygon(&[vec![ring]]);
    }
    let moved = block("高德", crs(4490), builder, Vec::new());
    let found = web_map::suspect_by_vertices(&moved, &[&parcels], &Progress::new()).expect("not cancelled");
    let found = found.expect("is found");
    assert_eq!(found.map, WebMap::Gcj02);
    assert!(found.median_m.is_some_and(|[before, after]| after < 0.5 * before), "{found:?}");
    // The true one, with the same noise, is none, nor is another theme beside it.
    let honest = mapped(&moved, "真", crate::crs::gcj02::wgs84_from_gcj02);
    assert_eq!(web_map::suspect_by_vertices(&honest, &[&parcels], &Progress::new()), Ok(None));
    let elsewhere = mapped(&parcels, "别的", |c| Coord {
        x: c.x + 0.0007 * (c.y * 900.0).sin(),
        y: c.y + 0.0007 * (c.x * 700.0).cos(),
    });
    assert_eq!(web_map::suspect_by_vertices(&elsewhere, &[&parcels], &Progress::new()), Ok(None));
}

#[test]
fn without_open_layers_the_numbers_alone_rank() {
    let plain = diagnosed(|c| c, &[]);
    assert_eq!(first(&plain).2, None);
    assert!(plain.readings.iter().all(|reading| reading.reference.is_none() && reading.near.is_none()));
    // A web map is offered, last.
    let at = plain.readings.iter().position(|r| r.correction.is_some()).expect("is offered");
    assert!(at > 0 && plain.readings[at].score < 0.3);
    let said = plain.readings[0].title(Language::Chinese);
    assert!(said.contains("OGC:CRS84"), "{said}");
    assert!(
        plain.readings[0].position_text().starts_with("117.0")
            && plain.readings[0].residual_text(Language::English).is_empty()
    );
}

#[test]
fn hostile_numbers_have_no_reading_and_no_panic() {
    let empty = Sample::of(&[]);
    let decision = decide(&Clues { user: None, declared: None, format_default: None, sample: &empty });
    let patient = Patient { decision: &decision, sample: &empty, layers: &[] };
    let parcels = parcels();
    assert_eq!(diagnose(&patient, &[&parcels], &Progress::new()).expect("not cancelled").readings, []);
    for (x, y) in
        [(f64::MAX, f64::MIN), (1e300, -1e-300), (0.0, 0.0), (f64::INFINITY, 1.0), (1e9, 1e9), (-180.0, -90.0)]
    {
        let hostile = layer("敌", crs(4490), &[(x, y)], 0.0, Vec::new());
        let sample = Sample::of(hostile.blocks[0].geometry.coords());
        let decision = decide(&Clues { user: None, declared: None, format_default: None, sample: &sample });
        let layers = [hostile];
        let patient = Patient { decision: &decision, sample: &sample, layers: &layers };
        let diagnosis = diagnose(&patient, &[&parcels], &Progress::new()).expect("not cancelled");
        assert!(diagnosis.readings.iter().all(|reading| reading.score.is_finite()), "{x} {y}");
    }
    let progress = Progress::new();
    progress.cancel();
    let decision = decide(&Clues {
        user: None,
        declared: None,
        format_default: None,
        sample: &Sample::of(&[Coord { x: 117.0, y: 36.8 }]),
    });
    let layers = [parcels];
    let sample = Sample::of(layers[0].blocks[0].geometry.coords());
    let patient = Patient { decision: &decision, sample: &sample, layers: &layers };
    assert_eq!(diagnose(&patient, &[], &progress), Err(Cancelled));
}
