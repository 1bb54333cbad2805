//! Values derived from the session: totals of the selection, and legends with counts and areas.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::model::style::LayerStyle;
use crate::model::{Areas, Extent, Issue, LayerId, Revision};
use crate::overlay::Coverage;
use crate::ui::session::parts::Counted;
use crate::units::Area;

/// What is selected, in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SelectionTotals {
    /// Features, over all layers.
    pub count: usize,
    /// Printed area of those that are polygons and measured; `None` where there is none.
    pub area: Option<Area>,
}

/// A row of a legend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LegendRow {
    /// Index of the symbol in the layer's style.
    pub symbol: u16,
    /// Features drawn with it.
    pub count: usize,
    /// Their printed area, once measured.
    pub area: Option<Area>,
}

/// The legend of one layer: a row a class that occurs, in the order of the style.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Legend {
    /// Its rows.
    pub rows: Vec<LegendRow>,
    /// All features.
    pub count: usize,
    /// Printed area of all, once measured.
    pub area: Option<Area>,
    /// How many values stand together in the row of other values.
    pub other_values: usize,
}

pub(in crate::ui) struct KeptLegend {
    pub(in crate::ui) revision: Revision,
    pub(in crate::ui) style: LayerStyle,
    pub(in crate::ui) areas: Option<Arc<Areas>>,
    pub(in crate::ui) symbols: Arc<Vec<u16>>,
    pub(in crate::ui) legend: Arc<Legend>,
}

/// Values derived from the session.
#[derive(Default)]
pub struct Derived {
    pub(in crate::ui) issues: Vec<(LayerId, Issue)>,
    pub(in crate::ui) issue_count: usize,
    pub(in crate::ui) issues_from: Vec<IssuesFrom>,
    pub(in crate::ui) selection: Option<(Revision, Vec<Option<Arc<Areas>>>, SelectionTotals)>,
    pub(in crate::ui) legends: FxHashMap<LayerId, KeptLegend>,
    pub(in crate::ui) counted: FxHashMap<LayerId, CountedLegend>,
    /// Symbols of layers in states that the map shows beside the one of the tab, by their revision.
    pub(in crate::ui) others: FxHashMap<Revision, (LayerStyle, Arc<Vec<u16>>)>,
}

/// A legend of some features only, and what it came from.
pub(in crate::ui) struct CountedLegend {
    pub(in crate::ui) whole: Arc<Legend>,
    pub(in crate::ui) counted: Counted,
    pub(in crate::ui) selection: Option<Revision>,
    pub(in crate::ui) view: Option<Extent>,
    pub(in crate::ui) legend: Arc<Legend>,
}

/// What the issues of one layer came from.
pub(in crate::ui) struct IssuesFrom {
    pub(in crate::ui) layer: LayerId,
    pub(in crate::ui) revision: Revision,
    pub(in crate::ui) areas: Option<Arc<Areas>>,
    pub(in crate::ui) coverage: Option<Arc<Coverage>>,
}

impl Derived {
    /// The selection in figures.
    pub fn selection(&self) -> SelectionTotals {
        self.selection.as_ref().map_or_else(SelectionTotals::default, |(_, _, totals)| *totals)
    }

    /// What was found about the open layers, layer by layer from the top.
    pub fn issues(&self) -> &[(LayerId, Issue)] {
        &self.issues
    }

    /// How many of those are warnings or errors.
    pub fn issue_count(&self) -> usize {
        self.issue_count
    }

    /// The legend of a layer with the figures of what the user wants counted.
    pub fn counted_legend(&self, layer: LayerId) -> Option<&Arc<Legend>> {
        self.counted.get(&layer).map(|kept| &kept.legend).or_else(|| self.legend(layer))
    }

    /// The legend of a whole layer.
    pub fn legend(&self, layer: LayerId) -> Option<&Arc<Legend>> {
        self.legends.get(&layer).map(|kept| &kept.legend)
    }

    /// Printed area of all of a layer of polygons, once measured.
    pub fn total(&self, layer: LayerId) -> Option<Area> {
        self.legend(layer)?.area
    }

    /// Index of the symbol of each feature of a layer.
    pub fn symbols(&self, layer: LayerId) -> Option<&Arc<Vec<u16>>> {
        self.legends.get(&layer).map(|kept| &kept.symbols)
    }

    /// The same for a layer in a state that the map shows beside the one of the tab.
    pub fn symbols_in(&self, revision: Revision) -> Option<&Arc<Vec<u16>>> {
        self.others.get(&revision).map(|(_, symbols)| symbols)
    }
}
