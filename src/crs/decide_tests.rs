//! The table test of the decision: every row of what coordinates in China look like, and every way a label can be wrong.

use geo_types::Coord;

use super::decide::*;
use super::*;

/// What a case states.
#[derive(Clone, Copy, Default)]
struct Said {
    user: Option<&'static str>,
    file: Option<&'static str>,
    /// Whether the format prescribes nothing, as a shapefile without `.prj`.
    no_default: bool,
}

const NOTHING: Said = Said { user: None, file: None, no_default: false };
const NO_DEFAULT: Said = Said { user: None, file: None, no_default: true };

const fn user(text: &'static str) -> Said {
    Said { user: Some(text), ..NOTHING }
}

const fn file(text: &'static str) -> Said {
    Said { file: Some(text), ..NOTHING }
}

fn decision(said: Said, coords: &[(f64, f64)]) -> Decision {
    let coords: Vec<Coord> = coords.iter().map(|(x, y)| Coord { x: *x, y: *y }).collect();
    decide(&Clues {
        user: said.user.map(|text| Crs::parse(text).expect("the user's CRS")),
        declared: said.file.map(Declared::new),
        format_default: (!said.no_default).then(Crs::wgs84),
        sample: &Sample::of(&coords),
    })
}

/// Checks code, source, swap and issues (keys without their floor) of a decision over two coordinates.
fn check(said: Said, coords: &[(f64, f64)], code: &str, source: CrsSource, swap: bool, issues: &[&str]) {
    let decision = decision(said, coords);
    let found: Vec<&str> = decision.issues.iter().map(|m| m.key.trim_start_matches("crs.")).collect();
    let got = (decision.crs.code(), decision.source, decision.swap_axes, found.as_slice());
    assert_eq!(got, (code, source, swap, issues), "user {:?}, file {:?}, {coords:?}", said.user, said.file);
    assert_eq!(decision.certain, source != CrsSource::Undecided);
    if let Some(first) = decision.hypotheses.first() {
        assert_eq!((&first.crs, first.swap_axes), (&decision.crs, decision.swap_axes));
    }
    let ranks: Vec<_> = decision.hypotheses.iter().map(|h| (h.crs.code(), h.score)).collect();
    assert!(ranks.is_sorted_by(|a, b| a.1 >= b.1), "{ranks:?}");
    for language in [Language::Chinese, Language::English] {
        for message in decision.issues.iter().chain([&decision.reason, &decision.observation]) {
            let text = message.text(language);
            assert!(!text.contains(['{', '}']) && text != message.key, "{text}");
        }
        for hypothesis in &decision.hypotheses {
            let text = hypothesis.text(language);
            assert!(!text.contains(['{', '}']) && !text.contains("crs."), "{text}");
        }
    }
}

// The start-up area in the spellings that files use.
const LON_LAT: &[(f64, f64)] = &[(117.0, 36.8), (117.2, 36.9)];
const LAT_LON: &[(f64, f64)] = &[(36.8, 117.0), (36.9, 117.2)];
const PREFIXED: &[(f64, f64)] = &[(39_498_604.1, 4_081_204.55), (39_508_924.4, 4_074_320.5)];
const PREFIXED_NORTH: &[(f64, f64)] = &[(4_081_204.55, 39_498_604.1), (4_074_320.5, 39_508_924.4)];
const PREFIXED_6: &[(f64, f64)] = &[(20_498_604.1, 4_081_204.55), (20_508_924.4, 4_074_320.5)];
const PLAIN: &[(f64, f64)] = &[(498_604.1, 4_081_204.55), (508_924.4, 4_074_320.5)];
const PLAIN_NORTH: &[(f64, f64)] = &[(4_081_204.55, 498_604.1), (4_074_320.5, 508_924.4)];
/// Jinan in Web Mercator: its remainder, 24 381, is no easting of any zone.
const MERCATOR: &[(f64, f64)] = &[(13_024_381.0, 4_410_000.0), (13_035_000.0, 4_415_000.0)];
/// Qingdao in Web Mercator, and 73.9° E in 6° zone 13.
const AMBIGUOUS: &[(f64, f64)] = &[(13_402_867.0, 4_314_390.0)];
const KASHGAR_13: &[(f64, f64)] = &[(13_585_000.0, 4_372_000.0), (13_590_000.0, 4_380_000.0)];

use CrsSource::{File, Format, Numbers, Undecided, User};

