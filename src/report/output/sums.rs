//! Which figures of a table are sums of others, as formulas of a sheet: totals of rows, subtotals of what stands above
//! them, totals of subtotals, and what one subtotal has more than the other.
//!
//! A formula is written only where what is read gives it to the last digit.

use std::ops::Range;

use super::xlsx::column_name;
use crate::report::Table;
use crate::report::table::{ColumnKind, Figure, Figures};
use crate::text::{Language, tr};
use crate::units::last_digits;

/// The sums of a table.
pub(super) struct Sums<'a> {
    table: &'a Table,
    figures: &'a Figures,
    /// What subtotals are called.
    label: &'static str,
    /// The column that calls them so.
    column: usize,
    /// Their rows.
    rows: Vec<usize>,
}

impl<'a> Sums<'a> {
    pub(super) fn of(table: &'a Table, figures: &'a Figures, language: Language) -> Self {
        let label = tr(language, "report.subtotal");
        let is_subtotal =
            |row: usize, column: usize| matches!(&figures.rows[row][column], Figure::Text(text) if text == label);
        let all = 0..table.rows.len();
        let mut texts = (0..table.columns.len()).filter(|column| table.columns[*column].kind == ColumnKind::Text);
        let column = texts.find(|column| all.clone().any(|row| is_subtotal(row, *column)));
        let rows = column.map_or_else(Vec::new, |column| all.filter(|row| is_subtotal(*row, column)).collect());
        Self { table, figures, label, column: column.unwrap_or(0), rows }
    }

    /// The formula of a figure; `None` where it is no sum. The first row of the table is row `first` of the sheet, counted
    /// from 1.
    pub(super) fn formula(&self, row: usize, column: usize, first: usize) -> Option<String> {
        let kind = self.table.columns[column].kind;
        if !matches!(kind, ColumnKind::Area(_) | ColumnKind::Count | ColumnKind::Share) {
            return None;
        }
        let count = self.table.rows.len();
        let is_total = row >= count;
        if !is_total && !self.rows.contains(&row) {
            return None;
        }
        let value = self.digits(row, column);
        let name = column_name(column);
        let cells =
            |name: &str, rows: &Range<usize>| format!("{name}{}:{name}{}", first + rows.start, first + rows.end - 1);
        let sum = |rows: Range<usize>| {
            let is_sum = !rows.is_empty() && rows.clone().map(|row| self.digits(row, column)).sum::<i128>() == value;
            is_sum.then(|| format!("SUM({})", cells(&name, &rows)))
        };
        let sum_where = |rows: Range<usize>, of: usize, text: &str| {
            let chosen = rows.clone().filter(|row| self.says(*row, of, text));
            let is_sum = chosen.map(|row| self.digits(row, column)).sum::<i128>() == value;
            // Signs of patterns and comparisons would choose otherwise.
            let is_plain = !text.is_empty() && !text.contains(['?', '*', '~', '"', '<', '>', '=']);
            let of = column_name(of);
            (is_sum && is_plain && !rows.is_empty())
                .then(|| format!("SUMIF({},\"{text}\",{})", cells(&of, &rows), cells(&name, &rows)))
        };
        if is_total {
            let (Some(first_row), Some(last_row)) = (self.rows.first(), self.rows.last()) else { return sum(0..count) };
            let difference = || {
                let is_difference =
                    self.rows.len() == 2 && self.digits(*last_row, column) - self.digits(*first_row, column) == value;
                is_difference.then(|| format!("{name}{}-{name}{}", first + last_row, first + first_row))
            };
            return sum_where(0..count, self.column, self.label).or_else(difference);
        }
        let above = self.rows.iter().rev().find(|other| **other < row).map_or(0, |other| other + 1);
        let alike = || match &self.figures.rows[row][0] {
            Figure::Text(text) if self.column > 0 => sum_where(0..self.rows[0], 0, text),
            _ => None,
        };
        sum(above..row).or_else(alike)
    }

    fn says(&self, row: usize, column: usize, text: &str) -> bool {
        matches!(&self.figures.rows[row][column], Figure::Text(own) if own == text)
    }

    /// A figure as it is read, in units of its last digit; an empty cell counts nothing.
    fn digits(&self, row: usize, column: usize) -> i128 {
        match self.figures.plain(row, column).parse::<f64>() {
            Ok(value) => i128::from(last_digits(value, self.figures.decimals[column])),
            Err(_) => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Cell, Column};
    use crate::units::{Area, AreaUnit};

    fn table(rows: &[(&str, &str, f64)], total: Option<f64>) -> Table {
        let text = |key: &str| Column::new(key, key, ColumnKind::Text);
        let area = Column::new("mu", "面积", ColumnKind::Area(AreaUnit::Mu)).rounded_to(2);
        let row = |first: &str, second: &str, mu: f64| {
            let m2 = Area::of(mu, AreaUnit::Mu).m2();
            vec![Cell::from(first), Cell::from(second), Cell::Rounded { shown: m2, exact: m2 }]
        };
        Table {
            columns: vec![text("kind"), text("class"), area],
            rows: rows.iter().map(|(first, second, mu)| row(first, second, *mu)).collect(),
            total: total.map(|mu| row("合计", "", mu)),
            ..Table::default()
        }
    }

    fn formulas(table: &Table) -> Vec<Option<String>> {
        let figures = table.figures();
        let sums = Sums::of(table, &figures, Language::Chinese);
        (0..figures.rows.len()).map(|row| sums.formula(row, 2, 2)).collect()
    }

    #[test]
    fn a_total_is_the_sum_of_rows_or_of_subtotals() {
        let plain = table(&[("01", "水田", 1.0), ("01", "旱地", 2.0)], Some(3.0));
        assert_eq!(formulas(&plain), [None, None, Some("SUM(C2:C3)".to_owned())]);
        assert_eq!(formulas(&table(&[("01", "水田", 1.0)], Some(3.0)))[1], None);
        let rows =
            [("01", "水田", 1.0), ("01", "旱地", 2.0), ("01", "小计", 3.0), ("02", "果园", 4.0), ("02", "小计", 4.0)];
        let found = formulas(&table(&rows, Some(7.0)));
        assert_eq!(found[2].as_deref(), Some("SUM(C2:C3)"));
        assert_eq!(found[4].as_deref(), Some("SUM(C5:C5)"));
        assert_eq!(found[5].as_deref(), Some("SUMIF(B2:B6,\"小计\",C2:C6)"));
        assert!(found[0].is_none() && found[3].is_none());
    }

    #[test]
    fn subtotals_at_the_end_are_of_what_is_called_alike_and_the_total_is_their_difference() {
        let rows =
            [("占用", "a", 5.0), ("占用", "b", 2.0), ("补划", "c", 4.0), ("占用", "小计", 7.0), ("补划", "小计", 4.0)];
        let found = formulas(&table(&rows, Some(-3.0)));
        assert_eq!(found[3].as_deref(), Some("SUMIF(A2:A4,\"占用\",C2:C4)"));
        assert_eq!(found[4].as_deref(), Some("SUMIF(A2:A4,\"补划\",C2:C4)"));
        assert_eq!(found[5].as_deref(), Some("C6-C5"));
    }
}
