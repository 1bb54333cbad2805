//! The one rule by which the figures of a comparison are rounded: every table, picture, copy and file shows these.
//!
//! In the unit and with the decimals shown,
//! 1. the areas of the base are rounded to the nearest; where they would miss the rounded total, last digits go to the
//!    largest remainders ([`balance`]);
//! 2. the cells of the matrix and the areas of the scenario are rounded together ([`round_flows`]), so that each row adds
//!    up to the base's area of its class, each column to the scenario's, and these to their total; a class that nothing
//!    touched is the same in both states;
//! 3. everything else is read off those: a change is the printed end less the printed start, a decrease the printed
//!    start less what is printed as unchanged.
//!
//! No figure is further from its exact value than one last digit, but where a line does not close (features that could
//! not take part): what is missing there is the residual, which is stated beside the table. Exact figures never change;
//! in JSON they stand beside the printed ones.

use crate::scenario::transition::{ClassLine, Matrix, MatrixCell, RegionLine, Regions, StateSums};
use crate::units::{
    Area, AreaUnit, Flow, balance, in_last_digits, last_digits, of_last_digits, round_flows, round_half_up,
};

/// Square metres below which a figure counts as nothing: half of the survey's last digit.
pub(super) const NOTHING_M2: f64 = 0.005;

/// What a tenth of a last digit costs to be shown as a whole one, beside a cell of more.
const TINY: u32 = 1 << 11;
/// What areas of the scenario, and their total, matter beside cells.
const END: u32 = 1 << 10;
const TOTAL: u32 = 1 << 12;

/// Decimals of all figures of a table: the most that one of them needs.
fn decimals(unit: AreaUnit, m2: impl Iterator<Item = f64>) -> usize {
    let figures = m2.filter(|m2| m2.abs() >= NOTHING_M2);
    figures.map(|m2| unit.decimals(Area::from_m2(m2).value(unit))).max().unwrap_or(unit.decimals(0.0))
}

/// A line of the matrix, or the total, in units of the last digit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoundedLine {
    /// The base's area.
    pub base: i64,
    /// The scenario's area.
    pub scenario: i64,
    /// What stays in the class.
    pub unchanged: i64,
    /// What only the base covers.
    pub only_base: i64,
    /// What the scenario's overlaps count too often.
    pub twice_base: i64,
    /// What only the scenario covers.
    pub only_scenario: i64,
    /// What the base's overlaps count too often.
    pub twice_scenario: i64,
}

impl RoundedLine {
    /// What leaves the class.
    pub fn decrease(&self) -> i64 {
        self.base - self.unchanged
    }

    /// What comes to the class.
    pub fn increase(&self) -> i64 {
        self.scenario - self.unchanged
    }

    /// Scenario less base.
    pub fn change(&self) -> i64 {
        self.scenario - self.base
    }

    fn add(&mut self, other: &Self) {
        self.base += other.base;
        self.scenario += other.scenario;
        self.unchanged += other.unchanged;
        self.only_base += other.only_base;
        self.twice_base += other.twice_base;
        self.only_scenario += other.only_scenario;
        self.twice_scenario += other.twice_scenario;
    }
}

/// A matrix rounded by the rule above.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rounded {
    /// Decimals of all its figures.
    pub decimals: usize,
    /// One for each of [`Matrix::cells`], in units of the last digit.
    pub cells: Vec<i64>,
    /// One for each of [`Matrix::lines`].
    pub lines: Vec<RoundedLine>,
    /// Their sum.
    pub total: RoundedLine,
    /// What goes to another class, of all classes.
    pub changed: i64,
    /// Figures that are not rounded to the nearest, so that lines add up.
    pub adjusted_count: usize,
}

