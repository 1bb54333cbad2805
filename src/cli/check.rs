//! `tuban check`: a state of the plan held against rules.

use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use super::areas::issue_json;
use super::args::{CheckArgs, ReadArgs};
use super::output::Outputs;
use super::{CliError, Outcome as Ended, output, source};
use crate::model::{AreaMethod, Issue, Value};
use crate::report::{self, Cell, Table, append_csv, rules as tables};
use crate::rules::{Breach, FactCache, Facts, Light, Outcome, Rules, Which, breaches, evaluate};
use crate::scenario::lines::LedgerNotes;
use crate::scenario::plan::conflicts::{Kept, conflicts};
use crate::scenario::plan_state::{PlanState, StateLayer, states_of};
use crate::scenario::transition::Tolerance;
use crate::scenario::{CompareError, Entry, ScenarioId, Workspace};
use crate::task::{Cancelled, Progress};
use crate::text::{Language, Message, tr};
use crate::units::AreaUnit;

/// Everything that is said.
struct Answer {
    rules: Rules,
    base: Option<PlanState>,
    /// Each scenario.
    judged: Vec<Judged>,
    issues: Vec<Issue>,
}

/// A scenario held against the rules.
struct Judged {
    /// Which of the saved scenarios it is.
    id: Option<ScenarioId>,
    facts: Facts,
    outcomes: Vec<Outcome>,
    /// Features by which each rule is missed that is red.
    breaches: Vec<Breaches>,
}

/// Features by which a rule is missed.
#[derive(Default)]
struct Breaches {
    count: usize,
    /// The largest of them; all, unless all rules together are missed by more than can be listed.
    listed: Vec<Breach>,
}

/// Features that are listed of all rules together; of rules beyond, only a few each.
const MOST_BREACHES: usize = 1_000_000;
const FEW_BREACHES: usize = 100;

/// Runs the verb.
///
/// # Errors
/// A file that cannot be opened, no rules or mistakes in them, layers that cannot be told apart, output that cannot be
/// written.
pub fn run(args: &CheckArgs, language: Language, progress: &Progress) -> Result<Ended, CliError> {
    let inputs = args.read.files.iter().chain(&args.project).chain(&args.rules);
    let outputs = Outputs::new(inputs, [args.output.as_ref(), args.ledger.as_ref()])?;
    let is_project = |file: &&PathBuf| output::is_project(file);
    let mut projects: Vec<PathBuf> = args.project.iter().cloned().collect();
    projects.extend(args.read.files.iter().filter(is_project).cloned());
    let data: Vec<PathBuf> = args.read.files.iter().filter(|file| !is_project(file)).cloned().collect();
    let open = |files: Vec<PathBuf>| source::open_workspace(&ReadArgs { files, ..args.read.clone() }, progress);
    // Nothing named: the demo project.
    let with_project = !projects.is_empty() || data.is_empty();
    let (workspace, mut issues) = if with_project { open(projects)? } else { (Workspace::new(), Vec::new()) };
    let files = if data.is_empty() { Workspace::new() } else { open(data)?.0 };
    let path = args.rules.clone().or_else(|| workspace.rules.clone());
    let path = path.ok_or_else(|| CliError::new(&Message::new("cli.no-rules")))?;
    let rules = read_rules(&path)?;
    let (base, scenarios) = states(&workspace, &files, with_project, args.scenario.as_deref())?;
    let (cache, method) = (FactCache::default(), AreaMethod::from(args.method));
    let mut judged = Vec::new();
    for (id, scenario) in scenarios {
        let facts = Facts::new(base.clone(), scenario, method, &cache);
        let outcomes = evaluate(&rules, &facts, progress)?;
        let mut room = MOST_BREACHES;
        let of = |outcome: &Outcome| {
            if outcome.light != Light::Red {
                return Ok(Breaches::default());
            }
            let mut listed = breaches(&rules.rules[outcome.rule], &facts, progress)?;
            let count = listed.len();
            listed.truncate(room.max(FEW_BREACHES));
            listed.shrink_to_fit();
            room = room.saturating_sub(listed.len());
            Ok(Breaches { count, listed })
        };
        let breaches = outcomes.iter().map(of).collect::<Result<_, Cancelled>>()?;
        judged.push(Judged { id, facts, outcomes, breaches });
    }
    issues.extend(workspace.entries.iter().chain(&files.entries).flat_map(Entry::issues));
    let answer = Answer { rules, base, judged, issues };
    outputs.write(args.output.as_ref(), &answer.bytes(args, language))?;
    if let Some(path) = &args.ledger {
        let bytes = answer.ledgers(&workspace.scenarios.ledger, language, progress)?;
        outputs.write(Some(path), &bytes)?;
    }
    if !args.json {
        answer.rules.errors.iter().for_each(|error| output::say(&error.text(language)));
        if args.read.strict {
            let issues: Vec<_> = answer.issues.iter().map(|issue| (Path::new(""), None, issue)).collect();
            source::print_issues(&issues, language);
        }
    }
    if !answer.rules.errors.is_empty() {
        let message = Message::new("cli.rules-wrong").with("count", answer.rules.errors.len());
        return Err(CliError::new(&message).at(&path));
    }
    let has = |light: Light| answer.judged.iter().flat_map(|j| &j.outcomes).any(|outcome| outcome.light == light);
    let is_doubtful = has(Light::Unknown) || !answer.issues.is_empty();
    Ok(if has(Light::Red) || (args.read.strict && is_doubtful) { Ended::FoundWrong } else { Ended::Done })
}

