//! Why a figure of a comparison is what it is: the formulas of tables and window, and the exact value beside what is
//! printed.

use super::{ClassFigures, MatrixFigures, Measure};
use crate::report::figure::Figure;
use crate::report::table::ColumnKind;
use crate::scenario::transition::{ClassLine, Classes, Matrix};
use crate::text::{Language, Message, tr};

/// A figure of a line of the matrix: of a class, or of all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineFigure {
    /// The base's area.
    Base,
    /// What leaves the class.
    Out,
    /// What only the base covers.
    OnlyBase,
    /// What the scenario's overlaps count too often.
    TwiceBase,
    /// The scenario's area.
    Scenario,
    /// What comes to the class.
    Into,
    /// What only the scenario covers.
    OnlyScenario,
    /// What the base's overlaps count too often.
    TwiceScenario,
    /// Scenario less base.
    Net,
    /// The base's share of the base.
    BaseShare,
    /// The scenario's share of the scenario.
    ScenarioShare,
    /// Scenario less base, as a share of the base.
    NetShare,
}

/// A figure of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatrixFigure {
    /// A cell, by its place in [`Matrix::cells`].
    Cell(usize),
    /// A figure of a class, or of all classes where none is given.
    Line(Option<u32>, LineFigure),
    /// What goes to another class, of all classes.
    Changed,
}

impl LineFigure {
    /// Key of the sentence that says how it comes about.
    pub fn formula(self) -> &'static str {
        match self {
            Self::Base => "why.f-class-base",
            Self::Out => "why.f-decrease",
            Self::OnlyBase => "why.f-only-base",
            Self::TwiceBase => "why.f-twice-scenario",
            Self::Scenario => "why.f-class-scenario",
            Self::Into => "why.f-increase",
            Self::OnlyScenario => "why.f-only-scenario",
            Self::TwiceScenario => "why.f-twice-base",
            Self::Net => "why.f-change",
            Self::BaseShare => "why.f-base-share",
            Self::ScenarioShare => "why.f-scenario-share",
            Self::NetShare => "why.f-net-share",
        }
    }

    /// Key of its name.
    fn title(self) -> &'static str {
        match self {
            Self::Base => "report.base",
            Self::Out => "report.decrease",
            Self::OnlyBase => "report.only-base",
            Self::TwiceBase => "report.twice-scenario",
            Self::Scenario => "report.scenario",
            Self::Into => "report.increase",
            Self::OnlyScenario => "report.only-scenario",
            Self::TwiceScenario => "report.twice-base",
            Self::Net => "report.change",
            Self::BaseShare => "report.base-share",
            Self::ScenarioShare => "report.scenario-share",
            Self::NetShare => "report.change",
        }
    }

    /// What it is, m²; of shares what they are a share of.
    pub(super) fn m2(self, line: &ClassLine) -> f64 {
        match self {
            Self::Base | Self::BaseShare => line.base.m2,
            Self::Out => line.decrease_m2(),
            Self::OnlyBase => line.base.only_m2,
            Self::TwiceBase => -line.base.twice_m2,
            Self::Scenario | Self::ScenarioShare => line.scenario.m2,
            Self::Into => line.increase_m2(),
            Self::OnlyScenario => line.scenario.only_m2,
            Self::TwiceScenario => -line.scenario.twice_m2,
            Self::Net | Self::NetShare => line.change_m2(),
        }
    }

    /// As it is printed.
    fn printed(self, figures: &ClassFigures) -> &str {
        match self {
            Self::Base => &figures.base,
            Self::Out => &figures.out,
            Self::OnlyBase => &figures.only_base,
            Self::TwiceBase => &figures.twice_base,
            Self::Scenario => &figures.scenario,
            Self::Into => &figures.into,
            Self::OnlyScenario => &figures.only_scenario,
            Self::TwiceScenario => &figures.twice_scenario,
            Self::Net => &figures.net,
            Self::BaseShare => &figures.base_share,
            Self::ScenarioShare => &figures.scenario_share,
            Self::NetShare => &figures.net_share,
        }
    }

    fn is_share(self) -> bool {
        matches!(self, Self::BaseShare | Self::ScenarioShare | Self::NetShare)
    }
}

