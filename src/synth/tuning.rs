//! The last millimetres: parcels chosen and vertices moved until the demo's figures are what they should be.
//!
//! Sums are brought near by choosing parcels; what is left, a few hundredths of a mu, is taken by moving one shared
//! vertex, which keeps the tiling exact because all parcels around it move with it.

use std::collections::{BTreeMap, BTreeSet};

use super::arrangement::Arrangement;
use super::demo::{CLEARED_MU, Demo, FARMLAND_LOSS_MU};
use super::landscape::STUDY_KM2;
use super::landuse::{distance_to_towns, is_cleared, is_reclaimed};
use super::plane::{Point, Vector};
use super::region::Ground;
use crate::units::M2_PER_MU;

/// How near a tuned sum comes to its goal, m²: one twentieth of 0.01 mu.
const NEAR_M2: f64 = 0.3;
/// Farthest that a vertex is moved, mm: less than the distance that vertices keep from each other.
const REACH: i64 = 1_500;

/// Patches of cleared land: places in km that they grew around, and how fast, relative to the others.
pub const PATCHES: &[(&str, f64, f64, f64)] = &[
    ("大桥西片", -11.2, -7.6, 1.0),
    ("大桥北片", -9.2, -4.0, 1.25),
    ("中心片", -3.4, -3.4, 0.9),
    ("黄河北岸片", -5.4, -7.6, 1.0),
    ("崔寨北片", -2.2, 0.6, 1.1),
    ("崔寨南片", 0.2, -2.6, 0.9),
    ("桑梓店片", -15.9, -5.2, 0.75),
    ("孙耿片", -9.6, 6.6, 0.7),
    ("太平片", -10.9, 10.7, 0.45),
    ("临空北片", 11.9, 1.4, 0.8),
    ("临空南片", 9.4, -3.4, 0.8),
];

/// Moves a vertex of the border until the study area has its size.
pub fn study_area(demo: &mut Demo) {
    let goal = STUDY_KM2 * 1e6;
    let left = |demo: &Demo| goal - demo.total_m2(0);
    for vertex in border_vertices(demo) {
        if tune(demo, vertex, &left) {
            return;
        }
    }
}

/// Chooses the parcels of cleared land, then moves a vertex between them and others.
pub fn cleared_land(demo: &mut Demo) {
    let goal = CLEARED_MU * M2_PER_MU;
    let mut ranked: Vec<(f64, usize, usize)> = Vec::new();
    for (parcel, traits) in demo.parcels[0].iter().enumerate() {
        let label = demo.label(0, parcel);
        let open = match traits.ground {
            Ground::Field | Ground::Lane => true,
            Ground::Homestead => is_cleared(&demo.land, demo.land.regions[demo.map.parcels[0][parcel].region].group),
            _ => false,
        };
        if !open || demo.land.town_at(label).is_none() {
            continue;
        }
        let v = label.to_vector();
        let near = |i: usize| {
            let (_, x, y, weight) = PATCHES[i];
            v.minus(Vector::new(x * 1000.0, y * 1000.0)).length() / weight
        };
        let patch = (0..PATCHES.len()).min_by(|a, b| near(*a).total_cmp(&near(*b))).unwrap_or(0);
        ranked.push((near(patch), parcel, patch));
    }
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let values: Vec<f64> = ranked.iter().map(|(_, parcel, _)| demo.parcels[0][*parcel].exact_m2).collect();
    demo.cleared = vec![None; demo.parcels[0].len()];
    for at in choose(&values, goal, 60) {
        demo.cleared[ranked[at].1] = Some(ranked[at].2);
    }
    let left = |demo: &Demo| goal - demo.cleared_m2();
    for vertex in inner_vertices(demo) {
        let [base, plan] = around(demo, vertex);
        let cleared = base.iter().filter(|parcel| demo.cleared[**parcel].is_some()).count();
        // Within one lot of the plan year: only the base year moves.
        if plan.len() == 1 && cleared > 0 && cleared < base.len() && tune(demo, vertex, &left) {
            return;
        }
    }
}

