//! Matrices of several comparisons added up: counties of a province, tiles of a table that does not fit.
//!
//! Classes are the same where scheme and code are, whatever the layers are called that they come from. Every figure is an
//! [`ExactSum`], so that neither the order of the summands nor how they are shared out changes a digit.

use rustc_hash::FxHashMap;

use super::classes::standard_order;
use super::exact_sum::ExactSum;
use super::matrix::{ClassSide, Matrix, MatrixCell};
use super::{ClassKey, ClassLine};
use crate::model::classes::{BigClass, Class};

/// The place of land that only one of the two states covers.
const NONE: u32 = u32::MAX;

/// What tells classes apart.
type Identity = (Option<Class>, Option<BigClass>, Vec<String>, String);

/// Matrices added up.
#[derive(Clone, Debug, Default)]
pub struct MatrixSums {
    places: FxHashMap<Identity, u32>,
    list: Vec<ClassKey>,
    lines: Vec<[SideSum; 2]>,
    cells: FxHashMap<(u32, u32), (ExactSum, u64)>,
    sliver_count: u64,
    sliver_m2: ExactSum,
    residual_m2: ExactSum,
}

/// A class in one of the two states.
#[derive(Clone, Debug, Default)]
struct SideSum {
    feature_count: u64,
    m2: ExactSum,
    printed_m2: ExactSum,
    /// Whether a summand was of something that is never printed.
    is_cut: bool,
    only_m2: ExactSum,
    twice_m2: ExactSum,
}

impl SideSum {
    fn add(&mut self, side: &ClassSide) {
        self.feature_count += side.feature_count;
        self.m2.add(side.m2);
        match side.printed_m2 {
            Some(m2) => self.printed_m2.add(m2),
            None => self.is_cut |= side.feature_count > 0,
        }
        self.only_m2.add(side.only_m2);
        self.twice_m2.add(side.twice_m2);
    }

    fn value(&self) -> ClassSide {
        ClassSide {
            feature_count: self.feature_count,
            m2: self.m2.value(),
            printed_m2: (!self.is_cut && self.feature_count > 0).then(|| self.printed_m2.value()),
            only_m2: self.only_m2.value(),
            twice_m2: self.twice_m2.value(),
            paired_m2: 0.0,
        }
    }
}

impl MatrixSums {
    /// Adds a matrix whose lines are those of `classes`.
    ///
    /// # Panics
    /// When a line or a cell is of a class that `classes` lacks.
    pub fn add(&mut self, classes: &[ClassKey], matrix: &Matrix) {
        let places: Vec<u32> = classes.iter().map(|class| self.place(class)).collect();
        for (line, place) in matrix.lines.iter().zip(&places) {
            let sums = &mut self.lines[*place as usize];
            sums[0].add(&line.base);
            sums[1].add(&line.scenario);
        }
        let place = |class: Option<u32>| class.map_or(NONE, |class| places[class as usize]);
        for cell in &matrix.cells {
            let sum = self.cells.entry((place(cell.from), place(cell.to))).or_default();
            sum.0.add(cell.m2);
            sum.1 += cell.pieces;
        }
        self.sliver_count += matrix.slivers.count;
        self.sliver_m2.add(matrix.slivers.m2);
        self.residual_m2.add(matrix.residual_m2);
    }

    fn place(&mut self, class: &ClassKey) -> u32 {
        let identity = (class.class, class.big, class.groups.clone(), class.value.clone());
        let next = self.list.len() as u32;
        let place = *self.places.entry(identity).or_insert(next);
        if place == next {
            self.list.push(class.clone());
            self.lines.push(Default::default());
        }
        place
    }

    /// The classes of all, in the order of the standard, and their matrix. What each summand left open stays open.
    pub fn total(&self) -> (Vec<ClassKey>, Matrix) {
        let (classes, mut matrix) = self.whole();
        // What is left in one must not be made up for by another.
        matrix.residual_m2 = self.residual_m2.value();
        (classes, matrix)
    }

