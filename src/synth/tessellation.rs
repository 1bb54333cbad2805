//! Cells of the arrangement gathered into parcels, one set of parcels a year, over the same vertices.

use std::collections::{BTreeMap, BTreeSet};

use super::arrangement::{Arrangement, Drawing};
use super::landscape::Landscape;
use super::plane::{Point, double_area, foot, inside};

/// Distance in mm that vertices keep from each other and from other edges.
const TOLERANCE: i64 = 2_000;
/// Mean width in m under which a piece is given to a neighbour.
const NARROW_M: f64 = 24.0;
/// No parcel: outside the study area.
const NONE: u32 = u32::MAX;

/// A parcel of one year.
#[derive(Clone, Debug)]
pub struct Parcel {
    /// The region that it was cut from.
    pub region: usize,
    /// Its cells, ascending.
    pub cells: Vec<u32>,
    /// Area in m² of the plane.
    pub area_m2: f64,
    /// A point well inside its largest cell.
    pub label: Point,
}

/// The parcels of both years over one arrangement.
#[derive(Debug)]
pub struct Tessellation {
    /// The common vertices and edges.
    pub map: Arrangement,
    /// Parcels of the base year and of the plan year.
    pub parcels: [Vec<Parcel>; 2],
    /// Parcel of each cell in either year; `u32::MAX` outside the study area.
    pub parcel_of_cell: [Vec<u32>; 2],
    /// A point well inside each cell.
    pub cell_points: Vec<Point>,
    /// Vertices that no ring needs: they lie on a straight side that both years share.
    idle: Vec<bool>,
}

impl Tessellation {
    /// Cuts the landscape into parcels.
    pub fn new(land: &Landscape) -> Self {
        let mut drawing = Drawing::new(TOLERANCE);
        drawing.ring(&land.border);
        for outline in &land.outlines {
            drawing.ring(outline);
        }
        for region in &land.regions {
            drawing.ring(&region.ring);
        }
        let drawn_count = drawing.vertex_count();
        let map = drawing.finish();
        let cell_points: Vec<Point> = (0..map.cells.len()).map(|cell| map.interior_point(cell)).collect();
        let in_area: Vec<bool> = cell_points.iter().map(|p| inside(&land.border, *p)).collect();
        let mut parcels = [Vec::new(), Vec::new()];
        let mut parcel_of_cell = [Vec::new(), Vec::new()];
        for year in 0..2 {
            let key = |cell: usize| {
                let region = in_area[cell].then(|| land.region_at(cell_points[cell], year)).flatten()?;
                let of = &land.regions[region];
                Some((of.ground, of.group, if split_by_region(of.ground) { region } else { 0 }, region))
            };
            let keys: Vec<Option<_>> = (0..map.cells.len()).map(key).collect();
            let mut pieces = Pieces::new(&map, &keys);
            pieces.absorb(land, &map);
            let (list, of_cell) = pieces.finish(&map, &cell_points);
            parcels[year] = list;
            parcel_of_cell[year] = of_cell;
        }
        let mut made = Self { map, parcels, parcel_of_cell, cell_points, idle: Vec::new() };
        made.idle = made.idle_vertices(drawn_count);
        made
    }

    /// Parcel on the left of a half-edge, where there is one.
    pub fn parcel(&self, h: u32, year: usize) -> Option<u32> {
        let cell = self.map.cell[h as usize];
        let parcel = if cell == Arrangement::OUTSIDE { NONE } else { self.parcel_of_cell[year][cell as usize] };
        (parcel != NONE).then_some(parcel)
    }

    /// Whether no ring passes the vertex.
    pub fn is_idle(&self, vertex: u32) -> bool {
        self.idle[vertex as usize]
    }

    /// Vertices between exactly two different borders that are straight there to a centimetre.
    fn idle_vertices(&self, drawn_count: usize) -> Vec<bool> {
        let mut ends: Vec<Vec<u32>> = vec![Vec::new(); self.map.points.len()];
        for h in 0..self.map.origin.len() as u32 {
            let sides = |h: u32| (self.parcel(h, 0), self.parcel(h, 1));
            if sides(h) != sides(h ^ 1) {
                ends[self.map.origin[h as usize] as usize].push(self.map.origin[(h ^ 1) as usize]);
            }
        }
        let straight = |v: usize| {
            let [a, b] = ends[v][..] else { return false };
            let p = &self.map.points;
            foot(p[a as usize], p[b as usize], p[v]).is_some_and(|d2| d2 <= 100.0)
        };
        (0..ends.len()).map(|v| v >= drawn_count && straight(v)).collect()
    }

