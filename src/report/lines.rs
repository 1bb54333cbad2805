//! Tables of the control lines: areas on both sides by class, and the ledger of what occupies them.

use super::{Cell, Column, ColumnKind, Table};
use crate::scenario::lines::{Ledger, LedgerRow, LineFigures, LineKind, LineSum};
use crate::scenario::transition::ClassKey;
use crate::text::{Language, Message, tr};
use crate::units::{Area, AreaUnit, format_number};

fn area(m2: f64) -> Cell {
    Cell::from(Area::from_m2(m2))
}

/// One row a class: its area, inside and outside of the development boundary, on basic farmland gross and net, on the
/// red line. Lines that the state does not have are left out.
pub fn line_table(figures: &LineFigures, classes: &[ClassKey], unit: AreaUnit, language: Language) -> Table {
    let column = |key: &str, title: &str, kind| Column::new(key, tr(language, title), kind);
    let area_of = |key: &str, title: &str, formula| column(key, title, ColumnKind::Area(unit)).why(formula);
    let mut columns =
        vec![column("class", "report.class", ColumnKind::Text), area_of("area", "report.area", "why.f-class-state")];
    for (line, sum) in figures.lines.iter().zip(&figures.total) {
        match line {
            LineKind::Boundary => {
                columns.push(area_of("inside_boundary", "report.inside-boundary", "why.f-inside"));
                columns.push(area_of("outside_boundary", "report.outside-boundary", "why.f-outside"));
            }
            LineKind::Farmland => {
                columns.push(area_of("on_farmland", "report.on-farmland", "why.f-inside"));
                if sum.net_inside_m2.is_some() {
                    columns.push(area_of("on_farmland_net", "report.on-farmland-net", "why.f-inside-net"));
                }
            }
            LineKind::RedLine => columns.push(area_of("on_red_line", "report.on-red-line", "why.f-inside")),
        }
    }
    let cells = |label: String, own: f64, sums: &[LineSum]| {
        let mut row = vec![Cell::from(label), area(own)];
        for (line, sum) in figures.lines.iter().zip(sums) {
            row.push(area(sum.inside_m2));
            match line {
                LineKind::Boundary => row.push(area(sum.outside_m2)),
                LineKind::Farmland => row.extend(sum.net_inside_m2.map(area)),
                LineKind::RedLine => {}
            }
        }
        row
    };
    let rows = classes
        .iter()
        .zip(figures.own_m2.iter().zip(&figures.classes))
        .filter(|(_, (own, _))| **own != 0.0)
        .map(|(class, (own, sums))| cells(class.label(language), *own, sums));
    Table {
        columns,
        rows: rows.collect(),
        total: Some(cells(tr(language, "report.total").to_owned(), figures.total_m2, &figures.total)),
        notes: unstated(figures).map(|message| message.text(language)).into_iter().collect(),
        ..Table::default()
    }
}

/// That net areas on basic farmland took cropland gross that states no share of ridges.
pub fn unstated(figures: &LineFigures) -> Option<Message> {
    let count: usize = figures.total.iter().map(|sum| sum.unstated_count).sum();
    (count > 0).then(|| Message::new("report.on-farmland-unstated").with("n", format_number(count as f64, 0)))
}

/// 占压台账: one row a feature and line in conflict.
pub fn ledger_table(ledger: &Ledger, language: Language) -> Table {
    let column = |key: &str, title: &str, kind| Column::new(key, tr(language, title), kind);
    let row = |row: &LedgerRow| {
        let class = row.class.map_or_else(|| row.class_text.clone(), |class| class.label(language));
        vec![
            Cell::from(row.line_text(language)),
            Cell::from(row.title.as_str()),
            Cell::from(row.id.as_str()),
            Cell::from(class),
            area(row.m2),
            area(row.m2),
            Cell::Number(row.share),
            row.built_before.map_or(Cell::Empty, Cell::Number),
            row.width_m.map_or(Cell::Empty, Cell::Number),
            Cell::from(if row.is_sliver { tr(language, "report.yes") } else { "" }),
            Cell::from(tr(language, row.status.title_key())),
            Cell::from(row.note.as_str()),
        ]
    };
    let mut table = Table {
        columns: vec![
            column("line", "report.line", ColumnKind::Text),
            column("layer", "report.layer", ColumnKind::Text),
            column("feature", "report.feature", ColumnKind::Text),
            column("class", "report.class", ColumnKind::Text),
            column("m2", "report.area", ColumnKind::Area(AreaUnit::SquareMetre)).why("why.f-conflict"),
            column("mu", "report.area", ColumnKind::Area(AreaUnit::Mu)).why("why.f-conflict"),
            column("share", "report.share-of-feature", ColumnKind::Share).why("why.f-conflict-share"),
            column("built_before", "report.built-before", ColumnKind::Share).why("why.f-built-before"),
            column("width_m", "report.width", ColumnKind::Number(2)).why("why.f-width"),
            column("sliver", "report.sliver", ColumnKind::Text),
            column("status", "report.status", ColumnKind::Text),
            column("note", "report.remark", ColumnKind::Text),
        ],
        rows: ledger.rows.iter().map(row).collect(),
        ..Table::default()
    };
    table.add_total(tr(language, "report.total"));
    // Shares of different features have no sum, and land that several of them cover counts once.
    let once: f64 = ledger.rows.iter().map(|row| row.once_m2).sum();
    let all: f64 = ledger.rows.iter().map(|row| row.m2).sum();
    for (cell, column) in table.total.iter_mut().flatten().zip(&table.columns) {
        match column.kind {
            ColumnKind::Share => *cell = Cell::Empty,
            ColumnKind::Area(_) => *cell = area(once),
            _ => {}
        }
    }
    if all - once >= 0.005 {
        let message = Message::new("report.ledger-twice").with("mu", Area::from_m2(all - once).display(AreaUnit::Mu));
        table.notes.push(message.text(language));
    }
    table
}
