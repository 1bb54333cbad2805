use super::*;
use std::collections::BTreeMap;

fn made(count: usize, vertices: f64, state: State) -> (Written, serde_json::Value) {
    let mut bytes = Vec::new();
    let spec = Spec { count, vertices, seed: 1, state };
    let written = write(spec, &mut bytes, &Progress::new()).expect("writes to memory");
    (written, serde_json::from_slice(&bytes).expect("JSON"))
}

/// Every edge of every ring, as text of its ends, with how often it is walked.
fn edges(layer: &serde_json::Value) -> BTreeMap<(String, String), usize> {
    let mut edges = BTreeMap::new();
    for feature in layer["features"].as_array().expect("features") {
        let geometry = &feature["geometry"];
        let coordinates = geometry["coordinates"].as_array().expect("coordinates");
        let rings: Vec<&serde_json::Value> = match geometry["type"].as_str() {
            Some("Polygon") => coordinates.iter().collect(),
            _ => coordinates.iter().flat_map(|part| part.as_array().expect("part")).collect(),
        };
        for ring in rings {
            let ring = ring.as_array().expect("ring");
            assert_eq!(ring.first(), ring.last());
            for pair in ring.windows(2) {
                *edges.entry((pair[0].to_string(), pair[1].to_string())).or_default() += 1;
            }
        }
    }
    edges
}

#[test]
fn the_count_is_as_asked_and_the_shape_as_announced() {
    for (count, vertices) in [(50, 12.0), (1000, 20.0), (1237, 40.0)] {
        let (written, layer) = made(count, vertices, State::Base);
        assert_eq!(layer["features"].as_array().map(Vec::len), Some(count));
        assert_eq!(written.feature_count, count);
        let mean = written.position_count as f64 / count as f64;
        assert!((mean / vertices - 1.0).abs() < 0.12, "{count}: {mean} positions, asked for {vertices}");
        assert!((written.area_m2 / 800e6 - 1.0).abs() < 1e-3, "{}", written.area_m2);
    }
}

#[test]
fn parcels_tile_their_square() {
    for state in [State::Base, State::Scenario, State::Touched] {
        let (_, layer) = made(1500, 16.0, state);
        let edges = edges(&layer);
        assert!(edges.values().all(|n| *n == 1), "an edge is walked twice in one direction");
        let border = edges.keys().filter(|(a, b)| !edges.contains_key(&(b.clone(), a.clone()))).count();
        // Only the square's border has one side; it is a small share of all edges.
        assert!(border * 12 < edges.len(), "{border} of {}", edges.len());
        let ends: std::collections::BTreeSet<&String> =
            edges.keys().filter(|(a, b)| !edges.contains_key(&(b.clone(), a.clone()))).map(|(a, _)| a).collect();
        assert_eq!(ends.len(), border, "the border is one closed walk");
    }
}

#[test]
fn a_scenario_is_another_state_of_the_same_land() {
    let (base, a) = made(2000, 14.0, State::Base);
    let (plan, b) = made(2000, 14.0, State::Scenario);
    // Coordinates are measured before they are rounded to seven decimals: the same square, to the last digits.
    assert!((base.area_m2 - plan.area_m2).abs() < 0.01, "{} {}", base.area_m2, plan.area_m2);
    let more = plan.feature_count - base.feature_count;
    assert!((30..110).contains(&more), "{more} cells split");
    let (old, new) = (edges(&a), edges(&b));
    let kept = new.keys().filter(|edge| old.contains_key(*edge)).count() as f64 / new.len() as f64;
    assert!((0.15..0.5).contains(&kept), "{kept} of the edges stay where they were");
    let (touched, c) = made(2000, 14.0, State::Touched);
    assert_eq!(touched.feature_count, base.feature_count);
    let features = |layer: &serde_json::Value| layer["features"].as_array().expect("features").clone();
    let pairs = features(&a).into_iter().zip(features(&c));
    let changed = pairs.filter(|(old, new)| old["geometry"] != new["geometry"]).count();
    assert!((8..40).contains(&changed), "{changed} of 2000 parcels changed");
}

#[test]
fn rings_are_simple_and_islands_lie_in_their_holes() {
    use crate::synth::plane::{Point, crossing, double_area};
    let steps = |c: &serde_json::Value| {
        let step = |i: usize, origin: f64| ((c[i].as_f64().expect("a number") - origin) * 1e7).round() as i64;
        Point { x: step(0, 117.0), y: step(1, 36.85) }
    };
    for (vertices, state) in [(12.0, State::Base), (22.0, State::Scenario), (60.0, State::Touched)] {
        let (_, layer) = made(1200, vertices, state);
        let mut hole_count = 0;
        for feature in layer["features"].as_array().expect("features") {
            let geometry = &feature["geometry"];
            let coordinates = geometry["coordinates"].as_array().expect("coordinates");
            let parts: Vec<&Vec<serde_json::Value>> = match geometry["type"].as_str() {
                Some("Polygon") => vec![coordinates],
                _ => coordinates.iter().map(|part| part.as_array().expect("part")).collect(),
            };
            for part in parts {
                let rings: Vec<Vec<Point>> =
                    part.iter().map(|ring| ring.as_array().expect("ring").iter().map(steps).collect()).collect();
                for (i, ring) in rings.iter().enumerate() {
                    assert_eq!(double_area(&ring[1..]) > 0, i == 0, "outer rings run counter-clockwise");
                    hole_count += usize::from(i > 0);
                }
                let sides: Vec<[Point; 2]> = rings.iter().flat_map(|r| r.windows(2).map(|w| [w[0], w[1]])).collect();
                for (i, [a, b]) in sides.iter().enumerate() {
                    for [c, d] in &sides[i + 1..] {
                        assert_eq!(crossing(*a, *b, *c, *d), None, "{feature}");
                    }
                }
            }
        }
        assert!(hole_count > 4, "{hole_count} holes");
    }
}

#[test]
fn the_seed_decides() {
    let text = |seed: u64| {
        let mut bytes = Vec::new();
        let spec = Spec { count: 100, vertices: 12.0, seed, state: State::Base };
        write(spec, &mut bytes, &Progress::new()).expect("writes to memory");
        bytes
    };
    assert_eq!(text(3), text(3));
    assert_ne!(text(3), text(4));
}
