//! What a layer is in planning terms, and how that is recognised.
//!
//! Delivered files are named by their database table (`CZKFBJ`, `DLTB`), in Chinese (封库城镇开发边界), or at will.
//! [`recognise`] reads names of file and layer, then fields, then values; [`zones`] holds the names and keywords,
//! [`schema`] the tables of the databases, [`fields`] the titles of their columns. A role decides group, drawing order and
//! first style. What the user says instead is a [`Mapping`], which an office can keep for all its projects ([`office`]).

use crate::text::{Language, tr};

pub mod fields;
pub mod groupings;
mod mapping;
mod name;
pub mod office;
mod recognise;
pub mod schema;
pub mod zones;

pub use mapping::Mapping;
pub use recognise::{
    Candidate, Clues, FieldClue, Recognition, class_candidates, is_class_field_name, names_area, names_class, recognise,
};

/// What a layer is in planning terms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// 城镇开发边界.
    DevelopmentBoundary,
    /// 永久基本农田.
    BasicFarmland,
    /// 生态保护红线.
    RedLine,
    /// 建设用地.
    ConstructionLand,
    /// 地类图斑, current or planned: parcels with a class.
    LandUse,
    /// 安置区.
    Resettlement,
    /// 已清理土地.
    ClearedLand,
    /// 重点项目.
    KeyProject,
    /// 行政区: villages, streets, counties.
    Administrative,
    /// Rivers and lakes, as base map.
    Water,
    /// Roads and railways, as base map.
    Road,
    /// Anything else.
    #[default]
    Other,
}

/// Heading of the layer tree that a role stands under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// 控制线.
    ControlLines,
    /// 项目与安置.
    Projects,
    /// 用地.
    LandUse,
    /// 其他.
    Other,
}

impl Role {
    /// All roles, in the order in which layers stand in the tree: the first is drawn last, on top.
    pub const ALL: [Self; 12] = [
        Self::DevelopmentBoundary,
        Self::BasicFarmland,
        Self::RedLine,
        Self::Resettlement,
        Self::ClearedLand,
        Self::KeyProject,
        Self::Administrative,
        Self::Road,
        Self::ConstructionLand,
        Self::Water,
        Self::LandUse,
        Self::Other,
    ];

    /// The word of project files: `basic-farmland`.
    pub fn name(self) -> &'static str {
        match self {
            Self::DevelopmentBoundary => "development-boundary",
            Self::BasicFarmland => "basic-farmland",
            Self::RedLine => "red-line",
            Self::ConstructionLand => "construction-land",
            Self::LandUse => "land-use",
            Self::Resettlement => "resettlement",
            Self::ClearedLand => "cleared-land",
            Self::KeyProject => "key-project",
            Self::Administrative => "administrative",
            Self::Water => "water",
            Self::Road => "road",
            Self::Other => "other",
        }
    }

    /// The role of that word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Its name for users.
    pub fn title(self, language: Language) -> &'static str {
        tr(language, self.title_key())
    }

    /// Key of its name in the catalogue.
    pub fn title_key(self) -> &'static str {
        match self {
            Self::DevelopmentBoundary => "model.role-development-boundary",
            Self::BasicFarmland => "model.role-basic-farmland",
            Self::RedLine => "model.role-red-line",
            Self::ConstructionLand => "model.role-construction-land",
            Self::LandUse => "model.role-land-use",
            Self::Resettlement => "model.role-resettlement",
            Self::ClearedLand => "model.role-cleared-land",
            Self::KeyProject => "model.role-key-project",
            Self::Administrative => "model.role-administrative",
            Self::Water => "model.role-water",
            Self::Road => "model.role-road",
            Self::Other => "model.role-other",
        }
    }

    /// The heading it stands under.
    pub fn group(self) -> Group {
        match self {
            Self::DevelopmentBoundary | Self::BasicFarmland | Self::RedLine => Group::ControlLines,
            Self::Resettlement | Self::ClearedLand | Self::KeyProject => Group::Projects,
            Self::LandUse | Self::ConstructionLand => Group::LandUse,
            Self::Administrative | Self::Water | Self::Road | Self::Other => Group::Other,
        }
    }

    /// Place in the drawing: a layer with a larger number is drawn later and lies on top. Land use lies at the
    /// bottom, then water and roads, projects, hatched lines, and the development boundary above everything but
    /// sites and labels.
    pub fn draw_order(self) -> u8 {
        match self {
            Self::LandUse => 10,
            Self::Other => 20,
            Self::Water => 30,
            Self::ConstructionLand => 40,
            Self::Road => 50,
            Self::ClearedLand => 60,
            Self::BasicFarmland => 70,
            Self::RedLine => 80,
            Self::Administrative => 90,
            Self::KeyProject => 100,
            Self::DevelopmentBoundary => 110,
            Self::Resettlement => 120,
        }
    }
}

impl Group {
    /// All headings, top to bottom.
    pub const ALL: [Self; 4] = [Self::ControlLines, Self::Projects, Self::LandUse, Self::Other];

    /// The word of project files.
    pub fn name(self) -> &'static str {
        match self {
            Self::ControlLines => "control-lines",
            Self::Projects => "projects",
            Self::LandUse => "land-use",
            Self::Other => "other",
        }
    }

    /// The heading of that word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.name() == name)
    }

    /// Key of its name in the catalogue.
    pub fn title_key(self) -> &'static str {
        match self {
            Self::ControlLines => "model.group-control-lines",
            Self::Projects => "model.group-projects",
            Self::LandUse => "model.group-land-use",
            Self::Other => "model.group-other",
        }
    }

    /// Its name for users.
    pub fn title(self, language: Language) -> &'static str {
        tr(language, self.title_key())
    }
}
