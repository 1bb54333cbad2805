//! The design of the demo: where river, roads, towns, villages and fields lie.
//!
//! A start-up area north of the Yellow River at Jinan, invented: control points were placed by hand, in kilometres from
//! the project's origin, so that the relative places of the eight streets and of the river read as on the ground, and
//! everything between them is drawn by rule and seed. No survey, plan or map was traced.

use super::curve::{from_km, offset, ribbon, rounded, signed_distance, spline, to_grid};
use super::plane::{Point, Vector, area_m2, inside};
use super::region::{Ground, Region};
use super::rng::{Rng, noise};
use super::subdivide::{Rule, middle, subdivide};
use super::weld::{warp, weld};

/// Easting of the origin in EPSG:4527, m.
pub const ORIGIN_E: i64 = 39_510_000;
/// Northing of the origin in EPSG:4527, m.
pub const ORIGIN_N: i64 = 4_080_000;
/// Seed of the demo project.
pub const SEED: u64 = 20_260_801;
/// Area of the study area by the public implementation plan, km².
pub const STUDY_KM2: f64 = 798.0;
/// Area inside the invented development boundary, km².
pub const BOUNDARY_KM2: f64 = 146.02;

const BORDER: &[(f64, f64)] = &[
    (-21.2, -14.2),
    (-21.6, -10.0),
    (-20.4, -5.0),
    (-20.6, 0.0),
    (-18.0, 5.0),
    (-17.4, 10.0),
    (-16.6, 14.2),
    (-13.0, 15.8),
    (-9.0, 14.8),
    (-5.5, 11.6),
    (-2.5, 8.2),
    (1.5, 7.0),
    (5.5, 8.2),
    (10.5, 11.4),
    (16.0, 13.2),
    (21.0, 15.6),
    (24.8, 14.4),
    (25.2, 10.0),
    (22.9, 6.4),
    (18.0, 3.6),
    (14.8, -0.8),
    (11.8, -6.0),
    (7.0, -8.2),
    (2.8, -9.2),
    (-1.2, -11.2),
    (-5.2, -13.6),
    (-10.4, -16.0),
    (-16.4, -15.4),
];

const RIVER: &[(f64, f64)] = &[
    (-30.0, -14.5),
    (-24.0, -12.9),
    (-18.0, -13.2),
    (-12.5, -14.2),
    (-8.0, -12.9),
    (-4.0, -9.9),
    (-0.5, -7.6),
    (2.6, -5.4),
    (4.5, -2.0),
    (5.6, 1.8),
    (8.4, 5.4),
    (12.5, 8.0),
    (17.0, 10.2),
    (21.0, 12.4),
    (26.0, 13.6),
    (33.0, 15.0),
];

const STREAM: &[(f64, f64)] =
    &[(-26.0, 4.4), (-20.0, 9.4), (-16.0, 13.4), (-12.0, 14.6), (-7.6, 12.6), (-4.2, 9.4), (0.0, 9.2), (5.0, 12.0)];

const CANALS: &[(&[(f64, f64)], f64)] = &[
    (&[(-27.0, 2.6), (-20.0, 2.9), (-15.0, 1.6), (-10.4, 2.4), (-6.0, 4.2), (-2.0, 5.6), (2.0, 5.2), (5.0, 9.0)], 54.0),
    (&[(3.0, -11.0), (8.8, -7.0), (13.2, -1.6), (17.6, 3.9), (21.6, 5.6), (28.0, 9.2)], 60.0),
    (&[(-13.9, -18.0), (-13.6, -9.0), (-13.5, -2.0), (-14.4, 4.6), (-13.6, 10.0), (-14.6, 17.0)], 46.0),
];