/// The figure of a matrix with all that it rests on; `basis` and `inputs` are the caller's. `None` where there is no such
/// figure, or it says nothing.
pub fn figure(
    matrix: &Matrix,
    classes: &Classes,
    figures: &MatrixFigures,
    measure: Measure,
    of: MatrixFigure,
) -> Option<Figure> {
    let class = |class: Option<u32>, none: &'static str, language: Language| match class {
        Some(class) => classes.list[class as usize].label(language),
        None => tr(language, none).to_owned(),
    };
    let (name, printed, formula, m2, whole_m2) = match of {
        MatrixFigure::Cell(at) => {
            let cell = matrix.cells.get(at)?;
            let name = Message::new("why.of-cell")
                .with_said("row", |language| class(cell.from, "report.only-scenario", language))
                .with_said("column", |language| class(cell.to, "report.only-base", language));
            let formula = match (cell.from, cell.to) {
                (Some(from), Some(to)) if from == to => "why.f-unchanged",
                (Some(_), Some(_)) => "why.f-cell",
                (Some(_), None) => "why.f-only-base",
                _ => "why.f-only-scenario",
            };
            let line = |class: u32| matrix.lines.get(class as usize);
            let whole = match measure {
                Measure::OfRow => cell.from.and_then(line).map(|line| line.base.m2),
                Measure::OfColumn => cell.to.and_then(line).map(|line| line.scenario.m2),
                Measure::OfTotal => Some(matrix.total.base.m2),
                Measure::Area(_) => None,
            };
            (name, figures.cells.get(at)?.as_str(), formula, cell.m2, whole)
        }
        MatrixFigure::Line(of, figure) => {
            let (line, texts) = match of {
                Some(class) => (matrix.lines.get(class as usize)?, figures.lines.get(class as usize)?),
                None => (&matrix.total, &figures.total),
            };
            let name = Message::new("why.of-cell")
                .with_said("row", |language| class(of, "report.total", language))
                .with_said("column", |language| tr(language, figure.title()).to_owned());
            let whole = match (figure, measure) {
                (LineFigure::BaseShare, _) => Some(matrix.total.base.m2),
                (LineFigure::ScenarioShare, _) => Some(matrix.total.scenario.m2),
                (LineFigure::NetShare, _) | (_, Measure::OfRow) => Some(line.base.m2),
                (_, Measure::OfColumn) => Some(line.scenario.m2),
                (_, Measure::OfTotal) => Some(matrix.total.base.m2),
                (_, Measure::Area(_)) => None,
            };
            (name, figure.printed(texts), figure.formula(), figure.m2(line), whole)
        }
        MatrixFigure::Changed => {
            let name = Message::new("why.of-cell")
                .with_said("row", |language| tr(language, "report.total").to_owned())
                .with_said("column", |language| tr(language, "report.changed").to_owned());
            let whole = (!matches!(measure, Measure::Area(_))).then_some(matrix.total.base.m2);
            (name, figures.changed.as_str(), "why.f-changed", matrix.changed_m2, whole)
        }
    };
    if printed.is_empty() {
        return None;
    }
    let is_share = matches!(of, MatrixFigure::Line(_, figure) if figure.is_share());
    let (kind, exact) = match (measure.unit().filter(|_| !is_share), whole_m2) {
        (Some(unit), _) => (ColumnKind::Area(unit), Some(crate::units::Area::from_m2(m2).value(unit))),
        (None, Some(whole)) if whole.abs() > 0.0 => (ColumnKind::Share, Some(100.0 * m2 / whole)),
        _ => (ColumnKind::Share, None),
    };
    let mut formula = Message::new(formula);
    if !is_share && kind == ColumnKind::Share {
        let whole = match measure {
            Measure::OfRow => "why.of-row",
            Measure::OfColumn => "why.of-column",
            _ => "why.of-total",
        };
        formula = Message::new("why.f-share-of")
            .with_message("part", &formula)
            .with_said("whole", |language| tr(language, whole).to_owned());
    }
    Some(Figure {
        name,
        printed: printed.to_owned(),
        kind,
        unit: "",
        exact,
        decimals: printed.split_once('.').map_or(0, |(_, digits)| digits.len()),
        formula,
        basis: Vec::new(),
        inputs: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::transition::matrix_figures;
    use crate::scenario::transition::{ClassKey, ClassSide, MatrixCell};
    use crate::units::AreaUnit;

    fn matrix() -> (Matrix, Classes) {
        let third = 1000.0 / 3.0;
        let side = |m2: f64| ClassSide { feature_count: 1, m2, paired_m2: m2, ..ClassSide::default() };
        let line =
            |base, scenario, unchanged_m2| ClassLine { base: side(base), scenario: side(scenario), unchanged_m2 };
        let cell = |from, to, m2| MatrixCell { from: Some(from), to: Some(to), m2, pieces: 1 };
        let matrix = Matrix {
            lines: vec![line(1000.0, 1000.0 - third, 1000.0 - third), line(500.0, 500.0 + third, 500.0)],
            cells: vec![cell(0, 0, 1000.0 - third), cell(0, 1, third), cell(1, 1, 500.0)],
            total: line(1500.0, 1500.0, 1500.0 - third),
            changed_m2: third,
            ..Matrix::default()
        };
        let key = |value: &str| ClassKey {
            key: value.to_owned(),
            groups: Vec::new(),
            value: value.to_owned(),
            class: None,
            big: None,
        };
        let classes = Classes { list: vec![key("甲"), key("乙")], ..Classes::default() };
        (matrix, classes)
    }

    #[test]
    fn a_cell_says_its_exact_area_and_how_it_was_rounded() {
        let (matrix, classes) = matrix();
        let measure = Measure::Area(AreaUnit::Mu);
        let figures = matrix_figures(&matrix, measure);
        let of = |of| figure(&matrix, &classes, &figures, measure, of);
        let cell = of(MatrixFigure::Cell(1)).expect("a cell");
        assert_eq!((cell.printed.as_str(), cell.formula.key, cell.decimals), ("0.50", "why.f-cell", 2));
        assert!((cell.exact.expect("a number") - 0.5).abs() < 1e-9);
        assert_eq!(of(MatrixFigure::Cell(0)).map(|cell| cell.formula.key), Some("why.f-unchanged"));
        let net = of(MatrixFigure::Line(Some(0), LineFigure::Net)).expect("a figure");
        assert_eq!((net.printed.as_str(), net.rounding().key), ("-0.50", "why.nearest"));
        let share = of(MatrixFigure::Line(Some(1), LineFigure::BaseShare)).expect("a share");
        assert_eq!((share.printed.as_str(), share.kind), ("33.33", ColumnKind::Share));
        assert!(of(MatrixFigure::Cell(9)).is_none());
    }

    #[test]
    fn shares_say_of_what() {
        let (matrix, classes) = matrix();
        let figures = matrix_figures(&matrix, Measure::OfRow);
        let cell = figure(&matrix, &classes, &figures, Measure::OfRow, MatrixFigure::Cell(1)).expect("a cell");
        assert_eq!((cell.printed.as_str(), cell.formula.key), ("33.33", "why.f-share-of"));
        assert!((cell.exact.expect("a number") - 100.0 / 3.0).abs() < 1e-9);
        // What a share of a row says nothing of is no figure.
        let into = MatrixFigure::Line(Some(0), LineFigure::Into);
        assert!(figure(&matrix, &classes, &figures, Measure::OfRow, into).is_none());
    }
}
