//! Values that records hold as words and codes. They are checked while reading, so that an error names line and column.

use crate::crs::Crs;
use crate::model::classes::Scheme;
use crate::model::roles::Role;
use crate::model::style::{Blend, Breaks, Color, Icon, Motif};
use crate::model::{AreaMethod, GeometryKind};

pub(in crate::scenario) fn yes() -> bool {
    true
}

pub(in crate::scenario) fn is_yes(value: &bool) -> bool {
    *value
}

pub(in crate::scenario) fn is_no(value: &bool) -> bool {
    !*value
}

/// A value that the file holds as a word.
macro_rules! word {
    ($(#[$doc:meta])* $name:ident($inner:ty), $read:expr, $write:expr, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(pub $inner);

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                let read: fn(&str) -> Option<$inner> = $read;
                read(&text).map(Self).ok_or_else(|| format!(concat!("unknown ", $what, " {:?}"), text))
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> String {
                let write: fn(&$inner) -> String = $write;
                write(&value.0)
            }
        }
    };
}

pub(in crate::scenario) use word;

word!(
    /// A role by its word.
    RoleWord(Role),
    |text| Role::from_name(text),
    |role| role.name().to_owned(),
    "role"
);
word!(
    /// A kind of geometry by its word.
    KindWord(GeometryKind),
    |text| {
        let kinds = [GeometryKind::Point, GeometryKind::Line, GeometryKind::Polygon, GeometryKind::None];
        kinds.into_iter().find(|kind| kind.name() == text)
    },
    |kind| kind.name().to_owned(),
    "kind of geometry"
);
word!(
    /// A method of areas by its word.
    MethodWord(AreaMethod),
    |text| {
        let methods = [AreaMethod::Survey, AreaMethod::Geodesic, AreaMethod::Planar];
        methods.into_iter().find(|method| method.name() == text)
    },
    |method| method.name().to_owned(),
    "method of areas"
);
word!(
    /// A class scheme by its word.
    SchemeWord(Scheme),
    |text| Scheme::from_name(text),
    |scheme| scheme.name().to_owned(),
    "class scheme"
);
word!(
    /// A colour as `#rrggbb` or `#rrggbbaa`.
    ColorText(Color),
    |text| Color::from_hex(text),
    |color| color.to_string(),
    "colour"
);
word!(
    /// How a layer lies on what is beneath, by its word.
    BlendWord(Blend),
    |text| Blend::from_name(text),
    |blend| blend.name().to_owned(),
    "blend"
);
word!(
    /// How ranges are found by its word.
    BreaksWord(Breaks),
    |text| Breaks::from_name(text),
    |breaks| breaks.name().to_owned(),
    "way of finding ranges"
);
word!(
    /// Pictogram of a marker by its word.
    IconWord(Icon),
    |text| Icon::from_name(text),
    |icon| icon.name(),
    "pictogram"
);
word!(
    /// A figure of patterns by its word.
    MotifWord(Motif),
    |text| Motif::from_name(text),
    |motif| motif.name().to_owned(),
    "figure"
);
word!(
    /// A CRS by its code.
    CrsCode(Crs),
    |text| Crs::parse(text).ok(), // the message names the text
    |crs| crs.code().to_owned(),
    "CRS"
);

#[allow(clippy::derivable_impls, reason = "the macro that makes the type derives the same for all words")]
impl Default for IconWord {
    fn default() -> Self {
        Self(Icon::default())
    }
}

#[allow(clippy::derivable_impls, reason = "the macro that makes the type derives the same for all words")]
impl Default for MethodWord {
    fn default() -> Self {
        Self(AreaMethod::default())
    }
}

impl MethodWord {
    /// Whether it is the survey's.
    pub(in crate::scenario) fn is_usual(&self) -> bool {
        self.0 == AreaMethod::default()
    }
}
