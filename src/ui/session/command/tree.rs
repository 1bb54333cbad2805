//! The layer tree: what is drawn, in which order, and how: the commands of this subject, as data.

use crate::crs::{Correction, Crs};
use crate::model::conversion::Conversion;
use crate::model::roles::Mapping;
use crate::model::style::LayerStyle;
use crate::model::{AreaMethod, LayerId};
use crate::ui::session::survey::Order;

/// The layer tree: what is drawn, in which order, and how.
#[derive(Clone, Debug, PartialEq)]
pub enum TreeCommand {
    /// Make a layer the one that table, legend and menus are about.
    SetCurrent(Option<LayerId>),
    /// Show or hide a layer.
    SetVisible(LayerId, bool),
    /// Show or hide all layers.
    SetAllVisible(bool),
    /// Show or hide all layers of a group.
    SetGroupVisible(String, bool),
    /// Open or close a group of the tree.
    ToggleGroup(String),
    /// Open or close the legend under a layer.
    ToggleLegend(LayerId),
    /// Move a layer under a heading of the tree.
    MoveLayer {
        /// The layer.
        layer: LayerId,
        /// The heading.
        group: String,
        /// Its place there, counted without the layer itself.
        index: usize,
    },
    /// Call a layer by another name; empty for its own.
    RenameLayer(LayerId, String),
    /// Draw a layer in this style.
    SetStyle(LayerId, Box<LayerStyle>),
    /// Keep the style of a layer for another.
    CopyStyle(LayerId),
    /// Draw a layer in the style that was copied.
    PasteStyle(LayerId),
    /// Write the style of a layer to a file to be chosen.
    SaveStyle(LayerId),
    /// Draw a layer in the style of a file to be chosen.
    LoadStyle(LayerId),
    /// Draw the features of one class, or not.
    SetClassVisible {
        /// The layer.
        layer: LayerId,
        /// Index of the symbol in its style.
        symbol: u16,
        /// Whether they are drawn.
        visible: bool,
    },
    /// Read the coordinates of a layer in this CRS.
    SetLayerCrs(LayerId, Crs),
    /// Join an open table to a layer by these fields.
    Join {
        /// The layer.
        layer: LayerId,
        /// The table.
        table: LayerId,
        /// The layer's key field.
        key: String,
        /// The table's.
        table_key: String,
    },
    /// Take a joined table off a layer.
    Unjoin {
        /// The layer.
        layer: LayerId,
        /// Which of its joins.
        at: usize,
    },
    /// Say what a layer is, for this project and, where that is asked for, for all of the office.
    Map {
        /// The layer.
        layer: LayerId,
        /// What is said; nothing for what is recognised.
        mapping: Box<Mapping>,
        /// Whether the office remembers it.
        for_office: bool,
    },
    /// Carry the classes of a layer over to another scheme.
    Convert {
        /// The layer.
        layer: LayerId,
        /// How.
        conversion: Box<Conversion>,
        /// Whether the office remembers what was decided.
        for_office: bool,
    },
    /// Take the fields of a conversion off a layer.
    DropConversion(LayerId),
    /// Write what a survey hands in.
    Survey(Order),
    /// Read the coordinates of a layer with this undone, or as they are in its file.
    SetCorrection(LayerId, Option<Box<Correction>>),
    /// Measure a layer by this method.
    SetMethod(LayerId, AreaMethod),
}
