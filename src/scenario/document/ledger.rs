//! What a planner says about a line of a ledger: open, a measurement error, or settled, and why.

use super::planned::ScenarioId;

/// A line of a ledger: which ledger, and which line in it, in words that outlive the session.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LedgerKey {
    /// The scenario that the line stands in; `None` for the base.
    pub scenario: Option<ScenarioId>,
    /// The ledger: the layer that conflicts are counted against, for instance.
    pub ledger: String,
    /// The line: the feature by its layer and number, for instance.
    pub line: String,
}

/// Where the matter stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LedgerStatus {
    /// To be dealt with.
    #[default]
    Open,
    /// A difference of measurement or drawing, no conflict.
    MeasurementError,
    /// Dealt with.
    Settled,
}

impl LedgerStatus {
    /// All, in the order of lists.
    pub const ALL: [Self; 3] = [Self::Open, Self::MeasurementError, Self::Settled];

    /// The word of project files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::MeasurementError => "measurement-error",
            Self::Settled => "settled",
        }
    }

    /// The status of that word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// Key of its title in the catalogue.
    pub fn title_key(self) -> &'static str {
        match self {
            Self::Open => "scenario.status-open",
            Self::MeasurementError => "scenario.status-measurement-error",
            Self::Settled => "scenario.status-settled",
        }
    }
}

/// Status and note of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerNote {
    /// Where the matter stands.
    pub status: LedgerStatus,
    /// Why, in the planner's words.
    pub note: String,
}
