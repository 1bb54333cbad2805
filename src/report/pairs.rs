//! Many pairs of sources compared, each by itself, and added up: a row a county, what failed, and the sums by class.

use std::path::PathBuf;

use serde_json::{Value as Json, json};

use super::comparison::{AtLevel, level_name};
use super::data::shown;
use super::{Cell, Column, ColumnKind, Form, Part, Report, Table, transition as tables};
use crate::scenario::transition::{ClassLine, Classes, ExactSum, Level, MatrixSums, Slivers};
use crate::text::{Language, Message, tr};
use crate::units::{Area, AreaUnit, format_number};

/// Changes shown of the sums; all of them stand in CSV and JSON.
const SHOWN_CHANGES: usize = 30;

/// What one pair came to.
#[derive(Clone, Debug, PartialEq)]
pub struct PairRow {
    /// What it is called.
    pub name: String,
    /// Base and scenario, as named.
    pub paths: [PathBuf; 2],
    /// Its figures, or why there are none.
    pub outcome: Result<PairFigures, Failure>,
}

/// The figures of one pair.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PairFigures {
    /// The plane that it was measured in: each pair has its own.
    pub frame: String,
    /// The whole of both states.
    pub total: ClassLine,
    /// What goes to another class, m².
    pub changed_m2: f64,
    /// Pieces below the tolerance.
    pub slivers: Slivers,
    /// What is left when every line is closed, m².
    pub residual_m2: f64,
    /// Hashes of both sources.
    pub hashes: [String; 2],
    /// How many things were found about the sources and their comparison.
    pub issue_count: u64,
    /// Whether a figure came out that cannot be.
    pub is_unsound: bool,
    /// Whether it was finished by an earlier run.
    pub is_kept: bool,
}

/// Why a pair has no figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The sentence in Chinese.
    pub chinese: String,
    /// The sentence in English.
    pub english: String,
    /// What the program would have ended with, had it been asked for this pair alone.
    pub exit_code: u8,
}

impl Failure {
    /// The sentence in `language`.
    pub fn text(&self, language: Language) -> &str {
        match language {
            Language::Chinese => &self.chinese,
            Language::English => &self.english,
        }
    }
}

/// Pairs compared and added up.
#[derive(Clone, Debug, Default)]
pub struct Summed {
    /// What areas are by.
    pub basis: String,
    /// The pairs, in the order of their list.
    pub rows: Vec<PairRow>,
    /// The sums, level by level.
    pub levels: Vec<LevelSums>,
    /// What must be said of how they were made.
    pub remarks: Vec<Message>,
}

/// The sums at one level.
#[derive(Clone, Debug)]
pub struct LevelSums {
    /// The level.
    pub level: Level,
    /// Matrices added up.
    pub sums: MatrixSums,
    /// Pairs whose classes have this level.
    pub pair_count: usize,
}

/// What is summed of the rows, by its key in JSON, its title and its value.
type Figure = (&'static str, &'static str, fn(&PairFigures) -> f64);

const FIGURES: [Figure; 6] = [
    ("base_m2", "report.base", |f| f.total.base.m2),
    ("scenario_m2", "report.scenario", |f| f.total.scenario.m2),
    ("unchanged_m2", "report.pairs-unchanged", |f| f.total.unchanged_m2),
    ("changed_m2", "report.pairs-changed", |f| f.changed_m2),
    ("only_in_base_m2", "report.only-base", |f| f.total.base.only_m2),
    ("only_in_scenario_m2", "report.only-scenario", |f| f.total.scenario.only_m2),
];

impl Summed {
    /// The pairs that have figures.
    pub fn done(&self) -> impl Iterator<Item = (&PairRow, &PairFigures)> {
        self.rows.iter().filter_map(|row| Some((row, row.outcome.as_ref().ok()?))) // the others are listed by themselves
    }

    /// The pairs that have none.
    pub fn failed(&self) -> impl Iterator<Item = (&PairRow, &Failure)> {
        self.rows.iter().filter_map(|row| Some((row, row.outcome.as_ref().err()?)))
    }

    /// The report. `all` says that it is of every level that there is.
    pub fn report(&self, all: bool, form: Form, language: Language) -> Report {
        match form {
            Form::Parts => Report { parts: self.parts(language), ..Report::default() },
            Form::Sheets | Form::Workbook => {
                let mut sheets = vec![self.pair_table(language)];
                sheets.extend(self.failed_table(language));
                for level in self.at_levels() {
                    let mut matrix = tables::matrix_table(&level.matrix, &level.classes, AreaUnit::Mu, language);
                    matrix.title = self.level_title(&level, language);
                    matrix.notes.extend(self.level_notes(&level, language));
                    let mut balance = tables::balance_table(&level.matrix, &level.classes, AreaUnit::Mu, language);
                    balance.title = tr(language, "report.pairs-balance").to_owned();
                    sheets.extend([matrix, balance]);
                }
                Report::of_sheets(sheets, Vec::new())
            }
            Form::Data => Report::of_data(self.json(all, language)),
        }
    }

