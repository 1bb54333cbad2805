//! The scenario shown held against the project's rules, and what comes to and leaves the layer or class that is watched.
//!
//! After an edit most figures follow at once from what is kept ([`evaluate_kept`], [`Live::sync`]); what depends on
//! geometry is computed in the background and installed if its states are still those shown.

use std::path::PathBuf;
use std::sync::Arc;

use super::command::Command;
use super::rows::Rows;
use super::state::Session;
use crate::model::roles::Role;
use crate::model::{AreaMethod, GeometryKind, LayerId, Revision};
use crate::rules::{FactCache, Facts, Light, Outcome, Reason, Rules, Which, breaches, evaluate, evaluate_kept};
use crate::scenario::live::Request;
use crate::scenario::plan_state::PlanState;
use crate::scenario::transition::Level;
use crate::scenario::{Flow, Live, ScenarioId, Target};
use crate::synth::embedded;
use crate::text::Message;
use crate::units::{Area, AreaUnit};

/// The states that figures are of.
type Key = (Option<ScenarioId>, Vec<(LayerId, Revision, Revision, bool)>);

/// What outcomes of a state depend on, beside the rules.
pub type StateKey = Vec<(LayerId, Revision, Revision, bool)>;

/// Rules and figures of the scenario shown.
#[derive(Default)]
pub struct Judging {
    /// The rules of the project, as read.
    pub rules: Arc<Rules>,
    /// The text of their file; `None` where there is none, or it could not be read.
    pub text: Option<Arc<str>>,
    /// Why they could not be read.
    pub unreadable: Option<Message>,
    /// How each rule stands; empty for the base.
    pub outcomes: Vec<Outcome>,
    path: Option<PathBuf>,
    cache: FactCache,
    key: Option<Key>,
    /// How the rules stand in each scenario, as far as that is known without computing anything that takes time.
    standing: Vec<Standing>,
    job: Option<u64>,
    watched: Option<Watched>,
}

/// How the rules stand in a scenario.
struct Standing {
    scenario: ScenarioId,
    key: StateKey,
    /// Facts that were known then.
    fact_count: u64,
    outcomes: Vec<Outcome>,
}

impl Standing {
    /// Whether something was unknown that may be known now.
    fn can_know_more(&self, fact_count: u64) -> bool {
        self.fact_count != fact_count
            && self.outcomes.iter().any(|outcome| matches!(outcome.reason, Some(Reason::Pending)))
    }
}

/// The layer whose gains and losses are shown.
struct Watched {
    scenario: ScenarioId,
    layer: LayerId,
    live: Option<Live>,
    job: Option<u64>,
    failed: bool,
}

impl Judging {
    /// Rules that a scenario misses, as far as that is known.
    pub fn red_count(&self, scenario: ScenarioId) -> usize {
        let known = self.standing.iter().find(|known| known.scenario == scenario);
        known.map_or(0, |known| known.outcomes.iter().filter(|outcome| outcome.light == Light::Red).count())
    }

    /// The layer that is watched, with what comes to it and leaves it; `None` while that is computed.
    pub fn flow(&self) -> Option<(LayerId, Option<Flow>)> {
        let watched = self.watched.as_ref()?;
        Some((watched.layer, watched.live.as_ref().map(Live::layer_flow)))
    }
}

/// Word of the project's setting that names the layer to be watched, by its title.
pub const WATCHED: &str = "flow.layer";
/// Word of the project's setting that holds its target, in mu; negative for what should go.
pub const TARGET: &str = "flow.target-mu";
/// Word of the project's setting that says that the target is meant gross.
pub const TARGET_IS_GROSS: &str = "flow.target-gross";

