//! A style as a record: members that are absent stay as they are in the style that the layer starts with.

use serde::{Deserialize, Serialize};

use super::labels::LabelsRecord;
use super::words::{BlendWord, BreaksWord, ColorText, IconWord, MotifWord, SchemeWord, is_no, is_yes, yes};
use crate::model::classes::{self, Scheme};
use crate::model::style::labels::{LabelText, Labels};
use crate::model::style::{
    Casing, Categories, ClassSymbol, Dash, Fill, Graduated, Hatch, LayerStyle, Marker, Pattern, RangeSymbol,
    RuleSymbol, Ruled, ScaleRange, Shape, Stroke, Styling, Symbol,
};

/// A style. Members that are absent stay as they are in the style that the layer starts with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StyleRecord {
    /// Strength of the layer, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opacity: Option<f32>,
    /// How it lies on what is beneath.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blend: Option<BlendWord>,
    /// Scales at which it is drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scales: Option<ScalesRecord>,
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
    /// Expression whose figure decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
    /// How its ranges were found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breaks: Option<BreaksWord>,
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
    /// The ranges of a figure.
    #[serde(default, rename = "range", skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<RangeRecord>,
    /// The rules.
    #[serde(default, rename = "rule", skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleRecord>,
}

/// Scales by the numbers after `1:`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScalesRecord {
    /// The closest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<f64>,
    /// The farthest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<f64>,
}

/// A range of a graduated style.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RangeRecord {
    /// Where it begins.
    pub lower: f64,
    /// Where it ends.
    pub upper: f64,
    /// Its name, where it is the user's own.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// Whether it is drawn.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub visible: bool,
    /// How it is drawn.
    pub symbol: SymbolRecord,
}

/// A rule of a style.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleRecord {
    /// Its condition; all features without it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub filter: String,
    /// Its name, where it is the user's own.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// Scales at which it decides.
    #[serde(default, skip_serializing_if = "ScalesRecord::is_open")]
    pub scales: ScalesRecord,
    /// Whether its features are drawn.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub visible: bool,
    /// How they are drawn.
    pub symbol: SymbolRecord,
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
    /// A small figure again and again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<PatternRecord>,
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
    /// Whether a second set runs at right angles.
    #[serde(default, skip_serializing_if = "is_no")]
    pub crossed: bool,
    /// Colour behind them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back: Option<ColorText>,
}

/// A small figure again and again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PatternRecord {
    /// The figure.
    pub motif: MotifWord,
    /// Its colour.
    pub color: ColorText,
    /// Its size.
    pub size_px: f32,
    /// Distance of neighbours.
    pub spacing_px: f32,
    /// Whether every second row is moved by half a distance.
    #[serde(default, skip_serializing_if = "is_no")]
    pub staggered: bool,
    /// Colour behind.
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
    /// None.
    Bare,
}

/// Pairs of words and values.
const SHAPES: [(ShapeWord, Shape); 6] = [
    (ShapeWord::Circle, Shape::Circle),
    (ShapeWord::Square, Shape::Square),
    (ShapeWord::RoundedSquare, Shape::RoundedSquare),
    (ShapeWord::Diamond, Shape::Diamond),
    (ShapeWord::Triangle, Shape::Triangle),
    (ShapeWord::Bare, Shape::Bare),
];

