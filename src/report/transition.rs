//! Tables of a comparison: the transition matrix, the balance with its changes, and the transitions as a list.

use super::{Cell, Column, ColumnKind, Table};
use crate::scenario::transition::{ClassLine, Classes, Matrix};
use crate::text::{Language, tr};
use crate::units::{Area, AreaUnit};

mod figures;
pub mod pictures;
mod rounded;
pub mod wider;

pub use figures::{ClassFigures, Extras, MatrixFigures, Measure, matrix_figures, signed};
pub use rounded::{Printed, Rounded, RoundedLine, RoundedRegion, RoundedRegions, RoundedStates};

/// A rounded figure as a cell of a column of areas.
fn printed(value: f64, unit: AreaUnit) -> Cell {
    Cell::from(Area::of(value, unit))
}

/// 转移矩阵: a row for each class of the base, a column for each of the scenario. Behind the classes stand what only the
/// base covers, what the scenario's overlaps count twice, and the base's total; below, the same for the scenario.
pub fn matrix_table(matrix: &Matrix, classes: &Classes, unit: AreaUnit, language: Language) -> Table {
    let title = |key: &str| tr(language, key).to_owned();
    let rounded = Rounded::new(matrix, unit);
    let figure = |units: i64| printed(rounded.value(units), unit);
    let used: Vec<usize> = (0..classes.list.len()).filter(|class| is_used(&matrix.lines[*class])).collect();
    let mut table = Table { adjusted_count: rounded.adjusted_count, ..Table::default() };
    table.columns.push(Column::new("from", title("report.from-to"), ColumnKind::Text));
    let column =
        |key: &str, title: String| Column::new(key, title, ColumnKind::Area(unit)).rounded_to(rounded.decimals);
    for class in &used {
        let key = &classes.list[*class];
        table.columns.push(column(&key.key, key.label(language)));
    }
    for (key, name) in [("only", "report.only-base"), ("twice", "report.twice-scenario"), ("base", "report.base-total")]
    {
        table.columns.push(column(key, title(name)));
    }
    let cell = |from: usize, to: usize| {
        let at = matrix.place_of(Some(from as u32), Some(to as u32));
        figure(at.map_or(0, |at| rounded.cells[at]))
    };
    for from in &used {
        let line = &rounded.lines[*from];
        let mut row = vec![Cell::from(classes.list[*from].label(language))];
        row.extend(used.iter().map(|to| cell(*from, *to)));
        row.extend([figure(line.only_base), figure(-line.twice_base), figure(line.base)]);
        table.rows.push(row);
    }
    let below = |key: &str, value: fn(&RoundedLine) -> i64| {
        let mut row = vec![Cell::from(title(key))];
        row.extend(used.iter().map(|class| figure(value(&rounded.lines[*class]))));
        row.extend([Cell::Empty, Cell::Empty, figure(value(&rounded.total))]);
        row
    };
    let only = below("report.only-scenario", |line| line.only_scenario);
    let twice = below("report.twice-base", |line| -line.twice_scenario);
    table.total = Some(below("report.scenario-total", |line| line.scenario));
    table.rows.extend([only, twice]);
    table
}

/// 用地平衡表 and 变更一览 in one: start, decrease, increase, end and change of each class.
pub fn balance_table(matrix: &Matrix, classes: &Classes, unit: AreaUnit, language: Language) -> Table {
    let rounded = Rounded::new(matrix, unit);
    let column = |key: &str, title: &str, kind| Column::new(key, tr(language, title), kind);
    let area = |key: &str, title: &str| column(key, title, ColumnKind::Area(unit)).rounded_to(rounded.decimals);
    let mut table = Table {
        columns: vec![
            column("key", "report.class", ColumnKind::Text),
            area("base", "report.base"),
            area("decrease", "report.decrease"),
            area("increase", "report.increase"),
            area("scenario", "report.scenario"),
            area("change", "report.change"),
            column("base_share", "report.base-share", ColumnKind::Share),
            column("scenario_share", "report.scenario-share", ColumnKind::Share),
        ],
        adjusted_count: rounded.adjusted_count,
        ..Table::default()
    };
    let base_shares = figures::percents(matrix.lines.iter().map(|line| line.base.m2), matrix.total.base.m2);
    let scenario_shares = figures::percents(matrix.lines.iter().map(|line| line.scenario.m2), matrix.total.scenario.m2);
    let figure = |units: i64| printed(rounded.value(units), unit);
    let row = |label: String, line: &RoundedLine, base_share: f64, scenario_share: f64| {
        vec![
            Cell::from(label),
            figure(line.base),
            figure(line.decrease()),
            figure(line.increase()),
            figure(line.scenario),
            figure(line.change()),
            Cell::Number(base_share / 100.0),
            Cell::Number(scenario_share / 100.0),
        ]
    };
    let used = (0..classes.list.len()).filter(|class| is_used(&matrix.lines[*class]));
    let labelled = |class: usize| {
        let label = classes.list[class].label(language);
        row(label, &rounded.lines[class], base_shares[class], scenario_shares[class])
    };
    table.rows = used.map(labelled).collect();
    let label = tr(language, "report.total").to_owned();
    table.total = Some(row(label, &rounded.total, base_shares.iter().sum(), scenario_shares.iter().sum()));
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
            column("area", "report.area", ColumnKind::Area(unit)).rounded_to(rounded.decimals),
            column("pieces", "report.pieces", ColumnKind::Count),
        ],
        rows: cells
            .iter()
            .take(most)
            .map(|(cell, units)| {
                let area = printed(rounded.value(**units), unit);
                vec![Cell::from(label(cell.from)), Cell::from(label(cell.to)), area, Cell::Count(cell.pieces)]
            })
            .collect(),
        ..Table::default()
    }
}

fn is_used(line: &ClassLine) -> bool {
    line.base.feature_count + line.scenario.feature_count > 0
}