impl Rounded {
    /// The matrix in `unit`.
    pub fn new(matrix: &Matrix, unit: AreaUnit) -> Self {
        let lines = matrix.lines.iter().flat_map(|line| [line.base.m2, line.scenario.m2]);
        let decimals = decimals(unit, lines.chain(matrix.cells.iter().map(|cell| cell.m2)));
        Self::by(matrix, &|m2| Area::from_m2(m2).value(unit), decimals)
    }

    /// The matrix in per cent of the base's area of all classes.
    pub fn of_total(matrix: &Matrix) -> Self {
        let whole = matrix.total.base.m2;
        Self::by(matrix, &|m2| if whole.abs() > 0.0 { 100.0 * m2 / whole } else { 0.0 }, 2)
    }

    /// A figure in the unit.
    pub fn value(&self, units: i64) -> f64 {
        of_last_digits(units, self.decimals)
    }

    /// The largest change of a class, in units of the last digit.
    pub fn largest_change(&self) -> i64 {
        self.lines.iter().map(|line| line.change().abs()).max().unwrap_or(0)
    }

    /// The largest that goes from one class to another, in units of the last digit.
    pub fn largest_transition(&self, matrix: &Matrix) -> i64 {
        let moves = |cell: &MatrixCell| cell.from != cell.to && cell.from.is_some() && cell.to.is_some();
        let cells = matrix.cells.iter().zip(&self.cells).filter(|(cell, _)| moves(cell));
        cells.map(|(_, units)| *units).max().unwrap_or(0)
    }

    fn by(matrix: &Matrix, value: &dyn Fn(f64) -> f64, decimals: usize) -> Self {
        let exact = |m2: f64| in_last_digits(value(m2), decimals);
        let count = matrix.lines.len();
        let bases: Vec<f64> = matrix.lines.iter().map(|line| value(line.base.m2)).collect();
        let bases: Vec<i64> = balance(&bases, decimals).rows.iter().map(|base| last_digits(*base, decimals)).collect();
        // Accounts: rows of classes, what only the scenario covers, columns of classes, what only the base covers, what
        // either counts twice, all of the scenario, the world.
        let column = |class: usize| count + 1 + class;
        let (only_scenario, only_base) = (count, 2 * count + 1);
        let (twice_base, twice_scenario) = (only_base + 1, only_base + 2);
        let (all, world) = (only_base + 3, only_base + 4);
        let mut supplies = vec![0; world + 1];
        supplies[..count].copy_from_slice(&bases);
        supplies[world] = -bases.iter().sum::<i64>();
        let mut flows: Vec<Flow> = Vec::new();
        let mut add = |from: usize, to: usize, m2: f64, weight: u32| {
            let value = exact(m2);
            let weight = if weight == 1 && value.abs() < 0.1 { TINY } else { weight };
            // What is no figure at all is nowhere raised to one.
            (m2.abs() >= NOTHING_M2).then(|| {
                flows.push(Flow { from, to, value, weight });
                flows.len() - 1
            })
        };
        let of_cell: Vec<Option<usize>> = matrix
            .cells
            .iter()
            .map(|cell| match (cell.from, cell.to) {
                (Some(from), Some(to)) => add(from as usize, column(to as usize), cell.m2, 1),
                (Some(from), None) => add(from as usize, only_base, cell.m2, 1),
                (None, Some(to)) => add(only_scenario, column(to as usize), cell.m2, 1),
                (None, None) => None,
            })
            .collect();
        let mut of_line: Vec<[Option<usize>; 3]> = Vec::with_capacity(count);
        for (class, line) in matrix.lines.iter().enumerate() {
            of_line.push([
                add(column(class), all, line.scenario.m2, END),
                add(twice_base, class, line.base.twice_m2, 1),
                add(column(class), twice_scenario, line.scenario.twice_m2, 1),
            ]);
            // A line that does not close needs somewhere to go to; so does one of nothing but what is no figure.
            add(class, world, line.base.residual_m2(), 1);
            add(world, column(class), line.scenario.residual_m2(), 1);
        }
        let total = &matrix.total;
        let totals = [
            (all, world, total.scenario.m2, TOTAL),
            (world, only_scenario, total.scenario.only_m2, 1),
            (only_base, world, total.base.only_m2, 1),
            (world, twice_base, total.base.twice_m2, 1),
            (twice_scenario, world, total.scenario.twice_m2, 1),
        ];
        for (from, to, m2, weight) in totals {
            add(from, to, m2, weight);
        }
        let units = round_flows(&supplies, count + 1, &flows);
        let of = |flow: Option<usize>| flow.map_or(0, |flow| units[flow]);
        let mut rounded = Self { decimals, lines: vec![RoundedLine::default(); count], ..Self::default() };
        let mut adjust = |units: i64, m2: f64| {
            let nearest = last_digits(round_half_up(value(m2), decimals), decimals);
            rounded.adjusted_count += usize::from(units != nearest);
            units
        };
        for (cell, flow) in matrix.cells.iter().zip(of_cell) {
            let units = adjust(of(flow), cell.m2);
            rounded.cells.push(units);
            match (cell.from.map(|from| from as usize), cell.to.map(|to| to as usize)) {
                (Some(from), Some(to)) if from == to => rounded.lines[from].unchanged = units,
                (Some(_), Some(_)) => rounded.changed += units,
                (Some(from), None) => rounded.lines[from].only_base = units,
                (None, Some(to)) => rounded.lines[to].only_scenario = units,
                (None, None) => {}
            }
        }
        for (class, ([scenario, twice_base, twice_scenario], base)) in of_line.into_iter().zip(bases).enumerate() {
            let line = &mut rounded.lines[class];
            let exact = &matrix.lines[class];
            line.base = adjust(base, exact.base.m2);
            line.scenario = adjust(of(scenario), exact.scenario.m2);
            line.twice_base = of(twice_base);
            line.twice_scenario = of(twice_scenario);
            rounded.total.add(line);
        }
        rounded
    }
}

