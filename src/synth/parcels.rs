//! Parcels of any number for benches and tests, written as they are made.
//!
//! A mosaic of about 800 km² near Jinan like those that land surveys deliver: cells of six sides in rows like bricks,
//! shaken and warped so that sizes differ tenfold, each side drawn once with a wiggle that both neighbours share.
//! Some features are roads of many cells, some have a hole with an island parcel in it, some have two parts. Nothing is
//! kept in memory but the feature at hand: every vertex follows from its place in the pattern and the seed. Longitudes
//! and latitudes of CGCS2000 with seven decimals, classes of the third survey (scheme SD2019).
//!
//! The scenario of a layer is the same land in another state: half of the vertices digitised anew, borders pushed aside
//! in patches, one cell in thirty split, one in sixteen of another class. A touched layer is the base after some work:
//! about one parcel in a hundred has another shape.

use std::io::{self, Write};

use super::rng::{Rng, noise};
use crate::crs::Crs;
use crate::measure::Frame;
use crate::model::classes::{Class, Scheme};
use crate::model::{AreaMethod, Coord};
use crate::task::Progress;
use crate::text::Language;

/// What is to be written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spec {
    /// Features; a scenario has some more.
    pub count: usize,
    /// Mean number of positions a feature, the closing ones included; at least 8.
    pub vertices: f64,
    /// Seed.
    pub seed: u64,
    /// Which state of the land.
    pub state: State,
}

/// A state of the land.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// As it is.
    #[default]
    Base,
    /// As it may be: most parcels differ.
    Scenario,
    /// The base with one parcel in a hundred changed.
    Touched,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Written {
    /// Features.
    pub feature_count: usize,
    /// Positions, the closing ones included.
    pub position_count: usize,
    /// Sum of the exact areas, m².
    pub area_m2: f64,
}

