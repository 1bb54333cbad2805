//! Tables beside the matrix: the balance of every region, and several states side by side.

use super::why::LineFigure;
use super::{Printed, RoundedRegion, RoundedRegions, RoundedStates, printed};
use crate::model::roles::fields;
use crate::report::{Cell, Column, ColumnKind, Table};
use crate::scenario::transition::{ClassKey, Matrix, Regions, StateSums};
use crate::text::{Language, tr};
use crate::units::AreaUnit;

/// 行政区 × 地类: of each region its sum, then a row a class that it has. `matrix` is that of all regions.
pub fn region_table(
    regions: &Regions,
    matrix: &Matrix,
    field: &str,
    list: &[ClassKey],
    classes: &[ClassKey],
    unit: AreaUnit,
    language: Language,
) -> Table {
    let rounded = RoundedRegions::new(regions, matrix, unit);
    let text = |key: &str, title: &str| Column::new(key, title, ColumnKind::Text);
    let area = |key: &str, title: &str, of: LineFigure| {
        Column::new(key, tr(language, title), ColumnKind::Area(unit)).rounded_to(rounded.decimals).why(of.formula())
    };
    let title = fields::title(field, language).unwrap_or(field);
    let mut table = Table {
        columns: vec![
            text("region", title),
            text("key", tr(language, "report.class")),
            area("base", "report.base", LineFigure::Base),
            area("decrease", "report.decrease", LineFigure::Out),
            area("increase", "report.increase", LineFigure::Into),
            area("scenario", "report.scenario", LineFigure::Scenario),
            area("change", "report.change", LineFigure::Net),
        ],
        ..Table::default()
    };
    let row = |region: String, class: String, line: &RoundedRegion| {
        let figures = [line.base, line.decrease(), line.increase(), line.scenario, line.change()];
        let figures = figures.map(|units| printed(rounded.value(units), unit));
        [Cell::from(region), Cell::from(class)].into_iter().chain(figures).collect()
    };
    for (at, (region, lines)) in list.iter().zip(&regions.lines).enumerate() {
        let name = region_name(field, region, language);
        for (class, _) in lines.iter().enumerate().filter(|(_, line)| line.is_used()) {
            table.rows.push(row(name.clone(), classes[class].label(language), &rounded.lines[at][class]));
        }
    }
    table.total = Some(row(tr(language, "report.total").to_owned(), String::new(), &rounded.total));
    table
}

/// A region as it is read: the value of the field, and what it stands for.
pub fn region_name(field: &str, region: &ClassKey, language: Language) -> String {
    match fields::meaning(field, &region.value, None, language) {
        Some(meaning) => format!("{} {meaning}", region.value),
        None => region.label(language),
    }
}

/// 多方案对比: a row a class; the first state, then of each other one its area and the difference. `printed_as` is the matrix
/// that is shown beside it, if any.
pub fn states_table(
    sums: &StateSums,
    names: &[String],
    unit: AreaUnit,
    printed_as: Option<Printed<'_>>,
    language: Language,
) -> Table {
    let rounded = RoundedStates::new(sums, unit, printed_as);
    let area =
        |key: String, title: String| Column::new(&key, title, ColumnKind::Area(unit)).rounded_to(rounded.decimals);
    let mut columns = vec![Column::new("key", tr(language, "report.class"), ColumnKind::Text)];
    for (nth, name) in names.iter().enumerate() {
        columns.push(area(format!("state_{nth}"), name.clone()).why("why.f-state"));
        if nth > 0 {
            let title = format!("{name} {}", tr(language, "report.change"));
            columns.push(area(format!("change_{nth}"), title).why("why.f-state-change"));
        }
    }
    let row = |label: String, figures: &[i64]| {
        let mut row = vec![Cell::from(label)];
        for (nth, units) in figures.iter().enumerate() {
            row.push(printed(rounded.value(*units), unit));
            if nth > 0 {
                row.push(printed(rounded.value(units - figures[0]), unit));
            }
        }
        row
    };
    let rows = sums.classes.iter().zip(&rounded.rows).map(|(class, figures)| row(class.label(language), figures));
    let total = row(tr(language, "report.total").to_owned(), &rounded.totals);
    Table { rows: rows.collect(), total: Some(total), columns, ..Table::default() }
}