impl StyleRecord {
    /// The record of a whole style.
    pub fn of_style(style: &LayerStyle) -> Self {
        let mut record = Self {
            opacity: Some(style.opacity),
            blend: (style.blend != Default::default()).then_some(BlendWord(style.blend)),
            scales: (!style.scales.is_open()).then(|| ScalesRecord::of_scales(style.scales)),
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
            Styling::Graduated(graduated) => {
                record.expression = Some(graduated.expression.clone());
                record.breaks = Some(BreaksWord(graduated.breaks));
                record.other = Some(SymbolRecord::of_symbol(&graduated.other));
                record.other_visible = Some(graduated.other_visible);
                record.ranges = graduated.ranges.iter().map(RangeRecord::of_range).collect();
            }
            Styling::Ruled(ruled) if ruled.rules.is_empty() => {
                // Without rules all features are other ones.
                record.symbol = Some(SymbolRecord::of_symbol(&ruled.other));
            }
            Styling::Ruled(ruled) => {
                record.other = Some(SymbolRecord::of_symbol(&ruled.other));
                record.other_visible = Some(ruled.other_visible);
                record.rules = ruled.rules.iter().map(RuleRecord::of_rule).collect();
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
        style.blend = self.blend.map_or(style.blend, |blend| blend.0);
        style.scales = self.scales.map_or(style.scales, ScalesRecord::into_scales);
        if let Some(labels) = self.labels {
            style.labels = labels.into_labels();
        } else if let Some(field) = self.label_field {
            let first = first.labels.clone().unwrap_or_else(|| Labels::of_field(""));
            style.labels = (!field.is_empty()).then_some(Labels { text: LabelText::Field(field), ..first });
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
        } else if let Some(expression) = self.expression {
            style.styling = Styling::Graduated(Graduated {
                expression,
                breaks: self.breaks.map(|breaks| breaks.0).unwrap_or_default(),
                ranges: self.ranges.into_iter().map(RangeRecord::into_range).collect(),
                other: self.other.map(SymbolRecord::into_symbol).unwrap_or_default(),
                other_visible: self.other_visible.unwrap_or(true),
            });
        } else if !self.rules.is_empty() {
            style.styling = Styling::Ruled(Ruled {
                rules: self.rules.into_iter().map(RuleRecord::into_rule).collect(),
                other: self.other.map(SymbolRecord::into_symbol).unwrap_or_default(),
                other_visible: self.other_visible.unwrap_or(true),
            });
        }
        style
    }
}

impl ScalesRecord {
    pub(super) fn of_scales(scales: ScaleRange) -> Self {
        Self { from: scales.from, to: scales.to }
    }

    /// The range; ends that are no positive numbers are open.
    pub(super) fn into_scales(self) -> ScaleRange {
        let end = |end: Option<f64>| end.filter(|end| end.is_finite() && *end > 0.0);
        ScaleRange { from: end(self.from), to: end(self.to) }
    }

    /// Whether it has no end.
    pub fn is_open(&self) -> bool {
        *self == Self::default()
    }
}

impl RangeRecord {
    fn of_range(range: &RangeSymbol) -> Self {
        Self {
            lower: range.lower,
            upper: range.upper,
            label: range.label.clone(),
            visible: range.visible,
            symbol: SymbolRecord::of_symbol(&range.symbol),
        }
    }

    fn into_range(self) -> RangeSymbol {
        RangeSymbol {
            lower: self.lower,
            upper: self.upper,
            label: self.label,
            symbol: self.symbol.into_symbol(),
            visible: self.visible,
        }
    }
}

impl RuleRecord {
    fn of_rule(rule: &RuleSymbol) -> Self {
        Self {
            filter: rule.filter.clone(),
            label: rule.label.clone(),
            scales: ScalesRecord::of_scales(rule.scales),
            visible: rule.visible,
            symbol: SymbolRecord::of_symbol(&rule.symbol),
        }
    }

    fn into_rule(self) -> RuleSymbol {
        RuleSymbol {
            filter: self.filter,
            label: self.label,
            scales: self.scales.into_scales(),
            symbol: self.symbol.into_symbol(),
            visible: self.visible,
        }
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
        let mut record = Self::default();
        match symbol.fill {
            Fill::None => {}
            Fill::Solid(color) => record.fill = Some(ColorText(color)),
            Fill::Hatch(hatch) => {
                record.hatch = Some(HatchRecord {
                    color: ColorText(hatch.color),
                    angle_deg: hatch.angle_deg,
                    spacing_px: hatch.spacing_px,
                    width_px: hatch.width_px,
                    crossed: hatch.crossed,
                    back: hatch.back.map(ColorText),
                });
            }
            Fill::Pattern(pattern) => {
                record.pattern = Some(PatternRecord {
                    motif: MotifWord(pattern.motif),
                    color: ColorText(pattern.color),
                    size_px: pattern.size_px,
                    spacing_px: pattern.spacing_px,
                    staggered: pattern.staggered,
                    back: pattern.back.map(ColorText),
                });
            }
        }
        record.stroke = symbol.stroke.map(|stroke| StrokeRecord {
            color: ColorText(stroke.color),
            width_px: stroke.width_px,
            dash_px: stroke.dash.map(|dash| [dash.on_px, dash.off_px]),
            casing: stroke.casing.map(CasingRecord::of_casing),
        });
        record.marker = symbol.marker.map(|marker| MarkerRecord {
            shape: SHAPES.iter().find(|(_, shape)| *shape == marker.shape).map(|(word, _)| *word).unwrap_or_default(),
            size_px: marker.size_px,
            color: ColorText(marker.color),
            icon: IconWord(marker.icon),
            icon_color: ColorText(marker.icon_color),
            casing: marker.casing.map(CasingRecord::of_casing),
        });
        record
    }

    fn into_symbol(self) -> Symbol {
        let fill = match (self.hatch, self.pattern, self.fill) {
            (Some(hatch), _, fill) => Fill::Hatch(Hatch {
                color: hatch.color.0,
                angle_deg: hatch.angle_deg,
                spacing_px: hatch.spacing_px,
                width_px: hatch.width_px,
                crossed: hatch.crossed,
                back: hatch.back.or(fill).map(|color| color.0),
            }),
            (None, Some(pattern), fill) => Fill::Pattern(Pattern {
                motif: pattern.motif.0,
                color: pattern.color.0,
                size_px: pattern.size_px,
                spacing_px: pattern.spacing_px,
                staggered: pattern.staggered,
                back: pattern.back.or(fill).map(|color| color.0),
            }),
            (None, None, Some(color)) => Fill::Solid(color.0),
            (None, None, None) => Fill::None,
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
            icon: marker.icon.0,
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
