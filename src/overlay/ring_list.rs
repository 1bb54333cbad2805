//! Polygons from a flat list of rings, for formats that say neither which ring is a hole nor whose.
//!
//! Shapefiles, land-survey text files, VCT and hatches list the rings of a polygon one after another, wound as the
//! writer pleased. Such a list is read by depth: a ring that lies in an even number of other rings is a shell, one that
//! lies in an odd number a hole of the shell around it. Rings that are equal, from whatever vertex and in whatever
//! direction, count once.

use rustc_hash::FxHashSet;

use super::parts::containers;
use super::rings::Rings;
use crate::model::{Coord, Extent};
use crate::task::{Cancelled, Progress};

/// How the rings of a list belong together, by their places in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RingList {
    /// Polygons in the order of their shells: the shell, then its holes.
    pub polygons: Vec<Vec<usize>>,
    /// Rings that are the same as one before them, which take no part.
    pub repeated: Vec<usize>,
    /// Whether edges meet too often to tell what lies in what: each ring is then a shell by itself.
    pub is_tangled: bool,
}

/// Reads a flat list of rings, closed or not, as polygons. A ring that encloses nothing, or has a coordinate that is not
/// a finite number, is a shell by itself, so that it is listed with the polygon.
///
/// A hole that lies in several shells of its depth, which then overlap, is a hole of each of them. Whether rings cross is
/// not asked here: validity tells.
///
/// ```
/// use tuban::model::Coord;
/// use tuban::overlay::polygons_of_rings;
/// use tuban::task::Progress;
///
/// let square = |from: f64, to: f64| {
///     [(from, from), (to, from), (to, to), (from, to)].map(|(x, y)| Coord { x, y }).to_vec()
/// };
/// // A hole, its shell, and an island in the hole, all wound the same way.
/// let rings = [square(1.0, 8.0), square(0.0, 9.0), square(2.0, 3.0)];
/// let list = polygons_of_rings(&rings, &Progress::new()).expect("not cancelled");
/// assert_eq!(list.polygons, [vec![1, 0], vec![2]]);
/// ```
///
/// # Errors
/// [`Cancelled`] when the user cancelled.
pub fn polygons_of_rings<R: AsRef<[Coord]>>(list: &[R], progress: &Progress) -> Result<RingList, Cancelled> {
    let mut found = RingList::default();
    if let [_] = list {
        found.polygons.push(vec![0]);
        return Ok(found);
    }
    let mut is_repeated = vec![false; list.len()];
    let (_, outlines) = rings_of(list, |_| true);
    let mut known = FxHashSet::default();
    for (place, outline) in outlines {
        if !known.insert(outline) {
            is_repeated[place] = true;
            found.repeated.push(place);
        }
    }
    let (rings, _) = rings_of(list, |place| !is_repeated[place]);
    let around = containers(&rings, |_| true, progress)?;
    found.is_tangled = around.is_none();
    let mut containers = around.unwrap_or_else(|| vec![Vec::new(); list.len()]);
    // A corner that touches a ring beside it, or reaches into it by a rounding, does not lie in it for all that.
    let extents: Vec<Extent> = list.iter().map(|ring| Extent::of(ring.as_ref())).collect();
    for (place, around) in containers.iter_mut().enumerate() {
        let inner = extents[place];
        around
            .retain(|shell| [inner.min, inner.max].into_iter().all(|corner| extents[*shell as usize].contains(corner)));
    }
    let depth = |place: usize| containers[place].len();
    let mut polygon_of = vec![usize::MAX; list.len()];
    for place in (0..list.len()).filter(|place| !is_repeated[*place] && depth(*place) % 2 == 0) {
        polygon_of[place] = found.polygons.len();
        found.polygons.push(vec![place]);
    }
    for place in (0..list.len()).filter(|place| depth(*place) % 2 == 1) {
        for shell in containers[place].iter().filter(|shell| depth(**shell as usize) + 1 == depth(place)) {
            if let Some(polygon) = found.polygons.get_mut(polygon_of[*shell as usize]) {
                polygon.push(place);
            }
        }
    }
    Ok(found)
}

/// What tells equal rings apart, see [`Rings::outline`].
type Outline = (u32, u64, u64);

