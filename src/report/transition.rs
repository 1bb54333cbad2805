//! Tables of a comparison: the transition matrix, the balance with its changes, and the transitions as a list.

use super::{Cell, Column, ColumnKind, Table};
use crate::scenario::transition::{ClassLine, Classes, Matrix};
use crate::text::{Language, tr};
use crate::units::{Area, AreaUnit};

pub mod beside_matrix;
mod figures;
pub mod pictures;
mod rounded;
pub mod why;

pub use figures::{ClassFigures, Extras, MatrixFigures, Measure, matrix_figures, signed};
use why::LineFigure;

pub use rounded::{Printed, Rounded, RoundedLine, RoundedRegion, RoundedRegions, RoundedStates};

/// A rounded figure as a cell of a column of areas.
fn printed(value: f64, unit: AreaUnit) -> Cell {
    Cell::from(Area::of(value, unit))
}

/// The same with what it is, m².
fn rounded_cell(value: f64, unit: AreaUnit, exact_m2: f64) -> Cell {
    Cell::Rounded { shown: Area::of(value, unit).m2(), exact: exact_m2 }
}

/// 转移矩阵: a row for each class of the base, a column for each of the scenario. Behind the classes stand what only the
/// base covers, what the scenario's overlaps count twice, and the base's total; below, the same for the scenario.
pub fn matrix_table(matrix: &Matrix, classes: &Classes, unit: AreaUnit, language: Language) -> Table {
    let title = |key: &str| tr(language, key).to_owned();
    let rounded = Rounded::new(matrix, unit);
    let figure = |units: i64, m2: f64| rounded_cell(rounded.value(units), unit, m2);
    let used: Vec<usize> = (0..classes.list.len()).filter(|class| is_used(&matrix.lines[*class])).collect();
    let mut table = Table { adjusted_count: rounded.adjusted_count, ..Table::default() };
    table.columns.push(Column::new("from", title("report.from-to"), ColumnKind::Text));
    let column =
        |key: &str, title: String| Column::new(key, title, ColumnKind::Area(unit)).rounded_to(rounded.decimals);
    for class in &used {
        let key = &classes.list[*class];
        table.columns.push(column(&key.key, key.label(language)).why("why.f-matrix"));
    }
    let beside = [
        ("only", "report.only-base", LineFigure::OnlyBase),
        ("twice", "report.twice-scenario", LineFigure::TwiceBase),
        ("base", "report.base-total", LineFigure::Base),
    ];
    for (key, name, figure) in beside {
        table.columns.push(column(key, title(name)).why(figure.formula()));
    }
    let cell = |from: usize, to: usize| {
        let at = matrix.place_of(Some(from as u32), Some(to as u32));
        at.map_or_else(|| figure(0, 0.0), |at| figure(rounded.cells[at], matrix.cells[at].m2))
    };
    for from in &used {
        let line = &rounded.lines[*from];
        let mut row = vec![Cell::from(classes.list[*from].label(language))];
        row.extend(used.iter().map(|to| cell(*from, *to)));
        let exact = |of: LineFigure| of.m2(&matrix.lines[*from]);
        row.extend([
            figure(line.only_base, exact(LineFigure::OnlyBase)),
            figure(-line.twice_base, exact(LineFigure::TwiceBase)),
            figure(line.base, exact(LineFigure::Base)),
        ]);
        table.rows.push(row);
    }
    let below = |key: &str, of: LineFigure, value: fn(&RoundedLine) -> i64| {
        let mut row = vec![Cell::from(title(key))];
        row.extend(used.iter().map(|class| figure(value(&rounded.lines[*class]), of.m2(&matrix.lines[*class]))));
        row.extend([Cell::Empty, Cell::Empty, figure(value(&rounded.total), of.m2(&matrix.total))]);
        row
    };
    let only = below("report.only-scenario", LineFigure::OnlyScenario, |line| line.only_scenario);
    let twice = below("report.twice-base", LineFigure::TwiceScenario, |line| -line.twice_scenario);
    table.total = Some(below("report.scenario-total", LineFigure::Scenario, |line| line.scenario));
    table.rows.extend([only, twice]);
    table
}

