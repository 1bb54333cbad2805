//! The project file's own structures, version 5.
//!
//! | version | what it was the first to hold |
//! |---|---|
//! | 1 | layers, styles, headings, the view |
//! | 2 | scenarios, ledgers, settings |
//! | 3 | how several states are seen |
//! | 4 | the layer within its source, the method of its areas, layers taken out, measurements |
//! | 5 | what is undone of the coordinates of a layer |
//!
//! What an older file lacks is empty or as it was then: it opens and is saved as the present version.
//!
//! Words and codes are checked while reading, so that an error names line and column. Unknown members are refused: in a
//! file of a known version they are mistakes of someone who edited it by hand, not news from the future.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::correction::CorrectionRecord;
use super::plan::ScenarioRecord;
use super::plans::LedgerRecord;
use super::seeing::SeeingRecord;

use crate::crs::Crs;
use crate::model::classes::{self, Scheme};
use crate::model::roles::Role;
use crate::model::style::{
    Casing, Categories, ClassSymbol, Color, Dash, Fill, Hatch, Icon, LayerStyle, Marker, Shape, Stroke, Styling, Symbol,
};
use crate::model::{AreaMethod, Coord, GeometryKind};
use crate::scenario::measurement::{Measurement, MeasurementKind};

/// The version that this program writes, and the highest that it reads.
pub const FORMAT: u32 = 5;

/// A project.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectRecord {
    /// Version of the file.
    pub format: u32,
    /// Name of the project.
    #[serde(default)]
    pub name: String,
    /// Note of its author.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Reference system of the map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crs: Option<CrsCode>,
    /// Its rules file, relative to the project file, with forward slashes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<String>,
    /// Number of the scenario that was shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<u64>,
    /// What the map showed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view: Option<ViewRecord>,
    /// How it showed several states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seeing: Option<SeeingRecord>,
    /// Headings, top to bottom.
    #[serde(default, rename = "group")]
    pub groups: Vec<GroupRecord>,
    /// Layers, top to bottom.
    #[serde(default, rename = "layer")]
    pub layers: Vec<LayerRecord>,
    /// Measurements that were kept.
    #[serde(default, rename = "measurement", skip_serializing_if = "Vec::is_empty")]
    pub measurements: Vec<MeasurementRecord>,
    /// Scenarios in the order of their tabs.
    #[serde(default, rename = "scenario", skip_serializing_if = "Vec::is_empty")]
    pub scenarios: Vec<ScenarioRecord>,
    /// What was said about lines of ledgers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ledger: Vec<LedgerRecord>,
    /// Targets, limits of rules and the like, word by word.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
}

/// What the map showed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewRecord {
    /// Middle, in the CRS of the map.
    pub center: [f64; 2],
    /// Units of that CRS a logical pixel.
    pub units_per_px: f64,
}

/// A heading.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupRecord {
    /// Its word.
    pub id: String,
    /// Its title, where it is the user's own.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Whether its layers are listed.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub open: bool,
    /// Whether its layers are drawn.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub visible: bool,
}

/// A layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerRecord {
    /// Its source, relative to the project file, with forward slashes.
    pub path: String,
    /// Kind of geometry: tells the layers of one source apart.
    pub kind: KindWord,
    /// Its name in the source, for sources of several layers of one kind; any of the kind without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<String>,
    /// Whether it was taken out of the tree; scenarios still speak of it.
    #[serde(default, skip_serializing_if = "is_no")]
    pub removed: bool,
    /// Name in the tree, where it is the user's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it is in planning terms.
    pub role: RoleWord,
    /// Heading that it stands under.
    pub group: String,
    /// Whether it is drawn.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub visible: bool,
    /// Whether its classes are listed.
    #[serde(default, skip_serializing_if = "is_no")]
    pub open: bool,
    /// The CRS that the user gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crs: Option<CrsCode>,
    /// How its areas are computed, where that is not the survey's method.
    #[serde(default, skip_serializing_if = "MethodWord::is_usual")]
    pub method: MethodWord,
    /// Bytes of the source when it was last read.
    #[serde(default)]
    pub bytes: u64,
    /// Hash of the source when it was last read.
    #[serde(default)]
    pub hash: String,
    /// What is undone of its coordinates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correction: Option<CorrectionRecord>,
    /// Its style, where it is not the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub style: Option<StyleRecord>,
}

/// A measurement that was kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasurementRecord {
    /// Its name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What it measures.
    pub kind: MeasuresWord,
    /// The CRS of its points.
    pub crs: CrsCode,
    /// Its points, the ring of an area not closed.
    pub points: Vec<[f64; 2]>,
}

/// A style. Members that are absent stay as they are in the style that the layer starts with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StyleRecord {
    /// Strength of the layer, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opacity: Option<f32>,
    /// Field written on each feature; empty for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_field: Option<String>,
    /// One symbol for all features.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symbol: Option<SymbolRecord>,
    /// Field whose value decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Scheme of its codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<SchemeWord>,
    /// Symbol of all other values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<SymbolRecord>,
    /// Whether those are drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_visible: Option<bool>,
    /// The classes.
    #[serde(default, rename = "class", skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<ClassRecord>,
}

