//! What is written on features, as a record.

use serde::{Deserialize, Serialize};

use super::style::ScalesRecord;
use super::words::{ColorText, is_no};
use crate::model::style::ScaleRange;
use crate::model::style::labels::{Halo, LabelLook, LabelText, Labels, Placing, SIZES_PX, rank};

/// What is written on the features of a layer: a field, an expression, or one expression over another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelsRecord {
    /// The field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
    /// The expression above the bar of a fraction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<String>,
    /// The expression below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under: Option<String>,
    /// Who wins, 0 first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<u8>,
    /// How a text lies on its feature.
    #[serde(default, skip_serializing_if = "PlacingWord::is_usual")]
    pub placing: PlacingWord,
    /// Scales at which it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scales: Option<ScalesRecord>,
    /// How it looks.
    #[serde(default, skip_serializing_if = "LookRecord::is_usual")]
    pub look: LookRecord,
    /// How it looks on some classes.
    #[serde(default, rename = "class", skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<ClassLookRecord>,
}

/// How labels look on the features of a class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassLookRecord {
    /// Key of the class, or label of the range or rule.
    pub key: String,
    /// How they look.
    #[serde(default)]
    pub look: LookRecord,
}

/// How a label looks; members that are absent are as labels start with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookRecord {
    /// Height of its characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_px: Option<f32>,
    /// Whether it is bold.
    #[serde(default, skip_serializing_if = "is_no")]
    pub bold: bool,
    /// Its colour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<ColorText>,
    /// Colour of the line around its characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub halo: Option<ColorText>,
    /// Width of that line; 0 for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub halo_px: Option<f32>,
}

/// How a label lies, by its word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlacingWord {
    /// By the kind of its feature.
    #[default]
    Auto,
    /// Along it.
    Along,
    /// Along it with its characters apart.
    AlongSpaced,
    /// On its middle.
    Over,
}

impl PlacingWord {
    fn is_usual(&self) -> bool {
        *self == Self::Auto
    }
}

impl LabelsRecord {
    /// The record of labels.
    pub fn of_labels(labels: &Labels) -> Self {
        let mut record = Self {
            rank: Some(labels.rank),
            placing: match labels.placing {
                Placing::Auto => PlacingWord::Auto,
                Placing::Along { spaced: false } => PlacingWord::Along,
                Placing::Along { spaced: true } => PlacingWord::AlongSpaced,
                Placing::Over => PlacingWord::Over,
            },
            scales: (!labels.scales.is_open()).then(|| ScalesRecord::of_scales(labels.scales)),
            look: LookRecord::of_look(&labels.look),
            ..Self::default()
        };
        let class =
            |(key, look): &(String, LabelLook)| ClassLookRecord { key: key.clone(), look: LookRecord::of_look(look) };
        record.classes = labels.of_class.iter().map(class).collect();
        match labels.text.clone() {
            LabelText::Field(field) => record.field = Some(field),
            LabelText::Expression(expression) => record.expression = Some(expression),
            LabelText::Fraction { over, under } => (record.over, record.under) = (Some(over), Some(under)),
        }
        record
    }

    /// The labels of this record; `None` where it says nothing to write.
    pub fn into_labels(self) -> Option<Labels> {
        let text = match (self.field, self.expression, self.over, self.under) {
            (Some(field), ..) => LabelText::Field(field),
            (None, Some(expression), ..) => LabelText::Expression(expression),
            (None, None, None, None) => return None,
            (None, None, over, under) => {
                LabelText::Fraction { over: over.unwrap_or_default(), under: under.unwrap_or_default() }
            }
        };
        Some(Labels {
            text,
            look: self.look.into_look(),
            of_class: self.classes.into_iter().map(|class| (class.key, class.look.into_look())).collect(),
            rank: self.rank.unwrap_or(rank::PARCEL),
            placing: match self.placing {
                PlacingWord::Auto => Placing::Auto,
                PlacingWord::Along => Placing::Along { spaced: false },
                PlacingWord::AlongSpaced => Placing::Along { spaced: true },
                PlacingWord::Over => Placing::Over,
            },
            scales: self.scales.map_or(ScaleRange::default(), ScalesRecord::into_scales),
        })
    }
}

