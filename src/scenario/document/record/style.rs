//! A style as a record: members that are absent stay as they are in the style that the layer starts with.

use serde::{Deserialize, Serialize};

use super::labels::LabelsRecord;
use super::words::{ColorText, SchemeWord, is_yes, yes};
use crate::model::classes::{self, Scheme};
use crate::model::style::labels::{LabelText, Labels};
use crate::model::style::{
    Casing, Categories, ClassSymbol, Dash, Fill, Hatch, Icon, LayerStyle, Marker, Shape, Stroke, Styling, Symbol,
};

/// A style. Members that are absent stay as they are in the style that the layer starts with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StyleRecord {
    /// Strength of the layer, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opacity: Option<f32>,
    /// Empty where nothing is written on features; the field that is, in projects up to version 6.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_field: Option<String>,
    /// What is written on features.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<LabelsRecord>,
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
            label_field: style.labels.is_none().then(String::new),
            labels: style.labels.as_ref().map(LabelsRecord::of_labels),
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
        if let Some(labels) = self.labels {
            style.labels = labels.into_labels();
        } else if let Some(field) = self.label_field {
            let first = first.labels.clone().unwrap_or_else(|| Labels::of_field(""));
            style.labels = (!field.is_empty()).then(|| Labels { text: LabelText::Field(field), ..first });
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
