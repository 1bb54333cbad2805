//! Land by class before and after: 规划用地结构调整表, 土地利用现状分类面积汇总表 and the three big classes.

use super::{STATISTICS, hectare_column, hectares, text_column};
use crate::report::transition::why::LineFigure;
use crate::report::{Cell, Column, ColumnKind, Table};
use crate::scenario::transition::{ClassKey, ClassLine, ClassSide, Classes, Matrix};
use crate::text::{Language, Message, tr};
use crate::units::{Area, Balanced, balance, last_digits};

/// One of the two states of a matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// 基期.
    Base,
    /// 规划.
    Target,
}

impl State {
    fn of(self, line: &ClassLine) -> &ClassSide {
        match self {
            Self::Base => &line.base,
            Self::Target => &line.scenario,
        }
    }
}

/// The classes of a matrix that occur, with their areas in hectares rounded together.
struct Side {
    rounded: Balanced,
    whole_m2: f64,
}

impl Side {
    fn new(matrix: &Matrix, used: &[usize], state: State) -> Self {
        let m2 = |at: &usize| state.of(&matrix.lines[*at]).m2;
        let rows: Vec<f64> = used.iter().map(|at| Area::from_m2(m2(at)).ha()).collect();
        Self { rounded: balance(&rows, STATISTICS), whole_m2: used.iter().map(m2).sum() }
    }

    fn units(&self, row: usize) -> i64 {
        last_digits(self.rounded.rows[row], STATISTICS)
    }

    fn total(&self) -> i64 {
        last_digits(self.rounded.total, STATISTICS)
    }

    fn share(&self, m2: f64) -> Cell {
        if self.whole_m2 > 0.0 { Cell::Number(m2 / self.whole_m2) } else { Cell::Empty }
    }
}

fn used(matrix: &Matrix) -> Vec<usize> {
    let is_used = |line: &ClassLine| line.base.feature_count + line.scenario.feature_count > 0;
    (0..matrix.lines.len()).filter(|at| is_used(&matrix.lines[*at])).collect()
}

fn code(class: &ClassKey) -> &str {
    class.class.map_or("", crate::model::classes::Class::code)
}

/// 规划用地结构调整表: each class before and after, its shares, and the change.
pub fn structure_table(matrix: &Matrix, classes: &Classes, language: Language) -> Table {
    let used = used(matrix);
    let (base, target) = (Side::new(matrix, &used, State::Base), Side::new(matrix, &used, State::Target));
    let share = |key: &str, title: &str, of: LineFigure| {
        Column::new(key, tr(language, title), ColumnKind::Share).why(of.formula())
    };
    let area =
        |key: &str, title: &str, of: LineFigure| hectare_column(key, title, STATISTICS, language).why(of.formula());
    let mut table = Table {
        title: tr(language, "report.structure").to_owned(),
        columns: vec![
            text_column("code", "report.code", language),
            text_column("class", "report.class", language),
            area("base", "report.base", LineFigure::Base),
            share("base_share", "report.base-share", LineFigure::BaseShare),
            area("target", "report.scenario", LineFigure::Scenario),
            share("target_share", "report.scenario-share", LineFigure::ScenarioShare),
            area("change", "report.change", LineFigure::Net),
        ],
        adjusted_count: base.rounded.adjusted_count + target.rounded.adjusted_count,
        ..Table::default()
    };
    for (row, at) in used.iter().enumerate() {
        let (class, line) = (&classes.list[*at], &matrix.lines[*at]);
        table.rows.push(vec![
            Cell::from(code(class)),
            Cell::from(class.name(language)),
            hectares(base.units(row), STATISTICS, line.base.m2),
            base.share(line.base.m2),
            hectares(target.units(row), STATISTICS, line.scenario.m2),
            target.share(line.scenario.m2),
            hectares(target.units(row) - base.units(row), STATISTICS, line.change_m2()),
        ]);
    }
    table.total = Some(vec![
        Cell::from(tr(language, "report.total")),
        Cell::Empty,
        hectares(base.total(), STATISTICS, base.whole_m2),
        base.share(base.whole_m2),
        hectares(target.total(), STATISTICS, target.whole_m2),
        target.share(target.whole_m2),
        hectares(target.total() - base.total(), STATISTICS, target.whole_m2 - base.whole_m2),
    ]);
    table
}

