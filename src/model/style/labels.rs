//! What is written on the features of a layer, and how: a field, an expression or a fraction, a look for all features or
//! for some classes, which layers win where there is no room for all, and how a text lies on its feature.
//!
//! Sizes and widths are logical pixels, as everywhere in styles. Where labels go in a picture is the renderer's matter.

use serde::{Deserialize, Serialize};

use super::{Color, LayerStyle, ScaleRange, Styling};
use crate::model::roles::Role;
use crate::text::Language;

/// What is written on the features of a layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Labels {
    /// What each says.
    pub text: LabelText,
    /// How it looks.
    pub look: LabelLook,
    /// How it looks on the features of some classes: by the key of a class, or the label of a range or rule.
    pub of_class: Vec<(String, LabelLook)>,
    /// Who wins where there is no room for all: 0 first. See [`rank`].
    pub rank: u8,
    /// How it lies on its feature.
    pub placing: Placing,
    /// The scales at which it is written.
    pub scales: ScaleRange,
}

/// What a label says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LabelText {
    /// The value of a field.
    Field(String),
    /// What an expression gives for the feature.
    Expression(String),
    /// 分式: one over the other with a bar between them, both expressions.
    Fraction {
        /// Above the bar.
        over: String,
        /// Below it.
        under: String,
    },
}

/// How a label looks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabelLook {
    /// Height of its characters.
    pub size_px: f32,
    /// Whether it is bold.
    pub bold: bool,
    /// Its colour; that of the theme's text where none is given, and blue on water.
    pub color: Option<Color>,
    /// A line around its characters, which parts them from the map.
    pub halo: Option<Halo>,
}

/// A line around the characters of a label.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Halo {
    /// Its colour; that of the map's ground where none is given.
    pub color: Option<Color>,
    /// Its whole width, half of it to each side of an outline.
    pub width_px: f32,
}

/// How a label lies on its feature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Placing {
    /// Where a polygon is widest, along a line, beside a point.
    #[default]
    Auto,
    /// Along a line, or along a polygon that is much longer than wide, as rivers are.
    Along {
        /// With its characters apart: 黄　河.
        spaced: bool,
    },
    /// On the point itself, or in the middle of a feature.
    Over,
}

/// Ranks that layers start with. Any other number is as good: the lower one wins.
pub mod rank {
    /// Districts and counties.
    pub const DISTRICT: u8 = 0;
    /// Streets and towns.
    pub const STREET: u8 = 1;
    /// Villages, sites, rivers and roads.
    pub const VILLAGE: u8 = 2;
    /// Parcels.
    pub const PARCEL: u8 = 3;
    /// The last one that is offered.
    pub const LAST: u8 = 5;
}

/// Size that labels start with.
pub const LABEL_PX: f32 = 12.5;

/// Smallest and largest size of labels.
pub const SIZES_PX: [f32; 2] = [6.0, 72.0];

/// Colour of names of waters.
pub const WATER_TEXT: Color = Color::rgb(15, 92, 142);
/// Colour of names of resettlement sites: that of their markers, darker.
const SITE_TEXT: Color = Color::rgb(82, 30, 140);

impl Default for LabelLook {
    fn default() -> Self {
        Self { size_px: LABEL_PX, bold: false, color: None, halo: Some(Halo::default()) }
    }
}

impl Default for Halo {
    fn default() -> Self {
        Self { color: None, width_px: 3.0 }
    }
}

impl Labels {
    /// The value of a field, in the look that labels start with.
    pub fn of_field(field: impl Into<String>) -> Self {
        Self::of_text(LabelText::Field(field.into()))
    }

    /// That text, in the look that labels start with.
    pub fn of_text(text: LabelText) -> Self {
        Self {
            text,
            look: LabelLook::default(),
            of_class: Vec::new(),
            rank: rank::PARCEL,
            placing: Placing::Auto,
            scales: ScaleRange::default(),
        }
    }

    /// The value of a field, as a layer of that role and name starts with: districts before villages before parcels, names
    /// of rivers along them.
    pub fn of_role(field: impl Into<String>, role: Role, layer: &str) -> Self {
        let mut labels = Self { rank: first_rank(role, layer), ..Self::of_field(field) };
        if role == Role::Water {
            labels.placing = Placing::Along { spaced: true };
            labels.look.color = Some(WATER_TEXT);
        }
        if role == Role::Resettlement {
            labels.look = LabelLook { bold: true, color: Some(SITE_TEXT), ..labels.look };
        }
        labels
    }

