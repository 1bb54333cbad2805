//! The tables of the report, each with the part that it belongs to and a word that placeholders name it by.

use super::PlanPart;
use super::gather::{Compared, Gathered, OfScenario};
use crate::model::classes::Class;
use crate::report::comparison::AtLevel;
use crate::report::transition::{self, Rounded};
use crate::report::{Cell, Column, ColumnKind, Table, lines, rules};
use crate::rules::Light;
use crate::scenario::lines::LineKind;
use crate::scenario::plan::conflicts::Conflicts;
use crate::text::{Language, Message, tr};
use crate::units::{Area, AreaUnit, round_half_up};

/// Rows of the ledger and of flows that a document shows; the workbook has them all.
pub(super) const MOST_ROWS: usize = 40;

/// A table that was made.
pub(super) struct Made {
    pub(super) part: PlanPart,
    pub(super) word: &'static str,
    pub(super) table: Table,
    /// The same for people, where that is not how spreadsheets have it.
    pub(super) document: Option<Table>,
}

impl Made {
    /// The table for a document: of long ones the first rows, with what is left out.
    pub(super) fn for_documents(&self) -> Table {
        let mut table = self.document.as_ref().unwrap_or(&self.table).clone();
        let is_long =
            matches!(self.word, "ledger" | "changes" | "farmland" | "reserves") && table.rows.len() > MOST_ROWS;
        if is_long {
            table.settle();
            let left_out = table.rows.len() - MOST_ROWS;
            // What is given up and taken in ends with both sums.
            let sums = if self.word == "farmland" { table.rows.split_off(table.rows.len() - 2) } else { Vec::new() };
            table.rows.truncate(MOST_ROWS - sums.len());
            table.rows.extend(sums);
            table.left_out = left_out;
        }
        table
    }
}

/// Whether a part is of the comparison of land, so that it is empty where there is none.
pub(super) fn is_of_land(part: PlanPart) -> bool {
    matches!(part, PlanPart::Matrix | PlanPart::Flows | PlanPart::Balance)
}

/// All tables of a scenario.
pub(super) fn of_scenario(gathered: &Gathered, scenario: &OfScenario, language: Language) -> Vec<Made> {
    let mut made = Vec::new();
    let unit = AreaUnit::Mu;
    let mut add = |part, word, title: Option<&str>, mut table: Table| {
        if let Some(key) = title {
            tr(language, key).clone_into(&mut table.title);
        }
        let document = match (&gathered.rules, part) {
            (Some(rules), PlanPart::Rules) => Some(rules::outcome_table(rules, &scenario.outcomes, language)),
            _ => None,
        };
        made.push(Made { part, word, table, document });
    };
    if let Ok(land) = &scenario.land {
        add(PlanPart::Matrix, "matrix", None, matrix(land, unit, language));
        let given = land.given();
        let changes = transition::change_table(&given.matrix, &given.classes, unit, usize::MAX, language);
        add(PlanPart::Flows, "changes", Some("report.changes"), changes);
        add(PlanPart::Balance, "balance", None, balance(land, unit, language));
    }
    if let Ok(found) = &scenario.conflicts {
        if let Some((classes, figures)) = &found.figures {
            let table = lines::line_table(figures, classes, unit, language);
            add(PlanPart::Lines, "lines", Some("report.part-lines"), table);
        }
        add(PlanPart::Ledger, "ledger", None, ledger(found, language));
    }
    if let Some(of) = &gathered.rules {
        add(PlanPart::Rules, "rules", None, rules::outcome_sheet(of, &scenario.outcomes, language));
    }
    for (word, table) in &scenario.office {
        add(PlanPart::Tables, *word, None, table.clone());
    }
    made
}

/// The transition matrix at the first level.
pub(super) fn matrix(land: &Compared, unit: AreaUnit, language: Language) -> Table {
    let first = land.first();
    let table = transition::matrix_table(&first.matrix, &first.classes, unit, language);
    Table { title: tr(language, "report.matrix").to_owned(), ..table }
}

/// The land-use balance at the first level.
pub(super) fn balance(land: &Compared, unit: AreaUnit, language: Language) -> Table {
    let first = land.first();
    let mut table = transition::balance_table(&first.matrix, &first.classes, unit, language);
    table.notes.extend(land.given().classes.remarks.iter().map(|remark| remark.text(language)));
    Table { title: tr(language, "report.balance").to_owned(), ..table }
}

/// What is in conflict with the control lines, feature by feature.
pub(super) fn ledger(found: &Conflicts, language: Language) -> Table {
    let table = lines::ledger_table(&found.ledger, language);
    Table { title: tr(language, "report.part-ledger").to_owned(), ..table }
}

/// What is in conflict with one control line.
pub(super) struct Crossed {
    pub(super) kind: LineKind,
    pub(super) count: usize,
    /// m², land that several features cover once.
    pub(super) m2: f64,
    /// m² of that which was construction land in the base already.
    pub(super) built_m2: f64,
}

/// The control lines that a state has, each with what is in conflict.
pub(super) fn lines_of(found: &Conflicts) -> Vec<Crossed> {
    let kinds = LineKind::ALL.into_iter().filter(|kind| found.state.of_role(kind.role()).next().is_some());
    kinds
        .map(|kind| {
            let rows = found.ledger.rows.iter().filter(|row| row.line == kind);
            let start = Crossed { kind, count: 0, m2: 0.0, built_m2: 0.0 };
            rows.fold(start, |sum, row| Crossed {
                count: sum.count + 1,
                m2: sum.m2 + row.once_m2,
                built_m2: sum.built_m2 + row.once_m2 * row.built_before.unwrap_or(0.0),
                ..sum
            })
        })
        .collect()
}

