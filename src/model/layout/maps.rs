//! The maps of a layout: which state each shows, where and at which scale, and what is drawn over it.

use serde::{Deserialize, Serialize};

/// A map on a page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MapItem {
    /// What it shows.
    #[serde(skip_serializing_if = "MapState::is_shown")]
    pub state: MapState,
    /// Its middle in the CRS of the map; the middle of everything where none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub centre: Option<[f64; 2]>,
    /// The n of 1:n; the round one at which everything is seen where none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<f64>,
    /// How many times smaller than the wall map it is, where it gives no scale itself: 3 for an atlas at a third.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of_wall: Option<f64>,
    /// How many times as large as on screen its lines, hatches, markers and labels are; once where none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enlarge: Option<f64>,
    /// The map whose middle and scale it takes.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub follows: String,
    /// The map whose frame is marked on it: it is a key map then.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub marks: String,
    /// Titles of the layers that it shows; those that the map shows where none is named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<String>,
    /// Its kilometre grid.
    #[serde(skip_serializing_if = "GridStyle::is_none")]
    pub grid: GridStyle,
    /// Metres from line to line; what the scale asks for where none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grid_m: Option<f64>,
    /// Whether longitude and latitude stand at its corners.
    #[serde(skip_serializing_if = "is_no")]
    pub corners: bool,
    /// Whether the plot that the page is about is drawn with its boundary points, lengths and neighbours.
    #[serde(skip_serializing_if = "is_no")]
    pub plot: bool,
}

fn is_no(value: &bool) -> bool {
    !*value
}

/// Which state a map shows. A scenario without a name is the first one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum MapState {
    /// What is shown when it is drawn.
    #[default]
    Shown,
    /// The base.
    Base,
    /// A scenario by its name.
    Scenario(String),
    /// What a scenario changes.
    Changes(String),
}

impl MapState {
    fn is_shown(&self) -> bool {
        *self == Self::Shown
    }
}

impl TryFrom<String> for MapState {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (word, name) = text.split_once(':').unwrap_or((&text, ""));
        match word {
            "shown" => Ok(Self::Shown),
            "base" => Ok(Self::Base),
            "scenario" => Ok(Self::Scenario(name.to_owned())),
            "changes" => Ok(Self::Changes(name.to_owned())),
            _ => Err(format!("unknown state {text:?}")),
        }
    }
}

impl From<MapState> for String {
    fn from(state: MapState) -> Self {
        match state {
            MapState::Shown => "shown".to_owned(),
            MapState::Base => "base".to_owned(),
            MapState::Scenario(name) => format!("scenario:{name}"),
            MapState::Changes(name) => format!("changes:{name}"),
        }
    }
}

/// How a kilometre grid is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GridStyle {
    /// Not at all.
    #[default]
    None,
    /// Its numbers and short lines at the frame.
    Ticks,
    /// And crosses on the map.
    Crosses,
    /// And thin lines over the map.
    Lines,
}

impl GridStyle {
    /// All of them, each with the key of what it is called.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::None, "layout.grid-none"),
        (Self::Ticks, "layout.grid-ticks"),
        (Self::Crosses, "layout.grid-crosses"),
        (Self::Lines, "layout.grid-lines"),
    ];

    fn is_none(&self) -> bool {
        *self == Self::None
    }
}