/// A class in one region, or a region, in units of the last digit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoundedRegion {
    /// The base's area.
    pub base: i64,
    /// The scenario's area.
    pub scenario: i64,
    /// What stays in class and region.
    pub unchanged: i64,
}

impl RoundedRegion {
    /// What leaves class or region.
    pub fn decrease(&self) -> i64 {
        self.base - self.unchanged
    }

    /// What comes.
    pub fn increase(&self) -> i64 {
        self.scenario - self.unchanged
    }

    /// Scenario less base.
    pub fn change(&self) -> i64 {
        self.scenario - self.base
    }

    fn add(&mut self, other: &Self) {
        self.base += other.base;
        self.scenario += other.scenario;
        self.unchanged += other.unchanged;
    }
}

/// Areas by region and class, rounded: classes over all regions are the lines of the matrix as they are printed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoundedRegions {
    /// Decimals of all figures.
    pub decimals: usize,
    /// A row a region, in it a line a class.
    pub lines: Vec<Vec<RoundedRegion>>,
    /// The sum of each row.
    pub totals: Vec<RoundedRegion>,
    /// The sum of all.
    pub total: RoundedRegion,
}

impl RoundedRegions {
    /// The regions of `matrix` in `unit`: areas of the base by class and region, then the changes, each so that both
    /// margins hold.
    pub fn new(regions: &Regions, matrix: &Matrix, unit: AreaUnit) -> Self {
        let lines = || regions.lines.iter().flatten();
        let decimals = decimals(unit, lines().flat_map(|line| [line.base_m2, line.scenario_m2, line.change_m2()]));
        let exact = |m2: f64| in_last_digits(Area::from_m2(m2).value(unit), decimals);
        let margins = Rounded::by(matrix, &|m2| Area::from_m2(m2).value(unit), decimals);
        let classes: Vec<i64> = margins.lines.iter().map(|line| line.base).collect();
        let bases = Self::spread(regions, &classes, &exact, &|line| line.base_m2);
        let classes: Vec<i64> = margins.lines.iter().map(RoundedLine::change).collect();
        let changes = Self::spread(regions, &classes, &exact, &RegionLine::change_m2);
        let line = |(line, (base, change)): (&RegionLine, (i64, i64))| {
            let scenario = base + change;
            let unchanged = if line.decrease_m2().abs() < NOTHING_M2 {
                base
            } else if line.increase_m2().abs() < NOTHING_M2 {
                scenario
            } else {
                let nearest = exact(line.unchanged_m2).round() as i64;
                nearest.min(base).min(scenario)
            };
            RoundedRegion { base, scenario, unchanged }
        };
        let mut rounded = Self { decimals, ..Self::default() };
        for (row, (bases, changes)) in regions.lines.iter().zip(bases.into_iter().zip(changes)) {
            let row: Vec<RoundedRegion> = row.iter().zip(bases.into_iter().zip(changes)).map(line).collect();
            let mut total = RoundedRegion::default();
            row.iter().for_each(|line| total.add(line));
            rounded.total.add(&total);
            rounded.totals.push(total);
            rounded.lines.push(row);
        }
        rounded
    }

