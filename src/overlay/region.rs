//! Polygons as valid polygons of the same land: for pictures, for finding what lies at a point, for pieces.
//!
//! Painters read the rings of each part even-odd and paint parts over each other. For nearly all polygons that is what
//! they mean; where it is not (a ring that winds around a place twice, a hole across its shell, parts that lie on each
//! other, see `rings`), the clipping engine makes polygons that all painters read the same way. Corners are then snapped
//! to its fine grid, and areas come from the walks as everywhere.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use geo::algorithm::bool_ops::{FillRule, OpType};
use geo::{BooleanOps, unary_union};
use geo_types::{LineString, MultiPolygon, Polygon};
use rayon::prelude::*;

use super::crossings::{self, Contact, Meeting};
use super::parts::nesting;
use super::predicates::orient;
use super::rings::Rings;
use super::validity::plainly_simple;
use super::walk::{self, Scratch};
use crate::model::{Coord, Extent, GeometryBlock, GeometryBuilder, GeometryKind, Polygon as PolygonView};
use crate::task::{Cancelled, Progress};

/// Rows of a block that one thread looks at at a time.
const ROWS_A_PIECE: usize = 4096;
/// Comparisons, an edge, until a polygon is not told quickly.
const MOST_COMPARED: usize = 256;

/// The blocks with each polygon that painters would read otherwise than it is meant replaced by valid polygons of the
/// same land; the same blocks where there are none.
///
/// # Errors
/// [`Cancelled`] when the user cancelled.
pub fn as_drawn(blocks: &[Arc<GeometryBlock>], progress: &Progress) -> Result<Vec<Arc<GeometryBlock>>, Cancelled> {
    blocks.iter().map(|block| block_as_drawn(block, progress)).collect()
}

fn block_as_drawn(block: &Arc<GeometryBlock>, progress: &Progress) -> Result<Arc<GeometryBlock>, Cancelled> {
    let count = block.feature_count();
    if block.kind() != GeometryKind::Polygon {
        return Ok(block.clone());
    }
    let starts: Vec<usize> = (0..count).step_by(ROWS_A_PIECE).collect();
    let found: Vec<Vec<(usize, MultiPolygon)>> = starts
        .into_par_iter()
        .map(|start| {
            let mut found = Vec::new();
            for row in start..(start + ROWS_A_PIECE).min(count) {
                if let Some(land) = land(block, row, progress)? {
                    found.push((row, land));
                }
            }
            progress.tick(0)?;
            Ok(found)
        })
        .collect::<Result<_, Cancelled>>()?;
    if found.iter().all(Vec::is_empty) {
        return Ok(block.clone());
    }
    let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
    let mut found = found.into_iter().flatten().peekable();
    for row in 0..count {
        match found.next_if(|(at, _)| *at == row) {
            None => builder.copy_feature(block, row),
            Some((_, land)) => {
                let ring = |line: &LineString| line.0.clone();
                let part = |polygon: &Polygon| -> Vec<Vec<Coord>> {
                    std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(ring).collect()
                };
                builder.polygon(&land.0.iter().map(part).collect::<Vec<_>>());
            }
        }
    }
    Ok(Arc::new(builder.finish()))
}

/// The land of polygon `row` as valid polygons, where its rings as they are, each part even-odd, would not give it; also
/// where parts lie on each other. `None` where they do, or nothing can be told.
///
/// # Errors
/// [`Cancelled`] when the user cancelled.
pub(super) fn land(block: &GeometryBlock, row: usize, progress: &Progress) -> Result<Option<MultiPolygon>, Cancelled> {
    let polygon = block.polygon(row);
    if is_plain(&polygon) {
        return Ok(None);
    }
    let mut rings = Rings::default();
    for part in polygon.parts() {
        rings.part(0);
        // What cannot take part is listed with the areas.
        for ring in part.rings() {
            let _ = rings.ring(ring);
        }
    }
    let mut rings = rings.finish();
    let nesting = nesting(&rings, progress)?;
    super::parts::take_out(&mut rings, &nesting.holes, 0, 0);
    if nesting.holes.is_empty() && !is_read_otherwise(&rings, progress)? {
        return Ok(None);
    }
    // The engine is not ours: a defect in it costs the picture of one polygon.
    Ok(catch_unwind(AssertUnwindSafe(|| resolved(&rings))).ok())
}