/// Chooses the basic farmland of the plan year, then moves a vertex between it and other fields.
pub fn farmland(demo: &mut Demo) {
    let goal = FARMLAND_LOSS_MU * M2_PER_MU;
    // Villages reclaimed by the plan become basic farmland; what the plan still farms of it stays, at first.
    for parcel in 0..demo.parcels[1].len() {
        let region = &demo.land.regions[demo.map.parcels[1][parcel].region];
        let reclaimed = region.ground == Ground::Homestead && is_reclaimed(&demo.land, region.group);
        let traits = &mut demo.parcels[1][parcel];
        traits.farmland &= traits.ridge > 0.0;
        traits.farmland |= reclaimed && traits.ridge > 0.0;
    }
    let lost = demo.farmland_m2(0).1 - demo.farmland_m2(1).1;
    // The rest is released around the towns, nearest first: still farmed, no longer permanent.
    let mut ranked: Vec<(f64, usize)> = (0..demo.parcels[1].len())
        .filter(|parcel| demo.parcels[1][*parcel].farmland && demo.parcels[1][*parcel].ground == Ground::Field)
        .map(|parcel| (distance_to_towns(&demo.land, demo.label(1, parcel).to_vector()), parcel))
        .collect();
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let values: Vec<f64> = ranked.iter().map(|(_, parcel)| demo.parcels[1][*parcel].net_m2()).collect();
    for at in choose(&values, goal - lost, 120) {
        demo.parcels[1][ranked[at].1].farmland = false;
    }
    let left = |demo: &Demo| goal - (demo.farmland_m2(0).1 - demo.farmland_m2(1).1);
    for vertex in inner_vertices(demo) {
        let [base, plan] = around(demo, vertex);
        let kept = plan.iter().filter(|parcel| demo.parcels[1][**parcel].farmland).count();
        let fields = |year: usize, list: &[usize]| list.iter().all(|p| demo.parcels[year][*p].ground == Ground::Field);
        let outside = base.iter().all(|parcel| demo.cleared[*parcel].is_none());
        let plain = fields(0, &base) && fields(1, &plan) && base.len() == plan.len();
        if plain && outside && kept > 0 && kept < plan.len() && tune(demo, vertex, &left) {
            return;
        }
    }
}

/// A choice of `values`, the first ones first, whose sum comes near to `goal` by exchanging, a few times over, one of
/// the last `window` chosen for one of the first `window` that are not.
fn choose(values: &[f64], goal: f64, window: usize) -> Vec<usize> {
    let mut sum = 0.0;
    let within = values.iter().take_while(|value| {
        sum += **value;
        sum <= goal
    });
    let count = within.count();
    let mut chosen: Vec<usize> = (0..count).collect();
    let mut spare: Vec<usize> = (count..values.len().min(count + window)).collect();
    let mut missing = goal - values[..count].iter().sum::<f64>();
    for _ in 0..4 {
        let mut best = (missing.abs(), None, None);
        for j in 0..spare.len() {
            let alone = (missing - values[spare[j]]).abs();
            if alone < best.0 {
                best = (alone, None, Some(j));
            }
            for i in chosen.len().saturating_sub(window)..chosen.len() {
                let off = (missing - values[spare[j]] + values[chosen[i]]).abs();
                if off < best.0 {
                    best = (off, Some(i), Some(j));
                }
            }
        }
        let (_, out, Some(into)) = best else { break };
        let arriving = spare[into];
        missing -= values[arriving];
        if let Some(out) = out {
            missing += values[chosen[out]];
            spare[into] = chosen[out];
            chosen[out] = arriving;
        } else {
            spare.remove(into);
            chosen.push(arriving);
        }
    }
    chosen
}

