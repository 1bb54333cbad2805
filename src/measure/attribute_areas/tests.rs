use super::*;
use crate::crs::gcj02::gcj02_from_wgs84;
use crate::crs::{Crs, Reprojector};
use crate::measure::raw_areas;
use crate::model::AttributeBuilder;
use crate::text::Language;
use crate::units::round_half_up;

const COUNT: usize = 60;

/// Quadrangles of one to some ten thousand m², 117.35-117.45° E, in CGCS2000 degrees.
fn parcels() -> Vec<Vec<Coord>> {
    (0..COUNT)
        .map(|i| {
            let (x, y) = (117.35 + (i % 10) as f64 * 0.01, 36.85 + (i / 10) as f64 * 0.01);
            let size = 0.0004 + 0.00003 * i as f64;
            let skew = size * (0.1 + 0.005 * i as f64);
            let mut ring: Vec<Coord> = [(0.0, 0.0), (size, skew), (size - skew, size), (0.3 * skew, 0.8 * size)]
                .map(|(dx, dy)| Coord { x: x + dx, y: y + dy })
                .to_vec();
            ring.push(ring[0]);
            ring
        })
        .collect()
}

/// A layer of rings with number fields.
fn layer(crs: Crs, rings: &[Vec<Coord>], fields: &[(&str, Vec<f64>)]) -> Layer {
    let mut geometry = GeometryBuilder::new(GeometryKind::Polygon);
    let mut attributes = AttributeBuilder::new();
    for (i, ring) in rings.iter().enumerate() {
        geometry.polygon(&[vec![ring]]);
        for (at, (name, values)) in fields.iter().enumerate() {
            let column = attributes.column(name, at);
            attributes.set(column, Value::Float(values[i]));
        }
        attributes.end_row();
    }
    let (names, attributes) = attributes.finish();
    let fields = names.into_iter().map(|name| crate::model::Field { name, kind: crate::model::FieldType::Float });
    let block = FeatureBlock::of_parts(geometry.finish(), attributes);
    Layer::new("parcels".to_owned(), GeometryKind::Polygon, crs, fields.collect(), vec![block])
}

fn by(crs: &Crs, rings: &[Vec<Coord>], method: AreaMethod) -> Vec<f64> {
    raw_areas(&layer(crs.clone(), rings, &[]), method, &Progress::new()).expect("measured").exact
}

fn through(from: &Crs, to: &Crs, rings: &[Vec<Coord>]) -> Vec<Vec<Coord>> {
    let reprojector = Reprojector::new(from, to).expect("PROJ");
    let mut rings = rings.to_vec();
    rings.iter_mut().for_each(|ring| reprojector.convert(ring).expect("in the zone"));
    rings
}

fn checks(layer: &Layer) -> Vec<FieldCheck> {
    let areas = raw_areas(layer, AreaMethod::Survey, &Progress::new()).expect("measured");
    check(layer, &areas, &Progress::new()).expect("compared")
}

fn rounded(areas: &[f64], unit: AttributeUnit, decimals: usize) -> Vec<f64> {
    areas.iter().map(|area| round_half_up(area / unit.m2(), decimals)).collect()
}

fn causes(crs: &Crs, rings: &[Vec<Coord>], name: &str, values: Vec<f64>) -> Vec<Cause> {
    let layer = layer(crs.clone(), rings, &[(name, values)]);
    let [check] = &checks(&layer)[..] else { panic!("one field is compared") };
    println!("{name}: {}", check.message());
    for issue in check.issues(&layer) {
        println!("  {}", issue.message.text(Language::Chinese));
    }
    if !check.causes.contains(&Cause::Unknown) {
        assert!(check.differences.is_empty(), "{:?}", check.differences);
        assert_eq!(check.agreeing_count + check.explained_count, COUNT);
    }
    check.causes.clone()
}