const HIGHWAYS: &[(&[(f64, f64)], f64)] = &[
    (&[(-6.6, -19.0), (-6.0, -11.0), (-5.4, -5.0), (-5.6, 1.0), (-6.2, 7.0), (-6.6, 12.0), (-7.4, 19.0)], 72.0),
    (
        &[
            (-29.0, -7.2),
            (-22.0, -7.9),
            (-15.5, -7.2),
            (-10.5, -4.6),
            (-4.6, -1.6),
            (0.4, 1.8),
            (4.8, 6.6),
            (9.4, 9.6),
            (16.0, 11.6),
            (23.0, 15.4),
            (30.0, 19.0),
        ],
        76.0,
    ),
    (
        &[(-27.0, 9.0), (-18.0, 7.6), (-11.6, 5.2), (-4.4, 1.2), (0.6, -2.0), (4.4, -4.4), (8.4, -5.2), (13.0, -7.4)],
        66.0,
    ),
    (&[(5.0, -10.0), (7.4, -4.6), (9.6, -1.8), (13.6, 2.4), (18.4, 6.2), (24.0, 8.8), (31.0, 11.0)], 60.0),
];

const PLANNED_HIGHWAYS: &[(&[(f64, f64)], f64)] = &[
    (
        &[
            (-19.4, -18.0),
            (-18.4, -10.0),
            (-17.9, -2.0),
            (-15.4, 5.0),
            (-9.8, 8.6),
            (-3.0, 6.6),
            (1.6, 3.6),
            (5.2, 1.6),
            (9.0, 2.8),
            (14.0, 1.0),
            (20.0, -2.0),
        ],
        78.0,
    ),
    (&[(-24.0, -1.2), (-16.0, -1.8), (-9.0, 0.4), (-1.0, 3.0), (5.0, 4.4), (11.0, 9.0), (13.0, 15.0)], 62.0),
];

const RAILWAYS: &[(&[(f64, f64)], f64)] = &[
    (&[(-28.0, -3.4), (-19.0, -3.4), (-12.4, -2.4), (-7.0, -3.4), (-2.0, -6.8), (1.0, -13.0)], 44.0),
    (&[(-14.9, -19.0), (-14.6, -9.0), (-15.4, 0.0), (-15.0, 9.0), (-16.2, 20.0)], 40.0),
];

/// A town within the development boundary.
pub struct Town {
    /// Name of its group in the boundary layer.
    pub name: &'static str,
    /// Corners of its boundary before scaling, km.
    corners: &'static [(f64, f64)],
    /// Direction of its streets.
    axis: (f64, f64),
    /// What is built up in the base year: centre and radius, km.
    pub built: &'static [(f64, f64, f64)],
}

/// The groups of the development boundary.
pub const TOWNS: &[Town] = &[
    Town {
        name: "城市副中心组团",
        corners: &[
            (-12.4, -9.6),
            (-7.4, -9.8),
            (-3.0, -6.3),
            (1.2, -2.8),
            (1.7, 0.4),
            (-2.6, 1.6),
            (-7.4, -0.6),
            (-11.6, -4.2),
            (-12.9, -7.0),
        ],
        axis: (0.88, 0.475),
        built: &[(-8.6, -7.2, 2.3), (-1.4, -1.6, 2.0), (-4.8, -4.4, 1.7)],
    },
    Town {
        name: "桑梓店组团",
        corners: &[(-18.9, -9.0), (-15.5, -9.4), (-15.2, -5.2), (-16.9, -4.2), (-18.9, -5.4)],
        axis: (1.0, -0.06),
        built: &[(-16.9, -7.2, 1.6)],
    },
    Town {
        name: "孙耿组团",
        corners: &[(-12.6, 3.4), (-8.9, 4.2), (-8.6, 7.0), (-11.2, 7.8), (-12.8, 6.4)],
        axis: (0.97, 0.24),
        built: &[(-10.8, 5.4, 1.25)],
    },
    Town {
        name: "太平组团",
        corners: &[(-13.2, 9.8), (-10.4, 10.2), (-10.3, 12.2), (-12.9, 12.4)],
        axis: (0.99, 0.12),
        built: &[(-11.9, 11.0, 0.95)],
    },
    Town {
        name: "临空组团",
        corners: &[
            (6.5, -5.2),
            (8.4, -5.9),
            (10.8, -3.8),
            (12.9, -0.2),
            (12.9, 2.2),
            (11.0, 2.4),
            (9.2, 0.4),
            (7.7, -2.2),
        ],
        axis: (0.62, 0.785),
        built: &[(7.9, -3.6, 1.35), (10.6, -1.9, 0.9)],
    },
    Town {
        name: "高官寨组团",
        corners: &[(19.0, 7.8), (21.2, 7.6), (21.9, 9.2), (19.6, 9.9)],
        axis: (0.93, 0.37),
        built: &[(20.3, 8.6, 0.75)],
    },
];