/// Whether the polygon is read alike by everybody, told quickly: no ring meets itself or another one, holes lie in their
/// shell and not in each other, and parts beside each other. `false` means only that it must be looked at closely.
fn is_plain(polygon: &PolygonView<'_>) -> bool {
    let mut extents: Vec<Extent> = Vec::new();
    let mut edges = Vec::new();
    for part in polygon.parts() {
        let rings: Vec<&[Coord]> = part.rings().collect();
        let Some((shell, holes)) = rings.split_first() else { continue };
        let extent = Extent::of(shell);
        if extents.iter().any(|other| other.intersects(&extent)) {
            return false;
        }
        extents.push(extent);
        if holes.is_empty() && (has_two_slopes(shell) || plainly_simple(shell)) {
            continue;
        }
        if !are_apart(&rings, &mut edges) {
            return false;
        }
        let of_holes: Vec<Extent> = holes.iter().map(|hole| Extent::of(hole)).collect();
        for (i, hole) in holes.iter().enumerate() {
            let nested = |(j, other): (usize, &&[Coord])| {
                i != j && of_holes[i].intersects(&of_holes[j]) && winds_around(other, hole[0])
            };
            if !winds_around(shell, hole[0]) || holes.iter().enumerate().any(nested) {
                return false;
            }
        }
    }
    true
}

/// Whether the closed `rings` are clean and no two of their edges meet, but for neighbours in the vertex between them.
/// `edges` is room to work in.
fn are_apart(rings: &[&[Coord]], edges: &mut Vec<(Extent, u32, u32)>) -> bool {
    edges.clear();
    for (number, ring) in rings.iter().enumerate() {
        let is_clean = ring.len() > 3
            && ring.first() == ring.last()
            && ring.iter().all(|c| c.x.is_finite() && c.y.is_finite())
            && ring.windows(2).all(|edge| edge[0] != edge[1]);
        if !is_clean {
            return false;
        }
        edges.extend(ring.windows(2).enumerate().map(|(at, edge)| (Extent::of(edge), number as u32, at as u32)));
    }
    edges.sort_unstable_by(|a, b| a.0.min.x.total_cmp(&b.0.min.x));
    let mut left = MOST_COMPARED * edges.len();
    for (i, (extent, number, at)) in edges.iter().enumerate() {
        let ring = rings[*number as usize];
        let edge = (ring[*at as usize], ring[*at as usize + 1]);
        for (other_extent, other_number, other_at) in &edges[i + 1..] {
            if other_extent.min.x > extent.max.x {
                break;
            }
            if left == 0 {
                return false;
            }
            left -= 1;
            if other_extent.min.y > extent.max.y || other_extent.max.y < extent.min.y {
                continue;
            }
            let other = rings[*other_number as usize];
            let other_edge = (other[*other_at as usize], other[*other_at as usize + 1]);
            let Some(contact) = Meeting::of(edge, other_edge).and_then(|meeting| meeting.contact()) else { continue };
            let (low, high) = (*at.min(other_at), *at.max(other_at));
            let neighbours =
                number == other_number && (low + 1 == high || (low == 0 && high as usize + 2 == ring.len()));
            if !neighbours || contact == Contact::Overlap {
                return false;
            }
        }
    }
    true
}

/// Whether a closed ring winds around a place that is on none of its edges.
fn winds_around(ring: &[Coord], place: Coord) -> bool {
    let crossed = ring.windows(2).filter(|edge| (edge[0].y > place.y) != (edge[1].y > place.y));
    let winding: i32 = crossed
        .map(|edge| match (edge[1].y > edge[0].y, orient(edge[0], edge[1], place) > 0.0) {
            (true, true) => 1,
            (false, false) => -1,
            _ => 0,
        })
        .sum();
    winding != 0
}