#[test]
fn what_is_stated_is_taken_where_the_numbers_fit() {
    check(NOTHING, LON_LAT, "OGC:CRS84", Format, false, &[]);
    check(NOTHING, &[(-93.2, 44.9), (-93.3, 45.0)], "OGC:CRS84", Format, false, &[]);
    check(NOTHING, &[], "OGC:CRS84", Format, false, &[]);
    check(NOTHING, &[(0.0, 0.0)], "OGC:CRS84", Format, false, &[]);
    check(file("urn:ogc:def:crs:EPSG::4490"), LON_LAT, "EPSG:4490", File, false, &[]);
    check(file("urn:ogc:def:crs:OGC:1.3:CRS84"), LON_LAT, "OGC:CRS84", File, false, &[]);
    check(file("urn:ogc:def:crs:EPSG::4527"), PREFIXED, "EPSG:4527", File, false, &[]);
    check(file("EPSG:4548"), PLAIN, "EPSG:4548", File, false, &[]);
    check(file("EPSG:4498"), PREFIXED_6, "EPSG:4498", File, false, &[]);
    check(file("EPSG:2363"), PREFIXED, "EPSG:2363", File, false, &[]);
    check(file("EPSG:32650"), PLAIN, "EPSG:32650", File, false, &[]);
    check(file("EPSG:3857"), MERCATOR, "EPSG:3857", File, false, &[]);
    check(file("EPSG:3857"), AMBIGUOUS, "EPSG:3857", File, false, &[]);
    check(file("EPSG:4491"), KASHGAR_13, "EPSG:4491", File, false, &[]);
    check(user("4527"), PREFIXED, "EPSG:4527", User, false, &[]);
    check(user("西安80"), LON_LAT, "EPSG:4610", User, false, &[]);
    let both = Said { user: Some("4527"), file: Some("EPSG:2363"), no_default: false };
    check(both, PREFIXED, "EPSG:4527", User, false, &["label-overruled"]);
    // A drawing in metres at the origin, because the user says so.
    check(user("EPSG:32650"), &[(0.0, 0.0), (100.0, 0.0), (100.0, 100.0)], "EPSG:32650", User, false, &[]);
    // A survey that reaches far beyond its zone.
    check(file("EPSG:4527"), &[(38_990_000.0, 4_081_204.0)], "EPSG:4527", File, false, &[]);
    check(file("EPSG:4548"), &[(-120_000.0, 4_081_204.0)], "EPSG:4548", File, false, &[]);
}

#[test]
fn swapped_axes_are_put_right() {
    check(NOTHING, LAT_LON, "OGC:CRS84", Format, true, &["latitude-first"]);
    check(file("EPSG:4490"), LAT_LON, "EPSG:4490", File, true, &["latitude-first"]);
    check(file("EPSG:4527"), PREFIXED_NORTH, "EPSG:4527", File, true, &["northing-first"]);
    check(user("EPSG:4548"), PLAIN_NORTH, "EPSG:4548", User, true, &["northing-first"]);
    check(NOTHING, &[(-93.2, 45.0), (-93.1, 44.9), (-33.9, 151.2)], "OGC:CRS84", Format, false, &["strays"]);
    check(NOTHING, &[(-33.9, 151.2)], "OGC:CRS84", Format, true, &["latitude-first"]);
    // Kashgar with latitude first, or the Arctic Ocean with longitude first.
    check(NOTHING, &[(39.5, 76.0)], "OGC:CRS84", Undecided, true, &["latitude-first", "undecided"]);
}

