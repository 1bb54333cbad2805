//! Areas of many sources, a row a source, and added up by the values of fields.

use std::path::PathBuf;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde_json::{Value as Json, json};

use super::data::{area_json, extend, shown};
use super::groups::Group;
use super::pairs::Failure;
use super::summary::shown_key;
use super::{Cell, Column, ColumnKind, Form, Report, Table};
use crate::model::AreaMethod;
use crate::model::classes::Scheme;
use crate::scenario::transition::ExactSum;
use crate::text::{Language, Message, tr};
use crate::units::{Area, AreaUnit};

/// The units of the tables.
const UNITS: [(&str, AreaUnit); 4] = [
    ("m2", AreaUnit::SquareMetre),
    ("mu", AreaUnit::Mu),
    ("ha", AreaUnit::Hectare),
    ("km2", AreaUnit::SquareKilometre),
];

/// A source and what it came to.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceRow {
    /// As named.
    pub path: PathBuf,
    /// Its figures, or why there are none.
    pub outcome: Result<SourceAreas, Failure>,
}

/// The figures of the polygon layers of one source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SourceAreas {
    /// Its polygon layers.
    pub layers: Vec<String>,
    /// The planes that they were measured in.
    pub frames: Vec<String>,
    /// Features that count.
    pub feature_count: u64,
    /// Exact, m².
    pub exact_m2: f64,
    /// As the survey prints it, m².
    pub printed_m2: f64,
    /// How many things were found.
    pub issue_count: u64,
}

/// What tells groups apart: for each key the scheme that its values are of, and the value.
type Key = Vec<(Option<Scheme>, Option<Arc<str>>)>;

/// Sources measured and added up.
#[derive(Clone, Debug, Default)]
pub struct AreasTotal {
    /// How areas were computed.
    pub method: AreaMethod,
    /// Names of what sources are grouped by.
    pub keys: Vec<String>,
    /// The sources, in order.
    pub rows: Vec<SourceRow>,
    groups: FxHashMap<Key, (u64, ExactSum, ExactSum)>,
}

impl AreasTotal {
    /// Adds the groups of a layer, whose keys are of these schemes.
    pub fn add(&mut self, schemes: &[Option<Scheme>], groups: &[Group]) {
        for group in groups {
            let key = schemes.iter().copied().zip(group.key.iter().cloned()).collect();
            let sum = self.groups.entry(key).or_default();
            sum.0 += group.feature_count as u64;
            sum.1.add(group.exact.m2());
            sum.2.add(group.printed.m2());
        }
    }

    /// The report.
    pub fn report(&self, form: Form, language: Language) -> Report {
        let tables = || {
            let mut tables = vec![self.source_table(language)];
            tables.extend(self.failed_table(language));
            tables.extend((!self.keys.is_empty()).then(|| self.group_table(language)));
            tables
        };
        match form {
            Form::Parts => Report::of_tables(tables()),
            Form::Sheets | Form::Workbook => Report::of_sheets(tables(), Vec::new()),
            Form::Data => Report::of_data(self.json(language)),
        }
    }

    fn done(&self) -> impl Iterator<Item = (&SourceRow, &SourceAreas)> {
        self.rows.iter().filter_map(|row| Some((row, row.outcome.as_ref().ok()?))) // the others are listed by themselves
    }

    /// The sources that have no figures.
    pub fn failed(&self) -> impl Iterator<Item = (&SourceRow, &Failure)> {
        self.rows.iter().filter_map(|row| Some((row, row.outcome.as_ref().err()?)))
    }

    fn sum(&self, value: fn(&SourceAreas) -> f64) -> Area {
        Area::from_m2(self.done().map(|(_, of)| value(of)).collect::<ExactSum>().value())
    }

    fn source_table(&self, language: Language) -> Table {
        let column = |key: &str, title: &str, kind| Column::new(key, tr(language, title), kind);
        let mut table = Table {
            title: Message::new("report.areas-total-title")
                .with("n", self.rows.len())
                .with_said("method", |language| tr(language, self.method.key()).to_owned())
                .text(language),
            columns: vec![
                column("file", "report.file", ColumnKind::Text),
                column("layer", "report.layer", ColumnKind::Text),
                column("feature_count", "report.feature-count", ColumnKind::Count),
            ],
            ..Table::default()
        };
        table.columns.extend(UNITS.map(|(key, unit)| column(key, "report.area", ColumnKind::Area(unit))));
        table.columns.push(column("issue_count", "report.pairs-issues", ColumnKind::Count));
        table.columns.push(column("zone", "report.pairs-zone", ColumnKind::Text));
        for (row, of) in self.done() {
            let mut cells = vec![Cell::from(shown(&row.path)), Cell::from(of.layers.join(", "))];
            cells.push(Cell::Count(of.feature_count));
            cells.extend(UNITS.map(|_| Cell::from(Area::from_m2(of.printed_m2))));
            cells.push(Cell::Count(of.issue_count));
            let frames: Vec<String> = of.frames.iter().map(|name| crate::crs::name_said(name, language)).collect();
            cells.push(Cell::from(frames.join(", ")));
            table.rows.push(cells);
        }
        let printed = self.sum(|of| of.printed_m2);
        let mut total = vec![Cell::from(tr(language, "report.total")), Cell::Empty];
        total.push(Cell::Count(self.done().map(|(_, of)| of.feature_count).sum()));
        total.extend(UNITS.map(|_| Cell::from(printed)));
        total.push(Cell::Count(self.done().map(|(_, of)| of.issue_count).sum()));
        total.push(Cell::Empty);
        table.total = Some(total);
        let difference = printed - self.sum(|of| of.exact_m2);
        let exact = Message::new("report.exact")
            .with("exact", self.sum(|of| of.exact_m2).display(AreaUnit::SquareMetre))
            .with("difference", format!("{:+.2}", crate::units::round_half_up(difference.m2(), 2) + 0.0));
        table.notes.push(exact.text(language));
        let failed = self.failed().count();
        if failed > 0 {
            table.notes.push(Message::new("report.areas-total-failed").with("n", failed).text(language));
        }
        table
    }