/// A street office: name, place of its seat in km, whether it lies north of the river.
pub const STREET_OFFICES: &[(&str, f64, f64, bool)] = &[
    ("太平街道", -11.9, 11.2, true),
    ("孙耿街道", -10.8, 5.2, true),
    ("桑梓店街道", -16.6, -6.4, true),
    ("大桥街道", -8.4, -6.6, true),
    ("崔寨街道", -0.2, -0.4, true),
    ("遥墙街道", 6.2, -5.2, false),
    ("临港街道", 11.4, -0.2, false),
    ("高官寨街道", 19.6, 8.4, false),
];

/// A village of the demo.
#[derive(Clone, Debug)]
pub struct Village {
    /// Its middle.
    pub center: Vector,
    /// Whether it lies within the development boundary.
    pub in_boundary: bool,
}

/// The demo's ground in both years.
#[derive(Clone, Debug, Default)]
pub struct Landscape {
    /// Border of the study area.
    pub border: Vec<Point>,
    /// Outlines that regions refer to: the development boundary's rings first, one a town, then villages.
    pub outlines: Vec<Vec<Point>>,
    /// All regions, those that win over others first.
    pub regions: Vec<Region>,
    /// All villages; the group of their regions is their index here.
    pub villages: Vec<Village>,
    /// Centre line of the great river, upstream end first.
    pub river: Vec<Vector>,
}

impl Landscape {
    /// Index of the town whose part of the boundary holds `p`.
    pub fn town_at(&self, p: Point) -> Option<usize> {
        (0..TOWNS.len()).find(|town| inside(&self.outlines[*town], p))
    }

    /// The region that covers `p` in year 0 (base) or 1 (plan).
    pub fn region_at(&self, p: Point, year: usize) -> Option<usize> {
        self.regions.iter().position(|region| {
            region.present[year]
                && region.holds(p)
                && region.within.is_none_or(|outline| inside(&self.outlines[outline as usize], p))
        })
    }
}

/// Draws the whole demo. `ring_m2` measures the border, so that the study area gets the size it should have.
pub fn draw(ring_m2: &dyn Fn(&[Point]) -> f64) -> Landscape {
    let mut land = Landscape { river: spline(&from_km(RIVER), 14, false), ..Landscape::default() };
    // Borders of districts follow ditches and field edges: never smooth.
    let ragged: Vec<Vector> = spline(&from_km(BORDER), 7, true)
        .into_iter()
        .map(|p| {
            let shift = |salt: u64| 1_100.0 * (noise(SEED ^ salt, p.x, p.y, 1_150.0) - 0.5);
            p.plus(Vector::new(shift(71), shift(72)))
        })
        .collect();
    land.border = scaled(&ragged, STUDY_KM2 * 1e6, ring_m2);
    let share = (BOUNDARY_KM2 * 1e6
        / TOWNS.iter().map(|t| area_m2(&to_grid(&rounded(&from_km(t.corners), 420.0)))).sum::<f64>())
    .sqrt();
    for town in TOWNS {
        let ring = rounded(&from_km(town.corners), 420.0);
        let center = middle(&ring);
        let ring: Vec<Vector> = ring.iter().map(|v| center.plus(v.minus(center).times(share))).collect();
        land.outlines.push(to_grid(&ring));
    }
    roads(&mut land);
    great_river(&mut land);
    waters(&mut land);
    let axis = Vector::new(0.62, 0.785);
    let corner = |u: f64, v: f64| Vector::new(11_150.0, -60.0).plus(axis.times(u)).plus(axis.left().times(v)).to_grid();
    let ring = vec![corner(-1650.0, -520.0), corner(1650.0, -520.0), corner(1650.0, 560.0), corner(-1650.0, 560.0)];
    land.regions.push(Region::new(Ground::Airport, 0, ring));
    for town in 0..TOWNS.len() {
        lots(&mut land, town);
    }
    villages(&mut land);
    fields(&mut land);
    land
}

