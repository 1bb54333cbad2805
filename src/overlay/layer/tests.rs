use super::*;
use crate::crs::Crs;
use crate::model::{Coord, FeatureBlock, GeometryBuilder};
use crate::text::Language;

/// Parts of rings.
type Shape = Vec<Vec<Vec<(f64, f64)>>>;

fn layer_in(crs: Crs, shapes: &[Shape]) -> Layer {
    let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
    for shape in shapes {
        let ring = |ring: &Vec<(f64, f64)>| -> Vec<Coord> {
            ring.iter().chain(ring.first()).map(|&(x, y)| Coord { x, y }).collect()
        };
        let parts: Vec<Vec<Vec<Coord>>> = shape.iter().map(|part| part.iter().map(ring).collect()).collect();
        builder.polygon(&parts);
    }
    let block = FeatureBlock::of_geometry(builder.finish());
    Layer::new("toy".to_owned(), GeometryKind::Polygon, crs, Vec::new(), vec![block])
}

fn layer(shapes: &[Shape]) -> Layer {
    layer_in(Crs::from_epsg(4548).expect("a code"), shapes)
}

fn square(x: f64, y: f64, side: f64) -> Vec<(f64, f64)> {
    vec![(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
}

fn reversed(mut ring: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    ring.reverse();
    ring
}

fn measured_planar(layer: &Layer) -> Areas {
    measured(layer, AreaMethod::Planar, &Progress::new()).expect("measured")
}

#[test]
fn flaws_are_listed_with_the_area_before_and_after() {
    let check = |shape: Shape, kinds: &[&str], before: f64, after: f64| {
        let layer = layer(&[vec![vec![square(50., 50., 3.)]], shape.clone()]);
        let areas = measured_planar(&layer);
        let found: Vec<&str> = areas.issues.iter().map(Issue::kind).collect();
        assert_eq!(found, kinds, "{shape:?}");
        assert_eq!(areas.exact[0], 9.0);
        assert!((areas.exact[1] - after).abs() < 1e-9, "{shape:?}: {}", areas.exact[1]);
        assert_eq!(areas.printed[1], areas.exact[1]);
        if let Some(first) = areas.issues.first().filter(|i| i.feature.is_some()) {
            let (b, a) = first.area_m2.expect("areas with the gravest flaw");
            assert_eq!(first.feature, Some(1));
            assert!((b - before).abs() < 1e-9 && (a - after).abs() < 1e-9, "{shape:?}: {b} {a}");
            assert!(areas.issues[1..].iter().all(|i| i.area_m2.is_none()));
        }
        // The coverage reads it the same way.
        let coverage = coverage(&layer, AreaMethod::Planar, &Progress::new()).expect("covered");
        assert!((coverage.sum.m2() - 9.0 - after).abs() < 1e-9, "{shape:?}");
        assert_eq!(coverage.union, coverage.sum);
    };
    let (outer, winding) = (square(0., 0., 6.), reversed(square(0., 0., 6.)));
    check(vec![vec![outer.clone()]], &[], 36., 36.);
    check(vec![vec![winding.clone()]], &[], 36., 36.);
    check(vec![vec![winding.clone(), square(1., 1., 2.)]], &[], 32., 32.);
    check(vec![vec![outer.clone(), square(1., 1., 2.)]], &[], 32., 32.);
    check(vec![vec![vec![(0., 0.), (2., 2.), (2., 0.), (0., 2.)]]], &["self-crossing"], 0., 2.);
    check(vec![vec![outer.clone(), square(5., 5., 2.)]], &["rings-cross", "even-odd"], 32., 35.);
    check(vec![vec![outer.clone(), square(8., 0., 1.)]], &["hole-outside", "even-odd"], 35., 36.);
    check(vec![vec![outer.clone(), square(1., 1., 4.), square(2., 2., 1.)]], &["holes-nested", "even-odd"], 19., 20.);
    check(vec![vec![outer.clone(), square(0., 1., 2.)]], &["rings-share-border"], 32., 32.);
    check(vec![vec![outer.clone(), square(1., 1., 2.), square(2., 2., 2.)]], &["rings-cross", "even-odd"], 28., 29.);
    check(vec![vec![outer.clone(), square(1., 1., 2.), square(1., 1., 2.)]], &["ring-repeated", "even-odd"], 28., 32.);
    check(vec![vec![outer.clone(), winding.clone()]], &["ring-repeated"], 0., 0.);
    check(vec![vec![vec![(1., 1.), (1., 1.)], square(0., 0., 3.)]], &["too-few-points", "even-odd"], 0., 0.);
    check(vec![vec![[outer.clone(), outer.clone()].concat()]], &["walked-again", "even-odd"], 72., 36.);
    check(vec![vec![outer.clone()], vec![square(4., 4., 4.)]], &["parts-overlap"], 52., 48.);
    check(vec![vec![outer.clone()], vec![square(1., 1., 4.)]], &["parts-overlap"], 52., 36.);
    check(vec![vec![outer.clone()], vec![outer.clone()]], &["parts-overlap"], 72., 36.);
    check(vec![vec![outer.clone()], vec![square(6., 0., 2.)]], &["parts-share-border"], 40., 40.);
    check(vec![vec![outer.clone()], vec![square(6., 6., 2.)]], &[], 40., 40.);
    check(vec![vec![winding], vec![square(1., 1., 4.)]], &["hole-as-part"], 52., 20.);
    let spike = vec![(0., 0.), (6., 0.), (6., 6.), (9., 9.), (6., 6.), (0., 6.)];
    check(vec![vec![spike]], &["self-overlap"], 36., 36.);
    let eight = vec![(0., 0.), (3., 0.), (3., 3.), (6., 3.), (6., 6.), (3., 6.), (3., 3.), (0., 3.)];
    check(vec![vec![eight]], &["self-touch"], 18., 18.);
    let crossed_eight = vec![(0., 0.), (3., 0.), (3., 3.), (3., 6.), (6., 6.), (6., 3.), (3., 3.), (0., 3.)];
    check(vec![vec![crossed_eight]], &["self-crossing"], 0., 18.);
    let diamond = vec![(0., 3.), (3., 1.), (6., 3.), (3., 5.)];
    check(vec![vec![outer.clone(), diamond]], &["inside-cut"], 24., 24.);
    check(vec![vec![outer.clone(), vec![(1., 1.), (2., 2.)]]], &["too-few-points"], 36., 36.);
    let repeated = vec![(0., 0.), (6., 0.), (6., 0.), (6., 6.), (0., 6.)];
    check(vec![vec![repeated]], &["repeated-vertices"], 36., 36.);
}

#[test]
fn rings_with_bad_numbers_are_left_out_and_the_rest_counts() {
    let bad = vec![(2., 2.), (f64::NAN, 2.), (3., 3.)];
    let areas = measured_planar(&layer(&[vec![vec![square(0., 0., 6.), bad]]]));
    assert_eq!(areas.exact, [36.0]);
    assert_eq!(areas.issues.iter().map(Issue::kind).collect::<Vec<_>>(), ["ring-not-finite"]);
    assert_eq!(areas.issues[0].area_m2, Some((0.0, 36.0)));
}

#[test]
fn a_ring_that_runs_to_and_fro_costs_no_more_than_it_is_long() {
    let spikes = |count: usize| -> Vec<(f64, f64)> {
        (0..count).flat_map(|i| [(500_001.0 + (i % 2) as f64, 4_074_320.0), (500_000.0, 4_070_000.0)]).collect()
    };
    let mut with_land = square(500_000., 4_070_000., 10.);
    with_land.rotate_left(1);
    with_land.extend(spikes(20_000));
    let areas = measured_planar(&layer(&[vec![vec![spikes(50_000)]], vec![vec![with_land]]]));
    assert!(areas.exact[0].abs() < 1e-6 && (areas.exact[1] - 100.0).abs() < 1e-6, "{:?}", areas.exact);
    let found: Vec<(Option<u64>, &str)> = areas.issues.iter().map(|issue| (issue.feature, issue.kind())).collect();
    assert_eq!(found, [(Some(0), "self-overlap"), (Some(1), "self-overlap")]);
}

#[test]
fn the_survey_prints_repaired_parcels_in_hundredths() {
    let bow_tie = |x: f64| vec![vec![vec![(x, 0.), (x + 90.1, 70.3), (x + 90.1, 0.), (x, 70.3)]]];
    let shift = |shape: Shape| -> Shape {
        let to = |ring: Vec<(f64, f64)>| ring.into_iter().map(|(x, y)| (x + 500_000., y + 4_080_000.)).collect();
        shape.into_iter().map(|part| part.into_iter().map(to).collect()).collect()
    };
    let areas = measured(&layer(&[shift(bow_tie(0.))]), AreaMethod::Survey, &Progress::new()).expect("measured");
    assert!((areas.exact[0] - 90.1 * 70.3 / 2.0).abs() < 1e-3, "{}", areas.exact[0]);
    assert!((areas.printed[0] - areas.exact[0]).abs() < 0.011);
    assert_eq!(areas.printed[0], (areas.printed[0] * 100.0).round() / 100.0);
}

#[test]
fn a_ring_over_the_antimeridian_is_no_flaw() {
    let ring = vec![(179.9, 10.0), (-179.9, 10.0), (-179.9, 10.2), (179.9, 10.2)];
    let areas = measured(&layer_in(Crs::wgs84(), &[vec![vec![ring]]]), AreaMethod::Geodesic, &Progress::new());
    let areas = areas.expect("measured");
    assert_eq!(areas.issues, []);
    assert!(areas.exact[0] > 4.8e8 && areas.exact[0] < 4.9e8, "{}", areas.exact[0]);
}

#[test]
fn a_layer_wider_than_a_zone_is_covered_on_the_ellipsoid() {
    let shape = |x: f64| vec![vec![vec![(x, 30.0), (x + 2.0, 30.0), (x + 2.0, 31.0), (x, 31.0)]]];
    let layer = layer_in(Crs::cgcs2000(), &[shape(100.0), shape(101.0), shape(120.0)]);
    let coverage = coverage(&layer, AreaMethod::Survey, &Progress::new()).expect("covered");
    assert_eq!(coverage.issues.iter().map(Issue::kind).collect::<Vec<_>>(), ["wider-than-zone"]);
    assert_eq!(coverage.pairs.len(), 1);
    let one = coverage.sum.m2() / 3.0;
    // Half but for what lies between the geodesics of the two, which are up to 430 m apart.
    assert!((coverage.twice.m2() - one / 2.0).abs() < 1e-3 * one, "{} of {one}", coverage.twice.m2());
    assert!((coverage.excess().m2() - coverage.twice.m2()).abs() < 1.0);
}

#[test]
fn layers_without_polygons_cover_nothing() {
    let builder = GeometryBuilder::new(GeometryKind::Point);
    let block = FeatureBlock::of_geometry(builder.finish());
    let layer = Layer::new("points".to_owned(), GeometryKind::Point, Crs::wgs84(), Vec::new(), vec![block]);
    let coverage = coverage(&layer, AreaMethod::Survey, &Progress::new()).expect("covered");
    assert_eq!((coverage.sum, coverage.union, coverage.pairs.len()), (Area::ZERO, Area::ZERO, 0));
    assert_eq!(measured_planar(&layer_in(Crs::from_epsg(4548).expect("a code"), &[])).exact, [] as [f64; 0]);
}

#[test]
fn a_cancelled_run_ends() {
    let progress = Progress::new();
    progress.cancel();
    let layer = layer(&[vec![vec![square(0., 0., 6.), square(8., 0., 1.)]]]);
    assert!(matches!(coverage(&layer, AreaMethod::Planar, &progress), Err(MeasureError::Cancelled(_))));
    assert!(matches!(measured(&layer, AreaMethod::Planar, &progress), Err(MeasureError::Cancelled(_))));
}

#[test]
fn every_sentence_stands_in_the_catalogue() {
    let shape = vec![vec![square(0., 0., 6.), square(8., 0., 1.)]];
    for issue in measured_planar(&layer(&[shape])).issues {
        for language in [Language::Chinese, Language::English] {
            let text = issue.text(language);
            assert!(!text.starts_with("overlay.") && !text.contains('{'), "{text}");
        }
    }
}
