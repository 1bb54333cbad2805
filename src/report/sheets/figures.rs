//! Tables on a sheet: figures rounded as reports round them, as text.

use std::collections::BTreeMap;

use super::{Filler, Shown, of_classes};
use crate::model::classes::{Class, Scheme, resolve};
use crate::model::layout::{MapState, TableItem, TableOf};
use crate::render::layout::TextTable;
use crate::report::figure::of_whole;
use crate::report::planning::single::{NoTable, Single, single};
use crate::report::summary::shown_key;
use crate::report::{Cell, Column, ColumnKind, Table};
use crate::task::{Cancelled, Progress};
use crate::text::{Language, Message, tr};
use crate::units::{Area, AreaUnit};

/// Columns of the table of rules that a sheet has room for: how they stand, what, and how much of how much.
const OF_RULES: &[usize] = &[0, 1, 2, 3, 4];
/// Columns of the ledger that a sheet has room for: line, layer, feature, class, m², mu, its share.
const OF_LEDGER: &[usize] = &[0, 1, 2, 3, 4, 5, 6];

/// A table as text, under the heading of its item or its own.
pub(super) fn text_table(table: &Table, item: &TableItem, language: Language) -> TextTable {
    let all: Vec<usize> = (0..table.columns.len()).collect();
    text_of(table, &all, item, language)
}

/// Some columns of a table as text.
fn text_of(table: &Table, columns: &[usize], item: &TableItem, language: Language) -> TextTable {
    let figures = table.figures();
    let of = |at: &&usize| **at < table.columns.len();
    let columns: Vec<usize> = columns.iter().filter(of).copied().collect();
    // Coordinates and lengths stand as surveys write them, without separators.
    let cell = |row: usize, column: usize| match table.columns[column].kind {
        ColumnKind::Number(_) => figures.plain(row, column),
        _ => figures.shown(row, column),
    };
    let cells = |row: usize| columns.iter().map(|column| cell(row, *column)).collect();
    TextTable {
        title: if item.title.is_empty() { table.title.clone() } else { item.title.clone() },
        heads: columns.iter().map(|column| table.columns[*column].heading(language)).collect(),
        figures: columns.iter().map(|column| table.columns[*column].kind != ColumnKind::Text).collect(),
        rows: (0..figures.rows.len()).map(cells).collect(),
        total: table.total.is_some(),
    }
}

/// What the classes of a layer add up to.
pub(super) fn class_table(shown: &Shown, item: &TableItem, language: Language) -> Option<TextTable> {
    let entry = match item.layer.as_str() {
        "" => of_classes(&shown.entries),
        title => shown.entries.iter().find(|entry| entry.title == title),
    }?;
    let sums: Vec<(String, Area)> = entry.class_sums()?.into_iter().map(|sum| (sum.key, sum.printed)).collect();
    let sums = if item.level == 0 { sums } else { at_level(sums, entry.scheme(), item.level) };
    let total: f64 = sums.iter().map(|(_, area)| area.m2()).sum();
    let unit = AreaUnit::of_word(&item.unit).unwrap_or(AreaUnit::Hectare);
    let columns = vec![
        Column::new("key", tr(language, "layout.class"), ColumnKind::Text),
        Column::new("area", tr(language, "report.area"), ColumnKind::Area(unit)),
        Column::new("share", tr(language, "report.share"), ColumnKind::Share),
    ];
    let row = |(key, area): &(String, Area)| {
        let name = shown_key(entry.scheme(), Some(key.as_str()).filter(|key| !key.is_empty()), language);
        let share = if total > 0.0 { area.m2() / total } else { 0.0 };
        vec![Cell::from(name), Cell::from(*area), Cell::Number(share)]
    };
    let rows = sums.iter().map(row).collect();
    let mut table = Table { title: item.title.clone(), columns, rows, ..Table::default() };
    table.add_total(tr(language, "report.total"));
    Some(text_table(&table, item, language))
}

/// Sums of classes added up to those of a level of their scheme, in its order; what is no class stays as it is, behind them.
fn at_level(sums: Vec<(String, Area)>, scheme: Option<Scheme>, level: u8) -> Vec<(String, Area)> {
    let mut classes: BTreeMap<Class, Area> = BTreeMap::new();
    let mut rest = Vec::new();
    for (key, area) in sums {
        match scheme.and_then(|scheme| resolve(scheme, &key)) {
            Some(found) => {
                let sum = classes.entry(found.class.at_level(level)).or_insert(Area::ZERO);
                *sum += area;
            }
            None => rest.push((key, area)),
        }
    }
    classes.into_iter().map(|(class, area)| (class.code().to_owned(), area)).chain(rest).collect()
}

