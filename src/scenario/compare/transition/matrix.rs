//! The transition matrix (转移矩阵) and what is read off it: balance (用地平衡表) and changes (变更一览).
//!
//! Rows are classes of the base, columns those of the scenario. For every class, row and column close:
//!
//! ```text
//! Σ cells of the row + only − twice = the base's area of the class      (the scenario's, for a column)
//! ```
//!
//! Only is what the other state does not cover, twice what the other state's overlaps count too often. What is left when
//! every line is closed is the residual: rounding, and features that could not take part.

use rustc_hash::FxHashMap;

use super::{Classes, Comparison};
use crate::overlay::Pair;

/// A cell of the matrix.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MatrixCell {
    /// Class of the base; `None` for land that only the scenario covers.
    pub from: Option<u32>,
    /// Class of the scenario; `None` for land that only the base covers.
    pub to: Option<u32>,
    /// m².
    pub m2: f64,
    /// Pairs of features; features with something left over, for only.
    pub pieces: u64,
}

/// A class in one of the two states, m².
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ClassSide {
    /// Features of the class.
    pub feature_count: u64,
    /// All of the class.
    pub m2: f64,
    /// The same as the survey prints it; `None` within a study area.
    pub printed_m2: Option<f64>,
    /// What the other state does not cover.
    pub only_m2: f64,
    /// What the other state's overlaps count too often.
    pub twice_m2: f64,
    /// Sum of the cells of the row (column) of classes.
    pub paired_m2: f64,
}

impl ClassSide {
    /// What is left when the line is closed.
    pub fn residual_m2(&self) -> f64 {
        self.m2 - (self.paired_m2 + self.only_m2 - self.twice_m2)
    }
}

/// A class of the matrix in both states.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ClassLine {
    /// In the base.
    pub base: ClassSide,
    /// In the scenario.
    pub scenario: ClassSide,
    /// What stays in the class, m².
    pub unchanged_m2: f64,
}

impl ClassLine {
    /// What leaves the class, m²: for other classes, or because the scenario does not cover it.
    pub fn decrease_m2(&self) -> f64 {
        self.base.m2 - self.unchanged_m2
    }

    /// What comes to the class, m².
    pub fn increase_m2(&self) -> f64 {
        self.scenario.m2 - self.unchanged_m2
    }

    /// Scenario less base, m².
    pub fn change_m2(&self) -> f64 {
        self.scenario.m2 - self.base.m2
    }
}

/// Pieces below the tolerance. They stay in their cells.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Slivers {
    /// How many.
    pub count: u64,
    /// Their sum.
    pub m2: f64,
}

/// What goes from which class to which.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matrix {
    /// A line for each class of [`Classes::list`].
    pub lines: Vec<ClassLine>,
    /// The cells that are not empty, by row and column; only-in-base at the end of its row, only-in-scenario last.
    pub cells: Vec<MatrixCell>,
    /// The whole of both states.
    pub total: ClassLine,
    /// What goes to another class, m².
    pub changed_m2: f64,
    /// Pieces below the tolerance, whatever their classes.
    pub slivers: Slivers,
    /// What is left when every line is closed, added up without signs.
    pub residual_m2: f64,
}

/// Sum and count of one cell.
#[derive(Clone, Copy, Default)]
struct Sum {
    m2: f64,
    pieces: u64,
}

impl Matrix {
    /// Sums `comparison` by `classes`.
    ///
    /// # Panics
    /// When `classes` are not those of the features of the comparison.
    pub fn new(comparison: &Comparison, classes: &Classes) -> Self {
        Self::of_owned(comparison, classes, None)
    }

