//! Parts that are holes of other parts.
//!
//! Shapefiles tell holes by their winding, and converters that lose sight of it write each hole as a part of its own: a
//! part of one ring that lies within the land of another and winds the other way. Such parts are read by nesting, hole,
//! island, hole, and so on: a hole is taken from all land around it, and an island in it is land. A part that lies
//! within another and winds the same way adds nothing, as any overlap of parts; parts that are equal count once.

use super::crossings::{self, Asked};
use super::rings::Rings;
use super::walk::{self, Scratch, starts_inside_left};
use crate::task::{Cancelled, Progress};

/// A part that is a hole of other parts of its feature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LostHole {
    /// The part.
    pub part: u32,
    /// Its only ring.
    pub ring: u32,
    /// The parts, ascending, that it is taken from.
    pub of: Vec<u32>,
}

/// How the parts of a feature nest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Nesting {
    /// Holes that were written as parts, by ring.
    pub holes: Vec<LostHole>,
    /// Parts that wind against the part that they lie in, with that part: holes, and islands in holes.
    pub against: Vec<(u32, u32)>,
}

/// The shell of each part; `None` where it was dropped, or has no rings.
fn shells(rings: &Rings) -> Vec<Option<u32>> {
    let mut shells = vec![None; rings.part_count()];
    for ring in (0..rings.ring_count() as u32).filter(|ring| rings.is_shell(*ring)) {
        shells[rings.part_of(ring) as usize] = Some(ring);
    }
    shells
}

/// Whether the parts of `rings` from ring `first` on are wound in different ways: only then can there be lost holes.
pub(super) fn differ_in_winding(rings: &Rings, first_ring: u32) -> bool {
    let mut seen = [false; 2];
    for ring in (first_ring..rings.ring_count() as u32).filter(|ring| rings.is_shell(*ring)) {
        seen[usize::from(starts_inside_left(rings, ring))] = true;
    }
    seen == [true; 2]
}

/// The parts, ascending, in whose land each of the parts that `asked` says lies, of their shells. A border that both have
/// in common tells nothing, so that equal parts do not lie in each other. `None` where edges meet too often to tell.
///
/// # Errors
/// [`Cancelled`] when the user cancelled.
pub(super) fn containers(
    rings: &Rings,
    asked: impl Fn(u32) -> bool,
    progress: &Progress,
) -> Result<Option<Vec<Vec<u32>>>, Cancelled> {
    if rings.ring_count() < 2 {
        return Ok(Some(vec![Vec::new(); rings.part_count()]));
    }
    let Ok(crossings) = crossings::find_among(rings, &|_, _| Asked::CrossingsAndStretches, progress)? else {
        return Ok(None);
    };
    let mut scratch = Scratch::default();
    let mut containers = vec![Vec::new(); rings.part_count()];
    for (part, ring) in shells(rings).into_iter().enumerate() {
        let part = part as u32;
        let Some(ring) = ring.filter(|_| asked(part)) else { continue };
        // The parts around the ring all the way along, and whether it lies truly inside of them anywhere.
        let mut around: Option<Vec<(u32, bool)>> = None;
        let (mut inside, mut beside): (Vec<u32>, Vec<u32>) = Default::default();
        let walk = walk::along(rings, &crossings, ring, &mut scratch, |stretch| {
            if around.as_ref().is_some_and(Vec::is_empty) {
                return;
            }
            beside.clear();
            beside.extend(stretch.coincident.iter().map(|edge| rings.part_of(rings.ring_of(*edge))));
            beside.retain(|other| *other != part);
            inside.clear();
            let of_part = |a: &(u32, i32), b: &(u32, i32)| rings.part_of(a.0) == rings.part_of(b.0);
            for other in stretch.within.chunk_by(of_part) {
                let number = rings.part_of(other[0].0);
                let holds = rings.hold(other.iter().map(|(ring, _)| *ring));
                if number != part && holds && !beside.contains(&number) {
                    inside.push(number);
                }
            }
            match &mut around {
                None => {
                    let all = inside.iter().map(|other| (*other, true));
                    around = Some(all.chain(beside.iter().map(|other| (*other, false))).collect());
                }
                Some(around) => around.retain_mut(|(other, truly)| {
                    let is_inside = inside.binary_search(other).is_ok();
                    *truly |= is_inside;
                    is_inside || beside.contains(other)
                }),
            }
        });
        progress.tick(0)?;
        if walk.is_ok() {
            let mut found: Vec<u32> =
                around.unwrap_or_default().into_iter().filter(|(_, truly)| *truly).map(|(other, _)| other).collect();
            found.sort_unstable();
            found.dedup();
            containers[part as usize] = found;
        }
    }
    Ok(Some(containers))
}

