//! Symbols by conditions.

use serde::{Deserialize, Serialize};

use super::{ScaleRange, Symbol};

/// A symbol for each condition; the first one that holds decides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ruled {
    /// The rules, in the order in which they are asked.
    pub rules: Vec<RuleSymbol>,
    /// Features that no rule holds for.
    pub other: Symbol,
    /// Whether those are drawn.
    pub other_visible: bool,
}

/// One condition and what it makes of a feature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleSymbol {
    /// The condition, in the language of `expr`; empty for all features.
    pub filter: String,
    /// Name in place of the condition; empty for that.
    pub label: String,
    /// Scales at which its features are drawn so.
    pub scales: ScaleRange,
    /// How they are drawn.
    pub symbol: Symbol,
    /// Whether they are drawn.
    pub visible: bool,
}

impl Ruled {
    /// What the features of rule `index` are drawn by at 1:`denominator`: its own symbol, or out of its scales that of the
    /// next rule of the same condition, so that a road may be a line far off and two near by. The number after the last
    /// rule is that of features that no rule holds for.
    pub fn symbol_at(&self, index: usize, denominator: f64) -> Option<&Symbol> {
        if index == self.rules.len() {
            return self.other_visible.then_some(&self.other);
        }
        let filter = self.rules.get(index)?.filter.trim();
        let mut same = self.rules[index..].iter().filter(|rule| rule.filter.trim() == filter);
        let rule = same.find(|rule| rule.scales.contains(denominator))?;
        rule.visible.then_some(&rule.symbol)
    }
}

impl RuleSymbol {
    /// What the legend calls it: the label, else the condition; empty where it has neither.
    pub fn name(&self) -> &str {
        if self.label.is_empty() { self.filter.trim() } else { &self.label }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::style::{Color, Fill};

    #[test]
    fn out_of_its_scales_a_rule_hands_on_to_the_next_of_its_condition() {
        let symbol = |red: u8| Symbol { fill: Fill::Solid(Color::rgb(red, 0, 0)), ..Symbol::default() };
        let rule = |filter: &str, from, to, red| RuleSymbol {
            filter: filter.to_owned(),
            label: String::new(),
            scales: ScaleRange { from, to },
            symbol: symbol(red),
            visible: true,
        };
        let ruled = Ruled {
            rules: vec![
                rule("a = 1", None, Some(1000.0), 1),
                rule("a = 2", None, Some(1000.0), 2),
                rule(" a = 1", Some(1000.0), Some(5000.0), 3),
            ],
            other: symbol(9),
            other_visible: true,
        };
        let check = |index: usize, denominator: f64, red: Option<u8>| {
            assert_eq!(ruled.symbol_at(index, denominator).copied(), red.map(symbol), "{index} 1:{denominator}");
        };
        check(0, 500.0, Some(1));
        check(0, 2000.0, Some(3));
        check(0, 9000.0, None);
        check(1, 2000.0, None);
        check(3, 2000.0, Some(9));
        check(4, 2000.0, None);
    }
}