    /// The same of a piece of two larger states, read with whatever else meets it: of pairs those count whose feature of
    /// the base is `owned`, of what is left of features that of those that are. Where each feature is owned by one piece,
    /// the pieces add up to the whole.
    ///
    /// # Panics
    /// As [`Self::new`], and when `owned` does not say it of every feature of both states.
    pub fn of_owned(comparison: &Comparison, classes: &Classes, owned: Option<[&[bool]; 2]>) -> Self {
        let is_owned = |side: usize, feature: usize| owned.is_none_or(|owned| owned[side][feature]);
        let count = classes.list.len();
        let [from_of, to_of] = &classes.of;
        let mut matrix = Self { lines: vec![ClassLine::default(); count], ..Self::default() };
        let mut sums: FxHashMap<(u32, u32), Sum> = FxHashMap::default();
        // The table is sorted by the feature of the base: its class changes seldom.
        let mut dense = vec![Sum::default(); if count <= 512 { count * count } else { 0 }];
        for pair in comparison.table.pairs.iter().filter(|pair| is_owned(0, pair.a as usize)) {
            let (from, to) = (from_of[pair.a as usize], to_of[pair.b as usize]);
            let m2 = comparison.pair_m2(pair);
            let sum = match dense.get_mut(from as usize * count + to as usize) {
                Some(sum) => sum,
                None => sums.entry((from, to)).or_default(),
            };
            sum.m2 += m2;
            sum.pieces += 1;
            if pair.perimeter_m > 0.0 && comparison.tolerance.is_sliver(pair) {
                matrix.slivers.count += 1;
                matrix.slivers.m2 += m2;
            }
        }
        for bundle in &comparison.table.bundles {
            let is_sliver = bundle.each.perimeter_m > 0.0 && comparison.tolerance.is_sliver(&bundle.each);
            // Features of the bundle by class: how many, and what their factors add up to.
            let mut of_a: FxHashMap<u32, Sum> = FxHashMap::default();
            for a in bundle.a.iter().filter(|a| is_owned(0, **a as usize)) {
                let sum = of_a.entry(from_of[*a as usize]).or_default();
                sum.m2 += comparison.pair_m2(&Pair { a: *a, ..bundle.each });
                sum.pieces += 1;
            }
            let mut of_b: FxHashMap<u32, u64> = FxHashMap::default();
            bundle.b.iter().for_each(|b| *of_b.entry(to_of[*b as usize]).or_default() += 1);
            for (from, one) in &of_a {
                for (to, count) in &of_b {
                    let sum = match dense.get_mut(*from as usize * classes.list.len() + *to as usize) {
                        Some(sum) => sum,
                        None => sums.entry((*from, *to)).or_default(),
                    };
                    let (m2, pieces) = (one.m2 * *count as f64, one.pieces * count);
                    sum.m2 += m2;
                    sum.pieces += pieces;
                    if is_sliver {
                        matrix.slivers.count += pieces;
                        matrix.slivers.m2 += m2;
                    }
                }
            }
        }
        for (at, sum) in dense.into_iter().enumerate().filter(|(_, sum)| sum.pieces > 0) {
            sums.insert(((at / count) as u32, (at % count) as u32), sum);
        }
        let mut cells: Vec<MatrixCell> = sums
            .into_iter()
            .map(|((from, to), sum)| MatrixCell { from: Some(from), to: Some(to), m2: sum.m2, pieces: sum.pieces })
            .collect();
        for side in 0..2 {
            let mut only = vec![Sum::default(); count];
            let state = &comparison.states[side];
            let rest = &comparison.table.sides[side];
            let of_feature = classes.of[side].iter().enumerate();
            for (feature, class) in of_feature.filter(|(feature, _)| is_owned(side, *feature)) {
                let factor = comparison.factor(side, feature);
                let line = &mut matrix.lines[*class as usize];
                let line = if side == 0 { &mut line.base } else { &mut line.scenario };
                line.feature_count += 1;
                line.m2 += state.m2[feature];
                if let Some(printed) = &state.printed {
                    *line.printed_m2.get_or_insert(0.0) += printed[feature];
                }
                line.twice_m2 += rest.twice[feature] * factor;
                if rest.only[feature] != 0.0 {
                    let sum = &mut only[*class as usize];
                    sum.m2 += rest.only[feature] * factor;
                    sum.pieces += 1;
                }
            }
            for (class, sum) in only.iter().enumerate().filter(|(_, sum)| sum.pieces > 0) {
                let line = &mut matrix.lines[class];
                let line = if side == 0 { &mut line.base } else { &mut line.scenario };
                line.only_m2 = sum.m2;
                let class = Some(class as u32);
                let (from, to) = if side == 0 { (class, None) } else { (None, class) };
                cells.push(MatrixCell { from, to, m2: sum.m2, pieces: sum.pieces });
            }
        }
        let place = |class: Option<u32>| class.unwrap_or(u32::MAX);
        cells.sort_by_key(|cell| (place(cell.from), place(cell.to)));
        matrix.close(cells, !comparison.states[0].factors.is_empty());
        matrix
    }

    /// Sums lines and totals from the cells, which are sorted.
    pub fn close(&mut self, cells: Vec<MatrixCell>, scaled: bool) {
        for cell in &cells {
            if let (Some(from), Some(to)) = (cell.from, cell.to) {
                self.lines[from as usize].base.paired_m2 += cell.m2;
                self.lines[to as usize].scenario.paired_m2 += cell.m2;
                if from == to {
                    self.lines[from as usize].unchanged_m2 += cell.m2;
                } else {
                    self.changed_m2 += cell.m2;
                }
            }
        }
        if scaled {
            // Pieces are scaled by the base's ledger: what the scenario's classes add up to follows from them.
            for line in &mut self.lines {
                line.scenario.m2 = line.scenario.paired_m2 + line.scenario.only_m2 - line.scenario.twice_m2;
            }
        }
        let add = |total: &mut ClassSide, side: &ClassSide| {
            total.feature_count += side.feature_count;
            total.m2 += side.m2;
            if let Some(printed) = side.printed_m2 {
                *total.printed_m2.get_or_insert(0.0) += printed;
            }
            total.only_m2 += side.only_m2;
            total.twice_m2 += side.twice_m2;
            total.paired_m2 += side.paired_m2;
        };
        for line in &self.lines {
            add(&mut self.total.base, &line.base);
            add(&mut self.total.scenario, &line.scenario);
            self.total.unchanged_m2 += line.unchanged_m2;
            self.residual_m2 += line.base.residual_m2().abs() + line.scenario.residual_m2().abs();
        }
        self.cells = cells;
    }

    /// The cell of two classes; zero where it is empty.
    pub fn cell(&self, from: Option<u32>, to: Option<u32>) -> MatrixCell {
        self.place_of(from, to).map_or(MatrixCell { from, to, m2: 0.0, pieces: 0 }, |at| self.cells[at])
    }

    /// Place of the cell of two classes in the list; `None` where it is empty.
    pub fn place_of(&self, from: Option<u32>, to: Option<u32>) -> Option<usize> {
        let place = |class: Option<u32>| class.unwrap_or(u32::MAX);
        // Not found: nothing goes from the one to the other.
        self.cells.binary_search_by_key(&(place(from), place(to)), |c| (place(c.from), place(c.to))).ok()
    }
}
