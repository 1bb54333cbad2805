//! The scenario shown held against the project's rules, and what comes to and leaves the layer or class that is
//! watched.
//!
//! After an edit most figures follow at once from what is kept ([`evaluate_kept`],
//! [`sync`](crate::scenario::Live::sync)); what depends on geometry is computed in the background and installed if its
//! states are still those shown.

use std::sync::Arc;

use crate::model::{AreaMethod, GeometryKind, LayerId};
use crate::rules::{Facts, Outcome, Rules, Which, breaches, evaluate, evaluate_kept};
use crate::scenario::plan::against_base::Request;
use crate::scenario::plan::plan_state::{PlanState, StateKey, state_key};
use crate::scenario::plan::watch::watched_layer;
use crate::scenario::transition::Level;
use crate::scenario::{ScenarioId, Target, Workspace};
use crate::text::Message;
use crate::ui::session::Session;
use crate::ui::session::awaited::{News, Problem};
use crate::ui::session::command::Command;
use crate::ui::session::command::select::SelectCommand;
use crate::ui::session::judging::{FlowKey, Judging, Key, Standing, is_pending};
use crate::ui::session::rows::Rows;

/// The target of the layer that is watched.
pub fn target(workspace: &Workspace, judging: &Judging) -> Option<Target> {
    crate::rules::target(workspace, judging.flow().map(|(layer, _)| layer), &judging.rules, &judging.outcomes)
}

/// Brings rules and figures up to date.
pub fn refresh(session: &mut Session) {
    read_rules(session);
    let shown = session.workspace.scenarios.shown();
    let key = key(&session.workspace, shown);
    if session.judging.key.as_ref() != Some(&key) {
        judge(session, key);
    }
    install(session);
    stand(session, shown);
    watch(session, shown);
}

/// Facts of a state against the base.
pub fn facts_of(workspace: &Workspace, judging: &Judging, state: Option<ScenarioId>) -> Facts {
    let base = PlanState::of_scenario(workspace, None);
    let scenario = PlanState::of_scenario(workspace, state);
    Facts::new(Some(base), scenario, AreaMethod::default(), &judging.cache)
}

/// Judges scenarios that are not shown, so that their tabs can say what they miss: from what is kept, one a frame; what
/// is not known is computed in the background, one after the other, once the scenario shown is judged.
fn stand(session: &mut Session, shown: Option<ScenarioId>) {
    let rules = session.judging.rules.clone();
    let list = session.workspace.scenarios.list().iter().map(|scenario| scenario.id);
    let list: Vec<ScenarioId> = list.filter(|id| Some(*id) != shown).collect();
    let judging = &mut session.judging;
    judging.standing.retain(|known| list.contains(&known.scenario));
    let ended = judging.judging_other.poll();
    if ended.is_some()
        && let Some((scenario, key)) = judging.judging_other.key().cloned()
        && let Some(known) = judging.standing.iter_mut().find(|known| known.scenario == scenario && known.key == key)
    {
        match judging.judging_other.take_value() {
            Some(outcomes) => known.outcomes = outcomes,
            None => known.given_up = true,
        }
    }
    if rules.rules.is_empty() {
        return;
    }
    let fact_count = judging.cache.put_count();
    for id in list {
        let key = state_key(&session.workspace, Some(id));
        let known = session.judging.standing.iter().find(|known| known.scenario == id);
        let same = known.filter(|known| known.key == key);
        match same {
            Some(known) if !known.outcomes.iter().any(is_pending) => continue,
            Some(known) if known.fact_count == fact_count => {
                let is_free = !session.judging.judged.is_busy() && !session.judging.judging_other.is_busy();
                if is_free && !known.given_up {
                    judge_other(session, id, key);
                }
                continue;
            }
            _ => {}
        }
        let given_up = same.is_some_and(|known| known.given_up);
        let outcomes = evaluate_kept(&rules, &facts_of(&session.workspace, &session.judging, Some(id)));
        session.judging.standing.retain(|known| known.scenario != id);
        session.judging.standing.push(Standing { scenario: id, key, fact_count, outcomes, given_up });
        return;
    }
}

fn judge_other(session: &mut Session, id: ScenarioId, key: StateKey) {
    let (rules, facts) = (session.judging.rules.clone(), facts_of(&session.workspace, &session.judging, Some(id)));
    let name = Message::new("edit.job-rules");
    session.judging.judging_other.start(&mut session.jobs, (id, key), name, move |progress| {
        evaluate(&rules, &facts, progress).map_err(|_| Message::new("ui.work-stopped"))
    });
}

fn key(workspace: &Workspace, shown: Option<ScenarioId>) -> Key {
    let polygons = workspace.entries.iter().filter(|entry| entry.layer.kind == GeometryKind::Polygon);
    let states = polygons.filter_map(|entry| {
        let (base, areas) = workspace.base_of(entry.id())?;
        Some((entry.id(), base.revision, entry.layer.revision, areas.is_some()))
    });
    (shown, states.collect())
}

fn read_rules(session: &mut Session) {
    if session.judging.path == session.workspace.rules {
        return;
    }
    let path = session.workspace.rules.clone();
    session.judging = Judging { path: path.clone(), ..Judging::default() };
    let Some(path) = path else { return };
    match crate::io::read_text(&path) {
        Ok(text) => {
            session.judging.rules = Arc::new(Rules::parse(&text, &path));
            session.judging.text = Some(text.into());
        }
        Err(error) => {
            let message = Message::new("edit.rules-unreadable")
                .with("path", path.display())
                .with_message("reason", &crate::text::system_reason(&error));
            session.notify_error(message.clone());
            session.judging.unreadable = Some(message);
        }
    }
    let first = session.judging.rules.errors.first().map(|error| error.text(session.language()));
    if let Some(first) = first {
        let more = session.judging.rules.errors.len() - 1;
        session.notify_error(Message::new("edit.rules-wrong").with("first", first).with("more", more));
    }
}

