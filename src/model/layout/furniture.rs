//! What stands beside the maps of a layout: tables of figures, wind roses, and of which layer the plots are.

use serde::{Deserialize, Serialize};

/// Directions of a wind rose, from north on clockwise.
pub const DIRECTION_COUNT: usize = 16;

/// A table of figures.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TableItem {
    /// What its figures are.
    #[serde(skip_serializing_if = "TableOf::is_classes")]
    pub of: TableOf,
    /// The map whose state it is of; the first one where none is named.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub map: String,
    /// Title of the layer whose classes are summed; the uppermost one with land-use classes where none is named.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub layer: String,
    /// Level of the scheme to which classes are summed: 1 for its great classes, 2, or 0 for classes as they are.
    #[serde(skip_serializing_if = "is_nought")]
    pub level: u8,
    /// Its heading.
    pub title: String,
    /// Unit of its areas: `mu`, `ha`, `km2`; what is usual for its figures where none is given.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub unit: String,
}

fn is_nought(level: &u8) -> bool {
    *level == 0
}

/// What the figures of a table are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TableOf {
    /// What the classes of a layer add up to.
    #[default]
    Classes,
    /// The transition matrix of a scenario.
    Matrix,
    /// The land-use balance of a scenario.
    Balance,
    /// How the rules stand in a scenario.
    Rules,
    /// What of a scenario crosses control lines.
    Ledger,
    /// The boundary points of the plot that the page is about.
    Points,
    /// What lies on the four sides of that plot.
    Sides,
}

impl TableOf {
    /// All of them, each with the key of what it is called.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::Classes, "layout.table-classes"),
        (Self::Matrix, "report.matrix"),
        (Self::Balance, "report.balance"),
        (Self::Rules, "layout.table-rules"),
        (Self::Ledger, "report.part-ledger"),
        (Self::Points, "report.boundary-points"),
        (Self::Sides, "report.four-sides"),
    ];

    /// Key of what it is called.
    pub fn key(self) -> &'static str {
        Self::ALL.iter().find(|(of, _)| *of == self).map_or("layout.table", |(_, key)| *key)
    }

    /// Whether it is about a plot.
    pub fn is_of_plot(self) -> bool {
        matches!(self, Self::Points | Self::Sides)
    }

    /// Whether its areas can stand in several units.
    pub fn has_unit(self) -> bool {
        matches!(self, Self::Classes | Self::Matrix | Self::Balance)
    }

    fn is_classes(&self) -> bool {
        *self == Self::Classes
    }
}

/// Of which layer the plots of a layout are, and what names their neighbours.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PlotSource {
    /// Title of the layer whose features are the plots; the uppermost one of polygons where none is named.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub layer: String,
    /// Title of the layer of the neighbours; that of the plots where none is named.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub around: String,
    /// Its field that names them; the one that names its features where none is given.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub field: String,
}

impl PlotSource {
    /// Whether nothing is said.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// A wind rose: how often the wind comes from each direction.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RoseItem {
    /// Per cent of the year, from north on clockwise.
    pub year: [f64; DIRECTION_COUNT],
    /// Per cent of the summer, from north on clockwise; drawn with a broken line where any is given.
    #[serde(skip_serializing_if = "is_calm")]
    pub summer: [f64; DIRECTION_COUNT],
}

impl RoseItem {
    /// Whether all of it can be so: a share of the time each, and no more than all of it together.
    pub fn is_possible(&self) -> bool {
        [&self.year, &self.summer].into_iter().all(|winds| {
            let within = winds.iter().all(|share| (0.0..=100.0).contains(share));
            within && winds.iter().sum::<f64>() <= 100.0 + 1e-6
        })
    }

    /// The same where a share that was typed leaves the others more than there is: it takes what they leave.
    pub fn set(winds: &mut [f64; DIRECTION_COUNT], direction: usize, share: f64) {
        let others: f64 = winds.iter().enumerate().filter(|(nth, _)| *nth != direction).map(|(_, share)| share).sum();
        if let Some(wind) = winds.get_mut(direction) {
            *wind = share.clamp(0.0, (100.0 - others).max(0.0));
        }
    }
}

/// Whether no wind is given.
pub fn is_calm(winds: &[f64; DIRECTION_COUNT]) -> bool {
    winds.iter().all(|share| *share <= 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn winds_are_shares_of_the_time() {
        let mut rose = RoseItem::default();
        assert!(rose.is_possible() && is_calm(&rose.year));
        rose.year = [6.0; DIRECTION_COUNT];
        assert!(rose.is_possible() && !is_calm(&rose.year));
        RoseItem::set(&mut rose.year, 3, 50.0);
        assert!((rose.year[3] - 10.0).abs() < 1e-9 && rose.is_possible(), "{:?}", rose.year);
        rose.summer[0] = 101.0;
        assert!(!rose.is_possible());
        rose.summer[0] = f64::NAN;
        assert!(!rose.is_possible());
    }

    #[test]
    fn each_table_has_a_name_of_its_own() {
        let keys: std::collections::BTreeSet<&str> = TableOf::ALL.iter().map(|(of, _)| of.key()).collect();
        assert_eq!(keys.len(), TableOf::ALL.len());
    }
}
