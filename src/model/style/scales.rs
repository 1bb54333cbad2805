//! At which scales something is drawn, and how it lies on what is beneath.

use serde::{Deserialize, Serialize};

/// Scales at which something is drawn, as the numbers after `1:`. Both ends belong to it; an end that is not given is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScaleRange {
    /// The closest: drawn from 1:`from` on when zooming out.
    pub from: Option<f64>,
    /// The farthest.
    pub to: Option<f64>,
}

impl ScaleRange {
    /// Whether 1:`denominator` lies in it.
    pub fn contains(&self, denominator: f64) -> bool {
        self.from.is_none_or(|from| denominator >= from) && self.to.is_none_or(|to| denominator <= to)
    }

    /// Whether it has no end.
    pub fn is_open(&self) -> bool {
        *self == Self::default()
    }
}

/// How a layer lies on what is beneath it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Blend {
    /// Over it.
    #[default]
    Normal,
    /// Both colours multiplied, so that the lower one shows through: for shaded ground and zones that overlap.
    Multiply,
}

impl Blend {
    /// All of them, in the order of choices.
    pub const ALL: [Self; 2] = [Self::Normal, Self::Multiply];

    /// Its word in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Multiply => "multiply",
        }
    }

    /// The one of that word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|blend| blend.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_scales_holds_its_ends() {
        let check = |from, to, denominator, expected| {
            assert_eq!(ScaleRange { from, to }.contains(denominator), expected, "{from:?} {to:?} {denominator}");
        };
        check(None, None, 1.0, true);
        check(Some(500.0), Some(10_000.0), 500.0, true);
        check(Some(500.0), Some(10_000.0), 10_000.0, true);
        check(Some(500.0), None, 499.0, false);
        check(None, Some(10_000.0), 10_001.0, false);
    }
}
