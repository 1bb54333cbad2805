//! Tables of a comparison: the transition matrix, the balance with its changes, and the transitions as a list.

use super::{Cell, Column, ColumnKind, Table};
use crate::scenario::transition::{ClassKey, ClassLine, Classes, Matrix};
use crate::text::{Language, tr};
use crate::units::{Area, AreaUnit};

mod figures;
pub mod pictures;
pub mod wider;

pub use figures::{Extras, LineFigures, MatrixFigures, Measure, changed_m2, matrix_figures, signed};

fn area(m2: f64) -> Cell {
    Cell::from(Area::from_m2(m2))
}

/// 转移矩阵: a row for each class of the base, a column for each of the scenario. Behind the classes stand what only the
/// base covers, what the scenario's overlaps count twice, and the base's total; below, the same for the scenario.
pub fn matrix_table(matrix: &Matrix, classes: &Classes, unit: AreaUnit, language: Language) -> Table {
    let title = |key: &str| tr(language, key).to_owned();
    let used: Vec<usize> = (0..classes.list.len()).filter(|class| is_used(&matrix.lines[*class])).collect();
    let mut table = Table::default();
    table.columns.push(Column::new("from", title("report.from-to"), ColumnKind::Text));
    for class in &used {
        let key = &classes.list[*class];
        table.columns.push(Column::new(&key.key, key.label(language), ColumnKind::Area(unit)));
    }
    for (key, name) in [("only", "report.only-base"), ("twice", "report.twice-scenario"), ("base", "report.base-total")]
    {
        table.columns.push(Column::new(key, title(name), ColumnKind::Area(unit)));
    }
    for from in &used {
        let line = &matrix.lines[*from];
        let mut row = vec![Cell::from(classes.list[*from].label(language))];
        row.extend(used.iter().map(|to| area(matrix.cell(Some(*from as u32), Some(*to as u32)).m2)));
        row.extend([area(line.base.only_m2), area(-line.base.twice_m2), area(line.base.m2)]);
        table.rows.push(row);
    }
    let below = |key: &str, value: &dyn Fn(&ClassLine) -> f64, total: f64| {
        let mut row = vec![Cell::from(title(key))];
        row.extend(used.iter().map(|class| area(value(&matrix.lines[*class]))));
        row.extend([Cell::Empty, Cell::Empty, area(total)]);
        row
    };
    let total = &matrix.total;
    let only = below("report.only-scenario", &|line| line.scenario.only_m2, total.scenario.only_m2);
    let twice = below("report.twice-base", &|line| -line.scenario.twice_m2, -total.scenario.twice_m2);
    table.total = Some(below("report.scenario-total", &|line| line.scenario.m2, total.scenario.m2));
    table.rows.extend([only, twice]);
    table
}

/// 用地平衡表 and 变更一览 in one: start, decrease, increase, end and change of each class.
pub fn balance_table(matrix: &Matrix, classes: &Classes, unit: AreaUnit, language: Language) -> Table {
    let column = |key: &str, title: &str, kind| Column::new(key, tr(language, title), kind);
    let mut table = Table {
        columns: vec![
            column("key", "report.class", ColumnKind::Text),
            column("base", "report.base", ColumnKind::Area(unit)),
            column("decrease", "report.decrease", ColumnKind::Area(unit)),
            column("increase", "report.increase", ColumnKind::Area(unit)),
            column("scenario", "report.scenario", ColumnKind::Area(unit)),
            column("change", "report.change", ColumnKind::Area(unit)),
            column("base_share", "report.base-share", ColumnKind::Share),
            column("scenario_share", "report.scenario-share", ColumnKind::Share),
        ],
        ..Table::default()
    };
    let share = |part: f64, whole: f64| Cell::Number(if whole > 0.0 { part / whole } else { 0.0 });
    let row = |label: String, line: &ClassLine| {
        vec![
            Cell::from(label),
            area(line.base.m2),
            area(line.decrease_m2()),
            area(line.increase_m2()),
            area(line.scenario.m2),
            area(line.change_m2()),
            share(line.base.m2, matrix.total.base.m2),
            share(line.scenario.m2, matrix.total.scenario.m2),
        ]
    };
    let labelled = |(class, line): (&ClassKey, &ClassLine)| row(class.label(language), line);
    table.rows = classes.list.iter().zip(&matrix.lines).filter(|(_, line)| is_used(line)).map(labelled).collect();
    table.total = Some(row(tr(language, "report.total").to_owned(), &matrix.total));
    table
}

/// The transitions from one class to another, the largest first; at most `most` of them.
pub fn change_table(matrix: &Matrix, classes: &Classes, unit: AreaUnit, most: usize, language: Language) -> Table {
    let column = |key: &str, title: &str, kind| Column::new(key, tr(language, title), kind);
    let label = |class: Option<u32>| {
        class.map_or_else(|| tr(language, "report.nothing").to_owned(), |c| classes.list[c as usize].label(language))
    };
    let mut cells: Vec<_> = matrix.cells.iter().filter(|cell| cell.from != cell.to).collect();
    cells.sort_by(|a, b| b.m2.total_cmp(&a.m2));
    Table {
        columns: vec![
            column("from", "report.from", ColumnKind::Text),
            column("to", "report.to", ColumnKind::Text),
            column("area", "report.area", ColumnKind::Area(unit)),
            column("pieces", "report.pieces", ColumnKind::Count),
        ],
        rows: cells
            .iter()
            .take(most)
            .map(|cell| {
                let pieces = Cell::Count(cell.pieces);
                vec![Cell::from(label(cell.from)), Cell::from(label(cell.to)), area(cell.m2), pieces]
            })
            .collect(),
        ..Table::default()
    }
}

fn is_used(line: &ClassLine) -> bool {
    line.base.feature_count + line.scenario.feature_count > 0
}
