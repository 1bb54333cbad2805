use geo::{Area as _, BooleanOps as _, Contains as _, Distance as _, Euclidean};
use geo_types::{LineString, MultiPolygon, Point};
use proptest::prelude::*;

use super::*;
use crate::crs::Crs;
use crate::model::{FeatureBlock, GeometryBuilder};

/// On the central meridian of EPSG:4548, where the plane has the scale of the ground.
const ORIGIN: Coord = Coord { x: 500_000.0, y: 4_070_000.0 };

fn at(x: f64, y: f64) -> Coord {
    Coord { x: ORIGIN.x + x, y: ORIGIN.y + y }
}

fn layer_of(kind: GeometryKind, crs: u32, build: impl FnOnce(&mut GeometryBuilder)) -> Layer {
    let mut builder = GeometryBuilder::new(kind);
    build(&mut builder);
    let block = FeatureBlock::of_geometry(builder.finish());
    Layer::new("t".to_owned(), kind, Crs::from_epsg(crs).expect("known"), Vec::new(), vec![block])
}

fn polygons(features: &[Vec<Vec<Coord>>]) -> Layer {
    layer_of(GeometryKind::Polygon, 4548, |builder| {
        features.iter().for_each(|rings| builder.polygon(std::slice::from_ref(rings)));
    })
}

fn square(x: f64, y: f64, size: f64) -> Vec<Coord> {
    vec![at(x, y), at(x + size, y), at(x + size, y + size), at(x, y + size), at(x, y)]
}

fn lines(features: &[Vec<Coord>]) -> Layer {
    layer_of(GeometryKind::Line, 4548, |builder| {
        for line in features {
            line.iter().for_each(|c| builder.coord(*c));
            builder.end_ring();
            builder.end_feature();
        }
    })
}

fn points(features: &[Coord]) -> Layer {
    layer_of(GeometryKind::Point, 4548, |builder| {
        for point in features {
            builder.coord(*point);
            builder.end_feature();
        }
    })
}

fn found(layer: &Layer, others: &[&Layer], relation: Relation) -> Vec<u32> {
    let found = locate(layer, others, relation, &Progress::new()).expect("judged");
    assert_eq!(found.issues, [], "{relation:?}");
    found.features
}

#[test]
fn parcels_are_found_by_a_region() {
    // Five squares of 10 m in a row from 0, and one far off; the region covers 5 to 32 in two features that share an edge.
    let mut squares: Vec<_> = (0..5).map(|i| vec![square(10.0 * f64::from(i), 0.0, 10.0)]).collect();
    squares.push(vec![square(1000.0, 0.0, 10.0)]);
    let parcels = polygons(&squares);
    let part =
        |from: f64, to: f64| vec![vec![at(from, -5.0), at(to, -5.0), at(to, 15.0), at(from, 15.0), at(from, -5.0)]];
    let region = polygons(&[part(5.0, 15.0), part(15.0, 32.0)]);
    let check =
        |relation, expected: &[u32]| assert_eq!(found(&parcels, &[&region], relation), expected, "{relation:?}");
    check(Relation::Touches, &[0, 1, 2, 3]);
    // The second lies in both halves, in neither alone.
    check(Relation::Within, &[1, 2]);
    check(Relation::Share(0.5), &[0, 1, 2]);
    check(Relation::Share(0.2), &[0, 1, 2, 3]);
    check(Relation::Share(0.51), &[1, 2]);
    check(Relation::Near(8.0), &[0, 1, 2, 3, 4]);
    check(Relation::Near(7.9), &[0, 1, 2, 3]);
    check(Relation::Near(968.0), &[0, 1, 2, 3, 4, 5]);
    // Two layers are one region as well.
    let halves = [polygons(&[part(5.0, 15.0)]), polygons(&[part(15.0, 32.0)])];
    assert_eq!(found(&parcels, &[&halves[0], &halves[1]], Relation::Within), [1, 2]);
    assert_eq!(found(&parcels, &[], Relation::Touches), [0u32; 0]);
    assert_eq!(found(&parcels, &[&polygons(&[])], Relation::Near(1e6)), [0u32; 0]);
}

