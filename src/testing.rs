//! What tests of several floors share: toy maps written as text, whose areas can be counted, and an oracle for overlays.

pub(crate) mod damage;

use crate::crs::Crs;
use crate::io::{OpenOptions, open_bytes};
use crate::measure::Frame;
use crate::model::{AreaMethod, Layer};
use crate::task::Progress;

/// A layer of squares of 1 m² in EPSG:4548: each letter of `map` is a feature, in the order of `features`, with the JSON
/// members that `properties` makes of what stands beside it. Rows lie north to south: `RRA/RAA`.
pub(crate) fn grid<T>(map: &str, features: &[(char, T)], properties: impl Fn(&T) -> String) -> Layer {
    grid_at((500_000.0, 4_070_000.0), 1.0, map, features, properties)
}

/// The same of larger squares elsewhere: `corner` is the lower left one of the first.
pub(crate) fn grid_at<T>(
    corner: (f64, f64),
    side: f64,
    map: &str,
    features: &[(char, T)],
    properties: impl Fn(&T) -> String,
) -> Layer {
    let mut texts = Vec::new();
    for (letter, said) in features {
        let mut parts = Vec::new();
        for (row, line) in map.split('/').enumerate() {
            for (column, _) in line.chars().enumerate().filter(|(_, c)| c == letter) {
                let (x, y) = (corner.0 + side * column as f64, corner.1 - side * row as f64);
                let (right, top) = (x + side, y + side);
                parts.push(format!("[[[{x},{y}],[{right},{y}],[{right},{top}],[{x},{top}],[{x},{y}]]]"));
            }
        }
        texts.push(format!(
            r#"{{"type":"Feature","properties":{{{}}},"geometry":{{"type":"MultiPolygon","coordinates":[{}]}}}}"#,
            properties(said),
            parts.join(",")
        ));
    }
    let crs = r#"{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4548"}}"#;
    let text = format!(r#"{{"type":"FeatureCollection","crs":{crs},"features":[{}]}}"#, texts.join(","));
    let opened = open_bytes("a.geojson", text.into_bytes(), &OpenOptions::default(), &Progress::new());
    opened.expect("opens").layers.remove(0)
}

/// A plane in metres, in which areas are the shoelace's.
pub(crate) fn plane() -> Frame {
    Frame::for_crs(&Crs::from_epsg(4548).expect("a code"), 117.0, AreaMethod::Planar).expect("a projected CRS")
}

/// A polygon as parts of rings of points, not closed.
pub(crate) type Feature = Vec<Vec<Vec<(f64, f64)>>>;

/// A comb of 200 teeth, 200 m wide and high; with `across` it lies on its side. Two of them cross more often than is noted.
pub(crate) fn comb(across: bool) -> Feature {
    let mut ring = Vec::new();
    for tooth in 0..200 {
        let x = f64::from(tooth);
        ring.extend([(x, 0.0), (x, 199.0), (x + 0.5, 199.0), (x + 0.5, 0.25)]);
    }
    ring.extend([(200.0, 0.25), (200.0, 0.0)]);
    vec![vec![ring.into_iter().map(|(x, y)| if across { (y, x) } else { (x, y) }).collect()]]
}

/// The oracle of overlays: cuts the plane into horizontal slabs between all vertices and crossings, and calls `visit` for
/// each stretch of a slab between two edges with the numbers of the features that it lies in, ascending, and its area.
/// Several features may have one number: then they are one. Slow, and nothing shared with the walk.
pub(crate) fn each_stretch<'a>(
    features: impl IntoIterator<Item = (usize, &'a Feature)>,
    mut visit: impl FnMut(&[usize], f64),
) {
    let mut edges = vec![];
    let mut part_number = 0;
    for (number, feature) in features {
        for part in feature {
            for (n, ring) in part.iter().enumerate() {
                for k in 0..ring.len() {
                    edges.push(((number, part_number, n), ring[k], ring[(k + 1) % ring.len()]));
                }
            }
            part_number += 1;
        }
    }
    let mut ys: Vec<f64> = edges.iter().map(|e| e.1.1).collect();
    for (n, e) in edges.iter().enumerate() {
        for f in &edges[..n] {
            let (p, q, r, s) = (e.1, e.2, f.1, f.2);
            let det = (q.0 - p.0) * (s.1 - r.1) - (q.1 - p.1) * (s.0 - r.0);
            if det != 0.0 {
                let t = ((r.0 - p.0) * (s.1 - r.1) - (r.1 - p.1) * (s.0 - r.0)) / det;
                if (0.0..=1.0).contains(&t) {
                    ys.push(p.1 + t * (q.1 - p.1));
                }
            }
        }
    }
    ys.sort_by(f64::total_cmp);
    ys.dedup();
    for slab in ys.windows(2) {
        let (height, middle) = (slab[1] - slab[0], f64::midpoint(slab[0], slab[1]));
        let mut crossed: Vec<(f64, (usize, usize, usize), i32)> = edges
            .iter()
            .filter(|(_, p, q)| (p.1 > middle) != (q.1 > middle))
            .map(|(of, p, q)| (p.0 + (q.0 - p.0) * ((middle - p.1) / (q.1 - p.1)), *of, if q.1 > p.1 { -1 } else { 1 }))
            .collect();
        crossed.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut windings = std::collections::BTreeMap::new();
        for step in crossed.windows(2) {
            *windings.entry(step[0].1).or_insert(0) += step[0].2;
            let around: Vec<_> = windings.iter().filter(|(_, n)| **n != 0).map(|(of, _)| *of).collect();
            let in_hole = |i, j| around.iter().any(|of| (of.0, of.1) == (i, j) && of.2 > 0);
            let mut inside: Vec<usize> =
                around.iter().filter(|of| of.2 == 0 && !in_hole(of.0, of.1)).map(|of| of.0).collect();
            inside.dedup();
            visit(&inside, (step[1].0 - step[0].0) * height);
        }
    }
}
