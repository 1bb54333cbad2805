//! States of the plan held against rules, as the command line says it.

use serde_json::{Value as Json, json};

use super::data::{issue_json, shown};
use super::{Cell, Form, Origin, Report, Table, rules as tables};
use crate::doctor::{area_warning, area_warnings};
use crate::model::{Issue, Value};
use crate::rules::{Breach, Facts, Outcome, Rules, Which};
use crate::scenario::ScenarioId;
use crate::scenario::plan_state::{PlanState, StateLayer};
use crate::text::{Language, Message, tr};

/// Scenarios held against rules.
pub struct Answer {
    /// The rules.
    pub rules: Rules,
    /// The base, where there is one.
    pub base: Option<PlanState>,
    /// Each scenario.
    pub judged: Vec<Judged>,
    /// What was found about the layers.
    pub issues: Vec<Issue>,
}

/// A scenario held against the rules.
pub struct Judged {
    /// Which of the saved scenarios it is.
    pub id: Option<ScenarioId>,
    /// What the rules speak of.
    pub facts: Facts,
    /// How each rule stands.
    pub outcomes: Vec<Outcome>,
    /// Features by which each rule is missed that is red.
    pub breaches: Vec<Breaches>,
}

/// Features by which a rule is missed.
#[derive(Default)]
pub struct Breaches {
    /// How many.
    pub count: usize,
    /// The largest of them; all, unless all rules together are missed by more than can be listed.
    pub listed: Vec<Breach>,
}

impl Answer {
    /// The report.
    pub fn report(&self, form: Form, language: Language) -> Report {
        let tables = |is_full: bool| {
            let mut tables = Vec::new();
            if self.judged.len() > 1 {
                let states: Vec<(&str, &[Outcome])> =
                    self.judged.iter().map(|j| (j.facts.scenario.name.as_str(), &j.outcomes[..])).collect();
                tables.push(tables::states_table(&self.rules, &states, language));
            }
            tables.extend(self.judged.iter().map(|j| self.table(j, is_full, language)));
            tables
        };
        match form {
            Form::Parts => Report::of_tables(tables(false)),
            Form::Sheets => Report::of_sheets(tables(true), Vec::new()),
            Form::Workbook => Report::of_sheets(self.sheets(language), self.sources(language)),
            Form::Data => Report::of_data(self.json(language)),
        }
    }

    /// One row a rule, numbers as numbers: a sheet a scenario.
    fn sheets(&self, language: Language) -> Vec<Table> {
        let sheet = |judged: &Judged| {
            let mut table = tables::outcome_sheet(&self.rules, &judged.outcomes, language);
            if !judged.facts.scenario.name.is_empty() {
                table.title.clone_from(&judged.facts.scenario.name);
            }
            table.notes = self.notes(judged, language);
            table
        };
        self.judged.iter().map(sheet).collect()
    }

    /// The layers of all states, each once.
    fn sources(&self, language: Language) -> Vec<Origin> {
        let states = self.base.iter().chain(self.judged.iter().map(|judged| &judged.facts.scenario));
        let mut sources: Vec<Origin> = Vec::new();
        for layer in states.flat_map(|state| &state.layers) {
            let mut origin = Origin::of_layer(shown(&layer.layer.provenance.path), &layer.layer, language);
            origin.layer.clone_from(&layer.title);
            if !sources.contains(&origin) {
                sources.push(origin);
            }
        }
        sources
    }

    /// One row a rule. For terminals sources stand below the table, and a column of remarks only where there are any.
    fn table(&self, judged: &Judged, is_full: bool, language: Language) -> Table {
        let mut table = tables::outcome_table(&self.rules, &judged.outcomes, language);
        if self.judged.len() > 1 {
            table.title = format!("{} · {}", table.title, judged.facts.scenario.name);
        }
        table.notes = self.notes(judged, language);
        if is_full {
            return table;
        }
        let is_silent = table.rows.iter().all(|row| row.last() == Some(&Cell::from("")));
        let dropped = |at: usize| table.columns[at].key == "source" || (is_silent && table.columns[at].key == "reason");
        let kept: Vec<usize> = (0..table.columns.len()).filter(|at| !dropped(*at)).collect();
        table.columns = kept.iter().map(|at| table.columns[*at].clone()).collect();
        for row in &mut table.rows {
            *row = kept.iter().map(|at| row[*at].clone()).collect();
        }
        let sources = self.rules.rules.iter().filter(|rule| !rule.source(language).is_empty()).map(|rule| {
            let message = Message::new("cli.check-source").with("rule", rule.title(language));
            message.with("source", rule.source(language)).text(language)
        });
        table.notes.extend(sources);
        table
    }

