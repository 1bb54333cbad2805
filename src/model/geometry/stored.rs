//! A block as plain columns and back: what a cache writes, and what it reads once more. Whatever the views of a block rely
//! on is checked, so that columns from anywhere either make a sound block or none.

use super::{Coord, Extent, GeometryBlock, GeometryKind};

/// The columns of a [`GeometryBlock`], as its own are.
#[derive(Clone, Debug)]
pub struct GeometryColumns {
    /// What the block holds.
    pub kind: GeometryKind,
    /// All coordinates.
    pub coords: Vec<Coord>,
    /// Path or ring → first coord; one more at the end.
    pub ring_offsets: Vec<u32>,
    /// Part → first ring; one more at the end.
    pub part_offsets: Vec<u32>,
    /// Feature → first coord (point), path (line) or part (polygon); one more at the end.
    pub feature_offsets: Vec<u32>,
    /// One Z a coord, or none.
    pub z: Vec<f64>,
    /// One M a coord, or none.
    pub m: Vec<f64>,
    /// Rows whose geometry is null, ascending.
    pub nulls: Vec<u32>,
}

/// Fewest coordinates of a ring: three corners and the first once more.
const LEAST_RING: u32 = 4;

impl GeometryBlock {
    /// The block of these columns; `None` where they do not go together.
    pub fn of_columns(columns: GeometryColumns) -> Option<Self> {
        let GeometryColumns { kind, coords, ring_offsets, part_offsets, feature_offsets, z, m, nulls } = columns;
        let feature_count = count(&feature_offsets)?;
        let is_sound = go_together(kind, coords.len(), [&ring_offsets, &part_offsets, &feature_offsets]);
        let is_column = |values: &[f64]| values.is_empty() || values.len() == coords.len();
        let are_rows = nulls.is_sorted_by(|a, b| a < b) && nulls.last().is_none_or(|last| *last < feature_count);
        if !(is_sound == Some(true) && is_column(&z) && is_column(&m) && are_rows) {
            return None;
        }
        let (ring_offsets, part_offsets) = match kind {
            GeometryKind::Polygon => (ring_offsets, part_offsets),
            GeometryKind::Line => (ring_offsets, vec![0]),
            GeometryKind::Point | GeometryKind::None => (vec![0], vec![0]),
        };
        let extent = Extent::of(&coords);
        Some(Self { kind, coords, ring_offsets, part_offsets, feature_offsets, z, m, nulls, extent })
    }

    /// Whether its columns make a block again: all but such as hold rings without an inside.
    pub fn is_storable(&self) -> bool {
        let offsets = [&self.ring_offsets[..], &self.part_offsets[..], &self.feature_offsets[..]];
        go_together(self.kind, self.coords.len(), offsets) == Some(true)
    }
}

/// Whether offsets of rings, parts and features lead to so many coordinates; `None` where there are too many of something.
fn go_together(kind: GeometryKind, coord_count: usize, offsets: [&[u32]; 3]) -> Option<bool> {
    let [rings, parts, features] = offsets;
    let coord_count = u32::try_from(coord_count).ok()?; // no block has as many
    let (ring_count, part_count) = (count(rings)?, count(parts)?);
    Some(match kind {
        GeometryKind::None => coord_count == 0 && steps(features, 0, 0),
        GeometryKind::Point => steps(features, coord_count, 0),
        GeometryKind::Line => steps(rings, coord_count, 1) && steps(features, ring_count, 0),
        GeometryKind::Polygon => {
            steps(rings, coord_count, LEAST_RING) && steps(parts, ring_count, 1) && steps(features, part_count, 0)
        }
    })
}

/// How many things offsets tell apart.
fn count(offsets: &[u32]) -> Option<u32> {
    u32::try_from(offsets.len().checked_sub(1)?).ok() // more than a block can have
}

/// Whether `offsets` go from 0 to `end`, each at least `least` beyond the one before.
fn steps(offsets: &[u32], end: u32, least: u32) -> bool {
    offsets.first() == Some(&0)
        && offsets.last() == Some(&end)
        && offsets.windows(2).all(|pair| pair[1].checked_sub(pair[0]).is_some_and(|step| step >= least))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::GeometryBuilder;

    fn columns(block: &GeometryBlock) -> GeometryColumns {
        GeometryColumns {
            kind: block.kind(),
            coords: block.coords().to_vec(),
            ring_offsets: block.ring_offsets().to_vec(),
            part_offsets: block.part_offsets().to_vec(),
            feature_offsets: block.feature_offsets().to_vec(),
            z: block.z().to_vec(),
            m: block.m().to_vec(),
            nulls: block.nulls().to_vec(),
        }
    }

    fn polygons() -> GeometryBlock {
        let ring =
            |x: f64| [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0)].map(|(dx, y)| Coord { x: x + dx, y }).to_vec();
        let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
        builder.polygon(&[vec![ring(0.0), ring(5.0)], vec![ring(9.0)]]);
        builder.null_feature();
        builder.polygon::<Vec<Coord>>(&[]);
        builder.finish()
    }

    #[test]
    fn columns_make_the_block_that_they_came_from() {
        let mut points = GeometryBuilder::new(GeometryKind::Point);
        points.coord_z(Coord { x: 1.0, y: 2.0 }, 3.0);
        points.measure(4.0);
        points.end_feature();
        let mut lines = GeometryBuilder::new(GeometryKind::Line);
        lines.coord(Coord { x: 1.0, y: 2.0 });
        lines.coord(Coord { x: 3.0, y: f64::NAN });
        lines.end_ring();
        lines.end_feature();
        let mut none = GeometryBuilder::new(GeometryKind::None);
        none.null_feature();
        none.end_feature();
        for block in [polygons(), points.finish(), lines.finish(), none.finish()] {
            assert!(block.is_storable());
            let again = GeometryBlock::of_columns(columns(&block)).expect("goes together");
            // As text: NaN is equal to nothing.
            assert_eq!(format!("{again:?}"), format!("{block:?}"));
        }
    }

    #[test]
    fn columns_that_do_not_go_together_make_no_block() {
        let refused = |change: fn(&mut GeometryColumns)| {
            let mut odd = columns(&polygons());
            change(&mut odd);
            assert!(GeometryBlock::of_columns(odd.clone()).is_none(), "{odd:?}");
        };
        refused(|odd| odd.coords.truncate(11));
        refused(|odd| odd.feature_offsets.clear());
        refused(|odd| odd.feature_offsets[0] = 1);
        refused(|odd| odd.feature_offsets[1] = 9);
        refused(|odd| *odd.ring_offsets.last_mut().expect("some") = u32::MAX);
        refused(|odd| odd.ring_offsets.swap(1, 2));
        refused(|odd| odd.ring_offsets[1] = 2);
        refused(|odd| odd.part_offsets[1] = 0);
        refused(|odd| odd.z.push(1.0));
        refused(|odd| odd.m.push(1.0));
        refused(|odd| odd.nulls.push(7));
        refused(|odd| odd.nulls = vec![1, 1]);
        refused(|odd| odd.kind = GeometryKind::None);
    }
}
