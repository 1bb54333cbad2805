//! Tables beside the matrix: the balance of every region, and several states side by side.

use super::area;
use crate::model::roles::fields;
use crate::report::{Cell, Column, ColumnKind, Table};
use crate::scenario::transition::{ClassKey, RegionLine, Regions, StateSums};
use crate::text::{Language, tr};
use crate::units::AreaUnit;

/// 行政区 × 地类: of each region its sum, then a row a class that it has.
pub fn region_table(
    regions: &Regions,
    field: &str,
    list: &[ClassKey],
    classes: &[ClassKey],
    unit: AreaUnit,
    language: Language,
) -> Table {
    let column = |key: &str, title: &str, kind| Column::new(key, title, kind);
    let title = fields::title(field, language).unwrap_or(field);
    let mut table = Table {
        columns: vec![
            column("region", title, ColumnKind::Text),
            column("key", tr(language, "report.class"), ColumnKind::Text),
            column("base", tr(language, "report.base"), ColumnKind::Area(unit)),
            column("decrease", tr(language, "report.decrease"), ColumnKind::Area(unit)),
            column("increase", tr(language, "report.increase"), ColumnKind::Area(unit)),
            column("scenario", tr(language, "report.scenario"), ColumnKind::Area(unit)),
            column("change", tr(language, "report.change"), ColumnKind::Area(unit)),
        ],
        ..Table::default()
    };
    for (region, lines) in list.iter().zip(&regions.lines) {
        let name = region_name(field, region, language);
        for (class, line) in classes.iter().zip(lines).filter(|(_, line)| line.is_used()) {
            table.rows.push(row(name.clone(), class.label(language), line));
        }
    }
    table.add_total(tr(language, "report.total"));
    table
}

fn row(region: String, class: String, line: &RegionLine) -> Vec<Cell> {
    vec![
        Cell::from(region),
        Cell::from(class),
        area(line.base_m2),
        area(line.decrease_m2()),
        area(line.increase_m2()),
        area(line.scenario_m2),
        area(line.change_m2()),
    ]
}

/// A region as it is read: the value of the field, and what it stands for.
pub fn region_name(field: &str, region: &ClassKey, language: Language) -> String {
    match fields::meaning(field, &region.value, None, language) {
        Some(meaning) => format!("{} {meaning}", region.value),
        None => region.label(language),
    }
}

/// 多方案对比: a row a class; the first state, then of each other one its area and the difference.
pub fn states_table(sums: &StateSums, names: &[String], unit: AreaUnit, language: Language) -> Table {
    let mut columns = vec![Column::new("key", tr(language, "report.class"), ColumnKind::Text)];
    for (nth, name) in names.iter().enumerate() {
        columns.push(Column::new(&format!("state_{nth}"), name.clone(), ColumnKind::Area(unit)));
        if nth > 0 {
            let title = format!("{name} {}", tr(language, "report.change"));
            columns.push(Column::new(&format!("change_{nth}"), title, ColumnKind::Area(unit)));
        }
    }
    let row = |label: String, m2: &[f64]| {
        let mut row = vec![Cell::from(label)];
        for (nth, value) in m2.iter().enumerate() {
            row.push(area(*value));
            if nth > 0 {
                row.push(area(value - m2[0]));
            }
        }
        row
    };
    let rows = sums.classes.iter().zip(&sums.m2).map(|(class, m2)| row(class.label(language), m2));
    let total = row(tr(language, "report.total").to_owned(), &sums.totals);
    Table { columns, rows: rows.collect(), total: Some(total), ..Table::default() }
}