/// Why a layer could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The file cannot be written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The user cancelled.
    #[error(transparent)]
    Cancelled(#[from] crate::task::Cancelled),
    /// Coordinates could not be converted: the design has left its zone.
    #[error(transparent)]
    Reproject(#[from] crate::crs::ReprojectError),
}

const SIDE_M: f64 = 28_284.271_247_461_9;
const MIDDLE: Coord = Coord { x: 39_500_000.0, y: 4_079_870.0 };

const TOWN: &[&str] = &["05H1", "0508", "0601", "0701", "08H1", "08H2", "0809", "0810", "1004", "09"];
const COUNTRY: &[&str] = &[
    "0102", "0102", "0102", "0102", "0102", "0103", "0103", "0201", "0301", "0305", "0307", "0404", "0702", "0702",
    "1104", "1107", "1202", "0101", "0602", "1206",
];
const STRIPS: &[&str] = &["1001", "1003", "1004", "1006", "1101", "1107", "1109"];
const TOWNSHIPS: &[&str] = &["大桥", "桑梓店", "崔寨", "孙耿", "太平", "遥墙", "临港", "高官寨"];
const SURNAMES: &[&str] = &["张", "王", "李", "赵", "刘", "陈", "杨", "孙", "马", "高", "宋", "韩", "唐"];
const ENDINGS: &[&str] = &["家庄", "庄", "官屯", "家寨", "家桥", "家店", "家洼"];

/// Writes a layer of parcels as one GeoJSON FeatureCollection.
///
/// # Errors
/// When `out` cannot be written to, or the user cancels.
pub fn write(spec: Spec, out: &mut dyn Write, progress: &Progress) -> Result<Written, WriteError> {
    let pattern = Pattern::new(spec);
    progress.add_total(spec.count as u64);
    let crs = Crs::from_epsg(super::sizes::EPSG).expect("zone 39 is in the table of China");
    let frame = Frame::for_crs(&crs, 117.0, AreaMethod::Survey).expect("a zone is its own frame");
    let to_degrees = crate::crs::Reprojector::new(&crs, &Crs::cgcs2000()).expect("both stand on CGCS2000");
    let mut pen = Pen { text: String::new(), frame, to_degrees, written: Written::default(), state: spec.state };
    let tag = match spec.state {
        State::Base => "A",
        State::Scenario => "B",
        State::Touched => "C",
    };
    writeln!(out, "{{\"type\":\"FeatureCollection\",\"name\":\"DLTB_{tag}\",\"features\":[")?;
    for row in 0..pattern.rows {
        for feature in pattern.features_of_row(row) {
            pen.feature(&pattern, &feature)?;
            progress.tick(1)?;
            if pen.text.len() > 1 << 18 {
                out.write_all(pen.text.as_bytes())?;
                pen.text.clear();
            }
        }
    }
    out.write_all(pen.text.as_bytes())?;
    out.write_all(b"\n]}\n")?;
    Ok(pen.written)
}

/// The plan of the mosaic: how many rows and cells, and what is special where.
struct Pattern {
    spec: Spec,
    rows: usize,
    /// Cells of an even row; an odd one has one more, the first and last of half width.
    columns: usize,
    /// Cells of the last row that become one feature, so that the count is as asked.
    surplus: usize,
    /// Points between the ends of a side, on average.
    inner_mean: f64,
}

/// A feature as cells of one row.
#[derive(Clone, Debug)]
enum Feature {
    /// One cell; with an island, which is the next feature.
    Cell { row: usize, cell: usize, hole: bool },
    /// The island in a cell.
    Island { row: usize, cell: usize },
    /// Half of a cell that the scenario has split.
    Half { row: usize, cell: usize, right: bool },
    /// A run of cells as one feature.
    Road { row: usize, from: usize, to: usize },
    /// Two cells that do not touch.
    Pair { row: usize, cells: [usize; 2] },
}

impl Pattern {
    fn new(spec: Spec) -> Self {
        let count = spec.count.max(4);
        // Cells are 1.6 times as wide as high.
        let columns = ((count as f64 / 1.6).sqrt().round() as usize).max(2);
        let mut pattern = Self { spec, rows: 0, columns, surplus: 0, inner_mean: (spec.vertices - 7.0).max(0.0) / 6.0 };
        let mut features = 0;
        while features < count {
            features += pattern.plan_row(pattern.rows).len();
            pattern.rows += 1;
        }
        // The last row takes what is too much into one road at its end.
        let last = pattern.rows - 1;
        let plain = pattern.cells_in(last);
        features = features - pattern.plan_row(last).len() + plain;
        if features < count {
            // Without islands the last row may be short: one row more, mostly one road.
            features += pattern.cells_in(pattern.rows);
            pattern.rows += 1;
            features -= plain;
            features += pattern.plan_row(last).len();
        }
        pattern.surplus = features - count;
        pattern
    }

    fn cells_in(&self, row: usize) -> usize {
        self.columns + row % 2
    }

    fn features_of_row(&self, row: usize) -> Vec<Feature> {
        let features = if row + 1 == self.rows { self.last_row(row) } else { self.plan_row(row) };
        if self.spec.state != State::Scenario {
            return features;
        }
        let split = |feature: Feature| match feature {
            Feature::Cell { row, cell, hole: false }
                if self.chance(7, row, cell, 1.0 / 30.0) && self.whole(row, cell) =>
            {
                vec![Feature::Half { row, cell, right: false }, Feature::Half { row, cell, right: true }]
            }
            other => vec![other],
        };
        features.into_iter().flat_map(split).collect()
    }

    /// Whether a cell has its full width: only those have a middle corner above and below.
    fn whole(&self, row: usize, cell: usize) -> bool {
        row.is_multiple_of(2) || (cell > 0 && cell < self.columns)
    }

    fn last_row(&self, row: usize) -> Vec<Feature> {
        let cells = self.cells_in(row);
        // `surplus` features fewer: that many cells and one more become one.
        let road = (self.surplus + 1).min(cells);
        let mut features: Vec<Feature> =
            (0..cells - road).map(|cell| Feature::Cell { row, cell, hole: false }).collect();
        features.push(match road {
            1 => Feature::Cell { row, cell: cells - 1, hole: false },
            _ => Feature::Road { row, from: cells - road, to: cells - 1 },
        });
        features
    }

    fn plan_row(&self, row: usize) -> Vec<Feature> {
        let cells = self.cells_in(row);
        let longest = (self.spec.count as f64).sqrt() / 4.0;
        let run = (longest as usize).clamp(3, 60).min(cells / 2).max(1);
        let mut features = Vec::with_capacity(cells);
        let mut second: Vec<usize> = Vec::new();
        let mut cell = 0;
        while cell < cells {
            if second.contains(&cell) {
                cell += 1;
                continue;
            }
            let clear = |upto: usize| second.iter().all(|other| *other < cell || *other > upto);
            if run > 1 && cell + run < cells && clear(cell + run) && self.chance(1, row, cell, 0.012 / run as f64) {
                features.push(Feature::Road { row, from: cell, to: cell + run - 1 });
                cell += run;
                continue;
            }
            if cell + 4 < cells && clear(cell + 4) && self.chance(2, row, cell, 0.005) {
                features.push(Feature::Pair { row, cells: [cell, cell + 4] });
                second.push(cell + 4);
            } else {
                let hole = self.whole(row, cell) && self.chance(3, row, cell, 0.01);
                features.push(Feature::Cell { row, cell, hole });
                if hole {
                    features.push(Feature::Island { row, cell });
                }
            }
            cell += 1;
        }
        features
    }

    fn rng(&self, salt: u64, a: usize, b: usize) -> Rng {
        Rng::of(self.spec.seed, salt, ((a as u64) << 32) | b as u64)
    }

    fn chance(&self, salt: u64, row: usize, cell: usize, p: f64) -> bool {
        self.rng(salt, row, cell).chance(p)
    }

    /// Corner `k` (of two a cell) on the line below row `line`, in the plane of the zone.
    fn corner(&self, line: usize, k: usize) -> Coord {
        let free = k > 0 && k < 2 * self.columns && line > 0 && line < self.rows;
        let at = self.first_corner(line, k);
        if free { self.redrawn(at, 8, line, k) } else { at }
    }

    /// [`Self::corner`] in the base.
    fn first_corner(&self, line: usize, k: usize) -> Coord {
        let last = 2 * self.columns;
        let mut rng = self.rng(4, line, k);
        let (mut u, mut v) = (k as f64, line as f64);
        // Corners of the border stay on it.
        let (free_u, free_v) = (k > 0 && k < last, line > 0 && line < self.rows);
        let (du, dv) = (rng.between(-0.25, 0.25), rng.between(-0.12, 0.12));
        u += if free_u { du } else { 0.0 };
        v += if free_v { dv } else { 0.0 };
        let (s, t) = (u / last as f64, v / self.rows as f64);
        Coord { x: MIDDLE.x + (warp(s, 7.0) - 0.5) * SIDE_M, y: MIDDLE.y + (warp(t, 5.0) - 0.5) * SIDE_M }
    }

    /// Where the scenario has a vertex: half of them are digitised anew within 0.3 m, and in patches over about a tenth
    /// of the area all borders are pushed aside by up to a fifth of a cell.
    fn redrawn(&self, c: Coord, salt: u64, line: usize, k: usize) -> Coord {
        let cell = SIDE_M / (self.spec.count as f64).sqrt();
        let mut rng = self.rng(salt, line, k);
        match self.spec.state {
            State::Base => return c,
            // A corner belongs to three cells, and a cell has six.
            State::Touched if salt == 8 && rng.chance(1.0 / 600.0) => {
                let mut step = || rng.between(-0.02, 0.02) * cell;
                return Coord { x: c.x + step(), y: c.y + step() };
            }
            State::Touched => return c,
            State::Scenario => {}
        }
        let step = if rng.chance(0.5) { (0.012 * cell).min(0.3) } else { 0.0 };
        let (x, y) = (c.x - MIDDLE.x, c.y - MIDDLE.y);
        let patch = ((noise(self.spec.seed ^ 20, x, y, 2_600.0) - 0.7) * 6.0).clamp(0.0, 1.0);
        // Nothing is pushed over the border.
        let inner = ((SIDE_M / 2.0 - x.abs().max(y.abs())) / (4.0 * cell)).clamp(0.0, 1.0);
        let reach = patch * inner * (0.44 * cell).min(50.0);
        let push = |salt: u64| reach * (noise(self.spec.seed ^ salt, x, y, 8.0 * cell) - 0.5);
        let (dx, dy) = (push(21) + rng.between(-step, step), push(22) + rng.between(-step, step));
        Coord { x: c.x + dx, y: c.y + dy }
    }

    /// The points of a side after its start `a` and before its end `b` (as in the base), the same from either side.
    fn side(&self, salt: u64, line: usize, k: usize, a: Coord, b: Coord, into: &mut Vec<Coord>) {
        let mut rng = self.rng(salt, line, k);
        let count = (self.inner_mean + rng.unit()).floor() as usize;
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        let border = salt == 5 && (line == 0 || line == self.rows) || salt == 6 && (k == 0 || k == 2 * self.columns);
        // Bends are small enough that sides which meet at a corner never cross.
        let swing = if border { 0.0 } else { rng.between(-0.05, 0.05) };
        for i in 1..=count {
            let t = (i as f64 + rng.between(-0.25, 0.25)) / (count + 1) as f64;
            let rough = rng.between(-0.035, 0.035) / (count + 1) as f64;
            let across = if border { 0.0 } else { swing * 4.0 * t * (1.0 - t) + rough };
            let c = Coord { x: a.x + dx * t - dy * across, y: a.y + dy * t + dx * across };
            into.push(if border { c } else { self.redrawn(c, salt + 100, line, k * 64 + i) });
        }
    }

    /// First and last corner of the cells `from`..=`to` of a row.
    fn span(&self, row: usize, from: usize, to: usize) -> (usize, usize) {
        let last = 2 * self.columns;
        let (low, high) =
            if row.is_multiple_of(2) { (2 * from, 2 * to + 2) } else { ((2 * from).saturating_sub(1), 2 * to + 1) };
        (low, high.min(last))
    }

    /// The ring around corners `low`..=`high` of a row, counter-clockwise and closed.
    fn ring(&self, row: usize, low: usize, high: usize, sides: [Option<u64>; 2]) -> Vec<Coord> {
        let mut ring = Vec::new();
        let along = |line: usize, ring: &mut Vec<Coord>, forward: bool| {
            for step in low..high {
                let k = if forward { step } else { high + low - step - 1 };
                let mut inner = Vec::new();
                self.side(5, line, k, self.first_corner(line, k), self.first_corner(line, k + 1), &mut inner);
                if forward {
                    ring.push(self.corner(line, k));
                    ring.extend(inner);
                } else {
                    ring.push(self.corner(line, k + 1));
                    ring.extend(inner.into_iter().rev());
                }
            }
        };
        let upright = |k: usize, salt: Option<u64>, up: bool, ring: &mut Vec<Coord>| {
            let mut inner = Vec::new();
            if let Some(salt) = salt {
                self.side(salt, row, k, self.first_corner(row, k), self.first_corner(row + 1, k), &mut inner);
            }
            ring.push(self.corner(if up { row } else { row + 1 }, k));
            if up { ring.extend(inner) } else { ring.extend(inner.into_iter().rev()) }
        };
        along(row, &mut ring, true);
        upright(high, sides[1], true, &mut ring);
        along(row + 1, &mut ring, false);
        upright(low, sides[0], false, &mut ring);
        ring.push(ring[0]);
        ring
    }

    fn cell_ring(&self, row: usize, from: usize, to: usize) -> Vec<Coord> {
        let (low, high) = self.span(row, from, to);
        self.ring(row, low, high, [Some(6), Some(6)])
    }

    /// A ring around the middle of a cell, within a third of its reach.
    fn island_ring(&self, row: usize, cell: usize) -> Vec<Coord> {
        let around = self.cell_ring(row, cell, cell);
        let count = around.len() - 1;
        let sum = around[..count].iter().fold((0.0, 0.0), |s, c| (s.0 + c.x, s.1 + c.y));
        let middle = Coord { x: sum.0 / count as f64, y: sum.1 / count as f64 };
        let mut rng = self.rng(10, row, cell);
        let mut ring: Vec<Coord> = around[..count]
            .iter()
            .step_by(2)
            .map(|c| {
                let reach = rng.between(0.26, 0.38);
                Coord { x: middle.x + (c.x - middle.x) * reach, y: middle.y + (c.y - middle.y) * reach }
            })
            .collect();
        ring.push(ring[0]);
        ring
    }

    fn class(&self, feature: &Feature, at: Coord) -> &'static str {
        let (row, cell) = match feature {
            Feature::Cell { row, cell, .. } | Feature::Half { row, cell, .. } | Feature::Island { row, cell } => {
                (*row, *cell)
            }
            Feature::Road { row, from, .. } => (*row, *from),
            Feature::Pair { row, cells } => (*row, cells[0]),
        };
        let (x, y) = (at.x - MIDDLE.x, at.y - MIDDLE.y);
        let town =
            0.7 * noise(self.spec.seed ^ 12, x, y, 5_200.0) + 0.3 * noise(self.spec.seed ^ 13, x, y, 1_300.0) > 0.58;
        let salt = match feature {
            Feature::Island { .. } => 15,
            Feature::Half { right: true, .. } => 16,
            _ => 14,
        };
        let mut rng = self.rng(salt, row, cell);
        let list = match feature {
            Feature::Road { .. } => STRIPS,
            _ if town => TOWN,
            _ => COUNTRY,
        };
        let code = list[rng.below(list.len())];
        if self.spec.state == State::Scenario && self.rng(17, row, cell).chance(0.06) {
            return list[rng.below(list.len())];
        }
        code
    }
}

