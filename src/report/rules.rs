//! Tables of rules: how each stands, in one state or several.

use super::{Cell, Column, ColumnKind, Table};
use crate::rules::{Outcome, Rules};
use crate::text::{Language, tr};

/// One row a rule: result, value, limit with its comparison, margin, source, and why it cannot be judged.
pub fn outcome_table(rules: &Rules, outcomes: &[Outcome], language: Language) -> Table {
    let column = |key: &str, title: &str| Column::new(key, tr(language, title), ColumnKind::Text);
    let row = |outcome: &Outcome| {
        let rule = rules.rules.get(outcome.rule)?;
        let shown = |value: Option<f64>| value.map_or_else(String::new, |value| rule.unit.show(value, language));
        let limit =
            outcome.limit.map(|limit| format!("{} {}", rule.comparison.sign(), rule.limit_shown(limit, language)));
        Some(vec![
            Cell::from(outcome.light.title(language)),
            Cell::from(rule.title(language)),
            Cell::from(shown(outcome.value)),
            Cell::from(limit.unwrap_or_default()),
            Cell::from(shown(outcome.margin)),
            Cell::from(rule.source(language)),
            Cell::from(outcome.reason.as_ref().map_or_else(String::new, |reason| reason.text(language))),
        ])
    };
    Table {
        title: rules.title(language).to_owned(),
        columns: vec![
            column("light", "report.light"),
            column("rule", "report.rule"),
            column("value", "report.value"),
            column("limit", "report.limit"),
            column("margin", "report.margin"),
            column("source", "report.rule-source"),
            column("reason", "report.rule-remark"),
        ],
        rows: outcomes.iter().filter_map(row).collect(),
        ..Table::default()
    }
}

/// The same for workbooks: value, limit and margin are numbers in the unit that stands beside them.
pub fn outcome_sheet(rules: &Rules, outcomes: &[Outcome], language: Language) -> Table {
    let text = |key: &str, title: &str| Column::new(key, tr(language, title), ColumnKind::Text);
    // As many as the unit that needs most: 2 of mu, 4 of km².
    let decimals = outcomes.iter().filter_map(|outcome| {
        let unit = rules.rules.get(outcome.rule)?.unit;
        let figures = [outcome.value, outcome.limit, outcome.margin];
        figures.into_iter().flatten().map(|figure| unit.decimals(figure)).max()
    });
    let kind = ColumnKind::Number(decimals.max().unwrap_or(2));
    let number = |key: &str, title: &str| Column::new(key, tr(language, title), kind);
    let row = |outcome: &Outcome| {
        let rule = rules.rules.get(outcome.rule)?;
        let in_unit = |value: Option<f64>| value.map_or(Cell::Empty, |value| Cell::Number(rule.unit.value(value)));
        Some(vec![
            Cell::from(outcome.light.title(language)),
            Cell::from(rule.title(language)),
            in_unit(outcome.value),
            Cell::from(rule.comparison.sign()),
            in_unit(outcome.limit),
            in_unit(outcome.margin),
            Cell::from(rule.unit.symbol(language)),
            Cell::from(rule.source(language)),
            Cell::from(outcome.reason.as_ref().map_or_else(String::new, |reason| reason.text(language))),
        ])
    };
    Table {
        title: rules.title(language).to_owned(),
        columns: vec![
            text("light", "report.light"),
            text("rule", "report.rule"),
            number("value", "report.value").why("why.f-rule-value"),
            text("comparison", "report.comparison"),
            number("limit", "report.limit").why("why.f-rule-limit"),
            number("margin", "report.margin").why("why.f-rule-margin"),
            text("unit", "report.unit"),
            text("source", "report.rule-source"),
            text("reason", "report.rule-remark"),
        ],
        rows: outcomes.iter().filter_map(row).collect(),
        ..Table::default()
    }
}

/// One row a rule, a column for each state by its name: result and value.
pub fn states_table(rules: &Rules, states: &[(&str, &[Outcome])], language: Language) -> Table {
    let mut columns = vec![Column::new("rule", tr(language, "report.rule"), ColumnKind::Text)];
    columns.extend(states.iter().map(|(name, _)| Column::new(name, *name, ColumnKind::Text)));
    columns.push(Column::new("limit", tr(language, "report.limit"), ColumnKind::Text));
    let rows = rules.rules.iter().enumerate().map(|(at, rule)| {
        // One each, in the order of the rules.
        let of = |outcomes: &[Outcome]| outcomes.get(at).filter(|outcome| outcome.rule == at).cloned();
        let mut row = vec![Cell::from(rule.title(language))];
        for (_, outcomes) in states {
            row.push(Cell::from(of(outcomes).map_or_else(String::new, |outcome| match outcome.value {
                Some(value) => format!("{} {}", rule.unit.show(value, language), outcome.light.title(language)),
                None => outcome.light.title(language).to_owned(),
            })));
        }
        let limit = states.iter().find_map(|(_, outcomes)| of(outcomes)?.limit);
        let shown = limit.map(|limit| format!("{} {}", rule.comparison.sign(), rule.limit_shown(limit, language)));
        row.push(Cell::from(shown.unwrap_or_default()));
        row
    });
    Table { title: rules.title(language).to_owned(), rows: rows.collect(), columns, ..Table::default() }
}
