//! The figures of a transition matrix as they are read: in a unit, by the rule of [`Rounded`], or as shares.

use super::rounded::{NOTHING_M2, Rounded, RoundedLine};
use crate::scenario::transition::{ClassLine, Matrix, MatrixCell};
use crate::units::{AreaUnit, balance, format_number};

/// What the figures of a matrix are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Areas in that unit.
    Area(AreaUnit),
    /// Per cent of the base's area of the class.
    OfRow,
    /// Per cent of the scenario's area of the class.
    OfColumn,
    /// Per cent of the base's area of all classes.
    OfTotal,
}

impl Measure {
    /// Those that are shares.
    pub const SHARES: [Self; 3] = [Self::OfRow, Self::OfColumn, Self::OfTotal];

    /// The unit, for areas.
    pub fn unit(self) -> Option<AreaUnit> {
        match self {
            Self::Area(unit) => Some(unit),
            _ => None,
        }
    }
}

/// Figures of one line of the matrix: a class, or all of them. Empty where a share of it says nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassFigures {
    /// The base's area.
    pub base: String,
    /// What leaves the class.
    pub out: String,
    /// What only the base covers.
    pub only_base: String,
    /// What the scenario's overlaps count too often, with a minus sign.
    pub twice_base: String,
    /// The scenario's area.
    pub scenario: String,
    /// What comes to the class.
    pub into: String,
    /// What only the scenario covers.
    pub only_scenario: String,
    /// What the base's overlaps count too often, with a minus sign.
    pub twice_scenario: String,
    /// Scenario less base, with its sign.
    pub net: String,
    /// The base's share of the base, per cent.
    pub base_share: String,
    /// The scenario's share of the scenario, per cent.
    pub scenario_share: String,
    /// Scenario less base in per cent of the base, with its sign; empty where the base has none.
    pub net_share: String,
}

/// A matrix in figures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MatrixFigures {
    /// One for each of [`Matrix::cells`].
    pub cells: Vec<String>,
    /// One for each of [`Matrix::lines`].
    pub lines: Vec<ClassFigures>,
    /// Of all classes.
    pub total: ClassFigures,
    /// What goes to another class, of all classes.
    pub changed: String,
    /// Figures that were moved by one unit of their last decimal so that rows and columns add up.
    pub adjusted_count: usize,
    /// What the figures are of, for whatever is drawn by them; empty for shares of rows and of columns.
    pub rounded: Rounded,
}

/// Which lines beside the classes a matrix needs: those that are not zero to the survey's last digit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extras {
    /// A column of what only the base covers.
    pub only_base: bool,
    /// A column of what the scenario's overlaps count twice.
    pub twice_base: bool,
    /// A row of what only the scenario covers.
    pub only_scenario: bool,
    /// A row of what the base's overlaps count twice.
    pub twice_scenario: bool,
}

impl Extras {
    /// What `matrix` needs.
    pub fn of(matrix: &Matrix) -> Self {
        let any = |value: &dyn Fn(&ClassLine) -> f64| matrix.lines.iter().any(|line| value(line).abs() >= NOTHING_M2);
        Self {
            only_base: any(&|line| line.base.only_m2),
            twice_base: any(&|line| line.base.twice_m2),
            only_scenario: any(&|line| line.scenario.only_m2),
            twice_scenario: any(&|line| line.scenario.twice_m2),
        }
    }
}

/// The matrix in figures.
pub fn matrix_figures(matrix: &Matrix, measure: Measure) -> MatrixFigures {
    match measure {
        Measure::Area(unit) => of_rounded(matrix, Rounded::new(matrix, unit)),
        Measure::OfTotal => of_rounded(matrix, Rounded::of_total(matrix)),
        Measure::OfRow | Measure::OfColumn => shares(matrix, measure),
    }
}

/// A figure with its sign: `+1.20`, `-0.30`, and nothing before zero.
pub fn signed(value: f64, decimals: usize) -> String {
    let text = format_number(value, decimals);
    if value > 0.0 && text.bytes().any(|b| matches!(b, b'1'..=b'9')) { format!("+{text}") } else { text }
}