/// A smooth stretching of 0..1 that keeps both ends, with `waves` dense and sparse stretches.
fn warp(t: f64, waves: f64) -> f64 {
    // A parabola a half wave, in place of a sine: exact on every platform.
    let phase = (t * waves).fract();
    let half = if phase < 0.5 { phase } else { 1.0 - phase };
    let bump = 16.0 * half * (0.5 - half);
    let sign = if phase < 0.5 { 1.0 } else { -1.0 };
    t + 0.0625 / waves * sign * bump
}

/// Turns features into text.
struct Pen {
    text: String,
    frame: Frame,
    to_degrees: crate::crs::Reprojector,
    written: Written,
    state: State,
}

impl Pen {
    fn feature(&mut self, pattern: &Pattern, feature: &Feature) -> Result<(), WriteError> {
        let parts: Vec<Vec<Vec<Coord>>> = match feature {
            Feature::Cell { row, cell, hole } => {
                let mut rings = vec![pattern.cell_ring(*row, *cell, *cell)];
                if *hole {
                    rings.push(pattern.island_ring(*row, *cell).into_iter().rev().collect());
                }
                vec![rings]
            }
            Feature::Island { row, cell } => vec![vec![pattern.island_ring(*row, *cell)]],
            Feature::Half { row, cell, right } => {
                let (low, high) = pattern.span(*row, *cell, *cell);
                let ring = match right {
                    false => pattern.ring(*row, low, low + 1, [Some(6), None]),
                    true => pattern.ring(*row, low + 1, high, [None, Some(6)]),
                };
                vec![vec![ring]]
            }
            Feature::Road { row, from, to } => vec![vec![pattern.cell_ring(*row, *from, *to)]],
            Feature::Pair { row, cells } => {
                cells.iter().map(|cell| vec![pattern.cell_ring(*row, *cell, *cell)]).collect()
            }
        };
        let mut area = 0.0;
        for rings in &parts {
            for (i, ring) in rings.iter().enumerate() {
                let ring_area = self.frame.ring_area(ring).abs();
                area += if i == 0 { ring_area } else { -ring_area };
            }
        }
        let at = parts[0][0][0];
        self.properties(pattern.class(feature, at), at, area, pattern.spec.seed);
        let multi = parts.len() > 1;
        self.text.push_str(if multi { "\"MultiPolygon\",\"coordinates\":[" } else { "\"Polygon\",\"coordinates\":" });
        for (i, rings) in parts.into_iter().enumerate() {
            self.text.push_str(if i > 0 { ",[" } else { "[" });
            for (j, mut ring) in rings.into_iter().enumerate() {
                self.to_degrees.convert(&mut ring)?;
                self.text.push_str(if j > 0 { ",[" } else { "[" });
                for (k, c) in ring.iter().enumerate() {
                    self.text.push_str(if k > 0 { ",[" } else { "[" });
                    push_fixed(&mut self.text, c.x);
                    self.text.push(',');
                    push_fixed(&mut self.text, c.y);
                    self.text.push(']');
                }
                self.written.position_count += ring.len();
                self.text.push(']');
            }
            self.text.push(']');
        }
        self.text.push_str(if multi { "]}}" } else { "}}" });
        self.written.area_m2 += area;
        Ok(())
    }