    /// Polygons around `cells`: parts of rings, each outer ring first and counter-clockwise, none repeated at its end.
    pub fn dissolve(&self, cells: &[u32]) -> Vec<Vec<Vec<Point>>> {
        let member: BTreeSet<u32> = cells.iter().copied().collect();
        let on = |h: u32| member.contains(&self.map.cell[h as usize]);
        let mut seen = BTreeSet::new();
        let mut outer: Vec<Vec<u32>> = Vec::new();
        let mut holes: Vec<Vec<u32>> = Vec::new();
        let cycles = member.iter().flat_map(|cell| &self.map.cells[*cell as usize].cycles);
        for start in cycles.flat_map(|start| self.map.cycle(*start)) {
            if on(start ^ 1) || seen.contains(&start) {
                continue;
            }
            let mut walk: Vec<u32> = Vec::new();
            let mut h = start;
            loop {
                seen.insert(h);
                walk.push(self.map.origin[h as usize]);
                h = self.map.next[h as usize];
                while on(h ^ 1) {
                    h = self.map.next[(h ^ 1) as usize];
                }
                if h == start {
                    break;
                }
            }
            for ring in simple_rings(&walk) {
                let kept: Vec<u32> = ring.iter().copied().filter(|v| !self.idle[*v as usize]).collect();
                let area = double_area(&self.positions(&kept));
                if area > 0 {
                    outer.push(kept);
                } else if area < 0 {
                    holes.push(kept);
                }
            }
        }
        let mut parts: Vec<Vec<Vec<Point>>> = outer.iter().map(|ring| vec![self.positions(ring)]).collect();
        for hole in holes {
            let ring = self.positions(&hole);
            // A vertex that the hole does not share with the outer ring tells which part it belongs to.
            let holder = (0..outer.len())
                .filter(|part| {
                    let free = hole.iter().find(|v| !outer[*part].contains(v));
                    free.is_some_and(|v| inside(&parts[*part][0], self.map.points[*v as usize]))
                })
                .min_by_key(|part| double_area(&parts[*part][0]));
            if let Some(part) = holder {
                parts[part].push(ring);
            }
        }
        parts
    }

    /// The polygon of a parcel.
    pub fn polygon(&self, year: usize, parcel: u32) -> Vec<Vec<Vec<Point>>> {
        self.dissolve(&self.parcels[year][parcel as usize].cells)
    }

    /// Parcels that share a border with `parcel`, ascending.
    pub fn beside(&self, year: usize, parcel: usize) -> Vec<usize> {
        let cells = self.parcels[year][parcel].cells.iter();
        let cycles = cells.flat_map(|cell| &self.map.cells[*cell as usize].cycles);
        let edges = cycles.flat_map(|start| self.map.cycle(*start));
        let others: BTreeSet<usize> =
            edges.filter_map(|h| self.parcel(h ^ 1, year)).map(|other| other as usize).collect();
        others.into_iter().filter(|other| *other != parcel).collect()
    }

    /// Parcels of equal key that hang together, each list in ascending order, the lists by their first parcel.
    pub fn connected<K: PartialEq>(&self, year: usize, key: impl Fn(usize) -> Option<K>) -> Vec<Vec<usize>> {
        let keys: Vec<Option<K>> = (0..self.parcels[year].len()).map(key).collect();
        let mut seen = vec![false; keys.len()];
        let mut groups = Vec::new();
        for first in 0..keys.len() {
            if seen[first] || keys[first].is_none() {
                continue;
            }
            seen[first] = true;
            let mut group = vec![first];
            let mut at = 0;
            while at < group.len() {
                for other in self.beside(year, group[at]) {
                    if !seen[other] && keys[other] == keys[first] {
                        seen[other] = true;
                        group.push(other);
                    }
                }
                at += 1;
            }
            group.sort_unstable();
            groups.push(group);
        }
        groups
    }

    fn positions(&self, ring: &[u32]) -> Vec<Point> {
        ring.iter().map(|v| self.map.points[*v as usize]).collect()
    }
}

/// Whether neighbouring regions of the same group stay separate parcels.
fn split_by_region(ground: super::region::Ground) -> bool {
    use super::region::Ground;
    !matches!(ground, Ground::Grove)
}

/// Cuts a closed walk into rings that pass each vertex once.
fn simple_rings(walk: &[u32]) -> Vec<Vec<u32>> {
    let mut rings = Vec::new();
    let mut path: Vec<u32> = Vec::new();
    let mut place: BTreeMap<u32, usize> = BTreeMap::new();
    for v in walk {
        if let Some(at) = place.get(v).copied() {
            let ring = path.split_off(at);
            ring.iter().for_each(|w| {
                place.remove(w);
            });
            rings.push(ring);
        }
        place.insert(*v, path.len());
        path.push(*v);
    }
    rings.push(path);
    rings
}

/// Connected cells of one key, while the small ones are given away.
struct Pieces {
    parent: Vec<u32>,
    region: Vec<usize>,
    inside: Vec<bool>,
}