/// A class of a style.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassRecord {
    /// Value of the field.
    pub key: String,
    /// Its name, where it is the user's own.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// Whether it is drawn.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub visible: bool,
    /// How it is drawn.
    pub symbol: SymbolRecord,
}

/// A symbol.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SymbolRecord {
    /// Colour of the inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fill: Option<ColorText>,
    /// Lines across the inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hatch: Option<HatchRecord>,
    /// Outline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stroke: Option<StrokeRecord>,
    /// Marker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<MarkerRecord>,
}

/// Parallel lines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HatchRecord {
    /// Their colour.
    pub color: ColorText,
    /// Their direction, degrees counter-clockwise from the x axis.
    pub angle_deg: f32,
    /// Distance of their middles.
    pub spacing_px: f32,
    /// Their width.
    pub width_px: f32,
    /// Colour behind them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back: Option<ColorText>,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StrokeRecord {
    /// Its colour.
    pub color: ColorText,
    /// Its width.
    pub width_px: f32,
    /// Lengths drawn and left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dash_px: Option<[f32; 2]>,
    /// A wider line beneath.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub casing: Option<CasingRecord>,
}

/// A wider line beneath a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CasingRecord {
    /// Its colour.
    pub color: ColorText,
    /// Its width.
    pub width_px: f32,
}

/// A marker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarkerRecord {
    /// Its outline.
    pub shape: ShapeWord,
    /// Its height.
    pub size_px: f32,
    /// Its fill.
    pub color: ColorText,
    /// Pictogram inside.
    #[serde(default)]
    pub icon: IconWord,
    /// Colour of the pictogram.
    pub icon_color: ColorText,
    /// A line around it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub casing: Option<CasingRecord>,
}

fn yes() -> bool {
    true
}

fn is_yes(value: &bool) -> bool {
    *value
}

fn is_no(value: &bool) -> bool {
    !*value
}

/// A value that the file holds as a word.
macro_rules! word {
    ($(#[$doc:meta])* $name:ident($inner:ty), $read:expr, $write:expr, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    /// What a measurement measures by its word.
    MeasuresWord(MeasurementKind),
    |text| MeasurementKind::from_name(text),
    |kind| kind.name().to_owned(),
    "kind of measurement"
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
    /// A CRS by its code.
    CrsCode(Crs),
    |text| Crs::parse(text).ok(), // the message names the text
    |crs| crs.code().to_owned(),
    "CRS"
);

#[allow(clippy::derivable_impls, reason = "the macro that makes the type derives the same for all words")]
impl Default for MethodWord {
    fn default() -> Self {
        Self(AreaMethod::default())
    }
}

impl MethodWord {
    fn is_usual(&self) -> bool {
        self.0 == AreaMethod::default()
    }
}

impl MeasurementRecord {
    /// The record of a measurement.
    pub fn of_measurement(measurement: &Measurement) -> Self {
        Self {
            name: measurement.name.clone(),
            kind: MeasuresWord(measurement.kind),
            crs: CrsCode(measurement.crs.clone()),
            points: measurement.points.iter().map(|point| [point.x, point.y]).collect(),
        }
    }

    /// The measurement; points that are no numbers are left out.
    pub fn into_measurement(self) -> Measurement {
        let points = self.points.into_iter().filter(|point| point.iter().all(|v| v.is_finite()));
        Measurement {
            name: self.name,
            kind: self.kind.0,
            points: points.map(|[x, y]| Coord { x, y }).collect(),
            crs: self.crs.0,
        }
    }
}

/// Outline of a marker by its word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShapeWord {
    /// A disc.
    #[default]
    Circle,
    /// A square.
    Square,
    /// A square with rounded corners.
    RoundedSquare,
    /// A square on its corner.
    Diamond,
    /// A triangle.
    Triangle,
}

/// Pictogram of a marker by its word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IconWord {
    /// None.
    #[default]
    None,
    /// A house.
    House,
    /// A star.
    Star,
    /// A flag.
    Flag,
}

/// Pairs of words and values.
const SHAPES: [(ShapeWord, Shape); 5] = [
    (ShapeWord::Circle, Shape::Circle),
    (ShapeWord::Square, Shape::Square),
    (ShapeWord::RoundedSquare, Shape::RoundedSquare),
    (ShapeWord::Diamond, Shape::Diamond),
    (ShapeWord::Triangle, Shape::Triangle),
];

/// Pairs of words and values.
const ICONS: [(IconWord, Icon); 4] = [
    (IconWord::None, Icon::None),
    (IconWord::House, Icon::House),
    (IconWord::Star, Icon::Star),
    (IconWord::Flag, Icon::Flag),
];

impl StyleRecord {
    /// The record of a whole style.
    pub fn of_style(style: &LayerStyle) -> Self {
        let mut record = Self {
            opacity: Some(style.opacity),
            label_field: Some(style.label_field.clone().unwrap_or_default()),
            ..Self::default()
        };
        match &style.styling {
            Styling::Single(symbol) => record.symbol = Some(SymbolRecord::of_symbol(symbol)),
            Styling::Categorised(categories) => {
                record.field = Some(categories.field.clone());
                record.scheme = categories.scheme.map(SchemeWord);
                record.other = Some(SymbolRecord::of_symbol(&categories.other));
                record.other_visible = Some(categories.other_visible);
                record.classes = categories.classes.iter().map(ClassRecord::of_class).collect();
            }
        }
        record
    }