#[test]
fn a_common_border_is_a_touch_and_a_hole_is_outside() {
    let parcels = polygons(&[
        vec![square(0.0, 0.0, 10.0)],
        vec![square(10.0, 0.0, 10.0)],
        vec![square(20.0, 10.0, 10.0)],
        vec![square(30.01, 0.0, 10.0)],
    ]);
    let first = polygons(&[vec![square(10.0, 0.0, 10.0)]]);
    assert_eq!(found(&parcels, &[&first], Relation::Touches), [0, 1, 2], "an edge, itself, a corner");
    assert_eq!(found(&parcels, &[&first], Relation::Within), [1]);
    let ring = polygons(&[vec![square(-50.0, -50.0, 200.0), square(-20.0, -20.0, 100.0)]]);
    assert_eq!(found(&parcels, &[&ring], Relation::Touches), [0u32; 0], "in the hole");
    assert_eq!(found(&parcels, &[&ring], Relation::Near(20.0)), [0, 1, 3], "20 from the border of the hole");
    // The other way round: a large one that holds small ones.
    assert_eq!(found(&ring, &[&parcels], Relation::Touches), [0u32; 0]);
    let whole = polygons(&[vec![square(-50.0, -50.0, 200.0)]]);
    assert_eq!(found(&whole, &[&parcels], Relation::Touches), [0]);
    assert_eq!(found(&whole, &[&parcels], Relation::Share(0.009)), [0], "400.01 of 40,000");
    assert_eq!(found(&whole, &[&parcels], Relation::Share(0.011)), [0u32; 0]);
}

#[test]
fn lines_and_points_are_found_too() {
    let region = polygons(&[vec![square(0.0, 0.0, 10.0)], vec![square(10.0, 0.0, 10.0)]]);
    let roads = lines(&[
        vec![at(1.0, 1.0), at(19.0, 9.0)],
        vec![at(5.0, 5.0), at(5.0, 20.0)],
        vec![at(-5.0, 20.0), at(25.0, 20.0)],
        vec![at(0.0, 0.0), at(20.0, 0.0)],
        vec![at(5.0, -5.0), at(5.0, 15.0)],
    ]);
    let check = |relation, expected: &[u32]| assert_eq!(found(&roads, &[&region], relation), expected, "{relation:?}");
    check(Relation::Within, &[0, 3]);
    check(Relation::Share(0.5), &[0, 3, 4]);
    check(Relation::Share(1.0 / 3.0), &[0, 1, 3, 4]);
    check(Relation::Touches, &[0, 1, 3, 4]);
    check(Relation::Near(10.0), &[0, 1, 2, 3, 4]);
    let wells = points(&[at(5.0, 5.0), at(10.0, 10.0), at(5.0, 13.0), at(40.0, 40.0)]);
    assert_eq!(found(&wells, &[&region], Relation::Within), [0, 1]);
    assert_eq!(found(&wells, &[&region], Relation::Near(3.0)), [0, 1, 2]);
    assert_eq!(found(&wells, &[&roads], Relation::Near(0.0)), [0, 2], "on a line");
    // Parcels beside a drawn line.
    assert_eq!(found(&region, &[&lines(&[vec![at(25.0, -50.0), at(25.0, 50.0)]])], Relation::Near(6.0)), [1]);
    assert_eq!(found(&region, &[&wells], Relation::Touches), [0, 1]);
    let within = locate(&region, &[&roads], Relation::Within, &Progress::new());
    assert!(matches!(within, Err(CompareError::NotPolygons(_))), "a line holds no parcel");
}

