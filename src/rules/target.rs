//! The target of the layer that is watched, as the user or a rule sets it.

use super::{Outcome, Rules};
use crate::model::LayerId;
use crate::model::roles::Role;
use crate::scenario::plan::watch;
use crate::scenario::{Target, Workspace};

/// The rule that limits what basic farmland may lose, blanks left out.
const NET_LOSS: &str = "net_loss(net(basic_farmland))";

/// The target of the layer `watched`: the user's, or what a rule limits the net loss of basic farmland to. `outcomes`
/// are those of `rules`.
pub fn target(workspace: &Workspace, watched: Option<LayerId>, rules: &Rules, outcomes: &[Outcome]) -> Option<Target> {
    if let Some(target) = watch::set_target(workspace) {
        return Some(target);
    }
    let is_farmland = workspace.entry(watched?).is_some_and(|entry| entry.role == Role::BasicFarmland);
    let at = rules.rules.iter().position(|rule| rule.indicator_text.replace(' ', "") == NET_LOSS)?;
    let limit = outcomes.get(at)?.limit?;
    is_farmland.then_some(Target { change_m2: -limit, is_net: true })
}