#[test]
fn an_area_field_agrees_or_its_cause_is_named() {
    use AttributeUnit::{Hectare, Mu, Mu667, SquareFoot, SquareKilometre, SquareMetre};
    let degrees = Crs::cgcs2000();
    let rings = parcels();
    let exact = by(&degrees, &rings, AreaMethod::Survey);
    let check = |name: &str, values: Vec<f64>, expected: &[Cause]| {
        assert_eq!(causes(&degrees, &rings, name, values), expected, "{name}");
    };
    check("TBMJ", rounded(&exact, SquareMetre, 2), &[]);
    check("mj", rounded(&exact, Mu, 2), &[Cause::Unit { found: Mu, expected: SquareMetre }]);
    check("MJ", rounded(&exact, Hectare, 4), &[Cause::Unit { found: Hectare, expected: SquareMetre }]);
    check("QYMJ", rounded(&exact, SquareMetre, 2), &[Cause::Unit { found: SquareMetre, expected: SquareKilometre }]);
    check("QYMJ", rounded(&exact, SquareKilometre, 6), &[]);
    check("面积（亩）", rounded(&exact, Mu667, 4), &[Cause::RoundedMu(Mu667)]);
    check("area", rounded(&exact, Hectare, 4), &[]);
    check("area", rounded(&exact, SquareFoot, 0), &[]);

    let planar = |code: &str| {
        let plane = Crs::parse(code).expect("known");
        by(&plane, &through(&degrees, &plane, &rings), AreaMethod::Planar)
    };
    let name = |code: &str| Crs::parse(code).expect("known").name().to_owned();
    check("TBMJ", rounded(&planar("EPSG:4548"), SquareMetre, 2), &[Cause::Planar(name("EPSG:4548"))]);
    check("TBMJ", rounded(&planar("EPSG:4549"), SquareMetre, 2), &[Cause::PlanarElsewhere(name("EPSG:4549"))]);
    check("TBMJ", rounded(&planar("EPSG:32650"), SquareMetre, 2), &[Cause::PlanarElsewhere(name("EPSG:32650"))]);
    check("Shape_Area", rounded(&planar("EPSG:3857"), SquareMetre, 6), &[Cause::PlanarElsewhere(name("EPSG:3857"))]);
    check(
        "TBMJ",
        rounded(&planar("EPSG:4548"), Mu, 4),
        &[Cause::Planar(name("EPSG:4548")), Cause::Unit { found: Mu, expected: SquareMetre }],
    );

    let square_degrees = rings.iter().map(|ring| {
        let sum: f64 =
            ring.windows(2).map(|e| (e[0].x - 117.0) * (e[1].y - 36.0) - (e[1].x - 117.0) * (e[0].y - 36.0)).sum();
        sum.abs() / 2.0
    });
    check("Shape_Area", square_degrees.collect(), &[Cause::SquareDegrees]);
    let adjusted: Vec<f64> = exact.iter().enumerate().map(|(i, a)| a * (1.0 + 8e-5 + 1e-6 * (i % 7) as f64)).collect();
    let adjusted = causes(&degrees, &rings, "TBMJ", rounded(&adjusted, SquareMetre, 2));
    assert!(matches!(adjusted[..], [Cause::Slight(share)] if share < 1e-4), "{adjusted:?}");
    let nonsense = (0..COUNT).map(|i| 100.0 + 7.0 * (i * i % 31) as f64);
    check("TBMJ", nonsense.collect(), &[Cause::Unknown]);
}

#[test]
fn plots_state_areas_in_the_plane_or_on_the_ground() {
    let plane = Crs::parse("EPSG:4527").expect("known");
    let mut rings = through(&Crs::cgcs2000(), &plane, &parcels());
    // One of some 30 ha among small ones: only there the two areas differ by more than their digits.
    let first = rings[9][0];
    let grown = |c: &Coord| Coord { x: first.x + 15.0 * (c.x - first.x), y: first.y + 15.0 * (c.y - first.y) };
    rings[9] = rings[9].iter().map(grown).collect();
    rings.iter_mut().flatten().for_each(|c| {
        *c = Coord { x: round_half_up(c.x, 3), y: round_half_up(c.y, 3) };
    });
    let stated = |method| rounded(&by(&plane, &rings, method), AttributeUnit::Hectare, 4);
    assert!((stated(AreaMethod::Planar)[9] - stated(AreaMethod::Survey)[9]).abs() > 4e-4);
    let check = |name: &str, values: Vec<f64>| {
        let layer = layer(plane.clone(), &rings, &[(name, values)]);
        checks(&layer)[0]
            .issues(&layer)
            .iter()
            .map(|issue| (issue.kind().to_owned(), issue.feature))
            .collect::<Vec<_>>()
    };
    assert_eq!(check("地块面积", stated(AreaMethod::Planar)), []);
    assert_eq!(check("地块面积", stated(AreaMethod::Survey)), []);
    // What is wrong is still found.
    for method in [AreaMethod::Planar, AreaMethod::Survey] {
        let mut values = stated(method);
        values[30] = round_half_up(values[30] + 0.0011, 4);
        assert_eq!(check("地块面积", values), [("ledger-difference".to_owned(), Some(30))]);
    }
}

#[test]
fn scrambled_positions_are_recognised_by_their_areas() {
    let degrees = Crs::cgcs2000();
    let rings = parcels();
    let scrambled: Vec<Vec<Coord>> =
        rings.iter().map(|ring| ring.iter().map(|c| gcj02_from_wgs84(*c)).collect()).collect();
    let (exact, of_scrambled) =
        (by(&degrees, &rings, AreaMethod::Survey), by(&degrees, &scrambled, AreaMethod::Survey));
    let m2 = |areas: &[f64]| rounded(areas, AttributeUnit::SquareMetre, 2);
    assert_eq!(causes(&degrees, &scrambled, "TBMJ", m2(&exact)), [Cause::GeometryInGcj02]);
    assert_eq!(causes(&degrees, &rings, "TBMJ", m2(&of_scrambled)), [Cause::AttributeFromGcj02]);
}