/// The ring scaled about its middle until it measures `m2`.
fn scaled(ring: &[Vector], m2: f64, ring_m2: &dyn Fn(&[Point]) -> f64) -> Vec<Point> {
    let center = middle(ring);
    let at =
        |factor: f64| to_grid(&ring.iter().map(|v| center.plus(v.minus(center).times(factor))).collect::<Vec<_>>());
    let mut factor = 1.0;
    for _ in 0..4 {
        factor *= (m2 / ring_m2(&at(factor))).sqrt();
    }
    at(factor)
}

fn roads(land: &mut Landscape) {
    let sets = [
        (HIGHWAYS, Ground::Highway, true),
        (RAILWAYS, Ground::Railway, true),
        (PLANNED_HIGHWAYS, Ground::Highway, false),
    ];
    let mut group = 0;
    for (lines, ground, base) in sets {
        for (control, width) in lines {
            let line = spline(&from_km(control), 10, false);
            land.regions.push(Region::new(ground, group, to_grid(&ribbon(&line, *width))).present(base, true));
            group += 1;
        }
    }
}

/// Half of the channel's width in m at a vertex of the centre line.
fn channel_m(i: usize) -> f64 {
    170.0 + 170.0 * noise(SEED ^ 1, i as f64, 0.0, 7.0)
}

/// Distance of the levee from the centre line in m, to the left (north) or right.
fn levee_m(i: usize, left: bool) -> f64 {
    560.0 + 760.0 * noise(SEED ^ if left { 2 } else { 3 }, i as f64, 0.5, 9.0)
}

/// Length in vertices of the pieces that channel and floodplain are cut into.
const CHANNEL_STEP: usize = 18;
const FLOODPLAIN_STEP: usize = 4;

fn great_river(land: &mut Landscape) {
    let line = land.river.clone();
    let bank = |left: bool| offset(&line, |i| if left { channel_m(i) } else { -channel_m(i) });
    let levee = |left: bool, extra: f64| {
        offset(&line, |i| if left { levee_m(i, true) + extra } else { -levee_m(i, false) - extra })
    };
    let belt = |left: bool| {
        offset(&line, |i| {
            let share = 0.10 + 0.5 * noise(SEED ^ 4, i as f64, f64::from(left), 5.0);
            let at = channel_m(i) + share * (levee_m(i, left) - channel_m(i));
            if left { at } else { -at }
        })
    };
    let strip = |a: &[Vector], b: &[Vector], from: usize, to: usize| {
        let mut ring: Vec<Vector> = a[from..=to].to_vec();
        ring.extend(b[from..=to].iter().rev());
        to_grid(&ring)
    };
    let (north, south) = (bank(true), bank(false));
    for from in (0..line.len() - 1).step_by(CHANNEL_STEP) {
        let to = (from + CHANNEL_STEP).min(line.len() - 1);
        land.regions.push(Region::new(Ground::Channel, from as u32, strip(&north, &south, from, to)));
    }
    for left in [true, false] {
        let (bank, belt, toe, crest) = (bank(left), belt(left), levee(left, 0.0), levee(left, 64.0));
        let side = u32::from(left) << 16;
        for from in (0..line.len() - 1).step_by(FLOODPLAIN_STEP) {
            let to = (from + FLOODPLAIN_STEP).min(line.len() - 1);
            let id = side + from as u32;
            land.regions.push(Region::new(Ground::Shoal, id, strip(&bank, &belt, from, to)));
            land.regions.push(Region::new(Ground::Floodplain, id, strip(&belt, &toe, from, to)));
        }
        for from in (0..line.len() - 1).step_by(CHANNEL_STEP) {
            let to = (from + CHANNEL_STEP).min(line.len() - 1);
            land.regions.push(Region::new(Ground::Levee, side + from as u32, strip(&toe, &crest, from, to)));
        }
    }
}