/// A part for each ring of a list, without a ring where that cannot take part or is not `wanted`, and the outlines of the
/// others by their places.
fn rings_of<R: AsRef<[Coord]>>(list: &[R], wanted: impl Fn(usize) -> bool) -> (Rings, Vec<(usize, Outline)>) {
    let mut rings = Rings::default();
    let mut outlines = Vec::with_capacity(list.len());
    for (place, ring) in list.iter().enumerate() {
        rings.part(0);
        // What encloses nothing is listed with the polygon.
        if wanted(place) && rings.ring(ring.as_ref()).is_ok() {
            outlines.push((place, rings.outline(rings.ring_count() as u32 - 1)));
        }
    }
    (rings.finish(), outlines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64, y: f64, side: f64) -> Vec<Coord> {
        let corners = [(0., 0.), (1., 0.), (1., 1.), (0., 1.), (0., 0.)];
        corners.map(|(dx, dy)| Coord { x: x + dx * side, y: y + dy * side }).to_vec()
    }

    fn turned(mut ring: Vec<Coord>, by: usize) -> Vec<Coord> {
        ring.pop();
        ring.reverse();
        ring.rotate_left(by);
        ring
    }

    fn check(list: &[Vec<Coord>], polygons: &[&[usize]], repeated: &[usize]) {
        let found = polygons_of_rings(list, &Progress::new()).expect("not cancelled");
        assert_eq!(found.polygons, polygons, "{list:?}");
        assert_eq!(found.repeated, repeated, "{list:?}");
    }

    #[test]
    fn a_ring_that_reaches_into_its_neighbour_by_a_rounding_is_no_hole_of_it() {
        // The corner with the largest x lies in the other by a hair.
        let wedge = [(0., 1.), (5.0 + 1e-9, 2.), (0., 3.)].map(|(x, y)| Coord { x, y }).to_vec();
        check(&[wedge, square(5.0, 0.0, 4.0)], &[&[0], &[1]], &[]);
    }

    #[test]
    fn even_depth_is_a_shell_and_odd_depth_a_hole() {
        let (shell, hole, island, pond) =
            (square(0., 0., 9.), square(1., 1., 7.), square(2., 2., 5.), square(3., 3., 1.));
        check(std::slice::from_ref(&shell), &[&[0]], &[]);
        check(&[shell.clone(), hole.clone(), island.clone(), pond.clone()], &[&[0, 1], &[2, 3]], &[]);
        check(&[pond.clone(), island.clone(), hole.clone(), shell.clone()], &[&[1, 0], &[3, 2]], &[]);
        check(&[shell.clone(), turned(hole.clone(), 1), turned(island.clone(), 2)], &[&[0, 1], &[2]], &[]);
        check(&[shell.clone(), square(20., 0., 3.), square(21., 1., 1.), hole.clone()], &[&[0, 3], &[1, 2]], &[]);
        // Two holes beside each other that share a border, and one that touches its shell from within.
        check(&[shell.clone(), square(1., 1., 2.), square(3., 1., 2.)], &[&[0, 1, 2]], &[]);
        for (x, y) in [(0., 1.), (1., 0.), (7., 1.), (1., 7.)] {
            check(&[shell.clone(), square(x, y, 2.)], &[&[0, 1]], &[]);
            check(&[square(x, y, 2.), shell.clone()], &[&[1, 0]], &[]);
        }
        // Neighbours, and rings that cross: none lies in the other.
        check(&[shell.clone(), square(9., 0., 9.)], &[&[0], &[1]], &[]);
        check(&[shell, square(5., 5., 9.)], &[&[0], &[1]], &[]);
    }

    #[test]
    fn equal_rings_count_once() {
        let (shell, hole) = (square(0., 0., 9.), square(1., 1., 7.));
        check(&[shell.clone(), shell.clone(), turned(shell.clone(), 3)], &[&[0]], &[1, 2]);
        check(&[hole.clone(), shell.clone(), turned(hole.clone(), 2), shell], &[&[1, 0]], &[2, 3]);
    }

    #[test]
    fn rings_that_enclose_nothing_stand_alone() {
        let flat = vec![Coord { x: 1., y: 1. }, Coord { x: 2., y: 2. }];
        let bad = vec![Coord { x: f64::NAN, y: 1. }; 4];
        check(&[flat, square(0., 0., 9.), bad, square(1., 1., 2.)], &[&[0], &[1, 3], &[2]], &[]);
        check(&[], &[], &[]);
    }
}