    /// Everything before the type of the geometry.
    fn properties(&mut self, code: &str, at: Coord, area: f64, seed: u64) {
        use std::fmt::Write as _;
        let number = self.written.feature_count + 1;
        self.text.push_str(if number > 1 { ",\n" } else { "" });
        self.written.feature_count = number;
        let name = Class::find(Scheme::Sd2019, code).map_or("", |class| class.name(Language::Chinese));
        // Villages are squares of 1.2 km, named by their place.
        let village = |c: f64| (c / 1_200.0).floor() as i64 as usize & 0xFFFF;
        let mut rng = Rng::of(seed, 18, ((village(at.x) as u64) << 16) | village(at.y) as u64);
        let township = TOWNSHIPS[rng.below(TOWNSHIPS.len())];
        let (surname, ending) = (SURNAMES[rng.below(SURNAMES.len())], ENDINGS[rng.below(ENDINGS.len())]);
        let county = match (at.x > MIDDLE.x, at.y > MIDDLE.y) {
            (false, false) => "370105",
            (true, false) => "370115",
            (false, true) => "370112",
            (true, true) => "370104",
        };
        let right = if number.is_multiple_of(2) { 20 } else { 30 };
        let year = if self.state == State::Scenario { 2035 } else { 2023 };
        // Writing to a string cannot fail.
        let _ = write!(
            self.text,
            "{{\"type\":\"Feature\",\"properties\":{{\"BSM\":\"{county}2001{number:08}\",\"YSDM\":\"2001010100\",\"TBBH\":\"{:04}\",\"DLBM\":\"{code}\",\"DLMC\":\"{name}\",\"QSXZ\":\"{right}\",\"QSDWMC\":\"{township}街道{surname}{ending}村民委员会\",\"TBMJ\":{area:.2},\"XZQDM\":\"{county}\",\"SJNF\":{year}}},\"geometry\":{{\"type\":",
            number % 9999 + 1,
        );
    }
}

/// A positive number with seven decimals, trailing zeros left out.
fn push_fixed(text: &mut String, value: f64) {
    use std::fmt::Write as _;
    let steps = (value * 1e7).round() as u64;
    let _ = write!(text, "{}", steps / 10_000_000);
    let rest = steps % 10_000_000;
    if rest != 0 {
        let _ = write!(text, ".{rest:07}");
        while text.ends_with('0') {
            text.pop();
        }
    }
}

#[cfg(test)]
mod tests;