fn waters(land: &mut Landscape) {
    let line = spline(&from_km(STREAM), 10, false);
    land.regions.push(Region::new(Ground::Stream, 0, to_grid(&ribbon(&line, 120.0))));
    for (i, (control, width)) in CANALS.iter().enumerate() {
        let line = spline(&from_km(control), 10, false);
        land.regions.push(Region::new(Ground::Canal, i as u32, to_grid(&ribbon(&line, *width))));
    }
    // Groves follow the lesser waters, here and there.
    let mut lines = vec![(line, 120.0)];
    lines.extend(CANALS.iter().map(|(control, width)| (spline(&from_km(control), 10, false), *width)));
    for (k, (line, width)) in lines.iter().enumerate() {
        for left in [true, false] {
            let at = |extra: f64| {
                let distance = width / 2.0 + extra;
                offset(line, |_| if left { distance } else { -distance })
            };
            let (inner, outer) = (at(0.0), at(90.0));
            for (n, from) in (0..line.len() - 4).step_by(4).enumerate() {
                let mut rng = Rng::of(SEED, 11 + u64::from(left), (k * 1000 + n) as u64);
                if !rng.chance(0.55) {
                    continue;
                }
                let mut ring = inner[from..=from + 4].to_vec();
                ring.extend(outer[from..=from + 4].iter().rev());
                land.regions.push(Region::new(Ground::Grove, (k * 1000 + n) as u32, to_grid(&ring)));
            }
        }
    }
}

/// Streets and lots of a town: a grid of avenues, the blocks between them cut into lots.
fn lots(land: &mut Landscape, town: usize) {
    let outline = land.outlines[town].clone();
    let u = Vector::new(TOWNS[town].axis.0, TOWNS[town].axis.1).unit();
    let v = u.left();
    let place = |s: f64, t: f64| u.times(s).plus(v.times(t));
    let spans = |d: Vector| {
        let along = || outline.iter().map(|p| p.to_vector().dot(d));
        (along().fold(f64::INFINITY, f64::min), along().fold(f64::NEG_INFINITY, f64::max))
    };
    let mut rng = Rng::of(SEED, 21, town as u64);
    let mut lines = |(low, high): (f64, f64)| {
        let mut at = low + rng.between(-700.0, -100.0);
        let mut lines = Vec::new();
        while at < high + 900.0 {
            lines.push((at, [44.0, 52.0, 36.0][lines.len() % 3]));
            at += rng.between(820.0, 1250.0);
        }
        lines
    };
    let (across, along) = (lines(spans(u)), lines(spans(v)));
    let built = |p: Vector| {
        TOWNS[town].built.iter().any(|(x, y, r)| {
            let distance = p.minus(Vector::new(x * 1000.0, y * 1000.0)).length();
            distance < r * 1000.0 * (0.72 + 0.56 * noise(SEED ^ 31, p.x, p.y, 900.0))
        })
    };
    let mut streets: Vec<Region> = Vec::new();
    let mut town_lots: Vec<Region> = Vec::new();
    let rect = |s0: f64, s1: f64, t0: f64, t1: f64| vec![place(s0, t0), place(s1, t0), place(s1, t1), place(s0, t1)];
    let block = |i: usize, j: usize| {
        let (s0, s1) = (across[i].0 + across[i].1 / 2.0, across[i + 1].0 - across[i + 1].1 / 2.0);
        let (t0, t1) = (along[j].0 + along[j].1 / 2.0, along[j + 1].0 - along[j + 1].1 / 2.0);
        (s0, s1, t0, t1)
    };
    let (columns, rows) = (across.len() - 1, along.len() - 1);
    let block_built = |i: usize, j: usize| {
        let (s0, s1, t0, t1) = block(i, j);
        built(place(f64::midpoint(s0, s1), f64::midpoint(t0, t1)))
    };
    let exists = |i: isize, j: isize| {
        i >= 0 && j >= 0 && (i as usize) < columns && (j as usize) < rows && block_built(i as usize, j as usize)
    };
    for i in 0..columns {
        for j in 0..rows {
            let (s0, s1, t0, t1) = block(i, j);
            let id = (town * 10_000 + i * 100 + j) as u32;
            let old = block_built(i, j);
            let mut rng = Rng::of(SEED, 22, u64::from(id));
            let size = if old { rng.between(110_000.0, 215_000.0) } else { rng.between(160_000.0, 330_000.0) };
            let rule = Rule { axis: &|_| u, target_m2: &|_| size, slant: 0.0, lane_width_m: &|_| 0.0 };
            for ring in subdivide(rect(s0, s1, t0, t1), &rule, &mut rng).pieces {
                town_lots.push(Region::new(Ground::Lot, id, to_grid(&ring)).within(town as u32).present(old, true));
            }
            // The street on the block's upper side with the crossing at its end, and the one on its right.
            let (i, j) = (i as isize, j as isize);
            let upper = exists(i, j) || exists(i, j + 1);
            let right = exists(i, j) || exists(i + 1, j);
            let corner = across[i as usize + 1].0 + across[i as usize + 1].1 / 2.0;
            let (k, l) = (i as usize, j as usize + 1);
            let ring = rect(s0, corner, along[l].0 - along[l].1 / 2.0, along[l].0 + along[l].1 / 2.0);
            streets.push(Region::new(Ground::Street, 2 * id, to_grid(&ring)).within(town as u32).present(upper, true));
            let ring = rect(s1, across[k + 1].0 + across[k + 1].1 / 2.0, t0, t1);
            streets
                .push(Region::new(Ground::Street, 2 * id + 1, to_grid(&ring)).within(town as u32).present(right, true));
        }
    }
    land.regions.extend(streets);
    land.regions.extend(town_lots);
}

