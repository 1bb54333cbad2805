//! Rings that meet in T-junctions get each other's corners, so that they still fit when they are bent.

use super::plane::{Point, Vector, foot};

/// `rings` on the grid, with every corner that lies on another ring's side (within 5 mm) put into that side.
pub fn weld(rings: &[Vec<Vector>]) -> Vec<Vec<Point>> {
    let rings: Vec<Vec<Point>> = rings.iter().map(|ring| ring.iter().map(|v| v.to_grid()).collect()).collect();
    let mut corners: Vec<Point> = rings.iter().flatten().copied().collect();
    corners.sort_unstable();
    corners.dedup();
    let weld_ring = |ring: &Vec<Point>| {
        let mut welded = Vec::with_capacity(ring.len() + 4);
        for i in 0..ring.len() {
            let (a, b) = (ring[i], ring[(i + 1) % ring.len()]);
            welded.push(a);
            let (low, high) = (a.x.min(b.x) - 5, a.x.max(b.x) + 5);
            let (bottom, top) = (a.y.min(b.y) - 5, a.y.max(b.y) + 5);
            let from = corners.partition_point(|p| p.x < low);
            let mut on: Vec<Point> = corners[from..]
                .iter()
                .take_while(|p| p.x <= high)
                .filter(|p| bottom <= p.y && p.y <= top && p.distance2(a) > 100 && p.distance2(b) > 100)
                .filter(|p| foot(a, b, **p).is_some_and(|d2| d2 <= 25.0))
                .copied()
                .collect();
            on.sort_by_key(|p| p.distance2(a));
            welded.extend(on);
        }
        welded
    };
    rings.iter().map(weld_ring).collect()
}

/// Every ring with its points moved by `bend`.
pub fn warp(rings: Vec<Vec<Point>>, bend: impl Fn(Vector) -> Vector) -> Vec<Vec<Point>> {
    rings.into_iter().map(|ring| ring.into_iter().map(|p| bend(p.to_vector()).to_grid()).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_corner_on_a_side_is_put_into_it() {
        let v = Vector::new;
        let rings = [
            vec![v(0.0, 0.0), v(2.0, 0.0), v(2.0, 1.0), v(0.0, 1.0)],
            vec![v(0.0, 1.0), v(1.0, 1.0), v(1.0, 2.0), v(0.0, 2.0)],
        ];
        let welded = weld(&rings);
        assert_eq!((welded[0].len(), welded[1].len()), (5, 4));
        assert_eq!(welded[0][3], Point { x: 1000, y: 1000 });
    }
}