/// Whether every line across meets the ring at most twice: it then winds around nothing more than once.
fn has_two_slopes(ring: &[Coord]) -> bool {
    let turns = |along: fn(&Coord) -> f64| {
        let steps = ring.windows(2).map(|edge| along(&edge[1]) - along(&edge[0])).filter(|step| *step != 0.0);
        let signs: (Option<bool>, Option<bool>, usize) =
            steps.map(|step| step > 0.0).fold((None, None, 0), |(first, last, turns), up| {
                (first.or(Some(up)), Some(up), turns + usize::from(last.is_some_and(|l| l != up)))
            });
        // Around the closing vertex as well.
        signs.2 + usize::from(signs.0 != signs.1)
    };
    ring.iter().all(|c| c.x.is_finite() && c.y.is_finite())
        && ring.first() == ring.last()
        && (turns(|c| c.y) <= 2 || turns(|c| c.x) <= 2)
}

/// Whether an even-odd reading of each part differs from what the rings mean, or parts lie on each other.
fn is_read_otherwise(rings: &Rings, progress: &Progress) -> Result<bool, Cancelled> {
    // Without them nothing is known: the clipping engine does what it can.
    let Ok(crossings) = crossings::find(rings, progress)? else { return Ok(true) };
    let mut scratch = Scratch::default();
    let mut differs = false;
    for ring in 0..rings.ring_count() as u32 {
        let part = rings.part_of(ring);
        let walk = walk::along(rings, &crossings, ring, &mut scratch, |stretch| {
            let of_part = |other: u32| rings.part_of(other) == part;
            let other_parts = stretch.within.iter().filter(|(other, _)| !of_part(*other));
            let own = stretch.within.iter().filter(|(other, _)| of_part(*other));
            let is_odd = (own.map(|(_, winding)| winding).sum::<i32>() + stretch.left) % 2 != 0;
            let even_odd = if is_odd { 1 } else { -1 };
            differs |= rings.hold(other_parts.map(|(other, _)| *other)) || stretch.weight(rings, ring) != even_odd;
        });
        // Without a walk nothing is known: the clipping engine does what it can.
        differs |= walk.is_err();
        if differs {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What the rings mean, by the clipping engine.
fn resolved(rings: &Rings) -> MultiPolygon {
    let nothing = MultiPolygon::<f64>(Vec::new());
    let wound = |ring: u32| {
        let edges = rings.edges(ring);
        let line = LineString(rings.coords()[edges.start as usize..=edges.end as usize].to_vec());
        Polygon::new(line, Vec::new()).boolean_op_with_fill_rule(&nothing, OpType::Union, FillRule::NonZero)
    };
    let mut holes: Vec<Vec<MultiPolygon>> = vec![Vec::new(); rings.part_count()];
    let mut lands: Vec<(u32, MultiPolygon)> = Vec::new();
    for ring in 0..rings.ring_count() as u32 {
        let area = wound(ring);
        if rings.is_shell(ring) {
            lands.push((rings.part_of(ring), area));
        } else {
            rings.cut_by(ring).for_each(|part| holes[part as usize].push(area.clone()));
            holes[rings.part_of(ring) as usize].push(area);
        }
    }
    let lands = lands.into_iter().map(|(part, land)| match &holes[part as usize][..] {
        [] => land,
        holes => land.difference(&unary_union(holes)),
    });
    match &lands.collect::<Vec<_>>()[..] {
        [land] => land.clone(),
        lands => unary_union(lands),
    }
}

#[cfg(test)]
mod tests {
    use geo::Area as _;

    use super::*;

    type Shape = Vec<Vec<Vec<(f64, f64)>>>;

    fn block(shapes: &[Shape]) -> Arc<GeometryBlock> {
        let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
        for shape in shapes {
            let ring = |ring: &Vec<(f64, f64)>| -> Vec<Coord> {
                ring.iter().chain(ring.first()).map(|&(x, y)| Coord { x, y }).collect()
            };
            builder.polygon(&shape.iter().map(|part| part.iter().map(ring).collect()).collect::<Vec<_>>());
        }
        Arc::new(builder.finish())
    }

    fn square(x: f64, y: f64, side: f64) -> Vec<(f64, f64)> {
        vec![(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
    }

    fn reversed(mut ring: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
        ring.reverse();
        ring
    }

    fn land_of(shape: &Shape) -> Option<f64> {
        land(&block(std::slice::from_ref(shape)), 0, &Progress::new())
            .expect("not cancelled")
            .map(|m| m.unsigned_area())
    }

    #[test]
    fn what_painters_would_read_otherwise_is_resolved() {
        let check = |shape: Shape, expected: f64| {
            let found = land_of(&shape).unwrap_or_else(|| panic!("left as it is: {shape:?}"));
            assert!((found - expected).abs() < 1e-6, "{shape:?}: {found}");
        };
        let outer = square(0., 0., 10.);
        check(vec![vec![[outer.clone(), outer.clone()].concat()]], 100.0);
        check(vec![vec![outer.clone(), square(2., 2., 3.), square(4., 4., 3.)]], 83.0);
        check(vec![vec![outer.clone(), square(2., 2., 3.), reversed(square(2., 2., 3.))]], 91.0);
        check(vec![vec![outer.clone(), square(8., 2., 4.)]], 92.0);
        check(vec![vec![outer.clone(), reversed(outer.clone())], vec![square(20., 0., 2.)]], 4.0);
        check(vec![vec![outer.clone()], vec![square(5., 0., 10.)]], 150.0);
        check(vec![vec![outer.clone()], vec![reversed(square(1., 1., 8.))], vec![square(3., 3., 4.)]], 52.0);
        check(vec![vec![vec![(0., 0.), (0., 0.)], square(1., 1., 5.)], vec![square(20., 0., 2.)]], 4.0);
        check(
            vec![
                vec![outer.clone(), square(1., 1., 8.), square(4., 4., 2.)],
                vec![square(3., 3., 4.), square(4., 4., 2.)],
            ],
            48.0,
        );
    }

    #[test]
    fn what_all_read_alike_is_left_as_it_is() {
        let outer = square(0., 0., 10.);
        let star: Vec<(f64, f64)> = (0..90)
            .map(|i| (f64::from(i) * 0.07, if i % 2 == 0 { 3.0 } else { 1.0 }))
            .map(|(a, r)| (r * a.cos(), r * a.sin()))
            .collect();
        for shape in [
            vec![vec![outer.clone()]],
            vec![vec![star]],
            vec![vec![outer.clone(), square(1., 1., 2.), square(3., 1., 2.)]],
            vec![vec![outer.clone(), square(1., 1., 8.)], vec![square(2., 2., 3.)]],
            vec![vec![vec![(0., 0.), (4., 4.), (4., 0.), (0., 4.)]]],
            vec![vec![vec![(0., 0.), (4., 0.), (4., 4.), (9., 9.), (4., 4.), (0., 4.)]]],
            vec![],
        ] {
            assert_eq!(land_of(&shape), None, "{shape:?}");
        }
        let blocks = [block(&[vec![vec![outer]]])];
        assert!(Arc::ptr_eq(&as_drawn(&blocks, &Progress::new()).expect("not cancelled")[0], &blocks[0]));
    }

    #[test]
    fn a_block_keeps_its_rows() {
        let (plain, odd) =
            (vec![vec![square(0., 0., 2.)]], vec![vec![[square(5., 0., 2.), square(5., 0., 2.)].concat()]]);
        let before = block(&[plain.clone(), odd, vec![], plain]);
        let after = &as_drawn(std::slice::from_ref(&before), &Progress::new()).expect("not cancelled")[0];
        assert_eq!(after.feature_count(), 4);
        for row in [0, 2, 3] {
            assert_eq!(after.feature_coords(row), before.feature_coords(row));
        }
        assert_eq!(after.feature_coords(1).len(), 5);
    }
}
