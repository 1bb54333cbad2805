//! Balance and changes by region and class (行政区 × 地类): by village, street, ownership, or any other field.
//!
//! Land is counted in the region that its parcel is of in each state. What stays in class and region is unchanged, so a
//! parcel that goes to another village is a decrease here and an increase there. Sums over regions are the lines of the
//! matrix.

use rustc_hash::FxHashMap;

use super::{ClassLine, Classes, Comparison, Matrix};
use crate::overlay::Pair;

/// One class in one region, m².
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RegionLine {
    /// In the base.
    pub base_m2: f64,
    /// In the scenario.
    pub scenario_m2: f64,
    /// What stays in class and region.
    pub unchanged_m2: f64,
}

impl RegionLine {
    /// Scenario less base.
    pub fn change_m2(&self) -> f64 {
        self.scenario_m2 - self.base_m2
    }

    /// What leaves class or region.
    pub fn decrease_m2(&self) -> f64 {
        self.base_m2 - self.unchanged_m2
    }

    /// What comes.
    pub fn increase_m2(&self) -> f64 {
        self.scenario_m2 - self.unchanged_m2
    }

    /// Whether either state has some.
    pub fn is_used(&self) -> bool {
        self.base_m2 != 0.0 || self.scenario_m2 != 0.0
    }

    fn add(&mut self, other: &Self) {
        self.base_m2 += other.base_m2;
        self.scenario_m2 += other.scenario_m2;
        self.unchanged_m2 += other.unchanged_m2;
    }
}

/// Areas by region and class.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Regions {
    /// A row a region, in it a line a class.
    pub lines: Vec<Vec<RegionLine>>,
    /// A line a region, over all classes: there what stays is what stays in the region and its class.
    pub totals: Vec<RegionLine>,
}

impl Regions {
    /// Sums `comparison` by `regions` and classes: `class_of` holds the class of each feature of base and scenario.
    ///
    /// # Panics
    /// When regions or classes are not those of the features of the comparison.
    pub fn new(comparison: &Comparison, regions: &Classes, class_of: &[Vec<u32>; 2], class_count: usize) -> Self {
        let mut lines = vec![vec![RegionLine::default(); class_count]; regions.list.len()];
        let at = |side: usize, feature: usize| (regions.of[side][feature] as usize, class_of[side][feature] as usize);
        let is_scaled = !comparison.states[0].factors.is_empty();
        for pair in &comparison.table.pairs {
            let (from, to) = (at(0, pair.a as usize), at(1, pair.b as usize));
            let m2 = comparison.pair_m2(pair);
            if from == to {
                lines[from.0][from.1].unchanged_m2 += m2;
            }
            if is_scaled {
                // Pieces are scaled by the base's ledger: what the scenario adds up to follows from them.
                lines[to.0][to.1].scenario_m2 += m2;
            }
        }
        for bundle in &comparison.table.bundles {
            let mut of_b: FxHashMap<(usize, usize), f64> = FxHashMap::default();
            bundle.b.iter().for_each(|b| *of_b.entry(at(1, *b as usize)).or_default() += 1.0);
            for a in bundle.a.iter() {
                let m2 = comparison.pair_m2(&Pair { a: *a, ..bundle.each });
                let same = at(0, *a as usize);
                if let Some(count) = of_b.get(&same) {
                    lines[same.0][same.1].unchanged_m2 += m2 * count;
                }
                if is_scaled {
                    of_b.iter().for_each(|(to, count)| lines[to.0][to.1].scenario_m2 += m2 * count);
                }
            }
        }
        for side in 0..2 {
            let rest = &comparison.table.sides[side];
            for (feature, m2) in comparison.states[side].m2.iter().enumerate() {
                let (region, class) = at(side, feature);
                let line = &mut lines[region][class];
                match side {
                    0 => line.base_m2 += m2,
                    _ if is_scaled => {
                        let factor = comparison.factor(1, feature);
                        line.scenario_m2 += (rest.only[feature] - rest.twice[feature]) * factor;
                    }
                    _ => line.scenario_m2 += m2,
                }
            }
        }
        let total = |lines: &Vec<RegionLine>| {
            let mut total = RegionLine::default();
            lines.iter().for_each(|line| total.add(line));
            total
        };
        let totals = lines.iter().map(total).collect();
        Self { lines, totals }
    }

    /// By how much the sums over all regions differ from the lines of the matrix, added up without signs, m².
    pub fn residual_m2(&self, matrix: &Matrix) -> f64 {
        let of_class = |(class, line): (usize, &ClassLine)| {
            let sum = |value: fn(&RegionLine) -> f64| self.lines.iter().map(|row| value(&row[class])).sum::<f64>();
            (sum(|line| line.base_m2) - line.base.m2).abs() + (sum(|line| line.scenario_m2) - line.scenario.m2).abs()
        };
        matrix.lines.iter().enumerate().map(of_class).sum()
    }
}
