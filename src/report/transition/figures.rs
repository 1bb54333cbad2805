//! The figures of a transition matrix as they are read: in a unit, or as shares.
//!
//! Columns of classes are rounded as [`super::matrix_table`] is: where plain rounding would miss the rounded total,
//! largest remainders are moved. What leaves and comes to a class is then read off the rounded figures, so that every
//! line adds up as it is shown.

use crate::scenario::transition::{Cell, ClassLine, Matrix};
use crate::units::{Area, AreaUnit, balance, format_number, round_half_up};

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
pub struct LineFigures {
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
}

/// A matrix in figures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MatrixFigures {
    /// One for each of [`Matrix::cells`].
    pub cells: Vec<String>,
    /// One for each of [`Matrix::lines`].
    pub lines: Vec<LineFigures>,
    /// Of all classes.
    pub total: LineFigures,
    /// What goes to another class, of all classes.
    pub changed: String,
    /// Figures that were moved by one unit of their last decimal so that columns add up.
    pub adjusted_count: usize,
}

/// Square metres below which a figure counts as nothing: half of the survey's last digit.
const NOTHING_M2: f64 = 0.005;

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

/// The area of what changed in a cell; `None` for what stays in its class.
pub fn changed_m2(cell: &Cell) -> Option<f64> {
    (cell.from != cell.to).then_some(cell.m2)
}

/// The matrix in figures.
pub fn matrix_figures(matrix: &Matrix, measure: Measure) -> MatrixFigures {
    match measure {
        Measure::Area(unit) => areas(matrix, unit),
        _ => shares(matrix, measure),
    }
}

/// A figure with its sign: `+1.20`, `-0.30`, and nothing before zero.
pub fn signed(value: f64, decimals: usize) -> String {
    let text = format_number(value, decimals);
    if value > 0.0 && text.bytes().any(|b| matches!(b, b'1'..=b'9')) { format!("+{text}") } else { text }
}

/// What one column of classes is made of: places in the list of cells, and the rounded figures of its lines.
#[derive(Default)]
struct Column {
    cells: Vec<usize>,
    unchanged: Option<usize>,
}

fn areas(matrix: &Matrix, unit: AreaUnit) -> MatrixFigures {
    let value = |m2: f64| Area::from_m2(m2).value(unit);
    let count = matrix.lines.len();
    let mut figures = MatrixFigures {
        cells: vec![String::new(); matrix.cells.len()],
        lines: vec![LineFigures::default(); count],
        ..MatrixFigures::default()
    };
    let mut columns: Vec<Column> = (0..count).map(|_| Column::default()).collect();
    for (at, cell) in matrix.cells.iter().enumerate() {
        match (cell.from, cell.to) {
            (Some(_), Some(to)) => {
                let column = &mut columns[to as usize];
                column.cells.push(at);
                if cell.from == cell.to {
                    column.unchanged = Some(at);
                }
            }
            // Only in the scenario: a line of its own below. Only in the base: a column of its own.
            (None, Some(_)) | (_, None) => figures.cells[at] = plain(value(cell.m2), unit),
        }
    }
    let (bases, base_total) = rounded_bases(matrix, unit, &mut figures.adjusted_count);
    for (class, column) in columns.iter().enumerate() {
        let line = &matrix.lines[class];
        let mut values: Vec<f64> = column.cells.iter().map(|at| value(matrix.cells[*at].m2)).collect();
        values.extend([value(line.scenario.only_m2), value(-line.scenario.twice_m2)]);
        let total = value(line.scenario.m2);
        let decimals = values.iter().chain([&total]).map(|v| unit.decimals(*v)).max().unwrap_or(2);
        let (rounded, rounded_total) = add_up(&values, total, decimals, &mut figures.adjusted_count);
        for (at, value) in column.cells.iter().zip(&rounded) {
            figures.cells[*at] = format_number(*value, decimals);
        }
        let unchanged = column.unchanged.and_then(|at| column.cells.iter().position(|cell| *cell == at));
        let unchanged = unchanged.map_or(0.0, |at| rounded[at]);
        let base = bases[class];
        let out_decimals = decimals.max(unit.decimals(base));
        figures.lines[class] = LineFigures {
            base: format_number(base, out_decimals),
            out: format_number(round_half_up(base - unchanged, out_decimals), out_decimals),
            only_base: plain(value(line.base.only_m2), unit),
            twice_base: plain(value(-line.base.twice_m2), unit),
            scenario: format_number(rounded_total, decimals),
            into: format_number(round_half_up(rounded_total - unchanged, decimals), decimals),
            only_scenario: format_number(rounded[rounded.len() - 2], decimals),
            twice_scenario: format_number(rounded[rounded.len() - 1], decimals),
            net: signed(round_half_up(rounded_total - base, out_decimals), out_decimals),
        };
    }
    let total = &matrix.total;
    let scenario = value(total.scenario.m2);
    let decimals = unit.decimals(scenario);
    figures.total = LineFigures {
        base: format_number(base_total, unit.decimals(base_total)),
        out: plain(value(total.decrease_m2()), unit),
        only_base: plain(value(total.base.only_m2), unit),
        twice_base: plain(value(-total.base.twice_m2), unit),
        scenario: format_number(scenario, decimals),
        into: plain(value(total.increase_m2()), unit),
        only_scenario: plain(value(total.scenario.only_m2), unit),
        twice_scenario: plain(value(-total.scenario.twice_m2), unit),
        net: signed(round_half_up(scenario, decimals) - base_total, decimals),
    };
    figures.changed = plain(value(matrix.changed_m2), unit);
    figures
}

