//! Rules, and the ledger of conflicts: the commands of this subject, as data.

use std::path::PathBuf;

use crate::ui::session::parts::RulesPage;

/// Rules, and the ledger of conflicts.
#[derive(Clone, Debug, PartialEq)]
pub enum RulesCommand {
    /// Open the window for rules at this page, or close it.
    Open(Option<RulesPage>),
    /// Write this text to the rules file, or to one to be chosen.
    SaveRules {
        /// The file.
        path: Option<PathBuf>,
        /// The text.
        text: String,
    },
    /// Read the rules of the project again.
    ReadRules,
    /// Select what a rule of the project is missed by.
    ShowBreaches(usize),
    /// Go to a row of the ledger of conflicts.
    ShowConflict(usize),
    /// Write the ledger of conflicts to a CSV file to be chosen.
    SaveConflicts,
}
