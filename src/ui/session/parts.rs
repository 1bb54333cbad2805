//! The parts of the window: tools, panels, tabs, pages, cards.

use std::path::PathBuf;

use crate::model::LayerId;
use crate::ui::look::icons::{self, Icon};
use crate::ui::session::leaving::Next;

/// What is done to the features.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum EditPage {
    /// They get a class.
    #[default]
    Class,
    /// They get a value in a field.
    Field,
    /// Their land goes out of a control layer.
    TakeOut,
    /// Their land comes into a control layer.
    PutIn,
    /// They become what they are in the base.
    Revert,
}

impl EditPage {
    /// All pages in order.
    pub const ALL: [Self; 5] = [Self::Class, Self::Field, Self::TakeOut, Self::PutIn, Self::Revert];

    /// Key of its name as a command; its short name is `<key>-short`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Class => "edit.page-class",
            Self::Field => "edit.page-field",
            Self::TakeOut => "edit.page-out",
            Self::PutIn => "edit.page-in",
            Self::Revert => "edit.page-revert",
        }
    }

    pub(in crate::ui) fn short_key(self) -> &'static str {
        match self {
            Self::Class => "edit.page-class-short",
            Self::Field => "edit.page-field-short",
            Self::TakeOut => "edit.page-out-short",
            Self::PutIn => "edit.page-in-short",
            Self::Revert => "edit.page-revert-short",
        }
    }

    /// Its icon.
    pub fn icon(self) -> Icon {
        match self {
            Self::Class => icons::SWATCH_BOOK,
            Self::Field => icons::PENCIL,
            Self::TakeOut => icons::MINUS,
            Self::PutIn => icons::PLUS,
            Self::Revert => icons::ROTATE_CCW,
        }
    }
}

/// What the left button does on the map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tool {
    /// Drag moves the map, click identifies.
    Browse,
    /// Click selects, drag selects by a box.
    #[default]
    Select,
    /// Clicks draw a polygon that selects.
    SelectPolygon,
    /// A drag draws a line around what it selects.
    Lasso,
    /// Measures along a line.
    Distance,
    /// Measures an area.
    Area,
}

impl Tool {
    /// All tools, in the order of the tool strip.
    pub const ALL: [Self; 6] =
        [Self::Browse, Self::Select, Self::SelectPolygon, Self::Lasso, Self::Distance, Self::Area];

    /// Whether the tool measures.
    pub fn measures(self) -> bool {
        matches!(self, Self::Distance | Self::Area)
    }
}

/// Which features the legend of the layer tree and the totals by class count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Counted {
    /// All of the layer.
    #[default]
    Layer,
    /// Those in view.
    View,
    /// Those selected.
    Selection,
}

impl Counted {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Layer, Self::View, Self::Selection];

    /// Key of its name.
    pub fn key(self) -> &'static str {
        match self {
            Self::Layer => "panels.of-layer",
            Self::View => "panels.of-view",
            Self::Selection => "panels.of-selection",
        }
    }
}

/// A panel that can be put away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Panel {
    /// Left: the layer tree.
    Layers,
    /// Right: identify, style.
    Inspector,
    /// Bottom: table, totals, measurements, issues.
    Bottom,
}

impl Panel {
    /// All panels.
    pub const ALL: [Self; 3] = [Self::Layers, Self::Inspector, Self::Bottom];

    /// Key of its name.
    pub fn name_key(self) -> &'static str {
        match self {
            Self::Layers => "ui.panel-layers",
            Self::Inspector => "ui.panel-inspector",
            Self::Bottom => "ui.panel-bottom",
        }
    }
}

/// A tab of the bottom panel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tab {
    /// 属性表.
    #[default]
    Table,
    /// 分类汇总.
    Classes,
    /// 地类流向.
    Transitions,
    /// 结构调整表.
    Balance,
    /// 控制线与占压.
    Conflicts,
    /// 量测.
    Measurements,
    /// 问题.
    Issues,
    /// 交付检查.
    HandIn,
}

impl Tab {
    /// All tabs in order.
    pub const ALL: [Self; 8] = [
        Self::Table,
        Self::Classes,
        Self::Transitions,
        Self::Balance,
        Self::Conflicts,
        Self::Measurements,
        Self::Issues,
        Self::HandIn,
    ];

    /// Whether the tab is about two states held against each other.
    pub fn compares(self) -> bool {
        matches!(self, Self::Transitions | Self::Balance)
    }
}

/// What the right panel is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Page {
    /// What was identified on the map.
    #[default]
    Identify,
    /// How a layer is drawn.
    Style(LayerId),
}

/// A card over the window. There is one at most.
#[derive(Clone, Debug, PartialEq)]
pub enum Card {
    /// All settings.
    Settings,
    /// The first tour, at its n-th step.
    Tour(usize),
    /// Projects opened lately.
    Recent,
    /// All shortcuts.
    Shortcuts,
    /// What this program is.
    About,
    /// Choose the CRS that a layer's coordinates are read in.
    LayerCrs(LayerId),
    /// Join a table to a layer.
    Join(LayerId),
    /// Say what a layer is, and which of its fields is which.
    Mapping(LayerId),
    /// Carry the classes of a layer over to another scheme.
    Conversion(LayerId),
    /// A field of a layer by an expression: that of this name, or a new one.
    Formula(LayerId, Option<String>),
    /// Write coordinate TXT, boundary points, four sides of a layer.
    Survey(LayerId),
    /// What the coordinates of a layer can mean.
    Doctor(LayerId),
    /// Choose what stands in a report.
    Report,
    /// Choose the CRS that everything is drawn in.
    ProjectCrs,
    /// Choose the CRS of the n-th file that waits to be opened.
    PendingCrs(usize),
    /// Save, discard or keep the work that this would put away.
    Leave(Next),
    /// The file of the project was written by somebody else: save over it, under another name, or not.
    Overwrite(PathBuf),
    /// Type the path of a file, where the system has no dialog for it.
    Path,
    /// Lay out sheets.
    Layouts,
    /// Name, source and place of something beneath the layers, by its place in the list.
    Underlay(usize),
    /// Put a map of a server beneath the layers.
    Tiles,
}

/// What the window shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RulesPage {
    /// The text of the file; the cursor goes to a line where one is given.
    Text(Option<usize>),
    /// Rules against all states.
    States,
}
