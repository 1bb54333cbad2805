//! Lines that enclose an area, as CAD programs and surveyors hand over a red line: the area that they enclose.
//!
//! A path that ends where it begins is a ring; paths that meet end to end are joined to rings first, within a feature,
//! then across features. Of rings within each other the odd ones are holes. What does not close is counted.

use crate::model::{Coord, Extent, FeatureBlock, GeometryBuilder, GeometryKind, Layer};

/// Paths that are joined across features; more are no boundary but a map.
const MOST_JOINED: usize = 5_000;

/// The area that the lines of a layer enclose.
#[derive(Clone, Debug)]
pub struct Enclosed {
    /// Polygons, one a feature that closes by itself and one for all that close together. Without attributes.
    pub layer: Layer,
    /// Rings that were found.
    pub ring_count: usize,
    /// Paths that belong to no ring.
    pub open_count: usize,
    /// The distance between the ends of the open path that is nearest to closing, in units of the CRS.
    pub gap: Option<f64>,
}

/// What the lines of `layer` enclose; `None` for layers of another kind and where nothing closes.
pub fn enclosed(layer: &Layer) -> Option<Enclosed> {
    if layer.kind != GeometryKind::Line {
        return None;
    }
    let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
    let mut open: Vec<Vec<Coord>> = Vec::new();
    let mut ring_count = 0;
    for block in &layer.blocks {
        for row in 0..block.geometry.feature_count() {
            let paths = block.geometry.paths(row).map(<[Coord]>::to_vec).collect();
            let (rings, left) = joined(paths);
            open.extend(left);
            ring_count += rings.len();
            add(&mut builder, rings);
        }
    }
    if open.len() <= MOST_JOINED {
        let (rings, left) = joined(open);
        ring_count += rings.len();
        add(&mut builder, rings);
        open = left;
    }
    let gap = open.iter().filter_map(|path| Some(apart(*path.first()?, *path.last()?))).min_by(f64::total_cmp);
    if ring_count == 0 {
        return None;
    }
    Some(Enclosed { layer: polygons(layer, builder), ring_count, open_count: open.len(), gap })
}

/// What one feature of a layer of lines encloses: by itself, or joined end to end with others of the layer.
///
/// # Errors
/// Where it encloses nothing: the distance between the ends of its path that is nearest to closing, in units of the CRS,
/// and the length of that path; `None` where the feature has no path at all.
pub fn enclosed_by(layer: &Layer, feature: usize) -> Result<Enclosed, Option<(f64, f64)>> {
    if layer.kind != GeometryKind::Line || feature >= layer.feature_count() {
        return Err(None);
    }
    let paths = |feature: usize| -> Vec<Vec<Coord>> {
        let at = layer.starts.partition_point(|start| *start <= feature) - 1;
        let row = feature - layer.starts[at];
        layer.blocks[at].geometry.paths(row).map(<[Coord]>::to_vec).collect()
    };
    let (mut rings, mut open) = joined(paths(feature));
    if rings.is_empty() && layer.feature_count() <= MOST_JOINED {
        let others = (0..layer.feature_count()).filter(|other| *other != feature);
        // Rings of others are not of this one.
        let mut left: Vec<Vec<Coord>> = others.flat_map(|other| joined(paths(other)).1).collect();
        let closes = |path: &Vec<Coord>| Some(chained(path.clone(), &mut left)).filter(|chain| is_ring(chain));
        let found: Vec<Vec<Coord>> = open.iter().filter_map(closes).collect();
        open.truncate(open.len() - found.len());
        rings = found;
    }
    if rings.is_empty() {
        let ends = |path: &Vec<Coord>| Some((apart(*path.first()?, *path.last()?), length(path)));
        return Err(open.iter().filter_map(ends).min_by(|a, b| a.0.total_cmp(&b.0)));
    }
    let ring_count = rings.len();
    let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
    add(&mut builder, rings);
    Ok(Enclosed { layer: polygons(layer, builder), ring_count, open_count: open.len(), gap: None })
}

/// The polygons of a builder as a layer that is read as `layer` is.
fn polygons(layer: &Layer, builder: GeometryBuilder) -> Layer {
    let block = FeatureBlock::of_geometry(builder.finish());
    let polygons = Layer::new(layer.name.clone(), GeometryKind::Polygon, layer.crs.clone(), Vec::new(), vec![block]);
    Layer {
        crs_source: layer.crs_source,
        crs_reason: layer.crs_reason.clone(),
        axes_swapped: layer.axes_swapped,
        provenance: layer.provenance.clone(),
        issues: layer.issues.clone(),
        ..polygons
    }
}

