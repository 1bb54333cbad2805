//! Rules, and the ledger of conflicts.

use crate::scenario::Workspace;
use crate::ui::look::icons;
use crate::ui::session::Session;
use crate::ui::session::command::rules::RulesCommand;
use crate::ui::session::command::spec::{Spec, spec};
use crate::ui::session::parts::RulesPage;
use crate::ui::work::{conflicts, judging, rules_file};

impl RulesCommand {
    /// Those that have words, in the order of menus.
    pub(super) fn listed() -> [Self; 2] {
        [RulesPage::Text(None), RulesPage::States].map(|page| Self::Open(Some(page)))
    }

    /// Words, icon and shortcuts, for commands that have them.
    pub(super) fn spec(&self) -> Option<Spec> {
        match self {
            Self::Open(Some(RulesPage::Text(_))) => spec("edit.open-rules", Some(icons::LIST), &[]),
            Self::Open(Some(RulesPage::States)) => spec("edit.open-states", Some(icons::TABLE), &[]),
            _ => None,
        }
    }

    /// Whether the command can be given now.
    pub(super) fn enabled(&self, workspace: &Workspace) -> bool {
        let has_layers = !workspace.is_empty();
        match self {
            Self::Open(_) => has_layers,
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
    }
}
