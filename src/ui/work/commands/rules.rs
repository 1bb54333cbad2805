//! Rules, the ledger of conflicts, the hand-in check.

use crate::scenario::Workspace;
use crate::ui::look::icons;
use crate::ui::session::Session;
use crate::ui::session::command::rules::RulesCommand;
use crate::ui::session::command::spec::{Spec, spec};
use crate::ui::session::parts::RulesPage;
use crate::ui::work::{conflicts, handin, judging, rules_file};

impl RulesCommand {
    /// Those that have words, in the order of menus.
    pub(super) fn listed() -> [Self; 3] {
        [Self::Open(Some(RulesPage::Text(None))), Self::Open(Some(RulesPage::States)), Self::CheckHandIn(None)]
    }

    /// Words, icon and shortcuts, for commands that have them.
    pub(super) fn spec(&self) -> Option<Spec> {
        match self {
            Self::Open(Some(RulesPage::Text(_))) => spec("edit.open-rules", Some(icons::LIST), &[]),
            Self::Open(Some(RulesPage::States)) => spec("edit.open-states", Some(icons::TABLE), &[]),
            Self::CheckHandIn(None) => spec("edit.check-hand-in", Some(icons::CIRCLE_CHECK), &[]),
            _ => None,
        }
    }

    /// Whether the command can be given now.
    pub(super) fn enabled(&self, workspace: &Workspace) -> bool {
        let has_layers = !workspace.is_empty();
        match self {
            Self::Open(_) | Self::CheckHandIn(_) => has_layers,
            _ => true,
        }
    }
}

/// Carries out `command`.
pub(super) fn run(session: &mut Session, command: RulesCommand) {
    match command {
        RulesCommand::ShowBreaches(rule) => judging::show_breaches(session, rule),
        RulesCommand::Open(page) => session.project.rules_page = page,
        RulesCommand::SaveRules { path, text } => rules_file::save(session, path, text),
        RulesCommand::ReadRules => judging::read_again(session),
        RulesCommand::ShowConflict(row) => conflicts::show(session, row),
        RulesCommand::SaveConflicts => conflicts::save(session),
        RulesCommand::CheckHandIn(choice) => handin::check(session, choice),
        RulesCommand::ChooseSchema => handin::choose(session),
        RulesCommand::ShowFault { group, fault } => handin::show(session, group, fault),
        RulesCommand::SaveHandIn => handin::save(session),
    }
}