    /// A figure in the unit.
    pub fn value(&self, units: i64) -> f64 {
        of_last_digits(units, self.decimals)
    }

    /// The largest change of a class in a region, in units of the last digit.
    pub fn largest_change(&self) -> i64 {
        self.lines.iter().flatten().map(|line| line.change().abs()).max().unwrap_or(0)
    }

    /// Spreads what classes have over the regions, near `m2` of each.
    fn spread(
        regions: &Regions,
        classes: &[i64],
        exact: &dyn Fn(f64) -> f64,
        m2: &dyn Fn(&RegionLine) -> f64,
    ) -> Vec<Vec<i64>> {
        let (count, world) = (classes.len(), classes.len() + regions.lines.len());
        let mut supplies = vec![0; world + 1];
        supplies[..count].copy_from_slice(classes);
        supplies[world] = -classes.iter().sum::<i64>();
        let mut flows = Vec::new();
        let mut places = vec![vec![None; count]; regions.lines.len()];
        for (region, lines) in regions.lines.iter().enumerate() {
            let mut sum = 0.0;
            for (class, line) in lines.iter().enumerate().filter(|(_, line)| m2(line).abs() >= NOTHING_M2) {
                places[region][class] = Some(flows.len());
                sum += m2(line);
                flows.push(Flow { from: class, to: count + region, value: exact(m2(line)), weight: 1 });
            }
            flows.push(Flow { from: count + region, to: world, value: exact(sum), weight: END });
        }
        let units = round_flows(&supplies, count, &flows);
        places.iter().map(|row| row.iter().map(|at| at.map_or(0, |at| units[at])).collect()).collect()
    }
}

/// States side by side, rounded: each adds up to its total, and a class that is the same in a state as in the first is
/// printed the same.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoundedStates {
    /// Decimals of all figures.
    pub decimals: usize,
    /// A row a class, in it a figure a state, in units of the last digit.
    pub rows: Vec<Vec<i64>>,
    /// The total of each state.
    pub totals: Vec<i64>,
}

/// A matrix of two of the states that stand side by side: where it is printed, their figures are printed as there.
#[derive(Clone, Copy, Debug)]
pub struct Printed<'a> {
    /// The matrix.
    pub matrix: &'a Matrix,
    /// For each class of the states its line of the matrix.
    pub lines: &'a [Option<u32>],
    /// Which of the states are its base and its scenario, where they stand there.
    pub states: [Option<usize>; 2],
}