    /// The same of pieces that close together alone.
    pub fn whole(&self) -> (Vec<ClassKey>, Matrix) {
        let order = standard_order(&self.list);
        let mut place_of = vec![0u32; order.len()];
        for (place, at) in order.iter().enumerate() {
            place_of[*at] = place as u32;
        }
        let line = |at: &usize| {
            let [base, scenario] = &self.lines[*at];
            ClassLine { base: base.value(), scenario: scenario.value(), unchanged_m2: 0.0 }
        };
        let mut matrix = Matrix { lines: order.iter().map(line).collect(), ..Matrix::default() };
        let class = |place: u32| (place != NONE).then(|| place_of[place as usize]);
        let cell = |((from, to), (m2, pieces)): (&(u32, u32), &(ExactSum, u64))| MatrixCell {
            from: class(*from),
            to: class(*to),
            m2: m2.value(),
            pieces: *pieces,
        };
        let mut cells: Vec<MatrixCell> = self.cells.iter().map(cell).collect();
        cells.sort_by_key(|cell| (cell.from.unwrap_or(NONE), cell.to.unwrap_or(NONE)));
        // What attribute areas scale was scaled in each summand.
        matrix.close(cells, false);
        matrix.slivers.count = self.sliver_count;
        matrix.slivers.m2 = self.sliver_m2.value();
        (order.into_iter().map(|at| self.list[at].clone()).collect(), matrix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(value: &str) -> ClassKey {
        let value = value.to_owned();
        ClassKey { key: value.clone(), groups: Vec::new(), value, class: None, big: None }
    }

    /// A matrix of cells by class, whose lines close.
    fn matrix(count: usize, cells: &[(Option<u32>, Option<u32>, f64)]) -> Matrix {
        let mut lines = vec![ClassLine::default(); count];
        for (from, to, m2) in cells {
            if let Some(from) = from {
                let side = &mut lines[*from as usize].base;
                side.m2 += m2;
                side.feature_count += 1;
                side.printed_m2 = Some(side.m2);
                side.only_m2 += if to.is_none() { *m2 } else { 0.0 };
            }
            if let Some(to) = to {
                let side = &mut lines[*to as usize].scenario;
                side.m2 += m2;
                side.feature_count += 1;
                side.printed_m2 = Some(side.m2);
                side.only_m2 += if from.is_none() { *m2 } else { 0.0 };
            }
        }
        let mut matrix = Matrix { lines, ..Matrix::default() };
        let cell =
            |(from, to, m2): &(Option<u32>, Option<u32>, f64)| MatrixCell { from: *from, to: *to, m2: *m2, pieces: 1 };
        let mut cells: Vec<MatrixCell> = cells.iter().map(cell).collect();
        cells.sort_by_key(|cell| (cell.from.unwrap_or(NONE), cell.to.unwrap_or(NONE)));
        matrix.close(cells, false);
        matrix
    }

    #[test]
    fn counties_add_up_by_class_in_any_order() {
        let one = (vec![class("a"), class("b")], matrix(2, &[(Some(0), Some(1), 0.1), (Some(1), Some(1), 7.0)]));
        let two = (vec![class("b"), class("c")], matrix(2, &[(Some(0), Some(0), 0.2), (Some(1), None, 0.3)]));
        let sum = |order: [&(Vec<ClassKey>, Matrix); 2]| {
            let mut sums = MatrixSums::default();
            order.iter().for_each(|(classes, matrix)| sums.add(classes, matrix));
            sums.total()
        };
        let (classes, matrix) = sum([&one, &two]);
        assert_eq!((classes.clone(), matrix.clone()), sum([&two, &one]));
        assert_eq!(classes.iter().map(|class| class.value.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(matrix.cell(Some(0), Some(1)).m2, 0.1);
        assert_eq!((matrix.cell(Some(1), Some(1)).m2, matrix.cell(Some(1), Some(1)).pieces), (7.2, 2));
        assert_eq!(matrix.cell(Some(2), None).m2, 0.3);
        assert_eq!((matrix.total.base.feature_count, matrix.changed_m2), (4, 0.1));
        assert!(matrix.residual_m2 < 1e-12, "{}", matrix.residual_m2);
    }
}