fn of_rounded(matrix: &Matrix, rounded: Rounded) -> MatrixFigures {
    let figure = |units: i64| format_number(rounded.value(units), rounded.decimals);
    let base_shares = percents(matrix.lines.iter().map(|line| line.base.m2), matrix.total.base.m2);
    let scenario_shares = percents(matrix.lines.iter().map(|line| line.scenario.m2), matrix.total.scenario.m2);
    let line = |line: &RoundedLine, base_share: f64, scenario_share: f64| ClassFigures {
        base: figure(line.base),
        out: figure(line.decrease()),
        only_base: figure(line.only_base),
        twice_base: figure(-line.twice_base),
        scenario: figure(line.scenario),
        into: figure(line.increase()),
        only_scenario: figure(line.only_scenario),
        twice_scenario: figure(-line.twice_scenario),
        net: signed(rounded.value(line.change()), rounded.decimals),
        base_share: format_number(base_share, 2),
        scenario_share: format_number(scenario_share, 2),
        net_share: match line.base {
            0 => String::new(),
            base => signed(100.0 * line.change() as f64 / base as f64, 2),
        },
    };
    let lines = rounded.lines.iter().zip(base_shares.iter().zip(&scenario_shares));
    MatrixFigures {
        cells: rounded.cells.iter().map(|units| figure(*units)).collect(),
        lines: lines.map(|(of, (base, scenario))| line(of, *base, *scenario)).collect(),
        total: line(&rounded.total, base_shares.iter().sum(), scenario_shares.iter().sum()),
        changed: figure(rounded.changed),
        adjusted_count: rounded.adjusted_count,
        rounded,
    }
}

/// Shares of `whole` in per cent with 2 decimals that add up to those of the sum.
pub(super) fn percents(parts: impl Iterator<Item = f64>, whole: f64) -> Vec<f64> {
    let shares: Vec<f64> = parts.map(|part| if whole > 0.0 { 100.0 * part / whole } else { 0.0 }).collect();
    balance(&shares, 2).rows
}

/// Shares of rows (of columns): each row, with what only the base covers and less what is counted twice, adds up to the
/// share that the base has of itself.
fn shares(matrix: &Matrix, measure: Measure) -> MatrixFigures {
    let of_row = measure == Measure::OfRow;
    let mut figures = MatrixFigures {
        cells: vec![String::new(); matrix.cells.len()],
        lines: vec![ClassFigures::default(); matrix.lines.len()],
        changed: format_number(
            if matrix.total.base.m2 > 0.0 { 100.0 * matrix.changed_m2 / matrix.total.base.m2 } else { 0.0 },
            2,
        ),
        ..MatrixFigures::default()
    };
    let mut cells_of: Vec<Vec<usize>> = vec![Vec::new(); matrix.lines.len()];
    for (at, cell) in matrix.cells.iter().enumerate() {
        if let Some(class) = if of_row { cell.from } else { cell.to } {
            cells_of[class as usize].push(at);
        }
    }
    for (class, at) in cells_of.iter().enumerate() {
        let line = &matrix.lines[class];
        let side = if of_row { &line.base } else { &line.scenario };
        let parts = at.iter().map(|at| matrix.cells[*at].m2).chain([-side.twice_m2]);
        let parts = percents(parts, side.m2);
        for (at, part) in at.iter().zip(&parts) {
            figures.cells[*at] = format_number(*part, 2);
        }
        let figure = |wanted: &dyn Fn(&MatrixCell) -> bool| {
            let found = at.iter().zip(&parts).filter(|(at, _)| wanted(&matrix.cells[**at]));
            found.map(|(_, part)| part).sum::<f64>()
        };
        let unchanged = figure(&|cell| cell.from == cell.to);
        let only = format_number(figure(&|cell| cell.from.is_none() || cell.to.is_none()), 2);
        let whole: f64 = parts.iter().sum();
        let net = net_share(line);
        let (whole, moved) = (format_number(whole, 2), format_number(whole - unchanged, 2));
        let twice = format_number(parts.last().copied().unwrap_or_default(), 2);
        figures.lines[class] = of_side(of_row, [whole, moved, only, twice], net);
    }
    figures.total = total_shares(&matrix.total, of_row);
    figures
}

