//! Tests of names, tables and conversions.

use geo_types::Coord;

use super::*;

#[test]
fn zones_of_the_formulae_are_those_of_the_fixture() {
    let rows: Vec<String> = china_table()
        .iter()
        .map(|row| {
            let zone = row.zone;
            format!(
                "{},{},{},{},{},{},{},{},{}",
                row.epsg,
                row.name,
                zone.datum.name().replace(' ', ""),
                zone.width_deg,
                zone.zone,
                u8::from(zone.prefixed),
                zone.central_meridian_deg,
                zone.false_easting_m,
                row.esri_name
            )
        })
        .collect();
    let expected: Vec<&str> = include_str!("../../tests/fixtures/epsg_china.csv").lines().skip(1).collect();
    assert_eq!(rows.len(), 192);
    assert_eq!(rows, expected);
}

#[test]
fn every_zone_is_found_by_number_and_by_either_name() {
    for row in china_table() {
        let expected = Crs::from_epsg(row.epsg).expect("a zone of China");
        assert_eq!(expected.gauss_kruger(), Some(row.zone));
        assert_eq!((expected.name(), expected.epsg()), (row.name.as_str(), Some(row.epsg)));
        for text in [
            row.epsg.to_string(),
            format!("EPSG:{}", row.epsg),
            format!("epsg::{}", row.epsg),
            format!("urn:ogc:def:crs:EPSG::{}", row.epsg),
            format!("urn:ogc:def:crs:EPSG:9.8:{}", row.epsg),
            format!("http://www.opengis.net/def/crs/EPSG/0/{}", row.epsg),
            row.name.clone(),
            row.esri_name.clone(),
        ] {
            assert_eq!(Crs::parse(&text).as_ref(), Ok(&expected), "{text}");
        }
    }
}

#[test]
fn names_as_planners_write_them() {
    let check = |text: &str, code: &str| match Crs::parse(text) {
        Ok(crs) => assert_eq!(crs.code(), code, "{text}"),
        Err(error) => panic!("{text}: {error}"),
    };
    check("CGCS2000 3度带 39带", "EPSG:4527");
    check("国家2000 中央经线117", "EPSG:4548");
    check("国家2000 3度带 中央子午线117°", "EPSG:4548");
    check("2000国家大地坐标系", "EPSG:4490");
    check("2000国家大地坐标系 3度分带 带号39", "EPSG:4527");
    check("CGCS2000_3_Degree_GK_Zone_39", "EPSG:4527");
    check("CGCS2000 / 3-degree Gauss-Kruger CM 117E", "EPSG:4548");
    check("ＣＧＣＳ２０００ ３度带 第39带", "EPSG:4527");
    check("CGCS2000 6度带 20带", "EPSG:4498");
    check("CGCS2000 20带", "EPSG:4498");
    check("CGCS2000 6度带 中央经线117", "EPSG:4509");
    check("西安80 3度带 39带", "EPSG:2363");
    check("1980西安坐标系 中央经线117°E", "EPSG:2384");
    check("西安80", "EPSG:4610");
    check("北京54 3度带 第39带", "EPSG:2415");
    check("Beijing 1954", "EPSG:4214");
    check("3度带39带", "EPSG:4527");
    check("国家2000 3度带 第39带 中央经线117", "EPSG:4527");
    check("国家2000 3度带 第39带 不加带号", "EPSG:4548");
    check("WGS84", "OGC:CRS84");
    check("WGS 84", "OGC:CRS84");
    check("GCS_WGS_1984", "OGC:CRS84");
    check("urn:ogc:def:crs:OGC:1.3:CRS84", "OGC:CRS84");
    check("OGC:CRS84", "OGC:CRS84");
    check("EPSG:4326", "EPSG:4326");
    check("EPSG:4490+5737", "EPSG:4490");
    check("urn:ogc:def:crs,crs:EPSG::4490,crs:EPSG::5737", "EPSG:4490");
    check("GCS_China_Geodetic_Coordinate_System_2000", "EPSG:4490");
    check("WGS 84 / UTM zone 50N", "EPSG:32650");
    check("utm 50n", "EPSG:32650");
    check("web mercator", "EPSG:3857");
    check("EPSG:900913", "EPSG:3857");
    check("EPSG:26915", "EPSG:26915");
    check("NAD83 / UTM zone 15N", "EPSG:26915");
    check("ETRS89", "EPSG:4258");
}

