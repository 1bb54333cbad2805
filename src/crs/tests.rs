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
    // The horizontal part of compound systems, known by formula and known to PROJ only.
    check("EPSG:9518", "EPSG:4326");
    check("EPSG:5498", "EPSG:4269");
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
    check("PROJCS[\"broken", unknown);
    check("PROJCS[\"broken\"]", |e| matches!(e, CrsError::Proj(_)));
    // Nothing that names a file, a grid or a pipeline.
    check("+init=./fifo:4326", |e| matches!(e, CrsError::Refused(_)));
    check("+proj=pipeline +step +proj=hgridshift +grids=./fifo", |e| matches!(e, CrsError::Refused(_)));
    check("./fifo:4326", unknown);
    check("@./fifo", unknown);
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

#[test]
fn well_known_text_counts_by_its_parameters() {
    let check = |name: &str, datum: &str, spheroid: &str, meridian: f64, easting: f64, code: &str| {
        for projection in ["Gauss_Kruger", "Transverse_Mercator"] {
            let wkt = format!(
                "PROJCS[\"{name}\",GEOGCS[\"GCS\",DATUM[\"{datum}\",SPHEROID[{spheroid}]],PRIMEM[\"Greenwich\",0.0],\
                 UNIT[\"Degree\",0.0174532925199433]],PROJECTION[\"{projection}\"],PARAMETER[\"False_Easting\",{easting}],\
                 PARAMETER[\"False_Northing\",0.0],PARAMETER[\"Central_Meridian\",{meridian}],\
                 PARAMETER[\"Scale_Factor\",1.0],PARAMETER[\"Latitude_Of_Origin\",0.0],UNIT[\"Meter\",1.0]]"
            );
            for text in
                [wkt.clone(), wkt.replace("False_Easting", "false_easting").replace("Scale_Factor", "scale_factor")]
            {
                let crs = Crs::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
                assert_eq!(crs.code(), code, "{text}");
            }
        }
    };
    let cgcs = ("D_China_2000", "\"CGCS2000\",6378137.0,298.257222101");
    check("CGCS2000_3_Degree_GK_Zone_39", cgcs.0, cgcs.1, 117.0, 39_500_000.0, "EPSG:4527");
    check("CGCS2000_3_Degree_GK_CM_117E", cgcs.0, cgcs.1, 117.0, 500_000.0, "EPSG:4548");
    check("CGCS2000_GK_CM_117E", cgcs.0, cgcs.1, 117.0, 500_000.0, "EPSG:4509");
    check("CGCS2000_GK_Zone_20", cgcs.0, cgcs.1, 117.0, 20_500_000.0, "EPSG:4498");
    check("自定义投影", cgcs.0, cgcs.1, 117.0, 500_000.0, "EPSG:4548");
    // The name says one thing, the parameters another.
    check("CGCS2000_3_Degree_GK_CM_132E", cgcs.0, cgcs.1, 132.0, 44_500_000.0, "EPSG:4532");
    check("CGCS2000_3_Degree_GK_Zone_38", cgcs.0, cgcs.1, 117.0, 39_500_000.0, "EPSG:4527");
    let xian = ("D_Xian_1980", "\"Xian_1980\",6378140.0,298.257");
    check("Xian_1980_3_Degree_GK_Zone_39", xian.0, xian.1, 117.0, 39_500_000.0, "EPSG:2363");
    let beijing = ("D_Beijing_1954", "\"Krasovsky_1940\",6378245.0,298.3");
    check("Beijing_1954_3_Degree_GK_Zone_39", beijing.0, beijing.1, 117.0, 39_500_000.0, "EPSG:2415");
    // Named after nothing, the ellipsoid tells.
    check("Local", "D_Unknown", cgcs.1, 117.0, 39_500_000.0, "EPSG:4527");
}

