//! `tuban check`: a state of the plan held against rules.

use std::path::{Path, PathBuf};

use super::args::{CheckArgs, ReadArgs};
use super::output::Outputs;
use super::{CliError, Outcome as Ended, output, source};
use crate::model::AreaMethod;
use crate::report::check::{Answer, Breaches, Judged};
use crate::report::output::Format;
use crate::report::{self, append_csv};
use crate::rules::{FactCache, Facts, Light, Outcome, Rules, breaches, evaluate};
use crate::scenario::lines::LedgerNotes;
use crate::scenario::plan::conflicts::{Kept, conflicts};
use crate::scenario::plan_state::{PlanState, states_of};
use crate::scenario::transition::Tolerance;
use crate::scenario::{CompareError, Entry, ScenarioId, Workspace};
use crate::task::{Cancelled, Progress};
use crate::text::{Language, Message};
use crate::units::AreaUnit;

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
    let outputs = Outputs::new(inputs, [args.output.file(), args.ledger.as_ref()])?;
    let format = args.output.format()?;
    let is_project = |file: &&PathBuf| output::is_project(file);
    let mut projects: Vec<PathBuf> = args.project.iter().cloned().collect();
    projects.extend(args.read.files.iter().filter(is_project).cloned());
    let data: Vec<PathBuf> = args.read.files.iter().filter(|file| !is_project(file)).cloned().collect();
    let open = |files: Vec<PathBuf>| source::open_workspace(&ReadArgs { files, ..args.read.clone() }, progress);
    // Nothing named: the demo project.
    let with_project = !projects.is_empty() || data.is_empty();
    let (mut workspace, mut issues) = if with_project { open(projects)? } else { (Workspace::new(), Vec::new()) };
    let mut files = if data.is_empty() { Workspace::new() } else { open(data)?.0 };
    // What lies shifted beside the layers of the other is told by both together.
    if !files.is_empty() {
        source::flag_entries(&mut [&mut workspace, &mut files], progress)?;
    }
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
    outputs.report(&args.output, &answer.report(format.form(), language), language)?;
    if let Some(path) = &args.ledger {
        let bytes = ledgers(&answer, &workspace.scenarios.ledger, language, progress)?;
        outputs.write(Some(path), &bytes)?;
    }
    if format != Format::Json {
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

/// The control lines in CSV: of each scenario the areas on both sides by class, and the ledger of conflicts.
fn ledgers(answer: &Answer, notes: &LedgerNotes, language: Language, progress: &Progress) -> Result<Vec<u8>, CliError> {
    let failed = |error: CompareError| CliError::new(&error.message());
    let mut bytes = Vec::new();
    for judged in &answer.judged {
        let state = &judged.facts.scenario;
        let method = judged.facts.method();
        let of = (judged.id, notes);
        let (tolerance, kept) = (Tolerance::default(), Kept::default());
        let found = conflicts(state, answer.base.as_ref(), method, &tolerance, of, &kept, progress).map_err(failed)?;
        if let Some((classes, figures)) = &found.figures {
            let table = report::lines::line_table(figures, classes, AreaUnit::Mu, language);
            append_csv(&mut bytes, &table, language);
        }
        append_csv(&mut bytes, &report::lines::ledger_table(&found.ledger, language), language);
    }
    Ok(bytes)
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