/// How the parts of one feature nest.
///
/// # Errors
/// [`Cancelled`] when the user cancelled.
pub(super) fn nesting(rings: &Rings, progress: &Progress) -> Result<Nesting, Cancelled> {
    if !differ_in_winding(rings, 0) {
        return Ok(Nesting::default());
    }
    let mut ring_counts = vec![0u32; rings.part_count()];
    rings.parts().iter().for_each(|part| ring_counts[*part as usize] += 1);
    // Too many to be told: what the feature is then said to be.
    let Some(containers) = containers(rings, |part| ring_counts[part as usize] == 1, progress)? else {
        return Ok(Nesting::default());
    };
    let shells = shells(rings);
    let mut order: Vec<usize> = (0..containers.len()).filter(|part| shells[*part].is_some()).collect();
    order.sort_by_key(|part| containers[*part].len());
    let mut is_land = vec![true; containers.len()];
    let mut nesting = Nesting::default();
    for part in order {
        let Some(ring) = shells[part] else { continue };
        let depth = |other: &u32| containers[*other as usize].len();
        let Some(deepest) = containers[part].iter().map(depth).max() else { continue };
        let left = starts_inside_left(rings, ring);
        let winds_against =
            |other: &u32| shells[*other as usize].is_some_and(|ring| starts_inside_left(rings, ring) != left);
        let innermost = containers[part].iter().filter(|other| depth(other) == deepest);
        if let Some(of) = innermost.clone().find(|other| winds_against(other)) {
            is_land[part] = !is_land[*of as usize];
            nesting.against.push((part as u32, *of));
        } else {
            is_land[part] = innermost.into_iter().any(|other| is_land[*other as usize]);
        }
        if !is_land[part] {
            let of = containers[part].iter().copied().filter(|other| is_land[*other as usize]).collect();
            nesting.holes.push(LostHole { part: part as u32, ring, of });
        }
    }
    nesting.holes.sort_by_key(|hole| hole.ring);
    Ok(nesting)
}

/// Reads lost holes as what they are. `first_ring` and `first_part` are the ring and the part that `holes` call 0.
pub(super) fn take_out(rings: &mut Rings, holes: &[LostHole], first_ring: u32, first_part: u32) {
    for hole in holes {
        rings.make_hole(hole.ring + first_ring, hole.of.iter().map(|part| part + first_part));
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
        let check = |parts: &[Vec<Coord>], expected: &[(u32, &[u32])]| {
            let mut rings = Rings::default();
            for ring in parts {
                rings.part(0);
                rings.ring(ring).expect("a ring");
            }
            let holes = nesting(&rings.finish(), &Progress::new()).expect("not cancelled").holes;
            let found: Vec<(u32, &[u32])> = holes.iter().map(|hole| (hole.part, &hole.of[..])).collect();
            assert_eq!(found, expected);
        };
        let (big, small) = (square(0., 0., 9., true), square(1., 1., 2., false));
        check(&[big.clone(), small.clone()], &[(1, &[0])]);
        check(&[small.clone(), big.clone()], &[(0, &[1])]);
        // The same winding: an overlap, not a hole.
        check(&[big.clone(), square(1., 1., 2., true)], &[]);
        // Beside, or across the border.
        check(&[big.clone(), square(20., 1., 2., false)], &[]);
        check(&[big.clone(), square(8., 1., 2., false)], &[]);
        // An island in the hole is land, and what winds against it a hole of all land around.
        let (hole, island) = (square(1., 1., 6., false), square(2., 2., 4., true));
        check(&[big.clone(), hole.clone(), island.clone()], &[(1, &[0])]);
        check(&[island.clone(), square(3., 3., 1., false), hole.clone(), big.clone()], &[(1, &[0, 3]), (2, &[3])]);
        // What winds as the hole that it lies in is part of that hole.
        check(&[big.clone(), hole.clone(), square(2., 2., 4., false)], &[(1, &[0]), (2, &[0])]);
        // A stretch of border in common, on any side; the same ring the other way round is no hole.
        for (x, y) in [(0., 1.), (1., 0.), (7., 1.), (1., 7.)] {
            check(&[big.clone(), square(x, y, 2., false)], &[(1, &[0])]);
            check(&[square(x, y, 2., false), big.clone()], &[(0, &[1])]);
        }
        check(&[big.clone(), square(0., 0., 9., false)], &[]);
        check(&[big.clone(), big.clone(), hole.clone()], &[(2, &[0, 1])]);
    }

    #[test]
    fn a_part_in_a_hole_of_another_does_not_lie_in_it() {
        let mut rings = Rings::default();
        rings.part(0);
        rings.ring(&square(0., 0., 9., true)).expect("a ring");
        rings.ring(&square(1., 1., 6., false)).expect("a ring");
        rings.part(0);
        rings.ring(&square(2., 2., 4., false)).expect("a ring");
        assert_eq!(nesting(&rings.finish(), &Progress::new()).expect("not cancelled"), Nesting::default());
    }
}
