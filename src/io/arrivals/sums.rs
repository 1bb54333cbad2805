//! What the polygons that have come cover, roughly: rings as they lie in the numbers of the file, nothing repaired and
//! nothing counted once where it lies twice. Good enough to be watched, never to be kept.

use crate::crs::{CrsKind, Decision};
use crate::measure::ellipsoid::Ellipsoid;
use crate::model::{Coord, GeometryBlock, GeometryKind};
use crate::units::Area;

/// Sums over rings, outlines less holes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sums {
    /// In squares of the units of the numbers.
    plane: f64,
    /// In m², where the numbers are degrees of longitude and latitude.
    globe_m2: f64,
}

impl Sums {
    /// Of the polygons of a block.
    pub(super) fn of(geometry: &GeometryBlock) -> Self {
        let mut sums = Self::default();
        if geometry.kind() != GeometryKind::Polygon {
            return sums;
        }
        let ellipsoid = Ellipsoid::cgcs2000();
        let rings = geometry.ring_offsets();
        for part in geometry.part_offsets().windows(2) {
            for ring in part[0]..part[1] {
                let (from, to) = (rings[ring as usize] as usize, rings[ring as usize + 1] as usize);
                let Some((plane, globe_m2)) = ring_area(&geometry.coords()[from..to], &ellipsoid) else { continue };
                let sign = if ring == part[0] { 1.0 } else { -1.0 };
                sums.plane += sign * plane;
                sums.globe_m2 += sign * globe_m2;
            }
        }
        sums
    }

    /// Adds those of another block.
    pub(super) fn add(&mut self, other: &Self) {
        self.plane += other.plane;
        self.globe_m2 += other.globe_m2;
    }

    /// The sum, where the numbers are what `decision` says; `None` where that is in doubt, where there are no polygons, and
    /// in projections whose squares are no m².
    pub(super) fn area(&self, decision: &Decision) -> Option<Area> {
        let m2 = match decision.crs.kind() {
            CrsKind::Geographic if !decision.swap_axes => self.globe_m2,
            CrsKind::GaussKruger(_) => self.plane,
            _ => return None,
        };
        (decision.certain && m2.is_finite() && m2 > 0.0).then(|| Area::from_m2(m2))
    }
}

/// What a ring encloses in the plane of its numbers, and in m² where these are degrees: a degree has the length that it has
/// in the middle of the ring. `None` where a number is none.
fn ring_area(ring: &[Coord], ellipsoid: &Ellipsoid) -> Option<(f64, f64)> {
    let first = ring.first()?;
    let (mut twice, mut least, mut most) = (0.0, f64::INFINITY, f64::NEG_INFINITY);
    // From the first corner: numbers near 4·10⁷ would lose digits.
    let (mut x, mut y) = (0.0, 0.0);
    for c in ring {
        let (next_x, next_y) = (c.x - first.x, c.y - first.y);
        twice += x * next_y - next_x * y;
        (x, y) = (next_x, next_y);
        (least, most) = (least.min(c.y), most.max(c.y));
    }
    let plane = (twice / 2.0).abs();
    let latitude = ((least + most) / 2.0).to_radians();
    // Radii of the meridian and of the circle of latitude.
    let w2 = 1.0 - ellipsoid.e2 * latitude.sin().powi(2);
    let meridian = ellipsoid.a * (1.0 - ellipsoid.e2) / (w2 * w2.sqrt());
    let parallel = ellipsoid.a / w2.sqrt() * latitude.cos();
    let degree = 1f64.to_radians();
    let globe_m2 = plane * degree * degree * meridian * parallel;
    (plane.is_finite() && globe_m2.is_finite()).then_some((plane, globe_m2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crs::{Clues, Crs, Declared, Sample, decide};
    use crate::model::GeometryBuilder;

    fn sums(rings: &[(f64, f64, f64)]) -> Sums {
        let square = |(x, y, side): &(f64, f64, f64)| {
            let at = |dx: f64, dy: f64| Coord { x: x + dx * side, y: y + dy * side };
            vec![at(0.0, 0.0), at(1.0, 0.0), at(1.0, 1.0), at(0.0, 1.0), at(0.0, 0.0)]
        };
        let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
        builder.polygon(&[rings.iter().map(square).collect()]);
        Sums::of(&builder.finish())
    }

    fn area(sums: &Sums, crs: &str, at: Coord) -> Option<f64> {
        let sample = Sample::of(&[at]);
        let declared = Some(Declared::new(crs));
        let decision = decide(&Clues { user: Crs::parse(crs).ok(), declared, format_default: None, sample: &sample });
        sums.area(&decision).map(|area| area.m2())
    }

    #[test]
    fn outlines_count_less_their_holes() {
        let (x, y) = (39_500_000.0, 4_070_000.0);
        let of = sums(&[(x, y, 100.0), (x + 10.0, y + 10.0, 20.0)]);
        assert_eq!(area(&of, "EPSG:4527", Coord { x, y }), Some(9600.0));
        assert_eq!(area(&of, "EPSG:3857", Coord { x, y }), None, "its squares are no m²");
        let mut twice = of;
        twice.add(&of);
        assert_eq!(area(&twice, "EPSG:4527", Coord { x, y }), Some(19_200.0));
    }

    #[test]
    fn degrees_have_their_length_where_they_lie() {
        // A hundredth of a degree each way at 36.805° north: 1109.74 m by 892.38 m.
        let of = sums(&[(117.0, 36.8, 0.01)]);
        let m2 = area(&of, "EPSG:4490", Coord { x: 117.0, y: 36.8 }).expect("degrees");
        assert!((m2 - 990_314.8).abs() < 10.0, "{m2}");
    }
}