    fn failed_table(&self, language: Language) -> Option<Table> {
        let column = |key: &str, title: &str, kind| Column::new(key, tr(language, title), kind);
        let row = |(row, failure): (&SourceRow, &Failure)| {
            let reason = Cell::from(failure.text(language));
            vec![Cell::from(shown(&row.path)), reason, Cell::Count(u64::from(failure.exit_code))]
        };
        let table = Table {
            title: tr(language, "report.pairs-failed").to_owned(),
            columns: vec![
                column("file", "report.file", ColumnKind::Text),
                column("reason", "report.pairs-reason", ColumnKind::Text),
                column("exit_code", "report.pairs-exit-code", ColumnKind::Count),
            ],
            rows: self.failed().map(row).collect(),
            ..Table::default()
        };
        (!table.rows.is_empty()).then_some(table)
    }

    /// The groups in the order of their classes, then of their values; what has none last.
    fn sorted(&self) -> Vec<(&Key, &(u64, ExactSum, ExactSum))> {
        let mut groups: Vec<_> = self.groups.iter().collect();
        let rank = |key: &Key| -> Vec<(bool, Option<Scheme>, Option<Arc<str>>)> {
            key.iter().map(|(scheme, value)| (value.is_none(), *scheme, value.clone())).collect()
        };
        groups.sort_by_cached_key(|(key, _)| rank(key));
        groups
    }

    fn group_table(&self, language: Language) -> Table {
        let mut table = Table { title: tr(language, "report.areas-total-groups").to_owned(), ..Table::default() };
        table.columns = self.keys.iter().map(|name| Column::new("key", name, ColumnKind::Text)).collect();
        let column = |key: &str, title: &str, kind| Column::new(key, tr(language, title), kind);
        table.columns.push(column("feature_count", "report.feature-count", ColumnKind::Count));
        table.columns.extend(UNITS.map(|(key, unit)| column(key, "report.area", ColumnKind::Area(unit))));
        table.columns.push(column("share", "report.share", ColumnKind::Share));
        let whole = self.sum(|of| of.printed_m2).m2();
        for (key, (count, _, printed)) in self.sorted() {
            let mut cells: Vec<Cell> =
                key.iter().map(|(scheme, value)| Cell::from(shown_key(*scheme, value.as_deref(), language))).collect();
            cells.resize(self.keys.len(), Cell::Empty);
            cells.push(Cell::Count(*count));
            let printed = printed.value();
            cells.extend(UNITS.map(|_| Cell::from(Area::from_m2(printed))));
            cells.push(Cell::Number(if whole > 0.0 { printed / whole } else { 0.0 }));
            table.rows.push(cells);
        }
        table.add_total(tr(language, "report.total"));
        table
    }

    fn json(&self, language: Language) -> Json {
        let source = |(row, of): (&SourceRow, &SourceAreas)| {
            let mut object = json!({
                "path": shown(&row.path),
                "layers": of.layers,
                "frames": of.frames,
                "feature_count": of.feature_count,
                "issue_count": of.issue_count,
            });
            extend(&mut object, area_json(Area::from_m2(of.exact_m2), Some(Area::from_m2(of.printed_m2))));
            object
        };
        let failed = |(row, failure): (&SourceRow, &Failure)| {
            json!({
                "path": shown(&row.path),
                "reason": failure.text(language),
                "exit_code": failure.exit_code,
            })
        };
        let group = |(key, (count, exact, printed)): (&Key, &(u64, ExactSum, ExactSum))| {
            let values: Vec<Option<&str>> = key.iter().map(|(_, value)| value.as_deref()).collect();
            let mut object = json!({ "key": values, "feature_count": count });
            extend(&mut object, area_json(Area::from_m2(exact.value()), Some(Area::from_m2(printed.value()))));
            object
        };
        let feature_count: u64 = self.done().map(|(_, of)| of.feature_count).sum();
        let mut total = json!({ "feature_count": feature_count });
        extend(&mut total, area_json(self.sum(|of| of.exact_m2), Some(self.sum(|of| of.printed_m2))));
        json!({
            "method": self.method.name(),
            "sources": self.done().map(source).collect::<Vec<_>>(),
            "failed": self.failed().map(failed).collect::<Vec<_>>(),
            "total": total,
            "groups": self.sorted().into_iter().map(group).collect::<Vec<_>>(),
        })
    }
}