#[test]
fn distances_are_those_on_the_ground() {
    // 120 km from the meridian the plane is 1.00018 times the ground: 200 m are 200.035 there.
    let far = |x: f64| Coord { x: 620_000.0 + x, y: 4_070_000.0 };
    let pair = points(&[far(0.0), far(200.02), far(200.05)]);
    let first = points(&[far(0.0)]);
    assert_eq!(found(&pair, &[&first], Relation::Near(200.0)), [0, 1]);
    // In degrees and in web mercator the same metres are meant.
    let lonlat = |lon: f64, lat: f64| Coord { x: lon, y: lat };
    // A degree of the meridian is 110,974 m here: 0.0018° are 199.75 m.
    let degrees = |coords: &[Coord]| {
        let mut layer = points(coords);
        layer.crs = Crs::cgcs2000();
        layer
    };
    let wells = degrees(&[lonlat(117.0, 36.8), lonlat(117.0, 36.8018), lonlat(117.0, 36.80181)]);
    let one = degrees(&[lonlat(117.0, 36.8)]);
    assert_eq!(found(&wells, &[&one], Relation::Near(199.9)), [0, 1]);
    let mut mercator = points(&[at(0.0, 0.0)]);
    mercator.crs = Crs::web_mercator();
    let to = crate::crs::Reprojector::new(&Crs::cgcs2000(), &Crs::web_mercator()).expect("a way");
    let place = to.convert_one(lonlat(117.0, 36.8)).expect("a place");
    let up = |m: f64| Coord { x: place.x, y: place.y + m };
    let mut wells = points(&[up(0.0), up(240.0), up(260.0)]);
    wells.crs = Crs::web_mercator();
    assert_eq!(found(&wells, &[&one], Relation::Near(200.0)), [0, 1], "200 m are 250 in web mercator here");
}

#[test]
fn locating_can_be_cancelled() {
    let parcels = polygons(&[vec![square(0.0, 0.0, 10.0)]]);
    let progress = Progress::new();
    progress.cancel();
    for relation in [Relation::Touches, Relation::Within, Relation::Near(5.0)] {
        let cancelled = locate(&parcels, &[&parcels], relation, &progress);
        assert!(matches!(cancelled, Err(CompareError::Measure(MeasureError::Cancelled(_)))), "{relation:?}");
    }
}

/// A star about a place: always simple, often concave.
fn star(x: f64, y: f64, radii: &[f64]) -> Vec<Coord> {
    let corner = |(i, radius): (usize, &f64)| {
        let angle = std::f64::consts::TAU * i as f64 / radii.len() as f64;
        at(x + radius * angle.cos(), y + radius * angle.sin())
    };
    let mut ring: Vec<Coord> = radii.iter().enumerate().map(corner).collect();
    ring.push(ring[0]);
    ring
}

fn stars(most: usize) -> impl Strategy<Value = Vec<Vec<Coord>>> {
    let one = (0.0..100.0, 0.0..100.0, prop::collection::vec(2.0..30.0, 3..14));
    prop::collection::vec(one.prop_map(|(x, y, radii)| star(x, y, &radii)), 1..most)
}

