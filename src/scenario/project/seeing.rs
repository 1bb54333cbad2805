//! How the map shows several states, to a record and back.

use serde::{Deserialize, Serialize};

use crate::scenario::document::planned::ScenarioId;
use crate::scenario::document::seeing::{SavedSeeing, Seeing};

/// How the map shows states.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeeingRecord {
    /// How.
    pub mode: ModeWord,
    /// Where the line of a swipe stands, as a share of the map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<f32>,
    /// How many maps are beside each other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<usize>,
    /// The states beside that of the tab: numbers of scenarios, 0 for the base.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<u64>,
    /// Whether the map shows only what changed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub changes: bool,
}

/// How, by its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModeWord {
    /// One state.
    One,
    /// Two, a vertical line between them.
    Swipe,
    /// Two, a horizontal line between them.
    SwipeLevel,
    /// Each in a map of its own.
    Linked,
}

/// The number that stands for the base. Scenarios count from 1.
const BASE: u64 = 0;

impl SeeingRecord {
    /// The record; `None` where nothing is to be said.
    pub fn of_seeing(saved: &SavedSeeing) -> Option<Self> {
        if *saved == SavedSeeing::default() {
            return None;
        }
        let (mode, at, count) = match saved.seeing {
            Seeing::One => (ModeWord::One, None, None),
            Seeing::Swipe { level: false, at } => (ModeWord::Swipe, Some(at), None),
            Seeing::Swipe { level: true, at } => (ModeWord::SwipeLevel, Some(at), None),
            Seeing::Linked { count } => (ModeWord::Linked, None, Some(count)),
        };
        let beside = saved.beside.iter().map(|state| state.map_or(BASE, |id| id.0)).collect();
        Some(Self { mode, at, count, beside, changes: saved.changes })
    }

    /// What it says.
    pub fn into_seeing(self) -> SavedSeeing {
        let at = self.at.unwrap_or(0.5);
        let seeing = match self.mode {
            ModeWord::One => Seeing::One,
            ModeWord::Swipe => Seeing::Swipe { level: false, at },
            ModeWord::SwipeLevel => Seeing::Swipe { level: true, at },
            ModeWord::Linked => Seeing::Linked { count: self.count.unwrap_or(2) },
        };
        let beside = self.beside.into_iter().map(|number| (number != BASE).then_some(ScenarioId(number))).collect();
        SavedSeeing { seeing: seeing.sound(), beside, changes: self.changes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_map_shows_comes_back() {
        let (base, second) = (None, Some(ScenarioId(2)));
        let cases = [
            (Seeing::One, vec![], true),
            (Seeing::Swipe { level: false, at: 0.25 }, vec![second], false),
            (Seeing::Swipe { level: true, at: 0.75 }, vec![], false),
            (Seeing::Linked { count: 3 }, vec![second, base], false),
        ];
        for (seeing, beside, changes) in cases {
            let saved = SavedSeeing { seeing, beside, changes };
            let record = SeeingRecord::of_seeing(&saved).expect("something to say");
            let text = toml::to_string(&record).expect("serialises");
            let read: SeeingRecord = toml::from_str(&text).expect("reads");
            assert_eq!(read.into_seeing(), saved, "{text}");
        }
        assert_eq!(SeeingRecord::of_seeing(&SavedSeeing::default()), None);
        let read = |text: &str| toml::from_str::<SeeingRecord>(text).map(SeeingRecord::into_seeing);
        let seeing = |text: &str| read(text).expect("reads").seeing;
        assert_eq!(seeing("mode = \"swipe\"\nat = 7.0"), Seeing::Swipe { level: false, at: 0.98 });
        assert_eq!(seeing("mode = \"swipe-level\"\nat = nan"), Seeing::Swipe { level: true, at: 0.5 });
        assert_eq!(seeing("mode = \"linked\"\ncount = 90"), Seeing::Linked { count: 4 });
        assert!(read("mode = \"sideways\"").is_err());
    }
}