impl Filler {
    /// A table of the scenario that `state` shows, of the first one where it shows the base; nothing, with a remark, where
    /// it cannot be had.
    pub(super) fn table_of_scenario(
        &mut self,
        name: &str,
        item: &TableItem,
        state: &MapState,
        progress: &Progress,
    ) -> Result<Option<TextTable>, Cancelled> {
        let (of, columns): (Single, Option<&[usize]>) = match item.of {
            TableOf::Matrix => (Single::Matrix, None),
            TableOf::Balance => (Single::Balance, None),
            TableOf::Rules => (Single::Rules, Some(OF_RULES)),
            TableOf::Ledger => (Single::Ledger, Some(OF_LEDGER)),
            TableOf::Classes | TableOf::Points | TableOf::Sides => return Ok(None),
        };
        let shown = self.state(state).0;
        let first = || self.workspace.scenarios.list().first().map(|scenario| scenario.id);
        let Some(scenario) = shown.or_else(first) else {
            self.remarks.push(Message::new("layout.table-no-scenario").with("name", name));
            return Ok(None);
        };
        let unit = AreaUnit::of_word(&item.unit).unwrap_or(AreaUnit::Mu);
        let key = (scenario.0, item.of, unit.key());
        if !self.made.contains_key(&key) {
            let (workspace, rules, language) = (self.workspace.clone(), self.asked.rules.clone(), self.asked.language);
            let made = match single(&workspace, scenario, of, rules.as_deref(), unit, language, progress) {
                Ok(table) => Ok(table),
                Err(NoTable::Cancelled(cancelled)) => return Err(cancelled),
                Err(NoTable::Said(message)) => Err(message),
            };
            self.made.insert(key, made);
        }
        let language = self.asked.language;
        match &self.made[&key] {
            Ok(table) => {
                self.whys.extend(of_whole(table).map(|why| (name.to_owned(), why)));
                Ok(Some(match columns {
                    Some(columns) => text_of(table, columns, item, language),
                    None => text_table(table, item, language),
                }))
            }
            Err(reason) => {
                let remark = Message::new("layout.table-not-made").with("name", name).with_message("reason", reason);
                self.remarks.push(remark);
                Ok(None)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_summed_to_a_level_and_nothing_is_lost() {
        let sums = [("0101", 1.0), ("0103", 2.0), ("0701", 4.0), ("odd", 8.0)];
        let sums = sums.map(|(key, m2)| (key.to_owned(), Area::from_m2(m2))).to_vec();
        let summed = |level| {
            let found = at_level(sums.clone(), Some(Scheme::Ydyh2023), level);
            found.into_iter().map(|(key, area)| (key, area.m2())).collect::<Vec<_>>()
        };
        let named = |rows: &[(&str, f64)]| rows.iter().map(|(key, m2)| ((*key).to_owned(), *m2)).collect::<Vec<_>>();
        assert_eq!(summed(1), named(&[("01", 3.0), ("07", 4.0), ("odd", 8.0)]));
        assert_eq!(summed(2), named(&[("0101", 1.0), ("0103", 2.0), ("0701", 4.0), ("odd", 8.0)]));
    }

    #[test]
    fn a_table_keeps_its_figures_and_takes_the_heading_of_its_item() {
        let mut table = Table {
            title: "own".to_owned(),
            columns: vec![
                Column::new("name", "name", ColumnKind::Text),
                Column::new("area", "area", ColumnKind::Area(AreaUnit::Mu)),
            ],
            rows: vec![vec![Cell::from("a"), Cell::from(crate::units::Area::of(1234.5, AreaUnit::Mu))]],
            ..Table::default()
        };
        table.add_total("all");
        let item = TableItem::default();
        let text = text_table(&table, &item, Language::English);
        assert_eq!((text.title.as_str(), text.total), ("own", true));
        assert_eq!(text.rows, [["a", "1,234.50"], ["all", "1,234.50"]]);
        assert_eq!(text.figures, [false, true]);
        let item = TableItem { title: "other".to_owned(), ..item };
        let text = text_of(&table, &[1, 7], &item, Language::English);
        assert_eq!((text.title.as_str(), text.heads.len(), text.rows[0].len()), ("other", 1, 1));
    }
}
