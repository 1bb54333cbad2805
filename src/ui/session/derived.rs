//! Values derived from the session: totals of the selection, and legends with counts and areas.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::model::style::LayerStyle;
use crate::model::{Areas, Extent, Issue, LayerId, Revision};
use crate::overlay::Coverage;
use crate::scenario::Entry;
use crate::task::Cancelled;
use crate::ui::session::awaited::Awaited;
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
    /// Symbol numbers that an expression decides, of layers too large to be worked out at once.
    pub(in crate::ui) numbered: FxHashMap<Revision, Numbered>,
    /// Whether the window is dark.
    pub(in crate::ui) dark: bool,
    /// How layers look now.
    pub(in crate::ui) looks: FxHashMap<LayerId, Look>,
}

/// Symbol numbers by an expression, for a style and the areas that it may ask for.
pub(in crate::ui) type Numbered = Awaited<NumberedKey, Arc<Vec<u16>>, Cancelled>;

/// What symbol numbers are of.
#[derive(Clone)]
pub(in crate::ui) struct NumberedKey {
    pub(in crate::ui) style: LayerStyle,
    pub(in crate::ui) areas: Option<Arc<Areas>>,
}

impl PartialEq for NumberedKey {
    fn eq(&self, other: &Self) -> bool {
        let same_areas = match (&self.areas, &other.areas) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        };
        same_areas && self.style == other.style
    }
}

/// How a layer looks in the window, and what that came from.
#[derive(Clone, PartialEq)]
pub(in crate::ui) struct Look {
    /// The style of the document.
    pub(in crate::ui) of: LayerStyle,
    /// Whether land use is softened, and whether on dark ground.
    pub(in crate::ui) soft: Option<bool>,
    /// The scale of the map.
    pub(in crate::ui) denominator: f64,
    /// The style in legends.
    pub(in crate::ui) legend: LayerStyle,
    /// The style on the map.
    pub(in crate::ui) map: LayerStyle,
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

    /// How the map draws a layer at its scale, in the colours that the user wants.
    pub fn style_on_map<'a>(&'a self, entry: &'a Entry) -> &'a LayerStyle {
        self.looks.get(&entry.id()).map_or(&entry.style, |look| &look.map)
    }

    /// The symbols of a layer as legends show them, in the colours that the user wants.
    pub fn style_in_legend<'a>(&'a self, entry: &'a Entry) -> &'a LayerStyle {
        self.looks.get(&entry.id()).map_or(&entry.style, |look| &look.legend)
    }

    /// The same for a layer in a state that the map shows beside the one of the tab.
    pub fn symbols_in(&self, revision: Revision) -> Option<&Arc<Vec<u16>>> {
        self.others.get(&revision).map(|(_, symbols)| symbols)
    }
}