fn apart(a: Coord, b: Coord) -> f64 {
    (a.x - b.x).hypot(a.y - b.y)
}

fn length(path: &[Coord]) -> f64 {
    path.windows(2).map(|edge| apart(edge[0], edge[1])).sum()
}

/// Adds rings as one feature, if there are any.
fn add(builder: &mut GeometryBuilder, rings: Vec<Vec<Coord>>) {
    let parts = nested(rings);
    if !parts.is_empty() {
        builder.polygon(&parts);
    }
}

/// Rings made of paths that close or that meet end to end, and the paths that are left.
fn joined(paths: Vec<Vec<Coord>>) -> (Vec<Vec<Coord>>, Vec<Vec<Coord>>) {
    let (mut rings, mut left) = (Vec::new(), Vec::new());
    let mut open: Vec<Vec<Coord>> = Vec::new();
    for path in paths {
        if is_ring(&path) {
            rings.push(path);
        } else if path.len() >= 2 {
            open.push(path);
        }
    }
    while let Some(chain) = open.pop() {
        let chain = chained(chain, &mut open);
        if is_ring(&chain) { rings.push(chain) } else { left.push(chain) }
    }
    (rings, left)
}

/// A path whose last end goes on with whichever path begins or ends there, until it is back at the start.
fn chained(mut chain: Vec<Coord>, open: &mut Vec<Vec<Coord>>) -> Vec<Coord> {
    while !is_ring(&chain)
        && let Some(end) = chain.last().copied()
        && let Some(at) = open.iter().position(|path| path.first() == Some(&end) || path.last() == Some(&end))
    {
        let mut next = open.swap_remove(at);
        if next.first() != Some(&end) {
            next.reverse();
        }
        chain.extend(next.into_iter().skip(1));
    }
    chain
}

fn is_ring(path: &[Coord]) -> bool {
    path.len() >= 4 && path.first() == path.last()
}

/// Rings as the parts of one polygon: a ring within an odd number of others is a hole of the smallest that holds it, and
/// equal rings count once.
fn nested(mut rings: Vec<Vec<Coord>>) -> Vec<Vec<Vec<Coord>>> {
    let size = |ring: &[Coord]| ring_area(ring).abs();
    rings.sort_by(|a, b| size(b).total_cmp(&size(a)));
    rings.dedup_by(|a, b| is_same(a, b));
    let extents: Vec<Extent> = rings.iter().map(|ring| Extent::of(ring)).collect();
    let mut parts: Vec<Vec<Vec<Coord>>> = Vec::new();
    // The part of each ring, and how many rings hold it.
    let mut places: Vec<(usize, usize)> = Vec::new();
    for (at, ring) in rings.iter().enumerate() {
        let holders: Vec<usize> =
            (0..at).filter(|other| extents[*other].intersects(&extents[at]) && holds(&rings[*other], ring)).collect();
        let depth = holders.len();
        match holders.last() {
            Some(smallest) if depth % 2 == 1 => {
                let part = places[*smallest].0;
                parts[part].push(ring.clone());
                places.push((part, depth));
            }
            _ => {
                parts.push(vec![ring.clone()]);
                places.push((parts.len() - 1, depth));
            }
        }
    }
    parts
}

/// Twice-walked or shifted in its start, it is the same ring.
fn is_same(a: &[Coord], b: &[Coord]) -> bool {
    let sorted = |ring: &[Coord]| {
        let mut points: Vec<(u64, u64)> = ring[1..].iter().map(|c| (c.x.to_bits(), c.y.to_bits())).collect();
        points.sort_unstable();
        points
    };
    a.len() == b.len() && sorted(a) == sorted(b)
}

fn ring_area(ring: &[Coord]) -> f64 {
    let Some(origin) = ring.first() else { return 0.0 };
    let cross = |a: Coord, b: Coord| (a.x - origin.x) * (b.y - origin.y) - (b.x - origin.x) * (a.y - origin.y);
    ring.windows(2).map(|edge| cross(edge[0], edge[1])).sum::<f64>() / 2.0
}

/// Whether most vertices of `inner` lie in `outer`: rings may touch.
fn holds(outer: &[Coord], inner: &[Coord]) -> bool {
    let inside = inner.iter().filter(|c| contains(outer, **c)).count();
    2 * inside > inner.len()
}