/// Direction of fields: along the river near it, west to east far from it.
fn field_axis(river: &[Vector], p: Vector) -> Vector {
    let (distance, i) = signed_distance(river, p);
    let flow = river[(i + 3).min(river.len() - 1)].minus(river[i.saturating_sub(2)]).unit();
    let weight = 1.0 / (1.0 + (distance / 4_500.0) * (distance / 4_500.0));
    let turn = 0.3 * (noise(SEED ^ 41, p.x, p.y, 9_000.0) - 0.5);
    let axis = flow.times(weight).plus(Vector::new(1.0, 0.05).times(1.0 - weight)).unit();
    axis.plus(axis.left().times(turn)).unit()
}

fn villages(land: &mut Landscape) {
    let mut rng = Rng::of(SEED, 51, 0);
    let (mut low, mut high) = (land.border[0].to_vector(), land.border[0].to_vector());
    for p in &land.border {
        let v = p.to_vector();
        (low.x, low.y, high.x, high.y) = (low.x.min(v.x), low.y.min(v.y), high.x.max(v.x), high.y.max(v.y));
    }
    for _ in 0..9_000 {
        let p = Vector::new(rng.between(low.x, high.x), rng.between(low.y, high.y));
        let mut shape = Rng::new(rng.bits());
        let spacing = 1_150.0 + 850.0 * noise(SEED ^ 52, p.x, p.y, 5_000.0);
        if land.villages.iter().any(|village| village.center.minus(p).length() < spacing)
            || !inside(&land.border, p.to_grid())
        {
            continue;
        }
        let border: Vec<Vector> = land.border.iter().chain(land.border.first()).map(|q| q.to_vector()).collect();
        if signed_distance(&border, p).0.abs() < 420.0 {
            continue;
        }
        let axis = field_axis(&land.river, p);
        let (a, b) = (shape.between(190.0, 390.0), shape.between(140.0, 290.0));
        let place = |s: f64, t: f64| p.plus(axis.times(s)).plus(axis.left().times(t));
        // Old villages stand on fields: nothing that was there before may reach into them.
        let free = [(0.0, 0.0), (a, b), (-a, b), (a, -b), (-a, -b), (a, 0.0), (-a, 0.0), (0.0, b), (0.0, -b)]
            .iter()
            .all(|(s, t)| {
                let q = place(s * 1.12, t * 1.12).to_grid();
                land.region_at(q, 0).is_none()
            });
        if !free {
            continue;
        }
        let group = land.villages.len() as u32;
        let outline = land.outlines.len() as u32;
        land.outlines
            .push(to_grid(&village_outline(a, b, &mut shape).iter().map(|q| place(q.x, q.y)).collect::<Vec<_>>()));
        let in_boundary = land.town_at(p.to_grid()).is_some();
        land.villages.push(Village { center: p, in_boundary });
        let size = shape.between(90_000.0, 220_000.0);
        let rule = Rule { axis: &|_| axis, target_m2: &|_| size, slant: 0.03, lane_width_m: &|_| 0.0 };
        let hull = vec![
            place(-a - 5.0, -b - 5.0),
            place(a + 5.0, -b - 5.0),
            place(a + 5.0, b + 5.0),
            place(-a - 5.0, b + 5.0),
        ];
        for ring in subdivide(hull, &rule, &mut shape).pieces {
            // Within the boundary a village gives way to the plan's blocks, which stand before it in the list.
            land.regions.push(Region::new(Ground::Homestead, group, to_grid(&ring)).within(outline));
        }
    }
}