fn read_rules(path: &Path) -> Result<Rules, CliError> {
    let unreadable = |error: std::io::Error| source::unreadable("cli.rules-unreadable", &error).at(path);
    let rules = Rules::parse(&crate::io::read_text(path).map_err(unreadable)?, path);
    if rules.rules.is_empty() && rules.errors.is_empty() {
        return Err(CliError::new(&Message::new("cli.no-rule-in-file")).at(path));
    }
    Ok(rules)
}

/// The base, and the scenarios to judge. A project's are those that are saved in it, else its layers tell them apart;
/// files beside a project are a scenario's and take the place of the base's layers of their roles; files alone are a
/// state without a base.
fn states(
    project: &Workspace,
    files: &Workspace,
    with_project: bool,
    named: Option<&str>,
) -> Result<(Option<PlanState>, Vec<(Option<ScenarioId>, PlanState)>), CliError> {
    let named: Vec<String> = named
        .unwrap_or_default()
        .split(',')
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    let told = |workspace: &Workspace| states_of(workspace, &named).map_err(|error| CliError::new(&error.message()));
    if !with_project {
        let [base, scenario] = told(files)?;
        // Named or by year: one of the files is the scenario. Otherwise there is nothing to compare with.
        let ids = |state: &PlanState| state.layers.iter().map(|layer| layer.layer.id).collect::<Vec<_>>();
        let base = (ids(&base) != ids(&scenario)).then_some(base);
        return Ok((base, vec![(None, scenario)]));
    }
    if files.is_empty() {
        let saved = project.scenarios.list();
        let is_asked = |name: &String| named.is_empty() || named.contains(name);
        let asked: Vec<_> = saved.iter().filter(|scenario| is_asked(&scenario.name)).collect();
        if !asked.is_empty() && asked.len() >= named.len() {
            let base = PlanState::of_scenario(project, None);
            let state = |id| (Some(id), PlanState::of_scenario(project, Some(id)));
            return Ok((Some(base), asked.iter().map(|scenario| state(scenario.id)).collect()));
        }
        let [base, scenario] = told(project)?;
        return Ok((Some(base), vec![(None, scenario)]));
    }
    let [base, _] = told(project)?;
    let mut scenario = PlanState::of_entries("", &files.entries);
    let replaced: Vec<_> = scenario.layers.iter().map(|layer| layer.role).collect();
    scenario.name = scenario.layers.first().map(|layer| layer.title.clone()).unwrap_or_default();
    let kept = base.layers.iter().filter(|layer| !replaced.contains(&layer.role)).cloned();
    scenario.layers.extend(kept);
    Ok((Some(base), vec![(None, scenario)]))
}