/// Vertices on the border with one parcel beside them and long edges, so that a small move has an effect.
fn border_vertices(demo: &Demo) -> Vec<u32> {
    let map = &demo.map.map;
    let mut degree: BTreeMap<u32, usize> = BTreeMap::new();
    for v in &map.origin {
        *degree.entry(*v).or_default() += 1;
    }
    let on_border = |h: &u32| demo.map.parcel(*h, 0).is_none() && demo.map.parcel(*h ^ 1, 0).is_some();
    let mut vertices: Vec<u32> = (0..map.origin.len() as u32)
        .filter(on_border)
        .map(|h| map.origin[h as usize])
        .filter(|v| degree[v] == 2 && !demo.map.is_idle(*v))
        .collect();
    vertices.sort_by_key(|v| (std::cmp::Reverse(shortest_edge(map, *v)), *v));
    vertices
}

/// Vertices inside the area that three parcels of the base year meet in, those with the longest edges first.
fn inner_vertices(demo: &Demo) -> Vec<u32> {
    let map = &demo.map.map;
    let mut degree: BTreeMap<u32, usize> = BTreeMap::new();
    for (h, v) in map.origin.iter().enumerate() {
        let inner = demo.map.parcel(h as u32, 0).is_some();
        *degree.entry(*v).or_default() += if inner { 1 } else { 1000 };
    }
    let mut vertices: Vec<u32> =
        degree.into_iter().filter(|(v, n)| *n == 3 && !demo.map.is_idle(*v)).map(|(v, _)| v).collect();
    vertices.sort_by_key(|v| (std::cmp::Reverse(shortest_edge(map, *v)), *v));
    vertices
}

fn shortest_edge(map: &Arrangement, v: u32) -> i64 {
    map.leaving(v).map(|h| map.start(h).distance2(map.end(h))).min().unwrap_or(0)
}

/// Parcels of both years around a vertex.
fn around(demo: &Demo, v: u32) -> [Vec<usize>; 2] {
    [0, 1].map(|year| {
        let parcels: BTreeSet<usize> =
            demo.map.map.leaving(v).filter_map(|h| demo.map.parcel(h, year)).map(|parcel| parcel as usize).collect();
        parcels.into_iter().collect()
    })
}

/// Moves `vertex` until `left` is next to nothing; puts it back and answers `false` where it cannot be.
fn tune(demo: &mut Demo, vertex: u32, left: &dyn Fn(&Demo) -> f64) -> bool {
    let start = demo.map.map.points[vertex as usize];
    let missing = left(demo);
    if missing.abs() < NEAR_M2 {
        return true;
    }
    // What a metre to the east and to the north would change.
    let mut slope = [0.0; 2];
    for (axis, slope) in slope.iter_mut().enumerate() {
        let (dx, dy) = if axis == 0 { (1000, 0) } else { (0, 1000) };
        place(demo, vertex, Point { x: start.x + dx, y: start.y + dy });
        *slope = missing - left(demo);
    }
    let steepness = slope[0] * slope[0] + slope[1] * slope[1];
    let mut at = start.to_vector();
    // A vertex that hardly matters would have to go far.
    let tries = if steepness > 50.0 * 50.0 { 6 } else { 0 };
    for _ in 0..tries {
        place(demo, vertex, at.to_grid());
        let missing = left(demo);
        if missing.abs() < NEAR_M2 {
            return true;
        }
        at = at.plus(Vector::new(slope[0], slope[1]).times(missing / steepness));
        if at.to_grid().distance2(start) > REACH * REACH {
            break;
        }
    }
    place(demo, vertex, start);
    false
}

/// Puts a vertex somewhere else and measures the parcels around it.
fn place(demo: &mut Demo, vertex: u32, at: Point) {
    demo.map.map.points[vertex as usize] = at;
    for (year, parcels) in around(demo, vertex).into_iter().enumerate() {
        for parcel in parcels {
            demo.measure(year, parcel);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_choice_comes_nearest_to_its_goal() {
        let values = [5.0, 4.0, 3.0, 2.5, 1.0, 0.4];
        let sum = |goal: f64| choose(&values, goal, 6).iter().map(|i| values[*i]).sum::<f64>();
        assert_eq!(sum(9.0), 9.0);
        assert_eq!(sum(10.0), 10.0);
        assert!((sum(9.5) - 9.5).abs() < 0.11);
    }
}