/// What classes for which `member` holds add up to before and after, in units of the last digit.
pub(super) fn class_sums(at: &AtLevel, rounded: &Rounded, member: fn(Class) -> bool) -> [i64; 2] {
    let chosen = at.classes.list.iter().zip(&rounded.lines).filter(|(key, _)| key.class.is_some_and(member));
    chosen.fold([0, 0], |sums, (_, line)| [sums[0] + line.base, sums[1] + line.scenario])
}

/// The same before any rounding, m²; of all classes where no `member` is given.
fn class_m2(at: &AtLevel, member: Option<fn(Class) -> bool>) -> [f64; 2] {
    let Some(member) = member else { return [at.matrix.total.base.m2, at.matrix.total.scenario.m2] };
    let chosen = at.classes.list.iter().zip(&at.matrix.lines).filter(|(key, _)| key.class.is_some_and(member));
    chosen.fold([0.0, 0.0], |sums, (_, line)| [sums[0] + line.base.m2, sums[1] + line.scenario.m2])
}

/// One row a figure, a column a state: what a meeting looks at first.
pub(super) fn overview(gathered: &Gathered, language: Language) -> Table {
    let mu = |value: f64, m2: f64| Cell::Rounded { shown: Area::of(value, AreaUnit::Mu).m2(), exact: m2 };
    let area = |key: &str, title: String| {
        Column::new(key, title, ColumnKind::Area(AreaUnit::Mu)).rounded_to(2).why("why.f-overview")
    };
    let mut columns = vec![Column::new("figure", tr(language, "report.figure"), ColumnKind::Text)];
    columns.push(area("base", tr(language, "report.base").to_owned()));
    let names = gathered.scenarios.iter().enumerate();
    columns.extend(names.map(|(nth, scenario)| area(&format!("scenario{}", nth + 1), scenario.name.clone())));
    let mut table = Table { title: tr(language, "report.overview").to_owned(), columns, ..Table::default() };
    let mut add = |name: &str, base: Cell, cells: Vec<Cell>| {
        if base != Cell::Empty || cells.iter().any(|cell| *cell != Cell::Empty) {
            table.rows.push([Cell::from(name), base].into_iter().chain(cells).collect());
        }
    };
    let wanted: [(&str, Option<fn(Class) -> bool>); 3] = [
        ("report.whole-land", None),
        ("report.construction", Some(Class::is_construction)),
        ("report.cropland", Some(Class::is_cropland)),
    ];
    for (key, member) in wanted {
        let mut base = Cell::Empty;
        let mut cells = Vec::new();
        for scenario in &gathered.scenarios {
            cells.push(match &scenario.land {
                Ok(land) => {
                    let rounded = Rounded::new(&land.given().matrix, AreaUnit::Mu);
                    let [before, after] = match member {
                        Some(member) => class_sums(land.given(), &rounded, member),
                        None => [rounded.total.base, rounded.total.scenario],
                    };
                    let [before_m2, after_m2] = class_m2(land.given(), member);
                    base = mu(rounded.value(before), before_m2);
                    mu(rounded.value(after), after_m2)
                }
                Err(_) => Cell::Empty,
            });
        }
        add(tr(language, key), base, cells);
    }
    let changed = gathered.scenarios.iter().map(|scenario| match &scenario.land {
        Ok(land) => {
            let rounded = Rounded::new(&land.given().matrix, AreaUnit::Mu);
            mu(rounded.value(rounded.changed), land.given().matrix.changed_m2)
        }
        Err(_) => Cell::Empty,
    });
    add(tr(language, "report.changed"), Cell::Empty, changed.collect());
    let nearest = |m2: f64| mu(round_half_up(Area::from_m2(m2).mu(), 2), m2);
    let farmland = |sum: Option<f64>| sum.map_or(Cell::Empty, nearest);
    let gross = gathered.scenarios.iter().map(|scenario| farmland(scenario.farmland.map(|sum| sum.gross_m2)));
    add(
        tr(language, "report.gross-farmland"),
        farmland(gathered.base_farmland.map(|sum| sum.gross_m2)),
        gross.collect(),
    );
    let net = gathered.scenarios.iter().map(|scenario| farmland(scenario.farmland.and_then(|sum| sum.net_m2)));
    add(
        tr(language, "report.net-farmland"),
        farmland(gathered.base_farmland.and_then(|sum| sum.net_m2)),
        net.collect(),
    );
    for kind in LineKind::ALL {
        let of = |scenario: &OfScenario| match &scenario.conflicts {
            Ok(found) => {
                lines_of(found).into_iter().find(|line| line.kind == kind).map_or(Cell::Empty, |line| nearest(line.m2))
            }
            Err(_) => Cell::Empty,
        };
        add(kind.conflict_title(language), Cell::Empty, gathered.scenarios.iter().map(of).collect());
    }
    for scenario in gathered.scenarios.iter().filter(|_| gathered.rules.is_some()) {
        let count = |light: Light| scenario.outcomes.iter().filter(|outcome| outcome.light == light).count();
        let message = Message::new("report.overview-rules")
            .with("scenario", &scenario.name)
            .with("green", count(Light::Green))
            .with("amber", count(Light::Amber))
            .with("red", count(Light::Red))
            .with("unknown", count(Light::Unknown));
        table.notes.push(message.text(language));
    }
    table
}