/// 用地平衡表 and 变更一览 in one: start, decrease, increase, end and change of each class.
pub fn balance_table(matrix: &Matrix, classes: &Classes, unit: AreaUnit, language: Language) -> Table {
    let rounded = Rounded::new(matrix, unit);
    let column = |key: &str, title: &str, kind| Column::new(key, tr(language, title), kind);
    let area = |key: &str, title: &str, of: LineFigure| {
        column(key, title, ColumnKind::Area(unit)).rounded_to(rounded.decimals).why(of.formula())
    };
    let mut table = Table {
        columns: vec![
            column("key", "report.class", ColumnKind::Text),
            area("base", "report.base", LineFigure::Base),
            area("decrease", "report.decrease", LineFigure::Out),
            area("increase", "report.increase", LineFigure::Into),
            area("scenario", "report.scenario", LineFigure::Scenario),
            area("change", "report.change", LineFigure::Net),
            column("base_share", "report.base-share", ColumnKind::Share).why(LineFigure::BaseShare.formula()),
            column("scenario_share", "report.scenario-share", ColumnKind::Share)
                .why(LineFigure::ScenarioShare.formula()),
        ],
        adjusted_count: rounded.adjusted_count,
        ..Table::default()
    };
    let base_shares = figures::percents(matrix.lines.iter().map(|line| line.base.m2), matrix.total.base.m2);
    let scenario_shares = figures::percents(matrix.lines.iter().map(|line| line.scenario.m2), matrix.total.scenario.m2);
    let row = |label: String, (line, exact): (&RoundedLine, &ClassLine), base_share: f64, scenario_share: f64| {
        let figure = |units: i64, of: LineFigure| rounded_cell(rounded.value(units), unit, of.m2(exact));
        let share = |printed: f64, part: f64, whole: f64| {
            let exact = if whole > 0.0 { part / whole } else { 0.0 };
            Cell::Rounded { shown: printed / 100.0, exact }
        };
        vec![
            Cell::from(label),
            figure(line.base, LineFigure::Base),
            figure(line.decrease(), LineFigure::Out),
            figure(line.increase(), LineFigure::Into),
            figure(line.scenario, LineFigure::Scenario),
            figure(line.change(), LineFigure::Net),
            share(base_share, exact.base.m2, matrix.total.base.m2),
            share(scenario_share, exact.scenario.m2, matrix.total.scenario.m2),
        ]
    };
    let used = (0..classes.list.len()).filter(|class| is_used(&matrix.lines[*class]));
    let labelled = |class: usize| {
        let label = classes.list[class].label(language);
        row(label, (&rounded.lines[class], &matrix.lines[class]), base_shares[class], scenario_shares[class])
    };
    table.rows = used.map(labelled).collect();
    let label = tr(language, "report.total").to_owned();
    let whole = (&rounded.total, &matrix.total);
    table.total = Some(row(label, whole, base_shares.iter().sum(), scenario_shares.iter().sum()));
    table
}

/// The transitions from one class to another, the largest first; at most `most` of them.
pub fn change_table(matrix: &Matrix, classes: &Classes, unit: AreaUnit, most: usize, language: Language) -> Table {
    let rounded = Rounded::new(matrix, unit);
    let column = |key: &str, title: &str, kind| Column::new(key, tr(language, title), kind);
    let label = |class: Option<u32>| {
        class.map_or_else(|| tr(language, "report.nothing").to_owned(), |c| classes.list[c as usize].label(language))
    };
    let mut cells: Vec<_> = matrix.cells.iter().zip(&rounded.cells).filter(|(cell, _)| cell.from != cell.to).collect();
    cells.sort_by(|(a, _), (b, _)| b.m2.total_cmp(&a.m2));
    Table {
        columns: vec![
            column("from", "report.from", ColumnKind::Text),
            column("to", "report.to", ColumnKind::Text),
            column("area", "report.area", ColumnKind::Area(unit)).rounded_to(rounded.decimals).why("why.f-cell"),
            column("pieces", "report.pieces", ColumnKind::Count).why("why.f-pieces"),
        ],
        rows: cells
            .iter()
            .take(most)
            .map(|(cell, units)| {
                let area = rounded_cell(rounded.value(**units), unit, cell.m2);
                vec![Cell::from(label(cell.from)), Cell::from(label(cell.to)), area, Cell::Count(cell.pieces)]
            })
            .collect(),
        ..Table::default()
    }
}

fn is_used(line: &ClassLine) -> bool {
    line.base.feature_count + line.scenario.feature_count > 0
}
