//! Tables that hold scenarios beside each other: their land class by class, and how each rule stands in each.

use super::gather::Gathered;
use crate::model::classes::Class;
use crate::report::comparison::AtLevel;
use crate::report::transition::Rounded;
use crate::report::transition::why::LineFigure;
use crate::report::{Cell, Column, ColumnKind, Table, rules};
use crate::scenario::transition::ClassKey;
use crate::text::{Language, tr};
use crate::units::{Area, AreaUnit};

/// 各方案用地对照表: the land of several scenarios beside the base, class by class at the first level, each as its own
/// balance prints it; `None` where there are not several.
pub(super) fn by_class(gathered: &Gathered, unit: AreaUnit, language: Language) -> Option<Table> {
    let mut lands: Vec<(&str, &AtLevel, Rounded)> = Vec::new();
    for scenario in &gathered.scenarios {
        if let Ok(land) = &scenario.land {
            let at = land.first();
            lands.push((scenario.name.as_str(), at, Rounded::new(&at.matrix, unit)));
        }
    }
    let (_, first, of_first) = lands.first().filter(|_| lands.len() > 1)?;
    let decimals = lands.iter().map(|(_, _, rounded)| rounded.decimals).max().unwrap_or_default();
    let area = |key: &str, title: &str, of: LineFigure| {
        Column::new(key, title, ColumnKind::Area(unit)).rounded_to(decimals).why(of.formula())
    };
    let mut columns = vec![Column::new("key", tr(language, "report.class"), ColumnKind::Text)];
    columns.push(area("base", tr(language, "report.base"), LineFigure::Base));
    for (nth, (name, ..)) in lands.iter().enumerate() {
        columns.push(area(&format!("scenario{}", nth + 1), name, LineFigure::Scenario));
    }
    // The classes of all, in the order of the standard.
    let mut keys: Vec<&ClassKey> = lands.iter().flat_map(|(_, at, _)| &at.classes.list).collect();
    keys.sort_by(|a, b| {
        let order = |key: &ClassKey| (key.class.is_none(), key.class.map(Class::order));
        order(a).cmp(&order(b)).then_with(|| a.key.cmp(&b.key))
    });
    keys.dedup_by(|a, b| a.key == b.key);
    let cell = |rounded: &Rounded, units: i64, m2: f64| {
        let shown = Area::of(rounded.value(units), unit).m2();
        Cell::Rounded { shown, exact: m2 }
    };
    let place = |at: &AtLevel, key: &ClassKey| at.classes.list.iter().position(|other| other.key == key.key);
    let mut table = Table { title: tr(language, "report.by-class").to_owned(), columns, ..Table::default() };
    for key in keys {
        let base = place(first, key).map(|line| (of_first.lines[line].base, first.matrix.lines[line].base.m2));
        let mut row = vec![Cell::from(key.label(language))];
        row.push(base.map_or(Cell::Number(0.0), |(units, m2)| cell(of_first, units, m2)));
        for (_, at, rounded) in &lands {
            let of = place(at, key).map(|line| (rounded.lines[line].scenario, at.matrix.lines[line].scenario.m2));
            row.push(of.map_or(Cell::Number(0.0), |(units, m2)| cell(rounded, units, m2)));
        }
        table.rows.push(row);
    }
    let mut total = vec![Cell::from(tr(language, "report.total"))];
    total.push(cell(of_first, of_first.total.base, first.matrix.total.base.m2));
    let of = |(_, at, rounded): &(&str, &AtLevel, Rounded)| {
        cell(rounded, rounded.total.scenario, at.matrix.total.scenario.m2)
    };
    total.extend(lands.iter().map(of));
    table.total = Some(total);
    Some(table)
}

/// 各方案规则对照表: a row a rule, a column a scenario; `None` without rules, or where there are not several scenarios.
pub(super) fn by_rule(gathered: &Gathered, language: Language) -> Option<Table> {
    let of = gathered.rules.as_ref().filter(|_| gathered.scenarios.len() > 1)?;
    let states: Vec<_> =
        gathered.scenarios.iter().map(|scenario| (scenario.name.as_str(), scenario.outcomes.as_slice())).collect();
    let table = rules::states_table(of, &states, language);
    Some(Table { title: tr(language, "report.by-rule").to_owned(), ..table })
}