/// The target of the layer that is watched: the user's, or what a rule limits the net loss of basic farmland to.
pub fn target(session: &Session) -> Option<Target> {
    let settings = &session.workspace.scenarios.settings;
    let is_net = !settings.contains_key(TARGET_IS_GROSS);
    // What is no number sets no target.
    let mu = settings.get(TARGET).and_then(|text| text.trim().parse::<f64>().ok());
    if let Some(mu) = mu.filter(|mu| mu.is_finite()) {
        return Some(Target { change_m2: Area::of(mu, AreaUnit::Mu).m2(), is_net });
    }
    let (layer, _) = session.judging.flow()?;
    let is_farmland = session.workspace.entry(layer).is_some_and(|entry| entry.role == Role::BasicFarmland);
    let rules = &session.judging.rules.rules;
    let at = rules.iter().position(|rule| rule.indicator_text.replace(' ', "") == "net_loss(net(basic_farmland))")?;
    let limit = session.judging.outcomes.get(at)?.limit?;
    is_farmland.then_some(Target { change_m2: -limit, is_net: true })
}

/// Brings rules and figures up to date.
pub fn refresh(session: &mut Session) {
    read_rules(session);
    let shown = session.workspace.scenarios.shown();
    let key = key(session, shown);
    if session.judging.key.as_ref() != Some(&key) {
        session.judging.key = Some(key.clone());
        judge(session, shown, key);
    }
    stand(session);
    watch(session, shown);
}

/// What the outcomes of a state, a scenario or the base, depend on beside the rules.
pub fn state_key(session: &Session, state: Option<ScenarioId>) -> StateKey {
    let workspace = &session.workspace;
    let polygons = workspace.entries.iter().filter(|entry| entry.layer.kind == GeometryKind::Polygon);
    let of = polygons.filter_map(|entry| {
        let (base, _) = workspace.base_of(entry.id())?;
        let (layer, areas) = workspace.layer_in(state, entry.id())?;
        Some((entry.id(), base.revision, layer.revision, areas.is_some()))
    });
    of.collect()
}

/// Facts of a state against the base.
pub fn facts_of(session: &Session, state: Option<ScenarioId>) -> Facts {
    let base = PlanState::of_scenario(&session.workspace, None);
    let scenario = PlanState::of_scenario(&session.workspace, state);
    Facts::new(Some(base), scenario, AreaMethod::default(), &session.judging.cache)
}

/// Judges scenarios that are not shown from what is kept, so that their tabs can say what they miss: one a frame.
fn stand(session: &mut Session) {
    let rules = session.judging.rules.clone();
    let list: Vec<ScenarioId> = session.workspace.scenarios.list().iter().map(|scenario| scenario.id).collect();
    session.judging.standing.retain(|known| list.contains(&known.scenario));
    if rules.rules.is_empty() {
        return;
    }
    let fact_count = session.judging.cache.put_count();
    for id in list {
        let key = state_key(session, Some(id));
        let known = session.judging.standing.iter().find(|known| known.scenario == id);
        if known.is_some_and(|known| known.key == key && !known.can_know_more(fact_count)) {
            continue;
        }
        let outcomes = match session.workspace.scenarios.shown() == Some(id) {
            true => session.judging.outcomes.clone(),
            false => evaluate_kept(&rules, &facts_of(session, Some(id))),
        };
        session.judging.standing.retain(|known| known.scenario != id);
        session.judging.standing.push(Standing { scenario: id, key, fact_count, outcomes });
        return;
    }
}

fn key(session: &Session, shown: Option<ScenarioId>) -> Key {
    let workspace = &session.workspace;
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
    match embedded::read_text(&path) {
        Ok(text) => {
            session.judging.rules = Arc::new(Rules::parse(&text, &path));
            session.judging.text = Some(text.into());
        }
        Err(error) => {
            let message = Message::new("edit.rules-unreadable").with("path", path.display()).with("reason", error);
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
    let facts = facts_of(session, session.workspace.scenarios.shown());
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
            session.pending.push(Command::ShowFeatures { layer, rows });
        },
    );
}

