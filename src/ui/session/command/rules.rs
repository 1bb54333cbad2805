//! Rules, the ledger of conflicts, the hand-in check: the commands of this subject, as data.

use std::path::PathBuf;

use crate::ui::session::handin::SchemaChoice;
use crate::ui::session::parts::RulesPage;

/// Rules, the ledger of conflicts, the hand-in check.
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
    /// Hold the open layers against a schema: this one, or the one that was chosen last.
    CheckHandIn(Option<SchemaChoice>),
    /// Hold them against a schema file to be chosen.
    ChooseSchema,
    /// Go to a fault of the hand-in check.
    ShowFault {
        /// Its kind, by its place in the answer.
        group: usize,
        /// Its place among those of the kind.
        fault: usize,
    },
    /// Write the faults to a workbook or CSV file to be chosen.
    SaveHandIn,
}
