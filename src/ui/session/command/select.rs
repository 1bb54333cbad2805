//! Selecting and looking for features, and what the pointer meets: the commands of this subject, as data.

use crate::model::LayerId;
use crate::ui::session::locating::Ask;
use crate::ui::session::reach::Reach;
use crate::ui::session::rows::{FeatureRef, Rows, SelectMode};

/// Selecting and looking for features, and what the pointer meets.
#[derive(Clone, Debug, PartialEq)]
pub enum SelectCommand {
    /// Select all features of the current layer.
    SelectAll,
    /// Select the features of the current layer that are not selected.
    InvertSelection,
    /// Select nothing.
    ClearSelection,
    /// Change the selection of one layer.
    Select {
        /// The layer.
        layer: LayerId,
        /// The features.
        rows: Rows,
        /// Replace, add, remove.
        mode: SelectMode,
    },
    /// Select the features that a layer draws with one symbol.
    SelectClass {
        /// The layer.
        layer: LayerId,
        /// Index of the symbol in its style.
        symbol: u16,
        /// Replace, add, remove.
        mode: SelectMode,
    },
    /// Open the window that selects by location, or close it.
    Locate(bool),
    /// Select features by where they lie to others.
    SelectByLocation(Ask),
    /// A box or line drawn around features selects in this way.
    SetReach(Reach),
    /// Put the cursor into the search box.
    Search,
    /// Look for features by number or name in every layer.
    FindFeatures(String),
    /// Show a feature: select it, identify it, and zoom to it.
    ShowFeature(FeatureRef),
    /// Show several features of a layer: select them and zoom to them.
    ShowFeatures {
        /// The layer.
        layer: LayerId,
        /// The features.
        rows: Rows,
    },
    /// The pointer is over this feature.
    Hover(Option<FeatureRef>),
    /// List what lies at a point, topmost first.
    Identify(Vec<FeatureRef>),
    /// Show the n-th of what was identified.
    ShowIdentified(usize),
}