#[test]
fn numbers_overrule_what_they_contradict() {
    let assumed = &["format-contradicted", "datum-assumed"];
    check(NOTHING, PREFIXED, "EPSG:4527", Numbers, false, assumed);
    check(NOTHING, PREFIXED_6, "EPSG:4498", Numbers, false, assumed);
    check(
        NOTHING,
        PREFIXED_NORTH,
        "EPSG:4527",
        Numbers,
        true,
        &["format-contradicted", "northing-first", "datum-assumed"],
    );
    check(NOTHING, MERCATOR, "EPSG:3857", Numbers, false, &["format-contradicted"]);
    check(NO_DEFAULT, PREFIXED, "EPSG:4527", Numbers, false, &["datum-assumed"]);
    check(NO_DEFAULT, LON_LAT, "EPSG:4490", Numbers, false, &[]);
    check(NO_DEFAULT, MERCATOR, "EPSG:3857", Numbers, false, &[]);
    // Labels of the right datum but the wrong kind.
    check(file("EPSG:4490"), PREFIXED, "EPSG:4527", Numbers, false, &["label-contradicted"]);
    check(file("EPSG:4610"), PREFIXED, "EPSG:2363", Numbers, false, &["label-contradicted"]);
    check(file("EPSG:4527"), LON_LAT, "EPSG:4490", Numbers, false, &["label-contradicted"]);
    check(file("EPSG:4527"), LAT_LON, "EPSG:4490", Numbers, true, &["label-contradicted", "latitude-first"]);
    check(file("EPSG:3857"), LON_LAT, "OGC:CRS84", Numbers, false, &["label-contradicted"]);
    check(file("EPSG:26915"), &[(-93.2, 44.9), (-93.3, 45.0)], "OGC:CRS84", Numbers, false, &["label-contradicted"]);
    // The stated meridian with the prefix that the numbers show.
    check(file("EPSG:4548"), PREFIXED, "EPSG:4527", Numbers, false, &["label-contradicted"]);
    check(file("EPSG:4527"), PLAIN, "EPSG:4548", Numbers, false, &["label-contradicted"]);
    check(user("4548"), PREFIXED, "EPSG:4527", Numbers, false, &["user-contradicted"]);
    check(user("4527"), PLAIN_NORTH, "EPSG:4548", Numbers, true, &["user-contradicted", "northing-first"]);
    check(user("2384"), PREFIXED, "EPSG:2363", Numbers, false, &["user-contradicted"]);
}

#[test]
fn what_is_in_doubt_is_asked() {
    // Six-digit eastings: the meridian is unknown.
    let asked = &["format-contradicted", "datum-assumed", "undecided"];
    check(NOTHING, PLAIN, "EPSG:4548", Undecided, false, asked);
    let swapped = &["format-contradicted", "northing-first", "datum-assumed", "undecided"];
    check(NOTHING, PLAIN_NORTH, "EPSG:4548", Undecided, true, swapped);
    // Web Mercator of the coast, or 6° zone 13 at the western border.
    check(NOTHING, AMBIGUOUS, "EPSG:3857", Undecided, false, &["format-contradicted", "undecided"]);
    check(NOTHING, KASHGAR_13, "EPSG:3857", Undecided, false, &["format-contradicted", "undecided"]);
    // The same range further south is in China only as Web Mercator.
    check(NOTHING, &[(13_400_000.0, 3_500_000.0)], "EPSG:3857", Numbers, false, &["format-contradicted"]);
    // Another zone than the label's, and a user who contradicts the numbers.
    check(file("EPSG:4528"), PREFIXED, "EPSG:4527", Undecided, false, &["label-contradicted", "undecided"]);
    check(user("4527"), LON_LAT, "EPSG:4490", Undecided, false, &["user-contradicted", "undecided"]);
    check(user("4490"), PREFIXED, "EPSG:4527", Undecided, false, &["user-contradicted", "undecided"]);
    // The first meridian of the list was picked: the place is outside China.
    let canton: &[(f64, f64)] = &[(430_000.0, 2_560_000.0)];
    check(file("EPSG:4534"), canton, "EPSG:4534", Undecided, false, &["outside-china", "undecided"]);
    check(user("EPSG:4534"), canton, "EPSG:4534", User, false, &["outside-china"]);
    // Labels that mean nothing.
    check(file("EPSG:999999"), LON_LAT, "OGC:CRS84", Undecided, false, &["label-unknown", "undecided"]);
    check(file("GCJ-02"), LON_LAT, "OGC:CRS84", Undecided, false, &["label-scrambled", "undecided"]);
    check(user("4490"), LON_LAT, "EPSG:4490", User, false, &[]);
    let named = Said { user: Some("4490"), file: Some("济南地方坐标系"), no_default: false };
    check(named, LON_LAT, "EPSG:4490", User, false, &["label-unknown"]);
    // Nothing fits: a local system.
    check(NOTHING, &[(51_234.5, 38_211.9)], "OGC:CRS84", Undecided, false, &["no-reading-stated", "undecided"]);
    check(NO_DEFAULT, &[(51_234.5, 38_211.9)], "LOCAL", Undecided, false, &["no-reading"]);
    check(user("LOCAL"), LON_LAT, "LOCAL", User, false, &[]);
    check(file("LOCAL"), &[(0.0, 0.0), (100.0, 100.0)], "LOCAL", File, false, &[]);
}

