//! Classes of the demo's parcels in both years, by rule and seed (scheme YDYH2023).

use super::curve::signed_distance;
use super::landscape::{Landscape, SEED, STREET_OFFICES, TOWNS};
use super::plane::{Point, Vector};
use super::region::Ground;
use super::rng::{Rng, noise};

/// What a block of a town is mostly used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quarter {
    Centre,
    Residential,
    Industrial,
    Logistics,
    Campus,
    Park,
}

/// Codes with their weights.
type Mix = &'static [(&'static str, f64)];

impl Quarter {
    fn mix(self) -> Mix {
        match self {
            Self::Centre => &[
                ("0901", 0.30),
                ("0902", 0.17),
                ("0801", 0.10),
                ("0701", 0.16),
                ("0803", 0.06),
                ("0806", 0.05),
                ("1403", 0.05),
                ("1401", 0.08),
                ("0805", 0.03),
            ],
            Self::Residential => &[
                ("0701", 0.705),
                ("0804", 0.08),
                ("1401", 0.065),
                ("0901", 0.05),
                ("0702", 0.04),
                ("0806", 0.02),
                ("0807", 0.015),
                ("1303", 0.015),
                ("1208", 0.01),
            ],
            Self::Industrial => &[
                ("1001", 0.78),
                ("1101", 0.08),
                ("1402", 0.05),
                ("1302", 0.02),
                ("1303", 0.02),
                ("0901", 0.02),
                ("2301", 0.03),
            ],
            Self::Logistics => &[("1101", 0.52), ("1001", 0.28), ("1208", 0.08), ("0901", 0.05), ("1402", 0.07)],
            Self::Campus => &[("0804", 0.48), ("0802", 0.2), ("0805", 0.1), ("1401", 0.12), ("0701", 0.1)],
            Self::Park => &[("1401", 0.74), ("1402", 0.14), ("0803", 0.06), ("1403", 0.06)],
        }
    }
}

/// Whether the code is cropland, the class that ridges are deducted from.
pub fn is_cropland(code: &str) -> bool {
    code.starts_with("01")
}

/// Whether the code counts as construction land in the demo's layer of it.
pub fn is_construction(code: &str) -> bool {
    let built = ["07", "08", "09", "10", "11", "12", "13", "15"];
    built.iter().any(|prefix| code.starts_with(prefix)) || code == "1403" || code == "1401"
}

/// Index of the street office that a place belongs to: the nearest seat on its side of the river.
pub fn street_of(land: &Landscape, p: Point) -> usize {
    let v = p.to_vector();
    let north = signed_distance(&land.river, v).0 > 0.0;
    let distance = |i: usize| {
        let (_, x, y, _) = STREET_OFFICES[i];
        v.minus(Vector::new(x * 1000.0, y * 1000.0)).length()
    };
    let on_side = (0..STREET_OFFICES.len()).filter(|i| STREET_OFFICES[*i].3 == north);
    on_side.min_by(|a, b| distance(*a).total_cmp(&distance(*b))).unwrap_or(0)
}

/// Class in year 0 (base) or 1 (plan) of a parcel of `region` whose middle is `p`.
pub fn class_of(land: &Landscape, region: usize, p: Point, year: usize) -> &'static str {
    let its = &land.regions[region];
    let mut rng = Rng::of(SEED, 81, region as u64);
    let v = p.to_vector();
    match its.ground {
        Ground::Channel | Ground::Stream => "1701",
        Ground::Shoal => rng.weighted(&[("0506", 0.62), ("0504", 0.1), ("0403", 0.16), ("0304", 0.12)]),
        Ground::Floodplain => floodplain(v, &mut rng, year),
        Ground::Levee => "1311",
        Ground::Highway => "1202",
        Ground::Railway => "1201",
        Ground::Grove => rng.weighted(&[("0301", 0.7), ("0304", 0.3)]),
        Ground::Canal => "1705",
        Ground::Airport => "1203",
        Ground::Street => "1207",
        Ground::Lane => "0601",
        Ground::Lot => lot(land, region, v, &mut rng, year),
        Ground::Homestead => homestead(land, its.group, v, &mut rng, year),
        Ground::Field => field(land, v, &mut rng, year),
    }
}

fn floodplain(v: Vector, rng: &mut Rng, year: usize) -> &'static str {
    let wild = noise(SEED ^ 82, v.x, v.y, 3_200.0);
    let base = if wild > 0.62 {
        rng.weighted(&[("0301", 0.5), ("0304", 0.2), ("0403", 0.2), ("0504", 0.1)])
    } else {
        rng.weighted(&[("0102", 0.58), ("0103", 0.18), ("0301", 0.14), ("0201", 0.05), ("1704", 0.05)])
    };
    // By the plan, farming leaves the floodplain.
    if year == 1 && is_cropland(base) {
        return rng.weighted(&[("0301", 0.45), ("0403", 0.3), ("0504", 0.25)]);
    }
    base
}

fn homestead(land: &Landscape, village: u32, v: Vector, rng: &mut Rng, year: usize) -> &'static str {
    let base = rng.weighted(&[
        ("0703", 0.80),
        ("0704", 0.05),
        ("0804", 0.03),
        ("1704", 0.035),
        ("0304", 0.035),
        ("1001", 0.03),
        ("0901", 0.02),
    ]);
    if year == 0 {
        return if is_cleared(land, village) { "2301" } else { base };
    }
    if is_reclaimed(land, village) { if near_water(land, v) > 0.5 { "0102" } else { "0103" } } else { base }
}