#[test]
fn what_names_nothing_is_refused_with_its_reason() {
    let check = |text: &str, expected: fn(&CrsError) -> bool| match Crs::parse(text) {
        Ok(crs) => panic!("{text} was read as {}", crs.code()),
        Err(error) => assert!(expected(&error), "{text}: {error:?}"),
    };
    let unknown = |error: &CrsError| matches!(error, CrsError::Unknown(_));
    for text in [
        "",
        "  ",
        "EPSG:999999",
        "99",
        "坐标系",
        "CGCS2000 高斯克吕格",
        "CGCS2000 3度带 12带",
        "CGCS2000 3度带 39带 中央经线120",
        "济南地方坐标系",
        "null",
        "🦀",
        "\0",
        "EPSG:",
        "urn:ogc:def:crs:EPSG::",
        "-1",
        "CGCS2000 3度带 39.5带",
    ] {
        check(text, unknown);
    }
    check("GCJ-02", |e| matches!(e, CrsError::Scrambled(_)));
    check("BD09", |e| matches!(e, CrsError::Scrambled(_)));
    check("EPSG:4479", |e| matches!(e, CrsError::Unsupported(_)));
    check("EPSG:5737", |e| matches!(e, CrsError::Unsupported(_)));
    check("PROJCS[\"broken", |e| matches!(e, CrsError::Proj(_)));
}

#[test]
fn the_standard_example_lands_where_it_should() {
    let from = Crs::cgcs2000();
    for (code, easting) in [(4527, 39_508_924.427), (4548, 508_924.427), (4498, 20_508_924.427)] {
        let to = Crs::from_epsg(code).expect("a zone of China");
        let mut coords = [Coord { x: 117.1, y: 36.8 }];
        Reprojector::new(&from, &to)
            .and_then(|r| r.convert(&mut coords).map_err(|e| CrsError::Proj(e.to_string())))
            .expect("inside");
        assert!((coords[0].x - easting).abs() < 5e-4 && (coords[0].y - 4_074_320.486).abs() < 5e-4, "{coords:?}");
        Reprojector::new(&to, &from).expect("same datum").convert(&mut coords).expect("inside");
        assert!((coords[0].x - 117.1).abs() < 1e-11 && (coords[0].y - 36.8).abs() < 1e-11, "{coords:?}");
    }
}

#[test]
fn datums_that_need_parameters_are_refused() {
    let crs = |code| Crs::from_epsg(code).expect("known");
    let refused = |a: u32, b: u32| {
        for (from, to) in [(a, b), (b, a)] {
            let result = Reprojector::new(&crs(from), &crs(to)).map(|_| ());
            assert!(matches!(result, Err(CrsError::NeedsParameters { .. })), "{from} to {to}: {result:?}");
        }
    };
    for other in [4490, 4326, 4527, 3857, 32650, 4214, 2415, 26915, 4258] {
        refused(4610, other);
        refused(2363, other);
    }
    for other in [4490, 4548, 4326, 2384] {
        refused(4214, other);
        refused(2436, other);
    }
    let allowed = |a: u32, b: u32| assert!(Reprojector::new(&crs(a), &crs(b)).is_ok(), "{a} to {b}");
    for (a, b) in [(4610, 2363), (2363, 2384), (4214, 2415), (4490, 4326), (4527, 3857), (26915, 4326), (26915, 4527)] {
        allowed(a, b);
        allowed(b, a);
    }
    assert!(Reprojector::new(&crs(4490), &Crs::wgs84()).is_ok_and(|r| r.is_identity()));
}

#[test]
fn a_coordinate_without_image_is_named() {
    let reprojector = Reprojector::new(&Crs::cgcs2000(), &Crs::from_epsg(4548).expect("a zone")).expect("same datum");
    let mut coords = vec![Coord { x: 117.0, y: 36.0 }; 10_000];
    coords[7_000].y = 95.0;
    let error = reprojector.convert(&mut coords).expect_err("95° north");
    assert_eq!((error.index, error.x, error.y), (7_000, 117.0, 95.0));
    coords[7_000] = Coord { x: f64::NAN, y: 36.0 };
    coords.iter_mut().filter(|c| c.x > 200.0).for_each(|c| *c = Coord { x: 117.0, y: 36.0 });
    assert_eq!(reprojector.convert(&mut coords).map_err(|e| e.index), Err(7_000));
    // Prefixed eastings read as a zone without prefix lie thousands of kilometres outside.
    let back = Reprojector::new(&Crs::from_epsg(4548).expect("a zone"), &Crs::cgcs2000()).expect("same datum");
    assert!(back.convert(&mut [Coord { x: 39_508_924.0, y: 4_074_320.0 }]).is_err());
    assert_eq!(back.convert(&mut []), Ok(()));
}
