//! Rules and figures of the scenario shown, as far as they are known.

use std::path::PathBuf;
use std::sync::Arc;

use crate::model::{LayerId, Revision};
use crate::rules::{FactCache, Light, Outcome, Reason, Rules};
use crate::scenario::{Flow, Live, ScenarioId};
use crate::text::Message;
use crate::ui::session::awaited::{Awaited, Problem};

/// The states that figures are of.
pub(in crate::ui) type Key = (Option<ScenarioId>, StateKey);

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
    pub(in crate::ui) path: Option<PathBuf>,
    pub(in crate::ui) cache: FactCache,
    /// The states that [`Self::outcomes`] are of.
    pub(in crate::ui) key: Option<Key>,
    pub(in crate::ui) judged: Awaited<Key, Vec<Outcome>>,
    /// How the rules stand in scenarios that are not shown.
    pub(in crate::ui) standing: Vec<Standing>,
    /// The one of them that is being judged.
    pub(in crate::ui) judging_other: Awaited<(ScenarioId, StateKey), Vec<Outcome>>,
    pub(in crate::ui) watched: Option<LayerId>,
    pub(in crate::ui) flow: Awaited<FlowKey, Live>,
}

/// How the rules stand in a scenario that is not shown.
pub(in crate::ui) struct Standing {
    pub(in crate::ui) scenario: ScenarioId,
    pub(in crate::ui) key: StateKey,
    /// Facts that were known then.
    pub(in crate::ui) fact_count: u64,
    pub(in crate::ui) outcomes: Vec<Outcome>,
    /// Whether judging it was stopped or lost: it does not begin again by itself.
    pub(in crate::ui) given_up: bool,
}

/// What gains and losses are of: a layer in a scenario, and the revision of its base. Edits of the scenario are
/// followed.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::ui) struct FlowKey {
    pub(in crate::ui) scenario: ScenarioId,
    pub(in crate::ui) layer: LayerId,
    pub(in crate::ui) base: Revision,
    pub(in crate::ui) state: Revision,
}

pub(in crate::ui) fn is_pending(outcome: &Outcome) -> bool {
    matches!(outcome.reason, Some(Reason::Pending))
}

impl Judging {
    /// Rules that a scenario misses; `None` while some are not judged.
    pub fn red_count(&self, scenario: ScenarioId) -> Option<usize> {
        let is_shown = self.key.as_ref().is_some_and(|(shown, _)| *shown == Some(scenario));
        let outcomes = match is_shown {
            true => &self.outcomes,
            false => &self.standing.iter().find(|known| known.scenario == scenario)?.outcomes,
        };
        if outcomes.iter().any(is_pending) {
            return None;
        }
        Some(outcomes.iter().filter(|outcome| outcome.light == Light::Red).count())
    }

    /// The layer that is watched, with what comes to it and leaves it; `None` while that is computed.
    pub fn flow(&self) -> Option<(LayerId, Option<Flow>)> {
        Some((self.watched?, self.flow.value().map(Live::layer_flow)))
    }

    /// Why what comes and goes is not known.
    pub fn flow_problem(&self) -> Option<&Problem> {
        self.flow.problem()
    }

    /// Why rules of the scenario shown are not judged.
    pub fn rules_problem(&self) -> Option<&Problem> {
        self.judged.problem()
    }

    /// Has the rules judged after all.
    pub fn retry_rules(&mut self) {
        self.judged.retry();
        self.judging_other.retry();
        self.key = None;
        self.standing.clear();
    }

    /// Has what comes and goes summed after all.
    pub fn retry_flow(&mut self) {
        self.flow.retry();
    }
}

/// Word of the project's setting that names the layer to be watched, by its title.
pub const WATCHED: &str = "flow.layer";
/// Word of the project's setting that holds its target, in mu; negative for what should go.
pub const TARGET: &str = "flow.target-mu";
/// Word of the project's setting that says that the target is meant gross.
pub const TARGET_IS_GROSS: &str = "flow.target-gross";