/// Whether a village was cleared before the base year: those in the way of the town.
pub fn is_cleared(land: &Landscape, village: u32) -> bool {
    land.villages[village as usize].in_boundary && Rng::of(SEED, 83, u64::from(village)).chance(0.62)
}

/// Whether a village outside the boundary is to be reclaimed as cropland by the plan year.
pub fn is_reclaimed(land: &Landscape, village: u32) -> bool {
    !land.villages[village as usize].in_boundary && Rng::of(SEED, 84, u64::from(village)).chance(0.27)
}

/// Nearness to river and canals, 0 to 1.
fn near_water(land: &Landscape, v: Vector) -> f64 {
    let distance = signed_distance(&land.river, v).0.abs();
    let river = 1.0 / (1.0 + (distance / 4_000.0) * (distance / 4_000.0));
    0.55 * river + 0.6 * noise(SEED ^ 85, v.x, v.y, 5_500.0)
}

fn field(land: &Landscape, v: Vector, rng: &mut Rng, year: usize) -> &'static str {
    let orchard = noise(SEED ^ 86, v.x, v.y, 2_300.0);
    let wood = noise(SEED ^ 87, v.x, v.y, 2_700.0);
    let wet = near_water(land, v);
    let base = if orchard > 0.80 && rng.chance(0.72) {
        "0201"
    } else if wood > 0.80 && rng.chance(0.78) {
        rng.weighted(&[("0301", 0.75), ("0304", 0.25)])
    } else {
        let paddy = if wet > 0.72 { 0.16 } else { 0.0 };
        let irrigated = (wet * 1.15).clamp(0.08, 0.92) * 0.87;
        rng.weighted(&[
            ("0101", paddy),
            ("0102", irrigated),
            ("0103", 0.87 - irrigated),
            ("0602", 0.028),
            ("1704", 0.022),
            ("0301", 0.018),
            ("0304", 0.012),
            ("0201", 0.022),
            ("0403", 0.010),
            ("1001", 0.009),
            ("2301", 0.004),
            ("1506", 0.003),
        ])
    };
    // By the plan, belts of trees grow around the towns.
    if year == 1 && is_cropland(base) {
        let belt = distance_to_towns(land, v);
        if belt < 420.0 && rng.chance(0.20) {
            return "0301";
        }
        if belt < 2_500.0 && rng.chance(0.03) {
            return "0602";
        }
    }
    base
}

/// Distance to the nearest part of the development boundary in m.
pub fn distance_to_towns(land: &Landscape, v: Vector) -> f64 {
    let to = |town: usize| {
        let ring = &land.outlines[town];
        let line: Vec<Vector> = ring.iter().chain(ring.first()).map(|p| p.to_vector()).collect();
        signed_distance(&line, v).0.abs()
    };
    (0..TOWNS.len()).map(to).fold(f64::INFINITY, f64::min)
}

fn lot(land: &Landscape, region: usize, v: Vector, rng: &mut Rng, year: usize) -> &'static str {
    let its = &land.regions[region];
    let old = its.present[0];
    let quarter = quarter(land, its.group, v, old);
    let code = rng.weighted(quarter.mix());
    if !old {
        return if code == "2301" { "16" } else { code };
    }
    // Renewal: some old industry in town gives way, vacant land is used.
    match (year, code, quarter) {
        (1, "2301", _) => "1001",
        (1, "1001", Quarter::Industrial) if rng.chance(0.16) => {
            rng.weighted(&[("0701", 0.6), ("0902", 0.25), ("1401", 0.15)])
        }
        _ => code,
    }
}

fn quarter(land: &Landscape, block: u32, v: Vector, old: bool) -> Quarter {
    let town = (block / 10_000) as usize;
    let mut rng = Rng::of(SEED, 88, u64::from(block));
    let nearness = |(x, y, r): &(f64, f64, f64)| v.minus(Vector::new(x * 1000.0, y * 1000.0)).length() / (r * 1000.0);
    let nearest = TOWNS[town].built.iter().map(nearness).fold(f64::INFINITY, f64::min);
    let airport = TOWNS[town].name.starts_with("临空");
    let riverside = signed_distance(&land.river, v).0.abs() < 2_700.0;
    let cluster = noise(SEED ^ 89, v.x, v.y, 2_200.0);
    if nearest < 0.36 {
        return Quarter::Centre;
    }
    if !old && riverside && rng.chance(0.42) {
        return Quarter::Park;
    }
    if airport && cluster > 0.35 {
        return if rng.chance(0.6) { Quarter::Logistics } else { Quarter::Industrial };
    }
    if cluster > 0.63 {
        return if rng.chance(0.9) { Quarter::Industrial } else { Quarter::Logistics };
    }
    if !old && cluster < 0.2 && rng.chance(0.6) {
        return Quarter::Centre;
    }
    rng.weighted(&[
        (Quarter::Residential, 0.78),
        (Quarter::Campus, 0.10),
        (Quarter::Park, 0.07),
        (Quarter::Centre, 0.05),
    ])
}

/// Whether the cropland of `region` around `p` is permanent basic farmland in the base year.
pub fn is_base_farmland(land: &Landscape, region: usize, p: Point) -> bool {
    let mut rng = Rng::of(SEED, 90, region as u64);
    let v = p.to_vector();
    match land.regions[region].ground {
        Ground::Field if land.town_at(p).is_some() => rng.chance(0.93),
        Ground::Field => rng.chance(if noise(SEED ^ 91, v.x, v.y, 3_800.0) > 0.46 { 0.95 } else { 0.18 }),
        Ground::Floodplain => rng.chance(0.55),
        _ => false,
    }
}