/// Reads the rules again, changed or not.
pub fn read_again(session: &mut Session) {
    session.judging = Judging::default();
}

/// Selects what a rule is missed by, and goes there.
pub fn show_breaches(session: &mut Session, at: usize) {
    let facts = facts_of(&session.workspace, &session.judging, session.workspace.scenarios.shown());
    let rules = session.judging.rules.clone();
    session.jobs.spawn(
        Message::new("edit.job-rules"),
        move |progress| rules.rules.get(at).map(|rule| breaches(rule, &facts, progress)),
        move |session, found| {
            let Some(Ok(found)) = found else { return };
            // What is missed in the scenario is what is shown; the largest layer of them is selected.
            let mut by_layer: Vec<(LayerId, Rows)> = Vec::new();
            for breach in found.iter().filter(|breach| breach.which == Which::Scenario) {
                match by_layer.iter_mut().find(|(layer, _)| *layer == breach.layer) {
                    Some((_, rows)) => rows.insert(breach.feature as usize),
                    None => by_layer.push((breach.layer, Rows::from_iter([breach.feature as usize]))),
                }
            }
            let Some((layer, rows)) = by_layer.into_iter().max_by_key(|(_, rows)| rows.iter().count()) else {
                session.notify(Message::new("edit.no-breaches"));
                return;
            };
            if session.workspace.entry(layer).is_none() {
                return;
            }
            session.pending.push(Command::Select(SelectCommand::ShowFeatures { layer, rows }));
        },
    );
}

/// Judges the state shown: from what is kept at once, what is not known in the background.
fn judge(session: &mut Session, key: Key) {
    let old = std::mem::take(&mut session.judging.outcomes);
    let is_same = session.judging.key.as_ref().is_some_and(|known| known.0 == key.0);
    session.judging.key = Some(key.clone());
    let shown = key.0;
    if shown.is_none() || session.judging.rules.rules.is_empty() {
        return session.judging.judged.forget();
    }
    let facts = facts_of(&session.workspace, &session.judging, shown);
    let rules = session.judging.rules.clone();
    let kept = evaluate_kept(&rules, &facts);
    let has_pending = kept.iter().any(is_pending);
    // What is being computed keeps the figure that it had in this scenario: a bar that flickers says nothing.
    let before = |new: &Outcome| old.get(new.rule).filter(|old| is_same && old.value.is_some()).cloned();
    let filled = |new: Outcome| if is_pending(&new) { before(&new).unwrap_or(new) } else { new };
    session.judging.outcomes = kept.into_iter().map(filled).collect();
    if !has_pending {
        return session.judging.judged.forget();
    }
    let name = Message::new("edit.job-rules");
    session.judging.judged.start(&mut session.jobs, key, name, move |progress| {
        evaluate(&rules, &facts, progress).map_err(|_| Message::new("ui.work-stopped"))
    });
}

/// Puts what was judged in its place; where that was stopped or lost, nothing is known but what is kept.
fn install(session: &mut Session) {
    let Some(news) = session.judging.judged.poll() else { return };
    let judged = session.judging.judged.take_value().filter(|_| news == News::Arrived);
    session.judging.outcomes = match judged {
        Some(outcomes) => outcomes,
        None => evaluate_kept(
            &session.judging.rules,
            &facts_of(&session.workspace, &session.judging, session.workspace.scenarios.shown()),
        ),
    };
}

fn watch(session: &mut Session, shown: Option<ScenarioId>) {
    let ended = session.judging.flow.poll() == Some(News::Ended);
    if ended && let Some(Problem::Failed(reason)) = session.judging.flow.problem() {
        let reason = reason.text(session.settings.language);
        session.notify_error(Message::new("edit.no-flow").with("reason", reason));
    }
    session.judging.watched = shown.and_then(|_| watched_layer(&session.workspace));
    let wanted = shown.zip(session.judging.watched);
    let state = wanted.and_then(|(scenario, id)| {
        let (base, _) = session.workspace.base_of(id)?;
        let layer = session.layer(id)?.clone();
        Some((FlowKey { scenario, layer: id, base: base.revision, state: layer.revision }, layer))
    });
    let Some((key, layer)) = state else { return session.judging.flow.forget() };
    let flow = &mut session.judging.flow;
    flow.keep_if(|old| (old.scenario, old.layer, old.base) == (key.scenario, key.layer, key.base));
    if let Some(live) = flow.value_mut() {
        if live.sync(&layer) == Ok(true) {
            return;
        }
        // Features came or went: the ground is another one.
        flow.keep_if(|_| false);
    }
    if flow.is_asked(&key) {
        return;
    }
    let Ok(request) = Request::new(&session.workspace, key.scenario, key.layer) else {
        return; // not measured in both states yet: asked again next frame
    };
    let name = Message::new("edit.job-flow").with("layer", &layer.name);
    session.judging.flow.start(&mut session.jobs, key, name, move |progress| {
        request.run(Level::AsGiven, progress).map_err(|error| error.message())
    });
}