/// 土地利用现状（规划）分类面积汇总表: second-level classes under their first level, with subtotals.
pub fn survey_table(matrix: &Matrix, classes: &Classes, state: State, language: Language) -> Table {
    let used: Vec<usize> =
        used(matrix).into_iter().filter(|at| state.of(&matrix.lines[*at]).feature_count > 0).collect();
    let side = Side::new(matrix, &used, state);
    let title = match state {
        State::Base => "report.survey-base",
        State::Target => "report.survey-target",
    };
    let mut table = Table {
        title: tr(language, title).to_owned(),
        columns: vec![
            text_column("first_code", "report.first-code", language),
            text_column("first", "report.first-class", language),
            text_column("code", "report.second-code", language),
            text_column("class", "report.second-class", language),
            hectare_column("area", "report.land-area", STATISTICS, language).why("why.f-class-state"),
            Column::new("share", tr(language, "report.share-of-whole"), ColumnKind::Share).why("why.f-group-share"),
        ],
        adjusted_count: side.rounded.adjusted_count,
        ..Table::default()
    };
    let first_of = |at: usize| match classes.list[at].class {
        Some(class) => {
            let first = class.at_level(1);
            (first.code().to_owned(), first.name(language).to_owned())
        }
        None => (String::new(), classes.list[at].name(language)),
    };
    let mut row = 0;
    while row < used.len() {
        let first = first_of(used[row]);
        let end = (row..used.len()).find(|at| first_of(used[*at]) != first).unwrap_or(used.len());
        let (mut units, mut m2) = (0, 0.0);
        for (place, of) in used.iter().enumerate().take(end).skip(row) {
            let class = &classes.list[*of];
            let own = state.of(&matrix.lines[*of]).m2;
            (units, m2) = (units + side.units(place), m2 + own);
            table.rows.push(vec![
                Cell::from(first.0.as_str()),
                Cell::from(first.1.as_str()),
                Cell::from(code(class)),
                Cell::from(class.name(language)),
                hectares(side.units(place), STATISTICS, own),
                side.share(own),
            ]);
        }
        table.rows.push(vec![
            Cell::from(first.0),
            Cell::from(first.1),
            Cell::Empty,
            Cell::from(tr(language, "report.subtotal")),
            hectares(units, STATISTICS, m2),
            side.share(m2),
        ]);
        row = end;
    }
    table.total = Some(vec![
        Cell::from(tr(language, "report.total")),
        Cell::Empty,
        Cell::Empty,
        Cell::Empty,
        hectares(side.total(), STATISTICS, side.whole_m2),
        side.share(side.whole_m2),
    ]);
    table
}

/// 三大类: agricultural, construction and unused land before and after; `matrix` is of that level.
pub fn big_table(matrix: &Matrix, classes: &Classes, grassland: &'static str, language: Language) -> Table {
    let mut table = structure_table(matrix, classes, language);
    tr(language, "report.big-classes").clone_into(&mut table.title);
    table.columns.remove(0);
    for row in &mut table.rows {
        row.remove(0);
    }
    if let Some(total) = &mut table.total {
        total.remove(1);
    }
    table.notes.push(Message::new(grassland).text(language));
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::classes::{Class, Scheme};
    use crate::report::table::Figure;

    fn matrix(areas: &[(&str, f64, f64)]) -> (Matrix, Classes) {
        let mut matrix = Matrix::default();
        let mut classes = Classes::default();
        for (code, base, target) in areas {
            let class = Class::find(Scheme::Sd2019, code);
            classes.list.push(ClassKey {
                key: (*code).to_owned(),
                groups: Vec::new(),
                value: (*code).to_owned(),
                class,
                big: None,
            });
            let side = |m2: f64| ClassSide { feature_count: 1, m2, ..ClassSide::default() };
            matrix.lines.push(ClassLine { base: side(*base), scenario: side(*target), unchanged_m2: 0.0 });
        }
        (matrix, classes)
    }

    fn number(table: &Table, row: usize, column: usize) -> i64 {
        match table.figures().rows[row][column] {
            Figure::Number(value) => last_digits(value, STATISTICS),
            ref other => panic!("no number: {other:?}"),
        }
    }

    #[test]
    fn a_change_is_the_difference_of_what_is_read_and_columns_add_up() {
        let third = 10_000.0 / 3.0;
        let (matrix, classes) =
            matrix(&[("0101", third, 49.0), ("0301", third, third), ("0701", third, 9_951.0 - third)]);
        let table = structure_table(&matrix, &classes, Language::Chinese);
        for row in 0..4 {
            assert_eq!(number(&table, row, 6), number(&table, row, 4) - number(&table, row, 2), "{row}");
        }
        for column in [2, 4, 6] {
            assert_eq!(
                (0..3).map(|row| number(&table, row, column)).sum::<i64>(),
                number(&table, 3, column),
                "{column}"
            );
        }
        assert_eq!(number(&table, 3, 2), 100);
    }

    #[test]
    fn the_parent_of_a_wetland_is_no_prefix_and_subtotals_add_up() {
        let (matrix, classes) = matrix(&[("0303", 12_345.6, 0.0), ("1106", 7_654.4, 0.0), ("0101", 10_000.0, 0.0)]);
        let table = survey_table(&matrix, &classes, State::Base, Language::Chinese);
        assert_eq!(table.rows[0][0], Cell::from("00"));
        assert_eq!(table.rows[2][3], Cell::from("小计"));
        assert_eq!(number(&table, 2, 4), number(&table, 0, 4) + number(&table, 1, 4));
        assert_eq!(number(&table, 5, 4), 300);
    }
}