fn oracle(ring: &[Coord]) -> geo_types::Polygon {
    geo_types::Polygon::new(LineString::from(ring.to_vec()), Vec::new())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Against the `geo` crate: distances, containment and shares of random polygons.
    #[test]
    fn relations_agree_with_an_oracle(a in stars(6), b in stars(4), limit in 0.5..60.0_f64, share in 0.05..0.95_f64) {
        let own = polygons(&a.iter().map(|ring| vec![ring.clone()]).collect::<Vec<_>>());
        let others = polygons(&b.iter().map(|ring| vec![ring.clone()]).collect::<Vec<_>>());
        let rings: Vec<_> = a.iter().map(|ring| oracle(ring)).collect();
        let around: Vec<_> = b.iter().map(|ring| oracle(ring)).collect();
        let region = around.iter().fold(MultiPolygon::new(Vec::new()), |all, one| all.union(&MultiPolygon::from(one.clone())));
        for (relation, value) in [
            (Relation::Touches, 0.0),
            (Relation::Near(limit), limit),
            (Relation::Share(share), share),
            (Relation::Within, 1.0),
        ] {
            let found = found(&own, &[&others], relation);
            for (at, polygon) in rings.iter().enumerate() {
                let distance = around.iter().map(|one| Euclidean.distance(polygon, one)).fold(f64::INFINITY, f64::min);
                let inside = MultiPolygon::from(polygon.clone()).intersection(&region).unsigned_area() / polygon.unsigned_area();
                let (expected, clear) = match relation {
                    Relation::Touches | Relation::Near(_) => (distance <= value, (distance - value).abs() > 0.01),
                    _ => (inside >= value, (inside - value).abs() > 1e-3),
                };
                // What hangs on the last millimetre either may decide.
                if clear || (relation == Relation::Touches && distance == 0.0) {
                    prop_assert_eq!(found.contains(&(at as u32)), expected, "{:?} {} {}", relation, distance, inside);
                }
            }
        }
    }

    #[test]
    fn points_and_lines_agree_with_an_oracle(
        b in stars(5),
        places in prop::collection::vec((0.0..100.0, 0.0..100.0), 2..20),
        limit in 0.5..40.0_f64,
    ) {
        let places: Vec<Coord> = places.into_iter().map(|(x, y)| at(x, y)).collect();
        let others = polygons(&b.iter().map(|ring| vec![ring.clone()]).collect::<Vec<_>>());
        let around: Vec<_> = b.iter().map(|ring| oracle(ring)).collect();
        let within = found(&points(&places), &[&others], Relation::Within);
        let near = found(&points(&places), &[&others], Relation::Near(limit));
        let line = lines(std::slice::from_ref(&places));
        let line_near = found(&line, &[&others], Relation::Near(limit));
        let path = LineString::from(places.clone());
        for (at, place) in places.iter().enumerate() {
            let point = Point::from(*place);
            let distance = around.iter().map(|one| Euclidean.distance(&point, one)).fold(f64::INFINITY, f64::min);
            let border = around.iter().map(|one| Euclidean.distance(&point, one.exterior())).fold(f64::INFINITY, f64::min);
            if border > 0.01 {
                prop_assert_eq!(within.contains(&(at as u32)), around.iter().any(|one| one.contains(&point)));
            }
            if (distance - limit).abs() > 0.01 {
                prop_assert_eq!(near.contains(&(at as u32)), distance <= limit);
            }
        }
        let distance = around.iter().map(|one| Euclidean.distance(&path, one)).fold(f64::INFINITY, f64::min);
        if (distance - limit).abs() > 0.01 {
            prop_assert_eq!(line_near == [0], distance <= limit);
        }
    }
}

/// A border of 60,000 vertices around 400 parcels: what is near costs, not the length of the border.
#[test]
fn a_long_border_is_looked_up() {
    let count = 60_000;
    let wave = |i: usize| {
        let angle = std::f64::consts::TAU * i as f64 / count as f64;
        let radius = 1000.0 + 5.0 * (angle * 900.0).sin();
        at(radius * angle.cos(), radius * angle.sin())
    };
    let mut ring: Vec<Coord> = (0..count).map(wave).collect();
    ring.push(ring[0]);
    let region = polygons(&[vec![ring]]);
    let squares: Vec<_> = (0..400)
        .map(|i| vec![square(f64::from(i % 20) * 100.0 - 1000.0, f64::from(i / 20) * 100.0 - 1000.0, 90.0)])
        .collect();
    let parcels = polygons(&squares);
    let touches = found(&parcels, &[&region], Relation::Touches);
    let within = found(&parcels, &[&region], Relation::Within);
    assert!(within.iter().all(|feature| touches.contains(feature)) && within.len() < touches.len());
    assert_eq!(found(&region, &[&parcels], Relation::Touches), [0]);
    assert_eq!(found(&parcels, &[&region], Relation::Near(1000.0)).len(), 400);
}