fn contains(ring: &[Coord], at: Coord) -> bool {
    ring.windows(2).fold(false, |inside, edge| {
        let (a, b) = (edge[0], edge[1]);
        let crosses = (a.y > at.y) != (b.y > at.y) && at.x < a.x + (at.y - a.y) / (b.y - a.y) * (b.x - a.x);
        inside != crosses
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crs::Crs;

    fn layer(features: &[&[&[(f64, f64)]]]) -> Layer {
        let mut builder = GeometryBuilder::new(GeometryKind::Line);
        for feature in features {
            for path in *feature {
                path.iter().for_each(|(x, y)| builder.coord(Coord { x: *x, y: *y }));
                builder.end_ring();
            }
            builder.end_feature();
        }
        let block = FeatureBlock::of_geometry(builder.finish());
        let crs = Crs::from_epsg(4548).expect("known");
        Layer::new("红线".to_owned(), GeometryKind::Line, crs, Vec::new(), vec![block])
    }

    const SQUARE: &[(f64, f64)] = &[(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0), (0.0, 0.0)];
    const INNER: &[(f64, f64)] = &[(2.0, 2.0), (4.0, 2.0), (4.0, 4.0), (2.0, 4.0), (2.0, 2.0)];

    /// Parts and rings of each feature, rings found, paths left open.
    fn check(features: &[&[&[(f64, f64)]]], expected: (&[usize], usize, usize)) {
        let found = enclosed(&layer(features)).expect("closes");
        let block = &found.layer.blocks[0].geometry;
        let rings: Vec<usize> = (0..block.feature_count()).map(|row| block.polygon(row).rings().count()).collect();
        assert_eq!((&rings[..], found.ring_count, found.open_count), expected);
    }

    #[test]
    fn closed_lines_become_the_area_that_they_enclose() {
        check(&[&[SQUARE]], (&[1], 1, 0));
        check(&[&[SQUARE, INNER]], (&[2], 2, 0));
        // Twice the same line is one.
        check(&[&[SQUARE, SQUARE]], (&[1], 2, 0));
        // Four edges, in any order and direction, in one feature or in four.
        let (south, east): (&[_], &[_]) = (&[(0.0, 0.0), (10.0, 0.0)], &[(10.0, 10.0), (10.0, 0.0)]);
        let (north, west): (&[_], &[_]) = (&[(10.0, 10.0), (0.0, 10.0)], &[(0.0, 0.0), (0.0, 10.0)]);
        check(&[&[south, north, east, west]], (&[1], 1, 0));
        check(&[&[south], &[north], &[west], &[east]], (&[1], 1, 0));
        check(&[&[SQUARE], &[&[(20.0, 0.0), (30.0, 0.0), (30.0, 1.0)]]], (&[1], 1, 1));
    }

    #[test]
    fn one_line_of_many_encloses_what_it_closes_by_itself_or_with_others() {
        let (south, east): (&[_], &[_]) = (&[(0.0, 0.0), (10.0, 0.0)], &[(10.0, 10.0), (10.0, 0.0)]);
        let (north, west): (&[_], &[_]) = (&[(10.0, 10.0), (0.0, 10.0)], &[(0.0, 0.0), (0.0, 10.0)]);
        let road: &[(f64, f64)] = &[(50.0, 0.0), (90.0, 0.0), (90.0, 0.1)];
        let lines = layer(&[&[SQUARE, INNER], &[road], &[south], &[north], &[west], &[east]]);
        let rings = |feature: usize| {
            let found = enclosed_by(&lines, feature).map_err(|left| left.expect("a path"))?;
            let geometry = &found.layer.blocks[0].geometry;
            Ok::<_, (f64, f64)>((geometry.polygon(0).rings().count(), found.ring_count, found.open_count))
        };
        assert_eq!(rings(0), Ok((2, 2, 0)));
        for edge in 2..6 {
            assert_eq!(rings(edge), Ok((1, 1, 0)), "edge {edge}");
        }
        // The square of another feature is not taken for the road's.
        let (gap, length) = rings(1).expect_err("does not close");
        assert!((gap - 40.0).abs() < 0.01 && (length - 40.1).abs() < 1e-9, "{gap} {length}");
        assert!(enclosed_by(&lines, 9).is_err());
    }

    #[test]
    fn what_does_not_close_encloses_nothing() {
        assert!(enclosed(&layer(&[&[&[(0.0, 0.0), (10.0, 0.0), (10.0, 10.0)]]])).is_none());
        assert!(enclosed(&layer(&[])).is_none());
    }
}