#[test]
fn drawings_are_planes_of_their_own_unless_they_lie_in_china() {
    let check = |coords: &[(f64, f64)], code: &str, key: Option<&str>| {
        let coords: Vec<Coord> = coords.iter().map(|(x, y)| Coord { x: *x, y: *y }).collect();
        let sample = Sample::of(&coords);
        let drawing = Clues { user: None, declared: None, format_default: Some(Crs::local_plane()), sample: &sample };
        let decision = decide(&drawing);
        assert_eq!(decision.crs.code(), code, "{coords:?}");
        let told = decision.issues.iter().map(|issue| issue.key).find(|key| *key == "crs.local-plane");
        assert_eq!(told, key, "{coords:?}");
        if let Some(first) = decision.hypotheses.first() {
            assert_eq!(first.crs, decision.crs);
        }
        assert!(decision.hypotheses.is_sorted_by(|a, b| a.score >= b.score), "{:?}", decision.hypotheses);
    };
    let own = Some("crs.local-plane");
    check(&[(0.0, 0.0), (100.0, 0.0), (100.0, 100.0)], "LOCAL", own);
    check(&[(-6.0, -11.0), (18.0, 13.0)], "LOCAL", own);
    check(&[(80.0, 10.0), (130.0, 50.0)], "LOCAL", own);
    check(&[(51_234.5, 38_211.9)], "LOCAL", own);
    check(&[(130e6, 13e6)], "LOCAL", own);
    check(&[], "LOCAL", None);
    check(&[(39_489_000.0, 4_065_000.0)], "EPSG:4527", None);
    check(&[(489_000.0, 4_065_000.0)], "EPSG:4548", None);
    check(&[(117.0, 36.5), (117.4, 36.8)], "EPSG:4490", None);
    assert_eq!(Crs::parse("LOCAL").as_ref(), Ok(&Crs::local_plane()), "as projects keep it");
    let plane = Crs::local_plane();
    assert_eq!((plane.esri_wkt(), plane.ogc_wkt(), plane.projjson(), plane.epsg()), (None, None, None, None));
    assert!(plane.reference_in(Language::Chinese).starts_with("本地平面坐标"));
    for other in [Crs::cgcs2000(), Crs::from_epsg(4527).expect("a zone")] {
        let way = Reprojector::new(&plane, &other).map(|_| ());
        assert!(matches!(way, Err(CrsError::NeedsParameters { .. })), "{}", other.code());
    }
    assert!(Reprojector::new(&plane, &plane.geographic()).is_ok());
}

#[test]
fn strays_and_mixed_zones_are_counted() {
    let mut coords = vec![(39_500_000.0, 4_080_000.0); 98];
    coords.extend([(0.0, 0.0), (117.0, 36.0)]);
    check(file("EPSG:4527"), &coords, "EPSG:4527", File, false, &["strays"]);
    let mut coords = vec![(39_500_000.0, 4_080_000.0); 60];
    coords.extend(vec![(40_300_000.0, 4_080_000.0); 40]);
    check(file("EPSG:4527"), &coords, "EPSG:4527", Undecided, false, &["mixed-zones", "undecided"]);
    let decision = decision(file("EPSG:4527"), &coords);
    assert_eq!(
        decision.issues[0].text(Language::English),
        "Coordinates of two zones in one file: 60 in zone 39, 40 in zone 40; the latter lie in the wrong place"
    );
    let mut coords = LON_LAT.to_vec();
    coords.push((0.0, 0.0));
    check(NOTHING, &coords, "OGC:CRS84", Format, false, &["strays"]);
}