#[test]
fn definitions_that_are_no_system_of_ours_convert_all_the_same() {
    // A false easting that no zone has, from public code: kept as it is, and convertible.
    let odd = Crs::parse("+proj=tmerc +lat_0=0 +lon_0=132 +k=1 +x_0=52500000 +y_0=0 +ellps=GRS80 +units=m")
        .expect("PROJ reads it");
    assert_eq!((odd.kind(), odd.datum(), odd.epsg()), (CrsKind::Projected, Datum::Cgcs2000, None));
    let at = Coord { x: 132.5, y: 45.0 };
    let image = Reprojector::new(&Crs::cgcs2000(), &odd).expect("one datum").convert_one(at).expect("an image");
    let zone = Crs::from_epsg(4532).expect("a zone");
    let expected = Reprojector::new(&Crs::cgcs2000(), &zone).expect("one datum").convert_one(at).expect("an image");
    assert!((image.x - expected.x - 8e6).abs() < 1e-6 && (image.y - expected.y).abs() < 1e-6);
    let back = Reprojector::new(&odd, &zone).expect("one datum").convert_one(image).expect("an image");
    assert!((back.x - expected.x).abs() < 1e-6 && (back.y - expected.y).abs() < 1e-6);
    // A meridian of its own.
    let local = Crs::parse("+proj=tmerc +lat_0=0 +lon_0=117.25 +k=1 +x_0=500000 +y_0=0 +a=6378137 +rf=298.257222101")
        .expect("PROJ reads it");
    assert_eq!((local.kind(), local.datum()), (CrsKind::Projected, Datum::Cgcs2000));
    assert!(Reprojector::new(&local, &Crs::wgs84()).is_ok_and(|r| r.convert_one(Coord { x: 5e5, y: 4e6 }).is_some()));
    // Shifts that the user wrote are the user's; without them the datum would be guessed.
    let krassovsky = "+proj=tmerc +lon_0=117 +x_0=500000 +ellps=krass";
    let bare = Crs::parse(krassovsky).expect("PROJ reads it");
    assert_eq!(bare.code(), "EPSG:2436");
    let shifted = Crs::parse(&format!("{krassovsky} +towgs84=15.8,-154.4,-82.3")).expect("PROJ reads it");
    assert_eq!(shifted.datum(), Datum::Other);
    let there = Reprojector::new(&shifted, &Crs::cgcs2000())
        .expect("parameters")
        .convert_one(Coord { x: 5e5, y: 4e6 })
        .expect("an image");
    assert!((there.x - 117.0).abs() > 1e-4, "{there:?}");
    // Feet, and an ellipsoid that no datum is known for.
    let feet = Crs::from_epsg(2263).expect("known to PROJ");
    assert!((feet.metres_per_unit() - 0.304_800_609_6).abs() < 1e-9);
    let bessel = Crs::parse("+proj=tmerc +lon_0=117 +ellps=bessel").expect("PROJ reads it");
    assert!(matches!(Reprojector::new(&bessel, &Crs::wgs84()).map(|_| ()), Err(CrsError::NeedsParameters { .. })));
}

#[test]
fn names_are_shown_in_both_languages() {
    let check = |code: u32, chinese: &str, english: &str| {
        let crs = Crs::from_epsg(code).expect("known");
        let label = |language| crs.label_in(language);
        assert_eq!((label(Language::Chinese).as_str(), label(Language::English).as_str()), (chinese, english));
    };
    check(4548, "CGCS2000 / 3° 带，中央经线 117°（EPSG:4548）", "CGCS2000 / 3° zone, meridian 117° (EPSG:4548)");
    check(4527, "CGCS2000 / 3° 带，第 39 带（EPSG:4527）", "CGCS2000 / 3° zone 39 (EPSG:4527)");
    check(2327, "西安 1980 / 6° 带，第 13 带（EPSG:2327）", "Xian 1980 / 6° zone 13 (EPSG:2327)");
    check(4490, "CGCS2000 经纬度（EPSG:4490）", "CGCS2000 longitude/latitude (EPSG:4490)");
    assert_eq!(Crs::from_epsg(4527).expect("known").reference(), "CGCS2000 / 3° GK 39 (EPSG:4527)");
    assert_eq!(Crs::wgs84().urn().as_deref(), Some("urn:ogc:def:crs:OGC:1.3:CRS84"));
    assert_eq!(Crs::cgcs2000().urn().as_deref(), Some("urn:ogc:def:crs:EPSG::4490"));
}

