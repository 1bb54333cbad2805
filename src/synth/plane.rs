//! The drawing plane of the demo: whole millimetres, so that every predicate is exact and every platform agrees.
//!
//! Points are offsets from the project's origin in EPSG:4527, at most 60 km away: products of two offsets fit `i64`,
//! sums of them `i128`. Design curves are computed in `f64` metres with +, −, ×, ÷ and √ only, which IEEE 754 fixes to
//! the last bit, and rounded to the grid before anything is decided by them.

/// A point on the millimetre grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Point {
    /// Millimetres east of the origin.
    pub x: i64,
    /// Millimetres north of the origin.
    pub y: i64,
}

/// A point or vector of the design, in metres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Vector {
    /// Metres east.
    pub x: f64,
    /// Metres north.
    pub y: f64,
}

impl Point {
    /// The point in metres.
    pub fn to_vector(self) -> Vector {
        Vector { x: self.x as f64 / 1000.0, y: self.y as f64 / 1000.0 }
    }

    /// Square of the distance, mm².
    pub fn distance2(self, other: Self) -> i64 {
        let (dx, dy) = (self.x - other.x, self.y - other.y);
        dx * dx + dy * dy
    }
}

impl Vector {
    /// A vector of these metres.
    pub const fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    /// The nearest point of the grid.
    pub fn to_grid(self) -> Point {
        Point { x: (self.x * 1000.0).round() as i64, y: (self.y * 1000.0).round() as i64 }
    }

    /// Sum.
    pub fn plus(self, other: Self) -> Self {
        Self::new(self.x + other.x, self.y + other.y)
    }

    /// Difference.
    pub fn minus(self, other: Self) -> Self {
        Self::new(self.x - other.x, self.y - other.y)
    }

    /// Multiple.
    pub fn times(self, factor: f64) -> Self {
        Self::new(self.x * factor, self.y * factor)
    }

    /// Scalar product.
    pub fn dot(self, other: Self) -> f64 {
        self.x * other.x + self.y * other.y
    }

    /// Third component of the vector product: positive when `other` lies to the left.
    pub fn cross(self, other: Self) -> f64 {
        self.x * other.y - self.y * other.x
    }

    /// Length.
    pub fn length(self) -> f64 {
        self.dot(self).sqrt()
    }

    /// The vector of length 1 in this direction; (1, 0) for the zero vector.
    pub fn unit(self) -> Self {
        let length = self.length();
        if length > 0.0 { self.times(1.0 / length) } else { Self::new(1.0, 0.0) }
    }

    /// Turned left by a right angle.
    pub fn left(self) -> Self {
        Self::new(-self.y, self.x)
    }
}

/// Twice the signed area of the triangle: positive when `c` lies to the left of `a` → `b`.
pub fn orient(a: Point, b: Point, c: Point) -> i64 {
    (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
}

/// Twice the signed area of a ring that is not repeated at its end, mm².
pub fn double_area(ring: &[Point]) -> i128 {
    (0..ring.len())
        .map(|i| {
            let (a, b) = (ring[i], ring[(i + 1) % ring.len()]);
            i128::from(a.x) * i128::from(b.y) - i128::from(a.y) * i128::from(b.x)
        })
        .sum()
}

/// Area of a ring in m², without its sign.
pub fn area_m2(ring: &[Point]) -> f64 {
    double_area(ring).unsigned_abs() as f64 / 2e6
}

/// Whether `p` lies inside `ring`, by the parity of crossings; undecided on the ring itself.
pub fn inside(ring: &[Point], p: Point) -> bool {
    let mut odd = false;
    for i in 0..ring.len() {
        let (a, b) = (ring[i], ring[(i + 1) % ring.len()]);
        if (a.y > p.y) != (b.y > p.y) {
            let turn = orient(a, b, p);
            if (turn > 0) == (b.y > a.y) {
                odd = !odd;
            }
        }
    }
    odd
}

/// Where the segments cross in their interiors, rounded to the grid.
pub fn crossing(a: Point, b: Point, c: Point, d: Point) -> Option<Point> {
    let (ca, cb) = (orient(c, d, a), orient(c, d, b));
    let (ac, ad) = (orient(a, b, c), orient(a, b, d));
    if (ca > 0) == (cb > 0) || (ac > 0) == (ad > 0) || ca == 0 || cb == 0 || ac == 0 || ad == 0 {
        return None;
    }
    let (num, den) = (i128::from(ca), i128::from(ca) - i128::from(cb));
    let at = |from: i64, to: i64| from + div_round(num * i128::from(to - from), den);
    Some(Point { x: at(a.x, b.x), y: at(a.y, b.y) })
}

/// The point of segment `a`–`b` nearest to `p` when it is an inner one, with the square of the distance in mm².
pub fn foot(a: Point, b: Point, p: Point) -> Option<f64> {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let length2 = dx * dx + dy * dy;
    let along = (p.x - a.x) * dx + (p.y - a.y) * dy;
    if along <= 0 || along >= length2 {
        return None;
    }
    let across = orient(a, b, p) as f64;
    Some(across * across / length2 as f64)
}

fn div_round(num: i128, den: i128) -> i64 {
    let (num, den) = if den < 0 { (-num, -den) } else { (num, den) };
    (2 * num + den).div_euclid(2 * den) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(x: i64, y: i64) -> Point {
        Point { x, y }
    }

    #[test]
    fn segments_cross_only_in_their_interiors() {
        assert_eq!(crossing(p(0, 0), p(10, 10), p(0, 10), p(10, 0)), Some(p(5, 5)));
        assert_eq!(crossing(p(0, 0), p(10, 10), p(10, 10), p(20, 0)), None);
        assert_eq!(crossing(p(0, 0), p(10, 0), p(5, 0), p(5, 9)), None);
        assert_eq!(crossing(p(0, 0), p(3, 1), p(0, 1), p(3, 0)), Some(p(2, 1)));
    }

    #[test]
    fn points_are_inside_by_parity() {
        let ring = [p(0, 0), p(10, 0), p(10, 10), p(5, 3), p(0, 10)];
        assert!(inside(&ring, p(5, 2)));
        assert!(!inside(&ring, p(5, 6)));
        assert_eq!(double_area(&ring), 130);
    }

    #[test]
    fn feet_are_inner_points() {
        assert_eq!(foot(p(0, 0), p(10, 0), p(4, 3)), Some(9.0));
        assert_eq!(foot(p(0, 0), p(10, 0), p(10, 3)), None);
    }
}
