//! Parts that are holes of other parts.
//!
//! Shapefiles tell holes by their winding, and converters that lose sight of it write each hole as a part of its own: a
//! part that lies wholly within another and winds the other way. Such a part is read as a hole of the other one. A part
//! that lies within another and winds the same way adds nothing, as any overlap of parts.

use super::crossings;
use super::rings::Rings;
use super::walk::{self, Scratch, starts_inside_left};
use crate::task::{Cancelled, Progress};

/// A part that is a hole of another part of its feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LostHole {
    /// The part.
    pub part: u32,
    /// Whose hole it is.
    pub of: u32,
}

/// The outer ring of each part: its first; `None` for a part without rings.
fn outer_rings(rings: &Rings) -> Vec<Option<u32>> {
    let mut outer = vec![None; rings.part_count()];
    for ring in (0..rings.ring_count() as u32).rev() {
        outer[rings.part_of(ring) as usize] = Some(ring);
    }
    outer
}

/// Whether the parts of `rings` from part `first` on are wound in different ways: only then can there be lost holes.
pub(super) fn differ_in_winding(rings: &Rings, first_ring: u32) -> bool {
    let mut seen = [false; 2];
    let mut part = None;
    for ring in first_ring..rings.ring_count() as u32 {
        if part.replace(rings.part_of(ring)) != Some(rings.part_of(ring)) {
            seen[usize::from(starts_inside_left(rings, ring))] = true;
        }
    }
    seen == [true; 2]
}

/// Finds the parts of one feature that are holes of others.
///
/// # Errors
/// [`Cancelled`] when the user cancelled.
pub(super) fn lost_holes(rings: &Rings, progress: &Progress) -> Result<Vec<LostHole>, Cancelled> {
    if !differ_in_winding(rings, 0) {
        return Ok(Vec::new());
    }
    let outer = outer_rings(rings);
    // Too many to be told: what the feature is then said to be.
    let Ok(crossings) = crossings::find(rings, rings.parts(), progress)? else { return Ok(Vec::new()) };
    let mut scratch = Scratch::default();
    let mut found = Vec::new();
    for (part, ring) in outer.iter().enumerate() {
        let Some(ring) = *ring else { continue };
        let part = part as u32;
        // The parts around the ring all the way along.
        let mut around: Option<Vec<u32>> = None;
        let walk = walk::along(rings, rings.parts(), &crossings, ring, &mut scratch, |stretch| match &mut around {
            None => around = Some(stretch.within.iter().copied().filter(|p| *p != part).collect()),
            Some(around) => around.retain(|p| stretch.within.contains(p)),
        });
        if walk.is_err() {
            continue;
        }
        let left = starts_inside_left(rings, ring);
        let against = |of: &u32| outer[*of as usize].is_some_and(|ring| starts_inside_left(rings, ring) != left);
        if let Some(of) = around.unwrap_or_default().into_iter().find(against) {
            found.push(LostHole { part, of });
        }
    }
    Ok(found)
}

/// Reads lost holes as what they are: their rings go to the part that they are holes of. Only rings from `first_ring`
/// on are looked at, and `first_part` is the part that `holes` call 0.
pub(super) fn join(rings: &mut Rings, holes: &[LostHole], first_ring: u32, first_part: u32) {
    for hole in holes {
        // Where the other part is a lost hole itself, all of them become one part.
        let mut of = hole.of;
        for _ in 0..holes.len() {
            match holes.iter().find(|other| other.part == of) {
                Some(other) => of = other.of,
                None => break,
            }
        }
        rings.move_rings(first_ring, hole.part + first_part, of + first_part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Coord;

    fn square(x: f64, y: f64, side: f64, clockwise: bool) -> Vec<Coord> {
        let mut ring =
            [(0., 0.), (1., 0.), (1., 1.), (0., 1.)].map(|(dx, dy)| Coord { x: x + dx * side, y: y + dy * side });
        if clockwise {
            ring.reverse();
        }
        ring.to_vec()
    }

    #[test]
    fn parts_wound_against_what_surrounds_them_are_its_holes() {
        let check = |parts: &[Vec<Coord>], expected: &[(u32, u32)]| {
            let mut rings = Rings::default();
            for ring in parts {
                rings.part(0);
                rings.ring(ring).expect("a ring");
            }
            let holes = lost_holes(&rings.finish(), &Progress::new()).expect("not cancelled");
            assert_eq!(holes, expected.iter().map(|&(part, of)| LostHole { part, of }).collect::<Vec<_>>());
        };
        let (big, small) = (square(0., 0., 9., true), square(1., 1., 2., false));
        check(&[big.clone(), small.clone()], &[(1, 0)]);
        check(&[small.clone(), big.clone()], &[(0, 1)]);
        // The same winding: an overlap, not a hole.
        check(&[big.clone(), square(1., 1., 2., true)], &[]);
        // Beside, or across the border.
        check(&[big.clone(), square(20., 1., 2., false)], &[]);
        check(&[big.clone(), square(8., 1., 2., false)], &[]);
        // An island in the hole belongs to the hole.
        check(&[big, square(1., 1., 6., false), square(2., 2., 2., true)], &[(1, 0), (2, 1)]);
    }
}