fn judge(session: &mut Session, shown: Option<ScenarioId>, key: Key) {
    if let Some(job) = session.judging.job.take() {
        session.jobs.cancel(job);
    }
    if shown.is_none() || session.judging.rules.rules.is_empty() {
        session.judging.outcomes = Vec::new();
        return;
    }
    let facts = facts_of(session, shown);
    let rules = session.judging.rules.clone();
    let kept = evaluate_kept(&rules, &facts);
    let is_pending = kept.iter().any(|outcome| matches!(outcome.reason, Some(Reason::Pending)));
    // What is being computed keeps the figure that it had: a bar that flickers says nothing.
    let old = std::mem::take(&mut session.judging.outcomes);
    session.judging.outcomes = kept
        .into_iter()
        .map(|new| match (&new.reason, old.get(new.rule)) {
            (Some(Reason::Pending), Some(old)) if old.value.is_some() => old.clone(),
            _ => new,
        })
        .collect();
    if is_pending {
        let name = Message::new("edit.job-rules");
        let job = session.jobs.spawn(
            name,
            move |progress| evaluate(&rules, &facts, progress),
            move |session, outcomes| {
                if session.judging.key.as_ref() != Some(&key) {
                    return;
                }
                session.judging.job = None;
                // Cancelled: nothing is known, and the next change asks again.
                if let Ok(outcomes) = outcomes {
                    let mut known = session.judging.standing.iter_mut();
                    if let Some(known) = known.find(|known| Some(known.scenario) == shown) {
                        known.outcomes.clone_from(&outcomes);
                    }
                    session.judging.outcomes = outcomes;
                }
            },
        );
        session.judging.job = Some(job);
    }
}

/// The layer to be watched: the one that the project names, else basic farmland, else land use.
pub fn watched_layer(session: &Session) -> Option<LayerId> {
    let workspace = &session.workspace;
    let polygons = || workspace.entries.iter().filter(|entry| entry.layer.kind == GeometryKind::Polygon);
    let named = workspace.scenarios.settings.get(WATCHED);
    let named = named.and_then(|title| polygons().find(|entry| entry.title == *title));
    let of_role = |role: Role| polygons().find(|entry| entry.role == role);
    let found = named.or_else(|| of_role(Role::BasicFarmland)).or_else(|| of_role(Role::LandUse))?;
    Some(found.id())
}

fn watch(session: &mut Session, shown: Option<ScenarioId>) {
    let wanted = shown.zip(watched_layer(session));
    let known = session.judging.watched.as_ref().map(|watched| (watched.scenario, watched.layer));
    if known != wanted {
        if let Some(job) = session.judging.watched.take().and_then(|watched| watched.job) {
            session.jobs.cancel(job);
        }
        if let Some((scenario, layer)) = wanted {
            session.judging.watched = Some(Watched { scenario, layer, live: None, job: None, failed: false });
        }
    }
    let Some((scenario, id)) = wanted else { return };
    let Some(layer) = session.layer(id).cloned() else { return };
    let measured = session.workspace.entry(id).is_some_and(|entry| entry.areas.is_some());
    let Some(watched) = &mut session.judging.watched else { return };
    if let Some(live) = &mut watched.live {
        match live.sync(&layer) {
            Ok(true) => return,
            // Features came or went: the ground is another one.
            Ok(false) => watched.live = None,
            Err(_) => (watched.live, watched.failed) = (None, true),
        }
    }
    if watched.job.is_some() || watched.failed || !measured {
        return;
    }
    let Ok(request) = Request::new(&session.workspace, scenario, id) else {
        return; // not measured in the other state yet: asked again next frame
    };
    let job = session.jobs.spawn(
        Message::new("edit.job-flow").with("layer", &layer.name),
        move |progress| request.run(Level::AsGiven, progress),
        move |session, live| {
            let current = session.judging.watched.as_mut();
            let Some(watched) = current.filter(|w| (w.scenario, w.layer) == (scenario, id)) else { return };
            watched.job = None;
            match live {
                Ok(live) => watched.live = Some(live),
                Err(error) => {
                    watched.failed = true;
                    let reason = error.message().text(session.language());
                    session.notify_error(Message::new("edit.no-flow").with("reason", reason));
                }
            }
        },
    );
    if let Some(watched) = &mut session.judging.watched {
        watched.job = Some(job);
    }
}