impl Printed<'_> {
    /// What the classes have in a state as the matrix prints it; `None` where the state is none of its two, or does not
    /// have the areas that the matrix is of: other shapes, another basis, a part of the land.
    fn figures(&self, sums: &StateSums, state: usize, rounded: &Rounded) -> Option<Vec<i64>> {
        let side = self.states.iter().position(|of| *of == Some(state))?;
        let of_line = |line: &ClassLine| if side == 0 { line.base.m2 } else { line.scenario.m2 };
        let near = |a: f64, b: f64| (a - b).abs() < NOTHING_M2.max(1e-8 * sums.totals[state].abs());
        let known = self.lines.iter().map(|line| self.matrix.lines.get(line.map(|line| line as usize)?));
        let same = known.zip(&sums.m2).all(|(line, row)| near(line.map_or(0.0, of_line), row[state]));
        let whole: f64 = self.matrix.lines.iter().map(of_line).sum();
        if !same || self.lines.len() != sums.m2.len() || !near(whole, sums.totals[state]) {
            return None;
        }
        let units = |line: &RoundedLine| if side == 0 { line.base } else { line.scenario };
        Some(self.lines.iter().map(|line| line.map_or(0, |line| units(&rounded.lines[line as usize]))).collect())
    }
}

impl RoundedStates {
    /// The states in `unit`; those that a printed matrix is of, as it prints them.
    pub fn new(sums: &StateSums, unit: AreaUnit, printed: Option<Printed<'_>>) -> Self {
        let of_matrix = printed.iter().flat_map(|printed| {
            let lines = printed.matrix.lines.iter().flat_map(|line| [line.base.m2, line.scenario.m2]);
            lines.chain(printed.matrix.cells.iter().map(|cell| cell.m2))
        });
        let decimals = decimals(unit, sums.m2.iter().flatten().copied().chain(of_matrix));
        let value = |m2: f64| Area::from_m2(m2).value(unit);
        let margins = printed.map(|printed| (printed, Rounded::by(printed.matrix, &value, decimals)));
        let as_printed = |state: usize| margins.as_ref().and_then(|(of, rounded)| of.figures(sums, state, rounded));
        let mut rounded = Self { decimals, rows: vec![Vec::new(); sums.m2.len()], totals: Vec::new() };
        let firsts: Vec<f64> = sums.m2.iter().filter_map(|row| row.first().copied().map(value)).collect();
        let balanced = || balance(&firsts, decimals).rows.iter().map(|v| last_digits(*v, decimals)).collect();
        let firsts: Vec<i64> = as_printed(0).unwrap_or_else(balanced);
        for state in 0..sums.totals.len() {
            if let Some(figures) = as_printed(state) {
                rounded.totals.push(figures.iter().sum());
                rounded.rows.iter_mut().zip(figures).for_each(|(row, figure)| row.push(figure));
                continue;
            }
            let differs = |row: &[f64]| state > 0 && (row[state] - row[0]).abs() >= NOTHING_M2;
            let kept = sums.m2.iter().zip(&firsts).filter(|(row, _)| !differs(row)).map(|(_, first)| first);
            let total = last_digits(round_half_up(value(sums.totals[state]), decimals), decimals);
            let rest = total - kept.sum::<i64>();
            let moved = sums.m2.iter().filter(|row| differs(row));
            let flow =
                |row: &Vec<f64>| Flow { from: 0, to: 1, value: in_last_digits(value(row[state]), decimals), weight: 1 };
            let flows: Vec<Flow> = moved.map(flow).collect();
            let mut units = round_flows(&[rest, -rest], 1, &flows).into_iter();
            let mut sum = 0;
            for ((row, exact), first) in rounded.rows.iter_mut().zip(&sums.m2).zip(&firsts) {
                let figure = if differs(exact) { units.next().unwrap_or_default() } else { *first };
                sum += figure;
                row.push(figure);
            }
            rounded.totals.push(sum);
        }
        rounded
    }

    /// A figure in the unit.
    pub fn value(&self, units: i64) -> f64 {
        of_last_digits(units, self.decimals)
    }
}

#[cfg(test)]
mod tests;