    /// The style that this record makes of the one that the layer starts with.
    pub fn into_style(self, first: &LayerStyle) -> LayerStyle {
        let mut style = first.clone();
        if let Some(opacity) = self.opacity.filter(|opacity| opacity.is_finite()) {
            style.opacity = opacity.clamp(0.0, 1.0);
        }
        if let Some(field) = self.label_field {
            style.label_field = (!field.is_empty()).then_some(field);
        }
        if let Some(symbol) = self.symbol {
            style.styling = Styling::Single(symbol.into_symbol());
        } else if let Some(field) = self.field {
            let old = first.categories().filter(|categories| categories.field == field);
            let scheme = self.scheme.map(|scheme| scheme.0);
            style.styling = Styling::Categorised(Categories {
                scheme,
                classes: self.classes.into_iter().map(|class| class.into_class(scheme)).collect(),
                other: self
                    .other
                    .map_or_else(|| old.map(|old| old.other).unwrap_or_default(), SymbolRecord::into_symbol),
                other_visible: self.other_visible.unwrap_or(true),
                field,
            });
        }
        style
    }
}

impl ClassRecord {
    fn of_class(class: &ClassSymbol) -> Self {
        let symbol = SymbolRecord::of_symbol(&class.symbol);
        Self { key: class.key.clone(), label: class.label.clone(), visible: class.visible, symbol }
    }

    fn into_class(self, scheme: Option<Scheme>) -> ClassSymbol {
        let class = scheme.and_then(|scheme| classes::resolve(scheme, &self.key)).map(|resolved| resolved.class);
        let symbol = self.symbol.into_symbol();
        ClassSymbol { key: self.key, class, label: self.label, symbol, visible: self.visible }
    }
}

impl SymbolRecord {
    fn of_symbol(symbol: &Symbol) -> Self {
        let (fill, hatch) = match symbol.fill {
            Fill::None => (None, None),
            Fill::Solid(color) => (Some(ColorText(color)), None),
            Fill::Hatch(hatch) => (
                None,
                Some(HatchRecord {
                    color: ColorText(hatch.color),
                    angle_deg: hatch.angle_deg,
                    spacing_px: hatch.spacing_px,
                    width_px: hatch.width_px,
                    back: hatch.back.map(ColorText),
                }),
            ),
        };
        let stroke = symbol.stroke.map(|stroke| StrokeRecord {
            color: ColorText(stroke.color),
            width_px: stroke.width_px,
            dash_px: stroke.dash.map(|dash| [dash.on_px, dash.off_px]),
            casing: stroke.casing.map(CasingRecord::of_casing),
        });
        let marker = symbol.marker.map(|marker| MarkerRecord {
            shape: SHAPES.iter().find(|(_, shape)| *shape == marker.shape).map(|(word, _)| *word).unwrap_or_default(),
            size_px: marker.size_px,
            color: ColorText(marker.color),
            icon: ICONS.iter().find(|(_, icon)| *icon == marker.icon).map(|(word, _)| *word).unwrap_or_default(),
            icon_color: ColorText(marker.icon_color),
            casing: marker.casing.map(CasingRecord::of_casing),
        });
        Self { fill, hatch, stroke, marker }
    }

    fn into_symbol(self) -> Symbol {
        let fill = match (self.hatch, self.fill) {
            (Some(hatch), fill) => Fill::Hatch(Hatch {
                color: hatch.color.0,
                angle_deg: hatch.angle_deg,
                spacing_px: hatch.spacing_px,
                width_px: hatch.width_px,
                back: hatch.back.or(fill).map(|color| color.0),
            }),
            (None, Some(color)) => Fill::Solid(color.0),
            (None, None) => Fill::None,
        };
        let stroke = self.stroke.map(|stroke| Stroke {
            color: stroke.color.0,
            width_px: stroke.width_px,
            dash: stroke.dash_px.map(|[on_px, off_px]| Dash { on_px, off_px }),
            casing: stroke.casing.map(CasingRecord::into_casing),
        });
        let marker = self.marker.map(|marker| Marker {
            shape: SHAPES.iter().find(|(word, _)| *word == marker.shape).map(|(_, shape)| *shape).unwrap_or_default(),
            size_px: marker.size_px,
            color: marker.color.0,
            icon: ICONS.iter().find(|(word, _)| *word == marker.icon).map(|(_, icon)| *icon).unwrap_or_default(),
            icon_color: marker.icon_color.0,
            casing: marker.casing.map(CasingRecord::into_casing),
        });
        Symbol { fill, stroke, marker }
    }
}

impl CasingRecord {
    fn of_casing(casing: Casing) -> Self {
        Self { color: ColorText(casing.color), width_px: casing.width_px }
    }

    fn into_casing(self) -> Casing {
        Casing { color: self.color.0, width_px: self.width_px }
    }
}