fn net_share(line: &ClassLine) -> String {
    if line.base.m2 > 0.0 { signed(100.0 * line.change_m2() / line.base.m2, 2) } else { String::new() }
}

fn total_shares(total: &ClassLine, of_row: bool) -> ClassFigures {
    let side = if of_row { &total.base } else { &total.scenario };
    let of = |part: f64| format_number(if side.m2.abs() > 0.0 { 100.0 * part / side.m2 } else { 0.0 }, 2);
    let (whole, moved) = (of(side.m2), of(side.m2 - total.unchanged_m2));
    let (only, twice, net) = (of(side.only_m2), of(-side.twice_m2), net_share(total));
    of_side(of_row, [whole, moved, only, twice], net)
}

/// The figures of one state: all of it, what leaves it or comes to it, what only it covers, what it covers twice.
fn of_side(is_base: bool, [whole, moved, only, twice]: [String; 4], net: String) -> ClassFigures {
    if is_base {
        ClassFigures { base: whole, out: moved, only_base: only, twice_base: twice, net, ..ClassFigures::default() }
    } else {
        ClassFigures {
            scenario: whole,
            into: moved,
            only_scenario: only,
            twice_scenario: twice,
            net,
            ..ClassFigures::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::transition::ClassSide;

    /// Two classes: 1,000 m² of the first, of which a third goes to the second, and 500 m² of the second.
    fn matrix() -> Matrix {
        let third = 1000.0 / 3.0;
        let cell = |from, to, m2| MatrixCell { from: Some(from), to: Some(to), m2, pieces: 1 };
        let side = |m2: f64| ClassSide { feature_count: 1, m2, paired_m2: m2, ..ClassSide::default() };
        let line =
            |base, scenario, unchanged_m2| ClassLine { base: side(base), scenario: side(scenario), unchanged_m2 };
        Matrix {
            lines: vec![line(1000.0, 1000.0 - third, 1000.0 - third), line(500.0, 500.0 + third, 500.0)],
            cells: vec![cell(0, 0, 1000.0 - third), cell(0, 1, third), cell(1, 1, 500.0)],
            total: line(1500.0, 1500.0, 1500.0 - third),
            changed_m2: third,
            ..Matrix::default()
        }
    }

    #[test]
    fn figures_of_a_line_add_up_as_they_are_shown() {
        let figures = matrix_figures(&matrix(), Measure::Area(AreaUnit::Mu));
        assert_eq!(figures.cells, ["1.00", "0.50", "0.75"]);
        let [first, second] = &figures.lines[..] else { panic!("two lines") };
        assert_eq!((first.base.as_str(), first.out.as_str(), first.scenario.as_str()), ("1.50", "0.50", "1.00"));
        assert_eq!((second.into.as_str(), second.scenario.as_str(), second.net.as_str()), ("0.50", "1.25", "+0.50"));
        assert_eq!((first.net.as_str(), figures.total.net.as_str()), ("-0.50", "0.00"));
        assert_eq!((figures.total.base.as_str(), figures.changed.as_str()), ("2.25", "0.50"));
    }

    #[test]
    fn shares_are_of_row_column_or_all() {
        let cells = |measure| matrix_figures(&matrix(), measure).cells;
        assert_eq!(cells(Measure::OfRow), ["66.67", "33.33", "100.00"]);
        assert_eq!(cells(Measure::OfColumn), ["100.00", "40.00", "60.00"]);
        // In the whole, rows and columns add up as well: 66.67 and 33.33, 44.44 and 55.56.
        assert_eq!(cells(Measure::OfTotal), ["44.44", "22.23", "33.33"]);
        let of_row = matrix_figures(&matrix(), Measure::OfRow);
        assert_eq!((of_row.lines[0].out.as_str(), of_row.lines[0].into.as_str()), ("33.33", ""));
    }

    #[test]
    fn empty_lines_are_left_out() {
        assert_eq!(Extras::of(&matrix()), Extras::default());
        let mut with_rest = matrix();
        with_rest.lines[1].scenario.only_m2 = 0.2;
        assert_eq!(Extras::of(&with_rest), Extras { only_scenario: true, ..Extras::default() });
    }
}