#[test]
fn the_nearest_zone_is_the_surveys() {
    let check =
        |longitude: f64, zone: Option<u8>| assert_eq!(zones::zone_3_of_longitude(longitude), zone, "{longitude}");
    check(117.0, Some(39));
    check(118.499_999, Some(39));
    check(118.5, Some(40));
    check(115.5, Some(39));
    check(73.5, Some(25));
    check(136.4, Some(45));
    check(73.4, None);
    check(-93.0, None);
    check(f64::NAN, None);
    let crs = Crs::nearest_gauss_kruger_3(Datum::Wgs84, 117.1, false).expect("in China");
    assert_eq!(crs.code(), "EPSG:4548");
    assert_eq!(Crs::nearest_gauss_kruger_3(Datum::Other, 117.1, false), None);
}

#[test]
fn a_search_finds_by_number_zone_and_word() {
    let first = |text: &str| search(text).first().map(|crs| crs.code().to_owned());
    assert_eq!(first("4527").as_deref(), Some("EPSG:4527"));
    let found: Vec<String> = search("117 3度").iter().map(|crs| crs.code().to_owned()).collect();
    assert_eq!(found[..2], ["EPSG:4527", "EPSG:4548"]);
    assert_eq!(first("").as_deref(), Some("EPSG:4490"));
    assert!(search("39").iter().any(|crs| crs.code() == "EPSG:4527"));
    assert!(search("西安").iter().all(|crs| crs.datum() == Datum::Xian1980));
    assert_eq!(search("墨卡托").len(), 1);
    assert!(search("nothing of that name").is_empty());
}

#[test]
fn places_tell_a_planner_where() {
    let text = |x: f64, y: f64| places::nearest(Coord { x, y }).map(|place| place.text(Language::Chinese));
    assert_eq!(text(117.12, 36.66).as_deref(), Some("位置在济南一带"));
    assert_eq!(text(117.12, 36.95).as_deref(), Some("位置在济南以北约 33 km"));
    assert_eq!(text(0.0, 51.5), None);
    for (x, y) in
        [(116.4, 39.9), (87.6, 43.8), (109.5, 18.25), (122.5, 52.97), (134.3, 48.4), (121.5, 25.0), (79.9, 37.1)]
    {
        assert!(places::is_in_china(Coord { x, y }), "{x} {y}");
    }
    for (x, y) in [(139.7, 35.7), (127.0, 37.5), (106.9, 47.9), (77.2, 28.6), (105.8, 18.7), (0.0, 0.0), (75.0, 23.0)] {
        assert!(!places::is_in_china(Coord { x, y }), "{x} {y}");
    }
    // Every line of the list is a city inside the outline.
    let lines = include_str!("../../assets/places/cities.csv").lines().skip(1);
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |i: usize| cells[i].parse::<f64>().expect("a number");
        assert!(cells.len() == 4 && places::is_in_china(Coord { x: number(2), y: number(3) }), "{line}");
        assert!(
            places::nearest(Coord { x: number(2), y: number(3) }).is_some_and(|place| place.distance_km < 0.001),
            "{line}"
        );
    }
}

#[test]
fn web_maps_are_off_by_what_the_formula_says() {
    let gcj = gcj02::gcj02_from_wgs84(Coord { x: 117.0, y: 36.8 });
    assert!((gcj.x - 117.005_857_060).abs() < 1e-9 && (gcj.y - 36.800_349_856).abs() < 1e-9, "{gcj:?}");
    let bd = gcj02::bd09_from_gcj02(gcj);
    assert!((bd.x - 117.012_235_115).abs() < 1e-9 && (bd.y - 36.806_679_245).abs() < 1e-9, "{bd:?}");
    let back = gcj02::wgs84_from_bd09(bd);
    assert!((back.x - 117.0).abs() < 1e-12 && (back.y - 36.8).abs() < 1e-12, "{back:?}");
}