    /// The table of the pairs that were compared, with their sum.
    pub fn pair_table(&self, language: Language) -> Table {
        let column = |key: &str, title: &str, kind| Column::new(key, tr(language, title), kind);
        let mut table = Table {
            title: Message::new("report.pairs-title")
                .with("n", format_number(self.rows.len() as f64, 0))
                .with_said("method", |language| self.method(language))
                .text(language),
            columns: vec![column("name", "report.pairs-name", ColumnKind::Text)],
            ..Table::default()
        };
        table.columns.extend(FIGURES.iter().map(|(key, title, _)| column(key, title, ColumnKind::Area(AreaUnit::Mu))));
        table.columns.push(column("base_feature_count", "report.pairs-base-features", ColumnKind::Count));
        table.columns.push(column("scenario_feature_count", "report.pairs-scenario-features", ColumnKind::Count));
        table.columns.push(column("issue_count", "report.pairs-issues", ColumnKind::Count));
        table.columns.push(column("zone", "report.pairs-zone", ColumnKind::Text));
        let counts = |f: &PairFigures| [f.total.base.feature_count, f.total.scenario.feature_count, f.issue_count];
        for (row, figures) in self.done() {
            let mut cells = vec![Cell::from(row.name.as_str())];
            cells.extend(FIGURES.iter().map(|(_, _, value)| Cell::from(Area::from_m2(value(figures)))));
            cells.extend(counts(figures).map(Cell::Count));
            cells.push(Cell::from(crate::crs::name_said(&figures.frame, language)));
            table.rows.push(cells);
        }
        let mut total = vec![Cell::from(tr(language, "report.total"))];
        total.extend(FIGURES.iter().map(|(_, _, value)| Cell::from(Area::from_m2(self.sum(*value)))));
        let of_all = self.done().map(|(_, figures)| counts(figures));
        total.extend(of_all.fold([0; 3], |sum, of| [0, 1, 2].map(|at| sum[at] + of[at])).map(Cell::Count));
        total.push(Cell::Empty);
        table.total = Some(total);
        let (failed, kept) = (self.failed().count(), self.done().filter(|(_, figures)| figures.is_kept).count());
        if failed > 0 {
            table.notes.push(Message::new("report.pairs-failed-note").with("n", failed).text(language));
        }
        if kept > 0 {
            table.notes.push(Message::new("report.pairs-kept").with("n", kept).text(language));
        }
        let unsound: Vec<&str> =
            self.done().filter(|(_, figures)| figures.is_unsound).map(|(row, _)| row.name.as_str()).collect();
        if !unsound.is_empty() {
            table.notes.push(Message::new("report.pairs-unsound").with("names", unsound.join(", ")).text(language));
        }
        table.notes.extend(self.remarks.iter().map(|remark| remark.text(language)));
        table
    }

    /// The table of the pairs that have no figures; `None` where all have.
    pub fn failed_table(&self, language: Language) -> Option<Table> {
        let column = |key: &str, title: &str, kind| Column::new(key, tr(language, title), kind);
        let row = |(row, failure): (&PairRow, &Failure)| {
            vec![
                Cell::from(row.name.as_str()),
                Cell::from(shown(&row.paths[0])),
                Cell::from(shown(&row.paths[1])),
                Cell::from(failure.text(language)),
                Cell::Count(u64::from(failure.exit_code)),
            ]
        };
        let table = Table {
            title: tr(language, "report.pairs-failed").to_owned(),
            columns: vec![
                column("name", "report.pairs-name", ColumnKind::Text),
                column("base", "report.base", ColumnKind::Text),
                column("scenario", "report.scenario", ColumnKind::Text),
                column("reason", "report.pairs-reason", ColumnKind::Text),
                column("exit_code", "report.pairs-exit-code", ColumnKind::Count),
            ],
            rows: self.failed().map(row).collect(),
            ..Table::default()
        };
        (!table.rows.is_empty()).then_some(table)
    }

    /// The sum of a figure over all pairs that have it, without rounding on the way.
    fn sum(&self, value: fn(&PairFigures) -> f64) -> f64 {
        self.done().map(|(_, figures)| value(figures)).collect::<ExactSum>().value()
    }

    fn method(&self, language: Language) -> String {
        match crate::model::AreaMethod::from_name(&self.basis) {
            Some(method) => tr(language, method.key()).to_owned(),
            None => self.basis.clone(),
        }
    }