impl LookRecord {
    fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    fn of_look(look: &LabelLook) -> Self {
        let usual = LabelLook::default();
        let halo_px = look.halo.map_or(0.0, |halo| halo.width_px);
        let usual_px = usual.halo.map_or(0.0, |halo| halo.width_px);
        Self {
            size_px: (look.size_px != usual.size_px).then_some(look.size_px),
            bold: look.bold,
            color: look.color.map(ColorText),
            halo: look.halo.and_then(|halo| halo.color).map(ColorText),
            halo_px: (halo_px != usual_px).then_some(halo_px),
        }
    }

    fn into_look(self) -> LabelLook {
        let usual = LabelLook::default();
        let finite = |value: &f32| value.is_finite();
        let width_px = self.halo_px.filter(finite).or(usual.halo.map(|halo| halo.width_px)).unwrap_or_default();
        let color = self.halo.map(|color| color.0);
        LabelLook {
            size_px: self.size_px.filter(finite).unwrap_or(usual.size_px).clamp(SIZES_PX[0], SIZES_PX[1]),
            bold: self.bold,
            color: self.color.map(|color| color.0),
            halo: (width_px > 0.0).then_some(Halo { color, width_px }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::style::Color;

    #[test]
    fn the_field_of_an_older_project_is_labels_of_that_field() {
        use super::super::style::StyleRecord;
        use crate::model::style::{LayerStyle, Symbol};
        let first = LayerStyle { labels: Some(Labels::of_field("XZQMC")), ..LayerStyle::single(Symbol::default()) };
        let read = |text: &str| toml::from_str::<StyleRecord>(text).expect("a style").into_style(&first).labels;
        assert_eq!(read("label_field = \"名称\""), Some(Labels::of_field("名称")));
        assert_eq!(read("label_field = \"\""), None);
        assert_eq!(read("opacity = 0.5"), first.labels);
        // What says nothing is written so, and read so.
        let bare = LayerStyle::single(Symbol::default());
        assert_eq!(StyleRecord::of_style(&bare).into_style(&first).labels, None);
    }

    #[test]
    fn labels_read_back_as_they_were_written() {
        let look = LabelLook {
            size_px: 16.0,
            bold: true,
            color: Some(Color::rgb(1, 2, 3)),
            halo: Some(Halo { color: Some(Color::WHITE), width_px: 2.0 }),
        };
        let bare = LabelLook { halo: None, ..LabelLook::default() };
        let texts = [
            LabelText::Field("DLMC".to_owned()),
            LabelText::Expression("concat(DLMC, ' ', DLBM)".to_owned()),
            LabelText::Fraction { over: "TBBH".to_owned(), under: "$area".to_owned() },
        ];
        let placings =
            [Placing::Auto, Placing::Along { spaced: false }, Placing::Along { spaced: true }, Placing::Over];
        for text in texts {
            for placing in placings {
                let labels = Labels {
                    look,
                    of_class: vec![("0701".to_owned(), bare), ("其他".to_owned(), look)],
                    rank: 1,
                    placing,
                    scales: ScaleRange { from: Some(500.0), to: None },
                    ..Labels::of_text(text.clone())
                };
                let written = toml::to_string(&LabelsRecord::of_labels(&labels)).expect("can be written");
                let read: LabelsRecord = toml::from_str(&written).unwrap_or_else(|e| panic!("{e}\n{written}"));
                assert_eq!(read.into_labels(), Some(labels), "{written}");
            }
        }
        assert_eq!(LabelsRecord::default().into_labels(), None);
    }
}
