//! What a scenario takes and whether it crosses a line, in sentences.

use super::gather::{Gathered, OfScenario};
use super::tables::{class_sums, lines_of};
use crate::model::classes::Class;
use crate::report::transition::Rounded;
use crate::rules::Light;
use crate::text::{Language, Message, tr};
use crate::units::{Area, AreaUnit, format_number, round_half_up};

/// The sentences, in the order of weight: what changes, what is built, what cropland and basic farmland lose, the lines
/// that are crossed, the rules that are missed.
pub(super) fn of_scenario(gathered: &Gathered, scenario: &OfScenario, language: Language) -> Vec<String> {
    let mut said: Vec<Message> = Vec::new();
    match &scenario.land {
        Ok(land) => {
            let at = land.given();
            let rounded = Rounded::new(&at.matrix, AreaUnit::Mu);
            let base_m2 = at.matrix.total.base.m2;
            let share = if base_m2 > 0.0 { at.matrix.changed_m2 / base_m2 * 100.0 } else { 0.0 };
            let kinds = at.matrix.cells.iter().filter(|cell| cell.from != cell.to).count();
            said.push(
                Message::new("report.says-changed")
                    .with("scenario", &scenario.name)
                    .with("mu", format_number(rounded.value(rounded.changed), rounded.decimals))
                    .with("share", format_number(share, 2))
                    .with("n", kinds),
            );
            let wanted: [(&'static str, fn(Class) -> bool); 2] =
                [("report.construction", Class::is_construction), ("report.cropland", Class::is_cropland)];
            for (key, member) in wanted {
                let [before, after] = class_sums(at, &rounded, member);
                said.push(moved(key, rounded.value(before), rounded.value(after), language));
            }
        }
        Err(reason) => {
            said.push(
                Message::new("report.says-not-compared")
                    .with("scenario", &scenario.name)
                    .with_message("reason", reason),
            );
        }
    }
    if let (Some(before), Some(after)) = (&gathered.base_farmland, &scenario.farmland) {
        let (key, before, after) = match (before.net_m2, after.net_m2) {
            (Some(before), Some(after)) => ("report.net-farmland", before, after),
            _ => ("report.gross-farmland", before.gross_m2, after.gross_m2),
        };
        let mu = |m2: f64| round_half_up(Area::from_m2(m2).mu(), 2);
        said.push(moved(key, mu(before), mu(after), language));
    }
    match &scenario.conflicts {
        Ok(found) => {
            for line in lines_of(found) {
                let conflict = line.kind.conflict_title(language);
                said.push(match line.count {
                    0 => Message::new("report.says-no-conflict").with("conflict", conflict),
                    n => Message::new("report.says-conflict")
                        .with("conflict", conflict)
                        .with("n", n)
                        .with("mu", Area::from_m2(line.m2).display(AreaUnit::Mu))
                        .with("built", Area::from_m2(line.built_m2).display(AreaUnit::Mu)),
                });
            }
            if lines_of(found).is_empty() {
                said.push(Message::new("report.says-no-lines"));
            }
        }
        Err(reason) => said.push(Message::new("report.says-no-ledger").with_message("reason", reason)),
    }
    if let Some(rules) = &gathered.rules {
        let count = |light: Light| scenario.outcomes.iter().filter(|outcome| outcome.light == light).count();
        said.push(
            Message::new("report.says-rules")
                .with("n", scenario.outcomes.len())
                .with("green", count(Light::Green))
                .with("amber", count(Light::Amber))
                .with("red", count(Light::Red))
                .with("unknown", count(Light::Unknown)),
        );
        for outcome in scenario.outcomes.iter().filter(|outcome| outcome.light == Light::Red) {
            let Some(rule) = rules.rules.get(outcome.rule) else { continue };
            let shown = |value: Option<f64>| value.map_or_else(String::new, |value| rule.unit.show(value, language));
            let limit = outcome.limit.map(|limit| rule.limit_shown(limit, language)).unwrap_or_default();
            said.push(
                Message::new("report.says-missed")
                    .with("rule", rule.title(language))
                    .with("value", shown(outcome.value))
                    .with("limit", format!("{} {limit}", rule.comparison.sign())),
            );
        }
    }
    let mut lines: Vec<String> = said.iter().map(|message| message.text(language)).collect();
    lines.extend(scenario.note.lines().map(str::to_owned));
    lines
}

/// That an area grows, shrinks or stays, with both figures; the change is the difference of what is read.
fn moved(key: &'static str, before: f64, after: f64, language: Language) -> Message {
    let change = round_half_up(after - before, 2);
    let sentence = match change {
        change if change > 0.0 => "report.says-more",
        change if change < 0.0 => "report.says-less",
        _ => "report.says-same",
    };
    Message::new(sentence)
        .with("what", tr(language, key))
        .with("mu", format_number(change.abs(), 2))
        .with("before", format_number(before, 2))
        .with("after", format_number(after, 2))
}