#[test]
fn net_and_gross_are_told_apart() {
    let plane = Crs::parse("EPSG:4527").expect("known");
    let rings = through(&Crs::cgcs2000(), &plane, &parcels());
    let exact = by(&plane, &rings, AreaMethod::Survey);
    let shares: Vec<f64> = (0..COUNT).map(|i| [0.0, 0.0512, 0.1234][i % 3]).collect();
    let net: Vec<f64> = exact.iter().zip(&shares).map(|(area, share)| area * (1.0 - share)).collect();
    let gross = rounded(&exact, AttributeUnit::SquareMetre, 2);
    let net = rounded(&net, AttributeUnit::SquareMetre, 2);
    let found = |fields: &[(&str, Vec<f64>)]| {
        let checks = checks(&layer(plane.clone(), &rings, fields));
        checks.into_iter().map(|check| (check.name, check.causes)).collect::<Vec<_>>()
    };
    let by_share = found(&[
        ("KCXS", shares.clone()),
        ("YJJBNTTBMJ", gross.clone()),
        ("YJJBNTMJ", net.clone()),
        ("TBDLMJ", gross.clone()),
        ("MJ", net.clone()),
    ]);
    assert_eq!(
        by_share,
        [
            ("YJJBNTTBMJ".to_owned(), vec![]),
            ("YJJBNTMJ".to_owned(), vec![]),
            ("TBDLMJ".to_owned(), vec![Cause::Gross]),
            ("MJ".to_owned(), vec![Cause::Net("KCXS".to_owned())]),
        ]
    );
    let deducted: Vec<f64> = gross.iter().zip(&net).map(|(gross, net)| round_half_up(gross - net, 2)).collect();
    let by_area = found(&[("KCMJ", deducted), ("TBDLMJ", net)]);
    assert_eq!(by_area, [("TBDLMJ".to_owned(), vec![])]);
}

#[test]
fn single_features_that_differ_are_listed() {
    let plane = Crs::parse("EPSG:4548").expect("known");
    let rings = through(&Crs::cgcs2000(), &plane, &parcels());
    let exact = by(&plane, &rings, AreaMethod::Survey);
    let mut values = rounded(&exact, AttributeUnit::SquareMetre, 2);
    values[7] += 5.0;
    values[11] = round_half_up(exact[11] / AttributeUnit::Mu.m2(), 4);
    values[13] = 0.0;
    let layer = layer(plane, &rings, &[("TBMJ", values)]);
    let [check] = &checks(&layer)[..] else { panic!("one field") };
    assert!(check.agrees());
    assert_eq!((check.compared_count, check.unfilled_count, check.agreeing_count), (COUNT - 1, 1, COUNT - 3));
    let listed: Vec<_> = check.differences.iter().map(|d| (d.feature, d.unit)).collect();
    assert_eq!(listed, [(7, None), (11, Some(AttributeUnit::Mu))]);
    let issues = check.issues(&layer);
    assert_eq!(
        issues.iter().map(|i| (i.kind(), i.feature)).collect::<Vec<_>>(),
        [("ledger-difference", Some(7)), ("ledger-difference-unit", Some(11))]
    );
    println!("{}\n{}", issues[0].text(Language::English), issues[1].text(Language::Chinese));
    assert!(issues[0].text(Language::English).contains("difference 5.0"));
}

#[test]
fn mu_of_666_67_m2_show_in_the_total_only() {
    let degrees = Crs::cgcs2000();
    let rings = parcels();
    let exact = by(&degrees, &rings, AreaMethod::Survey);
    let values = exact.iter().map(|area| round_half_up(area / 666.67, 6)).collect();
    let rounded = AttributeUnit::Mu666_67;
    assert_eq!(causes(&degrees, &rings, "面积_亩", values), [Cause::RoundedMu(rounded)]);
    let right = exact.iter().map(|area| round_half_up(area * 3.0 / 2000.0, 6)).collect();
    assert_eq!(causes(&degrees, &rings, "面积_亩", right), []);
}

#[test]
fn what_nothing_explains_is_in_no_foreign_unit() {
    // Two plots of 2 ha each by their file, of which one is half as large.
    assert_eq!(nearest_unit(&[2.0, 2.0], &[10_000.0, 20_000.0]), Some(AttributeUnit::Hectare));
    assert_eq!(nearest_unit(&[1.0, 2.0, 3.0], &[4_047.0, 8_094.0, 12_141.0]), Some(AttributeUnit::Acre));
    assert_eq!(nearest_unit(&[], &[]), None);
}

#[test]
fn coordinates_of_few_decimals_are_allowed_for() {
    let degrees = Crs::cgcs2000();
    let rings = parcels();
    let exact = by(&degrees, &rings, AreaMethod::Survey);
    let coarse: Vec<Vec<Coord>> = rings
        .iter()
        .map(|ring| ring.iter().map(|c| Coord { x: round_half_up(c.x, 6), y: round_half_up(c.y, 6) }).collect())
        .collect();
    let values = rounded(&exact, AttributeUnit::SquareMetre, 2);
    let layer = layer(degrees, &coarse, &[("TBMJ", values)]);
    let [check] = &checks(&layer)[..] else { panic!("one field") };
    assert!((check.coordinate_step_m - 0.111).abs() < 0.001);
    assert!(check.agrees() && check.agreeing_count >= COUNT - 1, "{check:?}");
}