impl Answer {
    fn bytes(&self, args: &CheckArgs, language: Language) -> Vec<u8> {
        if args.json {
            let mut text = serde_json::to_string_pretty(&self.json(language)).unwrap_or_default();
            text.push('\n');
            return text.into_bytes();
        }
        let mut tables = Vec::new();
        if self.judged.len() > 1 {
            let states: Vec<(&str, &[Outcome])> =
                self.judged.iter().map(|j| (j.facts.scenario.name.as_str(), &j.outcomes[..])).collect();
            tables.push(tables::states_table(&self.rules, &states, language));
        }
        tables.extend(self.judged.iter().map(|j| self.table(j, args.csv, language)));
        if args.csv {
            let mut bytes = Vec::new();
            tables.iter().for_each(|table| append_csv(&mut bytes, table, language));
            return bytes;
        }
        tables.iter().map(|table| report::to_text(table, language)).collect::<Vec<_>>().join("\n").into_bytes()
    }

    /// The control lines in CSV: of each scenario the areas on both sides by class, and the ledger of conflicts.
    fn ledgers(&self, notes: &LedgerNotes, language: Language, progress: &Progress) -> Result<Vec<u8>, CliError> {
        let failed = |error: CompareError| CliError::new(&error.message());
        let mut bytes = Vec::new();
        for judged in &self.judged {
            let state = &judged.facts.scenario;
            let method = judged.facts.method();
            let of = (judged.id, notes);
            let (tolerance, kept) = (Tolerance::default(), Kept::default());
            let found =
                conflicts(state, self.base.as_ref(), method, &tolerance, of, &kept, progress).map_err(failed)?;
            if let Some((classes, figures)) = &found.figures {
                let table = report::lines::line_table(figures, classes, AreaUnit::Mu, language);
                append_csv(&mut bytes, &table, language);
            }
            append_csv(&mut bytes, &report::lines::ledger_table(&found.ledger, language), language);
        }
        Ok(bytes)
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
        let mut notes = Vec::new();
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
                "path": output::shown(&error.path),
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
            "rules": output::shown(&self.rules.path),
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
        json!({
            "title": layer.title,
            "role": layer.role.name(),
            "path": output::shown(&layer.layer.provenance.path),
            "feature_count": layer.layer.feature_count(),
        })
    });
    json!({ "name": state.name, "layers": layers.collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::io::{OpenOptions, open_bytes};
    use crate::model::roles::Role;

    fn workspace(layers: &[(&str, Role)]) -> Workspace {
        let mut workspace = Workspace::new();
        for (title, role) in layers {
            let text = r#"{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[[117,36.8],[117.01,36.8],[117,36.81],[117,36.8]]]}}"#;
            let opened = open_bytes("a.geojson", text.as_bytes().to_vec(), &OpenOptions::default(), &Progress::new());
            let mut entry = Entry::recognised(Arc::new(opened.expect("opens").layers.remove(0)), 0);
            (*title).clone_into(&mut entry.title);
            entry.role = *role;
            workspace.push_entry(entry);
        }
        workspace
    }

    #[test]
    fn files_take_the_place_of_the_base_s_layers_of_their_roles() {
        let project = workspace(&[("红线", Role::RedLine), ("现状", Role::LandUse)]);
        let files = workspace(&[("方案", Role::LandUse)]);
        let titles = |state: &PlanState| state.layers.iter().map(|layer| layer.title.clone()).collect::<Vec<_>>();
        let (base, scenario) = states(&project, &files, true, None).expect("two states");
        assert_eq!(base.map(|base| titles(&base)), Some(vec!["红线".to_owned(), "现状".to_owned()]));
        assert_eq!(scenario.iter().map(|(_, state)| titles(state)).collect::<Vec<_>>(), [["方案", "红线"]]);
        // Files alone have no base.
        let (base, scenario) = states(&Workspace::new(), &files, false, None).expect("one state");
        assert_eq!((base.is_none(), titles(&scenario[0].1)), (true, vec!["方案".to_owned()]));
    }
}