/// The base's areas rounded so that they add up to their total, and that.
fn rounded_bases(matrix: &Matrix, unit: AreaUnit, adjusted_count: &mut usize) -> (Vec<f64>, f64) {
    let value = |m2: f64| Area::from_m2(m2).value(unit);
    let values: Vec<f64> = matrix.lines.iter().map(|line| value(line.base.m2)).collect();
    let decimals = values.iter().map(|v| unit.decimals(*v)).max().unwrap_or(2);
    add_up(&values, value(matrix.total.base.m2), decimals, adjusted_count)
}

/// `values` rounded so that they add up to the rounded total where they did before rounding, and the rounded total.
fn add_up(values: &[f64], total: f64, decimals: usize, adjusted_count: &mut usize) -> (Vec<f64>, f64) {
    let sum: f64 = values.iter().sum();
    // The total of a column that does not close (features that could not take part) is not what its cells add up to.
    if (sum - total).abs() > 1e-9 * total.abs().max(1.0) {
        let rounded = values.iter().map(|v| round_half_up(*v, decimals)).collect();
        return (rounded, round_half_up(total, decimals));
    }
    let balanced = balance(values, decimals);
    *adjusted_count += balanced.adjusted_count;
    (balanced.rows, balanced.total)
}

fn plain(value: f64, unit: AreaUnit) -> String {
    format_number(value, unit.decimals(value))
}

fn shares(matrix: &Matrix, measure: Measure) -> MatrixFigures {
    let of = |part: f64, whole: f64| {
        if whole.abs() > 0.0 { format_number(100.0 * part / whole, 2) } else { format_number(0.0, 2) }
    };
    let whole = matrix.total.base.m2;
    let line = |class: Option<u32>| class.and_then(|class| matrix.lines.get(class as usize));
    let cell = |cell: &Cell| match measure {
        Measure::OfRow => line(cell.from).map_or_else(String::new, |line| of(cell.m2, line.base.m2)),
        Measure::OfColumn => line(cell.to).map_or_else(String::new, |line| of(cell.m2, line.scenario.m2)),
        _ => of(cell.m2, whole),
    };
    let figures_of = |line: &ClassLine| {
        let base = |m2: f64| match measure {
            Measure::OfRow => of(m2, line.base.m2),
            Measure::OfColumn => String::new(),
            _ => of(m2, whole),
        };
        let scenario = |m2: f64| match measure {
            Measure::OfRow => String::new(),
            Measure::OfColumn => of(m2, line.scenario.m2),
            _ => of(m2, whole),
        };
        let net = match measure {
            Measure::OfTotal if whole > 0.0 => signed(100.0 * line.change_m2() / whole, 2),
            _ if line.base.m2 > 0.0 => signed(100.0 * line.change_m2() / line.base.m2, 2),
            _ => String::new(),
        };
        LineFigures {
            base: base(line.base.m2),
            out: base(line.decrease_m2()),
            only_base: base(line.base.only_m2),
            twice_base: base(-line.base.twice_m2),
            scenario: scenario(line.scenario.m2),
            into: scenario(line.increase_m2()),
            only_scenario: scenario(line.scenario.only_m2),
            twice_scenario: scenario(-line.scenario.twice_m2),
            net,
        }
    };
    MatrixFigures {
        cells: matrix.cells.iter().map(cell).collect(),
        lines: matrix.lines.iter().map(figures_of).collect(),
        total: figures_of(&matrix.total),
        changed: of(matrix.changed_m2, whole),
        adjusted_count: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::transition::ClassSide;

    /// Two classes: 1,000 m² of the first, of which a third goes to the second, and 500 m² of the second.
    fn matrix() -> Matrix {
        let third = 1000.0 / 3.0;
        let cell = |from, to, m2| Cell { from: Some(from), to: Some(to), m2, pieces: 1 };
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
        assert_eq!(cells(Measure::OfTotal), ["44.44", "22.22", "33.33"]);
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