/// A rectangle of half sides `a`, `b` with bites out of its corners and sides, in m about its middle.
fn village_outline(a: f64, b: f64, rng: &mut Rng) -> Vec<Vector> {
    let mut ring = Vec::new();
    for (x, y) in [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)] {
        let (u, v) = (a * rng.between(0.08, 0.42), b * rng.between(0.08, 0.42));
        let corner = |du: f64, dv: f64| Vector::new(x * (a - du), y * (b - dv));
        // Walk counter-clockwise: which side comes first depends on the corner.
        let first_along_y = x * y > 0.0;
        if rng.chance(0.5) {
            let inner = corner(u, v);
            let (p, q) = (corner(0.0, v), corner(u, 0.0));
            if first_along_y { ring.extend([p, inner, q]) } else { ring.extend([q, inner, p]) }
        } else {
            let (p, q) = (corner(0.0, v * 0.6), corner(u * 0.6, 0.0));
            if first_along_y { ring.extend([p, q]) } else { ring.extend([q, p]) }
        }
    }
    ring
}

fn fields(land: &mut Landscape) {
    let box_ring = from_km(&[(-26.0, -20.0), (29.0, -20.0), (29.0, 20.0), (-26.0, 20.0)]);
    let river = land.river.clone();
    let rule = Rule {
        axis: &|p| field_axis(&river, p),
        target_m2: &|p| 460_000.0 + 760_000.0 * noise(SEED ^ 61, p.x, p.y, 3_500.0),
        slant: 0.09,
        lane_width_m: &|depth| if (3..=6).contains(&depth) { 17.0 } else { 0.0 },
    };
    let parts = subdivide(box_ring, &rule, &mut Rng::of(SEED, 62, 0));
    let lanes = parts.lanes.len();
    let rings: Vec<Vec<Vector>> = parts.lanes.into_iter().chain(parts.pieces).collect();
    // Straight cuts across the whole country would look ruled: bend everything alike.
    let bend = |p: Vector| {
        let shift = |salt: u64| 900.0 * (noise(SEED ^ salt, p.x, p.y, 6_500.0) - 0.5);
        p.plus(Vector::new(shift(63), shift(64)))
    };
    for (i, ring) in warp(weld(&rings), bend).into_iter().enumerate() {
        let ground = if i < lanes { Ground::Lane } else { Ground::Field };
        land.regions.push(Region::new(ground, i as u32, ring));
    }
}
