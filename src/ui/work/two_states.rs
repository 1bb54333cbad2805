//! Which states the map shows beside the one of the tab.

use crate::scenario::{ScenarioId, Seeing, Workspace, seeing};
use crate::ui::session::Session;
use crate::ui::session::project::Project;

/// Most maps side by side.
pub const MOST_LINKED: usize = seeing::LINKED.1;

/// The state that a held key shows: the base, or for the base the first scenario.
fn usual(workspace: &Workspace) -> Option<Option<ScenarioId>> {
    match workspace.scenarios.shown() {
        Some(_) => Some(None),
        None => workspace.scenarios.list().first().map(|scenario| Some(scenario.id)),
    }
}

/// The state that the swipe holds against the one that the tab shows.
pub fn other(workspace: &Workspace, project: &Project) -> Option<Option<ScenarioId>> {
    beside(workspace, project, 1).first().copied()
}

/// States that the map shows beside the one of the tab.
pub fn others(session: &Session) -> Vec<Option<ScenarioId>> {
    match session.project.seeing {
        _ if session.peeking => usual(&session.workspace).into_iter().collect(),
        Seeing::One => Vec::new(),
        Seeing::Swipe { .. } => beside(&session.workspace, &session.project, 1),
        Seeing::Linked { count } => beside(&session.workspace, &session.project, count.saturating_sub(1)),
    }
}

/// What is seen together goes with its states: where one of two that were swiped is gone, nothing is swiped any more,
/// and there are no more maps beside each other than states.
pub fn refresh(session: &mut Session) {
    let there = |state: &Option<ScenarioId>| state.is_none_or(|id| session.workspace.scenarios.get(id).is_some());
    let gone = session.project.swiped.is_some_and(|states| !states.iter().all(there));
    let count = 1 + session.workspace.scenarios.list().len();
    session.project.seeing = match session.project.seeing {
        Seeing::Swipe { .. } if gone || count < 2 => Seeing::One,
        Seeing::Linked { .. } if count < 2 => Seeing::One,
        Seeing::Linked { count: wanted } => Seeing::Linked { count: wanted.min(count.max(seeing::LINKED.0)) },
        seeing => seeing,
    };
    let is_swiped = matches!(session.project.seeing, Seeing::Swipe { .. });
    let other = other(&session.workspace, &session.project).filter(|_| is_swiped);
    session.project.swiped = other.map(|other| [session.workspace.scenarios.shown(), other]);
    session.project.beside.retain(|state| state.is_none_or(|id| session.workspace.scenarios.get(id).is_some()));
}

/// All states: the base, then the scenarios in the order of their tabs.
pub(in crate::ui) fn all(workspace: &Workspace) -> Vec<Option<ScenarioId>> {
    std::iter::once(None).chain(workspace.scenarios.list().iter().map(|s| Some(s.id))).collect()
}

/// `count` states beside that of the tab: those that were chosen, where they are still there, then the others in order.
fn beside(workspace: &Workspace, project: &Project, count: usize) -> Vec<Option<ScenarioId>> {
    let (shown, all) = (workspace.scenarios.shown(), all(workspace));
    let free = |state: &Option<ScenarioId>| *state != shown && all.contains(state);
    let mut states: Vec<Option<ScenarioId>> = Vec::new();
    for state in project.beside.iter().take(count).copied().filter(free).chain(all.iter().copied().filter(free)) {
        if states.len() < count && !states.contains(&state) {
            states.push(state);
        }
    }
    states
}

/// Shows `state` as the n-th beside that of the tab; where another map shows it, they change places.
pub fn choose(session: &mut Session, nth: usize, state: Option<ScenarioId>) {
    let mut states = beside(&session.workspace, &session.project, MOST_LINKED - 1);
    let Some(old) = states.get(nth).copied() else { return };
    if let Some(at) = states.iter().position(|known| *known == state) {
        states[at] = old;
    }
    states[nth] = state;
    session.project.beside = states;
}