    /// The field, where the labels are the values of one.
    pub fn field(&self) -> Option<&str> {
        match &self.text {
            LabelText::Field(field) => Some(field),
            LabelText::Expression(_) | LabelText::Fraction { .. } => None,
        }
    }

    /// The look on the features of a class.
    pub fn look_of(&self, class: Option<&str>) -> &LabelLook {
        let own = class.and_then(|class| self.of_class.iter().find(|(key, _)| key == class));
        own.map_or(&self.look, |(_, look)| look)
    }
}

/// The rank that the labels of a layer start with.
pub fn first_rank(role: Role, layer: &str) -> u8 {
    let names = |words: &[&str]| words.iter().any(|word| layer.to_uppercase().contains(word));
    match role {
        Role::Administrative | Role::Other if names(&["村", "社区", "CJDCQ", "CJQ"]) => rank::VILLAGE,
        Role::Administrative if names(&["街道", "乡", "镇", "XZJD", "XZJX", "STREET", "TOWN"]) => rank::STREET,
        Role::Administrative => rank::DISTRICT,
        Role::Resettlement | Role::KeyProject | Role::Water | Role::Road => rank::VILLAGE,
        _ => rank::PARCEL,
    }
}

impl LayerStyle {
    /// The field that is written on features, where it is one.
    pub fn label_field(&self) -> Option<&str> {
        self.labels.as_ref().and_then(Labels::field)
    }

    /// What tells symbol number `index` in the looks of labels: the key of its class, the label of its range or rule.
    pub fn label_class(&self, index: usize) -> Option<&str> {
        match &self.styling {
            Styling::Single(_) => None,
            Styling::Categorised(of) => of.classes.get(index).map(|class| class.key.as_str()),
            Styling::Graduated(of) => of.ranges.get(index).map(|range| range.label.as_str()),
            Styling::Ruled(of) => of.rules.get(index).map(|rule| rule.label.as_str()),
        }
    }

    /// How labels look on the features of symbol number `index`: waters in blue, unless they have a colour.
    pub fn label_look(&self, index: usize) -> LabelLook {
        let Some(labels) = &self.labels else { return LabelLook::default() };
        let look = *labels.look_of(self.label_class(index));
        let class = self.categories().and_then(|categories| categories.classes.get(index)).and_then(|of| of.class);
        let is_water = |name: &str| name.ends_with("水面") || ["陆地水域", "水域", "沟渠"].contains(&name);
        let water = class.is_some_and(|class| is_water(class.name(Language::Chinese)));
        LabelLook { color: look.color.or(water.then_some(WATER_TEXT)), ..look }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn districts_come_before_streets_before_villages_before_parcels() {
        let check = |role: Role, layer: &str, expected: u8| assert_eq!(first_rank(role, layer), expected, "{layer}");
        check(Role::Administrative, "行政区", rank::DISTRICT);
        check(Role::Administrative, "街道界线", rank::STREET);
        check(Role::Administrative, "村级调查区", rank::VILLAGE);
        check(Role::Other, "村名", rank::VILLAGE);
        check(Role::Resettlement, "安置区", rank::VILLAGE);
        check(Role::LandUse, "DLTB", rank::PARCEL);
        assert!([rank::DISTRICT, rank::STREET, rank::VILLAGE, rank::PARCEL].is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn a_class_has_its_own_look_and_all_others_that_of_the_layer() {
        let mut labels = Labels::of_role("名称", Role::Water, "水系");
        assert_eq!((labels.placing, labels.look.color), (Placing::Along { spaced: true }, Some(WATER_TEXT)));
        let bold = LabelLook { bold: true, ..LabelLook::default() };
        labels.of_class.push(("1701".to_owned(), bold));
        assert_eq!(labels.look_of(Some("1701")), &bold);
        assert_eq!(labels.look_of(Some("1702")), &labels.look);
        assert_eq!(labels.look_of(None), &labels.look);
    }
}
