//! Where a label or pictogram of a feature stands.

use geo::{InteriorPoint, LineString, Polygon};

use crate::model::{Coord, GeometryBlock, GeometryKind};

/// A point inside feature `row`: inside its largest part, at the middle of its longest path, or its first point. NaN
/// where the feature has no coordinates.
pub fn inside_point(block: &GeometryBlock, row: usize) -> Coord {
    let nowhere = Coord { x: f64::NAN, y: f64::NAN };
    match block.kind() {
        GeometryKind::Point => block.points(row).first().copied().unwrap_or(nowhere),
        GeometryKind::Line => {
            let longest = block.paths(row).max_by(|a, b| length(a).total_cmp(&length(b)));
            longest.and_then(middle).unwrap_or(nowhere)
        }
        GeometryKind::Polygon => {
            let size = |rings: &Vec<&[Coord]>| rings.first().map_or(0.0, |ring| shoelace(ring).abs());
            let largest = block
                .polygon(row)
                .parts()
                .map(|part| part.rings().collect::<Vec<_>>())
                .max_by(|a, b| size(a).total_cmp(&size(b)));
            largest.and_then(|rings| inside_rings(&rings)).unwrap_or(nowhere)
        }
        GeometryKind::None => nowhere,
    }
}

fn inside_rings(rings: &[&[Coord]]) -> Option<Coord> {
    let first = *rings.first()?.first()?;
    // Near the origin the sums keep their digits.
    let local =
        |ring: &[Coord]| LineString(ring.iter().map(|c| Coord { x: c.x - first.x, y: c.y - first.y }).collect());
    if rings.iter().any(|ring| ring.iter().any(|c| !c.x.is_finite() || !c.y.is_finite())) {
        return None;
    }
    let polygon = Polygon::new(local(rings[0]), rings[1..].iter().map(|ring| local(ring)).collect());
    let point = polygon.interior_point().map_or(first, |p| Coord { x: p.x() + first.x, y: p.y() + first.y });
    Some(point)
}

fn shoelace(ring: &[Coord]) -> f64 {
    let Some(first) = ring.first() else { return 0.0 };
    ring.windows(2)
        .map(|e| (e[0].x - first.x) * (e[1].y - first.y) - (e[1].x - first.x) * (e[0].y - first.y))
        .sum::<f64>()
        / 2.0
}

fn length(path: &[Coord]) -> f64 {
    path.windows(2).map(|e| (e[1].x - e[0].x).hypot(e[1].y - e[0].y)).sum()
}

fn middle(path: &[Coord]) -> Option<Coord> {
    let half = length(path) / 2.0;
    let mut walked = 0.0;
    for edge in path.windows(2) {
        let step = (edge[1].x - edge[0].x).hypot(edge[1].y - edge[0].y);
        if step > 0.0 && walked + step >= half {
            let t = (half - walked) / step;
            return Some(Coord {
                x: edge[0].x + t * (edge[1].x - edge[0].x),
                y: edge[0].y + t * (edge[1].y - edge[0].y),
            });
        }
        walked += step;
    }
    path.first().copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::GeometryBuilder;
    use crate::render::pick::inside;

    #[test]
    fn the_point_of_a_horseshoe_lies_in_it() {
        let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
        let at = |x: f64, y: f64| Coord { x: 39_500_000.0 + x, y: 4_000_000.0 + y };
        let ring = [(0., 0.), (9., 0.), (9., 9.), (8., 9.), (8., 1.), (1., 1.), (1., 9.), (0., 9.), (0., 0.)];
        builder.polygon(&[vec![ring.iter().map(|(x, y)| at(*x, *y)).collect::<Vec<_>>()]]);
        builder.null_feature();
        let block = builder.finish();
        assert!(inside(&block, 0, inside_point(&block, 0)));
        assert!(inside_point(&block, 1).x.is_nan());
    }

    #[test]
    fn a_line_is_labelled_in_its_middle() {
        let mut builder = GeometryBuilder::new(GeometryKind::Line);
        for x in [0.0, 1.0, 10.0] {
            builder.coord(Coord { x, y: 0.0 });
        }
        builder.end_ring();
        builder.end_feature();
        assert_eq!(inside_point(&builder.finish(), 0), Coord { x: 5.0, y: 0.0 });
    }
}
