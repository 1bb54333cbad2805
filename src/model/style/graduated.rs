//! Symbols by the range that a figure lies in.

use serde::{Deserialize, Serialize};

use super::Symbol;
use crate::units::format_number;

/// A symbol for each range of a figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Graduated {
    /// What gives the figure: an expression, a field's name in the simplest case.
    pub expression: String,
    /// How the ranges were found.
    pub breaks: Breaks,
    /// The ranges, in the order of the legend.
    pub ranges: Vec<RangeSymbol>,
    /// Features whose figure lies in none, or that have none.
    pub other: Symbol,
    /// Whether those are drawn.
    pub other_visible: bool,
}

/// How ranges are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Breaks {
    /// The same number of features in each.
    #[default]
    Quantile,
    /// Natural breaks: figures in a range differ least among themselves (Jenks 1967, Fisher 1958).
    Jenks,
    /// Ranges of one width.
    Equal,
    /// Ranges of one width with round ends.
    Pretty,
    /// As somebody wrote them.
    Given,
}

/// One range of a graduated style: `lower` ≤ figure < `upper`; the last one holds its upper end, too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RangeSymbol {
    /// Where it begins.
    pub lower: f64,
    /// Where it ends.
    pub upper: f64,
    /// Name in place of the two ends; empty for those.
    pub label: String,
    /// How it is drawn.
    pub symbol: Symbol,
    /// Whether it is drawn.
    pub visible: bool,
}

impl Breaks {
    /// All of them, in the order of choices.
    pub const ALL: [Self; 5] = [Self::Quantile, Self::Jenks, Self::Equal, Self::Pretty, Self::Given];

    /// Its word in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Quantile => "quantile",
            Self::Jenks => "jenks",
            Self::Equal => "equal",
            Self::Pretty => "pretty",
            Self::Given => "given",
        }
    }

    /// The one of that word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|breaks| breaks.name() == name)
    }
}

impl Graduated {
    /// Number of the range that `figure` lies in; the number of ranges where it lies in none.
    pub fn index(&self, figure: f64) -> u16 {
        let last = self.ranges.len().saturating_sub(1);
        let holds = |(at, range): (usize, &RangeSymbol)| {
            range.lower <= figure && (figure < range.upper || (at == last && figure == range.upper))
        };
        self.ranges.iter().enumerate().position(holds).unwrap_or(self.ranges.len()) as u16
    }

    /// What a legend calls range number `at`: its label, else its two ends, as finely as the other ranges, so that an end
    /// reads alike on both of its sides. Very fine ranges keep their decimals to themselves.
    pub fn name(&self, at: usize) -> Option<String> {
        let range = self.ranges.get(at)?;
        let of = |range: &RangeSymbol| decimals(range.lower, range.upper);
        let coarsest = self.ranges.iter().map(of).min()?;
        let finest = self.ranges.iter().map(of).max()?;
        Some(range.named(of(range).max(finest.min(coarsest + MOST_FINER))))
    }
}

/// Decimals that the coarsest range of a legend takes over from finer ones.
const MOST_FINER: usize = 2;

impl RangeSymbol {
    /// What the legend calls it: the label, else the two ends.
    pub fn name(&self) -> String {
        self.named(decimals(self.lower, self.upper))
    }

    fn named(&self, decimals: usize) -> String {
        if !self.label.is_empty() {
            return self.label.clone();
        }
        let [lower, upper] = [self.lower, self.upper].map(|end| format_number(end, decimals));
        format!("{lower} – {upper}")
    }
}

/// Decimals that tell two ends apart, and no more than they have.
fn decimals(lower: f64, upper: f64) -> usize {
    let most = match (upper - lower).abs() {
        width if width >= 100.0 => 0,
        width if width >= 10.0 => 1,
        width if width >= 1.0 => 2,
        width if width > 0.0 => (2.0 - width.log10().floor()).min(8.0) as usize,
        _ => 2,
    };
    let is_whole = |end: f64| (end - end.round()).abs() < 1e-9 * end.abs().max(1.0);
    let enough = |decimals: &usize| {
        let shift = 10f64.powi(*decimals as i32);
        is_whole(lower * shift) && is_whole(upper * shift)
    };
    (0..most).find(enough).unwrap_or(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_ends(ends: &[f64]) -> Graduated {
        let range = |pair: &[f64]| RangeSymbol {
            lower: pair[0],
            upper: pair[1],
            label: String::new(),
            symbol: Symbol::default(),
            visible: true,
        };
        Graduated {
            expression: "TBMJ".to_owned(),
            breaks: Breaks::Given,
            ranges: ends.windows(2).map(range).collect(),
            other: Symbol::default(),
            other_visible: true,
        }
    }

    #[test]
    fn a_figure_lies_in_one_range_and_the_last_holds_its_end() {
        let style = of_ends(&[0.0, 10.0, 20.0]);
        let check = |figure: f64, expected: u16| assert_eq!(style.index(figure), expected, "{figure}");
        check(0.0, 0);
        check(10.0, 1);
        check(20.0, 1);
        check(20.1, 2);
        check(-1.0, 2);
        check(f64::NAN, 2);
        assert_eq!(of_ends(&[]).index(1.0), 0);
    }

    #[test]
    fn an_end_reads_alike_on_both_of_its_sides() {
        let names = |ends: &[f64]| {
            let style = of_ends(ends);
            (0..style.ranges.len()).filter_map(|at| style.name(at)).collect::<Vec<_>>()
        };
        let areas = names(&[4.7123, 98.9123, 171.0623, 352.8123, 5973.0823]);
        assert_eq!(areas, ["4.7 – 98.9", "98.9 – 171.1", "171.1 – 352.8", "352.8 – 5,973.1"]);
        assert_eq!(names(&[0.0, 10.0, 1000.0]), ["0 – 10", "10 – 1,000"]);
        assert_eq!(names(&[0.001_23, 0.001_34, 1000.0]), ["0.00123 – 0.00134", "0.00 – 1,000.00"]);
        assert_eq!(of_ends(&[0.0, 1.0]).name(1), None);
    }

    #[test]
    fn ends_are_written_as_finely_as_they_differ() {
        let name = |ends: [f64; 2]| of_ends(&ends).ranges[0].name();
        assert_eq!(name([0.0, 1500.0]), "0 – 1,500");
        assert_eq!(name([0.25, 0.5]), "0.25 – 0.50");
        assert_eq!(name([0.2, 0.4]), "0.2 – 0.4");
        assert_eq!(name([20.0, 40.0]), "20 – 40");
        assert_eq!(name([1.234_567, 3.0]), "1.23 – 3.00");
        let mut named = of_ends(&[0.0, 1.0]);
        named.ranges[0].label = "小".to_owned();
        assert_eq!(named.ranges[0].name(), "小");
    }
}