    /// The levels that at least one pair has, each with its sums.
    fn at_levels(&self) -> Vec<AtLevel> {
        let of_level = |level: &LevelSums| {
            let (list, matrix) = level.sums.total();
            AtLevel { level: level.level, matrix, classes: Classes { list, ..Classes::default() } }
        };
        self.levels.iter().filter(|level| level.pair_count > 0).map(of_level).collect()
    }

    fn level_title(&self, level: &AtLevel, language: Language) -> String {
        let n = self.levels.iter().find(|sums| sums.level == level.level).map_or(0, |sums| sums.pair_count);
        Message::new("report.pairs-sum-title")
            .with("n", format_number(n as f64, 0))
            .with_said("level", |language| level_name(level.level, language))
            .text(language)
    }

    fn level_notes(&self, level: &AtLevel, language: Language) -> Vec<String> {
        let mu = |m2: f64| Area::from_m2(m2).display(AreaUnit::Mu);
        let slivers = level.matrix.slivers;
        let mut notes = vec![
            Message::new("report.pairs-slivers")
                .with("n", format_number(slivers.count as f64, 0))
                .with("mu", mu(slivers.m2))
                .text(language),
            Message::new("cli.compare-residual").with("m2", format!("{:.3e}", level.matrix.residual_m2)).text(language),
        ];
        let done = self.done().count();
        let has = self.levels.iter().find(|sums| sums.level == level.level).map_or(0, |sums| sums.pair_count);
        if has < done {
            notes.push(Message::new("report.pairs-level-lacks").with("n", done - has).text(language));
        }
        notes
    }

    fn parts(&self, language: Language) -> Vec<Part> {
        let mut parts = vec![Part::Table(self.pair_table(language)), Part::Gap];
        if let Some(failed) = self.failed_table(language) {
            parts.extend([Part::Table(failed), Part::Gap]);
        }
        for level in self.at_levels() {
            let mut balance = tables::balance_table(&level.matrix, &level.classes, AreaUnit::Mu, language);
            balance.title = self.level_title(&level, language);
            let mut changes =
                tables::change_table(&level.matrix, &level.classes, AreaUnit::Mu, SHOWN_CHANGES, language);
            let count = level.matrix.cells.iter().filter(|cell| cell.from != cell.to).count();
            if count > SHOWN_CHANGES {
                changes.notes.push(Message::new("cli.compare-more").with("n", count - SHOWN_CHANGES).text(language));
            }
            changes.notes.extend(self.level_notes(&level, language));
            parts.extend([Part::Table(balance), Part::Gap, Part::Table(changes), Part::Gap]);
        }
        parts
    }

    fn json(&self, all: bool, language: Language) -> Json {
        let pair = |(row, figures): (&PairRow, &PairFigures)| {
            let mut object = json!({
                "name": row.name,
                "base": shown(&row.paths[0]),
                "scenario": shown(&row.paths[1]),
                "zone": figures.frame,
                "base_hash": figures.hashes[0],
                "scenario_hash": figures.hashes[1],
                "base_feature_count": figures.total.base.feature_count,
                "scenario_feature_count": figures.total.scenario.feature_count,
                "residual_m2": figures.residual_m2,
                "slivers": { "count": figures.slivers.count, "m2": figures.slivers.m2 },
                "issue_count": figures.issue_count,
                "unsound": figures.is_unsound,
                "kept": figures.is_kept,
            });
            for (key, _, value) in FIGURES {
                object[key] = json!(value(figures));
            }
            object
        };
        let failed = |(row, failure): (&PairRow, &Failure)| {
            json!({
                "name": row.name,
                "base": shown(&row.paths[0]),
                "scenario": shown(&row.paths[1]),
                "reason": failure.text(language),
                "exit_code": failure.exit_code,
            })
        };
        let mut total = json!({});
        for (key, _, value) in FIGURES {
            total[key] = json!(self.sum(value));
        }
        let remarks: Vec<String> = self.remarks.iter().map(|remark| remark.text(language)).collect();
        let mut object = json!({
            "method": self.basis,
            "pair_count": self.rows.len(),
            "pairs": self.done().map(pair).collect::<Vec<_>>(),
            "failed": self.failed().map(failed).collect::<Vec<_>>(),
            "total": total,
            "remarks_on_pairs": remarks,
        });
        let levels = self.at_levels();
        if all {
            object["levels"] = levels.iter().map(|level| level.json(true, language)).collect();
        }
        if let (Some(first), Json::Object(object)) = (levels.first(), &mut object) {
            if let Json::Object(members) = first.json(false, language) {
                object.extend(members);
            }
            object.insert("residual_m2".to_owned(), json!(first.matrix.residual_m2));
            let slivers = first.matrix.slivers;
            object.insert("slivers".to_owned(), json!({ "count": slivers.count, "m2": slivers.m2 }));
        }
        object
    }
}
