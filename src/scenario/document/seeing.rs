//! How the map shows several states at once: kept in the project, so that it opens as it was left.

use super::planned::ScenarioId;

/// How the map shows states.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Seeing {
    /// The state of the tab, alone.
    #[default]
    One,
    /// The other state left of (or above) a line that can be dragged.
    Swipe {
        /// Whether the line is horizontal.
        level: bool,
        /// Where it stands, as a share of the map.
        at: f32,
    },
    /// Each state in a map of its own, all of the same place.
    Linked {
        /// How many: two to four.
        count: usize,
    },
}

/// Least and most maps side by side.
pub const LINKED: (usize, usize) = (2, 4);

/// Nearest that the line of a swipe comes to the border of the map, as a share of it.
pub const SWIPE_MARGIN: f32 = 0.02;

/// How the map shows states, and which.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SavedSeeing {
    /// How.
    pub seeing: Seeing,
    /// The states beside that of the tab, as far as they were chosen; `None` is the base.
    pub beside: Vec<Option<ScenarioId>>,
    /// Whether the map shows only what changed.
    pub changes: bool,
}

impl Seeing {
    /// The same with figures that a map can have: a file may say anything.
    #[must_use]
    pub fn sound(self) -> Self {
        match self {
            Self::One => Self::One,
            Self::Swipe { level, at } if at.is_finite() => {
                Self::Swipe { level, at: at.clamp(SWIPE_MARGIN, 1.0 - SWIPE_MARGIN) }
            }
            Self::Swipe { level, .. } => Self::Swipe { level, at: 0.5 },
            Self::Linked { count } => Self::Linked { count: count.clamp(LINKED.0, LINKED.1) },
        }
    }
}
