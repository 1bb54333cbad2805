//! Corrections that lead back to what is known, and parameters that are none.

use super::*;
use crate::crs::gcj02::gcj02_from_wgs84;

fn crs(code: u32) -> Crs {
    Crs::from_epsg(code).expect("known")
}

fn convert(correction: &Correction, x: f64, y: f64) -> Option<Coord> {
    correction.prepare().expect("can be made").convert_one(Coord { x, y })
}

fn near(found: Option<Coord>, x: f64, y: f64, tolerance: f64) {
    let found = found.expect("has a place");
    assert!((found.x - x).abs() <= tolerance && (found.y - y).abs() <= tolerance, "{found:?} is not {x}, {y}");
}

#[test]
fn degrees_are_taken_out_of_digits() {
    let check = |packing: Packing, packed: f64, expected: Option<f64>| {
        let found = packing.degrees(packed);
        let same = match (found, expected) {
            (Some(found), Some(expected)) => (found - expected).abs() < 1e-12,
            (found, expected) => found == expected,
        };
        assert!(same, "{packing:?} {packed}: {found:?}");
    };
    check(Packing::Whole, 1_170_930.25, Some(117.0 + 9.0 / 60.0 + 30.25 / 3600.0));
    check(Packing::Whole, -363_000.0, Some(-36.5));
    check(Packing::Whole, 1_176_000.0, None);
    check(Packing::Whole, 1_170_961.0, None);
    check(Packing::Decimal, 117.093025, Some(117.0 + 9.0 / 60.0 + 30.25 / 3600.0));
    // 117.30 is 117.2999… in binary, 36.5959 ends with 59 seconds.
    check(Packing::Decimal, 117.30, Some(117.5));
    check(Packing::Decimal, 36.5959, Some(36.0 + 59.0 / 60.0 + 59.0 / 3600.0));
    check(Packing::Decimal, 117.61, None);
    for hostile in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, -1e300] {
        check(Packing::Whole, hostile, None);
        check(Packing::Decimal, hostile, None);
    }
}

#[test]
fn a_web_map_is_undone_in_degrees_and_in_a_plane() {
    let place = Coord { x: 117.0, y: 36.8 };
    let there = gcj02_from_wgs84(place);
    near(
        convert(&Correction::unscrambled(WebMap::Gcj02, Crs::cgcs2000(), false), there.x, there.y),
        117.0,
        36.8,
        1e-10,
    );
    let to_plane = Reprojector::new(&Crs::wgs84(), &crs(4527)).expect("one datum");
    let (plane, truth) = (to_plane.convert_one(there).expect("in it"), to_plane.convert_one(place).expect("in it"));
    let undone = convert(&Correction::unscrambled(WebMap::Gcj02, crs(4527), false), plane.x, plane.y);
    near(undone, truth.x, truth.y, 1e-4);
    assert_eq!(convert(&Correction::unscrambled(WebMap::Bd09, Crs::wgs84(), false), f64::NAN, 36.0), None);
}

#[test]
fn seven_parameters_of_nothing_change_nothing_but_the_ellipsoid() {
    let datum = |from: Crs, to: Crs, values: [f64; 7], convention: Convention| Correction {
        kind: CorrectionKind::Datum(SevenParameters::new(values, convention).expect("in range")),
        from,
        to,
        swap_axes: false,
    };
    // Of one ellipsoid: CGCS2000 as if it were another datum.
    let nothing = datum(crs(4548), crs(4548), [0.0; 7], Convention::PositionVector);
    near(convert(&nothing, 498_604.10, 4_081_204.55), 498_604.10, 4_081_204.55, 1e-6);
    // By hand: on the equator at 90° E, ΔY lifts and ΔX moves west: −ΔX / a radians of longitude.
    let moved =
        datum(Crs::cgcs2000(), Crs::cgcs2000(), [100.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], Convention::PositionVector);
    near(convert(&moved, 90.0, 0.0), 90.0 - (100.0_f64 / 6_378_137.0).to_degrees(), 0.0, 1e-9);
    // A rotation about Z by one second turns longitude by one second, east by the vector and west by the frame.
    for (convention, sign) in [(Convention::PositionVector, 1.0), (Convention::CoordinateFrame, -1.0)] {
        let turned = datum(Crs::cgcs2000(), Crs::cgcs2000(), [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0], convention);
        near(convert(&turned, 117.0, 36.8), 117.0 + sign / 3600.0, 36.8, 1e-9);
    }
    // From Xian 1980 into the same zone of CGCS2000: about as far as the translation says.
    let xian = crs(2384);
    let to = on_cgcs2000(&xian).expect("has one");
    assert_eq!(to.code(), "EPSG:4548");
    let values = [10.0, -20.0, 30.0, 0.5, -0.4, 0.3, -2.0];
    let there = convert(&datum(xian, to, values, Convention::PositionVector), 500_000.0, 4_070_000.0).expect("in it");
    let off = (there.x - 500_000.0).hypot(there.y - 4_070_000.0);
    assert!((1.0..120.0).contains(&off), "{off}");
    assert!(matches!(
        Correction {
            kind: CorrectionKind::Datum(SevenParameters::default()),
            from: crs(26_915),
            to: crs(4548),
            swap_axes: false
        }
        .prepare(),
        Err(CrsError::Unsupported(_))
    ));
}

#[test]
fn parameters_out_of_range_are_refused_by_name() {
    let refused = |at: usize, value: f64| {
        let mut values = [0.0; 7];
        values[at] = value;
        SevenParameters::new(values, Convention::PositionVector).err().map(|error| error.index)
    };
    for (at, value) in [(0, 1000.1), (2, f64::NAN), (3, 61.0), (5, f64::INFINITY), (6, -101.0)] {
        assert_eq!(refused(at, value), Some(at), "{value}");
    }
    assert_eq!(refused(1, -999.0), None);
    let of = |values: [f64; 7]| {
        SevenParameters::new(values, Convention::PositionVector).expect("in range").looks_wrong().map(|m| m.key)
    };
    assert_eq!(of([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.000_001_2]), Some("crs.seven-looks-factor"));
    assert_eq!(of([1.0, 2.0, 3.0, 4e-6, 2e-6, 0.0, 3.1]), Some("crs.seven-looks-radians"));
    assert_eq!(of([1.0, 2.0, 3.0, 1.1, -0.2, 0.4, 3.1]), None);
}