    fn notes(&self, judged: &Judged, language: Language) -> Vec<String> {
        let layers = self.base.iter().chain([&judged.facts.scenario]).flat_map(|state| &state.layers);
        let doubted = area_warnings(layers.map(|layer| &*layer.layer));
        let mut notes: Vec<String> = doubted.iter().map(|message| message.text(language)).collect();
        let titles = |state: &PlanState| {
            let titles: Vec<&str> = state.layers.iter().map(|layer| layer.title.as_str()).collect();
            titles.join(tr(language, "cli.check-comma"))
        };
        if let Some(base) = &self.base {
            notes.push(Message::new("cli.check-base").with("layers", titles(base)).text(language));
        }
        notes.push(Message::new("cli.check-scenario").with("layers", titles(&judged.facts.scenario)).text(language));
        let method = tr(language, judged.facts.method().key());
        notes.push(Message::new("cli.check-method").with("method", method).text(language));
        for (outcome, found) in judged.outcomes.iter().zip(&judged.breaches).filter(|(_, found)| found.count > 0) {
            let rule = &self.rules.rules[outcome.rule];
            let message = Message::new("cli.check-breaches").with("rule", rule.title(language));
            notes.push(message.with("count", found.count).text(language));
        }
        for constant in &self.rules.constants {
            let message = Message::new("cli.check-constant")
                .with("name", &constant.name)
                .with("value", constant.unit.show(constant.value, language))
                .with("source", constant.source(language));
            notes.push(message.text(language));
        }
        notes
    }

    fn json(&self, language: Language) -> Json {
        let errors = self.rules.errors.iter().map(|error| {
            json!({
                "path": shown(&error.path),
                "rule": error.rule,
                "line": error.line,
                "column": error.column,
                "message": error.said(language),
            })
        });
        let constants = self.rules.constants.iter().map(|constant| {
            json!({
                "name": constant.name,
                "value": constant.unit.value(constant.value),
                "unit": constant.unit.symbol(language),
                "source": constant.source(language),
            })
        });
        let mut object = json!({
            "rules": shown(&self.rules.path),
            "title": self.rules.title(language),
            "base": self.base.as_ref().map(state_json),
            "constants": constants.collect::<Vec<_>>(),
            "errors": errors.collect::<Vec<_>>(),
            "issues": self.issues.iter().map(|issue| issue_json(issue, language)).collect::<Vec<_>>(),
        });
        let scenarios: Vec<Json> = self
            .judged
            .iter()
            .map(|judged| {
                let outcomes = judged.outcomes.iter().zip(&judged.breaches);
                let outcomes = outcomes.map(|(outcome, found)| self.outcome_json(judged, outcome, found, language));
                json!({
                    "scenario": state_json(&judged.facts.scenario),
                    "method": judged.facts.method().name(),
                    "outcomes": outcomes.collect::<Vec<_>>(),
                })
            })
            .collect();
        if let (Json::Object(object), Some(Json::Object(first))) = (&mut object, scenarios.first()) {
            object.extend(first.clone());
        }
        if scenarios.len() > 1 {
            object["scenarios"] = Json::Array(scenarios);
        }
        object
    }

    fn outcome_json(&self, judged: &Judged, outcome: &Outcome, found: &Breaches, language: Language) -> Json {
        let rule = &self.rules.rules[outcome.rule];
        let in_unit = |value: Option<f64>| value.map(|value| rule.unit.value(value));
        json!({
            "id": rule.id,
            "name": rule.title(language),
            "source": rule.source(language),
            "severity": rule.severity.name(),
            "indicator": rule.indicator_text,
            "comparison": rule.comparison.sign(),
            "unit": rule.unit.symbol(language),
            "value": in_unit(outcome.value),
            "limit": in_unit(outcome.limit),
            "margin": in_unit(outcome.margin),
            "light": outcome.light.name(),
            "reason": outcome.reason.as_ref().map(|reason| reason.text(language)),
            "feature_count": found.count,
            "features": found.listed.iter().map(|breach| breach_json(judged, breach)).collect::<Vec<_>>(),
        })
    }
}

fn breach_json(judged: &Judged, breach: &Breach) -> Json {
    let state = match breach.which {
        Which::Base => judged.facts.base.as_ref(),
        Which::Scenario => Some(&judged.facts.scenario),
    };
    let layer = state.and_then(|state| state.layers.iter().find(|layer| layer.layer.id == breach.layer));
    let id = layer.and_then(|layer| id_of(layer, breach.feature as usize));
    json!({ "layer": breach.title, "feature": breach.feature, "id": id, "m2": breach.m2 })
}

/// BSM of a feature, else the id of its file.
fn id_of(layer: &StateLayer, feature: usize) -> Option<String> {
    let bsm = layer.layer.field("BSM").map(|field| layer.layer.value(feature, field));
    match bsm {
        None | Some(Value::Null) => layer.layer.feature_id(feature),
        Some(value) => Some(value.to_string()),
    }
}

fn state_json(state: &PlanState) -> Json {
    let layers = state.layers.iter().map(|layer| {
        let mut object = json!({
            "title": layer.title,
            "role": layer.role.name(),
            "path": shown(&layer.layer.provenance.path),
            "feature_count": layer.layer.feature_count(),
        });
        if area_warning(&layer.layer).is_some() {
            object["areas_doubted"] = json!(true);
        }
        object
    });
    json!({ "name": state.name, "layers": layers.collect::<Vec<_>>() })
}