impl Pieces {
    fn new<K: PartialEq + Copy>(map: &Arrangement, keys: &[Option<(super::region::Ground, K, usize, usize)>]) -> Self {
        let mut pieces = Self {
            parent: (0..keys.len() as u32).collect(),
            region: keys.iter().map(|key| key.map_or(0, |k| k.3)).collect(),
            inside: keys.iter().map(Option::is_some).collect(),
        };
        for h in (0..map.origin.len()).step_by(2) {
            let (a, b) = (map.cell[h], map.cell[h + 1]);
            if a == Arrangement::OUTSIDE || b == Arrangement::OUTSIDE {
                continue;
            }
            if let (Some(x), Some(y)) = (&keys[a as usize], &keys[b as usize])
                && (x.0, x.1, x.2) == (y.0, y.1, y.2)
            {
                pieces.join(a, b);
            }
        }
        pieces
    }

    fn root(&mut self, mut cell: u32) -> u32 {
        while self.parent[cell as usize] != cell {
            let up = self.parent[self.parent[cell as usize] as usize];
            self.parent[cell as usize] = up;
            cell = up;
        }
        cell
    }

    /// Puts the piece of `b` into that of `a`, whose region stays.
    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        self.parent[b as usize] = a;
    }

    /// Gives pieces that are too small or too thin to the neighbour with the longest common border.
    fn absorb(&mut self, land: &Landscape, map: &Arrangement) {
        for _ in 0..6 {
            let mut area: BTreeMap<u32, f64> = BTreeMap::new();
            for cell in 0..self.parent.len() as u32 {
                if self.inside[cell as usize] {
                    let root = self.root(cell);
                    *area.entry(root).or_default() += map.area_m2(cell as usize);
                }
            }
            let mut borders: BTreeMap<u32, BTreeMap<u32, f64>> = BTreeMap::new();
            for h in 0..map.origin.len() as u32 {
                let (a, b) = (map.cell[h as usize], map.cell[(h ^ 1) as usize]);
                if a == Arrangement::OUTSIDE || !self.inside[a as usize] {
                    continue;
                }
                let length = (map.start(h).distance2(map.end(h)) as f64).sqrt() / 1000.0;
                let other = if b == Arrangement::OUTSIDE || !self.inside[b as usize] { NONE } else { self.root(b) };
                let root = self.root(a);
                if other != root {
                    *borders.entry(root).or_default().entry(other).or_default() += length;
                }
            }
            let mut small: Vec<(u32, f64)> = area
                .iter()
                .filter(|(root, m2)| {
                    let ground = land.regions[self.region[**root as usize]].ground;
                    let around: f64 = borders.get(root).map_or(0.0, |b| b.values().sum());
                    **m2 < ground.smallest_m2() || (!ground.linear() && 2.0 * **m2 / around < NARROW_M)
                })
                .map(|(root, m2)| (*root, *m2))
                .collect();
            if small.is_empty() {
                return;
            }
            small.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
            let mut touched = BTreeSet::new();
            for (root, _) in small {
                let ground = land.regions[self.region[root as usize]].ground;
                let best = borders.get(&root).into_iter().flatten().filter(|(other, _)| **other != NONE);
                let best = best.max_by(|a, b| {
                    let rank = |other: u32| {
                        let its = land.regions[self.region[other as usize]].ground;
                        (its == ground, !its.linear())
                    };
                    rank(*a.0).cmp(&rank(*b.0)).then(a.1.total_cmp(b.1)).then(b.0.cmp(a.0))
                });
                if let Some((other, _)) = best
                    && !touched.contains(other)
                    && !touched.contains(&root)
                {
                    touched.extend([*other, root]);
                    self.join(*other, root);
                }
            }
        }
    }

    fn finish(mut self, map: &Arrangement, points: &[Point]) -> (Vec<Parcel>, Vec<u32>) {
        let mut number: BTreeMap<u32, u32> = BTreeMap::new();
        let mut parcels: Vec<Parcel> = Vec::new();
        let mut of_cell = vec![NONE; self.parent.len()];
        let mut largest: Vec<f64> = Vec::new();
        for cell in 0..self.parent.len() as u32 {
            if !self.inside[cell as usize] {
                continue;
            }
            let root = self.root(cell);
            let id = *number.entry(root).or_insert_with(|| {
                largest.push(0.0);
                let region = self.region[root as usize];
                parcels.push(Parcel { region, cells: Vec::new(), area_m2: 0.0, label: points[root as usize] });
                parcels.len() as u32 - 1
            });
            let (parcel, m2) = (&mut parcels[id as usize], map.area_m2(cell as usize));
            parcel.cells.push(cell);
            parcel.area_m2 += m2;
            if m2 > largest[id as usize] {
                largest[id as usize] = m2;
                parcel.label = points[cell as usize];
            }
            of_cell[cell as usize] = id;
        }
        (parcels, of_cell)
    }
}