#[test]
fn readings_without_meridian_are_ranked_and_placed() {
    let decision = decision(NOTHING, PLAIN);
    let codes: Vec<&str> = decision.hypotheses.iter().map(|h| h.crs.code()).collect();
    assert!(codes[..3].contains(&"EPSG:4548") && codes[..4].contains(&"EPSG:4549"), "{codes:?}");
    assert!(codes.contains(&"EPSG:2384"), "{codes:?}");
    let jinan = &decision.hypotheses[0];
    assert_eq!(jinan.text(Language::Chinese), "坐标范围符合；位置在济南以北约 21 km");
    assert_eq!(
        decision.observation.text(Language::Chinese),
        "首点（498,604.10, 4,081,204.55）：东在前、北在后，投影坐标，无带号"
    );
    let at = jinan.position.expect("in the zone");
    assert!((at.x - 117.04).abs() < 0.02 && (at.y - 36.83).abs() < 0.02, "{at:?}");
    // 250 km from the meridian no 3° zone reaches at 36.8° N: the 6° zones come in.
    let wide = super::decide_tests::decision(NOTHING, &[(250_000.0, 4_081_204.0)]);
    assert_eq!(wide.hypotheses[0].crs.gauss_kruger().map(|z| z.width_deg), Some(6), "{:?}", wide.hypotheses[0]);
}

#[test]
fn samples_merge_as_if_read_at_once() {
    let coords: Vec<Coord> = PREFIXED.iter().chain(LON_LAT).chain(PLAIN).map(|(x, y)| Coord { x: *x, y: *y }).collect();
    let mut merged = Sample::of(&coords[..3]);
    merged.merge(&Sample::of(&coords[3..]));
    assert_eq!(merged, Sample::of(&coords));
    assert_eq!((merged.coord_count(), merged.first()), (6, Some(coords[0])));
    let nothing = Sample::of(&[Coord { x: f64::NAN, y: 1.0 }, Coord { x: 1.0, y: f64::INFINITY }]);
    assert_eq!((nothing.coord_count(), nothing.majority()), (0, None));
}

#[test]
fn samples_are_counted_at_once_as_one_by_one() {
    // Around each place, across the edges of zones and shapes, and with what is no number among them.
    let places = [(117.0, 36.7), (39_491_586.0, 4_081_204.0), (38_999_990.0, 4_081_204.0), (498_604.0, 4_081_204.0)];
    let more = [(849_990.0, 4_081_204.0), (36.7, 117.0), (0.0, 0.0), (20_491_586.0, 4_081_204.0), (13e6, 4.4e6)];
    let mut coords = Vec::new();
    for (x, y) in places.into_iter().chain(more) {
        coords.extend((0..700).map(|at| Coord { x: x + f64::from(at % 29), y: y + f64::from(at % 23) / 10.0 }));
    }
    coords.extend((0..600).map(|at| Coord { x: if at == 300 { f64::NAN } else { 117.0 }, y: 36.7 }));
    let mut one_by_one = Sample::new();
    coords.iter().for_each(|c| one_by_one.add(*c));
    assert_eq!(Sample::of(&coords), one_by_one);
    for start in [1, 100, 255, 700, 1399] {
        let mut rest = Sample::new();
        coords[start..].iter().for_each(|c| rest.add(*c));
        assert_eq!(Sample::of(&coords[start..]), rest, "from {start}");
    }
}

proptest::proptest! {
    /// Any numbers under any label give a decision, without panic, that is listed first among the readings.
    #[test]
    fn every_clue_gives_a_decision(
        coords in proptest::collection::vec((-5e7..5e7f64, -5e7..5e7f64), 0..5),
        scale in 0..8i32,
        label in proptest::option::of(0..8usize),
    ) {
        const LABELS: [&str; 8] =
            ["EPSG:4527", "EPSG:4548", "EPSG:4490", "EPSG:3857", "EPSG:32650", "x", "EPSG:2363", "OGC:CRS84"];
        let shrink = 10f64.powi(-scale);
        let coords: Vec<Coord> = coords.iter().map(|(x, y)| Coord { x: x * shrink, y: y * shrink }).collect();
        let decision = decide(&Clues {
            user: None,
            declared: label.map(|i| Declared::new(LABELS[i])),
            format_default: Some(Crs::wgs84()),
            sample: &Sample::of(&coords),
        });
        proptest::prop_assert_eq!(decision.certain, decision.source != CrsSource::Undecided);
        if let Some(first) = decision.hypotheses.first() {
            proptest::prop_assert_eq!((&first.crs, first.swap_axes), (&decision.crs, decision.swap_axes));
        }
    }
}

#[test]
fn a_file_without_coordinates_fits_nothing() {
    for said in [NOTHING, NO_DEFAULT] {
        assert_eq!(decision(said, &[]).reason.key, "crs.seen-nothing");
    }
    assert_eq!(decision(file("EPSG:4527"), &[]).reason.key, "crs.reason-file");
}
